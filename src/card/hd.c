/* SPDX-License-Identifier: Apache-2.0 */
/* Masters, nodes, and their two uses. */
#include "card/hd.h"

#include "card/files.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/objects.h"
#include "wire/ecdsa_der.h"
#include "wire/tlv.h"

#define STORED_SIZE (1u + CRYPTO_HD_MASTER_SIZE) /* kind, I (formats.md 11.1) */
#define BLOCK 16u

enum { TAG_DIGEST = 0x81, TAG_PATH = 0xA0 }; /* of SIGN A1 */

void hd_forget(struct hsm *h)
{
    crypto_hd_wipe(&h->session.hd);
}

/* ---- masters ---- */

/* Not counted as a change of objects: decisions.md names what is, and no host can see a master but by deriving. */
static status put_master(struct hsm *h, uint8_t id, bytes stored)
{
    if (!file_room(h, stored.n)) return ST_NO_SPACE;
    TRY(vault_begin(&h->vault));
    TRY(vault_put(&h->vault, OBJECT_HD_MASTER(id), VAULT_ROOT, NO_BYTES, stored, STORE_SECRET));
    return vault_commit(&h->vault, VAULT_BOOKKEEPING);
}

status hd_master_make(struct hsm *h, enum crypto_hd_kind kind, uint8_t id, bytes seed)
{
    SECRET(drawn, HD_SEED_MAX);
    SECRET(stored, STORED_SIZE);
    if (seed.n > HD_SEED_MAX) return ST_BAD_LENGTH;
    if (seed.n == 0) {
        TRY(crypto_random(&h->crypto, drawn));
        seed = view(drawn);
    }
    stored.p[0] = (uint8_t)kind;
    TRY(crypto_hd_master(&h->crypto, kind, seed, span_part(stored, 1, CRYPTO_HD_MASTER_SIZE)));
    hd_forget(h); /* perhaps of the tree that is replaced */
    return put_master(h, id, view(stored));
}

static status load_master(struct hsm *h, uint8_t id, struct crypto_hd_node *node)
{
    SECRET(stored, STORED_SIZE);
    size_t size;
    status st = vault_get(&h->vault, OBJECT_HD_MASTER(id), VAULT_ROOT, NO_BYTES, stored, &size);
    if (st == ST_NOT_FOUND || (st == ST_OK && size != STORED_SIZE)) return ST_EXECUTION;
    TRY(st);
    return crypto_hd_node((enum crypto_hd_kind)stored.p[0], bytes_after(view(stored), 1), node);
}

/* ---- nodes ---- */

static status descend(struct hsm *h, const struct hd_step *step, struct crypto_hd_node *node)
{
    if (!progress_tick(h->board->progress)) return ST_EXECUTION;
    if (node->kind == CRYPTO_HD_SYMMETRIC) return crypto_hd_labelled_child(&h->crypto, node, step->label);
    return crypto_hd_child(&h->crypto, node, step->index);
}

status hd_derive(struct hsm *h, const struct hd_path *path, struct crypto_hd_node *node, struct hd_origin *origin)
{
    if (origin) *origin = (struct hd_origin){.number = 0};
    TRY(load_master(h, path->master, node));
    if (path->depth && path->labels != (node->kind == CRYPTO_HD_SYMMETRIC)) return ST_EXECUTION;
    reader steps = read_from(path->steps);
    struct hd_step step;
    for (unsigned left = path->depth; left && hd_step_next(&steps, &step); left--) {
        if (left == 1 && origin) {
            TRY(crypto_hd_fingerprint(&h->crypto, node, SPAN(origin->fingerprint)));
            origin->number = step.index;
        }
        TRY(descend(h, &step, node));
    }
    return ST_OK;
}

status hd_select(struct hsm *h, const struct hd_path *path)
{
    HD_NODE(node);
    hd_forget(h);
    TRY(hd_derive(h, path, &node, NULL));
    h->session.hd = node;
    return ST_OK;
}

/* The selected node, which nobody else will find there. */
static status take_selected(struct hsm *h, struct crypto_hd_node *node)
{
    *node = h->session.hd;
    hd_forget(h);
    return node->kind == CRYPTO_HD_NONE ? ST_CONDITIONS : ST_OK;
}

static status derive_at(struct hsm *h, bytes path, struct crypto_hd_node *node)
{
    struct hd_path parsed;
    TRY(hd_path_parse(path, &parsed));
    return hd_derive(h, &parsed, node, NULL);
}

/* ---- SIGN ---- */

static status sign(struct hsm *h, const struct crypto_hd_node *node, bytes digest, buf *reply)
{
    uint8_t rs[64];
    if (node->kind == CRYPTO_HD_SYMMETRIC) return ST_CONDITIONS;
    TRY(key_confirm(h, "sign with a wallet key"));
    digest = bytes_first(digest, CRYPTO_HASH_MAX); /* the leftmost bits count, as for ECDSA with any key */
    TRY(crypto_ecdsa_sign(&h->crypto, crypto_hd_curve(node), BYTES(node->key), digest, SPAN(rs)));
    ecdsa_der_put(reply, BYTES(rs));
    return ST_OK;
}

status hd_sign(struct hsm *h, bytes digest, buf *reply)
{
    HD_NODE(node);
    TRY(take_selected(h, &node));
    return sign(h, &node, digest, reply);
}

status hd_sign_at(struct hsm *h, bytes data, buf *reply)
{
    HD_NODE(node);
    bytes path, digest;
    if (data.n == 0) return ST_BAD_LENGTH;
    if (!tlv_find(data, TAG_PATH, &path) || !tlv_find(data, TAG_DIGEST, &digest)) return ST_BAD_DATA;
    if (digest.n == 0) return ST_BAD_LENGTH;
    TRY(derive_at(h, path, &node));
    return sign(h, &node, digest, reply);
}

/* ---- CIPHER ---- */

/* The key and, unless the host gave one, the IV. */
static status cipher(struct hsm *h, const struct crypto_hd_node *node, const struct hd_cipher_request *q, buf *reply)
{
    SECRET(secret, 64);
    if (node->kind != CRYPTO_HD_SYMMETRIC) return ST_BAD_DATA;
    TRY(key_confirm(h, "use a wallet key"));
    if (q->data.n == 0 || q->data.n % BLOCK || (q->iv.n && q->iv.n != BLOCK)) return ST_BAD_LENGTH;
    TRY(crypto_hmac(&h->crypto, CRYPTO_SHA512, BYTES(node->key), &q->aad, 1, secret));
    bytes key = {secret.p, 32}, iv = q->iv.n ? q->iv : (bytes){secret.p + 32, BLOCK};
    span out = put_space(reply, q->data.n);
    if (reply->full) return ST_NO_SPACE;
    return crypto_aes_cbc(&h->crypto, q->encrypt, key, iv, q->data, out);
}

status hd_cipher(struct hsm *h, const struct hd_cipher_request *request, buf *reply)
{
    HD_NODE(node);
    TRY(request->at_path ? derive_at(h, request->path, &node) : take_selected(h, &node));
    return cipher(h, &node, request, reply);
}
