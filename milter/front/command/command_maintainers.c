/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command_maintainers - the sections of a MAINTAINERS file that paths belong to, in the order of
 * the kernel's get_maintainer.pl: the deepest pattern first.
 */
#include "commands.h"
#include "maintainers.h"

#include <errno.h>
#include <stdlib.h>

enum { FLAG_CONFIG, FLAG_FILE };

static const pm_flag flags[] = {
    {'c', "config", "FILE", PM_CONFIG_HELP},
    {0, "file", "FILE", "the MAINTAINERS file; else that of the configuration's first project"},
    {0, NULL, NULL, NULL},
};

/* ---- Which MAINTAINERS file ----------------------------------------------------------------- */

/* The first `maintainers FILE` in a `project` block, or NULL. */
static const pm_token *find_maintainers(const pm_statement *statements)
{
    for (const pm_statement *project = statements; project != NULL; project = project->next) {
        if (!project->has_block || !pm_slice_equal(project->word.text, PM_LIT("project")))
            continue;
        for (const pm_statement *s = project->children; s != NULL; s = s->next)
            if (pm_slice_equal(s->word.text, PM_LIT("maintainers")) && s->count > 0)
                return &s->values[0];
    }
    return NULL;
}

/* The file of the configuration's first project; NULL after it was said why not. In the arena. */
static const char *configured_file(pm_arena *arena, const char *config)
{
    pm_snapshot *snapshot = pm_load_or_complain(config);
    pm_errors *errors = pm_errors_new();
    pm_statement *statements = NULL;
    const pm_token *token = NULL;
    const char *file = NULL;

    if (snapshot == NULL)
        goto done;
    if (pm_syntax_read(arena, snapshot->config.file, errors, &statements, NULL) == PM_OK)
        token = find_maintainers(statements);
    if (token != NULL)
        file = pm_syntax_beside(arena, token->file, token->text);
    else
        pm_complain("%s: no project has a MAINTAINERS file (name one with --file, or write "
                    "`project NAME { maintainers FILE }`)",
                    snapshot->config.file);
done:
    pm_snapshot_unref(snapshot);
    pm_errors_free(errors);
    return file;
}

/* ---- The answers ---------------------------------------------------------------------------- */

typedef struct matches {
    pm_section_match *items;
    size_t room;
} matches;

static bool print_sections(const pm_maintainers *maintainers, pm_slice path, matches *found)
{
    pm_slice asked = pm_slice_starts(path, PM_LIT("./")) ? pm_slice_after(path, 2) : path;
    size_t count = pm_maintainers_match(maintainers, asked, found->items, found->room);

    if (count > found->room) {
        pm_section_match *more = realloc(found->items, count * sizeof(*more));

        if (more == NULL)
            return false;
        found->items = more;
        found->room = count;
        pm_maintainers_match(maintainers, asked, found->items, found->room);
    }
    fwrite(path.data, 1, path.len, stdout);
    for (size_t i = 0; i < count; i++) {
        const pm_section *section = pm_maintainers_section(maintainers, found->items[i].section);

        if (!section->catch_all)
            printf("\t%.*s", PM_FMT(section->title));
    }
    fputc('\n', stdout);
    return true;
}

/* Paths one a line, from standard input. */
static bool print_sections_of_input(const pm_maintainers *maintainers, matches *found)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    bool fine = true;

    while (fine && !ferror(stdout) && (len = getline(&line, &room, stdin)) >= 0) {
        pm_slice rest = {line, (size_t)len}, path;

        if (pm_slice_next_line(&rest, &path) && path.len > 0)
            fine = print_sections(maintainers, path, found);
    }
    if (fine && ferror(stdin)) {
        pm_complain("standard input: %s", strerror(errno));
        fine = false;
    }
    free(line);
    return fine;
}

static void report(void *context, const char *file, unsigned line, const char *sentence)
{
    pm_error_at(context, file, line, 0, "%s", sentence);
}

static int print_all(const char *file, const pm_arguments *arguments)
{
    pm_errors *errors = pm_errors_new();
    pm_maintainers *maintainers = pm_maintainers_load(file, report, errors);
    matches found = {NULL, 0};
    bool fine = maintainers != NULL;

    pm_complain_of(errors); /* single bad lines are passed over, but said */
    if (fine && arguments->operand_count == 0)
        fine = print_sections_of_input(maintainers, &found);
    for (size_t i = 0; fine && i < arguments->operand_count; i++) {
        pm_slice path = pm_slice_of(arguments->operands[i]);

        fine = pm_slice_equal(path, PM_LIT("-")) ? print_sections_of_input(maintainers, &found)
                                                 : print_sections(maintainers, path, &found);
    }
    free(found.items);
    pm_maintainers_free(maintainers);
    pm_errors_free(errors);
    return fine ? PM_EXIT_FINE : PM_EXIT_FAILED;
}

static int maintainers(const pm_arguments *arguments)
{
    const char *file = arguments->flags[FLAG_FILE];
    pm_arena *arena = pm_arena_new(SIZE_MAX);
    int status = PM_EXIT_FAILED;

    if (arena == NULL) {
        pm_complain("no memory");
        return status;
    }
    if (file == NULL)
        file = configured_file(arena, arguments->flags[FLAG_CONFIG]);
    if (file != NULL)
        status = print_all(file, arguments);
    pm_arena_free(arena);
    return status;
}

const pm_command pm_command_maintainers = {
    .name = "maintainers",
    .operands = "[PATH...|-]",
    .summary = "name the MAINTAINERS sections that paths belong to",
    .details =
        "Prints each path and, behind tabs, the titles of the sections it belongs to, as the\n"
        "kernel's get_maintainer.pl finds them: the most specific first, without those that\n"
        "match everything. Without PATH, or with -, paths are read from standard input.\n",
    .flags = flags,
    .least = 0,
    .most = SIZE_MAX,
    .run = maintainers,
};
