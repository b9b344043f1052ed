/* SPDX-License-Identifier: Apache-2.0 */
/* Keys made elsewhere: from the components of a blob to a key that this card answers for, and back.
 *
 * Whoever writes a blob knows its MAC key, so nothing here believes a length or a number. An imported key is marked for
 * ever: its CE is signed by the key itself, not by the device (formats.md 3.6). */
#ifndef CARD_KEY_IMPORT_H
#define CARD_KEY_IMPORT_H

#include "base/bytes.h"
#include "base/status.h"
#include "card/keys.h"
#include "wire/key_blob.h"

struct hsm;

/* Judges the components and makes the secret of them. Fills type, size and `imported` of `info`; id and metadata stay as
 * they are; a kind among these is asked whether the size is one of its own. `secret` has CRYPTO_RSA_PARTS_MAX bytes, of which key_secret_size(info) are used. RSA: that both factors
 * are primes shows when the key is used first, by key_import_put or key_import_try.
 * ST_OK
 * ST_DATA_NOT_USABLE  unknown curve, unusual size
 * ST_NOT_SUPPORTED    a curve that the hardware description hides
 * ST_EXECUTION        impossible values: d = 0 or >= n, Q != dG, RSA numbers that do not belong together */
MUST_CHECK status key_import_read(struct hsm *h, enum key_blob_type type, const struct key_blob_parts *parts,
                                  struct key_info *info, span secret);

/* Does the key compute? RSA: one private operation, checked with the public one. ST_OK, ST_EXECUTION. */
MUST_CHECK status key_import_try(struct hsm *h, const struct key_info *info, bytes secret);

/* Where a key came from: a blob that may have waited in 2F10, or not. */
enum key_origin { KEY_STAGED, KEY_NOT_STAGED };

/* Creates or replaces key info->id, its description and (RSA, EC) its request CE, and removes the staging file 2F10 of a
 * staged one, in one transaction. `work`: a writer with room for a request (1,500 bytes); what is appended to it is rubbish.
 * ST_OK; ST_NO_SPACE, ST_FLASH, ST_EXECUTION; ST_BAD_DATA: metadata too long. Nothing has changed then. */
MUST_CHECK status key_import_put(struct hsm *h, const struct key_info *info, bytes secret, enum key_origin origin,
                                 buf *work);

/* SHA-256 of the modulus or of the public point; 32 zeros for AES (decisions.md, 74/94). */
MUST_CHECK status key_fingerprint(struct hsm *h, const struct key_info *info, bytes secret, span id);

/* Appends the components of a key as a blob holds them; `out` is a writer over secret memory.
 * ST_OK; ST_EXECUTION; ST_BAD_LENGTH: no room. */
MUST_CHECK status key_export_components(struct hsm *h, const struct key_info *info, bytes secret, buf *out);
/* The blob type of a key. */
enum key_blob_type key_export_type(const struct key_info *info);

#endif
