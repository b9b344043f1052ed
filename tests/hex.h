/* SPDX-License-Identifier: Apache-2.0 */
/* Test input as hex strings in heap blocks cut to size, so that ASan sees one byte read too many.
 *
 * Blocks stay alive until hex_release() or the end of the program; nobody frees them one by one.
 * Include it after cmocka.h when assert_hex is wanted. Not thread-safe. */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>

struct hex_block {
    struct hex_block *next;
    uint8_t *memory;
};

static inline struct hex_block **hex_blocks(void)
{
    static struct hex_block *first;
    return &first;
}

/* Frees every block handed out so far. */
static inline void hex_release(void)
{
    struct hex_block **first = hex_blocks();
    while (*first) {
        struct hex_block *b = *first;
        *first = b->next;
        free(b->memory);
        free(b);
    }
}

/* A new block of exactly `n` bytes, filled with A5; `n` may be 0 (then reading any byte is a
 * fault). */
static inline span exact_space(size_t n)
{
    struct hex_block *b = malloc(sizeof(*b));
    uint8_t *memory = malloc(n ? n : 1);
    if (!b || !memory) abort();
    *b = (struct hex_block){*hex_blocks(), memory};
    *hex_blocks() = b;
    memset(memory, 0xA5, n ? n : 1);
    return (span){n ? memory : memory + 1, n};
}

/* A copy of `from` in a block of its own. */
static inline bytes exact_copy(bytes from)
{
    span s = exact_space(from.n);
    if (from.n) memcpy(s.p, from.p, from.n);
    return view(s);
}

static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The bytes of a hex string; blanks between digits are skipped, anything else ends the program. */
static inline bytes exact(const char *hex)
{
    size_t digits = 0;
    for (const char *c = hex; *c; c++) {
        if (*c == ' ' || *c == '\n') continue;
        if (hex_digit(*c) < 0) fprintf(stderr, "not hex: %s\n", hex), abort();
        digits++;
    }
    if (digits % 2) fprintf(stderr, "half a byte: %s\n", hex), abort();
    span s = exact_space(digits / 2);
    size_t at = 0;
    for (const char *c = hex; *c; c++) {
        if (hex_digit(*c) < 0) continue;
        s.p[at / 2] = (uint8_t)(s.p[at / 2] << 4 | hex_digit(*c));
        at++;
    }
    return view(s);
}

/* Upper-case hex of `b`; lives as long as the blocks. */
static inline const char *hex_of(bytes b)
{
    span s = exact_space(2 * b.n + 1);
    for (size_t i = 0; i < b.n; i++) snprintf((char *)s.p + 2 * i, 3, "%02X", b.p[i]);
    s.p[2 * b.n] = 0;
    return (const char *)s.p;
}

/* Fails the cmocka test, showing both in hex, unless `got` is exactly the bytes of `want_hex`. */
#define assert_hex(got, want_hex) assert_string_equal(hex_of(got), hex_of(exact(want_hex)))

#endif
