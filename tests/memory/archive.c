/* SPDX-License-Identifier: BSD-2-Clause */
/* archive - a made-up archive; see archive.h. */
#include "archive.h"

#include "../base/generator.h"

static const unsigned styles[TOPICS] = {
    0,
    DEEP | BELOW,
    COVERLESS,
    UNTHREADED,
    UNTHREADED | COVERLESS,
    RENAMED | LINKED,
    MOVED | BELOW_REPLY,
    RFC_FIRST | SAYS_LITTLE,
    CHANGE_ID | RENAMED,
    PULL_IDS | RENAMED,
    BELOW | SAYS_LITTLE,
    LINKED | MOVED | DEEP,
};

static const char *const subjects[TOPICS] = {
    "count teeth once",       "oil while turning",   "drop the old brake",
    "let two wheels share",   "read the dial twice", "warm up in the morning",
    "stop before the stairs", "ring a bell",         "keep a spare key",
    "paint it green",         "lock the lid",        "measure the rope",
};

static const char *const verbs[PARTS] = {"prepare to", "really", "test how to"};

__attribute__((format(printf, 3, 4))) static void print(char *text, size_t size, const char *format,
                                                        ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, size, format, args);
    va_end(args);
    assert_true(length >= 0 && (size_t)length < size);
}

static void add_mail(archive *to, const letter *sent)
{
    pm_slice mail = scene_print(to->printer, sent), copy = pm_copy(to->arena, mail);

    assert_true(to->count < MOST_MAIL);
    assert_non_null(copy.data);
    to->mails[to->count] = pm_alloc(to->arena, copy.len + 1);
    assert_non_null(to->mails[to->count]);
    memcpy(to->mails[to->count], copy.data, copy.len);
    to->lengths[to->count++] = copy.len;
}

static void make_id(post *of, unsigned part)
{
    char *id = of->ids[part];
    const size_t size = sizeof(of->ids[part]);
    const unsigned topic = of->topic, revision = of->revision;

    if ((of->style & PULL_IDS) == 0)
        print(id, size, "202601%02u%02u0000.%u-%u-a%u@example.org", 5 + revision * 5, topic,
              1000 + topic * 10 + revision, part + ((of->style & COVERLESS) == 0), topic % AUTHORS);
    else if (part == 0)
        print(id, size, "pull.%u.v%u.git.1767607%u00.gitgitgadget@example.org", 900 + topic,
              revision, revision);
    else
        print(id, size, "%u0a1b2c3d4e%u.1767607%u%02u.git.gitgitgadget@example.org", topic, part,
              revision, part);
}

post archive_plan(unsigned topic, unsigned revision)
{
    const unsigned style = styles[topic], author = topic % AUTHORS;
    post made = {.topic = topic, .revision = revision, .style = style};
    bool rfc = (style & RFC_FIRST) != 0 && revision == 1;
    unsigned said = (style & RFC_FIRST) != 0 && revision > 1 ? revision - 1 : revision;

    made.minute = (int)(revision * 5 * 24 * 60 + topic * 47);
    print(made.author, sizeof(made.author), "Author %c <author%u@%s>", (char)('A' + (int)author),
          author, (style & MOVED) != 0 && revision > 1 ? "new.example.net" : "example.org");
    print(made.subject, sizeof(made.subject), "cog: %s%s", subjects[topic],
          (style & RENAMED) != 0 && revision > 1 ? ", but called otherwise than it was" : "");
    print(made.tag, sizeof(made.tag), "[%sPATCH%s%c", rfc ? "RFC " : "", said > 1 ? " v" : "",
          said > 1 ? (char)('0' + (int)said) : ' ');
    for (unsigned part = 0; part <= PARTS; part++)
        make_id(&made, part);
    return made;
}

static void add_cover(archive *to, const post *of, const post *before)
{
    char body[2000] = "Please have a look.\n", subject[200];
    size_t len = strlen(body);
    bool below = (of->style & (BELOW | BELOW_REPLY)) != 0 && before != NULL;
    char answers[100] = "";

    if ((of->style & LINKED) != 0 && before != NULL)
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "\nv%u: https://lore.kernel.org/r/%s\n", before->revision,
                                before->ids[0]);
    if ((of->style & SAYS_LITTLE) == 0) {
        len += (size_t)snprintf(body + len, sizeof(body) - len, "\nAuthor (%u):\n", PARTS);
        for (unsigned part = 0; part < PARTS; part++)
            len += (size_t)snprintf(body + len, sizeof(body) - len, "  cog: %s %s\n", verbs[part],
                                    subjects[of->topic]);
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "\n drivers/cog/t%u.c | 2 +-\n"
                                " 1 file changed, 1 insertion(+), 1 deletion(-)\n",
                                of->topic);
    }
    if ((of->style & CHANGE_ID) != 0)
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "\nchange-id: 20260105-topic-%u-0a1b2c3d4e5f\n", of->topic);
    assert_true(len < sizeof(body));
    if (below)
        print(answers, sizeof(answers), (of->style & BELOW_REPLY) != 0 ? "r1.%s" : "%s",
              before->ids[(of->style & BELOW_REPLY) != 0]);
    print(subject, sizeof(subject), "%s 0/%u] %s", of->tag, PARTS, of->subject);
    add_mail(to, &(letter){.id = of->ids[0],
                           .subject = subject,
                           .from = of->author,
                           .minute = of->minute,
                           .answers = below ? answers : NULL,
                           .thread = below ? of->thread : NULL,
                           .body = body});
}

