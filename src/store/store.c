/* SPDX-License-Identifier: Apache-2.0 */
/* The store as its callers see it: reading, and transactions. */
#include "store/store.h"

#include "store/clean.h"
#include "store/index.h"

_Static_assert(sizeof(struct store) <= 1024, "store.h promises at most 1 KiB");

static const struct source no_value;

/* ---- reading ---- */

bool store_read_only(const struct store *s)
{
    return s->read_only;
}

status store_size(const struct store *s, uint32_t key, size_t *size)
{
    struct place p;
    const struct store_slot *slot = index_find(s, key);
    if (!slot) return ST_NOT_FOUND;
    TRY(index_record(s, slot, &p));
    *size = p.rec.size;
    return ST_OK;
}

status store_read(const struct store *s, uint32_t key, size_t at, span into)
{
    struct place p;
    const struct store_slot *slot = index_find(s, key);
    if (!slot) return ST_NOT_FOUND;
    TRY(index_record(s, slot, &p));
    if (at > p.rec.size || into.n > p.rec.size - at) return ST_BAD_LENGTH;
    if (into.n == 0) return ST_OK;
    if (into.n < p.rec.size) return s->nor->read(s->nor->ctx, p.at + RECORD_HEADER + (uint32_t)at, into);
    bool good = false;
    TRY(record_check(s->nor, p.seq, p.at, into, &p.rec, &good));
    return good ? ST_OK : ST_FLASH;
}

uint32_t store_next(const struct store *s, uint32_t from)
{
    uint32_t i = index_lower(s, from);
    return i < s->slot_count ? s->slots[i].key : 0;
}

/* Counted for values of 256 bytes, with a sixteenth of each sector and a record at its end left
 * unused. */
struct store_space store_space(const struct store *s)
{
    uint32_t size = s->nor->sector_size, record = record_end(s->nor, 0, 256);
    uint32_t usable = s->nor->sector_count - s->retired_count > SPARE_PUT + 2
                          ? s->nor->sector_count - s->retired_count - SPARE_PUT - 2
                          : 0;
    uint64_t room = (uint64_t)usable * ((size - SECTOR_HEADER - record) / 16 * 15);
    uint32_t slots = s->slot_cap - s->slot_count;
    uint32_t values = room > s->used_bytes ? (uint32_t)((room - s->used_bytes) / record) : 0;
    if (values > slots) values = slots;
    return (struct store_space){values * 256, s->used_bytes, size * s->nor->sector_count, s->slot_count};
}

/* ---- the records of the open transaction ---- */

/* Goes through them in the order they were written. */
struct txn_walk {
    const struct store *s;
    uint32_t sector, seq;
    struct walk w;
};

static struct txn_walk txn_walk(const struct store *s)
{
    struct txn_walk t = {.s = s, .sector = s->txn.sector, .seq = s->txn.seq};
    t.w = walk_sector(s->nor, t.sector, t.seq, false);
    return t;
}

/* On to the next sector; one that refused its first write has no header and is missing. */
static bool txn_next_sector(struct txn_walk *t)
{
    while (t->seq < t->s->head_seq) {
        status st = log_find(t->s, t->sector, ++t->seq, &t->sector);
        if (st == ST_NOT_FOUND) continue;
        t->w = walk_sector(t->s->nor, t->sector, t->seq, false);
        t->w.st = st;
        return st == ST_OK;
    }
    return false;
}

static bool txn_next(struct txn_walk *t)
{
    do {
        while (walk_next(&t->w))
            if (t->w.at.rec.version >= t->s->txn.first && t->w.at.rec.kind != RECORD_COMMIT) return true;
    } while (t->w.st == ST_OK && txn_next_sector(t));
    return false;
}

/* Two bits a key. */
static uint32_t touched_bit(uint32_t key, unsigned i)
{
    uint32_t mixed = key * (i ? 0x9E3779B1u : 0x85EBCA77u);
    return mixed >> 22; /* 1024 bits */
}

static bool txn_touched(const struct store *s, uint32_t key)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t bit = touched_bit(key, i);
        if (!(s->txn.touched[bit / 8] >> bit % 8 & 1)) return false;
    }
    return true;
}

static void txn_touch(struct store *s, uint32_t key)
{
    for (unsigned i = 0; i < 2; i++) {
        uint32_t bit = touched_bit(key, i);
        s->txn.touched[bit / 8] |= (uint8_t)(1u << bit % 8);
    }
}

/* What a put or delete of `key` would supersede: the latest record of the transaction, else the
 * live one. kind 0: nothing. */
static status txn_latest(const struct store *s, uint32_t key, struct record *out)
{
    const struct store_slot *slot = index_find(s, key);
    struct place p = {.at = 0};
    if (slot) TRY(index_record(s, slot, &p));
    *out = p.rec;
    if (!txn_touched(s, key) || s->txn.count == 0) return ST_OK;
    struct txn_walk t = txn_walk(s);
    while (txn_next(&t))
        if (t.w.at.rec.key == key) *out = t.w.at.rec;
    return t.w.st;
}

/* ---- transactions ---- */

static void txn_clear(struct store *s)
{
    memset(&s->txn, 0, sizeof s->txn);
    s->wipe_count = 0;
    s->wipe_all = false;
}

/* Erases what it has written, so that no later commit can make it count. */
void store_abort(struct store *s)
{
    bool written = s->txn.open && (s->txn.count > 0 || s->distrust);
    txn_clear(s);
    if (written && !s->read_only && clean_everything(s, s->distrust, NULL) != ST_OK) s->read_only = true;
    clean_seal(s);
}

status store_begin(struct store *s)
{
    store_abort(s);
    if (s->read_only || !s->settled) return ST_FLASH;
    s->txn.open = true;
    s->txn.first = s->version;
    return ST_OK;
}

