/* SPDX-License-Identifier: Apache-2.0 */
/* Layout, encryption and authentication of key blobs. */
#include "wire/key_blob.h"

#include "wire/schsm.h"
#include "wire/secret_kind.h"

#define BLOCK 16u

/* id-TA-RSA-v1-5-SHA-256, id-TA-ECDSA-SHA-256, and the arc of AES. */
static const uint8_t rsa_oid[] = {0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x01, 0x02};
static const uint8_t ec_oid[] = {0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x02, 0x03};
static const uint8_t aes_oid[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01};

static const struct layout {
    enum key_blob_type type;
    bytes algorithm;
    size_t parts;
} layouts[] = {
    {KEY_BLOB_RSA, {rsa_oid, sizeof rsa_oid}, 3},
    {KEY_BLOB_RSA_CRT, {rsa_oid, sizeof rsa_oid}, 7},
    {KEY_BLOB_EC, {ec_oid, sizeof ec_oid}, 7},
    {KEY_BLOB_AES, {aes_oid, sizeof aes_oid}, 1},
};

static const struct layout *layout_of(uint8_t type)
{
    for (size_t i = 0; i < COUNT(layouts); i++) {
        if (layouts[i].type == type) return &layouts[i];
    }
    return NULL;
}

/* ---- the shape ---- */

static bytes take_field(reader *r)
{
    size_t n = rd_u16(r);
    return rd_take(r, n);
}

status key_blob_read(bytes in, struct key_blob *out)
{
    struct key_blob blob = {0};
    reader r = read_from(in);
    blob.kcv = rd_take(&r, DKEK_KCV_SIZE);
    const struct layout *layout = layout_of(rd_u8(&r));
    blob.default_algorithm = take_field(&r);
    blob.algorithms = take_field(&r);
    take_field(&r); /* access conditions */
    take_field(&r); /* key OID */
    size_t left = r.left.n;
    if (r.bad || !layout || left < 2 * BLOCK || left % BLOCK || left - BLOCK > KEY_BLOB_PLAIN_MAX)
        return ST_DATA_NOT_USABLE;
    if (blob.algorithms.n > LIMIT_ALGORITHM_LIST) return ST_DATA_NOT_USABLE;
    blob.type = layout->type;
    blob.encrypted = rd_take(&r, left - BLOCK);
    blob.mac = rd_rest(&r);
    blob.authenticated = bytes_first(in, in.n - BLOCK);
    *out = blob;
    return ST_OK;
}

/* ---- keys ---- */

enum { DERIVE_ENCRYPTION = 1, DERIVE_MAC = 2 };

/* SHA-256(DKEK ‖ counter) */
static status derive(struct crypto *c, bytes dkek, uint8_t counter, span key)
{
    uint8_t number[4] = {0, 0, 0, counter};
    bytes parts[] = {dkek, BYTES(number)};
    return crypto_hash(c, CRYPTO_SHA256, parts, COUNT(parts), key);
}

status key_blob_kcv(struct crypto *c, bytes dkek, span kcv)
{
    uint8_t hash[32];
    if (dkek.n != DKEK_SIZE || kcv.n != DKEK_KCV_SIZE) return ST_BAD_LENGTH;
    TRY(crypto_hash(c, CRYPTO_SHA256, &dkek, 1, SPAN(hash)));
    memcpy(kcv.p, hash, kcv.n);
    return ST_OK;
}

static status authenticate(struct crypto *c, bytes dkek, bytes message, span mac)
{
    SECRET(key, 32);
    TRY(derive(c, dkek, DERIVE_MAC, key));
    return crypto_aes_cmac(c, view(key), &message, 1, mac);
}

/* The IV is zero; eight random bytes in front do its work. */
static status crypt(struct crypto *c, bool encrypt, bytes dkek, bytes in, span out)
{
    SECRET(key, 32);
    static const uint8_t iv[BLOCK];
    TRY(derive(c, dkek, DERIVE_ENCRYPTION, key));
    return crypto_aes_cbc(c, encrypt, view(key), BYTES(iv), in, out);
}

/* ---- opening ---- */

static status open(struct crypto *c, const struct key_blob *blob, bytes dkek, span plain)
{
    uint8_t mac[BLOCK];
    if (dkek.n != DKEK_SIZE || plain.n != blob->encrypted.n) return ST_BAD_LENGTH;
    TRY(authenticate(c, dkek, blob->authenticated, SPAN(mac)));
    if (!ct_equal(BYTES(mac), blob->mac)) return ST_EXECUTION;
    return crypt(c, false, dkek, blob->encrypted, plain);
}

