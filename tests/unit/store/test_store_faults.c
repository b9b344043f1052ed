/* SPDX-License-Identifier: Apache-2.0 */
/* Flash that wears out or is full: what was committed stays readable, a full store can still delete, and no sector is erased
 * much more often than another. */
#include "tests/stride.h"
#include "tests/unit/store/world.h"

#include <stdio.h>
#include <stdlib.h>

#define MANY 4096u

static uint8_t filling[STORE_VALUE_MAX];

/* A store with more slots than a world has. */
struct large {
    struct sim_nor *sim;
    struct store s;
    struct store_slot slots[MANY];
};

static struct large *large_new(uint32_t sector_size, uint32_t sector_count, uint32_t write_size)
{
    struct large *l = calloc(1, sizeof *l);
    if (!l) abort();
    l->sim = sim_nor_new(sector_size, sector_count, write_size, 7);
    assert_int_equal(store_format(&l->sim->nor), ST_OK);
    assert_int_equal(store_open(&l->s, &l->sim->nor, l->slots, MANY), ST_OK);
    return l;
}

static void large_free(struct large *l)
{
    sim_nor_free(l->sim);
    free(l);
}

static status put_one(struct large *l, uint32_t key, size_t size)
{
    memset(filling, (int)key, size);
    be_put((span){filling, 4}, key);
    TRY(store_begin(&l->s));
    TRY(store_put(&l->s, key, (bytes){filling, size}, 0));
    return store_commit(&l->s, NULL);
}

static status delete_one(struct large *l, uint32_t key)
{
    TRY(store_begin(&l->s));
    TRY(store_delete(&l->s, key));
    return store_commit(&l->s, NULL);
}

static void holds_value(struct large *l, uint32_t key, size_t size)
{
    static uint8_t is[STORE_VALUE_MAX];
    memset(filling, (int)key, size);
    be_put((span){filling, 4}, key);
    assert_int_equal(store_read(&l->s, key, 0, (span){is, size}), ST_OK);
    assert_memory_equal(is, filling, size);
}

static void reopen(struct large *l)
{
    assert_int_equal(store_open(&l->s, &l->sim->nor, l->slots, MANY), ST_OK);
    assert_false(store_read_only(&l->s));
}

/* Puts values until there is no room; the number that fit. */
static uint32_t fill(struct large *l, uint32_t first, size_t size)
{
    uint32_t n = 0;
    status st = ST_OK;
    while (st == ST_OK && l->s.slot_count < MANY) {
        st = put_one(l, first + n, size);
        n += st == ST_OK;
    }
    assert_true(st == ST_OK || st == ST_NO_SPACE);
    return n;
}

/* ---- capacity ---- */

static void holds_3000_values_of_256_bytes_in_a_mebibyte(void **state)
{
    static const uint32_t write_sizes[] = {1, 4, 8, 16};
    for (size_t i = 0; i < COUNT(write_sizes); i += test_stride()) {
        struct large *l = large_new(4096, 256, write_sizes[i]);
        uint32_t promised = store_space(&l->s).free_bytes / 256, n = fill(l, 1, 256);
        assert_true(n >= 3000 && promised >= 3000 && promised <= n);
        assert_true(store_space(&l->s).free_bytes == 0);
        reopen(l);
        assert_int_equal(store_space(&l->s).values, n);
        for (uint32_t key = 1; key <= n; key++) holds_value(l, key, 256);
        assert_int_equal(put_one(l, n + 1, 256), ST_NO_SPACE);
        assert_int_equal(put_one(l, 5, 257), ST_NO_SPACE);
        assert_int_equal(put_one(l, 5, 256), ST_OK); /* does not grow */
        large_free(l);
    }
}

static void holds_4096_values_and_refuses_one_more(void **state)
{
    struct large *l = large_new(4096, 256, 16);
    assert_int_equal(fill(l, 1, 64), MANY);
    assert_int_equal(put_one(l, MANY + 1, 64), ST_NO_SPACE);
    reopen(l);
    assert_int_equal(put_one(l, MANY / 2, 64), ST_OK); /* replacing needs no slot */
    for (uint32_t key = 1; key <= MANY; key++) holds_value(l, key, 64);
    assert_int_equal(store_open(&l->s, &l->sim->nor, l->slots, MANY - 1), ST_NO_SPACE);
    large_free(l);
}

