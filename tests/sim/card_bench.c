/* SPDX-License-Identifier: Apache-2.0 */
/* Joins rig and chip, and copies both to and fro. */
#define _GNU_SOURCE /* memmem */
#include "tests/sim/card_bench.h"

#include <stdio.h>
#include <stdlib.h>

#define SECTOR_SIZE 4096u
#define PIECE 16u /* of a marked value: what is looked for */

/* Everything that a command may change. */
struct bench_moment {
    struct hsm hsm;
    struct store_slot slots[BENCH_SLOTS];
    struct rig_entropy entropy;
    struct rig_presence presence;
    struct rig_progress progress;
    enum hsm_link link;
    bool open;
    uint8_t image[BENCH_SECTORS * SECTOR_SIZE], shaky[BENCH_SECTORS * SECTOR_SIZE];
};

void bench_die(const char *why)
{
    fprintf(stderr, "bench: %s\n", why);
    abort();
}

static void *must_alloc(size_t n)
{
    void *p = calloc(1, n);
    if (!p) bench_die("no memory");
    return p;
}

/* ---- the chip as the card sees it ---- */

static bool refused(struct bench *b)
{
    uint32_t n = b->ops++;
    return n >= b->refuse_at && n < b->refuse_to;
}

static status bench_read(void *ctx, uint32_t at, span into)
{
    struct nor *nor = &((struct bench *)ctx)->sim->nor;
    return nor->read(nor->ctx, at, into);
}

static status bench_program(void *ctx, uint32_t at, bytes from)
{
    struct nor *nor = &((struct bench *)ctx)->sim->nor;
    return refused(ctx) ? ST_FLASH : nor->program(nor->ctx, at, from);
}

static status bench_erase(void *ctx, uint32_t sector)
{
    struct nor *nor = &((struct bench *)ctx)->sim->nor;
    return refused(ctx) ? ST_FLASH : nor->erase(nor->ctx, sector);
}

static status bench_sync(void *ctx)
{
    struct nor *nor = &((struct bench *)ctx)->sim->nor;
    return nor->sync(nor->ctx);
}

/* ---- life ---- */

struct bench *bench_new(uint64_t seed)
{
    return bench_new_small(seed, BENCH_SECTORS);
}

struct bench *bench_new_small(uint64_t seed, uint32_t sector_count)
{
    struct bench *b = must_alloc(sizeof *b);
    struct rig_options o = {
        .seed = seed, .sector_count = sector_count, .slot_cap = BENCH_SLOTS, .pin_rounds_max = 100000};
    b->rig = rig_new(&o);
    b->sim = b->rig->sim;
    b->nor = b->sim->nor;
    b->nor.ctx = b;
    b->nor.read = bench_read;
    b->nor.program = bench_program;
    b->nor.erase = bench_erase;
    b->nor.sync = bench_sync;
    b->rig->board.nor = &b->nor;
    b->kept = must_alloc(sizeof *b->kept);
    bench_fail_after(b, 0, 0);
    return b;
}

void bench_make_ready(struct bench *b, const char *more)
{
    if (rig_open(b->rig) != ST_OK) bench_die("a blank card does not start");
    if (rig_select(b->rig).sw != 0x9000) bench_die("SELECT");
    if (rig_initialise(b->rig, more).sw != 0x9000) bench_die("INITIALIZE");
    if (rig_login(b->rig).sw != 0x9000) bench_die("VERIFY");
}

struct bench *bench_ready(uint64_t seed, const char *more)
{
    struct bench *b = bench_new(seed);
    bench_make_ready(b, more);
    return b;
}

void bench_free(struct bench *b)
{
    for (size_t i = 0; i < b->mark_count; i++) free(b->marks[i].sealed);
    rig_stop(b->rig);
    free(b->kept);
    free(b);
}

/* ---- moments ---- */

void bench_keep(struct bench *b)
{
    struct bench_moment *m = b->kept;
    struct rig *r = b->rig;
    m->hsm = *r->hsm;
    memcpy(m->slots, r->board.slots, sizeof m->slots);
    m->entropy = r->entropy;
    m->presence = r->presence;
    m->progress = r->progress;
    m->link = r->link;
    m->open = r->open;
    memcpy(m->image, b->sim->image, sim_nor_size(b->sim));
    memcpy(m->shaky, b->sim->shaky, sim_nor_size(b->sim));
}

