/* SPDX-License-Identifier: BSD-2-Clause */
/* rows - series and references as rows of the database; see rows.h. */
#include "rows.h"

#include "statements.h"

#define PARTS 1e6 /* a weight is kept in parts per million */

static pm_status run(const pm_rows *rows, unsigned which, const pm_value *values, size_t count,
                     pm_row_fn row, void *context)
{
    return rows->driver->run(rows->connection, which, pm_statements[which], values, count,
                             rows->deadline_us, row, context);
}

pm_status pm_rows_run(const pm_rows *rows, unsigned which)
{
    return run(rows, which, NULL, 0, NULL, NULL);
}

static int64_t day_of(int64_t seconds)
{
    return seconds / 86400 - (seconds % 86400 < 0);
}

#define MONTH (30 * 86400)

static int64_t month_of(int64_t seconds)
{
    return seconds / MONTH - (seconds % MONTH < 0);
}

/* ---- Reading ---- */

typedef struct reference_row {
    const pm_rows *rows;
    pm_slice series;
    int part;
    bool found;
} reference_row;

static pm_status read_reference(void *context, const pm_value *columns, size_t count)
{
    reference_row *row = context;

    (void)count;
    row->series = pm_copy(row->rows->arena, columns[0].text);
    row->part = (int)columns[1].number;
    row->found = true;
    return row->series.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_reference(const pm_rows *rows, pm_slice message_id, pm_slice *series_out,
                            int *part_out)
{
    reference_row row = {.rows = rows};
    pm_value id = pm_value_text(message_id);
    pm_status status = run(rows, PM_SQL_GET_REFERENCE, &id, 1, read_reference, &row);

    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    *series_out = row.series;
    if (part_out != NULL)
        *part_out = row.part;
    return PM_OK;
}

/* "ID revision how", one claim a line. */
static pm_slice join_claims(pm_arena *arena, const pm_series *series)
{
    pm_slice *lines = pm_alloc_array(arena, series->claim_count, sizeof(*lines));

    if (lines == NULL)
        return (pm_slice){NULL, 0};
    for (size_t i = 0; i < series->claim_count; i++) {
        const pm_claim *claim = &series->claims[i];
        lines[i] = pm_print(arena, "%.*s %u %.*s", PM_FMT(claim->message_id), claim->revision,
                            PM_FMT(claim->how));
        if (lines[i].data == NULL)
            return (pm_slice){NULL, 0};
    }
    return pm_memory_join(arena, lines, series->claim_count);
}

static pm_status split_claims(pm_arena *arena, pm_slice text, pm_series *series)
{
    const pm_slice *lines;
    pm_claim *claims;

    if (pm_memory_split(arena, text, &lines, &series->claim_count) != PM_OK)
        return PM_LIMIT;
    claims = pm_alloc_array(arena, series->claim_count, sizeof(*claims));
    if (claims == NULL)
        return PM_LIMIT;
    series->claims = claims;
    for (size_t i = 0; i < series->claim_count; i++) {
        pm_slice line = lines[i], revision;
        int64_t number = 0;

        pm_slice_next_word(&line, &claims[i].message_id);
        pm_slice_next_word(&line, &revision);
        pm_slice_next_word(&line, &claims[i].how);
        if (pm_slice_to_int(revision, &number) == PM_OK && number > 0)
            claims[i].revision = (uint32_t)number;
    }
    return PM_OK;
}

typedef struct series_row {
    const pm_rows *rows;
    pm_known known;
    bool found;
} series_row;

#define SERIES_COLUMN_COUNT 22 /* SERIES_AND_LINK has four more */

/* In the order of SERIES_COLUMNS. */
static pm_status read_columns(pm_arena *arena, const pm_value *columns, size_t count,
                              pm_known *known)
{
    pm_slice texts[SERIES_COLUMN_COUNT];
    pm_series *series = &known->series;

    if (count < SERIES_COLUMN_COUNT)
        return PM_FAULT;
    for (size_t i = 0; i < SERIES_COLUMN_COUNT; i++) {
        texts[i] = columns[i].is_number ? PM_EMPTY : pm_copy(arena, columns[i].text);
        if (texts[i].data == NULL)
            return PM_LIMIT;
    }
    *known = (pm_known){
        .total_rank = (int32_t)columns[9].number,
        .change_id_rank = (int32_t)columns[10].number,
        .labels_rank = (int32_t)columns[11].number,
        .series = {.size = sizeof(pm_series),
                   .supersedes = PM_EMPTY,
                   .supersedes_why = PM_EMPTY,
                   .id = texts[0],
                   .flags = (uint32_t)columns[1].number,
                   .revision = (uint32_t)columns[2].number,
                   .reroll = (uint32_t)columns[3].number,
                   .total = (int32_t)columns[4].number,
                   .date = columns[5].number,
                   .last_seen = columns[6].number,
                   .rank = (int32_t)columns[8].number,
                   .title = texts[12],
                   .author = texts[13],
                   .author_name = texts[14],
                   .change_id = texts[15],
                   .project = texts[16],
                   .inbox = texts[17]},
    };
    if (pm_memory_split(arena, texts[18], &series->subsystems, &series->subsystem_count) != PM_OK ||
        pm_memory_split(arena, texts[19], &series->titles, &series->title_count) != PM_OK ||
        pm_memory_split(arena, texts[20], &series->paths, &series->path_count) != PM_OK)
        return PM_LIMIT;
    return split_claims(arena, texts[21], series);
}

static pm_status read_series(void *context, const pm_value *columns, size_t count)
{
    series_row *row = context;

    row->found = true;
    return read_columns(row->rows->arena, columns, count, &row->known);
}

/* In the order of SERIES_AND_LINK. */
static pm_status read_linked(pm_arena *arena, const pm_value *columns, size_t count,
                             pm_known *known)
{
    const pm_value *link = columns + SERIES_COLUMN_COUNT;
    pm_series *series = &known->series;
    pm_status status = read_columns(arena, columns, count, known);

    if (status != PM_OK || count < SERIES_COLUMN_COUNT + 4)
        return status != PM_OK ? status : PM_FAULT;
    series->supersedes = pm_copy(arena, link[0].text);
    series->supersedes_why = pm_copy(arena, link[1].text);
    series->supersedes_weight = (double)link[2].number / PARTS;
    if (link[3].number != 0)
        series->flags |= PM_SERIES_PINNED;
    return series->supersedes.data == NULL || series->supersedes_why.data == NULL ? PM_LIMIT
                                                                                  : PM_OK;
}

static pm_status read_known(void *context, const pm_value *columns, size_t count)
{
    series_row *row = context;

    row->found = true;
    return read_linked(row->rows->arena, columns, count, &row->known);
}

typedef struct series_rows {
    const pm_rows *rows;
    size_t limit;
    pm_series *series;
    size_t count, room;
} series_rows;

/* One that nobody has the word of yet is not shown. Room is made as it is needed: most find few. */
static pm_status read_found(void *context, const pm_value *columns, size_t count)
{
    series_rows *found = context;
    pm_known known;
    pm_status status;

    if (found->count == found->limit)
        return PM_OK;
    status = read_linked(found->rows->arena, columns, count, &known);
    if (status != PM_OK || known.series.rank == PM_NOBODY)
        return status;
    if (pm_grow(found->rows->arena, &found->series, &found->room, found->count,
                sizeof(*found->series)) != PM_OK)
        return PM_LIMIT;
    found->series[found->count++] = known.series;
    return PM_OK;
}

pm_status pm_rows_known(const pm_rows *rows, pm_slice id, pm_known *known_out)
{
    series_row row = {.rows = rows};
    pm_value value = pm_value_text(id);
    pm_status status = run(rows, PM_SQL_GET_SERIES, &value, 1, read_known, &row);

    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    *known_out = row.known;
    return PM_OK;
}

pm_status pm_rows_series(const pm_rows *rows, pm_slice id, pm_series *series_out)
{
    pm_known known;
    pm_status status = pm_rows_known(rows, id, &known);

    if (status != PM_OK || known.series.rank == PM_NOBODY)
        return status != PM_OK ? status : PM_ABSENT;
    *series_out = known.series;
    return PM_OK;
}

pm_status pm_rows_find(const pm_rows *rows, pm_series_key key, pm_slice value, unsigned limit,
                       pm_series **series_out, size_t *count_out)
{
    series_rows found = {.rows = rows, .limit = limit};
    pm_value by_key[] = {pm_value_text(value), pm_value_number(key), pm_value_number(limit)};
    pm_value by_link[] = {by_key[0], by_key[2]};
    pm_status status;

    if (key == PM_KEY_SUPERSEDES)
        status = run(rows, PM_SQL_FIND_FOLLOWERS, by_link, 2, read_found, &found);
    else
        status = run(rows, PM_SQL_FIND_SERIES, by_key, 3, read_found, &found);
    *series_out = found.series;
    *count_out = found.count;
    return status;
}

pm_status pm_rows_newest(const pm_rows *rows, int64_t last_seen, pm_slice id, unsigned limit,
                         pm_series **series_out, size_t *count_out)
{
    series_rows found = {.rows = rows, .limit = limit};
    pm_value values[] = {pm_value_number(day_of(last_seen)), pm_value_number(last_seen),
                         pm_value_text(id), pm_value_number(limit)};
    pm_status status = run(rows, PM_SQL_FIND_NEWEST, values, 4, read_found, &found);

    *series_out = found.series;
    *count_out = found.count;
    return status;
}

typedef struct message_rows {
    const pm_rows *rows;
    pm_store_message *messages;
    size_t count, room;
} message_rows;

static pm_status read_message(void *context, const pm_value *columns, size_t count)
{
    message_rows *found = context;
    pm_store_message *message;

    (void)count;
    if (pm_grow(found->rows->arena, &found->messages, &found->room, found->count,
                sizeof(*found->messages)) != PM_OK)
        return PM_LIMIT;
    message = &found->messages[found->count++];
    message->message_id = pm_copy(found->rows->arena, columns[0].text);
    message->part = (int)columns[1].number;
    message->author = pm_copy(found->rows->arena, columns[2].text);
    return message->message_id.data == NULL || message->author.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_messages(const pm_rows *rows, pm_slice series, pm_store_message **messages_out,
                           size_t *count_out)
{
    message_rows found = {.rows = rows};
    pm_value id = pm_value_text(series);
    pm_status status = run(rows, PM_SQL_GET_MESSAGES, &id, 1, read_message, &found);

    *messages_out = found.messages;
    *count_out = found.count;
    return status;
}

static pm_status read_counts(void *context, const pm_value *columns, size_t count)
{
    uint64_t *counts = context;

    if (count < 2)
        return PM_FAULT;
    counts[0] = (uint64_t)columns[0].number;
    counts[1] = (uint64_t)columns[1].number;
    return PM_OK;
}

pm_status pm_rows_count(const pm_rows *rows, uint64_t *series_out, uint64_t *followers_out)
{
    uint64_t counts[2] = {0, 0};
    pm_status status = run(rows, PM_SQL_GET_COUNTS, NULL, 0, read_counts, counts);

    *series_out = counts[0];
    *followers_out = counts[1];
    return status;
}

typedef struct id_rows {
    const pm_rows *rows;
    pm_slice *ids;
    size_t count, room;
} id_rows;

/* The first column. */
static pm_status read_id(void *context, const pm_value *columns, size_t count)
{
    id_rows *row = context;

    (void)count;
    if (row->count == row->room)
        return PM_OK;
    row->ids[row->count] = pm_copy(row->rows->arena, columns[0].text);
    return row->ids[row->count++].data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_predecessor(const pm_rows *rows, pm_slice id, pm_slice *predecessor_out)
{
    id_rows found = {rows, predecessor_out, 0, 1};
    pm_value value = pm_value_text(id);

    *predecessor_out = PM_EMPTY;
    return run(rows, PM_SQL_GET_LINK, &value, 1, read_id, &found);
}

/* ---- Writing ---- */

/* The row of a series, in the order of SERIES_COLUMNS. PM_LIMIT past the budget. */
static pm_status make_columns(pm_arena *arena, const pm_known *known,
                              pm_value columns[SERIES_COLUMN_COUNT])
{
    const pm_series *series = &known->series;
    const pm_value made[SERIES_COLUMN_COUNT] = {
        pm_value_text(series->id),
        pm_value_number(series->flags),
        pm_value_number(series->revision),
        pm_value_number(series->reroll),
        pm_value_number(series->total),
        pm_value_number(series->date),
        pm_value_number(series->last_seen),
        pm_value_number(day_of(series->last_seen)),
        pm_value_number(series->rank),
        pm_value_number(known->total_rank),
        pm_value_number(known->change_id_rank),
        pm_value_number(known->labels_rank),
        pm_value_text(series->title),
        pm_value_text(series->author),
        pm_value_text(series->author_name),
        pm_value_text(series->change_id),
        pm_value_text(series->project),
        pm_value_text(series->inbox),
        pm_value_text(pm_memory_join(arena, series->subsystems, series->subsystem_count)),
        pm_value_text(pm_memory_join(arena, series->titles, series->title_count)),
        pm_value_text(pm_memory_join(arena, series->paths, series->path_count)),
        pm_value_text(join_claims(arena, series)),
    };

    for (size_t i = 18; i < SERIES_COLUMN_COUNT; i++)
        if (made[i].text.data == NULL)
            return PM_LIMIT;
    memcpy(columns, made, sizeof(made));
    return PM_OK;
}

static bool same_value(const pm_value *a, const pm_value *b)
{
    return a->is_number == b->is_number && a->number == b->number &&
           pm_slice_equal(a->text, b->text);
}

static bool same_columns(const pm_value *a, const pm_value *b)
{
    for (size_t i = 0; i < SERIES_COLUMN_COUNT; i++)
        if (!same_value(&a[i], &b[i]))
            return false;
    return true;
}

#define MOST_KEYS 4

/* What a series can be found by; returns how many. Nothing is found by what nobody said. */
static size_t make_keys(pm_arena *arena, const pm_series *series, pm_value keys[MOST_KEYS][4])
{
    const struct {
        pm_series_key kind;
        pm_slice value;
    } all[MOST_KEYS] = {
        {PM_KEY_AUTHOR, series->author},
        {PM_KEY_AUTHOR_NAME, series->author_name},
        {PM_KEY_CHANGE_ID, series->change_id},
        {PM_KEY_TITLE, pm_memory_normal(arena, series->title)},
    };
    size_t count = 0;

    for (size_t i = 0; i < MOST_KEYS; i++) {
        if (all[i].value.len == 0 || series->rank == PM_NOBODY)
            continue;
        keys[count][0] = pm_value_text(all[i].value);
        keys[count][1] = pm_value_number(all[i].kind);
        keys[count][2] = pm_value_number(series->date);
        keys[count++][3] = pm_value_text(series->id);
    }
    return count;
}

static bool has_key(pm_value keys[MOST_KEYS][4], size_t count, const pm_value *key)
{
    for (size_t i = 0; i < count; i++)
        if (same_value(&keys[i][0], &key[0]) && same_value(&keys[i][1], &key[1]) &&
            same_value(&keys[i][2], &key[2]))
            return true;
    return false;
}

/* What a series can be found by follows what is known of it now, not what was. Either may be NULL:
 * it is new; it is forgotten. */
static pm_status put_keys(const pm_rows *rows, const pm_series *was, const pm_series *is)
{
    pm_value old[MOST_KEYS][4], now[MOST_KEYS][4];
    size_t old_count = was == NULL ? 0 : make_keys(rows->arena, was, old);
    size_t now_count = is == NULL ? 0 : make_keys(rows->arena, is, now);
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < old_count; i++)
        if (!has_key(now, now_count, old[i]))
            status = run(rows, PM_SQL_DROP_KEY, old[i], 4, NULL, NULL);
    for (size_t i = 0; status == PM_OK && i < now_count; i++)
        if (!has_key(old, old_count, now[i]))
            status = run(rows, PM_SQL_PUT_KEY, now[i], 4, NULL, NULL);
    return status;
}

/* PM_ABSENT: it is there already, put by somebody else a moment ago. */
static pm_status add_series(const pm_rows *rows, const pm_known *known)
{
    pm_value columns[SERIES_COLUMN_COUNT];
    pm_slice id;
    id_rows added = {rows, &id, 0, 1};
    pm_status status = make_columns(rows->arena, known, columns);

    if (status == PM_OK)
        status = run(rows, PM_SQL_ADD_SERIES, columns, SERIES_COLUMN_COUNT, read_id, &added);
    if (status == PM_OK && added.count == 0)
        return PM_ABSENT;
    return status == PM_OK ? put_keys(rows, NULL, &known->series) : status;
}

static pm_status change_series(const pm_rows *rows, const pm_known *was, const pm_known *is)
{
    pm_value old[SERIES_COLUMN_COUNT], now[SERIES_COLUMN_COUNT];
    pm_status status = make_columns(rows->arena, was, old);

    if (status == PM_OK)
        status = make_columns(rows->arena, is, now);
    if (status != PM_OK || same_columns(old, now))
        return status;
    status = run(rows, PM_SQL_SET_SERIES, now, SERIES_COLUMN_COUNT, NULL, NULL);
    return status == PM_OK ? put_keys(rows, &was->series, &is->series) : status;
}

/* PM_ABSENT only when there is no row; one that nobody has the word of is one. */
static pm_status hold_series(const pm_rows *rows, pm_slice id, pm_known *known_out)
{
    series_row row = {.rows = rows};
    pm_value value = pm_value_text(id);
    pm_status status = run(rows, PM_SQL_HOLD_SERIES, &value, 1, read_series, &row);

    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    *known_out = row.known;
    return PM_OK;
}

/* Two exchangers may meet the same new series at once: one of them adds it, the other one finds it
 * there, waits for the row, and merges. */
static pm_status merge_series(const pm_rows *rows, const pm_known *said)
{
    const pm_slice id = said->series.id;
    pm_known known, merged;
    pm_status status = hold_series(rows, id, &known);

    if (status == PM_ABSENT) {
        /* Merged with itself: lists in their order, and no longer than they may be. */
        status = pm_memory_merge(rows->arena, said, said, &merged);
        if (status == PM_OK)
            status = add_series(rows, &merged);
        if (status != PM_ABSENT)
            return status;
        status = hold_series(rows, id, &known);
        if (status == PM_ABSENT)
            return PM_LATER; /* added and forgotten meanwhile */
    }
    if (status == PM_OK)
        status = pm_memory_merge(rows->arena, &known, said, &merged);
    return status == PM_OK ? change_series(rows, &known, &merged) : status;
}

static pm_status see_series(const pm_rows *rows, pm_slice id, int64_t last_seen)
{
    pm_value values[] = {pm_value_text(id), pm_value_number(last_seen),
                         pm_value_number(day_of(last_seen))};
    return run(rows, PM_SQL_SEE_SERIES, values, 3, NULL, NULL);
}

/* The reference of a message that was once taken for another series' stays with the one it is a
 * part of now: the caller knows more than was known then. */
static pm_status put_reference(const pm_rows *rows, const pm_memo *memo)
{
    pm_value values[] = {pm_value_text(memo->message_id), pm_value_text(memo->series.id),
                         pm_value_number(memo->part), pm_value_text(memo->author)};

    return memo->message_id.len == 0 ? PM_OK
                                     : run(rows, PM_SQL_PUT_REFERENCE, values, 4, NULL, NULL);
}

/* What a person has pinned goes with it; every other link is found anew. */
static pm_status move_links(const pm_rows *rows, pm_slice from, pm_slice into)
{
    pm_value values[] = {pm_value_text(from), pm_value_text(into)};
    pm_series was = {.id = from};
    pm_status status = pm_rows_series(rows, from, &was);

    if (status == PM_OK && (was.flags & PM_SERIES_PINNED) != 0)
        status = pm_rows_put_link(rows, &(pm_link){into, was.supersedes, was.supersedes_why,
                                                   was.supersedes_weight, true});
    if (status == PM_OK || status == PM_ABSENT)
        status = run(rows, PM_SQL_DROP_LINK, values, 1, NULL, NULL);
    return status == PM_OK ? run(rows, PM_SQL_MOVE_FOLLOWERS, values, 2, NULL, NULL) : status;
}

/* Make one series of two. A series whose root has come is one for good, whatever is said of it. */
static pm_status join_series(const pm_rows *rows, pm_slice from, pm_slice into)
{
    pm_value values[] = {pm_value_text(from), pm_value_text(into)};
    pm_known known;
    pm_status status = pm_slice_equal(from, into) ? PM_ABSENT : hold_series(rows, from, &known);

    if (status != PM_OK || (known.series.flags & PM_SERIES_ROOT) != 0)
        return status == PM_ABSENT ? PM_OK : status;
    status = put_keys(rows, &known.series, NULL);
    if (status == PM_OK)
        status = run(rows, PM_SQL_MOVE_REFERENCES, values, 2, NULL, NULL);
    if (status == PM_OK)
        status = move_links(rows, from, into);
    if (status == PM_OK)
        status = run(rows, PM_SQL_DROP_SERIES, values, 1, NULL, NULL);
    if (status != PM_OK)
        return status;
    known.series.id = into;
    return known.series.rank == PM_NOBODY ? see_series(rows, into, known.series.last_seen)
                                          : merge_series(rows, &known);
}

/* A series is called after its root. When that has turned out to be a part of another one since the
 * letter asked, it is that one's letter. */
static pm_status find_home(const pm_rows *rows, const pm_memo *memo, pm_slice *id_out)
{
    pm_status status;

    *id_out = memo->series.id;
    if (pm_slice_equal(memo->message_id, memo->series.id))
        return PM_OK;
    status = pm_rows_reference(rows, memo->series.id, id_out, NULL);
    return status == PM_ABSENT ? PM_OK : status;
}

static pm_status remember_in(const pm_rows *rows, const pm_memo *memo)
{
    const pm_known said = pm_memory_known(&memo->series);
    const pm_slice id = memo->series.id;
    pm_status status =
        memo->answers ? see_series(rows, id, memo->series.last_seen) : merge_series(rows, &said);

    if (status == PM_OK)
        status = put_reference(rows, memo);
    if (status == PM_OK && memo->message_id.len > 0)
        status = join_series(rows, memo->message_id, id);
    for (size_t i = 0; status == PM_OK && i < memo->join_count; i++)
        status = join_series(rows, memo->joins[i], id);
    return status == PM_OK ? pm_rows_see_paths(rows, &memo->paths) : status;
}

pm_status pm_rows_remember(const pm_rows *rows, const pm_memo *memo)
{
    pm_memo at_home = *memo;
    pm_status status = find_home(rows, memo, &at_home.series.id);

    return status == PM_OK ? remember_in(rows, &at_home) : status;
}

pm_status pm_rows_put_link(const pm_rows *rows, const pm_link *link)
{
    pm_value values[] = {pm_value_text(link->series), pm_value_text(link->predecessor),
                         pm_value_text(link->why), pm_value_number((int64_t)(link->weight * PARTS)),
                         pm_value_number(link->pinned)};
    return run(rows, PM_SQL_PUT_LINK, values, 5, NULL, NULL);
}

pm_status pm_rows_unpin(const pm_rows *rows, const pm_link *link)
{
    pm_value series = pm_value_text(link->series);
    pm_status status = run(rows, PM_SQL_DROP_LINK, &series, 1, NULL, NULL);

    return status == PM_OK && link->predecessor.len > 0 ? pm_rows_put_link(rows, link) : status;
}

/* Mail that came in between keeps it. */
static pm_status forget_one(const pm_rows *rows, pm_slice id, int64_t before, uint64_t *gone)
{
    static const unsigned drops[] = {PM_SQL_DROP_REFERENCES, PM_SQL_DROP_LINK, PM_SQL_DROP_SERIES};
    pm_value value = pm_value_text(id);
    pm_known known;
    pm_status status = hold_series(rows, id, &known);

    if (status == PM_ABSENT || (status == PM_OK && known.series.last_seen >= before))
        return PM_OK;
    if (status == PM_OK)
        status = put_keys(rows, &known.series, NULL);
    for (size_t i = 0; status == PM_OK && i < sizeof(drops) / sizeof(drops[0]); i++)
        status = run(rows, drops[i], &value, 1, NULL, NULL);
    if (status == PM_OK)
        ++*gone;
    return status;
}

pm_status pm_rows_forget(const pm_rows *rows, int64_t before, unsigned most, uint64_t *gone_out)
{
    pm_slice *ids = pm_alloc_array(rows->arena, most, sizeof(*ids));
    id_rows old = {rows, ids, 0, most};
    pm_value values[] = {pm_value_number(day_of(before)), pm_value_number(before),
                         pm_value_number(most)};
    pm_status status = ids == NULL ? PM_LIMIT : PM_OK;

    *gone_out = 0;
    if (status == PM_OK)
        status = run(rows, PM_SQL_OLD_SERIES, values, 3, read_id, &old);
    for (size_t i = 0; status == PM_OK && i < old.count; i++)
        status = forget_one(rows, ids[i], before, gone_out);
    return status;
}

/* ---- Rows that are found by the texts of their primary key ---- */

typedef struct key_rows {
    const pm_rows *rows;
    pm_row_key *keys;
    unsigned width; /* columns of the primary key */
    size_t count, room;
} key_rows;

static pm_status read_key(void *context, const pm_value *columns, size_t count)
{
    key_rows *found = context;
    pm_row_key *key = &found->keys[found->count];

    (void)count;
    if (found->count == found->room)
        return PM_OK;
    for (unsigned i = 0; i < found->width; i++) {
        key->columns[i] = pm_copy(found->rows->arena, columns[i].text);
        if (key->columns[i].data == NULL)
            return PM_LIMIT;
    }
    found->count++;
    return PM_OK;
}

/* Drop what a question finds, unless it has changed meanwhile: bound is what the rows found are not
 * beyond. */
static pm_status drop_found(const pm_rows *rows, unsigned question, const pm_value *values,
                            size_t value_count, unsigned drop, int64_t bound, key_rows *found)
{
    pm_status status;

    found->rows = rows;
    found->keys = pm_alloc_array(rows->arena, found->room, sizeof(*found->keys));
    if (found->keys == NULL)
        return PM_LIMIT;
    status = run(rows, question, values, value_count, read_key, found);
    for (size_t i = 0; status == PM_OK && i < found->count; i++) {
        pm_value key[PM_ROW_KEY + 1];

        for (unsigned column = 0; column < found->width; column++)
            key[column] = pm_value_text(found->keys[i].columns[column]);
        key[found->width] = pm_value_number(bound);
        status = run(rows, drop, key, found->width + 1, NULL, NULL);
    }
    return status;
}

/* ---- Notes ---- */

typedef struct text_row {
    const pm_rows *rows;
    pm_slice text;
    bool found;
} text_row;

static pm_status read_text(void *context, const pm_value *columns, size_t count)
{
    text_row *row = context;

    (void)count;
    row->text = pm_copy(row->rows->arena, columns[0].text);
    row->found = true;
    return row->text.data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_noted(const pm_rows *rows, pm_slice plugin, pm_slice key, int64_t now,
                        pm_slice *value_out)
{
    text_row row = {.rows = rows};
    pm_value values[] = {pm_value_text(plugin), pm_value_text(key), pm_value_number(now)};
    pm_status status = run(rows, PM_SQL_GET_NOTE, values, 3, read_text, &row);

    if (status != PM_OK || !row.found)
        return status != PM_OK ? status : PM_ABSENT;
    *value_out = row.text;
    return PM_OK;
}

static pm_status put_note(const pm_rows *rows, const pm_note *note)
{
    pm_value values[] = {pm_value_text(note->plugin), pm_value_text(note->key),
                         pm_value_text(note->value), pm_value_number(note->expires)};

    if (note->value.len > 0)
        return run(rows, PM_SQL_PUT_NOTE, values, 4, NULL, NULL);
    values[2] = pm_value_number(INT64_MAX);
    return run(rows, PM_SQL_DROP_NOTE, values, 3, NULL, NULL);
}

pm_status pm_rows_put_notes(const pm_rows *rows, const pm_note *notes, size_t count)
{
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < count; i++)
        status = put_note(rows, &notes[i]);
    return status;
}

#define TRIMMED_AT_ONCE 1000

static pm_status trim_notes_of(const pm_rows *rows, pm_slice plugin)
{
    key_rows excess = {.width = 2, .room = TRIMMED_AT_ONCE};
    pm_value values[] = {pm_value_text(plugin), pm_value_number(PM_NOTES_MOST),
                         pm_value_number(TRIMMED_AT_ONCE)};

    return drop_found(rows, PM_SQL_EXCESS_NOTES, values, 3, PM_SQL_DROP_NOTE, INT64_MAX, &excess);
}

pm_status pm_rows_trim_notes(const pm_rows *rows, const pm_note *notes, size_t count)
{
    pm_status status = PM_OK;

    for (size_t i = 0; status == PM_OK && i < count; i++)
        if (i == 0 || !pm_slice_equal(notes[i - 1].plugin, notes[i].plugin))
            status = trim_notes_of(rows, notes[i].plugin);
    return status;
}

pm_status pm_rows_forget_notes(const pm_rows *rows, int64_t now, unsigned most, uint64_t *gone_out)
{
    key_rows old = {.width = 2, .room = most};
    pm_value values[] = {pm_value_number(now), pm_value_number(most)};
    pm_status status = drop_found(rows, PM_SQL_OLD_NOTES, values, 2, PM_SQL_DROP_NOTE, now, &old);

    *gone_out = old.count;
    return status;
}

/* ---- Paths ---- */

static pm_slice last_component(pm_slice path)
{
    size_t slash = pm_slice_find_last(path, PM_LIT("/"));

    return slash == PM_NOWHERE ? path : pm_slice_after(path, slash + 1);
}

/* What ends in "/tail", for LIKE. data is NULL past the budget. */
static pm_slice ends_so(pm_arena *arena, pm_slice tail)
{
    char *pattern = pm_alloc(arena, 2 * tail.len + 2);
    size_t len = 0;

    if (pattern == NULL)
        return (pm_slice){NULL, 0};
    pattern[len++] = '%';
    pattern[len++] = '/';
    for (size_t i = 0; i < tail.len; i++) {
        if (memchr("%_!", tail.data[i], 3) != NULL)
            pattern[len++] = '!';
        pattern[len++] = tail.data[i];
    }
    return (pm_slice){pattern, len};
}

typedef struct path_rows {
    const pm_rows *rows;
    pm_slice tail, *paths;
    size_t count;
} path_rows;

/* Some databases compare with LIKE as if there were no capitals. */
static pm_status read_path(void *context, const pm_value *columns, size_t count)
{
    path_rows *found = context;

    (void)count;
    if (found->count == PM_STORE_PATHS_MOST || !pm_slice_ends(columns[0].text, found->tail))
        return PM_OK;
    found->paths[found->count] = pm_copy(found->rows->arena, columns[0].text);
    return found->paths[found->count++].data == NULL ? PM_LIMIT : PM_OK;
}

pm_status pm_rows_paths(const pm_rows *rows, pm_slice project, pm_slice tail, pm_slice **paths_out,
                        size_t *count_out)
{
    path_rows found = {rows, tail,
                       pm_alloc_array(rows->arena, PM_STORE_PATHS_MOST, sizeof(pm_slice)), 0};
    const pm_slice pattern = ends_so(rows->arena, tail);
    pm_value values[] = {pm_value_text(last_component(tail)), pm_value_text(project),
                         pm_value_text(pattern), pm_value_number(PM_STORE_PATHS_MOST)};
    pm_status status;

    if (found.paths == NULL || pattern.data == NULL)
        return PM_LIMIT;
    status = run(rows, PM_SQL_FIND_PATHS, values, 4, read_path, &found);
    *paths_out = found.paths;
    *count_out = found.count;
    return status;
}

#define PATHS_AT_ONCE 8

/* Columns of the first count paths, as many statements as it takes. */
static pm_status put_paths(const pm_rows *rows, const pm_value (*columns)[4], size_t count)
{
    static const struct {
        size_t count;
        unsigned which;
    } sizes[] = {{8, PM_SQL_PUT_8_PATHS},
                 {4, PM_SQL_PUT_4_PATHS},
                 {2, PM_SQL_PUT_2_PATHS},
                 {1, PM_SQL_PUT_1_PATH}};
    pm_status status = PM_OK;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (; status == PM_OK && count >= sizes[i].count; count -= sizes[i].count) {
            status = run(rows, sizes[i].which, columns[0], 4 * sizes[i].count, NULL, NULL);
            columns += sizes[i].count;
        }
    return status;
}

/* What was written a while ago is there, and costs nothing. */
pm_status pm_rows_see_paths(const pm_rows *rows, const pm_paths_seen *seen)
{
    const int64_t month = month_of(seen->seen);
    pm_value columns[PATHS_AT_ONCE][4];
    pm_status status = PM_OK;
    size_t count = 0;

    for (size_t i = 0; status == PM_OK && i < seen->count; i++) {
        if (!pm_path_cache_add(rows->paths, seen->project, seen->paths[i], month))
            continue;
        columns[count][0] = pm_value_text(last_component(seen->paths[i]));
        columns[count][1] = pm_value_text(seen->project);
        columns[count][2] = pm_value_text(seen->paths[i]);
        columns[count++][3] = pm_value_number(month);
        if (count < PATHS_AT_ONCE)
            continue;
        status = put_paths(rows, columns, count);
        count = 0;
    }
    return status == PM_OK ? put_paths(rows, columns, count) : status;
}

pm_status pm_rows_forget_paths(const pm_rows *rows, int64_t before, unsigned most,
                               uint64_t *gone_out)
{
    key_rows old = {.width = 3, .room = most};
    const int64_t month = month_of(before);
    pm_value values[] = {pm_value_number(month), pm_value_number(most)};
    pm_status status = drop_found(rows, PM_SQL_OLD_PATHS, values, 2, PM_SQL_DROP_PATH, month, &old);

    pm_path_cache_clear(rows->paths);
    *gone_out = old.count;
    return status;
}

/* ---- All of it ---- */

typedef struct page {
    const pm_rows *rows;
    const pm_walk *walk;
    unsigned width; /* columns of the primary key */
    pm_row_key last;
    size_t count;
} page;

static pm_status run_page(page *at, unsigned which, const pm_row_key *after, unsigned most,
                          pm_row_fn row, pm_row_key *last_out, size_t *count_out)
{
    pm_value values[PM_ROW_KEY + 1];
    pm_status status;

    for (unsigned i = 0; i < at->width; i++)
        values[i] = pm_value_text(after->columns[i]);
    values[at->width] = pm_value_number(most);
    status = run(at->rows, which, values, at->width + 1, row, at);
    *last_out = at->last;
    *count_out = at->count;
    return status;
}

/* Where the page ends; it has to outlive the row. */
static pm_status turn(page *at, const pm_value *columns)
{
    at->count++;
    for (unsigned i = 0; i < at->width; i++) {
        at->last.columns[i] = pm_copy(at->rows->arena, columns[i].text);
        if (at->last.columns[i].data == NULL)
            return PM_LIMIT;
    }
    return PM_OK;
}

static pm_status walk_series(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    series_row row = {.rows = at->rows};
    pm_status status = turn(at, columns);

    if (status == PM_OK)
        status = read_series(&row, columns, count);
    if (status != PM_OK || row.known.series.rank == PM_NOBODY)
        return status;
    return at->walk->series(at->walk->context, &row.known.series);
}

static pm_status walk_reference(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);
    const pm_store_message message = {columns[0].text, (int)columns[2].number, columns[3].text};

    (void)count;
    return status != PM_OK ? status
                           : at->walk->reference(at->walk->context, &message, columns[1].text);
}

static pm_status walk_link(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);
    const pm_link link = {columns[0].text, columns[1].text, columns[2].text,
                          (double)columns[3].number / PARTS, columns[4].number != 0};

    (void)count;
    return status != PM_OK ? status : at->walk->link(at->walk->context, &link);
}

