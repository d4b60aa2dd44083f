/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plugin_check - try a plugin before it goes anywhere near the daemon; see plugin_check.h.
 *
 * The child tells through a page of shared memory what it is doing; when it is gone or stands
 * still, the parent knows from there where that was.
 */
#include "plugin_check.h"

#include "clock.h"
#include "commands.h"
#include "field.h"
#include "mime.h"
#include "plugin_descriptor.h"
#include "plugin_load.h"
#include "plugin_module.h"
#include "plugin_samples.h"
#include "source.h"

#include <harness.h>

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARENA_LIMIT     ((size_t)256 * 1024 * 1024)
#define LETTER_TIME_US  (10 * 1000 * 1000)
#define MOST_HARDSHIP   100  /* letters of an archive that are also tried under hardship */
#define ROUNDS_BEFORE   300  /* until caches and pools of the C library are warm */
#define ROUNDS_COUNTED  1000 /* behind which nothing may have been kept */
#define LEAST_PER_ROUND 16   /* the smallest piece malloc gives */

/* Shared with the child. */
typedef struct progress {
    unsigned steps;
    int finished; /* it came to its own end */
    char doing[512];
} progress;

typedef struct trial {
    const pm_plugin_trial *asked;
    progress *shown;
    pm_arena *arena;
    pm_errors *errors;
    size_t told;      /* of the errors */
    const char *path; /* of the module, absolute */

    const pm_plugin *plugin;
    pm_loaded *loaded;
    const pm_vocabulary *vocabulary;
    pm_bench *bench;
    pm_message *message;
    const char *letter; /* the one being looked at */
    size_t letters, with_facts;
} trial;

/* ---- What goes on ---- */

