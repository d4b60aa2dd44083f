/* SPDX-License-Identifier: BSD-2-Clause */
/* plugin_samples - letters that every plugin must have an answer to; see plugin_samples.h. */
#include "plugin_samples.h"

#define FROM_ANN                                                                                   \
    "From: Ann Author <ann@example.org>\n"                                                         \
    "To: devel@lists.example.org\n"                                                                \
    "Cc: Rae Viewer <rae@example.org>\n"                                                           \
    "List-Id: Development <devel.lists.example.org>\n"                                             \
    "Date: Sat, 3 Oct 2026 10:00:00 +0000\n"

#define DIFFSTAT                                                                                   \
    " teapot/lid.c  | 1 +\n"                                                                       \
    " teapot/boil.c | 3 ++-\n"                                                                     \
    " 2 files changed, 3 insertions(+), 1 deletion(-)\n"

#define DIFF                                                                                       \
    "diff --git a/teapot/lid.c b/teapot/lid.c\n"                                                   \
    "--- a/teapot/lid.c\n"                                                                         \
    "+++ b/teapot/lid.c\n"                                                                         \
    "@@ -1 +1,2 @@\n"                                                                              \
    " int lid;\n"                                                                                  \
    "+int handle;\n"

static const pm_plugin_sample samples[] = {
    {"a cover letter", PM_LIT(FROM_ANN "Subject: [PATCH RFC v3 0/2] teapot: Boil in parallel\n"
                                       "Message-ID: <20261003.3-0-ann@example.org>\n"
                                       "\n"
                                       "This makes tea faster.\n"
                                       "\n"
                                       "Changes in v3:\n"
                                       " - fewer leaves\n"
                                       "\n"
                                       "Supersedes: <20261001.2-0-ann@example.org>\n"
                                       "\n"
                                       "Ann Author (2):\n"
                                       "  teapot: Add a lid\n"
                                       "  teapot: Boil in parallel\n"
                                       "\n" DIFFSTAT)},
    {"a patch of a series",
     PM_LIT(FROM_ANN "Subject: [PATCH RFC v3 1/2] teapot: Add a lid\n"
                     "Message-ID: <20261003.3-1-ann@example.org>\n"
                     "In-Reply-To: <20261003.3-0-ann@example.org>\n"
                     "References: <20261003.3-0-ann@example.org>\n"
                     "\n"
                     "Tea stays hot with it.\n"
                     "\n"
                     "Fixes: 0123456789ab (\"teapot: Break the lid\")\n"
                     "Reported-by: Rae Viewer <rae@example.org>\n"
                     "Link: https://lore.kernel.org/r/20261002.1@example.org\n"
                     "Signed-off-by: Ann Author <ann@example.org>\n"
                     "---\n" DIFFSTAT "\n" DIFF "-- \n2.39.2\n")},
    {"a patch alone", PM_LIT(FROM_ANN "Subject: [PATCH net-next] teapot: Add a handle\n"
                                      "Message-ID: <20261004.1-ann@example.org>\n"
                                      "\n"
                                      "---\n" DIFFSTAT "\n" DIFF)},
    {"a reply", PM_LIT("From: Rae Viewer <rae@example.org>\n"
                       "To: Ann Author <ann@example.org>\n"
                       "Cc: devel@lists.example.org\n"
                       "Subject: Re: [PATCH RFC v3 1/2] teapot: Add a lid\n"
                       "Date: Sat, 3 Oct 2026 11:00:00 +0000\n"
                       "Message-ID: <reply.1@example.org>\n"
                       "In-Reply-To: <20261003.3-1-ann@example.org>\n"
                       "References: <20261003.3-0-ann@example.org>\n"
                       "\t<20261003.3-1-ann@example.org>\n"
                       "\n"
                       "On Sat, Ann Author wrote:\n"
                       "> Tea stays hot with it.\n"
                       "> +int handle;\n"
                       "\n"
                       "Does it?\n"
                       "\n"
                       "Reviewed-by: Rae Viewer <rae@example.org>\n")},
    {"a pull request",
     PM_LIT(FROM_ANN
            "Subject: [GIT PULL] teapot updates for v6.19\n"
            "Message-ID: <pull.1@example.org>\n"
            "\n"
            "The following changes since commit 0123456789abcdef0123456789abcdef01234567:\n"
            "\n"
            "  Linux 6.18-rc1 (2026-10-01 10:00:00 +0000)\n"
            "\n"
            "are available in the Git repository at:\n"
            "\n"
            "  https://git.example.org/teapot.git tags/teapot-6.19\n"
            "\n"
            "for you to fetch changes up to fedcba9876543210fedcba9876543210fedcba98:\n"
            "\n"
            "  teapot: Add a lid (2026-10-02 10:00:00 +0000)\n"
            "\n"
            "Ann Author (1):\n"
            "      teapot: Add a lid\n"
            "\n" DIFFSTAT)},
    {"a letter that is no patch mail", PM_LIT(FROM_ANN "Subject: Tea on Friday\n"
                                                       "Message-ID: <friday.1@example.org>\n"
                                                       "\n"
                                                       "At four. Bring cups.\n")},
    {"a multipart letter in base64",
     PM_LIT(FROM_ANN "Subject: =?utf-8?q?=5BPATCH=5D_teapot=3A_Caf=C3=A9?=\n"
                     "MIME-Version: 1.0\n"
                     "Content-Type: multipart/mixed; boundary=\"cut\"\n"
                     "\n"
                     "--cut\n"
                     "Content-Type: text/plain; charset=utf-8\n"
                     "Content-Transfer-Encoding: base64\n"
                     "\n"
                     "VGVhIGZvciB0d28uCg==\n"
                     "--cut--\n")},
    {"a letter with CRLF and 8-bit bytes", PM_LIT("From: \xe9ric <eric@example.org>\r\n"
                                                  "Subject: [PATCH] caf\xe9\r\n"
                                                  "Message-ID: <eight.1@example.org>\r\n"
                                                  "\r\n"
                                                  "\xff\xfe\x80 tea\r\n")},
    {"a letter with NUL bytes",
     PM_LIT("From: nul@example.org\nSubject: [PATCH] a\0b\nMessage-ID: <nul.1@example.org>\n\n"
            "a\0b\n\0\n")},
    {"a letter without a header", PM_LIT("\nOnly this.\n")},
    {"an empty letter", PM_LIT("")},
};

const pm_plugin_sample *pm_plugin_sample_nth(size_t nth)
{
    return nth < sizeof(samples) / sizeof(samples[0]) ? &samples[nth] : NULL;
}
