/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * revision_link - links to earlier revisions; see revision_link.h.
 *
 * Every URL and Message-ID is looked at with its label: what stands before it on its line or, when
 * that says nothing, the line above. A label may only be made of words that say which revision it
 * is; "rebased onto v3 of the other series: https://..." is no label.
 */
#include "revision_link.h"

#include "changelog_token.h"
#include "lines.h"
#include "phrases.h"

#define LINKS_MAX      500
#define LABEL_MAX      160         /* bytes before a URL */
#define WRAPPED_MAX    24          /* bytes before a footnote that may have been wrapped */
#define FOOTNOTES_MAX  16          /* that are looked for */
#define FOOTNOTE_HITS  8           /* places of one that are looked at */
#define FOOTNOTE_REACH (64 * 1024) /* bytes of text in which they are */

/* ---- The Message-ID in a URL ----------------------------------------------------------------- */

static int hex_value(char c)
{
    if (pm_is_digit(c))
        return c - '0';
    c = pm_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undo %40 and the like. Borrowed when there is none. */
static pm_slice percent_decode(pm_arena *arena, pm_slice text)
{
    char *decoded;
    size_t len = 0;

    if (pm_slice_find_byte(text, '%') == PM_NOWHERE)
        return text;
    decoded = pm_alloc(arena, text.len);
    if (decoded == NULL)
        return (pm_slice){NULL, 0};
    for (size_t at = 0; at < text.len; at++) {
        int high = at + 2 < text.len ? hex_value(text.data[at + 1]) : -1;
        int low = at + 2 < text.len ? hex_value(text.data[at + 2]) : -1;

        if (text.data[at] == '%' && high >= 0 && low >= 0) {
            decoded[len++] = (char)(high * 16 + low);
            at += 2;
        } else {
            decoded[len++] = text.data[at];
        }
    }
    return (pm_slice){decoded, len};
}

/* local@domain, of what a Message-ID may have. The domain has a letter: pkg@1.2 is no id. */
static bool is_message_id(pm_slice id)
{
    size_t at = pm_slice_find_byte(id, '@');
    bool letter = false;

    if (at == PM_NOWHERE || at == 0)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        if ((unsigned char)id.data[i] <= ' ' || id.data[i] == 0x7f || id.data[i] == '<' ||
            id.data[i] == '>' || (id.data[i] == '@' && i != at))
            return false;
        letter |= i > at && pm_is_alpha(id.data[i]);
    }
    return letter;
}

/* The component that ends where the next one, after it, begins: is it the address of a list in an
 * archive's URL? "/list/git@example.org/thread/1", "/git@example.org/msg1.html" */
static bool is_list_address(pm_slice before, pm_slice after)
{
    static const pm_slice pages[] = {PM_LIT("msg"), PM_LIT("message"), PM_LIT("thread"),
                                     PM_LIT("maillist"), PM_LIT("index.html")};

    if (pm_slice_equal(before, PM_LIT("list")))
        return true;
    return pm_starts_with_one_of(after, pages, PM_COUNT_OF(pages));
}

/* The id that a piece of a URL is, decoded; PM_ABSENT when it is none. */
static pm_status decode_id(pm_arena *arena, pm_slice piece, pm_slice *id_out)
{
    pm_slice id = percent_decode(arena, piece);

    if (id.data == NULL)
        return PM_LIMIT;
    if (id.len > 2 && id.data[0] == '<' && id.data[id.len - 1] == '>')
        id = pm_slice_cut(id, 1, id.len - 1);
    if (!is_message_id(id))
        return PM_ABSENT;
    *id_out = id;
    return PM_OK;
}

static pm_status find_id_in_path(pm_arena *arena, pm_slice path, pm_slice *id_out)
{
    size_t at = pm_slice_find_byte(path, '/'); /* an "@" before it is a user's */
    pm_slice before = PM_EMPTY;

    while (at != PM_NOWHERE) {
        pm_slice component, id;
        pm_status status;

        path = pm_slice_after(path, at + 1);
        at = pm_slice_find_byte(path, '/');
        component = pm_slice_cut(path, 0, at);
        status = decode_id(arena, component, &id);
        if (status == PM_LIMIT)
            return PM_LIMIT;
        if (status == PM_OK &&
            !is_list_address(before, at == PM_NOWHERE ? PM_EMPTY : pm_slice_after(path, at + 1))) {
            *id_out = id;
            return PM_OK;
        }
        before = component;
    }
    return PM_ABSENT;
}

