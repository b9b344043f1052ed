/* SPDX-License-Identifier: Apache-2.0 */
/* A NOR flash chip in RAM that tests can torture: power cuts at any operation with torn bits,
 * sectors that wear out, and a hard stop for code that breaks the rules of port/nor.h. Host
 * only: it allocates and prints. */
#ifndef SIM_NOR_H
#define SIM_NOR_H

#include "port/nor.h"

#define SIM_NEVER UINT32_MAX

enum sim_fault {
    SIM_GOOD,
    SIM_REFUSES, /* program and erase of the sector answer ST_FLASH and change nothing     */
    SIM_STICKS,  /* they answer ST_OK, but some bits of the sector do not change           */
    SIM_NO_ERASE /* erase answers ST_FLASH and changes nothing; programming works          */
};

struct sim_nor {
    struct nor nor; /* give its address to the store */
    uint8_t *image;
    uint32_t *erases; /* how often, a sector                                               */
    uint8_t *fault;   /* enum sim_fault, a sector                                          */
    uint64_t seed;    /* of the torn bits                                                  */
    bool unstable;    /* torn bits read at random until their sector is erased             */
    uint8_t *shaky;   /* with `unstable`: the bits of the image that do                    */
    uint32_t cut_in;  /* program and erase operations until the power goes; SIM_NEVER      */
    bool off;         /* power is gone: everything answers ST_FLASH                        */
    uint64_t programs, program_bytes, erase_count, reads, read_bytes, syncs; /* since sim_nor_new */
};

/* A blank chip. Aborts the program when out of memory. Free it with sim_nor_free. */
struct sim_nor *sim_nor_new(uint32_t sector_size, uint32_t sector_count, uint32_t write_size, uint64_t seed);
void sim_nor_free(struct sim_nor *sim);

/* A second chip with the same content, faults and counters; power is on. */
struct sim_nor *sim_nor_copy(const struct sim_nor *sim);

/* The power goes in the middle of the operation (program or erase) after the next `after` ones:
 * any subset of the bits that it would change has changed. */
void sim_nor_cut(struct sim_nor *sim, uint32_t after);
/* Power is back, and no cut is planned. */
void sim_nor_power_on(struct sim_nor *sim);

/* Does the image contain these bytes, raw? */
bool sim_nor_holds(const struct sim_nor *sim, bytes what);

/* Size of the region in bytes. */
size_t sim_nor_size(const struct sim_nor *sim);

/* The simulator's generator (xorshift64*), for tests that want the same randomness everywhere;
 * *state != 0. */
uint32_t sim_random(uint64_t *state);

#endif
