/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind - what sort of letter this is; see kind.h.
 *
 * Two tables: rules, of which the first that holds decides the kind, and habits, by which robots
 * and trees' keepers are known. What a rule looks at is gathered once, as evidence.
 */
#include "kind.h"

#include "letter.h"
#include "lines.h"
#include "prose.h"
#include "subject_token.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

const char *pm_kind_name(pm_kind kind)
{
    switch (kind) {
    case PM_KIND_OTHER:
        return "other";
    case PM_KIND_COVER:
        return "cover";
    case PM_KIND_PATCH:
        return "patch";
    case PM_KIND_REPLY:
        return "reply";
    case PM_KIND_PULL:
        return "pull";
    }
    return "other";
}

/* ---- Habits ---------------------------------------------------------------------------------- */

/* Where a habit shows. */
typedef enum habit_place {
    IN_ADDRESS,   /* somewhere in the sender's address, behind "<"; written small */
    IN_NAME,      /* somewhere in the sender's name; written small */
    AT_SUBJECT,   /* at the beginning of the subject or its title */
    IN_SUBJECT,   /* somewhere in the subject */
    HEADER_FIELD, /* there is a field of this name, which begins with X */
} habit_place;

#define BOT     PM_TAG_BOT
#define CI      PM_TAG_CI
#define STABLE  PM_TAG_STABLE
#define APPLIED PM_TAG_APPLIED

