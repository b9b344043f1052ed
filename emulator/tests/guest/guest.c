/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Programs that run on the emulated board and write down what they saw, for test_core.c to judge. Which one runs is a word
 * of the image that the test fills in. */
#include "results.h"

#include <stdint.h>

#define R(at) (*(volatile uint32_t *)(at))
#define OUT ((volatile uint32_t *)RESULTS)
#ifdef RP2350
#define TIMER 0x400b0000u
#define INTE (TIMER + 0x40)
#define INTR (TIMER + 0x3c)
#define WATCHDOG 0x400d8000u
#define RP2350_ONLY 1
#else
#define TIMER 0x40054000u
#define INTE (TIMER + 0x38)
#define INTR (TIMER + 0x34)
#define WATCHDOG 0x40058000u
#define RP2350_ONLY 0
#endif
#define RAWL R(TIMER + 0x28)
#define ALARM0 R(TIMER + 0x10)
#define PPB 0xe000e000u
#define SYST_CSR R(PPB + 0x10)
#define ISER R(PPB + 0x100)
#define ISPR R(PPB + 0x200)
#define ICSR R(PPB + 0xd04)
#define IN_RAM __attribute__((section(".ram_code"), noinline, long_call))

void reset(void);
extern uint32_t stack_top, data_start, data_end, data_source;

static volatile uint32_t seen, nested; /* .bss is not cleared: reset() does */

static void note(uint32_t what)
{
    OUT[1 + seen] = what;
    seen = seen + 1;
}

static uint32_t ipsr(void)
{
    uint32_t v;
    __asm__ volatile("mrs %0, ipsr" : "=r"(v));
    return v & 0x1ff;
}

static void end(void)
{
    OUT[0] = FINISHED | seen;
    for (;;) __asm__ volatile("wfi");
}

/* --- Handlers. --- */

static void any(void)
{
    uint32_t me = ipsr();
    note(me);
    if (me == 16 + 20 && nested) {
        nested = 0;
        ISPR = 1u << 21 | 1u << 22; /* more urgent: at once; as urgent: afterwards */
        __asm__ volatile("isb");
        note(0x1000 + me);
    }
    if (me == 16) R(INTR) = 1;
}

static void IN_RAM in_ram(void)
{
    R(INTR) = 1;
    nested = nested + 1;
}

static void IN_RAM reads_flash(void)
{
    R(INTR) = 1;
    nested = R(0x10000200);
}

/* The frame of the interrupted program: it goes on behind the 16-bit instruction that has failed. */
void faulted(uint32_t *frame, uint32_t exc_return)
{
    note(frame[6]);
    note(exc_return);
    if (frame[6] >> 28 == 8) frame[6] = frame[5] & ~1u; /* jumped nowhere: back to the caller */
    else frame[6] += 2;
}

__attribute__((naked)) static void hard_fault(void)
{
    __asm__ volatile("mov r0, sp\n mov r1, lr\n push {r4, lr}\n bl faulted\n pop {r4, pc}");
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16 + 52] = {
    &stack_top, reset, any, hard_fault, any, any, any, any, any, any, any, any, any, any, any, any, [16 ... 67] = any,
};
__attribute__((section(".selected"), used)) const volatile uint32_t selected = SELECTED_NONE;

/* --- Programs. --- */

static void exceptions(void)
{
    uint32_t keep = 0x12345678, sp, sp_after;
    R(PPB + 0x400 + 20) = 0x00804080; /* IRQ 20 and 22: 80, IRQ 21: 40 */
    ISER = 7u << 20;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    __asm__ volatile("cpsid i");
    ISPR = 7u << 20;
    ISER = 7u << 20;
    note(0x2000);
    __asm__ volatile("cpsie i\n isb" ::: "memory"); /* 21, 20, 22 */
    note(0x2001);
    nested = 1;
    ISPR = 1u << 20; /* 20, 21 within it, 20 again, 22 */
    __asm__ volatile("isb" ::: "memory");
    note(0x2002);
    ICSR = 1u << 28; /* PendSV */
    __asm__ volatile("isb" ::: "memory");
    __asm__ volatile("svc #3" ::: "memory");
    note(0x2003);
    __asm__ volatile("mov %0, sp" : "=r"(sp_after));
    note(sp == sp_after && keep == 0x12345678 && ipsr() == 0);
    end();
}

