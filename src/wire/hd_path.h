/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of hierarchical keys (formats.md 11.2): `02 01 master`, then for each level either `02 04 index` or `04 LL
 * label`, of one kind throughout. */
#ifndef WIRE_HD_PATH_H
#define WIRE_HD_PATH_H

#include "base/bytes.h"
#include "base/status.h"

#define HD_DEPTH_MAX 255u /* the depth stands in one byte of an extended public key */
#define HD_LABEL_MAX 127u
#define HD_MASTERS 10u

struct hd_path {
    uint8_t master; /* 0..9 */
    uint8_t depth;  /* levels below the master */
    bool labels;    /* of what kind they are; false when there are none */
    bytes steps;    /* a view of the levels, for hd_step_next */
};

/* One level. */
struct hd_step {
    uint32_t index; /* bit 31: hardened; 0 for labels */
    bytes label;    /* a view of 0..127 bytes */
};

/* Reads the whole path, which `in` must outlive.
 * ST_OK
 * ST_BAD_LENGTH  nothing is there
 * ST_EXECUTION   anything else: no master first, or none of 0..9; a tag, length or mixture that is no path; too deep */
MUST_CHECK status hd_path_parse(bytes in, struct hd_path *path);

/* The next level of `steps`, which was read from the `steps` of a path. False behind the last. */
bool hd_step_next(reader *steps, struct hd_step *step);

#endif
