/* SPDX-License-Identifier: Apache-2.0 */
/* The rescue applet (apdu.md 3.29): device management without a PIN. Here: what needs no hardware of its own; PHY,
 * clock, secure boot and reboot answer 6D00 until a board brings them. */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/keys.h"

static status read_memory(struct hsm *h, buf *reply)
{
    struct store_space space = store_space(&h->store);
    const struct nor *nor = h->board->nor;
    put_u32(reply, space.free_bytes);
    put_u32(reply, space.used_bytes);
    put_u32(reply, space.total_bytes);
    put_u32(reply, space.values);
    put_u32(reply, nor->sector_size * nor->sector_count);
    return ST_OK;
}

static status rescue_read(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->p1 != 2) return ST_BAD_P1P2;
    return a->data.n ? ST_BAD_LENGTH : read_memory(h, reply);
}

/* 10/02: the device's public key. 10/01 and 10/03 are not offered (decisions.md OD-10). */
static status rescue_key(struct hsm *h, const struct apdu *a, buf *reply)
{
    SECRET(d, 32);
    if (a->p1 != 2) return ST_BAD_P1P2;
    if (a->data.n) return ST_BAD_LENGTH;
    TRY(key_device_secret(h, d));
    return crypto_ec_public(&h->crypto, CRYPTO_SECP256R1, view(d), put_space(reply, 65));
}

static const struct {
    uint8_t ins;
    status (*run)(struct hsm *h, const struct apdu *a, buf *reply);
    const char *name;
} rescue_commands[] = {
    {RESCUE_INS_KEY, rescue_key, "RESCUE key"},
    {RESCUE_INS_READ, rescue_read, "RESCUE read"},
};

status rescue_dispatch(struct hsm *h, const struct apdu *a, buf *reply, const char **name)
{
    if ((a->cla & ~CLA_CHAINING) != CLA_PROPRIETARY) return ST_NO_CLASS;
    for (size_t i = 0; i < COUNT(rescue_commands); i++) {
        if (rescue_commands[i].ins != a->ins) continue;
        *name = rescue_commands[i].name;
        return rescue_commands[i].run(h, a, reply);
    }
    return ST_NO_COMMAND;
}
