/* SPDX-License-Identifier: Apache-2.0 */
/* One command there, its whole answer back; the channel around both. */
#include "client/client.h"

#include "wire/cvc.h"
#include "wire/oid.h"
#include "wire/tlv.h"

#define TAG_PUBLIC_POINT 0x86
#define SW_MORE 0x61 /* 61xx: GET RESPONSE fetches the rest */

void client_open(struct client *c, const struct transport *transport, struct crypto *crypto)
{
    memset(c, 0, sizeof *c);
    c->transport = transport;
    c->crypto = crypto;
}

void client_close(struct client *c)
{
    wipe((span){(uint8_t *)c, sizeof *c});
}

/* ---- APDUs ---- */

/* Appends the data of one answer to `all` and takes its status word off. */
static status transmit_once(struct client *c, const struct apdu *a, buf *all, uint16_t *word)
{
    buf command = BUF(c->command);
    TRY(apdu_write(a, &command));
    size_t before = all->n;
    status st = c->transport->transmit(c->transport->ctx, written(&command), all);
    wipe((span){c->command, command.n});
    TRY(st);
    if (all->full || all->n < before + 2) return ST_BAD_LENGTH;
    all->n -= 2;
    *word = (uint16_t)be_get((bytes){all->p + all->n, 2});
    return ST_OK;
}

/* The whole answer, however many parts the card makes of it. */
static status exchange(struct client *c, const struct apdu *a, bytes *data, uint16_t *word)
{
    const struct apdu more = {.ins = INS_GET_RESPONSE, .ne = APDU_NE_ALL_SHORT, .has_le = true};
    buf all = BUF(c->answer);
    TRY(transmit_once(c, a, &all, word));
    while (*word >> 8 == SW_MORE) {
        size_t before = all.n;
        TRY(transmit_once(c, &more, &all, word));
        if (all.n == before && *word >> 8 == SW_MORE) return ST_BAD_LENGTH; /* promises more and sends nothing */
    }
    *data = written(&all);
    return ST_OK;
}

static status transmit_plain(struct client *c, const struct apdu *a, bytes *data)
{
    TRY(exchange(c, a, data, &c->word));
    return status_of_word(c->word);
}

/* Nothing that arrives in plain is believed: not even an error. */
static status transmit_secured(struct client *c, const struct apdu *a, bytes *data, uint16_t *word)
{
    struct apdu sealed;
    bytes raw;
    uint16_t outer;
    buf body = BUF(c->body);
    status st = sm_seal_command(c->crypto, &c->keys, a, &body, &sealed);
    if (st == ST_OK) st = exchange(c, &sealed, &raw, &outer);
    wipe(SPAN(c->body));
    TRY(st);
    if (outer != status_word(ST_OK)) return ST_SM_WRONG;
    return sm_open_response(c->crypto, &c->keys, raw, SPAN(c->plain), data, word);
}

static status break_channel(struct client *c, status st)
{
    wipe((span){(uint8_t *)&c->keys, sizeof c->keys});
    c->channel = CHANNEL_BROKEN;
    return st == ST_SM_MISSING ? ST_SM_WRONG : st;
}

status client_transmit(struct client *c, const struct apdu *command, bytes *data)
{
    *data = NO_BYTES;
    c->word = 0;
    if (command->data.n > LIMIT_COMMAND_DATA) return ST_BAD_LENGTH;
    switch (c->channel) {
    case CHANNEL_NONE: return transmit_plain(c, command, data);
    case CHANNEL_BROKEN: return ST_SM_WRONG;
    case CHANNEL_OPEN: break;
    }
    status st = transmit_secured(c, command, data, &c->word);
    return st == ST_OK ? status_of_word(c->word) : break_channel(c, st);
}

/* ---- the secure channel ---- */

void client_close_channel(struct client *c)
{
    wipe((span){(uint8_t *)&c->keys, sizeof c->keys});
    wipe(SPAN(c->plain));
    c->channel = CHANNEL_NONE;
}

