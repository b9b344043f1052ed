/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting and opening: survey, index, settle (docs/store.md, "Opening"). Only settling
 * writes. */
#include "store/clean.h"
#include "store/index.h"

#define INSPECT_TRIES 8u
#define SETTLE_TRIES 3u
#define MARK_STEP 0x10000u /* a mark's version lies above that of any torn record */

static const struct source no_value;

/* Sectors by what they hold; dirty: neither blank nor ours. */
struct count {
    uint32_t ours, other_size, newer, dirty;
};

/* ---- format ---- */

static status erase_old(const struct nor *nor, uint32_t n)
{
    bool blank;
    struct sector sector;
    TRY(flash_blank(nor, n * nor->sector_size, nor->sector_size, &blank, NULL));
    if (blank || nor->erase(nor->ctx, n) == ST_OK) return ST_OK;
    TRY(sector_read(nor, n, &sector)); /* one that cannot be erased is no harm if it is none of ours */
    return sector.kind == SECTOR_NONE ? ST_OK : ST_FLASH;
}

/* A commit record that says: nothing yet. */
static status write_first(const struct nor *nor)
{
    static const uint8_t first_1_last_0[COMMIT_SIZE] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    struct source from = no_value;
    from.ram = BYTES(first_1_last_0);
    struct record rec = {0, 1, COMMIT_SIZE, RECORD_COMMIT, 0};
    struct place done;
    TRY(record_write(nor, 0, 1, 0, rec, &from, &done));
    return nor->sync(nor->ctx);
}

status store_format(const struct nor *nor)
{
    if (!geometry_ok(nor)) return ST_BAD_DATA;
    for (uint32_t n = 1; n < nor->sector_count; n++) TRY(erase_old(nor, n));
    TRY(nor->erase(nor->ctx, 0));
    TRY(nor->sync(nor->ctx));
    return write_first(nor);
}

/* ---- survey ---- */

static void survey_commit(struct store *s, const struct place *p, bytes value)
{
    struct store_survey *v = &s->survey;
    uint64_t version = p->rec.version;
    reader r = read_from(value);
    uint64_t first = (uint64_t)rd_u16(&r) << 32;
    first |= rd_u32(&r);
    uint64_t last = (uint64_t)rd_u16(&r) << 32;
    last |= rd_u32(&r);
    if (version <= v->commit_version) {
        if (last == s->last && version < v->commit_version && version > v->witness) v->witness = version;
        return;
    }
    v->witness = last == s->last ? v->commit_version : 0;
    v->commit_version = version;
    s->first = first;
    s->last = last;
    s->commit_at = p->at;
}

static status survey_sector(struct store *s, uint32_t n, uint32_t seq)
{
    struct walk w = walk_sector(s->nor, n, seq, false);
    while (walk_next(&w)) {
        uint8_t value[COMMIT_SIZE];
        struct place p = w.at;
        bool good = false; /* what is believed must have matched its CRC in the same reading */
        if (p.rec.kind == RECORD_COMMIT) TRY(record_check(s->nor, seq, p.at, SPAN(value), &p.rec, &good));
        if (good && p.rec.kind == RECORD_COMMIT) survey_commit(s, &p, BYTES(value));
    }
    return w.st;
}

static status survey_one(struct store *s, struct count *c, uint32_t n)
{
    struct sector sector;
    bool blank = false;
    TRY(sector_read(s->nor, n, &sector));
    c->newer += sector.kind == SECTOR_NEWER;
    c->other_size += sector.kind == SECTOR_OTHER_SIZE;
    if (sector.kind == SECTOR_NONE) {
        TRY(flash_blank(s->nor, n * s->nor->sector_size, s->nor->sector_size, &blank, NULL));
        c->dirty += !blank;
        s->free_count++;
    }
    if (sector.kind != SECTOR_OURS) return ST_OK;
    if (c->ours++ == 0 || sector.seq > s->head_seq) {
        s->head = n;
        s->head_seq = sector.seq;
    }
    return survey_sector(s, n, sector.seq);
}

