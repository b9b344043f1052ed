/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and requests for tests, well-made and otherwise: a table row says who signs what for whom.
 *
 * Written with the TLV writer alone, so that a fault in the card's own CVC code cannot hide in the test. Private keys
 * are named by a number. Needs an open struct crypto; results are heap blocks cut to size. */
#ifndef TESTS_CVC_MAKER_H
#define TESTS_CVC_MAKER_H

#include "crypto/crypto.h"
#include "tests/hex.h"
#include "wire/tlv.h"

#define MAKE_ECDSA_SHA256 "04007F00070202020203"
#define MAKE_ROLE_CA "C000000000"
#define MAKE_ROLE_DV "8000000000"
#define MAKE_ROLE_DEVICE "0000000000"

struct made {
    const char *car, *chr;   /* text; car NULL: none */
    uint8_t key;             /* of the holder, 1..255 */
    uint8_t signer;          /* of the issuer; 0: the holder himself */
    const char *role;        /* content of 53, in hex; NULL: a request */
    bool point_only;         /* the issuer says which curve */
    enum crypto_curve curve; /* of both; 0 is secp192r1 */
    const char *oid;         /* NULL: ECDSA with SHA-256 */
    enum crypto_hash hash;   /* goes with `oid` */
    bytes extensions;        /* content of 65 */
    const char *outer_car;   /* of a request: who attests it, with `outer_signer` */
    uint8_t outer_signer;
    enum crypto_curve outer_curve;
};

static inline void made_must(bool held)
{
    if (!held) abort();
}

static inline bytes made_private(enum crypto_curve curve, uint8_t key)
{
    span d = exact_space(crypto_curve_params(curve)->field_size);
    for (size_t i = 0; i < d.n; i++) d.p[i] = (uint8_t)(key + 37 * i);
    d.p[0] = 0; /* below every order */
    return view(d);
}

static inline bytes made_point(struct crypto *c, enum crypto_curve curve, uint8_t key)
{
    span point = exact_space(1 + 2 * crypto_curve_params(curve)->field_size);
    made_must(crypto_ec_public(c, curve, made_private(curve, key), point) == ST_OK);
    return view(point);
}

/* r‖s over the concatenation of `count` parts. */
static inline bytes made_signature(struct crypto *c, enum crypto_curve curve, enum crypto_hash hash, bytes d,
                                   const bytes *parts, size_t count)
{
    uint8_t memory[CRYPTO_HASH_MAX];
    span digest = {memory, crypto_hash_size(hash)}, rs = exact_space(2 * d.n);
    made_must(crypto_hash(c, hash, parts, count, digest) == ST_OK);
    made_must(crypto_ecdsa_sign(c, curve, d, view(digest), rs) == ST_OK);
    return view(rs);
}

static inline bytes made_text(const char *text)
{
    return (bytes){(const uint8_t *)text, strlen(text)};
}

static inline void made_put_key(struct crypto *c, const struct made *m, buf *out)
{
    const struct crypto_curve_params *p = crypto_curve_params(m->curve);
    size_t key = tlv_open(out, 0x7F49);
    tlv_put(out, 0x06, exact(m->oid ? m->oid : MAKE_ECDSA_SHA256));
    if (!m->point_only) {
        tlv_put(out, 0x81, p->p);
        tlv_put(out, 0x82, p->a);
        tlv_put(out, 0x83, p->b);
        tlv_put(out, 0x84, p->g);
        tlv_put(out, 0x85, p->n);
    }
    tlv_put(out, 0x86, made_point(c, m->curve, m->key));
    if (!m->point_only) tlv_put_u8(out, 0x87, 1);
    tlv_close(out, key);
}

static inline void made_put_body(struct crypto *c, const struct made *m, buf *out)
{
    size_t body = tlv_open(out, 0x7F4E);
    tlv_put_u8(out, 0x5F29, 0);
    if (m->car) tlv_put(out, 0x42, made_text(m->car));
    made_put_key(c, m, out);
    tlv_put(out, 0x5F20, made_text(m->chr));
    if (m->role) {
        size_t role = tlv_open(out, 0x7F4C);
        tlv_put(out, 0x06, exact("04007F000703010202"));
        tlv_put(out, 0x53, exact(m->role));
        tlv_close(out, role);
        tlv_put(out, 0x5F25, exact("020600010001"));
        tlv_put(out, 0x5F24, exact("030600010001"));
    }
    if (m->extensions.n) tlv_put(out, 0x65, m->extensions);
    tlv_close(out, body);
}

static inline enum crypto_hash made_hash(const struct made *m)
{
    return m->oid ? m->hash : CRYPTO_SHA256;
}

/* The whole 7F21. */
static inline bytes make_certificate(struct crypto *c, const struct made *m)
{
    uint8_t memory[2048];
    buf out = BUF(memory);
    size_t whole = tlv_open(&out, 0x7F21);
    made_put_body(c, m, &out);
    bytes body = tlv_since(&out, whole), d = made_private(m->curve, m->signer ? m->signer : m->key);
    tlv_put(&out, 0x5F37, made_signature(c, m->curve, made_hash(m), d, &body, 1));
    tlv_close(&out, whole);
    made_must(!out.full);
    return exact_copy(written(&out));
}

/* The content of a 67: 7F21, 42, 5F37. */
static inline bytes make_request(struct crypto *c, const struct made *m)
{
    uint8_t memory[2048];
    buf out = BUF(memory);
    put_bytes(&out, make_certificate(c, m));
    tlv_put(&out, 0x42, made_text(m->outer_car));
    bytes attested = written(&out), d = made_private(m->outer_curve, m->outer_signer);
    tlv_put(&out, 0x5F37, made_signature(c, m->outer_curve, CRYPTO_SHA256, d, &attested, 1));
    made_must(!out.full);
    return exact_copy(written(&out));
}

/* One byte of a copy changed: the `at`-th from the end. */
static inline bytes made_bent(bytes from, size_t at)
{
    bytes copy = exact_copy(from);
    ((uint8_t *)copy.p)[copy.n - 1 - at] ^= 1;
    return copy;
}

#endif
