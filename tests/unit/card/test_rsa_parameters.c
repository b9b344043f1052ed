/* SPDX-License-Identifier: Apache-2.0 */
/* SIGN 4A and DECIPHER 24, ours: PSS and OAEP with every hash, any salt and label (docs/commands.md). OpenSSL is the
 * other end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/stride.h"
#include "tests/unit/card/keys_common.h"

#define KEY_1024 1
#define KEY_2048 2

static struct rig *card;
static struct oracle_rsa rsa[3]; /* by key id */

static const char *const oids[] = {"2B0E03021A",         "608648016503040204", "608648016503040201",
                                   "608648016503040202", "608648016503040203", "608648016503040207",
                                   "608648016503040208", "608648016503040209", "60864801650304020A"};

static int start(void **state)
{
    static struct answer answers[3];
    static uint8_t kept[3][2048];
    card = rig_ready(901, "");
    for (uint8_t id = KEY_1024; id <= KEY_2048; id++) {
        answers[id] = rig_generate_rsa(card, id, (uint16_t)(1024 * id), 0, "");
        if (answers[id].sw != 0x9000) return 1;
        memcpy(kept[id], answers[id].data.p, answers[id].data.n);
        struct cvc request = request_in((bytes){kept[id], answers[id].data.n});
        rsa[id] = rsa_of(&request);
    }
    return 0;
}

static int stop(void **state)
{
    rig_stop(card);
    hex_release();
    return 0;
}

static bytes noise(size_t n, size_t seed)
{
    span s = exact_space(n);
    for (size_t i = 0; i < n; i++) s.p[i] = (uint8_t)((i + 3 * seed + 1) * 167 >> (i % 5));
    return view(s);
}

static bytes digest_of(enum crypto_hash h, bytes message)
{
    span s = exact_space(crypto_hash_size(h));
    oracle_hash(h, message, s);
    return view(s);
}

/* TAG and a length of three bytes, any size. */
static const char *object(unsigned tag, bytes value)
{
    return text_of("%02X82%04zX%s", tag, value.n, hex_of(value));
}

static const char *hash_object(unsigned tag, enum crypto_hash h)
{
    return object(tag, exact(oids[h]));
}

static struct answer send(uint8_t ins, uint8_t key, uint8_t p2, const char *hex)
{
    return rig_command(card, 0x80, ins, key, p2, exact(hex), 65536);
}

/* ---- 4A ---- */

/* Every hash with every hash of MGF1: message and digest, the longest salt, none, and as long as the digest. */
static void pss_with_every_pair_of_hashes(void **state)
{
    for (unsigned i = 0; i < CRYPTO_HASH_COUNT * CRYPTO_HASH_COUNT; i++) {
        enum crypto_hash h = (enum crypto_hash)(i / CRYPTO_HASH_COUNT), mgf = (enum crypto_hash)(i % CRYPTO_HASH_COUNT);
        bytes message = noise(i, i), digest = digest_of(h, message);
        size_t salts[] = {0, 1, digest.n, 256 - digest.n - 2};
        size_t salt = salts[i % COUNT(salts)];
        const char *head = text_of("%s%s8402%04zX", hash_object(6, h), hash_object(0x85, mgf), salt);
        struct answer over_message = send(0x68, KEY_2048, 0x4A, text_of("%s%s", head, object(0x81, message)));
        EXPECT_SW(over_message, 0x9000);
        assert_true(oracle_pss_mgf(&rsa[KEY_2048], h, mgf, digest, (int)salt, over_message.data));
        assert_false(oracle_pss_mgf(&rsa[KEY_2048], h, mgf, digest, (int)(salt ? salt - 1 : 1), over_message.data));
        struct answer over_digest = send(0x68, KEY_2048, 0x4A, text_of("%s%s", object(0x82, digest), head));
        EXPECT_SW(over_digest, 0x9000);
        assert_true(oracle_pss_mgf(&rsa[KEY_2048], h, mgf, digest, (int)salt, over_digest.data));
        hex_release();
        rig_forget(card);
    }
}

