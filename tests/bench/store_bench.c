/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_bench - does remembering stay as fast as it was? Fills a store with made-up series, then
 * remembers the last of them in turns with the first of an empty store, and tells time and memory.
 *
 *   store_bench [SERIES [FOLDER]]      100000, in a new folder that is deleted afterwards: in
 * FOLDER, or in /dev/shm while there is room, or in $TMPDIR, or in /tmp
 *
 * A series is a cover, three patches and two replies, each looked up before (by what it answers,
 * and the cover by its author) as a filter does. Two ids in three begin with the date, as git
 * send-email's and b4's do; the others are random.
 *
 * In turns, because a shared machine's speed changes within minutes, and filling takes many. In
 * memory, because a shared machine's disk is slower by the hour than by the gigabyte: what shows is
 * what the trees and their caches cost as they grow. A disk of one's own is worth a FOLDER.
 */
#include "clock.h"
#include "store.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define STRETCH  10000 /* series that are timed together */
#define TURNS    5     /* stretches of the empty store, and of the full one */
#define FILLERS  8     /* threads that fill */
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

/* ---- Measuring ---- */

static long peak_mib(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss / 1024;
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

static stretch do_stretch(bench *run, uint64_t from)
{
    const stretch start = {pm_clock_us(), cpu_us()};

    for (uint64_t series = from; series < from + STRETCH; series++)
        for (unsigned part = 0; part < MESSAGES; part++)
            do_message(run, series, part);
    return (stretch){pm_clock_us() - start.wall_us, cpu_us() - start.cpu_us};
}

static void tell(const char *what, uint64_t from, stretch took)
{
    const double messages = STRETCH * MESSAGES;

    printf("%-6s series %8" PRIu64 " to %8" PRIu64 ": %6.1f us a message, %6.1f us of it at work, "
           "peak memory %ld MiB\n",
           what, from, from + STRETCH, (double)took.wall_us / messages,
           (double)took.cpu_us / messages, peak_mib());
    fflush(stdout);
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The medians of wall and processor time, each on its own. */
static stretch median(const stretch *all, size_t count)
{
    int64_t wall[TURNS], cpu[TURNS];

    for (size_t i = 0; i < count; i++) {
        wall[i] = all[i].wall_us;
        cpu[i] = all[i].cpu_us;
    }
    qsort(wall, count, sizeof(*wall), compare);
    qsort(cpu, count, sizeof(*cpu), compare);
    return (stretch){wall[count / 2], cpu[count / 2]};
}

/* ---- The two stores ---- */

static pm_store *open_store(const char *folder, const char *name)
{
    pm_errors *errors = pm_errors_new();
    char path[320];
    pm_store *store;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    store = pm_store_open(path, false, errors);
    if (store == NULL) {
        fprintf(stderr, "store_bench: %s\n", pm_errors_nth(errors, 0));
        exit(2);
    }
    pm_errors_free(errors);
    return store;
}

static void remove_store(const char *folder, const char *name)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[320];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s%s", folder, name, ends[i]);
        unlink(path);
    }
}

static stretch first_of_another(bench *run, const char *folder)
{
    bench another = {.arena = run->arena, .store = open_store(folder, "empty.db")};
    stretch took = do_stretch(&another, 0);

    pm_store_close(another.store);
    remove_store(folder, "empty.db");
    run->late += another.late;
    return took;
}

/* ---- Filling, which is not measured: many at once share commits, as messages do ---- */

typedef struct filler {
    bench bench;
    uint64_t from, to;
    pthread_t thread;
} filler;

static void *fill_part(void *context)
{
    filler *part = context;

    for (uint64_t series = part->from; series < part->to; series += FILLERS)
        for (unsigned message = 0; message < MESSAGES; message++)
            do_message(&part->bench, series, message);
    return NULL;
}

