/* SPDX-License-Identifier: BSD-2-Clause */
/* log - one event, one line of logfmt; see log.h. */
#include "log.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* One value takes at most a quarter of a line: a stranger's Message-ID of a thousand odd bytes must
 * not push out the fields behind it. */
#define VALUE_ROOM 1024

static atomic_int highest_level = PM_LEVEL_INFO;
static atomic_int output = STDERR_FILENO;
static atomic_bool with_prefixes = false;

void pm_log_set_level(int level)
{
    highest_level = level;
}

void pm_log_set_output(int fd, bool prefixes)
{
    output = fd;
    with_prefixes = prefixes;
}

static const char *level_name(int level)
{
    if (level <= PM_LEVEL_ERROR)
        return "error";
    if (level <= PM_LEVEL_WARNING)
        return "warning";
    return level <= PM_LEVEL_INFO ? "info" : "debug";
}

/* Bytes still free in front of the line's LF. */
static size_t room_in(const pm_log_line *line)
{
    return sizeof(line->text) - 1 - line->len;
}

static void append(pm_log_line *line, const char *bytes, size_t len)
{
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

void pm_log_begin(pm_log_line *line, int level, const char *event)
{
    line->len = 0;
    line->level = level;
    line->wanted = level <= highest_level;
    if (!line->wanted)
        return;
    if (with_prefixes && level >= 0 && level <= 7)
        append(line, (char[]){'<', (char)('0' + level), '>'}, 3);
    append(line, "level=", 6);
    append(line, level_name(level), strlen(level_name(level)));
    pm_log_string(line, "event", event);
}

static void take_lock(int *lock)
{
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
}

static void give_lock(int *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* May one more line go out? Then *left_out says how many did not since the last one. Each line
 * moves next_us one interval on; it may run ahead of the clock by a burst (the "generic cell rate
 * algorithm" of ATM networks), so what was not used of the burst comes back with time. */
static bool within(pm_log_limit *limit, uint64_t *left_out)
{
    int64_t now = pm_clock_us();
    int64_t lead = limit->burst > 1 ? (int64_t)(limit->burst - 1) * limit->interval_us : 0;
    bool fine;

    take_lock(&limit->lock);
    if (limit->next_us < now)
        limit->next_us = now;
    fine = limit->next_us - now <= lead;
    *left_out = limit->suppressed;
    if (fine) {
        limit->next_us += limit->interval_us;
        limit->suppressed = 0;
    } else {
        limit->suppressed++;
    }
    give_lock(&limit->lock);
    return fine;
}

void pm_log_begin_limited(pm_log_line *line, pm_log_limit *limit, int level, const char *event)
{
    uint64_t left_out = 0;

    pm_log_begin(line, level, event);
    if (!line->wanted)
        return; /* what nobody reads does not count */
    line->wanted = within(limit, &left_out);
    if (left_out > 0)
        pm_log_number(line, "suppressed", (int64_t)left_out);
}

/* What a reader, a terminal or a parser of the log would take for more than text: control
 * characters (also the C1 ones), what ends a line elsewhere, what turns the direction of writing
 * around. */
static bool is_harmless(const unsigned char *at, size_t len)
{
    unsigned point;

    if (len == 1)
        return at[0] >= 0x20 && at[0] != 0x7f && at[0] != '"' && at[0] != '\\';
    if (len == 2)
        return !(at[0] == 0xc2 && at[1] < 0xa0);
    if (len == 4)
        return true;
    point = (at[0] & 0x0fu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    return !(point >= 0x2028 && point <= 0x202e) && !(point >= 0x2066 && point <= 0x2069) &&
           point != 0xfeff;
}

static bool needs_quotes(pm_slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.data[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
            return true;
    }
    return value.len == 0;
}

/* The value, escaped, in at most room bytes, of which the last three are "..." when it was cut. */
static void append_escaped(pm_log_line *line, pm_slice value, size_t room)
{
    static const char hex[16] = "0123456789abcdef";
    size_t start = line->len, fits = line->len; /* where "..." can go if the rest does not fit */

    while (value.len > 0) {
        const unsigned char *at = (const unsigned char *)value.data;
        size_t length = pm_slice_utf8_length(value);
        bool harmless = length > 0 && is_harmless(at, length);
        size_t takes = harmless ? length : 4;

        if (length == 0 || !harmless)
            length = 1; /* byte by byte: what was a character's rest is escaped by itself */
        if (line->len - start + takes > room) {
            line->len = fits;
            append(line, "...", 3);
            return;
        }
        if (harmless)
            append(line, value.data, length);
        else
            append(line, (char[]){'\\', 'x', hex[at[0] >> 4], hex[at[0] & 15]}, 4);
        if (line->len - start + 3 <= room)
            fits = line->len;
        value = pm_slice_after(value, length);
    }
}

void pm_log_text(pm_log_line *line, const char *key, pm_slice value)
{
    bool quoted = needs_quotes(value);
    size_t key_len = strlen(key), room;

    if (!line->wanted || room_in(line) < 1 + key_len + 1 + 2 + 3)
        return;
    append(line, " ", line->len > 0);
    append(line, key, key_len);
    append(line, "=", 1);
    append(line, "\"", quoted);
    room = room_in(line) - quoted;
    append_escaped(line, value, room < VALUE_ROOM ? room : VALUE_ROOM);
    append(line, "\"", quoted);
}

void pm_log_string(pm_log_line *line, const char *key, const char *value)
{
    if (value != NULL)
        pm_log_text(line, key, pm_slice_of(value));
}

void pm_log_number(pm_log_line *line, const char *key, int64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%lld", (long long)value);

    /* Half a number would be another number. */
    if (room_in(line) >= 1 + strlen(key) + 1 + (size_t)len + 5)
        pm_log_text(line, key, (pm_slice){digits, (size_t)len});
}

static void log_vprintf(pm_log_line *line, const char *key, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void log_vprintf(pm_log_line *line, const char *key, const char *format, va_list args)
{
    char value[VALUE_ROOM + 1 + 1]; /* one more than is shown, so that a cut is seen */
    int len;

    if (!line->wanted)
        return;
    len = vsnprintf(value, sizeof(value), format, args);
    if (len < 0)
        return;
    pm_log_text(line, key,
                (pm_slice){value, (size_t)len < sizeof(value) ? (size_t)len : sizeof(value) - 1});
}

void pm_log_printf(pm_log_line *line, const char *key, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_vprintf(line, key, format, args);
    va_end(args);
}

/* ---- Writing ---- */

/* Who reads the log may have stopped, and a full pipe or socket would stop the mail with it. It is
 * asked whether it takes a line; once it was too long about it, nobody waits until it does. */
#define PATIENCE_MS 100

static struct {
    pthread_mutex_t lock; /* from asking to writing: nobody else fills what was free */
    bool stuck;
    uint64_t lost; /* lines, and not yet told */
} reader = {PTHREAD_MUTEX_INITIALIZER, false, 0};

static bool takes_a_line(void)
{
    struct pollfd polled = {.fd = output, .events = POLLOUT};
    int ready;

    do
        ready = poll(&polled, 1, reader.stuck ? 0 : PATIENCE_MS);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static void tell_lost(pm_log_line *line)
{
    const size_t before = line->len;

    if (reader.lost > 0)
        pm_log_number(line, "lost", (int64_t)reader.lost);
    if (line->len > before)
        reader.lost = 0;
}

/* There is nobody to tell that it cannot be written. */
static void write_line(pm_log_line *line)
{
    ssize_t written;

    line->text[line->len++] = '\n';
    do
        written = write(output, line->text, line->len);
    while (written < 0 && errno == EINTR);
}

void pm_log_end(pm_log_line *line)
{
    if (!line->wanted || output < 0)
        return;
    pthread_mutex_lock(&reader.lock);
    reader.stuck = !takes_a_line();
    if (reader.stuck) {
        reader.lost++;
    } else {
        tell_lost(line);
        write_line(line);
    }
    pthread_mutex_unlock(&reader.lock);
    line->wanted = false; /* once */
}

void pm_log(int level, const char *event, const char *format, ...)
{
    pm_log_line line;
    va_list args;

    pm_log_begin(&line, level, event);
    va_start(args, format);
    log_vprintf(&line, "msg", format, args);
    va_end(args);
    pm_log_end(&line);
}
