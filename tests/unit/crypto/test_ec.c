/* SPDX-License-Identifier: Apache-2.0 */
/* Curves, ECDSA and ECDH: published answers, and OpenSSL as the oracle for the curves that have none. */
#include "crypto/internal.h"

#include "rig.h"

#include "oracle.h"
#include "stride.h"
#include "vectors/crypto/vectors.h"

#include <wolfssl/wolfcrypt/ecc.h>

static size_t size_of(enum crypto_curve curve)
{
    return crypto_curve_params(curve)->field_size;
}

static void parameters_are_openssls(void **state)
{
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        const struct crypto_curve_params *c = crypto_curve_params((enum crypto_curve)i);
        struct openssl_curve want;
        openssl_curve((enum crypto_curve)i, &want);
        assert_int_equal(c->field_size, want.size);
        assert_true(want.cofactor_is_one);
        assert_true(bytes_equal(c->p, (bytes){want.p, want.size}));
        assert_true(bytes_equal(c->a, (bytes){want.a, want.size}));
        assert_true(bytes_equal(c->b, (bytes){want.b, want.size}));
        assert_true(bytes_equal(c->n, (bytes){want.n, want.size}));
        assert_true(bytes_equal(c->g, (bytes){want.g, 1u + 2u * want.size}));
        enum crypto_curve found;
        assert_true(crypto_curve_by_prime(c->p, &found));
        assert_int_equal(found, i);
        assert_false(crypto_curve_by_prime(bytes_after(c->p, 1), &found));
        assert_false(crypto_curve_by_prime(c->n, &found));
    }
    assert_null(crypto_curve_params(CRYPTO_CURVE_COUNT));
}

static void public_keys_match(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(ec_key_vectors); i++) {
        bytes d = exact(ec_key_vectors[i].d);
        span point = exact_space(1 + 2 * d.n);
        assert_ok(crypto_ec_public(&r.c, ec_key_vectors[i].curve, d, point));
        assert_hex(view(point), ec_key_vectors[i].point);
        assert_ok(crypto_ec_check_point(&r.c, ec_key_vectors[i].curve, view(point)));
    }
    rig_close(&r);
}

/* 1, 2, 3, n-2, n-1 work on every curve and match OpenSSL; 0, n, n+1 and all ones are refused. */
static void private_keys_have_a_range(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        size_t n = size_of(curve);
        span d = exact_space(n), point = exact_space(1 + 2 * n), want = exact_space(1 + 2 * n), x = exact_space(n);
        for (int offset = -3; offset <= 4; offset++) {
            if (offset < 0) {
                memcpy(d.p, crypto_curve_params(curve)->n.p, n);
                assert_in_range(d.p[n - 1], 1, 254);
                d.p[n - 1] = (uint8_t)(d.p[n - 1] + offset + 2); /* n-1, n, n+1 */
            } else {
                memset(d.p, offset == 4 ? 0xFF : 0, n);
                if (offset < 4) d.p[n - 1] = (uint8_t)offset;
            }
            bool valid = offset == -3 || (offset >= 1 && offset <= 3);
            assert_int_equal(crypto_ec_public(&r.c, curve, view(d), point), valid ? ST_OK : ST_EXECUTION);
            if (valid) {
                openssl_public(curve, view(d), want);
                assert_memory_equal(point.p, want.p, want.n);
            } else {
                assert_true(ct_is_zero(view(point)));
                uint8_t rs[CRYPTO_ECDSA_MAX];
                assert_int_equal(crypto_ecdsa_sign(&r.c, curve, view(d), TEXT("digest"), (span){rs, 2 * n}),
                                 ST_EXECUTION);
                assert_int_equal(crypto_ecdh(&r.c, curve, view(d), crypto_curve_params(curve)->g, x), ST_EXECUTION);
            }
        }
    }
    rig_close(&r);
}

