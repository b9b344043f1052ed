/* SPDX-License-Identifier: Apache-2.0 */
/* Registers only: there is no stack while RAM goes. For ARMv6-M and up. */
#include <hardware/regs/addressmap.h>

#define USB_DPRAM_END (USBCTRL_DPRAM_BASE + 0x1000)

        .syntax unified
        .thumb

/* Zeros from r0 up to r1, in steps of 16 bytes. */
.macro  wipe_region
1:      stmia   r0!, {r2-r5}
        cmp     r0, r1
        blo     1b
.endm

        .section .text.wipe_ram_and_call, "ax"
        .global wipe_ram_and_call
        .type   wipe_ram_and_call, %function
        .thumb_func
wipe_ram_and_call:
        cpsid   i
        ldmia   r0!, {r1-r5}
        mov     r8, r1
        mov     r9, r2
        mov     r10, r3
        mov     r11, r4
        mov     r12, r5
        movs    r2, #0
        movs    r3, #0
        movs    r4, #0
        movs    r5, #0
        ldr     r0, =USBCTRL_DPRAM_BASE
        ldr     r1, =USB_DPRAM_END
        wipe_region
        ldr     r0, =SRAM_BASE
        ldr     r1, =SRAM_END
        wipe_region
        mov     sp, r1
        movs    r6, #0
        movs    r7, #0
        mov     r4, r8
        mov     lr, r2
        mov     r0, r9
        mov     r1, r10
        mov     r2, r11
        mov     r3, r12
        bx      r4
        .pool
        .size   wipe_ram_and_call, . - wipe_ram_and_call

/* A fault's own stack may be what broke: take a new one. */
        .section .text.isr_hardfault, "ax"
        .global isr_hardfault
        .type   isr_hardfault, %function
        .thumb_func
isr_hardfault:
        cpsid   i
        ldr     r0, =SRAM_END
        mov     sp, r0
        ldr     r0, =faults_take
        bx      r0
        .pool
        .size   isr_hardfault, . - isr_hardfault
