/* SPDX-License-Identifier: Apache-2.0 */
/* What the LED shows, as functions of time: apdu.md 3.29's table, three wishes of the owner, and who hides whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "boards/shared/led_pattern.h"

static const struct led_look plain = {15, false, false};
static const struct led_look soft = {15, true, false};

static uint32_t rgb(struct led_colour c)
{
    return (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b;
}

static uint32_t seen(enum led_state state, uint32_t since_ms, const struct led_look *look)
{
    return rgb(led_pattern(state, since_ms, look));
}

static uint8_t brightest(uint32_t colour)
{
    uint32_t most = 0;
    for (int shift = 0; shift < 24; shift += 8)
        if ((colour >> shift & 0xFF) > most) most = colour >> shift & 0xFF;
    return (uint8_t)most;
}

/* clang-format off */
static const struct { enum led_state state; uint32_t colour, on_ms, off_ms; } table[] = {
    { LED_NOT_MOUNTED,        0xFF0000,  500,  500 },
    { LED_IDLE,               0x00FF00,  500,  500 },
    { LED_SUSPENDED,          0x0000FF, 1000, 2000 },
    { LED_PROCESSING,         0x00FF00,   50,   50 },
    { LED_WAITING_FOR_BUTTON, 0xFFFF00, 1000,  100 },
};
/* clang-format on */

static void states_blink_as_specified(void **state)
{
    for (size_t i = 0; i < COUNT(table); i++)
        for (uint32_t ms = 0; ms < 10000; ms++) {
            bool lit = ms % (table[i].on_ms + table[i].off_ms) < table[i].on_ms;
            assert_int_equal(seen(table[i].state, ms, &plain), lit ? table[i].colour : 0);
        }
}

static void a_write_blinks_three_times_and_goes_on_idle(void **state)
{
    unsigned blinks = 0;
    for (uint32_t ms = 0; ms < LED_WRITTEN_MS; ms++) {
        uint32_t before = ms ? seen(LED_WRITTEN, ms - 1, &plain) : 0, now = seen(LED_WRITTEN, ms, &plain);
        blinks += now && !before;
        assert_true(now == 0 || now == 0x00FF00);
    }
    assert_int_equal(blinks, 3);
    assert_int_equal(seen(LED_WRITTEN, LED_WRITTEN_MS - 1, &plain), 0);
    for (uint32_t ms = 0; ms < 5000; ms++)
        assert_int_equal(seen(LED_WRITTEN, LED_WRITTEN_MS + ms, &plain), seen(LED_IDLE, ms, &plain));
}

static void steady_is_never_dark(void **state)
{
    const struct led_look looks[] = {{15, false, true}, {15, true, true}};
    for (size_t l = 0; l < COUNT(looks); l++)
        for (size_t i = 0; i < COUNT(table); i++)
            for (uint32_t ms = 0; ms < 4000; ms++)
                assert_int_equal(seen(table[i].state, ms, &looks[l]), table[i].colour);
}

/* Never a jump of more than a few steps when time goes on by a millisecond, dark in the pause, full in between. */
static void dimmable_comes_and_goes_softly(void **state)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        uint32_t period_ms = table[i].on_ms + table[i].off_ms;
        assert_int_equal(seen(table[i].state, 0, &soft), 0);
        assert_int_equal(seen(table[i].state, table[i].on_ms / 2, &soft), table[i].colour);
        for (uint32_t ms = 1; ms < 2 * period_ms; ms++) {
            int now = brightest(seen(table[i].state, ms, &soft));
            int step = now - brightest(seen(table[i].state, ms - 1, &soft));
            assert_in_range(step < 0 ? -step : step, 0, table[i].on_ms > 100 ? 3 : 21);
            if (ms % period_ms >= table[i].on_ms) assert_int_equal(now, 0);
        }
    }
}

static void brightness_has_sixteen_steps_from_dark_to_full(void **state)
{
    int before = -1;
    for (uint8_t b = 0; b <= LED_BRIGHTNESS_MAX; b++) {
        struct led_look look = {b, false, true};
        int now = led_pattern(LED_WAITING_FOR_BUTTON, 0, &look).r;
        assert_true(now > before);
        before = now;
    }
    assert_int_equal(before, 255);
    assert_int_equal(seen(LED_IDLE, 0, &(struct led_look){0, false, true}), 0);
    assert_int_equal(seen(LED_IDLE, 0, &(struct led_look){255, false, true}), 0x00FF00);
}

static void nonsense_shows_as_trouble(void **state)
{
    assert_int_equal(seen(LED_STATE_COUNT, 0, &plain), 0xFF0000);
    assert_int_equal(seen((enum led_state)200, 0, &plain), 0xFF0000);
}

