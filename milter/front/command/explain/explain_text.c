/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_text - an explanation for people, in colours on a terminal; see explanation.h. */
#include "commands.h"
#include "difference.h"
#include "explanation.h"
#include "ink.h"

#define VALUES_SHOWN 6  /* of one field */
#define LONGEST      76 /* of one value; texts of many lines are told by their length */

static void put(pm_slice text)
{
    pm_put_text(stdout, text);
}

static void put_in(pm_ink ink, pm_slice text)
{
    pm_ink_set(ink);
    put(text);
    pm_ink_set(PM_INK_PLAIN);
}

static void heading(const char *text)
{
    fputs("\n", stdout);
    put_in(PM_INK_STRONG, pm_slice_of(text));
    fputs("\n", stdout);
}

/* ---- What was read --------------------------------------------------------------------------- */

static void print_value(pm_slice value)
{
    pm_slice rest = pm_slice_trim(value), line = PM_EMPTY;
    size_t shown;

    (void)pm_slice_next_line(&rest, &line);
    /* Not in the middle of a character. */
    shown = line.len < LONGEST ? line.len : LONGEST;
    while (shown > 0 && shown < line.len && ((unsigned char)line.data[shown] & 0xc0) == 0x80)
        shown--;
    put(pm_slice_cut(line, 0, shown));
    if (shown < pm_slice_trim(value).len)
        printf("... (%zu bytes)", value.len);
}

static void print_field(const pm_letter *letter, const pm_field *field)
{
    char digits[PM_EXPLAIN_DIGITS];
    unsigned nth = 0, more = 0;
    pm_slice value, source = pm_explain_source(letter, field);

    for (; pm_explain_value(letter, field, nth, digits, &value); nth++) {
        if (nth >= VALUES_SHOWN) {
            more++;
            continue;
        }
        printf("  %-18s ", nth == 0 ? field->name : "");
        print_value(field->type == PM_FIELD_FLAG ? PM_LIT("yes") : value);
        if (nth == 0) {
            fputs("  ", stdout);
            pm_ink_set(PM_INK_FAINT);
            fputs("(", stdout);
            put(source);
            fputs(")", stdout);
            pm_ink_set(PM_INK_PLAIN);
        }
        fputs("\n", stdout);
    }
    if (more > 0)
        printf("  %-18s and %u more\n", "", more);
}

static void print_fields(const pm_letter *letter)
{
    const pm_field *field;

    heading("The letter says");
    for (size_t nth = 0; (field = pm_field_nth(nth)) != NULL; nth++)
        if (pm_explain_has(letter, field))
            print_field(letter, field);
}

/* ---- What was found -------------------------------------------------------------------------- */

static void print_fact(const pm_found *found)
{
    printf("  %-18s ", found->decl->name);
    if (found->decl->type == PM_FACT_NUMBER)
        printf("%lld", (long long)found->number);
    else
        put_in(PM_INK_STRONG, found->text);
    printf("  weight %.4g", found->weight);
    pm_ink_set(PM_INK_FAINT);
    fputs("  ", stdout);
    put(pm_slice_of(found->by));
    pm_ink_set(PM_INK_PLAIN);
    if (found->reason.len > 0) {
        fputs(": ", stdout);
        put(found->reason);
    }
    if (found->source.len > 0) {
        fputs(" [", stdout);
        put(found->source);
        fputs("]", stdout);
    }
    fputs("\n", stdout);
}

static void print_facts(const pm_outcome *outcome)
{
    heading("Plugins and rules found");
    for (size_t i = 0; i < outcome->facts->count; i++)
        print_fact(&outcome->facts->items[i]);
    if (outcome->facts->count == 0)
        fputs("  nothing\n", stdout);
}

static void print_rule_time(const pm_outcome *outcome, const pm_rule *rule)
{
    pm_ink_set(PM_INK_FAINT);
    printf("  %.2f us", pm_explain_rule_us(outcome, rule));
    pm_ink_set(PM_INK_PLAIN);
}

static void print_rule(pm_ink ink, const char *mark, const pm_rule *rule, const pm_outcome *outcome)
{
    fputs("  ", stdout);
    put_in(ink, pm_slice_of(mark));
    fputs(" ", stdout);
    put(pm_slice_of(pm_rule_id(rule)));
    if (pm_rule_why(rule)[0] != '\0') {
        fputs(": ", stdout);
        put(pm_slice_of(pm_rule_why(rule)));
    }
    print_rule_time(outcome, rule);
    fputs("\n", stdout);
}

