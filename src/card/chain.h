/* SPDX-License-Identifier: Apache-2.0 */
/* Between bytes and commands: class byte, command chaining, Le, GET RESPONSE, status words (apdu.md 1.5 to 1.8). */
#ifndef CARD_CHAIN_H
#define CARD_CHAIN_H

#include "base/bytes.h"

struct hsm;

/* Runs one command APDU. The answer lies in h->chain and is valid until the next call. */
bytes chain_run(struct hsm *h, bytes raw);
/* Forgets an unfinished chain and a reply that waits; wipes both. */
void chain_reset(struct hsm *h);

#endif
