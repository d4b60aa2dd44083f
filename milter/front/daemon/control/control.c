/* SPDX-License-Identifier: BSD-2-Clause */
/* control - a unix socket at which the administrator asks; see control.h. */
#include "control.h"

#include "clock.h"
#include "listener.h"
#include "log.h"
#include "metrics.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MOST    8
#define REQUEST_LONGEST 256
#define ANSWER_LONGEST  ((size_t)64 << 20)
#define PATIENCE_US     (5 * 1000 * 1000)
#define REST_US         (1000 * 1000) /* when no descriptor is left */

typedef struct client {
    int fd;
    int64_t deadline_us;
    char request[REQUEST_LONGEST];
    size_t got;
    bool answers; /* the request is there, and has been carried out */
    char status[48];
    size_t sent; /* of status and answer together */
    pm_strbuf answer;
} client;

static struct {
    pm_endpoint endpoint;
    const pm_control_request *requests;
    int listener, stop;
    pthread_t thread;
    bool runs;
    int64_t rests_until_us;
    client clients[CLIENTS_MOST];
    size_t count;
} control;

/* ---- Answering ---- */

static void give_answer(client *to, const char *word)
{
    to->answers = true;
    to->deadline_us = pm_clock_us() + PATIENCE_US;
    if (to->answer.failed) {
        pm_strbuf_clear(&to->answer);
        word = "error";
    }
    snprintf(to->status, sizeof(to->status), "%s %zu\n", word, to->answer.len);
}

static void give_error(client *to, const char *why)
{
    pm_strbuf_add_text(&to->answer, why);
    give_answer(to, "error");
}

static void carry_out(client *to, pm_slice name)
{
    const pm_control_request *at = control.requests;
    bool done;

    while (at->name != NULL && !pm_slice_equal(name, pm_slice_of(at->name)))
        at++;
    if (at->name == NULL) {
        pm_count_for(PM_METRIC_CONTROL_REQUESTS, "(unknown)", 1);
        give_error(to, "no such request\n");
        return;
    }
    pm_count_for(PM_METRIC_CONTROL_REQUESTS, at->name, 1);
    done = at->answer(&to->answer);
    give_answer(to, done ? "ok" : "refused");
}

/* ---- Clients; these say false when one is to be closed ---- */

static bool hear(client *from)
{
    ssize_t got = recv(from->fd, from->request + from->got, sizeof(from->request) - from->got, 0);
    pm_slice request;
    size_t end;

    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    from->got += (size_t)got;
    request = (pm_slice){from->request, from->got};
    end = pm_slice_find_byte(request, '\n');
    if (end != PM_NOWHERE)
        carry_out(from, pm_slice_cut(request, 0, end));
    else if (from->got == sizeof(from->request))
        give_error(from, "no request is that long\n");
    return true;
}

