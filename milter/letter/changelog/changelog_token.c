/* SPDX-License-Identifier: BSD-2-Clause */
/* changelog_token - the words that headings of changelogs are made of; see changelog_token.h. */
#include "changelog_token.h"

#include "changelog_word.h"
#include "lines.h"
#include "phrases.h"

#define LOOKED_AT_MAX 200 /* bytes of a line: headings are short */
#define REVISION_MAX  999

/* "v3", "PATCHv3", "RFC", "RFC2", "RFCv2", "rev3", "v5.1": what is said, and the number. */
static pm_token_kind read_revision(pm_slice word, unsigned *number_out)
{
    static const struct {
        pm_slice word;
        pm_token_kind kind;
        bool alone; /* may stand without a number */
    } fronts[] = {
        {PM_LIT("v"), PM_TOKEN_REVISION, false},
        {PM_LIT("rfcpatchv"), PM_TOKEN_RFC, false},
        {PM_LIT("rfcv"), PM_TOKEN_RFC, false},
        {PM_LIT("rfc"), PM_TOKEN_RFC, true},
        {PM_LIT("rfcs"), PM_TOKEN_RFC, true},
        {PM_LIT("patchv"), PM_TOKEN_REVISION, false},
        {PM_LIT("patchsetv"), PM_TOKEN_REVISION, false},
        {PM_LIT("version"), PM_TOKEN_REVISION, false},
        {PM_LIT("ver"), PM_TOKEN_REVISION, false},
        {PM_LIT("rev"), PM_TOKEN_REVISION, false},
    };

    *number_out = 0;
    if (memchr("vrpVRP", word.data[0], 6) == NULL) /* most words */
        return PM_TOKEN_OTHER;
    for (size_t i = 0; i < PM_COUNT_OF(fronts); i++) {
        pm_slice rest = word;
        unsigned minor;

        if (!pm_take_nocase(&rest, fronts[i].word))
            continue;
        if (rest.len == 0 && fronts[i].alone)
            return fronts[i].kind;
        if (!pm_take_number(&rest, number_out) || *number_out > REVISION_MAX)
            continue;
        if (rest.len == 0)
            return fronts[i].kind;
        if (pm_take(&rest, PM_LIT(".")) && pm_take_number(&rest, &minor) && rest.len == 0)
            return PM_TOKEN_REROLL;
    }
    return PM_TOKEN_OTHER;
}

/* A letter of any language, but not the punctuation of Unicode, whose first byte is 0xe2. */
static bool is_word_byte(char c)
{
    return pm_is_alpha(c) || pm_is_digit(c) || c == '_' ||
           ((unsigned char)c >= 0x80 && (unsigned char)c != 0xe2);
}

/* Does something of a word go on at at: the rest of a name (high-level), a genitive, a release? */
static bool word_goes_on(pm_slice text, size_t at)
{
    char here = text.data[at], next = at + 1 < text.len ? text.data[at + 1] : ' ';

    if (is_word_byte(here))
        return true;
    if (here == '.' || here == '\'' || here == '@')
        return is_word_byte(next);
    /* v5.2-rc3 is a release, v2-v3 are two revisions */
    if (here != '-' || !pm_is_alpha(next) || at + 2 >= text.len)
        return false;
    return pm_lower(next) != 'v' || !pm_is_digit(text.data[at + 2]);
}

static pm_token read_word(pm_slice *rest)
{
    pm_token token = {.kind = PM_TOKEN_OTHER};
    pm_slice digits;
    size_t len = 1;

    while (len < rest->len && word_goes_on(*rest, len))
        len++;
    token.text = pm_slice_cut(*rest, 0, len);
    *rest = pm_slice_after(*rest, len);

    digits = token.text;
    if (pm_take_number(&digits, &token.number) && digits.len == 0) {
        token.kind = PM_TOKEN_NUMBER;
        return token;
    }
    token.kind = read_revision(token.text, &token.number);
    if (token.kind == PM_TOKEN_OTHER)
        token.kind = pm_token_word_kind(token.text);
    return token;
}

