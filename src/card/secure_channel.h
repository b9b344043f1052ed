/* SPDX-License-Identifier: Apache-2.0 */
/* The card's end of secure messaging: when there is a channel, and what ends it (apdu.md 3.21, 3.22, 4.6).
 *
 * MSE SET AT names the protocol, GENERAL AUTHENTICATE makes the keys, card/chain.c opens commands and seals responses.
 * A channel protects the line and nothing else: it logs nobody in, and needs no login (decisions.md OD-7). It ends with
 * SELECT of an applet, power, reset, MSE SET AT, and the first command that is not authentic; INITIALIZE leaves it. */
#ifndef CARD_SECURE_CHANNEL_H
#define CARD_SECURE_CHANNEL_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/secure_messaging.h"

struct hsm;

struct secure_channel {
    bool selected; /* the protocol is named */
    bool open;     /* there are keys */
    bool
        changed; /* ended or made anew since a command came in: its response still leaves under the keys it came with */
    struct sm_channel keys;
};

/* Forgets keys and protocol. */
void secure_channel_end(struct hsm *h);
/* Forgets the keys and names the protocol: what MSE SET AT does. */
void secure_channel_select(struct hsm *h);
/* Agrees on keys with the host's ephemeral point and appends `7C { 81 nonce, 82 token }` to `reply`.
 * ST_OK               the next secured command may use them
 * ST_CONDITIONS       no protocol was named in this session
 * ST_DATA_NOT_USABLE  not 65 bytes 04‖X‖Y
 * ST_EXECUTION        not on the curve; or no entropy
 * An existing channel lives on when this fails. */
MUST_CHECK status secure_channel_open(struct hsm *h, bytes host_point, buf *reply);

/* Is nobody on the line between the host and the command that runs: did it come through secure messaging, or from the
 * program that holds the card in its own process? */
bool secure_channel_protects(const struct hsm *h);

#endif
