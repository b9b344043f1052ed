/* SPDX-License-Identifier: Apache-2.0 */
/* Key domains whose key is agreed between cards instead of carried to them (apdu.md 3.12, 3.15, 3.20; formats.md 6).
 *
 * A group signer vouches for each device that belongs to the group; its public key names the group (UID). Devices of
 * a group make exchange keys, show each other their certificates, and both get the same DKEK from the agreement. */
#ifndef CARD_XKEK_H
#define CARD_XKEK_H

#include "base/bytes.h"
#include "base/status.h"
#include "card/keys.h"

struct hsm;

#define XKEK_EXTENSION_SIZE 81u /* bytes: 73 { 06 OID, 80 UID } */

/* Makes domain `n` one of the group whose signer's request is in `data`: `7F21 42 5F37 54`, content of 67 and membership.
 * ST_OK
 * ST_BAD_LENGTH       no 54
 * ST_BAD_DATA         malformed; ST_DATA_NOT_USABLE: no request of a key that can name a group
 * ST_CONDITIONS       a signature is wrong: the request's own, that of the token that attests it if its certificate is
 *                     known, or the membership, which is good for the device of the first certificate in 2F02 only
 * ST_EXECUTION        2F02 does not begin with a certificate of an EC key
 * ST_BAD_P1P2         the domain is set up already */
MUST_CHECK status xkek_join(struct hsm *h, uint8_t n, bytes data);

/* Does this list make the key an exchange key: is 84 in it? */
bool xkek_is_exchange_key(const struct key_metadata *metadata);
/* Appends what the certificate of a new exchange key says in its tag 65. ST_BAD_LENGTH: no domain, or not of a group. */
MUST_CHECK status xkek_put_extension(struct hsm *h, const struct key_metadata *metadata, buf *out);

/* Everything that can be said about DECIPHER 84 before the key is used. `certificate`: of the peer's exchange key.
 * ST_OK
 * ST_DATA_NOT_USABLE    malformed, or another curve
 * ST_BAD_LENGTH         no point 86, or no extension
 * ST_REFERENCE_UNKNOWN  no domain is of its group
 * ST_CONDITIONS         the key's list lacks 84, or has 80, too; the key is not in that domain, its domain has a key
 *                       already, or the certificate does not verify with its own key
 * ST_EXECUTION          the curve does not make 32 bytes
 * ST_NO_SPACE           nothing is charged then either */
MUST_CHECK status xkek_check_peer(struct hsm *h, const struct key_info *info, bytes certificate);
/* Agrees with the peer and makes the result the key of the domain. After xkek_check_peer. */
MUST_CHECK status xkek_derive(struct hsm *h, const struct key_info *info, bytes secret, bytes certificate);

#endif
