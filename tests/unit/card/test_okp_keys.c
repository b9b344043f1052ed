/* SPDX-License-Identifier: Apache-2.0 */
/* X25519, X448, Ed25519 and Ed448 on the card: generation and attestation, every answer of RFC 7748 and RFC 8032 by
 * import and command, refusals, what such keys may not do (apdu.md 3.12 to 3.16; formats.md 3, 14; docs/commands.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/import_common.h"
#include "tests/vectors/crypto/okp.h"

static size_t size_of(enum crypto_okp okp)
{
    return crypto_okp_params(okp)->key_size;
}

static struct answer import_okp(struct rig *r, uint8_t id, enum crypto_okp okp, bytes d, const char *more)
{
    const struct crypto_okp_params *c = crypto_okp_params(okp);
    struct key_blob_parts parts = {.size = (uint32_t)(8 * c->p.n)};
    parts.part[EC_PRIME] = c->p;
    parts.part[EC_G] = c->base;
    parts.part[EC_D] = d;
    return import_inside(r, id, KEY_BLOB_EC, import_data(KEY_BLOB_EC, &parts, more));
}

/* One key of each curve under 1 + crypto_okp. */
static struct rig *card_with_all(uint64_t seed)
{
    struct rig *r = rig_ready(seed, "9A020004");
    for (unsigned c = 0; c < CRYPTO_OKP_COUNT; c++)
        EXPECT_SW(rig_generate_okp(r, (uint8_t)(1 + c), (enum crypto_okp)c, ""), 0x9000);
    return r;
}

static struct cvc request_of(struct rig *r, uint8_t id)
{
    struct answer a = rig_read(r, FID_OF(0xCE, id), 0, 65536);
    EXPECT_SW(a, 0x9000);
    return request_in(a.data);
}

/* ---- generation ---- */

static const struct {
    const char *c4;
    size_t size;
} expectations[CRYPTO_OKP_COUNT] = {
    [CRYPTO_X25519] = {"A01A30020C0030080401310303072080A10A30083002040002020100", 347},
    [CRYPTO_X448] = {"A01A30020C0030080401320303072080A10A300830020400020201C0", 493},
    [CRYPTO_ED25519] = {"A01A30020C0030080401330303072080A10A30083002040002020100", 347},
    [CRYPTO_ED448] = {"A01A30020C0030080401340303072080A10A300830020400020201C8", 497},
};

static void every_curve_is_generated_and_attested(void **state)
{
    struct rig *r = rig_ready(700, "");
    for (unsigned i = 0; i < CRYPTO_OKP_COUNT; i++) {
        uint8_t id = (uint8_t)(i + 1);
        const struct crypto_okp_params *c = crypto_okp_params((enum crypto_okp)i);
        struct answer a = rig_generate_okp(r, id, (enum crypto_okp)i, "");
        EXPECT_SW(a, 0x9000);
        assert_int_equal(a.data.n, expectations[i].size);
        struct cvc request = request_in(a.data);
        assert_hex(request.key.oid, "04007F00070202050203");
        assert_hex(cvc_key_field(&request.key, 0x81), hex_of(c->p));
        assert_hex(cvc_key_field(&request.key, 0x82), hex_of(c->order));
        assert_hex(cvc_key_field(&request.key, 0x83), hex_of(c->base));
        assert_int_equal(cvc_key_field(&request.key, 0x84).n, c->key_size);
        for (uint16_t tag = 0x85; tag <= 0x87; tag++) assert_int_equal(cvc_key_field(&request.key, tag).n, 0);
        assert_true(okp_signed(&request.key, request.body, request.signature));
        assert_true(
            oracle_ecdsa_raw(CRYPTO_SECP256R1, device_point(r), sha256(request.outer_signed), request.outer_signature));
        EXPECT_DATA(rig_read(r, FID_OF(0xCE, id), 0, 65536), 0x9000, hex_of(a.data));
        EXPECT_DATA(rig_read(r, FID_OF(0xC4, id), 0, 65536), 0x9000, expectations[i].c4);
    }
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC01 CC02 CC03 CC04 C401 C402 C403 C404");
    rig_stop(r);
}

