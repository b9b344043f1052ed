/* SPDX-License-Identifier: Apache-2.0 */
/* Images that no store wrote, or that rotted: they are opened or refused, quickly, without a crash; a refused one is left
 * untouched; a flipped bit costs one value. */
#include "tests/unit/store/world.h"

#include "store/crc.h"
#include "store/record.h"

#include <stdlib.h>

#define SECTORS 24u

static struct sim_nor *chip;
static struct store s;
static struct store_slot slots[256];

static int new_chip(void **state)
{
    chip = sim_nor_new(4096, SECTORS, 16, 11);
    return 0;
}

static int free_chip(void **state)
{
    sim_nor_free(chip);
    return 0;
}

static status open_chip(void)
{
    return store_open(&s, &chip->nor, slots, COUNT(slots));
}

/* Opens, and checks that refusing has written nothing. */
static void expect_refused(status why)
{
    uint64_t programs = chip->programs, erases = chip->erase_count;
    assert_int_equal(open_chip(), why);
    assert_int_equal(chip->programs, programs);
    assert_int_equal(chip->erase_count, erases);
}

static void use_it(void)
{
    static uint8_t value[STORE_VALUE_MAX];
    for (uint32_t key = store_next(&s, 1); key; key = store_next(&s, key + 1)) {
        size_t size = 0;
        if (store_size(&s, key, &size) == ST_OK) (void)!store_read(&s, key, 0, (span){value, size});
    }
    for (uint32_t key = 1; key < 4 && store_begin(&s) == ST_OK; key++) {
        (void)!store_put(&s, key, (bytes){value, 700}, key & STORE_SECRET);
        (void)!store_delete(&s, key + 1);
        (void)!store_commit(&s, NULL);
    }
}

/* A good header in front of anything. */
static void give_header(uint32_t n, uint32_t seq)
{
    uint8_t h[SECTOR_HEADER];
    buf b = BUF(h);
    put_bytes(&b, TEXT("PHSL"));
    put_u8(&b, STORE_FORMAT);
    put_u8(&b, 0x04);
    put_u16(&b, SECTORS);
    put_u32(&b, seq);
    put_u32(&b, ~crc32_more(~0u, written(&b)));
    memcpy(h + 16, h, 16);
    memcpy(chip->image + n * 4096u, h, sizeof h);
}

static void blank_is_not_found(void **state)
{
    expect_refused(ST_NOT_FOUND);
}

static void noise_is_refused(void **state)
{
    uint64_t random = 5;
    for (size_t i = 0; i < sim_nor_size(chip); i++) chip->image[i] = (uint8_t)sim_random(&random);
    expect_refused(ST_BAD_DATA);
    memset(chip->image, 0, sim_nor_size(chip));
    expect_refused(ST_BAD_DATA);
    memset(chip->image, 0xFF, sim_nor_size(chip));
    chip->image[70000] = 0x5A;
    expect_refused(ST_BAD_DATA);
}

static void another_size_is_refused(void **state)
{
    assert_int_equal(store_format(&chip->nor), ST_OK);
    chip->nor.sector_count--;
    expect_refused(ST_BAD_DATA);
    chip->nor.sector_count++;
    chip->nor.write_size = 32;
    expect_refused(ST_BAD_DATA);
    chip->nor.write_size = 16;
    assert_int_equal(open_chip(), ST_OK);
}

static void a_newer_format_is_not_supported(void **state)
{
    assert_int_equal(store_format(&chip->nor), ST_OK);
    give_header(3, 9);
    for (uint32_t copy = 0; copy < 2; copy++) {
        uint8_t *h = chip->image + 3 * 4096u + copy * 16;
        h[4] = STORE_FORMAT + 1;
        be_put((span){h + 12, 4}, ~crc32_more(~0u, (bytes){h, 12}));
    }
    expect_refused(ST_NOT_SUPPORTED);
}

static void mostly_damaged_is_refused(void **state)
{
    assert_int_equal(store_format(&chip->nor), ST_OK);
    for (uint32_t n = 1; n < 18; n++) chip->image[n * 4096u + 100] = 0;
    expect_refused(ST_BAD_DATA);
}

