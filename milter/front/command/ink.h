/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ink - colours on standard output, when it is a terminal that has them and nobody has said
 * otherwise (NO_COLOR, see no-color.org; TERM=dumb).
 */
#ifndef PM_INK_H
#define PM_INK_H

typedef enum pm_ink {
    PM_INK_PLAIN,
    PM_INK_STRONG, /* what was asked for */
    PM_INK_FAINT,  /* ids, places */
    PM_INK_YES,    /* it fired, it won */
    PM_INK_NO,     /* it missed, it is missing */
} pm_ink;

/* What is printed from here on is in this ink. */
void pm_ink_set(pm_ink ink);

#endif
