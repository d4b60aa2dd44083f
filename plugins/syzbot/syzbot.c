/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syzbot - which bugs a letter is about that a syzkaller robot has reported, and what the letter
 * has to do with them: is it the report, a fix, a request to test one, a command to the robot?
 *
 * The robot gives every bug an address, syzbot+HASH@syzkaller.appspotmail.com. Reports come from
 * there, answers are sent there, and fixes have it in a trailer (Reported-by:, Tested-by:, ...) or
 * link to the bug's page. Manual: syzbot.md.
 *
 * An example of a site's own plugin, to be copied: it reads addresses and text, reports two facts
 * and knows nothing of what follows. That is in rules.
 */
#include <patchmark/plugin.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_DOMAINS = 8,
    MOST_BUGS = 16,   /* of one letter; a fix for more than three is rare */
    LEAST_DIGITS = 8, /* of a hash, which usually has 20, and 40 in old links */
    MOST_DIGITS = 40,
};

/* What open() makes and scan() reads, on many threads at once: it does not change. */
struct instance {
    const pm_host *host;
    char *domains[MOST_DOMAINS]; /* NUL-terminated copies: what open() is given is only lent */
    size_t domain_count;
};

/* What speaks for a bug, the strongest first. */
typedef enum evidence {
    BY_TRAILER,
    BY_LINK,
    BY_ADDRESS,
} evidence;

static const struct {
    double weight;
    const char *reason;
} evidences[] = {
    [BY_TRAILER] = {3, "its address in a trailer"},
    [BY_LINK] = {2, "a link to its page"},
    [BY_ADDRESS] = {1, "its address in From, To or Cc"},
};

typedef struct bug {
    char hash[MOST_DIGITS]; /* in small letters */
    size_t len;
    evidence by;
} bug;

/* One letter, and what has been found in it. On the stack of scan(): no memory to ask for. */
typedef struct letter {
    const struct instance *of;
    pm_scan *scan;
    bool from_robot, tests, commands;
    bool is_patch, is_reply;
    bug bugs[MOST_BUGS];
    size_t bug_count;
} letter;

/* ---- Text ---- */

/* ASCII only and without a locale, which isxdigit() and tolower() would ask. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_hex(char c)
{
    c = lower(c);
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* memchr, not strchr: mail may hold NUL, which strchr finds at the end of every string. */
static bool is_one_of(char c, const char *set)
{
    return memchr(set, c, strlen(set)) != NULL;
}

static bool starts(pm_slice text, const char *with)
{
    const size_t len = strlen(with);

    if (text.len < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(text.data[i]) != with[i])
            return false;
    return true;
}

static pm_slice after(pm_slice text, size_t count)
{
    return (pm_slice){text.data + count, text.len - count};
}

static bool is_text(pm_slice slice, const char *text)
{
    return slice.len == strlen(text) && memcmp(slice.data, text, slice.len) == 0;
}

/* The next line, without its LF or CRLF. False when there is none. */
static bool next_line(pm_slice *rest, pm_slice *line_out)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    const size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);

    if (rest->len == 0)
        return false;
    *line_out = (pm_slice){rest->data, len};
    if (len > 0 && line_out->data[len - 1] == '\r')
        line_out->len--;
    *rest = after(*rest, len + (end != NULL));
    return true;
}

/* ---- Bugs ---- */

/* The digits of a hash at the front of text. 0: it is none. */
static size_t hash_length(pm_slice text)
{
    size_t len = 0;

    while (len < text.len && is_hex(text.data[len]))
        len++;
    return len < LEAST_DIGITS || len > MOST_DIGITS ? 0 : len;
}

static void add_bug(letter *at, pm_slice hash, evidence by)
{
    bug made = {.len = hash.len, .by = by};

    for (size_t i = 0; i < hash.len; i++)
        made.hash[i] = lower(hash.data[i]);
    for (size_t i = 0; i < at->bug_count; i++) {
        bug *known = &at->bugs[i];

        if (known->len != made.len || memcmp(known->hash, made.hash, made.len) != 0)
            continue;
        if (by < known->by)
            known->by = by;
        return;
    }
    if (at->bug_count < MOST_BUGS)
        at->bugs[at->bug_count++] = made;
}

static bool is_robots_domain(const struct instance *of, pm_slice text)
{
    for (size_t i = 0; i < of->domain_count; i++) {
        const size_t len = strlen(of->domains[i]);

        if (starts(text, of->domains[i]) &&
            (text.len == len || is_one_of(text.data[len], "> \t,;)")))
            return true;
    }
    return false;
}

