/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper - keeps programs running; see keeper.h.
 *
 * Each process has a place, and the place a state. Whoever has a letter may touch places that are
 * IDLE, BUSY by their own doing, and nothing else; all others are the keeper's thread's alone. So
 * the lock of a program guards states and greeting, and pipes are read and written without it.
 */
#include "keeper.h"

#include "complaints.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND_US 1000000LL

/* How often to look whether what was killed is gone, should nothing tell us. */
#define DYING_LOOK_US (10 * 1000)

/* How long what was killed may take to be gone before we leave it to the system: it is stuck in a
 * device. */
#define DEAD_US (5 * SECOND_US)

typedef enum place_state {
    DOWN,     /* no process; one is started when it is due */
    STARTING, /* its greeting is not complete */
    IDLE,     /* ready */
    BUSY,     /* taken */
    BROKEN,   /* given back because something is wrong */
    DYING,    /* killed, not gone yet */
} place_state;

typedef struct place {
    pm_exec_worker worker; /* first: a worker is its place */
    pm_exec_program *program;
    place_state state;     /* under the program's lock; so is: */
    bool ended;            /* it ended while BUSY */
    char why[PM_EXEC_WHY]; /* BROKEN and later: what was wrong; written by who makes it so */

    /* The keeper's own. */
    pm_exec_complaints complaints;
    int64_t due_us;   /* DOWN: when to start; STARTING: when it must be ready */
    int64_t ready_us; /* since when it is, or was, ready; 0: it never was */
    int64_t delay_us; /* the next one */
    bool flooded;
} place;

struct pm_exec_program {
    const pm_host *host;
    pm_exec_terms terms;
    int wake; /* the keeper's */
    pthread_mutex_t lock;
    pthread_cond_t changed;     /* a state has */
    pm_exec_greeting *greeting; /* NULL: none has been ready yet; afterwards never changes */
    unsigned failures;
    char why[PM_EXEC_WHY]; /* of the last failure; empty: none */
    place *places;
};

struct pm_exec_keeper {
    const pm_host *host;
    pm_exec_program **programs;
    size_t count, places;
    int wake;
    pthread_t thread;
    bool runs, stop; /* stop is under `lock` */
    pthread_mutex_t lock;
    struct pollfd *polled; /* room for all there can be */
};

static void wake(int fd)
{
    const uint64_t one = 1;
    const ssize_t ignored = write(fd, &one, sizeof(one));

    (void)ignored; /* it is full when the keeper is to wake anyway */
}

static place_state state_of(place *of, bool *ended_out)
{
    place_state state;

    pthread_mutex_lock(&of->program->lock);
    state = of->state;
    *ended_out = of->ended;
    pthread_mutex_unlock(&of->program->lock);
    return state;
}

static void set_state(place *of, place_state state)
{
    pthread_mutex_lock(&of->program->lock);
    of->state = state;
    of->ended = false;
    pthread_cond_broadcast(&of->program->changed);
    pthread_mutex_unlock(&of->program->lock);
}

/* ---- When something is wrong ---- */

static void tell_complaint(void *context, const char *line, unsigned left_out)
{
    const pm_exec_program *program = context;

    if (left_out > 0)
        program->host->log(NULL, PM_LEVEL_WARNING,
                           "exec: program %s: (%u lines of its standard error are left out)",
                           program->terms.name, left_out);
    program->host->log(NULL, PM_LEVEL_WARNING, "exec: program %s: %s", program->terms.name, line);
}

/* Log what it complains about. Never waits, and reads no more than so much at once: other processes
 * want to be looked after, too. */
static void drain(place *of)
{
    char bytes[16 * 1024];

    for (int round = 0; round < 8 && of->worker.process.complaints >= 0; round++) {
        const ssize_t got = read(of->worker.process.complaints, bytes, sizeof(bytes));

        if (got < 0)
            return;
        if (got == 0) {
            pm_exec_complaints_end(&of->complaints, pm_exec_now());
            close(of->worker.process.complaints);
            of->worker.process.complaints = -1;
            return;
        }
        if (pm_exec_complaints_add(&of->complaints, bytes, (size_t)got, pm_exec_now()) ||
            of->flooded)
            continue;
        of->flooded = true; /* whoever waits for it sees its end */
        pm_exec_process_signal(&of->worker.process, SIGKILL);
    }
}