static void points_are_checked(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    size_t valid = 0;
    for (size_t i = 0; i < COUNT(ec_point_vectors); i++) {
        bytes point = exact(ec_point_vectors[i].point);
        status want = ec_point_vectors[i].valid ? ST_OK : ST_DATA_NOT_USABLE;
        assert_int_equal(crypto_ec_check_point(&r.c, ec_point_vectors[i].curve, point), want);
        valid += ec_point_vectors[i].valid;
    }
    assert_in_range(valid, 10, 30);
    rig_close(&r);
}

/* Every wrong encoding is refused by all three functions that take a foreign point. */
static void assert_refused(struct rig *r, enum crypto_curve curve, bytes point)
{
    size_t n = size_of(curve);
    uint8_t d[CRYPTO_EC_FIELD_MAX] = {0}, x[CRYPTO_EC_FIELD_MAX], rs[CRYPTO_ECDSA_MAX];
    d[n - 1] = 5;
    memset(rs, 1, sizeof rs);
    assert_int_equal(crypto_ec_check_point(&r->c, curve, point), ST_DATA_NOT_USABLE);
    assert_int_equal(crypto_ecdh(&r->c, curve, (bytes){d, n}, point, (span){x, n}), ST_DATA_NOT_USABLE);
    assert_true(ct_is_zero((bytes){x, n}));
    assert_int_equal(crypto_ecdsa_verify(&r->c, curve, point, TEXT("digest"), (bytes){rs, 2 * n}), ST_DATA_NOT_USABLE);
}

static void bad_points_are_refused(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        const struct crypto_curve_params *params = crypto_curve_params(curve);
        size_t n = params->field_size, size = 1 + 2 * n;
        span p = exact_space(size);
        memcpy(p.p, params->g.p, size);
        assert_ok(crypto_ec_check_point(&r.c, curve, view(p)));
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(crypto_ec_check_point(&r.c, curve, (bytes){p.p, cut}), ST_DATA_NOT_USABLE);
        for (unsigned format = 0; format < 256; format++) {
            p.p[0] = (uint8_t)format;
            if (format != 4) assert_int_equal(crypto_ec_check_point(&r.c, curve, view(p)), ST_DATA_NOT_USABLE);
        }
        p.p[0] = 4;
        p.p[size - 1] ^= 1; /* off the curve */
        assert_refused(&r, curve, view(p));
        memset(p.p + 1, 0, 2 * n); /* (0, 0): no point, though some libraries say infinity */
        assert_refused(&r, curve, view(p));
        memset(p.p + 1, 0xFF, 2 * n);
        assert_refused(&r, curve, view(p));
        memcpy(p.p, params->g.p, size); /* x + p where it fits: the same point, wrongly written */
        memcpy(p.p + 1, params->p.p, n);
        assert_refused(&r, curve, view(p));
        assert_refused(&r, curve, LITERAL(0x00));
        const struct crypto_curve_params *other =
            crypto_curve_params((enum crypto_curve)((i + 1) % CRYPTO_CURVE_COUNT));
        assert_refused(&r, curve, other->g);
    }
    rig_close(&r);
}

static void generated_keys_work(void **state)
{
    struct rig r;
    rig_open(&r, 2);
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        size_t n = size_of(curve);
        span d = exact_space(n), d2 = exact_space(n), q = exact_space(1 + 2 * n), want = exact_space(1 + 2 * n);
        assert_ok(crypto_ec_generate(&r.c, curve, d, q));
        openssl_public(curve, view(d), want);
        assert_memory_equal(q.p, want.p, q.n);
        assert_ok(crypto_ec_generate(&r.c, curve, d2, q));
        assert_memory_not_equal(d.p, d2.p, n);
        assert_int_equal(crypto_ec_generate(&r.c, curve, (span){d.p, n - 1}, q), ST_BAD_LENGTH);
        assert_int_equal(crypto_ec_generate(&r.c, curve, d, (span){q.p, q.n - 1}), ST_BAD_LENGTH);
    }
    assert_int_equal(crypto_ec_generate(&r.c, CRYPTO_CURVE_COUNT, (span){NULL, 0}, (span){NULL, 0}), ST_BAD_LENGTH);
    rig_close(&r);
}

