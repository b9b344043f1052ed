/* SPDX-License-Identifier: Apache-2.0 */
/* Key domains: shares, sums and the letterbox. */
#include "card/domains.h"

#include "card/files.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/objects.h"

#define FIELD 32u /* of P-256 */
#define POINT_SIZE (1u + 2u * FIELD)
#define LETTERS_MAX 255u
#define LETTERS_AT_ONCE 16u /* joined in one transaction */
/* A letter: point of its sender's one-time key, and the share sealed for the letterbox. */
#define LETTER_SIZE (POINT_SIZE + DKEK_SIZE + CRYPTO_AEAD_TAG)
/* Flash for a letter or a key, and the settings. */
#define DOMAIN_ROOM 512u

enum { MISSING_CLEARED = 0xFF, TOTAL_XKEK = 0xFF }; /* what XKEK domains report (formats.md 6.1) */

/* ---- state ---- */

status domain_check(const struct hsm *h, uint8_t n)
{
    if (n >= LIMIT_KEY_DOMAINS) return ST_BAD_P1P2;
    if (!h->settings.initialised) return ST_REFERENCE_UNKNOWN;
    return n < h->settings.domain_count ? ST_OK : ST_BAD_P1P2;
}

static const struct domain_state *state_of(const struct hsm *h, uint8_t n)
{
    return &h->settings.domains[n];
}

bool domain_is_set_up(const struct hsm *h, uint8_t n)
{
    return domain_check(h, n) == ST_OK && state_of(h, n)->kind != DOMAIN_UNDEFINED;
}

/* The first letter of a domain at `from` or above; 0: none. */
static unsigned next_letter(const struct hsm *h, uint8_t n, unsigned from)
{
    uint32_t found = store_next(&h->store, OBJECT_DOMAIN_LETTER(n, from));
    return found >> 16 == OBJECT_DOMAIN_KEY(n) >> 16 ? found & 0xFFFF : 0;
}

/* The value alone, however many shares it lacks. */
static status load_sum(struct hsm *h, uint8_t n, span sum)
{
    size_t size;
    TRY(vault_get(&h->vault, OBJECT_DOMAIN_KEY(n), VAULT_ROOT, NO_BYTES, sum, &size));
    return size == sum.n ? ST_OK : ST_DATA_NOT_USABLE;
}

status domain_dkek(struct hsm *h, uint8_t n, span dkek)
{
    if (!domain_is_set_up(h, n) || !h->vault.root_open) return ST_REFERENCE_UNKNOWN;
    if (state_of(h, n)->missing || next_letter(h, n, 1)) return ST_REFERENCE_UNKNOWN;
    status st = load_sum(h, n, dkek);
    return st == ST_NOT_FOUND ? ST_REFERENCE_UNKNOWN : st;
}

static status put_uid(struct hsm *h, uint8_t n, buf *reply)
{
    size_t size;
    span uid = put_space(reply, DOMAIN_UID_SIZE);
    if (reply->full) return ST_NO_SPACE;
    return vault_get(&h->vault, OBJECT_DOMAIN_UID(n), VAULT_DEVICE, NO_BYTES, uid, &size);
}

status domain_put_status(struct hsm *h, uint8_t n, buf *reply)
{
    uint8_t kcv[DKEK_KCV_SIZE] = {0};
    size_t size;
    const struct domain_state *d = state_of(h, n);
    status st = vault_get(&h->vault, OBJECT_DOMAIN_KCV(n), VAULT_DEVICE, NO_BYTES, SPAN(kcv), &size);
    if (st != ST_OK && st != ST_NOT_FOUND) return st;
    put_u8(reply, d->total);
    put_u8(reply, d->missing);
    put_bytes(reply, BYTES(kcv));
    return d->kind == DOMAIN_XKEK ? put_uid(h, n, reply) : ST_OK;
}

/* ---- changes; each is one transaction ---- */

/* Puts the new state within the open transaction and ends that. */
static status commit_state(struct hsm *h, uint8_t n, struct domain_state state, enum vault_change change)
{
    struct settings next = h->settings;
    next.domains[n] = state;
    TRY(settings_put(&h->vault, &next));
    TRY(vault_commit(&h->vault, change));
    h->settings = next;
    return ST_OK;
}

static status put_sum(struct hsm *h, uint8_t n, bytes sum)
{
    return vault_put(&h->vault, OBJECT_DOMAIN_KEY(n), VAULT_ROOT, NO_BYTES, sum, STORE_SECRET);
}