/* The time to the next start; the one after that is twice as far. */
static int64_t take_delay(place *of)
{
    const bool steady = of->ready_us != 0 && pm_exec_now() - of->ready_us >= PM_EXEC_STEADY_US;
    int64_t delay = steady || of->delay_us == 0 ? PM_EXEC_FIRST_DELAY_US : of->delay_us;

    of->delay_us = delay * 2 < PM_EXEC_LONGEST_DELAY_US ? delay * 2 : PM_EXEC_LONGEST_DELAY_US;
    return delay;
}

/* There is no process (any more), because of of->why. */
static void be_down(place *of)
{
    pm_exec_program *program = of->program;
    const int64_t delay = take_delay(of);
    const bool ever = of->program->greeting != NULL;

    of->due_us = pm_exec_now() + delay;
    of->ready_us = 0;
    pthread_mutex_lock(&program->lock);
    of->state = DOWN;
    program->failures++;
    snprintf(program->why, sizeof(program->why), "%s", of->why);
    pthread_cond_broadcast(&program->changed);
    pthread_mutex_unlock(&program->lock);
    if (ever) /* else whoever opens the plugin says it */
        program->host->log(NULL, PM_LEVEL_WARNING,
                           "exec: program %s starts again in %lld.%lld s: %s", program->terms.name,
                           (long long)(delay / SECOND_US),
                           (long long)(delay % SECOND_US / (SECOND_US / 10)), of->why);
}

/* Why, when it has ended by itself. */
static void say_how_it_ended(place *of, int status)
{
    const char *when = of->ready_us == 0 ? " before it was ready" : "";
    const char *last = pm_exec_complaints_last(&of->complaints);

    if (of->flooded)
        snprintf(of->why, sizeof(of->why), "it flooded its standard error");
    else if (of->why[0] != '\0')
        return;
    else if (WIFEXITED(status))
        snprintf(of->why, sizeof(of->why), "it ended with status %d%s%s%.120s", WEXITSTATUS(status),
                 when, last[0] == '\0' ? "" : ", and said last: ", last);
    else if (WTERMSIG(status) == SIGKILL)
        snprintf(of->why, sizeof(of->why), "it closed its standard output, or was killed%s", when);
    else
        snprintf(of->why, sizeof(of->why), "signal %d ended it%s", WTERMSIG(status), when);
}

static void bury(place *of)
{
    int status;

    drain(of);
    if (!pm_exec_process_reap(&of->worker.process, &status))
        return;
    say_how_it_ended(of, status);
    be_down(of);
}

/* End what is not BUSY, because of `why`; empty: it ended, or at least its output did. */
static void end(place *of, const char *why)
{
    if (why != of->why)
        snprintf(of->why, sizeof(of->why), "%s", why);
    set_state(of, DYING);
    drain(of);
    pm_exec_process_signal(&of->worker.process, SIGKILL);
    bury(of);
}

/* ---- Starting ---- */

static void start(place *of)
{
    of->why[0] = '\0';
    of->flooded = false;
    of->worker.letters = 0;
    of->complaints = (pm_exec_complaints){.tell = tell_complaint, .context = of->program};
    pm_exec_answer_begin(&of->worker.answer); /* its room takes the greeting until then */
    if (!pm_exec_process_start(&of->worker.process, of->program->terms.command, of->why)) {
        be_down(of);
        return;
    }
    of->due_us = pm_exec_now() + of->program->terms.start_us;
    set_state(of, STARTING);
    /* It need not have read this before it greets; if it is gone, we shall see. */
    pm_exec_process_send(&of->worker.process, PM_EXEC_VERSION "\n", sizeof(PM_EXEC_VERSION), 0);
}

/* Is this greeting fine, and the same as ever? */
static bool accept_greeting(place *of, size_t end_of_it, char why[PM_EXEC_WHY])
{
    pm_exec_program *program = of->program;
    const pm_exec_answer *said = &of->worker.answer;
    pm_exec_greeting *known = program->greeting; /* only this thread sets it */

    if (end_of_it < said->len) {
        snprintf(why, PM_EXEC_WHY, "it said more than its greeting before it was asked anything");
        return false;
    }
    if (known == NULL) {
        known = pm_exec_greeting_read(said->said, said->len, why);
        if (known == NULL)
            return false;
        pthread_mutex_lock(&program->lock);
        program->greeting = known;
        pthread_mutex_unlock(&program->lock);
        return true;
    }
    if (known->len == said->len && memcmp(known->said, said->said, said->len) == 0)
        return true;
    snprintf(why, PM_EXEC_WHY,
             "its greeting is not the one it had when the configuration was read "
             "(reload patchmark to have the new one)");
    return false;
}

