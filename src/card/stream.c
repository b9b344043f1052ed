/* SPDX-License-Identifier: Apache-2.0 */
/* Feeding a stream: order and sizes as the card promises them, over a cipher that keeps its own. */
#include "card/stream.h"

#include "card/hsm.h"

static struct stream *stream_of(struct hsm *h)
{
    return &h->session.stream;
}

/* CCM must know all associated data before the first of them. */
static bool takes_aad_later(enum crypto_mode mode)
{
    return mode == CRYPTO_AES_GCM || mode == CRYPTO_CHACHA20_POLY1305;
}

static uint8_t tag_to_check(const struct crypto_cipher_params *p)
{
    bool has_tag = takes_aad_later(p->mode) || p->mode == CRYPTO_AES_CCM;
    if (!has_tag || p->encrypt) return 0;
    return p->tag_size ? p->tag_size : CRYPTO_TAG_MAX;
}

static status begin(struct hsm *h, const struct crypto_cipher_params *p, bytes aad)
{
    struct crypto_cipher *cipher = &stream_of(h)->cipher;
    TRY(crypto_cipher_begin(&h->crypto, cipher, p));
    return aad.n ? crypto_cipher_aad(&h->crypto, cipher, aad) : ST_OK;
}

status stream_begin(struct hsm *h, uint8_t key, const struct crypto_cipher_params *p, bytes aad)
{
    struct stream *s = stream_of(h);
    stream_end(h);
    TRY(begin(h, p, aad));
    s->open = true;
    s->key = key;
    s->more_aad = takes_aad_later(p->mode);
    s->tag_check = tag_to_check(p);
    return ST_OK;
}

bool stream_is_on(const struct hsm *h, uint8_t key)
{
    return h->session.stream.open && h->session.stream.key == key;
}

status stream_add_aad(struct hsm *h, bytes aad)
{
    struct stream *s = stream_of(h);
    return s->more_aad ? crypto_cipher_aad(&h->crypto, &s->cipher, aad) : ST_CONDITIONS;
}

status stream_add(struct hsm *h, bytes piece, buf *out)
{
    struct stream *s = stream_of(h);
    s->more_aad = false;
    if (piece.n > STREAM_PIECE_MAX) return ST_BAD_LENGTH;
    return crypto_cipher_update(&h->crypto, &s->cipher, piece, out);
}

status stream_finish(struct hsm *h, bytes rest, buf *out)
{
    struct stream *s = stream_of(h);
    if (rest.n < s->tag_check) return ST_BAD_LENGTH;
    bytes text = bytes_first(rest, rest.n - s->tag_check), tag = bytes_after(rest, text.n);
    TRY(stream_add(h, text, out));
    status st = crypto_cipher_end(&h->crypto, &s->cipher, tag, out);
    stream_end(h);
    return st == ST_DATA_NOT_USABLE ? ST_EXECUTION : st;
}

void stream_end(struct hsm *h)
{
    crypto_cipher_abort(&stream_of(h)->cipher);
    wipe((span){(uint8_t *)stream_of(h), offsetof(struct stream, cipher)});
}

void stream_forget_key(struct hsm *h, uint8_t key)
{
    if (stream_is_on(h, key)) stream_end(h);
}
