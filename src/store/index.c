/* SPDX-License-Identifier: Apache-2.0 */
/* Binary search, insertion, and the build at open: append, heap sort in place, keep the newest
 * of each key. */
#include "store/index.h"

/* Records lie at multiples of 4: while the index is built, bit 0 marks a tombstone. */
#define TOMBSTONE 1u

#define STEADY_READS 8u
#define READ_TRIES 4u /* of a header that a cut has left marginal */

static uint32_t lower_of(const struct store_slot *slots, uint32_t count, uint32_t key)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slots[middle].key < key) low = middle + 1;
        else high = middle;
    }
    return low;
}

uint32_t index_lower(const struct store *s, uint32_t key)
{
    return lower_of(s->slots, s->slot_count, key);
}

struct store_slot *index_find(const struct store *s, uint32_t key)
{
    uint32_t i = index_lower(s, key);
    return i < s->slot_count && s->slots[i].key == key ? &s->slots[i] : NULL;
}

void index_insert(struct store *s, uint32_t key, uint32_t at)
{
    uint32_t i = index_lower(s, key);
    memmove(s->slots + i + 1, s->slots + i, (s->slot_count - i) * sizeof *s->slots);
    s->slots[i] = (struct store_slot){key, at};
    s->slot_count++;
}

void index_remove(struct store *s, struct store_slot *slot)
{
    size_t after = (size_t)(s->slots + s->slot_count - slot) - 1;
    memmove(slot, slot + 1, after * sizeof *slot);
    s->slot_count--;
}

uint32_t index_count_in(const struct store *s, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->slot_count; i++) count += s->slots[i].at / s->nor->sector_size == n;
    return count;
}

void index_drop_in(struct store *s, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].at / s->nor->sector_size != n) s->slots[kept++] = s->slots[i];
    s->slot_count = kept;
}

status index_record(const struct store *s, const struct store_slot *slot, struct place *out)
{
    struct sector sector;
    uint32_t at = slot->at & ~TOMBSTONE;
    bool good = false;
    TRY(sector_read(s->nor, at / s->nor->sector_size, &sector));
    if (sector.kind != SECTOR_OURS) return ST_FLASH;
    out->seq = sector.seq;
    out->at = at;
    for (unsigned i = 0; i < READ_TRIES && !good; i++) TRY(record_head(s->nor, sector.seq, at, &out->rec, &good));
    return good && out->rec.key == slot->key ? ST_OK : ST_FLASH;
}

/* ---- sorting ---- */

static bool slot_before(const struct store_slot *a, const struct store_slot *b)
{
    return a->key != b->key ? a->key < b->key : a->at < b->at;
}

static void slot_swap(struct store_slot *a, struct store_slot *b)
{
    struct store_slot t = *a;
    *a = *b;
    *b = t;
}

/* Lets the slot at `root` sink to its place in a heap of `count` slots. */
static void heap_sink(struct store_slot *slots, uint32_t root, uint32_t count)
{
    for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && slot_before(&slots[child], &slots[child + 1])) child++;
        if (!slot_before(&slots[root], &slots[child])) return;
        slot_swap(&slots[root], &slots[child]);
    }
}

static void heap_sort(struct store_slot *slots, uint32_t count)
{
    for (uint32_t i = count / 2; i > 0; i--) heap_sink(slots, i - 1, count);
    for (uint32_t left = count; left > 1; left--) {
        slot_swap(&slots[0], &slots[left - 1]);
        heap_sink(slots, 0, left - 1);
    }
}

/* ---- building ---- */

/* Does the record read good every time? One that a power cut has left marginal does not, for long. */
static bool steady(const struct store *s, const struct place *p)
{
    struct record rec;
    bool good = true;
    for (unsigned i = 0; i < STEADY_READS && good; i++)
        if (record_check(s->nor, p->seq, p->at, (span){NULL, 0}, &rec, &good) != ST_OK) return false;
    return good;
}

/* Is `b` to be used rather than `a`? Of twins the one from the younger sector, if it can be trusted. */
static bool better(const struct store *s, const struct place *a, const struct place *b)
{
    if (a->rec.version != b->rec.version) return b->rec.version > a->rec.version;
    const struct place *younger = b->seq > a->seq ? b : a, *older = younger == b ? a : b;
    return (steady(s, younger) ? younger : older) == b;
}

/* Leaves the newer of two records of one key in `slot`; one that has become unreadable is as good as not there. */
static status keep_newer(const struct store *s, struct store_slot *slot, const struct store_slot *other)
{
    struct place a, b;
    status other_is = index_record(s, other, &b);
    if (index_record(s, slot, &a) != ST_OK) {
        *slot = *other;
        return other_is;
    }
    if (other_is == ST_OK && better(s, &a, &b)) *slot = *other;
    return ST_OK;
}

/* Sorts everything and leaves one slot a key. */
static status settle(struct index_build *b)
{
    struct store *s = b->s;
    uint32_t kept = 0;
    if (b->sorted != s->slot_count) heap_sort(s->slots, s->slot_count);
    for (uint32_t i = 0; i < s->slot_count; i++) {
        if (kept > 0 && s->slots[kept - 1].key == s->slots[i].key)
            TRY(keep_newer(s, &s->slots[kept - 1], &s->slots[i]));
        else s->slots[kept++] = s->slots[i];
    }
    b->sorted = s->slot_count = kept;
    return ST_OK;
}

status index_add(struct index_build *b, const struct place *p)
{
    struct store *s = b->s;
    struct store_slot slot = {p->rec.key, p->at | (p->rec.kind == RECORD_TOMBSTONE ? TOMBSTONE : 0)};
    if (s->slot_count == s->slot_cap) TRY(settle(b));
    uint32_t i = lower_of(s->slots, b->sorted, slot.key);
    if (i < b->sorted && s->slots[i].key == slot.key) return keep_newer(s, &s->slots[i], &slot);
    if (s->slot_count == s->slot_cap) return ST_NO_SPACE;
    s->slots[s->slot_count++] = slot;
    return ST_OK;
}

status index_finish(struct index_build *b)
{
    struct store *s = b->s;
    TRY(settle(b));
    uint32_t kept = 0;
    s->used_bytes = 0;
    for (uint32_t i = 0; i < s->slot_count; i++) {
        struct place p;
        if (s->slots[i].at & TOMBSTONE) continue;
        TRY(index_record(s, &s->slots[i], &p));
        s->used_bytes += record_end(s->nor, 0, p.rec.size);
        s->slots[kept++] = s->slots[i];
    }
    s->slot_count = kept;
    return ST_OK;
}
