/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * generator - numbers that look random and are the same in every run, so that a failure comes back.
 *
 * Sebastiano Vigna's splitmix64. Not for secrets.
 */
#ifndef PM_GENERATOR_H
#define PM_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/* 0 to below - 1. */
static inline size_t draw_below(uint64_t *state, size_t below)
{
    return (size_t)(draw(state) % below);
}

/* len bytes out of alphabet: few different ones, so that things repeat. */
static inline void draw_bytes(uint64_t *state, char *bytes, size_t len, const char *alphabet,
                              size_t alphabet_len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = alphabet[draw_below(state, alphabet_len)];
}

#endif
