/* SPDX-License-Identifier: Apache-2.0 */
/* The rescue applet (apdu.md 3.29, 4.7, 8.3; formats.md 13): every function with right and wrong forms, the button, what
 * lasts how long, boards that have less, and the card that starts with nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"

#define SELECT_RESCUE "00A4040408" RIG_RESCUE_AID "00"
#define SIGN_ABC(id)                                                                                                   \
    "8068" id "73"                                                                                                     \
    "03616263 00"

static const char phy_all[] =
    "000412090001 040119 050108 06020003 08011E 09074D792048534D00 0A04000001FF 0B0103 0C020302";

static struct rig *rescue(uint64_t seed)
{
    struct rig *r = rig_start(seed);
    SEND(r, SELECT_RESCUE, 0x9000);
    return r;
}

static void power_cycle(struct rig *r)
{
    assert_int_equal(rig_power_cycle(r), ST_OK);
    SEND(r, SELECT_RESCUE, 0x9000);
}

static struct answer write_phy(struct rig *r, const char *records)
{
    return rig_command_hex(r, 0x80, 0x1C, 0x01, 0x00, records, 0);
}

static void expect_phy(struct rig *r, const char *records)
{
    SEND_DATA(r, "801E0100000100", 0x9000, records); /* as PY asks for it */
}

/* ---- forms ---- */

/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } forms[] = {
    /* class before instruction before P1 P2 before length */
    {"001E010000",           0x6E00, "", "CLA must be 80"},
    {"001C010003080105",     0x6E00, "", "CLA must be 80"},
    {"00FF0000",             0x6E00, "", "class before instruction"},
    {"80FF0000",             0x6D00, "", "other INS"},
    {"8020008100",           0x6D00, "", "VERIFY is not here"},
    {"801100000100",         0x6D00, "", "other INS"},
    {"80200081",             0x6D00, "", "other INS"},
    /* 10 */
    {"801001000130",         0x6A86, "", "OD-10: signs nothing"},
    {"801001002000112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF00", 0x6A86, "", "OD-10"},
    {"801002000100",         0x6700, "", "10/02 with data"},
    {"801003000130",         0x6A86, "", "OD-10: writes no 2F02"},
    {"8010000000",           0x6A86, "", "10/00"},
    /* 1C */
    {"801C0000030801 05",    0x6A86, "", "DP-54: 1C/00"},
    {"801C0300030801 05",    0x6A86, "", "DP-54: 1C/03"},
    {"801C0300",             0x6A86, "", "P1 before length"},
    {"801C0100",             0x6700, "", "no records"},
    {"801C01000108",         0x6700, "", "Nc < 2"},
    {"801C0200",             0x6A86, "", "1C/02/00"},
    {"801C02000200FF",       0x6A86, "", "what PY's secure_boot sends"},
    {"801C02030407EA0000",   0x6A86, "", "1C/02/03"},
    {"801C020107 07EA0A15060716",     0x6700, "", "7 bytes"},
    {"801C020109 07EA0A150607163A00", 0x6700, "", "9 bytes"},
    {"801C0201",             0x6700, "", "no date"},
    {"801C020203 123456",    0x6700, "", "3 bytes"},
    {"801C020205 0012345678",0x6700, "", "5 bytes"},
    {"801C020108 07EA0C1506071600", 0x6A80, "", "month 12 from 0"},
    {"801C020108 07EA011D06071600", 0x6A80, "", "29 February 2026"},
    {"801C020108 07EA0A1506180000", 0x6A80, "", "24 hours"},
    {"801C020108 07B10B1F06000000", 0x6A80, "", "1969"},
    /* 1D */
    {"801D0600",             0x6A86, "", "key 6"},
    {"801DFF00",             0x6A86, "", "key FF"},
    {"801D0002",             0x6A86, "", "P2 02"},
    {"801D00000100",         0x6700, "", "with data"},
    /* 1E */
    {"801E0000 00",          0x6A86, "", "1E/00"},
    {"801E0500 00",          0x6A86, "", "1E/05"},
    {"801E0100 0100",        0x6700, "", "with data"},
    {"801E0200 0100",        0x6700, "", "with data"},
    {"801E0300 0100",        0x6700, "", "with data"},
    {"801E0401 0100",        0x6700, "", "with data"},
    {"801E0400 00",          0x6A86, "", "1E/04/00"},
    {"801E0403 00",          0x6A86, "", "1E/04/03"},
    {"801E0401 00",          0x6985, "", "clock never set"},
    {"801E0402 00",          0x6985, "", "clock never set"},
    {"801E0100 00",          0x9000, "06020001", "nothing written: the options' default"},
    {"801E0100 000100",      0x9000, "06020001", "as PY asks for it"},
    {"801E0300 00",          0x9000, "0000FF", "no secure boot"},
    /* 1F */
    {"801F0200",             0x6A86, "", "1F/02"},
    {"801F00000100",         0x6700, "", "with data"},
    {"801F01000100",         0x6700, "", "with data"},
};
/* clang-format on */

