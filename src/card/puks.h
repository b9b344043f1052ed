/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys registered for authentication (apdu.md 3.24, formats.md 9): n slots, of which m must sign.
 *
 * Each slot holds the inner certificate of a request that another token attested; its CHR is the user's name. The key
 * signs device name ‖ challenge. Registered keys are sealed on flash until INITIALIZE; who has authenticated is known
 * for one session only. */
#ifndef CARD_PUKS_H
#define CARD_PUKS_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/cvc.h"

struct hsm;

/* Is public key authentication on (INITIALIZE tag 93)? */
bool puks_on(const struct hsm *h);
/* Slots with a key. */
uint8_t puks_registered(const struct hsm *h);
/* Has slot `slot` authenticated in this session? */
bool puk_authenticated(const struct hsm *h, uint8_t slot);

/* Appends total, still to register, required, authenticated. */
void puks_put_status(const struct hsm *h, buf *reply);
/* Appends the name of a slot. ST_REFERENCE_UNKNOWN: it is empty. */
MUST_CHECK status puk_put_name(struct hsm *h, uint8_t slot, buf *reply);
/* The slot of the key with exactly this name. ST_REFERENCE_UNKNOWN. */
MUST_CHECK status puk_find(struct hsm *h, bytes name, uint8_t *slot);
/* The first empty slot. ST_NO_SPACE: none. */
MUST_CHECK status puk_free_slot(const struct hsm *h, uint8_t *slot);

/* Checks a request and puts its key into `slot`, in place of what is there; that one's authentication ends. `signer`:
 * CHR of the certificate whose key must have made the outer signature.
 * ST_OK
 * ST_CONDITIONS       either signature is wrong, or the outer CAR is not `signer`, or there is no such certificate
 * ST_DATA_NOT_USABLE  its key is none that could ever verify something
 * ST_EXISTS           another slot has this key or this name: it would count twice
 * ST_NO_SPACE, ST_FLASH */
MUST_CHECK status puk_register(struct hsm *h, uint8_t slot, bytes signer, const struct cvc *request);

/* Is it the slot's signature over the device name and the pending challenge? If so the slot is authenticated. The
 * challenge is gone in any case.
 * ST_OK; ST_CONDITIONS: no challenge, or wrong; ST_REFERENCE_UNKNOWN: the slot is empty. */
MUST_CHECK status puk_authenticate(struct hsm *h, uint8_t slot, bytes signature);

#endif
