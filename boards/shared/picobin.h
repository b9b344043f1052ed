/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks that RP2350's boot ROM reads in an image (RP2350 datasheet 5.9), as far as they name the key that signed it. */
#ifndef SHARED_PICOBIN_H
#define SHARED_PICOBIN_H

#include "base/bytes.h"

#define PICOBIN_KEY_SIZE 64u /* a point of secp256k1, X and Y; a boot key slot holds its SHA-256 */

/* Follows the loop of blocks from the first one within 4 KiB of the start of flash. `flash` may be longer than the image.
 * True: the image has exactly one signature; `key` (PICOBIN_KEY_SIZE bytes) is whom it names. Nothing is verified: who
 * believes this asks whether an image *claims* to be bootable, not whether it is. Any bytes may be given. */
bool picobin_signer(bytes flash, span key);

#endif
