/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exec_protocol_fuzz - a program that says anything at all to the plugin exec.
 *
 * Input: a greeting, up to the first line "ready", and behind it the answer to letter 1. The answer
 * is read in one piece and byte by byte, with the same result. The input is also a value that must
 * survive being written and read.
 */
#include "protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_value(const char *data, size_t size)
{
    const size_t length = pm_exec_escaped_length((pm_slice){data, size});
    pm_slice rest = {data, size};
    char *written = malloc(length + 1);
    size_t used = 0;

    require(written != NULL);
    while (rest.len > 0)
        used += pm_exec_escape(&rest, written + used, length - used < 5 ? length - used : 5);
    require(used == length && memchr(written, '\n', used) == NULL);
    require(pm_exec_unescape(written, &used));
    require(used == size && memcmp(written, data, size) == 0);
    free(written);
}

static void check_greeting(const pm_exec_greeting *greeting)
{
    require(greeting->field_count <= PM_EXEC_NAMES && greeting->need_count <= PM_EXEC_NAMES);
    for (size_t i = 0; i < greeting->field_count; i++)
        require(greeting->fields[i][0] != '\0' && strpbrk(greeting->fields[i], " \n") == NULL);
    for (size_t i = 0; i < greeting->fact_count; i++) {
        require(strlen(greeting->facts[i].name) <= PM_EXEC_NAME);
        require(greeting->facts[i].meaning[0] != '\0');
    }
}

static void check_sentence(const char why[PM_EXEC_WHY])
{
    require(memchr(why, '\0', PM_EXEC_WHY) != NULL && why[0] != '\0');
    for (; *why != '\0'; why++)
        require(*why >= ' ' && *why < 0x7f);
}

static pm_exec_state hear(const char *said, size_t len, size_t step, pm_exec_answer *answer,
                          const pm_exec_greeting *greeting)
{
    pm_exec_state state = PM_EXEC_MORE;

    pm_exec_answer_begin(answer);
    for (size_t at = 0; at < len && state == PM_EXEC_MORE; at += step) {
        const size_t more = len - at < step ? len - at : step;

        require(answer->len + more <= sizeof(answer->said));
        memcpy(answer->said + answer->len, said + at, more);
        answer->len += more;
        state = pm_exec_answer_read(answer, greeting, 1);
    }
    return state;
}

static void check_answer(const char *said, size_t len, const pm_exec_greeting *greeting)
{
    static pm_exec_answer whole, pieces;
    const size_t most = len < PM_EXEC_SAID ? len : PM_EXEC_SAID;
    const pm_exec_state state = hear(said, most, most, &whole, greeting);

    /* Only how far it has been read when it is garbage may differ. */
    require(hear(said, most, 1, &pieces, greeting) == state);
    require(whole.count == pieces.count && whole.count <= PM_EXEC_FACTS);
    for (size_t i = 0; i < whole.count; i++) {
        const pm_exec_fact *a = &whole.facts[i], *b = &pieces.facts[i];

        require(a->decl == b->decl && a->number == b->number && a->text.len == b->text.len);
        require(a->weight > 0 && a->text.len <= PM_EXEC_TEXT && a->reason.len <= PM_EXEC_TEXT);
        if (a->text.len > 0)
            require(memcmp(a->text.data, b->text.data, a->text.len) == 0);
    }
    if (state == PM_EXEC_GARBAGE || state == PM_EXEC_SORRY)
        check_sentence(whole.why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *said = (const char *)data;
    const size_t end = pm_exec_greeting_end(said, size);
    pm_exec_greeting *greeting;
    char why[PM_EXEC_WHY] = "";

    check_value(said, size);
    if (end == 0)
        return 0;
    greeting = pm_exec_greeting_read(said, end, why);
    if (greeting == NULL) {
        check_sentence(why);
        return 0;
    }
    check_greeting(greeting);
    check_answer(said + end, size - end, greeting);
    pm_exec_greeting_free(greeting);
    return 0;
}
