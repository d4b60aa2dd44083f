/* SPDX-License-Identifier: BSD-2-Clause */
/* complaints - what a program writes to its standard error; see complaints.h. */
#include "complaints.h"

#include <stdio.h>

#define SECOND_US (1000 * 1000)

static void refill(pm_exec_complaints *of, int64_t now_us)
{
    int64_t seconds;

    if (!of->begun) {
        of->allowance = PM_EXEC_COMPLAINTS_AT_ONCE;
        of->refilled_us = of->second_us = now_us;
        of->begun = true;
    }
    seconds = (now_us - of->refilled_us) / SECOND_US;
    if (seconds <= 0)
        return;
    of->refilled_us += seconds * SECOND_US;
    of->allowance = seconds + of->allowance > PM_EXEC_COMPLAINTS_AT_ONCE
                        ? PM_EXEC_COMPLAINTS_AT_ONCE
                        : of->allowance + (unsigned)seconds;
}

static void end_line(pm_exec_complaints *of)
{
    of->whole = true;
    if (of->bytes == 0)
        return;
    of->bytes = 0;
    if (of->allowance == 0) {
        of->left_out++;
        return;
    }
    of->allowance--;
    of->tell(of->context, of->line, of->left_out);
    of->left_out = 0;
}

static void add_byte(pm_exec_complaints *of, unsigned char byte)
{
    if (of->whole)
        of->used = 0;
    of->whole = false;
    if (of->bytes == PM_EXEC_COMPLAINT)
        return; /* the rest of a line that is too long */
    of->bytes++;
    if ((byte >= ' ' && byte < 0x7f) || byte == '\t')
        of->line[of->used++] = byte == '\t' ? ' ' : (char)byte;
    else
        of->used += (size_t)snprintf(of->line + of->used, 5, "\\x%02x", byte);
    of->line[of->used] = '\0';
}

bool pm_exec_complaints_add(pm_exec_complaints *of, const char *data, size_t len, int64_t now_us)
{
    refill(of, now_us);
    if (now_us - of->second_us >= SECOND_US) {
        of->second_us = now_us;
        of->in_second = 0;
    }
    of->in_second += len;
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n')
            end_line(of);
        else if (data[i] != '\r')
            add_byte(of, (unsigned char)data[i]);
    }
    return of->in_second <= PM_EXEC_FLOOD;
}

void pm_exec_complaints_end(pm_exec_complaints *of, int64_t now_us)
{
    refill(of, now_us);
    end_line(of);
}

const char *pm_exec_complaints_last(const pm_exec_complaints *of)
{
    return of->line;
}
