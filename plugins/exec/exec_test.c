/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exec_test - what programs may do wrong, and that it costs no more than their own facts.
 *
 * Each test has a program of test/ in a folder of its own. Nothing here is timed: that a scan comes
 * back at all while its program hangs for ever is the proof. Where something has to happen by and
 * by, as a new start, the test asks again until it has, for at most PATIENCE seconds.
 */
#include <harness.h>

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

const pm_plugin *pm_plugin_entry_exec(void);

enum { PATIENCE = 120 };

#define MUCH_TIME (600LL * 1000 * 1000)

/* Deadlines: no test takes PATIENT, and no program that HASTY is for answers at all. */
#define PATIENT "processes 1; deadline 60s; start 60s"
#define HASTY   "processes 1; deadline 500ms; start 60s"

typedef struct scene {
    char folder[64]; /* the program's, emptied and removed at the end */
    pm_bench *bench;
    unsigned files; /* open before it began */
} scene;

/* ---- Looking around ---- */

static unsigned count_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* Processes of which a thread of ours is the parent, zombies too. */
static unsigned count_children(void)
{
    DIR *threads = opendir("/proc/self/task");
    const struct dirent *thread;
    unsigned count = 0;

    assert_non_null(threads);
    while ((thread = readdir(threads)) != NULL) {
        char name[300];
        FILE *children;
        int pid;

        snprintf(name, sizeof(name), "/proc/self/task/%s/children", thread->d_name);
        children = thread->d_name[0] == '.' ? NULL : fopen(name, "re");
        while (children != NULL && fscanf(children, "%d", &pid) == 1)
            count++;
        if (children != NULL)
            fclose(children);
    }
    closedir(threads);
    return count;
}

static const char *our_name(void)
{
    const struct passwd *us = getpwuid(geteuid());

    return us == NULL ? "root" : us->pw_name;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
}

/* ---- A scene ---- */

static void make_folder(scene *of)
{
    of->files = count_files();
    strcpy(of->folder, "/tmp/patchmark-exec-XXXXXX");
    assert_non_null(mkdtemp(of->folder));
    assert_int_equal(chmod(of->folder, 0755), 0);
}

static void path_in(const scene *of, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", of->folder, name);
}

/* A program of test/ that misbehaves as `how` says; more is further statements. */
static void open_scene_with(scene *of, const char *how, const char *more)
{
    char settings[2048];

    make_folder(of);
    snprintf(settings, sizeof(settings),
             "program unruly {\n"
             "    command \"%s/unruly.py\" %s %s\n"
             "    user \"%s\"\n"
             "    %s\n"
             "}\n",
             EXEC_PROGRAMS, how, of->folder, our_name(), more);
    of->bench = pm_bench_new(pm_plugin_entry_exec(), settings);
}

static void open_scene(scene *of, const char *how)
{
    open_scene_with(of, how, PATIENT);
    assert_null(pm_bench_problem(of->bench));
}

static void empty_folder(const scene *of)
{
    static const char *const files[] = {"starts", "calm", "child", "program"};
    char path[128];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        path_in(of, files[i], path);
        unlink(path);
    }
    assert_int_equal(rmdir(of->folder), 0);
}

/* Everything that was begun has ended, and nothing is left of it. */
static void close_scene(scene *of)
{
    pm_bench_free(of->bench);
    assert_int_equal(count_children(), 0);
    assert_int_equal(count_files(), of->files);
    empty_folder(of);
}

static pm_status scan(scene *of, const char *title)
{
    char mail[256];

    snprintf(mail, sizeof(mail), "Subject: %s\n\nHello.\n", title);
    pm_bench_mail(of->bench, mail);
    pm_bench_time(of->bench, MUCH_TIME);
    return pm_bench_scan(of->bench);
}

/* Letters are sent until one is answered. */
static void scan_until_answered(scene *of)
{
    const double until = now() + PATIENCE;

    while (scan(of, "calm words here") != PM_OK) {
        assert_true(now() < until);
        wait_a_little();
    }
    assert_int_equal(pm_bench_fact(of->bench, "word.count"), 3);
}

static void calm_down(const scene *of)
{
    char path[128];
    int file;

    path_in(of, "calm", path);
    file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    assert_true(file >= 0);
    close(file);
}

