/* SPDX-License-Identifier: BSD-2-Clause */
/* session - libmilter's callbacks; see session.h. */
#include "session.h"

#include "answer.h"
#include "clock.h"
#include "decision_writer.h"
#include "examine.h"
#include "foreign.h"
#include "log.h"
#include "metrics.h"
#include "shadow_log.h"
#include "store_watch.h"

#include <libmilter/mfapi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- What all connections share ------------------------------------------------------------- */

/* libmilter hands its callbacks nothing of ours, so this has to be found without being handed over.
 */
static struct {
    pthread_mutex_t lock;
    pm_snapshot *snapshot;
    pm_store *store; /* set once, before there are messages */
} live = {PTHREAD_MUTEX_INITIALIZER, NULL, NULL};

static atomic_uint messages_under_way;

void pm_session_use(pm_snapshot *snapshot)
{
    pm_snapshot *before;

    pthread_mutex_lock(&live.lock);
    before = live.snapshot;
    live.snapshot = snapshot;
    pthread_mutex_unlock(&live.lock);
    pm_snapshot_unref(before);
}

void pm_session_remember_in(pm_store *store)
{
    live.store = store;
}

static pm_snapshot *snapshot_now(void)
{
    pm_snapshot *snapshot;

    pthread_mutex_lock(&live.lock);
    snapshot = live.snapshot == NULL ? NULL : pm_snapshot_ref(live.snapshot);
    pthread_mutex_unlock(&live.lock);
    return snapshot;
}

unsigned pm_session_under_way(void)
{
    return atomic_load(&messages_under_way);
}

unsigned pm_session_drain(int64_t deadline_us)
{
    const struct timespec moment = {0, 5 * 1000 * 1000};

    while (atomic_load(&messages_under_way) > 0 && pm_clock_us() < deadline_us)
        nanosleep(&moment, NULL);
    return atomic_load(&messages_under_way);
}

/* What a stranger can make us say is said seldom. */
static pm_log_limit trouble_limit = {.burst = 20, .interval_us = 1000 * 1000};

static void trouble(const char *event, pm_slice queue_id, const char *what)
{
    pm_log_line line;

    pm_log_begin_limited(&line, &trouble_limit, PM_LEVEL_WARNING, event);
    pm_log_text(&line, "queue-id", queue_id);
    pm_log_string(&line, "msg", what);
    pm_log_end(&line);
}

/* ---- One connection ------------------------------------------------------------------------- */

#define EDITS_MEMORY (1024 * 1024) /* names and values of marks, recipients, a reply */

typedef struct connection {
    pm_snapshot *snapshot; /* of the message under way; NULL between messages */
    pm_message *message;   /* kept for the next one; NULL when there was no memory */
    pm_message_limits limits;
    pm_foreign foreign;
    pm_arena *edits; /* what is handed to libmilter; NULL when there was no memory */
} connection;

static void forget_message(connection *mta)
{
    if (mta->snapshot == NULL)
        return;
    pm_snapshot_unref(mta->snapshot);
    mta->snapshot = NULL;
    if (mta->message != NULL)
        pm_message_reset(mta->message);
    if (mta->edits != NULL)
        pm_arena_reset(mta->edits);
    atomic_fetch_sub(&messages_under_way, 1);
}

static bool same_limits(const pm_message_limits *a, const pm_message_limits *b)
{
    return a->memory == b->memory && a->headers == b->headers && a->body == b->body;
}

/* Also ends a message that the MTA gave up without saying so. */
static void begin_message(connection *mta)
{
    const pm_message_limits *limits;

    forget_message(mta);
    mta->snapshot = snapshot_now();
    if (mta->snapshot == NULL)
        return;
    atomic_fetch_add(&messages_under_way, 1);
    limits = &mta->snapshot->config.limits;
    if (mta->message != NULL && !same_limits(limits, &mta->limits)) {
        pm_message_free(mta->message);
        mta->message = NULL;
    }
    if (mta->message == NULL)
        mta->message = pm_message_new(limits);
    mta->limits = *limits;
    if (mta->edits == NULL)
        mta->edits = pm_arena_new(EDITS_MEMORY);
    pm_foreign_begin(&mta->foreign);
}

/* The connection when it has a message under way, else NULL. */
static connection *with_message(SMFICTX *ctx)
{
    connection *mta = smfi_getpriv(ctx);

    return mta == NULL || mta->snapshot == NULL ? NULL : mta;
}

/* ---- Callbacks, in the order of a conversation ---------------------------------------------- */

#define ACTIONS_NEEDED (SMFIF_ADDHDRS | SMFIF_CHGHDRS)
#define ACTIONS_LIKED  (SMFIF_ADDRCPT | SMFIF_QUARANTINE) /* rules may ask for them */

#define STEPS_NOT_NEEDED                                                                           \
    (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH)

/* An answer to every header field costs more than all our work. libmilter offers these whatever the
 * MTA does: it then answers in our place. So every callback in front of the end returns this: */
