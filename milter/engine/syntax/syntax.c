/* SPDX-License-Identifier: BSD-2-Clause */
/* syntax - the small language of configuration and rules, read into a tree; see syntax.h. */
#include "syntax.h"

#include "file.h"
#include "lexer.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>

#define MOST_BYTES    (16 * 1024 * 1024)
#define MOST_BLOCKS   32
#define MOST_INCLUDES 16
#define MOST_FILES    1000

/* What one reading of a file and all that it includes shares. */
typedef struct reading {
    pm_arena *arena;
    pm_errors *errors;
    size_t errors_before;
    bool no_memory;
    bool hopeless; /* no memory, or nothing sensible can be said about the rest */
    const char **files;
    size_t file_count, file_room;
    pm_token *values; /* of the statement being read; on the heap, copied when it is complete */
    size_t value_count, value_room;
} reading;

/* One text being read. */
typedef struct source {
    reading *all;
    const struct source *includer; /* NULL: the first one */
    bool on_disk;
    struct stat about; /* of a file on disk */
    pm_lexer lexer;
} source;

static void out_of_memory(reading *all)
{
    all->no_memory = true;
    all->hopeless = true;
}

static pm_lexeme read_lexeme(source *from, const pm_token *before, pm_token *token_out)
{
    pm_lexeme found = pm_lexer_next(&from->lexer, before, token_out);

    if (from->lexer.no_memory)
        out_of_memory(from->all);
    return found;
}

/* Can a statement not end behind this token? */
static bool wants_more(const pm_token *token)
{
    static const char *const words[] = {"and", "or", "not", "in", NULL};

    if (token->type == PM_TOKEN_OPERATOR)
        return !pm_token_is_operator(token, ")");
    for (size_t i = 0; words[i] != NULL; i++) {
        if (pm_token_is_word(token, words[i]))
            return true;
    }
    return false;
}

/* Where statements go: the block they are in, and the end of its list. */
typedef struct place {
    pm_statement *parent; /* NULL: the top */
    unsigned depth;
    pm_statement **end;
} place;

static void read_statements(source *from, const pm_token *opener, place *into);
static void read_include(source *from, const pm_statement *include, place *into);

static bool add_value(reading *all, const pm_token *token)
{
    if (all->value_count == all->value_room) {
        size_t room = all->value_room == 0 ? 64 : all->value_room * 2;
        pm_token *moved = reallocarray(all->values, room, sizeof(*moved));

        if (moved == NULL) {
            out_of_memory(all);
            return false;
        }
        all->values = moved;
        all->value_room = room;
    }
    all->values[all->value_count++] = *token;
    return true;
}

static pm_statement *new_statement(reading *all, const pm_token *word, pm_statement *parent)
{
    pm_statement *made = pm_alloc(all->arena, sizeof(*made));

    if (made == NULL) {
        out_of_memory(all);
        return NULL;
    }
    made->word = *word;
    made->parent = parent;
    return made;
}

/* Move the collected values into the statement. */
static bool take_values(reading *all, pm_statement *statement)
{
    statement->count = all->value_count;
    all->value_count = 0;
    if (statement->count == 0)
        return true;
    statement->values = pm_alloc_array(all->arena, statement->count, sizeof(pm_token));
    if (statement->values == NULL) {
        out_of_memory(all);
        return false;
    }
    memcpy(statement->values, all->values, statement->count * sizeof(pm_token));
    return true;
}

/* The parentheses that are open. */
typedef struct parentheses {
    pm_token opened[MOST_BLOCKS];
    size_t count;
} parentheses;

/* False after an error: it does not fit to those before it. */
static bool count_parenthesis(parentheses *open, const pm_token *token, pm_errors *errors)
{
    if (pm_token_is_operator(token, "(")) {
        if (open->count == MOST_BLOCKS) {
            pm_error_token(errors, token,
                           "parentheses within parentheses, %d deep (make two rules of it)",
                           MOST_BLOCKS);
            return false;
        }
        open->opened[open->count++] = *token;
    } else if (pm_token_is_operator(token, ")")) {
        if (open->count == 0) {
            pm_error_token(errors, token, "no ( is open for this ) to close");
            return false;
        }
        open->count--;
    }
    return true;
}