static void hidden_curves_are_not_made(void **state)
{
    static const uint32_t bits[CRYPTO_OKP_COUNT] = {0x200, 0x400, 0x80, 0x100}; /* apdu.md 3.29, 0A */
    struct rig *r = rig_ready(701, "9A020004");
    for (unsigned i = 0; i < CRYPTO_OKP_COUNT; i++) {
        bytes d = exact(counting(size_of((enum crypto_okp)i), 1));
        r->hsm->phy.curves = ~bits[i];
        EXPECT_EMPTY(rig_generate_okp(r, 1, (enum crypto_okp)i, ""), 0x6A81);
        EXPECT_EMPTY(import_okp(r, 1, (enum crypto_okp)i, d, ""), 0x6A81);
        r->hsm->phy.curves = bits[i];
        EXPECT_SW(rig_generate_okp(r, (uint8_t)(i + 2), (enum crypto_okp)i, ""), 0x9000);
    }
    EXPECT_SW(rig_select_file(r, 0xCC01), 0x6A82);
    rig_stop(r);
}

/* An exchange key is on a Weierstrass curve. */
static void they_are_no_exchange_keys(void **state)
{
    struct rig *r = rig_ready(702, "920101");
    for (unsigned i = 0; i < CRYPTO_OKP_COUNT; i++)
        EXPECT_EMPTY(rig_generate_okp(r, 1, (enum crypto_okp)i, "910184 920100"), 0x6700);
    EXPECT_SW(rig_select_file(r, 0xCC01), 0x6A82);
    rig_stop(r);
}

/* ---- published answers, through import and command ---- */

static void expect_public(struct rig *r, uint8_t id, const char *q)
{
    struct cvc request = unattested_request(r, id);
    assert_hex(cvc_key_field(&request.key, 0x84), q);
    assert_true(okp_signed(&request.key, request.body, request.signature));
    assert_true(okp_signed(&request.key, request.outer_signed, request.outer_signature));
}

/* The objects of SIGN 7A for row i: what is signed under `tag`, and its context. */
static bytes signed_as(size_t i, uint8_t tag, bytes what)
{
    buf b = buf_over(exact_space(4096));
    bytes context = exact(eddsa_vectors[i].context);
    tlv_put(&b, tag, what);
    if (context.n) tlv_put(&b, 0x83, context);
    return exact_copy(written(&b));
}

static void expect_signature(struct rig *r, uint8_t algorithm, bytes data, size_t i)
{
    struct answer a = rig_command(r, 0x80, 0x68, 1, algorithm, data, 65536);
    EXPECT_ROW(a, 0x9000, eddsa_vectors[i].signature, text_of("row %zu, %02X", i, algorithm));
}

static void signatures_are_rfc8032s(void **state)
{
    struct rig *r = rig_ready(703, "9A020004");
    for (size_t i = 0; i < COUNT(eddsa_vectors); i++) {
        bytes message = exact(eddsa_vectors[i].message);
        EXPECT_EMPTY(import_okp(r, 1, eddsa_vectors[i].okp, exact(eddsa_vectors[i].d), ""), 0x9000);
        expect_public(r, 1, eddsa_vectors[i].q);
        if (eddsa_vectors[i].prehashed) {
            span hash = exact_space(CRYPTO_EDDSA_PREHASH);
            assert_int_equal(crypto_eddsa_prehash(&r->hsm->crypto, eddsa_vectors[i].okp, message, hash), ST_OK);
            expect_signature(r, 0x7A, signed_as(i, 0x82, view(hash)), i);
            expect_signature(r, 0x7A, signed_as(i, 0x84, message), i);
        } else {
            expect_signature(r, 0x7A, signed_as(i, 0x81, message), i);
            if (message.n && !eddsa_vectors[i].context[0]) expect_signature(r, 0x70, message, i);
        }
        EXPECT_SW(rig_delete(r, 0xCC01), 0x9000);
        hex_release();
        rig_forget(r);
    }
    rig_stop(r);
}

