/* SPDX-License-Identifier: Apache-2.0 */
/* The power goes at every flash operation of every workload, torn in several ways: bits that stay as they are read or change
 * their mind later, with and without a second cut while the store recovers. Afterwards the store is in the old state or in the
 * new one, whole; what had to go is gone from the raw image; and the store goes on working. */
#include "tests/stride.h"
#include "tests/unit/store/world.h"

#include <stdio.h>

/* Each plays until something fails, which is when the power has gone. */
#define PLAY(call)                                                                                                     \
    do {                                                                                                               \
        if ((call) != ST_OK) return;                                                                                   \
    } while (0)

static void churn(struct world *w, uint32_t rounds, uint32_t keys, uint32_t size)
{
    for (uint32_t i = 0; i < rounds; i++) {
        EXPECT(w, world_begin(w) == ST_OK);
        EXPECT(w, world_put(w, 1 + i % keys, size + i % 7, i % 5 == 0 ? STORE_SECRET : 0) == ST_OK);
        EXPECT(w, world_commit(w) == ST_OK);
    }
}

static void prepare_nothing(struct world *w) {}

static void prepare_some(struct world *w)
{
    churn(w, 40, 12, 150);
}

/* So full that every second put moves a sector. */
static void prepare_full(struct world *w)
{
    churn(w, 62, 62, 20);
    for (uint32_t key = 1; key < 40; key++) {
        EXPECT(w, world_begin(w) == ST_OK);
        if (world_put(w, key, 1000, 0) != ST_OK) break;
        EXPECT(w, world_commit(w) == ST_OK);
    }
    world_abort(w);
    churn(w, 12, 3, 500);
}

static void put_new(struct world *w)
{
    PLAY(world_begin(w));
    PLAY(world_put(w, 50, 700, 0));
    PLAY(world_commit(w));
}

static void replace_plain(struct world *w)
{
    for (uint32_t i = 0; i < 3; i++) {
        PLAY(world_begin(w));
        PLAY(world_put(w, 2, 300 + i, 0));
        PLAY(world_commit(w));
    }
}

static void replace_plain_once(struct world *w)
{
    PLAY(world_begin(w));
    PLAY(world_put(w, 1, 30, 0));
    PLAY(world_commit(w));
}

static void replace_secret(struct world *w)
{
    for (uint32_t i = 0; i < 3; i++) {
        PLAY(world_begin(w));
        PLAY(world_put(w, 1 + i, 300 + i, STORE_SECRET));
        PLAY(world_commit(w));
    }
}

static void delete_one(struct world *w)
{
    for (uint32_t key = 2; key < 5; key++) {
        PLAY(world_begin(w));
        PLAY(world_delete(w, key));
        PLAY(world_commit(w));
    }
}

static void change_many(struct world *w)
{
    PLAY(world_begin(w));
    PLAY(world_put(w, 1, 40, STORE_SECRET));
    PLAY(world_put(w, 51, 3000, STORE_SECRET));
    PLAY(world_delete(w, 2));
    PLAY(world_delete(w, 3));
    PLAY(world_put(w, 2, 90, 0));
    PLAY(world_put(w, 4, 1500, 0));
    PLAY(world_put(w, 51, 80, 0));
    PLAY(world_commit(w));
    PLAY(world_begin(w));
    PLAY(world_delete(w, 51));
    PLAY(world_put(w, 4, 10, 0));
    PLAY(world_commit(w));
}

static void abort_some(struct world *w)
{
    PLAY(world_begin(w));
    PLAY(world_put(w, 1, 40, STORE_SECRET));
    PLAY(world_put(w, 52, 900, 0));
    PLAY(world_delete(w, 2));
    world_abort(w);
    PLAY(world_begin(w));
    PLAY(world_put(w, 3, 40, 0));
    PLAY(world_commit(w));
}

static void crowd(struct world *w)
{
    for (uint32_t i = 0; i < 5; i++) {
        PLAY(world_begin(w));
        PLAY(world_put(w, 1 + i, 480, i == 3 ? STORE_SECRET : 0));
        PLAY(world_put(w, 6 + i, 24, 0));
        PLAY(world_commit(w));
    }
}

static void reopen(struct world *w)
{
    for (uint32_t i = 0; i < 3; i++) {
        PLAY(store_open(&w->store, &w->sim->nor, w->slots, WORLD_SLOTS));
        PLAY(world_begin(w));
        PLAY(world_put(w, 7, 100, i == 1 ? STORE_SECRET : 0));
        PLAY(world_commit(w));
    }
    PLAY(store_open(&w->store, &w->sim->nor, w->slots, WORLD_SLOTS));
}

static const struct scene {
    const char *name;
    void (*prepare)(struct world *w);
    void (*play)(struct world *w);
} scenes[] = {
    {"put in an empty store", prepare_nothing, put_new},
    {"put", prepare_some, put_new},
    {"replace", prepare_some, replace_plain},
    {"replace a secret", prepare_some, replace_secret},
    {"delete", prepare_some, delete_one},
    {"change many", prepare_some, change_many},
    {"abort", prepare_some, abort_some},
    {"crowd", prepare_full, crowd},
    {"delete when full", prepare_full, delete_one},
    {"reopen", prepare_some, reopen},
};

static const struct {
    uint32_t sector_size, sector_count, write_size;
} chips[] = {{4096, 20, 16}, {4096, 24, 256}, {4096, 18, 1}};

