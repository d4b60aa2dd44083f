/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject - the grammar of patch subjects; see subject.h, and subject.md for the grammar.
 *
 * Three steps: scan takes marks and bracket groups off the front and makes tokens of them; resolve
 * decides what the tokens say together; the title then loses a revision written at its end.
 */
#include "subject.h"

#include "lines.h"
#include "subject_mark.h"
#include "subject_token.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What is looked at; people write at most a few hundred bytes. */
#define SUBJECT_MAX 2000

/* How far into a subject something odd may stand in front of a mark or a bracket: "REGRESSION:
 * Re:". */
#define LEAD_MAX 48

/* A bracket with more words than these, none of them with a meaning, is part of a title. */
#define PLAIN_MAX 6

typedef struct parser {
    pm_subject *subject;
    pm_slice rest; /* not read yet; in the end the title */
    pm_subject_tokens tokens;
    unsigned groups;      /* bracket groups read */
    unsigned tag_group;   /* the group that may be a list tag, counted from 1; 0 for none */
    bool tag_is_followed; /* by white space, as list software writes it */
    unsigned branch;      /* what a robot's group says, where no other group speaks of a patch */
} parser;

static bool says_something(const pm_subject_token *token)
{
    return token->kind == PM_SUBJECT_TOKEN_WORD || token->kind == PM_SUBJECT_TOKEN_REVISION ||
           token->kind == PM_SUBJECT_TOKEN_COUNT;
}

static bool starts_with_space(pm_slice text)
{
    return text.len > 0 && pm_is_space(text.data[0]);
}

/* Without the white space, colons and dashes people put behind a bracket. A dash without a space
 * behind it is the title's: "--optimize fixes". */
static pm_slice skip_punctuation(pm_slice text)
{
    for (;;) {
        text = pm_slice_trim(text);
        if (text.len == 0)
            return text;
        if (memchr("]:,", text.data[0], 3) == NULL &&
            !(text.data[0] == '-' && starts_with_space(pm_slice_after(text, 1))))
            return text;
        text = pm_slice_after(text, 1);
    }
}

/* ---- Groups ---------------------------------------------------------------------------------- */

/* Where the bracket that text begins with is closed, or PM_NOWHERE. */
static size_t find_closing(pm_slice text)
{
    unsigned depth = 0;

    for (size_t at = 0; at < text.len; at++) {
        if (text.data[at] == '[')
            depth++;
        else if (text.data[at] == ']' && --depth == 0)
            return at;
    }
    return PM_NOWHERE;
}

/* "[linux-next:master 3/12]", "[tip: x86/build]", "[tip:x86/build]": a tree and a branch. Behind
 * the colon of "[bug:1234]" there is none. */
static bool is_branch_group(pm_slice content, const pm_subject_token *tokens, size_t count)
{
    size_t colon;
    pm_slice raw;

    for (size_t i = 0; i < count; i++)
        if (tokens[i].kind == PM_SUBJECT_TOKEN_WORD)
            return false;
    if (!pm_subject_token_next(&content, &raw))
        return false;
    colon = pm_slice_find_byte(raw, ':');
    if (colon == PM_NOWHERE || colon == 0)
        return false;
    if (colon + 1 < raw.len)
        return !pm_is_digit(raw.data[colon + 1]);
    return pm_slice_equal_nocase(raw, PM_LIT("tip:"));
}

/* A robot's group: what looks like a count is a place in the branch, and no patch's number. Whether
 * it is one shows when all groups are read: "[F:linux-azure][PATCH 1/2]" is a person's. */
static void mark_branch_group(parser *p, pm_slice content, pm_subject_token *tokens, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tokens[i].kind = PM_SUBJECT_TOKEN_PLAIN;
    p->branch |= PM_SUBJECT_BOT;
    if (pm_slice_starts_nocase(pm_slice_trim(content), PM_LIT("tip:")))
        p->branch |= PM_SUBJECT_COMMITTED;
}

/* What a person answers to says what the answered letter was, and not what the answer is. */
static void forget_robots(parser *p, size_t first)
{
    p->branch = 0;
    for (size_t i = first; i < p->tokens.count; i++)
        p->tokens.items[i].flags &= ~(unsigned)(PM_SUBJECT_BOT | PM_SUBJECT_COMMITTED);
}

/* "was: Re: old title" in brackets, which tells where a talk began. */
static bool tells_old_title(pm_slice content)
{
    content = pm_slice_trim(content);
    return pm_take_nocase(&content, PM_LIT("was")) && content.len > 0 &&
           (content.data[0] == ':' || pm_is_space(content.data[0]));
}

