/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL 3 behind the questions of oracle.h. */
#define OPENSSL_SUPPRESS_DEPRECATED /* EC_KEY: the shortest way to raw keys and signatures */
#include "oracle.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

#include <stdio.h>
#include <stdlib.h>

static void must(int ok)
{
    if (!ok) abort();
}

static BIGNUM *number(bytes b)
{
    return BN_bin2bn(b.p, (int)b.n, NULL);
}

static void number_put(const BIGNUM *b, span into)
{
    must(BN_bn2binpad(b, into.p, (int)into.n) == (int)into.n);
}

/* ---- elliptic curves ---- */

static const int nids[CRYPTO_CURVE_COUNT] = {
    [CRYPTO_SECP192R1] = NID_X9_62_prime192v1, [CRYPTO_SECP256R1] = NID_X9_62_prime256v1,
    [CRYPTO_SECP384R1] = NID_secp384r1,        [CRYPTO_SECP521R1] = NID_secp521r1,
    [CRYPTO_BP256R1] = NID_brainpoolP256r1,    [CRYPTO_BP384R1] = NID_brainpoolP384r1,
    [CRYPTO_BP512R1] = NID_brainpoolP512r1,    [CRYPTO_SECP192K1] = NID_secp192k1,
    [CRYPTO_SECP256K1] = NID_secp256k1,
};

static size_t point_put(const EC_GROUP *group, const EC_POINT *q, span into)
{
    return EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, into.p, into.n, NULL);
}

void openssl_curve(enum crypto_curve curve, struct openssl_curve *out)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nids[curve]);
    BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new();
    must(EC_GROUP_get_curve(group, p, a, b, NULL));
    size_t size = (size_t)BN_num_bytes(p);
    *out = (struct openssl_curve){.size = (uint8_t)size};
    number_put(p, (span){out->p, size});
    number_put(a, (span){out->a, size});
    number_put(b, (span){out->b, size});
    number_put(EC_GROUP_get0_order(group), (span){out->n, size});
    must(point_put(group, EC_GROUP_get0_generator(group), SPAN(out->g)) == 1 + 2 * size);
    out->cofactor_is_one = BN_is_one(EC_GROUP_get0_cofactor(group)) ? 1 : 0;
    BN_free(p);
    BN_free(a);
    BN_free(b);
    EC_GROUP_free(group);
}

void openssl_public(enum crypto_curve curve, bytes d, span point)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nids[curve]);
    EC_POINT *q = EC_POINT_new(group);
    BIGNUM *k = number(d);
    must(EC_POINT_mul(group, q, k, NULL, NULL, NULL) && point_put(group, q, point) == point.n);
    BN_free(k);
    EC_POINT_free(q);
    EC_GROUP_free(group);
}

void openssl_ecdh(enum crypto_curve curve, bytes d, bytes peer, span x)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nids[curve]);
    EC_POINT *q = EC_POINT_new(group);
    BIGNUM *k = number(d), *bx = BN_new();
    must(EC_POINT_oct2point(group, q, peer.p, peer.n, NULL) && EC_POINT_mul(group, q, NULL, q, k, NULL));
    must(EC_POINT_get_affine_coordinates(group, q, bx, NULL, NULL));
    number_put(bx, x);
    BN_free(bx);
    BN_free(k);
    EC_POINT_free(q);
    EC_GROUP_free(group);
}

static EC_KEY *key_of(enum crypto_curve curve, bytes point)
{
    EC_KEY *key = EC_KEY_new_by_curve_name(nids[curve]);
    must(EC_KEY_oct2key(key, point.p, point.n, NULL));
    return key;
}

bool openssl_verify(enum crypto_curve curve, bytes point, bytes digest, bytes rs)
{
    EC_KEY *key = key_of(curve, point);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    size_t n = rs.n / 2;
    must(ECDSA_SIG_set0(sig, number(bytes_first(rs, n)), number(bytes_after(rs, n))));
    bool valid = ECDSA_do_verify(digest.p, (int)digest.n, sig, key) == 1;
    ECDSA_SIG_free(sig);
    EC_KEY_free(key);
    return valid;
}

