/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * public_inbox - a public-inbox archive: mail kept in git, one message a commit.
 *
 * Version 1 is one repository with a file for each message, named by a hash (12/3456...). Version 2
 * is a folder with git/0.git, git/1.git, ...; each commit there changes the file "m". Either way a
 * message is a blob that a commit adds, so both are read alike: `git log` tells the blobs, oldest
 * first, and one `git cat-file --batch` hands them out.
 *
 * Messages that were taken out of the archive later on are in its history and are read too.
 */
#include "source_kind.h"

#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Blobs asked for ahead of their turn: git looks one up while we work on another. They fit into its
 * input's buffer many times over, so that nobody waits for anybody who waits. */
#define MOST_ASKED 32

#define LONGEST_ID 64 /* SHA-256, in hexadecimal */

typedef struct commit_id {
    char text[LONGEST_ID + 1];
} commit_id;

typedef struct archive {
    char *path;
    pm_errors *errors;
    char **repositories;
    size_t repository_count, repository; /* the one that is read */
    bool no_memory;                      /* to know all of them */

    pm_child log, blobs;
    char *line; /* getline's */
    size_t line_room;
    commit_id commit;             /* that the log speaks of */
    commit_id asked[MOST_ASKED];  /* whose blobs are to come; a ring */
    size_t asked_count, answered; /* counted from the beginning of the repository */
    bool log_ended;

    pm_strbuf bytes;
} archive;

/* What `git rev-parse --local-env-vars` names that would make git read something else. */
static const char *const not_for_git[] = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    NULL,
};

/* ---- Finding the repositories ---- */

/* A path put together, on the heap; NULL without memory. */
static char *join(const char *folder, const char *name)
{
    pm_strbuf path;

    pm_strbuf_init(&path, PATH_MAX);
    pm_strbuf_printf(&path, "%s/%s", folder, name);
    if (path.failed)
        pm_strbuf_free(&path);
    return path.data;
}

static bool has(const char *folder, const char *name)
{
    struct stat about;
    char *path = join(folder, name);
    bool is = path != NULL && stat(path, &about) == 0;

    free(path);
    return is;
}

static bool is_repository(const char *path)
{
    return has(path, "HEAD") && has(path, "objects") && has(path, "refs");
}

/* The number of an epoch's folder, "12.git", or -1. */
static int64_t epoch_of(const char *name)
{
    pm_slice number = pm_slice_of(name);
    int64_t epoch;

    if (!pm_slice_ends(number, PM_LIT(".git")) || !pm_is_digit(name[0]) ||
        pm_slice_to_int(pm_slice_cut(number, 0, number.len - 4), &epoch) != PM_OK)
        return -1;
    return epoch;
}

/* path is on the heap, or NULL without memory; it is the archive's now. */
static void add_repository(archive *into, char *path)
{
    char **moved = NULL;

    if (path != NULL)
        moved = reallocarray(into->repositories, into->repository_count + 1, sizeof(*moved));
    if (moved == NULL) {
        free(path);
        into->no_memory = true;
        return;
    }
    into->repositories = moved;
    moved[into->repository_count++] = path;
}

static int compare_epochs(const void *a, const void *b)
{
    const char *const *one = a, *const *other = b;
    int64_t first = epoch_of(strrchr(*one, '/') + 1), second = epoch_of(strrchr(*other, '/') + 1);

    return (first > second) - (first < second);
}

/* All of folder's git/N.git, by number. */
static void add_epochs(archive *into, const char *folder)
{
    char *epochs = join(folder, "git");
    DIR *opened = epochs == NULL ? NULL : opendir(epochs);
    struct dirent *file;

    while (opened != NULL && (file = readdir(opened)) != NULL)
        if (epoch_of(file->d_name) >= 0)
            add_repository(into, join(epochs, file->d_name));
    if (opened != NULL)
        closedir(opened);
    free(epochs);
    if (into->repository_count > 0)
        qsort(into->repositories, into->repository_count, sizeof(*into->repositories),
              compare_epochs);
}

/* The repositories that path stands for. all.git is only a window on its neighbours in git/. */
static void find_repositories(archive *into, const char *path)
{
    pm_slice trimmed = pm_slice_of(path);
    char *above;

    add_epochs(into, path);
    while (trimmed.len > 1 && trimmed.data[trimmed.len - 1] == '/')
        trimmed.len--;
    if (into->repository_count == 0 && pm_slice_ends(trimmed, PM_LIT("all.git"))) {
        above = join(path, "..");
        if (above != NULL)
            add_epochs(into, above);
        free(above);
    }
    if (into->repository_count > 0)
        return;
    if (is_repository(path)) {
        add_repository(into, strdup(path));
        return;
    }
    above = join(path, ".git");
    if (above != NULL && is_repository(above))
        add_repository(into, strdup(above));
    free(above);
}

