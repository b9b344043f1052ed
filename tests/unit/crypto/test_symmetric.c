/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"
#include "vectors/crypto/vectors.h"

static void sealing_matches(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(gcm_vectors); i++) {
        bytes key = exact(gcm_vectors[i].key), nonce = exact(gcm_vectors[i].nonce), aad = exact(gcm_vectors[i].aad);
        bytes sealed = exact(gcm_vectors[i].sealed);
        span plain = exact_space(sealed.n - CRYPTO_AEAD_TAG), again = exact_space(sealed.n);
        status want = gcm_vectors[i].authentic ? ST_OK : ST_DATA_NOT_USABLE;
        assert_int_equal(crypto_aead_open(&r.c, key, nonce, aad, sealed, plain), want);
        if (!gcm_vectors[i].authentic) {
            assert_true(ct_is_zero(view(plain)));
            continue;
        }
        assert_hex(view(plain), gcm_vectors[i].plain);
        assert_ok(crypto_aead_seal(&r.c, key, nonce, aad, view(plain), again));
        assert_hex(view(again), gcm_vectors[i].sealed);
    }
    rig_close(&r);
}

/* What both AEADs promise is asked of both. */
static const struct aead {
    status (*seal)(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed);
    status (*open)(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain);
} aeads[] = {{crypto_aead_seal, crypto_aead_open}, {crypto_chachapoly_seal, crypto_chachapoly_open}};

