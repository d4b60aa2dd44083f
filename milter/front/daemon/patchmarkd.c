/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * patchmarkd - the milter: reads the configuration, takes its place, listens, reloads, stops.
 *
 * Runs in the foreground; who starts it (systemd, runit, a test) looks after it. What it does with
 * mail is in session.c.
 */
#include "clock.h"
#include "control.h"
#include "decision_writer.h"
#include "housekeeping.h"
#include "listener.h"
#include "log.h"
#include "mime.h"
#include "notify.h"
#include "reload.h"
#include "session.h"
#include "status.h"

#include <errno.h>
#include <getopt.h>
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum { FINE = 0, FAILED = 2 };

#define BACKLOG  512           /* connections the kernel holds for us; the system may allow fewer */
#define PATIENCE (1000 * 1000) /* for what is being answered when we are told to stop */

static const struct option flags[] = {
    {"config", required_argument, NULL, 'c'},
    {"test", no_argument, NULL, 't'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: patchmarkd [-c FILE] [-t]\n"
    "\n"
    "The patchmark milter, in the foreground.\n"
    "\n"
    "  -c, --config FILE  the configuration (otherwise the patchmark.conf beside the program, in\n"
    "                     a build that is not installed, then\n"
    "                     " PATCHMARK_SYSCONFDIR "/patchmark.conf)\n"
    "  -t, --test         only read it, and say what is wrong\n"
    "  -h, --help         this page\n"
    "  -V, --version      the version\n"
    "\n"
    "The configuration names the store, the memory of series (store FILE), and the control socket\n"
    "at which \"patchmark ctl\" asks for status, metrics, a reload or the end. SIGUSR1 reads the\n"
    "configuration again, SIGTERM stops. Manual: patchmarkd(8).\n";

static void print_errors(const pm_errors *errors)
{
    const char *line;

    for (size_t i = 0; (line = pm_errors_nth(errors, i)) != NULL; i++)
        fprintf(stderr, "%s\n", line);
    if (errors == NULL)
        fputs("patchmarkd: no memory\n", stderr);
}

/* ---- Reading the configuration again ---- */

/* SIGUSR1 has nobody to tell but the log. */
static void reload(void)
{
    pm_errors *errors = pm_errors_new();

    (void)pm_reload(errors);
    pm_errors_free(errors);
}

/* What of a configuration is not the messages' alone. */
static void apply(const pm_snapshot *snapshot)
{
    pm_housekeeping_set(snapshot->config.retention_us, (uint64_t)snapshot->config.store_size);
    pm_decisions_set((uint64_t)snapshot->config.decision_log_size,
                     (unsigned)snapshot->config.decision_log_keep);
}

/* SIGUSR2 is how our own end is told; from anybody else it means nothing. */
static void *wait_for_reloads(void *unused)
{
    siginfo_t got;
    sigset_t both;

    (void)unused;
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    for (;;) {
        if (sigwaitinfo(&both, &got) < 0)
            continue;
        if (got.si_signo == SIGUSR1)
            reload();
        else if (got.si_pid == getpid())
            return NULL;
    }
}

static bool start_reloader(pthread_t *reloader)
{
    if (pthread_create(reloader, NULL, wait_for_reloads, NULL) == 0)
        return true;
    pm_log(PM_LEVEL_WARNING, "reload", "no thread for it: SIGUSR1 does nothing");
    return false;
}

static void stop_reloader(pthread_t reloader)
{
    if (pthread_kill(reloader, SIGUSR2) == 0)
        pthread_join(reloader, NULL);
}

/* Before any thread is there, and plugins may have some, so that all inherit it: libmilter waits
 * for those that end us in a thread of its own, and must be the only one to get them; the other two
 * are ours. What comes while the configuration is still being read waits until somebody waits for
 * it. */
static void keep_signals(void)
{
    static const int ours[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP};
    sigset_t kept;

    sigemptyset(&kept);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        sigaddset(&kept, ours[i]);
    pthread_sigmask(SIG_BLOCK, &kept, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a store that may not grow any more is a full one, not our end */
}

/* ---- Requests at the control socket ---- */

static bool answer_status(pm_strbuf *to)
{
    pm_status_write(to);
    return true;
}

static bool answer_metrics(pm_strbuf *to)
{
    pm_status_write_metrics(to);
    return true;
}

static bool answer_reload(pm_strbuf *to)
{
    pm_errors *errors = pm_errors_new();
    const bool done = pm_reload(errors);
    const char *line;
    size_t shown = 0;

    for (; (line = pm_errors_nth(errors, shown)) != NULL; shown++)
        pm_strbuf_printf(to, "%s\n", line);
    if (pm_errors_count(errors) + pm_warnings_count(errors) > shown)
        pm_strbuf_printf(to, "... and %zu more\n",
                         pm_errors_count(errors) + pm_warnings_count(errors) - shown);
    pm_errors_free(errors);
    return done;
}

static bool answer_stop(pm_strbuf *to)
{
    if (kill(getpid(), SIGTERM) == 0)
        return true;
    pm_strbuf_printf(to, "%s\n", strerror(errno));
    return false;
}

static const pm_control_request requests[] = {
    {"status", answer_status},
    {"metrics", answer_metrics},
    {"reload", answer_reload},
    {"stop", answer_stop},
    {NULL, NULL},
};

static void log_each(int level, const char *event, const pm_errors *errors)
{
    const char *line;

    for (size_t i = 0; (line = pm_errors_nth(errors, i)) != NULL; i++)
        pm_log(level, event, "%s", line);
}

/* The mail flow does not depend on it. */
static void start_control(const pm_config *config)
{
    pm_errors *errors;

    if (config->control == NULL)
        return;
    errors = pm_errors_new();
    if (!pm_control_start(config->control, config->file, requests, errors))
        log_each(PM_LEVEL_WARNING, "no-control-socket", errors);
    pm_errors_free(errors);
}

/* ---- Who started us ---- */

/* journald says which file it reads, as "device:inode"; it wants levels in front of lines. */
static bool journald_reads(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long device, inode;
    struct stat file;

    return stream != NULL && sscanf(stream, "%lu:%lu", &device, &inode) == 2 &&
           fstat(fd, &file) == 0 && file.st_dev == device && file.st_ino == inode;
}

static void set_up_log(const pm_config *config)
{
    pm_log_set_level(config->log_level);
    pm_log_set_output(STDERR_FILENO, journald_reads(STDERR_FILENO));
    openlog("patchmarkd", LOG_PID, LOG_MAIL); /* libmilter's own complaints */
}

static bool may_run_as_user(const pm_config *config)
{
    return geteuid() != 0 || config->allow_root;
}

/* Which plugin crashed us, if one did: known before one is opened, for that can crash, too. Without
 * the file the next crash just names nobody. */
static void remember_crashes(pm_guard *guard, const pm_config *config)
{
    char file[4096];
    pm_errors *errors;

    if (guard == NULL || config->state_directory == NULL || !may_run_as_user(config))
        return;
    errors = pm_errors_new();
    snprintf(file, sizeof(file), "%s/crashes", config->state_directory);
    if (!pm_guard_remember_in(guard, file, errors))
        pm_log(PM_LEVEL_WARNING, "no-record-of-crashes", "%s", pm_errors_nth(errors, 0));
    pm_errors_free(errors);
}

static void raise_file_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        pm_log(PM_LEVEL_WARNING, "file-limit", "%s", strerror(errno));
}

/* What has to be there before plugins are opened: some of them open a lot. */
static void set_up(pm_guard *guard, const pm_config *config)
{
    set_up_log(config);
    raise_file_limit();
    remember_crashes(guard, config);
}

/* ---- Serving ---- */

static bool may_run(const pm_config *config, pm_errors *errors)
{
    if (may_run_as_user(config))
        return true;
    pm_error_at(errors, config->file, 0, 0,
                "patchmarkd does not run as root (start it as a user of its own, as "
                "patchmark.service does, or say \"allow-root yes\")");
    return false;
}

static bool open_socket(const pm_endpoint *endpoint, const pm_config *config, pm_errors *errors)
{
    const pm_listener_access access = {config->socket_mode, config->socket_group};
    char text[PM_ENDPOINT_TEXT];
    mode_t usual;
    bool opened;

    pm_endpoint_print_libmilter(endpoint, text);
    if (smfi_setconn(text) != MI_SUCCESS || !pm_session_register() ||
        smfi_setbacklog(BACKLOG) != MI_SUCCESS) {
        pm_error_at(errors, config->file, 0, 0, "%s: libmilter does not take it", text);
        return false;
    }
    usual = umask(0777); /* nobody connects before the group is set */
    opened = smfi_opensocket(false) == MI_SUCCESS;
    umask(usual);
    if (!opened) {
        pm_error_at(errors, config->file, 0, 0,
                    "%s: libmilter cannot listen there (its reason is "
                    "in the system's log)",
                    text);
        return false;
    }
    return pm_listener_open(endpoint, &access, config->file, errors);
}

/* Everything up to listening. False after errors were added. */
static bool prepare(const pm_config *config, pm_endpoint *endpoint, pm_errors *errors)
{
    return may_run(config, errors) &&
           pm_endpoint_parse(config->socket, config->file, endpoint, errors) &&
           pm_listener_claim(endpoint, config->file, errors) &&
           open_socket(endpoint, config, errors);
}

/* A memory that cannot be opened costs the marks that need it, not the mail flow: go on without.
 * One that is away opens with a warning. */
static pm_store *open_store(const pm_config *config)
{
    pm_errors *errors;
    pm_store *store;

    if (config->store == NULL)
        return NULL;
    errors = pm_errors_new();
    store = pm_store_open(config->store, false, errors);
    log_each(store == NULL ? PM_LEVEL_ERROR : PM_LEVEL_WARNING,
             store == NULL ? "no-memory-of-series" : "memory-of-series", errors);
    pm_errors_free(errors);
    return store;
}

static void log_start(const pm_snapshot *snapshot)
{
    pm_log_line line;

    pm_log_begin(&line, PM_LEVEL_INFO, "started");
    pm_log_string(&line, "version", PATCHMARK_VERSION);
    pm_log_string(&line, "socket", snapshot->config.socket);
    pm_log_string(&line, "configuration", snapshot->config.file);
    pm_log_number(&line, "plugins", (int64_t)snapshot->plugin_count);
    pm_log_number(&line, "rules", (int64_t)pm_rules_count(snapshot->rules));
    pm_log_end(&line);
}

/* Everything that runs beside the mail. */
static void start_helpers(const pm_config *config, pm_store *store, pm_guard *guard)
{
    pm_status_begin(config->store, store, guard);
    pm_housekeeping_start(store);
    pm_decisions_start(config->state_directory, store);
    start_control(config);
}

static void stop_helpers(void)
{
    pm_control_stop();
    pm_housekeeping_stop();
    pm_status_end();
}

/* libmilter has stopped listening but not waited for its threads. What is being answered gets its
 * time; a worker pool hands nothing more to the rest (one thread a connection does), and the MTA
 * lets that pass. Then we go without taking anything from under anybody. */
static void stop(const pm_endpoint *endpoint, pm_store *store, pm_guard *guard)
{
    unsigned left;
    bool logged;
    pm_log_line line;

    pm_notify("STOPPING=1");
    pm_listener_remove(endpoint);
    stop_helpers();
    left = pm_session_drain(pm_clock_us() + PATIENCE);
    logged = pm_decisions_stop(); /* behind the last message */
    if (left == 0 && logged)
        pm_store_close(store);
    pm_reload_end(); /* closes what the snapshot holds, unless a message still holds that */
    pm_guard_end(guard);
    if (left == 0)
        pm_guard_free(guard);
    pm_log_begin(&line, left > 0 ? PM_LEVEL_WARNING : PM_LEVEL_INFO, "stopped");
    pm_log_number(&line, "left-to-the-mta", left);
    pm_log_end(&line);
}

static int serve(pm_snapshot *snapshot, const pm_snapshot_options *options, pm_errors *errors)
{
    const pm_config *config = &snapshot->config;
    pm_endpoint endpoint;
    pthread_t reloader;
    pm_store *store;
    bool reloads;
    int status;

    pm_mime_start();
    if (!prepare(config, &endpoint, errors)) {
        print_errors(errors);
        pm_snapshot_unref(snapshot);
        pm_guard_free(options->guard);
        return FAILED;
    }
    log_start(snapshot);
    store = open_store(config);
    pm_session_remember_in(store);
    pm_reload_begin(options, snapshot, apply);
    start_helpers(config, store,
                  options->guard); /* the last to read it: a reload may take it away */
    reloads = start_reloader(&reloader);
    pm_notify("READY=1");
    status = smfi_main() == MI_SUCCESS ? FINE : FAILED;
    if (reloads)
        stop_reloader(reloader);
    stop(&endpoint, store, options->guard);
    return status;
}

static int check(pm_snapshot *snapshot, pm_errors *errors)
{
    pm_endpoint endpoint;
    bool fine =
        pm_endpoint_parse(snapshot->config.socket, snapshot->config.file, &endpoint, errors);

    if (fine)
        printf("%s: fine\n", snapshot->config.file);
    print_errors(errors);
    pm_snapshot_unref(snapshot);
    return fine ? FINE : FAILED;
}

int main(int argc, char **argv)
{
    pm_snapshot_options options = {.file = NULL};
    pm_errors *errors;
    pm_snapshot *snapshot;
    bool only_check = false;
    int letter, status;

    while ((letter = getopt_long(argc, argv, "c:thV", flags, NULL)) != -1) {
        switch (letter) {
        case 'c':
            options.file = optarg;
            break;
        case 't':
            only_check = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return FINE;
        case 'V':
            puts("patchmarkd " PATCHMARK_VERSION);
            return FINE;
        default:
            fputs(usage, stderr);
            return FAILED;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "patchmarkd: \"%s\" is one too many (the configuration is named by -c)\n",
                argv[optind]);
        return FAILED;
    }
    if (!only_check)
        keep_signals();
    errors = pm_errors_new();
    options.guard = only_check ? NULL : pm_guard_new();
    options.configured = only_check ? NULL : set_up;
    snapshot = pm_snapshot_load(&options, errors);
    options.configured = NULL; /* once: a reload finds it done */
    if (snapshot == NULL) {
        print_errors(errors);
        pm_guard_free(options.guard);
        status = FAILED;
    } else if (only_check) {
        status = check(snapshot, errors);
    } else {
        status = serve(snapshot, &options, errors);
    }
    pm_errors_free(errors);
    return status;
}
