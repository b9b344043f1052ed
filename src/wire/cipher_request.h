/* SPDX-License-Identifier: Apache-2.0 */
/* What a host says about a symmetric operation: the OIDs of apdu.md 3.17 and the objects around them, for CIPHER (78) and
 * our STREAM (7A) and KDF STORE (7C). Sizes are judged here, so that a use is charged for good data only. */
#ifndef WIRE_CIPHER_REQUEST_H
#define WIRE_CIPHER_REQUEST_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "wire/secret_kind.h"

#define PBKDF2_ROUNDS_MAX 1000000u

enum cipher_family { CIPHER_TEXT, CIPHER_MAC, CIPHER_HKDF, CIPHER_PBKDF2, CIPHER_X963, CIPHER_HD };

/* One row of the table. Kinds: bits 1 << SECRET_..., those that may do it; SECRET_ANY is always among them, except that
 * an HD cipher has no key of its own. */
struct cipher_algorithm {
    bytes oid;
    enum cipher_family family;
    enum crypto_mode mode; /* TEXT, MAC */
    enum crypto_hash hash; /* HMAC, HKDF */
    uint8_t key_size;      /* bytes; 0: any */
    uint8_t kinds;
};

/* The objects of a command; views into its data, empty where there is none. */
struct cipher_request {
    const struct cipher_algorithm *algorithm; /* what the OID names; never NULL after ST_OK */
    bytes oid;                                /* 06 */
    bytes data;                               /* 81: text, message, info, parameters */
    bytes iv;                                 /* 82: IV, nonce, salt                 */
    bytes more;                               /* 83: associated data, shared info    */
    bytes size;                               /* 84: our commands: how long it is to be, big-endian */
    bytes tag;                                /* 85, ours: bytes of the tag, one byte */
    bytes peer;                               /* 86: 7C: public key                  */
    bytes hash;                               /* 87, ours: HKDF: HMAC OID of a hash that HKDF has no OID for */
    bool has_data, has_iv, has_size, has_tag, has_peer, has_hash;
};

/* Reads the objects in any order; the first of a tag wins, others are skipped.
 *   out  written on ST_OK only
 * ST_OK; ST_BAD_DATA: malformed; ST_BAD_LENGTH: no OID, or none of ours. */
MUST_CHECK status cipher_request_read(bytes in, struct cipher_request *out);
/* The same for STREAM, where AES-CMAC has the number by which lists know it for an OID: `06 01 18`. */
MUST_CHECK status cipher_request_read_stream(bytes in, struct cipher_request *out);

/* The algorithm with exactly this OID; NULL: none. */
const struct cipher_algorithm *cipher_algorithm_by_oid(bytes oid);
/* The algorithms that P2 alone names: AES-CBC (encrypting, decrypting), AES-CMAC and the derivation 99; NULL: none. */
const struct cipher_algorithm *cipher_algorithm_by_id(uint8_t id);

/* May a key of this kind do it? */
bool cipher_allows_kind(const struct cipher_algorithm *algorithm, enum secret_kind kind);

/* From a request for TEXT or MAC and a key of `key_size` bytes to what crypto.h takes, but for the key itself and the
 * sizes that CCM wants in advance. Without an IV where one is optional: zeros; an IV that the mode has no use for is not
 * looked at.
 * ST_OK; ST_BAD_LENGTH: key, IV or tag of a wrong size, another family. */
MUST_CHECK status cipher_request_params(const struct cipher_request *request, bool encrypt, size_t key_size,
                                        struct crypto_cipher_params *out);
/* The associated data of an AEAD; of all others none, whatever the host sent. */
bytes cipher_request_aad(const struct cipher_request *request);
/* Is this much text what the mode takes in one piece (decrypting: with its tag)? ST_OK, ST_BAD_LENGTH. */
MUST_CHECK status cipher_text_check(const struct crypto_cipher_params *params, size_t n);

/* A derivation. */
struct kdf {
    enum cipher_family family; /* HKDF, PBKDF2, X963 */
    enum crypto_hash hash;
    bytes salt, info;
    uint32_t rounds;     /* PBKDF2 */
    size_t size;         /* PBKDF2: keyLength; 0: not said */
    size_t natural_size; /* when the host does not say how much it wants */
};
/* ST_OK; ST_BAD_DATA: parameters not understood, rounds out of range, an unknown hash; ST_BAD_LENGTH: no KDF. */
MUST_CHECK status cipher_request_kdf(const struct cipher_request *request, struct kdf *out);

#endif
