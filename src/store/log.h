/* SPDX-License-Identifier: Apache-2.0 */
/* The log as a ring of sectors: the head that is appended to, free sectors, retired ones. Knows
 * nothing of transactions; never makes room itself (clean.h does). */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "store/record.h"
#include "store/store.h"

/* How many free sectors must stay behind when a sector is put to use for ... */
#define SPARE_PUT 8u
#define SPARE_KEEP 5u /* a delete, or a value that does not grow */
#define SPARE_COMMIT 4u
#define SPARE_COPY 0u

/* Every so many sectors put to use, one is moved for even wear. */
#define LEVEL_EVERY 16u

/* Would a value of this size fit the head? */
bool log_fits(const struct store *s, uint32_t size);

/* Nothing more goes into the head. */
void log_close_head(struct store *s);

/* Appends a record, in the next sector when the head has no room; retries elsewhere when flash refuses.
 *   spare        free sectors that must stay
 * ST_OK
 * ST_NO_SPACE  no sector to spare
 * ST_BAD_DATA  the source is damaged
 * ST_FLASH     given up; the store is read-only */
MUST_CHECK status log_append(struct store *s, struct record rec, const struct source *from, uint32_t spare,
                             struct place *done);

/* Appends a commit record with these fields and version s->version (which moves on); s->first,
 * last, commit_at follow. */
MUST_CHECK status log_commit(struct store *s, uint64_t first, uint64_t last, uint32_t spare);

/* Erases sector `n` and makes sure it is blank. ST_FLASH: the sector is retired. */
MUST_CHECK status log_erase(struct store *s, uint32_t n);

/* Has the sector refused an erase in this session? */
bool log_retired(const struct store *s, uint32_t n);
/* Never puts the sector to use in this session. Too many of them: read-only. */
void log_retire(struct store *s, uint32_t n);

/* The sector after `n` in the ring. */
uint32_t log_next(const struct store *s, uint32_t n);

/* The sector with sequence number `seq`, looked for from `n` on. ST_OK;
 * ST_NOT_FOUND; ST_FLASH. */
MUST_CHECK status log_find(const struct store *s, uint32_t n, uint32_t seq, uint32_t *found);

#endif
