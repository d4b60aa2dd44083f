/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diffstat_summary - the line below a diffstat, " 3 files changed, 10 insertions(+), 2
 * deletions(-)"; see diffstat_parts.h.
 */
#include "diffstat_parts.h"

#include "lines.h"
#include "phrases.h"

/* ", 10 insertions(+)": a number and what it counts. */
static bool take_count(pm_slice *rest, pm_stat_summary *out)
{
    static const struct {
        pm_slice noun;
        size_t member;
    } nouns[] = {
        {PM_LIT("insertion"), offsetof(pm_stat_summary, insertions)},
        {PM_LIT("deletion"), offsetof(pm_stat_summary, deletions)},
        {PM_LIT("modification"), 0}, /* diffstat(1), of what it calls changed lines */
    };
    unsigned number;

    pm_take(rest, PM_LIT(","));
    *rest = pm_trim_blanks(*rest);
    if (!pm_take_number(rest, &number))
        return false;
    pm_skip_blanks(rest);
    for (size_t i = 0; i < PM_COUNT_OF(nouns); i++) {
        if (!pm_take(rest, nouns[i].noun))
            continue;
        pm_take(rest, PM_LIT("s"));
        if (!pm_take(rest, PM_LIT("(+)")) && !pm_take(rest, PM_LIT("(-)")))
            pm_take(rest, PM_LIT("(!)"));
        if (nouns[i].member != 0)
            memcpy((char *)out + nouns[i].member, &number, sizeof(number));
        return true;
    }
    return false;
}

/* Is line a summary? after is the text behind it, into which a mail client may have wrapped it. */
bool pm_stat_summary_read(pm_slice line, pm_slice *after, pm_stat_summary *summary_out)
{
    pm_stat_summary found = {0};
    pm_slice rest, next, behind;

    rest = pm_trim_blanks(line);
    if (rest.len == 0 || !pm_is_digit(rest.data[0]) || !pm_take_number(&rest, &found.files))
        return false;
    if (!pm_take(&rest, PM_LIT(" file")))
        return false;
    pm_take(&rest, PM_LIT("s"));
    if (!pm_take(&rest, PM_LIT(" changed")))
        return false;
    while (rest.len > 0 && rest.data[0] == ',') {
        if (pm_slice_equal(rest, PM_LIT(","))) {
            behind = *after;
            if (!pm_slice_next_line(&behind, &next))
                break;
            rest = pm_trim_blanks(next);
            *after = behind;
        }
        if (!take_count(&rest, &found))
            return false;
    }
    *summary_out = found;
    return rest.len == 0;
}
