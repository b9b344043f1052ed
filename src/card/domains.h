/* SPDX-License-Identifier: Apache-2.0 */
/* Key domains and their DKEKs, the keys that wrap keys (apdu.md 3.20, formats.md 4.2 and 6).
 *
 * A DKEK is the XOR of its shares. It is sealed under the root, so that nothing but a PIN opens it. Hosts import shares
 * without login, though, often on different days: such a share is sealed for the public key of a letterbox, whose
 * private key lies under the root, and joins the others at the next login (DP-47). So no share and no sum of shares
 * can be read from flash without a PIN, and a ceremony survives power off between two shares. */
#ifndef CARD_DOMAINS_H
#define CARD_DOMAINS_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/key_blob.h"

struct hsm;

#define DOMAIN_UID_SIZE 64u /* XKEK: X ‖ Y of the group key */

/* ST_OK; ST_BAD_P1P2: no such domain; ST_REFERENCE_UNKNOWN: the device is not initialised. */
MUST_CHECK status domain_check(const struct hsm *h, uint8_t n);

/* Of an existing domain: is it set up, with shares, a random key or a group? */
bool domain_is_set_up(const struct hsm *h, uint8_t n);

/* Appends total(1) missing(1) KCV(8) [UID(64)]. The KCV is zero as long as the DKEK is incomplete, or waits for the
 * root to be put together; it is public, blobs carry it, and then needs no login. */
MUST_CHECK status domain_put_status(struct hsm *h, uint8_t n, buf *reply);

/* The DKEK (32 bytes). ST_REFERENCE_UNKNOWN: the domain does not exist, is not set up, lacks shares, or the root is
 * locked. */
MUST_CHECK status domain_dkek(struct hsm *h, uint8_t n, span dkek);

/* Imports a share of 32 bytes, with or without login.
 * ST_OK; ST_NOT_ALLOWED: none is missing, or the domain is not set up; ST_CONDITIONS: nobody has logged in since
 * the letterbox was lost (only after power was cut within INITIALIZE); ST_NO_SPACE, ST_FLASH. */
MUST_CHECK status domain_import_share(struct hsm *h, uint8_t n, bytes share);

/* ---- for the user, root open ---- */

/* Sets the domain up for `shares` shares; 0: with a random DKEK at once (OD-6). ST_BAD_P1P2: it is set up. */
MUST_CHECK status domain_set_up(struct hsm *h, uint8_t n, uint8_t shares);
/* Destroys the DKEK and all shares; the domain stays and wants them again. ST_REFERENCE_UNKNOWN: not set up. */
MUST_CHECK status domain_clear(struct hsm *h, uint8_t n);
/* Destroys the DKEK, the shares and the group. ST_BAD_P1P2: not set up; ST_EXISTS: keys name this domain. */
MUST_CHECK status domain_delete(struct hsm *h, uint8_t n);
/* The UID (DOMAIN_UID_SIZE) of an XKEK domain. ST_REFERENCE_UNKNOWN: it is none. */
MUST_CHECK status domain_group(struct hsm *h, uint8_t n, span uid);
/* Would domain_put_agreed work? ST_OK; ST_CONDITIONS: it has a key, or is no XKEK domain; ST_NO_SPACE. */
MUST_CHECK status domain_wants_agreed(struct hsm *h, uint8_t n);
/* Makes `dkek` the key of an XKEK domain (formats.md 6.3). ST_CONDITIONS: it has one, or is no XKEK domain. */
MUST_CHECK status domain_put_agreed(struct hsm *h, uint8_t n, bytes dkek);
/* Makes a domain that is not set up an XKEK domain of the group `uid` (DOMAIN_UID_SIZE). ST_BAD_P1P2: it is set up. */
MUST_CHECK status domain_put_group(struct hsm *h, uint8_t n, bytes uid);

/* ---- for whoever opens the root ---- */

/* Does what waited for the root: makes the letterbox and random DKEKs, joins shares that arrived without login. What
 * cannot be done now is tried again at the next login. */
void domains_settle(struct hsm *h);

#endif