/* "i=ID", "id=ID", "l=mid&q=ID": where an archive is asked for a message. Under other names people
 * and lists are asked for. */
static pm_status find_id_in_query(pm_arena *arena, pm_slice query, pm_slice *id_out)
{
    static const pm_slice names[] = {PM_LIT("l=mid&q="), PM_LIT("i="),     PM_LIT("id="),
                                     PM_LIT("mid="),     PM_LIT("msgid="), PM_LIT("message-id=")};

    while (query.len > 0) {
        size_t end;

        for (size_t i = 0; i < PM_COUNT_OF(names); i++)
            if (pm_take_nocase(&query, names[i]))
                return decode_id(arena, pm_slice_cut(query, 0, pm_slice_find_byte(query, '&')),
                                 id_out);
        end = pm_slice_find_byte(query, '&');
        query = end == PM_NOWHERE ? PM_EMPTY : pm_slice_after(query, end + 1);
    }
    return PM_ABSENT;
}

/* Up to where a URL goes on; "<ID>" may be its last component, as the archives of SourceHut have
 * it. */
static size_t url_length(pm_slice text)
{
    static const char ends[] = "<>\" \t\r\n";
    size_t len = 0, close;

    while (len < text.len && memchr(ends, text.data[len], sizeof(ends) - 1) == NULL)
        len++;
    if (len == 0 || len == text.len || text.data[len - 1] != '/' || text.data[len] != '<')
        return len;
    close = pm_slice_find_byte(pm_slice_after(text, len), '>');
    return close != PM_NOWHERE && is_message_id(pm_slice_cut(text, len + 1, len + close))
               ? len + close + 1
               : len;
}

pm_status pm_link_message_id(pm_arena *arena, pm_slice url, pm_slice *id_out)
{
    size_t at = pm_slice_find(url, PM_LIT("://")), query;
    pm_status status;

    if (at == PM_NOWHERE)
        return PM_ABSENT;
    url = pm_slice_after(url, at + 3);
    url = pm_slice_cut(url, 0, url_length(url));
    url = pm_slice_cut(url, 0, pm_slice_find_byte(url, '#'));
    query = pm_slice_find_byte(url, '?');
    status = find_id_in_path(arena, pm_slice_cut(url, 0, query), id_out);
    return status == PM_ABSENT && query != PM_NOWHERE
               ? find_id_in_query(arena, pm_slice_after(url, query + 1), id_out)
               : status;
}

/* ---- Labels ---------------------------------------------------------------------------------- */

typedef struct link_label {
    bool said;       /* it names a revision */
    unsigned number; /* 0: RFC alone */
    unsigned older;  /* of two, "v1 -> v2", the first */
    bool rfc;
    bool last;         /* "previous", "posted" */
    bool strange;      /* there are words in it that no label has */
    pm_slice footnote; /* "[2]" at its beginning, or nothing */
} link_label;

/* Does the label say which revision the URL is of? */
static bool is_telling(const link_label *label)
{
    return !label->strange && (label->said || label->last);
}

/* Take what a token adds to the label. */
static void read_label_token(link_label *label, const pm_token *token, bool numbered)
{
    switch (token->kind) {
    case PM_TOKEN_RFC:
        label->rfc = label->said = true;
        if (token->number > 0)
            label->number = token->number;
        return;
    case PM_TOKEN_NUMBER:
        if (!numbered) { /* of a patch, a day */
            label->strange = true;
            return;
        }
        /* fall through */
    case PM_TOKEN_REVISION:
        label->older = label->number;
        label->number = token->number;
        label->said = true;
        return;
    case PM_TOKEN_LAST:
        label->last = true;
        return;
    case PM_TOKEN_OTHER:
    case PM_TOKEN_REROLL:
    case PM_TOKEN_URL:
    case PM_TOKEN_NEW:
        label->strange = true;
        return;
    case PM_TOKEN_END:
    case PM_TOKEN_VERSION:
    case PM_TOKEN_PATCH:
    case PM_TOKEN_CHANGES:
    case PM_TOKEN_LOG:
    case PM_TOKEN_SINCE:
    case PM_TOKEN_IN:
    case PM_TOKEN_TO:
    case PM_TOKEN_AND:
    case PM_TOKEN_POSTING:
    case PM_TOKEN_FILLER:
    case PM_TOKEN_LINK:
    case PM_TOKEN_ARROW:
    case PM_TOKEN_DASH:
    case PM_TOKEN_SLASH:
    case PM_TOKEN_COLON:
    case PM_TOKEN_STOP:
    case PM_TOKEN_OPEN:
    case PM_TOKEN_CLOSE:
    case PM_TOKEN_FOOTNOTE:
    case PM_TOKEN_RULE:
        return;
    }
}

