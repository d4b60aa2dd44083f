/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kind_quoting - is a text an answer, by what it quotes; see kind_parts.h.
 *
 * Which lines are quoted matters here alone; other readers just pass over those with a ">".
 */
#include "kind_parts.h"

#include "lines.h"
#include "phrases.h"

/* "> text", "| text", "JD> text". */
static bool is_quoted(pm_slice line)
{
    size_t at = 0;

    if (pm_line_is_quoted(line))
        return true;
    if (line.len > 1 && line.data[0] == '|' && line.data[1] == ' ')
        return true;
    while (at < line.len && at < 4 && pm_is_alpha(line.data[at]))
        at++;
    return at > 0 && at < line.len && line.data[at] == '>';
}

/* "On Tue, ... wrote:", "Am ... schrieb ...:": in any language a line that ends in a colon, right
 * above what is quoted. In those of the table also where the marks were lost. */
static bool is_attribution(pm_slice line, pm_slice rest)
{
    static const pm_slice ends[] = {PM_LIT("wrote:"),     PM_LIT("writes:"), PM_LIT("schrieb:"),
                                    PM_LIT(" a écrit :"), PM_LIT("写道："),  PM_LIT("写道:")};
    pm_slice below;

    line = pm_slice_trim(line);
    if ((pm_slice_ends(line, PM_LIT(":")) || pm_slice_ends(line, PM_LIT("："))) &&
        pm_slice_next_line(&rest, &below) &&
        (is_quoted(below) || (pm_line_is_blank(below) && is_quoted(rest))))
        return true;
    for (size_t i = 0; i < PM_COUNT_OF(ends); i++)
        if (pm_slice_ends(line, ends[i]))
            return true;
    return false;
}

/* "-----Original Message-----", with as many dashes as the program likes. */
static bool is_original_rule(pm_slice line)
{
    static const pm_slice titles[] = {PM_LIT("Original Message"),
                                      PM_LIT("Original"),
                                      PM_LIT("Original Email"),
                                      PM_LIT("Ursprüngliche Nachricht"),
                                      PM_LIT("Message d'origine"),
                                      PM_LIT("Mensaje original"),
                                      PM_LIT("Messaggio originale"),
                                      PM_LIT("Mensagem original"),
                                      PM_LIT("Reply Message"),
                                      PM_LIT("Forwarded Message"),
                                      PM_LIT("邮件原件"),
                                      PM_LIT("原始邮件"),
                                      PM_LIT("Исходное сообщение"),
                                      PM_LIT("Oprindelig meddelelse")};

    if (!pm_slice_starts(line, PM_LIT("----")))
        return false;
    while (line.len > 0 && memchr("- ", line.data[0], 2) != NULL)
        line = pm_slice_after(line, 1);
    while (line.len > 0 && memchr("- ", line.data[line.len - 1], 2) != NULL)
        line.len--;
    return pm_is_one_of(line, titles, PM_COUNT_OF(titles));
}

/* Where Outlook begins to quote: whatever follows is the other letter's, without any marks. */
static bool begins_original(pm_slice line, pm_slice rest)
{
    static const struct {
        pm_slice from, sent;
    } heads[] = {
        {PM_LIT("From: "), PM_LIT("Sent: ")},       {PM_LIT("*From:*"), PM_LIT("*Sent:*")},
        {PM_LIT("Von: "), PM_LIT("Gesendet: ")},    {PM_LIT("De : "), PM_LIT("Envoyé : ")},
        {PM_LIT("发件人:"), PM_LIT("发送时间:")},   {PM_LIT("发件人: "), PM_LIT("日期: ")},
        {PM_LIT("发件人："), PM_LIT("发送时间：")}, {PM_LIT("差出人: "), PM_LIT("送信日時: ")},
        {PM_LIT("De: "), PM_LIT("Enviad")},         {PM_LIT("Da: "), PM_LIT("Inviato: ")},
        {PM_LIT("Van: "), PM_LIT("Verzonden: ")},   {PM_LIT("От: "), PM_LIT("Отправлено: ")},
        {PM_LIT("Från: "), PM_LIT("Skickat: ")},    {PM_LIT("Od: "), PM_LIT("Wysłano: ")},
    };

    line = pm_slice_trim(line);
    if (is_original_rule(line))
        return true;
    for (size_t i = 0; i < PM_COUNT_OF(heads); i++)
        if (pm_slice_starts(line, heads[i].from) && pm_slice_starts(rest, heads[i].sent))
            return true;
    return false;
}

/* The same on macOS. A patch that somebody passes on begins so, too, but with nothing before it. */
static bool begins_passed_on(pm_slice line, pm_slice rest)
{
    return pm_slice_starts(line, PM_LIT("From: ")) && pm_slice_starts(rest, PM_LIT("Date: "));
}

pm_kind_quoting pm_kind_read_quoting(pm_slice prose)
{
    size_t quoted = 0, own = 0;
    bool attributed = false;
    pm_slice line;

    while (pm_slice_next_line(&prose, &line)) {
        if (begins_original(line, prose) || (own > 0 && begins_passed_on(line, prose))) {
            attributed = true;
            quoted++;
            break;
        }
        if (pm_line_is_signature(line))
            break;
        if (is_quoted(line))
            quoted++;
        else if (is_attribution(line, prose))
            attributed = true;
        else
            own += !pm_line_is_blank(line);
    }
    return (pm_kind_quoting){
        .any = quoted > 0 || attributed,
        .mostly = quoted > 0 && (attributed || quoted * 2 > own),
    };
}
