/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mime - everything that needs a MIME library, which is GMime 3; see mime.h.
 *
 * GMime undoes transfer encodings, knows charsets by all their names, reads Content-Type and dates,
 * and takes multiparts to pieces. Two things are done here because GMime would lose text: encoded
 * words (3.2.13 drops what follows a padded base64 word) and bytes that are not in the charset they
 * claim to be in (it writes question marks).
 */
#include "mime.h"

#include "strbuf.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <pthread.h>

/* Limits on what is shown to the library. A part costs it about 5 us, a header field in one 1 us,
 * an address in such a field 0.5 us, an encoded word up to 40 us (for loading its charset). So the
 * worst multipart costs 50 ms, the worst value 12 ms. */
enum {
    MOST_BOUNDARIES = 2000, /* lines that begin with "--"; a patch has some of its own */
    MOST_FIELDS = 5000,     /* lines that look like a header field */
    MOST_FIELD_BYTES = 256 * 1024,
    MOST_NESTING = 100,  /* parts that hold parts */
    MOST_WORDS = 300,    /* encoded words in one value */
    LONGEST_WORD = 2048, /* RFC 2047 says 75; some put a whole subject into one */
    LONGEST_TYPE = 1000, /* Content-Type; the cost of reading it is quadratic in its parameters */
    LONGEST_CHARSET = 60,
    LONGEST_DATE = 200,
};

static GMimeParserOptions *options; /* read-only once made */

static void start(void)
{
    static const char *fallback[] = {"utf-8", "iso-8859-1", NULL};

    g_mime_init();
    options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, fallback); /* not the locale's */
}

void pm_mime_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, start);
}

/* ---- Charsets ---- */

/* Where the first byte that does not belong to a UTF-8 character stands, or the length. */
static size_t skip_utf8(pm_slice bytes, size_t from)
{
    size_t length;

    for (; from < bytes.len; from += length) {
        length = pm_slice_utf8_length(pm_slice_after(bytes, from));
        if (length == 0)
            break;
    }
    return from;
}

pm_slice pm_mime_utf8(pm_arena *arena, pm_slice bytes)
{
    size_t odd = 0, from = 0, to;
    char *converted, *out;

    if (pm_slice_is_utf8(bytes))
        return bytes;
    for (to = skip_utf8(bytes, 0); to < bytes.len; to = skip_utf8(bytes, to + 1))
        odd++;
    converted = out = pm_alloc(arena, bytes.len + odd);
    if (converted == NULL)
        return (pm_slice){NULL, 0};
    for (; from < bytes.len; from = to + 1) {
        to = skip_utf8(bytes, from);
        memcpy(out, bytes.data + from, to - from);
        out += to - from;
        if (to == bytes.len)
            break;
        *out++ = (char)(0xc0 | (unsigned char)bytes.data[to] >> 6); /* Latin-1 */
        *out++ = (char)(0x80 | ((unsigned char)bytes.data[to] & 0x3f));
    }
    return (pm_slice){converted, (size_t)(out - converted)};
}

/* A converter from the charset called name, or (iconv_t)-1 when its bytes are best taken as UTF-8
 * or else Latin-1: because that is what it says, or because nobody knows what it says. */
static iconv_t open_charset(pm_slice name)
{
    static const char *const as_utf8[] = {"utf-8", "utf8", "us-ascii", "ascii", "x-unknown"};
    char terminated[LONGEST_CHARSET + 1];

    if (name.len == 0 || name.len > LONGEST_CHARSET)
        return (iconv_t)-1;
    for (size_t i = 0; i < sizeof(as_utf8) / sizeof(*as_utf8); i++)
        if (pm_slice_equal_nocase(name, pm_slice_of(as_utf8[i])))
            return (iconv_t)-1;
    /* A slash is iconv's syntax, not a part of a name. */
    for (size_t i = 0; i < name.len; i++)
        if (!pm_is_alpha(name.data[i]) && !pm_is_digit(name.data[i]) &&
            pm_slice_find_byte(PM_LIT("-_.:()+"), name.data[i]) == PM_NOWHERE)
            return (iconv_t)-1;
    memcpy(terminated, name.data, name.len);
    terminated[name.len] = '\0';
    pm_mime_start();
    return g_mime_iconv_open("UTF-8", terminated);
}

