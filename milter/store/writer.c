/* SPDX-License-Identifier: BSD-2-Clause */
/* writer - one thread that writes for all; see writer.h. */
#include "writer.h"

#include "clock.h"
#include "deadline.h"
#include "rows.h"
#include "statements.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH           256     /* orders committed together at the most */
#define BATCH_TIME_US   5000000 /* when a batch is given up, waiting for a lock included */
#define CONNECT_TIME_US 5000000
#define STOP_TIME_US    5000000     /* what may be written while the program ends */
#define WORK_MEMORY     (256 << 20) /* of one batch */

#define QUEUE        4096       /* orders that wait at the most */
#define QUEUE_MEMORY (64 << 20) /* of all that wait */
#define ORDER_MEMORY (1 << 20)  /* of one */
#define ORDER_LEAST  (32 << 10) /* what the smallest is counted as: an arena's first block */

#define FIRST_REST_US 10000 /* after a batch that could not be written; doubled up to the last */
#define LAST_REST_US  2000000
#define AWAY_AFTER    3 /* failures in a row: from then on nobody waits for an answer */
#define GIVE_UP_AFTER 8 /* failures of one order, while others could be written */

/* An order in the queue. Two hold it, the caller until it has its answer and the thread until it is
 * written or given up; the last one frees it. Each caller is woken alone, and after the lock is
 * free: what a message waits for beside its commit is one change of threads. */
typedef struct ticket {
    pm_order order; /* in arena */
    pm_arena *arena;
    size_t size;
    uint64_t gone;
    struct ticket *next;
    pm_status status; /* the answer, once it is answered */
    bool answered;
    sem_t is_answered;
    unsigned holders, failures;
    uint64_t failed_at; /* how much had been committed when it first failed alone */
} ticket;

struct pm_writer {
    const pm_driver *driver;
    char *where;
    pm_arena *arena; /* the thread's alone, as are these */
    pm_path_cache *paths;
    char reason[PM_STORE_REASON]; /* why the last batch could not be written */
    pm_lookup_cache *found;
    pthread_t thread;

    pthread_mutex_t connection_lock; /* never waited for with the other lock held */
    atomic_bool claimed;             /* by the thread, before which no look-up comes */
    void *connection;                /* NULL while the database is away */
    bool lent;                       /* to look-ups, which have begun to read */
    atomic_int_least64_t reclaim_us; /* until then they may have it; 0: they may not */

    pthread_mutex_t lock;
    pthread_cond_t wanted;
    bool waiting; /* the thread, for work */
    ticket *first, **last;
    size_t queued_size;
    pm_store_state state;
    unsigned failures; /* batches in a row that could not be written */
    int64_t retry_us;  /* not before this, after a failure */
    int64_t stop_us;   /* not 0: the program ends, and this is until when */
};

/* ---- Writing ---- */

static pm_status note(const pm_rows *rows, const pm_order *order)
{
    pm_status status = pm_rows_put_notes(rows, order->notes, order->note_count);

    return status == PM_OK && order->trims
               ? pm_rows_trim_notes(rows, order->notes, order->note_count)
               : status;
}

static pm_status forget(const pm_rows *rows, const pm_order *order, uint64_t *gone_out)
{
    switch (order->forgetting) {
    case PM_FORGET_SERIES:
        break;
    case PM_FORGET_PATHS:
        return pm_rows_forget_paths(rows, order->forget_before, order->forget_most, gone_out);
    case PM_FORGET_NOTES:
        return pm_rows_forget_notes(rows, order->forget_before, order->forget_most, gone_out);
    }
    return pm_rows_forget(rows, order->forget_before, order->forget_most, gone_out);
}

static pm_status carry_out(const pm_rows *rows, ticket *given)
{
    const pm_order *order = &given->order;

    if (order->memo != NULL)
        return pm_rows_remember(rows, order->memo);
    if (order->link != NULL)
        return pm_rows_put_link(rows, order->link);
    if (order->unpin != NULL)
        return pm_rows_unpin(rows, order->unpin);
    if (order->notes != NULL)
        return note(rows, order);
    if (order->paths != NULL)
        return pm_rows_see_paths(rows, order->paths);
    return forget(rows, order, &given->gone);
}

