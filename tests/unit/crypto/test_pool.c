/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: what a 48 KiB pool serves, what happens when the n-th allocation fails, and two contexts in two threads. */
#include <pthread.h>
#include <stdio.h>

#include "rig.h"
#include "rig/refuse_memory.h"
#include "stride.h"

/* One key of each kind, made with a large pool. */
struct keys {
    uint8_t d[CRYPTO_CURVE_COUNT][CRYPTO_EC_FIELD_MAX], q[CRYPTO_CURVE_COUNT][CRYPTO_EC_POINT_MAX];
    uint8_t rsa1024[CRYPTO_RSA_PARTS_SIZE(1024)], rsa_large[CRYPTO_RSA_PARTS_SIZE(4096)];
};
static struct keys keys;

static uint32_t large_bits(void)
{
    return test_stride() > 1 ? 1536 : 4096;
}

static span large_parts(void)
{
    return span_part(SPAN(keys.rsa_large), 0, CRYPTO_RSA_PARTS_SIZE(large_bits()));
}

static int make_keys(void **state)
{
    struct rig r;
    rig_open(&r, 21);
    for (unsigned i = 0; i < CRYPTO_CURVE_COUNT; i++) {
        size_t n = crypto_curve_params((enum crypto_curve)i)->field_size;
        assert_ok(crypto_ec_generate(&r.c, (enum crypto_curve)i, (span){keys.d[i], n}, (span){keys.q[i], 1 + 2 * n}));
    }
    assert_ok(crypto_rsa_generate(&r.c, 1024, 65537, NULL, SPAN(keys.rsa1024)));
    assert_ok(crypto_rsa_generate(&r.c, large_bits(), 65537, NULL, large_parts()));
    rig_close(&r);
    return 0;
}

/* ---- every operation, one a row; `out` is compared or checked to be wiped ---- */

typedef status (*operation)(struct crypto *c, unsigned which, span out);

static status do_hash(struct crypto *c, unsigned which, span out)
{
    return crypto_hash(c, (enum crypto_hash)which, &TEXT("abc"), 1,
                       span_part(out, 0, crypto_hash_size((enum crypto_hash)which)));
}

static status do_hkdf(struct crypto *c, unsigned which, span out)
{
    return crypto_hkdf(c, (enum crypto_hash)which, TEXT("ikm"), TEXT("salt"), TEXT("info"), span_part(out, 0, 80));
}

static status do_pbkdf2(struct crypto *c, unsigned which, span out)
{
    return crypto_pbkdf2(c, (enum crypto_hash)which, TEXT("648219"), TEXT("salt"), 3, NULL, span_part(out, 0, 80));
}

static status do_x963(struct crypto *c, unsigned which, span out)
{
    return crypto_x963(c, (enum crypto_hash)which, TEXT("secret"), TEXT("info"), span_part(out, 0, 80));
}

static struct crypto_cipher_params cipher_params(unsigned which)
{
    static const uint8_t key[32], iv[16];
    static const uint8_t iv_sizes[CRYPTO_MODE_COUNT] = {0, 16, 16, 16, 16, 16, 12, 12, 0, 0, 16};
    unsigned mode = which / 2;
    return (struct crypto_cipher_params){.mode = (enum crypto_mode)mode,
                                         .hash = CRYPTO_SHA512,
                                         .encrypt = which % 2 == 0,
                                         .key = BYTES(key),
                                         .iv = {iv, iv_sizes[mode]},
                                         .text_size = 32};
}

/* Each mode in both directions; what an AEAD decrypts is not authentic, which is known only when all is done. */
static status done(const struct crypto_cipher_params *p, status st)
{
    bool aead = p->mode == CRYPTO_AES_GCM || p->mode == CRYPTO_AES_CCM || p->mode == CRYPTO_CHACHA20_POLY1305;
    return aead && !p->encrypt && st == ST_DATA_NOT_USABLE ? ST_OK : st;
}

static status do_cipher(struct crypto *c, unsigned which, span out)
{
    static const uint8_t in[48];
    struct crypto_cipher_params p = cipher_params(which);
    buf b = buf_over(out);
    return done(&p, crypto_cipher(c, &p, NO_BYTES, BYTES(in), &b));
}

