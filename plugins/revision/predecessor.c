/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * predecessor - looking through the memory for what a series supersedes; see predecessor.h.
 *
 * Every link is a function of what is known of the series, never of what was known when: so
 * whatever a letter adds to its series, the links of that series and of all that may follow it are
 * looked for again. Mail mostly arrives in its order, and then nothing follows yet.
 */
#include "predecessor.h"

#include "bytes.h"
#include "chain.h"

#include <stdio.h>
#include <string.h>

enum {
    FIRST_CANDIDATES = 8,
    MOST_CANDIDATES = 450,
    MOST_JOINED = 8,
    MOST_LATER = 50,     /* later series that are looked at again */
    MOST_ADDRESSES = 16, /* of one person that are looked under */
};

typedef struct candidate {
    const pm_series *series;
    pm_likeness likeness;
} candidate;

/* Series that may belong to the chain of one series: by what it can be found by, and what it
 * names. */
typedef struct pool {
    candidate *candidates;
    unsigned count, room;
} pool;

typedef struct search {
    const pm_host *host;
    pm_scan *scan;
    const pm_mailmap *people;     /* NULL: every author is who the mail says */
    pm_series own;                /* as it will be once the letter is remembered */
    pm_slice joined[MOST_JOINED]; /* ids that it was known by */
    unsigned joined_count;
    const pm_series *before[MOST_JOINED + 1]; /* what was known of it without the letter */
    unsigned before_count;
} search;

static bool was_own(const search *in, pm_slice id)
{
    for (unsigned i = 0; i < in->joined_count; i++)
        if (equal(in->joined[i], id))
            return true;
    return false;
}

static bool is_own(const search *in, pm_slice id)
{
    return equal(in->own.id, id) || was_own(in, id);
}

/* ---- Candidates ---- */

/* Room for one more. Most find few, and memory for all would cost more than the search. False: past
 * the most, or the budget. */
static bool make_room(const search *in, pool *into)
{
    const unsigned room = into->room == 0 ? FIRST_CANDIDATES : 4 * into->room;
    candidate *moved;

    if (into->count < into->room)
        return true;
    if (into->count == MOST_CANDIDATES)
        return false;
    moved = in->host->scratch(in->scan,
                              (room < MOST_CANDIDATES ? room : MOST_CANDIDATES) * sizeof(*moved));
    if (moved == NULL)
        return false;
    if (into->count > 0)
        memcpy(moved, into->candidates, into->count * sizeof(*moved));
    into->candidates = moved;
    into->room = room < MOST_CANDIDATES ? room : MOST_CANDIDATES;
    return true;
}

static void add_candidate(const search *in, pool *into, const pm_series *series)
{
    if (is_own(in, series->id))
        series = &in->own;
    for (unsigned i = 0; i < into->count; i++)
        if (equal(into->candidates[i].series->id, series->id))
            return;
    if (make_room(in, into))
        into->candidates[into->count++].series = series;
}

static void add_found(const search *in, pool *into, pm_series_key key, pm_slice value)
{
    const pm_series *series;

    for (unsigned nth = 0;
         value.len > 0 && in->host->find_series(in->scan, key, value, nth, &series) == PM_OK; nth++)
        add_candidate(in, into, series);
}

/* Only what the same person sent: an address that several share leads from one of them to the
 * others and not back, and then the order of arrival would matter. */
static void add_found_of(const search *in, pool *into, const pm_series *of, pm_series_key key,
                         pm_slice value)
{
    const pm_series *series;

    for (unsigned nth = 0;
         value.len > 0 && in->host->find_series(in->scan, key, value, nth, &series) == PM_OK; nth++)
        if (pm_chain_kinship(of, series, in->people) != PM_ANOTHER_AUTHOR)
            add_candidate(in, into, series);
}

/* What the author sent from other addresses, or under the name that the mailmap has. */
static void add_by_mailmap(const search *in, pool *into, const pm_series *of)
{
    pm_person who = {of->author, of->author_name};
    pm_slice addresses[MOST_ADDRESSES];
    size_t count;

    if (in->people == NULL)
        return;
    (void)pm_mailmap_find(in->people, &who); /* who is unknown may be who others are mapped to */
    count = pm_mailmap_addresses(in->people, &who, addresses, MOST_ADDRESSES);
    for (size_t i = 0; i < count; i++)
        if (!equal(addresses[i], of->author))
            add_found_of(in, into, of, PM_KEY_AUTHOR, addresses[i]);
    if (!equal(who.name, of->author_name))
        add_found_of(in, into, of, PM_KEY_AUTHOR_NAME, who.name);
}

static void add_alike(const search *in, pool *into, const pm_series *of)
{
    add_found(in, into, PM_KEY_CHANGE_ID, of->change_id);
    add_found(in, into, PM_KEY_TITLE, of->title);
    add_found(in, into, PM_KEY_AUTHOR, of->author);
    add_found(in, into, PM_KEY_AUTHOR_NAME, of->author_name);
    add_by_mailmap(in, into, of);
}