/* Marks that stand for themselves. The longest come first. */
static const struct known_mark {
    pm_slice text;
    pm_token_kind kind;
} known_marks[] = {
    {PM_LIT("<->"), PM_TOKEN_ARROW},
    {PM_LIT("\xe2\x86\x92"), PM_TOKEN_ARROW}, /* -> */
    {PM_LIT("\xe2\x87\x92"), PM_TOKEN_ARROW}, /* => */
    {PM_LIT("\xe2\x9e\xa1"), PM_TOKEN_ARROW},
    {PM_LIT("\xe2\x80\x93"), PM_TOKEN_DASH}, /* en and em dash */
    {PM_LIT("\xe2\x80\x94"), PM_TOKEN_DASH},
    {PM_LIT("\xe2\x80\xa6"), PM_TOKEN_ARROW}, /* an ellipsis in one character */
    {PM_LIT(":"), PM_TOKEN_COLON},
    {PM_LIT(";"), PM_TOKEN_STOP},
    {PM_LIT(","), PM_TOKEN_STOP},
    {PM_LIT("/"), PM_TOKEN_SLASH},
    {PM_LIT("("), PM_TOKEN_OPEN},
    {PM_LIT("["), PM_TOKEN_OPEN},
    {PM_LIT("<"), PM_TOKEN_OPEN},
    {PM_LIT("{"), PM_TOKEN_OPEN},
    {PM_LIT(")"), PM_TOKEN_CLOSE},
    {PM_LIT("]"), PM_TOKEN_CLOSE},
    {PM_LIT("}"), PM_TOKEN_CLOSE},
};

/* "-", "--", "->", "-->", "- >", "=>", "..", ".": runs of marks that mean an arrow, or do not. */
static bool read_run(pm_slice *rest, pm_token *token)
{
    char first = rest->data[0];
    size_t len = 0, after;

    if (first == '>') {
        token->kind = PM_TOKEN_CLOSE;
        len = 1;
        if (rest->len > 1 && rest->data[1] == '>')
            token->kind = PM_TOKEN_ARROW, len = 2;
    } else if (memchr("-=~.*#_|+", first, 9) != NULL) {
        while (len < rest->len && rest->data[len] == first)
            len++;
        after = len;
        while (after < rest->len && rest->data[after] == ' ' && after < len + 1)
            after++;
        if (first == '.')
            token->kind = len > 1 ? PM_TOKEN_ARROW : PM_TOKEN_STOP;
        else if (after < rest->len && rest->data[after] == '>' && strchr("-=~", first) != NULL) {
            token->kind = PM_TOKEN_ARROW;
            len = after + 1;
        } else {
            token->kind = first == '-' ? PM_TOKEN_DASH : PM_TOKEN_RULE;
        }
    }
    if (len == 0)
        return false;
    token->text = pm_slice_cut(*rest, 0, len);
    *rest = pm_slice_after(*rest, len);
    return true;
}

/* "[2]", "[*]" */
static bool read_footnote(pm_slice *rest, pm_token *token)
{
    pm_slice after = *rest;

    if (!pm_take(&after, PM_LIT("[")))
        return false;
    if (!pm_take(&after, PM_LIT("*")) && !pm_take_number(&after, &token->number))
        return false;
    if (!pm_take(&after, PM_LIT("]")))
        return false;
    token->kind = PM_TOKEN_FOOTNOTE;
    token->text = pm_slice_cut(*rest, 0, rest->len - after.len);
    *rest = after;
    return true;
}

static bool read_url(pm_slice *rest, pm_token *token)
{
    size_t len = 0;

    if (pm_lower(rest->data[0]) != 'h' || (!pm_slice_starts_nocase(*rest, PM_LIT("http://")) &&
                                           !pm_slice_starts_nocase(*rest, PM_LIT("https://"))))
        return false;
    while (len < rest->len && !pm_is_space(rest->data[len]))
        len++;
    token->kind = PM_TOKEN_URL;
    token->text = pm_slice_cut(*rest, 0, len);
    *rest = pm_slice_after(*rest, len);
    return true;
}

