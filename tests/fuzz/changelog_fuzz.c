/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_fuzz - any text may hold a changelog and links.
 *
 * Beyond not crashing: headings and texts lie in the letter and in its order, lines are counted
 * right, and a Message-ID has an "@" and no white space.
 */
#include "changelog.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool lies_in(pm_slice part, pm_slice text)
{
    return part.len == 0 ||
           (part.data >= text.data && part.data + part.len <= text.data + text.len);
}

static void check_entries(const pm_changelog *changelog, pm_slice text)
{
    unsigned highest = 0, line = 0;
    const char *at = text.data;

    for (size_t i = 0; i < changelog->count; i++) {
        const pm_changelog_entry *entry = &changelog->entries[i];

        must(entry->heading.len > 0 && lies_in(entry->heading, text) && lies_in(entry->text, text));
        must(entry->heading.data >= at && entry->line > line);
        at = entry->heading.data + entry->heading.len;
        line = entry->line;
        highest = entry->revision > highest ? entry->revision : highest;
    }
    must(changelog->highest == highest);
}

static void check_links(const pm_changelog *changelog, pm_slice text)
{
    for (size_t i = 0; i < changelog->link_count; i++) {
        const pm_revision_link *link = &changelog->links[i];

        must(lies_in(link->url, text) && (pm_slice_find(link->url, PM_LIT("://")) != PM_NOWHERE ||
                                          pm_slice_find_byte(link->url, '@') != PM_NOWHERE));
        must(link->message_id.len == 0 || pm_slice_find_byte(link->message_id, '@') != PM_NOWHERE);
        for (size_t n = 0; n < link->message_id.len; n++)
            must(!pm_is_space(link->message_id.data[n]));
    }
}

/* The first byte is the subject's revision. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pm_slice text = {(const char *)data + (size > 0), size - (size > 0)};
    const unsigned revision = size > 0 ? data[0] % 8 : 0;
    pm_arena *roomy = pm_arena_new(1 << 26), *tight = pm_arena_new(size * 4);
    pm_changelog changelog;
    pm_slice id;

    if (roomy == NULL || tight == NULL)
        abort();
    must(pm_changelog_find(roomy, text, revision, &changelog) == PM_OK);
    must(changelog.count <= 500 && changelog.link_count <= 500);
    check_entries(&changelog, text);
    check_links(&changelog, text);
    if (pm_changelog_find(tight, text, revision, &changelog) == PM_OK)
        check_entries(&changelog, text);
    if (pm_link_message_id(roomy, text, &id) == PM_OK)
        must(id.len > 2);

    pm_arena_free(roomy);
    pm_arena_free(tight);
    return 0;
}