/* A link may name any letter of the earlier revision: make it name the series, in a copy. */
static pm_status resolve_claims(const search *in, const pm_series *of, pm_series *resolved)
{
    pm_claim *claims = in->host->scratch(in->scan, (of->claim_count + 1) * sizeof(*claims));

    *resolved = *of;
    if (claims == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < of->claim_count; i++) {
        pm_slice id;

        claims[i] = of->claims[i];
        if (in->host->reference(in->scan, claims[i].message_id, &id, NULL) == PM_OK)
            claims[i].message_id = id;
        if (was_own(in, claims[i].message_id))
            claims[i].message_id = in->own.id;
    }
    resolved->claims = claims;
    return PM_OK;
}

static void add_claimed(const search *in, pool *into, const pm_series *resolved)
{
    const pm_series *series;

    for (size_t i = 0; i < resolved->claim_count; i++)
        if (is_own(in, resolved->claims[i].message_id))
            add_candidate(in, into, &in->own);
        else if (in->host->series(in->scan, resolved->claims[i].message_id, &series) == PM_OK)
            add_candidate(in, into, series);
}

/* ---- The best of them ---- */

/* The better of two: by score, then the later date (RFC v2 may have been followed by v1), the newer
 * revision, the id, so that the order of arrival does not matter. */
static bool is_better(const candidate *a, const candidate *b)
{
    if (a->likeness.score != b->likeness.score)
        return a->likeness.score > b->likeness.score;
    if (a->series->date != b->series->date)
        return a->series->date > b->series->date;
    if (a->series->revision != b->series->revision)
        return a->series->revision > b->series->revision;
    return a->series->id.len < b->series->id.len ||
           (a->series->id.len == b->series->id.len &&
            memcmp(a->series->id.data, b->series->id.data, a->series->id.len) < 0);
}

typedef struct ranking {
    const candidate *best, *second; /* NULL: none that is good enough */
} ranking;

static bool is_good(const candidate *of)
{
    return of->likeness.score >= PM_CHAIN_ENOUGH;
}

/* The best that is good enough, other than one that may be NULL. */
static const candidate *find_best(const pool *among, const candidate *other)
{
    const candidate *best = NULL;

    for (unsigned i = 0; i < among->count; i++) {
        const candidate *at = &among->candidates[i];

        if (at != other && is_good(at) && (best == NULL || is_better(at, best)))
            best = at;
    }
    return best;
}

/* The best revision of a candidate that is nearer to the later series; NULL: there is none. */
static const candidate *find_nearer(const search *in, const pm_series *later, const pool *among,
                                    const candidate *to)
{
    const candidate *best = NULL;

    for (unsigned i = 0; i < among->count; i++) {
        const candidate *at = &among->candidates[i];

        if (is_good(at) && at->series->revision > to->series->revision &&
            at->series->revision < later->revision && (best == NULL || is_better(at, best)) &&
            pm_chain_continues(at->series, to->series, in->people))
            best = at;
    }
    return best;
}

/* What v3 dropped v4 may take up again, and then it is more like v2; it supersedes v3 all the same.
 * So likeness finds the chain, and its newest revision is the one. */
static ranking rank(const search *in, const pm_series *later, pool *among)
{
    ranking found;

    for (unsigned i = 0; i < among->count; i++)
        among->candidates[i].likeness =
            pm_chain_compare(later, among->candidates[i].series, in->people);
    found.best = find_best(among, NULL);
    for (const candidate *at = found.best; at != NULL; at = find_nearer(in, later, among, at))
        found.best = at;
    found.second = find_best(among, found.best);
    return found;
}

static pm_slice explain(const candidate *of, char *text, size_t size)
{
    return (pm_slice){text, pm_chain_explain(&of->likeness, of->series, text, size)};
}

/* Write the link of a series, unless it stands there already. A store that does not answer costs
 * the link, not the fact. */
static void put_link(const search *in, const pm_series *series, const candidate *best)
{
    const pm_slice none = {"", 0};
    char text[256];
    pm_slice why = best == NULL ? none : explain(best, text, sizeof(text));
    pm_slice id = best == NULL ? none : best->series->id;
    double weight = best == NULL ? 0 : pm_chain_weight(best->likeness.score);
    double change = weight - series->supersedes_weight;

    if (equal(series->supersedes, id) && equal(series->supersedes_why, why) && change < 1e-5 &&
        change > -1e-5)
        return;
    (void)in->host->supersede(in->scan, series->id, id, weight, why);
}

/* ---- Later ones ---- */

/* A later revision that is here already: what does it supersede, now that this one is known
 * better? */
static void link_again(const search *in, const pm_series *later, const pm_series *resolved)
{
    pool among = {.count = 0};

    add_claimed(in, &among, resolved);
    add_alike(in, &among, later);
    add_candidate(in, &among, &in->own);
    put_link(in, later, rank(in, resolved, &among).best);
}

