/* SPDX-License-Identifier: BSD-2-Clause */
/* subject_mark - "Re:" and its kin in many languages; see subject_mark.h. */
#include "subject_mark.h"

#include "lines.h"
#include "subject.h"

/* How a mark may be written. Two letters that could begin a title must at least be a mark's usual
 * way of writing them. */
enum {
    ANY_CASE = 1u << 0,
    ANYWHERE = 1u << 1, /* also behind a patch prefix */
    /* Only in front of a bracket: "APPLIED[J]: [PATCH] title", "PING [PATCH] title". What stands
     * between the word and its colon does not matter, nor whether there is a colon. */
    BEFORE_BRACKET = 1u << 2,
};

#define REPLY   PM_SUBJECT_REPLY
#define FORWARD PM_SUBJECT_FORWARD
#define ROBOT   (PM_SUBJECT_REPLY | PM_SUBJECT_BOT)
#define KEEPER  (PM_SUBJECT_REPLY | PM_SUBJECT_COMMITTED)

static const struct {
    pm_slice text;
    unsigned flags, how;
} marks[] = {
    {PM_LIT("re"), REPLY, ANY_CASE | ANYWHERE},
    {PM_LIT("aw"), REPLY, ANY_CASE | ANYWHERE},
    {PM_LIT("antw"), REPLY, ANY_CASE | ANYWHERE},
    {PM_LIT("antwort"), REPLY, ANY_CASE | ANYWHERE},
    {PM_LIT("fwd"), FORWARD, ANY_CASE | ANYWHERE},
    {PM_LIT("fw"), FORWARD, ANY_CASE},
    {PM_LIT("forwarded"), FORWARD, ANY_CASE},
    {PM_LIT("ping"), REPLY, ANY_CASE},
    {PM_LIT("gentle ping"), REPLY, ANY_CASE},
    {PM_LIT("friendly ping"), REPLY, ANY_CASE},
    {PM_LIT("re"), REPLY, ANY_CASE | BEFORE_BRACKET}, /* whose colon was lost */
    {PM_LIT("ping"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("gentle ping"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("friendly ping"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("ack"), REPLY, ANY_CASE | BEFORE_BRACKET}, /* a keeper's verdict */
    {PM_LIT("acked"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("nak"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("nack"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("cmt"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("cmnt"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("superseded"), REPLY, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("applied"), KEEPER, ANY_CASE | BEFORE_BRACKET},
    {PM_LIT("答复"), REPLY, ANYWHERE}, /* Chinese */
    {PM_LIT("答覆"), REPLY, ANYWHERE},
    {PM_LIT("回"), REPLY, 0},
    {PM_LIT("回复"), REPLY, ANYWHERE},
    {PM_LIT("回覆"), REPLY, ANYWHERE},
    {PM_LIT("回應"), REPLY, ANYWHERE},
    {PM_LIT("回信"), REPLY, ANYWHERE},
    {PM_LIT("转发"), FORWARD, ANYWHERE},
    {PM_LIT("轉寄"), FORWARD, ANYWHERE},
    {PM_LIT("轉發"), FORWARD, ANYWHERE},
    {PM_LIT("返信"), REPLY, ANYWHERE}, /* Japanese */
    {PM_LIT("転送"), FORWARD, ANYWHERE},
    {PM_LIT("답장"), REPLY, ANYWHERE}, /* Korean */
    {PM_LIT("회신"), REPLY, ANYWHERE},
    {PM_LIT("전달"), FORWARD, ANYWHERE},
    {PM_LIT("Ответ"), REPLY, ANYWHERE}, /* Russian */
    {PM_LIT("ОТВЕТ"), REPLY, ANYWHERE},
    {PM_LIT("Отв"), REPLY, ANYWHERE},
    {PM_LIT("Отговор"), REPLY, ANYWHERE}, /* Bulgarian */
    {PM_LIT("Одг"), REPLY, ANYWHERE},     /* Serbian */
    {PM_LIT("На"), REPLY, 0},
    {PM_LIT("НА"), REPLY, 0},
    {PM_LIT("Пересл"), FORWARD, ANYWHERE},
    {PM_LIT("Відп"), REPLY, ANYWHERE}, /* Ukrainian */
    {PM_LIT("Відповідь"), REPLY, ANYWHERE},
    {PM_LIT("ΑΠ"), REPLY, ANYWHERE}, /* Greek */
    {PM_LIT("Απ"), REPLY, ANYWHERE},
    {PM_LIT("ΠΡΘ"), FORWARD, ANYWHERE},
    {PM_LIT("Sv"), REPLY, 0}, /* Danish, Swedish, Norwegian, Icelandic */
    {PM_LIT("SV"), REPLY, 0},
    {PM_LIT("Svar"), REPLY, 0},
    {PM_LIT("Vedr"), REPLY, 0},
    {PM_LIT("VB"), FORWARD, 0},
    {PM_LIT("VS"), REPLY, 0}, /* Finnish, Estonian */
    {PM_LIT("Vs"), REPLY, 0},
    {PM_LIT("Vast"), REPLY, 0},
    {PM_LIT("VL"), FORWARD, 0},
    {PM_LIT("Odp"), REPLY, ANY_CASE}, /* Polish, Czech */
    {PM_LIT("Odg"), REPLY, ANY_CASE}, /* Croatian, Slovenian */
    {PM_LIT("Odgovor"), REPLY, ANY_CASE},
    {PM_LIT("PD"), FORWARD, 0},
    {PM_LIT("Ynt"), REPLY, ANY_CASE}, /* Turkish */
    {PM_LIT("Yan"), REPLY, 0},
    {PM_LIT("İlt"), FORWARD, 0},
    {PM_LIT("ILT"), FORWARD, 0},
    {PM_LIT("R"), REPLY, 0}, /* Italian */
    {PM_LIT("RIF"), REPLY, 0},
    {PM_LIT("Rif"), REPLY, 0},
    {PM_LIT("I"), FORWARD, 0},
    {PM_LIT("RES"), REPLY, 0}, /* Portuguese */
    {PM_LIT("Res"), REPLY, 0},
    {PM_LIT("Resp"), REPLY, 0},
    {PM_LIT("Resposta"), REPLY, 0},
    {PM_LIT("ENC"), FORWARD, 0},
    {PM_LIT("Enc"), FORWARD, 0},
    {PM_LIT("RV"), FORWARD, 0}, /* Spanish */
    {PM_LIT("Respuesta"), REPLY, 0},
    {PM_LIT("TR"), FORWARD, 0}, /* French */
    {PM_LIT("Réf"), REPLY, 0},
    {PM_LIT("Rép"), REPLY, 0},
    {PM_LIT("RÉP"), REPLY, 0},
    {PM_LIT("Ré"), REPLY, 0},
    {PM_LIT("RÉ"), REPLY, 0},
    {PM_LIT("WG"), FORWARD, 0}, /* German */
    {PM_LIT("Betr"), REPLY, 0}, /* Dutch */
    {PM_LIT("Doorst"), FORWARD, 0},
    {PM_LIT("Vá"), REPLY, 0}, /* Hungarian */
    {PM_LIT("VÁ"), REPLY, 0},
    {PM_LIT("Továbbítás"), FORWARD, 0},
    {PM_LIT("Ats"), REPLY, 0}, /* Lithuanian, Latvian */
    {PM_LIT("ATS"), REPLY, 0},
    {PM_LIT("Atb"), REPLY, 0},
    {PM_LIT("ATB"), REPLY, 0},
    {PM_LIT("BLS"), REPLY, 0}, /* Indonesian */
    {PM_LIT("Bls"), REPLY, 0},
    {PM_LIT("Balasan"), REPLY, 0},
    {PM_LIT("Trả lời"), REPLY, ANYWHERE}, /* Vietnamese */
    {PM_LIT("השב"), REPLY, ANYWHERE},     /* Hebrew */
    {PM_LIT("הועבר"), FORWARD, ANYWHERE},
    {PM_LIT("رد"), REPLY, ANYWHERE}, /* Arabic */
    {PM_LIT("Automatic reply"), ROBOT, ANY_CASE},
    {PM_LIT("Auto reply"), ROBOT, ANY_CASE},
    {PM_LIT("Autoreply"), ROBOT, ANY_CASE},
    {PM_LIT("Auto"), ROBOT, 0},
    {PM_LIT("Out of office"), ROBOT, ANY_CASE},
    {PM_LIT("Automatische Antwort"), ROBOT, ANY_CASE},
    {PM_LIT("Abwesenheitsnotiz"), ROBOT, ANY_CASE},
    {PM_LIT("Respuesta automática"), ROBOT, 0},
    {PM_LIT("Risposta automatica"), ROBOT, 0},
    {PM_LIT("Автоответ"), ROBOT, ANYWHERE},
    {PM_LIT("Undeliverable"), ROBOT, 0},
    {PM_LIT("Réponse automatique"), ROBOT, 0},
    {PM_LIT("自动回复"), ROBOT, ANYWHERE},
    {PM_LIT("自動回覆"), ROBOT, ANYWHERE},
    {PM_LIT("自動返信"), ROBOT, ANYWHERE},
};

static const pm_slice colons[] = {PM_LIT(":"), PM_LIT("："), PM_LIT("︰"), PM_LIT("﹕")};

/* The count some programs keep: "[2]", " [2]", "(2)", "^2", "*2", "-2", "2". */
static void skip_count(pm_slice *rest)
{
    pm_slice after = *rest;
    unsigned count;
    char open;

    pm_skip_blanks(&after);
    open = after.len > 0 ? after.data[0] : '\0';
    if (after.data != rest->data && open != '[' && open != '(')
        return;
    if (open != '\0' && memchr("[(^*-", open, 5) != NULL)
        after = pm_slice_after(after, 1);
    if (!pm_take_number(&after, &count))
        return;
    if (open == '[' || open == '(') {
        if (!pm_take(&after, open == '[' ? PM_LIT("]") : PM_LIT(")")))
            return;
    }
    *rest = after;
}

/* Also behind the full stop of an abbreviation, "Vedr.:", "Réf. :". */
static bool take_colon(pm_slice *rest)
{
    pm_take(rest, PM_LIT("."));
    pm_skip_blanks(rest);
    for (size_t i = 0; i < sizeof(colons) / sizeof(colons[0]); i++)
        if (pm_take(rest, colons[i]))
            return true;
    return false;
}

/* How far behind a word its bracket may be: "APPLIED[N,M,J]/cmnt: [PATCH". */
#define REMARK_MAX 24

/* The bracket that text begins with, behind blanks; empty when it begins with something else. */
static pm_slice bracket_at(pm_slice text)
{
    pm_skip_blanks(&text);
    return pm_slice_starts(text, PM_LIT("[")) ? text : PM_EMPTY;
}

/* Take what stands between a word and the bracket that a subject begins with: nothing but white
 * space, or whatever up to a colon. A letter behind the word makes it another word. */
static bool take_remark(pm_slice *rest)
{
    pm_slice after = *rest, bracket;
    size_t colon = pm_slice_find_byte(pm_slice_cut(*rest, 0, REMARK_MAX), ':');

    if (rest->len == 0 || pm_is_alpha(rest->data[0]) || (rest->data[0] & 0x80) != 0)
        return false;
    skip_count(&after);
    bracket = bracket_at(after);
    if (bracket.data == after.data && colon != PM_NOWHERE)
        bracket = PM_EMPTY; /* glued to the word, and part of the remark */
    if (bracket.len == 0 && colon != PM_NOWHERE)
        bracket = bracket_at(pm_slice_after(*rest, colon + 1));
    if (bracket.len == 0)
        return false;
    *rest = bracket;
    return true;
}

unsigned pm_mark_take(pm_slice *rest, bool behind_prefix)
{
    char first = rest->len > 0 ? pm_lower(rest->data[0]) : '\0';

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        pm_slice after = *rest;

        if (pm_lower(marks[i].text.data[0]) != first)
            continue;
        if (behind_prefix && (marks[i].how & ANYWHERE) == 0)
            continue;
        if ((marks[i].how & ANY_CASE) != 0 ? !pm_take_nocase(&after, marks[i].text)
                                           : !pm_take(&after, marks[i].text))
            continue;
        if ((marks[i].how & BEFORE_BRACKET) != 0) {
            if (!take_remark(&after))
                continue;
        } else {
            skip_count(&after);
            if (!take_colon(&after))
                continue;
        }
        *rest = after;
        return marks[i].flags;
    }
    return 0;
}
