/* SPDX-License-Identifier: Apache-2.0 */
/* The few cryptographic operations this project needs, in its own types.
 *
 * Speaks of what the card does, not of what a library offers; behind it stands wolfCrypt. Every call works inside
 * the caller's pool (`struct crypto`), never on the heap. Two contexts may be used from two threads at once;
 * one context serves one caller at a time, and a progress callback must not use the context that calls it. A size
 * that does not fit is ST_BAD_LENGTH, unless said otherwise.
 *
 * Numbers are big-endian. Results that fail leave their output wiped. Secrets are handled in constant time as far
 * as wolfCrypt's settings give it (docs/crypto.md). Signature and RSA results are verified before release.
 *
 * Common outcomes: ST_OK; ST_EXECUTION when the mathematics or the library failed, entropy is unhealthy, or work was
 * cancelled; ST_NO_SPACE when the pool is too small; further ones are named at each function. */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/bytes.h"
#include "base/status.h"
#include "port/entropy.h"
#include "port/progress.h"

/* ---- context, entropy, random numbers ---- */

#define CRYPTO_POOL_SIZE (48u * 1024u) /* enough for every operation here on a chip */

/* Health of one raw source: SP 800-90B 4.4 repetition count and adaptive proportion tests. */
struct crypto_health {
    uint32_t repetition_cutoff, proportion_cutoff;
    uint32_t repeated, window_at, window_hits;
    uint8_t last, window_first;
    bool started, failed;
};

/* HMAC_DRBG with SHA-256 (SP 800-90A 10.1.2), reseeded from the source at intervals. */
struct crypto_drbg {
    uint8_t key[32], v[32];
    uint32_t requests_since_seed;
    bool seeded;
};

/* All state of one user of this room. Zero it before crypto_open. Fields are private. */
struct crypto {
    span pool;
    const struct entropy *entropy;
    struct crypto_health health;
    struct crypto_drbg drbg;
    struct crypto *outer; /* whose turn it was when this context was entered */
    size_t pool_touched;  /* bytes from the start of the pool that this call has used: what to wipe */
    size_t pool_peak;     /* bytes of the pool in use at the worst moment so far; for measurements */
    bool pool_refused;    /* this call asked for more than there was */
};

/* Binds `pool` (16-byte aligned; CRYPTO_POOL_SIZE on chips, 256 KiB on hosts) and the source, runs the start-up
 * health tests over at least 1024 samples and seeds the DRBG. `pool` and `entropy` must outlive the context.
 * ST_OK; ST_EXECUTION: the source is stuck, biased or silent; the context then refuses random numbers, and all
 * that needs them, until a later crypto_open succeeds. Hashing, AEAD and verification still work. */
MUST_CHECK status crypto_open(struct crypto *c, span pool, const struct entropy *entropy);
/* Wipes the context and its pool. */
void crypto_close(struct crypto *c);
/* Does the source pass its health tests so far? */
bool crypto_healthy(const struct crypto *c);
/* Fills `out`, any size, from the DRBG. */
MUST_CHECK status crypto_random(struct crypto *c, span out);
/* Mixes caller data (a serial, a clock) into the DRBG as additional input; never lowers its quality. */
MUST_CHECK status crypto_stir(struct crypto *c, bytes data);

/* ---- hashes, MAC, KDF ---- */

/* What hosts have always had ends with SHA-512; SHA-3 (FIPS 202) is offered under algorithm ids of our own. */
enum crypto_hash {
    CRYPTO_SHA1,
    CRYPTO_SHA224,
    CRYPTO_SHA256,
    CRYPTO_SHA384,
    CRYPTO_SHA512,
    CRYPTO_SHA3_224,
    CRYPTO_SHA3_256,
    CRYPTO_SHA3_384,
    CRYPTO_SHA3_512,
    CRYPTO_HASH_COUNT
};
#define CRYPTO_HASH_MAX 64u

/* Digest size in bytes: 20, 28, 32, 48, 64, and the last four again. 0: no such hash. */
size_t crypto_hash_size(enum crypto_hash h);
/* Digest of the concatenation of `count` parts; out.n must be crypto_hash_size(h). */
MUST_CHECK status crypto_hash(struct crypto *c, enum crypto_hash h, const bytes *parts, size_t count, span out);

