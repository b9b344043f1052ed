/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Firmware as files: .bin as it lies in flash, .uf2 as it is copied to a board. */
#include "board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 32 << 20, UF2_BLOCK = 512, FLASH = 0x10000000 };

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    uint8_t *p = f ? malloc(LIMIT) : NULL;
    *size = p ? fread(p, 1, LIMIT, f) : 0;
    if (!*size) fprintf(stderr, "pico-hsm-emu: %s: %s\n", path, f ? "empty" : strerror(errno));
    if (f) fclose(f);
    if (*size) return p;
    free(p);
    return NULL;
}

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool is_uf2(const uint8_t *p, size_t n)
{
    return n >= UF2_BLOCK && word(p) == 0x0a324655 && word(p + 4) == 0x9e5d5157 &&
           word(p + UF2_BLOCK - 4) == 0x0ab16f30;
}

/* -1: a block for somebody else, to be skipped */
static int chip_of(uint32_t family)
{
    return family == 0xe48bff56 ? RP2040 : family == 0xe48bff59 ? RP2350 : -1;
}

static uint8_t *unpack(const uint8_t *file, size_t n, size_t *size, int *chip)
{
    uint8_t *out = malloc(LIMIT);
    if (!out) return NULL;
    memset(out, 0xff, LIMIT);
    *size = 0;
    for (size_t at = 0; at + UF2_BLOCK <= n; at += UF2_BLOCK) {
        const uint8_t *block = file + at;
        uint32_t to = word(block + 12) - FLASH, count = word(block + 16);
        if (!is_uf2(block, UF2_BLOCK) || count > 476 || chip_of(word(block + 28)) < 0 || to >= LIMIT - 476) continue;
        *chip = chip_of(word(block + 28));
        memcpy(out + to, block + 32, count);
        if (to + count > *size) *size = to + count;
    }
    if (*size) return out;
    fprintf(stderr, "pico-hsm-emu: the UF2 has nothing for an RP2040 or an RP2350 (ARM)\n");
    free(out);
    return NULL;
}

uint8_t *image_read(const char *path, size_t *size, int *chip)
{
    uint8_t *file = read_file(path, size);
    if (!file || !is_uf2(file, *size)) return file;
    uint8_t *image = unpack(file, *size, size, chip);
    free(file);
    return image;
}
