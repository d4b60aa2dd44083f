/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes - slices against each other, byte by byte, for all files of this plugin.
 *
 * Not for text as people mean it: see equal_nocase in chain.c, and pm_series for names and titles.
 */
#ifndef REVISION_BYTES_H
#define REVISION_BYTES_H

#include <patchmark/plugin.h>

#include <stdbool.h>
#include <string.h>

static inline bool equal(pm_slice a, pm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* As strcmp has it. */
static inline int compare(pm_slice a, pm_slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

#endif