/* The values of a statement, up to what ends it; that is left in *end_out. False without memory. */
static bool read_values(source *from, const pm_token *word, pm_lexeme *end_out)
{
    reading *all = from->all;
    parentheses open = {.count = 0};
    pm_token before = *word, token;
    bool more = false; /* the token before wants another one */
    pm_lexeme next;

    all->value_count = 0;
    for (;;) {
        next = read_lexeme(from, &before, &token);
        if (next == PM_LEX_LINE_END && (open.count > 0 || more || pm_lexer_goes_on(&from->lexer)))
            continue;
        if (next != PM_LEX_TOKEN)
            break;
        if (!add_value(all, &token))
            return false;
        if (!count_parenthesis(&open, &token, all->errors)) {
            *end_out = PM_LEX_BAD;
            return true;
        }
        more = wants_more(&token);
        before = token;
    }
    if (open.count > 0 && next != PM_LEX_BAD)
        pm_error_token(all->errors, &open.opened[open.count - 1], "this ( is not closed");
    *end_out = next;
    return true;
}

static void read_block(source *from, pm_statement *statement, const place *around)
{
    place within = {statement, around->depth + 1, &statement->children};

    statement->has_block = true;
    if (within.depth > MOST_BLOCKS) {
        pm_error_token(from->all->errors, &statement->word, "blocks within blocks, more than %d",
                       MOST_BLOCKS);
        from->all->hopeless = true;
        return;
    }
    read_statements(from, &statement->word, &within);
}

static void read_statement(source *from, const pm_token *word, place *into)
{
    reading *all = from->all;
    pm_statement *made = new_statement(all, word, into->parent);
    pm_lexeme end;

    if (made == NULL || !read_values(from, word, &end) || !take_values(all, made))
        return;
    /* The block of a line with a mistake is read as if all were well: one mistake, one error. */
    if (end == PM_LEX_BAD && pm_lexer_skip_line(&from->lexer))
        end = PM_LEX_OPEN;
    if (end == PM_LEX_OPEN)
        read_block(from, made, into);
    if (end == PM_LEX_CLOSE)
        pm_lexer_unread_close(&from->lexer); /* it closes the block around */
    if (end != PM_LEX_BAD && pm_token_is_word(word, "include") && !made->has_block) {
        read_include(from, made, into);
        return;
    }
    *into->end = made;
    into->end = &made->next;
}

/* Statements up to the end of the block that opener begins (NULL: of the text). */
static void read_statements(source *from, const pm_token *opener, place *into)
{
    reading *all = from->all;
    pm_statement *orphan;
    pm_token token;

    while (!all->hopeless) {
        switch (read_lexeme(from, NULL, &token)) {
        case PM_LEX_TOKEN:
            if (token.type != PM_TOKEN_OPERATOR) {
                read_statement(from, &token, into);
                continue;
            }
            pm_error_token(all->errors, &token, "a statement begins with a word, not with \"%.*s\"",
                           PM_FMT(token.text));
            pm_lexer_skip_line(&from->lexer);
            continue;
        case PM_LEX_OPEN:
            pm_error_token(all->errors, &token,
                           "a block belongs to a statement (put the { at the end of its line)");
            orphan = new_statement(all, &token, into->parent);
            if (orphan != NULL)
                read_block(from, orphan, into); /* its } must not be taken for another's */
            continue;
        case PM_LEX_CLOSE:
            if (opener != NULL)
                return;
            pm_error_token(all->errors, &token, "no block is open for this } to close");
            continue;
        case PM_LEX_END:
            if (opener != NULL)
                pm_error_token(all->errors, opener, "the block of \"%.*s\" is not closed",
                               PM_FMT(opener->text));
            return;
        case PM_LEX_BAD:
            pm_lexer_skip_line(&from->lexer);
            continue;
        case PM_LEX_LINE_END:
        case PM_LEX_SEMICOLON:
            continue;
        }
    }
}

