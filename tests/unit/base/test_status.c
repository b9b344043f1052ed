/* SPDX-License-Identifier: Apache-2.0 */
/* The status table: words are unique, texts exist, TRY leaves with what failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/status.h"

static void words_are_unique(void **state)
{
    for (int a = 0; a < STATUS_COUNT; a++) {
        for (int b = 0; b < a; b++) { assert_int_not_equal(status_word((status)a), status_word((status)b)); }
    }
}

static void every_status_has_a_text(void **state)
{
    for (int a = 0; a < STATUS_COUNT; a++) assert_true(strlen(status_text((status)a)) > 3);
}

static void some_words_are_known(void **state)
{
    assert_int_equal(ST_OK, 0);
    assert_int_equal(status_word(ST_OK), 0x9000);
    assert_int_equal(status_word(ST_PIN_WRONG), 0x63C0);
    assert_int_equal(status_word(ST_BAD_LENGTH), 0x6700);
    assert_int_equal(status_word(ST_BAD_DATA), 0x6A80);
    assert_int_equal(status_word(ST_NO_COMMAND), 0x6D00);
    assert_int_equal(status_word(ST_INTERNAL), 0x6F00);
}

static void outside_the_enum_is_an_internal_error(void **state)
{
    assert_int_equal(status_word(STATUS_COUNT), 0x6F00);
    assert_int_equal(status_word((status)(STATUS_COUNT + 1)), 0x6F00);
    assert_non_null(status_text(STATUS_COUNT));
}

static void words_lead_back(void **state)
{
    for (int a = 0; a < STATUS_COUNT; a++) assert_int_equal(status_of_word(status_word((status)a)), a);
    for (unsigned word = 0x63C0; word <= 0x63CF; word++) assert_int_equal(status_of_word((uint16_t)word), ST_PIN_WRONG);
    assert_int_equal(status_of_word(0x63BF), ST_INTERNAL);
    assert_int_equal(status_of_word(0x63D0), ST_INTERNAL);
    assert_int_equal(status_of_word(0x6100), ST_INTERNAL);
    assert_int_equal(status_of_word(0x0000), ST_INTERNAL);
}

static status count_up(status outcome, int *calls)
{
    (*calls)++;
    return outcome;
}

static status three_steps(status second, int *calls)
{
    TRY(count_up(ST_OK, calls));
    TRY(count_up(second, calls));
    return count_up(ST_OK, calls);
}

static void try_leaves_with_what_failed(void **state)
{
    int calls = 0;
    assert_int_equal(three_steps(ST_OK, &calls), ST_OK);
    assert_int_equal(calls, 3);
    calls = 0;
    assert_int_equal(three_steps(ST_FLASH, &calls), ST_FLASH);
    assert_int_equal(calls, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_unique),     cmocka_unit_test(every_status_has_a_text),
        cmocka_unit_test(some_words_are_known), cmocka_unit_test(outside_the_enum_is_an_internal_error),
        cmocka_unit_test(words_lead_back),      cmocka_unit_test(try_leaves_with_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
