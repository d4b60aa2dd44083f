/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_new - a folder with a plugin that works, to begin one's own with: the files of the SDK's
 * template with a name put in.
 */
#ifndef PM_PLUGIN_NEW_H
#define PM_PLUGIN_NEW_H

/* Make the folder NAME in parent, and say what to do next. Never touches what is there already, and
 * leaves nothing half made. An exit status of commands.h. */
int pm_plugin_write_new(const char *name, const char *parent);

#endif
