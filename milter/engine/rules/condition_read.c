/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition_read - from the words of a `when` to a tree that can be asked; see condition.h.
 *
 * Whatever could never be so is refused here, with the way out: a name that does not exist, a
 * pattern for a number, a kind of letter that there is not.
 */
#include "condition_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_DEPTH 32

/* ---- Reading ---- */

pm_status pm_condition_reader_init(pm_condition_reader *reader, pm_arena *arena,
                                   const pm_vocabulary *vocabulary, const pm_table *lists,
                                   pm_errors *errors)
{
    *reader = (pm_condition_reader){
        .arena = arena, .vocabulary = vocabulary, .errors = errors, .lists = lists};
    reader->terms = pm_table_new(arena);
    reader->patterns = pm_table_new(arena);
    return reader->terms == NULL || reader->patterns == NULL ? PM_LIMIT : PM_OK;
}

void pm_condition_reader_free(pm_condition_reader *reader)
{
    for (size_t i = 0; reader->patterns != NULL && i < pm_table_count(reader->patterns); i++)
        pm_pattern_free(pm_table_nth(reader->patterns, i, NULL));
    reader->patterns = NULL;
}

static bool is_listed(pm_slice name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (pm_slice_equal(name, pm_slice_of(*names)))
            return true;
    }
    return false;
}

/* One condition being read. */
typedef struct parser {
    pm_condition_reader *reader;
    const pm_token *tokens;
    size_t count, at;
    const pm_token *when; /* for what is missing at the beginning */
    unsigned depth;
} parser;

static pm_condition *read_any(parser *from);

static const pm_token *peek(const parser *from)
{
    return from->at < from->count ? &from->tokens[from->at] : NULL;
}

/* Take the next token if it is this operator, this word. */
static bool take_operator(parser *from, const char *text)
{
    bool taken = pm_token_is_operator(peek(from), text);

    from->at += taken;
    return taken;
}

static bool take_word(parser *from, const char *text)
{
    bool taken = pm_token_is_word(peek(from), text);

    from->at += taken;
    return taken;
}

/* Where an error about the next token belongs: at it, or at the last there is. */
static const pm_token *place(const parser *from)
{
    if (from->at < from->count)
        return &from->tokens[from->at];
    return from->count == 0 ? from->when : &from->tokens[from->count - 1];
}

/* Add an error. Always NULL, for the caller to give back. */
static void *fail(const parser *from, const pm_token *token, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void *fail(const parser *from, const pm_token *token, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    pm_error_token(from->reader->errors, token, "%s", sentence);
    return NULL;
}

static void *no_memory(const parser *from)
{
    return fail(from, place(from), "no memory left for this condition");
}

static pm_condition *new_condition(const parser *from, pm_test kind, const pm_term *term)
{
    pm_condition *made = pm_alloc(from->reader->arena, sizeof(*made));

    if (made == NULL)
        return no_memory(from);
    made->test = kind;
    made->term = term;
    return made;
}

static pm_condition *negated(const parser *from, pm_condition *condition, bool negate)
{
    pm_condition *made;

    if (condition == NULL || !negate)
        return condition;
    made = new_condition(from, PM_TEST_NOT, NULL);
    if (made != NULL)
        made->children = condition;
    return made;
}

/* ---- Names ---- */

static bool holds_operator(pm_slice word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (strchr("=<>~", word.data[i]) != NULL && word.data[i] != '\0')
            return true;
    }
    return false;
}

static void unknown_name(const pm_condition_reader *reader, const pm_token *name)
{
    const char *const *fields = pm_field_names();
    const char *const *facts = pm_vocabulary_names(reader->vocabulary);
    const char **all;
    size_t count = 0, used = 0;

    if (holds_operator(name->text)) {
        pm_error_token(reader->errors, name, "\"%.*s\" is no name (put spaces around operators)",
                       PM_FMT(name->text));
        return;
    }
    while (fields[count] != NULL)
        count++;
    for (size_t i = 0; facts[i] != NULL; i++)
        count++;
    all = calloc(count + 1, sizeof(*all));
    for (; all != NULL && *fields != NULL; fields++)
        all[used++] = *fields;
    for (; all != NULL && *facts != NULL; facts++)
        all[used++] = *facts;
    pm_error_unknown(reader->errors, name, "no field of a letter and no plugin's fact is called ",
                     "", all == NULL ? facts : all,
                     "`patchmark plugin list --fields` shows all; is its plugin in `plugins`?");
    free(all);
}

