/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decision - how one message was marked, and what was said for it: all that must be kept to tell
 * later whether it would now be marked otherwise.
 *
 * Not the outcome, which dies with its message; and no text of the mail.
 */
#ifndef PM_DECISION_H
#define PM_DECISION_H

#include "outcome.h"

/* What a letter's marks say of its place. */
typedef struct pm_marked {
    pm_slice series, project, inbox, supersedes, chain; /* empty: none */
    const pm_slice *subsystems;                         /* most relevant first */
    size_t subsystem_count;
} pm_marked;

/* A bit (1u << pm_aspect) for each in which they differ. */
unsigned pm_marked_difference(const pm_marked *one, const pm_marked *other);

/* What can be a letter's own word, a rule's, or inherited. */
typedef enum pm_label {
    PM_LABEL_PROJECT,
    PM_LABEL_INBOX,
    PM_LABEL_SUBSYSTEM,
    PM_LABELS,
} pm_label;

const char *pm_label_name(pm_label label); /* "project", as facts are called; a literal */

typedef struct pm_word {
    pm_slice value;
    double weight;
} pm_word;

/* All that was said of one label. */
typedef struct pm_words {
    const pm_word *own; /* by the letter, its plugins and rules, not inherited; heaviest first */
    size_t own_count;
    const pm_slice *by; /* whose facts speak for what was marked: plugins, and rules' file:name */
    size_t by_count;
} pm_words;

#define PM_DECISION_MOST 40 /* entries of one list in it; the heaviest are kept */

typedef struct pm_decision {
    int64_t time; /* seconds since 1970 */
    pm_slice queue_id, message_id;
    pm_slice kind; /* "patch" */
    unsigned revision;
    int part, total; /* -1: none */
    bool delivered;  /* false: a rule discarded or rejected it */
    pm_marked marked;
    pm_words words[PM_LABELS];
    pm_slice heir; /* the plugin that said which series it is, and what it inherits; empty: none */
} pm_decision;

bool pm_decision_is(const pm_decision *decision, pm_kind kind); /* of such a letter */

/* What its letter is to its series. */
typedef enum pm_role {
    PM_ROLE_ROOT,  /* a cover, a pull request, a lone patch: it begins one */
    PM_ROLE_PART,  /* a patch of it; also the only one, "1/1", below a cover */
    PM_ROLE_REPLY, /* anything else: it says nothing of its series */
} pm_role;

pm_role pm_decision_role(const pm_decision *decision);

/* The decision about a message that belongs to a series and has an id, in the outcome's arena and
 * borrowing from it. PM_ABSENT: there is none of the kind. PM_LIMIT past the arena's budget. */
pm_status pm_decision_read(const pm_outcome *outcome, pm_slice queue_id, int64_t time,
                           pm_decision *decision_out);

#endif
