/* SPDX-License-Identifier: Apache-2.0 */
/* What keys compute: SIGN with every algorithm id, DECIPHER and key agreement (apdu.md 3.14, 3.15; formats.md 14), each
 * result judged by OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/stride.h"
#include "tests/unit/card/keys_common.h"

#define RSA_1024 0x21
#define RSA_2048 0x22 /* e = 3 */
#define RSA_1032 0x23 /* modulus of 129 bytes */
#define EC_FIRST 0x01 /* plus enum crypto_curve */

static struct rig *card;
static struct public_key ec[CRYPTO_CURVE_COUNT];
static const struct {
    uint8_t id;
    uint16_t bits;
    uint32_t e;
} rsa_keys[] = {{RSA_1024, 1024, 65537}, {RSA_2048, 2048, 3}, {RSA_1032, 1032, 0xFFFFFFFB}};
static struct oracle_rsa rsa[COUNT(rsa_keys)];
static uint8_t kept[16384];
static size_t kept_size;

/* Memory that outlives rig_forget and hex_release. */
static bytes keep(bytes b)
{
    uint8_t *p = kept + kept_size;
    assert_true(kept_size + b.n <= sizeof kept);
    memcpy(p, b.p, b.n);
    kept_size += b.n;
    return (bytes){p, b.n};
}

static int make_keys(void **state)
{
    card = rig_ready(400, "");
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        struct answer a = rig_generate_ec(card, (uint8_t)(EC_FIRST + c), (enum crypto_curve)c, "");
        EXPECT_SW(a, 0x9000);
        struct cvc request = request_in(a.data);
        ec[c].point = keep(cvc_key_field(&request.key, 0x86));
    }
    for (size_t i = 0; i < COUNT(rsa_keys); i++) {
        struct answer a = rig_generate_rsa(card, rsa_keys[i].id, rsa_keys[i].bits, rsa_keys[i].e, "");
        EXPECT_SW(a, 0x9000);
        struct cvc request = request_in(a.data);
        rsa[i] = rsa_of(&request);
        rsa[i].n = keep(rsa[i].n);
        assert_int_equal(rsa[i].e, rsa_keys[i].e);
    }
    return 0;
}

static int stop(void **state)
{
    rig_stop(card);
    hex_release();
    return 0;
}

static bytes sign(uint8_t id, uint8_t algorithm, bytes data)
{
    struct answer a = rig_command(card, 0x80, 0x68, id, algorithm, data, 65536);
    EXPECT_ROW(a, 0x9000, EXPECT_ANY, text_of("SIGN %02X %02X with %zu bytes", id, algorithm, data.n));
    return a.data;
}

static bytes flipped(bytes b, size_t bit)
{
    span s = exact_space(b.n);
    memcpy(s.p, b.p, b.n);
    s.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
    return view(s);
}

static bytes digest_of(enum crypto_hash h, bytes message)
{
    span s = exact_space(crypto_hash_size(h));
    oracle_hash(h, message, s);
    return view(s);
}

static const size_t message_sizes[] = {1, 3, 64, 117, 255, 256, 1000, 4096};

/* ---- ECDSA ---- */

/* 71..75, and 76..79 with SHA-3: the card hashes. */
static void ecdsa_over_messages(void **state)
{
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        for (unsigned h = 0; h < CRYPTO_HASH_COUNT; h++) {
            bytes message = random_bytes(message_sizes[(c + h) % COUNT(message_sizes)], c);
            bytes digest = digest_of((enum crypto_hash)h, message);
            bytes der = sign((uint8_t)(EC_FIRST + c), (uint8_t)(0x71 + h), message);
            assert_true(oracle_ecdsa_der((enum crypto_curve)c, ec[c].point, digest, der));
            assert_false(oracle_ecdsa_der((enum crypto_curve)c, ec[c].point, flipped(digest, 7), der));
        }
        hex_release();
        rig_forget(card);
    }
}