struct crypto_sha256 {
    uint64_t state[24];
};
/* SHA-256 of what comes in pieces: begin, any number of adds, end. The state holds no memory but its own. */
MUST_CHECK status crypto_sha256_begin(struct crypto *c, struct crypto_sha256 *s);
/* Takes the next piece, any size. */
MUST_CHECK status crypto_sha256_add(struct crypto *c, struct crypto_sha256 *s, bytes piece);
/* Gives the 32 bytes and wipes the state. */
MUST_CHECK status crypto_sha256_end(struct crypto *c, struct crypto_sha256 *s, span digest);

/* HMAC (FIPS 198-1) of the concatenation of `count` parts; out.n must be crypto_hash_size(h). Any key length. */
MUST_CHECK status crypto_hmac(struct crypto *c, enum crypto_hash h, bytes key, const bytes *parts, size_t count,
                              span out);
/* HKDF (RFC 5869), extract and expand; no salt: zeros. out.n 1..255 digests. */
MUST_CHECK status crypto_hkdf(struct crypto *c, enum crypto_hash h, bytes ikm, bytes salt, bytes info, span out);
/* PBKDF2-HMAC (RFC 8018), midstates of the password saved between rounds. rounds >= 1; out.n 1..CRYPTO_KDF_MAX.
 * `p` is ticked about every 1000 rounds; false cancels (ST_EXECUTION). */
MUST_CHECK status crypto_pbkdf2(struct crypto *c, enum crypto_hash h, bytes password, bytes salt, uint32_t rounds,
                                const struct progress *p, span out);
/* The KDF of ANSI X9.63 (SEC 1 3.6.1): digests of secret || counter || info; out.n 1..CRYPTO_KDF_MAX. */
MUST_CHECK status crypto_x963(struct crypto *c, enum crypto_hash h, bytes secret, bytes info, span out);
#define CRYPTO_KDF_MAX 65536u

/* ---- symmetric: ciphers, AEADs and MACs, in one piece or in many ---- */

/* clang-format off */
enum crypto_mode {            /* standard                key         iv     tag            text */
    CRYPTO_AES_ECB,           /* SP 800-38A              16, 24, 32  0      -              whole blocks */
    CRYPTO_AES_CBC,           /* SP 800-38A              16, 24, 32  16     -              whole blocks */
    CRYPTO_AES_CFB,           /* SP 800-38A, CFB128      16, 24, 32  16     -              any */
    CRYPTO_AES_OFB,           /* SP 800-38A              16, 24, 32  16     -              any */
    CRYPTO_AES_CTR,           /* SP 800-38A, mod 2^128   16, 24, 32  16     -              any */
    CRYPTO_AES_GCM,           /* SP 800-38D              16, 24, 32  1..64  12..16         any */
    CRYPTO_AES_CCM,           /* SP 800-38C              16, 24, 32  7..13  4, 6, 8 .. 16  below 2^(8 (15 - iv)) */
    CRYPTO_CHACHA20_POLY1305, /* RFC 8439                32          12     16             any */
    CRYPTO_AES_CMAC,          /* SP 800-38B              16, 24, 32  0      (MAC of 16)    any */
    CRYPTO_HMAC,              /* FIPS 198-1              any         0      (MAC of hash)  any */
    CRYPTO_AES_XTS,           /* IEEE 1619               32, 64      16     -              16 or more, in one piece */
    CRYPTO_MODE_COUNT
};
/* clang-format on */
#define CRYPTO_TAG_MAX 16u

/* What is to be done. The views need to live only as long as the call that takes them. */
struct crypto_cipher_params {
    enum crypto_mode mode;
    enum crypto_hash hash; /* HMAC */
    bool encrypt;          /* a MAC is computed either way */
    bytes key, iv;
    uint8_t tag_size;   /* AEAD; 0 stands for 16 */
    uint32_t text_size; /* CCM, which wants to know before it begins: bytes of plaintext, the tag not counted */
    uint32_t aad_size;  /* CCM, too; in one piece, crypto_cipher sets both */
};

