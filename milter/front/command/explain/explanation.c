/* SPDX-License-Identifier: BSD-2-Clause */
/* explanation - how an outcome came about; see explanation.h. */
#include "explanation.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define TRIES 5

/* ---- Fields ---------------------------------------------------------------------------------- */

bool pm_explain_value(const pm_letter *letter, const pm_field *field, unsigned nth,
                      char digits[PM_EXPLAIN_DIGITS], pm_slice *value_out)
{
    int64_t number;
    int len;

    if (nth > 0 && !field->many)
        return false;
    if (field->type == PM_FIELD_TEXT)
        return field->text(letter, nth, value_out) == PM_OK;
    if (field->number(letter, nth, &number) != PM_OK)
        return false;
    len = snprintf(digits, PM_EXPLAIN_DIGITS, "%" PRId64, number);
    *value_out = (pm_slice){digits, (size_t)len};
    return true;
}

bool pm_explain_has(const pm_letter *letter, const pm_field *field)
{
    char digits[PM_EXPLAIN_DIGITS];
    pm_slice value;

    for (unsigned nth = 0; pm_explain_value(letter, field, nth, digits, &value); nth++)
        if (value.len > 0 && (field->type != PM_FIELD_FLAG || !pm_slice_equal(value, PM_LIT("0"))))
            return true;
    return false;
}

typedef pm_slice (*source_fn)(const pm_letter *letter);

static pm_slice printed(pm_slice text)
{
    return text.data == NULL ? PM_EMPTY : text; /* past the budget: it is left out */
}

static pm_slice of_kind(const pm_letter *letter)
{
    return letter->kind_why == NULL ? PM_EMPTY : pm_slice_of(letter->kind_why);
}

static pm_slice of_token(const pm_letter *letter, pm_said said, pm_slice token)
{
    pm_arena *arena = pm_message_arena(letter->message);

    switch (said) {
    case PM_SAID_WRITTEN:
        return printed(pm_print(arena, "Subject, \"%.*s\"", PM_FMT(token)));
    case PM_SAID_INFERRED:
        return printed(pm_print(arena, "Subject, inferred from \"%.*s\"", PM_FMT(token)));
    case PM_SAID_NOT:
        break;
    }
    return PM_LIT("nothing says it");
}

static pm_slice of_revision(const pm_letter *letter)
{
    return of_token(letter, letter->subject.revision_said, letter->subject.revision_token);
}

static pm_slice of_part(const pm_letter *letter)
{
    return of_token(letter, letter->subject.part_said, letter->subject.part_token);
}

static pm_slice of_author(const pm_letter *letter)
{
    if (pm_slice_equal(letter->author.address, letter->sender.address))
        return PM_LIT("From");
    return printed(pm_print(pm_message_arena(letter->message), "who wrote it, behind From %.*s",
                            PM_FMT(letter->sender.address)));
}

static pm_slice of_paths(const pm_letter *letter)
{
    if (letter->diffstat.from_diff)
        return PM_LIT("the diff");
    return letter->diffstat.complete ? PM_LIT("the diffstat")
                                     : PM_LIT("the diffstat, which lacks rows");
}

/* Where each field comes from: a literal, or a function when that depends. */
static const struct source {
    const char *field, *literal;
    source_fn tell;
} sources[] = {
    {"kind", NULL, of_kind},
    {"subject", "Subject", NULL},
    {"title", "Subject", NULL},
    {"prefix", "Subject", NULL},
    {"list-tag", "Subject", NULL},
    {"reply", "Subject", NULL},
    {"rfc", "Subject", NULL},
    {"resend", "Subject", NULL},
    {"revision", NULL, of_revision},
    {"revision.doubtful", "Subject", NULL},
    {"reroll", NULL, of_revision},
    {"part", NULL, of_part},
    {"total", NULL, of_part},
    {"message-id", "Message-ID", NULL},
    {"in-reply-to", "In-Reply-To", NULL},
    {"reference", "References", NULL},
    {"author", NULL, of_author},
    {"author.name", NULL, of_author},
    {"date", "Date, seconds since 1970", NULL},
    {"list", "List-Id and the like", NULL},
    {"addressee", "To and Cc", NULL},
    {"sender", "the envelope", NULL},
    {"recipient", "the envelope", NULL},
    {"tag", "Subject, sender and text", NULL},
    {"path", NULL, of_paths},
    {"path.old", NULL, of_paths},
    {"path.lines", NULL, of_paths},
    {"path.how", NULL, of_paths},
    {"files-changed", NULL, of_paths},
    {"insertions", NULL, of_paths},
    {"deletions", NULL, of_paths},
    {"shortlog", "the shortlog", NULL},
    {"shortlog.author", "the shortlog", NULL},
    {"changelog", "the changelog", NULL},
    {"changelog.revision", "the changelog", NULL},
    {"base-commit", "a trailer", NULL},
    {"change-id", "a trailer", NULL},
    {"supersedes", "a trailer", NULL},
    {"based-on", "a trailer", NULL},
    {"depends-on", "a trailer", NULL},
    {"text", "the body, decoded", NULL},
    {"body-prose", "the body, decoded", NULL},
};

