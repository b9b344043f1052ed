/* SPDX-License-Identifier: Apache-2.0 */
/* Files as sealed chunks, and the table of what each id is. */
#include "card/files.h"

#include "card/hsm.h"
#include "card/keys.h"
#include "card/objects.h"
#include "wire/pkcs15.h"

#define HEADER_SIZE 4u
/* Kept free for PIN tries, use counters and INITIALIZE, so that a full card can still be logged in to and wiped. */
#define ROOM_FOR_CARD 8192u

/* ---- classes ---- */

/* Names of upstream's key containers (formats.md 1.3) exist for the host only as refusals. */
static bool is_container(struct hsm *h, uint16_t fid)
{
    uint8_t prefix = (uint8_t)(fid >> 8), id = (uint8_t)fid;
    if (prefix == 0xC7) return true;
    if (prefix == 0xD0 || prefix == 0xD1) return key_exists(h, id);
    bool global = (fid >= 0xD2EF && fid <= 0xD2F3) || fid == 0xE001;
    return global && key_next(h, 1) != 0;
}

static const struct {
    uint16_t first, last;
    enum file_class class;
} classes[] = {
    {0x0000, 0x0000, FILE_NONE},
    {0x3F00, 0x3F00, FILE_NONE},
    {0x5015, 0x5015, FILE_NONE},
    {0xFFFF, 0xFFFF, FILE_NONE},
    {0x2F10, 0x2F10, FILE_STAGING},
    {0x2F1E, 0x2F1F, FILE_OWN},
    {0xC400, 0xC400, FILE_OWN},
    {0xCC00, 0xCCFF, FILE_KEY},
    {0xCD00, 0xCDFF, FILE_PRIVATE},
    {0xE010, 0xE010, FILE_INTERNAL},
    {0xE020, 0xE020, FILE_INTERNAL},
    {0xE0C1, 0xE0C1, FILE_INTERNAL},
    {INTERNAL_FIRST, INTERNAL_LAST, FILE_INTERNAL},
};

enum file_class file_class(struct hsm *h, uint16_t fid)
{
    for (size_t i = 0; i < COUNT(classes); i++) {
        if (fid >= classes[i].first && fid <= classes[i].last) return classes[i].class;
    }
    return is_container(h, fid) ? FILE_CONTAINER : FILE_PUBLIC;
}

/* What is sealed under the root: content that only the user may read. */
static enum vault_level level_of(uint16_t fid)
{
    return fid >> 8 == 0xCD || fid == 0x2F10 ? VAULT_ROOT : VAULT_DEVICE;
}

/* ---- files with a content of their own ---- */

/* Fixed files that exist without content (formats.md 1.2). */
static const uint16_t empty_files[] = {
    FID_ATR,  FID_ODF, FID_PKCS15_TOKEN_INFO, FID_UNUSED_SPACE, FID_PRKDF, FID_PUKDF, FID_CDF, FID_AODF,
    FID_DODF, FID_SKDF};

/* The content of a built-in file that nobody has overwritten; false when there is no such file. */
static bool built_in(struct hsm *h, uint16_t fid, buf *content)
{
    switch (fid) {
    case FID_DIR: pkcs15_put_directory(content); return true;
    case FID_TOKEN_INFO:
        pkcs15_put_token_info(content, BYTES(h->board->profile.serial), pkcs15_default_label());
        return true;
    case FID_POLICY_WORD: put_u16(content, h->settings.policy); return true;
    case FID_OBJECT_GENERATION: put_u32(content, h->vault.generation); return true;
    default: break;
    }
    for (size_t i = 0; i < COUNT(empty_files); i++) {
        if (fid == empty_files[i]) return true;
    }
    return false;
}

/* ---- reading ---- */

/* Opens part `part` into `chunk`; part 0 keeps its header in front. */
static status load_part(struct hsm *h, uint16_t fid, uint32_t part, span chunk, size_t *size)
{
    return vault_get(&h->vault, STORE_KEY(fid, part), level_of(fid), NO_BYTES, chunk, size);
}

static bool is_stored(struct hsm *h, uint16_t fid)
{
    return file_class(h, fid) != FILE_KEY && vault_has(&h->vault, STORE_KEY(fid, 0));
}

/* From the sizes of the sealed parts: works without their key. */
static status size_of_parts(struct hsm *h, uint16_t fid, size_t *size)
{
    size_t total = 0, part_size;
    for (uint32_t part = 0; part <= UINT16_MAX; part++) {
        status st = vault_size(&h->vault, STORE_KEY(fid, part), &part_size);
        if (st == ST_NOT_FOUND) break;
        TRY(st);
        total += part_size;
        if (part_size < FILE_CHUNK) break;
    }
    if (total < HEADER_SIZE) return ST_FLASH;
    *size = total - HEADER_SIZE;
    return ST_OK;
}

