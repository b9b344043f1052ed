/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The core: libunicorn executes instructions, everything between them is here: exceptions, faults, sleep, and counting.
 *
 * Instructions are counted exactly, block by block. Cycles follow the tables of the Cortex-M0+; for the Cortex-M33, which
 * has none, they are an estimate. */
#include "internal.h"

#include <string.h>

#define UNTIL 0xfffffffeu /* an address where no program ends */

uint32_t cpu_get(struct board *b, int unicorn_register)
{
    uint32_t value = 0;
    (void)uc_reg_read(b->cpu.uc, unicorn_register, &value);
    return value;
}

void cpu_set(struct board *b, int unicorn_register, uint32_t value)
{
    (void)uc_reg_write(b->cpu.uc, unicorn_register, &value);
}

/* --- Counting. --- */

static unsigned ones(unsigned v)
{
    unsigned n = 0;
    for (; v; v &= v - 1) n++;
    return n;
}

static void cost_16(struct decoded *d, uint16_t op)
{
    unsigned cycles = 1;
    d->taken = 0;
    if ((op & 0xff00) == 0x4700) cycles = 2;          /* BX, BLX */
    else if (op >= 0x4800 && op < 0xa000) cycles = 2; /* LDR, STR and their kin */
    else if ((op & 0xf600) == 0xb400) cycles = 1 + ones(op & 0x1ff) + (op & 0x100 && op & 0x800 ? 2 : 0);
    else if ((op & 0xf000) == 0xc000) cycles = 1 + ones(op & 0xff);          /* LDM, STM */
    else if ((op & 0xf000) == 0xd000 && (op & 0xe00) != 0xe00) d->taken = 1; /* B<cond> */
    else if ((op & 0xf800) == 0xe000) cycles = 2;                            /* B */
    if ((op & 0xf500) == 0xb100) d->taken = 1;                               /* CBZ, CBNZ */
    if (op == 0xbf40) d->sev = true;
    d->cycles = (uint16_t)(d->cycles + cycles);
}

static void cost_32(struct decoded *d, uint16_t op, uint16_t op2)
{
    unsigned cycles = 1;
    d->taken = 0;
    if ((op & 0xf800) == 0xf000 && (op2 & 0xd000) == 0xd000) cycles = 3;      /* BL */
    else if ((op & 0xf800) == 0xf000 && (op2 & 0xd000) == 0x9000) cycles = 2; /* B.W */
    else if ((op & 0xf800) == 0xf000 && op2 & 0x8000)
        d->taken = 1, cycles = (op & 0xff00) == 0xf300 ? 3 : 1;   /* MSR.. */
    else if ((op & 0xfe40) == 0xe800) cycles = 1 + ones(op2);     /* LDM, STM */
    else if ((op & 0xfe40) == 0xe840) cycles = op & 0x10 ? 3 : 2; /* LDRD, STRD, exclusives */
    else if ((op & 0xfe00) == 0xf800) cycles = op & 0x10 ? 2 : 1; /* LDR, STR */
    else if ((op & 0xffd0) == 0xfb90) cycles = 6;                 /* SDIV, UDIV */
    d->cycles = (uint16_t)(d->cycles + cycles);
}

static void decode(struct board *b, struct decoded *d, uint32_t at, uint32_t size)
{
    *d = (struct decoded){.at = at, .size = (uint16_t)size};
    const uint8_t *p = memory_at(b, at, size);
    for (uint32_t i = 0; p && i + 1 < size; i += 2, d->count++) {
        uint16_t op = (uint16_t)(p[i] | p[i + 1] << 8);
        if (op < 0xe800) {
            cost_16(d, op);
        } else {
            i += 2;
            cost_32(d, op, (uint16_t)(i + 1 < size ? p[i] | p[i + 1] << 8 : 0));
        }
    }
}

/* --- Hooks. --- */

