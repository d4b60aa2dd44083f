/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series_correct - what a person says of which series supersedes which: link, unlink, pin, and
 * unpin, which takes that back.
 *
 * A correction is a person's word: it wins over whatever evidence later mail brings. What it
 * changes of mail that was delivered is written into the decision log.
 */
#include "series_chain.h"
#include "series_errand.h"
#include "series_late.h"

static void print_name(const pm_series *series)
{
    char name[PM_REVISION_NAME];

    pm_revision_name(series, name);
    printf("%s <", name);
    pm_put_text(stdout, series->id);
    fputs(">", stdout);
}

/* What the correction changes of mail that was delivered. It is made whatever becomes of this. */
static void note_correction(const pm_errand *on, pm_slice series)
{
    const pm_late_question asked = {
        .folder = pm_errand_log(on), .store = on->store, .arena = on->arena, .behind = series};
    pm_slice correction = PM_LIT("series");
    pm_errors *errors;
    pm_late_list list;
    size_t noted = 0;

    if (asked.folder == NULL || !pm_late_has_log(asked.folder))
        return;
    for (size_t i = 0; i < on->arguments->operand_count && correction.data != NULL; i++)
        correction = pm_print(on->arena, "%.*s %s", PM_FMT(correction), on->arguments->operands[i]);
    errors = pm_errors_new();
    if (correction.data == NULL || pm_late_list_read(&asked, &list, errors) != PM_OK)
        pm_complain("%s: what was marked could not be compared (\"patchmark series late\" does)",
                    asked.folder);
    else
        (void)pm_late_list_note(&list, &asked, correction, &noted, errors); /* told below */
    pm_complain_of(errors);
    pm_errors_free(errors);
    if (noted > 0)
        printf(
            "%zu message%s would now be marked otherwise (\"patchmark series late\" lists what).\n",
            noted, noted == 1 ? "" : "s");
}

static int complain_of_taking(const pm_errand *on)
{
    pm_complain("%s: the store does not take it (is its disk full, or does another program hold "
                "it?)",
                on->where);
    return PM_EXIT_FAILED;
}

/* predecessor NULL: none. */
static int put_link(const pm_errand *on, const pm_series *series, const pm_series *predecessor,
                    pm_slice why, double weight)
{
    const pm_link link = {.series = series->id,
                          .predecessor = predecessor == NULL ? PM_EMPTY : predecessor->id,
                          .why = why,
                          .weight = weight,
                          .pinned = true};
    pm_status status = pm_store_link(on->store, &link, pm_errand_deadline());

    if (status != PM_OK)
        return complain_of_taking(on);
    print_name(series);
    fputs(" supersedes ", stdout);
    if (predecessor == NULL)
        fputs("nothing", stdout);
    else
        print_name(predecessor);
    fputs(", whatever later mail says.\n", stdout);
    note_correction(on, series->id);
    return PM_EXIT_FINE;
}

#define LONGEST_CHAIN 1000

/* Does earlier come after later already? Then a link would make a circle. */
static pm_status comes_after(const pm_errand *on, const pm_series *earlier, const pm_series *later,
                             bool *so_out)
{
    pm_series at = *earlier;
    pm_status status = PM_OK;

    *so_out = false;
    for (unsigned hops = 0; hops < LONGEST_CHAIN && status == PM_OK; hops++) {
        *so_out = pm_slice_equal(at.supersedes, later->id);
        if (*so_out || at.supersedes.len == 0)
            return PM_OK;
        status = pm_store_series(on->store, on->arena, at.supersedes, pm_errand_deadline(), &at);
    }
    return status == PM_ABSENT ? PM_OK : status;
}

int pm_series_link(const pm_errand *on)
{
    pm_series later, earlier;
    bool circle = false;
    pm_status status;
    int found = pm_errand_find(on, on->operands[0], &later);

    if (found == PM_EXIT_FINE)
        found = pm_errand_find(on, on->operands[1], &earlier);
    if (found != PM_EXIT_FINE)
        return found;
    if (pm_slice_equal(later.id, earlier.id)) {
        pm_complain("series: both are messages of one series, <%.*s> (a series cannot supersede "
                    "itself)",
                    PM_FMT(later.id));
        return PM_EXIT_FAILED;
    }
    status = comes_after(on, &earlier, &later, &circle);
    if (status != PM_OK)
        return pm_errand_complain(on, status);
    if (circle) {
        pm_complain("series: <%.*s> comes after <%.*s> already (the one that supersedes is named "
                    "first; or \"patchmark series unlink %s\" before)",
                    PM_FMT(earlier.id), PM_FMT(later.id), on->operands[1]);
        return PM_EXIT_FAILED;
    }
    if (later.date < earlier.date)
        pm_complain("series: <%.*s> is the older one (it is done all the same; \"patchmark series "
                    "unlink\" undoes it)",
                    PM_FMT(later.id));
    return put_link(on, &later, &earlier, PM_LIT(PM_BY_A_PERSON), 1);
}

int pm_series_unlink(const pm_errand *on)
{
    pm_series series;
    int found = pm_errand_find(on, on->operands[0], &series);

    return found == PM_EXIT_FINE ? put_link(on, &series, NULL, PM_LIT(PM_BY_A_PERSON), 1) : found;
}

/* What was found is right, and shall stay. */
int pm_series_pin(const pm_errand *on)
{
    pm_series series, predecessor;
    pm_slice why;
    int found;

    if (on->operand_count == 2)
        return pm_series_link(on);
    found = pm_errand_find(on, on->operands[0], &series);
    if (found != PM_EXIT_FINE)
        return found;
    if (series.supersedes.len == 0)
        return put_link(on, &series, NULL, PM_LIT(PM_BY_A_PERSON), 1);
    predecessor = (pm_series){.id = series.supersedes, .revision = 0};
    if (pm_store_series(on->store, on->arena, series.supersedes, pm_errand_deadline(),
                        &predecessor) != PM_OK)
        predecessor = (pm_series){.id = series.supersedes};
    why = series.flags & PM_SERIES_PINNED
              ? series.supersedes_why
              : pm_print(on->arena, "%.*s; " PM_BY_A_PERSON, PM_FMT(series.supersedes_why));
    if (why.data == NULL)
        return pm_errand_complain(on, PM_LIMIT);
    return put_link(on, &series, &predecessor, why, series.supersedes_weight);
}

/* What mail said before is back; what a person alone said is gone. */
int pm_series_unpin(const pm_errand *on)
{
    pm_series series;
    pm_link link = {.predecessor = PM_EMPTY};
    int found = pm_errand_find(on, on->operands[0], &series);

    if (found != PM_EXIT_FINE)
        return found;
    print_name(&series);
    if ((series.flags & PM_SERIES_PINNED) == 0) {
        fputs(" is not pinned.\n", stdout);
        return PM_EXIT_FINE;
    }
    link.series = series.id;
    link.why = pm_evidence(&series);
    if (link.why.len > 0) {
        link.predecessor = series.supersedes;
        link.weight = series.supersedes_weight;
    }
    if (pm_store_unpin(on->store, &link, pm_errand_deadline()) != PM_OK) {
        fputs(" stays as it is.\n", stdout);
        return complain_of_taking(on);
    }
    fputs(" supersedes ", stdout);
    if (link.predecessor.len > 0) {
        fputs("<", stdout);
        pm_put_text(stdout, link.predecessor);
        fputs(">", stdout);
    } else {
        fputs("nothing", stdout);
    }
    fputs(", until later mail says otherwise.\n", stdout);
    note_correction(on, series.id);
    return PM_EXIT_FINE;
}
