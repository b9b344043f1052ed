/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The board as a whole: power, resets, and time.
 *
 * Time is counted in cycles of the core, whose frequency the firmware sets. A sleeping core's time is moved forward by the
 * board's owner; nothing in here waits. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* --- Time. --- */

uint64_t board_now_us(const struct board *b)
{
    return b->base_us + (b->cycles - b->base_cycles) * 1000 / b->khz;
}

void set_khz(struct board *b, uint32_t khz)
{
    b->base_us = board_now_us(b);
    b->base_cycles = b->cycles;
    b->khz = khz;
    b->look |= LOOK_TIME;
}

static uint64_t cycles_at(const struct board *b, uint64_t us)
{
    if (us == NEVER) return NEVER;
    return us <= b->base_us ? b->base_cycles : b->base_cycles + ((us - b->base_us) * b->khz + 999) / 1000;
}

static const struct {
    uint64_t (*due)(struct board *b);
    void (*fire)(struct board *b);
} alarms[] = {
    {timer_due, timer_fire}, {watchdog_due, watchdog_fire}, {flash_due, flash_fire},
    {usb_due, usb_fire},     {nvic_due, nvic_fire},
};
enum { ALARMS = sizeof alarms / sizeof alarms[0] };

uint64_t board_next_us(struct board *b)
{
    uint64_t next = NEVER;
    for (unsigned i = 0; i < ALARMS; i++) {
        uint64_t due = alarms[i].due(b);
        if (due < next) next = due;
    }
    return next;
}

static void fire_alarms(struct board *b)
{
    for (unsigned i = 0; i < ALARMS; i++)
        if (alarms[i].due(b) <= board_now_us(b)) alarms[i].fire(b);
}

void board_skip_to(struct board *b, uint64_t us)
{
    uint64_t next = board_next_us(b), to = cycles_at(b, us < next ? us : next);
    if (to == NEVER || to <= b->cycles) return;
    b->slept += to - b->cycles;
    b->cycles = to;
}

/* --- Resets. --- */

void board_end(struct board *b, enum board_state state)
{
    b->state = state;
    b->look |= LOOK_STOP;
}

void board_reset_later(struct board *b, uint32_t reason)
{
    b->reset_wanted = true;
    b->reset_reason = reason;
    b->look |= LOOK_STOP;
}

/* As the boot ROM starts a program: from its vectors, or where the watchdog's scratch registers say. */
static void boot(struct board *b)
{
    const uint32_t *scratch = reg(b, WATCHDOG, 0x0c);
    uint32_t magic = 0xb007c0d3, pc = scratch[7];
    b->boot_type = 0;
    cpu_start(b, b->chip == RP2040 ? 0x10000100 : 0x10000000);
    if (scratch[4] == magic && scratch[5] == (pc ^ (0u - magic))) {
        *reg(b, WATCHDOG, 0x1c) = 0;
        b->boot_type = 13;
        cpu_start_at(b, pc, scratch[6]);
    }
}

static void restart(struct board *b, enum reset why, uint32_t reason)
{
    usb_detach(b, false);
    b->look = LOOK_TIME | LOOK_USB;
    b->state = BOARD_RUNNING;
    b->reset_wanted = b->flash_called = b->flash.busy = b->flash.selected = b->flash.hidden = false;
    b->nvic = (struct nvic){0};
    b->gpio_oe = b->gpio_out = 0;
    b->trng_us = NEVER;
    b->host.last_out_us = 0;
    b->starts++;
    memory_reset(b, why);
    if (why == RESET_POWER) b->powman_ms = 0;
    *reg(b, WATCHDOG, 0) = 0;
    *reg(b, WATCHDOG, 8) = reason;
    *reg(b, SSI, 0) = 0x300; /* as the second boot stage leaves it */
    *reg(b, SSI, 8) = 1;
    *reg(b, BOOTRAM, 0x3fc) = 0x8000 | 0x0c00; /* FLASH_DEVINFO */
    set_khz(b, 6000);
    timer_reset(b, 0);
    timer_reset(b, 1);
    usb_reset(b);
    otp_reset(b);
    if (!cpu_open(b)) {
        fprintf(stderr, "pico-hsm-emu: libunicorn refuses\n");
        abort();
    }
    boot(b);
}

void board_power_on(struct board *b)
{
    restart(b, RESET_POWER, 0);
}
void board_cut_after(struct board *b, uint32_t n)
{
    b->config.cut_after = n;
}

/* --- A slice. --- */

static bool asleep(const struct board *b)
{
    return b->cpu.sleep != AWAKE;
}

enum board_state board_step(struct board *b, uint64_t cycles)
{
    uint64_t end = b->cycles + cycles;
    b->look &= ~(unsigned)LOOK_STOP;
    while (b->state == BOARD_RUNNING && !(b->look & LOOK_STOP)) {
        fire_alarms(b);
        if (b->look & LOOK_USB) usb_progress(b);
        cpu_take_exceptions(b);
        b->look &= ~(unsigned)LOOK_TIME;
        if (b->look & LOOK_STOP || b->state != BOARD_RUNNING) break;
        if (asleep(b)) return BOARD_ASLEEP;
        if (b->cycles >= end) break;
        b->deadline = cycles_at(b, board_next_us(b));
        if (b->deadline > end) b->deadline = end;
        cpu_slice(b);
    }
    if (b->reset_wanted && b->state == BOARD_RUNNING) restart(b, RESET_WATCHDOG, b->reset_reason);
    if (b->state != BOARD_RUNNING) usb_detach(b, true);
    return b->state;
}

void board_state(const struct board *b, struct emu_state *s)
{
    *s = (struct emu_state){
        .attached = usb_attached(b),
        .configured = usb_configured(b),
        .starts = b->starts,
        .flash_operations = b->flash.operations,
        .instructions = b->instructions,
        .cycles = b->cycles - b->slept,
        .emulated_us = board_now_us(b),
    };
}

/* --- Making and ending. --- */

struct board *board_create(const struct board_config *config)
{
    struct board *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->config = *config;
    b->chip = config->chip;
    b->khz = 6000;
    b->random = config->seed;
    b->host.due_us = NEVER;
    b->ram_size = b->chip == RP2040 ? 0x42000 : 0x82000;
    b->rom = aligned_alloc(4096, 0x8000);
    b->ram = aligned_alloc(4096, b->ram_size);
    b->xip_ram = aligned_alloc(4096, 0x4000);
    if (!b->rom || !b->ram || !b->xip_ram || !flash_open(b) || !otp_open(b)) {
        board_destroy(b);
        return NULL;
    }
    bootrom_build(b);
    board_power_on(b);
    return b;
}

void board_destroy(struct board *b)
{
    if (!b) return;
    if (b->config.trace) fprintf(stderr, "pico-hsm-emu: complaints about %u addresses\n", b->complaint_count);
    if (b->cpu.uc) uc_close(b->cpu.uc);
    flash_close(b);
    otp_close(b);
    free(b->rom);
    free(b->ram);
    free(b->xip_ram);
    free(b);
}
