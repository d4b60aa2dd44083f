/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log - one event, one line of logfmt (key=value key="value with spaces"), whole or not at all.
 *
 * Values come from mail: control characters, quotes, backslashes and bytes that are not valid UTF-8
 * are escaped as \xNN, so that no sender writes our log. A line is built on the caller's stack and
 * written with one write(2); threads do not mix. Nobody waits for a reader who has stopped: the
 * next line that is taken ends in lost=N.
 *
 * Not a framework: standard error (journald reads it), or a file descriptor a test gives.
 */
#ifndef PM_LOG_H
#define PM_LOG_H

#include "slice.h"

typedef struct pm_log_line {
    char text[4096];
    size_t len;
    int level; /* PM_LEVEL_* */
    bool wanted;
} pm_log_line;

/* A limit for events that a stranger can cause: at most burst lines, then one each interval; how
 * many were left out is told by suppressed=N on the next one. Zero-initialised except for the first
 * two; many threads may use one. */
typedef struct pm_log_limit {
    unsigned burst;
    int64_t interval_us;
    int64_t next_us; /* ours */
    uint64_t suppressed;
    int lock;
} pm_log_limit;

/* Lines above this level are not written. PM_LEVEL_INFO at first. */
void pm_log_set_level(int level);

/* Where lines go; 2 at first. With journald (prefixes true) each begins with "<LEVEL>", as
 * sd-daemon(3) has it. */
void pm_log_set_output(int fd, bool prefixes);

/* Begin a line: level=... event=NAME. event is a literal, words joined by hyphens. */
void pm_log_begin(pm_log_line *line, int level, const char *event);

/* Begin a line that limit may hold back; everything added to one held back goes nowhere. */
void pm_log_begin_limited(pm_log_line *line, pm_log_limit *limit, int level, const char *event);

/* Add key=value. Keys are literals; a value that does not fit is cut and ends in "...". */
void pm_log_text(pm_log_line *line, const char *key, pm_slice value);
void pm_log_string(pm_log_line *line, const char *key, const char *value); /* NULL: left out */
void pm_log_number(pm_log_line *line, const char *key, int64_t value);
void pm_log_printf(pm_log_line *line, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Write it; at most a tenth of a second later, else it is lost. */
void pm_log_end(pm_log_line *line);

/* A whole line with a msg: for what has no other fields. */
void pm_log(int level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
