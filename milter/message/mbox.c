/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mbox - an mbox file, or an eml one, read from front to back.
 *
 * Read and not mapped: a mapped file that is truncated under us would kill us, a pipe cannot be
 * mapped, and reading costs as much as the page faults do. The buffer holds one message and what
 * was read beyond it, so an archive of any size takes the memory of its largest message.
 *
 * In an mbox a message begins at a "From " line: the first line of the file, or one behind an empty
 * line that has a sender and a date in it. Archives are full of sentences that begin with "From ".
 */
#include "source_kind.h"

#include "strbuf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_ROOM ((size_t)1024 * 1024)

typedef struct stream {
    int fd;
    char *name;
    pm_errors *errors;
    off_t size;    /* of a regular file, else 0 */
    uint64_t read; /* bytes, so far */
    char *buffer;
    size_t room, start, end;  /* buffer[start..end) is read and not given out */
    size_t given;             /* of that, what the last mail and its separator take: borrowed */
    size_t line, given_lines; /* the number of the line at start, and how many lines given has */
    bool mbox;
    bool skipping; /* the last mail was too long: what follows up to the next one is dropped */
    bool ended, failed;
    pm_strbuf origin, unquoted;
} stream;

static pm_slice held(const stream *from)
{
    return (pm_slice){from->buffer + from->start, from->end - from->start};
}

/* ---- Reading ---- */

/* Room to read into: by moving what is held to the front, or else a larger buffer. */
static bool make_room(stream *into)
{
    size_t room = into->room * 2;
    char *moved;

    if (into->end < into->room)
        return true;
    if (into->start > 0) {
        memmove(into->buffer, into->buffer + into->start, into->end - into->start);
        into->end -= into->start;
        into->start = 0;
        return true;
    }
    if (into->room > PM_MOST_OF_ONE_MAIL)
        return false;
    moved = realloc(into->buffer, room);
    if (moved == NULL) {
        pm_error_at(into->errors, into->name, 0, 0, "there is no memory left to read it");
        into->failed = into->ended = true;
        return false;
    }
    into->buffer = moved;
    into->room = room;
    return true;
}

/* Read more. False at the end of the file, when reading fails, and when the buffer is full. */
static bool fill(stream *into)
{
    ssize_t got;

    if (into->ended || !make_room(into))
        return false;
    do
        got = read(into->fd, into->buffer + into->end, into->room - into->end);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        pm_error_at(into->errors, into->name, 0, 0, "reading stopped after %llu bytes: %s",
                    (unsigned long long)into->read, strerror(errno));
        into->failed = true;
    }
    if (got <= 0) {
        into->ended = true;
        return false;
    }
    into->end += (size_t)got;
    into->read += (uint64_t)got;
    return true;
}

/* The line that begins at *at of what is held, with its LF, and *at behind it. False at the end. */
static bool next_line(stream *from, size_t *at, pm_slice *line_out)
{
    size_t searched = *at, length;

    for (;;) {
        length = pm_slice_find_byte(pm_slice_after(held(from), searched), '\n');
        if (length != PM_NOWHERE) {
            length += searched + 1;
            break;
        }
        searched = held(from).len;
        if (!fill(from)) {
            length = searched;
            break;
        }
    }
    *line_out = pm_slice_cut(held(from), *at, length);
    *at = length;
    return line_out->len > 0;
}

/* ---- Separators ---- */

static bool is_one_of(pm_slice word, const char *three_letter_names)
{
    for (; word.len == 3 && *three_letter_names != '\0'; three_letter_names += 3)
        if (memcmp(word.data, three_letter_names, 3) == 0)
            return true;
    return false;
}

static bool is_weekday(pm_slice word)
{
    return is_one_of(word, "MonTueWedThuFriSatSun");
}

static bool is_month(pm_slice word)
{
    return is_one_of(word, "JanFebMarAprMayJunJulAugSepOctNovDec");
}

