/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules_read - from `rule` and `list` statements to rules that can be run; see rules.h.
 *
 * What stands behind `when` and `then` is read by condition_read.c and effect.c.
 */
#include "rule_set.h"

#include <stdlib.h>

/* ---- Rules ---- */

/* One set of rules being compiled. */
typedef struct compiler {
    pm_arena *arena;
    const pm_vocabulary *vocabulary;
    pm_effect_reader effects;
    pm_errors *errors;
    pm_table *lists; /* of pm_table (of pm_token, by word), by name */
    pm_table *ids;   /* of pm_token, by the rule's id */
    pm_rules *rules;
} compiler;

static void no_memory(const compiler *to, const pm_token *where)
{
    pm_error_token(to->errors, where, "no memory left for the rules");
}

static void read_examples(const compiler *to, pm_rule *rule, const pm_statement *from, bool matches)
{
    if (from->count == 0)
        pm_error_token(to->errors, &from->word,
                       "an example is missing (write: %.*s \"Subject: [PATCH] ...\")",
                       PM_FMT(from->word.text));
    for (size_t i = 0; i < from->count; i++) {
        const pm_token *value = &from->values[i];
        pm_slice rest = value->text, line;

        if (value->type != PM_TOKEN_STRING || !pm_slice_next_line(&rest, &line) ||
            pm_slice_find_byte(line, ':') == PM_NOWHERE) {
            pm_error_token(to->errors, value,
                           "an example is a string of header lines, \"Subject: [PATCH] ...\", and "
                           "perhaps \\n\\n and a body");
            continue;
        }
        if (pm_grow(to->arena, &rule->examples, &rule->example_room, rule->example_count,
                    sizeof(*rule->examples)) != PM_OK) {
            no_memory(to, value);
            return;
        }
        rule->examples[rule->example_count++] = (pm_example){value->text, matches, value};
    }
}

static void read_why(const compiler *to, pm_rule *rule, const pm_statement *from)
{
    if (from->count != 1 || !pm_token_is_text(&from->values[0])) {
        pm_error_token(to->errors, &from->word, "why wants one string (put it in quotes)");
        return;
    }
    rule->why = pm_copy(to->arena, from->values[0].text).data;
    if (rule->why == NULL)
        no_memory(to, &from->word);
}

static void unknown_in_rule(const compiler *to, const pm_statement *at)
{
    static const char *const words[] = {"why", "when", "then", "example", "not-example", NULL};

    pm_error_unknown(to->errors, &at->word, "there is no ", " in a rule", words,
                     "there are: why when then example not-example");
}

static void twice(const compiler *to, const pm_statement *at, const pm_statement *first)
{
    pm_error_token(to->errors, &at->word, "\"%.*s\" stands twice in this rule (first in line %u%s)",
                   PM_FMT(at->word.text), first->word.line,
                   pm_token_is_word(&at->word, "when") ? "; join the two by and, or" : "");
}

/* What stands in a rule's block. */
static void read_body(const compiler *to, pm_rule *rule, const pm_statement *block)
{
    const pm_statement *why = NULL, *when = NULL, *then = NULL;
    const size_t before = pm_errors_count(to->errors);

    for (const pm_statement *at = block->children; at != NULL; at = at->next) {
        if (at->has_block) {
            pm_error_token(to->errors, &at->word, "\"%.*s\" has no block (is a } missing above?)",
                           PM_FMT(at->word.text));
        } else if (pm_token_is_word(&at->word, "why")) {
            if (why != NULL)
                twice(to, at, why);
            why = at;
            read_why(to, rule, at);
        } else if (pm_token_is_word(&at->word, "when")) {
            if (when != NULL)
                twice(to, at, when);
            when = at;
            rule->condition = pm_condition_read(&to->rules->reader, at);
        } else if (pm_token_is_word(&at->word, "then")) {
            then = at;
            pm_effects_read(&to->effects, at, &rule->effects);
            rule->stops = pm_effects_stop(&rule->effects);
        } else if (pm_token_is_word(&at->word, "example") ||
                   pm_token_is_word(&at->word, "not-example")) {
            read_examples(to, rule, at, pm_token_is_word(&at->word, "example"));
        } else {
            unknown_in_rule(to, at);
        }
    }
    if (pm_errors_count(to->errors) > before)
        return; /* what seems to be missing may only be misspelt */
    if (when == NULL)
        pm_error_token(to->errors, rule->token,
                       "rule %.*s has no condition (write: when kind == cover)",
                       PM_FMT(rule->token->text));
    if (then == NULL)
        pm_error_token(to->errors, rule->token, "nothing follows from rule %.*s (write: then ...)",
                       PM_FMT(rule->token->text));
    if (why == NULL)
        pm_warning_token(to->errors, rule->token,
                         "rule %.*s has no why (a sentence for those who will meet its effect)",
                         PM_FMT(rule->token->text));
}

