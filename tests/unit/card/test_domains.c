/* SPDX-License-Identifier: Apache-2.0 */
/* KEY DOMAIN (apdu.md 3.20, formats.md 4.2, 6.1) and what INITIALIZE makes of tags 92 and 97: every row of the tables,
 * shares with and without login, in any order, over power cycles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"

#define ZERO_8 "0000000000000000"
#define NO_DKEK "0000" ZERO_8
/* Shares and check values of formats.md 4.2. */
#define SHARE_A "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define SHARE_B "808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9F"
#define SHARE_C "B5C0ED4ABEFD52507822C55D3E23FA41F4A2E2C7205F4B941B0DEEA25EAC936A"
#define KCV_A "630DCD2966C43366"
#define KCV_AB "BD75A82B9957D6D0"
#define KCV_ABC "55A31453F70975AE"
#define KCV_ZERO "66687AADF862BD77"

static struct answer domain(struct rig *r, uint8_t p1, uint8_t n, const char *data)
{
    return rig_command_hex(r, 0x80, 0x52, p1, n, data, 256);
}

static void expect_status(struct rig *r, uint8_t n, const char *want)
{
    EXPECT_DATA(domain(r, 0, n, ""), 0x9000, want);
    EXPECT_DATA(domain(r, 2, n, ""), 0x9000, want);
}

/* ---- INITIALIZE ---- */

/* Status of domain 0 (NULL: 6A88) and number of domains. */
static const struct {
    const char *tags, *status;
    uint8_t count;
} initial[] = {
    {"", NO_DKEK, 1},
    {"920101", "0101" ZERO_8, 1},
    {"920102", "0202" ZERO_8, 1},
    {"9201FF", "FFFF" ZERO_8, 1},
    {"970101", NULL, 1},
    {"970103", NULL, 3},
    {"970110", NULL, 16},
    {"920102 970102", NULL, 2},
    {"970102 920102", NULL, 2},
};

static void initialize_sets_up_the_domains(void **state)
{
    struct rig *r = rig_ready(700, "920103");
    for (size_t i = 0; i < COUNT(initial); i++) {
        EXPECT_SW(rig_initialise(r, initial[i].tags), 0x9000);
        struct answer a = domain(r, 0, 0, "");
        EXPECT_ROW(a, initial[i].status ? 0x9000 : 0x6A88, initial[i].status ? initial[i].status : "", initial[i].tags);
        for (unsigned n = 1; n < 256; n++) {
            uint16_t want = n < initial[i].count ? 0x6A88 : 0x6A86;
            EXPECT_ROW(domain(r, 0, (uint8_t)n, ""), want, "", text_of("%s: domain %u", initial[i].tags, n));
        }
    }
    rig_stop(r);
}

static void a_random_dkek_is_there_at_once(void **state)
{
    struct rig *r = rig_ready(701, "920100");
    struct answer first = domain(r, 0, 0, "");
    EXPECT_SW(first, 0x9000);
    assert_hex(bytes_first(first.data, 2), "0100");
    assert_false(ct_is_zero(bytes_after(first.data, 2)));
    EXPECT_EMPTY(domain(r, 0, 0, SHARE_A), 0x6986);
    rig_power_cycle(r);
    rig_select(r);
    expect_status(r, 0, hex_of(first.data)); /* the check value is public */
    EXPECT_SW(rig_login(r), 0x9000);
    expect_status(r, 0, hex_of(first.data));
    EXPECT_SW(rig_initialise(r, "920100"), 0x9000);
    assert_false(bytes_equal(first.data, domain(r, 0, 0, "").data));
    rig_stop(r);
}

static void a_virgin_device_has_none(void **state)
{
    struct rig *r = rig_start(702);
    rig_select(r);
    for (unsigned p1 = 0; p1 < 5; p1++) EXPECT_EMPTY(domain(r, (uint8_t)p1, 0, ""), 0x6A88);
    EXPECT_EMPTY(domain(r, 0, 16, ""), 0x6A86);
    EXPECT_EMPTY(domain(r, 0, 0, SHARE_A), 0x6A88);
    rig_stop(r);
}

/* ---- shares ---- */

static void two_equal_shares_are_the_zero_key(void **state)
{
    struct rig *r = rig_ready(703, "920102");
    EXPECT_DATA(domain(r, 0, 0, SHARE_A), 0x9000, "0201" ZERO_8);
    EXPECT_DATA(domain(r, 0, 0, SHARE_A), 0x9000, "0200" KCV_ZERO);
    expect_status(r, 0, "0200" KCV_ZERO);
    EXPECT_EMPTY(domain(r, 0, 0, SHARE_A), 0x6986);
    rig_stop(r);
}

