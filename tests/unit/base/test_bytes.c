/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that know their length: never past the end, all or nothing, flags that stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"

/* clang-format off */
static const struct { const char *a, *b; bool equal; } comparisons[] = {
    { "",     "",       true  }, { "00",     "00",     true  }, { "0102FF", "0102FF", true  },
    { "",     "00",     false }, { "00",     "0000",   false }, { "0102FF", "0102FE", false },
    { "8102", "0102",   false }, { "0102",   "0103",   false },
};

static const struct { const char *number, *trimmed; } trims[] = {
    { "", "" }, { "00", "" }, { "0000", "" }, { "01", "01" }, { "0001", "01" }, { "000100", "0100" },
    { "0100", "0100" },
};

/* `out`: NULL when the number does not fit. */
static const struct { const char *number; size_t size; const char *out; } numbers[] = {
    { "",       0, ""       }, { "",       2, "0000"   }, { "01",     1, "01"     },
    { "01",     3, "000001" }, { "000001", 1, "01"     }, { "0000",   0, ""       },
    { "000102", 2, "0102"   }, { "010203", 3, "010203" },
    { "0100",   1, NULL     }, { "01",     0, NULL     }, { "010203", 2, NULL     },
};

static const struct { const char *in; uint32_t value; } integers[] = {
    { "", 0 }, { "00", 0 }, { "FF", 255 }, { "0102", 0x0102 }, { "010203", 0x010203 },
    { "01020304", 0x01020304 }, { "FFFFFFFF", 0xFFFFFFFF }, { "0501020304", 0x01020304 },
};
/* clang-format on */

static void comparing(void **state)
{
    for (size_t i = 0; i < COUNT(comparisons); i++) {
        bytes a = exact(comparisons[i].a), b = exact(comparisons[i].b);
        assert_int_equal(ct_equal(a, b), comparisons[i].equal);
        assert_int_equal(bytes_equal(a, b), comparisons[i].equal);
        assert_int_equal(bytes_equal(b, a), comparisons[i].equal);
    }
    assert_true(bytes_equal(NO_BYTES, exact("")));
    assert_true(ct_is_zero(NO_BYTES) && ct_is_zero(exact("0000")));
    assert_false(ct_is_zero(exact("0001")) || ct_is_zero(exact("8000")));
}

static void numbers_lose_and_gain_leading_zeros(void **state)
{
    for (size_t i = 0; i < COUNT(trims); i++) { assert_hex(bytes_trimmed(exact(trims[i].number)), trims[i].trimmed); }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        span to = exact_space(numbers[i].size);
        bool fits = span_copy_number(to, exact(numbers[i].number));
        assert_int_equal(fits, numbers[i].out != NULL);
        if (fits) assert_hex(view(to), numbers[i].out);
    }
}

static void parts_are_clipped(void **state)
{
    bytes b = exact("01020304");
    assert_hex(bytes_first(b, 0), "");
    assert_hex(bytes_first(b, 2), "0102");
    assert_hex(bytes_first(b, 9), "01020304");
    assert_hex(bytes_after(b, 0), "01020304");
    assert_hex(bytes_after(b, 3), "04");
    assert_hex(bytes_after(b, 4), "");
    assert_hex(bytes_after(b, SIZE_MAX), "");
    span s = exact_space(4);
    assert_int_equal(span_part(s, 1, 2).n, 2);
    assert_ptr_equal(span_part(s, 1, 2).p, s.p + 1);
    assert_int_equal(span_part(s, 3, SIZE_MAX).n, 1);
    assert_int_equal(span_part(s, 4, 1).n, 0);
    assert_int_equal(span_part(s, 5, 1).n, 0);
}

static void copying_fits_or_does_nothing(void **state)
{
    span to = exact_space(3);
    assert_false(span_copy(to, exact("01020304")));
    assert_hex(view(to), "A5A5A5");
    assert_true(span_copy(to, exact("0102")));
    assert_hex(view(to), "0102A5");
    assert_true(span_copy(to, NO_BYTES));
    assert_true(span_copy(span_part(to, 1, 2), bytes_first(view(to), 2))); /* overlapping */
    assert_hex(view(to), "010102");
}

static void integers_are_big_endian(void **state)
{
    for (size_t i = 0; i < COUNT(integers); i++) { assert_int_equal(be_get(exact(integers[i].in)), integers[i].value); }
    span s = exact_space(3);
    be_put(s, 0x01020304);
    assert_hex(view(s), "020304");
    s = exact_space(6);
    be_put(s, 0x01020304);
    assert_hex(view(s), "000001020304");
}

