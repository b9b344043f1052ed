/* SPDX-License-Identifier: Apache-2.0 */
/* One CCID slot (USB Device Class: Smart Card CCID, Rev. 1.1; apdu.md 1.3) as a pure state machine: packets of a bulk
 * endpoint in, jobs for a card out, packets back. Knows neither USB nor the card; never allocates, never waits.
 *
 * A driver feeds every packet of the bulk OUT endpoint to ccid_receive, sends what ccid_send yields whenever the bulk IN
 * endpoint is free, and calls ccid_tick now and then. Somebody with time to spare takes jobs and returns answers:
 *
 *     bytes apdu;
 *     switch (ccid_job(&slot, &apdu)) {
 *     case CCID_JOB_NONE: break;
 *     case CCID_JOB_RESET: hsm_reset(card); ccid_done(&slot, NO_BYTES); break;
 *     case CCID_JOB_COMMAND: ccid_done(&slot, hsm_command(card, HSM_LINK_REMOTE, apdu)); break;
 *     }
 *
 * While a job is out the driver goes on calling, from an interrupt if need be: the slot then answers for the card with
 * time extensions, and refuses what must wait. Calls must not interrupt one another: a caller that shares the slot with
 * an interrupt holds it off around ccid_job and ccid_done. */
#ifndef LINK_CCID_H
#define LINK_CCID_H

#include "base/bytes.h"

#define CCID_PACKET 64u             /* bytes of a full packet, both ways                                    */
#define CCID_HEADER 10u             /* bytes before the data of every message                               */
#define CCID_APDU_MAX 4148u         /* the longest command APDU (apdu.md 1.5)                               */
#define CCID_MESSAGE_MAX 4158u      /* dwMaxCCIDMessageLength                                               */
#define CCID_EXTENSION_MS 200u      /* between time extensions: an emulator's clock may run slow            */
#define CCID_NOTIFY_PRESENT 0x5003u /* the two bytes of RDR_to_PC_NotifySlotChange: present, changed     */

enum ccid_job {
    CCID_JOB_NONE,
    CCID_JOB_RESET,  /* power on or off: end the session       */
    CCID_JOB_COMMAND /* run this APDU, 0..CCID_APDU_MAX bytes  */
};

/* Private fields follow; see ccid.c. */
struct ccid {
    bytes atr;
    bool powered;
    enum ccid_job job;
    bool job_taken;
    /* coming in */
    uint8_t header[CCID_HEADER];
    size_t received; /* bytes of the message so far, header included */
    uint8_t apdu[CCID_APDU_MAX];
    /* the message that the job answers */
    uint8_t job_type, job_seq;
    size_t job_size;
    uint32_t extended_at_ms; /* when the host last heard from the running job */
    /* aborting */
    bool abort_on_control, abort_on_bulk;
    uint8_t abort_seq;
    /* going out: short messages of the slot's own first, then the card's answer */
    uint8_t out_header[2][CCID_HEADER + 8u];
    size_t out_size[2];
    bytes out_body; /* data behind out_header[0], if any */
    size_t sent;
    bool zero_packet; /* a message that fills its last packet ends with an empty one */
};

/* Starts the slot: after the device was configured, and after each bus reset. `atr` (1..33 bytes) must outlive it. */
void ccid_open(struct ccid *c, bytes atr);
/* Takes one packet of the bulk OUT endpoint, 0..64 bytes, any content. Must not be called while ccid_ready is false. */
void ccid_receive(struct ccid *c, bytes packet);
/* Can another packet be taken? False while answers queue up that the host has not fetched (the driver then lets the
 * endpoint answer NAK). */
bool ccid_ready(const struct ccid *c);
/* Fills in the next packet of the bulk IN endpoint. False: nothing to send. *size is 0..64; 0 is an empty packet. */
bool ccid_send(struct ccid *c, uint8_t packet[CCID_PACKET], size_t *size);
/* Takes the next job, if there is one; *apdu is then valid until ccid_done. */
enum ccid_job ccid_job(struct ccid *c, bytes *apdu);
/* The job is done. `answer` (data and status word; ignored for a reset) must stay valid until the next job is taken. */
void ccid_done(struct ccid *c, bytes answer);
/* Time passes: queues a time extension when a job has run for CCID_EXTENSION_MS without a word. */
void ccid_tick(struct ccid *c, uint32_t now_ms);
/* The class request ABORT on the control pipe (CCID 1.1 5.3.1) for slot `slot`, message `seq`. False: no such slot,
 * stall the pipe. */
bool ccid_abort(struct ccid *c, uint8_t slot, uint8_t seq);
/* Has the host given up on the running job? The card's progress callback asks. */
bool ccid_cancelled(const struct ccid *c);

#endif
