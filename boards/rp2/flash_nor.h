/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the flash chip behind the firmware, as NOR for the store.
 *
 * The chip is read through its window in the address space, and written by the boot ROM, which needs the chip for itself:
 * interrupts are off meanwhile (a page 0.4 ms, a sector typically 45 ms), for all code but the SDK's runs from it. */
#ifndef BOARDS_RP2_FLASH_NOR_H
#define BOARDS_RP2_FLASH_NOR_H

#include "port/nor.h"

/* Where the card's region begins; the linker keeps the image below. */
#define FLASH_NOR_BASE (1024u * 1024u)

struct flash_nor {
    struct nor port;
    uint32_t chip_size; /* bytes of the whole flash chip */
};

/* Asks the chip for its size; `size_max`: bytes of the largest region that shall be used. `f` must stay where it is. */
void flash_nor_open(struct flash_nor *f, uint32_t size_max);
/* Bytes of flash that the running image occupies. */
uint32_t flash_image_size(void);

#endif
