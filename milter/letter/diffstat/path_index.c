/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * path_index - known paths, found by how they end; see path_index.h.
 *
 * Every tail of every path ("c", "b/c", "a/b/c") has a slot in one hash table, so a look-up costs
 * one hash and one comparison, however many files are called Makefile. The hash runs from the last
 * byte to the first: one walk over a path meets the hashes of all its tails.
 */
#include "path_index.h"

#include "file.h"
#include "quoted_path.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define PATH_LENGTH_MAX 4096 /* PATH_MAX of Linux; longer ones are left out */
#define CANDIDATES_MAX  16
#define FILE_SIZE_MAX   (256 * 1024 * 1024)

typedef struct slot {
    uint32_t hash;
    uint32_t path; /* the first one that ends so: index + 1; 0 is a free slot */
    uint16_t len;  /* of the tail */
    uint8_t count; /* how many paths end so, at most CANDIDATES_MAX */
    bool whole;    /* one of them is the tail itself */
} slot;

struct pm_path_index {
    pm_arena *arena; /* the bytes of the paths */
    pm_slice *paths;
    size_t count, room;
    slot *slots;
    size_t slot_count, slots_taken; /* a power of two; at most three quarters are taken */
};

pm_path_index *pm_path_index_new(void)
{
    pm_path_index *index = calloc(1, sizeof(*index));

    if (index == NULL)
        return NULL;
    index->arena = pm_arena_new(SIZE_MAX / 2);
    if (index->arena == NULL) {
        free(index);
        return NULL;
    }
    return index;
}

void pm_path_index_free(pm_path_index *index)
{
    if (index == NULL)
        return;
    pm_arena_free(index->arena);
    free(index->paths);
    free(index->slots);
    free(index);
}

static uint64_t hash_byte(uint64_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 0x100000001b3ULL;
}
#define HASH_START 0xcbf29ce484222325ULL

static uint32_t hash_end(uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of tail, or the free one where it belongs. */
static slot *find_slot(const pm_path_index *index, pm_slice tail, uint32_t hash)
{
    size_t mask = index->slot_count - 1;

    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        slot *found = &index->slots[at];
        pm_slice path;

        if (found->path == 0)
            return found;
        if (found->hash != hash || found->len != tail.len)
            continue;
        path = index->paths[found->path - 1];
        if (pm_slice_equal(pm_slice_after(path, path.len - tail.len), tail))
            return found;
    }
}

static pm_status make_slots(pm_path_index *index, size_t wanted)
{
    size_t old_count = index->slot_count, count = old_count == 0 ? 1024 : old_count;
    slot *old = index->slots, *slots;

    while ((index->slots_taken + wanted) * 4 > count * 3)
        count *= 2;
    if (count == old_count)
        return PM_OK;
    slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < old_count; i++) {
        size_t at = old[i].hash & (count - 1);

        if (old[i].path == 0)
            continue;
        while (slots[at].path != 0)
            at = (at + 1) & (count - 1);
        slots[at] = old[i];
    }
    free(old);
    index->slots = slots;
    index->slot_count = count;
    return PM_OK;
}

static pm_status make_paths(pm_path_index *index)
{
    size_t room = index->room == 0 ? 1024 : index->room * 2;
    pm_slice *paths;

    if (index->count < index->room)
        return PM_OK;
    if (room > UINT32_MAX)
        return PM_LIMIT;
    paths = realloc(index->paths, room * sizeof(*paths));
    if (paths == NULL)
        return PM_LIMIT;
    index->paths = paths;
    index->room = room;
    return PM_OK;
}

static bool is_wanted(pm_slice path)
{
    return path.len > 0 && path.len <= PATH_LENGTH_MAX && path.data[path.len - 1] != '/';
}

/* Count one path in the slot of one of its tails. */
static void count_tail(pm_path_index *index, pm_slice path, size_t from, uint32_t hash)
{
    pm_slice tail = pm_slice_after(path, from);
    slot *found = find_slot(index, tail, hash);

    if (found->path == 0) {
        *found = (slot){.hash = hash, .path = (uint32_t)index->count, .len = (uint16_t)tail.len};
        index->slots_taken++;
    }
    if (found->count < CANDIDATES_MAX)
        found->count++;
    if (from == 0)
        found->whole = true;
}