const pm_term *pm_term_find(pm_condition_reader *reader, const pm_token *name)
{
    static const pm_slice header = {"header.", 7};
    pm_term *known = pm_table_get(reader->terms, name->text), found = {.name = name->text};
    const pm_declared *declared = pm_vocabulary_find(reader->vocabulary, name->text);

    if (known != NULL)
        return known;
    if (pm_slice_starts(name->text, header) && name->text.len > header.len) {
        found.header = pm_copy(reader->arena, pm_slice_after(name->text, header.len)).data;
        if (found.header == NULL)
            goto no_memory;
    } else {
        found.field = pm_field_find(name->text);
    }
    if (found.field != NULL)
        found.type = found.field->type;
    else if (declared != NULL && declared->decl->type == PM_FACT_NUMBER)
        found.type = PM_FIELD_NUMBER;
    /* A fact with a field's name adds to it, if it is of the same nature. */
    if (declared != NULL && (declared->decl->type == PM_FACT_TEXT) == (found.type == PM_FIELD_TEXT))
        found.fact = declared->decl;
    if (found.field == NULL && found.header == NULL && found.fact == NULL) {
        unknown_name(reader, name);
        return NULL;
    }
    known = pm_alloc(reader->arena, sizeof(*known));
    if (known == NULL || pm_table_put(reader->terms, name->text, known) != PM_OK)
        goto no_memory;
    *known = found;
    return known;
no_memory:
    pm_error_token(reader->errors, name, "no memory left for this name");
    return NULL;
}

/* ---- Operands ---- */

/* Words that are no values without quotes. */
static const char *const reserved[] = {"and", "or", "not", "in", "under", "has", NULL};

/* Fields with few values, and what they can be. */
static const struct {
    const char *name;
    const char *values[6];
} closed_fields[] = {
    {"kind", {"cover", "patch", "reply", "pull", "other"}},
    {"path.how", {"whole", "resolved", "ambiguous", "unknown"}},
};

/* Fields whose values are in small letters, and those that are Message-IDs without < and >. */
static const char *const small_fields[] = {"list", "author", "addressee", NULL};
static const char *const id_fields[] = {"message-id", "in-reply-to", "reference", "supersedes",
                                        "based-on",   "depends-on",  NULL};

const char *const *pm_term_values(const pm_term *term)
{
    for (size_t i = 0; i < sizeof(closed_fields) / sizeof(closed_fields[0]); i++)
        if (term->fact == NULL && pm_slice_equal(term->name, pm_slice_of(closed_fields[i].name)))
            return closed_fields[i].values;
    return NULL;
}

bool pm_term_is_small(const pm_term *term)
{
    return term->fact == NULL && is_listed(term->name, small_fields);
}

/* A value that the field can never have is a mistake. False after an error. */
static bool check_value(const parser *from, const pm_term *term, const pm_token *value)
{
    const char *const *values = pm_term_values(term);
    pm_slice text = value->text;
    char before[64];

    if (values != NULL && !is_listed(text, values)) {
        snprintf(before, sizeof(before), "%.*s is never ", PM_FMT(term->name));
        pm_error_unknown(from->reader->errors, value, before, "", values,
                         "rules.md lists what it can be");
        return false;
    }
    if (is_listed(term->name, small_fields)) {
        for (size_t i = 0; i < text.len; i++) {
            if (pm_lower(text.data[i]) == text.data[i])
                continue;
            fail(from, value, "%.*s is in small letters always (write \"%.*s\" so)",
                 PM_FMT(term->name), PM_FMT(text));
            return false;
        }
    }
    if (is_listed(term->name, id_fields) && pm_slice_starts(text, PM_LIT("<"))) {
        fail(from, value, "%.*s has no < and > around it (leave them out)", PM_FMT(term->name));
        return false;
    }
    return true;
}

static void *unknown_list(const parser *from, const pm_token *name)
{
    const pm_table *lists = from->reader->lists;
    const size_t count = pm_table_count(lists);
    const char **names = calloc(count + 1, sizeof(*names));
    pm_slice known;

    if (names == NULL)
        return no_memory(from);
    for (size_t i = 0; i < count; i++) {
        (void)pm_table_nth(lists, i, &known);
        names[i] = pm_copy(from->reader->arena, known).data;
        if (names[i] == NULL)
            break;
    }
    pm_error_unknown(from->reader->errors, name, "there is no list ", "", names,
                     "write: in (\"a\", \"b\"), or list NAME { a b }");
    free(names);
    return NULL;
}