/* Take content as the next group; false when it is no prefix but the title's own bracket. */
static bool add_group(parser *p, pm_slice content, bool followed)
{
    size_t first = p->tokens.count, count;
    pm_subject_token *tokens = p->tokens.items + first;
    bool answers = (p->subject->flags & PM_SUBJECT_REPLY) != 0, said = false, branch;

    if (tells_old_title(content))
        return false;

    pm_subject_tokens_read(&p->tokens, content, p->groups + 1);
    count = p->tokens.count - first;
    for (size_t i = 0; i < count; i++)
        said |= says_something(&tokens[i]);
    if (!said && (count == 0 || count > PLAIN_MAX)) {
        p->tokens.count = first;
        return count == 0 && p->tokens.count < PM_SUBJECT_TOKENS_MAX; /* "[]" says nothing */
    }

    p->groups++;
    branch = is_branch_group(content, tokens, count);
    if (branch)
        mark_branch_group(p, content, tokens, count);
    if (first == 0 && (branch ? answers : !said)) {
        p->tag_group = p->groups;
        p->tag_is_followed = followed;
        p->subject->list_tag = pm_slice_trim(content);
    }
    if (answers)
        forget_robots(p, first);
    return true;
}

/* "[PATCH v2 1/3 title": no bracket closes it. Words with a meaning, and a tree's name or two
 * between them, are the prefix; the title begins behind the last one. */
static bool read_unclosed(parser *p)
{
    pm_slice rest = pm_slice_after(p->rest, 1), end = rest, raw;
    unsigned plain = 0;
    bool counted = false;

    while (!counted && plain <= 2 && pm_subject_token_next(&rest, &raw)) {
        pm_subject_tokens one = {.count = 0};
        bool said = false;

        pm_subject_tokens_read(&one, raw, 0);
        for (size_t i = 0; i < one.count; i++) {
            said |= says_something(&one.items[i]);
            counted |= one.items[i].kind == PM_SUBJECT_TOKEN_COUNT;
        }
        if (said)
            end = rest;
        plain = said ? 0 : plain + 1;
    }
    if (end.data == p->rest.data + 1)
        return false;
    if (!add_group(p, pm_slice_cut(p->rest, 1, (size_t)(end.data - p->rest.data)), true))
        return false;
    p->subject->flags |= PM_SUBJECT_BROKEN;
    p->rest = end;
    return true;
}

static bool read_group(parser *p)
{
    pm_slice text = pm_slice_trim(p->rest), after;
    size_t end;

    if (text.len == 0 || text.data[0] != '[')
        return false;
    p->rest = text;
    end = find_closing(text);
    if (end == PM_NOWHERE)
        return read_unclosed(p);
    after = pm_slice_after(text, end + 1);
    if (!add_group(p, pm_slice_cut(text, 1, end), starts_with_space(after)))
        return false;
    p->rest = after;
    if (after.len > 0 && after.data[0] == ']')
        p->subject->flags |= PM_SUBJECT_BROKEN;
    return true;
}

/* ---- Prefixes without (whole) brackets ------------------------------------------------------- */

#define PATCH_FLAGS  (PM_SUBJECT_PATCH | PM_SUBJECT_RFC | PM_SUBJECT_RFT | PM_SUBJECT_RESEND)
#define BEHIND_FLAGS (PM_SUBJECT_RFC | PM_SUBJECT_RFT | PM_SUBJECT_RESEND)
#define PREFIX_FLAGS (PATCH_FLAGS | PM_SUBJECT_PULL)

/* Does text begin with a word of patch mail? */
static bool starts_with_word(pm_slice text)
{
    pm_subject_tokens one = {.count = 0};
    pm_slice raw;

    if (!pm_subject_token_next(&text, &raw))
        return false;
    if (pm_slice_equal_nocase(raw, PM_LIT("git")) && !pm_subject_token_next(&text, &raw))
        return false;
    pm_subject_tokens_read(&one, raw, 0);
    return one.count > 0 && one.items[0].kind == PM_SUBJECT_TOKEN_WORD &&
           (one.items[0].flags & PREFIX_FLAGS) != 0;
}

/* "PATCH v4 00/11] title", "{PATCH 0/2] title": a bracket that is closed and was never opened. */
static bool read_unopened(parser *p, pm_slice text)
{
    size_t from = text.len > 0 && memchr("{(<", text.data[0], 3) != NULL;
    size_t end = from;

    while (end < text.len &&
           memchr(from == 0 ? "[]" : "[]})>", text.data[end], from == 0 ? 2 : 5) == NULL)
        end++;
    if (end == text.len || text.data[end] == '[' || end > 80)
        return false;
    if (!add_group(p, pm_slice_cut(text, from, end), true))
        return false;
    p->subject->flags |= PM_SUBJECT_BROKEN;
    p->rest = pm_slice_after(text, end + 1);
    return true;
}

/* Does text begin with brackets, of which one has a word of patch mail in it? */
static bool starts_with_prefix(pm_slice text)
{
    pm_subject scratch = {0};
    parser trial = {.subject = &scratch, .rest = text};

    for (unsigned n = 0; n < 4 && read_group(&trial); n++)
        for (size_t i = 0; i < trial.tokens.count; i++)
            if (trial.tokens.items[i].kind == PM_SUBJECT_TOKEN_WORD &&
                (trial.tokens.items[i].flags & PATCH_FLAGS) != 0)
                return true;
    text = pm_slice_trim(text);
    return text.len > 0 && text.data[0] == '[' && starts_with_word(pm_slice_after(text, 1));
}

