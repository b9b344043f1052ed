/* SPDX-License-Identifier: Apache-2.0 */
/* X25519, X448, Ed25519, Ed448: the answers of RFC 7748 and RFC 8032, the edges, and OpenSSL as the oracle for keys that
 * we made. */
#include "rig.h"

#include "oracle.h"
#include "vectors/crypto/okp.h"

static size_t size_of(enum crypto_okp okp)
{
    return crypto_okp_params(okp)->key_size;
}

static void parameters_name_their_curve(void **state)
{
    for (unsigned i = 0; i < CRYPTO_OKP_COUNT; i++) {
        const struct crypto_okp_params *c = crypto_okp_params((enum crypto_okp)i);
        enum crypto_okp found;
        assert_true(crypto_okp_by_prime(c->p, c->base, &found));
        assert_int_equal(found, i);
        assert_true(crypto_okp_by_prime(c->p, bytes_first(c->base, 1), &found));
        assert_int_equal(found, i);
        assert_true(crypto_okp_by_prime(c->p, NO_BYTES, &found));
        assert_true(crypto_okp_params(found)->signs);
        assert_false(crypto_okp_by_prime(bytes_after(c->p, 1), c->base, &found));
        assert_false(crypto_okp_by_prime(c->order, c->base, &found));
        enum crypto_curve weierstrass;
        assert_false(crypto_curve_by_prime(c->p, &weierstrass));
        assert_int_equal(c->p.n, c->order.n);
        assert_int_equal(c->base.n, c->key_size);
    }
    assert_null(crypto_okp_params(CRYPTO_OKP_COUNT));
    assert_hex(crypto_okp_params(CRYPTO_X25519)->order,
               "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED");
    assert_hex(crypto_okp_params(CRYPTO_ED448)->order, "3FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
                                                       "7CCA23E9C44EDB49AED63690216CC2728DC58F552378C292AB5844F3");
}

/* ---- agreement ---- */

static void agreements_are_rfc7748s(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    size_t zeros = 0;
    for (size_t i = 0; i < COUNT(okp_agreements); i++) {
        bytes d = exact(okp_agreements[i].d), u = exact(okp_agreements[i].u);
        span shared = exact_space(d.n);
        bool is_zero = okp_agreements[i].shared[0] == 0;
        zeros += is_zero;
        assert_int_equal(crypto_okp_agree(&r.c, okp_agreements[i].okp, d, u, shared), is_zero ? ST_EXECUTION : ST_OK);
        if (is_zero) assert_true(ct_is_zero(view(shared)));
        else assert_hex(view(shared), okp_agreements[i].shared);
    }
    assert_int_equal(zeros, 7 + 7 + 5);
    rig_close(&r);
}

/* RFC 7748 section 5.2: k, u = f(k, u), k, one thousand times. `steps` is small on slow machines. */
static void assert_iterated(enum crypto_okp okp, size_t steps, const char *want)
{
    struct rig r;
    rig_open(&r, 1);
    size_t n = size_of(okp);
    uint8_t k[CRYPTO_OKP_KEY_MAX], u[CRYPTO_OKP_KEY_MAX], next[CRYPTO_OKP_KEY_MAX];
    memcpy(k, crypto_okp_params(okp)->base.p, n);
    memcpy(u, k, n);
    for (size_t i = 0; i < steps; i++) {
        assert_ok(crypto_okp_agree(&r.c, okp, (bytes){k, n}, (bytes){u, n}, (span){next, n}));
        memcpy(u, k, n);
        memcpy(k, next, n);
    }
    assert_hex(((bytes){k, n}), want);
    rig_close(&r);
}

