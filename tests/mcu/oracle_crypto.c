/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/crypto/oracle.h, from afar. */
#include "tests/unit/crypto/oracle.h"

#include "tests/mcu/oracle_far.h"

void openssl_curve(enum crypto_curve curve, struct openssl_curve *out)
{
    span whole = {(uint8_t *)out, sizeof *out};
    oracle_ask(&(struct asked){.function = CRYPTO_CURVE, .numbers = {curve}, .out = {whole}});
}

void openssl_public(enum crypto_curve curve, bytes d, span point)
{
    oracle_ask(&(struct asked){.function = CRYPTO_PUBLIC, .numbers = {curve}, .in = {d}, .out = {point}});
}

void openssl_ecdh(enum crypto_curve curve, bytes d, bytes peer, span x)
{
    oracle_ask(&(struct asked){.function = CRYPTO_ECDH, .numbers = {curve}, .in = {d, peer}, .out = {x}});
}

bool openssl_verify(enum crypto_curve curve, bytes point, bytes digest, bytes rs)
{
    return oracle_ask(&(struct asked){.function = CRYPTO_VERIFY, .numbers = {curve}, .in = {point, digest, rs}});
}

void openssl_sign(enum crypto_curve curve, bytes d, bytes point, bytes digest, span rs)
{
    oracle_ask(&(struct asked){.function = CRYPTO_SIGN, .numbers = {curve}, .in = {d, point, digest}, .out = {rs}});
}

void openssl_okp_public(enum crypto_okp okp, bytes d, span q)
{
    oracle_ask(&(struct asked){.function = CRYPTO_OKP_PUBLIC, .numbers = {okp}, .in = {d}, .out = {q}});
}

const char *openssl_rsa_fault(const struct crypto_rsa *k, uint32_t bits)
{
    static char why[64];
    bool fault = oracle_ask(&(struct asked){.function = CRYPTO_RSA_FAULT,
                                            .numbers = {bits},
                                            .e = k->e,
                                            .in = {k->n, k->p, k->q, k->dp, k->dq, k->qinv},
                                            .out = {SPAN(why)}});
    return fault ? why : NULL;
}

void openssl_cipher(const struct crypto_cipher_params *p, bytes aad, bytes in, span out)
{
    oracle_ask(&(struct asked){.function = CRYPTO_CIPHER_ONE_PIECE,
                               .numbers = {p->mode, p->hash},
                               .in = {p->key, p->iv, aad, in},
                               .out = {out}});
}

void openssl_kdf(enum kdf kdf, enum crypto_hash h, uint32_t rounds, bytes secret, bytes salt, bytes info, span out)
{
    oracle_ask(&(struct asked){
        .function = CRYPTO_KDF, .numbers = {kdf, h}, .e = rounds, .in = {secret, salt, info}, .out = {out}});
}

void openssl_drbg_open(bytes entropy, bytes nonce, bytes personalization)
{
    oracle_ask(&(struct asked){.function = CRYPTO_DRBG_OPEN, .in = {entropy, nonce, personalization}});
}

void openssl_drbg_generate(bytes additional, span out)
{
    oracle_ask(&(struct asked){.function = CRYPTO_DRBG_GENERATE, .in = {additional}, .out = {out}});
}

void openssl_drbg_reseed(bytes entropy, bytes nonce, bytes additional)
{
    oracle_ask(&(struct asked){.function = CRYPTO_DRBG_RESEED, .in = {entropy, nonce, additional}});
}

void openssl_drbg_close(void)
{
    oracle_ask(&(struct asked){.function = CRYPTO_DRBG_CLOSE});
}
