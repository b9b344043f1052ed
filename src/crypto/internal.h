/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/crypto share: entering and leaving a context, its pool, hashing and random numbers between
 * enter and leave, and big-endian byte numbers. Private to src/crypto and its tests.
 *
 * A public function enters its context once, works in static or internal functions, and leaves with their status.
 * Leaving wipes and empties the pool, so no path can leak: what an internal function takes need not be given back. */
#ifndef CRYPTO_INTERNAL_H
#define CRYPTO_INTERNAL_H

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/types.h>
#include <wolfssl/wolfcrypt/wolfmath.h>

#include "crypto/crypto.h"
#include "crypto/drbg.h"

/* The context whose pool and DRBG the library uses now; the room's only mutable global, set by crypto_enter and put
 * back by crypto_leave. One per thread where there are threads (boards/<board>/user_settings.h). */
extern CRYPTO_PER_THREAD struct crypto *crypto_current;

void crypto_enter(struct crypto *c);
/* Wipes the pool, takes the context back and returns `st`, or ST_NO_SPACE if there was too little memory for any of it. */
MUST_CHECK status crypto_leave(struct crypto *c, status st);

/* What a library call returned, as a status. */
static inline status wolf(int error)
{
    return ct_told(error == 0) ? ST_OK : ST_EXECUTION;
}
/* wipe, for what has a type. */
static inline void wipe_fast(void *p, size_t n)
{
    wipe((span){p, n});
}
/* A place that wolfCrypt accepts even for zero bytes. */
static inline const uint8_t *not_null(bytes b)
{
    return b.p ? b.p : (const uint8_t *)"";
}

/* ---- pool.c ---- */

void pool_clear(struct crypto *c);
/* `size` zeroed bytes, 16-byte aligned; NULL: no room. */
void *pool_take(struct crypto *c, size_t size);
/* Wipes and returns a place; NULL is fine. */
void pool_give(struct crypto *c, void *p);
/* A number: zero, read from `value`, or NULL when there is no room (or the value is too long). */
mp_int *pool_number(struct crypto *c);
mp_int *pool_number_from(struct crypto *c, bytes value);

/* ---- cpu_*.c ---- */

/* Puts the CPU back into the state that other code expects after the library's public-key assembler. */
void cpu_settle(void);

/* ---- hash.c, drbg.c: inside an entered context ---- */

MUST_CHECK status hash_parts(enum crypto_hash h, const bytes *parts, size_t count, span out);
MUST_CHECK status hmac_parts(enum crypto_hash h, bytes key, const bytes *parts, size_t count, span out);
/* HMAC in pieces. The library's states own no memory: a copy is as good, and none needs to be freed. */
struct hmac {
    wc_HashAlg inner, outer;
    enum crypto_hash hash;
};
MUST_CHECK status hmac_begin(struct hmac *m, enum crypto_hash h, bytes key);
MUST_CHECK status hmac_add(struct hmac *m, bytes piece);
/* `mac` has room for crypto_hash_size(m->hash) bytes; `m` must begin anew. */
MUST_CHECK status hmac_end(struct hmac *m, uint8_t *mac);
/* Cheaper than a copy of the struct: only what this hash uses of it. */
void hmac_copy(struct hmac *to, const struct hmac *from);
/* The wc_HashType of a hash, as wolfCrypt's functions want it. */
int hash_wolf_type(enum crypto_hash h);
/* Random bytes; reseeds when due. ST_EXECUTION: unhealthy. */
MUST_CHECK status random_fill(struct crypto *c, span out);

/* ---- number.c: big-endian numbers of equal length, in constant time ---- */

bool number_less(bytes a, bytes b);
/* a = a - b if a >= b. */
void number_reduce_once(span a, bytes b);
/* a = (a + b) mod n, for a and b below n. */
void number_add_mod(span a, bytes b, bytes n);
/* Greatest common divisor of small public numbers; takes a time that depends on them. */
uint32_t number_gcd(uint32_t a, uint32_t b);

/* ---- curves.c, ec.c ---- */

int crypto_wolf_curve(enum crypto_curve curve);
/* RFC 6979 3.2 with HMAC `h` and, if not empty, additional data as 3.6 says: k in 1..n-1, k.n = field_size.
 * `digest` any length. */
MUST_CHECK status ecdsa_nonce(enum crypto_hash h, const struct crypto_curve_params *curve, bytes d, bytes digest,
                              bytes extra, span k);

/* ---- montgomery.c, edwards.c: inside an entered context; sizes are right ---- */

MUST_CHECK status montgomery_public(struct crypto *c, enum crypto_okp okp, bytes d, span q);
MUST_CHECK status edwards_public(struct crypto *c, enum crypto_okp okp, bytes d, span q);
/* Fixes the bits of a private string that RFC 7748 fixes. */
void montgomery_clamp(enum crypto_okp okp, span d);

/* ---- rsa_parts.c: inside an entered context ---- */

/* x = e^-1 mod m for odd e. ST_EXECUTION: there is none. */
MUST_CHECK status rsa_inverse_of_e(const mp_int *m, uint32_t e, mp_int *x);
/* Appends n p q dp dq qinv of a key with exactly `bits` bits; p and q at most half of them each.
 * ST_EXECUTION: other sizes, or e has no inverse. */
MUST_CHECK status rsa_put_parts(struct crypto *c, mp_int *p, mp_int *q, uint32_t e, uint32_t bits, buf *out);

/* ---- rsa.c ---- */

/* crypto_rsa_private inside an entered context. */
MUST_CHECK status rsa_private(struct crypto *c, const struct crypto_rsa *key, bytes in, span out);

#endif
