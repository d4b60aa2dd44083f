/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintainers - a MAINTAINERS file, and which of its sections a path belongs to.
 *
 * get_maintainer.pl turns each F: pattern into a regular expression and tries all 9,000 of them on
 * each path. We turn that around. Every pattern begins with bytes that stand for themselves, its
 * key. The keys are sorted, and each knows the longest other key that is its own beginning; so the
 * keys a path begins with form a chain, found by one binary search. Only patterns on that chain are
 * tried.
 *
 * What a pattern means follows from the regular expression it is turned into there: it is tied to
 * the beginning of the path but not to its end ("drivers/foo" is also "drivers/foobar.c"), "*" runs
 * over slashes, and unless the pattern ends with "/" path and pattern must have equally many of
 * them.
 */
#include "maintainers.h"
#include "regexes.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LARGEST_FILE = 16 << 20,
    MOST_PATTERNS = 200000,
    LONGEST_PATH = 4096,
    MOST_HITS = 512, /* patterns that match one path; a real path has a dozen */
};

/* How a pattern is compared with a path that begins with its key. */
typedef enum shape {
    LITERAL, /* the key is all there is */
    GLOB,    /* "*", "?" and simple [classes] follow */
    REGEX,   /* more of a regular expression than we care to know; pcre2 decides */
} shape;

struct pattern {
    pm_slice text; /* as written, behind "F:" */
    uint32_t section;
    uint32_t line;
    char kind; /* F, X, N, K */
    unsigned char shape;
    bool directory;  /* ends with "/": everything below */
    bool any_depth;  /* "**": the number of slashes does not matter */
    bool maybe_tree; /* may be a directory written without its slash */
    uint16_t slashes;
    uint16_t key_length;
    uint32_t regex; /* of a REGEX: index */
};

struct key {
    pm_slice text;
    uint32_t first, count; /* in by_key */
    uint32_t parent;       /* the longest key that is a beginning of this, from 1; 0: none */
};

struct pm_maintainers {
    char *text; /* the file; all slices point into it */
    size_t size;
    struct pm_section *sections;
    size_t section_count, section_room;
    struct pattern *patterns; /* in the file's order */
    size_t pattern_count, pattern_room;
    uint32_t *by_key; /* F: and X: patterns, sorted by key */
    struct key *keys;
    size_t key_count;
    pcre2_code **odd; /* of the REGEX patterns */
    size_t odd_count, odd_room;
    pcre2_match_context *match;
    pm_regexes *names;    /* N: */
    pm_regexes *keywords; /* K: */
};

/* ---- Small things ---------------------------------------------------------------------------- */

static bool grow(void *items, size_t *room, size_t size)
{
    void **array = items;
    size_t larger = *room == 0 ? 256 : *room * 2;
    void *moved = realloc(*array, larger * size);

    if (moved == NULL)
        return false;
    *array = moved;
    *room = larger;
    return true;
}

static bool begins_with(pm_slice text, pm_slice beginning)
{
    return text.len >= beginning.len && memcmp(text.data, beginning.data, beginning.len) == 0;
}

