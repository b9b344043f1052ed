/* SPDX-License-Identifier: Apache-2.0 */
/* Elementary files: which exist, who may do what, and their content in sealed chunks.
 *
 * A file is one store object: part 0 holds its size and the first chunk, part n the n-th. An update rewrites only the
 * chunks it touches. Some files have a content before anybody wrote one (TokenInfo) or are computed (2F1E, 2F1F). */
#ifndef CARD_FILES_H
#define CARD_FILES_H

#include "base/bytes.h"
#include "base/status.h"

struct hsm;

#define FILE_CHUNK 1264u         /* bytes: three sealed chunks fill a 4 KiB sector */
#define FILE_SIZE_MAX (1u << 24) /* bytes: what the part numbers reach            */

/* What a file id stands for (apdu.md 3.3-3.5, formats.md 1). */
enum file_class {
    FILE_PUBLIC,    /* read by anyone, written and deleted by the user             */
    FILE_PRIVATE,   /* CDkk: read by the user too                                  */
    FILE_STAGING,   /* 2F10: written by the user, read by nobody                   */
    FILE_KEY,       /* CCkk                                                        */
    FILE_CONTAINER, /* names of upstream's key containers, while a key stands behind them */
    FILE_OWN,       /* 2F1E, 2F1F, C400: read by anyone, changed by the card only  */
    FILE_INTERNAL,  /* never                                                       */
    FILE_NONE,      /* 0000, FFFF, DFs: no EF can have this id                     */
};

/* Every id has a class, whether a file with it exists or not. */
enum file_class file_class(struct hsm *h, uint16_t fid);

/* Size in bytes of an existing file, built-in ones included. ST_NOT_FOUND. */
MUST_CHECK status file_size(struct hsm *h, uint16_t fid, size_t *size);
/* SHA-256 of the whole content of a file under the device key, not of CDkk or 2F10. ST_NOT_FOUND; ST_EXECUTION: cancelled. */
MUST_CHECK status file_hash(struct hsm *h, uint16_t fid, span digest);
/* Reads into.n bytes from `at`; the range must lie inside the file, else ST_BAD_LENGTH. */
MUST_CHECK status file_read(struct hsm *h, uint16_t fid, size_t at, span into);
/* Reads from `at` what there is, at most into->n bytes, and cuts *into to that. ST_BAD_LENGTH: the file ends before `at`. */
MUST_CHECK status file_read_some(struct hsm *h, uint16_t fid, size_t at, span *into);

/* Within an open vault transaction: replaces the whole content; surplus old chunks go. Size up to FILE_SIZE_MAX. */
MUST_CHECK status file_put(struct hsm *h, uint16_t fid, bytes content);
/* Within an open vault transaction: removes the file; ST_OK also when there is none. */
MUST_CHECK status file_remove(struct hsm *h, uint16_t fid);
/* Writes `content` at `at` (0 < at <= size) of an existing file, in a transaction of its own.
 * ST_DATA_NOT_USABLE gap, or file missing or empty; ST_NO_SPACE; ST_FLASH. */
MUST_CHECK status file_update(struct hsm *h, uint16_t fid, size_t at, bytes content);

/* Is there room for `size` more bytes and what the card itself must always be able to write? */
bool file_room(struct hsm *h, size_t size);

#endif
