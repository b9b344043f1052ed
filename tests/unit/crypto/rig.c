/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <stdlib.h>

static uint8_t next_byte(struct source *s)
{
    s->state ^= s->state << 13;
    s->state ^= s->state >> 7;
    s->state ^= s->state << 17;
    return (uint8_t)(s->state * 0x2545F4914F6CDD1Du >> 56);
}

static uint8_t broken_byte(struct source *s)
{
    switch (s->how) {
    case BREAK_STUCK: return 0x5A;
    case BREAK_BIASED: return s->samples % 4 != 3 ? 0x00 : next_byte(s); /* three of four, never many in a row */
    case BREAK_REPEATING: return (uint8_t)(s->samples % 4);              /* 0 1 2 3 0 1 2 3 ... */
    case BREAK_SILENT: break;
    }
    return 0;
}

static status read_source(void *ctx, span samples)
{
    struct source *s = ctx;
    bool broken = s->reads_until_break == 0;
    if (broken && s->how == BREAK_SILENT) return ST_EXECUTION;
    if (!broken && s->reads_until_break != UINT32_MAX) s->reads_until_break--;
    for (size_t i = 0; i < samples.n; i++, s->samples++) samples.p[i] = broken ? broken_byte(s) : next_byte(s);
    return ST_OK;
}

void rig_source(struct rig *r, uint64_t seed)
{
    *r = (struct rig){.source = {.state = seed * 0x9E3779B97F4A7C15u + 1, .reads_until_break = UINT32_MAX}};
    r->entropy = (struct entropy){.millibits_per_sample = 4000, .ctx = &r->source, .read = read_source};
}

status rig_open_with(struct rig *r, size_t pool_size)
{
    free(r->pool);
    r->pool = aligned_alloc(16, pool_size);
    assert_non_null(r->pool);
    return crypto_open(&r->c, (span){r->pool, pool_size}, &r->entropy);
}

void rig_open(struct rig *r, uint64_t seed)
{
    rig_source(r, seed);
    assert_ok(rig_open_with(r, RIG_POOL_MAX));
}

bool rig_pool_clean(const struct rig *r)
{
    return ct_is_zero(view(r->c.pool));
}

void rig_close(struct rig *r)
{
    assert_true(rig_pool_clean(r));
    crypto_close(&r->c);
    assert_true(ct_is_zero((bytes){(const uint8_t *)&r->c, sizeof r->c}));
    free(r->pool);
    r->pool = NULL;
    hex_release();
}

struct rig shared_rig;

int rig_before(void **state)
{
    rig_open(&shared_rig, 1);
    return 0;
}

int rig_after(void **state)
{
    rig_close(&shared_rig);
    return 0;
}