static bool read_mark(pm_slice *rest, pm_token *token)
{
    for (size_t i = 0; i < PM_COUNT_OF(known_marks); i++) {
        token->text = pm_slice_cut(*rest, 0, known_marks[i].text.len);
        if (pm_take(rest, known_marks[i].text)) {
            token->kind = known_marks[i].kind;
            return true;
        }
    }
    return false;
}

/* White space, and the no-break space that some mail clients write. */
static size_t blank_length(pm_slice text)
{
    size_t at = 0;

    for (;;) {
        if (at < text.len && pm_is_space(text.data[at]))
            at++;
        else if (at + 1 < text.len && text.data[at] == '\xc2' && text.data[at + 1] == '\xa0')
            at += 2;
        else
            return at;
    }
}

pm_token pm_token_next(pm_slice *rest)
{
    pm_token token = {.kind = PM_TOKEN_END, .text = PM_EMPTY};

    *rest = pm_slice_after(*rest, blank_length(*rest));
    if (rest->len == 0)
        return token;
    if (read_url(rest, &token))
        return token;
    if (pm_is_alpha(rest->data[0]) || pm_is_digit(rest->data[0]))
        return read_word(rest);
    if (read_footnote(rest, &token) || read_mark(rest, &token) || read_run(rest, &token))
        return token;
    return read_word(rest);
}

/* The length of what stands first in text and only decorates a line: a space, a bullet. ">" is
 * lines.h's. */
static size_t decoration_length(pm_slice text)
{
    switch (text.len == 0 ? '\0' : text.data[0]) {
    case ' ':
    case '\t':
    case '-':
    case '*':
    case '+':
    case '=':
    case '#':
    case '~':
    case '_':
    case '|':
    case '>':
        return 1;
    case 'o':
        return text.len > 1 && text.data[1] == ' ' ? 2 : 0;
    case '\xe2':
        return pm_slice_starts(text, PM_LIT("\xe2\x80\xa2")) ? 3 : 0; /* a round bullet */
    default:
        return 0;
    }
}

/* Behind what a list puts in front: "- ", "* ", "o ", "1. ", "2) ". */
static void skip_bullet(pm_slice *rest)
{
    pm_slice after;
    unsigned number;
    size_t len;

    while ((len = decoration_length(*rest)) > 0)
        *rest = pm_slice_after(*rest, len);
    after = *rest;
    if (pm_take_number(&after, &number) &&
        (pm_take(&after, PM_LIT(". ")) || pm_take(&after, PM_LIT(") "))))
        *rest = after;
}

/* Can nothing behind this token make the line a heading? Only between brackets any word may stand,
 * and a first one that begins with "c" may be "changes", misspelt. */
static bool ends_heading(const pm_token *token, unsigned before, int depth)
{
    if (token->kind != PM_TOKEN_OTHER || depth > 0)
        return false;
    return before > 0 || pm_lower(token->text.data[0]) != 'c';
}

void pm_token_line_read(pm_slice line, bool whole, pm_token_line *line_out)
{
    pm_slice rest = pm_slice_cut(line, 0, LOOKED_AT_MAX);
    pm_token *tokens = line_out->tokens;
    unsigned count = 0;
    int depth = 0;

    skip_bullet(&rest);
    while (count < PM_TOKENS_MAX - 1) {
        pm_token *token = &tokens[count];

        *token = pm_token_next(&rest);
        if (token->kind == PM_TOKEN_END)
            break;
        depth += (token->kind == PM_TOKEN_OPEN) - (token->kind == PM_TOKEN_CLOSE);
        count++;
        if (!whole && ends_heading(token, count - 1, depth))
            break;
    }
    tokens[count] = (pm_token){.kind = PM_TOKEN_END, .text = PM_EMPTY};
    line_out->count = count;
}
