/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_revisions_test - which earlier series a series supersedes, and which it never does. */
#include "scene.h"

static int set_up(void **state)
{
    *state = scene_new();
    return 0;
}

static int tear_down(void **state)
{
    scene_verify(*state);
    scene_free(*state);
    return 0;
}

#define DAY         (24 * 60)
#define NEW_ADDRESS "Ann Author <ann@new.example.net>"
#define BOB         "Bob Builder <bob@example.org>"
#define COG_PATCHES SHORTLOG("2", "  cog: oil the teeth\n  cog: turn on demand")
#define COG_PATHS   DIFFSTAT("drivers/cog/teeth.c")

static const letter v1 = {.id = "v1@example.org",
                          .subject = "[PATCH 0/2] cog: turn on demand",
                          .body = COG_PATCHES COG_PATHS};

/* Send v1 and this one, and then the other way round: the same comes out, for this one. */
static void follows(scene *list, const letter *later, const letter *earlier, const char *why)
{
    scene_forget(list);
    (void)scene_send(list, earlier);
    says(scene_send(list, later)->supersedes, earlier->id);
    is_text(scene_supersedes(list, later->id), earlier->id);
    if (why != NULL)
        is_text(scene_why(list, later->id), why);
    scene_forget(list);
    (void)scene_send(list, later);
    (void)scene_send(list, earlier);
    is_text(scene_supersedes(list, later->id), earlier->id);
    is_text(scene_supersedes(list, earlier->id), "");
    if (why != NULL)
        is_text(scene_why(list, later->id), why);
}

static void does_not_follow(scene *list, const letter *later, const letter *earlier)
{
    scene_forget(list);
    (void)scene_send(list, earlier);
    says(scene_send(list, later)->supersedes, "");
    scene_forget(list);
    (void)scene_send(list, later);
    (void)scene_send(list, earlier);
    is_text(scene_supersedes(list, later->id), "");
    is_text(scene_supersedes(list, earlier->id), "");
}

#define COG_V2(address)                                                                            \
    {                                                                                              \
        .id = "v2@example.org", .subject = "[PATCH v2 0/2] Save power in gear boxes",              \
        .from = address, .minute = 7 * DAY, .body = COG_PATCHES COG_PATHS                          \
    }

/* ---- What follows ---- */

static void the_next_revision_follows_and_says_why(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/2] cog: turn on demand",
                              .minute = 7 * DAY,
                              .body = COG_PATCHES COG_PATHS};

    follows(*state, &v2, &v1, "v1; same title; 2 of 2 patches; 1 of 1 paths; same author");
    says(scene_send(*state, &v2)->chain, "v1@example.org");
}

static void a_renamed_revision_is_known_by_its_patches_and_paths(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/2] Save power in gear boxes",
                              .minute = 7 * DAY,
                              .body = COG_PATCHES COG_PATHS};

    follows(*state, &v2, &v1, "v1; 2 of 2 patches; 1 of 1 paths; same author");
}

static void an_author_may_change_the_address(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/2] cog: turn on demand",
                              .from = NEW_ADDRESS,
                              .minute = 7 * DAY,
                              .body = COG_PATCHES COG_PATHS};

    follows(*state, &v2, &v1, "v1; same title; 2 of 2 patches; 1 of 1 paths; same author");
}

