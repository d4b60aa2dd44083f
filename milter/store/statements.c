/* SPDX-License-Identifier: BSD-2-Clause */
/* statements - the tables and statements of the store; see statements.h. */
#include "statements.h"

#include <stddef.h>

#define SERIES_COLUMNS                                                                             \
    "id, flags, revision, reroll, total, date, last_seen, seen_day, rank, total_rank, "            \
    "change_id_rank, labels_rank, title, author, author_name, change_id, project, inbox, "         \
    "subsystems, titles, paths, claims"

/* The same beside other tables, and what the series supersedes. */
#define SERIES_AND_LINK                                                                            \
    "series.id, series.flags, series.revision, series.reroll, series.total, series.date, "         \
    "series.last_seen, series.seen_day, series.rank, series.total_rank, series.change_id_rank, "   \
    "series.labels_rank, series.title, series.author, series.author_name, series.change_id, "      \
    "series.project, series.inbox, series.subsystems, series.titles, series.paths, "               \
    "series.claims, COALESCE(link.predecessor, ''), COALESCE(link.why, ''), "                      \
    "COALESCE(link.weight_ppm, 0), COALESCE(link.pinned, 0)"

#define NOBODY "2147483647" /* PM_NOBODY */

/* Several paths at once: a letter names more than one, and over a network statements count. */
#define PATHS_1 "($1, $2, $3, $4)"
#define PATHS_2 PATHS_1 ", ($5, $6, $7, $8)"
#define PATHS_4 PATHS_2 ", ($9, $10, $11, $12), ($13, $14, $15, $16)"
#define PATHS_8                                                                                    \
    PATHS_4 ", ($17, $18, $19, $20), ($21, $22, $23, $24), ($25, $26, $27, $28), "                 \
            "($29, $30, $31, $32)"
#define PUT_PATHS(rows)                                                                            \
    "INSERT INTO seen_path (name, project, path, month) VALUES " rows                              \
    " ON CONFLICT (name, project, path) DO UPDATE SET month = excluded.month "                     \
    "WHERE seen_path.month < excluded.month"

