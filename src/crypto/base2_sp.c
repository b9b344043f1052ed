/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of two by squaring and doubling, with the Montgomery squaring of wolfCrypt's fixed-size assembler.
 *
 * The library's own exponentiation multiplies by an entry of a table after every four or five squarings, a fifth of the
 * time; a doubling costs next to nothing. Its functions are private to its files, so those are compiled in here, and this
 * file takes their place in the library (cmake/wolfcrypt.cmake). One of the two is empty on each CPU. */
#include "crypto/base2.h"

#include "base/bytes.h"

typedef sp_digit zero_word __attribute__((may_alias));

/* The library's squarings clear a few words each: storing them costs a third of a call. Its places are all words. */
static inline __attribute__((always_inline)) void *clear_or_set(void *p, int value, size_t n)
{
    if (!__builtin_constant_p(n) || n > 64 || n % sizeof(zero_word) || value) return memset(p, value, n);
    zero_word *words = p;
    for (size_t i = 0; i < n / sizeof *words; i++) words[i] = 0;
    return p;
}
#undef XMEMSET
#define XMEMSET(p, value, n) clear_or_set((p), (value), (n))

#include <wolfcrypt/src/sp_armthumb.c>
#include <wolfcrypt/src/sp_cortexm.c>

#define WORDS_MAX 64 /* of a prime of RSA-4096 */

/* The functions for numbers of one size; a number is little-endian words and may exceed the modulus, never its length. */
struct kernel {
    int words;
    void (*setup)(const sp_digit *m, sp_digit *rho);
    void (*norm)(sp_digit *r, const sp_digit *m); /* 1 in Montgomery form */
    void (*square)(sp_digit *r, const sp_digit *a, const sp_digit *m, sp_digit rho);
    void (*reduce)(sp_digit *a, const sp_digit *m, sp_digit rho);
    sp_digit (*add)(sp_digit *r, const sp_digit *a, const sp_digit *b);                     /* carry      */
    sp_digit (*subtract)(sp_digit *r, const sp_digit *a, const sp_digit *b, sp_digit mask); /* 0 - borrow */
    sp_int32 (*compare)(const sp_digit *a, const sp_digit *b);
};

static const struct kernel kernels[] = {
    {32, sp_2048_mont_setup, sp_2048_mont_norm_32, sp_2048_mont_sqr_32, sp_2048_mont_reduce_32, sp_2048_add_32,
     sp_2048_cond_sub_32, sp_2048_cmp_32},
    {48, sp_3072_mont_setup, sp_3072_mont_norm_48, sp_3072_mont_sqr_48, sp_3072_mont_reduce_48, sp_3072_add_48,
     sp_3072_cond_sub_48, sp_3072_cmp_48},
    {64, sp_2048_mont_setup, sp_2048_mont_norm_64, sp_2048_mont_sqr_64, sp_2048_mont_reduce_64, sp_2048_add_64,
     sp_2048_cond_sub_64, sp_2048_cmp_64},
};

static const struct kernel *kernel_for(const mp_int *m)
{
    for (size_t i = 0; i < COUNT(kernels); i++)
        if (mp_count_bits(m) == 32 * kernels[i].words) return &kernels[i];
    return NULL;
}

/* r = 2r if `mask` is all ones, r if it is zero. 2r < 2^(length + 1) and m >= 2^(length - 1): subtracting m twice, when
 * it is too long, is enough. */
static void double_if(const struct kernel *k, sp_digit mask, sp_digit *r, const sp_digit *m)
{
    sp_digit again[WORDS_MAX];
    for (int i = 0; i < k->words; i++) again[i] = r[i] & mask;
    sp_digit over = k->add(r, r, again);
    over += k->subtract(r, r, m, (sp_digit)0 - over);
    k->subtract(r, r, m, (sp_digit)0 - over);
    ForceZero(again, sizeof again);
}

static void power(const struct kernel *k, const mp_int *e, const sp_digit *m, sp_digit *r)
{
    sp_digit rho;
    k->setup(m, &rho);
    k->norm(r, m);
    for (int bit = mp_count_bits(e) - 1; bit >= 0; bit--) {
        k->square(r, r, m, rho);
        double_if(k, (sp_digit)0 - (e->dp[bit / 32] >> bit % 32 & 1), r, m);
    }
    memset(r + k->words, 0, (size_t)k->words * sizeof *r);
    k->reduce(r, m, rho);
    k->subtract(r, r, m, (sp_digit)0 - (sp_digit)(k->compare(r, m) >= 0));
}

int base2_power(const mp_int *e, const mp_int *m, mp_int *x)
{
    const struct kernel *k = kernel_for(m);
    if (!k || x->size < (unsigned)k->words) return base2_power_any(e, m, x);
    sp_digit r[2 * WORDS_MAX];
    power(k, e, m->dp, r);
    memcpy(x->dp, r, (size_t)k->words * sizeof *r);
    x->used = (word16)k->words;
    mp_clamp(x);
    ForceZero(r, sizeof r);
    return 0;
}
