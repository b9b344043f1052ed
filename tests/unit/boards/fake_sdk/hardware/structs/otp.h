/* SPDX-License-Identifier: Apache-2.0 */
/* Of the Pico SDK's header of this name, what test_otp_secret needs. */
#ifndef FAKE_HARDWARE_STRUCTS_OTP_H
#define FAKE_HARDWARE_STRUCTS_OTP_H

#include <stdint.h>

typedef struct {
    uint32_t sw_lock[64];
} otp_hw_t;

extern otp_hw_t *const otp_hw;

#endif
