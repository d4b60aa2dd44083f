/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sqlite - the store in one SQLite file: the default, which needs no set-up. The only file that
 * knows SQLite's library.
 *
 * Write-ahead log, synchronous=NORMAL: what was committed survives the end of the process; a power
 * cut may cost the last moments, never the file.
 */
#include "clock.h"
#include "database.h"
#include "log.h"
#include "statements.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Says in the file's header whose it is: "pmrk". */
#define APPLICATION_ID 0x706d726b

/* Pages of the write-ahead log from which it is copied into the file: while nobody waits, and while
 * somebody does. What readers keep from being copied makes it longer than that. */
#define LOG_PAGES_IDLE 4000
#define LOG_PAGES_BUSY 16000

#define FREE_PAGES_AT_ONCE 500 /* given back to the file system, after series were forgotten */

#define LONGEST_NAP_US 10000

typedef struct connection {
    sqlite3 *handle;
    sqlite3_stmt *prepared[PM_SQL_COUNT];
    sqlite3_stmt *lend, *reclaim, *version;
    int64_t seen_version; /* of the file, as PRAGMA data_version counts what others commit */
    int64_t deadline_us;
    int log_pages; /* after the last commit */
    bool broken;
} connection;

/* Called by SQLite now and then while it works: past the deadline it shall stop. */
static int deadline_passed(void *context)
{
    const connection *conn = context;
    return pm_clock_us() > conn->deadline_us;
}

/* Called by SQLite when somebody else has a lock: 0 gives up. */
static int wait_for_lock(void *context, int times)
{
    const connection *conn = context;
    int64_t left_us = conn->deadline_us - pm_clock_us();
    int64_t nap_us = times < 10 ? 500 << times / 2 : LONGEST_NAP_US;
    struct timespec nap = {0, (nap_us < left_us ? nap_us : left_us) * 1000};

    if (left_us <= 0)
        return 0;
    nanosleep(&nap, NULL);
    return 1;
}

static int note_log_pages(void *context, sqlite3 *handle, const char *name, int pages)
{
    connection *conn = context;

    (void)handle;
    (void)name;
    conn->log_pages = pages;
    return SQLITE_OK;
}

static void disconnect(void *context)
{
    connection *conn = context;

    for (unsigned i = 0; i < PM_SQL_COUNT; i++)
        sqlite3_finalize(conn->prepared[i]);
    sqlite3_finalize(conn->lend);
    sqlite3_finalize(conn->reclaim);
    sqlite3_finalize(conn->version);
    sqlite3_close(conn->handle);
    free(conn);
}

/* The file may have been replaced or deleted under us: what is written to the old one is lost. */
static bool is_sound(void *context)
{
    connection *conn = context;
    int moved = 0;

    if (!conn->broken &&
        sqlite3_file_control(conn->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
        moved != 0)
        conn->broken = true;
    return !conn->broken;
}

static pm_status status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return PM_OK;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
        return PM_FAULT;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
        return PM_LIMIT;
    default: /* busy, locked, full, interrupted at the deadline, I/O: another time may be better */
        return PM_LATER;
    }
}

/* After one of these the file is opened anew: it may be another one by then, or writable again. */
static bool breaks(int code)
{
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: /* no such table */
        return true;
    default:
        return false;
    }
}

/* ---- Connecting ---- */

static int execute(connection *conn, const char *sql)
{
    return sqlite3_exec(conn->handle, sql, NULL, NULL, NULL);
}

