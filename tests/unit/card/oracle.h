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
/* dG, and (d + a) modulo the order: numbers of field size, `a` of any. False: d is no private key, or the sum is 0. */
bool oracle_ec_public(enum crypto_curve curve, bytes d, span point);
bool oracle_ec_add(enum crypto_curve curve, bytes d, bytes a, span sum);
/* Makes a fresh key pair, gives its point, and agrees with `peer` on x. */
bool oracle_ecdh(enum crypto_curve curve, bytes peer, span point, span x);

/* Pure EdDSA, and agreement of a fresh key with `peer`: its public key, the shared secret. */
bool oracle_eddsa(enum crypto_okp okp, bytes q, bytes message, bytes signature);
bool oracle_okp_agree(enum crypto_okp okp, bytes peer, span own, span shared);

/* HKDF-SHA-256 without salt, and ChaCha20-Poly1305: sealed = ciphertext ‖ tag. */
void oracle_hkdf(bytes ikm, bytes info, span out);
void oracle_chachapoly(bytes key, bytes nonce, bytes aad, bytes plain, span sealed);

struct oracle_rsa {
    bytes n;
    uint32_t e;
};
bool oracle_v15(const struct oracle_rsa *key, enum crypto_hash h, bytes digest, bytes signature);
/* PSS with MGF1 of the same hash, or of another, and exactly this salt length. */
bool oracle_pss(const struct oracle_rsa *key, enum crypto_hash h, bytes digest, int salt_size, bytes signature);
bool oracle_pss_mgf(const struct oracle_rsa *key, enum crypto_hash h, enum crypto_hash mgf, bytes digest, int salt_size,
                    bytes signature);
/* in^e mod n; both of modulus length. */
bool oracle_rsa_public(const struct oracle_rsa *key, bytes in, span out);
/* EME-PKCS1-v1_5, or EME-OAEP: with SHA-256, MGF1-SHA-256 and an empty label, or with all of it as given. */
bool oracle_encrypt_v15(const struct oracle_rsa *key, bytes message, span out);
bool oracle_encrypt_oaep(const struct oracle_rsa *key, bytes message, span out);
bool oracle_encrypt_oaep_of(const struct oracle_rsa *key, enum crypto_hash h, enum crypto_hash mgf, bytes label,
                            bytes message, span out);

#endif
