/* SPDX-License-Identifier: BSD-2-Clause */
/* process - one running program; see process.h. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPORT_FD = 3, MOST_FILES = 1024 };

int64_t pm_exec_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- Between fork and exec ----
 *
 * Other threads may have held any lock when we were copied: only what signal-safety(7) lists, and
 * plain system calls. What goes wrong is sent to the parent as a number. */

typedef enum step { STEP_SETUP, STEP_LIMITS, STEP_USER, STEP_EXEC } step;

typedef struct report {
    step step;
    int error;
} report;

static _Noreturn void give_up(int to, step at)
{
    const report said = {at, errno};
    const ssize_t ignored = write(to, &said, sizeof(said));

    (void)ignored; /* the parent then sees that we are gone, if not why */
    _exit(127);
}

/* Whatever else we have open is closed for the program. */
static void close_others(void)
{
    struct rlimit files;

    if (syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0) == 0)
        return;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > 65536)
        files.rlim_cur = 65536;
    for (int fd = REPORT_FD + 1; fd < (int)files.rlim_cur; fd++)
        close(fd);
}

/* The four descriptors, at 0 to 3. They are first moved away from where they might overwrite each
 * other. */
static int place(const int fds[4])
{
    int high[4];

    for (int i = 0; i < 4; i++)
        if ((high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, REPORT_FD + 1)) < 0)
            return -1;
    for (int i = 0; i < REPORT_FD; i++)
        if (dup2(high[i], i) < 0)
            return -1;
    return dup3(high[REPORT_FD], REPORT_FD, O_CLOEXEC);
}

static void reset_signals(void)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        sigaction(number, &usual, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int limit(int resource, rlim_t most)
{
    struct rlimit now;

    if (getrlimit(resource, &now) != 0)
        return -1;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
        most = now.rlim_max;
    now.rlim_cur = now.rlim_max = most;
    return setrlimit(resource, &now);
}

static int set_limits(const pm_exec_command *command)
{
    if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_NOFILE, MOST_FILES) != 0)
        return -1;
    return command->memory == 0 ? 0 : limit(RLIMIT_AS, (rlim_t)command->memory);
}

/* For good: without the capabilities that let us do so, which a change between two ordinary users
 * would leave. */
static int change_user(const pm_exec_command *command)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[2] = {{0}, {0}};

    if (setgroups(command->group_count, command->groups) != 0 ||
        setresgid(command->gid, command->gid, command->gid) != 0 ||
        setresuid(command->uid, command->uid, command->uid) != 0)
        return -1;
    if (command->uid == 0)
        return 0;
    if (syscall(SYS_capset, &head, none) != 0)
        return -1;
    if (setuid(0) == 0 || setgid(0) == 0 || geteuid() != command->uid) {
        errno = EPERM;
        return -1;
    }
    return 0;
}

static _Noreturn void become(const pm_exec_command *command, const int fds[4], pid_t parent)
{
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", lang[] = "LANG=C.UTF-8",
                home[] = "HOME=/";
    char *const environment[] = {path, lang, home, NULL};

    if (setsid() < 0 || place(fds) < 0 || chdir("/") != 0)
        give_up(fds[REPORT_FD], STEP_SETUP);
    umask(077); /* not ours, which is 0777 while the daemon makes its socket */
    close_others();
    reset_signals();
    if (set_limits(command) != 0)
        give_up(REPORT_FD, STEP_LIMITS);
    /* Capabilities that a daemon was given to hand on are not meant for programs. Old kernels have
     * none of those. */
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        give_up(REPORT_FD, STEP_SETUP);
    if (command->change_user && change_user(command) != 0)
        give_up(REPORT_FD, STEP_USER);
    /* Nothing survives a daemon that is killed. Behind the change of user, which resets it. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        give_up(REPORT_FD, STEP_SETUP);
    execve(command->file, command->argv, environment);
    give_up(REPORT_FD, STEP_EXEC);
}

/* ---- Starting ---- */

static const pm_exec_process no_process = {.watch = -1, .to = -1, .from = -1, .complaints = -1};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(pm_exec_process *process)
{
    close_fd(&process->watch);
    close_fd(&process->to);
    close_fd(&process->from);
    close_fd(&process->complaints);
}

static bool unblock(int fd)
{
    return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0;
}

static void say_why(const report *said, const pm_exec_command *command, char why[PM_EXEC_WHY])
{
    char cause[64];
    const char *known = strerrordesc_np(said->error);

    snprintf(cause, sizeof(cause), "%s", known == NULL ? "unknown error" : known);
    switch (said->step) {
    case STEP_SETUP:
        snprintf(why, PM_EXEC_WHY, "it cannot be started: %s", cause);
        break;
    case STEP_LIMITS:
        snprintf(why, PM_EXEC_WHY, "its limits cannot be set: %s", cause);
        break;
    case STEP_USER:
        snprintf(why, PM_EXEC_WHY,
                 "it cannot run as user number %u: %s (only root, or a daemon that has CAP_SETUID "
                 "and CAP_SETGID, may change the user; leave `user` out to run it as ours)",
                 (unsigned)command->uid, cause);
        break;
    case STEP_EXEC:
        snprintf(why, PM_EXEC_WHY, "cannot run %.120s: %s", command->file, cause);
        break;
    }
}

/* Does the program run now? Its end of the pipe closes when it does. */
static bool has_begun(int from, const pm_exec_command *command, char why[PM_EXEC_WHY])
{
    report said;
    ssize_t len;

    do
        len = read(from, &said, sizeof(said));
    while (len < 0 && errno == EINTR);
    if (len == 0)
        return true;
    if (len == sizeof(said))
        say_why(&said, command, why);
    else
        snprintf(why, PM_EXEC_WHY, "it cannot be started: it did not say why");
    return false;
}

static void wait_for(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

bool pm_exec_process_start(pm_exec_process *process, const pm_exec_command *command,
                           char why[PM_EXEC_WHY])
{
    /* Theirs and ours of each. The first is a socket, because writing to one whose reader is gone
     * need not raise SIGPIPE. */
    int input[2] = {-1, -1}, output[2] = {-1, -1}, errors[2] = {-1, -1}, reports[2] = {-1, -1};
    const pid_t parent = getpid();
    bool begun = false;

    *process = no_process;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) == 0 &&
        pipe2(output, O_CLOEXEC) == 0 && pipe2(errors, O_CLOEXEC) == 0 &&
        pipe2(reports, O_CLOEXEC) == 0 && unblock(input[1]) && unblock(output[0]) &&
        unblock(errors[0]))
        process->pid = fork();
    else
        process->pid = -1;
    if (process->pid == 0)
        become(command, (const int[]){input[0], output[1], errors[1], reports[1]}, parent);
    if (process->pid < 0) {
        const report said = {STEP_SETUP, errno};

        say_why(&said, command, why);
    }
    close_fd(&input[0]);
    close_fd(&output[1]);
    close_fd(&errors[1]);
    close_fd(&reports[1]);
    process->to = input[1];
    process->from = output[0];
    process->complaints = errors[0];
    if (process->pid > 0) {
        begun = has_begun(reports[0], command, why);
        if (!begun)
            wait_for(process->pid); /* it has ended, or is just about to */
    }
    close_fd(&reports[0]);
    if (!begun) {
        close_pipes(process);
        *process = no_process;
        return false;
    }
    process->watch = (int)syscall(SYS_pidfd_open, process->pid, 0); /* closed on exec by itself */
    return true;
}

