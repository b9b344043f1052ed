/* SPDX-License-Identifier: Apache-2.0 */
/* What lasts from one SELECT to the next (apdu.md 4.1), and the rule who is "user authenticated" (4.3). */
#ifndef CARD_SESSION_H
#define CARD_SESSION_H

#include "base/bytes.h"
#include "base/status.h"
#include "card/secure_lock.h"
#include "card/stream.h"
#include "card/trust.h"

struct hsm;

struct session {
    bool user_verified;    /* user PIN */
    bool so_verified;      /* SO-PIN   */
    bool initialised_here; /* INITIALIZE ran in this session: full rights until SELECT (apdu.md 3.2) */
    bool root_is_users;    /* the root lies open since the user PIN was given, perhaps in an earlier session (OD-9) */
    uint8_t puks;          /* bit for each authenticated public key */
    uint8_t puk_selected;  /* MSE A4: slot + 1; 0 = none */
    struct lock_agreement lock;
    uint16_t current; /* current EF, 0 = none */
    uint8_t challenge[256];
    size_t challenge_size;           /* 0 = none pending */
    uint8_t verifying[CVC_NAME_MAX]; /* MSE B6: CHR of the certificate to verify with */
    size_t verifying_size;           /* 0 = none */
    struct trust_guests guests;
    struct stream stream;
    struct crypto_hd_node hd; /* selected by HD WALLET for one use */
};

/* Ends the session: PINs, current EF, challenge and the root key are forgotten. */
void session_end(struct hsm *h);
/* The same at SELECT, where public keys without PIN leave the root open that the user PIN has opened (OD-9). */
void session_leave(struct hsm *h);
/* Ends PIN authentication only, as every presentation of a PIN does first (apdu.md 3.7). */
void session_revoke(struct hsm *h);
/* After each command: what it or an earlier one has taken out of a key (stream, node) does not outlive the login. */
void session_settle(struct hsm *h);
/* Is the user authenticated (apdu.md 4.3)? */
bool session_is_user(const struct hsm *h);

#endif
