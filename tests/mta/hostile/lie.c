/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lie - reports at "tell lies" what nobody may report: facts that are not its own, weights that are
 * no numbers, texts without end, and bytes that would break a header field if they came into one.
 */
#include "hostile.h"

#include <math.h>

static const pm_fact_decl facts[] = {
    {"subsystem", PM_FACT_TEXT, "a lie"},
    {"tag", PM_FACT_TEXT, "a lie"},
    {"series", PM_FACT_TEXT, "a lie"},
    {"lie.text", PM_FACT_TEXT, "a lie"},
    {"lie.count", PM_FACT_NUMBER, "how many lies were taken"},
    {NULL, PM_FACT_NUMBER, NULL},
};

static char endless[1 << 20];

#define BYTES(text) ((pm_slice){text, sizeof(text) - 1})

static const struct lie {
    const char *name;
    pm_slice text;
    double weight;
    pm_slice reason;
} lies[] = {
    {"project", BYTES("undeclared"), 100, BYTES("r")},
    {"plugin.thread.fault", BYTES(""), 100, BYTES("r")},
    {"nobody.knows\r\nForged: yes", BYTES("x"), 100, BYTES("r")},
    {"subsystem", BYTES("not-a-number"), NAN, BYTES("r")},
    {"subsystem", BYTES("endless"), INFINITY, BYTES("r")},
    {"subsystem", BYTES("less-than-nothing"), -1, BYTES("r")},
    {"subsystem", {endless, sizeof(endless)}, 1, BYTES("r")},
    {"subsystem", BYTES("new\r\nForged: line"), 1, BYTES("r")},
    {"subsystem", BYTES("nul\0inside"), 1, BYTES("r")},
    {"subsystem", BYTES("caf\xc3\xa9"), 1, BYTES("r")},
    {"tag", BYTES("\x1b[31mred"), 1, BYTES("r")},
    {"tag", BYTES("\xff\xfe"), 1, BYTES("r")},
    {"series", BYTES("a@b>\r\nForged: yes\r\n <c@d"), 1, BYTES("r")},
    {"series", BYTES("caf\xc3\xa9@example.org"), 1, BYTES("r")},
    /* What is left may be said; its reason goes into a header field. */
    {"subsystem", BYTES("liars"), 1000,
     BYTES("no\0\r\nForged: yes\r\n\r\nbody \xff\xc3\xa9 \"q\" \\")},
    {"tag", BYTES("liar"), 1, {endless, sizeof(endless)}},
    {"lie.text", BYTES("any\0\x01\xc3\xa9 text\r\n"), 1, {endless, sizeof(endless)}},
};

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    pm_fact fact = {.size = sizeof(fact), .weight = 1};
    int64_t taken = 0;

    (void)instance;
    if (!hostile_is_asked(scan, "tell lies"))
        return PM_OK;
    memset(endless, 0xe9, sizeof(endless));
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        fact.name = lies[i].name;
        fact.text = lies[i].text;
        fact.weight = lies[i].weight;
        fact.source = fact.reason = lies[i].reason;
        taken += hostile_host->add_fact(scan, &fact) == PM_OK;
    }
    fact = (pm_fact){.size = 1, .name = "lie.text", .weight = 1}; /* of no ABI there ever was */
    taken += hostile_host->add_fact(scan, &fact) == PM_OK;
    fact = (pm_fact){.size = sizeof(fact), .name = "lie.count", .number = taken, .weight = 1};
    hostile_host->add_fact(scan, &fact);
    for (int i = 0; i < 1000; i++) /* more than a message has room for */
        hostile_seen(scan, "lie.count");
    return (pm_status)12345;
}

HOSTILE_PLUGIN("lie", scan_letter, facts)
