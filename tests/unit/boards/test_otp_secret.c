/* SPDX-License-Identifier: Apache-2.0 */
/* Burning a device secret, on fuses in memory: nobody in the firmware does it, and nobody can do it twice. It is
 * interrupted before and within each write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <hardware/structs/otp.h>

#include "boards/rp2/otp.h"
#include "boards/rp2/otp_secret.h"
#include "boards/shared/otp_rows.h"

enum { ROWS = 4096, PAGE = 52, FIRST = PAGE * 64, LOCK = 0xFE9, CODE = 0x10000, NEVER = 1000 };
#define LOCKED_OUT 0x3C3C3Cu /* boot loader and non-secure code, thrice */
#define LOCKED 0x3D3D3Du     /* and secure code must not write */

static otp_hw_t registers;
otp_hw_t *const otp_hw = &registers;
static uint32_t fuse[ROWS];
static unsigned rows_left; /* to be written until power fails */
static uint32_t dead_row;  /* whose fuses do not burn; 0: none */
static bool open_rows;     /* a row of our page was written that the boot loader could have read */

/* --- the chip --- */

static status burn(uint32_t row, uint32_t value)
{
    bool ours = row >= FIRST && row < FIRST + 64;
    if (rows_left == 0 || (ours && fuse[LOCK] & 1)) return ST_EXECUTION;
    if (ours && (fuse[LOCK] & LOCKED_OUT) != LOCKED_OUT) open_rows = true;
    rows_left--;
    if (row != dead_row) fuse[row] |= value;
    return ST_OK;
}

status otp_read_raw(uint32_t row, uint32_t *values, size_t count)
{
    memcpy(values, &fuse[row], count * sizeof *values);
    return ST_OK;
}

status otp_read(uint32_t row, uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) values[i] = (uint16_t)fuse[row + i];
    return ST_OK;
}

status otp_write_raw(uint32_t row, const uint32_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) TRY(burn(row + (uint32_t)i, values[i]));
    return ST_OK;
}

status otp_write(uint32_t row, const uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) TRY(burn(row + (uint32_t)i, values[i] ? CODE | values[i] : 0));
    return ST_OK;
}

static int new_chip(void **state)
{
    memset(fuse, 0, sizeof fuse);
    memset(&registers, 0, sizeof registers);
    rows_left = NEVER;
    open_rows = false;
    dead_row = 0;
    return 0;
}

/* The first row of it burns no fuse. */
static const uint8_t secret[DEVICE_SECRET_SIZE + 1] = "\0\0two zeros, then thirty others!";
#define THE_SECRET ((bytes){secret, DEVICE_SECRET_SIZE})

/* --- tests --- */

static void a_blank_chip_has_none(void **state)
{
    assert_false(otp_secret_open().present);
    assert_int_equal(registers.sw_lock[PAGE], 0);
}

static void what_is_burnt_is_read(void **state)
{
    assert_int_equal(otp_secret_provision(THE_SECRET), ST_OK);
    assert_false(open_rows);
    assert_int_equal(fuse[LOCK], LOCKED);
    struct device_secret s = otp_secret_open();
    assert_true(s.present);
    assert_int_equal(registers.sw_lock[PAGE], 0xD);
    uint8_t back[DEVICE_SECRET_SIZE];
    assert_int_equal(s.read(s.ctx, SPAN(back)), ST_OK);
    assert_memory_equal(back, secret, sizeof back);
    for (unsigned row = 0; row < ROWS; row++) /* and no other */
        assert_int_equal(fuse[row] != 0, row == LOCK || (row > FIRST && row < FIRST + OTP_SECRET_ROWS));
}

static void only_once(void **state)
{
    assert_int_equal(otp_secret_provision(THE_SECRET), ST_OK);
    uint32_t before[ROWS];
    memcpy(before, fuse, sizeof fuse);
    assert_int_equal(otp_secret_provision(THE_SECRET), ST_EXISTS);
    assert_memory_equal(fuse, before, sizeof fuse);
}

static void a_page_in_use_is_left_alone(void **state)
{
    for (unsigned row = 0; row < 64; row++) {
        new_chip(state);
        fuse[FIRST + row] = 0x800000;
        assert_int_equal(otp_secret_provision(THE_SECRET), ST_EXISTS);
        assert_int_equal(fuse[LOCK], 0);
        assert_int_equal(fuse[FIRST + row], 0x800000);
    }
}

static void a_secret_of_another_length_is_refused(void **state)
{
    assert_int_equal(otp_secret_provision(bytes_first(THE_SECRET, 31)), ST_EXECUTION);
    assert_int_equal(rows_left, NEVER);
}

/* Afterwards the chip has no secret, or one that cannot be read, or the right one: never another. */
static void interrupted_anywhere(void **state)
{
    const unsigned writes = 1 + OTP_SECRET_ROWS + 1;
    for (unsigned n = 0; n < writes; n++) {
        new_chip(state);
        rows_left = n;
        assert_int_equal(otp_secret_provision(THE_SECRET), ST_EXECUTION);
        assert_false(open_rows);
        struct device_secret s = otp_secret_open();
        assert_int_equal(s.present, n > 2); /* the lock and the first row leave nothing in the page */
        uint8_t back[DEVICE_SECRET_SIZE];
        bool whole = n == writes - 1;
        if (s.present) assert_int_equal(s.read(s.ctx, SPAN(back)), whole ? ST_OK : ST_EXECUTION);
        if (whole) assert_memory_equal(back, secret, sizeof back);
        rows_left = NEVER;
        assert_int_equal(otp_secret_provision(THE_SECRET), n > 2 ? ST_EXISTS : ST_OK);
    }
}

static void a_fuse_that_does_not_take_is_noticed(void **state)
{
    for (unsigned row = 0; row < OTP_SECRET_ROWS; row++) {
        new_chip(state);
        dead_row = FIRST + row;
        bool shows = row != 0;
        assert_int_equal(otp_secret_provision(THE_SECRET), shows ? ST_EXECUTION : ST_OK);
        if (shows) assert_int_equal(fuse[FIRST + OTP_MARK_ROW], 0);
    }
    new_chip(state);
    dead_row = LOCK;
    assert_int_equal(otp_secret_provision(THE_SECRET), ST_EXECUTION);
    assert_int_equal(rows_left, NEVER - 1); /* nothing secret was written */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_blank_chip_has_none, new_chip),
        cmocka_unit_test_setup(what_is_burnt_is_read, new_chip),
        cmocka_unit_test_setup(only_once, new_chip),
        cmocka_unit_test_setup(a_page_in_use_is_left_alone, new_chip),
        cmocka_unit_test_setup(a_secret_of_another_length_is_refused, new_chip),
        cmocka_unit_test_setup(interrupted_anywhere, new_chip),
        cmocka_unit_test_setup(a_fuse_that_does_not_take_is_noticed, new_chip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
