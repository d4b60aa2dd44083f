/* SPDX-License-Identifier: BSD-2-Clause */
/* retention - what is past its time or its room is forgotten; see retention.h. */
#include "retention.h"

#include "clock.h"

#define STEP         100u    /* of them: what one transaction takes with it */
#define STEP_TIME_US 5000000 /* a store that needs longer for a step is away */

static int64_t soon(void)
{
    return pm_clock_us() + STEP_TIME_US;
}

static bool goes_on(const pm_retention *limits)
{
    return limits->pause == NULL || limits->pause(limits->context);
}

typedef pm_status (*forget_fn)(pm_store *store, int64_t before, unsigned most, int64_t deadline_us,
                               uint64_t *gone_out);

/* Step by step, until nothing is left that was seen before then. */
static pm_status forget_all(pm_store *store, const pm_retention *limits, forget_fn forget,
                            int64_t before, uint64_t *counter)
{
    pm_status status = PM_OK;
    uint64_t gone = 1;

    while (status == PM_OK && gone > 0) {
        status = forget(store, before, STEP, soon(), &gone);
        *counter += gone;
        if (status == PM_OK && gone > 0 && !goes_on(limits))
            status = PM_LATER;
    }
    return status;
}

static pm_status forget_crowded(pm_store *store, const pm_retention *limits, forget_fn forget,
                                uint64_t *crowded)
{
    pm_status status = PM_OK;
    uint64_t used, gone = 1;

    while (status == PM_OK && gone > 0) {
        status = pm_store_used(store, soon(), &used);
        if (status != PM_OK || used <= limits->most_bytes)
            break;
        status = forget(store, INT64_MAX, STEP, soon(), &gone);
        *crowded += gone;
        if (status == PM_OK && gone > 0 && !goes_on(limits))
            status = PM_LATER;
    }
    return status == PM_ABSENT ? PM_OK : status;
}

static pm_status give_back(pm_store *store, const pm_retention *limits)
{
    pm_status status = pm_store_shrink(store, soon());

    while (status == PM_OK)
        status = goes_on(limits) ? pm_store_shrink(store, soon()) : PM_LATER;
    return status == PM_ABSENT ? PM_OK : status;
}

pm_status pm_retention_enforce(pm_store *store, const pm_retention *limits, int64_t now_us,
                               pm_forgotten *forgotten_out)
{
    const int64_t now = now_us / 1000000, before = (now_us - limits->age_us) / 1000000;
    pm_status status;

    *forgotten_out = (pm_forgotten){.aged = 0};
    status = forget_all(store, limits, pm_store_forget_notes, now, &forgotten_out->notes);
    if (status == PM_OK && limits->age_us > 0)
        status = forget_all(store, limits, pm_store_forget, before, &forgotten_out->aged);
    if (status == PM_OK && limits->age_us > 0)
        status = forget_all(store, limits, pm_store_forget_paths, before, &forgotten_out->paths);
    if (status == PM_OK && limits->most_bytes > 0)
        status = forget_crowded(store, limits, pm_store_forget, &forgotten_out->crowded);
    if (status == PM_OK && limits->most_bytes > 0)
        status = forget_crowded(store, limits, pm_store_forget_paths, &forgotten_out->paths);
    if (status == PM_OK)
        status = give_back(store, limits);
    if (pm_store_used(store, soon(), &forgotten_out->used) != PM_OK)
        forgotten_out->used = 0;
    return status;
}
