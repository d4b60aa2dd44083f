/* SPDX-License-Identifier: BSD-2-Clause */
/* chain - which earlier series a series supersedes; see chain.h. */
#include "chain.h"

#include "bytes.h"
#include "family.h"

#include <stdio.h>
#include <string.h>

/* What each piece of evidence adds, fitted on chains of real lists whose authors say which revision
 * came before; tests/corpus/fit_chains.py --write writes these numbers. */
static const double weights[PM_EVIDENCE_COUNT] = {
    [PM_EVIDENCE_CLAIMED] = 12,        [PM_EVIDENCE_CLAIMED_OLDER] = 2.5,
    [PM_EVIDENCE_ANSWERS] = 3.5,       [PM_EVIDENCE_ANSWERS_OLDER] = 1,
    [PM_EVIDENCE_CHANGE_ID] = 8,       [PM_EVIDENCE_FAMILY] = 5,
    [PM_EVIDENCE_SAME_TITLE] = 7.75,   [PM_EVIDENCE_TITLE] = 2,
    [PM_EVIDENCE_PATCHES] = 5.75,      [PM_EVIDENCE_OTHER_PATCHES] = -6.5,
    [PM_EVIDENCE_PATHS] = 5,           [PM_EVIDENCE_OTHER_PATHS] = -1.75,
    [PM_EVIDENCE_NEXT_REVISION] = 1.5, [PM_EVIDENCE_SAME_REVISION] = -3.75,
    [PM_EVIDENCE_RESENT] = -2.25,      [PM_EVIDENCE_RFC] = 1.5,
    [PM_EVIDENCE_SKIPPED] = 1,         [PM_EVIDENCE_OTHER_AUTHOR] = -3,
    [PM_EVIDENCE_OTHER_TREE] = -1.5,   [PM_EVIDENCE_LONG_AGO] = -1.75,
};

#define LONG_AGO      (192 * 86400) /* 99 % of revisions come sooner */
#define MOST_WORDS    64
#define MOST_LEFT     32  /* paths that only one of two has, and that may be cut short */
#define MOST_ALIKE    8   /* patch titles of each that are compared word by word */
#define TELLING_WORDS 5   /* so many in a title, and it is nobody else's */
#define LEAST_TITLE   0.2 /* words in common below which titles say nothing */
#define SIMILAR_TITLE 0.3 /* from which they are called similar */

/* How many items two sorted lists have in common. */
static unsigned in_common(const pm_slice *a, size_t a_count, const pm_slice *b, size_t b_count)
{
    unsigned count = 0;

    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        int order = compare(a[i], b[j]);

        count += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return count;
}

/* ---- Paths ---- */

/* Those that only one of two series has, as far as they are looked at. */
typedef struct leftover {
    pm_slice paths[MOST_LEFT];
    unsigned count;
} leftover;

static void find_leftover(const pm_series *of, const pm_series *other, leftover *out)
{
    size_t j = 0;

    out->count = 0;
    for (size_t i = 0; i < of->path_count && out->count < MOST_LEFT; i++) {
        while (j < other->path_count && compare(other->paths[j], of->paths[i]) < 0)
            j++;
        if (j == other->path_count || !equal(other->paths[j], of->paths[i]))
            out->paths[out->count++] = of->paths[i];
    }
}

/* Is one what the other is without its beginning? A lone file name is nobody's end. */
static bool is_tail(pm_slice tail, pm_slice path)
{
    return tail.len < path.len && path.data[path.len - tail.len - 1] == '/' &&
           memcmp(path.data + path.len - tail.len, tail.data, tail.len) == 0 &&
           memchr(tail.data, '/', tail.len) != NULL;
}

/* A diffstat cuts long paths short, and what is cut differs with the rest of the table. */
static unsigned tails_in_common(const pm_series *a, const pm_series *b)
{
    leftover left, right;
    unsigned count = 0;

    find_leftover(a, b, &left);
    find_leftover(b, a, &right);
    for (unsigned i = 0; i < left.count; i++) {
        unsigned j = 0;

        while (j < right.count && !is_tail(left.paths[i], right.paths[j]) &&
               !is_tail(right.paths[j], left.paths[i]))
            j++;
        if (j == right.count)
            continue;
        count++;
        right.paths[j] = right.paths[--right.count];
    }
    return count;
}

/* ---- Titles ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           (unsigned char)c >= 0x80;
}

typedef struct title_words {
    pm_slice words[MOST_WORDS];
    unsigned count;
} title_words;

/* The words of a title, runs of letters and digits. */
static void split(pm_slice title, title_words *out)
{
    out->count = 0;
    for (size_t at = 0; at < title.len && out->count < MOST_WORDS;) {
        size_t from;

        while (at < title.len && !in_word(title.data[at]))
            at++;
        for (from = at; at < title.len && in_word(title.data[at]);)
            at++;
        if (at > from)
            out->words[out->count++] = (pm_slice){title.data + from, at - from};
    }
}

