/* SPDX-License-Identifier: Apache-2.0 */
/* PIN records and the order of things around a guess: charge, compute, compare, give back. */
#include "card/pins.h"

#include "card/domains.h"
#include "card/hsm.h"
#include "card/objects.h"

#define SALT_SIZE 16u
#define VERIFIER_SIZE 32u
#define SESSION_PIN_WRONG_MAX 3u

enum { RECORD_TRANSPORT = 1, RECORD_ONE_BLOCK = 2 };

/* max(1) flags(1) length(1) rounds(4) salt(16) verifier(32) wrapped(60) */
struct pin_record {
    uint8_t tries_max, length;
    bool transport, one_block;
    uint32_t rounds;
    bytes salt, verifier, wrapped;
    uint8_t raw[7 + SALT_SIZE + VERIFIER_SIZE + VAULT_WRAPPED_SIZE];
};

/* Seals the two records of a PIN apart: one is rewritten at every try, the other is a secret. */
static status record_load(struct hsm *h, uint8_t ref, struct pin_record *rec)
{
    size_t size;
    status st = vault_get(&h->vault, OBJECT_PIN(ref), VAULT_DEVICE, NO_BYTES, SPAN(rec->raw), &size);
    if (st == ST_NOT_FOUND) return ST_REFERENCE_UNKNOWN;
    TRY(st);
    reader r = read_from((bytes){rec->raw, size});
    rec->tries_max = rd_u8(&r);
    uint8_t flags = rd_u8(&r);
    rec->transport = flags & RECORD_TRANSPORT;
    rec->one_block = flags & RECORD_ONE_BLOCK;
    rec->length = rd_u8(&r);
    rec->rounds = rd_u32(&r);
    rec->salt = rd_take(&r, SALT_SIZE);
    rec->verifier = rd_take(&r, VERIFIER_SIZE);
    rec->wrapped = rd_take(&r, VAULT_WRAPPED_SIZE);
    return rd_done(&r) && rec->rounds ? ST_OK : ST_BAD_DATA;
}

static void record_wipe(struct pin_record *rec)
{
    wipe((span){(uint8_t *)rec, sizeof *rec});
}
#define PIN_RECORD(name) __attribute__((cleanup(record_wipe))) struct pin_record name

static status tries_load(struct hsm *h, uint8_t ref, uint8_t *left)
{
    size_t size;
    status st = vault_get(&h->vault, OBJECT_PIN_TRIES(ref), VAULT_DEVICE, NO_BYTES, (span){left, 1}, &size);
    if (st == ST_NOT_FOUND) return ST_REFERENCE_UNKNOWN;
    return st == ST_OK && size != 1 ? ST_BAD_DATA : st;
}

static status tries_put(struct hsm *h, uint8_t ref, uint8_t left)
{
    return vault_put(&h->vault, OBJECT_PIN_TRIES(ref), VAULT_DEVICE, NO_BYTES, (bytes){&left, 1}, 0);
}