static void add_patches(archive *to, const post *of)
{
    const unsigned first = (of->style & COVERLESS) != 0;
    char subject[200], body[600], thread[700];

    print(thread, sizeof(thread), "%s%s%s", of->thread, of->thread[0] == '\0' ? "" : " ",
          of->ids[first]);
    for (unsigned part = 1; part <= PARTS; part++) {
        bool answers = (of->style & UNTHREADED) == 0 && part > first;
        unsigned parent = (of->style & DEEP) != 0 ? part - 1 : first;

        print(subject, sizeof(subject), "%s %u/%u] cog: %s %s", of->tag, part, PARTS,
              verbs[part - 1], subjects[of->topic]);
        print(body, sizeof(body),
              "Because.\n---\n drivers/cog/t%u.c | 2 +-\n"
              " 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
              "diff --git a/drivers/cog/t%u.c b/drivers/cog/t%u.c\n--- a/drivers/cog/t%u.c\n"
              "+++ b/drivers/cog/t%u.c\n@@ -1 +1 @@\n-old\n+new\n",
              of->topic, of->topic, of->topic, of->topic, of->topic);
        add_mail(to, &(letter){.id = of->ids[part],
                               .subject = subject,
                               .from = of->author,
                               .minute = of->minute + (int)part,
                               .answers = answers ? of->ids[parent] : NULL,
                               .thread = answers ? thread : NULL,
                               .body = body});
        if ((of->style & DEEP) != 0) {
            size_t len = strlen(thread);
            print(thread + len, sizeof(thread) - len, " %s", of->ids[part]);
        }
    }
}

/* One to the first patch, one to that reply, and one by a mailer that has no References. */
static void add_replies(archive *to, const post *of)
{
    const bool threaded = (of->style & UNTHREADED) == 0;
    char ids[3][100], thread[900], subject[200];

    for (unsigned i = 0; i < 3; i++)
        print(ids[i], sizeof(ids[i]), "r%u.%s", i + 1, of->ids[1]);
    print(subject, sizeof(subject), "Re: %s 1/%u] cog: %s %s", of->tag, PARTS, verbs[0],
          subjects[of->topic]);
    print(thread, sizeof(thread), "%s %s %s", of->thread,
          threaded && (of->style & COVERLESS) == 0 ? of->ids[0] : "", of->ids[1]);
    add_mail(to, &(letter){.id = ids[0],
                           .subject = subject,
                           .from = "Carl Critic <carl@home.example.net>",
                           .minute = of->minute + 600,
                           .answers = of->ids[1],
                           .thread = thread});
    print(thread + strlen(thread), sizeof(thread) - strlen(thread), " %s", ids[0]);
    add_mail(to, &(letter){.id = ids[1],
                           .subject = subject,
                           .from = of->author,
                           .minute = of->minute + 700,
                           .answers = ids[0],
                           .thread = thread});
    add_mail(to, &(letter){.id = ids[2],
                           .subject = subject,
                           .from = "Carl Critic <carl@home.example.net>",
                           .minute = of->minute + 800,
                           .answers = ids[1],
                           .thread = ""});
}

void archive_make(archive *made, scene *printer)
{
    made->arena = pm_arena_new(16 << 20);
    made->printer = printer;
    assert_non_null(made->arena);
    for (unsigned topic = 0; topic < TOPICS; topic++) {
        post last = {.topic = TOPICS};

        for (unsigned revision = 1; revision <= REVISIONS; revision++) {
            post now = archive_plan(topic, revision);

            if (revision > 1 && (now.style & BELOW) != 0)
                print(now.thread, sizeof(now.thread), "%s%s%s", last.thread,
                      last.thread[0] == '\0' ? "" : " ", last.ids[0]);
            if (revision > 1 && (now.style & BELOW_REPLY) != 0)
                print(now.thread, sizeof(now.thread), "%s %s r1.%s", last.ids[0], last.ids[1],
                      last.ids[1]);
            if ((now.style & COVERLESS) == 0)
                add_cover(made, &now, revision > 1 ? &last : NULL);
            add_patches(made, &now);
            add_replies(made, &now);
            last = now;
        }
    }
}

void archive_in_order(const archive *of, size_t *order)
{
    for (size_t i = 0; i < of->count; i++)
        order[i] = i;
}

void archive_tell_apart(pm_slice wanted, pm_slice got)
{
    pm_slice left, right;
    unsigned shown = 0;

    while (shown < 6 && pm_slice_next_line(&wanted, &left) && pm_slice_next_line(&got, &right)) {
        if (pm_slice_equal(left, right))
            continue;
        print_error("wanted: %.*s\nfound:  %.*s\n", PM_FMT(left), PM_FMT(right));
        shown++;
    }
}

void archive_shuffle(size_t *order, size_t count, uint64_t *seed)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = draw_below(seed, i), kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
}
