/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loadgen - the MTA's side of many milter connections, as fast as the filter answers.
 *
 * Speaks version 6 of the protocol as Postfix 3.7 does: a packet of macros in front of each step,
 * also of each header field; steps the filter does not want left out; steps it does not answer
 * written together with the next one it does. One thread; each connection sends its next message
 * when the one before has been answered.
 *
 * Each pass over the mbox is new mail by other people: all ids in its Message-ID, In-Reply-To and
 * References fields end in the number of the pass, and so do the name and the address in From. So
 * threads stay threads, who has sent a series has sent those of the same pass before it, and a
 * filter that remembers has something to remember. What titles and bodies say stays as it is. With
 * -r all passes are the first one: the same mail again and again, as it comes from several lists.
 *
 * Not a test: it takes any answer.
 *
 * usage: loadgen -s SOCKET -f MBOX [-c CONNECTIONS] [-n MESSAGES A CONNECTION] [-t SECONDS]
 *                [-p NUMBER OF THE FIRST PASS] [-r]
 * Prints: messages_per_s=N p50_us=N p99_us=N failed=N messages=N work_us=N next_pass=N; the times
 * are from MAIL to the answer to the end; messages are all of them, those of the warm-up included;
 * work is the processor time of loadgen itself for each.
 */
#include "clock.h"
#include "message.h"
#include "source.h"
#include "strbuf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST_MESSAGES 5000   /* of the mbox; after the last comes the first */
#define WARM_UP       300000 /* microseconds before anything counts */
#define CHUNK         65535  /* of a body, as MTAs cut it */

/* ---- The protocol --------------------------------------------------------------------------- */

/* What a step is called on the wire, and the bits of the negotiation that leave it out and leave it
 * unanswered. */
typedef struct step_kind {
    char command;
    bool envelope;
    uint32_t left_out, unanswered;
} step_kind;

static const step_kind kinds[] = {
    {'C', true, 0x1, 0x1000},    {'H', true, 0x2, 0x2000},    {'M', true, 0x4, 0x4000},
    {'R', true, 0x8, 0x8000},    {'T', true, 0x200, 0x10000}, {'L', false, 0x20, 0x80},
    {'N', false, 0x40, 0x40000}, {'B', false, 0x10, 0x80000}, {'E', false, 0, 0},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(*kinds))

typedef struct step {
    const step_kind *kind;
    size_t from, macros, end; /* bytes of the wire; [from, macros) are the macros in front */
    size_t stamps_from, stamps_end;
} step;

/* A message, or what comes before the first one of a connection, ready to be sent. */
typedef struct script {
    pm_strbuf wire;
    step *steps;
    size_t count, room;
    size_t *stamps; /* where in the wire the number of the pass belongs */
    size_t stamp_count, stamp_room;
} script;

/* What ids end in, in front of their @. */
#define STAMP        ".p0000000"
#define STAMP_DIGITS 7

static void die(const char *what)
{
    fprintf(stderr, "loadgen: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void put_packet(pm_strbuf *wire, char command, pm_slice data)
{
    uint32_t size = htonl((uint32_t)data.len + 1);

    pm_strbuf_add(wire, (pm_slice){(const char *)&size, sizeof(size)});
    pm_strbuf_add_byte(wire, command);
    pm_strbuf_add(wire, data);
}

/* Room for one more of what is counted. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room == 0 ? 64 : 2 * *room;
    items = realloc(items, *room * size);
    if (items == NULL)
        die("no memory");
    return items;
}

/* Note the stamps of the packet that ends the wire. */
static void find_stamps(script *to, size_t from)
{
    const size_t head = sizeof(STAMP) - 1 - STAMP_DIGITS;
    size_t at;

    while ((at = pm_slice_find((pm_slice){to->wire.data + from, to->wire.len - from},
                               PM_LIT(STAMP))) != PM_NOWHERE) {
        to->stamps = grow(to->stamps, to->stamp_count, &to->stamp_room, sizeof(*to->stamps));
        to->stamps[to->stamp_count++] = from + at + head;
        from += at + sizeof(STAMP) - 1;
    }
}

static void add_step(script *to, char command, pm_slice macros, pm_slice data)
{
    pm_strbuf named;
    step added = {.from = to->wire.len, .stamps_from = to->stamp_count};

    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].command == command)
            added.kind = &kinds[i];
    pm_strbuf_init(&named, 4096);
    pm_strbuf_add_byte(&named, command);
    pm_strbuf_add(&named, macros);
    put_packet(&to->wire, 'D', pm_strbuf_slice(&named));
    pm_strbuf_free(&named);
    added.macros = to->wire.len;
    put_packet(&to->wire, command, data);
    added.end = to->wire.len;
    if (command == 'L')
        find_stamps(to, added.macros);
    added.stamps_end = to->stamp_count;
    to->steps = grow(to->steps, to->count, &to->room, sizeof(*to->steps));
    to->steps[to->count++] = added;
}