static const struct {
    habit_place place;
    unsigned tags;
    pm_slice text; /* in small letters where place says so */
} habits[] = {
    {IN_ADDRESS, BOT | APPLIED, PM_LIT("patchwork-bot")},
    {IN_ADDRESS, BOT | APPLIED, PM_LIT("pr-tracker-bot")},
    {IN_ADDRESS, BOT | APPLIED, PM_LIT("tip-bot")},
    {IN_ADDRESS, BOT | CI, PM_LIT("patchwork@")},
    {IN_ADDRESS, BOT, PM_LIT("syzbot")},
    {IN_ADDRESS, BOT, PM_LIT("syzkaller")},
    {IN_ADDRESS, BOT, PM_LIT("sashiko")},
    {IN_ADDRESS, BOT | CI, PM_LIT("lkp@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("kernelci")},
    {IN_ADDRESS, BOT | CI, PM_LIT("cki-project@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("lkft@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("buildbot")},
    {IN_ADDRESS, BOT | CI, PM_LIT("autobuild")},
    {IN_ADDRESS, BOT | CI, PM_LIT("autotest")},
    {IN_ADDRESS, BOT | CI, PM_LIT("osstest")},
    {IN_ADDRESS, BOT | CI, PM_LIT("<jenkins@")}, /* a surname, too */
    {IN_ADDRESS, BOT | CI, PM_LIT("<jenkins-")},
    {IN_ADDRESS, BOT | CI, PM_LIT("@jenkins")},
    {IN_ADDRESS, BOT | CI, PM_LIT("<zuul")},
    {IN_ADDRESS, BOT | CI, PM_LIT("<builder@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("patchew")},
    {IN_ADDRESS, BOT | CI, PM_LIT("dpdklab")},
    {IN_ADDRESS, BOT | CI, PM_LIT("checkpatch@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("test-report")},
    {IN_ADDRESS, BOT | CI, PM_LIT("<ci@")}, /* but not Luci's */
    {IN_ADDRESS, BOT | CI, PM_LIT("-ci@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("_ci@")},
    {IN_ADDRESS, BOT | CI, PM_LIT(".ci@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("ci_notify")},
    {IN_ADDRESS, BOT | CI, PM_LIT("bot+bpf-ci")},
    {IN_ADDRESS, BOT, PM_LIT("robot@")},
    {IN_ADDRESS, BOT, PM_LIT("<bot@")}, /* but not Mr Talbot's */
    {IN_ADDRESS, BOT, PM_LIT("<bot+")},
    {IN_ADDRESS, BOT, PM_LIT("-bot@")},
    {IN_ADDRESS, BOT, PM_LIT("_bot@")},
    {IN_ADDRESS, BOT, PM_LIT(".bot@")},
    {IN_ADDRESS, BOT, PM_LIT("-bot+")},
    {IN_ADDRESS, BOT, PM_LIT("bugzilla")},
    {IN_ADDRESS, BOT, PM_LIT("@bugs.launchpad.")},
    {IN_ADDRESS, BOT, PM_LIT("<no-reply")}, /* before the "@": people have such domains */
    {IN_ADDRESS, BOT, PM_LIT("<noreply")},
    {IN_ADDRESS, BOT, PM_LIT("-no-reply@")},
    {IN_ADDRESS, BOT, PM_LIT("-noreply@")},
    {IN_ADDRESS, BOT, PM_LIT("<donotreply")},
    {IN_ADDRESS, BOT, PM_LIT("<do-not-reply")},
    {IN_ADDRESS, BOT, PM_LIT("mailer-daemon@")},
    {IN_NAME, BOT | CI, PM_LIT("kernel test robot")},
    {IN_NAME, BOT | CI, PM_LIT("kbuild test robot")},
    {IN_NAME, BOT | CI, PM_LIT("0-day robot")},
    {IN_NAME, BOT | CI, PM_LIT("0day robot")},
    {IN_NAME, BOT | CI, PM_LIT("kernelci")},
    {IN_NAME, BOT | CI, PM_LIT("cki project")},
    {IN_NAME, BOT | APPLIED, PM_LIT("tip-bot")},
    {IN_NAME, BOT, PM_LIT("[bot]")},
    {AT_SUBJECT, APPLIED | BOT, PM_LIT("Patch \"")},
    {IN_SUBJECT, STABLE, PM_LIT("-stable tree")},
    {AT_SUBJECT, STABLE | APPLIED, PM_LIT("patch '")},
    {AT_SUBJECT, STABLE | BOT, PM_LIT("FAILED: patch \"")},
    {AT_SUBJECT, STABLE | BOT, PM_LIT("WTF: patch \"")},
    {AT_SUBJECT, APPLIED, PM_LIT("Applied \"")},
    {AT_SUBJECT, APPLIED, PM_LIT("Merged:")},
    {IN_SUBJECT, APPLIED, PM_LIT(".patch added to ")},
    {AT_SUBJECT, APPLIED, PM_LIT("[merged")}, /* "foo.patch removed from -mm tree" behind it */
    {AT_SUBJECT, APPLIED, PM_LIT("[folded-merged")},
    {AT_SUBJECT, CI, PM_LIT("\xe2\x9c\x85")}, /* a green check mark */
    {AT_SUBJECT, CI, PM_LIT("\xe2\x9d\x8c")}, /* a red cross */
    {AT_SUBJECT, CI, PM_LIT("\xe2\x9c\x93")}, /* the same, plain */
    {AT_SUBJECT, CI, PM_LIT("\xe2\x9c\x97")},
    {AT_SUBJECT, BOT | CI, PM_LIT("|SUCCESS| ")},
    {AT_SUBJECT, BOT | CI, PM_LIT("|WARNING| ")},
    {AT_SUBJECT, BOT | CI, PM_LIT("|FAILURE| ")},
    {AT_SUBJECT, BOT | CI, PM_LIT("|PENDING| ")},
    {AT_SUBJECT, BOT | CI, PM_LIT("Daily results for ")},
    {AT_SUBJECT, BOT, PM_LIT("[AUH] ")},
    {IN_SUBJECT, BOT | CI, PM_LIT("Buildbot (")},
    {IN_SUBJECT, CI, PM_LIT("Test report for")},
    {IN_SUBJECT, CI, PM_LIT("Build results for")},
    {HEADER_FIELD, STABLE, PM_LIT("X-stable")},
    {HEADER_FIELD, STABLE, PM_LIT("X-stable-base")},
    {HEADER_FIELD, STABLE, PM_LIT("X-KernelTest-Tree")},
    {HEADER_FIELD, BOT, PM_LIT("X-Bugzilla-Reason")},
    {HEADER_FIELD, BOT, PM_LIT("X-GitHub-Reason")},
    {HEADER_FIELD, BOT, PM_LIT("X-GitLab-Project")},
    {HEADER_FIELD, BOT, PM_LIT("X-Gerrit-MessageType")},
};

/* Lines that a tree's keeper answers a patch with. */
static const pm_slice thanks[] = {
    PM_LIT("applied"),         PM_LIT("thanks, applied"), PM_LIT("thanks! applied"),
    PM_LIT("thanks. applied"), PM_LIT("series applied"),  PM_LIT("both applied"),
    PM_LIT("all applied"),     PM_LIT("queued up"),       PM_LIT("queued for"),
    PM_LIT("pushed to"),       PM_LIT("pushed, thanks"),  PM_LIT("merged, thanks"),
    PM_LIT("committed, "),     PM_LIT("now applied"),
};

/* Who a letter comes from, in small letters and behind "<", so that a habit can say that it stands
 * at the beginning: fifty habits are looked for in it. */
typedef struct sender_text {
    char bytes[128];
    size_t len;
} sender_text;

static sender_text small_letters(pm_slice text)
{
    sender_text small;

    small.bytes[0] = '<';
    small.len = 1;
    for (size_t i = 0; i < text.len && small.len < sizeof(small.bytes); i++)
        small.bytes[small.len++] = pm_lower(text.data[i]);
    return small;
}

/* memmem(3) prepares a table first, which does not pay for needles and hay this short. */
static bool contains(const sender_text *hay, pm_slice needle)
{
    const char *at = hay->bytes, *end = hay->bytes + hay->len;

    while ((size_t)(end - at) >= needle.len) {
        at = memchr(at, needle.data[0], (size_t)(end - at) - needle.len + 1);
        if (at == NULL)
            return false;
        if (memcmp(at, needle.data, needle.len) == 0)
            return true;
        at++;
    }
    return false;
}

static unsigned tags_of_fields(const pm_message *message)
{
    unsigned tags = 0;

    for (size_t n = 0; n < pm_message_headers(message); n++) {
        pm_slice name = pm_message_header_at(message, n)->name;

        if (name.len == 0 || pm_lower(name.data[0]) != 'x')
            continue;
        for (size_t i = 0; i < COUNT_OF(habits); i++)
            if (habits[i].place == HEADER_FIELD && pm_slice_equal_nocase(habits[i].text, name))
                tags |= habits[i].tags;
    }
    return tags;
}

static unsigned tags_of_habits(const pm_letter *letter)
{
    sender_text address = small_letters(letter->sender.address);
    sender_text name = small_letters(letter->sender.name);
    const pm_subject *subject = &letter->subject;
    /* An answer keeps the subject of what it answers, and nothing else of it. */
    unsigned kept = (subject->flags & PM_SUBJECT_REPLY) != 0 ? STABLE : ~0u;
    unsigned tags = 0;

    for (size_t i = 0; i < COUNT_OF(habits); i++) {
        pm_slice text = habits[i].text;
        unsigned said = habits[i].tags;
        bool shown = false;

        switch (habits[i].place) {
        case IN_ADDRESS:
            shown = contains(&address, text);
            break;
        case IN_NAME:
            shown = contains(&name, text);
            break;
        case AT_SUBJECT:
            shown = pm_slice_starts_nocase(subject->title, text) ||
                    pm_slice_starts_nocase(subject->text, text);
            said &= kept;
            break;
        case IN_SUBJECT:
            shown = pm_slice_find_nocase(subject->text, text) != PM_NOWHERE;
            said &= kept;
            break;
        case HEADER_FIELD:
            break;
        }
        if (shown)
            tags |= said;
    }
    return tags | tags_of_fields(letter->message);
}

/* RFC 3834: anything but "no" was not written by a person. */
static bool is_auto_submitted(pm_letter *letter)
{
    pm_slice value;

    return pm_message_header(letter->message, "Auto-Submitted", 0, &value) == PM_OK &&
           !pm_slice_starts_nocase(pm_slice_trim(value), PM_LIT("no"));
}

/* Does somebody answer that it was applied? Only lines of their own count. */
static bool thanks_for_applied(pm_slice text)
{
    while (text.len > 0) {
        size_t end = pm_slice_find_byte(text, '\n');

        if (pm_is_alpha(text.data[0]))
            for (size_t i = 0; i < COUNT_OF(thanks); i++)
                if (pm_slice_starts_nocase(text, thanks[i]))
                    return true;
        text = pm_slice_after(text, end == PM_NOWHERE ? text.len : end + 1);
    }
    return false;
}

static unsigned find_tags(pm_letter *letter)
{
    unsigned flags = letter->subject.flags, tags = tags_of_habits(letter);

    if ((flags & PM_SUBJECT_BOT) != 0 || is_auto_submitted(letter))
        tags |= BOT;
    if ((flags & PM_SUBJECT_STABLE) != 0)
        tags |= STABLE;
    if ((flags & PM_SUBJECT_COMMITTED) != 0 && (tags & CI) == 0)
        tags |= APPLIED; /* who tests a tree applies nothing to it */
    if ((flags & PM_SUBJECT_REPLY) != 0 && (tags & APPLIED) == 0 &&
        thanks_for_applied(letter->text))
        tags |= APPLIED;
    return tags;
}

#define PATCH_WORDS (PM_SUBJECT_PATCH | PM_SUBJECT_RFC | PM_SUBJECT_RFT | PM_SUBJECT_RESEND)

/* ---- Evidence -------------------------------------------------------------------------------- */

typedef struct evidence {
    const pm_letter *letter;
    unsigned flags; /* of the subject */
    bool numbered;  /* has n/m; then part */
    int part;
    bool in_thread; /* answers some message */
    bool quotes;    /* answers in the way of answers: quoting, "... wrote:" */
    bool mostly_quotes;
    bool series_words; /* "this series", "the following patches", at a paragraph's beginning */
    bool stat;         /* a whole diffstat or a shortlog */
    bool cut_line;     /* "---" before the diffstat: a patch, even if its diff is lost */
    bool request;      /* git request-pull's text */
    bool announces;    /* a release, and what went into it */
    bool commit;       /* what a repository's hook says of a commit */
    bool signed_off;   /* has a line "Signed-off-by:" */
    bool patch_word;   /* the subject has PATCH itself, not a revision alone: "[Proposal v2]" */
    bool batch;        /* the first one git send-email sent at that time */
} evidence;

/* "> text", "| text", "JD> text". */
static bool is_quoted(pm_slice line)
{
    size_t at = 0;

    if (pm_line_is_quoted(line))
        return true;
    if (line.len > 1 && line.data[0] == '|' && line.data[1] == ' ')
        return true;
    while (at < line.len && at < 4 && pm_is_alpha(line.data[at]))
        at++;
    return at > 0 && at < line.len && line.data[at] == '>';
}

/* "On Tue, ... wrote:", "Am ... schrieb ...:". */
static bool is_attribution(pm_slice line)
{
    static const pm_slice ends[] = {PM_LIT("wrote:"),     PM_LIT("writes:"), PM_LIT("schrieb:"),
                                    PM_LIT(" a écrit :"), PM_LIT("写道："),  PM_LIT("写道:")};

    line = pm_slice_trim(line);
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (pm_slice_ends(line, ends[i]))
            return true;
    return false;
}

/* Where Outlook begins to quote: whatever follows is the other letter's, without any marks. */
static bool begins_original(pm_slice line, pm_slice rest)
{
    static const struct {
        pm_slice from, sent;
    } heads[] = {
        {PM_LIT("From: "), PM_LIT("Sent: ")},     {PM_LIT("*From:*"), PM_LIT("*Sent:*")},
        {PM_LIT("Von: "), PM_LIT("Gesendet: ")},  {PM_LIT("De : "), PM_LIT("Envoyé : ")},
        {PM_LIT("发件人:"), PM_LIT("发送时间:")}, {PM_LIT("发件人: "), PM_LIT("日期: ")},
    };

    line = pm_slice_trim(line);
    if (pm_slice_starts_nocase(line, PM_LIT("-----Original Message")) ||
        pm_slice_starts_nocase(line, PM_LIT("-----邮件原件")))
        return true;
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (pm_slice_starts(line, heads[i].from) && pm_slice_starts(rest, heads[i].sent))
            return true;
    return false;
}

static void count_quoting(evidence *e, pm_slice prose)
{
    size_t quoted = 0, own = 0;
    bool attributed = false;
    pm_slice line;

    while (pm_slice_next_line(&prose, &line)) {
        if (begins_original(line, prose)) {
            attributed = true;
            quoted++;
            break;
        }
        if (pm_line_is_signature(line))
            break;
        if (is_quoted(line))
            quoted++;
        else if (is_attribution(line))
            attributed = true;
        else
            own += !pm_line_is_blank(line);
    }
    e->quotes = quoted > 0 || attributed;
    e->mostly_quotes = quoted > 0 && (attributed || quoted * 2 > own);
}

/* How covers speak of themselves. */
static const char *const series_phrases[] = {
    "this series",           "this patch series",      "this patchset",
    "this patch set",        "this small series",      "this is a series",
    "this short series",     "the following series",   "the following patches",
    "the following patch",   "the following patchset", "the patch series",
    "the patchset",          "here's a series",        "here is a series",
    "here's a patch series", "here's a small series",  "a small series",
    "following patches",     "following series",       "this mini series",
    "this mini-series",
};

/* The same, where the subject speaks of patches. Elsewhere anybody may write so. */
static const char *const patch_phrases[] = {
    "this set ",  "the series ", "these patch", "these two patches", "these changes",
    "these are ", "here are ",   "a few ",      "here is a patch",   "a series of ",
    "a set of ",  "patch 1",     "patches 1",
};

static bool starts_with_one_of(pm_slice line, const char *const *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pm_slice_starts_nocase(line, pm_slice_of(phrases[i])))
            return true;
    return false;
}

/* Only in the first paragraphs, and only where a paragraph begins or behind a greeting: whoever
 * speaks of somebody else's series does so in the middle of a sentence. */
static bool speaks_of_series(pm_slice prose, bool patch_word)
{
    bool beginning = true;
    pm_slice line;

    for (unsigned lines = 0; lines < 24 && pm_slice_next_line(&prose, &line); lines++) {
        pm_slice text = pm_slice_trim(line);

        if (beginning && starts_with_one_of(text, series_phrases, COUNT_OF(series_phrases)))
            return true;
        if (beginning && patch_word &&
            starts_with_one_of(text, patch_phrases, COUNT_OF(patch_phrases)))
            return true;
        beginning = text.len == 0 || text.data[text.len - 1] == ',' ||
                    text.data[text.len - 1] == '.' || text.data[text.len - 1] == '!';
    }
    return false;
}

/* Is there a line "---" in prose, outside quoting? */
static bool has_cut_line(pm_slice prose)
{
    size_t at = 0;

    while (at < prose.len) {
        pm_slice rest = pm_slice_after(prose, at), line;
        size_t found = pm_slice_find(rest, PM_LIT("\n---"));

        if (found == PM_NOWHERE)
            return false;
        rest = pm_slice_after(rest, found + 1);
        if (!pm_slice_next_line(&rest, &line))
            return false;
        if (pm_slice_trim_end(line).len == 3)
            return true;
        at += found + 4;
    }
    return false;
}

/* What git request-pull writes, at the beginning of lines. */
static bool is_request(pm_slice prose)
{
    size_t since = pm_slice_find(prose, PM_LIT("The following changes since commit"));

    if (since == PM_NOWHERE || (since > 0 && prose.data[since - 1] != '\n'))
        return false;
    return pm_slice_find(pm_slice_after(prose, since), PM_LIT("available in the")) != PM_NOWHERE;
}

/* Does a line say that a commit has been made? */
static bool tells_commit(pm_slice line)
{
    static const pm_slice starts[] = {
        PM_LIT("New Revision: "), /* Subversion's hook, and those that took over its form */
        PM_LIT("Commit-ID: "),    /* tip-bot, before 2019 */
        PM_LIT("commit: http"),   /* Buildroot's */
        PM_LIT("CommitDate: "),   /* git show --pretty=fuller, as Xen's hook has it */
        PM_LIT("This is an automated email from the git hooks"), /* git's post-receive-email */
    };

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (pm_slice_starts(line, starts[i]))
            return true;
    if (pm_slice_starts(line, PM_LIT("The branch "))) /* FreeBSD's */
        return pm_slice_find(line, PM_LIT(" has been updated by ")) != PM_NOWHERE;
    return pm_slice_find(line, PM_LIT(" | branch: ")) != PM_NOWHERE; /* FFmpeg's */
}

/* Where gitweb, cgit and their kin show a commit. */
static bool is_commit_url(pm_slice line)
{
    static const pm_slice parts[] = {PM_LIT(";h="), PM_LIT("/commitdiff/"), PM_LIT("/commit/?id="),
                                     PM_LIT("/g:")};

    if (!pm_slice_starts(line, PM_LIT("http")))
        return false;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (pm_slice_find(line, parts[i]) != PM_NOWHERE)
            return true;
    return false;
}

/* What a repository's hook sends to a list when somebody has pushed. Where only a URL tells, it is
 * the first line, or underlined: people point at commits, too, but say something first. */
static bool is_commit(pm_slice prose)
{
    bool placed = true;
    pm_slice line;

    for (unsigned lines = 0; lines < 24 && pm_slice_next_line(&prose, &line); lines++) {
        if (tells_commit(line) || (placed && is_commit_url(line)))
            return true;
        placed = (placed && pm_line_is_blank(line)) || pm_slice_starts(line, PM_LIT("-----"));
    }
    return false;
}

/* Does a word of the prefix speak of flag? */
static bool has_word(const pm_subject *subject, unsigned flag)
{
    pm_subject_token token;

    for (size_t i = 0; i < subject->word_count; i++)
        if (pm_subject_token_classify(subject->words[i], &token) && (token.flags & flag) != 0)
            return true;
    return false;
}

/* "v2024.01.0", and nothing else. */
static bool is_version_alone(pm_slice title)
{
    size_t at = title.len > 0 && pm_lower(title.data[0]) == 'v' ? 1 : 0, from = at;

    while (at < title.len && (pm_is_digit(title.data[at]) || title.data[at] == '.'))
        at++;
    return at > from && (at == title.len || title.data[at] == '-') &&
           pm_slice_find_byte(title, ' ') == PM_NOWHERE;
}

/* "[ANNOUNCE] ...", "Linux 5.10.1", "nftables 1.0.1 release": a shortlog there is of what was done.
 */
static bool is_announcement(const pm_subject *subject)
{
    static const pm_slice starts[] = {PM_LIT("[ANNOUNCE"), PM_LIT("ANNOUNCE"), PM_LIT("Linux "),
                                      PM_LIT("linux-next:"), PM_LIT("[RELEASE")};
    static const pm_slice inside[] = {PM_LIT(" release"), PM_LIT(" released"),
                                      PM_LIT("merge window"), PM_LIT("[ANNOUNCE")};

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (pm_slice_starts_nocase(subject->text, starts[i]) ||
            pm_slice_starts_nocase(subject->title, starts[i]))
            return true;
    if (is_version_alone(subject->title))
        return true;
    for (size_t i = 0; i < COUNT_OF(inside); i++)
        if (pm_slice_find_nocase(subject->text, inside[i]) != PM_NOWHERE)
            return true;
    return false;
}

/* "20240131120000.1234-1-writer@example.org": git format-patch numbers what it makes in one go. */
static bool is_first_of_batch(pm_slice id)
{
    unsigned number;

    if (id.len < 14)
        return false;
    for (size_t i = 0; i < 14; i++)
        if (!pm_is_digit(id.data[i]))
            return false;
    id = pm_slice_after(id, 14);
    return pm_take(&id, PM_LIT(".")) && pm_take_number(&id, &number) && pm_take(&id, PM_LIT("-1-"));
}

static evidence gather(const pm_letter *letter)
{
    evidence e = {.letter = letter, .flags = letter->subject.flags};
    pm_slice prose = letter->text;

    e.numbered = letter->subject.part_said != PM_SAID_NOT;
    e.part = letter->subject.part;
    e.in_thread = letter->in_reply_to.len > 0 || letter->reference_count > 0;
    if ((e.flags & PM_SUBJECT_REPLY) != 0)
        return e; /* nothing else is asked */

    if (letter->has_diff && (e.flags & PATCH_WORDS) != 0)
        return e; /* a patch, whatever else it says */
    if (letter->has_diff)
        prose = pm_slice_cut(prose, 0, pm_diff_start(prose));
    if (e.in_thread)
        count_quoting(&e, prose);
    e.stat =
        (letter->diffstat.count > 0 && !letter->diffstat.from_diff) || letter->shortlog.count > 0;
    if (e.numbered)
        return e;
    e.request = is_request(prose);
    e.commit = (letter->has_diff || e.stat) && (e.flags & PATCH_WORDS) == 0 && is_commit(prose);
    if (letter->has_diff)
        return e;
    e.cut_line = has_cut_line(prose);
    e.series_words = speaks_of_series(prose, (e.flags & PATCH_WORDS) != 0);
    e.patch_word = has_word(&letter->subject, PM_SUBJECT_PATCH);
    e.signed_off = pm_slice_find(prose, PM_LIT("\nSigned-off-by:")) != PM_NOWHERE;
    e.announces = is_announcement(&letter->subject);
    e.batch = !e.in_thread && is_first_of_batch(letter->message_id);
    return e;
}

/* ---- Rules ----------------------------------------------------------------------------------- */

static bool is(const evidence *e, unsigned flags)
{
    return (e->flags & flags) != 0;
}

static bool has_reply_mark(const evidence *e)
{
    return is(e, PM_SUBJECT_REPLY);
}

static bool is_robot_subject(const evidence *e)
{
    return is(e, PM_SUBJECT_BOT);
}

/* 'Patch "title" has been added to the 5.4-stable tree', 'Applied "title" to the asoc tree',
 * '+ title.patch added to mm-unstable branch': what a keeper's script says, the patch below it. */
static bool is_trees_notice(const evidence *e)
{
    static const pm_slice starts[] = {PM_LIT("patch \""),         PM_LIT("patch '"),
                                      PM_LIT("FAILED: patch \""), PM_LIT("WTF: patch \""),
                                      PM_LIT("applied \""),       PM_LIT("applied '")};
    pm_slice title = e->letter->subject.title;

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (pm_slice_starts_nocase(title, starts[i]))
            return true;
    return pm_slice_find(title, PM_LIT(".patch added to ")) != PM_NOWHERE ||
           pm_slice_find(title, PM_LIT(".patch removed from ")) != PM_NOWHERE;
}

static bool is_commits_notice(const evidence *e)
{
    return e->commit;
}

/* "Forwarded: [PATCH] title", which somebody wants a robot to test. */
static bool is_robots_forward(const evidence *e)
{
    return is(e, PM_SUBJECT_FORWARD) && (e->letter->tags & PM_TAG_BOT) != 0;
}

/* "[PING][PATCH v2] title", where the patch itself is not sent again. */
static bool is_ping(const evidence *e)
{
    const pm_subject *subject = &e->letter->subject;

    for (size_t i = 0; i < subject->word_count; i++)
        if (pm_slice_equal_nocase(subject->words[i], PM_LIT("ping")))
            return !e->letter->has_diff && !e->stat;
    return false;
}

static bool is_pull_without_number(const evidence *e)
{
    return is(e, PM_SUBJECT_PULL) && !e->numbered;
}

static bool is_numbered_pull(const evidence *e)
{
    return is(e, PM_SUBJECT_PULL) && e->part > 0 && !e->letter->has_diff;
}

static bool lost_its_reply_mark(const evidence *e)
{
    return e->in_thread && e->mostly_quotes && !e->letter->has_diff && !e->stat;
}

/* "Vastaus: [PATCH 0/2] title", "FYI: [PATCH] title", "Fwd: [PATCH] title": in whatever language,
 * something is said about a letter, which itself is not there. */
static bool is_led_answer(const evidence *e)
{
    return is(e, PM_SUBJECT_LED | PM_SUBJECT_FORWARD) && e->in_thread && !e->letter->has_diff &&
           !e->stat;
}

static bool is_part_zero(const evidence *e)
{
    return e->numbered && e->part == 0;
}

static bool is_numbered_patch(const evidence *e)
{
    return e->numbered && e->letter->has_diff;
}

static bool is_numbered_without_diff(const evidence *e)
{
    return e->numbered;
}

static bool is_request_text(const evidence *e)
{
    return e->request && !is(e, PATCH_WORDS);
}

static bool is_patch(const evidence *e)
{
    return e->letter->has_diff && is(e, PATCH_WORDS);
}

static bool is_diff_in_an_answer(const evidence *e)
{
    return e->letter->has_diff && e->in_thread && e->quotes;
}

static bool is_robots_diff(const evidence *e)
{
    return e->letter->has_diff && (e->letter->tags & PM_TAG_BOT) != 0;
}

/* "Linux 6.1.12", "linux-next: manual merge of ...": a diff of what was done already. */
static bool is_keepers_diff(const evidence *e)
{
    pm_slice title = e->letter->subject.title;

    if (!e->letter->has_diff)
        return false;
    if (pm_slice_starts(title, PM_LIT("linux-next: ")))
        return true;
    return pm_slice_starts(title, PM_LIT("Linux ")) && title.len > 6 && pm_is_digit(title.data[6]);
}

static bool is_bare_diff(const evidence *e)
{
    return e->letter->has_diff;
}

static bool is_answer(const evidence *e)
{
    return e->in_thread && e->quotes && !e->stat;
}

static bool is_patch_with_lost_diff(const evidence *e)
{
    return is(e, PM_SUBJECT_PATCH) && e->cut_line;
}

static bool is_announcement_of_release(const evidence *e)
{
    return e->announces && !is(e, PATCH_WORDS);
}

static bool is_stat_without_diff(const evidence *e)
{
    return e->stat;
}

static bool speaks_as_cover(const evidence *e)
{
    return e->series_words && (is(e, PATCH_WORDS) || !e->in_thread);
}

/* Nobody writes ordinary mail with git send-email. */
static bool is_sent_as_cover(const evidence *e)
{
    return e->batch;
}

/* "[PATCH] title", and nothing that a patch has: reviewing systems answer so. A patch that was
 * attached as something unreadable is mostly sent anew, or says which version it is. */
static bool is_answer_to_patch(const evidence *e)
{
    return e->patch_word && !is(e, PM_SUBJECT_RESEND) && e->in_thread && !e->signed_off &&
           e->letter->subject.revision_said == PM_SAID_NOT;
}

static bool has_patch_word(const evidence *e)
{
    return e->patch_word;
}

static bool is_anything(const evidence *e)
{
    return e != NULL;
}

/* The first that holds decides. */
static const struct {
    bool (*holds)(const evidence *e);
    pm_kind kind;
    const char *why;
    double confidence;
} rules[] = {
    {has_reply_mark, PM_KIND_REPLY, "a reply mark in the subject", 0.99},
    {is_robot_subject, PM_KIND_OTHER, "a robot's subject", 0.95},
    {is_trees_notice, PM_KIND_OTHER, "a notice from a tree", 0.95},
    {is_commits_notice, PM_KIND_OTHER, "a commit's notice", 0.9},
    {is_robots_forward, PM_KIND_OTHER, "a robot forwards it", 0.8},
    {is_ping, PM_KIND_REPLY, "PING in the subject", 0.8},
    {is_pull_without_number, PM_KIND_PULL, "PULL in the subject", 0.98},
    {lost_its_reply_mark, PM_KIND_REPLY, "an answer with quoting, without a reply mark", 0.85},
    {is_led_answer, PM_KIND_REPLY, "an answer: something stands before the prefix", 0.8},
    {is_part_zero, PM_KIND_COVER, "0/N in the subject", 0.99},
    {is_numbered_pull, PM_KIND_PULL, "PULL n/N in the subject and no diff", 0.9},
    {is_numbered_patch, PM_KIND_PATCH, "n/N in the subject and a diff", 0.99},
    {is_numbered_without_diff, PM_KIND_PATCH, "n/N in the subject", 0.9},
    {is_request_text, PM_KIND_PULL, "git request-pull's text", 0.9},
    {is_patch, PM_KIND_PATCH, "PATCH in the subject and a diff", 0.99},
    {is_diff_in_an_answer, PM_KIND_REPLY, "an answer with quoting and a diff", 0.75},
    {is_robots_diff, PM_KIND_OTHER, "a robot's diff", 0.8},
    {is_keepers_diff, PM_KIND_OTHER, "a diff of what was done already", 0.8},
    {is_bare_diff, PM_KIND_PATCH, "a diff", 0.8},
    {is_answer, PM_KIND_REPLY, "an answer with quoting, without a reply mark", 0.8},
    {is_patch_with_lost_diff, PM_KIND_PATCH, "PATCH in the subject and a diffstat under ---", 0.8},
    {is_announcement_of_release, PM_KIND_OTHER, "an announcement", 0.8},
    {is_stat_without_diff, PM_KIND_COVER, "a shortlog or diffstat and no diff", 0.85},
    {speaks_as_cover, PM_KIND_COVER, "speaks of its series and has no diff", 0.7},
    {is_sent_as_cover, PM_KIND_COVER, "sent by git send-email and has no diff", 0.7},
    {is_answer_to_patch, PM_KIND_REPLY, "an answer: PATCH in the subject and no patch", 0.6},
    {has_patch_word, PM_KIND_PATCH, "PATCH in the subject", 0.6},
    {is_anything, PM_KIND_OTHER, "no sign of patch mail", 0.8},
};

void pm_kind_decide(pm_letter *letter)
{
    const pm_subject *subject = &letter->subject;
    evidence e;
    size_t rule = 0;

    letter->tags = find_tags(letter);
    e = gather(letter);
    while (!rules[rule].holds(&e))
        rule++;
    letter->kind = rules[rule].kind;
    letter->kind_why = rules[rule].why;
    letter->confidence = rules[rule].confidence;
    if (e.commit && letter->kind == PM_KIND_OTHER)
        letter->tags |= APPLIED;

    if ((subject->flags & (PM_SUBJECT_CONFLICT | PM_SUBJECT_BROKEN)) != 0)
        letter->confidence *= 0.7;
    if (subject->revision_said == PM_SAID_INFERRED || subject->part_said == PM_SAID_INFERRED)
        letter->confidence *= 0.85;
    if (pm_message_cut(letter->message))
        letter->confidence *= 0.8;
}
