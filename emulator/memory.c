/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The memory map: which addresses are memory, which are registers, and who owns those.
 *
 * A register block is 4 KiB of words with three more views: writing to +1000 toggles, +2000 sets, +3000 clears bits. A
 * block without functions just remembers; one that is named and `unknown` is not modelled, and says so once. */
#include "internal.h"

#include <string.h>

enum { ALIASES = 1, UNKNOWN = 2, BYTES = 4 };

struct registers {
    const char *name;
    uint32_t base[2]; /* RP2040, RP2350; 0: it has none */
    unsigned flags;
    register_read *read;
    register_write *write;
};

// clang-format off
static const struct registers blocks[BLOCK_COUNT] = {
    [SYSINFO]    = {"SYSINFO",    {0x40000000, 0x40000000}, ALIASES, sysinfo_read, NULL},
    [SYSCFG]     = {"SYSCFG",     {0x40004000, 0x40008000}, ALIASES, NULL, NULL},
    [CLOCKS]     = {"CLOCKS",     {0x40008000, 0x40010000}, ALIASES, clocks_read, clocks_write},
    [RESETS]     = {"RESETS",     {0x4000c000, 0x40020000}, ALIASES, resets_read, resets_write},
    [PSM]        = {"PSM",        {0x40010000, 0x40018000}, ALIASES, status_read, NULL},
    [IO_BANK0]   = {"IO_BANK0",   {0x40014000, 0x40028000}, ALIASES, NULL, NULL},
    [IO_QSPI]    = {"IO_QSPI",    {0x40018000, 0x40030000}, ALIASES, io_qspi_read, io_qspi_write},
    [PADS_BANK0] = {"PADS_BANK0", {0x4001c000, 0x40038000}, ALIASES, NULL, NULL},
    [PADS_QSPI]  = {"PADS_QSPI",  {0x40020000, 0x40040000}, ALIASES, NULL, NULL},
    [XOSC]       = {"XOSC",       {0x40024000, 0x40048000}, ALIASES, status_read, NULL},
    [PLL_SYS]    = {"PLL_SYS",    {0x40028000, 0x40050000}, ALIASES, status_read, clocks_write},
    [PLL_USB]    = {"PLL_USB",    {0x4002c000, 0x40058000}, ALIASES, status_read, NULL},
    [ACCESSCTRL] = {"ACCESSCTRL", {0,          0x40060000}, ALIASES, NULL, NULL},
    [BUSCTRL]    = {"BUSCTRL",    {0x40030000, 0x40068000}, ALIASES, NULL, NULL},
    [UART0]      = {"UART0",      {0x40034000, 0x40070000}, ALIASES, uart_read, uart_write},
    [UART1]      = {"UART1",      {0x40038000, 0x40078000}, ALIASES, uart_read, uart_write},
    [SPI0]       = {"SPI0",       {0x4003c000, 0x40080000}, ALIASES | UNKNOWN, NULL, NULL},
    [SPI1]       = {"SPI1",       {0x40040000, 0x40088000}, ALIASES | UNKNOWN, NULL, NULL},
    [I2C0]       = {"I2C0",       {0x40044000, 0x40090000}, ALIASES | UNKNOWN, NULL, NULL},
    [I2C1]       = {"I2C1",       {0x40048000, 0x40098000}, ALIASES | UNKNOWN, NULL, NULL},
    [ADC]        = {"ADC",        {0x4004c000, 0x400a0000}, ALIASES | UNKNOWN, NULL, NULL},
    [PWM]        = {"PWM",        {0x40050000, 0x400a8000}, ALIASES, NULL, pwm_write},
    [TIMER0]     = {"TIMER0",     {0x40054000, 0x400b0000}, ALIASES, timer0_read, timer0_write},
    [TIMER1]     = {"TIMER1",     {0,          0x400b8000}, ALIASES, timer1_read, timer1_write},
    [WATCHDOG]   = {"WATCHDOG",   {0x40058000, 0x400d8000}, ALIASES, watchdog_read, watchdog_write},
    [RTC]        = {"RTC",        {0x4005c000, 0},          ALIASES, calendar_read, calendar_write},
    [ROSC]       = {"ROSC",       {0x40060000, 0x400e8000}, ALIASES, rosc_read, NULL},
    [VREG]       = {"VREG",       {0x40064000, 0},          ALIASES, status_read, NULL},
    [TBMAN]      = {"TBMAN",      {0x4006c000, 0x40160000}, ALIASES, status_read, NULL},
    [HSTX]       = {"HSTX",       {0,          0x400c0000}, ALIASES | UNKNOWN, NULL, NULL},
    [XIP_CTRL]   = {"XIP_CTRL",   {0x14000000, 0x400c8000}, ALIASES, status_read, NULL},
    [SSI]        = {"SSI",        {0x18000000, 0},          ALIASES, ssi_read, ssi_write},
    [QMI]        = {"QMI",        {0,          0x400d0000}, ALIASES, qmi_read, qmi_write},
    [BOOTRAM]    = {"BOOTRAM",    {0,          0x400e0000}, ALIASES | BYTES, bootram_read, bootram_write},
    [TRNG]       = {"TRNG",       {0,          0x400f0000}, ALIASES, trng_read, trng_write},
    [SHA256]     = {"SHA256",     {0,          0x400f8000}, ALIASES | UNKNOWN, NULL, NULL},
    [POWMAN]     = {"POWMAN",     {0,          0x40100000}, ALIASES, powman_read, powman_write},
    [TICKS]      = {"TICKS",      {0,          0x40108000}, ALIASES, ticks_read, NULL},
    [OTP]        = {"OTP",        {0,          0x40120000}, ALIASES, otp_read, otp_write},
    [OTP_DATA]   = {"OTP_DATA",   {0,          0x40130000}, 0, otp_data_read, NULL},
    [OTP_RAW]    = {"OTP_RAW",    {0,          0x40134000}, 0, otp_raw_read, NULL},
    [OTP_GUARDED] = {"OTP_GUARDED", {0,        0x40138000}, 0, otp_data_read, NULL},
    [OTP_RAW_GUARDED] = {"OTP_RAW_GUARDED", {0, 0x4013c000}, 0, otp_raw_read, NULL},
    [GLITCH]     = {"GLITCH",     {0,          0x40158000}, ALIASES, NULL, NULL},
    [DMA]        = {"DMA",        {0x50000000, 0x50000000}, ALIASES | UNKNOWN, NULL, NULL},
    [DPRAM]      = {"DPRAM",      {0x50100000, 0x50100000}, BYTES, dpram_read, dpram_write},
    [USB]        = {"USB",        {0x50110000, 0x50110000}, ALIASES, usb_read, usb_write},
    [PIO0]       = {"PIO0",       {0x50200000, 0x50200000}, ALIASES, pio_read, pio0_write},
    [PIO1]       = {"PIO1",       {0x50300000, 0x50300000}, ALIASES, pio_read, pio1_write},
    [PIO2]       = {"PIO2",       {0,          0x50400000}, ALIASES, pio_read, pio2_write},
    [XIP_AUX]    = {"XIP_AUX",    {0x50400000, 0x50500000}, UNKNOWN, NULL, NULL},
    [MAINTENANCE] = {"MAINTENANCE", {0,        0x18000000}, 0, NULL, NULL}, /* of the cache, which is not modelled */
    [SIO]        = {"SIO",        {0xd0000000, 0xd0000000}, 0, sio_read, sio_write},
    [PPB]        = {"PPB",        {0xe000e000, 0xe000e000}, BYTES, ppb_read, ppb_write},
};
// clang-format on

