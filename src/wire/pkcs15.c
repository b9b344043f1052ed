/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#15 descriptions, byte for byte as OpenSC and sc-hsm-embedded decode them. */
#include "wire/pkcs15.h"

#include "wire/schsm.h"
#include "wire/tlv.h"

enum { SEQUENCE = 0x30, INTEGER = 0x02, BIT_STRING = 0x03, OCTETS = 0x04, UTF8 = 0x0C };

/* Key usage as a DER named-bit list, formats.md 2.3. */
static bytes usage_of(enum pkcs15_kind kind)
{
    static const uint8_t rsa[] = {0x02, 0x74};          /* decrypt, sign, signRecover, unwrap */
    static const uint8_t ec[] = {0x07, 0x20, 0x80};     /* sign, derive */
    static const uint8_t secret[] = {0x07, 0xE0, 0x80}; /* encrypt, decrypt, sign, derive */
    switch (kind) {
    case PKCS15_RSA: return BYTES(rsa);
    case PKCS15_EC: return BYTES(ec);
    case PKCS15_SECRET: return BYTES(secret);
    }
    return NO_BYTES;
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

/* Secret keys carry their size apart: A0 { 30 { 02 bits } }. */
static void put_secret_size(buf *out, uint16_t bits)
{
    size_t outer = tlv_open(out, 0xA0);
    size_t inner = tlv_open(out, SEQUENCE);
    tlv_put_u16(out, INTEGER, bits);
    tlv_close(out, inner);
    tlv_close(out, outer);
}

/* Type attributes: A1 { 30 { 30 { 04 00 } [, 02 bits] } }; the path is empty, the id finds the
 * key. */
static void put_type(buf *out, enum pkcs15_kind kind, uint16_t bits)
{
    size_t outer = tlv_open(out, 0xA1);
    size_t inner = tlv_open(out, SEQUENCE);
    size_t path = tlv_open(out, SEQUENCE);
    tlv_put(out, OCTETS, NO_BYTES);
    tlv_close(out, path);
    if (kind != PKCS15_SECRET) tlv_put_u16(out, INTEGER, bits);
    tlv_close(out, inner);
    tlv_close(out, outer);
}

void pkcs15_put_key(buf *out, enum pkcs15_kind kind, uint16_t bits, bytes label, bytes id)
{
    size_t key = tlv_open(out, (uint16_t)kind);
    put_common(out, label);
    put_class(out, id, usage_of(kind));
    if (kind == PKCS15_SECRET) put_secret_size(out, bits);
    put_type(out, kind, bits);
    tlv_close(out, key);
}

void pkcs15_put_default_key(buf *out, enum pkcs15_kind kind, uint16_t bits, uint8_t key_id)
{
    const uint8_t digits[3] = {(uint8_t)('0' + key_id / 100), (uint8_t)('0' + key_id / 10 % 10),
                               (uint8_t)('0' + key_id % 10)};
    size_t leading_zeros = key_id > 99 ? 0 : key_id > 9 ? 1 : 2;
    pkcs15_put_key(out, kind, bits, NO_BYTES, bytes_after(BYTES(digits), leading_zeros));
}

void pkcs15_put_device_key(buf *out, bytes device_name)
{
    static const uint8_t id[20];
    bytes label = device_name.n > 5 ? bytes_first(device_name, device_name.n - 5) : NO_BYTES;
    pkcs15_put_key(out, PKCS15_EC, 256, label, BYTES(id));
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
