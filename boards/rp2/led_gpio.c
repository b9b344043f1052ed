/* SPDX-License-Identifier: Apache-2.0 */
/* A plain LED between a pin and ground. It has one colour: the brightest part of what is asked counts. */
#include "boards/rp2/led_driver.h"

#include <hardware/gpio.h>
#include <hardware/pwm.h>

#define FULL 255
#define CLOCK_DIVIDER 16 /* 200 MHz / 16 / 255: 49 kHz, beyond ears and eyes */

void led_pin_open(uint8_t pin)
{
    gpio_init(pin);
    gpio_set_dir(pin, GPIO_OUT);
    pwm_config c = pwm_get_default_config();
    pwm_config_set_wrap(&c, FULL - 1); /* so that FULL is always on */
    pwm_config_set_clkdiv_int(&c, CLOCK_DIVIDER);
    pwm_init(pwm_gpio_to_slice_num(pin), &c, true);
}

void led_pin_write(uint8_t pin, uint8_t level)
{
    bool pulses = level > 0 && level < FULL;
    if (pulses) pwm_set_gpio_level(pin, level);
    else gpio_put(pin, level == FULL);
    gpio_function_t function = pulses ? GPIO_FUNC_PWM : GPIO_FUNC_SIO;
    if (gpio_get_function(pin) != function) gpio_set_function(pin, function);
}

bool led_gpio_open(const struct led_setup *s)
{
    led_pin_open(s->pin);
    return true;
}

void led_gpio_write(const struct led_setup *s, struct led_colour colour)
{
    uint8_t most = colour.r > colour.g ? colour.r : colour.g;
    led_pin_write(s->pin, most > colour.b ? most : colour.b);
}