static link_label read_label(pm_slice text)
{
    link_label label = {.footnote = PM_EMPTY};
    pm_token token, before = {.kind = PM_TOKEN_END};

    label.strange = text.len > LABEL_MAX || pm_line_is_quoted(text);
    while (!label.strange && (token = pm_token_next(&text)).kind != PM_TOKEN_END) {
        if (token.kind == PM_TOKEN_FOOTNOTE && before.kind == PM_TOKEN_END)
            label.footnote = token.text;
        read_label_token(&label, &token, before.kind == PM_TOKEN_VERSION);
        before = token;
    }
    return label;
}

/* What the text before a footnote's mark says it is: "v1 [2]", "the previous version [2]". Only the
 * words nearest to it count. */
static link_label read_before_footnote(pm_slice text)
{
    link_label label = {.footnote = PM_EMPTY};
    pm_token token, before = {.kind = PM_TOKEN_END};

    while ((token = pm_token_next(&text)).kind != PM_TOKEN_END) {
        read_label_token(&label, &token, before.kind == PM_TOKEN_VERSION);
        if (label.strange || token.kind == PM_TOKEN_FOOTNOTE)
            label = (link_label){.footnote = PM_EMPTY};
        before = token;
    }
    return label;
}

static size_t line_begin(pm_slice text, size_t at)
{
    const char *feed = at == 0 ? NULL : memrchr(text.data, '\n', at);

    return feed == NULL ? 0 : (size_t)(feed - text.data) + 1;
}

/* The line before the one that begins at at; one blank line may stand between them. */
static pm_slice line_above(pm_slice text, size_t at)
{
    for (unsigned blanks = 0; at > 0 && blanks < 2; blanks++) {
        size_t begin = line_begin(text, at - 1);
        pm_slice line = pm_slice_cut(text, begin, at - 1);

        if (!pm_line_is_blank(line))
            return line;
        at = begin;
    }
    return PM_EMPTY;
}

/* What stands before a footnote's mark elsewhere in text, with the line above when it has been
 * wrapped. Its own line, which begins at own, is no such place. */
static link_label find_footnote(pm_slice text, pm_slice mark, const char *own)
{
    pm_slice reach = pm_slice_cut(text, 0, FOOTNOTE_REACH);
    link_label label = {.footnote = PM_EMPTY};
    size_t at = 0, found;

    for (unsigned hits = 0; hits < FOOTNOTE_HITS && !is_telling(&label); hits++) {
        size_t begin;

        found = pm_slice_find(pm_slice_after(reach, at), mark);
        if (found == PM_NOWHERE)
            break;
        at += found;
        begin = line_begin(reach, at);
        if (reach.data + begin != own && at - begin <= LABEL_MAX) {
            size_t above = begin == 0 ? 0 : line_begin(reach, begin - 1);

            label = read_before_footnote(pm_slice_cut(reach, begin, at));
            if (!is_telling(&label) && at - begin < WRAPPED_MAX && at - above <= LABEL_MAX)
                label = read_before_footnote(pm_slice_cut(reach, above, at));
        }
        at += mark.len;
    }
    return label;
}

/* ---- Links ----------------------------------------------------------------------------------- */

typedef struct link_reader {
    pm_arena *arena;
    pm_slice text;     /* the letter's, in which footnotes are looked up */
    unsigned revision; /* the subject's */
    const pm_changelog *changelog;
    size_t entry; /* of its entries, the first that stands behind the line being read */

    pm_revision_link *links;
    size_t count, room;
    unsigned footnotes; /* looked up */
} link_reader;

