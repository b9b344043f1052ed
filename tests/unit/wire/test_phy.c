/* SPDX-License-Identifier: Apache-2.0 */
/* PHY records: each tag's rule, what is written is what was read, and nothing odd reaches a descriptor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/phy.h"

#define TEXT_32 "4142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F60"

/* `put`: what phy_put makes of it. */
/* clang-format off */
static const struct { const char *in, *put; } rows[] = {
    /* the examples of the specification (vectors/phy.json), each as it came */
    { "000412090001",                     "000412090001" },
    { "0401190501080c0101",               "0401190501080c0101" },
    { "06020003",                         "06020003" },
    { "08011e",                           "08011e" },
    { "09074d792048534d00",               "09074d792048534d00" },
    { "0b0101",                           "0b0101" },
    { "0a04000001ff",                     "0a04000001ff" },
    { "0c020302",                         "0c020302" },
    /* order, repetition, strangers */
    { "",                                 "" },
    { "0b0101 000412090001",              "000412090001 0b0101" },
    { "08011e 080100",                    "08011e" },             /* the first wins */
    { "0802001e 080105",                  "080105" },             /* unless it was none */
    { "010100 0700 08011e FF0100",        "08011e" },             /* unknown tags */
    { "200100 28011e 0D0100",             "" },                   /* no tag is taken for another, 32 higher */
    { "FF00 00000000",                    "" },
    /* a record that is longer than the rest ends the reading */
    { "08011e 0b",                        "08011e" },
    { "08011e 0b01",                      "08011e" },
    { "08011e 0bFF01",                    "08011e" },
    { "0005120900 01",                    "" },
    { "0C0203",                           "" },
    /* wrong lengths are skipped */
    { "0003120900 08011e",                "08011e" },
    { "00051209000102 08011e",            "08011e" },
    { "0000 0400 0500 0600 0800 0900 0A00 0B00 0C00 08011e", "08011e" },
    { "04021900 05020800 06010A 0603000000 0A0300000F 0A05000000000F 0B020100 0C03030200 08011e", "08011e" },
    /* values that no record can have are skipped */
    { "050110 05010F",                    "05010F" },
    { "0C0100 0C0106 0C01FE 0C01FF",      "0C01FF" },
    { "0C020306 0C020305",                "0C020305" },
    { "0401FF",                           "0401FF" },             /* the board knows its pins */
    { "0602FFFF 0B01FF 0A0400000000",     "0602FFFF 0A0400000000 0B01FF" },
    /* the product's name */
    { "09064d792048534d",                 "09074d792048534d00" }, /* without its zero */
    { "0920" TEXT_32,                     "0921" TEXT_32 "00" },  /* 32 characters */
    { "0921" TEXT_32 "00",                "0921" TEXT_32 "00" },
    { "0921" TEXT_32 "61",                "" },                   /* 33 */
    { "0922" TEXT_32 "6100",              "" },
    { "0922" TEXT_32 "0000",              "" },
    { "090100",                           "" },                   /* none at all */
    { "09020000",                         "" },
    { "0903410042",                       "" },                   /* a zero within */
    { "0902410A",                         "" },
    { "09024119 0902417F 0903 41C3A4",    "" },
    { "0902201F 0904 207E2000",           "0904 207E2000" },
};
/* clang-format on */

static void each_record_has_its_rule(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct phy p;
        phy_read(exact(rows[i].in), &p);
        buf b = buf_over(exact_space(exact(rows[i].put).n));
        phy_put(&p, &b);
        assert_false(b.full);
        assert_hex(written(&b), rows[i].put);
    }
}

static void absent_records_have_defaults(void **state)
{
    struct phy p;
    phy_read(NO_BYTES, &p);
    assert_int_equal(p.present, 0);
    assert_int_equal(p.led_brightness, 15);
    assert_int_equal(p.options, PHY_OPTION_WCID);
    assert_int_equal(p.presence_s, 30);
    assert_string_equal(p.product, "");
    assert_int_equal(p.curves, 0xFFFFFFFF);
    assert_int_equal(p.led_driver, PHY_LED_NONE);
    assert_int_equal(p.led_order, PHY_ORDER_UNKNOWN);
    assert_int_equal(phy_usb(&p), PHY_USB_CCID | PHY_USB_WCID);
    phy_read(exact("0C0102"), &p);
    assert_int_equal(p.led_order, PHY_ORDER_UNKNOWN);
}

static const char everything[] =
    "000412090001 040119 050108 06020003 08011e 0921" TEXT_32 "00 0a04000001ff 0b0103 0c020302";