/* 70: "hash, 1 byte or more"; longer than the order: its leftmost bits. 64 bytes on P-192 as in the test-suite. */
static void ecdsa_over_digests_of_every_length(void **state)
{
    static const size_t sizes[] = {1,  2,  20, 23, 24, 25, 28, 31,  32,  33,  47,
                                   48, 49, 63, 64, 65, 66, 67, 100, 255, 4096};
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        for (size_t i = c % test_stride(); i < COUNT(sizes); i += test_stride()) {
            bytes digest = random_bytes(sizes[i], 100 * c + i);
            bytes der = sign((uint8_t)(EC_FIRST + c), 0x70, digest);
            if (oracle_ecdsa_der((enum crypto_curve)c, ec[c].point, digest, der)) continue;
            fail_msg("curve %u, digest of %zu bytes", c, sizes[i]);
        }
        hex_release();
        rig_forget(card);
    }
}

/* apdu.md 3.14: of more than the order has, "the left-most order-length bits": on P-521 of 66 bytes all but 7 bits. */
static void ecdsa_on_p521_over_long_digests(void **state)
{
    static const size_t sizes[] = {65, 66, 67, 100, 4096};
    bytes point = ec[CRYPTO_SECP521R1].point;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        bytes digest = random_bytes(sizes[i], i);
        bytes der = sign(EC_FIRST + CRYPTO_SECP521R1, 0x70, digest);
        assert_true(oracle_ecdsa_der(CRYPTO_SECP521R1, point, digest, der));
        if (sizes[i] < 66) continue;
        span cut = exact_space(66);
        memcpy(cut.p, digest.p, cut.n);
        cut.p[65] ^= 0x7F; /* bits that do not count, and one that does */
        assert_true(oracle_ecdsa_der(CRYPTO_SECP521R1, point, view(cut), der));
        cut.p[65] ^= 0x80;
        assert_false(oracle_ecdsa_der(CRYPTO_SECP521R1, point, view(cut), der));
    }
}

/* A digest that is zero, one, or larger than the order. */
static void ecdsa_over_unusual_digests(void **state)
{
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        size_t n = crypto_curve_params((enum crypto_curve)c)->field_size;
        span digest = exact_space(n > 64 ? 64 : n);
        static const uint8_t fills[] = {0x00, 0xFF, 0x80};
        for (size_t i = 0; i < COUNT(fills); i++) {
            memset(digest.p, fills[i], digest.n);
            bytes der = sign((uint8_t)(EC_FIRST + c), 0x70, view(digest));
            assert_true(oracle_ecdsa_der((enum crypto_curve)c, ec[c].point, view(digest), der));
        }
    }
}

/* 3.14: "DER: minimal INTEGERs, 30 LL with LL possibly 81-form". Many signatures, so that short ones occur. */
static void ecdsa_der_is_minimal(void **state)
{
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        for (unsigned i = 0; i < 12; i += test_stride()) {
            bytes der = sign((uint8_t)(EC_FIRST + c), 0x70, random_bytes(32, i));
            reader r = read_from(der);
            assert_int_equal(rd_u8(&r), 0x30);
            size_t n = rd_u8(&r);
            if (n > 0x7F) assert_int_equal(n, 0x81), n = rd_u8(&r), assert_true(n > 0x7F);
            assert_int_equal(n, r.left.n);
            for (unsigned k = 0; k < 2; k++) {
                assert_int_equal(rd_u8(&r), 0x02);
                bytes v = rd_take(&r, rd_u8(&r));
                assert_true(v.n > 0 && !(v.p[0] & 0x80));
                assert_false(v.n > 1 && v.p[0] == 0 && !(v.p[1] & 0x80));
            }
            assert_true(rd_done(&r));
        }
        hex_release();
        rig_forget(card);
    }
}

/* ---- RSA signatures ---- */

static bytes digest_info(enum crypto_hash h, bytes digest, bool with_null)
{
    static const char *const oids[] = {"06052B0E03021A",         "0609608648016503040204", "0609608648016503040201",
                                       "0609608648016503040202", "0609608648016503040203", "0609608648016503040207",
                                       "0609608648016503040208", "0609608648016503040209", "060960864801650304020A"};
    bytes oid = exact(oids[h]);
    size_t inner = oid.n + (with_null ? 2 : 0);
    return exact(text_of("30%02zX30%02zX%s%s04%02zX%s", 4 + inner + digest.n, inner, oids[h], with_null ? "0500" : "",
                         digest.n, hex_of(digest)));
}

