/* SPDX-License-Identifier: BSD-2-Clause */
/* json_test - one line of valid JSON an outcome, whatever the mail put into it. */
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

/* What every letter is read from. */
static pm_message *message;

static int make_message(void **state)
{
    (void)state;
    message = pm_message_new(NULL);
    return message == NULL ? -1 : 0;
}

static int free_message(void **state)
{
    (void)state;
    pm_message_free(message);
    return 0;
}

/* The outcome's object, read back by the library; to be given back. */
static json_t *read_back(const pm_outcome *outcome)
{
    pm_strbuf buffer;
    json_error_t error;
    json_t *object;

    pm_strbuf_init(&buffer, 1 << 20);
    assert_true(pm_json_add_outcome(&buffer, outcome));
    assert_int_equal(buffer.data[buffer.len - 1], '\n');
    assert_int_equal(pm_slice_find_byte(pm_strbuf_slice(&buffer), '\n'), buffer.len - 1);
    assert_true(pm_slice_is_utf8(pm_strbuf_slice(&buffer)));
    object = json_loadb(buffer.data, buffer.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        fail_msg("%s in %s", error.text, buffer.data);
    pm_strbuf_free(&buffer);
    return object;
}

static void expect_text(const json_t *object, const char *key, pm_slice wanted)
{
    const json_t *member = json_object_get(object, key);

    if (!json_is_string(member))
        fail_msg("%s is no string", key);
    assert_int_equal(json_string_length(member), wanted.len);
    assert_memory_equal(json_string_value(member), wanted.data, wanted.len);
}

static void expect_null(const json_t *object, const char *key)
{
    if (!json_is_null(json_object_get(object, key)))
        fail_msg("%s is not null", key);
}

static void an_outcome_without_a_letter_still_has_every_member(void **state)
{
    static const char *const keys[] = {
        "message_id",    "kind",        "project",        "revision",   "part",
        "total",         "rfc",         "resend",         "prefix",     "title",
        "author",        "subsystems",  "inbox",          "tags",       "series",
        "chain",         "supersedes",  "supersedes_why", "confidence", "paths",
        "files_changed", "base_commit", "change_id",      "changelog",  "headers"};
    pm_outcome outcome = {.inbox = PM_LIT("unsorted"), .part = -1, .total = -1};
    json_t *object = read_back(&outcome);
    size_t nth = 0;
    const char *key;
    json_t *value;

    (void)state;
    json_object_foreach(object, key, value)
    {
        assert_in_range(nth, 0, sizeof(keys) / sizeof(keys[0]) - 1);
        assert_string_equal(key, keys[nth]);
        nth++;
    }
    assert_int_equal(nth, sizeof(keys) / sizeof(keys[0]));
    expect_null(object, "kind");
    expect_null(object, "message_id");
    expect_text(object, "inbox", PM_LIT("unsorted"));
    assert_int_equal(json_array_size(json_object_get(object, "subsystems")), 0);
    json_decref(object);
}

static void a_cover_is_told_in_full(void **state)
{
    pm_slice words[] = {PM_LIT("RFC"), PM_LIT("PATCH")};
    pm_slice tag = PM_LIT("rfc");
    pm_path paths[] = {{.path = PM_LIT("mm/a.c"), .lines = 12},
                       {.path = PM_LIT("logo.png"), .binary = true}};
    pm_changelog_entry entry = {.revision = 5, .text = PM_LIT("- more tests\n- less \"code\"")};
    pm_ranked ranked = {PM_LIT("mm"), 0.912345, PM_LIT("MEMORY MANAGEMENT"), PM_LIT("F: mm/")};
    pm_mark mark = {PM_LIT("Patchmark-Results"), PM_LIT("h.example.org; v=1;\n\twhy=\"a b\"")};
    pm_letter letter = {
        .message = message,
        .kind = PM_KIND_COVER,
        .subject = {.title = PM_LIT("mm: tidy up"),
                    .words = words,
                    .word_count = 2,
                    .flags = PM_SUBJECT_RFC},
        .message_id = PM_LIT("1@example.org"),
        .author = {.address = PM_LIT("Ann@Example.Org")},
        .diffstat = {.paths = paths, .count = 2, .files_changed = 2},
        .changelog = {.entries = &entry, .count = 1},
        .trailers = {.base_commit = PM_LIT("0123abcd")},
    };
    pm_outcome outcome = {.letter = &letter,
                          .project = PM_LIT("linux"),
                          .subsystems = &ranked,
                          .subsystem_count = 1,
                          .inbox = PM_LIT("mm.linux"),
                          .tags = &tag,
                          .tag_count = 1,
                          .revision = 5,
                          .part = 0,
                          .total = 12,
                          .confidence = 0.97,
                          .marks = &mark,
                          .mark_count = 1};
    json_t *expected = json_loads(
        "{\"message_id\":\"1@example.org\",\"kind\":\"cover\",\"project\":\"linux\",\"revision\":5,"
        "\"part\":0,\"total\":12,\"rfc\":true,\"resend\":false,\"prefix\":[\"RFC\",\"PATCH\"],"
        "\"title\":\"mm: tidy up\",\"author\":\"ann@example.org\",\"subsystems\":[{\"name\":\"mm\","
        "\"weight\":0.9123,\"section\":\"MEMORY MANAGEMENT\",\"why\":\"F: mm/\"}],"
        "\"inbox\":\"mm.linux\",\"tags\":[\"rfc\"],\"series\":null,\"chain\":null,"
        "\"supersedes\":null,\"supersedes_why\":null,\"confidence\":0.97,"
        "\"paths\":[{\"path\":\"mm/a.c\",\"lines\":12},{\"path\":\"logo.png\",\"lines\":0}],"
        "\"files_changed\":2,\"base_commit\":\"0123abcd\",\"change_id\":null,"
        "\"changelog\":[{\"revision\":5,\"text\":\"- more tests\\n- less \\\"code\\\"\"}],"
        "\"headers\":[[\"Patchmark-Results\",\"h.example.org; v=1; why=\\\"a b\\\"\"]]}",
        0, NULL);
    json_t *object;

    (void)state;
    letter.sender = letter.author;
    object = read_back(&outcome);
    assert_non_null(expected);
    if (!json_equal(object, expected)) {
        char *text = json_dumps(object, JSON_COMPACT);

        print_error("%s\n", text);
        free(text);
        fail();
    }
    json_decref(object);
    json_decref(expected);
}

static void only_covers_and_patches_are_numbered(void **state)
{
    static const pm_kind kinds[] = {PM_KIND_OTHER, PM_KIND_COVER, PM_KIND_PATCH, PM_KIND_REPLY,
                                    PM_KIND_PULL};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        bool numbered = kinds[i] == PM_KIND_COVER || kinds[i] == PM_KIND_PATCH;
        pm_letter letter = {.message = message, .kind = kinds[i]};
        pm_outcome outcome = {
            .letter = &letter, .inbox = PM_LIT("unsorted"), .revision = 2, .part = 1, .total = 3};
        json_t *object = read_back(&outcome);

        assert_int_equal(json_is_integer(json_object_get(object, "revision")), numbered);
        assert_int_equal(json_is_integer(json_object_get(object, "part")), numbered);
        assert_int_equal(json_is_integer(json_object_get(object, "total")), numbered);
        assert_int_equal(json_is_boolean(json_object_get(object, "rfc")), numbered);
        assert_int_equal(json_is_boolean(json_object_get(object, "resend")), numbered);
        json_decref(object);
    }
}

