/* SPDX-License-Identifier: Apache-2.0 */
/* DERIVE ASYMMETRIC KEY (apdu.md 3.16): d' = d + a modulo the order, so that whoever has Q and a knows Q' = Q + aG. */
#include "card/commands.h"
#include "card/files.h"
#include "card/hsm.h"
#include "card/key_import.h"

status derive_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p2 == DEVICE_KEY_ID || a->p2 == a->p1 ? ST_BAD_P1P2 : ST_OK;
}

/* `98 offset`; the offset is no longer than the order. */
static status read_offset(const struct key_info *source, bytes data, bytes *offset)
{
    reader r = read_from(data);
    bool derives = rd_u8(&r) == ALG_DERIVE_EC;
    *offset = rd_rest(&r);
    return derives && offset->n && offset->n <= key_field_size(source) ? ST_OK : ST_BAD_LENGTH;
}

static status derive(struct hsm *h, const struct key_info *source, bytes offset, span derived)
{
    SECRET(d, CRYPTO_EC_FIELD_MAX);
    span parent = span_part(d, 0, derived.n);
    TRY(key_use(h, source, parent));
    return crypto_ec_add_private(&h->crypto, source->curve, view(parent), offset, derived);
}

/* The child is no freer than its parent (DP-39), whose uses it does not share; it was not made by this card's random
 * numbers alone, so it is not attested. */
static struct key_info child_of(struct hsm *h, const struct key_info *source, uint8_t id)
{
    struct key_info child = {
        .id = id, .type = KEY_EC, .imported = true, .curve = source->curve, .metadata = source->metadata};
    child.metadata.has_counter = false;
    key_count_by_option(h, &child.metadata);
    return child;
}

status cmd_derive_key(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct key_info source;
    bytes offset;
    size_t begin = reply->n;
    SECRET(d, CRYPTO_EC_FIELD_MAX);
    if (a->p1 != DEVICE_KEY_ID && key_exists(h, a->p2)) return ST_EXISTS;
    TRY(key_admit(h, a->p1, ALG_DERIVE_EC, &source));
    if (source.type != KEY_EC) return ST_EXECUTION;
    TRY(read_offset(&source, a->data, &offset));
    if (!file_room(h, KEY_ROOM)) return ST_NO_SPACE; /* before a use is charged */
    span derived = span_part(d, 0, key_field_size(&source));
    TRY(derive(h, &source, offset, derived));
    struct key_info child = child_of(h, &source, a->p2);
    TRY(key_import_put(h, &child, view(derived), KEY_NOT_STAGED, reply));
    reply->n = begin;
    return ST_OK;
}
