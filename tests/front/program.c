/* SPDX-License-Identifier: BSD-2-Clause */
/* program - run patchmark as people and scripts do; see program.h. */
#include "program.h"

#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

char folder[FOLDER_NAME];

int make_folder(void **state)
{
    (void)state;
    folder_make(folder);
    return 0;
}

int remove_folder(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

const char *name_file(const char *name)
{
    return folder_file(folder, name);
}

const char *write_bytes(const char *name, const void *bytes, size_t len)
{
    return folder_write_bytes(folder, name, bytes, len);
}

const char *write_file(const char *name, const char *text)
{
    return folder_write(folder, name, text);
}

/* ---- Running it ---- */

static void take_output(int fd, char *text, size_t size)
{
    ssize_t len = pread(fd, text, size - 1, 0);

    assert_true(len >= 0);
    text[len] = '\0';
    close(fd);
}

static void become_patchmark(const char *const *arguments)
{
    char *argv[32] = {(char *)(uintptr_t)PATCHMARK};

    for (size_t i = 0; arguments[i] != NULL; i++)
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    execv(PATCHMARK, argv);
    _exit(127);
}

static int wait_for(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const result *run_with(const char *input, const char *const *arguments)
{
    static result got;
    int in = memfd_create("in", 0), out = memfd_create("out", 0), err = memfd_create("err", 0);
    pid_t child;

    if (input != NULL)
        assert_int_equal(write(in, input, strlen(input)), strlen(input));
    lseek(in, 0, SEEK_SET);

    child = fork();
    if (child == 0) {
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        become_patchmark(arguments);
    }
    assert_true(child > 0);
    got.status = wait_for(child);
    close(in);
    take_output(out, got.out, sizeof(got.out));
    take_output(err, got.err, sizeof(got.err));
    return &got;
}

const result *run_on_terminal(const char *const *arguments)
{
    static result got;
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    int terminal;
    size_t len = 0;
    ssize_t read_now;
    pid_t child = forkpty(&terminal, NULL, NULL, &size);

    if (child == 0) {
        setenv("TERM", "xterm", 1);
        become_patchmark(arguments);
    }
    assert_true(child > 0);
    /* A terminal whose program has ended answers with an error, not with an end of file. */
    while (len + 1 < sizeof(got.out) &&
           (read_now = read(terminal, got.out + len, sizeof(got.out) - 1 - len)) > 0)
        len += (size_t)read_now;
    got.out[len] = got.err[0] = '\0';
    got.status = wait_for(child);
    close(terminal);
    return &got;
}

/* ---- What came of it ---- */

void expect_status(const result *got, int status)
{
    if (got->status != status)
        fail_msg("exit status %d, not %d\n%s%s", got->status, status, got->out, got->err);
}

void expect_part(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

void expect_no_part(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" is in:\n%s", part, text);
}

json_t *parse(const char *line)
{
    json_error_t error;
    json_t *object = json_loads(line, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);

    if (object == NULL)
        fail_msg("%s in %s", error.text, line);
    return object;
}

const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "(null)" : text;
}
