/* SPDX-License-Identifier: Apache-2.0 */
/* Commands with names and types. */
#include "client/client.h"
#include "wire/tlv.h"

/* A command whose answer is its status word. */
static status say(struct client *c, uint8_t ins, uint8_t p1, uint8_t p2, bytes data)
{
    bytes none;
    const struct apdu a = {.ins = ins, .p1 = p1, .p2 = p2, .data = data};
    return client_transmit(c, &a, &none);
}

/* The same with two values behind each other, both secret. */
static status say_two(struct client *c, uint8_t ins, uint8_t p1, uint8_t p2, bytes first, bytes second)
{
    SECRET(both, 2 * LIMIT_PIN_MAX);
    buf b = buf_over(both);
    put_bytes(&b, first);
    put_bytes(&b, second);
    return b.full ? ST_BAD_LENGTH : say(c, ins, p1, p2, written(&b));
}

status client_select(struct client *c)
{
    client_close_channel(c);
    return say(c, INS_SELECT, SELECT_P1_AID, SELECT_P2_NO_DATA, schsm_aid());
}

status client_verify(struct client *c, uint8_t ref, bytes pin)
{
    return pin.n ? say(c, INS_VERIFY, 0, ref, pin) : ST_BAD_LENGTH; /* without data it is a question */
}

status client_change_pin(struct client *c, uint8_t ref, bytes old_pin, bytes new_pin)
{
    return say_two(c, INS_CHANGE_REFERENCE_DATA, 0, ref, old_pin, new_pin);
}

status client_reset_user_pin(struct client *c, bytes so_pin, bytes new_pin)
{
    return say_two(c, INS_RESET_RETRY_COUNTER, 0, PIN_USER, so_pin, new_pin);
}

status client_pin_status(struct client *c, uint8_t ref, uint8_t *tries)
{
    status st = say(c, INS_VERIFY, 0, ref, NO_BYTES);
    *tries = st == ST_PIN_WRONG ? c->word & 15 : 0;
    return st;
}

status client_challenge(struct client *c, span out)
{
    bytes data;
    const struct apdu a = {.ins = INS_GET_CHALLENGE, .ne = (uint32_t)out.n, .has_le = true};
    if (out.n == 0 || out.n > LIMIT_CHALLENGE) return ST_BAD_LENGTH;
    TRY(client_transmit(c, &a, &data));
    return data.n == out.n && span_copy(out, data) ? ST_OK : ST_BAD_LENGTH;
}

status client_read(struct client *c, uint16_t fid, uint16_t at, uint32_t ne, bytes *data)
{
    uint8_t offset[4];
    buf b = BUF(offset);
    tlv_put_u16(&b, TAG_FILE_OFFSET, at);
    const struct apdu a = {.ins = INS_READ_BINARY_ODD,
                           .p1 = (uint8_t)(fid >> 8),
                           .p2 = (uint8_t)fid,
                           .data = written(&b),
                           .ne = ne,
                           .has_le = true};
    return client_transmit(c, &a, data);
}