static void listen_to_greeting(place *of)
{
    pm_exec_answer *said = &of->worker.answer;
    char why[PM_EXEC_WHY] = "";
    size_t got, ends;

    /* A deadline that has passed: what is there, without waiting. */
    while (said->len < sizeof(said->said)) {
        const ssize_t read_now =
            read(of->worker.process.from, said->said + said->len, sizeof(said->said) - said->len);

        if (read_now < 0)
            break;
        if (read_now == 0) {
            end(of, "");
            return;
        }
        got = (size_t)read_now;
        said->len += got;
    }
    ends = pm_exec_greeting_end(said->said, said->len);
    if (ends == 0 && said->len == sizeof(said->said)) {
        end(of, "its greeting is too long");
    } else if (ends != 0 && !accept_greeting(of, ends, why)) {
        end(of, why);
    } else if (ends != 0) {
        of->ready_us = pm_exec_now();
        set_state(of, IDLE);
    } else if (pm_exec_now() >= of->due_us) {
        snprintf(why, sizeof(why), "it was not ready within %lld ms (see `start`)",
                 (long long)(of->program->terms.start_us / 1000));
        end(of, why);
    }
}

/* ---- The round ---- */

/* It has ended while nobody had it? */
static void notice_end(place *of)
{
    bool mine;

    if (!pm_exec_process_has_ended(&of->worker.process))
        return;
    pthread_mutex_lock(&of->program->lock);
    mine = of->state == IDLE;
    if (mine)
        of->state = DYING;
    of->ended = !mine; /* who has it wakes us when it is given back */
    pthread_mutex_unlock(&of->program->lock);
    if (mine)
        end(of, "");
    else /* what it has started may hold its output open: who waits for that is to see the end */
        pm_exec_process_signal(&of->worker.process, SIGKILL);
}

/* Do what is to be done now for a place. */
static void tend(place *of)
{
    bool ended;
    const place_state state = state_of(of, &ended);

    if (state != DOWN)
        drain(of);
    switch (state) {
    case DOWN:
        if (pm_exec_now() >= of->due_us)
            start(of);
        break;
    case STARTING:
        listen_to_greeting(of);
        break;
    case IDLE:
    case BUSY:
        if (!ended)
            notice_end(of);
        break;
    case BROKEN:
        end(of, of->why);
        break;
    case DYING:
        bury(of);
        break;
    }
}

/* When this place wants to be tended though nothing happens; INT64_MAX: not. */
static int64_t next_time(const place *of, place_state state)
{
    switch (state) {
    case DOWN:
    case STARTING:
        return of->due_us;
    case IDLE:
    case BUSY:
        /* Without a descriptor that tells, it is found when it is to be used. */
        return INT64_MAX;
    case BROKEN:
        return 0;
    case DYING:
        return pm_exec_now() + DYING_LOOK_US;
    }
    return 0;
}

static size_t watch(const place *of, place_state state, bool ended, struct pollfd *polled)
{
    const pm_exec_process *process = &of->worker.process;
    size_t count = 0;

    if (state == DOWN || state == BROKEN)
        return 0;
    if (process->complaints >= 0)
        polled[count++] = (struct pollfd){.fd = process->complaints, .events = POLLIN};
    if (process->watch >= 0 && !ended)
        polled[count++] = (struct pollfd){.fd = process->watch, .events = POLLIN};
    if (state == STARTING)
        polled[count++] = (struct pollfd){.fd = process->from, .events = POLLIN};
    return count;
}

static void sleep_until(pm_exec_keeper *keeper, size_t polled, int64_t when_us)
{
    const int64_t left = when_us - pm_exec_now();
    const struct timespec most = {.tv_sec = left / SECOND_US, .tv_nsec = left % SECOND_US * 1000};
    uint64_t ignored;

    if (left <= 0)
        return;
    ppoll(keeper->polled, polled, when_us == INT64_MAX ? NULL : &most, NULL);
    if (keeper->polled[0].revents != 0 && read(keeper->wake, &ignored, sizeof(ignored)) < 0)
        return; /* woken by something else at the same time */
}

static bool must_stop(pm_exec_keeper *keeper)
{
    bool stop;

    pthread_mutex_lock(&keeper->lock);
    stop = keeper->stop;
    pthread_mutex_unlock(&keeper->lock);
    return stop;
}