/* None of these asks the human, writes, sets, or restarts. */
static void forms_are_judged_before_anybody_is_asked(void **state)
{
    struct rig *r = rescue(801);
    bytes image = rig_image(r);
    for (size_t i = 0; i < COUNT(forms); i++) {
        EXPECT_ROW(rig_send(r, forms[i].hex), forms[i].sw, forms[i].data, forms[i].why);
        assert_int_equal(r->led, LED_IDLE);
    }
    assert_int_equal(r->presence.calls, 0);
    assert_int_equal(r->platform.restarts, 0);
    assert_int_equal(r->date.sets, 0);
    assert_false(r->platform.boot.enabled);
    assert_true(bytes_equal(image, rig_image(r)));
    rig_stop(r);
}

/* ---- the button ---- */

static const struct {
    const char *hex, *what;
    enum led_state led;
} guarded[] = {
    {"801C010003080105", "change the hardware description", LED_WRITTEN},
    {"801C0201 08 07EA0A150607163A", "set the clock", LED_WRITTEN},
    {"801C0202 04 6B0C3C00", "set the clock", LED_WRITTEN},
    {"801D0300", "boot signed firmware only, for ever", LED_WRITTEN},
    {"801D0201", "boot signed firmware only, for ever, and lock the keys", LED_WRITTEN},
    {"801F0100", "restart for a new firmware", LED_IDLE},
};

static void without_the_button_nothing_happens(void **state)
{
    struct rig *r = rescue(802);
    r->platform.boot_keys = 0x3F;
    r->presence.answer = false;
    bytes image = rig_image(r);
    for (unsigned i = 0; i < COUNT(guarded); i++) {
        EXPECT_ROW(rig_send(r, guarded[i].hex), 0x6985, "", guarded[i].what);
        assert_int_equal(r->presence.calls, i + 1);
        assert_string_equal(r->presence.what, guarded[i].what);
        assert_int_equal(r->led_shown[LED_WAITING_FOR_BUTTON], i + 1);
        assert_int_equal(r->led, LED_IDLE);
    }
    assert_true(bytes_equal(image, rig_image(r)));
    assert_int_equal(r->platform.restarts, 0);
    assert_int_equal(r->date.sets, 0);
    assert_false(r->platform.boot.enabled);
    assert_int_equal(r->led_shown[LED_WRITTEN], 0);
    rig_stop(r);
}

static void with_the_button_it_does(void **state)
{
    struct rig *r = rescue(803);
    r->platform.boot_keys = 0x3F;
    for (unsigned i = 0; i < COUNT(guarded); i++) {
        EXPECT_ROW(rig_send(r, guarded[i].hex), 0x9000, "", guarded[i].what);
        assert_int_equal(r->presence.calls, i + 1);
        assert_int_equal(r->presence.timeout_ms, 15000); /* the board's own */
        assert_int_equal(r->led, guarded[i].led);
    }
    assert_int_equal(r->platform.restarts, 1);
    SEND(r, "801E010000", 0x9000);
    assert_int_equal(r->led, LED_IDLE); /* the next command ends the blinking */
    rig_stop(r);
}

