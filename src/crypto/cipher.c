/* SPDX-License-Identifier: Apache-2.0 */
/* Ciphers, AEADs and MACs in pieces and in one piece: sizes, order, parts of blocks and the comparison of tags. What
 * differs between modes is in the table; the modes themselves are in other files. */
#include "crypto/cipher.h"

_Static_assert(sizeof(struct cipher) <= sizeof(struct crypto_cipher), "the state of every mode fits");
_Static_assert(_Alignof(struct cipher) <= _Alignof(struct crypto_cipher), "and is aligned");

static const struct cipher_mode *const modes[CRYPTO_MODE_COUNT] = {
    [CRYPTO_AES_ECB] = &cipher_ecb,   [CRYPTO_AES_CBC] = &cipher_cbc,
    [CRYPTO_AES_CFB] = &cipher_cfb,   [CRYPTO_AES_OFB] = &cipher_ofb,
    [CRYPTO_AES_CTR] = &cipher_ctr,   [CRYPTO_AES_GCM] = &cipher_gcm,
    [CRYPTO_AES_CCM] = &cipher_ccm,   [CRYPTO_CHACHA20_POLY1305] = &cipher_chachapoly,
    [CRYPTO_AES_CMAC] = &cipher_cmac, [CRYPTO_HMAC] = &cipher_hmac,
};

static struct cipher *cipher_of(struct crypto_cipher *s)
{
    return (struct cipher *)(void *)s->state;
}

static const struct cipher_mode *mode_of(const struct cipher *s)
{
    return modes[s->mode];
}

/* ---- sizes ---- */

static bool key_fits(uint8_t sizes, size_t n)
{
    static const struct {
        uint8_t size, bit;
    } known[] = {{16, KEY_16}, {24, KEY_24}, {32, KEY_32}, {64, KEY_64}};
    if (sizes == KEY_ANY) return true;
    for (size_t i = 0; i < COUNT(known); i++)
        if (known[i].size == n) return sizes & known[i].bit;
    return false;
}

static uint8_t tag_size_of(const struct cipher_mode *m, const struct crypto_cipher_params *p)
{
    return m->tag_max && p->tag_size == 0 ? CRYPTO_TAG_MAX : p->tag_size;
}

static bool tag_fits(const struct cipher_mode *m, uint8_t n)
{
    if (!m->tag_max) return true;
    return n >= m->tag_min && n <= m->tag_max && (n - m->tag_min) % m->tag_step == 0;
}

/* The nonce of CCM leaves 15 - n bytes to count the text. */
static bool text_fits(const struct crypto_cipher_params *p)
{
    return p->mode != CRYPTO_AES_CCM || p->iv.n < 12 || p->text_size >> 8 * (15 - p->iv.n) == 0;
}

static bool sizes_fit(const struct cipher_mode *m, const struct crypto_cipher_params *p)
{
    if (p->mode == CRYPTO_HMAC && crypto_hash_size(p->hash) == 0) return false;
    return key_fits(m->key_sizes, p->key.n) && p->iv.n >= m->iv_min && p->iv.n <= m->iv_max &&
           tag_fits(m, tag_size_of(m, p)) && text_fits(p);
}

static bool xts_fits(const struct crypto_cipher_params *p)
{
    return key_fits(KEY_32 | KEY_64, p->key.n) && p->iv.n == AES_BLOCK;
}

status crypto_cipher_check(const struct crypto_cipher_params *p)
{
    if ((unsigned)p->mode >= CRYPTO_MODE_COUNT) return ST_BAD_LENGTH;
    bool fits = p->mode == CRYPTO_AES_XTS ? xts_fits(p) : sizes_fit(modes[p->mode], p);
    return fits ? ST_OK : ST_BAD_LENGTH;
}

static status mode_for(const struct crypto_cipher_params *p, const struct cipher_mode **m)
{
    if (p->mode == CRYPTO_AES_XTS) return ST_NOT_SUPPORTED;
    TRY(crypto_cipher_check(p));
    *m = modes[p->mode];
    return ST_OK;
}

static size_t room_for(const struct cipher *s, size_t n)
{
    size_t block = mode_of(s)->block;
    if (block == 0) return 0;
    return (s->held_size + n) / block * block;
}

/* ---- inside an entered context ---- */

/* `s` is all zeros. */
static status begin(struct cipher *s, const struct crypto_cipher_params *p)
{
    const struct cipher_mode *m;
    TRY(mode_for(p, &m));
    s->mode = (uint8_t)p->mode;
    s->encrypt = p->encrypt;
    s->tag_size = tag_size_of(m, p);
    TRY(m->begin(s, p));
    s->phase = m->tag_max ? CIPHER_AAD : CIPHER_TEXT;
    return ST_OK;
}

