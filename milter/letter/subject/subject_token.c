/* SPDX-License-Identifier: BSD-2-Clause */
/* subject_token - the tokens of a subject's brackets; see subject_token.h. */
#include "subject_token.h"

#include "lines.h"
#include "subject.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Words with a meaning, compared without case. A word without flags means nothing by itself, but
 * says that its bracket is a patch prefix and no list tag. */
static const struct {
    pm_slice text;
    unsigned flags;
} words[] = {
    {PM_LIT("patch"), PM_SUBJECT_PATCH},
    {PM_LIT("patches"), PM_SUBJECT_PATCH},
    {PM_LIT("patchset"), PM_SUBJECT_PATCH},
    {PM_LIT("patch-set"), PM_SUBJECT_PATCH},
    {PM_LIT("patchseries"), PM_SUBJECT_PATCH},
    {PM_LIT("rfc"), PM_SUBJECT_RFC},
    {PM_LIT("rfcpatch"), PM_SUBJECT_RFC | PM_SUBJECT_PATCH},
    {PM_LIT("rft"), PM_SUBJECT_RFT},
    {PM_LIT("resend"), PM_SUBJECT_RESEND},
    {PM_LIT("re-send"), PM_SUBJECT_RESEND},
    {PM_LIT("resent"), PM_SUBJECT_RESEND},
    {PM_LIT("re-sent"), PM_SUBJECT_RESEND},
    {PM_LIT("resending"), PM_SUBJECT_RESEND},
    {PM_LIT("repost"), PM_SUBJECT_RESEND},
    {PM_LIT("re-post"), PM_SUBJECT_RESEND},
    {PM_LIT("reposted"), PM_SUBJECT_RESEND},
    {PM_LIT("reposting"), PM_SUBJECT_RESEND},
    {PM_LIT("pull"), PM_SUBJECT_PULL},
    {PM_LIT("pull-request"), PM_SUBJECT_PULL},
    {PM_LIT("pullreq"), PM_SUBJECT_PULL},
    {PM_LIT("pullrequest"), PM_SUBJECT_PULL},
    {PM_LIT("git-pull"), PM_SUBJECT_PULL},
    {PM_LIT("gitpull"), PM_SUBJECT_PULL},
    {PM_LIT("autosel"), PM_SUBJECT_STABLE},
    {PM_LIT("backport"), PM_SUBJECT_STABLE},
    {PM_LIT("backports"), PM_SUBJECT_STABLE},
    {PM_LIT("stable"), PM_SUBJECT_STABLE},
    {PM_LIT("-stable"), PM_SUBJECT_STABLE},
    {PM_LIT("stable-rc"), PM_SUBJECT_STABLE},
    {PM_LIT("committed"), PM_SUBJECT_COMMITTED},
    {PM_LIT("commited"), PM_SUBJECT_COMMITTED},
    {PM_LIT("applied"), PM_SUBJECT_COMMITTED},
    {PM_LIT("pushed"), PM_SUBJECT_COMMITTED},
    {PM_LIT("merged"), PM_SUBJECT_COMMITTED},
    {PM_LIT("commit"), PM_SUBJECT_COMMITTED},
    {PM_LIT("syzbot"), PM_SUBJECT_BOT},
    {PM_LIT("syzkaller"), PM_SUBJECT_BOT},
    {PM_LIT("ping"), 0},
    {PM_LIT("rfa"), 0}, /* for approval */
    {PM_LIT("wip"), 0},
};

/* What a branch for old releases is called somewhere in its name: for-stable-5.10, 6.1-stable. */
static const pm_slice stable_names[] = {PM_LIT("stable"), PM_LIT("autosel"), PM_LIT("backport"),
                                        PM_LIT("backports"), PM_LIT("lts")};

/* Words that say that a revision's number follows, glued or as the next token. */
static const pm_slice introducers[] = {
    PM_LIT("version"), PM_LIT("revision"), PM_LIT("ver."), PM_LIT("ver"),
    PM_LIT("rev."),    PM_LIT("rev"),      PM_LIT("take"), PM_LIT("try"),
    PM_LIT("v."),      PM_LIT("v"),        PM_LIT("#"),
};