/* 4.7: PHY tag 08, for the keys' button too; in force after the next start only. */
static void the_timeout_is_in_the_description(void **state)
{
    struct rig *r = rig_ready(804, "80020100");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    SEND(r, SELECT_RESCUE, 0x9000);
    EXPECT_SW(write_phy(r, "080105"), 0x9000);
    EXPECT_SW(write_phy(r, "080107"), 0x9000);
    assert_int_equal(r->presence.timeout_ms, 15000);
    rig_reset(r); /* is no start */
    SEND(r, SELECT_RESCUE, 0x9000);
    SEND(r, "801F0100", 0x9000);
    assert_int_equal(r->presence.timeout_ms, 15000);
    power_cycle(r);
    SEND(r, "801F0100", 0x9000);
    assert_int_equal(r->presence.timeout_ms, 7000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    r->presence.timeout_ms = 0;
    SEND(r, SIGN_ABC("01"), 0x9000);
    assert_int_equal(r->presence.timeout_ms, 7000);
    r->presence.answer = false;
    SEND(r, SIGN_ABC("01"), 0x6600);
    SEND(r, SELECT_RESCUE, 0x9000);
    EXPECT_EMPTY(write_phy(r, "0801FF"), 0x6985);
    r->presence.answer = true;
    EXPECT_EMPTY(write_phy(r, "0801FF"), 0x9000);
    power_cycle(r);
    SEND(r, "801F0100", 0x9000);
    assert_int_equal(r->presence.timeout_ms, 255000);
    rig_stop(r);
}

static void a_timeout_of_zero_is_a_yes(void **state)
{
    struct rig *r = rig_ready(805, "80020100");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    SEND(r, SELECT_RESCUE, 0x9000);
    EXPECT_SW(write_phy(r, "080100"), 0x9000);
    r->presence.answer = false;
    EXPECT_SW(write_phy(r, "080100"), 0x6985); /* still the old one */
    power_cycle(r);
    unsigned calls = r->presence.calls, shown = r->led_shown[LED_WAITING_FOR_BUTTON];
    SEND(r, "801F0100", 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, SIGN_ABC("01"), 0x9000);
    assert_int_equal(r->presence.calls, calls);
    assert_int_equal(r->led_shown[LED_WAITING_FOR_BUTTON], shown);
    rig_stop(r);
}

/* ---- hardware description ---- */

static void a_description_is_read_back(void **state)
{
    struct rig *r = rescue(806);
    EXPECT_EMPTY(write_phy(r, phy_all), 0x9000);
    expect_phy(r, phy_all);
    /* absent records fall back: a written description replaces the whole */
    EXPECT_EMPTY(write_phy(r, "0B0101"), 0x9000);
    expect_phy(r, "06020001 0B0101");
    /* unknown records and impossible values are not kept; extended length */
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x1C, 0x01, 0x00, "5503010203 050110 090241 0A 040107 040108 0B", 65536),
                 0x9000);
    expect_phy(r, "040107 06020001");
    /* as long as a command can be */
    uint8_t padding[4096];
    memset(padding, 0, sizeof padding); /* records "00 00" */
    memcpy(padding + 4090, "\x08\x01\x09\x05\x01\x03", 6);
    EXPECT_EMPTY(rig_command(r, 0x80, 0x1C, 0x01, 0x00, BYTES(padding), 0), 0x9000);
    expect_phy(r, "050103 06020001 080109");
    rig_stop(r);
}

