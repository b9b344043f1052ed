/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL says: an implementation of its own against which the card's results are held.
 *
 * Takes public keys as numbers and points. Anything that OpenSSL refuses is false; a wrong use ends the program. */
#ifndef TESTS_CARD_ORACLE_H
#define TESTS_CARD_ORACLE_H

#include "crypto/crypto.h"

/* Digest of `message`; `out` has crypto_hash_size(h) bytes. */
void oracle_hash(enum crypto_hash h, bytes message, span out);

/* ECDSA over a ready digest of any length; signature as DER, or as r‖s. */
bool oracle_ecdsa_der(enum crypto_curve curve, bytes point, bytes digest, bytes der);
bool oracle_ecdsa_raw(enum crypto_curve curve, bytes point, bytes digest, bytes rs);
/* Makes a fresh key pair, gives its point, and agrees with `peer` on x. */
bool oracle_ecdh(enum crypto_curve curve, bytes peer, span point, span x);

struct oracle_rsa {
    bytes n;
    uint32_t e;
};
bool oracle_v15(const struct oracle_rsa *key, enum crypto_hash h, bytes digest, bytes signature);
/* PSS with MGF1 of the same hash and exactly this salt length. */
bool oracle_pss(const struct oracle_rsa *key, enum crypto_hash h, bytes digest, int salt_size, bytes signature);
/* in^e mod n; both of modulus length. */
bool oracle_rsa_public(const struct oracle_rsa *key, bytes in, span out);
/* EME-PKCS1-v1_5, or EME-OAEP with SHA-256, MGF1-SHA-256 and an empty label. */
bool oracle_encrypt_v15(const struct oracle_rsa *key, bytes message, span out);
bool oracle_encrypt_oaep(const struct oracle_rsa *key, bytes message, span out);

#endif
