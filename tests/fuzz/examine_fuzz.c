/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine_fuzz - any bytes, from the message to the header fields: there is always an outcome, and
 * nothing in it that an MTA must not see.
 *
 * The first byte is not mail: it sets the memory that the message may take.
 */
#include "examine.h"
#include "mime.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const pm_plugin *pm_plugin_entry_project(void);
const pm_plugin *pm_plugin_entry_revision(void);

static const char configuration[] =
    "instance lists.example.org\n"
    "plugins project revision\n"
    "project widget { words widget-next; lists \"*.lists.example.org\"; paths drivers/ core/ }\n"
    "project gadget { words gadget; lists gadget@lists.example.org; paths gizmo/ }\n"
    "rule cog { why \"w\"; when path under drivers; then subsystem \"cog\" weight 2 }\n"
    "rule gear { why \"w\"; when title ~ /gear/i; then subsystem \"gear\", tag \"geared\" }\n"
    "rule team { why \"w\"; when text ~ /blue/; then inbox \"blue\", field \"Team\" \"blue\" }\n";

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static const pm_snapshot *snapshot(void)
{
    static const pm_static_plugin linked[] = {
        {"project", pm_plugin_entry_project}, {"revision", pm_plugin_entry_revision}, {NULL, NULL}};
    static const pm_snapshot_options options = {.text = configuration, .static_plugins = linked};
    static pm_snapshot *live;

    if (live == NULL) {
        pm_errors *errors = pm_errors_new();

        pm_mime_start();
        live = pm_snapshot_load(&options, errors);
        expect(live != NULL);
        pm_errors_free(errors);
    }
    return live;
}

/* RFC 5322: printable ASCII, folded by LF and tab, no blank line, at most 998 bytes a line. */
static void check_mark(const pm_mark *mark)
{
    size_t line = mark->name.len + 2;

    expect(mark->name.len > 0 && mark->value.len > 0);
    for (size_t i = 0; i < mark->value.len; i++, line++) {
        const char c = mark->value.data[i];

        if (c == '\n') {
            expect(line <= 998 && i + 2 < mark->value.len);
            expect(mark->value.data[i + 1] == '\t' && mark->value.data[i + 2] > ' ');
            line = (size_t)-1;
        } else {
            expect((c >= ' ' && c < 0x7f) ||
                   (c == '\t' && i > 0 && mark->value.data[i - 1] == '\n'));
        }
    }
    expect(line <= 998);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pm_message_limits limits = {.memory = 4 << 20, .headers = 500, .body = 1 << 20};
    const pm_outcome *outcome;
    pm_message *message;
    size_t foreign = 0;

    if (size == 0)
        return 0;
    if (data[0] < 64)
        limits.memory = (size_t)data[0] << 10;
    message = pm_message_new(&limits);
    expect(message != NULL);
    pm_message_read(message, (pm_slice){(const char *)data + 1, size - 1});
    outcome = pm_examine(snapshot(), NULL, message, PM_EMPTY);

    expect(outcome->inbox.len > 0);
    expect(outcome->confidence >= 0 && outcome->confidence <= 1);
    expect(outcome->subsystem_count <= 12);
    for (size_t i = 0; i < pm_message_headers(message); i++)
        foreign +=
            pm_slice_starts_nocase(pm_message_header_at(message, i)->name, PM_LIT("Patchmark-"));
    expect(outcome->removal_count == foreign || outcome->partial);
    for (size_t i = 0; i < outcome->mark_count; i++)
        check_mark(&outcome->marks[i]);
    for (size_t i = 1; i < outcome->tag_count; i++)
        expect(pm_slice_compare(outcome->tags[i - 1], outcome->tags[i]) < 0);
    pm_message_free(message);
    return 0;
}
