/* SPDX-License-Identifier: BSD-2-Clause */
/* protocol - what patchmark and a program say to each other; see protocol.h. */
#include "protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WEIGHT 1e6

/* ---- Values ---- */

static bool must_escape(unsigned char byte)
{
    return (byte < ' ' && byte != '\t') || byte == '%' || byte == 0x7f;
}

size_t pm_exec_escaped_length(pm_slice value)
{
    size_t length = value.len;

    for (size_t i = 0; i < value.len; i++)
        length += must_escape((unsigned char)value.data[i]) ? 2 : 0;
    return length;
}

size_t pm_exec_escape(pm_slice *rest, char *out, size_t room)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t at = 0, used = 0;

    for (; at < rest->len; at++) {
        const unsigned char byte = (unsigned char)rest->data[at];

        if (used + (must_escape(byte) ? 3 : 1) > room)
            break;
        if (!must_escape(byte)) {
            out[used++] = (char)byte;
            continue;
        }
        out[used++] = '%';
        out[used++] = digits[byte >> 4];
        out[used++] = digits[byte & 15];
    }
    *rest = (pm_slice){rest->data + at, rest->len - at};
    return used;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

bool pm_exec_unescape(char *text, size_t *len)
{
    size_t used = 0;

    for (size_t at = 0; at < *len; at++) {
        int high, low;

        if (text[at] != '%') {
            text[used++] = text[at];
            continue;
        }
        if (*len - at < 3)
            return false;
        high = digit_value(text[at + 1]);
        low = digit_value(text[at + 2]);
        if (high < 0 || low < 0)
            return false;
        text[used++] = (char)(high << 4 | low);
        at += 2;
    }
    *len = used;
    return true;
}

/* By hand, as printf's point is a comma in some places. */
void pm_exec_print_weight(double weight, char out[PM_EXEC_NUMBER])
{
    const double most = weight < MOST_WEIGHT ? weight : MOST_WEIGHT;
    unsigned thousandths = (unsigned)(most * 1000 + 0.5);

    if (thousandths == 0)
        thousandths = 1; /* a weight is never 0 */
    snprintf(out, PM_EXEC_NUMBER, "%u.%03u", thousandths / 1000, thousandths % 1000);
}

/* ---- Lines and words ---- */

/* What was said, as far as a person needs it, without anything that is not printable. */
static void complain(char why[PM_EXEC_WHY], const char *what, pm_slice said)
{
    enum { SHOWN = 80 };
    char shown[SHOWN * 3 + 1];
    pm_slice rest = {said.data, said.len < SHOWN ? said.len : SHOWN};
    size_t used = 0;

    for (; rest.len > 0; rest.data++, rest.len--) {
        const unsigned char byte = (unsigned char)rest.data[0];

        if (byte >= ' ' && byte < 0x7f)
            shown[used++] = (char)byte;
        else
            used += (size_t)snprintf(shown + used, 4, "%%%02X", byte);
    }
    shown[used] = '\0';
    snprintf(why, PM_EXEC_WHY, "%s: \"%.100s\"", what, shown);
}

static bool is(pm_slice word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}

/* The line from *at on, without its end; *at moves behind it. False when its end has not come. */
static bool next_line(const char *said, size_t len, size_t *at, pm_slice *line_out)
{
    const char *end = *at < len ? memchr(said + *at, '\n', len - *at) : NULL;

    if (end == NULL)
        return false;
    *line_out = (pm_slice){said + *at, (size_t)(end - (said + *at))};
    *at += line_out->len + 1;
    return true;
}

/* The bytes up to the next space, which is taken off as well. Empty at the end. */
static pm_slice next_word(pm_slice *line)
{
    const char *space = line->len > 0 ? memchr(line->data, ' ', line->len) : NULL;
    const pm_slice word = {line->data, space == NULL ? line->len : (size_t)(space - line->data)};
    const size_t taken = word.len + (space != NULL);

    *line = (pm_slice){line->data + taken, line->len - taken};
    return word;
}

