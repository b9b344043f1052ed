/* SPDX-License-Identifier: Apache-2.0 */
/* Birth, name and wipe of a device. */
#include "card/device.h"

#include "card/files.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/objects.h"
#include "card/signer.h"
#include "wire/pkcs15.h"

#define DEVICE_FIELD 32u
#define WIPE_BATCH 32u /* values erased in one transaction of the wipe */

/* ---- name ---- */

/* "UTPH", seven hexadecimal digits of the serial's hash, "00001" (formats.md 2.1). */
static status default_name(struct hsm *h)
{
    static const char digits[] = "0123456789ABCDEF";
    uint8_t hash[32];
    bytes serial = BYTES(h->board->profile.serial);
    TRY(crypto_hash(&h->crypto, CRYPTO_SHA256, &serial, 1, SPAN(hash)));
    buf b = BUF(h->name);
    put_bytes(&b, TEXT("UTPH"));
    for (size_t i = 0; i < 7; i++) put_u8(&b, (uint8_t)digits[i % 2 ? hash[i / 2] & 15 : hash[i / 2] >> 4]);
    put_bytes(&b, TEXT("00001"));
    h->name_size = b.n;
    return ST_OK;
}

void device_name_load(struct hsm *h, bool or_default)
{
    uint8_t head[FILE_CHUNK]; /* the first certificate lies in the first kilobyte (formats.md 3.7) */
    span read = SPAN(head);
    struct cvc first = {0};
    if (file_read_some(h, FID_DEVICE_CERTIFICATE, 0, &read) != ST_OK) read.n = 0;
    reader r = read_from(view(read));
    if (cvc_next(&r, &first) && span_copy(SPAN(h->name), first.chr)) h->name_size = first.chr.n;
    else if (or_default && default_name(h) != ST_OK) h->name_size = 0;
}

/* ---- birth ---- */

static status put_device_files(struct hsm *h, struct key_in_use *key, const struct cvc_content *content)
{
    uint8_t file[FILE_CHUNK];
    struct cvc_signer signer = signer_of(key);
    buf b = BUF(file);
    TRY(cvc_put_certificate(&b, content, &signer));
    TRY(file_put(h, FID_DEVICE_CERTIFICATE, written(&b)));
    struct cvc_content request = *content;
    request.role = NO_BYTES;
    b = BUF(file);
    TRY(cvc_put_request(&b, &request, &signer, content->chr, &signer));
    TRY(file_put(h, FID_DEVICE_KEY_REQUEST, written(&b)));
    b = BUF(file);
    pkcs15_put_device_key(&b, content->chr);
    return file_put(h, FID_DEVICE_KEY_DESCRIPTION, written(&b));
}

static status put_device(struct hsm *h, const struct key_info *info, bytes d, bytes point)
{
    bytes name = {h->name, h->name_size};
    struct key_in_use key = {h, info, d};
    struct cvc_content content = {
        .car = name,
        .chr = name,
        .key = {.kind = CVC_EC, .curve = info->curve, .point = point},
        .role = cvc_device_role(),
        .valid_from = cvc_device_valid_from(),
        .valid_to = cvc_device_valid_to(),
    };
    TRY(key_put(h, info, d));
    return put_device_files(h, &key, &content);
}

status device_birth(struct hsm *h)
{
    SECRET(d, DEVICE_FIELD);
    uint8_t point[1 + 2 * DEVICE_FIELD];
    struct key_info info = {.id = DEVICE_KEY_ID, .type = KEY_EC, .curve = CRYPTO_SECP256R1};
    TRY(default_name(h));
    TRY(crypto_ec_generate(&h->crypto, info.curve, d, SPAN(point)));
    TRY(vault_birth(&h->vault, h->board->device_secret));
    TRY(put_device(h, &info, view(d), BYTES(point)));
    return vault_commit(&h->vault, VAULT_OBJECTS); /* generation 1 */
}

status device_sign(struct hsm *h, bytes message, span rs)
{
    SECRET(d, DEVICE_FIELD);
    uint8_t digest[32];
    TRY(key_device_secret(h, d));
    TRY(crypto_hash(&h->crypto, CRYPTO_SHA256, &message, 1, SPAN(digest)));
    return crypto_ecdsa_sign(&h->crypto, CRYPTO_SECP256R1, view(d), BYTES(digest), rs);
}

/* ---- wipe ---- */

/* What INITIALIZE leaves alone: the device itself, and what its first transaction has just written. */
static bool survives(uint32_t value)
{
    /* clang-format off */
    static const uint16_t kept[] = {
        FID_DEVICE_KEY, FID_DEVICE_KEY_DESCRIPTION, FID_DEVICE_KEY_REQUEST, FID_DEVICE_CERTIFICATE,
        OBJECT_BIRTH >> 16, OBJECT_STATE >> 16, OBJECT_ROOT_BOX >> 16, OBJECT_SETTINGS >> 16, OBJECT_PHY >> 16,
        OBJECT_PIN(PIN_USER) >> 16, OBJECT_PIN(PIN_SO) >> 16,
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(kept); i++) {
        if (value >> 16 == kept[i]) return true;
    }
    return false;
}

/* Deletes up to WIPE_BATCH values from *from on; *from becomes 0 when none is left. */
static status wipe_batch(struct hsm *h, uint32_t *from)
{
    TRY(vault_begin(&h->vault));
    uint32_t value = store_next(&h->store, *from);
    for (unsigned n = 0; value && n < WIPE_BATCH; value = store_next(&h->store, value + 1)) {
        if (survives(value)) continue;
        TRY(vault_delete(&h->vault, value));
        n++;
    }
    *from = value;
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

status device_wipe_finish(struct hsm *h)
{
    if (!h->settings.wiping) return ST_OK;
    for (uint32_t from = 1; from;) TRY(wipe_batch(h, &from));
    struct settings done = h->settings;
    done.wiping = false;
    TRY(vault_begin(&h->vault));
    TRY(settings_put(&h->vault, &done));
    TRY(vault_commit(&h->vault, VAULT_BOOKKEEPING));
    h->settings = done;
    return ST_OK;
}
