/* SPDX-License-Identifier: Apache-2.0 */
/* Raw NOR flash as the store sees it. A board fills one in; tests fill one in that loses power.
 *
 * After a power cut during a program or an erase, any subset of the bits that the operation would change
 * may have changed, and may read differently later until the sector is erased.
 * Every function returns ST_OK or ST_FLASH. `at` and sizes are bytes. */
#ifndef PORT_NOR_H
#define PORT_NOR_H

#include "base/bytes.h"
#include "base/status.h"

struct nor {
    uint32_t sector_size;  /* bytes, 4096..65536, a power of two: the smallest erasable unit               */
    uint32_t sector_count; /* sectors in the region                                                        */
    uint32_t write_size;   /* 1..256, a power of two: `at` and length of every program are multiples of it */
    void *ctx;
    status (*read)(void *ctx, uint32_t at, span into);
    status (*program)(void *ctx, uint32_t at, bytes from); /* only over erased (FF) bytes, once            */
    status (*erase)(void *ctx, uint32_t sector);           /* sector number; every byte becomes FF         */
    status (*sync)(void *ctx);                             /* returns once earlier writes survive a cut    */
};

#endif
