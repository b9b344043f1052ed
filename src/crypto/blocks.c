/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks in the caller's pool.
 *
 * First fit over blocks in address order, each behind a 16-byte header; neighbours that are free become one when
 * someone looks for room. A call has a few dozen blocks at most, so walking them is cheap. Given places are wiped. */
#include "crypto/blocks.h"

#include "crypto/internal.h"

#define UNIT 16u

struct block {
    uint32_t size; /* bytes behind the header, a multiple of UNIT */
    uint32_t used;
    uint32_t unused[2];
};
_Static_assert(sizeof(struct block) == UNIT, "blocks follow each other");

static struct block *block_at(struct crypto *c, size_t at)
{
    return (struct block *)(void *)(c->pool.p + at);
}

static size_t block_end(size_t at, const struct block *b)
{
    return at + UNIT + b->size;
}

/* The first block of a clean pool: everything. */
static void pool_begin(struct crypto *c)
{
    *block_at(c, 0) = (struct block){.size = (uint32_t)(c->pool.n - UNIT)};
    c->pool_touched = UNIT;
}

/* Joins the free block at `at` with the free ones behind it. */
static void join_free(struct crypto *c, size_t at)
{
    struct block *b = block_at(c, at);
    for (size_t next = block_end(at, b); next < c->pool.n; next = block_end(at, b)) {
        const struct block *n = block_at(c, next);
        if (n->used) return;
        b->size += UNIT + n->size;
    }
}

/* Makes the free block at `at` a used one of `size` bytes; the rest stays free behind it. */
static void *use_block(struct crypto *c, size_t at, uint32_t size)
{
    struct block *b = block_at(c, at);
    size_t end = at + UNIT + size;
    if (b->size > size) {
        *block_at(c, end) = (struct block){.size = b->size - size - UNIT};
        b->size = size;
        end += UNIT;
    }
    b->used = 1;
    if (end > c->pool_touched) c->pool_touched = end;
    if (end > c->pool_peak) c->pool_peak = end;
    return b + 1;
}

void *block_take(struct crypto *c, size_t size)
{
    bool fits = size < c->pool.n && c->pool.n >= 2 * UNIT;
    if (fits && c->pool_touched == 0) pool_begin(c);
    uint32_t rounded = (uint32_t)((size + UNIT - 1) / UNIT * UNIT);
    for (size_t at = 0; fits && at < c->pool.n; at = block_end(at, block_at(c, at))) {
        if (block_at(c, at)->used) continue;
        join_free(c, at);
        /* Exactly, or with room for the header of the rest. */
        uint32_t room = block_at(c, at)->size;
        if (room == rounded || room >= rounded + UNIT) return use_block(c, at, rounded);
    }
    c->pool_refused = true;
    return NULL;
}

void block_give(void *p)
{
    struct block *b = (struct block *)p - 1;
    wipe_fast(p, b->size);
    b->used = 0;
}

size_t block_size(const void *p)
{
    return ((const struct block *)p - 1)->size;
}
