/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mailmap - people who go by several addresses and names; see mailmap.h.
 *
 * All lines lie in one array, sorted by what is looked up, so that a letter costs a binary search.
 * Two more arrays point into it the other way round: from a person to the addresses.
 */
#include "mailmap.h"

#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LARGEST_FILE = 16 << 20,
    MOST_LINES = 100000,
    LONGEST_LINE = 4096,
};

typedef struct entry {
    pm_slice address, name; /* what is mapped; name empty: whatever the name is */
    pm_person proper;       /* what to; empty: as it is */
    unsigned nth;           /* line, of all files */
} entry;

/* Entries by what they lead to. */
typedef struct way_back {
    const entry **entries;
    size_t count;
} way_back;

struct pm_mailmap {
    char **texts; /* of the files; all slices point into them */
    size_t text_count;
    entry *entries; /* settled: sorted by address and name, each once */
    size_t count, room;
    unsigned lines; /* of all files */
    way_back by_address, by_name;
};

/* ---- Small things ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool in_name(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* ---- Lines ---- */

/* A part of a text, which is put in order where it lies. */
typedef struct part {
    char *data;
    size_t len;
} part;

typedef struct reading {
    pm_mailmap *into;
    const char *file;
    unsigned line;
    pm_mailmap_report report;
    void *context;
} reading;

__attribute__((format(printf, 3, 4))) static void report(const reading *of, unsigned line,
                                                         const char *format, ...)
{
    char sentence[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    of->report(of->context, of->file, line, sentence);
}

/* For "%.*s": no longer than is good for a message. */
static int shown(part text)
{
    return text.len > 60 ? 60 : (int)text.len;
}

static part after(part text, size_t count)
{
    return (part){text.data + count, text.len - count};
}

static part trimmed(part text)
{
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_blank(text.data[0]))
        text = after(text, 1);
    return text;
}

static pm_slice make_address(part text)
{
    for (size_t i = 0; i < text.len; i++)
        text.data[i] = lower(text.data[i]);
    return (pm_slice){text.data, text.len};
}

/* As the memory keeps names: letters and digits in lower case, every other run one space, none at
 * the ends. Never longer than what it is made of. */
static pm_slice make_name(part text)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = lower(text.data[i]);

        if (in_name(c))
            text.data[len++] = c;
        else if (len > 0 && text.data[len - 1] != ' ')
            text.data[len++] = ' ';
    }
    if (len > 0 && text.data[len - 1] == ' ')
        len--;
    return (pm_slice){text.data, len};
}

static bool is_comment(part text)
{
    return text.len == 0 || text.data[0] == '#';
}

/* Take "Name <address>" off the beginning of text. */
static bool cut_person(part *text, pm_person *out)
{
    char *open = memchr(text->data, '<', text->len);
    char *close = open == NULL ? NULL : memchr(open, '>', text->len - (size_t)(open - text->data));
    part rest;

    if (close == NULL || close == open + 1)
        return false;
    rest = after(*text, (size_t)(close + 1 - text->data));
    out->name = make_name((part){text->data, (size_t)(open - text->data)});
    out->address = make_address((part){open + 1, (size_t)(close - open - 1)});
    *text = trimmed(rest);
    return true;
}

static bool add_entry(const reading *of, const entry *made)
{
    pm_mailmap *into = of->into;

    if (into->count == into->room) {
        size_t room = into->room == 0 ? 256 : 2 * into->room;
        entry *moved = realloc(into->entries, room * sizeof(*moved));

        if (moved == NULL) {
            report(of, 0, "cannot be read: out of memory");
            return false;
        }
        into->entries = moved;
        into->room = room;
    }
    into->entries[into->count++] = *made;
    return true;
}

static bool is_usable(const reading *of, part line)
{
    if (line.len > LONGEST_LINE)
        report(of, of->line, "is longer than %d bytes; passed over", LONGEST_LINE);
    else if (memchr(line.data, '\0', line.len) != NULL)
        report(of, of->line, "has a NUL byte in it; passed over");
    else
        return true;
    return false;
}

