/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_rules - rules that can never fire, names that nobody knows, recipients that loop.
 *
 * Not what reading a rule finds (condition_read.c, effect.c): that a fact does not exist, that kind
 * is never "patches".
 */
#include "check.h"

#include "condition_trace.h"
#include "condition_tree.h"
#include "contradiction.h"
#include "effect.h"

#define ARENA_LIMIT ((size_t)256 * 1024 * 1024)
#define MOST_PAIRS  200000 /* of a rule that stops and one behind it */

typedef struct check {
    const pm_snapshot *snapshot;
    const pm_rules *rules; /* the live ones, or a shadow's */
    pm_arena *arena;
    pm_errors *errors;
} check;

static void no_memory(const check *with)
{
    pm_error_at(with->errors, NULL, 0, 0, "no memory to check rules");
}

/* ---- Rules that never fire ---- */

/* How a test is written, with "not" in front of it when it must not hold. */
static pm_slice written(const check *with, const pm_condition *test, bool holds)
{
    const pm_trace as_trace = {.test = test->tokens, .token_count = test->token_count};
    const pm_slice text = pm_trace_text(with->arena, &as_trace);

    for (size_t i = 0; i < test->token_count; i++) {
        const pm_token *token = &test->tokens[i];

        if (pm_token_is_word(token, "not") || pm_token_is_operator(token, "!=") ||
            pm_token_is_operator(token, "!~"))
            return text;
    }
    return holds ? text : pm_print(with->arena, "not %.*s", PM_FMT(text));
}

static const pm_token *place(const pm_rule *rule, const pm_condition *test)
{
    return test->tokens == NULL ? pm_rule_token(rule) : &test->tokens[0];
}

/* An error when it is sure, else a warning. */
#define SAY(with, sure, where, ...)                                                                \
    do {                                                                                           \
        if (sure)                                                                                  \
            pm_error_token((with)->errors, (where), __VA_ARGS__);                                  \
        else                                                                                       \
            pm_warning_token((with)->errors, (where), __VA_ARGS__);                                \
    } while (false)

static void tell_contradiction(const check *with, const pm_rule *rule, const pm_contradiction *why)
{
    const pm_token *where = place(rule, why->test);
    const pm_slice test = written(with, why->test, why->holds);

    if (why->empty)
        SAY(with, false, where, "rule %s never fires: the list in \"%.*s\" is empty",
            pm_rule_id(rule), PM_FMT(test));
    else if (why->other == NULL && !why->alone)
        SAY(with, !why->seldom, where,
            "rule %s can never fire: \"%.*s\" leaves nothing of what is left by the tests before "
            "it",
            pm_rule_id(rule), PM_FMT(test));
    else if (why->other == NULL)
        SAY(with, !why->seldom, where, "rule %s can never fire: \"%.*s\" never holds",
            pm_rule_id(rule), PM_FMT(test));
    else
        SAY(with, !why->seldom, where,
            "rule %s can never fire: \"%.*s\" and \"%.*s\" exclude each other (write or instead "
            "of and, or leave one out)",
            pm_rule_id(rule), PM_FMT(written(with, why->other, why->other_holds)), PM_FMT(test));
}

/* Rules that stop, as far as the one that is looked at. */
typedef struct stops {
    const pm_rule **rules;
    size_t count, room, pairs;
} stops;

/* Is the rule behind one that stops and that holds whenever it would? */
static void check_stops(const check *with, const pm_rule *rule, stops *before)
{
    for (size_t i = 0; i < before->count && before->pairs < MOST_PAIRS; i++, before->pairs++) {
        const pm_rule *stop = before->rules[i];
        const pm_contradiction why =
            pm_contradiction_find(pm_rule_condition(rule), pm_rule_condition(stop));

        if (why.test == NULL)
            continue;
        SAY(with, !why.seldom, pm_rule_token(rule),
            "rule %s can never fire: rule %s (%s:%u) holds whenever it would, and stops (put it "
            "above that rule)",
            pm_rule_id(rule), pm_rule_id(stop), pm_rule_token(stop)->file,
            pm_rule_token(stop)->line);
        return;
    }
}

