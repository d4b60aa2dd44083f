/* SPDX-License-Identifier: BSD-2-Clause */
/* recall - the memory of series as one letter meets it; see recall.h. */
#include "recall.h"

#include "clock.h"
#include "table.h"

/* Parts beyond this are no parts; a reply's word counts after every part's. */
#define RANK_OF_REPLY 1000000

/* Messages of its thread that a root may be said to answer. */
#define MOST_ANSWERED 10

#define MOST_JOINS 8

typedef struct finding { /* one question by key, answered once */
    pm_series_key key;
    pm_slice value;
    pm_series *series;
    size_t count;
    struct finding *next;
} finding;

/* Every plugin asks for the letter's series and for what it answers: each is asked of the store
 * once. */
typedef struct remembered_series {
    pm_status status; /* PM_OK or PM_ABSENT */
    pm_known known;
    bool relinked; /* by this letter: what it supersedes has changed since */
} remembered_series;

typedef struct remembered_reference {
    pm_status status; /* PM_OK or PM_ABSENT */
    pm_slice series;
    int part;
} remembered_reference;

/* A plugin's note, as the store or this letter has it. */
typedef struct remembered_note {
    pm_status status; /* PM_OK or PM_ABSENT */
    pm_note note;
    bool is_new; /* this letter's, to be written */
    struct remembered_note *next;
} remembered_note;

struct pm_recall {
    pm_store *store;
    const pm_letter *letter;
    const pm_facts *facts;
    pm_arena *arena;
    int64_t deadline_us;
    pm_series said, own; /* what the letter says; what is known with it */
    pm_turn turn;
    int64_t turn_until_us; /* who waits for others gives up then */
    int64_t waited_us;     /* for them, while a plugin asked */
    bool has_turn, adds;   /* adds: and has waited for what others of its author add */
    bool said_made, own_made, failed;
    bool joins; /* another series goes into its own with it */
    bool moves; /* what others inherit of its series, or what that supersedes, changes with it */
    finding *findings;
    pm_table *series, *references; /* by id: what the store said of them */
    pm_table *notes;               /* by plugin and key */
    remembered_note *noted;        /* the same, the newest first */
    bool noting;                   /* one of them is new */
};

pm_recall *pm_recall_new(pm_store *store, const pm_letter *letter, const pm_facts *facts,
                         int64_t deadline_us)
{
    pm_arena *arena = pm_message_arena(letter->message);
    pm_recall *recall = pm_alloc(arena, sizeof(*recall));

    if (recall == NULL)
        return NULL;
    *recall = (pm_recall){.store = store,
                          .letter = letter,
                          .facts = facts,
                          .arena = arena,
                          .deadline_us = deadline_us,
                          .series = pm_table_new(arena),
                          .references = pm_table_new(arena),
                          .notes = pm_table_new(arena)};
    return recall->series == NULL || recall->references == NULL || recall->notes == NULL ? NULL
                                                                                         : recall;
}

/* A store that is away is asked once a message, not ten times. */
static bool can_ask(const pm_recall *recall)
{
    return recall->store != NULL && !recall->failed;
}

static pm_status heard(pm_recall *recall, pm_status status)
{
    if (status == PM_LATER || status == PM_FAULT)
        recall->failed = true;
    return status == PM_FAULT ? PM_LATER : status;
}

/* Is it an id that can be kept, and shown in a header field? */
static bool is_id(pm_slice id)
{
    for (size_t i = 0; i < id.len; i++)
        if ((unsigned char)id.data[i] >= 127)
            return false;
    return pm_memory_is_id(id);
}

/* ---- What the letter says of its series ---- */

/* A patch without others; "1/1" may have a cover all the same, and then that is its series. */
static bool is_lone(const pm_recall *recall)
{
    const pm_letter *letter = recall->letter;
    const pm_found *series = pm_facts_nth(recall->facts, PM_LIT("series"), 0);

    return letter->subject.total <= 1 &&
           (series == NULL || pm_slice_equal(series->text, letter->message_id));
}

