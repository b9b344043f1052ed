/* SPDX-License-Identifier: Apache-2.0 */
/* EdDSA on Ed25519 and Ed448 (RFC 8032), pure, with context, and prehashed.
 *
 * A signature is verified before it is handed out, with a public key computed in the same call: a fault in any of the
 * three would otherwise show the private key to whoever sees the same message signed twice. */
#include "crypto/internal.h"

#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/ed448.h>
#include <wolfssl/wolfcrypt/sha3.h>

/* ---- the library, once a curve: a key with its public part, its signatures ---- */

struct eddsa_ops {
    size_t struct_size;
    int (*init)(void *key);
    int (*take_private)(void *key, bytes d); /* makes the public key as well */
    int (*take_public)(void *key, bytes q);
    const uint8_t *(*public_key)(const void *key);
    int (*sign)(void *key, const struct crypto_eddsa_input *in, span signature);
    int (*verify)(void *key, const struct crypto_eddsa_input *in, bytes signature, int *valid);
};

static int init_25519(void *key)
{
    return wc_ed25519_init(key);
}

static int take_private_25519(void *key, bytes d)
{
    ed25519_key *k = key;
    int error = wc_ed25519_import_private_only(d.p, (word32)d.n, k);
    return error ? error : wc_ed25519_make_public(k, k->p, sizeof k->p);
}

static int take_public_25519(void *key, bytes q)
{
    return wc_ed25519_import_public_ex(q.p, (word32)q.n, key, 1);
}

static const uint8_t *public_25519(const void *key)
{
    return ((const ed25519_key *)key)->p;
}

static byte type_25519(const struct crypto_eddsa_input *in)
{
    if (in->prehashed) return Ed25519ph;
    return (byte)(in->context.n ? Ed25519ctx : Ed25519);
}

static int sign_25519(void *key, const struct crypto_eddsa_input *in, span signature)
{
    word32 size = (word32)signature.n;
    return wc_ed25519_sign_msg_ex(not_null(in->message), (word32)in->message.n, signature.p, &size, key, type_25519(in),
                                  in->context.p, (byte)in->context.n);
}

static int verify_25519(void *key, const struct crypto_eddsa_input *in, bytes signature, int *valid)
{
    return wc_ed25519_verify_msg_ex(signature.p, (word32)signature.n, not_null(in->message), (word32)in->message.n,
                                    valid, key, type_25519(in), in->context.p, (byte)in->context.n);
}

static int init_448(void *key)
{
    return wc_ed448_init(key);
}

static int take_private_448(void *key, bytes d)
{
    ed448_key *k = key;
    int error = wc_ed448_import_private_only(d.p, (word32)d.n, k);
    return error ? error : wc_ed448_make_public(k, k->p, sizeof k->p);
}

static int take_public_448(void *key, bytes q)
{
    return wc_ed448_import_public_ex(q.p, (word32)q.n, key, 1);
}

static const uint8_t *public_448(const void *key)
{
    return ((const ed448_key *)key)->p;
}

static byte type_448(const struct crypto_eddsa_input *in)
{
    return in->prehashed ? Ed448ph : Ed448;
}

static int sign_448(void *key, const struct crypto_eddsa_input *in, span signature)
{
    word32 size = (word32)signature.n;
    return wc_ed448_sign_msg_ex(not_null(in->message), (word32)in->message.n, signature.p, &size, key, type_448(in),
                                in->context.p, (byte)in->context.n);
}

static int verify_448(void *key, const struct crypto_eddsa_input *in, bytes signature, int *valid)
{
    return wc_ed448_verify_msg_ex(signature.p, (word32)signature.n, not_null(in->message), (word32)in->message.n, valid,
                                  key, type_448(in), in->context.p, (byte)in->context.n);
}

static const struct eddsa_ops ops_25519 = {sizeof(ed25519_key), init_25519, take_private_25519, take_public_25519,
                                           public_25519,        sign_25519, verify_25519};
static const struct eddsa_ops ops_448 = {sizeof(ed448_key), init_448, take_private_448, take_public_448,
                                         public_448,        sign_448, verify_448};

/* ---- what both do ---- */

static const struct eddsa_ops *ops_of(enum crypto_okp okp)
{
    return okp == CRYPTO_ED25519 ? &ops_25519 : &ops_448;
}

static status key_take(struct crypto *c, const struct eddsa_ops *ops, void **key)
{
    *key = pool_take(c, ops->struct_size);
    return *key ? wolf(ops->init(*key)) : ST_NO_SPACE;
}

