/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * revision_link - links to earlier revisions: "Link to v1: https://...", "[v2] https://...",
 * "Changes since v1 [2]:" with "[2] https://..." further down.
 *
 * A part of changelog.h; the words come from changelog_token.h.
 */
#ifndef PM_REVISION_LINK_H
#define PM_REVISION_LINK_H

#include "changelog.h"

/* Fill in links and link_count from lines, which are those of text that have a URL in them. The
 * entries are there already: a bare "Link:" below the changes since v2 leads to v2. */
pm_status pm_revision_links_find(pm_arena *arena, pm_slice text, const pm_slice *lines,
                                 size_t line_count, unsigned revision, pm_changelog *changelog);

#endif
