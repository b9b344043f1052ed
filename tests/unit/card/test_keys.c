/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from generation to deletion (apdu.md 3.12, 4.4, 4.5, 4.7; formats.md 1.4, 1.5, 2.4, 3.4 to 3.6): what is
 * answered and what is stored, metadata, replacement, the button, refusals. What keys compute is in test_key_use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/keys_common.h"

#define CAR "UTCA00001"
#define CHR "UTCDUMMY00001"
#define NAME "UTPH66840DD00001" /* the device's, of serial 01..08: formats.md 2.1 */
#define SIGN_ABC(id)                                                                                                   \
    "8068" id "73"                                                                                                     \
    "03616263 00"

static const char *text_in_hex(const char *text)
{
    return hex_of((bytes){(const uint8_t *)text, strlen(text)});
}

/* ---- the answer of GENERATE ---- */

/* Attestation as formats.md 3.6: outer signature by the device over 7F21 and 42. */
static void expect_attested(struct rig *r, const struct cvc *request)
{
    assert_true(
        oracle_ecdsa_raw(CRYPTO_SECP256R1, device_point(r), sha256(request->outer_signed), request->outer_signature));
    assert_int_equal(request->outer_signature.n, 64);
    assert_hex(request->outer_car, text_in_hex(NAME));
}

static const struct {
    const char *c4;
    size_t size;
} ec_expectations[CRYPTO_CURVE_COUNT] = {
    [CRYPTO_SECP192R1] = {"A01A30020C0030080401310303072080A10A300830020400020200C0", 0},
    [CRYPTO_SECP256R1] = {"A01A30020C0030080401320303072080A10A30083002040002020100", 487},
    [CRYPTO_SECP384R1] = {"A01A30020C0030080401330303072080A10A30083002040002020180", 0},
    [CRYPTO_SECP521R1] = {"A01A30020C0030080401340303072080A10A30083002040002020210", 830},
    [CRYPTO_BP256R1] = {"A01A30020C0030080401350303072080A10A30083002040002020100", 487},
    [CRYPTO_BP384R1] = {"A01A30020C0030080401360303072080A10A30083002040002020180", 0},
    [CRYPTO_BP512R1] = {"A01A30020C0030080401370303072080A10A30083002040002020200", 0},
    [CRYPTO_SECP192K1] = {"A01A30020C0030080401380303072080A10A300830020400020200C0", 0},
    [CRYPTO_SECP256K1] = {"A01A30020C0030080401390303072080A10A30083002040002020100", 487},
};

static void expect_domain_parameters(const struct cvc_key *key, enum crypto_curve curve)
{
    const struct crypto_curve_params *c = crypto_curve_params(curve);
    assert_hex(key->oid, "04007F00070202020203");
    assert_hex(cvc_key_field(key, 0x81), hex_of(c->p));
    assert_hex(cvc_key_field(key, 0x82), hex_of(c->a));
    assert_hex(cvc_key_field(key, 0x83), hex_of(c->b));
    assert_hex(cvc_key_field(key, 0x84), hex_of(c->g));
    assert_hex(cvc_key_field(key, 0x85), hex_of(c->n));
    assert_hex(cvc_key_field(key, 0x87), "01");
    assert_int_equal(cvc_key_field(key, 0x86).n, 1 + 2 * c->field_size);
}

static void every_curve_is_generated_and_attested(void **state)
{
    struct rig *r = rig_ready(300, "");
    for (unsigned curve = 0; curve < CRYPTO_CURVE_COUNT; curve++) {
        uint8_t id = (uint8_t)(curve + 1);
        struct answer a = rig_generate_ec(r, id, (enum crypto_curve)curve, "");
        EXPECT_SW(a, 0x9000);
        struct cvc request = request_in(a.data);
        assert_hex(request.car, text_in_hex(CAR));
        assert_hex(request.chr, text_in_hex(CHR));
        assert_int_equal(request.extensions.n + request.role.n + request.valid_from.n, 0);
        expect_domain_parameters(&request.key, (enum crypto_curve)curve);
        bytes point = cvc_key_field(&request.key, 0x86);
        assert_int_equal(request.signature.n, 2 * crypto_curve_params((enum crypto_curve)curve)->field_size);
        assert_true(oracle_ecdsa_raw((enum crypto_curve)curve, point, sha256(request.body), request.signature));
        expect_attested(r, &request);
        if (ec_expectations[curve].size) assert_int_equal(a.data.n, ec_expectations[curve].size);
        EXPECT_DATA(rig_read(r, (uint16_t)(0xCE00 + id), 0, 65536), 0x9000, hex_of(a.data));
        EXPECT_DATA(rig_read(r, (uint16_t)(0xC400 + id), 0, 65536), 0x9000, ec_expectations[curve].c4);
    }
    EXPECT_DATA(rig_list(r), 0x9000,
                "CC00 CC01 CC02 CC03 CC04 CC05 CC06 CC07 CC08 CC09 C401 C402 C403 C404 C405 C406 C407 C408 C409");
    rig_stop(r);
}