static void rsa_v15_over_messages(void **state)
{
    for (size_t k = 0; k < COUNT(rsa_keys); k++) {
        for (unsigned h = 0; h < CRYPTO_HASH_COUNT; h++) {
            bytes message = random_bytes(message_sizes[(k + h) % COUNT(message_sizes)], h),
                  digest = digest_of((enum crypto_hash)h, message);
            bytes signature = sign(rsa_keys[k].id, (uint8_t)(0x31 + h), message);
            assert_int_equal(signature.n, rsa[k].n.n);
            assert_true(oracle_v15(&rsa[k], (enum crypto_hash)h, digest, signature));
            assert_false(oracle_v15(&rsa[k], (enum crypto_hash)h, flipped(digest, 0), signature));
            assert_hex(sign(rsa_keys[k].id, (uint8_t)(0x31 + h), message),
                       hex_of(signature)); /* nothing random in it */
        }
    }
}

/* 30: "The DigestInfo may have absent or NULL parameters"; it is signed as it came. Its hashes end with SHA-512
 * (apdu.md 3.14); 3A, ours, takes those and SHA-3. */
static void rsa_v15_over_digest_infos(void **state)
{
    for (unsigned h = 0; h < CRYPTO_HASH_COUNT; h++) {
        bytes digest = random_bytes(crypto_hash_size((enum crypto_hash)h), h);
        bytes info = digest_info((enum crypto_hash)h, digest, true);
        bytes signature = sign(RSA_1024, 0x3A, info);
        assert_true(oracle_v15(&rsa[0], (enum crypto_hash)h, digest, signature));
        bytes bare = digest_info((enum crypto_hash)h, digest, false);
        span block = exact_space(128);
        assert_true(oracle_rsa_public(&rsa[0], sign(RSA_1024, 0x3A, bare), block));
        span want = exact_space(128);
        memset(want.p, 0xFF, want.n);
        want.p[0] = 0, want.p[1] = 1, want.p[127 - bare.n] = 0;
        memcpy(want.p + 128 - bare.n, bare.p, bare.n);
        assert_hex(view(block), hex_of(view(want)));
        struct answer with = rig_command(card, 0x80, 0x68, RSA_1024, 0x30, info, 65536);
        struct answer without = rig_command(card, 0x80, 0x68, RSA_1024, 0x30, bare, 65536);
        if (h > CRYPTO_SHA512) {
            EXPECT_EMPTY(with, 0x6A80);
            EXPECT_EMPTY(without, 0x6A80);
            continue;
        }
        EXPECT_DATA(with, 0x9000, hex_of(signature));
        EXPECT_SW(without, 0x9000);
    }
}

/* 41..45, and 46..49 with SHA-3: salt as long as the hash, or what fits: 62 for SHA-512 on 1024 bits, 63 on 1032. */
static int salt_for(size_t modulus, enum crypto_hash h)
{
    size_t hash = crypto_hash_size(h), most = modulus - hash - 2;
    return (int)(hash < most ? hash : most);
}

static void expect_pss(size_t k, enum crypto_hash h, bytes digest, bytes signature)
{
    int salt = salt_for(rsa[k].n.n, h);
    assert_int_equal(signature.n, rsa[k].n.n);
    assert_true(oracle_pss(&rsa[k], h, digest, salt, signature));
    assert_false(oracle_pss(&rsa[k], h, digest, salt - 1, signature));
    assert_false(oracle_pss(&rsa[k], h, flipped(digest, 3), salt, signature));
}

static void rsa_pss(void **state)
{
    assert_int_equal(salt_for(128, CRYPTO_SHA512), 62);
    for (size_t k = 0; k < COUNT(rsa_keys); k++) {
        for (unsigned i = 0; i < CRYPTO_HASH_COUNT; i++) {
            enum crypto_hash h = (enum crypto_hash)i;
            bytes message = random_bytes(message_sizes[(k + i) % COUNT(message_sizes)], i),
                  digest = digest_of(h, message);
            expect_pss(k, h, digest, sign(rsa_keys[k].id, (uint8_t)(0x41 + i), message));
            if (h > CRYPTO_SHA512) {
                EXPECT_EMPTY(rig_command(card, 0x80, 0x68, rsa_keys[k].id, 0x40, digest_info(h, digest, true), 65536),
                             0x6700);
                continue;
            }
            expect_pss(k, h, digest, sign(rsa_keys[k].id, 0x40, digest)); /* "type by length" */
            expect_pss(k, h, digest, sign(rsa_keys[k].id, 0x40, digest_info(h, digest, true)));
            expect_pss(k, h, digest, sign(rsa_keys[k].id, 0x40, digest_info(h, digest, false)));
        }
    }
}

