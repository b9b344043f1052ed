/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of PSS and OAEP. */
#include "wire/rsa_parameters.h"

#include "wire/digest_info.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

enum object { HASH, DATA, DIGEST, LABEL, SALT_SIZE, MGF1_HASH, OBJECT_COUNT };

#define BIT(object) (1u << (object))
#define PSS_OBJECTS (BIT(HASH) | BIT(DATA) | BIT(DIGEST) | BIT(SALT_SIZE) | BIT(MGF1_HASH))
#define OAEP_OBJECTS (BIT(HASH) | BIT(DATA) | BIT(LABEL) | BIT(MGF1_HASH))

static const uint8_t tags[OBJECT_COUNT] = {
    [HASH] = TAG_RSA_HASH,   [DATA] = TAG_RSA_DATA,           [DIGEST] = TAG_RSA_DIGEST,
    [LABEL] = TAG_RSA_LABEL, [SALT_SIZE] = TAG_RSA_SALT_SIZE, [MGF1_HASH] = TAG_RSA_MGF1_HASH,
};

struct objects {
    unsigned seen;
    bytes value[OBJECT_COUNT];
};

static bool has(const struct objects *o, enum object which)
{
    return o->seen & BIT(which);
}

static unsigned object_of(uint16_t tag)
{
    unsigned i = 0;
    while (i < OBJECT_COUNT && tags[i] != tag) i++;
    return i;
}

static status take_objects(bytes in, unsigned allowed, struct objects *out)
{
    reader r = read_from(in);
    for (tlv t; tlv_next(&r, &t);) {
        unsigned i = object_of(t.tag);
        if (!(allowed & ~out->seen & BIT(i))) return ST_BAD_DATA;
        out->seen |= BIT(i);
        out->value[i] = t.value;
    }
    return r.bad ? ST_BAD_DATA : ST_OK;
}

static status take_hashes(const struct objects *o, struct crypto_rsa_padding *padding)
{
    if (!has(o, HASH)) return ST_BAD_LENGTH;
    if (!digest_oid_find(o->value[HASH], &padding->hash)) return ST_BAD_DATA;
    padding->mgf = padding->hash;
    if (!has(o, MGF1_HASH)) return ST_OK;
    return digest_oid_find(o->value[MGF1_HASH], &padding->mgf) ? ST_OK : ST_BAD_DATA;
}

static status take_salt_size(const struct objects *o, size_t *size)
{
    bytes value = o->value[SALT_SIZE];
    *size = CRYPTO_RSA_SALT_AS_HASH;
    if (!has(o, SALT_SIZE)) return ST_OK;
    if (value.n == 0 || value.n > 2) return ST_BAD_LENGTH;
    *size = be_get(value);
    return ST_OK;
}

status rsa_pss_parse(bytes in, struct rsa_parameters *out)
{
    struct objects o = {0};
    *out = (struct rsa_parameters){0};
    TRY(take_objects(in, PSS_OBJECTS, &o));
    TRY(take_hashes(&o, &out->padding));
    TRY(take_salt_size(&o, &out->padding.salt_size));
    if (has(&o, DATA) == has(&o, DIGEST)) return ST_BAD_LENGTH;
    out->is_digest = has(&o, DIGEST);
    out->data = o.value[out->is_digest ? DIGEST : DATA];
    return out->is_digest && out->data.n != crypto_hash_size(out->padding.hash) ? ST_BAD_LENGTH : ST_OK;
}

status rsa_oaep_parse(bytes in, struct rsa_parameters *out)
{
    struct objects o = {0};
    *out = (struct rsa_parameters){0};
    TRY(take_objects(in, OAEP_OBJECTS, &o));
    TRY(take_hashes(&o, &out->padding));
    if (!has(&o, DATA)) return ST_BAD_LENGTH;
    out->padding.label = o.value[LABEL];
    out->data = o.value[DATA];
    return ST_OK;
}