static void note_reason(pm_writer *writer, pm_slice reason)
{
    snprintf(writer->reason, sizeof(writer->reason), "%.*s", PM_FMT(reason));
}

/* All or nothing of a batch. */
static pm_status write_batch(pm_writer *writer, ticket **batch, size_t count, int64_t deadline_us)
{
    pm_rows rows = {.driver = writer->driver,
                    .connection = writer->connection,
                    .arena = writer->arena,
                    .deadline_us = deadline_us,
                    .changed = writer->found,
                    .paths = writer->paths};
    pm_status status;

    pm_arena_reset(writer->arena);
    status = pm_rows_run(&rows, PM_SQL_BEGIN);
    if (status != PM_OK) {
        note_reason(writer, writer->driver->complaint(writer->connection));
        return status;
    }
    for (size_t i = 0; status == PM_OK && i < count; i++)
        status = carry_out(&rows, batch[i]);
    if (status == PM_OK)
        status = pm_rows_run(&rows, PM_SQL_COMMIT);
    if (status != PM_OK) {
        note_reason(writer, writer->driver->complaint(writer->connection));
        pm_path_cache_clear(writer->paths);        /* what it has may not have been written */
        (void)pm_rows_run(&rows, PM_SQL_ROLLBACK); /* what failed is what the caller hears of */
    }
    pm_lookup_cache_settle(writer->found);
    return status;
}

static bool connect_again(pm_writer *writer, int64_t deadline_us)
{
    pm_errors *errors = pm_errors_new();
    const char *said;

    if (writer->driver->connect(writer->where, false, deadline_us, errors, &writer->connection) !=
        PM_OK)
        writer->connection = NULL;
    said = pm_errors_nth(errors, 0);
    if (writer->connection == NULL)
        note_reason(writer, pm_slice_of(said == NULL ? "no answer in time" : said));
    pm_errors_free(errors);
    return writer->connection != NULL;
}

/* Connected, with something sound? */
static bool connected(pm_writer *writer, int64_t deadline_us)
{
    const pm_driver *driver = writer->driver;

    if (writer->connection != NULL && !driver->is_sound(writer->connection)) {
        driver->disconnect(writer->connection);
        writer->connection = NULL;
        pm_path_cache_clear(writer->paths); /* the next one may be another database */
    }
    return writer->connection != NULL || connect_again(writer, deadline_us);
}

/* Is it the order that is wrong, not the database? */
static bool is_its_fault(pm_writer *writer, pm_status status)
{
    return status != PM_OK && status != PM_LATER && writer->driver->is_sound(writer->connection);
}

/* Others change the file, too: what is lent shows what was there a moment ago, no longer. */
#define LENT_FOR_US 10000

/* From now on look-ups may have it; the first of them finds out whether others have written. Called
 * with the connection's lock. */
static void offer(pm_writer *writer)
{
    if (writer->driver->lend != NULL && writer->connection != NULL)
        atomic_store(&writer->reclaim_us, pm_clock_us() + LENT_FOR_US);
}

static void lend(pm_writer *writer)
{
    if (writer->lent)
        return;
    if (writer->driver->lend(writer->connection))
        pm_lookup_cache_clear(writer->found);
    pm_lookup_cache_trust(writer->found, atomic_load(&writer->reclaim_us));
    writer->lent = true;
}

/* Have it for oneself, as soon as a look-up that is under way ends. */
static void reclaim(pm_writer *writer)
{
    atomic_store(&writer->claimed, true);
    pthread_mutex_lock(&writer->connection_lock);
    atomic_store(&writer->claimed, false);
    atomic_store(&writer->reclaim_us, 0);
    if (writer->lent)
        writer->driver->reclaim(writer->connection);
    writer->lent = false;
}

