/* SPDX-License-Identifier: Apache-2.0 */
/* KEY DOMAIN (apdu.md 3.20): who may do what; how it is done is told in card/domains.c. */
#include "card/commands.h"
#include "card/domains.h"
#include "card/hsm.h"
#include "card/xkek.h"

enum { DOMAIN_IMPORT = 0x00, DOMAIN_SET_UP = 0x01, DOMAIN_GROUP = 0x02, DOMAIN_DELETE = 0x03, DOMAIN_CLEAR = 0x04 };

status key_domain_p1p2(struct hsm *h, const struct apdu *a)
{
    TRY(domain_check(h, a->p2));
    return a->p1 <= DOMAIN_CLEAR ? ST_OK : ST_BAD_P1P2;
}

/* 6985 where other commands say 6982 (apdu.md 4.3): pypicohsm must not log in again by itself. */
static status user_session(const struct hsm *h)
{
    return h->session.user_verified && h->vault.root_open ? ST_OK : ST_CONDITIONS;
}

static status import_share(struct hsm *h, uint8_t n, bytes data)
{
    if (data.n != DKEK_SIZE) return ST_BAD_LENGTH;
    return domain_import_share(h, n, data);
}

static status set_up(struct hsm *h, uint8_t n, bytes data)
{
    TRY(user_session(h));
    if (domain_is_set_up(h, n)) return ST_BAD_P1P2;
    return data.n == 1 ? domain_set_up(h, n, data.p[0]) : ST_BAD_LENGTH;
}

static status join_group(struct hsm *h, uint8_t n, bytes data)
{
    TRY(user_session(h));
    return domain_is_set_up(h, n) ? ST_BAD_P1P2 : xkek_join(h, n, data);
}

static status delete_domain(struct hsm *h, uint8_t n, bytes data)
{
    TRY(user_session(h));
    return data.n ? ST_BAD_LENGTH : domain_delete(h, n);
}

static status clear(struct hsm *h, uint8_t n, bytes data)
{
    TRY(user_session(h));
    return data.n ? ST_BAD_LENGTH : domain_clear(h, n);
}

static status (*const functions[])(struct hsm *h, uint8_t n, bytes data) = {
    [DOMAIN_IMPORT] = import_share,  [DOMAIN_SET_UP] = set_up, [DOMAIN_GROUP] = join_group,
    [DOMAIN_DELETE] = delete_domain, [DOMAIN_CLEAR] = clear,
};

/* Every answer is the domain's state; that of a domain which was deleted is that there is none. */
status cmd_key_domain(struct hsm *h, const struct apdu *a, buf *reply)
{
    bool is_query = a->data.n == 0 && (a->p1 == DOMAIN_IMPORT || a->p1 == DOMAIN_GROUP);
    if (!is_query) TRY(functions[a->p1](h, a->p2, a->data));
    if (!domain_is_set_up(h, a->p2)) return ST_REFERENCE_UNKNOWN;
    return domain_put_status(h, a->p2, reply);
}