static void print_missed(const pm_outcome *outcome, const pm_missed *missed)
{
    print_rule(PM_INK_NO, missed->trace.holds ? "held back" : "missed", missed->rule, outcome);
    if (missed->trace.holds) {
        fputs("      holds, but a rule before it said stop, or the time was over\n", stdout);
        return;
    }
    printf("      %s:%u: not so: ", missed->trace.test->file, missed->trace.test->line);
    put(pm_trace_text(outcome->facts->arena, &missed->trace));
    fputs("\n", stdout);
}

static void print_rules(const pm_explanation *of)
{
    const pm_verdict *verdict = &of->outcome->verdict;
    size_t count, all = pm_rules_count(of->snapshot->rules);
    const pm_missed *missed = pm_explain_missed(of->snapshot, of->outcome, &count);

    heading("Rules");
    for (size_t i = 0; i < verdict->fired_count; i++)
        print_rule(PM_INK_YES, "fired", verdict->fired[i], of->outcome);
    for (size_t i = 0; missed != NULL && i < count; i++)
        print_missed(of->outcome, &missed[i]);
    printf("  %zu of %zu fired%s\n", verdict->fired_count, all,
           count == 0 ? "" : "; missed are those that one test was in the way of");
}

/* ---- What was decided ------------------------------------------------------------------------ */

static void print_scales(const pm_outcome *outcome, pm_slice name)
{
    pm_tallies scales;

    pm_tally_up(outcome->facts, name, NULL, &scales);
    for (size_t i = 0; i < scales.count; i++) {
        printf("      %8.4g  ", scales.items[i].weight);
        put_in(i == 0 ? PM_INK_YES : PM_INK_PLAIN, scales.items[i].value);
        if (i == 0 && scales.count > 1)
            printf("  by %.4g over the next", pm_explain_margin(&scales));
        fputs("\n", stdout);
    }
}

static void print_decision(const char *name, pm_slice value, pm_slice why)
{
    printf("  %-18s ", name);
    put_in(PM_INK_STRONG, value.len > 0 ? value : PM_LIT("none"));
    if (why.len > 0) {
        fputs("  ", stdout);
        put(why);
    }
    fputs("\n", stdout);
}

/* Weighed are the facts called inbox, and without any, those called subsystem: where the first
 * decide, the second are told as well, for people wonder. */
static void print_inbox(const pm_outcome *outcome)
{
    const pm_slice by = pm_explain_inbox_by(outcome), subsystem = PM_LIT("subsystem");

    print_decision("inbox", outcome->inbox, outcome->inbox_why);
    print_scales(outcome, by);
    if (pm_slice_equal(by, subsystem) || outcome->subsystem_count == 0)
        return;
    fputs("      by subsystem alone it would have been\n", stdout);
    print_scales(outcome, subsystem);
}

static void print_decisions(const pm_explanation *of)
{
    const pm_outcome *outcome = of->outcome;

    heading("So it is");
    print_decision("project", outcome->project, outcome->project_why);
    print_scales(outcome, PM_LIT("project"));
    print_inbox(outcome);
    if (outcome->series.len > 0)
        print_decision("series", outcome->series, PM_EMPTY);
    if (outcome->chain.len > 0 && !pm_slice_equal(outcome->chain, outcome->series))
        print_decision("chain", outcome->chain, PM_EMPTY);
    if (outcome->supersedes.len > 0) {
        print_decision("supersedes", outcome->supersedes, outcome->supersedes_why);
        print_scales(outcome, PM_LIT("supersedes"));
    }
    printf("  %-18s %.2f\n", "confidence", outcome->confidence);
}

/* A mark's value is folded; here it reads on. */
static void print_mark(const pm_mark *mark)
{
    pm_slice rest = mark->value, line;
    const char *gap = " ";

    fputs("  ", stdout);
    put_in(PM_INK_YES, PM_LIT("+ "));
    put(mark->name);
    fputs(":", stdout);
    while (pm_slice_next_line(&rest, &line)) {
        fputs(gap, stdout);
        put(pm_slice_trim(line));
        gap = "\n        ";
    }
    fputs("\n", stdout);
}

