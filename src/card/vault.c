/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing, the root key, and the checksum over all values. Format and arguments: docs/vault.md. */
#include "card/vault.h"

#include "card/objects.h"

#define VAULT_FORMAT 2u /* 1: no box */
#define BIRTH_SIZE (4u + 2u + 1u + 32u + 16u)
#define STATE_SIZE (16u + 4u)
#define BOX_SIZE (1u + VAULT_WRAPPED_SIZE)

static span device_key(struct vault *v)
{
    return SPAN(v->device_key);
}

/* ---- device keys ---- */

/* Everything hangs on the device secret and on a salt of this flash, so that two flashes never share a key. */
static status derive_device_keys(struct vault *v, const struct device_secret *secret, bytes salt, span check)
{
    SECRET(ikm, DEVICE_SECRET_SIZE);
    memset(ikm.p, 0, ikm.n);
    if (secret->present) TRY(secret->read(secret->ctx, ikm));
    SECRET(keys, 3 * VAULT_KEY_SIZE + 16);
    TRY(crypto_hkdf(v->crypto, CRYPTO_SHA256, view(ikm), salt, TEXT("pico-hsm device keys 1"), keys));
    reader r = read_from(view(keys));
    span_copy(device_key(v), rd_take(&r, VAULT_KEY_SIZE));
    span_copy(SPAN(v->sum_key), rd_take(&r, VAULT_KEY_SIZE));
    span_copy(SPAN(v->pin_key), rd_take(&r, VAULT_KEY_SIZE));
    span_copy(check, rd_rest(&r));
    return ST_OK;
}

/* The birth record is the only unsealed one: magic(4) format(2) has_secret(1) salt(32) check(16). */
static status open_birth(struct vault *v, const struct device_secret *secret)
{
    uint8_t birth[BIRTH_SIZE];
    size_t size = 0;
    TRY(store_size(v->store, OBJECT_BIRTH, &size));
    if (size != BIRTH_SIZE) return ST_BAD_DATA;
    TRY(store_read(v->store, OBJECT_BIRTH, 0, SPAN(birth)));
    reader r = read_from(BYTES(birth));
    if (!bytes_equal(rd_take(&r, 4), TEXT("PHSM"))) return ST_BAD_DATA;
    if (rd_u16(&r) > VAULT_FORMAT) return ST_NOT_SUPPORTED;
    bool has_secret = rd_u8(&r) != 0;
    if (has_secret != secret->present) return ST_DATA_NOT_USABLE;
    bytes salt = rd_take(&r, 32);
    uint8_t check[16];
    TRY(derive_device_keys(v, secret, salt, SPAN(check)));
    return ct_equal(BYTES(check), rd_rest(&r)) ? ST_OK : ST_DATA_NOT_USABLE;
}

/* ---- the checksum over all values ---- */

/* One value's contribution: AES-256 of its store key and the head of its tag. The sum of a set is the XOR of its
 * members; without sum_key, and with the sum itself sealed, no other set with the same sum can be found. */
static status mix_into(struct vault *v, uint8_t sum[16], uint32_t key, bytes tag)
{
    uint8_t block[16], mixed[16];
    if (tag.n < 12) return ST_BAD_DATA; /* no sealed value is that short */
    be_put((span){block, 4}, key);
    memcpy(block + 4, tag.p, 12);
    TRY(crypto_aes_block(v->crypto, BYTES(v->sum_key), BYTES(block), SPAN(mixed)));
    for (size_t i = 0; i < 16; i++) sum[i] ^= mixed[i];
    return ST_OK;
}

/* Mixes the stored value of `key` in (or out, which is the same). ST_NOT_FOUND when there is none. */
static status mix_stored(struct vault *v, uint8_t sum[16], uint32_t key)
{
    size_t size = 0;
    TRY(store_size(v->store, key, &size));
    if (size < VAULT_OVERHEAD) return ST_BAD_DATA;
    uint8_t tag[CRYPTO_AEAD_TAG];
    TRY(store_read(v->store, key, size - sizeof tag, SPAN(tag)));
    return mix_into(v, sum, key, BYTES(tag));
}