#define STEPS_NOT_ANSWERED (SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_BODY)
#define GO_ON              SMFIS_NOREPLY

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
                             unsigned long unused2, unsigned long unused3,
                             unsigned long *actions_out, unsigned long *steps_out,
                             unsigned long *unused2_out, unsigned long *unused3_out)
{
    (void)ctx;
    (void)unused2;
    (void)unused3;
    *actions_out = actions & (ACTIONS_NEEDED | ACTIONS_LIKED);
    *steps_out = (steps & STEPS_NOT_NEEDED) | STEPS_NOT_ANSWERED;
    *unused2_out = 0;
    *unused3_out = 0;
    pm_count(PM_METRIC_CONNECTIONS, 1);
    if ((actions & ACTIONS_NEEDED) != ACTIONS_NEEDED)
        trouble("mta-refuses-edits", PM_EMPTY, "it lets us neither add nor remove header fields");
    return SMFIS_CONTINUE;
}

/* The first message of a connection, or the first after an MTA has put another client's
 * conversation on the same one, which is closed and not negotiated again. */
static connection *connect_mta(SMFICTX *ctx)
{
    connection *mta = calloc(1, sizeof(*mta));

    if (mta == NULL || smfi_setpriv(ctx, mta) == MI_SUCCESS)
        return mta;
    free(mta);
    return NULL;
}

static sfsistat on_sender(SMFICTX *ctx, char **arguments)
{
    connection *mta = smfi_getpriv(ctx);

    if (mta == NULL)
        mta = connect_mta(ctx);
    if (mta == NULL)
        return GO_ON;
    begin_message(mta);
    if (mta->message != NULL)
        pm_message_set_sender(mta->message, pm_slice_of(arguments[0]));
    return GO_ON;
}

static sfsistat on_recipient(SMFICTX *ctx, char **arguments)
{
    connection *mta = with_message(ctx);

    if (mta != NULL && mta->message != NULL)
        pm_message_add_recipient(mta->message, pm_slice_of(arguments[0]));
    return GO_ON;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    connection *mta = with_message(ctx);

    if (mta != NULL) {
        pm_slice field = pm_slice_of(name);

        if (pm_slice_starts_nocase(field, mta->snapshot->config.field_prefix))
            pm_foreign_add(&mta->foreign, field);
        if (mta->message != NULL)
            pm_message_add_header(mta->message, field, pm_slice_of(value));
    }
    return GO_ON;
}

/* Past the body's limit the rest is not kept. The MTA is not told to stop sending it (SMFIS_SKIP):
 * that would take an answer to every piece, and nearly every body is one piece. */
static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t size)
{
    connection *mta = with_message(ctx);

    if (mta != NULL && mta->message != NULL)
        (void)pm_message_add_body(mta->message, (pm_slice){(const char *)bytes, size});
    return GO_ON;
}

static sfsistat on_abort(SMFICTX *ctx)
{
    connection *mta = smfi_getpriv(ctx);

    if (mta != NULL)
        forget_message(mta);
    return SMFIS_CONTINUE;
}

/* Also called for a port scan, which has no connection here. */
static sfsistat on_close(SMFICTX *ctx)
{
    connection *mta = smfi_getpriv(ctx);

    if (mta == NULL)
        return SMFIS_CONTINUE;
    forget_message(mta);
    pm_message_free(mta->message);
    pm_foreign_end(&mta->foreign);
    pm_arena_free(mta->edits);
    free(mta);
    (void)smfi_setpriv(ctx, NULL); /* fails only without a ctx */
    return SMFIS_CONTINUE;
}

/* ---- End of message: all edits, in one burst ------------------------------------------------ */