/* The library counts in 32 bits. CMAC of 5.7.2 takes the next block for the first one when they overflow. */
static bool text_counts(const struct cipher *s)
{
    return mode_of(s)->tag_max || s->mode == CRYPTO_AES_CMAC;
}

static status count(uint32_t *so_far, size_t n)
{
    if (n > UINT32_MAX - *so_far) return ST_BAD_LENGTH;
    *so_far += (uint32_t)n;
    return ST_OK;
}

static status add_aad(struct cipher *s, bytes aad)
{
    if (s->phase != CIPHER_AAD) return ST_CONDITIONS;
    if (aad.n == 0) return ST_OK;
    TRY(count(&s->aad_size, aad.n));
    return mode_of(s)->aad(s, aad);
}

/* Completes the block that is held, if `in` has enough for it; *out moves on when it has. */
static status update_held(struct cipher *s, bytes *in, uint8_t **out)
{
    size_t block = mode_of(s)->block, n = block - s->held_size;
    if (n > in->n) n = in->n;
    if (n) memcpy(s->held + s->held_size, in->p, n);
    s->held_size = (uint8_t)(s->held_size + n);
    *in = bytes_after(*in, n);
    if (s->held_size < block) return ST_OK;
    s->held_size = 0;
    TRY(mode_of(s)->update(s, (bytes){s->held, block}, *out));
    *out += block;
    return ST_OK;
}

static status update_blocks(struct cipher *s, bytes in, uint8_t *out)
{
    size_t block = mode_of(s)->block;
    if (s->held_size) TRY(update_held(s, &in, &out));
    bytes whole = bytes_first(in, in.n / block * block);
    if (whole.n) TRY(mode_of(s)->update(s, whole, out));
    in = bytes_after(in, whole.n);
    return in.n ? update_held(s, &in, &out) : ST_OK;
}

static status add_text(struct cipher *s, bytes in, buf *out)
{
    if (s->phase == CIPHER_CLOSED) return ST_CONDITIONS;
    s->phase = CIPHER_TEXT;
    size_t room = room_for(s, in.n);
    if (out->full || out->cap - out->n < room) return ST_BAD_LENGTH;
    if (in.n == 0) return ST_OK;
    if (text_counts(s)) TRY(count(&s->text_size, in.n));
    uint8_t *to = room ? put_space(out, room).p : NULL; /* the caller wipes it if this fails */
    return mode_of(s)->block > 1 ? update_blocks(s, in, to) : mode_of(s)->update(s, in, to);
}

static size_t mac_size(const struct cipher *s)
{
    return s->mode == CRYPTO_HMAC ? crypto_hash_size(s->hmac.hash) : CRYPTO_TAG_MAX;
}

static status check_tag(struct cipher *s, bytes tag)
{
    if (tag.n != s->tag_size) return ST_BAD_LENGTH;
    if (mode_of(s)->check) return mode_of(s)->check(s, tag);
    SECRET(computed, CRYPTO_TAG_MAX);
    TRY(mode_of(s)->end(s, computed.p));
    return ct_equal(bytes_first(view(computed), tag.n), tag) ? ST_OK : ST_DATA_NOT_USABLE;
}

static status put_tag(struct cipher *s, buf *out)
{
    size_t n = mode_of(s)->tag_max ? s->tag_size : mac_size(s);
    if (out->full || out->cap - out->n < n) return ST_BAD_LENGTH;
    SECRET(computed, CRYPTO_HASH_MAX);
    TRY(mode_of(s)->end(s, computed.p));
    put_bytes(out, bytes_first(view(computed), n));
    return ST_OK;
}

static status end(struct cipher *s, bytes tag, buf *out)
{
    if (s->phase == CIPHER_CLOSED) return ST_CONDITIONS;
    if (mode_of(s)->tag_max && !s->encrypt) return check_tag(s, tag);
    if (tag.n || s->held_size) return ST_BAD_LENGTH;
    return mode_of(s)->end ? put_tag(s, out) : ST_OK;
}

static status whole(struct cipher *s, const struct crypto_cipher_params *p, bytes aad, bytes in, buf *out)
{
    SECRET(tag, CRYPTO_TAG_MAX);
    size_t tag_size = 0;
    TRY(begin(s, p));
    if (aad.n) TRY(add_aad(s, aad) == ST_OK ? ST_OK : ST_BAD_LENGTH);
    if (mode_of(s)->tag_max && !p->encrypt) tag_size = s->tag_size;
    if (in.n < tag_size) return ST_BAD_LENGTH;
    bytes text = {in.p, in.n - tag_size};
    if (tag_size) memcpy(tag.p, in.p + text.n, tag_size); /* before the output, which may overlap, is written */
    TRY(add_text(s, text, out));
    return end(s, bytes_first(view(tag), tag_size), out);
}