/* A cipher, AEAD or MAC between its pieces; fields are private. It holds no memory but its own and may be copied, kept
 * across commands and forgotten: nothing needs to be freed, but its content is as secret as the key. Zeros: closed. */
struct crypto_cipher {
    _Alignas(16) uint8_t state[sizeof(void *) > 4 ? 1040 : 960];
};

/* Are these sizes in the table above, and does the nonce of CCM leave room to count the text? Of the key only its size is
 * looked at: what is asked before a use of the key is charged. ST_OK; ST_BAD_LENGTH, also for no such mode or hash. */
MUST_CHECK status crypto_cipher_check(const struct crypto_cipher_params *p);
/* Begins, whatever `s` held before.
 * ST_BAD_LENGTH: a size is not in the table above, no such mode or hash, or a text of CCM that its nonce has no room
 * for; ST_NOT_SUPPORTED: XTS. After any failure, here and below, `s` is closed and wiped. */
MUST_CHECK status crypto_cipher_begin(struct crypto *c, struct crypto_cipher *s, const struct crypto_cipher_params *p);
/* The next piece of the associated data, any size, any number of times.
 * ST_CONDITIONS: the mode has none, or the text has begun, or `s` is closed; ST_BAD_LENGTH: more than announced, or
 * over 2^32 - 1 bytes in all. */
MUST_CHECK status crypto_cipher_aad(struct crypto *c, struct crypto_cipher *s, bytes aad);
/* The next piece of the text, any size; appends to `out` what is complete: whole blocks (ECB, CBC; crypto_cipher_room
 * says how much), as much as came in (other ciphers), nothing (MAC). `in` and the place written to must not overlap,
 * except that they may start together while no part of a block is held back. The plaintext of an AEAD is not authentic
 * before crypto_cipher_end says so.
 * ST_CONDITIONS: `s` is closed; ST_BAD_LENGTH: no room in `out`, more or less than announced, or over 2^32 - 1 bytes in
 * all for an AEAD or AES-CMAC. `out` is as before. */
MUST_CHECK status crypto_cipher_update(struct crypto *c, struct crypto_cipher *s, bytes in, buf *out);
/* Bytes that crypto_cipher_update will append for a piece of `n`. */
size_t crypto_cipher_room(const struct crypto_cipher *s, size_t n);
/* The end; `s` is closed. Appends the tag (AEAD encrypting) or MAC. `tag`: what an AEAD decrypting must find, of
 * tag_size bytes; empty for all others.
 * ST_DATA_NOT_USABLE: not authentic; ST_CONDITIONS: `s` is closed; ST_BAD_LENGTH: half a block is left over (ECB, CBC),
 * the text is shorter than announced, another size of tag, no room in `out`. */
MUST_CHECK status crypto_cipher_end(struct crypto *c, struct crypto_cipher *s, bytes tag, buf *out);
/* Closes and wipes; harmless when closed. */
void crypto_cipher_abort(struct crypto_cipher *s);

/* All of it in one piece. Appends to `out`: ciphertext, then tag; plaintext (`in` is ciphertext, then tag); or MAC. The
 * place written to may start where `in` does, else they must not overlap. On failure what was written is wiped.
 * ST_DATA_NOT_USABLE: not authentic; ST_BAD_LENGTH: a size is not in the table, ECB or CBC of part of a block, XTS of
 * less than a block, `in` shorter than its tag, associated data for a mode that has none, no room in `out`. */
MUST_CHECK status crypto_cipher(struct crypto *c, const struct crypto_cipher_params *p, bytes aad, bytes in, buf *out);

/* ---- the same for what the card itself needs ---- */

#define CRYPTO_AEAD_KEY 32u
#define CRYPTO_AEAD_NONCE 12u
#define CRYPTO_AEAD_TAG 16u

