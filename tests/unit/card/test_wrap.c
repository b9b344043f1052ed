/* SPDX-License-Identifier: Apache-2.0 */
/* WRAP, UNWRAP and the check of a wrapped key (apdu.md 3.18, 3.19, 5.3; formats.md 5; decisions.md 74/94): every row of
 * the tables, known blobs, blobs that lie behind a valid MAC, and nothing changed by what was refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/keys_common.h"
#include "tests/vectors/crypto/rsa_import.h"
#include "tests/vectors/wire/key_blobs.h"
#include "wire/key_blob.h"

#define ZERO_DKEK "0000000000000000000000000000000000000000000000000000000000000000"
#define POINT_2G /* 2·G of P-256, apdu.md 5.3 */                                                                      \
    "047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"                                               \
    "07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1"

/* ---- helpers ---- */

static struct answer wrap(struct rig *r, uint8_t id)
{
    return rig_command_hex(r, 0x80, 0x72, id, 0x92, "", 65536);
}

static struct answer unwrap(struct rig *r, uint8_t id, bytes blob)
{
    return rig_command(r, 0x80, 0x74, id, 0x93, blob, 0);
}

static struct answer check(struct rig *r, bytes blob)
{
    return rig_command(r, 0x80, 0x74, 0, 0x94, blob, 65536);
}

/* A card whose domain 0 has this DKEK, logged in. */
static struct rig *card_with(uint64_t seed, const char *dkek, const char *more)
{
    struct rig *r = rig_ready(seed, text_of("920101 %s", more));
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 0, dkek, 256), 0x9000);
    return r;
}

/* A blob that its DKEK's owner could have made, whatever it says. */
static bytes sealed(struct rig *r, unsigned type, const char *list, const char *dkek, const char *components)
{
    buf out = buf_over(exact_space(KEY_BLOB_MAX));
    const struct key_blob_header header = {(enum key_blob_type)type, NO_BYTES, exact(list)};
    assert_int_equal(key_blob_seal(&r->hsm->crypto, &header, exact(dkek), exact(components), &out), ST_OK);
    return exact_copy(written(&out));
}

/* One length-prefixed component. */
static const char *field(const char *hex)
{
    return text_of("%04zX%s", strlen(hex) / 2, hex);
}

static void expect_absent(struct rig *r, uint8_t id)
{
    EXPECT_SW(rig_select_file(r, FID_OF(0xCC, id)), 0x6A82);
    EXPECT_SW(rig_select_file(r, FID_OF(0xC4, id)), 0x6A82);
    EXPECT_SW(rig_select_file(r, FID_OF(0xCE, id)), 0x6A82);
}

static void expect_metadata(struct rig *r, uint8_t id, const char *tlvs)
{
    struct answer a = rig_select_file(r, FID_OF(0xCC, id));
    EXPECT_SW(a, 0x9000);
    bytes want = exact(text_of("8A0105A581%02zX%s", exact(tlvs).n, tlvs));
    assert_hex(bytes_after(a.data, a.data.n - want.n), hex_of(want));
}

static struct cvc request_of(struct rig *r, uint8_t id)
{
    struct answer a = rig_read(r, FID_OF(0xCE, id), 0, 65536);
    EXPECT_SW(a, 0x9000);
    return request_in(a.data);
}

/* The key with this request signs, or agrees, and OpenSSL says the same. */
static void expect_okp_works(struct rig *r, uint8_t id, const struct cvc *request)
{
    enum crypto_okp okp = okp_of(&request->key);
    bytes q = cvc_key_field(&request->key, 0x84);
    if (crypto_okp_params(okp)->signs) {
        struct answer a = rig_command(r, 0x80, 0x68, id, 0x70, TEXT("abc"), 65536);
        EXPECT_SW(a, 0x9000);
        assert_true(oracle_eddsa(okp, q, TEXT("abc"), a.data));
        return;
    }
    span own = exact_space(q.n), shared = exact_space(q.n);
    assert_true(oracle_okp_agree(okp, q, own, shared));
    EXPECT_DATA(rig_command(r, 0x80, 0x62, id, 0x80, view(own), 65536), 0x9000, text_of("04%s", hex_of(view(shared))));
}

static void expect_signs(struct rig *r, uint8_t id, const struct cvc *request)
{
    if (public_tag(&request->key) == 0x84) {
        expect_okp_works(r, id, request);
        return;
    }
    bytes point = cvc_key_field(&request->key, 0x86), digest = sha256(TEXT("abc"));
    bool is_rsa = point.n == 0;
    struct answer a = rig_command(r, 0x80, 0x68, id, is_rsa ? 0x33 : 0x73, TEXT("abc"), 65536);
    EXPECT_SW(a, 0x9000);
    if (is_rsa) {
        struct oracle_rsa rsa = rsa_of(request);
        assert_true(oracle_v15(&rsa, CRYPTO_SHA256, digest, a.data));
        return;
    }
    enum crypto_curve curve;
    assert_true(crypto_curve_by_prime(cvc_key_field(&request->key, 0x81), &curve));
    assert_true(oracle_ecdsa_der(curve, point, digest, a.data));
}