/* Bytes that would have had to be escaped. */
static bool has_raw_controls(pm_slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != '%' && must_escape((unsigned char)line.data[i]))
            return true;
    return false;
}

static bool read_number(pm_slice text, int64_t *number_out)
{
    const bool negative = text.len > 0 && text.data[0] == '-';
    const uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    uint64_t number = 0;

    if (text.len == negative || text.len > 20)
        return false;
    for (size_t i = negative; i < text.len; i++) {
        const unsigned digit = (unsigned)(text.data[i] - '0');

        if (digit > 9 || number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *number_out = (int64_t)(negative ? 0 - number : number);
    return true;
}

static bool read_weight(pm_slice text, double *weight_out)
{
    double weight = 0, place = 0;

    if (text.len == 0 || text.len > 16 || text.data[text.len - 1] == '.' || text.data[0] == '.')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.' && place == 0) {
            place = 0.1;
            continue;
        }
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        if (place == 0) {
            weight = weight * 10 + (text.data[i] - '0');
        } else {
            weight += place * (text.data[i] - '0');
            place /= 10;
        }
    }
    *weight_out = weight;
    return weight > 0 && weight <= MOST_WEIGHT;
}

/* ---- The greeting ---- */

size_t pm_exec_greeting_end(const char *said, size_t len)
{
    size_t at = 0;
    pm_slice line;

    while (next_line(said, len, &at, &line))
        if (is(line, "ready"))
            return at;
    return 0;
}

/* [a-z][a-z0-9.-]*, as patchmark has it for all facts. */
static bool is_fact_name(pm_slice name)
{
    if (name.len == 0 || name.len > PM_EXEC_NAME || name.data[0] < 'a' || name.data[0] > 'z')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.data[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '-')
            return false;
    }
    return true;
}

/* Names of header fields are within: header.X-Mailer. */
static bool is_field_name(pm_slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == '%')
            return false;
    return name.len > 0 && name.len <= (size_t)PM_EXEC_NAME * 2;
}

/* A greeting while it is read. */
typedef struct reading {
    pm_exec_greeting *into;
    char *end; /* of the words kept so far */
    char *why;
} reading;

/* A copy with NUL behind it. There is room: each line is longer than what is kept of it. */
static char *keep(reading *to, const char *data, size_t len)
{
    char *kept = to->end;

    memcpy(kept, data, len);
    kept[len] = '\0';
    to->end += len + 1;
    return kept;
}

static bool read_name(reading *to, pm_slice line, bool (*good)(pm_slice), const char **names,
                      size_t *count)
{
    const pm_slice whole = line;
    const pm_slice name = next_word(&line);

    if (!good(name) || line.len > 0) {
        complain(to->why, "this is no name", whole);
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        if (!is(name, names[i]))
            continue;
        complain(to->why, "it asks twice for this", name);
        return false;
    }
    if (*count == PM_EXEC_NAMES) {
        complain(to->why, "it asks for more than 64 of a kind; the first one too many is", name);
        return false;
    }
    names[(*count)++] = keep(to, name.data, name.len);
    return true;
}

static bool read_field(reading *to, pm_slice line)
{
    return read_name(to, line, is_field_name, to->into->fields, &to->into->field_count);
}

static bool read_need(reading *to, pm_slice line)
{
    return read_name(to, line, is_fact_name, to->into->needs, &to->into->need_count);
}

static bool read_fact(reading *to, pm_slice line)
{
    pm_exec_greeting *into = to->into;
    const pm_slice whole = line, name = next_word(&line), type = next_word(&line);
    pm_fact_decl *fact = &into->facts[into->fact_count];
    char *meaning;
    size_t len = line.len;

    if (!is_fact_name(name) || (!is(type, "text") && !is(type, "number")) || line.len == 0) {
        complain(to->why, "this is not \"NAME text|number MEANING\"", whole);
        return false;
    }
    for (size_t i = 0; i < into->fact_count; i++) {
        if (!is(name, into->facts[i].name))
            continue;
        complain(to->why, "it declares this fact twice", name);
        return false;
    }
    if (into->fact_count == PM_EXEC_NAMES) {
        complain(to->why, "it declares more than 64 facts; the first one too many is", name);
        return false;
    }
    fact->name = keep(to, name.data, name.len);
    fact->type = is(type, "text") ? PM_FACT_TEXT : PM_FACT_NUMBER;
    meaning = keep(to, line.data, len);
    if (!pm_exec_unescape(meaning, &len) || memchr(meaning, '\0', len) != NULL) {
        complain(to->why, "this is not \"NAME text|number MEANING\"", whole);
        return false;
    }
    meaning[len] = '\0';
    fact->meaning = meaning;
    into->fact_count++;
    return true;
}

