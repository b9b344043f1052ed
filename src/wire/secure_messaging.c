/* SPDX-License-Identifier: Apache-2.0 */
/* Objects, padding, MAC and counter of secure messaging. */
#include "wire/secure_messaging.h"

#include "wire/oid.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

#define BLOCK 16u
#define MAC_SIZE 8u
#define PLAIN_FOLLOWS_PADDING 0x01 /* the byte before the cryptogram of an 87 */

/* ---- keys ---- */

static status derive(struct crypto *c, bytes shared, bytes nonce, uint8_t use, span key)
{
    SECRET(digest, 20);
    const bytes parts[] = {shared, nonce, LITERAL(0, 0, 0, use)};
    TRY(crypto_hash(c, CRYPTO_SHA1, parts, COUNT(parts), digest));
    span_copy(key, bytes_first(view(digest), key.n));
    return ST_OK;
}

static status make_token(struct crypto *c, bytes key, bytes host_point, span token)
{
    uint8_t mac[BLOCK], input[SM_POINT_SIZE + 20];
    buf b = BUF(input);
    size_t mark = tlv_open(&b, 0x7F49);
    tlv_put(&b, 0x06, oid_ca_ecdh_aes128());
    tlv_put(&b, 0x86, host_point);
    tlv_close(&b, mark);
    if (b.full || token.n != SM_TOKEN_SIZE) return ST_BAD_LENGTH;
    const bytes part = written(&b);
    TRY(crypto_aes_cmac(c, key, &part, 1, SPAN(mac)));
    span_copy(token, bytes_first(BYTES(mac), SM_TOKEN_SIZE));
    return ST_OK;
}

static status agree(struct crypto *c, bytes shared, bytes nonce, bytes host_point, struct sm_channel *out, span token)
{
    if (shared.n != SM_SHARED_SIZE || nonce.n != SM_NONCE_SIZE || host_point.n != SM_POINT_SIZE) return ST_BAD_LENGTH;
    TRY(derive(c, shared, nonce, 1, SPAN(out->enc)));
    TRY(derive(c, shared, nonce, 2, SPAN(out->mac)));
    return make_token(c, BYTES(out->mac), host_point, token);
}

status sm_agree(struct crypto *c, bytes shared, bytes nonce, bytes host_point, struct sm_channel *out, span token)
{
    wipe((span){(uint8_t *)out, sizeof *out}); /* the counter begins at 0 */
    status st = agree(c, shared, nonce, host_point, out, token);
    if (st != ST_OK) wipe((span){(uint8_t *)out, sizeof *out});
    return st;
}

static void count(struct sm_channel *channel)
{
    for (size_t i = BLOCK; i-- > 0 && ++channel->counter[i] == 0;) continue;
}

/* ---- MAC ---- */

static size_t padding_size(size_t n)
{
    return BLOCK - n % BLOCK;
}

/* Over the counter, the padded header (`header` empty: a response), and what precedes 8E, padded when there is any. */
static status mac_over(struct crypto *c, const struct sm_channel *channel, bytes header, bytes objects, span mac)
{
    static const uint8_t padding[BLOCK] = {0x80};
    size_t header_padding = header.n ? padding_size(header.n) : 0;
    size_t objects_padding = objects.n ? padding_size(objects.n) : 0;
    const bytes parts[] = {
        BYTES(channel->counter), header, {padding, header_padding}, objects, {padding, objects_padding}};
    return crypto_aes_cmac(c, BYTES(channel->mac), parts, COUNT(parts), mac);
}

static status put_mac(struct crypto *c, const struct sm_channel *channel, bytes header, buf *b, size_t mark)
{
    uint8_t mac[BLOCK];
    if (b->full) return ST_NO_SPACE;
    TRY(mac_over(c, channel, header, tlv_since(b, mark), SPAN(mac)));
    tlv_put(b, TAG_SM_MAC, bytes_first(BYTES(mac), MAC_SIZE));
    return b->full ? ST_NO_SPACE : ST_OK;
}

/* ---- objects ---- */

enum object { BARE_CIPHER, MARKED_CIPHER, LE, WORD, MAC, OBJECT_COUNT };

static const uint8_t tags[OBJECT_COUNT] = {
    [BARE_CIPHER] = TAG_SM_CIPHER_ODD,
    [MARKED_CIPHER] = TAG_SM_CIPHER,
    [LE] = TAG_SM_LE,
    [WORD] = TAG_SM_WORD,
    [MAC] = TAG_SM_MAC,
};