static const slot *find_tail(const pm_path_index *index, pm_slice tail)
{
    uint64_t hash = HASH_START;
    const slot *found;

    if (index->slot_count == 0 || !is_wanted(tail))
        return NULL;
    for (size_t at = tail.len; at-- > 0;)
        hash = hash_byte(hash, tail.data[at]);
    found = find_slot(index, tail, hash_end(hash));
    return found->path == 0 ? NULL : found;
}

static bool is_known(const pm_path_index *index, pm_slice path)
{
    const slot *found = find_tail(index, path);

    return found != NULL && found->whole;
}

/* Remember a path whose bytes live as long as the index. */
static pm_status add_borrowed(pm_path_index *index, pm_slice path)
{
    uint64_t hash = HASH_START;
    size_t tails = 1;

    if (!is_wanted(path) || is_known(index, path))
        return PM_OK;
    for (size_t i = 0; i < path.len; i++)
        tails += path.data[i] == '/';
    if (make_paths(index) != PM_OK || make_slots(index, tails) != PM_OK)
        return PM_LIMIT;

    index->paths[index->count++] = path;
    for (size_t at = path.len; at-- > 0;) {
        if (path.data[at] == '/' && at + 1 < path.len)
            count_tail(index, path, at + 1, hash_end(hash));
        hash = hash_byte(hash, path.data[at]);
    }
    count_tail(index, path, 0, hash_end(hash));
    return PM_OK;
}

pm_status pm_path_index_add(pm_path_index *index, pm_slice path)
{
    pm_slice copy;

    if (!is_wanted(path) || is_known(index, path))
        return PM_OK;
    copy = pm_copy(index->arena, path);
    return copy.data == NULL ? PM_LIMIT : add_borrowed(index, copy);
}

unsigned pm_path_index_resolve(const pm_path_index *index, pm_slice tail, pm_slice *path_out)
{
    const slot *found = find_tail(index, tail);

    if (found == NULL)
        return 0;
    *path_out = index->paths[found->path - 1];
    return found->count;
}

/* ---- Files ----------------------------------------------------------------------------------- */

static bool is_file_pattern(pm_slice line)
{
    return line.len > 2 && line.data[0] == 'F' && line.data[1] == ':' && pm_is_space(line.data[2]);
}

/* A MAINTAINERS file gives itself away by its first F: line. */
static bool is_maintainers(pm_slice content)
{
    size_t at = pm_slice_find(content, PM_LIT("\nF:"));

    return at != PM_NOWHERE && is_file_pattern(pm_slice_after(content, at + 1));
}

/* The path that an F: line names, or nothing when it names many. */
static pm_slice named_file(pm_slice line)
{
    pm_slice pattern = pm_slice_trim(pm_slice_after(line, 2));

    for (size_t i = 0; i < pattern.len; i++)
        if (memchr("*?[", pattern.data[i], 3) != NULL)
            return PM_EMPTY;
    return pattern;
}

pm_status pm_path_index_load(pm_path_index *index, const char *file, pm_errors *errors)
{
    struct stat about;
    pm_slice rest, line;
    bool maintainers;
    const int why = pm_file_read(index->arena, file, FILE_SIZE_MAX, &rest, &about);

    if (why != 0) {
        pm_error_at(
            errors, file, 0, 0,
            "%s (it should be a list of paths as `git ls-files` prints it, or a MAINTAINERS "
            "file)",
            why == EINVAL ? "is no file" : strerror(why));
        return PM_FAULT;
    }
    maintainers = is_maintainers(rest);
    while (pm_slice_next_line(&rest, &line)) {
        pm_slice path;

        if (maintainers)
            path = is_file_pattern(line) ? named_file(line) : PM_EMPTY;
        else
            path = pm_quoted_path(index->arena, line);
        if (path.data == NULL || add_borrowed(index, path) != PM_OK) {
            pm_error_at(errors, file, 0, 0,
                        "not enough memory for its paths (name a shorter list)");
            return PM_FAULT;
        }
    }
    return PM_OK;
}
