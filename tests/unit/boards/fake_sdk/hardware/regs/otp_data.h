/* SPDX-License-Identifier: Apache-2.0 */
/* Of the Pico SDK's header of this name, what test_otp_secret needs; the numbers are the RP2350 datasheet's (13.9). */
#ifndef FAKE_HARDWARE_REGS_OTP_DATA_H
#define FAKE_HARDWARE_REGS_OTP_DATA_H

#define OTP_DATA_PAGE0_LOCK1_ROW 0xF81u
#define OTP_DATA_PAGE52_LOCK1_ROW 0xFE9u
#define OTP_DATA_PAGE52_LOCK1_LOCK_S_VALUE_READ_ONLY 1u
#define OTP_DATA_PAGE52_LOCK1_LOCK_NS_LSB 2u
#define OTP_DATA_PAGE52_LOCK1_LOCK_NS_VALUE_INACCESSIBLE 3u
#define OTP_DATA_PAGE52_LOCK1_LOCK_BL_LSB 4u
#define OTP_DATA_PAGE52_LOCK1_LOCK_BL_VALUE_INACCESSIBLE 3u

#endif
