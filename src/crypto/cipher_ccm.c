/* SPDX-License-Identifier: Apache-2.0 */
/* AES-CCM (SP 800-38C) in pieces, of the library's AES and its counter mode: the library itself has it in one piece
 * only. Names of blocks as in SP 800-38C, appendix A. */
#include "crypto/cipher.h"

/* q, the bytes in which a block counts: what the nonce leaves. */
static size_t count_size(bytes nonce)
{
    return AES_BLOCK - 1 - nonce.n;
}

static status encrypt_block(struct cipher *s, uint8_t block[AES_BLOCK])
{
    return wolf(wc_AesEcbEncrypt(&s->aes, block, block, AES_BLOCK));
}

/* CBC-MAC takes `in`, which need not end a block. */
static status absorb(struct cipher *s, bytes in)
{
    for (size_t i = 0; i < in.n; i++) {
        s->ccm.mac[s->ccm.at++] ^= in.p[i];
        if (s->ccm.at < AES_BLOCK) continue;
        s->ccm.at = 0;
        TRY(encrypt_block(s, s->ccm.mac));
    }
    return ST_OK;
}

/* Zeros up to the end of the block. */
static status pad(struct cipher *s)
{
    if (s->ccm.at == 0) return ST_OK;
    s->ccm.at = 0;
    return encrypt_block(s, s->ccm.mac);
}

/* A.2.1: the first block says how long everything is. */
static status absorb_b0(struct cipher *s, const struct crypto_cipher_params *p)
{
    uint8_t b0[AES_BLOCK] = {0};
    size_t q = count_size(p->iv);
    b0[0] = (uint8_t)((p->aad_size ? 0x40u : 0u) | (s->tag_size - 2u) / 2u << 3 | (q - 1));
    memcpy(b0 + 1, p->iv.p, p->iv.n);
    be_put((span){b0 + AES_BLOCK - q, q}, p->text_size);
    return absorb(s, BYTES(b0));
}

/* A.2.2: the associated data begin with their length. */
static status absorb_aad_size(struct cipher *s, uint32_t n)
{
    uint8_t size[6] = {0xFF, 0xFE};
    if (n == 0) return ST_OK;
    bool small = n < 0xFF00;
    be_put((span){size + 2, 4}, n);
    return absorb(s, small ? (bytes){size + 4, 2} : BYTES(size));
}

/* A.3: counter block 0 covers the tag, the others the text. */
static status start_counter(struct cipher *s, bytes nonce)
{
    uint8_t ctr[AES_BLOCK] = {0};
    ctr[0] = (uint8_t)(count_size(nonce) - 1);
    memcpy(ctr + 1, nonce.p, nonce.n);
    memcpy(s->ccm.cover, ctr, AES_BLOCK);
    TRY(encrypt_block(s, s->ccm.cover));
    ctr[AES_BLOCK - 1] = 1;
    return wolf(wc_AesSetIV(&s->aes, ctr));
}

static status begin(struct cipher *s, const struct crypto_cipher_params *p)
{
    s->ccm.aad_left = p->aad_size;
    s->ccm.text_left = p->text_size;
    TRY(wolf(wc_AesInit(&s->aes, NULL, INVALID_DEVID)));
    TRY(wolf(wc_AesSetKey(&s->aes, p->key.p, (word32)p->key.n, NULL, AES_ENCRYPTION)));
    TRY(start_counter(s, p->iv));
    TRY(absorb_b0(s, p));
    return absorb_aad_size(s, p->aad_size);
}

static status aad(struct cipher *s, bytes in)
{
    if (in.n > s->ccm.aad_left) return ST_BAD_LENGTH;
    s->ccm.aad_left -= (uint32_t)in.n;
    TRY(absorb(s, in));
    return s->ccm.aad_left ? ST_OK : pad(s);
}

/* The MAC is one of the plaintext. */
static status update(struct cipher *s, bytes in, uint8_t *out)
{
    if (s->ccm.aad_left || in.n > s->ccm.text_left) return ST_BAD_LENGTH;
    s->ccm.text_left -= (uint32_t)in.n;
    if (s->encrypt) TRY(absorb(s, in));
    TRY(wolf(wc_AesCtrEncrypt(&s->aes, out, in.p, (word32)in.n)));
    return s->encrypt ? ST_OK : absorb(s, (bytes){out, in.n});
}

static status end(struct cipher *s, uint8_t *tag)
{
    if (s->ccm.aad_left || s->ccm.text_left) return ST_BAD_LENGTH;
    TRY(pad(s));
    for (size_t i = 0; i < AES_BLOCK; i++) tag[i] = s->ccm.mac[i] ^ s->ccm.cover[i];
    return ST_OK;
}

const struct cipher_mode cipher_ccm = {.key_sizes = KEY_AES,
                                       .iv_min = 7,
                                       .iv_max = 13,
                                       .tag_min = 4,
                                       .tag_max = 16,
                                       .tag_step = 2,
                                       .block = 1,
                                       .begin = begin,
                                       .aad = aad,
                                       .update = update,
                                       .end = end};
