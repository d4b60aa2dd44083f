/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * field - what of a letter can be asked for by name; see field.h.
 *
 * One line of the table a field, one function a shape. Fields that run side by side (path,
 * path.old, path.lines, path.how) have a value at every index of the others, if need be an empty
 * one.
 */
#include "field.h"

#include <pthread.h>
#include <stdlib.h>

/* ---- Shapes of answers ---- */

/* What is empty is absent. */
static pm_status one(unsigned nth, pm_slice value, pm_slice *value_out)
{
    if (nth > 0 || value.len == 0)
        return PM_ABSENT;
    *value_out = value;
    return PM_OK;
}

static pm_status nth_of(const pm_slice *items, size_t count, unsigned nth, pm_slice *value_out)
{
    if (nth >= count)
        return PM_ABSENT;
    *value_out = items[nth];
    return PM_OK;
}

static pm_status number(unsigned nth, bool there, int64_t value, int64_t *value_out)
{
    if (nth > 0 || !there)
        return PM_ABSENT;
    *value_out = value;
    return PM_OK;
}

/* Functions of the table's fields that need nothing but a member. */
#define TEXT(name, member)                                                                         \
    static pm_status text_##name(const pm_letter *letter, unsigned nth, pm_slice *value_out)       \
    {                                                                                              \
        return one(nth, letter->member, value_out);                                                \
    }
#define TEXTS(name, items, count)                                                                  \
    static pm_status text_##name(const pm_letter *letter, unsigned nth, pm_slice *value_out)       \
    {                                                                                              \
        return nth_of(letter->items, letter->count, nth, value_out);                               \
    }
#define NUMBER(name, there, value)                                                                 \
    static pm_status number_##name(const pm_letter *letter, unsigned nth, int64_t *value_out)      \
    {                                                                                              \
        return number(nth, (there), (int64_t)(value), value_out);                                  \
    }
#define FLAG(name, value) NUMBER(name, true, (value) ? 1 : 0)

/* ---- The subject ---- */

TEXT(subject, subject.text)
TEXT(title, subject.title)
TEXTS(prefix, subject.words, subject.word_count)
TEXT(list_tag, subject.list_tag)
FLAG(reply, letter->subject.flags &PM_SUBJECT_REPLY)
FLAG(rfc, letter->subject.flags &PM_SUBJECT_RFC)
FLAG(resend, letter->subject.flags &PM_SUBJECT_RESEND)
FLAG(conflict, letter->subject.flags &PM_SUBJECT_CONFLICT)
NUMBER(revision, true, letter->subject.revision)
NUMBER(reroll, letter->subject.reroll > 0, letter->subject.reroll)
NUMBER(part, letter->subject.part >= 0, letter->subject.part)
NUMBER(total, letter->subject.total >= 0, letter->subject.total)

/* ---- Who, when, where to ---- */

TEXT(message_id, message_id)
TEXT(in_reply_to, in_reply_to)
TEXTS(reference, references, reference_count)
TEXT(author_name, author.name)
NUMBER(date, letter->date != 0, letter->date)
TEXTS(list, lists, list_count)
TEXTS(addressee, addressees, addressee_count)

static pm_status text_author(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    pm_slice lower;

    if (nth > 0)
        return PM_ABSENT;
    lower = pm_lowered(pm_message_arena(letter->message), letter->author.address);
    return lower.data == NULL ? PM_LIMIT : one(nth, lower, value_out);
}

static pm_status text_sender(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    return one(nth, pm_message_sender(letter->message), value_out);
}

static pm_status text_recipient(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    if (nth >= pm_message_recipients(letter->message))
        return PM_ABSENT;
    *value_out = pm_message_recipient(letter->message, nth);
    return PM_OK;
}

/* ---- What it changes ---- */

FLAG(has_diff, letter->has_diff)
NUMBER(insertions, letter->diffstat.count > 0, letter->diffstat.insertions)
NUMBER(deletions, letter->diffstat.count > 0, letter->diffstat.deletions)
TEXT(base_commit, trailers.base_commit)
TEXT(change_id, trailers.change_id)
TEXTS(supersedes, trailers.supersedes, trailers.supersedes_count)
TEXTS(based_on, trailers.based_on, trailers.based_on_count)
TEXTS(depends_on, trailers.depends_on, trailers.depends_on_count)

/* A diff has no summary line that says it. */
NUMBER(files_changed, letter->diffstat.files_changed > 0 || letter->diffstat.count > 0,
       letter->diffstat.files_changed > 0 ? letter->diffstat.files_changed : letter->diffstat.count)

