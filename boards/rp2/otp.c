/* SPDX-License-Identifier: Apache-2.0 */
/* One call of the boot ROM, in four shapes. */
#include "boards/rp2/otp.h"

#include <pico/bootrom.h>

static status access(uint32_t row, void *values, size_t size, uint32_t how)
{
    otp_cmd_t command = {row | how};
    return rom_func_otp_access(values, size, command) == BOOTROM_OK ? ST_OK : ST_EXECUTION;
}

status otp_read(uint32_t row, uint16_t *values, size_t count)
{
    return access(row, values, count * sizeof *values, OTP_CMD_ECC_BITS);
}

status otp_write(uint32_t row, const uint16_t *values, size_t count)
{
    return access(row, (void *)values, count * sizeof *values, OTP_CMD_ECC_BITS | OTP_CMD_WRITE_BITS);
}

status otp_read_raw(uint32_t row, uint32_t *values, size_t count)
{
    return access(row, values, count * sizeof *values, 0);
}

status otp_write_raw(uint32_t row, const uint32_t *values, size_t count)
{
    return access(row, (void *)values, count * sizeof *values, OTP_CMD_WRITE_BITS);
}
