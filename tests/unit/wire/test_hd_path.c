/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of hierarchical keys: what is one, what is none, each truncation, and the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/hd_path.h"
#include "wire/tlv.h"

#define EIGHT "AAAAAAAAAAAAAAAA"
#define LABEL_112 EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT
#define LABEL_127 LABEL_112 EIGHT "AAAAAAAAAAAAAA"

/* clang-format off */
static const struct { const char *in; status want; unsigned master, depth; bool labels; } rows[] = {
    {"020100",                                     ST_OK, 0, 0, false},
    {"020109",                                     ST_OK, 9, 0, false},
    {"02810105",                                   ST_OK, 5, 0, false}, /* longer than needed: apdu.md 1.9 */
    {"020100 020480000000 020400000001",           ST_OK, 0, 2, false},
    {"020103 0204FFFFFFFF",                        ST_OK, 3, 1, false},
    {"020107 0409534C49502D30303231",              ST_OK, 7, 1, true},
    {"020107 0400",                                ST_OK, 7, 1, true},  /* a label may be empty */
    {"020107 0401AA 0400 0402BBCC",                ST_OK, 7, 3, true},
    {"020107 047F" LABEL_127,                      ST_OK, 7, 1, true},
    {"",                                           ST_BAD_LENGTH, 0, 0, false},
    {"02010A",                                     ST_EXECUTION, 0, 0, false}, /* ten masters */
    {"0201FF",                                     ST_EXECUTION, 0, 0, false},
    {"0200",                                       ST_EXECUTION, 0, 0, false},
    {"02020000",                                   ST_EXECUTION, 0, 0, false},
    {"020480000000",                               ST_EXECUTION, 0, 0, false}, /* no master first */
    {"0401AA 020100",                              ST_EXECUTION, 0, 0, false},
    {"030100",                                     ST_EXECUTION, 0, 0, false},
    {"020100 020100",                              ST_EXECUTION, 0, 0, false}, /* a level is 4 bytes */
    {"020100 0203000000",                          ST_EXECUTION, 0, 0, false},
    {"020100 02050000000000",                      ST_EXECUTION, 0, 0, false},
    {"020100 0200",                                ST_EXECUTION, 0, 0, false},
    {"020100 030400000000",                        ST_EXECUTION, 0, 0, false},
    {"020100 7F490400000000",                      ST_EXECUTION, 0, 0, false},
    {"020107 020400000000 0401AA",                 ST_EXECUTION, 0, 0, false}, /* of one kind throughout */
    {"020107 0401AA 020400000000",                 ST_EXECUTION, 0, 0, false},
    {"020107 048180" LABEL_127 "AA",               ST_EXECUTION, 0, 0, false},
    {"020107 0480",                                ST_EXECUTION, 0, 0, false}, /* indefinite */
    {"020107 0483000001AA",                        ST_EXECUTION, 0, 0, false},
    {"020107 0402AA",                              ST_EXECUTION, 0, 0, false},
    {"020100 00",                                  ST_EXECUTION, 0, 0, false},
};
/* clang-format on */

static void what_is_a_path(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hd_path path;
        status got = hd_path_parse(exact(rows[i].in), &path);
        if (got != rows[i].want) fail_msg("%s: %d", rows[i].in, (int)got);
        if (got != ST_OK) continue;
        assert_int_equal(path.master, rows[i].master);
        assert_int_equal(path.depth, rows[i].depth);
        assert_int_equal(path.labels, rows[i].labels);
    }
    hex_release();
}

/* Cut anywhere it is a shorter path, if between two levels, or none. */
static void every_truncation(void **state)
{
    bytes numbers = exact("020102 020480000000 020400000001 02047FFFFFFF");
    bytes labels = exact("020102 0400 0403AABBCC 0405AABBCCDDEE");
    static const size_t number_ends[] = {3, 9, 15, 21}, label_ends[] = {3, 5, 10, 17};
    for (unsigned kind = 0; kind < 2; kind++) {
        bytes whole = kind ? labels : numbers;
        const size_t *ends = kind ? label_ends : number_ends;
        unsigned depth = 0;
        for (size_t n = 0; n <= whole.n; n++) {
            struct hd_path path;
            bool at_end = depth < COUNT(label_ends) && n == ends[depth];
            status want = n == 0 ? ST_BAD_LENGTH : at_end ? ST_OK : ST_EXECUTION;
            assert_int_equal(hd_path_parse(exact_copy(bytes_first(whole, n)), &path), want);
            if (at_end) assert_int_equal(path.depth, depth++);
        }
        assert_int_equal(depth, COUNT(label_ends));
    }
    hex_release();
}

static void levels_come_in_order(void **state)
{
    struct hd_path path;
    struct hd_step step;
    assert_int_equal(hd_path_parse(exact("020101 020480000002 020400000003"), &path), ST_OK);
    reader steps = read_from(path.steps);
    assert_true(hd_step_next(&steps, &step));
    assert_int_equal(step.index, 0x80000002);
    assert_int_equal(step.label.n, 0);
    assert_true(hd_step_next(&steps, &step));
    assert_int_equal(step.index, 3);
    assert_false(hd_step_next(&steps, &step));

    assert_int_equal(hd_path_parse(exact("020107 0400 0403616263"), &path), ST_OK);
    steps = read_from(path.steps);
    assert_true(hd_step_next(&steps, &step));
    assert_int_equal(step.label.n, 0);
    assert_true(hd_step_next(&steps, &step));
    assert_int_equal(step.index, 0);
    assert_true(bytes_equal(step.label, TEXT("abc")));
    assert_false(hd_step_next(&steps, &step));
    hex_release();
}

static void two_hundred_and_fifty_five_levels(void **state)
{
    static const char *const levels[] = {"020480000000", "0400"};
    for (unsigned kind = 0; kind < COUNT(levels); kind++) {
        for (unsigned depth = 254; depth <= 300; depth++) {
            struct hd_path path;
            buf b = buf_over(exact_space(3 + depth * exact(levels[kind]).n));
            put_bytes(&b, exact("020100"));
            for (unsigned i = 0; i < depth; i++) put_bytes(&b, exact(levels[kind]));
            assert_false(b.full);
            assert_int_equal(hd_path_parse(written(&b), &path), depth <= 255 ? ST_OK : ST_EXECUTION);
            if (depth <= 255) assert_int_equal(path.depth, depth);
            hex_release();
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_path),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(levels_come_in_order),
        cmocka_unit_test(two_hundred_and_fifty_five_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
