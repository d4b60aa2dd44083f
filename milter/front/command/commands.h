/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * commands - what the subcommands of patchmark share: how they are described, how their arguments
 * are read, how they end.
 *
 * A command is a table: its flags, what it wants beside them, its help. One parser reads the
 * arguments of all and one printer writes the help of all, so both always agree.
 */
#ifndef PM_COMMANDS_H
#define PM_COMMANDS_H

#include "snapshot.h"

#include <stdio.h>

/* Exit status, the same for all. */
enum {
    PM_EXIT_FINE = 0,
    PM_EXIT_FOUND = 1,  /* it looked, and there is something: an error in a rule, a difference */
    PM_EXIT_FAILED = 2, /* it could not do what it was asked */
};

typedef struct pm_flag {
    char letter;          /* 'c' for -c; 0: none */
    const char *name;     /* "config" for --config; NULL ends a table */
    const char *argument; /* "FILE"; NULL: it takes none */
    const char *help;     /* one sentence */
} pm_flag;

/* What -c does, the same for all. */
#define PM_CONFIG_HELP "the configuration (usually " PATCHMARK_SYSCONFDIR "/patchmark.conf)"

#define PM_FLAGS_MOST 12

typedef struct pm_arguments {
    const char
        *flags[PM_FLAGS_MOST]; /* by place in the table: NULL when not given, "" without value */
    char **operands;           /* the rest, in order */
    size_t operand_count;
} pm_arguments;

typedef struct pm_command {
    const char *name;
    const char *operands; /* for the usage line: "PATH..." */
    const char *summary;  /* for the list of commands: what it does, in a few words */
    const char *details;  /* for its own help: whole paragraphs */
    const pm_flag *flags; /* ends with a NULL name; at most PM_FLAGS_MOST */
    size_t least, most;   /* operands */
    int (*run)(const pm_arguments *arguments); /* returns the exit status */
} pm_command;

extern const pm_command pm_command_check;
extern const pm_command pm_command_classify;
extern const pm_command pm_command_ctl;
extern const pm_command pm_command_explain;
extern const pm_command pm_command_maintainers;
extern const pm_command pm_command_plugin;
extern const pm_command pm_command_replay;
extern const pm_command pm_command_series;
extern const pm_command pm_command_warm;

/* Say on standard error why a command cannot go on: "patchmark: text". */
void pm_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Every error and warning there is, to standard error, one a line. */
void pm_complain_of(const pm_errors *errors);

#define PM_VERBS_MOST 32

/* What a command can, when it can several things: the row of its table for the word that was
 * written. Each row begins with its name (const char *), and there are at most PM_VERBS_MOST. NULL
 * after it was said that there is none. */
const void *pm_find_verb(const char *command, const char *written, const void *verbs, size_t count,
                         size_t row_size);

/* A flag's bit in a set, by its place in the command's table. */
#define PM_TAKES(place) (1u << (place))

/* Do all flags that were given go with verb? takes is the set of those that do. False after it was
 * said which one does not, and which ones do. */
bool pm_flags_go_with(const pm_command *command, const char *verb, unsigned takes,
                      const pm_arguments *arguments);

/* How long a message may take here, whatever the configuration says: nobody waits for the answer as
 * an MTA does. */
#define PM_PATIENCE_US (30 * 1000 * 1000)

/* The configuration of file, or of where it usually is when file is NULL, with that patience. NULL
 * after it was said what is wrong with it. */
pm_snapshot *pm_load_or_complain(const char *file) __attribute__((warn_unused_result));

/* What a store is opened for. */
typedef enum pm_store_use {
    PM_STORE_READ,    /* it must be there */
    PM_STORE_CORRECT, /* as it must to be corrected */
    PM_STORE_WRITE,   /* it is made when it is not there */
} pm_store_use;

/* The store of file, or else the one that the configuration names (snapshot may be NULL when there
 * is a file). NULL after it was said what is wrong. */
pm_store *pm_open_store_or_complain(const char *file, const pm_snapshot *snapshot, pm_store_use use)
    __attribute__((warn_unused_result));

/* Text from mail for a terminal: what is no UTF-8 and every control character becomes "?". */
void pm_put_text(FILE *to, pm_slice text);

#endif