static const pm_path *nth_path(const pm_letter *letter, unsigned nth)
{
    return nth < letter->diffstat.count ? &letter->diffstat.paths[nth] : NULL;
}

static pm_status text_path(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    const pm_path *path = nth_path(letter, nth);

    if (path == NULL)
        return PM_ABSENT;
    *value_out = path->path;
    return PM_OK;
}

static pm_status text_path_old(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    const pm_path *path = nth_path(letter, nth);

    if (path == NULL)
        return PM_ABSENT;
    *value_out = path->old_path.len == 0 ? PM_EMPTY : path->old_path;
    return PM_OK;
}

static pm_status number_path_lines(const pm_letter *letter, unsigned nth, int64_t *value_out)
{
    const pm_path *path = nth_path(letter, nth);

    if (path == NULL)
        return PM_ABSENT;
    *value_out = path->lines;
    return PM_OK;
}

static pm_slice how_name(pm_path_how how)
{
    switch (how) {
    case PM_PATH_WHOLE:
        return PM_LIT("whole");
    case PM_PATH_RESOLVED:
        return PM_LIT("resolved");
    case PM_PATH_AMBIGUOUS:
        return PM_LIT("ambiguous");
    case PM_PATH_UNKNOWN:
        break;
    }
    return PM_LIT("unknown");
}

static pm_status text_path_how(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    const pm_path *path = nth_path(letter, nth);

    if (path == NULL)
        return PM_ABSENT;
    *value_out = how_name(path->how);
    return PM_OK;
}

static pm_status text_shortlog(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    if (nth >= letter->shortlog.count)
        return PM_ABSENT;
    *value_out = letter->shortlog.entries[nth].title;
    return PM_OK;
}

static pm_status text_shortlog_author(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    if (nth >= letter->shortlog.count)
        return PM_ABSENT;
    *value_out = letter->shortlog.entries[nth].author;
    return PM_OK;
}

static pm_status text_changelog(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    if (nth >= letter->changelog.count)
        return PM_ABSENT;
    *value_out = letter->changelog.entries[nth].text;
    return PM_OK;
}

static pm_status number_changelog_revision(const pm_letter *letter, unsigned nth,
                                           int64_t *value_out)
{
    if (nth >= letter->changelog.count)
        return PM_ABSENT;
    *value_out = letter->changelog.entries[nth].revision;
    return PM_OK;
}

/* ---- The letter as a whole ---- */

TEXT(text, text)
TEXT(body_prose, prose)

static pm_status text_kind(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    return one(nth, pm_slice_of(pm_kind_name(letter->kind)), value_out);
}

static pm_status text_tag(const pm_letter *letter, unsigned nth, pm_slice *value_out)
{
    const struct {
        bool set;
        pm_slice name;
    } tags[] = {
        {(letter->subject.flags & PM_SUBJECT_RFC) != 0, PM_LIT("rfc")},
        {(letter->subject.flags & PM_SUBJECT_RESEND) != 0, PM_LIT("resend")},
        {(letter->tags & PM_TAG_BOT) != 0, PM_LIT("bot")},
        {(letter->tags & PM_TAG_STABLE) != 0, PM_LIT("stable")},
        {(letter->tags & PM_TAG_APPLIED) != 0, PM_LIT("applied")},
        {(letter->tags & PM_TAG_CI) != 0, PM_LIT("ci")},
    };

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (tags[i].set && nth-- == 0)
            return one(0, tags[i].name, value_out);
    return PM_ABSENT;
}

static pm_status number_size(const pm_letter *letter, unsigned nth, int64_t *value_out)
{
    size_t size = pm_message_body(letter->message).len;

    for (size_t i = 0; i < pm_message_headers(letter->message); i++) {
        const pm_header *header = pm_message_header_at(letter->message, i);

        size += header->name.len + header->value.len;
    }
    return number(nth, true, (int64_t)size, value_out);
}

/* ---- The table ---- */

#define T(function)    .type = PM_FIELD_TEXT, .text = text_##function
#define MANY(function) .type = PM_FIELD_TEXT, .many = true, .text = text_##function
#define N(function)    .type = PM_FIELD_NUMBER, .number = number_##function
#define F(function)    .type = PM_FIELD_FLAG, .number = number_##function