/* Each single flipped bit of the key, nonce, associated data, ciphertext and tag is noticed, and nothing comes out. */
static void notices_every_flipped_bit(const struct aead *a)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t m[32 + 12 + 5 + 7 + 16] = {1, 2, 3}, plain[7];
    span key = span_part(SPAN(m), 0, 32), nonce = span_part(SPAN(m), 32, 12), aad = span_part(SPAN(m), 44, 5);
    span sealed = span_part(SPAN(m), 49, 23);
    assert_ok(a->seal(&r.c, view(key), view(nonce), view(aad), TEXT("secrets"), sealed));
    for (size_t bit = 0; bit < 8 * sizeof m; bit++) {
        m[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(plain, 0xA5, sizeof plain);
        assert_int_equal(a->open(&r.c, view(key), view(nonce), view(aad), view(sealed), SPAN(plain)),
                         ST_DATA_NOT_USABLE);
        assert_true(ct_is_zero(BYTES(plain)));
        m[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_ok(a->open(&r.c, view(key), view(nonce), view(aad), view(sealed), SPAN(plain)));
    assert_memory_equal(plain, "secrets", 7);
    rig_close(&r);
}

static void every_flipped_bit_is_noticed(void **state)
{
    for (size_t i = 0; i < COUNT(aeads); i++) notices_every_flipped_bit(&aeads[i]);
}

/* In place, at every size around a few blocks and every alignment. */
static void works_in_place(const struct aead *a, bytes aad)
{
    struct rig r;
    rig_open(&r, 1);
    static uint8_t room[4200], copy[4096];
    uint8_t key[32] = {7}, nonce[12] = {9};
    for (size_t n = 0; n <= 4096; n = n < 80 ? n + 1 : n * 2) {
        span place = {room + n % 17, n + 16};
        for (size_t i = 0; i < n; i++) copy[i] = place.p[i] = (uint8_t)(i * 7 + n);
        assert_ok(a->seal(&r.c, BYTES(key), BYTES(nonce), aad, (bytes){place.p, n}, place));
        assert_true(n < 4 || memcmp(place.p, copy, n) != 0);
        assert_ok(a->open(&r.c, BYTES(key), BYTES(nonce), aad, view(place), (span){place.p, n}));
        assert_memory_equal(place.p, copy, n);
    }
    rig_close(&r);
}

static void sealing_works_in_place(void **state)
{
    for (size_t i = 0; i < COUNT(aeads); i++) {
        works_in_place(&aeads[i], TEXT("aad"));
        works_in_place(&aeads[i], NO_BYTES);
    }
}

static void sealing_checks_sizes(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t k[33] = {0}, n[13] = {0}, p[5] = {0}, s[22] = {0};
    static const struct {
        size_t key, nonce, plain, sealed;
    } wrong[] = {
        {31, 12, 5, 21}, {33, 12, 5, 21}, {16, 12, 5, 21}, {32, 11, 5, 21}, {32, 13, 5, 21},
        {32, 12, 5, 20}, {32, 12, 5, 22}, {32, 12, 4, 21}, {0, 12, 5, 21},  {32, 0, 5, 21},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        bytes key = {k, wrong[i].key}, nonce = {n, wrong[i].nonce};
        assert_int_equal(
            crypto_aead_seal(&r.c, key, nonce, NO_BYTES, (bytes){p, wrong[i].plain}, (span){s, wrong[i].sealed}),
            ST_BAD_LENGTH);
        assert_int_equal(
            crypto_aead_open(&r.c, key, nonce, NO_BYTES, (bytes){s, wrong[i].sealed}, (span){p, wrong[i].plain}),
            ST_BAD_LENGTH);
    }
    rig_close(&r);
}

static void cbc_matches(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(cbc_vectors); i++) {
        bytes key = exact(cbc_vectors[i].key), iv = exact(cbc_vectors[i].iv), plain = exact(cbc_vectors[i].plain);
        span out = exact_space(plain.n);
        assert_ok(crypto_aes_cbc(&r.c, true, key, iv, plain, out));
        assert_hex(view(out), cbc_vectors[i].cipher);
        assert_ok(crypto_aes_cbc(&r.c, false, key, iv, view(out), out));
        assert_hex(view(out), cbc_vectors[i].plain);
    }
    rig_close(&r);
}

static status ecb(struct crypto *c, bytes key, bytes in, span out)
{
    struct crypto_cipher_params p = {.mode = CRYPTO_AES_ECB, .encrypt = true, .key = key};
    buf b = buf_over(out);
    return in.n == out.n ? crypto_cipher(c, &p, NO_BYTES, in, &b) : ST_BAD_LENGTH;
}

static void ecb_matches(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(ecb_vectors); i++) {
        bytes key = exact(ecb_vectors[i].key), plain = exact(ecb_vectors[i].plain);
        span out = exact_space(plain.n), block = exact_space(16);
        assert_ok(ecb(&r.c, key, plain, out));
        assert_hex(view(out), ecb_vectors[i].cipher);
        assert_ok(crypto_aes_block(&r.c, key, bytes_first(plain, 16), block));
        assert_true(bytes_equal(view(block), bytes_first(view(out), 16)));
    }
    rig_close(&r);
}

static void cmac_matches(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(cmac_vectors); i++) {
        bytes m = exact(cmac_vectors[i].message);
        bytes parts[] = {bytes_first(m, 5), NO_BYTES, bytes_after(m, 5)};
        span out = exact_space(16);
        assert_ok(crypto_aes_cmac(&r.c, exact(cmac_vectors[i].key), parts, COUNT(parts), out));
        assert_hex(view(out), cmac_vectors[i].mac);
    }
    rig_close(&r);
}