static void sleep(void)
{
    ISER = 1;
    R(INTE) = 1;
    uint32_t began = RAWL;
    ALARM0 = began + 100;
    __asm__ volatile("wfi" ::: "memory");
    note(RAWL - began);
    __asm__ volatile("cpsid i");
    began = RAWL;
    ALARM0 = began + 50;
    __asm__ volatile("wfi" ::: "memory"); /* wakes, but the handler waits */
    note(0x3000);
    note(RAWL - began);
    __asm__ volatile("cpsie i\n isb" ::: "memory");
    began = RAWL;
    __asm__ volatile("wfe\n sev\n wfe" ::: "memory"); /* an event is there, twice */
    note(RAWL - began < 5);
    R(PPB + 0x14) = 999;
    R(PPB + 0x18) = 0;
    SYST_CSR = 7;
    while (!(SYST_CSR >> 16 & 1)) {}
    SYST_CSR = 0;
    note(0x3001);
    end();
}

static void faults(void)
{
    note((uint32_t) && bad_read);
    {
        register uint32_t a __asm__("r2") = 0x80000000u;
    bad_read:
        __asm__ volatile("ldr r3, [%0]" ::"r"(a) : "r3", "memory");
    }
    __asm__ volatile("udf #7" ::: "memory");
    __asm__ volatile("bkpt #1" ::: "memory");
    ((void (*)(void))0x80000001u)();
    __asm__ volatile("push {r4}\n nop\n pop {r4}" ::: "memory");
    note(0x4000);
    end();
}

static void unaligned(void)
{
    register uint32_t a __asm__("r2") = 0x20000801u;
    __asm__ volatile("ldr r3, [%0]\n isb" ::"r"(a) : "r3", "memory");
    end();
}

static void lockup(void)
{
    __asm__ volatile("mov sp, %0\n udf #0" ::"r"(0x90000000u));
}

static void nothing(void)
{
    for (;;) __asm__ volatile("wfe");
}

/* Once more after each reset: RAM keeps where it was. */
static void watchdog(void)
{
    uint32_t turn = R(WATCHDOG + 0x0c);
    OUT[1 + turn * 2] = R(WATCHDOG + 8);
    OUT[2 + turn * 2] = turn;
    R(WATCHDOG + 0x0c) = turn + 1;
    if (turn == 2) {
        seen = 6;
        end();
    }
    R(WATCHDOG + 4) = RP2350_ONLY ? 500 : 1000;
    R(WATCHDOG) = turn ? 1u << 31 : 1u << 30;
    for (;;) {}
}

/* Core cycles of 1000 turns of a loop, by SysTick; the loop itself costs 3. */
#define TURNS(code)                                                                                                    \
    do {                                                                                                               \
        uint32_t n = 1000, began = R(PPB + 0x18);                                                                      \
        __asm__ volatile(".balign 4\n1: " code "\n subs %0, #1\n bne 1b\n"                                             \
                         : "+l"(n)                                                                                     \
                         : "l"(0x20000f00)                                                                             \
                         : "r4", "r5", "lr", "cc", "memory");                                                          \
        note(began - R(PPB + 0x18));                                                                                   \
    } while (0)

static void cycles(void)
{
    R(PPB + 0x14) = 0xffffff;
    R(PPB + 0x18) = 0;
    SYST_CSR = 5;
    TURNS("");
    TURNS("ldr r4, [%1]");
    TURNS("str r4, [%1]");
    TURNS("muls r4, r4");
    TURNS("push {r4, r5}\n pop {r4, r5}");
    TURNS("b 2f\n nop\n2:");
    TURNS("bl 2f\n b 3f\n2: bx lr\n3:");
    TURNS("mrs r4, primask");
    end();
}