/* One new key on top of a full index, in one transaction with a delete: until the commit both states must fit. */
static void a_slot_is_free_only_after_the_commit(void **state)
{
    struct world *w = world_new(4096, 16, 16, 9);
    for (uint32_t key = 1; key <= 4; key++) {
        assert_int_equal(world_begin(w), ST_OK);
        assert_int_equal(world_put(w, key, 10, 0), ST_OK);
        assert_int_equal(world_commit(w), ST_OK);
    }
    assert_int_equal(store_open(&w->store, &w->sim->nor, w->slots, 4), ST_OK);
    assert_int_equal(world_begin(w), ST_OK);
    assert_int_equal(world_delete(w, 1), ST_OK);
    assert_int_equal(world_put(w, 5, 10, 0), ST_NO_SPACE);
    assert_int_equal(store_commit(&w->store, NULL), ST_CONDITIONS);
    world_check(w);
    world_free(w);
}

/* Whatever is stored, free_bytes keeps its word. */
static void free_bytes_is_a_promise(void **state)
{
    static const size_t sizes[] = {0, 30, 700, 1400, 2100, 3900};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct large *l = large_new(4096, 64, 16);
        for (uint32_t key = 1; key < 60; key++)
            if (put_one(l, key, sizes[i] > 4 ? sizes[i] : 4) != ST_OK) break;
        for (uint32_t key = 1; key < 60; key += 3) (void)!delete_one(l, key);
        uint32_t promised = store_space(&l->s).free_bytes / 256;
        for (uint32_t n = 0; n < promised; n++) assert_int_equal(put_one(l, 1000 + n, 256), ST_OK);
        large_free(l);
    }
}

static const struct {
    uint32_t sector_size, sector_count, write_size;
    size_t value;
} fillings[] = {
    {4096, 64, 1, 256},  {4096, 64, 16, 1200}, {4096, 64, 256, 100}, {4096, 16, 256, 3900},
    {4096, 20, 8, 2100}, {65536, 16, 16, 900}, {8192, 33, 64, 3900}, {4096, 18, 4, 30},
};

/* What was deleted can be put again; a fiftieth may be lost to the ends of sectors. */
static void delete_and_fill(struct large *l, uint32_t n, size_t size, uint32_t first)
{
    for (uint32_t key = first; key <= n; key += 2) {
        assert_int_equal(delete_one(l, key), ST_OK);
        assert_int_equal(store_size(&l->s, key, &(size_t){0}), ST_NOT_FOUND);
    }
    for (uint32_t key = first; key <= n; key += 2) {
        status st = put_one(l, key, size);
        if (st == ST_NO_SPACE && key + n / 50 + 2 > n) break;
        assert_int_equal(st, ST_OK);
    }
}

static void a_full_store_can_delete_and_be_filled_again(void **state)
{
    for (size_t i = 0; i < COUNT(fillings); i++) {
        struct large *l = large_new(fillings[i].sector_size, fillings[i].sector_count, fillings[i].write_size);
        size_t size = fillings[i].value;
        uint32_t n = fill(l, 1, size);
        assert_true(n > 4);
        for (uint32_t round = 0; round < 3; round += test_stride()) {
            reopen(l);
            for (uint32_t key = store_next(&l->s, 1); key; key = store_next(&l->s, key + 1)) holds_value(l, key, size);
            delete_and_fill(l, n, size, 1 + round % 2);
            n = store_space(&l->s).values;
        }
        large_free(l);
    }
}

/* A PIN's tries, counters, a file written over: what does not grow must work for ever, or a full token locks its user out. */
static void a_full_store_can_be_kept_up_to_date(void **state)
{
    for (size_t i = 0; i < COUNT(fillings); i++) {
        struct large *l = large_new(fillings[i].sector_size, fillings[i].sector_count, fillings[i].write_size);
        size_t size = fillings[i].value;
        uint32_t n = fill(l, 10, size), round = 0;
        for (uint32_t key = 4000; key > 3960; key--) (void)!put_one(l, key, 30); /* into the last gaps */
        for (; round < 400; round += test_stride()) {
            uint32_t key = 10 + round * 7 % n;
            assert_int_equal(store_begin(&l->s), ST_OK);
            memset(filling, (int)key, size);
            be_put((span){filling, 4}, key);
            unsigned flags = round % 3 == 0 ? STORE_SECRET : 0;
            assert_int_equal(store_put(&l->s, key, (bytes){filling, size}, flags), ST_OK);
            assert_int_equal(store_commit(&l->s, NULL), ST_OK);
            if (round % 20 == 0) reopen(l);
            if (round % 4 == 0) (void)!put_one(l, 5000 + round, 30);
        }
        for (uint32_t key = 10; key < 10 + n; key++) holds_value(l, key, size);
        large_free(l);
    }
}

