/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protocol - what patchmark and a program say to each other, a line at a time: reading the greeting
 * and the answers, and writing values so that any byte survives. Manual: protocol.md.
 *
 * What a program sends is no more trusted than mail. Everything here is bounded and knows nothing
 * of processes or pipes.
 */
#ifndef PM_EXEC_PROTOCOL_H
#define PM_EXEC_PROTOCOL_H

#include <patchmark/plugin.h>

#include <stdbool.h>

#define PM_EXEC_VERSION "patchmark-exec 1"

enum {
    PM_EXEC_LINE = 8 * 1024,  /* the longest line a program may send, with its end */
    PM_EXEC_SAID = 64 * 1024, /* the longest greeting and the longest answer */
    PM_EXEC_NAMES = 64,       /* fields, needs and facts of a program, each */
    PM_EXEC_FACTS = 256,      /* of one answer */
    PM_EXEC_NAME = 64,        /* bytes of a fact's name; fields may have twice as many */
    PM_EXEC_TEXT = 1024,      /* bytes of a text, and of a reason */
    PM_EXEC_WHY = 256,        /* room for a sentence about what is wrong */
    PM_EXEC_NUMBER = 24,      /* room for a number or a weight as text */
};
#define PM_EXEC_LETTER ((size_t)16 * 1024 * 1024) /* the longest letter a program is sent */

/* ---- Values ---- */

/* How long a value is when "%" and all bytes below space but TAB, and DEL, are written as %XX. */
size_t pm_exec_escaped_length(pm_slice value);

/* Write as much of *rest so as fits into room bytes, and take it off *rest. The bytes written. */
size_t pm_exec_escape(pm_slice *rest, char *out, size_t room);

/* Undo that in place. False when a "%" has no two hexadecimal digits behind it. */
bool pm_exec_unescape(char *text, size_t *len);

/* A positive weight as text, with three digits behind the point; NUL-terminated. */
void pm_exec_print_weight(double weight, char out[PM_EXEC_NUMBER]);

/* ---- The greeting: what a program wants to see of a letter, and what it may report ---- */

typedef struct pm_exec_greeting {
    char *said; /* as it was sent: a program that starts again must say the same */
    size_t len;
    char *words; /* what the rest points into */
    const char *fields[PM_EXEC_NAMES];
    const char *needs[PM_EXEC_NAMES];
    pm_fact_decl facts[PM_EXEC_NAMES];
    size_t field_count, need_count, fact_count;
} pm_exec_greeting;

/* Where the first line "ready" ends; 0: it has not come yet. */
size_t pm_exec_greeting_end(const char *said, size_t len);

/* Read one that is whole. NULL after why was filled. The caller's to free. */
pm_exec_greeting *pm_exec_greeting_read(const char *said, size_t len, char why[PM_EXEC_WHY]);
void pm_exec_greeting_free(pm_exec_greeting *greeting); /* NULL is allowed */

/* ---- An answer ---- */

/* One fact of it. Slices point into the answer. */
typedef struct pm_exec_fact {
    const pm_fact_decl *decl;
    double weight;
    int64_t number;
    pm_slice text, reason;
} pm_exec_fact;

typedef struct pm_exec_answer {
    char said[PM_EXEC_SAID]; /* the caller puts bytes at said + len, and adds to len */
    size_t len, read;
    pm_exec_fact facts[PM_EXEC_FACTS];
    size_t count;
    char why[PM_EXEC_WHY]; /* of PM_EXEC_SORRY and PM_EXEC_GARBAGE; printable */
} pm_exec_answer;

typedef enum pm_exec_state {
    PM_EXEC_MORE,    /* it has not ended yet */
    PM_EXEC_DONE,    /* facts are complete */
    PM_EXEC_SORRY,   /* the program says that it cannot tell */
    PM_EXEC_GARBAGE, /* it does not keep to the protocol */
} pm_exec_state;

void pm_exec_answer_begin(pm_exec_answer *answer);

/* Read what has come since the last call. Of anything but PM_EXEC_DONE there are no facts to use:
 * an answer counts whole or not at all. */
pm_exec_state pm_exec_answer_read(pm_exec_answer *answer, const pm_exec_greeting *greeting,
                                  uint64_t id);

/* Has the program said anything behind the end of its answer? */
bool pm_exec_answer_goes_on(const pm_exec_answer *answer);

#endif