/* How often the program has started, and the process number of the last time. */
static unsigned count_starts(const scene *of, pid_t *last_out)
{
    char path[128];
    unsigned count = 0;
    FILE *starts;
    int pid;

    path_in(of, "starts", path);
    starts = fopen(path, "re");
    while (starts != NULL && fscanf(starts, "%d", &pid) == 1) {
        *last_out = pid;
        count++;
    }
    if (starts != NULL)
        fclose(starts);
    return count;
}

static unsigned wait_for_starts(const scene *of, unsigned least)
{
    const double until = now() + PATIENCE;
    unsigned count;
    pid_t last;

    while ((count = count_starts(of, &last)) < least) {
        assert_true(now() < until);
        wait_a_little();
    }
    return count;
}

static void kill_program(const scene *of)
{
    pid_t last = 0;

    assert_true(count_starts(of, &last) > 0 && last > 1);
    assert_int_equal(kill(last, SIGKILL), 0);
}

static void assert_says(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text == NULL ? "" : text, part);
}

/* The program could not tell, and nothing of what it said counts. */
static void assert_failed(const scene *of, const char *why)
{
    assert_int_equal(pm_bench_facts(of->bench, "word.count"), 0);
    assert_int_equal(pm_bench_facts(of->bench, "echo"), 0);
    assert_string_equal(pm_bench_fact_text(of->bench, "exec.failed", 0), "unruly");
    assert_says(pm_bench_fact_reason(of->bench, "exec.failed", 0), why);
}

/* ---- Programs that behave ---- */

static void a_programs_facts_are_the_plugins(void **state)
{
    scene of;

    (void)state;
    open_scene(&of, "nicely");
    assert_int_equal(scan(&of, "three words here"), PM_OK);
    assert_int_equal(pm_bench_fact(of.bench, "word.count"), 3);
    assert_string_equal(pm_bench_fact_text(of.bench, "echo", 0), "three words here");
    assert_string_equal(pm_bench_fact_reason(of.bench, "echo", 0), "because 100% of it is there");
    assert_true(pm_bench_fact_weight(of.bench, "echo", 0) == 2.5);
    assert_int_equal(pm_bench_facts(of.bench, "exec.failed"), 0);
    close_scene(&of);
}

static void any_byte_of_mail_survives_there_and_back(void **state)
{
    char mail[9 + 256 + 2] = "Subject: ";
    const char *echo;
    size_t len = 9;
    scene of;

    (void)state;
    open_scene(&of, "nicely");
    for (int byte = 1; byte < 256; byte++)
        if (byte != '\n')
            mail[len++] = (char)byte;
    memcpy(mail + len, "\n\n", 2);
    pm_bench_mail_bytes(of.bench, mail, len + 2);
    pm_bench_time(of.bench, MUCH_TIME);
    assert_int_equal(pm_bench_scan(of.bench), PM_OK);
    echo = pm_bench_fact_text(of.bench, "echo", 0);
    assert_non_null(echo);
    assert_int_equal(strlen(echo), len - 9);
    assert_memory_equal(echo, mail + 9, len - 9);

    pm_bench_mail_bytes(of.bench, "Subject: a\0b\n\n\0", 15); /* and NUL */
    pm_bench_time(of.bench, MUCH_TIME);
    assert_int_equal(pm_bench_scan(of.bench), PM_OK);
    assert_string_equal(pm_bench_fact_text(of.bench, "echo", 0), "a");
    close_scene(&of);
}

static void a_program_stands_every_trial(void **state)
{
    scene of;

    (void)state;
    open_scene_with(&of, "nicely", "processes 4; deadline 60s; start 60s");
    assert_null(pm_bench_problem(of.bench));
    pm_bench_mail(of.bench, "Subject: four words are here\n\nHello.\n");
    pm_bench_give_text(of.bench, "project", "tests", 3);
    pm_bench_time(of.bench, MUCH_TIME);
    assert_null(pm_bench_trials(of.bench));
    close_scene(&of);
}

static void a_new_instance_does_not_disturb_the_old_one(void **state)
{
    scene old, new;

    (void)state;
    open_scene(&old, "nicely");
    for (int i = 0; i < 5; i++) {
        open_scene(&new, "nicely");
        assert_int_equal(scan(&old, "one word"), PM_OK);
        assert_int_equal(scan(&new, "one word"), PM_OK);
        pm_bench_free(new.bench);
        assert_int_equal(scan(&old, "one word"), PM_OK);
        new.bench = NULL;
        assert_int_equal(count_children(), 1);
        empty_folder(&new);
        assert_int_equal(count_files(), new.files);
    }
    close_scene(&old);
}

