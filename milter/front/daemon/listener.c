/* SPDX-License-Identifier: BSD-2-Clause */
/* listener - a place to listen at, taken from nobody; see listener.h. */
#include "listener.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define complain(...) (pm_error_at(errors, file, 0, 0, __VA_ARGS__), false)

/* ---- Unix sockets ---------------------------------------------------------------------------- */

/* "process 123" as its holder wrote it, for the error sentence. */
static void read_holder(int lock, char *holder, size_t size)
{
    ssize_t got = pread(lock, holder, size - 1, 0);

    holder[got < 0 ? 0 : got] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
}

/* In a folder where others may write, too, the lock could be another name of a file of ours that is
 * not to be emptied, or a file that its owner locks when he likes. */
static bool is_our_own(int lock)
{
    struct stat about;

    return fstat(lock, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() &&
           about.st_nlink == 1;
}

/* The descriptor stays open as long as the process lives, and is the lock. The file stays for good:
 * removing it would let two processes lock two files of one name. */
static bool take_lock(const char *path, const char *file, pm_errors *errors)
{
    char name[sizeof(((pm_endpoint *)0)->path) + sizeof(".lock")], holder[64];
    int lock;

    snprintf(name, sizeof(name), "%s.lock", path);
    lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 && errno == ENOENT)
        return complain("%s: its folder does not exist (make it, for the user patchmarkd runs as)",
                        path);
    if (lock < 0)
        return complain("%s: %s (patchmarkd must be able to write there)", name, strerror(errno));
    if (!is_our_own(lock)) {
        close(lock);
        return complain("%s: is there and is not patchmarkd's own (remove it, or give the socket a "
                        "folder where nobody else may write)",
                        name);
    }
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        read_holder(lock, holder, sizeof(holder));
        close(lock);
        return complain("%s: another patchmarkd listens there, %s (stop it, or give this one a "
                        "socket of its own)",
                        path, holder);
    }
    if (ftruncate(lock, 0) != 0 || dprintf(lock, "process %ld\n", (long)getpid()) < 0) {
        close(lock);
        return complain("%s: %s", name, strerror(errno));
    }
    return true;
}

/* 0 when somebody answers at path, else errno. */
static int knock(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int why = 0;

    if (fd < 0)
        return errno;
    memcpy(address.sun_path, path, strlen(path));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        why = errno;
    close(fd);
    return why == EAGAIN ? 0 : why; /* EAGAIN: somebody who is busy */
}

static bool claim_unix(const pm_endpoint *endpoint, const char *file, pm_errors *errors)
{
    const char *path = endpoint->path;
    struct stat there;
    int why;

    if (!take_lock(path, file, errors))
        return false;
    if (lstat(path, &there) != 0)
        return errno == ENOENT ? true : complain("%s: %s", path, strerror(errno));
    if (!S_ISSOCK(there.st_mode))
        return complain("%s: is there and is no socket (remove it, or choose another name)", path);
    why = knock(path);
    /* Ours, and nobody may connect: it was made by one that was killed before it set the mode. */
    if (why == EACCES && there.st_uid == geteuid() && (there.st_mode & 0777) == 0)
        why = ECONNREFUSED;
    if (why == 0)
        return complain("%s: another program listens there (stop it, or give patchmarkd a socket "
                        "of its own)",
                        path);
    if (why != ECONNREFUSED)
        return complain("%s: is somebody listening? %s (if nobody is, remove it)", path,
                        strerror(why));
    if (unlink(path) != 0)
        return complain("%s: is left over and cannot be removed: %s", path, strerror(errno));
    return true;
}

