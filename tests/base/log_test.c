/* SPDX-License-Identifier: BSD-2-Clause */
/* log_test - lines come whole, whatever is in them and whoever writes them at once. */
#include "log.h"

#include "generator.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int begin(void **state)
{
    int fd = memfd_create("log", MFD_CLOEXEC);
    int *kept = malloc(sizeof(*kept));

    if (fd < 0 || kept == NULL || fcntl(fd, F_SETFL, O_APPEND) != 0)
        return -1;
    *kept = fd;
    *state = kept;
    pm_log_set_output(fd, false);
    pm_log_set_level(PM_LEVEL_INFO);
    return 0;
}

static int end(void **state)
{
    int *kept = *state;

    pm_log_set_output(STDERR_FILENO, false);
    close(*kept);
    free(kept);
    return 0;
}

/* All that was logged since the last time; to be freed. */
static char *taken(void **state)
{
    int fd = *(int *)*state;
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)size + 1);

    assert_non_null(text);
    assert_int_equal(pread(fd, text, (size_t)size, 0), size);
    assert_int_equal(ftruncate(fd, 0), 0);
    return text;
}

static void expect(void **state, const char *expected)
{
    char *text = taken(state);

    assert_string_equal(text, expected);
    free(text);
}

static void a_line_is_logfmt(void **state)
{
    pm_log_line line;

    pm_log_begin(&line, PM_LEVEL_INFO, "message");
    pm_log_text(&line, "kind", PM_LIT("cover"));
    pm_log_string(&line, "why", "title prefix KVM");
    pm_log_string(&line, "series", NULL);
    pm_log_number(&line, "took-us", -12);
    pm_log_printf(&line, "part", "%d/%d", 0, 12);
    pm_log_end(&line);
    expect(state, "level=info event=message kind=cover why=\"title prefix KVM\" took-us=-12 "
                  "part=0/12\n");
}

static void pm_log_is_a_whole_line(void **state)
{
    pm_log(PM_LEVEL_WARNING, "reload", "%s:%d: %s", "a.conf", 3, "not good");
    pm_log(PM_LEVEL_ERROR, "stop", "now");
    expect(state, "level=warning event=reload msg=\"a.conf:3: not good\"\n"
                  "level=error event=stop msg=now\n");
}

static void lines_above_the_level_are_not_written(void **state)
{
    pm_log(PM_LEVEL_DEBUG, "detail", "hidden");
    pm_log_set_level(PM_LEVEL_DEBUG);
    pm_log(PM_LEVEL_DEBUG, "detail", "shown");
    pm_log_set_level(PM_LEVEL_ERROR);
    pm_log(PM_LEVEL_WARNING, "odd", "hidden");
    pm_log(PM_LEVEL_ERROR, "wrong", "shown");
    expect(state, "level=debug event=detail msg=shown\nlevel=error event=wrong msg=shown\n");
}

static void journald_gets_its_prefix(void **state)
{
    pm_log_set_output(*(int *)*state, true);
    pm_log(PM_LEVEL_ERROR, "wrong", "x");
    pm_log(PM_LEVEL_INFO, "fine", "y");
    expect(state, "<3>level=error event=wrong msg=x\n<6>level=info event=fine msg=y\n");
}

