/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * letter - a message understood as patch mail; see letter.h.
 *
 * Glue: it asks the parsers of the letter's parts, in the order in which one's answer spares
 * another the work. Most mail are replies, and those have neither shortlog nor trailers of their
 * own.
 */
#include "letter.h"

#include "lines.h"
#include "prose.h"
#include "words.h"

#define REFERENCES_MAX 200
#define ADDRESSEES_MAX 500
#define LISTS_MAX      16

/* The nth field called name, or an empty slice. */
static pm_slice field(const pm_message *message, const char *name, unsigned nth)
{
    pm_slice value = PM_EMPTY;

    if (pm_message_header(message, name, nth, &value) != PM_OK)
        return PM_EMPTY;
    return value;
}

static pm_slice first_id(pm_slice value)
{
    pm_slice id = PM_EMPTY;

    return pm_words_next_id(&value, &id) ? id : PM_EMPTY;
}

/* Some programs leave out the brackets, and the "@" as well. */
static pm_slice own_id(pm_slice value)
{
    pm_slice id = first_id(value);

    if (id.len == 0)
        pm_slice_next_word(&value, &id);
    return id;
}

/* ---- Where it belongs ------------------------------------------------------------------------ */

/* The newest REFERENCES_MAX ids, oldest first. They go round in a ring, so that a field with
 * thousands of ids costs no more than reading it. */
static pm_status read_references(pm_letter *letter, pm_arena *arena)
{
    pm_slice rest = field(letter->message, "References", 0), id, ring[REFERENCES_MAX];
    size_t seen = 0, count;

    while (pm_words_next_id(&rest, &id))
        ring[seen++ % REFERENCES_MAX] = id;
    count = seen < REFERENCES_MAX ? seen : REFERENCES_MAX;
    letter->references = pm_alloc_array(arena, count, sizeof(*letter->references));
    if (letter->references == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < count; i++)
        letter->references[i] = ring[(seen - count + i) % REFERENCES_MAX];
    letter->reference_count = count;
    return PM_OK;
}

static pm_status add_list(pm_letter *letter, pm_arena *arena, pm_slice name)
{
    if (name.len == 0 || letter->list_count == LISTS_MAX)
        return PM_OK;
    name = pm_lowered(arena, name);
    if (name.data == NULL)
        return PM_LIMIT;
    for (size_t i = 0; i < letter->list_count; i++)
        if (pm_slice_equal(letter->lists[i], name))
            return PM_OK;
    letter->lists[letter->list_count++] = name;
    return PM_OK;
}

/* "kvm@vger.kernel.org" as List-Id has it: "kvm.vger.kernel.org". */
static pm_status add_list_address(pm_letter *letter, pm_arena *arena, pm_slice address)
{
    size_t at = pm_slice_find_byte(address, '@');
    pm_slice name;

    if (at == PM_NOWHERE)
        return PM_OK;
    name = pm_print(arena, "%.*s.%.*s", PM_FMT(pm_slice_cut(address, 0, at)),
                    PM_FMT(pm_slice_after(address, at + 1)));
    return name.data == NULL ? PM_LIMIT : add_list(letter, arena, name);
}

/* What stands between the last angle brackets, or all of it when there are none. */
static pm_slice in_brackets(pm_slice value)
{
    size_t open = pm_slice_find_last(value, PM_LIT("<"));
    size_t close = pm_slice_find_last(value, PM_LIT(">"));

    if (open != PM_NOWHERE && close != PM_NOWHERE && open < close)
        value = pm_slice_cut(value, open + 1, close);
    return pm_slice_trim(value);
}

/* "<mailto:list@example.org?subject=x>", "list@example.org", "NO". */
static pm_slice posting_address(pm_slice value)
{
    size_t question;

    value = in_brackets(value);
    if (pm_slice_starts_nocase(value, PM_LIT("mailto:")))
        value = pm_slice_after(value, 7);
    question = pm_slice_find_byte(value, '?');
    return pm_slice_cut(value, 0, question);
}

static pm_status read_lists(pm_letter *letter, pm_arena *arena)
{
    static const char *const with_address[] = {"X-Mailing-List", "List-Post", "X-BeenThere"};
    pm_status status = PM_OK;
    pm_slice value;

    letter->lists = pm_alloc_array(arena, LISTS_MAX, sizeof(*letter->lists));
    if (letter->lists == NULL)
        return PM_LIMIT;
    for (unsigned n = 0; status == PM_OK && n < LISTS_MAX; n++) {
        if (pm_message_header(letter->message, "List-Id", n, &value) != PM_OK)
            break;
        status = add_list(letter, arena, in_brackets(value));
    }
    for (size_t i = 0; i < sizeof(with_address) / sizeof(with_address[0]); i++)
        for (unsigned n = 0; status == PM_OK && n < LISTS_MAX; n++) {
            if (pm_message_header(letter->message, with_address[i], n, &value) != PM_OK)
                break;
            status = add_list_address(letter, arena, posting_address(value));
        }
    return status;
}