static void a_mailmap_finds_who_has_another_address_and_name(void **state)
{
    static const struct {
        const char *from, *people, *why; /* why NULL: it is not found */
    } cases[] = {
        {"A. A. <aa@work.example.net>", NULL, NULL},
        {"A. A. <aa@work.example.net>", "Bob Builder <bob@example.org> <bb@example.org>\n", NULL},
        {"A. A. <aa@work.example.net>", "<ann@example.org> <AA@work.example.net>\n",
         "same author by mailmap"},
        {"A. A. <aa@work.example.net>", "<aa@work.example.net> <ann@example.org>\n",
         "same author by mailmap"},
        {"A. A. <aa@work.example.net>",
         "<ann@home.example.net> <aa@work.example.net>\n<ann@home.example.net> <ann@example.org>\n",
         "same author by mailmap"},
        {"A. A. <aa@work.example.net>", "Ann Author <aa@work.example.net>\n",
         "same author by mailmap"},
        {"A. A. <aa@work.example.net>", "Ann <ann@example.org> A. A. <aa@work.example.net>\n",
         "same author by mailmap"},
        {"B. B. <aa@work.example.net>", "Ann <ann@example.org> A. A. <aa@work.example.net>\n",
         NULL},
        {NEW_ADDRESS, "<ann@example.org> <ann@new.example.net>\n", "same author"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const letter v2 = COG_V2(cases[i].from);
        char why[128];

        snprintf(why, sizeof(why), "v1; 2 of 2 patches; 1 of 1 paths; %s",
                 cases[i].why == NULL ? "" : cases[i].why);
        scene_mailmap(*state, cases[i].people);
        if (cases[i].why != NULL)
            follows(*state, &v2, &v1, why);
        else
            does_not_follow(*state, &v2, &v1);
    }
    scene_mailmap(*state, NULL);
}

static void a_mailmap_does_not_chain_what_is_unlike(void **state)
{
    static const letter other = {.id = "v2@example.org",
                                 .subject = "[PATCH v2 0/2] wheel: grease the hub",
                                 .from = "A. A. <aa@work.example.net>",
                                 .minute = 7 * DAY,
                                 .body = DIFFSTAT("drivers/wheel/hub.c")};

    scene_mailmap(*state, "<ann@example.org> <aa@work.example.net>\n");
    does_not_follow(*state, &other, &v1);
    scene_mailmap(*state, NULL);
}

static void another_author_may_take_a_series_over(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/2] cog: turn on demand",
                              .from = BOB,
                              .minute = 7 * DAY,
                              .body = COG_PATCHES COG_PATHS};

    follows(*state, &v2, &v1, "v1; same title; 2 of 2 patches; 1 of 1 paths; another author");
}

static void a_list_that_rewrites_from_does_not_break_the_chain(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/2] Save power in gear boxes",
                              .from = "Ann Author via Dev <dev@example.org>",
                              .minute = 7 * DAY,
                              .headers = "Reply-To: Ann Author <ann@example.org>\n",
                              .body = COG_PATCHES COG_PATHS};

    follows(*state, &v2, &v1, NULL);
}

static void an_author_is_the_one_of_x_original_from(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/2] Save power in gear boxes",
                              .from = "The list <dev@example.org>",
                              .minute = 7 * DAY,
                              .headers = "X-Original-From: Ann Author <ann@example.org>\n",
                              .body = COG_PATCHES COG_PATHS};

    follows(*state, &v2, &v1, "v1; 2 of 2 patches; 1 of 1 paths; same author");
}

/* Where the list put itself into From, git has left the author on the first line. */
static void an_author_is_the_one_of_the_body(void **state)
{
    static const letter first = {.id = "p1@example.org",
                                 .subject = "[PATCH] cog: oil the teeth",
                                 .body = DIFF("drivers/cog/teeth.c")};
    static const letter second = {
        .id = "p2@example.org",
        .subject = "[PATCH v2] cog: oil all teeth",
        .from = "dev@example.org",
        .minute = 7 * DAY,
        .body = "From: Ann Author <ann@example.org>\n\nOil.\n\n" DIFF("drivers/cog/teeth.c")};

    follows(*state, &second, &first, "v1; similar title; 1 of 1 paths; same author");
}

static void a_patch_set_follows_its_rfc_of_the_same_number(void **state)
{
    static const letter rfc = {.id = "rfc@example.org",
                               .subject = "[RFC PATCH 0/2] cog: turn on demand",
                               .body = COG_PATCHES COG_PATHS};
    static const letter patch = {.id = "patch@example.org",
                                 .subject = "[PATCH 0/2] cog: turn on demand",
                                 .minute = 7 * DAY,
                                 .body = COG_PATCHES COG_PATHS};

    follows(*state, &patch, &rfc, "RFC v1; same title; 2 of 2 patches; 1 of 1 paths; same author");
}

static void a_resend_follows_what_it_sends_again(void **state)
{
    static const letter again = {.id = "again@example.org",
                                 .subject = "[PATCH RESEND 0/2] cog: turn on demand",
                                 .minute = 20 * DAY,
                                 .body = COG_PATCHES COG_PATHS};

    follows(*state, &again, &v1, NULL);
}

