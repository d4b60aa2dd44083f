/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * project - which project a letter is for: one list carries mail for several.
 *
 * Three kinds of evidence, from the `project` blocks of rule files and configuration: words in the
 * subject's brackets, paths, and the lists it was sent to. Each is a fact with a weight; a list
 * that projects share can never outweigh the paths. Manual: project.md.
 *
 * Not the subsystem within the project: the plugin of that name reads what is found here.
 */
#include <patchmark/plugin.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Weights, on the scale of the subsystem plugin's, whose facts for one letter sum to ten. */
#define WEIGHT_WORD       10.0
#define WEIGHT_PATHS      10.0 /* when all paths speak for one project */
#define WEIGHT_LIST       3.0  /* of the first one that says something */
#define WEIGHT_OTHER_LIST 2.0  /* of those behind it */
#define COMPANION         0.3  /* what others get of a list that they share with a larger project */

enum {
    MOST_PROJECTS = 64,
    MOST_PATHS = 2000,    /* of a letter; what comes behind them changes no share */
    MOST_LISTS = 500,     /* of a letter */
    LONGEST_ADDRESS = 320 /* RFC 3696 */
};

/* ---- What open() reads ---- */

struct term { /* a word, a list or the beginning of a path */
    char *text;
    size_t len;
    unsigned project;
    bool wild; /* has a "*" */
};

struct terms {
    struct term *items;
    size_t count, room;
};

struct named {
    char *name;
    unsigned paths; /* how many beginnings of paths it has */
};

struct instance {
    const pm_host *host;
    struct named projects[MOST_PROJECTS];
    unsigned count;
    struct terms words, lists, paths;
    size_t paths_from[257]; /* paths are sorted by their first byte; where each begins */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_text(pm_slice slice, const char *text)
{
    return slice.len == strlen(text) && memcmp(slice.data, text, slice.len) == 0;
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

static bool add_term(struct terms *to, pm_slice text, unsigned project)
{
    if (to->count == to->room) {
        const size_t room = to->room == 0 ? 64 : to->room * 2;
        struct term *moved = realloc(to->items, room * sizeof(*moved));

        if (moved == NULL)
            return false;
        to->items = moved;
        to->room = room;
    }
    to->items[to->count] =
        (struct term){copy(text), text.len, project, memchr(text.data, '*', text.len) != NULL};
    if (to->items[to->count].text == NULL)
        return false;
    to->count++;
    return true;
}

static void free_terms(struct terms *terms)
{
    for (size_t i = 0; i < terms->count; i++)
        free(terms->items[i].text);
    free(terms->items);
}

static void close_project(void *instance)
{
    struct instance *of = instance;

    if (of == NULL)
        return;
    for (unsigned i = 0; i < of->count; i++)
        free(of->projects[i].name);
    free_terms(&of->words);
    free_terms(&of->lists);
    free_terms(&of->paths);
    free(of);
}

/* Words compare without case; so do lists, for which "@" and "." are one: kvm@vger.kernel.org is
 * the list kvm.vger.kernel.org. */
static void make_comparable(struct terms *terms, bool lists)
{
    for (size_t i = 0; i < terms->count; i++)
        for (char *c = terms->items[i].text; *c != '\0'; c++)
            *c = lists && *c == '@' ? '.' : lower(*c);
}

/* What a statement of a block may hold: where it goes, and what is no good. */
struct section {
    const char *word;
    size_t terms; /* offset in struct instance */
    bool (*good)(pm_slice value);
    const char *wanted;
};

static bool is_word(pm_slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] <= ' ' || value.data[i] == '[' || value.data[i] == ']')
            return false;
    return value.len > 0;
}

static bool is_list(pm_slice value)
{
    return is_word(value) && value.len <= LONGEST_ADDRESS &&
           (memchr(value.data, '.', value.len) != NULL ||
            memchr(value.data, '@', value.len) != NULL ||
            memchr(value.data, '*', value.len) != NULL);
}

static bool starts(pm_slice value, const char *with)
{
    return value.len >= strlen(with) && memcmp(value.data, with, strlen(with)) == 0;
}

static bool is_path(pm_slice value)
{
    if (value.len == 0 || memchr(value.data, '*', value.len) != NULL)
        return false;
    return !starts(value, "/") && !starts(value, "./") && !starts(value, "../");
}

static const struct section sections[] = {
    {"words", offsetof(struct instance, words), is_word,
     "a word as it stands in a subject's brackets, for instance net-next"},
    {"lists", offsetof(struct instance, lists), is_list,
     "a List-Id or an address, for instance dev.lists.example.org or \"*.lists.example.org\""},
    {"paths", offsetof(struct instance, paths), is_path,
     "the beginning of a path, without / in front and without *, for instance drivers/"},
};

