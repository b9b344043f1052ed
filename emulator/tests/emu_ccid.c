/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What no driver does to a reader, done to the real image on an emulated chip: commands are aborted, messages are cut,
 * lie about their length, or come out of order; power goes; the noise source fails.
 *
 *     emu_ccid IMAGE [--strict]
 *
 * With --strict an RP2040 faults at unaligned accesses, as the chip does. */
#include "host_ccid.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *image;
static size_t image_size;
static int chip = RP2040, failures;
static bool strict;
static const char *what = "";

static bool check(bool ok, const char *claim, long detail)
{
    if (!ok) {
        printf("FAILED: %s: %s (%lx)\n", what, claim, detail);
        failures++;
    }
    return ok;
}

static struct board *board_with(enum entropy entropy)
{
    struct board *b = board_create(&(struct board_config){.chip = (enum chip)chip,
                                                          .image = image,
                                                          .image_size = image_size,
                                                          .seed = 7,
                                                          .entropy = entropy,
                                                          .strict = strict});
    if (!b) exit(1);
    return b;
}

/* The status word; -1: no answer. */
static long send(struct host_ccid *h, const char *hex, enum host_result *result)
{
    uint8_t apdu[600], reply[4096];
    size_t n = 0, got = sizeof reply;
    for (; *hex; hex += *hex == ' ' ? 1 : 2) {
        const char digits[] = {hex[0], hex[1], 0};
        if (*hex != ' ') apdu[n++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    enum host_result r = host_transmit(h, apdu, n, reply, &got);
    if (result) *result = r;
    return r == HOST_OK && got >= 2 ? reply[got - 2] << 8 | reply[got - 1] : -1;
}

#define SELECT "00a40400 0b e82b0601040181c31f0201"
#define INITIALIZE "80500000 19 80020001 8106363438323139 82083537363231383830 910103"
#define VERIFY "00200081 06 363438323139"
#define RSA_2048 "00460100 000025 5f290100 7f4915 060a04007f00070202020102 8203010001 02020800 5f20064142433030310000"
#define P_256                                                                                                          \
    "00460200 00003e 5f290100 7f492e 060a04007f00070202020203 8120"                                                    \
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff 5f2006414243303031 0000"

static struct host_ccid session(struct board *b)
{
    struct host_ccid h;
    uint8_t atr[33];
    size_t n = sizeof atr;
    enum host_result r = host_open(&h, b);
    if (!check(r == HOST_OK, "enumerates", r)) exit(1);
    r = host_power_on(&h, atr, &n);
    check(r == HOST_OK && n == 24 && atr[0] == 0x3b, "has an ATR", r);
    check(send(&h, SELECT, NULL) == 0x9000, "SELECT", 0);
    return h;
}

/* RSA generation takes seconds: it is aborted, leaves no key, and the next command is served. */
static void aborted(struct host_ccid *h)
{
    enum host_result r;
    what = "abort";
    for (uint32_t at = 1; at <= 3; at++) {
        h->abort_after = at;
        long sw = send(h, RSA_2048, &r);
        check(r == HOST_ABORTED, "ends the command", (long)r << 16 | sw);
        h->abort_after = 0;
        check(send(h, "00840000 08", NULL) == 0x9000, "is followed by service", at);
        check(send(h, "00b1cc01 04 54020000 00", NULL) != 0x9000, "leaves nothing readable", at);
        check(send(h, "00e40200 02 cc01", NULL) == 0x6a82, "leaves no key", at);
    }
}

/* Messages of which none may stop the reader; the answer, if one comes, must be a whole message. */
static void rude(struct host_ccid *h)
{
    static const struct {
        const char *name;
        uint8_t m[80];
        size_t n;
        bool answered;
    } messages[] = {
        {"a type that does not exist", {0x7e, 0, 0, 0, 0, 0, 0x40}, 10, true},
        {"a slot that does not exist", {0x65, 0, 0, 0, 0, 5, 0x41}, 10, true},
        {"a power on with data", {0x62, 2, 0, 0, 0, 0, 0x42, 1, 0, 0, 1, 2}, 12, true},
        {"an abort of nothing", {0x72, 0, 0, 0, 0, 0, 0x43}, 10, true},
        {"an empty APDU", {0x6f, 0, 0, 0, 0, 0, 0x44}, 10, true},
        {"an APDU of one byte", {0x6f, 1, 0, 0, 0, 0, 0x45, 0, 0, 0, 0x80}, 11, true},
        {"parameters", {0x6c, 0, 0, 0, 0, 0, 0x46}, 10, true},
        {"a secure PIN entry", {0x69, 4, 0, 0, 0, 0, 0x47, 0, 0, 0, 1, 2, 3, 4}, 14, true},
        {"the slot's status", {0x65, 0, 0, 0, 0, 0, 0x48}, 10, true},
    };
    uint8_t answer[4200];
    for (unsigned i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        size_t n = sizeof answer;
        what = messages[i].name;
        enum host_result r = host_message(h, messages[i].m, messages[i].n, answer, &n);
        check(r == HOST_OK && n >= 10 && answer[6] == messages[i].m[6], "is answered", (long)r << 8 | (long)n);
    }
    what = "afterwards";
    check(send(h, SELECT, NULL) == 0x9000, "it serves", 0);
}

/* Half a message, then nothing; the next session must not suffer from it. */
static void half(struct host_ccid *h)
{
    uint8_t m[64] = {0x6f, 200, 0, 0, 0, 0, 9};
    struct transfer t = {.endpoint = h->out, .data = m, .length = sizeof m};
    what = "half a message";
    usb_submit(h->b, &t);
    check(host_wait(h, &t) == HOST_OK, "is taken", 0);
    const uint8_t setup[8] = {0x21, 1, 0, 9, h->interface};
    struct transfer abort = {.control = true};
    memcpy(abort.setup, setup, 8);
    usb_submit(h->b, &abort);
    check(host_wait(h, &abort) == HOST_OK, "can be aborted over the control pipe", 0);
}

/* A board with nothing to do does nothing, most of the time. */
static void idle(struct board *b)
{
    struct emu_state s, e;
    what = "idle";
    board_state(b, &s);
    uint64_t end = board_now_us(b) + 1000000;
    while (board_now_us(b) < end)
        if (board_step(b, 1000000) == BOARD_ASLEEP) board_skip_to(b, end);
    board_state(b, &e);
    printf("idle: %.2f million cycles a second\n", (double)(e.cycles - s.cycles) / 1e6);
    check(e.cycles - s.cycles < 20000000, "sleeps", (long)(e.cycles - s.cycles));
}

static void noise(enum entropy entropy, const char *name)
{
    struct board *b = board_with(entropy);
    struct host_ccid h;
    uint8_t atr[33];
    size_t n = sizeof atr;
    what = name;
    check(host_open(&h, b) == HOST_OK && host_power_on(&h, atr, &n) == HOST_OK, "is still a reader", 0);
    (void)send(&h, SELECT, NULL);
    (void)send(&h, INITIALIZE, NULL);
    (void)send(&h, VERIFY, NULL);
    long sw = send(&h, P_256, NULL);
    check(sw > 0 && sw != 0x9000, "makes no key", sw);
    printf("%s: %lx\n", name, sw);
    board_destroy(b);
}

int main(int argc, char **argv)
{
    strict = argc == 3 && !strcmp(argv[2], "--strict");
    image = argc == 2 || strict ? image_read(argv[1], &image_size, &chip) : NULL;
    if (!image) return 1;
    struct board *b = board_with(ENTROPY_GOOD);
    struct host_ccid h = session(b);
    what = "a new card";
    check(send(&h, INITIALIZE, NULL) == 0x9000 && send(&h, VERIFY, NULL) == 0x9000, "can be used", 0);
    check(send(&h, P_256, NULL) == 0x9000, "makes a key", 0);
    aborted(&h);
    rude(&h);
    idle(b);
    half(&h);
    board_power_on(b);
    h = session(b);
    check(send(&h, VERIFY, NULL) == 0x9000, "remembers its PIN", 0);
    check(send(&h, "00e40200 02 cc02", NULL) == 0x9000, "remembers its key", 0);
    board_destroy(b);
    noise(ENTROPY_STUCK, "stuck noise");
    noise(ENTROPY_BIASED, "biased noise");
    noise(ENTROPY_REPEATING, "repeating noise");
    free(image);
    return failures != 0;
}