/* Imported keys speak for themselves, inside and outside; nobody can take that for the device's word (3.6). */
static void expect_not_attested(struct rig *r, const struct cvc *request)
{
    bytes point = cvc_key_field(&request->key, 0x86);
    bytes inner = sha256(request->body), outer = sha256(request->outer_signed);
    assert_false(oracle_ecdsa_raw(CRYPTO_SECP256R1, device_point(r), outer, request->outer_signature));
    assert_hex(request->outer_car, hex_of(request->chr));
    if (public_tag(&request->key) == 0x84) {
        assert_true(okp_signed(&request->key, request->body, request->signature));
        assert_true(okp_signed(&request->key, request->outer_signed, request->outer_signature));
        return;
    }
    if (point.n == 0) {
        struct oracle_rsa rsa = rsa_of(request);
        assert_true(oracle_v15(&rsa, CRYPTO_SHA256, inner, request->signature));
        assert_true(oracle_v15(&rsa, CRYPTO_SHA256, outer, request->outer_signature));
        return;
    }
    enum crypto_curve curve;
    assert_true(crypto_curve_by_prime(cvc_key_field(&request->key, 0x81), &curve));
    assert_true(oracle_ecdsa_raw(curve, point, inner, request->signature));
    assert_true(oracle_ecdsa_raw(curve, point, outer, request->outer_signature));
}

/* Bits of modulus or field, as the check tells them (decisions.md 74/94); from the standards, not from the card's tables. */
static unsigned bits_of(const struct cvc *request)
{
    static const unsigned curve_bits[CRYPTO_CURVE_COUNT] = {
        [CRYPTO_SECP192R1] = 192, [CRYPTO_SECP256R1] = 256, [CRYPTO_SECP384R1] = 384,
        [CRYPTO_SECP521R1] = 528, [CRYPTO_BP256R1] = 256,   [CRYPTO_BP384R1] = 384,
        [CRYPTO_BP512R1] = 512,   [CRYPTO_SECP192K1] = 192, [CRYPTO_SECP256K1] = 256,
    };
    static const unsigned okp_bits[CRYPTO_OKP_COUNT] = {
        [CRYPTO_X25519] = 256, [CRYPTO_X448] = 448, [CRYPTO_ED25519] = 256, [CRYPTO_ED448] = 448};
    enum crypto_curve curve;
    uint16_t tag = public_tag(&request->key);
    if (tag == 0x81) return 8 * (unsigned)cvc_key_field(&request->key, 0x81).n;
    if (tag == 0x84) return okp_bits[okp_of(&request->key)];
    assert_true(crypto_curve_by_prime(cvc_key_field(&request->key, 0x81), &curve));
    return curve_bits[curve];
}

/* The whole answer of the check, for a key pair with this request. */
static const char *checked_as(unsigned domain, unsigned type, const char *list, const struct cvc *request)
{
    bytes id = sha256(cvc_key_field(&request->key, public_tag(&request->key)));
    return text_of("%02X%02X%04X%02zX%s%s", domain, type, bits_of(request), exact(list).n, list, hex_of(id));
}

/* ---- known blobs ---- */

static void known_blobs_import(void **state)
{
    struct rig *r = rig_ready(800, "970102");
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 1, 0, "01", 256), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 0, BLOB_DKEK, 256), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 1, 1, "01", 256), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 1, ZERO_DKEK, 256), 0x9000);
    for (size_t i = 0; i < COUNT(blobs); i++) {
        uint8_t id = (uint8_t)(i + 1);
        bytes blob = exact(blobs[i].blob);
        bool is_aes = blobs[i].type == KEY_BLOB_AES;
        EXPECT_ROW(unwrap(r, id, blob), 0x9000, "", blobs[i].name);
        unsigned n = blobs[i].dkek[0] ? 1 : 0;
        const char *domain = n ? "920101" : "920100";
        bytes list = exact(blobs[i].algorithms);
        expect_metadata(r, id, list.n ? text_of("91%02zX%s%s", list.n, blobs[i].algorithms, domain) : domain);
        struct answer description = rig_read(r, FID_OF(0xC4, id), 0, 256);
        EXPECT_SW(description, 0x9000);
        assert_int_equal(description.data.p[0], is_aes ? 0xA8 : blobs[i].type == KEY_BLOB_EC ? 0xA0 : 0x30);
        if (is_aes) {
            size_t size = be_get((bytes){exact(blobs[i].plain).p + KEY_BLOB_RANDOM, 2});
            EXPECT_DATA(check(r, blob), 0x9000,
                        text_of("%02X0F%04zX%02zX%s" ZERO_DKEK, n, 8 * size, list.n, blobs[i].algorithms));
            EXPECT_SW(rig_read(r, FID_OF(0xCE, id), 0, 256), 0x6A82);
            continue;
        }
        struct cvc request = request_of(r, id);
        assert_hex(cvc_key_field(&request.key, public_tag(&request.key)), blobs[i].public);
        EXPECT_DATA(check(r, blob), 0x9000, checked_as(n, blobs[i].type, blobs[i].algorithms, &request));
        expect_not_attested(r, &request);
        expect_signs(r, id, &request);
    }
    rig_stop(r);
}

/* apdu.md 5.3, ids 11 to 14. */
#define BLOB_11                                                                                                        \
    "66687AADF862BD770F00086086480165030401000610111899515200000000202C9D5116B61E99398EF4763C169C1A87A798888BB02403F2" \
    "5C5F187B017B5499E44213B00C00BD9A2C309E1B085CD853A3C67BD8188C50CBD1B4D737E525B7"
