/* SPDX-License-Identifier: Apache-2.0 */
/* Faults, counted where a reset does not reach: a scratch register of the watchdog, which only loss of power clears.
 *
 * A fault of the processor (isr_hardfault; asserts and panics end there, too) and a main loop that hangs (guard.h) end in
 * faults_take: it counts, wipes RAM and starts anew. If even interrupts are dead the watchdog resets the chip, RAM is not
 * wiped, and faults_open counts that. */
#ifndef BOARDS_RP2_FAULTS_H
#define BOARDS_RP2_FAULTS_H

#include <stdbool.h>

/* So many starts in a row that ended badly: open the card for rescue only, and leave the flash alone. */
#define FAULTS_TOO_MANY 3u

/* First thing in main: finds out whether the watchdog bit. Returns the faults in a row so far. */
unsigned faults_open(void);
unsigned faults_in_a_row(void);
/* Things are going well: begins to count anew. */
void faults_forget(void);
/* Counts a fault, wipes RAM and starts anew. */
void faults_take(void) __attribute__((noreturn));

#endif
