/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash_record - a small file, mapped into memory, that says which plugin each thread is in and
 * with which message, so that the one who comes after a crash can name who did it.
 *
 * Writing to mapped memory costs nothing and survives the process, however it ends: the kernel
 * keeps the page. What follows from a crash is decided in plugin_guard.
 */
#ifndef PM_CRASH_RECORD_H
#define PM_CRASH_RECORD_H

#include "error.h"

typedef struct pm_crash_record pm_crash_record; /* many threads at once */

/* Open FILE, make it when it is not there, and hold it until it is closed. Who was in a plugin when
 * the last process crashed gets a strike, and a line in the log; with the message it was at, it is
 * not to be tried again. A process that ended without a signal of its own (killed, out of memory)
 * accuses nobody, unless the same plugin was at the same message three times and never came out
 * again: mail that is tried again after a restart may well be under way at the next kill, too. NULL
 * after an error (no such folder, another process holds it, somebody else could write it) was
 * added: work goes on without. */
pm_crash_record *pm_crash_record_open(const char *file, pm_errors *errors)
    __attribute__((warn_unused_result));

/* A proper end: whoever is still in a plugin is not to blame. NULL is allowed. */
void pm_crash_record_end(pm_crash_record *record);
void pm_crash_record_close(
    pm_crash_record *record); /* ends it too; nobody may be inside any more */

/* From now on, a signal that kills us (SIGSEGV, SIGABRT, ...) is written down for the thread it
 * hits, before it goes its way. Once for the process. */
void pm_crash_record_catch(pm_crash_record *record);

/* The place of a plugin of this name and version; a new version begins without strikes. -1: there
 * are more plugins than room (64), it goes unwatched. One thread at a time. */
int pm_crash_record_plugin(pm_crash_record *record, const char *name, const char *version);

/* How often it has crashed us. */
unsigned pm_crash_record_strikes(const pm_crash_record *record, int plugin);

/* Has it crashed us with this message? */
bool pm_crash_record_blames(const pm_crash_record *record, int plugin, pm_slice message_id);

/* In place of a message, while a plugin is opened: no Message-ID has a space. */
#define PM_CRASH_RECORD_OPENING PM_LIT("being opened")

/* This thread goes into a plugin with a message, and comes out again. -1: no room (256 threads are
 * in plugins), it goes unwatched. */
int pm_crash_record_enter(pm_crash_record *record, int plugin, pm_slice message_id);
void pm_crash_record_leave(pm_crash_record *record, int visit); /* -1 is allowed */

#endif