/* One value, a word or a string. */
static const pm_token *read_value(parser *from, const char *op)
{
    const pm_token *value = peek(from);

    if (value == NULL)
        return fail(from, place(from), "a value is missing behind \"%s\"", op);
    if (value->type == PM_TOKEN_PATTERN)
        return fail(from, value, "a pattern goes with ~ or !~, not with \"%s\"", op);
    if (!pm_token_is_text(value))
        return fail(from, value, "a value is missing in front of \"%.*s\"", PM_FMT(value->text));
    if (value->type == PM_TOKEN_WORD && is_listed(value->text, reserved))
        return fail(from, value, "a value is missing in front of \"%.*s\" (or put it in quotes)",
                    PM_FMT(value->text));
    if (value->type == PM_TOKEN_WORD && value->text.len > 2 &&
        pm_slice_starts(value->text, PM_LIT("/")) && pm_slice_ends(value->text, PM_LIT("/")))
        return fail(from, value,
                    "a pattern goes with ~ or !~, not with \"%s\" (or put it in quotes)", op);
    from->at++;
    return value;
}

/* `list NAME` in place of a value. A value that is called "list" has no word behind it. */
static bool at_list(const parser *from)
{
    const pm_token *name = from->at + 1 < from->count ? &from->tokens[from->at + 1] : NULL;

    return pm_token_is_word(peek(from), "list") && name != NULL && name->type == PM_TOKEN_WORD &&
           !is_listed(name->text, reserved);
}

/* The entries of the list that is named here. NULL after an error. */
static const pm_table *find_list(parser *from)
{
    const pm_token *name = peek(from);
    const pm_table *words = pm_table_get(from->reader->lists, name->text);

    if (words == NULL)
        return unknown_list(from, name);
    from->at++;
    return words;
}

typedef bool (*value_taker)(const parser *from, void *into, const pm_token *value);

/* One value, or all that a list has. False after an error. */
static bool read_value_or_list(parser *from, const char *op, value_taker take, void *into)
{
    const pm_token *value;
    const pm_table *words;

    if (!at_list(from)) {
        value = read_value(from, op);
        return value != NULL && take(from, into, value);
    }
    from->at++;
    words = find_list(from);
    if (words == NULL)
        return false;
    for (size_t i = 0; i < pm_table_count(words); i++) {
        if (!take(from, into, pm_table_nth(words, i, NULL)))
            return false;
    }
    return true;
}

/* One value, or several in parentheses: told to take(), one by one. False after an error. */
static bool read_values(parser *from, const char *op, value_taker take, void *into)
{
    bool several = take_operator(from, "(");

    do {
        if (!read_value_or_list(from, op, take, into))
            return false;
    } while (several && take_operator(from, ","));
    if (!several || take_operator(from, ")"))
        return true;
    fail(from, place(from), "\",\" or \")\" is missing here");
    return false;
}

/* A condition whose values are being read, and the room that has been made for them. */
typedef struct gathering {
    pm_condition *condition;
    pm_table *words;
    pm_slice *paths;
    int64_t *numbers;
    size_t room;
} gathering;

static bool take_one_word(const parser *from, void *into, const pm_token *value)
{
    gathering *all = into;

    if (!check_value(from, all->condition->term, value))
        return false;
    /* What is stored does not matter, the key does. */
    if (pm_table_put(all->words, value->text, all->condition) == PM_OK)
        return true;
    no_memory(from);
    return false;
}

static bool take_one_path(const parser *from, void *into, const pm_token *value)
{
    gathering *all = into;
    pm_slice path = value->text;

    while (path.len > 0 && path.data[path.len - 1] == '/')
        path.len--;
    if (path.len == 0 || path.data[0] == '/' || pm_slice_starts(path, PM_LIT("./"))) {
        fail(from, value, "paths in letters begin neither with / nor with ./ (write: arch/x86/)");
        return false;
    }
    if (pm_slice_find_byte(path, '*') != PM_NOWHERE) {
        fail(from, value, "\"under\" knows no * (use ~ with a pattern)");
        return false;
    }
    if (pm_grow(from->reader->arena, &all->paths, &all->room, all->condition->count,
                sizeof(*all->paths)) != PM_OK) {
        no_memory(from);
        return false;
    }
    all->paths[all->condition->count++] = path;
    return true;
}

