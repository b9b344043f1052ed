/* SPDX-License-Identifier: Apache-2.0 */
/* Key metadata: each tag's rule, and what is written is what was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/key_metadata.h"

#define BYTES_31 "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define BYTES_32 "00" BYTES_31

/* `put`: what key_metadata_put makes of it; NULL: ST_BAD_DATA. */
/* clang-format off */
static const struct { const char *in, *put; } rows[] = {
    { "",                                  "" },
    { "9004 00000005",                     "9004 00000005" },
    { "9004 00000000",                     "9004 00000000" },
    { "9102 7380 9201 00",                 "9102 7380 9201 00" },
    { "9100",                              "9100" },          /* nothing is allowed */
    { "9120 " BYTES_32,                    "9120 " BYTES_32 },
    { "9201 0F",                           "9201 0F" },
    { "9303 AABBCC",                       "9303 AABBCC" },
    { "9300",                              "9300" },
    { "93818000" BYTES_32 BYTES_32 BYTES_32 BYTES_31, "93818000" BYTES_32 BYTES_32 BYTES_32 BYTES_31 },
    { "9381810000" BYTES_32 BYTES_32 BYTES_32 BYTES_31, NULL },
    { "9301AA 920101 910110 900400000001", "900400000001 910110 920101 9301AA" }, /* any order */
    { "900400000001 900400000002",         "900400000001" },  /* first wins */
    { "910110 9121" BYTES_32 "20",         "910110" },        /* a second is not looked at */
    { "5F290100 4201AA 800100 910110",     "910110" },        /* others are skipped */
    { "9401 03",                           "9401 03" },
    { "940106 9301AA 910110",              "910110 9301AA 940106" },
    { "940101 940102",                     "940101" },
    { "9400",                              NULL },
    { "9401 00",                           NULL },
    { "9401 07",                           NULL },
    { "9402 0101",                         NULL },
    { "9003 000001",                       NULL },
    { "9005 0000000001",                   NULL },
    { "9000",                              NULL },
    { "9121 " BYTES_32 "20",               NULL },
    { "9201 10",                           NULL },
    { "9201 FF",                           NULL },
    { "9202 0001",                         NULL },
    { "9200",                              NULL },
    { "91",                                NULL },
    { "910210",                            NULL },
    { "910110 92",                         NULL },
    { "9183000001 10",                     NULL },
};
/* clang-format on */

static void each_tag_has_its_rule(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct key_metadata m = {.domain = 0x77};
        status st = key_metadata_parse(exact(rows[i].in), &m);
        assert_int_equal(st, rows[i].put ? ST_OK : ST_BAD_DATA);
        if (!rows[i].put) assert_int_equal(m.domain, 0x77); /* untouched */
        if (!rows[i].put) continue;
        buf b = buf_over(exact_space(exact(rows[i].put).n));
        key_metadata_put(&b, &m);
        assert_false(b.full);
        assert_hex(written(&b), rows[i].put);
    }
}

static void the_fields_say_what_came(void **state)
{
    struct key_metadata m;
    bytes in = exact("9004 01020304 9102 7380 9201 07 9301 AA 9401 05");
    assert_int_equal(key_metadata_parse(in, &m), ST_OK);
    assert_true(m.has_counter && m.has_list && m.has_domain && m.has_wrapping_id);
    assert_int_equal(m.counter, 0x01020304);
    assert_hex(m.list, "7380");
    assert_int_equal(m.domain, 7);
    assert_hex(m.wrapping_id, "AA");
    assert_int_equal(m.kind, SECRET_HKDF);
    assert_int_equal(key_metadata_parse(NO_BYTES, &m), ST_OK);
    assert_false(m.has_counter || m.has_list || m.has_domain || m.has_wrapping_id);
    assert_int_equal(m.kind, SECRET_ANY);
}

static void a_list_names_what_a_key_may(void **state)
{
    static const struct {
        const char *in;
        bool names, allows; /* 80 */
    } lists[] = {{"", false, true}, {"9100", false, false}, {"91017F", false, false}, {"91027380", true, true}};
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct key_metadata m;
        assert_int_equal(key_metadata_parse(exact(lists[i].in), &m), ST_OK);
        assert_int_equal(key_metadata_names(&m, 0x80), lists[i].names);
        assert_int_equal(key_metadata_allows(&m, 0x80), lists[i].allows);
    }
}

static void no_room_is_noticed(void **state)
{
    struct key_metadata m;
    bytes in = exact("9004 01020304 9102 7380 9201 07 9301 AA 9401 05");
    assert_int_equal(key_metadata_parse(in, &m), ST_OK);
    for (size_t room = 0; room < in.n; room++) {
        buf b = buf_over(exact_space(room));
        key_metadata_put(&b, &m);
        assert_true(b.full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tag_has_its_rule),
        cmocka_unit_test(the_fields_say_what_came),
        cmocka_unit_test(a_list_names_what_a_key_may),
        cmocka_unit_test(no_room_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
