/* SPDX-License-Identifier: Apache-2.0 */
/* What a secret key is for: a kind that restricts it, and how the kind is written down. An extension of ours
 * (docs/commands.md); keys of other hosts have none.
 *
 * A kind is a byte in TLV 94 of commands, and the default algorithm in the header of a wrapped key, which other cards do
 * not look at. Sizes and OIDs are judged here for both ends. */
#ifndef WIRE_SECRET_KIND_H
#define WIRE_SECRET_KIND_H

#include "base/bytes.h"

#define SECRET_SIZE_MAX 128u /* bytes of the longest secret key */

enum secret_kind {
    SECRET_ANY, /* no kind: 16, 24, 32 or 64 bytes that serve every algorithm of their size */
    SECRET_AES,
    SECRET_XTS,
    SECRET_HMAC,
    SECRET_CHACHA20,
    SECRET_HKDF,
    SECRET_GENERIC, /* passwords and shared secrets: MAC and derivation */
    SECRET_KIND_COUNT
};

/* May a key of `kind` have `size` bytes? False for a number that is no kind. */
bool secret_kind_has_size(enum secret_kind kind, size_t size);

/* Which OID names the kind in the header of a wrapped key; size as above. Empty: none does, the blob is as any other host
 * writes it. */
bytes secret_kind_oid(enum secret_kind kind, size_t size);
/* The kind that an OID names; SECRET_ANY when it names none that we know. */
enum secret_kind secret_kind_by_oid(bytes oid);

#endif
