/* SPDX-License-Identifier: Apache-2.0 */
/* What rows of RP2350's one-time memory mean, once read: a secret, or who may boot. Everything here that could brick a
 * board or lose a secret is a pure function, so that it can be tested without burning a chip. */
#ifndef SHARED_OTP_ROWS_H
#define SHARED_OTP_ROWS_H

#include "base/bytes.h"
#include "base/status.h"
#include "port/device_secret.h"
#include "port/platform.h"

/* ---- votes ---- */

/* Flags are stored in several rows: a bit counts as set when at least `needed` of the `count` copies have it. */
uint32_t otp_vote(const uint32_t *copies, size_t count, unsigned needed);

/* ---- a device secret: 16 bits a row, as the error correction of the chip gives them ---- */

enum {
    OTP_HALF_ROWS = DEVICE_SECRET_SIZE / 2,
    OTP_MARK_ROW = 2 * OTP_HALF_ROWS, /* after the secret and its complement */
    OTP_SECRET_ROWS                   /* so many in all */
};
#define OTP_SECRET_MARK 0x5348u

enum otp_secret { OTP_SECRET_NONE, OTP_SECRET_PRESENT, OTP_SECRET_DAMAGED };

/* Lays out a secret (32 bytes): as little-endian pairs, then the complement of each, then the mark. The complement finds
 * damage, and half of all bits are ones whatever the secret is. */
void otp_secret_rows(bytes secret, uint16_t rows[OTP_SECRET_ROWS]);
/* The opposite. NONE: every row is blank. DAMAGED: anything else that otp_secret_rows did not make, an interrupted
 * provisioning included; the secret is then all zeros. */
enum otp_secret otp_secret_read(const uint16_t rows[OTP_SECRET_ROWS], span secret);

/* ---- secure boot ---- */

enum { OTP_BOOT_KEYS = 4 };

/* How the chip will boot, from the voted flags CRIT1 and BOOT_FLAGS1. `key`: the lowest that counts, FF if none does;
 * `locked`: enabled, and no key slot can become valid that is not. */
struct platform_secure_boot otp_secure_boot(uint32_t crit1, uint32_t boot_flags1);
/* What BOOT_FLAGS1 must become so that boot key `key` counts; `lock`: and no other ever. `key_hash`: what its slot holds.
 * ST_OK; ST_CONDITIONS: no such slot, nothing in it, or it has been made invalid. */
MUST_CHECK status otp_boot_flags(uint32_t now, uint8_t key, bytes key_hash, bool lock, uint32_t *flags);

#endif
