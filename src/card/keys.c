/* SPDX-License-Identifier: Apache-2.0 */
/* Key values, admission and use. */
#include "card/keys.h"

#include "card/files.h"
#include "card/hsm.h"
#include "card/machine.h"
#include "card/objects.h"
#include "wire/pkcs15.h"

/* ---- which ---- */

bool key_exists(struct hsm *h, uint8_t id)
{
    return vault_has(&h->vault, OBJECT_KEY(id));
}

uint8_t key_next(struct hsm *h, unsigned from)
{
    uint32_t found = store_next(&h->store, STORE_KEY(FID_OF(FID_PREFIX_KEY, from), 0));
    uint16_t object = (uint16_t)(found >> 16);
    return from <= 0xFF && object >> 8 == FID_PREFIX_KEY ? (uint8_t)object : 0;
}

enum key_type key_okp_type(enum crypto_okp okp)
{
    return crypto_okp_params(okp)->signs ? KEY_EDWARDS : KEY_MONTGOMERY;
}

static bool is_okp(const struct key_info *info)
{
    return info->type == KEY_MONTGOMERY || info->type == KEY_EDWARDS;
}

/* ---- public part: type(1) imported(1) curve(1) bits(2) e(4) metadata TLVs ---- */

_Static_assert(9 + (2 + LIMIT_ALGORITHM_LIST) + (2 + 1) + (3 + LIMIT_WRAPPING_ID) + (2 + 1) <= KEY_INFO_SIZE_MAX,
               "whatever tags 91 to 94 may be fits");

static void write_info(const struct key_info *info, buf *out)
{
    struct key_metadata stored = info->metadata;
    stored.has_counter = false; /* lives in a value of its own: it changes with every use */
    if (info->type != KEY_SECRET) stored.kind = SECRET_ANY;
    put_u8(out, (uint8_t)info->type);
    put_u8(out, info->imported);
    put_u8(out, is_okp(info) ? (uint8_t)info->okp : (uint8_t)info->curve);
    put_u16(out, (uint16_t)(info->type == KEY_SECRET ? 8 * info->secret_size : info->rsa_bits));
    put_u32(out, info->rsa_e);
    key_metadata_put(out, &stored);
}

static status read_info(struct key_info *info)
{
    reader r = read_from((bytes){info->raw, info->raw_size});
    info->type = (enum key_type)rd_u8(&r);
    info->imported = rd_u8(&r) != 0;
    uint8_t curve = rd_u8(&r);
    if (is_okp(info)) info->okp = (enum crypto_okp)curve;
    else info->curve = (enum crypto_curve)curve;
    uint16_t bits = rd_u16(&r);
    if (info->type == KEY_SECRET) info->secret_size = bits / 8;
    else info->rsa_bits = bits;
    info->rsa_e = rd_u32(&r);
    return key_metadata_parse(rd_rest(&r), &info->metadata);
}

static status load_uses(struct hsm *h, struct key_info *info)
{
    uint8_t uses[4];
    size_t size;
    status st = vault_get(&h->vault, OBJECT_KEY_USES(info->id), VAULT_DEVICE, NO_BYTES, SPAN(uses), &size);
    if (st == ST_NOT_FOUND) return ST_OK;
    TRY(st);
    if (size != sizeof uses) return ST_DATA_NOT_USABLE;
    info->metadata.has_counter = true;
    info->metadata.counter = be_get(BYTES(uses));
    return ST_OK;
}

status key_info_load(struct hsm *h, uint8_t id, struct key_info *info)
{
    memset(info, 0, sizeof *info);
    info->id = id;
    TRY(vault_get_kept(&h->vault, OBJECT_KEY_INFO(id), VAULT_DEVICE, NO_BYTES, SPAN(info->raw), &info->raw_size));
    TRY(read_info(info));
    return load_uses(h, info);
}

size_t key_field_size(const struct key_info *info)
{
    switch (info->type) {
    case KEY_RSA: return info->rsa_bits / 8;
    case KEY_EC: return crypto_curve_params(info->curve)->field_size;
    case KEY_MONTGOMERY:
    case KEY_EDWARDS: return crypto_okp_params(info->okp)->p.n;
    case KEY_SECRET: return info->secret_size;
    }
    return 0;
}

size_t key_secret_size(const struct key_info *info)
{
    if (is_okp(info)) return crypto_okp_params(info->okp)->key_size;
    return info->type == KEY_RSA ? CRYPTO_RSA_PARTS_SIZE(info->rsa_bits) : key_field_size(info);
}

/* ---- admission ---- */

status key_confirm(struct hsm *h, const char *what)
{
    if (!(h->settings.options & OPTION_CONFIRM)) return ST_OK;
    return machine_confirm(h, what) ? ST_OK : ST_NOT_CONFIRMED;
}

/* Policy bit 0008 (decisions.md): a list for every key at once. */
static bool policy_allows(const struct hsm *h, uint8_t algorithm)
{
    return algorithm != ALG_RSA_DECRYPT_PKCS1 || !(h->settings.policy & POLICY_NO_PKCS1_DECRYPT);
}