struct envelope {
    bool has[OBJECT_COUNT];
    bytes value[OBJECT_COUNT];
    bytes authentic; /* everything before 8E: what its MAC covers, once it is found right */
};

/* Known objects, each once, 8E last. */
static bool take_object(struct envelope *e, const tlv *t)
{
    for (size_t i = 0; i < OBJECT_COUNT; i++) {
        if (tags[i] != t->tag) continue;
        if (e->has[i] || e->has[MAC]) return false;
        e->has[i] = true;
        e->value[i] = t->value;
        return true;
    }
    return false;
}

static status read_envelope(bytes in, struct envelope *e)
{
    reader r = read_from(in);
    *e = (struct envelope){0};
    for (tlv t; tlv_next(&r, &t);) {
        if (!take_object(e, &t)) return ST_SM_WRONG;
        if (!e->has[MAC]) e->authentic = bytes_first(in, in.n - r.left.n);
    }
    if (r.bad) return ST_SM_WRONG;
    return e->has[MAC] ? ST_OK : ST_SM_MISSING;
}

/* Reads the objects and compares the MAC: nothing of them means anything before that. */
static status read_authentic(struct crypto *c, const struct sm_channel *channel, bytes header, bytes in,
                             struct envelope *e)
{
    uint8_t mac[BLOCK];
    TRY(read_envelope(in, e));
    bytes given = e->value[MAC];
    if (given.n != MAC_SIZE && given.n != BLOCK) return ST_SM_WRONG; /* DP-58: pypicokey sends all of it */
    TRY(mac_over(c, channel, header, e->authentic, SPAN(mac)));
    return ct_equal(bytes_first(BYTES(mac), given.n), given) ? ST_OK : ST_SM_WRONG;
}

/* ---- cipher ---- */

static status make_iv(struct crypto *c, const struct sm_channel *channel, span iv)
{
    return crypto_aes_block(c, BYTES(channel->enc), BYTES(channel->counter), iv);
}

/* All zeros at the end, then one 80: pypicokey pads with a block too many. */
static bool unpad(span s, bytes *plain)
{
    size_t n = s.n;
    while (n && s.p[n - 1] == 0) n--;
    if (n == 0 || s.p[n - 1] != 0x80) return false;
    *plain = (bytes){s.p, n - 1};
    return true;
}

static status decipher(struct crypto *c, const struct sm_channel *channel, bytes cipher, span into, bytes *plain)
{
    uint8_t iv[BLOCK];
    if (cipher.n == 0 || cipher.n % BLOCK) return ST_SM_WRONG;
    if (cipher.n > into.n) return ST_BAD_LENGTH;
    span place = {into.p, cipher.n};
    TRY(make_iv(c, channel, SPAN(iv)));
    TRY(crypto_aes_cbc(c, false, BYTES(channel->enc), BYTES(iv), cipher, place));
    if (unpad(place, plain)) return ST_OK;
    wipe(place);
    return ST_SM_WRONG;
}

/* The data, which only one of the two objects may bring. None is no error. */
static status take_data(struct crypto *c, const struct sm_channel *channel, const struct envelope *e, bool bare,
                        span into, bytes *plain)
{
    enum object wanted = bare ? BARE_CIPHER : MARKED_CIPHER;
    bytes value = e->value[wanted];
    *plain = NO_BYTES;
    if (e->has[bare ? MARKED_CIPHER : BARE_CIPHER]) return ST_SM_WRONG;
    if (!e->has[wanted]) return ST_OK;
    if (!bare) {
        if (value.n == 0 || value.p[0] != PLAIN_FOLLOWS_PADDING) return ST_SM_WRONG;
        value = bytes_after(value, 1);
    }
    return decipher(c, channel, value, into, plain);
}

