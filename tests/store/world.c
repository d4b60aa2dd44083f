/* SPDX-License-Identifier: BSD-2-Clause */
/* world - made-up series for the tests of the store; see world.h. */
#include "world.h"

#include "clock.h"
#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

int64_t world_soon(void)
{
    return pm_clock_us() + 20000000;
}

/* ---- Making it ---- */

static pm_slice *list_of(pm_arena *arena, const char *format, unsigned a, unsigned b, size_t count)
{
    pm_slice *list = pm_alloc_array(arena, count, sizeof(*list));

    assert_non_null(list);
    for (size_t i = 0; i < count; i++)
        list[i] = pm_print(arena, "%s %u %u %zu", format, a, b, i);
    return list;
}

#define MONTH (30 * 86400)

/* Paths that other letters have as well, in other months and other numbers. */
static pm_paths_seen paths_of(pm_arena *arena, unsigned series, unsigned part)
{
    const size_t count = 5 * part % 12;
    pm_slice *paths = pm_alloc_array(arena, count, sizeof(*paths));

    assert_non_null(paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = pm_print(arena, "core/%zu/file%u.c", i, series % 2);
    return (pm_paths_seen){.project = series == 3 ? PM_LIT("tea") : PM_LIT("linux"),
                           .paths = paths,
                           .count = count,
                           .seen = (int64_t)(series + 7 * part) % 5 * MONTH};
}

static pm_memo letter(pm_arena *arena, unsigned series, unsigned part)
{
    pm_claim *claims = pm_alloc_array(arena, 2, sizeof(*claims));
    pm_memo memo = {
        .message_id = pm_print(arena, "s%u.%u@example.org", series, part),
        .part = (int)part,
        .series = {.id = pm_print(arena, "s%u.0@example.org", series),
                   .flags = (part == 0 ? PM_SERIES_ROOT : 0) | (part == 2 ? PM_SERIES_RFC : 0),
                   .revision = 1 + series / 2,
                   .rank = (int32_t)part,
                   .total = part % 3 == 0 ? -1 : 5,
                   .date = 1000 + 100 * (int64_t)series + part,
                   .last_seen = 1000 + 100 * (int64_t)series + 10 * (part % 4),
                   .title = pm_print(arena, "title %u of %u", part, series % 3),
                   .author = pm_print(arena, "dev%u@example.org", series % 2 + (part == 3)),
                   .author_name = PM_LIT("dev"),
                   .change_id = part % 2 == 1 ? pm_print(arena, "change-%u", 9 - part) : PM_EMPTY,
                   .project = part > 0 ? PM_LIT("linux") : PM_EMPTY,
                   .inbox = part > 1 ? pm_print(arena, "inbox%u", part) : PM_EMPTY,
                   .subsystems = list_of(arena, "sub", series, part, 2),
                   .subsystem_count = part > 1 ? 2 : 0,
                   .titles = list_of(arena, "patch", series, part, 3),
                   .title_count = 3,
                   .paths = list_of(arena, "b/path\n", series, part % 3, 120),
                   .path_count = 120,
                   .claims = claims,
                   .claim_count = 2},
        .paths = paths_of(arena, series, part),
    };

    assert_non_null(claims);
    claims[0] = (pm_claim){PM_LIT("earlier@example.org"), part, PM_LIT("link")};
    claims[1] = (pm_claim){pm_print(arena, "e%u@example.org", part), 0, PM_LIT("reply")};
    return memo;
}

static pm_memo reply(pm_arena *arena, unsigned series, unsigned number)
{
    return (pm_memo){.message_id = pm_print(arena, "r%u.%u@example.org", series, number),
                     .part = -1,
                     .author = pm_print(arena, "reader%u@example.org", number),
                     .answers = true,
                     .series = {.id = pm_print(arena, "s%u.0@example.org", series),
                                .last_seen = 1000 + 86400 * (int64_t)number,
                                .title = PM_LIT("Re: a reply's title does not count")}};
}

void world_make(world *made, pm_arena *arena)
{
    made->count = 0;
    for (unsigned series = 0; series < WORLD_SERIES; series++) {
        bool has_cover = series % 3 != 2;

        for (unsigned part = has_cover ? 0 : 1; part < 6; part++)
            made->memos[made->count++] = letter(arena, series, part);
        for (unsigned number = 0; number < 3; number++)
            made->memos[made->count++] = reply(arena, series, number);
        /* Sent twice, the second time with another title, at another time. */
        made->memos[made->count] = letter(arena, series, 4);
        made->memos[made->count].message_id = pm_print(arena, "again%u@example.org", series);
        made->memos[made->count].series.date += 50;
        made->memos[made->count++].series.title = PM_LIT("sent again");
    }
    /* One of whose series only a reply has come. */
    made->memos[made->count++] = reply(arena, WORLD_SERIES, 1);
    assert_true(made->count <= WORLD_MESSAGES);
}

void world_shuffle(world *shuffled, unsigned seed)
{
    uint64_t x = seed * 2654435761u + 88172645463325252u;

    for (size_t i = shuffled->count - 1; i > 0; i--) {
        pm_memo kept = shuffled->memos[i];
        size_t j;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        j = x % (i + 1);
        shuffled->memos[i] = shuffled->memos[j];
        shuffled->memos[j] = kept;
    }
}

/* ---- Looking at it ---- */

static void add_list(pm_strbuf *text, const pm_slice *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pm_strbuf_printf(text, "%s%.*s", i == 0 ? " [" : "|", PM_FMT(list[i]));
    pm_strbuf_add_text(text, count > 0 ? "]" : " []");
}

static pm_status dump_series(void *context, const pm_series *series)
{
    pm_strbuf *text = context;

    pm_strbuf_printf(text, "series %.*s flags %u v%u.%u total %d rank %d date %lld seen %lld",
                     PM_FMT(series->id), series->flags, series->revision, series->reroll,
                     series->total, series->rank, (long long)series->date,
                     (long long)series->last_seen);
    pm_strbuf_printf(text, " \"%.*s\" %.*s %.*s %.*s %.*s %.*s", PM_FMT(series->title),
                     PM_FMT(series->author), PM_FMT(series->author_name), PM_FMT(series->change_id),
                     PM_FMT(series->project), PM_FMT(series->inbox));
    add_list(text, series->subsystems, series->subsystem_count);
    add_list(text, series->titles, series->title_count);
    add_list(text, series->paths, series->path_count);
    for (size_t i = 0; i < series->claim_count; i++)
        pm_strbuf_printf(text, " %.*s/%u/%.*s", PM_FMT(series->claims[i].message_id),
                         series->claims[i].revision, PM_FMT(series->claims[i].how));
    pm_strbuf_add_byte(text, '\n');
    return PM_OK;
}

static pm_status dump_reference(void *context, const pm_store_message *message, pm_slice series)
{
    pm_strbuf_printf(context, "reference %.*s of %.*s part %d by %.*s\n",
                     PM_FMT(message->message_id), PM_FMT(series), message->part,
                     PM_FMT(message->author));
    return PM_OK;
}

static pm_status dump_link(void *context, const pm_link *link)
{
    pm_strbuf_printf(context, "link %.*s to %.*s %.*s %.3f %d\n", PM_FMT(link->series),
                     PM_FMT(link->predecessor), PM_FMT(link->why), link->weight, link->pinned);
    return PM_OK;
}

static pm_status dump_note(void *context, const pm_note *note)
{
    pm_strbuf_printf(context, "note %.*s %.*s \"%.*s\" until %lld\n", PM_FMT(note->plugin),
                     PM_FMT(note->key), PM_FMT(note->value), (long long)note->expires);
    return PM_OK;
}

static pm_status dump_path(void *context, pm_slice project, pm_slice path, int64_t seen)
{
    pm_strbuf_printf(context, "path %.*s of %.*s seen %lld\n", PM_FMT(path), PM_FMT(project),
                     (long long)seen);
    return PM_OK;
}

/* What the keys find. */
static void dump_found(pm_strbuf *text, pm_store *store, pm_arena *arena, pm_series_key key,
                       const char *value)
{
    pm_series *found;
    size_t count;

    assert_int_equal(pm_store_find(store, arena, key, pm_slice_of(value), PM_STORE_FIND_MOST,
                                   world_soon(), &found, &count),
                     PM_OK);
    pm_strbuf_printf(text, "found by %s:", value);
    for (size_t i = 0; i < count; i++)
        pm_strbuf_printf(text, " %.*s", PM_FMT(found[i].id));
    pm_strbuf_add_byte(text, '\n');
}

pm_slice world_dump(pm_store *store, pm_arena *arena)
{
    pm_strbuf text;
    const pm_walk walk = {&text, dump_series, dump_reference, dump_link, dump_note, dump_path};
    pm_slice dump;

    pm_strbuf_init(&text, 64 << 20);
    assert_int_equal(pm_store_walk(store, &walk, world_soon()), PM_OK);
    dump_found(&text, store, arena, PM_KEY_AUTHOR, "dev0@example.org");
    dump_found(&text, store, arena, PM_KEY_AUTHOR, "dev1@example.org");
    dump_found(&text, store, arena, PM_KEY_AUTHOR_NAME, "dev");
    dump_found(&text, store, arena, PM_KEY_CHANGE_ID, "change-8");
    dump_found(&text, store, arena, PM_KEY_CHANGE_ID, "change-6");
    dump_found(&text, store, arena, PM_KEY_TITLE, "title 0 of 1");
    dump_found(&text, store, arena, PM_KEY_TITLE, "title 1 of 2");
    dump_found(&text, store, arena, PM_KEY_TITLE, "sent again");
    assert_false(text.failed);
    dump = pm_copy(arena, pm_strbuf_slice(&text));
    pm_strbuf_free(&text);
    return dump;
}

void world_remember(pm_store *store, const world *mail)
{
    for (size_t i = 0; i < mail->count; i++)
        assert_int_equal(pm_store_remember(store, &mail->memos[i], world_soon()), PM_OK);
}

void world_same(pm_slice got, pm_slice expected, unsigned seed)
{
    if (pm_slice_equal(got, expected))
        return;
    for (pm_slice a, b; pm_slice_next_line(&got, &a) && pm_slice_next_line(&expected, &b);)
        if (!pm_slice_equal(a, b))
            fail_msg("seed %u:\n  %.*s\nshould be\n  %.*s", seed, PM_FMT(a), PM_FMT(b));
    fail_msg("seed %u: one has more rows", seed);
}

void world_is_migrated(pm_store *store, pm_arena *arena)
{
    const pm_note note = {PM_LIT("tea"), PM_LIT("key"), PM_LIT("value"), 2000000000};
    pm_slice path = PM_LIT("lid/knob.c"), *found, id, value;
    const pm_paths_seen seen = {PM_LIT("tea"), &path, 1, 1000};
    pm_errors *errors = pm_errors_new();
    pm_series series;
    size_t count;

    assert_int_equal(
        pm_store_reference(store, arena, PM_LIT("s1@example.org"), world_soon(), &id, NULL), PM_OK);
    assert_int_equal(pm_store_series(store, arena, id, world_soon(), &series), PM_OK);
    assert_true(pm_slice_equal(series.title, PM_LIT("Boil")));
    assert_true(pm_slice_equal(series.supersedes, PM_LIT("s0@example.org")));
    assert_int_equal(pm_store_note(store, &note, 1, world_soon()), PM_OK);
    assert_int_equal(
        pm_store_noted(store, arena, note.plugin, note.key, 1000, world_soon(), &value), PM_OK);
    assert_int_equal(pm_store_see_paths(store, &seen, world_soon()), PM_OK);
    assert_int_equal(
        pm_store_paths(store, arena, seen.project, PM_LIT("knob.c"), world_soon(), &found, &count),
        PM_OK);
    assert_int_equal(count, 1);
    assert_true(pm_store_verify(store, errors));
    pm_errors_free(errors);
}
