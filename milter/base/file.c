/* SPDX-License-Identifier: BSD-2-Clause */
/* file - a whole file in memory; see file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* 0 when it is one that can be read whole. */
static int check(const struct stat *about, size_t most)
{
    if (S_ISDIR(about->st_mode))
        return EISDIR;
    if (!S_ISREG(about->st_mode))
        return EINVAL;
    return (uint64_t)about->st_size > most ? EFBIG : 0;
}

/* Up to size bytes: it may have become shorter meanwhile. */
static int read_all(int fd, char *bytes, size_t size, size_t *len_out)
{
    size_t len = 0;

    while (len < size) {
        const ssize_t got = read(fd, bytes + len, size - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    *len_out = len;
    return 0;
}

int pm_file_read(pm_arena *arena, const char *name, size_t most, pm_slice *bytes_out,
                 struct stat *about_out)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), wrong;
    char *bytes = NULL;
    size_t len = 0;

    if (fd < 0)
        return errno;
    wrong = fstat(fd, about_out) == 0 ? check(about_out, most) : errno;
    if (wrong == 0) {
        bytes = pm_alloc(arena, (size_t)about_out->st_size);
        wrong = bytes == NULL ? ENOMEM : read_all(fd, bytes, (size_t)about_out->st_size, &len);
    }
    close(fd);
    if (wrong == 0)
        *bytes_out = (pm_slice){bytes, len};
    return wrong;
}
