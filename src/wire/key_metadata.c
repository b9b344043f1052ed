/* SPDX-License-Identifier: Apache-2.0 */
/* Key metadata: the TLVs 90 to 94, one rule each. */
#include "wire/key_metadata.h"

#include "wire/schsm.h"
#include "wire/tlv.h"

static status take_counter(bytes value, struct key_metadata *out)
{
    if (out->has_counter) return ST_OK;
    if (value.n != 4) return ST_BAD_DATA;
    out->has_counter = true;
    out->counter = be_get(value);
    return ST_OK;
}

static status take_list(bytes value, struct key_metadata *out)
{
    if (out->has_list) return ST_OK;
    if (value.n > LIMIT_ALGORITHM_LIST) return ST_BAD_DATA;
    out->has_list = true;
    out->list = value;
    return ST_OK;
}

static status take_domain(bytes value, struct key_metadata *out)
{
    if (out->has_domain) return ST_OK;
    if (value.n != 1 || value.p[0] >= LIMIT_KEY_DOMAINS) return ST_BAD_DATA;
    out->has_domain = true;
    out->domain = value.p[0];
    return ST_OK;
}

static status take_wrapping_id(bytes value, struct key_metadata *out)
{
    if (out->has_wrapping_id) return ST_OK;
    if (value.n > LIMIT_WRAPPING_ID) return ST_BAD_DATA;
    out->has_wrapping_id = true;
    out->wrapping_id = value;
    return ST_OK;
}

static status take_kind(bytes value, struct key_metadata *out)
{
    if (out->kind != SECRET_ANY) return ST_OK;
    if (value.n != 1 || value.p[0] == SECRET_ANY || value.p[0] >= SECRET_KIND_COUNT) return ST_BAD_DATA;
    out->kind = (enum secret_kind)value.p[0];
    return ST_OK;
}

status key_metadata_take(uint16_t tag, bytes value, struct key_metadata *out)
{
    switch (tag) {
    case TAG_KEY_COUNTER: return take_counter(value, out);
    case TAG_KEY_ALGORITHMS: return take_list(value, out);
    case TAG_KEY_DOMAIN: return take_domain(value, out);
    case TAG_KEY_WRAPPING_ID: return take_wrapping_id(value, out);
    case TAG_KEY_KIND: return take_kind(value, out);
    default: return ST_OK;
    }
}

status key_metadata_parse(bytes in, struct key_metadata *out)
{
    struct key_metadata found = {0};
    reader r = read_from(in);
    for (tlv t; tlv_next(&r, &t);) TRY(key_metadata_take(t.tag, t.value, &found));
    if (r.bad) return ST_BAD_DATA;
    *out = found;
    return ST_OK;
}

bool key_metadata_names(const struct key_metadata *metadata, uint8_t algorithm)
{
    bytes list = metadata->list;
    return metadata->has_list && list.n && memchr(list.p, algorithm, list.n) != NULL;
}

bool key_metadata_allows(const struct key_metadata *metadata, uint8_t algorithm)
{
    return !metadata->has_list || key_metadata_names(metadata, algorithm);
}

void key_metadata_put(buf *out, const struct key_metadata *metadata)
{
    if (metadata->has_counter) {
        tlv_put_header(out, TAG_KEY_COUNTER, 4);
        put_u32(out, metadata->counter);
    }
    if (metadata->has_list) tlv_put(out, TAG_KEY_ALGORITHMS, metadata->list);
    if (metadata->has_domain) tlv_put_u8(out, TAG_KEY_DOMAIN, metadata->domain);
    if (metadata->has_wrapping_id) tlv_put(out, TAG_KEY_WRAPPING_ID, metadata->wrapping_id);
    if (metadata->kind != SECRET_ANY) tlv_put_u8(out, TAG_KEY_KIND, (uint8_t)metadata->kind);
}