static bool equal_nocase(pm_slice a, pm_slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

static bool same_words(const title_words *a, const title_words *b)
{
    bool same = a->count == b->count && a->count > 0;

    for (unsigned i = 0; same && i < a->count; i++)
        same = equal_nocase(a->words[i], b->words[i]);
    return same;
}

/* The share of words in common, 0 to 1. Words of one or two letters say nothing. */
static double share_words(const title_words *a, const title_words *b)
{
    unsigned shared = 0, all = 0;

    for (unsigned i = 0; i < a->count; i++) {
        unsigned j = 0;

        if (a->words[i].len <= 2)
            continue;
        all++;
        while (j < b->count && !equal_nocase(a->words[i], b->words[j]))
            j++;
        shared += j < b->count;
    }
    for (unsigned j = 0; j < b->count; j++)
        all += b->words[j].len > 2;
    all -= shared;
    return all == 0 ? 0 : (double)shared / all;
}

/* How much it says that a title is the same, up to 1: "misc fixes" says little. */
static double weigh_title(const title_words *title)
{
    unsigned count = 0;

    for (unsigned i = 0; i < title->count; i++)
        count += title->words[i].len > 2;
    return count >= TELLING_WORDS ? 1 : (count > 0 ? count : 1) / (double)TELLING_WORDS;
}

static void compare_titles(pm_slice later, pm_slice earlier, pm_likeness *like)
{
    title_words a, b;

    split(later, &a);
    split(earlier, &b);
    if (same_words(&a, &b)) {
        like->title = 1;
        like->evidence[PM_EVIDENCE_SAME_TITLE] = weigh_title(&a);
        return;
    }
    like->title = like->evidence[PM_EVIDENCE_TITLE] = share_words(&a, &b);
}

/* What revision numbers and RFC say. False: it cannot be the predecessor. */
static bool compare_revisions(const pm_series *later, const pm_series *earlier, double *evidence)
{
    bool was_rfc = (earlier->flags & PM_SERIES_RFC) != 0;
    bool is_rfc = (later->flags & PM_SERIES_RFC) != 0;
    bool resent = (later->flags & PM_SERIES_RESEND) != 0;
    int64_t steps = (int64_t)later->revision - earlier->revision;

    if (steps < 0)
        return false;
    if (steps == 1 || (steps == 0 && later->reroll > earlier->reroll)) {
        evidence[PM_EVIDENCE_NEXT_REVISION] = 1;
        return true;
    }
    if (steps == 0) {
        pm_evidence what = was_rfc && !is_rfc ? PM_EVIDENCE_RFC
                           : resent           ? PM_EVIDENCE_RESENT
                                              : PM_EVIDENCE_SAME_REVISION;

        evidence[what] = 1;
        return what != PM_EVIDENCE_SAME_REVISION || later->revision > 1;
    }
    evidence[PM_EVIDENCE_SKIPPED] = 1;
    return true;
}

/* Authors who keep a history name all their revisions; the one just before is meant. */
static void compare_claims(const pm_series *later, const pm_series *earlier, double *evidence)
{
    bool next = later->revision <= earlier->revision + 1;

    for (size_t i = 0; i < later->claim_count; i++) {
        const pm_claim *claim = &later->claims[i];

        if (!equal(claim->message_id, earlier->id))
            continue;
        if (equal(claim->how, (pm_slice){"reply", 5}))
            evidence[next ? PM_EVIDENCE_ANSWERS : PM_EVIDENCE_ANSWERS_OLDER] = 1;
        else if (claim->revision == 0 || claim->revision == earlier->revision)
            evidence[next ? PM_EVIDENCE_CLAIMED : PM_EVIDENCE_CLAIMED_OLDER] = 1;
        /* else it says something else of it */
    }
    /* Who is named is answered anyway. */
    if (evidence[PM_EVIDENCE_CLAIMED] > 0 || evidence[PM_EVIDENCE_CLAIMED_OLDER] > 0)
        evidence[PM_EVIDENCE_ANSWERS] = evidence[PM_EVIDENCE_ANSWERS_OLDER] = 0;
}

/* One in common may be chance ("Update MAINTAINERS"), two are not. */
static double doubt(unsigned in_common)
{
    return in_common > 1 ? 1 : 0.5;
}

static bool are_lone(const pm_series *a, const pm_series *b)
{
    return a->title_count == 1 && b->title_count == 1;
}

static unsigned split_first(const pm_series *of, title_words words[MOST_ALIKE])
{
    const unsigned count = of->title_count < MOST_ALIKE ? (unsigned)of->title_count : MOST_ALIKE;

    for (unsigned i = 0; i < count; i++)
        split(of->titles[i], &words[i]);
    return count;
}

/* Where no patch has kept its title, how like an old one the most alike is: "cog: oil the teeth"
 * may have become "gear/cog: oil the teeth". */
static double nearest_patch(const pm_series *a, const pm_series *b)
{
    title_words of_a[MOST_ALIKE], of_b[MOST_ALIKE];
    const unsigned a_count = split_first(a, of_a), b_count = split_first(b, of_b);
    double nearest = 0;

    for (unsigned i = 0; i < a_count; i++)
        for (unsigned j = 0; j < b_count; j++) {
            const double share = share_words(&of_a[i], &of_b[j]);

            nearest = share > nearest ? share : nearest;
        }
    return nearest;
}

/* An only patch is its title; half of the words are enough to know it again. */
static double unlikeness(const pm_series *later, const pm_series *earlier)
{
    const double share = nearest_patch(later, earlier);

    return are_lone(later, earlier) && share >= 0.5 ? 0 : 1 - share;
}

/* What speaks against it, where nothing is in common; more to compare, and seldom asked for. */
static void compare_others(const pm_series *later, const pm_series *earlier, pm_likeness *like)
{
    if (like->patches > 0)
        return;
    if (like->patches_of > 0)
        like->evidence[PM_EVIDENCE_OTHER_PATCHES] = unlikeness(later, earlier);
    like->evidence[PM_EVIDENCE_OTHER_PATHS] =
        like->paths == 0 && later->path_count > 0 && earlier->path_count > 0;
}

static void compare_patches(const pm_series *later, const pm_series *earlier, pm_likeness *like)
{
    like->patches =
        in_common(later->titles, later->title_count, earlier->titles, earlier->title_count);
    like->patches_of = (unsigned)(later->title_count < earlier->title_count ? later->title_count
                                                                            : earlier->title_count);
    if (like->patches > 0)
        like->evidence[PM_EVIDENCE_PATCHES] =
            doubt(like->patches) * like->patches / like->patches_of;
}

static void compare_paths(const pm_series *later, const pm_series *earlier, pm_likeness *like)
{
    like->paths = in_common(later->paths, later->path_count, earlier->paths, earlier->path_count) +
                  tails_in_common(later, earlier);
    like->paths_of = (unsigned)(later->path_count + earlier->path_count) - like->paths;
    if (like->paths > 0)
        like->evidence[PM_EVIDENCE_PATHS] = doubt(like->paths) * like->paths / like->paths_of;
}

static void compare_contents(const pm_series *later, const pm_series *earlier, pm_likeness *like)
{
    compare_titles(later->title, earlier->title, like);
    /* Of a lone patch the title is said already. */
    if (!are_lone(later, earlier) || like->evidence[PM_EVIDENCE_SAME_TITLE] == 0)
        compare_patches(later, earlier, like);
    compare_paths(later, earlier, like);
}

static bool is_same(const pm_person *a, const pm_person *b)
{
    return (a->address.len > 0 && equal(a->address, b->address)) ||
           (a->name.len > 0 && equal(a->name, b->name));
}

/* Where the mailmap knows both, its word alone counts: two people may share an address. Who is
 * unknown to it may still be the same as ever. */
pm_kinship pm_chain_kinship(const pm_series *a, const pm_series *b, const pm_mailmap *people)
{
    const pm_person first = {a->author, a->author_name}, second = {b->author, b->author_name};
    pm_person proper_first = first, proper_second = second;
    const bool same = is_same(&first, &second);
    bool knows_first, knows_second;

    if (people == NULL)
        return same ? PM_SAME_AUTHOR : PM_ANOTHER_AUTHOR;
    knows_first = pm_mailmap_find(people, &proper_first);
    knows_second = pm_mailmap_find(people, &proper_second);
    if (is_same(&proper_first, &proper_second))
        return same ? PM_SAME_AUTHOR : PM_SAME_AUTHOR_BY_MAILMAP;
    return same && !(knows_first && knows_second) ? PM_SAME_AUTHOR : PM_ANOTHER_AUTHOR;
}

static bool name_other_trees(const pm_series *a, const pm_series *b)
{
    const uint32_t of_a = a->flags & PM_SERIES_TREE, of_b = b->flags & PM_SERIES_TREE;

    return of_a != 0 && of_b != 0 && of_a != of_b;
}

/* Does the letter itself, or the tool that sent it, say that it is a revision of the other? */
static bool is_said(const double *evidence)
{
    return evidence[PM_EVIDENCE_CLAIMED] > 0 || evidence[PM_EVIDENCE_CLAIMED_OLDER] > 0 ||
           evidence[PM_EVIDENCE_CHANGE_ID] > 0 || evidence[PM_EVIDENCE_FAMILY] > 0;
}

/* Without a likeness in content, a number that fits says nothing. */
static bool is_unlike(const pm_likeness *like)
{
    return !is_said(like->evidence) && like->title < LEAST_TITLE && like->patches == 0 &&
           like->paths == 0;
}

bool pm_chain_precedes(const pm_series *earlier, const pm_series *later)
{
    if (earlier->date != later->date)
        return earlier->date < later->date;
    if (earlier->revision != later->revision)
        return earlier->revision < later->revision;
    if (earlier->reroll != later->reroll)
        return earlier->reroll < later->reroll;
    return compare(earlier->id, later->id) < 0;
}

pm_likeness pm_chain_compare(const pm_series *later, const pm_series *earlier,
                             const pm_mailmap *people)
{
    pm_likeness like = {.possible = false};
    double *evidence = like.evidence;

    if (!pm_chain_precedes(earlier, later) || !compare_revisions(later, earlier, evidence))
        return like;
    if (later->project.len > 0 && earlier->project.len > 0 &&
        !equal(later->project, earlier->project))
        return like; /* companion series for another project */

    compare_claims(later, earlier, evidence);
    compare_contents(later, earlier, &like);
    evidence[PM_EVIDENCE_CHANGE_ID] =
        later->change_id.len > 0 && equal(later->change_id, earlier->change_id);
    evidence[PM_EVIDENCE_FAMILY] = pm_same_family(later->id, earlier->id);
    like.authors = pm_chain_kinship(later, earlier, people);
    evidence[PM_EVIDENCE_OTHER_TREE] = name_other_trees(later, earlier);
    evidence[PM_EVIDENCE_OTHER_AUTHOR] = like.authors == PM_ANOTHER_AUTHOR;
    evidence[PM_EVIDENCE_LONG_AGO] = later->date - earlier->date > LONG_AGO;
    like.possible = !is_unlike(&like);
    if (like.possible && !is_said(evidence)) /* who rewrites all of it may say so */
        compare_others(later, earlier, &like);
    for (size_t i = 0; like.possible && i < PM_EVIDENCE_COUNT; i++)
        like.score += weights[i] * evidence[i];
    return like;
}

bool pm_chain_continues(const pm_series *later, const pm_series *earlier, const pm_mailmap *people)
{
    return pm_chain_compare(later, earlier, people).score >= PM_CHAIN_ENOUGH;
}

double pm_chain_weight(double score)
{
    return score <= 0 ? 0 : score * score / (score * score + 8);
}

static void add(char *text, size_t size, size_t *len, const char *separator, const char *words)
{
    int more = snprintf(text + *len, size - *len, "%s%s", *len > 0 ? separator : "", words);

    *len += more < 0 ? 0 : (size_t)more < size - *len ? (size_t)more : size - *len - 1;
}

/* Evidence that is stated as it is. */
static const struct {
    pm_evidence evidence;
    const char *words;
} phrases[] = {
    {PM_EVIDENCE_CLAIMED, "named in the letter"},
    {PM_EVIDENCE_CLAIMED_OLDER, "named in the letter"},
    {PM_EVIDENCE_ANSWERS, "in its thread"},
    {PM_EVIDENCE_ANSWERS_OLDER, "in its thread"},
    {PM_EVIDENCE_CHANGE_ID, "same change-id"},
    {PM_EVIDENCE_FAMILY, "same family of Message-IDs"},
    {PM_EVIDENCE_SAME_TITLE, "same title"},
};

static const char *const kinships[] = {
    [PM_ANOTHER_AUTHOR] = "another author",
    [PM_SAME_AUTHOR] = "same author",
    [PM_SAME_AUTHOR_BY_MAILMAP] = "same author by mailmap",
};

size_t pm_chain_explain(const pm_likeness *likeness, const pm_series *earlier, char *text,
                        size_t size)
{
    char words[64];
    size_t len = 0;

    snprintf(words, sizeof(words), "%sv%u", earlier->flags & PM_SERIES_RFC ? "RFC " : "",
             (unsigned)earlier->revision);
    add(text, size, &len, "", words);
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        if (likeness->evidence[phrases[i].evidence] > 0)
            add(text, size, &len, "; ", phrases[i].words);
    if (likeness->evidence[PM_EVIDENCE_TITLE] >= SIMILAR_TITLE)
        add(text, size, &len, "; ", "similar title");
    if (likeness->patches > 0) {
        snprintf(words, sizeof(words), "%u of %u patches", likeness->patches, likeness->patches_of);
        add(text, size, &len, "; ", words);
    }
    if (likeness->paths > 0) {
        snprintf(words, sizeof(words), "%u of %u paths", likeness->paths, likeness->paths_of);
        add(text, size, &len, "; ", words);
    }
    if (likeness->evidence[PM_EVIDENCE_OTHER_TREE] > 0)
        add(text, size, &len, "; ", "another tree");
    add(text, size, &len, "; ", kinships[likeness->authors]);
    return len;
}
