/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * writer - one thread that writes for all: what many messages have to say at the same moment is
 * committed together, so that a durable write costs each of them a share of one.
 *
 * What cannot be written now is kept, within limits, and written when the database is back; nobody
 * waits for that. What can never be written spoils nothing else.
 */
#ifndef PM_WRITER_H
#define PM_WRITER_H

#include "database.h"
#include "lookup_cache.h"
#include "order.h"

typedef struct pm_writer pm_writer;

/* Start the thread with connection, one made with the same where, or with none when it is NULL. It
 * keeps found, which may be NULL and outlives it, true. NULL without memory; connection is then
 * still the caller's. */
pm_writer *pm_writer_start(const pm_driver *driver, const char *where, void *connection,
                           pm_lookup_cache *found) __attribute__((warn_unused_result));

/* Write what is queued, for five seconds at the most, then end the thread. NULL is allowed. */
void pm_writer_stop(pm_writer *writer);

/* Have it written; the order is copied first. PM_OK when it is durable; PM_LATER at the deadline,
 * or at once while the database is away. gone_out, when not NULL, is how much an order to forget
 * made go; such an order is not kept. */
pm_status pm_writer_do(pm_writer *writer, const pm_order *order, int64_t deadline_us,
                       uint64_t *gone_out) __attribute__((warn_unused_result));

/* The thread's own connection for one look-up, if the driver lends it and nobody uses it just now;
 * NULL otherwise, at once. Give it back soon: nothing is written meanwhile. */
void *pm_writer_borrow(pm_writer *writer);
void pm_writer_give_back(pm_writer *writer);

/* All of pm_store_state but late. */
void pm_writer_state(pm_writer *writer, pm_store_state *state_out);

#endif