/* Turns what was appended since `mark` into a cryptogram object, in place. */
static status encipher(struct crypto *c, const struct sm_channel *channel, bool bare, buf *b, size_t mark)
{
    uint8_t iv[BLOCK];
    size_t n = b->n - mark, padded = n + padding_size(n), marker = bare ? 0 : 1;
    uint16_t tag = bare ? TAG_SM_CIPHER_ODD : TAG_SM_CIPHER;
    size_t header = tlv_header_size(tag, padded + marker) + marker;
    if (put_space(b, header + padded - n).n == 0) return ST_NO_SPACE;
    memmove(b->p + mark + header, b->p + mark, n);
    b->n = mark;
    tlv_put_header(b, tag, padded + marker);
    if (!bare) put_u8(b, PLAIN_FOLLOWS_PADDING);
    span place = {b->p + b->n, padded};
    memset(place.p + n, 0, padded - n);
    place.p[n] = 0x80;
    b->n += padded;
    TRY(make_iv(c, channel, SPAN(iv)));
    return crypto_aes_cbc(c, true, BYTES(channel->enc), BYTES(iv), view(place), place);
}

/* ---- commands ---- */

static bool is_odd(uint8_t ins)
{
    return ins & 1;
}

/* 00 and 0000 mean all; no object means no response data. */
static bool take_le(const struct envelope *e, struct apdu *plain)
{
    bytes le = e->value[LE];
    plain->has_le = e->has[LE];
    if (!e->has[LE]) return true;
    plain->extended = le.n == 2;
    plain->ne = be_get(le);
    if (plain->ne == 0) plain->ne = le.n == 2 ? APDU_NE_ALL_EXTENDED : APDU_NE_ALL_SHORT;
    return le.n == 1 || le.n == 2;
}

status sm_open_command(struct crypto *c, struct sm_channel *channel, const struct apdu *in, span into,
                       struct apdu *plain)
{
    struct envelope e;
    const uint8_t header[] = {in->cla, in->ins, in->p1, in->p2};
    struct apdu a = {.cla = in->cla & (uint8_t)~CLA_SECURED, .ins = in->ins, .p1 = in->p1, .p2 = in->p2};
    count(channel);
    TRY(read_authentic(c, channel, BYTES(header), in->data, &e));
    if (e.has[WORD] || !take_le(&e, &a)) return ST_SM_WRONG;
    TRY(take_data(c, channel, &e, is_odd(in->ins), into, &a.data));
    *plain = a;
    return ST_OK;
}

static void put_le(buf *b, const struct apdu *a)
{
    if (a->ne == 0) return;
    if (a->ne > APDU_NE_ALL_SHORT || a->extended) tlv_put_u16(b, TAG_SM_LE, (uint16_t)a->ne);
    else tlv_put_u8(b, TAG_SM_LE, (uint8_t)a->ne);
}

status sm_seal_command(struct crypto *c, struct sm_channel *channel, const struct apdu *plain, buf *body,
                       struct apdu *out)
{
    size_t mark = body->n;
    const uint8_t header[] = {plain->cla | CLA_SECURED, plain->ins, plain->p1, plain->p2};
    count(channel);
    put_bytes(body, plain->data);
    if (plain->data.n && !body->full) TRY(encipher(c, channel, is_odd(plain->ins), body, mark));
    put_le(body, plain);
    TRY(put_mac(c, channel, BYTES(header), body, mark));
    bool extended = plain->extended || plain->ne > APDU_NE_ALL_SHORT || body->n - mark > 255;
    *out = (struct apdu){.cla = header[0],
                         .ins = plain->ins,
                         .p1 = plain->p1,
                         .p2 = plain->p2,
                         .data = tlv_since(body, mark),
                         .ne = extended ? APDU_NE_ALL_EXTENDED : APDU_NE_ALL_SHORT,
                         .extended = extended,
                         .has_le = true};
    return ST_OK;
}

/* ---- responses ---- */

status sm_seal_response(struct crypto *c, struct sm_channel *channel, buf *reply, uint16_t word)
{
    count(channel);
    if (reply->n) TRY(encipher(c, channel, false, reply, 0));
    tlv_put_u16(reply, TAG_SM_WORD, word);
    return put_mac(c, channel, NO_BYTES, reply, 0);
}

status sm_open_response(struct crypto *c, struct sm_channel *channel, bytes in, span into, bytes *plain, uint16_t *word)
{
    struct envelope e;
    bytes data;
    count(channel);
    TRY(read_authentic(c, channel, NO_BYTES, in, &e));
    if (e.has[LE] || e.value[WORD].n != 2) return ST_SM_WRONG;
    TRY(take_data(c, channel, &e, false, into, &data));
    *plain = data;
    *word = (uint16_t)be_get(e.value[WORD]);
    return ST_OK;
}
