/* SPDX-License-Identifier: Apache-2.0 */
/* The trust store: MSE SET DST and PSO VERIFY CERTIFICATE (apdu.md 3.21, 3.23, formats.md 3.7, 3.8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/trust_common.h"

/* A card whose operator has installed the chain of the vectors; logged in. */
static struct rig *start(uint64_t seed)
{
    struct rig *r = rig_ready(seed, "");
    install_chain(r, CHAIN);
    return r;
}

static struct crypto *crypto_of(struct rig *r)
{
    return &r->hsm->crypto;
}

static bytes made(struct rig *r, const struct made *m)
{
    return make_certificate(crypto_of(r), m);
}

/* ---- MSE SET ---- */

/* clang-format off */
static const struct { uint8_t p1, p2; const char *data; uint16_t sw; const char *why; } mse_rows[] = {
    {0x41, 0xB6, "830D58585445535443413030303031",   0x9000, "root by its CHR"},
    {0x81, 0xB6, "830D58585445535444563030303031",   0x9000, "DV"},
    {0xC1, 0xB6, "831045535049434F48534D54524142434445", 0x9000, "device"},
    {0x01, 0xB6, "830D58585445535443413030303031",   0x9000, "any odd P1"},
    {0x81, 0xB6, "830C585854455354434130303030",     0x6A88, "one byte shorter (DP-48)"},
    {0x81, 0xB6, "830E5858544553544341303030303100", 0x6A88, "one byte longer"},
    {0x81, 0xB6, "8305" "5858544553",                0x6A88, "prefix"},
    {0x81, 0xB6, "830D58585445535443413030303032",   0x6A88, "another"},
    {0x81, 0xB6, "8300",                             0x6A88, "empty name"},
    {0x81, 0xB6, "8311" "5858544553544341303030303100000000", 0x6A88, "longer than any name"},
    {0x81, 0xB6, "830101",                           0x9000, "one byte: a key reference"},
    {0x81, 0xB6, "",                                 0x9000, "nothing"},
    {0x81, 0xB6, "8401FF",                           0x9000, "unknown tag"},
    {0x81, 0xB6, "830D5858",                         0x6A80, "past the end"},
    {0x81, 0xB6, "83",                               0x6A80, "no length"},
    {0x81, 0xA4, "830D58585445535443413030303031",   0x6A88, "A4: nobody is registered"},
    {0x81, 0xB8, "830D58585445535443413030303031",   0x6A88, "other template"},
    {0x81, 0xB4, "830101",                           0x9000, "other template, key reference"},
    {0x80, 0xB6, "830D58585445535443413030303031",   0x6A86, "even P1"},
    {0x81, 0xB7, "830D58585445535443413030303031",   0x6A86, "unknown P2"},
};
/* clang-format on */

static void names_are_whole(void **state)
{
    struct rig *r = start(701);
    for (size_t i = 0; i < COUNT(mse_rows); i++) {
        EXPECT_ROW(rig_command_hex(r, 0x00, 0x22, mse_rows[i].p1, mse_rows[i].p2, mse_rows[i].data, 0), mse_rows[i].sw,
                   "", mse_rows[i].why);
    }
    rig_stop(r);
}

/* A refused selection leaves the one before. */
static void a_wrong_name_selects_nothing(void **state)
{
    struct rig *r = start(702);
    EXPECT_SW(mse(r, 0xB6, "XXTESTDV00001"), 0x9000);
    EXPECT_SW(mse(r, 0xB6, "XXTESTDV0000"), 0x6A88);
    EXPECT_EMPTY(verify_certificate(r, exact(PKA_TOKEN_CERTIFICATE)), 0x9000);
    rig_stop(r);
}

/* ---- PSO ---- */

