/* SPDX-License-Identifier: Apache-2.0 */
/* Checking signatures of card verifiable certificates, of requests, and of who holds a key that one of them names
 * (formats.md 3.2, 3.8; apdu.md 3.20, 3.23, 3.24).
 *
 * The OID of the key says which signatures it makes: ECDSA with SHA-224, 256, 384 or 512, or RSA PKCS#1 v1.5 with
 * SHA-256 or 512. SHA-1 is not taken: whoever can make it collide can make a certificate. RSA-PSS is not either; no
 * client makes it. Curves are those of crypto.h, and their parameters are always our own: what a certificate says about
 * them is compared, never used. */
#ifndef WIRE_CVC_VERIFY_H
#define WIRE_CVC_VERIFY_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "wire/cvc.h"

/* A public key, copied out of its certificate. */
struct cvc_verifier {
    enum cvc_kind kind; /* CVC_RSA or CVC_EC */
    enum crypto_hash hash;
    bool has_curve; /* EC: false while the certificate leaves the curve to its issuer */
    enum crypto_curve curve;
    uint32_t e;
    size_t size;                    /* bytes of `number` in use */
    uint8_t number[CRYPTO_RSA_MAX]; /* EC: 04‖X‖Y; RSA: modulus without leading zeros */
};

/* Takes the key of a certificate. EC: 86, and either no other field or those of one of our curves, 81 among them. RSA:
 * 81 of 128 to 512 bytes, 82 odd, 3 to 2^32 - 1.
 * ST_OK; ST_DATA_NOT_USABLE: anything else. That a point lies on its curve is found out by cvc_verify. */
MUST_CHECK status cvc_verifier_load(const struct cvc_key *key, struct cvc_verifier *out);

/* Is `signature` (r‖s of field size each, or as long as the modulus) one over the concatenation of `count` parts?
 * ST_OK; ST_CONDITIONS: no, or the curve is not known, or the point is not on it; ST_NO_SPACE: the pool. */
MUST_CHECK status cvc_verify(struct crypto *c, const struct cvc_verifier *key, const bytes *parts, size_t count,
                             bytes signature);

/* Is a certificate or request signed by the key that it names itself? As cvc_verify. `key` is that key. */
MUST_CHECK status cvc_verify_own(struct crypto *c, const struct cvc *certificate, const struct cvc_verifier *key);

#endif
