/* SPDX-License-Identifier: Apache-2.0 */
/* The device secret: on RP2350 in one-time memory, on RP2040 nowhere. One file for each chip.
 *
 * RP2350: page 52, which the chip's maker leaves to users. Rows D00..D0F hold the secret, D10..D1F its complement, D20 a
 * mark (boards/shared/otp_rows.h), all with the chip's error correction. The page's lock word (row FE9, three copies in
 * one row) then says: secure code may read; the USB boot loader and non-secure code may not. What that is worth without
 * secure boot, when anyone may load secure code of their own, is told in docs/secure-boot.md. */
#ifndef BOARDS_RP2_OTP_SECRET_H
#define BOARDS_RP2_OTP_SECRET_H

#include "base/bytes.h"
#include "port/device_secret.h"

/* What the card is given. Reads the rows once to see whether there is a secret; if so, the page cannot be written or seen
 * by non-secure code until the next reset, whatever its lock word says. Rows that are neither blank nor right count as a
 * secret that cannot be read (ST_EXECUTION): the card then refuses to open, and formats nothing. */
struct device_secret otp_secret_open(void);

/* Burns a device secret (32 random bytes) into the chip, for ever. Nothing in the firmware calls it: it is for a program
 * that somebody runs to provision a board, before the first start of the card, since a card that was formatted without it
 * will not open with it. The page is made unreadable for the boot loader first, then come secret, complement, a comparison,
 * the mark and the write lock. Interrupted, the page is spent: it will read as damaged.
 * ST_OK; ST_EXISTS: the page is not blank, nothing was written; ST_NOT_SUPPORTED: RP2040; ST_EXECUTION. */
MUST_CHECK status otp_secret_provision(bytes secret);

#endif
