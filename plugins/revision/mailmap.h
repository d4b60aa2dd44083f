/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mailmap - people who go by several addresses and names, as the files that projects keep for
 * git-shortlog (gitmailmap(5)) say it.
 *
 * A line says who stands behind an address that mail or commits come from:
 *
 *     Proper Name <address>                               the address is that person's
 *     <proper@address> <address>                          the second address is the first one's
 *     Proper Name <proper@address> <address>              both at once
 *     Proper Name <proper@address> Other Name <address>   only together with that other name, for
 * an address that several people share
 *
 * "#" begins a comment, at the beginning of a line or behind the last address. Of two lines about
 * the same address and name the later one wins, in what it says. Addresses compare without the case
 * of ASCII letters; names as patchmark compares them, as letters and digits in lower case. A
 * mapping is applied once: where it leads to is not mapped again, so that circles do no harm.
 *
 * Read-only once settled; many threads may ask. Not a judge of who is right: what the file says is
 * taken.
 */
#ifndef PM_MAILMAP_H
#define PM_MAILMAP_H

#include <patchmark/plugin.h>

#include <stdbool.h>

typedef struct pm_mailmap pm_mailmap;

/* Told each thing that is wrong: the file's name, the line (0: all of the file), a sentence, which
 * may have bytes of the file in it. */
typedef void (*pm_mailmap_report)(void *context, const char *file, unsigned line,
                                  const char *sentence);

/* An empty one; NULL without memory. */
pm_mailmap *pm_mailmap_new(void);
void pm_mailmap_free(pm_mailmap *mailmap); /* NULL is allowed */

/* Add what a file says. A line that cannot be understood is reported and passed over, as git does.
 * False after the file as a whole was reported: not readable, larger than 16 MiB, more than 100,000
 * lines in all files together, no memory. */
bool pm_mailmap_add_file(pm_mailmap *mailmap, const char *file, pm_mailmap_report report,
                         void *context);

/* The same for text that is there already, and is copied; file is what reports call it. */
bool pm_mailmap_add_text(pm_mailmap *mailmap, const char *file, pm_slice text,
                         pm_mailmap_report report, void *context);

/* Make it ready to be asked, once, when all files are in. False without memory. */
bool pm_mailmap_settle(pm_mailmap *mailmap);

/* Somebody, as pm_series has an author: the address in lower case; of the name the letters and
 * digits in lower case. */
typedef struct pm_person {
    pm_slice address, name;
} pm_person;

/* Make who the person that the mailmap knows under that address (and name); slices are then the
 * mailmap's. False, and nothing is changed, when it does not know it. */
bool pm_mailmap_find(const pm_mailmap *mailmap, pm_person *who);

/* The addresses that a person, as pm_mailmap_find made it, may write from: the person's own, those
 * mapped to it, then those of people of the same name. At most room, each once; returns how many.
 */
size_t pm_mailmap_addresses(const pm_mailmap *mailmap, const pm_person *who, pm_slice *found,
                            size_t room);

#endif
