/* SPDX-License-Identifier: Apache-2.0 */
/* What SELECT answers: file control parameters in tag 62 (apdu.md 2.2, 2.3; formats.md 1.4).
 *
 * Both functions append one whole object, or set `full`. Whether the host wants it (P2, Le) and
 * which files exist is the card's business. */
#ifndef WIRE_FCP_H
#define WIRE_FCP_H

#include "base/bytes.h"

enum fcp_type { FCP_WORKING_EF = 0x01, FCP_INTERNAL_EF = 0x08, FCP_DF = 0x38 };

/* `62 { 81 size, 82 type, 83 fid, 8A 05 [, A5 81 LL metadata] }`
 *   size      bytes of the content; over FFFF is written as FFFF. Keys (CCkk): 0
 *   metadata  the TLVs 90, 91, 92, 93 of a key (key_metadata_put), 0..255 bytes; empty: no A5.
 *             Longer ones get the length form 82 LLLL. */
void fcp_put_file(buf *out, uint16_t fid, enum fcp_type type, size_t size, bytes metadata);

/* The answer to SELECT of the HSM applet: size 0, type 01, FID 0000, 84 AID, 8A, and
 * `85 05 options FF major minor`; 36 bytes. Options word: apdu.md 4.4. */
void fcp_put_application(buf *out, uint16_t options);

#endif
