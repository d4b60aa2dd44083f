/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintainers_fuzz - a MAINTAINERS file and paths that nobody would write.
 *
 * Input: a path a line, an empty line, and the file. The file is written to memory, since that is
 * what the reader takes; what it says of each path must hold together.
 */
#include "maintainers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 8, MOST_PATHS = 16 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void report(void *context, const char *file, unsigned line, const char *sentence)
{
    (void)context;
    (void)line;
    require(file != NULL && sentence[0] != '\0');
}

static void check_matches(const pm_maintainers *maintainers, const pm_section_match *matches,
                          size_t found)
{
    for (size_t i = 0; i < found && i < ROOM; i++) {
        require(matches[i].section < pm_maintainers_sections(maintainers));
        require(i == 0 || matches[i - 1].depth >= matches[i].depth);
        require(matches[i].pattern.len > 0);
    }
}

static void check_path(const pm_maintainers *maintainers, pm_slice path)
{
    pm_section_match matches[ROOM], in_tree[ROOM], words[ROOM];
    size_t found = pm_maintainers_match(maintainers, path, matches, ROOM);

    check_matches(maintainers, matches, found);
    check_matches(maintainers, in_tree,
                  pm_maintainers_match_in_tree(maintainers, path, in_tree, ROOM));
    check_matches(maintainers, words, pm_maintainers_keywords(maintainers, path, words, ROOM));
    require(pm_maintainers_match(maintainers, path, NULL, 0) == found);
}

static pm_maintainers *load(const uint8_t *data, size_t size)
{
    char name[64];
    int file = memfd_create("maintainers", MFD_CLOEXEC);
    pm_maintainers *maintainers = NULL;

    snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
    if (file >= 0 && write(file, data, size) == (ssize_t)size)
        maintainers = pm_maintainers_load(name, report, NULL);
    if (file >= 0)
        close(file);
    return maintainers;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *empty = memmem(data, size, "\n\n", 2);
    size_t paths = empty == NULL ? size : (size_t)(empty - data) + 1;
    pm_maintainers *maintainers = load(data + paths, size - paths);

    if (maintainers == NULL)
        return 0;
    for (size_t i = 0; i < pm_maintainers_sections(maintainers); i++) {
        char slug[64];
        size_t length = pm_section_slug(pm_maintainers_section(maintainers, i)->title, slug);

        require(length > 0 && length < sizeof(slug) && slug[length] == '\0');
        require((slug[0] >= 'a' && slug[0] <= 'z') || (slug[0] >= '0' && slug[0] <= '9'));
    }

    const char *at = (const char *)data;

    for (size_t n = 0; n < MOST_PATHS && paths > 0; n++) {
        const char *newline = memchr(at, '\n', paths);
        size_t length = newline == NULL ? paths : (size_t)(newline - at);

        check_path(maintainers, (pm_slice){at, length});
        length += newline != NULL;
        at += length;
        paths -= length;
    }
    pm_maintainers_free(maintainers);
    return 0;
}