/* A text file: UTF-8, no NUL. Says so once, where it is not. */
static bool check_text(source *from)
{
    pm_slice rest = from->lexer.text, line;
    unsigned number = 1;

    if (pm_slice_is_utf8(from->lexer.text) &&
        pm_slice_find_byte(from->lexer.text, '\0') == PM_NOWHERE)
        return true;
    for (; pm_slice_next_line(&rest, &line); number++) {
        if (pm_slice_find_byte(line, '\0') != PM_NOWHERE) {
            pm_error_at(from->all->errors, from->lexer.file, number, 0,
                        "there is a NUL byte in this line (is this a text file?)");
            return false;
        }
        if (!pm_slice_is_utf8(line))
            break;
    }
    pm_error_at(from->all->errors, from->lexer.file, number, 0,
                "this line is not UTF-8 (convert the file; in a pattern, \\xE9 is a byte)");
    return false;
}

static void read_text(source *from, place *into)
{
    pm_slice *text = &from->lexer.text;

    if (pm_slice_starts(*text, PM_LIT("\xEF\xBB\xBF")))
        *text = pm_slice_after(*text, 3);
    if (check_text(from))
        read_statements(from, NULL, into);
}

/* ---- Files ---- */

static bool note_file(reading *all, const char *file)
{
    if (pm_grow(all->arena, &all->files, &all->file_room, all->file_count, sizeof(*all->files)) !=
        PM_OK) {
        out_of_memory(all);
        return false;
    }
    all->files[all->file_count++] = file;
    return true;
}

/* An error about file, at the token that names it or, without one, about the file itself. */
static void file_error(pm_errors *errors, const pm_token *where, const char *file, const char *what)
{
    if (where != NULL)
        pm_error_token(errors, where, "%s: %s", file, what);
    else
        pm_error_at(errors, file, 0, 0, "%s", what);
}

static const char *file_problem(int why)
{
    switch (why) {
    case EISDIR:
    case EINVAL:
        return "is no file (name a file, a glob like \"rules/*.rules\" or, with a / at its end, a "
               "folder)";
    case EFBIG:
        return "is larger than 16 MiB: surely not meant";
    case ENOMEM:
        return "no memory left to read it";
    default:
        return strerror(why);
    }
}

pm_status pm_syntax_slurp(pm_arena *arena, const char *file, const pm_token *where,
                          pm_errors *errors, pm_slice *bytes_out)
{
    struct stat about;
    const int why = pm_file_read(arena, file, MOST_BYTES, bytes_out, &about);

    if (why == 0)
        return PM_OK;
    file_error(errors, where, file, file_problem(why));
    return why == ENOMEM ? PM_LIMIT : PM_FAULT;
}

const char *pm_syntax_beside(pm_arena *arena, const char *file, pm_slice written)
{
    const char *slash = strrchr(file, '/');
    int folder = slash == NULL ? 0 : (int)(slash - file) + 1;

    if (pm_slice_starts(written, PM_LIT("/")))
        folder = 0;
    return pm_print(arena, "%.*s%.*s", folder, file, PM_FMT(written)).data;
}

