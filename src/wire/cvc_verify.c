/* SPDX-License-Identifier: Apache-2.0 */
/* From the OID and the fields of a 7F49 to a yes or no. */
#include "wire/cvc_verify.h"

#include "wire/digest_info.h"
#include "wire/oid.h"

/* Fields of a 7F49 (formats.md 3.3). */
enum {
    EC_PRIME = 0x81,
    EC_A = 0x82,
    EC_B = 0x83,
    EC_BASE = 0x84,
    EC_ORDER = 0x85,
    EC_POINT = 0x86,
    EC_COFACTOR = 0x87,
    RSA_MODULUS = 0x81,
    RSA_EXPONENT = 0x82
};

static const struct {
    bytes (*oid)(void);
    enum cvc_kind kind;
    enum crypto_hash hash;
} kinds[] = {
    {oid_ta_ecdsa_sha224, CVC_EC, CRYPTO_SHA224},    {oid_ta_ecdsa_sha256, CVC_EC, CRYPTO_SHA256},
    {oid_ta_ecdsa_sha384, CVC_EC, CRYPTO_SHA384},    {oid_ta_ecdsa_sha512, CVC_EC, CRYPTO_SHA512},
    {oid_ta_rsa_v15_sha256, CVC_RSA, CRYPTO_SHA256}, {oid_ta_rsa_v15_sha512, CVC_RSA, CRYPTO_SHA512},
};

static bool kind_of(bytes oid, struct cvc_verifier *out)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (!bytes_equal(oid, kinds[i].oid())) continue;
        out->kind = kinds[i].kind;
        out->hash = kinds[i].hash;
        return true;
    }
    return false;
}

static bool take_number(struct cvc_verifier *out, bytes number)
{
    out->size = number.n;
    return span_copy(SPAN(out->number), number);
}

/* ---- EC ---- */

/* Absent, or the curve's. */
static bool agrees(const struct cvc_key *key, uint16_t tag, bytes want)
{
    bytes value = cvc_key_field(key, tag);
    return value.n == 0 || bytes_equal(bytes_trimmed(value), bytes_trimmed(want));
}

/* A certificate that names the curve says nothing else about it than we know. */
static bool is_curve(const struct cvc_key *key, const struct crypto_curve_params *curve)
{
    return agrees(key, EC_A, curve->a) && agrees(key, EC_B, curve->b) && agrees(key, EC_BASE, curve->g) &&
           agrees(key, EC_ORDER, curve->n) && agrees(key, EC_COFACTOR, LITERAL(1));
}

static bool has_parameters(const struct cvc_key *key)
{
    for (unsigned tag = EC_PRIME; tag <= EC_COFACTOR; tag++) {
        if (tag != EC_POINT && cvc_key_field(key, (uint16_t)tag).n) return true;
    }
    return false;
}

static bool load_ec(const struct cvc_key *key, struct cvc_verifier *out)
{
    bytes point = cvc_key_field(key, EC_POINT);
    if (point.n == 0 || point.n > CRYPTO_EC_POINT_MAX || !take_number(out, point)) return false;
    out->has_curve = has_parameters(key);
    if (!out->has_curve) return true;
    return crypto_curve_by_prime(cvc_key_field(key, EC_PRIME), &out->curve) &&
           is_curve(key, crypto_curve_params(out->curve));
}

static status verify_ec(struct crypto *c, const struct cvc_verifier *key, bytes digest, bytes signature)
{
    if (!key->has_curve) return ST_CONDITIONS;
    return crypto_ecdsa_verify(c, key->curve, (bytes){key->number, key->size}, digest, signature);
}

/* ---- RSA ---- */

static bool load_rsa(const struct cvc_key *key, struct cvc_verifier *out)
{
    bytes n = bytes_trimmed(cvc_key_field(key, RSA_MODULUS)), e = bytes_trimmed(cvc_key_field(key, RSA_EXPONENT));
    if (n.n < 128 || n.n > CRYPTO_RSA_MAX || e.n == 0 || e.n > 4) return false;
    out->e = be_get(e);
    return out->e >= 3 && out->e % 2 && take_number(out, n);
}

/* The one block that is right is made and compared: nothing in what the signer sent is parsed. */
static status verify_rsa(struct crypto *c, const struct cvc_verifier *key, bytes digest, bytes signature)
{
    uint8_t is[CRYPTO_RSA_MAX], should_be[CRYPTO_RSA_MAX], encoded[DIGEST_INFO_MAX];
    span em = {is, key->size}, want = {should_be, key->size};
    buf info = BUF(encoded);
    digest_info_put(&info, key->hash, digest);
    if (signature.n != key->size) return ST_CONDITIONS;
    TRY(crypto_rsa_pad_v15(written(&info), want));
    TRY(crypto_rsa_public(c, (bytes){key->number, key->size}, key->e, signature, em));
    return bytes_equal(view(em), view(want)) ? ST_OK : ST_CONDITIONS;
}

/* ---- either ---- */

status cvc_verifier_load(const struct cvc_key *key, struct cvc_verifier *out)
{
    *out = (struct cvc_verifier){0};
    bool good = kind_of(key->oid, out) && (out->kind == CVC_RSA ? load_rsa(key, out) : load_ec(key, out));
    return good ? ST_OK : ST_DATA_NOT_USABLE;
}

status cvc_verify(struct crypto *c, const struct cvc_verifier *key, const bytes *parts, size_t count, bytes signature)
{
    uint8_t memory[CRYPTO_HASH_MAX];
    span digest = {memory, crypto_hash_size(key->hash)};
    TRY(crypto_hash(c, key->hash, parts, count, digest));
    status st =
        key->kind == CVC_RSA ? verify_rsa(c, key, view(digest), signature) : verify_ec(c, key, view(digest), signature);
    return st == ST_OK || st == ST_NO_SPACE ? st : ST_CONDITIONS;
}

status cvc_verify_own(struct crypto *c, const struct cvc *certificate, const struct cvc_verifier *key)
{
    return cvc_verify(c, key, &certificate->body, 1, certificate->signature);
}
