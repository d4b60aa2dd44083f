/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * patchmark - the command line: finds the command, reads its arguments, prints its help.
 *
 * Not the commands themselves; each has a file of its own, command_NAME.c.
 */
#include "commands.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

static const pm_command *const commands[] = {
    &pm_command_classify,    &pm_command_explain, &pm_command_replay,
    &pm_command_series,      &pm_command_warm,    &pm_command_check,
    &pm_command_maintainers, &pm_command_plugin,  &pm_command_ctl,
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* ---- Help ---------------------------------------------------------------------------------- */

/* The left column of a flag's line: "-c, --config FILE". */
static int flag_label(const pm_flag *flag, char *label, size_t size)
{
    const char *gap = flag->argument == NULL ? "" : " ";
    const char *argument = flag->argument == NULL ? "" : flag->argument;

    if (flag->letter != 0)
        return snprintf(label, size, "-%c, --%s%s%s", flag->letter, flag->name, gap, argument);
    return snprintf(label, size, "--%s%s%s", flag->name, gap, argument);
}

static void print_command_help(const pm_command *command)
{
    printf("usage: patchmark %s [OPTION...]%s%s\n\n%s\n", command->name,
           command->operands[0] == '\0' ? "" : " ", command->operands, command->details);
    for (const pm_flag *flag = command->flags; flag->name != NULL; flag++) {
        char label[64];

        flag_label(flag, label, sizeof(label));
        printf("  %-22s %s\n", label, flag->help);
    }
}

static void print_help(FILE *to)
{
    fputs("patchmark says where patch mail should go.\n\n"
          "usage: patchmark COMMAND [ARGUMENT...]\n\n",
          to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    fputs("  help           this page, or \"patchmark help COMMAND\"\n\n"
          "Exit status: 0 fine, 1 found something, 2 could not do it. Manual: patchmark(1).\n",
          to);
}

/* ---- Finding the command ------------------------------------------------------------------- */

static const pm_command *find_command(const char *name)
{
    const char *names[COMMAND_COUNT + 2] = {"help"};
    const char *near;

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
        names[i + 1] = commands[i]->name;
    }
    near = pm_nearest(pm_slice_of(name), names);
    if (near != NULL)
        pm_complain("no command \"%s\" (did you mean \"%s\"?)", name, near);
    else
        pm_complain("no command \"%s\" (\"patchmark help\" lists them)", name);
    return NULL;
}

/* ---- Reading its arguments ----------------------------------------------------------------- */

static bool no_such_flag(const pm_command *command, const char *written)
{
    const char *names[PM_FLAGS_MOST + 2] = {"help"};
    pm_slice word = pm_slice_of(written);
    const char *near;

    for (size_t i = 0; command->flags[i].name != NULL; i++)
        names[i + 1] = command->flags[i].name;
    while (word.len > 0 && word.data[0] == '-')
        word = pm_slice_after(word, 1);
    near = pm_nearest(pm_slice_cut(word, 0, pm_slice_find_byte(word, '=')), names);
    if (near != NULL)
        pm_complain("%s: no option \"%s\" (did you mean \"--%s\"?)", command->name, written, near);
    else
        pm_complain("%s: no option \"%s\" (\"patchmark help %s\" lists them)", command->name,
                    written, command->name);
    return false;
}

/* Is arg this flag? Then *value_out is what is glued to it ("-cFILE", "--config=FILE"), or NULL. */
static bool is_flag(const pm_flag *flag, const char *arg, const char **value_out)
{
    size_t len = strlen(flag->name);

    *value_out = NULL;
    if (arg[1] != '-') {
        if (flag->letter == 0 || arg[1] != flag->letter)
            return false;
        if (arg[2] != '\0')
            *value_out = arg + 2;
        return true;
    }
    if (strncmp(arg + 2, flag->name, len) != 0 || (arg[2 + len] != '\0' && arg[2 + len] != '='))
        return false;
    if (arg[2 + len] == '=')
        *value_out = arg + 2 + len + 1;
    return true;
}

/* Take the flag at argv[*at], and its value, which may be the next argument. */
static bool read_flag(const pm_command *command, char **argv, int argc, int *at,
                      pm_arguments *arguments)
{
    const char *arg = argv[*at];

    for (size_t i = 0; command->flags[i].name != NULL; i++) {
        const pm_flag *flag = &command->flags[i];
        const char *value;

        if (!is_flag(flag, arg, &value))
            continue;
        if (flag->argument == NULL) {
            if (value != NULL) {
                pm_complain("%s: --%s takes no value", command->name, flag->name);
                return false;
            }
            arguments->flags[i] = "";
            return true;
        }
        if (value == NULL && *at + 1 < argc)
            value = argv[++*at];
        if (value == NULL) {
            pm_complain("%s: --%s wants a %s behind it", command->name, flag->name, flag->argument);
            return false;
        }
        arguments->flags[i] = value;
        return true;
    }
    return no_such_flag(command, arg);
}

/* Flags may stand anywhere; "--" ends them; "-" is an operand. Operands are moved to the front of
 * argv, where there is room for them by then. */
static bool read_arguments(const pm_command *command, char **argv, int argc,
                           pm_arguments *arguments)
{
    bool flags_end = false;

    arguments->operands = argv;
    for (int at = 0; at < argc; at++) {
        const char *arg = argv[at];

        if (flags_end || arg[0] != '-' || arg[1] == '\0')
            argv[arguments->operand_count++] = argv[at];
        else if (strcmp(arg, "--") == 0)
            flags_end = true;
        else if (!read_flag(command, argv, argc, &at, arguments))
            return false;
    }
    if (arguments->operand_count < command->least) {
        pm_complain("%s: wants %s (\"patchmark help %s\" says more)", command->name,
                    command->operands, command->name);
        return false;
    }
    if (arguments->operand_count > command->most) {
        pm_complain("%s: \"%s\" is one too many (\"patchmark help %s\" says more)", command->name,
                    arguments->operands[command->most], command->name);
        return false;
    }
    return true;
}

static bool asks_for_help(char **argv, int argc)
{
    for (int at = 0; at < argc && strcmp(argv[at], "--") != 0; at++)
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)
            return true;
    return false;
}

