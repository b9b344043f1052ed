/* SPDX-License-Identifier: Apache-2.0 */
/* Nested objects for test rows: hex in which braces stand for a length, as in "30{020101 0201FF}". */
#ifndef TESTS_NESTED_H
#define TESTS_NESTED_H

#include "tests/hex.h"
#include "wire/tlv.h"

#define NESTED_DEPTH 8

/* The bytes of `text`, in a block of their own; lengths minimal. Ends the program when it is not well
 * written. A length may also stand there in hex: that is how rows lie. */
static inline bytes nested(const char *text)
{
    buf out = buf_over(exact_space(strlen(text) + 64));
    size_t marks[NESTED_DEPTH], depth = 0;
    for (const char *c = text; *c; c++) {
        if (*c == ' ') continue;
        if (*c == '{' && depth < NESTED_DEPTH) {
            marks[depth++] = out.n;
        } else if (*c == '}' && depth > 0) {
            tlv_close(&out, marks[--depth]);
        } else {
            int high = hex_digit(c[0]), low = high < 0 ? -1 : hex_digit(c[1]);
            if (low < 0) fprintf(stderr, "not hex: %s\n", c), abort();
            put_u8(&out, (uint8_t)(high << 4 | low));
            c++;
        }
    }
    if (depth || out.full) fprintf(stderr, "open brace: %s\n", text), abort();
    return exact_copy(written(&out));
}

#endif