static void signatures_verify_as_published(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(ecdsa_vectors); i++) {
        bytes point = exact(ecdsa_vectors[i].point), digest = exact(ecdsa_vectors[i].digest),
              rs = exact(ecdsa_vectors[i].rs);
        status want = ecdsa_vectors[i].valid ? ST_OK : ST_CONDITIONS;
        assert_int_equal(crypto_ecdsa_verify(&r.c, ecdsa_vectors[i].curve, point, digest, rs), want);
    }
    rig_close(&r);
}

/* Without the hedge the nonces are RFC 6979's: k G has the published r. */
static void nonces_are_rfc6979(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(rfc6979_vectors); i++) {
        const struct crypto_curve_params *params = crypto_curve_params(rfc6979_vectors[i].curve);
        bytes d = exact(rfc6979_vectors[i].d), digest = exact(rfc6979_vectors[i].digest);
        span k = exact_space(d.n), k2 = exact_space(d.n), point = exact_space(1 + 2 * d.n);
        crypto_enter(&r.c);
        assert_ok(ecdsa_nonce(rfc6979_vectors[i].hash, params, d, digest, NO_BYTES, k));
        assert_ok(ecdsa_nonce(rfc6979_vectors[i].hash, params, d, digest, TEXT("hedge"), k2));
        assert_ok(crypto_leave(&r.c, ST_OK));
        assert_memory_not_equal(k.p, k2.p, k.n);
        assert_ok(crypto_ec_public(&r.c, rfc6979_vectors[i].curve, view(k), point));
        span x = span_part(point, 1, d.n);
        number_reduce_once(x, params->n);
        assert_hex(view(x), rfc6979_vectors[i].r);
    }
    rig_close(&r);
}

/* Every curve, digests of 1 to 4096 bytes: ours verify at OpenSSL, OpenSSL's verify here, a flipped bit does not. */
static void signatures_agree_with_openssl(void **state)
{
    struct rig r;
    rig_open(&r, 3);
    static const size_t sizes[] = {1, 2, 20, 23, 24, 25, 28, 31, 32, 33, 48, 63, 64, 65, 66, 67, 100, 4096};
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        size_t n = size_of(curve);
        span d = exact_space(n), q = exact_space(1 + 2 * n), rs = exact_space(2 * n), again = exact_space(2 * n);
        assert_ok(crypto_ec_generate(&r.c, curve, d, q));
        for (size_t j = i % test_stride(); j < COUNT(sizes); j += test_stride()) {
            span digest = exact_space(sizes[j]);
            assert_ok(crypto_random(&r.c, digest));
            if (j == 3) memset(digest.p, 0xFF, digest.n);
            if (j == 4) memset(digest.p, 0x00, digest.n);
            assert_ok(crypto_ecdsa_sign(&r.c, curve, view(d), view(digest), rs));
            assert_true(openssl_verify(curve, view(q), view(digest), view(rs)));
            assert_ok(crypto_ecdsa_sign(&r.c, curve, view(d), view(digest), again));
            assert_memory_not_equal(rs.p, again.p, rs.n); /* hedged */
            openssl_sign(curve, view(d), view(q), view(digest), rs);
            assert_ok(crypto_ecdsa_verify(&r.c, curve, view(q), view(digest), view(rs)));
            digest.p[0] ^= 0x80;
            assert_int_equal(crypto_ecdsa_verify(&r.c, curve, view(q), view(digest), view(rs)), ST_CONDITIONS);
            digest.p[0] ^= 0x80;
            rs.p[(j * 5) % rs.n] ^= 1;
            assert_int_equal(crypto_ecdsa_verify(&r.c, curve, view(q), view(digest), view(rs)), ST_CONDITIONS);
        }
    }
    rig_close(&r);
}