static void script_start(script *to)
{
    *to = (script){.count = 0};
    pm_strbuf_init(&to->wire, 1 << 30);
}

static void script_opening(script *to)
{
    script_start(to);
    add_step(to, 'C', PM_LIT("j\0mx.example.org\0{daemon_name}\0smtpd\0v\0Postfix 3.7.11\0"),
             PM_LIT("client.example.org\0"
                    "4\x9c\x40"
                    "192.0.2.1\0"));
    add_step(to, 'H', PM_EMPTY, PM_LIT("client.example.org\0"));
}

static bool has_ids(pm_slice name)
{
    static const char *const all[] = {"Message-ID", "In-Reply-To", "References"};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (pm_slice_equal_nocase(name, pm_slice_of(all[i])))
            return true;
    return false;
}

/* A field's value; ids and the author in it get the stamp of a pass. */
static void add_value(pm_strbuf *field, const pm_header *header)
{
    const bool author = pm_slice_equal_nocase(header->name, PM_LIT("From"));
    const bool stamped = author || has_ids(header->name);

    for (size_t i = 0; i < header->value.len; i++) {
        const char c = header->value.data[i];

        if (stamped && c == '@')
            pm_strbuf_add_text(field, STAMP);
        if (author && c == '<' && i > 0)
            pm_strbuf_add_text(field, STAMP " ");
        pm_strbuf_add_byte(field, c);
    }
}

static void script_message(script *to, pm_message *message, size_t number)
{
    const pm_slice body = pm_message_body(message);
    char macro[32];
    pm_slice queue_id = {macro, 0};
    pm_strbuf field;

    script_start(to);
    queue_id.len = (size_t)snprintf(macro, sizeof(macro), "i%c4bQ%05zu", 0, number) + 1;
    add_step(to, 'M', queue_id, PM_LIT("<list+bounces@example.org>\0SIZE=6000\0"));
    add_step(to, 'R', queue_id, PM_LIT("<reader@example.org>\0"));
    add_step(to, 'T', queue_id, PM_EMPTY);
    pm_strbuf_init(&field, 1 << 20);
    for (size_t i = 0; i < pm_message_headers(message); i++) {
        const pm_header *header = pm_message_header_at(message, i);

        pm_strbuf_clear(&field);
        pm_strbuf_add(&field, header->name);
        pm_strbuf_add_byte(&field, '\0');
        add_value(&field, header);
        pm_strbuf_add_byte(&field, '\0');
        add_step(to, 'L', queue_id, pm_strbuf_slice(&field));
    }
    pm_strbuf_free(&field);
    add_step(to, 'N', queue_id, PM_EMPTY);
    for (size_t at = 0; at < body.len; at += CHUNK)
        add_step(to, 'B', queue_id, pm_slice_cut(body, at, at + CHUNK));
    add_step(to, 'E', queue_id, PM_EMPTY);
    if (to->wire.failed)
        die("a message is too large");
}

