/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Core, interrupt controller, timers, watchdog and flash, as the programs of guest/ see them:
 * test_core rp2040|rp2350 GUEST.bin */
#include "guest/results.h"
#include "internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum chip chip;
static uint8_t *image;
static size_t image_size;

static struct board *boot(enum program program, struct board_config c)
{
    uint32_t word = program;
    memcpy(image + SELECTED_AT + (chip == RP2040 ? 0x100 : 0), &word, 4);
    c.chip = chip;
    c.image = image;
    c.image_size = image_size;
    c.seed = 1;
    struct board *b = board_create(&c);
    assert_non_null(b);
    return b;
}

/* Runs for at most `us` of the board's time. */
static enum board_state run(struct board *b, uint64_t us)
{
    uint64_t end = board_now_us(b) + us;
    enum board_state s = BOARD_RUNNING;
    while (s <= BOARD_ASLEEP && board_now_us(b) < end) {
        s = board_step(b, 100000);
        if (s == BOARD_ASLEEP && board_next_us(b) == NEVER) return s;
        if (s == BOARD_ASLEEP) board_skip_to(b, end);
    }
    return s;
}

static uint32_t result(struct board *b, uint32_t i)
{
    return memory_word(b, RESULTS + 4 * i);
}

static void expect(struct board *b, const uint32_t *words, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (result(b, 1 + i) != words[i]) print_error("result %u\n", i);
        assert_int_equal(result(b, 1 + i), words[i]);
    }
    assert_int_equal(result(b, 0), FINISHED | n);
}
#define EXPECT(b, ...) expect(b, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void exceptions_by_urgency(void **state)
{
    struct board *b = boot(EXCEPTIONS, (struct board_config){0});
    run(b, 1000);
    EXPECT(b, 0x2000, 37, 36, 38, 0x2001, 36, 37, 0x1024, 38, 0x2002, 14, 11, 0x2003, 1);
    board_destroy(b);
}

static void near(uint32_t v, uint32_t low, uint32_t high)
{
    assert_true(v >= low);
    assert_true(v <= high);
}

static void sleeps_until_woken(void **state)
{
    struct board *b = boot(SLEEP, (struct board_config){0});
    run(b, 10000);
    assert_int_equal(result(b, 0), FINISHED | 8);
    assert_int_equal(result(b, 1), 16); /* the alarm, then */
    near(result(b, 2), 100, 115);
    assert_int_equal(result(b, 3), 0x3000); /* awake with interrupts masked: the handler comes later */
    near(result(b, 4), 50, 65);
    assert_int_equal(result(b, 5), 16);
    assert_int_equal(result(b, 6), 1);  /* events did not let it sleep */
    assert_int_equal(result(b, 7), 15); /* SysTick */
    assert_int_equal(result(b, 8), 0x3001);
    struct emu_state s;
    board_state(b, &s);
    assert_true(s.cycles < 150 * 6 + 8000); /* sleep is not work */
    board_destroy(b);
}

static void faults_reach_the_handler(void **state)
{
    struct board *b = boot(FAULTS, (struct board_config){0});
    run(b, 1000);
    assert_int_equal(result(b, 0), FINISHED | 10);
    uint32_t bad_read = result(b, 1);
    near(result(b, 2), bad_read, bad_read + 4); /* a load of the address may come first */
    assert_int_equal(result(b, 3), 0xfffffff9);
    near(result(b, 4), bad_read + 2, bad_read + 8);         /* UDF */
    near(result(b, 6), result(b, 4) + 2, result(b, 4) + 2); /* BKPT */
    assert_int_equal(result(b, 8), 0x80000000);             /* a jump nowhere */
    assert_int_equal(result(b, 9), 0xfffffff9);
    assert_int_equal(result(b, 10), 0x4000);
    board_destroy(b);
}

static void unaligned_access_faults_when_strict(void **state)
{
    struct board *b = boot(UNALIGNED, (struct board_config){0});
    run(b, 1000);
    assert_int_equal(result(b, 0), FINISHED);
    board_destroy(b);
    b = boot(UNALIGNED, (struct board_config){.strict = true});
    run(b, 1000);
    assert_int_equal(result(b, 0), FINISHED | (chip == RP2040 ? 2u : 0u)); /* an M33 can do it */
    board_destroy(b);
}

static void fault_without_a_stack_locks_up(void **state)
{
    struct board *b = boot(LOCKUP, (struct board_config){0});
    assert_int_equal(run(b, 1000), BOARD_LOCKUP);
    board_destroy(b);
}

static void sleep_for_ever(void **state)
{
    struct board *b = boot(NOTHING, (struct board_config){0});
    assert_int_equal(run(b, 1000), BOARD_ASLEEP);
    assert_int_equal(board_next_us(b), NEVER);
    board_destroy(b);
}

static void watchdog_and_its_memory(void **state)
{
    struct board *b = boot(WATCHDOG_RESETS, (struct board_config){0});
    run(b, 3000);
    EXPECT(b, 0, 0, 1, 1, 2, 2);
    struct emu_state s;
    board_state(b, &s);
    assert_int_equal(s.starts, 3);
    near((uint32_t)s.emulated_us, 500, 4000);
    board_power_on(b);
    assert_int_not_equal(result(b, 0), FINISHED | 6); /* memory is lost, and with it */
    assert_int_equal(*reg(b, WATCHDOG, 0x0c), 0);
    board_destroy(b);
}