/* AES-256-GCM (SP 800-38D). `sealed` = ciphertext ‖ tag: sealed.n = plain.n + 16. May overlap exactly (same start). */
MUST_CHECK status crypto_aead_seal(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed);
/* Opens what seal made; plain.n = sealed.n - 16. ST_DATA_NOT_USABLE: not authentic, `plain` is wiped. */
MUST_CHECK status crypto_aead_open(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain);
/* ChaCha20-Poly1305 (RFC 8439); sizes and outcomes as above. */
MUST_CHECK status crypto_chachapoly_seal(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes plain, span sealed);
MUST_CHECK status crypto_chachapoly_open(struct crypto *c, bytes key, bytes nonce, bytes aad, bytes sealed, span plain);
/* One AES-ECB block, encrypted; key 16, 24 or 32 bytes; in and out 16 bytes. */
MUST_CHECK status crypto_aes_block(struct crypto *c, bytes key, bytes in, span out);
/* AES-CBC over whole blocks; iv 16 bytes. */
MUST_CHECK status crypto_aes_cbc(struct crypto *c, bool encrypt, bytes key, bytes iv, bytes in, span out);
/* AES-CMAC (SP 800-38B) of the concatenation of `count` parts; out.n = 16. */
MUST_CHECK status crypto_aes_cmac(struct crypto *c, bytes key, const bytes *parts, size_t count, span out);

/* ---- elliptic curves (short Weierstrass) ---- */

enum crypto_curve {
    CRYPTO_SECP192R1,
    CRYPTO_SECP256R1,
    CRYPTO_SECP384R1,
    CRYPTO_SECP521R1,
    CRYPTO_BP256R1,
    CRYPTO_BP384R1,
    CRYPTO_BP512R1,
    CRYPTO_SECP192K1,
    CRYPTO_SECP256K1,
    CRYPTO_CURVE_COUNT
};
#define CRYPTO_EC_FIELD_MAX 66u
#define CRYPTO_EC_POINT_MAX (1u + 2u * CRYPTO_EC_FIELD_MAX)
#define CRYPTO_ECDSA_MAX (2u * CRYPTO_EC_FIELD_MAX)

/* Domain parameters (SEC 2, RFC 5639) as full-length big-endian numbers; G uncompressed; cofactor is 1. */
struct crypto_curve_params {
    bytes p, a, b, g, n;
    size_t field_size; /* bytes of p and of n */
};
/* Parameters of a curve, in ROM. NULL when `curve` is out of range. */
const struct crypto_curve_params *crypto_curve_params(enum crypto_curve curve);
/* The curve with exactly this prime (full length, no leading zeros). False: none. */
bool crypto_curve_by_prime(bytes p, enum crypto_curve *curve);

/* New key pair (FIPS 186-5 A.2.2, rejection). d.n = field_size; point.n = 1 + 2 * field_size (04‖X‖Y). */
MUST_CHECK status crypto_ec_generate(struct crypto *c, enum crypto_curve curve, span d, span point);
/* Q = dG for 1 <= d < n, else ST_EXECUTION. Sizes as above. */
MUST_CHECK status crypto_ec_public(struct crypto *c, enum crypto_curve curve, bytes d, span point);
/* sum = (d + a) mod n: the private key of Q + aG. sum.n = d.n = field_size; a: 1..field_size bytes of any value, not a
 * secret. ST_EXECUTION: d is no private key, or the sum is zero. */
MUST_CHECK status crypto_ec_add_private(struct crypto *c, enum crypto_curve curve, bytes d, bytes a, span sum);
/* Is it a valid public key (format 04, right length, coordinates in range, on the curve, not infinity)?
 * ST_OK; ST_DATA_NOT_USABLE. */
MUST_CHECK status crypto_ec_check_point(struct crypto *c, enum crypto_curve curve, bytes point);
/* ECDSA over a given digest of 1 byte or more, which need not be one: the leftmost bits count, as many as the order has
 * (FIPS 186-5 6.4.1). Hedged RFC 6979 nonce (3.6, additional random input). `rs` = r‖s, each field_size. Verified with
 * the public key before release; every private key signs, 1 and n-1 too. */
MUST_CHECK status crypto_ecdsa_sign(struct crypto *c, enum crypto_curve curve, bytes d, bytes digest, span rs);
/* ST_OK when (r,s) is a signature; ST_CONDITIONS when it is not; ST_DATA_NOT_USABLE for a bad point. Of signatures by
 * private keys next to 0 or n, which anybody finds, right ones may be refused (docs/crypto.md). */