static bool must_leave(struct board *b)
{
    if (b->look & LOOK_USB) usb_progress(b);
    if (b->look & (LOOK_STOP | LOOK_TIME) || b->cycles >= b->deadline) return true;
    if (b->look & LOOK_XIP && b->cpu.block_at >> 28 == 1) return true;
    if (!(b->look & LOOK_IRQ)) return false;
    if (!nvic_any(b)) b->look &= ~(unsigned)LOOK_IRQ;
    return nvic_next(b, false) != 0;
}

/* At the start of each block: nothing here may be slow. */
static void on_block(uc_engine *uc, uint64_t at64, uint32_t size, void *user)
{
    struct board *b = user;
    struct cpu *c = &b->cpu;
    uint32_t at = (uint32_t)at64;
    if (c->block_end != at) b->cycles += c->block_taken;
    c->block_at = at;
    if ((b->look || b->cycles >= b->deadline) && must_leave(b)) {
        c->block_end = at; /* comes again */
        c->block_taken = 0;
        (void)uc_emu_stop(uc);
        return;
    }
    struct decoded *d = &b->decoded[at >> 1 & (DECODED - 1)];
    if (d->at != at || d->size != size) decode(b, d, at, size);
    b->instructions += d->count;
    b->cycles += d->cycles;
    c->block_end = at + size;
    c->block_taken = d->taken;
    if (d->sev) c->event = true;
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
    ((struct board *)user)->cpu.interrupt = (int)number;
    (void)uc_emu_stop(uc);
}

/* Writing to the ROM has no effect (TinyUSB does, through a null pointer); all else that is refused faults. */
static bool on_invalid(uc_engine *uc, uc_mem_type type, uint64_t at, int size, int64_t value, void *user)
{
    struct board *b = user;
    b->cpu.fault_at = (uint32_t)at;
    if (type != UC_MEM_WRITE_PROT || at >= 0x8000) return false;
    complain(b, "write to the ROM", (uint32_t)at);
    b->rom_written = true; /* libunicorn writes after all */
    b->look |= LOOK_STOP;
    return true;
}

/* An M0+ refuses what the host's memory forgives. */
static void on_access(uc_engine *uc, uc_mem_type type, uint64_t at, int size, int64_t value, void *user)
{
    struct board *b = user;
    if (!(at & (uint64_t)(size - 1))) return;
    complain(b, "unaligned access", (uint32_t)at);
    cpu_bus_error(b, (uint32_t)at);
}

// libunicorn takes every hook as void *, which ISO C does not let a function be.
static bool hook(struct board *b, int type, void (*f)(void))
{
    uc_hook h;
    void *p;
    memcpy(&p, &f, sizeof p);
    return uc_hook_add(b->cpu.uc, &h, type, p, b, (uint64_t)1, (uint64_t)0) == UC_ERR_OK;
}

/* For builds with the address sanitizer: what uc_close forgets is not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libunicorn";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

bool cpu_open(struct board *b)
{
    struct cpu *c = &b->cpu;
    if (c->uc) uc_close(c->uc);
    *c = (struct cpu){.interrupt = -1};
    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &c->uc) != UC_ERR_OK) return false;
    int model = b->chip == RP2040 ? UC_CPU_ARM_CORTEX_M0 : UC_CPU_ARM_CORTEX_M33;
    bool ok = uc_ctl_set_cpu_model(c->uc, model) == UC_ERR_OK && memory_map(b) &&
              hook(b, UC_HOOK_BLOCK, (void (*)(void))on_block) && hook(b, UC_HOOK_INTR, (void (*)(void))on_interrupt) &&
              hook(b, UC_HOOK_MEM_INVALID, (void (*)(void))on_invalid);
    if (b->config.strict && b->chip == RP2040)
        ok = ok && hook(b, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, (void (*)(void))on_access);
    return ok;
}

void cpu_start_at(struct board *b, uint32_t pc, uint32_t sp)
{
    cpu_set(b, UC_ARM_REG_XPSR, 0x01000000);
    cpu_set(b, UC_ARM_REG_SP, sp);
    cpu_set(b, UC_ARM_REG_LR, 0xffffffff);
    b->cpu.pc = pc & ~1u;
}

void cpu_start(struct board *b, uint32_t vectors)
{
    *reg(b, PPB, 0xd08) = vectors;
    cpu_start_at(b, memory_word(b, vectors + 4), memory_word(b, vectors));
}

/* --- Exceptions. --- */

