/* SPDX-License-Identifier: BSD-2-Clause */
/* replay_json - what would change, for tools, as one JSON object; see replay.h. */
#include "json.h"
#include "replay.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static json_t *text(const char *bytes)
{
    return pm_json_text(pm_slice_of(bytes));
}

static json_t *text_or_null(const char *bytes)
{
    return pm_json_text_or_null(pm_slice_of(bytes));
}

static json_t *examples_as_json(const pm_replay_group *group)
{
    json_t *array = json_array();

    for (size_t i = 0; i < group->example_count; i++) {
        const pm_replay_example *example = &group->examples[i];
        json_t *object = json_object();

        set(object, "message_id", text_or_null(example->message_id));
        set(object, "subject", text_or_null(example->subject));
        set(object, "origin", text(example->origin));
        if (example->from != NULL && example->to != NULL) {
            set(object, "from", text_or_null(example->from));
            set(object, "to", text_or_null(example->to));
        }
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *behind_as_json(const pm_replay_group *group)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < PM_ASPECTS; i++)
        if (group->behind[i] > 0)
            set(object, pm_aspect_name((pm_aspect)i), json_integer((json_int_t)group->behind[i]));
    return object;
}

static json_t *group_as_json(const pm_replay_group *group, pm_replay_sort sort)
{
    static const char *const changes[] = {
        [PM_REPLAY_ONLY_THERE] = "only-there",
        [PM_REPLAY_ONLY_HERE] = "only-here",
        [PM_REPLAY_OTHERWISE] = "otherwise",
    };
    json_t *object = json_object();

    switch (sort) {
    case PM_REPLAY_INBOXES:
        set(object, "from", text(group->name));
        set(object, "to", text(group->to));
        break;
    case PM_REPLAY_RULES:
    case PM_REPLAY_PLUGINS:
        set(object, sort == PM_REPLAY_RULES ? "rule" : "plugin", text(group->name));
        set(object, "change", json_string(changes[group->change]));
        set(object, "different", json_integer((json_int_t)group->different));
        set(object, "behind", behind_as_json(group));
        break;
    case PM_REPLAY_FIELDS:
    case PM_REPLAY_SORTS:
        set(object, "field", text(group->name));
        break;
    }
    set(object, "count", json_integer((json_int_t)group->count));
    set(object, "examples", examples_as_json(group));
    return object;
}

static json_t *groups_as_json(const pm_replay *replay, pm_replay_sort sort)
{
    const pm_replay_groups groups = pm_replay_sorted(replay, sort);
    json_t *array = json_array();

    for (size_t i = 0; i < groups.count; i++)
        json_array_append_new(array, group_as_json(groups.items[i], sort));
    return array;
}

bool pm_replay_json(const pm_replay *replay)
{
    json_t *object = json_object();
    bool printed;

    set(object, "here", text(replay->here));
    set(object, "there", text(replay->there));
    set(object, "messages", json_integer((json_int_t)replay->messages));
    set(object, "different", json_integer((json_int_t)replay->different));
    set(object, "partial", json_integer((json_int_t)replay->partial));
    set(object, "left_out", json_integer((json_int_t)replay->left_out));
    set(object, "inboxes", groups_as_json(replay, PM_REPLAY_INBOXES));
    set(object, "rules", groups_as_json(replay, PM_REPLAY_RULES));
    set(object, "plugins", groups_as_json(replay, PM_REPLAY_PLUGINS));
    set(object, "fields", groups_as_json(replay, PM_REPLAY_FIELDS));
    printed = pm_json_print(object);
    json_decref(object);
    return printed;
}
