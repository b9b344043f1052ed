/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up, semihosting and stack painting for programs under QEMU. */
#include "tests/m0/host.h"

#include <stdbool.h>
#include <string.h>

#define PAINT 0xA5u
#define MARGIN 256u /* below the painter's own frame */

#define STOPPED_BY_EXIT 0x20026u

extern uint8_t bss_start[], bss_end[], stack_bottom[], stack_top[];
int main(void);
void reset(void);
void fault(void);
void fault_at(const uint32_t *sp);
void _exit(int code);

uint32_t host_call(enum host_operation operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void host_argument(char *into, size_t size)
{
    uint32_t block[2] = {(uint32_t)into, size};
    into[0] = 0;
    if (host_call(HOST_COMMAND_LINE, block) != 0) into[0] = 0;
}

void host_print(const char *text)
{
    host_call(HOST_WRITE0, text);
}

void host_print_number(uint32_t value, unsigned width)
{
    char text[12];
    size_t at = sizeof text - 1;
    text[at] = 0;
    do text[--at] = (char)('0' + value % 10);
    while (value /= 10);
    while (sizeof text - 1 - at < width && at) text[--at] = ' ';
    host_print(text + at);
}

_Noreturn void host_exit(int code)
{
    const uint32_t block[2] = {STOPPED_BY_EXIT, (uint32_t)code};
    host_call(HOST_EXIT_EXTENDED, block);
    for (;;) {}
}

void stack_paint(void)
{
    uint8_t *here = __builtin_frame_address(0);
    for (volatile uint8_t *p = stack_bottom; p < here - MARGIN; p++) *p = PAINT;
}

size_t stack_used(void)
{
    const uint8_t *here = __builtin_frame_address(0), *p = stack_bottom;
    while (p < here && *p == PAINT) p++;
    return (size_t)(here - p);
}

size_t stack_deepest(void)
{
    const uint8_t *p = stack_bottom;
    while (p < stack_top && *p == PAINT) p++;
    return (size_t)(stack_top - p);
}

static void print_hex(uint32_t value)
{
    char text[9] = {0};
    for (size_t i = 8; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
    host_print(text);
}

/* `sp` when the fault came; the seventh word there is where. Below the stack there is no memory: a stack that has run
 * over faults, with nothing to read. */
__attribute__((used)) void fault_at(const uint32_t *sp)
{
    bool over = (const uint8_t *)sp < stack_bottom || (const uint8_t *)(sp + 8) > stack_top;
    host_print("fault, ");
    host_print(over ? "the stack has run over" : "at ");
    if (!over) print_hex(sp[6]);
    host_print("\n");
    host_exit(255);
}

/* On a stack of its own: the one that faulted may be the reason. */
__attribute__((naked)) void fault(void)
{
    __asm__("mov r0, sp\n ldr r1, =stack_top\n mov sp, r1\n ldr r1, =fault_at\n bx r1\n .ltorg");
}

__attribute__((weak)) void _exit(int code)
{
    host_exit(code);
}

/* An M0+ faults where an address is not aligned; an M3, which QEMU has in its place, only when told to. A core that
 * may do it stays as it is. */
static void trap_unaligned(void)
{
#if defined(__ARM_ARCH_6M__)
    volatile uint32_t *configuration_control = (volatile uint32_t *)0xE000ED14u;
    *configuration_control |= 1u << 3;
#endif
}

void reset(void)
{
    trap_unaligned();
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    stack_paint();
    _exit(main());
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_top, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,     (uintptr_t)fault, (uintptr_t)fault,
};
