/* SPDX-License-Identifier: Apache-2.0 */
/* WRAP and UNWRAP (apdu.md 3.18, 3.19), and the rehearsal of a restore (decisions.md, 74/94). */
#include "card/commands.h"
#include "card/domains.h"
#include "card/files.h"
#include "card/hsm.h"
#include "card/key_import.h"

/* The largest components: those of RSA-4096 with d. */
#define COMPONENTS_MAX 1100u

status wrap_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p2 == ALG_WRAP ? ST_OK : ST_WRONG_PARAMETER;
}

status unwrap_p1p2(struct hsm *h, const struct apdu *a)
{
    if (a->p2 == ALG_UNWRAP_CHECK) return a->p1 == 0 ? ST_OK : ST_BAD_P1P2;
    return a->p2 == ALG_UNWRAP && a->p1 != 0 ? ST_OK : ST_WRONG_PARAMETER;
}

/* ---- WRAP ---- */

static status seal_key(struct hsm *h, const struct key_info *info, bytes dkek, buf *reply)
{
    SECRET(parts, CRYPTO_RSA_PARTS_MAX);
    SECRET(work, COMPONENTS_MAX);
    span secret = span_part(parts, 0, key_secret_size(info));
    buf components = buf_over(work);
    TRY(key_open(h, info, secret));
    TRY(key_export_components(h, info, view(secret), &components));
    struct key_blob_header header = {.type = key_export_type(info)};
    if (info->metadata.has_list) header.algorithms = info->metadata.list;
    if (info->type == KEY_SECRET) header.default_algorithm = secret_kind_oid(info->metadata.kind, info->secret_size);
    return key_blob_seal(&h->crypto, &header, dkek, written(&components), reply);
}

/* The domain is asked for before the list (apdu.md 3.18). A key without one belongs to domain 0. No use is charged. */
status cmd_wrap(struct hsm *h, const struct apdu *a, buf *reply)
{
    SECRET(dkek, DKEK_SIZE);
    struct key_info info;
    if (a->p1 == DEVICE_KEY_ID) return ST_CONDITIONS;
    TRY(key_info_load(h, a->p1, &info));
    TRY(domain_dkek(h, info.metadata.has_domain ? info.metadata.domain : 0, dkek));
    TRY(key_admit(h, a->p1, ALG_WRAP, &info));
    return seal_key(h, &info, view(dkek), reply);
}

/* ---- UNWRAP ---- */

/* The command's data, or what the host has staged in 2F10, read into `work`. */
static status find_blob(struct hsm *h, bytes data, buf *work, bytes *blob)
{
    size_t size;
    *blob = data;
    if (data.n) return ST_OK;
    if (!vault_has(&h->vault, STORE_KEY(FID_WRAPPED_KEY, 0))) return ST_NOT_FOUND;
    TRY(file_size(h, FID_WRAPPED_KEY, &size));
    if (size > KEY_BLOB_MAX) return ST_DATA_NOT_USABLE;
    span place = put_space(work, size);
    *blob = view(place);
    return file_read(h, FID_WRAPPED_KEY, 0, place);
}

static status open_with_domain(struct hsm *h, uint8_t n, const struct key_blob *blob, span plain)
{
    SECRET(dkek, DKEK_SIZE);
    uint8_t kcv[DKEK_KCV_SIZE];
    status st = domain_dkek(h, n, dkek);
    if (st == ST_REFERENCE_UNKNOWN) return ST_EXECUTION;
    TRY(st);
    TRY(key_blob_kcv(&h->crypto, view(dkek), SPAN(kcv)));
    if (!bytes_equal(BYTES(kcv), blob->kcv)) return ST_EXECUTION;
    return key_blob_open(&h->crypto, blob, view(dkek), plain);
}

/* The first domain whose DKEK opens the blob. ST_EXECUTION: none. */
static status open_blob(struct hsm *h, const struct key_blob *blob, span plain, uint8_t *domain)
{
    status st = ST_EXECUTION;
    for (uint8_t n = 0; n < h->settings.domain_count && st == ST_EXECUTION; n++) {
        st = open_with_domain(h, n, blob, plain);
        *domain = n;
    }
    return st;
}

/* From the blob to a secret that passed every check. */
static status read_key(struct hsm *h, const struct key_blob *blob, struct key_info *info, span secret)
{
    SECRET(work, KEY_BLOB_PLAIN_MAX);
    span plain = span_part(work, 0, blob->encrypted.n);
    struct key_blob_parts parts;
    info->metadata.has_domain = true;
    TRY(open_blob(h, blob, plain, &info->metadata.domain));
    TRY(key_blob_parts_read(blob->type, bytes_after(view(plain), KEY_BLOB_RANDOM), &parts));
    info->metadata.has_list = blob->algorithms.n != 0;
    info->metadata.list = blob->algorithms;
    info->metadata.kind = secret_kind_by_oid(blob->default_algorithm);
    return key_import_read(h, blob->type, &parts, info, secret);
}

/* domain(1) type(1) size(2) n(1) algorithms(n) id(32) */
static status report(struct hsm *h, const struct key_blob *blob, const struct key_info *info, bytes secret, buf *reply)
{
    TRY(key_import_try(h, info, secret));
    put_u8(reply, info->metadata.domain);
    put_u8(reply, (uint8_t)blob->type);
    put_u16(reply, (uint16_t)(8 * key_field_size(info)));
    put_u8(reply, (uint8_t)blob->algorithms.n);
    put_bytes(reply, blob->algorithms);
    return key_fingerprint(h, info, secret, put_space(reply, 32));
}

/* A blob from 2F10 lies where the answer is to stand until it has been read; the answer is made behind it and moved. */
static void drop_between(buf *b, size_t begin, size_t end)
{
    memmove(b->p + begin, b->p + end, b->n - end);
    b->n -= end - begin;
}

status cmd_unwrap(struct hsm *h, const struct apdu *a, buf *reply)
{
    SECRET(parts, CRYPTO_RSA_PARTS_MAX);
    struct key_info info = {.id = a->p1};
    struct key_blob blob;
    size_t begin = reply->n;
    bytes raw;
    if (!h->vault.root_open) return ST_NOT_AUTHORIZED;
    if (a->p2 == ALG_UNWRAP) TRY(key_confirm(h, "import a wrapped key"));
    TRY(find_blob(h, a->data, reply, &raw));
    TRY(key_blob_read(raw, &blob));
    size_t staged = reply->n;
    TRY(read_key(h, &blob, &info, parts));
    bytes secret = bytes_first(view(parts), key_secret_size(&info));
    if (a->p2 == ALG_UNWRAP_CHECK) {
        TRY(report(h, &blob, &info, secret, reply));
    } else {
        key_count_by_option(h, &info.metadata);
        TRY(key_import_put(h, &info, secret, KEY_STAGED, reply));
        staged = reply->n; /* nothing to answer */
    }
    drop_between(reply, begin, staged);
    return ST_OK;
}