/* 20: the bare operation, s^e = block; numerically >= n: 6400. */
static void rsa_raw_blocks(void **state)
{
    for (size_t k = 0; k < COUNT(rsa_keys); k++) {
        size_t n = rsa[k].n.n;
        span block = exact_space(n), back = exact_space(n);
        for (unsigned turn = 0; turn < 6; turn++) {
            memcpy(block.p, random_bytes(n, turn).p, n);
            if (turn == 0) memset(block.p, 0, n);
            if (turn == 1) memset(block.p, 0, n), block.p[n - 1] = 1;
            if (turn == 2) memcpy(block.p, rsa[k].n.p, n), block.p[n - 1]--;         /* n - 1; n is odd */
            if (turn == 3) memset(block.p, 0xFF, n), block.p[0] = 0, block.p[1] = 1; /* as OSC pads */
            if (turn > 3) block.p[0] = 0;
            assert_true(oracle_rsa_public(&rsa[k], sign(rsa_keys[k].id, 0x20, view(block)), back));
            assert_hex(view(back), hex_of(view(block)));
        }
        EXPECT_EMPTY(rig_command(card, 0x80, 0x68, rsa_keys[k].id, 0x20, rsa[k].n, 65536), 0x6400);
        memset(block.p, 0xFF, n);
        EXPECT_EMPTY(rig_command(card, 0x80, 0x68, rsa_keys[k].id, 0x20, view(block), 65536), 0x6400);
        EXPECT_EMPTY(rig_command(card, 0x80, 0x62, rsa_keys[k].id, 0x21, view(block), 65536), 0x6400);
    }
}

/* 1.7: "message up to the command buffer, chaining allowed" */
static void a_chained_message_is_signed_whole(void **state)
{
    bytes message = random_bytes(600, 1), first = bytes_first(message, 250),
          second = bytes_first(bytes_after(message, 250), 250);
    EXPECT_EMPTY(rig_command(card, 0x90, 0x68, RSA_1024, 0x33, first, 0), 0x9000);
    EXPECT_EMPTY(rig_command(card, 0x90, 0x68, RSA_1024, 0x33, second, 0), 0x9000);
    struct answer a = rig_command(card, 0x80, 0x68, RSA_1024, 0x33, bytes_after(message, 500), 256);
    EXPECT_SW(a, 0x9000);
    assert_true(oracle_v15(&rsa[0], CRYPTO_SHA256, sha256(message), a.data));
}

/* ---- DECIPHER ---- */

static struct answer decipher(size_t k, uint8_t algorithm, bytes cryptogram)
{
    return rig_command(card, 0x80, 0x62, rsa_keys[k].id, algorithm, cryptogram, 65536);
}

/* 21: leading zeros kept */
static void rsa_raw_decryption(void **state)
{
    for (size_t k = 0; k < COUNT(rsa_keys); k++) {
        span plain = exact_space(rsa[k].n.n), cryptogram = exact_space(rsa[k].n.n);
        for (unsigned zeros = 0; zeros < 4; zeros++) {
            memcpy(plain.p, random_bytes(plain.n, zeros).p, plain.n);
            plain.p[0] &= 0x3F;
            memset(plain.p, 0, zeros);
            assert_true(oracle_rsa_public(&rsa[k], view(plain), cryptogram));
            EXPECT_DATA(decipher(k, 0x21, view(cryptogram)), 0x9000, hex_of(view(plain)));
        }
        EXPECT_EMPTY(decipher(k, 0x21, rsa[k].n), 0x6400);
        EXPECT_EMPTY(decipher(k, 0x22, rsa[k].n), 0x6400);
        EXPECT_EMPTY(decipher(k, 0x23, rsa[k].n), 0x6400);
    }
}

