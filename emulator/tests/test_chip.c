/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Peripherals whose registers a driver touches: fuses, clocks, noise, the flash chip's commands, pins. The test writes and
 * reads registers as the bus would; the core sleeps. */
#include "internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BUFFER 0x20000100u

static struct board *make(struct board_config c)
{
    static uint8_t image[0x210];
    uint32_t at = c.chip == RP2040 ? 0x100 : 0, start = 0x10000201;
    memset(image, 0, sizeof image);
    memcpy(image + at + 4, &start, 4);
    memcpy(image + at, &(uint32_t){0x20001000}, 4);
    image[0x200] = 0x30, image[0x201] = 0xbf; /* WFI */
    c.image = image;
    c.image_size = sizeof image;
    c.seed = c.seed ? c.seed : 1;
    struct board *b = board_create(&c);
    assert_non_null(b);
    return b;
}

/* By the addresses that firmware uses, through the core's eyes. */
static uint32_t load(struct board *b, uint32_t at)
{
    uint32_t v = 0;
    assert_int_equal(uc_mem_read(b->cpu.uc, at, &v, 4), UC_ERR_OK);
    return v;
}

static void store(struct board *b, uint32_t at, uint32_t v)
{
    assert_int_equal(uc_mem_write(b->cpu.uc, at, &v, 4), UC_ERR_OK);
}

static uint32_t rows(struct board *b, bool write, bool ecc, uint32_t row, void *p, uint32_t n)
{
    if (write) memcpy(memory_at(b, BUFFER, n), p, n);
    uint32_t code = otp_access(b, BUFFER, n, row | (write ? 1u << 16 : 0) | (ecc ? 1u << 17 : 0));
    if (!write && !code) memcpy(p, memory_at(b, BUFFER, n), n);
    return code;
}

static void fuses(void **state)
{
    char path[] = "/tmp/emu-otp-XXXXXX";
    assert_true(mkstemp(path) >= 0);
    struct board *b = make((struct board_config){.chip = RP2350, .otp_path = path});
    uint16_t value[2] = {0x1234, 0xfffe}, got[2], other = 0x0001;
    uint32_t raw = 0;
    assert_int_equal(rows(b, true, true, 0xc00, value, 4), 0);
    assert_int_equal(rows(b, false, true, 0xc00, got, 4), 0);
    assert_memory_equal(got, value, 4);
    assert_int_equal(load(b, 0x40130000 + 2 * 0xc00), 0xfffe1234);
    assert_int_equal(load(b, 0x40134000 + 4 * 0xc00), *(b->otp + 0xc00));
    assert_int_equal(rows(b, true, true, 0xc00, &other, 2), (uint32_t)-18); /* bits never go back */
    raw = 0x800001;
    assert_int_equal(rows(b, true, false, 0xc02, &raw, 4), 0);
    raw = 0x000002;
    assert_int_equal(rows(b, true, false, 0xc02, &raw, 4), 0);
    assert_int_equal(rows(b, false, false, 0xc02, &raw, 4), 0);
    assert_int_equal(raw, 0x800003);
    assert_int_equal(rows(b, false, true, 4095, got, 4), (uint32_t)-5);
    uint32_t identity = b->otp[0];
    board_destroy(b);
    b = make((struct board_config){.chip = RP2350, .otp_path = path, .seed = 2});
    assert_int_equal(rows(b, false, true, 0xc00, got, 4), 0);
    assert_memory_equal(got, value, 4);
    assert_int_equal(b->otp[0], identity);
    board_destroy(b);
    remove(path);
}

/* Locks close by a register until the next reset, and by fuses for ever. */
static void fuse_locks(void **state)
{
    struct board *b = make((struct board_config){.chip = RP2350});
    uint16_t v = 0x4321;
    uint32_t lock = 0x010101;
    assert_int_equal(rows(b, true, true, 0xd00, &v, 2), 0);
    store(b, 0x40120000 + 52 * 4, 1);
    assert_int_equal(rows(b, true, true, 0xd01, &v, 2), (uint32_t)-4);
    assert_int_equal(rows(b, false, true, 0xd00, &v, 2), 0);
    store(b, 0x40120000 + 52 * 4, 0);
    assert_int_equal(load(b, 0x40120000 + 52 * 4), 1); /* it cannot be opened */
    store(b, 0x40120000 + 52 * 4, 3);
    assert_int_equal(rows(b, false, true, 0xd00, &v, 2), (uint32_t)-4);
    assert_int_equal(load(b, 0x40130000 + 2 * 0xd00), 0xffffffff);
    board_power_on(b);
    assert_int_equal(load(b, 0x40130000 + 2 * 0xd00) & 0xffff, 0x4321);
    assert_int_equal(rows(b, true, false, 0xf81 + 2 * 52, &lock, 4), 0);
    board_power_on(b);
    assert_int_equal(rows(b, true, true, 0xd01, &v, 2), (uint32_t)-4);
    board_destroy(b);
}

