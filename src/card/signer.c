/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures with an open secret. */
#include "card/signer.h"

#include "card/hsm.h"
#include "wire/digest_info.h"

status sign_raw(const struct key_in_use *key, bytes block, buf *out)
{
    struct crypto_rsa rsa = crypto_rsa_view(key->secret, key->info->rsa_e);
    span signature = put_space(out, rsa.n.n);
    if (out->full) return ST_NO_SPACE;
    return crypto_rsa_private(&key->h->crypto, &rsa, block, signature);
}

status sign_v15(const struct key_in_use *key, bytes digest_info, buf *out)
{
    uint8_t em[CRYPTO_RSA_MAX];
    span block = {em, key_field_size(key->info)};
    TRY(crypto_rsa_pad_v15(digest_info, block));
    return sign_raw(key, view(block), out);
}

status sign_ecdsa(const struct key_in_use *key, bytes digest, span rs)
{
    return crypto_ecdsa_sign(&key->h->crypto, key->info->curve, key->secret, digest, rs);
}

status sign_eddsa(const struct key_in_use *key, const struct crypto_eddsa_input *input, buf *out)
{
    span signature = put_space(out, 2 * key->secret.n);
    if (out->full) return ST_NO_SPACE;
    return crypto_eddsa_sign(&key->h->crypto, key->info->okp, key->secret, input, signature);
}

/* What agrees cannot sign: zeros stand where a signature would (formats.md 3.5). */
static status no_signature(const struct key_in_use *key, buf *out)
{
    put_zeros(out, 2 * key->secret.n);
    return out->full ? ST_NO_SPACE : ST_OK;
}

static status sign_certificate(void *ctx, bytes message, buf *out)
{
    const struct key_in_use *key = ctx;
    uint8_t digest[32], encoded[DIGEST_INFO_MAX];
    if (key->info->type == KEY_MONTGOMERY) return no_signature(key, out);
    if (key->info->type == KEY_EDWARDS) return sign_eddsa(key, &(struct crypto_eddsa_input){.message = message}, out);
    TRY(crypto_hash(&key->h->crypto, CRYPTO_SHA256, &message, 1, SPAN(digest)));
    if (key->info->type == KEY_EC) {
        span rs = put_space(out, 2 * key_field_size(key->info));
        return out->full ? ST_NO_SPACE : sign_ecdsa(key, BYTES(digest), rs);
    }
    buf b = BUF(encoded);
    digest_info_put(&b, CRYPTO_SHA256, BYTES(digest));
    return sign_v15(key, written(&b), out);
}

struct cvc_signer signer_of(struct key_in_use *key)
{
    return (struct cvc_signer){key, sign_certificate};
}

static status ec_public_key(const struct key_in_use *key, span room, struct cvc_public_key *out)
{
    span point = span_part(room, 0, 1 + 2 * key_field_size(key->info));
    TRY(crypto_ec_public(&key->h->crypto, key->info->curve, key->secret, point));
    *out = (struct cvc_public_key){.kind = CVC_EC, .curve = key->info->curve, .point = view(point)};
    return ST_OK;
}

static status okp_public_key(const struct key_in_use *key, span room, struct cvc_public_key *out)
{
    span point = span_part(room, 0, key->secret.n);
    TRY(crypto_okp_public(&key->h->crypto, key->info->okp, key->secret, point));
    *out = (struct cvc_public_key){.kind = CVC_OKP, .okp = key->info->okp, .point = view(point)};
    return ST_OK;
}

status signer_public_key(const struct key_in_use *key, span point_or_modulus, struct cvc_public_key *out)
{
    const struct key_info *info = key->info;
    if (info->type == KEY_RSA) {
        bytes n = crypto_rsa_view(key->secret, info->rsa_e).n;
        span_copy(point_or_modulus, n);
        *out = (struct cvc_public_key){
            .kind = CVC_RSA, .modulus = bytes_first(view(point_or_modulus), n.n), .e = info->rsa_e};
        return ST_OK;
    }
    if (info->type == KEY_EC) return ec_public_key(key, point_or_modulus, out);
    return okp_public_key(key, point_or_modulus, out);
}
