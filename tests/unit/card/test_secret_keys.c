/* SPDX-License-Identifier: Apache-2.0 */
/* GENERATE SYMMETRIC KEY (apdu.md 3.13, formats.md 2.4), kinds of secret keys, their way to another card and back, and KDF
 * STORE (decisions.md, 7C). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/secret_common.h"

#define DKEK_00 "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define KCV_00 "630DCD2966C43366"

static struct answer make(struct rig *r, uint8_t id, uint8_t p2, const char *data)
{
    return rig_command_hex(r, 0x80, 0x48, id, p2, data, 0);
}

static struct answer wrap(struct rig *r, uint8_t id)
{
    return rig_command_hex(r, 0x80, 0x72, id, 0x92, "", ALL);
}

static struct answer unwrap(struct rig *r, uint8_t id, bytes blob)
{
    return rig_command(r, 0x80, 0x74, id, 0x93, blob, 0);
}

static struct rig *card_with_domain(uint64_t seed)
{
    struct rig *r = rig_ready(seed, WITH_IMPORT "920101");
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 0, DKEK_00, 256), 0x9000);
    return r;
}

/* ---- 48 ---- */

/* clang-format off */
static const struct { uint8_t p2; const char *description; } sizes[] = {
    {0xB0, "A81E30020C003008040133030307E080A006300402020080A106300430020400"},
    {0xB1, "A81E30020C003008040133030307E080A0063004020200C0A106300430020400"},
    {0xB2, "A81E30020C003008040133030307E080A006300402020100A106300430020400"},
    {0xB3, "A81E30020C003008040133030307E080A006300402020200A106300430020400"},
};
/* clang-format on */

static void keys_of_each_size_are_made(void **state)
{
    struct rig *r = rig_ready(1200, "");
    for (size_t i = 0; i < COUNT(sizes); i++) {
        EXPECT_EMPTY(rig_command_hex(r, 0x00, 0x48, 3, sizes[i].p2, "", ALL), 0x9000);
        EXPECT_DATA(rig_read(r, 0xC403, 0, 256), 0x9000, sizes[i].description);
        EXPECT_SW(rig_read(r, 0xCE03, 0, 256), 0x6A82);
        expect_metadata(r, 3, "");
        bool is_aes = sizes[i].p2 != 0xB3;
        EXPECT_SW(cipher(r, 3, 0x10, P, ALL), is_aes ? 0x9000 : 0x6700);
        EXPECT_SW(cipher(r, 3, 0x51, "06092B6F028C5300000102 8110" P, ALL), is_aes ? 0x6700 : 0x9000);
    }
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC03 C403");
    rig_stop(r);
}

static void a_new_key_is_a_new_key(void **state)
{
    struct rig *r = rig_ready(1201, "");
    EXPECT_SW(make(r, 1, 0xB2, ""), 0x9000);
    struct answer first = cipher(r, 1, 0x18, "616263", ALL);
    EXPECT_DATA(cipher(r, 1, 0x18, "616263", ALL), 0x9000, hex_of(first.data));
    EXPECT_SW(make(r, 1, 0xB2, ""), 0x9000);
    struct answer second = cipher(r, 1, 0x18, "616263", ALL);
    EXPECT_SW(second, 0x9000);
    assert_false(bytes_equal(first.data, second.data));
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_DATA(cipher(r, 1, 0x18, "616263", ALL), 0x9000, hex_of(second.data));
    rig_stop(r);
}