/* Up to five capitals (a zone's name), or a sign and digits. */
static bool is_zone(pm_slice word)
{
    bool numeric = word.len == 5 && (word.data[0] == '+' || word.data[0] == '-');

    for (size_t i = numeric; i < word.len; i++)
        if (numeric ? !pm_is_digit(word.data[i]) : word.data[i] < 'A' || word.data[i] > 'Z')
            return false;
    return word.len <= 5;
}

/* As asctime(3) has it, "Sat Nov 21 03:40:38 2026", also without seconds, with a zone, or in the
 * order of RFC 5322. Each word must belong to a date, and none that matters may be missing. */
static bool is_date(pm_slice text)
{
    bool month = false, day = false, time = false, year = false;
    pm_slice word;
    int64_t number;

    while (pm_slice_next_word(&text, &word)) {
        if (word.data[word.len - 1] == ',')
            word.len--;
        if (is_month(word))
            month = true;
        else if (pm_slice_to_int(word, &number) == PM_OK && word.len <= 2)
            day = true;
        else if (pm_slice_to_int(word, &number) == PM_OK && word.len == 4)
            year = true;
        else if (word.len >= 4 && word.len <= 8 && pm_is_digit(word.data[0]) &&
                 pm_slice_find_byte(word, ':') != PM_NOWHERE)
            time = true;
        else if (!is_weekday(word) && !is_zone(word))
            return false;
    }
    return month && day && time && year;
}

/* "From ", a sender, a date. The sender is one word; some archives write "ann at example.org". */
static bool is_separator(pm_slice line)
{
    pm_slice rest = pm_slice_after(line, 5), word;

    if (!pm_slice_starts(line, PM_LIT("From ")) || !pm_slice_next_word(&rest, &word))
        return false;
    if (is_date(rest))
        return true;
    return pm_slice_next_word(&rest, &word) && pm_slice_equal(word, PM_LIT("at")) &&
           pm_slice_next_word(&rest, &word) && is_date(rest);
}

/* A "From " line that was quoted so that it separates nothing: ">From ", ">>From ", ... */
static bool is_quoted(pm_slice line)
{
    size_t at = 0;

    while (at < line.len && line.data[at] == '>')
        at++;
    return at > 0 && pm_slice_starts(pm_slice_after(line, at), PM_LIT("From "));
}

/* ---- Messages ---- */

static pm_slice unquote(stream *from, pm_slice bytes)
{
    pm_strbuf_clear(&from->unquoted);
    while (bytes.len > 0) {
        size_t end = pm_slice_find_byte(bytes, '\n');
        pm_slice line = pm_slice_cut(bytes, 0, end == PM_NOWHERE ? bytes.len : end + 1);

        bytes = pm_slice_after(bytes, line.len);
        pm_strbuf_add(&from->unquoted, pm_slice_after(line, is_quoted(line)));
    }
    return pm_strbuf_slice(&from->unquoted);
}

/* Done with the mail given out last. */
static void take_back(stream *from)
{
    from->start += from->given;
    from->line += from->given_lines;
    from->given = 0;
    from->given_lines = 0;
}

static bool is_empty(pm_slice line)
{
    return pm_slice_equal(line, PM_LIT("\n")) || pm_slice_equal(line, PM_LIT("\r\n"));
}

/* Drop lines up to the next separator. */
static void skip(stream *from)
{
    bool after_empty = false;
    pm_slice line;
    size_t at = 0;

    while (next_line(from, &at, &line) && !(after_empty && is_separator(line))) {
        after_empty = is_empty(line);
        from->given = at;
        from->given_lines++;
        take_back(from);
        at = 0;
    }
    from->skipping = false;
}

/* The next message of an mbox: from the separator at the front up to the next one. The empty line
 * in front of that belongs to the mbox. */