static void begin_step(trial *of, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void begin_step(trial *of, const char *format, ...)
{
    va_list args;

    /* What was printed must not be lost with a process that crashes. */
    for (const char *line; (line = pm_errors_nth(of->errors, of->told)) != NULL; of->told++) {
        pm_put_text(stderr, pm_slice_of(line)); /* there may be a broken file's bytes in it */
        fputc('\n', stderr);
    }
    fflush(stdout);
    va_start(args, format);
    vsnprintf(of->shown->doing, sizeof(of->shown->doing), format, args);
    va_end(args);
    __atomic_add_fetch(&of->shown->steps, 1, __ATOMIC_RELEASE);
}

static void begin_hardship(void *context, const char *what)
{
    trial *of = context;

    begin_step(of, "looking at %s, %s", of->letter, what);
}

static void wrong(trial *of, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void wrong(trial *of, const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    pm_error_at(of->errors, of->asked->file, 0, 0, "%s", text);
}

/* ---- Its file ---- */

static void check_exports(trial *of, const pm_module *module)
{
    bool entry = false;

    for (size_t i = 0; i < module->export_count; i++) {
        if (strcmp(module->exports[i], "pm_plugin_entry") == 0)
            entry = true;
        else
            wrong(of, "it exports \"%s\" (build with -fvisibility=hidden, or make that static)",
                  module->exports[i]);
    }
    if (!entry)
        wrong(of,
              "it does not export pm_plugin_entry (end it with PM_PLUGIN_ENTRY(%.*s) { return "
              "&plugin; })",
              PM_FMT(pm_plugin_file_name(of->asked->file)));
}

/* What a sanitizer puts in comes with the program that loads it. */
static bool is_of_a_sanitizer(const char *name)
{
    static const char *const starts[] = {"__asan_", "__ubsan_", "__tsan_", "__lsan_",
                                         "__sanitizer_"};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        if (strncmp(name, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/* A handle of each library it names. Where one lies may be known to the module alone, so that is
 * loaded, lazily, when the loader does not find it itself. */
static void **open_libraries(trial *of, const pm_module *module)
{
    void **handles = pm_alloc_array(of->arena, module->needed_count, sizeof(*handles));

    for (size_t i = 0; handles != NULL && i < module->needed_count; i++) {
        handles[i] = dlopen(module->needed[i], RTLD_LAZY | RTLD_LOCAL);
        if (handles[i] == NULL && dlopen(of->path, RTLD_LAZY | RTLD_LOCAL) != NULL)
            handles[i] = dlopen(module->needed[i], RTLD_LAZY | RTLD_LOCAL);
        if (handles[i] == NULL)
            wrong(of, "it needs %s, which cannot be loaded (install it): %s", module->needed[i],
                  dlerror());
    }
    return handles;
}

/* Nothing may come from the host: that is another program with the next release, and another one in
 * a test. */
static void check_imports(trial *of, const pm_module *module)
{
    void **handles = open_libraries(of, module);

    for (size_t i = 0; handles != NULL && i < module->import_count; i++) {
        size_t library = 0;

        while (library < module->needed_count &&
               (handles[library] == NULL || dlsym(handles[library], module->imports[i]) == NULL))
            library++;
        if (library == module->needed_count && !is_of_a_sanitizer(module->imports[i]))
            wrong(of,
                  "it imports \"%s\", which no library that it names has (ask through the host "
                  "table, or link that library; -Wl,-z,defs tells when it is built)",
                  module->imports[i]);
    }
}

static void print_names(const char *what, const char *const *names, size_t count)
{
    printf("    %-7s", what);
    for (size_t i = 0; i < count; i++) {
        fputc(' ', stdout);
        pm_put_text(stdout, pm_slice_of(names[i]));
    }
    fputc('\n', stdout);
}

static bool check_module(trial *of)
{
    pm_module module;

    begin_step(of, "reading it");
    if (!pm_module_read(of->arena, of->asked->file, of->errors, &module))
        return false;
    begin_step(of, "looking for its libraries");
    check_exports(of, &module);
    check_imports(of, &module);
    print_names("exports", module.exports, module.export_count);
    print_names("needs", module.needed, module.needed_count);
    return true;
}

/* ---- What it says of itself ---- */

static bool load(trial *of)
{
    const pm_slice called = pm_plugin_file_name(of->asked->file);
    pm_plugin_entry_fn enter;
    void *module, *symbol;

    begin_step(of, "being loaded");
    module = dlopen(of->path, RTLD_NOW | RTLD_LOCAL);
    if (module == NULL) {
        wrong(of, "it cannot be loaded: %s", dlerror());
        return false;
    }
    symbol = dlsym(module, "pm_plugin_entry");
    if (symbol == NULL)
        return false;                       /* that has been said */
    memcpy(&enter, &symbol, sizeof(enter)); /* ISO C has no cast from data to function */

    begin_step(of, "saying what it is");
    of->plugin = enter();
    if (!pm_plugin_check(of->plugin, of->asked->file, of->errors))
        return false;
    if (!pm_slice_equal(called, pm_slice_of(of->plugin->name)))
        wrong(of, "it says it is called %s (the file must be called %s.so)", of->plugin->name,
              of->plugin->name);
    pm_descriptor_check(of->plugin, of->asked->file, of->errors);
    return true;
}

static void print_descriptor(const pm_plugin *plugin)
{
    printf("%s %s: %s\n", plugin->name, plugin->version, plugin->summary);
    printf("    plugin ABI %u.%u or newer; this host offers %d.%d\n", (unsigned)plugin->abi_major,
           (unsigned)plugin->abi_minor, PM_ABI_MAJOR, PM_ABI_MINOR);
    for (const pm_option *o = plugin->options; o != NULL && o->name != NULL; o++)
        pm_descriptor_print_option(o);
}

/* ---- Starting it ---- */

static const pm_settings *read_settings(trial *of)
{
    const pm_slice text =
        pm_print(of->arena, "plugin %s { %s\n}", of->plugin->name, of->asked->settings);
    pm_statement *block = NULL;

    if (text.data == NULL ||
        pm_syntax_parse(of->arena, "--settings", text, of->errors, &block) != PM_OK)
        return NULL;
    return pm_settings_new(of->arena, of->plugin, NULL, block, NULL, of->errors);
}

/* The engine's facts and those of the plugin, known only after it was opened. */
static bool collect_vocabulary(trial *of)
{
    pm_vocabulary *vocabulary = pm_vocabulary_new(of->arena);
    const pm_fact_decl *fact;
    const char *need;

    for (size_t nth = 0; vocabulary != NULL && (fact = pm_loaded_fact(of->loaded, nth)) != NULL;
         nth++) {
        pm_descriptor_print_fact(fact);
        if (pm_vocabulary_add(vocabulary, fact, of->plugin->name) == PM_FAULT)
            wrong(of, "the fact \"%s\" is patchmark's own and of another type (call it %s.%s)",
                  fact->name, of->plugin->name, fact->name);
    }
    for (size_t nth = 0; (need = pm_loaded_need(of->loaded, nth)) != NULL; nth++)
        printf("    needs   %s\n", need);
    of->vocabulary = vocabulary;
    return vocabulary != NULL;
}

/* Twice at the same time, as for a reload: the old one answers until the new one is good. */
static bool start(trial *of)
{
    const pm_settings *settings;

    begin_step(of, "being opened");
    settings = read_settings(of);
    of->loaded = settings == NULL ? NULL : pm_plugin_open(of->plugin, settings, NULL, of->errors);
    if (of->loaded == NULL) {
        if (of->asked->settings[0] == '\0')
            wrong(of, "it does not start with its defaults (give what must stand in its block by "
                      "--settings \"...\")");
        return false;
    }
    if (!collect_vocabulary(of))
        return false;
    begin_step(of, "being opened a second time");
    of->bench = pm_bench_new(of->plugin, of->asked->settings);
    pm_bench_on_trial(of->bench, begin_hardship, of);
    if (pm_bench_problem(of->bench) == NULL)
        return true;
    wrong(of, "on the harness it does not start: %s", pm_bench_problem(of->bench));
    return false;
}

/* ---- Letters ---- */

static void print_value(const pm_found *fact, FILE *to)
{
    if (fact->decl->type == PM_FACT_NUMBER)
        fprintf(to, "%lld", (long long)fact->number);
    else
        pm_put_text(to, fact->text);
}

static void print_facts(trial *of, const pm_facts *facts)
{
    if (facts->count == 0)
        return;
    of->with_facts++;
    printf("%s:\n", of->letter);
    for (size_t i = 0; i < facts->count; i++) {
        const pm_found *fact = &facts->items[i];

        printf("    %s ", fact->decl->name);
        print_value(fact, stdout);
        if (fact->weight < 1 || fact->weight > 1)
            printf("  weight %g", fact->weight);
        if (fact->reason.len > 0) {
            fputs("  (", stdout);
            pm_put_text(stdout, fact->reason);
            fputs(")", stdout);
        }
        fputs("\n", stdout);
    }
}

/* Beside mail.eml there may be mail.facts with what must be found, one fact a line: its name and
 * its value. */
static void check_expected(trial *of, const pm_facts *facts, const char *path)
{
    const pm_slice name = pm_slice_of(path);
    pm_slice expected, found = PM_EMPTY;
    const char *file;
    char *text = NULL;
    size_t size = 0;
    FILE *to;

    if (!pm_slice_ends(name, PM_LIT(".eml")))
        return;
    file = pm_print(of->arena, "%.*s.facts", (int)(name.len - 4), path).data;
    if (file == NULL || access(file, F_OK) != 0 ||
        pm_syntax_slurp(of->arena, file, NULL, of->errors, &expected) != PM_OK)
        return;
    to = open_memstream(&text, &size);
    for (size_t i = 0; to != NULL && i < facts->count; i++) {
        fprintf(to, "%s ", facts->items[i].decl->name);
        print_value(&facts->items[i], to);
        fputc('\n', to);
    }
    if (to != NULL && fclose(to) == 0)
        found = pm_slice_trim((pm_slice){text, size});
    expected = pm_slice_trim(expected);
    if (!pm_slice_equal(expected, found))
        pm_error_at(of->errors, path, 0, 0,
                    "%s found \"%.*s\", but %s says \"%.*s\" (mend one of the two)",
                    of->plugin->name, PM_FMT(found), file, PM_FMT(expected));
    free(text);
}

/* All that patchmark knows of the letter, for the harness, which reads no letters itself. */
static void put_on_bench(trial *of, const pm_letter *letter, pm_slice mail)
{
    const pm_field *field;

    pm_bench_mail_bytes(of->bench, mail.data, mail.len);
    for (size_t at = 0; (field = pm_field_nth(at)) != NULL; at++) {
        pm_slice text;
        int64_t number;

        for (unsigned nth = 0;
             field->type == PM_FIELD_TEXT && field->text(letter, nth, &text) == PM_OK; nth++)
            pm_bench_text_bytes(of->bench, field->name, text.data, text.len);
        for (unsigned nth = 0;
             field->type != PM_FIELD_TEXT && field->number(letter, nth, &number) == PM_OK; nth++)
            pm_bench_number(of->bench, field->name, number);
    }
}

static const pm_letter *read_letter(trial *of, pm_slice mail)
{
    pm_letter *letter;

    pm_message_reset(of->message);
    pm_message_read(of->message, mail);
    return pm_letter_read(of->message, NULL, &letter) == PM_OK ? letter : NULL;
}

static pm_status scan(trial *of, const pm_letter *letter, pm_facts *facts)
{
    pm_facts_init(facts, pm_message_arena(of->message), of->vocabulary);
    return pm_plugin_scan(of->loaded, letter, facts, NULL, pm_clock_us() + LETTER_TIME_US,
                          PM_EMPTY);
}

static void look_at(trial *of, const char *name, const char *path, pm_slice mail)
{
    const pm_letter *letter;
    const char *problem;
    pm_status status;
    pm_facts facts;

    of->letter = name;
    of->letters++;
    begin_step(of, "looking at %s", name);
    letter = read_letter(of, mail);
    if (letter == NULL)
        return; /* larger than patchmark lets any plugin see */
    status = scan(of, letter, &facts);
    print_facts(of, &facts);
    if (status != PM_OK && status != PM_ABSENT)
        wrong(of,
              "of %s it says nothing but a fault: %d (PM_ABSENT is for what there is nothing "
              "to say of)",
              name, (int)status);
    if (path != NULL)
        check_expected(of, &facts, path);
    if (of->letters > MOST_HARDSHIP)
        return;
    put_on_bench(of, letter, mail);
    problem = pm_bench_trials(of->bench);
    if (problem != NULL)
        wrong(of, "looking at %s, %s", name, problem);
}

static void look_at_path(trial *of, const char *path)
{
    pm_source *source = pm_source_open(path, of->errors);
    pm_mail mail;

    while (source != NULL && pm_source_next(source, &mail) == PM_OK)
        look_at(of, mail.origin, path, mail.bytes);
    pm_source_close(source);
}

/* ---- Memory ---- */

static size_t memory_in_use(void)
{
    const struct mallinfo2 all = mallinfo2();

    return all.uordblks + all.hblkhd;
}

/* The same letter over and over: what is kept of each is lost for good. Under AddressSanitizer,
 * which has a malloc of its own, this sees nothing; that says more about leaks by itself. */
static void check_leaks(trial *of)
{
    const pm_plugin_sample *sample = pm_plugin_sample_nth(0);
    size_t before = 0, after;

    if ((of->plugin->flags & PM_PLUGIN_MAY_BLOCK) != 0)
        return; /* too slow for so many */
    of->letter = sample->name;
    for (unsigned round = 0; round < ROUNDS_BEFORE + ROUNDS_COUNTED; round++) {
        const pm_letter *letter = read_letter(of, sample->mail);
        pm_facts facts;

        if (round % 100 == 0)
            begin_step(of, "looking at %s over and over", sample->name);
        if (round == ROUNDS_BEFORE)
            before = memory_in_use();
        if (letter != NULL)
            scan(of, letter, &facts);
    }
    after = memory_in_use();
    if (after > before && after - before >= (size_t)ROUNDS_COUNTED * LEAST_PER_ROUND)
        wrong(of,
              "it keeps memory of every letter: %zu bytes more behind %d of them (free in scan() "
              "what it allocates, or take it from scratch())",
              after - before, ROUNDS_COUNTED);
}

/* ---- All of it, in the child ---- */

static void try_all(trial *of)
{
    if (!check_module(of) || !load(of))
        return;
    print_descriptor(of->plugin);
    if (!start(of))
        return;
    for (size_t nth = 0; pm_plugin_sample_nth(nth) != NULL; nth++) {
        const pm_plugin_sample *sample = pm_plugin_sample_nth(nth);

        look_at(of, sample->name, NULL, sample->mail);
    }
    for (size_t i = 0; i < of->asked->path_count; i++)
        look_at_path(of, of->asked->paths[i]);
    check_leaks(of);
    begin_step(of, "being closed");
    pm_bench_free(of->bench);
    pm_plugin_close(of->loaded);
}

static void run_child(const pm_plugin_trial *asked, progress *shown) __attribute__((noreturn));

static void run_child(const pm_plugin_trial *asked, progress *shown)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    trial of = {.asked = asked, .shown = shown};
    int status = PM_EXIT_FAILED;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* A crash is for the parent to see, even in a build whose sanitizer would catch it. */
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
        signal(crashes[i], SIG_DFL);

    pm_mime_start();
    of.arena = pm_arena_new(ARENA_LIMIT);
    of.errors = pm_errors_new();
    of.message = pm_message_new(NULL);
    of.path = realpath(asked->file, NULL);
    if (of.arena == NULL || of.errors == NULL || of.message == NULL) {
        pm_complain("no memory to try a plugin");
    } else if (of.path == NULL) {
        pm_complain("%s: %s", asked->file, strerror(errno));
    } else {
        try_all(&of);
        begin_step(&of, "coming to an end");
        status = pm_errors_count(of.errors) == 0 ? PM_EXIT_FINE : PM_EXIT_FOUND;
        if (status == PM_EXIT_FINE)
            printf("%s: fine. %zu letters, %zu with facts.\n", asked->file, of.letters,
                   of.with_facts);
        fflush(stdout);
    }
    shown->finished = 1;
    _exit(status); /* what the plugin has registered for exit() is none of ours */
}

/* ---- The parent ---- */

/* Wait for it as long as it goes on. False: it stands still. */
static bool wait_for(int pidfd, const progress *shown, unsigned patience_s)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    unsigned steps;
    int ready;

    do {
        steps = __atomic_load_n(&shown->steps, __ATOMIC_ACQUIRE);
        ready = poll(&ended, 1, (int)patience_s * 1000);
    } while ((ready < 0 && errno == EINTR) ||
             (ready == 0 && steps != __atomic_load_n(&shown->steps, __ATOMIC_ACQUIRE)));
    return ready > 0;
}

static int judge(const pm_plugin_trial *asked, const progress *shown, int status, bool stood_still)
{
    if (stood_still)
        pm_complain("%s: it hangs: nothing happened for %u seconds while %s", asked->file,
                    asked->patience_s, shown->doing);
    else if (WIFSIGNALED(status))
        pm_complain("%s: it crashed with SIG%s while %s", asked->file,
                    sigabbrev_np(WTERMSIG(status)), shown->doing);
    else if (shown->finished == 0)
        pm_complain("%s: it ended the whole program, with exit status %d, while %s", asked->file,
                    WEXITSTATUS(status), shown->doing);
    else
        return WEXITSTATUS(status);
    return PM_EXIT_FOUND;
}

int pm_plugin_try(const pm_plugin_trial *asked)
{
    progress *shown =
        mmap(NULL, sizeof(*shown), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int pidfd, status = 0, result = PM_EXIT_FAILED;
    bool stood_still;
    pid_t child;

    if (shown == MAP_FAILED) {
        pm_complain("no memory to try a plugin");
        return result;
    }
    fflush(stdout);
    child = fork();
    if (child == 0)
        run_child(asked, shown);
    pidfd = child < 0 ? -1 : pidfd_open(child, 0);
    if (pidfd < 0)
        pm_complain("cannot start a process to try the plugin in: %s", strerror(errno));
    stood_still = pidfd >= 0 && !wait_for(pidfd, shown, asked->patience_s);
    if (child > 0 && (pidfd < 0 || stood_still))
        kill(child, SIGKILL);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (pidfd >= 0) {
        result = judge(asked, shown, status, stood_still);
        close(pidfd);
    }
    munmap(shown, sizeof(*shown));
    return result;
}
