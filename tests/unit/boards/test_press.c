/* SPDX-License-Identifier: Apache-2.0 */
/* The presence button: which finger counts, and which does not. A history is a string, one sample every 10 ms,
 * '#' down, '.' up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "boards/shared/press.h"

enum { SAMPLE_MS = 10 };

/* The number of the sample that confirmed, -1 if none did. */
static int confirmed_at(const char *history, uint32_t now_ms)
{
    struct press p;
    press_open(&p);
    for (int i = 0; history[i]; i++)
        if (press_sample(&p, history[i] == '#', now_ms + (uint32_t)i * SAMPLE_MS)) return i;
    return -1;
}

/* clang-format off */
static const struct { const char *history; int at; } histories[] = {
    { "....####",               7 }, /* up for 30 ms, down for 30 ms                     */
    { "......####",             9 },
    { "......................", -1 }, /* nobody came                                      */
    { "######################", -1 }, /* held, stuck or shorted                           */
    { "####....####",          11 }, /* held when asked, let go, pressed                 */
    { "...######",             -1 }, /* was up for too short a time to know              */
    { "...######.....####",    17 },
    { "....###.......",        -1 }, /* too short a press                                */
    { "....#.#.##.####",       14 }, /* bouncing, then firm                              */
    { "....##.##.##.##",       -1 }, /* bouncing only                                    */
    { "#.#.#.#.#.#.#.#",       -1 },
    { "####.#.#.###########",  -1 }, /* let go only for bounces: still the old press     */
    { "####.#.#....####",      15 },
    { "",                      -1 },
};
/* clang-format on */

static void only_a_press_that_begins_after_the_question_counts(void **state)
{
    for (size_t i = 0; i < COUNT(histories); i++)
        assert_int_equal(confirmed_at(histories[i].history, 5), histories[i].at);
}

static void a_clock_that_wraps_changes_nothing(void **state)
{
    for (uint32_t before_ms = 0; before_ms < 200; before_ms += 7)
        for (size_t i = 0; i < COUNT(histories); i++)
            assert_int_equal(confirmed_at(histories[i].history, 0u - before_ms), histories[i].at);
}

static void a_confirmation_stays(void **state)
{
    struct press p;
    press_open(&p);
    uint32_t now_ms = 0;
    for (const char *h = "....####"; *h; h++, now_ms += SAMPLE_MS) (void)press_sample(&p, *h == '#', now_ms);
    for (int i = 0; i < 20; i++, now_ms += SAMPLE_MS) assert_true(press_sample(&p, i % 3 == 0, now_ms));
    press_open(&p); /* the next question needs a press of its own: the finger is still there */
    for (int i = 0; i < 20; i++, now_ms += SAMPLE_MS) assert_false(press_sample(&p, true, now_ms));
}

/* Samples that come late (a long erase between two of them) find a press, but none that nobody made. */
static void late_samples_are_judged_by_the_clock(void **state)
{
    struct press p;
    press_open(&p);
    assert_false(press_sample(&p, false, 0));
    assert_false(press_sample(&p, false, 500));
    assert_false(press_sample(&p, true, 1000));
    assert_true(press_sample(&p, true, 1500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_press_that_begins_after_the_question_counts),
        cmocka_unit_test(a_clock_that_wraps_changes_nothing),
        cmocka_unit_test(a_confirmation_stays),
        cmocka_unit_test(late_samples_are_judged_by_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
