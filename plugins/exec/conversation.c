/* SPDX-License-Identifier: BSD-2-Clause */
/* conversation - one letter and one program; see conversation.h. */
#include "conversation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MOST_VALUES 5000 /* of a field or a fact; a letter's longer lists are cut */

/* ---- Lines on their way ---- */

static void flush(pm_exec_output *out)
{
    if (out->to != NULL && out->io == PM_EXEC_FINE)
        out->io = pm_exec_process_send(out->to, out->bytes, out->used, out->deadline_us);
    out->used = 0;
}

/* data is far shorter than the buffer: a word, of which the longest is a field's name. */
static void put(pm_exec_output *out, const char *data, size_t len)
{
    out->sent += len;
    if (out->to == NULL)
        return;
    if (out->used + len > sizeof(out->bytes))
        flush(out);
    memcpy(out->bytes + out->used, data, len);
    out->used += len;
}

static void put_word(pm_exec_output *out, const char *text)
{
    put(out, text, strlen(text));
    put(out, " ", 1);
}

static void put_value(pm_exec_output *out, pm_slice value)
{
    if (out->to == NULL) {
        out->sent += pm_exec_escaped_length(value);
    } else {
        while (value.len > 0) {
            if (out->used + 3 > sizeof(out->bytes))
                flush(out);
            out->used +=
                pm_exec_escape(&value, out->bytes + out->used, sizeof(out->bytes) - out->used);
        }
    }
    put(out, "\n", 1);
}

static void put_number(pm_exec_output *out, int64_t number)
{
    char text[PM_EXEC_NUMBER];
    const int length = snprintf(text, sizeof(text), "%" PRId64, number);

    put_value(out, (pm_slice){text, (size_t)length});
}

/* ---- Telling the letter ---- */

/* The nth value of a name, or how it could not be had. */
typedef pm_status (*put_fn)(const pm_exec_letter *letter, const char *name, unsigned nth);

/* Text or number, as the field is. */
static pm_status put_field(const pm_exec_letter *letter, const char *name, unsigned nth)
{
    pm_exec_output *out = letter->output;
    pm_slice text;
    int64_t number = 0;
    pm_status status = letter->host->letter_text(letter->scan, name, nth, &text);
    const bool is_text = status != PM_FAULT;

    if (!is_text)
        status = letter->host->letter_number(letter->scan, name, nth, &number);
    if (status != PM_OK)
        return status;
    put_word(out, "field");
    put_word(out, name);
    if (is_text)
        put_value(out, text);
    else
        put_number(out, number);
    return PM_OK;
}

static pm_status put_fact(const pm_exec_letter *letter, const char *name, unsigned nth)
{
    pm_exec_output *out = letter->output;
    char weight_text[PM_EXEC_NUMBER];
    pm_slice text;
    int64_t number = 0;
    double weight = 1;
    pm_status status = letter->host->fact_text(letter->scan, name, nth, &text, &weight);
    const bool is_text = status != PM_FAULT;

    if (!is_text)
        status = letter->host->fact_number(letter->scan, name, nth, &number, &weight);
    if (status != PM_OK)
        return status;
    pm_exec_print_weight(weight, weight_text);
    put_word(out, "fact");
    put_word(out, name);
    put_word(out, weight_text);
    if (is_text)
        put_value(out, text);
    else
        put_number(out, number);
    return PM_OK;
}

static pm_status put_all(const pm_exec_letter *letter, const char *name, put_fn put_one)
{
    pm_status status = PM_OK;

    for (unsigned nth = 0; status == PM_OK && nth < MOST_VALUES; nth++)
        status = put_one(letter, name, nth);
    return status == PM_ABSENT ? PM_OK : status;
}

/* Everything the program wants to see of the letter. name_out is what could not be had. */
static pm_status tell(const pm_exec_letter *letter, const pm_exec_asked *program, uint64_t id,
                      const char **name_out)
{
    const pm_exec_greeting *greeting = program->greeting;
    char line[64];
    pm_status status = PM_OK;
    int length;

    length =
        snprintf(line, sizeof(line), "letter %" PRIu64 " %" PRId64 "\n", id, program->deadline_us);
    put(letter->output, line, (size_t)length);
    for (size_t i = 0; status == PM_OK && i < greeting->field_count; i++)
        status = put_all(letter, *name_out = greeting->fields[i], put_field);
    for (size_t i = 0; status == PM_OK && i < greeting->need_count; i++)
        status = put_all(letter, *name_out = greeting->needs[i], put_fact);
    length = snprintf(line, sizeof(line), "end %" PRIu64 "\n", id);
    put(letter->output, line, (size_t)length);
    flush(letter->output);
    return status;
}

/* ---- Hearing the answer ---- */

/* One conversation, and what comes of it. */
typedef struct conversation {
    const pm_exec_letter *letter;
    const pm_exec_asked *program;
    pm_exec_worker *worker;
    pm_exec_upshot *upshot;
    const char *wrong; /* what the program did wrong, so that it is ended; NULL: nothing */
} conversation;