/* Call f for every place there is. */
static void for_each(pm_exec_keeper *keeper, void (*f)(place *of))
{
    for (size_t i = 0; i < keeper->count; i++)
        for (unsigned nth = 0; nth < keeper->programs[i]->terms.processes; nth++)
            f(&keeper->programs[i]->places[nth]);
}

static void sleep_until_needed(pm_exec_keeper *keeper)
{
    int64_t when = INT64_MAX;
    size_t polled = 1;

    keeper->polled[0] = (struct pollfd){.fd = keeper->wake, .events = POLLIN};
    for (size_t i = 0; i < keeper->count; i++) {
        for (unsigned nth = 0; nth < keeper->programs[i]->terms.processes; nth++) {
            place *of = &keeper->programs[i]->places[nth];
            bool ended;
            const place_state state = state_of(of, &ended);
            const int64_t next = next_time(of, state);

            when = next < when ? next : when;
            polled += watch(of, state, ended, keeper->polled + polled);
        }
    }
    sleep_until(keeper, polled, when);
}

/* ---- The end ---- */

static void ask_to_leave(place *of)
{
    pm_exec_process *process = &of->worker.process;

    if (process->pid == 0)
        return;
    close(process->to); /* what reads its input ends by itself */
    process->to = -1;
    pm_exec_process_signal(process, SIGTERM);
}

static void kill_it(place *of)
{
    pm_exec_process_signal(&of->worker.process, SIGKILL);
}

static bool all_gone(pm_exec_keeper *keeper)
{
    bool gone = true;

    for (size_t i = 0; i < keeper->count; i++) {
        for (unsigned nth = 0; nth < keeper->programs[i]->terms.processes; nth++) {
            place *of = &keeper->programs[i]->places[nth];
            int status;

            if (of->worker.process.pid == 0)
                continue;
            drain(of);
            gone &= pm_exec_process_reap(&of->worker.process, &status);
        }
    }
    return gone;
}

static bool wait_all_gone(pm_exec_keeper *keeper, int64_t most_us)
{
    const int64_t until = pm_exec_now() + most_us;

    while (!all_gone(keeper)) {
        if (pm_exec_now() >= until)
            return false;
        poll(NULL, 0, 2);
    }
    return true;
}

static void end_all(pm_exec_keeper *keeper)
{
    for_each(keeper, ask_to_leave);
    if (wait_all_gone(keeper, PM_EXEC_PARTING_US))
        return;
    for_each(keeper, kill_it);
    if (!wait_all_gone(keeper, DEAD_US))
        keeper->host->log(NULL, PM_LEVEL_ERROR,
                          "exec: a program that was killed does not go away (is it stuck in a "
                          "device or a network file system?)");
}

static void *keep(void *context)
{
    pm_exec_keeper *keeper = context;

    while (!must_stop(keeper)) {
        for_each(keeper, tend);
        sleep_until_needed(keeper);
    }
    end_all(keeper);
    return NULL;
}

/* ---- From outside ---- */

pm_exec_keeper *pm_exec_keeper_new(const pm_host *host)
{
    pm_exec_keeper *keeper = calloc(1, sizeof(*keeper));

    if (keeper == NULL)
        return NULL;
    keeper->host = host;
    keeper->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&keeper->lock, NULL);
    return keeper;
}

static void free_program(pm_exec_program *program)
{
    pm_exec_greeting_free(program->greeting);
    pthread_cond_destroy(&program->changed);
    pthread_mutex_destroy(&program->lock);
    free(program->places);
    free(program);
}

pm_exec_program *pm_exec_keeper_add(pm_exec_keeper *keeper, const pm_exec_terms *terms)
{
    pm_exec_program **moved =
        realloc(keeper->programs, (keeper->count + 1) * sizeof(*keeper->programs));
    pm_exec_program *program = calloc(1, sizeof(*program));
    pthread_condattr_t forward;

    if (moved != NULL)
        keeper->programs = moved;
    if (program != NULL)
        program->places = calloc(terms->processes, sizeof(*program->places));
    if (moved == NULL || program == NULL || program->places == NULL) {
        free(program);
        return NULL;
    }
    program->host = keeper->host;
    program->terms = *terms;
    program->wake = keeper->wake;
    pthread_mutex_init(&program->lock, NULL);
    pthread_condattr_init(&forward);
    pthread_condattr_setclock(&forward, CLOCK_MONOTONIC);
    pthread_cond_init(&program->changed, &forward);
    pthread_condattr_destroy(&forward);
    for (unsigned nth = 0; nth < terms->processes; nth++)
        program->places[nth].program = program;
    keeper->programs[keeper->count++] = program;
    keeper->places += terms->processes;
    return program;
}