const char *const pm_statements[PM_SQL_COUNT] = {
    [PM_SQL_BEGIN] = "BEGIN",
    [PM_SQL_COMMIT] = "COMMIT",
    [PM_SQL_ROLLBACK] = "ROLLBACK",
    [PM_SQL_GET_REFERENCE] = "SELECT series, part FROM reference WHERE message_id = $1",
    [PM_SQL_PUT_REFERENCE] =
        "INSERT INTO reference (message_id, series, part, author) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (message_id) DO UPDATE SET series = excluded.series, part = excluded.part, "
        "author = excluded.author WHERE reference.series <> excluded.series "
        "OR reference.part <> excluded.part OR reference.author <> excluded.author",
    [PM_SQL_GET_SERIES] = "SELECT " SERIES_AND_LINK " FROM series LEFT JOIN link "
                          "ON link.series = series.id WHERE series.id = $1",
    [PM_SQL_HOLD_SERIES] = "SELECT " SERIES_COLUMNS " FROM series WHERE id = $1" PM_SQL_LOCKS,
    [PM_SQL_ADD_SERIES] =
        "INSERT INTO series (" SERIES_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
    [PM_SQL_SET_SERIES] =
        "UPDATE series SET flags = $2, revision = $3, reroll = $4, total = $5, date = $6, "
        "last_seen = $7, seen_day = $8, rank = $9, total_rank = $10, change_id_rank = $11, "
        "labels_rank = $12, title = $13, author = $14, author_name = $15, change_id = $16, "
        "project = $17, inbox = $18, subsystems = $19, titles = $20, paths = $21, claims = $22 "
        "WHERE id = $1",
    [PM_SQL_SEE_SERIES] =
        "INSERT INTO series (" SERIES_COLUMNS ") VALUES ($1, 0, 0, 0, -1, 0, $2, $3, " NOBODY
        ", " NOBODY ", " NOBODY ", " NOBODY ", '', '', '', '', '', '', '', '', '', '') "
        "ON CONFLICT (id) DO UPDATE SET last_seen = excluded.last_seen, "
        "seen_day = excluded.seen_day WHERE series.last_seen < excluded.last_seen",
    [PM_SQL_FIND_SERIES] =
        "SELECT " SERIES_AND_LINK " FROM (SELECT series, date FROM series_key "
        "WHERE value = $1 AND kind = $2 ORDER BY date DESC, series DESC LIMIT $3) AS found "
        "JOIN series ON series.id = found.series LEFT JOIN link ON link.series = series.id "
        "ORDER BY found.date DESC, found.series DESC",
    [PM_SQL_FIND_IDS] = "SELECT series FROM series_key WHERE value = $1 AND kind = $2 "
                        "ORDER BY date DESC, series DESC LIMIT $3",
    [PM_SQL_PUT_KEY] = "INSERT INTO series_key (value, kind, date, series) VALUES ($1, $2, $3, $4) "
                       "ON CONFLICT (value, kind, date, series) DO NOTHING",
    [PM_SQL_DROP_KEY] =
        "DELETE FROM series_key WHERE value = $1 AND kind = $2 AND date = $3 AND series = $4",
    [PM_SQL_GET_LINK] = "SELECT predecessor FROM link WHERE series = $1",
    [PM_SQL_PUT_LINK] =
        "INSERT INTO link (series, predecessor, why, weight_ppm, pinned) VALUES ($1, $2, $3, $4, "
        "$5) ON CONFLICT (series) DO UPDATE SET predecessor = excluded.predecessor, "
        "why = excluded.why, weight_ppm = excluded.weight_ppm, pinned = excluded.pinned "
        "WHERE link.pinned = 0 OR excluded.pinned = 1",
    [PM_SQL_FIND_FOLLOWERS] =
        "SELECT " SERIES_AND_LINK " FROM link JOIN series ON series.id = link.series "
        "WHERE link.predecessor = $1 ORDER BY series.date DESC, series.id DESC LIMIT $2",
    [PM_SQL_MOVE_REFERENCES] =
        "UPDATE reference SET series = $2 WHERE series = $1 RETURNING message_id",
    [PM_SQL_MOVE_FOLLOWERS] =
        "UPDATE link SET predecessor = $2 WHERE predecessor = $1 AND series <> $2 "
        "RETURNING series",
    [PM_SQL_GET_MESSAGES] = "SELECT message_id, part, author FROM reference WHERE series = $1 "
                            "ORDER BY part, message_id",
    [PM_SQL_FIND_NEWEST] =
        "SELECT " SERIES_AND_LINK " FROM series LEFT JOIN link ON link.series = series.id "
        "WHERE series.seen_day <= $1 AND series.rank <> " NOBODY
        " AND (series.last_seen < $2 OR (series.last_seen = $2 AND series.id < $3)) "
        "ORDER BY series.seen_day DESC, series.last_seen DESC, series.id DESC LIMIT $4",
    [PM_SQL_GET_COUNTS] = "SELECT (SELECT count(*) FROM series WHERE rank <> " NOBODY
                          "), (SELECT count(*) FROM link JOIN series ON series.id = link.series "
                          "WHERE link.predecessor <> '' AND series.rank <> " NOBODY ")",
    [PM_SQL_OLD_SERIES] = "SELECT id FROM series WHERE seen_day <= $1 AND last_seen < $2 "
                          "ORDER BY seen_day, last_seen, id LIMIT $3",
    [PM_SQL_DROP_SERIES] = "DELETE FROM series WHERE id = $1",
    [PM_SQL_DROP_REFERENCES] = "DELETE FROM reference WHERE series = $1",
    [PM_SQL_DROP_LINK] = "DELETE FROM link WHERE series = $1",
    [PM_SQL_GET_NOTE] = "SELECT value FROM note WHERE plugin = $1 AND key = $2 AND expires > $3",
    [PM_SQL_PUT_NOTE] = "INSERT INTO note (plugin, key, value, expires) VALUES ($1, $2, $3, $4) "
                        "ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value, "
                        "expires = excluded.expires",
    [PM_SQL_DROP_NOTE] = "DELETE FROM note WHERE plugin = $1 AND key = $2 AND expires <= $3",
    [PM_SQL_OLD_NOTES] = "SELECT plugin, key FROM note WHERE expires <= $1 "
                         "ORDER BY expires, plugin, key LIMIT $2",
    [PM_SQL_EXCESS_NOTES] = "SELECT plugin, key FROM note WHERE plugin = $1 "
                            "ORDER BY expires DESC, key DESC LIMIT $3 OFFSET $2",
    [PM_SQL_FIND_PATHS] = "SELECT path FROM seen_path WHERE name = $1 AND project = $2 "
                          "AND path LIKE $3 ESCAPE '!' ORDER BY path LIMIT $4",
    [PM_SQL_PUT_1_PATH] = PUT_PATHS(PATHS_1),
    [PM_SQL_PUT_2_PATHS] = PUT_PATHS(PATHS_2),
    [PM_SQL_PUT_4_PATHS] = PUT_PATHS(PATHS_4),
    [PM_SQL_PUT_8_PATHS] = PUT_PATHS(PATHS_8),
    [PM_SQL_OLD_PATHS] = "SELECT name, project, path FROM seen_path WHERE month < $1 "
                         "ORDER BY month, name, project, path LIMIT $2",
    [PM_SQL_DROP_PATH] =
        "DELETE FROM seen_path WHERE name = $1 AND project = $2 AND path = $3 AND month < $4",
    [PM_SQL_NEXT_SERIES] =
        "SELECT " SERIES_COLUMNS " FROM series WHERE id > $1 ORDER BY id LIMIT $2",
    [PM_SQL_NEXT_REFERENCES] = "SELECT message_id, series, part, author FROM reference "
                               "WHERE message_id > $1 ORDER BY message_id LIMIT $2",
    [PM_SQL_NEXT_LINKS] = "SELECT series, predecessor, why, weight_ppm, pinned FROM link "
                          "WHERE series > $1 ORDER BY series LIMIT $2",
    [PM_SQL_NEXT_NOTES] = "SELECT plugin, key, value, expires FROM note "
                          "WHERE (plugin, key) > ($1, $2) ORDER BY plugin, key LIMIT $3",
    [PM_SQL_NEXT_PATHS] =
        "SELECT name, project, path, month FROM seen_path "
        "WHERE (name, project, path) > ($1, $2, $3) ORDER BY name, project, path LIMIT $4",
    [PM_SQL_LOST_REFERENCES] = "SELECT reference.message_id FROM reference LEFT JOIN series "
                               "ON series.id = reference.series WHERE series.id IS NULL LIMIT $1",
    [PM_SQL_LOST_KEYS] = "SELECT series_key.series FROM series_key LEFT JOIN series "
                         "ON series.id = series_key.series WHERE series.id IS NULL LIMIT $1",
    [PM_SQL_MISSING_KEYS] =
        "SELECT series.id FROM series LEFT JOIN series_key ON series_key.value = series.author "
        "AND series_key.kind = 0 AND series_key.date = series.date "
        "AND series_key.series = series.id "
        "WHERE series.author <> '' AND series_key.series IS NULL LIMIT $1",
    [PM_SQL_EMPTY_NOTES] =
        "SELECT key FROM note WHERE plugin = '' OR key = '' OR value = '' LIMIT $1",
    [PM_SQL_MISPLACED_PATHS] =
        "SELECT path FROM seen_path WHERE name = '' OR path NOT LIKE '%/' || name LIMIT $1",
};

