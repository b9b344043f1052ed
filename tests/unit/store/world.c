/* SPDX-License-Identifier: Apache-2.0 */
/* The model, and how values are made so that they can be found again. */
#include "tests/unit/store/world.h"

#include "tests/stride.h"

#include <stdio.h>
#include <stdlib.h>

#define BLOCK 16u
#define MARK 0x56414C55u

uint32_t world_random(struct world *w, uint32_t below)
{
    return sim_random(&w->random) % below;
}

uint32_t world_rounds(uint32_t rounds)
{
    const char *times = getenv("STORE_ROUNDS");
    unsigned long n = times ? strtoul(times, NULL, 10) : 1;
    uint32_t all = rounds * (uint32_t)(n ? n : 1), some = all / test_stride();
    return some ? some : 1;
}

void world_expect(struct world *w, bool ok, const char *what, int line)
{
    if (ok) return;
    fprintf(stderr, "%s\n  line %d: not true: %s\n", w->story, line, what);
    fail();
}

/* ---- values ---- */

/* mark, key, generation, check */
static void block_compose(uint8_t b[BLOCK], uint32_t key, uint32_t generation)
{
    be_put((span){b, 4}, MARK);
    be_put((span){b + 4, 4}, key);
    be_put((span){b + 8, 4}, generation);
    be_put((span){b + 12, 4}, (MARK ^ key * 0x9E3779B1u) + generation * 0x85EBCA77u);
}

static void value_compose(span into, uint32_t key, uint32_t generation)
{
    uint8_t b[BLOCK];
    block_compose(b, key, generation);
    for (size_t at = 0; at < into.n; at += BLOCK)
        span_copy(span_part(into, at, BLOCK), bytes_first(BYTES(b), into.n - at));
}

static bool value_is(struct world *w, uint32_t key, const struct world_value *v)
{
    static uint8_t is[STORE_VALUE_MAX], should[STORE_VALUE_MAX];
    size_t size = 0;
    if (store_size(&w->store, key, &size) != ST_OK || size != v->size) return false;
    if (store_read(&w->store, key, 0, (span){is, size}) != ST_OK) return false;
    value_compose((span){should, size}, key, v->generation);
    return memcmp(is, should, size) == 0;
}

/* ---- a world ---- */

static void *space(size_t n)
{
    void *p = calloc(1, n);
    if (!p) abort();
    return p;
}

struct world *world_new(uint32_t sector_size, uint32_t sector_count, uint32_t write_size, uint64_t seed)
{
    struct world *w = space(sizeof *w);
    w->sim = sim_nor_new(sector_size, sector_count, write_size, seed * 2 + 1);
    w->counts = space(WORLD_GENERATIONS * sizeof *w->counts);
    w->random = seed * 2 + 1;
    snprintf(w->story, sizeof w->story, "sector %u, sectors %u, write %u, seed %llu", (unsigned)sector_size,
             (unsigned)sector_count, (unsigned)write_size, (unsigned long long)seed);
    EXPECT(w, store_format(&w->sim->nor) == ST_OK);
    EXPECT(w, world_open(w) == ST_OK);
    return w;
}

void world_free(struct world *w)
{
    sim_nor_free(w->sim);
    free(w->counts);
    free(w);
}

struct world *world_copy(const struct world *from, uint64_t seed)
{
    struct world *w = space(sizeof *w);
    *w = *from;
    w->sim = sim_nor_copy(from->sim);
    w->sim->seed = seed * 2 + 1;
    w->counts = space(WORLD_GENERATIONS * sizeof *w->counts);
    memcpy(w->counts, from->counts, WORLD_GENERATIONS * sizeof *w->counts);
    return w;
}

status world_open(struct world *w)
{
    sim_nor_power_on(w->sim);
    return store_open(&w->store, &w->sim->nor, w->slots, WORLD_SLOTS);
}

/* ---- changes ---- */