static void check_firing(const check *with)
{
    const pm_rules *rules = with->rules;
    stops before = {.rules = NULL};

    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);
        const pm_contradiction why = pm_contradiction_find(pm_rule_condition(rule), NULL);

        if (why.test != NULL) {
            tell_contradiction(with, rule, &why);
            continue;
        }
        check_stops(with, rule, &before);
        if (!pm_rule_stops(rule))
            continue;
        if (pm_grow(with->arena, &before.rules, &before.room, before.count, sizeof(rule)) !=
            PM_OK) {
            no_memory(with);
            return;
        }
        before.rules[before.count++] = rule;
    }
}

/* ---- Names that nobody knows ---- */

/* A name that is used, and how often it is said, or by whom it is mapped. */
typedef struct slug {
    const char *name;
    unsigned said;       /* by so many rules; sections that map to it count as many */
    const pm_rule *rule; /* the last of them */
} slug;

typedef struct slugs {
    pm_table *by_name;
    bool failed;
} slugs;

static void say_slug(const check *with, slugs *all, pm_slice name, const pm_rule *rule)
{
    slug *known = pm_table_get(all->by_name, name);

    if (known == NULL) {
        known = pm_alloc(with->arena, sizeof(*known));
        if (known != NULL)
            known->name = pm_copy(with->arena, name).data;
        if (known == NULL || known->name == NULL ||
            pm_table_put(all->by_name, name, known) != PM_OK) {
            all->failed = true;
            return;
        }
    }
    if (rule == NULL)
        known->said += 2;
    else if (known->rule != rule)
        known->said++;
    known->rule = rule;
}

/* sections { "TITLE" slug } of all projects. */
static void collect_sections(const check *with, slugs *all)
{
    for (const pm_statement *at = with->snapshot->statements; at != NULL; at = at->next) {
        if (!pm_token_is_word(&at->word, "project"))
            continue;
        for (const pm_statement *in = at->children; in != NULL; in = in->next)
            for (const pm_statement *row = in->children;
                 row != NULL && pm_token_is_word(&in->word, "sections"); row = row->next)
                if (row->count > 0)
                    say_slug(with, all, row->values[0].text, NULL);
    }
}

static bool is_slug_effect(const pm_effect *effect)
{
    return effect->action == PM_ADD_FACT && effect->template == NULL &&
           (strcmp(effect->fact, "subsystem") == 0 || strcmp(effect->fact, "inbox") == 0);
}

/* The length of the word between hyphens that byte `at` of the name lies in. */
static size_t word_length(pm_slice name, size_t at)
{
    size_t begin = at, end = at;

    while (begin > 0 && name.data[begin - 1] != '-')
        begin--;
    while (end < name.len && name.data[end] != '-')
        end++;
    return end - begin;
}

/* Is one most likely the other, by a slip of the fingers: two letters that changed places, a hyphen
 * that was forgotten, a letter too many or too few in a word of some length? Anything else makes
 * another name: mlx4 and mlx5, xe and xen. */
static bool is_slip(pm_slice a, pm_slice b)
{
    const pm_slice longer = a.len < b.len ? b : a;
    size_t begin = 0, end = 0, more;

    while (begin < a.len && begin < b.len && a.data[begin] == b.data[begin])
        begin++;
    while (end + begin < a.len && end + begin < b.len &&
           a.data[a.len - end - 1] == b.data[b.len - end - 1])
        end++;
    more = longer.len - end - begin;
    if (a.len == b.len)
        return more == 2 && a.data[begin] == b.data[begin + 1] &&
               a.data[begin + 1] == b.data[begin];
    if (more != 1 || begin == 0)
        return false;
    return longer.data[begin] == '-' ||
           (pm_is_alpha(longer.data[begin]) && word_length(longer, begin) >= 5);
}

static const char *near_slug(const slugs *all, pm_slice text)
{
    const slug *at;

    for (size_t i = 0; (at = pm_table_nth(all->by_name, i, NULL)) != NULL; i++)
        if (at->said > 1 && is_slip(text, pm_slice_of(at->name)))
            return at->name;
    return NULL;
}

