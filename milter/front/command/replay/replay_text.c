/* SPDX-License-Identifier: BSD-2-Clause */
/* replay_text - what would change, for people, in colours on a terminal; see replay.h. */
#include "commands.h"
#include "ink.h"
#include "replay.h"

static void put(const char *text)
{
    pm_put_text(stdout, pm_slice_of(text));
}

static void put_in(pm_ink ink, const char *text)
{
    pm_ink_set(ink);
    put(text);
    pm_ink_set(PM_INK_PLAIN);
}

static void put_or_none(pm_ink ink, const char *text)
{
    put_in(ink, text == NULL || text[0] == '\0' ? "(none)" : text);
}

static void print_change(const char *from, const char *to)
{
    put_or_none(PM_INK_NO, from);
    fputs(" -> ", stdout);
    put_or_none(PM_INK_YES, to);
}

static void print_example(const pm_replay_example *example)
{
    fputs("            ", stdout);
    put(example->subject[0] == '\0' ? "(no subject)" : example->subject);
    fputs("\n              ", stdout);
    pm_ink_set(PM_INK_FAINT);
    if (example->message_id[0] != '\0') {
        fputs("<", stdout);
        put(example->message_id);
        fputs("> ", stdout);
    }
    put(example->origin);
    pm_ink_set(PM_INK_PLAIN);
    fputs("\n", stdout);
    if (example->from == NULL || example->to == NULL)
        return;
    fputs("              ", stdout);
    print_change(example->from, example->to);
    fputs("\n", stdout);
}

/* In what so many messages differ: "inbox 9, tags 2". */
static void print_behind(const pm_replay_group *group)
{
    const char *gap = "  ";

    pm_ink_set(PM_INK_FAINT);
    if (group->different == 0)
        fputs("  changes nothing", stdout);
    for (unsigned i = 0; i < PM_ASPECTS; i++) {
        if (group->behind[i] == 0)
            continue;
        printf("%s%s %zu", gap, pm_aspect_name((pm_aspect)i), group->behind[i]);
        gap = ", ";
    }
    pm_ink_set(PM_INK_PLAIN);
}

static void print_group(const pm_replay_group *group, pm_replay_sort sort)
{
    static const struct {
        pm_ink ink;
        const char *sign;
    } changes[] = {
        [PM_REPLAY_ONLY_THERE] = {PM_INK_YES, "+"},
        [PM_REPLAY_ONLY_HERE] = {PM_INK_NO, "-"},
        [PM_REPLAY_OTHERWISE] = {PM_INK_STRONG, "~"},
    };

    printf("%8zu  ", group->count);
    switch (sort) {
    case PM_REPLAY_INBOXES:
        print_change(group->name, group->to);
        break;
    case PM_REPLAY_RULES:
    case PM_REPLAY_PLUGINS:
        put_in(changes[group->change].ink, changes[group->change].sign);
        fputs(" ", stdout);
        put_in(PM_INK_STRONG, group->name);
        print_behind(group);
        break;
    case PM_REPLAY_FIELDS:
    case PM_REPLAY_SORTS:
        put_in(PM_INK_STRONG, group->name);
        break;
    }
    fputs("\n", stdout);
    for (size_t i = 0; i < group->example_count; i++)
        print_example(&group->examples[i]);
}

static void print_groups(const pm_replay *replay, pm_replay_sort sort)
{
    static const char *const headings[] = {
        [PM_REPLAY_INBOXES] = "By inbox",
        [PM_REPLAY_RULES] = "By rule",
        [PM_REPLAY_PLUGINS] = "By plugin",
        [PM_REPLAY_FIELDS] = "Other changes",
    };
    const pm_replay_groups groups = pm_replay_sorted(replay, sort);

    if (groups.count == 0)
        return;
    fputs("\n", stdout);
    put_in(PM_INK_STRONG, headings[sort]);
    if (sort == PM_REPLAY_RULES || sort == PM_REPLAY_PLUGINS)
        fputs(" (+ only there, - only here, ~ both, and not the same)", stdout);
    fputs("\n", stdout);
    for (size_t i = 0; i < groups.count; i++)
        print_group(groups.items[i], sort);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

void pm_replay_text(const pm_replay *replay)
{
    printf("%zu message%s, here with ", replay->messages, plural(replay->messages));
    put(replay->here);
    fputs(", there with ", stdout);
    put(replay->there);
    fputs("\n", stdout);
    if (replay->different == 0)
        fputs("None would change.\n", stdout);
    else
        printf("%zu would change (%.1f %%).\n", replay->different,
               100.0 * (double)replay->different / (double)replay->messages);
    if (replay->partial > 0)
        printf("%zu reached a limit of a configuration, which may be the difference.\n",
               replay->partial);
    for (unsigned i = 0; i < PM_REPLAY_SORTS; i++)
        print_groups(replay, (pm_replay_sort)i);
    if (replay->left_out > 0)
        printf("\n%zu more changes: too many different ones to tell them apart.\n",
               replay->left_out);
}
