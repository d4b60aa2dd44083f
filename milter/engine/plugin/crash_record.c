/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash_record - which plugin each thread is in, in a file that outlives us; see crash_record.h.
 *
 * The file is this host's own: read back by a program of the same build or made anew, so it is
 * plain structs. Everything in it is checked before it is used, for a crash may have scribbled on
 * it.
 */
#include "crash_record.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MOST_PLUGINS = 64,
    MOST_BLAMED = 64, /* the oldest makes room */
    MOST_VISITS = 256,
    ACCIDENTS_MOST = 2, /* what was cut short more often in a row is no accident */
    NAME_SIZE = 68,
    ID_SIZE = 256, /* of a longer Message-ID, the beginning is enough to know it again */
};

static const char magic[16] = "patchmark-crash2";

typedef struct known { /* a plugin */
    char name[NAME_SIZE], version[NAME_SIZE];
    uint32_t strikes;
} known;

typedef struct blame {
    _Atomic uint32_t times; /* in a row; 0: free */
    uint32_t sure;          /* a signal said so */
    uint32_t plugin;
    char message_id[ID_SIZE];
} blame;

#define COMING UINT32_MAX

typedef struct visit {
    atomic_uint plugin; /* its place plus 1; 0: nobody is inside; COMING: somebody is about to be */
    _Atomic uint32_t signal;
    char message_id[ID_SIZE];
} visit;

typedef struct content {
    char magic[sizeof(magic)];
    uint64_t size;
    _Atomic uint32_t ended; /* properly */
    uint32_t next_blame;
    known plugins[MOST_PLUGINS];
    blame blames[MOST_BLAMED];
    visit visits[MOST_VISITS];
} content;

struct pm_crash_record {
    content *file;
    int fd;         /* holds the lock */
    bool has_blame; /* most records never have any: asked for every message */
};

/* ---- What happened? ---- */

static void copy_text(char *to, size_t size, pm_slice from)
{
    const size_t len = from.len < size - 1 ? from.len : size - 1;

    memcpy(to, from.data, len);
    memset(to + len, 0, size - len);
}

static bool is_terminated(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

/* Enough to keep the plugin from the message? */
static bool is_certain(const blame *of)
{
    return of->sure > 0 || atomic_load(&of->times) > ACCIDENTS_MOST;
}

static blame *find_blame(content *file, unsigned plugin, const char *message_id)
{
    for (size_t i = 0; i < MOST_BLAMED; i++) {
        blame *at = &file->blames[i];

        if (at->plugin == plugin && atomic_load(&at->times) > 0 &&
            strncmp(at->message_id, message_id, ID_SIZE) == 0)
            return at;
    }
    return NULL;
}

static blame *add_blame(content *file, unsigned plugin, const char *message_id)
{
    blame *added = &file->blames[file->next_blame % MOST_BLAMED];

    file->next_blame = (file->next_blame + 1) % MOST_BLAMED;
    *added = (blame){.plugin = plugin};
    copy_text(added->message_id, sizeof(added->message_id), pm_slice_of(message_id));
    return added;
}

static void tell(const known *plugin, const blame *of, int signal_number)
{
    const bool was_opened = pm_slice_equal(pm_slice_of(of->message_id), PM_CRASH_RECORD_OPENING);
    const char *what =
        was_opened       ? "patchmarkd ended while it was opened"
        : of->sure > 0   ? "it crashed patchmarkd with this message and is not shown it again"
        : is_certain(of) ? "it was at this message each time patchmarkd ended without a word, and "
                           "is not shown it again"
                         : "it was at this message when patchmarkd ended without a word";
    pm_log_line line;

    pm_log_begin(&line, is_certain(of) ? PM_LEVEL_ERROR : PM_LEVEL_WARNING, "plugin-crash");
    pm_log_string(&line, "plugin", plugin->name);
    if (!was_opened)
        pm_log_text(&line, "mid", pm_slice_of(of->message_id));
    if (signal_number > 0)
        pm_log_string(&line, "signal", sigabbrev_np(signal_number));
    pm_log_number(&line, "crashes", plugin->strikes);
    pm_log_string(&line, "msg", what);
    pm_log_end(&line);
}

/* One thread that was inside a plugin when the process ended. Messages without an id cannot be told
 * apart: of them, only a signal says which. */
static void examine_visit(content *file, visit *at)
{
    const unsigned place = atomic_load(&at->plugin);
    const uint32_t signal_number = atomic_load(&at->signal);
    blame *found;

    if (place == 0 || place > MOST_PLUGINS || !is_terminated(at->message_id, ID_SIZE) ||
        file->plugins[place - 1].name[0] == '\0' ||
        (signal_number == 0 && at->message_id[0] == '\0'))
        return;
    found = find_blame(file, place - 1, at->message_id);
    if (found == NULL)
        found = add_blame(file, place - 1, at->message_id);
    atomic_fetch_add(&found->times, 1);
    found->sure |= signal_number > 0;
    if (is_certain(found))
        file->plugins[place - 1].strikes++;
    tell(&file->plugins[place - 1], found, signal_number < NSIG ? (int)signal_number : 0);
}

/* When one thread is known to have crashed, those beside it are not to blame. */
static void examine_last_end(content *file)
{
    bool signalled = false;

    for (size_t i = 0; i < MOST_VISITS; i++)
        signalled |=
            atomic_load(&file->visits[i].plugin) > 0 && atomic_load(&file->visits[i].signal) > 0;
    for (size_t i = 0; i < MOST_VISITS; i++)
        if (!signalled || atomic_load(&file->visits[i].signal) > 0)
            examine_visit(file, &file->visits[i]);
}

/* Could what is in the file have been written by us? */
static bool is_sound(const content *file)
{
    bool sound = memcmp(file->magic, magic, sizeof(magic)) == 0 && file->size == sizeof(*file);

    for (size_t i = 0; sound && i < MOST_PLUGINS; i++)
        sound = is_terminated(file->plugins[i].name, NAME_SIZE) &&
                is_terminated(file->plugins[i].version, NAME_SIZE);
    for (size_t i = 0; sound && i < MOST_BLAMED; i++)
        sound = is_terminated(file->blames[i].message_id, ID_SIZE) &&
                file->blames[i].plugin < MOST_PLUGINS;
    return sound;
}

static void begin(content *file)
{
    if (!is_sound(file)) {
        memset(file, 0, sizeof(*file));
        memcpy(file->magic, magic, sizeof(magic));
        file->size = sizeof(*file);
    } else if (atomic_load(&file->ended) == 0) {
        examine_last_end(file);
    }
    memset(file->visits, 0, sizeof(file->visits));
    atomic_store(&file->ended, 0);
}

/* ---- Opening and closing ---- */

static bool any_blame(const content *file)
{
    for (size_t i = 0; i < MOST_BLAMED; i++)
        if (atomic_load(&file->blames[i].times) > 0)
            return true;
    return false;
}

/* Who can cut it short while it is mapped ends us with SIGBUS at the next message: nobody else may
 * write it, by this name or another. What is wrong, or NULL. */
static const char *distrust(int fd)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "it is no regular file (remove it)";
    if (about.st_uid != geteuid())
        return "it belongs to another user (remove it)";
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "others may write it (chmod go-w, or remove it)";
    return about.st_nlink == 1 ? NULL : "it has other names, too (remove it)";
}

