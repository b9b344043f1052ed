/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A boot ROM of our own, made at start: the tables that firmware looks functions up in, a few functions in Thumb code, and
 * for all others a BKPT that ends up in bootrom_trap. Nothing of the chip makers' ROM is in it. */
#include "internal.h"

#include <string.h>

// clang-format off
/* void *memset(void *, uint8_t, uint32_t), words while it is aligned */
static const uint16_t code_memset[] = {
    0x4684, 0x2303, 0x4218, 0xd10d,                 /* mov ip, r0; movs r3, #3; tst r0, r3; bne bytes            */
    0x0609, 0x0a0b, 0x4319, 0x0c0b, 0x4319, 0xe001, /* r1 = the byte four times                                  */
    0xc002, 0x3a04, 0x2a04, 0xd2fb, 0xe002,         /* stmia r0!, {r1}; subs r2, #4; cmp r2, #4; bhs             */
    0x7001, 0x3001, 0x3a01, 0x2a00, 0xd1fa,         /* bytes: strb r1, [r0]; adds r0, #1; subs r2, #1; cmp; bne  */
    0x4660, 0x4770};                                /* mov r0, ip; bx lr                                         */
/* void *memcpy(void *, const void *, uint32_t), words while both are aligned */
static const uint16_t code_memcpy[] = {
    0x4684, 0x0003, 0x430b, 0x079b, 0xd10b, 0xe002, /* mov ip, r0; r3 = (r0 | r1) << 30; bne bytes               */
    0xc908, 0xc008, 0x3a04, 0x2a04, 0xd2fa, 0xe004, /* ldmia r1!, {r3}; stmia r0!, {r3}; subs r2, #4; cmp; bhs   */
    0x780b, 0x7003, 0x3001, 0x3101, 0x3a01,         /* bytes: ldrb r3, [r1]; strb r3, [r0]; adds; adds; subs     */
    0x2a00, 0xd1f8, 0x4660, 0x4770};                /* cmp r2, #0; bne; mov r0, ip; bx lr                        */
/* clears the lowest one until none is left */
static const uint16_t code_popcount[] = {0x0001, 0x2000, 0xe002, 0x1e4a, 0x4011, 0x3001, 0x2900, 0xd1fa, 0x4770};
/* shifts out to the right what comes in from the left */
static const uint16_t code_reverse[] = {0x2220, 0x2100, 0x0840, 0x4149, 0x3a01, 0xd1fb, 0x0008, 0x4770};
/* halves the place of the highest one: 16, 8, 4, 2, 1 */
static const uint16_t code_clz[] = {
    0x2120, 0x0c02, 0xd001, 0x3910, 0x0010, 0x0a02, 0xd001, 0x3908, 0x0010, 0x0902, 0xd001, 0x3904,
    0x0010, 0x0882, 0xd001, 0x3902, 0x0010, 0x0842, 0xd002, 0x3902, 0x0008, 0x4770, 0x1a08, 0x4770};
static const uint16_t code_ctz[] = {0x2100, 0x2800, 0xd102, 0x2020, 0x4770, 0x3101, 0x0840, 0xd3fc, 0x0008, 0x4770};
// clang-format on

// clang-format off
enum trap {
    TRAP_LOOKUP = 1, TRAP_NOTHING, TRAP_ERASE, TRAP_PROGRAM, TRAP_EXIT_XIP, TRAP_ENTER_XIP, TRAP_FLUSH, TRAP_USB_BOOT,
    TRAP_REBOOT, TRAP_SYS_INFO, TRAP_OTP, TRAP_ZERO, TRAP_START
};

#define CODE(a, b) ((uint16_t)((a) | (b) << 8))

