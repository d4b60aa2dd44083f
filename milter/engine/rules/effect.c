/* SPDX-License-Identifier: BSD-2-Clause */
/* effect - what follows from a rule; see effect.h. */
#include "effect.h"

#define MOST_WEIGHT 1000
#define MOST_FACT   1024 /* as pm_host.add_fact has it */

/* Marks the engine makes itself: a rule's field must not look like one of them. */
static const char *const own_marks[] = {"Results", "Kind",     "Project",    "Subsystem",
                                        "Inbox",   "Revision", "Part",       "Tag",
                                        "Series",  "Chain",    "Supersedes", NULL};

/* The values of one `then`. */
typedef struct parser {
    const pm_effect_reader *to;
    const pm_statement *then;
    size_t at;
} parser;

static const pm_token *peek(const parser *from)
{
    return from->at < from->then->count ? &from->then->values[from->at] : NULL;
}

/* Where something is missing: at the next token, or at the last there is. */
static const pm_token *place(const parser *from)
{
    if (from->at < from->then->count)
        return &from->then->values[from->at];
    return from->then->count == 0 ? &from->then->word : &from->then->values[from->at - 1];
}

/* The value behind an effect's word; what says what it is. NULL after an error. */
static const pm_token *read_value(parser *from, const char *what)
{
    const pm_token *value = peek(from);

    if (value == NULL || !pm_token_is_text(value)) {
        pm_error_token(from->to->conditions->errors, place(from), "%s is missing here", what);
        return NULL;
    }
    from->at++;
    return value;
}

/* A number such as 5 or 0.25, without sign or exponent: no locale, no surprise. */
static bool to_weight(pm_slice text, double *weight_out)
{
    double weight = 0, unit = 1;
    bool digits = false, point = false;

    if (text.len > 12)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (c == '.' && !point) {
            point = true;
        } else if (pm_is_digit(c)) {
            digits = true;
            weight = weight * 10 + (c - '0');
            unit *= point ? 10 : 1;
        } else {
            return false;
        }
    }
    *weight_out = weight / unit;
    return digits && weight > 0 && *weight_out <= MOST_WEIGHT;
}

/* An optional `weight N`. */
static bool read_weight(parser *from, pm_effect *into)
{
    const pm_token *value;

    into->weight = 1;
    if (!pm_token_is_word(peek(from), "weight"))
        return true;
    from->at++;
    value = read_value(from, "a weight, such as 5,");
    if (value == NULL)
        return false;
    if (to_weight(value->text, &into->weight))
        return true;
    pm_error_token(from->to->conditions->errors, value,
                   "a weight is a number above 0 and up to %d, such as 5 or 0.5, not \"%.*s\"",
                   MOST_WEIGHT, PM_FMT(value->text));
    return false;
}

/* Printable ASCII on one line: fit for a header field or an SMTP reply. */
static bool check_line(const parser *from, const pm_token *value, size_t most)
{
    bool good = value->text.len > 0 && value->text.len <= most;

    for (size_t i = 0; i < value->text.len; i++)
        good &= value->text.data[i] >= ' ' && value->text.data[i] <= '~';
    if (!good)
        pm_error_token(from->to->conditions->errors, value,
                       "this must be one line of ASCII without control characters, at most %zu "
                       "bytes",
                       most);
    return good;
}

static bool check_slug(const parser *from, const pm_token *value, const char *what)
{
    if (pm_syntax_is_slug(value->text))
        return true;
    pm_error_token(from->to->conditions->errors, value,
                   "%s %s is called by small letters, digits, - and . (as kvm-x86 is), not "
                   "\"%.*s\"",
                   what[0] == 'i' ? "an" : "a", what, PM_FMT(value->text));
    return false;
}

/* A text that may have values of the letter in it. False after an error. */
static bool read_template(const parser *from, const pm_token *value, pm_template_form form,
                          pm_effect *into)
{
    into->template = pm_template_read(from->to->conditions, value, form, &into->text);
    return into->template != NULL || into->text.data != NULL;
}

static bool has_brace(pm_slice text)
{
    return pm_slice_find_byte(text, '{') != PM_NOWHERE ||
           pm_slice_find_byte(text, '}') != PM_NOWHERE;
}

