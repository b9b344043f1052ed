/* SPDX-License-Identifier: Apache-2.0 */
/* The table of states and colours, and the arithmetic of blinking. */
#include "boards/shared/led_pattern.h"

#include "base/bytes.h"

/* clang-format off */
static const struct pattern {
    struct led_colour colour;
    uint16_t on_ms, off_ms;
} patterns[LED_STATE_COUNT] = {
    [LED_IDLE]               = { {   0, 255,   0 },  500,  500 },
    [LED_PROCESSING]         = { {   0, 255,   0 },   50,   50 },
    [LED_WAITING_FOR_BUTTON] = { { 255, 255,   0 }, 1000,  100 },
    [LED_WRITTEN]            = { {   0, 255,   0 },  200,  200 }, /* three of them are LED_WRITTEN_MS */
    [LED_NOT_MOUNTED]        = { { 255,   0,   0 },  500,  500 },
    [LED_SUSPENDED]          = { {   0,   0, 255 }, 1000, 2000 },
};

/* For each place on the wire: 0 red, 1 green, 2 blue. */
static const uint8_t orders[LED_ORDER_COUNT][3] = {
    [LED_RGB] = { 0, 1, 2 }, [LED_RBG] = { 0, 2, 1 }, [LED_GRB] = { 1, 0, 2 },
    [LED_GBR] = { 1, 2, 0 }, [LED_BRG] = { 2, 0, 1 }, [LED_BGR] = { 2, 1, 0 },
};
/* clang-format on */

/* An eye takes steps of light for even when each is greater than the one before. */
static uint32_t square(uint32_t part, uint32_t whole)
{
    return 255u * part * part / (whole * whole);
}

static uint32_t shape(const struct pattern *p, uint32_t since_ms, const struct led_look *look)
{
    if (look->steady) return 255;
    uint32_t at_ms = since_ms % ((uint32_t)p->on_ms + p->off_ms);
    if (at_ms >= p->on_ms) return 0;
    if (!look->dimmable) return 255;
    uint32_t ramp_ms = p->on_ms / 2u < LED_RAMP_MS ? p->on_ms / 2u : LED_RAMP_MS;
    uint32_t edge_ms = at_ms < p->on_ms - at_ms ? at_ms : p->on_ms - at_ms; /* to the nearer end of the light */
    return edge_ms >= ramp_ms ? 255 : square(edge_ms, ramp_ms);
}

static uint8_t scaled(uint8_t colour, uint32_t light, uint32_t limit)
{
    return (uint8_t)(colour * light * limit / (255u * 255u));
}

struct led_colour led_pattern(enum led_state state, uint32_t since_ms, const struct led_look *look)
{
    if ((unsigned)state >= LED_STATE_COUNT) state = LED_NOT_MOUNTED;
    if (state == LED_WRITTEN && since_ms >= LED_WRITTEN_MS) {
        state = LED_IDLE;
        since_ms -= LED_WRITTEN_MS;
    }
    const struct pattern *p = &patterns[state];
    uint32_t brightness = look->brightness < LED_BRIGHTNESS_MAX ? look->brightness : LED_BRIGHTNESS_MAX;
    uint32_t limit = square(brightness, LED_BRIGHTNESS_MAX);
    uint32_t light = shape(p, since_ms, look);
    return (struct led_colour){scaled(p->colour.r, light, limit), scaled(p->colour.g, light, limit),
                               scaled(p->colour.b, light, limit)};
}

void led_wire(struct led_colour colour, enum led_order order, uint8_t out[3])
{
    const uint8_t parts[3] = {colour.r, colour.g, colour.b};
    const uint8_t *places = orders[(unsigned)order < LED_ORDER_COUNT ? order : LED_RGB];
    for (size_t i = 0; i < 3; i++) out[i] = parts[places[i]];
}

void led_scene_open(struct led_scene *s, uint32_t now_ms)
{
    *s = (struct led_scene){LED_IDLE, LED_NOT_MOUNTED, false, LED_NOT_MOUNTED, now_ms};
}

void led_scene_card(struct led_scene *s, enum led_state state)
{
    s->card = state == LED_WRITTEN ? LED_IDLE : state;
    if (state == LED_WRITTEN) s->written = true;
}

void led_scene_cable(struct led_scene *s, enum led_state state)
{
    s->cable = state;
}

static enum led_state wanted(struct led_scene *s, uint32_t now_ms)
{
    if (s->cable != LED_IDLE) return s->cable;
    bool blinking = s->written || (s->shown == LED_WRITTEN && now_ms - s->shown_at_ms < LED_WRITTEN_MS);
    bool quiet = s->card == LED_IDLE || s->card == LED_PROCESSING;
    return blinking && quiet ? LED_WRITTEN : s->card;
}

uint32_t led_scene_tick(struct led_scene *s, uint32_t now_ms)
{
    enum led_state state = wanted(s, now_ms);
    bool again = state == LED_WRITTEN && s->written;
    if (state != s->shown || again) {
        s->shown = state;
        s->shown_at_ms = now_ms;
    }
    if (state == LED_WRITTEN) s->written = false;
    return now_ms - s->shown_at_ms;
}
