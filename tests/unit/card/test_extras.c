/* SPDX-License-Identifier: Apache-2.0 */
/* EXTRAS (apdu.md 3.26): options that change, and the older forms of clock, memory, description and restart. Who may do
 * what is in test_access; what the description does, in test_rescue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"

/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } forms[] = {
    {"8064000000",           0x6A86, "", "unknown P1"},
    {"80643A0041",           0x6A86, "", "secure lock: P2 00"},
    {"80643A0541",           0x6A86, "", "secure lock: P2 05"},
    {"80644C0000",           0x6A86, "", "OTP: never (test_011)"},
    {"80644C000100",         0x6A86, "", "OTP: never"},
    {"8064FF0000",           0x6A86, "", "unknown P1"},
    {"8064060100",           0x6A86, "", "06, P2 01"},
    {"8064060102 0102",      0x6A86, "", "P2 before length"},
    {"8064060002 0102",      0x6700, "", "two bytes of options"},
    {"8064060001 08",        0x6A80, "", "bit 0800"},
    {"8064060001 81",        0x6A80, "", "bit 8000"},
    {"80640A0100",           0x6A86, "", "0A, P2 01"},
    {"80640A0000",           0x6985, "", "clock never set"},
    {"80640A0007 07EA0B15050716", 0x6700, "", "7 bytes"},
    {"80640A0009 07EA0B150507163A00", 0x6700, "", "9 bytes"},
    {"80640A0008 07EA001505071600", 0x6A80, "", "month 0 from 1"},
    {"80640A0008 07EA0D1505071600", 0x6A80, "", "month 13"},
    {"80640A0008 07EA021D05071600", 0x6A80, "", "29 February 2026"},
    {"8064050100",           0x6A86, "", "05, P2 01"},
    {"806405000100",         0x6700, "", "memory with data"},
    {"80641B0100",           0x6A86, "", "1B, P2 01"},
    {"80641B0800",           0x6A86, "", "1B, P2 08: rescue only"},
    {"80641B2000",           0x6A86, "", "1B, P2 20"},
    {"80641B0003 120900",    0x6700, "", "VID/PID of 3"},
    {"80641B0005 1209000100",0x6700, "", "VID/PID of 5"},
    {"80641B0402 1900",      0x6700, "", "GPIO of 2"},
    {"80641B0502 0800",      0x6700, "", "brightness of 2"},
    {"80641B0601 00",        0x6700, "", "options of 1"},
    {"80641B0501 10",        0x6A80, "", "brightness 16"},
    {"8064FB0100",           0x6A86, "", "FB, P2 01"},
    {"8064FB000100",         0x6700, "", "restart with data"},
};
/* clang-format on */

/* None of these asks, writes, sets or restarts. */
static void forms_are_judged_before_anybody_is_asked(void **state)
{
    struct rig *r = rig_ready(831, "80020021");
    bytes image = rig_image(r);
    for (size_t i = 0; i < COUNT(forms); i++) {
        EXPECT_ROW(rig_send(r, forms[i].hex), forms[i].sw, forms[i].data, forms[i].why);
    }
    assert_int_equal(r->presence.calls, 0);
    assert_int_equal(r->platform.restarts, 0);
    assert_int_equal(r->date.sets, 0);
    assert_true(bytes_equal(image, rig_image(r)));
    rig_stop(r);
}

/* ---- options ---- */

static void expect_options(struct rig *r, const char *options)
{
    SEND_DATA(r, "80640600000000", 0x9000, options);
    struct answer fci = rig_select(r);
    EXPECT_SW(fci, 0x9000);
    assert_hex(bytes_first(bytes_after(fci.data, fci.data.n - 5), 2), options);
    EXPECT_SW(rig_login(r), 0x9000);
}

static void options_change_in_their_high_byte(void **state)
{
    struct rig *r = rig_ready(832, "80020021");
    uint32_t generation = rig_generation(r);
    expect_options(r, "0021");
    SEND_DATA(r, "8064060001 03", 0x9000, ""); /* [V] */
    expect_options(r, "0321");
    SEND_DATA(r, "8064060001 01", 0x9000, "");
    expect_options(r, "0121");
    SEND_DATA(r, "8064060001 06", 0x9000, ""); /* DP-60: the lock stays as it is */
    expect_options(r, "0221");
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    expect_options(r, "0221");
    SEND_DATA(r, "8064060001 00", 0x9000, "");
    expect_options(r, "0021");
    assert_int_equal(rig_generation(r), generation);
    rig_stop(r);
}

static void the_lock_bit_is_kept(void **state)
{
    struct rig *r = rig_ready(833, "");
    r->hsm->settings.options |= OPTION_LOCKED; /* nothing sets it yet */
    SEND_DATA(r, "8064060001 00", 0x9000, "");
    SEND_DATA(r, "8064060000", 0x9000, "0400");
    rig_stop(r);
}

/* Each bit does what it says from then on. */
static void options_are_in_force_at_once(void **state)
{
    struct rig *r = rig_ready(834, "80020001");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    assert_int_equal(r->presence.calls, 0);
    SEND_DATA(r, "8064060001 01", 0x9000, "");
    r->presence.answer = false;
    SEND(r, "8068017303616263 00", 0x6600);
    SEND_DATA(r, "8064060001 02", 0x9000, ""); /* who is logged in may take the button away again */
    SEND(r, "8068017303616263 00", 0x9000);
    EXPECT_SW(rig_generate_ec(r, 2, CRYPTO_SECP256R1, ""), 0x9000);
    SEND_DATA(r, "00A4000002CC0200", 0x9000, "6217 8102 0000 820108 8302CC02 8A0105 A58106 9004FFFFFFFE");
    rig_stop(r);
}