static void print_edits(const pm_outcome *outcome)
{
    const pm_verdict *verdict = &outcome->verdict;

    heading("What the MTA is told");
    for (size_t i = 0; i < outcome->removal_count; i++) {
        fputs("  ", stdout);
        put_in(PM_INK_NO, PM_LIT("- "));
        put(outcome->removals[i].name);
        printf(" (number %u of that name)\n", outcome->removals[i].nth);
    }
    for (size_t i = 0; i < outcome->mark_count; i++)
        print_mark(&outcome->marks[i]);
    for (size_t i = 0; i < verdict->recipient_count; i++)
        print_decision("add recipient", verdict->recipients[i], PM_EMPTY);
    if (verdict->quarantine.data != NULL)
        print_decision("quarantine", verdict->quarantine, PM_EMPTY);
    if (verdict->discard)
        print_decision("discard", PM_LIT("yes"), PM_EMPTY);
    if (verdict->reject)
        print_decision("reject", verdict->reply, PM_EMPTY);
}

/* ---- What shadows would do ------------------------------------------------------------------- */

static void print_aspect(pm_ink ink, pm_aspect aspect, const pm_outcome *outcome)
{
    pm_strbuf text;

    pm_strbuf_init(&text, 64 * 1024);
    pm_aspect_print(aspect, outcome, &text);
    put_in(ink, text.len > 0 ? pm_strbuf_slice(&text) : PM_LIT("none"));
    pm_strbuf_free(&text);
}

static void print_changes(const pm_outcome *live, const pm_shadowed *shadowed)
{
    const pm_outcome *would = shadowed->outcome;
    const pm_rule *rule;

    for (unsigned i = 0; i < PM_ASPECTS; i++) {
        if ((shadowed->difference >> i & 1) == 0)
            continue;
        printf("      %-14s ", pm_aspect_name((pm_aspect)i));
        print_aspect(PM_INK_NO, (pm_aspect)i, live);
        fputs(" -> ", stdout);
        print_aspect(PM_INK_YES, (pm_aspect)i, would);
        fputs("\n", stdout);
    }
    for (size_t nth = 0; (rule = pm_fired_only(would, live, nth)) != NULL; nth++) {
        fputs("    ", stdout);
        print_rule(PM_INK_YES, "fires", rule, would);
    }
    for (size_t nth = 0; (rule = pm_fired_only(live, would, nth)) != NULL; nth++) {
        fputs("    ", stdout);
        print_rule(PM_INK_NO, "fires not", rule, live);
    }
}

static void print_shadow(const pm_outcome *live, const pm_shadowed *shadowed)
{
    fputs("  ", stdout);
    put_in(PM_INK_STRONG, pm_shadow_name(shadowed->shadow));
    fputs(pm_shadow_is_instead(shadowed->shadow) ? ", instead of the live rules: "
                                                 : ", added to the live rules: ",
          stdout);
    if (shadowed->outcome == NULL) {
        fputs("skipped, for there was no time or memory left\n", stdout);
        return;
    }
    fputs(shadowed->difference == 0 ? "nothing would change\n" : "this would change\n", stdout);
    print_changes(live, shadowed);
}

static void print_shadows(const pm_outcome *outcome)
{
    if (outcome->shadow_count == 0)
        return;
    heading("Shadows, which are not applied");
    for (size_t i = 0; i < outcome->shadow_count; i++)
        print_shadow(outcome, &outcome->shadows[i]);
}

/* ---- What it took ---------------------------------------------------------------------------- */

static void print_stages(const pm_outcome *outcome)
{
    heading("What it took");
    for (size_t i = 0; i < outcome->stage_count; i++) {
        const pm_stage *stage = &outcome->stages[i];

        printf("  %10lld us  %s%s\n", (long long)stage->took_us,
               stage->kind == PM_STAGE_PLUGIN ? "plugin " : "", stage->name);
    }
}

void pm_explain_text(const pm_explanation *of)
{
    const pm_outcome *outcome = of->outcome;

    put_in(PM_INK_FAINT, pm_slice_of(of->origin));
    fputs("\n", stdout);
    if (outcome->letter == NULL) {
        fputs("  There is no memory to read this message (see limits in the configuration).\n",
              stdout);
    } else {
        print_fields(outcome->letter);
        print_facts(outcome);
        print_rules(of);
        print_decisions(of);
    }
    print_edits(outcome);
    print_shadows(outcome);
    print_stages(outcome);
    printf("\n%lld microseconds", (long long)outcome->took_us);
    if (of->store == NULL)
        fputs("; without a memory of earlier mail", stdout);
    else
        printf("; with the memory in %s", of->store);
    fputs(outcome->memory_failed ? ", which did not answer" : "", stdout);
    fputs(outcome->partial ? "; a limit was reached, some marks may be missing\n" : "\n", stdout);
}
