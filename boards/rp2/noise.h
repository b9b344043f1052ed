/* SPDX-License-Identifier: Apache-2.0 */
/* Raw noise of the chip: a ring oscillator's phase on RP2040, the TRNG's ring with every one of its filters off on RP2350.
 * One file for each chip. */
#ifndef BOARDS_RP2_NOISE_H
#define BOARDS_RP2_NOISE_H

#include "port/entropy.h"

struct entropy noise_port(void);

#endif