static bool tell(client *to)
{
    const size_t status_len = strlen(to->status);
    const bool is_status = to->sent < status_len;
    const char *from = is_status ? to->status + to->sent : to->answer.data + to->sent - status_len;
    const size_t left = (is_status ? status_len : status_len + to->answer.len) - to->sent;
    ssize_t sent = send(to->fd, from, left, MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
    to->sent += (size_t)sent;
    to->deadline_us = pm_clock_us() + PATIENCE_US;
    return to->sent < status_len + to->answer.len;
}

static void drop(size_t nth)
{
    close(control.clients[nth].fd);
    pm_strbuf_free(&control.clients[nth].answer);
    control.clients[nth] = control.clients[--control.count];
}

/* Root, and the user we run as; the socket's permissions say the same. */
static bool may_ask(int fd)
{
    static pm_log_limit limit = {.burst = 5, .interval_us = 60 * 1000 * 1000};
    struct ucred peer;
    socklen_t size = sizeof(peer);
    pm_log_line line;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    if (peer.uid == 0 || peer.uid == geteuid())
        return true;
    pm_log_begin_limited(&line, &limit, PM_LEVEL_WARNING, "control-refused");
    pm_log_number(&line, "uid", peer.uid);
    pm_log_number(&line, "pid", peer.pid);
    pm_log_end(&line);
    return false;
}

static void let_in(void)
{
    int fd = accept4(control.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    client *made;

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            control.rests_until_us = pm_clock_us() + REST_US;
        return;
    }
    if (!may_ask(fd)) {
        close(fd);
        return;
    }
    made = &control.clients[control.count++];
    *made = (client){.fd = fd, .deadline_us = pm_clock_us() + PATIENCE_US};
    pm_strbuf_init(&made->answer, ANSWER_LONGEST);
}

/* ---- The thread ---- */

/* Milliseconds until something is past its time; -1: nothing will be. */
static int next_deadline(void)
{
    const int64_t now_us = pm_clock_us();
    int64_t first_us = control.rests_until_us > now_us ? control.rests_until_us : INT64_MAX;

    for (size_t i = 0; i < control.count; i++)
        if (control.clients[i].deadline_us < first_us)
            first_us = control.clients[i].deadline_us;
    if (first_us == INT64_MAX)
        return -1;
    return first_us <= now_us ? 0 : (int)((first_us - now_us) / 1000) + 1;
}

static void serve_clients(const struct pollfd *ready)
{
    /* From the last on: one that is dropped leaves its place to the last. */
    for (size_t i = control.count; i-- > 0;) {
        client *at = &control.clients[i];
        bool stays = pm_clock_us() < at->deadline_us;

        if (stays && ready[i].revents != 0)
            stays = at->answers ? tell(at) : hear(at);
        if (!stays)
            drop(i);
    }
}

static void *run(void *unused)
{
    struct pollfd polled[2 + CLIENTS_MOST];

    (void)unused;
    for (;;) {
        const bool full = control.count == CLIENTS_MOST || control.rests_until_us > pm_clock_us();

        polled[0] = (struct pollfd){.fd = control.stop, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = full ? -1 : control.listener, .events = POLLIN};
        for (size_t i = 0; i < control.count; i++)
            polled[2 + i] = (struct pollfd){
                .fd = control.clients[i].fd,
                .events = control.clients[i].answers ? POLLOUT : POLLIN,
            };
        if (poll(polled, 2 + control.count, next_deadline()) < 0)
            continue;
        if (polled[0].revents != 0)
            return NULL;
        serve_clients(polled + 2);
        if (polled[1].revents != 0)
            let_in();
    }
}

/* ---- Its life ---- */

static bool listen_there(const char *file, pm_errors *errors)
{
    const char *path = control.endpoint.path;
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memcpy(address.sun_path, path, strlen(path));
    control.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    control.stop = eventfd(0, EFD_CLOEXEC);
    /* The mode that the socket's file will get, from its first moment on. By its name later it
     * could be another file's. */
    if (control.listener >= 0 && control.stop >= 0 && fchmod(control.listener, 0600) == 0 &&
        bind(control.listener, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(control.listener, SOMAXCONN) == 0)
        return true;
    pm_error_at(errors, file, 0, 0, "%s: %s", path, strerror(errno));
    return false;
}

static void close_all(void)
{
    while (control.count > 0)
        drop(control.count - 1);
    if (control.listener >= 0)
        close(control.listener);
    if (control.stop >= 0)
        close(control.stop);
}

bool pm_control_start(const char *path, const char *file, const pm_control_request *requests,
                      pm_errors *errors)
{
    char text[PM_ENDPOINT_TEXT];

    snprintf(text, sizeof(text), "unix:%s", path);
    if (!pm_endpoint_parse(text, file, &control.endpoint, errors) ||
        !pm_listener_claim(&control.endpoint, file, errors))
        return false;
    control.requests = requests;
    for (const pm_control_request *at = requests; at->name != NULL; at++)
        pm_count_for(PM_METRIC_CONTROL_REQUESTS, at->name, 0);
    if (listen_there(file, errors)) {
        control.runs = pthread_create(&control.thread, NULL, run, NULL) == 0;
        if (control.runs)
            return true;
        pm_error_at(errors, file, 0, 0, "%s: no thread for it", path);
        pm_listener_remove(&control.endpoint);
    }
    close_all();
    return false;
}

void pm_control_stop(void)
{
    const uint64_t one = 1;

    if (!control.runs || write(control.stop, &one, sizeof(one)) != sizeof(one))
        return;
    pthread_join(control.thread, NULL);
    control.runs = false;
    close_all();
    pm_listener_remove(&control.endpoint);
}
