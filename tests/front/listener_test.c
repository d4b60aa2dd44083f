/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listener_test - what is done to a socket that listens already.
 *
 * Claiming one, against other daemons, is tested with daemons: tests/mta.
 */
#include "listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPEN_ALREADY 500

static int listen_somewhere(void)
{
    const struct sockaddr_in anywhere = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&anywhere, sizeof(anywhere)), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static int answers_at_once(int fd)
{
    int yes = 0;
    socklen_t size = sizeof(yes);

    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, &size), 0);
    return yes;
}

/* Programs of the plugin exec take four descriptors each, before there is a socket. */
static void a_tcp_socket_answers_at_once_however_many_files_are_open(void **state)
{
    const pm_endpoint endpoint = {.kind = PM_ENDPOINT_INET};
    const pm_listener_access access = {.mode = 0660};
    int files[OPEN_ALREADY], fd;

    (void)state;
    for (size_t i = 0; i < OPEN_ALREADY; i++) {
        files[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(files[i] >= 0);
    }
    fd = listen_somewhere();
    assert_true(pm_listener_open(&endpoint, &access, "test.conf", NULL));
    assert_true(answers_at_once(fd));
    close(fd);
    for (size_t i = 0; i < OPEN_ALREADY; i++)
        close(files[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tcp_socket_answers_at_once_however_many_files_are_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
