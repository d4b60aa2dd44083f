/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_bench - does remembering stay as fast as it was? Makes up series, remembers them, and tells
 * the time of the first and the last 10,000 of them, and the memory and disk it took.
 *
 *   store_bench [SERIES [WHERE]]      100000, in a new file below $TMPDIR that is deleted
 * afterwards
 *
 * A series is a cover, three patches and two replies, each looked up before (by what it answers,
 * and the cover by its author) as a filter does. Two ids in three begin with the date, as git
 * send-email's and b4's do; the others are random.
 */
#include "clock.h"
#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRETCH  10000 /* series that are timed together */
#define MESSAGES 6     /* of a series */
#define AUTHORS  500
#define PATHS    8

typedef struct bench {
    pm_store *store;
    pm_arena *arena;
    uint64_t late; /* calls that did not get what they wanted */
} bench;

static int64_t soon(void)
{
    return pm_clock_us() + 10000000;
}

/* The same numbers in every run: xorshift* of the two. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t x = a * 0x9e3779b97f4a7c15u + b + 1;

    for (unsigned i = 0; i < 2; i++) {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        x *= 0x2545f4914f6cdd1du;
    }
    return x;
}

static pm_slice make_id(pm_arena *arena, uint64_t series, unsigned part)
{
    uint64_t number = mix(series, part);

    if (series % 3 == 2)
        return pm_print(arena, "%016" PRIx64 "-%u@mail.example.org", number, part);
    return pm_print(arena, "%014" PRIu64 ".%" PRIu64 "-%u-dev@example.org",
                    20200101000000 + series * 97, number % 1000000, part);
}

static const char *const words[] = {"fix",  "add",  "guest", "memory", "clock", "vector",
                                    "page", "trap", "timer", "nested", "queue", "parse"};

static pm_slice make_title(pm_arena *arena, uint64_t number)
{
    const size_t count = sizeof(words) / sizeof(words[0]);

    return pm_print(arena, "%s %s %s %s %u", words[number % count], words[number / 16 % count],
                    words[number / 256 % count], words[number / 4096 % count],
                    (unsigned)(number % 9973));
}

static bool make_memo(pm_arena *arena, uint64_t series, unsigned part, pm_memo *memo)
{
    pm_slice *paths = pm_alloc_array(arena, PATHS, sizeof(*paths));
    pm_slice *titles = pm_alloc_array(arena, 1, sizeof(*titles));
    uint64_t author = mix(series / 7, 77) % AUTHORS;

    if (paths == NULL || titles == NULL)
        return false;
    for (unsigned i = 0; i < PATHS; i++)
        paths[i] = pm_print(arena, "dir%u/part%u/file%u.c", (unsigned)(author % 90),
                            (unsigned)(series % 50), part * PATHS + i);
    titles[0] = make_title(arena, mix(series, part + 100));
    *memo = (pm_memo){.message_id = make_id(arena, series, part),
                      .part = part < 4 ? (int)part : -1,
                      .answers = part >= 4,
                      .series = {.id = make_id(arena, series, 0),
                                 .flags = part == 0 ? PM_SERIES_ROOT : 0,
                                 .revision = 1 + (unsigned)(series % 4),
                                 .total = 3,
                                 .rank = (int32_t)part,
                                 .date = (int64_t)(1500000000 + series * 60),
                                 .last_seen = (int64_t)(1500000000 + series * 60 + part),
                                 .title = titles[0],
                                 .author = pm_print(arena, "dev%u@example.org", (unsigned)author),
                                 .author_name = pm_print(arena, "dev %u", (unsigned)author),
                                 .project = PM_LIT("linux"),
                                 .inbox = PM_LIT("kvm-x86"),
                                 .titles = titles,
                                 .title_count = 1,
                                 .paths = paths,
                                 .path_count = PATHS}};
    return true;
}

static void do_message(bench *run, uint64_t series, unsigned part)
{
    pm_series *found;
    pm_slice id;
    size_t count;
    pm_memo memo;
    pm_status status;

    pm_arena_reset(run->arena);
    if (!make_memo(run->arena, series, part, &memo))
        exit(2);
    status = pm_store_reference(run->store, run->arena, memo.series.id, soon(), &id, NULL);
    run->late += status != PM_OK && status != PM_ABSENT;
    if (part == 0)
        run->late += pm_store_find(run->store, run->arena, PM_KEY_AUTHOR, memo.series.author, 10,
                                   soon(), &found, &count) != PM_OK;
    run->late += pm_store_remember(run->store, &memo, soon()) != PM_OK;
}

static long peak_kib(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
}

static int64_t cpu_us(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

typedef struct stretch {
    int64_t wall_us, cpu_us;
} stretch;

static void tell(uint64_t from, uint64_t to, stretch took)
{
    double messages = (double)((to - from) * MESSAGES);

    printf("series %8" PRIu64 " to %8" PRIu64 ": %6.1f s, %6.1f us a message, %6.1f us of it at "
           "work, peak memory %ld MiB\n",
           from, to, (double)took.wall_us / 1e6, (double)took.wall_us / messages,
           (double)took.cpu_us / messages, peak_kib() / 1024);
    fflush(stdout);
}

static int run_all(bench *run, uint64_t total)
{
    stretch first = {0, 0}, last = {0, 0};
    int64_t begin = pm_clock_us();

    for (uint64_t from = 0; from + STRETCH <= total; from += STRETCH) {
        stretch start = {pm_clock_us(), cpu_us()};

        for (uint64_t series = from; series < from + STRETCH; series++)
            for (unsigned part = 0; part < MESSAGES; part++)
                do_message(run, series, part);
        last = (stretch){pm_clock_us() - start.wall_us, cpu_us() - start.cpu_us};
        if (from == 0)
            first = last;
        if (from == 0 || from + 2 * STRETCH > total || from / STRETCH % 10 == 9)
            tell(from, from + STRETCH, last);
    }
    printf("all of it: %.1f s, %" PRIu64 " calls late; the last %d took %.2f times the first "
           "(at work: %.2f)\n",
           (double)(pm_clock_us() - begin) / 1e6, run->late, STRETCH,
           (double)last.wall_us / (double)first.wall_us,
           (double)last.cpu_us / (double)first.cpu_us);
    return run->late == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    uint64_t total = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000, size = 0;
    const char *tmp = getenv("TMPDIR");
    char folder[256], file[300], path[320];
    pm_errors *errors = pm_errors_new();
    bench run = {.arena = pm_arena_new(64 << 20)};
    int result = 2;

    snprintf(folder, sizeof(folder), "%s/store-bench-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    if (total < STRETCH || (argc <= 2 && mkdtemp(folder) == NULL)) {
        fprintf(stderr, "usage: store_bench [SERIES (at least %d) [WHERE]]\n", STRETCH);
        goto done;
    }
    snprintf(file, sizeof(file), "%s/series.db", folder);
    run.store = pm_store_open(argc > 2 ? argv[2] : file, false, errors);
    if (run.store == NULL || run.arena == NULL) {
        fprintf(stderr, "store_bench: %s\n", pm_errors_nth(errors, 0));
        goto done;
    }
    result = run_all(&run, total);
    if (pm_store_size(run.store, soon(), &size) == PM_OK)
        printf("on disk: %.1f MiB, %.0f bytes a series\n", (double)size / (1 << 20),
               (double)size / (double)total);
done:
    pm_store_close(run.store);
    if (argc <= 2) {
        static const char *const ends[] = {"", "-wal", "-shm"};

        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
            snprintf(path, sizeof(path), "%s%s", file, ends[i]);
            unlink(path);
        }
        rmdir(folder);
    }
    pm_arena_free(run.arena);
    pm_errors_free(errors);
    return result;
}