/* Every length of salt that a modulus of 1024 bits has room for, then one more. */
static void pss_with_every_salt(void **state)
{
    bytes digest = digest_of(CRYPTO_SHA256, TEXT("salt"));
    for (size_t salt = 0; salt <= 128 - 32 - 2; salt += test_stride()) {
        struct answer a = send(0x68, KEY_1024, 0x4A,
                               text_of("%s8401%02zX%s", hash_object(6, CRYPTO_SHA256), salt, object(0x82, digest)));
        EXPECT_SW(a, 0x9000);
        assert_true(oracle_pss(&rsa[KEY_1024], CRYPTO_SHA256, digest, (int)salt, a.data));
    }
    EXPECT_EMPTY(send(0x68, KEY_1024, 0x4A, text_of("%s84015F%s", hash_object(6, CRYPTO_SHA256), object(0x82, digest))),
                 0x6700);
}

/* Without 84 as 40 to 45 do it; without 85 the hash of 06. */
static void pss_by_default_is_the_usual(void **state)
{
    for (unsigned i = 0; i < CRYPTO_HASH_COUNT; i++) {
        enum crypto_hash h = (enum crypto_hash)i;
        bytes digest = digest_of(h, NO_BYTES); /* the empty message, which no other algorithm id can express */
        struct answer a = send(0x68, KEY_1024, 0x4A, text_of("%s8100", hash_object(6, h)));
        size_t most = 128 - digest.n - 2;
        EXPECT_SW(a, 0x9000);
        assert_true(oracle_pss(&rsa[KEY_1024], h, digest, (int)(digest.n < most ? digest.n : most), a.data));
    }
}

/* ---- 24 ---- */

static void oaep_with_every_pair_of_hashes(void **state)
{
    span cryptogram = exact_space(256);
    for (unsigned i = 0; i < CRYPTO_HASH_COUNT * CRYPTO_HASH_COUNT; i++) {
        enum crypto_hash h = (enum crypto_hash)(i / CRYPTO_HASH_COUNT), mgf = (enum crypto_hash)(i % CRYPTO_HASH_COUNT);
        size_t most = 256 - 2 * crypto_hash_size(h) - 2, sizes[] = {0, 1, 32, most};
        bytes message = noise(sizes[i % COUNT(sizes)], i), label = noise(i % 3 ? i : 0, i + 1);
        assert_true(oracle_encrypt_oaep_of(&rsa[KEY_2048], h, mgf, label, message, cryptogram));
        const char *hashes = text_of("%s%s", hash_object(6, h), hash_object(0x85, mgf));
        const char *data = object(0x81, view(cryptogram));
        struct answer a = send(0x62, KEY_2048, 0x24, text_of("%s%s%s", hashes, object(0x83, label), data));
        EXPECT_DATA(a, 0x9000, hex_of(message));
        EXPECT_EMPTY(send(0x62, KEY_2048, 0x24, text_of("%s%s8301AA", hashes, data)), 0x6400); /* another label */
        hex_release();
        rig_forget(card);
        cryptogram = exact_space(256);
    }
}

/* A label as long as the command has room for; without 83 it is empty, without 85 the hash is one. */
static void oaep_labels(void **state)
{
    span cryptogram = exact_space(256);
    bytes label = noise(4096 - 11 - 4 - 260, 5);
    assert_true(oracle_encrypt_oaep_of(&rsa[KEY_2048], CRYPTO_SHA512, CRYPTO_SHA512, label, TEXT("abc"), cryptogram));
    const char *head = text_of("0609%s%s", oids[CRYPTO_SHA512], object(0x81, view(cryptogram)));
    bytes data = exact(text_of("%s%s", head, object(0x83, label)));
    assert_int_equal(data.n, 4096);
    EXPECT_DATA(rig_command(card, 0x80, 0x62, KEY_2048, 0x24, data, 65536), 0x9000, "616263");
    EXPECT_EMPTY(send(0x62, KEY_2048, 0x24, head), 0x6400);
    assert_true(oracle_encrypt_oaep(&rsa[KEY_2048], TEXT("abc"), cryptogram));
    EXPECT_DATA(
        send(0x62, KEY_2048, 0x24, text_of("%s%s", hash_object(6, CRYPTO_SHA256), object(0x81, view(cryptogram)))),
        0x9000, "616263");
}