/* The power goes once more while the store recovers. */
static void stumble(struct world *w, uint32_t after)
{
    sim_nor_power_on(w->sim);
    sim_nor_cut(w->sim, after);
    (void)!store_open(&w->store, &w->sim->nor, w->slots, WORLD_SLOTS);
}

static void goes_on(struct world *w)
{
    EXPECT(w, world_begin(w) == ST_OK);
    EXPECT(w, world_put(w, 9, 60, STORE_SECRET) == ST_OK);
    EXPECT(w, world_commit(w) == ST_OK);
    world_check(w);
    EXPECT(w, world_open(w) == ST_OK);
    world_check(w);
}

/* One cut; true when the workload came to its end before it. */
static bool cut_once(const struct world *base, const struct scene *scene, uint32_t cut, uint32_t seed)
{
    struct world *w = world_copy(base, seed * 1000003u + cut);
    snprintf(w->story, sizeof w->story, "%s: sectors %u, write %u, cut %u, seed %u", scene->name,
             (unsigned)w->sim->nor.sector_count, (unsigned)w->sim->nor.write_size, (unsigned)cut, (unsigned)seed);
    EXPECT(w, world_open(w) == ST_OK);
    w->sim->unstable = seed % 2 == 1;
    sim_nor_cut(w->sim, cut);
    scene->play(w);
    bool done = !w->sim->off;
    if (seed % 4 >= 2)
        for (uint32_t i = 0; i < 1 + seed % 3; i++) stumble(w, world_random(w, 1 + cut % 12));
    EXPECT(w, world_open(w) == ST_OK);
    EXPECT(w, !store_read_only(&w->store));
    world_old_or_new(w, done);
    world_scan(w);
    for (uint32_t i = 0; i < 3; i++) { /* what was seen once stays */
        EXPECT(w, world_open(w) == ST_OK);
        EXPECT(w, world_is(w, w->now));
    }
    goes_on(w);
    world_free(w);
    return done;
}

static void play_scene(const struct scene *scene, size_t chip, uint32_t seeds)
{
    struct world *base =
        world_new(chips[chip].sector_size, chips[chip].sector_count, chips[chip].write_size, 40 + chip);
    scene->prepare(base);
    for (uint32_t seed = 0; seed < seeds; seed++) {
        bool done = false;
        for (uint32_t cut = seed % test_stride(); !done; cut += test_stride()) {
            EXPECT(base, cut < 4000);
            done = cut_once(base, scene, cut, seed);
        }
    }
    world_free(base);
}

static void a_cut_leaves_the_old_state_or_the_new_one(void **state)
{
    for (size_t chip = 0; chip < COUNT(chips); chip++)
        for (size_t i = 0; i < COUNT(scenes); i++) play_scene(&scenes[i], chip, world_rounds(4 * test_stride()));
}

/* The power goes in one operation of a replacement; the last of them is the commit record. Whatever the first opening
 * says, all later ones say, however the bits flicker. */
static bool decided_once(uint32_t seed, uint32_t cut)
{
    struct world *w = world_new(4096, 16, seed % 2 ? 16 : 4, seed);
    snprintf(w->story, sizeof w->story, "decided once: cut %u, seed %u", (unsigned)cut, (unsigned)seed);
    EXPECT(w, world_begin(w) == ST_OK);
    EXPECT(w, world_put(w, 1, 20, 0) == ST_OK);
    EXPECT(w, world_commit(w) == ST_OK);
    w->sim->unstable = true;
    sim_nor_cut(w->sim, cut);
    replace_plain_once(w);
    bool done = !w->sim->off;
    if (seed % 3 == 0) stumble(w, seed / 3 % 5);
    EXPECT(w, world_open(w) == ST_OK);
    world_old_or_new(w, done);
    for (uint32_t i = 0; i < 4; i++) {
        EXPECT(w, world_open(w) == ST_OK);
        EXPECT(w, world_is(w, w->now));
    }
    world_free(w);
    return done;
}

static void a_marginal_commit_is_decided_once(void **state)
{
    for (uint32_t seed = 1; seed <= world_rounds(800); seed++) decided_once(seed, seed % 8 == 0 ? 0 : 1);
}

/* A region that was blank is either still no store, or an empty one. */
static void a_cut_format_can_be_repeated(void **state)
{
    for (uint32_t seed = 1; seed < 200; seed++) {
        struct sim_nor *sim = sim_nor_new(4096, 16, seed % 2 ? 16 : 256, seed);
        struct store s;
        struct store_slot slots[4];
        sim_nor_cut(sim, seed % 4);
        (void)!store_format(&sim->nor);
        sim_nor_power_on(sim);
        status st = store_open(&s, &sim->nor, slots, 4);
        assert_true(st == ST_OK || st == ST_NOT_FOUND);
        if (st == ST_OK) assert_int_equal(store_next(&s, 1), 0);
        assert_int_equal(store_format(&sim->nor), ST_OK);
        assert_int_equal(store_open(&s, &sim->nor, slots, 4), ST_OK);
        sim_nor_free(sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_cut_leaves_the_old_state_or_the_new_one),
                                       cmocka_unit_test(a_marginal_commit_is_decided_once),
                                       cmocka_unit_test(a_cut_format_can_be_repeated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
