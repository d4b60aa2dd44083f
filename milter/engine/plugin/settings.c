/* SPDX-License-Identifier: BSD-2-Clause */
/* settings - what a plugin sees of the configuration; see settings.h. */
#include "settings.h"

#include "strbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SENTENCE_LIMIT 1024

/* Declared in open(); each is a copy in the arena. */
typedef struct declarations {
    const pm_fact_decl *facts[PM_SETTINGS_DECLARED_MOST];
    const char *needs[PM_SETTINGS_DECLARED_MOST];
    size_t fact_count, need_count;
} declarations;

struct pm_settings {
    pm_arena *arena;
    pm_errors *errors;
    const pm_plugin *plugin;       /* whose they are */
    const pm_token *named;         /* where it is asked for; NULL: nowhere, or an inner block */
    const pm_statement *own;       /* the block; NULL: there is none */
    const pm_statement **children; /* what is in it, in order: the nth is found at once */
    size_t count;
    bool inner;              /* a block within the plugin's: no options are declared for it */
    const pm_statement *top; /* the top of everything; NULL for an inner block */
    declarations *declared;  /* NULL for an inner block */
};

/* ---- Looking up ---- */

static bool is_called(const pm_statement *statement, const char *name)
{
    return pm_slice_equal(statement->word.text, pm_slice_of(name));
}

/* The nth value of an option in the block, counted over all its statements. */
static const pm_token *find_value(const pm_settings *settings, const char *option, size_t nth)
{
    for (size_t i = 0; i < settings->count; i++) {
        const pm_statement *at = settings->children[i];

        if (at->has_block || !is_called(at, option))
            continue;
        if (nth < at->count)
            return &at->values[nth];
        nth -= at->count;
    }
    return NULL;
}

static const pm_option *find_option(const pm_settings *settings, pm_slice name)
{
    const pm_option *option = settings->inner ? NULL : settings->plugin->options;

    for (; option != NULL && option->name != NULL; option++) {
        if (pm_slice_equal(name, pm_slice_of(option->name)))
            return option;
    }
    return NULL;
}

/* The file that relative paths of the block count from, when nothing closer is known. */
static const char *file_of(const pm_settings *settings)
{
    if (settings->own != NULL)
        return settings->own->word.file;
    return settings->top == NULL ? "" : settings->top->word.file;
}

/* The file that a value was written in: what is included in a block counts from its own folder. */
static const char *file_of_value(const pm_settings *settings, pm_slice written)
{
    for (size_t i = 0; i < settings->count; i++) {
        const pm_statement *at = settings->children[i];

        if (at->word.text.data == written.data)
            return at->word.file;
        for (size_t j = 0; j < at->count; j++) {
            if (at->values[j].text.data == written.data)
                return at->values[j].file;
        }
    }
    return file_of(settings);
}

static pm_status resolve(pm_arena *arena, const char *file, pm_slice written, pm_slice *path_out)
{
    const char *beside = pm_syntax_beside(arena, file, written);
    char *here;

    if (written.len == 0 || pm_slice_find_byte(written, '\0') != PM_NOWHERE)
        return PM_FAULT;
    if (beside == NULL)
        return PM_LIMIT;
    if (beside[0] == '/') {
        *path_out = pm_slice_of(beside);
        return PM_OK;
    }
    here = getcwd(NULL, 0);
    if (here == NULL)
        return PM_FAULT;
    *path_out = pm_print(arena, "%s/%s", here, beside);
    free(here);
    return path_out->data == NULL ? PM_LIMIT : PM_OK;
}

/* ---- Checking ---- */

static void unknown_option(const pm_settings *settings, const pm_token *word)
{
    const pm_option *options = settings->plugin->options;
    const char *names[65] = {NULL};
    char before[128];

    for (size_t i = 0; i < 64 && options != NULL && options[i].name != NULL; i++)
        names[i] = options[i].name;
    snprintf(before, sizeof(before), "plugin %s has no option ", settings->plugin->name);
    pm_error_unknown(settings->errors, word, before, "", names, "see `patchmark plugin list`");
}

static void check_number(const pm_settings *settings, const pm_option *option,
                         const pm_token *value)
{
    int64_t number;
    pm_status status = pm_syntax_number(value->text, PM_UNITS_SIZE | PM_UNITS_TIME, &number);

    if (status == PM_ABSENT)
        pm_error_token(
            settings->errors, value,
            "\"%s\" wants a whole number, not \"%.*s\" (K M G or us ms s min h may stand "
            "behind it)",
            option->name, PM_FMT(value->text));
    else if (status != PM_OK || number < option->min || number > option->max)
        pm_error_token(settings->errors, value,
                       "\"%s\" is %.*s, but must be between %" PRId64 " and %" PRId64, option->name,
                       PM_FMT(value->text), option->min, option->max);
}

