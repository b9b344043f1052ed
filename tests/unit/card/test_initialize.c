/* SPDX-License-Identifier: Apache-2.0 */
/* INITIALIZE and what is left after it (apdu.md 3.2), the files 2F1E and 2F1F, the version query, the policy word and
 * option 0100. What it refuses is in test_malformed, policy bit 0001 in test_pins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"

#define PINS "8106" RIG_USER_PIN "8208" RIG_SO_PIN

static struct answer initialise_with(struct rig *r, const char *data)
{
    return rig_command_hex(r, 0x80, 0x50, 0x00, 0x00, data, 0);
}

static struct rig *virgin(uint64_t seed)
{
    struct rig *r = rig_start(seed);
    EXPECT_SW(rig_select(r), 0x9000);
    return r;
}

/* ---- what is accepted ---- */

/* Each on a virgin card; afterwards SELECT must show these options and VERIFY 81 this word. */
/* clang-format off */
static const struct { const char *data, *options; uint16_t status_81; const char *why; } good[] = {
    {"80020001 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910103 920102", "0001", 0x63C3, "3.2: PY"},
    {"80020001 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910103 970103", "0001", 0x63C3, "3.2: PY domains"},
    {"80020001 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910103 93020201", "0001", 0x63C3, "3.2: PY PKA"},
    {"80020001 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910103", "0001", 0x63C3, "3.2: OSC"},
    {"80020001 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910103 950B E82B0601040181C31F0202 960100", "0001", 0x63C3,
     "3.2: OSC, biometric servers are skipped"},
    {"80020002 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910103 970101", "0002", 0x6984, "3.2: SHE"},
    {PINS, "0000", 0x63C3, "3.2: no 80 on a virgin device; default of 3 tries"},
    {"8208" RIG_SO_PIN "8106" RIG_USER_PIN "80020001", "0001", 0x63C3, "3.2: any order"},
    {PINS "80020001 80020002", "0001", 0x63C3, "1.9: the first of a tag wins"},
    {PINS "8106 303030303030", "0000", 0x63C3, "1.9: the first of a tag wins"},
    {PINS "9101 0A", "0000", 0x63CA, "3.2: ten tries"},
    {PINS "9101 01", "0000", 0x63C1, "3.2: one try"},
    {PINS "80020400", "0000", 0x63C3, "4.4: 0400 is ignored"},
    {PINS "8002F8C0", "F8C0", 0x63C3, "4.4: other bits are stored and reported"},
    {PINS "80820002 0001", "0001", 0x63C3, "1.9: non-minimal lengths"},
    {PINS "990501020304055F010199", "0000", 0x63C3, "1.9: unknown tags are skipped"},
    {PINS "920100", "0000", 0x63C3, "3.2: random DKEK"},
    {PINS "9201FF", "0000", 0x63C3, "3.2: 255 shares"},
    {PINS "970110", "0000", 0x63C3, "3.2: 16 domains"},
    {PINS "930101 930201 01", NULL, 0, "6: 93 with 1 byte"},
    {PINS "93020808", "0000", 0x63C3, "3.2: 8 of 8 keys"},
    {"8208" RIG_SO_PIN "93020101", "0000", 0x6A88, "3.2: no user PIN with 93"},
    {"8100 8208" RIG_SO_PIN "93020101", "0000", 0x6A88, "3.2: empty user PIN with 93"},
    {"8106" RIG_USER_PIN "8206" RIG_USER_PIN, "0000", 0x63C3, "3.2: SO-PIN of 6 bytes"},
    {PINS "9A020000", "0000", 0x63C3, "decisions.md: policy 0000"},
    {PINS "9A02000F", "0000", 0x63C3, "decisions.md: all policy bits"},
};
/* clang-format on */

static void every_accepted_form(void **state)
{
    for (size_t i = 0; i < COUNT(good); i++) {
        struct rig *r = virgin(100 + i);
        struct answer a = initialise_with(r, good[i].data);
        EXPECT_ROW(a, good[i].options ? 0x9000 : 0x6A80, "", good[i].why);
        if (good[i].options) {
            const char *fci = text_of("6222810200008201018302 0000840B" RIG_AID "8A01058505%sFF0606", good[i].options);
            EXPECT_ROW(rig_select(r), 0x9000, fci, good[i].why);
            EXPECT_ROW(rig_send(r, "00200081"), good[i].status_81, "", good[i].why);
            EXPECT_ROW(rig_send(r, "00200088"), 0x63CF, "", good[i].why);
        }
        rig_stop(r);
    }
}

