/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * patchmark/plugin.h - the whole contract between patchmark and a plugin: plugin ABI 1.1.
 *
 * A plugin reads one letter at a time and reports facts about it ("project is linux, because 12
 * paths lie under arch/"). It never decides, edits or prints: what follows from a fact is policy,
 * and policy is written in rules. A plugin is a shared object that exports one function and imports
 * nothing from its host, so the daemon, the command line, a test and a fuzzer load the same file.
 *
 *     static pm_status scan(void *instance, pm_scan *scan) { ... host->add_fact(scan, &fact) ... }
 *     static const pm_plugin plugin = { .size = sizeof(plugin), ... };
 *     PM_PLUGIN_ENTRY(shout)
 *     {
 *         return &plugin;
 *     }
 *
 * Rules of the house, for every function here unless it says otherwise:
 *   - Slices the host hands out are borrowed until scan() returns (at open(): until it returns).
 *   - What a plugin hands over is copied by the host before the call returns.
 *   - Nobody frees what another allocated.
 *   - open() and close() run on one thread and never beside scan(); scan() runs on many threads at
 *     once with the same instance, each with its own pm_scan. An instance is therefore read-only
 *     after open() unless the plugin locks. Thread-local storage must not carry anything from one
 *     call to the next: the next call for the same message may come on another thread.
 *   - This header needs C11 or C++11 and nothing but the two includes below.
 *
 * Not here: how plugins are found and trusted (milter/engine/plugin/plugin_host.h), what rules can
 * say (milter/engine/rules.md).
 */
#ifndef PATCHMARK_PLUGIN_H
#define PATCHMARK_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PM_ABI_MAJOR 1 /* a break; a plugin of another major version is refused */
#ifndef PM_ABI_MINOR
#define PM_ABI_MINOR 1 /* what this header describes; members are only ever added at the end */
#endif

typedef struct pm_scan pm_scan;         /* one message under examination; the host's */
typedef struct pm_settings pm_settings; /* a block of parsed configuration; the host's */

/* Bytes in a row. Not NUL-terminated, and may contain NUL: mail does. */
typedef struct pm_slice {
    const char *data;
    size_t len;
} pm_slice;

typedef enum pm_status {
    PM_OK = 0,
    PM_ABSENT = 1, /* asked for something the message or the configuration does not have */
    PM_LATER = -1, /* cannot tell now: a look-up timed out */
    PM_LIMIT = -2, /* an allowance (memory, time, number) is spent */
    PM_FAULT = -3, /* broken: the call makes no sense, or this plugin cannot go on */
} pm_status;

/* Levels for log(). */
enum { PM_LEVEL_ERROR = 3, PM_LEVEL_WARNING = 4, PM_LEVEL_INFO = 6, PM_LEVEL_DEBUG = 7 };

/* ---- What a plugin reports ------------------------------------------------------------------ */

typedef enum pm_fact_type {
    PM_FACT_TEXT = 0,   /* value in pm_fact.text, UTF-8, at most 1,024 bytes */
    PM_FACT_NUMBER = 1, /* value in pm_fact.number */
} pm_fact_type;

/* A fact the plugin may report. A rule that names a fact nobody declares is an error. */
typedef struct pm_fact_decl {
    const char *name; /* [a-z0-9.-], for instance "subsystem" or "subject.shouts" */
    pm_fact_type type;
    const char *meaning; /* one sentence, shown by `patchmark plugin list` */
} pm_fact_decl;

/* One fact, handed to add_fact(). Zero what is not needed. */
typedef struct pm_fact {
    uint32_t size;    /* sizeof(pm_fact) */
    const char *name; /* one of the declared names */
    pm_slice text;    /* the value of a PM_FACT_TEXT */
    int64_t number;   /* the value of a PM_FACT_NUMBER */
    double weight;    /* how much it speaks for itself among facts of one name; > 0; 1.0 is usual */
    pm_slice source;  /* what it was read from, for instance a MAINTAINERS section's title */
    pm_slice reason;  /* why, as a phrase for people: "F: arch/x86/kvm/ (12 paths)" */
} pm_fact;

#if PM_ABI_MINOR >= 1
/* ---- The memory of series (since 1.1) -------------------------------------------------------- */

enum {
    PM_SERIES_RFC = 1u << 0,
    PM_SERIES_RESEND = 1u << 1,
    PM_SERIES_ROOT = 1u << 2,   /* its cover, or its only letter, has arrived */
    PM_SERIES_PINNED = 1u << 3, /* what it supersedes is a person's word */

    /* The rest: a mark of the trees and branches that its subject names; 0: it names none. */
    PM_SERIES_TREE = 0x7fffff00,
    PM_SERIES_TREE_SHIFT = 8,
};

/* Another message that a letter calls an earlier revision of itself. */
typedef struct pm_claim {
    pm_slice message_id; /* without angle brackets */
    uint32_t revision;   /* which one it is said to be; 0: not said */
    pm_slice how;        /* "link", "supersedes", "reply" */
} pm_claim;

/* One revision of a patch set, as far as its letters have arrived. Slices are never NULL. */
typedef struct pm_series {
    uint32_t size; /* sizeof(pm_series) where it was made */
    uint32_t flags;
    pm_slice id; /* the root's Message-ID, without angle brackets */
    uint32_t revision, reroll;
    int32_t total;     /* patches; -1: not said */
    int32_t rank;      /* whose word title and author are: 0 the root's, n part n's */
    int64_t date;      /* of the root, or of the lowest part seen; seconds since 1970 */
    int64_t last_seen; /* the newest mail in its thread */
    pm_slice title, author, author_name, change_id;
    pm_slice project, inbox;    /* empty: not decided; inbox is a slug, without the project */
    const pm_slice *subsystems; /* most relevant first */
    size_t subsystem_count;
    const pm_slice *titles; /* of its patches: sorted; letters and digits in lower case */
    size_t title_count;
    const pm_slice *paths; /* sorted */
    size_t path_count;
    const pm_claim *claims;
    size_t claim_count;
    pm_slice supersedes, supersedes_why; /* the series before it; empty: none known */
    double supersedes_weight;            /* how sure, 0 to 1 */
} pm_series;

/* What series are found by. Names and titles compare as letters and digits in lower case. */
typedef enum pm_series_key {
    PM_KEY_AUTHOR = 0, /* address, lower case */
    PM_KEY_AUTHOR_NAME = 1,
    PM_KEY_CHANGE_ID = 2,
    PM_KEY_TITLE = 3,
    PM_KEY_SUPERSEDES = 4, /* those that supersede the series of this id */
} pm_series_key;

/* What note() takes at the most. */
enum {
    PM_NOTE_KEY_MOST = 200,                        /* bytes */
    PM_NOTE_VALUE_MOST = 1000,                     /* bytes */
    PM_NOTE_SECONDS_MOST = 2 * 365 * 24 * 60 * 60, /* until it expires */
    PM_NOTES_OF_A_LETTER = 32,                     /* of one plugin */
    PM_NOTES_MOST = 10000,                         /* of one plugin; about */
};
#endif

/* ---- What the host offers -------------------------------------------------------------------- */

typedef struct pm_host {
    uint32_t size; /* of the table the host was built with; see PM_HOST_HAS */
    uint16_t abi_major, abi_minor;

    /* Write a line to patchmark's log. The host adds plugin, queue id and Message-ID and escapes
     * what is not printable. scan may be NULL (at open and close). printf's format. */
    void (*log)(pm_scan *scan, int level, const char *format, ...);

    /* Memory that lives until the message has been answered, aligned for any type, not cleared.
     * NULL past the message's allowance: give up with PM_LIMIT. */
    void *(*scratch)(pm_scan *scan, size_t size);

    /* Microseconds left of this message's time; <= 0 when it is spent: return PM_LIMIT soon. */
    int64_t (*time_left)(pm_scan *scan);

    /* The nth header field called name, counted from 0 at the top of the message, without name and
     * colon, still folded (RFC 5322 section 2.2.3). Names compare without case. PM_ABSENT past the
     * last. */
    pm_status (*header)(pm_scan *scan, const char *name, unsigned nth, pm_slice *value_out);

    /* The message's text: its first text part, transfer encoding and charset decoded to UTF-8
     * (invalid bytes may remain in mail that lies about its charset). Empty when it has none. */
    pm_status (*body_text)(pm_scan *scan, pm_slice *text_out);

    /* The nth value of a field of the letter, by the name rules use for it: "title", "kind",
     * "path", "path.lines", "prefix", "list", ... `patchmark plugin list --fields` prints them all
     * with their types. PM_ABSENT past the last; PM_FAULT for a name or type that does not exist.
     */
    pm_status (*letter_text)(pm_scan *scan, const char *field, unsigned nth, pm_slice *value_out);
    pm_status (*letter_number)(pm_scan *scan, const char *field, unsigned nth, int64_t *value_out);

    /* The nth fact called name that an earlier plugin reported. Only facts listed in `needs` are
     * sure to be there: they order the pipeline. weight_out may be NULL. PM_ABSENT past the last.
     */
    pm_status (*fact_text)(pm_scan *scan, const char *name, unsigned nth, pm_slice *value_out,
                           double *weight_out);
    pm_status (*fact_number)(pm_scan *scan, const char *name, unsigned nth, int64_t *value_out,
                             double *weight_out);

    /* Report a fact. PM_FAULT when it was not declared, its value is not of the declared type, or
     * its weight is not a positive number; PM_LIMIT past 256 facts a message, or when others have
     * taken the room. */
    pm_status (*add_fact)(pm_scan *scan, const pm_fact *fact);

    /* The nth value of an option, in open(): from the block, else its declared default (nth 0
     * only). PM_ABSENT past the last. Values have been checked against the declared type and range.
     */
    pm_status (*option_text)(const pm_settings *settings, const char *option, unsigned nth,
                             pm_slice *value_out);
    pm_status (*option_number)(const pm_settings *settings, const char *option, unsigned nth,
                               int64_t *value_out);

    /* The nth block `word NAME { ... }`, in open(): inside settings, or, for the settings open()
     * was given, also at the top of the configuration and of every rule file (`project linux { ...
     * }`). name_out gets NAME (empty when it has none). The block is borrowed until open() returns.
     */
    pm_status (*block)(const pm_settings *settings, const char *word, unsigned nth,
                       pm_slice *name_out, const pm_settings **block_out);

    /* Statement nth of a block, for blocks whose words the plugin defines itself: its word and
     * values are words 0, 1, 2, ... PM_ABSENT past the last statement or word. */
    pm_status (*statement)(const pm_settings *settings, unsigned nth, unsigned word,
                           pm_slice *value_out);

    /* A path as a block has it, made absolute: a relative one counts from the folder of the file
     * that names it. Borrowed until open() returns, NUL-terminated behind its end. */
    pm_status (*resolve_path)(const pm_settings *settings, pm_slice written, pm_slice *path_out);

    /* Say what is wrong with the configuration, in open(), then return PM_FAULT. The host puts file
     * and line of the named option in front; option may be NULL (the block's own line). */
    void (*problem)(const pm_settings *settings, const char *option, const char *format, ...);

#if PM_ABI_MINOR >= 1
    /* Since 1.1: the memory of series. Every one of these answers PM_ABSENT when the memory does
     * not know or there is none, and PM_LATER when it cannot tell within the message's time. Who
     * answers PM_LATER with what it found so far does right: marks that need no memory still go on.
     */

    /* The series a Message-ID belongs to, and its part in it (-1: a reply). part_out may be NULL.
     */
    pm_status (*reference)(pm_scan *scan, pm_slice message_id, pm_slice *series_out,
                           int32_t *part_out);

    /* What is known of a series. */
    pm_status (*series)(pm_scan *scan, pm_slice id, const pm_series **series_out);

    /* What is known of this letter's series with what the letter itself says. Until a plugin has
     * reported the fact "series", its id is empty and it is the letter's word alone. */
    pm_status (*own_series)(pm_scan *scan, const pm_series **series_out);

    /* The nth series under a key, newest first; the first 100 can be had. */
    pm_status (*find_series)(pm_scan *scan, pm_series_key key, pm_slice value, unsigned nth,
                             const pm_series **series_out);

    /* Remember that one series supersedes another, because of why; predecessor empty: none. weight
     * 0 to 1. What a person has pinned stays. */
    pm_status (*supersede)(pm_scan *scan, pm_slice series, pm_slice predecessor, double weight,
                           pm_slice why);

    /* Since 1.1: for a plugin that learns from its configuration what it can report, as one that
     * runs other people's scripts does. In open(), with the settings open() was given: declare one
     * more fact, or one more fact that is read, beside those of the descriptor. Copied. PM_FAULT,
     * and an error of the configuration, for what no descriptor could have either; PM_LIMIT past
     * 256 of them. */
    pm_status (*declare_fact)(const pm_settings *settings, const pm_fact_decl *fact);
    pm_status (*declare_need)(const pm_settings *settings, const char *fact);

    /* Since 1.1: a small memory of this plugin's own, which no other plugin sees; what one letter
     * shall tell a later one. Remember a value under a key for so many seconds (1 to
     * PM_NOTE_SECONDS_MOST) from now; what stood there is replaced; an empty value forgets it, and
     * seconds do not count then. Copied. It is written together with what else is remembered of the
     * message, before the message is answered.
     *
     * Keys and values are text: what is no UTF-8 becomes "?", control characters become spaces, but
     * line ends and tabs of a value stay. Beyond PM_NOTES_MOST notes of a plugin those that expire
     * first are forgotten.
     *
     * PM_ABSENT: there is no memory, and nothing is remembered. PM_FAULT: the key is empty, key or
     * value is too long, or seconds are out of range. PM_LIMIT past PM_NOTES_OF_A_LETTER. PM_LATER:
     * the memory does not answer in time. */
    pm_status (*note)(pm_scan *scan, pm_slice key, pm_slice value, int64_t seconds);

    /* What was noted under a key, by this letter or an earlier one. PM_ABSENT: nothing, or it has
     * expired, or there is no memory; PM_LATER when that cannot be told in time. A note expires by
     * the clock on the wall, not by the dates of letters: here alone the same mail may find
     * something else an hour later. */
    pm_status (*noted)(pm_scan *scan, pm_slice key, pm_slice *value_out);
#endif
} pm_host;

/* Does this host have a member that was added after the ABI the plugin asks for? */
#define PM_HOST_HAS(host, member)                                                                  \
    ((host)->size >= offsetof(pm_host, member) + sizeof((host)->member))

/* ---- What a plugin is ------------------------------------------------------------------------ */

typedef enum pm_option_type {
    PM_OPTION_TEXT = 0,   /* one value */
    PM_OPTION_TEXTS = 1,  /* any number of values, in one statement or several */
    PM_OPTION_NUMBER = 2, /* one whole number within min..max */
    PM_OPTION_FILE = 3,   /* one path; a relative one counts from the file that names it */
    PM_OPTION_BLOCK = 4,  /* a block, read by block(); its content is the plugin's to check */
} pm_option_type;

typedef struct pm_option {
    const char *name;
    pm_option_type type;
    int64_t min, max;     /* PM_OPTION_NUMBER */
    const char *fallback; /* the default, as it would be written; NULL for none */
    const char *help;     /* one sentence */
} pm_option;

enum {
    PM_PLUGIN_NEEDS_BODY = 1, /* reads body_text */
    PM_PLUGIN_MAY_BLOCK = 2,  /* does I/O in scan; gets fewer slots */
};

typedef struct pm_plugin {
    uint32_t size; /* sizeof(pm_plugin) */
    uint16_t abi_major,
        abi_minor;    /* PM_ABI_MAJOR, and the oldest minor this plugin can live with */
    const char *name; /* [a-z][a-z0-9-]*; the file is called NAME.so */
    const char *version;
    const char *summary; /* one sentence */
    uint32_t flags;
    const pm_option *options;  /* ends with a NULL name; NULL for none */
    const pm_fact_decl *facts; /* ends with a NULL name; every fact it may report */
    const char *const *needs;  /* ends with NULL; facts it reads; NULL for none */

    /* Make an instance from the plugin's block of the configuration (`plugin NAME { ... }`; an
     * empty one when there is none). PM_OK and an instance (NULL is one), or PM_FAULT after
     * problem(). */
    pm_status (*open)(const pm_host *host, const pm_settings *settings, void **instance_out);

    /* Examine one message. Anything but PM_OK (PM_ABSENT counts as PM_OK: nothing to say) makes the
     * host add the fact plugin.NAME.fault; the facts reported until then are kept. */
    pm_status (*scan)(void *instance, pm_scan *scan);

    /* Give the instance back. May be NULL. */
    void (*close)(void *instance);
} pm_plugin;

typedef const pm_plugin *(*pm_plugin_entry_fn)(void);

/* Defines the one function a plugin exports. Linked statically (tests, fuzzers), where several
 * plugins share one program, it carries the plugin's name. */
#if defined(__GNUC__)
#define PM_EXPORT __attribute__((visibility("default")))
#else
#define PM_EXPORT
#endif
#ifdef PM_PLUGIN_STATIC
#define PM_PLUGIN_ENTRY(name)                                                                      \
    const pm_plugin *pm_plugin_entry_##name(void);                                                 \
    const pm_plugin *pm_plugin_entry_##name(void)
#else
#define PM_PLUGIN_ENTRY(name)                                                                      \
    PM_EXPORT const pm_plugin *pm_plugin_entry(void);                                              \
    const pm_plugin *pm_plugin_entry(void)
#endif

#ifdef __cplusplus
}
#endif
#endif
