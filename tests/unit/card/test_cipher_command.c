/* SPDX-License-Identifier: Apache-2.0 */
/* SYMMETRIC CIPHER, MAC, KDF (apdu.md 3.17, 5.3, 6; formats.md 10, 12.1; vectors/symmetric.json, derive.json): each known
 * answer, each thing that is refused, in the order in which it is asked, and what a use costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/secret_common.h"
#include "tests/vectors/symmetric.h"

#define ZEROS_16 "00000000000000000000000000000000"

/* Key 11 of apdu.md 5.3, 12 with 16 bytes, 13 with 24, 14 with 64; 15 is no secret key. */
static struct rig *card(uint64_t seed)
{
    struct rig *r = rig_ready(seed, WITH_IMPORT);
    import_secret(r, 0x11, KEY_32, "9106101118995152");
    import_secret(r, 0x12, KEY_16, "");
    import_secret(r, 0x13, KEY_16 "1011121314151617", "");
    import_secret(r, 0x14, KEY_32 KEY_32, "");
    EXPECT_SW(rig_generate_ec(r, 0x15, CRYPTO_SECP256R1, ""), 0x9000);
    return r;
}

/* ---- known answers ---- */

static void the_vectors(void **state)
{
    struct rig *r = rig_ready(1100, WITH_IMPORT);
    const char *key = "";
    uint8_t id = 0;
    for (size_t i = 0; i < COUNT(symmetric_vectors); i++) {
        const struct symmetric_vector *v = &symmetric_vectors[i];
        if (strcmp(key, v->key) != 0) import_secret(r, ++id, v->key, "");
        key = v->key;
        struct answer a = cipher(r, id, v->p2, v->data, v->ne);
        size_t n = exact(v->answer).n;
        bool longer = v->p2 == 0x99 && n < 32; /* DP-40: goes on behind what upstream gives */
        EXPECT_ROW(a, v->sw, longer ? EXPECT_ANY : v->answer, v->name);
        if (!longer) continue;
        assert_int_equal(a.data.n, 32);
        assert_hex(bytes_first(a.data, n), v->answer);
    }
    rig_stop(r);
}

/* apdu.md 5.3 */
/* clang-format off */
static const struct { uint8_t p2; uint32_t ne; const char *data, *answer, *name; } answers[] = {
    {0x10, ALL, P, "61A6936E4E8F101C1CC1F993B542A0D4", "CBC encrypt"},
    {0x11, ALL, P, "8B024AECD4F7243DEB0F30178E507202", "CBC decrypt"},
    {0x18, ALL, "616263", "3ADE00807383AB0869D9A73C486A5315", "CMAC"},
    {0x99, ALL, KEY_32, "4346FB2A18D1C8192D6F1013E6863A0D2F000921F7AB0ABC3B4EC09B890B6156", "derive"},
    {0x51, ALL, "0609608648016503040129 8110" P, "61A6936E4E8F101C1CC1F993B542A0D4", "ECB"},
    {0x51, ALL, "060960864801650304012A 8110" P "8210" ZEROS_16, "61A6936E4E8F101C1CC1F993B542A0D4", "CBC"},
    {0x51, ALL, "060960864801650304012B 8110" P "8210" KEY_16, "7A4F26742CDE57B1D8077F162EEE88BD", "OFB"},
    {0x51, ALL, "060960864801650304012C 8110" P "8210" KEY_16, "7A4F26742CDE57B1D8077F162EEE88BD", "CFB"},
    {0x51, ALL, "0609608648016503040131 8110" P "8210" KEY_16, "7A4F26742CDE57B1D8077F162EEE88BD", "CTR"},
    {0x51, ALL, "060960864801650304012E 810568656C6C6F 820C000000000000000000000000 8303616164", "66D9D9B2DACABA6D3D5E52F91C5281D89320385BDB", "GCM"},
    {0x51, ALL, "060960864801650304012F 810568656C6C6F 820C000000000000000000000000 8303616164", "1EE01671522ED59AE761395755BC58889C173A9939", "CCM"},
    {0x51, ALL, "06092B6F028C5300000101 8110" P "8210" ZEROS_16, "8246C64CF0FA904817CE8687D9124310", "XTS"},
    {0x51, ALL, "060B2A864886F70D0109100312 810568656C6C6F 820C000000000000000000000000 8303616164", "70DD2E5DC2C6C135327908F33F5B96F2817BD0EFAE", "ChaCha20-Poly1305"},
    {0x51, ALL, "06082A864886F70D0207 8103616263", "FDE25BEA45B90744715078C176CAEF9942F77498", "HMAC-SHA-1"},
    {0x51, ALL, "06082A864886F70D0209 8103616263", "F0133729C4163DEDE81E21CD47839256DA58171238C8A0D874397C73B14E1E47", "HMAC-SHA-256"},
    {0x51, ALL, "06082A864886F70D020B 8103616263", "69D4A21E226BF0D348CB9A847C01CF24E93E8AC30D7C951704B936F82F795A624B470E23ABD33AC8700E797F0F2A499B932BAC7D283BBBB37D8FECF70D5E08A7", "HMAC-SHA-512"},
    {0x51, 0x2A, "060B2A864886F70D010910031D 8104696E666F 820473616C74", "64CC2A23B7A1DA4310420350405FDF5D632CB9BDA3700D753E96CBCFEB81D4496259E7075D6DA9D2C325", "HKDF"},
    {0x51, 0x20, "06092A864886F70D01050C 8116 0404 73616C74 0202 0800 300A 0608 2A864886F70D0209", "42D610C12D36572E9C7DBD1057DFEB3F6E6366F5C8AE9789BD84E97F61B74B9D", "PBKDF2"},
    {0x51, 0x20, "06072B81051086483F 81082A864886F70D0209 8304696E666F", "D652DB03B5AD319001E98864FD76139BFF0E0DC2F17CABEB9E5E6393C9ED7DEE", "X9.63"},
};
/* clang-format on */

