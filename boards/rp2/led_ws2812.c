/* SPDX-License-Identifier: Apache-2.0 */
/* WS2812 and its relatives: 24 bits on one wire, the width of a pulse says which. A state machine of the PIO makes the
 * pulses, so that no interrupt stretches them.
 *
 * A bit takes 1.25 us, ten steps of 125 ns: high for three steps is a 0 (375 ns), for six a 1 (750 ns). WS2812B wants
 * 220-380 and 580-1000 ns, its elder 200-500 and 550-850. A pause of 280 us shows the colour; ticks are farther apart. */
#include "boards/rp2/led_driver.h"

#include "base/bytes.h"

#include <hardware/clocks.h>
#include <hardware/pio.h>

enum { BITS = 24, STEP_HZ = 8000000, DIVIDER_ONE = 256 };
enum { BIT, ZERO = 3 }; /* places in the program */

/* Where the program runs. One LED in a program, hence one of these. */
static struct {
    PIO pio;
    uint sm;
} machine;

static uint step(uint instruction, uint high, uint steps)
{
    return instruction | pio_encode_sideset(1, high) | pio_encode_delay(steps - 1);
}

/* Waits with the wire low when there is nothing to send. */
static bool load(uint *at)
{
    const uint16_t instructions[] = {
        [BIT] = (uint16_t)step(pio_encode_out(pio_x, 1), 0, 4), /* the low end of the bit before */
        (uint16_t)step(pio_encode_jmp_not_x(ZERO), 1, 3),
        (uint16_t)step(pio_encode_jmp(BIT), 1, 3),
        [ZERO] = (uint16_t)step(pio_encode_nop(), 0, 3),
    };
    const pio_program_t program = {.instructions = instructions, .length = COUNT(instructions), .origin = -1};
    return pio_claim_free_sm_and_add_program(&program, &machine.pio, &machine.sm, at);
}

static pio_sm_config configure(uint at, uint pin)
{
    pio_sm_config c = pio_get_default_sm_config();
    sm_config_set_wrap(&c, at + BIT, at + ZERO);
    sm_config_set_sideset(&c, 1, false, false);
    sm_config_set_sideset_pins(&c, pin);
    sm_config_set_out_shift(&c, false, true, BITS);
    sm_config_set_fifo_join(&c, PIO_FIFO_JOIN_TX);
    uint32_t divider = clock_get_hz(clk_sys) / (STEP_HZ / DIVIDER_ONE);
    sm_config_set_clkdiv_int_frac8(&c, divider / DIVIDER_ONE, (uint8_t)(divider % DIVIDER_ONE));
    return c;
}

bool led_ws2812_open(const struct led_setup *s)
{
    uint at;
    if (!load(&at)) return false;
    pio_sm_config c = configure(at, s->pin);
    pio_gpio_init(machine.pio, s->pin);
    pio_sm_set_consecutive_pindirs(machine.pio, machine.sm, s->pin, 1, true);
    pio_sm_init(machine.pio, machine.sm, at, &c);
    pio_sm_set_enabled(machine.pio, machine.sm, true);
    return true;
}

void led_ws2812_write(const struct led_setup *s, struct led_colour colour)
{
    uint8_t wire[3];
    led_wire(colour, s->order, wire);
    if (pio_sm_is_tx_fifo_full(machine.pio, machine.sm)) return; /* never wait in an interrupt */
    pio_sm_put(machine.pio, machine.sm, (uint32_t)wire[0] << 24 | (uint32_t)wire[1] << 16 | (uint32_t)wire[2] << 8);
}
