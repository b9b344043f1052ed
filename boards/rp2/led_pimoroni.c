/* SPDX-License-Identifier: Apache-2.0 */
/* Three LEDs, red, green, blue, on three pins in a row, between pin and supply: a low pin lights. */
#include "boards/rp2/led_driver.h"

bool led_pimoroni_open(const struct led_setup *s)
{
    for (uint8_t i = 0; i < 3; i++) led_pin_open((uint8_t)(s->pin + i));
    return true;
}

void led_pimoroni_write(const struct led_setup *s, struct led_colour colour)
{
    led_pin_write(s->pin, (uint8_t)~colour.r);
    led_pin_write((uint8_t)(s->pin + 1), (uint8_t)~colour.g);
    led_pin_write((uint8_t)(s->pin + 2), (uint8_t)~colour.b);
}