static void forget_repositories(archive *of)
{
    for (size_t i = 0; i < of->repository_count; i++)
        free(of->repositories[i]);
    free(of->repositories);
}

bool pm_is_public_inbox(const char *path)
{
    archive found = {.repository_count = 0};
    bool is;

    find_repositories(&found, path);
    is = found.repository_count > 0;
    forget_repositories(&found);
    return is;
}

/* ---- Talking to git ---- */

static pm_status cannot(const archive *from, const char *command, const char *why)
{
    pm_error_at(from->errors, from->repositories[from->repository], 0, 0,
                "git %s failed: %s (does `git log` work there?)", command, why);
    return PM_FAULT;
}

/* Start `git ARGUMENTS` on the repository that is read. */
static pm_status start_git(const archive *from, pm_child *child, const char *const *arguments)
{
    const char *argv[20] = {"git", "--git-dir", from->repositories[from->repository]};
    size_t count = 3;

    while (*arguments != NULL && count + 1 < sizeof(argv) / sizeof(*argv))
        argv[count++] = *arguments++;
    if (pm_child_start(child, argv, not_for_git))
        return PM_OK;
    if (errno != ENOENT)
        return cannot(from, "did not start", strerror(errno));
    pm_error_at(
        from->errors, from->path, 0, 0,
        "reading a public-inbox archive takes git, which is not to be found (install it, or "
        "give the archive as an mbox)");
    return PM_FAULT;
}

static pm_status start_repository(archive *from)
{
    static const char *const log[] = {"-c",
                                      "log.showRoot=true",
                                      "-c",
                                      "log.showSignature=false",
                                      "log",
                                      "--reverse",
                                      "--raw",
                                      "--no-abbrev",
                                      "--no-renames",
                                      "--no-color",
                                      "--format=%H",
                                      "--diff-filter=AM",
                                      "HEAD",
                                      "--",
                                      NULL};
    static const char *const blobs[] = {"cat-file", "--batch", NULL};
    pm_status status;

    from->asked_count = from->answered = 0;
    from->log_ended = false;
    status = start_git(from, &from->log, log);
    if (status == PM_OK)
        status = start_git(from, &from->blobs, blobs);
    return status;
}

/* A line from git, without its LF. False at the end. */
static bool git_line(archive *from, const pm_child *child, pm_slice *line_out)
{
    ssize_t length = getline(&from->line, &from->line_room, child->from);

    if (length <= 0)
        return false;
    *line_out = pm_slice_trim_end((pm_slice){from->line, (size_t)length});
    return true;
}

static bool is_hexadecimal(pm_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!pm_is_digit(text.data[i]) && (text.data[i] < 'a' || text.data[i] > 'f'))
            return false;
    return text.len > 0;
}

/* "m" in version 2, 12/3456... in version 1. */
static bool is_message_path(pm_slice path)
{
    return pm_slice_equal(path, PM_LIT("m")) ||
           (path.len == 41 && path.data[2] == '/' && is_hexadecimal(pm_slice_cut(path, 0, 2)) &&
            is_hexadecimal(pm_slice_after(path, 3)));
}

/* The blob in a line of `git log --raw`, ":000000 100644 0000... 1234... A<TAB>m", or nothing. */
static pm_slice blob_of(pm_slice line)
{
    pm_slice word, blob;

    for (unsigned i = 0; i < 4; i++)
        if (!pm_slice_next_word(&line, &word))
            return PM_EMPTY;
    blob = word;
    if (!pm_slice_next_word(&line, &word) || !is_hexadecimal(blob))
        return PM_EMPTY;
    return is_message_path(pm_slice_trim(line)) ? blob : PM_EMPTY;
}

