/* SPDX-License-Identifier: Apache-2.0 */
/* RP2040 has no memory that a dump of its flash does not contain: docs/boards.md says what that means. */
#include "boards/rp2/otp_secret.h"

struct device_secret otp_secret_open(void)
{
    return (struct device_secret){.present = false};
}

status otp_secret_provision(bytes secret)
{
    return ST_NOT_SUPPORTED;
}
