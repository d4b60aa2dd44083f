/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_blank - the blanks that are no spaces, those that cannot be seen, and wide brackets, out
 * of a subject; see subject_parser.h.
 */
#include "phrases.h"
#include "subject_parser.h"

/* Blanks that programs write for spaces, which become spaces; marks of no width, which go; and the
 * wide punctuation of keyboards for Chinese and Japanese, as far as it may stand in a prefix. */
static const struct {
    pm_slice text;
    char plain; /* '\0': nothing is written for it */
} blanks[] = {
    {PM_LIT("\xc2\xa0"), ' '},      /* no-break space */
    {PM_LIT("\xe2\x80\xaf"), ' '},  /* a narrow one */
    {PM_LIT("\xe3\x80\x80"), ' '},  /* ideographic space */
    {PM_LIT("\xe2\x80\x8b"), '\0'}, /* zero width space */
    {PM_LIT("\xe2\x80\x8e"), '\0'},
    {PM_LIT("\xe2\x80\x8f"), '\0'}, /* writing direction */
    {PM_LIT("\xe2\x80\xaa"), '\0'},
    {PM_LIT("\xe2\x80\xac"), '\0'}, /* embedding */
    {PM_LIT("\xef\xbb\xbf"), '\0'}, /* byte order mark */
    {PM_LIT("［"), '['},
    {PM_LIT("］"), ']'},
    {PM_LIT("【"), '['},
    {PM_LIT("】"), ']'},
    {PM_LIT("／"), '/'},
    {PM_LIT("，"), ','},
};

/* Which of the blanks text begins with, or PM_COUNT_OF(blanks). */
static size_t find_blank(pm_slice text)
{
    size_t i = 0;

    while (i < PM_COUNT_OF(blanks) && !pm_slice_starts(text, blanks[i].text))
        i++;
    return i;
}

/* Write what is plain for them. Most subjects have none, and stay where they are. */
pm_status pm_subject_plain_blanks(pm_arena *arena, pm_slice *text)
{
    size_t at = 0, len = 0;
    char *plain;

    while (at < text->len && ((text->data[at] & 0x80) == 0 ||
                              find_blank(pm_slice_after(*text, at)) == PM_COUNT_OF(blanks)))
        at++;
    if (at == text->len)
        return PM_OK;
    plain = pm_alloc(arena, text->len);
    if (plain == NULL)
        return PM_LIMIT;
    for (at = 0; at < text->len;) {
        size_t i = find_blank(pm_slice_after(*text, at));

        if (i == PM_COUNT_OF(blanks)) {
            plain[len++] = text->data[at++];
            continue;
        }
        if (blanks[i].plain != '\0')
            plain[len++] = blanks[i].plain;
        at += blanks[i].text.len;
    }
    *text = (pm_slice){plain, len};
    return PM_OK;
}