static void the_conversation_of_the_specification(void **state)
{
    struct rig *r = card(1101);
    for (size_t i = 0; i < COUNT(answers); i++)
        EXPECT_ROW(cipher(r, 0x11, answers[i].p2, answers[i].data, answers[i].ne), 0x9000, answers[i].answer,
                   answers[i].name);
    rig_stop(r);
}

/* ---- there and back ---- */

/* clang-format off */
static const struct { uint8_t id; const char *begin; size_t step, least; const char *name; } ciphers[] = {
    {0x12, "0609608648016503040101", 16, 16, "ECB"},
    {0x13, "0609608648016503040116 8210" KEY_16, 16, 16, "CBC"},
    {0x12, "0609608648016503040103 8210" KEY_16, 1, 0, "OFB"},
    {0x13, "0609608648016503040118", 1, 0, "CFB, no IV"},
    {0x11, "0609608648016503040131 8210" KEY_16, 1, 0, "CTR"},
    {0x12, "0609608648016503040106 8201AA 8303616164 85010C", 1, 0, "GCM, tag of 12"},
    {0x11, "060960864801650304012E 8240" KEY_32 KEY_32, 1, 0, "GCM, IV of 64"},
    {0x13, "060960864801650304011B 820700000000000001 8303616164 850104", 1, 0, "CCM, tag of 4"},
    {0x11, "060960864801650304012F 820D00000000000001020304050607", 1, 0, "CCM, nonce of 13"},
    {0x11, "06092B6F028C5300000101 8210" KEY_16, 1, 16, "XTS-128"},
    {0x14, "06092B6F028C5300000102", 1, 16, "XTS-256"},
    {0x11, "060B2A864886F70D0109100312 820C000000000000000000000001 850110", 1, 0, "ChaCha20-Poly1305"},
};
/* clang-format on */

static const char *sized(const char *begin, unsigned tag, const char *value)
{
    return text_of("%s %02X82%04zX %s", begin, tag, exact(value).n, value);
}

static void what_is_encrypted_is_decrypted(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 31, 32, 33, 48, 255, 256, 1024, 1216, 3990};
    struct rig *r = card(1102);
    for (size_t i = 0; i < COUNT(ciphers); i++) {
        for (size_t s = 0; s < COUNT(sizes); s++) {
            size_t n = sizes[s];
            bool fits = n >= ciphers[i].least && n % ciphers[i].step == 0;
            const char *text = counting(n, 3);
            struct answer a = cipher(r, ciphers[i].id, 0x51, sized(ciphers[i].begin, 0x81, text), ALL);
            EXPECT_ROW(a, fits ? 0x9000 : 0x6700, fits ? EXPECT_ANY : "", ciphers[i].name);
            if (!fits) continue;
            if (n > 16) assert_true(memcmp(a.data.p, exact(text).p, n) != 0);
            struct answer b = cipher(r, ciphers[i].id, 0x52, sized(ciphers[i].begin, 0x81, hex_of(a.data)), ALL);
            EXPECT_ROW(b, 0x9000, text, ciphers[i].name);
            hex_release();
            rig_forget(r);
        }
    }
    rig_stop(r);
}