static void a_resend_supersedes_what_the_one_sent_before_did(void **state)
{
    static const letter all[] = {
        {.id = "v2@example.org",
         .subject = "[PATCH v2 0/2] cog: turn on demand",
         .minute = 7 * DAY,
         .body = COG_PATCHES COG_PATHS},
        {.id = "again@example.org",
         .subject = "[PATCH RESEND v2 0/2] cog: turn on demand",
         .minute = 20 * DAY,
         .body = COG_PATCHES COG_PATHS},
        {.id = "v3@example.org",
         .subject = "[PATCH v3 0/2] cog: turn on demand",
         .minute = 30 * DAY,
         .body = COG_PATCHES COG_PATHS},
    };

    (void)scene_send(*state, &v1);
    SEND(*state, all);
    is_text(scene_supersedes(*state, "again@example.org"), "v1@example.org");
    is_text(scene_supersedes(*state, "v3@example.org"), "again@example.org");
}

static void a_partial_re_roll_with_a_cover_follows_the_whole(void **state)
{
    static const letter v5 = {.id = "v5@example.org",
                              .subject = "[PATCH v5 0/2] cog: turn on demand",
                              .body = COG_PATCHES COG_PATHS};
    static const letter part = {.id = "v5.1@example.org",
                                .subject = "[PATCH v5.1 0/2] cog: turn on demand",
                                .minute = DAY,
                                .body = COG_PATCHES COG_PATHS};

    follows(*state, &part, &v5, NULL);
}

static void a_number_may_be_left_out(void **state)
{
    static const letter v3 = {.id = "v3@example.org",
                              .subject = "[PATCH v3 0/2] cog: turn on demand",
                              .minute = 7 * DAY,
                              .body = COG_PATCHES COG_PATHS};

    follows(*state, &v3, &v1, NULL);
}

static void the_revision_just_before_is_the_one(void **state)
{
    static const letter all[] = {
        {.id = "v3@example.org",
         .subject = "[PATCH v3 0/2] cog: turn on demand",
         .minute = 14 * DAY,
         .body = COG_PATCHES COG_PATHS},
        {.id = "v1@example.org",
         .subject = "[PATCH 0/2] cog: turn on demand",
         .body = COG_PATCHES COG_PATHS},
        {.id = "v2@example.org",
         .subject = "[PATCH v2 0/2] cog: turn on demand",
         .minute = 7 * DAY,
         .body = COG_PATCHES COG_PATHS},
    };

    SEND(*state, all);
    is_text(scene_supersedes(*state, "v3@example.org"), "v2@example.org");
    is_text(scene_supersedes(*state, "v2@example.org"), "v1@example.org");
    says(scene_send(*state, &all[0])->chain, "v1@example.org");
}

/* v2 is half of it, and renamed; v3 is v1 again with one patch more. */
static void what_a_revision_took_up_again_does_not_hide_the_one_between(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/1] gears: save power",
                              .minute = 7 * DAY,
                              .body = SHORTLOG("1", "  cog: turn on demand") COG_PATHS};
    static const letter v3 = {.id = "v3@example.org",
                              .subject = "[PATCH v3 0/3] cog: turn on demand",
                              .minute = 14 * DAY,
                              .body = SHORTLOG("3", "  cog: oil the teeth\n  cog: turn on demand\n"
                                                    "  cog: rest at night") COG_PATHS};
    const letter *const orders[][3] = {{&v1, &v2, &v3}, {&v3, &v2, &v1}, {&v3, &v1, &v2},
                                       {&v2, &v3, &v1}, {&v1, &v3, &v2}, {&v2, &v1, &v3}};

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        scene_forget(*state);
        for (size_t at = 0; at < 3; at++)
            (void)scene_send(*state, orders[i][at]);
        is_text(scene_supersedes(*state, "v3@example.org"), "v2@example.org");
        is_text(scene_supersedes(*state, "v2@example.org"), "v1@example.org");
    }
}

/* ---- Merged and split ---- */

