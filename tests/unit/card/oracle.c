/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL 3 behind the questions of oracle.h. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "tests/unit/card/oracle.h"

#include <stdlib.h>

static const char *const group_names[CRYPTO_CURVE_COUNT] = {
    "prime192v1",      "prime256v1",      "secp384r1", "secp521r1", "brainpoolP256r1",
    "brainpoolP384r1", "brainpoolP512r1", "secp192k1", "secp256k1",
};

static void must(int ok)
{
    if (!ok) abort();
}

static const EVP_MD *md_of(enum crypto_hash h)
{
    switch (h) {
    case CRYPTO_SHA1: return EVP_sha1();
    case CRYPTO_SHA224: return EVP_sha224();
    case CRYPTO_SHA256: return EVP_sha256();
    case CRYPTO_SHA384: return EVP_sha384();
    case CRYPTO_SHA512: return EVP_sha512();
    case CRYPTO_SHA3_224: return EVP_sha3_224();
    case CRYPTO_SHA3_256: return EVP_sha3_256();
    case CRYPTO_SHA3_384: return EVP_sha3_384();
    case CRYPTO_SHA3_512: return EVP_sha3_512();
    case CRYPTO_HASH_COUNT: break;
    }
    abort();
}

void oracle_hash(enum crypto_hash h, bytes message, span out)
{
    unsigned n;
    must(EVP_Digest(message.p, message.n, out.p, &n, md_of(h), NULL) && n == out.n);
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *b)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    must(params && ctx && EVP_PKEY_fromdata_init(ctx) == 1);
    if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    return key;
}

/* ---- elliptic curves ---- */

static EVP_PKEY *ec_key(enum crypto_curve curve, bytes point)
{
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    must(b && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, group_names[curve], 0));
    must(OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n));
    return key_from("EC", b);
}

bool oracle_ecdsa_der(enum crypto_curve curve, bytes point, bytes digest, bytes der)
{
    EVP_PKEY *key = ec_key(curve, point);
    if (!key) return false;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    must(ctx && EVP_PKEY_verify_init(ctx) == 1);
    bool good = EVP_PKEY_verify(ctx, der.p, der.n, digest.p, digest.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}

bool oracle_ecdsa_raw(enum crypto_curve curve, bytes point, bytes digest, bytes rs)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    unsigned char *der = NULL;
    int half = (int)(rs.n / 2);
    must(sig && ECDSA_SIG_set0(sig, BN_bin2bn(rs.p, half, NULL), BN_bin2bn(rs.p + half, half, NULL)));
    int n = i2d_ECDSA_SIG(sig, &der);
    must(n > 0);
    bool good = oracle_ecdsa_der(curve, point, digest, (bytes){der, (size_t)n});
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    return good;
}

static BIGNUM *number(bytes b)
{
    BIGNUM *n = BN_bin2bn(b.p, (int)b.n, NULL);
    must(n != NULL);
    return n;
}

bool oracle_ec_public(enum crypto_curve curve, bytes d, span point)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_txt2nid(group_names[curve]));
    must(group != NULL);
    EC_POINT *q = EC_POINT_new(group);
    BIGNUM *k = number(d);
    bool good = !BN_is_zero(k) && BN_cmp(k, EC_GROUP_get0_order(group)) < 0;
    must(q && EC_POINT_mul(group, q, k, NULL, NULL, NULL));
    if (good) must(EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, point.p, point.n, NULL) == point.n);
    BN_free(k);
    EC_POINT_free(q);
    EC_GROUP_free(group);
    return good;
}

bool oracle_ec_add(enum crypto_curve curve, bytes d, bytes a, span sum)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_txt2nid(group_names[curve]));
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *x = number(d), *y = number(a), *s = BN_new();
    must(group && ctx && s && BN_mod_add(s, x, y, EC_GROUP_get0_order(group), ctx));
    must(BN_bn2binpad(s, sum.p, (int)sum.n) == (int)sum.n);
    bool good = !BN_is_zero(s);
    BN_free(x);
    BN_free(y);
    BN_free(s);
    BN_CTX_free(ctx);
    EC_GROUP_free(group);
    return good;
}