static void without_programs_there_is_nothing_to_do(void **state)
{
    pm_bench *bench = pm_bench_new(pm_plugin_entry_exec(), NULL);

    (void)state;
    assert_null(pm_bench_problem(bench));
    assert_int_equal(pm_bench_scan(bench), PM_OK);
    pm_bench_free(bench);
}

/* ---- Programs that do not, with a letter ---- */

static void whatever_a_program_does_costs_its_facts_of_one_letter(void **state)
{
    static const struct {
        const char *how, *why, *settings;
    } cases[] = {
        {"hangs", "did not answer before its deadline", HASTY},
        {"hangs-halfway", "did not answer before its deadline", HASTY},
        {"stops", "did not answer before its deadline", HASTY},
        {"garbage", "control characters: \"%00%FF%1B[31m what?\"", PATIENT},
        {"other-id", "was not asked", PATIENT},
        {"undeclared", "does not declare: \"word.cuont\"", PATIENT},
        {"wrong-type", "not of the type", PATIENT},
        {"endless-line", "too long", PATIENT},
        {"endless-answer", "more than 256 facts", PATIENT},
        {"floods-errors", "it ended", PATIENT},
        {"closes-output", "closed its input or output", PATIENT},
        {"grandchild", "it ended", PATIENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scene of;

        open_scene_with(&of, cases[i].how, cases[i].settings);
        assert_null(pm_bench_problem(of.bench));
        assert_int_equal(scan(&of, "not well"), PM_LATER);
        assert_failed(&of, cases[i].why);
        scan_until_answered(&of);
        close_scene(&of);
    }
}

static void what_one_program_does_is_not_the_others_fault(void **state)
{
    char more[640];
    scene of;

    (void)state;
    /* The settings go on behind the block that they are written into. */
    snprintf(more, sizeof(more),
             HASTY "\n}\nprogram shell {\n command \"%s/first_word.sh\"; user \"%s\"; " PATIENT,
             EXEC_PROGRAMS, our_name());
    open_scene_with(&of, "hangs", more);
    assert_null(pm_bench_problem(of.bench));
    assert_int_equal(scan(&of, "mm: Free it"), PM_LATER);
    assert_failed(&of, "did not answer before its deadline");
    assert_int_equal(pm_bench_facts(of.bench, "exec.failed"), 1);
    assert_string_equal(pm_bench_fact_text(of.bench, "title.first-word", 0), "mm");
    scan_until_answered(&of);
    close_scene(&of);
}

static void a_crash_at_the_third_letter_costs_the_third(void **state)
{
    scene of;

    (void)state;
    open_scene(&of, "third-crashes");
    assert_int_equal(scan(&of, "one"), PM_OK);
    assert_int_equal(scan(&of, "two"), PM_OK);
    assert_int_equal(scan(&of, "three"), PM_LATER);
    assert_failed(&of, "it ended");
    scan_until_answered(&of);
    close_scene(&of);
}

static void who_cannot_tell_is_not_started_again(void **state)
{
    scene of;
    pid_t last;

    (void)state;
    open_scene(&of, "sorry");
    assert_int_equal(scan(&of, "one"), PM_LATER);
    assert_failed(&of, "it could not tell: \"not today\"");
    assert_int_equal(scan(&of, "calm"), PM_OK);
    assert_int_equal(count_starts(&of, &last), 1);
    close_scene(&of);
}

/* What was complete counts; the rest would be taken for the answer to the next letter. */
static void who_answers_twice_starts_again(void **state)
{
    scene of;

    (void)state;
    open_scene(&of, "says-twice");
    assert_int_equal(scan(&of, "two words"), PM_OK);
    assert_int_equal(pm_bench_fact(of.bench, "word.count"), 2);
    scan_until_answered(&of);
    wait_for_starts(&of, 2);
    close_scene(&of);
}

static void four_megabytes_for_a_program_that_never_reads(void **state)
{
    const size_t size = 4 * 1024 * 1024;
    char *text = malloc(size + 1);
    scene of;

    (void)state;
    assert_non_null(text);
    memset(text, '\n', size); /* three times as long when it is sent */
    text[size] = '\0';
    open_scene_with(&of, "dead-reader", HASTY);
    assert_null(pm_bench_problem(of.bench));
    pm_bench_mail(of.bench, "Subject: x\n\n");
    pm_bench_time(of.bench, MUCH_TIME);
    pm_bench_text(of.bench, "text", text);
    assert_int_equal(pm_bench_scan(of.bench), PM_LATER);
    assert_failed(&of, "did not answer before its deadline");
    calm_down(&of);
    scan_until_answered(&of);
    free(text);
    close_scene(&of);
}

static void a_letter_of_more_than_it_may_have_is_not_sent(void **state)
{
    const size_t size = 6 * 1024 * 1024;
    char *text = malloc(size + 1);
    scene of;

    (void)state;
    assert_non_null(text);
    memset(text, '\n', size);
    text[size] = '\0';
    open_scene(&of, "nicely");
    pm_bench_mail(of.bench, "Subject: x\n\n");
    pm_bench_time(of.bench, MUCH_TIME);
    pm_bench_text(of.bench, "text", text);
    assert_int_equal(pm_bench_scan(of.bench), PM_LIMIT);
    assert_failed(&of, "more than 16 MiB");
    assert_int_equal(scan(&of, "calm"), PM_OK);
    free(text);
    close_scene(&of);
}

static void nobody_is_asked_who_would_not_have_its_whole_deadline(void **state)
{
    scene of;
    pid_t last;

    (void)state;
    open_scene(&of, "hangs");
    pm_bench_mail(of.bench, "Subject: x\n\n");
    pm_bench_time(of.bench, 60 * 1000 * 1000 - 1);
    assert_int_equal(pm_bench_scan(of.bench), PM_LIMIT);
    assert_failed(&of, "less of the letter's time is left");
    assert_non_null(strstr(pm_bench_log(of.bench), "is not asked: its deadline is 60000 ms"));
    assert_int_equal(pm_bench_scan(of.bench), PM_LIMIT);
    assert_string_equal(pm_bench_log(of.bench), ""); /* once is enough */
    assert_int_equal(scan(&of, "calm"), PM_OK);
    assert_int_equal(count_starts(&of, &last), 1);
    close_scene(&of);
}

static void a_field_that_no_letter_has_is_complained_about(void **state)
{
    scene of;

    (void)state;
    open_scene(&of, "unknown-field");
    assert_int_equal(scan(&of, "x"), PM_FAULT);
    assert_failed(&of, "\"titel\"");
    assert_says(pm_bench_log(of.bench), "titel");
    close_scene(&of);
}

static void what_a_program_has_started_ends_with_it(void **state)
{
    const double until = now() + PATIENCE;
    char path[128], state_of_child;
    FILE *file;
    scene of;
    int pid;

    (void)state;
    open_scene(&of, "grandchild");
    assert_int_equal(scan(&of, "not well"), PM_LATER);
    scan_until_answered(&of);
    path_in(&of, "child", path);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    /* Gone, or waiting for its new parent to notice. */
    for (;;) {
        file = fopen(path, "re");
        if (file == NULL)
            break;
        state_of_child = '?';
        assert_int_equal(fscanf(file, "%*d %*s %c", &state_of_child), 1);
        fclose(file);
        if (state_of_child == 'Z' || state_of_child == 'X')
            break;
        assert_true(now() < until);
        wait_a_little();
    }
    close_scene(&of);
}

/* ---- Starting again ---- */

static void a_process_that_ends_between_letters_starts_again(void **state)
{
    scene of;

    (void)state;
    open_scene(&of, "nicely");
    assert_int_equal(scan(&of, "calm"), PM_OK);
    kill_program(&of);
    wait_for_starts(&of, 2); /* without a letter that would need it */
    scan_until_answered(&of);
    close_scene(&of);
}

static void who_ends_at_once_is_started_later_each_time(void **state)
{
    unsigned again;
    double began, needed = 0, delay = 0.1;
    scene of;

    (void)state;
    open_scene(&of, "dies-later");
    began = now();
    kill_program(&of);
    again = wait_for_starts(&of, 5) - 1;
    for (unsigned i = 0; i < again; i++, delay *= 2)
        needed += delay;
    assert_true(now() - began >= needed);
    assert_int_equal(scan(&of, "x"), PM_LATER); /* at once: there is nobody to wait for */
    assert_failed(&of, "it does not run: it ended with status 7 before it was ready, and said "
                       "last: this is why");
    calm_down(&of);
    scan_until_answered(&of);
    close_scene(&of);
}

static void who_greets_otherwise_later_is_refused(void **state)
{
    const double until = now() + PATIENCE;
    scene of;

    (void)state;
    open_scene(&of, "other-greeting");
    kill_program(&of);
    for (;;) {
        const char *why;

        assert_true(now() < until);
        if (scan(&of, "x") == PM_OK)
            continue; /* not dead yet */
        why = pm_bench_fact_reason(of.bench, "exec.failed", 0);
        if (why != NULL && strstr(why, "its greeting is not the one") != NULL)
            break;
        wait_a_little();
    }
    calm_down(&of);
    scan_until_answered(&of);
    close_scene(&of);
}

/* ---- Opening ---- */

static void a_program_that_does_not_greet_properly_is_an_error(void **state)
{
    static const struct {
        const char *how, *more, *problem;
    } cases[] = {
        {"silent", "start 300ms", "program unruly: it was not ready within 300 ms"},
        {"dies-at-once", "start 60s", "status 7 before it was ready, and said last: this is why"},
        {"old", "start 60s", "begin with \"patchmark-exec 1\" but with: \"patchmark-exec 0\""},
        {"endless-greeting", "start 60s", "its greeting is too long"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scene of;

        open_scene_with(&of, cases[i].how, cases[i].more);
        assert_says(pm_bench_problem(of.bench), cases[i].problem);
        close_scene(&of);
    }
}

static void settings_that_cannot_be_are_errors(void **state)
{
    static const struct {
        const char *settings, *problem;
    } cases[] = {
        {"program x { }", "program x has no command"},
        {"program { command /bin/cat }", "a program needs a name"},
        {"program X! { command /bin/cat }", "a program needs a name"},
        {"program x { command /bin/no-such-thing }", "there is no program /bin/no-such-thing"},
        {"program x { command \"/bin/cat -u\" }", "each argument is a value of its own"},
        {"program x { command /etc/passwd }", "/etc/passwd cannot be run (chmod +x"},
        {"program x { command /etc }", "there is no program /etc"},
        {"program x { command /bin/cat; user no-such-user }", "there is no user \"no-such-user\""},
        {"program x { command /bin/cat; user a b }", "\"user\" wants one value"},
        {"program x { command /bin/cat; processes 0 }", "processes: must be 1 to 64"},
        {"program x { command /bin/cat; processes many }", "processes: must be 1 to 64"},
        {"program x { command /bin/cat; deadline 50 }", "deadline: must be 1ms to 60s"},
        {"program x { command /bin/cat; start 1ms }", "start: must be 100ms to 60s"},
        {"program x { command /bin/cat; memory -1 }", "memory: must be a size"},
        {"program x { command /bin/cat; colour red }", "a program has no \"colour\""},
        {"program x { command /bin/cat }\nprogram x { command /bin/cat }", "two programs called x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const unsigned files = count_files();
        pm_bench *bench = pm_bench_new(pm_plugin_entry_exec(), cases[i].settings);

        assert_says(pm_bench_problem(bench), cases[i].problem);
        pm_bench_free(bench);
        assert_int_equal(count_children(), 0);
        assert_int_equal(count_files(), files);
    }
}

static void copy_program(const scene *of, const char *name, mode_t mode)
{
    char from[512], to[128], bytes[16 * 1024];
    FILE *source, *target;
    size_t len;

    snprintf(from, sizeof(from), "%s/%s", EXEC_PROGRAMS, name);
    path_in(of, "program", to);
    source = fopen(from, "re");
    target = fopen(to, "we");
    assert_non_null(source);
    assert_non_null(target);
    len = fread(bytes, 1, sizeof(bytes), source);
    assert_int_equal(fwrite(bytes, 1, len, target), len);
    fclose(source);
    fclose(target);
    assert_int_equal(chmod(to, mode), 0);
}

static void what_others_may_write_is_not_run(void **state)
{
    char settings[256];
    scene of;

    (void)state;
    make_folder(&of);
    copy_program(&of, "surroundings.py", 0777);
    snprintf(settings, sizeof(settings), "program x { command %s/program }", of.folder);
    of.bench = pm_bench_new(pm_plugin_entry_exec(), settings);
    assert_says(pm_bench_problem(of.bench), "/program is not trusted: others may write it");
    pm_bench_free(of.bench);

    copy_program(&of, "surroundings.py", 0755);
    assert_int_equal(chmod(of.folder, 0777), 0);
    of.bench = pm_bench_new(pm_plugin_entry_exec(), settings);
    assert_says(pm_bench_problem(of.bench), "is not trusted: others may write it");
    close_scene(&of);
}

/* ---- What a program is started with ---- */

static const char *with(const scene *of, const char *what)
{
    char fact[64];
    const char *text;

    snprintf(fact, sizeof(fact), "with.%s", what);
    text = pm_bench_fact_text(of->bench, fact, 0);
    return text == NULL ? "" : text;
}

static void open_surroundings(scene *of, const char *more)
{
    char settings[512];

    make_folder(of);
    copy_program(of, "surroundings.py", 0755);
    snprintf(settings, sizeof(settings),
             "program x { command %s/program \"two words\" $HOME * ; deadline 60s; start 60s; %s }",
             of->folder, more);
    of->bench = pm_bench_new(pm_plugin_entry_exec(), settings);
    assert_null(pm_bench_problem(of->bench));
    assert_int_equal(scan(of, "x"), PM_OK);
}

static void a_program_has_nothing_of_ours(void **state)
{
    const int file = open("/etc/passwd", O_RDONLY); /* not closed on exec, as a careless plugin's */
    char more[128], user[128];
    sigset_t blocked;
    scene of;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    snprintf(more, sizeof(more), "memory 2G; user \"%s\"", our_name());
    open_surroundings(&of, more);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);

    snprintf(user, sizeof(user), "%u %u %u %u", (unsigned)getuid(), (unsigned)geteuid(),
             (unsigned)getgid(), (unsigned)getegid());
    assert_string_equal(with(&of, "user"), user);
    assert_string_equal(with(&of, "folder"), "/");
    assert_string_equal(with(&of, "variables"), "HOME LANG PATH");
    assert_string_equal(with(&of, "files"), "0 1 2");
    assert_string_equal(with(&of, "signals"), "0 0");
    assert_string_equal(with(&of, "privileges"), "1");
    assert_string_equal(with(&of, "leads"), "yes");
    assert_string_equal(with(&of, "umask"), "0077");
    assert_string_equal(with(&of, "core"), "0");
    assert_string_equal(with(&of, "memory"), "2147483648");
    assert_string_equal(with(&of, "words"), "two words|$HOME|*"); /* no shell has seen them */
    close_scene(&of);
    close(file);
}

static void root_gives_a_program_another_user_for_good(void **state)
{
    static const char *const ways[] = {"user nobody", ""}; /* nobody says so: the same */
    const struct passwd *nobody = getpwnam("nobody");
    char user[128];

    (void)state;
    if (geteuid() != 0 || nobody == NULL)
        skip();
    snprintf(user, sizeof(user), "%u %u %u %u", (unsigned)nobody->pw_uid, (unsigned)nobody->pw_uid,
             (unsigned)nobody->pw_gid, (unsigned)nobody->pw_gid);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        char group[32];
        scene of;

        snprintf(group, sizeof(group), "%u", (unsigned)nobody->pw_gid);
        open_surroundings(&of, ways[i]);
        assert_string_equal(with(&of, "user"), user);
        assert_string_equal(with(&of, "groups"), group);
        assert_string_equal(with(&of, "root"), "no");
        close_scene(&of);
    }
}

/* In a process of its own, which can give up being root. */
static int try_as_nobody(const struct passwd *nobody)
{
    pm_bench *bench;
    const char *problem;

    if (nobody != NULL && geteuid() == 0 &&
        (setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) != 0 ||
         setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) != 0))
        return 2;
    bench = pm_bench_new(pm_plugin_entry_exec(), "program x { command /bin/cat; user root }");
    problem = pm_bench_problem(bench);
    return problem != NULL && strstr(problem, "cannot run as user number 0") != NULL &&
                   strstr(problem, "leave `user` out") != NULL
               ? 0
               : 1;
}

