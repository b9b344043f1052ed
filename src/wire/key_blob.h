/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapped keys: the blob that WRAP makes and UNWRAP takes (formats.md 5), for both ends.
 *
 * A blob is read in three steps that cannot be mixed up: its shape, which is public; its MAC, compared in constant time
 * before anything is decrypted; and the components of the plaintext, which are no more trusted than the shape was,
 * because whoever knows the DKEK can write them. What the components mean is the caller's. */
#ifndef WIRE_KEY_BLOB_H
#define WIRE_KEY_BLOB_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"

#define DKEK_SIZE 32u
#define DKEK_KCV_SIZE 8u
#define KEY_BLOB_PARTS_MAX 7u
#define KEY_BLOB_RANDOM 8u /* before the components */
/* Plaintext of the largest key, RSA-4096 with all of its parts, and a whole block of padding. */
#define KEY_BLOB_PLAIN_MAX 1856u
/* What stands around the ciphertext: KCV, type, default algorithm, list of 32, two empty fields, MAC. */
#define KEY_BLOB_AROUND_MAX (8u + 1u + 12u + 34u + 2u + 2u + 16u)
#define KEY_BLOB_MAX (KEY_BLOB_AROUND_MAX + KEY_BLOB_PLAIN_MAX)

enum key_blob_type { KEY_BLOB_RSA = 0x05, KEY_BLOB_RSA_CRT = 0x06, KEY_BLOB_EC = 0x0C, KEY_BLOB_AES = 0x0F };

/* The shape of a blob; views into what was read. */
struct key_blob {
    bytes kcv; /* 8 bytes of the DKEK's hash */
    enum key_blob_type type;
    bytes default_algorithm; /* any bytes: an OID, by which secret keys say their kind (wire/secret_kind.h) */
    bytes algorithms;        /* that the key may be used with, 0..32 bytes; none: all */
    bytes authenticated, encrypted, mac;
};

/* Reads the shape. `encrypted` is 16..KEY_BLOB_PLAIN_MAX bytes, a multiple of 16. The content of the other fields
 * (access conditions, OID) is not looked at.
 *   out  written on ST_OK only
 * ST_OK; ST_DATA_NOT_USABLE: too short or too long, a length that does not fit, an unknown type. */
MUST_CHECK status key_blob_read(bytes in, struct key_blob *out);

/* First 8 bytes of SHA-256 of the DKEK (32 bytes). */
MUST_CHECK status key_blob_kcv(struct crypto *c, bytes dkek, span kcv);

/* Checks the MAC, then decrypts. plain.n = blob->encrypted.n; it is wiped unless ST_OK.
 * ST_OK; ST_EXECUTION: another DKEK or a changed blob. */
MUST_CHECK status key_blob_open(struct crypto *c, const struct key_blob *blob, bytes dkek, span plain);

/* What a key is made of, in the order of formats.md 5.2; views into what was read. */
struct key_blob_parts {
    uint32_t size; /* bits of modulus or field; secret keys: bytes */
    bytes part[KEY_BLOB_PARTS_MAX];
    bytes rest; /* behind the last component: padding */
};
/* Places in `part`. */
enum { RSA_D, RSA_N, RSA_E };
enum { CRT_DP, CRT_DQ, CRT_P, CRT_QINV, CRT_Q, CRT_N, CRT_E };
enum { EC_A, EC_B, EC_PRIME, EC_ORDER, EC_G, EC_D, EC_Q };
enum { AES_KEY };

/* Reads the components of a key of `type` from its size field on.
 *   out  written on ST_OK only
 * ST_OK; ST_DATA_NOT_USABLE: something is longer than what there is; a secret key of no byte or more than 128. */
MUST_CHECK status key_blob_parts_read(enum key_blob_type type, bytes in, struct key_blob_parts *out);
/* Appends size and components as key_blob_parts_read takes them. Numbers go out as they are given. */
void key_blob_parts_put(buf *out, enum key_blob_type type, const struct key_blob_parts *parts);

/* What the header of a blob says. */
struct key_blob_header {
    enum key_blob_type type;
    bytes default_algorithm; /* OID; empty: the one that all hosts write for this type */
    bytes algorithms;        /* 0..32 bytes */
};
/* Appends a whole blob around `components` (size field included, up to KEY_BLOB_PLAIN_MAX less 8 bytes).
 * ST_OK; ST_BAD_LENGTH: it does not fit `out`, or DKEK or list have a wrong size. Then nothing secret is in `out`. */
MUST_CHECK status key_blob_seal(struct crypto *c, const struct key_blob_header *header, bytes dkek, bytes components,
                                buf *out);

#endif
