/* SPDX-License-Identifier: Apache-2.0 */
/* Card verifiable certificates and the requests for them (formats.md 3, apdu.md 3.12).
 *
 * Three jobs: reading the template of GENERATE ASYMMETRIC KEY PAIR, reading certificates, writing
 * them. Verifies no signature and makes none: the caller hands in a signer. Writing goes straight
 * into the reply buffer; objects are signed where they lie. All views of results point into the
 * input. */
#ifndef WIRE_CVC_H
#define WIRE_CVC_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "wire/key_metadata.h"

#define CVC_NAME_MAX 16u /* characters of CAR and CHR */
#define CVC_DATE_SIZE 6u /* one decimal digit a byte: Y Y M M D D */

/* OKP: one of X25519, X448, Ed25519, Ed448. */
enum cvc_kind { CVC_RSA, CVC_EC, CVC_OKP };

/* ---- the template of GENERATE ASYMMETRIC KEY PAIR (cvc_request.c) ---- */

struct cvc_key_request {
    enum cvc_kind kind;
    enum crypto_curve curve; /* CVC_EC */
    enum crypto_okp okp;     /* CVC_OKP */
    uint32_t rsa_bits;       /* CVC_RSA: 1024..4096, a multiple of 8; 2048 when not said */
    uint32_t rsa_e;          /* CVC_RSA: odd, >= 3; 65537 when not said */
    bytes car, chr;          /* 0..16 bytes; empty: the caller's default, the device name */
    struct key_metadata metadata;
};

/* Reads the command data: flat `[5F29] [42] 7F49 [5F20] [45] [90] [91] [92] [93]` in any order.
 * The first of a tag wins, unknown tags, 45 and the value of 5F29 are ignored.
 *   out  written on ST_OK only
 * The curve is known by its prime 81, of the Montgomery and Edwards curves by the first byte of 83
 * as well; of 82..85 and 87 those present must be the curve's (numbers may lack or have leading
 * zeros, the prime and the base point may not).
 * ST_OK             the caller still decides whether it supports `kind`, and about 91 with 84
 *                   (XKEK)
 * ST_BAD_LENGTH     no 7F49; EC without 81; Montgomery or Edwards prime without 83
 * ST_NOT_SUPPORTED  unknown prime
 * ST_BAD_DATA       all else: malformed TLV, CAR or CHR over 16 bytes, OID missing or not one of
 *                   the two of 3.12, parameters of another curve, RSA size or exponent out of
 *                   range or of the wrong length, metadata (key_metadata_parse) */
MUST_CHECK status cvc_key_request_parse(bytes in, struct cvc_key_request *out);

/* ---- reading certificates (cvc.c) ---- */

/* The objects of a 7F49: OID, and the fields 81..87 by cvc_key_field. What they mean depends on the
 * OID: 81 modulus, 82 exponent; or 81 p, 82 a, 83 b, 84 G, 85 n, 86 Q, 87 cofactor; or for
 * Montgomery and Edwards keys 81 p, 82 order, 83 base, 84 public key. Absent and empty are the
 * same. */
struct cvc_key {
    bytes oid;
    bytes field[7];
};
/* The field with `tag` 81..87; empty for any other tag. */
bytes cvc_key_field(const struct cvc_key *key, uint16_t tag);

struct cvc {
    bytes whole; /* the object that was read: 67, 7F21, or all of a bare content */
    bytes body;  /* the complete 7F4E object: what `signature` signs */
    bytes car;   /* 42, 0..16 bytes; empty when absent */
    bytes chr;   /* 5F20, 1..16 bytes */
    struct cvc_key key;
    bytes role_oid, role;       /* 06 and 53 of 7F4C; certificates only */
    bytes valid_from, valid_to; /* 5F25, 5F24: 6 bytes, or empty */
    bytes extensions;           /* content of 65: objects 73 */
    bytes signature;            /* 5F37: raw r‖s, or modulus-length */
    bytes outer_signed;         /* of a 67: the 7F21 and 42 objects, what outer_signature signs */
    bytes outer_car, outer_signature;
};

