/* SPDX-License-Identifier: Apache-2.0 */
/* TLV: reading stays inside whatever the bytes say, writing is minimal at every border. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/tlv.h"

/* clang-format off */
static const struct { const char *hex; bool clean; size_t count; } walks[] = {
    { "",                   true,  0 },
    { "8100",               true,  1 },
    { "8101AA8200",         true,  2 },
    { "5F2003414243",       true,  1 },
    { "7F4E03810155",       true,  1 },
    { "53820005 0102030405",true,  1 }, /* not minimal, as pypicohsm writes it */
    { "538105 0102030405",  true,  1 },
    { "53820000",           true,  1 },
    { "0000",               true,  1 },
    { "81",                 false, 0 }, /* no length */
    { "8181",               false, 0 }, /* length announced, then nothing */
    { "818200",             false, 0 },
    { "8105AA",             false, 0 }, /* past the end */
    { "8101AA8202BB",       false, 1 },
    { "5382FFFF00",         false, 0 },
    { "8180",               false, 0 }, /* indefinite */
    { "8180AA0000",         false, 0 },
    { "8183000001AA",       false, 0 }, /* length forms nobody sends */
    { "818400000001AA",     false, 0 },
    { "81FFAA",             false, 0 },
    { "5F",                 false, 0 }, /* half a tag */
    { "7F21",               false, 0 },
    { "5F818101AA",         false, 0 }, /* three-byte tag */
    { "1FFF0101AA",         false, 0 },
};

static const struct { const char *hex; uint16_t tag; const char *value; } finds[] = {
    { "8101AA8201BB",       0x82,   "BB" },
    { "8101AA8101BB",       0x81,   "AA" }, /* first wins */
    { "81008101BB",         0x81,   ""   }, /* even when it is empty */
    { "7F4902AABB5F200143", 0x5F20, "43" },
    { "8200",               0x82,   ""   },
    { "",                   0x81,   NULL },
    { "8101AA",             0x82,   NULL },
    { "30038101AA",         0x81,   NULL }, /* not at the top level */
    { "8101AA82",           0x81,   NULL }, /* malformed behind it */
    { "8101AA8205BB",       0x81,   NULL },
};

static const struct { uint16_t tag; size_t n; const char *header; } headers[] = {
    { 0x81,   0,     "8100" },         { 0x81,   127,   "817F" },
    { 0x81,   128,   "818180" },       { 0x81,   255,   "8181FF" },
    { 0x81,   256,   "81820100" },     { 0x81,   65535, "8182FFFF" },
    { 0x7F21, 0,     "7F2100" },       { 0x7F21, 127,   "7F217F" },
    { 0x7F21, 128,   "7F218180" },     { 0x7F21, 65535, "7F2182FFFF" },
};
/* clang-format on */

static void tlv_walk_stays_inside(void **state)
{
    for (size_t i = 0; i < COUNT(walks); i++) {
        bytes in = exact(walks[i].hex);
        reader r = read_from(in);
        size_t count = 0;
        for (tlv t; tlv_next(&r, &t);) count++;
        assert_int_equal(count, walks[i].count);
        assert_int_equal(r.bad, !walks[i].clean);
        assert_int_equal(tlv_well_formed(in), walks[i].clean);
        tlv t;
        assert_false(tlv_next(&r, &t)); /* the end stays the end */
    }
}

static void find_takes_the_first_of_a_whole_sequence(void **state)
{
    for (size_t i = 0; i < COUNT(finds); i++) {
        bytes value;
        bool found = tlv_find(exact(finds[i].hex), finds[i].tag, &value);
        assert_int_equal(found, finds[i].value != NULL);
        assert_hex(value, finds[i].value ? finds[i].value : "");
    }
}

static void put_writes_the_shortest_header(void **state)
{
    for (size_t i = 0; i < COUNT(headers); i++) {
        size_t n = headers[i].n, header = strlen(headers[i].header) / 2;
        span value = exact_space(n);
        buf b = buf_over(exact_space(header + n));
        tlv_put(&b, headers[i].tag, view(value));
        assert_false(b.full);
        assert_hex(bytes_first(written(&b), header), headers[i].header);
        assert_int_equal(b.n, header + n);
        assert_int_equal(tlv_header_size(headers[i].tag, n), header);
        assert_int_equal(tlv_size(headers[i].tag, n), header + n);
        reader r = read_from(written(&b));
        tlv t;
        assert_true(tlv_next(&r, &t) && rd_done(&r));
        assert_int_equal(t.tag, headers[i].tag);
        assert_true(bytes_equal(t.value, view(value)));
    }
}

static void close_writes_what_put_writes(void **state)
{
    for (size_t i = 0; i < COUNT(headers); i++) {
        size_t n = headers[i].n, whole = tlv_size(headers[i].tag, n);
        span value = exact_space(n);
        for (size_t k = 0; k < n; k++) value.p[k] = (uint8_t)(k * 7 + (k >> 8));
        buf put = buf_over(exact_space(whole)), opened = buf_over(exact_space(whole));
        tlv_put(&put, headers[i].tag, view(value));
        size_t mark = tlv_open(&opened, headers[i].tag);
        put_bytes(&opened, view(value));
        assert_true(bytes_equal(tlv_since(&opened, mark), view(value)));
        tlv_close(&opened, mark);
        assert_false(opened.full);
        assert_true(bytes_equal(written(&put), written(&opened)));
    }
}

static void objects_nest(void **state)
{
    uint8_t memory[64];
    buf b = BUF(memory);
    size_t outer = tlv_open(&b, 0x7F21), inner = tlv_open(&b, 0x30);
    tlv_put_u8(&b, 0x81, 0xAA);
    tlv_close(&b, inner);
    tlv_put_u16(&b, 0x5F24, 0x0102);
    tlv_close(&b, outer);
    assert_hex(written(&b), "7F210A 30038101AA 5F24020102");
}

/* Two objects, one inside the other: with any room less than they need, full and never beyond. */
static void no_room_is_noticed(void **state)
{
    for (size_t room = 0; room < 200; room++) {
        buf b = buf_over(exact_space(room));
        size_t outer = tlv_open(&b, 0x67), inner = tlv_open(&b, 0x7F21);
        put_zeros(&b, 130);
        tlv_close(&b, inner);
        tlv_close(&b, outer);
        assert_int_equal(b.full, room < 137);
        buf c = buf_over(exact_space(room));
        tlv_put(&c, 0x7F21, view(exact_space(130)));
        assert_int_equal(c.full, room < 134);
        assert_int_equal(c.n, room < 134 ? 0 : 134); /* all or nothing */
        hex_release();
    }
}

static void over_64_kib_is_not_written(void **state)
{
    span room = exact_space(70000), value = exact_space(65536);
    buf b = buf_over(room);
    tlv_put(&b, 0x81, view(value));
    assert_true(b.full);
    assert_int_equal(b.n, 0);
    b = buf_over(room);
    size_t mark = tlv_open(&b, 0x81);
    put_bytes(&b, view(value));
    tlv_close(&b, mark);
    assert_true(b.full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tlv_walk_stays_inside),
        cmocka_unit_test(find_takes_the_first_of_a_whole_sequence),
        cmocka_unit_test(put_writes_the_shortest_header),
        cmocka_unit_test(close_writes_what_put_writes),
        cmocka_unit_test(objects_nest),
        cmocka_unit_test(no_room_is_noticed),
        cmocka_unit_test(over_64_kib_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
