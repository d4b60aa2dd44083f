/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_descriptor - what a plugin says of itself, for people: printed, and looked at. Is it any
 * use: facts with a meaning and declared once, options with help and with defaults that they would
 * take themselves?
 *
 * More than what pm_plugin_check wants of it, which lets it run; this is for who writes it.
 */
#ifndef PM_PLUGIN_DESCRIPTOR_H
#define PM_PLUGIN_DESCRIPTOR_H

#include "error.h"

/* Of a plugin that pm_plugin_check lets through. Adds an error, about file, for all that is wrong.
 */
void pm_descriptor_check(const pm_plugin *plugin, const char *file, pm_errors *errors);

/* One line each, to standard output: what can be set, what it may report. */
void pm_descriptor_print_option(const pm_option *option);
void pm_descriptor_print_fact(const pm_fact_decl *fact);

#endif