static void the_fields_say_what_came(void **state)
{
    struct phy p;
    phy_read(exact(everything), &p);
    assert_int_equal(p.present, 1 << 0 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12);
    assert_true(phy_has(&p, PHY_VID_PID));
    assert_int_equal(p.vid, 0x1209);
    assert_int_equal(p.pid, 1);
    assert_int_equal(p.led_gpio, 25);
    assert_int_equal(p.led_brightness, 8);
    assert_int_equal(p.options, PHY_OPTION_WCID | PHY_OPTION_LED_DIMMABLE);
    assert_int_equal(p.presence_s, 30);
    assert_string_equal(p.product, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`");
    assert_int_equal(p.curves, 0x1FF);
    assert_int_equal(p.interfaces, PHY_USB_CCID | PHY_USB_WCID);
    assert_int_equal(p.led_driver, PHY_LED_WS2812);
    assert_int_equal(p.led_order, PHY_GRB);
}

/* What docs/boards.md tells people to write. */
static const struct {
    const char *records;
    unsigned driver, pin, order; /* pin 0: the driver's own */
} boards[] = {
    {"0C01FF", PHY_LED_NONE, 0, PHY_ORDER_UNKNOWN},     /* Pico W */
    {"0C0102", PHY_LED_PIMORONI, 0, PHY_ORDER_UNKNOWN}, /* Pimoroni Tiny 2040 */
    {"0401100C020302", PHY_LED_WS2812, 16, PHY_GRB},    /* Waveshare RP2040-Zero */
    {"0401100C020502", PHY_LED_NEOPIXEL, 16, PHY_GRB},  /* Adafruit Feather RP2040 */
    {"0401150C020502", PHY_LED_NEOPIXEL, 21, PHY_GRB},  /* Adafruit Feather RP2350 */
};

static void boards_of_the_manual_are_understood(void **state)
{
    for (size_t i = 0; i < COUNT(boards); i++) {
        struct phy p;
        phy_read(exact(boards[i].records), &p);
        assert_true(phy_has(&p, PHY_LED_DRIVER));
        assert_int_equal(p.led_driver, boards[i].driver);
        assert_int_equal(phy_has(&p, PHY_LED_GPIO), boards[i].pin != 0);
        assert_int_equal(p.led_gpio, boards[i].pin);
        assert_int_equal(p.led_order, boards[i].order);
    }
}

static void no_room_is_noticed(void **state)
{
    struct phy p;
    bytes all = exact(everything);
    assert_int_equal(all.n, PHY_SIZE_MAX);
    phy_read(all, &p);
    for (size_t room = 0; room < all.n; room++) {
        buf b = buf_over(exact_space(room));
        phy_put(&p, &b);
        assert_true(b.full);
    }
}

static const struct {
    const char *in;
    unsigned usb;
} ways_in[] = {
    {"0B0101", PHY_USB_CCID},
    {"0B0102", PHY_USB_WCID},
    {"0B0103", PHY_USB_CCID | PHY_USB_WCID},
    {"0B011F", PHY_USB_CCID | PHY_USB_WCID},
    {"0B0100", PHY_USB_CCID}, /* a device that cannot be reached cannot be told otherwise */
    {"0B011C", PHY_USB_CCID},
    {"06020000", PHY_USB_CCID},
    {"06020001", PHY_USB_CCID | PHY_USB_WCID},
    {"06020000 0B0102", PHY_USB_CCID},
};

static void there_is_always_a_way_in(void **state)
{
    for (size_t i = 0; i < COUNT(ways_in); i++) {
        struct phy p;
        phy_read(exact(ways_in[i].in), &p);
        assert_int_equal(phy_usb(&p), ways_in[i].usb);
    }
}

/* Every start of every row, too: reading never leaves its bytes. */
static void any_bytes_may_be_given(void **state)
{
    bytes all = exact(everything);
    for (size_t n = 0; n < all.n; n++) {
        struct phy p;
        uint8_t again[PHY_SIZE_MAX];
        buf b = BUF(again);
        phy_read((bytes){exact_copy(bytes_first(all, n)).p, n}, &p);
        phy_put(&p, &b);
        assert_false(b.full);
        assert_memory_equal(again, all.p, b.n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_record_has_its_rule), cmocka_unit_test(absent_records_have_defaults),
        cmocka_unit_test(the_fields_say_what_came), cmocka_unit_test(boards_of_the_manual_are_understood),
        cmocka_unit_test(no_room_is_noticed),       cmocka_unit_test(there_is_always_a_way_in),
        cmocka_unit_test(any_bytes_may_be_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
