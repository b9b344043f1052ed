/* SPDX-License-Identifier: Apache-2.0 */
/* Compaction: what is live in a sector moves to the head, then the sector is erased. */
#include "store/clean.h"

#include "store/index.h"

#define ROOM_TRIES 64u
#define WALK_TRIES 3u

/* How badly a sector wants to be erased. */
enum verdict { KEEP, TIDY, MUST };

static uint32_t sector_of(const struct store *s, uint32_t at)
{
    return at / s->nor->sector_size;
}

static bool tombstone_active(const struct store *s, const struct record *rec)
{
    return rec->kind == RECORD_TOMBSTONE && rec->version >= s->first && rec->version <= s->last;
}

/* ---- compaction ---- */

static status move_value(struct store *s, const struct place *p)
{
    struct store_slot *slot = index_find(s, p->rec.key);
    if (!slot || slot->at != p->at) return ST_OK;
    struct source from = {NO_BYTES, *p};
    struct place copy;
    TRY(log_append(s, p->rec, &from, SPARE_COPY, &copy));
    slot->at = copy.at;
    s->moved = true;
    return ST_OK;
}

static status move_commit(struct store *s, const struct place *p)
{
    if (p->at != s->commit_at) return ST_OK;
    struct source from = {NO_BYTES, *p};
    struct place copy;
    TRY(log_append(s, p->rec, &from, SPARE_COPY, &copy));
    s->commit_at = copy.at;
    return ST_OK;
}

static status move_tombstone(struct store *s, const struct place *p)
{
    static const struct source nothing;
    struct place copy;
    if (!tombstone_active(s, &p->rec)) return ST_OK;
    return log_append(s, p->rec, &nothing, SPARE_COPY, &copy);
}

static status move_record(struct store *s, const struct place *p)
{
    if (p->rec.kind == RECORD_VALUE) return move_value(s, p);
    if (p->rec.kind == RECORD_COMMIT) return move_commit(s, p);
    return move_tombstone(s, p);
}

static status move_records(struct store *s, uint32_t n, uint32_t seq)
{
    struct walk w = walk_sector(s->nor, n, seq, true);
    while (walk_next(&w)) TRY(move_record(s, &w.at));
    return w.st;
}

static bool needed(const struct store *s, uint32_t n)
{
    return index_count_in(s, n) > 0 || sector_of(s, s->commit_at) == n;
}

/* Moves everything live out of sector `n`. A record that stays behind is damaged: it is read
 * again, then given up if the sector must be erased, and left alone with its sector if not
 * (ST_BAD_DATA). */
static status evacuate(struct store *s, uint32_t n, enum verdict why)
{
    struct sector sector;
    TRY(sector_read(s->nor, n, &sector));
    if (n == s->head) log_close_head(s);
    for (unsigned i = 0; i < WALK_TRIES && sector.kind == SECTOR_OURS; i++) {
        status st = move_records(s, n, sector.seq);
        if (st != ST_OK && st != ST_BAD_DATA) return st;
        if (!needed(s, n)) return ST_OK;
    }
    if (!needed(s, n)) return ST_OK;
    if (why == KEEP) return ST_BAD_DATA;
    index_drop_in(s, n);
    if (sector_of(s, s->commit_at) != n) return ST_OK;
    return log_commit(s, s->first, s->last, SPARE_COPY);
}

/* `why` KEEP: only to make room. ST_FLASH: read-only, or a sector that must go has not. */
static status compact(struct store *s, uint32_t n, enum verdict why)
{
    status st = evacuate(s, n, why);
    if (st == ST_BAD_DATA) {
        log_retire(s, n);
        return ST_OK;
    }
    TRY(st);
    TRY(s->nor->sync(s->nor->ctx));
    struct sector sector;
    TRY(sector_read(s->nor, n, &sector));
    bool was_free = sector.kind == SECTOR_NONE && !log_retired(s, n);
    if (log_erase(s, n) == ST_OK) {
        s->free_count += !was_free;
        return ST_OK;
    }
    s->free_count -= was_free;
    return why == MUST ? ST_FLASH : ST_OK;
}

/* ---- what has to go ---- */

static status judge_value(const struct store *s, const struct place *p, enum verdict *v)
{
    struct store_slot *slot = index_find(s, p->rec.key);
    if (slot && slot->at == p->at) return ST_OK;
    if (!slot) {
        *v = MUST;
        return ST_OK;
    }
    struct place live;
    TRY(index_record(s, slot, &live));
    bool twin = live.rec.version == p->rec.version;
    if (twin && *v == KEEP) *v = TIDY;
    if (!twin && (live.rec.flags & RECORD_LONE)) *v = MUST;
    return ST_OK;
}

static status judge_sector(const struct store *s, uint32_t n, uint32_t seq, bool deep, enum verdict *v)
{
    struct walk w = walk_sector(s->nor, n, seq, deep);
    while (*v != MUST && walk_next(&w)) {
        if (w.at.rec.kind == RECORD_COMMIT) continue;
        if (w.at.rec.version > s->last) *v = MUST;
        else if (w.at.rec.kind == RECORD_VALUE) TRY(judge_value(s, &w.at, v));
    }
    if (w.garbage && *v == KEEP) *v = TIDY;
    return w.st;
}

