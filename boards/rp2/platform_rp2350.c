/* SPDX-License-Identifier: Apache-2.0 */
/* RP2350: secure boot, from the flags in its one-time memory. docs/secure-boot.md says how to get there and what cannot
 * be undone. */
#include "boards/rp2/platform_rp2.h"

#include "boards/rp2/flash_nor.h"
#include "boards/rp2/otp.h"
#include "boards/shared/otp_rows.h"
#include "boards/shared/picobin.h"

#include <boot/picoboot_constants.h>
#include <hardware/regs/addressmap.h>
#include <hardware/regs/otp_data.h>
#include <pico/bootrom.h>

#define DELAY_MS 10

/* The boot ROM's rules of what counts as set. */
enum { CRIT1_COPIES = 8, CRIT1_VOTES = 3, FLAGS_COPIES = 3, FLAGS_VOTES = 2 };
enum { KEY_ROWS = 16, KEY_HASH_SIZE = 2 * KEY_ROWS };

struct wipe_ram_call platform_usb_loader(void)
{
    return (struct wipe_ram_call){
        (uint32_t)(uintptr_t)rom_func_lookup(ROM_FUNC_REBOOT),
        {REBOOT2_FLAG_REBOOT_TYPE_BOOTSEL | REBOOT2_FLAG_NO_RETURN_ON_SUCCESS, DELAY_MS, 0, 0}};
}

static status read_flags(uint32_t *crit1, uint32_t *boot_flags1)
{
    uint32_t copies[CRIT1_COPIES];
    TRY(otp_read_raw(OTP_DATA_CRIT1_ROW, copies, CRIT1_COPIES));
    *crit1 = otp_vote(copies, CRIT1_COPIES, CRIT1_VOTES);
    TRY(otp_read_raw(OTP_DATA_BOOT_FLAGS1_ROW, copies, FLAGS_COPIES));
    *boot_flags1 = otp_vote(copies, FLAGS_COPIES, FLAGS_VOTES);
    return ST_OK;
}

static status secure_boot(void *ctx, struct platform_secure_boot *now)
{
    uint32_t crit1, boot_flags1;
    TRY(read_flags(&crit1, &boot_flags1));
    *now = otp_secure_boot(crit1, boot_flags1);
    return ST_OK;
}

/* Adds `bits` to each copy and reads them back. */
static status burn(uint32_t row, size_t count, uint32_t bits)
{
    uint32_t copies[CRIT1_COPIES];
    TRY(otp_read_raw(row, copies, count));
    for (size_t i = 0; i < count; i++) copies[i] |= bits;
    TRY(otp_write_raw(row, copies, count));
    TRY(otp_read_raw(row, copies, count));
    for (size_t i = 0; i < count; i++)
        if ((copies[i] & bits) != bits) return ST_EXECUTION;
    return ST_OK;
}

/* An image that no boot key has signed would be the last one to run from flash: the one that runs now must say that it is
 * signed with the very key. */
static status check_signer(const struct platform_rp2 *p, bytes key_hash)
{
    uint8_t key[PICOBIN_KEY_SIZE], hash[KEY_HASH_SIZE];
    bytes flash = {(const uint8_t *)XIP_BASE, FLASH_NOR_BASE};
    if (!picobin_signer(flash, SPAN(key))) return ST_CONDITIONS;
    if (p->sha256 == NULL) return ST_EXECUTION;
    TRY(p->sha256(p->sha256_ctx, BYTES(key), SPAN(hash)));
    return bytes_equal(BYTES(hash), key_hash) ? ST_OK : ST_CONDITIONS;
}

static status plan(const struct platform_rp2 *p, uint8_t key, bool lock, uint32_t *flags)
{
    uint32_t crit1, now;
    uint16_t hash[KEY_ROWS];
    if (key >= OTP_BOOT_KEYS) return ST_CONDITIONS;
    TRY(read_flags(&crit1, &now));
    TRY(otp_read(OTP_DATA_BOOTKEY0_0_ROW + key * KEY_ROWS, hash, KEY_ROWS));
    TRY(otp_boot_flags(now, key, BYTES(hash), lock, flags));
    return check_signer(p, BYTES(hash));
}

/* The flag that makes the difference comes last: interrupted, the chip boots as before. */
static status enable_secure_boot(void *ctx, uint8_t key, bool lock)
{
    uint32_t flags;
    TRY(plan(ctx, key, lock, &flags));
    TRY(burn(OTP_DATA_BOOT_FLAGS1_ROW, FLAGS_COPIES, flags));
    return burn(OTP_DATA_CRIT1_ROW, CRIT1_COPIES, OTP_DATA_CRIT1_SECURE_BOOT_ENABLE_BITS);
}

void platform_add_secure_boot(struct platform *port)
{
    port->secure_boot = secure_boot;
    port->enable_secure_boot = enable_secure_boot;
}