static bool is_word(pm_slice text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static pm_slice trimmed(pm_slice text)
{
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    return text;
}

static int compare(pm_slice a, pm_slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static unsigned count_slashes(pm_slice text)
{
    unsigned count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.data[i] == '/';
    return count;
}

/* ---- Reading the file ------------------------------------------------------------------------ */

struct loading {
    pm_maintainers *maintainers;
    const char *file;
    pm_maintainers_report report;
    void *context;

    pm_slice heading; /* the last line that is no field: the title of what follows */
    unsigned heading_line;
    bool in_section, behind_blank;
    bool failed; /* no memory */
};

__attribute__((format(printf, 3, 4))) static void report(const struct loading *loading,
                                                         unsigned line, const char *format, ...)
{
    char sentence[512];
    va_list arguments;

    if (loading->report == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    loading->report(loading->context, loading->file, line, sentence);
}

/* For "%.*s": a line of the file, no longer than is good for a message. */
static int shown(pm_slice text)
{
    return text.len > 60 ? 60 : (int)text.len;
}

static bool read_file(struct loading *loading)
{
    pm_maintainers *maintainers = loading->maintainers;
    bool ok = false;
    struct stat status;
    int file = open(loading->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (file < 0 || fstat(file, &status) != 0) {
        report(loading, 0, "cannot be read: %s (name a MAINTAINERS file of the project)",
               strerror(errno));
        goto done;
    }
    if (!S_ISREG(status.st_mode)) {
        report(loading, 0, "is not a file (name the MAINTAINERS file itself)");
        goto done;
    }
    if (status.st_size > LARGEST_FILE) {
        report(loading, 0, "is larger than 16 MiB (is it a MAINTAINERS file?)");
        goto done;
    }
    maintainers->text = malloc((size_t)status.st_size + 1);
    if (maintainers->text == NULL) {
        report(loading, 0, "cannot be read: out of memory");
        goto done;
    }
    while (maintainers->size < (size_t)status.st_size) {
        ssize_t got = read(file, maintainers->text + maintainers->size,
                           (size_t)status.st_size - maintainers->size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            report(loading, 0, "cannot be read: %s", strerror(errno));
            goto done;
        }
        if (got == 0)
            break; /* it was cut while we read */
        maintainers->size += (size_t)got;
    }
    ok = true;
done:
    if (file >= 0)
        close(file);
    return ok;
}

/* ---- Patterns -------------------------------------------------------------------------------- */

/* The end of a class such as [ch], [79] or [^a-z], whose '[' is at; NULL when it is not that plain.
 */
static const char *class_end(const char *at, const char *end)
{
    const char *first = at + 1;

    if (first < end && *first == '^')
        first++;
    for (at = first; at < end && *at != ']'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || *at == '_' ||
                     (*at == '-' && (at == first || at + 1 == end || at[1] == ']')) ||
                     (*at == '-' && at[-1] < at[1]);

        if (!plain)
            return NULL;
    }
    return at < end && at > first ? at + 1 : NULL;
}

static void shape_pattern(struct pattern *pattern)
{
    const char *at = pattern->text.data, *end = at + pattern->text.len;
    bool special = false;
    size_t key = 0;

    pattern->shape = LITERAL;
    while (at < end) {
        if (strchr("+(){}|^$\\", *at) != NULL) {
            pattern->shape = REGEX;
            key = 0; /* it may make any of the bytes before optional */
            break;
        }
        if (*at == '*' || *at == '?' || *at == '[') {
            special = true;
            pattern->shape = GLOB;
        }
        if (*at == '*' && at + 1 < end && at[1] == '*')
            pattern->any_depth = true;
        if (*at == '[') {
            at = class_end(at, end);
            if (at == NULL) {
                pattern->shape = REGEX;
                key = 0;
                break;
            }
            continue;
        }
        key += !special;
        at++;
    }
    pattern->directory = end[-1] == '/';
    pattern->slashes = (uint16_t)count_slashes(pattern->text);
    pattern->key_length = (uint16_t)key;
    /* Like in get_maintainer.pl, a directory with a dot in its name is not recognized. */
    pattern->maybe_tree = pattern->shape == LITERAL && !pattern->directory &&
                          memchr(pattern->text.data, '.', pattern->text.len) == NULL;
}

/* The regular expression get_maintainer.pl makes of a pattern, for those that are one already. */
static pcre2_code *compile_odd(pm_slice text, char *why_out, size_t why_room)
{
    char expression[3 * 1000];
    size_t length = 0;
    int error = 0;
    PCRE2_SIZE offset = 0;

    if (text.len > sizeof(expression) / 3) {
        snprintf(why_out, why_room, "it is too long");
        return NULL;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (c == '.')
            expression[length++] = '\\';
        expression[length++] = c == '*' || c == '?' ? '.' : c;
        if (c == '*')
            expression[length++] = '*';
    }

    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)expression, length,
                      PCRE2_ANCHORED | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C,
                      &error, &offset, NULL);

    if (code == NULL)
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why_out, why_room);
    else
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

/* N: and K:, the file's own regular expressions. False after a report. */
static bool keep_expression(struct loading *loading, const struct pattern *pattern)
{
    pm_maintainers *maintainers = loading->maintainers;
    pm_regexes *regexes = pattern->kind == 'N' ? maintainers->names : maintainers->keywords;
    char why[160] = "";

    if (pm_regexes_add(regexes, pattern->text, (uint32_t)maintainers->pattern_count, why,
                       sizeof(why)))
        return true;
    report(loading, pattern->line, "%c: %.*s: %s (mend the regular expression; passed over)",
           pattern->kind, shown(pattern->text), pattern->text.data, why);
    return false;
}

/* F: and X: that pcre2 decides. False after a report, or without memory. */
static bool keep_odd(struct loading *loading, struct pattern *pattern)
{
    pm_maintainers *maintainers = loading->maintainers;
    char why[160] = "";
    pcre2_code *code = compile_odd(pattern->text, why, sizeof(why));

    if (code == NULL) {
        report(loading, pattern->line, "%c: %.*s: %s (mend the pattern; passed over)",
               pattern->kind, shown(pattern->text), pattern->text.data, why);
        return false;
    }
    if (maintainers->odd_count == maintainers->odd_room &&
        !grow(&maintainers->odd, &maintainers->odd_room, sizeof(*maintainers->odd))) {
        pcre2_code_free(code);
        loading->failed = true;
        return false;
    }
    pattern->regex = (uint32_t)maintainers->odd_count;
    maintainers->odd[maintainers->odd_count++] = code;
    return true;
}

/* What it is compared with a path by. False after a report, or without memory. */
static bool prepare_pattern(struct loading *loading, struct pattern *pattern)
{
    if (pattern->kind == 'N' || pattern->kind == 'K')
        return keep_expression(loading, pattern);
    shape_pattern(pattern);
    return pattern->shape != REGEX || keep_odd(loading, pattern);
}

static void add_pattern(struct loading *loading, char kind, pm_slice value, unsigned line)
{
    pm_maintainers *maintainers = loading->maintainers;
    struct pattern pattern = {
        .text = value,
        .section = (uint32_t)(maintainers->section_count - 1),
        .line = line,
        .kind = kind,
    };

    if (value.len == 0 || value.len > LONGEST_PATH) {
        report(loading, line, "%c: has no usable pattern (write one path or pattern behind it)",
               kind);
        return;
    }
    if (maintainers->pattern_count == MOST_PATTERNS) {
        report(loading, line, "more than 200,000 patterns; this one is passed over");
        return;
    }
    if (!prepare_pattern(loading, &pattern))
        return;
    if (maintainers->pattern_count == maintainers->pattern_room &&
        !grow(&maintainers->patterns, &maintainers->pattern_room, sizeof(pattern))) {
        loading->failed = true;
        return;
    }
    maintainers->patterns[maintainers->pattern_count++] = pattern;
    if (kind == 'F' && is_word(value, "*/"))
        maintainers->sections[pattern.section].catch_all = true;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static bool begin_section(struct loading *loading)
{
    pm_maintainers *maintainers = loading->maintainers;

    if (maintainers->section_count == maintainers->section_room &&
        !grow(&maintainers->sections, &maintainers->section_room, sizeof(struct pm_section))) {
        loading->failed = true;
        return false;
    }
    maintainers->sections[maintainers->section_count++] = (struct pm_section){
        .title = loading->heading,
        .line = loading->heading_line,
        .catch_all =
            loading->heading.len == 8 && strncasecmp(loading->heading.data, "THE REST", 8) == 0,
    };
    loading->in_section = true;
    return true;
}

/* QEMU underlines its headings. The heading above stays the title unless another line follows. */
static bool is_underline(pm_slice line)
{
    if (line.len < 3 || strchr("-=~*", line.data[0]) == NULL)
        return false;
    for (size_t i = 1; i < line.len; i++)
        if (line.data[i] != line.data[0])
            return false;
    return true;
}

/* In the middle of a section: "F.	board/" or the second line of a field, but not a title that
 * lost the empty line above it. */
static bool is_slip(pm_slice line)
{
    if (is_blank(line.data[0]))
        return true;
    return line.len > 2 && strchr(".;,:", line.data[1]) != NULL && is_blank(line.data[2]);
}

static void read_line(struct loading *loading, pm_slice line, unsigned number)
{
    bool field = line.len >= 2 && line.data[0] >= 'A' && line.data[0] <= 'Z' && line.data[1] == ':';
    pm_slice text = trimmed(line);
    bool behind_blank = loading->behind_blank;

    loading->behind_blank = text.len == 0;
    if (text.len == 0 || line.data[0] == '#') /* U-Boot leaves whole sections as comments */
        return;
    if (!field) {
        if (loading->in_section && !behind_blank && is_slip(line)) {
            report(loading, number, "\"%.*s\" is neither a field nor a title; passed over",
                   shown(text), text.data);
            return;
        }
        loading->in_section = false;
        if (!is_underline(text)) {
            loading->heading = text;
            loading->heading_line = number;
        }
        return;
    }
    if (!loading->in_section) {
        if (loading->heading.len == 0) {
            report(loading, number, "a field before any title; passed over");
            return;
        }
        if (!begin_section(loading))
            return;
    }
    if (strchr("FXNK", line.data[0]) != NULL)
        add_pattern(loading, line.data[0], trimmed((pm_slice){line.data + 2, line.len - 2}),
                    number);
}

static void read_lines(struct loading *loading)
{
    const char *at = loading->maintainers->text, *end = at + loading->maintainers->size;

    for (unsigned number = 1; at < end && !loading->failed; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        pm_slice line = {at, (size_t)((newline == NULL ? end : newline) - at)};

        if (line.len > 0)
            read_line(loading, line, number);
        else
            loading->behind_blank = true;
        at += line.len + 1;
    }
}

/* ---- The index of keys ----------------------------------------------------------------------- */

static pm_slice key_of(const struct pattern *pattern)
{
    return (pm_slice){pattern->text.data, pattern->key_length};
}

static int by_key_then_file(const void *a, const void *b, void *patterns)
{
    const struct pattern *all = patterns;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = compare(key_of(&all[x]), key_of(&all[y]));

    return order != 0 ? order : (x > y) - (x < y);
}

static bool index_keys(pm_maintainers *maintainers)
{
    size_t count = 0;
    uint32_t above = 0; /* the key before, then what it begins with, ... */

    maintainers->by_key = calloc(maintainers->pattern_count + 1, sizeof(*maintainers->by_key));
    maintainers->keys = calloc(maintainers->pattern_count + 1, sizeof(*maintainers->keys));
    if (maintainers->by_key == NULL || maintainers->keys == NULL)
        return false;
    for (size_t i = 0; i < maintainers->pattern_count; i++)
        if (maintainers->patterns[i].kind == 'F' || maintainers->patterns[i].kind == 'X')
            maintainers->by_key[count++] = (uint32_t)i;
    qsort_r(maintainers->by_key, count, sizeof(*maintainers->by_key), by_key_then_file,
            maintainers->patterns);

    for (size_t i = 0; i < count; i++) {
        pm_slice text = key_of(&maintainers->patterns[maintainers->by_key[i]]);

        if (above > 0 && compare(maintainers->keys[above - 1].text, text) == 0) {
            maintainers->keys[above - 1].count++;
            continue;
        }
        while (above > 0 && !begins_with(text, maintainers->keys[above - 1].text))
            above = maintainers->keys[above - 1].parent;
        maintainers->keys[maintainers->key_count++] =
            (struct key){.text = text, .first = (uint32_t)i, .count = 1, .parent = above};
        above = (uint32_t)maintainers->key_count;
    }
    return true;
}

/* The longest key that path begins with, from 1; 0: none. */
static uint32_t find_key(const pm_maintainers *maintainers, pm_slice path)
{
    size_t low = 0, high = maintainers->key_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(maintainers->keys[middle].text, path) <= 0)
            low = middle + 1;
        else
            high = middle;
    }

    /* Whatever path begins with sorts before it, and the key just before it begins with that, too.
     */
    uint32_t key = (uint32_t)low;

    while (key > 0 && !begins_with(path, maintainers->keys[key - 1].text))
        key = maintainers->keys[key - 1].parent;
    return key;
}

/* ---- Loading --------------------------------------------------------------------------------- */

pm_maintainers *pm_maintainers_load(const char *file, pm_maintainers_report report_to,
                                    void *context)
{
    pm_maintainers *maintainers = calloc(1, sizeof(*maintainers));
    struct loading loading = {
        .maintainers = maintainers,
        .file = file,
        .report = report_to,
        .context = context,
        .behind_blank = true,
    };
    bool ok = false;

    if (maintainers == NULL)
        goto done;
    maintainers->names = pm_regexes_new();
    maintainers->keywords = pm_regexes_new();
    maintainers->match = pcre2_match_context_create(NULL);
    if (maintainers->names == NULL || maintainers->keywords == NULL || maintainers->match == NULL)
        goto done;
    pcre2_set_match_limit(maintainers->match, 100000);

    if (!read_file(&loading))
        goto failed;
    read_lines(&loading);
    if (loading.failed || !index_keys(maintainers) || !pm_regexes_seal(maintainers->names) ||
        !pm_regexes_seal(maintainers->keywords))
        goto done;
    if (maintainers->section_count == 0) {
        report(&loading, 0,
               "has no section (a section is a title and lines such as "
               "\"F: path/\"; is it a MAINTAINERS file?)");
        goto failed;
    }
    ok = true;
done:
    if (!ok)
        report(&loading, 0, "cannot be loaded: out of memory");
failed:
    if (!ok) {
        pm_maintainers_free(maintainers);
        return NULL;
    }
    return maintainers;
}

void pm_maintainers_free(pm_maintainers *maintainers)
{
    if (maintainers == NULL)
        return;
    for (size_t i = 0; i < maintainers->odd_count; i++)
        pcre2_code_free(maintainers->odd[i]);
    pm_regexes_free(maintainers->names);
    pm_regexes_free(maintainers->keywords);
    pcre2_match_context_free(maintainers->match);
    free(maintainers->odd);
    free(maintainers->keys);
    free(maintainers->by_key);
    free(maintainers->patterns);
    free(maintainers->sections);
    free(maintainers->text);
    free(maintainers);
}

size_t pm_maintainers_sections(const pm_maintainers *maintainers)
{
    return maintainers->section_count;
}

const pm_section *pm_maintainers_section(const pm_maintainers *maintainers, size_t nth)
{
    return &maintainers->sections[nth];
}

/* ---- One pattern, one path ------------------------------------------------------------------- */

/* Is c in the class at (its '[')? *end_out gets what is behind the ']'. */
static bool in_class(const char *at, char c, const char **end_out)
{
    bool negated = at[1] == '^', found = false;

    for (at += negated ? 2 : 1; *at != ']'; at++) {
        if (at[1] == '-' && at[2] != ']') {
            found = found || (at[0] <= c && c <= at[2]);
            at += 2;
        } else {
            found = found || *at == c;
        }
    }
    *end_out = at + 1;
    return found != negated;
}

/* Does text begin with what pattern describes? The end of text is open, so of several stars only
 * the last one met ever needs to give more: no more than length times length steps. */
static bool glob(pm_slice pattern, pm_slice text)
{
    const char *p = pattern.data, *p_end = p + pattern.len;
    const char *t = text.data, *t_end = t + text.len;
    const char *star = NULL, *retry = NULL;

    while (p < p_end) {
        const char *next = p + 1;

        if (*p == '*') {
            star = ++p;
            retry = t;
            continue;
        }
        if (t < t_end && (*p == '?' || (*p == '[' ? in_class(p, *t, &next) : *p == *t))) {
            p = next;
            t++;
            continue;
        }
        if (star == NULL || retry == t_end)
            return false;
        p = star;
        t = ++retry;
    }
    return true;
}

static bool matches_odd(const pm_maintainers *maintainers, const struct pattern *pattern,
                        pm_slice path)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);

    if (data == NULL)
        return false;

    bool matches = pcre2_match(maintainers->odd[pattern->regex], (PCRE2_SPTR)path.data, path.len, 0,
                               0, data, maintainers->match) >= 0;

    pcre2_match_data_free(data);
    return matches;
}

