/* SPDX-License-Identifier: Apache-2.0 */
/* RSA key generation: probable primes as FIPS 186-5 A.1.3 bounds them, found by an incremental sieve.
 *
 * A random odd start and the WINDOW odd numbers from there are sieved by all primes below 2^16; what survives gets a
 * strong test to base 2, and the first to pass that gets Miller-Rabin rounds to random bases. Each prime has its own
 * start. docs/crypto.md tells how this differs from the letter of FIPS 186-5, and why it is chosen. */
#include "crypto/base2.h"
#include "crypto/internal.h"

#define WINDOW 4096u       /* odd candidates from one random start */
#define SIEVE_LIMIT 65536u /* sieve by the odd primes below */
#define WINDOWS_MAX 1000u  /* with a sound source two are hardly ever needed */
#define BATCH_MAX 16u      /* primes whose product is divided by at once */

struct search {
    struct crypto *c;
    const struct progress *progress;
    uint32_t prime_bits, e;
    mp_int *start, *minus_1, *odd_part, *base, *x; /* scratch of the tests */
    uint8_t *composite_odds;                       /* bit i: 2i+1 is composite; to SIEVE_LIMIT */
    uint8_t *struck;                               /* bit i: start + 2i has a small factor */
};

static bool bit_get(const uint8_t *bits, size_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

static void bit_set(uint8_t *bits, size_t i)
{
    bits[i / 8] |= (uint8_t)(1u << (i % 8));
}

/* ---- small primes ---- */

static void mark_small_primes(uint8_t *composite_odds)
{
    bit_set(composite_odds, 0); /* 1 */
    for (uint32_t p = 3; p < 256; p += 2) {
        if (bit_get(composite_odds, p / 2)) continue;
        for (uint32_t m = p * p; m < SIEVE_LIMIT; m += 2 * p) bit_set(composite_odds, m / 2);
    }
}

/* Strikes out the multiples of `prime` among start, start + 2, ..., given start mod prime. */
static void strike(uint8_t *struck, uint32_t prime, uint32_t remainder)
{
    uint32_t gap = remainder ? prime - remainder : 0;
    if (gap % 2) gap += prime; /* to the first multiple that is odd */
    for (uint32_t i = gap / 2; i < WINDOW; i += prime) bit_set(struck, i);
}

struct batch {
    mp_digit product;
    uint32_t primes[BATCH_MAX];
    size_t count;
};

/* One long division serves all primes of a batch. */
static status strike_batch(struct search *s, struct batch *b)
{
    mp_digit rest = 0;
    TRY(wolf(mp_mod_d(s->start, b->product, &rest)));
    for (size_t i = 0; i < b->count; i++) strike(s->struck, b->primes[i], (uint32_t)(rest % b->primes[i]));
    *b = (struct batch){.product = 1};
    return ST_OK;
}

static status sieve(struct search *s)
{
    struct batch b = {.product = 1};
    memset(s->struck, 0, WINDOW / 8);
    for (uint32_t prime = 3; prime < SIEVE_LIMIT; prime += 2) {
        if (bit_get(s->composite_odds, prime / 2)) continue;
        if (b.count == BATCH_MAX || b.product > (mp_digit) ~(mp_digit)0 / prime) TRY(strike_batch(s, &b));
        b.product *= prime;
        b.primes[b.count++] = prime;
    }
    return strike_batch(s, &b);
}

/* ---- testing ---- */

/* A random number of at most `bits` bits. */
static status draw(struct crypto *c, uint32_t bits, mp_int *out)
{
    size_t n = (bits + 7) / 8;
    uint8_t *p = pool_take(c, n);
    if (!p) return ST_NO_SPACE;
    TRY(random_fill(c, (span){p, n}));
    p[0] &= (uint8_t)(0xFF >> (8 * n - bits));
    TRY(wolf(mp_read_unsigned_bin(out, p, (word32)n)));
    pool_give(c, p);
    return ST_OK;
}

/* How often does 2 divide `a`, which is not zero? */
static int twos_in(const mp_int *a)
{
    int twos = 0;
    while (twos < 4096 && !mp_is_bit_set(a, (unsigned)twos)) twos++;
    return twos;
}

/* Is `p` a strong probable prime to a base? s->x is that base to the odd part of p - 1; s->minus_1 belongs to p. */
static status strong_test(struct search *s, const mp_int *p, bool *passed)
{
    int twos = twos_in(s->minus_1);
    *passed = mp_cmp_d(s->x, 1) == MP_EQ || mp_cmp(s->x, s->minus_1) == MP_EQ;
    for (int i = 1; i < twos && !*passed; i++) {
        TRY(wolf(mp_sqrmod(s->x, p, s->x)));
        *passed = mp_cmp(s->x, s->minus_1) == MP_EQ;
    }
    return ST_OK;
}

/* A base in 2..p-2. */
static status draw_base(struct search *s, const mp_int *p)
{
    for (unsigned tries = 0; tries < 64; tries++) {
        TRY(draw(s->c, s->prime_bits, s->base));
        if (mp_cmp_d(s->base, 1) == MP_GT && mp_cmp(s->base, s->minus_1) == MP_LT) return ST_OK;
    }
    return ST_EXECUTION;
}

/* FIPS 186-5 table B.1, or more. */
static unsigned rounds_for(uint32_t prime_bits)
{
    if (prime_bits >= 1536) return 4;
    return prime_bits >= 1024 ? 5 : 7;
}

static status probably_prime(struct search *s, const mp_int *p, bool *prime)
{
    *prime = false;
    TRY(wolf(mp_sub_d(p, 1, s->minus_1)));
    TRY(wolf(mp_copy(s->minus_1, s->odd_part)));
    TRY(wolf(mp_div_2d(s->odd_part, twos_in(s->minus_1), s->odd_part, NULL)));
    TRY(wolf(base2_power(s->odd_part, p, s->x)));
    TRY(strong_test(s, p, prime));
    cpu_settle();
    for (unsigned i = rounds_for(s->prime_bits); i > 0 && *prime; i--) {
        TRY(draw_base(s, p));
        TRY(wolf(mp_exptmod(s->base, s->odd_part, p, s->x)));
        TRY(strong_test(s, p, prime));
    }
    return ST_OK;
}

/* ---- searching ---- */

/* An odd start of full length whose top 32 bits exceed those of sqrt(2) * 2^31, so that the product of two has full
 * length (A.1.3 4.4). */
static status draw_start(struct search *s)
{
    for (unsigned tries = 0; tries < 128; tries++) { /* each fits with a chance of 0.29 */
        TRY(draw(s->c, s->prime_bits, s->start));
        TRY(wolf(mp_set_bit(s->start, 0)));
        TRY(wolf(mp_copy(s->start, s->x)));
        TRY(wolf(mp_div_2d(s->x, (int)s->prime_bits - 32, s->x, NULL)));
        if (mp_cmp_d(s->x, 0xB504F333) == MP_GT) return ST_OK;
    }
    return ST_EXECUTION;
}

/* |p - q| > 2^(bits/2 - 100) (A.1.3 5.5)? */
static status far_apart(struct search *s, mp_int *p, mp_int *q, bool *far)
{
    bool p_less = mp_cmp(p, q) == MP_LT;
    TRY(wolf(p_less ? mp_sub(q, p, s->x) : mp_sub(p, q, s->x)));
    *far = mp_count_bits(s->x) > (int)s->prime_bits - 100 + 1;
    return ST_OK;
}

/* Is start + 2i what we want? Then it is in p. */
static status try_candidate(struct search *s, uint32_t i, uint32_t start_minus_1_mod_e, mp_int *p, mp_int *other,
                            bool *found)
{
    *found = false;
    uint32_t rest = (uint32_t)(((uint64_t)start_minus_1_mod_e + 2u * i) % s->e);
    if (number_gcd(rest, s->e) != 1) return ST_OK;
    TRY(wolf(mp_add_d(s->start, 2 * i, p)));
    if (mp_count_bits(p) != (int)s->prime_bits) return ST_OK;
    if (!progress_tick(s->progress)) return ST_EXECUTION;
    TRY(probably_prime(s, p, found));
    return *found && other ? far_apart(s, p, other, found) : ST_OK;
}

static status search_window(struct search *s, mp_int *p, mp_int *other, bool *found)
{
    TRY(draw_start(s));
    TRY(sieve(s));
    mp_digit rest = 0;
    TRY(wolf(mp_mod_d(s->start, s->e, &rest)));
    uint32_t minus_1 = (uint32_t)(((uint64_t)rest + s->e - 1) % s->e);
    for (uint32_t i = 0; i < WINDOW && !*found; i++)
        if (!bit_get(s->struck, i)) TRY(try_candidate(s, i, minus_1, p, other, found));
    return ST_OK;
}

static status find_prime(struct search *s, mp_int *p, mp_int *other)
{
    bool found = false;
    for (unsigned windows = 0; windows < WINDOWS_MAX && !found; windows++) TRY(search_window(s, p, other, &found));
    return found ? ST_OK : ST_EXECUTION;
}

static status search_take(struct crypto *c, uint32_t bits, uint32_t e, const struct progress *p, struct search *s)
{
    *s = (struct search){.c = c, .progress = p, .prime_bits = bits / 2, .e = e};
    mp_int **numbers[] = {&s->start, &s->minus_1, &s->odd_part, &s->base, &s->x};
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (!(*numbers[i] = pool_number(c))) return ST_NO_SPACE;
    s->composite_odds = pool_take(c, SIEVE_LIMIT / 16);
    s->struck = pool_take(c, WINDOW / 8);
    if (!s->composite_odds || !s->struck) return ST_NO_SPACE;
    mark_small_primes(s->composite_odds);
    return ST_OK;
}

static void search_give(struct search *s)
{
    void *all[] = {s->start, s->minus_1, s->odd_part, s->base, s->x, s->composite_odds, s->struck};
    for (size_t i = 0; i < COUNT(all); i++) pool_give(s->c, all[i]);
}

/* ---- the key ---- */

/* A.1.1 3: d = e^-1 mod lcm(p-1, q-1) must exceed 2^(bits/2). Uses the scratch of the search. */
static status d_is_long(struct search *s, const mp_int *p, const mp_int *q, bool *is_long)
{
    mp_int *p1 = s->start, *q1 = s->minus_1, *lcm = s->base;
    TRY(wolf(mp_sub_d(p, 1, p1)));
    TRY(wolf(mp_sub_d(q, 1, q1)));
    TRY(wolf(mp_gcd(p1, q1, s->x)));
    TRY(wolf(mp_div(p1, s->x, p1, NULL)));
    TRY(wolf(mp_mul(p1, q1, lcm)));
    TRY(rsa_inverse_of_e(lcm, s->e, s->x));
    *is_long = mp_count_bits(s->x) > (int)s->prime_bits + 1;
    return ST_OK;
}

/* p > q, both new, and the parts made of them. */
static status make_key(struct search *s, mp_int *p, mp_int *q, buf *out)
{
    bool is_long = false;
    for (unsigned tries = 0; tries < 4 && !is_long; tries++) {
        TRY(find_prime(s, p, NULL));
        TRY(find_prime(s, q, p));
        TRY(d_is_long(s, p, q, &is_long));
    }
    if (!is_long) return ST_EXECUTION;
    bool p_less = mp_cmp(p, q) == MP_LT;
    return rsa_put_parts(s->c, p_less ? q : p, p_less ? p : q, s->e, 2 * s->prime_bits, out);
}

/* Pairwise consistency: a random block through the private operation, which checks it with the public one. */
static status try_key(struct crypto *c, bytes parts, uint32_t e)
{
    struct crypto_rsa key = crypto_rsa_view(parts, e);
    span in = {pool_take(c, key.n.n), key.n.n}, out = {pool_take(c, key.n.n), key.n.n};
    if (!in.p || !out.p) return ST_NO_SPACE;
    TRY(random_fill(c, in));
    in.p[0] = 0;
    return rsa_private(c, &key, view(in), out);
}

static status generate(struct crypto *c, uint32_t bits, uint32_t e, const struct progress *progress, span parts)
{
    struct search s;
    TRY(search_take(c, bits, e, progress, &s));
    mp_int *p = pool_number(c), *q = pool_number(c);
    if (!p || !q) return ST_NO_SPACE;
    buf out = buf_over(parts);
    TRY(make_key(&s, p, q, &out));
    search_give(&s);
    pool_give(c, p);
    pool_give(c, q);
    return try_key(c, view(parts), e);
}

status crypto_rsa_generate(struct crypto *c, uint32_t bits, uint32_t e, const struct progress *p, span parts)
{
    if (bits < 1024 || bits > 4096 || bits % 8 || e < 3 || e % 2 == 0) return ST_BAD_DATA;
    if (parts.n != CRYPTO_RSA_PARTS_SIZE(bits)) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, generate(c, bits, e, p, parts));
    if (st != ST_OK) wipe(parts);
    return st;
}
