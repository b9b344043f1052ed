/* SPDX-License-Identifier: Apache-2.0 */
/* Records as bytes: the CRC, the place a record is bound to, and walking past what is damaged. */
#include "tests/unit/store/world.h"

#include "store/crc.h"
#include "store/record.h"

static uint8_t value[STORE_VALUE_MAX];

static uint32_t crc(bytes b)
{
    return ~crc32_more(~0u, b);
}

/* The check value of CRC-32/ISO-HDLC, in any division into parts. */
static void crc_is_the_usual_one(void **state)
{
    bytes digits = TEXT("123456789");
    assert_int_equal(crc(digits), 0xCBF43926);
    assert_int_equal(crc(NO_BYTES), 0);
    for (size_t n = 0; n <= digits.n; n++)
        assert_int_equal(~crc32_more(crc32_more(~0u, bytes_first(digits, n)), bytes_after(digits, n)), 0xCBF43926);
}

/* Writes a record behind the last; where it lies. */
static uint32_t append(struct sim_nor *sim, uint32_t *at, uint32_t key, uint16_t size)
{
    struct record rec = {key, key + 5, size, RECORD_VALUE, RECORD_LONE};
    struct source from = {{value, size}, {.at = 0}};
    struct place done;
    assert_int_equal(record_write(&sim->nor, 2, 9, *at, rec, &from, &done), ST_OK);
    *at = record_end(&sim->nor, done.at % sim->nor.sector_size, size);
    return done.at;
}

static void records_come_back_in_order(void **state)
{
    static const uint32_t write_sizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    static const uint16_t sizes[] = {0, 1, 7, 300, 12, 255, 256, 900};
    for (size_t w = 0; w < COUNT(write_sizes); w++) {
        struct sim_nor *sim = sim_nor_new(4096, 16, write_sizes[w], 1);
        uint32_t at = 0, key = 0;
        for (size_t i = 0; i < COUNT(sizes); i++) append(sim, &at, (uint32_t)i + 1, sizes[i]);
        struct walk walk = walk_sector(&sim->nor, 2, 9, true);
        while (walk_next(&walk)) {
            assert_int_equal(walk.at.rec.key, key + 1);
            assert_int_equal(walk.at.rec.version, key + 6);
            assert_int_equal(walk.at.rec.size, sizes[key]);
            assert_int_equal(walk.at.rec.flags, RECORD_LONE);
            key++;
        }
        assert_int_equal(key, COUNT(sizes));
        assert_false(walk.garbage);
        sim_nor_free(sim);
    }
}

static void the_largest_value_fits_the_smallest_sector(void **state)
{
    for (uint32_t write = 1; write <= 256; write *= 2) {
        struct nor nor = {.sector_size = 4096, .sector_count = 16, .write_size = write};
        assert_true(geometry_ok(&nor));
        assert_true(record_end(&nor, SECTOR_HEADER, STORE_VALUE_MAX) <= 4096);
    }
}

/* A record is good in its own place, under its own sequence number, and nowhere else. */
static void a_record_is_bound_to_its_place(void **state)
{
    struct sim_nor *sim = sim_nor_new(4096, 16, 4, 1);
    uint32_t at = 0, first = append(sim, &at, 1, 40), second = append(sim, &at, 1, 40);
    struct record rec;
    bool good = false;
    assert_int_equal(record_check(&sim->nor, 9, first, (span){NULL, 0}, &rec, &good), ST_OK);
    assert_true(good);
    assert_int_equal(record_check(&sim->nor, 10, first, (span){NULL, 0}, &rec, &good), ST_OK);
    assert_false(good);
    memcpy(sim->image + second, sim->image + first, RECORD_HEADER + 40);
    assert_int_equal(record_check(&sim->nor, 9, second, (span){NULL, 0}, &rec, &good), ST_OK);
    assert_false(good);
    sim_nor_free(sim);
}

/* Each bit of the middle one of three records, flipped: the others are found, the middle one is not, and it shows. */
static void damage_is_walked_past(void **state)
{
    struct sim_nor *sim = sim_nor_new(4096, 16, 4, 1);
    uint32_t at = 0;
    append(sim, &at, 1, 50);
    uint32_t middle = append(sim, &at, 2, 50), end = append(sim, &at, 3, 50);
    uint32_t written_bits = (RECORD_HEADER + 50) * 8;
    assert_true(end > middle);
    for (uint32_t bit = 0; bit < written_bits; bit++) {
        uint8_t *p = sim->image + middle + bit / 8;
        uint32_t keys = 0;
        *p ^= (uint8_t)(1u << bit % 8);
        struct walk walk = walk_sector(&sim->nor, 2, 9, true);
        while (walk_next(&walk)) keys = keys * 10 + walk.at.rec.key;
        assert_int_equal(keys, 13);
        assert_true(walk.garbage);
        *p ^= (uint8_t)(1u << bit % 8);
    }
    sim_nor_free(sim);
}

/* Either copy of a sector header will do. */
static void one_good_header_is_enough(void **state)
{
    struct sim_nor *sim = sim_nor_new(4096, 16, 4, 1);
    uint32_t at = 0;
    append(sim, &at, 1, 50);
    for (uint32_t bit = 0; bit < SECTOR_HEADER * 8; bit++) {
        struct sector sector;
        uint8_t *p = sim->image + 2 * 4096 + bit / 8;
        *p ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(sector_read(&sim->nor, 2, &sector), ST_OK);
        assert_int_equal(sector.kind, SECTOR_OURS);
        assert_int_equal(sector.seq, 9);
        assert_true(sector.damaged);
        *p ^= (uint8_t)(1u << bit % 8);
    }
    sim_nor_free(sim);
}

/* A copy of a damaged record is refused, not given a good CRC. */
static void damage_is_not_copied(void **state)
{
    struct sim_nor *sim = sim_nor_new(4096, 16, 4, 1);
    uint32_t at = 0, first = append(sim, &at, 1, 50);
    struct source from = {NO_BYTES, {{1, 6, 50, RECORD_VALUE, RECORD_LONE}, 9, first}};
    struct place done;
    sim->image[first + RECORD_HEADER + 3] ^= 4;
    uint64_t programs = sim->programs;
    assert_int_equal(record_write(&sim->nor, 3, 10, 0, from.from.rec, &from, &done), ST_BAD_DATA);
    assert_int_equal(sim->programs, programs);
    sim->image[first + RECORD_HEADER + 3] ^= 4;
    assert_int_equal(record_write(&sim->nor, 3, 10, 0, from.from.rec, &from, &done), ST_OK);
    sim_nor_free(sim);
}

int main(void)
{
    for (size_t i = 0; i < sizeof value; i++) value[i] = (uint8_t)(i * 7);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_is_the_usual_one),
        cmocka_unit_test(records_come_back_in_order),
        cmocka_unit_test(the_largest_value_fits_the_smallest_sector),
        cmocka_unit_test(a_record_is_bound_to_its_place),
        cmocka_unit_test(damage_is_walked_past),
        cmocka_unit_test(one_good_header_is_enough),
        cmocka_unit_test(damage_is_not_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