/* Every bit of ciphertext, tag, nonce and associated data counts; nothing comes out. */
static void what_was_changed_stays_inside(void **state)
{
    static const struct {
        const char *oid;
        uint16_t sw;
    } aeads[] = {
        {"060960864801650304012E", 0x6400}, {"060960864801650304012F", 0x6400}, {"060B2A864886F70D0109100312", 0x6700}};
    struct rig *r = card(1103);
    for (size_t i = 0; i < COUNT(aeads); i++) {
        const char *rest = "820C000102030405060708090A0B 8303616164";
        struct answer a = cipher(r, 0x11, 0x51, text_of("%s 8113%s %s", aeads[i].oid, counting(19, 0), rest), ALL);
        EXPECT_SW(a, 0x9000);
        bytes good = exact(text_of("8123%s %s", hex_of(a.data), rest));
        for (size_t bit = 0; bit < 8 * good.n; bit++) {
            size_t at = bit / 8;
            if (at < 2 || at == 37 || at == 38 || at == 51 || at == 52) continue; /* tags and lengths */
            span copy = exact_space(good.n);
            memcpy(copy.p, good.p, good.n);
            copy.p[at] ^= (uint8_t)(1u << bit % 8);
            EXPECT_ROW(cipher(r, 0x11, 0x52, text_of("%s %s", aeads[i].oid, hex_of(view(copy))), ALL), aeads[i].sw, "",
                       text_of("%s, bit %zu", aeads[i].oid, bit));
        }
        EXPECT_DATA(cipher(r, 0x11, 0x52, text_of("%s %s", aeads[i].oid, hex_of(good)), ALL), 0x9000, counting(19, 0));
    }
    rig_stop(r);
}

/* ---- how much a derivation gives ---- */

#define HKDF "060B2A864886F70D010910031D 8104696E666F"
#define HKDF_512 "060B2A864886F70D010910031F"
#define PBKDF2_2 "06092A864886F70D01050C 8109 0404 73616C74 020102"
#define PBKDF2_2_24 "06092A864886F70D01050C 810C 0404 73616C74 020102 020118"
#define X963 "06072B81051086483F 81082A864886F70D0209"

static void derivations_give_what_ne_says(void **state)
{
    static const struct {
        const char *data;
        size_t natural;
    } kdfs[] = {{HKDF, 32}, {HKDF_512, 64}, {HKDF " 87082A864886F70D0207", 20}, {PBKDF2_2, 32}, {X963, 32}};
    static const uint32_t nes[] = {1, 31, 32, 33, 255, 256, 257, 4095, 4096};
    struct rig *r = card(1104);
    for (size_t i = 0; i < COUNT(kdfs); i++) {
        struct answer longest = cipher(r, 0x11, 0x51, kdfs[i].data, 4096);
        EXPECT_SW(longest, 0x9000);
        for (size_t n = 0; n < COUNT(nes); n++)
            EXPECT_DATA(cipher(r, 0x11, n % 2 ? 0x52 : 0x51, kdfs[i].data, nes[n]), 0x9000,
                        hex_of(bytes_first(longest.data, nes[n])));
        EXPECT_DATA(cipher(r, 0x11, 0x51, kdfs[i].data, ALL), 0x9000,
                    hex_of(bytes_first(longest.data, kdfs[i].natural)));
        EXPECT_EMPTY(cipher(r, 0x11, 0x51, kdfs[i].data, 0), 0x9000);
        EXPECT_EMPTY(cipher(r, 0x11, 0x51, kdfs[i].data, 4097), 0x6700);
        EXPECT_EMPTY(cipher(r, 0x11, 0x51, kdfs[i].data, 65535), 0x6700);
        hex_release();
        rig_forget(r);
    }
    /* keyLength wins */
    struct answer natural = cipher(r, 0x11, 0x51, PBKDF2_2, ALL), said = cipher(r, 0x11, 0x51, PBKDF2_2_24, 64);
    EXPECT_DATA(said, 0x9000, hex_of(bytes_first(natural.data, 24)));
    struct answer first = cipher(r, 0x11, 0x51, PBKDF2_2_24, 16); /* the rest by GET RESPONSE */
    EXPECT_DATA(first, 0x6108, hex_of(bytes_first(natural.data, 16)));
    SEND_DATA(r, "00C0000008", 0x9000, hex_of(bytes_after(said.data, 16)));
    rig_stop(r);
}

