/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mailmap_fuzz - a mailmap that nobody would write, and people asked for in it.
 *
 * Input: a mailmap. The people are its own lines, cut at "<" and ">"; what is said of each must
 * hold together.
 */
#include "mailmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 8, MOST_PEOPLE = 64 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool equal(pm_slice a, pm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void report(void *context, const char *file, unsigned line, const char *sentence)
{
    (void)context;
    (void)line;
    require(file != NULL && sentence[0] != '\0');
}

static void check_person(const pm_mailmap *mailmap, pm_person who)
{
    const pm_person before = who;
    pm_person again = who;
    pm_slice found[ROOM], fewer[ROOM];
    bool known = pm_mailmap_find(mailmap, &who);
    size_t count;

    require(pm_mailmap_find(mailmap, &again) == known && equal(again.address, who.address) &&
            equal(again.name, who.name));
    require(known ? who.address.len > 0 : who.address.data == before.address.data);
    count = pm_mailmap_addresses(mailmap, &who, found, ROOM);
    require(count <= ROOM && (who.address.len == 0 || equal(found[0], who.address)));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            require(found[i].len > 0 && !equal(found[i], found[j]));
    require(pm_mailmap_addresses(mailmap, &who, fewer, ROOM / 2) ==
            (count < ROOM / 2 ? count : ROOM / 2));
}

/* Up to the next mark; text moves behind it. */
static pm_slice cut(pm_slice *text, char mark)
{
    const char *end = text->len == 0 ? NULL : memchr(text->data, mark, text->len);
    pm_slice piece = {text->data, end == NULL ? text->len : (size_t)(end - text->data)};

    text->data += piece.len + (end != NULL);
    text->len -= piece.len + (end != NULL);
    return piece;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pm_slice text = {(const char *)data, size};
    pm_mailmap *mailmap = pm_mailmap_new();

    require(mailmap != NULL);
    if (pm_mailmap_add_text(mailmap, "mailmap", text, report, NULL)) {
        require(pm_mailmap_settle(mailmap));
        for (unsigned nth = 0; nth < MOST_PEOPLE && text.len > 0; nth++) {
            pm_person who;

            who.name = cut(&text, '<');
            who.address = cut(&text, '>');
            check_person(mailmap, who);
        }
    }
    pm_mailmap_free(mailmap);
    return 0;
}
