/* SPDX-License-Identifier: BSD-2-Clause */
/* interrupt - Ctrl-C in the middle of an archive; see interrupt.h. */
#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>

static atomic_bool asked;

static void ask(int signal)
{
    (void)signal;
    atomic_store(&asked, true);
}

void pm_interrupt_listen(void)
{
    struct sigaction action = {.sa_handler = ask, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool pm_interrupted(void)
{
    return atomic_load(&asked);
}