/* Whatever is wrong inside, the word is one. */
static void oaep_failures_are_one_word(void **state)
{
    span cryptogram = exact_space(128);
    const char *sha1 = hash_object(6, CRYPTO_SHA1);
    assert_true(oracle_encrypt_oaep_of(&rsa[KEY_1024], CRYPTO_SHA1, CRYPTO_SHA1, NO_BYTES, TEXT("abc"), cryptogram));
    bytes good = exact_copy(view(cryptogram));
    EXPECT_DATA(send(0x62, KEY_1024, 0x24, text_of("%s%s", sha1, object(0x81, good))), 0x9000, "616263");
    for (size_t bit = 8; bit < 1024; bit += 53) {
        memcpy(cryptogram.p, good.p, good.n);
        cryptogram.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        EXPECT_EMPTY(send(0x62, KEY_1024, 0x24, text_of("%s%s", sha1, object(0x81, view(cryptogram)))), 0x6400);
    }
    EXPECT_EMPTY(send(0x62, KEY_1024, 0x24, text_of("%s%s", hash_object(6, CRYPTO_SHA224), object(0x81, good))),
                 0x6400);
    EXPECT_EMPTY(send(0x62, KEY_1024, 0x24, text_of("%s%s", sha1, object(0x81, rsa[KEY_1024].n))), 0x6400);
}

/* ---- what is refused, before a use is charged ---- */

#define SHA256 "0609608648016503040201"
#define D32 "8220000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

static const struct {
    uint8_t ins, p2;
    const char *data;
    uint16_t sw;
    const char *why;
} refused[] = {
    {0x68, 0x4A, "", 0x6700, "no data"},
    {0x68, 0x4A, D32, 0x6700, "no hash"},
    {0x68, 0x4A, SHA256, 0x6700, "nothing to sign"},
    {0x68, 0x4A, SHA256 D32 "8103616263", 0x6700, "digest and message"},
    {0x68, 0x4A, SHA256 "8203616263", 0x6700, "digest too short"},
    {0x68, 0x4A, SHA256 "82210000000000000000000000000000000000000000000000000000000000000000FF", 0x6700, "too long"},
    {0x68, 0x4A, SHA256 SHA256 D32, 0x6A80, "hash twice"},
    {0x68, 0x4A, SHA256 D32 D32, 0x6A80, "digest twice"},
    {0x68, 0x4A, "060960864801650304020B" D32, 0x6A80, "SHAKE128, which is no hash here"},
    {0x68, 0x4A, "0608608648016503040201" D32, 0x6A80, "OID cut short"},
    {0x68, 0x4A, "0600" D32, 0x6A80, "OID empty"},
    {0x68, 0x4A, "06082A864886F70D0205" D32, 0x6A80, "MD5"},
    {0x68, 0x4A, SHA256 D32 "850109", 0x6A80, "no such hash of MGF1"},
    {0x68, 0x4A, SHA256 D32 "8400", 0x6700, "salt size empty"},
    {0x68, 0x4A, SHA256 D32 "8403000020", 0x6700, "salt size of three bytes"},
    {0x68, 0x4A, SHA256 D32 "84015F", 0x6700, "salt of 95 bytes, one too many"},
    {0x68, 0x4A, SHA256 D32 "8402FFFF", 0x6700, "salt of 65535 bytes"},
    {0x68, 0x4A, SHA256 D32 "8301AA", 0x6A80, "a label"},
    {0x68, 0x4A, SHA256 D32 "9900", 0x6A80, "unknown object"},
    {0x68, 0x4A, SHA256 "8221000102", 0x6A80, "value past the end"},
    {0x68, 0x4A, SHA256 D32 "81", 0x6A80, "tag without length"},
    {0x62, 0x24, "", 0x6700, "no data"},
    {0x62, 0x24, SHA256, 0x6700, "no cryptogram"},
    {0x62, 0x24, SHA256 "8100", 0x6700, "cryptogram empty"},
    {0x62, 0x24, SHA256 "8103616263", 0x6700, "cryptogram too short"},
    {0x62, 0x24, SHA256 D32, 0x6A80, "a digest"},
    {0x62, 0x24, SHA256 "8103616263840120", 0x6A80, "a salt"},
    {0x62, 0x24, "8103616263", 0x6700, "no hash"},
    {0x62, 0x24,
     "060100"
     "8103616263",
     0x6A80, "no such hash"},
    {0x62, 0x24, SHA256 "8102", 0x6A80, "value past the end"},
};