bool oracle_ecdh(enum crypto_curve curve, bytes peer, span point, span x)
{
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "EC", group_names[curve]), *other = ec_key(curve, peer);
    size_t point_size = 0, x_size = x.n;
    must(own && EVP_PKEY_get_octet_string_param(own, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n, &point_size));
    must(point_size == point.n && point.p[0] == 4);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    must(ctx && EVP_PKEY_derive_init(ctx) == 1);
    bool good =
        other && EVP_PKEY_derive_set_peer(ctx, other) == 1 && EVP_PKEY_derive(ctx, x.p, &x_size) == 1 && x_size == x.n;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    EVP_PKEY_free(own);
    return good;
}

static const char *const okp_names[CRYPTO_OKP_COUNT] = {
    [CRYPTO_X25519] = "X25519", [CRYPTO_X448] = "X448", [CRYPTO_ED25519] = "ED25519", [CRYPTO_ED448] = "ED448"};

bool oracle_eddsa(enum crypto_okp okp, bytes q, bytes message, bytes signature)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, okp_names[okp], NULL, q.p, q.n);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx != NULL);
    bool good = key && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(ctx, signature.p, signature.n, message.p, message.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}

bool oracle_okp_agree(enum crypto_okp okp, bytes peer, span own, span shared)
{
    EVP_PKEY *ours = EVP_PKEY_Q_keygen(NULL, NULL, okp_names[okp]);
    EVP_PKEY *other = EVP_PKEY_new_raw_public_key_ex(NULL, okp_names[okp], NULL, peer.p, peer.n);
    size_t own_size = own.n, size = shared.n;
    must(ours && EVP_PKEY_get_raw_public_key(ours, own.p, &own_size) == 1 && own_size == own.n);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ours, NULL);
    must(ctx && EVP_PKEY_derive_init(ctx) == 1);
    bool good = other && EVP_PKEY_derive_set_peer(ctx, other) == 1 && EVP_PKEY_derive(ctx, shared.p, &size) == 1 &&
                size == shared.n;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    EVP_PKEY_free(ours);
    return good;
}

/* ---- symmetric ---- */

void oracle_hkdf(bytes ikm, bytes info, span out)
{
    size_t n = out.n;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
    must(ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) == 1);
    must(EVP_PKEY_CTX_set1_hkdf_key(ctx, ikm.p, (int)ikm.n) == 1);
    must(EVP_PKEY_CTX_add1_hkdf_info(ctx, info.p, (int)info.n) == 1);
    must(EVP_PKEY_derive(ctx, out.p, &n) == 1 && n == out.n);
    EVP_PKEY_CTX_free(ctx);
}

void oracle_chachapoly(bytes key, bytes nonce, bytes aad, bytes plain, span sealed)
{
    int n;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    must(ctx && key.n == 32 && nonce.n == 12 && sealed.n == plain.n + 16);
    must(EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key.p, nonce.p) == 1);
    if (aad.n) must(EVP_EncryptUpdate(ctx, NULL, &n, aad.p, (int)aad.n) == 1);
    if (plain.n) must(EVP_EncryptUpdate(ctx, sealed.p, &n, plain.p, (int)plain.n) == 1);
    must(EVP_EncryptFinal_ex(ctx, sealed.p + plain.n, &n) == 1);
    must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, sealed.p + plain.n) == 1);
    EVP_CIPHER_CTX_free(ctx);
}

/* ---- RSA ---- */

static EVP_PKEY *rsa_key(const struct oracle_rsa *k)
{
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(k->n.p, (int)k->n.n, NULL), *e = BN_new();
    must(b && n && e && BN_set_word(e, k->e));
    must(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) && OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e));
    EVP_PKEY *key = key_from("RSA", b);
    must(key != NULL);
    BN_free(n);
    BN_free(e);
    return key;
}