static void iterations_are_rfc7748s(void **state)
{
    assert_iterated(CRYPTO_X25519, 1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    assert_iterated(CRYPTO_X448, 1,
                    "3f482c8a9f19b01e6c46ee9711d9dc14fd4bf67af30765c2ae2b846a4d23a8cd"
                    "0db897086239492caf350b51f833868b9bc2b3bca9cf4113");
}

static void a_thousand_iterations_too(void **state)
{
    assert_iterated(CRYPTO_X25519, 1000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    assert_iterated(CRYPTO_X448, 1000,
                    "aa3b4749d55b9daf1e5b00288826c467274ce3ebbdd5c17b975e09d4af6c67cf"
                    "10d087202db88286e2b79fceea3ec353ef54faa26e219f38");
}

/* ---- signatures ---- */

static struct crypto_eddsa_input input_of(struct rig *r, size_t i)
{
    struct crypto_eddsa_input in = {.message = exact(eddsa_vectors[i].message),
                                    .context = exact(eddsa_vectors[i].context),
                                    .prehashed = eddsa_vectors[i].prehashed};
    if (!in.prehashed) return in;
    span hash = exact_space(CRYPTO_EDDSA_PREHASH);
    assert_ok(crypto_eddsa_prehash(&r->c, eddsa_vectors[i].okp, in.message, hash));
    in.message = view(hash);
    return in;
}

static void signatures_are_rfc8032s(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(eddsa_vectors); i++) {
        enum crypto_okp okp = eddsa_vectors[i].okp;
        bytes d = exact(eddsa_vectors[i].d);
        struct crypto_eddsa_input in = input_of(&r, i);
        span q = exact_space(d.n), signature = exact_space(2 * d.n);
        assert_ok(crypto_okp_public(&r.c, okp, d, q));
        assert_hex(view(q), eddsa_vectors[i].q);
        assert_ok(crypto_eddsa_sign(&r.c, okp, d, &in, signature));
        assert_hex(view(signature), eddsa_vectors[i].signature);
        assert_ok(crypto_eddsa_verify(&r.c, okp, view(q), &in, view(signature)));
    }
    rig_close(&r);
}

/* The forms are different signatures, and so is every context. */
static void forms_do_not_mix(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (enum crypto_okp okp = CRYPTO_ED25519; okp <= CRYPTO_ED448; okp++) {
        size_t n = size_of(okp);
        span d = exact_space(n), q = exact_space(n), signature = exact_space(2 * n);
        bytes hash = exact_copy((bytes){(const uint8_t *)okp_agreements, CRYPTO_EDDSA_PREHASH});
        assert_ok(crypto_okp_generate(&r.c, okp, d, q));
        const struct crypto_eddsa_input forms[] = {
            {hash, NO_BYTES, false}, {hash, TEXT("a"), false}, {hash, TEXT("b"), false},
            {hash, NO_BYTES, true},  {hash, TEXT("a"), true},
        };
        for (size_t i = 0; i < COUNT(forms); i++) {
            assert_ok(crypto_eddsa_sign(&r.c, okp, view(d), &forms[i], signature));
            for (size_t j = 0; j < COUNT(forms); j++)
                assert_int_equal(crypto_eddsa_verify(&r.c, okp, view(q), &forms[j], view(signature)),
                                 i == j ? ST_OK : ST_CONDITIONS);
        }
    }
    rig_close(&r);
}

static void forgeries_are_refused(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(eddsa_forgeries); i++) {
        struct crypto_eddsa_input in = {.message = exact(eddsa_forgeries[i].message)};
        assert_int_equal(crypto_eddsa_verify(&r.c, eddsa_forgeries[i].okp, exact(eddsa_forgeries[i].q), &in,
                                             exact(eddsa_forgeries[i].signature)),
                         ST_CONDITIONS);
    }
    rig_close(&r);
}

/* ---- both ---- */

static void generated_keys_are_openssls(void **state)
{
    struct rig r;
    rig_open(&r, 2);
    for (enum crypto_okp okp = 0; okp < CRYPTO_OKP_COUNT; okp++) {
        size_t n = size_of(okp);
        span d = exact_space(n), d2 = exact_space(n), q = exact_space(n), want = exact_space(n);
        assert_ok(crypto_okp_generate(&r.c, okp, d, q));
        openssl_okp_public(okp, view(d), want);
        assert_memory_equal(q.p, want.p, n);
        assert_ok(crypto_okp_generate(&r.c, okp, d2, q));
        assert_memory_not_equal(d.p, d2.p, n);
        span again = exact_space(n);
        assert_ok(crypto_okp_public(&r.c, okp, view(d2), again));
        assert_memory_equal(q.p, again.p, n);
    }
    rig_close(&r);
}