/* Before each share: log in, stay as before, leave the session, or cut the power. */
static const struct {
    const char *shares[3];
    char before[3];
} orders[] = {
    {{SHARE_A, SHARE_B, SHARE_C}, "..."}, {{SHARE_C, SHARE_B, SHARE_A}, "..."}, {{SHARE_B, SHARE_A, SHARE_C}, "sss"},
    {{SHARE_A, SHARE_C, SHARE_B}, "ppp"}, {{SHARE_A, SHARE_B, SHARE_C}, ".pl"}, {{SHARE_C, SHARE_A, SHARE_B}, "slp"},
    {{SHARE_B, SHARE_C, SHARE_A}, "pls"}, {{SHARE_A, SHARE_B, SHARE_C}, "l.s"},
};

static void prepare(struct rig *r, char how)
{
    if (how == 'p') assert_int_equal(rig_power_cycle(r), ST_OK);
    if (how == 'p' || how == 's') EXPECT_SW(rig_select(r), 0x9000);
    if (how == 'l') EXPECT_SW(rig_login(r), 0x9000);
}

static void shares_come_in_any_order_and_session(void **state)
{
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct rig *r = rig_ready(710 + i, "920103");
        for (unsigned n = 0; n < 3; n++) {
            prepare(r, orders[i].before[n]);
            struct answer a = domain(r, 0, 0, orders[i].shares[n]);
            EXPECT_SW(a, 0x9000);
            assert_hex(bytes_first(a.data, 2), text_of("03%02X", 2 - n));
            if (n < 2) assert_true(ct_is_zero(bytes_after(a.data, 2)));
        }
        EXPECT_SW(rig_login(r), 0x9000);
        expect_status(r, 0, "0300" KCV_ABC);
        assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        expect_status(r, 0, "0300" KCV_ABC);
        EXPECT_SW(rig_login(r), 0x9000);
        expect_status(r, 0, "0300" KCV_ABC);
        rig_stop(r);
    }
}

static void the_so_joins_shares_too(void **state)
{
    struct rig *r = rig_ready(720, "920102");
    rig_select(r);
    EXPECT_DATA(domain(r, 0, 0, SHARE_A), 0x9000, "0201" ZERO_8);
    EXPECT_DATA(domain(r, 0, 0, SHARE_B), 0x9000, "0200" ZERO_8);
    EXPECT_SW(rig_login_so(r), 0x9000);
    expect_status(r, 0, "0200" KCV_AB);
    rig_stop(r);
}

static void as_many_shares_as_one_byte_counts(void **state)
{
    struct rig *r = rig_ready(721, "9201FF");
    rig_select(r);
    for (unsigned i = 0; i < 254; i++) EXPECT_SW(domain(r, 0, 0, SHARE_B), 0x9000);
    EXPECT_DATA(domain(r, 0, 0, SHARE_A), 0x9000, "FF00" ZERO_8);
    EXPECT_EMPTY(domain(r, 0, 0, SHARE_A), 0x6986);
    EXPECT_SW(rig_login(r), 0x9000);
    expect_status(r, 0, "FF00" KCV_A); /* 254 equal ones are nothing */
    rig_stop(r);
}

static void a_share_has_32_bytes(void **state)
{
    struct rig *r = rig_ready(722, "920102");
    for (size_t n = 1; n < 70; n++) {
        if (n == 32) continue;
        EXPECT_EMPTY(domain(r, 0, 0, counting(n, 1)), 0x6700);
    }
    EXPECT_EMPTY(domain(r, 0, 0, counting(4096, 1)), 0x6700);
    expect_status(r, 0, "0202" ZERO_8);
    rig_stop(r);
}

/* ---- set up, clear, delete ---- */

static void a_domain_lives_and_dies(void **state)
{
    struct rig *r = rig_ready(730, "970103");
    EXPECT_EMPTY(domain(r, 0, 1, SHARE_A), 0x6986);
    EXPECT_EMPTY(domain(r, 4, 1, ""), 0x6A88);
    EXPECT_EMPTY(domain(r, 3, 1, ""), 0x6A86);
    EXPECT_DATA(domain(r, 1, 1, "02"), 0x9000, "0202" ZERO_8);
    EXPECT_EMPTY(domain(r, 1, 1, "02"), 0x6A86);
    EXPECT_DATA(domain(r, 0, 1, SHARE_A), 0x9000, "0201" ZERO_8);
    EXPECT_DATA(domain(r, 0, 1, SHARE_B), 0x9000, "0200" KCV_AB);
    EXPECT_DATA(domain(r, 4, 1, ""), 0x9000, "0202" ZERO_8);
    EXPECT_DATA(domain(r, 4, 1, ""), 0x9000, "0202" ZERO_8);
    EXPECT_DATA(domain(r, 0, 1, SHARE_A), 0x9000, "0201" ZERO_8);
    EXPECT_DATA(domain(r, 0, 1, SHARE_A), 0x9000, "0200" KCV_ZERO); /* nothing of before is left in the sum */
    EXPECT_EMPTY(domain(r, 3, 1, ""), 0x6A88);                      /* done: the status of what is no more */
    EXPECT_EMPTY(domain(r, 0, 1, ""), 0x6A88);
    EXPECT_EMPTY(domain(r, 3, 1, ""), 0x6A86);
    EXPECT_DATA(domain(r, 1, 1, "01"), 0x9000, "0101" ZERO_8);
    EXPECT_DATA(domain(r, 0, 1, SHARE_A), 0x9000, "0100" KCV_A);
    EXPECT_EMPTY(domain(r, 0, 0, ""), 0x6A88); /* the others know nothing of it */
    EXPECT_EMPTY(domain(r, 0, 2, ""), 0x6A88);
    rig_stop(r);
}

