/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packed_series - a series with all its texts and lists in one block, to be kept and copied whole.
 *
 * Not a format: the block has pointers into itself, and is of use to this process alone.
 */
#ifndef PM_PACKED_SERIES_H
#define PM_PACKED_SERIES_H

#include "memory.h"

/* The bytes that a series takes as a block. */
size_t pm_packed_size(const pm_known *known);

/* Write a series into a block of that size, aligned for any type. It begins with the series itself,
 * which is what is returned. */
pm_known *pm_packed_write(void *block, const pm_known *known);

/* A copy of a block in an arena; size is what pm_packed_size said. NULL past the budget. */
pm_known *pm_packed_copy(pm_arena *arena, const pm_known *block, size_t size)
    __attribute__((warn_unused_result));

#endif
