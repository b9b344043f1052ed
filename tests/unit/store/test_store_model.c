/* SPDX-License-Identifier: Apache-2.0 */
/* Long random runs of transactions, aborts, refusals and reopenings, on every geometry, against the model. */
#include "tests/stride.h"
#include "tests/unit/store/world.h"

#include <stdio.h>

static const struct {
    uint32_t sector_size, sector_count, write_size, rounds, size_max;
} runs[] = {
    {4096, 16, 1, 250, 600},     {4096, 24, 16, 400, 500},  {4096, 20, 256, 250, 3900}, {4096, 32, 4, 400, 3900},
    {4096, 64, 8, 400, 1200},    {8192, 32, 32, 250, 1500}, {65536, 16, 256, 60, 3900}, {4096, 256, 16, 300, 3900},
    {16384, 40, 128, 200, 3900}, {32768, 33, 2, 80, 3900},  {4096, 17, 64, 300, 700},
};

static uint32_t some_size(struct world *w, uint32_t max)
{
    uint32_t kind = world_random(w, 10);
    if (kind == 0) return 0;
    if (kind == 1) return max;
    return world_random(w, kind < 7 ? 200 : max + 1);
}

/* One change; true when the transaction is over. */
static bool random_change(struct world *w, uint32_t size_max)
{
    uint32_t key = 1 + world_random(w, WORLD_KEYS - 1);
    if (world_random(w, 4) == 0) key = 1 + world_random(w, 3);
    status st;
    if (world_random(w, 4) == 0) st = world_delete(w, key);
    else st = world_put(w, key, some_size(w, size_max), world_random(w, 3) == 0 ? STORE_SECRET : 0);
    EXPECT(w, st == ST_OK || st == ST_NOT_FOUND || st == ST_NO_SPACE);
    return st == ST_NO_SPACE;
}

static void random_transaction(struct world *w, uint32_t size_max)
{
    EXPECT(w, world_begin(w) == ST_OK);
    for (uint32_t left = 1 + world_random(w, 6); left > 0; left--)
        if (random_change(w, size_max)) return;
    EXPECT(w, world_is(w, w->now)); /* readers see nothing of it yet */
    if (world_random(w, 12) == 0) world_abort(w);
    else if (world_random(w, 12) > 0) EXPECT(w, world_commit(w) == ST_OK);
    /* else it is abandoned by the next one, or by the power */
}

static void run(size_t i, uint64_t seed)
{
    struct world *w = world_new(runs[i].sector_size, runs[i].sector_count, runs[i].write_size, seed);
    for (uint32_t round = 0; round < runs[i].rounds; round += test_stride()) {
        random_transaction(w, runs[i].size_max);
        if (world_random(w, 16) == 0) EXPECT(w, world_open(w) == ST_OK);
        EXPECT(w, !store_read_only(&w->store));
        if (w->store.txn.open) continue;
        EXPECT(w, world_is(w, w->now));
        if (round % 8 == 0) world_check(w);
    }
    EXPECT(w, world_open(w) == ST_OK);
    world_check(w);
    world_free(w);
}

static void behaves_like_an_array(void **state)
{
    for (uint32_t seed = 1; seed <= world_rounds(1); seed++)
        for (size_t i = 0; i < COUNT(runs); i++) run(i, seed * 100 + i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(behaves_like_an_array)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
