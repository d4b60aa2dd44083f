/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_ctl - ask the running daemon, at its control socket: how it is, what it counted; have it
 * read its configuration again, or stop. The daemon's side is control.h.
 */
#include "commands.h"
#include "config.h"
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FLAG_CONFIG, FLAG_SOCKET, FLAG_JSON };

static const pm_flag flags[] = {
    {'c', "config", "FILE", "the configuration that names the control socket"},
    {0, "socket", "PATH", "the control socket itself"},
    {0, "json", NULL, "status: as one JSON object"},
    {0, NULL, NULL, NULL},
};

#define SILENCE_S      300 /* a daemon that says nothing for so long is not going to */
#define ANSWER_LONGEST ((size_t)64 << 20)

/* ---- Asking ---- */

typedef enum outcome { ANSWERED, REFUSED, FAILED } outcome;

/* Where to ask. NULL after it was said that there is no such place. */
static const char *find_socket(const pm_arguments *arguments, pm_arena *arena)
{
    const char *file = arguments->flags[FLAG_CONFIG];
    const char *path = arguments->flags[FLAG_SOCKET];

    if (path == NULL)
        path = pm_config_control(arena, file);
    if (path == NULL)
        pm_complain("ctl: %s names no control socket (name one with --socket PATH, or write there: "
                    "control /run/patchmark/control.sock)",
                    file == NULL ? pm_config_find(arena) : file);
    return path;
}

static const char *way_out(int why)
{
    switch (why) {
    case ENOENT:
    case ECONNREFUSED:
        return "is patchmarkd running, with this as its control socket? \"systemctl status "
               "patchmark\" tells; --socket names another one";
    case EACCES:
    case EPERM:
        return "root may ask, and the user patchmarkd runs as";
    default:
        return "is that patchmarkd's control socket?";
    }
}

static int complain_of_socket(const char *path, int why)
{
    pm_complain("ctl: no answer from patchmarkd at %s: %s (%s)", path, strerror(why), way_out(why));
    return -1;
}

/* The connected socket, or -1 after it was said why not. */
static int connect_to(const char *path)
{
    const struct timeval patience = {.tv_sec = SILENCE_S};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path))
        return complain_of_socket(path, ENAMETOOLONG);
    memcpy(address.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return complain_of_socket(path, errno);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        int why = errno;

        close(fd);
        return complain_of_socket(path, why);
    }
    return fd;
}

/* All that comes until the end. False with errno. */
static bool hear(int fd, pm_strbuf *into)
{
    char piece[16384];
    ssize_t got;

    while ((got = recv(fd, piece, sizeof(piece), 0)) > 0)
        pm_strbuf_add(into, (pm_slice){piece, (size_t)got});
    if (into->failed)
        errno = EMSGSIZE;
    return got == 0 && !into->failed;
}

/* The status line, and exactly as much behind it as that says: an answer that was cut is none. */
static outcome read_answer(pm_slice heard, pm_slice *text_out)
{
    pm_slice line, word;
    int64_t len;

    *text_out = PM_EMPTY;
    if (pm_slice_find_byte(heard, '\n') == PM_NOWHERE || !pm_slice_next_line(&heard, &line) ||
        !pm_slice_next_word(&line, &word) || pm_slice_to_int(pm_slice_trim(line), &len) != PM_OK ||
        len < 0 || (uint64_t)len != heard.len)
        return FAILED;
    *text_out = heard;
    if (pm_slice_equal(word, PM_LIT("ok")))
        return ANSWERED;
    return pm_slice_equal(word, PM_LIT("refused")) ? REFUSED : FAILED;
}

/* FAILED after it was said why. *text_out is in heard. */
static outcome ask(const char *path, const char *request, pm_strbuf *heard, pm_slice *text_out)
{
    char line[64];
    const int size = snprintf(line, sizeof(line), "%s\n", request);
    const int fd = connect_to(path);
    outcome came;

    if (fd < 0)
        return FAILED;
    if (send(fd, line, (size_t)size, MSG_NOSIGNAL) != size || !hear(fd, heard)) {
        complain_of_socket(path, errno == EAGAIN ? ETIMEDOUT : errno);
        close(fd);
        return FAILED;
    }
    close(fd);
    came = read_answer(pm_strbuf_slice(heard), text_out);
    if (came == FAILED)
        pm_complain("ctl: patchmarkd at %s did not understand \"%s\" (is it older than this "
                    "patchmark? \"patchmarkd -V\" tells; or did it end meanwhile?)",
                    path, request);
    return came;
}

