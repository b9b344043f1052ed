/* SPDX-License-Identifier: Apache-2.0 */
/* The other end: commands of the SmartCard-HSM, typed, over any transport, in plain or through a secure channel.
 *
 * One struct client talks to one card, one thread at a time. Its memory is the caller's; it holds secrets while PINs
 * travel and while a channel is open: client_close wipes it. Host side only, never part of a card.
 *
 * Outcomes: every command returns ST_OK or what the card said, as a status (client->word has the number; 63Cx is
 * ST_PIN_WRONG, words that the table does not know are ST_INTERNAL). Beside these:
 *   ST_EXECUTION   also: the transport failed
 *   ST_BAD_LENGTH  also: the answer is longer than the place for it, or too short to be one
 *   ST_SM_WRONG    the channel is broken: an answer was not authentic, or the card ended it. From then on every command
 *                  but the three that begin anew (client_select, client_open_channel, client_close_channel) is refused here,
 *                  so that nothing meant to be protected ever leaves in plain. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/bytes.h"
#include "base/status.h"
#include "client/transport.h"
#include "crypto/crypto.h"
#include "wire/apdu.h"
#include "wire/cvc.h"
#include "wire/schsm.h"
#include "wire/secure_messaging.h"

enum client_channel { CHANNEL_NONE, CHANNEL_OPEN, CHANNEL_BROKEN };

/* Private fields but `word`. */
struct client {
    const struct transport *transport;
    struct crypto *crypto;
    uint16_t word; /* status word of the last command; the one inside, when there is a channel */
    enum client_channel channel;
    struct sm_channel keys;
    uint8_t body[LIMIT_COMMAND_DATA + SM_COMMAND_OVERHEAD];
    uint8_t command[LIMIT_COMMAND_DATA + SM_COMMAND_OVERHEAD + APDU_OVERHEAD];
    uint8_t answer[LIMIT_RESPONSE_DATA + SM_RESPONSE_OVERHEAD + 2];
    uint8_t plain[LIMIT_RESPONSE_DATA + SM_PADDING_MAX];
};

/* Binds a client; nothing is sent. `crypto` is an open context, of which a channel needs entropy, ECDH, AES and SHA-1;
 * NULL when there will be no channel. Both must outlive the client. */
void client_open(struct client *c, const struct transport *transport, struct crypto *crypto);
/* Wipes everything. The card is not told. */
void client_close(struct client *c);

/* Sends any command, through the channel when there is one, and fetches what 61xx announces. *data lies in the client until
 * its next command. */
MUST_CHECK status client_transmit(struct client *c, const struct apdu *command, bytes *data);

/* ---- the secure channel (docs/secure-channel.md) ---- */

/* The public point of the device key, from the first certificate in EF 2F02: SM_POINT_SIZE bytes. Whoever sits on the line
 * can put another there: verify the certificate, or compare with a point that you know, before you trust it.
 * ST_BAD_DATA: no certificate with such a key. */
MUST_CHECK status client_device_point(struct client *c, span point);
/* Opens a channel with the card that has the private key of `device_point`. An open one is given up first.
 * ST_SM_WRONG: the card does not have that key; there is no channel then. */
MUST_CHECK status client_open_channel(struct client *c, bytes device_point);
/* Forgets the keys: what follows goes in plain. The card keeps its own until the next SELECT. */
void client_close_channel(struct client *c);

/* ---- commands ---- */

/* SELECT of the HSM: logs out and ends the channel, also a broken one. */
MUST_CHECK status client_select(struct client *c);
/* PINs: `ref` is PIN_USER or PIN_SO. */
MUST_CHECK status client_verify(struct client *c, uint8_t ref, bytes pin);
MUST_CHECK status client_change_pin(struct client *c, uint8_t ref, bytes old_pin, bytes new_pin);
MUST_CHECK status client_reset_user_pin(struct client *c, bytes so_pin, bytes new_pin);
/* Is the PIN verified (ST_OK)? Otherwise ST_PIN_WRONG, and *tries says how many are left. */
MUST_CHECK status client_pin_status(struct client *c, uint8_t ref, uint8_t *tries);
/* GET CHALLENGE: random bytes of the card, 1..1024. */
MUST_CHECK status client_challenge(struct client *c, span out);
/* READ BINARY of EF `fid` from `at`, at most `ne` bytes; *data as for client_transmit. */
MUST_CHECK status client_read(struct client *c, uint16_t fid, uint16_t at, uint32_t ne, bytes *data);

