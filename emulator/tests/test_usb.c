/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The USB controller a token at a time, and the host's transfers, against buffer controls written by hand: here the test
 * is the firmware, and the core sleeps. */
#include "internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { FULL = 1 << 15, PID = 1 << 13, SELECT = 1 << 12, STALL = 1 << 11, AVAILABLE = 1 << 10 };
enum {
    IN1 = 0x88,
    OUT1 = 0x8c,
    IN1_CONTROL = 8,
    OUT1_CONTROL = 12,
    BUFF_STATUS = 0x58,
    STALL_ARM = 0x68,
    SIE_STATUS = 0x50
};
#define ENABLED (1u << 31)
#define TWICE (1u << 30)
#define EACH (1u << 29)

static struct board *b;

static int start(void **state)
{
    static uint8_t image[0x200] = {
        [1] = 0x40, [3] = 0x20, [5] = 1, [7] = 0x10, [0x100] = 0x30, [0x101] = 0xbf}; /* WFI */
    image[4] = 1;
    b = board_create(&(struct board_config){.chip = RP2350, .image = image, .image_size = sizeof image, .seed = 1});
    return b ? 0 : -1;
}

static int stop(void **state)
{
    board_destroy(b);
    return 0;
}

/* As a store of the firmware does it. */
static void dpram(uint32_t at, uint32_t value)
{
    uint32_t before = *reg(b, DPRAM, at);
    *reg(b, DPRAM, at) = value;
    dpram_write(b, at, value, before);
}

static uint8_t *memory(uint32_t at)
{
    return (uint8_t *)b->regs[DPRAM] + at;
}
static uint32_t done(void)
{
    uint32_t bits = *reg(b, USB, BUFF_STATUS);
    *reg(b, USB, BUFF_STATUS) = 0;
    return bits;
}

static void to_host(void **state)
{
    uint8_t got[64];
    uint32_t n = 0;
    assert_int_equal(usb_in(b, 1, false, got, 64, &n), USB_NAK); /* not enabled */
    dpram(IN1_CONTROL, ENABLED | EACH | 0x180);
    assert_int_equal(usb_in(b, 1, false, got, 64, &n), USB_NAK); /* nothing there */
    dpram(IN1, FULL | 3);
    assert_int_equal(usb_in(b, 1, false, got, 64, &n), USB_NAK); /* not handed over */
    memcpy(memory(0x180), "abc", 3);
    dpram(IN1, FULL | AVAILABLE | 3);
    assert_int_equal(usb_in(b, 1, false, got, 64, &n), USB_ACK);
    assert_int_equal(n, 3);
    assert_memory_equal(got, "abc", 3);
    assert_int_equal(done(), 1 << 2);
    assert_int_equal(*reg(b, DPRAM, IN1) & (FULL | AVAILABLE), 0);
    assert_int_equal(usb_in(b, 1, true, got, 64, &n), USB_NAK);
    dpram(IN1, FULL | AVAILABLE | 3); /* DATA0 again */
    assert_int_equal(usb_in(b, 1, true, got, 64, &n), USB_BROKEN);
    dpram(IN1, FULL | AVAILABLE | PID | 3);
    assert_int_equal(usb_in(b, 1, true, got, 2, &n), USB_BROKEN); /* babble */
    assert_int_equal(usb_in(b, 1, true, got, 64, &n), USB_ACK);
    dpram(IN1, STALL);
    assert_int_equal(usb_in(b, 1, true, got, 64, &n), USB_STALL_SENT);
}

static void from_host(void **state)
{
    static const uint8_t data[64] = "hello";
    dpram(OUT1_CONTROL, ENABLED | EACH | 0x200);
    assert_int_equal(usb_out(b, 1, false, data, 5), USB_NAK);
    dpram(OUT1, AVAILABLE | 64);
    assert_int_equal(usb_out(b, 1, true, data, 5), USB_BROKEN); /* toggle */
    assert_int_equal(usb_out(b, 1, false, data, 5), USB_ACK);
    assert_memory_equal(memory(0x200), "hello", 5);
    assert_int_equal(*reg(b, DPRAM, OUT1), FULL | 5);
    assert_int_equal(done(), 1 << 3);
    assert_int_equal(usb_out(b, 1, true, data, 5), USB_NAK);
    dpram(OUT1, AVAILABLE | PID | 32);
    assert_int_equal(usb_out(b, 1, true, data, 33), USB_BROKEN); /* longer than its buffer */
}