static int read_number(connection *conn, const char *sql, int64_t *number_out)
{
    sqlite3_stmt *asked = NULL;
    int code = sqlite3_prepare_v2(conn->handle, sql, -1, &asked, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(asked);
    if (code == SQLITE_ROW) {
        *number_out = sqlite3_column_int64(asked, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(asked);
    return code;
}

/* Every "from" in text becomes to, which is as long. */
static void write_over(char *text, const char *from, const char *to)
{
    for (char *at = text; (at = strstr(at, from)) != NULL; at += strlen(to))
        memcpy(at, to, strlen(to));
}

/* SQLite's strict tables know INT, of 64 bits, where others want BIGINT. A column that is there
 * already it cannot pass over, and need not: all steps are one transaction. */
static int make(connection *conn, const pm_making *making)
{
    const char *kind = making->small ? " STRICT, WITHOUT ROWID" : " STRICT";
    char *text = sqlite3_mprintf("%s%s", making->sql, making->is_table ? kind : "");
    int code;

    if (text == NULL)
        return SQLITE_NOMEM;
    write_over(text, "BIGINT", "INT   ");
    write_over(text, "ADD COLUMN IF NOT EXISTS", "ADD COLUMN              ");
    code = execute(conn, text);
    sqlite3_free(text);
    return code;
}

/* All steps from a format to ours, or none. Somebody else may have been faster. */
static int migrate(connection *conn)
{
    char pragmas[128];
    int64_t format = 0;
    int code = execute(conn, "BEGIN IMMEDIATE");

    if (code == SQLITE_OK)
        code = read_number(conn, "PRAGMA user_version", &format);
    for (int64_t i = format; code == SQLITE_OK && i < PM_STORE_FORMAT; i++)
        for (const pm_making *at = pm_store_steps[i]; code == SQLITE_OK && at->sql != NULL; at++)
            code = make(conn, at);
    snprintf(pragmas, sizeof(pragmas), "PRAGMA user_version = %d; PRAGMA application_id = %d",
             PM_STORE_FORMAT, APPLICATION_ID);
    if (code == SQLITE_OK && format < PM_STORE_FORMAT)
        code = execute(conn, pragmas);
    if (code == SQLITE_OK)
        code = execute(conn, "COMMIT");
    if (code != SQLITE_OK)
        execute(conn, "ROLLBACK");
    return code;
}

static int refuse(pm_errors *errors, const char *where, const char *problem)
{
    pm_error_at(errors, where, 0, 0, "%s", problem);
    return SQLITE_NOTADB;
}

/* Make the tables in a new file; know somebody else's file, and one of another format, for what it
 * is. An error is added for what SQLite has no words for. */
static int see_to_format(connection *conn, const char *where, bool read_only, pm_errors *errors)
{
    int64_t format = 0, application = 0, tables = 0;
    int code = read_number(conn, "PRAGMA user_version", &format);

    if (code == SQLITE_OK)
        code = read_number(conn, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = read_number(conn, "SELECT count(*) FROM sqlite_master", &tables);
    if (code != SQLITE_OK)
        return code;
    if (tables > 0 && application != APPLICATION_ID)
        return refuse(errors, where,
                      "this is another program's database (name another file for the store)");
    if (format > PM_STORE_FORMAT) {
        pm_error_at(errors, where, 0, 0,
                    "the store has format %lld, this patchmark knows %d (run the newer patchmark, "
                    "or name another file)",
                    (long long)format, PM_STORE_FORMAT);
        return SQLITE_NOTADB;
    }
    if (format == PM_STORE_FORMAT)
        return SQLITE_OK;
    if (read_only)
        return refuse(errors, where,
                      format == 0 ? "the store is empty (nothing has been remembered yet)"
                                  : "the store is of an older format (open it for writing once)");
    return migrate(conn);
}

/* Page caches of fixed size, however large the file. Look-ups mostly borrow the connection that
 * writes; its cache holds the inner pages of the trees of a million series. */
#define CACHE         "PRAGMA cache_size = -4096"
#define WRITERS_CACHE "PRAGMA cache_size = -24576"

/* Settings of each connection. Nothing is mapped: a file that somebody cuts short must not end the
 * program. */
static int set_up(connection *conn, bool read_only)
{
    static const char *const all[] = {"PRAGMA mmap_size = 0", CACHE, "PRAGMA secure_delete = OFF"};
    static const char *const writing[] = {
        "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
        "PRAGMA wal_autocheckpoint = 0", /* tend() does it, after the answer */
        "PRAGMA journal_size_limit = 67108864"};
    int64_t pages = 0;
    int code = SQLITE_OK;

    for (size_t i = 0; code == SQLITE_OK && i < sizeof(all) / sizeof(all[0]); i++)
        code = execute(conn, all[i]);
    if (code == SQLITE_OK && !read_only)
        code = read_number(conn, "PRAGMA page_count", &pages);
    if (code == SQLITE_OK && !read_only && pages == 0)
        code = execute(conn, "PRAGMA auto_vacuum = INCREMENTAL"); /* heeded in an empty file only */
    for (size_t i = 0; code == SQLITE_OK && !read_only && i < sizeof(writing) / sizeof(writing[0]);
         i++)
        code = execute(conn, writing[i]);
    return code;
}

/* The folder's owner will have to write there: root may fill a store for a daemon that is not root.
 * SQLite gives its other files the same owner. */
static bool give_to_owner_of_folder(int file, const char *where)
{
    const char *slash = strrchr(where, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(where, (size_t)(slash - where) + 1);
    struct stat about;
    bool given = folder != NULL && stat(folder, &about) == 0 &&
                 fchown(file, about.st_uid, about.st_gid) == 0;

    free(folder);
    return given;
}

/* Who reviews what is nobody else's business. SQLite gives its other files the same mode. */
static void create_file(const char *where)
{
    int fd = open(where, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

    if (fd < 0)
        return;
    if (geteuid() == 0 && !give_to_owner_of_folder(fd, where))
        pm_log(PM_LEVEL_WARNING, "store", "%s is root's, who made it", where);
    close(fd);
}

static pm_status connect_sqlite(const char *where, bool read_only, int64_t deadline_us,
                                pm_errors *errors, void **connection_out)
{
    connection *conn = calloc(1, sizeof(*conn));
    size_t said = pm_errors_count(errors);
    int code;

    if (conn == NULL)
        return PM_LIMIT;
    if (!read_only)
        create_file(where);
    code = sqlite3_open_v2(
        where, &conn->handle,
        (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX, NULL);
    conn->deadline_us = deadline_us;
    if (code == SQLITE_OK) {
        sqlite3_busy_handler(conn->handle, wait_for_lock, conn);
        code = set_up(conn, read_only);
    }
    if (code == SQLITE_OK)
        code = see_to_format(conn, where, read_only, errors);
    if (code == SQLITE_OK) {
        sqlite3_progress_handler(conn->handle, 10000, deadline_passed, conn);
        /* A plan that may depend on what is looked for would be made anew for each question. */
        sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
        sqlite3_wal_hook(conn->handle, note_log_pages, conn);
        *connection_out = conn;
        return PM_OK;
    }
    if (pm_errors_count(errors) == said)
        pm_error_at(errors, where, 0, 0,
                    "cannot use the store: %s (it needs a folder that is "
                    "there and writable, and a file that is a store)",
                    conn->handle == NULL ? "no memory" : sqlite3_errmsg(conn->handle));
    disconnect(conn);
    /* A folder that is not there will not come by itself. */
    return (code & 0xff) == SQLITE_CANTOPEN ? PM_FAULT : status_of(code);
}

/* ---- Statements ---- */

static void bind_values(sqlite3_stmt *statement, const pm_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int at = (int)i + 1;
        if (values[i].is_number)
            sqlite3_bind_int64(statement, at, values[i].number);
        else
            sqlite3_bind_text64(statement, at, values[i].text.len == 0 ? "" : values[i].text.data,
                                values[i].text.len, SQLITE_STATIC, SQLITE_UTF8);
    }
}

static size_t read_columns(sqlite3_stmt *statement, pm_value columns[PM_MOST_COLUMNS])
{
    int count = sqlite3_column_count(statement);

    for (int i = 0; i < count; i++) {
        if (sqlite3_column_type(statement, i) == SQLITE_INTEGER)
            columns[i] = pm_value_number(sqlite3_column_int64(statement, i));
        else
            columns[i] = pm_value_text((pm_slice){(const char *)sqlite3_column_text(statement, i),
                                                  (size_t)sqlite3_column_bytes(statement, i)});
    }
    return (size_t)count;
}

/* One writer at a time: rows need no locks. $2 is a name to SQLite, whose number is where it stands
 * first; what others mean by it SQLite calls ?2. */
static int prepare(connection *conn, unsigned which, const char *sql)
{
    size_t len, locks = strlen(PM_SQL_LOCKS);
    char *text;
    int code;

    if (pm_sqlite_statements[which] != NULL)
        sql = pm_sqlite_statements[which];
    if (which == PM_SQL_BEGIN) /* who writes makes itself known by it */
        execute(conn, WRITERS_CACHE);
    len = strlen(sql);
    if (len > locks && strcmp(sql + len - locks, PM_SQL_LOCKS) == 0)
        len -= locks;
    text = sqlite3_mprintf("%.*s", (int)len, sql);
    if (text == NULL)
        return SQLITE_NOMEM;
    for (char *at = text; (at = strchr(at, '$')) != NULL;)
        *at = '?';
    code = sqlite3_prepare_v3(conn->handle, text, -1, SQLITE_PREPARE_PERSISTENT,
                              &conn->prepared[which], NULL);
    sqlite3_free(text);
    return code;
}

static pm_status step(connection *conn, sqlite3_stmt *statement, pm_row_fn row, void *context)
{
    pm_value columns[PM_MOST_COLUMNS];
    pm_status status = PM_OK;
    int code;

    while (status == PM_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
        if (row != NULL)
            status = row(context, columns, read_columns(statement, columns));
    if (status != PM_OK)
        return status;
    conn->broken = conn->broken || breaks(code);
    return status_of(code);
}

static pm_status run(void *context, unsigned which, const char *sql, const pm_value *values,
                     size_t count, int64_t deadline_us, pm_row_fn row, void *row_context)
{
    connection *conn = context;
    pm_status status;
    int code = SQLITE_OK;

    if (which == PM_SQL_ROLLBACK && sqlite3_get_autocommit(conn->handle))
        return PM_OK; /* SQLite did it itself */
    conn->deadline_us = which == PM_SQL_ROLLBACK ? INT64_MAX : deadline_us;
    if (pm_clock_us() >= conn->deadline_us)
        return PM_LATER;
    if (conn->prepared[which] == NULL)
        code = prepare(conn, which, sql);
    if (code != SQLITE_OK) {
        conn->broken = conn->broken || breaks(code);
        return status_of(code);
    }
    bind_values(conn->prepared[which], values, count);
    status = step(conn, conn->prepared[which], row, row_context);
    sqlite3_reset(conn->prepared[which]);
    sqlite3_clear_bindings(conn->prepared[which]);
    return status;
}

static pm_slice complaint(void *context)
{
    connection *conn = context;
    const int code = sqlite3_errcode(conn->handle);

    return code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE
               ? PM_LIT("no answer in time")
               : pm_slice_of(sqlite3_errmsg(conn->handle));
}

/* ---- Keeping it in order ---- */

/* Copy the log into the file, so that it can begin anew, and give back what was freed. What fails
 * here is tried again when the log has grown. */
static void tend(void *context, bool idle)
{
    connection *conn = context;
    int64_t free_pages = 0;
    char sql[64];

    if (conn->log_pages < (idle ? LOG_PAGES_IDLE : LOG_PAGES_BUSY))
        return;
    conn->log_pages = 0;
    conn->deadline_us = INT64_MAX;
    sqlite3_wal_checkpoint_v2(conn->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (read_number(conn, "PRAGMA freelist_count", &free_pages) == SQLITE_OK && free_pages > 0) {
        snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", FREE_PAGES_AT_ONCE);
        execute(conn, sql);
    }
}

static void run_once_more(connection *conn, sqlite3_stmt **statement, const char *sql)
{
    int code = SQLITE_OK;

    if (*statement == NULL)
        code =
            sqlite3_prepare_v3(conn->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(*statement);
    sqlite3_reset(*statement);
    conn->broken = conn->broken || code != SQLITE_DONE;
}

/* Changes when another connection has committed, also one of another process; 0: it is not known.
 */
static int64_t read_version(connection *conn)
{
    int64_t version = 0;

    if (conn->version == NULL &&
        sqlite3_prepare_v3(conn->handle, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT,
                           &conn->version, NULL) != SQLITE_OK)
        return 0;
    if (sqlite3_step(conn->version) == SQLITE_ROW)
        version = sqlite3_column_int64(conn->version, 0);
    sqlite3_reset(conn->version);
    return version;
}

/* Asking for the version takes the lock of a reader, and look-ups find it taken. */
static bool lend(void *context)
{
    connection *conn = context;
    const int64_t was = conn->seen_version;

    run_once_more(conn, &conn->lend, "BEGIN DEFERRED");
    conn->seen_version = read_version(conn);
    return conn->seen_version == 0 || conn->seen_version != was;
}

/* What went wrong meanwhile may have ended it. */
static void reclaim(void *context)
{
    connection *conn = context;

    if (!sqlite3_get_autocommit(conn->handle))
        run_once_more(conn, &conn->reclaim, "COMMIT");
}

static pm_status size(void *context, uint64_t *size_out)
{
    connection *conn = context;
    const char *file = sqlite3_db_filename(conn->handle, "main");
    const char *log = sqlite3_filename_wal(file);
    struct stat found;

    if (stat(file, &found) != 0)
        return PM_LATER;
    *size_out = (uint64_t)found.st_size;
    if (stat(log, &found) == 0)
        *size_out += (uint64_t)found.st_size;
    return PM_OK;
}

static pm_status used(void *context, int64_t deadline_us, uint64_t *used_out)
{
    connection *conn = context;
    int64_t page_size = 0, pages = 0, free_pages = 0;
    int code;

    conn->deadline_us = deadline_us;
    code = read_number(conn, "PRAGMA page_size", &page_size);
    if (code == SQLITE_OK)
        code = read_number(conn, "PRAGMA page_count", &pages);
    if (code == SQLITE_OK)
        code = read_number(conn, "PRAGMA freelist_count", &free_pages);
    if (code != SQLITE_OK)
        return status_of(code);
    *used_out = (uint64_t)((pages - free_pages) * page_size);
    return PM_OK;
}

/* The file gets shorter when the log is copied into it. */
static pm_status shrink(void *context, int64_t deadline_us)
{
    connection *conn = context;
    int64_t before = 0, after = 0;
    char sql[64];
    int code;

    conn->deadline_us = deadline_us;
    snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", FREE_PAGES_AT_ONCE);
    code = read_number(conn, "PRAGMA freelist_count", &before);
    if (code == SQLITE_OK && before > 0)
        code = execute(conn, sql);
    if (code == SQLITE_OK)
        code = read_number(conn, "PRAGMA freelist_count", &after);
    if (code == SQLITE_OK && before > 0)
        code = sqlite3_wal_checkpoint_v2(conn->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code != SQLITE_OK)
        return status_of(code);
    /* A file that others made may not be set up to be shortened: nothing changes then. */
    return after > 0 && after < before ? PM_OK : PM_ABSENT;
}

static pm_status verify(void *context, pm_errors *errors)
{
    connection *conn = context;
    sqlite3_stmt *check = NULL;
    const char *file = sqlite3_db_filename(conn->handle, "main");
    pm_status status = PM_OK;

    conn->deadline_us = INT64_MAX;
    if (sqlite3_prepare_v2(conn->handle, "PRAGMA integrity_check(20)", -1, &check, NULL) !=
        SQLITE_OK) {
        pm_error_at(errors, file, 0, 0, "%s", sqlite3_errmsg(conn->handle));
        return PM_FAULT;
    }
    while (sqlite3_step(check) == SQLITE_ROW) {
        const char *finding = (const char *)sqlite3_column_text(check, 0);

        if (finding != NULL && strcmp(finding, "ok") == 0)
            continue;
        pm_error_at(errors, file, 0, 0, "%s (export what can be read, then start a new store)",
                    finding == NULL ? "the check could not be made" : finding);
        status = PM_FAULT;
    }
    sqlite3_finalize(check);
    return status;
}

const pm_driver pm_sqlite_driver = {
    .connect = connect_sqlite,
    .disconnect = disconnect,
    .is_sound = is_sound,
    .run = run,
    .complaint = complaint,
    .tend = tend,
    .lend = lend,
    .reclaim = reclaim,
    .verify = verify,
    .size = size,
    .used = used,
    .shrink = shrink,
};