static bool take_one_number(const parser *from, void *into, const pm_token *value)
{
    gathering *all = into;
    int64_t number;

    if (pm_syntax_number(value->text, PM_UNITS_SIZE, &number) != PM_OK) {
        fail(from, value, "%.*s is a number; \"%.*s\" is none", PM_FMT(all->condition->term->name),
             PM_FMT(value->text));
        return false;
    }
    if (pm_grow(from->reader->arena, &all->numbers, &all->room, all->condition->count,
                sizeof(*all->numbers)) != PM_OK) {
        no_memory(from);
        return false;
    }
    all->numbers[all->condition->count++] = number;
    return true;
}

/* ---- Tests ---- */

static pm_condition *read_words(parser *from, const pm_term *term, const char *op)
{
    gathering all = {.condition = new_condition(from, PM_TEST_IN, term),
                     .words = pm_table_new(from->reader->arena)};

    if (all.condition == NULL)
        return NULL;
    if (all.words == NULL)
        return no_memory(from);
    all.condition->words = all.words;
    return read_values(from, op, take_one_word, &all) ? all.condition : NULL;
}

static pm_condition *read_paths(parser *from, const pm_term *term, const char *op)
{
    gathering all = {.condition = new_condition(from, PM_TEST_UNDER, term)};

    if (all.condition == NULL || !read_values(from, op, take_one_path, &all))
        return NULL;
    all.condition->paths = all.paths;
    return all.condition;
}

static pm_condition *read_numbers(parser *from, const pm_term *term, const char *op,
                                  pm_comparison how)
{
    gathering all = {.condition = new_condition(from, PM_TEST_NUMBER, term)};

    if (all.condition == NULL || !read_values(from, op, take_one_number, &all))
        return NULL;
    all.condition->numbers = all.numbers;
    all.condition->comparison = how;
    return all.condition;
}

/* `in NAME` for numbers. */
static pm_condition *read_number_list(parser *from, const pm_term *term)
{
    const pm_table *words = find_list(from);
    gathering all = {.condition = words == NULL ? NULL : new_condition(from, PM_TEST_NUMBER, term)};

    if (all.condition == NULL)
        return NULL;
    for (size_t i = 0; i < pm_table_count(words); i++) {
        if (!take_one_number(from, &all, pm_table_nth(words, i, NULL)))
            return NULL;
    }
    all.condition->numbers = all.numbers;
    return all.condition;
}

/* `in NAME` for texts: the list's table is shared by all that ask for it. */
static pm_condition *read_shared_list(parser *from, const pm_term *term)
{
    const pm_table *words = find_list(from);
    pm_condition *made = words == NULL ? NULL : new_condition(from, PM_TEST_IN, term);

    for (size_t i = 0; made != NULL && i < pm_table_count(words); i++) {
        if (!check_value(from, term, pm_table_nth(words, i, NULL)))
            return NULL;
    }
    if (made != NULL)
        made->words = words;
    return made;
}

static pm_condition *read_in(parser *from, const pm_term *term)
{
    const bool number = term->type == PM_FIELD_NUMBER;
    const pm_token *next;

    if (at_list(from))
        from->at++;
    next = peek(from);
    if (next != NULL && next->type == PM_TOKEN_WORD && !is_listed(next->text, reserved) &&
        (!number || pm_table_get(from->reader->lists, next->text) != NULL))
        return number ? read_number_list(from, term) : read_shared_list(from, term);
    if (number)
        return read_numbers(from, term, "in", PM_IS_EQUAL);
    if (!pm_token_is_operator(next, "("))
        return fail(from, place(from),
                    "\"in\" wants several values or a list: in (\"a\", \"b\") or in NAME");
    return read_words(from, term, "in");
}

/* Patterns are shared: many rules ask the same. */
static pm_pattern *find_pattern(const parser *from, const pm_token *token)
{
    pm_condition_reader *reader = from->reader;
    pm_slice key = pm_print(reader->arena, "%.*s/", PM_FMT(token->flags));
    char sentence[256], *bytes;
    pm_pattern *pattern;

    bytes = key.data == NULL ? NULL : pm_alloc(reader->arena, key.len + token->text.len);
    if (bytes == NULL)
        return no_memory(from);
    memcpy(bytes, key.data, key.len);
    if (token->text.len > 0)
        memcpy(bytes + key.len, token->text.data, token->text.len);
    key = (pm_slice){bytes, key.len + token->text.len};

    pattern = pm_table_get(reader->patterns, key);
    if (pattern != NULL)
        return pattern;
    pattern = pm_pattern_compile(token->text, token->flags, sentence, sizeof(sentence));
    if (pattern == NULL)
        return fail(from, token, "%s", sentence);
    if (pm_table_put(reader->patterns, key, pattern) != PM_OK) {
        pm_pattern_free(pattern);
        return no_memory(from);
    }
    return pattern;
}

