/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures: fixed-width r‖s inside, DER `30 { 02 r, 02 s }` in the answer of SIGN (apdu.md
 * 3.14). */
#ifndef WIRE_ECDSA_DER_H
#define WIRE_ECDSA_DER_H

#include "base/bytes.h"
#include "base/status.h"

#define ECDSA_DER_MAX 141u /* bytes for P-521: 3 + 2 * (2 + 67) */

/* Appends the DER form; integers minimal.
 *   rs  r‖s, each half its length; an even number of bytes, 2..132
 * `full` when it does not fit. */
void ecdsa_der_put(buf *out, bytes rs);

/* Takes the DER form apart; strict: minimal lengths and integers, none negative, nothing behind.
 *   rs  twice the field size; both numbers right-aligned. Untouched unless ST_OK
 * ST_OK; ST_BAD_DATA: not DER, or a number longer than half of `rs`. Zero and numbers over the
 * order are let through: crypto_ecdsa_verify refuses them. */
MUST_CHECK status ecdsa_der_parse(bytes der, span rs);

#endif