/* A slice as pm_printf wants it, after the last "/". */
static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash == NULL ? file : slash + 1;
}

/* NULL after an error. */
static const pm_token *read_name(const compiler *to, const pm_statement *at, const char *what)
{
    const pm_token *name = at->count > 0 ? &at->values[0] : NULL;

    if (name != NULL && pm_token_is_text(name) && pm_syntax_is_slug(name->text))
        return name;
    pm_error_token(to->errors, name == NULL ? &at->word : name,
                   "a %s has a name of small letters, digits, - and . (write: %s kvm-x86 { ... })",
                   what, what);
    return NULL;
}

/* File and name must be new: the log and the marks tell rules by them. */
static bool note_id(compiler *to, pm_rule *rule)
{
    pm_slice key = pm_print(to->arena, "%s:%.*s", rule->token->file, PM_FMT(rule->token->text));
    const pm_token *first = key.data == NULL ? NULL : pm_table_get(to->ids, key);

    if (first != NULL) {
        pm_error_token(to->errors, rule->token,
                       "rule %.*s stands in this file twice (first in line %u)",
                       PM_FMT(rule->token->text), first->line);
        return false;
    }
    rule->id =
        pm_print(to->arena, "%s:%.*s", base_name(rule->token->file), PM_FMT(rule->token->text))
            .data;
    /* The table gives back what it was given; nobody writes through it. */
    if (key.data == NULL || rule->id == NULL ||
        pm_table_put(to->ids, key, (void *)(uintptr_t)rule->token) != PM_OK) {
        no_memory(to, rule->token);
        return false;
    }
    return true;
}

static void read_rule(compiler *to, const pm_statement *at)
{
    pm_rules *rules = to->rules;
    pm_rule made = {.why = NULL};

    made.token = read_name(to, at, "rule");
    if (made.token == NULL)
        return;
    if (!at->has_block || at->count > 1) {
        pm_error_token(to->errors, made.token, "a rule is written: rule %.*s { ... }",
                       PM_FMT(made.token->text));
        return;
    }
    if (!note_id(to, &made))
        return;
    read_body(to, &made, at);
    if (pm_grow(to->arena, &rules->items, &rules->room, rules->count, sizeof(made)) != PM_OK)
        no_memory(to, made.token);
    else
        rules->items[rules->count++] = made;
}

/* ---- Lists ---- */

/* One more entry of a list: its word, and where it stands. */
static bool add_to_list(const compiler *to, pm_table *words, const pm_token *entry)
{
    /* The table gives back what it was given; nobody writes through it. */
    if (pm_table_put(words, entry->text, (void *)(uintptr_t)entry) == PM_OK)
        return true;
    no_memory(to, entry);
    return false;
}

/* list NAME file "FILE": one entry a line; empty lines and lines that begin with # are passed over.
 */
static void read_list_file(const compiler *to, pm_table *words, const pm_token *file)
{
    const char *path = pm_syntax_beside(to->arena, file->file, file->text);
    pm_slice rest, line;

    if (path == NULL || pm_table_put(to->rules->files, pm_slice_of(path), words) != PM_OK) {
        no_memory(to, file);
        return;
    }
    if (pm_syntax_slurp(to->arena, path, file, to->errors, &rest) != PM_OK)
        return;
    for (unsigned number = 1; pm_slice_next_line(&rest, &line); number++) {
        const pm_slice word = pm_slice_trim(line);
        pm_token *entry;

        if (word.len == 0 || word.data[0] == '#')
            continue;
        entry = pm_alloc(to->arena, sizeof(*entry));
        if (entry == NULL) {
            no_memory(to, file);
            return;
        }
        *entry = (pm_token){.type = PM_TOKEN_STRING,
                            .text = word,
                            .flags = PM_EMPTY,
                            .file = path,
                            .line = number,
                            .column = (unsigned)(word.data - line.data) + 1};
        if (!add_to_list(to, words, entry))
            return;
    }
}

/* list NAME { word word ... } */
static void read_list_block(const compiler *to, pm_table *words, const pm_statement *block)
{
    for (const pm_statement *at = block->children; at != NULL; at = at->next) {
        if (at->has_block)
            pm_error_token(to->errors, &at->word, "a list holds words, no blocks");
        else if (!add_to_list(to, words, &at->word))
            return;
        for (size_t i = 0; i < at->count; i++) {
            if (!pm_token_is_text(&at->values[i]))
                pm_error_token(to->errors, &at->values[i],
                               "a list holds words and strings, without commas");
            else if (!add_to_list(to, words, &at->values[i]))
                return;
        }
    }
}

