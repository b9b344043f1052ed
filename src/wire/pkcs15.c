/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#15 descriptions, byte for byte as OpenSC and sc-hsm-embedded decode them. */
#include "wire/pkcs15.h"

#include "wire/schsm.h"
#include "wire/tlv.h"

enum { SEQUENCE = 0x30, INTEGER = 0x02, BIT_STRING = 0x03, OCTETS = 0x04, OID = 0x06, UTF8 = 0x0C };

/* Key usage as a DER named-bit list, formats.md 2.3: the number of unused bits, then the bits. */
static bytes secret_usage(enum secret_kind kind)
{
    static const uint8_t any[] = {0x07, 0xE0, 0x80};     /* encrypt, decrypt, sign, derive */
    static const uint8_t block[] = {0x05, 0xE0};         /* encrypt, decrypt, sign */
    static const uint8_t cipher[] = {0x06, 0xC0};        /* encrypt, decrypt */
    static const uint8_t mac[] = {0x05, 0x20};           /* sign */
    static const uint8_t derive[] = {0x07, 0x00, 0x80};  /* derive */
    static const uint8_t generic[] = {0x07, 0x20, 0x80}; /* sign, derive */
    switch (kind) {
    case SECRET_AES: return BYTES(block);
    case SECRET_XTS:
    case SECRET_CHACHA20: return BYTES(cipher);
    case SECRET_HMAC: return BYTES(mac);
    case SECRET_HKDF: return BYTES(derive);
    case SECRET_GENERIC: return BYTES(generic);
    case SECRET_ANY:
    case SECRET_KIND_COUNT: break;
    }
    return BYTES(any);
}

static bytes usage_of(const struct pkcs15_key *key)
{
    static const uint8_t rsa[] = {0x02, 0x74};      /* decrypt, sign, signRecover, unwrap */
    static const uint8_t ec[] = {0x07, 0x20, 0x80}; /* sign, derive */
    switch (key->kind) {
    case PKCS15_RSA: return BYTES(rsa);
    case PKCS15_EC: return BYTES(ec);
    case PKCS15_SECRET: break;
    }
    return secret_usage(key->secret_kind);
}

/* CommonObjectAttributes: the label alone. */
static void put_common(buf *out, bytes label)
{
    size_t common = tlv_open(out, SEQUENCE);
    tlv_put(out, UTF8, label);
    tlv_close(out, common);
}

/* CommonKeyAttributes: id and usage. */
static void put_class(buf *out, bytes id, bytes usage)
{
    size_t class = tlv_open(out, SEQUENCE);
    tlv_put(out, OCTETS, id);
    tlv_put(out, BIT_STRING, usage);
    tlv_close(out, class);
}

/* Two bytes where two are read by everybody; DER wants one for the smallest. */
static void put_bits(buf *out, uint16_t bits)
{
    if (bits < 0x80) tlv_put_u8(out, INTEGER, (uint8_t)bits);
    else tlv_put_u16(out, INTEGER, bits);
}

/* Secret keys carry their size apart: A0 { 30 { 02 bits } }. */
static void put_secret_size(buf *out, uint16_t bits)
{
    size_t outer = tlv_open(out, 0xA0);
    size_t inner = tlv_open(out, SEQUENCE);
    put_bits(out, bits);
    tlv_close(out, inner);
    tlv_close(out, outer);
}

/* Type attributes: A1 { 30 { 30 { 04 00 } [, 02 bits] [, 06 kind] } }; the path is empty, the id finds the
 * key. */
static void put_type(buf *out, const struct pkcs15_key *key)
{
    bytes kind = secret_kind_oid(key->secret_kind, key->bits / 8);
    size_t outer = tlv_open(out, 0xA1);
    size_t inner = tlv_open(out, SEQUENCE);
    size_t path = tlv_open(out, SEQUENCE);
    tlv_put(out, OCTETS, NO_BYTES);
    tlv_close(out, path);
    if (key->kind != PKCS15_SECRET) put_bits(out, key->bits);
    else if (kind.n) tlv_put(out, OID, kind);
    tlv_close(out, inner);
    tlv_close(out, outer);
}

void pkcs15_put_key(buf *out, const struct pkcs15_key *key, bytes id)
{
    size_t whole = tlv_open(out, (uint16_t)key->kind);
    put_common(out, key->label);
    put_class(out, id, usage_of(key));
    if (key->kind == PKCS15_SECRET) put_secret_size(out, key->bits);
    put_type(out, key);
    tlv_close(out, whole);
}

void pkcs15_put_default_key(buf *out, const struct pkcs15_key *key, uint8_t key_id)
{
    const uint8_t digits[3] = {(uint8_t)('0' + key_id / 100), (uint8_t)('0' + key_id / 10 % 10),
                               (uint8_t)('0' + key_id % 10)};
    size_t leading_zeros = key_id > 99 ? 0 : key_id > 9 ? 1 : 2;
    pkcs15_put_key(out, key, bytes_after(BYTES(digits), leading_zeros));
}

void pkcs15_put_device_key(buf *out, bytes device_name)
{
    static const uint8_t id[20];
    bytes label = device_name.n > 5 ? bytes_first(device_name, device_name.n - 5) : NO_BYTES;
    const struct pkcs15_key key = {.kind = PKCS15_EC, .bits = 256, .label = label};
    pkcs15_put_key(out, &key, BYTES(id));
}

/* 30 { 30 { 0C label, 03 modifiable }, 30 { 04 id }, A1 { 30 { 30 { 04 file } } } } */
void pkcs15_put_ca_certificate(buf *out, bytes label, bytes id, uint16_t fid)
{
    const uint8_t path[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
    size_t certificate = tlv_open(out, SEQUENCE);
    size_t common = tlv_open(out, SEQUENCE);
    tlv_put(out, UTF8, label);
    tlv_put(out, BIT_STRING, LITERAL(0x06, 0x40));
    tlv_close(out, common);
    size_t class = tlv_open(out, SEQUENCE);
    tlv_put(out, OCTETS, id);
    tlv_close(out, class);
    size_t type = tlv_open(out, 0xA1);
    size_t value = tlv_open(out, SEQUENCE);
    size_t where = tlv_open(out, SEQUENCE);
    tlv_put(out, OCTETS, BYTES(path));
    tlv_close(out, where);
    tlv_close(out, value);
    tlv_close(out, type);
    tlv_close(out, certificate);
}

void pkcs15_put_token_info(buf *out, bytes serial, bytes label)
{
    size_t info = tlv_open(out, SEQUENCE);
    tlv_put_u8(out, INTEGER, 1);
    tlv_put(out, OCTETS, serial);
    tlv_put(out, UTF8, TEXT("Pico HSM project"));
    tlv_put(out, 0x80, label);
    tlv_put(out, BIT_STRING, LITERAL(0x04, 0x30));
    tlv_close(out, info);
}

bytes pkcs15_default_label(void)
{
    return TEXT("SmartCard-HSM");
}

void pkcs15_put_directory(buf *out)
{
    size_t entry = tlv_open(out, 0x61);
    tlv_put(out, 0x4F, schsm_aid());
    tlv_put(out, 0x50, pkcs15_default_label());
    tlv_close(out, entry);
}