/* Take the first bytes of text as the next group. */
static bool take_bare(parser *p, pm_slice text, pm_slice rest)
{
    if (!add_group(p, pm_slice_cut(text, 0, (size_t)(rest.data - text.data)), true))
        return false;
    p->rest = rest;
    return true;
}

/* "PATCH", as nobody begins a sentence. */
static bool is_shouted(pm_slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (pm_lower(word.data[i]) == word.data[i] && pm_is_alpha(word.data[i]))
            return false;
    return true;
}

/* "RFC: title", "PATCH v2 1/3: title", "Patch 0/23 - title", "pull request (net): title": nothing
 * but words with a meaning, up to a colon, a count or the prefix itself: "RESEND [PATCH] title".
 * "PATCH v2 title" lost its brackets, too. */
static bool read_bare(parser *p, pm_slice text)
{
    pm_slice rest = text, before = text, raw;
    bool shouted = false, revised = false;

    for (unsigned n = 0; n < 6 && pm_subject_token_next(&rest, &raw); n++) {
        bool colon = raw.data[raw.len - 1] == ':', said = true, counted = false;
        pm_subject_tokens one = {.count = 0};

        pm_subject_tokens_read(&one, raw, 0);
        for (size_t i = 0; i < one.count; i++) {
            said &= says_something(&one.items[i]);
            counted |= one.items[i].kind == PM_SUBJECT_TOKEN_COUNT;
        }
        if (!said && shouted && revised)
            return take_bare(p, text, before);
        if (!said && !pm_slice_equal_nocase(raw, PM_LIT("git")) && raw.data[0] != '(' &&
            !pm_slice_starts_nocase(raw, PM_LIT("request")))
            return false;
        if (colon || counted || starts_with_prefix(rest))
            return take_bare(p, text, rest);
        shouted |= n == 0 && is_shouted(raw);
        revised |= one.count == 1 && one.items[0].kind == PM_SUBJECT_TOKEN_REVISION;
        before = rest;
    }
    return false;
}

/* "v2 [PATCH 1/2] title", "V2: [PATCH] title". */
static bool read_revision_in_front(parser *p, pm_slice text)
{
    pm_slice rest = text, raw;
    pm_subject_token token;

    if (!pm_subject_token_next(&rest, &raw) || raw.data != text.data ||
        !pm_subject_token_classify(raw, &token) || token.kind != PM_SUBJECT_TOKEN_REVISION)
        return false;
    return starts_with_prefix(rest) && take_bare(p, text, rest);
}

static bool read_bracketless(parser *p)
{
    pm_slice text = pm_slice_trim(p->rest);
    bool opened = text.len > 0 && memchr("{(<", text.data[0], 3) != NULL;

    if (!starts_with_word(text))
        return read_revision_in_front(p, text);
    return read_unopened(p, text) || (!opened && read_bare(p, text));
}

/* The reply mark that lead ends in: "foo was Re:", "\"Re:"; 0 when it ends in something else. */
static unsigned mark_at_end(pm_slice lead)
{
    for (size_t at = 1; at < lead.len; at++) {
        pm_slice rest = pm_slice_after(lead, at);
        unsigned mark = pm_is_alpha(lead.data[at - 1]) ? 0 : pm_mark_take(&rest, false);

        if (mark != 0 && rest.len == 0)
            return mark;
    }
    return 0;
}

/* Something in front that says nothing to us: "***SPAM*** Re:", "(proposal) RE:", "Update: [PATCH".
 * Passed over only when what follows is clear. */
static bool skip_lead(parser *p)
{
    pm_slice text = pm_slice_trim(p->rest);

    for (size_t at = 1;
         at + 1 < text.len && at < LEAD_MAX && text.data[at] != '[' && text.data[at] != '('; at++) {
        pm_slice lead = pm_slice_cut(text, 0, at), behind = pm_slice_after(text, at);
        unsigned mark;

        if (memchr(":)*}>", text.data[at - 1], 5) == NULL || !pm_is_space(text.data[at]))
            continue;
        behind = pm_slice_trim(behind);
        if (pm_slice_starts_nocase(behind, PM_LIT("re:"))) {
            p->rest = behind;
            return true;
        }
        if (behind.data[0] != '[' || !starts_with_prefix(behind))
            continue;
        mark = mark_at_end(lead);
        if (mark == 0 && pm_slice_ends(lead, PM_LIT("was:")))
            return false; /* the old title */
        p->subject->flags |= mark != 0 ? mark : (unsigned)PM_SUBJECT_LED;
        p->rest = behind;
        return true;
    }
    return false;
}

