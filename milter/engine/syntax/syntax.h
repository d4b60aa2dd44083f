/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syntax - the small language of configuration and rules, read into a tree of statements.
 *
 *     name value value            # a statement ends with its line or with ";"
 *     name value { statement... } # or it has a block
 *     include "rules/site.rules"  # a file or a glob, relative to this file; done by the reader
 *
 * Values are words, "strings" (\" \\ \n \t inside), numbers (with K, M, G or s, ms, us behind them
 * as the reader of the statement likes), /patterns/flags and operators. A statement goes on in the
 * next line inside parentheses, behind an operator, a comma, "and", "or", "not" or "in", and where
 * the next line begins with "and" or "or".
 *
 * This file knows no statement's meaning: config.h and rules.h do. Manual: rules.md.
 */
#ifndef PM_SYNTAX_H
#define PM_SYNTAX_H

#include "arena.h"
#include "error.h"

typedef enum pm_token_type {
    PM_TOKEN_WORD, /* kvm-x86, 0660, unix:/run/x.sock, path.lines: anything without special bytes */
    PM_TOKEN_STRING,   /* text is unescaped, without quotes */
    PM_TOKEN_PATTERN,  /* text is between the slashes ("\/" is "/"); flags are behind them */
    PM_TOKEN_OPERATOR, /* == != < <= > >= ~ !~ ( ) , */
} pm_token_type;

typedef struct pm_token {
    pm_token_type type;
    pm_slice text;
    pm_slice flags; /* of a pattern */
    const char *file;
    unsigned line, column; /* from 1 */
} pm_token;

typedef struct pm_statement {
    pm_token word;    /* the first token: a word, or a string in blocks that hold data */
    pm_token *values; /* the tokens behind it */
    size_t count;
    bool has_block;
    struct pm_statement *children; /* the first one in the block */
    struct pm_statement *next;     /* the one behind this */
    struct pm_statement *parent;
} pm_statement;

/* Read a file and what it includes. NULL statements_out with PM_OK: an empty file. PM_FAULT after
 * errors were added; all of a file's errors are found in one go where that makes sense. Everything
 * lives in the arena. Limits: 16 MiB a file, 32 nested blocks, 16 nested includes, 1,000 files.
 * files_out (may be NULL) gets a NULL-terminated array of all files read, for messages and for
 * watching. */
pm_status pm_syntax_read(pm_arena *arena, const char *file, pm_errors *errors,
                         pm_statement **statements_out, const char *const **files_out);

/* The same from memory (borrowed), for tests and built-in defaults; file is what errors call it. */
pm_status pm_syntax_parse(pm_arena *arena, const char *file, pm_slice text, pm_errors *errors,
                          pm_statement **statements_out);

/* All of a regular file of at most 16 MiB, in the arena. PM_FAULT or PM_LIMIT after an error was
 * added, at where (the token that names the file; may be NULL). */
pm_status pm_syntax_slurp(pm_arena *arena, const char *file, const pm_token *where,
                          pm_errors *errors, pm_slice *bytes_out);

/* written, as seen from the folder of the file that names it. NULL past the arena's budget. */
const char *pm_syntax_beside(pm_arena *arena, const char *file, pm_slice written);

/* Which units may stand behind a number. */
typedef enum pm_units {
    PM_UNITS_NONE = 0,
    PM_UNITS_SIZE = 1, /* K, M, G: 1,024 of the one before */
    PM_UNITS_TIME = 2, /* us, ms, s, min, h: the number is in microseconds then */
    PM_UNITS_AGE = 4,  /* d, y (of 365 days): in microseconds, too */
} pm_units;

/* A whole number such as 5, -3, 64M or 200ms; units is any of PM_UNITS_*, a unit is never needed.
 * PM_ABSENT when it is none, PM_LIMIT when it does not fit; *number_out is only written on PM_OK.
 */
pm_status pm_syntax_number(pm_slice text, unsigned units, int64_t *number_out);

#define PM_SLUG_MOST 64

/* Is text a slug: [a-z0-9][a-z0-9.-]*, at most PM_SLUG_MOST bytes? What subsystems, tags and rules
 * are called. */
bool pm_syntax_is_slug(pm_slice text);

/* Has the token the text of a value, which a word and a string have? */
static inline bool pm_token_is_text(const pm_token *token)
{
    return token->type == PM_TOKEN_WORD || token->type == PM_TOKEN_STRING;
}

/* Is the token (NULL: no) this word, this operator? */
bool pm_token_is_word(const pm_token *token, const char *text);
bool pm_token_is_operator(const pm_token *token, const char *text);

/* Add the error about a name that does not exist: BEFORE "name" BEHIND, and then (did you mean
 * ...?) with the nearest of names or, when none is near, (OTHERWISE). */
void pm_error_unknown(pm_errors *errors, const pm_token *token, const char *before,
                      const char *behind, const char *const *names, const char *otherwise);

/* Add an error, a warning at a token. */
#define pm_error_token(errors, token, ...)                                                         \
    pm_error_at((errors), (token)->file, (token)->line, (token)->column, __VA_ARGS__)
#define pm_warning_token(errors, token, ...)                                                       \
    pm_warning_at((errors), (token)->file, (token)->line, (token)->column, __VA_ARGS__)

#endif
