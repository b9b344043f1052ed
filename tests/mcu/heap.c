/* SPDX-License-Identifier: Apache-2.0 */
/* malloc for little memory: large blocks have a place of their own, or the small ones that a test leaves behind would cut
 * the room for the next simulated flash chip into pieces. Small ones are newlib's. */
#include "base/bytes.h"
#include "tests/m0/host.h"

#include <reent.h>
#include <stdlib.h>
#include <string.h>

#define LARGE (64u * 1024u) /* from here on */
#define LARGE_MAX 64u

extern uint8_t large_start[], large_end[];

static span blocks[LARGE_MAX]; /* in use, by address */
static size_t count;

static void *take(size_t place, uint8_t *at, size_t size)
{
    memmove(blocks + place + 1, blocks + place, (count - place) * sizeof blocks[0]);
    blocks[place] = (span){at, size};
    count++;
    return at;
}

/* The first gap that is large enough. */
static void *large_malloc(size_t size)
{
    uint8_t *at = large_start;
    size_t n = (size + 15) & ~(size_t)15;
    if (count == LARGE_MAX) return NULL;
    for (size_t i = 0; i < count; i++) {
        if ((size_t)(blocks[i].p - at) >= n) return take(i, at, n);
        at = blocks[i].p + blocks[i].n;
    }
    return (size_t)(large_end - at) >= n ? take(count, at, n) : NULL;
}

static void large_free(const uint8_t *p)
{
    for (size_t i = 0; i < count; i++) {
        if (blocks[i].p != p) continue;
        memmove(blocks + i, blocks + i + 1, (count - i - 1) * sizeof blocks[0]);
        count--;
        return;
    }
    host_print("free of what is no block\n");
    abort();
}

void *malloc(size_t size)
{
    return size >= LARGE ? large_malloc(size) : _malloc_r(_REENT, size);
}

void *calloc(size_t n, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(n, size, &all)) return NULL;
    void *p = malloc(all);
    return p ? memset(p, 0, all) : NULL;
}

void free(void *p)
{
    bool is_large = (uint8_t *)p >= large_start && (uint8_t *)p < large_end;
    if (is_large) large_free(p);
    else _free_r(_REENT, p);
}
