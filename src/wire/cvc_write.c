/* SPDX-License-Identifier: Apache-2.0 */
/* Writing card verifiable certificates and authenticated requests, in place. */
#include "wire/cvc.h"

#include "wire/cvc_tags.h"
#include "wire/oid.h"
#include "wire/tlv.h"

static void put_rsa_fields(buf *out, const struct cvc_public_key *key)
{
    uint8_t exponent[4];
    be_put(SPAN(exponent), key->e);
    tlv_put(out, CVC_TAG_OID, oid_ta_rsa_v15_sha256());
    tlv_put(out, 0x81, key->modulus);
    tlv_put(out, 0x82, bytes_trimmed(BYTES(exponent)));
}

static void put_ec_fields(buf *out, const struct cvc_public_key *key)
{
    const struct crypto_curve_params *curve = crypto_curve_params(key->curve);
    if (!curve) {
        out->full = true;
        return;
    }
    tlv_put(out, CVC_TAG_OID, oid_ta_ecdsa_sha256());
    tlv_put(out, 0x81, curve->p);
    tlv_put(out, 0x82, curve->a);
    tlv_put(out, 0x83, curve->b);
    tlv_put(out, 0x84, curve->g);
    tlv_put(out, 0x85, curve->n);
    tlv_put(out, 0x86, key->point);
    tlv_put_u8(out, 0x87, 1);
}

static void put_okp_fields(buf *out, const struct cvc_public_key *key)
{
    const struct crypto_okp_params *curve = crypto_okp_params(key->okp);
    if (!curve) {
        out->full = true;
        return;
    }
    tlv_put(out, CVC_TAG_OID, oid_ri_ecdh_sha256());
    tlv_put(out, 0x81, curve->p);
    tlv_put(out, 0x82, curve->order);
    tlv_put(out, 0x83, curve->base);
    tlv_put(out, 0x84, key->point);
}

void cvc_put_public_key(buf *out, const struct cvc_public_key *key)
{
    size_t mark = tlv_open(out, CVC_TAG_PUBLIC_KEY);
    switch (key->kind) {
    case CVC_RSA: put_rsa_fields(out, key); break;
    case CVC_EC: put_ec_fields(out, key); break;
    case CVC_OKP: put_okp_fields(out, key); break;
    }
    tlv_close(out, mark);
}

static void put_role_and_dates(buf *out, const struct cvc_content *content)
{
    size_t role = tlv_open(out, CVC_TAG_ROLE);
    tlv_put(out, CVC_TAG_OID, oid_at_role());
    tlv_put(out, CVC_TAG_ROLE_BITS, content->role);
    tlv_close(out, role);
    tlv_put(out, CVC_TAG_VALID_FROM, content->valid_from);
    tlv_put(out, CVC_TAG_VALID_TO, content->valid_to);
}

bytes cvc_put_body(buf *out, const struct cvc_content *content)
{
    size_t start = out->n;
    size_t body = tlv_open(out, CVC_TAG_BODY);
    tlv_put_u8(out, CVC_TAG_PROFILE, 0);
    if (content->car.n) tlv_put(out, CVC_TAG_CAR, content->car);
    cvc_put_public_key(out, &content->key);
    tlv_put(out, CVC_TAG_CHR, content->chr);
    if (content->role.n) put_role_and_dates(out, content);
    if (content->extensions.n) tlv_put(out, CVC_TAG_EXTENSIONS, content->extensions);
    tlv_close(out, body);
    return out->full ? NO_BYTES : tlv_since(out, start);
}

static status put_signature(buf *out, bytes message, const struct cvc_signer *signer)
{
    if (out->full) return ST_NO_SPACE;
    size_t signature = tlv_open(out, CVC_TAG_SIGNATURE);
    TRY(signer->sign(signer->ctx, message, out));
    tlv_close(out, signature);
    return out->full ? ST_NO_SPACE : ST_OK;
}

static status put_certificate(buf *out, const struct cvc_content *content, const struct cvc_signer *signer)
{
    size_t certificate = tlv_open(out, CVC_TAG_CERTIFICATE);
    bytes body = cvc_put_body(out, content);
    TRY(put_signature(out, body, signer));
    tlv_close(out, certificate);
    return out->full ? ST_NO_SPACE : ST_OK;
}

static status put_request(buf *out, const struct cvc_content *content, const struct cvc_signer *inner, bytes outer_car,
                          const struct cvc_signer *outer)
{
    size_t request = tlv_open(out, CVC_TAG_REQUEST);
    TRY(put_certificate(out, content, inner));
    tlv_put(out, CVC_TAG_CAR, outer_car);
    TRY(put_signature(out, tlv_since(out, request), outer));
    tlv_close(out, request);
    return out->full ? ST_NO_SPACE : ST_OK;
}

/* All or nothing: forgets what was appended since `start` unless all went well. */
static status finish(buf *out, size_t start, status st)
{
    if (st != ST_OK) out->n = start;
    return st;
}

status cvc_put_certificate(buf *out, const struct cvc_content *content, const struct cvc_signer *signer)
{
    size_t start = out->n;
    return finish(out, start, put_certificate(out, content, signer));
}

status cvc_put_request(buf *out, const struct cvc_content *content, const struct cvc_signer *inner, bytes outer_car,
                       const struct cvc_signer *outer)
{
    size_t start = out->n;
    return finish(out, start, put_request(out, content, inner, outer_car, outer));
}

void cvc_put_read(buf *out, const struct cvc *certificate)
{
    size_t whole = tlv_open(out, CVC_TAG_CERTIFICATE);
    put_bytes(out, certificate->body);
    tlv_put(out, CVC_TAG_SIGNATURE, certificate->signature);
    tlv_close(out, whole);
}

bytes cvc_device_role(void)
{
    static const uint8_t role[] = {0x01, 0x00};
    return BYTES(role);
}

bytes cvc_device_valid_from(void)
{
    static const uint8_t date[CVC_DATE_SIZE] = {2, 3, 0, 3, 2, 1};
    return BYTES(date);
}

bytes cvc_device_valid_to(void)
{
    static const uint8_t date[CVC_DATE_SIZE] = {7, 0, 1, 2, 3, 1};
    return BYTES(date);
}