static pm_status read_values(struct instance *of, const struct section *section,
                             const pm_settings *block, unsigned statement, unsigned project)
{
    struct terms *into = (struct terms *)(void *)((char *)of + section->terms);
    pm_slice value;

    for (unsigned word = 1; of->host->statement(block, statement, word, &value) == PM_OK; word++) {
        if (!section->good(value)) {
            of->host->problem(block, section->word, "\"%.*s\" is not %s", (int)value.len,
                              value.data, section->wanted);
            return PM_FAULT;
        }
        if (!add_term(into, value, project)) {
            of->host->problem(block, section->word, "no memory");
            return PM_FAULT;
        }
        if (into == &of->paths)
            of->projects[project].paths++;
    }
    return PM_OK;
}

static pm_status read_block(struct instance *of, const pm_settings *block, unsigned project)
{
    pm_slice word;

    for (unsigned nth = 0; of->host->statement(block, nth, 0, &word) == PM_OK; nth++)
        for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
            if (is_text(word, sections[i].word) &&
                read_values(of, &sections[i], block, nth, project) != PM_OK)
                return PM_FAULT;
    return PM_OK;
}

/* The index of the project called name, a new one if need be; MOST_PROJECTS when there are too
 * many. */
static unsigned find_project(struct instance *of, pm_slice name)
{
    unsigned at = 0;

    while (at < of->count && !is_text(name, of->projects[at].name))
        at++;
    if (at < of->count || at == MOST_PROJECTS)
        return at;
    of->projects[at].name = copy(name);
    if (of->projects[at].name == NULL)
        return MOST_PROJECTS;
    of->count++;
    return at;
}

static int by_first_byte(const void *a, const void *b)
{
    const struct term *left = a, *right = b;
    const int difference = (unsigned char)left->text[0] - (unsigned char)right->text[0];

    return difference != 0 ? difference : strcmp(left->text, right->text);
}

static void sort_paths(struct instance *of)
{
    struct terms *paths = &of->paths;
    size_t at = 0;

    if (paths->count > 0)
        qsort(paths->items, paths->count, sizeof(paths->items[0]), by_first_byte);
    for (size_t byte = 0; byte < 257; byte++) {
        while (at < paths->count && (unsigned char)paths->items[at].text[0] < byte)
            at++;
        of->paths_from[byte] = at;
    }
}

static pm_status open_project(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    struct instance *of = calloc(1, sizeof(*of));
    const pm_settings *block;
    pm_slice name;

    if (of == NULL)
        return PM_FAULT;
    of->host = host;
    for (unsigned nth = 0; host->block(settings, "project", nth, &name, &block) == PM_OK; nth++) {
        const unsigned project = find_project(of, name);

        if (project == MOST_PROJECTS)
            host->problem(block, NULL, "more than %d projects (leave some out)", MOST_PROJECTS);
        if (project == MOST_PROJECTS || read_block(of, block, project) != PM_OK) {
            close_project(of);
            return PM_FAULT;
        }
    }
    make_comparable(&of->words, false);
    make_comparable(&of->lists, true);
    sort_paths(of);
    *instance_out = of;
    return PM_OK;
}

/* ---- Evidence ---- */

/* What speaks for one project. */
struct evidence {
    double word, paths, list;
    pm_slice word_said, list_said;
    unsigned path_count; /* paths that speak for it, alone or with others */
    const struct term *path_said;
};

struct findings {
    struct evidence of[MOST_PROJECTS];
    unsigned path_total; /* paths that could speak */
};