/* Read the log up to the next message and ask for its blob. */
static pm_status ask(archive *from)
{
    pm_slice line, blob;
    char request[LONGEST_ID + 1];

    while (git_line(from, &from->log, &line)) {
        if (line.len > 0 && line.len <= LONGEST_ID && is_hexadecimal(line)) {
            memcpy(from->commit.text, line.data, line.len);
            from->commit.text[line.len] = '\0';
            continue;
        }
        blob = pm_slice_starts(line, PM_LIT(":")) ? blob_of(line) : PM_EMPTY;
        if (blob.len == 0 || blob.len > LONGEST_ID)
            continue;
        memcpy(request, blob.data, blob.len);
        request[blob.len] = '\n';
        from->asked[from->asked_count++ % MOST_ASKED] = from->commit;
        if (!pm_child_tell(&from->blobs, (pm_slice){request, blob.len + 1}))
            return cannot(from, "cat-file", strerror(errno));
        return PM_OK;
    }
    from->log_ended = true;
    return PM_ABSENT;
}

/* Read size bytes of a blob and the LF behind it; what is past the limit is thrown away. */
static bool read_blob(archive *from, size_t size)
{
    char piece[64 * 1024];

    pm_strbuf_clear(&from->bytes);
    while (size > 0) {
        size_t wanted = size < sizeof(piece) ? size : sizeof(piece);
        size_t got = fread(piece, 1, wanted, from->blobs.from);

        if (got == 0)
            return false;
        if (from->bytes.len < PM_MOST_OF_ONE_MAIL)
            pm_strbuf_add(&from->bytes, (pm_slice){piece, got});
        size -= got;
    }
    return getc(from->blobs.from) == '\n';
}

/* The answer to the oldest question: "ID blob SIZE", the blob, LF. */
static pm_status take_answer(archive *from, pm_mail *mail_out)
{
    const commit_id *commit = &from->asked[from->answered++ % MOST_ASKED];
    pm_slice line, word;
    int64_t size;

    if (!git_line(from, &from->blobs, &line))
        return cannot(from, "cat-file", "it ended early");
    for (unsigned i = 0; i < 3; i++)
        if (!pm_slice_next_word(&line, &word))
            return cannot(from, "cat-file", "a message is missing");
    if (pm_slice_to_int(word, &size) != PM_OK || size < 0 || !read_blob(from, (size_t)size))
        return cannot(from, "cat-file", "it ended early");
    mail_out->bytes = pm_strbuf_slice(&from->bytes);
    mail_out->origin = commit->text;
    return PM_OK;
}

/* All of this repository was read: did git think so too? */
static pm_status end_repository(archive *from)
{
    pm_status status = PM_OK;
    pm_strbuf why;

    pm_strbuf_init(&why, 1024);
    if (!pm_child_finish(&from->log, &why))
        status = cannot(from, "log", why.len > 0 ? why.data : "it does not say why");
    pm_child_end(&from->blobs);
    pm_strbuf_free(&why);
    return status;
}

static pm_status archive_next(void *state, pm_mail *mail_out)
{
    archive *from = state;
    pm_status status = PM_OK;

    while (from->repository < from->repository_count) {
        if (from->log.pid == 0)
            status = start_repository(from);
        while (status == PM_OK && !from->log_ended &&
               from->asked_count - from->answered < MOST_ASKED)
            status = ask(from);
        if (status == PM_FAULT)
            return status;
        if (from->asked_count > from->answered)
            return take_answer(from, mail_out);
        status = end_repository(from);
        if (status != PM_OK)
            return status;
        from->repository++;
    }
    return PM_ABSENT;
}

/* Only git knows how much it will be, and does not say. */
static double archive_progress(const void *state)
{
    (void)state;
    return -1;
}

static void archive_close(void *state)
{
    archive *from = state;

    pm_child_end(&from->log);
    pm_child_end(&from->blobs);
    forget_repositories(from);
    pm_strbuf_free(&from->bytes);
    free(from->line);
    free(from->path);
    free(from);
}

const pm_source_kind pm_public_inbox_kind = {archive_next, archive_progress, archive_close};

void *pm_public_inbox_open(const char *path, pm_errors *errors)
{
    archive *opened = calloc(1, sizeof(*opened));

    if (opened == NULL) {
        pm_error_at(errors, path, 0, 0, "there is no memory left to read it");
        return NULL;
    }
    opened->log = PM_NO_CHILD;
    opened->blobs = PM_NO_CHILD;
    opened->errors = errors;
    opened->path = strdup(path);
    pm_strbuf_init(&opened->bytes, PM_MOST_OF_ONE_MAIL * 2);
    find_repositories(opened, path);
    if (opened->path == NULL || opened->no_memory || opened->repository_count == 0) {
        pm_error_at(errors, path, 0, 0, "there is no memory left to read it");
        archive_close(opened);
        return NULL;
    }
    return opened;
}