static void read_file(reading *all, const source *includer, const pm_token *include,
                      const char *file, place *into)
{
    source from = {.all = all,
                   .includer = includer,
                   .on_disk = true,
                   .lexer = {all->arena, all->errors, file, .text = PM_EMPTY, .line = 1}};
    unsigned includes = 0;
    int why;

    if (all->file_count == MOST_FILES) {
        file_error(all->errors, include, file, "is one file more than 1,000: surely not meant");
        all->hopeless = true;
        return;
    }
    why = pm_file_read(all->arena, file, MOST_BYTES, &from.lexer.text, &from.about);
    if (why != 0) {
        file_error(all->errors, include, file, file_problem(why));
        return;
    }
    for (const source *at = includer; at != NULL; at = at->includer, includes++) {
        if (at->on_disk && at->about.st_dev == from.about.st_dev &&
            at->about.st_ino == from.about.st_ino) {
            file_error(all->errors, include, file,
                       "includes itself, by way of this line (leave it out)");
            return;
        }
    }
    if (includes > MOST_INCLUDES) {
        file_error(all->errors, include, file, "files that include files, more than 16 deep");
        return;
    }
    if (note_file(all, file))
        read_text(&from, into);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* glob(3) passes over a folder that it cannot read, and a folder is easily misspelt: without a word
 * all rules would be gone. That a folder is there and empty is nobody's mistake. */
static void look_at_folder(const reading *all, const pm_token *value, const char *path)
{
    const pm_slice folder =
        pm_slice_cut(pm_slice_of(path), 0, pm_slice_find_last(pm_slice_of(path), PM_LIT("/")));
    const char *name = pm_copy(all->arena, folder).data;
    DIR *opened;

    if (folder.len == 0 || folder.len == strlen(path) || name == NULL ||
        strpbrk(name, "*?[") != NULL)
        return;
    opened = opendir(name);
    if (opened != NULL)
        closedir(opened);
    else if (errno == ENOENT)
        pm_warning_token(all->errors, value,
                         "there is no folder %s, so nothing is included (make it, or leave this "
                         "out)",
                         name);
    else
        file_error(all->errors, value, name, strerror(errno));
}

static void read_glob(source *from, const pm_token *value, const char *path, place *into)
{
    reading *all = from->all;
    glob_t found = {.gl_pathc = 0};
    int status = glob(path, GLOB_NOSORT, NULL, &found);

    look_at_folder(all, value, path);

    if (status == GLOB_NOSPACE)
        out_of_memory(all);
    /* By bytes: the order must not change with the locale. */
    if (status == 0)
        qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), by_name);
    for (size_t i = 0; status == 0 && i < found.gl_pathc && !all->hopeless; i++) {
        const char *file = pm_copy(all->arena, pm_slice_of(found.gl_pathv[i])).data;

        if (file == NULL)
            out_of_memory(all);
        else
            read_file(all, from, value, file, into);
    }
    globfree(&found);
}

/* include "folder/": all *.rules in it. What is named must be there. */
static void read_folder(source *from, const pm_token *value, const char *path, place *into)
{
    reading *all = from->all;
    const char *glob = pm_print(all->arena, "%s*.rules", path).data;
    struct stat about;

    if (glob == NULL)
        out_of_memory(all);
    else if (stat(path, &about) != 0)
        file_error(all->errors, value, path, strerror(errno));
    else
        read_glob(from, value, glob, into);
}

static void read_include(source *from, const pm_statement *include, place *into)
{
    reading *all = from->all;

    if (include->count == 0)
        pm_error_token(all->errors, &include->word,
                       "include wants a file, a glob or a folder: include \"rules/*.rules\"");
    for (size_t i = 0; i < include->count && !all->hopeless; i++) {
        const pm_token *value = &include->values[i];
        const char *path;

        if (value->type == PM_TOKEN_OPERATOR || value->type == PM_TOKEN_PATTERN ||
            value->text.len == 0) {
            pm_error_token(all->errors, value, "include wants a file or a glob");
            return;
        }
        path = pm_syntax_beside(all->arena, from->lexer.file, value->text);
        if (path == NULL)
            out_of_memory(all);
        else if (path[strlen(path) - 1] == '/')
            read_folder(from, value, path, into);
        else if (strpbrk(path, "*?[") != NULL)
            read_glob(from, value, path, into);
        else
            read_file(all, from, value, path, into);
    }
}

/* ---- Tokens ---- */

static bool is_token(const pm_token *token, pm_token_type type, const char *text)
{
    return token != NULL && token->type == type && pm_slice_equal(token->text, pm_slice_of(text));
}

bool pm_token_is_word(const pm_token *token, const char *text)
{
    return is_token(token, PM_TOKEN_WORD, text);
}

bool pm_token_is_operator(const pm_token *token, const char *text)
{
    return is_token(token, PM_TOKEN_OPERATOR, text);
}

void pm_error_unknown(pm_errors *errors, const pm_token *token, const char *before,
                      const char *behind, const char *const *names, const char *otherwise)
{
    const char *near = pm_nearest(token->text, names);

    if (near != NULL)
        pm_error_token(errors, token, "%s\"%.*s\"%s (did you mean \"%s\"?)", before,
                       PM_FMT(token->text), behind, near);
    else
        pm_error_token(errors, token, "%s\"%.*s\"%s (%s)", before, PM_FMT(token->text), behind,
                       otherwise);
}