/* With CRLF, as it is on the wire. */
static void with_crlf(pm_strbuf *out, pm_slice text)
{
    pm_slice line;

    pm_strbuf_clear(out);
    while (pm_slice_next_line(&text, &line)) {
        pm_strbuf_add(out, line);
        pm_strbuf_add_text(out, "\r\n");
    }
}

static size_t read_scripts(const char *path, script *scripts)
{
    pm_errors *errors = pm_errors_new();
    pm_source *source = pm_source_open(path, errors);
    pm_message *message = pm_message_new(NULL);
    size_t count = 0;
    pm_strbuf text;
    pm_mail mail;

    pm_strbuf_init(&text, 1 << 28);
    while (source != NULL && message != NULL && count < MOST_MESSAGES &&
           pm_source_next(source, &mail) == PM_OK) {
        with_crlf(&text, mail.bytes);
        pm_message_reset(message);
        pm_message_read(message, pm_strbuf_slice(&text));
        script_message(&scripts[count], message, count);
        count++;
    }
    if (count == 0)
        fprintf(stderr, "loadgen: %s\n",
                pm_errors_count(errors) > 0 ? pm_errors_nth(errors, 0) : "no mail");
    pm_strbuf_free(&text);
    pm_message_free(message);
    pm_source_close(source);
    pm_errors_free(errors);
    return count;
}

/* ---- Connections ---------------------------------------------------------------------------- */

typedef struct load {
    struct sockaddr_un address;
    script opening, *messages;
    size_t message_count, next_message; /* the next one of all passes */
    size_t first_message;
    bool repeats; /* the first pass, and no other */
    unsigned messages_a_connection;
    int poll;
    bool stopping;
    int64_t counts_from_us, ends_us;
    uint32_t *times_us; /* of messages that count */
    size_t time_count, time_room, failed;
    unsigned connected;
} load;

typedef struct peer {
    int fd;
    uint32_t agreed; /* the filter's answer to the negotiation */
    bool negotiating;
    const script *at; /* what is being sent */
    size_t step, pass;
    bool ending;   /* waiting for the answer to the end of a message */
    unsigned left; /* messages before this connection is closed */
    int64_t began_us;
    char in[65536];
    size_t got;
    pm_strbuf out;
    size_t sent;
    bool blocked; /* there was no room to send all of it */
} peer;

static void watch(const load *all, peer *to, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = to};

    if (epoll_ctl(all->poll, how, to->fd, &event) != 0)
        die("epoll_ctl");
}

