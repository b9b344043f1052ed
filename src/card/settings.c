/* SPDX-License-Identifier: Apache-2.0 */
/* The settings record: flags(1) options(2) policy(2) tries(1) n(1) m(1) domains(1) shares(16). */
#include "card/settings.h"

#include "card/objects.h"
#include "card/vault.h"

#define SETTINGS_SIZE (9u + LIMIT_KEY_DOMAINS)
enum { FLAG_INITIALISED = 1, FLAG_WIPING = 2 };

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
    span_copy(SPAN(s->domain_shares), rd_take(&r, LIMIT_KEY_DOMAINS));
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
    put_bytes(&b, BYTES(s->domain_shares));
    return vault_put(v, OBJECT_SETTINGS, VAULT_DEVICE, NO_BYTES, written(&b), 0);
}