/* ST_NOT_FOUND when the region is blank but for what a torn store_format may have left: an
 * incomplete first page. */
static status judge_no_store(const struct store *s, const struct count *c)
{
    if (c->dirty == 0) return ST_NOT_FOUND;
    uint8_t page[SECTOR_HEADER + RECORD_HEADER + COMMIT_SIZE];
    bool blank, page_blank;
    TRY(flash_blank(s->nor, 0, sizeof page, &page_blank, NULL)); /* then what is dirty lies elsewhere */
    TRY(flash_blank(s->nor, sizeof page, s->nor->sector_size - (uint32_t)sizeof page, &blank, NULL));
    TRY(s->nor->read(s->nor->ctx, 0, SPAN(page)));
    return c->dirty == 1 && blank && !page_blank && record_is_torn_first(s->nor, BYTES(page)) ? ST_NOT_FOUND
                                                                                              : ST_BAD_DATA;
}

static status survey_all(struct store *s)
{
    struct count c = {.ours = 0};
    for (uint32_t n = 0; n < s->nor->sector_count; n++) TRY(survey_one(s, &c, n));
    s->survey.unclean = c.dirty > 0;
    if (c.newer) return ST_NOT_SUPPORTED;
    if (c.other_size) return ST_BAD_DATA;
    if (c.ours == 0) return judge_no_store(s, &c);
    return c.dirty > 2 + s->nor->sector_count / 2 ? ST_BAD_DATA : ST_OK;
}

/* ---- index ---- */

static status index_one(struct index_build *b, const struct place *p)
{
    struct store *s = b->s;
    struct store_survey *v = &s->survey;
    const struct record *rec = &p->rec;
    if (rec->version > v->version) v->version = rec->version;
    if (rec->kind == RECORD_COMMIT) return ST_OK;
    if (rec->version > s->last) {
        v->unclean = true;
        return ST_OK;
    }
    v->values += rec->kind == RECORD_VALUE;
    if (rec->kind == RECORD_TOMBSTONE && rec->version < s->first) return ST_OK;
    return index_add(b, p);
}

static status index_sector(struct index_build *b, uint32_t n, const struct sector *sector)
{
    struct store *s = b->s;
    struct store_survey *v = &s->survey;
    struct walk w = walk_sector(s->nor, n, sector->seq, true);
    while (walk_next(&w)) TRY(index_one(b, &w.at));
    v->unclean |= w.garbage || sector->damaged;
    return w.st;
}

static status index_all(struct store *s)
{
    struct index_build b = {s, 0};
    for (uint32_t n = 0; n < s->nor->sector_count; n++) {
        struct sector sector;
        TRY(sector_read(s->nor, n, &sector));
        if (sector.kind == SECTOR_OURS) TRY(index_sector(&b, n, &sector));
    }
    return index_finish(&b);
}

/* ---- settle ---- */

/* Two records of the same version: the power went between a copy and the erase of its source, and either of them may be
 * marginal. The index has chosen one that reads good every time. */
static status renew_twin(struct store *s, uint32_t old_seq, const struct place *p)
{
    struct store_slot *slot = p->rec.kind == RECORD_VALUE ? index_find(s, p->rec.key) : NULL;
    struct place live, copy;
    if (!slot || slot->at == p->at) return ST_OK;
    TRY(index_record(s, slot, &live));
    if (live.rec.version != p->rec.version || live.seq > old_seq) return ST_OK;
    struct source from = {NO_BYTES, live};
    status st = log_append(s, live.rec, &from, SPARE_COPY, &copy);
    if (st == ST_BAD_DATA) return ST_FLASH; /* not so steady: have another look */
    TRY(st);
    slot->at = copy.at;
    s->moved = true;
    return ST_OK;
}