static void a_description_is_in_force_after_the_next_start(void **state)
{
    struct rig *r = rescue(807);
    uint32_t generation;
    assert_int_equal(hsm_phy(r->hsm)->present, 0);
    assert_int_equal(hsm_phy(r->hsm)->presence_s, 30);
    EXPECT_SW(rig_select(r), 0x9000);
    generation = rig_generation(r);
    SEND(r, SELECT_RESCUE, 0x9000);
    EXPECT_EMPTY(write_phy(r, phy_all), 0x9000);
    assert_int_equal(hsm_phy(r->hsm)->present, 0);
    rig_reset(r);
    assert_int_equal(hsm_phy(r->hsm)->present, 0);
    power_cycle(r);
    assert_int_equal(hsm_phy(r->hsm)->vid, 0x1209);
    assert_string_equal(hsm_phy(r->hsm)->product, "My HSM");
    expect_phy(r, phy_all);
    /* INITIALIZE leaves it alone, and it is no object */
    EXPECT_SW(rig_select(r), 0x9000);
    assert_int_equal(rig_generation(r), generation);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    power_cycle(r);
    expect_phy(r, phy_all);
    assert_int_equal(hsm_phy(r->hsm)->pid, 1);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00"); /* nor in the list, nor to be read */
    SEND(r, "00B110100454020000 00", 0x6982);
    rig_stop(r);
}

/* An image whose card does not open has no description. */
static void defaults_when_the_card_does_not_open(void **state)
{
    struct rig *r = rescue(808);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    SEND(r, SELECT_RESCUE, 0x9000);
    EXPECT_EMPTY(write_phy(r, phy_all), 0x9000);
    rig_power_off(r);
    r->board.profile.pin_rounds_max = 0; /* its PINs cost more than this board can do */
    assert_int_equal(rig_open(r), ST_NOT_SUPPORTED);
    assert_int_equal(hsm_phy(r->hsm)->present, 0);
    assert_string_equal(hsm_phy(r->hsm)->product, "");
    rig_stop(r);
}

/* Whatever stands between the records of a description: a status word, and what is read back reads the same again. */
static void any_bytes_are_a_description(void **state)
{
    struct rig *r = rescue(809);
    uint64_t random = 1;
    for (unsigned i = 0; i < 300; i++) {
        uint8_t data[80];
        size_t n = 2 + sim_random(&random) % (sizeof data - 2);
        for (size_t k = 0; k < n; k++) data[k] = (uint8_t)(sim_random(&random) % (k % 3 ? 256 : 13));
        EXPECT_EMPTY(rig_command(r, 0x80, 0x1C, 0x01, 0x00, (bytes){data, n}, 0), 0x9000);
        struct answer a = rig_send(r, "801E010000");
        EXPECT_SW(a, 0x9000);
        if (a.data.n) EXPECT_EMPTY(rig_command(r, 0x80, 0x1C, 0x01, 0x00, a.data, 0), 0x9000);
        expect_phy(r, hex_of(a.data));
        rig_forget(r);
        hex_release();
    }
    assert_int_equal(rig_power_cycle(r), ST_OK);
    rig_stop(r);
}

static const struct {
    enum crypto_curve curve;
    uint32_t bit; /* 0: cannot be taken away */
} curves[] = {
    {CRYPTO_SECP192R1, 0},    {CRYPTO_SECP256R1, 0x01}, {CRYPTO_SECP384R1, 0x02},
    {CRYPTO_SECP521R1, 0x04}, {CRYPTO_BP256R1, 0x10},   {CRYPTO_BP384R1, 0x20},
    {CRYPTO_BP512R1, 0x40},   {CRYPTO_SECP192K1, 0},    {CRYPTO_SECP256K1, 0x08},
};