static const struct {
    uint8_t id;
    uint16_t bits;
    uint32_t e;
    const char *e_hex, *c4;
    size_t size;
} rsa_rows[] = {
    {1, 1024, 0, "010001", "301930020C00300704013103020274A10A30083002040002020400", 413},
    {10, 1024, 3, "03", "301A30020C0030080402313003020274A10A30083002040002020400", 0},
    {200, 1024, 17, "11", "301B30020C00300904033230300302 0274A10A30083002040002020400", 0},
    {255, 1024, 0xFFFFFFFF, "FFFFFFFF", "301B30020C00300904033235350302 0274A10A30083002040002020400", 0},
    {5, 1024, 0xFFFFFFFB, "FFFFFFFB", "301930020C00300704013503020274A10A30083002040002020400", 0},
    {6, 1024, 0x10001, "010001", "301930020C00300704013603020274A10A30083002040002020400", 413},
    {7, 1032, 257, "0101", "301930020C00300704013703020274A10A30083002040002020408", 0},
    {8, 1536, 65537, "010001", "301930020C00300704013803020274A10A30083002040002020600", 0},
    {9, 2048, 65537, "010001", "301930020C00300704013903020274A10A30083002040002020800", 673},
};

static void rsa_sizes_and_exponents(void **state)
{
    struct rig *r = rig_ready(301, "");
    for (size_t i = 0; i < COUNT(rsa_rows); i++) {
        struct answer a = rig_generate_rsa(r, rsa_rows[i].id, rsa_rows[i].bits, rsa_rows[i].e, "");
        EXPECT_ROW(a, 0x9000, EXPECT_ANY, text_of("RSA-%u, e = %s", rsa_rows[i].bits, rsa_rows[i].e_hex));
        struct cvc request = request_in(a.data);
        assert_hex(request.key.oid, "04007F00070202020102");
        assert_hex(cvc_key_field(&request.key, 0x82), rsa_rows[i].e_hex);
        struct oracle_rsa key = rsa_of(&request);
        assert_int_equal(key.n.n, rsa_rows[i].bits / 8);
        assert_true(key.n.p[0] & 0x80); /* exactly that many bits */
        assert_true(oracle_v15(&key, CRYPTO_SHA256, sha256(request.body), request.signature));
        expect_attested(r, &request);
        if (rsa_rows[i].size) assert_int_equal(a.data.n, rsa_rows[i].size);
        EXPECT_DATA(rig_read(r, (uint16_t)(0xCE00 + rsa_rows[i].id), 0, 65536), 0x9000, hex_of(a.data));
        EXPECT_DATA(rig_read(r, (uint16_t)(0xC400 + rsa_rows[i].id), 0, 65536), 0x9000, rsa_rows[i].c4);
        SEND(r, text_of("8068%02X33 03616263 00", rsa_rows[i].id), 0x9000);
        rig_forget(r);
    }
    rig_stop(r);
}

/* ---- templates as clients send them (3.12, formats.md 3.4) ---- */

#define OID_EC "060A04007F00070202020203"
#define P256                                                                                                           \
    "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"                                             \
    "8220FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC"                                             \
    "83205AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"                                             \
    "8441046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C2964FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B" \
    "31"                                                                                                               \
    "5ECECBB6406837BF51F5"                                                                                             \
    "8520FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"                                             \
    "870101"

