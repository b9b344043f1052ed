/* SPDX-License-Identifier: Apache-2.0 */
/* The index: slots sorted by key, in the caller's RAM. While a store is being opened it also
 * holds tombstones, duplicates and an unsorted tail; afterwards one slot a live value. */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include "store/record.h"
#include "store/store.h"

/* Position of the first slot with a key >= `key`; slot_count when there is none. */
uint32_t index_lower(const struct store *s, uint32_t key);

/* The slot of `key`, or NULL. */
struct store_slot *index_find(const struct store *s, uint32_t key);

/* The key is new and there is room: the caller has checked both. */
void index_insert(struct store *s, uint32_t key, uint32_t at);
void index_remove(struct store *s, struct store_slot *slot);

/* Number of slots that point into sector `n`. */
uint32_t index_count_in(const struct store *s, uint32_t n);
/* Removes them. */
void index_drop_in(struct store *s, uint32_t n);

/* Reads the header of the record of `slot`, and the sequence number of its sector. ST_FLASH when
 * it is not readable. */
MUST_CHECK status index_record(const struct store *s, const struct store_slot *slot, struct place *out);

/* ---- building, at open ---- */

/* The first `sorted` slots are sorted and have one slot a key; the rest is an unsorted tail. */
struct index_build {
    struct store *s;
    uint32_t sorted;
};

/* Adds a committed value or an active tombstone. ST_OK; ST_NO_SPACE: more keys than slots;
 * ST_FLASH. */
MUST_CHECK status index_add(struct index_build *b, const struct place *p);
/* Sorts, drops tombstones, counts the bytes of live records (s->used_bytes). ST_FLASH also when a record that was read
 * before reads bad now: build again. */
MUST_CHECK status index_finish(struct index_build *b);

#endif