/* 8.3: 6A81 at generation. Keys that exist go on working; the device's own key is not the host's business. */
static void curves_can_be_taken_away(void **state)
{
    struct rig *r = rig_ready(810, "");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    for (unsigned inverse = 0; inverse < 2; inverse++) {
        for (size_t only = 0; only < COUNT(curves); only++) {
            if (curves[only].bit == 0) continue;
            uint32_t mask = inverse ? ~curves[only].bit : curves[only].bit;
            SEND(r, SELECT_RESCUE, 0x9000);
            EXPECT_EMPTY(write_phy(r, text_of("0A04%08X", mask)), 0x9000);
            assert_int_equal(rig_power_cycle(r), ST_OK);
            EXPECT_SW(rig_select(r), 0x9000);
            EXPECT_SW(rig_login(r), 0x9000);
            for (size_t i = 0; i < COUNT(curves); i++) {
                bool offered = curves[i].bit == 0 || (mask & curves[i].bit);
                bool cheap = curves[i].curve == CRYPTO_SECP256R1 || curves[i].curve == CRYPTO_SECP192K1;
                if (!offered || cheap || inverse == 0)
                    EXPECT_SW(rig_generate_ec(r, 2, curves[i].curve, ""), offered ? 0x9000 : 0x6A81);
            }
            SEND(r, SIGN_ABC("01"), 0x9000);
            rig_forget(r);
            hex_release();
        }
    }
    rig_stop(r);
}

/* "storage 6400" */
static void flash_that_refuses_a_description(void **state)
{
    struct rig *r = rescue(811);
    EXPECT_EMPTY(write_phy(r, "080105"), 0x9000);
    for (uint32_t i = 0; i < r->sim->nor.sector_count; i++) r->sim->fault[i] = SIM_REFUSES;
    EXPECT_EMPTY(write_phy(r, "080106"), 0x6400);
    assert_int_equal(r->led, LED_IDLE);
    for (uint32_t i = 0; i < r->sim->nor.sector_count; i++) r->sim->fault[i] = SIM_GOOD;
    power_cycle(r);
    expect_phy(r, "06020001 080105");
    rig_stop(r);
}

/* ---- clock ---- */

static void the_clock_in_both_forms(void **state)
{
    struct rig *r = rescue(812);
    SEND_DATA(r, "801C0201 08 07EA0A15FF07163A", 0x9000, ""); /* 21 November 2026, a Saturday, whatever the host says */
    assert_int_equal(r->date.unix_seconds, 1795245778);
    SEND_DATA(r, "801E040100", 0x9000, "07EA0A150607163A");
    SEND_DATA(r, "801E040200", 0x9000, text_of("%08X", 1795245778u));
    SEND_DATA(r, "801C0202 04 FFFFFFFF", 0x9000, "");
    SEND_DATA(r, "801E040200", 0x9000, "FFFFFFFF");
    SEND_DATA(r, "801E040100", 0x9000, "083A01070006 1C0F"); /* 7 February 2106 */
    SEND_DATA(r, "801C0202 04 00000000", 0x9000, "");
    SEND_DATA(r, "801E040100", 0x9000, "07B2000104000000");
    r->date.unix_seconds = 1ull << 32;
    SEND_DATA(r, "801E040200", 0x6985, "");
    rig_stop(r);
}

static void clocks_that_do_not_do_as_told(void **state)
{
    struct rig *r = rescue(813);
    r->date.stuck = true;
    SEND_DATA(r, "801C0202 04 12345678", 0x6400, "");
    assert_int_equal(r->presence.calls, 1);
    assert_int_equal(r->led, LED_IDLE);
    r->port_clock.set_date = NULL; /* a computer's */
    SEND_DATA(r, "801C0202 04 12345678", 0x6400, "");
    SEND_DATA(r, "801C0202 03 123456", 0x6700, "");
    assert_int_equal(r->presence.calls, 1); /* and nobody is asked in vain */
    r->port_clock.date = NULL;
    SEND_DATA(r, "801E040200", 0x6985, "");
    rig_stop(r);
}

/* ---- memory, secure boot, restart ---- */

static void boards_say_what_they_know(void **state)
{
    struct rig *r = rescue(814);
    uint8_t region[4];
    be_put(SPAN(region), (uint32_t)sim_nor_size(r->sim));
    struct answer a = rig_send(r, "801E020000");
    EXPECT_SW(a, 0x9000);
    assert_int_equal(a.data.n, 24);
    assert_hex(bytes_after(a.data, 16), "00400000 00080000");
    r->port_platform.firmware_size = 0;
    assert_int_equal(rig_send(r, "801E020000").data.n, 20);
    r->port_platform.flash_size = 0;
    assert_hex(bytes_after(rig_send(r, "801E020000").data, 16), hex_of(BYTES(region)));
    r->board.platform = NULL;
    assert_hex(bytes_after(rig_send(r, "801E020000").data, 16), hex_of(BYTES(region)));
    SEND_DATA(r, "801E030000", 0x9000, "0000FF");
    rig_stop(r);
}