/* decisions.md, policy word: the example, byte by byte */
static void example_of_the_policy_word(void **state)
{
    struct rig *r = virgin(130);
    SEND_DATA(r, "00B12F1E045402000002", 0x9000, "0000"); /* before the first INITIALIZE */
    SEND(r, "8050000020 80020001 8106363438323139 82083537363231383830 910103 920102 9A020005", 0x9000);
    SEND_DATA(r, "00B12F1E045402000002", 0x9000, "0005");
    SEND_DATA(r, "00A40000022F1E00", 0x9000, "620E 81020002 820101 83022F1E 8A0105");
    SEND_DATA(r, "00A40000022F1F00", 0x9000, "620E 81020004 820101 83022F1F 8A0105");
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND_DATA(r, "00B12F1E045402000002", 0x9000, "0005");
    SEND(r, "00B12F1E0454020002", 0x9000);
    SEND(r, "00B12F1E045402000302", 0x6282);
    rig_stop(r);
}

/* "each INITIALIZE replaces it, also by absence"; the options word is kept when 80 is absent, over power cycles too. */
static void what_each_initialize_inherits(void **state)
{
    /* clang-format off */
    static const struct { const char *data, *options, *policy; } turns[] = {
        {PINS "80020021 9A020008", "0021", "0008"}, {PINS, "0021", "0000"},
        {PINS "9A020004", "0021", "0004"},          {PINS "80020200", "0200", "0000"},
        {PINS "9A02000C 80020000", "0000", "000C"}, {PINS, "0000", "0000"},
    };
    /* clang-format on */
    struct rig *r = virgin(131);
    for (size_t i = 0; i < COUNT(turns); i++) {
        EXPECT_EMPTY(initialise_with(r, turns[i].data), 0x9000);
        if (i % 2) assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_DATA(rig_select(r), 0x9000,
                    text_of("62228102000082010183020000840B" RIG_AID "8A01058505%sFF0606", turns[i].options));
        EXPECT_DATA(rig_read(r, 0x2F1E, 0, 256), 0x9000, turns[i].policy);
    }
    rig_stop(r);
}

/* ---- effects ---- */

static const uint16_t user_files[] = {0xC401, 0xC477, 0xC801, 0xC8FF, 0xC901, 0xCA00, 0xCA55, 0xCD00, 0xCD01, 0xCE01,
                                      0xCE44, 0xCF00, 0xCFFF, 0xCB01, 0x2F10, 0x4242, 0x5032, 0x6040, 0xD077, 0xABCD};

static void fill_card(struct rig *r)
{
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "90040000000A"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 0xFF, CRYPTO_SECP192R1, ""), 0x9000);
    for (size_t i = 0; i < COUNT(user_files); i++)
        EXPECT_SW(rig_update(r, user_files[i], 0, BYTES(user_files)), 0x9000);
    span large = exact_space(4000);
    EXPECT_SW(rig_update(r, 0xCF10, 0, view(large)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF10, 4000, view(large)), 0x9000);
}

/* A file that exists when nobody has written it (formats.md 1.2), and is then empty. */
static bool is_built_in(uint16_t fid)
{
    return fid == 0x5032 || fid == 0x6040;
}

