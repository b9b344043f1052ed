/* SPDX-License-Identifier: Apache-2.0 */
/* Sector headers and records as bytes. The layout tables are in docs/store.md, "On flash". */
#include "store/record.h"

#include "store/crc.h"

#define HEADER_COPY 16u
#define KIND_MASK 0x0Fu

static const uint8_t magic[4] = {'P', 'H', 'S', 'L'};

/* ---- geometry ---- */

static bool power_of_two(uint32_t v)
{
    return v != 0 && (v & (v - 1)) == 0;
}

bool geometry_ok(const struct nor *nor)
{
    return power_of_two(nor->sector_size) && nor->sector_size >= 4096 && nor->sector_size <= 65536 &&
           power_of_two(nor->write_size) && nor->write_size <= PAGE && nor->sector_count >= 16 &&
           nor->sector_count <= 65535;
}

uint32_t record_unit(const struct nor *nor)
{
    return nor->write_size > 4 ? nor->write_size : 4;
}

uint32_t record_end(const struct nor *nor, uint32_t at, uint32_t size)
{
    uint32_t unit = record_unit(nor);
    return (at + RECORD_HEADER + size + unit - 1) & ~(unit - 1);
}

static uint8_t log2_of(uint32_t v)
{
    uint8_t log = 0;
    for (; v > 1 && log < 32; v >>= 1) log++;
    return log;
}

/* ---- sector header ---- */

static void header_compose(const struct nor *nor, uint32_t seq, uint8_t into[SECTOR_HEADER])
{
    buf b = {into, 0, SECTOR_HEADER, false};
    put_bytes(&b, BYTES(magic));
    put_u8(&b, STORE_FORMAT);
    put_u8(&b, (uint8_t)(log2_of(nor->sector_size / 4096) << 4 | log2_of(nor->write_size)));
    put_u16(&b, (uint16_t)nor->sector_count);
    put_u32(&b, seq);
    put_u32(&b, ~crc32_more(~0u, written(&b)));
    memcpy(into + HEADER_COPY, into, HEADER_COPY);
}

static struct sector header_parse(const struct nor *nor, bytes copy)
{
    struct sector none = {SECTOR_NONE, 0, false};
    uint8_t ours[SECTOR_HEADER];
    reader r = read_from(copy);
    bool is_magic = bytes_equal(rd_take(&r, 4), BYTES(magic));
    uint8_t format = rd_u8(&r);
    rd_take(&r, 3);
    uint32_t seq = rd_u32(&r);
    if (!is_magic || rd_u32(&r) != (uint32_t)~crc32_more(~0u, bytes_first(copy, 12))) return none;
    if (format > STORE_FORMAT) return (struct sector){SECTOR_NEWER, seq, false};
    header_compose(nor, seq, ours);
    bool same = bytes_equal(copy, (bytes){ours, HEADER_COPY});
    return (struct sector){same ? SECTOR_OURS : SECTOR_OTHER_SIZE, seq, false};
}

status sector_read(const struct nor *nor, uint32_t n, struct sector *out)
{
    uint8_t header[SECTOR_HEADER];
    TRY(nor->read(nor->ctx, n * nor->sector_size, SPAN(header)));
    struct sector a = header_parse(nor, bytes_first(BYTES(header), HEADER_COPY));
    struct sector b = header_parse(nor, bytes_after(BYTES(header), HEADER_COPY));
    *out = a.kind != SECTOR_NONE ? a : b;
    out->damaged = a.kind != b.kind || a.seq != b.seq;
    return ST_OK;
}

/* ---- blank flash ---- */

