/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_fuzz - any bytes are a subject: it is read within bounds, nothing points outside of it,
 * and what is printed is read again.
 */
#include "subject.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void expect_inside(pm_slice part, pm_slice whole)
{
    expect(part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len));
}

static void check(const pm_subject *subject)
{
    expect_inside(subject->title, subject->text);
    expect_inside(subject->list_tag, subject->text);
    expect_inside(subject->revision_token, subject->text);
    expect_inside(subject->part_token, subject->text);
    for (size_t i = 0; i < subject->word_count; i++)
        expect_inside(subject->words[i], subject->text);
    expect(subject->revision < 1000 && subject->reroll < 10);
    expect(subject->part >= -1 && subject->part < 10000);
    expect(subject->total >= -1 && subject->total < 10000);
    expect((subject->part_said == PM_SAID_NOT) == (subject->part == -1));
    expect(subject->revision_said != PM_SAID_NOT || subject->revision == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pm_arena *arena = pm_arena_new(1 << 20);
    pm_slice text = {(const char *)data, size}, printed;
    pm_subject subject;

    expect(arena != NULL);
    expect(pm_subject_parse(arena, text, &subject) == PM_OK);
    check(&subject);
    printed = pm_subject_print(arena, &subject);
    expect(printed.data != NULL);
    expect(pm_subject_parse(arena, printed, &subject) == PM_OK);
    check(&subject);
    pm_arena_free(arena);
    return 0;
}
