/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up, semihosting and stack painting for programs under QEMU. */
#include "tests/m0/host.h"

#include <string.h>

#define PAINT 0xA5u
#define MARGIN 256u /* below the painter's own frame */

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20 };
#define STOPPED_BY_EXIT 0x20026u

extern uint8_t bss_start[], bss_end[], stack_bottom[], stack_top[];
int main(void);
void reset(void);

static uint32_t semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void host_print(const char *text)
{
    semihost(SYS_WRITE0, text);
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
    semihost(SYS_EXIT_EXTENDED, block);
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

static void fault(void)
{
    host_print("fault\n");
    host_exit(1);
}

void reset(void)
{
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    host_exit(main());
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_top,
    (uintptr_t)reset,
    (uintptr_t)fault,
    (uintptr_t)fault,
};