/* Append bytes to out; what is no character in their charset becomes U+FFFD, byte by byte. */
static void convert(pm_strbuf *out, iconv_t from, pm_slice bytes)
{
    char piece[4096], *in, *to = piece;
    size_t left = bytes.len, room = sizeof(piece);

    memcpy(&in, &bytes.data,
           sizeof(in)); /* iconv(3) promises not to write there, but not by type */
    while (left > 0 && !out->failed) {
        size_t before = left;
        bool stuck = g_mime_iconv(from, &in, &left, &to, &room) == (size_t)-1;

        stuck = stuck && (errno != E2BIG || left == before);
        pm_strbuf_add(out, (pm_slice){piece, sizeof(piece) - room});
        to = piece;
        room = sizeof(piece);
        if (stuck) {
            pm_strbuf_add(out, PM_LIT("\xef\xbf\xbd"));
            in++;
            left--;
        }
    }
    if (g_mime_iconv(from, NULL, NULL, &to, &room) != (size_t)-1)
        pm_strbuf_add(out, (pm_slice){piece, sizeof(piece) - room});
}

/* bytes in the charset as UTF-8; bytes itself when they are that already. data is NULL past the
 * budget. */
static pm_slice to_utf8(pm_arena *arena, pm_slice bytes, pm_slice charset)
{
    pm_slice result = {NULL, 0};
    pm_strbuf converted;
    iconv_t from = open_charset(charset);

    if (from == (iconv_t)-1)
        return pm_mime_utf8(arena, bytes);
    pm_strbuf_init(&converted, pm_arena_budget(arena) - pm_arena_used(arena));
    convert(&converted, from, bytes);
    g_mime_iconv_close(from);
    if (!converted.failed)
        result = pm_copy(arena, pm_strbuf_slice(&converted));
    pm_strbuf_free(&converted);
    return result;
}

/* ---- Encoded words ---- */

typedef struct encoded_word {
    pm_slice charset; /* without RFC 2231's language */
    pm_slice text;
    char encoding; /* 'q' or 'b' */
    size_t length; /* of all of it, from "=?" to "?=" */
} encoded_word;

/* The encoded word at the front of value, if there is one. Blanks inside are not allowed, but sent.
 */
static bool encoded_word_at(pm_slice value, encoded_word *word_out)
{
    pm_slice rest = pm_slice_cut(value, 0, LONGEST_WORD);
    size_t charset, end;

    if (!pm_slice_starts(rest, PM_LIT("=?")))
        return false;
    rest = pm_slice_after(rest, 2);
    charset = pm_slice_find_byte(pm_slice_cut(rest, 0, LONGEST_CHARSET + 1), '?');
    if (charset == PM_NOWHERE || charset == 0 || rest.len < charset + 3 ||
        rest.data[charset + 2] != '?')
        return false;
    word_out->charset = pm_slice_cut(rest, 0, charset);
    word_out->charset =
        pm_slice_cut(word_out->charset, 0, pm_slice_find_byte(word_out->charset, '*'));
    word_out->encoding = pm_lower(rest.data[charset + 1]);
    if (word_out->encoding != 'q' && word_out->encoding != 'b')
        return false;

    rest = pm_slice_after(rest, charset + 3);
    end = pm_slice_find(rest, PM_LIT("?="));
    if (end == PM_NOWHERE)
        return false;
    word_out->text = pm_slice_cut(rest, 0, end);
    word_out->length = (size_t)(rest.data - value.data) + end + 2;
    return true;
}