static void a_full_store_deletes_forty_at_once(void **state)
{
    for (size_t i = 0; i < 3; i++) {
        struct large *l = large_new(fillings[i].sector_size, fillings[i].sector_count, fillings[i].write_size);
        uint32_t n = fill(l, 1, fillings[i].value);
        uint32_t last = n < 40 ? n : 40;
        assert_int_equal(store_begin(&l->s), ST_OK);
        for (uint32_t key = 1; key <= last; key++) assert_int_equal(store_delete(&l->s, key), ST_OK);
        assert_int_equal(store_commit(&l->s, NULL), ST_OK);
        reopen(l);
        assert_int_equal(store_space(&l->s).values, n - last);
        large_free(l);
    }
}

/* 256 KiB to 64 MiB, every sector and write size: put, replace, delete, reopen. */
static void works_on_every_geometry(void **state)
{
    static const uint32_t sector_sizes[] = {4096, 8192, 32768, 65536}, write_sizes[] = {1, 2, 4, 8, 16, 32, 256};
    static const uint32_t regions[] = {256u << 10, 1u << 20, 4u << 20};
    for (size_t i = 0; i < COUNT(sector_sizes) * COUNT(write_sizes) * COUNT(regions); i++) {
        uint32_t sector = sector_sizes[i % 4], write = write_sizes[i / 4 % 7], region = regions[i / 28];
        if (region / sector < 16) continue;
        struct large *l = large_new(sector, region / sector, write);
        for (uint32_t key = 1; key <= 20; key++) assert_int_equal(put_one(l, key, 4 + key * 190), ST_OK);
        assert_int_equal(put_one(l, 7, 5), ST_OK);
        assert_int_equal(delete_one(l, 8), ST_OK);
        reopen(l);
        holds_value(l, 7, 5);
        holds_value(l, 20, 3804);
        assert_int_equal(store_space(&l->s).values, 19);
        large_free(l);
    }
}

static void works_on_64_mebibytes(void **state)
{
    struct large *l = large_new(4096, 16384, 256);
    for (uint32_t key = 1; key <= 50; key++) assert_int_equal(put_one(l, key, 3900), ST_OK);
    assert_int_equal(delete_one(l, 1), ST_OK);
    reopen(l);
    for (uint32_t key = 2; key <= 50; key++) holds_value(l, key, 3900);
    large_free(l);
}

static void refuses_a_geometry_it_cannot_use(void **state)
{
    static const uint32_t bad[][3] = {{4096, 15, 16}, {2048, 64, 16}, {4096, 64, 512}, {4096, 64, 3}, {131072, 16, 1}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct nor nor = {.sector_size = bad[i][0], .sector_count = bad[i][1], .write_size = bad[i][2]};
        struct store s;
        assert_int_equal(store_format(&nor), ST_BAD_DATA);
        assert_int_equal(store_open(&s, &nor, NULL, 0), ST_BAD_DATA);
    }
}

/* ---- wear ---- */

static void expect_even(const struct sim_nor *sim, uint32_t spread)
{
    uint32_t least = UINT32_MAX, most = 0;
    for (uint32_t n = 0; n < sim->nor.sector_count; n++) {
        if (sim->erases[n] < least) least = sim->erases[n];
        if (sim->erases[n] > most) most = sim->erases[n];
    }
    if (most > spread * least) fprintf(stderr, "erases: %u to %u\n", (unsigned)least, (unsigned)most);
    assert_true(least > 0 && most <= spread * least);
}

/* Half of the region never changes; one value, a secret or not, changes all the time; now and then the card is unplugged. */
static void wear_is_even(void **state)
{
    for (unsigned flags = 0; flags <= STORE_SECRET; flags++) {
        struct large *l = large_new(4096, 32, 16);
        for (uint32_t key = 10; key < 10 + 150; key++) assert_int_equal(put_one(l, key, 256), ST_OK);
        for (uint32_t i = 0; i < world_rounds(flags ? 6000 : 80000); i++) {
            assert_int_equal(store_begin(&l->s), ST_OK);
            assert_int_equal(store_put(&l->s, 1, (bytes){filling, 60}, flags), ST_OK);
            assert_int_equal(store_commit(&l->s, NULL), ST_OK);
            if (i % 50 == 0) reopen(l);
        }
        for (uint32_t key = 10; key < 10 + 150; key++) holds_value(l, key, 256);
        expect_even(l->sim, 3);
        large_free(l);
    }
}

/* ---- worn sectors ---- */

