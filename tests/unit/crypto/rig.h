/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of src/crypto share: sources of entropy, good and bad, and an open context. */
#ifndef TESTS_UNIT_CRYPTO_RIG_H
#define TESTS_UNIT_CRYPTO_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "crypto/crypto.h"
#include "hex.h"

#define RIG_POOL_MAX (256u * 1024u)

enum breakage { BREAK_SILENT, BREAK_STUCK, BREAK_BIASED, BREAK_REPEATING };

/* A source that gives the bytes of a seeded xorshift generator until it breaks. */
struct source {
    uint64_t state;
    uint32_t reads_until_break; /* reads that still succeed; UINT32_MAX: for ever */
    enum breakage how;
    uint32_t samples; /* handed out so far */
};

struct rig {
    struct crypto c;
    struct source source;
    struct entropy entropy;
    uint8_t *pool; /* heap, cut to size */
};

/* A good source with 4 bits claimed a sample. */
void rig_source(struct rig *r, uint64_t seed);
/* Opens r->c over a pool of `pool_size` bytes. */
status rig_open_with(struct rig *r, size_t pool_size);
/* Both, with a large pool; fails the test if it cannot. */
void rig_open(struct rig *r, uint64_t seed);
/* Checks that the pool is left clean, closes, frees. */
void rig_close(struct rig *r);
/* Is every byte of the pool zero? */
bool rig_pool_clean(const struct rig *r);

/* One rig for a whole file of tests, open in each and closed after it. */
extern struct rig shared_rig;
int rig_before(void **state);
int rig_after(void **state);
#define SHARED_CASE(test) cmocka_unit_test_setup_teardown(test, rig_before, rig_after)

#define assert_ok(call) assert_int_equal(call, ST_OK)

#endif
