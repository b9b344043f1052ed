/* SPDX-License-Identifier: Apache-2.0 */
/* DECIPHER and KEY AGREEMENT (apdu.md 3.15). Every padding failure is the same word after the same work (DP-37). */
#include "card/agreement.h"
#include "card/commands.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/xkek.h"
#include "wire/rsa_parameters.h"

#define ECDH_MARKER 0x04 /* before the shared x-coordinate; all clients drop it */

typedef status decipher_run(struct hsm *h, const struct key_info *info, bytes secret, bytes data, buf *reply);

/* ---- RSA ---- */

static status rsa_private(struct hsm *h, const struct key_info *info, bytes secret, bytes data, span out)
{
    struct crypto_rsa rsa = crypto_rsa_view(secret, info->rsa_e);
    return crypto_rsa_private(&h->crypto, &rsa, data, out);
}

static status rsa_raw(struct hsm *h, const struct key_info *info, bytes secret, bytes data, buf *reply)
{
    return rsa_private(h, info, secret, data, put_space(reply, data.n));
}

static status rsa_pkcs1(struct hsm *h, const struct key_info *info, bytes secret, bytes data, buf *reply)
{
    SECRET(block, CRYPTO_RSA_MAX);
    span em = span_part(block, 0, data.n);
    size_t size;
    TRY(rsa_private(h, info, secret, data, em));
    TRY(crypto_rsa_unpad_v15(em, &size));
    put_bytes(reply, bytes_first(view(em), size));
    return ST_OK;
}

static status rsa_unpad_oaep(struct hsm *h, const struct key_info *info, bytes secret,
                             const struct rsa_parameters *oaep, buf *reply)
{
    SECRET(block, CRYPTO_RSA_MAX);
    span em = span_part(block, 0, oaep->data.n);
    size_t size;
    TRY(rsa_private(h, info, secret, oaep->data, em));
    TRY(crypto_rsa_unpad_oaep(&h->crypto, &oaep->padding, em, &size));
    put_bytes(reply, bytes_first(view(em), size));
    return ST_OK;
}

static status rsa_oaep(struct hsm *h, const struct key_info *info, bytes secret, bytes data, buf *reply)
{
    struct rsa_parameters usual = {.padding = {.hash = CRYPTO_SHA256, .mgf = CRYPTO_SHA256}, .data = data};
    return rsa_unpad_oaep(h, info, secret, &usual, reply);
}

/* 24, ours: hashes and label in the data. */
static status rsa_oaep_of(struct hsm *h, const struct key_info *info, bytes secret, bytes data, buf *reply)
{
    struct rsa_parameters oaep;
    TRY(rsa_oaep_parse(data, &oaep));
    return rsa_unpad_oaep(h, info, secret, &oaep, reply);
}

static status rsa_data_ok(struct hsm *h, const struct key_info *info, bytes data)
{
    return data.n == key_field_size(info) ? ST_OK : ST_BAD_LENGTH;
}

/* Two digests and two bytes must fit (RFC 8017 7.1.2, 1c): nothing can have been encrypted with a hash that is longer. */
static status oaep_of_ok(struct hsm *h, const struct key_info *info, bytes data)
{
    struct rsa_parameters oaep;
    TRY(rsa_oaep_parse(data, &oaep));
    if (oaep.data.n < 2 * crypto_hash_size(oaep.padding.hash) + 2) return ST_BAD_LENGTH;
    return rsa_data_ok(h, info, oaep.data);
}

/* ---- ECDH ---- */

static status ecdh(struct hsm *h, const struct key_info *info, bytes secret, bytes data, buf *reply)
{
    put_u8(reply, ECDH_MARKER);
    return agreement_run(h, info, secret, data, put_space(reply, agreement_size(info)));
}

/* Asked before a use is charged, and again inside the agreement. */
static status ecdh_data_ok(struct hsm *h, const struct key_info *info, bytes data)
{
    return agreement_check(h, info, data);
}

/* ---- XKEK: agreement with another card; the result stays here ---- */

static status xkek(struct hsm *h, const struct key_info *info, bytes secret, bytes data, buf *reply)
{
    return xkek_derive(h, info, secret, data);
}

/* ---- the table ---- */

static const struct decipher_row {
    uint8_t id;
    enum key_type type;
    status (*data_ok)(struct hsm *h, const struct key_info *info, bytes data);
    decipher_run *run;
} rows[] = {
    {ALG_RSA_DECRYPT_RAW, KEY_RSA, rsa_data_ok, rsa_raw},
    {ALG_RSA_DECRYPT_PKCS1, KEY_RSA, rsa_data_ok, rsa_pkcs1},
    {ALG_RSA_DECRYPT_OAEP, KEY_RSA, rsa_data_ok, rsa_oaep},
    {ALG_RSA_DECRYPT_OAEP_OF, KEY_RSA, oaep_of_ok, rsa_oaep_of},
    {ALG_ECDH, KEY_EC, ecdh_data_ok, ecdh},
    {ALG_ECDH, KEY_MONTGOMERY, ecdh_data_ok, ecdh},
    {ALG_XKEK, KEY_EC, xkek_check_peer, xkek},
};

/* The row for this id, of keys of this type if there is one. */
static const struct decipher_row *row_find(uint8_t id, enum key_type type)
{
    const struct decipher_row *found = NULL;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].id == id && (!found || rows[i].type == type)) found = &rows[i];
    }
    return found;
}

status cmd_decipher(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct key_info info;
    TRY(key_admit(h, a->p1, a->p2, &info));
    const struct decipher_row *row = row_find(a->p2, info.type);
    if (!row) return ST_WRONG_PARAMETER;
    if (info.type != row->type) return ST_EXECUTION;
    TRY(row->data_ok(h, &info, a->data));
    SECRET(parts, CRYPTO_RSA_PARTS_MAX);
    span secret = span_part(parts, 0, key_secret_size(&info));
    TRY(key_use(h, &info, secret));
    return row->run(h, &info, view(secret), a->data, reply);
}