static status sum_all(struct vault *v, uint8_t sum[16])
{
    memset(sum, 0, 16);
    for (uint32_t key = store_next(v->store, 1); key; key = store_next(v->store, key + 1)) {
        if (key == OBJECT_BIRTH || key == OBJECT_STATE) continue;
        TRY(mix_stored(v, sum, key));
    }
    return ST_OK;
}

/* ---- sealing ---- */

/* key(4) version(4) level(1) bound */
static bytes associated(uint8_t into[9 + VAULT_BOUND_MAX], uint32_t key, uint32_t version, enum vault_level level,
                        bytes bound)
{
    buf b = {into, 0, 9 + VAULT_BOUND_MAX, false};
    put_u32(&b, key);
    put_u32(&b, version);
    put_u8(&b, (uint8_t)level);
    put_bytes(&b, bound);
    return written(&b);
}

static bytes sealing_key(const struct vault *v, enum vault_level level)
{
    return level == VAULT_ROOT ? BYTES(v->root) : BYTES(v->device_key);
}

/* Leaves version(4) nonce(12) ciphertext tag(16) in the work buffer. */
static status seal(struct vault *v, uint32_t key, enum vault_level level, bytes bound, bytes plain, bytes *sealed)
{
    if (plain.n > VAULT_PLAIN_MAX || bound.n > VAULT_BOUND_MAX) return ST_BAD_LENGTH;
    if (level == VAULT_ROOT && !v->root_open) return ST_NOT_AUTHORIZED;
    buf b = BUF(v->work);
    put_u32(&b, v->version + 1);
    span nonce = put_space(&b, CRYPTO_AEAD_NONCE);
    TRY(crypto_random(v->crypto, nonce));
    span body = put_space(&b, plain.n + CRYPTO_AEAD_TAG);
    uint8_t aad[9 + VAULT_BOUND_MAX];
    TRY(crypto_aead_seal(v->crypto, sealing_key(v, level), view(nonce),
                         associated(aad, key, v->version + 1, level, bound), plain, body));
    *sealed = written(&b);
    return ST_OK;
}

status vault_get(struct vault *v, uint32_t key, enum vault_level level, bytes bound, span into, size_t *size)
{
    *size = 0;
    size_t stored = 0;
    TRY(store_size(v->store, key, &stored));
    if (stored < VAULT_OVERHEAD || stored > sizeof v->work || bound.n > VAULT_BOUND_MAX) return ST_DATA_NOT_USABLE;
    if (level == VAULT_ROOT && !v->root_open) return ST_NOT_AUTHORIZED;
    if (stored - VAULT_OVERHEAD > into.n) return ST_BAD_LENGTH;
    TRY(store_read(v->store, key, 0, (span){v->work, stored}));
    reader r = read_from((bytes){v->work, stored});
    uint32_t version = rd_u32(&r);
    bytes nonce = rd_take(&r, CRYPTO_AEAD_NONCE);
    uint8_t aad[9 + VAULT_BOUND_MAX];
    TRY(crypto_aead_open(v->crypto, sealing_key(v, level), nonce, associated(aad, key, version, level, bound),
                         rd_rest(&r), span_part(into, 0, stored - VAULT_OVERHEAD)));
    *size = stored - VAULT_OVERHEAD;
    return ST_OK;
}

/* ---- values that stay open ---- */

static void forget(struct vault *v, enum vault_level level)
{
    if (v->kept[level].key) wipe((span){(uint8_t *)&v->kept[level], sizeof v->kept[level]});
}

static void forget_all(struct vault *v)
{
    forget(v, VAULT_DEVICE);
    forget(v, VAULT_ROOT);
}

static void keep(struct vault_kept *kept, uint32_t key, bytes bound, bytes plain)
{
    if (plain.n > VAULT_KEPT_MAX) return;
    kept->key = key;
    kept->size = (uint16_t)plain.n;
    kept->bound_size = (uint16_t)bound.n;
    (void)span_copy(SPAN(kept->plain), plain);
    (void)span_copy(SPAN(kept->bound), bound);
}

