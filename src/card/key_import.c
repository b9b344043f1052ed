/* SPDX-License-Identifier: Apache-2.0 */
/* Judging components, keeping what passes, and taking keys apart again. */
#include "card/key_import.h"

#include "card/files.h"
#include "card/hsm.h"
#include "card/machine.h"
#include "card/signer.h"

/* ---- EC ---- */

static bool number_agrees(bytes given, bytes want)
{
    return given.n == 0 || bytes_equal(bytes_trimmed(given), bytes_trimmed(want));
}

/* The prime names the curve; what else is said about it has to be true. Upstream leaves A empty. */
static status find_curve(const struct key_blob_parts *parts, enum crypto_curve *curve)
{
    if (!crypto_curve_by_prime(parts->part[EC_PRIME], curve)) return ST_DATA_NOT_USABLE;
    const struct crypto_curve_params *c = crypto_curve_params(*curve);
    bytes g = parts->part[EC_G];
    bool agrees = number_agrees(parts->part[EC_A], c->a) && number_agrees(parts->part[EC_B], c->b) &&
                  number_agrees(parts->part[EC_ORDER], c->n) && (g.n == 0 || bytes_equal(g, c->g)) &&
                  parts->size == 8 * c->field_size;
    return agrees ? ST_OK : ST_DATA_NOT_USABLE;
}

/* X25519, X448, Ed25519, Ed448: d and Q are the strings of the RFCs, the base point says which. A and B mean nothing:
 * clients do not agree about them (formats.md 5.2). */
static status read_okp(struct hsm *h, const struct key_blob_parts *parts, struct key_info *info, span secret)
{
    uint8_t point[CRYPTO_OKP_KEY_MAX];
    const struct crypto_okp_params *c = crypto_okp_params(info->okp);
    const bytes *given = parts->part;
    info->type = key_okp_type(info->okp);
    bool agrees = bytes_equal(given[EC_G], c->base) && number_agrees(given[EC_ORDER], c->order);
    if (!agrees || parts->size != 8 * c->p.n) return ST_DATA_NOT_USABLE;
    if (!machine_offers_okp(h, info->okp)) return ST_NOT_SUPPORTED;
    span d = span_part(secret, 0, c->key_size), q = {point, c->key_size};
    if (given[EC_D].n != d.n || !span_copy(d, given[EC_D])) return ST_DATA_NOT_USABLE;
    TRY(crypto_okp_public(&h->crypto, info->okp, view(d), q));
    return given[EC_Q].n == 0 || bytes_equal(given[EC_Q], view(q)) ? ST_OK : ST_EXECUTION;
}

static status read_ec(struct hsm *h, const struct key_blob_parts *parts, struct key_info *info, span secret)
{
    uint8_t point[CRYPTO_EC_POINT_MAX];
    if (crypto_okp_by_prime(parts->part[EC_PRIME], parts->part[EC_G], &info->okp))
        return read_okp(h, parts, info, secret);
    info->type = KEY_EC;
    TRY(find_curve(parts, &info->curve));
    if (!machine_offers_curve(h, info->curve)) return ST_NOT_SUPPORTED;
    span d = span_part(secret, 0, key_field_size(info)), q = {point, 1 + 2 * d.n};
    if (!span_copy_number(d, parts->part[EC_D])) return ST_EXECUTION;
    TRY(crypto_ec_public(&h->crypto, info->curve, view(d), q));
    return parts->part[EC_Q].n == 0 || bytes_equal(parts->part[EC_Q], view(q)) ? ST_OK : ST_EXECUTION;
}

/* ---- RSA ---- */

/* Bytes of the modulus that `size` bits announce, if it is as long as that and of a size we keep. */
static status modulus(const struct key_blob_parts *parts, bytes n, bytes *out)
{
    *out = bytes_trimmed(n);
    bool size_ok = parts->size >= LIMIT_RSA_BITS_MIN && parts->size <= LIMIT_RSA_BITS_MAX && parts->size % 8 == 0;
    if (!size_ok || out->n != parts->size / 8 || !(out->p[0] & 0x80)) return ST_DATA_NOT_USABLE;
    return ST_OK;
}

static status rsa_info(const struct key_blob_parts *parts, bytes n, bytes e, struct key_info *info, bytes *trimmed)
{
    e = bytes_trimmed(e);
    if (e.n > 4) return ST_DATA_NOT_USABLE;
    TRY(modulus(parts, n, trimmed));
    info->type = KEY_RSA;
    info->rsa_bits = parts->size;
    info->rsa_e = be_get(e);
    return ST_OK;
}