#define BLOB_12                                                                                                        \
    "66687AADF862BD770C000A04007F0007020202020300000000000005F73CFF9D0A9CEC4D4FEE4CF8E61F5E95B6C6CB2F41B2B42F4E6CB536" \
    "D7CC641AA036470AB1B2FCE603C9E8B769901548515EB9D5A7273BD37EDF238002C506212BE5C5C63087B9D926093858A9A7DF352112B924" \
    "4587C326080F795CEDEB7F0B6F4FC21FB4FC9545FB6B781408E03238F1FEBBB242ADEED1CE3B2F7A6885641CD06A40D7F7A24AD9F60A0696" \
    "1376469EB254D79FE072DF907F923C04E44FE08CD65CCC1BC0A26CCE3D2B3557B537CAB73C88D9A409A1CA922823370E182918C2897D8278" \
    "674307E472860C039282EB652C2E9F19908DA2D0E23525D628C79159D68E1B21279590D04D824428EAB89557E912CC3DAC3A682056AEAF95" \
    "DF2EA33030AA1A31DB44AE5579E4F7BC18A71439815AE0E4BDC53C9F59D7BD1AB3CAAAAC6CCDC938E33F789E5AE3F16DDCA7E42641723E1B" \
    "BA2C7041A14365E96104F948A18F27F5792FDA03977248ABBBEA2D"
#define BLOB_13                                                                                                        \
    "66687AADF862BD770C000A04007F000702020202030000000000000AF96BCDDE00E99DB74D508AAD9C09197AA7390E0755A275B7C971ADE3" \
    "B9AD214E64CC0B2C59974D103491824C5AEBBE2E41088DB33E3A2B30715BEE2784DCB98F75B9F6A766C1D79227B04BAEF9843EC5DC3511F9" \
    "4695C7BA5E93271CAB31D5AD039BE515D2FC458A0E7181B08B409241CC61D3D847AB0FAECA6592D531FF66C877BF8CCBD865E54812C68B32" \
    "6F1C029EA6160B644BB3EC16026A03DAA83A6466EF27B6373AA7387309080340973EBCCFD6814F9FAF5726F2825026DEA967627D899DBA73" \
    "F42DEF33158DF1910BD22F"
#define BLOB_14                                                                                                        \
    "66687AADF862BD770C000A04007F00070202020203000000000000DC5C17628D2D9A9F28D34E4034C0280515A58B91CE2EAD7A6985A9E18F" \
    "65A2CB81D65393FED055424A6006241E7DA74594B1640A8A6C4404BF4E8777C836B70B4C6F145668F027DB8F6E835A7B964372B8221FF043" \
    "5052D659CBC7D419352486A21E7656B673736535224C4D013CFAC254324E29018F34BEA20A6FC1B8726DFAB5AECD84584C72E637DAEA3371" \
    "130C6FA2AD86DA46255F4F121FE4477915AB16B50E28252ADAA7C351750D7D12D0227EB323CE59ABC80CEF7C919323230A698BE3BB6F79AF" \
    "396414AC7846D39E739175A75EDE07FE7975D9A4F2B6759587AF3134B55A654B4BAB4D869C2BB5FB27B50131BEB0D05B5CF7347DDF536716" \
    "B2E6C1664DE3D96CE8072FAAECABB20C695620"

static void the_conversation_of_the_specification(void **state)
{
    struct rig *r = rig_ready(801, "920102");
    for (unsigned i = 0; i < 2; i++) EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 0, counting(32, 7), 256), 0x9000);
    EXPECT_DATA(check(r, exact(BLOB_11)), 0x9000, "000F01000610111899 5152" ZERO_DKEK); /* decisions.md 74/94 */
    EXPECT_EMPTY(unwrap(r, 0x11, exact(BLOB_11)), 0x9000);
    EXPECT_EMPTY(rig_command(r, 0x80, 0x74, 0x12, 0x93, exact(BLOB_12), 65536), 0x9000);
    EXPECT_EMPTY(unwrap(r, 0x13, exact(BLOB_13)), 0x9000);
    EXPECT_EMPTY(unwrap(r, 0x14, exact(BLOB_14)), 0x9000);
    SEND_DATA(r,
              "8062128000004104"
              "7CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"
              "07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1 0000",
              0x9000, "04E1E48372139A8D8754B3817A8267B76E4CFE2021FA3A7BCE6AB17CC74C891202");
    SEND_DATA(r, "8062138000002057DB4B359F23AE5E146E4E2512056704722506348C150C14753D0C933D04D421 0000", 0x9000,
              "0483EF36FB2BBDDE99D59944CEE1A015B381AA2F33EBA587A8A169153DA292E227");
    SEND_DATA(r, "80681470000003616263 0000", 0x9000,
              "80D724B01E7CA260F4CC7F8DE7C95F73CFAC615BAB1F762B6435B6EC26C8CF6D"
              "2C758DAE2F87399A8EEDA1CBCD2835AC5BA66D6ECAA3ABA5E567A751053DC207");
    EXPECT_EMPTY(wrap(r, 0x11), 0x6985); /* its list lacks 92 */
    expect_metadata(r, 0x11, "9106101118995152 920100");
    EXPECT_SW(rig_read(r, 0xC411, 0, 256), 0x9000);
    rig_stop(r);
}