void bench_back(struct bench *b, uint64_t torn_seed)
{
    const struct bench_moment *m = b->kept;
    struct rig *r = b->rig;
    *r->hsm = m->hsm;
    memcpy(r->board.slots, m->slots, sizeof m->slots);
    r->entropy = m->entropy;
    r->presence = m->presence;
    r->progress = m->progress;
    r->link = m->link;
    r->open = m->open;
    memcpy(b->sim->image, m->image, sim_nor_size(b->sim));
    memcpy(b->sim->shaky, m->shaky, sim_nor_size(b->sim));
    sim_nor_power_on(b->sim);
    b->sim->seed = 0x9E3779B97F4A7C15u * (torn_seed + 1);
    b->sim->unstable = torn_seed >= 2; /* half of the trials: torn bits that change their minds */
    b->ops = 0;
    bench_fail_after(b, 0, 0);
}

void bench_cut_after(struct bench *b, uint32_t n)
{
    sim_nor_cut(b->sim, n);
}

bool bench_is_cut(const struct bench *b)
{
    return b->sim->off;
}

uint32_t bench_ops(const struct bench *b)
{
    return b->ops;
}

void bench_fail_after(struct bench *b, uint32_t n, uint32_t count)
{
    b->refuse_at = b->ops + n;
    b->refuse_to = count > UINT32_MAX - b->refuse_at ? UINT32_MAX : b->refuse_at + count;
}

status bench_power_on_but_cut(struct bench *b, uint32_t n)
{
    rig_power_off(b->rig);
    sim_nor_power_on(b->sim);
    bench_fail_after(b, 0, 0);
    bench_cut_after(b, n);
    return rig_open(b->rig);
}

status bench_power_on(struct bench *b)
{
    return bench_power_on_but_cut(b, SIM_NEVER);
}

bytes bench_cells(const struct bench *b)
{
    return (bytes){b->sim->image, sim_nor_size(b->sim)};
}

/* ---- marks ---- */

void bench_mark(struct bench *b, uint32_t key)
{
    if (b->mark_count == BENCH_MARKS_MAX) bench_die("too many marks");
    struct bench_mark *m = &b->marks[b->mark_count++];
    m->key = key;
    if (store_size(&b->rig->hsm->store, key, &m->size) != ST_OK) bench_die("nothing to mark");
    m->sealed = must_alloc(m->size);
    if (store_read(&b->rig->hsm->store, key, 0, (span){m->sealed, m->size}) != ST_OK) bench_die("unreadable mark");
    const uint8_t *found = bytes_find(bench_cells(b), (bytes){m->sealed, m->size});
    if (!found) bench_die("a mark that is not in flash");
    m->at = (size_t)(found - b->sim->image);
}

const uint8_t *bytes_find(bytes in, bytes what)
{
    return memmem(in.p, in.n, what.p, what.n);
}

/* An erase sets bits. Are only such bits different, and not all of them set? */
static bool is_half_erased(const uint8_t *then, const uint8_t *now)
{
    bool blank = true, only_set = true;
    for (size_t i = 0; i < PIECE; i++) {
        only_set = only_set && (then[i] & ~now[i]) == 0;
        blank = blank && now[i] == 0xFF;
    }
    return only_set && !blank;
}

/* Its first bytes are a version number, which other values share. */
static bool is_there(const struct bench_mark *m, bytes cells)
{
    for (size_t at = 4; at < m->size; at += PIECE) {
        size_t from = at + PIECE <= m->size ? at : m->size - PIECE;
        if (bytes_find(cells, (bytes){m->sealed + from, PIECE})) return true;
        if (is_half_erased(m->sealed + from, cells.p + m->at + from)) return true;
    }
    return false;
}

const struct bench_mark *bench_mark_found(const struct bench *b, bytes cells)
{
    for (size_t i = 0; i < b->mark_count; i++) {
        if (is_there(&b->marks[i], cells)) return &b->marks[i];
    }
    return NULL;
}
