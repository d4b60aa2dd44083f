/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine - the story of a mail: what only claims to be ours is marked for removal, the letter is
 * read, plugins report facts (the memory completing its paths meanwhile), rules add theirs, and a
 * decision is made of it and written as marks.
 *
 * Each step leaves the outcome valid for the case that the next one finds no memory or no time.
 *
 * Not the judge: decide.c is.
 */
#include "examine.h"

#include "clock.h"
#include "decide.h"
#include "marks.h"
#include "tally.h"

typedef struct examination {
    const pm_snapshot *snapshot;
    pm_store *store;
    pm_message *message;
    pm_arena *arena;
    pm_slice queue_id;
    int64_t deadline_us;
    pm_facts *facts;
    pm_letter *letter;
    pm_recall *recall; /* NULL past the memory for it */
    pm_outcome *outcome;
    size_t stage_room;
    int64_t stage_began_us;
} examination;

static bool is_late(const examination *of)
{
    return pm_clock_us() >= of->deadline_us;
}

/* The step that ends now is told apart in what it took; the next one begins. */
static void end_stage(examination *of, pm_stage_kind kind, const char *name)
{
    const int64_t now = pm_clock_us();
    pm_outcome *outcome = of->outcome;

    if (outcome->stage_count < of->stage_room)
        outcome->stages[outcome->stage_count++] = (pm_stage){kind, name, now - of->stage_began_us};
    of->stage_began_us = now;
}

#define OWN_STAGES 8 /* letter, turn, paths, rules, decision, memory, marks, shadows */

static void begin_stages(examination *of, int64_t began_us)
{
    const size_t room = OWN_STAGES + of->snapshot->plugin_count;

    of->stage_began_us = began_us;
    of->outcome->stages = pm_alloc_array(of->arena, room, sizeof(*of->outcome->stages));
    if (of->outcome->stages != NULL)
        of->stage_room = room;
}

/* ---- Reading ---- */

static bool read_letter(examination *of)
{
    pm_letter *letter = NULL;

    if (pm_letter_read(of->message, of->snapshot->paths, &letter) != PM_OK)
        of->outcome->partial = true;
    of->letter = letter;
    of->outcome->letter = letter;
    if (letter == NULL)
        return false;
    of->recall = pm_recall_new(of->store, letter, of->facts, of->deadline_us);
    end_stage(of, PM_STAGE_OWN, "letter");
    return true;
}

/* ---- Paths that were cut short ---- */

#define PATHS_ASKED_MOST 32 /* of one letter */

static bool has_unknown_path(const examination *of)
{
    const pm_diffstat *diffstat = &of->letter->diffstat;

    for (size_t i = 0; i < diffstat->count; i++)
        if (diffstat->paths[i].how == PM_PATH_UNKNOWN)
            return true;
    return false;
}

/* Behind how many plugins is it known which project a letter is for? Only its paths count. */
static size_t project_is_known_behind(const pm_snapshot *snapshot)
{
    const pm_fact_decl *fact;
    size_t behind = 0;

    for (size_t i = 0; i < snapshot->plugin_count; i++)
        for (size_t nth = 0; (fact = pm_loaded_fact(snapshot->plugins[i], nth)) != NULL; nth++)
            if (strcmp(fact->name, "project") == 0)
                behind = i + 1;
    return behind;
}

/* One candidate among the paths of earlier letters decides; several leave it open. */
static void ask_paths(examination *of)
{
    pm_diffstat *diffstat = &of->letter->diffstat;
    pm_tallies projects;
    unsigned asked = 0;
    pm_slice project;

    pm_tally_up(of->facts, PM_LIT("project"), NULL, &projects);
    project = projects.count > 0 ? projects.items[0].value : PM_EMPTY;
    for (size_t i = 0; i < diffstat->count && asked < PATHS_ASKED_MOST && !is_late(of); i++) {
        pm_path *path = &diffstat->paths[i];
        pm_slice *candidates;
        size_t count;

        if (path->how != PM_PATH_UNKNOWN)
            continue;
        asked++;
        if (pm_recall_paths(of->recall, project, path->path, &candidates, &count) != PM_OK ||
            pm_diffstat_resolve(of->facts->arena, diffstat, path, candidates, count) != PM_OK)
            break;
    }
    end_stage(of, PM_STAGE_OWN, "paths");
}

/* ---- Asking ---- */

static void ask_plugins(examination *of)
{
    const bool asks = of->store != NULL && of->recall != NULL && has_unknown_path(of);
    const size_t paths_first = asks ? project_is_known_behind(of->snapshot) : SIZE_MAX;

    for (size_t i = 0; i < of->snapshot->plugin_count; i++) {
        if (i == paths_first)
            ask_paths(of);
        if (is_late(of)) {
            of->outcome->partial = true;
            return;
        }
        if (pm_plugin_scan(of->snapshot->plugins[i], of->outcome->letter, of->facts, of->recall,
                           of->deadline_us, of->queue_id) == PM_LIMIT)
            of->outcome->partial = true;
        end_stage(of, PM_STAGE_PLUGIN, pm_loaded_plugin(of->snapshot->plugins[i])->name);
    }
    if (paths_first == of->snapshot->plugin_count)
        ask_paths(of);
}

static void apply_rules(examination *of)
{
    if (is_late(of) || pm_rules_run(of->snapshot->rules, of->outcome->letter, of->facts,
                                    of->deadline_us, &of->outcome->verdict) != PM_OK)
        of->outcome->partial = true;
    end_stage(of, PM_STAGE_OWN, "rules");
}