status key_blob_open(struct crypto *c, const struct key_blob *blob, bytes dkek, span plain)
{
    status st = open(c, blob, dkek, plain);
    if (st != ST_OK) wipe(plain);
    return st;
}

status key_blob_parts_read(enum key_blob_type type, bytes in, struct key_blob_parts *out)
{
    const struct layout *layout = layout_of((uint8_t)type);
    struct key_blob_parts parts = {0};
    reader r = read_from(in);
    if (!layout) return ST_DATA_NOT_USABLE;
    parts.size = rd_u16(&r);
    if (type == KEY_BLOB_AES) {
        if (parts.size == 0 || parts.size > SECRET_SIZE_MAX) return ST_DATA_NOT_USABLE;
        parts.part[AES_KEY] = rd_take(&r, parts.size);
    } else {
        for (size_t i = 0; i < layout->parts; i++) parts.part[i] = take_field(&r);
    }
    parts.rest = rd_rest(&r);
    if (r.bad) return ST_DATA_NOT_USABLE;
    *out = parts;
    return ST_OK;
}

/* ---- making ---- */

static void put_field(buf *out, bytes value)
{
    put_u16(out, (uint16_t)value.n);
    put_bytes(out, value);
}

void key_blob_parts_put(buf *out, enum key_blob_type type, const struct key_blob_parts *parts)
{
    const struct layout *layout = layout_of((uint8_t)type);
    put_u16(out, (uint16_t)parts->size);
    if (type == KEY_BLOB_AES) {
        put_bytes(out, parts->part[AES_KEY]);
        return;
    }
    for (size_t i = 0; layout && i < layout->parts; i++) put_field(out, parts->part[i]);
}

static status put_header(struct crypto *c, const struct layout *layout, const struct key_blob_header *header,
                         bytes dkek, buf *out)
{
    span kcv = put_space(out, DKEK_KCV_SIZE);
    if (out->full) return ST_BAD_LENGTH;
    TRY(key_blob_kcv(c, dkek, kcv));
    put_u8(out, (uint8_t)layout->type);
    put_field(out, header->default_algorithm.n ? header->default_algorithm : layout->algorithm);
    put_field(out, header->algorithms);
    put_field(out, NO_BYTES);
    put_field(out, NO_BYTES);
    return ST_OK;
}

/* random(8) ‖ components ‖ 80 00 .. when they do not fill the last block */
static status put_plaintext(struct crypto *c, bytes components, span plain)
{
    buf b = buf_over(plain);
    TRY(crypto_random(c, put_space(&b, KEY_BLOB_RANDOM)));
    put_bytes(&b, components);
    if (b.n < b.cap) put_u8(&b, 0x80);
    put_zeros(&b, b.cap - b.n);
    return ST_OK;
}

static status put_sealed(struct crypto *c, bytes dkek, bytes components, size_t begin, buf *out)
{
    SECRET(work, KEY_BLOB_PLAIN_MAX);
    span plain = span_part(work, 0, (KEY_BLOB_RANDOM + components.n + BLOCK - 1) / BLOCK * BLOCK);
    span encrypted = put_space(out, plain.n), mac = put_space(out, BLOCK);
    if (out->full) return ST_BAD_LENGTH;
    TRY(put_plaintext(c, components, plain));
    TRY(crypt(c, true, dkek, view(plain), encrypted));
    bytes authenticated = {out->p + begin, out->n - begin - BLOCK};
    return authenticate(c, dkek, authenticated, mac);
}

status key_blob_seal(struct crypto *c, const struct key_blob_header *header, bytes dkek, bytes components, buf *out)
{
    const struct layout *layout = layout_of((uint8_t)header->type);
    size_t begin = out->n;
    if (!layout || dkek.n != DKEK_SIZE || header->algorithms.n > LIMIT_ALGORITHM_LIST) return ST_BAD_LENGTH;
    if (components.n > KEY_BLOB_PLAIN_MAX - KEY_BLOB_RANDOM) return ST_BAD_LENGTH;
    TRY(put_header(c, layout, header, dkek, out));
    return put_sealed(c, dkek, components, begin, out);
}
