/* SPDX-License-Identifier: BSD-2-Clause */
/* endpoint - where a milter listens, in every spelling; see endpoint.h. */
#include "endpoint.h"

#include <grp.h>
#include <stdio.h>
#include <sys/un.h>

_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) <= sizeof(((pm_endpoint *)0)->path),
               "a path that fits a socket address fits an endpoint");

/* Who is being told, about what. */
typedef struct place {
    const char *text, *file;
    pm_errors *errors;
} place;

#define complain(at, sentence, ...)                                                                \
    (pm_error_at((at)->errors, (at)->file, 0, 0, "socket \"%s\": " sentence, (at)->text,           \
                 ##__VA_ARGS__),                                                                   \
     false)

static bool parse_unix(const place *at, pm_slice path, pm_endpoint *endpoint)
{
    size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

    endpoint->kind = PM_ENDPOINT_UNIX;
    if (path.len == 0 || path.data[0] != '/')
        return complain(at, "the path must begin with \"/\" (write unix:/run/patchmark/"
                            "patchmark.sock; only Postfix counts from its queue directory)");
    if (path.data[path.len - 1] == '/')
        return complain(at, "that is a folder (add the socket's own name)");
    if (path.len > most)
        return complain(at, "%zu bytes are too long for a socket's path (the system takes %zu)",
                        path.len, most);
    memcpy(endpoint->path, path.data, path.len);
    return true;
}

static bool parse_port(const place *at, pm_slice text, unsigned *port_out)
{
    int64_t port;

    if (pm_slice_to_int(text, &port) != PM_OK || port < 1 || port > 65535)
        return complain(at,
                        "\"%.*s\" is no port (a number from 1 to 65535; write "
                        "inet:host:port or inet:port@host)",
                        PM_FMT(text));
    *port_out = (unsigned)port;
    return true;
}

static bool parse_host(const place *at, pm_slice host, pm_endpoint *endpoint)
{
    bool bracketed = host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';

    if (bracketed)
        host = pm_slice_cut(host, 1, host.len - 1);
    if (host.len == 0)
        return complain(at, "which address? (127.0.0.1 for this machine alone, 0.0.0.0 for every "
                            "network it is on)");
    if (host.len >= sizeof(endpoint->host))
        return complain(at, "a host's name has at most %zu bytes", sizeof(endpoint->host) - 1);
    for (size_t i = 0; i < host.len; i++) {
        char c = host.data[i];
        if (!pm_is_alpha(c) && !pm_is_digit(c) && strchr(".-_:%", c) == NULL)
            return complain(at, "\"%.*s\" is neither a host's name nor an address", PM_FMT(host));
    }
    if (pm_slice_find_byte(host, ':') != PM_NOWHERE)
        endpoint->kind = PM_ENDPOINT_INET6;
    memcpy(endpoint->host, host.data, host.len);
    return true;
}

static bool parse_inet(const place *at, pm_slice rest, pm_endpoint *endpoint)
{
    size_t sign = pm_slice_find_byte(rest, '@');
    size_t colon = pm_slice_find_last(rest, PM_LIT(":"));
    pm_slice host;

    if (sign != PM_NOWHERE)
        return parse_port(at, pm_slice_cut(rest, 0, sign), &endpoint->port) &&
               parse_host(at, pm_slice_after(rest, sign + 1), endpoint);
    if (colon == PM_NOWHERE)
        return complain(at, "a host and a port are needed (write inet:127.0.0.1:8891, or "
                            "inet:0.0.0.0:8891 for every network)");
    host = pm_slice_cut(rest, 0, colon);
    if (pm_slice_find_byte(host, ':') != PM_NOWHERE && host.data[0] != '[')
        return complain(at, "where does the address end? (write [%.*s]:%.*s)", PM_FMT(host),
                        PM_FMT(pm_slice_after(rest, colon + 1)));
    return parse_host(at, host, endpoint) &&
           parse_port(at, pm_slice_after(rest, colon + 1), &endpoint->port);
}

static bool parse_inet4(const place *at, pm_slice rest, pm_endpoint *endpoint)
{
    endpoint->kind = PM_ENDPOINT_INET;
    return parse_inet(at, rest, endpoint);
}

static bool parse_inet6(const place *at, pm_slice rest, pm_endpoint *endpoint)
{
    endpoint->kind = PM_ENDPOINT_INET6;
    return parse_inet(at, rest, endpoint);
}

static bool parse_fd(const place *at, pm_slice rest, pm_endpoint *endpoint)
{
    int64_t fd;

    endpoint->kind = PM_ENDPOINT_FD;
    if (pm_slice_to_int(rest, &fd) != PM_OK || fd < 3 || fd > 1023)
        return complain(at, "\"%.*s\" is no descriptor systemd hands over (the first one is fd:3)",
                        PM_FMT(rest));
    endpoint->fd = (unsigned)fd;
    return true;
}

static const struct {
    pm_slice prefix;
    bool (*parse)(const place *at, pm_slice rest, pm_endpoint *endpoint);
} kinds[] = {
    {{"unix:", 5}, parse_unix},   {{"local:", 6}, parse_unix}, {{"inet:", 5}, parse_inet4},
    {{"inet6:", 6}, parse_inet6}, {{"fd:", 3}, parse_fd},
};

bool pm_endpoint_parse(const char *text, const char *file, pm_endpoint *endpoint_out,
                       pm_errors *errors)
{
    place at = {text, file, errors};
    pm_slice whole = pm_slice_of(text);

    memset(endpoint_out, 0, sizeof(*endpoint_out));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (pm_slice_starts_nocase(whole, kinds[i].prefix))
            return kinds[i].parse(&at, pm_slice_after(whole, kinds[i].prefix.len), endpoint_out);
    }
    if (whole.len > 0 && whole.data[0] == '/')
        return parse_unix(&at, whole, endpoint_out);
    return complain(&at, "no such kind of socket (write unix:/path, inet:host:port or "
                         "inet:port@host)");
}