static pm_status read_addressees(pm_letter *letter, pm_arena *arena)
{
    static const char *const names[] = {"To", "Cc"};
    size_t room = 0;
    pm_slice rest;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (unsigned n = 0; pm_message_header(letter->message, names[i], n, &rest) == PM_OK; n++) {
            pm_mailbox mailbox;

            while (letter->addressee_count < ADDRESSEES_MAX &&
                   pm_address_next(arena, &rest, &mailbox)) {
                pm_slice address = pm_lowered(arena, mailbox.address);

                if (address.data == NULL ||
                    pm_grow(arena, &letter->addressees, &room, letter->addressee_count,
                            sizeof(*letter->addressees)) != PM_OK)
                    return PM_LIMIT;
                letter->addressees[letter->addressee_count++] = address;
            }
        }
    return PM_OK;
}

/* ---- Who wrote it ---------------------------------------------------------------------------- */

static const pm_mailbox nobody = {{"", 0}, {"", 0}};

/* The first one with an address: a name with a comma and without quotes comes in pieces. */
static pm_mailbox first_mailbox(pm_arena *arena, pm_slice value)
{
    pm_mailbox first = nobody, mailbox;

    for (unsigned n = 0; n < 4 && pm_address_next(arena, &value, &mailbox); n++) {
        if (pm_slice_find_byte(mailbox.address, '@') != PM_NOWHERE)
            return mailbox;
        if (n == 0)
            first = mailbox;
    }
    return first;
}

/* Is it the address of one of the lists the letter came through? */
static bool is_list_address(const pm_letter *letter, pm_slice address)
{
    size_t at = pm_slice_find_byte(address, '@');

    if (at == PM_NOWHERE)
        return false;
    for (size_t i = 0; i < letter->list_count; i++) {
        pm_slice list = letter->lists[i];

        if (list.len == address.len && list.data[at] == '.' &&
            pm_slice_equal_nocase(pm_slice_cut(list, 0, at), pm_slice_cut(address, 0, at)) &&
            pm_slice_equal_nocase(pm_slice_after(list, at + 1), pm_slice_after(address, at + 1)))
            return true;
    }
    return false;
}

/* "A. Writer via Some-list", "A. Writer via": where " via" begins, or PM_NOWHERE. */
static size_t find_via(pm_slice name)
{
    size_t at = pm_slice_find_nocase(name, PM_LIT(" via "));

    return at == PM_NOWHERE && pm_slice_ends(name, PM_LIT(" via")) ? name.len - 4 : at;
}

/* From was rewritten, by a list whose writers' domains forbid it to send in their name, or by a
 * relay that has patches of people who cannot send mail. */
static bool is_rewritten(const pm_letter *letter)
{
    return find_via(letter->sender.name) != PM_NOWHERE ||
           is_list_address(letter, letter->sender.address) ||
           pm_slice_starts_nocase(letter->sender.address, PM_LIT("devnull+"));
}

/* The first line of text that is not blank, when it is "From: ...". */
static pm_mailbox body_author(pm_arena *arena, pm_slice text)
{
    pm_slice line;

    while (pm_slice_next_line(&text, &line)) {
        if (pm_line_is_blank(line))
            continue;
        if (!pm_take_nocase(&line, PM_LIT("From:")))
            return nobody;
        return first_mailbox(arena, line);
    }
    return nobody;
}

/* The one in Cc with this name: lists whose answers shall go to the list put the writer there. */
static pm_mailbox named_in_cc(pm_letter *letter, pm_arena *arena, pm_slice name)
{
    pm_slice rest = field(letter->message, "Cc", 0);
    pm_mailbox mailbox;

    for (unsigned n = 0; n < ADDRESSEES_MAX && pm_address_next(arena, &rest, &mailbox); n++)
        if (name.len > 0 && pm_slice_equal_nocase(mailbox.name, name) &&
            !is_list_address(letter, mailbox.address))
            return mailbox;
    return nobody;
}

/* "writer=example.net@groups.example.org", as some lists write who it was: empty when it is not of
 * this form. data is NULL past the budget. */
static pm_slice written_out(pm_arena *arena, pm_slice address)
{
    pm_slice local = pm_slice_cut(address, 0, pm_slice_find_byte(address, '@'));
    size_t equals = pm_slice_find_last(local, PM_LIT("="));
    pm_slice domain = pm_slice_after(local, equals == PM_NOWHERE ? local.len : equals + 1);

    if (equals == PM_NOWHERE || equals == 0 || pm_slice_find_byte(domain, '.') == PM_NOWHERE)
        return PM_EMPTY;
    return pm_print(arena, "%.*s@%.*s", PM_FMT(pm_slice_cut(local, 0, equals)), PM_FMT(domain));
}