static void bad_blobs_are_refused(void **state)
{
    struct rig *r = card_with(802, BLOB_DKEK, "");
    for (size_t i = 0; i < COUNT(bad_blobs); i++) {
        uint32_t before = rig_generation(r);
        EXPECT_ROW(unwrap(r, 9, exact(bad_blobs[i].blob)), bad_blobs[i].sw, "", bad_blobs[i].name);
        EXPECT_ROW(check(r, exact(bad_blobs[i].blob)), bad_blobs[i].sw, "", bad_blobs[i].name);
        assert_int_equal(rig_generation(r), before);
        expect_absent(r, 9);
    }
    for (size_t n = 1; n < 63; n++)
        EXPECT_EMPTY(unwrap(r, 9, exact_copy(bytes_first(exact(blobs[0].blob), n))), 0x6984);
    expect_absent(r, 9);
    rig_stop(r);
}

/* ---- there and back ---- */

static void move(struct rig *from, struct rig *to, uint8_t id, const char *list)
{
    struct answer blob = wrap(from, id);
    struct cvc made = request_of(from, id);
    EXPECT_SW(blob, 0x9000);
    EXPECT_DATA(check(to, blob.data), 0x9000, checked_as(0, public_tag(&made.key) == 0x81 ? 5 : 0x0C, list, &made));
    EXPECT_EMPTY(unwrap(to, id, blob.data), 0x9000);
    struct cvc moved = request_of(to, id);
    uint16_t tag = public_tag(&made.key);
    assert_hex(cvc_key_field(&moved.key, tag), hex_of(cvc_key_field(&made.key, tag)));
    expect_not_attested(to, &moved);
    expect_signs(to, id, &moved);
    size_t n = exact(list).n;
    expect_metadata(to, id, n ? text_of("91%02zX%s 920100", n, list) : "920100");
}

static void every_curve_goes_to_another_card(void **state)
{
    struct rig *a = card_with(803, BLOB_DKEK, ""), *b = card_with(804, BLOB_DKEK, "");
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        uint8_t id = (uint8_t)(c + 1);
        const char *list = c % 2 ? "7392" : "";
        EXPECT_SW(rig_generate_ec(a, id, (enum crypto_curve)c, c % 2 ? "91027392" : ""), 0x9000);
        move(a, b, id, list);
        move(b, a, id, list); /* over the key that is there */
    }
    for (unsigned c = 0; c < CRYPTO_OKP_COUNT; c++) {
        uint8_t id = (uint8_t)(c + 0x41);
        const char *list = c % 2 ? "708092" : "";
        EXPECT_SW(rig_generate_okp(a, id, (enum crypto_okp)c, c % 2 ? "9103708092" : ""), 0x9000);
        move(a, b, id, list);
        move(b, a, id, list);
    }
    rig_stop(a);
    rig_stop(b);
}

static void rsa_goes_to_another_card(void **state)
{
    struct rig *a = card_with(805, BLOB_DKEK, ""), *b = card_with(806, BLOB_DKEK, "");
    EXPECT_SW(rig_generate_rsa(a, 1, 1024, 0, "910333 9292"), 0x9000);
    EXPECT_SW(rig_generate_rsa(a, 2, 1032, 3, ""), 0x9000);
    move(a, b, 1, "339292");
    move(a, b, 2, "");
    move(b, a, 2, "");
    rig_stop(a);
    rig_stop(b);
}