static void agreements_are_rfc7748s(void **state)
{
    struct rig *r = rig_ready(704, "9A020004");
    const char *imported = "";
    for (size_t i = 0; i < COUNT(okp_agreements); i++) {
        bool is_zero = okp_agreements[i].shared[0] == 0;
        if (strcmp(imported, okp_agreements[i].d) != 0) {
            if (imported[0]) EXPECT_SW(rig_delete(r, 0xCC01), 0x9000);
            imported = okp_agreements[i].d;
            EXPECT_EMPTY(import_okp(r, 1, okp_agreements[i].okp, exact(imported), ""), 0x9000);
        }
        struct answer a = rig_command(r, 0x80, 0x62, 1, 0x80, exact(okp_agreements[i].u), 65536);
        EXPECT_ROW(a, is_zero ? 0x6400 : 0x9000, is_zero ? "" : text_of("04%s", okp_agreements[i].shared),
                   text_of("row %zu", i));
    }
    rig_stop(r);
}

/* ---- OpenSSL at the other end ---- */

static void generated_keys_work(void **state)
{
    struct rig *r = card_with_all(705);
    for (unsigned i = 0; i < CRYPTO_OKP_COUNT; i++) {
        uint8_t id = (uint8_t)(1 + i);
        struct cvc request = request_of(r, id);
        bytes q = cvc_key_field(&request.key, 0x84);
        span own = exact_space(q.n), shared = exact_space(q.n);
        for (size_t n = 1; n <= 4096; n = n * 5 + 1) {
            if (!crypto_okp_params((enum crypto_okp)i)->signs) break;
            bytes message = exact(counting(n, i));
            struct answer a = rig_command(r, 0x80, 0x68, id, 0x70, message, 65536);
            EXPECT_SW(a, 0x9000);
            assert_true(oracle_eddsa((enum crypto_okp)i, q, message, a.data));
            assert_false(oracle_eddsa((enum crypto_okp)i, q, bytes_after(message, 1), a.data));
        }
        for (unsigned turn = 0; turn < 3 && !crypto_okp_params((enum crypto_okp)i)->signs; turn++) {
            assert_true(oracle_okp_agree((enum crypto_okp)i, q, own, shared));
            EXPECT_DATA(rig_command(r, 0x00, 0x62, id, 0x80, view(own), 65536), 0x9000,
                        text_of("04%s", hex_of(view(shared))));
        }
    }
    rig_stop(r);
}

/* A message in links, longer than any one of them. */
static void chained_messages_are_signed_whole(void **state)
{
    struct rig *r = card_with_all(706);
    struct cvc request = request_of(r, 1 + CRYPTO_ED25519);
    const char *part = counting(200, 3);
    SEND(r, text_of("90 68 03 70 C8 %s", part), 0x9000);
    struct answer a = rig_send(r, text_of("80 68 03 70 C8 %s 00", part));
    EXPECT_SW(a, 0x9000);
    assert_true(
        oracle_eddsa(CRYPTO_ED25519, cvc_key_field(&request.key, 0x84), exact(text_of("%s%s", part, part)), a.data));
    rig_stop(r);
}

static void keys_survive_a_power_cycle(void **state)
{
    struct rig *r = card_with_all(707);
    for (unsigned i = 0; i < CRYPTO_OKP_COUNT; i++) {
        struct cvc request = request_of(r, (uint8_t)(1 + i));
        bytes q = exact_copy(cvc_key_field(&request.key, 0x84));
        rig_power_cycle(r);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_SW(rig_login(r), 0x9000);
        span own = exact_space(q.n), shared = exact_space(q.n);
        if (crypto_okp_params((enum crypto_okp)i)->signs) {
            struct answer a = rig_command_hex(r, 0x80, 0x68, (uint8_t)(1 + i), 0x70, "616263", 256);
            assert_true(oracle_eddsa((enum crypto_okp)i, q, TEXT("abc"), a.data));
        } else {
            assert_true(oracle_okp_agree((enum crypto_okp)i, q, own, shared));
            EXPECT_DATA(rig_command(r, 0x80, 0x62, (uint8_t)(1 + i), 0x80, view(own), 256), 0x9000,
                        text_of("04%s", hex_of(view(shared))));
        }
    }
    rig_stop(r);
}

