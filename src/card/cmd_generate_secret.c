/* SPDX-License-Identifier: Apache-2.0 */
/* GENERATE SYMMETRIC KEY (apdu.md 3.13), and of any length and for one purpose as an extension (docs/commands.md). */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/key_import.h"
#include "wire/tlv.h"

/* Without 84, B4 is nobody's (apdu.md 3.13). */
static bool is_ours(const struct apdu *a)
{
    bytes unused;
    return a->p2 == ALG_GENERATE_SECRET && tlv_find(a->data, TAG_SECRET_SIZE, &unused);
}

status generate_secret_p1p2(struct hsm *h, const struct apdu *a)
{
    bool known = a->p2 >= ALG_GENERATE_AES_128 && a->p2 <= ALG_GENERATE_AES_512;
    return a->p1 != DEVICE_KEY_ID && (known || is_ours(a)) ? ST_OK : ST_BAD_P1P2;
}

/* P2 says the size, or tag 84 does; what is then of no kind is generic. */
static status read_size(const struct apdu *a, struct key_info *info)
{
    static const uint8_t sizes[] = {16, 24, 32, 64};
    bytes size;
    if (a->p2 != ALG_GENERATE_SECRET) {
        info->secret_size = sizes[a->p2 - ALG_GENERATE_AES_128];
        return ST_OK;
    }
    if (!tlv_find(a->data, TAG_SECRET_SIZE, &size) || size.n != 1) return ST_BAD_DATA;
    info->secret_size = size.p[0];
    if (info->metadata.kind == SECRET_ANY) info->metadata.kind = SECRET_GENERIC;
    return ST_OK;
}

static status read_request(const struct apdu *a, struct key_info *info)
{
    *info = (struct key_info){.id = a->p1, .type = KEY_SECRET};
    TRY(key_metadata_parse(a->data, &info->metadata));
    TRY(read_size(a, info));
    return secret_kind_has_size(info->metadata.kind, info->secret_size) ? ST_OK : ST_BAD_DATA;
}

status cmd_generate_secret_key(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct key_info info;
    SECRET(memory, SECRET_SIZE_MAX);
    TRY(key_confirm(h, "generate a secret key"));
    TRY(read_request(a, &info));
    span secret = span_part(memory, 0, info.secret_size);
    TRY(crypto_random(&h->crypto, secret));
    key_count_by_option(h, &info.metadata);
    return key_import_put(h, &info, view(secret), KEY_NOT_STAGED, reply);
}