static const struct { uint16_t code; uint8_t trap; const uint16_t *thumb; size_t size; } functions[] = {
    {CODE('M', 'S'), 0, code_memset, sizeof code_memset},     {CODE('S', '4'), 0, code_memset, sizeof code_memset},
    {CODE('M', 'C'), 0, code_memcpy, sizeof code_memcpy},     {CODE('C', '4'), 0, code_memcpy, sizeof code_memcpy},
    {CODE('P', '3'), 0, code_popcount, sizeof code_popcount}, {CODE('R', '3'), 0, code_reverse, sizeof code_reverse},
    {CODE('L', '3'), 0, code_clz, sizeof code_clz},           {CODE('T', '3'), 0, code_ctz, sizeof code_ctz},
    {CODE('R', 'E'), TRAP_ERASE, NULL, 0},                    {CODE('R', 'P'), TRAP_PROGRAM, NULL, 0},
    {CODE('I', 'F'), TRAP_NOTHING, NULL, 0},                  {CODE('E', 'X'), TRAP_EXIT_XIP, NULL, 0},
    {CODE('C', 'X'), TRAP_ENTER_XIP, NULL, 0},                {CODE('F', 'C'), TRAP_FLUSH, NULL, 0},
    {CODE('X', 'M'), TRAP_NOTHING, NULL, 0},                  {CODE('R', 'A'), TRAP_NOTHING, NULL, 0},
    {CODE('U', 'B'), TRAP_USB_BOOT, NULL, 0},                 {CODE('R', 'B'), TRAP_REBOOT, NULL, 0},
    {CODE('G', 'S'), TRAP_SYS_INFO, NULL, 0},                 {CODE('O', 'A'), TRAP_OTP, NULL, 0},
    {CODE('S', 'R'), TRAP_ZERO, NULL, 0},
};
// clang-format on

enum { TABLE = 0x100, POINTERS = 0x200, PROGRAM = 0x300, FLASH_DEVINFO = 0x400e03fc };

static void put16(struct board *b, uint32_t at, uint32_t v)
{
    memcpy(b->rom + at, &(uint16_t){(uint16_t)v}, 2);
}
static void put32(struct board *b, uint32_t at, uint32_t v)
{
    memcpy(b->rom + at, &v, 4);
}

static uint32_t put_trap(struct board *b, uint32_t *at, unsigned trap)
{
    uint32_t began = *at;
    put16(b, began, 0xbe00 | trap); /* bkpt #trap */
    put16(b, began + 2, 0x4770);    /* bx lr */
    *at += 4;
    return began | 1;
}

static uint32_t put_thumb(struct board *b, uint32_t *at, const uint16_t *thumb, size_t size)
{
    uint32_t began = *at;
    memcpy(b->rom + began, thumb, size);
    *at += (uint32_t)(size + 3) & ~3u;
    return began | 1;
}

void bootrom_build(struct board *b)
{
    uint32_t at = PROGRAM, entry = TABLE;
    memset(b->rom, 0, 0x8000);
    put32(b, 0, 0x20040000);
    put32(b, 4, put_trap(b, &at, TRAP_START));
    put32(b, 0x10, b->chip == RP2040 ? 0x0301754d : 0x0202754d); /* 'M' 'u', kind, version */
    put16(b, 0x14, TABLE);
    put16(b, 0x16, TABLE); /* RP2040: of data; nothing of it is used */
    put32(b, POINTERS, FLASH_DEVINFO);
    put32(b, POINTERS + 4, 0x400e0000);
    uint32_t lookup = put_trap(b, &at, TRAP_LOOKUP);
    put16(b, b->chip == RP2040 ? 0x18 : 0x16, lookup);
    for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++, entry += 4) {
        put16(b, entry, functions[i].code);
        put16(b, entry + 2,
              functions[i].trap ? put_trap(b, &at, functions[i].trap)
                                : put_thumb(b, &at, functions[i].thumb, functions[i].size));
    }
}

/* RP2040: lookup(table, code); RP2350: lookup(code, what) */
static uint32_t lookup(struct board *b, uint32_t r0, uint32_t r1)
{
    uint32_t code = b->chip == RP2040 ? r1 : r0;
    if (b->chip == RP2350 && r1 & 0x40)
        return code == CODE('F', 'D') ? POINTERS : code == CODE('X', 'F') ? POINTERS + 4 : 0;
    for (uint32_t at = TABLE; memory_word(b, at); at += 4)
        if ((memory_word(b, at) & 0xffff) == (code & 0xffff)) return memory_word(b, at) >> 16;
    fprintf(stderr, "pico-hsm-emu: the boot ROM has no '%c%c'\n", (int)(code & 0xff), (int)(code >> 8 & 0xff));
    return 0;
}

