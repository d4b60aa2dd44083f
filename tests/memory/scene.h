/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scene - a list with a memory: letters are sent to it in any order, and it says what it made of
 * them.
 *
 * Two projects (widget with drivers/ and core/, gadget with gizmo/), two subsystems of widget (cog
 * below drivers/cog, wheel below drivers/wheel). All people and mails are made up.
 */
#ifndef PM_SCENE_H
#define PM_SCENE_H

#include "examine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct scene scene;

/* An empty memory. Never NULL; anything that goes wrong fails the test. */
scene *scene_new(void);
void scene_free(scene *of);

/* Forget everything. */
void scene_forget(scene *of);

/* From now on revision reads this mailmap; NULL: none. What is remembered stays. */
void scene_mailmap(scene *of, const char *text);

/* A mail; what is NULL or 0 is left out or made up. */
typedef struct letter {
    const char *id;      /* without angle brackets */
    const char *subject; /* with its prefix */
    const char *from;    /* "Ann Author <ann@example.org>" */
    int minute;          /* after the beginning of time */
    const char *answers; /* In-Reply-To, without angle brackets */
    const char *thread;  /* References: ids with spaces between them, oldest first; NULL: answers */
    const char *headers; /* more header fields, each with its line end */
    const char *body;
} letter;

/* The diff of a patch, and what a cover says of its patches, for letter.body. */
#define DIFF(path)                                                                                 \
    "Signed-off-by: Ann Author <ann@example.org>\n---\n " path " | 2 +-\n"                         \
    " 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"                                           \
    "diff --git a/" path " b/" path "\n--- a/" path "\n+++ b/" path "\n@@ -1 +1 @@\n-old\n+new\n"
#define SHORTLOG(count, titles) "\nAnn Author (" count "):\n" titles "\n\n"
#define DIFFSTAT(path)          " " path " | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n"

/* The mail as it is sent; in the scene until the next one. */
pm_slice scene_print(scene *of, const letter *sent);

/* Send it. The outcome is the scene's until the next letter is sent. */
const pm_outcome *scene_send(scene *of, const letter *sent);
const pm_outcome *scene_send_bytes(scene *of, pm_slice mail);

/* The same on another thread, with a message of that thread's own, in which the outcome is. */
const pm_outcome *scene_send_beside(const scene *of, pm_message *message, pm_slice mail);

/* The same for many, in order. */
void scene_send_all(scene *of, const letter *letters, size_t count);
#define SEND(of, letters) scene_send_all(of, letters, sizeof(letters) / sizeof((letters)[0]))

/* What the memory says of a message: its series ("" when it is not known), and its part. */
const char *scene_series(scene *of, const char *message_id);
int scene_part(scene *of, const char *message_id);

/* What it says of a series; fails the test when it does not know it. */
const pm_series *scene_known(scene *of, const char *series);
const char *scene_supersedes(scene *of, const char *series);
const char *scene_why(scene *of, const char *series);
size_t scene_count(scene *of); /* of all series */

/* Everything it knows, as text. */
pm_slice scene_dump(scene *of);

/* The memory itself; the scene's, until it forgets. */
pm_store *scene_store(const scene *of);

/* Is it whole? */
void scene_verify(scene *of);

/* Fails the test with what both are. */
void says(pm_slice got, const char *wanted);
void is_text(const char *got, const char *wanted);

#endif