static void too_few_slots_are_refused(void **state)
{
    assert_int_equal(store_format(&chip->nor), ST_OK);
    assert_int_equal(open_chip(), ST_OK);
    assert_int_equal(store_begin(&s), ST_OK);
    for (uint32_t key = 1; key <= 9; key++) assert_int_equal(store_put(&s, key, TEXT("nine"), 0), ST_OK);
    assert_int_equal(store_commit(&s, NULL), ST_OK);
    uint64_t programs = chip->programs;
    assert_int_equal(store_open(&s, &chip->nor, slots, 8), ST_NO_SPACE);
    assert_int_equal(chip->programs, programs);
    assert_int_equal(store_open(&s, &chip->nor, slots, 9), ST_OK);
}

/* Inspecting never writes, settling does; until then there are no transactions. */
static void inspecting_writes_nothing(void **state)
{
    assert_int_equal(store_format(&chip->nor), ST_OK);
    uint64_t programs = chip->programs;
    assert_int_equal(store_inspect(&s, &chip->nor, slots, COUNT(slots)), ST_OK);
    assert_int_equal(store_begin(&s), ST_FLASH);
    assert_int_equal(chip->programs, programs);
    store_settle(&s);
    assert_true(chip->programs > programs);
    assert_int_equal(store_begin(&s), ST_OK);
}

/* Sectors with good headers and noise behind, of several kinds. */
static void hostile_sectors_do_no_harm(void **state)
{
    for (uint32_t seed = 1; seed <= world_rounds(300); seed++) {
        uint64_t random = seed;
        memset(chip->image, 0xFF, sim_nor_size(chip));
        for (uint32_t n = 0; n < SECTORS; n++) {
            uint32_t kind = sim_random(&random) % 6, from = sim_random(&random) % 4096, fill = sim_random(&random);
            if (kind == 0) continue;
            uint8_t *p = chip->image + n * 4096u;
            for (uint32_t i = from; i < 4096; i++)
                p[i] = (uint8_t)(kind == 1                 ? sim_random(&random)
                                 : kind == 2               ? fill
                                 : sim_random(&random) & 1 ? 0xFF
                                                           : fill);
            give_header(n, kind == 3 ? 7 : kind == 4 ? 0xFFFFFFF0u + n : n + 1);
        }
        if (open_chip() == ST_OK) use_it();
    }
}

/* Records with good CRCs that make no sense: enormous versions, `last` above the commit's own version, wrong sizes. */
static void hostile_records_do_no_harm(void **state)
{
    for (uint32_t seed = 1; seed <= world_rounds(300); seed++) {
        uint64_t random = seed;
        memset(chip->image, 0xFF, sim_nor_size(chip));
        for (uint32_t n = 0; n < SECTORS; n++) {
            uint32_t at = 0, seq = sim_random(&random) % 40;
            for (uint32_t i = 0; i < 30 && at + 700 < 4096; i++) {
                static uint8_t value[600];
                uint32_t kind = sim_random(&random) % 8;
                struct record rec = {sim_random(&random) % 300, sim_random(&random) % 50, 0, RECORD_VALUE, 0};
                rec.size = (uint16_t)(sim_random(&random) % 600);
                rec.flags = (uint8_t)(sim_random(&random) & (RECORD_SECRET | RECORD_LONE));
                if (kind == 0) rec.version = VERSION_MAX - sim_random(&random) % 3;
                if (kind == 1) rec.kind = RECORD_TOMBSTONE;
                if (kind == 2) rec.kind = RECORD_COMMIT;
                if (rec.kind == RECORD_TOMBSTONE) rec.size = 0;
                if (rec.kind == RECORD_COMMIT) rec.size = COMMIT_SIZE;
                for (size_t k = 0; k < COMMIT_SIZE; k++) value[k] = (uint8_t)(sim_random(&random) % 40 == 0 ? 0xFF : 0);
                value[5] = (uint8_t)(sim_random(&random) % 50);
                value[11] = (uint8_t)(sim_random(&random) % 50);
                struct source from = {{value, rec.size}, {.at = 0}};
                struct place done;
                assert_int_equal(record_write(&chip->nor, n, seq, at, rec, &from, &done), ST_OK);
                at = record_end(&chip->nor, done.at % 4096, rec.size);
            }
        }
        if (open_chip() == ST_OK) use_it();
        if (open_chip() == ST_OK) use_it();
    }
}