static void fail(pm_exec_upshot *upshot, pm_status status, const char *why)
{
    upshot->status = status;
    snprintf(upshot->why, sizeof(upshot->why), "%s", why);
}

static const char *io_problem(pm_exec_io io)
{
    switch (io) {
    case PM_EXEC_FINE:
        break;
    case PM_EXEC_LATE:
        return "it did not answer before its deadline";
    case PM_EXEC_GONE:
        return "it ended, or closed its input or output, instead of answering";
    }
    return "";
}

/* The keeper says better how a process has ended. */
static void fail_at_io(conversation *in, pm_exec_io io)
{
    fail(in->upshot, PM_LATER, io_problem(io));
    in->wrong = io == PM_EXEC_GONE ? "" : io_problem(io);
}

static void hear(conversation *in, int64_t deadline_us)
{
    pm_exec_answer *answer = &in->worker->answer;
    pm_exec_state state = PM_EXEC_MORE;

    while (state == PM_EXEC_MORE) {
        size_t got = 0;
        const pm_exec_io io =
            pm_exec_process_receive(&in->worker->process, answer->said + answer->len,
                                    sizeof(answer->said) - answer->len, deadline_us, &got);

        answer->len += got;
        if (got > 0)
            state = pm_exec_answer_read(answer, in->program->greeting, in->worker->letters);
        if (state == PM_EXEC_MORE && io != PM_EXEC_FINE) {
            fail_at_io(in, io);
            return;
        }
    }
    if (state != PM_EXEC_DONE)
        fail(in->upshot, PM_LATER, answer->why);
    if (state == PM_EXEC_GARBAGE)
        in->wrong = in->upshot->why;
    else if (pm_exec_answer_goes_on(answer))
        in->wrong = "it said more than its answer";
}

static void report(const conversation *in)
{
    const pm_exec_answer *answer = &in->worker->answer;
    pm_exec_upshot *upshot = in->upshot;

    for (size_t i = 0; i < answer->count && upshot->status == PM_OK; i++) {
        const pm_exec_fact *from = &answer->facts[i];
        const pm_fact fact = {.size = sizeof(fact),
                              .name = from->decl->name,
                              .text = from->text,
                              .number = from->number,
                              .weight = from->weight,
                              .reason = from->reason};

        upshot->status = in->letter->host->add_fact(in->letter->scan, &fact);
        if (upshot->status != PM_OK)
            snprintf(upshot->why, sizeof(upshot->why),
                     upshot->status == PM_LIMIT ? "its fact %s is one too many for a letter"
                                                : "its fact %s has a value that cannot be",
                     from->decl->name);
    }
}

/* ---- All of it ---- */

static void talk(conversation *in)
{
    const int64_t deadline_us = pm_exec_now() + in->program->deadline_us;
    pm_exec_output *out = in->letter->output;
    const char *unused = NULL;
    pm_status told;

    *out = (pm_exec_output){.to = &in->worker->process, .deadline_us = deadline_us};
    in->worker->letters++;
    pm_exec_answer_begin(&in->worker->answer);
    told = tell(in->letter, in->program, in->worker->letters, &unused);
    if (out->io != PM_EXEC_FINE) {
        fail_at_io(in, out->io);
        return;
    }
    hear(in, deadline_us);
    /* A look-up failed that had not when the letter was counted: it has answered half a letter. */
    if (in->upshot->status == PM_OK && told != PM_OK)
        fail(in->upshot, told, "a part of the letter could not be told");
    if (in->upshot->status == PM_OK)
        report(in);
}

/* Can the letter be told to this program at all? */
static void count(const pm_exec_letter *letter, const pm_exec_asked *program,
                  pm_exec_upshot *upshot)
{
    const char *name = "";

    *letter->output = (pm_exec_output){.to = NULL};
    upshot->status = tell(letter, program, 0, &name);
    if (upshot->status == PM_FAULT) {
        snprintf(upshot->why, sizeof(upshot->why),
                 "it asks for \"%.100s\", which no letter has (see `patchmark plugin list "
                 "--fields`)",
                 name);
        letter->host->log(letter->scan, PM_LEVEL_ERROR, "program %s: %s", program->name,
                          upshot->why);
    } else if (upshot->status != PM_OK) {
        snprintf(upshot->why, sizeof(upshot->why), "\"%.100s\" cannot be told now", name);
    } else if (letter->output->sent > PM_EXEC_LETTER) {
        fail(upshot, PM_LIMIT, "what it asks for of this letter is more than 16 MiB");
    }
}

pm_exec_upshot pm_exec_ask(const pm_exec_letter *letter, const pm_exec_asked *program,
                           int64_t wait_us)
{
    pm_exec_upshot upshot = {.status = PM_OK};
    conversation in = {.letter = letter, .program = program, .upshot = &upshot};

    count(letter, program, &upshot);
    if (upshot.status != PM_OK)
        return upshot;
    in.worker = pm_exec_program_take(program->program, pm_exec_now() + wait_us, upshot.why);
    if (in.worker == NULL) {
        upshot.status = PM_LATER;
        return upshot;
    }
    talk(&in);
    pm_exec_program_give(program->program, in.worker, in.wrong);
    return upshot;
}
