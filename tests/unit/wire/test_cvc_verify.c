/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of certificates and requests: the vectors of the specification, every curve and hash, and what an attacker
 * would change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/cvc_maker.h"
#include "tests/unit/crypto/rig.h"
#include "tests/vectors/trust.h"
#include "vectors/wire/vectors.h"
#include "wire/cvc_verify.h"

static struct cvc read(bytes in)
{
    struct cvc c;
    assert_true(cvc_parse(in, &c) || cvc_parse_request(in, &c));
    return c;
}

static struct cvc_verifier key_of(bytes in)
{
    struct cvc_verifier key;
    struct cvc c = read(in);
    assert_int_equal(cvc_verifier_load(&c.key, &key), ST_OK);
    return key;
}

static status own(bytes in)
{
    struct cvc c = read(in);
    struct cvc_verifier key = key_of(in);
    return cvc_verify_own(&shared_rig.c, &c, &key);
}

static status under(bytes issuer, bytes in, bool inherits)
{
    struct cvc c = read(in);
    struct cvc_verifier key = key_of(issuer);
    if (inherits) {
        assert_false(key.has_curve);
        assert_int_equal(cvc_verify(&shared_rig.c, &key, &c.body, 1, c.signature), ST_CONDITIONS); /* which curve? */
        key.has_curve = true;
        key.curve = CRYPTO_BP256R1;
    }
    return cvc_verify(&shared_rig.c, &key, &c.body, 1, c.signature);
}

static void vectors_verify(void **state)
{
    assert_int_equal(own(exact(CHAIN_CA)), ST_OK);
    assert_int_equal(under(exact(CHAIN_CA), exact(CHAIN_DV), false), ST_OK);
    assert_int_equal(under(exact(CHAIN_DV), exact(CHAIN_DEVICE), true), ST_OK);
    assert_int_equal(under(exact(CHAIN_DV), exact(PKA_TOKEN_CERTIFICATE), true), ST_OK);
    assert_int_equal(own(exact(PKA_KEY_REQUEST)), ST_OK);
    assert_int_equal(own(exact(XKEK_SIGNER_REQUEST)), ST_OK);
    assert_int_equal(own(exact(XKEK_PEER)), ST_OK);
    assert_int_equal(own(exact(PKI_CA_1)), ST_OK);
    assert_int_equal(own(exact(PKI_CA_2)), ST_OK);
    assert_int_equal(under(exact(PKI_CA_2), exact(PKI_DV_2), false), ST_OK);
    static const char *const requests[] = {"cvc: generated RSA-2048: content", "cvc: generated RSA-1024: content",
                                           "cvc: generated P-256: content", "cvc: generated P-521: content",
                                           "cvc: device key request: content"};
    for (size_t i = 0; i < COUNT(requests); i++) assert_int_equal(own(exact(vector(requests[i]))), ST_OK);
    assert_int_equal(under(exact(CHAIN_CA), exact(CHAIN_DEVICE), false), ST_CONDITIONS);
    assert_int_equal(under(exact(PKI_CA_1), exact(PKI_DV_2), false), ST_CONDITIONS);
}

/* The outer signature of a request is the token's. */
static void a_request_is_attested(void **state)
{
    struct cvc request;
    struct cvc_verifier token = key_of(exact(PKA_TOKEN_CERTIFICATE));
    assert_true(cvc_parse_request(exact(PKA_KEY_REQUEST), &request));
    token.has_curve = true;
    token.curve = CRYPTO_BP256R1;
    assert_int_equal(cvc_verify(&shared_rig.c, &token, &request.outer_signed, 1, request.outer_signature), ST_OK);
    assert_int_equal(cvc_verify(&shared_rig.c, &token, &request.body, 1, request.outer_signature), ST_CONDITIONS);
}

