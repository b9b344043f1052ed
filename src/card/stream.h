/* SPDX-License-Identifier: Apache-2.0 */
/* The one stream of a session: a cipher, AEAD or MAC that is fed over several commands (decisions.md, 7A). */
#ifndef CARD_STREAM_H
#define CARD_STREAM_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"

struct hsm;

/* Lies in struct session, and is wiped with it. It holds what was made of the key: as secret as the key itself. */
struct stream {
    bool open;
    uint8_t key;       /* id */
    bool more_aad;     /* associated data may still come in a command of their own */
    uint8_t tag_check; /* bytes of the tag that ends the text, when it is to be compared; else 0 */
    struct crypto_cipher cipher;
};

/* Begins the stream on a key, in place of whatever there was. `p` is complete and was checked; `aad` is what `p`
 * announces, or the beginning of it.
 * ST_OK; as crypto_cipher_begin: there is no stream then. */
MUST_CHECK status stream_begin(struct hsm *h, uint8_t key, const struct crypto_cipher_params *p, bytes aad);

/* Is there a stream on this key? */
bool stream_is_on(const struct hsm *h, uint8_t key);

/* More associated data, before any text. The caller ends the stream when this or the next two fail.
 * ST_CONDITIONS: the algorithm has none, or wants them at the beginning, or there was text already. */
MUST_CHECK status stream_add_aad(struct hsm *h, bytes aad);
/* More text, 0..STREAM_PIECE_MAX bytes; appends what is complete. What an AEAD decrypts is not authentic yet.
 * ST_BAD_LENGTH: the piece is too long, or the text longer than CCM was told. */
MUST_CHECK status stream_add(struct hsm *h, bytes piece, buf *out);
/* The last of the text, with the tag behind it where one is compared; appends what is left, tag or MAC. Ends the stream.
 * ST_BAD_LENGTH: too long, no room for a tag, part of a block, or not as long as CCM was told; ST_EXECUTION: the tag is
 * wrong. `out` is to be dropped then. */
MUST_CHECK status stream_finish(struct hsm *h, bytes rest, buf *out);

/* Wipes the stream; harmless when there is none. */
void stream_end(struct hsm *h);
/* The same when it is on this key: the key goes, or another takes its place. */
void stream_forget_key(struct hsm *h, uint8_t key);

#define STREAM_PIECE_MAX 4080u /* with a part of a block that waited, or with a tag, it still fits into one answer */

#endif