static void rsa_decryption_with_padding(void **state)
{
    for (size_t k = 0; k < COUNT(rsa_keys); k++) {
        size_t modulus = rsa[k].n.n, most_v15 = modulus - 11, most_oaep = modulus - 66;
        const size_t sizes[] = {0, 1, 16, 32, most_oaep - 1, most_oaep, most_v15 - 1, most_v15};
        span cryptogram = exact_space(modulus);
        for (size_t i = 0; i < COUNT(sizes); i++) {
            bytes message = random_bytes(sizes[i], i);
            if (i % 2) memset((uint8_t *)message.p, 0, message.n); /* zeros in the message are no separators */
            assert_true(oracle_encrypt_v15(&rsa[k], message, cryptogram));
            EXPECT_DATA(decipher(k, 0x22, view(cryptogram)), 0x9000, hex_of(message));
            if (sizes[i] > most_oaep) continue;
            assert_true(oracle_encrypt_oaep(&rsa[k], message, cryptogram));
            EXPECT_DATA(decipher(k, 0x23, view(cryptogram)), 0x9000, hex_of(message));
        }
    }
}

static void rsa_decryption_with_class_00(void **state)
{
    span cryptogram = exact_space(128);
    assert_true(oracle_encrypt_v15(&rsa[0], TEXT("abc"), cryptogram));
    EXPECT_DATA(rig_command(card, 0x00, 0x62, RSA_1024, 0x22, view(cryptogram), 65536), 0x9000, "616263");
    EXPECT_DATA(rig_command(card, 0x00, 0x62, RSA_1024, 0x22, view(cryptogram), 1), 0x6102, "61");
    EXPECT_DATA(rig_send(card, "00C0000000"), 0x9000, "6263");
}

/* Every byte of a ciphertext, changed: one word for all failures (DP-37). */
static void corrupted_ciphertexts_are_refused(void **state)
{
    for (uint8_t algorithm = 0x22; algorithm <= 0x23; algorithm++) {
        span cryptogram = exact_space(128);
        assert_true(algorithm == 0x22 ? oracle_encrypt_v15(&rsa[0], TEXT("secret"), cryptogram)
                                      : oracle_encrypt_oaep(&rsa[0], TEXT("secret"), cryptogram));
        for (size_t bit = 5; bit < 1024; bit += 37) {
            EXPECT_EMPTY(decipher(0, algorithm, flipped(view(cryptogram), bit)), 0x6400);
        }
    }
}

/* Blocks whose padding is wrong in exactly one way. */
static void every_padding_failure_is_the_same_word(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        size_t end;
        const char *why;
    } wrongs[] = {
        {0, 0x01, 1, "first byte 01"},       {1, 0x01, 2, "block type 01"},     {1, 0x00, 2, "block type 00"},
        {1, 0x03, 2, "block type 03"},       {2, 0x00, 3, "no padding at all"}, {5, 0x00, 6, "padding of 3 bytes"},
        {9, 0x00, 10, "padding of 7 bytes"}, {100, 0x55, 101, "no separator"},
    };
    span block = exact_space(128), cryptogram = exact_space(128);
    for (size_t i = 0; i <= COUNT(wrongs); i++) {
        memset(block.p, 0x55, block.n);
        block.p[0] = 0, block.p[1] = 2, block.p[100] = 0;
        if (i < COUNT(wrongs)) memset(block.p + wrongs[i].at, wrongs[i].value, wrongs[i].end - wrongs[i].at);
        assert_true(oracle_rsa_public(&rsa[0], view(block), cryptogram));
        if (i == COUNT(wrongs))
            EXPECT_DATA(decipher(0, 0x22, view(cryptogram)), 0x9000, hex_of(bytes_after(view(block), 101)));
        else EXPECT_ROW(decipher(0, 0x22, view(cryptogram)), 0x6400, "", wrongs[i].why);
        EXPECT_EMPTY(decipher(0, 0x23, view(cryptogram)), 0x6400); /* nor is it OAEP */
    }
    block.p[100] = 0x55, block.p[10] = 0; /* the shortest padding that is allowed: 8 bytes */
    block.p[0] = 0, block.p[1] = 2;
    assert_true(oracle_rsa_public(&rsa[0], view(block), cryptogram));
    EXPECT_DATA(decipher(0, 0x22, view(cryptogram)), 0x9000, hex_of(bytes_after(view(block), 11)));
}

/* ---- ECDH ---- */