/* `k`, or n + k when it is negative. */
static void scalar_near_zero(enum crypto_curve curve, int k, span d)
{
    uint8_t room[CRYPTO_EC_FIELD_MAX] = {0};
    span small = {room, d.n};
    bytes n = crypto_curve_params(curve)->n;
    memset(d.p, 0, d.n);
    if (k > 0) d.p[d.n - 1] = (uint8_t)k;
    if (k > 0) return;
    memcpy(d.p, n.p, n.n);
    small.p[d.n - 1] = (uint8_t)-k;
    for (int borrow = 0, i = (int)d.n - 1; i >= 0; i--) {
        int left = d.p[i] - small.p[i] - borrow;
        borrow = left < 0;
        d.p[i] = (uint8_t)left;
    }
}

/* Keys that anybody finds by trial, 1..20 and n-20..n-1, with digests of 1..64 bytes. wolfCrypt's check of a signature
 * (not the signature) trips over multiples of G that meet within it, on the curves that have no code of their own: then
 * it is checked elsewhere, and none is refused (docs/crypto.md). */
static void tiny_private_keys_sign(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        size_t n = size_of(curve);
        span d = exact_space(n), point = exact_space(1 + 2 * n), rs = exact_space(2 * n);
        for (int k = -20; k <= 20; k += 1 + (int)test_stride() / 2) {
            if (k == 0) continue;
            scalar_near_zero(curve, k, d);
            assert_ok(crypto_ec_public(&r.c, curve, view(d), point));
            for (size_t size = 1 + (size_t)(k + 20) % 13; size <= 64; size += 13 * test_stride()) {
                span digest = exact_space(size);
                assert_ok(crypto_random(&r.c, digest));
                assert_ok(crypto_ecdsa_sign(&r.c, curve, view(d), view(digest), rs));
                assert_true(openssl_verify(curve, view(point), view(digest), view(rs)));
            }
        }
        hex_release();
    }
    rig_close(&r);
}

static enum { NO_FAULT, FAULT_IN_R, FAULT_IN_S, FAULT_IN_BOTH, FAULTS } fault;
int __real_wc_ecc_sign_hash_ex(const byte *in, word32 n, WC_RNG *rng, ecc_key *key, mp_int *r, mp_int *s);
int __wrap_wc_ecc_sign_hash_ex(const byte *in, word32 n, WC_RNG *rng, ecc_key *key, mp_int *r, mp_int *s);
int __wrap_wc_ecc_sign_hash_ex(const byte *in, word32 n, WC_RNG *rng, ecc_key *key, mp_int *r, mp_int *s)
{
    int error = __real_wc_ecc_sign_hash_ex(in, n, rng, key, r, s);
    if (fault & FAULT_IN_R) r->dp[0] ^= 2;
    if (fault & FAULT_IN_S) s->dp[0] ^= 2;
    return error;
}

/* What a fault made of a signature stays inside, also where it is looked at twice: with tiny keys and any other. */
static void faulty_signatures_are_not_released(void **state)
{
    struct rig r;
    rig_open(&r, 6);
    uint8_t digest[66] = {0x42};
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        size_t n = size_of(curve);
        span d = exact_space(n), point = exact_space(1 + 2 * n), rs = exact_space(2 * n);
        for (int k = -1; k <= 3; k += (int)test_stride()) {
            scalar_near_zero(curve, k ? k : 1, d);
            if (k == 0) assert_ok(crypto_ec_generate(&r.c, curve, d, point));
            for (fault = FAULT_IN_R; fault < FAULTS; fault++) {
                assert_int_equal(crypto_ecdsa_sign(&r.c, curve, view(d), BYTES(digest), rs), ST_EXECUTION);
                assert_true(ct_is_zero(view(rs)));
            }
            fault = NO_FAULT;
            assert_ok(crypto_ecdsa_sign(&r.c, curve, view(d), BYTES(digest), rs));
        }
    }
    rig_close(&r);
}

