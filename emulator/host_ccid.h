/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A CCID host (USB Device Class: Smart Card CCID, Rev. 1.1) in one process with the board: it can look at the card
 * between any two instructions, lose power with it, and send what no driver sends. Nothing here waits in real time. */
#ifndef EMULATOR_HOST_CCID_H
#define EMULATOR_HOST_CCID_H

#include "board.h"

enum host_result {
    HOST_OK,
    HOST_FAILED,  /* the reader said so: bStatus and bError are in `status` and `error` */
    HOST_ABORTED, /* as asked for */
    HOST_ENDED,   /* the board did: power cut, BOOTSEL, lockup; `state` says which */
    HOST_LOST,    /* the device has left the bus, or started anew */
    HOST_SILENT,  /* no answer within the patience */
    HOST_BROKEN,  /* what came is not CCID, or the USB transfer failed */
};

struct host_ccid {
    struct board *b;
    uint8_t interface, in, out; /* endpoints */
    uint8_t sequence, status, error;
    uint32_t extensions;  /* time extensions of the last command */
    uint32_t abort_after; /* 0: never; N: abort the command at its N-th time extension */
    uint64_t patience_us; /* of emulated time, for each message from the reader */
    enum board_state state;
};

/* For the first CCID interface of the device. Waits until the device is configured. */
enum host_result host_open(struct host_ccid *h, struct board *b);
/* PC_to_RDR_IccPowerOn; *atr_size: room, then size. */
enum host_result host_power_on(struct host_ccid *h, uint8_t *atr, size_t *atr_size);
/* PC_to_RDR_XfrBlock, granting every time extension; *reply_size: room, then size. */
enum host_result host_transmit(struct host_ccid *h, const uint8_t *apdu, size_t n, uint8_t *reply, size_t *reply_size);
/* Any message and the answer to it, header included; for tests that mean to be rude. */
enum host_result host_message(struct host_ccid *h, const uint8_t *message, size_t n, uint8_t *answer,
                              size_t *answer_size);

/* Lets the board run until the transfer is finished, it ends, or `patience_us` of its time have passed. */
enum host_result host_wait(struct host_ccid *h, struct transfer *t);

#endif
