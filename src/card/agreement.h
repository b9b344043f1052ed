/* SPDX-License-Identifier: Apache-2.0 */
/* Key agreement: from a private key here and a public key there to the secret that both share (apdu.md 3.15, formats.md
 * 14.4). DECIPHER hands it to the host, KDF STORE (decisions.md, 7C) makes a key of it that stays here. */
#ifndef CARD_AGREEMENT_H
#define CARD_AGREEMENT_H

#include "base/bytes.h"
#include "base/status.h"
#include "card/keys.h"

struct hsm;

#define AGREEMENT_MAX CRYPTO_EC_FIELD_MAX /* bytes of the longest shared secret */

/* Does a key of this type agree with anybody? */
bool agreement_possible(const struct key_info *info);
/* Bytes of the shared secret: the x-coordinate at field length, or the string that X25519 and X448 give. 0 for a key that
 * cannot. */
size_t agreement_size(const struct key_info *info);
/* Is `peer` a public key for this one? Asked before a use is charged. ST_OK; ST_DATA_NOT_USABLE. */
MUST_CHECK status agreement_check(struct hsm *h, const struct key_info *info, bytes peer);
/* The shared secret; shared.n = agreement_size(info). ST_OK; ST_DATA_NOT_USABLE; ST_EXECUTION: it is the
 * neutral element, or zero. */
MUST_CHECK status agreement_run(struct hsm *h, const struct key_info *info, bytes secret, bytes peer, span shared);

#endif
