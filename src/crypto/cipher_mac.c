/* SPDX-License-Identifier: Apache-2.0 */
/* MACs as ciphers that give nothing before their end: AES-CMAC (SP 800-38B) by the library, HMAC of hash.c. */
#include "crypto/cipher.h"

static status begin_cmac(struct cipher *s, const struct crypto_cipher_params *p)
{
    return wolf(wc_InitCmac(&s->cmac, p->key.p, (word32)p->key.n, WC_CMAC_AES, NULL));
}

static status update_cmac(struct cipher *s, bytes in, uint8_t *out)
{
    return wolf(wc_CmacUpdate(&s->cmac, in.p, (word32)in.n));
}

static status end_cmac(struct cipher *s, uint8_t *mac)
{
    word32 size = AES_BLOCK;
    return wolf(wc_CmacFinal(&s->cmac, mac, &size));
}

static status begin_hmac(struct cipher *s, const struct crypto_cipher_params *p)
{
    return hmac_begin(&s->hmac, p->hash, p->key);
}

static status update_hmac(struct cipher *s, bytes in, uint8_t *out)
{
    return hmac_add(&s->hmac, in);
}

static status end_hmac(struct cipher *s, uint8_t *mac)
{
    return hmac_end(&s->hmac, mac);
}

const struct cipher_mode cipher_cmac = {
    .key_sizes = KEY_AES, .begin = begin_cmac, .update = update_cmac, .end = end_cmac};
const struct cipher_mode cipher_hmac = {
    .key_sizes = KEY_ANY, .begin = begin_hmac, .update = update_hmac, .end = end_hmac};