/* Append the bytes the word stands for, still in its charset. */
static void add_word_bytes(pm_strbuf *bytes, const encoded_word *word)
{
    /* GMime may write a few bytes beyond the text while it decodes. */
    char text[LONGEST_WORD + 2], decoded[LONGEST_WORD + 16];
    size_t length = word->text.len;
    GMimeEncoding state;

    memcpy(text, word->text.data, length);
    if (word->encoding == 'b') {
        g_mime_encoding_init_decode(&state, GMIME_CONTENT_ENCODING_BASE64);
        text[length++] = '='; /* some leave out the padding, and GMime then the last character */
        text[length++] = '=';
    } else {
        g_mime_encoding_init_decode(&state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
        for (size_t i = 0; i < length; i++)
            if (text[i] == '_')
                text[i] = ' ';
    }
    length = g_mime_encoding_flush(&state, text, length, decoded);
    pm_strbuf_add(bytes, (pm_slice){decoded, length});
}

/* Words in one charset that follow each other, with only white space between, are one text: some
 * senders split a character between two. */
typedef struct word_run {
    pm_slice charset;
    pm_strbuf bytes;
} word_run;

static void end_run(pm_arena *arena, word_run *run, pm_strbuf *out)
{
    pm_slice text;

    if (run->bytes.len > 0) {
        text = to_utf8(arena, pm_strbuf_slice(&run->bytes), run->charset);
        if (text.data == NULL)
            out->failed = true;
        else
            pm_strbuf_add(out, text);
    }
    out->failed = out->failed || run->bytes.failed;
    pm_strbuf_clear(&run->bytes);
    run->charset = PM_EMPTY;
}

static bool too_many_words(pm_slice value)
{
    size_t count = 0, at;

    while ((at = pm_slice_find(value, PM_LIT("=?"))) != PM_NOWHERE && count <= MOST_WORDS) {
        value = pm_slice_after(value, at + 2);
        count++;
    }
    return count > MOST_WORDS;
}

static void decode_words(pm_arena *arena, pm_slice value, word_run *run, pm_strbuf *out)
{
    bool after_word = false;

    while (value.len > 0) {
        size_t plain = pm_slice_find(value, PM_LIT("=?"));
        encoded_word word;

        while (plain != PM_NOWHERE && !encoded_word_at(pm_slice_after(value, plain), &word)) {
            size_t more = pm_slice_find(pm_slice_after(value, plain + 2), PM_LIT("=?"));
            plain = more == PM_NOWHERE ? PM_NOWHERE : plain + 2 + more;
        }

        pm_slice between = pm_slice_cut(value, 0, plain);
        bool joined = after_word && plain != PM_NOWHERE && pm_slice_trim(between).len == 0;
        if (!joined || !pm_slice_equal_nocase(run->charset, word.charset))
            end_run(arena, run, out);
        if (!joined)
            pm_strbuf_add(out, between);
        if (plain == PM_NOWHERE)
            return;
        run->charset = word.charset;
        add_word_bytes(&run->bytes, &word);
        value = pm_slice_after(value, plain + word.length);
        after_word = true;
    }
    end_run(arena, run, out);
}

pm_slice pm_mime_words(pm_arena *arena, pm_slice value)
{
    size_t left = pm_arena_budget(arena) - pm_arena_used(arena);
    pm_slice result = {NULL, 0};
    word_run run = {.charset = PM_EMPTY};
    pm_strbuf out;

    if (too_many_words(value))
        return value;
    pm_strbuf_init(&run.bytes, left);
    pm_strbuf_init(&out, left);
    decode_words(arena, value, &run, &out);
    if (!out.failed)
        result = pm_copy(arena, pm_strbuf_slice(&out));
    pm_strbuf_free(&run.bytes);
    pm_strbuf_free(&out);
    return result;
}

/* ---- Dates ---- */

/* A NUL-terminated copy on one line, in room bytes. False when it does not fit. */
static bool terminate(char *copy, size_t room, pm_slice value)
{
    if (value.len >= room)
        return false;
    for (size_t i = 0; i < value.len; i++)
        copy[i] = (unsigned char)value.data[i] < ' ' ? ' ' : value.data[i];
    copy[value.len] = '\0';
    return true;
}

pm_status pm_mime_date(pm_slice value, int64_t *seconds_out)
{
    char text[LONGEST_DATE];
    GDateTime *date;

    if (!terminate(text, sizeof(text), pm_slice_trim(value)))
        return PM_ABSENT;
    pm_mime_start();
    date = g_mime_utils_header_decode_date(text);
    if (date == NULL)
        return PM_ABSENT;
    *seconds_out = g_date_time_to_unix(date);
    g_date_time_unref(date);
    return PM_OK;
}

/* ---- One part ---- */

static GMimeContentEncoding encoding_of(pm_slice value)
{
    static const struct {
        const char *name;
        GMimeContentEncoding encoding;
    } table[] = {
        {"quoted-printable", GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE},
        {"base64", GMIME_CONTENT_ENCODING_BASE64},
    };

    value = pm_slice_trim(value);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (pm_slice_starts_nocase(value, pm_slice_of(table[i].name)))
            return table[i].encoding;
    return GMIME_CONTENT_ENCODING_8BIT;
}

/* bytes with the transfer encoding undone; bytes itself when there is none. data is NULL past the
 * budget. */
static pm_slice undo_encoding(pm_arena *arena, pm_slice bytes, GMimeContentEncoding encoding)
{
    GMimeEncoding state;
    char *decoded;

    if (encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE &&
        encoding != GMIME_CONTENT_ENCODING_BASE64)
        return bytes;
    g_mime_encoding_init_decode(&state, encoding);
    decoded = pm_alloc(arena, g_mime_encoding_outlen(&state, bytes.len));
    if (decoded == NULL)
        return (pm_slice){NULL, 0};
    return (pm_slice){decoded, g_mime_encoding_flush(&state, bytes.data, bytes.len, decoded)};
}

/* Both undone. Without memory for that it is the bytes as they came, as far as they are UTF-8. */
static pm_slice part_text(pm_arena *arena, pm_slice bytes, GMimeContentEncoding encoding,
                          const char *charset, bool *cut_out)
{
    pm_slice decoded = undo_encoding(arena, bytes, encoding);
    pm_slice text = {NULL, 0};

    if (decoded.data != NULL)
        text = to_utf8(arena, decoded, charset == NULL ? PM_EMPTY : pm_slice_of(charset));
    if (text.data != NULL)
        return text;
    *cut_out = true;
    return pm_slice_cut(bytes, 0, skip_utf8(bytes, 0));
}

/* ---- Multiparts ---- */

/* A line that a MIME parser could take for the beginning of a header field. */
static bool looks_like_field(pm_slice line)
{
    for (size_t i = 0; i < line.len && line.data[i] > ' ' && line.data[i] != 0x7f; i++)
        if (line.data[i] == ':')
            return i > 0;
    return false;
}

/* A line of a Content-Type field that says there are parts inside. */
static bool holds_parts(pm_slice line)
{
    return pm_slice_find_nocase(line, PM_LIT("multipart/")) != PM_NOWHERE ||
           pm_slice_find_nocase(line, PM_LIT("message/")) != PM_NOWHERE;
}

/* Would this multipart cost the library too much? Counted without understanding: a line of a patch
 * may be taken for a boundary, never a boundary for something else. (Nesting can be hidden in odd
 * spellings of Content-Type; GMime has a limit of its own for it.) */
static bool too_costly(pm_slice body)
{
    size_t boundaries = 0, fields = 0, field_bytes = 0, nesting = 0;
    bool in_field = false, in_type = false;
    pm_slice line;

    while (pm_slice_next_line(&body, &line)) {
        bool continued = in_field && line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');

        if (!continued) {
            in_field = looks_like_field(line);
            in_type = in_field && pm_slice_starts_nocase(line, PM_LIT("Content-Type"));
            fields += in_field;
        }
        boundaries += pm_slice_starts(line, PM_LIT("--"));
        field_bytes += in_field ? line.len : 0;
        nesting += in_type && holds_parts(line);
        if (boundaries > MOST_BOUNDARIES || fields > MOST_FIELDS ||
            field_bytes > MOST_FIELD_BYTES || nesting > MOST_NESTING)
            return true;
    }
    return false;
}

static GMimeObject *parse(pm_slice content_type, pm_slice body)
{
    GByteArray *entity = g_byte_array_sized_new((guint)(content_type.len + body.len + 32));
    GMimeStream *stream;
    GMimeParser *parser;
    GMimeObject *object;

    /* A GByteArray counts in guint; the guard's caller has seen to it that this is enough. */
    g_byte_array_append(entity, (const guint8 *)"Content-Type: ", 14);
    g_byte_array_append(entity, (const guint8 *)content_type.data, (guint)content_type.len);
    g_byte_array_append(entity, (const guint8 *)"\n\n", 2);
    g_byte_array_append(entity, (const guint8 *)body.data, (guint)body.len);
    stream = g_mime_stream_mem_new_with_byte_array(entity); /* owns entity now */
    parser = g_mime_parser_new_with_stream(stream);
    g_object_unref(stream);
    object = g_mime_parser_construct_part(parser, options);
    g_object_unref(parser);
    return object;
}

static bool is_type(GMimeObject *object, const char *type, const char *subtype)
{
    GMimeContentType *content_type = g_mime_object_get_content_type(object);

    return content_type != NULL && g_mime_content_type_is_type(content_type, type, subtype);
}

/* The first text part of this subtype, depth-first. A message inside is another letter: not looked
 * into. */
static GMimeObject *find_text(GMimeObject *object, const char *subtype)
{
    GMimeObject *found = NULL;
    GMimeMultipart *multipart;

    if (!GMIME_IS_MULTIPART(object))
        return GMIME_IS_PART(object) && is_type(object, "text", subtype) ? object : NULL;
    multipart = GMIME_MULTIPART(object);
    for (int i = 0; found == NULL && i < g_mime_multipart_get_count(multipart); i++)
        found = find_text(g_mime_multipart_get_part(multipart, i), subtype);
    return found;
}

/* Is the part's file called "something.patch"? Mail programs that do not know what a patch is send
 * it as application/octet-stream. */
static bool is_called_patch(GMimeObject *object)
{
    const char *name = g_mime_part_get_filename(GMIME_PART(object));
    pm_slice file = name == NULL ? PM_EMPTY : pm_slice_trim(pm_slice_of(name));

    return pm_slice_ends(file, PM_LIT(".patch")) || pm_slice_ends(file, PM_LIT(".diff"));
}

/* Is it text that belongs to the letter when it comes behind it in a multipart/mixed? */
static bool is_attached_text(GMimeObject *object)
{
    static const char *const subtypes[] = {"plain", "x-patch", "x-diff"};

    for (size_t i = 0; i < sizeof(subtypes) / sizeof(*subtypes); i++)
        if (is_type(object, "text", subtypes[i]))
            return true;
    return is_called_patch(object);
}

typedef struct gathering {
    pm_arena *arena;
    pm_strbuf text;
    GMimeObject *first;
    bool begun;
    bool *cut_out;
} gathering;

/* The part's bytes, still encoded, where the parser found them: GMime's stream is a window on our
 * own copy of the message. */
static pm_slice part_bytes(GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *stream = content == NULL ? NULL : g_mime_data_wrapper_get_stream(content);
    GByteArray *entity;
    gint64 end;

    if (stream == NULL || !GMIME_IS_STREAM_MEM(stream))
        return PM_EMPTY;
    entity = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    end = stream->bound_end < 0 ? (gint64)entity->len : stream->bound_end;
    if (stream->bound_start < 0 || stream->bound_start >= end || end > (gint64)entity->len)
        return PM_EMPTY;
    return (pm_slice){(const char *)entity->data + stream->bound_start,
                      (size_t)(end - stream->bound_start)};
}

static void add_part(gathering *gathered, GMimeObject *object)
{
    GMimePart *part = GMIME_PART(object);
    pm_slice text =
        part_text(gathered->arena, part_bytes(part), g_mime_part_get_content_encoding(part),
                  g_mime_object_get_content_type_parameter(object, "charset"), gathered->cut_out);

    if (gathered->begun)
        pm_strbuf_add_byte(&gathered->text, '\n');
    pm_strbuf_add(&gathered->text, text);
    gathered->begun = true;
}

static void gather(gathering *gathered, GMimeObject *object, bool in_mixed)
{
    if (GMIME_IS_MULTIPART(object)) {
        GMimeMultipart *multipart = GMIME_MULTIPART(object);
        bool mixed = is_type(object, "multipart", "mixed");

        for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
            gather(gathered, g_mime_multipart_get_part(multipart, i), mixed);
        return;
    }
    if (!GMIME_IS_PART(object))
        return;
    if (object == gathered->first || (gathered->begun && in_mixed && is_attached_text(object)))
        add_part(gathered, object);
}

static pm_slice gathered_text(pm_arena *arena, GMimeObject *object, bool *cut_out)
{
    static const char *const order[] = {"plain", "html", "*"};
    gathering gathered = {.arena = arena, .cut_out = cut_out};
    pm_slice text = PM_EMPTY;

    for (size_t i = 0; gathered.first == NULL && i < sizeof(order) / sizeof(*order); i++)
        gathered.first = find_text(object, order[i]);
    if (gathered.first == NULL)
        return text;
    pm_strbuf_init(&gathered.text, pm_arena_budget(arena) - pm_arena_used(arena));
    gather(&gathered, object, false);
    *cut_out = *cut_out || gathered.text.failed;
    text = pm_copy(arena, pm_strbuf_slice(&gathered.text));
    pm_strbuf_free(&gathered.text);
    if (text.data != NULL)
        return text;
    *cut_out = true;
    return PM_EMPTY;
}

static pm_slice multipart_text(pm_arena *arena, pm_slice content_type, pm_slice body, bool *cut_out)
{
    pm_slice text;
    GMimeObject *object;

    if (body.len > G_MAXUINT / 2 || too_costly(body)) {
        *cut_out = true;
        return part_text(arena, body, GMIME_CONTENT_ENCODING_8BIT, NULL, cut_out);
    }
    object = parse(content_type, body);
    /* Some list software takes a multipart to pieces and forgets to say so. */
    if (object == NULL || !GMIME_IS_MULTIPART(object) ||
        g_mime_multipart_get_count(GMIME_MULTIPART(object)) == 0)
        text = part_text(arena, body, GMIME_CONTENT_ENCODING_8BIT, NULL, cut_out);
    else
        text = gathered_text(arena, object, cut_out);
    if (object != NULL)
        g_object_unref(object);
    return text;
}

/* ---- The text ---- */

pm_slice pm_mime_text(pm_arena *arena, const pm_mime_type *type, pm_slice body, bool *cut_out)
{
    pm_slice value = pm_slice_trim(type->content_type);
    GMimeContentEncoding encoding = encoding_of(type->transfer_encoding);
    GMimeContentType *content_type;
    char text[LONGEST_TYPE];
    pm_slice result = PM_EMPTY;

    /* No type, or one that is none, means plain text (RFC 2045 section 5.2). */
    if (pm_slice_find_byte(value, '/') == PM_NOWHERE)
        return part_text(arena, body, encoding, NULL, cut_out);
    if (!terminate(text, sizeof(text), value)) {
        *cut_out = true;
        return part_text(arena, body, encoding, NULL, cut_out);
    }

    pm_mime_start();
    content_type = g_mime_content_type_parse(options, text);
    if (g_mime_content_type_is_type(content_type, "text", "*"))
        result = part_text(arena, body, encoding,
                           g_mime_content_type_get_parameter(content_type, "charset"), cut_out);
    else if (g_mime_content_type_is_type(content_type, "multipart", "*"))
        result = multipart_text(arena, pm_slice_of(text), body, cut_out);
    g_object_unref(content_type);
    return result;
}
