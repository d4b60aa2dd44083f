/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintainers - a MAINTAINERS file, and which of its sections a path belongs to, with exactly the
 * meaning the kernel's get_maintainer.pl gives it.
 *
 * Of its own: plugin code that includes nothing of patchmark but the SDK, so that the command
 * `patchmark maintainers` and the plugin share it. Read-only once loaded; many threads may ask.
 *
 * Dialects: Linux, QEMU (underlined headings), U-Boot, Xen. Format: the head of Linux's
 * MAINTAINERS.
 */
#ifndef PM_MAINTAINERS_H
#define PM_MAINTAINERS_H

#include <patchmark/plugin.h>

#include <stdbool.h>

typedef struct pm_maintainers pm_maintainers;

/* Told each thing that is wrong with the file: the file's name, line, and a sentence. */
typedef void (*pm_maintainers_report)(void *context, const char *file, unsigned line,
                                      const char *sentence);

/* Load file. NULL after report was called (not readable, no section in it). Single bad lines are
 * reported and passed over. Costs about a millisecond for each 1,000 patterns; N: and K: patterns
 * that pcre2 refuses are reported. */
pm_maintainers *pm_maintainers_load(const char *file, pm_maintainers_report report, void *context);
void pm_maintainers_free(pm_maintainers *maintainers); /* NULL is allowed */

typedef struct pm_section {
    pm_slice title;
    unsigned line;  /* of the title, from 1 */
    bool catch_all; /* "THE REST": matches every path, says nothing */
} pm_section;

size_t pm_maintainers_sections(const pm_maintainers *maintainers);
const pm_section *pm_maintainers_section(const pm_maintainers *maintainers, size_t nth);

typedef struct pm_section_match {
    size_t section;   /* index */
    int depth;        /* of the pattern that matched, as get_maintainer.pl ranks; 0 for N: and K: */
    char how;         /* 'F', 'N' or 'K' */
    unsigned line;    /* of the pattern in the file */
    pm_slice pattern; /* as written, without "F:" */
} pm_section_match;

/* The sections of a path, deepest pattern first, equal depths in the file's order; catch-all
 * sections included, for the caller to leave out. At most room matches are written, the deepest
 * ones; returns how many there are. path is relative to the tree, without leading "./". */
size_t pm_maintainers_match(const pm_maintainers *maintainers, pm_slice path,
                            pm_section_match *matches, size_t room);

/* The same as in the tree of the project. There, get_maintainer.pl adds the "/" that a directory
 * lacks
 * ("F: net/ife" when net/ife is one). That a path lies below it is sign enough that it is. */
size_t pm_maintainers_match_in_tree(const pm_maintainers *maintainers, pm_slice path,
                                    pm_section_match *matches, size_t room);

/* The sections whose K: pattern is in text: the letter's prose, or lines of its diff that begin
 * with
 * + or -. */
size_t pm_maintainers_keywords(const pm_maintainers *maintainers, pm_slice text,
                               pm_section_match *matches, size_t room);

/* A slug [a-z0-9][a-z0-9.-]* for a section that no rule maps: the short name in its parentheses
 * when it has one ("(KVM/arm64)" is kvm-arm64), else its title. Returns its length; slug_out has 64
 * bytes. */
size_t pm_section_slug(pm_slice title, char slug_out[64]);

#endif
