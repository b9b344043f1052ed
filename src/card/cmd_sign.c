/* SPDX-License-Identifier: Apache-2.0 */
/* SIGN (apdu.md 3.14, formats.md 14). The table says what each algorithm id takes; the data are checked before a use is
 * charged, and a use is charged before the key is touched. */
#include "card/commands.h"
#include "card/hd.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/signer.h"
#include "wire/digest_info.h"
#include "wire/ecdsa_der.h"
#include "wire/eddsa_parameters.h"
#include "wire/rsa_parameters.h"

enum scheme { SCHEME_RAW, SCHEME_V15, SCHEME_PSS, SCHEME_ECDSA, SCHEME_EDDSA };
enum input {
    INPUT_READY,     /* block, DigestInfo or digest; EdDSA: a message */
    INPUT_MESSAGE,   /* a message to hash here */
    INPUT_PARAMETERS /* TLVs that say all of it */
};

/* clang-format off */
static const struct algorithm_row {
    uint8_t id;
    enum scheme scheme;
    enum input input;
    enum crypto_hash hash; /* of a message; of a DigestInfo: the last one that is taken */
} algorithms[] = {
    {ALG_RSA_RAW,            SCHEME_RAW,   INPUT_READY,      CRYPTO_SHA256},
    {ALG_RSA_PKCS1,          SCHEME_V15,   INPUT_READY,      CRYPTO_SHA512},
    {ALG_RSA_PKCS1_SHA1,     SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA1},
    {ALG_RSA_PKCS1_SHA224,   SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA224},
    {ALG_RSA_PKCS1_SHA256,   SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA256},
    {ALG_RSA_PKCS1_SHA384,   SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA384},
    {ALG_RSA_PKCS1_SHA512,   SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA512},
    {ALG_RSA_PSS,            SCHEME_PSS,   INPUT_READY,      CRYPTO_SHA512},
    {ALG_RSA_PSS_SHA1,       SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA1},
    {ALG_RSA_PSS_SHA224,     SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA224},
    {ALG_RSA_PSS_SHA256,     SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA256},
    {ALG_RSA_PSS_SHA384,     SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA384},
    {ALG_RSA_PSS_SHA512,     SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA512},
    {ALG_ECDSA,              SCHEME_ECDSA, INPUT_READY,      CRYPTO_SHA256},
    {ALG_ECDSA,              SCHEME_EDDSA, INPUT_READY,      CRYPTO_SHA512},
    {ALG_ECDSA_SHA1,         SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA1},
    {ALG_ECDSA_SHA224,       SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA224},
    {ALG_ECDSA_SHA256,       SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA256},
    {ALG_ECDSA_SHA384,       SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA384},
    {ALG_ECDSA_SHA512,       SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA512},
    /* ours */
    {ALG_RSA_PKCS1_SHA3_224, SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA3_224},
    {ALG_RSA_PKCS1_SHA3_256, SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA3_256},
    {ALG_RSA_PKCS1_SHA3_384, SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA3_384},
    {ALG_RSA_PKCS1_SHA3_512, SCHEME_V15,   INPUT_MESSAGE,    CRYPTO_SHA3_512},
    {ALG_RSA_PKCS1_ANY,      SCHEME_V15,   INPUT_READY,      CRYPTO_SHA3_512},
    {ALG_RSA_PSS_SHA3_224,   SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA3_224},
    {ALG_RSA_PSS_SHA3_256,   SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA3_256},
    {ALG_RSA_PSS_SHA3_384,   SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA3_384},
    {ALG_RSA_PSS_SHA3_512,   SCHEME_PSS,   INPUT_MESSAGE,    CRYPTO_SHA3_512},
    {ALG_RSA_PSS_OF,         SCHEME_PSS,   INPUT_PARAMETERS, CRYPTO_SHA3_512},
    {ALG_ECDSA_SHA3_224,     SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA3_224},
    {ALG_ECDSA_SHA3_256,     SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA3_256},
    {ALG_ECDSA_SHA3_384,     SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA3_384},
    {ALG_ECDSA_SHA3_512,     SCHEME_ECDSA, INPUT_MESSAGE,    CRYPTO_SHA3_512},
    {ALG_EDDSA_OF,           SCHEME_EDDSA, INPUT_PARAMETERS, CRYPTO_SHA512},
};
/* clang-format on */

/* What is left to sign once the data are understood. */
struct job {
    const struct algorithm_row *row;
    struct crypto_rsa_padding pss;
    struct crypto_eddsa_input eddsa;
    bytes input;                   /* block, DigestInfo or digest */
    uint8_t made[DIGEST_INFO_MAX]; /* behind `input`, or behind EdDSA's message, when it was made here */
};

static enum key_type type_for(enum scheme scheme)
{
    if (scheme == SCHEME_EDDSA) return KEY_EDWARDS;
    return scheme == SCHEME_ECDSA ? KEY_EC : KEY_RSA;
}

/* The row for this id, of keys of this type if there is one. */
static const struct algorithm_row *algorithm_find(uint8_t id, enum key_type type)
{
    const struct algorithm_row *found = NULL;
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        if (algorithms[i].id == id && (!found || type_for(algorithms[i].scheme) == type)) found = &algorithms[i];
    }
    return found;
}

static struct crypto_rsa_padding pss_usual(enum crypto_hash hash)
{
    return (struct crypto_rsa_padding){.hash = hash, .mgf = hash, .salt_size = CRYPTO_RSA_SALT_AS_HASH};
}

