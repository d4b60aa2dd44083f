/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_settle - which revisions the headings of a letter speak of, when all of them are known;
 * see changelog_parts.h.
 *
 * "Changes since v2" is what is new in v3, unless this author means v2 itself: the other headings
 * tell, and the revision in the subject.
 */
#include "changelog_parts.h"

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static void settle_pair(pm_change_found *found)
{
    const pm_spoken *older = &found->heading.first, *newer = &found->heading.second;
    pm_changelog_entry *entry = &found->entry;

    if (newer->number > 0 && older->number > newer->number && !older->rfc) { /* "v6 - v5" */
        older = &found->heading.second;
        newer = &found->heading.first;
    }
    entry->revision = newer->number == 0 ? 1 : newer->number; /* "RFC -> PATCH" */
    entry->since = older->number;
    entry->since_rfc = older->rfc;
}

/* "Changes since v2" in a v2: the author counts otherwise, and means what is new in it. */
static bool since_means_in(const pm_change_reader *reader)
{
    unsigned highest = 0;

    for (size_t i = 0; i < reader->count; i++)
        if (reader->found[i].heading.relation == PM_RELATION_SINCE &&
            !reader->found[i].heading.first.rfc)
            highest = larger(highest, reader->found[i].heading.first.number);
    return reader->revision > 0 && highest == reader->revision;
}

/* "Changes to v3" in a v3 is what is new in it; in a v4, what was done to v3. */
static bool to_means_in(const pm_change_reader *reader)
{
    unsigned highest = 0;

    for (size_t i = 0; i < reader->count; i++)
        if (reader->found[i].heading.relation == PM_RELATION_TO)
            highest = larger(highest, reader->found[i].heading.first.number);
    return reader->revision == 0 || highest >= reader->revision;
}

/* "Changes since RFC": made the lowest revision that nothing else speaks of. */
static unsigned after_rfc(const pm_change_reader *reader, const pm_spoken *rfc)
{
    unsigned lowest = 0;

    for (size_t i = 0; i < reader->count; i++) {
        const pm_changelog_entry *entry = &reader->found[i].entry;

        if (entry->revision == 0)
            continue;
        if (lowest == 0 || entry->revision < lowest)
            lowest = entry->revision;
    }
    if (rfc->number > 0 && rfc->number + 1 <= reader->revision &&
        (lowest == 0 || lowest > rfc->number + 1))
        return rfc->number + 1;
    if (lowest > 1)
        return lowest - 1;
    return lowest == 0 ? larger(reader->revision, 1) : 1;
}

void pm_change_settle(pm_change_reader *reader)
{
    bool since_in = since_means_in(reader), to_in = to_means_in(reader);

    for (size_t i = 0; i < reader->count; i++) {
        pm_change_found *found = &reader->found[i];
        pm_changelog_entry *entry = &found->entry;
        const pm_spoken *first = &found->heading.first;
        bool in = found->heading.relation == PM_RELATION_IN;

        switch (found->heading.relation) {
        case PM_RELATION_PAIR:
            settle_pair(found);
            break;
        case PM_RELATION_SINCE:
        case PM_RELATION_TO:
        case PM_RELATION_IN:
            in |= found->heading.relation == PM_RELATION_TO ? to_in : since_in;
            if (in || first->number == 0) {
                entry->revision = in ? first->number : 0;
            } else if (!first->rfc) {
                entry->since = first->number;
                entry->revision = first->number + 1;
            }
            break;
        case PM_RELATION_SECTION:
        case PM_RELATION_LAST:
        case PM_RELATION_THIS:
            entry->revision = reader->revision;
            entry->since = reader->revision > 1 ? reader->revision - 1 : 0;
            break;
        case PM_RELATION_NONE:
            break;
        }
    }
    for (size_t i = 0; i < reader->count; i++) {
        pm_change_found *found = &reader->found[i];

        if (found->heading.relation != PM_RELATION_SINCE || !found->heading.first.rfc)
            continue;
        found->entry.since_rfc = true;
        found->entry.since = found->heading.first.number;
        if (found->entry.revision == 0)
            found->entry.revision = after_rfc(reader, &found->heading.first);
    }
}

static bool names_no_revision(const pm_change_found *found)
{
    return found->heading.relation == PM_RELATION_SECTION ||
           found->heading.relation == PM_RELATION_THIS;
}

/* "Changelog:" alone is an entry only when it is all there is: when no block says its revision. So
 * is "Changes in this version:". In a first revision both tell what the series changes. */
void pm_change_drop_sections(pm_change_reader *reader)
{
    bool only = reader->revision > 1;
    size_t kept = 0;

    for (size_t i = 0; i < reader->count; i++)
        if (!names_no_revision(&reader->found[i]))
            only = false;
    for (size_t i = 0; i < reader->count; i++)
        if (!names_no_revision(&reader->found[i]) || (only && reader->found[i].entry.text.len > 0))
            reader->found[kept++] = reader->found[i];
    reader->count = kept;
}