static void read_list(const compiler *to, const pm_statement *at)
{
    const pm_token *name = read_name(to, at, "list");
    pm_table *words;

    if (name == NULL)
        return;
    if (pm_table_get(to->lists, name->text) != NULL) {
        pm_error_token(to->errors, name, "there is a list %.*s already", PM_FMT(name->text));
        return;
    }
    words = pm_table_new(to->arena);
    if (words == NULL || pm_table_put(to->lists, name->text, words) != PM_OK) {
        no_memory(to, name);
        return;
    }
    if (at->has_block && at->count == 1)
        read_list_block(to, words, at);
    else if (!at->has_block && at->count == 3 && pm_token_is_word(&at->values[1], "file") &&
             pm_token_is_text(&at->values[2]))
        read_list_file(to, words, &at->values[2]);
    else
        pm_error_token(to->errors, name,
                       "a list is written: list %.*s { a b c }, or: list %.*s file \"FILE\"",
                       PM_FMT(name->text), PM_FMT(name->text));
}

/* ---- All of it ---- */

static bool prepare(compiler *to)
{
    pm_rules *rules = pm_alloc(to->arena, sizeof(*rules));

    to->rules = rules;
    to->lists = pm_table_new(to->arena);
    to->ids = pm_table_new(to->arena);
    if (rules == NULL || to->lists == NULL || to->ids == NULL)
        return false;
    to->effects.conditions = &rules->reader;
    rules->files = pm_table_new(to->arena);
    rules->slow = pm_alloc(to->arena, sizeof(*rules->slow));
    if (rules->files == NULL || rules->slow == NULL)
        return false;
    *rules->slow = (pm_log_limit){.burst = 10, .interval_us = 60 * 1000 * 1000};
    return pm_condition_reader_init(&rules->reader, to->arena, to->vocabulary, to->lists,
                                    to->errors) == PM_OK;
}

static int by_id(const void *a, const void *b)
{
    const pm_rule *const *left = a, *const *right = b;
    const int order = strcmp((*left)->id, (*right)->id);

    /* Files of one name in two folders. */
    return order != 0 ? order : strcmp((*left)->token->file, (*right)->token->file);
}

/* Number the rules by what they are called. */
static bool rank(const compiler *to)
{
    pm_rules *rules = to->rules;
    pm_rule **sorted = calloc(rules->count + 1, sizeof(*sorted));

    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < rules->count; i++)
        sorted[i] = &rules->items[i];
    qsort(sorted, rules->count, sizeof(*sorted), by_id);
    for (size_t i = 0; i < rules->count; i++)
        sorted[i]->rank = i;
    free(sorted);
    return true;
}

static bool build_prefilter(const compiler *to)
{
    pm_rules *rules = to->rules;
    const pm_condition **conditions =
        pm_alloc_array(to->arena, rules->count, sizeof(const pm_condition *));

    if (conditions == NULL)
        return false;
    for (size_t i = 0; i < rules->count; i++)
        conditions[i] = rules->items[i].condition;
    rules->prefilter = pm_prefilter_new(to->arena, conditions, rules->count);
    return rules->prefilter != NULL;
}

static void read_lists(const compiler *to, const pm_statement *statements)
{
    for (const pm_statement *at = statements; at != NULL; at = at->next) {
        if (pm_token_is_word(&at->word, "list"))
            read_list(to, at);
    }
}

/* Those of the live rules; a list's name is its first value. */
static void read_live_lists(const compiler *to, const pm_statement *live)
{
    for (const pm_statement *at = live; at != NULL; at = at->next) {
        if (pm_token_is_word(&at->word, "list") &&
            pm_table_get(to->lists, at->values[0].text) == NULL)
            read_list(to, at);
    }
}

pm_rules *pm_rules_compile(pm_arena *arena, const pm_statement *statements,
                           const pm_vocabulary *vocabulary, const pm_rule_powers *powers,
                           pm_errors *errors)
{
    return pm_rules_compile_beside(arena, statements, NULL, vocabulary, powers, errors);
}

pm_rules *pm_rules_compile_beside(pm_arena *arena, const pm_statement *statements,
                                  const pm_statement *live, const pm_vocabulary *vocabulary,
                                  const pm_rule_powers *powers, pm_errors *errors)
{
    compiler to = {
        .arena = arena, .vocabulary = vocabulary, .effects = {.powers = powers}, .errors = errors};
    size_t before = pm_errors_count(errors);

    if (!prepare(&to)) {
        pm_error_at(errors, NULL, 0, 0, "no memory left for the rules");
        return NULL;
    }
    /* Lists first: a rule may stand above the list it names. */
    read_lists(&to, statements);
    read_live_lists(&to, live);
    for (const pm_statement *at = statements; at != NULL; at = at->next) {
        if (pm_token_is_word(&at->word, "rule"))
            read_rule(&to, at);
    }
    if (pm_errors_count(errors) == before && (!rank(&to) || !build_prefilter(&to)))
        pm_error_at(errors, NULL, 0, 0, "no memory left for the rules");
    if (pm_errors_count(errors) == before)
        return to.rules;
    pm_rules_free(to.rules);
    return NULL;
}

void pm_rules_free(pm_rules *rules)
{
    if (rules != NULL)
        pm_condition_reader_free(&rules->reader);
}
