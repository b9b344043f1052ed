/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What guest.c and test_core.c agree on. */
#ifndef EMULATOR_TESTS_RESULTS_H
#define EMULATOR_TESTS_RESULTS_H

#define RESULTS 0x20000000u /* word 0: FINISHED | count; then so many words */
#define FINISHED 0x600d0000u
#define SELECTED_AT 0x1f0u /* of the image, where the number of the program stands */
#define SELECTED_NONE 0xffffffffu

enum program {
    EXCEPTIONS,
    SLEEP,
    FAULTS,
    LOCKUP,
    NOTHING,
    WATCHDOG_RESETS,
    FLASH,
    INTERRUPT_IN_FLASH,
    INTERRUPT_IN_RAM,
    UNALIGNED,
    CYCLES,
    DATA_IN_FLASH
};

#endif
