/* SPDX-License-Identifier: Apache-2.0 */
/* Zeroed places and numbers from the caller's pool, and the library's malloc, realloc and free. */
#include "crypto/blocks.h"
#include "crypto/internal.h"

void pool_clear(struct crypto *c)
{
    wipe_fast(c->pool.p, c->pool_touched);
    c->pool_touched = 0;
    c->pool_refused = false;
}

void *pool_take(struct crypto *c, size_t size)
{
    void *p = block_take(c, size);
    return p ? memset(p, 0, size) : NULL;
}

void pool_give(struct crypto *c, void *p)
{
    if (p) block_give(p);
}

mp_int *pool_number(struct crypto *c)
{
    mp_int *a = pool_take(c, sizeof(mp_int));
    if (!a || mp_init(a) != 0) return NULL;
    return a;
}

mp_int *pool_number_from(struct crypto *c, bytes value)
{
    mp_int *a = pool_number(c);
    if (!a || mp_read_unsigned_bin(a, not_null(value), (word32)value.n) != 0) return NULL;
    return a;
}

void *crypto_wolf_malloc(size_t size, void *heap, int type)
{
    return crypto_current ? block_take(crypto_current, size) : NULL;
}

void crypto_wolf_free(void *p, void *heap, int type)
{
    if (crypto_current) pool_give(crypto_current, p);
}

void *crypto_wolf_realloc(void *p, size_t size, void *heap, int type)
{
    void *moved = crypto_wolf_malloc(size, heap, type);
    if (!moved || !p) return moved;
    size_t old = block_size(p);
    memcpy(moved, p, old < size ? old : size);
    crypto_wolf_free(p, heap, type);
    return moved;
}