/* In pieces; the last call wipes only what it wrote itself, so nothing comes out here but a status. */
static status do_stream(struct crypto *c, unsigned which, span out)
{
    static const uint8_t in[32];
    static struct crypto_cipher s;
    uint8_t room[CRYPTO_HASH_MAX + sizeof in];
    buf b = BUF(room);
    struct crypto_cipher_params p = cipher_params(which);
    bool checks = !p.encrypt && done(&p, ST_DATA_NOT_USABLE) == ST_OK;
    status st = crypto_cipher_begin(c, &s, &p);
    if (st == ST_OK) st = crypto_cipher_update(c, &s, (bytes){in, 7}, &b);
    if (st == ST_OK) st = crypto_cipher_update(c, &s, (bytes){in, 25}, &b);
    if (st == ST_OK) st = crypto_cipher_end(c, &s, (bytes){in, checks ? 16 : 0}, &b);
    assert_true(ct_is_zero(BYTES(s.state)));
    return done(&p, st);
}

static status do_random(struct crypto *c, unsigned which, span out)
{
    return crypto_random(c, span_part(out, 0, 64));
}

static status do_ec_generate(struct crypto *c, unsigned which, span out)
{
    size_t n = crypto_curve_params((enum crypto_curve)which)->field_size;
    return crypto_ec_generate(c, (enum crypto_curve)which, span_part(out, 0, n), span_part(out, n, 1 + 2 * n));
}

static status do_sign(struct crypto *c, unsigned which, span out)
{
    size_t n = crypto_curve_params((enum crypto_curve)which)->field_size;
    return crypto_ecdsa_sign(c, (enum crypto_curve)which, (bytes){keys.d[which], n}, TEXT("digest"),
                             span_part(out, 0, 2 * n));
}

static status do_ecdh(struct crypto *c, unsigned which, span out)
{
    size_t n = crypto_curve_params((enum crypto_curve)which)->field_size;
    return crypto_ecdh(c, (enum crypto_curve)which, (bytes){keys.d[which], n}, (bytes){keys.q[which], 1 + 2 * n},
                       span_part(out, 0, n));
}

static struct crypto_rsa rsa_key(unsigned which)
{
    return crypto_rsa_view(which ? view(large_parts()) : BYTES(keys.rsa1024), 65537);
}

static status do_rsa_private(struct crypto *c, unsigned which, span out)
{
    static const uint8_t in[512] = {0, 1, 2, 3};
    struct crypto_rsa k = rsa_key(which);
    return crypto_rsa_private(c, &k, (bytes){in, k.n.n}, span_part(out, 0, k.n.n));
}

static status do_rsa_public(struct crypto *c, unsigned which, span out)
{
    static const uint8_t in[512] = {0, 1, 2, 3};
    struct crypto_rsa k = rsa_key(which);
    return crypto_rsa_public(c, k.n, k.e, (bytes){in, k.n.n}, span_part(out, 0, k.n.n));
}

static status do_rsa_generate(struct crypto *c, unsigned which, span out)
{
    uint32_t bits = which ? 2048 : 1024;
    return crypto_rsa_generate(c, bits, 65537, NULL, span_part(out, 0, CRYPTO_RSA_PARTS_SIZE(bits)));
}

static status do_rsa_generate_large(struct crypto *c, unsigned which, span out)
{
    return crypto_rsa_generate(c, large_bits(), 65537, NULL, span_part(out, 0, CRYPTO_RSA_PARTS_SIZE(large_bits())));
}

static status do_pss(struct crypto *c, unsigned which, span out)
{
    static const uint8_t digest[32];
    static const struct crypto_rsa_padding pss = {.hash = CRYPTO_SHA256, .mgf = CRYPTO_SHA256, .salt_size = 32};
    return crypto_rsa_pad_pss(c, &pss, BYTES(digest), 2048, span_part(out, 0, 256));
}

static status do_okp_generate(struct crypto *c, unsigned which, span out)
{
    size_t n = crypto_okp_params((enum crypto_okp)which)->key_size;
    return crypto_okp_generate(c, (enum crypto_okp)which, span_part(out, 0, n), span_part(out, n, n));
}

static status do_agree(struct crypto *c, unsigned which, span out)
{
    static const uint8_t d[CRYPTO_OKP_KEY_MAX] = {8};
    const struct crypto_okp_params *curve = crypto_okp_params((enum crypto_okp)which);
    return crypto_okp_agree(c, (enum crypto_okp)which, (bytes){d, curve->key_size}, curve->base,
                            span_part(out, 0, curve->key_size));
}

