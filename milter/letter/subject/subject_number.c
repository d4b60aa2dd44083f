/* SPDX-License-Identifier: BSD-2-Clause */
/* subject_number - revisions, n/m and versions of kernels; see subject_number.h. */
#include "subject_number.h"

#include "lines.h"
#include "phrases.h"
#include "subject.h"

/* What a branch for old releases is called somewhere in its name: for-stable-5.10, 6.1-stable. */
static const pm_slice stable_names[] = {PM_LIT("stable"), PM_LIT("autosel"), PM_LIT("backport"),
                                        PM_LIT("backports"), PM_LIT("lts")};

/* Words that say that a revision's number follows, glued or as the next token. */
static const pm_slice introducers[] = {
    PM_LIT("version"), PM_LIT("revision"), PM_LIT("ver."), PM_LIT("ver"),
    PM_LIT("rev."),    PM_LIT("rev"),      PM_LIT("take"), PM_LIT("try"),
    PM_LIT("v."),      PM_LIT("v"),        PM_LIT("#"),
};

size_t pm_subject_count_digits(pm_slice text)
{
    size_t at = 0;

    while (at < text.len && pm_is_digit(text.data[at]))
        at++;
    return at;
}

/* A number of at most limit digits off the front of rest. */
static bool take_digits(pm_slice *rest, size_t limit, unsigned *number_out)
{
    size_t digits = pm_subject_count_digits(*rest);

    return digits > 0 && digits <= limit && pm_take_number(rest, number_out);
}

/* ---- Revisions ------------------------------------------------------------------------------- */

/* "2", "2.1", "4a": what may follow "v". Four digits are a year, two after the dot a kernel. */
bool pm_subject_read_revision_number(pm_slice text, pm_subject_token *token)
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

bool pm_subject_is_introducer(pm_slice text)
{
    return pm_is_one_of(text, introducers, PM_COUNT_OF(introducers));
}

bool pm_subject_read_revision(pm_slice text, pm_subject_token *token)
{
    if (text.len > 0 && text.data[0] == '-')
        text = pm_slice_after(text, 1);
    for (size_t i = 0; i < PM_COUNT_OF(introducers); i++) {
        pm_slice number = text;

        if (!pm_take_nocase(&number, introducers[i]))
            continue;
        pm_take(&number, PM_LIT("#"));
        if (pm_subject_read_revision_number(number, token)) {
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
                             pm_subject_count_digits(pm_slice_after(text, 1)) + 1 == text.len);
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

bool pm_subject_read_part_of(pm_slice part, pm_slice total, pm_subject_token *token)
{
    return read_part(part, &token->part) && read_total(total, &token->total);
}

/* "3/12", "#3/12", "3of12". */
bool pm_subject_read_count(pm_slice text, pm_subject_token *token)
{
    size_t slash, width = 1, fraction;

    pm_take(&text, PM_LIT("#"));
    slash = pm_slice_find_byte(text, '/');
    if (slash == PM_NOWHERE) {
        slash = pm_slice_find_nocase(text, PM_LIT("of"));
        width = 2;
    }
    if (slash == PM_NOWHERE || !pm_subject_read_part_of(pm_slice_cut(text, 0, slash),
                                                        pm_slice_after(text, slash + width), token))
        return false;
    fraction = pm_slice_find_byte(text, '.');
    if (fraction < slash && token->total < 0)
        return false; /* "4.4/4.9" are two kernels */
    token->kind = PM_SUBJECT_TOKEN_COUNT;
    return true;
}

/* "v20/4", which is v2 and 0/4 glued together: the part is as wide as the total, as git writes it.
 */
bool pm_subject_split_revision_count(pm_slice text, pm_slice *revision_out, pm_slice *count_out)
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
    return pm_subject_read_revision(*revision_out, &token) &&
           pm_subject_read_count(*count_out, &token);
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
bool pm_subject_are_versions(pm_slice text)
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
bool pm_subject_names_stable(pm_slice text)
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
        if (pm_is_one_of(part, stable_names, PM_COUNT_OF(stable_names)))
            return true;
        if (part.len > 2 && part.data[part.len - 2] == '.' && is_version(part) &&
            !pm_is_digit(part.data[part.len - 1]))
            return true; /* 5.10.y wherever it stands */
    }
    return false;
}

/* "v2019.04", "2023.05-rc1": months, which are no old release. */
bool pm_subject_is_year(pm_slice text)
{
    if (text.len > 0 && pm_lower(text.data[0]) == 'v')
        text = pm_slice_after(text, 1);
    return pm_subject_count_digits(text) == 4;
}