/* Write what there is; wait for room when the filter is busy. */
static void flush(const load *all, peer *to)
{
    while (to->sent < to->out.len) {
        ssize_t wrote = send(to->fd, to->out.data + to->sent, to->out.len - to->sent, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EAGAIN) {
            if (!to->blocked)
                watch(all, to, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            to->blocked = true;
            return;
        }
        if (wrote < 0)
            die("send");
        to->sent += (size_t)wrote;
    }
    pm_strbuf_clear(&to->out);
    to->sent = 0;
    if (to->blocked)
        watch(all, to, EPOLL_CTL_MOD, EPOLLIN);
    to->blocked = false;
}

static void open_peer(load *all, peer *to)
{
    static const char offer[] = {0,    0,          0, 6,    0,          0,
                                 0x01, (char)0xff, 0, 0x1f, (char)0xff, (char)0xff};

    to->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (to->fd < 0 ||
        connect(to->fd, (const struct sockaddr *)&all->address, sizeof(all->address)) != 0)
        die(all->address.sun_path);
    if (fcntl(to->fd, F_SETFL, O_NONBLOCK) != 0)
        die("fcntl");
    to->got = 0;
    to->sent = 0;
    to->blocked = false;
    to->negotiating = true;
    to->left = all->messages_a_connection;
    pm_strbuf_clear(&to->out);
    put_packet(&to->out, 'O', (pm_slice){offer, sizeof(offer)});
    watch(all, to, EPOLL_CTL_ADD, EPOLLIN);
    all->connected++;
    flush(all, to);
}

static void close_peer(load *all, peer *to)
{
    close(to->fd);
    all->connected--;
    if (!all->stopping)
        open_peer(all, to);
}

static void next_message(load *all, peer *to)
{
    to->at = &all->messages[all->next_message % all->message_count];
    to->pass = (all->repeats ? all->first_message : all->next_message) / all->message_count;
    all->next_message++;
    to->step = 0;
    to->ending = false;
    to->began_us = pm_clock_us();
}

/* In the copy that is sent: others may be at the same message in another pass. */
static void add_stamped(peer *to, const step *next)
{
    const size_t start = to->out.len;
    char digits[24];

    pm_strbuf_add(&to->out, (pm_slice){to->at->wire.data + next->from, next->end - next->from});
    if (next->stamps_from == next->stamps_end)
        return;
    if (to->out.failed)
        die("a message is too large");
    snprintf(digits, sizeof(digits), "%0*zu", STAMP_DIGITS, to->pass % 10000000);
    for (size_t i = next->stamps_from; i < next->stamps_end; i++)
        memcpy(to->out.data + start + to->at->stamps[i] - next->from, digits, STAMP_DIGITS);
}

/* Queue steps up to one that is answered. */
static void go_on(load *all, peer *to)
{
    for (;;) {
        const step *next;

        if (to->step == to->at->count)
            next_message(all, to); /* behind the opening */
        next = &to->at->steps[to->step++];
        if ((to->agreed & next->kind->left_out) != 0) {
            if (next->kind->envelope) /* Postfix sends their macros all the same */
                pm_strbuf_add(&to->out, (pm_slice){to->at->wire.data + next->from,
                                                   next->macros - next->from});
            continue;
        }
        add_stamped(to, next);
        if ((to->agreed & next->kind->unanswered) != 0)
            continue;
        to->ending = next->kind->command == 'E';
        flush(all, to);
        return;
    }
}

static void note_time(load *all, int64_t now_us, int64_t began_us)
{
    if (now_us < all->counts_from_us || now_us > all->ends_us)
        return;
    if (all->time_count == all->time_room) {
        all->time_room = all->time_room == 0 ? 65536 : 2 * all->time_room;
        all->times_us = realloc(all->times_us, all->time_room * sizeof(*all->times_us));
        if (all->times_us == NULL)
            die("times");
    }
    all->times_us[all->time_count++] = (uint32_t)(now_us - began_us);
}

/* The answer to a message's end: note it, and begin the next one. */
static void end_message(load *all, peer *to, char answer)
{
    int64_t now_us = pm_clock_us();

    if (answer == 'c' || answer == 'a')
        note_time(all, now_us, to->began_us);
    else
        all->failed++;
    put_packet(&to->out, 'A', PM_EMPTY); /* Postfix does so behind each message */
    all->stopping = all->stopping || now_us > all->ends_us;
    if (all->stopping || --to->left == 0) {
        put_packet(&to->out, 'Q', PM_EMPTY);
        flush(all, to);
        close_peer(all, to);
        return;
    }
    next_message(all, to);
    go_on(all, to);
}

static void take_answer(load *all, peer *to, char answer, pm_slice data)
{
    uint32_t steps;

    if (to->negotiating) {
        if (answer != 'O' || data.len < 12)
            die("the filter does not negotiate");
        memcpy(&steps, data.data + 8, sizeof(steps));
        to->agreed = ntohl(steps);
        to->negotiating = false;
        to->at = &all->opening;
        to->step = 0;
        go_on(all, to);
    } else if (!to->ending) {
        go_on(all, to);
    } else if (memchr("cadrty", answer, 6) !=
               NULL) { /* else an edit: the answer is still to come */
        end_message(all, to, answer);
    }
}

static void read_answers(load *all, peer *to)
{
    ssize_t got = read(to->fd, to->in + to->got, sizeof(to->in) - to->got);
    const int fd = to->fd;
    size_t at = 0;
    uint32_t size;

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        all->failed++;
        close_peer(all, to);
        return;
    }
    to->got += (size_t)got;
    while (to->got - at > sizeof(size)) {
        memcpy(&size, to->in + at, sizeof(size));
        size = ntohl(size);
        if (size == 0 || to->got - at - sizeof(size) < size)
            break;
        at += sizeof(size) + size;
        take_answer(all, to, to->in[at - size], (pm_slice){to->in + at - size + 1, size - 1});
        if (to->fd != fd || to->got == 0) /* another connection by now */
            return;
    }
    memmove(to->in, to->in + at, to->got - at);
    to->got -= at;
}

