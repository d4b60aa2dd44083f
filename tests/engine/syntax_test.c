/* SPDX-License-Identifier: BSD-2-Clause */
/* syntax_test - the small language: what it reads, and what it says about what it cannot read. */
#include "syntax.h"

#include "folder.h"
#include "strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

/* ---- A tree as one line of text ---- */

static void print_token(pm_strbuf *into, const pm_token *token)
{
    switch (token->type) {
    case PM_TOKEN_WORD:
    case PM_TOKEN_OPERATOR:
        pm_strbuf_add(into, token->text);
        break;
    case PM_TOKEN_STRING:
        pm_strbuf_printf(into, "'%.*s'", PM_FMT(token->text));
        break;
    case PM_TOKEN_PATTERN:
        pm_strbuf_printf(into, "<%.*s|%.*s>", PM_FMT(token->text), PM_FMT(token->flags));
        break;
    }
}

static void print_statements(pm_strbuf *into, const pm_statement *at)
{
    for (; at != NULL; at = at->next) {
        print_token(into, &at->word);
        for (size_t i = 0; i < at->count; i++) {
            pm_strbuf_add_byte(into, ' ');
            print_token(into, &at->values[i]);
        }
        if (at->has_block) {
            pm_strbuf_add_text(into, " [");
            print_statements(into, at->children);
            pm_strbuf_add_byte(into, ']');
        }
        if (at->next != NULL)
            pm_strbuf_add_text(into, "; ");
    }
}

typedef struct bench {
    pm_arena *arena;
    pm_errors *errors;
    pm_statement *statements;
    pm_status status;
    pm_strbuf text;
} bench;

static bench parsed(pm_slice text)
{
    bench made = {.arena = pm_arena_new(1 << 26), .errors = pm_errors_new()};

    made.status = pm_syntax_parse(made.arena, "test.conf", text, made.errors, &made.statements);
    pm_strbuf_init(&made.text, 1 << 20);
    print_statements(&made.text, made.statements);
    return made;
}

static void done(bench *with)
{
    pm_strbuf_free(&with->text);
    pm_errors_free(with->errors);
    pm_arena_free(with->arena);
}

static void assert_text(const bench *with, const char *input, const char *expected)
{
    if (with->status != PM_OK)
        fail_msg("%s\nis refused: %s", input, pm_errors_nth(with->errors, 0));
    if (!pm_slice_equal(pm_strbuf_slice(&with->text), pm_slice_of(expected)))
        fail_msg("%s\nis read as  %.*s\ninstead of  %s", input,
                 PM_FMT(pm_strbuf_slice(&with->text)), expected);
}

/* The first error is expected, and there are count of them. */
static void assert_errors(const bench *with, const char *input, size_t count, const char *expected)
{
    const char *first = pm_errors_nth(with->errors, 0);

    if (with->status != PM_FAULT || first == NULL)
        fail_msg("%s\nis not refused; it should be: %s", input, expected);
    if (strcmp(first, expected) != 0)
        fail_msg("%s\nis refused so:  %s\ninstead of so:  %s", input, first, expected);
    if (pm_errors_count(with->errors) != count)
        fail_msg("%s\nhas %zu errors instead of %zu; the second: %s", input,
                 pm_errors_count(with->errors), count, pm_errors_nth(with->errors, 1));
}

/* ---- Tests ---- */