static void fill_stretch(bench *run, uint64_t from)
{
    filler parts[FILLERS];

    for (unsigned i = 0; i < FILLERS; i++) {
        parts[i] = (filler){
            .bench = {.store = run->store, .arena = pm_arena_new(64 << 20)},
            .from = from + i,
            .to = from + STRETCH,
        };
        if (parts[i].bench.arena == NULL ||
            pthread_create(&parts[i].thread, NULL, fill_part, &parts[i]) != 0)
            exit(2);
    }
    for (unsigned i = 0; i < FILLERS; i++) {
        pthread_join(parts[i].thread, NULL);
        pm_arena_free(parts[i].bench.arena);
        run->late += parts[i].bench.late;
    }
}

static void fill(bench *run, uint64_t from, uint64_t to)
{
    for (; from < to; from += STRETCH) {
        const stretch start = {pm_clock_us(), cpu_us()};

        fill_stretch(run, from);
        if (from / STRETCH % 10 == 9)
            tell("filled", from, (stretch){pm_clock_us() - start.wall_us, cpu_us() - start.cpu_us});
    }
}

static void run_all(bench *run, uint64_t total, const char *folder)
{
    const uint64_t filled = total - TURNS * STRETCH;
    stretch first[TURNS], last[TURNS], few, many;
    const int64_t begin = pm_clock_us();
    uint64_t size = 0;
    long early_mib, filled_mib;

    first[0] = do_stretch(run, 0);
    tell("first", 0, first[0]);
    early_mib = peak_mib();
    fill(run, STRETCH, filled);
    filled_mib = peak_mib(); /* from here on there are two stores */
    for (unsigned i = 0; i < TURNS; i++) {
        const uint64_t from = filled + i * STRETCH;

        first[i] = first_of_another(run, folder);
        tell("first", 0, first[i]);
        last[i] = do_stretch(run, from);
        tell("last", from, last[i]);
    }
    few = median(first, TURNS);
    many = median(last, TURNS);
    printf("all of it: %.1f s, %" PRIu64 " calls late; medians of %d turns: the last %d took %.2f "
           "times the first (at work: %.2f)\n",
           (double)(pm_clock_us() - begin) / 1e6, run->late, TURNS, STRETCH,
           (double)many.wall_us / (double)few.wall_us, (double)many.cpu_us / (double)few.cpu_us);
    printf("peak memory %ld MiB, after the first %d series %ld MiB\n", filled_mib, STRETCH,
           early_mib);
    if (pm_store_size(run->store, soon(), &size) == PM_OK)
        printf("in %s: %.1f MiB, %.0f bytes a series\n", folder, (double)size / (1 << 20),
               (double)size / (double)total);
}

/* A series takes 2,500 bytes, and the logs of both stores some more. */
static bool has_room(const char *folder, uint64_t total)
{
    struct statvfs found;

    return statvfs(folder, &found) == 0 &&
           (uint64_t)found.f_bavail * found.f_frsize > total * 4000 + ((uint64_t)512 << 20);
}

static const char *choose_folder(int argc, char **argv, uint64_t total)
{
    const char *tmp = getenv("TMPDIR");

    if (argc > 2)
        return argv[2];
    if (has_room("/dev/shm", total))
        return "/dev/shm";
    return tmp == NULL ? "/tmp" : tmp;
}

int main(int argc, char **argv)
{
    uint64_t total = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    bench run = {.arena = pm_arena_new(64 << 20)};
    char folder[256];

    total -= total % STRETCH;
    snprintf(folder, sizeof(folder), "%s/store-bench-XXXXXX", choose_folder(argc, argv, total));
    if (total <= TURNS * STRETCH || run.arena == NULL || mkdtemp(folder) == NULL) {
        fprintf(stderr, "usage: store_bench [SERIES (more than %d) [FOLDER]]\n", TURNS * STRETCH);
        return 2;
    }
    run.store = open_store(folder, "series.db");
    run_all(&run, total, folder);
    pm_store_close(run.store);
    remove_store(folder, "series.db");
    rmdir(folder);
    pm_arena_free(run.arena);
    return run.late == 0 ? 0 : 1;
}
