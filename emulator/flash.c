/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The flash chip: its contents in a file, erases and programs that take time and can be torn, its serial commands, and
 * the two controllers (SSI, QMI) as far as they carry those. */
#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Contents. --- */

static bool map_file(struct flash *f, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat s;
    bool ok =
        fd >= 0 && fstat(fd, &s) == 0 && (s.st_size == 0 || s.st_size == (off_t)f->size) && ftruncate(fd, f->size) == 0;
    void *p = ok ? mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0) close(fd);
    if (p == MAP_FAILED) {
        fprintf(stderr, "pico-hsm-emu: %s: cannot be used as a flash of %u bytes\n", path, f->size);
        return false;
    }
    f->p = p;
    f->mapped = true;
    if (s.st_size == 0) memset(f->p, 0xff, f->size);
    return true;
}

/* The image comes as from a flashing tool: whole sectors are erased, the rest stays. */
static bool put_image(struct board *b)
{
    size_t n = b->config.image_size, sectors = (n + 4095) & ~(size_t)4095;
    if (!b->config.image) return true;
    if (sectors > b->flash.size) {
        fprintf(stderr, "pico-hsm-emu: the image is larger than the flash\n");
        return false;
    }
    memset(b->flash.p, 0xff, sectors);
    memcpy(b->flash.p, b->config.image, n);
    return true;
}

bool flash_open(struct board *b)
{
    struct flash *f = &b->flash;
    f->size = b->config.flash_size ? b->config.flash_size : b->chip == RP2040 ? 2u << 20 : 4u << 20;
    if (f->size & (f->size - 1) || f->size < 1u << 20 || f->size > 16u << 20) {
        fprintf(stderr, "pico-hsm-emu: no flash has %u bytes\n", f->size);
        return false;
    }
    if (b->config.flash_path) return map_file(f, b->config.flash_path) && put_image(b);
    f->p = aligned_alloc(4096, f->size);
    if (!f->p) return false;
    memset(f->p, 0xff, f->size);
    return put_image(b);
}

void flash_close(struct board *b)
{
    if (b->flash.mapped) munmap(b->flash.p, b->flash.size);
    else free(b->flash.p);
}

uint8_t *board_flash(struct board *b, size_t *size)
{
    *size = b->flash.size;
    return b->flash.p;
}

/* --- Erase and program, as the boot ROM does them: a block, sector or page at a time. --- */

static void next_unit(struct board *b)
{
    struct flash *f = &b->flash;
    bool block = f->erase && !(f->at & 0xffff) && f->left >= 0x10000;
    f->unit = !f->erase ? 256 : block ? 0x10000 : 0x1000;
    f->until_us = board_now_us(b) + (!f->erase ? 400 : block ? 150000 : 45000);
    b->look |= LOOK_TIME | LOOK_XIP;
}

void flash_begin(struct board *b, bool erase, uint32_t at, uint32_t count, uint32_t source)
{
    struct flash *f = &b->flash;
    uint32_t unit = erase ? 4096 : 256;
    f->busy = count != 0;
    f->erase = erase;
    f->at = at & (f->size - 1) & ~(unit - 1);
    f->left = (count + unit - 1) & ~(unit - 1);
    f->source = source;
    if (f->busy) next_unit(b);
}

/* Torn: each bit that had to change has changed or not; how many have is different each time. */
static uint8_t torn(struct board *b, uint8_t from, uint8_t to, uint8_t percent)
{
    for (unsigned i = 0; i < 8; i++)
        if ((from ^ to) >> i & 1 && random_u64(b) % 100 >= percent) to ^= (uint8_t)(1u << i);
    return to;
}

static void change(struct board *b, bool cut)
{
    struct flash *f = &b->flash;
    uint8_t percent = cut ? (uint8_t)(random_u64(b) % 101) : 0;
    for (uint32_t i = 0; i < f->unit; i++) {
        uint8_t *p = f->p + f->at + i;
        const uint8_t *source = f->erase ? NULL : memory_at(b, f->source + i, 1);
        uint8_t to = f->erase ? 0xff : *p & (source ? *source : 0xff);
        *p = cut ? torn(b, *p, to, percent) : to;
    }
    f->operations++;
}

bool flash_advance(struct board *b)
{
    struct flash *f = &b->flash;
    if (!f->busy) return true;
    if (board_now_us(b) < f->until_us) return false;
    bool cut = b->config.cut_after && --b->config.cut_after == 0;
    change(b, cut);
    if (cut) {
        board_end(b, BOARD_CUT);
        return false;
    }
    f->at = (f->at + f->unit) & (f->size - 1);
    f->source += f->unit;
    f->left -= f->unit < f->left ? f->unit : f->left;
    f->busy = f->left != 0;
    if (f->busy) next_unit(b);
    else (void)flash_readable(b);
    return !f->busy;
}

uint64_t flash_due(struct board *b)
{
    return b->flash.busy ? b->flash.until_us : NEVER;
}
void flash_fire(struct board *b)
{
    if (b->flash.busy && flash_advance(b) && b->cpu.sleep == SLEEP_FLASH) b->cpu.sleep = AWAKE;
}

