/* SPDX-License-Identifier: Apache-2.0 */
/* Appending to the head, and putting sectors to use in ring order. */
#include "store/log.h"

#define APPEND_TRIES 4u

static const struct source no_value;

uint32_t log_next(const struct store *s, uint32_t n)
{
    return n + 1 < s->nor->sector_count ? n + 1 : 0;
}

status log_find(const struct store *s, uint32_t n, uint32_t seq, uint32_t *found)
{
    struct sector sector;
    for (uint32_t i = 0; i < s->nor->sector_count; i++, n = log_next(s, n)) {
        TRY(sector_read(s->nor, n, &sector));
        if (sector.kind != SECTOR_OURS || sector.seq != seq) continue;
        *found = n;
        return ST_OK;
    }
    return ST_NOT_FOUND;
}

/* ---- sectors in and out of use ---- */

bool log_retired(const struct store *s, uint32_t n)
{
    for (uint32_t i = 0; i < s->retired_count; i++)
        if (s->retired[i] == n) return true;
    return false;
}

void log_retire(struct store *s, uint32_t n)
{
    s->distrust = true;
    if (log_retired(s, n)) return;
    if (s->retired_count == STORE_RETIRED_MAX) s->read_only = true;
    else s->retired[s->retired_count++] = (uint16_t)n;
}

/* Was the sector erased in this session? The answer is yes once only. */
static bool take_clean(struct store *s, uint32_t n)
{
    for (uint32_t i = 0; i < STORE_CLEAN_MAX; i++) {
        if (s->clean[i] != n + 1) continue;
        s->clean[i] = 0;
        return true;
    }
    return false;
}

static status erase_checked(const struct store *s, uint32_t n)
{
    bool blank = false;
    TRY(s->nor->erase(s->nor->ctx, n));
    TRY(flash_blank(s->nor, n * s->nor->sector_size, s->nor->sector_size, &blank, NULL));
    return blank ? ST_OK : ST_FLASH;
}

status log_erase(struct store *s, uint32_t n)
{
    (void)take_clean(s, n);
    if (erase_checked(s, n) != ST_OK && erase_checked(s, n) != ST_OK) {
        log_retire(s, n);
        return ST_FLASH;
    }
    s->clean[s->clean_at] = (uint16_t)(n + 1); /* 0 is nobody; sector 65535 does not exist */
    s->clean_at = (uint16_t)((s->clean_at + 1) % STORE_CLEAN_MAX);
    return ST_OK;
}

/* Is `n` free and blank, if need be after erasing it? */
static status sector_usable(struct store *s, uint32_t n, bool *usable)
{
    struct sector sector;
    *usable = false;
    if (log_retired(s, n)) return ST_OK;
    TRY(sector_read(s->nor, n, &sector));
    if (sector.kind != SECTOR_NONE) return ST_OK;
    *usable = take_clean(s, n) || log_erase(s, n) == ST_OK;
    s->free_count--;
    (void)take_clean(s, n);
    return ST_OK;
}

/* Once in LEVEL_EVERY sectors, at an irregular moment: cold records would end up in the same few sectors if the beat had a
 * factor in common with the number of free ones. */
static bool level_now(uint32_t seq)
{
    return (seq / LEVEL_EVERY * 0x9E3779B1u) >> 28 == seq % LEVEL_EVERY;
}

/* Makes the next free sector of the ring the head; its header is written with its first record. */
static status head_advance(struct store *s, uint32_t spare)
{
    uint32_t n = s->head;
    for (uint32_t i = 1; i < s->nor->sector_count && s->free_count > spare; i++) {
        bool usable = false;
        n = log_next(s, n);
        TRY(sector_usable(s, n, &usable));
        if (!usable) continue;
        s->head = n;
        s->head_at = 0;
        s->head_seq++;
        if (level_now(s->head_seq)) s->level = s->head_seq / LEVEL_EVERY % s->nor->sector_count + 1;
        return ST_OK;
    }
    return ST_NO_SPACE;
}

void log_close_head(struct store *s)
{
    if (s->head_at != 0) s->head_at = s->nor->sector_size;
}

/* ---- appending ---- */

/* Offset behind a value of this size at the end of the head. */
static uint32_t end_in_head(const struct store *s, uint32_t size)
{
    return record_end(s->nor, s->head_at ? s->head_at : SECTOR_HEADER, size);
}

bool log_fits(const struct store *s, uint32_t size)
{
    return end_in_head(s, size) <= s->nor->sector_size;
}

/* What a refused program left behind is garbage; a sector that may have no header must not be
 * taken for a free one. */
static void head_gave_up(struct store *s)
{
    s->distrust = true;
    if (s->head_at == 0) log_retire(s, s->head);
    s->head_at = s->nor->sector_size;
}

status log_append(struct store *s, struct record rec, const struct source *from, uint32_t spare, struct place *done)
{
    for (unsigned i = 0; i < APPEND_TRIES && !s->read_only; i++) {
        if (!log_fits(s, rec.size)) TRY(head_advance(s, spare));
        uint32_t end = end_in_head(s, rec.size);
        status st = record_write(s->nor, s->head, s->head_seq, s->head_at, rec, from, done);
        if (st == ST_BAD_DATA) return st;
        if (st != ST_OK) {
            head_gave_up(s);
            continue;
        }
        s->head_at = end;
        return ST_OK;
    }
    s->read_only = true;
    return ST_FLASH;
}

status log_commit(struct store *s, uint64_t first, uint64_t last, uint32_t spare)
{
    uint8_t value[COMMIT_SIZE];
    buf b = BUF(value);
    put_u16(&b, (uint16_t)(first >> 32));
    put_u32(&b, (uint32_t)first);
    put_u16(&b, (uint16_t)(last >> 32));
    put_u32(&b, (uint32_t)last);
    struct source from = no_value;
    from.ram = written(&b);
    struct place done;
    struct record rec = {0, s->version, COMMIT_SIZE, RECORD_COMMIT, 0};
    TRY(log_append(s, rec, &from, spare, &done));
    s->version++;
    s->first = first;
    s->last = last;
    s->commit_at = done.at;
    return ST_OK;
}