/* As pka.json; the file and its description are what formats.md 2.5 says. */
static void a_certificate_is_kept(void **state)
{
    struct rig *r = start(703);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRTOKEN"), 0x6A88);
    uint32_t generation = rig_generation(r);
    EXPECT_EMPTY(show(r, "XXTESTDV00001", exact(PKA_TOKEN_CERTIFICATE)), 0x9000);
    assert_int_equal(rig_generation(r), generation + 1);
    EXPECT_DATA(rig_read(r, 0xCA00, 0, 4096), 0x9000, PKA_TOKEN_CERTIFICATE);
    struct answer c8 = rig_read(r, 0xC800, 0, 256);
    EXPECT_SW(c8, 0x9000);
    assert_hex(bytes_first(c8.data, 26), "303A 3016 0C10 45535049434F48534D5452544F4B454E 03020640");
    assert_hex(bytes_first(bytes_after(c8.data, 26), 4), "30160414");
    assert_hex(bytes_after(c8.data, 50), "A108 3006 3004 0402CA00");
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRTOKEN"), 0x9000);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRTOKEN"), 0x9000);
    rig_stop(r);
}

/* With and without the outer tag, P2 BE, AE and 92. */
static void all_forms_are_taken(void **state)
{
    static const uint8_t kinds[] = {0xBE, 0xAE, 0x92};
    struct rig *r = start(704);
    bytes whole = exact(PKA_TOKEN_CERTIFICATE), content = exact_copy(bytes_after(whole, 4));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        EXPECT_SW(mse(r, 0xB6, "XXTESTDV00001"), 0x9000);
        EXPECT_EMPTY(rig_command(r, 0x00, 0x2A, 0x00, kinds[i], i % 2 ? whole : content, 256), 0x9000);
        EXPECT_DATA(rig_read(r, 0xCA00, 0, 4096), 0x9000, PKA_TOKEN_CERTIFICATE);
        EXPECT_SW(rig_delete(r, 0xCA00), 0x9000);
    }
    rig_stop(r);
}

/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *why; } pso_rows[] = {
    {"",                      0x6700, "no data"},
    {"30",                    0x6984, "no CVC"},
    {"7F2100",                0x6984, "empty"},
    {"7F2182FFFF",            0x6984, "longer than the data"},
    {"7F21820100",            0x6984, "past the end"},
    {PKA_KEY_REQUEST,         0x6984, "a request with attestation"},
    {PKA_TOKEN_CERTIFICATE "00", 0x6984, "something behind"},
    {CHAIN_CA,                0x6985, "another issuer"},
    {PKI_DV_2,                0x6985, "another issuer, unknown"},
};
/* clang-format on */

static void bad_certificates_leave_nothing(void **state)
{
    struct rig *r = start(705);
    EXPECT_SW(verify_certificate(r, exact(PKA_TOKEN_CERTIFICATE)), 0x6A88); /* no key selected */
    EXPECT_SW(mse(r, 0xB6, "XXTESTDV00001"), 0x9000);
    uint32_t generation = rig_generation(r);
    for (size_t i = 0; i < COUNT(pso_rows); i++) {
        EXPECT_ROW(verify_certificate(r, exact(pso_rows[i].hex)), pso_rows[i].sw, "", pso_rows[i].why);
    }
    static const uint8_t others[][2] = {{0x00, 0xBD}, {0x01, 0xBE}, {0x00, 0x00}, {0x9E, 0x9A}};
    for (size_t i = 0; i < COUNT(others); i++) {
        EXPECT_SW(rig_command_hex(r, 0, 0x2A, others[i][0], others[i][1], PKA_TOKEN_CERTIFICATE, 0), 0x6A86);
    }
    bytes whole = exact(PKA_TOKEN_CERTIFICATE);
    for (size_t at = 0; at < whole.n; at++) {
        struct answer a = verify_certificate(r, made_bent(whole, at));
        assert_true(a.sw == 0x6985 || a.sw == 0x6984);
        hex_release();
        if (at % 16 == 0) rig_forget(r);
        whole = exact(PKA_TOKEN_CERTIFICATE);
    }
    assert_int_equal(rig_generation(r), generation);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRTOKEN"), 0x6A88);
    rig_stop(r);
}

