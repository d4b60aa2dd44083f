/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_title - what a title says beside its own words: a revision or "(resend)" at its end, a
 * revision at its beginning, and that it was an answer once; see subject_parser.h.
 *
 * All of it is inferred: the same words may be the title's own, "Add support for cgroup v2".
 */
#include "lines.h"
#include "phrases.h"
#include "subject_mark.h"
#include "subject_parser.h"

#define END_GROUP_MAX  40 /* bytes, with its brackets */
#define END_TOKENS_MAX 4

/* What often has a version of its own, in small letters: "cgroup v2" is no second revision.
 * Anything with a capital or a digit in it (SMMU, WNR2000) is taken for such a thing anyway.
 * Sorted. */
static const pm_slice versioned[] = {
    PM_LIT("abi"),      PM_LIT("and"),       PM_LIT("api"),     PM_LIT("as"),
    PM_LIT("at"),       PM_LIT("board"),     PM_LIT("by"),      PM_LIT("cgroup"),
    PM_LIT("cgroups"),  PM_LIT("firmware"),  PM_LIT("for"),     PM_LIT("format"),
    PM_LIT("from"),     PM_LIT("fscrypt"),   PM_LIT("fw"),      PM_LIT("gen"),
    PM_LIT("gic"),      PM_LIT("hardware"),  PM_LIT("header"),  PM_LIT("hw"),
    PM_LIT("in"),       PM_LIT("interface"), PM_LIT("ioctl"),   PM_LIT("ip"),
    PM_LIT("its"),      PM_LIT("nfs"),       PM_LIT("of"),      PM_LIT("on"),
    PM_LIT("or"),       PM_LIT("over"),      PM_LIT("pcie"),    PM_LIT("phy"),
    PM_LIT("pmu"),      PM_LIT("protocol"),  PM_LIT("qmp"),     PM_LIT("rev"),
    PM_LIT("revision"), PM_LIT("schema"),    PM_LIT("since"),   PM_LIT("smb"),
    PM_LIT("smmu"),     PM_LIT("spec"),      PM_LIT("than"),    PM_LIT("through"),
    PM_LIT("to"),       PM_LIT("tpm"),       PM_LIT("uapi"),    PM_LIT("usb"),
    PM_LIT("using"),    PM_LIT("verity"),    PM_LIT("version"), PM_LIT("vgic"),
    PM_LIT("via"),      PM_LIT("with"),
};

/* What names such a thing: "support for foo v2". Sorted. */
static const pm_slice naming[] = {
    PM_LIT("add"), PM_LIT("enable"),  PM_LIT("for"), PM_LIT("from"), PM_LIT("of"),
    PM_LIT("on"),  PM_LIT("support"), PM_LIT("to"),  PM_LIT("use"),  PM_LIT("with"),
};

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
    if (pm_is_known_word(word, versioned, PM_COUNT_OF(versioned)))
        return false;
    for (size_t i = 0; strict && i < word.len; i++)
        if (pm_is_digit(word.data[i]) || (word.data[i] >= 'A' && word.data[i] <= 'Z'))
            return false;
    return !strict || !pm_is_known_word(take_last_word(&text), naming, PM_COUNT_OF(naming));
}

/* ---- A revision ------------------------------------------------------------------------------ */

/* "cleanups v3 (full series now)" without its remark. */
static pm_slice without_remark(pm_slice title)
{
    size_t open = pm_slice_find_last(title, PM_LIT("("));

    if (title.len == 0 || title.data[title.len - 1] != ')' || open == PM_NOWHERE)
        return title;
    return pm_slice_cut(title, 0, open);
}

/* Take the "take" of "take 2" and "try #2" off before, and put it to last; "version 2" only where
 * it stands apart, "cleanups, version 2". */
static bool take_spelled(pm_slice *before, pm_slice *last)
{
    pm_slice rest = *before, word = take_last_word(&rest), front = pm_slice_trim_end(rest);
    bool apart = front.len > 0 && memchr(",-;", front.data[front.len - 1], 3) != NULL;

    if (!pm_is_digit(last->data[0]) && last->data[0] != '#')
        return false;
    if (!pm_slice_equal_nocase(word, PM_LIT("take")) &&
        !pm_slice_equal_nocase(word, PM_LIT("try")) &&
        !(apart && pm_slice_equal_nocase(word, PM_LIT("version"))))
        return false;
    *last = (pm_slice){word.data, (size_t)(last->data + last->len - word.data)};
    *before = rest;
    return true;
}

/* Take "v3", ", v3", "-v3", "- take 2" off the title's end. */
static bool take_end_revision(pm_subject *subject)
{
    bool strict = (subject->flags & PM_SUBJECT_PATCH) != 0;
    pm_slice before = strict ? subject->title : without_remark(subject->title);
    pm_slice last = take_last_word(&before);
    pm_subject_tokens list = {.count = 0};

    if (last.len == 0 || before.len == 0)
        return false;
    if (last.len > 2 && last.data[0] == '-') { /* "-v2", as some write ", v2" */
        before.len = (size_t)(last.data + 1 - before.data);
        last = pm_slice_after(last, 1);
    }
    if (!take_spelled(&before, &last) &&
        (last.data[0] == '#' ? subject->part != 0 : pm_lower(last.data[0]) != 'v'))
        return false;

    pm_subject_tokens_read(&list, last, 0);
    if (list.count != 1 || list.items[0].kind != PM_SUBJECT_TOKEN_REVISION || list.items[0].dotted)
        return false;
    if (!may_end_in_revision(before, strict))
        return false;
    if (subject->revision_said != PM_SAID_NOT && subject->revision != list.items[0].revision)
        return false; /* the prefix knows; this is a thing's version */
    pm_subject_say_revision(subject, &list.items[0], PM_SAID_INFERRED);
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
    rest = pm_subject_skip_punctuation(rest);
    if (rest.len == 0)
        return;
    pm_subject_say_revision(subject, &token, PM_SAID_INFERRED);
    subject->title = rest;
}

