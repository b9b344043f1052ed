/* SPDX-License-Identifier: Apache-2.0 */
/* Membership, exchange keys and agreement. */
#include "card/xkek.h"

#include "card/domains.h"
#include "card/hsm.h"
#include "card/trust.h"
#include "wire/cvc_tags.h"
#include "wire/oid.h"
#include "wire/tlv.h"

#define POINT_TAG 0x86       /* in 7F49 */
#define MEMBERSHIP_BYTE 0x54 /* signed before X of the device (formats.md 6.2) */

enum { TAG_EXTENSION = 0x73, TAG_EXTENSION_UID = 0x80, TAG_OID = 0x06 };

/* X ‖ Y of an uncompressed point. */
static bytes coordinates(bytes point)
{
    return bytes_after(point, 1);
}

/* ---- membership ---- */

/* The membership is the last object; what stands before it is the request. */
static status split(bytes data, bytes *request, bytes *membership)
{
    reader r = read_from(data);
    tlv t = {0};
    if (!tlv_well_formed(data)) return ST_BAD_DATA;
    while (t.tag != TAG_KEY_DOMAIN_MEMBERSHIP) {
        *request = bytes_first(data, data.n - r.left.n);
        if (!tlv_next(&r, &t)) return ST_BAD_LENGTH;
    }
    *membership = t.value;
    return rd_done(&r) ? ST_OK : ST_BAD_DATA;
}

static status group_key(const struct cvc *request, struct cvc_verifier *key)
{
    TRY(cvc_verifier_load(&request->key, key));
    bool fits = key->kind == CVC_EC && key->has_curve && key->size == 1 + DOMAIN_UID_SIZE;
    return fits ? ST_OK : ST_DATA_NOT_USABLE;
}

/* The token that holds the group key attests it; whoever knows that token asks it. */
static status attested_if_known(struct hsm *h, const struct cvc *request)
{
    struct cvc_verifier key;
    status st = trust_key(h, request->outer_car, &key);
    if (st == ST_REFERENCE_UNKNOWN) return ST_OK;
    if (st != ST_OK) return ST_CONDITIONS;
    return cvc_verify(&h->crypto, &key, &request->outer_signed, 1, request->outer_signature);
}

static status is_member(struct hsm *h, const struct cvc_verifier *group, bytes membership)
{
    static const uint8_t first = MEMBERSHIP_BYTE;
    struct trusted device;
    struct cvc_verifier key;
    TRY(trust_device(h, &device));
    if (cvc_verifier_load(&device.cvc.key, &key) != ST_OK || key.kind != CVC_EC) return ST_EXECUTION;
    const bytes message[] = {{&first, 1}, bytes_first(coordinates((bytes){key.number, key.size}), key.size / 2)};
    return cvc_verify(&h->crypto, group, message, COUNT(message), membership);
}

status xkek_join(struct hsm *h, uint8_t n, bytes data)
{
    struct cvc request;
    struct cvc_verifier group;
    bytes content, membership;
    TRY(split(data, &content, &membership));
    if (!cvc_parse_request(content, &request)) return ST_DATA_NOT_USABLE;
    TRY(group_key(&request, &group));
    TRY(cvc_verify_own(&h->crypto, &request, &group));
    TRY(attested_if_known(h, &request));
    TRY(is_member(h, &group, membership));
    return domain_put_group(h, n, coordinates((bytes){group.number, group.size}));
}

/* ---- exchange keys ---- */

bool xkek_is_exchange_key(const struct key_metadata *metadata)
{
    return key_metadata_names(metadata, ALG_XKEK);
}

status xkek_put_extension(struct hsm *h, const struct key_metadata *metadata, buf *out)
{
    uint8_t uid[DOMAIN_UID_SIZE];
    if (!metadata->has_domain || domain_group(h, metadata->domain, SPAN(uid)) != ST_OK) return ST_BAD_LENGTH;
    size_t extension = tlv_open(out, TAG_EXTENSION);
    tlv_put(out, TAG_OID, oid_key_domain_uid());
    tlv_put(out, TAG_EXTENSION_UID, BYTES(uid));
    tlv_close(out, extension);
    return out->full ? ST_NO_SPACE : ST_OK;
}