MUST_CHECK status crypto_ecdsa_verify(struct crypto *c, enum crypto_curve curve, bytes point, bytes digest, bytes rs);
/* x-coordinate of d*peer, x.n = field_size. ST_DATA_NOT_USABLE: `peer` is no valid point; ST_EXECUTION: infinity. */
MUST_CHECK status crypto_ecdh(struct crypto *c, enum crypto_curve curve, bytes d, bytes peer, span x);

/* ---- Curve25519 and Curve448: key pairs that are strings of bytes (RFC 7748, RFC 8032; RFC 8037 calls them OKP) ---- */

enum crypto_okp { CRYPTO_X25519, CRYPTO_X448, CRYPTO_ED25519, CRYPTO_ED448, CRYPTO_OKP_COUNT };
#define CRYPTO_OKP_KEY_MAX 57u
#define CRYPTO_EDDSA_MAX (2u * CRYPTO_OKP_KEY_MAX)
#define CRYPTO_EDDSA_PREHASH 64u /* bytes of SHA-512, or of SHAKE256 as Ed448ph wants it */
#define CRYPTO_EDDSA_CONTEXT_MAX 255u

struct crypto_okp_params {
    bytes p, order;  /* big-endian, full length, as in certificates: 32 or 56 bytes */
    bytes a, b;      /* what the equation has: A and B, Edwards a and d; minimal length, for containers of keys */
    bytes base;      /* the base point as a public key: key_size bytes */
    size_t key_size; /* bytes of a private key, and of a public one */
    bool signs;      /* Edwards: EdDSA, signatures of 2 * key_size bytes. Montgomery: agreement */
};
/* Parameters, in ROM. NULL when `okp` is out of range. */
const struct crypto_okp_params *crypto_okp_params(enum crypto_okp okp);
/* The prime (full length) names two curves, the first byte of the base point the one of them: 09 X25519, 05 X448, any
 * other or none Ed25519 or Ed448 (formats.md 3.3). False: another prime. */
bool crypto_okp_by_prime(bytes p, bytes base, enum crypto_okp *okp);

/* New key pair; d.n = q.n = key_size. The private string of a Montgomery curve is clamped (RFC 7748 section 5). */
MUST_CHECK status crypto_okp_generate(struct crypto *c, enum crypto_okp okp, span d, span q);
/* The public key of any private string. Sizes as above. */
MUST_CHECK status crypto_okp_public(struct crypto *c, enum crypto_okp okp, bytes d, span q);
/* X25519, X448 (RFC 7748 section 5): d.n = peer.n = shared.n = key_size. Every string is a public key: numbers that are
 * not reduced are, X25519 ignores the top bit. ST_EXECUTION: the result is zero, `peer` has a small order (section 6).
 * ST_BAD_LENGTH: also for a curve that signs. */
MUST_CHECK status crypto_okp_agree(struct crypto *c, enum crypto_okp okp, bytes d, bytes peer, span shared);

/* What is signed (RFC 8032 sections 5.1 and 5.2): a message, or with `prehashed` the crypto_eddsa_prehash of one, under
 * a context of 0..255 bytes. Ed25519 with a context is Ed25519ctx, without one it is pure Ed25519. */
struct crypto_eddsa_input {
    bytes message; /* any length; prehashed: CRYPTO_EDDSA_PREHASH */
    bytes context;
    bool prehashed;
};
/* The hash that Ed25519ph (SHA-512) or Ed448ph (SHAKE256) takes; hash.n = CRYPTO_EDDSA_PREHASH. */
MUST_CHECK status crypto_eddsa_prehash(struct crypto *c, enum crypto_okp okp, bytes message, span hash);
/* EdDSA, deterministic; signature.n = 2 * key_size. Verified with the public key before release. ST_BAD_LENGTH: also for
 * a curve that does not sign. */
MUST_CHECK status crypto_eddsa_sign(struct crypto *c, enum crypto_okp okp, bytes d,
                                    const struct crypto_eddsa_input *input, span signature);
/* ST_OK when it is a signature by the owner of `q`; ST_CONDITIONS when it is not: also for numbers that are not reduced
 * and for a `q` that is no point. Whose signature it is when `q` has a small order is anybody's: RFC 8032 takes such
 * keys, the library does not from 5.9.2 on. */
