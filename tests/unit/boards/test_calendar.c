/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, compared with the C library's, which we did not write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "boards/shared/calendar.h"

static void compare_with_libc(uint64_t unix_seconds)
{
    struct calendar c = calendar_from_unix(unix_seconds);
    time_t t = (time_t)unix_seconds;
    struct tm tm;
    assert_non_null(gmtime_r(&t, &tm));
    assert_int_equal(c.year, tm.tm_year + 1900);
    assert_int_equal(c.month, tm.tm_mon + 1);
    assert_int_equal(c.day, tm.tm_mday);
    assert_int_equal(c.weekday, tm.tm_wday);
    assert_int_equal(c.hour, tm.tm_hour);
    assert_int_equal(c.minute, tm.tm_min);
    assert_int_equal(c.second, tm.tm_sec);
    uint64_t back;
    assert_true(calendar_to_unix(&c, &back));
    assert_int_equal(back, unix_seconds);
}

static void every_day_of_a_thousand_years(void **state)
{
    for (uint64_t day = 0; day < 370000; day++) compare_with_libc(day * 86400 + day * 7919 % 86400);
}

static void edges(void **state)
{
    static const uint64_t moments[] = {0,          59,         86399,       86400,       68169599,     68169600,
                                       951782399,  951782400,  951868799,   951868800,   4107542399,   4107542400,
                                       2147483647, 2147483648, 4294967295u, 4294967296u, 253402300799u};
    for (size_t i = 0; i < COUNT(moments); i++) compare_with_libc(moments[i]);
}

static void nothing_lies_beyond_the_year_9999(void **state)
{
    struct calendar c = calendar_from_unix(UINT64_MAX);
    assert_int_equal(c.year, 9999);
    assert_int_equal(c.second, 59);
}

/* clang-format off */
static const struct calendar nonsense[] = {
    { 1969, 12, 31, 0, 23, 59, 59 }, { 10000, 1, 1, 0, 0, 0, 0 },   { 2024, 0, 1, 0, 0, 0, 0 },
    { 2024, 13, 1, 0, 0, 0, 0 },     { 2024, 1, 0, 0, 0, 0, 0 },    { 2024, 1, 32, 0, 0, 0, 0 },
    { 2024, 2, 30, 0, 0, 0, 0 },     { 2023, 2, 29, 0, 0, 0, 0 },   { 2100, 2, 29, 0, 0, 0, 0 },
    { 2024, 4, 31, 0, 0, 0, 0 },     { 2024, 12, 255, 0, 0, 0, 0 }, { 2024, 1, 1, 0, 24, 0, 0 },
    { 2024, 1, 1, 0, 0, 60, 0 },     { 2024, 1, 1, 0, 0, 0, 60 },   { 0, 0, 0, 0, 0, 0, 0 },
    { 9999, 12, 32, 0, 0, 0, 0 },    { UINT32_MAX, 1, 1, 0, 0, 0, 0 },
};
/* clang-format on */

static void dates_that_do_not_exist_are_refused(void **state)
{
    for (size_t i = 0; i < COUNT(nonsense); i++) {
        uint64_t unix_seconds;
        assert_false(calendar_to_unix(&nonsense[i], &unix_seconds));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_a_thousand_years),
        cmocka_unit_test(edges),
        cmocka_unit_test(nothing_lies_beyond_the_year_9999),
        cmocka_unit_test(dates_that_do_not_exist_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
