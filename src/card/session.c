/* SPDX-License-Identifier: Apache-2.0 */
/* Session state: what is forgotten when, and who counts as the user. */
#include "card/session.h"

#include "card/hd.h"
#include "card/hsm.h"

void session_revoke(struct hsm *h)
{
    h->session.user_verified = false;
    h->session.so_verified = false;
    h->session.initialised_here = false;
    hd_forget(h);
    h->session.root_is_users = false;
    vault_root_lock(&h->vault);
}

void session_settle(struct hsm *h)
{
    if (session_is_user(h) && h->vault.root_open) return;
    stream_end(h);
    hd_forget(h);
}

void session_end(struct hsm *h)
{
    session_revoke(h);
    wipe((span){(uint8_t *)&h->session, sizeof h->session});
}

/* Are public keys enough, once the PIN has opened the root (apdu.md 4.3)? */
static bool puks_alone(const struct hsm *h)
{
    return h->settings.pka_required && !(h->settings.options & OPTION_PIN_AND_PKA);
}

void session_leave(struct hsm *h)
{
    bool stays = puks_alone(h) && h->session.root_is_users;
    if (!stays) vault_root_lock(&h->vault);
    if (h->settings.options & OPTION_LOCKED) vault_box_close(&h->vault); /* unlocked for one session, apdu.md 3.27 */
    wipe((span){(uint8_t *)&h->session, sizeof h->session});
    h->session.root_is_users = stays;
}

static unsigned count_bits(uint8_t v)
{
    unsigned n = 0;
    for (; v; v &= (uint8_t)(v - 1)) n++;
    return n;
}

/* The SO-PIN opens the root as well, but gives no key use, with however many public keys (DP-27). */
static bool root_is_the_sos(const struct hsm *h)
{
    return h->vault.base_open && !h->session.root_is_users;
}

bool session_is_user(const struct hsm *h)
{
    if (h->session.initialised_here) return true;
    if (!h->settings.pka_required) return h->session.user_verified;
    if (count_bits(h->session.puks) < h->settings.pka_required) return false;
    return puks_alone(h) ? !root_is_the_sos(h) : h->session.user_verified;
}