static void pass(struct board *b, uint64_t us)
{
    uint64_t end = board_now_us(b) + us;
    while (board_now_us(b) < end) {
        (void)board_step(b, 1000);
        b->slept += 6, b->cycles += 6; /* nothing is due: the time just goes by */
    }
}

static void calendar(void **state)
{
    struct board *b = make((struct board_config){.chip = RP2040});
    set_khz(b, 6);
    store(b, 0x4005c004, 2028u << 12 | 2 << 8 | 28);
    store(b, 0x4005c008, 1u << 24 | 23 << 16 | 59 << 8 | 58);
    store(b, 0x4005c00c, 0x10);
    store(b, 0x4005e00c, 1); /* the alias that sets bits */
    assert_int_equal(load(b, 0x4005c00c) & 2, 2);
    pass(b, 3000000);
    uint32_t time = load(b, 0x4005c01c), date = load(b, 0x4005c018);
    assert_int_equal(date, 2028u << 12 | 2 << 8 | 29);
    assert_int_equal(time & 0xffffff, 1);
    assert_int_equal(time >> 24, 2); /* a Tuesday */
    board_destroy(b);
}

static void always_on_timer(void **state)
{
    struct board *b = make((struct board_config){.chip = RP2350});
    set_khz(b, 6);
    store(b, 0x4010006c, 0x1234); /* without the password */
    assert_int_equal(load(b, 0x40100074), 0);
    store(b, 0x4010006c, 0x5afe1234);
    store(b, 0x40100068, 0x5afe0001);
    store(b, 0x40102088, 0x5afe0202);
    assert_int_equal(load(b, 0x40100088) & 1u << 16, 1u << 16);
    pass(b, 5000);
    uint32_t ms = load(b, 0x40100074);
    assert_true(ms == 0x11234 + 5 || ms == 0x11234 + 6);
    store(b, 0x401000b0, 77);
    board_reset_later(b, 2);
    (void)board_step(b, 10);
    assert_true(load(b, 0x40100074) >= 0x11234 + 5); /* a reset does not reach it */
    assert_int_equal(load(b, 0x401000b0), 77);
    board_destroy(b);
}

static unsigned ones_of(struct board *b, unsigned words)
{
    unsigned n = 0;
    for (unsigned i = 0; i < words; i++)
        for (uint32_t v = entropy_bits(b, 32); v; v &= v - 1) n++;
    return n;
}

static void noise(void **state)
{
    struct board *b = make((struct board_config){.chip = RP2350});
    assert_int_equal(load(b, 0x400f0110), 0);
    store(b, 0x400f012c, 1);
    assert_int_equal(load(b, 0x400f01b8), 1);
    pass(b, 1000);
    assert_int_equal(load(b, 0x400f0104), 1);
    uint32_t word = load(b, 0x400f0114);
    assert_int_not_equal(word, load(b, 0x400f0118));
    (void)load(b, 0x400f0128);
    assert_int_equal(load(b, 0x400f0110), 0); /* samples anew */
    board_destroy(b);
    static const struct {
        enum entropy entropy;
        unsigned low, high;
    } kinds[] = {{ENTROPY_GOOD, 15500, 16500},
                 {ENTROPY_STUCK, 32000, 32000},
                 {ENTROPY_BIASED, 30800, 31200},
                 {ENTROPY_REPEATING, 16000, 16000}};
    for (unsigned i = 0; i < 4; i++) {
        b = make((struct board_config){.chip = RP2040, .entropy = kinds[i].entropy});
        unsigned n = ones_of(b, 1000);
        assert_true(n >= kinds[i].low && n <= kinds[i].high);
        board_destroy(b);
    }
}

static void jedec(struct board *b, uint32_t csr, uint32_t select, uint32_t data, uint32_t receive, uint8_t id[4])
{
    static const uint8_t command[4] = {0x9f};
    store(b, csr, select);
    for (int i = 0; i < 4; i++) {
        store(b, data, command[i]);
        id[i] = (uint8_t)load(b, receive);
    }
    store(b, csr, 0);
}

static void flash_commands(void **state)
{
    uint8_t id[4];
    struct board *b = make((struct board_config){.chip = RP2040, .flash_size = 8u << 20});
    jedec(b, 0x4001800c, 2 << 8, 0x18000060, 0x18000060, id);
    assert_memory_equal(id + 1, ((uint8_t[]){0xef, 0x40, 23}), 3);
    board_destroy(b);
    b = make((struct board_config){.chip = RP2350});
    assert_true(flash_readable(b));
    jedec(b, 0x400d0000, 5, 0x400d0004, 0x400d0008, id);
    assert_memory_equal(id + 1, ((uint8_t[]){0xef, 0x40, 22}), 3);
    board_destroy(b);
}