static const pm_field fields[] = {
    {"kind", T(kind), .meaning = "cover, patch, reply, pull or other"},
    {"subject", T(subject), .meaning = "the subject, decoded and unfolded"},
    {"title", T(title), .meaning = "the subject without prefix, reply marks and revision"},
    {"prefix", MANY(prefix), .meaning = "words in the subject's brackets, without v2 and 1/3"},
    {"list-tag", T(list_tag), .meaning = "the tag a list put before the subject"},
    {"reply", F(reply), .meaning = "the subject begins with Re: or the like"},
    {"rfc", F(rfc), .meaning = "the subject says RFC or RFT"},
    {"resend", F(resend), .meaning = "the subject says RESEND or the like"},
    {"revision", N(revision), .meaning = "the revision the subject says; 1 when it says none"},
    {"revision.doubtful", F(conflict), .meaning = "the subject says two different revisions"},
    {"reroll", N(reroll), .meaning = "1 in v5.1, a partial re-roll of v5"},
    {"part", N(part), .meaning = "n of n/m in the subject"},
    {"total", N(total), .meaning = "m of n/m in the subject"},
    {"message-id", T(message_id), .meaning = "without angle brackets"},
    {"in-reply-to", T(in_reply_to), .meaning = "the message answered, without angle brackets"},
    {"reference", MANY(reference), .meaning = "messages above this one, oldest first"},
    {"author", T(author), .meaning = "who wrote the mail: the address in lower case"},
    {"author.name", T(author_name), .meaning = "who wrote the mail: the name"},
    {"date", N(date), .meaning = "the Date field in seconds since 1970"},
    {"list", MANY(list), .meaning = "List-Id values, in lower case"},
    {"addressee", MANY(addressee), .meaning = "addresses in To and Cc, in lower case"},
    {"sender", T(sender), .meaning = "the envelope's sender"},
    {"recipient", MANY(recipient), .meaning = "the envelope's recipients"},
    {"tag", MANY(tag), .meaning = "rfc, resend, bot, stable, applied, ci"},
    {"has-diff", F(has_diff), .meaning = "there is a diff outside quoting"},
    {"path", MANY(path), .meaning = "the paths it changes, by diffstat or diff"},
    {"path.old", MANY(path_old), .meaning = "what a path was called before; else empty"},
    {"path.lines", N(path_lines), .many = true, .meaning = "how many lines of a path change"},
    {"path.how", MANY(path_how),
     .meaning = "whole, resolved (was cut off), ambiguous or unknown (its end only)"},
    {"files-changed", N(files_changed), .meaning = "how many files it changes"},
    {"insertions", N(insertions), .meaning = "how many lines it adds"},
    {"deletions", N(deletions), .meaning = "how many lines it removes"},
    {"shortlog", MANY(shortlog), .meaning = "titles of the patches in the shortlog"},
    {"shortlog.author", MANY(shortlog_author), .meaning = "who wrote them"},
    {"changelog", MANY(changelog), .meaning = "what changed, one text a revision"},
    {"changelog.revision", N(changelog_revision), .many = true,
     .meaning = "which revision each text is about"},
    {"base-commit", T(base_commit), .meaning = "the commit it applies to"},
    {"change-id", T(change_id), .meaning = "what all revisions of a series share"},
    {"supersedes", MANY(supersedes), .meaning = "Message-IDs the letter says it replaces"},
    {"based-on", MANY(based_on), .meaning = "Message-IDs the letter says it is based on"},
    {"depends-on", MANY(depends_on), .meaning = "Message-IDs the letter says it needs"},
    {"text", T(text), .meaning = "the text people read, decoded"},
    {"body-prose", T(body_prose), .meaning = "the text before the first diff"},
    {"size", N(size), .meaning = "bytes of the message"},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Sorted by name for the search, and in the table's order with a NULL behind for people. */
static const pm_field *sorted[FIELDS];
static const char *names[FIELDS + 1];

static int by_name(const void *a, const void *b)
{
    const pm_field *const *left = a, *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static void index_fields(void)
{
    for (size_t i = 0; i < FIELDS; i++) {
        sorted[i] = &fields[i];
        names[i] = fields[i].name;
    }
    qsort(sorted, FIELDS, sizeof(sorted[0]), by_name);
}

static void index_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, index_fields);
}

static int against(const void *key, const void *item)
{
    const pm_field *const *field = item;

    return pm_slice_compare(*(const pm_slice *)key, pm_slice_of((*field)->name));
}

const pm_field *pm_field_find(pm_slice name)
{
    const pm_field *const *found;

    index_once();
    found = bsearch(&name, sorted, FIELDS, sizeof(sorted[0]), against);
    return found == NULL ? NULL : *found;
}

const pm_field *pm_field_nth(size_t nth)
{
    return nth < FIELDS ? &fields[nth] : NULL;
}

const char *const *pm_field_names(void)
{
    index_once();
    return names;
}