/* clang-format off */
static const struct { const char *issuer, *subject; uint16_t sw; } roles[] = {
    {MAKE_ROLE_CA,     MAKE_ROLE_CA,     0x9000}, {MAKE_ROLE_CA,     MAKE_ROLE_DV,     0x9000},
    {MAKE_ROLE_CA,     MAKE_ROLE_DEVICE, 0x9000}, {MAKE_ROLE_CA,     "4000000000",     0x9000},
    {MAKE_ROLE_DV,     MAKE_ROLE_DEVICE, 0x9000}, {MAKE_ROLE_DV,     MAKE_ROLE_DV,     0x6985},
    {MAKE_ROLE_DV,     "4000000000",     0x6985}, {MAKE_ROLE_DV,     MAKE_ROLE_CA,     0x6985},
    {MAKE_ROLE_DEVICE, MAKE_ROLE_DEVICE, 0x6985}, {MAKE_ROLE_DEVICE, MAKE_ROLE_DV,     0x6985},
    {"0100",           MAKE_ROLE_DEVICE, 0x6985}, {NULL,             MAKE_ROLE_DEVICE, 0x6985},
    {MAKE_ROLE_CA,     NULL,             0x6985},
};
/* clang-format on */

/* Nobody issues for his equal or for somebody above; only a CA has successors. */
static void roles_are_kept(void **state)
{
    struct rig *r = start(706);
    for (size_t i = 0; i < COUNT(roles); i++) {
        struct made issuer = {
            .car = "I", .chr = "ISSUER", .key = 3, .role = roles[i].issuer, .curve = CRYPTO_SECP256R1};
        struct made subject = {.car = "ISSUER",
                               .chr = "SUBJECT",
                               .key = 4,
                               .signer = 3,
                               .role = roles[i].subject,
                               .curve = CRYPTO_SECP256R1};
        EXPECT_SW(rig_update(r, 0xCA07, 0, made(r, &issuer)), 0x9000);
        EXPECT_ROW(show(r, "ISSUER", made(r, &subject)), roles[i].sw, "",
                   text_of("%s for %s", roles[i].issuer, roles[i].subject));
        rig_delete(r, 0xCA00);
        rig_delete(r, 0xCA07);
    }
    rig_stop(r);
}

/* The selected key verifies, and the certificate must name it: both, not either. */
static void the_issuer_must_be_the_selected_one(void **state)
{
    struct rig *r = start(707);
    struct made a = {.car = "NA", .chr = "NA", .key = 3, .role = MAKE_ROLE_CA, .curve = CRYPTO_SECP256R1};
    struct made b = {.car = "NB", .chr = "NB", .key = 3, .role = MAKE_ROLE_CA, .curve = CRYPTO_SECP256R1};
    struct made of_a = {
        .car = "NA", .chr = "NC", .key = 5, .signer = 3, .role = MAKE_ROLE_DV, .curve = CRYPTO_SECP256R1};
    EXPECT_SW(rig_update(r, 0xCA01, 0, made(r, &a)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA02, 0, made(r, &b)), 0x9000);
    EXPECT_SW(show(r, "NB", made(r, &of_a)), 0x6985); /* the same key under another name */
    EXPECT_SW(show(r, "NA", made(r, &of_a)), 0x9000);
    rig_stop(r);
}

/* A second certificate with a name that is taken would never be found; the very same one is there already. */
static void names_are_taken_once(void **state)
{
    struct rig *r = start(708);
    struct made other = {
        .car = "XXTESTCA00001", .chr = "ESPICOHSMTRTOKEN", .key = 9, .role = MAKE_ROLE_DEVICE, .curve = CRYPTO_BP256R1};
    EXPECT_SW(show(r, "XXTESTDV00001", exact(PKA_TOKEN_CERTIFICATE)), 0x9000);
    uint32_t generation = rig_generation(r);
    EXPECT_SW(show(r, "XXTESTDV00001", exact(PKA_TOKEN_CERTIFICATE)), 0x9000);
    assert_int_equal(rig_generation(r), generation);
    struct made root = {.car = "R", .chr = "R", .key = 8, .role = MAKE_ROLE_CA, .curve = CRYPTO_BP256R1};
    EXPECT_SW(rig_update(r, 0xCA50, 0, made(r, &root)), 0x9000);
    other.car = "R";
    other.signer = 8;
    EXPECT_SW(show(r, "R", made(r, &other)), 0x6985);
    rig_stop(r);
}

