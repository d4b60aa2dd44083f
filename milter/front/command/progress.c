/* SPDX-License-Identifier: BSD-2-Clause */
/* progress - how far an archive has been read; see progress.h. */
#include "progress.h"

#include "clock.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define EVERY_US 200000
#define BAR      24

void pm_progress_begin(pm_progress *progress, bool wanted)
{
    *progress = (pm_progress){.wanted = wanted && isatty(STDERR_FILENO) == 1};
    pm_progress_open(progress);
}

void pm_progress_open(pm_progress *progress)
{
    progress->began_us = pm_clock_us();
    progress->next_us = progress->began_us + EVERY_US;
}

/* Columns there are; terminals that do not say have 80. */
static int terminal_width(void)
{
    struct winsize size = {0};

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* "[########........]  33%, 4 min left"; how far cannot be told of a pipe. */
static int print_share(char *text, size_t size, double share, int64_t took_us)
{
    char bar[BAR + 1];
    int64_t left;

    if (share < 0)
        return snprintf(text, size, "%s", "");
    if (share > 1)
        share = 1;
    for (int i = 0; i < BAR; i++)
        bar[i] = i < (int)(share * BAR) ? '#' : '.';
    bar[BAR] = '\0';
    if (share < 0.01)
        return snprintf(text, size, "[%s] %3.0f%%, ", bar, share * 100);
    left = (int64_t)((double)took_us / share * (1 - share)) / 1000000;
    if (left < 120)
        return snprintf(text, size, "[%s] %3.0f%%, %d s left, ", bar, share * 100, (int)left);
    return snprintf(text, size, "[%s] %3.0f%%, %d min left, ", bar, share * 100, (int)(left / 60));
}

static void draw(const pm_progress *progress, const char *path, double share, int64_t now)
{
    char line[512];
    int width = terminal_width(), length;

    length = print_share(line, sizeof(line), share, now - progress->began_us);
    snprintf(line + length, sizeof(line) - (size_t)length, "%zu, %s", progress->count, path);
    /* One column is left free: in the last one a terminal may wrap. */
    fprintf(stderr, "\r%.*s\033[K", width - 1, line);
}

void pm_progress_step(pm_progress *progress, const char *path, double share)
{
    int64_t now;

    progress->count++;
    if (!progress->wanted)
        return;
    now = pm_clock_us();
    if (now < progress->next_us)
        return;
    progress->next_us = now + EVERY_US;
    progress->shown = true;
    draw(progress, path, share, now);
}

void pm_progress_wipe(pm_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
