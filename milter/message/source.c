/* SPDX-License-Identifier: BSD-2-Clause */
/* source - where mail lies; see source.h. What a path is is settled here, the rest is each kind's.
 */
#include "source_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct pm_source {
    const pm_source_kind *kind;
    void *state;
    pm_mail first; /* read ahead at open, to know that there is one */
    bool first_held;
    bool ended;
};

static void *open_folder(const char *path, pm_errors *errors, const pm_source_kind **kind_out)
{
    if (pm_is_maildir(path)) {
        *kind_out = &pm_maildir_kind;
        return pm_maildir_open(path, errors);
    }
    if (pm_is_public_inbox(path)) {
        *kind_out = &pm_public_inbox_kind;
        return pm_public_inbox_open(path, errors);
    }
    pm_error_at(
        errors, path, 0, 0,
        "this folder is neither a Maildir nor a public-inbox archive (name the files in it)");
    return NULL;
}

static void *open_state(const char *path, pm_errors *errors, const pm_source_kind **kind_out)
{
    struct stat about;
    int fd;

    *kind_out = &pm_mbox_kind;
    if (strcmp(path, "-") == 0)
        return pm_mbox_open(STDIN_FILENO, "standard input", errors);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &about) != 0) {
        pm_error_at(errors, path, 0, 0, "cannot be read: %s (%s)", strerror(errno),
                    errno == ENOENT ? "is the name right?" : "may this user read it?");
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (!S_ISDIR(about.st_mode))
        return pm_mbox_open(fd, path, errors);
    close(fd);
    return open_folder(path, errors, kind_out);
}

pm_source *pm_source_open(const char *path, pm_errors *errors)
{
    pm_source *source = calloc(1, sizeof(*source));
    pm_status status;

    if (source == NULL) {
        pm_error_at(errors, path, 0, 0, "there is no memory left to read it");
        return NULL;
    }
    source->state = open_state(path, errors, &source->kind);
    if (source->state == NULL) {
        free(source);
        return NULL;
    }
    status = source->kind->next(source->state, &source->first);
    source->first_held = true;
    if (status == PM_OK)
        return source;
    if (status == PM_ABSENT)
        pm_error_at(errors, path, 0, 0, "there is no mail in it");
    pm_source_close(source);
    return NULL;
}

void pm_source_close(pm_source *source)
{
    if (source == NULL)
        return;
    source->kind->close(source->state);
    free(source);
}

pm_status pm_source_next(pm_source *source, pm_mail *mail_out)
{
    pm_status status;

    if (source->ended)
        return PM_ABSENT;
    if (source->first_held) {
        source->first_held = false;
        *mail_out = source->first;
        return PM_OK;
    }
    status = source->kind->next(source->state, mail_out);
    source->ended = status != PM_OK;
    return status;
}

double pm_source_progress(const pm_source *source)
{
    if (source->first_held)
        return 0;
    return source->kind->progress(source->state);
}