static const struct {
    const char *data, *car, *chr, *why;
} templates[] = {
    {"5F290100 4209555443413030303031 7F4981DA" OID_EC P256 "5F200D55544344554D4D593030303031", CAR, CHR, "PY, P-256"},
    {"5F290100 4209555443413030303031 7F4910 060A04007F00070202020102 02020400 5F200D55544344554D4D593030303031", CAR,
     CHR, "PY, RSA"},
    {"5F290100 4209555443413030303031 7F4915 060A04007F00070202020102 8203010001 02020400 "
     "5F201045535049434F48534D54523030303031 4500",
     CAR, "ESPICOHSMTR00001", "OSC, RSA; 45 is ignored"},
    {"5F290100 7F4981DA" OID_EC P256 "5F200C555444554D4D593030303030", NAME, "UTDUMMY00000", "SHE: no 42, no 45"},
    {"7F492E" OID_EC "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF", NAME, NAME,
     "the least: OID and prime"},
    {"5F2901FF 7F492E" OID_EC "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF 4200 5F2000", NAME,
     NAME, "profile is ignored, empty names are defaults"},
    {"5F20044348523 1 42044341523 1 7F492E" OID_EC
     "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
     "CAR1", "CHR1", "any order"},
    {"99014242044341523 1 42044341523 2 7F492E" OID_EC
     "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
     "CAR1", NAME, "unknown tags, the first wins"},
    {"421041414141414141414141414141414141 5F201042424242424242424242424242424242 7F4910 060A04007F00070202020102 "
     "02020400",
     "AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB", "names of 16"},
};

static void templates_of_the_clients(void **state)
{
    struct rig *r = rig_ready(302, "");
    for (size_t i = 0; i < COUNT(templates); i++) {
        struct answer a =
            rig_command_hex(r, (uint8_t)(i % 2 ? 0x80 : 0x00), 0x46, 0x42, (uint8_t)i, templates[i].data, 65536);
        EXPECT_ROW(a, 0x9000, EXPECT_ANY, templates[i].why);
        struct cvc request = request_in(a.data);
        assert_hex(request.car, text_in_hex(templates[i].car));
        assert_hex(request.chr, text_in_hex(templates[i].chr));
        expect_attested(r, &request);
        rig_forget(r);
    }
    rig_stop(r);
}

/* 8.3: curves that nobody asked for; nothing is created */
static void other_curves_are_not_supported(void **state)
{
    static const struct {
        const char *data, *why;
    } unknown[] = {
        {"7F492A" OID_EC "811CFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000000000000000000000001", "secp224r1"},
    };
    struct rig *r = rig_ready(303, "");
    bytes image = rig_image(r);
    for (size_t i = 0; i < COUNT(unknown); i++) {
        EXPECT_ROW(rig_command_hex(r, 0x00, 0x46, 0x01, 0x00, unknown[i].data, 65536), 0x6A81, "", unknown[i].why);
    }
    assert_true(bytes_equal(image, rig_image(r)));
    rig_stop(r);
}

/* 1.6, 3.12 [C SHE]: as case 3 the key is made and nothing is answered; with a short Le the rest is fetched. */
static void answer_with_every_le(void **state)
{
    struct rig *r = rig_ready(304, "");
    const char *template = "7F492E" OID_EC "8120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF";
    EXPECT_EMPTY(rig_command_hex(r, 0x00, 0x46, 0x01, 0x00, template, 0), 0x9000);
    SEND(r, "00C0000000", 0x6985);
    SEND(r, SIGN_ABC("01"), 0x9000);
    struct answer first = rig_command_hex(r, 0x00, 0x46, 0x02, 0x00, template, 256);
    assert_int_equal(first.sw >> 8, 0x61);
    assert_int_equal(first.data.n, 256);
    struct answer rest = rig_send(r, "00C0000000");
    EXPECT_SW(rest, 0x9000);
    assert_int_equal(rest.data.n, first.sw & 0xFF);
    span whole = exact_space(first.data.n + rest.data.n);
    memcpy(whole.p, first.data.p, first.data.n);
    memcpy(whole.p + first.data.n, rest.data.p, rest.data.n);
    EXPECT_DATA(rig_read(r, 0xCE02, 0, 65536), 0x9000, hex_of(view(whole)));
    rig_stop(r);
}

/* ---- metadata ---- */