/* ---- public key authentication (docs/public-key-authentication.md; apdu.md 3.21, 3.23, 3.24) ----
 *
 * Most of these are two commands or more: certificates and requests must not lie in the client. Names of keys and of
 * issuers have 2..16 bytes; others are ST_BAD_LENGTH, and nothing was sent. */

/* What the card says of its registered keys. */
struct client_pka {
    uint8_t total, missing; /* slots, and those without a key */
    uint8_t required;       /* keys that have to sign in one session */
    uint8_t authenticated;  /* keys that have, in this one */
};

/* Appends the name of the device, 1..16 bytes: the holder of the first certificate in EF 2F02. As with
 * client_device_point, whoever sits on the line can put another there.
 * ST_BAD_DATA: no certificate; ST_BAD_LENGTH: `name` has no room. */
MUST_CHECK status client_device_name(struct client *c, buf *name);
/* Shows a certificate (a whole 7F21, or the content of one) to the card, which has to know that of its issuer. A chain
 * goes from the top down. With a PIN verified the card keeps it, else until SELECT.
 * ST_BAD_DATA           it is none; nothing was sent
 * ST_REFERENCE_UNKNOWN  the card does not know who has issued it
 * ST_CONDITIONS         wrong signature, or the issuer may not issue this one, or another certificate has its name */
MUST_CHECK status client_verify_certificate(struct client *c, bytes certificate);
/* Registers the key of a request (a whole 67, or the content of one) in the next free slot; *now is how it is then.
 * ST_BAD_DATA           it is no request; nothing was sent
 * ST_REFERENCE_UNKNOWN  the card does not know whose signature is around it
 * ST_CONDITIONS         one of its signatures is wrong
 * ST_EXISTS             the key, or its name, is registered
 * ST_NO_SPACE           no slot is free
 * ST_NOT_FOUND          public key authentication is off */
MUST_CHECK status client_register_key(struct client *c, bytes request, struct client_pka *now);
/* The same in `slot`, in place of the key there. ST_CONDITIONS also: option 0008 is off. ST_BAD_P1P2: no such slot. */
MUST_CHECK status client_replace_key(struct client *c, uint8_t slot, bytes request, struct client_pka *now);
/* ST_BAD_P1P2: public key authentication is off. */
MUST_CHECK status client_pka_status(struct client *c, struct client_pka *now);
/* The name of the key in `slot`; *name as for client_transmit.
 * ST_OK                 it has not signed in this session
 * ST_PUK_AUTHENTICATED  it has
 * ST_REFERENCE_UNKNOWN  the slot is empty; ST_BAD_P1P2: there is none, or public key authentication is off */
MUST_CHECK status client_key_status(struct client *c, uint8_t slot, bytes *name);
/* Authenticates with the registered key of the name `key`: `signer` signs device ‖ 32 bytes of challenge,
 * hashing as the key's OID says, and must not use this client meanwhile. `device` is the name of the card that is meant,
 * 1..16 bytes, and known from elsewhere: of a name that was merely read (client_device_name) nobody knows whether it is
 * that of another card, to which somebody on the line hands the signature on.
 * ST_OK
 * ST_PUK_AUTHENTICATED  the key has signed in this session: nothing was asked of the signer
 * ST_REFERENCE_UNKNOWN  no key has this name
 * ST_CONDITIONS         wrong signature, or the card has another name; the challenge is used up
 * ST_BAD_LENGTH         also: `device` is too long or empty (nothing was sent), or the signature is none of 1..512
 *                       bytes
 * what the signer said  the challenge stays unanswered, which harms nobody */
MUST_CHECK status client_authenticate(struct client *c, bytes device, bytes key, const struct cvc_signer *signer);

#endif
