/* SPDX-License-Identifier: BSD-2-Clause */
/* endpoint_test - every spelling of a milter's socket, and what each MTA has to be told. */
#include "endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define QUEUE "/var/spool/postfix"

static void expect(const char *text, const char *what, const char *got, const char *wanted)
{
    if (strcmp(got, wanted) != 0)
        fail_msg("\"%s\" as %s: \"%s\" instead of \"%s\"", text, what, got, wanted);
}

static pm_endpoint parsed(const char *text)
{
    pm_errors *errors = pm_errors_new();
    pm_endpoint endpoint;

    if (!pm_endpoint_parse(text, "test.conf", &endpoint, errors))
        fail_msg("\"%s\": %s", text, pm_errors_nth(errors, 0));
    assert_int_equal(pm_errors_count(errors), 0);
    pm_errors_free(errors);
    return endpoint;
}

/* The socket within the line for main.cf; empty when there is no line. */
static void print_postfix(const pm_endpoint *endpoint, const char *queue_directory,
                          char text_out[PM_ENDPOINT_TEXT])
{
    char line[PM_ENDPOINT_TEXT];

    text_out[0] = '\0';
    pm_endpoint_main_cf(endpoint, queue_directory, line);
    (void)sscanf(line, "smtpd_milters = { %511[^,],", text_out); /* PM_ENDPOINT_TEXT - 1 */
}

static void each_spelling_is_read_and_printed_in_both_tongues(void **state)
{
    static const struct {
        const char *written, *libmilter, *postfix;
    } cases[] = {
        {"unix:/run/pm/pm.sock", "local:/run/pm/pm.sock", "unix:/run/pm/pm.sock"},
        {"local:/run/pm/pm.sock", "local:/run/pm/pm.sock", "unix:/run/pm/pm.sock"},
        {"/run/pm/pm.sock", "local:/run/pm/pm.sock", "unix:/run/pm/pm.sock"},
        {"UNIX:/run/pm/pm.sock", "local:/run/pm/pm.sock", "unix:/run/pm/pm.sock"},
        {"unix:/run/a:b@c", "local:/run/a:b@c", "unix:/run/a:b@c"},
        {"unix:" QUEUE "/pm/pm.sock", "local:" QUEUE "/pm/pm.sock", "unix:pm/pm.sock"},
        {"unix:" QUEUE "2/pm.sock", "local:" QUEUE "2/pm.sock", "unix:" QUEUE "2/pm.sock"},
        {"inet:127.0.0.1:8891", "inet:8891@127.0.0.1", "inet:127.0.0.1:8891"},
        {"inet:8891@127.0.0.1", "inet:8891@127.0.0.1", "inet:127.0.0.1:8891"},
        {"inet:8891@[127.0.0.1]", "inet:8891@127.0.0.1", "inet:127.0.0.1:8891"},
        {"inet:localhost:8891", "inet:8891@localhost", "inet:localhost:8891"},
        {"inet:mx-1.example.org:1", "inet:1@mx-1.example.org", "inet:mx-1.example.org:1"},
        {"inet:0.0.0.0:65535", "inet:65535@0.0.0.0", "inet:127.0.0.1:65535"},
        {"inet:[::1]:8891", "inet6:8891@::1", "inet:[::1]:8891"},
        {"inet6:[::1]:8891", "inet6:8891@::1", "inet:[::1]:8891"},
        {"inet6:8891@::1", "inet6:8891@::1", "inet:[::1]:8891"},
        {"inet6:8891@[2001:db8::7]", "inet6:8891@2001:db8::7", "inet:[2001:db8::7]:8891"},
        {"inet6:8891@::", "inet6:8891@::", "inet:[::1]:8891"},
        {"inet6:8891@localhost", "inet6:8891@localhost", "inet:[localhost]:8891"},
        {"fd:3", "fd:3", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        pm_endpoint endpoint = parsed(cases[i].written);
        char text[PM_ENDPOINT_TEXT];

        pm_endpoint_print_libmilter(&endpoint, text);
        expect(cases[i].written, "libmilter's", text, cases[i].libmilter);
        print_postfix(&endpoint, QUEUE, text);
        expect(cases[i].written, "Postfix's", text, cases[i].postfix);
    }
}

static void what_is_printed_is_read_back_as_the_same(void **state)
{
    static const char *const written[] = {"unix:/run/pm.sock", "inet:127.0.0.1:8891",
                                          "inet:[2001:db8::7]:25", "inet6:8891@::1"};

    (void)state;
    for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++) {
        pm_endpoint first = parsed(written[i]), again;
        char text[PM_ENDPOINT_TEXT];

        pm_endpoint_print_libmilter(&first, text);
        again = parsed(text);
        assert_memory_equal(&first, &again, sizeof(first));
        print_postfix(&first, NULL, text);
        again = parsed(text);
        assert_memory_equal(&first, &again, sizeof(first));
    }
}

