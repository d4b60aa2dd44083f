/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series_errand - one run of `patchmark series`: what was written, the store it is about, and what
 * its verbs share - how a series is found, how the store's silence is told.
 *
 * A verb of more than a few lines has a file of its own: series_list.c, series_show.c,
 * series_correct.c, series_late.c.
 */
#ifndef PM_SERIES_ERRAND_H
#define PM_SERIES_ERRAND_H

#include "commands.h"

/* The flags of all verbs, by their place in the command's table. */
enum {
    PM_FLAG_CONFIG,
    PM_FLAG_STORE,
    PM_FLAG_PROJECT,
    PM_FLAG_INBOX,
    PM_FLAG_AUTHOR,
    PM_FLAG_LIMIT,
    PM_FLAG_JSON,
    PM_FLAG_OLDER_THAN,
    PM_FLAG_SIZE,
    PM_FLAG_SINCE,
    PM_FLAG_LOG,
};

/* One run of the command. */
typedef struct pm_errand {
    const pm_arguments *arguments;
    char **operands; /* behind the verb */
    size_t operand_count;
    const pm_snapshot *snapshot; /* NULL when the store was named */
    const char *where;           /* the store's name */
    pm_store *store;
    pm_arena *arena;
} pm_errand;

/* Memory that one run may use for what it looks at. */
#define PM_ERRAND_MEMORY ((size_t)512 << 20)

/* Until when the store is waited for; as pm_clock_us has it. */
int64_t pm_errand_deadline(void);

/* Say why the store gave no answer. PM_EXIT_FAILED, to be returned. */
int pm_errand_complain(const pm_errand *on, pm_status status);

/* A Message-ID as people have it at hand: bare, in angle brackets, as a link to an archive. Empty
 * when a link holds none. Borrowed from written, or in the errand's arena. */
pm_slice pm_errand_id(const pm_errand *on, const char *written);

/* The series that any message of it stands for, from what somebody wrote. PM_EXIT_FINE, or the
 * status to end with after it was said why. */
int pm_errand_find(const pm_errand *on, const char *written, pm_series *series_out);

/* Call for each series, the last seen first, until it answers false or nobody reads any more. What
 * it is given is good for that call. PM_LIMIT without memory, else as the store answers. */
typedef bool (*pm_series_fn)(void *context, const pm_series *series);
pm_status pm_errand_each(const pm_errand *on, pm_series_fn call, void *context);

/* A flag's value; empty when it was not given. */
pm_slice pm_errand_flag(const pm_errand *on, int flag);

/* --limit, or 20; 0 is all. False after it was said what is wrong with it. */
bool pm_errand_limit(const pm_errand *on, int64_t *limit_out);

/* The folder of the decision log; NULL when nobody says. */
const char *pm_errand_log(const pm_errand *on);

/* ---- The verbs: each returns the exit status ---- */

int pm_series_list(const pm_errand *on);
int pm_series_show(const pm_errand *on);
int pm_series_link(const pm_errand *on);
int pm_series_unlink(const pm_errand *on);
int pm_series_pin(const pm_errand *on);
int pm_series_unpin(const pm_errand *on);

/* Two lines about one series, as list has them. */
void pm_series_print(const pm_series *series);

#endif
