/* SPDX-License-Identifier: Apache-2.0 */
/* The LED of an RP2 board: what boards/shared/led_pattern decides, on the kind of LED that is there.
 *
 * The card and the USB side say what is going on, in thread mode; a timer interrupt calls led_tick. */
#ifndef BOARDS_RP2_LED_H
#define BOARDS_RP2_LED_H

#include "boards/shared/led_pattern.h"

enum { LED_PIN_DEFAULT = 0xFF, LED_ORDER_DEFAULT = 0xFF };

/* What PHY records 04, 05, 06 and 0C say. */
struct led_setup {
    uint8_t driver; /* 1 GPIO, 2 Pimoroni, 3 WS2812, 5 NeoPixel; anything else shows nothing                      */
    uint8_t pin;   /* LED_PIN_DEFAULT: where boards with this kind of LED mostly have it; no pin of the chip: nothing */
    uint8_t order; /* enum led_order, of LEDs with a wire; LED_ORDER_DEFAULT: GRB for WS2812, RGB for NeoPixel   */
    struct led_look look;
};

/* Private fields; declared here so that the caller owns the memory. */
struct rp2_led {
    struct led port; /* for the card; bound to this struct, which must not move */
    struct led_setup setup;
    const struct led_driver *driver; /* NULL: nothing to see */
    struct led_scene scene;
    struct led_colour written;
    uint32_t written_at_ms;
};

/* Takes the pins and shows a device that is not mounted. Once in a program. */
void led_open(struct rp2_led *l, const struct led_setup *setup, uint32_t now_ms);
/* What the cable does: LED_NOT_MOUNTED, LED_SUSPENDED, or LED_IDLE when it is up. */
void led_cable(struct rp2_led *l, enum led_state state);
/* Shows what is due; from an interrupt every 10 to 20 ms. Takes microseconds. */
void led_tick(struct rp2_led *l, uint32_t now_ms);

#endif
