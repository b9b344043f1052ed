/* SPDX-License-Identifier: Apache-2.0 */
/* Which driver, and when it has something to do. The LED of a Pico W hangs on its radio chip (PHY driver 4): that chip's
 * firmware is no part of ours, and such a board shows nothing. */
#include "boards/rp2/led_driver.h"

#include "base/bytes.h"

#include <hardware/platform_defs.h>

#define REFRESH_MS 1000 /* an LED with a wire forgets nothing, but a spark may have told it something else */

/* clang-format off */
static const struct led_driver drivers[] = {
    /*                pins first pin  order */
    { 1 /* GPIO     */, 1, 25,     LED_RGB, led_gpio_open,     led_gpio_write     }, /* Pico, Pico 2                 */
    { 2 /* Pimoroni */, 3, 18,     LED_RGB, led_pimoroni_open, led_pimoroni_write }, /* Tiny 2040, Tiny 2350: 18..20 */
    { 3 /* WS2812   */, 1, 16,     LED_GRB, led_ws2812_open,   led_ws2812_write   }, /* Waveshare Zero and One       */
    { 5 /* NeoPixel */, 1, 16,     LED_RGB, led_ws2812_open,   led_ws2812_write   },
};
/* clang-format on */

static const struct led_driver *find(uint8_t number)
{
    for (size_t i = 0; i < COUNT(drivers); i++)
        if (drivers[i].number == number) return &drivers[i];
    return NULL;
}

static void show(void *ctx, enum led_state state)
{
    struct rp2_led *l = ctx;
    led_scene_card(&l->scene, state);
}

static bool take_pins(struct rp2_led *l, const struct led_driver *d)
{
    if (l->setup.pin == LED_PIN_DEFAULT) l->setup.pin = d->pin;
    if (l->setup.order == LED_ORDER_DEFAULT) l->setup.order = d->order;
    return l->setup.pin + d->pins <= NUM_BANK0_GPIOS && d->open(&l->setup);
}

void led_open(struct rp2_led *l, const struct led_setup *setup, uint32_t now_ms)
{
    *l = (struct rp2_led){.port = {l, show}, .setup = *setup};
    led_scene_open(&l->scene, now_ms);
    const struct led_driver *d = find(setup->driver);
    if (d == NULL || !take_pins(l, d)) return;
    d->write(&l->setup, l->written);
    l->driver = d;
}

void led_cable(struct rp2_led *l, enum led_state state)
{
    led_scene_cable(&l->scene, state);
}

static bool same(struct led_colour a, struct led_colour b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b;
}

void led_tick(struct rp2_led *l, uint32_t now_ms)
{
    if (l->driver == NULL) return;
    uint32_t since_ms = led_scene_tick(&l->scene, now_ms);
    struct led_colour colour = led_pattern(l->scene.shown, since_ms, &l->setup.look);
    if (same(colour, l->written) && now_ms - l->written_at_ms < REFRESH_MS) return;
    l->driver->write(&l->setup, colour);
    l->written = colour;
    l->written_at_ms = now_ms;
}
