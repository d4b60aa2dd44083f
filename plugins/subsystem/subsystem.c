/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subsystem - which subsystems of its project a letter is for, from the paths it changes and the
 * project's MAINTAINERS.
 *
 * Each path hands out a weight that grows slowly with its changed lines. The section whose pattern
 * is deepest gets most of it, sections further up less and less, broad ones next to nothing. What
 * all paths gave a section is its fact; together the facts of a letter weigh about ten. What a
 * weight leads to is not decided here: rules add their own, and the outcome adds up. Manual:
 * subsystem.md.
 *
 * Not which MAINTAINERS file a project has, nor what its sections are called: projects.c.
 */
#include "projects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PATHS = 2000,  /* of a letter; what comes behind them changes no ranking */
    MOST_MATCHES = 48,  /* sections of a path */
    MOST_TALLIES = 256, /* sections of a letter */
    MOST_FACTS = 24,
    LONGEST_TEXT = 16384, /* of the letter's prose that K: looks at */
};

/* How weights are given. Found by measuring, see subsystem.md. */
static const double WHOLE = 10;     /* sum of a letter's facts when its paths decide */
static const double ONLY_BROAD = 4; /* the same when no path lies in anything but broad sections */
static const double STEP = 0.35;    /* what the next pattern up gets of what the deeper one got */
static const double BROAD = 0.12;   /* what a broad section gets of it */
static const double KEYWORD = 0.4;  /* a K: pattern in the prose, on the scale of WHOLE */
static const double LEAST = 0.05;   /* below this a fact is noise */

static bool is_text(pm_slice a, const char *text)
{
    return a.len == strlen(text) && (a.len == 0 || memcmp(a.data, text, a.len) == 0);
}

static void close_subsystem(void *instance)
{
    pm_projects *of = instance;

    if (of == NULL)
        return;
    pm_projects_forget(of);
    free(of);
}

static pm_status open_subsystem(const pm_host *host, const pm_settings *settings,
                                void **instance_out)
{
    pm_projects *of = calloc(1, sizeof(*of));
    pm_status status;

    if (of == NULL) {
        host->problem(settings, NULL, "out of memory");
        return PM_FAULT;
    }
    of->host = host;
    status = pm_projects_read(of, settings);
    if (status != PM_OK) {
        close_subsystem(of);
        return status;
    }
    *instance_out = of;
    return PM_OK;
}

/* ---- What scan() finds ---- */

struct tally { /* what the letter's paths gave one section */
    double weight;
    double best;            /* the most that one path gave */
    pm_section_match match; /* of that path */
    unsigned paths;
};

struct count {
    const pm_project *project;
    uint16_t *slots; /* of a section: its tally, from 1 */
    struct tally *tallies;
    size_t tally_count;
    double seen;   /* the weight of all paths */
    double placed; /* the part of it that lies in sections */
    double given;  /* all tallies together */
    bool specific; /* some of it to a section that is not broad */
};

/* About the binary logarithm, without libm. */
static double log2_of(uint64_t number)
{
    int whole = 63 - __builtin_clzll(number);

    return whole + ((double)number / (double)(UINT64_C(1) << whole) - 1);
}

/* 1 for a file that is only mentioned, 2 for one changed line, 5 for 15, 11 for 1,000. */
static double weight_of_lines(int64_t lines)
{
    return lines <= 0 ? 1 : 1 + log2_of((uint64_t)lines + 1);
}

/* A path that had to be guessed says less. */
static double trust_in(pm_slice how)
{
    if (is_text(how, "ambiguous"))
        return 0.4;
    if (is_text(how, "unknown"))
        return 0.3;
    return is_text(how, "resolved") ? 0.9 : 1;
}

static struct tally *tally_of(struct count *count, const pm_section_match *match)
{
    uint16_t *slot = &count->slots[match->section];

    if (*slot == 0) {
        if (count->tally_count == MOST_TALLIES)
            return NULL;
        count->tallies[count->tally_count++] = (struct tally){.match = *match};
        *slot = (uint16_t)count->tally_count;
    }
    return &count->tallies[*slot - 1];
}

static void give(struct count *count, const pm_section_match *match, double weight)
{
    struct tally *tally = tally_of(count, match);

    if (tally == NULL)
        return;
    if (weight > tally->best) {
        tally->best = weight;
        tally->match = *match;
    }
    tally->weight += weight;
    tally->paths++;
    count->given += weight;
}

