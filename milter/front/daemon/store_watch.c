/* SPDX-License-Identifier: BSD-2-Clause */
/* store_watch - the memory of series goes away and comes back; see store_watch.h. */
#include "store_watch.h"

#include "log.h"

#include <stdatomic.h>

static atomic_bool away; /* as the log has it */

static void tell(const pm_store_state *state)
{
    pm_log_line line;

    pm_log_begin(&line, PM_LEVEL_WARNING, state->away ? "store-away" : "store-back");
    pm_log_number(&line, "queued", state->queued);
    pm_log_number(&line, "dropped", (int64_t)state->dropped);
    if (state->away) {
        pm_log_string(&line, "reason", state->reason);
        pm_log_string(&line, "msg",
                      "the memory of series cannot be written; mail goes on without what it would "
                      "know");
    }
    pm_log_end(&line);
}

void pm_store_watch(pm_store *store, const pm_outcome *outcome)
{
    const bool failed = outcome != NULL && outcome->memory_failed;
    pm_store_state state;

    if (store == NULL || (!failed && !atomic_load_explicit(&away, memory_order_relaxed)))
        return;
    pm_store_get_state(store, &state);
    if (atomic_exchange(&away, state.away) != state.away)
        tell(&state);
}
