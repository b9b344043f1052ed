/* SPDX-License-Identifier: Apache-2.0 */
/* Derivation from a secret, for CIPHER, which answers with the result, and KDF STORE, which keeps it. */
#ifndef CARD_KDF_H
#define CARD_KDF_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/cipher_request.h"

struct hsm;

/* HKDF, PBKDF2 or X9.63 of `secret`; out.n is what is wanted, 1..4096 bytes. Rounds of PBKDF2 tick the board's progress.
 * ST_OK; ST_EXECUTION: cancelled, or the library failed. `out` is wiped then. */
MUST_CHECK status kdf_run(struct hsm *h, const struct kdf *kdf, bytes secret, span out);

#endif
