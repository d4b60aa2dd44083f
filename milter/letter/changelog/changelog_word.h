/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changelog_word - the table of words that headings of changelogs and labels of links are made of.
 *
 * Not words with a number in them, "PATCHv3": changelog_token.c takes those apart.
 */
#ifndef PM_CHANGELOG_WORD_H
#define PM_CHANGELOG_WORD_H

#include "changelog_token.h"

/* What word means, without case; PM_TOKEN_OTHER, which ends a heading, when the table has it not.
 */
pm_token_kind pm_token_word_kind(pm_slice word);

#endif
