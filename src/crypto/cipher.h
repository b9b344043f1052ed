/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a struct crypto_cipher, and what a mode must be able to do. cipher.c checks sizes and order, holds back
 * parts of blocks and compares tags; cipher_aes.c, cipher_gcm.c, cipher_ccm.c, chacha.c and mac.c know the modes. */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/cmac.h>

#define AES_BLOCK 16u

/* Between two pieces of CCM: the CBC-MAC so far, and what covers it in the tag. */
struct ccm {
    uint8_t mac[AES_BLOCK], cover[AES_BLOCK];
    uint32_t aad_left, text_left;
    uint8_t at; /* bytes of the current block that the MAC has taken */
};

struct cipher {
    union {
        struct {
            Aes aes;
            union {
                uint8_t held[AES_BLOCK];    /* ECB, CBC: part of a block */
                uint8_t gcm[5 * AES_BLOCK]; /* where the library, if it keeps its stack small, wants memory */
                struct ccm ccm;
            };
        };
        Cmac cmac;
        ChaChaPoly_Aead chacha;
        struct hmac hmac;
    };
    uint32_t aad_size, text_size; /* so far */
    uint8_t mode, phase, tag_size, held_size;
    bool encrypt;
};

enum cipher_phase { CIPHER_CLOSED, CIPHER_AAD, CIPHER_TEXT };

/* One mode. Sizes and order are right when these are called, inside an entered context; pieces are not empty. */
struct cipher_mode {
    uint8_t iv_min, iv_max, tag_min, tag_max, tag_step; /* tag_max 0: no AEAD */
    uint8_t key_sizes;                                  /* KEY_... */
    uint8_t block;                                      /* the text comes in pieces of so many bytes; 0: a MAC */
    status (*begin)(struct cipher *s, const struct crypto_cipher_params *p);
    status (*aad)(struct cipher *s, bytes aad);
    status (*update)(struct cipher *s, bytes in, uint8_t *out);
    /* All of the tag or MAC, shortened by the caller; NULL: there is none. */
    status (*end)(struct cipher *s, uint8_t *tag);
    /* Is that the tag? ST_DATA_NOT_USABLE: no. NULL: the caller compares with what `end` gives. */
    status (*check)(struct cipher *s, bytes tag);
};
enum { KEY_ANY = 0, KEY_16 = 1, KEY_24 = 2, KEY_32 = 4, KEY_64 = 8, KEY_AES = KEY_16 | KEY_24 | KEY_32 };

extern const struct cipher_mode cipher_ecb, cipher_cbc, cipher_cfb, cipher_ofb, cipher_ctr, cipher_gcm, cipher_ccm,
    cipher_chachapoly, cipher_cmac, cipher_hmac;

/* XTS of 16 bytes or more, key and tweak of the right sizes. */
MUST_CHECK status aes_xts(struct crypto *c, const struct crypto_cipher_params *p, bytes in, uint8_t *out);

#endif
