/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that knows its length, and the only ways to read, write, compare and wipe it.
 *
 * Reading past the end sets `bad` and yields zeros; writing past the end sets `full` and writes nothing
 * of that item. Both flags stay, so code parses or composes in a straight line and checks once. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* clang-format off */
typedef struct { const uint8_t *p; size_t n; } bytes;         /* a view; owns nothing               */
typedef struct { uint8_t *p; size_t n; } span;                /* a place of fixed size to fill      */
typedef struct { uint8_t *p; size_t n, cap; bool full; } buf; /* a writer, n of cap; `full` stays   */
typedef struct { bytes left; bool bad; } reader;              /* a cursor; `bad` stays              */

/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Views of a whole array (not a pointer). */
#define BYTES(array) ((bytes){(const uint8_t *)(array), sizeof(array)})
#define SPAN(array) ((span){(uint8_t *)(array), sizeof(array)})
#define BUF(array) ((buf){(uint8_t *)(array), 0, sizeof(array), false})
/* A view of a string literal without its terminating zero. */
#define TEXT(literal) ((bytes){(const uint8_t *)(literal), sizeof(literal) - 1})
/* A view of literal bytes: LITERAL(0x06, 0x0A). Lives as long as the enclosing block. */
#define LITERAL(...) ((bytes){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
#define NO_BYTES ((bytes){NULL, 0})

/* Overwrites every byte of `s` with zero; the compiler may not leave it out. */
void wipe(span s);
/* For __attribute__((cleanup)): wipes the span that `s` points to. */
void wipe_span(span *s);

/* A secret of `size` bytes that wipes itself however the function is left: `name` is a span. */
#define SECRET(name, size)                                                                                             \
    uint8_t name##_mem[size];                                                                                          \
    __attribute__((cleanup(wipe_span))) span name = {name##_mem, (size)}

/* Is the content equal? Time depends on the lengths only. For secrets; public data may use bytes_equal. */
bool ct_equal(bytes a, bytes b);
/* The same where the answer itself is a secret: for masks, never for a branch. */
bool ct_same(bytes a, bytes b);
/* From here on `told` is no secret: an outcome, a signature, a public key. Does nothing. What checks for branches and
 * indices on secrets (tests/ct, docs/side-channels.md) stands before it, and so knows where one is meant. */
void ct_tell(bytes told);
/* The same for one outcome. */
static inline bool ct_told(bool outcome)
{
    ct_tell((bytes){(const uint8_t *)&outcome, sizeof outcome});
    return outcome;
}
/* Is length and content equal? Not constant-time. */
bool bytes_equal(bytes a, bytes b);
/* Are all bytes zero (true for none)? Time depends on the length only. */
bool ct_is_zero(bytes a);

/* The content of a span or of a writer, as a view. */
static inline bytes view(span s)
{
    return (bytes){s.p, s.n};
}
static inline bytes written(const buf *b)
{
    return (bytes){b->p, b->n};
}
/* A writer over a whole span. */
static inline buf buf_over(span s)
{
    return (buf){s.p, 0, s.n, false};
}
/* The first `n` bytes; all of them when there are fewer. */
static inline bytes bytes_first(bytes b, size_t n)
{
    return (bytes){b.p, n < b.n ? n : b.n};
}
/* What is left behind the first `n` bytes; nothing when there are fewer. */
static inline bytes bytes_after(bytes b, size_t n)
{
    return n < b.n ? (bytes){b.p + n, b.n - n} : NO_BYTES;
}
/* `n` bytes of `s` from `at`; clipped to what `s` has. */
static inline span span_part(span s, size_t at, size_t n)
{
    if (at > s.n) at = s.n;
    return (span){s.p + at, n < s.n - at ? n : s.n - at};
}
/* Without its leading zero bytes (big-endian numbers); a zero becomes empty. Not constant-time. */
bytes bytes_trimmed(bytes number);

/* Copies `from` to the start of `to`; false, and nothing is copied, when it does not fit. */
bool span_copy(span to, bytes from);
/* Writes the number `from` right-aligned into `to`, zeros before it; false when it does not fit even
 * without its leading zeros. */
bool span_copy_number(span to, bytes from);

/* Appending to a writer: all or nothing, `full` on overflow. Integers are big-endian. */
void put_u8(buf *b, uint8_t v);
void put_u16(buf *b, uint16_t v);
void put_u32(buf *b, uint32_t v);
void put_bytes(buf *b, bytes v);
void put_zeros(buf *b, size_t n);
/* Reserves `n` bytes at the end and returns the place; an empty span on overflow. */
span put_space(buf *b, size_t n);

/* Reading from a cursor: zeros and `bad` past the end. Integers are big-endian. */
static inline reader read_from(bytes b)
{
    return (reader){b, false};
}
uint8_t rd_u8(reader *r);
uint16_t rd_u16(reader *r);
uint32_t rd_u32(reader *r);
bytes rd_take(reader *r, size_t n);
/* Everything that is left. */
bytes rd_rest(reader *r);
/* Did everything fit, and is nothing left? */
static inline bool rd_done(const reader *r)
{
    return !r->bad && r->left.n == 0;
}

/* Big-endian number of up to 4 bytes; longer input: its last 4. */
uint32_t be_get(bytes b);
/* The last `out.n` bytes of v, big-endian. */
void be_put(span out, uint32_t v);

#endif