static void a_header_has_27_bytes(void **state)
{
    struct rig *r = card_with(807, BLOB_DKEK, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    struct answer a = wrap(r, 1), b = wrap(r, 1);
    EXPECT_SW(a, 0x9000);
    assert_hex(bytes_first(a.data, 27), "630DCD2966C433660C000A04007F00070202020203000000000000");
    assert_int_equal(a.data.n, 363);
    assert_false(bytes_equal(a.data, b.data)); /* eight random bytes in front */
    rig_stop(r);
}

/* All sizes that hosts send, up to the longest, in both forms. */
static void rsa_keys_of_every_size_import(void **state)
{
    struct rig *r = card_with(808, ZERO_DKEK, "");
    for (size_t i = 0; i < COUNT(rsa_import_keys); i++) {
        const char *n = rsa_import_keys[i].n;
        const char *e = text_of("%08X", (unsigned)rsa_import_keys[i].e);
        const char *components = text_of("%04zX%s%s%s", strlen(n) * 4, field(rsa_import_keys[i].d), field(n), field(e));
        EXPECT_ROW(unwrap(r, 1, sealed(r, 5, "", ZERO_DKEK, components)), 0x9000, "", rsa_import_keys[i].name);
        struct cvc request = request_of(r, 1);
        assert_hex(cvc_key_field(&request.key, 0x81), n);
        expect_signs(r, 1, &request);
        struct answer again = wrap(r, 1);
        EXPECT_ROW(again, 0x9000, EXPECT_ANY, rsa_import_keys[i].name);
        EXPECT_ROW(unwrap(r, 2, again.data), 0x9000, "", rsa_import_keys[i].name);
        request = request_of(r, 2);
        expect_signs(r, 2, &request);
    }
    rig_stop(r);
}

/* ---- lies behind a valid MAC ---- */

#define BLOCK_16 "00112233445566778899AABBCCDDEEFF"
#define P256_P "0020FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"
#define P256_D "0020C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
#define P256_Q                                                                                                         \
    "00410460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D" \
    "7E9F5177A3C294D4462299"
#define P256_N "0020FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
#define X25519_G "00200900000000000000000000000000000000000000000000000000000000000000"
#define ED25519_G "00205866666666666666666666666666666666666666666666666666666666666666"
#define P25519 "00207FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED"

/* clang-format off */
static const struct { unsigned type; const char *components; uint16_t sw; const char *why; } lies[] = {
    {0x0F, "0010" BLOCK_16, 0x9000, "good"},
    {0x0F, "0018" BLOCK_16 "0011223344556677", 0x9000, "good"},
    {0x0F, "0040" BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16, 0x9000, "good"},
    {0x0F, "0010" BLOCK_16 BLOCK_16, 0x9000, "what follows is padding"},
    {0x0F, "0080" BLOCK_16, 0x6984, "bits for bytes"},
    {0x0F, "0030" BLOCK_16, 0x6984, "no AES key"},
    {0x0F, "0030" BLOCK_16 BLOCK_16 BLOCK_16, 0x6984, "48 bytes, and no kind that has such"},
    {0x0F, "0014" BLOCK_16 BLOCK_16, 0x6984, "20 bytes, the same"},
    {0x0F, "0001" BLOCK_16, 0x6984, "1 byte, the same"},
    {0x0F, "0040" BLOCK_16 BLOCK_16 BLOCK_16 "0011", 0x6984, "longer than what there is"},
    {0x0F, "FFFF" BLOCK_16, 0x6984, "longer than anything"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000" P256_D "0000", 0x9000, "prime and d are enough"},
    {0x0C, "0100 0000 0000" P256_P P256_N "0000" P256_D P256_Q, 0x9000, "good"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000 0001 05 0000", 0x9000, "a short d"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000 0021 00C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721 0000", 0x9000, "a zero before d"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000 0000 0000", 0x6400, "d empty"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000 0002 0000 0000", 0x6400, "d = 0"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000" P256_N "0000", 0x6400, "d = n"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000 0021 01C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721 0000", 0x6400, "d longer than the order"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000 0001 01" P256_Q, 0x6400, "Q of another d"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000" P256_D "0001 04", 0x6400, "Q cut short"},
    {0x0C, "0100 0001 01 0000" P256_P "0000 0000" P256_D "0000", 0x6984, "another A"},
    {0x0C, "0100 0000 0001 07" P256_P "0000 0000" P256_D "0000", 0x6984, "another B"},
    {0x0C, "0100 0000 0000" P256_P "0001 0D 0000" P256_D "0000", 0x6984, "another order"},
    {0x0C, "0100 0000 0000" P256_P "0000 0002 0401" P256_D "0000", 0x6984, "another base point"},
    {0x0C, "0180 0000 0000" P256_P "0000 0000" P256_D "0000", 0x6984, "another size"},
    {0x0C, "0000 0000 0000" P256_P "0000 0000" P256_D "0000", 0x6984, "no size"},
    {0x0C, "0100 0000 0000 0020" BLOCK_16 BLOCK_16 "0000 0000" P256_D "0000", 0x6984, "unknown prime"},
    {0x0C, "0100 0000 0000 0000 0000 0000" P256_D "0000", 0x6984, "no prime"},
    {0x0C, "0100 0000 0000" P25519 "0000 0000" P256_D "0000", 0x6984, "Montgomery or Edwards without a base point"},
    {0x0C, "0100 0000 0000" P25519 "0000 0001 09" P256_D "0000", 0x6984, "X25519: half a base point"},
    {0x0C, "0100 0000 0000" P25519 "0020" BLOCK_16 BLOCK_16 X25519_G P256_D "0000", 0x6984, "X25519: another order"},
    {0x0C, "0100 0000 0000" P25519 "0000 0020" BLOCK_16 BLOCK_16 P256_D "0000", 0x6984, "Ed25519: another base point"},
    {0x0C, "00FF 0000 0000" P25519 "0000" X25519_G P256_D "0000", 0x6984, "X25519: another size"},
    {0x0C, "0100 0000 0000" P25519 "0000" X25519_G "0000 0000", 0x6984, "X25519: no d"},
    {0x0C, "0100 0000 0000" P25519 "0000" X25519_G "001F" "00112233445566778899AABBCCDDEE" BLOCK_16 "0000", 0x6984, "X25519: d too short"},
    {0x0C, "0100 0000 0000" P25519 "0000" X25519_G "0021 00" BLOCK_16 BLOCK_16 "0000", 0x6984, "X25519: d too long"},
    {0x0C, "0100 0000 0000" P25519 "0000" X25519_G P256_D "0020" BLOCK_16 BLOCK_16, 0x6400, "X25519: Q of another d"},
    {0x0C, "0100 0000 0000" P25519 "0000" ED25519_G P256_D "0001 04", 0x6400, "Ed25519: Q cut short"},
    {0x0C, "0100 0000 0000" P25519 "0000" ED25519_G P256_D "0020" BLOCK_16 BLOCK_16, 0x6400, "Ed25519: Q of another d"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000" P256_D "FFFF", 0x6984, "Q past the end"},
    {0x0C, "0100 FFFF", 0x6984, "A past the end"},
    {0x0C, "0100 0000 0000" P256_P "0000 0000", 0x6984, "components missing"},
    {0x05, "0400 0000 0000 0000", 0x6984, "RSA: all empty"},
    {0x05, "FFFF 0001 03 0001 0F 0001 03", 0x6984, "RSA: size beyond"},
    {0x05, "0010 0001 03 0002 8001 0001 03", 0x6984, "RSA: size below"},
    {0x06, "0400 0001 03 0001 0F 0001 03", 0x6984, "RSA-CRT: components missing"},
    {0x06, "0400 0000 0000 0000 0000 0000 0000 0000", 0x6984, "RSA-CRT: all empty"},
};
/* clang-format on */

static void lies_behind_a_valid_mac(void **state)
{
    struct rig *r = card_with(810, BLOB_DKEK, "");
    EXPECT_SW(rig_generate_ec(r, 9, CRYPTO_SECP192R1, "900400000005"), 0x9000);
    struct answer list = rig_list(r);
    for (size_t i = 0; i < COUNT(lies); i++) {
        bytes blob = sealed(r, lies[i].type, "", BLOB_DKEK, lies[i].components);
        bool good = lies[i].sw == 0x9000;
        uint8_t id = good ? 8 : 9;
        uint32_t before = rig_generation(r);
        EXPECT_ROW(check(r, blob), lies[i].sw, good ? EXPECT_ANY : "", lies[i].why);
        assert_int_equal(rig_generation(r), before);
        EXPECT_ROW(unwrap(r, id, blob), lies[i].sw, "", lies[i].why);
        if (good) continue;
        assert_int_equal(rig_generation(r), before);
        expect_metadata(r, 9, "900400000005");
    }
    struct cvc request = request_of(r, 9);
    expect_signs(r, 9, &request);
    EXPECT_SW(rig_delete(r, 0xCC08), 0x9000);
    EXPECT_SW(rig_delete(r, 0xC408), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, hex_of(list.data));
    rig_stop(r);
}

/* One number of a good RSA key changed: `where` counts from the end of the component. */
static const struct {
    unsigned type, component;
    uint8_t mask;
    uint16_t sw;
    const char *why;
} rsa_lies[] = {
    {5, 0, 0x02, 0x6400, "d"},      {5, 1, 0x02, 0x6400, "n"},      {5, 1, 0x01, 0x6400, "n even"},
    {5, 2, 0x02, 0x6400, "e"},      {5, 2, 0x01, 0x6400, "e even"}, {6, 0, 0x02, 0x6400, "dp"},
    {6, 1, 0x02, 0x6400, "dq"},     {6, 2, 0x02, 0x6400, "p"},      {6, 3, 0x02, 0x6400, "qinv"},
    {6, 4, 0x02, 0x6400, "q"},      {6, 5, 0x02, 0x6400, "n"},      {6, 6, 0x02, 0x6400, "e"},
    {6, 2, 0x01, 0x6400, "p even"},
};

/* The plaintext of a vector from its size field on, with one bit of one component changed. */
static bytes twisted(unsigned type, unsigned component, uint8_t mask)
{
    for (size_t i = 0; i < COUNT(blobs); i++) {
        if (blobs[i].type != type) continue;
        bytes plain = exact(blobs[i].plain);
        span copy = exact_space(plain.n - KEY_BLOB_RANDOM);
        memcpy(copy.p, plain.p + KEY_BLOB_RANDOM, copy.n);
        size_t at = 2;
        for (unsigned c = 0;; c++) {
            size_t n = be_get((bytes){copy.p + at, 2});
            at += 2 + n;
            if (c == component) break;
        }
        copy.p[at - 1] ^= mask;
        return view(copy);
    }
    fail();
    return NO_BYTES;
}

static void rsa_numbers_must_belong_together(void **state)
{
    struct rig *r = card_with(811, BLOB_DKEK, "");
    for (size_t i = 0; i < COUNT(rsa_lies); i++) {
        bytes components = twisted(rsa_lies[i].type, rsa_lies[i].component, rsa_lies[i].mask);
        bytes blob = sealed(r, rsa_lies[i].type, "", BLOB_DKEK, hex_of(components));
        uint32_t before = rig_generation(r);
        EXPECT_ROW(check(r, blob), rsa_lies[i].sw, "", rsa_lies[i].why);
        EXPECT_ROW(unwrap(r, 9, blob), rsa_lies[i].sw, "", rsa_lies[i].why);
        assert_int_equal(rig_generation(r), before);
        expect_absent(r, 9);
    }
    rig_stop(r);
}

/* ---- UNWRAP's effects ---- */

static void the_old_key_is_gone(void **state)
{
    struct rig *r = card_with(820, BLOB_DKEK, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000005 910173 9303AABBCC"), 0x9000);
    struct answer old = rig_read(r, 0xCE01, 0, 65536);
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x9000);
    expect_metadata(r, 1, "920100");
    assert_false(bytes_equal(old.data, rig_read(r, 0xCE01, 0, 65536).data));
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[0].blob)), 0x9000); /* AES: no request, and none of the former key */
    EXPECT_SW(rig_read(r, 0xCE01, 0, 256), 0x6A82);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC01 C401");
    EXPECT_SW(rig_delete(r, 0xCC01), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 C401");
    rig_stop(r);
}

/* Descriptions as formats.md 2.4. */
static const struct {
    const char *components, *c4;
} aes_keys[] = {
    {"0010" BLOCK_16, "A81E30020C003008040133030307E080A006300402020080A106300430020400"},
    {"0018" BLOCK_16 "0011223344556677", "A81E30020C003008040133030307E080A0063004020200C0A106300430020400"},
    {"0020" BLOCK_16 BLOCK_16, "A81E30020C003008040133030307E080A006300402020100A106300430020400"},
    {"0040" BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16, "A81E30020C003008040133030307E080A006300402020200A106300430020400"},
};

static void aes_keys_come_and_go(void **state)
{
    struct rig *r = card_with(821, BLOB_DKEK, "");
    for (size_t i = 0; i < COUNT(aes_keys); i++) {
        EXPECT_EMPTY(unwrap(r, 3, sealed(r, 0x0F, "", BLOB_DKEK, aes_keys[i].components)), 0x9000);
        EXPECT_DATA(rig_read(r, 0xC403, 0, 256), 0x9000, aes_keys[i].c4);
        struct answer out = wrap(r, 3);
        EXPECT_SW(out, 0x9000);
        struct key_blob blob;
        assert_int_equal(key_blob_read(out.data, &blob), ST_OK);
        span plain = exact_space(blob.encrypted.n);
        assert_int_equal(key_blob_open(&r->hsm->crypto, &blob, exact(BLOB_DKEK), plain), ST_OK);
        bytes want = exact(aes_keys[i].components);
        assert_hex(bytes_first(bytes_after(view(plain), KEY_BLOB_RANDOM), want.n), hex_of(want));
        SEND(r, "80680373 03616263 00", 0x6400); /* not what it is for */
        SEND(r, "80680333 03616263 00", 0x6400);
        SEND(r, "80620380 41" POINT_2G "00", 0x6400);
        size_t bits = 8 * (want.n - 2);
        EXPECT_DATA(check(r, out.data), 0x9000, text_of("000F%04zX00" ZERO_DKEK, bits));
    }
    rig_stop(r);
}

static void option_0200_counts_imported_keys(void **state)
{
    struct rig *r = card_with(822, BLOB_DKEK, "80020200");
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x9000);
    expect_metadata(r, 1, "9004FFFFFFFE 920100");
    rig_stop(r);
}