/* A sum to which nothing is missing any more. */
static status put_dkek(struct hsm *h, uint8_t n, bytes dkek)
{
    uint8_t kcv[DKEK_KCV_SIZE];
    TRY(put_sum(h, n, dkek));
    status st = key_blob_kcv(&h->crypto, dkek, SPAN(kcv));
    if (st != ST_OK) store_abort(&h->store);
    TRY(st);
    return vault_put(&h->vault, OBJECT_DOMAIN_KCV(n), VAULT_DEVICE, NO_BYTES, BYTES(kcv), 0);
}

static status remove_key(struct hsm *h, uint8_t n)
{
    for (unsigned i = next_letter(h, n, 1); i; i = next_letter(h, n, i + 1)) {
        TRY(vault_delete(&h->vault, OBJECT_DOMAIN_LETTER(n, i)));
    }
    TRY(vault_delete(&h->vault, OBJECT_DOMAIN_KCV(n)));
    return vault_delete(&h->vault, OBJECT_DOMAIN_KEY(n));
}

static void xor_into(span sum, bytes share)
{
    for (size_t i = 0; i < sum.n && i < share.n; i++) sum.p[i] ^= share.p[i];
}

/* The sum so far; zeros before the first share. */
static status load_or_zero(struct hsm *h, uint8_t n, span sum)
{
    status st = load_sum(h, n, sum);
    if (st != ST_NOT_FOUND) return st;
    wipe(sum);
    return ST_OK;
}

status domain_set_up(struct hsm *h, uint8_t n, uint8_t shares)
{
    SECRET(dkek, DKEK_SIZE);
    if (domain_is_set_up(h, n)) return ST_BAD_P1P2;
    TRY(vault_begin(&h->vault));
    if (shares) return commit_state(h, n, (struct domain_state){DOMAIN_SHARES, shares, shares}, VAULT_OBJECTS);
    TRY(crypto_random(&h->crypto, dkek));
    TRY(put_dkek(h, n, view(dkek)));
    return commit_state(h, n, (struct domain_state){DOMAIN_SHARES, 1, 0}, VAULT_OBJECTS);
}

status domain_clear(struct hsm *h, uint8_t n)
{
    if (!domain_is_set_up(h, n)) return ST_REFERENCE_UNKNOWN;
    struct domain_state state = *state_of(h, n);
    state.missing = state.kind == DOMAIN_XKEK ? MISSING_CLEARED : state.total;
    if (state.kind == DOMAIN_RANDOM) state.kind = DOMAIN_SHARES;
    TRY(vault_begin(&h->vault));
    TRY(remove_key(h, n));
    return commit_state(h, n, state, VAULT_OBJECTS);
}

static status no_key_names(struct hsm *h, uint8_t n)
{
    struct key_info info;
    for (uint8_t id = key_next(h, 1); id; id = key_next(h, id + 1u)) {
        TRY(key_info_load(h, id, &info));
        if (info.metadata.has_domain && info.metadata.domain == n) return ST_EXISTS;
    }
    return ST_OK;
}

status domain_delete(struct hsm *h, uint8_t n)
{
    if (!domain_is_set_up(h, n)) return ST_BAD_P1P2;
    TRY(no_key_names(h, n));
    TRY(vault_begin(&h->vault));
    TRY(remove_key(h, n));
    TRY(vault_delete(&h->vault, OBJECT_DOMAIN_UID(n)));
    return commit_state(h, n, (struct domain_state){DOMAIN_UNDEFINED, 0, 0}, VAULT_OBJECTS);
}

status domain_put_group(struct hsm *h, uint8_t n, bytes uid)
{
    if (domain_is_set_up(h, n)) return ST_BAD_P1P2;
    TRY(vault_begin(&h->vault));
    TRY(vault_put(&h->vault, OBJECT_DOMAIN_UID(n), VAULT_DEVICE, NO_BYTES, uid, 0));
    return commit_state(h, n, (struct domain_state){DOMAIN_XKEK, TOTAL_XKEK, 0}, VAULT_OBJECTS);
}

status domain_group(struct hsm *h, uint8_t n, span uid)
{
    size_t size;
    if (!domain_is_set_up(h, n) || state_of(h, n)->kind != DOMAIN_XKEK) return ST_REFERENCE_UNKNOWN;
    return vault_get(&h->vault, OBJECT_DOMAIN_UID(n), VAULT_DEVICE, NO_BYTES, uid, &size);
}