static void what_is_written_is_read(void **state)
{
    static const struct {
        const char *input, *expected;
    } cases[] = {
        {"", ""},
        {"# only a comment", ""},
        {"\n\n ; ;\r\n", ""},
        {"socket unix:/run/x.sock", "socket unix:/run/x.sock"},
        {"a 1 2; b\nc", "a 1 2; b; c"},
        {"a \"two words\" x # comment\nb", "a 'two words' x; b"},
        {"a kvm#1 #x", "a kvm#1"},
        {"a \"\\\"q\\\" \\\\ \\n\\t.\"", "a '\"q\" \\ \n\t.'"},
        {"a \"\"", "a ''"},
        {"rule x {\n why \"y\"\n then stop\n}\n", "rule x [why 'y'; then stop]"},
        {"a { b c } d", "a [b c]; d"},
        {"a { b { c } }", "a [b [c]]"},
        {"a{}", "a []"},
        {"list l { \"a b\" c\n d }", "list l ['a b' c; d]"},
        {"paths arch/x86/ /srv/x *.c ~", "paths arch/x86/ /srv/x *.c ~"},
        {"when title ~ /^KVM: n?(VMX|SVM)\\b/i", "when title ~ <^KVM: n?(VMX|SVM)\\b|i>"},
        {"when path ~ /a\\/b\\\\/", "when path ~ <a/b\\\\|>"},
        {"when path !~ /#;{}\"/ and x", "when path !~ <#;{}\"|> and x"},
        {"when path under /x/y", "when path under /x/y"},
        {"when a==b", "when a==b"},
        {"when revision>=2", "when revision>=2"},
        {"when revision >=2", "when revision >= 2"},
        {"when x in(\"a\",b)", "when x in ( 'a' , b )"},
        {"when a == b and\n c", "when a == b and c"},
        {"when a\n  and b\n\n # note\n  or c\nd", "when a and b or c; d"},
        {"when ( a\n or b\n)\nthen x", "when ( a or b ); then x"},
        {"when x in\n(a,\nb)", "when x in ( a , b )"},
        {"when not\nx", "when not x"},
        {"then a,\n b", "then a , b"},
        {"when a ==\n b", "when a == b"},
        {"a android\nb", "a android; b"},
        {"a \"and\"\nb", "a 'and'; b"},
        {"\xEF\xBB\xBF"
         "a",
         "a"},
        {"a \"\xC3\xA9\"", "a '\xC3\xA9'"},
        {"a <b", "a < b"},
        {"a \r\nb\r\n", "a; b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bench with = parsed(pm_slice_of(cases[i].input));

        assert_text(&with, cases[i].input, cases[i].expected);
        done(&with);
    }
}

static void what_cannot_be_read_is_told_with_its_place(void **state)
{
    static const struct {
        const char *input;
        size_t errors;
        const char *expected;
    } cases[] = {
        {"a \"x\nb", 1,
         "test.conf:1:3: this string has no end (close it with \" in its line; \\n makes a new "
         "line "
         "inside)"},
        {"a \"x\\\"\nb", 1,
         "test.conf:1:3: this string has no end (close it with \" in its line; \\n makes a new "
         "line "
         "inside)"},
        {"a \"\\q\"", 1,
         "test.conf:1:4: \"\\q\" means nothing in a string (there are \\\" \\\\ \\n \\t; write "
         "\\\\ "
         "for a backslash)"},
        {"\nwhen t ~ /abc", 1,
         "test.conf:2:10: this pattern has no end (close it with / in its line; a / inside is "
         "written \\/)"},
        {"when t ~ /abc\\", 1,
         "test.conf:1:10: this pattern has no end (close it with / in its line; a / inside is "
         "written \\/)"},
        {"rule x {\n a\n", 1, "test.conf:1:1: the block of \"rule\" is not closed"},
        {"rule x {\n a {\n }\n", 1, "test.conf:1:1: the block of \"rule\" is not closed"},
        {"a\n}\nb", 1, "test.conf:2:1: no block is open for this } to close"},
        {"rule x\n{\n}", 1,
         "test.conf:2:1: a block belongs to a statement (put the { at the end of its line)"},
        {"when ( a\nb ;", 1, "test.conf:1:6: this ( is not closed"},
        {"r { when ( a\n }", 1, "test.conf:1:10: this ( is not closed"},
        {"when a )", 1, "test.conf:1:8: no ( is open for this ) to close"},
        {"== a", 1, "test.conf:1:1: a statement begins with a word, not with \"==\""},
        {"field-prefix = X-", 1,
         "test.conf:1:14: \"=\" is no operator (there are == != ~ !~ < <= > >=; a setting is "
         "written "
         "without one: name value)"},
        {"a ! b", 1,
         "test.conf:1:3: \"!\" is no operator (there are == != ~ !~ < <= > >=; a setting is "
         "written "
         "without one: name value)"},
        {"include", 1,
         "test.conf:1:1: include wants a file, a glob or a folder: "
         "include \"rules/*.rules\""},
        {"include ( a )", 1, "test.conf:1:9: include wants a file or a glob"},
        {"a \xE9", 1,
         "test.conf:1: this line is not UTF-8 (convert the file; in a pattern, \\xE9 is a byte)"},
        /* One mistake is one error, also where it opens a block. */
        {"rule = x {\n a\n}\nb", 1,
         "test.conf:1:6: \"=\" is no operator (there are == != ~ !~ < <= > >=; a setting is "
         "written "
         "without one: name value)"},
        {"rule \"x {\n a\n}\nb", 1,
         "test.conf:1:6: this string has no end (close it with \" in its line; \\n makes a new "
         "line "
         "inside)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bench with = parsed(pm_slice_of(cases[i].input));

        assert_errors(&with, cases[i].input, cases[i].errors, cases[i].expected);
        done(&with);
    }
}

static void all_errors_of_a_file_are_told(void **state)
{
    bench with = parsed(PM_LIT("a \"x\nb \"\\q\"\nc = 1\nd {\n"));

    (void)state;
    assert_int_equal(pm_errors_count(with.errors), 4);
    done(&with);
}

static void a_nul_byte_is_told(void **state)
{
    bench with = parsed(PM_LIT("a\nb\0c\n"));

    (void)state;
    assert_errors(&with, "a NUL byte", 1,
                  "test.conf:2: there is a NUL byte in this line (is this a text file?)");
    done(&with);
}

static void tokens_know_their_places(void **state)
{
    bench with = parsed(PM_LIT("a {\n  b c\n}\n\td \"e\"\n"));
    const pm_statement *a = with.statements, *b = a->children, *d = a->next;

    (void)state;
    assert_int_equal(a->word.line, 1);
    assert_int_equal(a->word.column, 1);
    assert_int_equal(b->word.line, 2);
    assert_int_equal(b->word.column, 3);
    assert_int_equal(b->values[0].column, 5);
    assert_ptr_equal(b->parent, a);
    assert_null(a->parent);
    assert_int_equal(d->word.line, 4);
    assert_int_equal(d->word.column, 2);
    assert_string_equal(d->word.file, "test.conf");
    assert_int_equal(d->values[0].column, 4);
    done(&with);
}

static void blocks_nest_32_deep_and_no_deeper(void **state)
{
    pm_strbuf text;

    (void)state;
    for (int depth = 32; depth <= 33; depth++) {
        bench with;

        pm_strbuf_init(&text, 1 << 16);
        for (int i = 0; i < depth; i++)
            pm_strbuf_add_text(&text, "a {");
        for (int i = 0; i < depth; i++)
            pm_strbuf_add_text(&text, "}");
        with = parsed(pm_strbuf_slice(&text));
        if (depth == 32)
            assert_int_equal(with.status, PM_OK);
        else
            assert_errors(&with, "33 blocks", 1,
                          "test.conf:1:97: blocks within blocks, more than 32");
        done(&with);
        pm_strbuf_free(&text);
    }
}

static void a_budget_too_small_is_an_error_and_no_crash(void **state)
{
    static const char text[] = "rule a { when title ~ /a\\/b/ and x == \"\\n\" ; then stop }\n";

    (void)state;
    for (size_t budget = 0; budget < 4096; budget += 7) {
        pm_arena *arena = pm_arena_new(budget);
        pm_errors *errors = pm_errors_new();
        pm_statement *statements = NULL;
        pm_status status = pm_syntax_parse(arena, "t", PM_LIT(text), errors, &statements);

        assert_int_equal(status == PM_OK, pm_errors_count(errors) == 0);
        pm_errors_free(errors);
        pm_arena_free(arena);
    }
}

/* ---- Files ---- */

static bench read_from(const char *at, const char *name, const char *const **files)
{
    bench made = {.arena = pm_arena_new(1 << 26), .errors = pm_errors_new()};

    made.status =
        pm_syntax_read(made.arena, folder_file(at, name), made.errors, &made.statements, files);
    pm_strbuf_init(&made.text, 1 << 20);
    print_statements(&made.text, made.statements);
    return made;
}

static void includes_count_from_their_file_and_globs_are_sorted(void **state)
{
    const char *const *files;
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    assert_int_equal(mkdir(folder_file(at, "rules"), 0700), 0);
    folder_write(at, "rules/b.rules", "b\n");
    folder_write(at, "rules/a.rules", "a; include more.inc; z\n");
    folder_write(at, "rules/more.inc", "more\n");
    folder_write(at, "main.conf",
                 "x { include rules/more.inc }\ninclude \"rules/*.rules\"\n"
                 "include nothing/*.rules\nlast\n");
    with = read_from(at, "main.conf", &files);
    assert_text(&with, "main.conf", "x [more]; a; more; z; b; last");
    assert_string_equal(files[0], folder_file(at, "main.conf"));
    assert_string_equal(files[2], folder_file(at, "rules/a.rules"));
    assert_string_equal(files[4], folder_file(at, "rules/b.rules"));
    assert_null(files[5]);
    assert_string_equal(with.statements->next->word.file, folder_file(at, "rules/a.rules"));
    done(&with);
    folder_remove(at);
}

static void a_named_file_that_is_missing_is_an_error_at_its_include(void **state)
{
    char expected[256];
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    folder_write(at, "main.conf", "a\ninclude gone.rules\nb");
    with = read_from(at, "main.conf", NULL);
    snprintf(expected, sizeof(expected),
             "%s/main.conf:2:9: %s/gone.rules: No such file or directory", at, at);
    assert_errors(&with, "main.conf", 1, expected);
    done(&with);

    with = read_from(at, "gone.conf", NULL);
    snprintf(expected, sizeof(expected), "%s/gone.conf: No such file or directory", at);
    assert_errors(&with, "gone.conf", 1, expected);
    done(&with);
    folder_remove(at);
}

static void an_include_that_comes_back_to_itself_is_refused(void **state)
{
    char expected[256];
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    folder_write(at, "a.conf", "include b.conf\n");
    folder_write(at, "b.conf", "x\ninclude ./a.conf\n");
    with = read_from(at, "a.conf", NULL);
    snprintf(expected, sizeof(expected),
             "%s/b.conf:2:9: %s/./a.conf: includes itself, by way of this line (leave it out)", at,
             at);
    assert_errors(&with, "a.conf", 1, expected);
    done(&with);
    folder_remove(at);
}

static void an_included_file_cannot_close_the_block_around(void **state)
{
    char expected[256];
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    folder_write(at, "a.conf", "x {\ninclude b.conf\n}\n");
    folder_write(at, "b.conf", "y }\n");
    with = read_from(at, "a.conf", NULL);
    snprintf(expected, sizeof(expected), "%s/b.conf:1:3: no block is open for this } to close", at);
    assert_errors(&with, "a.conf", 1, expected);
    done(&with);
    folder_remove(at);
}

static void a_folder_stands_for_the_rule_files_in_it(void **state)
{
    char text[256];
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    folder_write(at, "b.rules", "second\n");
    folder_write(at, "a.rules", "first\n");
    folder_write(at, "c.conf", "no rules\n");
    snprintf(text, sizeof(text), "include \"%s/\"\n", at);
    folder_write(at, "main.conf", text);
    with = read_from(at, "main.conf", NULL);
    assert_int_equal(pm_errors_count(with.errors), 0);
    assert_true(pm_token_is_word(&with.statements->word, "first"));
    assert_true(pm_token_is_word(&with.statements->next->word, "second"));
    assert_null(with.statements->next->next);
    done(&with);
    folder_remove(at);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    char expected[256];
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    folder_write(at, "main.conf", "include site/\n");
    with = read_from(at, "main.conf", NULL);
    snprintf(expected, sizeof(expected), "%s/main.conf:1:9: %s/site/: No such file or directory",
             at, at);
    assert_errors(&with, "main.conf", 1, expected);
    done(&with);
    folder_remove(at);
}

/* glob(3) would pass over both, and all rules in there with them. */
static void a_folder_of_a_pattern_that_cannot_be_looked_into_is_told(void **state)
{
    char expected[256];
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    folder_write(at, "main.conf", "include rulse/*.rules\n");
    with = read_from(at, "main.conf", NULL);
    snprintf(expected, sizeof(expected),
             "%s/main.conf:1:9: warning: there is no folder %s/rulse, so nothing is included (make "
             "it, or leave this out)",
             at, at);
    assert_int_equal(pm_errors_count(with.errors), 0);
    assert_string_equal(pm_errors_nth(with.errors, 0), expected);
    done(&with);

    folder_write(at, "rulse", "a file");
    with = read_from(at, "main.conf", NULL);
    snprintf(expected, sizeof(expected), "%s/main.conf:1:9: %s/rulse: Not a directory", at, at);
    assert_errors(&with, "main.conf", 1, expected);
    done(&with);
    folder_remove(at);
}

static void a_folder_or_a_pipe_is_no_file(void **state)
{
    char expected[256];
    char at[FOLDER_NAME];
    bench with;

    (void)state;
    folder_make(at);
    assert_int_equal(mkfifo(folder_file(at, "pipe"), 0600), 0);
    folder_write(at, "main.conf", "include . pipe\n");
    with = read_from(at, "main.conf", NULL);
    snprintf(expected, sizeof(expected),
             "%s/main.conf:1:9: %s/.: is no file (name a file, a glob like \"rules/*.rules\" or, "
             "with a / at "
             "its end, a folder)",
             at, at);
    assert_errors(&with, "main.conf", 2, expected);
    done(&with);
    folder_remove(at);
}

/* ---- Values ---- */

static void numbers_have_units(void **state)
{
    static const struct {
        const char *text;
        unsigned units;
        pm_status status;
        int64_t number;
    } cases[] = {
        {"5", PM_UNITS_NONE, PM_OK, 5},
        {"-3", PM_UNITS_NONE, PM_OK, -3},
        {"64M", PM_UNITS_SIZE, PM_OK, 64 << 20},
        {"2K", PM_UNITS_SIZE | PM_UNITS_TIME, PM_OK, 2048},
        {"1G", PM_UNITS_SIZE, PM_OK, 1 << 30},
        {"200ms", PM_UNITS_TIME, PM_OK, 200000},
        {"7us", PM_UNITS_TIME, PM_OK, 7},
        {"2s", PM_UNITS_TIME, PM_OK, 2000000},
        {"1min", PM_UNITS_TIME, PM_OK, 60000000},
        {"1h", PM_UNITS_TIME, PM_OK, INT64_C(3600000000)},
        {"2y", PM_UNITS_AGE, PM_OK, INT64_C(63072000000000)},
        {"90d", PM_UNITS_AGE, PM_OK, INT64_C(7776000000000)},
        {"90d", PM_UNITS_TIME, PM_ABSENT, 0},
        {"64M", PM_UNITS_TIME, PM_ABSENT, 0},
        {"64M", PM_UNITS_NONE, PM_ABSENT, 0},
        {"64m", PM_UNITS_SIZE | PM_UNITS_TIME, PM_ABSENT, 0},
        {"M", PM_UNITS_SIZE, PM_ABSENT, 0},
        {"", PM_UNITS_SIZE, PM_ABSENT, 0},
        {"1.5M", PM_UNITS_SIZE, PM_ABSENT, 0},
        {"9223372036854775807", PM_UNITS_NONE, PM_OK, INT64_MAX},
        {"9223372036854775808", PM_UNITS_NONE, PM_LIMIT, 0},
        {"9223372036854775807K", PM_UNITS_SIZE, PM_LIMIT, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t number = 0;
        pm_status status = pm_syntax_number(pm_slice_of(cases[i].text), cases[i].units, &number);

        if (status != cases[i].status || number != cases[i].number)
            fail_msg("\"%s\" gives %d and %lld", cases[i].text, status, (long long)number);
    }
}

static void slugs_are_small_letters_digits_hyphens_and_dots(void **state)
{
    static const char *const good[] = {"a", "kvm-x86", "9p", "linux-5.10.y", NULL};
    static const char *const bad[] = {"", "-a", ".a", "A", "a b", "a/b", "a_b", "\xC3\xA9", NULL};

    (void)state;
    for (size_t i = 0; good[i] != NULL; i++)
        if (!pm_syntax_is_slug(pm_slice_of(good[i])))
            fail_msg("\"%s\" is a slug", good[i]);
    for (size_t i = 0; bad[i] != NULL; i++)
        if (pm_syntax_is_slug(pm_slice_of(bad[i])))
            fail_msg("\"%s\" is no slug", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_cannot_be_read_is_told_with_its_place),
        cmocka_unit_test(all_errors_of_a_file_are_told),
        cmocka_unit_test(a_nul_byte_is_told),
        cmocka_unit_test(tokens_know_their_places),
        cmocka_unit_test(blocks_nest_32_deep_and_no_deeper),
        cmocka_unit_test(a_budget_too_small_is_an_error_and_no_crash),
        cmocka_unit_test(includes_count_from_their_file_and_globs_are_sorted),
        cmocka_unit_test(a_named_file_that_is_missing_is_an_error_at_its_include),
        cmocka_unit_test(an_include_that_comes_back_to_itself_is_refused),
        cmocka_unit_test(an_included_file_cannot_close_the_block_around),
        cmocka_unit_test(a_folder_stands_for_the_rule_files_in_it),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
        cmocka_unit_test(a_folder_of_a_pattern_that_cannot_be_looked_into_is_told),
        cmocka_unit_test(a_folder_or_a_pipe_is_no_file),
        cmocka_unit_test(numbers_have_units),
        cmocka_unit_test(slugs_are_small_letters_digits_hyphens_and_dots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