/* --- Serial commands. --- */

static uint8_t answer(struct board *b, uint32_t i)
{
    const struct flash *f = &b->flash;
    static const uint8_t unique[8] = {0xe6, 0x61, 0x38, 0x85, 0x97, 0x5a, 0x4c, 0x21};
    uint8_t capacity = 0;
    while (1u << capacity < f->size) capacity++;
    const uint8_t jedec[3] = {0xef, 0x40, capacity};
    switch (f->command[0]) {
    case 0x9f: return i >= 1 && i <= 3 ? jedec[i - 1] : 0;
    case 0x4b: return i >= 5 && i < 13 ? unique[i - 5] : 0;
    case 0x05: return 0; /* status 1: ready */
    case 0x35: return 2; /* status 2: quad enabled */
    case 0xab: return i >= 4 ? (uint8_t)(capacity - 1) : 0;
    case 0x90: return i >= 4 ? i & 1 ? (uint8_t)(capacity - 1) : 0xef : 0;
    case 0x03:
        return i >= 4 ? f->p[(((uint32_t)f->command[1] << 16 | (uint32_t)f->command[2] << 8 | f->command[3]) + i - 4) &
                             (f->size - 1)]
                      : 0;
    default: return 0;
    }
}

static uint8_t exchange(struct board *b, uint8_t out)
{
    struct flash *f = &b->flash;
    if (f->clocked < sizeof f->command) f->command[f->clocked] = out;
    return f->clocked++ ? answer(b, f->clocked - 1) : 0;
}

void flash_select(struct board *b, bool selected)
{
    if (selected != b->flash.selected) b->flash.clocked = b->flash.in_count = 0;
    b->flash.selected = selected;
}

static void push(struct flash *f, uint8_t v)
{
    if (f->in_count < sizeof f->in) f->in[f->in_count++] = v;
}

static uint8_t pop(struct flash *f)
{
    uint8_t v = f->in_count ? f->in[0] : 0;
    if (f->in_count) memmove(f->in, f->in + 1, --f->in_count);
    return v;
}

/* --- When code and data in flash can be read. --- */

enum { CTRLR0 = 0, SSIENR = 8, SER = 0x10, RXFLR = 0x24, SR = 0x28, DR0 = 0x60 };
enum { DIRECT_CSR = 0, DIRECT_TX = 4, DIRECT_RX = 8 };

bool flash_readable(struct board *b)
{
    uint32_t pad = b->chip == RP2040 ? *reg(b, IO_QSPI, 0x0c) >> 12 & 3 : *reg(b, IO_QSPI, 0x1c) >> 14 & 3;
    bool controller = b->chip == RP2040 ? *reg(b, SSI, SSIENR) & 1 && (*reg(b, SSI, CTRLR0) >> 8 & 3) == 3
                                        : !(*reg(b, QMI, DIRECT_CSR) & 1);
    bool readable = controller && pad < 2 && !b->flash.busy;
    b->look = readable ? b->look & ~(unsigned)LOOK_XIP : b->look | LOOK_XIP;
    if (readable == b->flash.hidden) b->look |= LOOK_TIME; /* flash_hide is due */
    return readable;
}

void flash_hide(struct board *b)
{
    bool hide = !flash_readable(b);
    if (hide == b->flash.hidden) return;
    b->flash.hidden = hide;
    (void)uc_mem_protect(b->cpu.uc, 0x10000000, 16u << 20, hide ? UC_PROT_NONE : UC_PROT_READ | UC_PROT_EXEC);
}

/* --- SSI of the RP2040. Without a forced chip select a command ends when its answer has been read. --- */

uint32_t ssi_read(struct board *b, uint32_t at, uint32_t stored)
{
    struct flash *f = &b->flash;
    if (at == SR) return 6u | (f->in_count ? 8 : 0);
    if (at == RXFLR) return f->in_count;
    if (at < DR0 || at > 0xec) return stored;
    uint8_t v = pop(f);
    if (!f->in_count && !f->selected) f->clocked = 0;
    return v;
}

void ssi_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at >= DR0 && at <= 0xec && *reg(b, SSI, SSIENR) & 1) push(&b->flash, exchange(b, (uint8_t)data));
    if (at == SSIENR && !(data & 1)) b->flash.in_count = b->flash.clocked = 0;
    (void)flash_readable(b);
}

/* --- QMI of the RP2350. --- */

uint32_t qmi_read(struct board *b, uint32_t at, uint32_t stored)
{
    if (at == DIRECT_CSR)
        return (stored & 0x000000ff & ~2u) | 1u << 11 | (b->flash.in_count ? b->flash.in_count << 18 : 1u << 16);
    return at == DIRECT_RX ? pop(&b->flash) : stored;
}

void qmi_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at == DIRECT_CSR) flash_select(b, *reg(b, QMI, at) & 4);
    if (at == DIRECT_TX && b->flash.selected) {
        uint8_t in = exchange(b, (uint8_t)data);
        if (!(data & 1u << 20)) push(&b->flash, in); /* NOPUSH */
    }
    (void)flash_readable(b);
}