/* ---- refusals ---- */

/* apdu.md 3.14, 3.15, 6: the id exists but is not for keys of this type. */
static void algorithms_of_other_types_are_refused(void **state)
{
    static const uint8_t sign_ids[] = {0x20, 0x30, 0x33, 0x40, 0x43, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x79, 0x7A};
    static const uint8_t decipher_ids[] = {0x21, 0x22, 0x23, 0x80, 0x84};
    struct rig *r = card_with_all(708);
    uint32_t generation = rig_generation(r);
    for (unsigned i = 0; i < CRYPTO_OKP_COUNT; i++) {
        bool signs = crypto_okp_params((enum crypto_okp)i)->signs;
        uint8_t id = (uint8_t)(1 + i);
        for (size_t a = 0; a < COUNT(sign_ids); a++) {
            if (signs && (sign_ids[a] == 0x70 || sign_ids[a] == 0x7A)) continue;
            EXPECT_ROW(rig_command_hex(r, 0x80, 0x68, id, sign_ids[a], "8103616263", 256), 0x6400, "",
                       text_of("SIGN %02X with %u", sign_ids[a], i));
        }
        for (size_t a = 0; a < COUNT(decipher_ids); a++) {
            if (!signs && decipher_ids[a] == 0x80) continue;
            bytes peer = crypto_okp_params((enum crypto_okp)i)->base;
            EXPECT_ROW(rig_command(r, 0x80, 0x62, id, decipher_ids[a], peer, 256), 0x6400, "",
                       text_of("DECIPHER %02X with %u", decipher_ids[a], i));
        }
        EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, id, 0x7B, "8103616263", 256), 0x6A86); /* nobody's */
        EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x62, id, 0x81, "00", 256), 0x6B00);
        EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x76, id, 0x77, "9801", 0), 0x6400); /* DERIVE */
    }
    EXPECT_SW(rig_generate_ec(r, 0x20, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, 0x20, 0x7A, "8103616263", 256), 0x6400);
    assert_int_equal(rig_generation(r), generation + 1);
    rig_stop(r);
}

/* A wrong length is 6984 and costs no use; a zero is found by using the key. */
static void peers_are_checked(void **state)
{
    for (enum crypto_okp okp = CRYPTO_X25519; okp <= CRYPTO_X448; okp++) {
        struct rig *r = rig_ready(709, "");
        size_t n = size_of(okp);
        EXPECT_SW(rig_generate_okp(r, 1, okp, "900400000002"), 0x9000);
        for (size_t size = 0; size <= 2 * n; size++) {
            if (size == n) continue;
            bytes peer = bytes_first(exact(counting(2 * n, 4)), size);
            EXPECT_ROW(rig_command(r, 0x80, 0x62, 1, 0x80, exact_copy(peer), 256), 0x6984, "",
                       text_of("%zu bytes", size));
        }
        span zero = exact_space(n);
        memset(zero.p, 0, n);
        EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 1, 0x80, view(zero), 256), 0x6400); /* one use */
        EXPECT_SW(rig_command(r, 0x80, 0x62, 1, 0x80, exact(counting(n, 4)), 256), 0x9000);
        EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 1, 0x80, exact(counting(n, 4)), 256), 0x6A84);
        rig_stop(r);
        hex_release();
    }
}

/* clang-format off */
#define HASH_64 "0000000000000000000000000000000000000000000000000000000000000000" \
                "0000000000000000000000000000000000000000000000000000000000000000"