/* ---- Step 1: scan ---------------------------------------------------------------------------- */

static bool any_token(const parser *p, unsigned flags)
{
    for (size_t i = 0; i < p->tokens.count; i++)
        if (p->tokens.items[i].kind == PM_SUBJECT_TOKEN_COUNT ||
            p->tokens.items[i].kind == PM_SUBJECT_TOKEN_REVISION ||
            (p->tokens.items[i].flags & flags) != 0)
            return true;
    return false;
}

static bool has_kind(const parser *p, pm_subject_token_kind kind)
{
    for (size_t i = 0; i < p->tokens.count; i++)
        if (p->tokens.items[i].kind == kind)
            return true;
    return false;
}

/* Behind the brackets: "[PATCH] 3/8 title", "[PATCH 0/4]v2 title", "[PATCH] RFC: title",
 * "[PATCH](v2) title". */
static bool read_behind(parser *p)
{
    pm_slice text = skip_punctuation(p->rest), rest = text, raw;
    pm_subject_token token;
    bool wanted = false, enclosed;

    if (!pm_subject_token_next(&rest, &raw) || raw.data != text.data ||
        !pm_subject_token_classify(raw, &token))
        return false;
    enclosed = raw.data[0] == '(' && raw.data[raw.len - 1] == ')';
    if (token.text.data != raw.data && !enclosed)
        return false;
    if (token.kind == PM_SUBJECT_TOKEN_COUNT)
        wanted =
            !has_kind(p, PM_SUBJECT_TOKEN_COUNT) && token.total > 0 && token.part <= token.total;
    else if (token.kind == PM_SUBJECT_TOKEN_REVISION)
        wanted = !has_kind(p, PM_SUBJECT_TOKEN_REVISION) && !token.dotted;
    else if (token.kind == PM_SUBJECT_TOKEN_WORD)
        wanted = (enclosed || raw.data[raw.len - 1] == ':') && (token.flags & BEHIND_FLAGS) != 0;
    if (!wanted)
        return false;
    token.group = ++p->groups;
    p->tokens.items[p->tokens.count++] = token;
    p->rest = rest;
    return true;
}

static void scan(parser *p)
{
    unsigned mark;
    bool again;

    do {
        bool prefixed = any_token(p, PREFIX_FLAGS);
        pm_slice text;

        again = false;
        p->rest = p->groups > 0 ? skip_punctuation(p->rest) : pm_slice_trim(p->rest);
        text = p->rest;
        mark = pm_mark_take(&text, prefixed);
        if (mark != 0) {
            p->subject->flags |= mark;
            p->rest = text;
            again = true;
        } else if (p->tokens.count < PM_SUBJECT_TOKENS_MAX) {
            again =
                read_group(p) || (prefixed ? read_behind(p) : read_bracketless(p) || skip_lead(p));
        }
    } while (again);
}

/* ---- Step 2: resolve ------------------------------------------------------------------------- */

/* Does the token before the ith say "for"? */
static bool is_behind_for(const parser *p, size_t i)
{
    const pm_subject_token *token = &p->tokens.items[i];

    return i > 0 && token[-1].group == token->group &&
           pm_slice_equal_nocase(token[-1].text, PM_LIT("for"));
}

/* "v6.1" is a re-roll of v6, but not where a stable tree or a plain revision stands beside it, not
 * behind "for", and not where nothing else speaks of a patch: "[BUG v6.1]". */
static bool dotted_is_version(const parser *p)
{
    bool patch = false;

    for (size_t i = 0; i < p->tokens.count; i++) {
        const pm_subject_token *token = &p->tokens.items[i];

        if ((token->flags & PM_SUBJECT_STABLE) != 0 ||
            (token->kind == PM_SUBJECT_TOKEN_REVISION && (!token->dotted || is_behind_for(p, i))))
            return true;
        patch |= token->kind == PM_SUBJECT_TOKEN_COUNT || (token->flags & PATCH_FLAGS) != 0;
    }
    return !patch;
}

static void say_revision(pm_subject *subject, const pm_subject_token *token, pm_said said)
{
    if (subject->revision_said != PM_SAID_NOT) {
        if (subject->revision != token->revision || subject->reroll != token->reroll)
            subject->flags |= PM_SUBJECT_CONFLICT;
        return;
    }
    subject->revision = token->revision;
    subject->reroll = token->reroll;
    subject->revision_said = said;
    subject->revision_token = token->text;
}

static void say_count(pm_subject *subject, const pm_subject_token *token, pm_said said)
{
    if (subject->part_said != PM_SAID_NOT)
        return;
    subject->part = token->part;
    subject->total = token->total;
    subject->part_said = said;
    subject->part_token = token->text;
    if (token->total == 0 || (token->total > 0 && token->part > token->total))
        subject->flags |= PM_SUBJECT_BROKEN;
}

/* Is a version in brackets the name of an old release's branch? "for 5.10" is what comes next, but
 * not "for 5.10.y", and a version without the word PATCH may be anything. */