/* 521 bits of 528, RFC 6979 2.3.2 and 2.3.4: the nonce is that of the number. */
static void long_digests_are_cut_to_bits(void **state)
{
    struct rig r;
    rig_open(&r, 7);
    const struct crypto_curve_params *p521 = crypto_curve_params(CRYPTO_SECP521R1);
    span number = exact_space(65), digest = exact_space(100), d = exact_space(66), k = exact_space(66),
         want = exact_space(66);
    for (unsigned i = 0; i < 8; i++) {
        assert_ok(crypto_random(&r.c, number));
        assert_ok(crypto_random(&r.c, digest));
        assert_ok(crypto_random(&r.c, d));
        d.p[0] = 0;
        digest.p[0] = (uint8_t)(number.p[0] >> 1); /* number << 7, and what follows */
        for (size_t at = 1; at < 65; at++) digest.p[at] = (uint8_t)(number.p[at - 1] << 7 | number.p[at] >> 1);
        digest.p[65] = (uint8_t)(number.p[64] << 7 | (digest.p[65] & 0x7F));
        crypto_enter(&r.c);
        assert_ok(ecdsa_nonce(CRYPTO_SHA512, p521, view(d), view(number), NO_BYTES, want));
        for (size_t size = 66; size <= 100; size += 17) {
            assert_ok(ecdsa_nonce(CRYPTO_SHA512, p521, view(d), bytes_first(view(digest), size), NO_BYTES, k));
            assert_memory_equal(k.p, want.p, k.n);
        }
        assert_ok(crypto_leave(&r.c, ST_OK));
    }
    rig_close(&r);
}

/* r and s out of 1..n-1 are no signature, and neither is r + n. */
static void signature_numbers_have_a_range(void **state)
{
    struct rig r;
    rig_open(&r, 4);
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        const struct crypto_curve_params *params = crypto_curve_params(curve);
        size_t n = params->field_size;
        span d = exact_space(n), q = exact_space(1 + 2 * n), rs = exact_space(2 * n), bad = exact_space(2 * n);
        uint8_t digest[32] = {0x42};
        assert_ok(crypto_ec_generate(&r.c, curve, d, q));
        assert_ok(crypto_ecdsa_sign(&r.c, curve, view(d), BYTES(digest), rs));
        for (unsigned which = 0; which < 2; which++) {
            for (unsigned kind = 0; kind < 4; kind++) {
                memcpy(bad.p, rs.p, rs.n);
                uint8_t *number = bad.p + which * n;
                if (kind == 0) memset(number, 0, n);
                if (kind == 1) memcpy(number, params->n.p, n);
                if (kind == 2) memset(number, 0xFF, n);
                if (kind == 3) memset(number, 0, n), number[n - 1] = 1;
                assert_int_equal(crypto_ecdsa_verify(&r.c, curve, view(q), BYTES(digest), view(bad)), ST_CONDITIONS);
            }
        }
        memset(bad.p, 0, bad.n);
        assert_int_equal(crypto_ecdsa_verify(&r.c, curve, view(q), BYTES(digest), view(bad)), ST_CONDITIONS);
        assert_int_equal(crypto_ecdsa_verify(&r.c, curve, view(q), BYTES(digest), (bytes){rs.p, rs.n - 1}),
                         ST_CONDITIONS);
        assert_int_equal(crypto_ecdsa_sign(&r.c, curve, view(d), NO_BYTES, rs), ST_BAD_LENGTH);
        assert_int_equal(crypto_ecdsa_verify(&r.c, curve, view(q), NO_BYTES, view(rs)), ST_BAD_LENGTH);
    }
    rig_close(&r);
}