static void derive_99_gives_at_least_32(void **state)
{
    struct rig *r = card(1105);
    for (size_t n = 1; n <= 300; n += 23) {
        span info = exact_space(n), want = exact_space(n > 32 ? n : 32);
        memset(info.p, 0x5A, n);
        oracle_hkdf(exact(KEY_32), view(info), want);
        EXPECT_DATA(cipher(r, 0x11, 0x99, hex_of(view(info)), ALL), 0x9000, hex_of(view(want)));
    }
    EXPECT_SW(cipher(r, 0x12, 0x99, "01", ALL), 0x9000);
    EXPECT_SW(cipher(r, 0x14, 0x99, "01", ALL), 0x9000);
    rig_stop(r);
}

static void long_derivations_tell_and_listen(void **state)
{
    struct rig *r = card(1106);
    const char *slow = "06092A864886F70D01050C 810A 0404 73616C74 02024E20";
    unsigned before = r->progress.ticks;
    EXPECT_SW(cipher(r, 0x11, 0x51, slow, 32), 0x9000);
    assert_true(r->progress.ticks > before + 5);
    r->progress.stop_at = r->progress.ticks + 3;
    EXPECT_EMPTY(cipher(r, 0x11, 0x51, slow, 32), 0x6400);
    r->progress.stop_at = 0;
    rig_stop(r);
}

/* ---- what is refused ---- */

