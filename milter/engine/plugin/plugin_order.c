/* SPDX-License-Identifier: BSD-2-Clause */
/* plugin_order - each plugin behind those that report what it needs; see plugin_order.h. */
#include "plugin_order.h"

/* Does one plugin report what another one needs? */
static bool serves(const pm_loaded *one, const pm_loaded *other)
{
    const char *need;

    for (size_t nth = 0; (need = pm_loaded_need(other, nth)) != NULL; nth++)
        if (pm_loaded_declares(one, need))
            return true;
    return false;
}

/* Does what a plugin needs exist at all? */
static bool check_needs(const pm_loaded *loaded, pm_loaded *const *plugins, size_t count,
                        pm_errors *errors)
{
    const char *need;
    bool fine = true;

    for (size_t nth = 0; (need = pm_loaded_need(loaded, nth)) != NULL; nth++) {
        size_t i = 0;

        while (i < count && !pm_loaded_declares(plugins[i], need))
            i++;
        if (i < count || pm_fact_is_own(pm_slice_of(need)))
            continue;
        pm_error_at(errors, NULL, 0, 0,
                    "plugin %s needs the fact \"%s\", which no plugin reports (add the one that "
                    "does to the statement plugins)",
                    pm_loaded_plugin(loaded)->name, need);
        fine = false;
    }
    return fine;
}

/* Must plugins[at] wait for another of those from first on? */
static bool must_wait(pm_loaded *const *plugins, size_t first, size_t count, size_t at)
{
    for (size_t i = first; i < count; i++)
        if (i != at && serves(plugins[i], plugins[at]))
            return true;
    return false;
}

bool pm_plugins_sort(pm_loaded **plugins, size_t count, pm_errors *errors)
{
    bool fine = true;

    for (size_t i = 0; i < count; i++)
        fine &= check_needs(plugins[i], plugins, count, errors);

    for (size_t done = 0; fine && done < count; done++) {
        pm_loaded *next;
        size_t at = done;

        while (at < count && must_wait(plugins, done, count, at))
            at++;
        if (at == count) {
            pm_error_at(errors, NULL, 0, 0,
                        "plugins %s and %s wait for each other's facts in a circle (leave one of "
                        "them out)",
                        pm_loaded_plugin(plugins[done])->name,
                        pm_loaded_plugin(plugins[done + 1])->name);
            return false;
        }
        /* Those passed over move up by one, so that otherwise the order stays as written. */
        next = plugins[at];
        memmove(&plugins[done + 1], &plugins[done], (at - done) * sizeof(plugins[0]));
        plugins[done] = next;
    }
    return fine;
}