static status judge(const struct store *s, uint32_t n, bool deep, enum verdict *v)
{
    struct sector sector;
    bool blank = true;
    *v = KEEP;
    TRY(sector_read(s->nor, n, &sector));
    if (sector.kind == SECTOR_OURS) {
        if (sector.damaged) *v = TIDY;
        return judge_sector(s, n, sector.seq, deep, v);
    }
    if (deep) TRY(flash_blank(s->nor, n * s->nor->sector_size, s->nor->sector_size, &blank, NULL));
    if (!blank) *v = TIDY;
    return ST_OK;
}

static status clean_sector(struct store *s, uint32_t n, bool deep, const struct progress *p)
{
    enum verdict v;
    TRY(judge(s, n, deep, &v));
    if (v == KEEP || (v == TIDY && log_retired(s, n))) return ST_OK;
    (void)progress_tick(p);
    return compact(s, n, v);
}

status clean_everything(struct store *s, bool deep, const struct progress *p)
{
    s->distrust = false;
    for (uint32_t n = 0; n < s->nor->sector_count; n++) {
        status st = s->read_only ? ST_FLASH : clean_sector(s, n, deep, p);
        if (st != ST_OK) {
            s->read_only = s->distrust = true;
            return ST_FLASH;
        }
    }
    if (s->retired_count) s->distrust = true;
    return s->nor->sync(s->nor->ctx);
}

void clean_note(struct store *s, uint32_t at)
{
    uint32_t n = sector_of(s, at);
    for (uint32_t i = 0; i < s->wipe_count; i++)
        if (s->wipe[i] == n) return;
    if (s->wipe_count == STORE_WIPE_MAX) s->wipe_all = true;
    else s->wipe[s->wipe_count++] = (uint16_t)n;
}

status clean_noted(struct store *s, const struct progress *p)
{
    status st = ST_OK;
    if (s->wipe_all || s->distrust) {
        bool deep = s->distrust;
        s->wipe_count = 0;
        s->wipe_all = false;
        return clean_everything(s, deep, p);
    }
    /* Copies must not land in a sector whose turn comes later. */
    for (uint32_t i = 0; i < s->wipe_count; i++)
        if (s->wipe[i] == s->head) log_close_head(s);
    for (; s->wipe_count > 0 && st == ST_OK; s->wipe_count--) {
        (void)progress_tick(p);
        st = compact(s, s->wipe[s->wipe_count - 1], MUST);
    }
    s->wipe_count = 0;
    if (st == ST_OK) st = s->nor->sync(s->nor->ctx);
    if (st == ST_OK) return s->distrust ? clean_everything(s, true, p) : ST_OK;
    s->read_only = true;
    return ST_FLASH;
}

/* ---- room ---- */

/* Bytes of sector `n` that a compaction would not copy. */
static status reclaimable(const struct store *s, uint32_t n, uint32_t seq, uint32_t *size)
{
    uint32_t kept = 0;
    struct walk w = walk_sector(s->nor, n, seq, false);
    while (walk_next(&w)) {
        const struct store_slot *slot = index_find(s, w.at.rec.key);
        bool live = w.at.rec.kind == RECORD_VALUE && slot && slot->at == w.at.at;
        if (live || w.at.at == s->commit_at) kept += record_end(s->nor, 0, w.at.rec.size);
    }
    uint32_t room = s->nor->sector_size - SECTOR_HEADER;
    *size = kept < room ? room - kept : 0;
    return w.st;
}

/* Sectors that may not be moved give nothing. */
static status victim_worth(const struct store *s, uint32_t n, uint32_t *size)
{
    struct sector sector;
    *size = 0;
    if (n == s->head || log_retired(s, n)) return ST_OK;
    TRY(sector_read(s->nor, n, &sector));
    if (sector.kind != SECTOR_OURS) return ST_OK;
    if (s->txn.open && s->txn.count > 0 && sector.seq >= s->txn.seq) return ST_OK;
    return reclaimable(s, n, sector.seq, size);
}

/* The first sector from the cursor on that gives a quarter, else the best that gives `worth` bytes. */
static status victim_find(struct store *s, uint32_t worth, uint32_t *victim)
{
    uint32_t best = worth - 1, n = s->victim;
    bool found = false;
    for (uint32_t i = 0; i < s->nor->sector_count && best < s->nor->sector_size / 4; i++, n = log_next(s, n)) {
        uint32_t size;
        TRY(victim_worth(s, n, &size));
        if (size <= best) continue;
        best = size;
        *victim = n;
        found = true;
    }
    if (found) s->victim = log_next(s, *victim);
    return found ? ST_OK : ST_NO_SPACE;
}

status clean_make_room(struct store *s, uint32_t size, uint32_t spare, uint32_t worth)
{
    for (unsigned i = 0; i < ROOM_TRIES && !s->read_only; i++) {
        uint32_t victim;
        if (s->free_count >= spare + !log_fits(s, size)) return ST_OK;
        TRY(victim_find(s, worth, &victim));
        TRY(compact(s, victim, KEEP));
    }
    return s->read_only ? ST_FLASH : ST_NO_SPACE;
}

void clean_seal(struct store *s)
{
    if (!s->moved || s->read_only) return;
    s->moved = log_commit(s, s->first, s->last, SPARE_COPY) != ST_OK;
}

void clean_level(struct store *s)
{
    uint32_t n = s->level - 1;
    struct sector sector;
    if (s->level == 0 || s->read_only) return;
    s->level = 0;
    if (n == s->head || log_retired(s, n) || s->free_count <= SPARE_COMMIT) return;
    if (sector_read(s->nor, n, &sector) != ST_OK || sector.kind != SECTOR_OURS) return;
    (void)!compact(s, n, KEEP);
}
