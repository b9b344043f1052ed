/* SPDX-License-Identifier: Apache-2.0 */
/* hardware_flash behind port/nor.h. */
#include "boards/rp2/flash_nor.h"

#include <hardware/flash.h>
#include <hardware/regs/addressmap.h>
#include <hardware/sync.h>

#define PAGE FLASH_PAGE_SIZE
#define SECTOR FLASH_SECTOR_SIZE
/* As coarse as ESP32-S3 flash encryption, so that images can move between boards and Linux. The chip would take single
 * bytes: what a page is padded with (FF) programs nothing. */
#define WRITE 16u
#define JEDEC_ID 0x9F
#define SIZE_LOG2_MIN 20 /* 1 MiB */
#define SIZE_LOG2_MAX 24 /* 16 MiB: what three address bytes reach */
#define SIZE_UNKNOWN (2u * 1024u * 1024u)

extern char __flash_binary_start, __flash_binary_end; /* the linker's */

static const uint8_t *window(uint32_t at)
{
    return (const uint8_t *)(uintptr_t)(XIP_BASE + FLASH_NOR_BASE + at);
}

static bool inside(const struct flash_nor *f, uint32_t at, size_t n)
{
    uint32_t size = f->port.sector_count * SECTOR;
    return at <= size && n <= size - at;
}

static status nor_read(void *ctx, uint32_t at, span into)
{
    if (!inside(ctx, at, into.n)) return ST_FLASH;
    memcpy(into.p, window(at), into.n);
    return ST_OK;
}

static void program_page(uint32_t at, bytes from)
{
    uint8_t page[PAGE];
    memset(page, 0xFF, sizeof page);
    memcpy(page + at % PAGE, from.p, from.n);
    uint32_t state = save_and_disable_interrupts();
    flash_range_program(FLASH_NOR_BASE + at - at % PAGE, page, PAGE);
    restore_interrupts(state);
    wipe(SPAN(page));
}

static status nor_program(void *ctx, uint32_t at, bytes from)
{
    if (!inside(ctx, at, from.n) || at % WRITE || from.n % WRITE) return ST_FLASH;
    const uint8_t *written = window(at);
    for (bytes left = from; left.n > 0;) {
        bytes part = bytes_first(left, PAGE - at % PAGE);
        program_page(at, part);
        at += (uint32_t)part.n;
        left = bytes_after(left, part.n);
    }
    return memcmp(written, from.p, from.n) == 0 ? ST_OK : ST_FLASH;
}

static bool is_blank(const uint8_t *p, size_t n)
{
    uint8_t all = 0xFF;
    for (size_t i = 0; i < n; i++) all &= p[i];
    return all == 0xFF;
}

static status nor_erase(void *ctx, uint32_t sector)
{
    const struct flash_nor *f = ctx;
    if (sector >= f->port.sector_count) return ST_FLASH;
    uint32_t state = save_and_disable_interrupts();
    flash_range_erase(FLASH_NOR_BASE + sector * SECTOR, SECTOR);
    restore_interrupts(state);
    return is_blank(window(sector * SECTOR), SECTOR) ? ST_OK : ST_FLASH;
}

static status nor_sync(void *ctx)
{
    return ST_OK; /* the boot ROM returns when the chip is done */
}

/* The third byte of the JEDEC id is log2 of the size with all makers seen on boards. */
static uint32_t ask_chip_size(void)
{
    const uint8_t command[4] = {JEDEC_ID};
    uint8_t id[4] = {0};
    uint32_t state = save_and_disable_interrupts();
    flash_do_cmd(command, id, sizeof id);
    restore_interrupts(state);
    return id[3] >= SIZE_LOG2_MIN && id[3] <= SIZE_LOG2_MAX ? 1u << id[3] : SIZE_UNKNOWN;
}

void flash_nor_open(struct flash_nor *f, uint32_t size_max)
{
    f->chip_size = ask_chip_size();
    uint32_t size = f->chip_size > FLASH_NOR_BASE ? f->chip_size - FLASH_NOR_BASE : 0;
    /* The first block of an RP2350's UF2, which works around erratum E10, is addressed to the end of flash: the boot ROM
     * is thought to erase the last sector for it. Kept free on both chips, so that they agree. */
    if (size >= SECTOR) size -= SECTOR;
    if (size > size_max) size = size_max;
    f->port = (struct nor){SECTOR, size / SECTOR, WRITE, f, nor_read, nor_program, nor_erase, nor_sync};
}

uint32_t flash_image_size(void)
{
    return (uint32_t)((uintptr_t)&__flash_binary_end - (uintptr_t)&__flash_binary_start);
}
