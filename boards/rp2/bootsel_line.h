/* SPDX-License-Identifier: Apache-2.0 */
/* Where the chip shows the flash chip's select line, which BOOTSEL pulls down. */
#ifndef BOARDS_RP2_BOOTSEL_LINE_H
#define BOARDS_RP2_BOOTSEL_LINE_H

#include <hardware/regs/sio.h>

#ifdef PICO_RP2350
#define BOOTSEL_LINE_BIT SIO_GPIO_HI_IN_QSPI_CSN_BITS
#else
#define BOOTSEL_LINE_BIT (1u << 1) /* of SIO_GPIO_HI_IN, whose fields the SDK does not name on RP2040 */
#endif

#endif
