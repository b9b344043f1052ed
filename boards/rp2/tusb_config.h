/* SPDX-License-Identifier: Apache-2.0 */
/* TinyUSB: a device with none of the stock classes; usb.c brings its own. */
#ifndef BOARDS_RP2_TUSB_CONFIG_H
#define BOARDS_RP2_TUSB_CONFIG_H

#define CFG_TUSB_RHPORT0_MODE OPT_MODE_DEVICE
#define CFG_TUD_ENDPOINT0_SIZE 64

#endif
