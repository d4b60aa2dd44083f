/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintainers - a MAINTAINERS file: read into sections and patterns, single bad lines reported and
 * passed over; see maintainers.h.
 *
 * Not what a pattern matches: maintainers_pattern.c and maintainers_match.c have that.
 */
#include "maintainers_inside.h"

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
    pcre2_code *code = pm_maintainers_compile(pattern->text, why, sizeof(why));

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
    pm_maintainers_shape(pattern);
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

    if (value.len == 0 || value.len > PM_MAINTAINERS_PATH) {
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
    if (loading.failed || !pm_maintainers_index(maintainers) ||
        !pm_regexes_seal(maintainers->names) || !pm_regexes_seal(maintainers->keywords))
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
