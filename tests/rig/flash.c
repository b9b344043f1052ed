/* SPDX-License-Identifier: Apache-2.0 */
/* The rig's flash: a simulated chip whose whole content a test can take and give. */
#include "tests/rig/rig.h"

#include <stdio.h>
#include <stdlib.h>

#define SECTOR_SIZE 4096u
#define WRITE_SIZE 16u

void rig_flash_new(struct rig *r, uint32_t sector_count, uint64_t seed)
{
    r->sim = sim_nor_new(SECTOR_SIZE, sector_count, WRITE_SIZE, seed + 1);
    r->board.nor = &r->sim->nor;
}

void rig_flash_free(struct rig *r)
{
    sim_nor_free(r->sim);
}

bytes rig_image(struct rig *r)
{
    return rig_copy(r, (bytes){r->sim->image, sim_nor_size(r->sim)});
}

void rig_image_set(struct rig *r, bytes image)
{
    if (r->open || image.n != sim_nor_size(r->sim)) {
        fprintf(stderr, "rig: an image of another size, or under a running card\n");
        abort();
    }
    memcpy(r->sim->image, image.p, image.n);
}
