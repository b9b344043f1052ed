/* SPDX-License-Identifier: Apache-2.0 */
/* AES-GCM (SP 800-38D) in pieces, by the library's stream. */
#include "crypto/cipher.h"

#include <wolfssl/wolfcrypt/error-crypt.h>

#define IV_MAX 64u

/* Where the library keeps its stack small (chips), an Aes has a pointer to its stream's memory in place of the memory.
 * It would take that from the pool, which is wiped between pieces: lend it the state's own, anew for each piece, for
 * the state may have been moved. */
static Aes *stream(struct cipher *s)
{
    uint8_t *place = s->gcm;
    if (sizeof s->aes.streamData == sizeof place) memcpy(&s->aes.streamData, &place, sizeof place);
    return &s->aes;
}

/* The library's AVX2 code reads 16 bytes of a nonce of 12 (and forgets four of them): they are ours, not the caller's. */
static status begin(struct cipher *s, const struct crypto_cipher_params *p)
{
    uint8_t iv[IV_MAX] = {0};
    memcpy(iv, p->iv.p, p->iv.n);
    TRY(wolf(wc_AesInit(&s->aes, NULL, INVALID_DEVID)));
    return wolf(wc_AesGcmInit(stream(s), p->key.p, (word32)p->key.n, iv, (word32)p->iv.n));
}

static status aad(struct cipher *s, bytes in)
{
    return wolf(wc_AesGcmEncryptUpdate(stream(s), NULL, NULL, 0, in.p, (word32)in.n));
}

static status update(struct cipher *s, bytes in, uint8_t *out)
{
    if (s->encrypt) return wolf(wc_AesGcmEncryptUpdate(stream(s), out, in.p, (word32)in.n, NULL, 0));
    return wolf(wc_AesGcmDecryptUpdate(stream(s), out, in.p, (word32)in.n, NULL, 0));
}

static status end(struct cipher *s, uint8_t *tag)
{
    return wolf(wc_AesGcmEncryptFinal(stream(s), tag, s->tag_size));
}

/* The library's stream keeps the last part of a block elsewhere when it decrypts: only this knows where. */
static status check(struct cipher *s, bytes tag)
{
    int error = wc_AesGcmDecryptFinal(stream(s), tag.p, (word32)tag.n);
    ct_tell((bytes){(const uint8_t *)&error, sizeof error});
    return error == AES_GCM_AUTH_E ? ST_DATA_NOT_USABLE : wolf(error);
}

const struct cipher_mode cipher_gcm = {.key_sizes = KEY_AES,
                                       .iv_min = 1,
                                       .iv_max = IV_MAX,
                                       .tag_min = 12,
                                       .tag_max = 16,
                                       .tag_step = 1,
                                       .block = 1,
                                       .begin = begin,
                                       .aad = aad,
                                       .update = update,
                                       .end = end,
                                       .check = check};
