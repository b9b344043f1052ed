/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: what they are, what they may do, and the only way to their secret.
 *
 * A key is three values: its secret under the root, its public info (type, size, metadata) under the device key, and its
 * use counter. The info is bound into the secret's seal: changing a restriction makes the key unusable. */
#ifndef CARD_KEYS_H
#define CARD_KEYS_H

#include "base/bytes.h"
#include "base/status.h"
#include "card/vault.h"
#include "crypto/crypto.h"
#include "wire/key_metadata.h"

struct hsm;

#define DEVICE_KEY_ID 0x00u

/* Types of formats.md 5.1; two of its 0C are kept apart from the Weierstrass curves. */
enum key_type { KEY_RSA = 0x05, KEY_EC = 0x0C, KEY_MONTGOMERY = 0x1C, KEY_EDWARDS = 0x2C, KEY_SECRET = 0x0F };

/* Room that a new key needs at most: parts of RSA-4096, its request, description and info. */
#define KEY_ROOM 4096u

#define KEY_INFO_SIZE_MAX 200u

struct key_info {
    uint8_t id;
    enum key_type type;
    bool imported;
    enum crypto_curve curve; /* EC  */
    enum crypto_okp okp;     /* Montgomery, Edwards */
    uint32_t rsa_bits;       /* RSA */
    uint32_t rsa_e;
    uint32_t secret_size;           /* secret keys: bytes, as metadata.kind allows */
    struct key_metadata metadata;   /* `counter` is the uses left now */
    uint8_t raw[KEY_INFO_SIZE_MAX]; /* what the metadata's views point into */
    size_t raw_size;
};

/* Is there a key `id` (0 = the device key, always)? */
bool key_exists(struct hsm *h, uint8_t id);
/* The lowest user key id >= `from` (from >= 1); 0 when there is none. */
uint8_t key_next(struct hsm *h, unsigned from);

/* Reads the public part. ST_NOT_FOUND. */
MUST_CHECK status key_info_load(struct hsm *h, uint8_t id, struct key_info *info);
/* Bytes of the modulus, of the curve's field, or of the secret key. */
size_t key_field_size(const struct key_info *info);
/* Bytes of the secret: crypto_rsa parts, d at field size, the private string of an OKP, or the secret key. */
size_t key_secret_size(const struct key_info *info);

/* The type of keys on a curve of RFC 7748 or RFC 8032. */
enum key_type key_okp_type(enum crypto_okp okp);

/* Everything that is asked before a private key operation looks at its data, in the order of apdu.md 1.10 and 3.14:
 * the device key serves no host (6985), the key exists (6A82), uses are left (6A84), its list and the device's policy
 * allow `algorithm` (6985), the human confirmed (6600). */
MUST_CHECK status key_admit(struct hsm *h, uint8_t id, uint8_t algorithm, struct key_info *info);
/* Charges one use durably, then opens the secret (`secret.n` = key_secret_size). */
MUST_CHECK status key_use(struct hsm *h, const struct key_info *info, span secret);

/* Opens the secret without charging a use: for export (apdu.md 4.5). */
MUST_CHECK status key_open(struct hsm *h, const struct key_info *info, span secret);

/* A new key without tag 90 is counted all the same where option 0200 says so (apdu.md 4.4). */
void key_count_by_option(const struct hsm *h, struct key_metadata *metadata);
/* Within an open vault transaction: the card's own description C4 of a new key. */
MUST_CHECK status key_put_description(struct hsm *h, const struct key_info *info);

/* Within an open vault transaction: creates or replaces key info->id; every trace of an old one with its counter goes. */
MUST_CHECK status key_put(struct hsm *h, const struct key_info *info, bytes secret);
/* Within an open vault transaction: removes the key, its counter and metadata; C4 and CE stay (apdu.md 3.5). */
MUST_CHECK status key_remove(struct hsm *h, uint8_t id);

/* The device key's private part (`d` 32 bytes, P-256); needs no login. */
MUST_CHECK status key_device_secret(struct hsm *h, span d);

/* Asks the human when option 0100 is on. ST_OK or ST_NOT_CONFIRMED. `what` as for struct presence. */
MUST_CHECK status key_confirm(struct hsm *h, const char *what);

#endif