static bool is_root(const pm_recall *recall)
{
    const pm_letter *letter = recall->letter;

    return letter->kind == PM_KIND_COVER || letter->kind == PM_KIND_PULL ||
           (letter->kind == PM_KIND_PATCH && is_lone(recall));
}

static int32_t rank_of(const pm_recall *recall)
{
    const pm_letter *letter = recall->letter;

    if (is_root(recall))
        return 0;
    if (letter->kind == PM_KIND_PATCH && letter->subject.part > 0)
        return letter->subject.part;
    return RANK_OF_REPLY;
}

static pm_slice lower(pm_arena *arena, pm_slice text)
{
    char *copy = pm_alloc(arena, text.len + 1);

    if (copy == NULL)
        return PM_EMPTY;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = pm_lower(text.data[i]);
    return (pm_slice){copy, text.len};
}

/* ---- Its turn ---- */

#define TURN_SHARE 4 /* of the time that is left, one part may be spent waiting */

void pm_recall_take_turn(pm_recall *recall)
{
    const pm_letter *letter = recall->letter;
    const int64_t now = pm_clock_us();
    pm_turn *turn = &recall->turn;

    if (recall->store == NULL || letter->message_id.len == 0)
        return;
    pm_turn_of(turn, letter->message_id);
    if (rank_of(recall) != RANK_OF_REPLY)
        pm_turn_is_by(turn, lower(recall->arena, letter->author.address),
                      pm_memory_normal(recall->arena, letter->author.name));
    pm_turn_answers(turn, letter->in_reply_to);
    for (size_t i = letter->reference_count; i > 0; i--)
        pm_turn_answers(turn, letter->references[i - 1]);
    recall->turn_until_us = now + (recall->deadline_us - now) / TURN_SHARE;
    pm_turn_take(pm_store_turns(recall->store), turn, recall->turn_until_us);
    recall->has_turn = true;
}

void pm_recall_end_turn(pm_recall *recall)
{
    if (recall->has_turn)
        pm_turn_end(pm_store_turns(recall->store), &recall->turn);
    recall->has_turn = false;
}

/* What was heard of the store holds no more: others have written meanwhile. */
static void hear_anew(pm_recall *recall)
{
    pm_table *series = pm_table_new(recall->arena), *references = pm_table_new(recall->arena);

    if (series == NULL || references == NULL)
        return; /* past the budget: then with what was heard */
    recall->series = series;
    recall->references = references;
    recall->findings = NULL;
}

/* Its author's other letters are first, once. True: they were waited for. */
static bool wait_for_author(pm_recall *recall)
{
    int64_t began_us;

    if (!recall->has_turn || recall->adds)
        return false;
    recall->adds = true;
    began_us = pm_clock_us();
    if (!pm_turn_adds(pm_store_turns(recall->store), &recall->turn, recall->turn_until_us))
        return false;
    recall->waited_us += pm_clock_us() - began_us;
    hear_anew(recall);
    return true;
}

/* ---- What the letter says, as the memory keeps it ---- */

/* Text as the memory keeps it, so that what is said and what is known compare. */
static pm_slice clean(pm_arena *arena, pm_slice text)
{
    pm_slice fit = pm_memory_fit(arena, text);

    return fit.data == NULL ? PM_EMPTY : fit;
}

static pm_status read_titles(pm_recall *recall, pm_series *own)
{
    const pm_letter *letter = recall->letter;
    size_t count = letter->kind == PM_KIND_COVER ? letter->shortlog.count : 1;
    pm_slice *titles = pm_alloc_array(recall->arena, count, sizeof(*titles));

    if (titles == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < count; i++) {
        pm_slice title = letter->kind == PM_KIND_COVER ? letter->shortlog.entries[i].title
                                                       : letter->subject.title;
        titles[i] = pm_memory_normal(recall->arena, clean(recall->arena, title));
        if (titles[i].data == NULL)
            return PM_LIMIT;
    }
    count = pm_memory_sort(titles, count);
    own->titles = titles;
    own->title_count = count < PM_SERIES_MOST_TITLES ? count : PM_SERIES_MOST_TITLES;
    return PM_OK;
}

