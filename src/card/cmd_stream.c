/* SPDX-License-Identifier: Apache-2.0 */
/* STREAM (decisions.md, 7A): symmetric operations on more data than one command holds. The key is asked, confirmed and
 * charged once, when the stream begins. */
#include "card/commands.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/stream.h"
#include "wire/cipher_request.h"

status stream_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p2 < STREAM_BEGIN_ENCRYPT || a->p2 > STREAM_ABORT ? ST_BAD_P1P2 : ST_OK;
}

/* ---- begin ---- */

/* CMAC has no OID but the number by which lists know it. */
static uint8_t listed_as(uint8_t p2, status read, const struct cipher_request *r)
{
    return read == ST_OK && r->algorithm->mode == CRYPTO_AES_CMAC ? ALG_AES_CMAC : p2;
}

/* CCM is told how much text will come; nobody else is. */
static status read_size(const struct cipher_request *r, struct crypto_cipher_params *p)
{
    bool wanted = p->mode == CRYPTO_AES_CCM;
    if (r->has_size != wanted || (wanted && r->size.n != 4)) return ST_BAD_LENGTH;
    p->text_size = be_get(r->size);
    p->aad_size = (uint32_t)cipher_request_aad(r).n;
    return ST_OK;
}

static status judge(const struct cipher_request *r, const struct key_info *key, bool encrypt,
                    struct crypto_cipher_params *p)
{
    if (key->type != KEY_SECRET) return ST_EXECUTION;
    if (r->has_data) return ST_BAD_DATA;
    TRY(cipher_request_params(r, encrypt, key_secret_size(key), p));
    if (p->mode == CRYPTO_AES_XTS) return ST_BAD_LENGTH; /* knows its last two blocks by their end */
    if (!cipher_allows_kind(r->algorithm, key->metadata.kind)) return ST_EXECUTION;
    TRY(read_size(r, p));
    return crypto_cipher_check(p);
}

static status begin(struct hsm *h, const struct apdu *a)
{
    struct key_info key;
    struct cipher_request r;
    struct crypto_cipher_params p;
    SECRET(memory, SECRET_SIZE_MAX);
    status read = cipher_request_read_stream(a->data, &r);
    TRY(key_admit(h, a->p1, listed_as(a->p2, read, &r), &key));
    TRY(read);
    TRY(judge(&r, &key, a->p2 == STREAM_BEGIN_ENCRYPT, &p));
    span secret = span_part(memory, 0, key_secret_size(&key));
    TRY(key_use(h, &key, secret));
    p.key = view(secret);
    return stream_begin(h, a->p1, &p, cipher_request_aad(&r));
}

/* ---- go on ---- */

static status go_on(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (!stream_is_on(h, a->p1)) return ST_CONDITIONS;
    if (a->p2 == STREAM_ADD_AAD) return stream_add_aad(h, a->data);
    return a->p2 == STREAM_ADD ? stream_add(h, a->data, reply) : stream_finish(h, a->data, reply);
}

static status end_now(struct hsm *h, const struct apdu *a)
{
    if (a->data.n) return ST_BAD_LENGTH;
    stream_end(h);
    return ST_OK;
}

status cmd_stream(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->p2 == STREAM_BEGIN_ENCRYPT || a->p2 == STREAM_BEGIN_DECRYPT) return begin(h, a);
    if (a->p2 == STREAM_ABORT) return end_now(h, a);
    status st = go_on(h, a, reply);
    if (st != ST_OK) stream_end(h);
    return st;
}