static void secure_boot(void **state)
{
    struct rig *r = rescue(815);
    SEND_DATA(r, "801D0300", 0x6985, ""); /* no such key in the chip */
    assert_int_equal(r->led, LED_IDLE);
    r->platform.boot_keys = 1 << 3 | 1 << 5;
    SEND_DATA(r, "801D0300", 0x9000, "");
    SEND_DATA(r, "801E030000", 0x9000, "010003");
    SEND_DATA(r, "801D0501", 0x9000, "");
    SEND_DATA(r, "801E030000", 0x9000, "010105");
    r->platform.fails = ST_EXECUTION;
    SEND_DATA(r, "801D0501", 0x6400, "");
    SEND_DATA(r, "801E030000", 0x6400, "");
    rig_stop(r);
}

static void restarts(void **state)
{
    struct rig *r = rescue(816);
    SEND_DATA(r, "801F00000000 00", 0x9000, ""); /* as PY asks for it */
    assert_int_equal(r->platform.restarts, 1);
    assert_int_equal(r->platform.how, PLATFORM_RESTART);
    assert_int_equal(r->presence.calls, 0); /* 1F/00 needs no button */
    SEND_DATA(r, "801F0100", 0x9000, "");
    assert_int_equal(r->platform.restarts, 2);
    assert_int_equal(r->platform.how, PLATFORM_RESTART_BOOT);
    assert_int_equal(r->presence.calls, 1);
    rig_stop(r);
}

static void boards_without_any_of_it(void **state)
{
    static const char *const hex[] = {"801F0000", "801F0100", "801F0200",    "801F00000100",
                                      "801D0000", "801D0600", "801D00000100"};
    struct rig *r = rescue(817);
    for (unsigned without = 0; without < 2; without++) {
        r->port_platform.restart = NULL;
        r->port_platform.enable_secure_boot = NULL;
        r->port_platform.secure_boot = NULL;
        if (without) r->board.platform = NULL;
        for (size_t i = 0; i < COUNT(hex); i++) SEND_DATA(r, hex[i], 0x6D00, "");
        SEND_DATA(r, "801E030000", 0x9000, "0000FF");
    }
    assert_int_equal(r->presence.calls, 0);
    rig_stop(r);
}

/* ---- a card with nothing but its rescue applet ---- */

/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } read_only[] = {
    {"8050000000",           0x6A82, "", "nothing is selected"},
    {"00A404000B" RIG_AID "00", 0x6A82, "", "there is no HSM"},
    {SELECT_RESCUE,          0x9000, "000106060102030405060708", "the rescue applet"},
    {"00A404000B" RIG_AID "00", 0x6A82, "", "there is no HSM"},
    {"801E0100 00",          0x9000, "06020001", "the default description"},
    {"801E0300 00",          0x9000, "0000FF", "secure boot"},
    {"801E0402 00",          0x9000, "12345678", "clock"},
    {"80100200 00",          0x6400, "", "no key is in reach"},
    {"801C0100 03 080105",   0x6400, "", "read-only"},
    {"801C0201 08 07EA0A150607163A", 0x6400, "", "read-only"},
    {"801C0202 04 12345678", 0x6400, "", "read-only"},
    {"801D0300",             0x6400, "", "read-only"},
    {"801C0100 01 08",       0x6700, "", "the form is judged as ever"},
    {"801C0300 03 080105",   0x6A86, "", "the form is judged as ever"},
    {"001E0100 00",          0x6E00, "", "the form is judged as ever"},
    {"80FF0000",             0x6D00, "", "the form is judged as ever"},
    {"8064060000",           0x6D00, "", "EXTRAS is not here"},
    {"108400000100",         0x9000, "", "a chain may begin"},
    {"008400000100",         0x6E00, "", "and end"},
    {"00C0000000",           0x6985, "", "nothing pending"},
};
/* clang-format on */