/* Opens part 0; the size sealed in it must agree with the sizes of all: the chunks are bound to their count. */
static status open_first(struct hsm *h, uint16_t fid, span chunk, size_t *n, size_t *size)
{
    TRY(size_of_parts(h, fid, size));
    TRY(load_part(h, fid, 0, chunk, n));
    bytes header = bytes_first(bytes_first(view(chunk), *n), HEADER_SIZE);
    return header.n == HEADER_SIZE && be_get(header) == *size ? ST_OK : ST_DATA_NOT_USABLE;
}

static status stored_size(struct hsm *h, uint16_t fid, size_t *size)
{
    SECRET(chunk, FILE_CHUNK);
    size_t n;
    bool shut = level_of(fid) == VAULT_ROOT && !h->vault.root_open;
    return shut ? size_of_parts(h, fid, size) : open_first(h, fid, chunk, &n, size);
}

status file_size(struct hsm *h, uint16_t fid, size_t *size)
{
    uint8_t small[64];
    buf b = BUF(small);
    if (is_stored(h, fid)) return stored_size(h, fid, size);
    if (!built_in(h, fid, &b)) return ST_NOT_FOUND;
    *size = b.n;
    return ST_OK;
}

/* Part 0 holds four bytes less of the file than the others, so that all parts are the same size on flash:
 * byte `at` of the file is byte `at + HEADER_SIZE` of the chunks laid end to end. */
static status read_stored(struct hsm *h, uint16_t fid, size_t at, span *into)
{
    SECRET(chunk, FILE_CHUNK);
    size_t total, size, part = 0;
    TRY(open_first(h, fid, chunk, &size, &total));
    if (at > total) return ST_BAD_LENGTH;
    *into = span_part(*into, 0, total - at);
    at += HEADER_SIZE;
    for (size_t done = 0; done < into->n;) {
        size_t offset = at % FILE_CHUNK, wanted = at / FILE_CHUNK;
        if (wanted != part) TRY(load_part(h, fid, (uint32_t)wanted, chunk, &size));
        part = wanted;
        if (size <= offset) return ST_DATA_NOT_USABLE;
        bytes piece = bytes_first((bytes){chunk.p + offset, size - offset}, into->n - done);
        memcpy(into->p + done, piece.p, piece.n);
        done += piece.n;
        at += piece.n;
    }
    return ST_OK;
}

status file_read_some(struct hsm *h, uint16_t fid, size_t at, span *into)
{
    uint8_t small[64];
    buf b = BUF(small);
    if (into->n == 0) return ST_OK;
    if (is_stored(h, fid)) return read_stored(h, fid, at, into);
    if (!built_in(h, fid, &b)) return ST_NOT_FOUND;
    if (at > b.n) return ST_BAD_LENGTH;
    *into = span_part(*into, 0, b.n - at);
    memcpy(into->p, small + at, into->n);
    return ST_OK;
}

status file_read(struct hsm *h, uint16_t fid, size_t at, span into)
{
    span read = into;
    TRY(file_read_some(h, fid, at, &read));
    return read.n == into.n ? ST_OK : ST_BAD_LENGTH;
}

/* A large file takes its time. */
static status add_part(struct hsm *h, uint16_t fid, uint32_t part, struct crypto_sha256 *hash, size_t *size)
{
    SECRET(chunk, FILE_CHUNK);
    TRY(load_part(h, fid, part, chunk, size));
    if (!progress_tick(h->board->progress)) return ST_EXECUTION;
    return crypto_sha256_add(&h->crypto, hash, bytes_after(bytes_first(view(chunk), *size), part ? 0 : HEADER_SIZE));
}

status file_hash(struct hsm *h, uint16_t fid, span digest)
{
    struct crypto_sha256 hash;
    size_t size, left;
    if (!is_stored(h, fid)) return ST_NOT_FOUND;
    TRY(stored_size(h, fid, &left));
    TRY(crypto_sha256_begin(&h->crypto, &hash));
    left += HEADER_SIZE;
    for (uint32_t part = 0; left; part++, left -= size) {
        TRY(add_part(h, fid, part, &hash, &size));
        if (size == 0 || size > left) return ST_DATA_NOT_USABLE;
    }
    return crypto_sha256_end(&h->crypto, &hash, digest);
}

/* ---- writing ---- */

static unsigned flags_of(uint16_t fid)
{
    return level_of(fid) == VAULT_ROOT ? STORE_SECRET : 0;
}

static status put_part(struct hsm *h, uint16_t fid, uint32_t part, bytes chunk)
{
    return vault_put(&h->vault, STORE_KEY(fid, part), level_of(fid), NO_BYTES, chunk, flags_of(fid));
}