static pm_mailbox real_author(pm_letter *letter, pm_arena *arena)
{
    pm_mailbox author = first_mailbox(arena, field(letter->message, "X-Original-From", 0));
    pm_slice reply_to = field(letter->message, "Reply-To", 0);
    pm_slice name =
        pm_slice_trim(pm_slice_cut(letter->sender.name, 0, find_via(letter->sender.name)));
    pm_mailbox candidate;

    if (author.address.len == 0)
        author.address = written_out(arena, letter->sender.address);
    for (unsigned n = 0; author.address.len == 0 && n < 20; n++) {
        if (!pm_address_next(arena, &reply_to, &candidate))
            break;
        if (!is_list_address(letter, candidate.address) &&
            !pm_slice_equal_nocase(candidate.address, letter->sender.address))
            author = candidate;
    }
    if (author.address.len == 0)
        author = named_in_cc(letter, arena, name);
    if (author.address.len == 0)
        author = body_author(arena, letter->text);
    if (author.address.len == 0)
        return letter->sender;
    if (author.name.len == 0)
        author.name = name;
    return author;
}

/* ---- What it says ---------------------------------------------------------------------------- */

static pm_status read_head(pm_letter *letter, pm_arena *arena)
{
    pm_message *message = letter->message;
    pm_slice subject = PM_EMPTY;

    if (pm_message_decoded(message, "Subject", 0, &subject) == PM_LIMIT ||
        pm_subject_parse(arena, subject, &letter->subject) != PM_OK)
        return PM_LIMIT;
    letter->message_id = own_id(field(message, "Message-ID", 0));
    letter->in_reply_to = first_id(field(message, "In-Reply-To", 0));
    if (pm_message_date(message, &letter->date) != PM_OK)
        letter->date = 0;
    letter->sender = first_mailbox(arena, field(message, "From", 0));
    if (read_references(letter, arena) != PM_OK || read_lists(letter, arena) != PM_OK ||
        read_addressees(letter, arena) != PM_OK)
        return PM_LIMIT;
    return PM_OK;
}

/* What people wrote, and the diff behind it. */
static void read_text(pm_letter *letter)
{
    size_t diff;

    letter->text = pm_message_text(letter->message);
    diff = pm_diff_start(letter->text);
    letter->prose = pm_slice_cut(letter->text, 0, diff);
    letter->has_diff = diff != PM_NOWHERE;
}

/* What tells the kind: diffstat, shortlog. */
static pm_status read_stats(pm_letter *letter, pm_arena *arena, const pm_path_index *index)
{
    const pm_slice prose = letter->prose;
    const pm_slice diff = pm_slice_after(letter->text, prose.len);
    bool reply = (letter->subject.flags & PM_SUBJECT_REPLY) != 0;

    if (!reply && pm_slice_find(prose, PM_LIT(" changed")) != PM_NOWHERE &&
        pm_diffstat_find(arena, prose, index, &letter->diffstat) != PM_OK)
        return PM_LIMIT;
    if (letter->has_diff)
        return letter->diffstat.count > 0 ? pm_diffstat_complete(arena, diff, &letter->diffstat)
                                          : pm_diffstat_from_diff(arena, diff, &letter->diffstat);
    return reply ? PM_OK : pm_shortlog_find(arena, prose, &letter->shortlog);
}

/* What only covers, patches and pull requests have. */
static pm_status read_history(pm_letter *letter, pm_arena *arena)
{
    unsigned revision = letter->subject.revision_said == PM_SAID_NOT ? 0 : letter->subject.revision;

    if (letter->kind == PM_KIND_REPLY || letter->kind == PM_KIND_OTHER)
        return PM_OK;
    if (pm_changelog_find(arena, letter->prose, revision, &letter->changelog) != PM_OK ||
        pm_trailers_find(arena, letter->text, &letter->trailers) != PM_OK)
        return PM_LIMIT;
    if (letter->trailers.change_id.len == 0)
        letter->trailers.change_id = pm_slice_trim(field(letter->message, "X-Change-ID", 0));
    if (letter->kind == PM_KIND_PATCH)
        letter->patch_author = body_author(arena, letter->text);
    return PM_OK;
}

pm_status pm_letter_read(pm_message *message, const pm_path_index *index, pm_letter **letter_out)
{
    pm_arena *arena = pm_message_arena(message);
    pm_letter *letter = pm_alloc(arena, sizeof(*letter));

    *letter_out = letter;
    if (letter == NULL)
        return PM_LIMIT;
    *letter = (pm_letter){
        .message = message,
        .kind_why = "not read to its end",
        .subject = {.text = PM_EMPTY,
                    .title = PM_EMPTY,
                    .list_tag = PM_EMPTY,
                    .revision = 1,
                    .revision_token = PM_EMPTY,
                    .part = -1,
                    .total = -1,
                    .part_token = PM_EMPTY},
        .message_id = PM_EMPTY,
        .in_reply_to = PM_EMPTY,
        .author = nobody,
        .sender = nobody,
        .patch_author = nobody,
        .text = PM_EMPTY,
        .prose = PM_EMPTY,
    };

    if (read_head(letter, arena) != PM_OK)
        return PM_LIMIT;
    read_text(letter);
    letter->author = is_rewritten(letter) ? real_author(letter, arena) : letter->sender;
    if (read_stats(letter, arena, index) != PM_OK)
        return PM_LIMIT;
    pm_kind_decide(letter);
    if (read_history(letter, arena) != PM_OK) {
        letter->kind = PM_KIND_OTHER;
        letter->kind_why = "not read to its end";
        return PM_LIMIT;
    }
    return PM_OK;
}
