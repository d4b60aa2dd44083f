/* SPDX-License-Identifier: BSD-2-Clause */
/* notify - tell who started us how we are; see notify.h. */
#include "notify.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

void pm_notify(const char *state)
{
    const struct timeval patience = {.tv_sec = 1};
    const char *socket_name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = socket_name == NULL ? 0 : strlen(socket_name);
    int fd;

    if (len < 2 || len >= sizeof(address.sun_path))
        return;
    memcpy(address.sun_path, socket_name, len);
    if (address.sun_path[0] == '@') /* a name outside the file system */
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
        pm_log(PM_LEVEL_WARNING, "notify", "%s: %s", socket_name, strerror(errno));
    close(fd);
}

void pm_notify_reloading(void)
{
    char state[64];

    snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, pm_clock_us());
    pm_notify(state);
}