MUST_CHECK status crypto_eddsa_verify(struct crypto *c, enum crypto_okp okp, bytes q,
                                      const struct crypto_eddsa_input *input, bytes signature);

/* ---- hierarchical keys ---- */

/* BIP32 on secp256k1, SLIP-10 on secp256k1 and P-256, SLIP-21. (SLIP-10's Ed25519 is not served.) */
enum crypto_hd_kind { CRYPTO_HD_NONE, CRYPTO_HD_SECP256K1, CRYPTO_HD_SECP256R1, CRYPTO_HD_SYMMETRIC };
#define CRYPTO_HD_MASTER_SIZE 64u /* HMAC-SHA-512 of the seed */
#define CRYPTO_HD_POINT_SIZE 33u  /* compressed */
#define CRYPTO_HD_FINGERPRINT_SIZE 4u
#define CRYPTO_HD_HARDENED 0x80000000u
#define CRYPTO_RIPEMD160_SIZE 20u

/* A secret: to be wiped. Private fields but `kind`, CRYPTO_HD_NONE when empty. */
struct crypto_hd_node {
    uint8_t kind;
    bool point_known;
    uint8_t key[32], chain[32];
    uint8_t point[CRYPTO_HD_POINT_SIZE]; /* of the key, once it was wanted: it takes most of the time */
};

/* The 64 bytes that a seed (not empty) makes; master.n = CRYPTO_HD_MASTER_SIZE. A value that is no private key is hashed
 * again (SLIP-10). ST_BAD_LENGTH: also for no such kind. */
MUST_CHECK status crypto_hd_master(struct crypto *c, enum crypto_hd_kind kind, bytes seed, span master);
/* The node at the root of a master's tree. ST_OK, ST_BAD_LENGTH. */
MUST_CHECK status crypto_hd_node(enum crypto_hd_kind kind, bytes master, struct crypto_hd_node *node);
/* Goes on to a child: `index` with bit 31 (CRYPTO_HD_HARDENED) or without. ST_BAD_LENGTH: the node is symmetric or empty.
 * After a failure it is what it was. */
MUST_CHECK status crypto_hd_child(struct crypto *c, struct crypto_hd_node *node, uint32_t index);
/* The same for symmetric nodes (SLIP-21); label of any length. ST_BAD_LENGTH: the node is none. */
MUST_CHECK status crypto_hd_labelled_child(struct crypto *c, struct crypto_hd_node *node, bytes label);
/* The curve of a node that is not symmetric. */
enum crypto_curve crypto_hd_curve(const struct crypto_hd_node *node);
/* The compressed public key, CRYPTO_HD_POINT_SIZE bytes. ST_BAD_LENGTH: the node has none. */
MUST_CHECK status crypto_hd_point(struct crypto *c, struct crypto_hd_node *node, span point);
/* The first 4 bytes of RIPEMD-160(SHA-256(compressed point; of symmetric nodes: key)). */
MUST_CHECK status crypto_hd_fingerprint(struct crypto *c, struct crypto_hd_node *node, span fingerprint);
/* For __attribute__((cleanup)), too. */
void crypto_hd_wipe(struct crypto_hd_node *node);
/* RIPEMD-160 (ISO/IEC 10118-3); out.n = CRYPTO_RIPEMD160_SIZE. */
MUST_CHECK status crypto_ripemd160(struct crypto *c, bytes in, span out);

/* ---- RSA ---- */

#define CRYPTO_RSA_MAX 512u /* bytes of the largest modulus */

/* A private key by its parts, fixed widths, zeros in front: n.n = bits/8; the others (bits/2 + 7)/8 bytes each. */
struct crypto_rsa {
    bytes n, p, q, dp, dq, qinv;
    uint32_t e;
};
/* Room for one: the parts of a generated key lie in it, in the order n p q dp dq qinv. */
#define CRYPTO_RSA_PARTS_SIZE(bits) ((size_t)(bits) / 8u + 5u * (((size_t)(bits) / 2u + 7u) / 8u))
#define CRYPTO_RSA_PARTS_MAX CRYPTO_RSA_PARTS_SIZE(4096u)
/* The view of parts in `parts` (exactly CRYPTO_RSA_PARTS_SIZE(bits) bytes). */
struct crypto_rsa crypto_rsa_view(bytes parts, uint32_t e);

