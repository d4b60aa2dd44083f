/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_new - a folder with a plugin that works; see plugin_new.h.
 *
 * The template's files are text: @NAME@ becomes the plugin's name and @ID@ the same as C writes it.
 */
#include "plugin_new.h"

#include "commands.h"
#include "plugin_load.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BYTES ((size_t)1024 * 1024) /* of one file */
#define CONFIG     PATCHMARK_SYSCONFDIR "/patchmark.conf"

/* What is written from what; %s in a name becomes the plugin's. */
static const struct {
    const char *from, *to;
} files[] = {
    {"plugin.c.in", "%s.c"},
    {"plugin.md.in", "%s.md"},
    {"plugin_test.c.in", "%s_test.c"},
    {"CMakeLists.txt.in", "CMakeLists.txt"},
    {"samples/questions.eml", "samples/questions.eml"},
    {"samples/questions.facts", "samples/questions.facts"},
    {"samples/none.eml", "samples/none.eml"},
    {"samples/none.facts", "samples/none.facts"},
};
#define FILES (sizeof(files) / sizeof(files[0]))

typedef struct job {
    const char *name;
    char id[80];             /* the name as C writes it */
    char template[PATH_MAX]; /* the folder it comes from */
    char folder[PATH_MAX];   /* the folder it goes to */
    bool installed;          /* the template, and with it the CMake package */
    size_t written;          /* of the files */
} job;

/* ---- The name ---- */

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static bool check_name(const char *name)
{
    static const char *const ours[] = {"project", "thread", "subsystem", "revision",
                                       "lua",     "exec",   "syzbot",    NULL};
    static const char *const cmakes[] = {
        "all",     "clean",  "help", "install", "test", "package", "package_source",
        "rebuild", "depend", "edit", "sdk",     NULL};

    if (!pm_plugin_is_name(name))
        pm_complain("\"%s\" is no name for a plugin (names are [a-z][a-z0-9-]*, at most %d bytes, "
                    "as my-plugin is)",
                    name, PM_PLUGIN_NAME_MOST);
    else if (is_one_of(name, ours))
        pm_complain("a plugin called %s comes with patchmark (choose another name)", name);
    else if (is_one_of(name, cmakes))
        pm_complain("\"%s\" means something else to CMake or to the source tree (choose another "
                    "name)",
                    name);
    else
        return true;
    return false;
}

/* ---- The template ---- */

/* Beside the program in a build that is not installed, else where it was installed as seen from the
 * program, so that a tree can be moved, else where that was meant to be. */
static bool find_template(job *work)
{
    static const struct {
        const char *folder;
        bool from_program, installed;
    } places[] = {
        {"/sdk/template", true, false},
        {"/" PATCHMARK_DATADIR_FROM_PROGRAM "/sdk/template", true, true},
        {PATCHMARK_DATADIR "/sdk/template", false, true},
    };
    char program[PATH_MAX] = "";
    const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *slash = length > 0 ? strrchr(program, '/') : NULL;

    if (slash != NULL)
        *slash = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const int needed = snprintf(work->template, sizeof(work->template), "%s%s",
                                    places[i].from_program ? program : "", places[i].folder);

        work->installed = places[i].installed;
        if ((size_t)needed < sizeof(work->template) && access(work->template, R_OK | X_OK) == 0)
            return true;
    }
    pm_complain("there is no template for plugins in %s (install patchmark with its SDK)",
                PATCHMARK_DATADIR "/sdk/template");
    return false;
}

static bool read_file(const char *path, pm_strbuf *into)
{
    FILE *file = fopen(path, "re");
    char bytes[4096];
    size_t count;
    bool fine;

    if (file == NULL)
        return false;
    while ((count = fread(bytes, 1, sizeof(bytes), file)) > 0)
        pm_strbuf_add(into, (pm_slice){bytes, count});
    fine = !ferror(file) && !into->failed;
    fclose(file);
    return fine;
}

static void fill_in(const job *work, pm_slice text, pm_strbuf *into)
{
    const struct {
        pm_slice mark;
        const char *value;
    } marks[] = {{PM_LIT("@NAME@"), work->name}, {PM_LIT("@ID@"), work->id}};

    while (text.len > 0) {
        size_t mark = 0, until;

        while (mark < 2 && !pm_slice_starts(text, marks[mark].mark))
            mark++;
        if (mark < 2) {
            pm_strbuf_add_text(into, marks[mark].value);
            text = pm_slice_after(text, marks[mark].mark.len);
            continue;
        }
        until = pm_slice_find_byte(pm_slice_after(text, 1), '@');
        until = until == PM_NOWHERE ? text.len : until + 1;
        pm_strbuf_add(into, pm_slice_cut(text, 0, until));
        text = pm_slice_after(text, until);
    }
}

/* ---- Writing ---- */

