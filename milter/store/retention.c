/* SPDX-License-Identifier: BSD-2-Clause */
/* retention - what is past its time or its room is forgotten; see retention.h. */
#include "retention.h"

#include "clock.h"

#define STEP         100u    /* series: what one transaction takes with it */
#define STEP_TIME_US 5000000 /* a store that needs longer for a step is away */

static int64_t soon(void)
{
    return pm_clock_us() + STEP_TIME_US;
}

static bool goes_on(const pm_retention *limits)
{
    return limits->pause == NULL || limits->pause(limits->context);
}

static pm_status forget_aged(pm_store *store, const pm_retention *limits, int64_t before,
                             uint64_t *aged)
{
    pm_status status = PM_OK;
    uint64_t gone = 1;

    while (status == PM_OK && gone > 0) {
        status = pm_store_forget(store, before, STEP, soon(), &gone);
        *aged += gone;
        if (status == PM_OK && gone > 0 && !goes_on(limits))
            status = PM_LATER;
    }
    return status;
}

static pm_status forget_crowded(pm_store *store, const pm_retention *limits, uint64_t *crowded)
{
    pm_status status = PM_OK;
    uint64_t used, gone = 1;

    while (status == PM_OK && gone > 0) {
        status = pm_store_used(store, soon(), &used);
        if (status != PM_OK || used <= limits->most_bytes)
            break;
        status = pm_store_forget(store, INT64_MAX, STEP, soon(), &gone);
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
    pm_status status = PM_OK;

    *forgotten_out = (pm_forgotten){.aged = 0};
    if (limits->age_us > 0)
        status =
            forget_aged(store, limits, (now_us - limits->age_us) / 1000000, &forgotten_out->aged);
    if (status == PM_OK && limits->most_bytes > 0)
        status = forget_crowded(store, limits, &forgotten_out->crowded);
    if (status == PM_OK)
        status = give_back(store, limits);
    if (pm_store_used(store, soon(), &forgotten_out->used) != PM_OK)
        forgotten_out->used = 0;
    return status;
}