static void bad_parameters_cost_no_use(void **state)
{
    EXPECT_SW(rig_generate_rsa(card, 5, 1024, 0, "900400000002"), 0x9000);
    for (size_t i = 0; i < COUNT(refused); i++)
        EXPECT_ROW(send(refused[i].ins, 5, refused[i].p2, refused[i].data), refused[i].sw, "", refused[i].why);
    span cryptogram = exact_space(128); /* two digests of SHA-512 and two bytes are more than a modulus of 1024 bits */
    const char *data = object(0x81, view(cryptogram));
    EXPECT_EMPTY(send(0x62, 5, 0x24, text_of("%s%s", hash_object(6, CRYPTO_SHA512), data)), 0x6700);
    EXPECT_EMPTY(send(0x62, 5, 0x24, text_of("%s%s", hash_object(6, CRYPTO_SHA3_512), data)), 0x6700);
    EXPECT_SW(send(0x68, 5, 0x4A, SHA256 D32), 0x9000); /* both uses are still there */
    EXPECT_SW(send(0x68, 5, 0x4A, SHA256 D32), 0x9000);
    EXPECT_EMPTY(send(0x68, 5, 0x4A, SHA256 D32), 0x6A84);
}

/* The list of a key, its type, and the login count as for the other ids. */
static void the_new_ids_are_algorithms_like_others(void **state)
{
    static const uint8_t ids[] = {0x36, 0x37, 0x38, 0x39, 0x3A, 0x46, 0x47, 0x48, 0x49, 0x4A};
    EXPECT_SW(rig_generate_ec(card, 6, CRYPTO_SECP256R1, "91027377"), 0x9000);
    EXPECT_SW(rig_generate_rsa(card, 7, 1024, 0, "91024A33"), 0x9000);
    for (size_t i = 0; i < COUNT(ids); i++) {
        EXPECT_EMPTY(send(0x68, 6, ids[i], "616263"), 0x6985);
        if (ids[i] != 0x4A) EXPECT_EMPTY(send(0x68, 7, ids[i], "616263"), 0x6985);
    }
    EXPECT_SW(send(0x68, 7, 0x4A, SHA256 D32), 0x9000);
    EXPECT_SW(send(0x68, 6, 0x77, "616263"), 0x9000);
    EXPECT_EMPTY(send(0x68, 6, 0x76, "616263"), 0x6985);
    EXPECT_EMPTY(send(0x62, 7, 0x24, "616263"), 0x6985);
    EXPECT_SW(rig_generate_ec(card, 8, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_EMPTY(send(0x68, 8, 0x4A, SHA256 D32), 0x6400); /* an RSA algorithm on an EC key, and the reverse */
    EXPECT_EMPTY(send(0x62, 8, 0x24, SHA256 "8103616263"), 0x6400);
    EXPECT_EMPTY(send(0x68, KEY_1024, 0x77, "616263"), 0x6400);
    EXPECT_EMPTY(send(0x68, KEY_1024, 0x4B, "616263"), 0x6A86);
    EXPECT_EMPTY(send(0x62, KEY_1024, 0x25, "616263"), 0x6B00);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pss_with_every_pair_of_hashes),
        CASE(pss_with_every_salt),
        CASE(pss_by_default_is_the_usual),
        CASE(oaep_with_every_pair_of_hashes),
        CASE(oaep_labels),
        CASE(oaep_failures_are_one_word),
        CASE(bad_parameters_cost_no_use),
        CASE(the_new_ids_are_algorithms_like_others),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
