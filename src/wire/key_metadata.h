/* SPDX-License-Identifier: Apache-2.0 */
/* What a host says about a key beside its algorithm: TLVs 90, 91, 92, 93 (formats.md 1.4), and of secret keys 94, their
 * kind, an extension of ours.
 *
 * They follow the template of GENERATE ASYMMETRIC KEY PAIR, are the whole data of GENERATE
 * SYMMETRIC KEY, follow the components of our key import, and are shown by SELECT of CCkk. */
#ifndef WIRE_KEY_METADATA_H
#define WIRE_KEY_METADATA_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/secret_kind.h"

struct key_metadata {
    bool has_counter, has_list, has_domain, has_wrapping_id;
    uint32_t counter;      /* 90: uses left; 0 = the key is unusable */
    bytes list;            /* 91: algorithm ids, 0..32; present and empty = nothing is allowed */
    uint8_t domain;        /* 92: 0..15 */
    bytes wrapping_id;     /* 93: any bytes up to LIMIT_WRAPPING_ID, stored and shown, without function */
    enum secret_kind kind; /* 94: SECRET_ANY when there is none */
};

/* Reads the metadata among the objects of `in`, in any order; the first of a tag wins, other tags
 * are skipped. Views in `out` point into `in`.
 *   out  written on ST_OK only
 * ST_OK, also when there is none; ST_BAD_DATA: `in` is malformed, 90 has not 4 bytes, 91 more than 32, 93 more than
 * 128, 92 not one byte or more than 15, 94 not one byte or no kind. */
MUST_CHECK status key_metadata_parse(bytes in, struct key_metadata *out);

/* Takes one object, from a walk of the caller's; objects with other tags change nothing.
 * ST_OK; ST_BAD_DATA as above. Start from a zeroed struct. */
MUST_CHECK status key_metadata_take(uint16_t tag, bytes value, struct key_metadata *out);

/* Does the list (91) name `algorithm`? Without a list: false. */
bool key_metadata_names(const struct key_metadata *metadata, uint8_t algorithm);
/* May the key do it: is it named, or is there no list? */
bool key_metadata_allows(const struct key_metadata *metadata, uint8_t algorithm);

/* Appends what is present, in the order 90, 91, 92, 93, 94. `full` when it does not fit. */
void key_metadata_put(buf *out, const struct key_metadata *metadata);

#endif