static void ciphers_check_sizes(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t k[40] = {0}, in[40] = {0}, out[40];
    static const struct {
        size_t key, iv, in, out;
    } wrong[] = {
        {15, 16, 16, 16}, {17, 16, 16, 16}, {33, 16, 16, 16}, {0, 16, 16, 16},
        {32, 16, 15, 15}, {32, 16, 17, 17}, {32, 16, 16, 32},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        bytes key = {k, wrong[i].key}, iv = {k, wrong[i].iv}, from = {in, wrong[i].in};
        span to = {out, wrong[i].out};
        assert_int_equal(ecb(&r.c, key, from, to), ST_BAD_LENGTH);
        assert_int_equal(crypto_aes_block(&r.c, key, from, to), ST_BAD_LENGTH);
        assert_int_equal(crypto_aes_cbc(&r.c, true, key, iv, from, to), ST_BAD_LENGTH);
        assert_int_equal(crypto_aes_cbc(&r.c, false, key, iv, from, to), ST_BAD_LENGTH);
    }
    assert_int_equal(crypto_aes_cbc(&r.c, true, (bytes){k, 16}, (bytes){k, 15}, (bytes){in, 16}, (span){out, 16}),
                     ST_BAD_LENGTH);
    assert_int_equal(crypto_aes_cmac(&r.c, (bytes){k, 16}, NULL, 0, (span){out, 15}), ST_BAD_LENGTH);
    assert_int_equal(crypto_aes_cmac(&r.c, (bytes){k, 20}, NULL, 0, (span){out, 16}), ST_BAD_LENGTH);
    assert_ok(ecb(&r.c, (bytes){k, 16}, (bytes){in, 0}, (span){out, 0}));
    rig_close(&r);
}

/* ---- ChaCha20-Poly1305, the other AEAD ---- */

/* RFC 8439 2.8.2 */
static void chachapoly_matches(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    bytes key = exact("808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9F");
    bytes nonce = exact("070000004041424344454647"), aad = exact("50515253C0C1C2C3C4C5C6C7");
    bytes plain = TEXT("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
                       "sunscreen would be it.");
    span sealed = exact_space(plain.n + 16), opened = exact_space(plain.n);
    assert_ok(crypto_chachapoly_seal(&r.c, key, nonce, aad, plain, sealed));
    assert_hex(view(sealed), "D31A8D34648E60DB7B86AFBC53EF7EC2A4ADED51296E08FEA9E2B5A736EE62D63DBEA45E8CA9671282FAFB69"
                             "DA92728B1A71DE0A9E060B2905D6A5B67ECD3B3692DDBD7F2D778B8C9803AEE328091B58FAB324E4FAD67594"
                             "5585808B4831D7BC3FF4DEF08E4B7A9DE576D26586CEC64B6116"
                             "1AE10B594F09E26A7E902ECBD0600691");
    assert_ok(crypto_chachapoly_open(&r.c, key, nonce, aad, view(sealed), opened));
    assert_memory_equal(opened.p, plain.p, plain.n);
    rig_close(&r);
}

static void chachapoly_checks_sizes(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    uint8_t room[104] = {0}, key[32] = {7}, nonce[12] = {9};
    bytes k = BYTES(key), o = BYTES(nonce);
    span s = {room, 20}, p = {room + 100, 4};
    assert_int_equal(crypto_chachapoly_seal(&r.c, bytes_first(k, 31), o, NO_BYTES, view(p), s), ST_BAD_LENGTH);
    assert_int_equal(crypto_chachapoly_seal(&r.c, k, bytes_first(o, 8), NO_BYTES, view(p), s), ST_BAD_LENGTH);
    assert_int_equal(crypto_chachapoly_seal(&r.c, k, o, NO_BYTES, (bytes){p.p, 3}, s), ST_BAD_LENGTH);
    assert_int_equal(crypto_chachapoly_open(&r.c, k, o, NO_BYTES, (bytes){s.p, 15}, (span){p.p, 0}), ST_BAD_LENGTH);
    assert_int_equal(crypto_chachapoly_open(&r.c, k, o, NO_BYTES, view(s), (span){p.p, 5}), ST_BAD_LENGTH);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing_matches),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(sealing_works_in_place),
        cmocka_unit_test(sealing_checks_sizes),
        cmocka_unit_test(cbc_matches),
        cmocka_unit_test(ecb_matches),
        cmocka_unit_test(cmac_matches),
        cmocka_unit_test(ciphers_check_sizes),
        cmocka_unit_test(chachapoly_matches),
        cmocka_unit_test(chachapoly_checks_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