static const int frame_registers[] = {UC_ARM_REG_R0, UC_ARM_REG_R1,  UC_ARM_REG_R2,
                                      UC_ARM_REG_R3, UC_ARM_REG_R12, UC_ARM_REG_LR};

static void lock_up(struct board *b, const char *why)
{
    fprintf(stderr, "pico-hsm-emu: lockup: %s; pc %08x lr %08x sp %08x xpsr %08x address %08x\n", why, b->cpu.pc,
            cpu_get(b, UC_ARM_REG_LR), cpu_get(b, UC_ARM_REG_SP), cpu_get(b, UC_ARM_REG_XPSR), b->cpu.fault_at);
    b->cpu.locked = true;
    b->cpu.sleep = SLEEP_WFI;
    if (watchdog_due(b) == NEVER) board_end(b, BOARD_LOCKUP);
}

static void enter(struct board *b, unsigned exception)
{
    struct cpu *c = &b->cpu;
    int priority = nvic_priority(b, exception);
    uint32_t sp = cpu_get(b, UC_ARM_REG_SP), xpsr = cpu_get(b, UC_ARM_REG_XPSR), frame[8];
    bool handler = (xpsr & 0x1ff) != 0, psp = !handler && cpu_get(b, UC_ARM_REG_CONTROL) & 2;
    uint32_t down = (sp - 32) & ~7u;
    uint8_t *stack = memory_at(b, down, 32);
    uint32_t vector = *reg(b, PPB, 0xd08) + exception * 4, target = memory_word(b, vector);
    if (!stack || down >> 28 != 2 || c->depth == 64) {
        lock_up(b, "no stack for an exception");
        return;
    }
    if (!flash_readable(b) && (vector >> 28 == 1 || target >> 28 == 1)) {
        lock_up(b, "an interrupt handler lies in flash while flash cannot be read");
        return;
    }
    for (unsigned i = 0; i < 6; i++) frame[i] = cpu_get(b, frame_registers[i]);
    frame[6] = c->pc;
    frame[7] = (xpsr & ~0x200u) | (sp - 32 != down ? 0x200 : 0);
    memcpy(stack, frame, 32);
    c->active[c->depth++] = (struct active){(uint16_t)exception, (int16_t)priority};
    cpu_set(b, UC_ARM_REG_SP, down);
    cpu_set(b, UC_ARM_REG_XPSR, (xpsr & 0xf8000000u) | 0x01000000u | exception);
    cpu_set(b, UC_ARM_REG_LR, handler ? 0xfffffff1u : psp ? 0xfffffffdu : 0xfffffff9u);
    c->pc = target & ~1u;
    c->event = true;
    c->sleep = AWAKE;
    b->cycles += 15;
    if (!(target & 1)) lock_up(b, "a vector without the Thumb bit");
}

static void leave(struct board *b, uint32_t code)
{
    struct cpu *c = &b->cpu;
    int bank = (code & 4) ? UC_ARM_REG_PSP : UC_ARM_REG_MSP;
    uint32_t sp = cpu_get(b, bank), frame[8];
    const uint8_t *stack = memory_at(b, sp, 32);
    if (!stack || !c->depth) {
        lock_up(b, "return from no exception");
        return;
    }
    memcpy(frame, stack, 32);
    c->depth--;
    cpu_set(b, bank, sp + 32 + (frame[7] & 0x200 ? 4 : 0));
    for (unsigned i = 0; i < 6; i++) cpu_set(b, frame_registers[i], frame[i]);
    cpu_set(b, UC_ARM_REG_XPSR, frame[7] & ~0x200u);
    c->pc = frame[6] & ~1u;
    c->event = true;
    b->cycles += 12;
    b->look |= LOOK_IRQ;
}

/* --- Which instruction of a block has made a refused access: libunicorn tells the block only. --- */