struct asked {
    pm_slice path;
    unsigned slashes;
    bool in_tree;
};

/* The path begins with the pattern's key. */
static bool matches(const pm_maintainers *maintainers, const struct pattern *pattern,
                    const struct asked *asked)
{
    size_t key = pattern->key_length;
    pm_slice path = asked->path;

    if (!pattern->directory && !pattern->any_depth && pattern->slashes != asked->slashes)
        return asked->in_tree && pattern->maybe_tree && path.data[key] == '/';
    switch ((shape)pattern->shape) {
    case LITERAL:
        return true;
    case GLOB:
        return glob((pm_slice){pattern->text.data + key, pattern->text.len - key},
                    (pm_slice){path.data + key, path.len - key});
    case REGEX:
        return matches_odd(maintainers, pattern, path);
    }
    return false;
}

static int depth_of(const struct pattern *pattern)
{
    if (pattern->kind != 'F')
        return 0;
    if (pattern->text.data[0] == '*')
        return -1;
    return pattern->slashes + !pattern->directory;
}

/* ---- All patterns, one path ------------------------------------------------------------------ */

/* Put a match behind the count ones before, but before those that are less deep. Of more than room,
 * the last one gives way. */
static void insert(const struct pattern *pattern, pm_section_match *list, size_t count, size_t room)
{
    int depth = depth_of(pattern);
    size_t last = count < room ? count : room;
    size_t at = last;

    while (at > 0 && list[at - 1].depth < depth)
        at--;
    if (at == room)
        return;
    last -= last == room;
    memmove(&list[at + 1], &list[at], (last - at) * sizeof(*list));
    list[at] = (pm_section_match){
        .section = pattern->section,
        .depth = depth,
        .how = pattern->kind,
        .line = pattern->line,
        .pattern = pattern->text,
    };
}