static void expect_metadata(struct rig *r, uint16_t fid, const char *tlvs)
{
    size_t n = exact(tlvs).n;
    const char *a5 = n ? text_of("A581%02zX%s", n, tlvs) : "";
    const char *fcp = text_of("62%02zX 81020000820108 8302%04X 8A0105 %s", 14 + (n ? n + 3 : 0), fid, a5);
    EXPECT_DATA(rig_select_file(r, fid), 0x9000, fcp);
}

static const struct {
    const char *given, *shown;
} metadata[] = {
    {"", ""},
    {"900400000002", "900400000002"},
    {"91021011", "91021011"},
    {"920100", "920100"},
    {"92010F", "92010F"},
    {"93021234", "93021234"},
    {"900400000002 91021011 920100", "900400000002 91021011 920100"},
    {"91021011 9004000000 02 920100", "900400000002 91021011 920100"},
    {"9303AABBCC 920101 910173 9004FFFFFFFF", "9004FFFFFFFF 910173 920101 9303AABBCC"},
    {"9100", "9100"},
    {"9300", "9300"},
    {"900400000000", "900400000000"},
    {"9120 0102030405060708091011121314151617181920212223242526272829303132",
     "9120 0102030405060708091011121314151617181920212223242526272829303132"},
    {"900400000001 900400000009", "900400000001"},
    {"9201019 20102", "920101"},
    {"9501AA 910173", "910173"},
};

static void metadata_is_stored_and_shown(void **state)
{
    struct rig *r = rig_ready(305, "");
    for (size_t i = 0; i < COUNT(metadata); i++) {
        EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP192R1, metadata[i].given), 0x9000);
        expect_metadata(r, 0xCC01, metadata[i].shown);
        if (i % 4 == 0) assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        expect_metadata(r, 0xCC01, metadata[i].shown); /* no PIN is needed */
        EXPECT_SW(rig_login(r), 0x9000);
    }
    expect_metadata(r, 0xCC00, "");
    rig_stop(r);
}

/* 93 is "stored and returned"; what does not fit is refused whole, with the key. */
static void long_wrapping_ids(void **state)
{
    for (size_t n = 60; n <= 240; n += 20) {
        struct rig *r = rig_ready(306, "");
        struct answer a =
            rig_generate_ec(r, 1, CRYPTO_SECP192R1, text_of("93%s%02zX%s", n > 127 ? "81" : "", n, counting(n, 1)));
        if (a.sw == 0x9000) {
            struct answer fcp = rig_select_file(r, 0xCC01);
            EXPECT_SW(fcp, 0x9000);
            assert_true(fcp.data.n > n);
            assert_hex(bytes_after(fcp.data, fcp.data.n - n), counting(n, 1));
            SEND(r, SIGN_ABC("01"), 0x9000);
        } else {
            EXPECT_EMPTY(a, 0x6A80);
            EXPECT_SW(rig_select_file(r, 0xCC01), 0x6A82);
            EXPECT_DATA(rig_list(r), 0x9000, "CC00");
            assert_true(n > 100);
        }
        rig_stop(r);
    }
}