static void letters_die_with_their_domain(void **state)
{
    struct rig *r = rig_ready(731, "970102");
    EXPECT_SW(domain(r, 1, 0, "02"), 0x9000);
    rig_select(r);
    EXPECT_SW(domain(r, 0, 0, SHARE_C), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_SW(domain(r, 4, 0, ""), 0x9000);
    rig_select(r);
    EXPECT_SW(domain(r, 0, 0, SHARE_C), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_EMPTY(domain(r, 3, 0, ""), 0x6A88);
    EXPECT_SW(domain(r, 1, 0, "01"), 0x9000);
    EXPECT_DATA(domain(r, 0, 0, SHARE_A), 0x9000, "0100" KCV_A);
    rig_stop(r);
}

static void set_up_with_none_makes_a_random_key(void **state)
{
    struct rig *r = rig_ready(732, "970102");
    struct answer a = domain(r, 1, 0, "00"), b = domain(r, 1, 1, "00");
    EXPECT_SW(a, 0x9000);
    EXPECT_SW(b, 0x9000);
    assert_hex(bytes_first(a.data, 2), "0100");
    assert_false(bytes_equal(a.data, b.data));
    EXPECT_EMPTY(domain(r, 0, 0, SHARE_A), 0x6986);
    EXPECT_EMPTY(domain(r, 1, 0, "00"), 0x6A86);
    EXPECT_DATA(domain(r, 4, 0, ""), 0x9000, "0101" ZERO_8);
    EXPECT_DATA(domain(r, 0, 0, SHARE_A), 0x9000, "0100" KCV_A);
    rig_stop(r);
}

static void the_single_domain_may_become_another(void **state)
{
    struct rig *r = rig_ready(733, "");
    EXPECT_EMPTY(domain(r, 1, 0, "01"), 0x6A86);
    EXPECT_DATA(domain(r, 4, 0, ""), 0x9000, NO_DKEK);
    EXPECT_EMPTY(domain(r, 3, 0, ""), 0x6A88);
    EXPECT_DATA(domain(r, 1, 0, "01"), 0x9000, "0101" ZERO_8);
    rig_stop(r);
}

static void a_domain_that_keys_name_stays(void **state)
{
    struct rig *r = rig_ready(734, "970103");
    EXPECT_SW(domain(r, 1, 1, "01"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 200, CRYPTO_SECP256R1, "920101"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, ""), 0x9000); /* names none */
    EXPECT_EMPTY(domain(r, 3, 1, ""), 0x6A89);
    expect_status(r, 1, "0101" ZERO_8);
    EXPECT_SW(domain(r, 4, 1, ""), 0x9000); /* the DKEK may go */
    EXPECT_SW(rig_delete(r, 0xCCC8), 0x9000);
    EXPECT_EMPTY(domain(r, 3, 1, ""), 0x6A88);
    EXPECT_SW(domain(r, 1, 0, "01"), 0x9000);
    EXPECT_EMPTY(domain(r, 3, 0, ""), 0x6A88);
    rig_stop(r);
}

/* A key may name a domain that is not set up, or does not exist (apdu.md 3.12). */
static void keys_may_name_any_domain(void **state)
{
    struct rig *r = rig_ready(735, "");
    for (unsigned n = 0; n < 16; n++)
        EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP192R1, text_of("9201%02X", n)), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP192R1, "920110"), 0x6A80);
    rig_stop(r);
}

/* ---- refusals ---- */