/* subsystem "x" weight 5, and the other facts the engine knows itself. */
static bool read_own_fact(parser *from, pm_effect *into)
{
    const pm_token *value = read_value(from, "a name");

    if (value == NULL)
        return false;
    into->token = value;
    /* What a mail says of itself may name a tag, but not a project of its own making. */
    if (has_brace(value->text) && strcmp(into->fact, "project") != 0) {
        if (!read_template(from, value, PM_TEMPLATE_SLUG, into))
            return false;
        return read_weight(from, into);
    }
    if (!check_slug(from, value, into->fact))
        return false;
    into->text = value->text;
    return read_weight(from, into);
}

/* fact NAME VALUE weight N */
static bool read_fact(parser *from, pm_effect *into)
{
    const pm_token *name = read_value(from, "the name of a fact"), *value;
    const pm_declared *declared;

    if (name == NULL)
        return false;
    declared = pm_vocabulary_find(from->to->conditions->vocabulary, name->text);
    if (declared == NULL) {
        pm_error_unknown(from->to->conditions->errors, name, "no plugin reports ", "",
                         pm_vocabulary_names(from->to->conditions->vocabulary),
                         "tag \"...\" needs no plugin");
        return false;
    }
    value = read_value(from, "the value of the fact");
    if (value == NULL)
        return false;
    into->fact = declared->decl->name;
    into->text = value->text;
    into->is_number = declared->decl->type == PM_FACT_NUMBER;
    if (into->is_number && pm_syntax_number(value->text, PM_UNITS_NONE, &into->number) != PM_OK) {
        pm_error_token(from->to->conditions->errors, value, "%s is a number; \"%.*s\" is none",
                       into->fact, PM_FMT(value->text));
        return false;
    }
    if (value->text.len > MOST_FACT) {
        pm_error_token(from->to->conditions->errors, value,
                       "a fact of %zu bytes: at most %d are allowed", value->text.len, MOST_FACT);
        return false;
    }
    /* The engine's own facts become marks, so their values are names. */
    if (strcmp(declared->plugin, "rules") == 0 && !check_slug(from, value, into->fact))
        return false;
    return read_weight(from, into);
}

static bool read_field(parser *from, pm_effect *into)
{
    const pm_token *name = read_value(from, "the name of a field"), *value;
    bool good;

    if (name == NULL)
        return false;
    good = name->text.len > 0 && name->text.len <= 40 && pm_is_alpha(name->text.data[0]);
    for (size_t i = 0; i < name->text.len; i++)
        good &= pm_is_alpha(name->text.data[i]) || pm_is_digit(name->text.data[i]) ||
                name->text.data[i] == '-';
    if (!good) {
        pm_error_token(from->to->conditions->errors, name,
                       "a field's name is letters, digits and hyphens, at most 40, not \"%.*s\"",
                       PM_FMT(name->text));
        return false;
    }
    if (pm_slice_starts_nocase(name->text, PM_LIT("Patchmark-"))) {
        pm_error_token(from->to->conditions->errors, name,
                       "the prefix is put in front of it by itself (write: field \"%.*s\" ...)",
                       PM_FMT(pm_slice_after(name->text, 10)));
        return false;
    }
    for (size_t i = 0; own_marks[i] != NULL; i++) {
        if (!pm_slice_equal_nocase(name->text, pm_slice_of(own_marks[i])))
            continue;
        pm_error_token(from->to->conditions->errors, name,
                       "%s is a field patchmark writes itself (add a fact: tag \"...\", subsystem "
                       "\"...\", or choose another name)",
                       own_marks[i]);
        return false;
    }
    value = read_value(from, "the value of the field");
    if (value == NULL || !check_line(from, value, PM_FIELD_MOST))
        return false;
    into->name = name->text;
    return read_template(from, value, PM_TEMPLATE_LINE, into);
}

static bool read_recipient(parser *from, pm_effect *into)
{
    const pm_token *value = read_value(from, "an address");
    pm_slice text;
    size_t at;

    if (value == NULL)
        return false;
    text = value->text;
    into->token = value;
    if (has_brace(text)) {
        pm_error_token(from->to->conditions->errors, value,
                       "an address is written out: mail must not choose who else reads it");
        return false;
    }
    at = pm_slice_find_last(text, PM_LIT("@"));
    if (at == PM_NOWHERE || at == 0 || at + 1 == text.len || text.len > 254)
        goto bad;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~' || strchr("<>,;\"()", text.data[i]) != NULL)
            goto bad;
    }
    into->text = text;
    return true;
