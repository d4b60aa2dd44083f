/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maildir - the messages of a Maildir, cur/ and new/ together, in the order of their file names:
 * those begin with the time of delivery.
 *
 * The folder is live: mail readers move and delete files while we read. A file that is gone when
 * its turn comes is passed over.
 */
#include "source_kind.h"

#include "strbuf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"cur", "new"};

typedef struct entry {
    char *name;
    const char *folder;
} entry;

typedef struct maildir {
    char *path;
    pm_errors *errors;
    entry *entries;
    size_t count, room, at;
    pm_strbuf bytes, origin;
} maildir;

/* Digits compare by their value, so that 9 comes before 10; the rest byte by byte. */
static int compare_naturally(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        size_t digits_a, digits_b;

        if (!pm_is_digit(*a) || !pm_is_digit(*b)) {
            if (*a != *b)
                return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++;
            b++;
            continue;
        }
        a += strspn(a, "0");
        b += strspn(b, "0");
        digits_a = strspn(a, "0123456789");
        digits_b = strspn(b, "0123456789");
        if (digits_a != digits_b)
            return digits_a < digits_b ? -1 : 1;
        for (; digits_a > 0; digits_a--, a++, b++)
            if (*a != *b)
                return *a < *b ? -1 : 1;
    }
    return (*a != '\0') - (*b != '\0');
}

static int compare_entries(const void *a, const void *b)
{
    const entry *one = a, *other = b;
    int order = compare_naturally(one->name, other->name);

    return order != 0 ? order : strcmp(one->name, other->name);
}

static bool add_entry(maildir *into, const char *folder, const char *name)
{
    if (into->count == into->room) {
        size_t room = into->room == 0 ? 64 : into->room * 2;
        entry *moved = reallocarray(into->entries, room, sizeof(*moved));

        if (moved == NULL)
            return false;
        into->entries = moved;
        into->room = room;
    }
    into->entries[into->count] = (entry){strdup(name), folder};
    return into->entries[into->count++].name != NULL;
}

/* The names in one of the two folders. False after an error was added. */
static bool list(maildir *into, const char *folder)
{
    pm_strbuf path;
    DIR *opened = NULL;
    struct dirent *file;
    bool listed = true;

    pm_strbuf_init(&path, PATH_MAX);
    pm_strbuf_printf(&path, "%s/%s", into->path, folder);
    if (!path.failed)
        opened = opendir(path.data);
    if (opened == NULL) {
        pm_error_at(into->errors, into->path, 0, 0, "its folder %s cannot be read: %s", folder,
                    strerror(errno));
        pm_strbuf_free(&path);
        return false;
    }
    while (listed && (file = readdir(opened)) != NULL)
        listed = file->d_name[0] == '.' || add_entry(into, folder, file->d_name);
    if (!listed)
        pm_error_at(into->errors, into->path, 0, 0, "there is no memory left for its file names");
    closedir(opened);
    pm_strbuf_free(&path);
    return listed;
}

/* All of the file up to the limit; false with errno set, 0 when it is no file of mail. */
static bool read_file(int fd, pm_strbuf *into)
{
    char piece[64 * 1024];
    struct stat about;
    ssize_t got;

    errno = 0;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    while (into->len < PM_MOST_OF_ONE_MAIL && (got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            pm_strbuf_add(into, (pm_slice){piece, (size_t)got});
    }
    return true;
}

static pm_status maildir_next(void *state, pm_mail *mail_out)
{
    maildir *from = state;

    while (from->at < from->count) {
        const entry *file = &from->entries[from->at++];
        bool done;
        int fd;

        pm_strbuf_clear(&from->bytes);
        pm_strbuf_clear(&from->origin);
        pm_strbuf_printf(&from->origin, "%s/%s/%s", from->path, file->folder, file->name);
        if (from->origin.failed)
            continue;
        /* Not to wait for whoever would write to a pipe that lies here. */
        fd = open(from->origin.data, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        done = fd >= 0 && read_file(fd, &from->bytes);
        if (!done && errno != 0 && errno != ENOENT) {
            pm_error_at(from->errors, from->origin.data, 0, 0, "cannot be read: %s",
                        strerror(errno));
            if (fd >= 0)
                close(fd);
            return PM_FAULT;
        }
        if (fd >= 0)
            close(fd);
        if (!done)
            continue;
        mail_out->bytes = pm_strbuf_slice(&from->bytes);
        mail_out->origin = from->origin.data;
        return PM_OK;
    }
    return PM_ABSENT;
}

static double maildir_progress(const void *state)
{
    const maildir *from = state;

    return from->count == 0 ? 1 : (double)from->at / (double)from->count;
}

static void maildir_close(void *state)
{
    maildir *from = state;

    for (size_t i = 0; i < from->count; i++)
        free(from->entries[i].name);
    free(from->entries);
    pm_strbuf_free(&from->bytes);
    pm_strbuf_free(&from->origin);
    free(from->path);
    free(from);
}

const pm_source_kind pm_maildir_kind = {maildir_next, maildir_progress, maildir_close};

bool pm_is_maildir(const char *path)
{
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        struct stat about;
        pm_strbuf folder;
        bool is;

        pm_strbuf_init(&folder, PATH_MAX);
        pm_strbuf_printf(&folder, "%s/%s", path, folders[i]);
        is = !folder.failed && stat(folder.data, &about) == 0 && S_ISDIR(about.st_mode);
        pm_strbuf_free(&folder);
        if (!is)
            return false;
    }
    return true;
}

void *pm_maildir_open(const char *path, pm_errors *errors)
{
    maildir *opened = calloc(1, sizeof(*opened));

    if (opened != NULL)
        opened->path = strdup(path);
    if (opened == NULL || opened->path == NULL) {
        pm_error_at(errors, path, 0, 0, "there is no memory left to read it");
        free(opened);
        return NULL;
    }
    opened->errors = errors;
    pm_strbuf_init(&opened->bytes, PM_MOST_OF_ONE_MAIL * 2);
    pm_strbuf_init(&opened->origin, PATH_MAX);
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        if (!list(opened, folders[i])) {
            maildir_close(opened);
            return NULL;
        }
    }
    if (opened->count > 0)
        qsort(opened->entries, opened->count, sizeof(entry), compare_entries);
    return opened;
}
