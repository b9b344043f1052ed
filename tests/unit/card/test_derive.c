/* SPDX-License-Identifier: Apache-2.0 */
/* DERIVE ASYMMETRIC KEY (apdu.md 3.16, formats.md 12.2): known answers, every curve against OpenSSL, each rule of the
 * table, and that nothing is left of what was refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/import_common.h"
#include "tests/vectors/derive.h"

#define SOURCE 0x11
#define CHILD 0x12

static struct answer derive(struct rig *r, uint8_t from, uint8_t to, const char *data)
{
    return rig_command_hex(r, 0x80, 0x76, from, to, data, 0);
}

static void known_answers(void **state)
{
    struct rig *r = rig_ready(600, "9A020004");
    for (size_t i = 0; i < COUNT(derive_vectors); i++) {
        const struct derive_vector *v = &derive_vectors[i];
        EXPECT_ROW(import_ec(r, SOURCE, v->curve, exact(v->d), ""), 0x9000, "", v->name);
        EXPECT_ROW(derive(r, SOURCE, CHILD, text_of("98%s", v->offset)), 0x9000, "", v->name);
        expect_point(r, CHILD, v->point);
        EXPECT_SW(rig_delete(r, 0xCC00 | SOURCE), 0x9000);
        EXPECT_SW(rig_delete(r, 0xCC00 | CHILD), 0x9000);
        hex_release();
    }
    rig_stop(r);
}

/* apdu.md 5.3: d = 1 is G itself; the child's agreement with 2G is on the line. */
static void the_sum_is_taken_modulo_the_order(void **state)
{
    struct rig *r = rig_ready(601, "9A020004");
    const char *two_g = "047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"
                        "07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1";
    EXPECT_SW(import_ec(r, SOURCE, CRYPTO_SECP256R1, exact("03"), ""), 0x9000);
    EXPECT_SW(derive(r, SOURCE, CHILD, "98FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550"), 0x9000);
    expect_point(r, CHILD, two_g); /* 3 + (n - 1) = 2 */
    rig_stop(r);
}

/* Offsets that are short, random, at the order, and as long as can be: P-521's go 127 times over it. */
static void every_curve_agrees_with_openssl(void **state)
{
    struct rig *r = rig_ready(602, "9A020004");
    uint64_t seed = 5;
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        const struct crypto_curve_params *p = crypto_curve_params((enum crypto_curve)c);
        span d = exact_space(p->field_size), a = exact_space(p->field_size), sum = exact_space(p->field_size);
        span point = exact_space(1 + 2 * p->field_size);
        for (unsigned kind = 0; kind < 4; kind++) {
            for (size_t i = 0; i < d.n; i++) d.p[i] = (uint8_t)sim_random(&seed), a.p[i] = (uint8_t)sim_random(&seed);
            d.p[0] = 0; /* below every order */
            if (kind == 1) memset(a.p, 0xFF, a.n);
            if (kind == 2) memcpy(a.p, p->n.p, a.n);
            bytes offset = kind == 3 ? bytes_first(view(a), 1) : view(a);
            EXPECT_SW(import_ec(r, SOURCE, (enum crypto_curve)c, view(d), ""), 0x9000);
            EXPECT_SW(derive(r, SOURCE, CHILD, text_of("98%s", hex_of(offset))), 0x9000);
            assert_true(oracle_ec_add((enum crypto_curve)c, view(d), offset, sum));
            assert_true(oracle_ec_public((enum crypto_curve)c, view(sum), point));
            expect_point(r, CHILD, hex_of(view(point)));
            struct answer signature = rig_command_hex(r, 0x80, 0x68, CHILD, 0x73, "616263", 256);
            EXPECT_SW(signature, 0x9000);
            assert_true(oracle_ecdsa_der((enum crypto_curve)c, view(point), sha256(TEXT("abc")), signature.data));
            EXPECT_SW(rig_delete(r, 0xCC00 | SOURCE), 0x9000);
            EXPECT_SW(rig_delete(r, 0xCC00 | CHILD), 0x9000);
        }
        hex_release();
    }
    rig_stop(r);
}

/* The private key `k`, or n + k when it is negative; all orders end in 9 or more. */
static bytes key_near_zero(enum crypto_curve curve, int k)
{
    const struct crypto_curve_params *p = crypto_curve_params(curve);
    span d = exact_space(p->field_size);
    memset(d.p, 0, d.n);
    if (k < 0) memcpy(d.p, p->n.p, d.n);
    d.p[d.n - 1] = (uint8_t)(d.p[d.n - 1] + k);
    return view(d);
}

