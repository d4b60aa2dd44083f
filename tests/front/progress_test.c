/* SPDX-License-Identifier: BSD-2-Clause */
/* progress_test - a bar on a terminal, nothing in a pipe, and nothing left behind. */
#include "progress.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What three steps at these shares and a wipe put on a terminal that is so wide. */
static void show(const double *shares, unsigned short columns, char *text, size_t size)
{
    struct winsize window = {.ws_row = 24, .ws_col = columns};
    int terminal;
    size_t len = 0;
    ssize_t read_now;
    pid_t child = forkpty(&terminal, NULL, NULL, &window);

    if (child == 0) {
        pm_progress progress;

        pm_progress_begin(&progress, true);
        for (size_t i = 0; i < 3; i++) {
            progress.next_us = 0; /* as if time had passed */
            pm_progress_step(&progress, "list.mbox", shares[i]);
        }
        pm_progress_wipe(&progress);
        _exit(0);
    }
    assert_true(child > 0);
    while (len + 1 < size && (read_now = read(terminal, text + len, size - 1 - len)) > 0)
        len += (size_t)read_now;
    text[len] = '\0';
    waitpid(child, NULL, 0);
    close(terminal);
}

static void the_bar_grows_and_is_wiped(void **state)
{
    static const double shares[] = {0, 0.5, 1};
    char text[4096];

    (void)state;
    show(shares, 80, text, sizeof(text));
    assert_non_null(strstr(text, "[........................]   0%, 1, list.mbox"));
    assert_non_null(strstr(text, "[############............]  50%, "));
    assert_non_null(strstr(text, "[########################] 100%, "));
    assert_string_equal(text + strlen(text) - 4, "\r\033[K");
}

static void without_a_share_the_count_is_shown(void **state)
{
    static const double shares[] = {-1, -1, -1};
    char text[4096];

    (void)state;
    show(shares, 80, text, sizeof(text));
    assert_non_null(strstr(text, "\r3, list.mbox\033[K"));
    assert_null(strchr(text, '%'));
}

static void a_narrow_terminal_never_wraps(void **state)
{
    static const double shares[] = {0.1, 0.5, 0.9};
    char text[4096];

    (void)state;
    show(shares, 20, text, sizeof(text));
    for (const char *line = text; (line = strchr(line, '\r')) != NULL;) {
        const char *end = strstr(++line, "\033[K");

        assert_non_null(end);
        assert_true(end - line < 20);
    }
}

static void nothing_is_shown_in_a_pipe(void **state)
{
    int ends[2], kept = dup(STDERR_FILENO);
    pm_progress progress;
    char byte;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    pm_progress_begin(&progress, true);
    progress.next_us = 0;
    pm_progress_step(&progress, "list.mbox", 0.5);
    pm_progress_wipe(&progress);
    dup2(kept, STDERR_FILENO);
    close(kept);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    assert_int_equal(progress.count, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bar_grows_and_is_wiped),
        cmocka_unit_test(without_a_share_the_count_is_shown),
        cmocka_unit_test(a_narrow_terminal_never_wraps),
        cmocka_unit_test(nothing_is_shown_in_a_pipe),
    };

    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