static void run(load *all, peer *peers, unsigned count, double seconds)
{
    struct epoll_event events[64];
    int64_t patience_us;

    all->poll = epoll_create1(EPOLL_CLOEXEC);
    if (all->poll < 0)
        die("epoll_create1");
    all->counts_from_us = pm_clock_us() + WARM_UP;
    all->ends_us = all->counts_from_us + (int64_t)(seconds * 1e6);
    patience_us = all->ends_us + 10 * 1000 * 1000;
    for (unsigned i = 0; i < count; i++)
        open_peer(all, &peers[i]);
    while (all->connected > 0 && pm_clock_us() < patience_us) {
        int ready = epoll_wait(all->poll, events, 64, 100);

        for (int i = 0; i < ready; i++) {
            peer *to = events[i].data.ptr;

            if ((events[i].events & EPOLLOUT) != 0)
                flush(all, to);
            if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
                read_answers(all, to);
        }
    }
}

static int64_t work_us(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static int compare(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
    static script messages[MOST_MESSAGES];
    load all = {.messages = messages, .messages_a_connection = 100};
    const char *path = NULL, *mbox = NULL;
    unsigned connections = 1, first_pass = 0;
    double seconds = 2;
    int64_t worked_us;
    size_t sent;
    peer *peers;
    int letter;

    while ((letter = getopt(argc, argv, "s:f:c:n:t:p:r")) != -1) {
        switch (letter) {
        case 's':
            path = optarg;
            break;
        case 'f':
            mbox = optarg;
            break;
        case 'c':
            connections = (unsigned)atoi(optarg);
            break;
        case 'n':
            all.messages_a_connection = (unsigned)atoi(optarg);
            break;
        case 't':
            seconds = atof(optarg);
            break;
        case 'p':
            first_pass = (unsigned)atoi(optarg);
            break;
        case 'r':
            all.repeats = true;
            break;
        default:
            return 2;
        }
    }
    if (path == NULL || mbox == NULL || connections == 0 || all.messages_a_connection == 0 ||
        strlen(path) >= sizeof(all.address.sun_path)) {
        fprintf(stderr,
                "usage: loadgen -s SOCKET -f MBOX [-c CONNECTIONS] [-n MESSAGES] [-t SECONDS]"
                " [-p PASS] [-r]\n");
        return 2;
    }
    all.address.sun_family = AF_UNIX;
    memcpy(all.address.sun_path, path, strlen(path));
    all.message_count = read_scripts(mbox, messages);
    peers = calloc(connections, sizeof(*peers));
    if (all.message_count == 0 || peers == NULL)
        return 2;
    for (unsigned i = 0; i < connections; i++)
        pm_strbuf_init(&peers[i].out, 1 << 30);
    all.first_message = all.next_message = first_pass * all.message_count;
    script_opening(&all.opening);
    worked_us = work_us();
    run(&all, peers, connections, seconds);
    worked_us = work_us() - worked_us;
    sent = all.next_message - all.first_message;
    if (all.time_count == 0) {
        fprintf(stderr, "loadgen: no message was answered\n");
        return 2;
    }
    qsort(all.times_us, all.time_count, sizeof(*all.times_us), compare);
    printf("messages_per_s=%.1f p50_us=%u p99_us=%u failed=%zu messages=%zu work_us=%.1f "
           "next_pass=%zu\n",
           (double)all.time_count / seconds, all.times_us[all.time_count / 2],
           all.times_us[all.time_count * 99 / 100], all.failed, sent,
           (double)worked_us / (double)sent, all.next_message / all.message_count + 1);
    return 0;
}