static uint32_t value_of(struct board *b, unsigned r)
{
    return r == 13   ? cpu_get(b, UC_ARM_REG_SP)
           : r == 14 ? cpu_get(b, UC_ARM_REG_LR)
                     : cpu_get(b, UC_ARM_REG_R0 + (int)r);
}

/* The first address that a load or store touches; 0 for all else. */
static uint32_t address_16(struct board *b, unsigned op)
{
    uint32_t base = value_of(b, op >> 3 & 7), imm5 = op >> 6 & 31;
    switch (op >> 12) {
    case 5: return base + value_of(b, op >> 6 & 7);
    case 6: return base + imm5 * 4;
    case 7: return base + imm5;
    case 8: return base + imm5 * 2;
    case 9: return value_of(b, 13) + (op & 0xff) * 4;
    case 12: return value_of(b, op >> 8 & 7);
    default: return 0;
    }
}

static uint32_t address_32(struct board *b, unsigned op, unsigned op2)
{
    uint32_t base = (op & 15) == 15 ? 0 : value_of(b, op & 15), imm8 = op2 & 0xff;
    if ((op & 0xfe40) == 0xe840) return op & 0x100 ? base + (op & 0x80 ? imm8 * 4 : 0 - imm8 * 4) : base;
    if ((op & 0xfe40) == 0xe800) return base;
    if ((op & 0xfe00) != 0xf800) return 0;
    if (op & 0x80) return base + (op2 & 0xfff);
    if (!(op2 & 0x800)) return base + (value_of(b, op2 & 15) << (op2 >> 4 & 3));
    return op2 & 0x400 ? base + (op2 & 0x200 ? imm8 : 0 - imm8) : base;
}

static uint32_t faulting_pc(struct board *b)
{
    const struct cpu *c = &b->cpu;
    const uint8_t *p = memory_at(b, c->block_at, c->block_end - c->block_at);
    for (uint32_t i = 0, step; p && i + 1 < c->block_end - c->block_at; i += step) {
        unsigned op = (unsigned)(p[i] | p[i + 1] << 8), op2 = (unsigned)(p[i + 2] | p[i + 3] << 8);
        step = op < 0xe800 ? 2 : 4;
        if ((step == 2 ? address_16(b, op) : address_32(b, op, op2)) == c->fault_at) return c->block_at + i;
    }
    return c->block_at;
}

/* The fault itself comes at the end of the block, where the core can be stopped. */
void cpu_bus_error(struct board *b, uint32_t at)
{
    struct cpu *c = &b->cpu;
    if (c->bus_error) return;
    c->bus_error = true;
    c->fault_at = at;
    c->fault_pc = faulting_pc(b);
    b->look |= LOOK_STOP;
}

/* Usage, bus and memory faults are a HardFault, as they are on an M0+ and, until enabled, on an M33. */
static void fault(struct board *b, const char *what, uint32_t cfsr)
{
    if (b->config.trace)
        fprintf(stderr, "pico-hsm-emu: %llu us: fault: %s, pc %08x, address %08x\n",
                (unsigned long long)board_now_us(b), what, b->cpu.pc, b->cpu.fault_at);
    if (b->chip == RP2350) {
        *reg(b, PPB, 0xd28) |= cfsr;
        *reg(b, PPB, 0xd2c) |= 1u << 30; /* HFSR.FORCED */
        *reg(b, PPB, 0xd38) = b->cpu.fault_at;
    }
    for (int i = 0; i < b->cpu.depth; i++) {
        if (b->cpu.active[i].priority < 0) {
            lock_up(b, what);
            return;
        }
    }
    enter(b, 3);
}

void cpu_take_exceptions(struct board *b)
{
    struct cpu *c = &b->cpu;
    if (c->locked) return;
    unsigned exception = b->look & LOOK_IRQ ? nvic_next(b, false) : 0;
    if (exception) {
        nvic_acknowledge(b, exception);
        enter(b, exception);
        return;
    }
    if (c->sleep == SLEEP_WFI && nvic_next(b, true)) c->sleep = AWAKE;
    if (c->sleep == SLEEP_WFE && (c->event || (*reg(b, PPB, 0xd10) & 0x10 && nvic_any(b)))) {
        c->sleep = AWAKE;
        c->event = false;
    }
}

