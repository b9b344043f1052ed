/* SPDX-License-Identifier: Apache-2.0 */
/* Hierarchical keys (apdu.md 3.25, formats.md 11): ten masters, sealed under the root, and what can be done with a
 * node of their trees. A node is derived when it is wanted; one may wait in the session for the single command that it
 * was selected for. Seeds, private keys and symmetric keys never leave. */
#ifndef CARD_HD_H
#define CARD_HD_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "wire/hd_path.h"

struct hsm;

#define HD_SEED_MAX 64u

/* A node that wipes itself however the function is left. */
#define HD_NODE(name) __attribute__((cleanup(crypto_hd_wipe))) struct crypto_hd_node name = {.kind = CRYPTO_HD_NONE}

/* Where a node hangs in its tree, as extended keys say it. */
struct hd_origin {
    uint8_t fingerprint[CRYPTO_HD_FINGERPRINT_SIZE]; /* of its parent; zeros for a master */
    uint32_t number;                                 /* its index; 0 for a master and for labels */
};

/* Makes or replaces master `id` (0..9) from a seed, or from 64 random bytes when there is none, in one commit. A
 * selected node is forgotten. ST_BAD_LENGTH: seed over 64 bytes; ST_NO_SPACE; ST_NOT_AUTHORIZED: the root is locked. */
MUST_CHECK status hd_master_make(struct hsm *h, enum crypto_hd_kind kind, uint8_t id, bytes seed);

/* The node at `path`. `origin` may be NULL; it costs time. Ticks progress at each level.
 * ST_EXECUTION: no such master, labels in a tree of numbers or the reverse, or cancelled; ST_NOT_AUTHORIZED: the root
 * is locked. */
MUST_CHECK status hd_derive(struct hsm *h, const struct hd_path *path, struct crypto_hd_node *node,
                            struct hd_origin *origin);

/* Keeps the node at `path` for one SIGN or CIPHER of this session. The one selected before is gone in any case. */
MUST_CHECK status hd_select(struct hsm *h, const struct hd_path *path);
/* Forgets it: used, or the session is over. */
void hd_forget(struct hsm *h);

/* SIGN: ECDSA of a given digest, DER appended to `reply`, with the selected node (A0) or with the node whose path
 * stands beside the digest (A1, ours: TLVs A0 path and 81 digest; the selected node is left alone).
 * ST_CONDITIONS: no node, or a symmetric one; ST_NOT_CONFIRMED; ST_BAD_LENGTH: no digest. The selected node is used up
 * whatever comes of it. With a path, besides: ST_BAD_DATA: no path or no digest; and what hd_derive says. */
MUST_CHECK status hd_sign(struct hsm *h, bytes digest, buf *reply);
MUST_CHECK status hd_sign_at(struct hsm *h, bytes data, buf *reply);

/* CIPHER with the HD OID (apdu.md 3.25). */
struct hd_cipher_request {
    bool encrypt;
    bool at_path; /* ours: the node of `path` (tag A0) instead of the selected one, which is left alone */
    bytes path;
    bytes data; /* 81: whole blocks, at least one */
    bytes iv;   /* 82: 16 bytes, or none: derived */
    bytes aad;  /* 83: any bytes, or none */
};
/* AES-256-CBC with what HMAC-SHA-512(node key, aad) gives, appended to `reply`.
 * ST_CONDITIONS: no node; ST_BAD_DATA: the node is on a curve; ST_NOT_CONFIRMED; ST_BAD_LENGTH: data or iv; at
 * a path what hd_derive says. The selected node is used up whatever comes of it. */
MUST_CHECK status hd_cipher(struct hsm *h, const struct hd_cipher_request *request, buf *reply);

#endif