/*
 * One writer at a time: its transaction asks for the lock at once, while waiting for it is still
 * possible.
 *
 * Several nodes want the keys found before they are joined. SQLite makes a table of those, and one
 * more to sort by what was sorted before; a plain join walks the keys in the order of their tree.
 * With a LIMIT it sorts in a table as well, without one in memory.
 */
const char *const pm_sqlite_statements[PM_SQL_COUNT] = {
    [PM_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [PM_SQL_FIND_SERIES] =
        "SELECT " SERIES_AND_LINK " FROM series_key JOIN series ON series.id = series_key.series "
        "LEFT JOIN link ON link.series = series.id "
        "WHERE series_key.value = $1 AND series_key.kind = $2 "
        "ORDER BY series_key.date DESC, series_key.series DESC LIMIT $3",
    [PM_SQL_FIND_FOLLOWERS] =
        "SELECT " SERIES_AND_LINK " FROM link JOIN series ON series.id = link.series "
        "WHERE link.predecessor = $1 ORDER BY series.date DESC, series.id DESC",
};

static const pm_making first_tables[] = {
    {"CREATE TABLE IF NOT EXISTS series ("
     "id TEXT NOT NULL PRIMARY KEY, flags BIGINT NOT NULL, revision BIGINT NOT NULL, "
     "reroll BIGINT NOT NULL, total BIGINT NOT NULL, date BIGINT NOT NULL, "
     "last_seen BIGINT NOT NULL, seen_day BIGINT NOT NULL, rank BIGINT NOT NULL, total_rank BIGINT "
     "NOT NULL, "
     "change_id_rank BIGINT NOT NULL, labels_rank BIGINT NOT NULL, title TEXT NOT NULL, "
     "author TEXT NOT NULL, author_name TEXT NOT NULL, change_id TEXT NOT NULL, "
     "project TEXT NOT NULL, inbox TEXT NOT NULL, subsystems TEXT NOT NULL, "
     "titles TEXT NOT NULL, paths TEXT NOT NULL, claims TEXT NOT NULL)",
     .is_table = true},
    {"CREATE INDEX IF NOT EXISTS series_seen_day ON series (seen_day)", .is_table = false},
    {"CREATE TABLE IF NOT EXISTS series_key ("
     "value TEXT NOT NULL, kind BIGINT NOT NULL, date BIGINT NOT NULL, series TEXT NOT NULL, "
     "PRIMARY KEY (value, kind, date, series))",
     .is_table = true, .small = true},
    {"CREATE TABLE IF NOT EXISTS reference ("
     "message_id TEXT NOT NULL PRIMARY KEY, series TEXT NOT NULL, part BIGINT NOT NULL)",
     .is_table = true, .small = true},
    {"CREATE INDEX IF NOT EXISTS reference_series ON reference (series)", .is_table = false},
    {"CREATE TABLE IF NOT EXISTS link ("
     "series TEXT NOT NULL PRIMARY KEY, predecessor TEXT NOT NULL, why TEXT NOT NULL, "
     "weight_ppm BIGINT NOT NULL, pinned BIGINT NOT NULL)",
     .is_table = true, .small = true},
    {"CREATE INDEX IF NOT EXISTS link_predecessor ON link (predecessor)", .is_table = false},
    {NULL, false, false},
};

/* Who replied. */
static const pm_making authors[] = {
    {"ALTER TABLE reference ADD COLUMN IF NOT EXISTS author TEXT NOT NULL DEFAULT ''",
     .is_table = false},
    {NULL, false, false},
};

static const pm_making notes_and_paths[] = {
    {"CREATE TABLE IF NOT EXISTS note ("
     "plugin TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, expires BIGINT NOT NULL, "
     "PRIMARY KEY (plugin, key))",
     .is_table = true, .small = true},
    {"CREATE INDEX IF NOT EXISTS note_expires ON note (expires)", .is_table = false},
    {"CREATE TABLE IF NOT EXISTS seen_path ("
     "name TEXT NOT NULL, project TEXT NOT NULL, path TEXT NOT NULL, month BIGINT NOT NULL, "
     "PRIMARY KEY (name, project, path))",
     .is_table = true, .small = true},
    {"CREATE INDEX IF NOT EXISTS seen_path_month ON seen_path (month)", .is_table = false},
    {NULL, false, false},
};

const pm_making *const pm_store_steps[PM_STORE_FORMAT] = {first_tables, authors, notes_and_paths};
