/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL says, for the tests of src/crypto. A wrong use ends the program. No wolfCrypt here: tests/mcu builds
 * this for the host that a test on a chip's CPU asks. */
#ifndef TESTS_UNIT_CRYPTO_ORACLE_H
#define TESTS_UNIT_CRYPTO_ORACLE_H

#include "crypto/crypto.h"

/* A curve's numbers, each of `size` bytes from the beginning of its field; the generator uncompressed. */
struct openssl_curve {
    uint8_t p[CRYPTO_EC_FIELD_MAX], a[CRYPTO_EC_FIELD_MAX], b[CRYPTO_EC_FIELD_MAX], n[CRYPTO_EC_FIELD_MAX];
    uint8_t g[CRYPTO_EC_POINT_MAX];
    uint8_t size;
    uint8_t cofactor_is_one;
};
void openssl_curve(enum crypto_curve curve, struct openssl_curve *out);

/* dG, uncompressed. */
void openssl_public(enum crypto_curve curve, bytes d, span point);
/* x of d * peer. */
void openssl_ecdh(enum crypto_curve curve, bytes d, bytes peer, span x);
/* ECDSA over a ready digest; signatures are r‖s. */
bool openssl_verify(enum crypto_curve curve, bytes point, bytes digest, bytes rs);
void openssl_sign(enum crypto_curve curve, bytes d, bytes point, bytes digest, span rs);

/* The public key of a private string. */
void openssl_okp_public(enum crypto_okp okp, bytes d, span q);

/* Does the key keep the bounds of FIPS 186-5 A.1.3, with primes that are prime and parts that fit together? NULL, or
 * what is wrong with it; valid until the next call. */
const char *openssl_rsa_fault(const struct crypto_rsa *k, uint32_t bits);

/* What crypto_cipher gives when it encrypts or computes a MAC; XTS not with two equal halves of a key, which OpenSSL
 * refuses. */
void openssl_cipher(const struct crypto_cipher_params *p, bytes aad, bytes in, span out);
enum kdf { KDF_HKDF, KDF_PBKDF2, KDF_X963 };
void openssl_kdf(enum kdf kdf, enum crypto_hash h, uint32_t rounds, bytes secret, bytes salt, bytes info, span out);

/* One HMAC_DRBG with SHA-256 at a time. */
void openssl_drbg_open(bytes entropy, bytes nonce, bytes personalization);
void openssl_drbg_generate(bytes additional, span out);
void openssl_drbg_reseed(bytes entropy, bytes nonce, bytes additional);
void openssl_drbg_close(void);

#endif
