/* SPDX-License-Identifier: Apache-2.0 */
/* GENERATE ASYMMETRIC KEY PAIR (apdu.md 3.12): the key, its description and its attested request appear together. */
#include "card/commands.h"
#include "card/device.h"
#include "card/files.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/machine.h"
#include "card/signer.h"
#include "card/xkek.h"

static enum key_type type_of(const struct cvc_key_request *request)
{
    switch (request->kind) {
    case CVC_RSA: return KEY_RSA;
    case CVC_EC: break;
    case CVC_OKP: return key_okp_type(request->okp);
    }
    return KEY_EC;
}

static void fill_info(struct hsm *h, uint8_t id, const struct cvc_key_request *request, struct key_info *info)
{
    *info = (struct key_info){.id = id,
                              .type = type_of(request),
                              .curve = request->curve,
                              .okp = request->okp,
                              .metadata = request->metadata};
    if (info->type == KEY_RSA) {
        info->rsa_bits = request->rsa_bits;
        info->rsa_e = request->rsa_e;
    }
    key_count_by_option(h, &info->metadata);
}

static bool is_offered(struct hsm *h, const struct cvc_key_request *request)
{
    switch (request->kind) {
    case CVC_RSA: break;
    case CVC_EC: return machine_offers_curve(h, request->curve);
    case CVC_OKP: return machine_offers_okp(h, request->okp);
    }
    return true;
}

static status make_secret(struct hsm *h, const struct key_info *info, span secret)
{
    uint8_t point[CRYPTO_EC_POINT_MAX];
    if (info->type == KEY_RSA) {
        return crypto_rsa_generate(&h->crypto, info->rsa_bits, info->rsa_e, h->board->progress, secret);
    }
    if (info->type == KEY_EC) {
        return crypto_ec_generate(&h->crypto, info->curve, secret, (span){point, 1 + 2 * secret.n});
    }
    return crypto_okp_generate(&h->crypto, info->okp, secret, (span){point, secret.n});
}

static status sign_as_device(void *ctx, bytes message, buf *out)
{
    span rs = put_space(out, 64);
    return out->full ? ST_NO_SPACE : device_sign(ctx, message, rs);
}

/* The response, and the content of CEkk: signed by the new key inside and by the device outside. */
static status put_attested_request(struct key_in_use *key, const struct cvc_key_request *request, bytes extension,
                                   buf *out)
{
    uint8_t public_bytes[CRYPTO_RSA_MAX];
    struct hsm *h = key->h;
    bytes name = {h->name, h->name_size};
    struct cvc_content content = {.car = request->car.n ? request->car : name,
                                  .chr = request->chr.n ? request->chr : name,
                                  .extensions = extension};
    TRY(signer_public_key(key, SPAN(public_bytes), &content.key));
    struct cvc_signer inner = signer_of(key), outer = {h, sign_as_device};
    return cvc_put_request(out, &content, &inner, name, &outer);
}

static status keep(struct hsm *h, const struct key_info *info, bytes secret, bytes request)
{
    if (!file_room(h, KEY_ROOM)) return ST_NO_SPACE;
    TRY(vault_begin(&h->vault));
    TRY(key_put(h, info, secret));
    TRY(key_put_description(h, info));
    TRY(file_put(h, FID_OF(FID_PREFIX_CERTIFICATE, info->id), request));
    return vault_commit(&h->vault, VAULT_OBJECTS);
}

/* An exchange key says in its certificate which group it is for (apdu.md 3.12). */
static status put_extension(struct hsm *h, const struct cvc_key_request *request, buf *out)
{
    if (!xkek_is_exchange_key(&request->metadata)) return ST_OK;
    return request->kind == CVC_EC ? xkek_put_extension(h, &request->metadata, out) : ST_BAD_LENGTH;
}

status cmd_generate_key_pair(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct cvc_key_request request;
    struct key_info info;
    uint8_t extension_bytes[XKEK_EXTENSION_SIZE];
    buf extension = BUF(extension_bytes);
    SECRET(parts, CRYPTO_RSA_PARTS_MAX);
    TRY(key_confirm(h, "generate a key pair"));
    TRY(cvc_key_request_parse(a->data, &request));
    if (!is_offered(h, &request)) return ST_NOT_SUPPORTED;
    TRY(put_extension(h, &request, &extension));
    if (!h->vault.root_open) return ST_NOT_AUTHORIZED;
    if (!file_room(h, KEY_ROOM)) return ST_NO_SPACE; /* before minutes of work */
    fill_info(h, a->p1, &request, &info);
    span secret = span_part(parts, 0, key_secret_size(&info));
    TRY(make_secret(h, &info, secret));
    struct key_in_use key = {h, &info, view(secret)};
    TRY(put_attested_request(&key, &request, written(&extension), reply));
    return keep(h, &info, view(secret), written(reply));
}
