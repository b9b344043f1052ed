/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing, adding and reducing big-endian byte numbers without branches on their value; and a greatest common divisor. */
#include "crypto/internal.h"

/* The borrow of a - b: 1 when a < b. */
static uint32_t borrow_of(bytes a, bytes b)
{
    uint32_t borrow = 0;
    for (size_t i = a.n; i > 0; i--) borrow = ((uint32_t)a.p[i - 1] - b.p[i - 1] - borrow) >> 31;
    return borrow;
}

bool number_less(bytes a, bytes b)
{
    return a.n == b.n && borrow_of(a, b) == 1;
}

/* a = a - b unless `keep` is 1. */
static void subtract_unless(span a, bytes b, uint32_t keep)
{
    uint32_t mask = keep - 1, borrow = 0;
    for (size_t i = a.n; i > 0; i--) {
        uint32_t v = (uint32_t)a.p[i - 1] - (b.p[i - 1] & mask) - borrow;
        a.p[i - 1] = (uint8_t)v;
        borrow = v >> 31;
    }
}

void number_reduce_once(span a, bytes b)
{
    subtract_unless(a, b, borrow_of(view(a), b));
}

void number_add_mod(span a, bytes b, bytes n)
{
    uint32_t carry = 0;
    for (size_t i = a.n; i > 0; i--) {
        carry += (uint32_t)a.p[i - 1] + b.p[i - 1];
        a.p[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
    subtract_unless(a, n, borrow_of(view(a), n) & (carry ^ 1)); /* a carry alone says that the sum reached n */
}

uint32_t number_gcd(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}
