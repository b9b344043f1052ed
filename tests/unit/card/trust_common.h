/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of trust, registration and groups share. Include after cmocka.h and what it needs. */
#ifndef TESTS_CARD_TRUST_COMMON_H
#define TESTS_CARD_TRUST_COMMON_H

#include "tests/cvc_maker.h"
#include "tests/rig/expect.h"
#include "tests/vectors/trust.h"

#define CHAIN CHAIN_DEVICE CHAIN_DV CHAIN_CA

/* An object of `tag` around hex. */
static inline const char *wrapped(uint16_t tag, const char *hex)
{
    uint8_t memory[4096];
    buf b = BUF(memory);
    tlv_put(&b, tag, exact(hex));
    return hex_of(written(&b));
}

static inline struct answer mse(struct rig *r, uint8_t p2, const char *text)
{
    return rig_command_hex(r, 0x00, 0x22, 0x81, p2, wrapped(0x83, hex_of(made_text(text))), 0);
}

static inline struct answer verify_certificate(struct rig *r, bytes certificate)
{
    return rig_command(r, 0x00, 0x2A, 0x00, 0xBE, certificate, 0);
}

/* Both commands; the issuer must be known. */
static inline struct answer show(struct rig *r, const char *issuer, bytes certificate)
{
    EXPECT_SW(mse(r, 0xB6, issuer), 0x9000);
    return verify_certificate(r, certificate);
}

static inline void install_chain(struct rig *r, const char *hex)
{
    EXPECT_SW(rig_update(r, 0x2F02, 0, exact(hex)), 0x9000);
}

#endif
