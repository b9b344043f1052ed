/* SPDX-License-Identifier: Apache-2.0 */
/* Page 52 of RP2350's one-time memory. */
#include "boards/rp2/otp_secret.h"

#include "boards/rp2/otp.h"
#include "boards/shared/otp_rows.h"

#include <hardware/regs/otp_data.h>
#include <hardware/structs/otp.h>

#define PAGE 52u
#define PAGE_ROWS 64u
#define FIRST_ROW (PAGE * PAGE_ROWS)
#define LOCK_ROW OTP_DATA_PAGE52_LOCK1_ROW

/* Of a lock word; the software lock has the lower two fields. */
#define SECURE_READ_ONLY OTP_DATA_PAGE52_LOCK1_LOCK_S_VALUE_READ_ONLY
#define NON_SECURE_NOTHING (OTP_DATA_PAGE52_LOCK1_LOCK_NS_VALUE_INACCESSIBLE << OTP_DATA_PAGE52_LOCK1_LOCK_NS_LSB)
#define BOOT_LOADER_NOTHING (OTP_DATA_PAGE52_LOCK1_LOCK_BL_VALUE_INACCESSIBLE << OTP_DATA_PAGE52_LOCK1_LOCK_BL_LSB)
#define THREE_COPIES 0x010101u

_Static_assert(OTP_SECRET_ROWS <= PAGE_ROWS, "one page, one lock");
_Static_assert(LOCK_ROW == OTP_DATA_PAGE0_LOCK1_ROW + 2 * PAGE, "the lock of our page");

static void wipe_rows(uint16_t (*rows)[OTP_SECRET_ROWS])
{
    wipe(SPAN(*rows));
}

#define SECRET_ROWS(name) __attribute__((cleanup(wipe_rows))) uint16_t name[OTP_SECRET_ROWS]

static enum otp_secret read_rows(span secret)
{
    SECRET_ROWS(rows);
    if (otp_read(FIRST_ROW, rows, OTP_SECRET_ROWS) != ST_OK) return OTP_SECRET_DAMAGED;
    return otp_secret_read(rows, secret);
}

static status read_secret(void *ctx, span secret)
{
    return secret.n == DEVICE_SECRET_SIZE && read_rows(secret) == OTP_SECRET_PRESENT ? ST_OK : ST_EXECUTION;
}

struct device_secret otp_secret_open(void)
{
    SECRET(secret, DEVICE_SECRET_SIZE);
    if (read_rows(secret) == OTP_SECRET_NONE) return (struct device_secret){.present = false};
    otp_hw->sw_lock[PAGE] = NON_SECURE_NOTHING | SECURE_READ_ONLY;
    return (struct device_secret){.present = true, .read = read_secret};
}

static status check_blank(void)
{
    uint32_t raw[PAGE_ROWS];
    TRY(otp_read_raw(FIRST_ROW, raw, PAGE_ROWS));
    uint32_t any = 0;
    for (size_t i = 0; i < PAGE_ROWS; i++) any |= raw[i];
    return any ? ST_EXISTS : ST_OK;
}

static status lock(uint32_t bits)
{
    uint32_t word = bits * THREE_COPIES, back = 0;
    TRY(otp_write_raw(LOCK_ROW, &word, 1));
    TRY(otp_read_raw(LOCK_ROW, &back, 1));
    return (back & word) == word ? ST_OK : ST_EXECUTION;
}

static status write_checked(uint32_t at, const uint16_t *rows, size_t count)
{
    SECRET_ROWS(back);
    TRY(otp_write(FIRST_ROW + at, rows, count));
    TRY(otp_read(FIRST_ROW + at, back, count));
    size_t size = count * sizeof *rows;
    return ct_equal((bytes){(const uint8_t *)rows, size}, (bytes){(const uint8_t *)back, size}) ? ST_OK : ST_EXECUTION;
}

status otp_secret_provision(bytes secret)
{
    if (secret.n != DEVICE_SECRET_SIZE) return ST_EXECUTION;
    TRY(check_blank());
    SECRET_ROWS(rows);
    otp_secret_rows(secret, rows);
    TRY(lock(BOOT_LOADER_NOTHING | NON_SECURE_NOTHING));
    TRY(write_checked(0, rows, OTP_MARK_ROW));
    TRY(write_checked(OTP_MARK_ROW, rows + OTP_MARK_ROW, 1));
    return lock(BOOT_LOADER_NOTHING | NON_SECURE_NOTHING | SECURE_READ_ONLY);
}
