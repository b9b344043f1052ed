/* SPDX-License-Identifier: Apache-2.0 */
/* ChaCha20-Poly1305: an AEAD for formats that others defined. What the card keeps is sealed with AES (aes.c). */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

static bool sizes_fit(bytes key, bytes nonce, size_t sealed_size, size_t plain_size)
{
    return key.n == CRYPTO_AEAD_KEY && nonce.n == CRYPTO_AEAD_NONCE && sealed_size == plain_size + CRYPTO_AEAD_TAG;
}

/* In the pool: a third of a kilobyte that the stack need not hold. */
static status begin(struct crypto *c, bytes key, bytes nonce, bytes aad, bool encrypt, ChaChaPoly_Aead **out)
{
    *out = pool_take(c, sizeof **out);
    if (!*out) return ST_NO_SPACE;
    int direction = encrypt ? CHACHA20_POLY1305_AEAD_ENCRYPT : CHACHA20_POLY1305_AEAD_DECRYPT;
    TRY(wolf(wc_ChaCha20Poly1305_Init(*out, key.p, nonce.p, direction)));
    return aad.n ? wolf(wc_ChaCha20Poly1305_UpdateAad(*out, aad.p, (word32)aad.n)) : ST_OK;
}

static status run(struct crypto *c, bytes key, bytes nonce, bytes aad, bool encrypt, bytes in, uint8_t *out,
                  uint8_t tag[CRYPTO_AEAD_TAG])
{
    ChaChaPoly_Aead *aead;
    TRY(begin(c, key, nonce, aad, encrypt, &aead));
    if (!in.n) out = tag; /* the library wants a place, and to be asked, even for nothing */
    TRY(wolf(wc_ChaCha20Poly1305_UpdateData(aead, not_null(in), out, (word32)in.n)));
    return wolf(wc_ChaCha20Poly1305_Final(aead, tag));
}

status crypto_chachapoly_seal(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    if (!sizes_fit(key, nonce, sealed.n, plain.n)) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, run(c, key, nonce, aad, true, plain, sealed.p, sealed.p + plain.n));
    if (st != ST_OK) wipe(sealed);
    return st;
}

status crypto_chachapoly_open(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain)
{
    uint8_t expected[CRYPTO_AEAD_TAG], tag[CRYPTO_AEAD_TAG];
    if (!sizes_fit(key, nonce, sealed.n, plain.n)) return ST_BAD_LENGTH;
    memcpy(tag, sealed.p + plain.n, sizeof tag); /* before `plain`, which may overlap, is written */
    crypto_enter(c);
    status st = crypto_leave(c, run(c, key, nonce, aad, false, bytes_first(sealed, plain.n), plain.p, expected));
    if (st == ST_OK && !ct_equal(BYTES(expected), BYTES(tag))) st = ST_DATA_NOT_USABLE;
    if (st != ST_OK) wipe(plain);
    return st;
}
