/* SPDX-License-Identifier: Apache-2.0 */
/* Commands with names and types. */
#include "client/client.h"
#include "wire/cvc_tags.h"
#include "wire/tlv.h"

#define VERIFY_CERTIFICATE_CVC 0xBE /* P2: the certificate says all about itself */
#define REFERENCE_MIN 2u            /* bytes; a card takes one byte for the number of a key, which it ignores */
#define CHALLENGE_SIZE 32u          /* 8..256 can be answered (apdu.md 3.6) */
#define SIGNATURE_MAX (LIMIT_RSA_BITS_MAX / 8u)

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

/* ---- public key authentication ---- */

/* MSE SET: the key that verifies what comes next. */
static status select_key(struct client *c, uint8_t p2, bytes name)
{
    uint8_t data[LIMIT_NAME + 2];
    buf b = BUF(data);
    tlv_put(&b, TAG_MSE_REFERENCE, name);
    if (b.full || name.n < REFERENCE_MIN) return ST_BAD_LENGTH;
    return say(c, INS_MANAGE_SECURITY_ENVIRONMENT, MSE_SET_VERIFY, p2, written(&b));
}

status client_verify_certificate(struct client *c, bytes certificate)
{
    struct cvc read;
    if (!cvc_parse(certificate, &read) || read.outer_signature.n) return ST_BAD_DATA;
    TRY(select_key(c, MSE_SIGNATURE, read.car));
    return say(c, INS_VERIFY_CERTIFICATE, 0, VERIFY_CERTIFICATE_CVC, certificate);
}

static status ask_pka(struct client *c, uint8_t p1, uint8_t slot, bytes request, bytes *data)
{
    const struct apdu a = {.cla = CLA_PROPRIETARY,
                           .ins = INS_PUBLIC_KEY_AUTHENTICATION,
                           .p1 = p1,
                           .p2 = slot,
                           .data = request,
                           .ne = APDU_NE_ALL_SHORT,
                           .has_le = true};
    return client_transmit(c, &a, data);
}

static status ask_pka_status(struct client *c, uint8_t p1, uint8_t slot, bytes request, struct client_pka *now)
{
    bytes data;
    TRY(ask_pka(c, p1, slot, request, &data));
    reader r = read_from(data);
    now->total = rd_u8(&r);
    now->missing = rd_u8(&r);
    now->required = rd_u8(&r);
    now->authenticated = rd_u8(&r);
    return rd_done(&r) ? ST_OK : ST_BAD_LENGTH;
}

static status bring_key(struct client *c, uint8_t p1, uint8_t slot, bytes request, struct client_pka *now)
{
    struct cvc read;
    bytes content;
    if (!cvc_parse_request(request, &read)) return ST_BAD_DATA;
    bool whole = tlv_find(request, CVC_TAG_REQUEST, &content);
    TRY(select_key(c, MSE_SIGNATURE, read.outer_car));
    return ask_pka_status(c, p1, slot, whole ? content : request, now);
}

status client_register_key(struct client *c, bytes request, struct client_pka *now)
{
    return bring_key(c, PUK_STATUS_OR_REGISTER, 0, request, now);
}

status client_replace_key(struct client *c, uint8_t slot, bytes request, struct client_pka *now)
{
    return bring_key(c, PUK_REPLACE, slot, request, now);
}

status client_pka_status(struct client *c, struct client_pka *now)
{
    return ask_pka_status(c, PUK_STATUS_OR_REGISTER, 0, NO_BYTES, now);
}

status client_key_status(struct client *c, uint8_t slot, bytes *name)
{
    return ask_pka(c, PUK_QUERY, slot, NO_BYTES, name);
}

status client_authenticate(struct client *c, bytes device, bytes key, const struct cvc_signer *signer)
{
    uint8_t memory[LIMIT_NAME + CHALLENGE_SIZE + SIGNATURE_MAX];
    buf b = BUF(memory);
    if (device.n == 0 || device.n > LIMIT_NAME) return ST_BAD_LENGTH;
    put_bytes(&b, device);
    status st = select_key(c, MSE_AUTHENTICATION, key);
    if (st == ST_CONDITIONS) return ST_PUK_AUTHENTICATED;
    TRY(st);
    TRY(client_challenge(c, put_space(&b, CHALLENGE_SIZE)));
    bytes message = written(&b);
    TRY(signer->sign(signer->ctx, message, &b));
    if (b.full || b.n - message.n > SIGNATURE_MAX) return ST_BAD_LENGTH;
    return say(c, INS_EXTERNAL_AUTHENTICATE, 0, 0, bytes_after(written(&b), message.n));
}
