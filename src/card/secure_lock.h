/* SPDX-License-Identifier: Apache-2.0 */
/* The secure lock (EXTRAS 3A, apdu.md 3.27): a key that the host keeps, without which the PIN opens no key.
 *
 * While it is on, the root's box (card/vault.h) wants it besides what the PIN opens. It is sent once a session, under a
 * key that both ends agree on for that one command. Without it a locked card answers 6982 to all that needs the root,
 * INITIALIZE included: who loses it loses the keys, and has to erase the flash. */
#ifndef CARD_SECURE_LOCK_H
#define CARD_SECURE_LOCK_H

#include "card/commands.h"

#define LOCK_POINT_SIZE 65u

/* What the host's next lock key comes under; lives in the session. */
struct lock_agreement {
    bool fresh;
    uint8_t host_point[LOCK_POINT_SIZE];
    uint8_t nonce_and_key[44];
};

enum lock_function { LOCK_AGREE = 1, LOCK_ENABLE, LOCK_UNLOCK, LOCK_DISABLE };

/* P2: enum lock_function. */
command_run extras_secure_lock;

#endif