static void two_series_may_become_one(void **state)
{
    static const letter small = {.id = "small@example.org",
                                 .subject = "[PATCH 0/2] wheel: roll quietly",
                                 .body = SHORTLOG("2", "  wheel: measure noise\n  wheel: add "
                                                       "felt") DIFFSTAT("drivers/wheel/felt.c")};
    static const letter both = {
        .id = "both@example.org",
        .subject = "[PATCH v2 0/4] cog: turn on demand, quietly",
        .minute = 9 * DAY,
        .body = SHORTLOG(
            "4", "  cog: oil the teeth\n  cog: turn on demand\n"
                 "  wheel: measure noise\n  wheel: add felt") " drivers/cog/teeth.c | 2 +-\n "
                                                              "drivers/wheel/felt.c | 2 +-\n"
                                                              " 2 files changed, 2 insertions(+), "
                                                              "2 deletions(-)\n"};
    const pm_outcome *outcome;
    const pm_found *second;

    (void)scene_send(*state, &v1);
    (void)scene_send(*state, &small);
    outcome = scene_send(*state, &both);
    says(outcome->supersedes, "v1@example.org");
    second = pm_facts_nth(outcome->facts, PM_LIT("supersedes.runner-up"), 0);
    assert_non_null(second);
    says(second->text, "small@example.org");
}

static void one_series_may_become_two(void **state)
{
    static const letter whole = {
        .id = "whole@example.org",
        .subject = "[PATCH 0/4] gears: turn on demand and roll quietly",
        .body = SHORTLOG(
            "4", "  cog: oil the teeth\n  cog: turn on demand\n"
                 "  wheel: measure noise\n  wheel: add felt") " drivers/cog/teeth.c | 2 +-\n "
                                                              "drivers/wheel/felt.c | 2 +-\n"
                                                              " 2 files changed, 2 insertions(+), "
                                                              "2 deletions(-)\n"};
    static const letter halves[] = {
        {.id = "left@example.org",
         .subject = "[PATCH v2 0/2] cog: turn on demand",
         .minute = 9 * DAY,
         .body = COG_PATCHES COG_PATHS},
        {.id = "right@example.org",
         .subject = "[PATCH v2 0/2] wheel: roll quietly",
         .minute = 9 * DAY,
         .body = SHORTLOG("2", "  wheel: measure noise\n  wheel: add felt")
             DIFFSTAT("drivers/wheel/felt.c")},
    };

    for (size_t i = 0; i < 2; i++)
        follows(*state, &halves[i], &whole, NULL);
}

/* ---- What does not follow ---- */

static void a_companion_series_for_another_project_is_no_revision(void **state)
{
    static const letter companion = {.id = "gadget@example.org",
                                     .subject = "[gadget PATCH v2 0/2] cog: turn on demand",
                                     .minute = 10,
                                     .body = COG_PATCHES DIFFSTAT("gizmo/teeth.c")};

    does_not_follow(*state, &companion, &v1);
}

/* However much speaks for it: it hangs below the other, and names it. */
static void a_companion_series_that_answers_the_other_is_no_revision(void **state)
{
    static const letter companion = {
        .id = "gadget@example.org",
        .subject = "[gadget PATCH v2 0/2] cog: turn on demand",
        .minute = 10,
        .answers = "v1@example.org",
        .body =
            "v1: https://lore.kernel.org/r/v1@example.org\n" COG_PATCHES DIFFSTAT("gizmo/teeth.c")};

    does_not_follow(*state, &companion, &v1);
}

static void another_series_of_the_author_is_no_revision(void **state)
{
    static const letter other = {.id = "wheel@example.org",
                                 .subject = "[PATCH v2 0/2] wheel: roll quietly",
                                 .minute = 7 * DAY,
                                 .body = SHORTLOG("2", "  wheel: measure noise\n  wheel: add felt")
                                     DIFFSTAT("drivers/wheel/felt.c")};

    does_not_follow(*state, &other, &v1);
}

static void the_same_number_again_is_no_revision(void **state)
{
    static const letter again = {.id = "again@example.org",
                                 .subject = "[PATCH 0/2] cog: turn on demand",
                                 .minute = 7 * DAY,
                                 .body = COG_PATCHES COG_PATHS};

    does_not_follow(*state, &again, &v1);
}

/* Two people fix typing errors, and the first word of one of them went to another list. */
static void an_equal_title_of_somebody_elses_other_patch_is_no_predecessor(void **state)
{
    static const letter anns = {.id = "t1@example.org",
                                .subject = "[PATCH] Fix typing errors",
                                .body = DIFF("drivers/cog/teeth.c")};
    static const letter bobs = {.id = "t2@example.org",
                                .subject = "[PATCH v2] Fix typing errors",
                                .from = BOB,
                                .minute = 7 * DAY,
                                .body = DIFF("drivers/wheel/felt.c")};

    does_not_follow(*state, &bobs, &anns);
}