static status do_eddsa(struct crypto *c, unsigned which, span out)
{
    static const uint8_t d[CRYPTO_OKP_KEY_MAX] = {8};
    enum crypto_okp okp = which / 2 ? CRYPTO_ED448 : CRYPTO_ED25519;
    size_t n = crypto_okp_params(okp)->key_size;
    struct crypto_eddsa_input in = {bytes_first(BYTES(keys.rsa1024), CRYPTO_EDDSA_PREHASH), TEXT("context"), which % 2};
    return crypto_eddsa_sign(c, okp, (bytes){d, n}, &in, span_part(out, 0, 2 * n));
}

static status do_prehash(struct crypto *c, unsigned which, span out)
{
    return crypto_eddsa_prehash(c, which ? CRYPTO_ED448 : CRYPTO_ED25519, TEXT("abc"),
                                span_part(out, 0, CRYPTO_EDDSA_PREHASH));
}

/* `allocations` bounds the loop that refuses them one by one; the rest of a long run repeats what came before. */
static const struct {
    const char *name;
    operation run;
    unsigned count;
    uint32_t allocations;
} operations[] = {
    {"hash", do_hash, CRYPTO_HASH_COUNT, 50},
    {"HKDF", do_hkdf, CRYPTO_HASH_COUNT, 50},
    {"PBKDF2", do_pbkdf2, CRYPTO_HASH_COUNT, 50},
    {"X9.63", do_x963, CRYPTO_HASH_COUNT, 50},
    {"cipher", do_cipher, 2 * CRYPTO_MODE_COUNT, 50},
    {"stream", do_stream, 2 * CRYPTO_AES_XTS, 50},
    {"random", do_random, 1, 50},
    {"EC generate", do_ec_generate, CRYPTO_CURVE_COUNT, 60},
    {"ECDSA sign", do_sign, CRYPTO_CURVE_COUNT, 90},
    {"ECDH", do_ecdh, CRYPTO_CURVE_COUNT, 60},
    {"OKP generate", do_okp_generate, CRYPTO_OKP_COUNT, 60},
    {"X25519, X448", do_agree, 2, 60},
    {"EdDSA", do_eddsa, 4, 60},
    {"EdDSA prehash", do_prehash, 2, 60},
    {"RSA private", do_rsa_private, 2, 100},
    {"RSA public", do_rsa_public, 2, 50},
    {"RSA generate", do_rsa_generate, 2, 60},
    {"PSS", do_pss, 1, 50},
    {"large RSA generate", do_rsa_generate_large, 1, 20},
};

/* All operations run in the pool of a chip; the table printed says how much of it they use. */
static void a_chips_pool_is_enough(void **state)
{
    struct rig r;
    static uint8_t out[CRYPTO_RSA_PARTS_MAX];
    rig_source(&r, 22);
    assert_ok(rig_open_with(&r, CRYPTO_POOL_SIZE));
    for (size_t i = 0; i < COUNT(operations); i++) {
        r.c.pool_peak = 0;
        for (unsigned which = 0; which < operations[i].count; which++) {
            assert_ok(operations[i].run(&r.c, which, SPAN(out)));
            assert_true(rig_pool_clean(&r));
        }
        print_message("pool peak %6zu bytes: %s\n", r.c.pool_peak, operations[i].name);
    }
    rig_close(&r);
}

/* Refuse the 1st, 2nd, 3rd... allocation of each operation: a status comes out, no output, a clean pool; and once
 * the n-th is past the end, it succeeds. */
static void each_allocation_may_fail(void **state)
{
    struct rig r;
    static uint8_t out[CRYPTO_RSA_PARTS_MAX], untouched[CRYPTO_RSA_PARTS_MAX];
    memset(untouched, 0xA5, sizeof untouched);
    rig_open(&r, 23);
    for (size_t i = 0; i < COUNT(operations); i++) {
        for (unsigned which = 0; which < operations[i].count; which++) {
            status st = ST_NO_SPACE;
            for (uint32_t nth = 1; st != ST_OK && nth <= operations[i].allocations; nth++) {
                memset(out, 0xA5, sizeof out);
                refuse_memory_at(nth);
                st = operations[i].run(&r.c, which, SPAN(out));
                bool refused = refuse_memory_did();
                refuse_memory_at(0);
                assert_true(rig_pool_clean(&r));
                assert_int_equal(st, refused ? ST_NO_SPACE : ST_OK);
                if (!refused) continue;
                size_t written = sizeof out; /* what the operation may have touched is wiped */
                while (written && out[written - 1] == 0xA5) written--;
                assert_true(ct_is_zero((bytes){out, written}));
            }
        }
    }
    rig_close(&r);
}

