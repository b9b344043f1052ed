/* SPDX-License-Identifier: Apache-2.0 */
/* What INITIALIZE decides for the whole device: options, policy, domains, public key authentication. */
#ifndef CARD_SETTINGS_H
#define CARD_SETTINGS_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/schsm.h"

struct vault;

/* What a key domain is (formats.md 6.1). DOMAIN_RANDOM: its key is to be made at the next chance (card/domains.c). */
enum domain_kind { DOMAIN_UNDEFINED, DOMAIN_SHARES, DOMAIN_RANDOM, DOMAIN_XKEK };

struct domain_state {
    uint8_t kind;           /* enum domain_kind */
    uint8_t total, missing; /* shares           */
};

struct settings {
    bool initialised;
    bool wiping; /* INITIALIZE has decided and still erases; finished at the next start */
    uint16_t options, policy;
    uint8_t user_tries;              /* maximum for a user PIN that the SO sets first, apdu.md 3.2 */
    uint8_t pka_total, pka_required; /* n, m; 0 = off */
    uint8_t domain_count;
    struct domain_state domains[LIMIT_KEY_DOMAINS];
};

/* Reads the settings; a device that was never initialised gets zeros. ST_OK, or what vault_get says. */
MUST_CHECK status settings_load(struct vault *v, struct settings *s);
/* Puts them within the open vault transaction. */
MUST_CHECK status settings_put(struct vault *v, const struct settings *s);

#endif