pm_slice pm_explain_source(const pm_letter *letter, const pm_field *field)
{
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (strcmp(sources[i].field, field->name) != 0)
            continue;
        return sources[i].tell == NULL ? pm_slice_of(sources[i].literal) : sources[i].tell(letter);
    }
    return PM_LIT("the message");
}

/* ---- Weights --------------------------------------------------------------------------------- */

pm_slice pm_explain_inbox_by(const pm_outcome *outcome)
{
    return pm_facts_nth(outcome->facts, PM_LIT("inbox"), 0) != NULL ? PM_LIT("inbox")
                                                                    : PM_LIT("subsystem");
}

double pm_explain_margin(const pm_tallies *tallies)
{
    const double next = tallies->count < 2 ? 0 : tallies->items[1].weight;

    return tallies->count == 0 ? 0 : tallies->items[0].weight - next;
}

/* ---- Rules ----------------------------------------------------------------------------------- */

static bool has_fired(const pm_outcome *outcome, const pm_rule *rule)
{
    for (size_t i = 0; i < outcome->verdict.fired_count; i++)
        if (outcome->verdict.fired[i] == rule)
            return true;
    return false;
}

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

double pm_explain_rule_us(const pm_outcome *outcome, const pm_rule *rule)
{
    double best = 0;

    for (int i = 0; i < TRIES; i++) {
        const double began = now_us();
        double took;

        (void)pm_rule_holds(rule, outcome->letter, outcome->facts);
        took = now_us() - began;
        if (i == 0 || took < best)
            best = took;
    }
    return best;
}

/* The more that is telling has passed, the more it was meant for this letter. */
static bool is_nearer(const pm_missed *a, const pm_missed *b)
{
    return a->trace.telling > b->trace.telling;
}

/* Put one where it belongs; the farthest falls off the end. */
static void keep(pm_missed *missed, size_t *count, const pm_missed *one)
{
    size_t at = *count;

    while (at > 0 && is_nearer(one, &missed[at - 1]))
        at--;
    if (at == PM_MISSED_MOST)
        return;
    if (*count < PM_MISSED_MOST)
        ++*count;
    memmove(&missed[at + 1], &missed[at], (*count - at - 1) * sizeof(*missed));
    missed[at] = *one;
}

pm_missed *pm_explain_missed(const pm_snapshot *snapshot, const pm_outcome *outcome,
                             size_t *count_out)
{
    pm_arena *arena = outcome->facts->arena;
    pm_missed *missed = pm_alloc_array(arena, PM_MISSED_MOST, sizeof(*missed));
    pm_view view = pm_view_of(outcome->letter, outcome->facts, 0);

    *count_out = 0;
    if (missed == NULL)
        return NULL;
    for (size_t i = 0; i < pm_rules_count(snapshot->rules); i++) {
        pm_missed one = {.rule = pm_rules_nth(snapshot->rules, i)};

        if (has_fired(outcome, one.rule))
            continue;
        one.trace = pm_condition_trace(pm_rule_condition(one.rule), &view);
        /* One that holds and did not fire stands behind another one's "stop". */
        if (one.trace.holds || (one.trace.failed == 1 && one.trace.telling > 0))
            keep(missed, count_out, &one);
    }
    return missed;
}