static void sort_hits(uint32_t *hits, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t hit = hits[i];
        size_t at = i;

        for (; at > 0 && hits[at - 1] > hit; at--)
            hits[at] = hits[at - 1];
        hits[at] = hit;
    }
}

/* Patterns in the file's order are grouped by section: an X: loses the group, else its last one
 * counts, as in get_maintainer.pl. */
static size_t settle(const pm_maintainers *maintainers, const uint32_t *hits, size_t count,
                     pm_section_match *list, size_t room)
{
    size_t found = 0;

    for (size_t i = 0; i < count;) {
        const struct pattern *last = &maintainers->patterns[hits[i]];
        uint32_t section = last->section;
        bool excluded = false;

        for (; i < count && maintainers->patterns[hits[i]].section == section; i++) {
            last = &maintainers->patterns[hits[i]];
            excluded = excluded || last->kind == 'X';
        }
        if (!excluded)
            insert(last, list, found++, room);
    }
    return found;
}

static size_t match(const pm_maintainers *maintainers, const struct asked *asked,
                    pm_section_match *found, size_t room)
{
    uint32_t hits[MOST_HITS];
    size_t count = 0;

    if (asked->path.len == 0 || asked->path.len > LONGEST_PATH)
        return 0;
    for (uint32_t key = find_key(maintainers, asked->path); key > 0;
         key = maintainers->keys[key - 1].parent) {
        const struct key *at = &maintainers->keys[key - 1];

        for (uint32_t i = at->first; i < at->first + at->count && count < MOST_HITS; i++)
            if (matches(maintainers, &maintainers->patterns[maintainers->by_key[i]], asked))
                hits[count++] = maintainers->by_key[i];
    }
    count += pm_regexes_find(maintainers->names, asked->path, hits + count, MOST_HITS - count);
    sort_hits(hits, count);
    return settle(maintainers, hits, count, found, room);
}

size_t pm_maintainers_match(const pm_maintainers *maintainers, pm_slice path,
                            pm_section_match *found, size_t room)
{
    const struct asked asked = {.path = path, .slashes = count_slashes(path)};

    return match(maintainers, &asked, found, room);
}

size_t pm_maintainers_match_in_tree(const pm_maintainers *maintainers, pm_slice path,
                                    pm_section_match *found, size_t room)
{
    const struct asked asked = {.path = path, .slashes = count_slashes(path), .in_tree = true};

    return match(maintainers, &asked, found, room);
}

size_t pm_maintainers_keywords(const pm_maintainers *maintainers, pm_slice text,
                               pm_section_match *found, size_t room)
{
    uint32_t hits[MOST_HITS];
    size_t count = pm_regexes_find(maintainers->keywords, text, hits, MOST_HITS);

    return settle(maintainers, hits, count, found, room);
}