/* ---- public ---- */

static status leave_and_close(struct crypto *c, struct crypto_cipher *s, bool close, status st)
{
    st = crypto_leave(c, st);
    if (close || st != ST_OK) crypto_cipher_abort(s);
    return st;
}

status crypto_cipher_begin(struct crypto *c, struct crypto_cipher *s, const struct crypto_cipher_params *p)
{
    crypto_cipher_abort(s);
    crypto_enter(c);
    return leave_and_close(c, s, false, begin(cipher_of(s), p));
}

status crypto_cipher_aad(struct crypto *c, struct crypto_cipher *s, bytes aad)
{
    crypto_enter(c);
    return leave_and_close(c, s, false, add_aad(cipher_of(s), aad));
}

/* What a call wrote into `out`, which had `before` bytes, goes when the call fails. */
static status take_back(buf *out, size_t before, status st)
{
    if (st == ST_OK || out->n == before) return st;
    wipe((span){out->p + before, out->n - before});
    out->n = before;
    return st;
}

status crypto_cipher_update(struct crypto *c, struct crypto_cipher *s, bytes in, buf *out)
{
    size_t before = out->n;
    crypto_enter(c);
    return take_back(out, before, leave_and_close(c, s, false, add_text(cipher_of(s), in, out)));
}

size_t crypto_cipher_room(const struct crypto_cipher *s, size_t n)
{
    const struct cipher *open = (const struct cipher *)(const void *)s->state;
    return open->phase == CIPHER_CLOSED ? 0 : room_for(open, n);
}

status crypto_cipher_end(struct crypto *c, struct crypto_cipher *s, bytes tag, buf *out)
{
    size_t before = out->n;
    crypto_enter(c);
    return take_back(out, before, leave_and_close(c, s, true, end(cipher_of(s), tag, out)));
}

void crypto_cipher_abort(struct crypto_cipher *s)
{
    wipe_fast(s, sizeof *s);
}

static status xts(struct crypto *c, const struct crypto_cipher_params *p, bytes aad, bytes in, buf *out)
{
    if (!xts_fits(p) || aad.n) return ST_BAD_LENGTH;
    if (in.n < AES_BLOCK || out->full || out->cap - out->n < in.n) return ST_BAD_LENGTH;
    out->n += in.n;
    return aes_xts(c, p, in, out->p + out->n - in.n);
}

static status in_one_piece(struct crypto *c, const struct crypto_cipher_params *p, bytes aad, bytes in, buf *out)
{
    if (p->mode == CRYPTO_AES_XTS) return xts(c, p, aad, in, out);
    struct crypto_cipher_params sized = *p;
    size_t tag_size = p->encrypt ? 0 : p->tag_size ? p->tag_size : CRYPTO_TAG_MAX;
    sized.text_size = (uint32_t)(in.n < tag_size ? 0 : in.n - tag_size);
    sized.aad_size = (uint32_t)aad.n;
    struct cipher *s = pool_take(c, sizeof *s);
    return s ? whole(s, &sized, aad, in, out) : ST_NO_SPACE;
}

status crypto_cipher(struct crypto *c, const struct crypto_cipher_params *p, bytes aad, bytes in, buf *out)
{
    size_t before = out->n;
    crypto_enter(c);
    return take_back(out, before, crypto_leave(c, in_one_piece(c, p, aad, in, out)));
}

/* ---- of parts ---- */

static status mac_of(struct crypto *c, const struct crypto_cipher_params *p, const bytes *parts, size_t count, buf *out)
{
    struct cipher *s = pool_take(c, sizeof *s);
    if (!s) return ST_NO_SPACE;
    TRY(begin(s, p));
    for (size_t i = 0; i < count; i++) TRY(add_text(s, parts[i], out));
    return end(s, NO_BYTES, out);
}

status crypto_aes_cmac(struct crypto *c, bytes key, const bytes *parts, size_t count, span out)
{
    struct crypto_cipher_params p = {.mode = CRYPTO_AES_CMAC, .key = key};
    buf mac = buf_over(out);
    if (out.n != AES_BLOCK) return ST_BAD_LENGTH;
    crypto_enter(c);
    return take_back(&mac, 0, crypto_leave(c, mac_of(c, &p, parts, count, &mac)));
}