/* Find out each one's status. An order that is wrong fails alone, in a second go. */
static void serve(pm_writer *writer, ticket **batch, pm_status *statuses, size_t count,
                  int64_t stop_us)
{
    int64_t deadline_us = pm_clock_us() + BATCH_TIME_US;
    pm_status status = PM_LATER;

    if (stop_us != 0 && deadline_us > stop_us)
        deadline_us = stop_us;
    if (connected(writer, deadline_us))
        status = write_batch(writer, batch, count, deadline_us);
    for (size_t i = 0; i < count; i++) {
        statuses[i] = status;
        if (count > 1 && is_its_fault(writer, status))
            statuses[i] = write_batch(writer, &batch[i], 1, deadline_us);
        if (statuses[i] != PM_OK && !is_its_fault(writer, statuses[i]))
            statuses[i] = PM_LATER;
    }
}

/* ---- The queue; all of this is called with the lock held ---- */

static void release(ticket *given)
{
    if (--given->holders > 0)
        return;
    sem_destroy(&given->is_answered);
    pm_arena_free(given->arena);
    free(given);
}

static void enqueue(pm_writer *writer, ticket *given)
{
    given->next = NULL;
    *writer->last = given;
    writer->last = &given->next;
    writer->state.queued++;
    writer->queued_size += given->size;
}

static ticket *dequeue(pm_writer *writer)
{
    ticket *taken = writer->first;

    writer->first = taken->next;
    if (writer->first == NULL)
        writer->last = &writer->first;
    writer->state.queued--;
    writer->queued_size -= taken->size;
    return taken;
}

/* After a failure one order at a time is tried, and one that failed alone is never again taken
 * together with others: so a wrong one is found out. */
static size_t take_batch(pm_writer *writer, ticket **batch)
{
    size_t most = writer->failures > 1 ? 1 : BATCH, count = 0;

    while (writer->first != NULL && count < most) {
        if (writer->first->failures > 0 && count > 0)
            break;
        batch[count++] = dequeue(writer);
        if (batch[0]->failures > 0)
            break;
    }
    return count;
}

static void answer(ticket *given, pm_status status)
{
    if (!given->answered) {
        given->status = status;
        given->answered = true;
        sem_post(&given->is_answered);
    }
}

static void give_up(pm_writer *writer, ticket *given, pm_status status)
{
    writer->state.dropped++;
    answer(given, status);
    release(given);
}

/* Behind the others, so that they have their turn. */
static void keep(pm_writer *writer, ticket *given, bool alone)
{
    bool is_wrong = given->failures >= GIVE_UP_AFTER && given->failed_at != writer->state.committed;

    if (given->order.memo == NULL && given->order.link == NULL)
        is_wrong = true; /* who wants series forgotten asks again */
    if (alone && given->failures++ == 0)
        given->failed_at = writer->state.committed;
    if (is_wrong) {
        give_up(writer, given, PM_LATER);
        return;
    }
    enqueue(writer, given);
    if (writer->state.away)
        answer(given, PM_LATER);
}

static void answer_all(pm_writer *writer, pm_status status)
{
    for (ticket *at = writer->first; at != NULL; at = at->next)
        answer(at, status);
}

static void rest(pm_writer *writer)
{
    int64_t rest_us = LAST_REST_US;

    if (writer->failures < 8 && FIRST_REST_US << writer->failures < LAST_REST_US)
        rest_us = FIRST_REST_US << writer->failures;
    writer->retry_us = pm_clock_us() + rest_us;
    writer->failures++;
    writer->state.away = writer->failures >= AWAY_AFTER;
    if (writer->state.away)
        answer_all(writer, PM_LATER);
}

static void settle(pm_writer *writer, ticket **batch, const pm_status *statuses, size_t count)
{
    size_t written = 0, later = 0;

    for (size_t i = 0; i < count; i++) {
        written += statuses[i] == PM_OK;
        later += statuses[i] == PM_LATER;
    }
    writer->state.committed += written;
    writer->state.commits += written > 0;
    if (later > 0) {
        memcpy(writer->state.reason, writer->reason, sizeof(writer->reason));
        rest(writer);
    } else {
        writer->failures = 0;
        writer->retry_us = 0;
        writer->state.away = false;
        writer->state.reason[0] = '\0';
    }
    for (size_t i = 0; i < count; i++) {
        if (statuses[i] == PM_LATER)
            keep(writer, batch[i], count == 1);
        else if (statuses[i] != PM_OK)
            give_up(writer, batch[i], statuses[i]);
        else
            batch[i]->answered = true; /* PM_OK, if nobody has said otherwise; see wake */
    }
}