static void a_patch_without_a_number_has_no_part(void **state)
{
    pm_letter letter = {.message = message, .kind = PM_KIND_PATCH};
    pm_outcome outcome = {
        .letter = &letter, .inbox = PM_LIT("unsorted"), .revision = 1, .part = -1, .total = -1};
    json_t *object = read_back(&outcome);

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(object, "revision")), 1);
    expect_null(object, "part");
    expect_null(object, "total");
    expect_null(object, "files_changed");
    expect_null(object, "author");
    json_decref(object);
}

static void files_are_counted_when_only_the_diff_tells(void **state)
{
    pm_path paths[] = {{.path = PM_LIT("a.c")}, {.path = PM_LIT("b.c")}, {.path = PM_LIT("c.c")}};
    pm_letter letter = {.message = message,
                        .kind = PM_KIND_PATCH,
                        .diffstat = {.paths = paths, .count = 3, .from_diff = true}};
    pm_outcome outcome = {.letter = &letter, .inbox = PM_LIT("unsorted")};
    json_t *object = read_back(&outcome);

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(object, "files_changed")), 3);
    json_decref(object);
}

static void odd_bytes_become_valid_text(void **state)
{
    static const struct {
        pm_slice title, shown;
    } cases[] = {
        {PM_LIT("J\xf6rg"), PM_LIT("J\xef\xbf\xbdrg")},
        {PM_LIT("\xc3"), PM_LIT("\xef\xbf\xbd")},
        {PM_LIT("\xed\xa0\x80."), PM_LIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.")},
        {PM_LIT("a\0b"), PM_LIT("a\0b")},
        {PM_LIT("\x1b[31m\x7f\r\n\t\\\"/"), PM_LIT("\x1b[31m\x7f\r\n\t\\\"/")},
        {PM_LIT("\xf0\x9f\x90\xa7\xff"), PM_LIT("\xf0\x9f\x90\xa7\xef\xbf\xbd")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pm_letter letter = {
            .message = message, .kind = PM_KIND_OTHER, .subject = {.title = cases[i].title}};
        pm_outcome outcome = {.letter = &letter, .inbox = PM_LIT("unsorted")};
        json_t *object = read_back(&outcome);

        expect_text(object, "title", cases[i].shown);
        json_decref(object);
    }
}

static void a_buffer_that_is_full_stays_as_it_was(void **state)
{
    pm_outcome outcome = {.inbox = PM_LIT("unsorted")};
    pm_strbuf buffer;

    (void)state;
    pm_strbuf_init(&buffer, 100);
    pm_strbuf_add_text(&buffer, "before");
    assert_false(pm_json_add_outcome(&buffer, &outcome));
    assert_true(pm_slice_equal(pm_strbuf_slice(&buffer), PM_LIT("before")));
    pm_strbuf_free(&buffer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outcome_without_a_letter_still_has_every_member),
        cmocka_unit_test(a_cover_is_told_in_full),
        cmocka_unit_test(only_covers_and_patches_are_numbered),
        cmocka_unit_test(a_patch_without_a_number_has_no_part),
        cmocka_unit_test(files_are_counted_when_only_the_diff_tells),
        cmocka_unit_test(odd_bytes_become_valid_text),
        cmocka_unit_test(a_buffer_that_is_full_stays_as_it_was),
    };

    return cmocka_run_group_tests_name("json", tests, make_message, free_message);
}