static void put_everything(buf *b)
{
    put_u8(b, 0x01);
    put_u16(b, 0x0203);
    put_u32(b, 0x04050607);
    put_bytes(b, TEXT("ab"));
    put_zeros(b, 2);
    put_bytes(b, NO_BYTES);
}

/* With less room than needed: the items that fit stand, the one that does not is not begun, and
 * nothing after it is written though it might fit. */
static void writing_stops_where_it_is_full(void **state)
{
    static const size_t ends[] = {0, 1, 1, 3, 3, 3, 3, 7, 7, 9, 9, 11};
    for (size_t room = 0; room < COUNT(ends); room++) {
        buf b = buf_over(exact_space(room));
        put_everything(&b);
        assert_int_equal(b.full, room < 11);
        assert_int_equal(b.n, ends[room]);
        assert_hex(written(&b), hex_of(bytes_first(exact("01020304050607 6162 0000"), ends[room])));
    }
}

static void reserving_space(void **state)
{
    buf b = buf_over(exact_space(4));
    span s = put_space(&b, 3);
    assert_int_equal(s.n, 3);
    assert_ptr_equal(s.p, b.p);
    assert_int_equal(put_space(&b, 2).n, 0);
    assert_true(b.full);
    assert_int_equal(put_space(&b, 1).n, 0); /* full stays */
    assert_int_equal(b.n, 3);
    b = buf_over(exact_space(4));
    assert_int_equal(put_space(&b, SIZE_MAX).n, 0);
    assert_true(b.full);
}

static void reading_in_a_straight_line(void **state)
{
    reader r = read_from(exact("01 0203 04050607 0809 0A0B"));
    assert_int_equal(rd_u8(&r), 0x01);
    assert_int_equal(rd_u16(&r), 0x0203);
    assert_int_equal(rd_u32(&r), 0x04050607);
    assert_hex(rd_take(&r, 2), "0809");
    assert_false(rd_done(&r));
    assert_hex(rd_rest(&r), "0A0B");
    assert_true(rd_done(&r));
    assert_int_equal(rd_take(&r, 0).n, 0);
    assert_hex(rd_rest(&r), "");
    assert_true(rd_done(&r));
}

static void past_the_end_are_zeros(void **state)
{
    reader r = read_from(exact("FF"));
    assert_int_equal(rd_u16(&r), 0); /* not half of it */
    assert_true(r.bad);
    assert_int_equal(rd_u8(&r), 0); /* bad stays, though a byte was left */
    assert_int_equal(rd_u32(&r), 0);
    assert_int_equal(rd_take(&r, 0).n + rd_rest(&r).n, 0);
    assert_true(r.bad);
    assert_false(rd_done(&r));
    r = read_from(exact("0102"));
    assert_int_equal(rd_take(&r, SIZE_MAX).n, 0);
    assert_true(r.bad);
}

static void wiping(void **state)
{
    span s = exact_space(5);
    wipe(span_part(s, 1, 3));
    assert_hex(view(s), "A5000000A5");
    wipe((span){NULL, 0});
}

/* What a cleanup attribute does to the memory of a SECRET, seen on memory that outlives it. */
static void a_span_wipes_itself(void **state)
{
    span outlives = exact_space(4);
    {
        __attribute__((cleanup(wipe_span))) span secret = outlives;
        assert_hex(view(secret), "A5A5A5A5");
    }
    assert_hex(view(outlives), "00000000");
    SECRET(key, 16);
    assert_int_equal(key.n, 16);
    assert_ptr_equal(key.p, key_mem);
}

static void views_of_literals(void **state)
{
    static const uint16_t numbers_of_two[] = {1, 2, 3};
    assert_int_equal(COUNT(numbers_of_two), 3);
    assert_int_equal(BYTES(numbers_of_two).n, 6);
    assert_hex(TEXT("AB"), "4142");
    assert_hex(TEXT(""), "");
    assert_hex(LITERAL(0x06, 0x0A), "060A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparing),
        cmocka_unit_test(numbers_lose_and_gain_leading_zeros),
        cmocka_unit_test(parts_are_clipped),
        cmocka_unit_test(copying_fits_or_does_nothing),
        cmocka_unit_test(integers_are_big_endian),
        cmocka_unit_test(writing_stops_where_it_is_full),
        cmocka_unit_test(reserving_space),
        cmocka_unit_test(reading_in_a_straight_line),
        cmocka_unit_test(past_the_end_are_zeros),
        cmocka_unit_test(wiping),
        cmocka_unit_test(a_span_wipes_itself),
        cmocka_unit_test(views_of_literals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