/* ---- Without the lock ---- */

/* Those whose orders were written; they take the lock at once. */
static void wake(ticket **batch, const pm_status *statuses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (statuses[i] == PM_OK)
            sem_post(&batch[i]->is_answered);
}

/* ---- The thread ---- */

/* Nobody has written for a while. Called with the lock, which is given up meanwhile. */
static void reclaim_unused(pm_writer *writer)
{
    pthread_mutex_unlock(&writer->lock);
    reclaim(writer);
    pthread_mutex_unlock(&writer->connection_lock);
    pthread_mutex_lock(&writer->lock);
}

/* Until there is something to do, and it may be tried. False: the program ends, and nothing more
 * can be written. */
static bool wait_for_work(pm_writer *writer)
{
    while (writer->stop_us == 0 && (writer->first == NULL || writer->retry_us > pm_clock_us())) {
        int64_t until_us = writer->first == NULL ? INT64_MAX : writer->retry_us;
        int64_t reclaim_us = atomic_load(&writer->reclaim_us);
        struct timespec until;

        if (reclaim_us != 0 && reclaim_us <= pm_clock_us()) {
            reclaim_unused(writer);
            continue;
        }
        if (reclaim_us != 0 && until_us > reclaim_us)
            until_us = reclaim_us;
        until = pm_deadline(until_us);
        writer->waiting = true;
        pthread_cond_timedwait(&writer->wanted, &writer->lock, &until);
        writer->waiting = false;
    }
    if (writer->stop_us != 0 && (writer->state.away || pm_clock_us() > writer->stop_us))
        return false;
    return writer->first != NULL;
}