static pm_status read_paths(pm_recall *recall, pm_series *own)
{
    const pm_diffstat *diffstat = &recall->letter->diffstat;
    pm_slice *paths = pm_alloc_array(recall->arena, diffstat->count, sizeof(*paths));
    size_t count;

    if (paths == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < diffstat->count; i++)
        paths[i] = pm_slice_trim(clean(recall->arena, diffstat->paths[i].path));
    count = pm_memory_sort(paths, diffstat->count);
    own->paths = paths;
    own->path_count = count < PM_SERIES_MOST_PATHS ? count : PM_SERIES_MOST_PATHS;
    return PM_OK;
}

static void claim(pm_recall *recall, pm_series *own, pm_claim *claims, pm_slice id,
                  unsigned revision, pm_slice how)
{
    if (own->claim_count == PM_SERIES_MOST_CLAIMS || !is_id(id) ||
        pm_slice_equal(id, recall->letter->message_id))
        return;
    for (size_t i = 0; i < own->claim_count; i++)
        if (pm_slice_equal(claims[i].message_id, id))
            return; /* the first said more */
    claims[own->claim_count++] = (pm_claim){id, revision, how};
}

/* A root that hangs in another thread: what it answers, nearest first, and that thread's root. */
static void claim_thread(pm_recall *recall, pm_series *own, pm_claim *claims)
{
    const pm_letter *letter = recall->letter;
    size_t count = letter->reference_count,
           least = count > MOST_ANSWERED ? count - MOST_ANSWERED : 0;

    claim(recall, own, claims, letter->in_reply_to, 0, PM_LIT("reply"));
    while (count > least)
        claim(recall, own, claims, letter->references[--count], 0, PM_LIT("reply"));
    if (least > 0)
        claim(recall, own, claims, letter->references[0], 0, PM_LIT("reply"));
}

/* Which messages the letter calls its earlier revisions. That it answers one counts for a root
 * alone: a part answers its cover. */
static pm_status read_claims(pm_recall *recall, pm_series *own)
{
    const pm_letter *letter = recall->letter;
    pm_claim *claims = pm_alloc_array(recall->arena, PM_SERIES_MOST_CLAIMS, sizeof(*claims));

    if (claims == NULL)
        return PM_LIMIT;
    own->claims = claims;
    for (size_t i = 0; i < letter->trailers.supersedes_count; i++)
        claim(recall, own, claims, letter->trailers.supersedes[i], 0, PM_LIT("supersedes"));
    for (size_t i = 0; i < letter->changelog.link_count; i++)
        claim(recall, own, claims, letter->changelog.links[i].message_id,
              letter->changelog.links[i].revision, PM_LIT("link"));
    if (is_root(recall))
        claim_thread(recall, own, claims);
    return PM_OK;
}

static pm_status make_said(pm_recall *recall)
{
    const pm_letter *letter = recall->letter;
    pm_arena *arena = recall->arena;
    pm_series own = {
        .size = sizeof(own),
        .flags = (letter->subject.flags & PM_SUBJECT_RFC ? PM_SERIES_RFC : 0) |
                 (letter->subject.flags & PM_SUBJECT_RESEND ? PM_SERIES_RESEND : 0) |
                 (is_root(recall) ? PM_SERIES_ROOT : 0),
        .id = PM_EMPTY,
        .revision = letter->subject.revision,
        .reroll = letter->subject.reroll,
        .total = letter->subject.total,
        .rank = rank_of(recall),
        .date = letter->date,
        .last_seen = letter->date,
        .title = clean(arena, letter->subject.title),
        .author = lower(arena, clean(arena, letter->author.address)),
        .author_name = pm_memory_normal(arena, clean(arena, letter->author.name)),
        .change_id = clean(arena, letter->trailers.change_id),
        .project = PM_EMPTY,
        .inbox = PM_EMPTY,
        .supersedes = PM_EMPTY,
        .supersedes_why = PM_EMPTY,
    };

    if (own.author_name.data == NULL || read_titles(recall, &own) != PM_OK ||
        read_paths(recall, &own) != PM_OK || read_claims(recall, &own) != PM_OK)
        return PM_LIMIT;
    recall->said = own;
    recall->said_made = true;
    return PM_OK;
}