/* Nothing of the key before remains: certificate, counter, list, description of a host. */
static void an_old_key_is_replaced(void **state)
{
    struct rig *r = rig_ready(1202, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000005 910173 9303AABBCC"), 0x9000);
    EXPECT_SW(rig_update(r, 0xC401, 0, TEXT("a description of the host's")), 0x9000);
    EXPECT_SW(make(r, 1, 0xB0, ""), 0x9000);
    EXPECT_SW(rig_read(r, 0xCE01, 0, 256), 0x6A82);
    EXPECT_DATA(rig_read(r, 0xC401, 0, 256), 0x9000,
                "A81E30020C003008040131030307E080A006300402020080A106300430020400");
    expect_metadata(r, 1, "");
    SEND(r, "80680173 03616263 00", 0x6400); /* not what it is for */
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(cipher(r, 1, 0x10, P, ALL), 0x6400);
    rig_stop(r);
}

static void metadata_restrict(void **state)
{
    struct rig *r = rig_ready(1203, "");
    EXPECT_SW(make(r, 1, 0xB0, "910218 51 9303AABBCC 900400000002"), 0x9000); /* any order: SHE and others */
    expect_metadata(r, 1, "900400000002 91021851 9303AABBCC");
    EXPECT_SW(cipher(r, 1, 0x10, P, ALL), 0x6985);
    EXPECT_SW(cipher(r, 1, 0x18, P, ALL), 0x9000);
    EXPECT_SW(cipher(r, 1, 0x18, P, ALL), 0x9000);
    EXPECT_SW(cipher(r, 1, 0x18, P, ALL), 0x6A84);
    expect_metadata(r, 1, "900400000000 91021851 9303AABBCC");
    EXPECT_SW(rig_initialise(r, "80020200"), 0x9000);
    EXPECT_SW(make(r, 1, 0xB0, ""), 0x9000);
    expect_metadata(r, 1, "9004FFFFFFFE");
    rig_stop(r);
}

/* clang-format off */
static const struct { uint8_t p1, p2; const char *data; uint16_t sw; const char *why; } refused[] = {
    {0, 0xB0, "", 0x6A86, "the device key"},
    {9, 0xAF, "", 0x6A86, "no such size"},
    {9, 0xB5, "", 0x6A86, "no such size"},
    {9, 0x00, "", 0x6A86, "no such size"},
    {9, 0xB0, "91", 0x6A80, "no TLV"},
    {9, 0xB0, "10111899", 0x6A80, "no TLV: past the end"},
    {9, 0xB0, "9003000001", 0x6A80, "counter of three bytes"},
    {9, 0xB0, "920110", 0x6A80, "domain 16"},
    {9, 0xB0, "9121" KEY_32 "20", 0x6A80, "list of 33"},
    {9, 0xB0, "940100", 0x6A80, "no such kind"},
    {9, 0xB0, "940107", 0x6A80, "no such kind"},
    {9, 0xB0, "94020101", 0x6A80, "kind of two bytes"},
    {9, 0xB3, "940101", 0x6A80, "AES of 64 bytes"},
    {9, 0xB0, "940102", 0x6A80, "XTS of 16 bytes"},
    {9, 0xB1, "940102", 0x6A80, "XTS of 24 bytes"},
    {9, 0xB0, "940104", 0x6A80, "ChaCha20 of 16 bytes"},
    {9, 0xB4, "", 0x6A86, "no size: not even ours"},
    {9, 0xB4, "940103", 0x6A86, "no size"},
    {9, 0xB4, "8400", 0x6A80, "an empty size"},
    {9, 0xB4, "840100", 0x6A80, "no bytes"},
    {9, 0xB4, "840181", 0x6A80, "129 bytes"},
    {9, 0xB4, "84020010", 0x6A80, "size of two bytes"},
    {9, 0xB4, "840114 940101", 0x6A80, "AES of 20 bytes"},
    {9, 0xB4, "840140 940104", 0x6A80, "ChaCha20 of 64 bytes"},
};
/* clang-format on */

static void what_is_refused(void **state)
{
    struct rig *r = rig_ready(1204, "80020100");
    EXPECT_SW(make(r, 9, 0xB0, "9101 18"), 0x9000);
    uint32_t before = rig_generation(r);
    unsigned asked = r->presence.calls;
    for (size_t i = 0; i < COUNT(refused); i++) {
        EXPECT_ROW(make(r, refused[i].p1, refused[i].p2, refused[i].data), refused[i].sw, "", refused[i].why);
        asked += refused[i].sw == 0x6A80; /* data are looked at behind the button (apdu.md 1.10) */
        assert_int_equal(r->presence.calls, asked);
    }
    r->presence.answer = false;
    EXPECT_EMPTY(make(r, 9, 0xB0, ""), 0x6600);
    EXPECT_EMPTY(make(r, 9, 0xB0, "91"), 0x6600);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_EMPTY(make(r, 9, 0xB0, ""), 0x6982);
    assert_int_equal(rig_generation(r), before);
    expect_metadata(r, 9, "910118");
    rig_stop(r);
}

/* ---- kinds ---- */

#define IV_12 "820C000000000000000000000000"
enum { AES = 1, XTS, HMAC, CHACHA20, HKDF, GENERIC };
#define OF(kind) (1u << (kind))

/* What each kind may do; `of` 32-byte keys. */
/* clang-format off */
static const struct { uint8_t p2; const char *data; unsigned of; const char *name; } operations[] = {
    {0x10, P, OF(AES), "10"},
    {0x11, P, OF(AES), "11"},
    {0x18, P, OF(AES), "18"},
    {0x99, P, OF(HKDF) | OF(GENERIC), "99"},
    {0x51, "0609608648016503040129 8110" P, OF(AES), "ECB"},
    {0x51, "060960864801650304012A 8110" P, OF(AES), "CBC"},
    {0x51, "060960864801650304012B 8110" P, OF(AES), "OFB"},
    {0x52, "060960864801650304012C 8110" P, OF(AES), "CFB"},
    {0x51, "060960864801650304012E 8110" P IV_12, OF(AES), "GCM"},
    {0x51, "060960864801650304012F 8110" P IV_12, OF(AES), "CCM"},
    {0x51, "0609608648016503040131 8110" P, OF(AES), "CTR"},
    {0x51, "06092B6F028C5300000101 8110" P, OF(XTS), "XTS"},
    {0x51, "060B2A864886F70D0109100312 8110" P IV_12, OF(CHACHA20), "ChaCha20-Poly1305"},
    {0x51, "06082A864886F70D0207 8110" P, OF(HMAC) | OF(GENERIC), "HMAC-SHA-1"},
    {0x51, "06082A864886F70D0208 8110" P, OF(HMAC) | OF(GENERIC), "HMAC-SHA-224"},
    {0x51, "06082A864886F70D0209 8110" P, OF(HMAC) | OF(GENERIC), "HMAC-SHA-256"},
    {0x51, "06082A864886F70D020A 8110" P, OF(HMAC) | OF(GENERIC), "HMAC-SHA-384"},
    {0x52, "06082A864886F70D020B 8110" P, OF(HMAC) | OF(GENERIC), "HMAC-SHA-512"},
    {0x51, "060B2A864886F70D010910031D", OF(HKDF) | OF(GENERIC), "HKDF"},
    {0x51, "060B2A864886F70D010910031F", OF(HKDF) | OF(GENERIC), "HKDF"},
    {0x51, "06092A864886F70D01050C 8109 0404 73616C74 020102", OF(GENERIC), "PBKDF2"},
    {0x51, "06072B81051086483F 81082A864886F70D0209", OF(GENERIC), "X9.63"},
};
/* clang-format on */

static void a_kind_does_what_it_is_for(void **state)
{
    struct rig *r = rig_ready(1210, "");
    EXPECT_SW(make(r, 0x10, 0xB2, ""), 0x9000);
    for (unsigned kind = AES; kind <= GENERIC; kind++)
        EXPECT_SW(make(r, (uint8_t)(0x10 + kind), 0xB2, text_of("9401%02X", kind)), 0x9000);
    for (size_t i = 0; i < COUNT(operations); i++) {
        EXPECT_ROW(cipher(r, 0x10, operations[i].p2, operations[i].data, ALL), 0x9000, EXPECT_ANY, operations[i].name);
        for (unsigned kind = AES; kind <= GENERIC; kind++)
            EXPECT_ROW(cipher(r, (uint8_t)(0x10 + kind), operations[i].p2, operations[i].data, ALL),
                       operations[i].of & OF(kind) ? 0x9000 : 0x6400, EXPECT_ANY,
                       text_of("%s, kind %u", operations[i].name, kind));
    }
    rig_stop(r);
}

static void the_wrong_kind_costs_nothing(void **state)
{
    struct rig *r = rig_ready(1211, "");
    EXPECT_SW(make(r, 1, 0xB2, "940103 900400000001"), 0x9000);
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6400);
    EXPECT_EMPTY(cipher(r, 1, 0x51, "0609608648016503040101 8110" P, ALL), 0x6400); /* before the size of the key */
    EXPECT_EMPTY(cipher(r, 1, 0x51, "0609608648016503040105 8110" P, ALL), 0x6700); /* behind the OID */
    expect_metadata(r, 1, "900400000001 940103");
    EXPECT_SW(cipher(r, 1, 0x51, "06082A864886F70D0209", ALL), 0x9000);
    rig_stop(r);
}