static unsigned version_flags(const parser *p, size_t i)
{
    const pm_subject_token *token = &p->tokens.items[i];
    bool patch = false;

    for (size_t k = 0; k < p->tokens.count; k++)
        patch |= (p->tokens.items[k].flags & PM_SUBJECT_PATCH) != 0;
    if (!patch || (is_behind_for(p, i) && pm_is_digit(token->text.data[token->text.len - 1])))
        return 0;
    return token->kind == PM_SUBJECT_TOKEN_VERSION ? token->flags : (unsigned)PM_SUBJECT_STABLE;
}

/* A count with more parts than there are and no word of patch mail is a ratio. */
static bool is_ratio(const parser *p, const pm_subject_token *token)
{
    if (token->total < 0 || (token->part <= token->total && token->total > 0))
        return false;
    for (size_t i = 0; i < p->tokens.count; i++)
        if ((p->tokens.items[i].flags & PREFIX_FLAGS) != 0)
            return false;
    return true;
}

static pm_status resolve(parser *p, pm_arena *arena)
{
    pm_subject *subject = p->subject;
    bool demote = dotted_is_version(p);
    bool tagged = p->tag_group != 0 && (p->tag_is_followed || p->groups == 1);
    unsigned said = 0;

    if (!tagged)
        subject->list_tag = PM_EMPTY;
    subject->words = pm_alloc_array(arena, p->tokens.count, sizeof(*subject->words));
    if (subject->words == NULL)
        return PM_LIMIT;

    for (size_t i = 0; i < p->tokens.count; i++) {
        const pm_subject_token *token = &p->tokens.items[i];

        if (tagged && token->group == p->tag_group)
            continue;
        if (token->kind == PM_SUBJECT_TOKEN_REVISION && !(token->dotted && demote)) {
            say_revision(subject, token, PM_SAID_WRITTEN);
            subject->flags |= PM_SUBJECT_PATCH;
            continue;
        }
        if (token->kind == PM_SUBJECT_TOKEN_COUNT && !is_ratio(p, token)) {
            say_count(subject, token, PM_SAID_WRITTEN);
            subject->flags |= PM_SUBJECT_PATCH;
            continue;
        }
        if (token->kind == PM_SUBJECT_TOKEN_VERSION || token->kind == PM_SUBJECT_TOKEN_REVISION)
            subject->flags |= version_flags(p, i);
        else
            subject->flags |= token->flags;
        said |= token->flags;
        subject->words[subject->word_count++] = token->text;
    }
    if ((said & PATCH_FLAGS) == 0)
        subject->flags |= p->branch;
    return PM_OK;
}

/* ---- Step 3: the title's end ----------------------------------------------------------------- */

/* What often has a version of its own, in small letters: "cgroup v2" is no second revision.
 * Anything with a capital or a digit in it (SMMU, WNR2000) is taken for such a thing anyway. */
static const pm_slice versioned[] = {
    PM_LIT("cgroup"),    PM_LIT("cgroups"),  PM_LIT("nfs"),      PM_LIT("ip"),
    PM_LIT("api"),       PM_LIT("abi"),      PM_LIT("uapi"),     PM_LIT("gic"),
    PM_LIT("vgic"),      PM_LIT("its"),      PM_LIT("smmu"),     PM_LIT("pmu"),
    PM_LIT("smb"),       PM_LIT("tpm"),      PM_LIT("usb"),      PM_LIT("pcie"),
    PM_LIT("phy"),       PM_LIT("qmp"),      PM_LIT("protocol"), PM_LIT("format"),
    PM_LIT("version"),   PM_LIT("revision"), PM_LIT("rev"),      PM_LIT("spec"),
    PM_LIT("schema"),    PM_LIT("header"),   PM_LIT("hardware"), PM_LIT("hw"),
    PM_LIT("board"),     PM_LIT("verity"),   PM_LIT("fscrypt"),  PM_LIT("ioctl"),
    PM_LIT("interface"), PM_LIT("to"),       PM_LIT("for"),      PM_LIT("in"),
    PM_LIT("from"),      PM_LIT("and"),      PM_LIT("or"),
};

/* What names such a thing: "support for foo v2". */
static const pm_slice naming[] = {
    PM_LIT("for"),     PM_LIT("to"),     PM_LIT("of"),  PM_LIT("on"),  PM_LIT("with"),
    PM_LIT("support"), PM_LIT("enable"), PM_LIT("add"), PM_LIT("use"), PM_LIT("from"),
};

static bool is_one_of(pm_slice word, const pm_slice *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pm_slice_equal_nocase(word, words[i]))
            return true;
    return false;
}

static pm_slice take_last_word(pm_slice *text)
{
    pm_slice whole = pm_slice_trim_end(*text);
    size_t from = whole.len;

    while (from > 0 && !pm_is_space(whole.data[from - 1]))
        from--;
    *text = pm_slice_cut(whole, 0, from);
    return pm_slice_after(whole, from);
}