/* ---- Brackets -------------------------------------------------------------------------------- */

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

/* May content, in brackets at the title's end, be the prefix's? Every token of it must have a
 * meaning there. */
static bool is_end_group(const pm_subject *subject, const pm_subject_tokens *list)
{
    unsigned flags = subject->flags;

    for (size_t i = 0; i < list->count; i++) {
        const pm_subject_token *token = &list->items[i];

        if (!pm_subject_says_something(token))
            return false;
        if (token->kind == PM_SUBJECT_TOKEN_WORD && (token->flags & PM_SUBJECT_PATCH_FLAGS) == 0)
            return false; /* "(stable)", "(pull)": the title's own */
        if (token->kind == PM_SUBJECT_TOKEN_REVISION && is_other_number(token->text))
            return false;
        if (token->kind == PM_SUBJECT_TOKEN_COUNT &&
            ((flags & PM_SUBJECT_PATCH) == 0 || subject->part_said != PM_SAID_NOT ||
             token->total <= 0 || token->part > token->total))
            return false;
        flags |= token->flags;
    }
    return list->count > 0 && list->count <= END_TOKENS_MAX;
}

/* Make room for more words in the subject's. */
static pm_status grow_words(pm_subject *subject, size_t more, pm_arena *arena)
{
    pm_slice *words;

    if (more == 0)
        return PM_OK;
    words = pm_alloc_array(arena, subject->word_count + more, sizeof(*words));
    if (words == NULL)
        return PM_LIMIT;
    if (subject->word_count > 0)
        memcpy(words, subject->words, subject->word_count * sizeof(*words));
    subject->words = words;
    return PM_OK;
}

static pm_status say_end_group(pm_subject *subject, const pm_subject_tokens *list, pm_arena *arena)
{
    size_t words = 0;

    for (size_t i = 0; i < list->count; i++)
        words += list->items[i].kind == PM_SUBJECT_TOKEN_WORD;
    if (grow_words(subject, words, arena) != PM_OK)
        return PM_LIMIT;
    for (size_t i = 0; i < list->count; i++) {
        const pm_subject_token *token = &list->items[i];

        if (token->kind == PM_SUBJECT_TOKEN_REVISION)
            pm_subject_say_revision(subject, token, PM_SAID_INFERRED);
        else if (token->kind == PM_SUBJECT_TOKEN_COUNT)
            pm_subject_say_count(subject, token, PM_SAID_INFERRED);
        else
            subject->words[subject->word_count++] = token->text;
        subject->flags |= token->flags;
    }
    return PM_OK;
}

/* Take what stands in brackets at the title's end, "(v2)", "[RFC]", "(resend)", "(version 5)".
 * False when nothing was taken. */
static bool take_end_group(pm_subject *subject, pm_arena *arena)
{
    pm_slice title = without_full_stop(subject->title);
    char close = title.len > 0 ? title.data[title.len - 1] : '\0';
    pm_subject_tokens list = {.count = 0};
    size_t open;

    if (close != ')' && close != ']')
        return false;
    open = pm_slice_find_last(title, close == ')' ? PM_LIT("(") : PM_LIT("["));
    if (open == PM_NOWHERE || open == 0 || title.len - open > END_GROUP_MAX)
        return false;
    pm_subject_tokens_read(&list, pm_slice_cut(title, open + 1, title.len - 1), 0);
    if (!is_end_group(subject, &list) || say_end_group(subject, &list, arena) != PM_OK)
        return false;
    subject->title = pm_slice_trim_end(pm_slice_cut(title, 0, open));
    return true;
}

/* ---- The old title --------------------------------------------------------------------------- */

/* "was: Re: old title" in brackets, which tells where a talk began. */
bool pm_subject_tells_old_title(pm_slice content)
{
    content = pm_slice_trim(content);
    return pm_take_nocase(&content, PM_LIT("was")) && content.len > 0 &&
           (content.data[0] == ':' || pm_is_space(content.data[0]));
}

/* "(was: Re: [PATCH] old title)": an answer under a new subject. */
static bool was_an_answer(pm_slice title)
{
    for (size_t at = 0; at < title.len; at++) {
        pm_slice behind = pm_slice_after(title, at + 1);

        if ((title.data[at] != '(' && title.data[at] != '[') || !pm_subject_tells_old_title(behind))
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

void pm_subject_read_title(pm_subject *subject, pm_arena *arena)
{
    take_leading_revision(subject);
    /* A patch of a series has the series' revision; what its own title ends in is its own affair.
     */
    while (subject->part <= 0 && subject->title.len > 0)
        if (!take_end_group(subject, arena) && !take_end_revision(subject))
            break;
    if (was_an_answer(subject->title))
        subject->flags |= PM_SUBJECT_REPLY;
}
