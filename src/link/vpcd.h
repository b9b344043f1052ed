/* SPDX-License-Identifier: Apache-2.0 */
/* The card's end of vpcd, the virtual reader of pcscd: bytes of a TCP stream in, frames out.
 *
 * A frame is a length of 2 bytes, big-endian, then so many bytes: a control byte, or a command APDU, which gets
 * exactly one frame back whatever it holds, for vpcd blocks until it comes. Sockets, waiting and reconnecting are
 * the board's. What the three callbacks do is the card's. Spec: apdu.md 1.2, described in docs/virtual-hsm.md. */
#ifndef LINK_VPCD_H
#define LINK_VPCD_H

#include "base/bytes.h"

#define VPCD_PORT 35963u
#define VPCD_APDU_MAX 4148u   /* the longest command: 4096 bytes of data, secured */
#define VPCD_ANSWER_MAX 4135u /* the longest answer: 4133 bytes, secured, and the status word */

/* The card behind the cable. Views that are returned stay valid until the next call of any of them. */
struct vpcd_card {
    void *ctx;
    /* The answer to reset, 1..VPCD_ANSWER_MAX bytes; disturbs nothing (pcscd asks several times a second). */
    bytes (*atr)(void *ctx);
    /* Power off, power on, reset, or the connection is gone: the session ends. */
    void (*reset)(void *ctx);
    /* One command of any length from 2 bytes on; no bytes stand for a command too long to hold, which is malformed
     * like any other and ends a chain. Returns 2..VPCD_ANSWER_MAX bytes. */
    bytes (*command)(void *ctx, bytes apdu);
};

/* One connection. Private; declared here so that the caller owns the memory. */
struct vpcd {
    const struct vpcd_card *card;
    size_t header_got, frame_size, frame_got; /* frame_got counts what is too long to keep as well */
    size_t reply_size;
    uint8_t header[2];
    uint8_t frame[VPCD_APDU_MAX];
    uint8_t reply[2 + VPCD_ANSWER_MAX];
};

/* Binds the card, which must outlive `v`, and waits for the first frame. Calls nothing. */
void vpcd_open(struct vpcd *v, const struct vpcd_card *card);

/* Takes bytes from `in`, cut anywhere, until a frame asks for an answer or `in` is used up. Returns the whole
 * frame to send, valid until the next call, or no bytes when all of `in` is taken and nothing is to be sent.
 * Call it again until it returns no bytes. */
bytes vpcd_feed(struct vpcd *v, reader *in);

/* The connection is gone: forgets a half frame and resets the card. The next byte starts a frame. */
void vpcd_lost(struct vpcd *v);

#endif