static void signs_as(struct rig *r, uint8_t id, enum crypto_curve curve, bytes d)
{
    span point = exact_space(1 + 2 * d.n);
    assert_true(oracle_ec_public(curve, d, point));
    expect_point(r, id, hex_of(view(point)));
    struct answer signature = rig_command_hex(r, 0x80, 0x68, id, 0x73, "616263", 256);
    EXPECT_SW(signature, 0x9000);
    assert_true(oracle_ecdsa_der(curve, view(point), sha256(TEXT("abc")), signature.data));
}

/* d = 1, 2, 3 and n - 1 are keys like others, though nobody should have them: brought along or derived. */
static void the_smallest_and_the_largest_key(void **state)
{
    static const struct {
        int from, offset, sum;
    } rows[] = {{-1, 2, 1}, {-1, 3, 2}, {-1, 4, 3}, {1, -2, -1}, {2, -3, -1}, {3, -4, -1}};
    struct rig *r = rig_ready(607, "9A020004");
    for (unsigned c = 0; c < CRYPTO_CURVE_COUNT; c++) {
        enum crypto_curve curve = (enum crypto_curve)c;
        for (size_t i = 0; i < COUNT(rows); i++) {
            EXPECT_SW(import_ec(r, SOURCE, curve, key_near_zero(curve, rows[i].from), ""), 0x9000);
            signs_as(r, SOURCE, curve, key_near_zero(curve, rows[i].from));
            bytes offset = key_near_zero(curve, rows[i].offset);
            EXPECT_SW(derive(r, SOURCE, CHILD, text_of("98%s", hex_of(offset))), 0x9000);
            signs_as(r, CHILD, curve, key_near_zero(curve, rows[i].sum));
            EXPECT_SW(rig_delete(r, 0xCC00 | SOURCE), 0x9000);
            EXPECT_SW(rig_delete(r, 0xCC00 | CHILD), 0x9000);
        }
        hex_release();
    }
    rig_stop(r);
}