void pm_endpoint_print_libmilter(const pm_endpoint *endpoint, char text_out[PM_ENDPOINT_TEXT])
{
    switch (endpoint->kind) {
    case PM_ENDPOINT_UNIX:
        snprintf(text_out, PM_ENDPOINT_TEXT, "local:%s", endpoint->path);
        break;
    case PM_ENDPOINT_INET:
        snprintf(text_out, PM_ENDPOINT_TEXT, "inet:%u@%s", endpoint->port, endpoint->host);
        break;
    case PM_ENDPOINT_INET6:
        snprintf(text_out, PM_ENDPOINT_TEXT, "inet6:%u@%s", endpoint->port, endpoint->host);
        break;
    case PM_ENDPOINT_FD:
        snprintf(text_out, PM_ENDPOINT_TEXT, "fd:%u", endpoint->fd);
        break;
    }
}

/* Whom to call: nobody connects to "every address". */
static const char *callee(const char *host)
{
    if (strcmp(host, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(host, "::") == 0 ? "::1" : host;
}

/* path seen from inside folder, or path itself. */
static const char *seen_from(const char *folder, const char *path)
{
    size_t len = folder == NULL ? 0 : strlen(folder);

    while (len > 0 && folder[len - 1] == '/')
        len--;
    if (len == 0 || strncmp(path, folder, len) != 0 || path[len] != '/')
        return path;
    return path + len + strspn(path + len, "/");
}

/* unix:/path, inet:host:port, as Postfix reads it. A path under queue_directory is written relative
 * to it: then it is right for an smtpd in a chroot and for one that is not. */
static void print_postfix(const pm_endpoint *endpoint, const char *queue_directory,
                          char text_out[PM_ENDPOINT_TEXT])
{
    switch (endpoint->kind) {
    case PM_ENDPOINT_UNIX:
        snprintf(text_out, PM_ENDPOINT_TEXT, "unix:%s", seen_from(queue_directory, endpoint->path));
        break;
    case PM_ENDPOINT_INET:
        snprintf(text_out, PM_ENDPOINT_TEXT, "inet:%s:%u", callee(endpoint->host), endpoint->port);
        break;
    case PM_ENDPOINT_INET6:
        snprintf(text_out, PM_ENDPOINT_TEXT, "inet:[%s]:%u", callee(endpoint->host),
                 endpoint->port);
        break;
    case PM_ENDPOINT_FD:
        text_out[0] = '\0';
        break;
    }
}

bool pm_endpoint_group(const char *name, const char *file, gid_t *group_out, pm_errors *errors)
{
    const struct group *group = getgrnam(name);

    if (group == NULL) {
        pm_error_at(errors, file, 0, 0,
                    "socket-group \"%s\": there is no such group (name the one the mail server "
                    "runs in, for instance postfix)",
                    name);
        return false;
    }
    *group_out = group->gr_gid;
    return true;
}

void pm_endpoint_main_cf(const pm_endpoint *endpoint, const char *queue_directory,
                         char line_out[PM_ENDPOINT_TEXT])
{
    char socket[PM_ENDPOINT_TEXT];

    print_postfix(endpoint, queue_directory, socket);
    line_out[0] = '\0';
    if (socket[0] != '\0')
        snprintf(line_out, PM_ENDPOINT_TEXT, "smtpd_milters = { %.400s, default_action=accept }",
                 socket);
}

void pm_endpoint_sendmail_mc(const pm_endpoint *endpoint, char line_out[PM_ENDPOINT_TEXT])
{
    pm_endpoint called = *endpoint;
    char socket[PM_ENDPOINT_TEXT];

    line_out[0] = '\0';
    if (endpoint->kind == PM_ENDPOINT_FD)
        return;
    snprintf(called.host, sizeof(called.host), "%s", callee(endpoint->host));
    pm_endpoint_print_libmilter(&called, socket);
    /* No F= flag: mail passes when the filter is away. */
    snprintf(line_out, PM_ENDPOINT_TEXT, "INPUT_MAIL_FILTER(`patchmark', `S=%.400s')dnl", socket);
}