/* One statement of the plugin's block against the option it sets. */
static void check_statement(const pm_settings *settings, const pm_option *option,
                            const pm_statement *statement)
{
    const pm_token *word = &statement->word;

    if (option->type == PM_OPTION_BLOCK) {
        if (!statement->has_block)
            pm_error_token(settings->errors, word, "\"%s\" wants a block: %s { ... }", option->name,
                           option->name);
        return;
    }
    if (statement->has_block) {
        pm_error_token(settings->errors, word, "\"%s\" has no block (write: %s value)",
                       option->name, option->name);
        return;
    }
    for (size_t i = 0; i < statement->count; i++) {
        if (!pm_token_is_text(&statement->values[i])) {
            pm_error_token(settings->errors, &statement->values[i],
                           "\"%.*s\" is no value (put it between quotes)",
                           PM_FMT(statement->values[i].text));
            return;
        }
    }
    if (statement->count == 0) {
        pm_error_token(settings->errors, word, "\"%s\" wants a value", option->name);
        return;
    }
    if (option->type == PM_OPTION_TEXTS)
        return;
    if (statement->count > 1) {
        pm_error_token(settings->errors, &statement->values[1],
                       "\"%s\" wants one value (quote it when it has spaces)", option->name);
        return;
    }
    if (option->type == PM_OPTION_NUMBER)
        check_number(settings, option, &statement->values[0]);
    if (option->type == PM_OPTION_FILE && statement->values[0].text.len == 0)
        pm_error_token(settings->errors, &statement->values[0], "\"%s\" wants the name of a file",
                       option->name);
}

/* An option with one value must not be set again. */
static void check_once(const pm_settings *settings, const pm_option *option, size_t nth)
{
    if (option->type == PM_OPTION_TEXTS || option->type == PM_OPTION_BLOCK)
        return;
    for (size_t i = 0; i < nth; i++) {
        const pm_token *first = &settings->children[i]->word;

        if (!pm_slice_equal(first->text, pm_slice_of(option->name)))
            continue;
        pm_error_token(settings->errors, &settings->children[nth]->word,
                       "\"%s\" is set twice (the first time at %s:%u)", option->name, first->file,
                       first->line);
        return;
    }
}

static void check(const pm_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        const pm_statement *statement = settings->children[i];
        const pm_option *option = find_option(settings, statement->word.text);

        if (option == NULL) {
            unknown_option(settings, &statement->word);
            continue;
        }
        check_once(settings, option, i);
        check_statement(settings, option, statement);
    }
}

/* ---- From outside ---- */

/* NULL past the budget. */
static pm_settings *make(pm_arena *arena, const pm_plugin *plugin, const pm_statement *own,
                         pm_errors *errors)
{
    pm_settings *made = pm_alloc(arena, sizeof(*made));
    size_t count = 0;

    if (made == NULL)
        return NULL;
    for (const pm_statement *at = own == NULL ? NULL : own->children; at != NULL; at = at->next)
        count++;
    *made = (pm_settings){.arena = arena, .errors = errors, .plugin = plugin, .own = own};
    made->children = pm_alloc_array(arena, count, sizeof(pm_statement *));
    if (made->children == NULL)
        return NULL;
    for (const pm_statement *at = own == NULL ? NULL : own->children; at != NULL; at = at->next)
        made->children[made->count++] = at;
    return made;
}

pm_settings *pm_settings_new(pm_arena *arena, const pm_plugin *plugin, const pm_token *named,
                             const pm_statement *own, const pm_statement *top, pm_errors *errors)
{
    size_t before = pm_errors_count(errors);
    pm_settings *made = make(arena, plugin, own, errors);

    if (made == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for the settings of plugin %s", plugin->name);
        return NULL;
    }
    made->top = top;
    made->named = named;
    made->declared = pm_alloc(arena, sizeof(*made->declared));
    if (made->declared == NULL) {
        pm_error_at(errors, NULL, 0, 0, "no memory for the settings of plugin %s", plugin->name);
        return NULL;
    }
    made->declared->fact_count = made->declared->need_count = 0;
    check(made);
    return pm_errors_count(errors) > before ? NULL : made;
}

pm_status pm_settings_text(const pm_settings *settings, const char *option, unsigned nth,
                           pm_slice *value_out)
{
    const pm_option *declared = find_option(settings, pm_slice_of(option));
    const pm_token *value = find_value(settings, option, nth);
    const char *file = value == NULL ? file_of(settings) : value->file;

    if (value == NULL && (nth > 0 || declared == NULL || declared->fallback == NULL))
        return PM_ABSENT;
    *value_out = value == NULL ? pm_slice_of(declared->fallback) : value->text;
    if (declared != NULL && declared->type == PM_OPTION_FILE)
        return resolve(settings->arena, file, *value_out, value_out);
    return PM_OK;
}

pm_status pm_settings_number(const pm_settings *settings, const char *option, unsigned nth,
                             int64_t *value_out)
{
    pm_slice text;
    pm_status status = pm_settings_text(settings, option, nth, &text);

    if (status != PM_OK)
        return status;
    status = pm_syntax_number(text, PM_UNITS_SIZE | PM_UNITS_TIME, value_out);
    return status == PM_ABSENT ? PM_FAULT : status; /* there is a value, but not of this type */
}