status key_admit(struct hsm *h, uint8_t id, uint8_t algorithm, struct key_info *info)
{
    if (id == DEVICE_KEY_ID) return ST_CONDITIONS; /* apdu.md 6, DP-61: it would sign forged attestations */
    TRY(key_info_load(h, id, info));
    if (info->metadata.has_counter && info->metadata.counter == 0) return ST_NO_SPACE;
    if (!key_metadata_allows(&info->metadata, algorithm) || !policy_allows(h, algorithm)) return ST_CONDITIONS;
    return key_confirm(h, "use a private key");
}

/* ---- use ---- */

static status charge(struct hsm *h, const struct key_info *info)
{
    if (!info->metadata.has_counter) return ST_OK;
    if (info->metadata.counter == 0) return ST_NO_SPACE;
    uint8_t uses[4];
    be_put(SPAN(uses), info->metadata.counter - 1);
    TRY(vault_begin(&h->vault));
    TRY(vault_put(&h->vault, OBJECT_KEY_USES(info->id), VAULT_DEVICE, NO_BYTES, BYTES(uses), 0));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

static bytes sealed_with(const struct key_info *info)
{
    return (bytes){info->raw, info->raw_size};
}

status key_use(struct hsm *h, const struct key_info *info, span secret)
{
    if (!h->vault.root_open) return ST_NOT_AUTHORIZED;
    TRY(charge(h, info)); /* before the key is touched: decisions.md "at rest" 4 */
    return key_open(h, info, secret);
}

_Static_assert(SECRET_SIZE_MAX <= VAULT_KEPT_MAX && KEY_INFO_SIZE_MAX <= VAULT_KEPT_MAX,
               "whatever is to stay open may");

/* Opening a secret key is a large part of a short command. A counted one must be opened anew: charging it is a commit. */
static bool stays_open(const struct key_info *info)
{
    return info->type == KEY_SECRET && !info->metadata.has_counter;
}

static status get_secret(struct hsm *h, const struct key_info *info, span secret, size_t *size)
{
    uint32_t key = OBJECT_KEY(info->id);
    if (stays_open(info)) return vault_get_kept(&h->vault, key, VAULT_ROOT, sealed_with(info), secret, size);
    return vault_get(&h->vault, key, VAULT_ROOT, sealed_with(info), secret, size);
}

status key_open(struct hsm *h, const struct key_info *info, span secret)
{
    size_t size;
    TRY(get_secret(h, info, secret, &size));
    return size == secret.n ? ST_OK : ST_EXECUTION;
}

status key_device_secret(struct hsm *h, span d)
{
    struct key_info info;
    size_t size;
    TRY(key_info_load(h, DEVICE_KEY_ID, &info));
    TRY(vault_get(&h->vault, OBJECT_KEY(DEVICE_KEY_ID), VAULT_DEVICE, sealed_with(&info), d, &size));
    return size == d.n ? ST_OK : ST_EXECUTION;
}

/* ---- change ---- */

void key_count_by_option(const struct hsm *h, struct key_metadata *metadata)
{
    if (!(h->settings.options & OPTION_COUNT_ALL) || metadata->has_counter) return;
    metadata->has_counter = true;
    metadata->counter = KEY_COUNTER_DEFAULT;
}

status key_put_description(struct hsm *h, const struct key_info *info)
{
    uint8_t description[PKCS15_DEFAULT_SIZE_MAX];
    buf b = BUF(description);
    struct pkcs15_key key = {.kind = PKCS15_SECRET, .secret_kind = info->metadata.kind};
    key.bits = (uint16_t)(8 * (is_okp(info) ? key_secret_size(info) : key_field_size(info)));
    if (info->type == KEY_RSA) key.kind = PKCS15_RSA;
    if (info->type == KEY_EC || is_okp(info)) key.kind = PKCS15_EC;
    pkcs15_put_default_key(&b, &key, info->id);
    return file_put(h, FID_OF(FID_PREFIX_KEY_DESCRIPTION, info->id), written(&b));
}

static status put_uses(struct hsm *h, const struct key_info *info)
{
    uint8_t uses[4];
    if (!info->metadata.has_counter) return vault_delete(&h->vault, OBJECT_KEY_USES(info->id));
    be_put(SPAN(uses), info->metadata.counter);
    return vault_put(&h->vault, OBJECT_KEY_USES(info->id), VAULT_DEVICE, NO_BYTES, BYTES(uses), 0);
}

status key_put(struct hsm *h, const struct key_info *info, bytes secret)
{
    uint8_t raw[KEY_INFO_SIZE_MAX];
    buf b = BUF(raw);
    write_info(info, &b);
    stream_forget_key(h, info->id);
    enum vault_level level = info->id == DEVICE_KEY_ID ? VAULT_DEVICE : VAULT_ROOT;
    TRY(vault_put(&h->vault, OBJECT_KEY(info->id), level, written(&b), secret, STORE_SECRET));
    TRY(vault_put(&h->vault, OBJECT_KEY_INFO(info->id), VAULT_DEVICE, NO_BYTES, written(&b), 0));
    return put_uses(h, info);
}

status key_remove(struct hsm *h, uint8_t id)
{
    stream_forget_key(h, id);
    TRY(vault_delete(&h->vault, OBJECT_KEY(id)));
    TRY(vault_delete(&h->vault, OBJECT_KEY_INFO(id)));
    return vault_delete(&h->vault, OBJECT_KEY_USES(id));
}