static void check_slug(const check *with, const slugs *all, pm_slice text, const pm_token *where)
{
    const slug *known = pm_table_get(all->by_name, text);
    const char *near = known != NULL && known->said > 1 ? NULL : near_slug(all, text);

    if (near != NULL)
        pm_warning_token(with->errors, where,
                         "no section and no other rule says \"%.*s\" (did you mean \"%s\"?)",
                         PM_FMT(text), near);
}

/* The values that a condition compares one term with. */
static void check_values(const check *with, const slugs *all, const char *term,
                         const pm_condition *condition)
{
    for (const pm_condition *at = condition->children; at != NULL; at = at->next)
        check_values(with, all, term, at);
    if (condition->test != PM_TEST_IN || !pm_slice_equal(condition->term->name, pm_slice_of(term)))
        return;
    for (size_t i = 0; i < condition->token_count; i++) {
        const pm_token *token = &condition->tokens[i];

        if (i > 0 && pm_token_is_text(token) && pm_table_get(condition->words, token->text) != NULL)
            check_slug(with, all, token->text, token);
    }
}

static void say_slugs_of(const check *with, slugs *all, const pm_rules *rules)
{
    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);
        const pm_effects *effects = pm_rule_effects(rule);

        for (size_t j = 0; j < effects->count; j++)
            if (is_slug_effect(&effects->items[j]))
                say_slug(with, all, effects->items[j].text, rule);
    }
}

static void check_slugs(const check *with)
{
    const pm_rules *rules = with->rules;
    slugs all = {.by_name = pm_table_new(with->arena)};
    slugs projects = {.by_name = pm_table_new(with->arena)};

    if (all.by_name == NULL || projects.by_name == NULL) {
        no_memory(with);
        return;
    }
    for (size_t i = 0; i < with->snapshot->project_count; i++)
        say_slug(with, &projects, with->snapshot->projects[i], NULL);
    collect_sections(with, &all);
    say_slugs_of(with, &all, rules);
    if (rules != with->snapshot->rules)
        say_slugs_of(with, &all, with->snapshot->rules);
    if (all.failed || projects.failed) {
        no_memory(with);
        return;
    }
    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);
        const pm_effects *effects = pm_rule_effects(rule);

        for (size_t j = 0; j < effects->count; j++) {
            const pm_effect *effect = &effects->items[j];

            if (is_slug_effect(effect))
                check_slug(with, &all, effect->text, effect->token);
            else if (effect->action == PM_ADD_FACT && strcmp(effect->fact, "project") == 0)
                check_slug(with, &projects, effect->text, effect->token);
        }
        check_values(with, &all, "subsystem", pm_rule_condition(rule));
        check_values(with, &all, "inbox", pm_rule_condition(rule));
        check_values(with, &projects, "project", pm_rule_condition(rule));
    }
}

/* ---- Recipients that loop ---- */

/* Does the pattern, in which * stands for any bytes, match? As the plugin project has it. */
static bool matches(pm_slice pattern, pm_slice text)
{
    const size_t star = pm_slice_find_byte(pattern, '*');

    if (star == PM_NOWHERE)
        return pm_slice_equal_nocase(pattern, text);
    if (!pm_slice_starts_nocase(text, pm_slice_cut(pattern, 0, star)))
        return false;
    for (size_t i = star; i <= text.len; i++)
        if (matches(pm_slice_after(pattern, star + 1), pm_slice_after(text, i)))
            return true;
    return false;
}

/* The List-Id of a list with that address, by custom: dev@lists.example.org is
 * dev.lists.example.org. In small letters. */
static pm_slice list_id(const check *with, pm_slice address)
{
    const pm_slice copy = pm_copy(with->arena, address);
    char *bytes = (char *)(uintptr_t)copy.data; /* it is ours */

    for (size_t i = 0; bytes != NULL && i < copy.len; i++)
        bytes[i] = bytes[i] == '@' ? '.' : pm_lower(bytes[i]);
    return copy;
}