/* May a bare "v3" behind text be a revision? strict: the author could have written it into a
 * prefix, so that it may as well belong to the thing that is named. */
static bool may_end_in_revision(pm_slice text, bool strict)
{
    pm_slice word;

    text = pm_slice_trim_end(text);
    if (text.len == 0)
        return false;
    if (text.data[text.len - 1] == ',' || text.data[text.len - 1] == '-' ||
        text.data[text.len - 1] == ';')
        return true;
    word = take_last_word(&text);
    if (is_one_of(word, versioned, COUNT_OF(versioned)))
        return false;
    for (size_t i = 0; strict && i < word.len; i++)
        if (pm_is_digit(word.data[i]) || (word.data[i] >= 'A' && word.data[i] <= 'Z'))
            return false;
    return !strict || !is_one_of(take_last_word(&text), naming, COUNT_OF(naming));
}

/* "(version 5)." without its full stop. */
static pm_slice without_full_stop(pm_slice title)
{
    if (title.len > 1 && title.data[title.len - 1] == '.' &&
        (title.data[title.len - 2] == ')' || title.data[title.len - 2] == ']'))
        title.len--;
    return title;
}

/* "(#12)" is a bug or a pull request, "(rev 02)" a device, as lspci has it. */
static bool is_other_number(pm_slice text)
{
    return text.data[0] == '#' ||
           (pm_lower(text.data[0]) == 'r' && text.len > 2 && text.data[text.len - 2] == '0');
}

/* Take what stands in brackets at the title's end, "(v2)", "[RFC]", "(resend)", "(version 5)", when
 * every token in it has a meaning. False when nothing was taken. */
static bool take_end_group(parser *p, pm_arena *arena)
{
    pm_subject *subject = p->subject;
    pm_slice title = without_full_stop(subject->title), content;
    char close = title.len > 0 ? title.data[title.len - 1] : '\0';
    pm_subject_tokens list = {.count = 0};
    pm_slice *words;
    size_t open, used = 0;
    unsigned flags = 0;

    if (close != ')' && close != ']')
        return false;
    open = pm_slice_find_last(title, close == ')' ? PM_LIT("(") : PM_LIT("["));
    if (open == PM_NOWHERE || open == 0 || title.len - open > 40)
        return false;
    content = pm_slice_cut(title, open + 1, title.len - 1);
    pm_subject_tokens_read(&list, content, 0);
    if (list.count == 0 || list.count > 4)
        return false;

    for (size_t i = 0; i < list.count; i++) {
        const pm_subject_token *token = &list.items[i];

        if (!says_something(token))
            return false;
        if (token->kind == PM_SUBJECT_TOKEN_WORD && (token->flags & PATCH_FLAGS) == 0)
            return false; /* "(stable)", "(pull)": the title's own */
        if (token->kind == PM_SUBJECT_TOKEN_REVISION && is_other_number(token->text))
            return false;
        if (token->kind == PM_SUBJECT_TOKEN_COUNT &&
            (((subject->flags | flags) & PM_SUBJECT_PATCH) == 0 ||
             subject->part_said != PM_SAID_NOT || token->total <= 0 || token->part > token->total))
            return false;
        used += token->kind == PM_SUBJECT_TOKEN_WORD;
        flags |= token->flags;
    }

    if (used > 0) {
        words = pm_alloc_array(arena, subject->word_count + used, sizeof(*words));
        if (words == NULL)
            return false;
        if (subject->word_count > 0)
            memcpy(words, subject->words, subject->word_count * sizeof(*words));
        subject->words = words;
    }
    for (size_t i = 0; i < list.count; i++) {
        const pm_subject_token *token = &list.items[i];

        if (token->kind == PM_SUBJECT_TOKEN_REVISION)
            say_revision(subject, token, PM_SAID_INFERRED);
        else if (token->kind == PM_SUBJECT_TOKEN_COUNT)
            say_count(subject, token, PM_SAID_INFERRED);
        else
            subject->words[subject->word_count++] = token->text;
        subject->flags |= token->flags;
    }
    subject->title = pm_slice_trim_end(pm_slice_cut(title, 0, open));
    return true;
}

/* "cleanups v3 (full series now)" without its remark. */
static pm_slice without_remark(pm_slice title)
{
    size_t open = pm_slice_find_last(title, PM_LIT("("));

    if (title.len == 0 || title.data[title.len - 1] != ')' || open == PM_NOWHERE)
        return title;
    return pm_slice_cut(title, 0, open);
}

