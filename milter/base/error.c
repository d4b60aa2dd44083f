/* SPDX-License-Identifier: BSD-2-Clause */
/* error - what is wrong, where, and the way out; see error.h. */
#include "error.h"

#include "arena.h"
#include "strbuf.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_LINES  100
#define LINE_LIMIT  2048 /* of the sentence; what is longer ends in "..." */
#define PLACE_LIMIT 8192 /* of a path, which may have 4,096 bytes, and what is around it */

struct pm_errors {
    char *lines[MOST_LINES];
    size_t kept, errors, warnings;
};

pm_errors *pm_errors_new(void)
{
    return calloc(1, sizeof(pm_errors));
}

void pm_errors_free(pm_errors *errors)
{
    if (errors == NULL)
        return;
    for (size_t i = 0; i < errors->kept; i++)
        free(errors->lines[i]);
    free(errors);
}

static void add(pm_errors *errors, const char *file, unsigned line, unsigned column,
                const char *label, const char *format, va_list args)
    __attribute__((format(printf, 6, 0)));

static void add(pm_errors *errors, const char *file, unsigned line, unsigned column,
                const char *label, const char *format, va_list args)
{
    char sentence[LINE_LIMIT];
    pm_strbuf text;
    int length;

    if (errors->kept == MOST_LINES)
        return;
    length = vsnprintf(sentence, sizeof(sentence), format, args);
    pm_strbuf_init(&text, PLACE_LIMIT + LINE_LIMIT);
    if (file != NULL)
        pm_strbuf_printf(&text, "%s:", file);
    if (file != NULL && line > 0)
        pm_strbuf_printf(&text, "%u:", line);
    if (file != NULL && line > 0 && column > 0)
        pm_strbuf_printf(&text, "%u:", column);
    if (text.len > 0)
        pm_strbuf_add_byte(&text, ' ');
    pm_strbuf_add_text(&text, label);
    if (length >= 0)
        pm_strbuf_add_text(&text, sentence);
    if (length >= (int)sizeof(sentence))
        pm_strbuf_add_text(&text, "...");
    if (text.data != NULL)
        errors->lines[errors->kept++] = text.data; /* ours now */
}

void pm_error_at(pm_errors *errors, const char *file, unsigned line, unsigned column,
                 const char *format, ...)
{
    va_list args;

    if (errors == NULL)
        return;
    errors->errors++;
    va_start(args, format);
    add(errors, file, line, column, "", format, args);
    va_end(args);
}

void pm_warning_at(pm_errors *errors, const char *file, unsigned line, unsigned column,
                   const char *format, ...)
{
    va_list args;

    if (errors == NULL)
        return;
    errors->warnings++;
    va_start(args, format);
    add(errors, file, line, column, "warning: ", format, args);
    va_end(args);
}

size_t pm_errors_count(const pm_errors *errors)
{
    return errors == NULL ? 0 : errors->errors;
}

size_t pm_warnings_count(const pm_errors *errors)
{
    return errors == NULL ? 0 : errors->warnings;
}

const char *pm_errors_nth(const pm_errors *errors, size_t nth)
{
    return errors == NULL || nth >= errors->kept ? NULL : errors->lines[nth];
}

#define LONGEST_NAME 63

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits between the two: insert, delete, replace, or swap two neighbours, which is what hurried
 * fingers do most. The usual table, of which the last three rows are kept. */
static size_t edits_between(pm_slice a, pm_slice b)
{
    size_t rows[3][LONGEST_NAME + 1];

    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        const size_t *above = rows[(i - 1) % 3], *above_that = rows[(i + 1) % 3];
        size_t *row = rows[i % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char mine = pm_lower(a.data[i - 1]), theirs = pm_lower(b.data[j - 1]);

            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (mine != theirs));
            if (i > 1 && j > 1 && mine == pm_lower(b.data[j - 2]) &&
                theirs == pm_lower(a.data[i - 2]))
                row[j] = least(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

const char *pm_nearest(pm_slice written, const char *const *names)
{
    const char *nearest = NULL;
    size_t fewest = 3;

    for (; *names != NULL; names++) {
        pm_slice name = pm_slice_of(*names);
        size_t edits;

        if (written.len > LONGEST_NAME || name.len > LONGEST_NAME)
            continue;
        edits = edits_between(written, name);
        if (edits < fewest && edits * 2 < name.len) {
            fewest = edits;
            nearest = *names;
        }
    }
    return nearest;
}