/* Halves in turn, one event a pair or one each, and the first one first after a reset of the selector. */
static void two_buffers(void **state)
{
    uint8_t got[64];
    uint32_t n;
    dpram(IN1_CONTROL, ENABLED | TWICE | 1u << 28 | 0x180);
    memset(memory(0x180), 'A', 64);
    memset(memory(0x1c0), 'B', 64);
    dpram(IN1, (uint32_t)(FULL | AVAILABLE | PID | 9) << 16 | FULL | AVAILABLE | SELECT | 64);
    assert_int_equal(usb_in(b, 1, false, got, 64, &n), USB_ACK);
    assert_int_equal(got[0], 'A');
    assert_int_equal(done(), 0);
    assert_int_equal(usb_in(b, 1, true, got, 64, &n), USB_ACK);
    assert_int_equal(got[0], 'B');
    assert_int_equal(n, 9);
    assert_int_equal(done(), 1 << 2);
    dpram(IN1_CONTROL, ENABLED | TWICE | EACH | 0x180);
    dpram(IN1, (uint32_t)(FULL | AVAILABLE | PID | 9) << 16 | FULL | AVAILABLE | SELECT | 64);
    assert_int_equal(usb_in(b, 1, false, got, 64, &n), USB_ACK);
    assert_int_equal(done(), 1 << 2);
    dpram(IN1, (uint32_t)(FULL | AVAILABLE | PID | 9) << 16 | FULL | AVAILABLE | SELECT | 63);
    assert_int_equal(usb_in(b, 1, false, got, 64, &n), USB_ACK);
    assert_int_equal(n, 63);
}

static void setup_and_stall(void **state)
{
    static const uint8_t setup[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
    uint8_t got[64];
    uint32_t n;
    dpram(0x80, STALL);
    assert_int_equal(usb_in(b, 0, true, got, 64, &n), USB_NAK); /* not armed */
    *reg(b, USB, STALL_ARM) = 1;
    assert_int_equal(usb_in(b, 0, true, got, 64, &n), USB_STALL_SENT);
    usb_setup(b, setup);
    assert_memory_equal(memory(0), setup, 8);
    assert_int_equal(*reg(b, USB, STALL_ARM), 0);
    assert_true(*reg(b, USB, SIE_STATUS) & 1 << 17);
    assert_int_equal(usb_in(b, 0, true, got, 64, &n), USB_NAK);
}

/* --- Transfers of a configured device. --- */

static void configured(void)
{
    b->host.stage = 11;
    *reg(b, USB, 0x40) = 1;
    *reg(b, USB, 0x4c) = 1 << 16;
    for (int i = 0; i < 32; i++) b->host.packet[i / 16][i % 16] = 64;
    assert_true(usb_configured(b));
}

static void transfer_in_packets(void **state)
{
    uint8_t data[200];
    struct transfer t = {.endpoint = 0x81, .data = data, .length = sizeof data},
                    second = {.endpoint = 0x81, .data = data, .length = 200};
    configured();
    dpram(IN1_CONTROL, ENABLED | EACH | 0x180);
    usb_submit(b, &t);
    usb_submit(b, &second);
    usb_progress(b);
    assert_false(t.finished);
    memset(memory(0x180), 7, 64);
    dpram(IN1, FULL | AVAILABLE | 64);
    usb_progress(b);
    assert_int_equal(t.done, 64);
    dpram(IN1, FULL | AVAILABLE | PID | 3);
    usb_progress(b);
    assert_true(t.finished);
    assert_int_equal(t.status, EMU_OK);
    assert_int_equal(t.done, 67);
    assert_int_equal(second.done, 0); /* a short packet was the first one's alone */
    dpram(IN1, FULL | AVAILABLE);
    usb_progress(b);
    assert_true(second.finished && !second.done);
}

static void transfer_gone_and_cancelled(void **state)
{
    uint8_t data[64];
    struct transfer t = {.endpoint = 1, .data = data, .length = 64},
                    other = {.endpoint = 0x81, .data = data, .length = 64};
    configured();
    dpram(OUT1_CONTROL, ENABLED | EACH | 0x200);
    usb_submit(b, &t);
    usb_submit(b, &other);
    assert_true(usb_waiting(b));
    usb_cancel(b, &other);
    usb_progress(b);
    assert_false(t.finished || other.finished);
    *reg(b, USB, 0x4c) = 0; /* lets go of D+ */
    usb_progress(b);
    assert_true(t.finished && t.status == EMU_GONE);
    assert_false(usb_waiting(b));
    usb_submit(b, &t); /* waits for the next one */
    *reg(b, USB, 0x4c) = 1 << 16;
    usb_progress(b);
    assert_false(t.finished);
    usb_cancel(b, &t);
}

static void toggles_start_over(void **state)
{
    static const uint8_t clear_halt[8] = {2, 1, 0, 0, 0x81};
    struct transfer t = {.control = true};
    configured();
    memcpy(t.setup, clear_halt, 8);
    b->host.toggle[1][1] = b->host.toggle[0][1] = true;
    usb_submit(b, &t);
    usb_progress(b);
    dpram(0x80, FULL | AVAILABLE | PID);
    usb_progress(b);
    assert_true(t.finished && t.status == EMU_OK);
    assert_false(b->host.toggle[1][1]);
    assert_true(b->host.toggle[0][1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(to_host, start, stop),
        cmocka_unit_test_setup_teardown(from_host, start, stop),
        cmocka_unit_test_setup_teardown(two_buffers, start, stop),
        cmocka_unit_test_setup_teardown(setup_and_stall, start, stop),
        cmocka_unit_test_setup_teardown(transfer_in_packets, start, stop),
        cmocka_unit_test_setup_teardown(transfer_gone_and_cancelled, start, stop),
        cmocka_unit_test_setup_teardown(toggles_start_over, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