void openssl_sign(enum crypto_curve curve, bytes d, bytes point, bytes digest, span rs)
{
    EC_KEY *key = key_of(curve, point);
    must(EC_KEY_oct2priv(key, d.p, d.n));
    ECDSA_SIG *sig = ECDSA_do_sign(digest.p, (int)digest.n, key);
    size_t n = rs.n / 2;
    number_put(ECDSA_SIG_get0_r(sig), span_part(rs, 0, n));
    number_put(ECDSA_SIG_get0_s(sig), span_part(rs, n, n));
    ECDSA_SIG_free(sig);
    EC_KEY_free(key);
}

/* ---- Curve25519 and Curve448 ---- */

void openssl_okp_public(enum crypto_okp okp, bytes d, span q)
{
    static const int types[CRYPTO_OKP_COUNT] = {[CRYPTO_X25519] = EVP_PKEY_X25519,
                                                [CRYPTO_X448] = EVP_PKEY_X448,
                                                [CRYPTO_ED25519] = EVP_PKEY_ED25519,
                                                [CRYPTO_ED448] = EVP_PKEY_ED448};
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(types[okp], NULL, d.p, d.n);
    size_t size = q.n;
    must(key != NULL);
    must(EVP_PKEY_get_raw_public_key(key, q.p, &size) && size == q.n);
    EVP_PKEY_free(key);
}

/* ---- RSA ---- */

struct numbers {
    BN_CTX *ctx;
    BIGNUM *n, *p, *q, *dp, *dq, *qinv, *e, *d, *t, *lcm, *p1, *q1;
};

static struct numbers numbers_of(const struct crypto_rsa *k)
{
    struct numbers v = {.ctx = BN_CTX_new(),
                        .n = number(k->n),
                        .p = number(k->p),
                        .q = number(k->q),
                        .dp = number(k->dp),
                        .dq = number(k->dq),
                        .qinv = number(k->qinv)};
    BIGNUM **rest[] = {&v.e, &v.d, &v.t, &v.lcm, &v.p1, &v.q1};
    for (size_t i = 0; i < COUNT(rest); i++) *rest[i] = BN_new();
    BN_set_word(v.e, k->e);
    BN_sub(v.p1, v.p, BN_value_one());
    BN_sub(v.q1, v.q, BN_value_one());
    return v;
}

static void numbers_free(struct numbers *v)
{
    BIGNUM *all[] = {v->n, v->p, v->q, v->dp, v->dq, v->qinv, v->e, v->d, v->t, v->lcm, v->p1, v->q1};
    for (size_t i = 0; i < COUNT(all); i++) BN_free(all[i]);
    BN_CTX_free(v->ctx);
}

/* p^2 >= 2^(bits-1), that is p >= sqrt(2) 2^(bits/2-1), and half as long as n. */
static const char *prime_fault(struct numbers *v, const BIGNUM *p, uint32_t bits)
{
    if (BN_check_prime(p, v->ctx, NULL) != 1) return "a factor is not prime";
    if (BN_num_bits(p) != (int)bits / 2) return "a prime of another size";
    BN_sqr(v->t, p, v->ctx);
    return BN_num_bits(v->t) == (int)bits ? NULL : "a prime below its bound";
}

static const char *exponent_fault(struct numbers *v, const BIGNUM *dp, const BIGNUM *p1)
{
    BN_mod_mul(v->t, dp, v->e, p1, v->ctx);
    if (BN_cmp(dp, p1) >= 0) return "an exponent that is not reduced";
    return BN_is_one(v->t) ? NULL : "an exponent that is not the inverse";
}

static const char *factor_fault(struct numbers *v, uint32_t bits)
{
    BN_mul(v->t, v->p, v->q, v->ctx);
    if (BN_cmp(v->t, v->n) != 0) return "n is not pq";
    if (BN_cmp(v->p, v->q) <= 0) return "p is not above q";
    BN_sub(v->t, v->p, v->q);
    if (BN_num_bits(v->t) <= (int)bits / 2 - 100) return "p and q too near";
    BN_mod_mul(v->t, v->qinv, v->q, v->p, v->ctx);
    return BN_is_one(v->t) ? NULL : "qinv is not the inverse";
}

static const char *private_exponent_fault(struct numbers *v, uint32_t bits)
{
    BN_gcd(v->t, v->p1, v->q1, v->ctx);
    BN_mul(v->lcm, v->p1, v->q1, v->ctx);
    BN_div(v->lcm, NULL, v->lcm, v->t, v->ctx);
    if (!BN_mod_inverse(v->d, v->e, v->lcm, v->ctx)) return "no private exponent";
    return BN_num_bits(v->d) > (int)bits / 2 ? NULL : "a short private exponent";
}

