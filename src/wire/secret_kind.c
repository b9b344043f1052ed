/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of secret keys: their sizes and their OIDs. */
#include "wire/secret_kind.h"

/* AES-ECB, -128, -192, -256: the bare block cipher; AES-XTS as in CIPHER. The last byte goes with the size. */
static const uint8_t aes_128[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x01};
static const uint8_t aes_192[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x15};
static const uint8_t aes_256[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x29};
static const uint8_t xts_128[] = {0x2B, 0x6F, 0x02, 0x8C, 0x53, 0x00, 0x00, 0x01, 0x01};
static const uint8_t xts_256[] = {0x2B, 0x6F, 0x02, 0x8C, 0x53, 0x00, 0x00, 0x01, 0x02};
/* hmacWithSHA256, id-alg-AEADChaCha20Poly1305, id-alg-hkdf-with-sha256, id-data: they stand for the whole family. */
static const uint8_t hmac[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x09};
static const uint8_t chacha20[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x03, 0x12};
static const uint8_t hkdf[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x03, 0x1D};
static const uint8_t plain_data[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};

/* A kind has a row for each of its sizes, or one for all of them. */
static const struct row {
    enum secret_kind kind;
    uint8_t size_min, size_max;
    bytes oid;
} rows[] = {
    {SECRET_ANY, 16, 16, {0}},
    {SECRET_ANY, 24, 24, {0}},
    {SECRET_ANY, 32, 32, {0}},
    {SECRET_ANY, 64, 64, {0}},
    {SECRET_AES, 16, 16, {aes_128, sizeof aes_128}},
    {SECRET_AES, 24, 24, {aes_192, sizeof aes_192}},
    {SECRET_AES, 32, 32, {aes_256, sizeof aes_256}},
    {SECRET_XTS, 32, 32, {xts_128, sizeof xts_128}},
    {SECRET_XTS, 64, 64, {xts_256, sizeof xts_256}},
    {SECRET_HMAC, 1, SECRET_SIZE_MAX, {hmac, sizeof hmac}},
    {SECRET_CHACHA20, 32, 32, {chacha20, sizeof chacha20}},
    {SECRET_HKDF, 1, SECRET_SIZE_MAX, {hkdf, sizeof hkdf}},
    {SECRET_GENERIC, 1, SECRET_SIZE_MAX, {plain_data, sizeof plain_data}},
};

static const struct row *row_find(enum secret_kind kind, size_t size)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].kind == kind && size >= rows[i].size_min && size <= rows[i].size_max) return &rows[i];
    }
    return NULL;
}

bool secret_kind_has_size(enum secret_kind kind, size_t size)
{
    return row_find(kind, size) != NULL;
}

bytes secret_kind_oid(enum secret_kind kind, size_t size)
{
    const struct row *row = row_find(kind, size);
    return row ? row->oid : NO_BYTES;
}

enum secret_kind secret_kind_by_oid(bytes oid)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].oid.n && bytes_equal(rows[i].oid, oid)) return rows[i].kind;
    }
    return SECRET_ANY;
}
