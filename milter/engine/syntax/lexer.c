/* SPDX-License-Identifier: BSD-2-Clause */
/* lexer - from the bytes of a configuration to its tokens; see lexer.h. */
#include "lexer.h"

static const char *const operators[] = {"==", "!=", "!~", "<=", ">=", "<", ">", "~", "(", ")", ","};

static bool ends_word(char c)
{
    return pm_is_space(c) || strchr("\"{}(),;", c) != NULL; /* NUL among them */
}

static unsigned column_of(const pm_lexer *from, size_t at)
{
    return (unsigned)(at - from->line_start + 1);
}

static pm_token token_at(const pm_lexer *from, pm_token_type type, size_t at)
{
    return (pm_token){.type = type,
                      .text = PM_EMPTY,
                      .flags = PM_EMPTY,
                      .file = from->file,
                      .line = from->line,
                      .column = column_of(from, at)};
}

/* Past blanks and comments, but not past the end of the line. */
static void skip_blanks(pm_lexer *from)
{
    while (from->at < from->text.len) {
        char c = from->text.data[from->at];

        if (c == '#') {
            size_t end = pm_slice_find_byte(pm_slice_after(from->text, from->at), '\n');
            from->at = end == PM_NOWHERE ? from->text.len : from->at + end;
        } else if (c != '\n' && pm_is_space(c)) {
            from->at++;
        } else {
            return;
        }
    }
}

static void pass_line_end(pm_lexer *from)
{
    from->at++;
    from->line++;
    from->line_start = from->at;
}

/* Where the line that `at` is in ends. */
static size_t line_end(const pm_lexer *from, size_t at)
{
    size_t end = pm_slice_find_byte(pm_slice_after(from->text, at), '\n');

    return end == PM_NOWHERE ? from->text.len : at + end;
}

static char unescaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case '"':
    case '\\':
        return c;
    default:
        return '\0';
    }
}

static pm_lexeme read_string(pm_lexer *from, pm_token *token_out)
{
    size_t start = from->at + 1, end = line_end(from, from->at), at;
    bool escapes = false;
    size_t len = 0;
    char *text;

    *token_out = token_at(from, PM_TOKEN_STRING, from->at);
    for (at = start; at < end && from->text.data[at] != '"'; at++) {
        if (from->text.data[at] != '\\' || at + 1 == end)
            continue;
        escapes = true;
        at++;
        if (unescaped(from->text.data[at]) == '\0') {
            pm_error_at(from->errors, from->file, from->line, column_of(from, at - 1),
                        "\"\\%c\" means nothing in a string (there are \\\" \\\\ \\n \\t; write "
                        "\\\\ for a backslash)",
                        from->text.data[at] > ' ' ? from->text.data[at] : '?');
        }
    }
    from->at = at < end ? at + 1 : end;
    if (at == end) {
        pm_error_token(from->errors, token_out,
                       "this string has no end (close it with \" in its line; \\n makes a new "
                       "line inside)");
        return PM_LEX_BAD;
    }
    token_out->text = (pm_slice){from->text.data + start, at - start};
    if (!escapes)
        return PM_LEX_TOKEN;
    text = pm_alloc(from->arena, at - start);
    if (text == NULL) {
        from->no_memory = true;
        return PM_LEX_BAD;
    }
    for (size_t i = start; i < at; i++) {
        bool escaped = from->text.data[i] == '\\';

        i += escaped;
        text[len++] = escaped ? unescaped(from->text.data[i]) : from->text.data[i];
    }
    token_out->text = (pm_slice){text, len};
    return PM_LEX_TOKEN;
}