/* 4.5: charged by every use, over power cycles; 6A84 at zero, before the list. */
static void use_counter(void **state)
{
    struct rig *r = rig_ready(307, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000003"), 0x9000);
    bytes point = exact(hex_of(device_point(r)));
    SEND(r, SIGN_ABC("01"), 0x9000);
    expect_metadata(r, 0xCC01, "900400000002");
    EXPECT_SW(rig_command(r, 0x80, 0x62, 0x01, 0x80, point, 256), 0x9000);
    expect_metadata(r, 0xCC01, "900400000001");
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x9000);
    expect_metadata(r, 0xCC01, "900400000000");
    SEND(r, SIGN_ABC("01"), 0x6A84);
    SEND(r, "806801FF0161", 0x6A84); /* before the unknown P2 */
    EXPECT_SW(rig_command(r, 0x80, 0x62, 0x01, 0x80, point, 256), 0x6A84);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x6A84);
    expect_metadata(r, 0xCC01, "900400000000");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000); /* a new key has its own */
    expect_metadata(r, 0xCC01, "");
    SEND(r, SIGN_ABC("01"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000000 910170"), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x6A84); /* before the list [T test_013] */
    rig_stop(r);
}

/* 4.5: "not by anything refused before the key is used" */
static const struct {
    const char *hex;
    uint16_t sw;
    bool refuse;
    const char *why;
} free_refusals[] = {
    {"80680170", 0x6700, false, "no data"},
    {"806801FF0161", 0x6A86, false, "unknown P2"},
    {"806801330161", 0x6400, false, "wrong type"},
    {"806801710161", 0x6985, false, "not in the list"},
    {"806202FF0161", 0x6B00, false, "unknown P2"},
    {"80620280021234", 0x6984, false, "no point"},
    {"806202210161", 0x6400, false, "wrong type"},
    {"80680173 03616263 00", 0x6600, true, "button"},
    {"806803300161", 0x6A80, false, "no DigestInfo"},
    {"806803400161", 0x6700, false, "no digest"},
    {"806803200161", 0x6700, false, "not modulus length"},
    {"806203210161", 0x6700, false, "not modulus length"},
    {"806203220161", 0x6700, false, "not modulus length"},
    {"8072019200", 0x6A88, false, "WRAP without a DKEK"},
    {"00B1CC0104540200000 0", 0x6982, false, "READ"},
};

static void refusals_cost_no_use(void **state)
{
    struct rig *r = rig_ready(308, "80020100");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000003 9104707333FF"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, "900400000003"), 0x9000);
    EXPECT_SW(rig_generate_rsa(r, 3, 1024, 0, "900400000003"), 0x9000);
    for (size_t i = 0; i < COUNT(free_refusals); i++) {
        r->presence.answer = !free_refusals[i].refuse;
        bytes image = rig_image(r);
        EXPECT_ROW(rig_send(r, free_refusals[i].hex), free_refusals[i].sw, "", free_refusals[i].why);
        assert_true(bytes_equal(image, rig_image(r)));
    }
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x6982);
    expect_metadata(r, 0xCC01, "900400000003 9104707333FF");
    expect_metadata(r, 0xCC02, "900400000003");
    expect_metadata(r, 0xCC03, "900400000003");
    rig_stop(r);
}

/* 4.5: "a later 6400 costs the use, never gives one" */
static void a_use_that_fails_is_charged(void **state)
{
    struct rig *r = rig_ready(309, "");
    EXPECT_SW(rig_generate_rsa(r, 3, 1024, 0, "900400000002"), 0x9000);
    span garbage = exact_space(128);
    memset(garbage.p, 0x11, garbage.n);
    EXPECT_SW(rig_command(r, 0x80, 0x62, 0x03, 0x23, view(garbage), 256), 0x6400);
    expect_metadata(r, 0xCC03, "900400000001");
    EXPECT_SW(rig_command(r, 0x80, 0x62, 0x03, 0x22, view(garbage), 256), 0x6400);
    EXPECT_SW(rig_command(r, 0x80, 0x62, 0x03, 0x22, view(garbage), 256), 0x6A84);
    rig_stop(r);
}

/* 4.4, 3.12: option 0200 */
static void option_to_count_all_keys(void **state)
{
    struct rig *r = rig_ready(310, "80020200");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, "900400000005"), 0x9000);
    expect_metadata(r, 0xCC01, "9004FFFFFFFE");
    expect_metadata(r, 0xCC02, "900400000005");
    SEND(r, SIGN_ABC("01"), 0x9000);
    expect_metadata(r, 0xCC01, "9004FFFFFFFD");
    expect_metadata(r, 0xCC00, "");
    rig_stop(r);
}

/* 4.5: the list holds P2 values; a violation is 6985 */
static void algorithm_list(void **state)
{
    struct rig *r = rig_ready(311, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "91027380"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, "9100"), 0x9000);
    bytes point = exact(hex_of(device_point(r)));
    for (unsigned turn = 0; turn < 2; turn++) {
        SEND(r, SIGN_ABC("01"), 0x9000);
        EXPECT_SW(rig_command(r, 0x80, 0x62, 0x01, 0x80, point, 256), 0x9000);
        SEND(r, "8068017003616263 00", 0x6985);
        SEND(r, "8068017103616263 00", 0x6985);
        SEND(r, "8068013303616263 00", 0x6985); /* before the type */
        SEND(r, "806801FF00", 0x6985);          /* before the unknown P2 */
        SEND(r, "806201FF00", 0x6985);
        SEND(r, SIGN_ABC("02"), 0x6985);
        EXPECT_SW(rig_command(r, 0x80, 0x62, 0x02, 0x80, point, 256), 0x6985);
        assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_SW(rig_login(r), 0x9000);
    }
    rig_stop(r);
}

