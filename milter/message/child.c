/* SPDX-License-Identifier: BSD-2-Clause */
/* child - another program that answers us; see child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

static bool is_named(const char *variable, const char *const *names)
{
    for (; *names != NULL; names++) {
        size_t length = strlen(*names);
        if (strncmp(variable, *names, length) == 0 && variable[length] == '=')
            return true;
    }
    return false;
}

/* A copy of the array in the type that posix_spawn wants; it promises not to write. The caller's to
 * free. */
static char **arguments_of(const char *const *argv)
{
    size_t count = 0;
    char **copy;

    while (argv[count] != NULL)
        count++;
    copy = calloc(count + 1, sizeof(*copy));
    if (copy != NULL)
        memcpy(copy, argv, count * sizeof(*copy));
    return copy;
}

/* Our environment less some variables. The strings stay where they are; the array is the caller's
 * to free. */
static char **environment_without(const char *const *names)
{
    size_t count = 0;
    char **kept;

    while (environ[count] != NULL)
        count++;
    kept = calloc(count + 1, sizeof(*kept));
    if (kept == NULL)
        return NULL;
    count = 0;
    for (char **variable = environ; *variable != NULL; variable++)
        if (!is_named(*variable, names))
            kept[count++] = *variable;
    return kept;
}

/* Signals as a fresh program expects them: we may ignore SIGPIPE or block some. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, defaults;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* 0 or an errno. Its three descriptors are copies of the ones given; ours are closed on exec. */
static int spawn(pid_t *pid_out, char *const argv[], char *const environment[], const int fds[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed;

    if (argv[0] == NULL)
        return EINVAL;
    failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        for (int i = 0; failed == 0 && i < 3; i++)
            failed = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
        if (failed == 0)
            failed = set_signals(&attributes);
        if (failed == 0)
            failed = posix_spawnp(pid_out, argv[0], &actions, &attributes, argv, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

bool pm_child_start(pm_child *child, const char *const *argv, const char *const *without)
{
    char **environment = environment_without(without), **arguments = arguments_of(argv);
    int input[2] = {-1, -1}, output[2] = {-1, -1}, failed = 0;

    *child = PM_NO_CHILD;
    /* A socket, because writing to one whose reader is gone need not raise SIGPIPE. */
    if (environment == NULL || arguments == NULL)
        failed = ENOMEM;
    else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0 ||
             pipe2(output, O_CLOEXEC) != 0 ||
             (child->complaints = memfd_create("complaints", MFD_CLOEXEC)) < 0)
        failed = errno;
    if (failed == 0) {
        child->from = fdopen(output[0], "r");
        failed = child->from == NULL ? errno : 0;
    }
    if (failed == 0) {
        output[0] = -1; /* the stream's now */
        failed = spawn(&child->pid, arguments, environment,
                       (const int[]){input[1], output[1], child->complaints});
    }
    child->to = input[0];
    close_if_open(input[1]);
    close_if_open(output[0]);
    close_if_open(output[1]);
    free(environment);
    free(arguments);
    if (failed != 0) {
        child->pid = 0;
        pm_child_end(child);
        errno = failed;
    }
    return failed == 0;
}

bool pm_child_tell(pm_child *child, pm_slice text)
{
    while (text.len > 0) {
        ssize_t sent = send(child->to, text.data, text.len, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        text = pm_slice_after(text, (size_t)sent);
    }
    return true;
}

static int wait_for(pid_t pid)
{
    int status = -1;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

bool pm_child_finish(pm_child *child, pm_strbuf *why_out)
{
    char text[512];
    ssize_t length;
    int status;

    close_if_open(child->to);
    child->to = -1;
    status = wait_for(child->pid);
    child->pid = 0;
    length = pread(child->complaints, text, sizeof(text), 0);
    for (ssize_t i = 0; i < length; i++)
        if (text[i] == '\n' || text[i] == '\r')
            text[i] = ' ';
    if (length > 0)
        pm_strbuf_add(why_out, pm_slice_trim((pm_slice){text, (size_t)length}));
    pm_child_end(child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void pm_child_end(pm_child *child)
{
    close_if_open(child->to);
    if (child->from != NULL)
        fclose(child->from);
    if (child->pid > 0) {
        kill(child->pid, SIGTERM); /* not waited for yet, so the number is still its own */
        wait_for(child->pid);
    }
    close_if_open(child->complaints);
    *child = PM_NO_CHILD;
}