static void everything_of_the_user_goes(void **state)
{
    struct rig *r = rig_ready(132, "80020001");
    EXPECT_SW(rig_update(r, 0x2F03, 0, TEXT("my label")), 0x9000);
    fill_card(r);
    EXPECT_EMPTY(initialise_with(r, PINS), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00");
    for (size_t i = 0; i < COUNT(user_files); i++) {
        struct answer a = rig_read(r, user_files[i], 0, 256);
        uint16_t sw = user_files[i] == 0x2F10 ? 0x6982 : is_built_in(user_files[i]) ? 0x9000 : 0x6A82;
        EXPECT_ROW(a, sw, "", text_of("%04X", user_files[i]));
    }
    EXPECT_SW(rig_read(r, 0xCF10, 0, 256), 0x6A82);
    SEND(r, "00A4000002CC01", 0x6A82);
    SEND(r, "00A4000002CCFF", 0x6A82);
    SEND(r, "8068017303616263", 0x6A82);
    EXPECT_DATA(
        rig_read(r, 0x2F03, 0, 256), 0x9000, /* formats.md 2.2: reset to the default */
        "3032020101040801020304050607080C105069636F2048534D2070726F6A656374800D536D617274436172642D48534D03020430");
    rig_stop(r);
}

/* DP-19: the device key, its description, request and certificate survive every initialisation. */
static void the_device_stays_itself(void **state)
{
    static const uint16_t kept[] = {0x2F02, 0xCE00, 0xC400};
    struct rig *r = virgin(133);
    const char *before[COUNT(kept)], *point;
    for (size_t i = 0; i < COUNT(kept); i++) before[i] = hex_of(rig_read(r, kept[i], 0, 65536).data);
    SEND(r, "00A4040C08" RIG_RESCUE_AID, 0x9000);
    point = hex_of(rig_send(r, "8010020041").data);
    EXPECT_SW(rig_select(r), 0x9000);
    for (unsigned turn = 0; turn < 3; turn++) {
        EXPECT_EMPTY(initialise_with(r, turn % 2 ? PINS : "8106303030303030 8206303030303030"), 0x9000);
        if (turn == 2) assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        for (size_t i = 0; i < COUNT(kept); i++) EXPECT_DATA(rig_read(r, kept[i], 0, 65536), 0x9000, before[i]);
        SEND(r, "00A4040C08" RIG_RESCUE_AID, 0x9000);
        SEND_DATA(r, "8010020041", 0x9000, point);
        EXPECT_SW(rig_select(r), 0x9000);
    }
    rig_stop(r);
}

/* formats.md 1.5: 2F02 and CE00 as a host wrote them survive too. */
static void the_chain_a_host_wrote_stays(void **state)
{
    struct rig *r = rig_ready(134, "");
    bytes chain = exact(counting(2000, 7));
    EXPECT_SW(rig_update(r, 0x2F02, 0, chain), 0x9000);
    EXPECT_SW(rig_update(r, 0xCE00, 0, TEXT("request")), 0x9000);
    EXPECT_EMPTY(initialise_with(r, PINS), 0x9000);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_DATA(rig_read(r, 0x2F02, 0, 65536), 0x9000, hex_of(chain));
    EXPECT_DATA(rig_read(r, 0xCE00, 0, 65536), 0x9000, hex_of(TEXT("request")));
    rig_stop(r);
}

/* 3.2 item 5: all three rights stay true until SELECT or reset. */
static void session_after_initialize(void **state)
{
    static const char *const more[] = {"", "93020201", "80020002", "93020202 80020010"};
    for (size_t i = 0; i < COUNT(more); i++) {
        struct rig *r = virgin(140 + i);
        EXPECT_SW(rig_initialise(r, more[i]), 0x9000);
        SEND(r, "00200088", 0x9000);
        if (i != 2) SEND(r, "00200081", 0x9000); /* 3.8: the transport state wins */
        EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
        EXPECT_SW(rig_update(r, 0xCD01, 0, TEXT("mine")), 0x9000);
        EXPECT_DATA(rig_read(r, 0xCD01, 0, 9), 0x9000, "6D696E65");
        SEND(r, "8068017303616263", 0x9000);
        EXPECT_SW(rig_select(r), 0x9000);
        SEND(r, "8068017303616263", 0x6982);
        EXPECT_SW(rig_update(r, 0xCD01, 0, TEXT("mine")), 0x6982);
        SEND(r, "00200088", 0x63CF);
        rig_stop(r);
    }
}

/* ... also when the card was someone else's before: nothing of the old session remains. */
static void old_session_ends_with_initialize(void **state)
{
    struct rig *r = rig_ready(145, "");
    EXPECT_SW(rig_update(r, 0xCF01, 0, TEXT("x")), 0x9000); /* current EF: CF01 */
    EXPECT_SW(rig_select_file(r, 0xCF01), 0x9000);
    EXPECT_EMPTY(initialise_with(r, PINS), 0x9000);
    SEND(r, "00B100000454020000 00", 0x6A82);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_SW(rig_update(r, 0xCD01, 0, TEXT("new root")), 0x9000);
    rig_stop(r);
}

static void old_pins_are_gone(void **state)
{
    struct rig *r = rig_ready(146, "");
    EXPECT_EMPTY(initialise_with(r, "8106303030303030 82083131313131313131"), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x63C2);
    EXPECT_SW(rig_login_so(r), 0x63CE);
    SEND(r, "0020008106303030303030", 0x9000);
    SEND(r, "00200088083131313131313131", 0x9000);
    rig_stop(r);
}

/* A blocked card is opened again by INITIALIZE (4.8), as anyone (OD-4). */
static void initialize_cures_blocked_pins(void **state)
{
    struct rig *r = rig_ready(147, "910101");
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "0020008106303030303030", 0x6983);
    for (unsigned i = 0; i < 15; i++) rig_send(r, "00200088083030303030303030");
    SEND(r, "00200088", 0x6983);
    EXPECT_EMPTY(initialise_with(r, PINS), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "00200081", 0x63C3);
    SEND(r, "00200088", 0x63CF);
    EXPECT_SW(rig_login(r), 0x9000);
    rig_stop(r);
}

