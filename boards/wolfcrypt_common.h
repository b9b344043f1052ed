/* SPDX-License-Identifier: Apache-2.0 */
/* What wolfCrypt is made of on every board: included by boards/<board>/user_settings.h, which adds what suits its
 * CPU. docs/crypto.md says why. Never: FP_ECC, WC_NO_HARDEN, WC_NO_CACHE_RESISTANT. Assembler files read this too. */
#ifndef BOARDS_WOLFCRYPT_COMMON_H
#define BOARDS_WOLFCRYPT_COMMON_H

/* The scope: algorithms only, no TLS, no files, no clock. */
#define WOLFCRYPT_ONLY
#define SINGLE_THREADED /* no locks inside: contexts share nothing but CPU feature flags */
#define NO_FILESYSTEM
#define NO_WRITEV
#define NO_MAIN_DRIVER
#define NO_ERROR_STRINGS
#define WOLFSSL_IGNORE_FILE_WARN
#define NO_OLD_RNGNAME
#define NO_OLD_SHA_NAMES
#define NO_OLD_WC_NAMES
#define NO_OLD_SSL_NAMES
#define NO_RC4
#define NO_MD4
#define NO_MD5
#define NO_DSA
#define NO_DH
#define NO_DES3
#define NO_PKCS7
#define NO_PKCS12
#define NO_PKCS8
#define NO_PWDBASED
#define NO_SIG_WRAPPER
#define NO_CRYPT_TEST
#define NO_CRYPT_BENCHMARK
#define NO_ASN
#define NO_CERTS
#define NO_CODING

/* Memory comes from the caller's pool (src/crypto/pool.c), random numbers from our DRBG (src/crypto/drbg.c). */
#define XMALLOC_USER
#define XMALLOC crypto_wolf_malloc
#define XREALLOC crypto_wolf_realloc
#define XFREE crypto_wolf_free
#define CUSTOM_RAND_GENERATE_BLOCK crypto_wolf_random
#define WC_NO_HASHDRBG
#define NO_DEV_RANDOM
#ifndef __ASSEMBLER__
extern int crypto_wolf_random(unsigned char *out, unsigned int size);
#endif

/* Big numbers, constant-time. */
#define WOLFSSL_SP_MATH_ALL
#define SP_INT_BITS 4096
#define WOLFSSL_PUBLIC_MP
#define TFM_TIMING_RESISTANT
#define WOLFSSL_HAVE_SP_RSA
#define WOLFSSL_HAVE_SP_ECC
#define WOLFSSL_SP_384
#define WOLFSSL_SP_521
#define WOLFSSL_SP_4096

/* RSA: src/crypto/rsa*.c do CRT, blinding, padding and generation; the library gives modular exponentiation. */
#define WOLFSSL_KEY_GEN
#define WC_RSA_NO_PADDING
#define WC_RSA_DIRECT
#define WC_RSA_BLINDING
#define NO_RSA_BOUNDS_CHECK /* src/crypto/rsa.c checks in < n itself; 0, 1 and n-1 are numbers like others */
#define RSA_MIN_SIZE 1024
#define FP_MAX_BITS 8192

/* Nine Weierstrass curves. */
#define HAVE_ECC
#define ECC_USER_CURVES
#define HAVE_ECC192
#define HAVE_ECC256
#define HAVE_ECC384
#define HAVE_ECC512
#define HAVE_ECC521
#define HAVE_ECC_BRAINPOOL
#define HAVE_ECC_KOBLITZ
#define WOLFSSL_CUSTOM_CURVES
#define ECC_MIN_KEY_SZ 192
#define HAVE_ECC_VERIFY_HELPER
#define ALT_ECC_SIZE /* points of the size of the largest curve, not of the largest RSA number */
#define ECC_SHAMIR
#define ECC_TIMING_RESISTANT
#define WOLFSSL_ECDSA_SET_K
#define WC_ALLOW_ECC_ZERO_HASH            /* a digest is any number, zero too (SEC 1 4.1.3) */
#define WC_HASH_CUSTOM_MAX_DIGEST_SIZE 66 /* and may be as long as the order of P-521 */

/* Curve25519 and Curve448. */
#define HAVE_CURVE25519
#define HAVE_ED25519
#define HAVE_CURVE448
#define HAVE_ED448

/* Hashes, ciphers, key derivation. */
#define WOLFSSL_SHA3
#define WOLFSSL_SHAKE256 /* for Ed448 */
#define WOLFSSL_RIPEMD   /* fingerprints of BIP32 */
#define HAVE_HKDF
#define HAVE_X963_KDF
#define WOLFSSL_SHA224
#define WOLFSSL_SHA384
#define WOLFSSL_SHA512
#define HAVE_AES_ECB
#define HAVE_AES_CBC
#define HAVE_AES_DECRYPT
#define WOLFSSL_AES_DIRECT
#define WOLFSSL_AES_COUNTER
#define WOLFSSL_AES_CFB
#define WOLFSSL_AES_OFB
#define WOLFSSL_AES_XTS
#define WC_AES_XTS_ALLOW_DUPLICATE_KEYS /* a key that was imported is taken as it is */
#define HAVE_AESCCM
#define HAVE_AESGCM
#define WOLFSSL_AESGCM_STREAM
#define GCM_TABLE_4BIT
#define WOLFSSL_CMAC
#define HAVE_CHACHA
#define HAVE_POLY1305
#define NO_CHACHA_ASM /* a lock key or a message now and then: portable C will do */
#define NO_POLY1305_ASM

#endif
