/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay - what another configuration would change about an archive's mail, added up: by inbox, by
 * rule, by plugin, by field.
 *
 * Holds counts and a few examples a group, never the mail: an archive of any size takes as much
 * memory as it has different changes.
 *
 * Not the one who reads the archive (command_replay.c) or prints (replay_text.c, replay_json.c).
 */
#ifndef PM_REPLAY_H
#define PM_REPLAY_H

#include "difference.h"
#include "table.h"

#define PM_REPLAY_EXAMPLES_MOST 1000

/* One message that stands for its group. */
typedef struct pm_replay_example {
    const char *message_id; /* "" when it has none */
    const char *subject, *origin;
    const char *from, *to; /* what it was, and would be, where the group does not say it */
} pm_replay_example;

/* How a rule, or a plugin, is behind a change. */
typedef enum pm_replay_change {
    PM_REPLAY_ONLY_THERE, /* it fires with the other configuration alone */
    PM_REPLAY_ONLY_HERE,  /* with this one alone */
    PM_REPLAY_OTHERWISE,  /* with both, and says something else */
} pm_replay_change;

typedef struct pm_replay_group {
    const char *name;          /* of the inbox it leaves, the rule, the plugin, the field */
    const char *to;            /* the inbox it would go to; NULL otherwise */
    pm_replay_change change;   /* of rules and plugins */
    size_t count;              /* messages */
    size_t different;          /* of these: something changes */
    size_t behind[PM_ASPECTS]; /* of rules and plugins: in which so much differs */
    pm_replay_example *examples;
    size_t example_count, example_room;
} pm_replay_group;

typedef enum pm_replay_sort {
    PM_REPLAY_INBOXES,
    PM_REPLAY_RULES,
    PM_REPLAY_PLUGINS,
    PM_REPLAY_FIELDS, /* everything but the inbox */
    PM_REPLAY_SORTS,  /* how many there are */
} pm_replay_sort;

typedef struct pm_replay_groups {
    pm_replay_group **items;
    size_t count;
} pm_replay_groups;

typedef struct pm_replay {
    const char *here, *there; /* the two configurations */
    size_t messages, different;
    size_t partial;  /* with either of them a limit was reached */
    size_t left_out; /* changes there was no room to tell apart */
    size_t most;     /* examples a group */
    pm_arena *arena; /* what follows lives here */
    pm_table *tables[PM_REPLAY_SORTS];
} pm_replay;

/* False without memory. */
bool pm_replay_begin(pm_replay *replay, const char *here, const char *there, size_t most);
void pm_replay_end(pm_replay *replay);

/* One message, as this configuration and the other have it. */
void pm_replay_add(pm_replay *replay, const char *origin, const pm_outcome *here,
                   const pm_outcome *there);

/* Those of one sort, the most frequent first, then by name. count 0 past the memory. */
pm_replay_groups pm_replay_sorted(const pm_replay *replay, pm_replay_sort sort);

/* ---- Printing, on standard output ---- */

void pm_replay_text(const pm_replay *replay);
bool pm_replay_json(const pm_replay *replay); /* false when there is no memory */

#endif