static void another_fix_of_the_same_file_is_no_revision(void **state)
{
    static const letter leak = {.id = "leak@example.org",
                                .subject = "[PATCH] cog: fix leak in probe",
                                .body = DIFF("drivers/cog/teeth.c")};
    static const letter table = {.id = "table@example.org",
                                 .subject = "[PATCH v2] cog: rename the table of teeth",
                                 .minute = 7 * DAY,
                                 .body = DIFF("drivers/cog/teeth.c")};

    does_not_follow(*state, &table, &leak);
}

/* What was counted as RFCs is often counted anew as patches. */
static void a_second_patch_set_follows_the_first_and_not_the_second_rfc(void **state)
{
#define ROUND(name, prefix, day)                                                                   \
    {                                                                                              \
        .id = name, .subject = prefix " 0/2] cog: turn on demand", .minute = (day)*DAY,            \
        .body = COG_PATCHES COG_PATHS                                                              \
    }
    static const letter rounds[] = {
        ROUND("r1@example.org", "[RFC PATCH", 0),
        ROUND("r2@example.org", "[RFC PATCH v2", 7),
        ROUND("p1@example.org", "[PATCH", 14),
        ROUND("p2@example.org", "[PATCH v2", 21),
    };

    SEND(*state, rounds);
    is_text(scene_supersedes(*state, "r2@example.org"), "r1@example.org");
    is_text(scene_supersedes(*state, "p2@example.org"), "p1@example.org");
    scene_forget(*state);
    for (size_t i = sizeof(rounds) / sizeof(rounds[0]); i-- > 0;)
        (void)scene_send(*state, &rounds[i]);
    is_text(scene_supersedes(*state, "p2@example.org"), "p1@example.org");
}

/* A backport has the same title, patches and paths for every branch it goes to. */
static void of_backports_to_several_branches_each_follows_its_own(void **state)
{
#define BACKPORT(branch, name, revision, at)                                                       \
    {                                                                                              \
        .id = name "@example.org",                                                                 \
        .subject = "[PATCH " branch revision " 0/2] cog: turn on demand", .minute = (at),          \
        .body = COG_PATCHES COG_PATHS                                                              \
    }
    static const letter backports[] = {
        BACKPORT("5.10.y", "old1", "", 0),          BACKPORT("5.15.y", "mid1", "", 1),
        BACKPORT("stable 6.1", "new1", "", 2),      BACKPORT("5.15.y", "mid2", " v2", DAY),
        BACKPORT("6.1-stable", "new2", " v2", DAY), BACKPORT("v5.10", "old2", " v2", DAY + 1),
    };
    static const struct {
        const char *later, *earlier;
    } chains[] = {
        {"old2@example.org", "old1@example.org"},
        {"mid2@example.org", "mid1@example.org"},
        {"new2@example.org", "new1@example.org"},
    };
    const size_t count = sizeof(backports) / sizeof(backports[0]);

    for (size_t from = 0; from < count; from++) {
        scene_forget(*state);
        for (size_t i = 0; i < count; i++)
            (void)scene_send(*state, &backports[(from + i * 5) % count]);
        for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
            is_text(scene_supersedes(*state, chains[i].later), chains[i].earlier);
    }
}

static void a_series_may_move_to_another_tree(void **state)
{
    static const letter fix = {.id = "fix@example.org",
                               .subject = "[PATCH net 0/2] cog: turn on demand",
                               .body = COG_PATCHES COG_PATHS};
    static const letter next = {.id = "next@example.org",
                                .subject = "[PATCH v2 net-next 0/2] cog: turn on demand",
                                .minute = 7 * DAY,
                                .body = COG_PATCHES COG_PATHS};

    follows(*state, &next, &fix,
            "v1; same title; 2 of 2 patches; 1 of 1 paths; another tree; same author");
}

static void a_lower_number_is_no_revision(void **state)
{
    static const letter v3 = {.id = "v3@example.org",
                              .subject = "[PATCH v3 0/2] cog: turn on demand",
                              .body = COG_PATCHES COG_PATHS};
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/2] cog: turn on demand",
                              .minute = 7 * DAY,
                              .body = COG_PATCHES COG_PATHS};

    scene_forget(*state);
    (void)scene_send(*state, &v3);
    says(scene_send(*state, &v2)->supersedes, "");
}

