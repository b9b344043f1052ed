/* SPDX-License-Identifier: Apache-2.0 */
/* How many values of 256 bytes fit in 1 MiB, what a put costs in flash bytes and erases, how long a full store takes
 * to open. */
#include "bench/measure.h"
#include "boards/sim/sim_nor.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#define SECTORS 256u
#define SECTOR 4096u
#define SLOTS 8192u
#define VALUE 256u
#define REWRITES 2000u

static struct store store;
static struct store_slot slots[SLOTS];
static uint8_t value[VALUE];

static void must(status st, const char *what)
{
    if (st == ST_OK) return;
    fprintf(stderr, "bench_store: %s: %s\n", what, status_text(st));
    exit(1);
}

static status put(uint32_t key)
{
    status st = store_begin(&store);
    if (st == ST_OK) st = store_put(&store, key, BYTES(value), 0);
    return st == ST_OK ? store_commit(&store, NULL) : st;
}

static uint32_t fill(void)
{
    uint32_t count = 0;
    while (count < SLOTS && put(STORE_KEY(1 + count, 0)) == ST_OK) count++;
    return count;
}

static void open_step(void *nor)
{
    must(store_open(&store, nor, slots, SLOTS), "open");
}

/* Values are replaced in a store that is nine tenths full. */
static void row_rewrites(struct sim_nor *sim, uint32_t count)
{
    uint64_t bytes_before = sim->program_bytes;
    uint64_t erases_before = sim->erase_count;
    for (uint32_t i = 0; i < count / 10; i++) {
        must(store_begin(&store), "begin");
        must(store_delete(&store, STORE_KEY(1 + i, 0)), "delete");
        must(store_commit(&store, NULL), "commit");
    }
    uint64_t bytes_start = sim->program_bytes, erases_start = sim->erase_count;
    for (uint32_t i = 0; i < REWRITES; i++) must(put(STORE_KEY(1 + count / 10 + i * 7 % (count * 9 / 10), 0)), "put");
    printf("%-44s %12.1f bytes %.3f erases\n", "replace 256 bytes, 90 % full, each",
           (double)(sim->program_bytes - bytes_start) / REWRITES, (double)(sim->erase_count - erases_start) / REWRITES);
    printf("%-44s %12.1f bytes %.3f erases\n", "delete, each", (double)(bytes_start - bytes_before) / (count / 10),
           (double)(erases_start - erases_before) / (count / 10));
}

static void rows(uint32_t write_size)
{
    struct sim_nor *sim = sim_nor_new(SECTOR, SECTORS, write_size, 1);
    must(store_format(&sim->nor), "format");
    must(store_open(&store, &sim->nor, slots, SLOTS), "open");
    uint64_t programmed = sim->program_bytes;
    uint32_t count = fill();
    printf("write size %u\n", write_size);
    printf("%-44s %12u\n", "values of 256 bytes in 1 MiB", count);
    printf("%-44s %12.1f bytes\n", "put into an empty store, each", (double)(sim->program_bytes - programmed) / count);
    print_row("open the full store", median_us(101, open_step, (void *)(uintptr_t)&sim->nor), NULL, 0);
    row_rewrites(sim, count);
    sim_nor_free(sim);
}

int main(void)
{
    rows(4);
    rows(16);
    rows(256);
    return 0;
}