/* The project that has the address among its lists; NULL: none. */
static const pm_token *find_list_owner(const check *with, pm_slice address, pm_slice id)
{
    for (const pm_statement *at = with->snapshot->statements; at != NULL; at = at->next) {
        if (!pm_token_is_word(&at->word, "project") || at->count == 0)
            continue;
        for (const pm_statement *in = at->children; in != NULL; in = in->next)
            for (size_t i = 0; pm_token_is_word(&in->word, "lists") && i < in->count; i++)
                if (matches(in->values[i].text, address) || matches(in->values[i].text, id))
                    return &at->values[0];
    }
    return NULL;
}

/* Does the condition hold mail off by what its way has written into it? */
static bool has_guard(const pm_condition *condition, bool negated)
{
    static const char *const ways[] = {"recipient", "addressee", "reference", NULL};

    if (condition->test == PM_TEST_NOT)
        return has_guard(condition->children, !negated);
    for (const pm_condition *at = condition->children; at != NULL; at = at->next)
        if (has_guard(at, negated))
            return true;
    if (condition->term == NULL || !negated)
        return false;
    for (size_t i = 0; ways[i] != NULL; i++)
        if (pm_slice_equal(condition->term->name, pm_slice_of(ways[i])))
            return true;
    return condition->term->header != NULL;
}

/* A table with one word. */
static const pm_table *one_word(const check *with, pm_slice word)
{
    pm_table *words = word.data == NULL ? NULL : pm_table_new(with->arena);

    /* What is stored does not matter, the key does. */
    return words != NULL && pm_table_put(words, word, words) == PM_OK ? words : NULL;
}

static void check_recipient(const check *with, const pm_rule *rule, const pm_effect *effect)
{
    const pm_condition *condition = pm_rule_condition(rule);
    const pm_term list = {.name = PM_LIT("list"), .field = pm_field_find(PM_LIT("list"))};
    const pm_term recipient = {.name = PM_LIT("recipient"),
                               .field = pm_field_find(PM_LIT("recipient"))};
    const pm_slice id = list_id(with, effect->text);
    const pm_table *ids = one_word(with, id), *addresses = one_word(with, effect->text);
    const pm_token *owner;

    if (ids == NULL || addresses == NULL) {
        no_memory(with);
        return;
    }
    if (!pm_contradiction_allows(condition, PM_HAS_NONE, &recipient, addresses)) {
        pm_warning_token(with->errors, effect->token,
                         "%.*s is never added: all that rule %s holds for goes there already",
                         PM_FMT(effect->text), pm_rule_id(rule));
        return;
    }
    if (!pm_contradiction_allows(condition, PM_HAS_NONE, &list, ids)) {
        pm_error_token(with->errors, effect->token,
                       "%.*s is the list that all rule %s holds for comes from: its copies would "
                       "go to it again and again (leave this recipient out)",
                       PM_FMT(effect->text), pm_rule_id(rule));
        return;
    }
    owner = find_list_owner(with, effect->text, id);
    if (owner != NULL && pm_contradiction_allows(condition, PM_HAS_ONE, &list, ids) &&
        !has_guard(condition, false))
        pm_warning_token(with->errors, effect->token,
                         "%.*s is a list of project %.*s: a copy that comes back from it would go "
                         "to it again (add to the condition: and list != \"%.*s\")",
                         PM_FMT(effect->text), PM_FMT(owner->text), PM_FMT(id));
}

static void check_recipients(const check *with)
{
    const pm_rules *rules = with->rules;

    for (size_t i = 0; i < pm_rules_count(rules); i++) {
        const pm_rule *rule = pm_rules_nth(rules, i);
        const pm_effects *effects = pm_rule_effects(rule);

        for (size_t j = 0; j < effects->count; j++)
            if (effects->items[j].action == PM_ADD_RECIPIENT)
                check_recipient(with, rule, &effects->items[j]);
    }
}

void pm_check_rules(const pm_snapshot *snapshot, const pm_rules *rules, pm_errors *errors)
{
    const check with = {snapshot, rules, pm_arena_new(ARENA_LIMIT), errors};

    if (with.arena == NULL) {
        no_memory(&with);
        return;
    }
    check_firing(&with);
    check_slugs(&with);
    check_recipients(&with);
    pm_arena_free(with.arena);
}
