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
 */
#include "maintainers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MOST_PROJECTS = 64,
    MOST_PATHS = 2000,  /* of a letter; what comes behind them changes no ranking */
    MOST_MATCHES = 48,  /* sections of a path */
    MOST_TALLIES = 256, /* sections of a letter */
    MOST_FACTS = 24,
    LONGEST_TEXT = 16384, /* of the letter's prose that K: looks at */
    MOST_COMPLAINTS = 20, /* lines of a MAINTAINERS file that the log mentions */
    LONGEST_SLUG = 63,
};

/* How weights are given. Found by measuring, see subsystem.md. */
static const double WHOLE = 10;     /* sum of a letter's facts when its paths decide */
static const double ONLY_BROAD = 4; /* the same when no path lies in anything but broad sections */
static const double STEP = 0.35;    /* what the next pattern up gets of what the deeper one got */
static const double BROAD = 0.12;   /* what a broad section gets of it */
static const double KEYWORD = 0.4;  /* a K: pattern in the prose, on the scale of WHOLE */
static const double LEAST = 0.05;   /* below this a fact is noise */

/* ---- What open() reads ---- */

struct label { /* of a section */
    char slug[LONGEST_SLUG + 1];
    bool broad;
};

struct project {
    char *name;
    pm_maintainers *maintainers; /* NULL: none is named */
    char *file;                  /* its name without folders */
    struct label *labels;        /* one a section */
};

struct subsystem {
    const pm_host *host;
    struct project projects[MOST_PROJECTS];
    size_t count;
};

/* Passes what is wrong with a MAINTAINERS file to the log, and keeps the last sentence. */
struct complaints {
    const pm_host *host;
    unsigned count;
    char last[512];
};

static void complain(void *context, const char *file, unsigned line, const char *sentence)
{
    struct complaints *complaints = context;

    snprintf(complaints->last, sizeof(complaints->last), "%s", sentence);
    if (line == 0)
        return; /* about all of it: open() says so */
    complaints->count++;
    if (complaints->count <= MOST_COMPLAINTS)
        complaints->host->log(NULL, PM_LEVEL_WARNING, "%s:%u: %s", file, line, sentence);
}

static bool is_text(pm_slice a, const char *text)
{
    return a.len == strlen(text) && (a.len == 0 || memcmp(a.data, text, a.len) == 0);
}