/* ---- status ---- */

/* What the daemon tells, in the order it is shown. */
typedef enum form { TEXT, NUMBER, BYTES, MOMENT, DURATION } form;

static const struct {
    const char *name;
    form form;
    const char *label;
} known[] = {
    {"version", TEXT, "version"},
    {"pid", NUMBER, "process"},
    {"started-at", MOMENT, "started"},
    {"uptime", DURATION, "up for"},
    {"configuration", TEXT, "configuration"},
    {"loaded-at", MOMENT, "in force since"},
    {"rules", NUMBER, "rules"},
    {"plugins", NUMBER, "plugins"},
    {"reload-at", MOMENT, "last reload"},
    {"reload", TEXT, "its result"},
    {"reload-errors", NUMBER, "its errors"},
    {"messages", NUMBER, "messages"},
    {"under-way", NUMBER, "under way"},
    {"partial", NUMBER, "at a limit"},
    {"plugin-faults", NUMBER, "plugin faults"},
    {"plugins-off", NUMBER, "plugins off"},
    {"pattern-limits", NUMBER, "pattern limits"},
    {"store", TEXT, "store"},
    {"store-state", TEXT, "its state"},
    {"store-reason", TEXT, "because of"},
    {"store-queued", NUMBER, "waiting for it"},
    {"store-bytes", BYTES, "on disk"},
    {"resident-bytes", BYTES, "memory"},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

/* The value of a line "name value"; false when there is none. */
static bool find_value(pm_slice text, const char *name, pm_slice *value_out)
{
    pm_slice line, word;

    while (pm_slice_next_line(&text, &line)) {
        if (!pm_slice_next_word(&line, &word) || !pm_slice_equal(word, pm_slice_of(name)))
            continue;
        *value_out = pm_slice_trim(line);
        return true;
    }
    return false;
}

static void print_moment(int64_t at)
{
    const time_t seconds = (time_t)at;
    struct tm local;
    char text[64] = "?";

    if (localtime_r(&seconds, &local) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &local);
    fputs(text, stdout);
}

static void print_duration(int64_t seconds)
{
    if (seconds >= 86400)
        printf("%" PRId64 " d ", seconds / 86400);
    if (seconds >= 3600)
        printf("%" PRId64 " h ", seconds / 3600 % 24);
    if (seconds >= 60)
        printf("%" PRId64 " min ", seconds / 60 % 60);
    printf("%" PRId64 " s", seconds % 60);
}

static void print_bytes(int64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double number = (double)bytes;
    size_t unit = 0;

    for (; number >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        number /= 1024;
    printf(unit == 0 ? "%.0f %s" : "%.1f %s", number, units[unit]);
}

static void print_value(form how, pm_slice value)
{
    int64_t number = 0;

    if (how == TEXT || pm_slice_to_int(value, &number) != PM_OK) {
        pm_put_text(stdout, value);
        return;
    }
    switch (how) {
    case TEXT:
    case NUMBER:
        printf("%" PRId64, number);
        break;
    case BYTES:
        print_bytes(number);
        break;
    case MOMENT:
        print_moment(number);
        break;
    case DURATION:
        print_duration(number);
        break;
    }
}

static int print_status(pm_slice text)
{
    pm_slice value;

    for (size_t i = 0; i < KNOWN; i++) {
        if (!find_value(text, known[i].name, &value))
            continue;
        printf("%-15s ", known[i].label);
        print_value(known[i].form, value);
        putchar('\n');
    }
    return PM_EXIT_FINE;
}

/* "started-at" is started_at there. */
static void put_member(json_t *object, size_t nth, pm_slice value)
{
    char name[32];
    int64_t number;

    snprintf(name, sizeof(name), "%s", known[nth].name);
    for (char *at = name; (at = strchr(at, '-')) != NULL;)
        *at = '_';
    json_object_set_new(object, name,
                        known[nth].form != TEXT && pm_slice_to_int(value, &number) == PM_OK
                            ? json_integer(number)
                            : pm_json_text(value));
}

static int print_status_json(pm_slice text)
{
    json_t *object = json_object();
    pm_slice value;
    bool printed;

    for (size_t i = 0; i < KNOWN; i++)
        if (find_value(text, known[i].name, &value))
            put_member(object, i, value);
    printed = pm_json_print(object);
    json_decref(object);
    if (!printed)
        pm_complain("ctl: no memory");
    return printed ? PM_EXIT_FINE : PM_EXIT_FAILED;
}

static int show_status(const pm_arguments *arguments, pm_slice text)
{
    return arguments->flags[FLAG_JSON] == NULL ? print_status(text) : print_status_json(text);
}

/* ---- The others ---- */

static int show_metrics(const pm_arguments *arguments, pm_slice text)
{
    (void)arguments;
    fwrite(text.data, 1, text.len, stdout);
    return PM_EXIT_FINE;
}

/* Warnings, in a line each. */
static int show_reload(const pm_arguments *arguments, pm_slice text)
{
    (void)arguments;
    fwrite(text.data, 1, text.len, stderr);
    puts("The configuration was read and is in force.");
    return PM_EXIT_FINE;
}

static int show_stop(const pm_arguments *arguments, pm_slice text)
{
    (void)arguments;
    (void)text;
    puts("patchmarkd is stopping; what it is answering gets its time.");
    return PM_EXIT_FINE;
}

#define ALWAYS (PM_TAKES(FLAG_CONFIG) | PM_TAKES(FLAG_SOCKET))

static const struct verb {
    const char *name;
    unsigned takes; /* flags */
    int (*show)(const pm_arguments *arguments, pm_slice text);
} verbs[] = {
    {"status", ALWAYS | PM_TAKES(FLAG_JSON), show_status},
    {"reload", ALWAYS, show_reload},
    {"metrics", ALWAYS, show_metrics},
    {"stop", ALWAYS, show_stop},
};

/* What was wrong, as the daemon found it. */
static int complain_of_refusal(const struct verb *verb, pm_slice text)
{
    fwrite(text.data, 1, text.len, stderr);
    if (verb->show == show_reload)
        pm_complain("ctl: the configuration is not good, and the one before stays in force (mend "
                    "it, then \"patchmark check\", then reload again)");
    return PM_EXIT_FOUND;
}

static int ctl(const pm_arguments *arguments)
{
    const struct verb *verb = pm_find_verb("ctl", arguments->operands[0], verbs,
                                           sizeof(verbs) / sizeof(verbs[0]), sizeof(verbs[0]));
    pm_arena *arena;
    const char *path;
    pm_strbuf heard;
    pm_slice text;
    int status = PM_EXIT_FAILED;

    if (verb == NULL || !pm_flags_go_with(&pm_command_ctl, verb->name, verb->takes, arguments))
        return status;
    arena = pm_arena_new((size_t)512 << 20);
    pm_strbuf_init(&heard, ANSWER_LONGEST);
    path = arena == NULL ? NULL : find_socket(arguments, arena);
    if (path != NULL) {
        switch (ask(path, verb->name, &heard, &text)) {
        case ANSWERED:
            status = verb->show(arguments, text);
            break;
        case REFUSED:
            status = complain_of_refusal(verb, text);
            break;
        case FAILED:
            break;
        }
    }
    pm_strbuf_free(&heard);
    pm_arena_free(arena);
    return status;
}

const pm_command pm_command_ctl = {
    .name = "ctl",
    .operands = "status | reload | metrics | stop",
    .summary = "ask the running patchmarkd how it is; have it reload, or stop",
    .details =
        "  status   version, configuration in force, what it has done, how its store is\n"
        "  reload   read the configuration again: a good one takes the place of the one before,\n"
        "           a bad one is told as \"patchmark check\" does and changes nothing\n"
        "  metrics  everything it counts, in the text format of Prometheus\n"
        "  stop     end it, as SIGTERM does\n"
        "\n"
        "Root may ask, and the user patchmarkd runs as.\n"
        "Exit status: 1 when a reload was refused, 2 when patchmarkd does not answer.\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = ctl,
};
