/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pattern - regular expressions that hostile mail cannot make slow; see pattern.h.
 *
 * Two things can make a match slow, and each has its own answer. Backtracking at one place is
 * counted by pcre2 itself: match, depth and heap limits. But pcre2 counts anew at each place a
 * match may begin at, so /a+bc/ on a megabyte of "a" never comes near a limit and takes minutes.
 * Long subjects are therefore searched a window of beginnings at a time, with an eye on the clock.
 * Where windows would change the answer, pcre2 itself looks at the clock, at each item it tries.
 */
#include "pattern.h"

#include "clock.h"
#include "needed_text.h"

#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MOST_SUBJECT      (1024 * 1024)
#define MOST_EXPRESSION   4096
#define MATCH_LIMIT       250000 /* steps of backtracking from one beginning: milliseconds */
#define DEPTH_LIMIT       5000   /* of the interpreter, which only runs where JIT cannot */
#define HEAP_LIMIT_KIB    4096
#define WINDOW            1024         /* beginnings tried between two looks at the clock, */
#define WINDOW_SUBJECT    (128 * 1024) /* of a subject of this size; of a longer one, fewer */
#define MOST_MICROSECONDS (50 * 1000)  /* for one search of a long subject */

struct pm_pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
    bool utf;
    bool anchored; /* there is one place only where a match may begin */
    bool whole;    /* must be searched in one go: it says something about where a search begins */
    bool nocase;
    size_t set_count, set_sizes[PM_NEEDED_SETS];
    pm_slice *literals; /* set by set; behind the last one lie their bytes */
};

/* ---- Compiling ---- */

static bool read_flags(pm_slice flags, uint32_t *options_out, char *message_out,
                       size_t message_size)
{
    static const struct {
        char flag;
        uint32_t option;
    } known[] = {
        {'i', PCRE2_CASELESS},
        {'m', PCRE2_MULTILINE},
        {'s', PCRE2_DOTALL},
        {'x', PCRE2_EXTENDED},
        /* Mail that only claims to be UTF-8 is matched where it is. */
        {'u', PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF},
    };

    *options_out = 0;
    for (size_t i = 0; i < flags.len; i++) {
        size_t j = 0;

        while (j < sizeof(known) / sizeof(known[0]) && known[j].flag != flags.data[i])
            j++;
        if (j == sizeof(known) / sizeof(known[0])) {
            snprintf(message_out, message_size,
                     "\"%c\" is no flag of a pattern (there are i m s x u)", flags.data[i]);
            return false;
        }
        *options_out |= known[j].option;
    }
    return true;
}

/* \G and verbs like (*COMMIT) say something about where a search begins; others, as (*NO_JIT), only
 * make it slow. */
static bool needs_one_search(pm_slice expression)
{
    return pm_slice_find(expression, PM_LIT("\\G")) != PM_NOWHERE ||
           pm_slice_find(expression, PM_LIT("(*")) != PM_NOWHERE;
}

static bool is_anchored(const pm_pattern *pattern)
{
    uint32_t options = 0;

    pcre2_pattern_info(pattern->code, PCRE2_INFO_ALLOPTIONS, &options);
    return (options & PCRE2_ANCHORED) != 0;
}

static bool compile(pm_pattern *pattern, pm_slice expression, uint32_t options, char *message_out,
                    size_t message_size)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    char sentence[160];
    int error = 0;
    size_t where = 0;

    pattern->limits = pcre2_match_context_create(NULL);
    if (context == NULL || pattern->limits == NULL) {
        snprintf(message_out, message_size, "no memory for a pattern");
        pcre2_compile_context_free(context);
        return false;
    }
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_bsr(context, PCRE2_BSR_ANYCRLF);
    pcre2_set_parens_nest_limit(context, 50);
    pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);

    options |= PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
    if (pattern->whole)
        options |= PCRE2_AUTO_CALLOUT;
    if (!pattern->utf)
        options |= PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
    pattern->code = pcre2_compile((PCRE2_SPTR)expression.data, expression.len, options, &error,
                                  &where, context);
    pcre2_compile_context_free(context);
    if (pattern->code == NULL) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)sentence, sizeof(sentence));
        snprintf(message_out, message_size, "the pattern cannot be used: %s, at its byte %zu",
                 sentence, where + 1);
        return false;
    }
    /* Where there is no JIT (or it does not know a construct), the interpreter does it. */
    (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
    return true;
}

/* Without memory there are none, which is never wrong. */
static void keep_literals(pm_pattern *pattern, pm_slice expression, bool extended)
{
    const pm_needed_flags flags = {
        .nocase = pattern->nocase, .utf = pattern->utf, .extended = extended};
    pm_needed_text needed;
    size_t strings = 0, bytes = 0;
    pm_slice *at;
    char *into;

    pm_needed_text_find(expression, flags, &needed);
    for (size_t i = 0; i < needed.count; i++) {
        strings += needed.sets[i].count;
        for (size_t j = 0; j < needed.sets[i].count; j++)
            bytes += needed.sets[i].items[j].len;
    }
    if (strings == 0)
        return;
    at = pattern->literals = malloc(strings * sizeof(pm_slice) + bytes);
    if (at == NULL)
        return;
    into = (char *)(at + strings);
    for (size_t i = 0; i < needed.count; i++) {
        const pm_string_set *set = &needed.sets[i];

        for (size_t j = 0; j < set->count; j++) {
            *at++ = (pm_slice){into, set->items[j].len};
            memcpy(into, set->items[j].bytes, set->items[j].len);
            into += set->items[j].len;
        }
        pattern->set_sizes[pattern->set_count++] = set->count;
    }
}

