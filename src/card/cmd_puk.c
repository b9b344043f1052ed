/* SPDX-License-Identifier: Apache-2.0 */
/* PUBLIC KEY AUTHENTICATION and EXTERNAL AUTHENTICATE (apdu.md 3.24). */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/puks.h"

status puk_p1p2(struct hsm *h, const struct apdu *a)
{
    if (!puks_on(h)) return a->data.n ? ST_NOT_FOUND : ST_BAD_P1P2;
    if (a->p1 == PUK_STATUS_OR_REGISTER) return a->p2 == 0 ? ST_OK : ST_BAD_P1P2;
    if (a->p1 > PUK_QUERY) return ST_BAD_P1P2;
    if (a->p1 == PUK_REPLACE && !(h->settings.options & OPTION_PKA_REPLACEABLE)) return ST_CONDITIONS;
    return a->p2 < h->settings.pka_total ? ST_OK : ST_BAD_P1P2;
}

/* The SO always; the user with the PIN alone as long as nobody could authenticate otherwise, then only as the user of
 * 4.3. Whoever has nothing but the PIN must not be able to make himself the keys that are asked for besides it. */
static bool may_register(const struct hsm *h)
{
    if (h->session.so_verified) return true;
    bool too_few = puks_registered(h) < h->settings.pka_required;
    return h->session.user_verified && (too_few || session_is_user(h));
}

static status register_key(struct hsm *h, uint8_t slot, bytes data)
{
    struct cvc request;
    if (!cvc_parse_request(data, &request)) return ST_DATA_NOT_USABLE;
    bytes signer = {h->session.verifying, h->session.verifying_size};
    TRY(puk_register(h, slot, signer, &request));
    if (h->session.puk_selected == slot + 1) h->session.puk_selected = 0;
    return ST_OK;
}

static status register_next(struct hsm *h, const struct apdu *a, buf *reply)
{
    uint8_t slot;
    if (a->data.n) {
        if (!may_register(h)) return ST_NOT_AUTHORIZED;
        TRY(puk_free_slot(h, &slot));
        TRY(register_key(h, slot, a->data));
    }
    puks_put_status(h, reply);
    return ST_OK;
}

static status replace(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (!may_register(h)) return ST_NOT_AUTHORIZED;
    if (a->data.n == 0) return ST_BAD_LENGTH;
    TRY(register_key(h, a->p2, a->data));
    puks_put_status(h, reply);
    return ST_OK;
}

static status query(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->data.n) return ST_BAD_LENGTH;
    TRY(puk_put_name(h, a->p2, reply));
    return puk_authenticated(h, a->p2) ? ST_PUK_AUTHENTICATED : ST_OK;
}

status cmd_public_key_authentication(struct hsm *h, const struct apdu *a, buf *reply)
{
    static command_run *const functions[] = {
        [PUK_STATUS_OR_REGISTER] = register_next, [PUK_REPLACE] = replace, [PUK_QUERY] = query};
    return functions[a->p1](h, a, reply);
}

/* A selected key says that authentication is configured: INITIALIZE ends the session. */
status cmd_external_authenticate(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (h->session.puk_selected == 0) return ST_REFERENCE_UNKNOWN;
    if (a->data.n == 0) return ST_BAD_LENGTH;
    return puk_authenticate(h, (uint8_t)(h->session.puk_selected - 1), a->data);
}