/* ---- the button (4.7) ---- */

static void button_guards_keys(void **state)
{
    struct rig *r = rig_ready(312, "80020100");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000009"), 0x9000);
    assert_int_equal(r->presence.calls, 1);
    assert_int_equal(r->led_shown[LED_WAITING_FOR_BUTTON], 1);
    SEND(r, SIGN_ABC("01"), 0x9000);
    assert_int_equal(r->presence.calls, 2);
    EXPECT_SW(rig_command(r, 0x80, 0x62, 0x01, 0x80, exact(hex_of(device_point(r))), 256), 0x9000);
    assert_int_equal(r->presence.calls, 3);
    assert_int_equal(r->presence.timeout_ms, 15000);
    r->presence.answer = false;
    bytes image = rig_image(r);
    SEND(r, SIGN_ABC("01"), 0x6600);
    EXPECT_SW(rig_command(r, 0x80, 0x62, 0x01, 0x80, exact(hex_of(device_point(r))), 256), 0x6600);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x6600);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, ""), 0x6600);
    EXPECT_SW(rig_generate_rsa(r, 3, 1024, 0, ""), 0x6600);
    assert_true(bytes_equal(image, rig_image(r)));
    assert_int_equal(r->led, LED_IDLE);
    r->presence.answer = true;
    SEND(r, SIGN_ABC("01"), 0x9000); /* and a refusal ends nothing */
    rig_stop(r);
}

/* 3.14: 6982, 6A82, 6A84 and 6985 come before the button, an unknown P2 behind it. */
static void button_has_its_place_in_the_order(void **state)
{
    static const struct {
        const char *hex;
        uint16_t sw;
        unsigned asked;
    } order[] = {
        {"8068777303616263", 0x6A82, 0}, {"8068007303616263", 0x6985, 0}, {"8068027303616263", 0x6A84, 0},
        {"8068037003616263", 0x6985, 0}, {"806801FF03616263", 0x6A86, 1}, {"806201FF03616263", 0x6B00, 1},
        {"8068013303616263", 0x6400, 1},
    };
    struct rig *r = rig_ready(313, "80020100");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, "900400000000"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 3, CRYPTO_SECP256R1, "910173"), 0x9000);
    for (size_t i = 0; i < COUNT(order); i++) {
        r->presence.calls = 0;
        r->presence.answer = true;
        SEND(r, order[i].hex, order[i].sw);
        assert_int_equal(r->presence.calls, order[i].asked);
        r->presence.answer = false;
        SEND(r, order[i].hex, order[i].asked ? 0x6600 : order[i].sw);
    }
    EXPECT_SW(rig_select(r), 0x9000);
    r->presence.calls = 0;
    SEND(r, SIGN_ABC("01"), 0x6982);
    assert_int_equal(r->presence.calls, 0);
    rig_stop(r);
}

static void no_option_no_button(void **state)
{
    struct rig *r = rig_ready(314, "");
    r->presence.answer = false;
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x9000);
    assert_int_equal(r->presence.calls, 0);
    rig_stop(r);
}

/* ---- deletion and replacement ---- */

