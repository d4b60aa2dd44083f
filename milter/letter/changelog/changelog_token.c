/* SPDX-License-Identifier: BSD-2-Clause */
/* changelog_token - the words that headings of changelogs are made of; see changelog_token.h. */
#include "changelog_token.h"

#include "lines.h"

#define LOOKED_AT_MAX 200 /* bytes of a line: headings are short */
#define REVISION_MAX  999

/* Sorted. What is missing here is PM_TOKEN_OTHER, and ends a heading. */
static const struct known_word {
    const char *word;
    pm_token_kind kind;
} known_words[] = {
    {"a", PM_TOKEN_FILLER},
    {"added", PM_TOKEN_NEW},
    {"after", PM_TOKEN_SINCE},
    {"against", PM_TOKEN_SINCE},
    {"ago", PM_TOKEN_LINK},
    {"all", PM_TOKEN_FILLER},
    {"and", PM_TOKEN_AND},
    {"archive", PM_TOKEN_LINK},
    {"are", PM_TOKEN_FILLER},
    {"as", PM_TOKEN_LINK},
    {"at", PM_TOKEN_LINK},
    {"available", PM_TOKEN_LINK},
    {"be", PM_TOKEN_LINK},
    {"been", PM_TOKEN_FILLER},
    {"between", PM_TOKEN_SINCE},
    {"big", PM_TOKEN_FILLER},
    {"both", PM_TOKEN_FILLER},
    {"brief", PM_TOKEN_FILLER},
    {"call", PM_TOKEN_POSTING},
    {"can", PM_TOKEN_LINK},
    {"change", PM_TOKEN_CHANGES},
    {"changed", PM_TOKEN_CHANGES},
    {"changelist", PM_TOKEN_LOG},
    {"changelog", PM_TOKEN_LOG},
    {"changelogs", PM_TOKEN_LOG},
    {"changes", PM_TOKEN_CHANGES},
    {"changlog", PM_TOKEN_LOG},
    {"code", PM_TOKEN_FILLER},
    {"compared", PM_TOKEN_SINCE},
    {"could", PM_TOKEN_LINK},
    {"cover", PM_TOKEN_FILLER},
    {"delta", PM_TOKEN_CHANGES},
    {"deltas", PM_TOKEN_CHANGES},
    {"detailed", PM_TOKEN_FILLER},
    {"diff", PM_TOKEN_CHANGES},
    {"difference", PM_TOKEN_CHANGES},
    {"differences", PM_TOKEN_CHANGES},
    {"diffs", PM_TOKEN_CHANGES},
    {"discussion", PM_TOKEN_LINK},
    {"earlier", PM_TOKEN_LAST},
    {"few", PM_TOKEN_FILLER},
    {"find", PM_TOKEN_LINK},
    {"first", PM_TOKEN_LAST},
    {"fixed", PM_TOKEN_NEW},
    {"fixes", PM_TOKEN_NEW},
    {"for", PM_TOKEN_IN},
    {"former", PM_TOKEN_LAST},
    {"found", PM_TOKEN_LINK},
    {"four", PM_TOKEN_FILLER},
    {"from", PM_TOKEN_SINCE},
    {"full", PM_TOKEN_FILLER},
    {"functional", PM_TOKEN_FILLER},
    {"general", PM_TOKEN_FILLER},
    {"has", PM_TOKEN_LINK},
    {"have", PM_TOKEN_FILLER},
    {"here", PM_TOKEN_LINK},
    {"here's", PM_TOKEN_LINK},
    {"high", PM_TOKEN_FILLER},
    {"high-level", PM_TOKEN_FILLER},
    {"history", PM_TOKEN_LOG},
    {"i", PM_TOKEN_LINK},
    {"important", PM_TOKEN_FILLER},
    {"improvements", PM_TOKEN_CHANGES},
    {"in", PM_TOKEN_IN},
    {"initial", PM_TOKEN_LAST},
    {"initially", PM_TOKEN_LAST},
    {"is", PM_TOKEN_LINK},
    {"iteration", PM_TOKEN_VERSION},
    {"its", PM_TOKEN_FILLER},
    {"key", PM_TOKEN_FILLER},
    {"last", PM_TOKEN_LAST},
    {"latest", PM_TOKEN_LAST},
    {"letter", PM_TOKEN_FILLER},
    {"level", PM_TOKEN_FILLER},
    {"link", PM_TOKEN_LINK},
    {"links", PM_TOKEN_LINK},
    {"list", PM_TOKEN_FILLER},
    {"log", PM_TOKEN_LOG},
    {"logs", PM_TOKEN_LOG},
    {"lore", PM_TOKEN_LINK},
    {"made", PM_TOKEN_FILLER},
    {"main", PM_TOKEN_FILLER},
    {"major", PM_TOKEN_FILLER},
    {"may", PM_TOKEN_LINK},
    {"might", PM_TOKEN_LINK},
    {"minor", PM_TOKEN_FILLER},
    {"modification", PM_TOKEN_CHANGES},
    {"modifications", PM_TOKEN_CHANGES},
    {"more", PM_TOKEN_FILLER},
    {"my", PM_TOKEN_FILLER},
    {"new", PM_TOKEN_NEW},
    {"notable", PM_TOKEN_FILLER},
    {"of", PM_TOKEN_FILLER},
    {"old", PM_TOKEN_LAST},
    {"older", PM_TOKEN_LAST},
    {"on", PM_TOKEN_LINK},
    {"one", PM_TOKEN_FILLER},
    {"only", PM_TOKEN_FILLER},
    {"original", PM_TOKEN_LAST},
    {"originally", PM_TOKEN_LAST},
    {"other", PM_TOKEN_FILLER},
    {"our", PM_TOKEN_FILLER},
    {"over", PM_TOKEN_SINCE},
    {"overview", PM_TOKEN_FILLER},
    {"patch", PM_TOKEN_PATCH},
    {"patches", PM_TOKEN_PATCH},
    {"patchset", PM_TOKEN_PATCH},
    {"patchsets", PM_TOKEN_PATCH},
    {"patchwork", PM_TOKEN_LINK},
    {"post", PM_TOKEN_POSTING},
    {"posted", PM_TOKEN_LAST},
    {"posting", PM_TOKEN_POSTING},
    {"postings", PM_TOKEN_POSTING},
    {"preceding", PM_TOKEN_LAST},
    {"previous", PM_TOKEN_LAST},
    {"previously", PM_TOKEN_LAST},
    {"prior", PM_TOKEN_LAST},
    {"pull", PM_TOKEN_POSTING},
    {"read", PM_TOKEN_LINK},
    {"reference", PM_TOKEN_LINK},
    {"relative", PM_TOKEN_SINCE},
    {"request", PM_TOKEN_POSTING},
    {"resend", PM_TOKEN_POSTING},
    {"respect", PM_TOKEN_SINCE},
    {"respin", PM_TOKEN_VERSION},
    {"rev", PM_TOKEN_VERSION},
    {"revision", PM_TOKEN_VERSION},
    {"revisions", PM_TOKEN_POSTING},
    {"round", PM_TOKEN_VERSION},
    {"second", PM_TOKEN_FILLER},
    {"see", PM_TOKEN_LINK},
    {"sent", PM_TOKEN_LAST},
    {"series", PM_TOKEN_PATCH},
    {"set", PM_TOKEN_PATCH},
    {"several", PM_TOKEN_FILLER},
    {"short", PM_TOKEN_FILLER},
    {"significant", PM_TOKEN_FILLER},
    {"since", PM_TOKEN_SINCE},
    {"sine", PM_TOKEN_SINCE},
    {"small", PM_TOKEN_FILLER},
    {"some", PM_TOKEN_FILLER},
    {"spin", PM_TOKEN_POSTING},
    {"submission", PM_TOKEN_POSTING},
    {"submissions", PM_TOKEN_POSTING},
    {"submitted", PM_TOKEN_LAST},
    {"summary", PM_TOKEN_FILLER},
    {"take", PM_TOKEN_VERSION},
    {"that", PM_TOKEN_FILLER},
    {"the", PM_TOKEN_FILLER},
    {"there", PM_TOKEN_FILLER},
    {"this", PM_TOKEN_FILLER},
    {"thread", PM_TOKEN_LINK},
    {"three", PM_TOKEN_FILLER},
    {"time", PM_TOKEN_POSTING},
    {"to", PM_TOKEN_TO},
    {"two", PM_TOKEN_FILLER},
    {"update", PM_TOKEN_CHANGES},
    {"updated", PM_TOKEN_CHANGES},
    {"updates", PM_TOKEN_CHANGES},
    {"url", PM_TOKEN_LINK},
    {"ver", PM_TOKEN_VERSION},
    {"version", PM_TOKEN_VERSION},
    {"versions", PM_TOKEN_POSTING},
    {"versus", PM_TOKEN_SINCE},
    {"vs", PM_TOKEN_SINCE},
    {"was", PM_TOKEN_LINK},
    {"we", PM_TOKEN_LINK},
    {"week", PM_TOKEN_LINK},
    {"weeks", PM_TOKEN_LINK},
    {"were", PM_TOKEN_LINK},
    {"what", PM_TOKEN_FILLER},
    {"what's", PM_TOKEN_FILLER},
    {"which", PM_TOKEN_LINK},
    {"with", PM_TOKEN_FILLER},
    {"wrt", PM_TOKEN_SINCE},
    {"yesterday", PM_TOKEN_LINK},
    {"you", PM_TOKEN_LINK},
};

/* As strcmp, of word in lower case. */
static int compare_words(pm_slice word, const char *known)
{
    for (size_t i = 0; i < word.len; i++) {
        int order = pm_lower(word.data[i]) - known[i];

        if (order != 0)
            return order; /* also where known ends first */
    }
    return known[word.len] == '\0' ? 0 : -1;
}

static pm_token_kind look_up(pm_slice word)
{
    size_t from = 0, to = sizeof(known_words) / sizeof(known_words[0]);

    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = compare_words(word, known_words[middle].word);

        if (order == 0)
            return known_words[middle].kind;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return PM_TOKEN_OTHER;
}

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
    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
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
        token.kind = look_up(token.text);
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
    for (size_t i = 0; i < sizeof(known_marks) / sizeof(known_marks[0]); i++) {
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