/* clang-format off */
/* On a card with 11: P-256, 13: RSA, 14: list without 98, 15: no use left, 16: P-521, 17: exists, 18: d = 1. */
static const struct { uint8_t from, to; const char *data; uint16_t sw; const char *why; } refused[] = {
    {0x11, 0x00, "9801",   0x6A86, "3.16: destination 00"},
    {0x11, 0x11, "9801",   0x6A86, "3.16: destination = source"},
    {0x99, 0x99, "9801",   0x6A86, "3.16: P1 P2 before the source is looked for"},
    {0x99, 0x12, "9801",   0x6A82, "3.16: no source"},
    {0x00, 0x12, "9801",   0x6985, "6: the device key"},
    {0x11, 0x17, "9801",   0x6A89, "formats.md 12.2: destination exists"},
    {0x13, 0x12, "9801",   0x6400, "3.16: not EC"},
    {0x14, 0x12, "9801",   0x6985, "3.16: 98 not in the list"},
    {0x15, 0x12, "9801",   0x6A84, "4.5: no use left"},
    {0x11, 0x12, "",       0x6700, "3.16: no data"},
    {0x11, 0x12, "98",     0x6700, "3.16: no offset"},
    {0x11, 0x12, "9901",   0x6700, "3.16: first byte"},
    {0x11, 0x12, "0198",   0x6700, "3.16: first byte"},
    {0x11, 0x12, "98000000000000000000000000000000000000000000000000000000000000000001", 0x6700, "DP-38: 33 bytes"},
    {0x16, 0x12, "98" "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                 "000000000000000000000000000000000000000000000001", 0x6700, "DP-38: 67 bytes on P-521"},
    {0x18, 0x12, "98FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550", 0x6400, "3.16: d' = 0"},
};
/* clang-format on */

static struct rig *card_for_refusals(const char *more)
{
    struct rig *r = rig_ready(603, more);
    const bytes one = exact_copy(LITERAL(1));
    EXPECT_SW(rig_generate_ec(r, 0x11, CRYPTO_SECP256R1, "910273 98"), 0x9000);
    EXPECT_SW(rig_generate_rsa(r, 0x13, 1024, 65537, ""), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0x14, CRYPTO_SECP256R1, "910173"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0x15, CRYPTO_SECP256R1, "900400000000"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0x16, CRYPTO_SECP521R1, ""), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0x17, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(import_ec(r, 0x18, CRYPTO_SECP256R1, one, ""), 0x9000);
    return r;
}

static void every_refusal_leaves_nothing(void **state)
{
    struct rig *r = card_for_refusals("9A020004");
    uint32_t generation = rig_generation(r);
    for (size_t i = 0; i < COUNT(refused); i++) {
        EXPECT_ROW(derive(r, refused[i].from, refused[i].to, refused[i].data), refused[i].sw, "", refused[i].why);
        EXPECT_SW(rig_select_file(r, 0xCC12), 0x6A82);
        EXPECT_SW(rig_select_file(r, 0xC412), 0x6A82);
    }
    assert_int_equal(rig_generation(r), generation);
    EXPECT_SW(derive(r, 0x11, 0x12, "9801"), 0x9000);
    assert_int_equal(rig_generation(r), generation + 1); /* key, C4 and CE in one change */
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(derive(r, 0x11, 0x19, "9801"), 0x6982);
    rig_stop(r);
}

static void the_button_is_asked(void **state)
{
    struct rig *r = rig_ready(604, "");
    EXPECT_SW(rig_generate_ec(r, SOURCE, CRYPTO_SECP256R1, "900400000002"), 0x9000);
    SEND(r, "806406000101", 0x9000); /* option 0100 */
    r->presence.answer = false;
    unsigned calls = r->presence.calls;
    EXPECT_EMPTY(derive(r, SOURCE, CHILD, "9801"), 0x6600);
    assert_int_equal(r->presence.calls, calls + 1);
    EXPECT_DATA(rig_select_file(r, 0xCC00 | SOURCE), 0x9000,
                "6217 81020000 820108 8302CC11 8A0105 A58106 900400000002"); /* no use was charged */
    r->presence.answer = true;
    EXPECT_EMPTY(derive(r, SOURCE, CHILD, "9801"), 0x9000);
    rig_stop(r);
}

/* DP-39: the child has list and domain of its parent, and no counter; the parent pays. */
static void the_child_is_no_freer_than_its_parent(void **state)
{
    struct rig *r = rig_ready(605, "");
    EXPECT_SW(rig_generate_ec(r, SOURCE, CRYPTO_SECP256R1, "900400000002 91027398 920103 9302ABCD"), 0x9000);
    EXPECT_SW(derive(r, SOURCE, CHILD, "9801"), 0x9000);
    EXPECT_DATA(rig_select_file(r, 0xCC00 | CHILD), 0x9000,
                "621C 81020000 820108 8302CC12 8A0105 A5810B 91027398 920103 9302ABCD");
    EXPECT_DATA(rig_select_file(r, 0xCC00 | SOURCE), 0x9000,
                "6222 81020000 820108 8302CC11 8A0105 A58111 900400000001 91027398 920103 9302ABCD");
    EXPECT_SW(rig_command_hex(r, 0x80, 0x68, CHILD, 0x70, counting(32, 0), 256), 0x6985);
    EXPECT_SW(derive(r, CHILD, 0x13, "9802"), 0x9000); /* a child of the child */
    EXPECT_SW(derive(r, SOURCE, 0x14, "9803"), 0x9000);
    EXPECT_SW(derive(r, SOURCE, 0x15, "9803"), 0x6A84);
    SEND(r, "806406000102", 0x9000); /* option 0200: every new key is counted, this one too */
    EXPECT_SW(derive(r, CHILD, 0x16, "9804"), 0x9000);
    EXPECT_DATA(rig_select_file(r, 0xCC16), 0x9000,
                "6222 81020000 820108 8302CC16 8A0105 A58111 9004FFFFFFFE 91027398 920103 9302ABCD");
    rig_stop(r);
}

/* What host and staging file brought along is left alone; the child is listed and survives the next start. */
static void a_child_is_a_key_like_others(void **state)
{
    struct rig *r = rig_ready(606, "");
    EXPECT_SW(rig_generate_ec(r, SOURCE, CRYPTO_BP256R1, ""), 0x9000);
    EXPECT_SW(rig_update(r, 0x2F10, 0, TEXT("a blob that waits")), 0x9000);
    SEND(r, /* apdu.md 3.16, the example of a client */
         "80761112 21 98 A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5376", 0x9000);
    EXPECT_SW(rig_select_file(r, 0x2F10), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00 CC11 CC12 C411 C412");
    struct cvc request = unattested_request(r, CHILD);
    bytes point = exact_copy(cvc_key_field(&request.key, 0x86));
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    struct answer signature = rig_command_hex(r, 0x80, 0x68, CHILD, 0x73, "616263", 256);
    EXPECT_SW(signature, 0x9000);
    assert_true(oracle_ecdsa_der(CRYPTO_BP256R1, point, sha256(TEXT("abc")), signature.data));
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(known_answers),
        CASE(the_sum_is_taken_modulo_the_order),
        CASE(every_curve_agrees_with_openssl),
        CASE(the_smallest_and_the_largest_key),
        CASE(every_refusal_leaves_nothing),
        CASE(the_button_is_asked),
        CASE(the_child_is_no_freer_than_its_parent),
        CASE(a_child_is_a_key_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
