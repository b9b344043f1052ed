/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that change flash, each with the card it is sent to. Power cuts and failing hardware try them all. */
#ifndef TESTS_SIM_CARD_SCENES_H
#define TESTS_SIM_CARD_SCENES_H

#include "tests/sim/card_bench.h"

struct scene {
    const char *name;
    bool virgin; /* the card was never initialised; else it is furnished (below) and the user is logged in */
    bool slow;   /* too slow to cut everywhere: every 16th operation and one seed                           */
    /* Further state, and bench_mark() for what must be gone once the change is made. May be NULL. */
    void (*prepare)(struct bench *b);
    struct answer (*act)(struct rig *r);
    uint16_t sw;     /* what the card answers when nothing goes wrong */
    uint8_t charges; /* the PIN of which one try is taken first; 0: none */
    bool gives_back; /* and given back, for it is right                  */
    bool logs_out;   /* when it fails, nobody is logged in               */
    bool spends_key_2;
};

extern const struct scene scenes[];
extern const size_t scene_count;

/* A card of 256 KiB ready for the scene's command: bench_keep() was called. Options 0021.
 * Furnished: EC keys 1, 2 (5 uses), files CF05 (twice overwritten), C905, CD05 of 3000 bytes, tries 3. */
struct bench *scene_set(const struct scene *s, uint64_t seed);

#endif