/* Take "v3", ", v3", "- take 2" off the title's end. */
static bool take_end_revision(pm_subject *subject)
{
    bool strict = (subject->flags & PM_SUBJECT_PATCH) != 0;
    pm_slice before = strict ? subject->title : without_remark(subject->title);
    pm_slice last = take_last_word(&before);
    pm_subject_tokens list = {.count = 0};

    if (last.len == 0 || before.len == 0)
        return false;
    if (pm_is_digit(last.data[0])) { /* the 2 of "take 2" */
        pm_slice word = take_last_word(&before);

        if (!pm_slice_equal_nocase(word, PM_LIT("take")) &&
            !pm_slice_equal_nocase(word, PM_LIT("try")))
            return false;
        last = (pm_slice){word.data, (size_t)(last.data + last.len - word.data)};
    } else if (last.data[0] == '#' ? subject->part != 0 : pm_lower(last.data[0]) != 'v') {
        return false;
    }

    pm_subject_tokens_read(&list, last, 0);
    if (list.count != 1 || list.items[0].kind != PM_SUBJECT_TOKEN_REVISION || list.items[0].dotted)
        return false;
    if (!may_end_in_revision(before, strict))
        return false;
    if (subject->revision_said != PM_SAID_NOT && subject->revision != list.items[0].revision)
        return false; /* the prefix knows; this is a thing's version */
    say_revision(subject, &list.items[0], PM_SAID_INFERRED);
    before = pm_slice_trim_end(before);
    while (before.len > 0 && memchr(",-;", before.data[before.len - 1], 3) != NULL)
        before = pm_slice_trim_end(pm_slice_cut(before, 0, before.len - 1));
    subject->title = before;
    return true;
}

/* "V2 libfoo: title", where there is no bracket to write it into. */
static void take_leading_revision(pm_subject *subject)
{
    pm_slice rest = subject->title, raw;
    pm_subject_token token;

    if (subject->revision_said != PM_SAID_NOT || (subject->flags & PM_SUBJECT_PATCH) != 0)
        return;
    if (!pm_subject_token_next(&rest, &raw) || pm_lower(raw.data[0]) != 'v' || raw.len > 3 ||
        !pm_subject_token_classify(raw, &token) || token.kind != PM_SUBJECT_TOKEN_REVISION)
        return;
    rest = skip_punctuation(rest);
    if (rest.len == 0)
        return;
    say_revision(subject, &token, PM_SAID_INFERRED);
    subject->title = rest;
}

/* A patch of a series has the series' revision; what its own title ends in is its own affair. */
static void read_title_end(parser *p, pm_arena *arena)
{
    while (p->subject->part <= 0 && p->subject->title.len > 0)
        if (!take_end_group(p, arena) && !take_end_revision(p->subject))
            return;
}

/* "(was: Re: [PATCH] old title)": an answer under a new subject. */
static bool was_an_answer(pm_slice title)
{
    for (size_t at = 0; at < title.len; at++) {
        pm_slice behind = pm_slice_after(title, at + 1);

        if ((title.data[at] != '(' && title.data[at] != '[') || !tells_old_title(behind))
            continue;
        behind = pm_slice_trim(behind);
        behind = pm_slice_trim(pm_slice_after(behind, PM_LIT("was").len));
        pm_take(&behind, PM_LIT(":"));
        pm_skip_blanks(&behind);
        if ((pm_mark_take(&behind, false) & PM_SUBJECT_REPLY) != 0)
            return true;
    }
    return false;
}

/* Blanks that programs write for spaces, which become spaces, and marks of no width, which go. */
static const struct {
    pm_slice text;
    bool has_width;
} blanks[] = {
    {PM_LIT("\xc2\xa0"), true},                                       /* no-break space */
    {PM_LIT("\xe2\x80\xaf"), true},                                   /* a narrow one */
    {PM_LIT("\xe3\x80\x80"), true},                                   /* ideographic space */
    {PM_LIT("\xe2\x80\x8b"), false},                                  /* zero width space */
    {PM_LIT("\xe2\x80\x8e"), false}, {PM_LIT("\xe2\x80\x8f"), false}, /* writing direction */
    {PM_LIT("\xe2\x80\xaa"), false}, {PM_LIT("\xe2\x80\xac"), false}, /* embedding */
    {PM_LIT("\xef\xbb\xbf"), false},                                  /* byte order mark */
};

/* Which of the blanks text begins with, or COUNT_OF(blanks). */
static size_t find_blank(pm_slice text)
{
    size_t i = 0;

    while (i < COUNT_OF(blanks) && !pm_slice_starts(text, blanks[i].text))
        i++;
    return i;
}

/* Write spaces for such blanks. Most subjects have none, and stay where they are. */
static pm_status plain_blanks(pm_arena *arena, pm_slice *text)
{
    size_t at = 0, len = 0;
    char *plain;

    while (at < text->len && ((text->data[at] & 0x80) == 0 ||
                              find_blank(pm_slice_after(*text, at)) == COUNT_OF(blanks)))
        at++;
    if (at == text->len)
        return PM_OK;
    plain = pm_alloc(arena, text->len);
    if (plain == NULL)
        return PM_LIMIT;
    for (at = 0; at < text->len;) {
        size_t i = find_blank(pm_slice_after(*text, at));

        if (i == COUNT_OF(blanks)) {
            plain[len++] = text->data[at++];
            continue;
        }
        if (blanks[i].has_width)
            plain[len++] = ' ';
        at += blanks[i].text.len;
    }
    *text = (pm_slice){plain, len};
    return PM_OK;
}