/* Pools from nothing to plenty, in steps that hit every block boundary. */
static void any_pool_size_gives_a_status(void **state)
{
    struct rig r;
    static uint8_t out[CRYPTO_RSA_PARTS_MAX];
    static const struct {
        operation run;
        unsigned which;
    } some[] = {{do_sign, CRYPTO_SECP256R1}, {do_sign, CRYPTO_BP512R1}, {do_rsa_private, 0}};
    for (size_t i = 0; i < COUNT(some); i++) {
        rig_open(&r, 24);
        span whole = r.c.pool;
        bool ok = false;
        size_t enough = whole.n; /* and some more */
        for (size_t size = 0; size <= enough; size += (size < 1024 ? 16 : 272) * test_stride()) {
            r.c.pool = (span){whole.p, size};
            status st = some[i].run(&r.c, some[i].which, SPAN(out));
            assert_true(st == ST_OK || (st == ST_NO_SPACE && !ok));
            if (st == ST_OK && !ok) enough = size + 4096;
            ok = st == ST_OK;
            assert_true(ct_is_zero(view(whole)));
        }
        assert_true(ok);
        r.c.pool = whole;
        rig_close(&r);
    }
    rig_source(&r, 24);
    assert_int_equal(rig_open_with(&r, 16), ST_NO_SPACE);
    rig_close(&r);
}

/* ---- threads ---- */

struct worker {
    uint64_t seed;
    unsigned failures;
    pthread_t thread;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct rig r; /* no hex blocks here: they are not for threads */
    static const unsigned curves[] = {CRYPTO_SECP256R1, CRYPTO_BP256R1, CRYPTO_SECP521R1};
    uint8_t out[CRYPTO_RSA_PARTS_SIZE(2048)];
    rig_source(&r, w->seed);
    if (rig_open_with(&r, CRYPTO_POOL_SIZE) != ST_OK) return NULL;
    for (unsigned i = 0; i < 12; i++) {
        unsigned curve = curves[i % COUNT(curves)];
        size_t n = crypto_curve_params((enum crypto_curve)curve)->field_size;
        w->failures += do_sign(&r.c, curve, SPAN(out)) != ST_OK;
        w->failures += crypto_ecdsa_verify(&r.c, (enum crypto_curve)curve, (bytes){keys.q[curve], 1 + 2 * n},
                                           TEXT("digest"), (bytes){out, 2 * n}) != ST_OK;
        w->failures += do_rsa_private(&r.c, 0, SPAN(out)) != ST_OK;
        w->failures += do_pbkdf2(&r.c, 0, SPAN(out)) != ST_OK;
        w->failures += !rig_pool_clean(&r);
    }
    w->failures += do_rsa_generate(&r.c, 0, SPAN(out)) != ST_OK;
    crypto_close(&r.c);
    free(r.pool);
    return NULL;
}

static void two_threads_two_contexts(void **state)
{
    struct worker workers[3] = {{.seed = 31}, {.seed = 32}, {.seed = 33}};
    for (size_t i = 0; i < COUNT(workers); i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (size_t i = 0; i < COUNT(workers); i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].failures, 0);
    }
}

/* A callback in the middle of one context's work may use another context. */
static bool tick_other(void *ctx)
{
    uint8_t out[32];
    return crypto_random(ctx, SPAN(out)) == ST_OK;
}

static void contexts_nest(void **state)
{
    struct rig a, b;
    rig_open(&a, 41);
    rig_open(&b, 42);
    struct progress p = {&b.c, tick_other};
    uint8_t parts[CRYPTO_RSA_PARTS_SIZE(1024)];
    assert_ok(crypto_rsa_generate(&a.c, 1024, 65537, &p, SPAN(parts)));
    rig_close(&b);
    rig_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chips_pool_is_enough),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(any_pool_size_gives_a_status),
        cmocka_unit_test(two_threads_two_contexts),
        cmocka_unit_test(contexts_nest),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