/* ---- option 0100 ---- */

/* "behind the presence button when the option 0100 in force before the command is on"; refused: 6600, nothing
 * changed. */
static void button_guards_initialize(void **state)
{
    struct rig *r = rig_ready(148, "80020100");
    assert_int_equal(r->presence.calls, 0); /* before it, the option was off */
    EXPECT_SW(rig_update(r, 0xCF01, 0, TEXT("x")), 0x9000);
    bytes image = rig_image(r);
    r->presence.answer = false;
    EXPECT_EMPTY(initialise_with(r, PINS), 0x6600);
    assert_int_equal(r->presence.calls, 1);
    assert_int_equal(r->presence.timeout_ms, 15000);
    assert_true(strlen(r->presence.what) > 0);
    assert_true(bytes_equal(image, rig_image(r)));
    SEND(r, "00200081", 0x9000);
    r->presence.answer = true;
    EXPECT_EMPTY(initialise_with(r, PINS "80020000"), 0x9000);
    assert_int_equal(r->presence.calls, 2);
    r->presence.answer = false;
    EXPECT_EMPTY(initialise_with(r, PINS "80020100"), 0x9000);
    assert_int_equal(r->presence.calls, 2);
    EXPECT_EMPTY(initialise_with(r, PINS), 0x6600);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_EMPTY(initialise_with(r, PINS), 0x6600);
    rig_stop(r);
}

/* 1.10: data are judged before the human is bothered with what cannot work; a version query asks nobody. */
static void button_is_not_asked_in_vain(void **state)
{
    struct rig *r = rig_ready(149, "80020100");
    EXPECT_SW(initialise_with(r, "8106" RIG_USER_PIN), 0x6A80);
    EXPECT_SW(rig_command(r, 0x80, 0x50, 0, 0, NO_BYTES, 256), 0x9000);
    EXPECT_SW(rig_read(r, 0x2F02, 0, 10), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, TEXT("x")), 0x9000);
    EXPECT_SW(rig_delete(r, 0xCF01), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    assert_int_equal(r->presence.calls, 0);
    rig_stop(r);
}

/* Policy bit 0001 with the button: a refused button charges no try of the SO-PIN. */
static void button_and_so_pin(void **state)
{
    struct rig *r = rig_ready(150, "80020100 9A020001");
    EXPECT_SW(rig_select(r), 0x9000);
    r->presence.answer = false;
    EXPECT_SW(initialise_with(r, "8106" RIG_USER_PIN "82083030303030303030"), 0x6600);
    SEND(r, "00200088", 0x63CF);
    r->presence.answer = true;
    EXPECT_SW(initialise_with(r, "8106" RIG_USER_PIN "82083030303030303030"), 0x63CE);
    EXPECT_SW(initialise_with(r, PINS), 0x9000);
    rig_stop(r);
}

/* ---- 2F1F and the version query ---- */