static void the_human_confirms(void **state)
{
    struct rig *r = card_with(823, BLOB_DKEK, "80020100");
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x9000);
    r->presence.answer = false;
    EXPECT_EMPTY(unwrap(r, 2, exact(blobs[4].blob)), 0x6600);
    EXPECT_EMPTY(wrap(r, 1), 0x6600); /* DP-59 */
    expect_absent(r, 2);
    unsigned asked = r->presence.calls;
    EXPECT_SW(check(r, exact(blobs[4].blob)), 0x9000); /* nothing is stored */
    assert_int_equal(r->presence.calls, asked);
    rig_stop(r);
}

static void hidden_curves_stay_hidden(void **state)
{
    struct rig *r = card_with(824, BLOB_DKEK, "");
    r->hsm->phy.curves = 2; /* P-384 alone */
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x6A81);
    EXPECT_EMPTY(check(r, exact(blobs[4].blob)), 0x6A81);
    expect_absent(r, 1);
    for (size_t i = 0; i < COUNT(blobs); i++) {
        bool okp = strstr(blobs[i].name, "25519") || strstr(blobs[i].name, "448");
        if (okp) EXPECT_ROW(unwrap(r, 1, exact(blobs[i].blob)), 0x6A81, "", blobs[i].name);
    }
    rig_stop(r);
}

