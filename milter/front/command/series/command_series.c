/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_series - look at the memory of series, and correct it.
 *
 * A correction is a person's word: it wins over whatever evidence later mail brings. What it
 * changes of mail that was delivered is written into the decision log.
 */
#include "changelog.h"
#include "clock.h"
#include "commands.h"
#include "ink.h"
#include "json.h"
#include "retention.h"
#include "series_chain.h"
#include "series_json.h"
#include "series_late.h"

#include <stdlib.h>

enum {
    FLAG_CONFIG,
    FLAG_STORE,
    FLAG_PROJECT,
    FLAG_INBOX,
    FLAG_AUTHOR,
    FLAG_LIMIT,
    FLAG_JSON,
    FLAG_OLDER_THAN,
    FLAG_SIZE,
    FLAG_SINCE,
    FLAG_LOG,
};

static const pm_flag flags[] = {
    {'c', "config", "FILE", "the configuration that names the store"},
    {0, "store", "FILE", "the store itself; then no configuration is needed"},
    {0, "project", "NAME", "list: those of this project"},
    {0, "inbox", "NAME", "list: those filed here; with or without the project behind it"},
    {0, "author", "TEXT", "list: those whose author's address or name has this in it"},
    {0, "limit", "N", "list, late: at most N, 20 unless said otherwise, 0 for all"},
    {0, "json", NULL, "list, show, late: one JSON object a line"},
    {0, "older-than", "TIME", "forget: those without mail for so long, for instance 2y or 90d"},
    {0, "size", "SIZE", "forget: the oldest, until the rest fits, for instance 10G"},
    {0, "since", "TIME", "late: what was marked no longer ago, for instance 12h or 7d"},
    {0, "log", "DIR", "late, link, unlink, pin: where decisions.jsonl is; else state-directory"},
    {0, NULL, NULL, NULL},
};

#define LIST_USUALLY 20
#define FOUND_MOST   20 /* chains, when words are looked for */
#define ASK_US       60000000
#define CHAIN_MEMORY ((size_t)512 << 20)
#define BY_A_PERSON  "a person said so"

/* One run of the command. */
typedef struct errand {
    const pm_arguments *arguments;
    char **operands; /* behind the verb */
    size_t operand_count;
    const pm_snapshot *snapshot; /* NULL when the store was named */
    const char *where;           /* the store's name */
    pm_store *store;
    pm_arena *arena;
} errand;

static int64_t deadline(void)
{
    return pm_clock_us() + ASK_US;
}

/* Say why the store gave no answer. */
static int complain_of_store(const errand *on, pm_status status)
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

/* ---- Which series is meant ------------------------------------------------------------------- */

/* A Message-ID as people have it at hand: bare, in angle brackets, as a link to an archive. */
static pm_slice read_id(const errand *on, const char *written)
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

/* Is it an ID at all, and not words of a title? */
static bool is_id(pm_slice id)
{
    return pm_memory_is_id(id) && pm_slice_find_byte(id, '@') != PM_NOWHERE;
}

/* The series that any message of it stands for. */
static pm_status find_series(const errand *on, pm_slice id, pm_series *series_out)
{
    pm_slice series = id;
    pm_status status = pm_store_reference(on->store, on->arena, id, deadline(), &series, NULL);

    if (status != PM_OK && status != PM_ABSENT)
        return status;
    return pm_store_series(on->store, on->arena, series, deadline(), series_out);
}

/* As find_series, of what somebody wrote. PM_EXIT_FINE, or the status to end with. */
static int find_written(const errand *on, const char *written, pm_series *series_out)
{
    pm_slice id = read_id(on, written);
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
        return complain_of_store(on, status);
    pm_complain("series: no series is remembered for <%.*s> (is the ID right? \"patchmark warm\" "
                "reads archives)",
                PM_FMT(id));
    return PM_EXIT_FAILED;
}

/* ---- list ------------------------------------------------------------------------------------ */

typedef struct filter {
    pm_slice project, inbox, author;
} filter;

static pm_slice flag_text(const errand *on, int flag)
{
    const char *value = on->arguments->flags[flag];

    return value == NULL ? PM_EMPTY : pm_slice_of(value);
}

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

static void print_series(const pm_series *series)
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

/* Called for each series, the last seen first, until it answers false. */
typedef bool (*series_fn)(void *context, const pm_series *series);

