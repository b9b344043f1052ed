/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures: both directions, and every way DER may be bent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/ecdsa_der.h"

/* clang-format off */
static const struct { const char *rs, *der; } pairs[] = {
    { "0102",         "3006 020101 020102" },
    { "7FFF",         "3007 02017F 020200FF" },   /* high bit: a zero before it */
    { "8080",         "3008 02020080 02020080" },
    { "0001 0080",    "3007 020101 02020080" },   /* leading zeros go */
    { "0000 0001",    "3006 020100 020101" },     /* zero is one zero */
    { "0100 FFFF",    "3009 02020100 020300FFFF" },
    /* RFC 6979 A.2.5, P-256, SHA-384: r begins with four zero bits */
    { "0EAFEA039B20E9B42309FB1D89E213057CBF973DC0CFC8F129EDDDC800EF7719"
      "4861F0491E6998B9455193E34E7B0D284DDD7149A74B95B9261F13ABDE940954",
      "3044 02200EAFEA039B20E9B42309FB1D89E213057CBF973DC0CFC8F129EDDDC800EF7719"
      "02204861F0491E6998B9455193E34E7B0D284DDD7149A74B95B9261F13ABDE940954" },
};

/* Read with one byte a number. */
static const char *const bad[] = {
    "", "30", "3000", "300602010102", "3003 020101",  /* something missing */
    "3106 020101 020102",             /* no SEQUENCE */
    "3006 030101 020102", "3006 020101 030102", /* no INTEGER */
    "3006 020101 020102 00",          /* trailing byte outside */
    "3007 020101 020102 00",          /* and inside */
    "3009 020101 020102 020103",
    "308106 020101 020102",           /* lengths not minimal */
    "3007 02810101 020102",
    "30820006 020101 020102",
    "3007 02020001 020102",           /* integers not minimal */
    "3005 0200 020102",               /* empty */
    "3006 020181 020102",             /* negative */
    "3006 020101 0201FF",
    "3007 02020100 020102",           /* too long for the field */
    "3008 0203008000 020101",
    "3080 020101 020102 0000",        /* indefinite */
    "3005 020101 020102",             /* SEQUENCE shorter than its content */
};
/* clang-format on */

static void both_directions_agree(void **state)
{
    for (size_t i = 0; i < COUNT(pairs); i++) {
        bytes rs = exact(pairs[i].rs), der = exact(pairs[i].der);
        buf b = buf_over(exact_space(der.n));
        ecdsa_der_put(&b, rs);
        assert_false(b.full);
        assert_hex(written(&b), pairs[i].der);
        span back = exact_space(rs.n);
        assert_int_equal(ecdsa_der_parse(der, back), ST_OK);
        assert_hex(view(back), pairs[i].rs);
        buf small = buf_over(exact_space(der.n - 1));
        ecdsa_der_put(&small, rs);
        assert_true(small.full);
        assert_int_equal(small.n, 0);
    }
}

static void only_der_is_read(void **state)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        span rs = exact_space(2);
        assert_int_equal(ecdsa_der_parse(exact(bad[i]), rs), ST_BAD_DATA);
        assert_hex(view(rs), "A5A5"); /* untouched */
    }
}

static void the_longest_fits(void **state)
{
    span rs = exact_space(132);
    memset(rs.p, 0xFF, rs.n);
    buf b = buf_over(exact_space(ECDSA_DER_MAX));
    ecdsa_der_put(&b, view(rs));
    assert_false(b.full);
    assert_int_equal(b.n, ECDSA_DER_MAX);
    assert_hex(bytes_first(written(&b), 6), "30818A024300");
    span back = exact_space(132);
    assert_int_equal(ecdsa_der_parse(exact_copy(written(&b)), back), ST_OK);
    assert_true(bytes_equal(view(back), view(rs)));
    for (size_t n = 0; n < b.n; n++) {
        bytes cut = exact_copy(bytes_first(written(&b), n));
        assert_int_equal(ecdsa_der_parse(cut, back), ST_BAD_DATA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_agree),
        cmocka_unit_test(only_der_is_read),
        cmocka_unit_test(the_longest_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