/* False: there is no memory. */
static bool read_line(const reading *of, part line)
{
    part rest = trimmed(line);
    entry made = {.name = {"", 0}, .nth = of->into->lines};
    pm_person first, second;

    if (is_comment(rest) || !is_usable(of, rest))
        return true;
    if (!cut_person(&rest, &first)) {
        report(of, of->line,
               "\"%.*s\" has no address (write: Name <address> or <address> <other address>); "
               "passed over",
               shown(rest), rest.data);
        return true;
    }
    made.proper.name = first.name;
    if (!is_comment(rest) && cut_person(&rest, &second)) {
        made.address = second.address;
        made.name = second.name;
        made.proper.address = first.address;
    } else if (first.name.len > 0) {
        made.address = first.address;
        made.proper.address = (pm_slice){"", 0};
    } else {
        report(of, of->line,
               "maps the address to nothing (put a name or an address before it); "
               "passed over");
        return true;
    }
    if (!is_comment(rest))
        report(of, of->line, "\"%.*s\" behind the address is passed over", shown(rest), rest.data);
    return add_entry(of, &made);
}

static bool read_lines(reading *of, part text)
{
    while (text.len > 0) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);

        of->line++;
        if (of->into->lines++ == MOST_LINES) {
            report(of, 0, "has more lines than the %d that are read (is it a mailmap?)",
                   MOST_LINES);
            return false;
        }
        if (!read_line(of, (part){text.data, len}))
            return false;
        text = after(text, end == NULL ? len : len + 1);
    }
    return true;
}

/* ---- Files ---- */

/* Memory for a text, which is the mailmap's from then on. */
static char *add_room(const reading *of, size_t size)
{
    pm_mailmap *into = of->into;
    char **moved = realloc(into->texts, (into->text_count + 1) * sizeof(*moved));
    char *room = NULL;

    if (moved != NULL) {
        into->texts = moved;
        room = malloc(size + 1); /* malloc(0) may be NULL */
    }
    if (room == NULL)
        report(of, 0, "cannot be read: out of memory");
    else
        into->texts[into->text_count++] = room;
    return room;
}

bool pm_mailmap_add_text(pm_mailmap *mailmap, const char *file, pm_slice text, pm_mailmap_report to,
                         void *context)
{
    reading of = {.into = mailmap, .file = file, .report = to, .context = context};
    char *copy = add_room(&of, text.len);

    if (copy == NULL)
        return false;
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    return read_lines(&of, (part){copy, text.len});
}

/* The file's size; -1 after it was reported. */
static off_t size_of(const reading *of, int file)
{
    struct stat status;

    if (file < 0 || fstat(file, &status) != 0)
        report(of, 0, "cannot be read: %s (name the project's mailmap)", strerror(errno));
    else if (!S_ISREG(status.st_mode))
        report(of, 0, "is not a file (name the mailmap itself)");
    else if (status.st_size > LARGEST_FILE)
        report(of, 0, "is larger than 16 MiB (is it a mailmap?)");
    else
        return status.st_size;
    return -1;
}

