/* SPDX-License-Identifier: Apache-2.0 */
/* The user PIN and the SO-PIN: verifier, retry counter, and the root key wrapped by each.
 *
 * A try is charged on flash before anything is compared (decisions.md "at rest" 4), the compare is constant-time, and a
 * guess of another length does the same work. A blocked PIN does no work at all. */
#ifndef CARD_PINS_H
#define CARD_PINS_H

#include "base/bytes.h"
#include "base/status.h"

struct hsm;

/* Everywhere: `ref` is PIN_USER or PIN_SO of wire/schsm.h. */

/* The session PIN (decisions.md): lives in RAM only; the root wrapped with a key made from it. */
struct session_pin {
    bool set;
    uint8_t wrong; /* wrong presentations of VERIFY 81 since it was made; the third wipes it */
    uint8_t salt[16];
    uint8_t check[32]; /* HMAC of the 8 bytes */
    uint8_t wrapped[60];
};

/* The state of a PIN without guessing (apdu.md 3.8, status query).
 * ST_OK verified in this session; ST_PIN_WRONG not verified, h->tries_left is set; ST_PIN_BLOCKED;
 * ST_DATA_NOT_USABLE transport PIN not yet changed; ST_REFERENCE_UNKNOWN no such PIN is set. */
MUST_CHECK status pin_state(struct hsm *h, uint8_t ref);

/* Checks a guess of 0..16 bytes and unlocks the root; rights are the caller's to grant. Any session rights end first.
 * ST_OK; ST_PIN_WRONG with h->tries_left; ST_PIN_BLOCKED (also when this guess was the last);
 * ST_REFERENCE_UNKNOWN; ST_FLASH nothing was compared. */
MUST_CHECK status pin_check(struct hsm *h, uint8_t ref, bytes guess);

/* As pin_check for data that starts with the PIN and goes on with something else: the split is at the stored length,
 * which is never told. Data not longer than it count as a wrong PIN. On ST_OK *rest is what follows; the try is given
 * back by pin_tries_restore only. */
MUST_CHECK status pin_check_prefix(struct hsm *h, uint8_t ref, bytes data, bytes *rest);

/* VERIFY 81: like pin_check and pin_grant for the PIN, or for the session PIN while there is one. */
MUST_CHECK status pin_verify_user(struct hsm *h, bytes guess);

/* Gives the rights that go with a PIN just checked (apdu.md 3.8). */
void pin_grant(struct hsm *h, uint8_t ref);

/* Within an open vault transaction: sets PIN, maximum of tries and full counter; wraps the unlocked root.
 * The old wrapping is erased when the transaction commits. */
MUST_CHECK status pin_put(struct hsm *h, uint8_t ref, bytes pin, uint8_t tries_max, bool transport);

/* Within an open vault transaction: removes a PIN that is set. */
MUST_CHECK status pin_remove(struct hsm *h, uint8_t ref);

/* The maximum of tries of a PIN that is set. ST_REFERENCE_UNKNOWN. */
MUST_CHECK status pin_tries_max(struct hsm *h, uint8_t ref, uint8_t *tries_max);
/* Sets the tries left to the maximum, durably. */
MUST_CHECK status pin_tries_restore(struct hsm *h, uint8_t ref);

/* Does any PIN cost more rounds than `rounds_max`? Then ST_NOT_SUPPORTED. */
MUST_CHECK status pin_cost_check(struct hsm *h, uint32_t rounds_max);

/* Makes a session PIN into `pin` (8 bytes) and keeps it in RAM. ST_OK, ST_NOT_AUTHORIZED root locked. */
MUST_CHECK status session_pin_make(struct hsm *h, span pin);
void session_pin_wipe(struct hsm *h);

#endif
