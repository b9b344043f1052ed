/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Runs bench_chip's image on the emulated board and notes the cycle counter at its marks (bench_chip.c).
 *
 *   chip_emulated rp2040|rp2350 IMAGE.bin KEYS [FLASH]
 *   chip_emulated rom FILE
 *
 * One line a row: name, cycles, instructions, and the cycles between the marks of progress; KEYS rows of RSA-2048 keys at
 * the end. FLASH gets the flash chip as it is after the row `store`, for rp2040js/run.mjs, which would take minutes to fill
 * one. All randomness follows from one seed, so that two runs print the same. The second form writes our boot ROM of
 * an RP2040 to a file, for rp2040js/run.mjs. */
#define _GNU_SOURCE
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEED = 1,
    SLICE = 1000000000,
    FLASH_SIZE = 4 << 20,
    TICKS_MAX = 4096,
    ROM_SIZE = 16384,
    MARK_BEGIN = 1,
    MARK_END,
    MARK_TICK
};

struct listener {
    struct board *board;
    struct emu_state begin, end;
    uint64_t ticks[TICKS_MAX];
    size_t tick_count;
    char line[128];
    size_t at;
    unsigned long keys_left;
    const char *flash; /* where the full store goes */
    int code;          /* -1: go on */
};

static void row(struct listener *l)
{
    uint64_t since = l->begin.cycles;
    char name[64];
    if (sscanf(l->line, "%63s", name) != 1) return;
    printf("%s\t%llu\t%llu\t", name, (unsigned long long)(l->end.cycles - l->begin.cycles),
           (unsigned long long)(l->end.instructions - l->begin.instructions));
    for (size_t i = 0; i < l->tick_count; since = l->ticks[i++])
        printf("%s%llu", i ? "," : "", (unsigned long long)(l->ticks[i] - since));
    printf("\n");
    fflush(stdout);
    l->keys_left -= !strncmp(name, "key", 3);
}

static void keep_flash(struct listener *l)
{
    size_t size;
    const uint8_t *flash = board_flash(l->board, &size);
    FILE *f = fopen(l->flash, "wb");
    bool written = f && fwrite(flash, 1, size, f) == size;
    if (f && fclose(f) != 0) written = false;
    if (!written) l->code = 1;
}

static void line(struct listener *l)
{
    if (l->flash && !strncmp(l->line, "store ", 6)) keep_flash(l);
    if (!strncmp(l->line, "failed", 6)) {
        fprintf(stderr, "chip_emulated: %s\n", l->line);
        l->code = 1;
    } else if (strcmp(l->line, "end") != 0) {
        row(l);
    }
    if (l->keys_left == 0 && (!strcmp(l->line, "end") || !strncmp(l->line, "key", 3))) l->code = 0;
    l->at = 0;
}

static void hear(struct listener *l, char c)
{
    if (c == MARK_BEGIN) {
        board_state(l->board, &l->begin);
        l->tick_count = 0;
    } else if (c == MARK_END) {
        board_state(l->board, &l->end);
    } else if (c == MARK_TICK) {
        struct emu_state now;
        board_state(l->board, &now);
        if (l->tick_count < TICKS_MAX) l->ticks[l->tick_count++] = now.cycles;
    } else if (c == '\n') {
        l->line[l->at] = '\0';
        if (l->code < 0) line(l);
    } else if (c != '\r' && l->at < sizeof l->line - 1) {
        l->line[l->at++] = c;
    }
}

static ssize_t from_uart(void *cookie, const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) hear(cookie, data[i]);
    return (ssize_t)n;
}

static int run(struct listener *l)
{
    while (l->code < 0) {
        enum board_state state = board_step(l->board, SLICE);
        if (state == BOARD_ASLEEP) {
            uint64_t next = board_next_us(l->board);
            if (next != UINT64_MAX) board_skip_to(l->board, next);
        }
        struct emu_state now;
        board_state(l->board, &now);
        if ((state == BOARD_RUNNING || state == BOARD_ASLEEP) && now.starts == 1) continue;
        fprintf(stderr, "chip_emulated: the firmware has come down\n");
        return 1;
    }
    return l->code;
}

static int write_rom(const char *path)
{
    static const uint8_t image[4096];
    struct board *b = board_create(&(struct board_config){.chip = RP2040, .image = image, .image_size = sizeof image});
    FILE *f = fopen(path, "wb");
    bool written = b && f && fwrite(b->rom, 1, ROM_SIZE, f) == ROM_SIZE;
    if (f && fclose(f) != 0) written = false;
    board_destroy(b);
    return written ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct listener l = {.code = -1, .keys_left = argc > 3 ? strtoul(argv[3], NULL, 10) : 0};
    if (argc == 3 && !strcmp(argv[1], "rom")) return write_rom(argv[2]);
    if (argc == 5) l.flash = argv[4];
    if (argc < 4 || argc > 5 || (strcmp(argv[1], "rp2040") != 0 && strcmp(argv[1], "rp2350") != 0)) {
        fprintf(stderr, "usage: chip_emulated rp2040|rp2350 IMAGE.bin KEYS [FLASH]\n       chip_emulated rom FILE\n");
        return 1;
    }
    struct board_config config = {
        .chip = !strcmp(argv[1], "rp2040") ? RP2040 : RP2350, .flash_size = FLASH_SIZE, .seed = SEED};
    int from_image;
    uint8_t *image = image_read(argv[2], &config.image_size, &from_image);
    config.image = image;
    config.uart = fopencookie(&l, "w", (cookie_io_functions_t){.write = from_uart});
    if (!image || !config.uart) return 1;
    setvbuf(config.uart, NULL, _IONBF, 0);
    l.board = board_create(&config);
    int code = l.board ? run(&l) : 1;
    board_destroy(l.board);
    fclose(config.uart);
    free(image);
    return code;
}
