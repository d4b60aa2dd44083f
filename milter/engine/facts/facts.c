/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * facts - what plugins and rules have found out about one letter; see facts.h.
 *
 * Not a judgement of what the facts mean: decide.c weighs them.
 */
#include "facts.h"

#include "syntax.h"
#include "table.h"

#include <math.h>

#define TEXT_LIMIT   1024
#define REASON_LIMIT 512

struct pm_vocabulary {
    pm_arena *arena;
    pm_table *by_name; /* of pm_declared */
    const char **names;
    size_t count, room;
};

/* The engine's own facts, which rules may add whatever plugins there are. */
static const pm_fact_decl own_facts[] = {
    {"project", PM_FACT_TEXT, "the project the letter belongs to"},
    {"subsystem", PM_FACT_TEXT, "a part of the project, as a slug"},
    {"tag", PM_FACT_TEXT, "a word about the letter, for instance rfc or stable"},
    {"inbox", PM_FACT_TEXT, "where to file the letter, without its project"},
    {"series", PM_FACT_TEXT, "the Message-ID of the root of the series the letter belongs to"},
    {"supersedes", PM_FACT_TEXT, "the Message-ID of the root of the series it supersedes"},
};
#define OWN_FACTS (sizeof(own_facts) / sizeof(own_facts[0]))

/* ---- Which facts there can be ---- */

pm_vocabulary *pm_vocabulary_new(pm_arena *arena)
{
    pm_vocabulary *vocabulary = pm_alloc(arena, sizeof(*vocabulary));

    if (vocabulary == NULL)
        return NULL;
    vocabulary->arena = arena;
    vocabulary->by_name = pm_table_new(arena);
    if (vocabulary->by_name == NULL)
        return NULL;
    for (size_t i = 0; i < OWN_FACTS; i++)
        if (pm_vocabulary_add(vocabulary, &own_facts[i], "rules") != PM_OK)
            return NULL;
    return vocabulary;
}

bool pm_fact_is_own(pm_slice name)
{
    for (size_t i = 0; i < sizeof(own_facts) / sizeof(own_facts[0]); i++)
        if (pm_slice_equal(name, pm_slice_of(own_facts[i].name)))
            return true;
    return false;
}

pm_status pm_vocabulary_add(pm_vocabulary *vocabulary, const pm_fact_decl *decl, const char *plugin)
{
    const pm_slice name = pm_slice_of(decl->name);
    pm_declared *declared = pm_table_get(vocabulary->by_name, name);

    if (declared != NULL)
        return declared->decl->type == decl->type ? PM_OK : PM_FAULT;

    /* Room for this name and the NULL behind it; the NULL of before is used room, too. */
    if (pm_grow(vocabulary->arena, &vocabulary->names, &vocabulary->room,
                vocabulary->count == 0 ? 0 : vocabulary->count + 1,
                sizeof(*vocabulary->names)) != PM_OK)
        return PM_LIMIT;
    declared = pm_alloc(vocabulary->arena, sizeof(*declared));
    if (declared == NULL)
        return PM_LIMIT;
    *declared = (pm_declared){decl, plugin};
    if (pm_table_put(vocabulary->by_name, name, declared) != PM_OK)
        return PM_LIMIT;
    vocabulary->names[vocabulary->count++] = decl->name;
    vocabulary->names[vocabulary->count] = NULL;
    return PM_OK;
}

const pm_declared *pm_vocabulary_find(const pm_vocabulary *vocabulary, pm_slice name)
{
    return pm_table_get(vocabulary->by_name, name);
}

const char *const *pm_vocabulary_names(const pm_vocabulary *vocabulary)
{
    return (const char *const *)vocabulary->names;
}

/* ---- The facts of one letter ---- */

void pm_facts_init(pm_facts *facts, pm_arena *arena, const pm_vocabulary *vocabulary)
{
    *facts = (pm_facts){.arena = arena, .vocabulary = vocabulary};
}

/* The first of the engine's own facts are slugs, the rest Message-IDs. */
#define SLUG_FACTS 4

static bool is_message_id(pm_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return text.len > 0;
}

static bool makes_sense(const pm_fact_decl *decl, const pm_fact *fact)
{
    if (!(fact->weight > 0) || !isfinite(fact->weight))
        return false;
    if (decl->type == PM_FACT_NUMBER)
        return true;
    if (fact->text.len > TEXT_LIMIT || !pm_slice_is_utf8(fact->text))
        return false;
    /* The engine's own facts end up in header fields and in the names of inboxes. */
    if (decl >= own_facts && decl < own_facts + SLUG_FACTS)
        return pm_syntax_is_slug(fact->text);
    return decl < own_facts || decl >= own_facts + OWN_FACTS || is_message_id(fact->text);
}

/* Cut at limit, but not inside a character. */
static pm_slice cut_text(pm_slice text, size_t limit)
{
    size_t end = limit;

    if (text.len <= limit)
        return text;
    while (end > 0 && ((unsigned char)text.data[end] & 0xc0) == 0x80)
        end--;
    return pm_slice_cut(text, 0, end);
}

pm_status pm_facts_add(pm_facts *facts, const pm_fact *fact, const char *by)
{
    const pm_declared *declared = pm_vocabulary_find(facts->vocabulary, pm_slice_of(fact->name));
    pm_found found;

    if (declared == NULL || !makes_sense(declared->decl, fact))
        return PM_FAULT;
    if (facts->count == PM_FACTS_MOST)
        return PM_LIMIT;

    found = (pm_found){
        .decl = declared->decl, .number = fact->number, .weight = fact->weight, .by = by};
    if (declared->decl->type == PM_FACT_TEXT)
        found.text = pm_copy(facts->arena, fact->text);
    else
        found.text = PM_EMPTY;
    found.source = pm_copy(facts->arena, cut_text(fact->source, TEXT_LIMIT));
    found.reason = pm_copy(facts->arena, cut_text(fact->reason, REASON_LIMIT));
    if (found.text.data == NULL || found.source.data == NULL || found.reason.data == NULL)
        return PM_LIMIT;
    if (pm_grow(facts->arena, &facts->items, &facts->room, facts->count, sizeof(found)) != PM_OK)
        return PM_LIMIT;
    facts->items[facts->count++] = found;
    return PM_OK;
}

pm_status pm_facts_copy(const pm_facts *facts, size_t count, pm_facts *copy_out)
{
    pm_facts_init(copy_out, facts->arena, facts->vocabulary);
    copy_out->items = pm_alloc_array(facts->arena, count, sizeof(*copy_out->items));
    if (copy_out->items == NULL)
        return PM_LIMIT;
    if (count > 0)
        memcpy(copy_out->items, facts->items, count * sizeof(*copy_out->items));
    copy_out->count = copy_out->room = count;
    return PM_OK;
}

const pm_found *pm_facts_nth(const pm_facts *facts, pm_slice name, unsigned nth)
{
    const pm_declared *declared = pm_vocabulary_find(facts->vocabulary, name);

    if (declared == NULL)
        return NULL;
    for (size_t i = 0; i < facts->count; i++)
        if (facts->items[i].decl == declared->decl && nth-- == 0)
            return &facts->items[i];
    return NULL;
}
