/* SPDX-License-Identifier: Apache-2.0 */
/* The little that a bare program under QEMU needs from its host: Arm semihosting, and a painted stack. */
#ifndef TESTS_M0_HOST_H
#define TESTS_M0_HOST_H

#include <stddef.h>
#include <stdint.h>

void host_print(const char *text);
/* Decimal, right-aligned in `width`. */
void host_print_number(uint32_t value, unsigned width);
/* Ends the emulator with this exit code. */
_Noreturn void host_exit(int code);

/* Fills the stack below the caller with a pattern. */
void stack_paint(void);
/* Bytes between the caller's frame and the deepest byte that was overwritten since. */
size_t stack_used(void);

#endif
