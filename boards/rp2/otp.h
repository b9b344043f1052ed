/* SPDX-License-Identifier: Apache-2.0 */
/* RP2350's one-time memory, by the boot ROM's function. Nothing here is ever undone. */
#ifndef BOARDS_RP2_OTP_H
#define BOARDS_RP2_OTP_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* All: ST_OK, or ST_EXECUTION when the boot ROM refuses (a locked page, a bit that would have to go back to 0). */

/* 16 bits a row, corrected by the chip. */
MUST_CHECK status otp_read(uint32_t row, uint16_t *values, size_t count);
MUST_CHECK status otp_write(uint32_t row, const uint16_t *values, size_t count);
/* 24 bits a row, as they are. */
MUST_CHECK status otp_read_raw(uint32_t row, uint32_t *values, size_t count);
MUST_CHECK status otp_write_raw(uint32_t row, const uint32_t *values, size_t count);

#endif
