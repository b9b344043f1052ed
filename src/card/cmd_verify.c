/* SPDX-License-Identifier: Apache-2.0 */
/* VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, SESSION PIN (apdu.md 3.7 to 3.11). */
#include "card/commands.h"
#include "card/hsm.h"

/* Policy bit 0002: no PIN in plain on a line. */
static status plain_pin_allowed(const struct hsm *h)
{
    bool forbidden = (h->settings.policy & POLICY_NO_PLAIN_PIN) && !secure_channel_protects(h);
    return forbidden ? ST_SM_MISSING : ST_OK;
}

/* A transport PIN is good for CHANGE REFERENCE DATA only, and costs no try elsewhere (apdu.md 3.8). */
static status not_transport(struct hsm *h, uint8_t ref)
{
    status st = pin_state(h, ref);
    return st == ST_DATA_NOT_USABLE || st == ST_REFERENCE_UNKNOWN ? st : ST_OK;
}

status cmd_verify(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->data.n == 0) return pin_state(h, a->p2);
    TRY(plain_pin_allowed(h));
    stream_end(h);
    TRY(not_transport(h, a->p2));
    if (a->p2 == PIN_USER) return pin_verify_user(h, a->data);
    TRY(pin_check(h, PIN_SO, a->data));
    pin_grant(h, PIN_SO);
    return ST_OK;
}

static bool pin_size_ok(bytes pin)
{
    return pin.n >= LIMIT_PIN_MIN && pin.n <= LIMIT_PIN_MAX;
}

/* Sets a PIN in a transaction of its own; the root is unlocked. The old wrapping is erased before this returns. */
static status replace_pin(struct hsm *h, uint8_t ref, bytes pin)
{
    uint8_t tries_max;
    TRY(pin_tries_max(h, ref, &tries_max));
    TRY(vault_begin(&h->vault));
    TRY(pin_put(h, ref, pin, tries_max, false));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

/* Whatever goes wrong after a PIN was right: nobody stays half logged in. */
static status or_logged_out(struct hsm *h, status st)
{
    if (st != ST_OK) session_revoke(h);
    return st;
}

static status change_pin(struct hsm *h, uint8_t ref, bytes new_pin)
{
    if (!pin_size_ok(new_pin)) {
        TRY(pin_tries_restore(h, ref));
        return ST_BAD_LENGTH;
    }
    TRY(replace_pin(h, ref, new_pin));
    session_pin_wipe(h);
    pin_grant(h, ref);
    return ST_OK;
}

status cmd_change_reference_data(struct hsm *h, const struct apdu *a, buf *reply)
{
    bytes new_pin;
    TRY(plain_pin_allowed(h));
    TRY(pin_check_prefix(h, a->p2, a->data, &new_pin));
    return or_logged_out(h, change_pin(h, a->p2, new_pin));
}

/* ---- RESET RETRY COUNTER ---- */

static const struct {
    uint8_t data_min, data_max;
    bool brings_so_pin, sets_pin;
} resets[] = {
    {12, 32, true, true}, /* P1 00: SO-PIN ‖ new PIN */
    {6, 16, true, false}, /* P1 01: SO-PIN           */
    {6, 16, false, true}, /* P1 02: new PIN          */
    {0, 0, false, false}, /* P1 03: nothing          */
};

static status reset_allowed(const struct hsm *h, bool sets_pin)
{
    uint16_t options = h->settings.options;
    if (!(options & OPTION_RRC)) return ST_NOT_ALLOWED;
    return sets_pin || (options & OPTION_RRC_RESET_ONLY) ? ST_OK : ST_NOT_ALLOWED;
}

/* Is the SO-PIN right, here or earlier in this session? *rest is what follows it. */
static status prove_so(struct hsm *h, bool brings_so_pin, bool sets_pin, bytes data, bytes *rest)
{
    *rest = data;
    if (!brings_so_pin) return h->session.so_verified && h->vault.base_open ? ST_OK : ST_CONDITIONS;
    if (!sets_pin) return pin_check(h, PIN_SO, data);
    TRY(pin_check_prefix(h, PIN_SO, data, rest));
    TRY(pin_tries_restore(h, PIN_SO));
    return pin_size_ok(*rest) ? ST_OK : ST_BAD_LENGTH;
}

static status reset_user_pin(struct hsm *h, bool sets_pin, bytes new_pin)
{
    uint8_t tries_max = h->settings.user_tries;
    if (!sets_pin) return pin_tries_restore(h, PIN_USER);
    status st = pin_tries_max(h, PIN_USER, &tries_max);
    if (st != ST_OK && st != ST_REFERENCE_UNKNOWN) return st; /* with PKA the first user PIN may be set here */
    TRY(vault_begin(&h->vault));
    TRY(pin_put(h, PIN_USER, new_pin, tries_max, false));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

status cmd_reset_retry_counter(struct hsm *h, const struct apdu *a, buf *reply)
{
    bool brings_so_pin = resets[a->p1].brings_so_pin, sets_pin = resets[a->p1].sets_pin;
    uint8_t unused;
    bytes new_pin;
    TRY(pin_tries_max(h, PIN_SO, &unused)); /* not initialised: 6A88 */
    TRY(reset_allowed(h, sets_pin));
    if (a->data.n < resets[a->p1].data_min || a->data.n > resets[a->p1].data_max) return ST_BAD_LENGTH;
    if (a->data.n) TRY(plain_pin_allowed(h));
    status st = prove_so(h, brings_so_pin, sets_pin, a->data, &new_pin);
    if (st == ST_CONDITIONS) return st; /* nothing was presented, nothing changes */
    if (st == ST_OK) st = reset_user_pin(h, sets_pin, new_pin);
    if (st == ST_OK) session_pin_wipe(h);
    if (brings_so_pin) session_revoke(h);
    h->session.user_verified = false; /* DP-30 */
    h->session.initialised_here = false;
    return st;
}

/* ---- SESSION PIN ---- */

status cmd_session_pin(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->p1 == 2) {
        session_pin_wipe(h);
        return ST_OK;
    }
    TRY(plain_pin_allowed(h));
    if (!h->session.user_verified) return ST_NOT_AUTHORIZED;
    return session_pin_make(h, put_space(reply, LIMIT_SESSION_PIN));
}
