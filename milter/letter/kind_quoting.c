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

/* "On Tue, ... wrote:", "Am ... schrieb ...:". */
static bool is_attribution(pm_slice line)
{
    static const pm_slice ends[] = {PM_LIT("wrote:"),     PM_LIT("writes:"), PM_LIT("schrieb:"),
                                    PM_LIT(" a écrit :"), PM_LIT("写道："),  PM_LIT("写道:")};

    line = pm_slice_trim(line);
    for (size_t i = 0; i < PM_COUNT_OF(ends); i++)
        if (pm_slice_ends(line, ends[i]))
            return true;
    return false;
}

/* Where Outlook begins to quote: whatever follows is the other letter's, without any marks. */
static bool begins_original(pm_slice line, pm_slice rest)
{
    static const struct {
        pm_slice from, sent;
    } heads[] = {
        {PM_LIT("From: "), PM_LIT("Sent: ")},     {PM_LIT("*From:*"), PM_LIT("*Sent:*")},
        {PM_LIT("Von: "), PM_LIT("Gesendet: ")},  {PM_LIT("De : "), PM_LIT("Envoyé : ")},
        {PM_LIT("发件人:"), PM_LIT("发送时间:")}, {PM_LIT("发件人: "), PM_LIT("日期: ")},
    };

    line = pm_slice_trim(line);
    if (pm_slice_starts_nocase(line, PM_LIT("-----Original Message")) ||
        pm_slice_starts_nocase(line, PM_LIT("-----邮件原件")))
        return true;
    for (size_t i = 0; i < PM_COUNT_OF(heads); i++)
        if (pm_slice_starts(line, heads[i].from) && pm_slice_starts(rest, heads[i].sent))
            return true;
    return false;
}

pm_kind_quoting pm_kind_read_quoting(pm_slice prose)
{
    size_t quoted = 0, own = 0;
    bool attributed = false;
    pm_slice line;

    while (pm_slice_next_line(&prose, &line)) {
        if (begins_original(line, prose)) {
            attributed = true;
            quoted++;
            break;
        }
        if (pm_line_is_signature(line))
            break;
        if (is_quoted(line))
            quoted++;
        else if (is_attribution(line))
            attributed = true;
        else
            own += !pm_line_is_blank(line);
    }
    return (pm_kind_quoting){
        .any = quoted > 0 || attributed,
        .mostly = quoted > 0 && (attributed || quoted * 2 > own),
    };
}
