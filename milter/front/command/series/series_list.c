/* SPDX-License-Identifier: BSD-2-Clause */
/* series_list - the series that were seen last, those that pass. */
#include "ink.h"
#include "json.h"
#include "series_chain.h"
#include "series_errand.h"
#include "series_json.h"

typedef struct filter {
    pm_slice project, inbox, author;
} filter;

/* "kvm-x86.linux", as the mark has it, or "kvm-x86". */
static bool is_inbox(const pm_series *series, pm_slice inbox)
{
    if (pm_slice_starts(inbox, PM_LIT("<")) && pm_slice_ends(inbox, PM_LIT(">")))
        inbox = pm_slice_cut(inbox, 1, inbox.len - 1);
    return pm_slice_starts(inbox, series->inbox) &&
           (inbox.len == series->inbox.len ||
            (inbox.len == series->inbox.len + 1 + series->project.len &&
             inbox.data[series->inbox.len] == '.' && pm_slice_ends(inbox, series->project)));
}

static bool passes(const filter *through, const pm_series *series)
{
    if (through->project.len > 0 && !pm_slice_equal(series->project, through->project))
        return false;
    if (through->inbox.len > 0 && (series->inbox.len == 0 || !is_inbox(series, through->inbox)))
        return false;
    return through->author.len == 0 ||
           pm_slice_find_nocase(series->author, through->author) != PM_NOWHERE ||
           pm_slice_find_nocase(series->author_name, through->author) != PM_NOWHERE;
}

void pm_series_print(const pm_series *series)
{
    char name[PM_REVISION_NAME], date[PM_MINUTE];
    int width;

    pm_print_minute(series->date, date);
    pm_revision_name(series, name);
    printf("%s  %-7s  ", date, name);
    width = printf("%.*s%s%.*s", PM_FMT(series->inbox),
                   series->inbox.len > 0 && series->project.len > 0 ? "." : "",
                   PM_FMT(series->project));
    printf("%*s  ", width < 24 ? 24 - width : 0, "");
    pm_ink_set(PM_INK_STRONG);
    pm_put_text(stdout, series->title.len > 0 ? series->title : PM_LIT("(no title)"));
    pm_ink_set(PM_INK_FAINT);
    fputs("\n    ", stdout);
    pm_put_text(stdout, series->author);
    fputs("  <", stdout);
    pm_put_text(stdout, series->id);
    fputs(">\n", stdout);
    pm_ink_set(PM_INK_PLAIN);
}

static bool print_as_json(const pm_series *series)
{
    json_t *object = pm_series_as_json(series);
    bool printed;

    pm_series_add_link(object, series);
    printed = pm_json_print(object);
    json_decref(object);
    return printed;
}

typedef struct listing {
    filter through;
    int64_t limit, printed;
    bool json, failed;
} listing;

static bool list_one(void *context, const pm_series *series)
{
    listing *of = context;

    if (!passes(&of->through, series))
        return true;
    if (of->json)
        of->failed = !print_as_json(series);
    else
        pm_series_print(series);
    of->printed++;
    return !of->failed && (of->limit == 0 || of->printed < of->limit);
}

int pm_series_list(const pm_errand *on)
{
    listing of = {
        .through = {pm_errand_flag(on, PM_FLAG_PROJECT), pm_errand_flag(on, PM_FLAG_INBOX),
                    pm_errand_flag(on, PM_FLAG_AUTHOR)},
        .json = on->arguments->flags[PM_FLAG_JSON] != NULL,
    };
    pm_status status;

    if (!pm_errand_limit(on, &of.limit))
        return PM_EXIT_FAILED;
    status = pm_errand_each(on, list_one, &of);
    if (of.failed)
        status = PM_LIMIT;
    return status == PM_OK ? PM_EXIT_FINE : pm_errand_complain(on, status);
}