static int help(char **argv, int argc)
{
    const pm_command *command;

    if (argc == 0) {
        print_help(stdout);
        return PM_EXIT_FINE;
    }
    command = find_command(argv[0]);
    if (command == NULL)
        return PM_EXIT_FAILED;
    print_command_help(command);
    return PM_EXIT_FINE;
}

static int run(int argc, char **argv)
{
    const char *name = argc < 2 ? NULL : argv[1];
    pm_arguments arguments = {.operand_count = 0};
    const pm_command *command;

    if (name == NULL) {
        print_help(stderr);
        return PM_EXIT_FAILED;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        printf("patchmark %s\n", PATCHMARK_VERSION);
        return PM_EXIT_FINE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argv + 2, argc - 2);

    command = find_command(name);
    if (command == NULL)
        return PM_EXIT_FAILED;
    if (asks_for_help(argv + 2, argc - 2)) {
        print_command_help(command);
        return PM_EXIT_FINE;
    }
    if (!read_arguments(command, argv + 2, argc - 2, &arguments))
        return PM_EXIT_FAILED;
    return command->run(&arguments);
}

/* Write out what is left. A reader that has seen enough, as head(1) has, is no error. */
static bool finish_output(void)
{
    struct pollfd reader = {.fd = STDOUT_FILENO, .events = POLLOUT};

    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    /* Why an earlier write failed is forgotten by now, but a pipe still knows. */
    if (poll(&reader, 1, 0) == 1 && (reader.revents & (POLLERR | POLLHUP)) != 0)
        return true;
    pm_complain("standard output cannot be written (is the disk full?)");
    return false;
}

int main(int argc, char **argv)
{
    int status;

    signal(SIGPIPE,
           SIG_IGN); /* some libraries do that anyway; finish_output() knows what it means */
    if (!isatty(STDOUT_FILENO))
        setvbuf(stdout, NULL, _IOFBF, 256 * 1024);

    status = run(argc, argv);
    return finish_output() ? status : PM_EXIT_FAILED;
}