/* The sections that a path lies in, without those that match everything. */
static size_t sections_of(const pm_maintainers *maintainers, pm_slice path,
                          pm_section_match matches[MOST_MATCHES])
{
    size_t found = pm_maintainers_match_in_tree(maintainers, path, matches, MOST_MATCHES);
    size_t kept = 0;

    found = found < MOST_MATCHES ? found : MOST_MATCHES;
    for (size_t i = 0; i < found; i++)
        if (!pm_maintainers_section(maintainers, matches[i].section)->catch_all)
            matches[kept++] = matches[i];
    return kept;
}

/* Hand out the weight of one path. */
static void count_path(struct count *count, pm_slice path, double weight)
{
    const pm_project *project = count->project;
    pm_section_match matches[MOST_MATCHES];
    double shares[MOST_MATCHES];
    double sum = 0, step = 1;
    bool specific = false;
    int depth = 0;
    size_t found = sections_of(project->maintainers, path, matches);

    count->seen += weight;
    if (found == 0)
        return;

    /* A broad section does not push those further up down. */
    for (size_t i = 0; i < found; i++) {
        bool broad = project->labels[matches[i].section].broad;

        if (!broad && specific && matches[i].depth < depth)
            step *= STEP;
        shares[i] = broad ? step * BROAD : step;
        sum += shares[i];
        depth = broad ? depth : matches[i].depth;
        specific = specific || !broad;
    }
    count->placed += weight;
    count->specific = count->specific || specific;
    if (!specific)
        weight *= BROAD;
    for (size_t i = 0; i < found; i++)
        give(count, &matches[i], weight * shares[i] / sum);
}

static bool lies_in_a_section(const struct count *count, pm_slice path)
{
    pm_section_match matches[MOST_MATCHES];

    return path.len > 0 && sections_of(count->project->maintainers, path, matches) > 0;
}

/* A renamed file is for those who had it and for those who get it, by halves: it is one change. A
 * name that lies in no section takes nothing from the other; MAINTAINERS may be older than the
 * letter, or newer. */
static void count_names(struct count *count, pm_slice path, pm_slice old, double weight)
{
    if (!lies_in_a_section(count, old)) {
        count_path(count, path, weight);
    } else if (!lies_in_a_section(count, path)) {
        count_path(count, old, weight);
    } else {
        count_path(count, path, weight / 2);
        count_path(count, old, weight / 2);
    }
}

static pm_status count_paths(const pm_projects *of, pm_scan *scan, struct count *count)
{
    const pm_host *host = of->host;
    pm_slice path, old, how;
    int64_t lines;

    for (unsigned nth = 0; nth < MOST_PATHS; nth++) {
        if (host->letter_text(scan, "path", nth, &path) != PM_OK)
            return PM_OK;
        if (host->letter_text(scan, "path.old", nth, &old) != PM_OK)
            old = (pm_slice){"", 0};
        if (host->letter_number(scan, "path.lines", nth, &lines) != PM_OK)
            lines = 0;
        if (host->letter_text(scan, "path.how", nth, &how) != PM_OK)
            how = (pm_slice){"", 0};
        if (nth % 64 == 63 && host->time_left(scan) <= 0)
            return PM_LIMIT;
        count_names(count, path, old, weight_of_lines(lines) * trust_in(how));
    }
    return PM_OK;
}

/* Bring the tallies to a sum that says how clear the answer is. */
static void scale(struct count *count)
{
    double sum = count->specific ? WHOLE : ONLY_BROAD;
    double factor;

    if (count->given <= 0)
        return;
    /* Where half of the change lies in no section at all, the rest decides less. */
    sum *= 0.5 + 0.5 * count->placed / count->seen;
    factor = sum / count->given;
    for (size_t i = 0; i < count->tally_count; i++)
        count->tallies[i].weight *= factor;
}

/* Words of the letter. Only of one that proposes a change: a reply quotes whatever it likes. */
static void count_keywords(const pm_projects *of, pm_scan *scan, struct count *count)
{
    const pm_host *host = of->host;
    pm_section_match matches[MOST_MATCHES];
    const char *const fields[] = {"title", "body-prose"};
    pm_slice text;

    if (host->letter_text(scan, "kind", 0, &text) != PM_OK ||
        !(is_text(text, "cover") || is_text(text, "patch") || is_text(text, "pull")))
        return;
    for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
        if (host->letter_text(scan, fields[f], 0, &text) != PM_OK)
            continue;
        text.len = text.len < LONGEST_TEXT ? text.len : LONGEST_TEXT;

        size_t found =
            pm_maintainers_keywords(count->project->maintainers, text, matches, MOST_MATCHES);

        for (size_t i = 0; i < found && i < MOST_MATCHES; i++) {
            struct tally *tally = tally_of(count, &matches[i]);

            if (tally != NULL && tally->weight <= 0)
                tally->weight =
                    KEYWORD * (count->project->labels[matches[i].section].broad ? BROAD : 1);
        }
    }
}

