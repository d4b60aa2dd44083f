/* SPDX-License-Identifier: BSD-2-Clause */
/* arena - memory that is given back all at once; see arena.h. */
#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A message without odd sizes fits into the first block. */
#define BLOCK_SIZE (32 * 1024)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ONE_MALLOC_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define ONE_MALLOC_EACH 1
#endif
#endif
#ifndef ONE_MALLOC_EACH
#define ONE_MALLOC_EACH 0
#endif

typedef struct block {
    struct block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
} block;

struct pm_arena {
    block *blocks; /* the first one is the one being filled */
    size_t filled; /* of the first block */
    size_t used, budget;
};

pm_arena *pm_arena_new(size_t budget)
{
    pm_arena *arena = calloc(1, sizeof(*arena));

    if (arena != NULL)
        arena->budget = budget;
    return arena;
}

static void free_blocks(block *at)
{
    while (at != NULL) {
        block *next = at->next;
        free(at);
        at = next;
    }
}

void pm_arena_reset(pm_arena *arena)
{
    block *kept = NULL;

    if (!ONE_MALLOC_EACH && arena->blocks != NULL && arena->blocks->size == BLOCK_SIZE) {
        kept = arena->blocks;
        free_blocks(kept->next);
        kept->next = NULL;
    } else {
        free_blocks(arena->blocks);
    }
    arena->blocks = kept;
    arena->filled = 0;
    arena->used = 0;
}

void pm_arena_free(pm_arena *arena)
{
    if (arena == NULL)
        return;
    free_blocks(arena->blocks);
    free(arena);
}

static block *add_block(pm_arena *arena, size_t size)
{
    block *added = malloc(sizeof(*added) + size);

    if (added == NULL)
        return NULL;
    added->size = size;
    added->next = arena->blocks;
    arena->blocks = added;
    arena->filled = 0;
    return added;
}

/* A block of its own, put behind the one being filled so that its rest is not wasted. */
static block *add_large_block(pm_arena *arena, size_t size)
{
    block *filling = arena->blocks;
    size_t filled = arena->filled;
    block *large = add_block(arena, size);

    if (large == NULL || filling == NULL)
        return large;
    large->next = filling->next;
    filling->next = large;
    arena->blocks = filling;
    arena->filled = filled;
    return large;
}

/* size bytes, not cleared. The budget is charged with what is really taken: a million single bytes
 * cost sixteen million. */
static void *take(pm_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded;
    char *bytes;

    if (size > PTRDIFF_MAX - sizeof(block) - align)
        return NULL;
    rounded = (size + align - 1) / align * align;
    if (rounded > arena->budget - arena->used)
        return NULL;

    if (ONE_MALLOC_EACH) {
        if (add_block(arena, size) == NULL)
            return NULL;
        arena->used += rounded;
        return arena->blocks->bytes;
    }
    if (rounded > BLOCK_SIZE / 4) {
        block *large = add_large_block(arena, rounded);

        if (large == NULL)
            return NULL;
        if (large == arena->blocks)
            arena->filled = rounded;
        arena->used += rounded;
        return large->bytes;
    }
    if (arena->blocks == NULL || arena->blocks->size - arena->filled < rounded)
        if (add_block(arena, BLOCK_SIZE) == NULL)
            return NULL;
    bytes = arena->blocks->bytes + arena->filled;
    arena->filled += rounded;
    arena->used += rounded;
    return bytes;
}

void *pm_alloc(pm_arena *arena, size_t size)
{
    void *bytes = take(arena, size);

    return bytes == NULL ? NULL : memset(bytes, 0, size);
}

void *pm_alloc_array(pm_arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return pm_alloc(arena, bytes);
}

pm_slice pm_copy(pm_arena *arena, pm_slice bytes)
{
    char *copy = bytes.len == SIZE_MAX ? NULL : take(arena, bytes.len + 1);

    if (copy == NULL)
        return (pm_slice){NULL, 0};
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    copy[bytes.len] = '\0';
    return (pm_slice){copy, bytes.len};
}

pm_slice pm_lowered(pm_arena *arena, pm_slice text)
{
    size_t at = 0;
    char *lower;

    while (at < text.len && pm_lower(text.data[at]) == text.data[at])
        at++;
    if (at == text.len)
        return at == 0 ? PM_EMPTY : text;
    lower = take(arena, text.len);
    if (lower == NULL)
        return (pm_slice){NULL, 0};
    for (size_t i = 0; i < text.len; i++)
        lower[i] = pm_lower(text.data[i]);
    return (pm_slice){lower, text.len};
}

pm_slice pm_print(pm_arena *arena, const char *format, ...)
{
    va_list args;
    char *text;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = length < 0 ? NULL : take(arena, (size_t)length + 1);
    if (text == NULL)
        return (pm_slice){NULL, 0};
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return (pm_slice){text, (size_t)length};
}

pm_status pm_grow(pm_arena *arena, void *items, size_t *room, size_t used, size_t size)
{
    void *old, *moved;
    size_t wanted = *room == 0 ? 8 : *room * 2;

    if (used < *room)
        return PM_OK;
    moved = pm_alloc_array(arena, wanted, size);
    if (moved == NULL)
        return PM_LIMIT;
    memcpy(&old, items, sizeof(old)); /* items is a pointer to a pointer of the caller's type */
    if (*room > 0)
        memcpy(moved, old, *room * size);
    memcpy(items, &moved, sizeof(moved));
    *room = wanted;
    return PM_OK;
}

size_t pm_arena_used(const pm_arena *arena)
{
    return arena->used;
}

size_t pm_arena_budget(const pm_arena *arena)
{
    return arena->budget;
}
