/* SPDX-License-Identifier: Apache-2.0 */
/* ECDH, ECDSA, EdDSA, X25519 and X448. The card signs and agrees; that signatures are verified is asked of the functions
 * with which it verifies certificates, crypto_ecdsa_verify behind ecdsa_der_parse, and crypto_eddsa_verify. */
#include "tests/kat/kat.h"
#include "wire/ecdsa_der.h"
#include "wire/schsm.h"

#include <string.h>

static bool okp_of(const char *name, enum crypto_okp *okp)
{
    static const char *const names[CRYPTO_OKP_COUNT] = {
        [CRYPTO_X25519] = "x25519", [CRYPTO_X448] = "x448", [CRYPTO_ED25519] = "ed25519", [CRYPTO_ED448] = "ed448"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], name) != 0) continue;
        *okp = (enum crypto_okp)i;
        return true;
    }
    return false;
}

static uint16_t import_named(struct kat *k, const char *curve, bytes d)
{
    enum crypto_okp okp;
    if (okp_of(curve, &okp)) {
        const struct crypto_okp_params *p = crypto_okp_params(okp);
        return kat_import_ec(k, p->p, p->base, 8 * p->p.n, d);
    }
    const struct crypto_curve_params *p = crypto_curve_params(kat_curve(curve));
    return kat_import_ec(k, p->p, NO_BYTES, 8 * p->field_size, d);
}

/* apdu.md 3.15: 6400 for a result of zeros, else 6984: no point of the curve, or of another length. */
struct kat_result kat_ecdh(struct kat *k, const struct kat_case *c)
{
    char curve[24];
    kat_text(c, "curve", curve, sizeof curve);
    if (import_named(k, curve, kat_bytes(c, "key")) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    bytes peer = kat_bytes(c, "peer"), shared = kat_bytes(c, "out");
    if (!peer.n) return kat_says(KAT_NOT_SERVED, "no bytes at all as a point");
    bool zeros = peer.n == shared.n && !bytes_trimmed(shared).n; /* u of the right length, of small order */
    const uint16_t refusals[] = {zeros ? 0x6400 : 0x6984, 0};
    buf want = buf_over(exact_space(shared.n + 1));
    put_u8(&want, 0x04);
    put_bytes(&want, shared);
    return kat_judge(kat_command(k, INS_DECIPHER, 0x80, peer, 65536), written(&want), refusals);
}

/* ---- ECDSA ---- */

struct verifying {
    enum crypto_curve curve;
    bytes point, digest;
};

static struct verifying verifying_of(struct kat *k, const struct kat_case *c, enum crypto_hash *hash)
{
    char curve[24], name[16];
    kat_text(c, "curve", curve, sizeof curve);
    kat_text(c, "hash", name, sizeof name);
    *hash = kat_hash(name);
    bytes message = kat_bytes(c, "msg");
    span digest = exact_space(crypto_hash_size(*hash));
    if (crypto_hash(&k->rig->hsm->crypto, *hash, &message, 1, digest) != ST_OK) abort();
    return (struct verifying){kat_curve(curve), kat_bytes(c, "public"), view(digest)};
}

static status verify_der(struct kat *k, const struct verifying *v, bytes der)
{
    span rs = exact_space(2 * crypto_curve_params(v->curve)->field_size);
    TRY(ecdsa_der_parse(der, rs));
    return crypto_ecdsa_verify(&k->rig->hsm->crypto, v->curve, v->point, v->digest, view(rs));
}

struct kat_result kat_ecdsa_verify(struct kat *k, const struct kat_case *c)
{
    enum crypto_hash hash;
    struct verifying v = verifying_of(k, c, &hash);
    switch (verify_der(k, &v, kat_bytes(c, "sig"))) {
    case ST_OK: return kat_says(KAT_AGREES, "taken for a signature");
    case ST_CONDITIONS:
    case ST_BAD_DATA:
    case ST_DATA_NOT_USABLE: return kat_says(KAT_REFUSED, "refused");
    default: return kat_says(KAT_DIFFERS, "neither yes nor no");
    }
}

/* The card hashes and signs; what it signed is verified under the public key of the file. */
struct kat_result kat_ecdsa_sign(struct kat *k, const struct kat_case *c)
{
    enum crypto_hash hash;
    struct verifying v = verifying_of(k, c, &hash);
    const struct crypto_curve_params *p = crypto_curve_params(v.curve);
    if (kat_import_ec(k, p->p, NO_BYTES, 8 * p->field_size, kat_bytes(c, "key")) != 0x9000)
        return kat_says(KAT_DIFFERS, "key not imported");
    struct answer a = kat_command(k, INS_SIGN, (uint8_t)(0x71 + (int)hash), kat_bytes(c, "msg"), 65536);
    bool good = a.sw == 0x9000 && verify_der(k, &v, a.data) == ST_OK;
    return good ? kat_says(KAT_AGREES, "") : kat_says(KAT_DIFFERS, "no signature by this key");
}

/* ---- EdDSA ---- */

static struct kat_result verify_eddsa(struct kat *k, const struct kat_case *c, enum crypto_okp okp)
{
    struct crypto_eddsa_input input = {.message = kat_bytes(c, "msg")};
    switch (crypto_eddsa_verify(&k->rig->hsm->crypto, okp, kat_bytes(c, "public"), &input, kat_bytes(c, "sig"))) {
    case ST_OK: return kat_says(KAT_AGREES, "taken for a signature");
    case ST_CONDITIONS:
    case ST_BAD_LENGTH: return kat_says(KAT_REFUSED, "refused");
    default: return kat_says(KAT_DIFFERS, "neither yes nor no");
    }
}

/* Every signature is verified. A valid one is what the card has to make of the message, too: EdDSA has no choice. */
struct kat_result kat_eddsa(struct kat *k, const struct kat_case *c)
{
    enum crypto_okp okp;
    char curve[24];
    kat_text(c, "curve", curve, sizeof curve);
    if (!okp_of(curve, &okp)) return kat_says(KAT_DIFFERS, "no such curve");
    struct kat_result verified = verify_eddsa(k, c, okp);
    if (c->expects != KAT_VALID || verified.outcome != KAT_AGREES) return verified;
    if (import_named(k, curve, kat_bytes(c, "key")) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    bytes message = kat_bytes(c, "msg");
    uint8_t p2 = message.n ? ALG_ECDSA : ALG_EDDSA_OF; /* 70 takes no empty message, 7A does */
    struct answer a = kat_command(k, INS_SIGN, p2, message.n ? message : exact("8100"), 65536);
    return kat_judge(a, kat_bytes(c, "sig"), (const uint16_t[]){0});
}