static void no_sender_writes_our_log(void **state)
{
    static const struct {
        pm_slice value;
        const char *shown;
    } cases[] = {
        {PM_LIT("plain"), "plain"},
        {PM_LIT("<id@example.org>"), "<id@example.org>"},
        {PM_LIT(""), "\"\""},
        {PM_LIT("two words"), "\"two words\""},
        {PM_LIT("a=b"), "\"a=b\""},
        {PM_LIT("x\nlevel=error event=forged"), "\"x\\x0alevel=error event=forged\""},
        {PM_LIT("x\r\n"), "\"x\\x0d\\x0a\""},
        {PM_LIT("\" event=forged"), "\"\\x22 event=forged\""},
        {PM_LIT("back\\slash"), "\"back\\x5cslash\""},
        {PM_LIT("\\\""), "\"\\x5c\\x22\""},
        {PM_LIT("nul\0behind"), "\"nul\\x00behind\""},
        {PM_LIT("\x1b[2J"), "\"\\x1b[2J\""},
        {PM_LIT("\t\x7f"), "\"\\x09\\x7f\""},
        {PM_LIT("J\xc3\xb6rg"), "\"J\xc3\xb6rg\""},
        {PM_LIT("\xf0\x9f\x90\xa7"), "\"\xf0\x9f\x90\xa7\""},
        {PM_LIT("\xc2\x9b"
                "31m"),
         "\"\\xc2\\x9b31m\""}, /* CSI, as a C1 character */
        {PM_LIT("\xe2\x80\xae"
                "gnp"),
         "\"\\xe2\\x80\\xaegnp\""},                      /* right-to-left override */
        {PM_LIT("\xe2\x80\xa8"), "\"\\xe2\\x80\\xa8\""}, /* line separator */
        {PM_LIT("\xe2\x81\xa6"), "\"\\xe2\\x81\\xa6\""}, /* left-to-right isolate */
        {PM_LIT("\xe2\x82\xac"), "\"\xe2\x82\xac\""},    /* a euro sign is harmless */
        {PM_LIT("J\xf6rg"), "\"J\\xf6rg\""},             /* Latin-1 */
        {PM_LIT("\xc3"), "\"\\xc3\""},
        {PM_LIT("\xe2\x82"), "\"\\xe2\\x82\""},
        {PM_LIT("\xed\xa0\x80"), "\"\\xed\\xa0\\x80\""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char wanted[200];
        pm_log_line line;

        pm_log_begin(&line, PM_LEVEL_INFO, "e");
        pm_log_text(&line, "v", cases[i].value);
        pm_log_end(&line);
        snprintf(wanted, sizeof(wanted), "level=info event=e v=%s\n", cases[i].shown);
        expect(state, wanted);
    }
}

/* How far one key=value reaches, by a reader that knows only the form; 0 when it is not in the
 * form. */
static size_t pair_length(const char *text)
{
    size_t at = strspn(text, "abcdefghijklmnopqrstuvwxyz-");

    if (at == 0 || text[at] != '=')
        return 0;
    at++;
    if (text[at] != '"')
        return at + strcspn(text + at, " \n");
    at += 1 + strcspn(text + at + 1, "\"\n");
    return text[at] == '"' ? at + 1 : 0;
}

static void check_lines(const char *text, size_t lines)
{
    size_t found = 0;

    while (*text != '\0') {
        size_t length = pair_length(text);

        if (length == 0)
            fail_msg("line %zu is no logfmt: %.80s", found, text);
        text += length;
        if (*text == '\n')
            found++;
        else
            assert_int_equal(*text, ' ');
        text++;
    }
    assert_int_equal(found, lines);
}

static void random_bytes_never_break_the_form(void **state)
{
    uint64_t random = 9;

    for (int round = 0; round < 3000; round++) {
        size_t values = 1 + draw_below(&random, 6);
        pm_log_line line;
        char *text;

        pm_log_begin(&line, PM_LEVEL_INFO, "random");
        for (size_t i = 0; i < values; i++) {
            char bytes[3000];
            size_t len = draw_below(&random, draw_below(&random, 20) == 0 ? sizeof(bytes) : 60);

            for (size_t at = 0; at < len; at++)
                bytes[at] = (char)draw(&random);
            pm_log_text(&line, "value", (pm_slice){bytes, len});
            pm_log_number(&line, "number", (int64_t)draw(&random));
        }
        pm_log_end(&line);
        text = taken(state);
        assert_in_range(strlen(text), 1, 4096);
        assert_true(pm_slice_is_utf8(pm_slice_of(text)));
        check_lines(text, 1);
        free(text);
    }
}

static void a_long_value_is_cut_and_the_next_ones_still_fit(void **state)
{
    static char many[20000];
    pm_log_line line;
    char *text, *behind;

    memset(many, 'm', sizeof(many));
    pm_log_begin(&line, PM_LEVEL_INFO, "message");
    pm_log_text(&line, "message-id", (pm_slice){many, sizeof(many)});
    pm_log_text(&line, "inbox", PM_LIT("kvm-x86.linux"));
    pm_log_end(&line);
    text = taken(state);
    behind = strstr(text, "...");
    assert_non_null(behind);
    assert_string_equal(behind, "... inbox=kvm-x86.linux\n");
    free(text);
}

static void a_cut_splits_neither_character_nor_escape(void **state)
{
    for (size_t shift = 0; shift < 8; shift++) {
        char odd[3000], *text, *cut;
        pm_log_line line;

        memset(odd, 'x', shift);
        for (size_t at = shift; at + 3 <= sizeof(odd); at += 3)
            memcpy(odd + at, at % 2 == 0 ? "\xe2\x82\xac" : "\n\x01\xff", 3);
        pm_log_begin(&line, PM_LEVEL_INFO, "cut");
        pm_log_text(&line, "v", (pm_slice){odd, sizeof(odd) - 3});
        pm_log_end(&line);
        text = taken(state);
        assert_true(pm_slice_is_utf8(pm_slice_of(text)));
        cut = strstr(text, "...\"\n");
        assert_non_null(cut);
        /* What stands in front of the dots is a whole \xNN or a whole euro sign. */
        if ((unsigned char)cut[-1] < 0x80)
            assert_memory_equal(cut - 4, "\\x", 2);
        else
            assert_memory_equal(cut - 3, "\xe2\x82\xac", 3);
        free(text);
    }
}

static void values_of_all_lengths_around_the_limit_come_whole_or_cut(void **state)
{
    static char value[1100];

    memset(value, 'v', sizeof(value));
    for (size_t len = 1000; len < sizeof(value); len++) {
        pm_log_line line;
        char *text;

        pm_log_begin(&line, PM_LEVEL_INFO, "e");
        pm_log_text(&line, "v", (pm_slice){value, len});
        pm_log_end(&line);
        text = taken(state);
        if (len <= 1024)
            assert_int_equal(strlen(text), strlen("level=info event=e v=\n") + len);
        else
            assert_string_equal(text + strlen(text) - 5, "v...\n");
        free(text);
    }
}

static void a_full_line_leaves_fields_out_and_stays_whole(void **state)
{
    static char value[900];
    pm_log_line line;
    char *text;

    memset(value, 'v', sizeof(value));
    pm_log_begin(&line, PM_LEVEL_INFO, "full");
    for (int i = 0; i < 10; i++) {
        pm_log_text(&line, "value", (pm_slice){value, sizeof(value)});
        pm_log_number(&line, "number", 123456789);
    }
    pm_log_end(&line);
    text = taken(state);
    assert_in_range(strlen(text), 3900, 4096);
    check_lines(text, 1);
    /* A number is whole or not there: half of it would be another. */
    for (char *at = text; (at = strstr(at, "number=")) != NULL; at++)
        assert_memory_equal(at, "number=123456789", 16);
    free(text);
}

static void a_line_is_written_once(void **state)
{
    pm_log_line line;

    pm_log_begin(&line, PM_LEVEL_INFO, "once");
    pm_log_end(&line);
    pm_log_end(&line);
    expect(state, "level=info event=once\n");
}

static void a_log_that_cannot_be_written_holds_nothing_up(void **state)
{
    (void)state;
    pm_log_set_output(-1, false);
    pm_log(PM_LEVEL_ERROR, "lost", "nobody reads this");
}

static void fill(int pipe)
{
    static const char page[4096];
    const int flags = fcntl(pipe, F_GETFL);

    assert_int_equal(fcntl(pipe, F_SETFL, flags | O_NONBLOCK), 0);
    while (write(pipe, page, sizeof(page)) > 0)
        ;
    assert_int_equal(fcntl(pipe, F_SETFL, flags), 0);
}

static void drain(int pipe)
{
    char bytes[4096];

    assert_int_equal(fcntl(pipe, F_SETFL, O_NONBLOCK), 0);
    while (read(pipe, bytes, sizeof(bytes)) > 0)
        ;
}

/* Else the mail of a daemon whose log goes to a program would wait for that program. */
static void who_stops_reading_the_log_holds_nothing_up(void **state)
{
    static const char expected[] = "level=info event=again lost=3\nlevel=info event=again\n";
    char said[256] = "";
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    pm_log_set_output(ends[1], false);
    fill(ends[1]);
    for (int i = 0; i < 3; i++)
        pm_log(PM_LEVEL_INFO, "unread", "nobody reads this");
    drain(ends[0]);
    for (int i = 0; i < 2; i++) {
        pm_log_line line;

        pm_log_begin(&line, PM_LEVEL_INFO, "again");
        pm_log_end(&line);
    }
    assert_int_equal(read(ends[0], said, sizeof(said) - 1), sizeof(expected) - 1);
    assert_string_equal(said, expected);
    close(ends[0]);
    close(ends[1]);
}

/* ---- Limits ---- */

#define HOUR_US ((int64_t)3600 * 1000000)

static void a_limit_lets_a_burst_through_and_counts_the_rest(void **state)
{
    pm_log_limit limit = {.burst = 3, .interval_us = HOUR_US};
    pm_log_line line;

    for (int i = 0; i < 10; i++) {
        pm_log_begin_limited(&line, &limit, PM_LEVEL_INFO, "odd");
        pm_log_number(&line, "n", i);
        pm_log_end(&line);
    }
    expect(state, "level=info event=odd n=0\nlevel=info event=odd n=1\nlevel=info event=odd n=2\n");
    assert_int_equal(limit.suppressed, 7);

    limit.next_us -= HOUR_US; /* an hour later */
    for (int i = 0; i < 3; i++) {
        pm_log_begin_limited(&line, &limit, PM_LEVEL_INFO, "odd");
        pm_log_end(&line);
    }
    expect(state, "level=info event=odd suppressed=7\n");
    assert_int_equal(limit.suppressed, 2);

    limit.next_us -= 100 * HOUR_US; /* after a quiet time the burst is there again, and no more */
    for (int i = 0; i < 10; i++) {
        pm_log_begin_limited(&line, &limit, PM_LEVEL_INFO, "odd");
        pm_log_end(&line);
    }
    expect(state,
           "level=info event=odd suppressed=2\nlevel=info event=odd\nlevel=info event=odd\n");
}

static void a_burst_of_none_is_one(void **state)
{
    pm_log_limit limit = {.interval_us = HOUR_US};
    pm_log_line line;

    for (int i = 0; i < 3; i++) {
        pm_log_begin_limited(&line, &limit, PM_LEVEL_INFO, "odd");
        pm_log_end(&line);
    }
    expect(state, "level=info event=odd\n");
}

static void lines_nobody_reads_do_not_use_up_a_limit(void **state)
{
    pm_log_limit limit = {.burst = 1, .interval_us = HOUR_US};
    pm_log_line line;

    for (int i = 0; i < 5; i++) {
        pm_log_begin_limited(&line, &limit, PM_LEVEL_DEBUG, "detail");
        pm_log_end(&line);
    }
    pm_log_begin_limited(&line, &limit, PM_LEVEL_INFO, "odd");
    pm_log_end(&line);
    expect(state, "level=info event=odd\n");
}

/* ---- Threads ---- */

enum { THREADS = 6, LINES = 500 };

static pm_log_limit shared_limit;

static void *write_lines(void *argument)
{
    char text[200];
    const char *letter = argument;

    memset(text, *letter, sizeof(text));
    for (int i = 0; i < LINES; i++) {
        pm_log_line line;

        pm_log_begin(&line, PM_LEVEL_INFO, "thread");
        pm_log_text(&line, "text", (pm_slice){text, sizeof(text)});
        pm_log_end(&line);
    }
    return NULL;
}

static void *write_limited_lines(void *argument)
{
    (void)argument;
    for (int i = 0; i < LINES; i++) {
        pm_log_line line;

        pm_log_begin_limited(&line, &shared_limit, PM_LEVEL_INFO, "limited");
        pm_log_end(&line);
    }
    return NULL;
}

static void run_threads(void *(*run)(void *argument))
{
    static char letters[THREADS] = {'a', 'b', 'c', 'd', 'e', 'f'};
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, &letters[i]), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void lines_of_many_threads_do_not_mix(void **state)
{
    size_t lines = 0;
    char *text, *at;

    run_threads(write_lines);
    text = at = taken(state);
    check_lines(text, THREADS * LINES);
    while ((at = strstr(at, "text=")) != NULL) {
        at += 5;
        assert_int_equal(strspn(at, (char[]){*at, '\0'}), 200);
        lines++;
    }
    assert_int_equal(lines, THREADS * LINES);
    free(text);
}

static void many_threads_share_one_limit(void **state)
{
    char *text;

    shared_limit = (pm_log_limit){.burst = 7, .interval_us = HOUR_US};
    run_threads(write_limited_lines);
    text = taken(state);
    check_lines(text, 7);
    assert_int_equal(shared_limit.suppressed, THREADS * LINES - 7);
    assert_int_equal(shared_limit.lock, 0);
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_logfmt, begin, end),
        cmocka_unit_test_setup_teardown(pm_log_is_a_whole_line, begin, end),
        cmocka_unit_test_setup_teardown(lines_above_the_level_are_not_written, begin, end),
        cmocka_unit_test_setup_teardown(journald_gets_its_prefix, begin, end),
        cmocka_unit_test_setup_teardown(no_sender_writes_our_log, begin, end),
        cmocka_unit_test_setup_teardown(random_bytes_never_break_the_form, begin, end),
        cmocka_unit_test_setup_teardown(a_long_value_is_cut_and_the_next_ones_still_fit, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_cut_splits_neither_character_nor_escape, begin, end),
        cmocka_unit_test_setup_teardown(values_of_all_lengths_around_the_limit_come_whole_or_cut,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_full_line_leaves_fields_out_and_stays_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_line_is_written_once, begin, end),
        cmocka_unit_test_setup_teardown(a_log_that_cannot_be_written_holds_nothing_up, begin, end),
        cmocka_unit_test_setup_teardown(who_stops_reading_the_log_holds_nothing_up, begin, end),
        cmocka_unit_test_setup_teardown(a_limit_lets_a_burst_through_and_counts_the_rest, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_burst_of_none_is_one, begin, end),
        cmocka_unit_test_setup_teardown(lines_nobody_reads_do_not_use_up_a_limit, begin, end),
        cmocka_unit_test_setup_teardown(lines_of_many_threads_do_not_mix, begin, end),
        cmocka_unit_test_setup_teardown(many_threads_share_one_limit, begin, end),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
