/* SPDX-License-Identifier: Apache-2.0 */
/* SYMMETRIC CIPHER, MAC, KDF (apdu.md 3.17, formats.md 10, 12.1). Everything that can be wrong about the data is found
 * before a use is charged; what an AEAD decrypts leaves the card with the right tag only. */
#include "card/commands.h"
#include "card/hd.h"
#include "card/hsm.h"
#include "card/kdf.h"
#include "card/keys.h"
#include "wire/cipher_request.h"
#include "wire/tlv.h"

#define DERIVE_MIN 32u /* bytes that 99 gives at least (DP-40) */

/* What is to be done with the key, all of it judged. */
struct job {
    struct key_info key;
    struct cipher_request request;
    struct crypto_cipher_params params; /* TEXT, MAC */
    struct kdf kdf;                     /* the others */
    size_t kdf_size;
};

/* ---- before the key ---- */

static bool is_extended(uint8_t p2)
{
    return p2 == ALG_CIPHER_ENCRYPT || p2 == ALG_CIPHER_DECRYPT;
}

static bool encrypts(uint8_t p2)
{
    return p2 != ALG_AES_CBC_DECRYPT && p2 != ALG_CIPHER_DECRYPT;
}

/* P2 alone names the algorithm, and the data are its data; empty ones it has no use for. */
static status read_simple(const struct cipher_algorithm *algorithm, bytes data, struct cipher_request *request)
{
    *request = (struct cipher_request){.algorithm = algorithm, .data = data, .has_data = true};
    return data.n ? ST_OK : ST_BAD_LENGTH;
}

/* What the host asks for, before any key is looked at. ST_WRONG_PARAMETER: no such P2, and nothing else says so. */
static status read_request(const struct apdu *a, struct cipher_request *request)
{
    const struct cipher_algorithm *simple = cipher_algorithm_by_id(a->p2);
    if (simple) return read_simple(simple, a->data, request);
    return is_extended(a->p2) ? cipher_request_read(a->data, request) : ST_WRONG_PARAMETER;
}

static bool is_of_right_kind(const struct job *job)
{
    return cipher_allows_kind(job->request.algorithm, job->key.metadata.kind);
}

/* As much as Ne says, and where it says "all" in extended form or nothing, as much as is natural (DP-43). */
static status choose_size(const struct apdu *a, const struct kdf *kdf, size_t *size)
{
    size_t wanted = a->ne == APDU_NE_ALL_EXTENDED ? 0 : a->ne;
    *size = kdf->size ? kdf->size : wanted;
    if (*size == 0) *size = kdf->natural_size;
    return *size <= LIMIT_RESPONSE_DATA ? ST_OK : ST_BAD_LENGTH;
}

static status judge_derivation(const struct apdu *a, struct job *job)
{
    if (a->p2 == ALG_DERIVE_SYMMETRIC) {
        job->kdf = (struct kdf){.family = CIPHER_HKDF, .hash = CRYPTO_SHA256, .info = a->data};
        job->kdf_size = a->data.n > DERIVE_MIN ? a->data.n : DERIVE_MIN;
        return ST_OK;
    }
    TRY(cipher_request_kdf(&job->request, &job->kdf));
    return choose_size(a, &job->kdf, &job->kdf_size);
}

static status judge(const struct apdu *a, struct job *job)
{
    enum cipher_family family = job->request.algorithm->family;
    if (family != CIPHER_TEXT && family != CIPHER_MAC) return judge_derivation(a, job);
    TRY(cipher_request_params(&job->request, encrypts(a->p2), key_secret_size(&job->key), &job->params));
    return family == CIPHER_TEXT ? cipher_text_check(&job->params, job->request.data.n) : ST_OK;
}

/* ---- with the key ---- */

/* ChaCha20-Poly1305 has one word for everything (apdu.md 3.17); a wrong tag of the others is a failed operation. */
static status wrong_tag(enum crypto_mode mode)
{
    return mode == CRYPTO_CHACHA20_POLY1305 ? ST_BAD_LENGTH : ST_EXECUTION;
}

static status run_cipher(struct hsm *h, const struct job *job, bytes secret, buf *reply)
{
    struct crypto_cipher_params params = job->params;
    params.key = secret;
    status st = crypto_cipher(&h->crypto, &params, cipher_request_aad(&job->request), job->request.data, reply);
    return st == ST_DATA_NOT_USABLE ? wrong_tag(params.mode) : st;
}

static status run_derivation(struct hsm *h, const struct job *job, bytes secret, buf *reply)
{
    return kdf_run(h, &job->kdf, secret, put_space(reply, job->kdf_size));
}

static status run(struct hsm *h, const struct job *job, buf *reply)
{
    SECRET(memory, SECRET_SIZE_MAX);
    span secret = span_part(memory, 0, key_secret_size(&job->key));
    TRY(key_use(h, &job->key, secret));
    return job->kdf_size ? run_derivation(h, job, view(secret), reply) : run_cipher(h, job, view(secret), reply);
}

/* ---- hierarchical keys ---- */

/* Their OID has no key of P1 take part (apdu.md 3.25). */
static status run_hd(struct hsm *h, const struct apdu *a, const struct cipher_request *said, buf *reply)
{
    struct hd_cipher_request request = {.encrypt = encrypts(a->p2)};
    request.at_path = tlv_find(a->data, TAG_CIPHER_HD_PATH, &request.path);
    request.data = said->data;
    request.iv = said->iv;
    request.aad = said->more;
    return hd_cipher(h, &request, reply);
}

status cmd_cipher(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct job job = {0};
    status read = read_request(a, &job.request);
    if (read == ST_OK && job.request.algorithm->family == CIPHER_HD) return run_hd(h, a, &job.request, reply);
    TRY(key_admit(h, a->p1, a->p2, &job.key));
    if (read == ST_WRONG_PARAMETER) return read; /* no such P2: whatever the key is */
    if (job.key.type != KEY_SECRET) return ST_EXECUTION;
    TRY(read);
    if (!is_of_right_kind(&job)) return ST_EXECUTION;
    TRY(judge(a, &job));
    return run(h, &job, reply);
}