/* The file, held and mapped; what is wrong, or NULL. */
static const char *take(pm_crash_record *record, const char *name)
{
    const char *wrong;
    void *mapped;

    record->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (record->fd < 0)
        return strerror(errno);
    wrong = distrust(record->fd);
    if (wrong != NULL)
        return wrong;
    if (flock(record->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? "another process holds it (is patchmarkd running twice?)"
                                    : strerror(errno);
    /* Written out at once: a page that finds no room on the disk later would kill us. */
    if (posix_fallocate(record->fd, 0, sizeof(content)) != 0)
        return "there is no room for it on the disk";
    mapped = mmap(NULL, sizeof(content), PROT_READ | PROT_WRITE, MAP_SHARED, record->fd, 0);
    if (mapped == MAP_FAILED)
        return strerror(errno);
    record->file = mapped;
    return NULL;
}

pm_crash_record *pm_crash_record_open(const char *name, pm_errors *errors)
{
    pm_crash_record *record = calloc(1, sizeof(*record));
    const char *wrong;

    if (record == NULL) {
        pm_error_at(errors, name, 0, 0, "no memory for the record of crashes");
        return NULL;
    }
    wrong = take(record, name);
    if (record->file == NULL) {
        pm_error_at(errors, name, 0, 0, "the record of crashes cannot be kept: %s", wrong);
        if (record->fd >= 0)
            close(record->fd);
        free(record);
        return NULL;
    }
    begin(record->file);
    record->has_blame = any_blame(record->file);
    return record;
}

void pm_crash_record_end(pm_crash_record *record)
{
    if (record != NULL)
        atomic_store(&record->file->ended, 1);
}

/* ---- Catching signals ---- */

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
#define DEADLY (sizeof(deadly) / sizeof(deadly[0]))

static _Atomic(content *) watched;
static struct sigaction before[DEADLY];
static pthread_key_t stack_key;

/* Where this thread is, from entering a plugin until leaving it: never from one call to the next.
 */
static _Thread_local int here = -1;

static void note_signal(int number, siginfo_t *about, void *context)
{
    content *file = atomic_load(&watched);

    (void)context;
    if (file != NULL && here >= 0)
        atomic_store(&file->visits[here].signal, (uint32_t)number);
    for (size_t i = 0; i < DEADLY; i++)
        if (deadly[i] == number)
            sigaction(number, &before[i], NULL);
    /* What the processor found wrong it finds again when we return; a signal that was sent is sent
     * again. */
    if (about->si_code <= 0)
        raise(number);
}

/* A thread whose stack is full has nowhere to run the handler but on another stack. */
#define STACK_SIZE ((size_t)64 * 1024)

static void give_back_stack(void *stack)
{
    const stack_t none = {.ss_flags = SS_DISABLE};

    sigaltstack(&none, NULL);
    munmap(stack, STACK_SIZE);
}

static void have_stack(void)
{
    /* The thread's, whatever message it is at: not worth a system call for each plugin. */
    static _Thread_local bool asked;
    stack_t stack;

    if (asked)
        return;
    asked = true;
    if (sigaltstack(NULL, &stack) != 0 || (stack.ss_flags & SS_DISABLE) == 0)
        return;
    stack = (stack_t){
        .ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        .ss_size = STACK_SIZE};
    if (stack.ss_sp == MAP_FAILED)
        return;
    if (pthread_setspecific(stack_key, stack.ss_sp) != 0 || sigaltstack(&stack, NULL) != 0) {
        pthread_setspecific(stack_key, NULL);
        munmap(stack.ss_sp, STACK_SIZE);
    }
}

void pm_crash_record_catch(pm_crash_record *record)
{
    struct sigaction action = {.sa_sigaction = note_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    if (pthread_key_create(&stack_key, give_back_stack) != 0)
        return;
    atomic_store(&watched, record->file);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < DEADLY; i++)
        sigaction(deadly[i], &action, &before[i]);
}

void pm_crash_record_close(pm_crash_record *record)
{
    content *file;

    if (record == NULL)
        return;
    file = record->file;
    pm_crash_record_end(record);
    if (atomic_compare_exchange_strong(&watched, &file, NULL)) {
        for (size_t i = 0; i < DEADLY; i++)
            sigaction(deadly[i], &before[i], NULL);
        pthread_key_delete(stack_key);
    }
    munmap(record->file, sizeof(*record->file));
    close(record->fd);
    free(record);
}

/* ---- Plugins, and the messages they are at ---- */

/* Its own place, else a free one. A record that is full stays full: who is not loaded any more is
 * not known here. */
int pm_crash_record_plugin(pm_crash_record *record, const char *name, const char *version)
{
    known *plugins = record->file->plugins;
    int place = -1;

    for (int i = MOST_PLUGINS - 1; i >= 0; i--) {
        if (strncmp(plugins[i].name, name, NAME_SIZE - 1) == 0) {
            place = i;
            break;
        }
        if (plugins[i].name[0] == '\0')
            place = i;
    }
    if (place < 0)
        return -1;
    if (strncmp(plugins[place].name, name, NAME_SIZE - 1) != 0 ||
        strncmp(plugins[place].version, version, NAME_SIZE - 1) != 0) {
        plugins[place].strikes = 0;
        for (size_t i = 0; i < MOST_BLAMED; i++)
            if (record->file->blames[i].plugin == (uint32_t)place)
                atomic_store(&record->file->blames[i].times, 0);
    }
    copy_text(plugins[place].name, NAME_SIZE, pm_slice_of(name));
    copy_text(plugins[place].version, NAME_SIZE, pm_slice_of(version));
    return place;
}

unsigned pm_crash_record_strikes(const pm_crash_record *record, int plugin)
{
    return plugin < 0 ? 0 : record->file->plugins[plugin].strikes;
}

bool pm_crash_record_blames(const pm_crash_record *record, int plugin, pm_slice message_id)
{
    char id[ID_SIZE];
    const blame *found;

    if (!record->has_blame || plugin < 0)
        return false;
    copy_text(id, sizeof(id), message_id);
    found = find_blame(record->file, (unsigned)plugin, id);
    return found != NULL && is_certain(found);
}

int pm_crash_record_enter(pm_crash_record *record, int plugin, pm_slice message_id)
{
    visit *visits = record->file->visits;

    if (plugin < 0)
        return -1;
    if (atomic_load_explicit(&watched, memory_order_relaxed) == record->file)
        have_stack();
    for (int i = 0; i < MOST_VISITS; i++) {
        unsigned nobody = 0;

        if (atomic_load_explicit(&visits[i].plugin, memory_order_relaxed) != 0 ||
            !atomic_compare_exchange_strong(&visits[i].plugin, &nobody, COMING))
            continue;
        atomic_store_explicit(&visits[i].signal, 0, memory_order_relaxed);
        copy_text(visits[i].message_id, ID_SIZE, message_id);
        atomic_store_explicit(&visits[i].plugin, (unsigned)plugin + 1, memory_order_release);
        here = i;
        return i;
    }
    return -1;
}

/* It came out alive: that it was in there when somebody killed us was an accident. */
static void acquit(pm_crash_record *record, const visit *of)
{
    const unsigned plugin = atomic_load_explicit(&of->plugin, memory_order_relaxed) - 1;
    blame *found = find_blame(record->file, plugin, of->message_id);

    if (found != NULL && !is_certain(found))
        atomic_store(&found->times, 0);
}

void pm_crash_record_leave(pm_crash_record *record, int number)
{
    if (number < 0)
        return;
    here = -1;
    if (record->has_blame)
        acquit(record, &record->file->visits[number]);
    atomic_store_explicit(&record->file->visits[number].plugin, 0, memory_order_release);
}
