/* SPDX-License-Identifier: Apache-2.0 */
/* HD WALLET (apdu.md 3.25): masters, extended public keys, and the node for the next SIGN or CIPHER. */
#include "card/commands.h"
#include "card/hd.h"
#include "card/hsm.h"

#define XPUB_VERSION 0x0488B21Eu

enum {
    P1_MASTER_FIRST = CRYPTO_HD_SECP256K1,
    P1_MASTER_LAST = CRYPTO_HD_SYMMETRIC,
    P1_PUBLIC = 0x0A,
    P1_SELECT = 0x10,
};

_Static_assert(P1_MASTER_FIRST == 1 && P1_MASTER_LAST == 3, "P1 of the kinds, apdu.md 3.25");

static bool is_master(uint8_t p1)
{
    return p1 >= P1_MASTER_FIRST && p1 <= P1_MASTER_LAST;
}

status hd_wallet_p1p2(struct hsm *h, const struct apdu *a)
{
    if (is_master(a->p1)) return a->p2 < HD_MASTERS ? ST_OK : ST_BAD_P1P2;
    return (a->p1 == P1_PUBLIC || a->p1 == P1_SELECT) && a->p2 == 0 ? ST_OK : ST_BAD_P1P2;
}

static status put_twice_hashed(struct hsm *h, bytes secret, buf *reply)
{
    SECRET(once, 32);
    bytes hashed = view(once);
    span twice = put_space(reply, 32);
    if (reply->full) return ST_NO_SPACE;
    TRY(crypto_hash(&h->crypto, CRYPTO_SHA256, &secret, 1, once));
    return crypto_hash(&h->crypto, CRYPTO_SHA256, &hashed, 1, twice);
}

/* Chain code and public key; of a symmetric node what only tells whether two are the same. */
static status put_node(struct hsm *h, struct crypto_hd_node *node, buf *reply)
{
    if (node->kind == CRYPTO_HD_SYMMETRIC) {
        TRY(put_twice_hashed(h, BYTES(node->chain), reply));
        return put_twice_hashed(h, BYTES(node->key), reply);
    }
    put_bytes(reply, BYTES(node->chain));
    span point = put_space(reply, CRYPTO_HD_POINT_SIZE);
    return reply->full ? ST_NO_SPACE : crypto_hd_point(&h->crypto, node, point);
}

/* formats.md 11.3; the host adds base58check. */
static status put_extended_public_key(struct hsm *h, const struct hd_path *path, buf *reply)
{
    HD_NODE(node);
    struct hd_origin origin;
    TRY(hd_derive(h, path, &node, &origin));
    put_u32(reply, XPUB_VERSION);
    put_u8(reply, path->depth);
    put_bytes(reply, BYTES(origin.fingerprint));
    put_u32(reply, origin.number);
    return put_node(h, &node, reply);
}

status cmd_hd_wallet(struct hsm *h, const struct apdu *a, buf *reply)
{
    struct hd_path path;
    if (is_master(a->p1)) return hd_master_make(h, (enum crypto_hd_kind)a->p1, a->p2, a->data);
    if (a->p1 == P1_SELECT) hd_forget(h); /* before anything can go wrong: no older node answers in its place */
    TRY(hd_path_parse(a->data, &path));
    return a->p1 == P1_SELECT ? hd_select(h, &path) : put_extended_public_key(h, &path, reply);
}