#define IV_12 "820C000000000000000000000000"
/* clang-format off */
static const struct { uint8_t id, p2; const char *data; uint16_t sw; const char *why; } refused[] = {
    {0x00, 0x10, P, 0x6985, "the device key"},
    {0x00, 0x51, "0609608648016503040129 8110" P, 0x6985, "the device key"},
    {0x16, 0x10, P, 0x6A82, "no such key"},
    {0x11, 0x12, P, 0x6985, "not in the list: before unknown P2"},
    {0x12, 0x12, P, 0x6B00, "unknown P2"},
    {0x12, 0x00, P, 0x6B00, "unknown P2"},
    {0x12, 0x53, "0609608648016503040101 8110" P, 0x6B00, "unknown P2"},
    {0x12, 0x92, P, 0x6B00, "an algorithm of another command"},
    {0x15, 0x12, P, 0x6B00, "EC key: unknown P2 first"},
    {0x15, 0x10, P, 0x6400, "EC key"},
    {0x15, 0x51, "0609608648016503040101 8110" P, 0x6400, "EC key"},
    {0x15, 0x51, "06", 0x6400, "EC key: before the data"},
    {0x11, 0x10, "", 0x6700, "CBC of nothing"},
    {0x11, 0x11, "", 0x6700, "CBC of nothing"},
    {0x11, 0x10, P "00", 0x6700, "CBC of 17"},
    {0x11, 0x11, "0001", 0x6700, "CBC of 2"},
    {0x11, 0x18, "", 0x6700, "CMAC of nothing"},
    {0x11, 0x99, "", 0x6700, "derivation from nothing"},
    {0x14, 0x10, P, 0x6700, "CBC, key of 64"},
    {0x14, 0x11, P, 0x6700, "CBC, key of 64"},
    {0x14, 0x18, P, 0x6700, "CMAC, key of 64"},
    {0x11, 0x51, "", 0x6700, "no OID"},
    {0x11, 0x51, "8110" P, 0x6700, "no OID"},
    {0x11, 0x51, "0600 8110" P, 0x6700, "an empty OID"},
    {0x11, 0x51, "06042A030405 8110" P, 0x6700, "unknown OID"},
    {0x11, 0x51, "06086086480165030401 8110" P, 0x6700, "OID cut short: the arc of AES"},
    {0x11, 0x51, "060A60864801650304012900 8110" P, 0x6700, "OID with one byte more"},
    {0x11, 0x51, "0609608648016503040105 8110" P, 0x6700, "a number of the arc that is no mode"},
    {0x11, 0x51, "060118 8103616263", 0x6700, "CMAC by number is for streams"},
    {0x11, 0x51, "0609608648016503040130 8110" P, 0x6700, "CTR has 31"},
    {0x11, 0x51, "060B2A864886F70D010910031C 810161", 0x6700, "no HKDF before SHA-256"},
    {0x11, 0x51, "06092A864886F70D01050D 810161 830100", 0x6700, "PBES2"},
    {0x11, 0x51, "0609608648016503040129 8110" P "82", 0x6A80, "tag without length"},
    {0x11, 0x51, "0609608648016503040129 8111" P, 0x6A80, "past the end"},
    {0x11, 0x51, "0609608648016503040129 818300000101", 0x6A80, "length of three bytes"},
    {0x11, 0x51, "0609608648016503040129", 0x6700, "ECB of nothing"},
    {0x11, 0x51, "0609608648016503040129 8111" P "00", 0x6700, "ECB of 17"},
    {0x11, 0x51, "060960864801650304012A", 0x6700, "CBC of nothing"},
    {0x11, 0x52, "060960864801650304012A 810F000102030405060708090A0B0C0D0E", 0x6700, "CBC of 15"},
    {0x11, 0x51, "060960864801650304012A 8110" P "820F000102030405060708090A0B0C0D0E", 0x6700, "CBC, IV of 15"},
    {0x11, 0x51, "060960864801650304012A 8110" P "8211" P "00", 0x6700, "CBC, IV of 17"},
    {0x11, 0x51, "060960864801650304012A 8110" P "8200", 0x6700, "CBC, IV of 0"},
    {0x11, 0x51, "060960864801650304012B 810161 820100", 0x6700, "OFB, IV of 1"},
    {0x11, 0x51, "060960864801650304012C 810161 820100", 0x6700, "CFB, IV of 1"},
    {0x11, 0x51, "0609608648016503040131 810161 820100", 0x6700, "CTR, IV of 1"},
    {0x11, 0x51, "06092B6F028C5300000101 8110" P "820100", 0x6700, "XTS, tweak of 1"},
    {0x11, 0x51, "06092B6F028C5300000101 810F000102030405060708090A0B0C0D0E", 0x6700, "XTS of 15"},
    {0x11, 0x51, "06092B6F028C5300000101", 0x6700, "XTS of nothing"},
    {0x11, 0x51, "060960864801650304012E 810161", 0x6700, "GCM without IV"},
    {0x11, 0x51, "060960864801650304012E 810161 8200", 0x6700, "GCM, IV of 0"},
    {0x11, 0x51, "060960864801650304012E 810161 8241" KEY_32 KEY_32 "00", 0x6700, "GCM, IV of 65"},
    {0x11, 0x51, "060960864801650304012F 810161", 0x6700, "CCM without nonce"},
    {0x11, 0x51, "060960864801650304012F 810161 8206000000000000", 0x6700, "CCM, nonce of 6"},
    {0x11, 0x51, "060960864801650304012F 810161 820E0000000000000000000000000000", 0x6700, "CCM, nonce of 14"},
    {0x11, 0x51, "060B2A864886F70D0109100312 810161", 0x6700, "ChaCha20-Poly1305 without nonce"},
    {0x11, 0x51, "060B2A864886F70D0109100312 810161 820B0000000000000000000000", 0x6700, "ChaCha20-Poly1305, nonce of 11"},
    {0x11, 0x51, "060B2A864886F70D0109100312 810161 8210" P, 0x6700, "ChaCha20-Poly1305, nonce of 16"},
    {0x11, 0x52, "060960864801650304012E 810F000102030405060708090A0B0C0D0E" IV_12, 0x6700, "GCM shorter than its tag"},
    {0x11, 0x52, "060960864801650304012F 810F000102030405060708090A0B0C0D0E" IV_12, 0x6700, "CCM shorter than its tag"},
    {0x11, 0x52, "060B2A864886F70D0109100312 810F000102030405060708090A0B0C0D0E" IV_12, 0x6700, "ChaCha20-Poly1305 shorter than its tag"},
    {0x11, 0x52, "060960864801650304012E 8110" P IV_12, 0x6400, "GCM, wrong tag"},
    {0x11, 0x52, "060960864801650304012F 8110" P IV_12, 0x6400, "CCM, wrong tag"},
    {0x11, 0x52, "060B2A864886F70D0109100312 8110" P IV_12, 0x6700, "ChaCha20-Poly1305, wrong tag"},
    {0x11, 0x51, "060960864801650304012E 810161" IV_12 "85010B", 0x6700, "GCM, tag of 11"},
    {0x11, 0x51, "060960864801650304012E 810161" IV_12 "850111", 0x6700, "GCM, tag of 17"},
    {0x11, 0x51, "060960864801650304012E 810161" IV_12 "850100", 0x6700, "GCM, tag of 0"},
    {0x11, 0x51, "060960864801650304012E 810161" IV_12 "8500", 0x6700, "GCM, no size of tag"},
    {0x11, 0x51, "060960864801650304012E 810161" IV_12 "8502000C", 0x6700, "GCM, size of tag in two bytes"},
    {0x11, 0x51, "060960864801650304012F 810161" IV_12 "850105", 0x6700, "CCM, tag of 5"},
    {0x11, 0x51, "060960864801650304012F 810161" IV_12 "850102", 0x6700, "CCM, tag of 2"},
    {0x11, 0x51, "060B2A864886F70D0109100312 810161" IV_12 "85010C", 0x6700, "ChaCha20-Poly1305, tag of 12"},
    {0x11, 0x51, "0609608648016503040131 810161 850110", 0x6700, "CTR has no tag"},
    {0x11, 0x51, "0609608648016503040101 8110" P, 0x6700, "AES-128, key of 32"},
    {0x11, 0x51, "0609608648016503040115 8110" P, 0x6700, "AES-192, key of 32"},
    {0x12, 0x51, "0609608648016503040129 8110" P, 0x6700, "AES-256, key of 16"},
    {0x14, 0x51, "0609608648016503040129 8110" P, 0x6700, "AES-256, key of 64"},
    {0x12, 0x51, "06092B6F028C5300000101 8110" P, 0x6700, "XTS-128, key of 16"},
    {0x11, 0x51, "06092B6F028C5300000102 8110" P, 0x6700, "XTS-256, key of 32"},
    {0x12, 0x51, "060B2A864886F70D0109100312 810161" IV_12, 0x6700, "ChaCha20-Poly1305, key of 16"},
    {0x14, 0x51, "060B2A864886F70D0109100312 810161" IV_12, 0x6700, "ChaCha20-Poly1305, key of 64"},
    {0x11, 0x51, "060B2A864886F70D010910031D 8700", 0x6A80, "HKDF: no hash"},
    {0x11, 0x51, "060B2A864886F70D010910031D 87082A864886F70D0206", 0x6A80, "HKDF: unknown hash"},
    {0x11, 0x51, "06092A864886F70D01050C", 0x6A80, "PBKDF2: nothing"},
    {0x11, 0x51, "06092A864886F70D01050C 8103 020102", 0x6A80, "PBKDF2: no salt"},
    {0x11, 0x51, "06092A864886F70D01050C 8106 0404 73616C74", 0x6A80, "PBKDF2: no rounds"},
    {0x11, 0x51, "06092A864886F70D01050C 8109 0404 73616C74 020100", 0x6A80, "PBKDF2: 0 rounds"},
    {0x11, 0x51, "06092A864886F70D01050C 8108 0404 73616C74 0200", 0x6A80, "PBKDF2: an empty number"},
    {0x11, 0x51, "06092A864886F70D01050C 8109 0404 73616C74 020180", 0x6A80, "PBKDF2: -128 rounds"},
    {0x11, 0x51, "06092A864886F70D01050C 810B 0404 73616C74 02030F4241", 0x6A80, "PBKDF2: 1,000,001 rounds"},
    {0x11, 0x51, "06092A864886F70D01050C 810E 0404 73616C74 0206010000000001", 0x6A80, "PBKDF2: rounds beyond 32 bits"},
    {0x11, 0x51, "06092A864886F70D01050C 810C 0404 73616C74 020102 020100", 0x6A80, "PBKDF2: keyLength 0"},
    {0x11, 0x51, "06092A864886F70D01050C 810D 0404 73616C74 020102 02021001", 0x6700, "PBKDF2: keyLength 4097"},
    {0x11, 0x51, "06092A864886F70D01050C 810E 0404 73616C74 020101 0203010000", 0x6700, "PBKDF2: keyLength 65536"},
    {0x11, 0x51, "06092A864886F70D01050C 8113 0404 73616C74 020102 3008 0606 2B0601050508", 0x6A80, "PBKDF2: unknown hash"},
    {0x11, 0x51, "06092A864886F70D01050C 8116 0404 73616C74 020102 300B 0609 608648016503040129", 0x6A80, "PBKDF2: not a hash"},
    {0x11, 0x51, "06092A864886F70D01050C 810B 0404 73616C74 020102 3000", 0x6A80, "PBKDF2: no hash"},
    {0x11, 0x51, "06092A864886F70D01050C 8118 0404 73616C74 020102 300D 0608 2A864886F70D0209 050100", 0x6A80, "PBKDF2: no NULL"},
    {0x11, 0x51, "06092A864886F70D01050C 8119 0404 73616C74 020102 300E 0608 2A864886F70D0209 0500 0500", 0x6A80, "PBKDF2: two NULLs"},
    {0x11, 0x51, "06092A864886F70D01050C 8117 0404 73616C74 020102 300A 0608 2A864886F70D0209 0500", 0x6A80, "PBKDF2: something behind"},
    {0x11, 0x51, "06092A864886F70D01050C 810B 300904 0473616C74 020102", 0x6A80, "PBKDF2: the outer SEQUENCE"},
    {0x11, 0x51, "06092A864886F70D01050C 8109 020102 0404 73616C74", 0x6A80, "PBKDF2: another order"},
    {0x11, 0x51, "06092A864886F70D01050C 8109 0404 73616C74 020202", 0x6A80, "PBKDF2: past the end"},
    {0x11, 0x51, "06072B81051086483F", 0x6A80, "X9.63: no hash"},
    {0x11, 0x51, "06072B81051086483F 81082A864886F70D0206", 0x6A80, "X9.63: unknown hash"},
    {0x11, 0x51, "06072B81051086483F 81072A864886F70D02", 0x6A80, "X9.63: hash cut short"},
};
/* clang-format on */