/* A whole 67, its content, and nothing around either. */
static void requests_are_read_in_both_forms(void **state)
{
    struct cvc a, b;
    bytes whole = exact(PKA_KEY_REQUEST), content = exact_copy(bytes_after(whole, 4));
    assert_true(cvc_parse_request(whole, &a) && cvc_parse_request(content, &b));
    assert_true(bytes_equal(a.outer_signed, b.outer_signed) && bytes_equal(a.body, b.body));
    assert_true(bytes_equal(b.whole, content));
    assert_false(cvc_parse_request(exact(CHAIN_DEVICE), &a)); /* a certificate is no request */
    for (size_t n = 0; n < whole.n; n++) assert_false(cvc_parse_request(exact_copy(bytes_first(whole, n)), &a));
    for (size_t n = 0; n < content.n; n++) assert_false(cvc_parse_request(exact_copy(bytes_first(content, n)), &a));
    assert_false(cvc_parse_request(exact(PKA_KEY_REQUEST "00"), &a));
    uint8_t memory[600];
    buf again = BUF(memory);
    assert_true(cvc_parse_request(content, &b));
    cvc_put_read(&again, &b);
    assert_true(bytes_equal(written(&again), bytes_first(content, again.n)) && again.n == 4 + 1 + 403 + 0);
}

/* Any bit of body or signature. */
static void nothing_may_change(void **state)
{
    bytes whole = exact(CHAIN_CA);
    for (size_t i = 9; i < whole.n; i++) {
        struct cvc c;
        bytes bent = made_bent(whole, whole.n - 1 - i);
        struct cvc_verifier key = key_of(whole);
        if (!cvc_parse(bent, &c)) continue;
        assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
    }
}

/* clang-format off */
static const struct { const char *oid; enum crypto_hash hash; } hashes[] = {
    {"04007F00070202020202", CRYPTO_SHA224}, {"04007F00070202020203", CRYPTO_SHA256},
    {"04007F00070202020204", CRYPTO_SHA384}, {"04007F00070202020205", CRYPTO_SHA512},
};
/* clang-format on */

static void every_curve_with_every_hash(void **state)
{
    for (unsigned curve = 0; curve < CRYPTO_CURVE_COUNT; curve++) {
        for (size_t i = 0; i < COUNT(hashes); i++) {
            struct made m = {.car = "A",
                             .chr = "A",
                             .key = 5,
                             .role = MAKE_ROLE_CA,
                             .curve = (enum crypto_curve)curve,
                             .oid = hashes[i].oid,
                             .hash = hashes[i].hash};
            assert_int_equal(own(make_certificate(&shared_rig.c, &m)), ST_OK);
            m.hash = hashes[(i + 1) % COUNT(hashes)].hash; /* the OID says which */
            assert_int_equal(own(make_certificate(&shared_rig.c, &m)), ST_CONDITIONS);
            hex_release();
        }
    }
}

/* clang-format off */
#define P256_OID "060A04007F00070202020203"
#define P256_P "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"
#define P256_Q "86410460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6" \
               "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
#define P256_G "8441046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296" \
               "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
#define ONES_32 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
#define ONES_64 ONES_32 ONES_32

static const struct { const char *key; bool good; const char *why; } keys[] = {
    {P256_OID P256_P P256_Q,                          true,  "prime and point"},
    {P256_OID P256_P P256_G P256_Q "870101",          true,  "and what agrees"},
    {P256_OID P256_Q,                                 true,  "point alone"},
    {P256_OID P256_P,                                 false, "no point"},
    {P256_OID P256_P "8600",                          false, "empty point"},
    {P256_OID P256_Q "870101",                        false, "parameters without the prime"},
    {P256_OID P256_G P256_Q,                          false, "base point without the prime"},
    {P256_OID P256_P P256_Q "870102",                 false, "cofactor 2"},
    {P256_OID P256_P "8441" "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
     "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299" P256_Q, false, "base point of one's own choice"},
    {P256_OID "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFD" P256_Q, false, "unknown prime"},
    {P256_OID "812100FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF" P256_Q, false, "longer prime"},
    {"060A04007F00070202020201" P256_P P256_Q,        false, "ECDSA with SHA-1"},
    {"060A04007F00070202020206" P256_P P256_Q,        false, "unknown OID"},
    {"060904007F000702020202" P256_P P256_Q,          false, "prefix of a known OID"},
    {"060B04007F0007020202020300" P256_P P256_Q,      false, "known OID and more"},
    {"060A04007F00070202020101" "818180" ONES_64 ONES_64 "8203010001", false, "RSA with SHA-1"},
    {"060A04007F00070202020104" "818180" ONES_64 ONES_64 "8203010001", false, "RSA-PSS"},
    {"060A04007F00070202020102" "818180" ONES_64 ONES_64 "8203010001", true,  "RSA-1024"},
    {"060A04007F00070202020105" "818180" ONES_64 ONES_64 "8203010001", true,  "RSA-1024, SHA-512"},
    {"060A04007F00070202020102" "81818100" ONES_64 ONES_64 "8203010001", true, "a zero before the modulus"},
    {"060A04007F00070202020102" "818180" ONES_64 ONES_64 "820103", true,  "e = 3"},
    {"060A04007F00070202020102" "818180" ONES_64 ONES_64 "820101", false, "e = 1: every number is a signature"},
    {"060A04007F00070202020102" "818180" ONES_64 ONES_64 "820102", false, "even e"},
    {"060A04007F00070202020102" "818180" ONES_64 ONES_64 "82050100000001", false, "e over 32 bits"},
    {"060A04007F00070202020102" "818180" ONES_64 ONES_64, false, "no exponent"},
    {"060A04007F00070202020102" "8140" ONES_64 "8203010001", false, "RSA-512"},
    {"060A04007F00070202050203" P256_P P256_Q,        false, "a key for agreement"},
};
/* clang-format on */