static void what_cannot_be_a_socket_is_refused_with_the_way_out(void **state)
{
    static const struct {
        const char *written, *way_out; /* a part of the sentence */
    } cases[] = {
        {"", "write unix:/path"},
        {"tcp:127.0.0.1:8891", "write unix:/path, inet:host:port"},
        {"unix:", "must begin with \"/\""},
        {"unix:patchmark/patchmark.sock", "Postfix counts from its queue directory"},
        {"unix:/run/patchmark/", "add the socket's own name"},
        {"unix:/0123456789012345678901234567890123456789012345678901234567890123456789"
         "0123456789012345678901234567890123456",
         "108 bytes are too long"},
        {"inet:8891", "write inet:127.0.0.1:8891"},
        {"inet:@127.0.0.1", "a number from 1 to 65535"},
        {"inet:127.0.0.1:", "a number from 1 to 65535"},
        {"inet:127.0.0.1:0", "\"0\" is no port"},
        {"inet:127.0.0.1:65536", "\"65536\" is no port"},
        {"inet:127.0.0.1:smtp", "\"smtp\" is no port"},
        {"inet:8891@", "127.0.0.1 for this machine alone"},
        {"inet::8891", "127.0.0.1 for this machine alone"},
        {"inet:a b:8891", "neither a host's name nor an address"},
        {"inet:::1:8891", "write [::1]:8891"},
        {"inet6:::1:8891", "write [::1]:8891"},
        {"fd:", "the first one is fd:3"},
        {"fd:0", "the first one is fd:3"},
        {"fd:99999", "the first one is fd:3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        pm_errors *errors = pm_errors_new();
        pm_endpoint endpoint;
        const char *sentence;

        if (pm_endpoint_parse(cases[i].written, "test.conf", &endpoint, errors))
            fail_msg("\"%s\" is taken", cases[i].written);
        sentence = pm_errors_nth(errors, 0);
        assert_int_equal(pm_errors_count(errors), 1);
        if (strncmp(sentence, "test.conf: socket \"", 19) != 0 ||
            strstr(sentence, cases[i].way_out) == NULL)
            fail_msg("\"%s\": %s", cases[i].written, sentence);
        pm_errors_free(errors);
    }
}

static void both_mtas_are_told_to_let_mail_pass(void **state)
{
    pm_endpoint socket = parsed("unix:" QUEUE "/patchmark/patchmark.sock");
    pm_endpoint every = parsed("inet:0.0.0.0:8891");
    pm_endpoint handed_over = parsed("fd:3");
    char line[PM_ENDPOINT_TEXT];

    (void)state;
    pm_endpoint_main_cf(&socket, QUEUE, line);
    assert_string_equal(line,
                        "smtpd_milters = { unix:patchmark/patchmark.sock, default_action=accept }");
    pm_endpoint_main_cf(&every, QUEUE, line);
    assert_string_equal(line, "smtpd_milters = { inet:127.0.0.1:8891, default_action=accept }");
    pm_endpoint_sendmail_mc(&socket, line);
    assert_string_equal(line, "INPUT_MAIL_FILTER(`patchmark', `S=local:" QUEUE
                              "/patchmark/patchmark.sock')dnl");
    pm_endpoint_sendmail_mc(&every, line);
    assert_string_equal(line, "INPUT_MAIL_FILTER(`patchmark', `S=inet:8891@127.0.0.1')dnl");
    pm_endpoint_main_cf(&handed_over, QUEUE, line);
    assert_string_equal(line, "");
    pm_endpoint_sendmail_mc(&handed_over, line);
    assert_string_equal(line, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_spelling_is_read_and_printed_in_both_tongues),
        cmocka_unit_test(what_is_printed_is_read_back_as_the_same),
        cmocka_unit_test(what_cannot_be_a_socket_is_refused_with_the_way_out),
        cmocka_unit_test(both_mtas_are_told_to_let_mail_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
