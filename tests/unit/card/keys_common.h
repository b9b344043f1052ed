/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what GENERATE answers, and judging a request as a host would (formats.md 3.5, 3.6). */
#ifndef TESTS_CARD_KEYS_COMMON_H
#define TESTS_CARD_KEYS_COMMON_H

#include "tests/rig/expect.h"
#include "tests/unit/card/oracle.h"
#include "wire/cvc.h"
#include "wire/oid.h"

/* Point of the device key, from the first certificate of 2F02. */
static inline bytes device_point(struct rig *r)
{
    struct cvc device;
    struct answer chain = rig_read(r, 0x2F02, 0, 65536);
    EXPECT_SW(chain, 0x9000);
    reader certificates = read_from(chain.data);
    assert_true(cvc_next(&certificates, &device));
    return cvc_key_field(&device.key, 0x86);
}

static inline bytes sha256(bytes message)
{
    span out = exact_space(32);
    oracle_hash(CRYPTO_SHA256, message, out);
    return view(out);
}

/* The request, parsed; ends the test when it is none. */
static inline struct cvc request_in(bytes data)
{
    struct cvc request;
    assert_true(cvc_parse(data, &request));
    assert_int_equal(request.whole.p[0], 0x67);
    return request;
}

static inline struct oracle_rsa rsa_of(const struct cvc *request)
{
    bytes e = cvc_key_field(&request->key, 0x82);
    assert_true(e.n >= 1 && e.n <= 4);
    return (struct oracle_rsa){cvc_key_field(&request->key, 0x81), be_get(e)};
}

/* Where its public key stands: modulus, point, or the string of an OKP. */
static inline uint16_t public_tag(const struct cvc_key *key)
{
    if (bytes_equal(key->oid, oid_ri_ecdh_sha256())) return 0x84;
    return cvc_key_field(key, 0x86).n ? 0x86 : 0x81;
}

/* The curve of an OKP. */
static inline enum crypto_okp okp_of(const struct cvc_key *key)
{
    enum crypto_okp okp;
    assert_true(crypto_okp_by_prime(cvc_key_field(key, 0x81), cvc_key_field(key, 0x83), &okp));
    return okp;
}

/* Did the key itself sign this: EdDSA, or zeros where it cannot sign (formats.md 3.5)? */
static inline bool okp_signed(const struct cvc_key *key, bytes message, bytes signature)
{
    enum crypto_okp okp = okp_of(key);
    if (signature.n != 2 * crypto_okp_params(okp)->key_size) return false;
    if (!crypto_okp_params(okp)->signs) return ct_is_zero(signature);
    return oracle_eddsa(okp, cvc_key_field(key, 0x84), message, signature);
}

/* Key pairs that tests keep: what is public of them, in blocks of the rig. */
struct public_key {
    bytes point;           /* EC  */
    struct oracle_rsa rsa; /* RSA */
};

#endif
