/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys that authenticate: users with keys of their own, attested by a token that the card trusts. Include after
 * cmocka.h and what it needs. */
#ifndef TESTS_CARD_PUKS_COMMON_H
#define TESTS_CARD_PUKS_COMMON_H

#include "tests/unit/card/trust_common.h"

#define TOKEN "TOKEN00001" /* a certificate in 2F02 whose key attests requests */
#define TOKEN_KEY 50

static inline struct crypto *crypto_of(struct rig *r)
{
    return &r->hsm->crypto;
}

/* The chain of the vectors, and a token beside it. */
static inline void install_token(struct rig *r)
{
    struct made token = {
        .car = TOKEN, .chr = TOKEN, .key = TOKEN_KEY, .role = MAKE_ROLE_DEVICE, .curve = CRYPTO_SECP256R1};
    install_chain(r, text_of("%s%s", CHAIN, hex_of(make_certificate(crypto_of(r), &token))));
}

/* The request of user `i`, attested by the token. */
static inline struct made user(unsigned i)
{
    return (struct made){.car = text_of("USER%u", i),
                         .chr = text_of("USER%u", i),
                         .key = (uint8_t)(100 + i),
                         .curve = i % 2 ? CRYPTO_SECP384R1 : CRYPTO_SECP256K1,
                         .outer_car = TOKEN,
                         .outer_signer = TOKEN_KEY,
                         .outer_curve = CRYPTO_SECP256R1};
}

static inline struct answer send_request(struct rig *r, uint8_t p1, uint8_t slot, bytes request)
{
    return rig_command(r, 0x80, 0x54, p1, slot, request, 256);
}

static inline struct answer enrol(struct rig *r, uint8_t p1, uint8_t slot, const struct made *m)
{
    EXPECT_SW(mse(r, 0xB6, TOKEN), 0x9000);
    return send_request(r, p1, slot, make_request(crypto_of(r), m));
}

static inline void enrol_users(struct rig *r, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct made m = user(i);
        EXPECT_SW(enrol(r, 0, 0, &m), 0x9000);
    }
}

/* The signature of user `i` over this device's name and `challenge`. */
static inline bytes signed_by(struct rig *r, unsigned i, bytes challenge)
{
    struct made m = user(i);
    const bytes parts[] = {exact(PKA_NAME), challenge};
    return made_signature(crypto_of(r), m.curve, CRYPTO_SHA256, made_private(m.curve, m.key), parts, COUNT(parts));
}

static inline bytes challenge(struct rig *r)
{
    struct answer a = rig_send(r, "0084000008");
    EXPECT_SW(a, 0x9000);
    return a.data;
}

static inline struct answer answer_challenge(struct rig *r, bytes signature)
{
    return rig_command(r, 0x00, 0x82, 0, 0, signature, 0);
}

static inline void authenticate(struct rig *r, unsigned i)
{
    bytes c = challenge(r);
    EXPECT_SW(mse(r, 0xA4, text_of("USER%u", i)), 0x9000);
    EXPECT_EMPTY(answer_challenge(r, signed_by(r, i, c)), 0x9000);
}

#endif