/* ---- to another card and back ---- */

/* clang-format off */
static const struct moving { const char *kind; size_t size; const char *oid; uint8_t p2; const char *data; } moving[] = {
    {"",       16,  "00086086480165030401",         0x18, P},
    {"",       24,  "00086086480165030401",         0x18, P},
    {"",       32,  "00086086480165030401",         0x18, P},
    {"",       64,  "00086086480165030401",         0x51, "06092B6F028C5300000102 8110" P},
    {"940101", 16,  "0009608648016503040101",       0x18, P},
    {"940101", 24,  "0009608648016503040115",       0x18, P},
    {"940101", 32,  "0009608648016503040129",       0x18, P},
    {"940102", 32,  "00092B6F028C5300000101",       0x51, "06092B6F028C5300000101 8110" P},
    {"940102", 64,  "00092B6F028C5300000102",       0x51, "06092B6F028C5300000102 8110" P},
    {"940103", 1,   "00082A864886F70D0209",         0x51, "06082A864886F70D020B 8110" P},
    {"940103", 16,  "00082A864886F70D0209",         0x51, "06082A864886F70D020B 8110" P},
    {"940103", 20,  "00082A864886F70D0209",         0x51, "06082A864886F70D0207 8110" P},
    {"940103", 63,  "00082A864886F70D0209",         0x51, "06082A864886F70D0207 8110" P},
    {"940103", 128, "00082A864886F70D0209",         0x51, "06082A864886F70D0207 8110" P},
    {"940104", 32,  "000B2A864886F70D0109100312",   0x51, "060B2A864886F70D0109100312 8110" P IV_12},
    {"940105", 1,   "000B2A864886F70D010910031D",   0x51, "060B2A864886F70D010910031E"},
    {"940105", 127, "000B2A864886F70D010910031D",   0x51, "060B2A864886F70D010910031E"},
    {"940106", 7,   "00092A864886F70D010701",       0x51, "06092A864886F70D01050C 8109 0404 73616C74 020102"},
    {"940106", 128, "00092A864886F70D010701",       0x51, "06072B81051086483F 81082A864886F70D0209"},
};
/* clang-format on */

