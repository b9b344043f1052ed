/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with a key whose secret lies open: what SIGN, certificate requests and the device's attestations share. */
#ifndef CARD_SIGNER_H
#define CARD_SIGNER_H

#include "base/bytes.h"
#include "base/status.h"
#include "card/keys.h"
#include "wire/cvc.h"

struct hsm;

/* A key at work. */
struct key_in_use {
    struct hsm *h;
    const struct key_info *info;
    bytes secret; /* key_secret_size bytes */
};

/* The signer that certificates want: raw r‖s or RSA PKCS#1 v1.5 over SHA-256, EdDSA, or zeros by a key that cannot sign
 * (formats.md 3.5). `key` must outlive it. */
struct cvc_signer signer_of(struct key_in_use *key);

/* PKCS#1 v1.5 signature over a ready DigestInfo, appended to `out`. ST_BAD_LENGTH: does not fit the modulus. */
MUST_CHECK status sign_v15(const struct key_in_use *key, bytes digest_info, buf *out);
/* The bare private operation on a block of modulus length, appended to `out`. ST_EXECUTION: block >= n. */
MUST_CHECK status sign_raw(const struct key_in_use *key, bytes block, buf *out);
/* ECDSA of a digest, r‖s of field size each. */
MUST_CHECK status sign_ecdsa(const struct key_in_use *key, bytes digest, span rs);

/* EdDSA, appended to `out`; for an Edwards key. */
MUST_CHECK status sign_eddsa(const struct key_in_use *key, const struct crypto_eddsa_input *input, buf *out);

/* The public key that belongs to the secret; its bytes are written to `point_or_modulus` (CRYPTO_RSA_MAX is enough). */
MUST_CHECK status signer_public_key(const struct key_in_use *key, span point_or_modulus, struct cvc_public_key *out);

#endif