/* CAkk for all kk: one more is refused, and one that was deleted makes room again. */
static void all_files_are_taken(void **state)
{
    struct rig *r = start(715);
    for (unsigned id = 0; id <= 0xFF; id++) {
        EXPECT_SW(rig_update(r, (uint16_t)(0xCA00 + id), 0, LITERAL(0x30)), 0x9000);
        rig_forget(r);
    }
    uint32_t generation = rig_generation(r);
    EXPECT_SW(show(r, "XXTESTDV00001", exact(PKA_TOKEN_CERTIFICATE)), 0x6A84);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRTOKEN"), 0x6A88);
    assert_int_equal(rig_generation(r), generation);
    EXPECT_SW(rig_delete(r, 0xCAFF), 0x9000);
    EXPECT_SW(show(r, "XXTESTDV00001", exact(PKA_TOKEN_CERTIFICATE)), 0x9000);
    EXPECT_DATA(rig_read(r, 0xCAFF, 0, 4096), 0x9000, PKA_TOKEN_CERTIFICATE);
    EXPECT_SW(rig_read(r, 0xC8FF, 0, 256), 0x9000);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRTOKEN"), 0x9000);
    rig_stop(r);
}

/* ---- without login: RAM ---- */

static struct made guest(const char *name, uint8_t key)
{
    return (struct made){
        .car = "ROOT", .chr = name, .key = key, .signer = 3, .role = MAKE_ROLE_DV, .curve = CRYPTO_SECP256R1};
}

static void guests_leave_no_trace(void **state)
{
    struct rig *r = start(709);
    struct made root = {.car = "ROOT", .chr = "ROOT", .key = 3, .role = MAKE_ROLE_CA, .curve = CRYPTO_SECP256R1};
    install_chain(r, text_of("%s%s", CHAIN, hex_of(made(r, &root))));
    EXPECT_SW(rig_select(r), 0x9000);
    bytes image = rig_image(r);
    static const char *const names[] = {"G1", "G2", "G3", "G4", "G5"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct made m = guest(names[i], (uint8_t)(10 + i));
        EXPECT_SW(show(r, "ROOT", made(r, &m)), i < 4 ? 0x9000 : 0x6A84);
        EXPECT_SW(mse(r, 0xB6, names[i]), i < 4 ? 0x9000 : 0x6A88);
    }
    struct made below = {
        .car = "G2", .chr = "D", .key = 20, .signer = 11, .curve = CRYPTO_SECP256R1, .role = MAKE_ROLE_DEVICE};
    EXPECT_SW(show(r, "G2", made(r, &below)), 0x6A84); /* verified, and no room */
    assert_true(bytes_equal(image, rig_image(r)));
    EXPECT_SW(rig_select(r), 0x9000);
    for (size_t i = 0; i < COUNT(names); i++) EXPECT_SW(mse(r, 0xB6, names[i]), 0x6A88);
    EXPECT_SW(verify_certificate(r, made(r, &below)), 0x6A88); /* the selection is gone as well */
    rig_stop(r);
}

/* SO: "with user or SO verified". */
static void the_so_leaves_certificates_too(void **state)
{
    struct rig *r = start(710);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login_so(r), 0x9000);
    EXPECT_SW(show(r, "XXTESTDV00001", exact(PKA_TOKEN_CERTIFICATE)), 0x9000);
    EXPECT_DATA(rig_read(r, 0xCA00, 0, 4096), 0x9000, PKA_TOKEN_CERTIFICATE);
    rig_stop(r);
}

/* ---- chains and circles ---- */

/* C1 is self-signed, C2 by C1, ...; all but C1 leave out the curve. */
static struct made link_of(unsigned i, bool full)
{
    return (struct made){.car = text_of("CHAIN%u", i > 1 ? i - 1 : 1),
                         .chr = text_of("CHAIN%u", i),
                         .key = (uint8_t)i,
                         .signer = (uint8_t)(i > 1 ? i - 1 : 1),
                         .role = MAKE_ROLE_CA,
                         .point_only = !full && i > 1,
                         .curve = CRYPTO_BP256R1};
}

