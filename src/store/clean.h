/* SPDX-License-Identifier: Apache-2.0 */
/* Compaction and what drives it: wiping what has to go, making room, even wear (docs/store.md,
 * "Rules"). */
#ifndef STORE_CLEAN_H
#define STORE_CLEAN_H

#include "port/progress.h"
#include "store/log.h"

/* Makes room for a value of `size` bytes in the head or, if need be, in the next sector: `spare` are free even then. Moves
 * sectors in which at least `worth` bytes can be reclaimed. ST_OK; ST_NO_SPACE: there is no such sector; ST_FLASH. */
MUST_CHECK status clean_make_room(struct store *s, uint32_t size, uint32_t spare, uint32_t worth);

/* Remembers that the sector of address `at` has to be wiped. */
void clean_note(struct store *s, uint32_t at);

/* Wipes what was noted, or searches everything when that is not enough.
 * ST_FLASH: something that had to go is still there; the store is read-only. */
MUST_CHECK status clean_noted(struct store *s, const struct progress *p);

/* Searches all sectors for what has to go and wipes it. `deep`: also values with a bad CRC and
 * sectors without a header. */
MUST_CHECK status clean_everything(struct store *s, bool deep, const struct progress *p);

/* Repeats the commit record behind copies, which proves to the next open that they were
 * finished: it then has nothing to do. Failing is no harm. */
void clean_seal(struct store *s);

/* Moves the sector whose turn it is, if any. Failing is no harm. */
void clean_level(struct store *s);

#endif