static status txn_append(struct store *s, struct record rec, bytes value, uint32_t spare)
{
    struct source from = no_value;
    from.ram = value;
    struct place done;
    rec.version = s->version;
    TRY(log_append(s, rec, &from, spare, &done));
    s->version++;
    txn_touch(s, rec.key);
    if (s->txn.count++ == 0) {
        s->txn.sector = done.at / s->nor->sector_size;
        s->txn.seq = done.seq;
    }
    return ST_OK;
}

/* Any failure ends the transaction. */
static status txn_result(struct store *s, status st)
{
    if (st == ST_OK) return ST_OK;
    store_abort(s);
    return st == ST_NO_SPACE ? ST_NO_SPACE : ST_FLASH;
}

static bool key_ok(uint32_t key)
{
    return key != 0 && key >> 16 != 0xFFFF;
}

/* What does not grow (a counter, a PIN's tries, a delete) also works when the store is full: it may use sectors that growth may
 * not, and give its trouble for a few bytes. */
static status make_room(struct store *s, size_t size, bool grows)
{
    status st = clean_make_room(s, (uint32_t)size, SPARE_PUT, s->nor->sector_size / 16);
    if (grows || st != ST_NO_SPACE) return st;
    st = clean_make_room(s, (uint32_t)size, SPARE_KEEP, RECORD_HEADER);
    return st == ST_NO_SPACE ? ST_OK : st; /* the append knows best */
}

static status put(struct store *s, uint32_t key, bytes value, unsigned flags)
{
    struct record old;
    TRY(txn_latest(s, key, &old));
    bool is_new = index_find(s, key) == NULL;
    bool secret = (flags & STORE_SECRET) || (old.kind == RECORD_VALUE && (old.flags & RECORD_SECRET));
    bool lone = secret || old.kind != RECORD_VALUE;
    if (old.version >= s->txn.first) lone |= (old.flags & RECORD_LONE) != 0; /* a delete may come before it */
    if (is_new && s->slot_count + s->txn.added >= s->slot_cap) return ST_NO_SPACE;
    bool grows = is_new || old.kind != RECORD_VALUE || value.n > old.size;
    TRY(make_room(s, value.n, grows));
    struct record rec = {.key = key, .size = (uint16_t)value.n, .kind = RECORD_VALUE};
    rec.flags = (uint8_t)((secret ? RECORD_SECRET : 0) | (lone ? RECORD_LONE : 0));
    TRY(txn_append(s, rec, value, grows ? SPARE_PUT : SPARE_KEEP));
    s->txn.added += is_new;
    return ST_OK;
}

status store_put(struct store *s, uint32_t key, bytes value, unsigned flags)
{
    if (!s->txn.open) return ST_CONDITIONS;
    if (!key_ok(key)) return ST_WRONG_PARAMETER;
    if (value.n > STORE_VALUE_MAX) return ST_BAD_LENGTH;
    return txn_result(s, put(s, key, value, flags));
}

static status delete (struct store *s, uint32_t key)
{
    TRY(make_room(s, 0, false));
    struct record rec = {.key = key, .kind = RECORD_TOMBSTONE};
    return txn_append(s, rec, NO_BYTES, SPARE_KEEP);
}

status store_delete(struct store *s, uint32_t key)
{
    struct record old;
    if (!s->txn.open) return ST_CONDITIONS;
    status st = txn_latest(s, key, &old);
    if (st != ST_OK) return txn_result(s, st);
    if (old.kind != RECORD_VALUE) return ST_NOT_FOUND;
    return txn_result(s, delete (s, key));
}

/* ---- commit ---- */

/* The record that `slot` points to is superseded, and its bytes have to go. */
static void note_old(struct store *s, const struct store_slot *slot, const struct record *old)
{
    clean_note(s, slot->at);
    if (!(old->flags & RECORD_LONE)) s->wipe_all = true;
}

static status apply_one(struct store *s, const struct place *p)
{
    struct store_slot *slot = index_find(s, p->rec.key);
    bool is_value = p->rec.kind == RECORD_VALUE;
    struct place old;
    if (slot) {
        TRY(index_record(s, slot, &old));
        s->used_bytes -= record_end(s->nor, 0, old.rec.size);
        if (!is_value || (p->rec.flags & RECORD_LONE)) note_old(s, slot, &old.rec);
        if (!is_value) index_remove(s, slot);
    }
    if (!is_value) return ST_OK;
    s->used_bytes += record_end(s->nor, 0, p->rec.size);
    if (slot) slot->at = p->at;
    else index_insert(s, p->rec.key, p->at);
    return ST_OK;
}

static status apply(struct store *s)
{
    struct txn_walk t = txn_walk(s);
    while (txn_next(&t)) TRY(apply_one(s, &t.w.at));
    return t.w.st;
}

static status commit(struct store *s, const struct progress *p)
{
    TRY(s->nor->sync(s->nor->ctx));
    TRY(log_commit(s, s->txn.first, s->version - 1, SPARE_COMMIT));
    TRY(s->nor->sync(s->nor->ctx));
    TRY(apply(s));
    s->txn.open = false;
    TRY(clean_noted(s, p));
    s->first = s->last + 1; /* no tombstone hides anything any more */
    clean_level(s);
    clean_seal(s);
    return s->nor->sync(s->nor->ctx);
}

status store_commit(struct store *s, const struct progress *p)
{
    if (!s->txn.open) return ST_CONDITIONS;
    status st = s->txn.count > 0 ? commit(s, p) : ST_OK;
    if (st != ST_OK) s->read_only = true;
    txn_clear(s);
    return st == ST_OK ? ST_OK : ST_FLASH;
}