/* --- A slice. --- */

/* ARMv8-M: coprocessor 0 is the GPIO, 4 and 5 the double-precision helper, 7 the redundancy checks of the boot ROM. */
static void coprocessor(struct board *b)
{
    const uint8_t *p = memory_at(b, b->cpu.pc, 4);
    uint32_t op = p ? (uint32_t)p[1] << 24 | (uint32_t)p[0] << 16 | (uint32_t)p[3] << 8 | p[2] : 0;
    unsigned number = op >> 8 & 15;
    if (b->chip == RP2040 || (number != 0 && number != 4 && number != 5 && number != 7)) {
        fault(b, "no such coprocessor", 1u << 19);
        return;
    }
    if (number == 0) gpio_coprocessor(b, op);
    else if ((op & 0x0f100010) == 0x0e100010 && (op >> 12 & 15) < 13)
        cpu_set(b, UC_ARM_REG_R0 + (int)(op >> 12 & 15), 0);
    if (number != 0 && op != 0xee100430) complain(b, "coprocessor instruction", b->cpu.pc);
    b->cpu.pc += 4;
}

static void breakpoint(struct board *b)
{
    if (b->cpu.pc >= 0x8000) {
        fault(b, "breakpoint without a debugger", 0);
        return;
    }
    if (bootrom_trap(b, b->rom[b->cpu.pc])) b->cpu.pc += 2;
}

static void supervisor_call(struct board *b)
{
    b->nvic.system |= 1u << 11;
    b->look |= LOOK_IRQ;
    if (nvic_next(b, false) != 11) fault(b, "SVC from a handler", 0);
}

static void on_exit_interrupt(struct board *b, int number)
{
    switch (number) {
    case 1: fault(b, "undefined instruction", 1u << 16); break;
    case 2: supervisor_call(b); break;
    case 7: breakpoint(b); break;
    case 8: leave(b, b->cpu.pc); break;
    case 17: coprocessor(b); break;
    case 18: fault(b, "not Thumb code", 1u << 17); break;
    default: fault(b, "exception of libunicorn", 0); break;
    }
}

static bool slept(struct board *b, uint32_t began)
{
    const uint8_t *p = b->cpu.pc != began ? memory_at(b, b->cpu.pc - 2, 2) : NULL;
    if (!p || p[1] != 0xbf || (p[0] != 0x20 && p[0] != 0x30)) return false;
    b->cpu.sleep = p[0] == 0x20 ? SLEEP_WFE : SLEEP_WFI;
    return true;
}

void cpu_slice(struct board *b)
{
    struct cpu *c = &b->cpu;
    c->interrupt = -1;
    flash_hide(b);
    if (b->look & LOOK_XIP && c->pc >> 28 == 1) {
        fault(b, "code in flash while flash cannot be read", 1u << 8);
        return;
    }
    c->block_at = c->block_end = c->pc;
    uc_err e = uc_emu_start(c->uc, c->pc | 1, UNTIL, 0, 0);
    c->pc = cpu_get(b, UC_ARM_REG_PC);
    if (c->interrupt >= 0) {
        on_exit_interrupt(b, c->interrupt);
    } else if (e == UC_ERR_INSN_INVALID || e == UC_ERR_OK) {
        bool sleeps = slept(b, c->block_at);
        if (!sleeps && e != UC_ERR_OK) fault(b, "undefined instruction", 1u << 16);
    } else if (c->pc >= 0xfffffff0u) {
        leave(b, c->pc);
    } else {
        bool fetch = e == UC_ERR_FETCH_UNMAPPED || e == UC_ERR_FETCH_PROT;
        if (!fetch) c->pc = faulting_pc(b);
        fault(b, uc_strerror(e), fetch ? 1u << 8 : 0x8200);
    }
    if (b->rom_written) {
        b->rom_written = false;
        bootrom_build(b);
    }
    if (c->bus_error) {
        c->bus_error = false;
        c->pc = c->fault_pc;
        fault(b, "refused by the bus", 0x8200);
    }
}
