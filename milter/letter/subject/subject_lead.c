/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_lead - what stands before a prefix or a reply mark and says nothing to us: "***SPAM***
 * Re:", "Update: [PATCH]"; see subject_parser.h.
 */
#include "subject_mark.h"
#include "subject_parser.h"

/* How far into a subject something odd may stand in front of a mark or a bracket: "REGRESSION:
 * Re:". */
#define LEAD_MAX 48

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

/* How much of text is quotes, dashes and dots. */
static size_t count_dirt(pm_slice text)
{
    size_t at = 0;

    while (at < text.len && memchr("\"'-. ", text.data[at], 5) != NULL)
        at++;
    return at;
}

/* Something in front that says nothing to us: "***SPAM*** Re:", "(proposal) RE:", "Update: [PATCH".
 * Passed over only when what follows is clear. */
bool pm_subject_skip_lead(pm_subject_parser *p)
{
    pm_slice text = pm_slice_trim(p->rest), clean = pm_slice_after(text, count_dirt(text));

    if (clean.len < text.len && clean.len > 0 && clean.data[0] == '[' &&
        pm_subject_starts_with_prefix(clean)) {
        p->rest = clean;
        return true;
    }
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
        if (behind.data[0] != '[' || !pm_subject_starts_with_prefix(behind))
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