status edwards_public(struct crypto *c, enum crypto_okp okp, bytes d, span q)
{
    const struct eddsa_ops *ops = ops_of(okp);
    void *key;
    TRY(key_take(c, ops, &key));
    TRY(wolf(ops->take_private(key, d)));
    memcpy(q.p, ops->public_key(key), q.n);
    ct_tell(view(q));
    return ST_OK;
}

static status verify_with(const struct eddsa_ops *ops, void *key, const struct crypto_eddsa_input *input,
                          bytes signature)
{
    int valid = 0;
    return ops->verify(key, input, signature, &valid) == 0 && valid == 1 ? ST_OK : ST_CONDITIONS;
}

static status sign(struct crypto *c, enum crypto_okp okp, bytes d, const struct crypto_eddsa_input *input,
                   span signature)
{
    const struct eddsa_ops *ops = ops_of(okp);
    void *key;
    TRY(key_take(c, ops, &key));
    TRY(wolf(ops->take_private(key, d)));
    ct_tell((bytes){ops->public_key(key), d.n});
    TRY(wolf(ops->sign(key, input, signature)));
    ct_tell(view(signature));
    return verify_with(ops, key, input, view(signature)) == ST_OK ? ST_OK : ST_EXECUTION;
}

static bool input_ok(const struct crypto_eddsa_input *input)
{
    if (input->context.n > CRYPTO_EDDSA_CONTEXT_MAX) return false;
    return !input->prehashed || input->message.n == CRYPTO_EDDSA_PREHASH;
}

static bool signs(const struct crypto_okp_params *curve, size_t key, size_t signature)
{
    return curve && curve->signs && key == curve->key_size && signature == 2 * key;
}

status crypto_eddsa_sign(struct crypto *c, enum crypto_okp okp, bytes d, const struct crypto_eddsa_input *input,
                         span signature)
{
    if (!signs(crypto_okp_params(okp), d.n, signature.n) || !input_ok(input)) return ST_BAD_LENGTH;
    crypto_enter(c);
    status st = crypto_leave(c, sign(c, okp, d, input, signature));
    if (st != ST_OK) wipe(signature);
    return st;
}

/* The sign of x is the top bit, y is below p (RFC 8032 5.1.3, 5.2.3); the library takes any y. Public. */
static bool is_reduced(const struct crypto_okp_params *curve, bytes q)
{
    uint8_t y[CRYPTO_OKP_KEY_MAX] = {0};
    for (size_t i = 0; i < q.n; i++) y[i] = q.p[q.n - 1 - i];
    y[0] &= 0x7F;
    bytes number = {y, q.n};
    if (q.n > curve->p.n && y[0] != 0) return false; /* Ed448 has a byte for the sign alone */
    return number_less(bytes_after(number, q.n - curve->p.n), curve->p);
}

static status verify(struct crypto *c, enum crypto_okp okp, bytes q, const struct crypto_eddsa_input *input,
                     bytes signature)
{
    const struct eddsa_ops *ops = ops_of(okp);
    void *key;
    TRY(key_take(c, ops, &key));
    if (!is_reduced(crypto_okp_params(okp), q) || ops->take_public(key, q) != 0) return ST_CONDITIONS;
    return verify_with(ops, key, input, signature);
}

status crypto_eddsa_verify(struct crypto *c, enum crypto_okp okp, bytes q, const struct crypto_eddsa_input *input,
                           bytes signature)
{
    if (!signs(crypto_okp_params(okp), q.n, signature.n) || !input_ok(input)) return ST_CONDITIONS;
    crypto_enter(c);
    return crypto_leave(c, verify(c, okp, q, input, signature));
}

/* ---- the hash of the prehashed forms ---- */

static status shake256(struct crypto *c, bytes message, span hash)
{
    wc_Shake *shake = pool_take(c, sizeof *shake);
    if (!shake) return ST_NO_SPACE;
    TRY(wolf(wc_InitShake256(shake, NULL, INVALID_DEVID)));
    TRY(wolf(wc_Shake256_Update(shake, not_null(message), (word32)message.n)));
    return wolf(wc_Shake256_Final(shake, hash.p, (word32)hash.n));
}

status crypto_eddsa_prehash(struct crypto *c, enum crypto_okp okp, bytes message, span hash)
{
    const struct crypto_okp_params *curve = crypto_okp_params(okp);
    if (!curve || !curve->signs || hash.n != CRYPTO_EDDSA_PREHASH) return ST_BAD_LENGTH;
    if (okp == CRYPTO_ED25519) return crypto_hash(c, CRYPTO_SHA512, &message, 1, hash);
    crypto_enter(c);
    status st = crypto_leave(c, shake256(c, message, hash));
    if (st != ST_OK) wipe(hash);
    return st;
}
