/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the channel: made, forgotten, asked about. */
#include "card/secure_channel.h"

#include "card/hsm.h"
#include "card/keys.h"
#include "wire/tlv.h"

#define POINT_UNCOMPRESSED 0x04

void secure_channel_end(struct hsm *h)
{
    wipe((span){(uint8_t *)&h->channel, sizeof h->channel});
    h->channel.changed = true;
}

void secure_channel_select(struct hsm *h)
{
    secure_channel_end(h);
    h->channel.selected = true;
}

static status agree(struct hsm *h, bytes host_point, bytes nonce, struct sm_channel *keys, span token)
{
    SECRET(d, SM_SHARED_SIZE);
    SECRET(shared, SM_SHARED_SIZE);
    TRY(key_device_secret(h, d));
    status st = crypto_ecdh(&h->crypto, CRYPTO_SECP256R1, view(d), host_point, shared);
    if (st == ST_DATA_NOT_USABLE) return ST_EXECUTION; /* apdu.md 3.22: the form was right, the point is not */
    TRY(st);
    return sm_agree(&h->crypto, view(shared), nonce, host_point, keys, token);
}

static void put_answer(buf *reply, bytes nonce, bytes token)
{
    size_t mark = tlv_open(reply, TAG_DYNAMIC_AUTHENTICATION);
    tlv_put(reply, TAG_AUTHENTICATION_NONCE, nonce);
    tlv_put(reply, TAG_AUTHENTICATION_TOKEN, token);
    tlv_close(reply, mark);
}

status secure_channel_open(struct hsm *h, bytes host_point, buf *reply)
{
    uint8_t nonce[SM_NONCE_SIZE], token[SM_TOKEN_SIZE];
    SECRET(keys, sizeof(struct sm_channel));
    if (!h->channel.selected) return ST_CONDITIONS;
    if (host_point.n != SM_POINT_SIZE || host_point.p[0] != POINT_UNCOMPRESSED) return ST_DATA_NOT_USABLE;
    TRY(crypto_random(&h->crypto, SPAN(nonce)));
    TRY(agree(h, host_point, BYTES(nonce), (struct sm_channel *)keys.p, SPAN(token)));
    memcpy(&h->channel.keys, keys.p, sizeof h->channel.keys);
    h->channel.open = h->channel.changed = true;
    put_answer(reply, BYTES(nonce), BYTES(token));
    return ST_OK;
}

bool secure_channel_protects(const struct hsm *h)
{
    return h->secured || h->link == HSM_LINK_IN_PROCESS;
}
