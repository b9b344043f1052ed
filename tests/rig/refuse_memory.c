/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what is taken from a pool and refuses one of them. */
#include "rig/refuse_memory.h"

#include "crypto/blocks.h"

static uint32_t countdown;
static bool did;

void *__real_block_take(struct crypto *c, size_t size);
void *__wrap_block_take(struct crypto *c, size_t size);

void refuse_memory_at(uint32_t nth)
{
    countdown = nth;
    did = false;
}

bool refuse_memory_did(void)
{
    return did;
}

void *__wrap_block_take(struct crypto *c, size_t size)
{
    if (countdown == 0 || --countdown > 0) return __real_block_take(c, size);
    did = true;
    c->pool_refused = true;
    return NULL;
}