static bool is_block(const pm_statement *statement, const char *word)
{
    return statement->has_block && is_called(statement, word);
}

/* The nth block of that name in the block itself; *nth is counted down. */
static const pm_statement *find_own_block(const pm_settings *settings, const char *word,
                                          unsigned *nth)
{
    for (size_t i = 0; i < settings->count; i++) {
        if (is_block(settings->children[i], word) && (*nth)-- == 0)
            return settings->children[i];
    }
    return NULL;
}

/* The same with those at the top around it, in the order they are written in. */
static const pm_statement *find_block(const pm_settings *settings, const char *word, unsigned nth)
{
    const pm_statement *found = NULL;

    if (settings->inner)
        return find_own_block(settings, word, &nth);
    for (const pm_statement *at = settings->top; at != NULL && found == NULL; at = at->next) {
        if (at == settings->own)
            found = find_own_block(settings, word, &nth);
        else if (is_block(at, word) && nth-- == 0)
            found = at;
    }
    return found;
}

pm_status pm_settings_block(const pm_settings *settings, const char *word, unsigned nth,
                            pm_slice *name_out, const pm_settings **block_out)
{
    const pm_statement *found = find_block(settings, word, nth);
    pm_settings *block;

    if (found == NULL)
        return PM_ABSENT;
    block = make(settings->arena, settings->plugin, found, settings->errors);
    if (block == NULL)
        return PM_LIMIT;
    block->inner = true;
    *name_out = found->count == 0 ? PM_EMPTY : found->values[0].text;
    *block_out = block;
    return PM_OK;
}

pm_status pm_settings_statement(const pm_settings *settings, unsigned nth, unsigned word,
                                pm_slice *value_out)
{
    const pm_statement *statement;

    if (nth >= settings->count)
        return PM_ABSENT;
    statement = settings->children[nth];
    if (word > statement->count)
        return PM_ABSENT;
    *value_out = word == 0 ? statement->word.text : statement->values[word - 1].text;
    return PM_OK;
}

pm_status pm_settings_path(const pm_settings *settings, pm_slice written, pm_slice *path_out)
{
    return resolve(settings->arena, file_of_value(settings, written), written, path_out);
}

void pm_settings_problem(const pm_settings *settings, const char *option, const char *format, ...)
{
    const pm_token *where = settings->own == NULL ? settings->named : &settings->own->word;
    pm_strbuf sentence;
    va_list args;

    for (size_t i = 0; option != NULL && i < settings->count; i++) {
        if (is_called(settings->children[i], option)) {
            where = &settings->children[i]->word;
            break;
        }
    }
    pm_strbuf_init(&sentence, SENTENCE_LIMIT);
    va_start(args, format);
    pm_strbuf_vprintf(&sentence, format, args);
    va_end(args);
    if (where != NULL)
        pm_error_token(settings->errors, where, "plugin %s: %.*s", settings->plugin->name,
                       PM_FMT(pm_strbuf_slice(&sentence)));
    else
        pm_error_at(settings->errors, NULL, 0, 0, "plugin %s: %.*s", settings->plugin->name,
                    PM_FMT(pm_strbuf_slice(&sentence)));
    pm_strbuf_free(&sentence);
}

/* ---- What the plugin declares ---- */

pm_status pm_settings_declare_fact(const pm_settings *settings, const pm_fact_decl *fact)
{
    declarations *to = settings->declared;
    pm_fact_decl *copy;

    if (to == NULL)
        return PM_FAULT;
    if (to->fact_count == PM_SETTINGS_DECLARED_MOST)
        return PM_LIMIT;
    copy = pm_alloc(settings->arena, sizeof(*copy));
    if (copy == NULL)
        return PM_LIMIT;
    *copy = (pm_fact_decl){.name = pm_copy(settings->arena, pm_slice_of(fact->name)).data,
                           .type = fact->type,
                           .meaning = pm_copy(settings->arena, pm_slice_of(fact->meaning)).data};
    if (copy->name == NULL || copy->meaning == NULL)
        return PM_LIMIT;
    to->facts[to->fact_count++] = copy;
    return PM_OK;
}

pm_status pm_settings_declare_need(const pm_settings *settings, const char *fact)
{
    declarations *to = settings->declared;
    const char *copy;

    if (to == NULL)
        return PM_FAULT;
    if (to->need_count == PM_SETTINGS_DECLARED_MOST)
        return PM_LIMIT;
    copy = pm_copy(settings->arena, pm_slice_of(fact)).data;
    if (copy == NULL)
        return PM_LIMIT;
    to->needs[to->need_count++] = copy;
    return PM_OK;
}

const pm_fact_decl *pm_settings_fact(const pm_settings *settings, size_t nth)
{
    return nth < settings->declared->fact_count ? settings->declared->facts[nth] : NULL;
}

const char *pm_settings_need(const pm_settings *settings, size_t nth)
{
    return nth < settings->declared->need_count ? settings->declared->needs[nth] : NULL;
}
