/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/kat does with a case of a file: put its key into a card, send the commands, and say what the card did.
 *
 * A kind of file is a function. It says what happened, never whether that is right: a case that had to be refused and was
 * answered, or the other way round, is found in kat.c. */
#ifndef TESTS_KAT_KAT_H
#define TESTS_KAT_KAT_H

#include "crypto/crypto.h"
#include "tests/hex.h"
#include "tests/kat/kat_file.h"
#include "tests/rig/rig.h"
#include "wire/key_blob.h"
#include "wire/tlv.h"

enum kat_outcome {
    KAT_AGREES,    /* the card gave the expected result */
    KAT_REFUSED,   /* the card, or the function under test, said no in one of the ways it may */
    KAT_DIFFERS,   /* another result, or a status word that nobody expects here */
    KAT_NOT_SERVED /* the interface has no way to say this; `why` names it */
};
struct kat_result {
    enum kat_outcome outcome;
    const char *why; /* text that lives on */
};

struct kat {
    struct rig *rig;
    uint8_t id; /* of the key that is in now */
    bytes last; /* the import that made it; owned */
};

/* Imports a key (decisions.md, 5E) under a free id, or keeps the one that is in. `more`: metadata in hex.
 * The status word: 9000 or why not. */
uint16_t kat_import(struct kat *k, enum key_blob_type type, const struct key_blob_parts *parts, const char *more);
/* The same for a key of EC by prime, base point and d, and for a secret of any size. */
uint16_t kat_import_ec(struct kat *k, bytes prime, bytes base, size_t bits, bytes d);
uint16_t kat_import_secret(struct kat *k, bytes key);
uint16_t kat_import_rsa(struct kat *k, const struct kat_case *c);
/* A command on that key. ne as rig_command. */
struct answer kat_command(struct kat *k, uint8_t ins, uint8_t p2, bytes data, uint32_t ne);

/* 9000 and `want`, or an error word among those of `refusals` (0 ends them). */
struct kat_result kat_judge(struct answer a, bytes want, const uint16_t *refusals);
struct kat_result kat_says(enum kat_outcome outcome, const char *why);

/* By the names of the files; both end the program when there is no such thing. */
enum crypto_hash kat_hash(const char *name);
enum crypto_curve kat_curve(const char *name);

typedef struct kat_result kat_run(struct kat *k, const struct kat_case *c);
kat_run kat_aead, kat_cipher, kat_mac, kat_kdf;                                   /* secret.c */
kat_run kat_ecdh, kat_ecdsa_sign, kat_ecdsa_verify, kat_eddsa;                    /* curves.c */
kat_run kat_rsa_oaep, kat_rsa_decrypt, kat_rsa_sign, kat_rsa_pss, kat_rsa_verify; /* rsa.c */

#endif