static pm_status each_series(const errand *on, series_fn call, void *context)
{
    pm_arena *pages[2] = {pm_arena_new(CHAIN_MEMORY), pm_arena_new(CHAIN_MEMORY)};
    pm_series *series = NULL;
    const pm_series *behind = NULL;
    size_t count = PM_STORE_FIND_MOST;
    pm_status status = pages[0] == NULL || pages[1] == NULL ? PM_LIMIT : PM_OK;

    /* The last series of a page says where the next one begins, so two pages are held. */
    for (unsigned page = 0; status == PM_OK && count == PM_STORE_FIND_MOST; page ^= 1) {
        pm_arena_reset(pages[page]);
        status = pm_store_newest(on->store, pages[page], behind, PM_STORE_FIND_MOST, deadline(),
                                 &series, &count);
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
        print_series(series);
    of->printed++;
    return !of->failed && (of->limit == 0 || of->printed < of->limit);
}

static bool read_list_limit(const errand *on, int64_t *limit_out)
{
    const pm_slice limit = flag_text(on, FLAG_LIMIT);

    *limit_out = LIST_USUALLY;
    if (on->arguments->flags[FLAG_LIMIT] == NULL ||
        (pm_slice_to_int(limit, limit_out) == PM_OK && *limit_out >= 0))
        return true;
    pm_complain("series: --limit wants a whole number, 0 for all, not \"%.*s\"", PM_FMT(limit));
    return false;
}

static int list(const errand *on)
{
    listing of = {
        .through = {flag_text(on, FLAG_PROJECT), flag_text(on, FLAG_INBOX),
                    flag_text(on, FLAG_AUTHOR)},
        .json = on->arguments->flags[FLAG_JSON] != NULL,
    };
    pm_status status;

    if (!read_list_limit(on, &of.limit))
        return PM_EXIT_FAILED;
    status = each_series(on, list_one, &of);
    if (of.failed)
        status = PM_LIMIT;
    return status == PM_OK ? PM_EXIT_FINE : complain_of_store(on, status);
}

/* ---- show ------------------------------------------------------------------------------------ */

/* Looking for the chains with a title that has all these words. */
typedef struct word_search {
    const errand *on;
    pm_arena *page; /* of one title */
    pm_slice words; /* as titles are compared */
    pm_slice chains[FOUND_MOST];
    pm_series newest[FOUND_MOST]; /* the series that led there */
    size_t count;
    pm_status status;
} word_search;

/* Do all words begin some word of the title? "boil" finds "boiling". */
static bool has_words(pm_slice title, pm_slice words)
{
    pm_slice word;

    while (pm_slice_next_word(&words, &word)) {
        pm_slice rest = title, in;
        bool found = false;

        while (!found && pm_slice_next_word(&rest, &in))
            found = pm_slice_starts(in, word);
        if (!found)
            return false;
    }
    return true;
}

static bool search_one(void *context, const pm_series *series)
{
    word_search *in = context;
    const errand *on = in->on;
    pm_slice title, id, chain;

    pm_arena_reset(in->page);
    title = pm_memory_normal(in->page, series->title);
    if (title.data == NULL || !has_words(title, in->words))
        return true;
    id = pm_copy(on->arena, series->id); /* the page it is on will go */
    in->status =
        id.data == NULL ? PM_LIMIT : pm_store_chain(on->store, on->arena, id, deadline(), &chain);
    for (size_t i = 0; in->status == PM_OK && i < in->count; i++)
        if (pm_slice_equal(in->chains[i], chain))
            return true;
    if (in->status != PM_OK)
        return false;
    in->status = pm_store_series(on->store, on->arena, id, deadline(), &in->newest[in->count]);
    if (in->status == PM_OK)
        in->chains[in->count++] = chain;
    return in->status == PM_OK && in->count < FOUND_MOST;
}

/* The operands as one, as titles are compared. */
static pm_slice join_words(const errand *on)
{
    pm_slice joined = PM_EMPTY;

    for (size_t i = 0; i < on->operand_count && joined.data != NULL; i++)
        joined = pm_print(on->arena, "%.*s %s", PM_FMT(joined), on->operands[i]);
    return joined.data == NULL ? joined : pm_memory_normal(on->arena, joined);
}

/* The one series whose chain is meant by words of its title. */
static int find_by_words(const errand *on, pm_series *series_out)
{
    word_search in = {.on = on, .page = pm_arena_new(1 << 20), .words = join_words(on)};
    pm_status status = PM_LIMIT;

    if (in.page != NULL && in.words.data != NULL)
        status = each_series(on, search_one, &in);
    pm_arena_free(in.page);
    if (status == PM_OK)
        status = in.status;
    if (status != PM_OK)
        return complain_of_store(on, status);
    if (in.count == 0) {
        pm_complain("series: no title that is remembered has the words \"%.*s\" (\"patchmark "
                    "series list\" lists the newest; an ID finds its series by any message of it)",
                    PM_FMT(in.words));
        return PM_EXIT_FAILED;
    }
    if (in.count == 1) {
        *series_out = in.newest[0];
        return PM_EXIT_FINE;
    }
    for (size_t i = 0; i < in.count; i++)
        print_series(&in.newest[i]);
    pm_complain("series: %s%zu patch sets have these words in a title (name one by its ID)",
                in.count == FOUND_MOST ? "more than " : "", in.count - (in.count == FOUND_MOST));
    return PM_EXIT_FAILED;
}

static int show(const errand *on)
{
    pm_slice id = on->operand_count == 1 ? read_id(on, on->operands[0]) : PM_EMPTY;
    pm_series series;
    pm_chain chain;
    pm_status status;
    int found = is_id(id) ? find_written(on, on->operands[0], &series) : find_by_words(on, &series);

    if (found != PM_EXIT_FINE)
        return found;
    status = pm_chain_read(on->store, on->arena, series.id, deadline(), &chain);
    if (status != PM_OK)
        return complain_of_store(on, status);
    if (on->arguments->flags[FLAG_JSON] == NULL)
        pm_chain_draw(&chain);
    else if (!pm_chain_print_json(&chain))
        return complain_of_store(on, PM_LIMIT);
    return PM_EXIT_FINE;
}

/* ---- link, unlink, pin, unpin
 * ------------------------------------------------------------------------
 */

static void print_name(const pm_series *series)
{
    char name[PM_REVISION_NAME];

    pm_revision_name(series, name);
    printf("%s <", name);
    pm_put_text(stdout, series->id);
    fputs(">", stdout);
}

/* Where the decision log is; NULL when nobody says. */
static const char *log_folder(const errand *on)
{
    if (on->arguments->flags[FLAG_LOG] != NULL)
        return on->arguments->flags[FLAG_LOG];
    return on->snapshot == NULL ? NULL : on->snapshot->config.state_directory;
}

/* What the correction changes of mail that was delivered. It is made whatever becomes of this. */
static void note_correction(const errand *on, pm_slice series)
{
    const pm_late_question asked = {
        .folder = log_folder(on), .store = on->store, .arena = on->arena, .behind = series};
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

static int complain_of_taking(const errand *on)
{
    pm_complain("%s: the store does not take it (is its disk full, or does another program hold "
                "it?)",
                on->where);
    return PM_EXIT_FAILED;
}

/* predecessor NULL: none. */
static int put_link(const errand *on, const pm_series *series, const pm_series *predecessor,
                    pm_slice why, double weight)
{
    const pm_link link = {.series = series->id,
                          .predecessor = predecessor == NULL ? PM_EMPTY : predecessor->id,
                          .why = why,
                          .weight = weight,
                          .pinned = true};
    pm_status status = pm_store_link(on->store, &link, deadline());

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
static pm_status comes_after(const errand *on, const pm_series *earlier, const pm_series *later,
                             bool *so_out)
{
    pm_series at = *earlier;
    pm_status status = PM_OK;

    *so_out = false;
    for (unsigned hops = 0; hops < LONGEST_CHAIN && status == PM_OK; hops++) {
        *so_out = pm_slice_equal(at.supersedes, later->id);
        if (*so_out || at.supersedes.len == 0)
            return PM_OK;
        status = pm_store_series(on->store, on->arena, at.supersedes, deadline(), &at);
    }
    return status == PM_ABSENT ? PM_OK : status;
}

static int link_series(const errand *on)
{
    pm_series later, earlier;
    bool circle = false;
    pm_status status;
    int found = find_written(on, on->operands[0], &later);

    if (found == PM_EXIT_FINE)
        found = find_written(on, on->operands[1], &earlier);
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
        return complain_of_store(on, status);
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
    return put_link(on, &later, &earlier, PM_LIT(BY_A_PERSON), 1);
}

static int unlink_series(const errand *on)
{
    pm_series series;
    int found = find_written(on, on->operands[0], &series);

    return found == PM_EXIT_FINE ? put_link(on, &series, NULL, PM_LIT(BY_A_PERSON), 1) : found;
}

/* What was found is right, and shall stay. */
static int pin_series(const errand *on)
{
    pm_series series, predecessor;
    pm_slice why;
    int found;

    if (on->operand_count == 2)
        return link_series(on);
    found = find_written(on, on->operands[0], &series);
    if (found != PM_EXIT_FINE)
        return found;
    if (series.supersedes.len == 0)
        return put_link(on, &series, NULL, PM_LIT(BY_A_PERSON), 1);
    predecessor = (pm_series){.id = series.supersedes, .revision = 0};
    if (pm_store_series(on->store, on->arena, series.supersedes, deadline(), &predecessor) != PM_OK)
        predecessor = (pm_series){.id = series.supersedes};
    why = series.flags & PM_SERIES_PINNED
              ? series.supersedes_why
              : pm_print(on->arena, "%.*s; " BY_A_PERSON, PM_FMT(series.supersedes_why));
    if (why.data == NULL)
        return complain_of_store(on, PM_LIMIT);
    return put_link(on, &series, &predecessor, why, series.supersedes_weight);
}

/* Why, without the person: empty when nobody but the person said so. */
static pm_slice evidence(const pm_series *series)
{
    static const pm_slice person = PM_LIT("; " BY_A_PERSON);
    const pm_slice why = series->supersedes_why;

    return pm_slice_ends(why, person) ? pm_slice_cut(why, 0, why.len - person.len) : PM_EMPTY;
}

/* What mail said before is back; what a person alone said is gone. */
static int unpin_series(const errand *on)
{
    pm_series series;
    pm_link link = {.predecessor = PM_EMPTY};
    int found = find_written(on, on->operands[0], &series);

    if (found != PM_EXIT_FINE)
        return found;
    print_name(&series);
    if ((series.flags & PM_SERIES_PINNED) == 0) {
        fputs(" is not pinned.\n", stdout);
        return PM_EXIT_FINE;
    }
    link.series = series.id;
    link.why = evidence(&series);
    if (link.why.len > 0) {
        link.predecessor = series.supersedes;
        link.weight = series.supersedes_weight;
    }
    if (pm_store_unpin(on->store, &link, deadline()) != PM_OK) {
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

/* ---- late --------------------------------------------------------------------------------------
 */

/* From when on; 0: all. */
static bool read_since(const errand *on, int64_t *since_out)
{
    const char *value = on->arguments->flags[FLAG_SINCE];
    int64_t age_us;

    *since_out = 0;
    if (value == NULL)
        return true;
    if (pm_syntax_number(pm_slice_of(value), PM_UNITS_AGE | PM_UNITS_TIME, &age_us) != PM_OK ||
        age_us < 0 || pm_is_digit(value[strlen(value) - 1])) {
        pm_complain("series: --since wants a time with its unit, for instance 12h or 7d, not "
                    "\"%s\"",
                    value);
        return false;
    }
    *since_out = (pm_clock_wall_us() - age_us) / 1000000;
    return true;
}

static int print_late(const errand *on, const pm_late_question *asked, int64_t limit)
{
    pm_errors *errors = pm_errors_new();
    pm_late_list list;
    const pm_status status = pm_late_list_read(asked, &list, errors);
    const bool read = pm_errors_count(errors) == 0;

    pm_complain_of(errors);
    pm_errors_free(errors);
    if (status != PM_OK)
        return complain_of_store(on, status);
    if (on->arguments->flags[FLAG_JSON] != NULL)
        pm_late_list_print_json(&list, (size_t)limit);
    else
        pm_late_list_print(&list, asked, (size_t)limit);
    if (!read)
        return PM_EXIT_FAILED;
    return list.count > 0 ? PM_EXIT_FOUND : PM_EXIT_FINE;
}

static int late(const errand *on)
{
    pm_late_question asked = {
        .folder = log_folder(on), .store = on->store, .arena = on->arena, .behind = PM_EMPTY};
    int64_t limit;

    if (!read_list_limit(on, &limit) || !read_since(on, &asked.since))
        return PM_EXIT_FAILED;
    if (asked.folder == NULL) {
        pm_complain("series: nobody says where the decision log is (write \"state-directory DIR\" "
                    "into the configuration, or --log DIR)");
        return PM_EXIT_FAILED;
    }
    if (!pm_late_has_log(asked.folder)) {
        pm_complain("%s: there is no decisions.jsonl (patchmarkd writes it, unless decision-log is "
                    "off)",
                    asked.folder);
        return PM_EXIT_FAILED;
    }
    return print_late(on, &asked, limit);
}

/* ---- forget ------------------------------------------------------------------------------------
 */

/* The number of a flag, or usual when it was not given. */
static bool read_limit(const errand *on, int flag, unsigned units, const char *example,
                       int64_t usual, int64_t *number_out)
{
    const char *value = on->arguments->flags[flag];

    *number_out = usual;
    if (value == NULL || (pm_syntax_number(pm_slice_of(value), units, number_out) == PM_OK &&
                          *number_out > 0 && !pm_is_digit(value[strlen(value) - 1])))
        return true;
    pm_complain("series: --%s wants a number with its unit, for instance %s, not \"%s\"",
                flags[flag].name, example, value);
    return false;
}

/* Nothing said: what the configuration says. One said: that alone. */
static int forget(const errand *on)
{
    const bool said =
        on->arguments->flags[FLAG_OLDER_THAN] != NULL || on->arguments->flags[FLAG_SIZE] != NULL;
    const pm_config *usual = said || on->snapshot == NULL ? NULL : &on->snapshot->config;
    pm_retention limits = {.age_us = 0};
    pm_forgotten gone;
    pm_status status;
    int64_t size;

    if (!said && usual == NULL) {
        pm_complain("series: how much? (write --older-than 2y, or --size 10G, or leave out --store "
                    "for what the configuration says)");
        return PM_EXIT_FAILED;
    }
    if (!read_limit(on, FLAG_OLDER_THAN, PM_UNITS_AGE, "2y or 90d",
                    usual == NULL ? 0 : usual->retention_us, &limits.age_us) ||
        !read_limit(on, FLAG_SIZE, PM_UNITS_SIZE, "10G", usual == NULL ? 0 : usual->store_size,
                    &size))
        return PM_EXIT_FAILED;
    limits.most_bytes = (uint64_t)size;
    status = pm_retention_enforce(on->store, &limits, pm_clock_wall_us(), &gone);
    printf("%s: %llu series forgotten for their age, %llu for the size.\n", on->where,
           (unsigned long long)gone.aged, (unsigned long long)gone.crowded);
    return status == PM_OK ? PM_EXIT_FINE : complain_of_store(on, status);
}

/* ---- verify, export, import --------------------------------------------------------------------
 */

static int print_counts(const errand *on, const char *what)
{
    uint64_t series, chains;
    pm_status status = pm_store_count(on->store, deadline(), &series, &chains);

    if (status != PM_OK)
        return complain_of_store(on, status);
    printf("%s: %s%llu series in %llu chain%s.\n", on->where, what, (unsigned long long)series,
           (unsigned long long)chains, chains == 1 ? "" : "s");
    return PM_EXIT_FINE;
}

static int verify(const errand *on)
{
    pm_errors *errors = pm_errors_new();
    bool whole = pm_store_verify(on->store, errors);

    pm_complain_of(errors);
    pm_errors_free(errors);
    return whole ? print_counts(on, "whole. ") : PM_EXIT_FOUND;
}

static int export_all(const errand *on)
{
    pm_errors *errors = pm_errors_new();
    bool fine = pm_series_export(on->store, errors);

    pm_complain_of(errors);
    pm_errors_free(errors);
    return fine ? PM_EXIT_FINE : PM_EXIT_FAILED;
}

static int import_all(const errand *on)
{
    pm_errors *errors = pm_errors_new();
    pm_imported imported;
    bool fine = pm_series_import(on->store, on->operands[0], &imported, errors);

    printf("%zu series, %zu references, %zu links, %zu notes and %zu paths were read.\n",
           imported.series, imported.references, imported.links, imported.notes, imported.paths);
    pm_complain_of(errors);
    pm_errors_free(errors);
    return fine ? print_counts(on, "") : PM_EXIT_FAILED;
}

/* ---- Which of these ----------------------------------------------------------------------------
 */

#define TAKES(flag) (1u << (flag))

static const struct verb {
    const char *name, *operands;
    size_t least, most;
    pm_store_use use;
    unsigned takes; /* flags beside --config and --store */
    int (*run)(const errand *on);
} verbs[] = {
    {"list", "", 0, 0, PM_STORE_READ,
     TAKES(FLAG_PROJECT) | TAKES(FLAG_INBOX) | TAKES(FLAG_AUTHOR) | TAKES(FLAG_LIMIT) |
         TAKES(FLAG_JSON),
     list},
    {"show", " ID | WORD...", 1, SIZE_MAX, PM_STORE_READ, TAKES(FLAG_JSON), show},
    {"link", " ID PREDECESSOR", 2, 2, PM_STORE_CORRECT, TAKES(FLAG_LOG), link_series},
    {"unlink", " ID", 1, 1, PM_STORE_CORRECT, TAKES(FLAG_LOG), unlink_series},
    {"pin", " ID", 1, 2, PM_STORE_CORRECT, TAKES(FLAG_LOG), pin_series},
    {"unpin", " ID", 1, 1, PM_STORE_CORRECT, TAKES(FLAG_LOG), unpin_series},
    {"late", "", 0, 0, PM_STORE_READ,
     TAKES(FLAG_SINCE) | TAKES(FLAG_LIMIT) | TAKES(FLAG_JSON) | TAKES(FLAG_LOG), late},
    {"forget", "", 0, 0, PM_STORE_CORRECT, TAKES(FLAG_OLDER_THAN) | TAKES(FLAG_SIZE), forget},
    {"verify", "", 0, 0, PM_STORE_READ, 0, verify},
    {"export", "", 0, 0, PM_STORE_READ, 0, export_all},
    {"import", " FILE", 1, 1, PM_STORE_WRITE, 0, import_all},
};

static bool fits(const struct verb *verb, const errand *on)
{
    const unsigned always = TAKES(FLAG_CONFIG) | TAKES(FLAG_STORE);

    if (on->operand_count < verb->least || on->operand_count > verb->most) {
        pm_complain("series: write \"patchmark series %s%s\"", verb->name, verb->operands);
        return false;
    }
    for (int flag = 0; flags[flag].name != NULL; flag++) {
        if (on->arguments->flags[flag] == NULL || ((verb->takes | always) & TAKES(flag)) != 0)
            continue;
        pm_complain("series: --%s does not go with \"%s\" (\"patchmark help series\" says what "
                    "does)",
                    flags[flag].name, verb->name);
        return false;
    }
    return true;
}

static int series(const pm_arguments *arguments)
{
    const struct verb *verb = pm_find_verb("series", arguments->operands[0], verbs,
                                           sizeof(verbs) / sizeof(verbs[0]), sizeof(verbs[0]));
    errand on = {.arguments = arguments,
                 .operands = arguments->operands + 1,
                 .operand_count = arguments->operand_count - 1};
    pm_snapshot *snapshot = NULL;
    int status = PM_EXIT_FAILED;

    if (verb == NULL || !fits(verb, &on))
        return PM_EXIT_FAILED;
    if (arguments->flags[FLAG_STORE] == NULL) {
        snapshot = pm_load_or_complain(arguments->flags[FLAG_CONFIG]);
        if (snapshot == NULL)
            return PM_EXIT_FAILED;
    }
    on.store = pm_open_store_or_complain(arguments->flags[FLAG_STORE], snapshot, verb->use);
    on.where = arguments->flags[FLAG_STORE] != NULL ? arguments->flags[FLAG_STORE]
                                                    : snapshot->config.store;
    on.snapshot = snapshot;
    on.arena = pm_arena_new(CHAIN_MEMORY);
    if (on.arena == NULL)
        pm_complain("no memory");
    else if (on.store != NULL)
        status = verb->run(&on);
    pm_arena_free(on.arena);
    pm_store_close(on.store);
    pm_snapshot_unref(snapshot);
    return status;
}

const pm_command pm_command_series = {
    .name = "series",
    .operands = "VERB...",
    .summary = "look at the memory of series, and correct it",
    .details =
        "  list                   the series that were seen last\n"
        "  show ID | WORD...      a patch set with all its revisions, as a tree: what arrived,\n"
        "                         what is missing, what supersedes what and why\n"
        "  link ID PREDECESSOR    the first supersedes the second\n"
        "  unlink ID              it supersedes nothing\n"
        "  pin ID                 what was found out is right\n"
        "  unpin ID               evidence decides again\n"
        "  late                   what was marked and would now be marked otherwise\n"
        "  forget                 what is past the configuration's limits, or those given here\n"
        "  verify                 is the store whole?\n"
        "  export                 all of it as JSON Lines, to standard output\n"
        "  import FILE            merge such lines, - for standard input, into the store\n"
        "\n"
        "An ID is the Message-ID of any message of the series, with or without angle brackets,\n"
        "or a link to it on lore.kernel.org. A WORD is one of a title, or its beginning. What\n"
        "link, unlink and pin say is a person's word and stays, whatever later mail says, until\n"
        "unpin takes it back.\n",
    .flags = flags,
    .least = 1,
    .most = SIZE_MAX,
    .run = series,
};