static bool is_separator(char c)
{
    return pm_is_space(c) || c == ',' || c == ';' || c == '|' || c == '[' || c == ']';
}

bool pm_subject_token_next(pm_slice *rest, pm_slice *raw_out)
{
    size_t from = 0, to;

    while (from < rest->len && is_separator(rest->data[from]))
        from++;
    for (to = from; to < rest->len && !is_separator(rest->data[to]);)
        to++;
    *raw_out = pm_slice_cut(*rest, from, to);
    *rest = pm_slice_after(*rest, to);
    return raw_out->len > 0;
}

/* raw without punctuation around it. A dash in front stays: "-next" is a tree's name. */
static pm_slice strip(pm_slice raw)
{
    while (raw.len > 0 && memchr("({<\"'*`:=", raw.data[0], 9) != NULL)
        raw = pm_slice_after(raw, 1);
    while (raw.len > 0 && memchr(")}>\"'*`:.!?", raw.data[raw.len - 1], 11) != NULL)
        raw.len--;
    return raw;
}

static size_t count_digits(pm_slice text)
{
    size_t at = 0;

    while (at < text.len && pm_is_digit(text.data[at]))
        at++;
    return at;
}

/* A number of at most limit digits off the front of rest. */
static bool take_digits(pm_slice *rest, size_t limit, unsigned *number_out)
{
    size_t digits = count_digits(*rest);

    return digits > 0 && digits <= limit && pm_take_number(rest, number_out);
}

/* ---- Revisions ------------------------------------------------------------------------------- */

/* "2", "2.1", "4a": what may follow "v". Four digits are a year, two after the dot a kernel. */
static bool read_revision_number(pm_slice text, pm_subject_token *token)
{
    unsigned minor;

    if (!take_digits(&text, 3, &token->revision))
        return false;
    token->reroll = 0;
    token->dotted = text.len > 1 && text.data[0] == '.';
    if (token->dotted) {
        text = pm_slice_after(text, 1);
        if (!take_digits(&text, 1, &minor))
            return false;
        token->reroll = minor;
    } else if (text.len == 1 && pm_is_alpha(text.data[0])) {
        text.len = 0; /* v4a: v4 once more, with something mended */
    }
    return text.len == 0;
}

static bool read_revision(pm_slice text, pm_subject_token *token)
{
    if (text.len > 0 && text.data[0] == '-')
        text = pm_slice_after(text, 1);
    for (size_t i = 0; i < COUNT_OF(introducers); i++) {
        pm_slice number = text;

        if (!pm_take_nocase(&number, introducers[i]))
            continue;
        pm_take(&number, PM_LIT("#"));
        if (read_revision_number(number, token)) {
            token->kind = PM_SUBJECT_TOKEN_REVISION;
            return true;
        }
    }
    return false;
}

/* ---- n/m ------------------------------------------------------------------------------------- */

/* "12" of "3/12"; also "n", "N", "x", "X" for a number not known yet, and fractions, which are
 * jokes. */
static bool read_total(pm_slice text, int *total_out)
{
    unsigned total;

    *total_out = -1;
    if (text.len == 1 && memchr("nNxXmM?", text.data[0], 7) != NULL)
        return true;
    if (!take_digits(&text, 4, &total))
        return false;
    if (text.len == 0)
        *total_out = (int)total;
    return text.len == 0 || (text.data[0] == '.' && text.len > 1 &&
                             count_digits(pm_slice_after(text, 1)) + 1 == text.len);
}

/* "3" of "3/12"; also "01-A", "3a" and "3.5", a patch put in between. */
static bool read_part(pm_slice text, int *part_out)
{
    unsigned part;

    if (!take_digits(&text, 4, &part))
        return false;
    *part_out = (int)part;
    if (text.len == 2 && text.data[0] == '.')
        return pm_is_digit(text.data[1]);
    if (text.len == 2 && text.data[0] == '-')
        text = pm_slice_after(text, 1);
    return text.len == 0 || (text.len == 1 && pm_is_alpha(text.data[0]));
}