static void flash_that_refuses_options(void **state)
{
    struct rig *r = rig_ready(835, "80020001");
    sim_nor_cut(r->sim, 0);
    SEND_DATA(r, "8064060001 03", 0x6581, "");
    SEND_DATA(r, "8064060000", 0x9000, "0001");
    rig_stop(r);
}

/* ---- clock and memory ---- */

static void the_clock_as_the_tool_writes_it(void **state)
{
    struct rig *r = rig_ready(836, "");
    SEND_DATA(r, "80640A0008 07EA0B15 FF 07163A", 0x9000, "");
    assert_int_equal(r->date.unix_seconds, 1795245778);
    SEND_DATA(r, "80640A0000", 0x9000, "07EA0B15 05 07163A"); /* Saturday from Monday 0 */
    assert_int_equal(r->presence.calls, 0);
    assert_int_equal(r->led, LED_IDLE);
    r->date.stuck = true;
    SEND_DATA(r, "80640A0008 07EA0B150507163A", 0x6400, "");
    r->port_clock.set_date = NULL;
    SEND_DATA(r, "80640A0008 07EA0B150507163A", 0x6400, "");
    rig_stop(r);
}

static void memory_is_five_numbers(void **state)
{
    struct rig *r = rig_ready(837, "");
    struct answer a = rig_send(r, "8064050000"), b;
    EXPECT_SW(a, 0x9000);
    assert_int_equal(a.data.n, 20);
    SEND(r, "00A4040C08" RIG_RESCUE_AID, 0x9000);
    b = rig_send(r, "801E020000");
    assert_true(bytes_equal(a.data, bytes_first(b.data, 20)));
    rig_stop(r);
}

/* ---- description and restart: the button, whatever option 0100 says ---- */

static void description_a_record_at_a_time(void **state)
{
    struct rig *r = rig_ready(838, "");
    SEND_DATA(r, "80641B0000", 0x9000, "06020001");
    SEND_DATA(r, "80641B0004 12090001", 0x9000, "");
    SEND_DATA(r, "80641B0401 19", 0x9000, "");
    SEND_DATA(r, "80641B0501 08", 0x9000, "");
    SEND_DATA(r, "80641B0602 000A", 0x9000, "");
    SEND_DATA(r, "80641B0501 07", 0x9000, ""); /* replaces its like and nothing else */
    assert_int_equal(r->presence.calls, 6);
    SEND_DATA(r, "80641B0400", 0x9000, "000412090001 040119 050107 0602000A");
    assert_int_equal(hsm_phy(r->hsm)->present, 0);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    assert_int_equal(hsm_phy(r->hsm)->led_brightness, 7);
    SEND(r, "00A4040C08" RIG_RESCUE_AID, 0x9000);
    SEND_DATA(r, "801E010000", 0x9000, "000412090001 040119 050107 0602000A");
    rig_stop(r);
}

/* Records that EXTRAS does not know stay; the fullest description has room. */
static void other_records_stay(void **state)
{
    static const char all[] = "000412090001 040119 0501%s 06020003 08011E 0921"
                              "4142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F60 00 0A04000001FF 0B0103 "
                              "0C020302";
    struct rig *r = rig_start(839);
    SEND(r, "00A4040C08" RIG_RESCUE_AID, 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x1C, 0x01, 0x00, text_of(all, "08"), 0), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    SEND_DATA(r, "80641B0501 09", 0x9000, "");
    SEND_DATA(r, "80641B0000", 0x9000, text_of(all, "09"));
    rig_stop(r);
}

static void without_the_button_nothing_happens(void **state)
{
    static const char *const guarded[] = {"80641B0000", "80641B0501 08", "8064FB00"};
    struct rig *r = rig_ready(840, "80020001");
    bytes image = rig_image(r);
    r->presence.answer = false;
    for (unsigned i = 0; i < COUNT(guarded); i++) {
        SEND_DATA(r, guarded[i], 0x6600, "");
        assert_int_equal(r->presence.calls, i + 1);
    }
    assert_int_equal(r->platform.restarts, 0);
    assert_true(bytes_equal(image, rig_image(r)));
    rig_stop(r);
}

static void restart(void **state)
{
    struct rig *r = rig_ready(841, "");
    SEND_DATA(r, "8064FB0000", 0x9000, "");
    assert_int_equal(r->platform.restarts, 1);
    assert_int_equal(r->platform.how, PLATFORM_RESTART);
    assert_int_equal(r->presence.calls, 1);
    r->port_platform.restart = NULL;
    SEND_DATA(r, "8064FB0000", 0x6A86, "");
    r->board.platform = NULL;
    SEND_DATA(r, "8064FB0000", 0x6A86, "");
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(forms_are_judged_before_anybody_is_asked),
        CASE(options_change_in_their_high_byte),
        CASE(the_lock_bit_is_kept),
        CASE(options_are_in_force_at_once),
        CASE(flash_that_refuses_options),
        CASE(the_clock_as_the_tool_writes_it),
        CASE(memory_is_five_numbers),
        CASE(description_a_record_at_a_time),
        CASE(other_records_stay),
        CASE(without_the_button_nothing_happens),
        CASE(restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