static void montgomery_keys_are_born_clamped(void **state)
{
    struct rig r;
    rig_open(&r, 3);
    for (unsigned i = 0; i < 8; i++) {
        uint8_t d[56], q[56];
        assert_ok(crypto_okp_generate(&r.c, CRYPTO_X25519, (span){d, 32}, (span){q, 32}));
        assert_int_equal(d[0] & 7, 0);
        assert_int_equal(d[31] & 0xC0, 0x40);
        assert_ok(crypto_okp_generate(&r.c, CRYPTO_X448, (span){d, 56}, (span){q, 56}));
        assert_int_equal(d[0] & 3, 0);
        assert_int_equal(d[55] & 0x80, 0x80);
    }
    rig_close(&r);
}

static void wrong_sizes_are_refused(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t room[2 * CRYPTO_EDDSA_MAX] = {9}, other[CRYPTO_EDDSA_MAX + 1] = {9};
    struct crypto_eddsa_input in = {.message = TEXT("abc")};
    for (unsigned i = 0; i <= CRYPTO_OKP_COUNT; i++) {
        enum crypto_okp okp = (enum crypto_okp)i;
        const struct crypto_okp_params *c = crypto_okp_params(okp);
        for (size_t n = 0; n <= CRYPTO_OKP_KEY_MAX + 1; n++) {
            bool fits = c && n == c->key_size;
            span q = {other, n};
            bytes d = {room, n};
            assert_int_equal(crypto_okp_public(&r.c, okp, d, q), fits ? ST_OK : ST_BAD_LENGTH);
            if (!fits) assert_int_equal(crypto_okp_generate(&r.c, okp, q, q), ST_BAD_LENGTH);
            if (!fits || c->signs) assert_int_equal(crypto_okp_agree(&r.c, okp, d, d, q), ST_BAD_LENGTH);
            span signature = {room + CRYPTO_EDDSA_MAX, 2 * n};
            if (n > CRYPTO_OKP_KEY_MAX) continue;
            if (!fits || !c->signs) {
                assert_int_equal(crypto_eddsa_sign(&r.c, okp, d, &in, signature), ST_BAD_LENGTH);
                assert_int_equal(crypto_eddsa_verify(&r.c, okp, d, &in, view(signature)), ST_CONDITIONS);
            }
        }
        span hash = {other, CRYPTO_EDDSA_PREHASH};
        bool signs = c && c->signs;
        assert_int_equal(crypto_eddsa_prehash(&r.c, okp, TEXT("abc"), hash), signs ? ST_OK : ST_BAD_LENGTH);
        hash.n--;
        assert_int_equal(crypto_eddsa_prehash(&r.c, okp, TEXT("abc"), hash), ST_BAD_LENGTH);
    }
    rig_close(&r);
}

static void odd_inputs_are_refused(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t long_context[256] = {1}, d[32] = {1}, signature[64];
    const struct crypto_eddsa_input odd[] = {
        {TEXT("abc"), BYTES(long_context), false},
        {TEXT("abc"), NO_BYTES, true},
        {bytes_first(BYTES(long_context), CRYPTO_EDDSA_PREHASH + 1), NO_BYTES, true},
    };
    for (size_t i = 0; i < COUNT(odd); i++) {
        assert_int_equal(crypto_eddsa_sign(&r.c, CRYPTO_ED25519, BYTES(d), &odd[i], SPAN(signature)), ST_BAD_LENGTH);
        assert_int_equal(crypto_eddsa_verify(&r.c, CRYPTO_ED25519, BYTES(d), &odd[i], BYTES(signature)), ST_CONDITIONS);
    }
    struct crypto_eddsa_input longest = {TEXT("abc"), bytes_first(BYTES(long_context), 255), false};
    assert_ok(crypto_eddsa_sign(&r.c, CRYPTO_ED25519, BYTES(d), &longest, SPAN(signature)));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_name_their_curve),
        cmocka_unit_test(agreements_are_rfc7748s),
        cmocka_unit_test(iterations_are_rfc7748s),
        cmocka_unit_test(a_thousand_iterations_too),
        cmocka_unit_test(signatures_are_rfc8032s),
        cmocka_unit_test(forms_do_not_mix),
        cmocka_unit_test(forgeries_are_refused),
        cmocka_unit_test(generated_keys_are_openssls),
        cmocka_unit_test(montgomery_keys_are_born_clamped),
        cmocka_unit_test(wrong_sizes_are_refused),
        cmocka_unit_test(odd_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