/* 3.5: C4 and CE stay; a later key with the same id gets fresh ones (formats.md 1.1). */
static void deleted_keys_are_gone(void **state)
{
    struct rig *r = rig_ready(315, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000009 910173"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_delete(r, 0xCC01), 0x9000);
    EXPECT_SW(rig_delete(r, 0xCC01), 0x6A82);
    SEND(r, SIGN_ABC("01"), 0x6A82);
    SEND(r, SIGN_ABC("02"), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC02 C401 C402");
    EXPECT_SW(rig_read(r, 0xC401, 0, 256), 0x9000);
    EXPECT_SW(rig_read(r, 0xCE01, 0, 65536), 0x9000);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x6A82);
    EXPECT_SW(rig_select_file(r, 0xCC01), 0x6A82);
    EXPECT_SW(rig_generate_rsa(r, 1, 1024, 0, ""), 0x9000);
    expect_metadata(r, 0xCC01, "");
    EXPECT_DATA(rig_read(r, 0xC401, 0, 256), 0x9000, rsa_rows[0].c4);
    rig_stop(r);
}

/* "an existing key kk (and its metadata) is replaced; CCkk, C4kk, CEkk are written atomically" */
static void replaced_keys_leave_nothing_stale(void **state)
{
    struct rig *r = rig_ready(316, "");
    struct answer old = rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000001 920103 9301AA");
    struct cvc old_request = request_in(old.data);
    bytes old_point = exact_copy(cvc_key_field(&old_request.key, 0x86));
    EXPECT_SW(rig_update(r, 0xC401, 0, exact(counting(100, 1))), 0x9000);
    EXPECT_SW(rig_update(r, 0xCE01, 0, exact(counting(4000, 0x30))), 0x9000);
    EXPECT_SW(rig_update(r, 0xCE01, 4000, exact(counting(3000, 0x30))), 0x9000);
    struct answer new = rig_generate_ec(r, 1, CRYPTO_SECP256R1, "");
    EXPECT_SW(new, 0x9000);
    struct cvc new_request = request_in(new.data);
    bytes new_point = cvc_key_field(&new_request.key, 0x86);
    EXPECT_DATA(rig_read(r, 0xC401, 0, 256), 0x9000, "A01A30020C0030080401310303072080A10A30083002040002020100");
    EXPECT_DATA(rig_read(r, 0xCE01, 0, 65536), 0x9000, hex_of(new.data));
    expect_metadata(r, 0xCC01, "");
    bytes digest = sha256(TEXT("abc"));
    for (unsigned i = 0; i < 2; i++) {
        struct answer signature = rig_send(r, SIGN_ABC("01"));
        EXPECT_SW(signature, 0x9000);
        assert_true(oracle_ecdsa_der(CRYPTO_SECP256R1, new_point, digest, signature.data));
        assert_false(oracle_ecdsa_der(CRYPTO_SECP256R1, old_point, digest, signature.data));
    }
    EXPECT_SW(rig_generate_rsa(r, 1, 1024, 3, "910133"), 0x9000); /* another type in its place */
    SEND(r, SIGN_ABC("01"), 0x6985);
    SEND(r, "8068013303616263 00", 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC01 C401");
    rig_stop(r);
}

/* 3.12: "If anything fails nothing is created", and the old key stays. */
static void failed_generation_keeps_the_old_key(void **state)
{
    struct rig *r = rig_ready(317, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000009"), 0x9000);
    bytes image = rig_image(r);
    r->progress = (struct rig_progress){.stop_at = 1}; /* the host gave up */
    EXPECT_EMPTY(rig_generate_rsa(r, 1, 2048, 0, ""), 0x6400);
    assert_true(r->progress.ticks > 0);
    r->progress.stop_at = 0;
    assert_true(bytes_equal(image, rig_image(r)));
    SEND(r, SIGN_ABC("01"), 0x9000);
    expect_metadata(r, 0xCC01, "900400000008");
    rig_stop(r);
}

static void keys_survive_power_cycles(void **state)
{
    struct rig *r = rig_ready(318, "");
    struct cvc rsa = request_in(rig_generate_rsa(r, 1, 1024, 3, "").data);
    struct cvc ec = request_in(rig_generate_ec(r, 2, CRYPTO_SECP521R1, "").data);
    struct oracle_rsa n = rsa_of(&rsa);
    n.n = exact_copy(n.n);
    bytes point = exact_copy(cvc_key_field(&ec.key, 0x86)), digest = sha256(TEXT("abc"));
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        SEND(r, SIGN_ABC("02"), 0x6982);
        EXPECT_SW(rig_login(r), 0x9000);
        struct answer a = rig_send(r, "8068013303616263 00");
        assert_true(oracle_v15(&n, CRYPTO_SHA256, digest, a.data));
        a = rig_send(r, SIGN_ABC("02"));
        assert_true(oracle_ecdsa_der(CRYPTO_SECP521R1, point, digest, a.data));
    }
    SEND(r, "002400810C" RIG_USER_PIN "313233343536", 0x9000); /* the root stays the same */
    SEND(r, SIGN_ABC("02"), 0x9000);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "0020008106313233343536", 0x9000);
    SEND(r, SIGN_ABC("02"), 0x9000);
    rig_stop(r);
}

/* RESET RETRY COUNTER gives keys back that a forgotten PIN had closed (3.10, "MKEK consequence"). */
static void keys_survive_a_reset_pin(void **state)
{
    struct rig *r = rig_ready(319, "80020021");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "002C00810E" RIG_SO_PIN "313233343536", 0x9000);
    SEND(r, "0020008106313233343536", 0x9000);
    SEND(r, SIGN_ABC("01"), 0x9000);
    EXPECT_SW(rig_login_so(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x6982); /* DP-27 */
    SEND(r, "002C028106" RIG_USER_PIN, 0x9000);
    SEND(r, SIGN_ABC("01"), 0x6982);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x9000);
    SEND(r, "0024008810" RIG_SO_PIN "3132333435363738", 0x9000);
    SEND(r, "002C00810E 3132333435363738" RIG_USER_PIN, 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x9000);
    rig_stop(r);
}

