/* SPDX-License-Identifier: Apache-2.0 */
/* ChaCha20-Poly1305 (RFC 8439), by the library's stream. */
#include "crypto/cipher.h"

static status begin(struct cipher *s, const struct crypto_cipher_params *p)
{
    int direction = p->encrypt ? CHACHA20_POLY1305_AEAD_ENCRYPT : CHACHA20_POLY1305_AEAD_DECRYPT;
    return wolf(wc_ChaCha20Poly1305_Init(&s->chacha, p->key.p, p->iv.p, direction));
}

static status aad(struct cipher *s, bytes in)
{
    return wolf(wc_ChaCha20Poly1305_UpdateAad(&s->chacha, in.p, (word32)in.n));
}

static status update(struct cipher *s, bytes in, uint8_t *out)
{
    return wolf(wc_ChaCha20Poly1305_UpdateData(&s->chacha, in.p, out, (word32)in.n));
}

/* The library wants to be asked for text even if there is none. */
static status end(struct cipher *s, uint8_t *tag)
{
    TRY(wolf(wc_ChaCha20Poly1305_UpdateData(&s->chacha, tag, tag, 0)));
    return wolf(wc_ChaCha20Poly1305_Final(&s->chacha, tag));
}

const struct cipher_mode cipher_chachapoly = {.key_sizes = KEY_32,
                                              .iv_min = 12,
                                              .iv_max = 12,
                                              .tag_min = 16,
                                              .tag_max = 16,
                                              .tag_step = 1,
                                              .block = 1,
                                              .begin = begin,
                                              .aad = aad,
                                              .update = update,
                                              .end = end};