/* 80: 04 and the x-coordinate at field length */
static void key_agreement_on_every_curve(void **state)
{
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        size_t field = crypto_curve_params((enum crypto_curve)c)->field_size;
        span point = exact_space(1 + 2 * field), x = exact_space(field);
        for (unsigned turn = 0; turn < 3; turn++) {
            assert_true(oracle_ecdh((enum crypto_curve)c, ec[c].point, point, x));
            EXPECT_DATA(rig_command(card, 0x80, 0x62, (uint8_t)(EC_FIRST + c), 0x80, view(point), 65536), 0x9000,
                        text_of("04%s", hex_of(view(x))));
        }
        EXPECT_EMPTY(rig_command(card, 0x80, 0x62, (uint8_t)(EC_FIRST + c), 0x80, flipped(view(point), 8 * field), 256),
                     0x6984);
        EXPECT_EMPTY(
            rig_command(card, 0x80, 0x62, (uint8_t)(EC_FIRST + c), 0x80, bytes_first(view(point), 2 * field), 256),
            0x6984);
        point.p[0] = 0x02 | (point.p[2 * field] & 1);
        EXPECT_EMPTY(
            rig_command(card, 0x80, 0x62, (uint8_t)(EC_FIRST + c), 0x80, bytes_first(view(point), 1 + field), 256),
            0x6984);
    }
}

/* A point of another curve with the same field size. */
static void points_of_other_curves_are_refused(void **state)
{
    static const enum crypto_curve pairs[][2] = {
        {CRYPTO_SECP256R1, CRYPTO_SECP256K1}, {CRYPTO_SECP256K1, CRYPTO_BP256R1}, {CRYPTO_SECP192R1, CRYPTO_SECP192K1},
        {CRYPTO_SECP384R1, CRYPTO_BP384R1},   {CRYPTO_BP256R1, CRYPTO_SECP256R1}, {CRYPTO_BP512R1, CRYPTO_SECP384R1}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        EXPECT_EMPTY(rig_command(card, 0x80, 0x62, (uint8_t)(EC_FIRST + pairs[i][0]), 0x80, ec[pairs[i][1]].point, 256),
                     0x6984);
    }
}

/* ---- policy bit 0008 (decisions.md) ---- */

static void policy_without_pkcs1_decryption(void **state)
{
    struct rig *r = rig_ready(401, "9A020008 80020100");
    struct cvc request = request_in(rig_generate_rsa(r, 1, 1024, 0, "").data);
    struct oracle_rsa key = rsa_of(&request);
    span v15 = exact_space(128), oaep = exact_space(128);
    assert_true(oracle_encrypt_v15(&key, TEXT("abc"), v15) && oracle_encrypt_oaep(&key, TEXT("abc"), oaep));
    EXPECT_SW(rig_generate_rsa(r, 2, 1024, 0, "900400000000"), 0x9000);
    r->presence.calls = 0;
    EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 1, 0x22, view(v15), 256), 0x6985);
    EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 9, 0x22, view(v15), 256), 0x6A82); /* 1.10: the object first */
    EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 2, 0x22, view(v15), 256), 0x6A84); /* 4.5: the counter first */
    EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 0, 0x22, view(v15), 256), 0x6985);
    assert_int_equal(r->presence.calls, 0);
    EXPECT_DATA(rig_command(r, 0x80, 0x62, 1, 0x23, view(oaep), 256), 0x9000, "616263");
    EXPECT_SW(rig_command(r, 0x80, 0x62, 1, 0x21, view(v15), 256), 0x9000); /* "not covered" */
    EXPECT_SW(rig_command(r, 0x80, 0x68, 1, 0x33, TEXT("abc"), 256), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 1, 0x22, view(v15), 256), 0x6982);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(ecdsa_over_messages),
        CASE(ecdsa_over_digests_of_every_length),
        CASE(ecdsa_on_p521_over_long_digests),
        CASE(ecdsa_over_unusual_digests),
        CASE(ecdsa_der_is_minimal),
        CASE(rsa_v15_over_messages),
        CASE(rsa_v15_over_digest_infos),
        CASE(rsa_pss),
        CASE(rsa_raw_blocks),
        CASE(a_chained_message_is_signed_whole),
        CASE(rsa_raw_decryption),
        CASE(rsa_decryption_with_padding),
        CASE(rsa_decryption_with_class_00),
        CASE(corrupted_ciphertexts_are_refused),
        CASE(every_padding_failure_is_the_same_word),
        CASE(key_agreement_on_every_curve),
        CASE(points_of_other_curves_are_refused),
        CASE(policy_without_pkcs1_decryption),
    };
    return cmocka_run_group_tests(tests, make_keys, stop);
}
