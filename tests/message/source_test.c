/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * source_test - mail from files, mboxes, Maildirs, pipes and public-inbox archives.
 *
 * Everything is made in a folder of its own below /tmp. The archives take git; without it those
 * tests say that they were skipped.
 */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "source.h"

typedef struct fixture {
    char folder[FOLDER_NAME];
    pm_errors *errors;
} fixture;

static int open_fixture(void **state)
{
    fixture *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return -1;
    folder_make(made->folder);
    made->errors = pm_errors_new();
    *state = made;
    return 0;
}

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A shell command; the names in it are ours. */
static int run(const char *format, ...)
{
    char command[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    return system(command);
}

static int close_fixture(void **state)
{
    fixture *made = *state;

    folder_remove(made->folder);
    pm_errors_free(made->errors);
    free(made);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

static const char *write_file(const fixture *in, const char *name, pm_slice bytes)
{
    return folder_write_bytes(in->folder, name, bytes.data, bytes.len);
}

/* All mails of path, each followed by "|"; on the heap. */
static char *read_all(fixture *in, const char *path)
{
    pm_source *source = pm_source_open(path, in->errors);
    size_t room = (size_t)1 << 20, length = 0;
    char *all = calloc(1, room);
    pm_status status;
    pm_mail mail;

    assert_non_null(all);
    if (source == NULL)
        fail_msg("%s: %s", path, pm_errors_nth(in->errors, 0));
    while ((status = pm_source_next(source, &mail)) == PM_OK) {
        assert_true(mail.bytes.len + 2 < room - length);
        assert_non_null(mail.origin);
        memcpy(all + length, mail.bytes.data, mail.bytes.len);
        length += mail.bytes.len;
        all[length++] = '|';
    }
    assert_int_equal(status, PM_ABSENT);
    assert_int_equal(pm_source_next(source, &mail), PM_ABSENT);
    assert_int_equal(pm_errors_count(in->errors), 0);
    pm_source_close(source);
    return all;
}

static void assert_mails(fixture *in, const char *path, const char *wanted)
{
    char *all = read_all(in, path);

    assert_string_equal(all, wanted);
    free(all);
}

/* What opening path complains about must contain all of this. */
static void assert_refused(fixture *in, const char *path, const char *complaint)
{
    pm_source *source = pm_source_open(path, in->errors);

    assert_null(source);
    assert_int_equal(pm_errors_count(in->errors), 1);
    if (strstr(pm_errors_nth(in->errors, 0), complaint) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", pm_errors_nth(in->errors, 0), complaint);
    assert_non_null(strstr(pm_errors_nth(in->errors, 0), path));
}

/* ---- Files ---- */

static void a_file_is_one_message(void **state)
{
    const char *path = write_file(*state, "a.eml", PM_LIT("Subject: a\n\nbody\n\nFrom here on\n"));

    assert_mails(*state, path, "Subject: a\n\nbody\n\nFrom here on\n|");
}

static void a_file_is_called_by_its_name_and_an_mbox_by_name_and_line(void **state)
{
    fixture *in = *state;
    const char *path = write_file(in, "a.eml", PM_LIT("Subject: a\n\n"));
    pm_source *source = pm_source_open(path, in->errors);
    char wanted[PATH_MAX + 10];
    pm_mail mail;

    assert_non_null(source);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_string_equal(mail.origin, path);
    pm_source_close(source);

    path = write_file(in, "a.mbox",
                      PM_LIT("From a@example.org Sat Nov 21 03:40:38 2026\nSubject: a\n\nbody\n\n"
                             "From a@example.org Sat Nov 21 03:40:39 2026\nSubject: b\n\n"));
    source = pm_source_open(path, in->errors);
    assert_non_null(source);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    snprintf(wanted, sizeof(wanted), "%s:1", path);
    assert_string_equal(mail.origin, wanted);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    snprintf(wanted, sizeof(wanted), "%s:6", path);
    assert_string_equal(mail.origin, wanted);
    pm_source_close(source);
}

static void what_cannot_be_read_is_named(void **state)
{
    fixture *in = *state;

    assert_refused(in, folder_file(in->folder, "nothing"), "No such file");
}

static void an_empty_file_has_no_mail(void **state)
{
    assert_refused(*state, write_file(*state, "empty", PM_EMPTY), "no mail in it");
}

static void any_other_folder_is_refused(void **state)
{
    fixture *in = *state;

    assert_refused(in, in->folder, "neither a Maildir nor a public-inbox");
}

static void a_compressed_file_is_refused_with_the_way_out(void **state)
{
    assert_refused(*state, write_file(*state, "a.gz", PM_LIT("\x1f\x8b\x08\0\0\0\0\0")), "zcat");
}

/* ---- mbox ---- */

#define SEPARATOR "From ann@example.org Sat Nov 21 03:40:38 2026\n"

static void an_mbox_is_split_at_its_separators(void **state)
{
    static const struct {
        const char *mbox, *wanted;
    } cases[] = {
        {SEPARATOR "Subject: a\n\nbody\n", "Subject: a\n\nbody\n|"},
        {SEPARATOR "Subject: a\n\nbody\n\n" SEPARATOR "Subject: b\n\nbody\n\n",
         "Subject: a\n\nbody\n|Subject: b\n\nbody\n|"},
        {SEPARATOR "Subject: a\n\nbody\n\n\n" SEPARATOR "Subject: b\n\n",
         "Subject: a\n\nbody\n\n|Subject: b\n|"},
        {SEPARATOR "Subject: a\r\n\r\nbody\r\n\r\n" SEPARATOR "Subject: b\r\n\r\n",
         "Subject: a\r\n\r\nbody\r\n|Subject: b\r\n|"},
        {SEPARATOR "Subject: a\n\nbody without LF", "Subject: a\n\nbody without LF|"},
        {SEPARATOR "Subject: a\n\n" SEPARATOR "Subject: b\n\n", "Subject: a\n|Subject: b\n|"},
        {SEPARATOR, "|"},
        {"From somebody without a date\nSubject: a\n\nbody\n", "Subject: a\n\nbody\n|"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_mails(*state, write_file(*state, "a.mbox", pm_slice_of(cases[i].mbox)),
                     cases[i].wanted);
}

static void separators_come_in_many_forms(void **state)
{
    static const char *const forms[] = {
        "From mboxrd@z Thu Jan  1 00:00:00 1970",
        "From ann@example.org Sat Nov 21 03:40:38 2026",
        "From ann@example.org Sat Nov 21 03:40 2026",
        "From ann@example.org  Sat Nov 21 03:40:38 2026",
        "From ann@example.org Sat Nov 21 03:40:38 UTC 2026",
        "From ann@example.org Sat Nov 21 03:40:38 +0000 2026",
        "From ann@example.org Sat, 21 Nov 2026 03:40:38 +0100",
        "From ann at example.org  Sat Nov 21 03:40:38 2026",
        "From - Sat Nov 21 03:40:38 2026",
        "From MAILER-DAEMON Sat Nov 21 03:40:38 2026\r",
        "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001",
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        char mbox[200];

        snprintf(mbox, sizeof(mbox), "%s\nSubject: a\n\na\n\n%s\nSubject: b\n\nb\n", forms[i],
                 forms[i]);
        assert_mails(*state, write_file(*state, "a.mbox", pm_slice_of(mbox)),
                     "Subject: a\n\na\n|Subject: b\n\nb\n|");
    }
}

static void a_sentence_that_begins_with_from_is_no_separator(void **state)
{
    static const char *const sentences[] = {
        "From here on",
        "From the meeting on Sat Nov 21 03:40:38 2026",
        "From now on, 21 Nov 2026 at 03:40 it is",
        "From Sat Nov 21 03:40:38 2026 on this is an error",
        "From ann@example.org Sat Nov 21 2026",
        "From ann@example.org Sat Nov 21 03:40:38",
        "From ann@example.org 03:40:38",
        "From ann@example.org",
        "From  ",
        "From ",
        "FROM ann@example.org Sat Nov 21 03:40:38 2026",
    };

    for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
        char mbox[300], wanted[300];

        snprintf(mbox, sizeof(mbox), SEPARATOR "Subject: a\n\nbody\n\n%s\nmore\n", sentences[i]);
        snprintf(wanted, sizeof(wanted), "Subject: a\n\nbody\n\n%s\nmore\n|", sentences[i]);
        assert_mails(*state, write_file(*state, "a.mbox", pm_slice_of(mbox)), wanted);
    }
}

static void a_separator_needs_an_empty_line_in_front(void **state)
{
    assert_mails(*state,
                 write_file(*state, "a.mbox",
                            PM_LIT(SEPARATOR "Subject: a\n\nI quote:\n" SEPARATOR "the end\n")),
                 "Subject: a\n\nI quote:\n" SEPARATOR "the end\n|");
}

static void one_quotation_mark_is_taken_off(void **state)
{
    assert_mails(*state,
                 write_file(*state, "a.mbox",
                            PM_LIT(SEPARATOR "Subject: a\n\n>From a\n>>From b\n>From: c\n> From d\n"
                                             ">>>From e\nx >From f\n\n" SEPARATOR
                                             "Subject: b\n\n>From a\n")),
                 "Subject: a\n\nFrom a\n>From b\n>From: c\n> From d\n>>From e\nx >From f\n|"
                 "Subject: b\n\nFrom a\n|");
}

static void nul_bytes_and_lone_crs_end_no_line(void **state)
{
    fixture *in = *state;
    const char *path = write_file(
        in, "a.mbox",
        PM_LIT(SEPARATOR "Subject: a\0b\n\nbo\0dy\r\r\n\r" SEPARATOR "\n\n" SEPARATOR "B: 1\n\n"));
    pm_source *source = pm_source_open(path, in->errors);
    pm_mail mail;

    assert_non_null(source);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_true(
        pm_slice_equal(mail.bytes, PM_LIT("Subject: a\0b\n\nbo\0dy\r\r\n\r" SEPARATOR "\n")));
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_true(pm_slice_equal(mail.bytes, PM_LIT("B: 1\n")));
    assert_int_equal(pm_source_next(source, &mail), PM_ABSENT);
    pm_source_close(source);
}

/* Larger than the buffer, so that it moves and grows in between. */
static void an_mbox_of_many_megabytes_comes_out_whole(void **state)
{
    fixture *in = *state;
    const char *path = folder_file(in->folder, "large.mbox");
    FILE *file = fopen(path, "wb");
    unsigned const sizes[] = {10, 700000, 3, 1500000, 400, 2500000, 1, 0, 90000};
    size_t const count = sizeof(sizes) / sizeof(*sizes);
    double progress = 0;
    pm_source *source;
    pm_mail mail;

    assert_non_null(file);
    for (size_t i = 0; i < count; i++) {
        fprintf(file, SEPARATOR "Subject: %zu\n\n", i);
        for (unsigned line = 0; line < sizes[i]; line++)
            fprintf(file, "%c\n", 'a' + (int)i);
        fprintf(file, "\n");
    }
    assert_int_equal(fclose(file), 0);

    source = pm_source_open(path, in->errors);
    assert_non_null(source);
    for (size_t i = 0; i < count; i++) {
        char subject[40];

        assert_int_equal(pm_source_next(source, &mail), PM_OK);
        snprintf(subject, sizeof(subject), "Subject: %zu\n\n", i);
        assert_true(pm_slice_starts(mail.bytes, pm_slice_of(subject)));
        assert_int_equal(mail.bytes.len, strlen(subject) + (size_t)2 * sizes[i]);
        for (size_t at = strlen(subject); at < mail.bytes.len; at += 2)
            if (mail.bytes.data[at] != 'a' + (char)i)
                fail_msg("message %zu has a byte of another at %zu", i, at);
        assert_true(pm_source_progress(source) >= progress);
        progress = pm_source_progress(source);
    }
    assert_int_equal(pm_source_next(source, &mail), PM_ABSENT);
    assert_true(pm_source_progress(source) == 1.0);
    pm_source_close(source);
}

static void of_an_endless_message_the_rest_is_left_out(void **state)
{
    fixture *in = *state;
    const char *path = folder_file(in->folder, "endless.mbox");
    FILE *file = fopen(path, "wb");
    pm_source *source;
    pm_mail mail;

    assert_non_null(file);
    fputs(SEPARATOR "A: 1\n\nbody\n\n" SEPARATOR "A: 2\n\n", file);
    for (unsigned line = 0; line < 70 * 1024; line++)
        fprintf(file, "%01023d\n", 0);
    fputs("\n" SEPARATOR "A: 3\n\nbody\n", file);
    assert_int_equal(fclose(file), 0);

    source = pm_source_open(path, in->errors);
    assert_non_null(source);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_in_range(mail.bytes.len, 64 << 20, 65 << 20);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_true(pm_slice_equal(mail.bytes, PM_LIT("A: 3\n\nbody\n")));
    assert_int_equal(pm_source_next(source, &mail), PM_ABSENT);
    assert_int_equal(pm_errors_count(in->errors), 0);
    pm_source_close(source);
}

static void a_file_truncated_under_us_only_ends_early(void **state)
{
    fixture *in = *state;
    const char *path = folder_file(in->folder, "a.mbox");
    FILE *file = fopen(path, "wb");
    pm_source *source;
    pm_mail mail;

    assert_non_null(file);
    for (unsigned i = 0; i < 100000; i++)
        fprintf(file, SEPARATOR "Subject: %u\n\nbody\n\n", i);
    assert_int_equal(fclose(file), 0);
    source = pm_source_open(path, in->errors);
    assert_non_null(source);
    assert_int_equal(truncate(path, 100), 0);
    while (pm_source_next(source, &mail) == PM_OK)
        assert_true(pm_slice_starts(mail.bytes, PM_LIT("Subject: ")));
    pm_source_close(source);
}

/* ---- Standard input ---- */

/* Let standard input be what command writes; undone by restore_input. */
static int replace_input(const char *command, FILE **pipe_out)
{
    int saved = dup(STDIN_FILENO);

    assert_true(saved >= 0);
    *pipe_out = popen(command, "r");
    assert_non_null(*pipe_out);
    assert_true(dup2(fileno(*pipe_out), STDIN_FILENO) >= 0);
    return saved;
}

static void restore_input(int saved, FILE *pipe)
{
    assert_true(dup2(saved, STDIN_FILENO) >= 0);
    close(saved);
    pclose(pipe);
}

static void standard_input_is_an_mbox_or_one_message(void **state)
{
    static const struct {
        const char *command, *wanted;
    } cases[] = {
        {"printf 'Subject: a\\n\\nbody\\n'", "Subject: a\n\nbody\n|"},
        {"printf 'From a@example.org Sat Nov 21 03:40:38 2026\\nA: 1\\n\\n'; sleep 0.1; "
         "printf 'From a@example.org Sat Nov 21 03:40:38 2026\\nA: 2\\n\\n'",
         "A: 1\n|A: 2\n|"},
        {"printf Fr; sleep 0.1; printf 'om a@example.org\\nA: 1\\n\\n'", "A: 1\n|"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        FILE *pipe;
        int saved = replace_input(cases[i].command, &pipe);

        assert_mails(*state, "-", cases[i].wanted);
        assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* not ours to close */
        restore_input(saved, pipe);
    }
}

static void how_far_a_pipe_is_cannot_be_told(void **state)
{
    fixture *in = *state;
    FILE *pipe;
    int saved = replace_input("printf 'Subject: a\\n\\n'", &pipe);
    pm_source *source = pm_source_open("-", in->errors);
    pm_mail mail;

    assert_non_null(source);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_true(pm_source_progress(source) < 0);
    pm_source_close(source);
    restore_input(saved, pipe);
}

/* ---- Maildir ---- */

static void a_maildir_is_read_by_time_of_delivery(void **state)
{
    fixture *in = *state;

    assert_int_equal(run("mkdir '%s/cur' '%s/new' '%s/tmp'", in->folder, in->folder, in->folder),
                     0);
    write_file(in, "cur/1000.M2P9.host:2,S", PM_LIT("A: 3\n\n"));
    write_file(in, "cur/999.M5P1.host:2,RS", PM_LIT("A: 1\n\n"));
    write_file(in, "new/1000.M10P9.host", PM_LIT("A: 4\n\n"));
    write_file(in, "new/1000.M1P9.host", PM_LIT("A: 2\n\n"));
    write_file(in, "new/.hidden", PM_LIT("A: no\n\n"));
    write_file(in, "tmp/1", PM_LIT("A: no\n\n"));
    assert_int_equal(
        run("mkdir '%s/cur/folder'; mkfifo '%s/new/5000.pipe'", in->folder, in->folder), 0);
    assert_mails(in, in->folder, "A: 1\n\n|A: 2\n\n|A: 3\n\n|A: 4\n\n|");
}

static void a_maildir_file_that_is_gone_is_passed_over(void **state)
{
    fixture *in = *state;
    pm_source *source;
    pm_mail mail;

    assert_int_equal(run("mkdir '%s/cur' '%s/new'", in->folder, in->folder), 0);
    write_file(in, "new/1", PM_LIT("A: 1\n\n"));
    write_file(in, "new/2", PM_LIT("A: 2\n\n"));
    write_file(in, "new/3", PM_LIT("A: 3\n\n"));
    source = pm_source_open(in->folder, in->errors);
    assert_non_null(source);
    assert_int_equal(unlink(folder_file(in->folder, "new/2")), 0);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_true(pm_slice_equal(mail.bytes, PM_LIT("A: 1\n\n")));
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_true(pm_slice_equal(mail.bytes, PM_LIT("A: 3\n\n")));
    assert_string_equal(mail.origin, folder_file(in->folder, "new/3"));
    assert_true(pm_source_progress(source) == 1.0);
    assert_int_equal(pm_source_next(source, &mail), PM_ABSENT);
    assert_int_equal(pm_errors_count(in->errors), 0);
    pm_source_close(source);
}

static void an_empty_maildir_has_no_mail(void **state)
{
    fixture *in = *state;

    assert_int_equal(run("mkdir '%s/cur' '%s/new'", in->folder, in->folder), 0);
    assert_refused(in, in->folder, "no mail in it");
}

/* ---- public-inbox ---- */

static bool git_is_there(void)
{
    if (system("git --version >/dev/null 2>&1") == 0)
        return true;
    print_message("git is not installed: skipped\n");
    return false;
}

#define GIT                                                                                        \
    "git -c user.name=Ann -c user.email=ann@example.org -c init.defaultBranch=master "             \
    "-c commit.gpgSign=false -c core.hooksPath=/dev/null "

/* A repository as version 2 has it: each commit puts one message into the file m, or into d what is
 * taken out. words is "m:text d:text ...". */
static void make_epoch(const fixture *in, const char *name, const char *words)
{
    assert_int_equal(
        run("set -e; cd '%s'; mkdir -p '%s'; cd '%s'; " GIT "init -q work; cd work; "
            "for word in %s; do git rm -q --cached m d 2>/dev/null || true; rm -f m d; "
            "printf 'A: %%s\\n\\n' ${word#*:} >${word%%%%:*}; git add ${word%%%%:*}; " GIT
            "commit -q -m \"$word\"; done; cd ..; mv work/.git/* .; rm -r work; "
            "git --git-dir=. config core.bare true",
            in->folder, name, name, words),
        0);
}

static void a_version_2_archive_is_read_epoch_by_epoch(void **state)
{
    fixture *in = *state;

    if (!git_is_there())
        return;
    make_epoch(in, "list/git/10.git", "m:6");
    make_epoch(in, "list/git/9.git", "m:4 d:4 m:5");
    make_epoch(in, "list/git/0.git", "m:1 m:2 m:3");
    assert_mails(in, folder_file(in->folder, "list"),
                 "A: 1\n\n|A: 2\n\n|A: 3\n\n|A: 4\n\n|A: 5\n\n|A: 6\n\n|");
    assert_mails(in, folder_file(in->folder, "list/git/0.git"), "A: 1\n\n|A: 2\n\n|A: 3\n\n|");

    /* all.git has nothing of its own. */
    assert_int_equal(run("git init -q --bare '%s/list/all.git'", in->folder), 0);
    assert_mails(in, folder_file(in->folder, "list/all.git/"),
                 "A: 1\n\n|A: 2\n\n|A: 3\n\n|A: 4\n\n|A: 5\n\n|A: 6\n\n|");
}

static void a_version_1_archive_is_read_in_the_order_of_its_commits(void **state)
{
    fixture *in = *state;

    if (!git_is_there())
        return;
    assert_int_equal(
        run("set -e; cd '%s'; " GIT "init -q v1; cd v1; n=0; for x in ff 00 7a; do n=$((n+1)); "
            "mkdir -p $x; printf 'A: %%s\\n\\n' $n >$x/0123456789012345678901234567890123456$n; "
            "git add .; " GIT "commit -q -m $n; done; echo no mail >README; git add README; " GIT
            "commit -q -m readme; git rm -q -r ff; " GIT "commit -q -m remove",
            in->folder),
        0);
    assert_mails(in, folder_file(in->folder, "v1"), "A: 1\n\n|A: 2\n\n|A: 3\n\n|");
    assert_mails(in, folder_file(in->folder, "v1/.git"), "A: 1\n\n|A: 2\n\n|A: 3\n\n|");
}

static void an_archive_of_more_messages_than_are_asked_for_at_once(void **state)
{
    fixture *in = *state;
    char words[1000] = "", wanted[2000] = "";
    size_t word_length = 0, wanted_length = 0;

    if (!git_is_there())
        return;
    for (unsigned i = 100; i < 170; i++) {
        word_length +=
            (size_t)snprintf(words + word_length, sizeof(words) - word_length, "m:%u ", i);
        wanted_length += (size_t)snprintf(wanted + wanted_length, sizeof(wanted) - wanted_length,
                                          "A: %u\n\n|", i);
    }
    make_epoch(in, "0.git", words);
    assert_mails(in, folder_file(in->folder, "0.git"), wanted);
}

static void an_archive_with_an_odd_name_is_read_and_its_mail_called_by_commit(void **state)
{
    fixture *in = *state;
    pm_source *source;
    const char *path;
    pm_mail mail;

    if (!git_is_there())
        return;
    make_epoch(in, "plain", "m:1");
    path = folder_file(in->folder, "-- $(odd) \n\xff\"name");
    assert_int_equal(rename(folder_file(in->folder, "plain"), path), 0);
    source = pm_source_open(path, in->errors);
    assert_non_null(source);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_int_equal(strlen(mail.origin), 40);
    assert_int_equal(strspn(mail.origin, "0123456789abcdef"), 40);
    assert_true(pm_source_progress(source) < 0);
    pm_source_close(source); /* before the end */
}

static void variables_of_an_outer_git_do_not_mislead(void **state)
{
    fixture *in = *state;

    if (!git_is_there())
        return;
    make_epoch(in, "0.git", "m:1");
    setenv("GIT_OBJECT_DIRECTORY", "/nonexistent", 1);
    setenv("GIT_DIR", "/nonexistent", 1);
    assert_mails(in, folder_file(in->folder, "0.git"), "A: 1\n\n|");
    unsetenv("GIT_OBJECT_DIRECTORY");
    unsetenv("GIT_DIR");
}

static void an_archive_git_cannot_read_is_refused_with_its_words(void **state)
{
    fixture *in = *state;

    if (!git_is_there())
        return;
    assert_int_equal(run("git init -q --bare '%s/0.git'", in->folder), 0);
    assert_refused(in, folder_file(in->folder, "0.git"), "git log failed: fatal: ");
}

static void a_missing_message_ends_the_reading_with_an_error(void **state)
{
    fixture *in = *state;
    pm_source *source;
    pm_mail mail;

    if (!git_is_there())
        return;
    make_epoch(in, "0.git", "m:1 m:2");
    assert_int_equal(run("set -e; cd '%s/0.git'; blob=$(git --git-dir=. rev-parse HEAD:m); "
                         "rm -f objects/$(echo $blob | sed 's,^..,&/,')",
                         in->folder),
                     0);
    source = pm_source_open(folder_file(in->folder, "0.git"), in->errors);
    assert_non_null(source);
    assert_int_equal(pm_source_next(source, &mail), PM_OK);
    assert_int_equal(pm_source_next(source, &mail), PM_FAULT);
    assert_int_equal(pm_source_next(source, &mail), PM_ABSENT);
    assert_int_equal(pm_errors_count(in->errors), 1);
    pm_source_close(source);
}

static void without_git_the_way_out_is_told(void **state)
{
    fixture *in = *state;
    char *path;

    if (!git_is_there())
        return;
    make_epoch(in, "0.git", "m:1");
    path = strdup(getenv("PATH"));
    assert_non_null(path);
    setenv("PATH", "/nonexistent", 1);
    assert_refused(in, folder_file(in->folder, "0.git"),
                   "install it, or give the archive as an mbox");
    setenv("PATH", path, 1);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_one_message),
        TEST(a_file_is_called_by_its_name_and_an_mbox_by_name_and_line),
        TEST(what_cannot_be_read_is_named),
        TEST(an_empty_file_has_no_mail),
        TEST(any_other_folder_is_refused),
        TEST(a_compressed_file_is_refused_with_the_way_out),
        TEST(an_mbox_is_split_at_its_separators),
        TEST(separators_come_in_many_forms),
        TEST(a_sentence_that_begins_with_from_is_no_separator),
        TEST(a_separator_needs_an_empty_line_in_front),
        TEST(one_quotation_mark_is_taken_off),
        TEST(nul_bytes_and_lone_crs_end_no_line),
        TEST(an_mbox_of_many_megabytes_comes_out_whole),
        TEST(of_an_endless_message_the_rest_is_left_out),
        TEST(a_file_truncated_under_us_only_ends_early),
        TEST(standard_input_is_an_mbox_or_one_message),
        TEST(how_far_a_pipe_is_cannot_be_told),
        TEST(a_maildir_is_read_by_time_of_delivery),
        TEST(a_maildir_file_that_is_gone_is_passed_over),
        TEST(an_empty_maildir_has_no_mail),
        TEST(a_version_2_archive_is_read_epoch_by_epoch),
        TEST(a_version_1_archive_is_read_in_the_order_of_its_commits),
        TEST(an_archive_of_more_messages_than_are_asked_for_at_once),
        TEST(an_archive_with_an_odd_name_is_read_and_its_mail_called_by_commit),
        TEST(variables_of_an_outer_git_do_not_mislead),
        TEST(an_archive_git_cannot_read_is_refused_with_its_words),
        TEST(a_missing_message_ends_the_reading_with_an_error),
        TEST(without_git_the_way_out_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
