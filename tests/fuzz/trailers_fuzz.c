/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trailers_fuzz - any text may end in trailers.
 *
 * Beyond not crashing: a commit is hexadecimal, ids have an "@", and no list is longer than it may
 * be.
 */
#include "trailers.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_ids(const pm_slice *ids, size_t count)
{
    must(count <= 200);
    for (size_t i = 0; i < count; i++)
        must(pm_slice_find_byte(ids[i], '@') != PM_NOWHERE);
}

static void check(const pm_trailers *trailers)
{
    for (size_t i = 0; i < trailers->base_commit.len; i++)
        must(memchr("0123456789abcdefABCDEF", trailers->base_commit.data[i], 22) != NULL);
    check_ids(trailers->supersedes, trailers->supersedes_count);
    check_ids(trailers->based_on, trailers->based_on_count);
    check_ids(trailers->depends_on, trailers->depends_on_count);
    must(trailers->prerequisite_count <= 200);
    for (size_t i = 0; i < trailers->prerequisite_count; i++)
        must(trailers->prerequisites[i].len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pm_slice text = {(const char *)data, size};
    pm_arena *roomy = pm_arena_new(1 << 26), *tight = pm_arena_new(size);
    pm_trailers trailers;

    if (roomy == NULL || tight == NULL)
        abort();
    must(pm_trailers_find(roomy, text, &trailers) == PM_OK);
    check(&trailers);
    if (pm_trailers_find(tight, text, &trailers) == PM_OK)
        check(&trailers);

    pm_arena_free(roomy);
    pm_arena_free(tight);
    return 0;
}