/* The blob names the kind in its header, where others see an AES key; size and key stand inside as ever. */
static void expect_blob(struct rig *r, const struct moving *m, bytes whole, const char *key)
{
    struct key_blob blob;
    bytes head = exact(text_of(KCV_00 "0F %s 000000000000", m->oid));
    assert_hex(bytes_first(whole, head.n), hex_of(head));
    assert_int_equal(key_blob_read(whole, &blob), ST_OK);
    span plain = exact_space(blob.encrypted.n);
    assert_int_equal(key_blob_open(&r->hsm->crypto, &blob, exact(DKEK_00), plain), ST_OK);
    bytes want = exact(text_of("%04zX%s", m->size, key));
    assert_hex(bytes_first(bytes_after(view(plain), KEY_BLOB_RANDOM), want.n), hex_of(want));
}

static void keys_come_back_as_what_they_are(void **state)
{
    struct rig *a = card_with_domain(1220), *b = card_with_domain(1221);
    for (size_t i = 0; i < COUNT(moving); i++) {
        const struct moving *m = &moving[i];
        uint8_t id = (uint8_t)(i + 1);
        const char *key = counting(m->size, 0x30);
        EXPECT_ROW(put_secret(a, id, key, m->kind), 0x9000, "", m->oid);
        struct answer works = cipher(a, id, m->p2, m->data, ALL), description = rig_read(a, FID_OF(0xC4, id), 0, 256);
        EXPECT_ROW(works, 0x9000, EXPECT_ANY, m->oid);
        struct answer blob = wrap(a, id);
        EXPECT_SW(blob, 0x9000);
        expect_blob(a, m, blob.data, key);
        EXPECT_DATA(rig_command(b, 0x80, 0x74, 0, 0x94, blob.data, ALL), 0x9000,
                    text_of("000F%04zX00%064d", 8 * m->size, 0));
        EXPECT_ROW(unwrap(b, id, blob.data), 0x9000, "", m->oid);
        expect_metadata(b, id, text_of("920100%s", m->kind));
        EXPECT_DATA(cipher(b, id, m->p2, m->data, ALL), 0x9000, hex_of(works.data));
        EXPECT_DATA(rig_read(b, FID_OF(0xC4, id), 0, 256), 0x9000, hex_of(description.data));
        if (m->kind[0]) EXPECT_SW(cipher(b, id, strcmp(m->kind, "940101") ? 0x10 : 0x99, P, ALL), 0x6400);
        expect_blob(b, m, wrap(b, id).data, key);
    }
    rig_stop(a);
    rig_stop(b);
}

/* A known OID around a size that its kind has not, an unknown one around a size that no AES key has. */
static void blobs_that_lie_about_a_kind(void **state)
{
    static const struct {
        const char *oid;
        size_t size;
        uint16_t sw;
    } lies[] = {{"608648016503040101", 20, 0x6984},
                {"608648016503040129", 64, 0x6984},
                {"2B6F028C5300000101", 16, 0x6984},
                {"2A864886F70D0109100312", 64, 0x6984},
                {"2A864886F70D0209", 128, 0x9000},
                {"2A864886F70D0208", 20, 0x6984}, /* a cousin: no OID of ours, so an AES key it has to be */
                {"2A864886F70D0208", 16, 0x9000},
                {"", 16, 0x9000},
                {"", 1, 0x6984}};
    struct rig *r = card_with_domain(1222);
    for (size_t i = 0; i < COUNT(lies); i++) {
        const struct key_blob_header header = {KEY_BLOB_AES, exact(lies[i].oid), NO_BYTES};
        buf out = buf_over(exact_space(KEY_BLOB_MAX));
        bytes components = exact(text_of("%04zX%s", lies[i].size, counting(lies[i].size, 0)));
        assert_int_equal(key_blob_seal(&r->hsm->crypto, &header, exact(DKEK_00), components, &out), ST_OK);
        EXPECT_ROW(unwrap(r, 1, exact_copy(written(&out))), lies[i].sw, "", text_of("row %zu", i));
    }
    rig_stop(r);
}

static void kinds_by_plain_import(void **state)
{
    struct rig *r = rig_ready(1223, WITH_IMPORT);
    import_secret(r, 1, "AABBCC", "940103");
    expect_metadata(r, 1, "940103");
    EXPECT_EMPTY(put_secret(r, 2, "AABBCC", ""), 0x6984);
    EXPECT_EMPTY(put_secret(r, 2, "AABBCC", "940104"), 0x6984);
    EXPECT_EMPTY(put_secret(r, 2, KEY_32 KEY_32, "940101"), 0x6984);
    EXPECT_EMPTY(put_secret(r, 2, "AABBCC", "940107"), 0x6A80);
    EXPECT_SW(rig_select_file(r, 0xCC02), 0x6A82);
    EXPECT_SW(import_ec(r, 3, CRYPTO_SECP256R1, exact(KEY_32), "940103"), 0x9000); /* of asymmetric keys: skipped */
    expect_metadata(r, 3, "");
    EXPECT_SW(rig_generate_ec(r, 4, CRYPTO_SECP256R1, "940103"), 0x9000);
    expect_metadata(r, 4, "");
    rig_stop(r);
}

