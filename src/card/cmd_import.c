/* SPDX-License-Identifier: Apache-2.0 */
/* Plain key import, an extension of ours (decisions.md, 5E). Whoever set the device up has to have allowed it, and the
 * key may not cross a line that somebody listens to. */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/key_import.h"
#include "card/xkek.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

status import_p1p2(struct hsm *h, const struct apdu *a)
{
    static const uint8_t types[] = {KEY_BLOB_RSA, KEY_BLOB_RSA_CRT, KEY_BLOB_EC, KEY_BLOB_AES};
    return a->p1 != DEVICE_KEY_ID && memchr(types, a->p2, sizeof types) ? ST_OK : ST_BAD_P1P2;
}

static status allowed(struct hsm *h, uint8_t id)
{
    if (!(h->settings.policy & POLICY_KEY_IMPORT)) return ST_CONDITIONS;
    if (!secure_channel_protects(h)) return ST_SM_MISSING;
    if (key_exists(h, id)) return ST_EXISTS;
    if (!h->vault.root_open) return ST_NOT_AUTHORIZED;
    return key_confirm(h, "import a key");
}

/* `81 components`, then the metadata. */
static status read_request(const struct apdu *a, struct key_blob_parts *parts, struct key_metadata *metadata)
{
    reader r = read_from(a->data);
    tlv components;
    if (!tlv_well_formed(a->data)) return ST_BAD_DATA;
    if (!tlv_next(&r, &components) || components.tag != TAG_IMPORT_COMPONENTS) return ST_BAD_LENGTH;
    TRY(key_metadata_parse(rd_rest(&r), metadata));
    bool has_certificate = a->p2 != KEY_BLOB_AES;
    if (has_certificate && xkek_is_exchange_key(metadata))
        return ST_BAD_LENGTH; /* GENERATE makes those: the certificate names the group */
    TRY(key_blob_parts_read((enum key_blob_type)a->p2, components.value, parts));
    return parts->rest.n ? ST_DATA_NOT_USABLE : ST_OK;
}

status cmd_import_key(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct key_info info = {.id = a->p1};
    struct key_blob_parts parts;
    size_t begin = reply->n;
    SECRET(secret, CRYPTO_RSA_PARTS_MAX);
    TRY(allowed(h, a->p1));
    TRY(read_request(a, &parts, &info.metadata));
    TRY(key_import_read(h, (enum key_blob_type)a->p2, &parts, &info, secret));
    key_count_by_option(h, &info.metadata);
    TRY(key_import_put(h, &info, bytes_first(view(secret), key_secret_size(&info)), KEY_NOT_STAGED, reply));
    reply->n = begin;
    return ST_OK;
}
