/* SPDX-License-Identifier: Apache-2.0 */
/* Raw noise of the board. Conditioning, health tests and the DRBG live in crypto/: a board delivers samples
 * exactly as its source gives them, never hashed or filtered. */
#ifndef PORT_ENTROPY_H
#define PORT_ENTROPY_H

#include "base/bytes.h"
#include "base/status.h"

struct entropy {
    /* Claimed min-entropy of one sample (one byte) in units of 1/1000 bit, 1..8000. The health tests' cut-offs
     * (SP 800-90B 4.4) and the number of samples a seed needs follow from it. */
    uint32_t millibits_per_sample;
    void *ctx;
    /* Fills `samples`, one sample a byte. ST_OK, or ST_EXECUTION when the source gives none. */
    status (*read)(void *ctx, span samples);
};

#endif
