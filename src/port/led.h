/* SPDX-License-Identifier: Apache-2.0 */
/* What the card wants its human to see; the board knows how. */
#ifndef PORT_LED_H
#define PORT_LED_H

/* LED_NOT_MOUNTED and LED_SUSPENDED are the cable's, shown by the board itself; the card asks for the others. */
enum led_state {
    LED_IDLE,
    LED_PROCESSING,
    LED_WAITING_FOR_BUTTON,
    LED_WRITTEN, /* a rescue write succeeded: blinks three times, then goes on as LED_IDLE */
    LED_NOT_MOUNTED,
    LED_SUSPENDED,
    LED_STATE_COUNT
};

struct led {
    void *ctx;
    void (*show)(void *ctx, enum led_state state);
};

#endif
