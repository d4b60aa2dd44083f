/* SPDX-License-Identifier: BSD-2-Clause */
/* series_errand - what the verbs of `patchmark series` share; see series_errand.h. */
#include "series_errand.h"

#include "changelog.h"
#include "clock.h"

#define LIMIT_USUALLY 20
#define ASK_US        60000000

int64_t pm_errand_deadline(void)
{
    return pm_clock_us() + ASK_US;
}

int pm_errand_complain(const pm_errand *on, pm_status status)
{
    switch (status) {
    case PM_LIMIT:
        pm_complain("series: no memory for that much");
        break;
    case PM_LATER:
        pm_complain("%s: the store does not answer (does another program hold it?)", on->where);
        break;
    case PM_OK:
    case PM_ABSENT:
    case PM_FAULT:
        pm_complain("%s: the store cannot be read (\"patchmark series verify\" says more)",
                    on->where);
        break;
    }
    return PM_EXIT_FAILED;
}

/* ---- Which series is meant ---- */

pm_slice pm_errand_id(const pm_errand *on, const char *written)
{
    pm_slice text = pm_slice_trim(pm_slice_of(written)), id;

    if (pm_slice_starts_nocase(text, PM_LIT("http://")) ||
        pm_slice_starts_nocase(text, PM_LIT("https://")))
        return pm_link_message_id(on->arena, text, &id) == PM_OK ? id : PM_EMPTY;
    if (pm_slice_starts_nocase(text, PM_LIT("message-id:")))
        text = pm_slice_trim(pm_slice_after(text, sizeof("message-id:") - 1));
    if (pm_slice_starts_nocase(text, PM_LIT("mid:")))
        text = pm_slice_after(text, sizeof("mid:") - 1);
    if (pm_slice_starts(text, PM_LIT("<")) && pm_slice_ends(text, PM_LIT(">")))
        text = pm_slice_trim(pm_slice_cut(text, 1, text.len - 1));
    return text;
}

/* The series that any message of it stands for. */
static pm_status find_series(const pm_errand *on, pm_slice id, pm_series *series_out)
{
    pm_slice series = id;
    pm_status status =
        pm_store_reference(on->store, on->arena, id, pm_errand_deadline(), &series, NULL);

    if (status != PM_OK && status != PM_ABSENT)
        return status;
    return pm_store_series(on->store, on->arena, series, pm_errand_deadline(), series_out);
}

int pm_errand_find(const pm_errand *on, const char *written, pm_series *series_out)
{
    pm_slice id = pm_errand_id(on, written);
    pm_status status;

    if (!pm_memory_is_id(id)) {
        pm_complain("series: \"%s\" is no Message-ID (write it as <id>, as it stands without the "
                    "brackets, or as a link to lore.kernel.org)",
                    written);
        return PM_EXIT_FAILED;
    }
    status = find_series(on, id, series_out);
    if (status == PM_OK)
        return PM_EXIT_FINE;
    if (status != PM_ABSENT)
        return pm_errand_complain(on, status);
    pm_complain("series: no series is remembered for <%.*s> (is the ID right? \"patchmark warm\" "
                "reads archives)",
                PM_FMT(id));
    return PM_EXIT_FAILED;
}

/* ---- Flags ---- */

pm_slice pm_errand_flag(const pm_errand *on, int flag)
{
    const char *value = on->arguments->flags[flag];

    return value == NULL ? PM_EMPTY : pm_slice_of(value);
}

bool pm_errand_limit(const pm_errand *on, int64_t *limit_out)
{
    const pm_slice limit = pm_errand_flag(on, PM_FLAG_LIMIT);

    *limit_out = LIMIT_USUALLY;
    if (on->arguments->flags[PM_FLAG_LIMIT] == NULL ||
        (pm_slice_to_int(limit, limit_out) == PM_OK && *limit_out >= 0))
        return true;
    pm_complain("series: --limit wants a whole number, 0 for all, not \"%.*s\"", PM_FMT(limit));
    return false;
}

const char *pm_errand_log(const pm_errand *on)
{
    if (on->arguments->flags[PM_FLAG_LOG] != NULL)
        return on->arguments->flags[PM_FLAG_LOG];
    return on->snapshot == NULL ? NULL : on->snapshot->config.state_directory;
}

/* ---- All series ---- */

pm_status pm_errand_each(const pm_errand *on, pm_series_fn call, void *context)
{
    pm_arena *pages[2] = {pm_arena_new(PM_ERRAND_MEMORY), pm_arena_new(PM_ERRAND_MEMORY)};
    pm_series *series = NULL;
    const pm_series *behind = NULL;
    size_t count = PM_STORE_FIND_MOST;
    pm_status status = pages[0] == NULL || pages[1] == NULL ? PM_LIMIT : PM_OK;

    /* The last series of a page says where the next one begins, so two pages are held. */
    for (unsigned page = 0; status == PM_OK && count == PM_STORE_FIND_MOST; page ^= 1) {
        pm_arena_reset(pages[page]);
        status = pm_store_newest(on->store, pages[page], behind, PM_STORE_FIND_MOST,
                                 pm_errand_deadline(), &series, &count);
        for (size_t i = 0; status == PM_OK && i < count; i++)
            if (!call(context, &series[i]) || ferror(stdout))
                status = PM_ABSENT;
        if (status == PM_OK && count > 0)
            behind = &series[count - 1];
    }
    pm_arena_free(pages[0]);
    pm_arena_free(pages[1]);
    return status == PM_ABSENT ? PM_OK : status;
}
