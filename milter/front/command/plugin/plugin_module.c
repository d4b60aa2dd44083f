/* SPDX-License-Identifier: BSD-2-Clause */
/* plugin_module - the symbols of a shared object; see plugin_module.h. */
#include "plugin_module.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CUT_OFF   "it is broken: its sections cannot be found (build it anew)"
#define OWN_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

typedef ElfW(Ehdr) file_header;
typedef ElfW(Shdr) section;
typedef ElfW(Sym) symbol;
typedef ElfW(Dyn) entry;

typedef struct reader {
    pm_arena *arena;
    pm_slice bytes;
    file_header header;
    pm_module *into;
    size_t export_room, import_room, needed_room; /* of its lists, whichever table they are from */
    const char *wrong;                            /* what stopped it; NULL: nothing yet */
} reader;

/* Copy out size bytes, so that alignment does not matter. False where there are not so many. */
static bool copy_at(const pm_slice bytes, uint64_t at, void *into, size_t size)
{
    if (at > bytes.len || bytes.len - at < size)
        return false;
    memcpy(into, bytes.data + at, size);
    return true;
}

static bool read_section(const reader *from, size_t nth, section *section_out)
{
    const uint64_t at = (uint64_t)nth * from->header.e_shentsize;

    return nth < from->header.e_shnum && from->header.e_shoff <= from->bytes.len &&
           copy_at(pm_slice_after(from->bytes, from->header.e_shoff), at, section_out,
                   sizeof(*section_out));
}

/* What a section holds. Empty where it says it lies outside of the file. */
static pm_slice content_of(const reader *from, const section *of)
{
    if (of->sh_type == SHT_NOBITS || of->sh_offset > from->bytes.len ||
        of->sh_size > from->bytes.len - of->sh_offset)
        return PM_EMPTY;
    return pm_slice_cut(from->bytes, of->sh_offset, of->sh_offset + of->sh_size);
}

/* The string at a place of a string table, copied; NULL when it does not end in there. */
static const char *string_at(const reader *from, pm_slice strings, uint64_t at)
{
    size_t end;

    if (at >= strings.len)
        return NULL;
    strings = pm_slice_after(strings, at);
    end = pm_slice_find_byte(strings, '\0');
    return end == PM_NOWHERE ? NULL : pm_copy(from->arena, pm_slice_cut(strings, 0, end)).data;
}

static bool add(const reader *from, const char ***list, size_t *room, size_t *count,
                const char *name)
{
    if (name == NULL || pm_grow(from->arena, list, room, *count, sizeof(**list)) != PM_OK)
        return false;
    (*list)[(*count)++] = name;
    return true;
}

/* ---- Symbols and libraries ---- */

static unsigned binding_of(const symbol *of)
{
    return of->st_info >> 4;
}

static bool is_exported(const symbol *of)
{
    const unsigned visibility = of->st_other & 3;

    return of->st_shndx != SHN_UNDEF && binding_of(of) != STB_LOCAL && visibility != STV_HIDDEN &&
           visibility != STV_INTERNAL;
}

static bool is_imported(const symbol *of)
{
    return of->st_shndx == SHN_UNDEF && binding_of(of) == STB_GLOBAL;
}

/* The first symbol of a table is always an empty one. */
static bool read_symbols(reader *from, pm_slice symbols, pm_slice strings)
{
    symbol next;

    for (uint64_t at = sizeof(next); copy_at(symbols, at, &next, sizeof(next));
         at += sizeof(next)) {
        pm_module *into = from->into;
        bool fine = true;

        if (is_exported(&next))
            fine = add(from, &into->exports, &from->export_room, &into->export_count,
                       string_at(from, strings, next.st_name));
        else if (is_imported(&next))
            fine = add(from, &into->imports, &from->import_room, &into->import_count,
                       string_at(from, strings, next.st_name));
        if (!fine)
            return false;
    }
    return true;
}

static bool read_needed(reader *from, pm_slice entries, pm_slice strings)
{
    entry next;

    for (uint64_t at = 0; copy_at(entries, at, &next, sizeof(next)); at += sizeof(next)) {
        if (next.d_tag == DT_NULL)
            break;
        if (next.d_tag == DT_NEEDED &&
            !add(from, &from->into->needed, &from->needed_room, &from->into->needed_count,
                 string_at(from, strings, next.d_un.d_val)))
            return false;
    }
    return true;
}

/* ---- The file ---- */

static bool read_header(reader *from)
{
    if (!copy_at(from->bytes, 0, &from->header, sizeof(from->header)) ||
        memcmp(from->header.e_ident, ELFMAG, SELFMAG) != 0)
        from->wrong = "it is no shared object (build it with -shared)";
    else if (from->header.e_ident[EI_CLASS] != OWN_CLASS)
        from->wrong = "it is made for another kind of machine (build it on this one)";
    else if (from->header.e_type != ET_DYN)
        from->wrong = "it is no shared object but a program or an object file (link it with "
                      "-shared)";
    else if (from->header.e_shentsize != sizeof(section))
        from->wrong = CUT_OFF;
    return from->wrong == NULL;
}

static void read_sections(reader *from)
{
    bool found = false;
    section at, linked;

    for (size_t nth = 0; from->wrong == NULL && nth < from->header.e_shnum; nth++) {
        pm_slice strings;
        bool symbols;

        if (!read_section(from, nth, &at)) {
            from->wrong = CUT_OFF;
            return;
        }
        symbols = at.sh_type == SHT_DYNSYM;
        if (!symbols && at.sh_type != SHT_DYNAMIC)
            continue;
        strings = read_section(from, at.sh_link, &linked) ? content_of(from, &linked) : PM_EMPTY;
        found |= symbols;
        if (!(symbols ? read_symbols : read_needed)(from, content_of(from, &at), strings))
            from->wrong = "it is broken: a symbol or a library in it has no name (build it anew)";
    }
    if (from->wrong == NULL && !found)
        from->wrong = "it has no table of symbols (build it anew, and do not strip that)";
}

bool pm_module_parse(pm_arena *arena, const char *file, pm_slice bytes, pm_errors *errors,
                     pm_module *module_out)
{
    reader from = {.arena = arena, .bytes = bytes, .into = module_out};

    *module_out = (pm_module){.exports = NULL};
    if (read_header(&from))
        read_sections(&from);
    if (from.wrong != NULL)
        pm_error_at(errors, file, 0, 0, "%s", from.wrong);
    return from.wrong == NULL;
}

bool pm_module_read(pm_arena *arena, const char *file, pm_errors *errors, pm_module *module_out)
{
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    void *bytes = MAP_FAILED;
    struct stat about;
    bool fine;

    if (fd < 0 || fstat(fd, &about) != 0) {
        pm_error_at(errors, file, 0, 0, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (S_ISREG(about.st_mode) && about.st_size > 0)
        bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED) {
        pm_error_at(errors, file, 0, 0, "it is no file with something in it (name the module)");
        return false;
    }
    fine =
        pm_module_parse(arena, file, (pm_slice){bytes, (size_t)about.st_size}, errors, module_out);
    munmap(bytes, (size_t)about.st_size);
    return fine;
}
