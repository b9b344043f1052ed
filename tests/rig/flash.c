/* SPDX-License-Identifier: Apache-2.0 */
/* Plain NOR flash in memory that stops the program when the card breaks the rules of the chip. */
#include "tests/rig/rig.h"

#include <stdio.h>
#include <stdlib.h>

#define SECTOR_SIZE 4096u
#define WRITE_SIZE 16u

struct flash {
    uint8_t *cells;
    size_t size;
};

static void must(bool holds, const char *rule)
{
    if (holds) return;
    fprintf(stderr, "flash: %s\n", rule);
    abort();
}

static status flash_read(void *ctx, uint32_t at, span into)
{
    struct flash *f = ctx;
    must(at <= f->size && into.n <= f->size - at, "read outside");
    memcpy(into.p, f->cells + at, into.n);
    return ST_OK;
}

static status flash_program(void *ctx, uint32_t at, bytes from)
{
    struct flash *f = ctx;
    must(at <= f->size && from.n <= f->size - at, "program outside");
    must(at % WRITE_SIZE == 0 && from.n % WRITE_SIZE == 0, "program unaligned");
    for (size_t i = 0; i < from.n; i++) must(f->cells[at + i] == 0xFF, "program over written bytes");
    memcpy(f->cells + at, from.p, from.n);
    return ST_OK;
}

static status flash_erase(void *ctx, uint32_t sector)
{
    struct flash *f = ctx;
    must(sector < f->size / SECTOR_SIZE, "erase outside");
    memset(f->cells + (size_t)sector * SECTOR_SIZE, 0xFF, SECTOR_SIZE);
    return ST_OK;
}

static status flash_sync(void *ctx)
{
    return ST_OK;
}

void rig_flash_new(struct rig *r, uint32_t sector_count)
{
    struct flash *f = malloc(sizeof *f);
    must(f != NULL, "no memory");
    f->size = (size_t)sector_count * SECTOR_SIZE;
    f->cells = malloc(f->size);
    must(f->cells != NULL, "no memory");
    memset(f->cells, 0xFF, f->size);
    r->flash = f;
    r->nor = (struct nor){SECTOR_SIZE, sector_count, WRITE_SIZE, f, flash_read, flash_program, flash_erase, flash_sync};
}

void rig_flash_free(struct rig *r)
{
    struct flash *f = r->flash;
    free(f->cells);
    free(f);
}

bytes rig_image(struct rig *r)
{
    struct flash *f = r->flash;
    return rig_copy(r, (bytes){f->cells, f->size});
}

void rig_image_set(struct rig *r, bytes image)
{
    struct flash *f = r->flash;
    must(!r->open && image.n == f->size, "an image of another size, or under a running card");
    memcpy(f->cells, image.p, image.n);
}