static bool is_kept(const struct vault_kept *kept, uint32_t key, bytes bound)
{
    return kept->key && kept->key == key && bytes_equal((bytes){kept->bound, kept->bound_size}, bound);
}

status vault_get_kept(struct vault *v, uint32_t key, enum vault_level level, bytes bound, span into, size_t *size)
{
    struct vault_kept *kept = &v->kept[level];
    *size = 0;
    if (is_kept(kept, key, bound)) {
        if (!span_copy(into, (bytes){kept->plain, kept->size})) return ST_BAD_LENGTH;
        *size = kept->size;
        return ST_OK;
    }
    forget(v, level);
    TRY(vault_get(v, key, level, bound, into, size));
    keep(kept, key, bound, (bytes){into.p, *size});
    return ST_OK;
}

bool vault_has(const struct vault *v, uint32_t key)
{
    size_t size;
    return store_size(v->store, key, &size) == ST_OK;
}

status vault_size(const struct vault *v, uint32_t key, size_t *size)
{
    TRY(store_size(v->store, key, size));
    if (*size < VAULT_OVERHEAD) return ST_DATA_NOT_USABLE;
    *size -= VAULT_OVERHEAD;
    return ST_OK;
}

/* ---- transactions ---- */

status vault_begin(struct vault *v)
{
    memcpy(v->next_sum, v->sum, sizeof v->sum);
    return store_begin(v->store);
}

static status put_sealed(struct vault *v, uint32_t key, enum vault_level level, bytes bound, bytes plain,
                         unsigned flags)
{
    status old = mix_stored(v, v->next_sum, key);
    if (old != ST_OK && old != ST_NOT_FOUND) return old;
    bytes sealed;
    TRY(seal(v, key, level, bound, plain, &sealed));
    TRY(mix_into(v, v->next_sum, key, bytes_after(sealed, sealed.n - CRYPTO_AEAD_TAG)));
    return store_put(v->store, key, sealed, flags);
}

static status end_failed(struct vault *v, status st)
{
    if (st != ST_OK) store_abort(v->store);
    return st;
}

status vault_put(struct vault *v, uint32_t key, enum vault_level level, bytes bound, bytes plain, unsigned flags)
{
    return end_failed(v, put_sealed(v, key, level, bound, plain, flags));
}

status vault_delete(struct vault *v, uint32_t key)
{
    status st = mix_stored(v, v->next_sum, key);
    if (st == ST_NOT_FOUND) return ST_OK;
    if (st == ST_OK) st = store_delete(v->store, key);
    return end_failed(v, st);
}

/* The state holds the checksum and the object generation; its own version is the vault's. */
static status put_state(struct vault *v, uint32_t generation)
{
    uint8_t state[STATE_SIZE];
    buf b = BUF(state);
    put_bytes(&b, BYTES(v->next_sum));
    put_u32(&b, generation);
    bytes sealed;
    TRY(seal(v, OBJECT_STATE, VAULT_DEVICE, NO_BYTES, BYTES(state), &sealed));
    return store_put(v->store, OBJECT_STATE, sealed, 0);
}

status vault_commit(struct vault *v, enum vault_change change)
{
    uint32_t generation = v->generation + (change == VAULT_OBJECTS ? 1 : 0);
    forget_all(v);
    TRY(end_failed(v, put_state(v, generation)));
    TRY(store_commit(v->store, v->progress));
    memcpy(v->sum, v->next_sum, sizeof v->sum);
    v->generation = generation;
    v->version++;
    return ST_OK;
}

/* ---- opening and birth ---- */