/* New key, bits 1024..4096 in steps of 8, e odd, 3 <= e < 2^32 (FIPS 186-5 A.1.3 bounds; docs/crypto.md names the
 * deviations). `p` is ticked between candidates. parts.n = CRYPTO_RSA_PARTS_SIZE(bits). A pairwise consistency
 * test is made. ST_BAD_DATA: bits or e out of range. */
MUST_CHECK status crypto_rsa_generate(struct crypto *c, uint32_t bits, uint32_t e, const struct progress *p,
                                      span parts);
/* The parts of a key made elsewhere, from its private exponent (modulo phi or lambda) or from its primes. `n` without
 * leading zeros, 128..512 bytes; other numbers may have some. parts.n = CRYPTO_RSA_PARTS_SIZE(8 * n.n). That p and q are
 * primes is not tried: the first private operation finds out.
 * ST_EXECUTION: the numbers do not belong together, e is even or below 3, or p and q are not both half as long as n. */
MUST_CHECK status crypto_rsa_from_exponent(struct crypto *c, bytes n, uint32_t e, bytes d, span parts);
MUST_CHECK status crypto_rsa_from_primes(struct crypto *c, bytes n, uint32_t e, bytes p, bytes q, span parts);
/* d = e^-1 mod (p-1)(q-1), d.n = n.n. */
MUST_CHECK status crypto_rsa_exponent(struct crypto *c, const struct crypto_rsa *key, span d);
/* The private operation in^d mod n with blinding, result verified with e before release (fault attacks).
 * in.n = out.n = n.n: 128..512 bytes, top bit set; e >= 3. ST_EXECUTION: in >= n, the parts have other sizes than
 * crypto_rsa_view gives or do not belong together, or the check failed. `in` and `out` must not
 * overlap. */
MUST_CHECK status crypto_rsa_private(struct crypto *c, const struct crypto_rsa *key, bytes in, span out);
/* in^e mod n. in.n = out.n = n.n; ST_EXECUTION: in >= n. */
MUST_CHECK status crypto_rsa_public(struct crypto *c, bytes n, uint32_t e, bytes in, span out);
/* EMSA-PKCS1-v1_5 block (RFC 8017 9.2) around a ready DigestInfo, em.n = modulus bytes. ST_BAD_LENGTH: does not fit. */
MUST_CHECK status crypto_rsa_pad_v15(bytes digest_info, span em);
/* How PSS and OAEP are done: `hash` of message or label, `mgf` the hash of MGF1. */
struct crypto_rsa_padding {
    enum crypto_hash hash, mgf;
    size_t salt_size; /* PSS only */
    bytes label;      /* OAEP only; any length, public */
};
#define CRYPTO_RSA_SALT_AS_HASH SIZE_MAX /* as long as the digest, or what fits */
/* The longest salt that fits PSS of `modulus_bits` bits. False: not even an empty one does. */
bool crypto_rsa_salt_max(enum crypto_hash hash, size_t modulus_bits, size_t *most);
/* EMSA-PSS (RFC 8017 9.1); em for `modulus_bits` bits. digest.n = crypto_hash_size(hash). ST_BAD_LENGTH: the salt does
 * not fit, or not even an empty one. */
MUST_CHECK status crypto_rsa_pad_pss(struct crypto *c, const struct crypto_rsa_padding *pss, bytes digest,
                                     size_t modulus_bits, span em);
/* Removes EME-PKCS1-v1_5 padding in constant time. *size = length of the message moved to the start of `em`.
 * ST_EXECUTION for every kind of failure, after the same work. */
MUST_CHECK status crypto_rsa_unpad_v15(span em, size_t *size);
/* Removes EME-OAEP (RFC 8017 7.1.2); as unpad_v15. */
MUST_CHECK status crypto_rsa_unpad_oaep(struct crypto *c, const struct crypto_rsa_padding *oaep, span em, size_t *size);

#endif