static pm_status next_of_mbox(stream *from, pm_mail *mail_out)
{
    size_t at = 0, begin, end, last = 0;
    bool quoted = false;
    pm_slice line, bytes;

    if (from->skipping)
        skip(from);
    if (!next_line(from, &at, &line))
        return from->failed ? PM_FAULT : PM_ABSENT;
    begin = end = at;
    from->given_lines = 1;
    for (; next_line(from, &at, &line); end = at) {
        if (last > 0 && line.data[0] == 'F' && is_separator(line))
            break;
        last = is_empty(line) ? line.len : 0;
        quoted = quoted || (line.data[0] == '>' && is_quoted(line));
        from->given_lines++;
        if (at > PM_MOST_OF_ONE_MAIL) {
            from->skipping = true;
            end = at;
            last = 0;
            break;
        }
    }
    if (from->failed)
        return PM_FAULT;
    from->given = end;
    bytes = pm_slice_cut(held(from), begin, end - last);
    mail_out->bytes = quoted ? unquote(from, bytes) : bytes;
    pm_strbuf_clear(&from->origin);
    pm_strbuf_printf(&from->origin, "%s:%zu", from->name, from->line);
    mail_out->origin = from->origin.data == NULL ? from->name : from->origin.data;
    return PM_OK;
}

/* All of it, up to the limit. */
static pm_status only_one(stream *from, pm_mail *mail_out)
{
    while (fill(from))
        ;
    if (from->failed)
        return PM_FAULT;
    if (held(from).len == 0)
        return PM_ABSENT;
    from->ended = true;
    from->given = held(from).len;
    mail_out->bytes = pm_slice_cut(held(from), 0, PM_MOST_OF_ONE_MAIL);
    mail_out->origin = from->name;
    return PM_OK;
}

static pm_status mbox_next(void *state, pm_mail *mail_out)
{
    stream *from = state;

    take_back(from);
    if (from->failed)
        return PM_FAULT;
    return from->mbox ? next_of_mbox(from, mail_out) : only_one(from, mail_out);
}

static double mbox_progress(const void *state)
{
    const stream *from = state;
    uint64_t done = from->read - (from->end - from->start) + from->given;

    if (from->size <= 0)
        return -1;
    return done >= (uint64_t)from->size ? 1 : (double)done / (double)from->size;
}

static void mbox_close(void *state)
{
    stream *from = state;

    if (from->fd != STDIN_FILENO)
        close(from->fd);
    pm_strbuf_free(&from->origin);
    pm_strbuf_free(&from->unquoted);
    free(from->buffer);
    free(from->name);
    free(from);
}

const pm_source_kind pm_mbox_kind = {mbox_next, mbox_progress, mbox_close};

/* People try. */
static const char *compression(pm_slice bytes)
{
    static const struct {
        pm_slice magic;
        const char *way_out;
    } table[] = {
        {{"\x1f\x8b", 2}, "zcat"},
        {{"\xfd"
          "7zXZ",
          5},
         "xzcat"},
        {{"\x28\xb5\x2f\xfd", 4}, "zstdcat"},
        {{"BZh", 3}, "bzcat"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (pm_slice_starts(bytes, table[i].magic))
            return table[i].way_out;
    return NULL;
}

void *pm_mbox_open(int fd, const char *name, pm_errors *errors)
{
    stream *opened = calloc(1, sizeof(*opened));
    const char *way_out;
    struct stat about;

    if (opened == NULL) {
        if (fd != STDIN_FILENO)
            close(fd);
        pm_error_at(errors, name, 0, 0, "there is no memory left to read it");
        return NULL;
    }
    opened->fd = fd;
    opened->name = strdup(name);
    opened->errors = errors;
    opened->line = 1;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
        opened->size = about.st_size;
    pm_strbuf_init(&opened->origin, PATH_MAX);
    pm_strbuf_init(&opened->unquoted, PM_MOST_OF_ONE_MAIL * 2);
    opened->buffer = malloc(FIRST_ROOM);
    opened->room = FIRST_ROOM;
    if (opened->name == NULL || opened->buffer == NULL) {
        pm_error_at(errors, name, 0, 0, "there is no memory left to read it");
        mbox_close(opened);
        return NULL;
    }

    while (held(opened).len < 5 && fill(opened))
        ;
    opened->mbox = pm_slice_starts(held(opened), PM_LIT("From "));
    way_out = compression(held(opened));
    if (way_out != NULL) {
        pm_error_at(errors, name, 0, 0, "this file is compressed (give it through a pipe: %s)",
                    way_out);
        mbox_close(opened);
        return NULL;
    }
    return opened;
}
