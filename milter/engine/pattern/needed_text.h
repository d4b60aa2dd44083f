/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * needed_text - which text a regular expression cannot match without.
 *
 * /^KVM: n?(VMX|SVM)\b/ matches nothing that does not contain "KVM: nVMX", "KVM: nSVM", "KVM: VMX"
 * or "KVM: SVM". Looking for such literals is much cheaper than matching, and can be done for
 * thousands of patterns at once.
 *
 * Knows the common constructs of pcre2pattern(3) exactly, and says nothing about a pattern that has
 * any other. Not a regular expression engine.
 */
#ifndef PM_NEEDED_TEXT_H
#define PM_NEEDED_TEXT_H

#include "slice.h"

#define PM_NEEDED_MOST    16 /* strings in a set */
#define PM_NEEDED_LONGEST 32 /* bytes in a string */
#define PM_NEEDED_SETS    3

typedef struct pm_string_set {
    size_t count;
    struct {
        size_t len;
        char bytes[PM_NEEDED_LONGEST];
    } items[PM_NEEDED_MOST];
} pm_string_set;

/* Of each set every match contains at least one string; the strings have two bytes at least. The
 * sets with the longest ones come first. */
typedef struct pm_needed_text {
    size_t count; /* 0: nothing is sure */
    pm_string_set sets[PM_NEEDED_SETS];
} pm_needed_text;

/* How the expression is to be read, as the flags of a pattern say. With nocase the text found is in
 * lower case and stands for any. */
typedef struct pm_needed_flags {
    bool nocase, utf, extended;
} pm_needed_flags;

/* Empty for a pattern that is not understood, or that can match without any text. */
void pm_needed_text_find(pm_slice expression, pm_needed_flags flags, pm_needed_text *needed_out);

#endif