/* ---- What scan() says ---- */

static size_t limited(size_t len, size_t most)
{
    return len < most ? len : most;
}

static pm_status report(const pm_projects *of, pm_scan *scan, const struct count *count,
                        const struct tally *tally)
{
    const pm_project *project = count->project;
    const pm_section_match *match = &tally->match;
    const char *slug = project->labels[match->section].slug;
    char reason[512];
    int length;

    if (tally->paths == 0)
        length = snprintf(reason, sizeof(reason), "%c: %.*s, %s:%u", match->how,
                          (int)limited(match->pattern.len, 200), match->pattern.data, project->file,
                          match->line);
    else
        length = snprintf(reason, sizeof(reason), "%c: %.*s (%u path%s), %s:%u", match->how,
                          (int)limited(match->pattern.len, 200), match->pattern.data, tally->paths,
                          tally->paths == 1 ? "" : "s", project->file, match->line);

    const pm_fact fact = {
        .size = sizeof(fact),
        .name = "subsystem",
        .text = {slug, strlen(slug)},
        .weight = tally->weight,
        .source = pm_maintainers_section(project->maintainers, match->section)->title,
        .reason = {reason, limited((size_t)length, sizeof(reason) - 1)},
    };

    return of->host->add_fact(scan, &fact);
}

/* The heaviest first. */
static pm_status report_all(const pm_projects *of, pm_scan *scan, struct count *count)
{
    for (unsigned facts = 0; facts < MOST_FACTS; facts++) {
        struct tally *heaviest = NULL;

        for (size_t i = 0; i < count->tally_count; i++)
            if (heaviest == NULL || count->tallies[i].weight > heaviest->weight)
                heaviest = &count->tallies[i];
        if (heaviest == NULL || heaviest->weight < LEAST)
            return PM_OK;

        pm_status status = report(of, scan, count, heaviest);

        if (status != PM_OK)
            return status;
        heaviest->weight = 0;
    }
    return PM_OK;
}

/* The project that the facts before us speak for most, if we have its MAINTAINERS. */
static const pm_project *project_of(pm_projects *of, pm_scan *scan)
{
    double weights[PM_PROJECTS] = {0};
    double weight, unknown = 0;
    size_t heaviest = 0;
    pm_slice name;

    for (unsigned nth = 0; of->host->fact_text(scan, "project", nth, &name, &weight) == PM_OK;
         nth++) {
        const pm_project *project = pm_projects_find(of, name);

        if (project == NULL)
            unknown += weight;
        else
            weights[project - of->items] += weight;
    }
    for (size_t i = 1; i < of->count; i++)
        heaviest = weights[i] > weights[heaviest] ? i : heaviest;
    if (of->count == 0 || weights[heaviest] <= 0 || weights[heaviest] < unknown)
        return NULL;
    return &of->items[heaviest];
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    pm_projects *of = instance;
    struct count count = {.project = project_of(of, scan)};
    size_t sections;
    pm_status status;

    if (count.project == NULL || count.project->maintainers == NULL)
        return PM_OK;
    sections = pm_maintainers_sections(count.project->maintainers);
    count.slots = of->host->scratch(scan, sections * sizeof(*count.slots));
    count.tallies = of->host->scratch(scan, MOST_TALLIES * sizeof(*count.tallies));
    if (count.slots == NULL || count.tallies == NULL)
        return PM_LIMIT;
    memset(count.slots, 0, sections * sizeof(*count.slots));

    status = count_paths(of, scan, &count);
    if (status != PM_OK)
        return status;
    scale(&count);
    count_keywords(of, scan, &count);
    return report_all(of, scan, &count);
}

static const pm_fact_decl FACTS[] = {
    {"subsystem", PM_FACT_TEXT, "A subsystem of the project, as a slug such as kvm-x86."},
    {0},
};

static const char *const NEEDS[] = {"project", NULL};

static const pm_plugin PLUGIN = {
    .size = sizeof(PLUGIN),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 0,
    .name = "subsystem",
    .version = PATCHMARK_VERSION,
    .summary = "Which subsystems a letter is for, from its paths and the project's MAINTAINERS.",
    .facts = FACTS,
    .needs = NEEDS,
    .open = open_subsystem,
    .scan = scan_letter,
    .close = close_subsystem,
};

PM_PLUGIN_ENTRY(subsystem)
{
    return &PLUGIN;
}
