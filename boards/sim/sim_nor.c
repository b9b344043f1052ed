/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated chip. Torn bits come from a seed, so that a failing test can be run again. */
#define _GNU_SOURCE /* memmem */
#include "boards/sim/sim_nor.h"

#include <stdio.h>
#include <stdlib.h>

uint32_t sim_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * 0x2545F4914F6CDD1Du >> 32);
}

size_t sim_nor_size(const struct sim_nor *sim)
{
    return (size_t)sim->nor.sector_size * sim->nor.sector_count;
}

/* The caller broke the contract of port/nor.h: no test may go on. */
static void violation(const char *what, uint32_t at, size_t n)
{
    fprintf(stderr, "sim_nor: %s at 0x%X, %zu bytes\n", what, (unsigned)at, n);
    abort();
}

static void check_range(const struct sim_nor *sim, uint32_t at, size_t n)
{
    if (at > sim_nor_size(sim) || n > sim_nor_size(sim) - at) violation("outside the region", at, n);
}

/* Counts an operation; true when the power goes during it. */
static bool power_goes(struct sim_nor *sim)
{
    if (sim->cut_in == SIM_NEVER) return false;
    if (sim->cut_in-- > 0) return false;
    sim->cut_in = SIM_NEVER;
    sim->off = true;
    return true;
}

/* One byte on its way from `old` to `new` when the power goes: none, all or some of the bits, so
 * that whole runs of the operation are done or not begun as well as mixed. */
static uint8_t torn(struct sim_nor *sim, unsigned mode, uint8_t old, uint8_t new)
{
    uint8_t chosen = (uint8_t)sim_random(&sim->seed);
    if (mode == 0) chosen = 0;
    if (mode == 1) chosen = 0xFF;
    if (mode == 2) chosen |= (uint8_t)(sim_random(&sim->seed) | sim_random(&sim->seed));
    return (uint8_t)((old & ~chosen) | (new &chosen));
}

/* The first part of the operation is done, a part in the middle mixed, the rest not begun; or everything is mixed. */
static void tear_part(struct sim_nor *sim, size_t at, const uint8_t *target, size_t n)
{
    bool all_mixed = (sim_random(&sim->seed) & 1) != 0;
    size_t done = all_mixed ? 0 : sim_random(&sim->seed) % (n + 1);
    size_t mixed = all_mixed ? n : sim_random(&sim->seed) % 17;
    unsigned mode = 2 + (sim_random(&sim->seed) & 1);
    for (size_t i = 0; i < n; i++) {
        unsigned m = i < done ? 1 : i < done + mixed ? mode : 0;
        uint8_t old = sim->image[at + i], new = target ? target[i] : 0xFF;
        if (!target && m == 1) m = mode; /* an erase leaves no byte surely done */
        sim->image[at + i] = torn(sim, m, old, new);
        uint8_t may_shake = (uint8_t)((old ^ new) & sim_random(&sim->seed) & sim_random(&sim->seed));
        if (sim->unstable) sim->shaky[at + i] |= may_shake;
    }
}

/* Everything looks done, or not begun, but for a bit or two: the cells that are just above or below the threshold. */
static void tear_edge(struct sim_nor *sim, size_t at, const uint8_t *target, size_t n)
{
    bool done = (sim_random(&sim->seed) & 1) != 0;
    unsigned odd = sim_random(&sim->seed) % 3;
    for (size_t i = 0, left = odd; i < n; i++) {
        uint8_t old = sim->image[at + i], new = target ? target[i] : 0xFF, changing = old ^ new;
        uint8_t bit = (uint8_t)(changing & (~changing + 1u));
        bool here = left > 0 && bit && sim_random(&sim->seed) % n < 4;
        sim->image[at + i] = done ? new : old;
        if (!here) continue;
        left--;
        sim->image[at + i] ^= sim_random(&sim->seed) & 1 ? bit : 0;
        if (sim->unstable) sim->shaky[at + i] |= bit;
    }
}

static void tear(struct sim_nor *sim, size_t at, const uint8_t *target, size_t n)
{
    if (sim_random(&sim->seed) % 2 == 0) tear_edge(sim, at, target, n);
    else tear_part(sim, at, target, n);
}

static status sim_read(void *ctx, uint32_t at, span into)
{
    struct sim_nor *sim = ctx;
    check_range(sim, at, into.n);
    if (sim->off) return ST_FLASH;
    sim->reads++;
    sim->read_bytes += into.n;
    if (into.n) memcpy(into.p, sim->image + at, into.n);
    for (size_t i = 0; sim->unstable && i < into.n; i++)
        if (sim->shaky[at + i]) into.p[i] ^= (uint8_t)(sim->shaky[at + i] & sim_random(&sim->seed));
    return ST_OK;
}

