/* SPDX-License-Identifier: Apache-2.0 */
/* BER-TLV as this card speaks it (apdu.md 1.9): read with a bounded cursor, written minimally.
 *
 * Tags have one byte, or two when the low five bits of the first are all ones. Lengths are 00..7F,
 * 81 xx, 82 xx xx; longer than needed is accepted when reading and never written. Everything else
 * (indefinite, 83, 84, three-byte tags, a value past the end of its parent) is malformed. */
#ifndef WIRE_TLV_H
#define WIRE_TLV_H

#include "base/bytes.h"

#define TLV_VALUE_MAX 65535u

typedef struct {
    uint16_t tag;
    bytes value;
} tlv; /* the value is a view into what was read */

/* Reads the next object. False at the clean end of `r`, and when the bytes are malformed: then
 * r->bad is set, and every further call is false. So: loop while true, then look at r->bad once.
 *   out  written in either case; only to be used when true was returned */
bool tlv_next(reader *r, tlv *out);

/* The value of the first object with `tag` at the top level of `in`. False, and *value empty, when
 * there is none, and when `in` is malformed anywhere at its top level. */
bool tlv_find(bytes in, uint16_t tag, bytes *value);

/* Is `in` a sequence of whole objects, none included? Looks at the top level only. */
bool tlv_well_formed(bytes in);

/* Bytes of tag and minimal length before a value of `n` (0..65535) bytes: 2..6. */
size_t tlv_header_size(uint16_t tag, size_t n);
/* Bytes of a whole object with a value of `n` bytes. */
size_t tlv_size(uint16_t tag, size_t n);

/* Appends tag and minimal length; the caller appends the `n` bytes of the value. n over 65535:
 * full. */
void tlv_put_header(buf *out, uint16_t tag, size_t n);
/* Appends a whole object, header and value or nothing; `full` when it does not fit. */
void tlv_put(buf *out, uint16_t tag, bytes value);
/* An object with a value of one byte, or of two, big-endian. */
void tlv_put_u8(buf *out, uint16_t tag, uint8_t value);
void tlv_put_u16(buf *out, uint16_t tag, uint16_t value);

/* Begins an object whose length is not known yet: appends its tag. Returns the mark for tlv_close.
 * Objects nest: close the inner one first. */
size_t tlv_open(buf *out, uint16_t tag);
/* Ends the object that returned `mark`: everything appended since becomes its value and moves up to
 * make room for the minimal length (1..3 bytes): views into it are stale afterwards. Over 65535
 * bytes, or no room: `full`. */
void tlv_close(buf *out, size_t mark);
/* What was appended since `mark`; a view that tlv_close of this or an outer object makes stale. */
bytes tlv_since(const buf *out, size_t mark);

#endif