static void a_rescue_start_reads_and_writes_nothing(void **state)
{
    struct rig *r = rig_ready(818, "");
    SEND(r, SELECT_RESCUE, 0x9000);
    EXPECT_EMPTY(write_phy(r, "08010A 0B0101"), 0x9000);
    rig_power_off(r);
    r->date.known = true;
    r->date.unix_seconds = 0x12345678;
    r->platform.boot_keys = 0x3F;
    bytes image = rig_image(r);
    uint64_t reads = r->sim->reads;
    unsigned entropy = r->entropy.calls, calls = r->presence.calls, sets = r->date.sets;
    r->entropy.fail_at = 1;
    hsm_open_rescue(r->hsm, &r->board);
    r->open = true;
    assert_int_equal(hsm_phy(r->hsm)->present, 0);
    for (size_t i = 0; i < COUNT(read_only); i++) {
        EXPECT_ROW(rig_send(r, read_only[i].hex), read_only[i].sw, read_only[i].data, read_only[i].why);
        assert_int_equal(r->led, LED_IDLE);
    }
    assert_int_equal(r->presence.calls, calls);
    SEND_DATA(r, "801E020000", 0x9000, text_of("00000000 00000000 %08X 00000000 00400000 00080000", 512u << 10));
    SEND_DATA(r, "801F0000", 0x9000, "");
    SEND_DATA(r, "801F0100", 0x9000, "");
    assert_int_equal(r->platform.restarts, 2);
    assert_int_equal(r->presence.timeout_ms, 15000); /* the board's, since no description was read */
    r->presence.answer = false;
    SEND_DATA(r, "801F0100", 0x6985, "");
    rig_reset(r);
    SEND(r, "801E010000", 0x6A82);
    SEND(r, SELECT_RESCUE, 0x9000);
    rig_power_off(r);
    assert_int_equal(r->sim->reads, reads);
    assert_int_equal(r->entropy.calls, entropy);
    assert_int_equal(r->date.sets, sets);
    assert_false(r->platform.boot.enabled);
    assert_true(bytes_equal(image, rig_image(r)));
    r->entropy.fail_at = 0;
    assert_int_equal(rig_open(r), ST_OK); /* and the card is as it was */
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    rig_stop(r);
}

/* As a board does when its flash makes no sense. */
static void a_rescue_start_follows_one_that_failed(void **state)
{
    struct rig *r = rig_new(&(struct rig_options){.seed = 819});
    memset(r->sim->image, 0x5A, sim_nor_size(r->sim));
    assert_int_not_equal(rig_open(r), ST_OK);
    hsm_open_rescue(r->hsm, &r->board);
    r->open = true;
    SEND(r, SELECT_RESCUE, 0x9000);
    SEND_DATA(r, "801E030000", 0x9000, "0000FF");
    SEND(r, "801F0100", 0x9000);
    assert_int_equal(r->platform.how, PLATFORM_RESTART_BOOT);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(forms_are_judged_before_anybody_is_asked),
        CASE(without_the_button_nothing_happens),
        CASE(with_the_button_it_does),
        CASE(the_timeout_is_in_the_description),
        CASE(a_timeout_of_zero_is_a_yes),
        CASE(a_description_is_read_back),
        CASE(a_description_is_in_force_after_the_next_start),
        CASE(defaults_when_the_card_does_not_open),
        CASE(any_bytes_are_a_description),
        CASE(curves_can_be_taken_away),
        CASE(flash_that_refuses_a_description),
        CASE(the_clock_in_both_forms),
        CASE(clocks_that_do_not_do_as_told),
        CASE(boards_say_what_they_know),
        CASE(secure_boot),
        CASE(restarts),
        CASE(boards_without_any_of_it),
        CASE(a_rescue_start_reads_and_writes_nothing),
        CASE(a_rescue_start_follows_one_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
