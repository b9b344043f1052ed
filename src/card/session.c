/* SPDX-License-Identifier: Apache-2.0 */
/* Session state: what is forgotten when, and who counts as the user. */
#include "card/session.h"

#include "card/hsm.h"

void session_revoke(struct hsm *h)
{
    h->session.user_verified = false;
    h->session.so_verified = false;
    h->session.initialised_here = false;
    vault_root_lock(&h->vault);
}

void session_end(struct hsm *h)
{
    session_revoke(h);
    wipe((span){(uint8_t *)&h->session, sizeof h->session});
}

static unsigned count_bits(uint8_t v)
{
    unsigned n = 0;
    for (; v; v &= (uint8_t)(v - 1)) n++;
    return n;
}

bool session_is_user(const struct hsm *h)
{
    if (h->session.initialised_here) return true;
    if (!h->settings.pka_required) return h->session.user_verified;
    bool keys = count_bits(h->session.puks) >= h->settings.pka_required;
    bool pin = h->session.user_verified || !(h->settings.options & OPTION_PIN_AND_PKA);
    return keys && pin;
}