/* RFC 4231 case 1 and 2, RFC 2202 case 2: keys of 20 and 4 bytes, which no AES key has. */
static void hmac_keys_of_odd_lengths(void **state)
{
    struct rig *r = rig_ready(1224, WITH_IMPORT);
    import_secret(r, 1, "0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B", "940103");
    import_secret(r, 2, "4A656665", "940106");
    EXPECT_DATA(cipher(r, 1, 0x51, "06082A864886F70D0209 8108 4869205468657265", ALL), 0x9000,
                "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7");
    const char *what = "811C 7768617420646F2079612077616E7420666F72206E6F7468696E673F";
    EXPECT_DATA(cipher(r, 2, 0x51, text_of("06082A864886F70D0208 %s", what), ALL), 0x9000,
                "A30E01098BC6DBBF45690F3A7E9E6D0F8BBEA2A39E6148008FD05E44");
    EXPECT_DATA(cipher(r, 2, 0x51, text_of("06082A864886F70D0207 %s", what), ALL), 0x9000,
                "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79");
    rig_stop(r);
}

/* ---- 7C ---- */

#define HKDF_OID "060B2A864886F70D010910031D"
#define PEER_2G                                                                                                        \
    "8641047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"                                           \
    "07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1"
#define EC_D "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F21"
#define SHARED_X "E1E48372139A8D8754B3817A8267B76E4CFE2021FA3A7BCE6AB17CC74C891202"

static struct answer store(struct rig *r, uint8_t from, uint8_t to, const char *data)
{
    return rig_command_hex(r, 0x80, 0x7C, from, to, data, ALL);
}

/* Keys 11 and 12 of apdu.md 5.3. */
static struct rig *card_with_sources(uint64_t seed, const char *more)
{
    struct rig *r = rig_ready(seed, text_of(WITH_IMPORT "%s", more));
    import_secret(r, 0x11, KEY_32, "9106101118995152");
    EXPECT_SW(import_ec(r, 0x12, CRYPTO_SECP256R1, exact(EC_D), ""), 0x9000);
    return r;
}

static void the_example_of_the_decision(void **state)
{
    struct rig *r = card_with_sources(1230, "");
    SEND_DATA(r, "807C11221C 060B2A864886F70D010910031D 8104696E666F 820473616C74 840120", 0x9000, "");
    SEND_DATA(r, "80782218 03616263 00", 0x9000, "9BDAC9678261437C47DBEA1212B74183");
    expect_metadata(r, 0x22, "9106101118995152");
    EXPECT_DATA(rig_read(r, 0xC422, 0, 256), 0x9000,
                "A81F30020C00300904023334030307E080A006300402020100A106300430020400");
    rig_stop(r);
}

/* What is stored is what 78 would have told: each KDF, each size. */
static void what_is_stored_is_what_78_tells(void **state)
{
    /* 84 overrides the keyLength that the second one says to 7C alone. */
    static const struct {
        const char *told, *stored;
    } kdfs[] = {
        {HKDF_OID "8104696E666F 820473616C74", HKDF_OID "8104696E666F 820473616C74"},
        {"060B2A864886F70D010910031F", "060B2A864886F70D010910031F"},
        {"06092A864886F70D01050C 8109 0404 73616C74 020102", "06092A864886F70D01050C 810C 0404 73616C74 020102 020118"},
        {"06092A864886F70D01050C 8115 0404 73616C74 020102 300A 0608 2A864886F70D020B",
         "06092A864886F70D01050C 8115 0404 73616C74 020102 300A 0608 2A864886F70D020B"},
        {"06072B81051086483F 81082A864886F70D0209 8304696E666F",
         "06072B81051086483F 81082A864886F70D0209 8304696E666F"},
    };
    static const uint8_t wanted[] = {16, 24, 32, 64};
    struct rig *r = card_with_sources(1231, "");
    for (size_t i = 0; i < COUNT(kdfs); i++) {
        for (size_t s = 0; s < COUNT(wanted); s++) {
            struct answer told = cipher(r, 0x11, 0x51, kdfs[i].told, wanted[s]);
            EXPECT_SW(told, 0x9000);
            EXPECT_ROW(store(r, 0x11, 0x22, text_of("%s 8401%02X", kdfs[i].stored, wanted[s])), 0x9000, "",
                       kdfs[i].stored);
            import_secret(r, 0x23, hex_of(told.data), "");
            const char *mac = "06082A864886F70D0209 810161";
            EXPECT_DATA(cipher(r, 0x22, 0x51, mac, ALL), 0x9000, hex_of(cipher(r, 0x23, 0x51, mac, ALL).data));
            EXPECT_SW(rig_delete(r, 0xCC22), 0x9000);
            EXPECT_SW(rig_delete(r, 0xCC23), 0x9000);
        }
    }
    rig_stop(r);
}

static void an_agreement_becomes_a_key(void **state)
{
    struct rig *r = card_with_sources(1232, "");
    EXPECT_EMPTY(store(r, 0x12, 0x22, HKDF_OID "8104696E666F 840120" PEER_2G), 0x9000);
    span want = exact_space(32);
    oracle_hkdf(exact(SHARED_X), TEXT("info"), want);
    import_secret(r, 0x23, hex_of(view(want)), "");
    EXPECT_DATA(cipher(r, 0x22, 0x18, P, ALL), 0x9000, hex_of(cipher(r, 0x23, 0x18, P, ALL).data));
    expect_metadata(r, 0x22, "");
    rig_stop(r);
}

