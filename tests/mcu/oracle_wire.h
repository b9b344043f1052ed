/* SPDX-License-Identifier: Apache-2.0 */
/* A question from a test under QEMU to OpenSSL on the host, and its answer: two pipes, little-endian words.
 *
 * question: struct question, then the inputs one after the other; answer: a word, then the outputs in full. Both sides
 * are little-endian and built from one tree, so structs go over as they are. */
#ifndef TESTS_MCU_ORACLE_WIRE_H
#define TESTS_MCU_ORACLE_WIRE_H

#include <stdint.h>

#define QUESTION_PATH "/dev/fd/40" /* as QEMU sees the pipes that tests/mcu/oracle_host.c opened */
#define ANSWER_PATH "/dev/fd/41"

enum { QUESTION_FD = 40, ANSWER_FD = 41, ORACLE_INPUTS = 6, ORACLE_OUTPUTS = 2, ORACLE_BYTES_MAX = 1 << 20 };

enum oracle_function {
    /* tests/unit/card/oracle.h */
    CARD_HASH,
    CARD_ECDSA_DER,
    CARD_ECDSA_RAW,
    CARD_ECDH,
    CARD_EDDSA,
    CARD_OKP_AGREE,
    CARD_EC_PUBLIC,
    CARD_EC_ADD,
    CARD_HKDF,
    CARD_CHACHAPOLY,
    CARD_V15,
    CARD_PSS,
    CARD_RSA_PUBLIC,
    CARD_ENCRYPT_V15,
    CARD_ENCRYPT_OAEP,
    /* tests/unit/crypto/oracle.h */
    CRYPTO_CURVE,
    CRYPTO_PUBLIC,
    CRYPTO_ECDH,
    CRYPTO_VERIFY,
    CRYPTO_SIGN,
    CRYPTO_OKP_PUBLIC,
    CRYPTO_RSA_FAULT,
    CRYPTO_CIPHER_ONE_PIECE,
    CRYPTO_KDF,
    CRYPTO_DRBG_OPEN,
    CRYPTO_DRBG_GENERATE,
    CRYPTO_DRBG_RESEED,
    CRYPTO_DRBG_CLOSE
};

struct question {
    uint32_t function;
    uint32_t numbers[3];                             /* curve, hash, bits: see oracle_host.c */
    uint32_t e;                                      /* an RSA key's public exponent */
    uint32_t in[ORACLE_INPUTS], out[ORACLE_OUTPUTS]; /* sizes */
};

#endif