static status tries_set(struct hsm *h, uint8_t ref, uint8_t left)
{
    TRY(vault_begin(&h->vault));
    TRY(tries_put(h, ref, left));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

/* verifier(32) ‖ key(32). The device key goes in first: without the device secret no guess can be tried. All rounds go into
 * one block of PBKDF2: who guesses would compute no more than the verifier's. Records of before have two. */
static status stretch(struct hsm *h, uint8_t ref, bytes pin, const struct pin_record *rec, span out)
{
    SECRET(bound, 32);
    SECRET(block, 32);
    const struct progress *p = h->board->progress;
    bytes parts[] = {{&ref, 1}, pin};
    TRY(crypto_hmac(&h->crypto, CRYPTO_SHA256, BYTES(h->vault.pin_key), parts, COUNT(parts), bound));
    if (!rec->one_block) return crypto_pbkdf2(&h->crypto, CRYPTO_SHA256, view(bound), rec->salt, rec->rounds, p, out);
    TRY(crypto_pbkdf2(&h->crypto, CRYPTO_SHA256, view(bound), rec->salt, rec->rounds, p, block));
    return crypto_hkdf(&h->crypto, CRYPTO_SHA256, view(block), NO_BYTES, TEXT("pico-hsm pin 2"), out);
}

static status wrong_or_blocked(struct hsm *h, uint8_t left)
{
    h->tries_left = left;
    return left ? ST_PIN_WRONG : ST_PIN_BLOCKED;
}

status pin_state(struct hsm *h, uint8_t ref)
{
    PIN_RECORD(rec);
    uint8_t left;
    TRY(record_load(h, ref, &rec));
    TRY(tries_load(h, ref, &left));
    if (rec.transport) return ST_DATA_NOT_USABLE;
    if (ref == PIN_USER ? h->session.user_verified : h->session.so_verified) return ST_OK;
    return wrong_or_blocked(h, left);
}

/* The part of `data` that is compared: everything, or the stored length when something follows the PIN. */
static bytes guess_in(bytes data, const struct pin_record *rec, const bytes *rest)
{
    return rest && data.n > rec->length ? bytes_first(data, rec->length) : data;
}

static status compare(struct hsm *h, uint8_t ref, const struct pin_record *rec, bytes guess)
{
    SECRET(stretched, VERIFIER_SIZE + VAULT_KEY_SIZE);
    TRY(stretch(h, ref, guess, rec, stretched));
    bytes key = bytes_after(view(stretched), VERIFIER_SIZE);
    bool same = ct_equal(bytes_first(view(stretched), VERIFIER_SIZE), rec->verifier);
    if (!same) return ST_PIN_WRONG;
    return vault_root_unwrap(&h->vault, key, ref, rec->wrapped);
}

/* With `rest`, `data` is the PIN and what follows it. The counter is restored by the caller. */
static status charge_and_compare(struct hsm *h, uint8_t ref, bytes data, bytes *rest)
{
    PIN_RECORD(rec);
    uint8_t left;
    session_revoke(h); /* a presentation ends what was, whatever comes of it */
    TRY(record_load(h, ref, &rec));
    TRY(tries_load(h, ref, &left));
    if (left == 0) return ST_PIN_BLOCKED;
    TRY(tries_set(h, ref, (uint8_t)(left - 1))); /* first: pulling the plug must cost a try */
    status st = compare(h, ref, &rec, guess_in(data, &rec, rest));
    bool too_short = rest && data.n <= rec.length;
    if (st == ST_OK && too_short) { /* the PIN alone, nothing behind it: not what was asked for */
        vault_root_lock(&h->vault);
        st = ST_PIN_WRONG;
    }
    if (st == ST_PIN_WRONG) return wrong_or_blocked(h, (uint8_t)(left - 1));
    if (rest) *rest = bytes_after(data, rec.length);
    return st;
}

status pin_tries_max(struct hsm *h, uint8_t ref, uint8_t *tries_max)
{
    PIN_RECORD(rec);
    TRY(record_load(h, ref, &rec));
    *tries_max = rec.tries_max;
    return ST_OK;
}

status pin_tries_restore(struct hsm *h, uint8_t ref)
{
    uint8_t most;
    TRY(pin_tries_max(h, ref, &most));
    return tries_set(h, ref, most);
}

status pin_check(struct hsm *h, uint8_t ref, bytes guess)
{
    status st = charge_and_compare(h, ref, guess, NULL);
    if (st == ST_OK) st = pin_tries_restore(h, ref);
    if (st != ST_OK) vault_root_lock(&h->vault);
    return st;
}

status pin_check_prefix(struct hsm *h, uint8_t ref, bytes data, bytes *rest)
{
    *rest = NO_BYTES;
    return charge_and_compare(h, ref, data, rest);
}

void pin_grant(struct hsm *h, uint8_t ref)
{
    if (ref == PIN_USER) h->session.user_verified = h->session.root_is_users = true;
    else h->session.so_verified = true;
    domains_settle(h);
}

/* ---- setting ---- */

status pin_put(struct hsm *h, uint8_t ref, bytes pin, uint8_t tries_max, bool transport)
{
    SECRET(record, sizeof(((struct pin_record *)0)->raw));
    SECRET(stretched, VERIFIER_SIZE + VAULT_KEY_SIZE);
    struct pin_record cost = {.rounds = h->board->profile.pin_rounds, .one_block = true};
    buf b = buf_over(record);
    put_u8(&b, tries_max);
    put_u8(&b, RECORD_ONE_BLOCK | (transport ? RECORD_TRANSPORT : 0));
    put_u8(&b, (uint8_t)pin.n);
    put_u32(&b, cost.rounds);
    span salt = put_space(&b, SALT_SIZE);
    cost.salt = view(salt);
    TRY(crypto_random(&h->crypto, salt));
    TRY(stretch(h, ref, pin, &cost, stretched));
    put_bytes(&b, bytes_first(view(stretched), VERIFIER_SIZE));
    TRY(vault_root_wrap(&h->vault, bytes_after(view(stretched), VERIFIER_SIZE), ref,
                        put_space(&b, VAULT_WRAPPED_SIZE)));
    TRY(vault_put(&h->vault, OBJECT_PIN(ref), VAULT_DEVICE, NO_BYTES, written(&b), STORE_SECRET));
    return tries_put(h, ref, tries_max);
}

status pin_remove(struct hsm *h, uint8_t ref)
{
    TRY(vault_delete(&h->vault, OBJECT_PIN(ref)));
    return vault_delete(&h->vault, OBJECT_PIN_TRIES(ref));
}

status pin_cost_check(struct hsm *h, uint32_t rounds_max)
{
    static const uint8_t refs[] = {PIN_USER, PIN_SO};
    for (size_t i = 0; i < COUNT(refs); i++) {
        PIN_RECORD(rec);
        status st = record_load(h, refs[i], &rec);
        if (st == ST_REFERENCE_UNKNOWN) continue;
        TRY(st);
        if (rec.rounds > rounds_max) return ST_NOT_SUPPORTED;
    }
    return ST_OK;
}

/* ---- the session PIN ---- */

void session_pin_wipe(struct hsm *h)
{
    wipe((span){(uint8_t *)&h->session_pin, sizeof h->session_pin});
}

/* check(32) ‖ key(32); 64 random bits need no stretching. */
static status session_pin_keys(struct hsm *h, bytes pin, span keys)
{
    return crypto_hkdf(&h->crypto, CRYPTO_SHA256, pin, BYTES(h->session_pin.salt), TEXT("pico-hsm session pin 1"),
                       keys);
}

status session_pin_make(struct hsm *h, span pin)
{
    if (!h->vault.base_open) return ST_NOT_AUTHORIZED;
    struct session_pin *sp = &h->session_pin;
    session_pin_wipe(h);
    SECRET(keys, 64);
    TRY(crypto_random(&h->crypto, pin));
    TRY(crypto_random(&h->crypto, SPAN(sp->salt)));
    TRY(session_pin_keys(h, view(pin), keys));
    TRY(vault_root_wrap(&h->vault, bytes_after(view(keys), 32), 0x5A, SPAN(sp->wrapped)));
    span_copy(SPAN(sp->check), bytes_first(view(keys), 32));
    sp->set = true;
    return ST_OK;
}

/* Does the guess open the session PIN? Work is done in any case, so that time tells nothing. */
static bool session_pin_opens(struct hsm *h, bytes guess)
{
    SECRET(keys, 64);
    struct session_pin *sp = &h->session_pin;
    if (session_pin_keys(h, guess, keys) != ST_OK) return false;
    bool same = ct_equal(bytes_first(view(keys), 32), BYTES(sp->check));
    if (!sp->set || !same || guess.n != LIMIT_SESSION_PIN) return false;
    session_revoke(h);
    return vault_root_unwrap(&h->vault, bytes_after(view(keys), 32), 0x5A, BYTES(sp->wrapped)) == ST_OK;
}

static void session_pin_count_wrong(struct hsm *h)
{
    if (h->session_pin.set && ++h->session_pin.wrong >= SESSION_PIN_WRONG_MAX) session_pin_wipe(h);
}

status pin_verify_user(struct hsm *h, bytes guess)
{
    status before = pin_state(h, PIN_USER);
    bool usable = before == ST_OK || before == ST_PIN_WRONG; /* not blocked: decisions.md, session PIN */
    if (usable && h->session_pin.set && session_pin_opens(h, guess)) {
        pin_grant(h, PIN_USER);
        return ST_OK;
    }
    status st = pin_check(h, PIN_USER, guess);
    if (st == ST_OK) pin_grant(h, PIN_USER);
    if (st == ST_PIN_WRONG || st == ST_PIN_BLOCKED) session_pin_count_wrong(h);
    return st;
}