static void what_is_refused(void **state)
{
    struct rig *r = card(1107);
    uint32_t before = rig_generation(r);
    for (size_t i = 0; i < COUNT(refused); i++) {
        EXPECT_ROW(cipher(r, refused[i].id, refused[i].p2, refused[i].data, ALL), refused[i].sw, "", refused[i].why);
        if (refused[i].p2 == 0x51 && refused[i].id == 0x11 && refused[i].sw != 0x6985)
            EXPECT_ROW(cipher(r, refused[i].id, 0x51, refused[i].data, 0), refused[i].sw, "", refused[i].why);
    }
    assert_int_equal(rig_generation(r), before);
    rig_stop(r);
}

/* Objects that an algorithm has no use for, unknown ones, and second ones do no harm; lengths may be longer than needed. */
static void what_is_tolerated(void **state)
{
    static const char *const same[] = {
        "0609608648016503040129 8110" P,
        "8110" P "0609608648016503040129",
        "0609608648016503040129 8110" P "820101 830161",
        "0609608648016503040129 8110" P "8110" ZEROS_16 "0609608648016503040131",
        "068109608648016503040129 81820010" P "5F29020102 C000",
    };
    struct rig *r = card(1108);
    for (size_t i = 0; i < COUNT(same); i++)
        EXPECT_ROW(cipher(r, 0x11, 0x51, same[i], ALL), 0x9000, "61A6936E4E8F101C1CC1F993B542A0D4", same[i]);
    EXPECT_SW(cipher(r, 0x11, 0x51, "060960864801650304012E" IV_12, ALL), 0x9000); /* a MAC over nothing */
    EXPECT_SW(cipher(r, 0x11, 0x51, "06082A864886F70D0209", ALL), 0x9000);
    EXPECT_SW(cipher(r, 0x11, 0x51, "06092A864886F70D01050C 8105 0400 020101", 20), 0x9000); /* an empty salt is one */
    rig_stop(r);
}