static void keys_are_judged(void **state)
{
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct cvc c;
        struct cvc_verifier key;
        uint8_t memory[512];
        buf out = BUF(memory);
        size_t whole = tlv_open(&out, 0x7F21), body = tlv_open(&out, 0x7F4E);
        tlv_put(&out, 0x7F49, exact(keys[i].key));
        tlv_put(&out, 0x5F20, TEXT("X"));
        tlv_close(&out, body);
        tlv_put(&out, 0x5F37, TEXT("X"));
        tlv_close(&out, whole);
        assert_true(cvc_parse(exact_copy(written(&out)), &c));
        status st = cvc_verifier_load(&c.key, &key);
        if ((st == ST_OK) != keys[i].good) fail_msg("%s: %s", keys[i].why, status_text(st));
        if (!keys[i].good) assert_int_equal(st, ST_DATA_NOT_USABLE);
    }
}

/* RSA: length, range and padding of a signature; s + n is the same number and no signature. */
static void rsa_signatures_are_exact(void **state)
{
    bytes whole = exact(vector("cvc: generated RSA-1024: content"));
    struct cvc c = read(whole);
    struct cvc_verifier key = key_of(whole);
    bytes s = c.signature;
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_OK);
    c.signature = bytes_after(s, 1);
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
    span longer = exact_space(s.n + 1);
    longer.p[0] = 0;
    memcpy(longer.p + 1, s.p, s.n);
    c.signature = view(longer);
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
    span all = exact_space(s.n);
    static const uint8_t fills[] = {0x00, 0xFF};
    for (size_t i = 0; i < COUNT(fills); i++) {
        memset(all.p, fills[i], all.n);
        c.signature = view(all);
        assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
    }
    all.p[s.n - 1] = 1;
    memset(all.p, 0, s.n - 1);
    c.signature = view(all);
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
}

/* A point off the curve, zero r and s, other lengths. */
static void ec_signatures_are_exact(void **state)
{
    bytes whole = exact(CHAIN_CA);
    struct cvc c = read(whole);
    struct cvc_verifier key = key_of(whole);
    bytes s = c.signature;
    uint8_t zeros[64] = {0};
    c.signature = BYTES(zeros);
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
    c.signature = bytes_first(s, 63);
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
    c.signature = bytes_first(s, 62);
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
    c.signature = s;
    key.number[64] ^= 1;
    assert_int_equal(cvc_verify_own(&shared_rig.c, &c, &key), ST_CONDITIONS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARED_CASE(vectors_verify),
        SHARED_CASE(a_request_is_attested),
        SHARED_CASE(requests_are_read_in_both_forms),
        SHARED_CASE(nothing_may_change),
        SHARED_CASE(every_curve_with_every_hash),
        SHARED_CASE(keys_are_judged),
        SHARED_CASE(rsa_signatures_are_exact),
        SHARED_CASE(ec_signatures_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