/* ---- staging in 2F10 ---- */

static void big_blobs_come_through_2f10(void **state)
{
    struct rig *r = card_with(830, BLOB_DKEK, "");
    bytes blob = exact(blobs[4].blob);
    EXPECT_EMPTY(unwrap(r, 5, NO_BYTES), 0x6A82);
    EXPECT_EMPTY(check(r, NO_BYTES), 0x6A82);
    EXPECT_SW(rig_update(r, 0x2F10, 0, bytes_first(blob, 200)), 0x9000); /* in blocks, as OpenSC writes it */
    EXPECT_SW(rig_update(r, 0x2F10, 200, bytes_after(blob, 200)), 0x9000);
    EXPECT_EMPTY(rig_read(r, 0x2F10, 0, 256), 0x6982);
    struct answer direct = check(r, blob);
    EXPECT_DATA(check(r, NO_BYTES), 0x9000, hex_of(direct.data));
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x74, 5, 0x93, "", 0), 0x9000);
    struct cvc request = request_of(r, 5);
    expect_signs(r, 5, &request);
    EXPECT_EMPTY(unwrap(r, 5, NO_BYTES), 0x6A82); /* erased */
    EXPECT_SW(rig_update(r, 0x2F10, 0, blob), 0x9000);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x74, 6, 0x93, "", 65536), 0x9000); /* with Le: still nothing to answer */
    rig_stop(r);
}

static void what_is_no_blob_stays_staged(void **state)
{
    struct rig *r = card_with(831, BLOB_DKEK, "");
    static const size_t sizes[] = {1, 40, 2000, 4000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        EXPECT_SW(rig_update(r, 0x2F10, 0, exact(counting(sizes[i], 3))), 0x9000);
        EXPECT_EMPTY(unwrap(r, 5, NO_BYTES), 0x6984);
        EXPECT_EMPTY(unwrap(r, 5, NO_BYTES), 0x6984);
    }
    expect_absent(r, 5);
    EXPECT_SW(rig_delete(r, 0x2F10), 0x9000);
    rig_stop(r);
}