/* They are copied once more, to a sector that no power cut has touched, before anything is erased. */
static status renew_twins(struct store *s, uint32_t old_seq)
{
    for (uint32_t n = 0; n < s->nor->sector_count; n++) {
        struct sector sector;
        TRY(sector_read(s->nor, n, &sector));
        if (sector.kind != SECTOR_OURS || sector.seq > old_seq) continue;
        struct walk w = walk_sector(s->nor, n, sector.seq, false);
        while (walk_next(&w)) TRY(renew_twin(s, old_seq, &w.at));
        TRY(w.st);
    }
    return ST_OK;
}

/* Was the newest commit record, or one that says the same, finished? Yes if its session has written more: then a version
 * exists that is a little higher. Later sessions begin at least MARK_STEP above. */
static bool commit_is_firm(const struct store_survey *v)
{
    uint64_t after = v->version - v->commit_version, before = v->commit_version - v->witness;
    return (after > 0 && after < MARK_STEP / 2) || (v->witness > 0 && before < MARK_STEP / 2);
}

/* Two marks, since the second proves that the first was finished. */
static status write_marks(struct store *s)
{
    s->version = s->survey.version + MARK_STEP;
    TRY(log_commit(s, s->first, s->last, SPARE_COPY));
    TRY(log_commit(s, s->first, s->last, SPARE_COPY));
    return s->nor->sync(s->nor->ctx);
}

static status settle_writes(struct store *s)
{
    const struct store_survey *v = &s->survey;
    uint32_t old_seq = s->head_seq;
    bool stale = v->unclean || v->values != s->slot_count;
    s->head_at = s->nor->sector_size; /* not one of this session */
    s->version = v->version + 1;
    if (v->unclean || !commit_is_firm(v)) TRY(write_marks(s));
    if (stale) TRY(renew_twins(s, old_seq));
    TRY(s->nor->sync(s->nor->ctx));
    if (stale) TRY(clean_everything(s, v->unclean, NULL));
    s->first = s->last + 1;
    clean_seal(s);
    return s->nor->sync(s->nor->ctx);
}

/* Versions and sequence numbers that no real store reaches. */
static bool worn_out(const struct store *s)
{
    const struct store_survey *v = &s->survey;
    return v->version > VERSION_MAX / 2 || s->last > v->commit_version || s->head_seq > UINT32_MAX / 2;
}

static status inspect_once(struct store *s, const struct nor *nor, struct store_slot *slots, uint32_t slot_cap)
{
    memset(s, 0, sizeof *s);
    s->nor = nor;
    s->slots = slots;
    s->slot_cap = slot_cap;
    s->first = 1;
    if (!geometry_ok(nor)) return ST_BAD_DATA;
    TRY(survey_all(s));
    return index_all(s);
}

/* A record that was cut short may read good and then bad: start over, and see it one way or the other. */
status store_inspect(struct store *s, const struct nor *nor, struct store_slot *slots, uint32_t slot_cap)
{
    status st = ST_FLASH;
    for (unsigned i = 0; i < INSPECT_TRIES && st == ST_FLASH; i++) st = inspect_once(s, nor, slots, slot_cap);
    return st;
}

static status settle_once(struct store *s)
{
    s->read_only = worn_out(s);
    return s->read_only ? ST_FLASH : settle_writes(s);
}

void store_settle(struct store *s)
{
    if (s->settled) return;
    status st = settle_once(s);
    for (unsigned i = 1; i < SETTLE_TRIES && st != ST_OK && !s->read_only; i++) {
        st = inspect_once(s, s->nor, s->slots, s->slot_cap);
        if (st == ST_OK) st = settle_once(s);
    }
    if (st != ST_OK) s->read_only = true;
    s->settled = true;
    s->victim = log_next(s, s->head);
}

status store_open(struct store *s, const struct nor *nor, struct store_slot *slots, uint32_t slot_cap)
{
    TRY(store_inspect(s, nor, slots, slot_cap));
    store_settle(s);
    return ST_OK;
}
