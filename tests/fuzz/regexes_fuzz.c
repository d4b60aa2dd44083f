/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * regexes_fuzz - does an expression that is guarded by its literals find what it finds alone?
 *
 * Input: an expression, a newline, a text.
 */
#include "regexes.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What pcre2 says: above 0 for a match, below for an error or a limit. */
static int ask_pcre2(pm_slice expression, pm_slice text)
{
    int error = 0, answer = PCRE2_ERROR_NOMATCH;
    PCRE2_SIZE offset = 0;
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)expression.data, expression.len,
                                     PCRE2_EXTENDED | PCRE2_MULTILINE | PCRE2_NEVER_UTF |
                                         PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C,
                                     &error, &offset, NULL);
    pcre2_match_data *found = pcre2_match_data_create(1, NULL);

    if (code == NULL || found == NULL || context == NULL)
        goto done;
    pcre2_set_match_limit(context, 20000);
    answer = pcre2_match(code, (PCRE2_SPTR)text.data, text.len, 0, 0, found, context);
done:
    pcre2_match_data_free(found);
    pcre2_code_free(code);
    pcre2_match_context_free(context);
    return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size == 0 ? NULL : memchr(data, '\n', size);
    size_t length = newline == NULL ? size : (size_t)(newline - data);
    const pm_slice expression = {(const char *)data, length};
    const pm_slice text = {(const char *)data + length, size - length};
    pm_regexes *regexes = pm_regexes_new();
    uint32_t id = 0;
    char why[64];

    if (regexes == NULL)
        return 0;
    if (pm_regexes_add(regexes, expression, 7, why, sizeof(why)) && pm_regexes_seal(regexes)) {
        size_t count = pm_regexes_find(regexes, text, &id, 1);

        if ((count == 1 && id != 7) || (count == 0 && ask_pcre2(expression, text) >= 0))
            abort();
    }
    pm_regexes_free(regexes);
    return 0;
}
