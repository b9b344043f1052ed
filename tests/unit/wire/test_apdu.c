/* SPDX-License-Identifier: Apache-2.0 */
/* Command APDUs: every row of apdu.md 1.5, and every length that is none of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/apdu.h"

/* clang-format off */
static const struct { const char *raw, *data; uint32_t ne; bool extended, has_le; } good[] = {
    { "00A40400",                   "",       0,     false, false }, /* case 1 */
    { "0084000008",                 "",       8,     false, true  }, /* case 2 short */
    { "0084000000",                 "",       256,   false, true  },
    { "00840000FF",                 "",       255,   false, true  },
    { "00580000000000",             "",       65536, true,  true  }, /* case 2 extended */
    { "00580000000200",             "",       512,   true,  true  },
    { "0058000000FFFF",             "",       65535, true,  true  },
    { "002000810131",               "31",     0,     false, false }, /* case 3 short */
    { "00200081023132",             "3132",   0,     false, false },
    { "0020008100",                 "",       256,   false, true  },
    { "00A40000023F0000",           "3F00",   256,   false, true  }, /* case 4 short */
    { "00A40000023F0005",           "3F00",   5,     false, true  },
    { "00460100000001AA",           "AA",     0,     true,  false }, /* case 3 extended */
    { "00460100000003010203",       "010203", 0,     true,  false },
    { "00460100000001AA0000",       "AA",     65536, true,  true  }, /* case 4 extended */
    { "00460100000001AA0100",       "AA",     256,   true,  true  },
    { "005800000000",               "",       256,   false, true  }, /* tolerated: .. 00 Le */
    { "005800000008",               "",       8,     false, true  },
};

static const char *const bad[] = {
    "", "00", "00A4", "00A404",        /* no header */
    "005800000801",                    /* LeH LeL without 00: Lc 8, one byte */
    "0020008102 31",                   /* data too short */
    "0020008101 31 00 00",             /* and too long */
    "0020008101 31 0000 00",
    "005800000000 00 00",              /* extended Lc 0 with bytes behind */
    "005800000000 00 00 00",
    "0046010000 0002 AA",              /* extended, too short */
    "0046010000 0001 AA 00",           /* extended with a short Le */
    "0046010000 0001 AA 00 00 00",     /* trailing byte */
    "0046010000 0000 AA",              /* Lc 0 */
    "0046010000 FFFF AA",
};
/* clang-format on */

static void every_case_is_read(void **state)
{
    for (size_t i = 0; i < COUNT(good); i++) {
        struct apdu a;
        bytes raw = exact(good[i].raw);
        assert_int_equal(apdu_parse(raw, &a), ST_OK);
        assert_hex(a.data, good[i].data);
        assert_int_equal(a.ne, good[i].ne);
        assert_int_equal(a.extended, good[i].extended);
        assert_int_equal(a.has_le, good[i].has_le);
        assert_hex(((bytes){(uint8_t[]){a.cla, a.ins, a.p1, a.p2}, 4}), hex_of(bytes_first(raw, 4)));
    }
}

static void anything_else_is_refused(void **state)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct apdu a = {.ne = 4711};
        assert_int_equal(apdu_parse(exact(bad[i]), &a), ST_BAD_LENGTH);
        assert_int_equal(a.ne, 4711); /* untouched */
    }
}

static const size_t data_sizes[] = {0, 1, 255, 256, 4096, 65535};
static const uint32_t nes[] = {0, 1, 255, 256, 257, 65535, 65536};

static void check_round_trip(size_t data_size, uint32_t ne, bool extended)
{
    span data = exact_space(data_size), raw = exact_space(data_size + APDU_OVERHEAD);
    struct apdu in = {0x80, 0x68, 1, 0x70, view(data), ne, extended, false}, out;
    buf b = buf_over(raw);
    assert_int_equal(apdu_write(&in, &b), ST_OK);
    assert_int_equal(apdu_parse(exact_copy(written(&b)), &out), ST_OK);
    assert_true(bytes_equal(in.data, out.data));
    assert_int_equal(out.ne, ne);
    assert_int_equal(out.has_le, ne > 0);
    bool body = data_size || ne;
    assert_int_equal(out.extended, body && (extended || data_size > 255 || ne > 256));
}

static void what_is_written_is_read_back(void **state)
{
    for (size_t d = 0; d < COUNT(data_sizes); d++) {
        for (size_t n = 0; n < COUNT(nes); n++) {
            check_round_trip(data_sizes[d], nes[n], false);
            check_round_trip(data_sizes[d], nes[n], true);
        }
        hex_release();
    }
}

static void writing_is_all_or_nothing(void **state)
{
    struct apdu a = {0x80, 0x68, 1, 0x70, exact("010203"), 65536, false, true};
    for (size_t room = 0; room < 14; room++) {
        buf b = buf_over(exact_space(room));
        put_u8(&b, 0x5A); /* what was there before stays */
        status st = apdu_write(&a, &b);
        assert_int_equal(st, room < 13 ? ST_NO_SPACE : ST_OK);
        if (room) assert_int_equal(b.n, room < 13 ? 1 : 13);
    }
}

static void impossible_sizes_are_not_written(void **state)
{
    span data = exact_space(65536), raw = exact_space(66000);
    buf b = buf_over(raw);
    struct apdu a = {.data = view(data)};
    assert_int_equal(apdu_write(&a, &b), ST_BAD_LENGTH);
    a = (struct apdu){.ne = 65537};
    assert_int_equal(apdu_write(&a, &b), ST_BAD_LENGTH);
    assert_int_equal(b.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(writing_is_all_or_nothing),
        cmocka_unit_test(impossible_sizes_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
