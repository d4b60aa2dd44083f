/* SPDX-License-Identifier: BSD-2-Clause */
/* letter_fuzz - any bytes are a message: whatever a stranger sends is read as a letter, within
 * bounds. */
#include "letter.h"
#include "mime.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pm_message_limits limits = {.memory = 8 << 20, .headers = 2000, .body = 1 << 20};
    pm_message *message;
    pm_letter *letter;

    pm_mime_start();
    message = pm_message_new(&limits);
    expect(message != NULL);
    pm_message_read(message, (pm_slice){(const char *)data, size});
    if (pm_letter_read(message, NULL, &letter) != PM_OK) {
        expect(letter == NULL || letter->kind == PM_KIND_OTHER);
    } else {
        expect(letter->kind_why != NULL);
        expect(letter->confidence > 0 && letter->confidence < 1);
        expect(letter->reference_count <= 200 && letter->addressee_count <= 500);
        expect(pm_slice_is_utf8(letter->subject.title));
    }
    pm_message_free(message);
    return 0;
}
