/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_load - from a plugin's name to its descriptor; see plugin_load.h.
 *
 * Not a sandbox: a plugin runs in this process, which is why it matters who may write the file.
 */
#include "plugin_load.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORY_MOST 64 /* files that are looked at for a name that was meant */

/* ---- Names ---- */

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static bool is_made_of(const char *name, const char *bytes)
{
    const size_t length = name == NULL ? 0 : strlen(name);

    return length > 0 && length <= PM_PLUGIN_NAME_MOST && strchr(LETTERS, *name) != NULL &&
           strspn(name, bytes) == length;
}

bool pm_plugin_is_name(const char *name)
{
    return is_made_of(name, LETTERS DIGITS "-");
}

bool pm_plugin_is_fact_name(const char *name)
{
    return is_made_of(name, LETTERS DIGITS "-.");
}

/* ---- Is it usable? ---- */

pm_slice pm_plugin_file_name(const char *file)
{
    pm_slice name = pm_slice_of(file);
    size_t slash = pm_slice_find_last(name, PM_LIT("/"));

    if (slash != PM_NOWHERE)
        name = pm_slice_after(name, slash + 1);
    if (pm_slice_ends(name, PM_LIT(".so")))
        name.len -= 3;
    return name;
}

static bool check_facts(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    for (const pm_fact_decl *fact = plugin->facts; fact != NULL && fact->name != NULL; fact++) {
        if (!pm_plugin_is_fact_name(fact->name)) {
            pm_error_at(errors, file, 0, 0,
                        "refused: %s declares the fact \"%s\" (names are [a-z][a-z0-9.-]*)",
                        plugin->name, fact->name);
            return false;
        }
        if (fact->type != PM_FACT_TEXT && fact->type != PM_FACT_NUMBER) {
            pm_error_at(errors, file, 0, 0, "refused: %s declares the fact \"%s\" of no known type",
                        plugin->name, fact->name);
            return false;
        }
    }
    return true;
}

bool pm_plugin_check(const pm_plugin *plugin, const char *file, pm_errors *errors)
{
    const pm_slice called = pm_plugin_file_name(file);

    if (plugin == NULL) {
        pm_error_at(errors, file, 0, 0, "refused: %.*s has no descriptor", PM_FMT(called));
        return false;
    }
    /* Size and version stand at the same place for ever; of another major version, nothing else. */
    if (plugin->abi_major != PM_ABI_MAJOR || plugin->abi_minor > PM_ABI_MINOR) {
        pm_error_at(errors, file, 0, 0,
                    "refused: %.*s wants plugin ABI %u.%u, this host offers %d.%d", PM_FMT(called),
                    (unsigned)plugin->abi_major, (unsigned)plugin->abi_minor, PM_ABI_MAJOR,
                    PM_ABI_MINOR);
        return false;
    }
    if (plugin->size < offsetof(pm_plugin, close) + sizeof(plugin->close)) {
        pm_error_at(errors, file, 0, 0,
                    "refused: the descriptor of %.*s is too short (.size = sizeof(pm_plugin))",
                    PM_FMT(called));
        return false;
    }
    if (!pm_plugin_is_name(plugin->name)) {
        pm_error_at(errors, file, 0, 0, "refused: %.*s has no proper name ([a-z][a-z0-9-]*)",
                    PM_FMT(called));
        return false;
    }
    if (plugin->version == NULL || plugin->summary == NULL || plugin->open == NULL ||
        plugin->scan == NULL) {
        pm_error_at(errors, file, 0, 0, "refused: %s has no %s", plugin->name,
                    plugin->version == NULL   ? "version"
                    : plugin->summary == NULL ? "summary"
                    : plugin->open == NULL    ? "open()"
                                              : "scan()");
        return false;
    }
    return check_facts(plugin, file, errors);
}

/* ---- Loading ---- */

typedef struct loading { /* what errors are about */
    char file[4096];
    const pm_token *where;
    pm_errors *errors;
} loading;

