/* SPDX-License-Identifier: Apache-2.0 */
/* KDF STORE, an extension of ours (decisions.md, 7C): what a derivation gives becomes a key that stays here and is never
 * freer than the one it comes from. */
#include "card/agreement.h"
#include "card/commands.h"
#include "card/files.h"
#include "card/hsm.h"
#include "card/kdf.h"
#include "card/key_import.h"

struct job {
    struct key_info source, made;
    struct cipher_request request;
    struct kdf kdf;
};

status kdf_store_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p2 == DEVICE_KEY_ID || a->p2 == a->p1 ? ST_BAD_P1P2 : ST_OK;
}

/* ---- what is wanted ---- */

static status read_size(const struct job *job, uint32_t *size)
{
    bytes said = job->request.size;
    *size = said.n == 1 ? said.p[0] : 0;
    return secret_kind_has_size(SECRET_ANY, *size) ? ST_OK : ST_BAD_LENGTH;
}

/* A peer for those who agree, and for nobody else. */
static status check_peer(struct hsm *h, const struct job *job)
{
    bool agrees = agreement_possible(&job->source);
    if (agrees != job->request.has_peer) return ST_BAD_LENGTH;
    return agrees ? agreement_check(h, &job->source, job->request.peer) : ST_OK;
}

static status check_family(const struct job *job)
{
    enum cipher_family family = job->request.algorithm->family;
    return family == CIPHER_HKDF || family == CIPHER_PBKDF2 || family == CIPHER_X963 ? ST_OK : ST_BAD_LENGTH;
}

/* A secret key's kind says which derivations are its own; what an agreement gives is of no kind. */
static status check_kind(const struct job *job)
{
    bool allowed =
        job->source.type != KEY_SECRET || cipher_allows_kind(job->request.algorithm, job->source.metadata.kind);
    return allowed ? ST_OK : ST_EXECUTION;
}

static status read_request(struct hsm *h, bytes data, struct job *job)
{
    TRY(cipher_request_read(data, &job->request));
    TRY(check_family(job));
    TRY(check_kind(job));
    TRY(cipher_request_kdf(&job->request, &job->kdf));
    TRY(read_size(job, &job->made.secret_size));
    TRY(check_peer(h, job));
    TRY(key_metadata_parse(data, &job->made.metadata));
    return secret_kind_has_size(job->made.metadata.kind, job->made.secret_size) ? ST_OK : ST_BAD_DATA;
}

/* ---- no freer than its source ---- */

static status inherit_list(const struct job *job, struct key_metadata *made)
{
    const struct key_metadata *source = &job->source.metadata;
    if (!made->has_list && job->source.type == KEY_SECRET) {
        made->has_list = source->has_list;
        made->list = source->list;
    }
    return key_metadata_allows(made, ALG_WRAP) && !key_metadata_allows(source, ALG_WRAP) ? ST_CONDITIONS : ST_OK;
}

/* A key without a domain belongs to domain 0 (apdu.md 3.18). */
static status inherit_domain(const struct key_metadata *source, struct key_metadata *made)
{
    if (made->has_domain) return made->domain == (source->has_domain ? source->domain : 0) ? ST_OK : ST_CONDITIONS;
    made->has_domain = source->has_domain;
    made->domain = source->domain;
    return ST_OK;
}

/* ---- doing it ---- */

static status agree(struct hsm *h, const struct job *job, bytes secret, span shared)
{
    return agreement_run(h, &job->source, secret, job->request.peer, shared);
}

static status derive(struct hsm *h, const struct job *job, span made)
{
    SECRET(secret_memory, SECRET_SIZE_MAX);
    SECRET(shared_memory, AGREEMENT_MAX);
    span secret = span_part(secret_memory, 0, key_secret_size(&job->source));
    span shared = span_part(shared_memory, 0, agreement_size(&job->source));
    TRY(key_use(h, &job->source, secret));
    if (!shared.n) return kdf_run(h, &job->kdf, view(secret), made);
    TRY(agree(h, job, view(secret), shared));
    return kdf_run(h, &job->kdf, view(shared), made);
}

/* Its list says who may: as a secret key that computes, as an agreement. */
static status admit(struct hsm *h, const struct apdu *a, struct job *job)
{
    if (a->p1 == DEVICE_KEY_ID) return ST_CONDITIONS;
    TRY(key_info_load(h, a->p1, &job->source));
    if (key_exists(h, a->p2)) return ST_EXISTS;
    TRY(key_admit(h, a->p1, job->source.type == KEY_SECRET ? ALG_CIPHER_ENCRYPT : ALG_ECDH, &job->source));
    return job->source.type == KEY_SECRET || agreement_possible(&job->source) ? ST_OK : ST_EXECUTION;
}

status cmd_kdf_store(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct job job = {.made = {.id = a->p2, .type = KEY_SECRET, .imported = true}};
    SECRET(memory, SECRET_SIZE_MAX);
    TRY(admit(h, a, &job));
    TRY(read_request(h, a->data, &job));
    TRY(inherit_list(&job, &job.made.metadata));
    TRY(inherit_domain(&job.source.metadata, &job.made.metadata));
    if (!file_room(h, KEY_ROOM)) return ST_NO_SPACE; /* before a use is charged */
    span made = span_part(memory, 0, job.made.secret_size);
    TRY(derive(h, &job, made));
    key_count_by_option(h, &job.made.metadata);
    return key_import_put(h, &job.made, view(made), KEY_NOT_STAGED, reply);
}
