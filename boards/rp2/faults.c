/* SPDX-License-Identifier: Apache-2.0 */
/* The count, with a mark beside it: a register that says something else says "none". */
#include "boards/rp2/faults.h"

#include "boards/rp2/wipe_ram.h"

#include <hardware/structs/watchdog.h>
#include <hardware/watchdog.h>

/* Scratch 0 is free: the SDK and the boot ROMs use 2 to 7. */
#define COUNTER (&watchdog_hw->scratch[0])
#define MARK 0xFA170000u
#define COUNT_BITS 0xFFFFu

unsigned faults_in_a_row(void)
{
    uint32_t value = *COUNTER;
    return (value & ~COUNT_BITS) == MARK ? value & COUNT_BITS : 0;
}

static void count(void)
{
    unsigned faults = faults_in_a_row();
    if (faults < COUNT_BITS) *COUNTER = MARK | (faults + 1);
}

unsigned faults_open(void)
{
    if (watchdog_enable_caused_reboot()) count();
    return faults_in_a_row();
}

void faults_forget(void)
{
    *COUNTER = MARK;
}

void faults_take(void)
{
    count();
    wipe_ram_and_restart();
}
