/* SPDX-License-Identifier: Apache-2.0 */
/* AES: GCM for sealing; ECB, CBC and CMAC for formats that others defined. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/cmac.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#define BLOCK 16u

static bool key_fits(bytes key)
{
    return key.n == 16 || key.n == 24 || key.n == 32;
}

/* An Aes in the pool, without a key. */
static status aes_take(struct crypto *c, Aes **aes)
{
    *aes = pool_take(c, sizeof **aes);
    if (!*aes) return ST_NO_SPACE;
    return wolf(wc_AesInit(*aes, NULL, INVALID_DEVID));
}

static status gcm_take(struct crypto *c, bytes key, Aes **aes)
{
    TRY(aes_take(c, aes));
    return wolf(wc_AesGcmSetKey(*aes, key.p, (word32)key.n));
}

static status seal(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    Aes *aes;
    TRY(gcm_take(c, key, &aes));
    return wolf(wc_AesGcmEncrypt(aes, sealed.p, not_null(plain), (word32)plain.n, nonce.p, (word32)nonce.n,
                                 sealed.p + plain.n, CRYPTO_AEAD_TAG, not_null(aad), (word32)aad.n));
}

static status open(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain)
{
    Aes *aes;
    SECRET(empty, 1);
    TRY(gcm_take(c, key, &aes));
    int error = wc_AesGcmDecrypt(aes, plain.n ? plain.p : empty.p, sealed.p, (word32)plain.n, nonce.p, (word32)nonce.n,
                                 sealed.p + plain.n, CRYPTO_AEAD_TAG, not_null(aad), (word32)aad.n);
    return error == AES_GCM_AUTH_E ? ST_DATA_NOT_USABLE : wolf(error);
}

status crypto_aead_seal(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    if (key.n != CRYPTO_AEAD_KEY || nonce.n != CRYPTO_AEAD_NONCE || sealed.n != plain.n + CRYPTO_AEAD_TAG)
        return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, seal(c, key, nonce, aad, plain, sealed));
    if (st != ST_OK) wipe(sealed);
    return st;
}

status crypto_aead_open(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain)
{
    if (key.n != CRYPTO_AEAD_KEY || nonce.n != CRYPTO_AEAD_NONCE || sealed.n != plain.n + CRYPTO_AEAD_TAG)
        return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, open(c, key, nonce, aad, sealed, plain));
    if (st != ST_OK) wipe(plain);
    return st;
}

static status ecb(struct crypto *c, bytes key, bytes in, span out)
{
    Aes *aes;
    TRY(aes_take(c, &aes));
    TRY(wolf(wc_AesSetKey(aes, key.p, (word32)key.n, NULL, AES_ENCRYPTION)));
    return wolf(wc_AesEcbEncrypt(aes, out.p, in.p, (word32)in.n));
}

status crypto_aes_ecb(struct crypto *c, bytes key, bytes in, span out)
{
    if (!key_fits(key) || in.n % BLOCK || out.n != in.n) return ST_BAD_LENGTH;
    if (in.n == 0) return ST_OK;
    crypto_enter(c);
    status st = crypto_leave(c, ecb(c, key, in, out));
    if (st != ST_OK) wipe(out);
    return st;
}

status crypto_aes_block(struct crypto *c, bytes key, bytes in, span out)
{
    return in.n == BLOCK ? crypto_aes_ecb(c, key, in, out) : ST_BAD_LENGTH;
}

static status cbc(struct crypto *c, bool encrypt, bytes key, bytes iv, bytes in, span out)
{
    Aes *aes;
    TRY(aes_take(c, &aes));
    TRY(wolf(wc_AesSetKey(aes, key.p, (word32)key.n, iv.p, encrypt ? AES_ENCRYPTION : AES_DECRYPTION)));
    if (encrypt) return wolf(wc_AesCbcEncrypt(aes, out.p, in.p, (word32)in.n));
    return wolf(wc_AesCbcDecrypt(aes, out.p, in.p, (word32)in.n));
}

status crypto_aes_cbc(struct crypto *c, bool encrypt, bytes key, bytes iv, bytes in, span out)
{
    if (!key_fits(key) || iv.n != BLOCK || in.n % BLOCK || out.n != in.n) return ST_BAD_LENGTH;
    if (in.n == 0) return ST_OK;
    crypto_enter(c);
    status st = crypto_leave(c, cbc(c, encrypt, key, iv, in, out));
    if (st != ST_OK) wipe(out);
    return st;
}

static status cmac(struct crypto *c, bytes key, const bytes *parts, size_t count, span out)
{
    Cmac *m = pool_take(c, sizeof *m);
    if (!m) return ST_NO_SPACE;
    TRY(wolf(wc_InitCmac(m, key.p, (word32)key.n, WC_CMAC_AES, NULL)));
    for (size_t i = 0; i < count; i++)
        if (parts[i].n) TRY(wolf(wc_CmacUpdate(m, parts[i].p, (word32)parts[i].n)));
    word32 size = BLOCK;
    return wolf(wc_CmacFinal(m, out.p, &size));
}

status crypto_aes_cmac(struct crypto *c, bytes key, const bytes *parts, size_t count, span out)
{
    if (!key_fits(key) || out.n != BLOCK) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, cmac(c, key, parts, count, out));
    if (st != ST_OK) wipe(out);
    return st;
}