bool pm_exec_keeper_run(pm_exec_keeper *keeper)
{
    sigset_t all, usual;

    keeper->polled = calloc(1 + keeper->places * 3, sizeof(*keeper->polled));
    if (keeper->polled == NULL || keeper->wake < 0)
        return false;
    /* Signals are for the daemon's own threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &usual);
    keeper->runs = pthread_create(&keeper->thread, NULL, keep, keeper) == 0;
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
    return keeper->runs;
}

void pm_exec_keeper_free(pm_exec_keeper *keeper)
{
    if (keeper == NULL)
        return;
    if (keeper->runs) {
        pthread_mutex_lock(&keeper->lock);
        keeper->stop = true;
        pthread_mutex_unlock(&keeper->lock);
        wake(keeper->wake);
        pthread_join(keeper->thread, NULL);
    }
    for (size_t i = 0; i < keeper->count; i++)
        free_program(keeper->programs[i]);
    if (keeper->wake >= 0)
        close(keeper->wake);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper->programs);
    free(keeper->polled);
    free(keeper);
}

/* A place in that state, or NULL. The lock is held. */
static place *find(const pm_exec_program *program, place_state state)
{
    for (unsigned nth = 0; nth < program->terms.processes; nth++)
        if (program->places[nth].state == state)
            return &program->places[nth];
    return NULL;
}

const pm_exec_greeting *pm_exec_program_wait(pm_exec_program *program, char why[PM_EXEC_WHY])
{
    const pm_exec_greeting *greeting;

    pthread_mutex_lock(&program->lock);
    while (program->failures == 0 &&
           (find(program, DOWN) != NULL || find(program, STARTING) != NULL ||
            find(program, DYING) != NULL))
        pthread_cond_wait(&program->changed, &program->lock);
    greeting = program->failures == 0 ? program->greeting : NULL;
    if (greeting == NULL)
        snprintf(why, PM_EXEC_WHY, "%s", program->why);
    pthread_mutex_unlock(&program->lock);
    return greeting;
}

/* A process that is idle, made busy; NULL when there is none and it makes no sense to wait for one.
 */
static place *take_idle(pm_exec_program *program, int64_t deadline_us, char why[PM_EXEC_WHY])
{
    const struct timespec until = {.tv_sec = deadline_us / SECOND_US,
                                   .tv_nsec = deadline_us % SECOND_US * 1000};
    place *found;

    pthread_mutex_lock(&program->lock);
    while ((found = find(program, IDLE)) == NULL && find(program, BUSY) != NULL)
        if (pthread_cond_timedwait(&program->changed, &program->lock, &until) == ETIMEDOUT)
            break;
    if (found != NULL)
        found->state = BUSY;
    else if (find(program, BUSY) != NULL)
        snprintf(why, PM_EXEC_WHY, "all its processes are busy (see `processes`)");
    else
        snprintf(why, PM_EXEC_WHY, "it does not run: %.200s",
                 program->why[0] == '\0' ? "it has only just failed" : program->why);
    pthread_mutex_unlock(&program->lock);
    return found;
}

pm_exec_worker *pm_exec_program_take(pm_exec_program *program, int64_t deadline_us,
                                     char why[PM_EXEC_WHY])
{
    place *taken;

    while ((taken = take_idle(program, deadline_us, why)) != NULL) {
        if (pm_exec_process_is_quiet(&taken->worker.process))
            return &taken->worker;
        /* It has ended and the keeper does not know yet, or it speaks when nobody has asked. */
        pm_exec_program_give(program, &taken->worker,
                             pm_exec_process_has_ended(&taken->worker.process)
                                 ? ""
                                 : "it said something, or closed its output, while nobody asked");
    }
    return NULL;
}

void pm_exec_program_give(pm_exec_program *program, pm_exec_worker *worker, const char *wrong)
{
    place *of = (place *)(void *)worker;
    bool ended;

    if (wrong != NULL)
        snprintf(of->why, sizeof(of->why), "%s", wrong);
    state_of(of, &ended);
    set_state(of, wrong == NULL ? IDLE : BROKEN);
    if (wrong != NULL || ended)
        wake(program->wake);
}