static char *copied(connection *mta, pm_slice bytes)
{
    char *copy = pm_alloc(mta->edits, bytes.len + 1);

    if (copy != NULL && bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    return copy;
}

/* Of fields with one name from the last to the first: Postfix renumbers those behind a removed one,
 * and Sendmail does not. Should the MTA go away half-way, every prefix of our edits makes sense. */
static void remove_foreign(SMFICTX *ctx, connection *mta, pm_answer *answer)
{
    const pm_foreign_name *found;

    for (size_t i = 0; (found = pm_foreign_nth(&mta->foreign, i)) != NULL; i++) {
        for (unsigned nth = found->count; nth > 0; nth--) {
            if (smfi_chgheader(ctx, found->name, (int)nth, NULL) == MI_SUCCESS)
                answer->removed++;
            else
                answer->edits_failed = true;
        }
    }
}

/* Each on top of the one before, so the last one goes first. */
static void add_marks(SMFICTX *ctx, connection *mta, pm_answer *answer)
{
    const pm_outcome *outcome = answer->outcome;

    for (size_t i = outcome->mark_count; i > 0; i--) {
        char *name = copied(mta, outcome->marks[i - 1].name);
        char *value = copied(mta, outcome->marks[i - 1].value);

        if (name != NULL && value != NULL && smfi_insheader(ctx, 0, name, value) == MI_SUCCESS)
            answer->marks++;
        else
            answer->edits_failed = true;
    }
}

/* The rules have left out who gets it already: an MTA delivers twice to one who is added twice. */
static void add_recipients(SMFICTX *ctx, connection *mta, pm_answer *answer)
{
    const pm_verdict *verdict = &answer->outcome->verdict;

    for (size_t i = 0; i < verdict->recipient_count; i++) {
        const pm_slice bracketed = pm_print(mta->edits, "<%.*s>", PM_FMT(verdict->recipients[i]));
        char *text = bracketed.data == NULL ? NULL : copied(mta, bracketed);

        if (text != NULL && smfi_addrcpt(ctx, text) == MI_SUCCESS)
            answer->recipients++;
        else
            answer->edits_failed = true;
    }
}

static void quarantine(SMFICTX *ctx, connection *mta, pm_answer *answer)
{
    char *reason = copied(mta, answer->outcome->verdict.quarantine);

    if (reason != NULL && smfi_quarantine(ctx, reason) == MI_SUCCESS)
        answer->quarantined = true;
    else
        answer->edits_failed = true;
}

static sfsistat discard(pm_answer *answer)
{
    answer->reply = PM_REPLY_DISCARD;
    return SMFIS_DISCARD;
}

/* The MTA reads a reply's text as a format: "%" is written "%%". */
static sfsistat reject(SMFICTX *ctx, connection *mta, pm_answer *answer)
{
    const pm_slice text = answer->outcome->verdict.reply;
    char code[] = "550", status[] = "5.7.1";
    char *escaped = pm_alloc(mta->edits, 2 * text.len + 1);
    char *end = escaped;

    for (size_t i = 0; escaped != NULL && i < text.len && i < 500; i++) {
        if (text.data[i] == '%')
            *end++ = '%';
        *end++ = text.data[i] >= ' ' && text.data[i] <= '~' ? text.data[i] : '?';
    }
    if (escaped != NULL && end != escaped)
        (void)smfi_setreply(ctx, code, status, escaped); /* else the MTA has words of its own */
    answer->reply = PM_REPLY_REJECT;
    return SMFIS_REJECT;
}

static sfsistat apply(SMFICTX *ctx, connection *mta, pm_answer *answer)
{
    const pm_outcome *outcome = answer->outcome;

    if (outcome != NULL && outcome->verdict.discard)
        return discard(answer);
    if (outcome != NULL && outcome->verdict.reject)
        return reject(ctx, mta, answer);
    remove_foreign(ctx, mta, answer);
    answer->left = mta->foreign.seen - answer->removed;
    if (outcome == NULL)
        return SMFIS_CONTINUE;
    add_marks(ctx, mta, answer);
    add_recipients(ctx, mta, answer);
    if (outcome->verdict.quarantine.data != NULL)
        quarantine(ctx, mta, answer);
    return SMFIS_CONTINUE;
}

static sfsistat on_end(SMFICTX *ctx)
{
    const int64_t began_us = pm_clock_us();
    connection *mta = with_message(ctx);
    char queue_macro[] = "i";
    const char *queue_id = smfi_getsymval(ctx, queue_macro);
    pm_answer answer = {.reply = PM_REPLY_ACCEPT};
    sfsistat reply;

    answer.queue_id = queue_id == NULL ? PM_LIT("noqueue") : pm_slice_of(queue_id);
    if (mta == NULL) {
        trouble("message-unexamined", answer.queue_id, "it passes as it is");
        pm_count_for(PM_METRIC_MESSAGES, "unread", 1);
        pm_count(PM_METRIC_UNEXAMINED, 1);
        return SMFIS_CONTINUE;
    }
    if (mta->message != NULL && mta->edits != NULL)
        answer.outcome = pm_examine(mta->snapshot, live.store, mta->message, answer.queue_id);
    reply = apply(ctx, mta, &answer);
    answer.took_us = pm_clock_us() - began_us;
    pm_answer_count(&answer);
    pm_answer_log(&answer);
    pm_store_watch(live.store, answer.outcome);
    pm_shadow_log(answer.outcome, answer.queue_id);
    pm_decisions_note(answer.outcome, answer.queue_id);
    forget_message(mta);
    return reply;
}

bool pm_session_register(void)
{
    char name[] = "patchmark";
    struct smfiDesc filter = {
        .xxfi_name = name, /* copied */
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = ACTIONS_NEEDED | ACTIONS_LIKED,
        .xxfi_negotiate = on_negotiate,
        .xxfi_envfrom = on_sender,
        .xxfi_envrcpt = on_recipient,
        .xxfi_header = on_header,
        .xxfi_body = on_body,
        .xxfi_eom = on_end,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
    };

    pm_count_for(PM_METRIC_MESSAGES, "unread", 0);
    for (pm_kind kind = PM_KIND_OTHER; kind <= PM_KIND_PULL; kind++)
        pm_count_for(PM_METRIC_MESSAGES, pm_kind_name(kind), 0);
    return smfi_register(filter) == MI_SUCCESS;
}