/* Sources other than P-256: OpenSSL agrees with the card's public key, and derives the same key by itself. */
enum source { FROM_X25519, FROM_X448, FROM_P521, SOURCE_COUNT };

static const struct {
    const char *name;
    size_t peer_size, shared_size;
} sources[SOURCE_COUNT] = {{"X25519", 32, 32}, {"X448", 56, 56}, {"P-521", 133, 66}};

static bytes make_source(struct rig *r, uint8_t id, enum source s, const char *metadata)
{
    struct answer a = s == FROM_P521 ? rig_generate_ec(r, id, CRYPTO_SECP521R1, metadata)
                                     : rig_generate_okp(r, id, s == FROM_X448 ? CRYPTO_X448 : CRYPTO_X25519, metadata);
    EXPECT_SW(a, 0x9000);
    struct cvc request = request_in(a.data);
    return exact_copy(cvc_key_field(&request.key, public_tag(&request.key)));
}

static void agree_as_openssl(enum source s, bytes peer, span own, span shared)
{
    if (s == FROM_P521) assert_true(oracle_ecdh(CRYPTO_SECP521R1, peer, own, shared));
    else assert_true(oracle_okp_agree(s == FROM_X448 ? CRYPTO_X448 : CRYPTO_X25519, peer, own, shared));
}

/* SEC 1, 3.6.1 over OpenSSL's SHA-256. */
static void x963(bytes secret, bytes info, span out)
{
    uint8_t digest[32];
    for (uint32_t i = 1, at = 0; at < out.n; i++, at += 32) {
        buf b = buf_over(exact_space(secret.n + 4 + info.n));
        put_bytes(&b, secret);
        put_u32(&b, i);
        put_bytes(&b, info);
        oracle_hash(CRYPTO_SHA256, written(&b), SPAN(digest));
        memcpy(out.p + at, digest, out.n - at < 32 ? out.n - at : 32);
    }
}

static const struct stored_by {
    const char *oid;
    void (*oracle)(bytes secret, bytes info, span out);
} stored_by[] = {{HKDF_OID "8104696E666F", oracle_hkdf},
                 {"06072B81051086483F 81082A864886F70D0209 8304696E666F", x963}};

static struct answer store_agreed(struct rig *r, uint8_t from, uint8_t to, const char *kdf, bytes peer)
{
    buf data = buf_over(exact_space(400));
    put_bytes(&data, exact(kdf));
    tlv_put(&data, 0x86, peer);
    return rig_command(r, 0x80, 0x7C, from, to, exact_copy(written(&data)), 0);
}

static void expect_key(struct rig *r, uint8_t id, bytes key, const char *why)
{
    const char *mac = "06082A864886F70D0209 810161";
    import_secret(r, 0x23, hex_of(key), "");
    EXPECT_ROW(cipher(r, id, 0x51, mac, ALL), 0x9000, hex_of(cipher(r, 0x23, 0x51, mac, ALL).data), why);
    EXPECT_SW(rig_delete(r, 0xCC23), 0x9000);
}

static void agreements_on_other_curves_become_keys(void **state)
{
    static const uint8_t wanted[] = {24, 64}; /* part of a block, and two of them */
    struct rig *r = rig_ready(1236, WITH_IMPORT);
    for (enum source s = FROM_X25519; s < SOURCE_COUNT; s++) {
        bytes q = make_source(r, 1, s, "900400000004");
        span own = exact_space(sources[s].peer_size), shared = exact_space(sources[s].shared_size);
        for (size_t i = 0; i < COUNT(stored_by) * COUNT(wanted); i++) {
            const struct stored_by *by = &stored_by[i / COUNT(wanted)];
            span want = exact_space(wanted[i % COUNT(wanted)]);
            const char *why = text_of("%s, row %zu", sources[s].name, i);
            agree_as_openssl(s, q, own, shared);
            by->oracle(view(shared), TEXT("info"), want);
            EXPECT_ROW(store_agreed(r, 1, 2, text_of("%s8401%02zX", by->oid, want.n), view(own)), 0x9000, "", why);
            expect_key(r, 2, view(want), why);
            expect_metadata(r, 2, "");
            EXPECT_SW(rig_delete(r, 0xCC02), 0x9000);
        }
        expect_metadata(r, 1, "900400000000"); /* one use each */
        EXPECT_EMPTY(store_agreed(r, 1, 2, HKDF_OID "840120", view(own)), 0x6A84);
    }
    rig_stop(r);
}