bad:
    pm_error_token(from->to->conditions->errors, value,
                   "\"%.*s\" is no address (write it as x@example.org, without < and >)",
                   PM_FMT(text));
    return false;
}

static bool read_reason(parser *from, pm_effect *into)
{
    const pm_token *value = read_value(from, "the reason");

    if (value == NULL || !check_line(from, value, 200))
        return false;
    into->text = value->text;
    return true;
}

static bool read_nothing(parser *from, pm_effect *into)
{
    (void)from;
    (void)into;
    return true;
}

/* Every word an effect may begin with. */
static const struct effect_kind {
    const char *word;
    pm_action action;
    bool needs_power;
    bool (*read)(parser *from, pm_effect *into);
} effect_kinds[] = {
    {"subsystem", PM_ADD_FACT, false, read_own_fact},
    {"project", PM_ADD_FACT, false, read_own_fact},
    {"inbox", PM_ADD_FACT, false, read_own_fact},
    {"tag", PM_ADD_FACT, false, read_own_fact},
    {"fact", PM_ADD_FACT, false, read_fact},
    {"field", PM_ADD_FIELD, false, read_field},
    {"recipient", PM_ADD_RECIPIENT, false, read_recipient},
    {"quarantine", PM_QUARANTINE, false, read_reason},
    {"discard", PM_DISCARD, true, read_nothing},
    {"reject", PM_REJECT, true, read_reason},
    {"stop", PM_STOP, false, read_nothing},
};
#define EFFECT_KINDS (sizeof(effect_kinds) / sizeof(effect_kinds[0]))

static const struct effect_kind *find_effect(const parser *from, const pm_token *word)
{
    const char *names[EFFECT_KINDS + 1] = {NULL};

    for (size_t i = 0; i < EFFECT_KINDS; i++) {
        if (pm_token_is_word(word, effect_kinds[i].word))
            return &effect_kinds[i];
        names[i] = effect_kinds[i].word;
    }
    pm_error_unknown(from->to->conditions->errors, word, "nothing follows that is called ", "",
                     names,
                     "there are: subsystem project inbox tag fact field recipient quarantine "
                     "discard reject stop");
    return NULL;
}

static bool has_power(const parser *from, const pm_token *word, pm_action what)
{
    const pm_rule_powers *powers = from->to->powers;

    if (powers != NULL && (what == PM_DISCARD ? powers->discard : powers->reject))
        return true;
    pm_error_token(from->to->conditions->errors, word,
                   "rules may not %.*s mail here (the administrator may allow it in "
                   "patchmark.conf: allow { %.*s yes })",
                   PM_FMT(word->text), PM_FMT(word->text));
    return false;
}

bool pm_effects_stop(const pm_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++)
        if (effects->items[i].action == PM_STOP)
            return true;
    return false;
}

void pm_effects_read(const pm_effect_reader *reader, const pm_statement *then, pm_effects *effects)
{
    parser from = {.to = reader, .then = then};

    if (then->count == 0)
        pm_error_token(reader->conditions->errors, &then->word,
                       "what follows is missing (write: then tag \"x\")");
    while (from.at < then->count) {
        const pm_token *word = &then->values[from.at];
        const struct effect_kind *kind = find_effect(&from, word);
        pm_effect made = {.weight = 1};

        from.at++;
        if (kind == NULL || (kind->needs_power && !has_power(&from, word, kind->action)))
            return;
        made.action = kind->action;
        made.token = word;
        made.fact = kind->word;
        if (!kind->read(&from, &made))
            return;
        if (pm_grow(reader->conditions->arena, &effects->items, &effects->room, effects->count,
                    sizeof(made)) != PM_OK) {
            pm_error_token(reader->conditions->errors, word, "no memory left for the rules");
            return;
        }
        effects->items[effects->count++] = made;
        if (from.at == then->count)
            return;
        if (!pm_token_is_operator(peek(&from), ",")) {
            pm_error_token(reader->conditions->errors, peek(&from),
                           "\"%.*s\" is too much here (a comma goes between two effects; values "
                           "with spaces are put in quotes)",
                           PM_FMT(peek(&from)->text));
            return;
        }
        if (++from.at == then->count)
            pm_error_token(reader->conditions->errors, place(&from),
                           "something must follow this comma");
    }
}