/* *first lies in the client. */
static status device_certificate(struct client *c, struct cvc *first)
{
    bytes file;
    TRY(client_read(c, FID_DEVICE_CERTIFICATE, 0, LIMIT_RESPONSE_DATA, &file));
    reader r = read_from(file);
    return cvc_next(&r, first) ? ST_OK : ST_BAD_DATA;
}

status client_device_name(struct client *c, buf *name)
{
    struct cvc first;
    TRY(device_certificate(c, &first));
    put_bytes(name, first.chr);
    return name->full ? ST_BAD_LENGTH : ST_OK;
}

status client_device_point(struct client *c, span point)
{
    struct cvc first;
    TRY(device_certificate(c, &first));
    bytes found = cvc_key_field(&first.key, TAG_PUBLIC_POINT);
    if (found.n != SM_POINT_SIZE || point.n != SM_POINT_SIZE) return ST_BAD_DATA;
    return span_copy(point, found) ? ST_OK : ST_BAD_DATA;
}

static status select_protocol(struct client *c)
{
    uint8_t data[16];
    bytes none;
    buf b = BUF(data);
    tlv_put(&b, TAG_MSE_PROTOCOL, oid_ca_ecdh_aes128());
    struct apdu a = {
        .ins = INS_MANAGE_SECURITY_ENVIRONMENT, .p1 = MSE_SET_COMPUTE, .p2 = MSE_AUTHENTICATION, .data = written(&b)};
    return client_transmit(c, &a, &none);
}

/* *nonce and *token lie in the client. */
static status authenticate(struct client *c, bytes point, bytes *nonce, bytes *token)
{
    uint8_t data[SM_POINT_SIZE + 4];
    bytes answer, inner;
    buf b = BUF(data);
    size_t mark = tlv_open(&b, TAG_DYNAMIC_AUTHENTICATION);
    tlv_put(&b, TAG_AUTHENTICATION_POINT, point);
    tlv_close(&b, mark);
    struct apdu a = {.ins = INS_GENERAL_AUTHENTICATE, .data = written(&b), .ne = APDU_NE_ALL_SHORT, .has_le = true};
    TRY(client_transmit(c, &a, &answer));
    bool whole = tlv_find(answer, TAG_DYNAMIC_AUTHENTICATION, &inner) &&
                 tlv_find(inner, TAG_AUTHENTICATION_NONCE, nonce) && tlv_find(inner, TAG_AUTHENTICATION_TOKEN, token);
    return whole && nonce->n == SM_NONCE_SIZE && token->n == SM_TOKEN_SIZE ? ST_OK : ST_SM_WRONG;
}

static status agree(struct client *c, bytes device_point)
{
    SECRET(d, SM_SHARED_SIZE);
    SECRET(shared, SM_SHARED_SIZE);
    uint8_t point[SM_POINT_SIZE], expected[SM_TOKEN_SIZE];
    bytes nonce, token;
    TRY(crypto_ec_generate(c->crypto, CRYPTO_SECP256R1, d, SPAN(point)));
    TRY(crypto_ecdh(c->crypto, CRYPTO_SECP256R1, view(d), device_point, shared));
    TRY(select_protocol(c));
    TRY(authenticate(c, BYTES(point), &nonce, &token));
    TRY(sm_agree(c->crypto, view(shared), nonce, BYTES(point), &c->keys, SPAN(expected)));
    return ct_equal(BYTES(expected), token) ? ST_OK : ST_SM_WRONG;
}

status client_open_channel(struct client *c, bytes device_point)
{
    client_close_channel(c);
    if (!c->crypto) return ST_CONDITIONS;
    status st = agree(c, device_point);
    if (st == ST_OK) c->channel = CHANNEL_OPEN;
    else client_close_channel(c);
    return st;
}