static void colours_are_sent_in_the_order_of_the_led(void **state)
{
    static const char *const expected[] = {"rgb", "rbg", "grb", "gbr", "brg", "bgr", "rgb"};
    for (size_t i = 0; i < COUNT(expected); i++) {
        uint8_t out[3];
        led_wire((struct led_colour){'r', 'g', 'b'}, (enum led_order)i, out);
        assert_memory_equal(out, expected[i], 3);
    }
}

/* One line of a scene: at this moment somebody says something, and this is seen, for so long already. */
enum who { CARD, CABLE, NOBODY };
/* clang-format off */
static const struct { uint32_t at_ms; enum who who; enum led_state says, shown; uint32_t since_ms; } scene[] = {
    {     0, NOBODY, LED_IDLE,               LED_NOT_MOUNTED,           0 },
    {    10, CARD,   LED_PROCESSING,         LED_NOT_MOUNTED,          10 }, /* the cable's trouble comes first   */
    {    20, CARD,   LED_IDLE,               LED_NOT_MOUNTED,          20 },
    {   600, CABLE,  LED_IDLE,               LED_IDLE,                  0 },
    {  1000, NOBODY, LED_IDLE,               LED_IDLE,                400 },
    {  1000, CARD,   LED_PROCESSING,         LED_PROCESSING,            0 },
    {  1020, CARD,   LED_PROCESSING,         LED_PROCESSING,           20 }, /* said again: goes on               */
    {  1040, CARD,   LED_WAITING_FOR_BUTTON, LED_WAITING_FOR_BUTTON,    0 },
    {  2000, CABLE,  LED_SUSPENDED,          LED_SUSPENDED,             0 },
    {  2100, CABLE,  LED_IDLE,               LED_WAITING_FOR_BUTTON,    0 },
    {  3000, CARD,   LED_PROCESSING,         LED_PROCESSING,            0 },
    {  3010, CARD,   LED_WRITTEN,            LED_WRITTEN,               0 },
    {  3020, CARD,   LED_IDLE,               LED_WRITTEN,              10 }, /* the end of the command            */
    {  3100, CARD,   LED_PROCESSING,         LED_WRITTEN,              90 }, /* and the next one                  */
    {  3200, CARD,   LED_IDLE,               LED_WRITTEN,             190 },
    {  4209, NOBODY, LED_IDLE,               LED_WRITTEN,            1199 },
    {  4210, NOBODY, LED_IDLE,               LED_IDLE,                  0 },
    {  5000, CARD,   LED_WRITTEN,            LED_WRITTEN,               0 },
    {  5100, CARD,   LED_WRITTEN,            LED_WRITTEN,               0 }, /* twice: begins anew                */
    {  5200, CARD,   LED_WAITING_FOR_BUTTON, LED_WAITING_FOR_BUTTON,    0 }, /* a question to the human comes first */
    {  5300, CARD,   LED_IDLE,               LED_IDLE,                  0 },
    {  6000, CABLE,  LED_NOT_MOUNTED,        LED_NOT_MOUNTED,           0 },
};
/* clang-format on */

static void play(uint32_t start_ms)
{
    struct led_scene s;
    led_scene_open(&s, start_ms);
    for (size_t i = 0; i < COUNT(scene); i++) {
        if (scene[i].who == CARD) led_scene_card(&s, scene[i].says);
        if (scene[i].who == CABLE) led_scene_cable(&s, scene[i].says);
        uint32_t since_ms = led_scene_tick(&s, start_ms + scene[i].at_ms);
        if (s.shown != scene[i].shown || since_ms != scene[i].since_ms) print_message("line %zu\n", i);
        assert_int_equal(s.shown, scene[i].shown);
        assert_int_equal(since_ms, scene[i].since_ms);
    }
}

static void scenes_show_what_matters_most(void **state)
{
    play(0);
    play(0u - 3100u); /* the clock wraps within */
}

static void a_write_is_seen_even_if_nobody_looked_in_time(void **state)
{
    struct led_scene s;
    led_scene_open(&s, 0);
    led_scene_cable(&s, LED_IDLE);
    led_scene_card(&s, LED_WRITTEN);
    led_scene_card(&s, LED_IDLE);
    assert_int_equal(led_scene_tick(&s, 20), 0);
    assert_int_equal(s.shown, LED_WRITTEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_blink_as_specified),
        cmocka_unit_test(a_write_blinks_three_times_and_goes_on_idle),
        cmocka_unit_test(steady_is_never_dark),
        cmocka_unit_test(dimmable_comes_and_goes_softly),
        cmocka_unit_test(brightness_has_sixteen_steps_from_dark_to_full),
        cmocka_unit_test(nonsense_shows_as_trouble),
        cmocka_unit_test(colours_are_sent_in_the_order_of_the_led),
        cmocka_unit_test(scenes_show_what_matters_most),
        cmocka_unit_test(a_write_is_seen_even_if_nobody_looked_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