static status open_state(struct vault *v)
{
    uint8_t state[STATE_SIZE], sum[16];
    size_t size;
    status st = vault_get(v, OBJECT_STATE, VAULT_DEVICE, NO_BYTES, SPAN(state), &size);
    if (st != ST_OK || size != STATE_SIZE) return st == ST_FLASH ? ST_FLASH : ST_BAD_DATA;
    v->version = be_get((bytes){v->work, 4});
    v->generation = be_get((bytes){state + 16, 4});
    TRY(sum_all(v, sum));
    memcpy(v->sum, sum, sizeof sum);
    return ct_equal(BYTES(sum), (bytes){state, 16}) ? ST_OK : ST_BAD_DATA;
}

status vault_open(struct vault *v, struct crypto *c, struct store *s, const struct device_secret *secret,
                  const struct progress *progress)
{
    memset(v, 0, sizeof *v);
    v->crypto = c;
    v->store = s;
    v->progress = progress;
    if (store_next(s, 1) == 0) return ST_NOT_FOUND;
    status st = open_birth(v, secret);
    if (st == ST_NOT_FOUND) st = ST_BAD_DATA;
    if (st == ST_OK) st = open_state(v);
    if (st != ST_OK) vault_close(v);
    return st;
}

status vault_birth(struct vault *v, const struct device_secret *secret)
{
    uint8_t birth[BIRTH_SIZE], salt[32], check[16];
    TRY(crypto_random(v->crypto, SPAN(salt)));
    TRY(derive_device_keys(v, secret, BYTES(salt), SPAN(check)));
    buf b = BUF(birth);
    put_bytes(&b, TEXT("PHSM"));
    put_u16(&b, VAULT_FORMAT);
    put_u8(&b, secret->present);
    put_bytes(&b, BYTES(salt));
    put_bytes(&b, BYTES(check));
    TRY(vault_begin(v));
    return end_failed(v, store_put(v->store, OBJECT_BIRTH, BYTES(birth), 0));
}

status vault_format_current(struct vault *v)
{
    uint8_t birth[BIRTH_SIZE];
    TRY(end_failed(v, store_read(v->store, OBJECT_BIRTH, 0, SPAN(birth))));
    if (be_get((bytes){birth + 4, 2}) == VAULT_FORMAT) return ST_OK;
    be_put((span){birth + 4, 2}, VAULT_FORMAT);
    return end_failed(v, store_put(v->store, OBJECT_BIRTH, BYTES(birth), 0));
}

void vault_close(struct vault *v)
{
    vault_root_lock(v);
    wipe(SPAN(v->device_key));
    wipe(SPAN(v->sum_key));
    wipe(SPAN(v->pin_key));
    wipe(SPAN(v->work));
    forget_all(v);
}

/* ---- the root key ---- */

enum { BOX_FREE, BOX_LOCKED };

status vault_root_new(struct vault *v)
{
    vault_root_lock(v);
    TRY(crypto_random(v->crypto, SPAN(v->base)));
    TRY(crypto_random(v->crypto, SPAN(v->root)));
    v->base_open = v->root_open = true;
    return ST_OK;
}

static status wrap_key(struct vault *v, bytes key, uint8_t use, bytes plain, span wrapped)
{
    span nonce = span_part(wrapped, 0, CRYPTO_AEAD_NONCE);
    TRY(crypto_random(v->crypto, nonce));
    return crypto_aead_seal(v->crypto, key, view(nonce), (bytes){&use, 1}, plain,
                            span_part(wrapped, CRYPTO_AEAD_NONCE, VAULT_KEY_SIZE + CRYPTO_AEAD_TAG));
}

static status unwrap_key(struct vault *v, bytes key, uint8_t use, bytes wrapped, span plain)
{
    reader r = read_from(wrapped);
    bytes nonce = rd_take(&r, CRYPTO_AEAD_NONCE);
    bytes sealed = rd_take(&r, VAULT_KEY_SIZE + CRYPTO_AEAD_TAG);
    if (!rd_done(&r)) return ST_DATA_NOT_USABLE;
    return crypto_aead_open(v->crypto, key, nonce, (bytes){&use, 1}, sealed, plain);
}

