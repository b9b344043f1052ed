/* SPDX-License-Identifier: Apache-2.0 */
/* The data of SIGN 4A and DECIPHER 24, ours: PSS and OAEP with all that RFC 8017 leaves open (docs/commands.md).
 *
 * | tag | PSS | OAEP |
 * | 06 | OID of the hash, as in a DigestInfo | the same |
 * | 81 | message, may be empty | cryptogram |
 * | 82 | digest, instead of 81 | |
 * | 83 | | label; none: empty |
 * | 84 | bytes of salt, a number of 1 or 2 bytes; none: as long as the digest, or what fits | |
 * | 85 | OID of the hash of MGF1; none: that of 06 | the same |
 *
 * Each at most once, in any order, and nothing else. */
#ifndef WIRE_RSA_PARAMETERS_H
#define WIRE_RSA_PARAMETERS_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"

struct rsa_parameters {
    struct crypto_rsa_padding padding;
    bytes data;     /* message, digest or cryptogram */
    bool is_digest; /* of the size of padding.hash */
};

/* Both: views point into `in`; outputs are only to be used after ST_OK. That salt and cryptogram fit a key is not asked.
 * ST_BAD_DATA: no TLV, an object that is unknown, repeated or of the other command, an OID of no hash that we have;
 * ST_BAD_LENGTH: 06, or 81 and 82, missing; both of these; a digest of another length; 84 not 1 or 2 bytes. */
MUST_CHECK status rsa_pss_parse(bytes in, struct rsa_parameters *out);
MUST_CHECK status rsa_oaep_parse(bytes in, struct rsa_parameters *out);

#endif