static const struct {
    uint8_t p1, p2;
    const char *data;
    uint16_t user, nobody;
    const char *why;
} refusals[] = {
    {0, 2, "", 0x6A86, 0x6A86, "beyond the configured ones"},
    {1, 2, "01", 0x6A86, 0x6A86, "beyond, set up"},
    {3, 15, "", 0x6A86, 0x6A86, "beyond, delete"},
    {0, 16, "", 0x6A86, 0x6A86, "beyond all: DP-46"},
    {0, 255, SHARE_A, 0x6A86, 0x6A86, "beyond all"},
    {5, 0, "", 0x6A86, 0x6A86, "unknown function"},
    {255, 0, "", 0x6A86, 0x6A86, "unknown function"},
    {0, 1, "", 0x6A88, 0x6A88, "status of one that is not set up"},
    {2, 1, "", 0x6A88, 0x6A88, "the same by P1 02"},
    {0, 1, SHARE_A, 0x6986, 0x6986, "share for one that is not set up"},
    {1, 1, "", 0x6700, 0x6985, "number of shares missing"},
    {1, 1, "0101", 0x6700, 0x6985, "two numbers"},
    {1, 0, "01", 0x6A86, 0x6985, "set up already"},
    {2, 0, "540100", 0x6A86, 0x6985, "group over shares: DP-55"},
    {3, 1, "", 0x6A86, 0x6985, "delete what is not set up"},
    {3, 0, "00", 0x6700, 0x6985, "delete with data"},
    {4, 1, "", 0x6A88, 0x6985, "clear what is not set up"},
    {4, 0, "00", 0x6700, 0x6985, "clear with data"},
    {4, 0, "", 0x9000, 0x6985, "clear"},
};

static void refusals_change_nothing(void **state)
{
    for (unsigned login = 0; login < 3; login++) {
        struct rig *r = rig_ready(740 + login, "970102");
        EXPECT_SW(domain(r, 1, 0, "02"), 0x9000);
        EXPECT_SW(domain(r, 0, 0, SHARE_A), 0x9000);
        if (login != 1) rig_select(r);
        if (login == 2) EXPECT_SW(rig_login_so(r), 0x9000);
        for (size_t i = 0; i < COUNT(refusals); i++) {
            uint16_t want = login == 1 ? refusals[i].user : refusals[i].nobody;
            uint32_t before = rig_generation(r);
            struct answer a = domain(r, refusals[i].p1, refusals[i].p2, refusals[i].data);
            EXPECT_ROW(a, want, want == 0x9000 ? EXPECT_ANY : "", refusals[i].why);
            if (want != 0x9000) assert_int_equal(rig_generation(r), before);
        }
        expect_status(r, 0, login == 1 ? "0202" ZERO_8 : "0201" ZERO_8);
        rig_stop(r);
    }
}

/* Every change of a domain is one of an object (decisions.md, 2F1F). */
static void changes_are_counted(void **state)
{
    struct rig *r = rig_ready(750, "970102");
    static const struct {
        uint8_t p1;
        const char *data;
    } steps[] = {{1, "02"}, {0, SHARE_A}, {0, SHARE_B}, {4, ""}, {3, ""}, {1, "00"}};
    for (size_t i = 0; i < COUNT(steps); i++) {
        uint32_t before = rig_generation(r);
        domain(r, steps[i].p1, 1, steps[i].data);
        assert_int_equal(rig_generation(r), before + 1);
    }
    rig_select(r);
    EXPECT_EMPTY(domain(r, 4, 1, ""), 0x6985);
    uint32_t before = rig_generation(r);
    EXPECT_SW(rig_login(r), 0x9000);
    assert_int_equal(rig_generation(r), before);
    rig_stop(r);
}

/* No file id opens a domain, a share or the letterbox (DP-21). */
static void nothing_of_it_is_a_file(void **state)
{
    struct rig *r = rig_ready(751, "920102");
    EXPECT_SW(domain(r, 0, 0, SHARE_A), 0x9000);
    static const uint16_t fids[] = {0x1070, 0x1090, 0x109F, 0x10A0, 0x10AF, 0x10B0};
    for (size_t i = 0; i < COUNT(fids); i++) {
        EXPECT_EMPTY(rig_read(r, fids[i], 0, 256), 0x6982);
        EXPECT_EMPTY(rig_update(r, fids[i], 0, TEXT("x")), 0x6982);
        EXPECT_EMPTY(rig_delete(r, fids[i]), 0x6982);
        EXPECT_EMPTY(rig_select_file(r, fids[i]), 0x6A82);
    }
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(initialize_sets_up_the_domains),
        CASE(a_random_dkek_is_there_at_once),
        CASE(a_virgin_device_has_none),
        CASE(two_equal_shares_are_the_zero_key),
        CASE(shares_come_in_any_order_and_session),
        CASE(the_so_joins_shares_too),
        CASE(as_many_shares_as_one_byte_counts),
        CASE(a_share_has_32_bytes),
        CASE(a_domain_lives_and_dies),
        CASE(letters_die_with_their_domain),
        CASE(set_up_with_none_makes_a_random_key),
        CASE(the_single_domain_may_become_another),
        CASE(a_domain_that_keys_name_stays),
        CASE(keys_may_name_any_domain),
        CASE(refusals_change_nothing),
        CASE(changes_are_counted),
        CASE(nothing_of_it_is_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
