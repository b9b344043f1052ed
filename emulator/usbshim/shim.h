/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the files of this libusb replacement share. It has the functions that libccid imports, and no others; each
 * transfer goes to the emulator over a connection of its own (emulator/protocol.h), whose socket is named by the
 * environment variable USBSHIM_SOCKET. There is one bus with one device; contexts do not differ. */
#ifndef USBSHIM_SHIM_H
#define USBSHIM_SHIM_H

#include "protocol.h"

#pragma GCC visibility push(default)
#include <libusb.h>
#pragma GCC visibility pop

#include <stdbool.h>
#include <stdint.h>

#define SHIM_SOCKET_VARIABLE "USBSHIM_SOCKET"

/* ---- wire.c: one transfer ---- */

/* Connects, sends the request and, unless it asks for bytes, the `length` bytes at `data`.
 * The connection, or a negative enum libusb_error: LIBUSB_ERROR_NO_DEVICE when there is no emulator. */
int shim_begin(const struct emu_request *request, const void *data);
/* Waits for the answer, reads at most `room` bytes of it, and closes the connection. `timeout_ms` is that of the request:
 * an emulator that says nothing for seconds beyond it has died. *got counts the bytes transferred, whatever the outcome.
 * LIBUSB_SUCCESS, _TIMEOUT, _PIPE, _NO_DEVICE, _IO, _OVERFLOW. */
int shim_end(int connection, uint32_t timeout_ms, void *into, uint32_t room, uint32_t *got);
/* Both, for a control transfer. The bytes transferred, or a negative enum libusb_error. */
int shim_control(const uint8_t setup[8], void *data, uint32_t timeout_ms);

/* ---- descriptors.c ---- */

/* The bytes of a configuration as libusb shows it: a block to be freed with free(), or NULL when they are no such thing.
 * Alternate settings other than 0 are left out. */
struct libusb_config_descriptor *shim_parse_config(const uint8_t *bytes, uint32_t size);

#endif