void complain(struct board *b, const char *what, uint32_t at)
{
    for (uint32_t i = 0; i < b->complaint_count; i++)
        if (b->complaints[i] == at) return;
    if (b->complaint_count == sizeof b->complaints / sizeof b->complaints[0]) return;
    b->complaints[b->complaint_count++] = at;
    if (b->config.trace)
        fprintf(stderr, "pico-hsm-emu: %llu us: %s at %08x, code near %08x\n", (unsigned long long)board_now_us(b),
                what, at, b->cpu.block_at);
}

static enum block owner_of(const struct board *b, uint32_t at)
{
    if (at - 0x40000000u < 0x20000000u) return b->owner[(at - 0x40000000u) >> 14];
    if ((at & 0xfffdf000u) == 0xd0000000u) return SIO;
    if ((at & 0xfffdf000u) == 0xe000e000u) return PPB;
    if (b->chip == RP2040 && at >> 14 == 0x14000000u >> 14) return XIP_CTRL;
    if (b->chip == RP2040 && at >> 14 == 0x18000000u >> 14) return SSI;
    return b->chip == RP2350 && at >> 26 == 0x18000000u >> 26 ? MAINTENANCE : NO_BLOCK;
}

static enum block judge(struct board *b, uint32_t at)
{
    enum block block = owner_of(b, at);
    if (block == NO_BLOCK) {
        complain(b, "no register", at);
        cpu_bus_error(b, at);
    } else if (blocks[block].flags & UNKNOWN) {
        complain(b, blocks[block].name, at);
    }
    if (at >> 28 == 4) b->cycles += 3; /* the slow bus */
    b->last_block = block;
    return block;
}

static uint64_t read_region(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    const struct region *region = user;
    struct board *b = region->b;
    uint32_t at = region->at + (uint32_t)offset;
    enum block block = judge(b, at);
    if (block == NO_BLOCK) return 0;
    const struct registers *r = &blocks[block];
    uint32_t within = at & ((r->flags & ALIASES) || block == SIO || block == PPB ? 0xffcu : 0x3ffcu);
    uint32_t value = within < 4096 ? b->regs[block][within / 4] : 0;
    if (r->read) value = r->read(b, within, value);
    value >>= (at & 3) * 8;
    return size == 4 ? value : value & ((1u << size * 8) - 1);
}