/* ---- who may, and what it costs ---- */

static void uses_are_charged_for_good_data_only(void **state)
{
    struct rig *r = rig_ready(1109, WITH_IMPORT);
    import_secret(r, 1, KEY_32, "900400000003");
    for (size_t i = 0; i < COUNT(refused); i++) {
        if (refused[i].id != 0x11 || refused[i].sw == 0x6400 || strstr(refused[i].why, "wrong tag")) continue;
        if (refused[i].sw == 0x6985) continue;
        EXPECT_ROW(cipher(r, 1, refused[i].p2, refused[i].data, ALL), refused[i].sw, "", refused[i].why);
    }
    EXPECT_SW(cipher(r, 1, 0x10, P, ALL), 0x9000);
    EXPECT_SW(cipher(r, 1, 0x52, "060960864801650304012E 8110" P IV_12, ALL), 0x6400); /* a wrong tag costs one */
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_SW(cipher(r, 1, 0x51, HKDF, 16), 0x9000);
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6A84);
    EXPECT_EMPTY(cipher(r, 1, 0x12, "", ALL), 0x6A84); /* before everything that is wrong with the command */
    rig_stop(r);
}

static void the_list_holds_numbers_of_operations(void **state)
{
    struct rig *r = rig_ready(1110, WITH_IMPORT);
    import_secret(r, 1, KEY_32, "910118");
    import_secret(r, 2, KEY_32, "910152");
    import_secret(r, 3, KEY_32, "9100");
    EXPECT_SW(cipher(r, 1, 0x18, P, ALL), 0x9000);
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6985);
    EXPECT_EMPTY(cipher(r, 1, 0x51, "0609608648016503040129 8110" P, ALL), 0x6985);
    EXPECT_SW(cipher(r, 2, 0x52, "0609608648016503040129 8110" P, ALL), 0x9000);
    EXPECT_EMPTY(cipher(r, 2, 0x51, "0609608648016503040129 8110" P, ALL), 0x6985);
    for (unsigned p2 = 0; p2 < 256; p2++) EXPECT_EMPTY(cipher(r, 3, (uint8_t)p2, P, ALL), 0x6985);
    rig_stop(r);
}