static status remove_parts_from(struct hsm *h, uint16_t fid, uint32_t part)
{
    for (; part <= UINT16_MAX && vault_has(&h->vault, STORE_KEY(fid, part)); part++) {
        TRY(vault_delete(&h->vault, STORE_KEY(fid, part)));
    }
    return ST_OK;
}

status file_remove(struct hsm *h, uint16_t fid)
{
    return remove_parts_from(h, fid, 0);
}

/* The chunk that covers [from, from + FILE_CHUNK) of header ‖ content. */
static bytes compose_chunk(span chunk, size_t from, bytes content)
{
    buf b = buf_over(chunk);
    if (from == 0) put_u32(&b, (uint32_t)content.n);
    size_t content_at = from ? from - HEADER_SIZE : 0;
    put_bytes(&b, bytes_first(bytes_after(content, content_at), b.cap - b.n));
    return written(&b);
}

status file_put(struct hsm *h, uint16_t fid, bytes content)
{
    SECRET(chunk, FILE_CHUNK);
    uint32_t part = 0;
    size_t end = content.n + HEADER_SIZE;
    if (content.n > FILE_SIZE_MAX) return ST_NO_SPACE;
    for (size_t from = 0; from < end; from += FILE_CHUNK) {
        TRY(put_part(h, fid, part++, compose_chunk(chunk, from, content)));
    }
    return remove_parts_from(h, fid, part);
}

/* Rewrites one chunk with the piece of `content` that falls into it; `at` counts header and content. */
static status overlay(struct hsm *h, uint16_t fid, uint32_t part, size_t at, bytes content, size_t new_size)
{
    SECRET(chunk, FILE_CHUNK);
    size_t size = 0, from = (size_t)part * FILE_CHUNK;
    status st = load_part(h, fid, part, chunk, &size);
    if (st != ST_OK && st != ST_NOT_FOUND) return st;
    size_t skip = from > at ? from - at : 0;   /* content bytes that lie in earlier chunks */
    size_t offset = at > from ? at - from : 0; /* where the piece starts in this one       */
    bytes piece = offset < FILE_CHUNK ? bytes_first(bytes_after(content, skip), FILE_CHUNK - offset) : NO_BYTES;
    if (piece.n) memcpy(chunk.p + offset, piece.p, piece.n);
    if (piece.n && offset + piece.n > size) size = offset + piece.n;
    if (part == 0) be_put(span_part(chunk, 0, HEADER_SIZE), (uint32_t)new_size);
    return put_part(h, fid, part, bytes_first(view(chunk), size));
}

static status overlay_all(struct hsm *h, uint16_t fid, size_t at, bytes content, size_t old_size)
{
    size_t new_size = at + content.n > old_size ? at + content.n : old_size;
    size_t start = at + HEADER_SIZE;
    uint32_t first = (uint32_t)(start / FILE_CHUNK), last = (uint32_t)((start + content.n - 1) / FILE_CHUNK);
    if (first > 0 && new_size != old_size) TRY(overlay(h, fid, 0, start, content, new_size));
    for (uint32_t part = first; part <= last; part++) TRY(overlay(h, fid, part, start, content, new_size));
    return ST_OK;
}

/* Before somebody writes into a built-in content it becomes a stored one; for readers nothing changes. */
static status store_built_in(struct hsm *h, uint16_t fid)
{
    uint8_t small[64];
    buf b = BUF(small);
    if (!built_in(h, fid, &b)) return ST_DATA_NOT_USABLE;
    TRY(vault_begin(&h->vault));
    TRY(file_put(h, fid, written(&b)));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

status file_update(struct hsm *h, uint16_t fid, size_t at, bytes content)
{
    size_t size = 0;
    status st = file_size(h, fid, &size);
    if (st == ST_NOT_FOUND || (st == ST_OK && (size == 0 || at > size))) return ST_DATA_NOT_USABLE;
    TRY(st);
    if (content.n > FILE_SIZE_MAX - at || !file_room(h, content.n)) return ST_NO_SPACE;
    if (!is_stored(h, fid)) TRY(store_built_in(h, fid));
    TRY(vault_begin(&h->vault));
    if (content.n) TRY(overlay_all(h, fid, at, content, size));
    return vault_commit(&h->vault, VAULT_OBJECTS);
}

bool file_room(struct hsm *h, size_t size)
{
    struct store_space space = store_space(&h->store);
    size_t values = size / FILE_CHUNK + 4;
    return space.free_bytes >= size + size / 8 + ROOM_FOR_CARD && h->store.slot_count + values + 8 <= h->store.slot_cap;
}