/* Nine links: the ninth's key still gets the curve of the first, the tenth's does not. */
static void long_chains_inherit(void **state)
{
    struct rig *r = start(711);
    struct made first = link_of(1, true);
    install_chain(r, text_of("%s%s", CHAIN, hex_of(made(r, &first))));
    for (unsigned i = 2; i <= 10; i++) {
        struct made next = link_of(i, false);
        EXPECT_ROW(show(r, text_of("CHAIN%u", i - 1), made(r, &next)), 0x9000, "", text_of("link %u", i));
    }
    struct made too_far = link_of(11, false);
    EXPECT_SW(show(r, "CHAIN10", made(r, &too_far)), 0x6985);
    assert_int_equal(rig_list(r).data.n, 2 * (1 + 9 + 9));
    rig_stop(r);
}

/* DP-62: A says B, B says A; one that says itself; one whose issuer is missing. Each answers, and verifies nothing. */
static void circles_end(void **state)
{
    struct rig *r = start(712);
    struct made a = {
        .car = "NB", .chr = "NA", .key = 3, .role = MAKE_ROLE_CA, .curve = CRYPTO_SECP256R1, .point_only = true};
    struct made b = a, self = a, orphan = a;
    b.car = "NA", b.chr = "NB", b.key = 4;
    self.car = self.chr = "SELF";
    orphan.car = "NOBODY", orphan.chr = "ORPHAN";
    EXPECT_SW(rig_update(r, 0xCA01, 0, made(r, &a)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA02, 0, made(r, &b)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA03, 0, made(r, &self)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA04, 0, made(r, &orphan)), 0x9000);
    static const char *const names[] = {"NA", "NB", "SELF", "ORPHAN"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct made m = {.car = names[i],
                         .chr = "X",
                         .key = 9,
                         .signer = i == 1 ? 4 : 3,
                         .role = MAKE_ROLE_DV,
                         .curve = CRYPTO_SECP256R1};
        EXPECT_ROW(show(r, names[i], made(r, &m)), 0x6985, "", names[i]);
    }
    rig_stop(r);
}

/* Files that are no CVC, or that begin with one, do not hide what comes behind them. */
static void other_files_are_passed_over(void **state)
{
    struct rig *r = start(713);
    EXPECT_SW(rig_update(r, 0xCA00, 0, exact("30820100AABB")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA01, 0, exact("7F2182FFFF00")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA02, 0, exact(PKA_KEY_REQUEST)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA03, 0, NO_BYTES), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA04, 0, exact(PKI_CA_2 PKI_CA_1)), 0x9000);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMCA00001"), 0x9000);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRTOKEN"), 0x6A88); /* a request certifies nothing */
    EXPECT_SW(show(r, "ESPICOHSMCA00002", exact(PKI_DV_2)), 0x9000);
    EXPECT_SW(rig_read(r, 0xCA05, 0, 4096), 0x9000); /* the lowest free */
    rig_stop(r);
}

/* ---- the operator's own chain ---- */

static void the_name_follows_2f02(void **state)
{
    struct rig *r = rig_ready(714, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    install_chain(r, CHAIN);
    struct answer made_key = rig_generate_ec(r, 2, CRYPTO_SECP256R1, "");
    assert_hex(bytes_first(bytes_after(made_key.data, made_key.data.n - 67 - 16), 16), PKA_NAME);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRABCDE"), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_update(r, 0x2F02, 0, exact(CHAIN_DV)), 0x6982); /* not without login */
    EXPECT_SW(rig_delete(r, 0x2F02), 0x6982);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRABCDE"), 0x9000); /* the identity survives */
    EXPECT_SW(rig_update(r, 0x2F02, 0, exact("3000")), 0x9000);
    EXPECT_SW(mse(r, 0xB6, "ESPICOHSMTRABCDE"), 0x6A88);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(names_are_whole),
        CASE(a_wrong_name_selects_nothing),
        CASE(a_certificate_is_kept),
        CASE(all_forms_are_taken),
        CASE(bad_certificates_leave_nothing),
        CASE(roles_are_kept),
        CASE(the_issuer_must_be_the_selected_one),
        CASE(names_are_taken_once),
        CASE(all_files_are_taken),
        CASE(guests_leave_no_trace),
        CASE(the_so_leaves_certificates_too),
        CASE(long_chains_inherit),
        CASE(circles_end),
        CASE(other_files_are_passed_over),
        CASE(the_name_follows_2f02),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
