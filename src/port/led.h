/* SPDX-License-Identifier: Apache-2.0 */
/* What the card wants its human to see; the board knows how. */
#ifndef PORT_LED_H
#define PORT_LED_H

enum led_state { LED_IDLE, LED_PROCESSING, LED_WAITING_FOR_BUTTON };

struct led {
    void *ctx;
    void (*show)(void *ctx, enum led_state state);
};

#endif