/* ---- Ending ---- */

void pm_exec_process_signal(const pm_exec_process *process, int signal)
{
    if (process->pid > 0)
        kill(-process->pid, signal); /* not waited for yet, so the number is still its own */
}

typedef enum life { RUNNING, ENDED, FORGOTTEN } life;

/* FORGOTTEN: the daemon does not want to know of its children (SIGCHLD is ignored), so that the
 * number may be somebody else's by now. */
static life look_at(const pm_exec_process *process)
{
    siginfo_t about = {0};

    if (waitid(P_PID, (id_t)process->pid, &about, WEXITED | WNOHANG | WNOWAIT) != 0)
        return errno == ECHILD ? FORGOTTEN : RUNNING;
    return about.si_pid == 0 ? RUNNING : ENDED;
}

bool pm_exec_process_has_ended(const pm_exec_process *process)
{
    return look_at(process) != RUNNING;
}

bool pm_exec_process_reap(pm_exec_process *process, int *status_out)
{
    *status_out = 0;
    switch (look_at(process)) {
    case RUNNING:
        return false;
    case ENDED:
        pm_exec_process_signal(process, SIGKILL); /* for what it has left behind */
        while (waitpid(process->pid, status_out, 0) < 0 && errno == EINTR)
            ;
        break;
    case FORGOTTEN:
        break;
    }
    close_pipes(process);
    *process = no_process;
    return true;
}

/* ---- Talking ---- */

/* Wait for fd to be ready. False past the deadline. */
static bool wait_until(int fd, short events, int64_t deadline_us)
{
    struct pollfd wanted = {.fd = fd, .events = events};

    for (;;) {
        const int64_t left = deadline_us - pm_exec_now();
        const struct timespec most = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
        int ready;

        if (left <= 0)
            return false;
        ready = ppoll(&wanted, 1, &most, NULL);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

pm_exec_io pm_exec_process_send(const pm_exec_process *process, const char *data, size_t len,
                                int64_t deadline_us)
{
    while (len > 0) {
        const ssize_t sent = send(process->to, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        } else if (sent < 0 && errno == EAGAIN) {
            if (!wait_until(process->to, POLLOUT, deadline_us))
                return PM_EXEC_LATE;
        } else if (sent == 0 || errno != EINTR) {
            return PM_EXEC_GONE;
        }
    }
    return PM_EXEC_FINE;
}

pm_exec_io pm_exec_process_receive(const pm_exec_process *process, char *into, size_t room,
                                   int64_t deadline_us, size_t *len_out)
{
    for (;;) {
        const ssize_t got = read(process->from, into, room);

        if (got > 0) {
            *len_out = (size_t)got;
            /* Who never stops talking must not keep us either. */
            return pm_exec_now() < deadline_us ? PM_EXEC_FINE : PM_EXEC_LATE;
        }
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return PM_EXEC_GONE;
        if (errno == EAGAIN && !wait_until(process->from, POLLIN, deadline_us))
            return PM_EXEC_LATE;
    }
}

bool pm_exec_process_is_quiet(const pm_exec_process *process)
{
    struct pollfd from = {.fd = process->from, .events = POLLIN};

    return poll(&from, 1, 0) == 0;
}
