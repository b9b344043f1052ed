/* SPDX-License-Identifier: Apache-2.0 */
/* The settings record: flags(1) options(2) policy(2) tries(1) n(1) m(1) domains(1) totals(16) kinds(16) missing(16). A
 * record without the last two is one of the first format: its domains have received nothing yet. */
#include "card/settings.h"

#include "card/objects.h"
#include "card/vault.h"

#define SETTINGS_SIZE (9u + 3u * LIMIT_KEY_DOMAINS)
#define FIRST_UNDEFINED 0xFFu /* first format: domain not set up */
enum { FLAG_INITIALISED = 1, FLAG_WIPING = 2 };

static void read_domains(reader *r, struct settings *s)
{
    bytes totals = rd_take(r, LIMIT_KEY_DOMAINS), none = NO_BYTES;
    bool first_format = r->left.n == 0;
    bytes kinds = first_format ? none : rd_take(r, LIMIT_KEY_DOMAINS);
    bytes missing = first_format ? none : rd_take(r, LIMIT_KEY_DOMAINS);
    for (size_t i = 0; i < totals.n; i++) {
        struct domain_state *d = &s->domains[i];
        *d = (struct domain_state){DOMAIN_SHARES, totals.p[i], totals.p[i]};
        if (first_format && totals.p[i] == FIRST_UNDEFINED) *d = (struct domain_state){DOMAIN_UNDEFINED, 0, 0};
        if (kinds.n == totals.n) d->kind = kinds.p[i];
        if (missing.n == totals.n) d->missing = missing.p[i];
    }
}

status settings_load(struct vault *v, struct settings *s)
{
    *s = (struct settings){0};
    uint8_t record[SETTINGS_SIZE];
    size_t size;
    status st = vault_get(v, OBJECT_SETTINGS, VAULT_DEVICE, NO_BYTES, SPAN(record), &size);
    if (st == ST_NOT_FOUND) return ST_OK;
    TRY(st);
    reader r = read_from((bytes){record, size});
    uint8_t flags = rd_u8(&r);
    s->initialised = flags & FLAG_INITIALISED;
    s->wiping = flags & FLAG_WIPING;
    s->options = rd_u16(&r);
    s->policy = rd_u16(&r);
    s->user_tries = rd_u8(&r);
    s->pka_total = rd_u8(&r);
    s->pka_required = rd_u8(&r);
    s->domain_count = rd_u8(&r);
    read_domains(&r, s);
    return rd_done(&r) ? ST_OK : ST_BAD_DATA;
}

status settings_put(struct vault *v, const struct settings *s)
{
    uint8_t record[SETTINGS_SIZE];
    buf b = BUF(record);
    put_u8(&b, (uint8_t)((s->initialised ? FLAG_INITIALISED : 0) | (s->wiping ? FLAG_WIPING : 0)));
    put_u16(&b, s->options);
    put_u16(&b, s->policy);
    put_u8(&b, s->user_tries);
    put_u8(&b, s->pka_total);
    put_u8(&b, s->pka_required);
    put_u8(&b, s->domain_count);
    for (size_t i = 0; i < LIMIT_KEY_DOMAINS; i++) put_u8(&b, s->domains[i].total);
    for (size_t i = 0; i < LIMIT_KEY_DOMAINS; i++) put_u8(&b, s->domains[i].kind);
    for (size_t i = 0; i < LIMIT_KEY_DOMAINS; i++) put_u8(&b, s->domains[i].missing);
    return vault_put(v, OBJECT_SETTINGS, VAULT_DEVICE, NO_BYTES, written(&b), 0);
}
