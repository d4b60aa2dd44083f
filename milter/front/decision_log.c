/* SPDX-License-Identifier: BSD-2-Clause */
/* decision_log - the files of the decision log; see decision_log.h. */
#include "decision_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool pm_decision_log_name(const char *folder, unsigned nth, char name[PM_DECISION_LOG_NAME])
{
    char end[16] = "";
    int length;

    if (nth > 0)
        snprintf(end, sizeof(end), ".%u", nth);
    length = snprintf(name, PM_DECISION_LOG_NAME, "%s/decisions.jsonl%s", folder, end);
    return length > 0 && length < PM_DECISION_LOG_NAME;
}

/* ---- Reading ---- */

typedef struct reading {
    pm_decision_line_fn call;
    void *context;
    pm_errors *errors;
    bool ended; /* nobody wants more */
} reading;

/* From an offset, which may be in the middle of a line: its rest is no line. */
static void read_lines(reading *to, FILE *file, uint64_t from)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t len;

    if (from > 0 &&
        (fseeko(file, (off_t)from - 1, SEEK_SET) != 0 || getline(&text, &room, file) < 0))
        to->ended = ferror(file) != 0;
    while (!to->ended && (len = getline(&text, &room, file)) >= 0) {
        pm_slice line = pm_slice_trim_end((pm_slice){text, (size_t)len});

        if (line.len > 0 && line.len <= PM_DECISION_LINE_LONGEST)
            to->ended = !to->call(to->context, line);
    }
    free(text);
}

static bool read_file(reading *to, const char *folder, unsigned nth, uint64_t from)
{
    char name[PM_DECISION_LOG_NAME];
    FILE *file;
    bool fine;

    if (!pm_decision_log_name(folder, nth, name))
        return true;
    file = fopen(name, "re");
    if (file == NULL && errno == ENOENT)
        return true; /* it was turned away meanwhile */
    if (file == NULL) {
        pm_error_at(to->errors, name, 0, 0, "cannot be read: %s", strerror(errno));
        return false;
    }
    read_lines(to, file, from);
    fine = ferror(file) == 0;
    if (!fine)
        pm_error_at(to->errors, name, 0, 0, "reading stopped: %s", strerror(errno));
    fclose(file);
    return fine;
}

/* Bytes; 0 when there is none, or nothing that could be read through. */
static uint64_t size_of(const char *folder, unsigned nth)
{
    char name[PM_DECISION_LOG_NAME];
    struct stat file;

    return pm_decision_log_name(folder, nth, name) && stat(name, &file) == 0 &&
                   S_ISREG(file.st_mode)
               ? (uint64_t)file.st_size
               : 0;
}

bool pm_decision_log_read(const char *folder, uint64_t newest_bytes, pm_decision_line_fn call,
                          void *context, pm_errors *errors)
{
    reading to = {.call = call, .context = context, .errors = errors};
    uint64_t wanted[PM_DECISION_LOGS_MOST + 1] = {0}, sizes[PM_DECISION_LOGS_MOST + 1] = {0};
    bool fine = true;

    for (unsigned nth = 0; nth <= PM_DECISION_LOGS_MOST && newest_bytes > 0; nth++) {
        sizes[nth] = size_of(folder, nth);
        wanted[nth] = sizes[nth] < newest_bytes ? sizes[nth] : newest_bytes;
        newest_bytes -= wanted[nth];
    }
    for (unsigned nth = PM_DECISION_LOGS_MOST + 1; nth-- > 0 && !to.ended;)
        if (wanted[nth] > 0 && !read_file(&to, folder, nth, sizes[nth] - wanted[nth]))
            fine = false;
    return fine;
}

/* ---- Adding ---- */

/* Root may correct what the daemon's user keeps: who is that user must not lead root to another
 * file by a link. */
static bool is_file_of_its_own(int fd)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return false;
    errno = EPERM;
    return S_ISREG(about.st_mode) && about.st_nlink == 1;
}

bool pm_decision_log_append(const char *folder, pm_slice lines, pm_errors *errors)
{
    char name[PM_DECISION_LOG_NAME];
    int fd;
    bool fine;

    if (!pm_decision_log_name(folder, 0, name))
        return true;
    fd = open(name, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return true;
    fine =
        fd >= 0 && is_file_of_its_own(fd) && write(fd, lines.data, lines.len) == (ssize_t)lines.len;
    if (!fine)
        pm_error_at(errors, name, 0, 0, "cannot be written: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return fine;
}
