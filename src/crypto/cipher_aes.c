/* SPDX-License-Identifier: Apache-2.0 */
/* AES in the modes of SP 800-38A, and XTS. The library keeps the feedback between pieces, and what is left of a block
 * of key stream; parts of blocks of ECB and CBC stay in cipher.c. */
#include "crypto/cipher.h"

static status set_key(struct cipher *s, const struct crypto_cipher_params *p, int direction)
{
    TRY(wolf(wc_AesInit(&s->aes, NULL, INVALID_DEVID)));
    return wolf(wc_AesSetKey(&s->aes, p->key.p, (word32)p->key.n, p->iv.n ? p->iv.p : NULL, direction));
}

static status begin_blocks(struct cipher *s, const struct crypto_cipher_params *p)
{
    return set_key(s, p, p->encrypt ? AES_ENCRYPTION : AES_DECRYPTION);
}

/* Both directions need AES itself in one direction only. */
static status begin_stream(struct cipher *s, const struct crypto_cipher_params *p)
{
    return set_key(s, p, AES_ENCRYPTION);
}

static status ecb(struct cipher *s, bytes in, uint8_t *out)
{
    if (s->encrypt) return wolf(wc_AesEcbEncrypt(&s->aes, out, in.p, (word32)in.n));
    return wolf(wc_AesEcbDecrypt(&s->aes, out, in.p, (word32)in.n));
}

static status cbc(struct cipher *s, bytes in, uint8_t *out)
{
    if (s->encrypt) return wolf(wc_AesCbcEncrypt(&s->aes, out, in.p, (word32)in.n));
    return wolf(wc_AesCbcDecrypt(&s->aes, out, in.p, (word32)in.n));
}

static status cfb(struct cipher *s, bytes in, uint8_t *out)
{
    if (s->encrypt) return wolf(wc_AesCfbEncrypt(&s->aes, out, in.p, (word32)in.n));
    return wolf(wc_AesCfbDecrypt(&s->aes, out, in.p, (word32)in.n));
}

static status ofb(struct cipher *s, bytes in, uint8_t *out)
{
    return wolf(wc_AesOfbEncrypt(&s->aes, out, in.p, (word32)in.n));
}

static status ctr(struct cipher *s, bytes in, uint8_t *out)
{
    return wolf(wc_AesCtrEncrypt(&s->aes, out, in.p, (word32)in.n));
}

const struct cipher_mode cipher_ecb = {.key_sizes = KEY_AES, .block = AES_BLOCK, .begin = begin_blocks, .update = ecb};
const struct cipher_mode cipher_cbc = {
    .key_sizes = KEY_AES, .iv_min = 16, .iv_max = 16, .block = AES_BLOCK, .begin = begin_blocks, .update = cbc};
const struct cipher_mode cipher_cfb = {
    .key_sizes = KEY_AES, .iv_min = 16, .iv_max = 16, .block = 1, .begin = begin_stream, .update = cfb};
const struct cipher_mode cipher_ofb = {
    .key_sizes = KEY_AES, .iv_min = 16, .iv_max = 16, .block = 1, .begin = begin_stream, .update = ofb};
const struct cipher_mode cipher_ctr = {
    .key_sizes = KEY_AES, .iv_min = 16, .iv_max = 16, .block = 1, .begin = begin_stream, .update = ctr};

status aes_xts(struct crypto *c, const struct crypto_cipher_params *p, bytes in, uint8_t *out)
{
    XtsAes *xts = pool_take(c, sizeof *xts);
    if (!xts) return ST_NO_SPACE;
    int direction = p->encrypt ? AES_ENCRYPTION : AES_DECRYPTION;
    TRY(wolf(wc_AesXtsSetKey(xts, p->key.p, (word32)p->key.n, direction, NULL, INVALID_DEVID)));
    if (p->encrypt) return wolf(wc_AesXtsEncrypt(xts, out, in.p, (word32)in.n, p->iv.p, (word32)p->iv.n));
    return wolf(wc_AesXtsDecrypt(xts, out, in.p, (word32)in.n, p->iv.p, (word32)p->iv.n));
}