static pm_status walk_note(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);
    const pm_note note = {columns[0].text, columns[1].text, columns[2].text, columns[3].number};

    (void)count;
    return status != PM_OK ? status : at->walk->note(at->walk->context, &note);
}

static pm_status walk_path(void *context, const pm_value *columns, size_t count)
{
    page *at = context;
    pm_status status = turn(at, columns);

    (void)count;
    return status != PM_OK ? status
                           : at->walk->path(at->walk->context, columns[1].text, columns[2].text,
                                            columns[3].number * MONTH);
}

pm_status pm_rows_page_series(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                              unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 1}, PM_SQL_NEXT_SERIES, after,
                    most, walk_series, last_out, count_out);
}

pm_status pm_rows_page_references(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                                  unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 1}, PM_SQL_NEXT_REFERENCES, after,
                    most, walk_reference, last_out, count_out);
}

pm_status pm_rows_page_links(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 1}, PM_SQL_NEXT_LINKS, after, most,
                    walk_link, last_out, count_out);
}

pm_status pm_rows_page_notes(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 2}, PM_SQL_NEXT_NOTES, after, most,
                    walk_note, last_out, count_out);
}

pm_status pm_rows_page_paths(const pm_rows *rows, const pm_walk *walk, const pm_row_key *after,
                             unsigned most, pm_row_key *last_out, size_t *count_out)
{
    return run_page(&(page){.rows = rows, .walk = walk, .width = 3}, PM_SQL_NEXT_PATHS, after, most,
                    walk_path, last_out, count_out);
}

pm_status pm_rows_lost(const pm_rows *rows, unsigned which, unsigned most, pm_slice *ids_out,
                       size_t *count_out)
{
    id_rows lost = {rows, ids_out, 0, most};
    pm_value value = pm_value_number(most);
    pm_status status = run(rows, which, &value, 1, read_id, &lost);

    *count_out = lost.count;
    return status;
}
