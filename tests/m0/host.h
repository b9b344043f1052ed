/* SPDX-License-Identifier: Apache-2.0 */
/* The little that a bare program under QEMU needs from its host: Arm semihosting, and a painted stack. */
#ifndef TESTS_M0_HOST_H
#define TESTS_M0_HOST_H

#include <stddef.h>
#include <stdint.h>

/* Operations of Arm's semihosting, by their number there. */
enum host_operation {
    HOST_OPEN = 0x01,
    HOST_WRITE0 = 0x04,
    HOST_WRITE = 0x05,
    HOST_READ = 0x06,
    HOST_CLOCK = 0x10,
    HOST_COMMAND_LINE = 0x15,
    HOST_EXIT_EXTENDED = 0x20
};
uint32_t host_call(enum host_operation operation, const void *argument);

/* What QEMU was given as -semihosting-config arg=..., empty without. */
void host_argument(char *into, size_t size);

void host_print(const char *text);
/* Decimal, right-aligned in `width`. */
void host_print_number(uint32_t value, unsigned width);
/* Ends the emulator with this exit code. */
_Noreturn void host_exit(int code);

/* Fills the stack below the caller with a pattern. */
void stack_paint(void);
/* Bytes between the caller's frame and the deepest byte that was overwritten since. */
size_t stack_used(void);
/* Bytes between the top of the stack and the deepest byte that was overwritten since the start. */
size_t stack_deepest(void);

#endif
