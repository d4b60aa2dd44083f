/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_mark - what mail programs put in front of a subject when they answer or forward: "Re:",
 * "AW:", "答复：", "Fwd:", "RE[2]:".
 */
#ifndef PM_SUBJECT_MARK_H
#define PM_SUBJECT_MARK_H

#include "slice.h"

/* Take one mark off the front of rest. PM_SUBJECT_REPLY, PM_SUBJECT_FORWARD (perhaps with
 * PM_SUBJECT_BOT), or 0 when there is none. Behind a patch prefix only marks count that cannot be
 * the beginning of a title: there "vs:" is a component. */
unsigned pm_mark_take(pm_slice *rest, bool behind_prefix);

#endif