static void button(void **state)
{
    struct board *b = make((struct board_config){.chip = RP2040, .button = BUTTON_HOLD});
    assert_int_equal(load(b, 0xd0000008) & 2, 0);
    store(b, 0x4001800c, 2 << 12);
    assert_false(flash_readable(b)); /* nobody drives the select line */
    board_destroy(b);
    b = make((struct board_config){.chip = RP2350, .button = BUTTON_PRESS, .press_after_ms = 10, .press_for_ms = 5});
    assert_int_equal(load(b, 0xd0000008) >> 27 & 1, 1);
    b->host.last_out_us = board_now_us(b) + 1;
    pass(b, 9000);
    assert_int_equal(load(b, 0xd0000008) >> 27 & 1, 1);
    pass(b, 3000);
    assert_int_equal(load(b, 0xd0000008) >> 27 & 1, 0);
    pass(b, 5000);
    assert_int_equal(load(b, 0xd0000008) >> 27 & 1, 1);
    board_destroy(b);
}

static void lights(void **state)
{
    char said[400] = "";
    FILE *f = fmemopen(said, sizeof said, "w");
    struct board *b = make((struct board_config){.chip = RP2040, .led = f});
    store(b, 0xd0000014, 1 << 25); /* an input still */
    store(b, 0xd0000024, 1 << 25);
    store(b, 0xd000001c, 1 << 25);
    store(b, 0x50200014, 0xff0000);
    store(b, 0x4005000c + 0x14, 0x00100020);
    assert_int_equal(load(b, 0x50200004) >> 24 & 15, 15);
    fflush(f);
    assert_non_null(strstr(said, " gpio 25 1\n"));
    assert_non_null(strstr(said, " gpio 25 0\n"));
    assert_non_null(strstr(said, " pio0.1 00ff0000\n"));
    assert_non_null(strstr(said, " pwm 1 32 16 0\n"));
    board_destroy(b);
    b = make((struct board_config){.chip = RP2350, .led = f});
    rewind(f);
    cpu_set(b, UC_ARM_REG_R2, 40);
    cpu_set(b, UC_ARM_REG_R3, 1);
    gpio_coprocessor(b, 0xec432044); /* mcrr p0, #4, r2, r3, c4 */
    gpio_coprocessor(b, 0xec432040); /* mcrr p0, #4, r2, r3, c0 */
    fflush(f);
    assert_non_null(strstr(said, " gpio 40 1\n"));
    gpio_coprocessor(b, 0xee101011); /* mrc p0, #0, r1, c0, c1 */
    assert_int_equal(cpu_get(b, UC_ARM_REG_R1), 1 << 8);
    board_destroy(b);
    fclose(f);
}

static void divider(void **state)
{
    static const struct {
        uint32_t at, n, by, quotient, remainder;
    } cases[] = {
        {0x60, 100, 7, 14, 2},
        {0x60, 0xffffffff, 2, 0x7fffffff, 1},
        {0x60, 5, 0, 0xffffffff, 5},
        {0x68, (uint32_t)-100, 7, (uint32_t)-14, (uint32_t)-2},
        {0x68, (uint32_t)-5, 0, 1, (uint32_t)-5},
        {0x68, 0x80000000, 0xffffffff, 0x80000000, 0},
    };
    struct board *b = make((struct board_config){.chip = RP2040});
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        store(b, 0xd0000000 + cases[i].at, cases[i].n);
        store(b, 0xd0000004 + cases[i].at, cases[i].by);
        assert_int_equal(load(b, 0xd0000074), cases[i].remainder);
        assert_int_equal(load(b, 0xd0000070), cases[i].quotient);
    }
    board_destroy(b);
}

/* A UF2 of two blocks in the wrong order, one for another chip between them. */
static void images(void **state)
{
    static uint8_t block[3][512];
    static const uint32_t family[3] = {0xe48bff59, 0xe48bff5a, 0xe48bff59},
                          to[3] = {0x10000100, 0x10000000, 0x10000000};
    char path[] = "/tmp/emu-uf2-XXXXXX";
    int chip = -1;
    size_t size;
    for (int i = 0; i < 3; i++) {
        const uint32_t head[8] = {0x0a324655, 0x9e5d5157, 0x2000, to[i], 256, 0, 3, family[i]}, tail = 0x0ab16f30;
        memcpy(block[i], head, sizeof head);
        memset(block[i] + 32, i + 1, 256);
        memcpy(block[i] + 508, &tail, 4);
    }
    FILE *f = fdopen(mkstemp(path), "wb");
    assert_int_equal(fwrite(block, sizeof block, 1, f), 1);
    fclose(f);
    uint8_t *p = image_read(path, &size, &chip);
    assert_non_null(p);
    assert_int_equal(chip, RP2350);
    assert_int_equal(size, 512);
    assert_int_equal(p[0], 3);
    assert_int_equal(p[256], 1);
    free(p);
    remove(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fuses),           cmocka_unit_test(fuse_locks), cmocka_unit_test(calendar),
        cmocka_unit_test(always_on_timer), cmocka_unit_test(noise),      cmocka_unit_test(flash_commands),
        cmocka_unit_test(button),          cmocka_unit_test(lights),     cmocka_unit_test(divider),
        cmocka_unit_test(images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