struct rsa_scheme {
    int padding, salt_size;
    enum crypto_hash hash, mgf;
    bytes label;
};

static EVP_PKEY_CTX *rsa_context(const struct oracle_rsa *k, int (*init)(EVP_PKEY_CTX *), const struct rsa_scheme *s)
{
    EVP_PKEY *key = rsa_key(k);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    must(ctx && init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, s->padding) == 1);
    EVP_PKEY_free(key);
    return ctx;
}

static bool verify(const struct oracle_rsa *k, const struct rsa_scheme *s, bytes digest, bytes signature)
{
    EVP_PKEY_CTX *ctx = rsa_context(k, EVP_PKEY_verify_init, s);
    must(EVP_PKEY_CTX_set_signature_md(ctx, md_of(s->hash)) == 1);
    if (s->padding == RSA_PKCS1_PSS_PADDING) {
        must(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md_of(s->mgf)) == 1);
        must(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, s->salt_size) == 1);
    }
    bool good = EVP_PKEY_verify(ctx, signature.p, signature.n, digest.p, digest.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

bool oracle_v15(const struct oracle_rsa *k, enum crypto_hash h, bytes digest, bytes signature)
{
    return verify(k, &(struct rsa_scheme){.padding = RSA_PKCS1_PADDING, .hash = h}, digest, signature);
}

bool oracle_pss_mgf(const struct oracle_rsa *k, enum crypto_hash h, enum crypto_hash mgf, bytes digest, int salt_size,
                    bytes signature)
{
    struct rsa_scheme s = {.padding = RSA_PKCS1_PSS_PADDING, .salt_size = salt_size, .hash = h, .mgf = mgf};
    return verify(k, &s, digest, signature);
}

bool oracle_pss(const struct oracle_rsa *k, enum crypto_hash h, bytes digest, int salt_size, bytes signature)
{
    return oracle_pss_mgf(k, h, h, digest, salt_size, signature);
}

static bool encrypt(const struct oracle_rsa *k, const struct rsa_scheme *s, bytes in, span out)
{
    EVP_PKEY_CTX *ctx = rsa_context(k, EVP_PKEY_encrypt_init, s);
    size_t n = out.n;
    if (s->padding == RSA_PKCS1_OAEP_PADDING) {
        must(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md_of(s->hash)) == 1);
        must(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md_of(s->mgf)) == 1);
        void *label = s->label.n ? OPENSSL_memdup(s->label.p, s->label.n) : NULL; /* the context frees it */
        if (label) must(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, (int)s->label.n) == 1);
    }
    static const uint8_t none;
    bool good = EVP_PKEY_encrypt(ctx, out.p, &n, in.n ? in.p : &none, in.n) == 1 && n == out.n;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

bool oracle_rsa_public(const struct oracle_rsa *k, bytes in, span out)
{
    return encrypt(k, &(struct rsa_scheme){.padding = RSA_NO_PADDING}, in, out);
}

bool oracle_encrypt_v15(const struct oracle_rsa *k, bytes message, span out)
{
    return encrypt(k, &(struct rsa_scheme){.padding = RSA_PKCS1_PADDING}, message, out);
}

bool oracle_encrypt_oaep_of(const struct oracle_rsa *k, enum crypto_hash h, enum crypto_hash mgf, bytes label,
                            bytes message, span out)
{
    struct rsa_scheme s = {.padding = RSA_PKCS1_OAEP_PADDING, .hash = h, .mgf = mgf, .label = label};
    return encrypt(k, &s, message, out);
}

bool oracle_encrypt_oaep(const struct oracle_rsa *k, bytes message, span out)
{
    return oracle_encrypt_oaep_of(k, CRYPTO_SHA256, CRYPTO_SHA256, NO_BYTES, message, out);
}
