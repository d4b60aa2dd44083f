/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layout - where every member of the plugin ABI stands, frozen. It compiles or it does not: a
 * member that has moved is a break, and breaks need a new PM_ABI_MAJOR. Members are added at the
 * end, with a line here.
 *
 * For machines whose pointers have 64 bits; the others follow.
 */
#include <patchmark/plugin.h>

#if UINTPTR_MAX == UINT64_MAX

#define STANDS(type, member, at)                                                                   \
    _Static_assert(offsetof(type, member) == (at), #type "." #member " moved: plugin ABI break")
#define IS(name, value)                                                                            \
    _Static_assert((int)(name) == (value), #name " has another value: plugin ABI break")

/* ---- 1.0 ---- */

STANDS(pm_slice, data, 0);
STANDS(pm_slice, len, 8);
_Static_assert(sizeof(pm_slice) == 16, "pm_slice goes by value and may not grow: plugin ABI break");

STANDS(pm_fact_decl, name, 0);
STANDS(pm_fact_decl, type, 8);
STANDS(pm_fact_decl, meaning, 16);
_Static_assert(sizeof(pm_fact_decl) == 24, "arrays of pm_fact_decl: plugin ABI break");

STANDS(pm_fact, size, 0);
STANDS(pm_fact, name, 8);
STANDS(pm_fact, text, 16);
STANDS(pm_fact, number, 32);
STANDS(pm_fact, weight, 40);
STANDS(pm_fact, source, 48);
STANDS(pm_fact, reason, 64);

STANDS(pm_host, size, 0);
STANDS(pm_host, abi_major, 4);
STANDS(pm_host, abi_minor, 6);
STANDS(pm_host, log, 8);
STANDS(pm_host, scratch, 16);
STANDS(pm_host, time_left, 24);
STANDS(pm_host, header, 32);
STANDS(pm_host, body_text, 40);
STANDS(pm_host, letter_text, 48);
STANDS(pm_host, letter_number, 56);
STANDS(pm_host, fact_text, 64);
STANDS(pm_host, fact_number, 72);
STANDS(pm_host, add_fact, 80);
STANDS(pm_host, option_text, 88);
STANDS(pm_host, option_number, 96);
STANDS(pm_host, block, 104);
STANDS(pm_host, statement, 112);
STANDS(pm_host, resolve_path, 120);
STANDS(pm_host, problem, 128);

STANDS(pm_option, name, 0);
STANDS(pm_option, type, 8);
STANDS(pm_option, min, 16);
STANDS(pm_option, max, 24);
STANDS(pm_option, fallback, 32);
STANDS(pm_option, help, 40);
_Static_assert(sizeof(pm_option) == 48, "arrays of pm_option: plugin ABI break");

STANDS(pm_plugin, size, 0);
STANDS(pm_plugin, abi_major, 4);
STANDS(pm_plugin, abi_minor, 6);
STANDS(pm_plugin, name, 8);
STANDS(pm_plugin, version, 16);
STANDS(pm_plugin, summary, 24);
STANDS(pm_plugin, flags, 32);
STANDS(pm_plugin, options, 40);
STANDS(pm_plugin, facts, 48);
STANDS(pm_plugin, needs, 56);
STANDS(pm_plugin, open, 64);
STANDS(pm_plugin, scan, 72);
STANDS(pm_plugin, close, 80);

IS(PM_OK, 0);
IS(PM_ABSENT, 1);
IS(PM_LATER, -1);
IS(PM_LIMIT, -2);
IS(PM_FAULT, -3);
IS(PM_LEVEL_ERROR, 3);
IS(PM_LEVEL_WARNING, 4);
IS(PM_LEVEL_INFO, 6);
IS(PM_LEVEL_DEBUG, 7);
IS(PM_FACT_TEXT, 0);
IS(PM_FACT_NUMBER, 1);
IS(PM_OPTION_TEXT, 0);
IS(PM_OPTION_TEXTS, 1);
IS(PM_OPTION_NUMBER, 2);
IS(PM_OPTION_FILE, 3);
IS(PM_OPTION_BLOCK, 4);
IS(PM_PLUGIN_NEEDS_BODY, 1);
IS(PM_PLUGIN_MAY_BLOCK, 2);

/* ---- 1.1 ---- */

#if PM_ABI_MINOR >= 1
STANDS(pm_host, reference, 136);
STANDS(pm_host, series, 144);
STANDS(pm_host, own_series, 152);
STANDS(pm_host, find_series, 160);
STANDS(pm_host, supersede, 168);
STANDS(pm_host, declare_fact, 176);
STANDS(pm_host, declare_need, 184);
STANDS(pm_host, note, 192);
STANDS(pm_host, noted, 200);

IS(PM_NOTE_KEY_MOST, 200);
IS(PM_NOTE_VALUE_MOST, 1000);
IS(PM_NOTE_SECONDS_MOST, 63072000);
IS(PM_NOTES_OF_A_LETTER, 32);
IS(PM_NOTES_MOST, 10000);
#endif

#endif

/* Something to link; the assertions are the test. */
int main(void)
{
    return 0;
}