pm_pattern *pm_pattern_compile(pm_slice expression, pm_slice flags, char *message_out,
                               size_t message_size)
{
    pm_pattern *made = NULL;
    uint32_t options;

    if (expression.len > MOST_EXPRESSION) {
        snprintf(message_out, message_size, "a pattern of %zu bytes: at most %d are allowed",
                 expression.len, MOST_EXPRESSION);
        return NULL;
    }
    if (!read_flags(flags, &options, message_out, message_size))
        return NULL;
    made = calloc(1, sizeof(*made));
    if (made == NULL) {
        snprintf(message_out, message_size, "no memory for a pattern");
        return NULL;
    }
    made->utf = (options & PCRE2_UTF) != 0;
    made->nocase = (options & PCRE2_CASELESS) != 0;
    made->whole = needs_one_search(expression);
    if (!compile(made, expression, options, message_out, message_size)) {
        pm_pattern_free(made);
        return NULL;
    }
    made->anchored = is_anchored(made);
    keep_literals(made, expression, (options & PCRE2_EXTENDED) != 0);
    return made;
}

void pm_pattern_free(pm_pattern *pattern)
{
    if (pattern == NULL)
        return;
    pcre2_code_free(pattern->code);
    pcre2_match_context_free(pattern->limits);
    free(pattern->literals);
    free(pattern);
}

/* ---- Matching ---- */

/* Search from one offset on. As pcre2_match, with the interpreter where JIT's stack is too small.
 */
static int search(const pm_pattern *pattern, pm_slice subject, size_t from,
                  pcre2_match_context *limits, pcre2_match_data *data)
{
    int found =
        pcre2_match(pattern->code, (PCRE2_SPTR)subject.data, subject.len, from, 0, data, limits);

    if (found != PCRE2_ERROR_JIT_STACKLIMIT)
        return found;
    return pcre2_match(pattern->code, (PCRE2_SPTR)subject.data, subject.len, from, PCRE2_NO_JIT,
                       data, limits);
}

/* The same, a window of beginnings at a time. */
static int search_windows(const pm_pattern *pattern, pm_slice subject, pcre2_match_context *limits,
                          pcre2_match_data *data)
{
    const int64_t until = pm_clock_us() + MOST_MICROSECONDS;
    const size_t window =
        subject.len <= WINDOW_SUBJECT ? WINDOW : (size_t)WINDOW * WINDOW_SUBJECT / subject.len;
    int found = PCRE2_ERROR_NOMATCH;
    size_t from = 0;

    while (found == PCRE2_ERROR_NOMATCH && from <= subject.len) {
        pcre2_set_offset_limit(limits, from + window - 1);
        found = search(pattern, subject, from, limits, data);
        from += window;
        /* No match begins inside a character. */
        while (pattern->utf && from < subject.len &&
               ((unsigned char)subject.data[from] & 0xC0) == 0x80)
            from++;
        if (found == PCRE2_ERROR_NOMATCH && from <= subject.len && pm_clock_us() > until)
            found = PCRE2_ERROR_MATCHLIMIT;
    }
    return found;
}

static int look_at_clock(pcre2_callout_block *unused, void *context)
{
    const int64_t *until = context;

    (void)unused;
    return pm_clock_us() > *until ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* The same, in one go. */
static int search_whole(const pm_pattern *pattern, pm_slice subject, pcre2_match_context *limits,
                        pcre2_match_data *data)
{
    int64_t until = pm_clock_us() + MOST_MICROSECONDS;

    pcre2_set_callout(limits, look_at_clock, &until);
    return search(pattern, subject, 0, limits, data);
}

static int search_long(const pm_pattern *pattern, pm_slice subject, pcre2_match_data *data)
{
    pcre2_match_context *limits = pcre2_match_context_copy(pattern->limits);
    int found;

    if (limits == NULL)
        return PCRE2_ERROR_NOMEMORY;
    found = (pattern->whole ? search_whole : search_windows)(pattern, subject, limits, data);
    pcre2_match_context_free(limits);
    return found;
}

pm_status pm_pattern_match(const pm_pattern *pattern, pm_slice subject, pm_slice *match_out)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    size_t *ends;
    int found;

    if (subject.data == NULL)
        subject = PM_EMPTY;
    subject = pm_slice_cut(subject, 0, MOST_SUBJECT);
    if (data == NULL)
        found = PCRE2_ERROR_NOMEMORY;
    else if (pattern->anchored || subject.len <= WINDOW)
        found = search(pattern, subject, 0, pattern->limits, data);
    else
        found = search_long(pattern, subject, data);

    if (found >= 0 && match_out != NULL) {
        ends = pcre2_get_ovector_pointer(data);
        /* \K in a look-ahead can put the beginning behind the end. */
        *match_out = pm_slice_cut(subject, ends[0] < ends[1] ? ends[0] : ends[1], ends[1]);
    }
    pcre2_match_data_free(data);
    if (found >= 0)
        return PM_OK;
    return found == PCRE2_ERROR_NOMATCH ? PM_ABSENT : PM_LIMIT;
}

pm_status pm_pattern_literals(const pm_pattern *pattern, size_t nth, const pm_slice **literals_out,
                              size_t *count_out)
{
    const pm_slice *at = pattern->literals;

    if (nth >= pattern->set_count)
        return PM_ABSENT;
    for (size_t i = 0; i < nth; i++)
        at += pattern->set_sizes[i];
    *literals_out = at;
    *count_out = pattern->set_sizes[nth];
    return PM_OK;
}

bool pm_pattern_nocase(const pm_pattern *pattern)
{
    return pattern->nocase;
}
