/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * golden_test - what the command line says about the mails in mail/, whole, against mail/NAME.json.
 *
 *     golden_test             compare; every difference is printed
 *     golden_test --update    write what is said now, for `git diff` to be read with care
 *
 * Numbers with a fraction (weights, confidence) may differ by 0.01, so that tuning shows and
 * rounding does not. A new case is a new NAME.eml and --update.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <glob.h>
#include <jansson.h>
#include <math.h>

#define FOLDER "tests/golden/mail/"

/* ---- Comparing ---- */

static bool same(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;
    size_t index;

    if (json_is_real(a) && json_is_real(b))
        return fabs(json_real_value(a) - json_real_value(b)) <= 0.01;
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a)) {
        if (json_array_size(a) != json_array_size(b))
            return false;
        json_array_foreach(a, index,
                           value) if (!same(value, json_array_get(b, index))) return false;
        return true;
    }
    if (json_is_object(a)) {
        if (json_object_size(a) != json_object_size(b))
            return false;
        json_object_foreach((json_t *)(uintptr_t)a, key,
                            value) if (json_object_get(b, key) == NULL ||
                                       !same(value, json_object_get(b, key))) return false;
        return true;
    }
    return json_equal(a, b);
}

/* The confidence stands in Patchmark-Results as well: there it is looked at as a number. */
static json_t *without_confidence(json_t *object)
{
    json_t *headers = json_object_get(object, "headers"), *pair;
    size_t index;

    json_array_foreach(headers, index, pair)
    {
        const char *value = json_string_value(json_array_get(pair, 1));
        const char *found = value == NULL ? NULL : strstr(value, "; confidence=");
        char *copy;

        if (found == NULL)
            continue;
        copy = strdup(value);
        assert_non_null(copy);
        memmove(copy + (found - value), found + strlen("; confidence=0.00"),
                strlen(found + strlen("; confidence=0.00")) + 1);
        json_array_set_new(pair, 1, json_string(copy));
        free(copy);
    }
    return object;
}

static void print_member(const char *what, const json_t *value)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    print_error("    %s %s\n", what, text == NULL ? "nothing" : text);
    free(text);
}

/* Are the two the same? Prints each member that is not. */
static bool compare(const char *name, json_t *wanted, json_t *got)
{
    bool fine = true;
    const char *key;
    json_t *value;

    without_confidence(wanted);
    without_confidence(got);
    json_object_foreach(got, key, value)
    {
        const json_t *other = json_object_get(wanted, key);

        if (other != NULL && same(other, value))
            continue;
        print_error("%s: %s\n", name, key);
        print_member("wanted", other);
        print_member("got   ", value);
        fine = false;
    }
    if (json_object_size(wanted) > json_object_size(got)) {
        print_error("%s: members are missing\n", name);
        fine = false;
    }
    return fine;
}

/* ---- Asking patchmark ---- */

typedef struct cases {
    glob_t mails;
    FILE *answers; /* one line a mail */
} cases;

static void ask(cases *of)
{
    char *command;
    size_t length = 0;
    FILE *text = open_memstream(&command, &length);

    assert_int_equal(glob(FOLDER "*.eml", 0, NULL, &of->mails), 0);
    assert_non_null(text);
    fprintf(text, "'%s' classify --json -c '%s'", PATCHMARK, CONFIG);
    for (size_t i = 0; i < of->mails.gl_pathc; i++)
        fprintf(text, " '%s'", of->mails.gl_pathv[i]);
    fclose(text);
    of->answers = popen(command, "re");
    assert_non_null(of->answers);
    free(command);
}

static json_t *next_answer(cases *of)
{
    char *line = NULL;
    size_t room = 0;
    json_t *answer = NULL;

    if (getline(&line, &room, of->answers) > 0)
        answer = json_loads(line, 0, NULL);
    free(line);
    if (answer == NULL)
        fail_msg("patchmark gave fewer answers than there are mails");
    return answer;
}

/* mail/NAME.eml's answer is mail/NAME.json. */
static void answer_file(const char *mail, char *file, size_t size)
{
    snprintf(file, size, "%.*s.json", (int)(strlen(mail) - strlen(".eml")), mail);
}

static void every_mail_is_classified_as_it_was(void **state)
{
    cases of;
    size_t wrong = 0;
    char file[512];

    (void)state;
    ask(&of);
    for (size_t i = 0; i < of.mails.gl_pathc; i++) {
        json_t *got = next_answer(&of), *wanted;
        json_error_t error;

        answer_file(of.mails.gl_pathv[i], file, sizeof(file));
        wanted = json_load_file(file, 0, &error);
        if (wanted == NULL)
            print_error("%s:%d: %s (golden_test --update writes it)\n", file, error.line,
                        error.text);
        wrong += wanted == NULL || !compare(of.mails.gl_pathv[i], wanted, got);
        json_decref(wanted);
        json_decref(got);
    }
    assert_int_equal(fgetc(of.answers), EOF);
    assert_int_equal(pclose(of.answers), 0);
    globfree(&of.mails);
    if (wrong > 0)
        fail_msg("%zu mails are classified otherwise", wrong);
}

static void update(void **state)
{
    char file[512];
    cases of;

    (void)state;
    ask(&of);
    for (size_t i = 0; i < of.mails.gl_pathc; i++) {
        json_t *got = next_answer(&of);

        answer_file(of.mails.gl_pathv[i], file, sizeof(file));
        assert_int_equal(json_dump_file(got, file, JSON_INDENT(1) | JSON_REAL_PRECISION(4)), 0);
        json_decref(got);
    }
    pclose(of.answers);
    globfree(&of.mails);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest comparing[] = {
        cmocka_unit_test(every_mail_is_classified_as_it_was),
    };
    static const struct CMUnitTest updating[] = {
        cmocka_unit_test(update),
    };

    if (argc == 2 && strcmp(argv[1], "--update") == 0)
        return cmocka_run_group_tests_name("golden", updating, NULL, NULL);
    return cmocka_run_group_tests_name("golden", comparing, NULL, NULL);
}
