/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * harness - a bench for plugin writers: a host that is not patchmark. Put a plugin on it, give it a
 * mail, look at its facts. Needs nothing but this folder and a C library.
 *
 *     static void shouting_subject_is_noted(void **state)
 *     {
 *         pm_bench *bench = pm_bench_new(pm_plugin_entry_shout(), "min-letters 5");
 *
 *         pm_bench_mail(bench, "Subject: BUY NOW\n\nhello\n");
 *         assert_int_equal(pm_bench_scan(bench), PM_OK);
 *         assert_int_equal(pm_bench_fact(bench, "subject.shouts"), 6);
 *         pm_bench_free(bench);
 *     }
 *
 * The bench knows the fields of a letter by name and type, but it does not read letters: it fills
 * in subject, title, message-id and text, and what else the plugin asks for the test sets itself
 * with pm_bench_text and pm_bench_number.
 *
 * Functions here never return NULL for want of memory; they end the program.
 */
#ifndef PATCHMARK_HARNESS_H
#define PATCHMARK_HARNESS_H

#include <patchmark/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pm_bench pm_bench;

/* Check the descriptor as patchmark does and open the plugin. settings is what stands in the
 * plugin's block of the configuration, and blocks that stand beside it (`project linux { ... }`);
 * NULL is nothing. Always gives a bench: pm_bench_problem says whether the plugin could be opened.
 */
pm_bench *pm_bench_new(const pm_plugin *plugin, const char *settings);
void pm_bench_free(pm_bench *bench); /* NULL is allowed */

/* What was wrong, as problem() or the host put it; NULL: the plugin is open. */
const char *pm_bench_problem(const pm_bench *bench);

/* ---- A letter to look at ---- */

/* Begin a new letter with this message: header fields, an empty line, a body. Everything set for
 * the letter before is forgotten. */
void pm_bench_mail(pm_bench *bench, const char *mail);
void pm_bench_mail_bytes(pm_bench *bench, const void *bytes, size_t len); /* may contain NUL */

/* Add a value to a field of the letter, by the name rules use for it. The first one replaces what
 * the bench had filled in. A name that is no field ends the program, with a word about it. */
void pm_bench_text(pm_bench *bench, const char *field, const char *value);
void pm_bench_text_bytes(pm_bench *bench, const char *field, const void *bytes, size_t len);
void pm_bench_number(pm_bench *bench, const char *field, int64_t value);

/* Add a fact as if a plugin before this one had reported it. */
void pm_bench_give_text(pm_bench *bench, const char *fact, const char *value, double weight);
void pm_bench_give_number(pm_bench *bench, const char *fact, int64_t value, double weight);

/* ---- Hardship, until the next pm_bench_mail ---- */

void pm_bench_memory(pm_bench *bench, size_t budget);    /* scratch gives no more than this */
void pm_bench_time(pm_bench *bench, int64_t left_us);    /* what time_left says */
void pm_bench_later(pm_bench *bench);                    /* every look-up answers PM_LATER */
void pm_bench_look_ups(pm_bench *bench, unsigned count); /* the first count are answered */

/* ---- Scanning, and what came of it ---- */

/* What scan() returned; PM_FAULT also when it reported a fact that it does not declare. */
pm_status pm_bench_scan(pm_bench *bench);

/* What the plugin has noted under a key, NUL-terminated; NULL: nothing, or it has expired. Notes
 * stay on the bench from letter to letter. */
const char *pm_bench_noted(const pm_bench *bench, const char *key);

/* Let so many seconds go by, for notes that expire. */
void pm_bench_seconds(pm_bench *bench, int64_t seconds);

/* How many facts of that name the plugin reported; name NULL: of any name. */
unsigned pm_bench_facts(const pm_bench *bench, const char *name);

/* Of the first fact of that name the number; INT64_MIN when there is none. */
int64_t pm_bench_fact(const pm_bench *bench, const char *name);

/* Of the nth one, counted from 0: the value, why, where from (NULL past the last); how much it
 * weighs (0 past the last). NUL-terminated and valid until the next scan. */
const char *pm_bench_fact_text(const pm_bench *bench, const char *name, unsigned nth);
const char *pm_bench_fact_reason(const pm_bench *bench, const char *name, unsigned nth);
const char *pm_bench_fact_source(const pm_bench *bench, const char *name, unsigned nth);
double pm_bench_fact_weight(const pm_bench *bench, const char *name, unsigned nth);

/* The sum of the weights of all facts of that name and value. */
double pm_bench_weight_of(const pm_bench *bench, const char *name, const char *value);

/* Everything the last scan logged, one line each; "" for nothing. */
const char *pm_bench_log(const pm_bench *bench);

/* ---- Everything at once ---- */

/* What every plugin must stand, on the letter that is on the bench: no memory and little, no time
 * and time that runs out, look-ups that fail at once and half-way, a message that takes no more
 * facts, mail with NUL and 8-bit bytes, an empty mail, eight threads at once (build with
 * -fsanitize=thread to see more) that must all come to the same facts. NULL when it does; else what
 * went wrong, in a sentence. The letter has the time that pm_bench_time gave it; afterwards there
 * is another letter on the bench. */
const char *pm_bench_trials(pm_bench *bench);

/* Have tell called before each trial with what it is ("with little memory"), so that who runs them
 * in a process of their own can say where that ended. */
void pm_bench_on_trial(pm_bench *bench, void (*tell)(void *context, const char *trial),
                       void *context);

/* The name and type of the nth field that letters have (PM_FACT_NUMBER also for flags); false past
 * the last. */
int pm_bench_field(size_t nth, const char **name_out, pm_fact_type *type_out);

#ifdef __cplusplus
}
#endif
#endif