/* The UID in one extension of a certificate; false: it is another one. */
static bool uid_in(bytes extension, bytes *uid)
{
    bytes oid;
    if (!tlv_find(extension, TAG_OID, &oid) || !bytes_equal(oid, oid_key_domain_uid())) return false;
    return tlv_find(extension, TAG_EXTENSION_UID, uid) && uid->n > 0;
}

static status group_of(const struct cvc *certificate, bytes *uid)
{
    reader r = read_from(certificate->extensions);
    for (tlv t; tlv_next(&r, &t);) {
        if (t.tag == TAG_EXTENSION && uid_in(t.value, uid)) return ST_OK;
    }
    return ST_BAD_LENGTH;
}

/* ---- agreement ---- */

static bool is_of_group(struct hsm *h, uint8_t n, bytes uid)
{
    uint8_t own[DOMAIN_UID_SIZE];
    return domain_group(h, n, SPAN(own)) == ST_OK && bytes_equal(BYTES(own), uid);
}

/* The key's own domain has to be of the peer's group. */
static status same_group(struct hsm *h, const struct key_info *info, bytes uid)
{
    for (unsigned n = 0; n < LIMIT_KEY_DOMAINS; n++) {
        if (!is_of_group(h, (uint8_t)n, uid)) continue;
        bool own = info->metadata.has_domain && is_of_group(h, info->metadata.domain, uid);
        return own ? ST_OK : ST_CONDITIONS;
    }
    return ST_REFERENCE_UNKNOWN;
}

/* A certificate of the peer that leaves the curve out has ours. */
static status peer_key(const struct key_info *info, const struct cvc *certificate, struct cvc_verifier *key)
{
    if (cvc_key_field(&certificate->key, POINT_TAG).n == 0) return ST_BAD_LENGTH;
    TRY(cvc_verifier_load(&certificate->key, key));
    if (key->kind != CVC_EC || (key->has_curve && key->curve != info->curve)) return ST_DATA_NOT_USABLE;
    key->has_curve = true;
    key->curve = info->curve;
    return ST_OK;
}

/* Is it a certificate without any key? The parser takes no such thing, but it has a word of its own (apdu.md 3.15). */
static bool lacks_key(bytes in)
{
    static const uint16_t shells[] = {CVC_TAG_REQUEST, CVC_TAG_CERTIFICATE, CVC_TAG_BODY};
    bytes key, inner = in;
    for (size_t i = 0; i < COUNT(shells); i++) {
        if (tlv_find(inner, shells[i], &in)) inner = in;
    }
    return tlv_find(inner, CVC_TAG_CHR, &key) && !tlv_find(inner, CVC_TAG_PUBLIC_KEY, &key);
}

static status read_peer(bytes in, struct cvc *certificate)
{
    if (cvc_parse(in, certificate) || cvc_parse_request(in, certificate)) return ST_OK;
    return lacks_key(in) ? ST_BAD_LENGTH : ST_DATA_NOT_USABLE;
}

/* A key that agrees in plain (80), too, would tell any host the domain's DKEK. */
static bool is_for_exchange_only(const struct key_metadata *metadata)
{
    return xkek_is_exchange_key(metadata) && !key_metadata_names(metadata, ALG_ECDH);
}

status xkek_check_peer(struct hsm *h, const struct key_info *info, bytes in)
{
    struct cvc certificate;
    struct cvc_verifier key;
    bytes uid;
    TRY(read_peer(in, &certificate));
    TRY(peer_key(info, &certificate, &key));
    TRY(group_of(&certificate, &uid));
    TRY(same_group(h, info, uid));
    TRY(domain_wants_agreed(h, info->metadata.domain));
    if (!is_for_exchange_only(&info->metadata)) return ST_CONDITIONS;
    if (key_field_size(info) != DKEK_SIZE) return ST_EXECUTION;
    return cvc_verify_own(&h->crypto, &certificate, &key);
}

status xkek_derive(struct hsm *h, const struct key_info *info, bytes secret, bytes in)
{
    struct cvc certificate;
    SECRET(z, DKEK_SIZE);
    TRY(read_peer(in, &certificate));
    TRY(crypto_ecdh(&h->crypto, info->curve, secret, cvc_key_field(&certificate.key, POINT_TAG), z));
    return domain_put_agreed(h, info->metadata.domain, view(z));
}