/* ---- The memory of series ---- */

static void take_turn(examination *of)
{
    if (of->store == NULL || of->recall == NULL)
        return;
    pm_recall_take_turn(of->recall);
    end_stage(of, PM_STAGE_OWN, "turn");
}

static void end_turn(examination *of)
{
    if (of->recall != NULL)
        pm_recall_end_turn(of->recall);
}

/* The beginning of the chain that the letter, or what it supersedes, belongs to. */
static void ask_chain(examination *of)
{
    pm_outcome *outcome = of->outcome;
    pm_slice id = outcome->supersedes.len > 0 ? outcome->supersedes : outcome->series;

    if (of->recall == NULL || outcome->series.len == 0 ||
        pm_recall_chain(of->recall, id, &outcome->chain) != PM_OK)
        outcome->chain = PM_EMPTY;
}

/* Who reported what the letter inherits; NULL: it inherits nothing. Whoever said which series it is
 * inherited the rest. */
static const char *heir_of(const examination *of)
{
    const pm_found *series = pm_facts_nth(of->facts, PM_LIT("series"), 0);

    return series == NULL ? NULL : series->by;
}

/* What the letter says by itself: the heaviest value of the fact, or nothing. */
static pm_slice own_word(const examination *of, pm_slice fact)
{
    pm_tallies said;

    pm_tally_up(of->facts, fact, heir_of(of), &said);
    return said.count > 0 ? said.items[0].value : PM_EMPTY;
}

/* The same of subsystems, of which it may say several; how many. */
static size_t own_subsystems(const examination *of, pm_slice names[PM_SUBSYSTEMS_MOST])
{
    pm_tallies said;
    size_t count = 0;

    pm_tally_up(of->facts, PM_LIT("subsystem"), heir_of(of), &said);
    for (; count < said.count && count < PM_SUBSYSTEMS_MOST; count++)
        names[count] = said.items[count].value;
    return count;
}

/* For the letters that will follow: what this one says by itself. What it inherits is in the memory
 * already, and would make the order of arrival show. */
static void remember(examination *of)
{
    pm_outcome *outcome = of->outcome;
    pm_slice *names = pm_alloc_array(of->arena, PM_SUBSYSTEMS_MOST, sizeof(*names));
    pm_decided decided = {.series = outcome->series, .paths_project = outcome->project};

    if (of->recall == NULL || names == NULL) {
        outcome->partial = true;
        return;
    }
    decided.project = own_word(of, PM_LIT("project"));
    decided.subsystems = names;
    decided.subsystem_count = own_subsystems(of, names);
    decided.inbox = own_word(of, PM_LIT("inbox"));
    if (decided.inbox.len == 0 && decided.subsystem_count > 0)
        decided.inbox = names[0];
    if (pm_recall_remember(of->recall, &decided) == PM_LIMIT)
        outcome->partial = true;
    outcome->moves = pm_recall_moves(of->recall);
    outcome->memory_failed = pm_recall_failed(of->recall);
}

/* ---- What would have been ---- */

/* Last of all, with what is left of memory and time: nothing here is applied. */
static void try_shadows(examination *of)
{
    const pm_snapshot *snapshot = of->snapshot;
    pm_outcome *outcome = of->outcome;

    if (snapshot->shadow_count == 0)
        return;
    outcome->shadows = pm_alloc_array(of->arena, snapshot->shadow_count, sizeof(*outcome->shadows));
    for (size_t i = 0; i < snapshot->shadow_count; i++) {
        const pm_shadowed made = pm_shadow_try(snapshot->shadows[i], outcome, of->deadline_us);

        if (outcome->shadows != NULL)
            outcome->shadows[outcome->shadow_count++] = made;
    }
    end_stage(of, PM_STAGE_OWN, "shadows");
}

/* ---- The story ---- */

const pm_outcome *pm_examine(const pm_snapshot *snapshot, pm_store *store, pm_message *message,
                             pm_slice queue_id)
{
    const int64_t began = pm_clock_us();
    pm_arena *arena = pm_message_arena(message);
    pm_outcome *outcome = pm_alloc(arena, sizeof(*outcome));
    pm_facts *facts = pm_alloc(arena, sizeof(*facts));
    examination of = {.snapshot = snapshot,
                      .store = store,
                      .message = message,
                      .arena = arena,
                      .queue_id = queue_id,
                      .deadline_us = began + snapshot->config.message_time_us,
                      .facts = facts,
                      .outcome = outcome};

    if (outcome == NULL || facts == NULL)
        return &pm_undecided;
    *outcome = pm_undecided;
    outcome->partial = pm_message_cut(message);
    pm_facts_init(facts, arena, snapshot->vocabulary);
    outcome->facts = facts;
    begin_stages(&of, began);

    /* Before anything that could use up the memory: a forged field does more harm than a missing
     * one. */
    if (pm_marks_remove(message, snapshot->config.field_prefix, outcome) != PM_OK)
        outcome->partial = true;

    if (read_letter(&of)) {
        take_turn(&of);
        ask_plugins(&of);
        apply_rules(&of);
        pm_decide(outcome);
        end_stage(&of, PM_STAGE_OWN, "decision");
        ask_chain(&of);
        remember(&of);
        end_turn(&of);
        end_stage(&of, PM_STAGE_OWN, "memory");
    }
    if (pm_marks_add(arena, &snapshot->config, outcome) != PM_OK)
        outcome->partial = true;
    end_stage(&of, PM_STAGE_OWN, "marks");
    try_shadows(&of);
    outcome->took_us = pm_clock_us() - began;
    return outcome;
}