/* ---- refusals ---- */

static void wrap_asks_in_order(void **state)
{
    struct rig *r = rig_ready(840, "970102");
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 1, 1, "02", 256), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);              /* domain 0: not set up  */
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, "920101"), 0x9000);        /* shares missing        */
    EXPECT_SW(rig_generate_ec(r, 3, CRYPTO_SECP256R1, "92010F"), 0x9000);        /* no such domain        */
    EXPECT_SW(rig_generate_ec(r, 4, CRYPTO_SECP256R1, "910173 920101"), 0x9000); /* and not to be wrapped */
    for (uint8_t id = 1; id <= 4; id++) EXPECT_EMPTY(wrap(r, id), 0x6A88);
    EXPECT_EMPTY(wrap(r, 5), 0x6A82);
    EXPECT_EMPTY(wrap(r, 0), 0x6985);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 1, ZERO_DKEK, 256), 0x9000);
    EXPECT_EMPTY(wrap(r, 2), 0x6A88);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 1, BLOB_DKEK, 256), 0x9000);
    EXPECT_SW(wrap(r, 2), 0x9000);
    EXPECT_EMPTY(wrap(r, 4), 0x6985);
    EXPECT_SW(rig_generate_ec(r, 4, CRYPTO_SECP256R1, "910192 920101 900400000001"), 0x9000);
    EXPECT_SW(wrap(r, 4), 0x9000);
    EXPECT_SW(wrap(r, 4), 0x9000); /* no use is charged */
    expect_metadata(r, 4, "900400000001 910192 920101");
    EXPECT_SW(rig_generate_ec(r, 4, CRYPTO_SECP256R1, "910192 920101 900400000000"), 0x9000);
    EXPECT_EMPTY(wrap(r, 4), 0x6A84);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 4, 1, "", 256), 0x9000);
    EXPECT_EMPTY(wrap(r, 2), 0x6A88);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x72, 2, 0x92, "00", 256), 0x6700);
    rig_stop(r);
}

/* The description is a host's business: nothing is derived from it (formats.md 2.4). */
static void the_type_is_the_keys_own(void **state)
{
    struct rig *r = card_with(841, BLOB_DKEK, "");
    EXPECT_SW(rig_generate_rsa(r, 1, 1024, 0, ""), 0x9000);
    EXPECT_SW(rig_update(r, 0xC401, 0, LITERAL(0xA0)), 0x9000);
    struct answer a = wrap(r, 1);
    EXPECT_SW(a, 0x9000);
    assert_int_equal(a.data.p[8], 5);
    EXPECT_SW(rig_delete(r, 0xC401), 0x9000);
    EXPECT_SW(wrap(r, 1), 0x9000);
    rig_stop(r);
}

static void p1_and_p2(void **state)
{
    struct rig *r = card_with(842, BLOB_DKEK, "");
    for (unsigned login = 0; login < 2; login++) {
        for (unsigned p2 = 0; p2 < 256; p2++) {
            if (p2 != 0x92) EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x72, 1, (uint8_t)p2, "", 256), 0x6B00);
            if (p2 != 0x93 && p2 != 0x94) EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x74, 1, (uint8_t)p2, "", 256), 0x6B00);
            if (p2) EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x74, (uint8_t)p2, 0x94, "", 256), 0x6A86);
        }
        EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x74, 0, 0x93, "", 256), 0x6B00);
        rig_select(r);
        EXPECT_EMPTY(unwrap(r, 1, exact(blobs[0].blob)), 0x6982);
        EXPECT_EMPTY(check(r, exact(blobs[0].blob)), 0x6982);
        EXPECT_EMPTY(wrap(r, 1), 0x6982);
    }
    rig_stop(r);
}

/* Of several domains the one whose key fits takes the key; with the same key twice, the first. */
static void the_domain_is_found_by_its_key(void **state)
{
    struct rig *r = rig_ready(843, "970103");
    for (uint8_t n = 0; n < 3; n++) EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 1, n, "01", 256), 0x9000);
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x6400);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 1, ZERO_DKEK, 256), 0x9000);
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x6400);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 2, BLOB_DKEK, 256), 0x9000);
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x9000);
    expect_metadata(r, 1, "920102");
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x52, 3, 2, "", 256), 0x6A89);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x52, 0, 0, BLOB_DKEK, 256), 0x9000);
    EXPECT_EMPTY(unwrap(r, 1, exact(blobs[4].blob)), 0x9000);
    expect_metadata(r, 1, "920100");
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(known_blobs_import),
        CASE(the_conversation_of_the_specification),
        CASE(bad_blobs_are_refused),
        CASE(every_curve_goes_to_another_card),
        CASE(rsa_goes_to_another_card),
        CASE(a_header_has_27_bytes),
        CASE(rsa_keys_of_every_size_import),
        CASE(lies_behind_a_valid_mac),
        CASE(rsa_numbers_must_belong_together),
        CASE(the_old_key_is_gone),
        CASE(aes_keys_come_and_go),
        CASE(option_0200_counts_imported_keys),
        CASE(the_human_confirms),
        CASE(hidden_curves_stay_hidden),
        CASE(big_blobs_come_through_2f10),
        CASE(what_is_no_blob_stays_staged),
        CASE(wrap_asks_in_order),
        CASE(the_type_is_the_keys_own),
        CASE(p1_and_p2),
        CASE(the_domain_is_found_by_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
