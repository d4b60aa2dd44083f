/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shortlog_fuzz - any text may hold a shortlog.
 *
 * Beyond not crashing: authors and titles are not empty, titles have no line end, and they stand
 * between the beginning and the end of what is called the shortlog.
 */
#include "shortlog.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(const pm_shortlog *shortlog, pm_slice text)
{
    must((shortlog->count == 0) == (shortlog->text.len == 0));
    must(shortlog->count == 0 ||
         (shortlog->text.data >= text.data &&
          shortlog->text.data + shortlog->text.len <= text.data + text.len));
    for (size_t i = 0; i < shortlog->count; i++) {
        const pm_shortlog_entry *entry = &shortlog->entries[i];

        must(entry->author.len > 0 && entry->author.data >= shortlog->text.data);
        must(entry->title.len > 0 && pm_slice_find_byte(entry->title, '\n') == PM_NOWHERE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pm_slice text = {(const char *)data, size};
    pm_arena *roomy = pm_arena_new(1 << 26), *tight = pm_arena_new(size * 4);
    pm_shortlog shortlog;

    if (roomy == NULL || tight == NULL)
        abort();
    must(pm_shortlog_find(roomy, text, &shortlog) == PM_OK);
    check(&shortlog, text);
    if (pm_shortlog_find(tight, text, &shortlog) == PM_OK)
        check(&shortlog, text);

    pm_arena_free(roomy);
    pm_arena_free(tight);
    return 0;
}