/* decisions.md 2F1F: which commands count */
static void generation_counts_changes_of_objects(void **state)
{
    /* clang-format off */
    static const struct { const char *hex; uint16_t sw; unsigned add; } steps[] = {
        {"00D7CF0107 54020000 530141", 0x9000, 1}, {"00D7CF0107 54020001 530141", 0x9000, 1}, {"00D7CF01", 0x9000, 0},
        {"00D7CF02", 0x9000, 1},                   {"00D7CD0107 54020000 530141", 0x9000, 1},
         {"00D7C90107 54020000 530141", 0x9000, 1},
        {"00D7C80107 54020000 530141", 0x9000, 1}, {"00D7CA0107 54020000 530141", 0x9000, 1},
         {"00D7C40107 54020000 530141", 0x9000, 1},
        {"00D7CE0107 54020000 530141", 0x9000, 1}, {"00D72F0307 54020000 530141", 0x9000, 1},
         {"00D72F0207 54020000 530141", 0x9000, 1},
        {"00D7424207 54020000 530141", 0x9000, 1}, {"00E4000002CF01", 0x9000, 1},             {"00E4000002CF01",
         0x6A82, 0},
        {"00B1CE010454020000", 0x9000, 0},         {"8058000000", 0x9000, 0},                 {"0084000008", 0x9000, 0},
        {"00A4000002CE01", 0x9000, 0},             {"0020008106303030303030", 0x63C2, 0},     {"0020008106"
         RIG_USER_PIN, 0x9000, 0},
        {"002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000, 0}, {"0020008808" RIG_SO_PIN, 0x9000, 0},
        {"002C00810E" RIG_SO_PIN RIG_USER_PIN, 0x9000, 0},   {"0020008106" RIG_USER_PIN, 0x9000, 0},
        {"00D72F1F07 54020000 530141", 0x6982, 0}, {"00D7CF0106 54020000 5302", 0x6A80, 0},
    };
    /* clang-format on */
    struct rig *r = virgin(151);
    assert_int_equal(rig_generation(r), 1); /* "00000001 on an empty flash" */
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    assert_int_equal(rig_generation(r), 1);
    EXPECT_SW(rig_initialise(r, "80020001"), 0x9000);
    uint32_t want = 2; /* "by INITIALIZE too, which does not reset it" */
    assert_int_equal(rig_generation(r), want);
    for (size_t i = 0; i < COUNT(steps); i++) {
        EXPECT_ROW(rig_send(r, steps[i].hex), steps[i].sw, EXPECT_ANY, steps[i].hex);
        want += steps[i].add;
        if (rig_generation(r) != want) print_error("after %s\n", steps[i].hex);
        assert_int_equal(rig_generation(r), want);
    }
    EXPECT_SW(rig_generate_ec(r, 3, CRYPTO_SECP256R1, "900400000005"), 0x9000);
    assert_int_equal(rig_generation(r), ++want);
    SEND(r, "8068037303616263", 0x9000); /* use counters do not count */
    assert_int_equal(rig_generation(r), want);
    EXPECT_SW(rig_delete(r, 0xCC03), 0x9000);
    assert_int_equal(rig_generation(r), ++want);
    EXPECT_SW(initialise_with(r, PINS), 0x9000);
    assert_int_equal(rig_generation(r), ++want);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    assert_int_equal(rig_generation(r), want);
    rig_stop(r);
}

static uint32_t free_bytes(struct rig *r)
{
    struct answer a = rig_send(r, "80500000000000"); /* PY's form */
    EXPECT_SW(a, 0x9000);
    assert_int_equal(a.data.n, 7);
    assert_string_equal(hex_of(bytes_after(a.data, 4)), "000606");
    return be_get(bytes_first(a.data, 4));
}

/* 3.2: free(4) 00 MM mm */
static void version_query(void **state)
{
    struct rig *r = virgin(152);
    uint32_t blank = free_bytes(r);
    assert_true(blank > 128 * 1024 && blank < 512 * 1024);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    span content = exact_space(4000);
    for (uint16_t i = 0; i < 10; i++) EXPECT_SW(rig_update(r, (uint16_t)(0xCF00 + i), 0, view(content)), 0x9000);
    uint32_t full = free_bytes(r);
    assert_true(full + 36000 <= blank && full + 50000 >= blank); /* counted for values of 256 bytes */
    for (uint16_t i = 0; i < 10; i++) EXPECT_SW(rig_delete(r, (uint16_t)(0xCF00 + i)), 0x9000);
    assert_true(free_bytes(r) + 8192 >= blank);
    SEND_DATA(r, "80500000", 0x9000, "");
    SEND(r, "00500000000000", 0x9000);
    rig_stop(r);
}

/* An initialised card keeps working over many INITIALIZEs: nothing leaks. */
static void initialize_leaves_no_rest_behind(void **state)
{
    struct rig *r = rig_ready(153, "");
    uint32_t room = free_bytes(r);
    for (unsigned i = 0; i < 25; i++) {
        fill_card(r);
        EXPECT_SW(initialise_with(r, PINS), 0x9000);
        assert_int_equal(free_bytes(r), room);
        rig_forget(r);
    }
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_accepted_form),
        CASE(example_of_the_policy_word),
        CASE(what_each_initialize_inherits),
        CASE(everything_of_the_user_goes),
        CASE(the_device_stays_itself),
        CASE(the_chain_a_host_wrote_stays),
        CASE(session_after_initialize),
        CASE(old_session_ends_with_initialize),
        CASE(old_pins_are_gone),
        CASE(initialize_cures_blocked_pins),
        CASE(button_guards_initialize),
        CASE(button_is_not_asked_in_vain),
        CASE(button_and_so_pin),
        CASE(generation_counts_changes_of_objects),
        CASE(version_query),
        CASE(initialize_leaves_no_rest_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
