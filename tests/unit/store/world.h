/* SPDX-License-Identifier: Apache-2.0 */
/* A store on a simulated chip, next to a model of it: a plain array. Every change goes to both; world_check compares them, and
 * reads the chip raw for what should no longer be there.
 *
 * A value is a row of 16-byte blocks that name their key and generation, so that one pass over the raw image finds
 * every value that ever was. A failing check prints the world's story, seed included. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boards/sim/sim_nor.h"
#include "store/store.h"

#define WORLD_KEYS 64u /* keys 1..63 of the model */
#define WORLD_SLOTS 64u
#define WORLD_GENERATIONS 65536u

struct world_value {
    uint32_t generation; /* 0: there is no value */
    uint32_t oldest;     /* generations below must not be on flash */
    uint32_t size;
    bool secret;
};

struct world {
    struct sim_nor *sim;
    struct store store;
    struct store_slot slots[WORLD_SLOTS];
    struct world_value now[WORLD_KEYS];     /* the last committed state */
    struct world_value pending[WORLD_KEYS]; /* with the open transaction */
    uint32_t generation, before;            /* the last one given out, and that before the transaction */
    bool *counts;                           /* a generation: was it committed? */
    uint64_t random;
    char story[160];
    bool tolerant; /* faulty flash: ST_FLASH is no failure, nor is what cannot be erased */
};

/* A formatted store, opened. The seed rules values and torn bits. */
struct world *world_new(uint32_t sector_size, uint32_t sector_count, uint32_t write_size, uint64_t seed);
void world_free(struct world *w);
/* Another one in the same state; its chip's bits tear after `seed`. The store is not open. */
struct world *world_copy(const struct world *w, uint64_t seed);

/* Fails the test with the story, `what` and the place when `ok` is false. */
void world_expect(struct world *w, bool ok, const char *what, int line);
#define EXPECT(w, condition) world_expect(w, condition, #condition, __LINE__)

/* Power on, open; compares nothing. */
status world_open(struct world *w);

/* Each does the same in the store and in the model. A failed put or delete, and world_abort, forget the open transaction. */
status world_begin(struct world *w);
status world_put(struct world *w, uint32_t key, uint32_t size, unsigned flags);
status world_delete(struct world *w, uint32_t key);
status world_commit(struct world *w);
void world_abort(struct world *w);

/* Does the store hold exactly this state? */
bool world_is(struct world *w, const struct world_value state[WORLD_KEYS]);
/* After a power cut: the store is in the committed state or in the pending one, and that becomes the committed one. */
void world_old_or_new(struct world *w, bool new_only);

/* The store is in the committed state, and the chip holds nothing that should be gone. */
void world_check(struct world *w);
/* The second half of it. */
void world_scan(struct world *w);

/* 0..below-1, of the world's random numbers. */
uint32_t world_random(struct world *w, uint32_t below);

/* STORE_ROUNDS of the environment times `rounds`: `make soak` turns tests into long runs. */
uint32_t world_rounds(uint32_t rounds);

#endif
