/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postgres - the store in PostgreSQL, or a database that speaks its protocol: for several mail
 * exchangers that share one memory. The only file that knows libpq.
 *
 * Every wait is a poll() until the caller's deadline. A statement that is still running then costs
 * the connection: asking the server to stop would be one more thing to wait for.
 */
#include "clock.h"
#include "database.h"
#include "statements.h"

#include <errno.h>
#include <libpq-fe.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Types as the protocol numbers them. */
#define TYPE_BIGINT 20
#define TYPE_TEXT   25

/* The server's own limits, for a statement whose caller has gone, and for the rows that are locked
 * by an exchanger that has. */
static const char *const server_limits[] = {"SET statement_timeout = 6000",
                                            "SET idle_in_transaction_session_timeout = 10000"};
#define NO_LIMITS "SET statement_timeout = 0"

typedef struct connection {
    PGconn *handle;
    bool prepared[PM_SQL_COUNT];
    bool broken;
} connection;

/* ---- Waiting ---- */

/* Until the server can be read from (or written to, when asked for), or the deadline. */
static bool wait_for(const connection *conn, short events, int64_t deadline_us)
{
    struct pollfd server = {.fd = PQsocket(conn->handle), .events = events};
    int ready;

    do {
        int64_t left_ms = (deadline_us - pm_clock_us() + 999) / 1000;

        if (server.fd < 0 || left_ms <= 0)
            return false;
        ready = poll(&server, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static bool flush(connection *conn, int64_t deadline_us)
{
    int left;

    while ((left = PQflush(conn->handle)) > 0) {
        /* A server that sends while we send must be read, or both wait for ever. */
        if (!wait_for(conn, POLLIN | POLLOUT, deadline_us) || PQconsumeInput(conn->handle) == 0)
            return false;
    }
    return left == 0;
}

/* The next result of what was sent, NULL after the last one. False when none came in time. */
static bool next_result(connection *conn, int64_t deadline_us, PGresult **result_out)
{
    while (PQisBusy(conn->handle))
        if (!wait_for(conn, POLLIN, deadline_us) || PQconsumeInput(conn->handle) == 0)
            return false;
    *result_out = PQgetResult(conn->handle);
    return true;
}

/* ---- What the server says ---- */

/* By the beginning of its SQLSTATE; what is not here is wrong and stays so. */
static const struct {
    const char *state;
    bool breaks; /* of use again only on a new connection */
} later_states[] = {
    {"08", true},     /* connection */
    {"0A000", true},  /* a plan made before the tables were changed */
    {"25006", true},  /* read-only: this server no longer leads */
    {"25", false},    /* state of the transaction */
    {"26", true},     /* a prepared statement that somebody between us has forgotten */
    {"40", false},    /* deadlock, serialization: the other one won */
    {"53", false},    /* disk or memory full, too many connections */
    {"55", false},    /* locked */
    {"57014", false}, /* over the server's limit of time */
    {"57", true},     /* shutting down */
    {"58", false},    /* its system failed it */
};

/* Nobody knows what this connection would say next. */
static pm_status lose(connection *conn)
{
    conn->broken = true;
    return PM_LATER;
}

static pm_status status_of(connection *conn, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (PQstatus(conn->handle) != CONNECTION_OK || state == NULL)
        return lose(conn);
    for (size_t i = 0; i < sizeof(later_states) / sizeof(later_states[0]); i++) {
        if (strncmp(state, later_states[i].state, strlen(later_states[i].state)) != 0)
            continue;
        conn->broken = conn->broken || later_states[i].breaks;
        return PM_LATER;
    }
    /* No such table, damaged data: a new connection looks again. */
    if (strncmp(state, "42", 2) == 0 || strncmp(state, "XX", 2) == 0)
        conn->broken = true;
    return PM_FAULT;
}

static int64_t read_bigint(const char *bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < 8; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return (int64_t)number;
}

static pm_status read_rows(const PGresult *result, pm_row_fn row, void *context)
{
    int count = PQnfields(result);
    pm_status status = PM_OK;

    if (count > PM_MOST_COLUMNS)
        return PM_FAULT;
    for (int at = 0; status == PM_OK && at < PQntuples(result); at++) {
        pm_value columns[PM_MOST_COLUMNS];

        for (int i = 0; i < count; i++) {
            const char *bytes = PQgetvalue(result, at, i);
            size_t len = (size_t)PQgetlength(result, at, i);

            columns[i] = PQftype(result, i) == TYPE_BIGINT && len == 8
                             ? pm_value_number(read_bigint(bytes))
                             : pm_value_text((pm_slice){bytes, len});
        }
        status = row(context, columns, (size_t)count);
    }
    return status;
}

/* Read all results of what was sent: rows go to row (which may be NULL), the first that is wrong is
 * the answer. */
static pm_status collect(connection *conn, int64_t deadline_us, pm_row_fn row, void *context)
{
    pm_status status = PM_OK;
    PGresult *result;

    if (!flush(conn, deadline_us))
        return lose(conn);
    for (;;) {
        ExecStatusType kind;

        if (!next_result(conn, deadline_us, &result))
            return lose(conn);
        if (result == NULL)
            return status;
        kind = PQresultStatus(result);
        if (status == PM_OK && kind == PGRES_TUPLES_OK && row != NULL)
            status = read_rows(result, row, context);
        else if (status == PM_OK && kind != PGRES_TUPLES_OK && kind != PGRES_COMMAND_OK)
            status = status_of(conn, result);
        PQclear(result);
    }
}

/* ---- Statements ---- */

/* Statements without values are sent as they stand. */
static pm_status execute(connection *conn, const char *sql, int64_t deadline_us, pm_row_fn row,
                         void *context)
{
    if (PQsendQueryParams(conn->handle, sql, 0, NULL, NULL, NULL, NULL, 1) == 0)
        return lose(conn);
    return collect(conn, deadline_us, row, context);
}

static pm_status prepare(connection *conn, unsigned which, const char *sql, const pm_value *values,
                         size_t count, int64_t deadline_us)
{
    Oid types[PM_MOST_COLUMNS];
    char name[16];
    pm_status status;

    for (size_t i = 0; i < count; i++)
        types[i] = values[i].is_number ? TYPE_BIGINT : TYPE_TEXT;
    snprintf(name, sizeof(name), "pm%u", which);
    if (PQsendPrepare(conn->handle, name, sql, (int)count, types) == 0)
        return lose(conn);
    status = collect(conn, deadline_us, NULL, NULL);
    conn->prepared[which] = status == PM_OK;
    return status;
}

/* Values go as the protocol's binary: text as it is, without a NUL behind it. */
static bool send_values(connection *conn, unsigned which, const pm_value *values, size_t count)
{
    const char *bytes[PM_MOST_COLUMNS];
    int lengths[PM_MOST_COLUMNS], formats[PM_MOST_COLUMNS];
    char numbers[PM_MOST_COLUMNS][8], name[16];

    for (size_t i = 0; i < count; i++) {
        for (unsigned j = 0; j < 8; j++)
            numbers[i][j] = (char)((uint64_t)values[i].number >> (56 - 8 * j));
        bytes[i] =
            values[i].is_number ? numbers[i] : (values[i].text.len == 0 ? "" : values[i].text.data);
        lengths[i] = values[i].is_number ? 8 : (int)values[i].text.len;
        formats[i] = 1;
    }
    snprintf(name, sizeof(name), "pm%u", which);
    return PQsendQueryPrepared(conn->handle, name, (int)count, bytes, lengths, formats, 1) != 0;
}

static bool is_sound(void *context)
{
    connection *conn = context;
    return !conn->broken && PQstatus(conn->handle) == CONNECTION_OK;
}

static pm_status run(void *context, unsigned which, const char *sql, const pm_value *values,
                     size_t count, int64_t deadline_us, pm_row_fn row, void *row_context)
{
    connection *conn = context;
    pm_status status = PM_OK;

    if (!is_sound(conn))
        return PM_LATER;
    if (which == PM_SQL_ROLLBACK)
        deadline_us = pm_clock_us() + 1000000;
    if (pm_clock_us() >= deadline_us)
        return PM_LATER;
    if (count == 0)
        return execute(conn, sql, deadline_us, row, row_context);
    if (count > PM_MOST_COLUMNS)
        return PM_FAULT;
    if (!conn->prepared[which])
        status = prepare(conn, which, sql, values, count, deadline_us);
    if (status != PM_OK)
        return status;
    if (!send_values(conn, which, values, count))
        return lose(conn);
    return collect(conn, deadline_us, row, row_context);
}

/* ---- Connecting ---- */

static void disconnect(void *context)
{
    connection *conn = context;

    PQfinish(conn->handle);
    free(conn);
}

static void say_nothing(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* What the administrator wrote wins over all of these. */
static PGconn *start(const char *where)
{
    static const char *const names[] = {"fallback_application_name", "client_encoding",
                                        "tcp_user_timeout", "dbname", NULL};
    const char *const values[] = {"patchmark", "UTF8", "5000", where, NULL};

    return PQconnectStartParams(names, values, 1);
}

static bool connect_by(connection *conn, int64_t deadline_us)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;

    while (want != PGRES_POLLING_OK) {
        if (want == PGRES_POLLING_FAILED ||
            !wait_for(conn, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_us))
            return false;
        want = PQconnectPoll(conn->handle);
    }
    return PQsetnonblocking(conn->handle, 1) == 0;
}

static pm_status read_format(void *context, const pm_value *columns, size_t count)
{
    int64_t *format = context;

    if (count == 1 && columns[0].is_number && columns[0].number > *format)
        *format = columns[0].number;
    return PM_OK;
}

/* The tables of each step; then its number, which says that they are there. Not in a transaction:
 * some databases cannot make tables in one. Who is interrupted, or meets another one who does the
 * same, begins again. */
static pm_status migrate(connection *conn, int64_t format, int64_t deadline_us)
{
    pm_status status = execute(
        conn, "CREATE TABLE IF NOT EXISTS patchmark_format (format BIGINT NOT NULL PRIMARY KEY)",
        deadline_us, NULL, NULL);

    for (; status == PM_OK && format < PM_STORE_FORMAT; format++) {
        char reached[128];

        for (const pm_making *at = pm_store_steps[format]; status == PM_OK && at->sql != NULL; at++)
            status = execute(conn, at->sql, deadline_us, NULL, NULL);
        snprintf(reached, sizeof(reached),
                 "INSERT INTO patchmark_format (format) VALUES (%lld) ON CONFLICT DO NOTHING",
                 (long long)format + 1);
        if (status == PM_OK)
            status = execute(conn, reached, deadline_us, NULL, NULL);
    }
    return status;
}

#define MIGRATION_TRIES 5

static pm_status see_to_format(connection *conn, bool read_only, int64_t deadline_us,
                               int64_t *format_out)
{
    const struct timespec nap = {0, 50000000};
    pm_status status = PM_OK;

    for (unsigned tries = 0; tries < MIGRATION_TRIES; tries++) {
        *format_out = 0;
        status = execute(conn, "SELECT format FROM patchmark_format", deadline_us, read_format,
                         format_out);
        if (status == PM_FAULT)
            conn->broken = false; /* there is no such table yet */
        if (status == PM_LATER || *format_out >= PM_STORE_FORMAT || read_only)
            return status == PM_FAULT ? PM_OK : status;
        status = migrate(conn, *format_out, deadline_us);
        if (status == PM_LATER)
            return status;
        conn->broken = false;
        if (status != PM_OK)
            nanosleep(&nap, NULL);
    }
    return status;
}

/* The first line of what libpq says; it never holds a password. */
static pm_slice complaint(void *context)
{
    const connection *conn = context;
    pm_slice text = pm_slice_trim(pm_slice_of(PQerrorMessage(conn->handle)));
    pm_slice line = PM_EMPTY;

    return pm_slice_next_line(&text, &line) ? line : PM_LIT("no answer in time");
}

static void say(pm_errors *errors, const connection *conn, const char *problem, pm_slice why,
                const char *way_out)
{
    const char *host = PQhost(conn->handle), *database = PQdb(conn->handle);

    pm_error_at(errors, NULL, 0, 0, "the store in PostgreSQL (host %s, database %s): %s%s%.*s (%s)",
                host == NULL || host[0] == '\0' ? "?" : host,
                database == NULL || database[0] == '\0' ? "?" : database, problem,
                why.len > 0 ? ": " : "", PM_FMT(why), way_out);
}

static pm_status use(connection *conn, bool read_only, int64_t deadline_us, pm_errors *errors)
{
    int64_t format = 0;
    pm_status status = PM_OK;

    for (size_t i = 0; i < sizeof(server_limits) / sizeof(server_limits[0]); i++)
        if (status == PM_OK)
            status = execute(conn, server_limits[i], deadline_us, NULL, NULL);
    if (status == PM_OK)
        status = see_to_format(conn, read_only, deadline_us, &format);
    if (status != PM_OK) {
        say(errors, conn, "its tables cannot be made", complaint(conn),
            "its user must be allowed to, once");
        return status;
    }
    if (format > PM_STORE_FORMAT) {
        say(errors, conn, "it is of a newer format", PM_EMPTY, "run the newer patchmark");
        return PM_FAULT;
    }
    if (format < PM_STORE_FORMAT) {
        say(errors, conn, "it is empty, or of an older format", PM_EMPTY,
            "open it for writing once");
        return PM_FAULT;
    }
    return PM_OK;
}

static pm_status connect_postgres(const char *where, bool read_only, int64_t deadline_us,
                                  pm_errors *errors, void **connection_out)
{
    connection *conn = calloc(1, sizeof(*conn));
    PQconninfoOption *options;
    char *problem = NULL;
    pm_status status = PM_LATER;

    if (conn == NULL)
        return PM_LIMIT;
    conn->handle = start(where);
    options = PQconninfoParse(where, &problem);
    if (conn->handle == NULL) {
        status = PM_LIMIT;
    } else if (options == NULL) {
        pm_error_at(errors, NULL, 0, 0,
                    "the store in PostgreSQL: %s (libpq's connection strings "
                    "are meant)",
                    problem == NULL ? "no memory" : problem);
        status = PM_FAULT;
    } else if (!connect_by(conn, deadline_us)) {
        say(errors, conn, "it cannot be reached", complaint(conn), "it is tried again");
    } else {
        PQsetNoticeReceiver(conn->handle, say_nothing, NULL);
        status = use(conn, read_only, deadline_us, errors);
    }
    PQconninfoFree(options);
    PQfreemem(problem);
    if (status != PM_OK) {
        disconnect(conn);
        return status;
    }
    *connection_out = conn;
    return PM_OK;
}

/* ---- Keeping it in order ---- */

/* The server does it. */
static void tend(void *context, bool idle)
{
    (void)context;
    (void)idle;
}

/* The server checks its own pages. What is left is ours, and takes as long as it takes. */
static pm_status verify(void *context, pm_errors *errors)
{
    connection *conn = context;
    pm_status status = execute(conn, NO_LIMITS, INT64_MAX, NULL, NULL);

    if (status != PM_OK)
        say(errors, conn, "it does not answer", complaint(conn), "try again");
    return status;
}

static pm_status read_size(void *context, const pm_value *columns, size_t count)
{
    uint64_t *size = context;

    if (count != 1 || !columns[0].is_number)
        return PM_FAULT;
    *size = (uint64_t)columns[0].number;
    return PM_OK;
}

/* Not all that speak the protocol know how to say that. */
static pm_status size(void *context, uint64_t *size_out)
{
    static const char asked[] =
        "SELECT pg_total_relation_size('series') + pg_total_relation_size('series_key') + "
        "pg_total_relation_size('reference') + pg_total_relation_size('link') + "
        "pg_total_relation_size('note') + pg_total_relation_size('seen_path')";
    connection *conn = context;
    pm_status status = execute(conn, asked, pm_clock_us() + 1000000, read_size, size_out);

    return status == PM_FAULT ? PM_ABSENT : status;
}

/* Its own housekeeping uses freed rows again, and whoever runs the server sees to its disk. */
static pm_status used(void *context, int64_t deadline_us, uint64_t *used_out)
{
    (void)context;
    (void)deadline_us;
    (void)used_out;
    return PM_ABSENT;
}

static pm_status shrink(void *context, int64_t deadline_us)
{
    (void)context;
    (void)deadline_us;
    return PM_ABSENT;
}

const pm_driver pm_postgres_driver = {
    .connect = connect_postgres,
    .disconnect = disconnect,
    .is_sound = is_sound,
    .run = run,
    .complaint = complaint,
    .tend = tend,
    .verify = verify,
    .size = size,
    .used = used,
    .shrink = shrink,
};
