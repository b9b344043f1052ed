/* SPDX-License-Identifier: Apache-2.0 */
/* EXTRAS (apdu.md 3.26): options that can change, and the older forms of what the rescue applet does, for tools that
 * still speak them. Description and restart need the button, whatever option 0100 says (decisions.md OD-8). */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/machine.h"
#include "card/secure_lock.h"
#include "wire/date.h"

#define OPTIONS_CHANGEABLE (OPTION_CONFIRM | OPTION_COUNT_ALL)

static status ask(struct hsm *h, const char *what)
{
    return machine_confirm(h, what) ? ST_OK : ST_NOT_CONFIRMED;
}

/* ---- 06: the high byte of the options word ---- */

static status change_options(struct hsm *h, uint16_t high)
{
    struct settings next = h->settings;
    if (high & ~(OPTIONS_CHANGEABLE | OPTION_LOCKED)) return ST_BAD_DATA;
    next.options = (uint16_t)((next.options & (0x00FF | OPTION_LOCKED)) | (high & OPTIONS_CHANGEABLE)); /* DP-60 */
    TRY(vault_begin(&h->vault));
    TRY(settings_put(&h->vault, &next));
    TRY(vault_commit(&h->vault, VAULT_BOOKKEEPING));
    h->settings = next;
    return ST_OK;
}

static status extras_options(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->data.n > 1) return ST_BAD_LENGTH;
    if (a->data.n) return change_options(h, (uint16_t)(a->data.p[0] << 8));
    put_u16(reply, h->settings.options);
    return ST_OK;
}

/* ---- 0A: clock ---- */

static status extras_clock(struct hsm *h, const struct apdu *a, buf *reply)
{
    uint32_t unix_seconds;
    if (a->data.n) {
        TRY(date_parse(a->data, DATE_EXTRAS, &unix_seconds));
        return machine_date_set(h, unix_seconds);
    }
    TRY(machine_date(h, &unix_seconds));
    date_put(unix_seconds, DATE_EXTRAS, reply);
    return ST_OK;
}

/* ---- 05: memory ---- */

static status extras_memory(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->data.n) return ST_BAD_LENGTH;
    machine_put_memory(h, reply);
    return ST_OK;
}

/* ---- 1B: hardware description ---- */

/* P2 is the tag of a record. The first of a tag wins: in front of the stored records it replaces its like. */
static status change_phy(struct hsm *h, const struct apdu *a)
{
    uint8_t records[6 + PHY_SIZE_MAX];
    struct phy phy;
    buf b = BUF(records);
    put_u8(&b, a->p2);
    put_u8(&b, (uint8_t)a->data.n);
    put_bytes(&b, a->data);
    phy_read(written(&b), &phy);
    if (!phy_has(&phy, (enum phy_tag)a->p2)) return ST_BAD_DATA;
    TRY(machine_phy_load(h, &phy));
    phy_put(&phy, &b);
    phy_read(written(&b), &phy);
    TRY(ask(h, "change the hardware description"));
    return machine_phy_store(h, &phy);
}

static status extras_phy(struct hsm *h, const struct apdu *a, buf *reply)
{
    static const struct {
        uint8_t tag, size;
    } records[] = {{PHY_VID_PID, 4}, {PHY_LED_GPIO, 1}, {PHY_LED_BRIGHTNESS, 1}, {PHY_OPTIONS, 2}};
    if (a->data.n == 0) {
        TRY(ask(h, "read the hardware description"));
        return machine_phy_put(h, reply);
    }
    for (size_t i = 0; i < COUNT(records); i++) {
        if (records[i].tag == a->p2) return a->data.n == records[i].size ? change_phy(h, a) : ST_BAD_LENGTH;
    }
    return ST_BAD_P1P2;
}

/* ---- FB: restart ---- */

static status extras_reboot(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->data.n) return ST_BAD_LENGTH;
    TRY(ask(h, "restart"));
    machine_restart(h, PLATFORM_RESTART);
    return ST_OK;
}

/* ---- all ---- */

static const struct function {
    uint8_t p1;
    uint32_t p2s; /* bit for each P2 that it knows */
    command_run *run;
} functions[] = {
    {0x05, 1u << 0, extras_memory},
    {0x06, 1u << 0, extras_options},
    {0x0A, 1u << 0, extras_clock},
    {0x1B, 1u << PHY_VID_PID | 1u << PHY_LED_GPIO | 1u << PHY_LED_BRIGHTNESS | 1u << PHY_OPTIONS, extras_phy},
    {0x3A, 1u << LOCK_AGREE | 1u << LOCK_ENABLE | 1u << LOCK_UNLOCK | 1u << LOCK_DISABLE, extras_secure_lock},
    {0xFB, 1u << 0, extras_reboot},
};

static const struct function *find(const struct apdu *a)
{
    for (size_t i = 0; i < COUNT(functions); i++) {
        if (functions[i].p1 == a->p1 && a->p2 < 32 && (functions[i].p2s >> a->p2 & 1)) return &functions[i];
    }
    return NULL;
}

/* A machine that cannot restart does not know the function. */
status extras_p1p2(struct hsm *h, const struct apdu *a)
{
    const struct function *f = find(a);
    return f && (f->run != extras_reboot || machine_can_restart(h)) ? ST_OK : ST_BAD_P1P2;
}

status cmd_extras(struct hsm *h, const struct apdu *a, buf *reply)
{
    const struct function *f = find(a);
    return f ? f->run(h, a, reply) : ST_BAD_P1P2;
}