/* ---- What letters say themselves ---- */

static void a_change_id_holds_when_all_else_changes(void **state)
{
    static const letter first = {.id = "c1@example.org",
                                 .subject = "[PATCH 0/2] cog: turn on demand",
                                 .body = COG_PATHS "\nchange-id: 20260101-demand-0a1b2c3d4e5f\n"};
    static const letter second = {
        .id = "c2@example.org",
        .subject = "[PATCH v2 0/3] Save power",
        .from = NEW_ADDRESS,
        .minute = 7 * DAY,
        .body = DIFFSTAT("core/power.c") "\nchange-id: 20260101-demand-0a1b2c3d4e5f\n"};

    follows(*state, &second, &first, "v1; same change-id; same author");
}

static void a_prerequisite_is_no_predecessor(void **state)
{
    static const letter first = {.id = "c1@example.org",
                                 .subject = "[PATCH 0/2] cog: turn on demand",
                                 .body = COG_PATHS "\nchange-id: 20260101-demand-0a1b2c3d4e5f\n"};
    static const letter user = {
        .id = "c2@example.org",
        .subject = "[PATCH v2 0/3] Save power",
        .minute = 7 * DAY,
        .body = DIFFSTAT("core/power.c") "\nchange-id: 20260103-power-5f4e3d2c1b0a\n"
                                         "prerequisite-change-id: 20260101-demand-0a1b2c3d4e5f:v1\n"
                                         "prerequisite-message-id: <c1@example.org>\n"};

    does_not_follow(*state, &user, &first);
}

static void supersedes_names_the_predecessor(void **state)
{
    static const letter second = {.id = "s2@example.org",
                                  .subject = "[PATCH v2 0/3] Save power",
                                  .minute = 7 * DAY,
                                  .body =
                                      DIFFSTAT("core/power.c") "\nSupersedes: <v1@example.org>\n"};

    follows(*state, &second, &v1, NULL);
}

static void a_link_may_name_a_patch_of_the_predecessor(void **state)
{
    static const letter patch = {.id = "v1-1@example.org",
                                 .subject = "[PATCH 1/2] cog: oil the teeth",
                                 .answers = "v1@example.org",
                                 .body = DIFF("drivers/cog/teeth.c")};
    static const letter second = {
        .id = "l2@example.org",
        .subject = "[PATCH v2 0/3] Save power",
        .minute = 7 * DAY,
        .body = "v1: https://lore.kernel.org/r/v1-1@example.org\n\n" DIFFSTAT("core/power.c")};

    (void)scene_send(*state, &v1);
    (void)scene_send(*state, &patch);
    says(scene_send(*state, &second)->supersedes, "v1@example.org");
}

static void a_changelog_may_give_the_message_id_alone(void **state)
{
    static const letter v2 = {.id = "v2@example.org",
                              .subject = "[PATCH v2 0/1] gear: save power",
                              .from = BOB,
                              .minute = 7 * DAY,
                              .body = "Changes since v1 <v1@example.org>:\n- a lid\n" SHORTLOG(
                                  "1", "  gear: stop") DIFFSTAT("drivers/wheel/felt.c")};

    scene_forget(*state);
    (void)scene_send(*state, &v1);
    says(scene_send(*state, &v2)->supersedes, "v1@example.org");
    is_text(scene_why(*state, "v2@example.org"), "v1; named in the letter; another author");
}

static void of_several_links_the_one_to_the_revision_before_counts(void **state)
{
    static const letter all[] = {
        {.id = "o1@example.org", .subject = "[PATCH 0/2] Save power"},
        {.id = "o2@example.org", .subject = "[PATCH v2 0/2] Save much power", .minute = DAY},
        {.id = "o3@example.org", .subject = "[PATCH v3 0/2] Spend less", .minute = 2 * DAY},
        {.id = "o4@example.org",
         .subject = "[PATCH v4 0/2] Be green",
         .minute = 3 * DAY,
         .body = "v1: https://lore.kernel.org/r/o1@example.org\n"
                 "v3: https://lore.kernel.org/r/o3@example.org\n"
                 "v2: https://lore.kernel.org/r/o2@example.org\n"},
    };

    SEND(*state, all);
    is_text(scene_supersedes(*state, "o4@example.org"), "o3@example.org");
}