/* Where a URL that has "://" at at begins and ends. */
static pm_slice url_at(pm_slice line, size_t at)
{
    size_t begin = at, end = at + url_length(pm_slice_after(line, at));

    while (begin > 0 && pm_is_alpha(line.data[begin - 1]))
        begin--;
    while (end > at && memchr(".,;:!?)]}'", line.data[end - 1], 10) != NULL)
        end--;
    return pm_slice_cut(line, begin, end);
}

/* The word around the "@" at at, without what only encloses it. */
static pm_slice word_around(pm_slice line, size_t at)
{
    static const char around[] = " \t\r<>\"()[],;";
    size_t begin = at, end = at;

    while (begin > 0 && memchr(around, line.data[begin - 1], sizeof(around) - 1) == NULL)
        begin--;
    while (end < line.len && memchr(around, line.data[end], sizeof(around) - 1) == NULL)
        end++;
    while (end > at + 1 && memchr(".:!?", line.data[end - 1], 4) != NULL)
        end--;
    return pm_slice_cut(line, begin, end);
}

/* What a reader of mail is told to look up: "<ID>", "id:ID", "mid:ID", or the ID alone. An address
 * of a person looks the same, and is nobody's Message-ID. */
static bool read_written_id(pm_slice word, pm_slice *id_out)
{
    if (!pm_take_nocase(&word, PM_LIT("id:")))
        (void)pm_take_nocase(&word, PM_LIT("mid:"));
    *id_out = word;
    return is_message_id(word);
}

static pm_slice without_query(pm_slice url)
{
    url = pm_slice_cut(url, 0, pm_slice_find_byte(url, '#'));
    return pm_slice_cut(url, 0, pm_slice_find_byte(url, '?'));
}

static pm_status read_id(pm_arena *arena, pm_slice link, pm_slice *id_out)
{
    if (pm_slice_find(link, PM_LIT("://")) != PM_NOWHERE)
        return pm_link_message_id(arena, link, id_out);
    if (pm_slice_find_byte(link, '/') != PM_NOWHERE) /* a URL whose "https://" was left out */
        return find_id_in_path(arena, without_query(link), id_out);
    return read_written_id(link, id_out) ? PM_OK : PM_ABSENT;
}

/* Of a line: where to go on, and where the next "://" is, looked for once. */
typedef struct link_cursor {
    pm_slice line;
    size_t from, url;
} link_cursor;

static size_t find_from(pm_slice line, size_t from, pm_slice what)
{
    const size_t at = pm_slice_find(pm_slice_after(line, from), what);

    return at == PM_NOWHERE ? PM_NOWHERE : from + at;
}

/* The next URL or Message-ID of a line. */
static bool next_link(link_cursor *cursor, pm_slice *link_out)
{
    const pm_slice line = cursor->line;
    size_t at = cursor->from;
    pm_slice ignored;

    if (cursor->url != PM_NOWHERE && cursor->url < cursor->from)
        cursor->url = find_from(line, cursor->from, PM_LIT("://"));
    while ((at = find_from(line, at, PM_LIT("@"))) < cursor->url) {
        *link_out = word_around(line, at);
        if (link_out->data >= line.data + cursor->from && read_written_id(*link_out, &ignored))
            return true;
        at = (size_t)(link_out->data - line.data) + link_out->len;
    }
    if (cursor->url == PM_NOWHERE)
        return false;
    *link_out = url_at(line, cursor->url);
    return true;
}

static pm_status keep(link_reader *reader, pm_slice url, const link_label *label)
{
    pm_revision_link link = {
        .url = url, .rfc = label->rfc, .revision = label->number, .message_id = PM_EMPTY};
    bool own = reader->revision > 0 && label->number >= reader->revision;

    if (own && label->older > 0 && label->older < label->number)
        link.revision = label->older; /* "v2 -> v3" in a v3 */
    else if ((!label->said || (own && label->last)) && reader->revision > 1)
        link.revision = reader->revision - 1; /* "this is v3 of what was posted here" */
    if (reader->count == LINKS_MAX)
        return PM_OK;
    if (read_id(reader->arena, url, &link.message_id) == PM_LIMIT ||
        pm_grow(reader->arena, &reader->links, &reader->room, reader->count, sizeof(link)) != PM_OK)
        return PM_LIMIT;
    reader->links[reader->count++] = link;
    return PM_OK;
}

