/* SPDX-License-Identifier: BSD-2-Clause */
/* projects - what the configuration says of projects; see projects.h. */
#include "projects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_COMPLAINTS 20 /* lines of a MAINTAINERS file that the log mentions */

/* Passes what is wrong with a MAINTAINERS file to the log, and keeps the last sentence. */
struct complaints {
    const pm_host *host;
    unsigned count;
    char last[512];
};

static void complain(void *context, const char *file, unsigned line, const char *sentence)
{
    struct complaints *complaints = context;

    snprintf(complaints->last, sizeof(complaints->last), "%s", sentence);
    if (line == 0)
        return; /* about all of it: open() says so */
    complaints->count++;
    if (complaints->count <= MOST_COMPLAINTS)
        complaints->host->log(NULL, PM_LEVEL_WARNING, "%s:%u: %s", file, line, sentence);
}

static bool is_text(pm_slice a, const char *text)
{
    return a.len == strlen(text) && (a.len == 0 || memcmp(a.data, text, a.len) == 0);
}

static bool is_title(pm_slice a, pm_slice b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

static char *copy(pm_slice text)
{
    char *made = malloc(text.len + 1);

    if (made == NULL)
        return NULL;
    if (text.len > 0)
        memcpy(made, text.data, text.len);
    made[text.len] = '\0';
    return made;
}

pm_project *pm_projects_find(pm_projects *of, pm_slice name)
{
    for (size_t i = 0; i < of->count; i++)
        if (is_text(name, of->items[i].name))
            return &of->items[i];
    return NULL;
}

/* Slugs as the sections' titles make them; the mapping comes over that. */
static bool label_sections(pm_project *project)
{
    size_t count = pm_maintainers_sections(project->maintainers);

    project->labels = calloc(count, sizeof(*project->labels));
    if (project->labels == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        pm_section_slug(pm_maintainers_section(project->maintainers, i)->title,
                        project->labels[i].slug);
    return true;
}

static pm_status load_maintainers(pm_projects *of, pm_project *project, const pm_settings *block,
                                  pm_slice written)
{
    const pm_host *host = of->host;
    struct complaints complaints = {.host = host};
    pm_slice path;

    if (project->maintainers != NULL) {
        host->problem(block, "maintainers",
                      "project %s has a MAINTAINERS file already: %s (leave one of them out)",
                      project->name, project->file);
        return PM_FAULT;
    }
    if (host->resolve_path(block, written, &path) != PM_OK) {
        host->problem(block, "maintainers", "wants the name of a file: maintainers FILE");
        return PM_FAULT;
    }
    project->maintainers = pm_maintainers_load(path.data, complain, &complaints);
    if (project->maintainers == NULL) {
        host->problem(block, "maintainers", "%s %s", path.data, complaints.last);
        return PM_FAULT;
    }
    if (complaints.count > MOST_COMPLAINTS)
        host->log(NULL, PM_LEVEL_WARNING, "%s: %u more lines like these", path.data,
                  complaints.count - MOST_COMPLAINTS);

    const char *base = memrchr(path.data, '/', path.len);

    base = base == NULL ? path.data : base + 1;
    project->file = copy((pm_slice){base, (size_t)(path.data + path.len - base)});
    if (project->file == NULL || !label_sections(project)) {
        host->problem(block, "maintainers", "out of memory");
        return PM_FAULT;
    }
    return PM_OK;
}

/* The nth block `project NAME`, with the project it belongs to. */
static pm_status next_block(pm_projects *of, const pm_settings *settings, unsigned nth,
                            const pm_settings **block_out, pm_project **project_out)
{
    pm_slice name;
    pm_status status = of->host->block(settings, "project", nth, &name, block_out);

    if (status != PM_OK)
        return status;
    *project_out = pm_projects_find(of, name);
    if (*project_out != NULL)
        return PM_OK;
    if (of->count == PM_PROJECTS) {
        of->host->problem(*block_out, NULL, "more than %d projects (leave some out)", PM_PROJECTS);
        return PM_FAULT;
    }

    char *kept = copy(name);

    if (kept == NULL)
        return PM_FAULT;
    *project_out = &of->items[of->count++];
    (*project_out)->name = kept;
    return PM_OK;
}

static pm_status read_maintainers(pm_projects *of, const pm_settings *settings)
{
    const pm_settings *block;
    pm_project *project;
    pm_slice word, file;
    pm_status status;

    for (unsigned nth = 0; (status = next_block(of, settings, nth, &block, &project)) == PM_OK;
         nth++) {
        for (unsigned i = 0; of->host->statement(block, i, 0, &word) == PM_OK; i++) {
            if (!is_text(word, "maintainers"))
                continue;
            if (of->host->statement(block, i, 1, &file) != PM_OK)
                file = (pm_slice){"", 0};
            status = load_maintainers(of, project, block, file);
            if (status != PM_OK)
                return status;
        }
    }
    return status == PM_ABSENT ? PM_OK : status;
}

/* ---- The mapping of sections to slugs ---- */

/* How many bytes must be put in, taken out or changed to make b of a. At most 255 of each count. */
static size_t distance(pm_slice a, pm_slice b)
{
    size_t row[256];
    size_t width = b.len < 255 ? b.len : 255, height = a.len < 255 ? a.len : 255;

    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 1; i <= height; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t changed = diagonal + (a.data[i - 1] != b.data[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] : row[j - 1];

            diagonal = row[j];
            row[j] = least + 1 < changed ? least + 1 : changed;
        }
    }
    return row[width];
}

static pm_slice nearest_title(const pm_maintainers *maintainers, pm_slice title)
{
    pm_slice nearest = {"", 0};
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < pm_maintainers_sections(maintainers); i++) {
        pm_slice other = pm_maintainers_section(maintainers, i)->title;
        size_t steps = distance(title, other);

        if (steps < least) {
            least = steps;
            nearest = other;
        }
    }
    return nearest;
}