/* "3/12", "#3/12", "3of12". */
static bool read_count(pm_slice text, pm_subject_token *token)
{
    size_t slash, width = 1, fraction;

    pm_take(&text, PM_LIT("#"));
    slash = pm_slice_find_byte(text, '/');
    if (slash == PM_NOWHERE) {
        slash = pm_slice_find_nocase(text, PM_LIT("of"));
        width = 2;
    }
    if (slash == PM_NOWHERE || !read_part(pm_slice_cut(text, 0, slash), &token->part) ||
        !read_total(pm_slice_after(text, slash + width), &token->total))
        return false;
    fraction = pm_slice_find_byte(text, '.');
    if (fraction < slash && token->total < 0)
        return false; /* "4.4/4.9" are two kernels */
    token->kind = PM_SUBJECT_TOKEN_COUNT;
    return true;
}

/* "v20/4", which is v2 and 0/4 glued together: the part is as wide as the total, as git writes it.
 */
static bool split_revision_count(pm_slice text, pm_slice *revision_out, pm_slice *count_out)
{
    size_t slash = pm_slice_find_byte(text, '/'), width;
    pm_subject_token token;

    if (slash == PM_NOWHERE || text.len == 0 || pm_lower(text.data[0]) != 'v')
        return false;
    width = text.len - slash - 1;
    if (slash < width + 2)
        return false;
    *revision_out = pm_slice_cut(text, 0, slash - width);
    *count_out = pm_slice_after(text, slash - width);
    return read_revision(*revision_out, &token) && read_count(*count_out, &token);
}

/* ---- Versions of kernels and branches -------------------------------------------------------- */

/* "5.10", "v5.13-rc1", "6.1.y", "2019.04": at least one dot, numbers but for a last x or y. */
static bool is_version(pm_slice text)
{
    unsigned number;
    size_t dots = 0;

    if (text.len > 0 && pm_lower(text.data[0]) == 'v')
        text = pm_slice_after(text, 1);
    if (!take_digits(&text, 4, &number))
        return false;
    while (text.len > 1 && text.data[0] == '.') {
        text = pm_slice_after(text, 1);
        dots++;
        if (pm_lower(text.data[0]) == 'x' || pm_lower(text.data[0]) == 'y')
            text = pm_slice_after(text, 1);
        else if (!take_digits(&text, 4, &number))
            return false;
    }
    return dots > 0 &&
           (text.len == 0 || text.data[0] == '-' || pm_slice_starts_nocase(text, PM_LIT("rc")) ||
            pm_slice_equal(text, PM_LIT("+")));
}

/* Versions with slashes between them: "4.19/5.4/5.10". */
static bool are_versions(pm_slice text)
{
    size_t slash;

    while ((slash = pm_slice_find_byte(text, '/')) != PM_NOWHERE) {
        if (!is_version(pm_slice_cut(text, 0, slash)))
            return false;
        text = pm_slice_after(text, slash + 1);
    }
    return is_version(text);
}

/* Does a name speak of a branch for old releases? Its parts stand between "-", "_" and "/". */
static bool names_stable(pm_slice text)
{
    if (pm_slice_starts_nocase(text, PM_LIT("mm-")))
        return false; /* mm-stable is what will be in the next release */
    while (text.len > 0) {
        size_t len = 0;
        pm_slice part;

        while (len < text.len && memchr("-_/", text.data[len], 3) == NULL)
            len++;
        part = pm_slice_cut(text, 0, len);
        text = pm_slice_after(text, len + 1);
        for (size_t i = 0; i < COUNT_OF(stable_names); i++)
            if (pm_slice_equal_nocase(part, stable_names[i]))
                return true;
        if (part.len > 2 && part.data[part.len - 2] == '.' && is_version(part) &&
            !pm_is_digit(part.data[part.len - 1]))
            return true; /* 5.10.y wherever it stands */
    }
    return false;
}