static status read_rsa(struct hsm *h, const struct key_blob_parts *parts, struct key_info *info, span secret)
{
    bytes n;
    TRY(rsa_info(parts, parts->part[RSA_N], parts->part[RSA_E], info, &n));
    return crypto_rsa_from_exponent(&h->crypto, n, info->rsa_e, parts->part[RSA_D],
                                    span_part(secret, 0, key_secret_size(info)));
}

static bool same_secret(bytes ours, bytes given)
{
    SECRET(number, CRYPTO_RSA_MAX);
    span padded = span_part(number, 0, ours.n);
    return span_copy_number(padded, given) && ct_equal(ours, view(padded));
}

/* All parts are computed from the primes, and those that were given have to be the same. */
static status read_rsa_crt(struct hsm *h, const struct key_blob_parts *parts, struct key_info *info, span secret)
{
    bytes n;
    const bytes *given = parts->part;
    TRY(rsa_info(parts, given[CRT_N], given[CRT_E], info, &n));
    span made = span_part(secret, 0, key_secret_size(info));
    TRY(crypto_rsa_from_primes(&h->crypto, n, info->rsa_e, given[CRT_P], given[CRT_Q], made));
    struct crypto_rsa key = crypto_rsa_view(view(made), info->rsa_e);
    bool same = same_secret(key.dp, given[CRT_DP]) && same_secret(key.dq, given[CRT_DQ]) &&
                same_secret(key.qinv, given[CRT_QINV]);
    return same ? ST_OK : ST_EXECUTION;
}

/* ---- any ---- */

static status read_secret(const struct key_blob_parts *parts, struct key_info *info, span secret)
{
    info->type = KEY_SECRET;
    info->secret_size = parts->size;
    if (!secret_kind_has_size(info->metadata.kind, parts->size)) return ST_DATA_NOT_USABLE;
    return span_copy(secret, parts->part[AES_KEY]) ? ST_OK : ST_DATA_NOT_USABLE;
}

status key_import_read(struct hsm *h, enum key_blob_type type, const struct key_blob_parts *parts,
                       struct key_info *info, span secret)
{
    info->imported = true;
    switch (type) {
    case KEY_BLOB_RSA: return read_rsa(h, parts, info, secret);
    case KEY_BLOB_RSA_CRT: return read_rsa_crt(h, parts, info, secret);
    case KEY_BLOB_EC: return read_ec(h, parts, info, secret);
    case KEY_BLOB_AES: return read_secret(parts, info, secret);
    }
    return ST_DATA_NOT_USABLE;
}

status key_import_try(struct hsm *h, const struct key_info *info, bytes secret)
{
    uint8_t block[CRYPTO_RSA_MAX], result[CRYPTO_RSA_MAX];
    if (info->type != KEY_RSA) return ST_OK;
    struct crypto_rsa key = crypto_rsa_view(secret, info->rsa_e);
    memset(block, 0x55, sizeof block);
    block[0] = 0; /* below n */
    return crypto_rsa_private(&h->crypto, &key, (bytes){block, key.n.n}, (span){result, key.n.n});
}

/* ---- keeping ---- */

/* A request that only the key itself has signed, with its own name outside too: no attestation. */
static status put_own_request(struct hsm *h, const struct key_info *info, bytes secret, buf *out)
{
    uint8_t public_bytes[CRYPTO_RSA_MAX];
    bytes name = {h->name, h->name_size};
    struct key_in_use key = {h, info, secret};
    struct cvc_content content = {.car = name, .chr = name};
    TRY(signer_public_key(&key, SPAN(public_bytes), &content.key));
    struct cvc_signer itself = signer_of(&key);
    return cvc_put_request(out, &content, &itself, name, &itself);
}

static status put_request(struct hsm *h, const struct key_info *info, bytes request)
{
    uint16_t fid = FID_OF(FID_PREFIX_CERTIFICATE, info->id);
    return info->type == KEY_SECRET ? file_remove(h, fid) : file_put(h, fid, request);
}

status key_import_put(struct hsm *h, const struct key_info *info, bytes secret, enum key_origin origin, buf *work)
{
    size_t begin = work->n;
    if (!h->vault.root_open) return ST_NOT_AUTHORIZED;
    if (!file_room(h, KEY_ROOM)) return ST_NO_SPACE;
    if (info->type != KEY_SECRET) TRY(put_own_request(h, info, secret, work));
    TRY(vault_begin(&h->vault));
    TRY(key_put(h, info, secret));
    TRY(key_put_description(h, info));
    TRY(put_request(h, info, bytes_after(written(work), begin)));
    if (origin == KEY_STAGED) TRY(file_remove(h, FID_WRAPPED_KEY));
    return vault_commit(&h->vault, VAULT_OBJECTS);
}

