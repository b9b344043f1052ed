/* SPDX-License-Identifier: Apache-2.0 */
/* Dates: known days, every day against the C library, and days that do not exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/date.h"

#include <time.h>

/* clang-format off */
static const struct { const char *rescue, *extras; uint32_t seconds; } known[] = {
    { "07B2 00 01 04 00 00 00", "07B2 01 01 03 00 00 00", 0 },          /* Thursday */
    { "07B2 00 01 04 17 3B 3B", "07B2 01 01 03 17 3B 3B", 86399 },
    { "07D0 01 1D 02 0C 00 00", "07D0 02 1D 01 0C 00 00", 951825600 },  /* 2000 was a leap year */
    { "07E8 01 1D 04 00 00 01", "07E8 02 1D 03 00 00 01", 1709164801 },
    { "07EA 0A 15 06 07 16 3A", "07EA 0B 15 05 07 16 3A", 1795245778 },
    { "0834 01 1C 00 17 3B 3B", "0834 02 1C 06 17 3B 3B", 4107542399 }, /* 2100 is none */
    { "0834 02 01 01 00 00 00", "0834 03 01 00 00 00 00", 4107542400 },
    { "0839 0B 1F 04 17 3B 3B", "0839 0C 1F 03 17 3B 3B", 4291747199 }, /* the last of 2105 */
};
/* clang-format on */

static void expect_both(const char *text, enum date_form form, uint32_t seconds)
{
    uint8_t space[DATE_SIZE];
    buf b = BUF(space);
    uint32_t got = 7;
    assert_int_equal(date_parse(exact(text), form, &got), ST_OK);
    assert_int_equal(got, seconds);
    date_put(seconds, form, &b);
    assert_false(b.full);
    assert_hex(written(&b), text);
}

static void known_days(void **state)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        expect_both(known[i].rescue, DATE_RESCUE, known[i].seconds);
        expect_both(known[i].extras, DATE_EXTRAS, known[i].seconds);
    }
}

/* 49,700 days, each at another time of day. */
static void every_day_as_the_c_library_has_it(void **state)
{
    for (uint64_t t = 0; t <= UINT32_MAX; t += 86400 + 7) {
        time_t when = (time_t)t;
        struct tm tm;
        uint8_t want[DATE_SIZE], got[DATE_SIZE];
        buf w = BUF(want), g = BUF(got);
        uint32_t back;
        assert_non_null(gmtime_r(&when, &tm));
        put_u16(&w, (uint16_t)(1900 + tm.tm_year));
        const int fields[] = {tm.tm_mon, tm.tm_mday, tm.tm_wday, tm.tm_hour, tm.tm_min, tm.tm_sec};
        for (size_t i = 0; i < COUNT(fields); i++) put_u8(&w, (uint8_t)fields[i]);
        date_put((uint32_t)t, DATE_RESCUE, &g);
        assert_memory_equal(got, want, DATE_SIZE);
        bool readable = tm.tm_year + 1900 <= 2105;
        assert_int_equal(date_parse(BYTES(got), DATE_RESCUE, &back), readable ? ST_OK : ST_BAD_DATA);
        if (readable) assert_int_equal(back, t);
    }
}

static const struct {
    const char *in;
    enum date_form form;
    status st;
} refused[] = {
    {"07EA 0C 01 00 00 00 00", DATE_RESCUE, ST_BAD_DATA}, /* a month 12 from 0 */
    {"07EA FF 01 00 00 00 00", DATE_RESCUE, ST_BAD_DATA},
    {"07EA 00 01 00 00 00 00", DATE_EXTRAS, ST_BAD_DATA}, /* a month 0 from 1 */
    {"07EA 0D 01 00 00 00 00", DATE_EXTRAS, ST_BAD_DATA},
    {"07EA 00 00 00 00 00 00", DATE_RESCUE, ST_BAD_DATA},
    {"07EA 00 20 00 00 00 00", DATE_RESCUE, ST_BAD_DATA}, /* 32 January */
    {"07EA 01 1D 00 00 00 00", DATE_RESCUE, ST_BAD_DATA}, /* 29 February 2026 */
    {"0834 01 1D 00 00 00 00", DATE_RESCUE, ST_BAD_DATA}, /* 29 February 2100 */
    {"07EA 03 1F 00 00 00 00", DATE_RESCUE, ST_BAD_DATA}, /* 31 April */
    {"07EA 00 01 00 18 00 00", DATE_RESCUE, ST_BAD_DATA},
    {"07EA 00 01 00 00 3C 00", DATE_RESCUE, ST_BAD_DATA},
    {"07EA 00 01 00 00 00 3C", DATE_RESCUE, ST_BAD_DATA},
    {"07B1 0B 1F 00 17 3B 3B", DATE_RESCUE, ST_BAD_DATA}, /* 1969 */
    {"083A 00 01 00 00 00 00", DATE_RESCUE, ST_BAD_DATA}, /* 2106 */
    {"0000 00 01 00 00 00 00", DATE_RESCUE, ST_BAD_DATA},
    {"FFFF 00 01 00 00 00 00", DATE_RESCUE, ST_BAD_DATA},
    {"", DATE_RESCUE, ST_BAD_LENGTH},
    {"07EA 00 01 00 00 00", DATE_RESCUE, ST_BAD_LENGTH},
    {"07EA 00 01 00 00 00 00 00", DATE_RESCUE, ST_BAD_LENGTH},
};

static void impossible_dates(void **state)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        uint32_t seconds = 7;
        assert_int_equal(date_parse(exact(refused[i].in), refused[i].form, &seconds), refused[i].st);
        assert_int_equal(seconds, 7); /* untouched */
    }
}

static void the_weekday_is_not_read(void **state)
{
    uint32_t a, b;
    assert_int_equal(date_parse(exact("07EA 00 01 00 00 00 00"), DATE_RESCUE, &a), ST_OK);
    assert_int_equal(date_parse(exact("07EA 00 01 FF 00 00 00"), DATE_RESCUE, &b), ST_OK);
    assert_int_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days),
        cmocka_unit_test(every_day_as_the_c_library_has_it),
        cmocka_unit_test(impossible_dates),
        cmocka_unit_test(the_weekday_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
