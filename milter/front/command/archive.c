/* SPDX-License-Identifier: BSD-2-Clause */
/* archive - every message of the paths a command was given; see archive.h. */
#include "archive.h"

#include "interrupt.h"

#include <stdio.h>

static bool goes_on(void)
{
    return !pm_interrupted() && !ferror(stdout);
}

static bool read_path(const pm_archive *of, const char *path)
{
    pm_source *source = pm_source_open(path, of->errors);
    pm_status status = PM_OK;
    pm_mail mail;

    if (source == NULL)
        return false;
    if (of->progress != NULL)
        pm_progress_open(of->progress);
    while (goes_on() && (status = pm_source_next(source, &mail)) == PM_OK) {
        if (!of->take(of->context, &mail)) {
            status = PM_FAULT;
            break;
        }
        if (of->progress != NULL)
            pm_progress_step(of->progress, path, pm_source_progress(source));
    }
    pm_source_close(source);
    return status != PM_FAULT;
}

bool pm_archive_read(const pm_archive *of)
{
    bool whole = true;

    for (size_t i = 0; i < of->path_count && goes_on(); i++)
        whole &= read_path(of, of->paths[i]);
    return whole;
}
