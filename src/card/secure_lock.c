/* SPDX-License-Identifier: Apache-2.0 */
/* Agreement, and the three things that a lock key is good for. */
#include "card/secure_lock.h"

#include "card/domains.h"
#include "card/hsm.h"

#define FIELD 32u
#define LOCK_KEY_SIZE 32u

/* ---- agreement ---- */

static void forget(struct lock_agreement *l)
{
    wipe((span){(uint8_t *)l, sizeof *l});
}

static status agree(struct hsm *h, bytes host_point, buf *reply)
{
    SECRET(d, FIELD);
    SECRET(x, FIELD);
    struct lock_agreement *l = &h->session.lock;
    if (host_point.n != LOCK_POINT_SIZE) return ST_BAD_LENGTH;
    forget(l);
    if (crypto_ec_check_point(&h->crypto, CRYPTO_SECP256R1, host_point) != ST_OK) return ST_EXECUTION;
    TRY(crypto_ec_generate(&h->crypto, CRYPTO_SECP256R1, d, put_space(reply, LOCK_POINT_SIZE)));
    TRY(crypto_ecdh(&h->crypto, CRYPTO_SECP256R1, view(d), host_point, x));
    TRY(crypto_hkdf(&h->crypto, CRYPTO_SHA256, view(x), NO_BYTES, host_point, SPAN(l->nonce_and_key)));
    (void)span_copy(SPAN(l->host_point), host_point);
    l->fresh = true;
    return ST_OK;
}

/* Nonce and key serve once, whatever comes of it. */
static status open_lock_key(struct hsm *h, bytes sealed, span key)
{
    struct lock_agreement *l = &h->session.lock;
    bytes both = BYTES(l->nonce_and_key);
    status st = crypto_chachapoly_open(&h->crypto, bytes_after(both, CRYPTO_AEAD_NONCE),
                                       bytes_first(both, CRYPTO_AEAD_NONCE), BYTES(l->host_point), sealed, key);
    forget(l);
    return st == ST_DATA_NOT_USABLE ? ST_EXECUTION : st;
}

/* ---- the box ---- */

/* The box and the bit that tells about it change together. */
static status put_box(struct hsm *h, bytes lock_key, uint16_t options)
{
    struct settings next = h->settings;
    next.options = options;
    TRY(vault_begin(&h->vault));
    TRY(vault_box_put(&h->vault, lock_key));
    TRY(settings_put(&h->vault, &next));
    TRY(vault_commit(&h->vault, VAULT_BOOKKEEPING));
    h->settings = next;
    return ST_OK;
}

/* Where the PINs open the root itself (format 1) a lock would be none. */
static status enable(struct hsm *h, bytes lock_key)
{
    if (!h->vault.root_open) return ST_NOT_AUTHORIZED;
    if (!vault_has_box(&h->vault)) return ST_CONDITIONS;
    return put_box(h, lock_key, h->settings.options | OPTION_LOCKED);
}

/* A wrong lock key takes as long as a wrong PIN. */
static status unlock(struct hsm *h, bytes lock_key)
{
    SECRET(unused, CRYPTO_AEAD_KEY);
    const struct hsm_board *b = h->board;
    status st = vault_box_open(&h->vault, lock_key);
    if (st == ST_OK) domains_settle(h); /* shares may have come meanwhile */
    if (st != ST_DATA_NOT_USABLE) return st;
    TRY(crypto_pbkdf2(&h->crypto, CRYPTO_SHA256, lock_key, NO_BYTES, b->profile.pin_rounds, b->progress, unused));
    return ST_CONDITIONS;
}

static status disable(struct hsm *h, bytes lock_key)
{
    TRY(unlock(h, lock_key));
    return put_box(h, NO_BYTES, h->settings.options & (uint16_t)~OPTION_LOCKED);
}

/* ---- the command ---- */

static const struct {
    bool locked; /* the state that it is for */
    status (*run)(struct hsm *h, bytes lock_key);
} uses[] = {[LOCK_ENABLE] = {false, enable}, [LOCK_UNLOCK] = {true, unlock}, [LOCK_DISABLE] = {true, disable}};

static status use_lock_key(struct hsm *h, enum lock_function function, bytes sealed)
{
    SECRET(lock_key, LOCK_KEY_SIZE);
    bool is_locked = h->settings.options & OPTION_LOCKED;
    if (sealed.n != LOCK_KEY_SIZE + CRYPTO_AEAD_TAG) return ST_BAD_LENGTH;
    if (!h->session.lock.fresh) return ST_NOT_ALLOWED;
    TRY(open_lock_key(h, sealed, lock_key));
    if (is_locked != uses[function].locked) return ST_CONDITIONS;
    return uses[function].run(h, view(lock_key));
}

status extras_secure_lock(struct hsm *h, const struct apdu *a, buf *reply)
{
    return a->p2 == LOCK_AGREE ? agree(h, a->data, reply) : use_lock_key(h, (enum lock_function)a->p2, a->data);
}