/* ---- What the store knows ---- */

/* Put what is known of an id under a copy of it: who asked may not keep it as long. */
static pm_status keep(pm_recall *recall, pm_table *table, pm_slice id, void *answer)
{
    pm_slice key = pm_copy(recall->arena, id);

    return key.data == NULL ? PM_LIMIT : pm_table_put(table, key, answer);
}

static pm_status ask_reference(pm_recall *recall, pm_slice id, remembered_reference **out)
{
    remembered_reference *asked = pm_alloc(recall->arena, sizeof(*asked));

    if (asked == NULL)
        return PM_LIMIT;
    asked->status =
        heard(recall, pm_store_reference(recall->store, recall->arena, id, recall->deadline_us,
                                         &asked->series, &asked->part));
    *out = asked;
    if (asked->status != PM_OK && asked->status != PM_ABSENT)
        return asked->status;
    return keep(recall, recall->references, id, asked);
}

pm_status pm_recall_reference(pm_recall *recall, pm_slice message_id, pm_slice *series_out,
                              int32_t *part_out)
{
    remembered_reference *known;
    pm_status status;

    if (!can_ask(recall) || !is_id(message_id))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = pm_table_get(recall->references, message_id);
    if (known == NULL) {
        status = ask_reference(recall, message_id, &known);
        if (status != PM_OK)
            return status;
    }
    if (known->status != PM_OK)
        return known->status; /* what the caller has there stays */
    *series_out = known->series;
    if (part_out != NULL)
        *part_out = known->part;
    return PM_OK;
}

static pm_status ask_series(pm_recall *recall, pm_slice id, remembered_series **out)
{
    remembered_series *asked = pm_alloc(recall->arena, sizeof(*asked));

    if (asked == NULL)
        return PM_LIMIT;
    asked->status = heard(recall, pm_store_known(recall->store, recall->arena, id,
                                                 recall->deadline_us, &asked->known));
    *out = asked;
    if (asked->status != PM_OK && asked->status != PM_ABSENT)
        return asked->status;
    return keep(recall, recall->series, id, asked);
}

/* What the store has said of a series, if it was asked and that still holds. */
static remembered_series *heard_of(const pm_recall *recall, pm_slice id)
{
    remembered_series *known = pm_table_get(recall->series, id);

    return known == NULL || known->relinked ? NULL : known;
}

pm_status pm_recall_series(pm_recall *recall, pm_slice id, const pm_series **series_out)
{
    remembered_series *known;
    pm_status status;

    if (!can_ask(recall) || !is_id(id))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = heard_of(recall, id);
    if (known == NULL) {
        status = ask_series(recall, id, &known);
        if (status != PM_OK)
            return status;
    }
    *series_out = &known->known.series;
    return known->known.series.rank == PM_NOBODY ? PM_ABSENT : known->status;
}

static pm_slice as_key(const pm_recall *recall, pm_series_key key, pm_slice value)
{
    value = clean(recall->arena, value);
    switch (key) {
    case PM_KEY_AUTHOR:
        return lower(recall->arena, value);
    case PM_KEY_AUTHOR_NAME:
    case PM_KEY_TITLE:
        value = pm_memory_normal(recall->arena, value);
        return value.data == NULL ? PM_EMPTY : value;
    case PM_KEY_CHANGE_ID:
    case PM_KEY_SUPERSEDES:
        break;
    }
    return value;
}

