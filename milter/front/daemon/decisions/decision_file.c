/* SPDX-License-Identifier: BSD-2-Clause */
/* decision_file - the file that decisions are written to; see decision_file.h. */
#include "decision_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void pm_decision_file_init(pm_decision_file *file, const char *folder)
{
    *file = (pm_decision_file){.folder = folder, .fd = -1};
}

void pm_decision_file_close(pm_decision_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static uint64_t size_of(const pm_decision_file *file)
{
    struct stat there;

    return fstat(file->fd, &there) == 0 && S_ISREG(there.st_mode) ? (uint64_t)there.st_size : 0;
}

/* Readable, too: to see how it ends, and what others have added. */
pm_status pm_decision_file_open(pm_decision_file *file)
{
    char name[PM_DECISION_LOG_NAME], last = '\n';

    if (file->fd >= 0)
        return PM_OK;
    if (!pm_decision_log_name(file->folder, 0, name)) {
        errno = ENAMETOOLONG;
        return PM_FAULT;
    }
    file->fd = open(name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file->fd < 0)
        return PM_FAULT;
    file->size = size_of(file);
    file->torn =
        file->size > 0 && pread(file->fd, &last, 1, (off_t)file->size - 1) == 1 && last != '\n';
    return PM_OK;
}

void pm_decision_file_foreign(pm_decision_file *file, pm_decision_line_fn call, void *context)
{
    const uint64_t end = file->fd < 0 ? 0 : size_of(file);
    const size_t size = end <= file->size                             ? 0
                        : end - file->size > PM_DECISION_LINE_LONGEST ? PM_DECISION_LINE_LONGEST
                                                                      : (size_t)(end - file->size);
    char *bytes = size == 0 ? NULL : malloc(size);
    ssize_t got;

    if (bytes == NULL)
        return;
    got = pread(file->fd, bytes, size, (off_t)file->size);
    file->size = end;
    if (got > 0)
        for (pm_slice rest = {bytes, (size_t)got}, line; pm_slice_next_line(&rest, &line);)
            if (!call(context, line))
                break;
    free(bytes);
}

/* ---- Writing ---- */

static void turn_away(pm_decision_file *file, unsigned keep)
{
    char name[PM_DECISION_LOG_NAME], before[PM_DECISION_LOG_NAME];

    pm_decision_file_close(file);
    for (unsigned nth = PM_DECISION_LOGS_MOST; nth > keep; nth--)
        if (pm_decision_log_name(file->folder, nth, name))
            (void)unlink(name); /* most are not there */
    for (unsigned nth = keep; nth > 0; nth--)
        if (pm_decision_log_name(file->folder, nth, name) &&
            pm_decision_log_name(file->folder, nth - 1, before))
            (void)rename(before, name); /* not all are there; one that stays only grows */
    if (keep == 0 && pm_decision_log_name(file->folder, 0, name))
        (void)unlink(name);
}

/* How much of lines fits in so much room: whole ones. */
static size_t fitting(pm_slice lines, uint64_t room)
{
    size_t end;

    if (lines.len <= room)
        return lines.len;
    end = pm_slice_find_last(pm_slice_cut(lines, 0, (size_t)room), PM_LIT("\n"));
    return end == PM_NOWHERE ? 0 : end + 1;
}

static size_t first_line(pm_slice lines)
{
    const size_t end = pm_slice_find_byte(lines, '\n');

    return end == PM_NOWHERE ? lines.len : end + 1;
}

static pm_status write_bytes(pm_decision_file *file, pm_slice bytes)
{
    ssize_t wrote;

    if (file->torn && write(file->fd, "\n", 1) == 1) {
        file->torn = false;
        file->size++;
    }
    wrote = write(file->fd, bytes.data, bytes.len);
    if (wrote > 0) {
        file->torn = bytes.data[wrote - 1] != '\n';
        file->size += (uint64_t)wrote;
    }
    if (wrote == (ssize_t)bytes.len)
        return PM_OK;
    if (wrote >= 0)
        errno = ENOSPC;
    return PM_FAULT;
}

/* As much as the file has room for; once it was turned away, or could not be, one line at least. */
static pm_status write_some(pm_decision_file *file, pm_slice *lines, uint64_t size, unsigned keep)
{
    pm_status status = pm_decision_file_open(file);
    size_t part = fitting(*lines, file->size < size ? size - file->size : 0);

    if (status == PM_OK && part == 0 && file->size > 0) {
        turn_away(file, keep);
        status = pm_decision_file_open(file);
        part = fitting(*lines, file->size < size ? size - file->size : 0);
    }
    if (status != PM_OK)
        return status;
    if (part == 0)
        part = first_line(*lines);
    status = write_bytes(file, pm_slice_cut(*lines, 0, part));
    *lines = pm_slice_after(*lines, part);
    return status;
}

pm_status pm_decision_file_write(pm_decision_file *file, pm_slice lines, uint64_t size,
                                 unsigned keep)
{
    pm_status status = PM_OK;

    while (lines.len > 0 && status == PM_OK)
        status = write_some(file, &lines, size, keep);
    return status;
}
