/* SPDX-License-Identifier: BSD-2-Clause */
/* chain - which earlier series a series supersedes; see chain.h. */
#include "chain.h"

#include <stdio.h>
#include <string.h>

/* What each piece of evidence adds, fitted on chains of real lists whose authors say which revision
 * came before (tests/corpus/score.sh measures it). */
static const struct {
    double claimed, claimed_older, answers, answers_older, same_change, same_title, title, patches,
        paths;
    double next_revision, same_revision, skip_base, skip_each, rfc_to_patch;
    double other_author, long_ago;
} weight = {
    .claimed = 12,
    .claimed_older = 2.5,
    .answers = 3,
    .answers_older = 1,
    .same_change = 8,
    .same_title = 6,
    .title = 4,
    .patches = 4,
    .paths = 2.5,
    .next_revision = 2.5,
    .same_revision = -1.5,
    .skip_base = 0.5,
    .skip_each = -0.3,
    .rfc_to_patch = 1.5,
    .other_author = -3,
    .long_ago = -1,
};

#define LONG_AGO   (192 * 86400) /* 99 % of revisions come sooner */
#define MOST_WORDS 64

static bool equal(pm_slice a, pm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static int compare(pm_slice a, pm_slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

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

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           (unsigned char)c >= 0x80;
}

/* The words of a title, runs of letters and digits, each once. */
static unsigned split(pm_slice title, pm_slice words[MOST_WORDS])
{
    unsigned count = 0;

    for (size_t at = 0; at < title.len && count < MOST_WORDS;) {
        size_t from;

        while (at < title.len && !in_word(title.data[at]))
            at++;
        for (from = at; at < title.len && in_word(title.data[at]);)
            at++;
        if (at > from)
            words[count++] = (pm_slice){title.data + from, at - from};
    }
    return count;
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

/* The share of words in common, 0 to 1; exactly 1 when the titles are equal word for word in order.
 * Words of one or two letters say nothing. */
static double compare_titles(pm_slice a, pm_slice b, bool *same_out)
{
    pm_slice a_words[MOST_WORDS], b_words[MOST_WORDS];
    unsigned a_count = split(a, a_words), b_count = split(b, b_words), shared = 0, all = 0;
    bool same = a_count == b_count && a_count > 0;

    for (unsigned i = 0; same && i < a_count; i++)
        same = equal_nocase(a_words[i], b_words[i]);
    *same_out = same;
    for (unsigned i = 0; i < a_count; i++) {
        unsigned j = 0;

        if (a_words[i].len <= 2)
            continue;
        all++;
        while (j < b_count && !equal_nocase(a_words[i], b_words[j]))
            j++;
        shared += j < b_count;
    }
    for (unsigned j = 0; j < b_count; j++)
        all += b_words[j].len > 2;
    all -= shared;
    return same ? 1 : all == 0 ? 0 : (double)shared / all;
}

/* What revision numbers and RFC say. False: it cannot be the predecessor. */
static bool compare_revisions(const pm_series *later, const pm_series *earlier, double *score)
{
    bool was_rfc = (earlier->flags & PM_SERIES_RFC) != 0,
         is_rfc = (later->flags & PM_SERIES_RFC) != 0;
    bool resent = (later->flags & PM_SERIES_RESEND) != 0;
    int64_t steps = (int64_t)later->revision - earlier->revision;

    if (steps == 0 && later->reroll > earlier->reroll) {
        *score += weight.next_revision;
        return true;
    }
    if (steps < 0)
        return false;
    if (steps == 0) {
        *score += was_rfc && !is_rfc ? weight.rfc_to_patch : weight.same_revision;
        return later->revision > 1 || (was_rfc && !is_rfc) || resent;
    }
    *score += steps == 1 ? weight.next_revision
                         : weight.skip_base + weight.skip_each * (double)(steps < 20 ? steps : 20);
    return true;
}

/* Authors who keep a history name all their revisions; the one just before is meant. */
static double weigh_claims(const pm_series *later, const pm_series *earlier, bool *claimed_out)
{
    bool next = later->revision <= earlier->revision + 1;
    double best = 0;

    for (size_t i = 0; i < later->claim_count; i++) {
        const pm_claim *claim = &later->claims[i];
        bool reply = equal(claim->how, (pm_slice){"reply", 5});
        double says;

        if (!equal(claim->message_id, earlier->id))
            continue;
        if (!reply && claim->revision != 0 && claim->revision != earlier->revision)
            continue; /* it says something else of it */
        if (reply)
            says = next ? weight.answers : weight.answers_older;
        else
            says = next ? weight.claimed : weight.claimed_older;
        *claimed_out |= !reply;
        if (says > best)
            best = says;
    }
    return best;
}

pm_likeness pm_chain_compare(const pm_series *later, pm_slice project, const pm_series *earlier)
{
    pm_likeness like = {0};
    double score = 0;

    if (equal(later->id, earlier->id) || earlier->date > later->date ||
        !compare_revisions(later, earlier, &score))
        return like;
    if (project.len > 0 && earlier->project.len > 0 && !equal(project, earlier->project))
        return like; /* companion series for another project */

    score += weigh_claims(later, earlier, &like.claimed);
    like.same_change = later->change_id.len > 0 && equal(later->change_id, earlier->change_id);
    like.same_author =
        (later->author.len > 0 && equal(later->author, earlier->author)) ||
        (later->author_name.len > 0 && equal(later->author_name, earlier->author_name));
    like.title = compare_titles(later->title, earlier->title, &like.same_title);
    like.patches =
        in_common(later->titles, later->title_count, earlier->titles, earlier->title_count);
    like.patches_of = (unsigned)(later->title_count < earlier->title_count ? later->title_count
                                                                           : earlier->title_count);
    like.paths = in_common(later->paths, later->path_count, earlier->paths, earlier->path_count);
    like.paths_of = (unsigned)(later->path_count + earlier->path_count) - like.paths;

    score += like.same_change ? weight.same_change : 0;
    score += like.same_title ? weight.same_title : weight.title * like.title;
    /* One patch title in common may be chance ("Update MAINTAINERS"), two are not. */
    if (like.patches > 0)
        score += weight.patches * like.patches / like.patches_of * (like.patches > 1 ? 1 : 0.5);
    if (like.paths_of > 0)
        score += weight.paths * like.paths / like.paths_of;
    if (!like.same_author)
        score += weight.other_author;
    if (later->date - earlier->date > LONG_AGO)
        score += weight.long_ago;
    /* Without a likeness in content, a number that fits says nothing. */
    if (!like.claimed && !like.same_change && like.title < 0.2 && like.patches == 0 &&
        like.paths == 0)
        score = 0;
    like.score = score;
    return like;
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

size_t pm_chain_explain(const pm_likeness *likeness, const pm_series *earlier, char *text,
                        size_t size)
{
    char words[64];
    size_t len = 0;

    snprintf(words, sizeof(words), "%sv%u", earlier->flags & PM_SERIES_RFC ? "RFC " : "",
             (unsigned)earlier->revision);
    add(text, size, &len, "", words);
    if (likeness->claimed)
        add(text, size, &len, "; ", "named in the letter");
    if (likeness->same_change)
        add(text, size, &len, "; ", "same change-id");
    if (likeness->same_title)
        add(text, size, &len, "; ", "same title");
    else if (likeness->title >= 0.3)
        add(text, size, &len, "; ", "similar title");
    if (likeness->patches > 0) {
        snprintf(words, sizeof(words), "%u of %u patches", likeness->patches, likeness->patches_of);
        add(text, size, &len, "; ", words);
    }
    if (likeness->paths > 0) {
        snprintf(words, sizeof(words), "%u of %u paths", likeness->paths, likeness->paths_of);
        add(text, size, &len, "; ", words);
    }
    add(text, size, &len, "; ", likeness->same_author ? "same author" : "another author");
    return len;
}