/* The first bytes of text, without half a character at the end. */
static pm_slice first_bytes(pm_slice text)
{
    size_t len = text.len < SUBJECT_MAX ? text.len : SUBJECT_MAX;

    while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    return pm_slice_cut(text, 0, len);
}

pm_status pm_subject_parse(pm_arena *arena, pm_slice text, pm_subject *subject_out)
{
    parser p;

    text = first_bytes(text);
    if (plain_blanks(arena, &text) != PM_OK)
        return PM_LIMIT;
    *subject_out = (pm_subject){.text = text,
                                .title = PM_EMPTY,
                                .list_tag = PM_EMPTY,
                                .revision = 1,
                                .revision_token = PM_EMPTY,
                                .part = -1,
                                .total = -1,
                                .part_token = PM_EMPTY};
    p.subject = subject_out;
    p.rest = text;
    p.tokens.count = 0;
    p.groups = p.tag_group = 0;
    p.tag_is_followed = false;
    p.branch = 0;

    scan(&p);
    if (resolve(&p, arena) != PM_OK)
        return PM_LIMIT;
    subject_out->title = p.rest;
    take_leading_revision(subject_out);
    read_title_end(&p, arena);
    if (was_an_answer(subject_out->title))
        subject_out->flags |= PM_SUBJECT_REPLY;
    return PM_OK;
}

/* ---- Printing -------------------------------------------------------------------------------- */

typedef struct writer {
    char *text;
    size_t len, room;
} writer;

static void put(writer *w, pm_slice text)
{
    if (text.len > w->room - w->len)
        text.len = w->room - w->len;
    memcpy(w->text + w->len, text.data, text.len);
    w->len += text.len;
}

/* text, behind a space unless it begins a bracket. */
static void put_word(writer *w, pm_slice text)
{
    if (w->len > 0 && w->text[w->len - 1] != '[' && w->text[w->len - 1] != ' ')
        put(w, PM_LIT(" "));
    put(w, text);
}

static pm_slice print_revision(pm_arena *arena, const pm_subject *subject)
{
    if (subject->reroll > 0)
        return pm_print(arena, "v%u.%u", subject->revision, subject->reroll);
    return pm_print(arena, "v%u", subject->revision);
}

/* As git pads it: both as wide as the total. */
static pm_slice print_count(pm_arena *arena, const pm_subject *subject)
{
    int width = 1;

    if (subject->total < 0)
        return pm_print(arena, "%d/n", subject->part);
    for (int rest = subject->total; rest >= 10; rest /= 10)
        width++;
    return pm_print(arena, "%0*d/%d", width, subject->part, subject->total);
}

pm_slice pm_subject_print(pm_arena *arena, const pm_subject *subject)
{
    pm_slice revision = print_revision(arena, subject), count = print_count(arena, subject);
    size_t room = subject->list_tag.len + subject->title.len + revision.len + count.len + 40;
    bool bracket = subject->word_count > 0 || subject->revision_said == PM_SAID_WRITTEN ||
                   subject->part_said == PM_SAID_WRITTEN;
    writer w = {0};

    for (size_t i = 0; i < subject->word_count; i++)
        room += subject->words[i].len + 1;
    w.room = room;
    w.text = pm_alloc(arena, room);
    if (w.text == NULL || revision.data == NULL || count.data == NULL)
        return (pm_slice){NULL, 0};

    if ((subject->flags & PM_SUBJECT_REPLY) != 0)
        put_word(&w, PM_LIT("Re:"));
    if ((subject->flags & PM_SUBJECT_FORWARD) != 0)
        put_word(&w, PM_LIT("Fwd:"));
    if (subject->list_tag.len > 0) {
        put_word(&w, PM_LIT("["));
        put(&w, subject->list_tag);
        put(&w, PM_LIT("]"));
    }
    if (bracket) {
        put_word(&w, PM_LIT("["));
        for (size_t i = 0; i < subject->word_count; i++)
            put_word(&w, subject->words[i]);
        if (subject->revision_said == PM_SAID_WRITTEN)
            put_word(&w, revision);
        if (subject->part_said == PM_SAID_WRITTEN)
            put_word(&w, count);
        put(&w, PM_LIT("]"));
    }
    put_word(&w, subject->title);
    if (subject->part_said == PM_SAID_INFERRED) {
        put_word(&w, PM_LIT("("));
        put(&w, count);
        put(&w, PM_LIT(")"));
    }
    if (subject->revision_said == PM_SAID_INFERRED) {
        put_word(&w, PM_LIT("("));
        put(&w, revision);
        put(&w, PM_LIT(")"));
    }
    return pm_slice_trim_end((pm_slice){w.text, w.len});
}