static void *run_thread(void *context)
{
    pm_writer *writer = context;
    ticket *batch[BATCH];
    pm_status statuses[BATCH];

    pthread_mutex_lock(&writer->lock);
    while (wait_for_work(writer)) {
        int64_t stop_us = writer->stop_us;
        size_t count;
        bool idle;

        pthread_mutex_unlock(&writer->lock);
        reclaim(writer);
        pthread_mutex_lock(&writer->lock);
        count = take_batch(writer, batch); /* with what has come while a look-up had it */
        pthread_mutex_unlock(&writer->lock);
        serve(writer, batch, statuses, count, stop_us);
        pthread_mutex_lock(&writer->lock);
        settle(writer, batch, statuses, count);
        idle = writer->first == NULL;
        pthread_mutex_unlock(&writer->lock);
        wake(batch, statuses, count);
        if (writer->connection != NULL)
            writer->driver->tend(writer->connection, idle);
        offer(writer);
        pthread_mutex_unlock(&writer->connection_lock);
        pthread_mutex_lock(&writer->lock);
        for (size_t i = 0; i < count; i++)
            if (statuses[i] == PM_OK)
                release(batch[i]);
    }
    while (writer->first != NULL)
        give_up(writer, dequeue(writer), PM_LATER);
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* ---- The caller ---- */

static pm_status make_ticket(const pm_order *order, ticket **ticket_out)
{
    ticket *made = calloc(1, sizeof(*made));
    pm_arena *arena = pm_arena_new(ORDER_MEMORY);
    pm_status status = PM_LIMIT;

    if (made != NULL && arena != NULL)
        status = pm_order_copy(arena, order, &made->order);
    if (status != PM_OK) {
        pm_arena_free(arena);
        free(made);
        return status;
    }
    made->arena = arena;
    made->size = pm_arena_used(arena) > ORDER_LEAST ? pm_arena_used(arena) : ORDER_LEAST;
    made->holders = 2;
    sem_init(&made->is_answered, 0, 0);
    *ticket_out = made;
    return PM_OK;
}

static bool has_room(const pm_writer *writer, const ticket *given)
{
    return writer->state.queued < QUEUE && writer->queued_size + given->size <= QUEUE_MEMORY;
}

pm_status pm_writer_do(pm_writer *writer, const pm_order *order, int64_t deadline_us,
                       uint64_t *gone_out)
{
    struct timespec until = pm_deadline(deadline_us);
    ticket *mine;
    bool wanted;
    pm_status status = make_ticket(order, &mine);

    if (status != PM_OK)
        return status;
    pthread_mutex_lock(&writer->lock);
    if (writer->stop_us != 0 || !has_room(writer, mine)) {
        mine->holders--;
        give_up(writer, mine, PM_LATER);
        pthread_mutex_unlock(&writer->lock);
        return PM_LATER;
    }
    enqueue(writer, mine);
    if (writer->state.away || pm_clock_us() >= deadline_us)
        answer(mine, PM_LATER);
    wanted = writer->waiting;
    pthread_mutex_unlock(&writer->lock);
    if (wanted)
        pthread_cond_signal(&writer->wanted);
    while (sem_clockwait(&mine->is_answered, CLOCK_MONOTONIC, &until) != 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&writer->lock);
    status = mine->answered ? mine->status : PM_LATER;
    if (gone_out != NULL)
        *gone_out = status == PM_OK ? mine->gone : 0;
    mine->answered = true;
    release(mine);
    pthread_mutex_unlock(&writer->lock);
    return status;
}

/* The thread takes it back in time, also when nothing has to be written. */
static void offer_meanwhile(pm_writer *writer)
{
    offer(writer);
    pthread_mutex_lock(&writer->lock);
    if (writer->waiting)
        pthread_cond_signal(&writer->wanted);
    pthread_mutex_unlock(&writer->lock);
}

/* What is lent was found sound a moment ago, and looking costs as much as a look-up. */
void *pm_writer_borrow(pm_writer *writer)
{
    if (writer->driver->lend == NULL || atomic_load(&writer->claimed) ||
        pthread_mutex_trylock(&writer->connection_lock) != 0)
        return NULL;
    if (writer->connection != NULL && atomic_load(&writer->reclaim_us) == 0 &&
        writer->driver->is_sound(writer->connection))
        offer_meanwhile(writer);
    if (atomic_load(&writer->reclaim_us) != 0) {
        lend(writer);
        return writer->connection;
    }
    pthread_mutex_unlock(&writer->connection_lock);
    return NULL;
}

void pm_writer_give_back(pm_writer *writer)
{
    pthread_mutex_unlock(&writer->connection_lock);
}

void pm_writer_state(pm_writer *writer, pm_store_state *state_out)
{
    pthread_mutex_lock(&writer->lock);
    *state_out = writer->state;
    pthread_mutex_unlock(&writer->lock);
}

/* ---- Its life ---- */

static void free_writer(pm_writer *writer)
{
    pthread_cond_destroy(&writer->wanted);
    pthread_mutex_destroy(&writer->lock);
    pthread_mutex_destroy(&writer->connection_lock);
    pm_arena_free(writer->arena);
    pm_path_cache_free(writer->paths);
    free(writer->where);
    free(writer);
}

pm_writer *pm_writer_start(const pm_driver *driver, const char *where, void *connection,
                           pm_lookup_cache *found)
{
    pm_writer *writer = calloc(1, sizeof(*writer));

    if (writer == NULL)
        return NULL;
    writer->driver = driver;
    writer->connection = connection;
    writer->found = found;
    writer->last = &writer->first;
    writer->where = strdup(where);
    writer->arena = pm_arena_new(WORK_MEMORY);
    writer->paths = pm_path_cache_new();
    pthread_mutex_init(&writer->lock, NULL);
    pthread_mutex_init(&writer->connection_lock, NULL);
    pm_deadline_cond(&writer->wanted);
    if (writer->where != NULL && writer->arena != NULL && writer->paths != NULL &&
        pthread_create(&writer->thread, NULL, run_thread, writer) == 0)
        return writer;
    free_writer(writer);
    return NULL;
}

void pm_writer_stop(pm_writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stop_us = pm_clock_us() + STOP_TIME_US;
    pthread_cond_signal(&writer->wanted);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    if (writer->connection != NULL)
        writer->driver->disconnect(writer->connection);
    free_writer(writer);
}
