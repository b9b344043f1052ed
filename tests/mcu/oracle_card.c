/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/card/oracle.h, from afar. */
#include "tests/unit/card/oracle.h"

#include "tests/mcu/oracle_far.h"

static bool rsa(enum oracle_function f, const struct oracle_rsa *key, struct asked a)
{
    a.function = f;
    a.e = key->e;
    a.in[0] = key->n;
    return oracle_ask(&a);
}

void oracle_hash(enum crypto_hash h, bytes message, span out)
{
    oracle_ask(&(struct asked){.function = CARD_HASH, .numbers = {h}, .in = {message}, .out = {out}});
}

bool oracle_ecdsa_der(enum crypto_curve curve, bytes point, bytes digest, bytes der)
{
    return oracle_ask(&(struct asked){.function = CARD_ECDSA_DER, .numbers = {curve}, .in = {point, digest, der}});
}

bool oracle_ecdsa_raw(enum crypto_curve curve, bytes point, bytes digest, bytes rs)
{
    return oracle_ask(&(struct asked){.function = CARD_ECDSA_RAW, .numbers = {curve}, .in = {point, digest, rs}});
}

bool oracle_ecdh(enum crypto_curve curve, bytes peer, span point, span x)
{
    return oracle_ask(&(struct asked){.function = CARD_ECDH, .numbers = {curve}, .in = {peer}, .out = {point, x}});
}

bool oracle_eddsa(enum crypto_okp okp, bytes q, bytes message, bytes signature)
{
    return oracle_ask(&(struct asked){.function = CARD_EDDSA, .numbers = {okp}, .in = {q, message, signature}});
}

bool oracle_okp_agree(enum crypto_okp okp, bytes peer, span own, span shared)
{
    return oracle_ask(
        &(struct asked){.function = CARD_OKP_AGREE, .numbers = {okp}, .in = {peer}, .out = {own, shared}});
}

bool oracle_ec_public(enum crypto_curve curve, bytes d, span point)
{
    return oracle_ask(&(struct asked){.function = CARD_EC_PUBLIC, .numbers = {curve}, .in = {d}, .out = {point}});
}

bool oracle_ec_add(enum crypto_curve curve, bytes d, bytes a, span sum)
{
    return oracle_ask(&(struct asked){.function = CARD_EC_ADD, .numbers = {curve}, .in = {d, a}, .out = {sum}});
}

void oracle_hkdf(bytes ikm, bytes info, span out)
{
    oracle_ask(&(struct asked){.function = CARD_HKDF, .in = {ikm, info}, .out = {out}});
}

void oracle_chachapoly(bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    oracle_ask(&(struct asked){.function = CARD_CHACHAPOLY, .in = {key, nonce, aad, plain}, .out = {sealed}});
}

bool oracle_v15(const struct oracle_rsa *key, enum crypto_hash h, bytes digest, bytes signature)
{
    return rsa(CARD_V15, key, (struct asked){.numbers = {h}, .in = {[1] = digest, signature}});
}

bool oracle_pss(const struct oracle_rsa *key, enum crypto_hash h, bytes digest, int salt_size, bytes signature)
{
    return oracle_pss_mgf(key, h, h, digest, salt_size, signature);
}

bool oracle_pss_mgf(const struct oracle_rsa *key, enum crypto_hash h, enum crypto_hash mgf, bytes digest, int salt_size,
                    bytes signature)
{
    return rsa(CARD_PSS, key,
               (struct asked){.numbers = {h, mgf, (uint32_t)salt_size}, .in = {[1] = digest, signature}});
}

bool oracle_rsa_public(const struct oracle_rsa *key, bytes in, span out)
{
    return rsa(CARD_RSA_PUBLIC, key, (struct asked){.in = {[1] = in}, .out = {out}});
}

bool oracle_encrypt_v15(const struct oracle_rsa *key, bytes message, span out)
{
    return rsa(CARD_ENCRYPT_V15, key, (struct asked){.in = {[1] = message}, .out = {out}});
}

bool oracle_encrypt_oaep(const struct oracle_rsa *key, bytes message, span out)
{
    return oracle_encrypt_oaep_of(key, CRYPTO_SHA256, CRYPTO_SHA256, NO_BYTES, message, out);
}

bool oracle_encrypt_oaep_of(const struct oracle_rsa *key, enum crypto_hash h, enum crypto_hash mgf, bytes label,
                            bytes message, span out)
{
    return rsa(CARD_ENCRYPT_OAEP, key, (struct asked){.numbers = {h, mgf}, .in = {[1] = label, message}, .out = {out}});
}
