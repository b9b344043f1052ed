/* SPDX-License-Identifier: Apache-2.0 */
/* What the chips' firmware says about itself on USB: apdu.md 1.4 byte by byte where it gives bytes, and by the rules of
 * the standards (every length right, every total the sum of its parts) for each choice of interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boards/rp2/usb_descriptors.h"
#include "tests/hex.h"

static struct usb_identity identity(bool ccid, bool wcid)
{
    return (struct usb_identity){0x2E8A, 0x10FD, "Pico HSM", "0123456789ABCDEF", ccid, wcid, NO_BYTES};
}

static const struct {
    bool ccid, wcid;
} choices[] = {{true, true}, {true, false}, {false, true}};

static unsigned le16(bytes b, size_t at)
{
    return b.p[at] | (unsigned)b.p[at + 1] << 8;
}

static void device_is_as_specified(void **state)
{
    uint8_t mem[32];
    buf b = BUF(mem);
    struct usb_identity id = identity(true, true);
    usb_put_device(&b, &id);
    assert_hex(written(&b), "12011002000000408A2EFD100009010203 01");
}

static void ccid_is_as_specified(void **state)
{
    uint8_t mem[USB_CONFIGURATION_MAX];
    buf b = BUF(mem);
    struct usb_identity id = identity(true, true);
    usb_put_configuration(&b, &id);
    bytes all = written(&b);
    assert_hex(bytes_first(all, 9), "0902A900020100A002");
    assert_hex(bytes_first(bytes_after(all, 9), 9), "0904 0000 03 0B0000 04");
    const char *ccid = "3621 1001 00 01 03000000 FC0D0000 FC0D0000 00 80250000 80250000 00 FE000000 00000000 00000000"
                       "40080400 3E100000 FF FF 0000 00 01";
    assert_hex(bytes_first(bytes_after(all, 18), 54), ccid);
    assert_hex(bytes_first(bytes_after(all, 72), 21), "07050102400000 07058102400000 0705820340000A");
    assert_hex(bytes_first(bytes_after(all, 93), 9), "0904 0100 02 FF0000 05");
    bytes wcid = bytes_first(bytes_after(all, 102), 53);
    assert_int_equal(wcid.p[0], 53);
    assert_memory_equal(wcid.p + 1, all.p + 19, 52);
}

/* Walks the tree: lengths lead exactly to the end, endpoints are as many as announced and none comes twice. */
static void configurations_add_up(void **state)
{
    for (size_t c = 0; c < COUNT(choices); c++) {
        uint8_t mem[USB_CONFIGURATION_MAX];
        buf b = BUF(mem);
        struct usb_identity id = identity(choices[c].ccid, choices[c].wcid);
        usb_put_configuration(&b, &id);
        assert_false(b.full);
        assert_int_equal(le16(written(&b), 2), b.n);
        unsigned interfaces = 0, endpoints = 0;
        uint32_t seen = 0;
        size_t at = 0;
        for (; at < b.n; at += mem[at]) {
            assert_true(mem[at] >= 2);
            if (mem[at + 1] == 4) {
                assert_int_equal(mem[at + 2], interfaces);
                assert_int_equal(endpoints, 0);
                endpoints = mem[at + 4];
                interfaces++;
            } else if (mem[at + 1] == 5) {
                uint32_t bit = 1u << ((mem[at + 2] & 15) + (mem[at + 2] & 0x80 ? 16 : 0));
                assert_false(seen & bit);
                seen |= bit;
                endpoints--;
            }
        }
        assert_int_equal(at, b.n);
        assert_int_equal(endpoints, 0);
        assert_int_equal(interfaces, mem[4]);
    }
}

static void bos_adds_up(void **state)
{
    for (size_t c = 0; c < COUNT(choices); c++) {
        uint8_t mem[USB_BOS_MAX];
        buf b = BUF(mem);
        struct usb_identity id = identity(choices[c].ccid, choices[c].wcid);
        usb_put_bos(&b, &id);
        assert_int_equal(le16(written(&b), 2), b.n);
        size_t at = 5, count = 0;
        for (; at < b.n; at += mem[at]) count++;
        assert_int_equal(at, b.n);
        assert_int_equal(count, mem[4]);
        assert_int_equal(count, choices[c].wcid ? 2 : 0);
    }
}

/* Microsoft's set: each level holds what its length says; the interface is the vendor's. */
static void windows_set_adds_up(void **state)
{
    for (size_t c = 0; c < COUNT(choices); c++) {
        if (!choices[c].wcid) continue;
        uint8_t mem[USB_MS_OS_SIZE];
        buf b = BUF(mem);
        struct usb_identity id = identity(choices[c].ccid, true);
        usb_put_ms_os(&b, &id);
        bytes all = written(&b);
        assert_false(b.full);
        assert_int_equal(all.n, 0xB2);
        assert_int_equal(le16(all, 8), all.n);
        assert_int_equal(le16(all, 16), all.n - 10);
        assert_int_equal(le16(all, 24), all.n - 18);
        assert_int_equal(all.p[22], choices[c].ccid ? 1 : 0);
        size_t at = 0;
        for (; at < all.n; at += le16(all, at)) assert_true(le16(all, at) >= 8);
        assert_int_equal(at, all.n);
        assert_int_equal(le16(all, 46), 132); /* registry property: header, names, then data, each with its length */
        assert_int_equal(10 + le16(all, 52) + le16(all, 54 + 42), 132);
    }
}

static const struct {
    enum usb_string which;
    const char *text;
} strings[] = {
    {USB_STRING_MANUFACTURER, "Pico HSM project"},   {USB_STRING_PRODUCT, "Pico HSM"},
    {USB_STRING_SERIAL, "0123456789ABCDEF"},         {USB_STRING_CCID, "Pico HSM CCID Interface"},
    {USB_STRING_WCID, "Pico HSM WebCCID Interface"},
};

static void strings_are_utf16(void **state)
{
    uint8_t mem[2 + 2 * USB_STRING_MAX];
    struct usb_identity id = identity(true, true);
    for (size_t i = 0; i < COUNT(strings); i++) {
        buf b = BUF(mem);
        assert_true(usb_put_string(&b, &id, strings[i].which));
        assert_int_equal(b.n, 2 + 2 * strlen(strings[i].text));
        assert_int_equal(mem[0], b.n);
        assert_int_equal(mem[1], 3);
        for (size_t j = 0; 2 + 2 * j < b.n; j++) {
            assert_int_equal(mem[2 + 2 * j], strings[i].text[j]);
            assert_int_equal(mem[3 + 2 * j], 0);
        }
    }
    buf b = BUF(mem);
    assert_true(usb_put_string(&b, &id, USB_STRING_LANGUAGE));
    assert_hex(written(&b), "04030904");
    assert_false(usb_put_string(&b, &id, USB_STRING_COUNT));
    assert_false(usb_put_string(&b, &id, (enum usb_string)0xEE)); /* Windows asks for it */
    id.product = "12345678901234567890123456789012";              /* the longest */
    b = BUF(mem);
    assert_true(usb_put_string(&b, &id, USB_STRING_WCID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_is_as_specified), cmocka_unit_test(ccid_is_as_specified),
        cmocka_unit_test(configurations_add_up),  cmocka_unit_test(bos_adds_up),
        cmocka_unit_test(windows_set_adds_up),    cmocka_unit_test(strings_are_utf16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
