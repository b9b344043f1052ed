/* SPDX-License-Identifier: Apache-2.0 */
/* INITIALIZE DEVICE (apdu.md 3.2): a version query without data, a factory reset with it.
 *
 * Everything is checked before anything is changed. One transaction then decides: new root, new PINs, new settings, and
 * the mark "wiping". From here the old keys cannot be opened by anybody; what is left of them is erased in batches,
 * and by the next start if power is lost meanwhile. */
#include "card/commands.h"
#include "card/device.h"
#include "card/domains.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "wire/tlv.h"

struct plan {
    bytes user_pin, so_pin;
    bool has_options, has_pka, has_domains;
    struct settings settings;
};

/* ---- the request ---- */

static status take_shares(struct plan *p, bytes value)
{
    if (value.n != 1) return ST_BAD_DATA;
    uint8_t n = value.p[0];
    if (p->has_domains) return ST_OK;
    p->settings.domains[0] =
        n ? (struct domain_state){DOMAIN_SHARES, n, n} : (struct domain_state){DOMAIN_RANDOM, 1, 0};
    return ST_OK;
}

static status take_domains(struct plan *p, bytes value)
{
    if (value.n != 1 || value.p[0] == 0 || value.p[0] > LIMIT_KEY_DOMAINS) return ST_BAD_DATA;
    p->has_domains = true; /* overrides 92, wherever that stands */
    p->settings.domain_count = value.p[0];
    memset(p->settings.domains, 0, sizeof p->settings.domains); /* DOMAIN_UNDEFINED */
    return ST_OK;
}

static status take_pka(struct plan *p, bytes value)
{
    if (value.n != 2) return ST_BAD_DATA;
    uint8_t total = value.p[0], required = value.p[1];
    if (required == 0 || required > total || total > LIMIT_PUBLIC_KEYS) return ST_BAD_DATA;
    p->has_pka = true;
    p->settings.pka_total = total;
    p->settings.pka_required = required;
    return ST_OK;
}

static status take_options(struct plan *p, bytes value)
{
    if (value.n != 2) return ST_BAD_DATA;
    p->has_options = true;
    p->settings.options = (uint16_t)be_get(value) & (uint16_t)~OPTION_LOCKED;
    return ST_OK;
}

static status take_policy(struct plan *p, bytes value)
{
    if (value.n != 2 || (be_get(value) & ~(uint32_t)POLICY_ALL)) return ST_BAD_DATA;
    p->settings.policy = (uint16_t)be_get(value);
    return ST_OK;
}

static status take_tries(struct plan *p, bytes value)
{
    if (value.n != 1 || value.p[0] == 0 || value.p[0] > LIMIT_PIN_TRIES_MAX) return ST_BAD_DATA;
    p->settings.user_tries = value.p[0];
    return ST_OK;
}

static status take_pin(bytes *pin, bytes value)
{
    if (value.n != 0 && (value.n < LIMIT_PIN_MIN || value.n > LIMIT_PIN_MAX)) return ST_BAD_DATA;
    *pin = value;
    return ST_OK;
}

static status take_user_pin(struct plan *p, bytes value)
{
    return take_pin(&p->user_pin, value);
}

static status take_so_pin(struct plan *p, bytes value)
{
    return take_pin(&p->so_pin, value);
}

/* Other tags, the biometric servers of other cards (95, 96) among them, are skipped. */
static const struct {
    uint16_t tag;
    status (*take)(struct plan *p, bytes value);
} fields[] = {
    {TAG_INIT_OPTIONS, take_options},     {TAG_INIT_USER_PIN, take_user_pin},  {TAG_INIT_SO_PIN, take_so_pin},
    {TAG_INIT_RETRIES, take_tries},       {TAG_INIT_DKEK_SHARES, take_shares}, {TAG_INIT_PKA, take_pka},
    {TAG_INIT_KEY_DOMAINS, take_domains}, {TAG_INIT_POLICY, take_policy},
};

/* The first object of a tag wins (apdu.md 1.9). */
static status take_field(struct plan *p, const tlv *t, uint32_t *seen)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (fields[i].tag != t->tag || (*seen & 1u << i)) continue;
        *seen |= 1u << i;
        return fields[i].take(p, t->value);
    }
    return ST_OK;
}

static status read_plan(bytes data, uint16_t old_options, struct plan *p)
{
    uint32_t seen = 0;
    *p = (struct plan){.settings.user_tries = LIMIT_PIN_TRIES_DEFAULT};
    p->settings.domain_count = 1;
    p->settings.domains[0].kind = DOMAIN_SHARES; /* none of them: a domain without a key */
    p->settings.options = old_options & (uint16_t)~OPTION_LOCKED; /* the new root is not locked */
    reader r = read_from(data);
    if (!tlv_well_formed(data)) return ST_BAD_DATA;
    for (tlv t; tlv_next(&r, &t);) TRY(take_field(p, &t, &seen));
    if (p->so_pin.n == 0) return ST_BAD_DATA;
    if (p->user_pin.n == 0 && !p->has_pka) return ST_BAD_DATA;
    return ST_OK;
}

/* ---- may it run ---- */

static status permitted(struct hsm *h, const struct plan *p)
{
    bool needs_so = h->settings.initialised && (h->settings.policy & POLICY_INIT_NEEDS_SO_PIN);
    TRY(key_confirm(h, "erase everything"));
    return needs_so ? pin_check(h, PIN_SO, p->so_pin) : ST_OK;
}

/* ---- the change ---- */

static status decide(struct hsm *h, const struct plan *p, const struct settings *next)
{
    bool transport = p->settings.options & OPTION_TRANSPORT_PIN;
    TRY(vault_root_new(&h->vault));
    TRY(vault_begin(&h->vault));
    TRY(vault_format_current(&h->vault));
    TRY(vault_box_put(&h->vault, NO_BYTES));
    if (p->user_pin.n) TRY(pin_put(h, PIN_USER, p->user_pin, p->settings.user_tries, transport));
    else TRY(pin_remove(h, PIN_USER));
    TRY(pin_put(h, PIN_SO, p->so_pin, LIMIT_SO_PIN_TRIES, false));
    TRY(settings_put(&h->vault, next));
    return vault_commit(&h->vault, VAULT_OBJECTS);
}

static status initialise(struct hsm *h, const struct plan *p)
{
    struct settings next = p->settings;
    next.initialised = true;
    next.wiping = true;
    TRY(decide(h, p, &next));
    h->settings = next;
    return device_wipe_finish(h);
}

static status factory_reset(struct hsm *h, const struct plan *p)
{
    session_end(h);
    session_pin_wipe(h);
    status st = initialise(h, p);
    if (st != ST_OK) {
        store_abort(&h->store);
        session_end(h); /* the new root, too: nobody is logged in */
        return st;
    }
    h->session.user_verified = h->session.so_verified = h->session.initialised_here = true;
    domains_settle(h);
    return ST_OK;
}

static void put_version(struct hsm *h, buf *reply)
{
    put_u32(reply, store_space(&h->store).free_bytes);
    put_u8(reply, 0);
    put_u8(reply, VERSION_MAJOR);
    put_u8(reply, VERSION_MINOR);
}

status cmd_initialize(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct plan p;
    if (a->data.n == 0) {
        put_version(h, reply);
        return ST_OK;
    }
    if ((h->settings.options & OPTION_LOCKED) && !h->vault.root_open) return ST_NOT_AUTHORIZED; /* apdu.md 3.27 */
    TRY(read_plan(a->data, h->settings.options, &p));
    TRY(permitted(h, &p));
    return factory_reset(h, &p);
}