status domain_wants_agreed(struct hsm *h, uint8_t n)
{
    if (!domain_is_set_up(h, n) || state_of(h, n)->kind != DOMAIN_XKEK) return ST_CONDITIONS;
    if (vault_has(&h->vault, OBJECT_DOMAIN_KEY(n))) return ST_CONDITIONS;
    return file_room(h, DOMAIN_ROOM) ? ST_OK : ST_NO_SPACE;
}

status domain_put_agreed(struct hsm *h, uint8_t n, bytes dkek)
{
    TRY(domain_wants_agreed(h, n));
    struct domain_state state = *state_of(h, n);
    if (dkek.n != DKEK_SIZE) return ST_EXECUTION;
    state.missing = 0;
    TRY(vault_begin(&h->vault));
    TRY(put_dkek(h, n, dkek));
    return commit_state(h, n, state, VAULT_OBJECTS);
}

/* ---- the letterbox ---- */

/* The key of one letter; both points are in it, so that it belongs to this letter and this box only. */
static status letter_key(struct hsm *h, bytes d, bytes peer, bytes sender, bytes box, span key)
{
    SECRET(x, FIELD);
    uint8_t info[2 * POINT_SIZE];
    buf b = BUF(info);
    put_bytes(&b, sender);
    put_bytes(&b, box);
    TRY(crypto_ecdh(&h->crypto, CRYPTO_SECP256R1, d, peer, x));
    return crypto_hkdf(&h->crypto, CRYPTO_SHA256, view(x), TEXT("pico-hsm letter 1"), written(&b), key);
}

static status load_box_point(struct hsm *h, span point)
{
    size_t size;
    TRY(vault_get(&h->vault, OBJECT_LETTERBOX_POINT, VAULT_DEVICE, NO_BYTES, point, &size));
    return size == point.n ? ST_OK : ST_DATA_NOT_USABLE;
}

/* Each letter has a key of its own, so the nonce may be zero. */
static const uint8_t letter_nonce[CRYPTO_AEAD_NONCE];

static status write_letter(struct hsm *h, uint8_t n, bytes share, span letter)
{
    SECRET(d, FIELD);
    SECRET(key, CRYPTO_AEAD_KEY);
    uint8_t box[POINT_SIZE];
    span sender = span_part(letter, 0, POINT_SIZE);
    TRY(load_box_point(h, SPAN(box)));
    TRY(crypto_ec_generate(&h->crypto, CRYPTO_SECP256R1, d, sender));
    TRY(letter_key(h, view(d), BYTES(box), view(sender), BYTES(box), key));
    return crypto_aead_seal(&h->crypto, view(key), BYTES(letter_nonce), (bytes){&n, 1}, share,
                            span_part(letter, POINT_SIZE, letter.n));
}

static status read_letter(struct hsm *h, uint8_t n, unsigned i, span share)
{
    SECRET(d, FIELD);
    SECRET(key, CRYPTO_AEAD_KEY);
    uint8_t letter[LETTER_SIZE], box[POINT_SIZE];
    size_t size;
    TRY(load_box_point(h, SPAN(box)));
    TRY(vault_get(&h->vault, OBJECT_LETTERBOX_KEY, VAULT_ROOT, NO_BYTES, d, &size));
    TRY(vault_get(&h->vault, OBJECT_DOMAIN_LETTER(n, i), VAULT_DEVICE, NO_BYTES, SPAN(letter), &size));
    if (size != sizeof letter) return ST_DATA_NOT_USABLE;
    bytes sender = {letter, POINT_SIZE};
    TRY(letter_key(h, view(d), sender, sender, BYTES(box), key));
    return crypto_aead_open(&h->crypto, view(key), BYTES(letter_nonce), (bytes){&n, 1},
                            bytes_after(BYTES(letter), POINT_SIZE), share);
}