static pm_lexeme read_pattern(pm_lexer *from, pm_token *token_out)
{
    size_t start = from->at + 1, end = line_end(from, from->at), at, flags;
    bool escapes = false;
    size_t len = 0;
    char *text;

    *token_out = token_at(from, PM_TOKEN_PATTERN, from->at);
    for (at = start; at < end && from->text.data[at] != '/'; at++) {
        if (from->text.data[at] == '\\' && at + 1 < end) {
            at++;
            escapes |= from->text.data[at] == '/';
        }
    }
    if (at >= end) {
        from->at = end;
        pm_error_token(from->errors, token_out,
                       "this pattern has no end (close it with / in its line; a / inside is "
                       "written \\/)");
        return PM_LEX_BAD;
    }
    token_out->text = (pm_slice){from->text.data + start, at - start};
    for (flags = at + 1; flags < end && pm_is_alpha(from->text.data[flags]);)
        flags++;
    token_out->flags = (pm_slice){from->text.data + at + 1, flags - at - 1};
    from->at = flags;
    if (!escapes)
        return PM_LEX_TOKEN;
    text = pm_alloc(from->arena, at - start);
    if (text == NULL) {
        from->no_memory = true;
        return PM_LEX_BAD;
    }
    for (size_t i = start; i < at; i++) {
        if (from->text.data[i] == '\\') {
            if (from->text.data[i + 1] != '/')
                text[len++] = '\\';
            i++;
        }
        text[len++] = from->text.data[i];
    }
    token_out->text = (pm_slice){text, len};
    return PM_LEX_TOKEN;
}

static bool read_operator(pm_lexer *from, pm_token *token_out)
{
    pm_slice rest = pm_slice_after(from->text, from->at);

    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        pm_slice op = pm_slice_of(operators[i]);

        if (!pm_slice_starts(rest, op))
            continue;
        *token_out = token_at(from, PM_TOKEN_OPERATOR, from->at);
        token_out->text = pm_slice_cut(rest, 0, op.len);
        from->at += op.len;
        return true;
    }
    return false;
}

static pm_lexeme read_word(pm_lexer *from, pm_token *token_out)
{
    size_t start = from->at;

    while (from->at < from->text.len && !ends_word(from->text.data[from->at]))
        from->at++;
    *token_out = token_at(from, PM_TOKEN_WORD, start);
    token_out->text = pm_slice_cut(from->text, start, from->at);
    if (pm_slice_equal(token_out->text, PM_LIT("=")) ||
        pm_slice_equal(token_out->text, PM_LIT("!"))) {
        pm_error_token(from->errors, token_out,
                       "\"%.*s\" is no operator (there are == != ~ !~ < <= > >=; a setting is "
                       "written without one: name value)",
                       PM_FMT(token_out->text));
        return PM_LEX_BAD;
    }
    return PM_LEX_TOKEN;
}

pm_lexeme pm_lexer_next(pm_lexer *from, const pm_token *before, pm_token *token_out)
{
    char c;

    skip_blanks(from);
    *token_out = token_at(from, PM_TOKEN_WORD, from->at);
    if (from->at == from->text.len)
        return PM_LEX_END;
    c = from->text.data[from->at];
    switch (c) {
    case '\n':
        pass_line_end(from);
        return PM_LEX_LINE_END;
    case ';':
        from->at++;
        return PM_LEX_SEMICOLON;
    case '{':
        from->at++;
        return PM_LEX_OPEN;
    case '}':
        from->at++;
        return PM_LEX_CLOSE;
    case '"':
        return read_string(from, token_out);
    case '/':
        if (pm_token_is_operator(before, "~") || pm_token_is_operator(before, "!~"))
            return read_pattern(from, token_out);
        break;
    default:
        break;
    }
    return read_operator(from, token_out) ? PM_LEX_TOKEN : read_word(from, token_out);
}

void pm_lexer_unread_close(pm_lexer *lexer)
{
    lexer->at--;
}

bool pm_lexer_goes_on(const pm_lexer *lexer)
{
    pm_lexer ahead = *lexer;
    size_t start;
    pm_slice word;

    do {
        skip_blanks(&ahead);
        if (ahead.at == ahead.text.len)
            return false;
        if (ahead.text.data[ahead.at] != '\n')
            break;
        pass_line_end(&ahead);
    } while (true);
    start = ahead.at;
    while (ahead.at < ahead.text.len && !ends_word(ahead.text.data[ahead.at]))
        ahead.at++;
    word = pm_slice_cut(ahead.text, start, ahead.at);
    return pm_slice_equal(word, PM_LIT("and")) || pm_slice_equal(word, PM_LIT("or"));
}

bool pm_lexer_skip_line(pm_lexer *lexer)
{
    lexer->at = line_end(lexer, lexer->at);
    return pm_slice_ends(pm_slice_trim_end(pm_slice_cut(lexer->text, lexer->line_start, lexer->at)),
                         PM_LIT("{"));
}
