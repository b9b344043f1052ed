/* SPDX-License-Identifier: Apache-2.0 */
/* The data of SIGN 7A, ours: every form of EdDSA that RFC 8032 has (docs/commands.md).
 *
 * | tag | |
 * | 81 | message, may be empty: Ed25519, Ed25519ctx, Ed448 |
 * | 82 | its hash, 64 bytes (SHA-512, or SHAKE256 for Ed448): Ed25519ph, Ed448ph |
 * | 84 | message that the card is to hash: Ed25519ph, Ed448ph |
 * | 83 | context, 1..255 bytes; none: the empty one |
 *
 * One of 81, 82 and 84; each at most once, in any order, and nothing else. */
#ifndef WIRE_EDDSA_PARAMETERS_H
#define WIRE_EDDSA_PARAMETERS_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"

struct eddsa_parameters {
    struct crypto_eddsa_input input;
    bool to_hash; /* `input.message` is what the card is to hash: not yet what `prehashed` says */
};

/* Views point into `in`; `out` is only to be used after ST_OK.
 * ST_BAD_DATA: no TLV, an object that is unknown or repeated; ST_BAD_LENGTH: none or several of 81, 82, 84; a hash or a
 * context of another length. */
MUST_CHECK status eddsa_parse(bytes in, struct eddsa_parameters *out);

#endif