pm_status pm_recall_find(pm_recall *recall, pm_series_key key, pm_slice value, unsigned nth,
                         const pm_series **series_out)
{
    finding *found = recall->findings;
    pm_status status;

    if (!can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    value = as_key(recall, key, value);
    if (value.len == 0)
        return PM_ABSENT;
    if (wait_for_author(recall))
        found = NULL;
    while (found != NULL && (found->key != key || !pm_slice_equal(found->value, value)))
        found = found->next;
    if (found == NULL) {
        found = pm_alloc(recall->arena, sizeof(*found));
        if (found == NULL)
            return PM_LIMIT;
        *found = (finding){.key = key, .value = value, .next = recall->findings};
        status = heard(recall,
                       pm_store_find(recall->store, recall->arena, key, value, PM_STORE_FIND_MOST,
                                     recall->deadline_us, &found->series, &found->count));
        if (status != PM_OK)
            return status;
        recall->findings = found;
    }
    if (nth >= found->count)
        return PM_ABSENT;
    *series_out = &found->series[nth];
    return PM_OK;
}

pm_status pm_recall_supersede(pm_recall *recall, pm_slice series, pm_slice predecessor,
                              double weight, pm_slice why)
{
    const pm_link link = {series, predecessor, clean(recall->arena, why), weight, false};
    remembered_series *known;

    if (!can_ask(recall) || !is_id(series) || (predecessor.len > 0 && !is_id(predecessor)))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = heard_of(recall, series);
    if (known != NULL)
        known->relinked = true;
    recall->moves = true;
    return heard(recall, pm_store_link(recall->store, &link, recall->deadline_us));
}

pm_status pm_recall_chain(pm_recall *recall, pm_slice id, pm_slice *chain_out)
{
    const remembered_series *known;

    if (!can_ask(recall) || !is_id(id))
        return recall->failed ? PM_LATER : PM_ABSENT;
    known = heard_of(recall, id);
    if (known != NULL && known->status == PM_OK && known->known.series.supersedes.len == 0) {
        *chain_out = id;
        return PM_OK;
    }
    return heard(recall,
                 pm_store_chain(recall->store, recall->arena, id, recall->deadline_us, chain_out));
}

/* ---- What plugins note ---- */

static int64_t now_seconds(void)
{
    return pm_clock_wall_us() / 1000000;
}

/* One place for each plugin and key; empty when it is new. NULL past the budget. */
static remembered_note *note_place(pm_recall *recall, pm_slice plugin, pm_slice key)
{
    const pm_slice name = pm_print(recall->arena, "%.*s\n%.*s", PM_FMT(plugin), PM_FMT(key));
    remembered_note *place = name.data == NULL ? NULL : pm_table_get(recall->notes, name);

    if (place != NULL || name.data == NULL)
        return place;
    place = pm_alloc(recall->arena, sizeof(*place));
    if (place == NULL || pm_table_put(recall->notes, name, place) != PM_OK)
        return NULL;
    *place = (remembered_note){
        .status = PM_LATER, .note = {.plugin = plugin, .key = key}, .next = recall->noted};
    recall->noted = place;
    return place;
}

static unsigned count_new_notes(const pm_recall *recall, pm_slice plugin)
{
    unsigned count = 0;

    for (const remembered_note *at = recall->noted; at != NULL; at = at->next)
        count += at->is_new && pm_slice_equal(at->note.plugin, plugin);
    return count;
}

static bool is_note(pm_slice key, pm_slice value, int64_t seconds)
{
    return key.len > 0 && key.len <= PM_NOTE_KEY_MOST && value.len <= PM_NOTE_VALUE_MOST &&
           (value.len == 0 || (seconds > 0 && seconds <= PM_NOTE_SECONDS_MOST));
}

pm_status pm_recall_note(pm_recall *recall, pm_slice plugin, pm_slice key, pm_slice value,
                         int64_t seconds)
{
    remembered_note *place;

    if (!is_note(key, value, seconds))
        return PM_FAULT;
    if (!can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    key = pm_memory_fit(recall->arena, key);
    value = pm_memory_fit_note(recall->arena, value);
    if (key.data == NULL || value.data == NULL)
        return PM_LIMIT;
    place = note_place(recall, plugin, key);
    if (place == NULL ||
        (!place->is_new && count_new_notes(recall, plugin) == PM_NOTES_OF_A_LETTER))
        return PM_LIMIT;
    place->status = value.len == 0 ? PM_ABSENT : PM_OK;
    place->note.value = value;
    place->note.expires = value.len == 0 ? 0 : now_seconds() + seconds;
    place->is_new = recall->noting = true;
    return PM_OK;
}

pm_status pm_recall_noted(pm_recall *recall, pm_slice plugin, pm_slice key, pm_slice *value_out)
{
    remembered_note *place;

    if (!can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    if (!is_note(key, PM_EMPTY, 0))
        return PM_ABSENT;
    key = pm_memory_fit(recall->arena, key);
    place = key.data == NULL ? NULL : note_place(recall, plugin, key);
    if (place == NULL)
        return PM_LIMIT;
    if (place->status == PM_LATER)
        place->status =
            heard(recall, pm_store_noted(recall->store, recall->arena, plugin, key, now_seconds(),
                                         recall->deadline_us, &place->note.value));
    if (place->status == PM_OK)
        *value_out = place->note.value;
    return place->status;
}

static pm_status write_notes(pm_recall *recall)
{
    pm_note *notes;
    size_t count = 0;

    for (const remembered_note *at = recall->noted; at != NULL; at = at->next)
        count += at->is_new;
    notes = pm_alloc_array(recall->arena, count, sizeof(*notes));
    if (notes == NULL)
        return PM_LIMIT;
    count = 0;
    for (const remembered_note *at = recall->noted; at != NULL; at = at->next)
        if (at->is_new)
            notes[count++] = at->note;
    return heard(recall, pm_store_note(recall->store, notes, count, recall->deadline_us));
}

/* ---- Paths that were seen before ---- */

pm_status pm_recall_paths(pm_recall *recall, pm_slice project, pm_slice tail, pm_slice **paths_out,
                          size_t *count_out)
{
    if (!can_ask(recall))
        return recall->failed ? PM_LATER : PM_ABSENT;
    /* What is remembered of the letter is what it says by itself: whoever came first would show. */
    if (!recall->said_made && make_said(recall) != PM_OK)
        return PM_LIMIT;
    return heard(recall, pm_store_paths(recall->store, recall->arena, project, tail,
                                        recall->deadline_us, paths_out, count_out));
}

/* What the letter writes out. PM_LIMIT past the budget. */
static pm_status find_whole_paths(const pm_recall *recall, pm_paths_seen *seen)
{
    const pm_diffstat *diffstat = &recall->letter->diffstat;
    pm_slice *paths = pm_alloc_array(recall->arena, PM_SERIES_MOST_PATHS, sizeof(*paths));

    if (paths == NULL)
        return PM_LIMIT;
    seen->paths = paths;
    for (size_t i = 0; i < diffstat->count && seen->count < PM_SERIES_MOST_PATHS; i++)
        if (diffstat->paths[i].how == PM_PATH_WHOLE)
            paths[seen->count++] = diffstat->paths[i].path;
    return PM_OK;
}

/* ---- Both together ---- */

/* Series that the letter shows to be its own: one called after it by those that came first, and
 * those a plugin says so of. */
static size_t find_joins(const pm_recall *recall, pm_slice id, pm_slice joins[MOST_JOINS])
{
    const pm_slice message_id = recall->letter->message_id;
    const pm_found *found;
    size_t count = 0;

    if (is_id(message_id) && !pm_slice_equal(message_id, id))
        joins[count++] = message_id;
    for (unsigned nth = 0; count < MOST_JOINS; nth++) {
        found = pm_facts_nth(recall->facts, PM_LIT("series.joins"), nth);
        if (found == NULL)
            break;
        if (is_id(found->text) && !pm_slice_equal(found->text, id))
            joins[count++] = found->text;
    }
    return count;
}

static pm_status add_known(const pm_recall *recall, const pm_series *known, pm_known *own)
{
    const pm_known other = pm_memory_known(known);

    return pm_memory_merge(recall->arena, own, &other, own);
}

/* What it supersedes is said of one series, and never merged. */
static void take_link(pm_series *own, const pm_series *known)
{
    own->supersedes = known->supersedes;
    own->supersedes_why = known->supersedes_why;
    own->supersedes_weight = known->supersedes_weight;
    own->flags = (own->flags & ~(uint32_t)PM_SERIES_PINNED) | (known->flags & PM_SERIES_PINNED);
}

/* What is known of its series, the letter's own word added; a reply has none. The store merges in
 * the same way once the letter is remembered. */
static pm_status make_own(pm_recall *recall, pm_slice id)
{
    pm_slice joins[MOST_JOINS];
    const size_t count = find_joins(recall, id, joins);
    const pm_series *known, *joined;
    pm_known own;
    pm_status status = PM_OK;

    recall->said.id = id;
    recall->joins = false;
    if (pm_recall_series(recall, id, &known) != PM_OK)
        known = &recall->said;
    own = pm_memory_known(rank_of(recall) == RANK_OF_REPLY ? known : &recall->said);
    status = add_known(recall, known, &own);
    for (size_t i = 0; status == PM_OK && i < count; i++)
        if (pm_recall_series(recall, joins[i], &joined) == PM_OK &&
            (joined->flags & PM_SERIES_ROOT) == 0) {
            recall->joins = true;
            status = add_known(recall, joined, &own);
        }
    if (status != PM_OK)
        return status;
    recall->own = own.series;
    recall->own.id = id;
    take_link(&recall->own, known);
    recall->own_made = true;
    return PM_OK;
}

/* Does the letter leave what its series is found and linked by as it is? Lists only grow, so that
 * their lengths tell. */
static bool adds_nothing(const pm_recall *recall)
{
    const pm_series *own = &recall->own, *known;
    const remembered_series *asked = pm_table_get(recall->series, own->id);

    if (asked == NULL || asked->status != PM_OK || recall->joins)
        return false;
    known = &asked->known.series;
    return own->flags == known->flags && own->revision == known->revision &&
           own->reroll == known->reroll && own->date == known->date &&
           own->title_count == known->title_count && own->path_count == known->path_count &&
           own->claim_count == known->claim_count && pm_slice_equal(own->title, known->title) &&
           pm_slice_equal(own->author, known->author) &&
           pm_slice_equal(own->author_name, known->author_name) &&
           pm_slice_equal(own->change_id, known->change_id);
}

pm_status pm_recall_own(pm_recall *recall, const pm_series **series_out)
{
    const pm_found *fact = pm_facts_nth(recall->facts, PM_LIT("series"), 0);

    if (!recall->said_made && make_said(recall) != PM_OK)
        return PM_LIMIT;
    *series_out = &recall->said;
    if (fact == NULL)
        return PM_OK;
    if (!recall->own_made && make_own(recall, fact->text) != PM_OK)
        return PM_LIMIT;
    if (recall->has_turn && !recall->adds && adds_nothing(recall))
        pm_turn_adds_nothing(pm_store_turns(recall->store), &recall->turn);
    else if (wait_for_author(recall) && make_own(recall, fact->text) != PM_OK)
        return PM_LIMIT;
    *series_out = &recall->own;
    return PM_OK;
}

/* ---- Afterwards ---- */

static bool is_filed(pm_recall *recall, const pm_memo *memo)
{
    pm_slice series;
    int32_t part;

    return pm_recall_reference(recall, memo->message_id, &series, &part) == PM_OK &&
           part == memo->part && pm_slice_equal(series, memo->series.id);
}

/* What the memory will have of the series: false when that is not known. */
static bool merge_in(const pm_recall *recall, const pm_memo *memo, const pm_known **before_out,
                     pm_known *after_out)
{
    const remembered_series *asked = pm_table_get(recall->series, memo->series.id);
    const pm_known said = pm_memory_known(&memo->series);

    if (asked == NULL || asked->status != PM_OK)
        return false;
    *before_out = &asked->known;
    *after_out = asked->known;
    if (!memo->answers)
        return pm_memory_merge(recall->arena, &asked->known, &said, after_out) == PM_OK;
    if (after_out->series.last_seen < memo->series.last_seen)
        after_out->series.last_seen = memo->series.last_seen;
    return true;
}

/* A series whose root has come is never joined to another one. */
static bool is_joined(pm_recall *recall, pm_slice id)
{
    const pm_series *ignored;
    pm_status status = pm_recall_series(recall, id, &ignored);
    const remembered_series *asked = pm_table_get(recall->series, id);

    if (status != PM_OK && status != PM_ABSENT)
        return false;
    return asked != NULL &&
           (asked->status == PM_ABSENT || (asked->known.series.flags & PM_SERIES_ROOT) != 0);
}

static bool are_joined(pm_recall *recall, const pm_memo *memo)
{
    for (size_t i = 0; i < memo->join_count; i++)
        if (!is_joined(recall, memo->joins[i]))
            return false;
    return true;
}

/* Has the letter been here before, and would the memory stay as it is? Mail comes once for each
 * list it was sent to, and what changes nothing need not wait for a commit. */
static bool is_remembered(pm_recall *recall, const pm_memo *memo)
{
    const pm_known *before;
    pm_known after;
    bool same, joined;

    if (!merge_in(recall, memo, &before, &after)) {
        recall->moves = true;
        return false;
    }
    same = pm_memory_same(before, &after) && is_filed(recall, memo);
    if (memo->answers) /* it moves nothing: what it may join is asked for only if need be */
        return same && are_joined(recall, memo);
    joined = are_joined(recall, memo);
    recall->moves |= !joined || !pm_memory_same_labels(before, &after);
    return same && joined;
}

/* The letter itself, when somebody has said which series it is. */
static pm_status remember_letter(pm_recall *recall, const pm_decided *decided)
{
    const pm_letter *letter = recall->letter;
    pm_slice joins[MOST_JOINS];
    pm_memo memo;

    if (!is_id(decided->series) || !is_id(letter->message_id))
        return PM_OK;
    if (!recall->said_made && make_said(recall) != PM_OK)
        return PM_LIMIT;
    memo = (pm_memo){.message_id = letter->message_id,
                     .part = rank_of(recall) == RANK_OF_REPLY ? -1 : rank_of(recall),
                     .author = recall->said.author,
                     .answers = rank_of(recall) == RANK_OF_REPLY,
                     .series = recall->said,
                     .paths = {.project = decided->paths_project, .seen = letter->date},
                     .joins = joins,
                     .join_count = find_joins(recall, decided->series, joins)};
    memo.series.id = decided->series;
    memo.series.project = decided->project;
    memo.series.inbox = decided->inbox;
    memo.series.subsystems = decided->subsystems;
    memo.series.subsystem_count = decided->subsystem_count;
    if (is_remembered(recall, &memo))
        return PM_OK;
    if (!memo.answers && find_whole_paths(recall, &memo.paths) != PM_OK)
        return PM_LIMIT;
    return heard(recall, pm_store_remember(recall->store, &memo, recall->deadline_us));
}

/* When the store did not answer, where a letter belongs is a guess that would stay wrong; but a
 * cover begins its series whatever else there is. The store keeps what is told it until it is back.
 */
static bool can_tell(const pm_recall *recall, const pm_decided *decided)
{
    return can_ask(recall) || (recall->store != NULL && rank_of(recall) == 0 &&
                               pm_slice_equal(decided->series, recall->letter->message_id));
}

pm_status pm_recall_remember(pm_recall *recall, const pm_decided *decided)
{
    pm_status status;

    if (!can_tell(recall, decided))
        return recall->failed ? PM_LATER : PM_OK;
    status = remember_letter(recall, decided);
    if (!recall->noting || !can_ask(recall))
        return status;
    return write_notes(recall) == PM_LIMIT ? PM_LIMIT : status;
}

bool pm_recall_failed(const pm_recall *recall)
{
    return recall->failed;
}

int64_t pm_recall_waited_us(const pm_recall *recall)
{
    return recall->waited_us;
}

bool pm_recall_moves(const pm_recall *recall)
{
    return recall->moves;
}