static status sim_program(void *ctx, uint32_t at, bytes from)
{
    struct sim_nor *sim = ctx;
    uint32_t n = at / sim->nor.sector_size;
    check_range(sim, at, from.n);
    if (sim->off) return ST_FLASH;
    if (from.n == 0 || at % sim->nor.write_size || from.n % sim->nor.write_size)
        violation("misaligned program", at, from.n);
    if ((at + from.n - 1) / sim->nor.sector_size != n) violation("program across sectors", at, from.n);
    if (sim->fault[n] == SIM_REFUSES) return ST_FLASH;
    for (size_t i = 0; i < from.n; i++)
        if (sim->image[at + i] != 0xFF && sim->fault[n] == SIM_GOOD)
            violation("program over programmed bytes", at, from.n);
    sim->programs++;
    sim->program_bytes += from.n;
    if (power_goes(sim)) {
        tear(sim, at, from.p, from.n);
        return ST_FLASH;
    }
    for (size_t i = 0; i < from.n; i++) {
        uint8_t stuck = sim->fault[n] == SIM_STICKS ? (uint8_t)(sim_random(&sim->seed) & sim_random(&sim->seed)) : 0;
        sim->image[at + i] &= (uint8_t)(from.p[i] | stuck);
    }
    return ST_OK;
}

static status sim_erase(void *ctx, uint32_t n)
{
    struct sim_nor *sim = ctx;
    size_t size = sim->nor.sector_size, at = n * size;
    if (n >= sim->nor.sector_count) violation("erase outside the region", n, 0);
    if (sim->off || sim->fault[n] == SIM_REFUSES || sim->fault[n] == SIM_NO_ERASE) return ST_FLASH;
    sim->erases[n]++;
    sim->erase_count++;
    if (power_goes(sim)) {
        tear(sim, at, NULL, size);
        return ST_FLASH;
    }
    if (sim->shaky) memset(sim->shaky + at, 0, size);
    for (size_t i = 0; i < size; i++) {
        uint8_t kept = sim->fault[n] == SIM_STICKS && i % 64 == 0 ? sim->image[at + i] : 0xFF;
        sim->image[at + i] = kept;
    }
    return ST_OK;
}

static status sim_sync(void *ctx)
{
    struct sim_nor *sim = ctx;
    sim->syncs++;
    return sim->off ? ST_FLASH : ST_OK;
}

static void *space(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p) violation("out of memory", 0, n);
    return p;
}

struct sim_nor *sim_nor_new(uint32_t sector_size, uint32_t sector_count, uint32_t write_size, uint64_t seed)
{
    struct sim_nor *sim = space(sizeof *sim);
    sim->nor = (struct nor){sector_size, sector_count, write_size, sim, sim_read, sim_program, sim_erase, sim_sync};
    sim->seed = seed ? seed : 1;
    sim->cut_in = SIM_NEVER;
    sim->image = space(sim_nor_size(sim));
    memset(sim->image, 0xFF, sim_nor_size(sim));
    sim->erases = space(sector_count * sizeof *sim->erases);
    sim->fault = space(sector_count);
    sim->shaky = space(sim_nor_size(sim));
    return sim;
}

void sim_nor_free(struct sim_nor *sim)
{
    if (!sim) return;
    free(sim->image);
    free(sim->erases);
    free(sim->fault);
    free(sim->shaky);
    free(sim);
}

struct sim_nor *sim_nor_copy(const struct sim_nor *from)
{
    struct sim_nor *sim = sim_nor_new(from->nor.sector_size, from->nor.sector_count, from->nor.write_size, from->seed);
    struct sim_nor own = *sim;
    *sim = *from;
    sim->nor = own.nor;
    sim->image = own.image;
    sim->erases = own.erases;
    sim->fault = own.fault;
    sim->shaky = own.shaky;
    memcpy(sim->image, from->image, sim_nor_size(from));
    memcpy(sim->shaky, from->shaky, sim_nor_size(from));
    memcpy(sim->erases, from->erases, from->nor.sector_count * sizeof *from->erases);
    memcpy(sim->fault, from->fault, from->nor.sector_count);
    sim_nor_power_on(sim);
    return sim;
}

void sim_nor_cut(struct sim_nor *sim, uint32_t after)
{
    sim->cut_in = after;
}

void sim_nor_power_on(struct sim_nor *sim)
{
    sim->off = false;
    sim->cut_in = SIM_NEVER;
}

bool sim_nor_holds(const struct sim_nor *sim, bytes what)
{
    return what.n > 0 && memmem(sim->image, sim_nor_size(sim), what.p, what.n) != NULL;
}