/* A point that is none is seen before a use is charged. Zero as a result is found by using the key, as in DECIPHER 80. */
static void what_no_agreement_is_stored_of(void **state)
{
    struct rig *r = rig_ready(1237, "");
    for (enum source s = FROM_X25519; s < SOURCE_COUNT; s++) {
        size_t n = sources[s].peer_size;
        bytes q = make_source(r, 1, s, "900400000002");
        uint32_t before = rig_generation(r);
        for (size_t size = 0; size <= 2 * n; size++) {
            if (size == n) continue;
            EXPECT_ROW(store_agreed(r, 1, 2, HKDF_OID "840120", exact(counting(size, 4))), 0x6984, "",
                       text_of("%s, %zu bytes", sources[s].name, size));
            rig_forget(r);
        }
        span beside = exact_space(n);
        span_copy(beside, q);
        beside.p[n - 1] ^= 1;
        if (s == FROM_P521) EXPECT_EMPTY(store_agreed(r, 1, 2, HKDF_OID "840120", view(beside)), 0x6984);
        EXPECT_EMPTY(store(r, 1, 2, HKDF_OID "840120"), 0x6700); /* no peer */
        expect_metadata(r, 1, "900400000002");
        assert_int_equal(rig_generation(r), before);
        span zero = exact_space(n);
        memset(zero.p, 0, n);
        if (s != FROM_P521) {
            EXPECT_EMPTY(store_agreed(r, 1, 2, HKDF_OID "840120", view(zero)), 0x6400);
            expect_metadata(r, 1, "900400000001");
            assert_int_equal(rig_generation(r), before);
        }
        EXPECT_SW(rig_select_file(r, 0xCC02), 0x6A82);
        EXPECT_SW(rig_select_file(r, 0xC402), 0x6A82);
        hex_release();
    }
    rig_stop(r);
}

/* clang-format off */
static const struct { uint8_t from, to; const char *data; uint16_t sw; const char *why; } not_stored[] = {
    {0x11, 0x00, HKDF_OID "840120", 0x6A86, "destination 00"},
    {0x11, 0x11, HKDF_OID "840120", 0x6A86, "destination = source"},
    {0x00, 0x22, HKDF_OID "840120", 0x6985, "the device key"},
    {0x19, 0x22, HKDF_OID "840120", 0x6A82, "no such source"},
    {0x11, 0x12, HKDF_OID "840120", 0x6A89, "destination exists"},
    {0x11, 0x12, "", 0x6A89, "destination exists: before the data"},
    {0x11, 0x22, "", 0x6700, "no OID"},
    {0x11, 0x22, "060960864801650304012A 840120", 0x6700, "a cipher"},
    {0x11, 0x22, "06082A864886F70D0209 840120", 0x6700, "a MAC"},
    {0x11, 0x22, "060B2B0601040183A878058D6B 840120", 0x6700, "HD wallet"},
    {0x1A, 0x22, "060960864801650304012A 840120", 0x6700, "a cipher, of a HKDF key"},
    {0x11, 0x22, "06042A030405 840120", 0x6700, "unknown OID"},
    {0x11, 0x22, HKDF_OID, 0x6700, "no size"},
    {0x11, 0x22, HKDF_OID "8400", 0x6700, "an empty size"},
    {0x11, 0x22, HKDF_OID "84020020", 0x6700, "size of two bytes"},
    {0x11, 0x22, HKDF_OID "840100", 0x6700, "size 0"},
    {0x11, 0x22, HKDF_OID "840114", 0x6700, "size 20"},
    {0x11, 0x22, HKDF_OID "840130", 0x6700, "size 48"},
    {0x11, 0x22, HKDF_OID "840180", 0x6700, "size 128"},
    {0x11, 0x22, HKDF_OID "840120" PEER_2G, 0x6700, "a peer for a secret key"},
    {0x11, 0x22, HKDF_OID "840120 8600", 0x6700, "an empty peer for a secret key"},
    {0x11, 0x22, HKDF_OID "8401", 0x6A80, "no TLV"},
    {0x11, 0x22, HKDF_OID "840120 900101", 0x6A80, "counter of one byte"},
    {0x11, 0x22, HKDF_OID "840120 940107", 0x6A80, "no such kind"},
    {0x11, 0x22, HKDF_OID "840140 940101", 0x6A80, "AES of 64 bytes"},
    {0x11, 0x22, "06092A864886F70D01050C 8109 0404 73616C74 020100 840120", 0x6A80, "PBKDF2: no rounds"},
    {0x11, 0x22, "06072B81051086483F 840120", 0x6A80, "X9.63: no hash"},
    {0x11, 0x22, HKDF_OID "840120 910192", 0x6985, "wrapping, which the source may not"},
    {0x11, 0x22, HKDF_OID "840120 920101", 0x6985, "another domain"},
    {0x12, 0x22, HKDF_OID "840120", 0x6700, "no peer"},
    {0x12, 0x22, HKDF_OID "840120 8600", 0x6984, "an empty peer"},
    {0x12, 0x22, HKDF_OID "840120 864104" KEY_32 KEY_32, 0x6984, "a peer beside the curve"},
    {0x14, 0x22, HKDF_OID "840120", 0x6985, "51 is not in the list"},
    {0x15, 0x22, HKDF_OID "840120" PEER_2G, 0x6985, "80 is not in the list"},
    {0x16, 0x22, HKDF_OID "840120" PEER_2G, 0x6985, "an EC list without 92, and no list for the new key"},
    {0x17, 0x22, HKDF_OID "840120", 0x6A84, "no use left"},
    {0x18, 0x22, HKDF_OID "840120", 0x6400, "an HMAC key"},
    {0x1A, 0x22, "06072B81051086483F 81082A864886F70D0209 840120", 0x6400, "X9.63 of a HKDF key"},
};
/* clang-format on */

