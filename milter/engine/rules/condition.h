/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition - what a rule asks for: `kind == cover and (title ~ /^KVM: / or path under virt/kvm)`.
 *
 * Read and checked once against the fields a letter has and the facts plugins declare; then a
 * read-only tree that many threads evaluate at once.
 *
 * Not what follows from it: rules.h. The language is explained in rules.md.
 */
#ifndef PM_CONDITION_H
#define PM_CONDITION_H

#include "facts.h"
#include "field.h"
#include "syntax.h"
#include "table.h"

/* ---- What can be asked for ---- */

/* A name in a condition: a field of the letter, facts, or both under one name ("tag"). */
typedef struct pm_term {
    pm_slice name;
    const pm_field *field;    /* NULL: there is no such field */
    const char *header;       /* of "header.NAME": NAME; NULL otherwise */
    const pm_fact_decl *fact; /* NULL: there is no such fact */
    pm_field_type type;
} pm_term;

/* One letter, while conditions are evaluated on it. */
typedef struct pm_view {
    const pm_letter *letter;
    const pm_facts *facts;
    size_t fact_count; /* the facts that count: those plugins reported, not those of other rules */
    int64_t deadline_us; /* of pm_clock_us; 0: none */
    bool late;           /* the deadline has passed: what was answered since means nothing */
    bool limited;        /* a pattern reached its limits */
} pm_view;

/* A letter with its facts, of which those that rules have added are passed over. */
pm_view pm_view_of(const pm_letter *letter, const pm_facts *facts, int64_t deadline_us);

/* Where one is among the values of a term; starts at zero. */
typedef struct pm_cursor {
    unsigned nth;
    size_t fact;
} pm_cursor;

/* The next value of a text term; false behind the last one. */
bool pm_term_next(const pm_term *term, const pm_view *view, pm_cursor *at, pm_slice *value_out);

/* The next value of a number or flag term; false behind the last one. */
bool pm_term_next_number(const pm_term *term, const pm_view *view, pm_cursor *at,
                         int64_t *number_out);

/* ---- Reading ---- */

typedef struct pm_condition pm_condition;

/* What conditions of one set of rules are read with, and share. */
typedef struct pm_condition_reader {
    pm_arena *arena;
    const pm_vocabulary *vocabulary;
    pm_errors *errors;
    const pm_table *lists; /* of pm_table (of pm_token, by word), by the names of the lists */
    pm_table *terms;       /* of pm_term, by name, in the order of their first use */
    pm_table *patterns;    /* of pm_pattern: to be freed by pm_condition_reader_free */
} pm_condition_reader;

/* PM_LIMIT past the arena's budget. */
pm_status pm_condition_reader_init(pm_condition_reader *reader, pm_arena *arena,
                                   const pm_vocabulary *vocabulary, const pm_table *lists,
                                   pm_errors *errors);
void pm_condition_reader_free(pm_condition_reader *reader);

/* What is called so: a field, a fact or a header field. NULL after an error was added. */
const pm_term *pm_term_find(pm_condition_reader *reader, const pm_token *name);

/* The condition in the values of a `when` statement. NULL after an error was added. */
const pm_condition *pm_condition_read(pm_condition_reader *reader, const pm_statement *when);

/* ---- Asking ---- */

/* Does it hold? False when the view became late. */
bool pm_condition_holds(const pm_condition *condition, pm_view *view);

typedef enum pm_need_kind {
    PM_NEED_EQUAL,    /* a value is text; a number is, whose pm_number_key is text */
    PM_NEED_UNDER,    /* a value is the path text, or lies under it */
    PM_NEED_CONTAINS, /* text stands in a value; whoever looks for it may pass over case */
} pm_need_kind;

/* Something that is surely so when a condition holds, and cheap to look for in all rules at
 * once. */
typedef struct pm_need {
    const pm_term *term;
    pm_need_kind kind;
    pm_slice text;
} pm_need;

#define PM_NEEDS_MOST 64

/* A number as something to look up: its bytes. */
static inline pm_slice pm_number_key(const int64_t *number)
{
    return (pm_slice){(const char *)number, sizeof(*number)};
}

/* Tell all that might be needed, as often as it might. */
typedef void (*pm_need_told)(void *context, const pm_need *need);
void pm_condition_tell_needs(const pm_condition *condition, pm_need_told told, void *context);

/* What it costs to take one: how often it will be met in vain. */
typedef double (*pm_need_cost)(const void *context, const pm_need *need);

/* Of these needs at least one is met when the condition holds. The cheapest ones there are; 0: it
 * may hold without any. */
size_t pm_condition_needs(const pm_condition *condition, pm_need_cost cost, const void *context,
                          pm_need needs[PM_NEEDS_MOST]);

#endif
