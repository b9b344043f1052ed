/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between the two chips in numbers. */
#ifndef BOARDS_RP2_PROFILE_H
#define BOARDS_RP2_PROFILE_H

#include <pico.h>

/* PIN rounds: VERIFY takes 0.4 to 0.8 s at the shipped clock, a dearer PIN of another board at most 3 s.
 * Slots: values the card can hold, 8 bytes of RAM each. Store: bytes of flash, which take up to a second a MiB to open. */
#if defined(PICO_RP2350) && PICO_RP2350
#define PROFILE_PIN_ROUNDS 10000u
#define PROFILE_PIN_ROUNDS_MAX 50000u
#define PROFILE_SLOTS 12288u
#define PROFILE_STORE_MAX (4u * 1024u * 1024u)
#else
#define PROFILE_PIN_ROUNDS 6000u
#define PROFILE_PIN_ROUNDS_MAX 30000u
#define PROFILE_SLOTS 4096u
#define PROFILE_STORE_MAX (2u * 1024u * 1024u)
#endif

_Static_assert(PROFILE_PIN_ROUNDS >= 5000u, "no PIN of a chip is cheaper than that");

/* Chosen when building (-DVIDPID=); the hardware description may say otherwise. */
#ifndef PICO_HSM_VID
#define PICO_HSM_VID 0x2E8A
#define PICO_HSM_PID 0x10FD
#endif

#endif
