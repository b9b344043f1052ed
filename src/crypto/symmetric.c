/* SPDX-License-Identifier: Apache-2.0 */
/* Short words for what the card itself seals and for formats that others defined, over cipher.c. */
#include "crypto/cipher.h"

static status seal(struct crypto *c, enum crypto_mode mode, bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    struct crypto_cipher_params p = {.mode = mode, .encrypt = true, .key = key, .iv = nonce};
    if (key.n != CRYPTO_AEAD_KEY || nonce.n != CRYPTO_AEAD_NONCE || sealed.n != plain.n + CRYPTO_AEAD_TAG)
        return ST_BAD_LENGTH;
    buf out = buf_over(sealed);
    return crypto_cipher(c, &p, aad, plain, &out);
}

static status open(struct crypto *c, enum crypto_mode mode, bytes key, bytes nonce, bytes aad, bytes sealed, span plain)
{
    struct crypto_cipher_params p = {.mode = mode, .key = key, .iv = nonce};
    if (key.n != CRYPTO_AEAD_KEY || nonce.n != CRYPTO_AEAD_NONCE || sealed.n != plain.n + CRYPTO_AEAD_TAG)
        return ST_BAD_LENGTH;
    buf out = buf_over(plain);
    return crypto_cipher(c, &p, aad, sealed, &out);
}

status crypto_aead_seal(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    return seal(c, CRYPTO_AES_GCM, key, nonce, aad, plain, sealed);
}

status crypto_aead_open(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain)
{
    return open(c, CRYPTO_AES_GCM, key, nonce, aad, sealed, plain);
}

status crypto_chachapoly_seal(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    return seal(c, CRYPTO_CHACHA20_POLY1305, key, nonce, aad, plain, sealed);
}

status crypto_chachapoly_open(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain)
{
    return open(c, CRYPTO_CHACHA20_POLY1305, key, nonce, aad, sealed, plain);
}

static status aes(struct crypto *c, enum crypto_mode mode, bool encrypt, bytes key, bytes iv, bytes in, span out)
{
    struct crypto_cipher_params p = {.mode = mode, .encrypt = encrypt, .key = key, .iv = iv};
    if (out.n != in.n) return ST_BAD_LENGTH;
    buf b = buf_over(out);
    return crypto_cipher(c, &p, NO_BYTES, in, &b);
}

status crypto_aes_block(struct crypto *c, bytes key, bytes in, span out)
{
    return in.n == AES_BLOCK ? aes(c, CRYPTO_AES_ECB, true, key, NO_BYTES, in, out) : ST_BAD_LENGTH;
}

status crypto_aes_cbc(struct crypto *c, bool encrypt, bytes key, bytes iv, bytes in, span out)
{
    return aes(c, CRYPTO_AES_CBC, encrypt, key, iv, in, out);
}
