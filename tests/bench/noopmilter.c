/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * noopmilter - what libmilter itself costs: the yardstick for patchmarkd.
 *
 * Negotiates what patchmarkd does, is handed the same header fields and body, adds as many fields
 * of usual length, and looks at nothing.
 *
 * usage: noopmilter SOCKET FIELDS
 */
#include <libmilter/mfapi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Callbacks are handed nothing of ours. Written once, before there are threads. */
static int field_count;

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
                             unsigned long unused2, unsigned long unused3,
                             unsigned long *actions_out, unsigned long *steps_out,
                             unsigned long *unused2_out, unsigned long *unused3_out)
{
    (void)ctx;
    (void)unused2;
    (void)unused3;
    *actions_out = actions & (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_QUARANTINE);
    *steps_out =
        steps & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NOEOH |
                 SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_BODY);
    *unused2_out = 0;
    *unused3_out = 0;
    return SMFIS_CONTINUE;
}

static sfsistat on_address(SMFICTX *ctx, char **arguments)
{
    (void)ctx;
    (void)arguments;
    return SMFIS_NOREPLY;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    (void)ctx;
    (void)name;
    (void)value;
    return SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t size)
{
    (void)ctx;
    (void)bytes;
    (void)size;
    return SMFIS_NOREPLY;
}

static sfsistat on_end(SMFICTX *ctx)
{
    char name[] = "Noop-Field", value[] = "a value of usual length: <kvm-x86.linux>";

    for (int i = 0; i < field_count; i++)
        if (smfi_insheader(ctx, 0, name, value) != MI_SUCCESS)
            return SMFIS_TEMPFAIL;
    return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
    char name[] = "noop";
    struct smfiDesc filter = {
        .xxfi_name = name,
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_ADDHDRS,
        .xxfi_negotiate = on_negotiate,
        .xxfi_envfrom = on_address,
        .xxfi_envrcpt = on_address,
        .xxfi_header = on_header,
        .xxfi_body = on_body,
        .xxfi_eom = on_end,
    };

    if (argc != 3) {
        fprintf(stderr, "usage: noopmilter SOCKET FIELDS\n");
        return 2;
    }
    field_count = atoi(argv[2]);
    signal(SIGPIPE, SIG_IGN);
    if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(filter) != MI_SUCCESS ||
        smfi_setbacklog(512) != MI_SUCCESS || smfi_opensocket(false) != MI_SUCCESS)
        return 2;
    return smfi_main() == MI_SUCCESS ? 0 : 2;
}
