/* SPDX-License-Identifier: Apache-2.0 */
/* Sector headers and records as they lie on flash (docs/store.md, "On flash"): reading,
 * checking, writing one, and walking through a sector. Knows geometry and bytes; what a record
 * means for the store is for others to say. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/bytes.h"
#include "base/status.h"
#include "port/nor.h"

#define STORE_FORMAT 1u
#define SECTOR_HEADER 32u
#define RECORD_HEADER 20u
#define COMMIT_SIZE 12u             /* the value of a commit record: first, last */
#define PAGE 256u                   /* the most that one program writes */
#define VERSION_MAX 0xFFFFFFFFFFFFu /* 48 bits */

enum record_kind { RECORD_VALUE = 1, RECORD_TOMBSTONE = 2, RECORD_COMMIT = 3 };
#define RECORD_SECRET 0x10u
#define RECORD_LONE 0x20u

struct record {
    uint32_t key;
    uint64_t version;
    uint16_t size;
    uint8_t kind, flags;
};

/* A record, and where it lies. */
struct place {
    struct record rec;
    uint32_t seq; /* of its sector */
    uint32_t at;  /* address in the region */
};

enum sector_kind { SECTOR_NONE, SECTOR_OURS, SECTOR_NEWER, SECTOR_OTHER_SIZE };
struct sector {
    enum sector_kind kind;
    uint32_t seq;
    bool damaged; /* only one copy of the header is good */
};

/* The value of a record to write: bytes in RAM, or (ram.p NULL) those of the record at `from`. */
struct source {
    bytes ram;
    struct place from;
};

/* Can the region hold a store? */
bool geometry_ok(const struct nor *nor);

/* The smallest step of a record: write_size, at least 4. */
uint32_t record_unit(const struct nor *nor);

/* Offset of the end of a record with a value of `size` bytes that starts at offset `at` of a
 * sector, padding included. */
uint32_t record_end(const struct nor *nor, uint32_t at, uint32_t size);

/* Reads the header of sector `n`. ST_OK whatever it holds; ST_FLASH. */
MUST_CHECK status sector_read(const struct nor *nor, uint32_t n, struct sector *out);

/* Is the range all FF? `*first` (may be NULL) is the offset in the range of the first byte that
 * is not. ST_FLASH. */
MUST_CHECK status flash_blank(const struct nor *nor, uint32_t at, uint32_t n, bool *blank, uint32_t *first);

/* Reads the header of the record at `at` of a sector with sequence number `seq` and checks it.
 * `*good` is false for anything that is no record. ST_FLASH. */
MUST_CHECK status record_head(const struct nor *nor, uint32_t seq, uint32_t at, struct record *out, bool *good);

/* Reads the record at `at` whole, compares its CRC. The value goes to `into`, or nowhere when
 * that is empty. */
MUST_CHECK status record_check(const struct nor *nor, uint32_t seq, uint32_t at, span into, struct record *out,
                               bool *good);

/* Programs a record at offset `at` of sector `n`; `at` 0 means: the sector's header first. Read
 * back and compared. ST_OK; ST_FLASH when flash refuses or holds something else; ST_BAD_DATA
 * when the record it copies is damaged (nothing is written). `*done` is where the record lies. */
MUST_CHECK status record_write(const struct nor *nor, uint32_t n, uint32_t seq, uint32_t at, struct record rec,
                               const struct source *from, struct place *done);

/* Can `page` be what is left when the first write to an erased region loses power: the header
 * with sequence number 1 and a commit record, any of their zero bits missing? */
bool record_is_torn_first(const struct nor *nor, bytes page);

/* One pass over the records of a sector. */
struct walk {
    const struct nor *nor;
    uint32_t base, seq; /* address and sequence number of the sector              */
    uint32_t next;      /* offset where to go on                                  */
    bool check_all;     /* the CRC of values too, not only of commit records      */
    bool garbage;       /* something is neither a record nor blank                */
    struct place at;    /* the record found                                       */
    status st;          /* why it ended, when flash refused                       */
};

/* Starts at the first record of sector `n`, whose sequence number is `seq`. */
struct walk walk_sector(const struct nor *nor, uint32_t n, uint32_t seq, bool check_all);

/* Finds the next good record: `w->at`. False at the end of the sector, or when flash refused
 * (`w->st`). */
bool walk_next(struct walk *w);

#endif