static void refuse(const loading *load, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(const loading *load, const char *format, ...)
{
    char sentence[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    if (load->where == NULL)
        pm_error_at(load->errors, NULL, 0, 0, "%s", sentence);
    else
        pm_error_token(load->errors, load->where, "%s", sentence);
}

/* May nobody but root and we ourselves change it? */
static bool is_trusted(const loading *load, const char *path, const struct stat *about)
{
    if (about->st_uid != 0 && about->st_uid != geteuid()) {
        refuse(load, "%s is not trusted: it belongs to user %u (chown root %s)", path,
               (unsigned)about->st_uid, path);
        return false;
    }
    if ((about->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse(load, "%s is not trusted: others may write it (chmod go-w %s)", path, path);
        return false;
    }
    return true;
}

static bool check_directory(const loading *load, const char *directory)
{
    struct stat about;

    if (stat(directory, &about) != 0) {
        refuse(load, "cannot look into the plugin directory %s: %s (see plugin-directory)",
               directory, strerror(errno));
        return false;
    }
    if (!S_ISDIR(about.st_mode)) {
        refuse(load, "the plugin directory %s is no directory (see plugin-directory)", directory);
        return false;
    }
    return is_trusted(load, directory, &about);
}

bool pm_plugin_check_directory(const char *directory, const pm_token *where, pm_errors *errors)
{
    const loading load = {.where = where, .errors = errors};

    return check_directory(&load, directory);
}

/* There is no such file. What is there that is called nearly so? */
static void tell_missing(const loading *load, const char *directory, pm_slice name, int why)
{
    char found[DIRECTORY_MOST][PM_PLUGIN_NAME_MOST + 1];
    const char *names[DIRECTORY_MOST + 1] = {NULL}, *near;
    DIR *folder = opendir(directory);
    const struct dirent *entry;
    size_t count = 0;

    while (folder != NULL && count < DIRECTORY_MOST && (entry = readdir(folder)) != NULL) {
        const pm_slice stem = pm_plugin_file_name(entry->d_name);

        if (stem.len == strlen(entry->d_name) || stem.len > PM_PLUGIN_NAME_MOST)
            continue;
        snprintf(found[count], sizeof(found[count]), "%.*s", PM_FMT(stem));
        names[count] = found[count];
        count++;
    }
    if (folder != NULL)
        closedir(folder);
    near = pm_nearest(name, names);
    if (near != NULL)
        refuse(load, "there is no plugin %s: %s (did you mean \"%s\"?)", load->file, strerror(why),
               near);
    else
        refuse(load, "there is no plugin %s: %s (put it there, or see plugin-directory)",
               load->file, strerror(why));
}

static bool check_file(const loading *load, const char *directory, pm_slice name)
{
    struct stat about;

    /* A link would lead to where nobody has checked the folder. */
    if (lstat(load->file, &about) != 0) {
        tell_missing(load, directory, name, errno);
        return false;
    }
    if (!S_ISREG(about.st_mode)) {
        refuse(load, "%s is not trusted: it is no regular file (put the file itself there)",
               load->file);
        return false;
    }
    return is_trusted(load, load->file, &about);
}

/* Is all of it there that would be loaded? The loader maps what the file's headers promise, and who
 * touches a page behind the file's end is killed by SIGBUS: a module that was copied to a full disk
 * would end the daemon that reloads. What is no module at all is the loader's to tell. */
static bool is_whole(const loading *load)
{
    const int fd = open(load->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ElfW(Ehdr) header;
    struct stat about;
    bool whole = true;

    if (fd < 0 || fstat(fd, &about) != 0 ||
        pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(ElfW(Phdr)))
        header.e_phnum = 0;
    for (unsigned i = 0; whole && i < header.e_phnum; i++) {
        ElfW(Phdr) part;
        const off_t at = (off_t)(header.e_phoff + i * sizeof(part));

        whole = pread(fd, &part, sizeof(part), at) == (ssize_t)sizeof(part) &&
                part.p_filesz <= (uint64_t)about.st_size &&
                part.p_offset <= (uint64_t)about.st_size - part.p_filesz;
    }
    if (fd >= 0)
        close(fd);
    if (!whole)
        refuse(load, "%s is not whole: it ends before what it should hold (install it anew)",
               load->file);
    return whole;
}

const pm_plugin *pm_plugin_load(const char *directory, pm_slice name, const pm_token *where,
                                pm_errors *errors)
{
    loading load = {.where = where, .errors = errors};
    const pm_plugin *plugin;
    pm_plugin_entry_fn entry;
    void *module, *symbol;
    int length;

    length = snprintf(load.file, sizeof(load.file), "%.*s", PM_FMT(name));
    if (length < 0 || (size_t)length != name.len || !pm_plugin_is_name(load.file)) {
        refuse(&load, "\"%.*s\" is no name of a plugin ([a-z][a-z0-9-]*)", PM_FMT(name));
        return NULL;
    }
    length = snprintf(load.file, sizeof(load.file), "%s/%.*s.so", directory, PM_FMT(name));
    if (length < 0 || (size_t)length >= sizeof(load.file)) {
        refuse(&load, "the name of the plugin directory is too long");
        return NULL;
    }
    if (!check_directory(&load, directory) || !check_file(&load, directory, name) ||
        !is_whole(&load))
        return NULL;

    module = dlopen(load.file, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL) {
        refuse(&load, "cannot load it: %s", dlerror());
        return NULL;
    }
    symbol = dlsym(module, "pm_plugin_entry");
    if (symbol == NULL) {
        refuse(&load, "%s is no plugin: it does not export pm_plugin_entry", load.file);
        return NULL;
    }
    memcpy(&entry, &symbol, sizeof(entry)); /* ISO C has no cast from data to function */
    plugin = entry();
    if (!pm_plugin_check(plugin, load.file, errors))
        return NULL;
    if (!pm_slice_equal(name, pm_slice_of(plugin->name))) {
        refuse(&load, "%s says it is called %s (the file must be called %s.so)", load.file,
               plugin->name, plugin->name);
        return NULL;
    }
    return plugin;
}