static void random_transaction(struct world *w)
{
    if (world_begin(w) != ST_OK) return;
    for (uint32_t left = 1 + world_random(w, 4); left > 0; left--) {
        uint32_t key = 1 + world_random(w, 20);
        status st = world_random(w, 4) == 0 ? world_delete(w, key) : world_put(w, key, world_random(w, 900), 0);
        if (st != ST_OK && st != ST_NOT_FOUND) return;
    }
    if (world_commit(w) == ST_OK) return;
    EXPECT(w, store_read_only(&w->store));
}

/* Values of one state or the other, all of them; and what is read-only says so. */
static void survive(uint64_t seed, bool late)
{
    struct world *w = world_new(4096, 32, seed % 2 ? 16 : 256, seed);
    w->tolerant = true;
    for (uint32_t round = 0; round < 150; round++) {
        if ((late ? round > 100 : round % 12 == 0) && world_random(w, 3) == 0)
            w->sim->fault[world_random(w, 32)] = (uint8_t)(SIM_REFUSES + world_random(w, 3));
        random_transaction(w);
        bool broken = store_read_only(&w->store);
        if (broken || round % 7 == 0) EXPECT(w, world_open(w) == ST_OK);
        world_old_or_new(w, false);
        if (broken && store_read_only(&w->store)) break;
    }
    EXPECT(w, world_open(w) == ST_OK);
    world_check(w);
    world_free(w);
}

static void worn_sectors_lose_nothing(void **state)
{
    for (uint32_t seed = 1; seed <= world_rounds(60); seed++) survive(seed, seed % 3 == 0);
}

/* A few bad sectors cost their space only. */
static void a_worn_sector_is_left_out(void **state)
{
    for (uint8_t fault = SIM_REFUSES; fault <= SIM_NO_ERASE; fault++) {
        struct world *w = world_new(4096, 32, 16, fault);
        w->tolerant = true;
        w->sim->fault[5] = w->sim->fault[6] = w->sim->fault[20] = fault;
        for (uint32_t i = 0; i < 600; i++) {
            EXPECT(w, world_begin(w) == ST_OK);
            EXPECT(w, world_put(w, 1 + i % 30, 200, 0) == ST_OK);
            EXPECT(w, world_commit(w) == ST_OK);
            if (i % 100 == 0) EXPECT(w, world_open(w) == ST_OK);
        }
        EXPECT(w, !store_read_only(&w->store));
        world_check(w);
        world_free(w);
    }
}

/* A deleted value that flash does not let go: the commit must not say that it is gone. */
static void what_cannot_be_erased_is_not_called_erased(void **state)
{
    struct world *w = world_new(4096, 32, 16, 3);
    EXPECT(w, world_begin(w) == ST_OK);
    EXPECT(w, world_put(w, 1, 100, STORE_SECRET) == ST_OK);
    EXPECT(w, world_put(w, 2, 100, 0) == ST_OK);
    EXPECT(w, world_commit(w) == ST_OK);
    memset(w->sim->fault, SIM_NO_ERASE, 32);
    EXPECT(w, world_begin(w) == ST_OK);
    EXPECT(w, world_delete(w, 1) == ST_OK);
    EXPECT(w, world_commit(w) == ST_FLASH);
    EXPECT(w, store_read_only(&w->store));
    EXPECT(w, world_begin(w) == ST_FLASH);
    EXPECT(w, world_open(w) == ST_OK);
    EXPECT(w, store_read_only(&w->store));
    EXPECT(w, store_size(&w->store, 1, &(size_t){0}) == ST_NOT_FOUND);
    EXPECT(w, store_size(&w->store, 2, &(size_t){0}) == ST_OK);
    memset(w->sim->fault, SIM_GOOD, 32);
    EXPECT(w, world_open(w) == ST_OK);
    EXPECT(w, !store_read_only(&w->store));
    w->pending[1] = (struct world_value){0};
    world_old_or_new(w, true);
    world_check(w);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_3000_values_of_256_bytes_in_a_mebibyte),
        cmocka_unit_test(holds_4096_values_and_refuses_one_more),
        cmocka_unit_test(a_slot_is_free_only_after_the_commit),
        cmocka_unit_test(free_bytes_is_a_promise),
        cmocka_unit_test(a_full_store_can_delete_and_be_filled_again),
        cmocka_unit_test(a_full_store_can_be_kept_up_to_date),
        cmocka_unit_test(a_full_store_deletes_forty_at_once),
        cmocka_unit_test(works_on_every_geometry),
        cmocka_unit_test(works_on_64_mebibytes),
        cmocka_unit_test(refuses_a_geometry_it_cannot_use),
        cmocka_unit_test(wear_is_even),
        cmocka_unit_test(worn_sectors_lose_nothing),
        cmocka_unit_test(a_worn_sector_is_left_out),
        cmocka_unit_test(what_cannot_be_erased_is_not_called_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