/* syzbot+HASH@DOMAIN at the front of text; syzbot@DOMAIN is the robot without a bug. */
static bool read_address(letter *at, pm_slice text, evidence by)
{
    size_t len;

    if (!starts(text, "syzbot"))
        return false;
    text = after(text, 6);
    if (starts(text, "@"))
        return is_robots_domain(at->of, after(text, 1));
    if (!starts(text, "+"))
        return false;
    text = after(text, 1);
    len = hash_length(text);
    if (len == 0 || !starts(after(text, len), "@") ||
        !is_robots_domain(at->of, after(text, len + 1)))
        return false;
    add_bug(at, (pm_slice){text.data, len}, by);
    return true;
}

/* ...bug?extid=HASH, and in older mail ...bug?id=HASH. */
static bool read_link(letter *at, pm_slice text)
{
    static const char *const starts_of[] = {"bug?extid=", "bug?id="};

    for (size_t i = 0; i < sizeof(starts_of) / sizeof(starts_of[0]); i++) {
        pm_slice hash;

        if (!starts(text, starts_of[i]))
            continue;
        hash = after(text, strlen(starts_of[i]));
        hash.len = hash_length(hash);
        if (hash.len > 0)
            add_bug(at, hash, BY_LINK);
        return hash.len > 0;
    }
    return false;
}

/* ---- Reading the letter ---- */

/* Reported-by:, Reported-and-tested-by:, Closes:, Link:, ... at the beginning of a line. Quoted
 * lines and those of a diff begin otherwise. */
static bool is_trailer(pm_slice line)
{
    size_t len = 0;

    while (len < line.len && ((lower(line.data[len]) >= 'a' && lower(line.data[len]) <= 'z') ||
                              line.data[len] == '-'))
        len++;
    return len > 1 && len < line.len && line.data[len] == ':';
}

/* Both begin with a letter that is rare enough to try each. */
static void read_trailer(letter *at, pm_slice line)
{
    for (; line.len > 0; line = after(line, 1))
        if (!read_address(at, line, BY_TRAILER))
            (void)read_link(at, line);
}

/* "#syz test: git://...", "#syz fix: title", "#syz dup: title", "#syz invalid". */
static void read_command(letter *at, pm_slice line)
{
    line = after(line, 4);
    if (line.len == 0 || !is_one_of(line.data[0], " \t:-"))
        return; /* "#syzygy" */
    while (line.len > 0 && is_one_of(line.data[0], " \t:-"))
        line = after(line, 1);
    if (starts(line, "test"))
        at->tests = true;
    else if (line.len > 0)
        at->commands = true;
}

static void read_text(letter *at)
{
    pm_slice text, line;

    if (at->of->host->body_text(at->scan, &text) != PM_OK)
        return;
    while (next_line(&text, &line)) {
        if (starts(line, "#syz"))
            read_command(at, line);
        else if (is_trailer(line))
            read_trailer(at, line);
    }
}

/* What patchmark has understood of the letter: fields, by the names rules use for them. */
static void read_kind(letter *at)
{
    const pm_host *host = at->of->host;
    int64_t reply;
    pm_slice kind;

    if (host->letter_text(at->scan, "kind", 0, &kind) == PM_OK)
        at->is_patch = is_text(kind, "patch") || is_text(kind, "cover") || is_text(kind, "pull");
    if (host->letter_number(at->scan, "reply", 0, &reply) == PM_OK)
        at->is_reply = reply != 0;
}

static void read_addresses(letter *at)
{
    const pm_host *host = at->of->host;
    pm_slice address;

    if (host->letter_text(at->scan, "author", 0, &address) == PM_OK)
        at->from_robot = read_address(at, address, BY_ADDRESS);
    for (unsigned nth = 0; host->letter_text(at->scan, "addressee", nth, &address) == PM_OK; nth++)
        (void)read_address(at, address, BY_ADDRESS);
}

/* ---- Saying it ---- */

static pm_status report(const letter *at, const char *name, pm_slice text, double weight,
                        const char *reason)
{
    const pm_fact fact = {
        .size = sizeof(fact),
        .name = name,
        .text = text,
        .weight = weight,
        .reason = {reason, strlen(reason)},
    };

    return at->of->host->add_fact(at->scan, &fact);
}