/* What closes the box: base and lock key together, so that neither opens it alone. */
static status box_key(struct vault *v, bytes lock_key, span key)
{
    SECRET(ikm, 2 * VAULT_KEY_SIZE);
    buf b = buf_over(ikm);
    put_bytes(&b, BYTES(v->base));
    put_bytes(&b, lock_key);
    return crypto_hkdf(v->crypto, CRYPTO_SHA256, written(&b), NO_BYTES,
                       lock_key.n ? TEXT("pico-hsm locked root 1") : TEXT("pico-hsm root 1"), key);
}

bool vault_has_box(const struct vault *v)
{
    return vault_has(v, OBJECT_ROOT_BOX);
}

/* kind(1) wrapped(60) */
status vault_box_put(struct vault *v, bytes lock_key)
{
    uint8_t box[BOX_SIZE];
    SECRET(key, VAULT_KEY_SIZE);
    box[0] = lock_key.n ? BOX_LOCKED : BOX_FREE;
    if (!v->base_open || !v->root_open) return end_failed(v, ST_NOT_AUTHORIZED);
    TRY(end_failed(v, box_key(v, lock_key, key)));
    TRY(end_failed(v, wrap_key(v, view(key), box[0], BYTES(v->root), (span){box + 1, VAULT_WRAPPED_SIZE})));
    return vault_put(v, OBJECT_ROOT_BOX, VAULT_DEVICE, NO_BYTES, BYTES(box), STORE_SECRET);
}

static status load_box(struct vault *v, uint8_t box[BOX_SIZE])
{
    size_t size;
    TRY(vault_get(v, OBJECT_ROOT_BOX, VAULT_DEVICE, NO_BYTES, (span){box, BOX_SIZE}, &size));
    return size == BOX_SIZE ? ST_OK : ST_DATA_NOT_USABLE;
}

static status open_box(struct vault *v, const uint8_t box[BOX_SIZE], bytes lock_key)
{
    SECRET(key, VAULT_KEY_SIZE);
    SECRET(root, VAULT_KEY_SIZE);
    TRY(box_key(v, lock_key, key));
    TRY(unwrap_key(v, view(key), box[0], (bytes){box + 1, VAULT_WRAPPED_SIZE}, root));
    (void)span_copy(SPAN(v->root), view(root));
    v->root_open = true;
    return ST_OK;
}

status vault_box_open(struct vault *v, bytes lock_key)
{
    uint8_t box[BOX_SIZE];
    if (!v->base_open) return ST_NOT_AUTHORIZED;
    status st = load_box(v, box);
    if (st == ST_NOT_FOUND || (st == ST_OK && box[0] != BOX_LOCKED)) return ST_CONDITIONS;
    TRY(st);
    return open_box(v, box, lock_key);
}

void vault_box_close(struct vault *v)
{
    wipe(SPAN(v->root));
    v->root_open = false;
    forget(v, VAULT_ROOT);
}

/* What a PIN alone opens beside the base: the root, unless it is locked. */
static status open_free_box(struct vault *v)
{
    uint8_t box[BOX_SIZE];
    status st = load_box(v, box);
    if (st == ST_OK) return box[0] == BOX_LOCKED ? ST_OK : open_box(v, box, NO_BYTES);
    if (st != ST_NOT_FOUND) return st;
    (void)span_copy(SPAN(v->root), BYTES(v->base)); /* format 1 */
    v->root_open = true;
    return ST_OK;
}

status vault_root_wrap(struct vault *v, bytes key, uint8_t use, span wrapped)
{
    return v->base_open ? wrap_key(v, key, use, BYTES(v->base), wrapped) : ST_NOT_AUTHORIZED;
}

status vault_root_unwrap(struct vault *v, bytes key, uint8_t use, bytes wrapped)
{
    vault_root_lock(v);
    TRY(unwrap_key(v, key, use, wrapped, SPAN(v->base)));
    v->base_open = true;
    status st = open_free_box(v);
    if (st != ST_OK) vault_root_lock(v);
    return st;
}

void vault_root_lock(struct vault *v)
{
    wipe(SPAN(v->base));
    v->base_open = false;
    vault_box_close(v);
}