static status make_letterbox(struct hsm *h)
{
    SECRET(d, FIELD);
    uint8_t point[POINT_SIZE];
    if (vault_has(&h->vault, OBJECT_LETTERBOX_KEY)) return ST_OK;
    TRY(crypto_ec_generate(&h->crypto, CRYPTO_SECP256R1, d, SPAN(point)));
    TRY(vault_begin(&h->vault));
    TRY(vault_put(&h->vault, OBJECT_LETTERBOX_KEY, VAULT_ROOT, NO_BYTES, view(d), STORE_SECRET));
    TRY(vault_put(&h->vault, OBJECT_LETTERBOX_POINT, VAULT_DEVICE, NO_BYTES, BYTES(point), 0));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

/* ---- shares ---- */

/* The first number no letter of this domain has. */
static unsigned free_letter(const struct hsm *h, uint8_t n)
{
    unsigned i = 1;
    while (i <= LETTERS_MAX && vault_has(&h->vault, OBJECT_DOMAIN_LETTER(n, i))) i++;
    return i;
}

static status post_share(struct hsm *h, uint8_t n, bytes share, struct domain_state state)
{
    uint8_t letter[LETTER_SIZE];
    unsigned i = free_letter(h, n);
    if (!vault_has(&h->vault, OBJECT_LETTERBOX_POINT)) return ST_CONDITIONS;
    if (i > LETTERS_MAX) return ST_NO_SPACE;
    TRY(write_letter(h, n, share, SPAN(letter)));
    TRY(vault_begin(&h->vault));
    TRY(vault_put(&h->vault, OBJECT_DOMAIN_LETTER(n, i), VAULT_DEVICE, NO_BYTES, BYTES(letter), STORE_SECRET));
    return commit_state(h, n, state, VAULT_OBJECTS);
}

static status add_share(struct hsm *h, uint8_t n, bytes share, struct domain_state state)
{
    SECRET(sum, DKEK_SIZE);
    TRY(load_or_zero(h, n, sum));
    xor_into(sum, share);
    bool complete = state.missing == 0 && next_letter(h, n, 1) == 0;
    TRY(vault_begin(&h->vault));
    TRY(complete ? put_dkek(h, n, view(sum)) : put_sum(h, n, view(sum)));
    return commit_state(h, n, state, VAULT_OBJECTS);
}

status domain_import_share(struct hsm *h, uint8_t n, bytes share)
{
    struct domain_state state = *state_of(h, n);
    if (state.kind != DOMAIN_SHARES || state.missing == 0) return ST_NOT_ALLOWED;
    if (!file_room(h, DOMAIN_ROOM)) return ST_NO_SPACE;
    state.missing--;
    return h->vault.root_open ? add_share(h, n, share, state) : post_share(h, n, share, state);
}

/* ---- what waited for the root ---- */

/* Joins up to LETTERS_AT_ONCE letters; *more: there may be others. */
static status join_letters(struct hsm *h, uint8_t n, bool *more)
{
    SECRET(sum, DKEK_SIZE);
    SECRET(share, DKEK_SIZE);
    unsigned count = 0, i = next_letter(h, n, 1);
    *more = false;
    if (!i) return ST_OK;
    TRY(load_or_zero(h, n, sum));
    TRY(vault_begin(&h->vault));
    for (; i && count < LETTERS_AT_ONCE; i = next_letter(h, n, i + 1), count++) {
        TRY(read_letter(h, n, i, share));
        TRY(vault_delete(&h->vault, OBJECT_DOMAIN_LETTER(n, i)));
        xor_into(sum, view(share));
    }
    *more = i != 0;
    bool complete = state_of(h, n)->missing == 0 && !*more;
    TRY(complete ? put_dkek(h, n, view(sum)) : put_sum(h, n, view(sum)));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING); /* counted when they were posted */
}

static status make_random(struct hsm *h, uint8_t n)
{
    SECRET(dkek, DKEK_SIZE);
    struct domain_state state = *state_of(h, n);
    if (state.kind != DOMAIN_RANDOM) return ST_OK;
    state.kind = DOMAIN_SHARES;
    TRY(crypto_random(&h->crypto, dkek));
    TRY(vault_begin(&h->vault));
    TRY(put_dkek(h, n, view(dkek)));
    return commit_state(h, n, state, VAULT_BOOKKEEPING);
}

static status settle(struct hsm *h)
{
    TRY(make_letterbox(h));
    for (uint8_t n = 0; n < h->settings.domain_count; n++) {
        TRY(make_random(h, n));
        for (bool more = true; more;) TRY(join_letters(h, n, &more));
    }
    return ST_OK;
}

void domains_settle(struct hsm *h)
{
    if (h->vault.root_open && settle(h) != ST_OK) store_abort(&h->store);
}
