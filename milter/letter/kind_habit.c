/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind_habit - the habits by which robots, test systems and trees' keepers are known, and the tags
 * that follow; see kind_parts.h.
 *
 * A new robot is a line in the table. What kind its letters are is not decided here.
 */
#include "kind_parts.h"

#include "lines.h"
#include "phrases.h"

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
    {IN_ADDRESS, BOT | CI, PM_LIT("patchtest@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("snowpatch")},
    {IN_ADDRESS, BOT | CI, PM_LIT("<builds@")},
    {IN_ADDRESS, BOT | CI, PM_LIT("<scan-admin@")}, /* Coverity's */
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
    {IN_NAME, BOT, PM_LIT("regzbot")},
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
    PM_LIT("applied"),
    PM_LIT("patch applied"),
    PM_LIT("patches applied"),
    PM_LIT("series applied"),
    PM_LIT("both applied"),
    PM_LIT("all applied"),
    PM_LIT("now applied"),
    PM_LIT("i applied"),
    PM_LIT("i've applied"),
    PM_LIT("i have applied"),
    PM_LIT("i queued"),
    PM_LIT("i've queued"),
    PM_LIT("i have queued"),
    PM_LIT("queued up"),
    PM_LIT("queued for"),
    PM_LIT("queued, thank"),
    PM_LIT("i pushed"),
    PM_LIT("i've pushed"),
    PM_LIT("pushed to"),
    PM_LIT("pushed, thank"),
    PM_LIT("merged to"),
    PM_LIT("merged, thank"),
    PM_LIT("committed, "),
    PM_LIT("this patch was applied"),
    PM_LIT("this series was applied"),
    PM_LIT("both patches applied"),
};

/* What may stand before one of them. Behind it "pushed." is enough. */
static const pm_slice thanks_first[] = {PM_LIT("thanks"), PM_LIT("thank you"), PM_LIT("thx"),
                                        PM_LIT("tnx"), PM_LIT("looks good")};
static const pm_slice done[] = {PM_LIT("applied"), PM_LIT("queued"),    PM_LIT("pushed"),
                                PM_LIT("merged"),  PM_LIT("committed"), PM_LIT("picked up")};

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
        for (size_t i = 0; i < PM_COUNT_OF(habits); i++)
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

    for (size_t i = 0; i < PM_COUNT_OF(habits); i++) {
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

/* "Applied to for-next.", "Thanks, pushed." */
static bool is_thanks(pm_slice line)
{
    if (pm_starts_with_one_of_nocase(line, thanks, PM_COUNT_OF(thanks)))
        return true;
    for (size_t i = 0; i < PM_COUNT_OF(thanks_first); i++) {
        pm_slice rest = line;

        if (!pm_take_nocase(&rest, thanks_first[i]))
            continue;
        while (rest.len > 0 && memchr(",.!; ", rest.data[0], 5) != NULL)
            rest = pm_slice_after(rest, 1);
        return pm_starts_with_one_of_nocase(rest, done, PM_COUNT_OF(done)) ||
               pm_starts_with_one_of_nocase(rest, thanks, PM_COUNT_OF(thanks));
    }
    return false;
}

/* Does somebody answer that it was applied? Only lines of their own count. */
static bool thanks_for_applied(pm_slice text)
{
    while (text.len > 0) {
        size_t end = pm_slice_find_byte(text, '\n');

        if (pm_is_alpha(text.data[0]) && is_thanks(text))
            return true;
        text = pm_slice_after(text, end == PM_NOWHERE ? text.len : end + 1);
    }
    return false;
}

unsigned pm_kind_tags(pm_letter *letter)
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
