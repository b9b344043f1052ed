/* SPDX-License-Identifier: Apache-2.0 */
/* A secret that a dump of the flash does not contain: OTP, eFuse, a key file. */
#ifndef PORT_DEVICE_SECRET_H
#define PORT_DEVICE_SECRET_H

#include "base/bytes.h"
#include "base/status.h"

#define DEVICE_SECRET_SIZE 32

struct device_secret {
    bool present; /* false: the chip has none (RP2040) and `read` is never called */
    void *ctx;
    /* Fills `secret` (32 bytes). ST_OK or ST_EXECUTION. */
    status (*read)(void *ctx, span secret);
};

#endif