static void the_human_confirms(void **state)
{
    struct rig *r = rig_ready(1111, WITH_IMPORT "80020100");
    import_secret(r, 1, KEY_32, "");
    r->presence.answer = false;
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6600);
    EXPECT_EMPTY(cipher(r, 1, 0x10, "", ALL), 0x6600); /* before the data */
    EXPECT_EMPTY(cipher(r, 2, 0x10, P, ALL), 0x6A82);
    r->presence.answer = true;
    EXPECT_SW(cipher(r, 1, 0x10, P, ALL), 0x9000);
    r->presence.answer = false; /* and again, though the key stays open */
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6600);
    rig_stop(r);
}

static void nobody_without_login(void **state)
{
    struct rig *r = card(1112);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_EMPTY(cipher(r, 0x11, 0x10, P, ALL), 0x6982);
    EXPECT_EMPTY(cipher(r, 0x77, 0xEE, "", ALL), 0x6982);
    rig_stop(r);
}

/* Messages longer than one short command: chained. */
static void long_messages_are_chained(void **state)
{
    struct rig *r = card(1113);
    const char *whole = counting(500, 9);
    struct answer direct = cipher(r, 0x11, 0x18, whole, ALL);
    EXPECT_SW(direct, 0x9000);
    SEND_DATA(r, text_of("90781118FA %.500s", whole), 0x9000, "");
    SEND_DATA(r, text_of("80781118FA %s 10", whole + 500), 0x9000, hex_of(direct.data));
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_vectors),
        CASE(the_conversation_of_the_specification),
        CASE(what_is_encrypted_is_decrypted),
        CASE(what_was_changed_stays_inside),
        CASE(derivations_give_what_ne_says),
        CASE(derive_99_gives_at_least_32),
        CASE(long_derivations_tell_and_listen),
        CASE(what_is_refused),
        CASE(what_is_tolerated),
        CASE(uses_are_charged_for_good_data_only),
        CASE(the_list_holds_numbers_of_operations),
        CASE(the_human_confirms),
        CASE(nobody_without_login),
        CASE(long_messages_are_chained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