static void a_family_of_message_ids_is_evidence(void **state)
{
    static const letter pulls[] = {
        {.id = "pull.77.git.1767607200.gitgitgadget@example.org",
         .subject = "[PATCH 0/2] cog: turn on demand"},
        {.id = "pull.77.v2.git.1768607200.gitgitgadget@example.org",
         .subject = "[PATCH v2 0/2] Save power",
         .minute = 7 * DAY},
    };
    static const letter other = {.id = "pull.78.v2.git.1768607300.gitgitgadget@example.org",
                                 .subject = "[PATCH v2 0/2] Be green",
                                 .minute = 8 * DAY};

    follows(*state, &pulls[1], &pulls[0], "v1; same family of Message-IDs; same author");
    says(scene_send(*state, &other)->supersedes, "");
}

static void a_topic_in_message_ids_is_evidence(void **state)
{
    static const letter topics[] = {
        {.id = "20260105-turn-on-demand-v1-0-0a1b2c3d4e5f@example.org",
         .subject = "[PATCH 0/2] cog: turn on demand"},
        {.id = "20260112-turn-on-demand-v2-0-5f4e3d2c1b0a@example.org",
         .subject = "[PATCH v2 0/2] Save power",
         .minute = 7 * DAY},
    };
    static const letter other = {.id = "20260113-turn-at-night-v2-0-5f4e3d2c1b0b@example.org",
                                 .subject = "[PATCH v2 0/2] Be green",
                                 .minute = 8 * DAY};

    follows(*state, &topics[1], &topics[0], "v1; same family of Message-IDs; same author");
    says(scene_send(*state, &other)->supersedes, "");
}

static void an_answer_to_a_review_is_an_answer_to_the_series(void **state)
{
    static const letter letters[] = {
        {.id = "review@home.example.net",
         .subject = "Re: [PATCH 0/2] cog: turn on demand",
         .from = "Carl Critic <carl@home.example.net>",
         .minute = DAY,
         .answers = "v1@example.org"},
        {.id = "v2@example.org",
         .subject = "[PATCH v2 0/2] gears: turn when needed",
         .minute = 7 * DAY,
         .answers = "review@home.example.net",
         .thread = "v1@example.org review@home.example.net",
         .body = COG_PATHS},
    };

    (void)scene_send(*state, &v1);
    SEND(*state, letters);
    is_text(scene_supersedes(*state, "v2@example.org"), "v1@example.org");
}

/* ---- Without covers ---- */

static void lone_patches_have_revisions(void **state)
{
    static const letter first = {.id = "p1@example.org",
                                 .subject = "[PATCH] cog: oil the teeth",
                                 .body = DIFF("drivers/cog/teeth.c")};
    static const letter second = {.id = "p2@example.org",
                                  .subject = "[PATCH v2] cog: oil the teeth",
                                  .minute = DAY,
                                  .body = DIFF("drivers/cog/teeth.c")};

    follows(*state, &second, &first, NULL);
}

#define FIRST(n)  "20260105100000.1-" n "-ann@example.org"
#define SECOND(n) "20260107100000.2-" n "-ann@example.org"

static void series_without_a_cover_have_revisions(void **state)
{
    static const letter parts[] = {
        {.id = FIRST("1"),
         .subject = "[PATCH 1/2] cog: oil the teeth",
         .body = DIFF("drivers/cog/teeth.c")},
        {.id = FIRST("2"),
         .subject = "[PATCH 2/2] cog: turn on demand",
         .answers = FIRST("1"),
         .body = DIFF("drivers/cog/teeth.c")},
        {.id = SECOND("2"),
         .subject = "[PATCH v2 2/2] cog: turn on demand",
         .minute = 2 * DAY,
         .answers = SECOND("1"),
         .body = DIFF("drivers/cog/teeth.c")},
        {.id = SECOND("1"),
         .subject = "[PATCH v2 1/2] cog: oil the teeth",
         .minute = 2 * DAY,
         .body = DIFF("drivers/cog/teeth.c")},
    };

    SEND(*state, parts);
    is_text(scene_supersedes(*state, SECOND("1")), FIRST("1"));
    is_text(scene_why(*state, SECOND("1")),
            "v1; same title; 2 of 2 patches; 1 of 1 paths; same author");
}

