/* SPDX-License-Identifier: Apache-2.0 */
/* MANAGE SECURITY ENVIRONMENT, SET (apdu.md 3.21): names what the commands after it work with. */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/puks.h"
#include "card/trust.h"
#include "wire/oid.h"
#include "wire/tlv.h"

#define KEY_ID_SIZE 1u /* a reference as short as this names a key, which no command asks for */

/* With `apply` false: would it work? Nothing is set before all of the data was found good. */
typedef status mse_set(struct hsm *h, bytes value, bool apply);

/* A4/80: the one protocol of secure messaging that there is. */
static status set_protocol(struct hsm *h, bytes value, bool apply)
{
    if (!bytes_equal(value, oid_ca_ecdh_aes128())) return ST_REFERENCE_UNKNOWN;
    if (apply) secure_channel_select(h);
    return ST_OK;
}

/* A4/83: who is going to authenticate. */
static status select_puk(struct hsm *h, bytes value, bool apply)
{
    uint8_t slot;
    if (value.n == KEY_ID_SIZE) return ST_OK;
    TRY(puk_find(h, value, &slot));
    if (puk_authenticated(h, slot)) return ST_CONDITIONS;
    if (apply) h->session.puk_selected = (uint8_t)(slot + 1);
    return ST_OK;
}

/* B6/83: whose key is going to verify. */
static status select_verifying(struct hsm *h, bytes value, bool apply)
{
    struct trusted found;
    if (value.n == KEY_ID_SIZE) return ST_OK;
    if (!apply) return trust_find(h, value, &found);
    span_copy(SPAN(h->session.verifying), value);
    h->session.verifying_size = value.n;
    return ST_OK;
}

static status unknown_reference(struct hsm *h, bytes value, bool apply)
{
    return value.n == KEY_ID_SIZE ? ST_OK : ST_REFERENCE_UNKNOWN;
}

/* The first row that fits. */
static const struct {
    uint8_t p2; /* 0: any */
    uint16_t tag;
    mse_set *set;
} rows[] = {
    {MSE_AUTHENTICATION, TAG_MSE_PROTOCOL, set_protocol},
    {MSE_AUTHENTICATION, TAG_MSE_REFERENCE, select_puk},
    {MSE_SIGNATURE, TAG_MSE_REFERENCE, select_verifying},
    {0, TAG_MSE_REFERENCE, unknown_reference},
};

/* Unknown tags are skipped. */
static mse_set *row_find(uint8_t p2, uint16_t tag)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].tag == tag && (rows[i].p2 == p2 || rows[i].p2 == 0)) return rows[i].set;
    }
    return NULL;
}

/* The first object of a tag wins (apdu.md 1.9). */
static status set_all(struct hsm *h, const struct apdu *a, bool apply)
{
    static const uint16_t tags[] = {TAG_MSE_PROTOCOL, TAG_MSE_REFERENCE};
    for (size_t i = 0; i < COUNT(tags); i++) {
        bytes value;
        mse_set *set = row_find(a->p2, tags[i]);
        if (set && tlv_find(a->data, tags[i], &value)) TRY(set(h, value, apply));
    }
    return ST_OK;
}

status cmd_manage_security_environment(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (!tlv_well_formed(a->data)) return ST_BAD_DATA;
    TRY(set_all(h, a, false));
    return set_all(h, a, true);
}
