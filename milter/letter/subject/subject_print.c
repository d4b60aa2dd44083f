/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_print - a subject in canonical form, "[RFC PATCH net-next v5 03/12] title"; see
 * subject.h.
 *
 * Not what was written: that is pm_subject's text.
 */
#include "subject.h"

typedef struct writer {
    char *text;
    size_t len, room;
} writer;

static void put(writer *w, pm_slice text)
{
    if (text.len > w->room - w->len)
        text.len = w->room - w->len;
    memcpy(w->text + w->len, text.data, text.len);
    w->len += text.len;
}

/* text, behind a space unless it begins a bracket. */
static void put_word(writer *w, pm_slice text)
{
    if (w->len > 0 && w->text[w->len - 1] != '[' && w->text[w->len - 1] != ' ')
        put(w, PM_LIT(" "));
    put(w, text);
}

static pm_slice print_revision(pm_arena *arena, const pm_subject *subject)
{
    if (subject->reroll > 0)
        return pm_print(arena, "v%u.%u", subject->revision, subject->reroll);
    return pm_print(arena, "v%u", subject->revision);
}

/* As git pads it: both as wide as the total. */
static pm_slice print_count(pm_arena *arena, const pm_subject *subject)
{
    int width = 1;

    if (subject->total < 0)
        return pm_print(arena, "%d/n", subject->part);
    for (int rest = subject->total; rest >= 10; rest /= 10)
        width++;
    return pm_print(arena, "%0*d/%d", width, subject->part, subject->total);
}

pm_slice pm_subject_print(pm_arena *arena, const pm_subject *subject)
{
    pm_slice revision = print_revision(arena, subject), count = print_count(arena, subject);
    size_t room = subject->list_tag.len + subject->title.len + revision.len + count.len + 40;
    bool bracket = subject->word_count > 0 || subject->revision_said == PM_SAID_WRITTEN ||
                   subject->part_said == PM_SAID_WRITTEN;
    writer w = {0};

    for (size_t i = 0; i < subject->word_count; i++)
        room += subject->words[i].len + 1;
    w.room = room;
    w.text = pm_alloc(arena, room);
    if (w.text == NULL || revision.data == NULL || count.data == NULL)
        return (pm_slice){NULL, 0};

    if ((subject->flags & PM_SUBJECT_REPLY) != 0)
        put_word(&w, PM_LIT("Re:"));
    if ((subject->flags & PM_SUBJECT_FORWARD) != 0)
        put_word(&w, PM_LIT("Fwd:"));
    if (subject->list_tag.len > 0) {
        put_word(&w, PM_LIT("["));
        put(&w, subject->list_tag);
        put(&w, PM_LIT("]"));
    }
    if (bracket) {
        put_word(&w, PM_LIT("["));
        for (size_t i = 0; i < subject->word_count; i++)
            put_word(&w, subject->words[i]);
        if (subject->revision_said == PM_SAID_WRITTEN)
            put_word(&w, revision);
        if (subject->part_said == PM_SAID_WRITTEN)
            put_word(&w, count);
        put(&w, PM_LIT("]"));
    }
    put_word(&w, subject->title);
    if (subject->part_said == PM_SAID_INFERRED) {
        put_word(&w, PM_LIT("("));
        put(&w, count);
        put(&w, PM_LIT(")"));
    }
    if (subject->revision_said == PM_SAID_INFERRED) {
        put_word(&w, PM_LIT("("));
        put(&w, revision);
        put(&w, PM_LIT(")"));
    }
    return pm_slice_trim_end((pm_slice){w.text, w.len});
}