static void flash_through_the_rom(void **state)
{
    struct board *b = boot(FLASH, (struct board_config){0});
    run(b, 100000);
    near(result(b, 1), 45400, 46000); /* a sector and a page, and 6 MHz */
    assert_int_equal(result(b, 2), 0x59585b5a);
    assert_int_equal(result(b, 3), 0xa5a4a7a6);
    assert_int_equal(result(b, 4), 0xffffffff);
    if (chip == RP2350) assert_int_equal(result(b, 0), FINISHED | 4);
    else
        EXPECT(b, result(b, 1), 0x59585b5a, 0xa5a4a7a6, 0xffffffff, 0x5f5e5900, 0x53525d5c, 0, 0xa5a5a5a5, 0xa5,
               0x0d130420, 0x1e6a2c48);
    struct emu_state s;
    board_state(b, &s);
    assert_int_equal(s.flash_operations, 2);
    board_destroy(b);
}

static void flash_keeps_what_its_file_keeps(void **state)
{
    char path[] = "/tmp/emu-flash-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    struct board *b = boot(FLASH, (struct board_config){.flash_path = path});
    run(b, 100000);
    board_destroy(b);
    b = boot(NOTHING, (struct board_config){.flash_path = path});
    assert_int_equal(memory_word(b, 0x10080000), 0x59585b5a);
    board_destroy(b);
    remove(path);
}

/* A torn erase, then a torn program: bits only move the right way, and not all have. */
static void power_fails_in_the_middle(void **state)
{
    for (uint32_t cut = 1; cut <= 2; cut++) {
        struct board *b = boot(FLASH, (struct board_config){.cut_after = cut});
        size_t size;
        uint8_t *p = board_flash(b, &size) + 0x80000;
        memset(p, 0, 4096);
        assert_int_equal(run(b, 100000), BOARD_CUT);
        unsigned as_wanted = 0;
        for (unsigned i = 0; i < (cut == 1 ? 4096u : 256u); i++) {
            uint8_t before = cut == 1 ? 0 : 0xff, wanted = cut == 1 ? 0xff : (uint8_t)(i ^ 0x5a);
            as_wanted += p[i] == wanted;
            assert_int_equal((p[i] ^ before) & ~(before ^ wanted), 0);
        }
        assert_true(as_wanted < (cut == 1 ? 4096u : 256u));
        if (cut == 2) assert_int_equal(p[256], 0xff);
        board_cut_after(b, 0);
        board_power_on(b);
        assert_int_equal(run(b, 100000), BOARD_ASLEEP);
        assert_int_equal(memory_word(b, 0x10080000), 0x59585b5a);
        board_destroy(b);
    }
}

static void nothing_in_flash_can_be_used_while_it_is_erased(void **state)
{
    struct board *b = boot(INTERRUPT_IN_FLASH, (struct board_config){0});
    assert_int_equal(run(b, 100000), BOARD_LOCKUP);
    board_destroy(b);
    b = boot(INTERRUPT_IN_RAM, (struct board_config){0});
    run(b, 100000);
    EXPECT(b, 1);
    board_destroy(b);
    b = boot(DATA_IN_FLASH, (struct board_config){0});
    assert_int_equal(run(b, 100000), BOARD_LOCKUP);
    board_destroy(b);
}

/* Cortex-M0+ Technical Reference Manual, 3.3; a few cycles are those of the measurement. */
static void cycles_as_in_the_manual(void **state)
{
    static const uint32_t each[] = {0, 2, 2, 1, 6, 2, 7, 3};
    struct board *b = boot(CYCLES, (struct board_config){0});
    run(b, 100000);
    assert_int_equal(result(b, 0), FINISHED | 8);
    for (uint32_t i = 0; i < 8 && chip == RP2040; i++)
        near(result(b, 1 + i), 1000 * (3 + each[i]) - 10, 1000 * (3 + each[i]) + 10);
    if (chip == RP2350) near(result(b, 1), 2990, 3010); /* an estimate, and the same loop */
    board_destroy(b);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(exceptions_by_urgency),
        cmocka_unit_test(sleeps_until_woken),
        cmocka_unit_test(faults_reach_the_handler),
        cmocka_unit_test(unaligned_access_faults_when_strict),
        cmocka_unit_test(fault_without_a_stack_locks_up),
        cmocka_unit_test(sleep_for_ever),
        cmocka_unit_test(cycles_as_in_the_manual),
        cmocka_unit_test(watchdog_and_its_memory),
        cmocka_unit_test(flash_through_the_rom),
        cmocka_unit_test(flash_keeps_what_its_file_keeps),
        cmocka_unit_test(power_fails_in_the_middle),
        cmocka_unit_test(nothing_in_flash_can_be_used_while_it_is_erased),
    };
    int none = -1;
    if (argc != 3) return 2;
    chip = strcmp(argv[1], "rp2350") ? RP2040 : RP2350;
    image = image_read(argv[2], &image_size, &none);
    return image ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