static bool share_unix(const pm_endpoint *endpoint, const pm_listener_access *access,
                       const char *file, pm_errors *errors)
{
    gid_t group;

    if (access->group != NULL && !pm_endpoint_group(access->group, file, &group, errors))
        return false;
    if (access->group != NULL && lchown(endpoint->path, (uid_t)-1, group) != 0)
        return complain("socket-group \"%s\": %s (the user patchmarkd runs as must belong to it)",
                        access->group, strerror(errno));
    if (chmod(endpoint->path, access->mode) != 0)
        return complain("%s: %s", endpoint->path, strerror(errno));
    return true;
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static bool try_to_bind(const struct addrinfo *address, const pm_endpoint *endpoint,
                        const char *file, pm_errors *errors)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1, why = 0;

    if (fd < 0)
        return complain("%s: %s", endpoint->host, strerror(errno));
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0)
        why = errno;
    close(fd);
    if (why == EADDRINUSE)
        return complain("port %u of %s: another program listens there (stop it, or choose another "
                        "port)",
                        endpoint->port, endpoint->host);
    if (why == EACCES)
        return complain("port %u of %s: only root may listen there (choose one above 1023)",
                        endpoint->port, endpoint->host);
    if (why != 0)
        return complain("port %u of %s: %s", endpoint->port, endpoint->host, strerror(why));
    return true;
}

static bool claim_inet(const pm_endpoint *endpoint, const char *file, pm_errors *errors)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[16];
    bool free;
    int why;

    hints.ai_family = endpoint->kind == PM_ENDPOINT_INET ? AF_INET : AF_INET6;
    snprintf(port, sizeof(port), "%u", endpoint->port);
    why = getaddrinfo(endpoint->host, port, &hints, &found);
    if (why != 0)
        return complain("socket: %s: %s (name a host or an address of this machine)",
                        endpoint->host, gai_strerror(why));
    free = try_to_bind(found, endpoint, file, errors);
    freeaddrinfo(found);
    return free;
}

/* What is accepted from a listening socket inherits this from it. What is not TCP refuses it. */
static void answer_without_delay(int fd)
{
    int listens = 0, yes = 1;
    socklen_t size = sizeof(listens);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

/* libmilter keeps its descriptor to itself, so it is looked for. Plugins may have opened hundreds
 * before it. */
static void all_answer_without_delay(void)
{
    DIR *ours = opendir("/proc/self/fd");
    const struct dirent *entry;

    while (ours != NULL && (entry = readdir(ours)) != NULL)
        if (pm_is_digit(entry->d_name[0]))
            answer_without_delay(atoi(entry->d_name));
    if (ours != NULL)
        closedir(ours);
}

/* ---- All kinds ------------------------------------------------------------------------------- */

static bool claim_fd(const pm_endpoint *endpoint, const char *file, pm_errors *errors)
{
    int listens = 0;
    socklen_t size = sizeof(listens);

    if (getsockopt((int)endpoint->fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
        listens == 0)
        return complain("fd:%u: nobody handed over a listening socket (systemd does, for a socket "
                        "unit; otherwise write unix:/path)",
                        endpoint->fd);
    return true;
}

bool pm_listener_claim(const pm_endpoint *endpoint, const char *file, pm_errors *errors)
{
    switch (endpoint->kind) {
    case PM_ENDPOINT_UNIX:
        return claim_unix(endpoint, file, errors);
    case PM_ENDPOINT_INET:
    case PM_ENDPOINT_INET6:
        return claim_inet(endpoint, file, errors);
    case PM_ENDPOINT_FD:
        return claim_fd(endpoint, file, errors);
    }
    return false;
}

bool pm_listener_open(const pm_endpoint *endpoint, const pm_listener_access *access,
                      const char *file, pm_errors *errors)
{
    if (endpoint->kind != PM_ENDPOINT_UNIX) {
        all_answer_without_delay();
        return true;
    }
    if (share_unix(endpoint, access, file, errors))
        return true;
    pm_listener_remove(endpoint); /* with its mode of 0 even we could not tell whose it is */
    return false;
}

void pm_listener_remove(const pm_endpoint *endpoint)
{
    if (endpoint->kind == PM_ENDPOINT_UNIX)
        (void)unlink(endpoint->path); /* libmilter may have done so */
}
