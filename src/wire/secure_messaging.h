/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging: id-CA-ECDH-AES-CBC-CMAC-128 as formats.md 8 and apdu.md 4.6 have it, for both ends.
 *
 * Keys come from one ECDH between the device key and an ephemeral key of the host. A counter goes up with every command
 * and every response, is part of every MAC and makes every IV, so that nothing can be replayed, left out or turned
 * around. This file knows objects, not APDU bytes, chaining or what happens to a channel that was attacked: card/chain.c
 * and client/ see to that. Needs no pool but a few hundred bytes for AES. */
#ifndef WIRE_SECURE_MESSAGING_H
#define WIRE_SECURE_MESSAGING_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "wire/apdu.h"

#define SM_POINT_SIZE 65u /* 04‖X‖Y of P-256 */
#define SM_SHARED_SIZE 32u
#define SM_NONCE_SIZE 8u
#define SM_TOKEN_SIZE 8u
/* What ciphering adds to data at most: a whole block of padding, or with pypicokey's habit a byte more. */
#define SM_PADDING_MAX 17u
/* What a response grows by at most: 87 82 LL LL 01, padding 16, 99 02 SW SW, 8E 08 MAC. */
#define SM_RESPONSE_OVERHEAD 35u
/* What a command's data grows by at most, as written here: the same with 97 02 LL LL for 99. */
#define SM_COMMAND_OVERHEAD 35u

/* One end of a channel. Both ends hold the same. Secret: wipe it. */
struct sm_channel {
    uint8_t enc[16], mac[16];
    uint8_t counter[16]; /* of the last command or response, big-endian */
};

/* Makes the channel from the agreed x-coordinate and the card's nonce, counter 0, and the token with which the card
 * proves that it has the same keys. Sizes as above; `host_point` is the ephemeral one. ST_OK; as crypto.h, then
 * the channel is wiped. */
MUST_CHECK status sm_agree(struct crypto *c, bytes shared, bytes nonce, bytes host_point, struct sm_channel *out,
                           span token);

/* ---- the card's half ---- */

/* Takes a protected command apart; one counter step, whatever the outcome.
 *   in     its data field holds the objects: [85 or 87] [97] 8E, with 85 for odd instructions and 8E of 8 or 16 bytes
 *   into   for the data: a few bytes more than the longest data, SM_PADDING_MAX; written after the MAC was found right
 *   plain  header without CLA_SECURED, data (in `into`) and Ne; written on ST_OK only
 * ST_SM_MISSING  there is no 8E
 * ST_SM_WRONG    objects malformed, unknown, twice or behind 8E; MAC wrong; padding wrong
 * ST_BAD_LENGTH  authentic, but longer than `into`
 * After ST_SM_* the channel must not be used any more. */
MUST_CHECK status sm_open_command(struct crypto *c, struct sm_channel *channel, const struct apdu *in, span into,
                                  struct apdu *plain);

/* Protects a response in place; one counter step. Takes all of `reply` as its data and leaves 87 (when there is data), 99
 * and 8E there. ST_NO_SPACE: SM_RESPONSE_OVERHEAD bytes of room were not left; nothing is plain, nothing is whole. */
MUST_CHECK status sm_seal_response(struct crypto *c, struct sm_channel *channel, buf *reply, uint16_t word);

/* ---- the host's half ---- */

/* Protects a command; one counter step. The objects are appended to `body`, which must outlive `out`; `out` is ready for
 * apdu_write. Its Le asks for all there is. ST_NO_SPACE: `body` is too small. */
MUST_CHECK status sm_seal_command(struct crypto *c, struct sm_channel *channel, const struct apdu *plain, buf *body,
                                  struct apdu *out);

/* Takes a protected response (without its outer status word) apart; one counter step.
 *   plain, word  the data, in `into`, and the status word inside; written on ST_OK only
 * ST_SM_MISSING, ST_SM_WRONG, ST_BAD_LENGTH as for commands; 99 must be there. */
MUST_CHECK status sm_open_response(struct crypto *c, struct sm_channel *channel, bytes in, span into, bytes *plain,
                                   uint16_t *word);

#endif
