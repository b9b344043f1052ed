/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed values: what the card keeps, and what a flash dump does not tell.
 *
 * Every value is sealed with AES-256-GCM under the device key (public things, PIN records) or under the root key
 * (private keys, protected data). The root lies in a box that opens with what the PINs open, the base, and while the card
 * is locked with a lock key besides. Key hierarchy: docs/vault.md.
 *
 * The associated data holds the value's store key, its version and what the caller adds, so a value cannot stand
 * in another's place. A sealed checksum over the set of all values, renewed in every transaction, makes a replayed,
 * swapped or missing one visible at open; only a whole old dump passes (docs/vault.md, "Rollback").
 *
 * Changes: begin, at most one put or delete for each key, commit. Reads see the committed state. */
#ifndef CARD_VAULT_H
#define CARD_VAULT_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "port/device_secret.h"
#include "port/progress.h"
#include "store/store.h"

enum vault_level {
    VAULT_DEVICE, /* opens with the device secret alone          */
    VAULT_ROOT,   /* opens only while the root is unlocked       */
};

#define VAULT_KEY_SIZE 32u
#define VAULT_OVERHEAD (4u + CRYPTO_AEAD_NONCE + CRYPTO_AEAD_TAG)
#define VAULT_PLAIN_MAX 1900u /* bytes of one value; an RSA-4096 key fits */
#define VAULT_BOUND_MAX 200u  /* bytes of what is bound to a value */
#define VAULT_KEPT_MAX 200u   /* bytes of a value that may stay open (vault_get_kept) */
#define VAULT_WRAPPED_SIZE (CRYPTO_AEAD_NONCE + VAULT_KEY_SIZE + CRYPTO_AEAD_TAG)

/* Does the change count as a change of objects (decisions.md, EF 2F1F)? PIN tries and use counters do not. */
enum vault_change { VAULT_BOOKKEEPING, VAULT_OBJECTS };

/* A value as it was opened last. */
struct vault_kept {
    uint32_t key; /* 0: none */
    uint16_t size, bound_size;
    uint8_t plain[VAULT_KEPT_MAX], bound[VAULT_BOUND_MAX];
};

/* Private fields. */
struct vault {
    struct crypto *crypto;
    struct store *store;
    const struct progress *progress;
    uint8_t device_key[VAULT_KEY_SIZE]; /* seals VAULT_DEVICE values and the state */
    uint8_t sum_key[VAULT_KEY_SIZE];    /* mixes a value into the checksum         */
    uint8_t pin_key[VAULT_KEY_SIZE];    /* ties PINs to this device                */
    uint8_t base[VAULT_KEY_SIZE];       /* what every PIN opens; opens the box     */
    uint8_t root[VAULT_KEY_SIZE];
    bool base_open, root_open;
    uint32_t version, generation;
    uint8_t sum[16], next_sum[16];
    struct vault_kept kept[VAULT_ROOT + 1]; /* one for each level */
    uint8_t work[VAULT_PLAIN_MAX + VAULT_OVERHEAD];
};

/* Binds the vault and opens what the store holds. `secret` may say that the chip has none. Nothing is written.
 * ST_OK
 * ST_NOT_FOUND          the store is empty: vault_birth
 * ST_NOT_SUPPORTED      written by a newer format
 * ST_DATA_NOT_USABLE    sealed with another device secret
 * ST_BAD_DATA           values were replayed, swapped, lost or damaged
 * ST_FLASH, ST_EXECUTION */
MUST_CHECK status vault_open(struct vault *v, struct crypto *c, struct store *s, const struct device_secret *secret,
                             const struct progress *progress);

/* Begins the first transaction of an empty store: device keys are made and put. The caller puts what else must
 * exist from the first start and commits. */
MUST_CHECK status vault_birth(struct vault *v, const struct device_secret *secret);

/* Within an open transaction: marks the flash as one of today's format, so that an older card refuses it. */
MUST_CHECK status vault_format_current(struct vault *v);

/* Wipes all keys. */
void vault_close(struct vault *v);

/* ---- the root key ---- */

/* Makes new random base and root, both open; the old ones are gone once vault_box_put and the base's new wrappings are
 * committed. */
MUST_CHECK status vault_root_new(struct vault *v);
/* Wraps the open base with a 32-byte key; `use` separates wrappings from each other. `wrapped` is
 * VAULT_WRAPPED_SIZE bytes. ST_NOT_AUTHORIZED when it is not open. */
MUST_CHECK status vault_root_wrap(struct vault *v, bytes key, uint8_t use, span wrapped);
/* Opens the base from its wrapping, and the root unless its box wants a lock key.
 * ST_DATA_NOT_USABLE: wrong key; base and root are closed then. */
MUST_CHECK status vault_root_unwrap(struct vault *v, bytes key, uint8_t use, bytes wrapped);
/* Wipes base and root from RAM. */
void vault_root_lock(struct vault *v);

/* Within an open transaction: puts the open root into its box, for the base and, unless empty, a lock key of 32 bytes.
 * The old box is erased when the transaction commits. ST_NOT_AUTHORIZED: base or root are not open. */
MUST_CHECK status vault_box_put(struct vault *v, bytes lock_key);
/* Opens the root with base and lock key; an open root stays open whatever comes of it.
 * ST_CONDITIONS: the box wants no lock key, or there is none; ST_DATA_NOT_USABLE: wrong lock key;
 * ST_NOT_AUTHORIZED: the base is not open. */
MUST_CHECK status vault_box_open(struct vault *v, bytes lock_key);
/* Wipes the root from RAM, not the base: a locked box wants its lock key again. */
void vault_box_close(struct vault *v);
/* Is there a box? A flash of format 1 has none until INITIALIZE: its PINs open the root itself. */
bool vault_has_box(const struct vault *v);

/* ---- values ---- */

/* Is there a committed value? Works for locked ones. */
bool vault_has(const struct vault *v, uint32_t key);
/* Size in bytes of the plain value. ST_NOT_FOUND. */
MUST_CHECK status vault_size(const struct vault *v, uint32_t key, size_t *size);
/* Opens the value into `into`, *size = its length. `bound` must equal what was given at put.
 * ST_NOT_FOUND; ST_NOT_AUTHORIZED root locked; ST_BAD_LENGTH `into` too small; ST_DATA_NOT_USABLE not authentic. */
MUST_CHECK status vault_get(struct vault *v, uint32_t key, enum vault_level level, bytes bound, span into,
                            size_t *size);
/* The same, for what is wanted again and again: the value that this has opened last at this level stays open in RAM, if it
 * has VAULT_KEPT_MAX bytes at most, until anything is committed, the root closes (VAULT_ROOT) or the vault does. */
MUST_CHECK status vault_get_kept(struct vault *v, uint32_t key, enum vault_level level, bytes bound, span into,
                                 size_t *size);
MUST_CHECK status vault_begin(struct vault *v);
/* Seals and puts a value of 0..VAULT_PLAIN_MAX bytes. `flags` as for store_put. `bound`: authenticated with it, not
 * stored, at most VAULT_BOUND_MAX bytes. On any error the transaction is over and nothing of it has happened. */
MUST_CHECK status vault_put(struct vault *v, uint32_t key, enum vault_level level, bytes bound, bytes plain,
                            unsigned flags);
/* ST_OK also when there is no such value. */
MUST_CHECK status vault_delete(struct vault *v, uint32_t key);
MUST_CHECK status vault_commit(struct vault *v, enum vault_change change);

#endif