static pm_condition *read_match(parser *from, const pm_term *term)
{
    const pm_token *token = peek(from);
    pm_condition *made;

    if (token == NULL || token->type != PM_TOKEN_PATTERN)
        return fail(from, place(from), "a pattern must follow here: /^like this/");
    from->at++;
    made = new_condition(from, PM_TEST_MATCHES, term);
    if (made == NULL)
        return NULL;
    made->pattern = find_pattern(from, token);
    return made->pattern == NULL ? NULL : made;
}

/* A test whose operator does not go with the term's type. */
static void *wrong_type(const parser *from, const pm_term *term, const pm_token *op)
{
    static const char *const what[] = {
        [PM_FIELD_TEXT] = "a text (it goes with == != ~ !~ in under has)",
        [PM_FIELD_NUMBER] = "a number (it goes with == != < <= > >= in)",
        [PM_FIELD_FLAG] = "yes or no (write its name alone, or not in front of it)",
    };

    return fail(from, op, "\"%.*s\" does not go with \"%.*s\", which is %s", PM_FMT(op->text),
                PM_FMT(term->name), what[term->type]);
}

typedef enum meaning { IS, MATCHES, ORDER, AMONG, UNDER } meaning;

/* Every operator, and the types it goes with. */
static const struct operation {
    const char *name;
    pm_token_type type;
    meaning meaning;
    bool negate, texts, numbers;
    pm_comparison comparison; /* for numbers */
} operations[] = {
    {"==", PM_TOKEN_OPERATOR, IS, false, true, true, PM_IS_EQUAL},
    {"!=", PM_TOKEN_OPERATOR, IS, true, true, true, PM_IS_EQUAL},
    {"~", PM_TOKEN_OPERATOR, MATCHES, false, true, false, PM_IS_EQUAL},
    {"!~", PM_TOKEN_OPERATOR, MATCHES, true, true, false, PM_IS_EQUAL},
    {"<", PM_TOKEN_OPERATOR, ORDER, false, false, true, PM_IS_LESS},
    {"<=", PM_TOKEN_OPERATOR, ORDER, false, false, true, PM_IS_LESS_OR_EQUAL},
    {">", PM_TOKEN_OPERATOR, ORDER, false, false, true, PM_IS_MORE},
    {">=", PM_TOKEN_OPERATOR, ORDER, false, false, true, PM_IS_MORE_OR_EQUAL},
    {"in", PM_TOKEN_WORD, AMONG, false, true, true, PM_IS_EQUAL},
    {"under", PM_TOKEN_WORD, UNDER, false, true, false, PM_IS_EQUAL},
    {"has", PM_TOKEN_WORD, IS, false, true, false, PM_IS_EQUAL},
};

static const struct operation *find_operation(const pm_token *token)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (operations[i].type == PM_TOKEN_WORD ? pm_token_is_word(token, operations[i].name)
                                                : pm_token_is_operator(token, operations[i].name))
            return &operations[i];
    }
    return NULL;
}

static pm_condition *read_operand(parser *from, const pm_term *term, const struct operation *op)
{
    bool number = term->type == PM_FIELD_NUMBER;

    switch (op->meaning) {
    case IS:
        if (pm_token_is_operator(peek(from), "("))
            return fail(from, place(from), "several values go with \"in\": in (\"a\", \"b\")");
        return number ? read_numbers(from, term, op->name, PM_IS_EQUAL)
                      : read_words(from, term, op->name);
    case ORDER:
        if (pm_token_is_operator(peek(from), "(") || at_list(from))
            return fail(from, place(from), "one number must follow \"%s\"", op->name);
        return read_numbers(from, term, op->name, op->comparison);
    case MATCHES:
        return read_match(from, term);
    case AMONG:
        return read_in(from, term);
    case UNDER:
        return read_paths(from, term, op->name);
    }
    return NULL;
}