const char *openssl_rsa_fault(const struct crypto_rsa *k, uint32_t bits)
{
    struct numbers v = numbers_of(k);
    const char *fault = BN_num_bits(v.n) == (int)bits ? NULL : "n of another size";
    if (!fault) fault = prime_fault(&v, v.p, bits);
    if (!fault) fault = prime_fault(&v, v.q, bits);
    if (!fault) fault = factor_fault(&v, bits);
    if (!fault) fault = exponent_fault(&v, v.dp, v.p1);
    if (!fault) fault = exponent_fault(&v, v.dq, v.q1);
    if (!fault) fault = private_exponent_fault(&v, bits);
    numbers_free(&v);
    return fault;
}

/* ---- ciphers, MACs, KDFs ---- */

static const char *const hash_names[CRYPTO_HASH_COUNT] = {
    [CRYPTO_SHA1] = "SHA1",         [CRYPTO_SHA224] = "SHA224",     [CRYPTO_SHA256] = "SHA256",
    [CRYPTO_SHA384] = "SHA384",     [CRYPTO_SHA512] = "SHA512",     [CRYPTO_SHA3_224] = "SHA3-224",
    [CRYPTO_SHA3_256] = "SHA3-256", [CRYPTO_SHA3_384] = "SHA3-384", [CRYPTO_SHA3_512] = "SHA3-512",
};
static const char *const mode_names[CRYPTO_MODE_COUNT] = {
    [CRYPTO_AES_ECB] = "ECB", [CRYPTO_AES_CBC] = "CBC", [CRYPTO_AES_CFB] = "CFB",
    [CRYPTO_AES_OFB] = "OFB", [CRYPTO_AES_CTR] = "CTR", [CRYPTO_AES_GCM] = "GCM",
    [CRYPTO_AES_CCM] = "CCM", [CRYPTO_AES_XTS] = "XTS", [CRYPTO_AES_CMAC] = "CBC",
};

static void cipher_name(const struct crypto_cipher_params *p, char name[32])
{
    size_t bits = 8 * p->key.n / (p->mode == CRYPTO_AES_XTS ? 2 : 1);
    if (p->mode == CRYPTO_CHACHA20_POLY1305) snprintf(name, 32, "ChaCha20-Poly1305");
    else snprintf(name, 32, "AES-%zu-%s", bits, mode_names[p->mode]);
}

static void hmac(enum crypto_hash h, bytes key, bytes in, span out)
{
    unsigned size = 0;
    must(HMAC(EVP_get_digestbyname(hash_names[h]), key.n ? key.p : (const uint8_t *)"", (int)key.n, in.p, in.n, out.p,
              &size) != NULL);
    must(size == out.n);
}

static void cmac(const struct crypto_cipher_params *p, bytes in, span out)
{
    char name[32];
    size_t size = 0;
    cipher_name(p, name);
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0), OSSL_PARAM_END};
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(algorithm);
    must(EVP_MAC_init(mac, p->key.p, p->key.n, params) && EVP_MAC_update(mac, in.p, in.n));
    must(EVP_MAC_final(mac, out.p, &size, out.n) && size == out.n);
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(algorithm);
}

/* Sizes before the key and the nonce: so OpenSSL wants it. */
static void start_cipher(EVP_CIPHER_CTX *ctx, const struct crypto_cipher_params *p, int tag, size_t text_size)
{
    char name[32];
    int n;
    cipher_name(p, name);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    must(EVP_EncryptInit_ex(ctx, cipher, NULL, NULL, NULL));
    if (tag) must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)p->iv.n, NULL));
    if (p->mode == CRYPTO_AES_CCM) must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag, NULL));
    must(EVP_EncryptInit_ex(ctx, NULL, NULL, p->key.p, p->iv.n ? p->iv.p : NULL));
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    if (p->mode == CRYPTO_AES_CCM) must(EVP_EncryptUpdate(ctx, NULL, &n, NULL, (int)text_size));
    EVP_CIPHER_free(cipher);
}

static void cipher(const struct crypto_cipher_params *p, bytes aad, bytes in, span out)
{
    static const uint8_t nothing[1];
    uint8_t room[32];
    int n = 0, more = 0, tag = (int)(out.n - in.n);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    start_cipher(ctx, p, tag, in.n);
    if (aad.n) must(EVP_EncryptUpdate(ctx, NULL, &n, aad.p, (int)aad.n));
    must(EVP_EncryptUpdate(ctx, out.p, &n, in.n ? in.p : nothing, (int)in.n));
    must(EVP_EncryptFinal_ex(ctx, room, &more) && (size_t)(n + more) == in.n && more == 0);
    if (tag) must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag, out.p + in.n));
    EVP_CIPHER_CTX_free(ctx);
}

