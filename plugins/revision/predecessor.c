/* SPDX-License-Identifier: BSD-2-Clause */
/* predecessor - looking through the memory for what a series supersedes; see predecessor.h. */
#include "predecessor.h"

#include "chain.h"

#include <stdio.h>
#include <string.h>

enum { MOST_CANDIDATES = 450 };

typedef struct candidate {
    const pm_series *series;
    pm_likeness likeness;
} candidate;

typedef struct search {
    const pm_host *host;
    pm_scan *scan;
    pm_series own; /* its claims lead to series, not to parts of them */
    pm_slice project;
    candidate *candidates;
    unsigned count;
} search;

static bool equal(pm_slice a, pm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void add_candidate(search *in, const pm_series *series)
{
    if (in->count == MOST_CANDIDATES || equal(series->id, in->own.id))
        return;
    for (unsigned i = 0; i < in->count; i++)
        if (equal(in->candidates[i].series->id, series->id))
            return;
    in->candidates[in->count++].series = series;
}

static void add_found(search *in, pm_series_key key, pm_slice value)
{
    const pm_series *series;

    for (unsigned nth = 0;
         value.len > 0 && in->host->find_series(in->scan, key, value, nth, &series) == PM_OK; nth++)
        add_candidate(in, series);
}

/* A link may name any letter of the earlier revision: make it name the series. */
static pm_status resolve_claims(search *in)
{
    pm_claim *claims = in->host->scratch(in->scan, (in->own.claim_count + 1) * sizeof(*claims));
    const pm_series *series;

    if (claims == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < in->own.claim_count; i++) {
        pm_slice id;

        claims[i] = in->own.claims[i];
        if (in->host->reference(in->scan, claims[i].message_id, &id, NULL) == PM_OK)
            claims[i].message_id = id;
        if (in->host->series(in->scan, claims[i].message_id, &series) == PM_OK)
            add_candidate(in, series);
    }
    in->own.claims = claims;
    return PM_OK;
}

/* The heaviest project so far: rules come later, and seldom disagree. */
static pm_slice find_project(const search *in)
{
    pm_slice best = {"", 0}, project;
    double most = 0, weight;

    for (unsigned nth = 0;
         in->host->fact_text(in->scan, "project", nth, &project, &weight) == PM_OK; nth++)
        if (weight > most) {
            most = weight;
            best = project;
        }
    return best;
}

/* The better of two: by score, then the newer revision, the later date, the id, so that the order
 * of arrival does not matter. */
static bool is_better(const candidate *a, const candidate *b)
{
    if (a->likeness.score != b->likeness.score)
        return a->likeness.score > b->likeness.score;
    if (a->series->revision != b->series->revision)
        return a->series->revision > b->series->revision;
    if (a->series->date != b->series->date)
        return a->series->date > b->series->date;
    return a->series->id.len < b->series->id.len ||
           (a->series->id.len == b->series->id.len &&
            memcmp(a->series->id.data, b->series->id.data, a->series->id.len) < 0);
}

static pm_status report(const search *in, const char *name, pm_slice id, double weight,
                        pm_slice reason)
{
    const pm_fact fact = {.size = sizeof(fact),
                          .name = name,
                          .text = id,
                          .weight = weight > 0 ? weight : 0.001,
                          .reason = reason};

    return in->host->add_fact(in->scan, &fact);
}

static pm_status report_best(search *in)
{
    const candidate *best = NULL, *second = NULL;
    char why[256];
    pm_slice reason = {why, 0};
    double weight;
    pm_status status;

    for (unsigned i = 0; i < in->count; i++) {
        candidate *at = &in->candidates[i];

        at->likeness = pm_chain_compare(&in->own, in->project, at->series);
        if (at->likeness.score < PM_CHAIN_ENOUGH)
            continue;
        if (best == NULL || is_better(at, best)) {
            second = best;
            best = at;
        } else if (second == NULL || is_better(at, second)) {
            second = at;
        }
    }
    if (best == NULL)
        return PM_OK;

    weight = pm_chain_weight(best->likeness.score);
    reason.len = pm_chain_explain(&best->likeness, best->series, why, sizeof(why));
    status = report(in, "supersedes", best->series->id, weight, reason);
    if (status == PM_OK)
        (void)in->host->supersede(in->scan, in->own.id, best->series->id, weight, reason);
    if (status == PM_OK && second != NULL) {
        reason.len = pm_chain_explain(&second->likeness, second->series, why, sizeof(why));
        status = report(in, "supersedes.runner-up", second->series->id,
                        pm_chain_weight(second->likeness.score), reason);
    }
    return status;
}

/* Later revisions that came before this one: does it fit them better than what they have? */
static void link_later_ones(const search *in)
{
    for (unsigned i = 0; i < in->count; i++) {
        const pm_series *later = in->candidates[i].series;
        pm_likeness likeness;
        char why[256];
        double weight;

        if (later->date < in->own.date || (later->flags & PM_SERIES_PINNED) != 0)
            continue;
        likeness = pm_chain_compare(later, later->project, &in->own);
        weight = pm_chain_weight(likeness.score);
        if (likeness.score >= PM_CHAIN_ENOUGH && weight > later->supersedes_weight)
            (void)in->host->supersede(
                in->scan, later->id, in->own.id, weight,
                (pm_slice){why, pm_chain_explain(&likeness, &in->own, why, sizeof(why))});
    }
}

/* A part says what is known of its series; only the root is compared. */
static pm_status report_known(const search *in)
{
    const pm_series *known;

    if (in->own.id.len == 0 || in->host->series(in->scan, in->own.id, &known) != PM_OK ||
        known->supersedes.len == 0)
        return PM_OK;
    return report(in, "supersedes", known->supersedes, known->supersedes_weight,
                  known->supersedes_why);
}

pm_status pm_predecessor_report(const pm_host *host, pm_scan *scan)
{
    search in = {.host = host, .scan = scan};
    const pm_series *own, *known;
    pm_status status;

    if (!PM_HOST_HAS(host, supersede) || host->own_series(scan, &own) != PM_OK || own->id.len == 0)
        return PM_OK;
    in.own = *own;
    if ((own->flags & PM_SERIES_ROOT) == 0)
        return report_known(&in);
    if (host->series(scan, own->id, &known) == PM_OK && (known->flags & PM_SERIES_PINNED) != 0)
        return report_known(&in);

    in.project = find_project(&in);
    in.own.project = in.project;
    in.candidates = host->scratch(scan, MOST_CANDIDATES * sizeof(*in.candidates));
    if (in.candidates == NULL)
        return PM_LIMIT;
    status = resolve_claims(&in);
    if (status != PM_OK)
        return status;
    add_found(&in, PM_KEY_CHANGE_ID, own->change_id);
    add_found(&in, PM_KEY_TITLE, own->title);
    add_found(&in, PM_KEY_AUTHOR, own->author);
    add_found(&in, PM_KEY_AUTHOR_NAME, own->author_name);
    status = report_best(&in);
    link_later_ones(&in);
    return status;
}
