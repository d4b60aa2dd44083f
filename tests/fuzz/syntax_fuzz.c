/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syntax_fuzz - any bytes as a configuration: read, set, and handed to a plugin.
 *
 * Beyond not crashing: what is refused is told, and every token lies in the text and knows its
 * place.
 */
#include "config.h"
#include "settings.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_token(const pm_token *token)
{
    must(token->line > 0 && token->column > 0 && token->file != NULL);
    must(token->type == PM_TOKEN_STRING || token->type == PM_TOKEN_PATTERN || token->text.len > 0);
    must(pm_slice_is_utf8(token->text) || token->type == PM_TOKEN_PATTERN);
}

static void check_tree(const pm_statement *at, const pm_statement *parent)
{
    for (; at != NULL; at = at->next) {
        must(at->parent == parent);
        must(pm_token_is_text(&at->word));
        must(at->has_block || at->children == NULL);
        check_token(&at->word);
        for (size_t i = 0; i < at->count; i++)
            check_token(&at->values[i]);
        check_tree(at->children, at);
    }
}

static void give_to_plugin(pm_arena *arena, const pm_statement *top, pm_errors *errors)
{
    static const pm_option options[] = {
        {.name = "a", .type = PM_OPTION_TEXTS},
        {.name = "n", .type = PM_OPTION_NUMBER, .min = -5, .max = 5000},
        {.name = "f", .type = PM_OPTION_FILE},
        {.name = "b", .type = PM_OPTION_BLOCK},
        {.name = NULL},
    };
    static const pm_plugin plugin = {.size = sizeof(plugin), .name = "p", .options = options};
    const pm_statement *own = top;
    const pm_settings *settings, *block;
    pm_slice value, name;
    int64_t number;

    while (own != NULL && !pm_slice_equal(own->word.text, PM_LIT("plugin")))
        own = own->next;
    settings = pm_settings_new(arena, &plugin, NULL, own, top, errors);
    if (settings == NULL)
        return;
    for (unsigned i = 0; pm_settings_text(settings, "a", i, &value) == PM_OK; i++)
        (void)pm_settings_path(settings, value, &name);
    if (pm_settings_number(settings, "n", 0, &number) == PM_OK)
        must(number >= -5 && number <= 5000);
    if (pm_settings_text(settings, "f", 0, &value) == PM_OK)
        must(value.len > 0 && value.data[0] == '/');
    for (unsigned i = 0; pm_settings_block(settings, "b", i, &name, &block) == PM_OK; i++) {
        for (unsigned j = 0; pm_settings_statement(block, j, 0, &value) == PM_OK; j++)
            must(pm_settings_statement(block, j, 1, &value) != PM_FAULT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pm_slice text = {(const char *)data, size};
    pm_arena *arena;
    pm_errors *errors;
    pm_statement *statements;
    pm_config config = {.file = NULL};

    /* What lies on this machine's disk is not to be read. */
    if (pm_slice_find(text, PM_LIT("include")) != PM_NOWHERE)
        return 0;
    arena = pm_arena_new(1 << 26);
    errors = pm_errors_new();
    if (pm_syntax_parse(arena, "fuzz", text, errors, &statements) == PM_OK) {
        must(pm_errors_count(errors) == 0);
        check_tree(statements, NULL);
        must(pm_config_read(arena, statements, &config, errors) == (pm_errors_count(errors) == 0));
        give_to_plugin(arena, statements, errors);
    } else {
        must(pm_errors_count(errors) > 0);
    }
    pm_errors_free(errors);
    pm_arena_free(arena);
    return 0;
}