static void a_patch_says_what_its_series_supersedes(void **state)
{
    static const letter letters[] = {
        {.id = "v2@example.org",
         .subject = "[PATCH v2 0/2] cog: turn on demand",
         .minute = 7 * DAY,
         .body = COG_PATCHES COG_PATHS},
        {.id = "v2-1@example.org",
         .subject = "[PATCH v2 1/2] cog: oil the teeth",
         .minute = 7 * DAY,
         .answers = "v2@example.org",
         .body = DIFF("drivers/cog/teeth.c")},
    };
    const pm_outcome *outcome;

    (void)scene_send(*state, &v1);
    (void)scene_send(*state, &letters[0]);
    outcome = scene_send(*state, &letters[1]);
    says(outcome->supersedes, "v1@example.org");
    says(outcome->chain, "v1@example.org");
}

static void patches_that_came_first_speak_for_a_cover_that_says_little(void **state)
{
    static const letter letters[] = {
        {.id = "v2-2@example.org",
         .subject = "[PATCH v2 2/2] cog: turn on demand",
         .minute = 7 * DAY,
         .answers = "v2@example.org",
         .body = DIFF("drivers/cog/teeth.c")},
        {.id = "v2-1@example.org",
         .subject = "[PATCH v2 1/2] cog: oil the teeth",
         .minute = 7 * DAY,
         .answers = "v2@example.org",
         .body = DIFF("drivers/cog/teeth.c")},
        {.id = "v2@example.org", .subject = "[PATCH v2 0/2] Save power", .minute = 7 * DAY},
    };

    (void)scene_send(*state, &v1);
    SEND(*state, letters);
    is_text(scene_supersedes(*state, "v2@example.org"), "v1@example.org");
    is_text(scene_why(*state, "v2@example.org"), "v1; 2 of 2 patches; 1 of 1 paths; same author");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(the_next_revision_follows_and_says_why),
        TEST(a_renamed_revision_is_known_by_its_patches_and_paths),
        TEST(an_author_may_change_the_address),
        TEST(a_mailmap_finds_who_has_another_address_and_name),
        TEST(a_mailmap_does_not_chain_what_is_unlike),
        TEST(another_author_may_take_a_series_over),
        TEST(a_list_that_rewrites_from_does_not_break_the_chain),
        TEST(an_author_is_the_one_of_x_original_from),
        TEST(an_author_is_the_one_of_the_body),
        TEST(a_patch_set_follows_its_rfc_of_the_same_number),
        TEST(a_resend_follows_what_it_sends_again),
        TEST(a_resend_supersedes_what_the_one_sent_before_did),
        TEST(a_partial_re_roll_with_a_cover_follows_the_whole),
        TEST(a_number_may_be_left_out),
        TEST(the_revision_just_before_is_the_one),
        TEST(what_a_revision_took_up_again_does_not_hide_the_one_between),
        TEST(two_series_may_become_one),
        TEST(one_series_may_become_two),
        TEST(a_companion_series_for_another_project_is_no_revision),
        TEST(a_companion_series_that_answers_the_other_is_no_revision),
        TEST(another_series_of_the_author_is_no_revision),
        TEST(the_same_number_again_is_no_revision),
        TEST(an_equal_title_of_somebody_elses_other_patch_is_no_predecessor),
        TEST(another_fix_of_the_same_file_is_no_revision),
        TEST(a_second_patch_set_follows_the_first_and_not_the_second_rfc),
        TEST(of_backports_to_several_branches_each_follows_its_own),
        TEST(a_series_may_move_to_another_tree),
        TEST(a_lower_number_is_no_revision),
        TEST(a_change_id_holds_when_all_else_changes),
        TEST(a_prerequisite_is_no_predecessor),
        TEST(supersedes_names_the_predecessor),
        TEST(a_link_may_name_a_patch_of_the_predecessor),
        TEST(a_changelog_may_give_the_message_id_alone),
        TEST(of_several_links_the_one_to_the_revision_before_counts),
        TEST(a_family_of_message_ids_is_evidence),
        TEST(a_topic_in_message_ids_is_evidence),
        TEST(an_answer_to_a_review_is_an_answer_to_the_series),
        TEST(lone_patches_have_revisions),
        TEST(series_without_a_cover_have_revisions),
        TEST(a_patch_says_what_its_series_supersedes),
        TEST(patches_that_came_first_speak_for_a_cover_that_says_little),
    };

    return cmocka_run_group_tests_name("memory_revisions", tests, NULL, NULL);
}
