/* SPDX-License-Identifier: Apache-2.0 */
/* Any flash image. Raw bytes seldom get past the CRCs, so the input is a script that builds the image: headers and
 * records with true CRCs and senseless fields, raw bytes, flipped bits. Then the store is opened, used, cut and opened again.
 * It must not fall over, and what it has said once must stay so. */
#include "boards/sim/sim_nor.h"
#include "store/crc.h"
#include "store/record.h"
#include "store/store.h"

#include <stdlib.h>

#define SECTORS 16u
#define SECTOR 4096u
#define SLOTS 64u
#define OPS_MAX 200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held) abort();
}

/* ---- building ---- */

static void op_header(struct sim_nor *sim, reader *r)
{
    uint8_t *h = sim->image + (rd_u8(r) % SECTORS) * SECTOR;
    uint8_t seq = rd_u8(r), format = rd_u8(r);
    buf b = {h, 0, SECTOR_HEADER, false};
    put_bytes(&b, TEXT("PHSL"));
    put_u8(&b, format == 0xFF ? STORE_FORMAT + 1 : STORE_FORMAT);
    put_u8(&b, 0x04);
    put_u16(&b, SECTORS);
    put_u32(&b, seq == 0xFF ? UINT32_MAX - format : seq);
    put_u32(&b, ~crc32_more(~0u, written(&b)));
    if (format % 8) memcpy(h + 16, h, 16);
}

static uint64_t some_version(reader *r)
{
    uint8_t v = rd_u8(r);
    if (v >= 0xF0) return VERSION_MAX - (v & 15u);
    return v >= 0xE0 ? (uint64_t)(v & 15u) << 16 : v;
}

/* A record behind `*at`, as the chip's own program would leave it. Over something else it is only tried where it fits. */
static void op_record(struct sim_nor *sim, reader *r, uint32_t ends[SECTORS])
{
    uint32_t n = rd_u8(r) % SECTORS, seq = rd_u8(r);
    struct record rec = {rd_u8(r) % 80u, some_version(r), 0, 0, 0};
    uint8_t what = rd_u8(r), value[255] = {0};
    rec.kind = (uint8_t)(1 + (what & 3) % 3);
    rec.flags = (uint8_t)(what & (RECORD_SECRET | RECORD_LONE));
    rec.size = rec.kind == RECORD_VALUE ? rd_u8(r) : rec.kind == RECORD_COMMIT ? COMMIT_SIZE : 0;
    if (rec.kind == RECORD_COMMIT) {
        be_put((span){value + 2, 4}, (uint32_t)some_version(r));
        be_put((span){value + 8, 4}, (uint32_t)some_version(r));
    }
    struct source from = {{value, rec.size}, {.at = 0}};
    uint32_t start = ends[n] ? ends[n] : SECTOR_HEADER, end = record_end(&sim->nor, start, rec.size);
    if (end > SECTOR) return;
    bool blank = false;
    must(flash_blank(&sim->nor, n * SECTOR + ends[n], end - ends[n], &blank, NULL) == ST_OK);
    struct place done;
    if (!blank) return;
    must(record_write(&sim->nor, n, seq, ends[n], rec, &from, &done) == ST_OK);
    ends[n] = end;
}

static void op_bytes(struct sim_nor *sim, reader *r)
{
    uint32_t at = rd_u16(r) % (SECTORS * SECTOR);
    bytes raw = rd_take(r, rd_u8(r));
    span_copy(span_part((span){sim->image, sim_nor_size(sim)}, at, raw.n), raw);
}

static void build(struct sim_nor *sim, reader *r)
{
    uint32_t ends[SECTORS] = {0};
    for (uint32_t i = 0; i < OPS_MAX && !r->bad && r->left.n > 0; i++) {
        uint8_t op = rd_u8(r);
        if (op == 0xFF) return;
        if (op % 8 == 0) op_header(sim, r);
        else if (op % 8 < 6) op_record(sim, r, ends);
        else if (op % 8 == 6) op_bytes(sim, r);
        else sim->image[rd_u16(r) % (SECTORS * SECTOR)] ^= (uint8_t)(1u << rd_u8(r) % 8);
    }
}

/* ---- using ---- */

struct state {
    uint32_t count, keys[SLOTS];
    size_t sizes[SLOTS];
};

static struct state look(const struct store *s)
{
    static uint8_t value[STORE_VALUE_MAX];
    struct state st = {.count = 0};
    for (uint32_t key = store_next(s, 1); key; key = key == UINT32_MAX ? 0 : store_next(s, key + 1)) {
        must(st.count < SLOTS);
        size_t size = 0;
        if (store_size(s, key, &size) != ST_OK || size > sizeof value) size = SIZE_MAX;
        else (void)!store_read(s, key, 0, (span){value, size});
        st.keys[st.count] = key;
        st.sizes[st.count++] = size;
    }
    return st;
}

static bool same(const struct state *a, const struct state *b)
{
    return a->count == b->count && memcmp(a->keys, b->keys, sizeof a->keys) == 0 &&
           memcmp(a->sizes, b->sizes, sizeof a->sizes) == 0;
}

/* A transaction from the script. ST_OK: committed. */
static status change(struct store *s, reader *r)
{
    static const uint8_t value[3000] = {1, 2, 3};
    TRY(store_begin(s));
    for (unsigned left = 1 + rd_u8(r) % 4; left > 0; left--) {
        uint8_t op = rd_u8(r), key = rd_u8(r), size = rd_u8(r);
        status st = op & 2 ? store_delete(s, 1 + key % 70u)
                           : store_put(s, 1 + key % 70u, (bytes){value, size * 11u}, op & STORE_SECRET);
        if (st != ST_OK && st != ST_NOT_FOUND) return st;
    }
    if (rd_u8(r) % 8) return store_commit(s, NULL);
    store_abort(s);
    return ST_NOT_FOUND;
}

static status open_sim(struct store *s, struct sim_nor *sim, struct store_slot *slots)
{
    sim_nor_power_on(sim);
    return store_open(s, &sim->nor, slots, SLOTS);
}

static void play(struct sim_nor *sim, reader *r)
{
    struct store s;
    struct store_slot slots[SLOTS];
    if (open_sim(&s, sim, slots) != ST_OK) return;
    for (unsigned i = 0; i < 8 && r->left.n > 0; i++) {
        struct state before = look(&s);
        uint8_t cut = rd_u8(r);
        if (cut & 1) sim_nor_cut(sim, cut / 2 % 64);
        bool committed = change(&s, r) == ST_OK;
        struct state after = look(&s);
        if (open_sim(&s, sim, slots) != ST_OK) return; /* enormous numbers; or more keys than slots */
        struct state again = look(&s);
        if (!(cut & 1) && !store_read_only(&s)) must(same(&again, committed ? &after : &before));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    reader r = read_from((bytes){data, size});
    uint8_t shape = rd_u8(&r);
    struct sim_nor *sim = sim_nor_new(SECTOR, SECTORS, 16, 1u + shape);
    if (shape % 4 == 0) must(store_format(&sim->nor) == ST_OK);
    else build(sim, &r);
    play(sim, &r);
    sim_nor_free(sim);
    return 0;
}
