/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks that the caller's pool is cut into; what is made of them is pool.c's. */
#ifndef CRYPTO_BLOCKS_H
#define CRYPTO_BLOCKS_H

#include "crypto/crypto.h"

/* `size` bytes of any content, 16-byte aligned. NULL, and c->pool_refused set: no room. */
void *block_take(struct crypto *c, size_t size);
/* Wipes and returns a block (not NULL). */
void block_give(void *p);
/* Bytes that a block holds. */
size_t block_size(const void *p);

#endif