static void ecdh_matches(void **state)
{
    struct rig r;
    rig_open(&r, 5);
    for (size_t i = 0; i < COUNT(ecdh_vectors); i++) {
        bytes d = exact(ecdh_vectors[i].d);
        span x = exact_space(d.n);
        assert_ok(crypto_ecdh(&r.c, ecdh_vectors[i].curve, d, exact(ecdh_vectors[i].peer), x));
        assert_hex(view(x), ecdh_vectors[i].x);
    }
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        size_t n = size_of(curve);
        span d = exact_space(n), q = exact_space(1 + 2 * n), x = exact_space(n), want = exact_space(n),
             d2 = exact_space(n);
        for (int times = 0; times < 3; times++) {
            assert_ok(crypto_ec_generate(&r.c, curve, d2, q));
            assert_ok(crypto_random(&r.c, d));
            d.p[0] = 0; /* short keys have leading zeros */
            if (times == 2) memset(d.p, 0, n - 1), d.p[n - 1] = 1;
            assert_ok(crypto_ecdh(&r.c, curve, view(d), view(q), x));
            openssl_ecdh(curve, view(d), view(q), want);
            assert_memory_equal(x.p, want.p, n);
        }
    }
    rig_close(&r);
}

/* That the sum is right is shown by unit/card/test_derive.c, with OpenSSL; here what is no sum. */
static void private_keys_are_added_within_their_range(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        enum crypto_curve curve = (enum crypto_curve)i;
        bytes n = crypto_curve_params(curve)->n;
        size_t size = n.n;
        span d = exact_space(size), a = exact_space(size), sum = exact_space(size);
        memcpy(d.p, n.p, size);
        assert_int_equal(crypto_ec_add_private(&r.c, curve, n, bytes_first(n, 1), sum), ST_EXECUTION); /* d = n */
        number_reduce_once(d, n);
        assert_int_equal(crypto_ec_add_private(&r.c, curve, view(d), n, sum), ST_EXECUTION); /* d = 0 */
        d.p[size - 1] = 5;
        assert_ok(crypto_ec_add_private(&r.c, curve, view(d), n, sum)); /* the order counts nothing */
        assert_memory_equal(sum.p, d.p, size);
        memcpy(a.p, n.p, size);
        for (size_t at = size; at > 0 && a.p[at - 1] < 5; at--) a.p[at - 2]--; /* n - 5, with its borrows */
        a.p[size - 1] = (uint8_t)(a.p[size - 1] - 5);
        memset(sum.p, 0xA5, size);
        assert_int_equal(crypto_ec_add_private(&r.c, curve, view(d), view(a), sum), ST_EXECUTION);
        assert_true(ct_is_zero(view(sum)));
        a.p[size - 1] ^= 1;
        assert_ok(crypto_ec_add_private(&r.c, curve, view(d), view(a), sum));
        assert_int_equal(crypto_ec_add_private(&r.c, curve, view(d), NO_BYTES, sum), ST_BAD_LENGTH);
        assert_int_equal(crypto_ec_add_private(&r.c, curve, bytes_after(view(d), 1), view(a), sum), ST_BAD_LENGTH);
        assert_int_equal(crypto_ec_add_private(&r.c, curve, view(d), view(exact_space(size + 1)), sum), ST_BAD_LENGTH);
        assert_int_equal(crypto_ec_add_private(&r.c, curve, view(d), view(a), span_part(sum, 0, size - 1)),
                         ST_BAD_LENGTH);
    }
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_openssls),
        cmocka_unit_test(public_keys_match),
        cmocka_unit_test(private_keys_have_a_range),
        cmocka_unit_test(points_are_checked),
        cmocka_unit_test(bad_points_are_refused),
        cmocka_unit_test(generated_keys_work),
        cmocka_unit_test(signatures_verify_as_published),
        cmocka_unit_test(nonces_are_rfc6979),
        cmocka_unit_test(signatures_agree_with_openssl),
        cmocka_unit_test(tiny_private_keys_sign),
        cmocka_unit_test(faulty_signatures_are_not_released),
        cmocka_unit_test(long_digests_are_cut_to_bits),
        cmocka_unit_test(signature_numbers_have_a_range),
        cmocka_unit_test(ecdh_matches),
        cmocka_unit_test(private_keys_are_added_within_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