/* ---- rot ---- */

/* Keys whose value is not as it was, except those of the last transaction. */
static uint32_t count_lost(struct world *w, uint32_t last_key)
{
    static uint8_t is[STORE_VALUE_MAX];
    uint32_t lost = 0;
    for (uint32_t key = 1; key < WORLD_KEYS; key++) {
        size_t size = 0;
        if (key == last_key || w->now[key].generation == 0) continue;
        if (store_size(&w->store, key, &size) != ST_OK || size != w->now[key].size) lost++;
        else if (store_read(&w->store, key, 0, (span){is, size}) != ST_OK) lost++;
        else if (size >= 12 && be_get((bytes){is + 8, 4}) != w->now[key].generation) lost++;
    }
    return lost;
}

static void a_flipped_bit_costs_one_value(void **state)
{
    struct world *base = world_new(4096, SECTORS, 16, 21);
    for (uint32_t i = 0; i < 60; i++) {
        EXPECT(base, world_begin(base) == ST_OK);
        EXPECT(base, world_put(base, 1 + i % 40, 40 + i * 3, i % 2 ? STORE_SECRET : 0) == ST_OK);
        EXPECT(base, world_commit(base) == ST_OK);
    }
    for (uint32_t i = 0; i < world_rounds(500); i++) {
        struct world *w = world_copy(base, i);
        w->random = i * 77 + 1;
        uint32_t at = world_random(w, (uint32_t)sim_nor_size(w->sim));
        if (i % 2) at = at / 4096 * 4096 + at % 64; /* headers */
        w->sim->image[at] ^= (uint8_t)(1u << world_random(w, 8));
        EXPECT(w, world_open(w) == ST_OK);
        EXPECT(w, count_lost(w, 1 + 59 % 40) <= 1);
        world_free(w);
    }
    world_free(base);
}

/* Many flips: anything may be lost, but what is read is what was written once. */
static void rot_never_makes_up_values(void **state)
{
    struct world *base = world_new(4096, SECTORS, 16, 22);
    for (uint32_t i = 0; i < 100; i++) {
        EXPECT(base, world_begin(base) == ST_OK);
        EXPECT(base, world_put(base, 1 + i % 30, 16 * (1 + i % 9), 0) == ST_OK);
        EXPECT(base, world_commit(base) == ST_OK);
    }
    for (uint32_t i = 0; i < world_rounds(200); i++) {
        struct world *w = world_copy(base, i);
        w->random = i * 77 + 1;
        for (uint32_t flips = 1u << (i % 13); flips > 0; flips--)
            w->sim->image[world_random(w, (uint32_t)sim_nor_size(w->sim))] ^= (uint8_t)(1u << world_random(w, 8));
        status st = world_open(w);
        EXPECT(w, st == ST_OK || st == ST_BAD_DATA || st == ST_NOT_SUPPORTED);
        for (uint32_t key = st == ST_OK ? store_next(&w->store, 1) : 0; key; key = store_next(&w->store, key + 1)) {
            uint8_t is[160];
            size_t size = 0;
            EXPECT(w, store_size(&w->store, key, &size) == ST_OK && size <= sizeof is);
            EXPECT(w, store_read(&w->store, key, 0, (span){is, size}) == ST_OK);
            EXPECT(w, be_get((bytes){is + 4, 4}) == key && be_get((bytes){is + 8, 4}) <= 100);
        }
        world_free(w);
    }
    world_free(base);
}

#define ON_CHIP(test) cmocka_unit_test_setup_teardown(test, new_chip, free_chip)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CHIP(blank_is_not_found),
        ON_CHIP(noise_is_refused),
        ON_CHIP(another_size_is_refused),
        ON_CHIP(a_newer_format_is_not_supported),
        ON_CHIP(mostly_damaged_is_refused),
        ON_CHIP(too_few_slots_are_refused),
        ON_CHIP(inspecting_writes_nothing),
        ON_CHIP(hostile_sectors_do_no_harm),
        ON_CHIP(hostile_records_do_no_harm),
        cmocka_unit_test(a_flipped_bit_costs_one_value),
        cmocka_unit_test(rot_never_makes_up_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
