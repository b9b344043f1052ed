/* SPDX-License-Identifier: Apache-2.0 */
/* DigestInfo: a handful of fixed prefixes, written, and compared instead of parsed. */
#include "wire/digest_info.h"

#include "wire/tlv.h"

#define PREFIX_MAX 19u

struct digest_kind {
    enum crypto_hash hash;
    uint8_t digest_size, oid_size;
    uint8_t oid[9];
};

/* clang-format off */
/* A bare digest belongs to the first of its size: SHA-3 stays behind SHA-2. */
static const struct digest_kind kinds[] = {
    { CRYPTO_SHA1,   20, 5, { 0x2B, 0x0E, 0x03, 0x02, 0x1A } },
    { CRYPTO_SHA224, 28, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04 } },
    { CRYPTO_SHA256, 32, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 } },
    { CRYPTO_SHA384, 48, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 } },
    { CRYPTO_SHA512, 64, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 } },
    { CRYPTO_SHA3_224, 28, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x07 } },
    { CRYPTO_SHA3_256, 32, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x08 } },
    { CRYPTO_SHA3_384, 48, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x09 } },
    { CRYPTO_SHA3_512, 64, 9, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x0A } },
};
/* clang-format on */

/* Everything before the digest; every length here is below 128. */
static void put_prefix(buf *out, const struct digest_kind *kind, bool with_null)
{
    size_t algorithm = 2u + kind->oid_size + (with_null ? 2u : 0u);
    tlv_put_header(out, 0x30, 2 + algorithm + 2 + kind->digest_size);
    tlv_put_header(out, 0x30, algorithm);
    tlv_put(out, 0x06, (bytes){kind->oid, kind->oid_size});
    if (with_null) tlv_put(out, 0x05, NO_BYTES);
    tlv_put_header(out, 0x04, kind->digest_size);
}

void digest_info_put(buf *out, enum crypto_hash hash, bytes digest)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (kinds[i].hash != hash || kinds[i].digest_size != digest.n) continue;
        put_prefix(out, &kinds[i], true);
        put_bytes(out, digest);
        return;
    }
    out->full = true;
}

static bool matches(bytes in, const struct digest_kind *kind, bool with_null, bytes *digest)
{
    uint8_t memory[PREFIX_MAX];
    buf prefix = BUF(memory);
    put_prefix(&prefix, kind, with_null);
    if (!bytes_equal(bytes_first(in, prefix.n), written(&prefix))) return false;
    if (in.n != prefix.n + kind->digest_size) return false;
    *digest = bytes_after(in, prefix.n);
    return true;
}

status digest_info_parse(bytes in, enum crypto_hash *hash, bytes *digest)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bool found = matches(in, &kinds[i], true, digest) || matches(in, &kinds[i], false, digest);
        if (!found) continue;
        *hash = kinds[i].hash;
        return ST_OK;
    }
    return ST_BAD_DATA;
}

bool digest_oid_find(bytes oid, enum crypto_hash *hash)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (!bytes_equal(oid, (bytes){kinds[i].oid, kinds[i].oid_size})) continue;
        *hash = kinds[i].hash;
        return true;
    }
    return false;
}

status digest_info_or_digest(bytes in, enum crypto_hash *hash, bytes *digest)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (in.n != kinds[i].digest_size) continue;
        *hash = kinds[i].hash;
        *digest = in;
        return ST_OK;
    }
    return digest_info_parse(in, hash, digest) == ST_OK ? ST_OK : ST_BAD_LENGTH;
}