status key_fingerprint(struct hsm *h, const struct key_info *info, bytes secret, span id)
{
    uint8_t public_bytes[CRYPTO_RSA_MAX];
    struct key_in_use key = {h, info, secret};
    struct cvc_public_key public;
    wipe(id);
    if (info->type == KEY_SECRET) return ST_OK;
    TRY(signer_public_key(&key, SPAN(public_bytes), &public));
    bytes hashed = info->type == KEY_RSA ? public.modulus : public.point;
    return crypto_hash(&h->crypto, CRYPTO_SHA256, &hashed, 1, id);
}

/* ---- taking apart ---- */

enum key_blob_type key_export_type(const struct key_info *info)
{
    switch (info->type) {
    case KEY_RSA: return KEY_BLOB_RSA;
    case KEY_EC:
    case KEY_MONTGOMERY:
    case KEY_EDWARDS: return KEY_BLOB_EC;
    case KEY_SECRET: break;
    }
    return KEY_BLOB_AES;
}

static status export_rsa(struct hsm *h, const struct key_info *info, bytes secret, buf *out)
{
    SECRET(d, CRYPTO_RSA_MAX);
    uint8_t e[4];
    struct crypto_rsa key = crypto_rsa_view(secret, info->rsa_e);
    span exponent = span_part(d, 0, key.n.n);
    TRY(crypto_rsa_exponent(&h->crypto, &key, exponent));
    be_put(SPAN(e), info->rsa_e);
    struct key_blob_parts parts = {.size = (uint32_t)(8 * key.n.n)};
    parts.part[RSA_D] = view(exponent);
    parts.part[RSA_N] = key.n;
    parts.part[RSA_E] = bytes_trimmed(BYTES(e));
    key_blob_parts_put(out, KEY_BLOB_RSA, &parts);
    return ST_OK;
}

static status export_ec(struct hsm *h, const struct key_info *info, bytes secret, buf *out)
{
    uint8_t point[CRYPTO_EC_POINT_MAX];
    const struct crypto_curve_params *c = crypto_curve_params(info->curve);
    span q = {point, 1 + 2 * c->field_size};
    TRY(crypto_ec_public(&h->crypto, info->curve, secret, q));
    bytes all[] = {c->a, c->b, c->p, c->n, c->g, secret, view(q)};
    struct key_blob_parts parts = {.size = (uint32_t)(8 * c->field_size)};
    memcpy(parts.part, all, sizeof all);
    key_blob_parts_put(out, KEY_BLOB_EC, &parts);
    return ST_OK;
}

static status export_okp(struct hsm *h, const struct key_info *info, bytes secret, buf *out)
{
    uint8_t point[CRYPTO_OKP_KEY_MAX];
    const struct crypto_okp_params *c = crypto_okp_params(info->okp);
    span q = {point, c->key_size};
    TRY(crypto_okp_public(&h->crypto, info->okp, secret, q));
    bytes all[] = {c->a, c->b, c->p, c->order, c->base, secret, view(q)};
    struct key_blob_parts parts = {.size = (uint32_t)(8 * c->p.n)};
    memcpy(parts.part, all, sizeof all);
    key_blob_parts_put(out, KEY_BLOB_EC, &parts);
    return ST_OK;
}

static status export_secret(bytes secret, buf *out)
{
    struct key_blob_parts parts = {.size = (uint32_t)secret.n};
    parts.part[AES_KEY] = secret;
    key_blob_parts_put(out, KEY_BLOB_AES, &parts);
    return ST_OK;
}

static status put_components(struct hsm *h, const struct key_info *info, bytes secret, buf *out)
{
    switch (info->type) {
    case KEY_RSA: return export_rsa(h, info, secret, out);
    case KEY_EC: return export_ec(h, info, secret, out);
    case KEY_MONTGOMERY:
    case KEY_EDWARDS: return export_okp(h, info, secret, out);
    case KEY_SECRET: break;
    }
    return export_secret(secret, out);
}

status key_export_components(struct hsm *h, const struct key_info *info, bytes secret, buf *out)
{
    TRY(put_components(h, info, secret, out));
    return out->full ? ST_BAD_LENGTH : ST_OK;
}