/* Note how it is written, from first up to where the parser is. */
static pm_condition *written(const parser *from, pm_condition *condition, const pm_token *first)
{
    if (condition != NULL) {
        condition->tokens = first;
        condition->token_count = (size_t)(&from->tokens[from->at] - first);
    }
    return condition;
}

/* NAME, NAME OPERATOR VALUE, NAME not in ... */
static pm_condition *read_test(parser *from)
{
    const pm_token *name = peek(from), *token;
    const struct operation *op;
    const pm_term *term;
    bool negate;

    if (name == NULL)
        return fail(from, place(from), "a condition is missing at the end of this");
    if (name->type != PM_TOKEN_WORD)
        return fail(from, name,
                    "the name of a field or fact is missing in front of \"%.*s\" (write: kind == "
                    "cover)",
                    PM_FMT(name->text));
    term = pm_term_find(from->reader, name);
    if (term == NULL)
        return NULL;
    from->at++;

    negate = pm_token_is_word(peek(from), "not");
    if (negate)
        from->at++;
    token = peek(from);
    op = find_operation(token);
    if (negate && (op == NULL || op->type != PM_TOKEN_WORD))
        return fail(from, place(from), "\"in\", \"under\" or \"has\" must follow \"not\" here");
    if (op == NULL)
        return written(from, new_condition(from, PM_TEST_PRESENT, term), name);
    if (term->type == PM_FIELD_FLAG || (term->type == PM_FIELD_TEXT ? !op->texts : !op->numbers))
        return wrong_type(from, term, token);
    from->at++;
    return negated(from, written(from, read_operand(from, term, op), name), negate != op->negate);
}

static pm_condition *read_inner(parser *from)
{
    const pm_token *begin = peek(from);
    pm_condition *inner;

    if (from->depth == MOST_DEPTH)
        return fail(from, place(from), "parentheses and nots, more than %d deep", MOST_DEPTH);
    if (take_word(from, "not")) {
        from->depth++;
        inner = read_inner(from);
        from->depth--;
        return written(from, negated(from, inner, true), begin);
    }
    if (!take_operator(from, "("))
        return read_test(from);
    from->depth++;
    inner = read_any(from);
    from->depth--;
    if (inner == NULL)
        return NULL;
    if (!take_operator(from, ")"))
        return fail(from, place(from), "\")\" is missing here (its \"(\" is in line %u)",
                    begin->line);
    return inner;
}

/* A row of conditions joined by word; a condition of kind above them when there are several. */
static pm_condition *read_row(parser *from, const char *word, pm_test kind,
                              pm_condition *(*read)(parser *from))
{
    pm_condition *first = read(from), *last = first, *row;

    if (first == NULL || !pm_token_is_word(peek(from), word))
        return first;
    row = new_condition(from, kind, NULL);
    if (row == NULL)
        return NULL;
    row->children = first;
    while (take_word(from, word)) {
        pm_condition *more = read(from);

        if (more == NULL)
            return NULL;
        last->next = more;
        last = more;
    }
    return row;
}

static pm_condition *read_all(parser *from)
{
    return read_row(from, "and", PM_TEST_ALL, read_inner);
}

static pm_condition *read_any(parser *from)
{
    return read_row(from, "or", PM_TEST_ANY, read_all);
}

/* How many of the tokens are the condition's. One that lacks its end goes on in the next line,
 * where the rule's next statement stands: "when title ==" and then "then stop". */
static size_t count_tokens(const pm_statement *when)
{
    static const char *const statements[] = {"why", "when", "then", "example", "not-example", NULL};

    for (size_t i = 1; i < when->count; i++) {
        const pm_token *before = &when->values[i - 1], *token = &when->values[i];

        if (token->line > before->line && token->type == PM_TOKEN_WORD &&
            is_listed(token->text, statements) && !pm_token_is_operator(before, "(") &&
            !pm_token_is_operator(before, ","))
            return i;
    }
    return when->count;
}

const pm_condition *pm_condition_read(pm_condition_reader *reader, const pm_statement *when)
{
    parser from = {
        .reader = reader, .tokens = when->values, .count = count_tokens(when), .when = &when->word};
    const pm_condition *read;

    if (from.count == 0)
        return fail(&from, from.when, "a condition is missing (write: when kind == cover)");
    read = read_any(&from);
    if (read == NULL || from.at == from.count)
        return read;
    return fail(&from, place(&from),
                "\"%.*s\" is not expected here (conditions are joined by and, or; values with "
                "spaces are put in quotes)",
                PM_FMT(place(&from)->text));
}