/* Does the letter itself name a bug, not only its addressees? */
static bool names_a_bug(const letter *at)
{
    for (size_t i = 0; i < at->bug_count; i++)
        if (at->bugs[i].by != BY_ADDRESS)
            return true;
    return false;
}

/* The robot's own letters quote commands and the trailers it wishes for: they have no other role.
 */
static pm_status report_roles(const letter *at)
{
    const struct {
        bool holds;
        const char *role, *reason;
    } roles[] = {
        {at->from_robot && !at->is_reply, "report", "the robot wrote it"},
        {at->from_robot && at->is_reply, "result", "the robot answers"},
        {!at->from_robot && at->is_patch && names_a_bug(at), "fix", "a patch that names the bug"},
        {!at->from_robot && at->tests, "test", "#syz test"},
        {!at->from_robot && at->commands, "command", "#syz and another command"},
    };
    bool any = false;

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        const pm_slice role = {roles[i].role, strlen(roles[i].role)};

        if (!roles[i].holds)
            continue;
        any = true;
        if (report(at, "syzbot.role", role, 1, roles[i].reason) != PM_OK)
            return PM_LIMIT;
    }
    return any ? PM_OK : report(at, "syzbot.role", (pm_slice){"talk", 4}, 1, "none of the others");
}

static pm_status scan_letter(void *instance, pm_scan *scan)
{
    letter at = {.of = instance, .scan = scan};

    read_kind(&at);
    read_addresses(&at);
    read_text(&at);
    if (at.bug_count == 0)
        return PM_ABSENT; /* most mail: nothing to say */
    for (size_t i = 0; i < at.bug_count; i++) {
        const bug *found = &at.bugs[i];

        if (report(&at, "syzbot.bug", (pm_slice){found->hash, found->len},
                   evidences[found->by].weight, evidences[found->by].reason) != PM_OK)
            return PM_LIMIT;
    }
    return report_roles(&at);
}

/* ---- Once, when the configuration is read ---- */

static void close_plugin(void *instance)
{
    struct instance *of = instance;

    for (size_t i = 0; i < of->domain_count; i++)
        free(of->domains[i]);
    free(of);
}

static bool add_domain(struct instance *of, pm_slice written)
{
    char *domain = calloc(1, written.len + 1);

    if (domain == NULL)
        return false;
    for (size_t i = 0; i < written.len; i++)
        domain[i] = lower(written.data[i]);
    of->domains[of->domain_count++] = domain;
    return true;
}

static pm_status open_plugin(const pm_host *host, const pm_settings *settings, void **instance_out)
{
    struct instance *of = calloc(1, sizeof(*of));
    pm_slice domain;

    if (of == NULL)
        return PM_FAULT;
    of->host = host;
    /* The first one is always there: it has a default. */
    for (unsigned nth = 0; host->option_text(settings, "domains", nth, &domain) == PM_OK; nth++) {
        if (nth == MOST_DOMAINS || domain.len == 0 || !add_domain(of, domain)) {
            host->problem(settings, "domains", "1 to %d domains can be named, none of them empty",
                          MOST_DOMAINS);
            close_plugin(of);
            return PM_FAULT;
        }
    }
    *instance_out = of;
    return PM_OK;
}

/* ---- What it is ---- */

static const pm_option options[] = {
    {"domains", PM_OPTION_TEXTS, 0, 0, "syzkaller.appspotmail.com",
     "where the robots have their addresses"},
    {NULL, PM_OPTION_TEXT, 0, 0, NULL, NULL},
};

static const pm_fact_decl facts[] = {
    {"syzbot.bug", PM_FACT_TEXT, "the hash of a bug the letter is about, in small letters"},
    {"syzbot.role", PM_FACT_TEXT,
     "what the letter has to do with it: report, result, fix, test, command or talk"},
    {NULL, PM_FACT_TEXT, NULL},
};

static const pm_plugin plugin = {
    .size = sizeof(plugin),
    .abi_major = PM_ABI_MAJOR,
    .abi_minor = 0,
    .name = "syzbot",
    .version = "1.0",
    .summary = "Which bugs of a syzkaller robot a letter reports, fixes or talks about",
    .flags = PM_PLUGIN_NEEDS_BODY,
    .options = options,
    .facts = facts,
    .open = open_plugin,
    .scan = scan_letter,
    .close = close_plugin,
};

PM_PLUGIN_ENTRY(syzbot)
{
    return &plugin;
}