static void write_region(uc_engine *uc, uint64_t offset, unsigned size, uint64_t data64, void *user)
{
    const struct region *region = user;
    struct board *b = region->b;
    uint32_t at = region->at + (uint32_t)offset;
    enum block block = judge(b, at);
    if (block == NO_BLOCK) return;
    const struct registers *r = &blocks[block];
    uint32_t mask = 0xffffffffu, data = (uint32_t)data64, within = at & 0xffc;
    if (size < 4) data = size == 1 ? (data & 0xff) * 0x01010101u : (data & 0xffff) * 0x00010001u; /* as on the bus */
    if (size < 4 && (r->flags & BYTES)) mask = (size == 1 ? 0xffu : 0xffffu) << (at & 3) * 8;
    uint32_t *stored = &b->regs[block][within / 4], before = *stored;
    unsigned view = r->flags & ALIASES ? at >> 12 & 3 : 0;
    const uint32_t result[4] = {data, before ^ data, before | data, before & ~data};
    *stored = (before & ~mask) | (result[view] & mask);
    if (r->write) r->write(b, within, data & mask, before);
}

static bool map_registers(struct board *b, uint32_t at, uint32_t size)
{
    struct region *r = &b->regions[b->region_count++];
    *r = (struct region){b, at};
    return uc_mmio_map(b->cpu.uc, at, size, read_region, r, write_region, r) == UC_ERR_OK;
}

static bool map(struct board *b, uint32_t at, uint32_t size, uint32_t permissions, void *p)
{
    return uc_mem_map_ptr(b->cpu.uc, at, size, permissions, p) == UC_ERR_OK;
}

/* Flash repeats through its window of 16 MiB, as the chip ignores the address lines that it does not have. */
static bool map_flash(struct board *b, uint32_t at)
{
    for (uint32_t i = 0; i < 16u << 20; i += b->flash.size)
        if (!map(b, at + i, b->flash.size, UC_PROT_READ | UC_PROT_EXEC, b->flash.p)) return false;
    return true;
}

bool memory_map(struct board *b)
{
    b->region_count = 0;
    for (unsigned i = 1; i < BLOCK_COUNT; i++) {
        uint32_t base = blocks[i].base[b->chip];
        if (base - 0x40000000u < 0x20000000u) b->owner[(base - 0x40000000u) >> 14] = (uint8_t)i;
    }
    bool ok = map(b, 0, 0x8000, UC_PROT_READ | UC_PROT_EXEC, b->rom) &&
              map(b, 0x20000000, b->ram_size, UC_PROT_ALL, b->ram) && map_registers(b, 0x40000000, 0x20000000) &&
              map_registers(b, 0xd0000000, 0x40000) && map_registers(b, 0xe0000000, 0x100000) &&
              map_flash(b, 0x10000000);
    if (b->chip == RP2350)
        return ok && map_flash(b, 0x14000000) && map_flash(b, 0x1c000000) && map_registers(b, 0x18000000, 0x4000000);
    return ok && map_flash(b, 0x11000000) && map_flash(b, 0x12000000) && map_flash(b, 0x13000000) &&
           map(b, 0x15000000, 0x4000, UC_PROT_ALL, b->xip_ram) && map_registers(b, 0x14000000, 0x4000) &&
           map_registers(b, 0x18000000, 0x4000);
}

uint8_t *memory_at(struct board *b, uint32_t at, uint32_t n)
{
    if (at >= 0x20000000 && n <= b->ram_size && at - 0x20000000 <= b->ram_size - n) return b->ram + (at - 0x20000000);
    if (at < 0x8000 && n <= 0x8000 - at) return b->rom + at;
    if (at >> 28 != 1) return NULL;
    at &= b->flash.size - 1;
    return n <= b->flash.size - at ? b->flash.p + at : NULL;
}

uint32_t memory_word(struct board *b, uint32_t at)
{
    uint32_t word = 0;
    const uint8_t *p = memory_at(b, at, 4);
    if (p) memcpy(&word, p, 4);
    return word;
}

/* What survives the reset of a watchdog: its own scratch registers, the always-on domain, memory. */
void memory_reset(struct board *b, enum reset why)
{
    for (unsigned i = 0; i < BLOCK_COUNT; i++)
        if (why == RESET_POWER || (i != WATCHDOG && i != POWMAN)) memset(b->regs[i], 0, sizeof b->regs[i]);
    if (why == RESET_POWER) {
        for (uint32_t i = 0; i < b->ram_size; i += 8) {
            uint64_t garbage = random_u64(b);
            memcpy(b->ram + i, &garbage, 8);
        }
    }
    for (uint32_t i = 0; i < 4; i++) *reg(b, BUSCTRL, (b->chip == RP2040 ? 0xc : 0x10) + 8 * i) = 0x1f;
    *reg(b, RESETS, 0) = b->chip == RP2040 ? 0x01ffffff : 0x1fffffff;
    *reg(b, CLOCKS, 0x34) = b->chip == RP2040 ? 0x100 : 0x10000;
    *reg(b, CLOCKS, 0x40) = *reg(b, CLOCKS, 0x34);
}