/* get_sys_info(out, words, flags): the flags it knows, then their words */
static uint32_t sys_info(struct board *b, uint32_t out, uint32_t room, uint32_t flags)
{
    uint32_t known = flags & (1 | 2 | 4 | 8 | 16 | 64), w[32] = {known}, n = 1;
    if (known & 1) {
        w[n++] = 0; /* package */
        w[n++] = (b->otp[1] & 0xffff) << 16 | (b->otp[0] & 0xffff);
        w[n++] = (b->otp[3] & 0xffff) << 16 | (b->otp[2] & 0xffff);
    }
    if (known & 2) w[n++] = 0;
    if (known & 4) w[n++] = 0; /* ARM */
    if (known & 8) w[n++] = *reg(b, BOOTRAM, FLASH_DEVINFO & 0xfff);
    for (int i = 0; known & 16 && i < 4; i++) w[n++] = (uint32_t)random_u64(b);
    if (known & 64) {
        w[n++] = 0xff00ff | b->boot_type << 8;
        n += 3;
    }
    uint8_t *p = memory_at(b, out, n * 4);
    if (!p || n > room) return (uint32_t)-13; /* buffer too small */
    memcpy(p, w, n * 4);
    return n;
}

/* reboot(flags, delay_ms, p0, p1): by the watchdog, as there */
static void reboot(struct board *b, uint32_t flags, uint32_t delay_ms)
{
    if ((flags & 15) == 2) {
        board_end(b, BOARD_BOOTSEL);
        return;
    }
    *reg(b, WATCHDOG, 0x1c) = 0;
    b->watchdog_us = board_now_us(b) + delay_ms * (uint64_t)1000;
    *reg(b, WATCHDOG, 0) |= 1u << 30;
    b->look |= LOOK_TIME;
    if (flags & 0x100) b->cpu.sleep = SLEEP_WFI, b->cpu.locked = true; /* does not return */
}

static bool flash_call(struct board *b, bool erase, uint32_t r0, uint32_t r1, uint32_t r2)
{
    if (b->flash_called) {
        if (flash_advance(b)) b->flash_called = false;
    } else {
        flash_begin(b, erase, r0, erase ? r1 : r2, r1);
        b->flash_called = b->flash.busy;
    }
    if (b->flash_called) b->cpu.sleep = SLEEP_FLASH;
    return !b->flash_called;
}

static void xip(struct board *b, bool on)
{
    flash_select(b, false);
    *reg(b, IO_QSPI, 0x0c) = 0;
    if (b->chip == RP2040) *reg(b, SSI, 0) = on ? 0x300 : 0;
    if (b->chip == RP2040) *reg(b, SSI, 8) = 1;
    (void)flash_readable(b);
}

bool bootrom_trap(struct board *b, unsigned number)
{
    uint32_t r[4];
    for (int i = 0; i < 4; i++) r[i] = cpu_get(b, UC_ARM_REG_R0 + i);
    switch ((enum trap)number) {
    case TRAP_LOOKUP: cpu_set(b, UC_ARM_REG_R0, lookup(b, r[0], r[1])); return true;
    case TRAP_NOTHING: return true;
    case TRAP_ZERO: cpu_set(b, UC_ARM_REG_R0, 0); return true;
    case TRAP_ERASE: return flash_call(b, true, r[0], r[1], r[2]);
    case TRAP_PROGRAM: return flash_call(b, false, r[0], r[1], r[2]);
    case TRAP_EXIT_XIP: xip(b, false); return true;
    case TRAP_ENTER_XIP: xip(b, true); return true;
    case TRAP_FLUSH:
        flash_select(b, false);
        *reg(b, IO_QSPI, 0x0c) = 0;
        return true;
    case TRAP_USB_BOOT: board_end(b, BOARD_BOOTSEL); return false;
    case TRAP_REBOOT:
        reboot(b, r[0], r[1]);
        cpu_set(b, UC_ARM_REG_R0, 0);
        return true;
    case TRAP_SYS_INFO: cpu_set(b, UC_ARM_REG_R0, sys_info(b, r[0], r[1], r[2])); return true;
    case TRAP_OTP: cpu_set(b, UC_ARM_REG_R0, otp_access(b, r[0], r[1], r[2])); return true;
    case TRAP_START: board_reset_later(b, 0); return true;
    }
    return false;
}

uint32_t bootram_read(struct board *b, uint32_t at, uint32_t stored)
{
    if (at == 0) return 0x47704770;                /* the XIP set-up function: bx lr */
    return at >= 0x80c && at < 0x82c ? 1 : stored; /* boot locks are always won */
}
void bootram_write(struct board *b, uint32_t at, uint32_t data, uint32_t before) {}
