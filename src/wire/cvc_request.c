/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the template of GENERATE ASYMMETRIC KEY PAIR (apdu.md 3.12, 6; formats.md 3.4). */
#include "wire/cvc.h"

#include "wire/cvc_tags.h"
#include "wire/oid.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

/* Is the number under `tag` absent, or `want` but for leading zeros? */
static bool number_agrees(bytes in, uint16_t tag, bytes want)
{
    bytes value;
    if (!tlv_find(in, tag, &value)) return true;
    return bytes_equal(bytes_trimmed(value), bytes_trimmed(want));
}

/* OpenSC, sc-hsm-embedded and pypicohsm send the whole curve: what they send has to be it. */
static bool parameters_agree(bytes in, const struct crypto_curve_params *curve)
{
    bytes g;
    if (tlv_find(in, 0x84, &g) && !bytes_equal(g, curve->g)) return false;
    return number_agrees(in, 0x82, curve->a) && number_agrees(in, 0x83, curve->b) &&
           number_agrees(in, 0x85, curve->n) && number_agrees(in, 0x87, LITERAL(1));
}

/* Of X25519, X448, Ed25519 and Ed448, 82 is the order and 83 the base point, without which none is known. */
static status read_okp(bytes in, bytes base, struct cvc_key_request *out)
{
    const struct crypto_okp_params *curve = crypto_okp_params(out->okp);
    out->kind = CVC_OKP;
    if (base.n == 0) return ST_BAD_LENGTH;
    return bytes_equal(base, curve->base) && number_agrees(in, 0x82, curve->order) ? ST_OK : ST_BAD_DATA;
}

static status read_ec(bytes in, struct cvc_key_request *out)
{
    bytes p, base;
    if (!tlv_find(in, 0x81, &p) || p.n == 0) return ST_BAD_LENGTH;
    if (!tlv_find(in, 0x83, &base)) base = NO_BYTES;
    if (crypto_okp_by_prime(p, base, &out->okp)) return read_okp(in, base, out);
    out->kind = CVC_EC;
    if (!crypto_curve_by_prime(p, &out->curve)) return ST_NOT_SUPPORTED;
    return parameters_agree(in, crypto_curve_params(out->curve)) ? ST_OK : ST_BAD_DATA;
}

static status read_rsa(bytes in, struct cvc_key_request *out)
{
    bytes bits, e;
    out->kind = CVC_RSA;
    out->rsa_bits = RSA_BITS_DEFAULT;
    out->rsa_e = RSA_EXPONENT_DEFAULT;
    if (tlv_find(in, 0x02, &bits)) {
        if (bits.n != 2) return ST_BAD_DATA;
        out->rsa_bits = be_get(bits);
    }
    if (tlv_find(in, 0x82, &e)) {
        if (e.n < 1 || e.n > 4) return ST_BAD_DATA;
        out->rsa_e = be_get(e);
    }
    bool size_fits = out->rsa_bits >= LIMIT_RSA_BITS_MIN && out->rsa_bits <= LIMIT_RSA_BITS_MAX;
    if (!size_fits || out->rsa_bits % 8) return ST_BAD_DATA;
    return out->rsa_e >= 3 && out->rsa_e % 2 ? ST_OK : ST_BAD_DATA;
}

/* The content of 7F49. */
static status read_key_template(bytes in, struct cvc_key_request *out)
{
    bytes oid;
    if (!tlv_well_formed(in) || !tlv_find(in, CVC_TAG_OID, &oid)) return ST_BAD_DATA;
    if (bytes_equal(oid, oid_ta_ecdsa_sha256())) return read_ec(in, out);
    if (bytes_equal(oid, oid_ta_rsa_v15_sha256())) return read_rsa(in, out);
    return ST_BAD_DATA;
}

/* An optional name; absent is empty. */
static status read_name(bytes in, uint16_t tag, bytes *name)
{
    bool found = tlv_find(in, tag, name);
    return found && name->n > CVC_NAME_MAX ? ST_BAD_DATA : ST_OK;
}

status cvc_key_request_parse(bytes in, struct cvc_key_request *out)
{
    struct cvc_key_request request = {0};
    bytes key;
    if (!tlv_well_formed(in)) return ST_BAD_DATA;
    if (!tlv_find(in, CVC_TAG_PUBLIC_KEY, &key)) return ST_BAD_LENGTH;
    TRY(read_key_template(key, &request));
    TRY(read_name(in, CVC_TAG_CAR, &request.car));
    TRY(read_name(in, CVC_TAG_CHR, &request.chr));
    TRY(key_metadata_parse(in, &request.metadata));
    *out = request;
    return ST_OK;
}