static bool read_ready(reading *to, pm_slice line)
{
    if (line.len > 0)
        complain(to->why, "ready has something behind it", line);
    return line.len == 0;
}

static bool read_greeting_line(reading *to, pm_slice line)
{
    static const struct {
        const char *verb;
        bool (*read)(reading *to, pm_slice line);
    } verbs[] = {
        {"field", read_field},
        {"need", read_need},
        {"fact", read_fact},
        {"ready", read_ready},
    };
    const pm_slice whole = line, verb = next_word(&line);

    if (whole.len >= PM_EXEC_LINE || has_raw_controls(whole)) {
        complain(to->why, "a line of its greeting is too long or has control characters", whole);
        return false;
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (is(verb, verbs[i].verb))
            return verbs[i].read(to, line);
    complain(to->why, "its greeting has a line that is not in the protocol", whole);
    return false;
}

static bool read_version(pm_slice line, char *why)
{
    if (is(line, PM_EXEC_VERSION))
        return true;
    complain(why, "it does not begin with \"" PM_EXEC_VERSION "\" but with", line);
    return false;
}

pm_exec_greeting *pm_exec_greeting_read(const char *said, size_t len, char why[PM_EXEC_WHY])
{
    pm_exec_greeting *greeting = calloc(1, sizeof(*greeting));
    reading to = {greeting, NULL, why};
    size_t at = 0;
    pm_slice line;
    bool fine;

    if (greeting != NULL) {
        greeting->said = malloc(len + 1);
        greeting->words = malloc(len + 1);
    }
    if (greeting == NULL || greeting->said == NULL || greeting->words == NULL) {
        snprintf(why, PM_EXEC_WHY, "there is no memory for its greeting");
        pm_exec_greeting_free(greeting);
        return NULL;
    }
    memcpy(greeting->said, said, len);
    greeting->len = len;
    to.end = greeting->words;

    fine = next_line(said, len, &at, &line) && read_version(line, why);
    while (fine && next_line(said, len, &at, &line))
        fine = read_greeting_line(&to, line);
    if (fine)
        return greeting;
    pm_exec_greeting_free(greeting);
    return NULL;
}

void pm_exec_greeting_free(pm_exec_greeting *greeting)
{
    if (greeting == NULL)
        return;
    free(greeting->said);
    free(greeting->words);
    free(greeting);
}

/* ---- An answer ---- */

void pm_exec_answer_begin(pm_exec_answer *answer)
{
    answer->len = answer->read = answer->count = 0;
    answer->why[0] = '\0';
}

static const pm_fact_decl *find_decl(const pm_exec_greeting *greeting, pm_slice name)
{
    for (size_t i = 0; i < greeting->fact_count; i++)
        if (is(name, greeting->facts[i].name))
            return &greeting->facts[i];
    return NULL;
}

/* The value that the line ends with, within the answer's own bytes; false when it is none or longer
 * than it may be. */
static bool read_text(pm_exec_answer *answer, pm_slice line, pm_slice *text_out)
{
    char *text = answer->said + (line.data - answer->said);
    size_t len = line.len;

    if (!pm_exec_unescape(text, &len) || len > PM_EXEC_TEXT)
        return false;
    *text_out = (pm_slice){text, len};
    return true;
}

static pm_exec_state garbage(pm_exec_answer *answer, const char *what, pm_slice line)
{
    complain(answer->why, what, line);
    return PM_EXEC_GARBAGE;
}

/* "NAME WEIGHT VALUE" */
static pm_exec_state answer_fact(pm_exec_answer *answer, const pm_exec_greeting *greeting,
                                 pm_slice line)
{
    const pm_slice whole = line, name = next_word(&line), weight = next_word(&line);
    pm_exec_fact fact = {.decl = find_decl(greeting, name), .reason = {"", 0}};

    if (fact.decl == NULL)
        return garbage(answer, "it reports a fact that its greeting does not declare", name);
    if (!read_weight(weight, &fact.weight))
        return garbage(answer, "the weight of a fact is no number above 0", whole);
    if (fact.decl->type == PM_FACT_NUMBER ? !read_number(line, &fact.number)
                                          : !read_text(answer, line, &fact.text))
        return garbage(answer, "a fact is not of the type that it declares, or too long", whole);
    if (answer->count == PM_EXEC_FACTS)
        return garbage(answer, "it reports more than 256 facts of one letter", whole);
    answer->facts[answer->count++] = fact;
    return PM_EXEC_MORE;
}

static pm_exec_state answer_reason(pm_exec_answer *answer, const pm_exec_greeting *greeting,
                                   pm_slice line)
{
    (void)greeting;
    if (answer->count == 0 || !read_text(answer, line, &answer->facts[answer->count - 1].reason))
        return garbage(answer, "a reason is too long or does not follow a fact", line);
    return PM_EXEC_MORE;
}

static pm_exec_state answer_done(pm_exec_answer *answer, const pm_exec_greeting *greeting,
                                 pm_slice line)
{
    (void)greeting;
    return line.len == 0 ? PM_EXEC_DONE : garbage(answer, "done has something behind it", line);
}

static pm_exec_state answer_sorry(pm_exec_answer *answer, const pm_exec_greeting *greeting,
                                  pm_slice line)
{
    (void)greeting;
    complain(answer->why, "it could not tell", line);
    return PM_EXEC_SORRY;
}

static pm_exec_state answer_line(pm_exec_answer *answer, const pm_exec_greeting *greeting,
                                 uint64_t id, pm_slice line)
{
    static const struct {
        const char *verb;
        pm_exec_state (*read)(pm_exec_answer *, const pm_exec_greeting *, pm_slice);
    } verbs[] = {
        {"fact", answer_fact},
        {"reason", answer_reason},
        {"done", answer_done},
        {"sorry", answer_sorry},
    };
    const pm_slice whole = line, verb = next_word(&line);
    char wanted[PM_EXEC_NUMBER];

    if (whole.len >= PM_EXEC_LINE || has_raw_controls(whole))
        return garbage(answer, "a line of it is too long or has control characters", whole);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (!is(verb, verbs[i].verb))
            continue;
        snprintf(wanted, sizeof(wanted), "%llu", (unsigned long long)id);
        if (!is(next_word(&line), wanted))
            return garbage(answer, "it answers something that was not asked", whole);
        return verbs[i].read(answer, greeting, line);
    }
    return garbage(answer, "it says what is not in the protocol", whole);
}

pm_exec_state pm_exec_answer_read(pm_exec_answer *answer, const pm_exec_greeting *greeting,
                                  uint64_t id)
{
    pm_exec_state state = PM_EXEC_MORE;
    pm_slice line;

    while (state == PM_EXEC_MORE && next_line(answer->said, answer->len, &answer->read, &line))
        state = answer_line(answer, greeting, id, line);
    if (state != PM_EXEC_MORE)
        return state;
    line = (pm_slice){answer->said + answer->read, answer->len - answer->read};
    if (line.len >= PM_EXEC_LINE)
        return garbage(answer, "a line of it is too long", line);
    if (answer->len == sizeof(answer->said))
        return garbage(answer, "its answer is too long; it ends with", line);
    return PM_EXEC_MORE;
}

bool pm_exec_answer_goes_on(const pm_exec_answer *answer)
{
    return answer->read < answer->len;
}