static void who_may_not_change_the_user_hears_so(void **state)
{
    const struct passwd *nobody = getpwnam("nobody");
    const pid_t child = fork();
    int status = -1;

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(try_as_nobody(nobody));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- The examples ---- */

static void open_example(scene *of, const char *command)
{
    char settings[512];

    make_folder(of);
    snprintf(settings, sizeof(settings),
             "program example { command \"%s/%s; user \"%s\"; deadline 60s; start 60s }",
             EXEC_PROGRAMS, command, our_name());
    of->bench = pm_bench_new(pm_plugin_entry_exec(), settings);
    assert_null(pm_bench_problem(of->bench));
}

static void the_example_in_python_finds_long_lines(void **state)
{
    static const char mail[] = "Subject: [PATCH] cog: Turn\n"
                               "\n"
                               "+a line of prose that is longer than twenty columns\n"
                               "---\n"
                               " cog.c | 3 ++-\n"
                               "\n"
                               "diff --git a/cog.c b/cog.c\n"
                               "--- a/cog.c\n"
                               "+++ b/cog.c\n"
                               "@@ -7,2 +7,3 @@\n"
                               " int turn(int);\n"
                               "-int turn_back_and_forth(int);\n"
                               "+int back(int); /* 100% */\n"
                               "+\t\tint cog;\n"
                               "-- \n"
                               "+a signature that is longer than twenty columns\n";
    scene of;

    (void)state;
    open_example(&of, "house_style.py\" --width 20");
    pm_bench_mail(of.bench, mail);
    pm_bench_time(of.bench, MUCH_TIME);
    assert_int_equal(pm_bench_scan(of.bench), PM_OK);
    assert_int_equal(pm_bench_fact(of.bench, "style.long-lines"), 2);
    assert_string_equal(pm_bench_fact_reason(of.bench, "style.long-lines", 0),
                        "cog.c:8 is the first of them");
    assert_int_equal(scan(&of, "nothing long"), PM_OK);
    assert_int_equal(pm_bench_facts(of.bench, NULL), 0);
    close_scene(&of);
}

static void the_example_in_shell_finds_the_first_word(void **state)
{
    scene of;

    (void)state;
    open_example(&of, "first_word.sh\"");
    assert_int_equal(scan(&of, "[PATCH] mm: Free less"), PM_OK);
    assert_string_equal(pm_bench_fact_text(of.bench, "title.first-word", 0), "mm");
    pm_bench_mail(of.bench, "\n");
    pm_bench_time(of.bench, MUCH_TIME);
    assert_int_equal(pm_bench_scan(of.bench), PM_OK);
    assert_int_equal(pm_bench_facts(of.bench, NULL), 0);
    close_scene(&of);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_programs_facts_are_the_plugins),
        cmocka_unit_test(any_byte_of_mail_survives_there_and_back),
        cmocka_unit_test(a_program_stands_every_trial),
        cmocka_unit_test(a_new_instance_does_not_disturb_the_old_one),
        cmocka_unit_test(without_programs_there_is_nothing_to_do),
        cmocka_unit_test(whatever_a_program_does_costs_its_facts_of_one_letter),
        cmocka_unit_test(what_one_program_does_is_not_the_others_fault),
        cmocka_unit_test(a_crash_at_the_third_letter_costs_the_third),
        cmocka_unit_test(who_cannot_tell_is_not_started_again),
        cmocka_unit_test(who_answers_twice_starts_again),
        cmocka_unit_test(four_megabytes_for_a_program_that_never_reads),
        cmocka_unit_test(a_letter_of_more_than_it_may_have_is_not_sent),
        cmocka_unit_test(nobody_is_asked_who_would_not_have_its_whole_deadline),
        cmocka_unit_test(a_field_that_no_letter_has_is_complained_about),
        cmocka_unit_test(what_a_program_has_started_ends_with_it),
        cmocka_unit_test(a_process_that_ends_between_letters_starts_again),
        cmocka_unit_test(who_ends_at_once_is_started_later_each_time),
        cmocka_unit_test(who_greets_otherwise_later_is_refused),
        cmocka_unit_test(a_program_that_does_not_greet_properly_is_an_error),
        cmocka_unit_test(settings_that_cannot_be_are_errors),
        cmocka_unit_test(what_others_may_write_is_not_run),
        cmocka_unit_test(a_program_has_nothing_of_ours),
        cmocka_unit_test(root_gives_a_program_another_user_for_good),
        cmocka_unit_test(who_may_not_change_the_user_hears_so),
        cmocka_unit_test(the_example_in_python_finds_long_lines),
        cmocka_unit_test(the_example_in_shell_finds_the_first_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
