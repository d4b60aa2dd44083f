/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_patterns - patterns that reach their limits on ordinary mail.
 *
 * A pattern at its limit counts as not matching, so its rule fails silently on just those letters.
 * Hostile mail can bring nearly any pattern there; ordinary mail must not. Ordinary is: sentences,
 * paths, diffs, rulers, tables of blanks, hexdumps with one digit a hundred times, base64.
 */
#include "check.h"

#include "condition_tree.h"
#include "strbuf.h"

#define TRIES 3 /* a limit may be one of time, and the machine may just have been busy */

/* Texts that patterns are tried on. */
typedef struct samples {
    pm_strbuf subject, sentence, long_subject, body;
} samples;

typedef struct check {
    const samples *samples;
    pm_table *seen; /* patterns, which many tests may share */
    pm_arena *arena;
    pm_errors *errors;
} check;

/* ---- Ordinary mail ---- */

static const char title[] = "KVM: x86/mmu: Flush the shadow of a page that went away, and say so!";
static const char sentence[] =
    "When a guest unmaps a page (see drivers/vfio/pci/vfio_pci_core.c:1234) the host keeps what it "
    "knows of it, which is wrong: the next one who asks for it would be told what is no longer so; "
    "https://lists.example.org/archive/2026/20261121.0123456789-1-a.developer@example.org/#r has "
    "the whole story.";
static const char hunk[] = "diff --git a/virt/kvm/kvm_main.c b/virt/kvm/kvm_main.c\n"
                           "index 0123456789ab..ba9876543210 100644\n"
                           "--- a/virt/kvm/kvm_main.c\n"
                           "+++ b/virt/kvm/kvm_main.c\n"
                           "@@ -1234,7 +1234,9 @@ static int flush(struct kvm *kvm, gfn_t gfn)\n"
                           " \t\tif (!kvm_is_visible_gfn(kvm, gfn) && (flags & (A | B | C)))\n"
                           "-\t\t\treturn 0;\n"
                           "+\t\t\treturn flush_one(kvm, gfn, (struct thing){ .a = 1, .b = 2 });\n";

static void fill(samples *into)
{
    pm_strbuf_init(&into->subject, 1024);
    pm_strbuf_init(&into->sentence, 1024);
    pm_strbuf_add_text(&into->sentence,
                       "Say in one plain sentence what the whole series is good for!");
    pm_strbuf_init(&into->long_subject, 2048);
    pm_strbuf_init(&into->body, 256 * 1024);
    pm_strbuf_add_text(&into->subject, title);
    while (into->long_subject.len < 900)
        pm_strbuf_printf(&into->long_subject, "%s ", title);
    for (int i = 0; i < 20; i++) {
        pm_strbuf_printf(&into->body, "%s\n\n%s", sentence, hunk);
        for (int j = 0; j < 5; j++) /* a paragraph that some programs write as one line */
            pm_strbuf_printf(&into->body, "%s ", sentence);
        pm_strbuf_add_text(&into->body, "\n\nSigned-off-by: A. Developer <dev@example.org>\n");
    }
    /* Rulers, hexdumps, binary patches. */
    for (int c = ' '; c <= '~'; c++) {
        for (int i = 0; i < 76; i++)
            pm_strbuf_add_byte(&into->body, (char)c);
        pm_strbuf_add_text(&into->body, c == '!' ? "?\n" : "!\n");
    }
}

static void empty(samples *of)
{
    pm_strbuf_free(&of->subject);
    pm_strbuf_free(&of->sentence);
    pm_strbuf_free(&of->long_subject);
    pm_strbuf_free(&of->body);
}

/* ---- Trying ---- */

static bool is_limited(const pm_pattern *pattern, const pm_strbuf *text)
{
    for (int i = 0; i < TRIES; i++)
        if (pm_pattern_match(pattern, pm_strbuf_slice(text), NULL) != PM_LIMIT)
            return false;
    return true;
}

/* Does the term have texts of many lines? */
static bool is_text(const pm_term *term)
{
    static const char *const texts[] = {"text", "body-prose", "changelog", NULL};

    for (size_t i = 0; texts[i] != NULL; i++)
        if (pm_slice_equal(term->name, pm_slice_of(texts[i])))
            return true;
    return false;
}

static void check_test(const check *with, const pm_rule *rule, const pm_condition *test)
{
    const pm_slice key = {(const char *)&test->pattern, sizeof(test->pattern)};
    const samples *on = with->samples;
    const pm_token *where = &test->tokens[test->token_count - 1];
    const char *what = NULL;

    if (pm_table_get(with->seen, key) != NULL)
        return;
    if (pm_table_put(with->seen, key, with->seen) != PM_OK) {
        pm_error_token(with->errors, where, "no memory to check this pattern");
        return;
    }
    if (is_text(test->term))
        what = is_limited(test->pattern, &on->body) ? "body" : NULL;
    else if (is_limited(test->pattern, &on->subject) || is_limited(test->pattern, &on->sentence))
        what = "subject";
    else if (is_limited(test->pattern, &on->long_subject))
        what = "long subject";
    if (what != NULL)
        pm_error_token(with->errors, where,
                       "this pattern of rule %s reaches its limit on an ordinary %s (let nothing "
                       "that repeats stand within something that repeats: a+ and not (a+)+)",
                       pm_rule_id(rule), what);
}

static void check_condition(const check *with, const pm_rule *rule, const pm_condition *condition)
{
    if (condition->test == PM_TEST_MATCHES && condition->tokens != NULL)
        check_test(with, rule, condition);
    for (const pm_condition *at = condition->children; at != NULL; at = at->next)
        check_condition(with, rule, at);
}

void pm_check_patterns(const pm_rules *rules, pm_errors *errors)
{
    check with = {.arena = pm_arena_new((size_t)64 * 1024 * 1024), .errors = errors};
    samples all;

    if (with.arena != NULL)
        with.seen = pm_table_new(with.arena);
    if (with.seen == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory to check patterns");
        pm_arena_free(with.arena);
        return;
    }
    fill(&all);
    with.samples = &all;
    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);

        check_condition(&with, rule, pm_rule_condition(rule));
    }
    empty(&all);
    pm_arena_free(with.arena);
}
