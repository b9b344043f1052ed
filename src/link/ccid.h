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
 * an interrupt holds it off around ccid_job and ccid_done.
 *
 * Every message gets one answer. While a job is out all but Abort are refused as CMD_SLOT_BUSY, GetSlotStatus too: the
 * descriptor says bMaxCCIDBusySlots 1. What is checked first: the slot, busy or aborting, the type, the length, power,
 * wLevelParameter, the size of the APDU. */
#ifndef LINK_CCID_H
#define LINK_CCID_H

#include "base/bytes.h"

#define CCID_PACKET 64u             /* bytes of a full packet, both ways                                           */
#define CCID_HEADER 10u             /* bytes before the data of every message                                      */
#define CCID_APDU_MAX 4148u         /* the longest command APDU (apdu.md 1.5)                                      */
#define CCID_MESSAGE_MAX 4158u      /* dwMaxCCIDMessageLength                                                      */
#define CCID_EXTENSION_MS 200u      /* between time extensions: an emulator's clock may run slow                   */
#define CCID_ABORT_WAIT_MS 500u     /* that an Abort message waits for its control request                         */
#define CCID_QUEUE 4u               /* messages that may be unanswered or have unfetched answers at one time       */
#define CCID_NOTIFY_PRESENT 0x5003u /* the two bytes of RDR_to_PC_NotifySlotChange: present, changed               */

enum ccid_job {
    CCID_JOB_NONE,
    CCID_JOB_RESET,  /* power on or off: end the session       */
    CCID_JOB_COMMAND /* run this APDU, 0..CCID_APDU_MAX bytes  */
};

/* Private from here on; see ccid.c. */
struct ccid_address { /* whom an answer is for, and its type */
    uint8_t answer, slot, seq;
};
struct ccid_reply {
    uint8_t header[CCID_HEADER];
    bytes body;
};
struct ccid_timer {
    bool started;
    uint32_t since_ms;
};
enum ccid_abort_phase { CCID_ABORT_NONE, CCID_ABORT_CONTROL, CCID_ABORT_BULK, CCID_ABORT_BOTH };

struct ccid {
    bytes atr;
    /* outlives a bus reset, since somebody may be reading it: the command of the job that is out */
    uint8_t apdu[CCID_APDU_MAX];
    size_t apdu_size;
    bool running, orphaned;
    struct ccid_slot { /* what a bus reset forgets */
        bool powered;
        /* coming in */
        bool arriving, storing;
        uint8_t header[CCID_HEADER];
        uint32_t missing; /* bytes of data still to come */
        uint16_t refusal; /* what the slot's state when the message began says to it */
        /* the message that a job answers */
        enum ccid_job job;
        struct ccid_address job_to;
        bool cancelled, extend;
        struct ccid_timer quiet; /* since the host last heard of the job */
        /* aborting */
        enum ccid_abort_phase abort;
        struct ccid_address abort_to; /* `seq` counts from the first half on */
        struct ccid_timer abort_wait;
        /* going out */
        struct ccid_reply queue[CCID_QUEUE];
        size_t first, queued, sent;
    } now;
};

/* Starts the slot without power: after the device was configured, and after each bus reset. `atr` (1..33 bytes) must
 * outlive it. The memory must be zero before the first call. A job that is out when the bus is reset is told that it is
 * cancelled; until its ccid_done, which nobody hears, the slot takes no packet. */
void ccid_open(struct ccid *c, bytes atr);
/* Takes one packet of the bulk OUT endpoint, 0..64 bytes, any content; drops it while ccid_ready is false. A message
 * begins with a packet and ends with its last byte or with a packet of less than 64 bytes; it gets one answer, whatever
 * it holds. A packet too short for a header is no message: nobody is there to answer. */
void ccid_receive(struct ccid *c, bytes packet);
/* Can another packet be taken? False while CCID_QUEUE messages wait for their answer or for the host to fetch it (the
 * driver then lets the endpoint answer NAK). Never turns false within a message. */
bool ccid_ready(const struct ccid *c);
/* Fills in the next packet of the bulk IN endpoint. False: nothing to send. *size is 0..64; 0 is an empty packet, which
 * ends an answer that fills its last one. */
bool ccid_send(struct ccid *c, uint8_t packet[CCID_PACKET], size_t *size);
/* Takes the next job, if there is one and the host has fetched every answer to what came before; *apdu is then valid
 * until ccid_done. */
enum ccid_job ccid_job(struct ccid *c, bytes *apdu);
/* The job is done. `answer` (data and status word; ignored for a reset) must stay valid until the next job is taken.
 * Less than 2 or more than CCID_APDU_MAX bytes become 6F00, for the host waits for something. */
void ccid_done(struct ccid *c, bytes answer);
/* Time passes, on a clock that may wrap: sends a time extension when a command has run for CCID_EXTENSION_MS without a
 * word (never for power on or off: libccid would take it for the answer), and fails an Abort message that has waited
 * for its control request for CCID_ABORT_WAIT_MS. Both count from the first tick that sees them. */
void ccid_tick(struct ccid *c, uint32_t now_ms);
/* The class request ABORT on the control pipe (CCID 1.1 5.3.1) for slot `slot`, message `seq`. False: no such slot,
 * stall the pipe. From here on every message fails but the Abort with the same seq (6.1.13). The command at work is
 * cancelled and gets no answer of the card any more, but one without data that says so; then the Abort succeeds. */
bool ccid_abort(struct ccid *c, uint8_t slot, uint8_t seq);
/* Has the host given up on the running job? The card's progress callback asks. False when none is out. */
bool ccid_cancelled(const struct ccid *c);

#endif