static bool is_title(pm_slice a, pm_slice b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

static char *copy(pm_slice text)
{
    char *made = malloc(text.len + 1);

    if (made == NULL)
        return NULL;
    if (text.len > 0)
        memcpy(made, text.data, text.len);
    made[text.len] = '\0';
    return made;
}

static struct project *find_project(struct subsystem *subsystem, pm_slice name)
{
    for (size_t i = 0; i < subsystem->count; i++)
        if (is_text(name, subsystem->projects[i].name))
            return &subsystem->projects[i];
    return NULL;
}

static void close_subsystem(void *instance)
{
    struct subsystem *subsystem = instance;

    if (subsystem == NULL)
        return;
    for (size_t i = 0; i < subsystem->count; i++) {
        struct project *project = &subsystem->projects[i];

        pm_maintainers_free(project->maintainers);
        free(project->labels);
        free(project->file);
        free(project->name);
    }
    free(subsystem);
}

/* Slugs as the sections' titles make them; the mapping comes over that. */
static bool label_sections(struct project *project)
{
    size_t count = pm_maintainers_sections(project->maintainers);

    project->labels = calloc(count, sizeof(*project->labels));
    if (project->labels == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        pm_section_slug(pm_maintainers_section(project->maintainers, i)->title,
                        project->labels[i].slug);
    return true;
}

static pm_status load_maintainers(struct subsystem *subsystem, struct project *project,
                                  const pm_settings *block, pm_slice written)
{
    const pm_host *host = subsystem->host;
    struct complaints complaints = {.host = host};
    pm_slice path;

    if (project->maintainers != NULL) {
        host->problem(block, "maintainers",
                      "project %s has a MAINTAINERS file already: %s (leave one of them out)",
                      project->name, project->file);
        return PM_FAULT;
    }
    if (host->resolve_path(block, written, &path) != PM_OK) {
        host->problem(block, "maintainers", "wants the name of a file: maintainers FILE");
        return PM_FAULT;
    }
    project->maintainers = pm_maintainers_load(path.data, complain, &complaints);
    if (project->maintainers == NULL) {
        host->problem(block, "maintainers", "%s %s", path.data, complaints.last);
        return PM_FAULT;
    }
    if (complaints.count > MOST_COMPLAINTS)
        host->log(NULL, PM_LEVEL_WARNING, "%s: %u more lines like these", path.data,
                  complaints.count - MOST_COMPLAINTS);

    const char *base = memrchr(path.data, '/', path.len);

    base = base == NULL ? path.data : base + 1;
    project->file = copy((pm_slice){base, (size_t)(path.data + path.len - base)});
    if (project->file == NULL || !label_sections(project)) {
        host->problem(block, "maintainers", "out of memory");
        return PM_FAULT;
    }
    return PM_OK;
}

/* The nth block `project NAME`, with the project it belongs to. */
static pm_status next_block(struct subsystem *subsystem, const pm_settings *settings, unsigned nth,
                            const pm_settings **block_out, struct project **project_out)
{
    pm_slice name;
    pm_status status = subsystem->host->block(settings, "project", nth, &name, block_out);

    if (status != PM_OK)
        return status;
    *project_out = find_project(subsystem, name);
    if (*project_out != NULL)
        return PM_OK;
    if (subsystem->count == MOST_PROJECTS) {
        subsystem->host->problem(*block_out, NULL, "more than %d projects (leave some out)",
                                 MOST_PROJECTS);
        return PM_FAULT;
    }

    char *kept = copy(name);

    if (kept == NULL)
        return PM_FAULT;
    *project_out = &subsystem->projects[subsystem->count++];
    (*project_out)->name = kept;
    return PM_OK;
}

static pm_status read_maintainers(struct subsystem *subsystem, const pm_settings *settings)
{
    const pm_settings *block;
    struct project *project;
    pm_slice word, file;
    pm_status status;

    for (unsigned nth = 0;
         (status = next_block(subsystem, settings, nth, &block, &project)) == PM_OK; nth++) {
        for (unsigned i = 0; subsystem->host->statement(block, i, 0, &word) == PM_OK; i++) {
            if (!is_text(word, "maintainers"))
                continue;
            if (subsystem->host->statement(block, i, 1, &file) != PM_OK)
                file = (pm_slice){"", 0};
            status = load_maintainers(subsystem, project, block, file);
            if (status != PM_OK)
                return status;
        }
    }
    return status == PM_ABSENT ? PM_OK : status;
}

/* ---- The mapping of sections to slugs ---- */

/* How many bytes must be put in, taken out or changed to make b of a. At most 255 of each count. */
static size_t distance(pm_slice a, pm_slice b)
{
    size_t row[256];
    size_t width = b.len < 255 ? b.len : 255, height = a.len < 255 ? a.len : 255;

    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 1; i <= height; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t changed = diagonal + (a.data[i - 1] != b.data[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] : row[j - 1];

            diagonal = row[j];
            row[j] = least + 1 < changed ? least + 1 : changed;
        }
    }
    return row[width];
}

static pm_slice nearest_title(const pm_maintainers *maintainers, pm_slice title)
{
    pm_slice nearest = {"", 0};
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < pm_maintainers_sections(maintainers); i++) {
        pm_slice other = pm_maintainers_section(maintainers, i)->title;
        size_t steps = distance(title, other);

        if (steps < least) {
            least = steps;
            nearest = other;
        }
    }
    return nearest;
}

static bool is_slug(pm_slice text)
{
    if (text.len == 0 || text.len > LONGEST_SLUG || text.data[0] == '.' || text.data[0] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
            return false;
    }
    return true;
}

static bool label_title(struct project *project, pm_slice title, pm_slice slug, bool broad)
{
    bool found = false;

    for (size_t i = 0; i < pm_maintainers_sections(project->maintainers); i++) {
        struct label *label = &project->labels[i];

        if (!is_title(pm_maintainers_section(project->maintainers, i)->title, title))
            continue;
        memcpy(label->slug, slug.data, slug.len);
        label->slug[slug.len] = '\0';
        label->broad = broad;
        found = true;
    }
    return found;
}

/* MAINTAINERS differs from version to version, so a section that is not there is no error; but it
 * may be a slip, so one of them is shown with its nearest. */
static void mention_strays(const struct subsystem *subsystem, const struct project *project,
                           unsigned strays, unsigned all, pm_slice first)
{
    pm_slice nearest;

    if (strays == 0)
        return;
    nearest = nearest_title(project->maintainers, first);
    subsystem->host->log(NULL, PM_LEVEL_WARNING,
                         "project %s: %u of the %u mapped sections are not in %s, for instance "
                         "\"%.*s\" (the nearest there is \"%.*s\"; its slug comes from its title)",
                         project->name, strays, all, project->file, (int)first.len, first.data,
                         (int)nearest.len, nearest.data);
}

/* A block with a name, `sections other-versions { }`, is for sections that not every version of the
 * file has: none of it is a stray. */
static pm_status read_sections(const struct subsystem *subsystem, struct project *project,
                               const pm_settings *block, bool may_stray)
{
    const pm_host *host = subsystem->host;
    pm_slice title, slug, more, stray = {NULL, 0};
    unsigned strays = 0, all = 0;

    for (; host->statement(block, all, 0, &title) == PM_OK; all++) {
        bool has_more = host->statement(block, all, 2, &more) == PM_OK;

        if (host->statement(block, all, 1, &slug) != PM_OK || !is_slug(slug)) {
            host->problem(block, NULL,
                          "\"%.*s\" wants a slug of a-z, 0-9, \".\" and \"-\": \"TITLE\" slug",
                          (int)title.len, title.data);
            return PM_FAULT;
        }
        if (has_more && !is_text(more, "broad")) {
            host->problem(block, NULL, "\"%.*s\": only \"broad\" may follow the slug, not \"%.*s\"",
                          (int)title.len, title.data, (int)more.len, more.data);
            return PM_FAULT;
        }
        if (project->maintainers == NULL || label_title(project, title, slug, has_more) ||
            may_stray)
            continue;
        host->log(NULL, PM_LEVEL_DEBUG, "%s has no section \"%.*s\"", project->file, (int)title.len,
                  title.data);
        if (strays++ == 0)
            stray = title;
    }
    mention_strays(subsystem, project, strays, all, stray);
    return PM_OK;
}