/* formats.md 3.7: the outer CAR is the name in 2F02, taken anew on every change of it; unparsable: the old name until
 * SELECT, then the default. */
static void attestations_follow_the_device_name(void **state)
{
    struct rig *r = rig_ready(320, "");
    bytes own = exact_copy(rig_read(r, 0x2F02, 0, 65536).data);
    bytes point = exact_copy(device_point(r));
    bytes other = exact_copy(own);
    uint8_t *name = NULL;
    for (size_t i = 0; i + 16 <= other.n; i++) { /* CAR first, CHR behind it: rename both */
        if (memcmp(other.p + i, NAME, 16) == 0) name = (uint8_t *)other.p + i, memcpy(name, "DECDUMMYNAME0007", 16);
    }
    assert_non_null(name);
    EXPECT_SW(rig_update(r, 0x2F02, 0, other), 0x9000);
    struct cvc request = request_in(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "").data);
    assert_hex(request.outer_car, text_in_hex("DECDUMMYNAME0007"));
    assert_true(oracle_ecdsa_raw(CRYPTO_SECP256R1, point, sha256(request.outer_signed), request.outer_signature));
    EXPECT_SW(rig_update(r, 0x2F02, 0, TEXT("no certificate")), 0x9000);
    request = request_in(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "").data);
    assert_hex(request.outer_car, text_in_hex("DECDUMMYNAME0007"));
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    request = request_in(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "").data);
    assert_hex(request.outer_car, text_in_hex(NAME));
    rig_stop(r);
}

/* As many keys as there are ids. */
static void every_key_id(void **state)
{
    struct rig *r = rig_new(&(struct rig_options){.seed = 321, .sector_count = 256});
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    for (unsigned id = 1; id <= 0xFF; id++) {
        EXPECT_SW(rig_generate_ec(r, (uint8_t)id, CRYPTO_SECP256R1, ""), 0x9000);
        rig_forget(r);
    }
    bytes list = rig_list(r).data;
    assert_int_equal(list.n, 2 * (256 + 255));
    for (unsigned id = 0; id <= 0xFF; id++) assert_int_equal(be_get((bytes){list.p + 2 * id, 2}), 0xCC00 + id);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x9000);
    SEND(r, SIGN_ABC("FF"), 0x9000);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_curve_is_generated_and_attested),
        CASE(rsa_sizes_and_exponents),
        CASE(templates_of_the_clients),
        CASE(other_curves_are_not_supported),
        CASE(answer_with_every_le),
        CASE(metadata_is_stored_and_shown),
        CASE(long_wrapping_ids),
        CASE(use_counter),
        CASE(refusals_cost_no_use),
        CASE(a_use_that_fails_is_charged),
        CASE(option_to_count_all_keys),
        CASE(algorithm_list),
        CASE(button_guards_keys),
        CASE(button_has_its_place_in_the_order),
        CASE(no_option_no_button),
        CASE(deleted_keys_are_gone),
        CASE(replaced_keys_leave_nothing_stale),
        CASE(failed_generation_keeps_the_old_key),
        CASE(keys_survive_power_cycles),
        CASE(keys_survive_a_reset_pin),
        CASE(attestations_follow_the_device_name),
        CASE(every_key_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
