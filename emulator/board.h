/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A board with an RP2040 or RP2350 (its ARM core 0), a flash chip, a button, LEDs and a USB plug, as an object.
 *
 * The owner of a board lets it run in slices and decides how fast its time passes; the board itself never waits and never
 * looks at a clock of the host. What is modelled, and what not: docs/emulator.md. */
#ifndef EMULATOR_BOARD_H
#define EMULATOR_BOARD_H

#include "protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum chip { RP2040, RP2350 };
enum entropy { ENTROPY_GOOD, ENTROPY_STUCK, ENTROPY_BIASED, ENTROPY_REPEATING };
enum button { BUTTON_NONE, BUTTON_HOLD, BUTTON_PRESS };

struct board_config {
    enum chip chip;
    const uint8_t *image; /* what lies at the start of flash; NULL: only what the flash file holds */
    size_t image_size;
    const char *flash_path; /* keeps the flash; NULL: it is forgotten with the board */
    const char *otp_path;   /* keeps the fuses of an RP2350; NULL: forgotten */
    uint32_t flash_size;    /* a power of two, 1 to 16 MiB; 0: as on a Pico, 2 MiB, and a Pico 2, 4 MiB */
    enum button button;
    uint32_t press_after_ms, press_for_ms; /* BUTTON_PRESS: counted from the last bulk transfer to the device */
    enum entropy entropy;
    uint64_t seed;      /* 0: the host's getrandom; else all randomness follows from it */
    uint32_t cut_after; /* 0: never; N: the N-th flash erase or program from now is torn and power fails */
    FILE *led, *uart;   /* what the board shows and says; NULL: nobody listens */
    bool trace;         /* complain on stderr about what the model does not know */
    bool strict;        /* unaligned access faults on an RP2040, as it does there; costs speed */
};

/* What a slice ended with. Only RUNNING and ASLEEP can be followed by another slice. */
enum board_state {
    BOARD_RUNNING,
    BOARD_ASLEEP,  /* the core waits for an interrupt: nothing happens before board_next_us */
    BOARD_CUT,     /* power failed in a flash operation, as asked for; board_power_on goes on */
    BOARD_BOOTSEL, /* the firmware has asked for the chip's boot loader, which is not modelled */
    BOARD_LOCKUP,  /* fault within a fault handler, and no watchdog will end it; the reason is on stderr */
};

struct board;

/* NULL when a file or libunicorn refuses; the reason is on stderr. The power is on. */
struct board *board_create(const struct board_config *config);
void board_destroy(struct board *b);

/* Off and on: memory and clock are lost, flash and OTP stay. */
void board_power_on(struct board *b);
/* The N-th flash erase or program from now fails (0: none). */
void board_cut_after(struct board *b, uint32_t n);

/* Lets the core run until something ended, a transfer finished, it sleeps, or for `cycles`. */
enum board_state board_step(struct board *b, uint64_t cycles);
/* Emulated time: now, and when a sleeping board has something to do; UINT64_MAX: never by itself. */
uint64_t board_now_us(const struct board *b);
uint64_t board_next_us(struct board *b);
/* Lets a sleeping board's time pass to `us`, at most to board_next_us. */
void board_skip_to(struct board *b, uint64_t us);

void board_state(const struct board *b, struct emu_state *state);
/* The flash as it is now, for tests that look or meddle. */
uint8_t *board_flash(struct board *b, size_t *size);

/* --- The host's end of the USB cable. --- */

struct transfer {
    bool control;     /* `setup` says all */
    uint8_t endpoint; /* else: number, bit 7 = from the device */
    uint8_t setup[8];
    uint8_t *data; /* the caller's, until the transfer is finished or cancelled */
    uint32_t length;
    uint32_t done;  /* bytes transferred */
    int32_t status; /* enum emu_status, when finished */
    bool finished;
    /* the engine's own */
    int stage;
    struct transfer *next;
};

/* Queues a transfer; it starts when the device is configured. Its memory stays until it is finished or cancelled. */
void usb_submit(struct board *b, struct transfer *t);
void usb_cancel(struct board *b, struct transfer *t);
bool usb_attached(const struct board *b);
bool usb_configured(const struct board *b);
/* A bulk or control transfer is waiting for the device. */
bool usb_waiting(const struct board *b);

/* --- Files. --- */

/* Reads a .bin or .uf2 for its first address in flash; *chip is set when the UF2 says. malloc'ed, NULL with a reason on
 * stderr. */
uint8_t *image_read(const char *path, size_t *size, int *chip);

#endif