static void what_is_not_stored(void **state)
{
    struct rig *r = card_with_sources(1233, "970102");
    import_secret(r, 0x14, KEY_32, "910110");
    EXPECT_SW(import_ec(r, 0x15, CRYPTO_SECP256R1, exact(EC_D), "910173"), 0x9000);
    EXPECT_SW(import_ec(r, 0x16, CRYPTO_SECP256R1, exact(EC_D), "910180"), 0x9000);
    import_secret(r, 0x17, KEY_32, "900400000000");
    import_secret(r, 0x18, KEY_32, "940103");
    import_secret(r, 0x1A, KEY_32, "940105");
    uint32_t before = rig_generation(r);
    for (size_t i = 0; i < COUNT(not_stored); i++)
        EXPECT_ROW(store(r, not_stored[i].from, not_stored[i].to, not_stored[i].data), not_stored[i].sw, "",
                   not_stored[i].why);
    EXPECT_SW(rig_generate_rsa(r, 0x1B, 1024, 0, ""), 0x9000);
    EXPECT_EMPTY(store(r, 0x1B, 0x22, HKDF_OID "840120" PEER_2G), 0x6400);
    EXPECT_SW(rig_select_file(r, 0xCC22), 0x6A82);
    assert_int_equal(rig_generation(r), before + 1);
    rig_stop(r);
}

static void a_result_is_no_freer_than_its_source(void **state)
{
    struct rig *r = rig_ready(1234, WITH_IMPORT "970102");
    import_secret(r, 1, KEY_32, "910351 1892 920101 900400000005 9302AABB");
    EXPECT_SW(store(r, 1, 2, HKDF_OID "840110"), 0x9000);
    expect_metadata(r, 2, "9103511892 920101"); /* no counter, no wrapping id */
    EXPECT_SW(store(r, 1, 3, HKDF_OID "840110 910192 920101 900400000007"), 0x9000);
    expect_metadata(r, 3, "900400000007 910192 920101");
    EXPECT_EMPTY(store(r, 1, 4, HKDF_OID "840110 920100"), 0x6985);
    EXPECT_SW(store(r, 1, 4, HKDF_OID "840110 9100"), 0x9000);
    expect_metadata(r, 4, "9100 920101");
    expect_metadata(r, 1, "900400000002 9103511892 920101 9302AABB"); /* three were charged, the refused one was not */
    EXPECT_SW(import_ec(r, 5, CRYPTO_SECP256R1, exact(EC_D), "910180 920101"), 0x9000);
    EXPECT_SW(store(r, 5, 6, HKDF_OID "840110 910118" PEER_2G), 0x9000); /* a list of its own, without 92 */
    expect_metadata(r, 6, "910118 920101");
    EXPECT_EMPTY(store(r, 5, 7, HKDF_OID "840110 910192" PEER_2G), 0x6985);
    import_secret(r, 8, KEY_32, "");
    EXPECT_SW(store(r, 8, 9, HKDF_OID "840110 920100"), 0x9000); /* where a key without a domain belongs */
    EXPECT_EMPTY(store(r, 8, 10, HKDF_OID "840110 920101"), 0x6985);
    import_secret(r, 11, KEY_32, "940105");
    EXPECT_SW(store(r, 11, 12, HKDF_OID "840120 940104"), 0x9000); /* ours: a kind for the new key */
    expect_metadata(r, 12, "940104");
    rig_stop(r);
}

static void the_human_confirms_a_result(void **state)
{
    struct rig *r = card_with_sources(1235, "80020100");
    r->presence.answer = false;
    EXPECT_EMPTY(store(r, 0x11, 0x22, HKDF_OID "840110"), 0x6600);
    r->presence.answer = true;
    EXPECT_SW(store(r, 0x11, 0x22, HKDF_OID "840110"), 0x9000);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(keys_of_each_size_are_made),
        CASE(a_new_key_is_a_new_key),
        CASE(an_old_key_is_replaced),
        CASE(metadata_restrict),
        CASE(what_is_refused),
        CASE(a_kind_does_what_it_is_for),
        CASE(the_wrong_kind_costs_nothing),
        CASE(keys_come_back_as_what_they_are),
        CASE(blobs_that_lie_about_a_kind),
        CASE(kinds_by_plain_import),
        CASE(hmac_keys_of_odd_lengths),
        CASE(the_example_of_the_decision),
        CASE(what_is_stored_is_what_78_tells),
        CASE(an_agreement_becomes_a_key),
        CASE(agreements_on_other_curves_become_keys),
        CASE(what_no_agreement_is_stored_of),
        CASE(what_is_not_stored),
        CASE(a_result_is_no_freer_than_its_source),
        CASE(the_human_confirms_a_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
