/* SPDX-License-Identifier: Apache-2.0 */
/* Values that survive power loss.
 *
 * A store maps a key to a value on raw NOR flash, as a log of records. It knows nothing of PINs
 * or encryption: card/vault seals values before they come here. Flash format, and why it is
 * safe: docs/store.md. One caller at a time; never allocates; all RAM is in struct store and the
 * index it is given.
 *
 * Key: 32 bits, `object << 16 | part`. A large file is one object of many parts, each a value of
 * its own, so that a partial update rewrites only the parts it touches. Key 0 and keys with
 * object FFFF are reserved.
 *
 * Changes happen inside a transaction: begin, any number of put and delete, then commit. Reads
 * always see the last committed state, also while a transaction is open. Power lost at any
 * instant leaves, at the next store_open, all of a transaction or nothing of it. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/bytes.h"
#include "base/status.h"
#include "port/nor.h"
#include "port/progress.h"

#define STORE_KEY(object, part) ((uint32_t)(object) << 16 | (uint32_t)(part))
#define STORE_VALUE_MAX 3900u /* bytes; a record never crosses a sector */

/* put: every older version of this value is a secret, erased from flash before store_commit
 * returns. The mark is kept with the record, so that a later put without the mark and a delete
 * erase it all the same. */
#define STORE_SECRET 1u

struct store_slot { /* one value: 8 bytes */
    uint32_t key;
    uint32_t at; /* private */
};

struct store_space {
    uint32_t free_bytes;  /* value bytes that surely fit, counted for values of 256 bytes */
    uint32_t used_bytes;  /* bytes of live records, headers included                      */
    uint32_t total_bytes; /* size of the region                                           */
    uint32_t values;      /* live values                                                  */
};

#define STORE_WIPE_MAX 32u    /* sectors a commit remembers to wipe; beyond that it searches all */
#define STORE_CLEAN_MAX 32u   /* sectors known to be erased in this session                      */
#define STORE_RETIRED_MAX 16u /* sectors that refused an erase in this session                   */

/* What an open transaction has written. */
struct store_txn {
    bool open;
    uint64_t first;        /* version of its first record      */
    uint32_t count, added; /* records; new keys among them     */
    uint32_t sector, seq;  /* where the first record lies      */
    uint8_t touched[128];  /* Bloom filter of its keys         */
};

/* What reading the region has told, until store_settle acts on it. */
struct store_survey {
    uint64_t commit_version, version; /* of the newest commit record (0: none); highest seen   */
    uint64_t witness;                 /* of the next newest one with the same `last`           */
    uint32_t values;                  /* value records, stale ones included                    */
    bool unclean;                     /* there is garbage, or something void                   */
};

/* Private fields; declared here so that the caller owns the memory. Its size is at most 1 KiB. */
struct store {
    const struct nor *nor;
    struct store_slot *slots; /* sorted by key */
    uint32_t slot_count, slot_cap;
    uint64_t version;         /* of the next record                                           */
    uint64_t first, last;     /* what the newest commit record says: docs/store.md            */
    uint32_t commit_at;       /* where it lies                                                */
    uint32_t head, head_at;   /* sector that is appended to; offset, sector_size when closed  */
    uint32_t head_seq;        /* its sequence number                                          */
    uint32_t free_count;      /* sectors that may be put to use                               */
    uint32_t used_bytes;      /* as in store_space                                            */
    uint32_t victim;          /* where garbage collection looks next                          */
    uint32_t level;           /* sector to be moved for even wear, plus 1                     */
    bool read_only, distrust; /* distrust: garbage may be there, or a copy that no slot knows */
    bool wipe_all, moved;     /* moved: copies lie behind the newest commit record            */
    uint16_t wipe_count, clean_at, retired_count;
    uint16_t wipe[STORE_WIPE_MAX], clean[STORE_CLEAN_MAX], retired[STORE_RETIRED_MAX];
    bool settled;
    struct store_survey survey;
    struct store_txn txn;
};