/* "v2019.04", "2023.05-rc1": months, which are no old release. */
static bool is_year(pm_slice text)
{
    if (text.len > 0 && pm_lower(text.data[0]) == 'v')
        text = pm_slice_after(text, 1);
    return count_digits(text) == 4;
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

/* The entry of the table that text is; with glued, the longest one text begins with. */
static size_t find_word(pm_slice text, bool glued)
{
    size_t found = PM_NOWHERE;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (glued ? !pm_slice_starts_nocase(text, words[i].text)
                  : !pm_slice_equal_nocase(text, words[i].text))
            continue;
        if (found == PM_NOWHERE || words[i].text.len > words[found].text.len)
            found = i;
    }
    return found;
}

bool pm_subject_token_classify(pm_slice raw, pm_subject_token *token_out)
{
    pm_slice text = strip(raw);
    size_t word = find_word(text, false);

    *token_out = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_PLAIN, .text = text};
    if (word != PM_NOWHERE) {
        token_out->kind = PM_SUBJECT_TOKEN_WORD;
        token_out->flags = words[word].flags;
        return true;
    }
    if (read_count(text, token_out) || read_revision(text, token_out))
        return true;
    if (names_stable(text))
        token_out->flags = PM_SUBJECT_STABLE;
    if (!are_versions(text))
        return false;
    token_out->kind = PM_SUBJECT_TOKEN_VERSION;
    if (!is_year(text) && pm_slice_find(text, PM_LIT("-rc")) == PM_NOWHERE)
        token_out->flags = PM_SUBJECT_STABLE;
    return false;
}

static void add_token(pm_subject_tokens *list, const pm_subject_token *token, unsigned group)
{
    if (list->count == PM_SUBJECT_TOKENS_MAX)
        return;
    list->items[list->count] = *token;
    list->items[list->count++].group = group;
}

/* What is glued behind a word of the table: "v2", "-next", "/PATCH", "1/8". Empty when nothing is.
 */
static pm_slice behind_word(pm_slice text, size_t word)
{
    pm_slice rest = pm_slice_after(text, words[word].text.len), part;
    pm_subject_token token;

    if (rest.len > 1 && memchr("-_/+.:=^#", rest.data[0], 9) != NULL) {
        while (rest.len > 0 && memchr("-_/+.:=^#", rest.data[0], 9) != NULL)
            rest = pm_slice_after(rest, 1);
        return rest;
    }
    if (read_count(rest, &token) || split_revision_count(rest, &part, &part))
        return rest;
    if (rest.len > 1 && pm_lower(rest.data[0]) == 'v' && pm_is_digit(rest.data[1]))
        return rest;
    if (find_word(rest, false) != PM_NOWHERE)
        return rest; /* "RESENDPATCH" */
    return PM_EMPTY;
}

/* How many bytes of text are a revision or a count with something behind it. */
static size_t count_head(pm_slice text)
{
    size_t at = pm_lower(text.data[0]) == 'v' ? 1 : 0, digits;

    digits = count_digits(pm_slice_after(text, at));
    if (digits == 0)
        return 0;
    at += digits;
    if (at + 1 < text.len && text.data[at] == (pm_is_digit(text.data[0]) ? '/' : '.'))
        at += 1 + count_digits(pm_slice_after(text, at + 1));
    return at;
}

/* "v2-RFC", "v2RESEND", "v2_1/3", "1/3-v2", "1/3v2": a revision or a count, and what else has a
 * meaning behind it. */
static bool split_glued(pm_slice text, pm_slice *first_out, pm_slice *rest_out)
{
    size_t head = count_head(text);
    pm_slice rest = pm_slice_after(text, head);
    pm_subject_token token;

    while (rest.len > 0 && memchr("-/_.:+", rest.data[0], 6) != NULL)
        rest = pm_slice_after(rest, 1);
    *first_out = pm_slice_cut(text, 0, head);
    *rest_out = rest;
    if (!read_revision(*first_out, &token) && !read_count(*first_out, &token))
        return false;
    return find_word(rest, false) != PM_NOWHERE || read_count(rest, &token) ||
           read_revision(rest, &token);
}

