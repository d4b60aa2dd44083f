/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lexer - from the bytes of a configuration to its tokens; syntax.h makes statements of them.
 */
#ifndef PM_LEXER_H
#define PM_LEXER_H

#include "syntax.h"

/* A text being read. */
typedef struct pm_lexer {
    pm_arena *arena;
    pm_errors *errors;
    const char *file;
    pm_slice text;
    size_t at; /* next byte */
    unsigned line;
    size_t line_start;
    bool no_memory;
} pm_lexer;

/* What stands next: a token, or one of the marks that make statements and blocks. */
typedef enum pm_lexeme {
    PM_LEX_TOKEN,
    PM_LEX_OPEN,
    PM_LEX_CLOSE,
    PM_LEX_LINE_END, /* or ";" */
    PM_LEX_SEMICOLON,
    PM_LEX_END,
    PM_LEX_BAD, /* an error was added */
} pm_lexeme;

/* The next lexeme. before is the token in front of it, NULL at the beginning of a statement: a "/"
 * begins a pattern only behind ~ and !~, and a word everywhere else. */
pm_lexeme pm_lexer_next(pm_lexer *lexer, const pm_token *before, pm_token *token_out);

/* The "}" that was just read is to be read again. */
void pm_lexer_unread_close(pm_lexer *lexer);

/* Does the line behind this one, past empty ones and comments, begin with "and" or "or"? */
bool pm_lexer_goes_on(const pm_lexer *lexer);

/* To the end of this line. True when the line opens a block there. */
bool pm_lexer_skip_line(pm_lexer *lexer);

#endif