static status hash_message(struct hsm *h, enum crypto_hash hash, bytes message, struct job *job)
{
    uint8_t digest[CRYPTO_HASH_MAX];
    bytes hashed = {digest, crypto_hash_size(hash)};
    TRY(crypto_hash(&h->crypto, hash, &message, 1, (span){digest, hashed.n}));
    buf b = BUF(job->made);
    if (job->row->scheme == SCHEME_V15) digest_info_put(&b, hash, hashed);
    else put_bytes(&b, hashed);
    job->input = written(&b);
    return ST_OK;
}

static status message(struct hsm *h, bytes data, struct job *job)
{
    job->pss = pss_usual(job->row->hash);
    return hash_message(h, job->row->hash, data, job);
}

/* 7A: what is signed, and under which context, as the data say. */
static status eddsa_parameters(struct hsm *h, const struct key_info *info, bytes data, struct job *job)
{
    struct eddsa_parameters given;
    TRY(eddsa_parse(data, &given));
    job->eddsa = given.input;
    if (!given.to_hash) return ST_OK;
    span hash = span_part(SPAN(job->made), 0, CRYPTO_EDDSA_PREHASH);
    job->eddsa.message = view(hash);
    return crypto_eddsa_prehash(&h->crypto, info->okp, given.input.message, hash);
}

/* 4A: digest or message, hashes and salt as the data say. The salt must fit: asked for is asked for. */
static status parameters(struct hsm *h, const struct key_info *info, bytes data, struct job *job)
{
    struct rsa_parameters given;
    size_t most;
    if (job->row->scheme == SCHEME_EDDSA) return eddsa_parameters(h, info, data, job);
    TRY(rsa_pss_parse(data, &given));
    job->pss = given.padding;
    job->input = given.data;
    if (!crypto_rsa_salt_max(given.padding.hash, info->rsa_bits, &most)) return ST_BAD_LENGTH;
    if (given.padding.salt_size != CRYPTO_RSA_SALT_AS_HASH && given.padding.salt_size > most) return ST_BAD_LENGTH;
    return given.is_digest ? ST_OK : hash_message(h, given.padding.hash, given.data, job);
}

static status ready_v15(bytes data, struct job *job)
{
    enum crypto_hash hash;
    bytes digest;
    job->input = data;
    TRY(digest_info_parse(data, &hash, &digest));
    return hash <= job->row->hash ? ST_OK : ST_BAD_DATA;
}

static status ready_pss(bytes data, struct job *job)
{
    enum crypto_hash hash;
    TRY(digest_info_or_digest(data, &hash, &job->input));
    job->pss = pss_usual(hash);
    return hash <= job->row->hash ? ST_OK : ST_BAD_LENGTH;
}

static status ready_raw(const struct key_info *info, bytes data, struct job *job)
{
    job->input = data;
    return data.n == key_field_size(info) ? ST_OK : ST_BAD_LENGTH; /* never pads, never cuts: DP-36 */
}

static status prepare(struct hsm *h, const struct key_info *info, bytes data, struct job *job)
{
    if (data.n == 0) return ST_BAD_LENGTH;
    if (job->row->input == INPUT_MESSAGE) return message(h, data, job);
    if (job->row->input == INPUT_PARAMETERS) return parameters(h, info, data, job);
    switch (job->row->scheme) {
    case SCHEME_RAW: return ready_raw(info, data, job);
    case SCHEME_V15: return ready_v15(data, job);
    case SCHEME_PSS: return ready_pss(data, job);
    case SCHEME_ECDSA: job->input = data; return ST_OK; /* the leftmost bits count */
    case SCHEME_EDDSA: job->eddsa.message = data; return ST_OK;
    }
    return ST_INTERNAL;
}

/* ---- the signature ---- */

/* The encoded block has one bit less than the modulus (RFC 8017 8.1.1); our moduli fill their first byte. */
static status pss(const struct key_in_use *key, const struct job *job, buf *reply)
{
    uint8_t em[CRYPTO_RSA_MAX];
    span block = {em, key_field_size(key->info)};
    TRY(crypto_rsa_pad_pss(&key->h->crypto, &job->pss, job->input, key->info->rsa_bits, block));
    return sign_raw(key, view(block), reply);
}

static status ecdsa(const struct key_in_use *key, const struct job *job, buf *reply)
{
    uint8_t rs[CRYPTO_ECDSA_MAX];
    span signature = {rs, 2 * key_field_size(key->info)};
    TRY(sign_ecdsa(key, job->input, signature));
    ecdsa_der_put(reply, view(signature));
    return ST_OK;
}

static status sign(const struct key_in_use *key, const struct job *job, buf *reply)
{
    switch (job->row->scheme) {
    case SCHEME_RAW: return sign_raw(key, job->input, reply);
    case SCHEME_V15: return sign_v15(key, job->input, reply);
    case SCHEME_PSS: return pss(key, job, reply);
    case SCHEME_ECDSA: return ecdsa(key, job, reply);
    case SCHEME_EDDSA: return sign_eddsa(key, &job->eddsa, reply);
    }
    return ST_INTERNAL;
}

status cmd_sign(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct key_info info;
    if (a->p2 == ALG_HD_SIGN) return hd_sign(h, a->data, reply); /* no key of P1 takes part */
    if (a->p2 == ALG_HD_SIGN_AT) return hd_sign_at(h, a->data, reply);
    TRY(key_admit(h, a->p1, a->p2, &info));
    struct job job = {.row = algorithm_find(a->p2, info.type)};
    if (!job.row) return ST_BAD_P1P2;
    if (info.type != type_for(job.row->scheme)) return ST_EXECUTION;
    TRY(prepare(h, &info, a->data, &job));
    SECRET(parts, CRYPTO_RSA_PARTS_MAX);
    span secret = span_part(parts, 0, key_secret_size(&info));
    TRY(key_use(h, &info, secret));
    struct key_in_use key = {h, &info, view(secret)};
    return sign(&key, &job, reply);
}
