/* SPDX-License-Identifier: Apache-2.0 */
/* What an LED shows (apdu.md 3.29, docs/boards.md): a colour as a function of state, time and the owner's wishes.
 *
 * Nothing here knows a pin. A board keeps one struct led_scene, tells it what card and cable are doing, and on a timer
 * tick writes the colour that led_pattern gives. Integers only; safe in interrupts. */
#ifndef SHARED_LED_PATTERN_H
#define SHARED_LED_PATTERN_H

#include "port/led.h"

#include <stdbool.h>
#include <stdint.h>

enum { LED_BRIGHTNESS_MAX = 15, LED_WRITTEN_MS = 1200, LED_RAMP_MS = 250 };

struct led_colour {
    uint8_t r, g, b;
};

/* PHY records 05 and 06. Option 0004 (disable power reset) belongs to sibling products and changes nothing here. */
struct led_look {
    uint8_t brightness; /* 0 (dark)..15; more counts as 15                                                      */
    bool dimmable;      /* 0002: light comes and goes softly, LED_RAMP_MS or half of its time, whichever is less */
    bool steady;        /* 0008: colours only, never dark; wins over `dimmable`                                 */
};

/* The colour of `state` when it has lasted for `since_ms`. LED_WRITTEN blinks three times in LED_WRITTEN_MS and goes on
 * as an LED_IDLE that began then. A value outside the enum shows as LED_NOT_MOUNTED. */
struct led_colour led_pattern(enum led_state state, uint32_t since_ms, const struct led_look *look);

/* In which order an LED takes its colours; the numbers of the second byte of PHY record 0C. */
enum led_order { LED_RGB, LED_RBG, LED_GRB, LED_GBR, LED_BRG, LED_BGR, LED_ORDER_COUNT };

/* The three bytes to send, first one first. An order outside the enum counts as LED_RGB. */
void led_wire(struct led_colour colour, enum led_order order, uint8_t out[3]);

/* Who wants what shown. The two setters may be interrupted by led_scene_tick, not the other way round. */
struct led_scene {
    volatile enum led_state card, cable;
    volatile bool written; /* three blinks are asked for and have not begun */
    enum led_state shown;
    uint32_t shown_at_ms;
};

/* A cable that is not mounted, a card that is idle. */
void led_scene_open(struct led_scene *s, uint32_t now_ms);
/* What the card asks for (port/led.h). */
void led_scene_card(struct led_scene *s, enum led_state state);
/* What the cable does: LED_NOT_MOUNTED, LED_SUSPENDED, or LED_IDLE when it is up. */
void led_scene_cable(struct led_scene *s, enum led_state state);
/* Time passes: decides what is shown, and returns for how many milliseconds it has been. The cable's trouble hides the
 * card's states; three blinks hide idling and processing until they are over. */
uint32_t led_scene_tick(struct led_scene *s, uint32_t now_ms);

#endif
