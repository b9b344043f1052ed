/* SPDX-License-Identifier: Apache-2.0 */
/* One command APDU, as bytes and as fields (ISO 7816-3 12.1; apdu.md 1.5).
 *
 * Short and extended forms, all four cases. Knows nothing of classes, chaining or secure messaging:
 * these look at the fields. The card reads with apdu_parse, the client writes with apdu_write. */
#ifndef WIRE_APDU_H
#define WIRE_APDU_H

#include "base/bytes.h"
#include "base/status.h"

#define APDU_NE_ALL_SHORT 256u
#define APDU_NE_ALL_EXTENDED 65536u
#define APDU_DATA_MAX_EXTENDED 65535u
/* Bytes that an APDU needs at most beside its data: header 4, Lc 3, Le 2. */
#define APDU_OVERHEAD 9u

struct apdu {
    uint8_t cla, ins, p1, p2;
    bytes data;    /* 0..65535 bytes; a view into the bytes that were parsed */
    uint32_t ne;   /* most response bytes wanted: 0 (no Le field) .. 65536 */
    bool extended; /* the body was, or is to be, in extended form */
    bool has_le;   /* an Le field was there; the same as ne > 0 */
};

/* Takes a whole command APDU apart.
 *   raw  any bytes; `out->data` points into it
 *   out  written on ST_OK only
 * Le 00 means 256, extended 0000 means 65536; no Le means 0. Tolerated beyond the standard: six
 * bytes with B5 = 00 are case 2 short. The size limits of the card are not checked here.
 * ST_OK; ST_BAD_LENGTH: anything else, including Lc that does not match and trailing bytes. */
MUST_CHECK status apdu_parse(bytes raw, struct apdu *out);

/* Appends `a` to `out`, in the short form when data <= 255 and ne <= 256 and `extended` is not set.
 * `has_le` is not looked at: ne says whether there is an Le field.
 * ST_OK; ST_BAD_LENGTH: data over 65535 bytes or ne over 65536, nothing is written;
 * ST_NO_SPACE: `out` is, or would become, full; nothing is written. */
MUST_CHECK status apdu_write(const struct apdu *a, buf *out);

#endif