typedef void *lookup_rp2040(uint16_t *table, uint32_t code);
typedef void *lookup_rp2350(uint32_t code, uint32_t mask);

IN_RAM static void *rom(char a, char b)
{
    uint32_t code = (uint32_t)(a | b << 8);
    volatile uint16_t *words = (volatile uint16_t *)0x10;
    if (RP2350_ONLY) return ((lookup_rp2350 *)(uint32_t)words[3])(code, 4);
    return ((lookup_rp2040 *)(uint32_t)words[4])((uint16_t *)(uint32_t)words[2], code);
}

IN_RAM static void write_flash(const uint8_t *page)
{
    ((void (*)(void))rom('I', 'F'))();
    ((void (*)(void))rom('E', 'X'))();
    ((void (*)(uint32_t, uint32_t, uint32_t, uint8_t))rom('R', 'E'))(0x80000, 4096, 65536, 0xd8);
    ((void (*)(uint32_t, const uint8_t *, uint32_t))rom('R', 'P'))(0x80000, page, 256);
    ((void (*)(void))rom('F', 'C'))();
    ((void (*)(void))rom('C', 'X'))();
}

static void flash(void)
{
    uint8_t page[256];
    uint32_t began = RAWL;
    for (int i = 0; i < 256; i++) page[i] = (uint8_t)(i ^ 0x5a);
    write_flash(page);
    note(RAWL - began);
    note(R(0x10080000));
    note(R(0x100800fc));
    note(R(0x10080100));
    typedef void *copy(void *, const void *, uint32_t);
    typedef uint32_t bits(uint32_t);
    if (!RP2350_ONLY) {
        volatile uint32_t words[3];
        words[0] = words[1] = words[2] = 0;
        ((copy *)rom('M', 'C'))((uint8_t *)words + 1, page + 3, 7);
        note(words[0]), note(words[1]), note(words[2]);
        ((void *(*)(void *, int, uint32_t))rom('M', 'S'))((void *)words, 0xa5, 9);
        note(words[1]), note(words[2]);
        note(((bits *)rom('P', '3'))(0xf0f01234) << 24 | ((bits *)rom('L', '3'))(0x00001234) << 16 |
             ((bits *)rom('T', '3'))(0x00001230) << 8 | ((bits *)rom('L', '3'))(0));
        note(((bits *)rom('R', '3'))(0x12345678));
    }
    end();
}

/* An interrupt arrives while flash is erased; its handler lies in flash, or in RAM, or there but looks at flash. */
static void erase_with_interrupt(void (*handler)(void))
{
    static const uint8_t page[256];
    uint32_t *table = (uint32_t *)0x20001000;
    for (int i = 0; i < 17; i++) table[i] = (uint32_t)vectors[i];
    table[16] = (uint32_t)handler;
    R(PPB + 0xd08) = (uint32_t)table;
    ISER = 1;
    R(INTE) = 1;
    ALARM0 = RAWL + 1000;
    write_flash(page);
    note(nested);
    end();
}

static void interrupt_in_flash(void)
{
    erase_with_interrupt(any);
}
static void data_in_flash(void)
{
    erase_with_interrupt(reads_flash);
}

static void interrupt_in_ram(void)
{
    erase_with_interrupt(in_ram);
}

static void (*const programs[])(void) = {
    [EXCEPTIONS] = exceptions,
    [SLEEP] = sleep,
    [FAULTS] = faults,
    [LOCKUP] = lockup,
    [NOTHING] = nothing,
    [WATCHDOG_RESETS] = watchdog,
    [FLASH] = flash,
    [INTERRUPT_IN_FLASH] = interrupt_in_flash,
    [INTERRUPT_IN_RAM] = interrupt_in_ram,
    [UNALIGNED] = unaligned,
    [CYCLES] = cycles,
    [DATA_IN_FLASH] = data_in_flash,
};

void reset(void)
{
    for (uint32_t *to = &data_start, *from = &data_source; to < &data_end;) *to++ = *from++;
    seen = nested = 0;
    programs[selected]();
}