/* Has this one, as it is or as it was, a say in what the later one supersedes? */
static bool concerns(const search *in, const pm_series *later, const pm_series *resolved)
{
    if (is_own(in, later->supersedes) || pm_chain_continues(resolved, &in->own, in->people))
        return true;
    for (unsigned i = 0; i < in->before_count; i++)
        if (pm_chain_continues(resolved, in->before[i], in->people))
            return true;
    return false;
}

static pm_status link_later_ones(const search *in, pool *alike)
{
    pm_status status = PM_OK;
    unsigned looked_at = 0;

    add_found(in, alike, PM_KEY_SUPERSEDES, in->own.id);
    for (unsigned i = 0; i < in->joined_count; i++)
        add_found(in, alike, PM_KEY_SUPERSEDES, in->joined[i]);
    for (unsigned i = 0; status == PM_OK && i < alike->count && looked_at < MOST_LATER; i++) {
        const pm_series *later = alike->candidates[i].series;
        pm_series resolved;

        if (!pm_chain_precedes(&in->own, later) || (later->flags & PM_SERIES_PINNED) != 0)
            continue;
        looked_at++;
        status = resolve_claims(in, later, &resolved);
        if (status == PM_OK && concerns(in, later, &resolved))
            link_again(in, later, &resolved);
    }
    return status;
}

/* ---- What the letter is told ---- */

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

static pm_status report_candidate(const search *in, const char *name, const candidate *of)
{
    char text[256];

    return of == NULL ? PM_OK
                      : report(in, name, of->series->id, pm_chain_weight(of->likeness.score),
                               explain(of, text, sizeof(text)));
}

static pm_status report_known(const search *in)
{
    return in->own.supersedes.len == 0 ? PM_OK
                                       : report(in, "supersedes", in->own.supersedes,
                                                in->own.supersedes_weight, in->own.supersedes_why);
}

/* ---- The search ---- */

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

static void find_joined(search *in)
{
    pm_slice id;

    if (in->host->letter_text(in->scan, "message-id", 0, &id) == PM_OK && !equal(id, in->own.id))
        in->joined[in->joined_count++] = id;
    for (unsigned nth = 0; in->joined_count < MOST_JOINED &&
                           in->host->fact_text(in->scan, "series.joins", nth, &id, NULL) == PM_OK;
         nth++)
        in->joined[in->joined_count++] = id;
}

static void find_before(search *in)
{
    const pm_series *known;

    if (in->host->series(in->scan, in->own.id, &known) == PM_OK)
        in->before[in->before_count++] = known;
    for (unsigned i = 0; i < in->joined_count; i++)
        if (in->host->series(in->scan, in->joined[i], &known) == PM_OK)
            in->before[in->before_count++] = known;
}

/* Does the letter add nothing that links are made of? Lists only grow, so that their lengths
 * tell. */
static bool adds_nothing(const search *in)
{
    const pm_series *own = &in->own, *known = in->before[0];

    return in->before_count == 1 && equal(own->id, known->id) && own->flags == known->flags &&
           own->revision == known->revision && own->reroll == known->reroll &&
           own->date == known->date && own->title_count == known->title_count &&
           own->path_count == known->path_count && own->claim_count == known->claim_count &&
           equal(own->title, known->title) && equal(own->author, known->author) &&
           equal(own->author_name, known->author_name) && equal(own->change_id, known->change_id) &&
           equal(own->project, known->project);
}

static pm_status find_link(const search *in, pool *among)
{
    pm_series resolved;
    ranking found;
    pm_status status = resolve_claims(in, &in->own, &resolved);

    if (status != PM_OK)
        return status;
    add_claimed(in, among, &resolved);
    if ((in->own.flags & PM_SERIES_PINNED) != 0)
        return report_known(in);
    found = rank(in, &resolved, among);
    put_link(in, &in->own, found.best);
    status = report_candidate(in, "supersedes", found.best);
    return status == PM_OK ? report_candidate(in, "supersedes.runner-up", found.second) : status;
}

pm_status pm_predecessor_report(const pm_host *host, pm_scan *scan, const pm_mailmap *people)
{
    search in = {.host = host, .scan = scan, .people = people};
    const pm_series *own;
    pool alike = {.count = 0};
    pm_status status;

    if (!PM_HOST_HAS(host, supersede) || host->own_series(scan, &own) != PM_OK || own->id.len == 0)
        return PM_OK;
    in.own = *own;
    if (in.own.project.len == 0)
        in.own.project = find_project(&in);
    find_joined(&in);
    find_before(&in);
    if (adds_nothing(&in))
        return report_known(&in);

    add_alike(&in, &alike, &in.own);
    status = find_link(&in, &alike);
    return status == PM_OK ? link_later_ones(&in, &alike) : status;
}