static pm_status read_mappings(struct subsystem *subsystem, const pm_settings *settings)
{
    const pm_settings *block, *sections;
    struct project *project;
    pm_slice name;
    pm_status status;

    for (unsigned nth = 0;
         (status = next_block(subsystem, settings, nth, &block, &project)) == PM_OK; nth++) {
        for (unsigned i = 0;
             subsystem->host->block(block, "sections", i, &name, &sections) == PM_OK; i++) {
            status = read_sections(subsystem, project, sections, name.len > 0);
            if (status != PM_OK)
                return status;
        }
    }
    return status == PM_ABSENT ? PM_OK : status;
}

static pm_status open_subsystem(const pm_host *host, const pm_settings *settings,
                                void **instance_out)
{
    struct subsystem *subsystem = calloc(1, sizeof(*subsystem));
    pm_status status = PM_FAULT;

    if (subsystem == NULL) {
        host->problem(settings, NULL, "out of memory");
        return PM_FAULT;
    }
    subsystem->host = host;

    /* All files first: a mapping may stand before the statement that names its file. */
    status = read_maintainers(subsystem, settings);
    if (status == PM_OK)
        status = read_mappings(subsystem, settings);
    if (status != PM_OK) {
        close_subsystem(subsystem);
        return status;
    }
    *instance_out = subsystem;
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
    const struct project *project;
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
    const struct project *project = count->project;
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

static pm_status count_paths(const struct subsystem *subsystem, pm_scan *scan, struct count *count)
{
    const pm_host *host = subsystem->host;
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
static void count_keywords(const struct subsystem *subsystem, pm_scan *scan, struct count *count)
{
    const pm_host *host = subsystem->host;
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

static pm_status report(const struct subsystem *subsystem, pm_scan *scan, const struct count *count,
                        const struct tally *tally)
{
    const struct project *project = count->project;
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

    return subsystem->host->add_fact(scan, &fact);
}

/* The heaviest first. */
static pm_status report_all(const struct subsystem *subsystem, pm_scan *scan, struct count *count)
{
    for (unsigned facts = 0; facts < MOST_FACTS; facts++) {
        struct tally *heaviest = NULL;

        for (size_t i = 0; i < count->tally_count; i++)
            if (heaviest == NULL || count->tallies[i].weight > heaviest->weight)
                heaviest = &count->tallies[i];
        if (heaviest == NULL || heaviest->weight < LEAST)
            return PM_OK;

        pm_status status = report(subsystem, scan, count, heaviest);

        if (status != PM_OK)
            return status;
        heaviest->weight = 0;
    }
    return PM_OK;
}

/* The project that the facts before us speak for most, if we have its MAINTAINERS. */
static const struct project *project_of(struct subsystem *subsystem, pm_scan *scan)
{
    double weights[MOST_PROJECTS] = {0};
    double weight, unknown = 0;
    size_t heaviest = 0;
    pm_slice name;

    for (unsigned nth = 0;
         subsystem->host->fact_text(scan, "project", nth, &name, &weight) == PM_OK; nth++) {
        const struct project *project = find_project(subsystem, name);

        if (project == NULL)
            unknown += weight;
        else
            weights[project - subsystem->projects] += weight;
    }
    for (size_t i = 1; i < subsystem->count; i++)
        heaviest = weights[i] > weights[heaviest] ? i : heaviest;
    if (subsystem->count == 0 || weights[heaviest] <= 0 || weights[heaviest] < unknown)
        return NULL;
    return &subsystem->projects[heaviest];
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    struct subsystem *subsystem = instance;
    struct count count = {.project = project_of(subsystem, scan)};
    size_t sections;
    pm_status status;

    if (count.project == NULL || count.project->maintainers == NULL)
        return PM_OK;
    sections = pm_maintainers_sections(count.project->maintainers);
    count.slots = subsystem->host->scratch(scan, sections * sizeof(*count.slots));
    count.tallies = subsystem->host->scratch(scan, MOST_TALLIES * sizeof(*count.tallies));
    if (count.slots == NULL || count.tallies == NULL)
        return PM_LIMIT;
    memset(count.slots, 0, sections * sizeof(*count.slots));

    status = count_paths(subsystem, scan, &count);
    if (status != PM_OK)
        return status;
    scale(&count);
    count_keywords(subsystem, scan, &count);
    return report_all(subsystem, scan, &count);
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
