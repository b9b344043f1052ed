/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded reading, writing, comparing and wiping. */
#include "base/bytes.h"

void wipe(span s)
{
    if (s.n == 0) return;
    memset(s.p, 0, s.n);
    __asm__ volatile("" : : "r"(s.p) : "memory"); /* someone might look: the compiler may not leave it out */
}

void wipe_span(span *s)
{
    wipe(*s);
}

bool ct_same(bytes a, bytes b)
{
    if (a.n != b.n) return false;
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.n; i++) difference |= (uint8_t)(a.p[i] ^ b.p[i]);
    return difference == 0;
}

bool ct_equal(bytes a, bytes b)
{
    return ct_told(ct_same(a, b));
}

bool bytes_equal(bytes a, bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool ct_is_zero(bytes a)
{
    volatile uint8_t seen = 0;
    for (size_t i = 0; i < a.n; i++) seen |= a.p[i];
    return ct_told(seen == 0);
}

bytes bytes_trimmed(bytes number)
{
    while (number.n && number.p[0] == 0) number = bytes_after(number, 1);
    return number;
}

bool span_copy(span to, bytes from)
{
    if (from.n > to.n) return false;
    if (from.n) memmove(to.p, from.p, from.n);
    return true;
}

bool span_copy_number(span to, bytes from)
{
    if (from.n > to.n) {
        if (!ct_is_zero(bytes_first(from, from.n - to.n))) return false;
        from = bytes_after(from, from.n - to.n);
    }
    size_t zeros = to.n - from.n;
    if (from.n) memmove(to.p + zeros, from.p, from.n);
    if (zeros) memset(to.p, 0, zeros);
    return true;
}

span put_space(buf *b, size_t n)
{
    if (b->full || n > b->cap - b->n) {
        b->full = true;
        return (span){b->p, 0};
    }
    span place = {b->p + b->n, n};
    b->n += n;
    return place;
}

void put_u8(buf *b, uint8_t v)
{
    put_bytes(b, (bytes){&v, 1});
}

void put_u16(buf *b, uint16_t v)
{
    be_put(put_space(b, 2), v);
}

void put_u32(buf *b, uint32_t v)
{
    be_put(put_space(b, 4), v);
}

void put_bytes(buf *b, bytes v)
{
    span place = put_space(b, v.n);
    if (place.n) memmove(place.p, v.p, place.n);
}

void put_zeros(buf *b, size_t n)
{
    span place = put_space(b, n);
    if (place.n) memset(place.p, 0, place.n);
}

bytes rd_take(reader *r, size_t n)
{
    if (r->bad || n > r->left.n) {
        *r = (reader){NO_BYTES, true};
        return NO_BYTES;
    }
    bytes taken = bytes_first(r->left, n);
    r->left = bytes_after(r->left, n);
    return taken;
}

bytes rd_rest(reader *r)
{
    return rd_take(r, r->left.n);
}

uint8_t rd_u8(reader *r)
{
    return (uint8_t)be_get(rd_take(r, 1));
}

uint16_t rd_u16(reader *r)
{
    return (uint16_t)be_get(rd_take(r, 2));
}

uint32_t rd_u32(reader *r)
{
    return be_get(rd_take(r, 4));
}

uint32_t be_get(bytes b)
{
    uint32_t v = 0;
    for (size_t i = 0; i < b.n; i++) v = v << 8 | b.p[i];
    return v;
}

void be_put(span out, uint32_t v)
{
    for (size_t i = out.n; i > 0; i--, v >>= 8) out.p[i - 1] = (uint8_t)v;
}