/* Writes an empty store over whatever the region holds. Cut short over a blank region: store_open answers
 * ST_NOT_FOUND; over an older store: it may open with some of the old values, format it again.
 * ST_OK, ST_FLASH, or ST_BAD_DATA when the geometry cannot hold a store (fewer than 16 sectors). */
MUST_CHECK status store_format(const struct nor *nor);

/* Opens the store: rebuilds the index, finishes or forgets what a power cut interrupted (the rest of an
 * interrupted erasure of secrets included). `nor` and `slots` must outlive the store.
 * ST_OK            perhaps read-only: when flash refused a write, everything committed can still be read
 * ST_NOT_FOUND     the region is blank (all FF): store_format it
 * ST_NOT_SUPPORTED a store of a newer format version; nothing was written
 * ST_BAD_DATA      no store, or damaged beyond what a power cut can do; nothing was written
 * ST_NO_SPACE      more values than `slot_cap`; nothing was written
 * ST_FLASH         flash refused a read */
MUST_CHECK status store_open(struct store *s, const struct nor *nor, struct store_slot *slots, uint32_t slot_cap);

/* store_open in two steps, for a caller who must not write before it has judged the content. store_inspect only reads and
 * answers what store_open would; values can be read then, and store_begin refuses (ST_FLASH) until store_settle
 * has done the part that writes. */
MUST_CHECK status store_inspect(struct store *s, const struct nor *nor, struct store_slot *slots, uint32_t slot_cap);
void store_settle(struct store *s);

/* Is the store read-only (flash refused a write, too few good sectors left)? Then begin answers ST_FLASH. */
bool store_read_only(const struct store *s);

/* Size in bytes of the value of `key`. ST_OK, ST_NOT_FOUND; ST_FLASH when its record cannot be read. */
MUST_CHECK status store_size(const struct store *s, uint32_t key, size_t *size);

/* Reads `into.n` bytes of the value from offset `at`. ST_OK; ST_NOT_FOUND; ST_BAD_LENGTH when the range is not
 * inside the value; ST_FLASH when flash refused or the record no longer matches its CRC (checked when the
 * whole value is read). */
MUST_CHECK status store_read(const struct store *s, uint32_t key, size_t at, span into);

/* The lowest existing key >= `from`; 0 when there is none. */
uint32_t store_next(const struct store *s, uint32_t from);

/* Opens a transaction; one still open is abandoned first. Writes nothing. ST_OK; ST_FLASH when read-only. */
MUST_CHECK status store_begin(struct store *s);

/* Within a transaction: creates or replaces a value of 0..STORE_VALUE_MAX bytes, copied. A full store still takes values that
 * are not larger than what they replace. A second put or delete of
 * the same key in one transaction wins over the first. A new key needs a slot of its own even if the transaction
 * deletes others: until it is committed both states must fit the index.
 * ST_OK
 * ST_BAD_LENGTH, ST_WRONG_PARAMETER (reserved key), ST_CONDITIONS (no transaction is open): nothing happened
 * ST_NO_SPACE, ST_FLASH: the transaction is over and nothing of it has happened */
MUST_CHECK status store_put(struct store *s, uint32_t key, bytes value, unsigned flags);

/* Within a transaction: removes a value; every version of it is erased from flash before store_commit returns. Also
 * works when put answers ST_NO_SPACE, for at least 40 values a transaction.
 * ST_OK; ST_NOT_FOUND (the transaction goes on); ST_CONDITIONS, ST_NO_SPACE, ST_FLASH as for put. */
MUST_CHECK status store_delete(struct store *s, uint32_t key);

/* Makes the transaction count, then erases what it deleted and the older versions of its secrets. `p` (may be
 * NULL) is ticked while erasing; its answer is ignored. Without a change since begin, nothing is written.
 * ST_OK          durable, and nothing that had to go is readable in flash any more
 * ST_CONDITIONS  no transaction is open, or a failed put or delete has ended it
 * ST_FLASH       as after lost power: old state or new one; the store is read-only until reopened */
MUST_CHECK status store_commit(struct store *s, const struct progress *p);

/* Forgets an open transaction and erases what it has written. */
void store_abort(struct store *s);

/* How full it is. Reads no flash. */
struct store_space store_space(const struct store *s);

#endif
