/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 and X448 (RFC 7748). */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/curve448.h>

void montgomery_clamp(enum crypto_okp okp, span d)
{
    bool is_25519 = okp == CRYPTO_X25519;
    d.p[0] &= is_25519 ? 0xF8 : 0xFC;
    if (is_25519) d.p[d.n - 1] &= 0x7F;
    d.p[d.n - 1] |= is_25519 ? 0x40 : 0x80;
}

/* out = d * u for u without a top bit. The library's C code (5.9.2) blinds with random numbers of its own. */
static status multiply_25519(bytes d, bytes u, span out)
{
    SECRET(k, 32);
    (void)span_copy(k, d);
    montgomery_clamp(CRYPTO_X25519, k);
    return wolf(wc_curve25519_generic((int)out.n, out.p, (int)k.n, k.p, (int)u.n, u.p));
}

static status multiply_448(struct crypto *c, bytes d, bytes u, span out)
{
    curve448_key *ours = pool_take(c, sizeof *ours), *theirs = pool_take(c, sizeof *theirs);
    word32 size = (word32)out.n;
    if (!ours || !theirs) return ST_NO_SPACE;
    TRY(wolf(wc_curve448_init(ours)));
    TRY(wolf(wc_curve448_init(theirs)));
    TRY(wolf(wc_curve448_import_private_ex(d.p, (word32)d.n, ours, EC448_LITTLE_ENDIAN)));
    TRY(wolf(wc_curve448_import_public_ex(u.p, (word32)u.n, theirs, EC448_LITTLE_ENDIAN)));
    return wolf(wc_curve448_shared_secret_ex(ours, theirs, out.p, &size, EC448_LITTLE_ENDIAN));
}

static status multiply(struct crypto *c, enum crypto_okp okp, bytes d, bytes u, span out)
{
    return okp == CRYPTO_X25519 ? multiply_25519(d, u, out) : multiply_448(c, d, u, out);
}

status montgomery_public(struct crypto *c, enum crypto_okp okp, bytes d, span q)
{
    return multiply(c, okp, d, crypto_okp_params(okp)->base, q);
}

/* Not every version of the library looks whether the result is zero. */
static status agree(struct crypto *c, enum crypto_okp okp, bytes d, bytes peer, span shared)
{
    uint8_t u[CRYPTO_OKP_KEY_MAX];
    memcpy(u, peer.p, peer.n);
    if (okp == CRYPTO_X25519) u[peer.n - 1] &= 0x7F; /* RFC 7748 section 5: that bit is no part of the number */
    TRY(multiply(c, okp, d, (bytes){u, peer.n}, shared));
    return ct_is_zero(view(shared)) ? ST_EXECUTION : ST_OK;
}

status crypto_okp_agree(struct crypto *c, enum crypto_okp okp, bytes d, bytes peer, span shared)
{
    const struct crypto_okp_params *curve = crypto_okp_params(okp);
    if (!curve || curve->signs || d.n != curve->key_size || peer.n != d.n || shared.n != d.n) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, agree(c, okp, d, peer, shared));
    if (st != ST_OK) wipe(shared);
    return st;
}