/* Reads the next certificate (7F21) or authenticated request (67) of a concatenation, such as EF
 * 2F02. 67 must hold 7F21, 42, 5F37 and 7F21 must hold 7F4E, 5F37, in this order and nothing else.
 * In the body 7F49 with an OID and 5F20 are required, the first of a tag wins, unknown tags are
 * skipped. False at the clean end, and, with r->bad set, when it is no such object. `out` is
 * zeroed then. */
bool cvc_next(reader *r, struct cvc *out);
/* Reads one: a whole 67, a whole 7F21, or the content of a 7F21 (begins with 7F4E); nothing may
 * follow. False, and `out` zeroed, when it is none. */
bool cvc_parse(bytes in, struct cvc *out);
/* Reads one authenticated request: a whole 67, or the content of one (begins with 7F21). As cvc_parse. */
bool cvc_parse_request(bytes in, struct cvc *out);

/* ---- writing (cvc_write.c) ---- */

/* A public key to write. Sizes are the caller's duty. */
struct cvc_public_key {
    enum cvc_kind kind;
    enum crypto_curve curve; /* EC */
    enum crypto_okp okp;     /* OKP */
    bytes point;             /* EC: 04‖X‖Y; OKP: the string of the RFCs */
    bytes modulus;           /* RSA: full length */
    uint32_t e;              /* RSA */
};

/* What goes into a 7F4E. */
struct cvc_content {
    bytes car, chr; /* an empty CAR is left out */
    struct cvc_public_key key;
    bytes role;                 /* 53 of 7F4C (OID id-AT); empty: no 7F4C, no dates: a request */
    bytes valid_from, valid_to; /* 6 bytes each, with `role` only */
    bytes extensions;           /* content of 65; empty: none */
};

/* Makes a raw signature (r‖s, or modulus-length) over `message` and appends it to `out`. `message`
 * lies in the same memory, before out->n. A status other than ST_OK ends the writing and is handed
 * on. */
struct cvc_signer {
    void *ctx;
    status (*sign)(void *ctx, bytes message, buf *out);
};

/* Appends `7F49 { 06, 81, 82 }`, `7F49 { 06, 81 p, 82 a, 83 b, 84 G, 85 n, 86 Q, 87 01 }` or
 * `7F49 { 06, 81 p, 82 order, 83 base, 84 Q }`, all full length, with the OID of RSA v1.5 or ECDSA
 * with SHA-256, or of RI-ECDH. A curve that is none sets `full`. */
void cvc_put_public_key(buf *out, const struct cvc_public_key *key);

/* Appends the complete 7F4E object and returns a view of it: what the inner signature signs. The
 * view is stale once an object around it is closed; empty when `full`. */
bytes cvc_put_body(buf *out, const struct cvc_content *content);

/* Appends `7F21 { 7F4E, 5F37 }`, signed by `signer` over the 7F4E object.
 * ST_OK; ST_NO_SPACE: does not fit; or the signer's status. Nothing is appended unless ST_OK. */
MUST_CHECK status cvc_put_certificate(buf *out, const struct cvc_content *content, const struct cvc_signer *signer);

/* Appends `67 { 7F21 { 7F4E, 5F37 }, 42 outer_car, 5F37 }`, `inner` signing the 7F4E object and
 * `outer` the 7F21 and 42 objects. As cvc_put_certificate. */
MUST_CHECK status cvc_put_request(buf *out, const struct cvc_content *content, const struct cvc_signer *inner,
                                  bytes outer_car, const struct cvc_signer *outer);

/* Appends the `7F21 { 7F4E, 5F37 }` of what was read, whatever it was read from; or nothing, and `full`. */
void cvc_put_read(buf *out, const struct cvc *certificate);

/* Role and dates of the self-signed device certificate (formats.md 3.7). */
bytes cvc_device_role(void);
bytes cvc_device_valid_from(void);
bytes cvc_device_valid_to(void);

#endif
