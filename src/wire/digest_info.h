/* SPDX-License-Identifier: Apache-2.0 */
/* DigestInfo (RFC 8017 9.2, A.2.4): which hash, and its value, as DER.
 *
 * `30 { 30 { 06 OID, 05 00 }, 04 digest }` for every hash of crypto.h; the NULL may be
 * absent when reading (apdu.md 3.14). Exactly these encodings are known: whatever is left open
 * here is a forgery. */
#ifndef WIRE_DIGEST_INFO_H
#define WIRE_DIGEST_INFO_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"

#define DIGEST_INFO_MAX 83u /* bytes, SHA-512 and SHA3-512 */

/* Appends the DigestInfo, with NULL. digest.n is the size of the hash, else `full` is set. */
void digest_info_put(buf *out, enum crypto_hash hash, bytes digest);

/* Takes a DigestInfo apart; `digest` points into `in`. For SIGN 30 and 3A, which sign `in` as it came.
 * ST_OK; ST_BAD_DATA: anything else, unknown hash, wrong length, trailing bytes; outputs
 * untouched. */
MUST_CHECK status digest_info_parse(bytes in, enum crypto_hash *hash, bytes *digest);

/* The hash with exactly this OID (content of an 06). False: none, `hash` untouched. */
bool digest_oid_find(bytes oid, enum crypto_hash *hash);

/* For SIGN 40: a bare digest of SHA-1 or SHA-2, known by its length (20, 28, 32, 48, 64), or a DigestInfo.
 * ST_OK; ST_BAD_LENGTH: neither; outputs untouched. */
MUST_CHECK status digest_info_or_digest(bytes in, enum crypto_hash *hash, bytes *digest);

#endif