/* Is text the pattern, in which "*" stands for any bytes? The pattern is in lower case. */
static bool matches(const struct term *pattern, const char *text, size_t len)
{
    size_t at = 0, in = 0, star = (size_t)-1, resume = 0;

    if (!pattern->wild)
        return pattern->len == len && memcmp(pattern->text, text, len) == 0;
    while (at < len) {
        if (in < pattern->len && pattern->text[in] == '*') {
            star = in++;
            resume = at;
        } else if (in < pattern->len && pattern->text[in] == text[at]) {
            in++;
            at++;
        } else if (star != (size_t)-1) {
            in = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (in < pattern->len && pattern->text[in] == '*')
        in++;
    return in == pattern->len;
}

/* text in lower case, for lists with "@" turned into ".". 0 when it is longer than any. */
static size_t comparable(pm_slice text, bool list, char out[LONGEST_ADDRESS])
{
    if (text.len > LONGEST_ADDRESS)
        return 0;
    for (size_t i = 0; i < text.len; i++)
        out[i] = list && text.data[i] == '@' ? '.' : lower(text.data[i]);
    return text.len;
}

static void weigh_word(const struct instance *of, pm_slice said, struct findings *found)
{
    char text[LONGEST_ADDRESS];
    const size_t len = comparable(said, false, text);

    for (size_t i = 0; len > 0 && i < of->words.count; i++) {
        struct evidence *evidence = &found->of[of->words.items[i].project];

        if (evidence->word > 0 || !matches(&of->words.items[i], text, len))
            continue;
        evidence->word = WEIGHT_WORD;
        evidence->word_said = said;
    }
}

static bool is_larger(const struct instance *of, unsigned project, unsigned than)
{
    return than == MOST_PROJECTS || of->projects[project].paths > of->projects[than].paths;
}

/* Of the projects that have this list the largest; MOST_PROJECTS when none has it. */
static unsigned owner_of_list(const struct instance *of, const char *text, size_t len, bool wild)
{
    unsigned owner = MOST_PROJECTS;

    for (size_t i = 0; i < of->lists.count; i++) {
        const struct term *list = &of->lists.items[i];

        if (list->wild == wild && is_larger(of, list->project, owner) && matches(list, text, len))
            owner = list->project;
    }
    return owner;
}

/* One list that the letter was sent to; false when no project has it. A pattern with "*" only
 * counts where nobody names the list itself: the project of one list may lie within a domain that
 * is another's. A list that several projects share is the largest one's: mail of its companions
 * says whose it is in other ways. */
static bool weigh_list(const struct instance *of, pm_slice said, double weight,
                       struct findings *found)
{
    char text[LONGEST_ADDRESS];
    const size_t len = comparable(said, true, text);
    bool wild = false;
    unsigned owner = owner_of_list(of, text, len, wild);

    if (owner == MOST_PROJECTS) {
        wild = true;
        owner = owner_of_list(of, text, len, wild);
    }
    for (size_t i = 0; owner != MOST_PROJECTS && i < of->lists.count; i++) {
        const struct term *list = &of->lists.items[i];
        struct evidence *evidence = &found->of[list->project];
        const double share = list->project == owner ? weight : weight * COMPANION;

        if (list->wild != wild || evidence->list >= share || !matches(list, text, len))
            continue;
        evidence->list = share;
        evidence->list_said = said;
    }
    return owner != MOST_PROJECTS;
}

/* The tag a list puts before a subject says no more than the list does. */
static void weigh_tag(const struct instance *of, pm_slice said, double weight,
                      struct findings *found)
{
    char text[LONGEST_ADDRESS];
    const size_t len = comparable(said, false, text);

    for (size_t i = 0; len > 0 && i < of->words.count; i++) {
        struct evidence *evidence = &found->of[of->words.items[i].project];

        if (evidence->list > 0 || !matches(&of->words.items[i], text, len))
            continue;
        evidence->list = weight;
        evidence->list_said = said;
    }
}

/* To and Cc in their order: whoever is named first is meant first. Then where this copy came from,
 * which a letter to several lists does not choose. */
static void weigh_lists(const struct instance *of, pm_scan *scan, struct findings *found)
{
    const pm_host *host = of->host;
    double weight = WEIGHT_LIST;
    pm_slice said;

    for (unsigned nth = 0; nth < MOST_LISTS; nth++) {
        if (host->letter_text(scan, "addressee", nth, &said) != PM_OK)
            break;
        if (weigh_list(of, said, weight, found))
            weight = WEIGHT_OTHER_LIST;
    }
    for (unsigned nth = 0; nth < MOST_LISTS; nth++) {
        if (host->letter_text(scan, "list", nth, &said) != PM_OK)
            break;
        if (weigh_list(of, said, weight, found))
            weight = WEIGHT_OTHER_LIST;
    }
    if (host->letter_text(scan, "list-tag", 0, &said) == PM_OK)
        weigh_tag(of, said, weight, found);
}

/* A path speaks for the projects that have its longest beginning, in equal shares. */
static void weigh_path(const struct instance *of, pm_slice path, struct findings *found)
{
    const unsigned char byte = path.len == 0 ? 0 : (unsigned char)path.data[0];
    const struct term *from = of->paths.items + of->paths_from[byte];
    const struct term *end = of->paths.items + of->paths_from[byte + 1];
    size_t longest = 0, shared = 0;

    for (const struct term *at = from; at < end; at++) {
        if (at->len < longest || at->len > path.len || memcmp(at->text, path.data, at->len) != 0)
            continue;
        shared = at->len == longest ? shared + 1 : 1;
        longest = at->len;
    }
    for (const struct term *at = from; shared > 0 && at < end; at++) {
        struct evidence *evidence = &found->of[at->project];

        if (at->len != longest || memcmp(at->text, path.data, at->len) != 0)
            continue;
        evidence->paths += 1.0 / (double)shared;
        evidence->path_count++;
        if (evidence->path_said == NULL)
            evidence->path_said = at;
    }
}

static void weigh_paths(const struct instance *of, pm_scan *scan, struct findings *found)
{
    const pm_host *host = of->host;
    pm_slice path, how;

    for (unsigned nth = 0; nth < MOST_PATHS; nth++) {
        if (host->letter_text(scan, "path", nth, &path) != PM_OK ||
            host->letter_text(scan, "path.how", nth, &how) != PM_OK)
            return;
        if (!is_text(how, "whole") && !is_text(how, "resolved"))
            continue; /* only its end is known */
        found->path_total++;
        weigh_path(of, path, found);
    }
}

/* ---- Facts ---- */

static pm_status report(const struct instance *of, pm_scan *scan, const char *fact_name,
                        unsigned project, double weight, const char *reason, int length)
{
    const char *name = of->projects[project].name;
    const pm_fact fact = {
        .size = sizeof(fact),
        .name = fact_name,
        .text = {name, strlen(name)},
        .weight = weight,
        .reason = {reason, length < 0 ? 0 : (size_t)length},
    };

    return of->host->add_fact(scan, &fact);
}

#define SHOWN(slice) (int)((slice).len > 100 ? 100 : (slice).len), (slice).data

/* All evidence for one project, each kind as a fact of its own. */
static pm_status report_project(const struct instance *of, pm_scan *scan, const char *fact,
                                unsigned project, const struct findings *found)
{
    const struct evidence *evidence = &found->of[project];
    pm_status status = PM_OK;
    char reason[256];
    int length;

    if (evidence->word > 0) {
        length = snprintf(reason, sizeof(reason), "word %.*s", SHOWN(evidence->word_said));
        status = report(of, scan, fact, project, evidence->word, reason, length);
    }
    if (status == PM_OK && evidence->paths > 0) {
        length = snprintf(reason, sizeof(reason), "paths %.100s%s (%u of %u)",
                          evidence->path_said->text, evidence->path_count > 1 ? " ..." : "",
                          evidence->path_count, found->path_total);
        status = report(of, scan, fact, project, WEIGHT_PATHS * evidence->paths / found->path_total,
                        reason, length);
    }
    if (status == PM_OK && evidence->list > 0) {
        length = snprintf(reason, sizeof(reason), "list %.*s", SHOWN(evidence->list_said));
        status = report(of, scan, fact, project, evidence->list, reason, length);
    }
    return status;
}

static double sum_of(const struct findings *found, unsigned project)
{
    const struct evidence *evidence = &found->of[project];
    const double paths =
        found->path_total == 0 ? 0 : WEIGHT_PATHS * evidence->paths / found->path_total;

    return evidence->word + paths + evidence->list;
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    const struct instance *of = instance;
    struct findings *found = of->host->scratch(scan, sizeof(*found));
    pm_status status = PM_OK;
    unsigned first = 0;
    pm_slice said;

    if (found == NULL)
        return PM_LIMIT;
    memset(found, 0, sizeof(*found));
    for (unsigned nth = 0; of->host->letter_text(scan, "prefix", nth, &said) == PM_OK; nth++)
        weigh_word(of, said, found);
    weigh_paths(of, scan, found);
    weigh_lists(of, scan, found);

    for (unsigned i = 1; i < of->count; i++)
        if (sum_of(found, i) > sum_of(found, first))
            first = i;
    for (unsigned i = 0; status == PM_OK && i < of->count; i++)
        status = report_project(of, scan, i == first ? "project" : "project.other", i, found);
    return status;
}

static const pm_fact_decl facts[] = {
    {"project", PM_FACT_TEXT, "the project the letter is for, once for each kind of evidence"},
    {"project.other", PM_FACT_TEXT, "another project that less speaks for, in the same way"},
    {NULL, PM_FACT_TEXT, NULL},
};

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 0,
    .name = "project",
    .version = "1.0",
    .summary = "Which project a letter is for, by words in the subject, paths and lists",
    .facts = facts,
    .open = open_project,
    .scan = scan_letter,
    .close = close_project,
};

PM_PLUGIN_ENTRY(project)
{
    return &plugin;
}
