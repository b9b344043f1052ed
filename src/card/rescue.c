/* SPDX-License-Identifier: Apache-2.0 */
/* The rescue applet (apdu.md 3.29): device management without a PIN. What changes the device for good needs the button;
 * it is asked for last, when everything else is known to be right.
 *
 * When the card did not start (hsm_open_rescue) this is all there is, and nothing can be written: 6400. */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/machine.h"
#include "wire/date.h"

#define BOOT_KEYS 6u

/* A press that does not come is 6985 here. */
static status ask(struct hsm *h, const char *what)
{
    return machine_confirm(h, what) ? ST_OK : ST_CONDITIONS;
}

/* ---- 10: the device's key ---- */

/* 02: its public part. 01 and 03 are not offered (decisions.md OD-10). */
static status rescue_key(struct hsm *h, const struct apdu *a, buf *reply)
{
    SECRET(d, 32);
    if (a->p1 != 2) return ST_BAD_P1P2;
    if (a->data.n) return ST_BAD_LENGTH;
    if (h->rescue_only) return ST_EXECUTION;
    TRY(key_device_secret(h, d));
    return crypto_ec_public(&h->crypto, CRYPTO_SECP256R1, view(d), put_space(reply, 65));
}

/* ---- 1C: write ---- */

static status write_phy(struct hsm *h, const struct apdu *a)
{
    struct phy phy;
    if (a->data.n < 2) return ST_BAD_LENGTH;
    if (h->rescue_only) return ST_EXECUTION;
    phy_read(a->data, &phy);
    TRY(ask(h, "change the hardware description"));
    return machine_phy_store(h, &phy);
}

static status parse_time(const struct apdu *a, uint32_t *unix_seconds)
{
    if (a->p2 == 1) return date_parse(a->data, DATE_RESCUE, unix_seconds);
    if (a->p2 != 2) return ST_BAD_P1P2;
    if (a->data.n != 4) return ST_BAD_LENGTH;
    *unix_seconds = be_get(a->data);
    return ST_OK;
}

static status write_time(struct hsm *h, const struct apdu *a)
{
    uint32_t unix_seconds;
    TRY(parse_time(a, &unix_seconds));
    if (h->rescue_only || !machine_has_settable_date(h)) return ST_EXECUTION;
    TRY(ask(h, "set the clock"));
    return machine_date_set(h, unix_seconds);
}

static status rescue_write(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->p1 != 1 && a->p1 != 2) return ST_BAD_P1P2;
    TRY(a->p1 == 1 ? write_phy(h, a) : write_time(h, a));
    h->led_after = LED_WRITTEN;
    return ST_OK;
}

/* ---- 1D: secure boot ---- */

static status rescue_secure_boot(struct hsm *h, const struct apdu *a, buf *reply)
{
    const struct platform *platform = h->board->platform;
    if (!platform || !platform->enable_secure_boot) return ST_NO_COMMAND;
    if (a->p1 >= BOOT_KEYS || a->p2 > 1) return ST_BAD_P1P2;
    if (a->data.n) return ST_BAD_LENGTH;
    if (h->rescue_only) return ST_EXECUTION;
    TRY(ask(h,
            a->p2 ? "boot signed firmware only, for ever, and lock the keys" : "boot signed firmware only, for ever"));
    TRY(platform->enable_secure_boot(platform->ctx, a->p1, a->p2 == 1));
    h->led_after = LED_WRITTEN;
    return ST_OK;
}

/* ---- 1E: read ---- */

static status read_phy(struct hsm *h, const struct apdu *a, buf *reply)
{
    return machine_phy_put(h, reply);
}

static status read_memory(struct hsm *h, const struct apdu *a, buf *reply)
{
    const struct platform *platform = h->board->platform;
    machine_put_memory(h, reply);
    if (platform && platform->firmware_size) put_u32(reply, platform->firmware_size);
    return ST_OK;
}

static status read_secure_boot(struct hsm *h, const struct apdu *a, buf *reply)
{
    const struct platform *platform = h->board->platform;
    struct platform_secure_boot now = {.key = 0xFF};
    if (platform && platform->secure_boot) TRY(platform->secure_boot(platform->ctx, &now));
    put_u8(reply, now.enabled);
    put_u8(reply, now.locked);
    put_u8(reply, now.key);
    return ST_OK;
}

static status read_time(struct hsm *h, const struct apdu *a, buf *reply)
{
    uint32_t now;
    if (a->p2 != 1 && a->p2 != 2) return ST_BAD_P1P2;
    TRY(machine_date(h, &now));
    if (a->p2 == 1) date_put(now, DATE_RESCUE, reply);
    else put_u32(reply, now);
    return ST_OK;
}

static status rescue_read(struct hsm *h, const struct apdu *a, buf *reply)
{
    static command_run *const readers[] = {read_phy, read_memory, read_secure_boot, read_time};
    if (a->p1 == 0 || a->p1 > COUNT(readers)) return ST_BAD_P1P2;
    if (a->p1 == 4 && a->p2 != 1 && a->p2 != 2) return ST_BAD_P1P2;
    return a->data.n ? ST_BAD_LENGTH : readers[a->p1 - 1](h, a, reply);
}

/* ---- 1F: restart ---- */

static status rescue_reboot(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (!machine_can_restart(h)) return ST_NO_COMMAND;
    if (a->p1 > 1) return ST_BAD_P1P2;
    if (a->data.n) return ST_BAD_LENGTH;
    if (a->p1 == 1) TRY(ask(h, "restart for a new firmware"));
    machine_restart(h, a->p1 == 1 ? PLATFORM_RESTART_BOOT : PLATFORM_RESTART);
    return ST_OK;
}

/* ---- all ---- */

static const struct {
    uint8_t ins;
    command_run *run;
    const char *name;
} rescue_commands[] = {
    {RESCUE_INS_KEY, rescue_key, "RESCUE key"},
    {RESCUE_INS_WRITE, rescue_write, "RESCUE write"},
    {RESCUE_INS_SECURE_BOOT, rescue_secure_boot, "RESCUE secure boot"},
    {RESCUE_INS_READ, rescue_read, "RESCUE read"},
    {RESCUE_INS_REBOOT, rescue_reboot, "RESCUE reboot"},
};

/* Clients of this applet know one word for a memory that does not do as it is told. */
static status as_rescue_says(status st)
{
    return st == ST_FLASH || st == ST_NO_SPACE || st == ST_DATA_NOT_USABLE ? ST_EXECUTION : st;
}

status rescue_dispatch(struct hsm *h, const struct apdu *a, buf *reply, const char **name)
{
    if ((a->cla & ~CLA_CHAINING) != CLA_PROPRIETARY) return ST_NO_CLASS;
    for (size_t i = 0; i < COUNT(rescue_commands); i++) {
        if (rescue_commands[i].ins != a->ins) continue;
        *name = rescue_commands[i].name;
        return as_rescue_says(rescue_commands[i].run(h, a, reply));
    }
    return ST_NO_COMMAND;
}
