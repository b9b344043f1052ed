/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* How the world reaches an emulated board: a Unix stream socket, one connection for each transfer.
 *
 * A client connects, writes one `struct emu_request` and, for a transfer to the device, `length` bytes of data; the
 * emulator answers with one `struct emu_response` and, for a transfer from the device, `length` bytes. Then both close.
 * A client that closes earlier cancels its transfer. Several connections may be open at once, one a pipe. Numbers are of
 * the host's byte order: both ends are on one machine.
 *
 * The emulator plays the hub: when the device pulls D+ up it resets the bus, gives it an address and selects its first
 * configuration. Requests made before that wait for it, up to their time limit. */
#ifndef EMULATOR_PROTOCOL_H
#define EMULATOR_PROTOCOL_H

#include <stdint.h>

enum emu_op {
    EMU_CONTROL = 1, /* `setup` says all; data of wLength bytes to the device follow when its bit 7 is clear */
    EMU_DATA,        /* bulk or interrupt transfer on `endpoint`; bit 7 set: from the device                  */
    EMU_STATE,       /* answers at once with a `struct emu_state`                                             */
    EMU_POWER_CYCLE, /* off and on again, memory lost, flash and OTP kept; answers when the device is back    */
};

struct emu_request {
    uint8_t op;          /* enum emu_op */
    uint8_t endpoint;    /* number, bit 7 = from the device */
    uint8_t setup[8];    /* USB 2.0, 9.3 */
    uint8_t unused[2];   /* zero */
    uint32_t timeout_ms; /* of the host's clock; 0: for ever */
    uint32_t length;     /* bytes that follow, or room for bytes from the device; at most EMU_LENGTH_MAX */
};

#define EMU_LENGTH_MAX 65536u

enum emu_status {
    EMU_OK = 0,
    EMU_STALL = -1,
    EMU_TIMEOUT = -2,
    EMU_GONE = -3,  /* no device: it is off, or has let go of D+ */
    EMU_FAULT = -4, /* data toggle, packet size or babble: the emulator says what on stderr */
};

struct emu_response {
    int32_t status;  /* enum emu_status */
    uint32_t length; /* bytes transferred; those from the device follow */
};

struct emu_state {
    uint32_t attached, configured; /* 0 or 1 */
    uint32_t starts;               /* how often the chip has started: power, watchdog, request */
    uint32_t flash_operations;     /* erases and programs so far, over all starts */
    uint64_t instructions, cycles; /* executed, estimated; see docs/emulator.md */
    uint64_t emulated_us;          /* the chip's own time since the first start */
};

#endif
