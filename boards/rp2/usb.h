/* SPDX-License-Identifier: Apache-2.0 */
/* The USB device: two interfaces with a CCID slot each, on TinyUSB.
 *
 * usb_serve moves packets; somebody calls it all the time: the main loop, and while the main loop runs a job a timer
 * interrupt, never both at once. All other functions are the main loop's. */
#ifndef BOARDS_RP2_USB_H
#define BOARDS_RP2_USB_H

#include "boards/rp2/usb_descriptors.h"
#include "link/ccid.h"

#define USB_ANSWER_MAX 4135u /* data and status word of the longest answer (apdu.md 1.5) */

enum usb_slot_name { USB_SLOT_CCID, USB_SLOT_WCID, USB_SLOT_COUNT };
enum usb_state { USB_NOT_MOUNTED, USB_READY, USB_SUSPENDED };

struct usb_slot {
    struct ccid ccid;
    uint8_t in[CCID_PACKET], out[CCID_PACKET], notify[2];
    size_t received;
    volatile bool open;             /* the host has configured its interface                                */
    bool sending, receiving;        /* the controller has `in`, `out`                                        */
    bool held;                      /* `received` bytes of `out` wait until the slot is ready for them       */
    uint8_t answer[USB_ANSWER_MAX]; /* the card has one buffer for both slots */
};

struct usb_job {
    enum ccid_job kind;
    enum usb_slot_name slot;
    bytes apdu;
};

/* Private fields; declared here so that the caller owns the memory. */
struct usb {
    const struct usb_identity *id;
    struct usb_slot slots[USB_SLOT_COUNT];
    bool job_out;
    enum usb_slot_name job_slot; /* whose */
    volatile bool lost;          /* the host has let go of the card: end its session */
    unsigned next;               /* the slot to ask first: neither may starve the other */
    uint8_t device[18], configuration[USB_CONFIGURATION_MAX], bos[USB_BOS_MAX], vendor[USB_MS_OS_SIZE];
    uint16_t string[USB_STRING_MAX + 1];
};

/* Attaches to the bus. `u` (zeroed) and `id` must outlive it; one `u` in a program, since TinyUSB's callbacks carry none. */
void usb_start(struct usb *u, const struct usb_identity *id);
/* Moves packets and, when due, time extensions. */
void usb_serve(struct usb *u, uint32_t now_ms);
/* Takes the next job of either slot. CCID_JOB_NONE: nothing to do; else usb_answer must follow. A reset of the bus comes as
 * a CCID_JOB_RESET, too. */
struct usb_job usb_take_job(struct usb *u);
/* The job is done. `answer` is copied. */
void usb_answer(struct usb *u, bytes answer);
/* Does nobody wait for the running job any more? */
bool usb_cancelled(const struct usb *u);
/* Has everything been sent? */
bool usb_idle(const struct usb *u);
enum usb_state usb_state(void);

#endif