/* The name that the nth file gets. */
static bool name_file(const job *work, size_t nth, char path[PATH_MAX])
{
    const char *place = strstr(files[nth].to, "%s");
    int needed;

    if (place == NULL)
        needed = snprintf(path, PATH_MAX, "%s/%s", work->folder, files[nth].to);
    else
        needed = snprintf(path, PATH_MAX, "%s/%.*s%s%s", work->folder, (int)(place - files[nth].to),
                          files[nth].to, work->name, place + 2);
    return needed < PATH_MAX;
}

static bool write_bytes(const char *path, pm_slice bytes)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool fine = fd >= 0;

    while (fine && bytes.len > 0) {
        const ssize_t count = write(fd, bytes.data, bytes.len);

        fine = count > 0 || (count < 0 && errno == EINTR);
        bytes = pm_slice_after(bytes, count > 0 ? (size_t)count : 0);
    }
    if (fd >= 0 && close(fd) != 0)
        fine = false;
    return fine;
}

static bool write_file(job *work, size_t nth)
{
    char from[PATH_MAX], to[PATH_MAX];
    pm_strbuf template, filled;
    bool fine = false;

    pm_strbuf_init(&template, MOST_BYTES);
    pm_strbuf_init(&filled, MOST_BYTES);
    if (snprintf(from, sizeof(from), "%s/%s", work->template, files[nth].from) >= PATH_MAX ||
        !name_file(work, nth, to)) {
        pm_complain("%s: this name is too long", work->folder);
    } else if (!read_file(from, &template)) {
        pm_complain("%s: %s (install patchmark with its SDK)", from, strerror(errno));
    } else {
        fill_in(work, pm_strbuf_slice(&template), &filled);
        work->written = nth + 1;
        fine = !filled.failed && write_bytes(to, pm_strbuf_slice(&filled));
        if (!fine)
            pm_complain("%s: %s", to, strerror(errno));
    }
    pm_strbuf_free(&template);
    pm_strbuf_free(&filled);
    return fine;
}

static bool make_folders(const job *work)
{
    char samples[PATH_MAX];

    if (mkdir(work->folder, 0777) != 0) {
        if (errno == EEXIST)
            pm_complain("%s is there already (choose another name, or another folder to make it "
                        "in)",
                        work->folder);
        else
            pm_complain("%s: %s", work->folder, strerror(errno));
        return false;
    }
    if (snprintf(samples, sizeof(samples), "%s/samples", work->folder) < PATH_MAX &&
        mkdir(samples, 0777) == 0)
        return true;
    pm_complain("%s/samples: %s", work->folder, strerror(errno));
    rmdir(work->folder);
    return false;
}

/* What has been made, and nothing else. */
static void remove_all(const job *work)
{
    char path[PATH_MAX];

    for (size_t nth = 0; nth < work->written; nth++)
        if (name_file(work, nth, path))
            unlink(path);
    if (snprintf(path, sizeof(path), "%s/samples", work->folder) < PATH_MAX)
        rmdir(path);
    rmdir(work->folder);
}

static void say_what_next(const job *work)
{
    printf("%s is made: a plugin that works, with its test, its manual and sample mail.\n\n",
           work->folder);
    if (work->installed)
        printf("Next:\n"
               "\n"
               "    cd %s\n"
               "    cmake -B build && cmake --build build\n"
               "    ctest --test-dir build --output-on-failure\n"
               "    patchmark plugin check build/%s.so samples/*.eml\n"
               "    sudo cmake --install build\n",
               work->folder, work->name);
    else
        printf(
            "This patchmark is not installed, so CMake finds its package nowhere. Install it\n"
            "(cmake --install), or put the folder into plugins/ of its source, where it is built\n"
            "and tested with the rest.\n");
    printf("\n"
           "Then, in %s:\n"
           "\n"
           "    plugins project thread subsystem revision %s\n"
           "\n"
           "%s.md has a rule to begin with. \"patchmark check\" says whether all is well, and\n"
           "\"systemctl reload patchmark\" loads it.\n"
           "What a plugin can ask and say is in <patchmark/plugin.h>.\n",
           CONFIG, work->name, work->name);
}

int pm_plugin_write_new(const char *name, const char *parent)
{
    const bool here = strcmp(parent, ".") == 0;
    job work = {.name = name};
    bool fine = true;

    if (!check_name(name) || !find_template(&work))
        return PM_EXIT_FAILED;
    for (size_t i = 0; name[i] != '\0'; i++)
        work.id[i] = name[i] == '-' ? '_' : name[i];
    if (snprintf(work.folder, sizeof(work.folder), "%s%s%s", here ? "" : parent, here ? "" : "/",
                 name) >= PATH_MAX) {
        pm_complain("%s: this name is too long", parent);
        return PM_EXIT_FAILED;
    }
    if (!make_folders(&work))
        return PM_EXIT_FAILED;
    for (size_t nth = 0; fine && nth < FILES; nth++)
        fine = write_file(&work, nth);
    if (!fine) {
        remove_all(&work);
        return PM_EXIT_FAILED;
    }
    say_what_next(&work);
    return PM_EXIT_FINE;
}