/* ---- Values ---- */

pm_status pm_syntax_number(pm_slice text, unsigned units, int64_t *number_out)
{
    static const struct {
        const char *name;
        unsigned of;
        int64_t times;
    } known[] = {
        {"K", PM_UNITS_SIZE, 1024},
        {"M", PM_UNITS_SIZE, 1024 * 1024},
        {"G", PM_UNITS_SIZE, 1024 * 1024 * 1024},
        {"us", PM_UNITS_TIME, 1},
        {"ms", PM_UNITS_TIME, 1000},
        {"s", PM_UNITS_TIME, 1000 * 1000},
        {"min", PM_UNITS_TIME, 60 * 1000 * 1000},
        {"h", PM_UNITS_TIME, INT64_C(3600) * 1000 * 1000},
        {"d", PM_UNITS_AGE, INT64_C(86400) * 1000 * 1000},
        {"y", PM_UNITS_AGE, INT64_C(365) * 86400 * 1000 * 1000},
    };
    int64_t number, times = 1, product;
    pm_slice unit;
    pm_status status;
    size_t end = text.len;

    while (end > 0 && pm_is_alpha(text.data[end - 1]))
        end--;
    unit = pm_slice_after(text, end);
    if (unit.len > 0) {
        times = 0;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
            if ((known[i].of & units) != 0 && pm_slice_equal(unit, pm_slice_of(known[i].name)))
                times = known[i].times;
        }
        if (times == 0)
            return PM_ABSENT;
    }
    status = pm_slice_to_int(pm_slice_cut(text, 0, end), &number);
    if (status != PM_OK)
        return status;
    if (__builtin_mul_overflow(number, times, &product))
        return PM_LIMIT;
    *number_out = product;
    return PM_OK;
}

bool pm_syntax_is_slug(pm_slice text)
{
    if (text.len == 0 || text.len > PM_SLUG_MOST || text.data[0] == '.' || text.data[0] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (!(c >= 'a' && c <= 'z') && !pm_is_digit(c) && c != '.' && c != '-')
            return false;
    }
    return true;
}

/* ---- From outside ---- */

static pm_status finish(reading *all, const char *file, const char *const **files_out)
{
    free(all->values);
    if (files_out != NULL && !all->no_memory && note_file(all, NULL))
        *files_out = all->files;
    if (all->no_memory)
        pm_error_at(all->errors, file, 0, 0, "no memory to read it");
    if (all->no_memory || all->errors == NULL || pm_errors_count(all->errors) > all->errors_before)
        return PM_FAULT;
    return PM_OK;
}

pm_status pm_syntax_read(pm_arena *arena, const char *file, pm_errors *errors,
                         pm_statement **statements_out, const char *const **files_out)
{
    reading all = {.arena = arena, .errors = errors, .errors_before = pm_errors_count(errors)};
    place top = {NULL, 0, statements_out};
    const char *name = pm_copy(arena, pm_slice_of(file)).data;

    *statements_out = NULL;
    if (name == NULL)
        out_of_memory(&all);
    else
        read_file(&all, NULL, NULL, name, &top);
    return finish(&all, file, files_out);
}

pm_status pm_syntax_parse(pm_arena *arena, const char *file, pm_slice text, pm_errors *errors,
                          pm_statement **statements_out)
{
    reading all = {.arena = arena, .errors = errors, .errors_before = pm_errors_count(errors)};
    place top = {NULL, 0, statements_out};
    source from = {.all = &all, .lexer = {arena, errors, .text = text, .line = 1}};

    *statements_out = NULL;
    from.lexer.file = pm_copy(arena, pm_slice_of(file)).data;
    if (from.lexer.file == NULL)
        out_of_memory(&all);
    else if (text.len > MOST_BYTES)
        pm_error_at(errors, file, 0, 0, "larger than 16 MiB: surely not meant");
    else
        read_text(&from, &top);
    return finish(&all, file, NULL);
}