/* "RFC2" is the second one; "RESEND2" is a resend, and which one does not matter. */
static bool is_numbered_word(pm_slice text, size_t word, pm_subject_token *token)
{
    pm_slice digits = pm_slice_after(text, words[word].text.len);

    if (digits.len == 0 || digits.len > 1 || !pm_is_digit(digits.data[0]))
        return false;
    if ((words[word].flags & (PM_SUBJECT_RFC | PM_SUBJECT_RFT)) != 0) {
        token->kind = PM_SUBJECT_TOKEN_REVISION;
        token->text = digits;
        token->revision = (unsigned)(digits.data[0] - '0');
        return true;
    }
    return (words[word].flags & PM_SUBJECT_RESEND) != 0 || words[word].flags == 0;
}

/* Add what raw stands for. Every turn of the loop takes a word off its front. */
static void add_raw(pm_subject_tokens *list, pm_slice raw, unsigned group)
{
    pm_slice text = strip(raw);

    while (text.len > 0) {
        pm_subject_token token, number = {0};
        pm_slice revision, rest;
        size_t word;

        if (pm_subject_token_classify(text, &token)) {
            add_token(list, &token, group);
            return;
        }
        if (split_revision_count(text, &revision, &rest) || split_glued(text, &revision, &rest)) {
            if (pm_subject_token_classify(revision, &token))
                add_token(list, &token, group);
            text = rest;
            continue;
        }

        word = find_word(text, true);
        rest = word == PM_NOWHERE ? PM_EMPTY : behind_word(text, word);
        if (word != PM_NOWHERE && (rest.len > 0 || is_numbered_word(text, word, &number))) {
            token = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_WORD,
                                       .text = pm_slice_cut(text, 0, words[word].text.len),
                                       .flags = words[word].flags};
            add_token(list, &token, group);
            if (number.kind == PM_SUBJECT_TOKEN_REVISION)
                add_token(list, &number, group);
            text = rest;
            continue;
        }
        add_token(list, &token, group);
        return;
    }
}

/* "3 of 12", "3 / 12": a count in three tokens, the first of which is raw. */
static bool read_spelled_count(pm_slice raw, pm_slice *rest, pm_subject_token *token)
{
    pm_slice peek = *rest, of, total;

    if (count_digits(raw) != raw.len || !pm_subject_token_next(&peek, &of) ||
        !pm_subject_token_next(&peek, &total))
        return false;
    if (!pm_slice_equal_nocase(of, PM_LIT("of")) && !pm_slice_equal(of, PM_LIT("/")))
        return false;
    total = strip(total);
    *token = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_COUNT,
                                .text = {raw.data, (size_t)(total.data + total.len - raw.data)}};
    if (!read_part(raw, &token->part) || !read_total(total, &token->total))
        return false;
    *rest = peek;
    return true;
}

/* "take 2", "version 3", "v 2": a revision in two tokens, the first of which is raw. */
static bool read_spelled_revision(pm_slice raw, pm_slice *rest, pm_subject_token *token)
{
    pm_slice peek = *rest, number;
    size_t i = 0;

    while (i < COUNT_OF(introducers) && !pm_slice_equal_nocase(raw, introducers[i]))
        i++;
    if (i == COUNT_OF(introducers) || !pm_subject_token_next(&peek, &number))
        return false;
    number = strip(number);
    if (number.len > 0 && number.data[0] == '#')
        number = pm_slice_after(number, 1);
    *token = (pm_subject_token){.kind = PM_SUBJECT_TOKEN_REVISION,
                                .text = {raw.data, (size_t)(number.data + number.len - raw.data)}};
    if (count_digits(number) != number.len || !read_revision_number(number, token))
        return false;
    *rest = peek;
    return true;
}

void pm_subject_tokens_read(pm_subject_tokens *list, pm_slice content, unsigned group)
{
    pm_slice raw;
    pm_subject_token token;

    while (list->count < PM_SUBJECT_TOKENS_MAX && pm_subject_token_next(&content, &raw)) {
        pm_slice text = strip(raw);

        if (text.len == 0)
            continue;
        if (read_spelled_count(text, &content, &token) ||
            read_spelled_revision(text, &content, &token))
            add_token(list, &token, group);
        else
            add_raw(list, raw, group);
    }
}
