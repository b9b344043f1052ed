/* SPDX-License-Identifier: Apache-2.0 */
/* A card of tests/rig on a chip of boards/sim that loses power, and a way to try one moment again and again.
 *
 * bench_keep() remembers everything at one instant: the card's RAM, the random numbers, the cells of the chip.
 * bench_back() returns to it, so that a command can be cut at its first, second, third... flash operation without
 * repeating what led up to it. Both cost microseconds. */
#ifndef TESTS_SIM_CARD_BENCH_H
#define TESTS_SIM_CARD_BENCH_H

#include "boards/sim/sim_nor.h"
#include "tests/rig/rig.h"

#define BENCH_SECTORS 64u /* of 4096 bytes: the smallest image we ship, so that the log wraps */
#define BENCH_SLOTS 1024u
#define BENCH_MARKS_MAX 64u

/* The sealed bytes of a value as they lay in flash. */
struct bench_mark {
    uint32_t key;
    size_t size, at; /* at: where in the cells */
    uint8_t *sealed;
};

struct bench {
    struct rig *rig;
    struct sim_nor *sim;           /* the rig's chip                          */
    struct nor nor;                /* what the card sees: counts and refuses  */
    uint32_t ops;                  /* since bench_back */
    uint32_t refuse_at, refuse_to; /* numbers of operations that are refused */
    struct bench_moment *kept;
    struct bench_mark marks[BENCH_MARKS_MAX];
    size_t mark_count;
};

/* A blank chip of BENCH_SECTORS, or of fewer; no card runs on it yet. */
struct bench *bench_new(uint64_t seed);
struct bench *bench_new_small(uint64_t seed, uint32_t sector_count);
/* A card that is selected, initialised with `more` (rig_initialise) and logged in. */
struct bench *bench_ready(uint64_t seed, const char *more);
/* The same on a chip without a card. */
void bench_make_ready(struct bench *b, const char *more);
void bench_free(struct bench *b);

/* Remembers this instant, in place of an earlier one; or the same without the card: a chip alone. */
void bench_keep(struct bench *b);
/* Returns to it; bits torn from now on follow `torn_seed`. */
void bench_back(struct bench *b, uint64_t torn_seed);

/* Power fails in the middle of the flash operation after `n` more: with 0 the next one is torn. Reads do not count. */
void bench_cut_after(struct bench *b, uint32_t n);
/* Did it? */
bool bench_is_cut(const struct bench *b);
/* Flash operations (program, erase) since bench_back. */
uint32_t bench_ops(const struct bench *b);
/* After `n` more flash operations `count` of them answer ST_FLASH and do nothing. */
void bench_fail_after(struct bench *b, uint32_t n, uint32_t count);
/* The card's RAM is lost, power is back, the card starts. */
status bench_power_on(struct bench *b);
/* The same, but power fails again as bench_cut_after(b, n) says, in the middle of the recovery. */
status bench_power_on_but_cut(struct bench *b, uint32_t n);

/* The cells, as somebody with a soldering iron reads them. */
bytes bench_cells(const struct bench *b);

/* Remembers the sealed value of a store key as it stands now; ends the program when there is none. */
void bench_mark(struct bench *b, uint32_t key);
/* The first marked value of which something is still in `cells`: 16 bytes of it anywhere, or, where it lay, what a
 * half-done erase leaves of 16 bytes. NULL: nothing. */
const struct bench_mark *bench_mark_found(const struct bench *b, bytes cells);

/* memmem for views; NULL when it is not there. */
const uint8_t *bytes_find(bytes in, bytes what);
/* Ends the program with a message: the test itself is wrong. */
void bench_die(const char *why);

#endif