/* The entry whose text line stands in; NULL when it stands in none. */
static const pm_changelog_entry *entry_around(link_reader *reader, pm_slice line)
{
    const pm_changelog *changelog = reader->changelog;
    const pm_changelog_entry *entry;

    while (reader->entry < changelog->count &&
           changelog->entries[reader->entry].heading.data <= line.data)
        reader->entry++;
    if (reader->entry == 0)
        return NULL;
    entry = &changelog->entries[reader->entry - 1];
    return line.data < entry->text.data + entry->text.len ? entry : NULL;
}

/* What a bare link among the changes of entry leads to: the revision before. */
static link_label label_of_entry(const pm_changelog_entry *entry)
{
    unsigned before = entry->revision > 1 ? entry->revision - 1 : 0;

    return (link_label){
        .said = true,
        .rfc = entry->since_rfc,
        .number = entry->since > 0 || entry->since_rfc ? entry->since : before,
    };
}

/* "Link: https://... # v1", "See https://... for v1": the label goes on behind the link. */
static void read_behind(link_label *label, pm_slice text)
{
    link_label behind;

    (void)pm_take(&text, PM_LIT(">")); /* of an id; no quoting begins here */
    behind = read_label(text);
    if (behind.said && !behind.strange)
        *label = behind;
}

/* "Link:", and nothing that says to what. */
static bool is_bare_link_label(pm_slice text)
{
    pm_token token = pm_token_next(&text);

    while (token.kind == PM_TOKEN_DASH || token.kind == PM_TOKEN_RULE)
        token = pm_token_next(&text);
    return token.kind == PM_TOKEN_LINK && pm_token_next(&text).kind == PM_TOKEN_COLON &&
           pm_token_next(&text).kind == PM_TOKEN_END;
}

/* A link in line, and the text between it and what stands before it. */
static pm_status read_link(link_reader *reader, pm_slice line, pm_slice before, pm_slice url)
{
    link_label label = read_label(before);
    const pm_changelog_entry *entry = entry_around(reader, before);

    if (!label.strange && !label.said)
        read_behind(&label, pm_slice_after(line, (size_t)(url.data + url.len - line.data)));
    if (label.strange || label.said)
        return label.strange ? PM_OK : keep(reader, url, &label);
    if (label.footnote.len == 0 && !label.last) {
        label = read_label(line_above(reader->text, (size_t)(line.data - reader->text.data)));
        if (!is_telling(&label) && entry != NULL && is_bare_link_label(before))
            label = label_of_entry(entry);
    }
    if (label.footnote.len > 0 && reader->footnotes < FOOTNOTES_MAX) {
        reader->footnotes++;
        label = find_footnote(reader->text, label.footnote, line.data);
    }
    return is_telling(&label) ? keep(reader, url, &label) : PM_OK;
}

static pm_status read_line(link_reader *reader, pm_slice line)
{
    link_cursor cursor = {.line = line, .url = find_from(line, 0, PM_LIT("://"))};
    pm_status status = PM_OK;
    pm_slice link;

    while (status == PM_OK && next_link(&cursor, &link)) {
        size_t begin = (size_t)(link.data - line.data);

        status = read_link(reader, line, pm_slice_cut(line, cursor.from, begin), link);
        cursor.from = begin + link.len;
    }
    return status;
}

pm_status pm_revision_links_find(pm_arena *arena, pm_slice text, const pm_slice *lines,
                                 size_t line_count, unsigned revision, pm_changelog *changelog)
{
    link_reader reader = {
        .arena = arena, .text = text, .revision = revision, .changelog = changelog};
    pm_status status = PM_OK;

    for (size_t i = 0; i < line_count && status == PM_OK; i++)
        if (!pm_line_is_quoted(lines[i]))
            status = read_line(&reader, lines[i]);
    changelog->links = reader.links;
    changelog->link_count = reader.count;
    return status;
}