void openssl_cipher(const struct crypto_cipher_params *p, bytes aad, bytes in, span out)
{
    if (p->mode == CRYPTO_HMAC) hmac(p->hash, p->key, in, out);
    else if (p->mode == CRYPTO_AES_CMAC) cmac(p, in, out);
    else cipher(p, aad, in, out);
}

static OSSL_PARAM octets(const char *name, bytes b)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)(b.p ? b.p : (const uint8_t *)""), b.n);
}

void openssl_kdf(enum kdf kdf, enum crypto_hash h, uint32_t rounds, bytes secret, bytes salt, bytes info, span out)
{
    static const char *const names[] = {[KDF_HKDF] = "HKDF", [KDF_PBKDF2] = "PBKDF2", [KDF_X963] = "X963KDF"};
    char hash[16];
    int unchecked = 1; /* no smallest sizes */
    snprintf(hash, sizeof hash, "%s", hash_names[h]);
    OSSL_PARAM params[8];
    size_t n = 0;
    params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0);
    params[n++] = octets(kdf == KDF_PBKDF2 ? OSSL_KDF_PARAM_PASSWORD : OSSL_KDF_PARAM_KEY, secret);
    if (kdf == KDF_PBKDF2 || (kdf == KDF_HKDF && salt.n)) params[n++] = octets(OSSL_KDF_PARAM_SALT, salt);
    if (kdf != KDF_PBKDF2) params[n++] = octets(OSSL_KDF_PARAM_INFO, info);
    if (kdf == KDF_PBKDF2) params[n++] = OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &rounds);
    if (kdf == KDF_PBKDF2) params[n++] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &unchecked);
    params[n] = OSSL_PARAM_construct_end();
    EVP_KDF *algorithm = EVP_KDF_fetch(NULL, names[kdf], NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(algorithm);
    must(EVP_KDF_derive(ctx, out.p, out.n, params) == 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(algorithm);
}

/* ---- HMAC_DRBG over TEST-RAND ---- */

static EVP_RAND_CTX *seed_source, *drbg;

static EVP_RAND_CTX *rand_new(const char *name, EVP_RAND_CTX *parent)
{
    EVP_RAND *kind = EVP_RAND_fetch(NULL, name, NULL);
    EVP_RAND_CTX *made = EVP_RAND_CTX_new(kind, parent);
    must(kind && made);
    EVP_RAND_free(kind);
    return made;
}

static void give_entropy(bytes entropy, bytes nonce)
{
    unsigned strength = 256;
    OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, (void *)(uintptr_t)entropy.p, entropy.n),
        OSSL_PARAM_octet_string(OSSL_RAND_PARAM_TEST_NONCE, (void *)(uintptr_t)nonce.p, nonce.n),
        OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
        OSSL_PARAM_END,
    };
    must(EVP_RAND_CTX_set_params(seed_source, params));
}

void openssl_drbg_open(bytes entropy, bytes nonce, bytes personalization)
{
    char digest[] = "SHA256", mac[] = "HMAC";
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_DRBG_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_utf8_string(OSSL_DRBG_PARAM_MAC, mac, 0),
        OSSL_PARAM_END,
    };
    seed_source = rand_new("TEST-RAND", NULL);
    drbg = rand_new("HMAC-DRBG", seed_source);
    give_entropy(entropy, nonce);
    must(EVP_RAND_instantiate(seed_source, 256, 0, NULL, 0, NULL));
    must(EVP_RAND_instantiate(drbg, 256, 0, personalization.p, personalization.n, params));
}

void openssl_drbg_generate(bytes additional, span out)
{
    must(EVP_RAND_generate(drbg, out.p, out.n, 256, 0, additional.p, additional.n));
}

void openssl_drbg_reseed(bytes entropy, bytes nonce, bytes additional)
{
    give_entropy(entropy, nonce);
    must(EVP_RAND_reseed(drbg, 0, NULL, 0, additional.p, additional.n));
}

void openssl_drbg_close(void)
{
    EVP_RAND_CTX_free(drbg);
    EVP_RAND_CTX_free(seed_source);
}
