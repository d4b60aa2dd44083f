/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * facts - what plugins and rules have found out about one letter.
 *
 * Every fact that can exist is declared before any mail arrives, so a misspelt name in a rule is an
 * error when rules are read.
 */
#ifndef PM_FACTS_H
#define PM_FACTS_H

#include "arena.h"

/* ---- Which facts there can be ---- */

typedef struct pm_declared {
    const pm_fact_decl *decl;
    const char *plugin; /* who declares it; "rules" for those of the engine itself */
} pm_declared;

typedef struct pm_vocabulary
    pm_vocabulary; /* in a snapshot's arena; read-only once it is complete */

/* With the engine's own facts: project, subsystem, tag, inbox (rules may add those),
 * series and supersedes. */
pm_vocabulary *pm_vocabulary_new(pm_arena *arena) __attribute__((warn_unused_result));

/* Declare; the decl is borrowed. Two plugins may declare the same name with the same type; PM_FAULT
 * when the type differs, PM_LIMIT past the budget. */
pm_status pm_vocabulary_add(pm_vocabulary *vocabulary, const pm_fact_decl *decl,
                            const char *plugin);

/* Is it one of the engine's own, which exist whatever plugins there are? */
bool pm_fact_is_own(pm_slice name);

const pm_declared *pm_vocabulary_find(const pm_vocabulary *vocabulary, pm_slice name); /* or NULL */
const char *const *pm_vocabulary_names(const pm_vocabulary *vocabulary); /* for pm_nearest */

/* ---- The facts of one letter ---- */

/* Of one letter: from one plugin, from all of them, and with those of rules and of the host itself,
 * for which there must be room whatever plugins say. */
#define PM_FACTS_OF_ONE     256
#define PM_FACTS_OF_PLUGINS 384
#define PM_FACTS_MOST       512

typedef struct pm_found {
    const pm_fact_decl *decl;
    pm_slice text;  /* value of a text fact */
    int64_t number; /* value of a number fact */
    double weight;
    pm_slice source; /* for instance a MAINTAINERS section */
    pm_slice reason;
    const char *by; /* plugin name, or "file.rules:rule-name" */
} pm_found;

typedef struct pm_facts {
    pm_arena *arena;
    const pm_vocabulary *vocabulary;
    pm_found *items; /* in the order they were found */
    size_t count, room;
} pm_facts;

/* None yet. arena and vocabulary live as long as the facts. */
void pm_facts_init(pm_facts *facts, pm_arena *arena, const pm_vocabulary *vocabulary);

/* Add a copy of fact, found by. Errors as pm_host.add_fact has them. */
pm_status pm_facts_add(pm_facts *facts, const pm_fact *fact, const char *by);

/* A copy of the first count facts, which can be added to and leaves them as they are; in the same
 * arena. PM_LIMIT past its budget. */
pm_status pm_facts_copy(const pm_facts *facts, size_t count, pm_facts *copy_out);

/* The nth fact called name, or NULL. */
const pm_found *pm_facts_nth(const pm_facts *facts, pm_slice name, unsigned nth);

#endif
