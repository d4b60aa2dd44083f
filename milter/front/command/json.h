/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json - an outcome as one JSON object on one line, as patchmark(1) describes it member by member.
 *
 * And what other JSON is made of: text from mail, a line of output.
 *
 * Always valid JSON in valid UTF-8, whatever the mail contains.
 */
#ifndef PM_JSON_H
#define PM_JSON_H

#include "outcome.h"
#include "strbuf.h"

#include <jansson.h>

/* Append the object and an LF. False, with nothing appended, when there is no memory. */
bool pm_json_add_outcome(pm_strbuf *buffer, const pm_outcome *outcome);

/* Text as a JSON string, bytes that are no UTF-8 as U+FFFD; and null when it is empty. The
 * caller's; NULL when there is no memory. */
json_t *pm_json_text(pm_slice bytes);
json_t *pm_json_text_or_null(pm_slice bytes);

/* The fields to be put on top: pairs of name and value, unfolded. The caller's. */
json_t *pm_json_marks(const pm_outcome *outcome);

/* What each shadow would have made of it. The caller's. */
json_t *pm_json_shadows(const pm_outcome *outcome);

/* An object and an LF to standard output. False when there is no memory; NULL gives false. */
bool pm_json_print(const json_t *object);

#endif
