/* SPDX-License-Identifier: Apache-2.0 */
/* Slots, registration and proof of possession. */
#include "card/puks.h"

#include "card/files.h"
#include "card/hsm.h"
#include "card/objects.h"
#include "card/trust.h"

/* ---- slots ---- */

bool puks_on(const struct hsm *h)
{
    return h->settings.pka_required > 0;
}

static bool is_taken(const struct hsm *h, uint8_t slot)
{
    return slot < h->settings.pka_total && vault_has(&h->vault, OBJECT_PUBLIC_KEY(slot));
}

uint8_t puks_registered(const struct hsm *h)
{
    uint8_t n = 0;
    for (uint8_t slot = 0; slot < h->settings.pka_total; slot++) n = (uint8_t)(n + is_taken(h, slot));
    return n;
}

bool puk_authenticated(const struct hsm *h, uint8_t slot)
{
    return slot < h->settings.pka_total && (h->session.puks & 1u << slot);
}

static status load(struct hsm *h, uint8_t slot, struct trusted *out)
{
    if (!is_taken(h, slot)) return ST_REFERENCE_UNKNOWN;
    TRY(vault_get(&h->vault, OBJECT_PUBLIC_KEY(slot), VAULT_DEVICE, NO_BYTES, SPAN(out->raw), &out->size));
    return cvc_parse((bytes){out->raw, out->size}, &out->cvc) ? ST_OK : ST_DATA_NOT_USABLE;
}

void puks_put_status(const struct hsm *h, buf *reply)
{
    uint8_t authenticated = 0;
    for (uint8_t slot = 0; slot < h->settings.pka_total; slot++) {
        authenticated = (uint8_t)(authenticated + puk_authenticated(h, slot));
    }
    put_u8(reply, h->settings.pka_total);
    put_u8(reply, (uint8_t)(h->settings.pka_total - puks_registered(h)));
    put_u8(reply, h->settings.pka_required);
    put_u8(reply, authenticated);
}

status puk_put_name(struct hsm *h, uint8_t slot, buf *reply)
{
    struct trusted key;
    TRY(load(h, slot, &key));
    put_bytes(reply, key.cvc.chr);
    return ST_OK;
}

status puk_find(struct hsm *h, bytes name, uint8_t *slot)
{
    struct trusted key;
    for (uint8_t i = 0; i < h->settings.pka_total; i++) {
        if (load(h, i, &key) != ST_OK || !bytes_equal(key.cvc.chr, name)) continue;
        *slot = i;
        return ST_OK;
    }
    return ST_REFERENCE_UNKNOWN;
}

status puk_free_slot(const struct hsm *h, uint8_t *slot)
{
    for (*slot = 0; *slot < h->settings.pka_total; (*slot)++) {
        if (!is_taken(h, *slot)) return ST_OK;
    }
    return ST_NO_SPACE;
}

/* ---- registration ---- */

static status inner_holds(struct hsm *h, const struct cvc *request, struct cvc_verifier *key)
{
    TRY(cvc_verifier_load(&request->key, key));
    return cvc_verify_own(&h->crypto, request, key);
}

static status outer_holds(struct hsm *h, bytes signer, const struct cvc *request)
{
    struct cvc_verifier key;
    if (signer.n == 0 || !bytes_equal(request->outer_car, signer)) return ST_CONDITIONS;
    if (trust_key(h, signer, &key) != ST_OK) return ST_CONDITIONS;
    return cvc_verify(&h->crypto, &key, &request->outer_signed, 1, request->outer_signature);
}

static bool same_key(const struct cvc_verifier *a, const struct cvc_verifier *b)
{
    return a->kind == b->kind && bytes_equal((bytes){a->number, a->size}, (bytes){b->number, b->size});
}

/* One holder of one key must not be able to be two of m. */
static status nobody_else(struct hsm *h, uint8_t slot, const struct cvc *request, const struct cvc_verifier *key)
{
    struct trusted other;
    struct cvc_verifier other_key;
    for (uint8_t i = 0; i < h->settings.pka_total; i++) {
        if (i == slot || load(h, i, &other) != ST_OK) continue;
        if (bytes_equal(other.cvc.chr, request->chr)) return ST_EXISTS;
        TRY(cvc_verifier_load(&other.cvc.key, &other_key));
        if (same_key(&other_key, key)) return ST_EXISTS;
    }
    return ST_OK;
}

static status put(struct hsm *h, uint8_t slot, const struct cvc *request)
{
    uint8_t whole[TRUST_CERTIFICATE_MAX];
    buf content = BUF(whole);
    cvc_put_read(&content, request);
    if (content.full || !file_room(h, content.n)) return ST_NO_SPACE;
    TRY(vault_begin(&h->vault));
    TRY(vault_put(&h->vault, OBJECT_PUBLIC_KEY(slot), VAULT_DEVICE, NO_BYTES, written(&content), 0));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

status puk_register(struct hsm *h, uint8_t slot, bytes signer, const struct cvc *request)
{
    struct cvc_verifier key;
    TRY(inner_holds(h, request, &key));
    TRY(outer_holds(h, signer, request));
    TRY(nobody_else(h, slot, request, &key));
    TRY(put(h, slot, request));
    h->session.puks &= (uint8_t) ~(1u << slot);
    return ST_OK;
}

/* ---- authentication ---- */

status puk_authenticate(struct hsm *h, uint8_t slot, bytes signature)
{
    struct trusted certificate;
    struct cvc_verifier key;
    size_t size = h->session.challenge_size;
    h->session.challenge_size = 0; /* one use, whatever comes of it (DP-25) */
    if (size == 0) return ST_CONDITIONS;
    const bytes message[] = {{h->name, h->name_size}, {h->session.challenge, size}};
    TRY(load(h, slot, &certificate));
    TRY(cvc_verifier_load(&certificate.cvc.key, &key));
    TRY(cvc_verify(&h->crypto, &key, message, COUNT(message), signature));
    h->session.puks |= (uint8_t)(1u << slot);
    return ST_OK;
}