static void forget(struct world *w)
{
    memcpy(w->pending, w->now, sizeof w->now);
}

status world_begin(struct world *w)
{
    forget(w);
    w->before = w->generation;
    return store_begin(&w->store);
}

status world_put(struct world *w, uint32_t key, uint32_t size, unsigned flags)
{
    static uint8_t value[STORE_VALUE_MAX];
    struct world_value *v = &w->pending[key];
    if (++w->generation == WORLD_GENERATIONS) abort();
    value_compose((span){value, size}, key, w->generation);
    status st = store_put(&w->store, key, (bytes){value, size}, flags);
    bool secret = (flags & STORE_SECRET) || (v->generation && v->secret);
    uint32_t oldest = secret || !v->generation ? w->generation : v->oldest;
    *v = (struct world_value){w->generation, oldest, size, secret};
    if (st == ST_NO_SPACE) forget(w); /* ST_FLASH may come after the fact when power goes */
    return st;
}

status world_delete(struct world *w, uint32_t key)
{
    status st = store_delete(&w->store, key);
    EXPECT(w, (st == ST_NOT_FOUND) == (w->pending[key].generation == 0) || st == ST_FLASH);
    w->pending[key] = (struct world_value){0};
    if (st == ST_NO_SPACE) forget(w);
    return st;
}

static void adopt_pending(struct world *w)
{
    memcpy(w->now, w->pending, sizeof w->now);
    while (w->before < w->generation) w->counts[++w->before] = true;
}

status world_commit(struct world *w)
{
    status st = store_commit(&w->store, NULL);
    if (st == ST_OK) adopt_pending(w);
    return st;
}

void world_abort(struct world *w)
{
    store_abort(&w->store);
    forget(w);
}

/* ---- checks ---- */

bool world_is(struct world *w, const struct world_value state[WORLD_KEYS])
{
    uint32_t next = store_next(&w->store, 1), values = 0;
    for (uint32_t key = 1; key < WORLD_KEYS; key++) {
        if (state[key].generation == 0) continue;
        if (next != key || !value_is(w, key, &state[key])) return false;
        next = store_next(&w->store, key + 1);
        values++;
    }
    return next == 0 && store_space(&w->store).values == values;
}

void world_old_or_new(struct world *w, bool new_only)
{
    bool is_new = world_is(w, w->pending), is_old = !new_only && world_is(w, w->now);
    EXPECT(w, is_new || is_old);
    if (is_new) adopt_pending(w);
    forget(w);
}

static bool may_be_there(const struct world *w, uint32_t key, uint32_t generation)
{
    const struct world_value *v = &w->now[key];
    if (!w->counts[generation] && w->pending[key].generation != generation) return false;
    return v->generation != 0 && generation >= v->oldest && generation <= v->generation;
}

void world_scan(struct world *w)
{
    const uint8_t *p = w->sim->image, *end = p + sim_nor_size(w->sim) - BLOCK;
    for (; p && p <= end; p++) {
        p = memchr(p, MARK >> 24, (size_t)(end - p) + 1);
        if (!p) break;
        uint32_t key = be_get((bytes){p + 4, 4}), generation = be_get((bytes){p + 8, 4});
        uint8_t b[BLOCK];
        if (key == 0 || key >= WORLD_KEYS || generation == 0 || generation > w->generation) continue;
        block_compose(b, key, generation);
        if (memcmp(b, p, BLOCK) != 0 || may_be_there(w, key, generation)) continue;
        fprintf(stderr, "key %u, generation %u (now %u, oldest %u) at 0x%zX\n", (unsigned)key, (unsigned)generation,
                (unsigned)w->now[key].generation, (unsigned)w->now[key].oldest, (size_t)(p - w->sim->image));
        world_expect(w, false, "what should be gone is still on flash", __LINE__);
    }
}

void world_check(struct world *w)
{
    EXPECT(w, world_is(w, w->now));
    if (!w->tolerant) world_scan(w);
}
