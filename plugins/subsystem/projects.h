/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * projects - what the configuration says of projects, as far as it is about subsystems: the
 * MAINTAINERS file of each, and what its sections are called.
 *
 * Read-only once read; many threads may look.
 */
#ifndef PM_SUBSYSTEM_PROJECTS_H
#define PM_SUBSYSTEM_PROJECTS_H

#include "maintainers.h"

enum {
    PM_PROJECTS = 64,     /* the most there can be */
    PM_SECTION_SLUG = 63, /* bytes of a slug, at the most */
};

typedef struct pm_section_label {
    char slug[PM_SECTION_SLUG + 1];
    bool broad; /* much lies in it that is another section's, too */
} pm_section_label;

typedef struct pm_project {
    char *name;
    pm_maintainers *maintainers; /* NULL: none is named */
    char *file;                  /* its name without folders */
    pm_section_label *labels;    /* one a section */
} pm_project;

typedef struct pm_projects {
    const pm_host *host;
    pm_project items[PM_PROJECTS];
    size_t count;
} pm_projects;

/* Read all blocks `project` into of, in which the host is set. PM_FAULT after the host was told of
 * the problem, or without memory; what was read until then is to be forgotten all the same. */
pm_status pm_projects_read(pm_projects *of, const pm_settings *settings);
void pm_projects_forget(pm_projects *of);

/* The project of this name, or NULL. */
pm_project *pm_projects_find(pm_projects *of, pm_slice name);

#endif
