/* SPDX-License-Identifier: Apache-2.0 */
/* One kind of LED. The table of them is in led.c. */
#ifndef BOARDS_RP2_LED_DRIVER_H
#define BOARDS_RP2_LED_DRIVER_H

#include "boards/rp2/led.h"

struct led_driver {
    uint8_t number; /* PHY record 0C, first byte */
    uint8_t pins;   /* it takes, upwards from the first */
    uint8_t pin;    /* the first one, when nobody says */
    uint8_t order;  /* enum led_order, when nobody says */
    /* Takes the pins and whatever drives them. False: none is left. */
    bool (*open)(const struct led_setup *s);
    /* Shows a colour. Called from an interrupt. */
    void (*write)(const struct led_setup *s, struct led_colour colour);
};

bool led_gpio_open(const struct led_setup *s);
void led_gpio_write(const struct led_setup *s, struct led_colour colour);
bool led_pimoroni_open(const struct led_setup *s);
void led_pimoroni_write(const struct led_setup *s, struct led_colour colour);
bool led_ws2812_open(const struct led_setup *s);
void led_ws2812_write(const struct led_setup *s, struct led_colour colour);

/* One pin as a light, 0..255: an output at both ends, pulses between them. */
void led_pin_open(uint8_t pin);
void led_pin_write(uint8_t pin, uint8_t level);

#endif