static bool is_slug(pm_slice text)
{
    if (text.len == 0 || text.len > PM_SECTION_SLUG || text.data[0] == '.' || text.data[0] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
            return false;
    }
    return true;
}

static bool label_title(pm_project *project, pm_slice title, pm_slice slug, bool broad)
{
    bool found = false;

    for (size_t i = 0; i < pm_maintainers_sections(project->maintainers); i++) {
        pm_section_label *label = &project->labels[i];

        if (!is_title(pm_maintainers_section(project->maintainers, i)->title, title))
            continue;
        memcpy(label->slug, slug.data, slug.len);
        label->slug[slug.len] = '\0';
        label->broad = broad;
        found = true;
    }
    return found;
}

/* MAINTAINERS differs from version to version, so a section that is not there is no error; but it
 * may be a slip, so one of them is shown with its nearest. */
static void mention_strays(const pm_projects *of, const pm_project *project, unsigned strays,
                           unsigned all, pm_slice first)
{
    pm_slice nearest;

    if (strays == 0)
        return;
    nearest = nearest_title(project->maintainers, first);
    of->host->log(NULL, PM_LEVEL_WARNING,
                  "project %s: %u of the %u mapped sections are not in %s, for instance "
                  "\"%.*s\" (the nearest there is \"%.*s\"; its slug comes from its title)",
                  project->name, strays, all, project->file, (int)first.len, first.data,
                  (int)nearest.len, nearest.data);
}

/* A block with a name, `sections other-versions { }`, is for sections that not every version of the
 * file has: none of it is a stray. */
static pm_status read_sections(const pm_projects *of, pm_project *project, const pm_settings *block,
                               bool may_stray)
{
    const pm_host *host = of->host;
    pm_slice title, slug, more, stray = {NULL, 0};
    unsigned strays = 0, all = 0;

    for (; host->statement(block, all, 0, &title) == PM_OK; all++) {
        bool has_more = host->statement(block, all, 2, &more) == PM_OK;

        if (host->statement(block, all, 1, &slug) != PM_OK || !is_slug(slug)) {
            host->problem(block, NULL,
                          "\"%.*s\" wants a slug of a-z, 0-9, \".\" and \"-\": \"TITLE\" slug",
                          (int)title.len, title.data);
            return PM_FAULT;
        }
        if (has_more && !is_text(more, "broad")) {
            host->problem(block, NULL, "\"%.*s\": only \"broad\" may follow the slug, not \"%.*s\"",
                          (int)title.len, title.data, (int)more.len, more.data);
            return PM_FAULT;
        }
        if (project->maintainers == NULL || label_title(project, title, slug, has_more) ||
            may_stray)
            continue;
        host->log(NULL, PM_LEVEL_DEBUG, "%s has no section \"%.*s\"", project->file, (int)title.len,
                  title.data);
        if (strays++ == 0)
            stray = title;
    }
    mention_strays(of, project, strays, all, stray);
    return PM_OK;
}

static pm_status read_mappings(pm_projects *of, const pm_settings *settings)
{
    const pm_settings *block, *sections;
    pm_project *project;
    pm_slice name;
    pm_status status;

    for (unsigned nth = 0; (status = next_block(of, settings, nth, &block, &project)) == PM_OK;
         nth++) {
        for (unsigned i = 0; of->host->block(block, "sections", i, &name, &sections) == PM_OK;
             i++) {
            status = read_sections(of, project, sections, name.len > 0);
            if (status != PM_OK)
                return status;
        }
    }
    return status == PM_ABSENT ? PM_OK : status;
}

/* All files first: a mapping may stand before the statement that names its file. */
pm_status pm_projects_read(pm_projects *of, const pm_settings *settings)
{
    const pm_status status = read_maintainers(of, settings);

    return status == PM_OK ? read_mappings(of, settings) : status;
}

void pm_projects_forget(pm_projects *of)
{
    for (size_t i = 0; i < of->count; i++) {
        pm_project *project = &of->items[i];

        pm_maintainers_free(project->maintainers);
        free(project->labels);
        free(project->file);
        free(project->name);
    }
    of->count = 0;
}