static const struct { uint16_t sw; const char *data, *why; } parameters[] = {
    {0x9000, "8100",                        "an empty message"},
    {0x9000, "8400",                        "an empty message to hash"},
    {0x9000, "8240" HASH_64,                "a hash"},
    {0x9000, "830161 8240" HASH_64,         "a context before it"},
    {0x6700, "",                            "nothing"},
    {0x6700, "830161",                      "a context alone"},
    {0x6700, "8101618300",                  "an empty context"},
    {0x6700, "810161840161",                "two messages"},
    {0x6700, "8101618240" HASH_64,          "message and hash"},
    {0x6700, "8400 8240" HASH_64,           "message to hash and hash"},
    {0x6700, "8241" HASH_64 "00",           "a hash of 65 bytes"},
    {0x6700, "8200",                        "a hash of no bytes"},
    {0x6A80, "81016181 0161",               "twice"},
    {0x6A80, "810161 8301618301 61",        "two contexts"},
    {0x6A80, "810161 850100",               "unknown"},
    {0x6A80, "810161 0600",                 "unknown"},
    {0x6A80, "810161 80",                   "half an object"},
    {0x6A80, "8105616263",                  "past the end"},
    {0x6A80, "61",                          "no TLV"},
};
/* clang-format on */

static void parameters_of_7a(void **state)
{
    struct rig *r = card_with_all(710);
    for (enum crypto_okp okp = CRYPTO_ED25519; okp <= CRYPTO_ED448; okp++) {
        for (size_t i = 0; i < COUNT(parameters); i++) {
            struct answer a = rig_command_hex(r, 0x80, 0x68, (uint8_t)(1 + okp), 0x7A, parameters[i].data, 256);
            EXPECT_ROW(a, parameters[i].sw, EXPECT_ANY, parameters[i].why);
            assert_int_equal(a.data.n, parameters[i].sw == 0x9000 ? 2 * size_of(okp) : 0);
        }
        const char *longest = text_of("8181FF%s 83 81FF %s", counting(255, 0), counting(255, 9));
        EXPECT_SW(rig_command_hex(r, 0x80, 0x68, (uint8_t)(1 + okp), 0x7A, longest, 256), 0x9000);
        const char *longer = text_of("8100 83 820100 %s", counting(256, 9));
        EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, (uint8_t)(1 + okp), 0x7A, longer, 256), 0x6700);
        EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, (uint8_t)(1 + okp), 0x70, "", 256), 0x6700);
    }
    rig_stop(r);
}

static void lists_and_counters_hold(void **state)
{
    struct rig *r = rig_ready(711, "");
    EXPECT_SW(rig_generate_okp(r, 1, CRYPTO_ED25519, "90040000000191027A80"), 0x9000);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, 1, 0x70, "616263", 256), 0x6985);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, 1, 0x7A, "82", 256), 0x6A80); /* costs nothing */
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, 1, 0x73, "616263", 256), 0x6985);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x68, 1, 0x7A, "8103616263", 256), 0x9000);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, 1, 0x7A, "8103616263", 256), 0x6A84);
    EXPECT_SW(rig_generate_okp(r, 2, CRYPTO_X448, "910170"), 0x9000);
    EXPECT_EMPTY(rig_command(r, 0x80, 0x62, 2, 0x80, crypto_okp_params(CRYPTO_X448)->base, 256), 0x6985);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x68, 2, 0x70, "616263", 256), 0x6400);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_curve_is_generated_and_attested),
        CASE(hidden_curves_are_not_made),
        CASE(they_are_no_exchange_keys),
        CASE(signatures_are_rfc8032s),
        CASE(agreements_are_rfc7748s),
        CASE(generated_keys_work),
        CASE(chained_messages_are_signed_whole),
        CASE(keys_survive_a_power_cycle),
        CASE(algorithms_of_other_types_are_refused),
        CASE(peers_are_checked),
        CASE(parameters_of_7a),
        CASE(lists_and_counters_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