/* Read up to size bytes; it may have been cut since it was measured. -1 after it was reported. */
static ssize_t read_bytes(const reading *of, int file, char *into, size_t size)
{
    size_t len = 0;

    while (len < size) {
        ssize_t got = read(file, into + len, size - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            report(of, 0, "cannot be read: %s", strerror(errno));
            return -1;
        }
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

bool pm_mailmap_add_file(pm_mailmap *mailmap, const char *file, pm_mailmap_report to, void *context)
{
    reading of = {.into = mailmap, .file = file, .report = to, .context = context};
    int opened = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would be waited for */
    off_t size = size_of(&of, opened);
    char *text = size < 0 ? NULL : add_room(&of, (size_t)size);
    ssize_t len = text == NULL ? -1 : read_bytes(&of, opened, text, (size_t)size);

    if (opened >= 0)
        close(opened);
    return len >= 0 && read_lines(&of, (part){text, (size_t)len});
}

/* ---- Settling ---- */

static int compare_entries(const void *a, const void *b)
{
    const entry *left = a, *right = b;
    int order = compare(left->address, right->address);

    if (order == 0)
        order = compare(left->name, right->name);
    return order != 0 ? order : (left->nth > right->nth) - (left->nth < right->nth);
}

/* A later line about an address replaces what it speaks of and keeps the rest; about an address
 * with a name it replaces all, as in git. */
static void override(entry *earlier, const entry *later)
{
    bool named = earlier->name.len > 0;

    if (named || later->proper.name.len > 0)
        earlier->proper.name = later->proper.name;
    if (named || later->proper.address.len > 0)
        earlier->proper.address = later->proper.address;
}

static void fold(pm_mailmap *mailmap)
{
    size_t kept = 0;

    for (size_t i = 0; i < mailmap->count; i++) {
        entry *last = kept == 0 ? NULL : &mailmap->entries[kept - 1], *at = &mailmap->entries[i];

        if (last != NULL && equal(last->address, at->address) && equal(last->name, at->name))
            override(last, at);
        else
            mailmap->entries[kept++] = *at;
    }
    mailmap->count = kept;
}

static int compare_proper_addresses(const void *a, const void *b)
{
    const entry *const *left = a, *const *right = b;
    int order = compare((*left)->proper.address, (*right)->proper.address);

    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static int compare_proper_names(const void *a, const void *b)
{
    const entry *const *left = a, *const *right = b;
    int order = compare((*left)->proper.name, (*right)->proper.name);

    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static bool make_way_back(const pm_mailmap *mailmap, way_back *made,
                          int (*order)(const void *a, const void *b))
{
    if (mailmap->count == 0)
        return true;
    made->entries = malloc(mailmap->count * sizeof(const entry *));
    if (made->entries == NULL)
        return false;
    for (size_t i = 0; i < mailmap->count; i++)
        made->entries[i] = &mailmap->entries[i];
    made->count = mailmap->count;
    qsort(made->entries, made->count, sizeof(const entry *), order);
    return true;
}

bool pm_mailmap_settle(pm_mailmap *mailmap)
{
    if (mailmap->count > 0)
        qsort(mailmap->entries, mailmap->count, sizeof(entry), compare_entries);
    fold(mailmap);
    return make_way_back(mailmap, &mailmap->by_address, compare_proper_addresses) &&
           make_way_back(mailmap, &mailmap->by_name, compare_proper_names);
}

pm_mailmap *pm_mailmap_new(void)
{
    return calloc(1, sizeof(pm_mailmap));
}

void pm_mailmap_free(pm_mailmap *mailmap)
{
    if (mailmap == NULL)
        return;
    for (size_t i = 0; i < mailmap->text_count; i++)
        free(mailmap->texts[i]);
    free(mailmap->texts);
    free(mailmap->entries);
    free(mailmap->by_address.entries);
    free(mailmap->by_name.entries);
    free(mailmap);
}

/* ---- Asking ---- */

static const entry *find_entry(const pm_mailmap *mailmap, pm_slice address, pm_slice name)
{
    const entry wanted = {.address = address, .name = name};
    size_t from = 0, to = mailmap->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const entry *at = &mailmap->entries[middle];
        int order = compare(at->address, wanted.address);

        if (order == 0)
            order = compare(at->name, wanted.name);
        if (order == 0)
            return at;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

bool pm_mailmap_find(const pm_mailmap *mailmap, pm_person *who)
{
    const entry *found = find_entry(mailmap, who->address, who->name);

    if (found == NULL)
        found = find_entry(mailmap, who->address, (pm_slice){"", 0});
    if (found == NULL)
        return false;
    *who = (pm_person){
        .address = found->proper.address.len > 0 ? found->proper.address : found->address,
        .name = found->proper.name.len > 0 ? found->proper.name : who->name,
    };
    return true;
}

static pm_slice proper_address(const entry *of)
{
    return of->proper.address;
}

static pm_slice proper_name(const entry *of)
{
    return of->proper.name;
}

/* The first of those that lead to what is wanted, or where it would be. */
static size_t find_first(const way_back *among, pm_slice (*key)(const entry *of), pm_slice wanted)
{
    size_t from = 0, to = among->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare(key(among->entries[middle]), wanted) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

typedef struct list {
    pm_slice *items;
    size_t count, room;
} list;

static void add_once(list *to, pm_slice item)
{
    if (item.len == 0 || to->count == to->room)
        return;
    for (size_t i = 0; i < to->count; i++)
        if (equal(to->items[i], item))
            return;
    to->items[to->count++] = item;
}

static void add_leading_to(list *to, const way_back *among, pm_slice (*key)(const entry *of),
                           pm_slice wanted)
{
    size_t at = wanted.len == 0 ? among->count : find_first(among, key, wanted);

    for (; at < among->count && to->count < to->room && equal(key(among->entries[at]), wanted);
         at++) {
        add_once(to, among->entries[at]->proper.address);
        add_once(to, among->entries[at]->address);
    }
}

size_t pm_mailmap_addresses(const pm_mailmap *mailmap, const pm_person *who, pm_slice *found,
                            size_t room)
{
    list addresses = {.items = found, .room = room};

    add_once(&addresses, who->address);
    add_leading_to(&addresses, &mailmap->by_address, proper_address, who->address);
    add_leading_to(&addresses, &mailmap->by_name, proper_name, who->name);
    return addresses.count;
}