/* The number of FF bytes at the start. */
static uint32_t blank_prefix(bytes b)
{
    static const uint8_t ff[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    size_t n = 0;
    while (b.n - n >= sizeof ff && memcmp(b.p + n, ff, sizeof ff) == 0) n += sizeof ff;
    while (n < b.n && b.p[n] == 0xFF) n++;
    return (uint32_t)n;
}

status flash_blank(const struct nor *nor, uint32_t at, uint32_t n, bool *blank, uint32_t *first)
{
    uint8_t page[PAGE];
    uint32_t done = 0, prefix = 0, step = 0;
    for (; done < n && prefix == step; done += prefix) {
        step = n - done < PAGE ? n - done : PAGE;
        TRY(nor->read(nor->ctx, at + done, (span){page, step}));
        prefix = blank_prefix((bytes){page, step});
    }
    *blank = done >= n;
    if (first) *first = done;
    return ST_OK;
}

/* ---- record header ---- */

static uint32_t seed(const struct nor *nor, uint32_t seq, uint32_t at)
{
    return ~(seq ^ (at & (nor->sector_size - 1)) << 16);
}

/* The first 16 bytes; the CRC follows once the value is known. */
static void head_compose(const struct record *r, uint32_t crc_seed, uint8_t into[RECORD_HEADER])
{
    buf b = {into, 0, RECORD_HEADER, false};
    put_u32(&b, r->key);
    put_u16(&b, (uint16_t)(r->version >> 32));
    put_u32(&b, (uint32_t)r->version);
    put_u16(&b, r->size);
    put_u8(&b, (uint8_t)(r->kind | r->flags));
    uint32_t check = ~crc32_more(crc_seed, written(&b));
    put_u8(&b, (uint8_t)(check >> 16));
    put_u16(&b, (uint16_t)check);
}

static bool head_sane(const struct nor *nor, uint32_t at, const struct record *r)
{
    uint32_t offset = at & (nor->sector_size - 1);
    if (r->kind < RECORD_VALUE || r->kind > RECORD_COMMIT) return false;
    if ((r->flags & ~(RECORD_SECRET | RECORD_LONE)) != 0) return false;
    if (r->kind == RECORD_TOMBSTONE && r->size != 0) return false;
    if (r->kind == RECORD_COMMIT && r->size != COMMIT_SIZE) return false;
    return record_end(nor, offset, r->size) <= nor->sector_size;
}

static bool head_parse(const struct nor *nor, uint32_t crc_seed, uint32_t at, bytes head, struct record *out)
{
    reader r = read_from(head);
    out->key = rd_u32(&r);
    out->version = (uint64_t)rd_u16(&r) << 32;
    out->version |= rd_u32(&r);
    out->size = rd_u16(&r);
    uint8_t kind = rd_u8(&r);
    out->kind = kind & KIND_MASK;
    out->flags = (uint8_t)(kind & ~KIND_MASK);
    uint32_t check = (uint32_t)rd_u8(&r) << 16;
    check |= rd_u16(&r);
    if (!head_sane(nor, at, out)) return false;
    return check == (~crc32_more(crc_seed, bytes_first(head, 13)) & 0xFFFFFF);
}

status record_head(const struct nor *nor, uint32_t seq, uint32_t at, struct record *out, bool *good)
{
    uint8_t head[RECORD_HEADER];
    TRY(nor->read(nor->ctx, at, SPAN(head)));
    *good = head_parse(nor, seed(nor, seq, at), at, BYTES(head), out);
    return ST_OK;
}

/* ---- the CRC of a whole record ---- */

/* Continues `*crc` over `n` bytes of flash. */
static status crc_flash(const struct nor *nor, uint32_t at, uint32_t n, uint32_t *crc)
{
    uint8_t page[PAGE];
    uint32_t step = 0;
    for (uint32_t done = 0; done < n; done += step) {
        step = n - done < PAGE ? n - done : PAGE;
        TRY(nor->read(nor->ctx, at + done, (span){page, step}));
        *crc = crc32_more(*crc, (bytes){page, step});
    }
    return ST_OK;
}

static status value_check(const struct nor *nor, uint32_t at, span into, uint32_t n, uint32_t *crc)
{
    if (into.n == 0) return crc_flash(nor, at, n, crc);
    TRY(nor->read(nor->ctx, at, into));
    *crc = crc32_more(*crc, view(into));
    return ST_OK;
}

/* Does the value match the CRC in `head`, the header at `at`? */
static status crc_matches(const struct nor *nor, uint32_t crc_seed, uint32_t at, bytes head, span into, uint32_t n,
                          bool *good)
{
    uint32_t crc = crc32_more(crc_seed, bytes_first(head, 16));
    TRY(value_check(nor, at + RECORD_HEADER, into, n, &crc));
    *good = be_get(bytes_after(head, 16)) == (uint32_t)~crc;
    return ST_OK;
}

status record_check(const struct nor *nor, uint32_t seq, uint32_t at, span into, struct record *out, bool *good)
{
    uint8_t head[RECORD_HEADER];
    TRY(nor->read(nor->ctx, at, SPAN(head)));
    *good = head_parse(nor, seed(nor, seq, at), at, BYTES(head), out) && (into.n == 0 || into.n == out->size);
    if (!*good) return ST_OK;
    return crc_matches(nor, seed(nor, seq, at), at, BYTES(head), into, out->size, good);
}

/* ---- writing ---- */

static bool same_record(const struct record *a, const struct record *b)
{
    return a->key == b->key && a->version == b->version && a->size == b->size && a->kind == b->kind &&
           a->flags == b->flags;
}

/* Collects bytes to pages, programs each and reads it back. */
struct pen {
    const struct nor *nor;
    uint32_t at; /* address of page[0] */
    uint32_t n, cap;
    uint8_t page[PAGE];
};

/* Pages end at multiples of PAGE, as those of flash chips do. */
static void pen_at(struct pen *p, uint32_t at)
{
    p->at = at;
    p->n = 0;
    p->cap = PAGE - at % PAGE;
}

static status pen_flush(struct pen *p)
{
    if (p->n == 0) return ST_OK;
    TRY(p->nor->program(p->nor->ctx, p->at, (bytes){p->page, p->n}));
    uint8_t back[64];
    uint32_t step = 0;
    for (uint32_t done = 0; done < p->n; done += step) {
        step = p->n - done < sizeof back ? p->n - done : (uint32_t)sizeof back;
        TRY(p->nor->read(p->nor->ctx, p->at + done, (span){back, step}));
        if (memcmp(back, p->page + done, step) != 0) return ST_FLASH;
    }
    pen_at(p, p->at + p->n);
    return ST_OK;
}

static status pen_write(struct pen *p, bytes b)
{
    for (size_t step = 0; b.n > 0; b = bytes_after(b, step)) {
        step = p->cap - p->n < b.n ? p->cap - p->n : b.n;
        memcpy(p->page + p->n, b.p, step);
        p->n += (uint32_t)step;
        if (p->n == p->cap) TRY(pen_flush(p));
    }
    return ST_OK;
}

static status pen_copy(struct pen *p, uint32_t from, uint32_t n)
{
    uint8_t part[64];
    uint32_t step = 0;
    for (uint32_t done = 0; done < n; done += step) {
        step = n - done < sizeof part ? n - done : (uint32_t)sizeof part;
        TRY(p->nor->read(p->nor->ctx, from + done, (span){part, step}));
        TRY(pen_write(p, (bytes){part, step}));
    }
    return ST_OK;
}

/* Fills up to a whole unit and writes what is left. */
static status pen_end(struct pen *p)
{
    uint32_t unit = record_unit(p->nor), used = p->n % unit;
    if (used) {
        memset(p->page + p->n, 0xFF, unit - used);
        p->n += unit - used;
    }
    return pen_flush(p);
}

/* Continues two CRCs over one reading of a value: marginal cells may read differently the next time. */
static status crc_both(const struct nor *nor, uint32_t at, uint32_t n, uint32_t *a, uint32_t *b)
{
    uint8_t page[PAGE];
    uint32_t step = 0;
    for (uint32_t done = 0; done < n; done += step) {
        step = n - done < PAGE ? n - done : PAGE;
        TRY(nor->read(nor->ctx, at + done, (span){page, step}));
        *a = crc32_more(*a, (bytes){page, step});
        *b = crc32_more(*b, (bytes){page, step});
    }
    return ST_OK;
}

/* Continues `*crc`, that of the record in its new place, over its value. A value on flash must match the CRC it has in the
 * old place, in the same reading: what is read differently while it is copied then fails the new CRC. */
static status value_crc(const struct nor *nor, const struct source *from, uint32_t *crc)
{
    if (from->from.at == 0) {
        *crc = crc32_more(*crc, from->ram);
        return ST_OK;
    }
    uint8_t head[RECORD_HEADER];
    struct record rec;
    uint32_t at = from->from.at, old_seed = seed(nor, from->from.seq, at);
    TRY(nor->read(nor->ctx, at, SPAN(head)));
    if (!head_parse(nor, old_seed, at, BYTES(head), &rec) || !same_record(&rec, &from->from.rec)) return ST_BAD_DATA;
    uint32_t old = crc32_more(old_seed, bytes_first(BYTES(head), 16));
    TRY(crc_both(nor, at + RECORD_HEADER, rec.size, &old, crc));
    return be_get(bytes_after(BYTES(head), 16)) == (uint32_t)~old ? ST_OK : ST_BAD_DATA;
}

static status write_all(struct pen *p, bytes header, bytes head, const struct source *from, uint32_t size)
{
    TRY(pen_write(p, header));
    TRY(pen_write(p, head));
    if (from->from.at) TRY(pen_copy(p, from->from.at + RECORD_HEADER, size));
    else TRY(pen_write(p, from->ram));
    return pen_end(p);
}

status record_write(const struct nor *nor, uint32_t n, uint32_t seq, uint32_t at, struct record rec,
                    const struct source *from, struct place *done)
{
    uint8_t header[SECTOR_HEADER], head[RECORD_HEADER];
    uint32_t start = n * nor->sector_size + at;
    *done = (struct place){rec, seq, start + (at ? 0 : SECTOR_HEADER)};
    uint32_t crc_seed = seed(nor, seq, done->at);
    header_compose(nor, seq, header);
    head_compose(&rec, crc_seed, head);
    uint32_t crc = crc32_more(crc_seed, bytes_first(BYTES(head), 16));
    TRY(value_crc(nor, from, &crc));
    be_put((span){head + 16, 4}, ~crc);
    struct pen pen = {.nor = nor};
    pen_at(&pen, start);
    TRY(write_all(&pen, at ? NO_BYTES : BYTES(header), BYTES(head), from, rec.size));
    bool good = false; /* a source that changed between its two readings */
    TRY(record_check(nor, seq, done->at, (span){NULL, 0}, &rec, &good));
    return good ? ST_OK : ST_FLASH;
}

/* Only the sector header is compared: all formats of one geometry begin with it, and it is half
 * of the page. */
bool record_is_torn_first(const struct nor *nor, bytes page)
{
    uint8_t header[SECTOR_HEADER];
    header_compose(nor, 1, header);
    bool torn = page.n >= sizeof header;
    for (size_t i = 0; i < sizeof header && torn; i++) torn = (page.p[i] & header[i]) == header[i];
    return torn;
}

/* ---- walking ---- */

struct walk walk_sector(const struct nor *nor, uint32_t n, uint32_t seq, bool check_all)
{
    return (struct walk){.nor = nor,
                         .base = n * nor->sector_size,
                         .seq = seq,
                         .next = SECTOR_HEADER,
                         .check_all = check_all,
                         .st = ST_OK};
}

/* From a blank header to the unit in which the next programmed byte is. */
static status walk_over_blank(struct walk *w)
{
    uint32_t unit = record_unit(w->nor), first = 0;
    bool blank;
    TRY(flash_blank(w->nor, w->base + w->next, w->nor->sector_size - w->next, &blank, &first));
    uint32_t aligned = (w->next + first) & ~(unit - 1);
    w->next = aligned > w->next ? aligned : w->next;
    return ST_OK;
}

static status walk_past_garbage(struct walk *w, const struct record *rec, bool head_good)
{
    uint32_t unit = record_unit(w->nor);
    w->garbage = true;
    w->next = head_good ? record_end(w->nor, w->next, rec->size) : (w->next / unit + 1) * unit;
    return ST_OK;
}

/* Looks at what lies at w->next; `*found` when it is a good record. Always moves on. */
static status walk_step(struct walk *w, bool *found)
{
    uint8_t head[RECORD_HEADER];
    uint32_t at = w->base + w->next, crc_seed = seed(w->nor, w->seq, at);
    struct record *rec = &w->at.rec;
    *found = false;
    TRY(w->nor->read(w->nor->ctx, at, SPAN(head)));
    if (blank_prefix(BYTES(head)) == sizeof head) {
        uint32_t before = w->next;
        TRY(walk_over_blank(w));
        if (w->next != before) return ST_OK;
    }
    bool good = head_parse(w->nor, crc_seed, at, BYTES(head), rec);
    if (!good) return walk_past_garbage(w, rec, false);
    if (w->check_all || rec->kind == RECORD_COMMIT)
        TRY(crc_matches(w->nor, crc_seed, at, BYTES(head), (span){NULL, 0}, rec->size, &good));
    if (!good) return walk_past_garbage(w, rec, true);
    w->at.seq = w->seq;
    w->at.at = at;
    w->next = record_end(w->nor, w->next, rec->size);
    *found = true;
    return ST_OK;
}

/* The last bytes, too few for a record, can be what a torn one left. */
static status walk_tail(struct walk *w)
{
    uint32_t left = w->nor->sector_size - w->next;
    bool blank = true;
    TRY(flash_blank(w->nor, w->base + w->next, left, &blank, NULL));
    w->next += left;
    if (blank) return ST_OK;
    w->garbage = true;
    return ST_OK;
}

bool walk_next(struct walk *w)
{
    uint32_t size = w->nor->sector_size;
    bool found = false; /* every step moves on by a unit or more */
    while (!found && w->st == ST_OK && w->next + RECORD_HEADER <= size) w->st = walk_step(w, &found);
    if (!found && w->st == ST_OK && w->next < size) w->st = walk_tail(w);
    return found && w->st == ST_OK;
}
