/* SPDX-License-Identifier: Apache-2.0 */
/* Bulk metadata, an extension of ours (decisions.md, 5C): what a host wants to know about all objects, in pages. */
#include "card/commands.h"
#include "card/files.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/objects.h"

#define HASH_SIZE 32u
#define METADATA_MAX 255u
/* FID Ld hash Lm, without description and metadata. */
#define ENTRY_FRAME (2u + 2u + HASH_SIZE + 1u)
#define LENGTH_NOT_SHOWN 0xFFFFu
#define METADATA_NOT_SHOWN 0xFFu

/* P1: by which files the objects of a kind are found, and which ones tell about them. */
static const struct kind {
    uint8_t object, description, hashed;
} kinds[] = {
    {FID_PREFIX_KEY, FID_PREFIX_KEY_DESCRIPTION, FID_PREFIX_CERTIFICATE},
    {FID_PREFIX_CA_CERTIFICATE, FID_PREFIX_CA_DESCRIPTION, FID_PREFIX_CA_CERTIFICATE},
    {FID_PREFIX_DATA_DESCRIPTION, FID_PREFIX_DATA_DESCRIPTION, FID_PREFIX_DATA_PUBLIC},
};

status bulk_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p1 < COUNT(kinds) ? ST_OK : ST_BAD_P1P2;
}

/* The next object of a kind from id `from` on; 0x100: there is none. The device key is not shown. */
static unsigned next_object(struct hsm *h, const struct kind *kind, unsigned from)
{
    if (kind->object == FID_PREFIX_KEY && from == DEVICE_KEY_ID) from = 1;
    if (from > 0xFF) return 0x100;
    uint32_t found = store_next(&h->store, STORE_KEY(FID_OF(kind->object, from), 0));
    return found >> 24 == kind->object ? found >> 16 & 0xFF : 0x100;
}

/* ---- one entry ---- */

struct entry {
    uint8_t id;
    size_t description_size; /* on flash */
    buf metadata;
    uint8_t metadata_bytes[METADATA_MAX];
};

static bool is_shown(size_t description_size)
{
    return description_size <= LIMIT_DESCRIPTION_IN_BULK;
}

static status load_metadata(struct hsm *h, struct entry *e)
{
    struct key_info info;
    TRY(key_info_load(h, e->id, &info));
    key_metadata_put(&e->metadata, &info.metadata);
    return ST_OK;
}

static status load_entry(struct hsm *h, const struct kind *kind, uint8_t id, struct entry *e)
{
    *e = (struct entry){.id = id};
    e->metadata = BUF(e->metadata_bytes);
    status st = file_size(h, FID_OF(kind->description, id), &e->description_size);
    if (st != ST_OK && st != ST_NOT_FOUND) return st;
    return kind->object == FID_PREFIX_KEY ? load_metadata(h, e) : ST_OK;
}

static size_t entry_size(const struct entry *e)
{
    return ENTRY_FRAME + (is_shown(e->description_size) ? e->description_size : 0) + e->metadata.n;
}

static status put_description(struct hsm *h, uint16_t fid, size_t size, buf *reply)
{
    if (!is_shown(size)) {
        put_u16(reply, LENGTH_NOT_SHOWN);
        return ST_OK;
    }
    put_u16(reply, (uint16_t)size);
    return size ? file_read(h, fid, 0, put_space(reply, size)) : ST_OK;
}

static status put_hash(struct hsm *h, uint16_t fid, buf *reply)
{
    span hash = put_space(reply, HASH_SIZE);
    status st = file_hash(h, fid, hash);
    if (st != ST_NOT_FOUND) return st;
    wipe(hash);
    return ST_OK;
}

static status put_entry(struct hsm *h, const struct kind *kind, const struct entry *e, buf *reply)
{
    put_u16(reply, FID_OF(kind->object, e->id));
    TRY(put_description(h, FID_OF(kind->description, e->id), e->description_size, reply));
    TRY(put_hash(h, FID_OF(kind->hashed, e->id), reply));
    put_u8(reply, e->metadata.full ? METADATA_NOT_SHOWN : (uint8_t)e->metadata.n);
    if (!e->metadata.full) put_bytes(reply, written(&e->metadata));
    return ST_OK;
}

/* ---- a page ---- */

status cmd_bulk_metadata(struct hsm *h, const struct apdu *a, buf *reply)
{
    const struct kind *kind = &kinds[a->p1];
    struct entry e;
    put_u32(reply, h->vault.generation);
    span next = put_space(reply, 1);
    wipe(next);
    for (unsigned id = next_object(h, kind, a->p2); id <= 0xFF; id = next_object(h, kind, id + 1)) {
        TRY(load_entry(h, kind, (uint8_t)id, &e));
        if (entry_size(&e) > reply->cap - reply->n) {
            next.p[0] = e.id; /* at least one entry fits a page, so it is not the first */
            break;
        }
        TRY(put_entry(h, kind, &e, reply));
    }
    return ST_OK;
}
