/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The fuses of an RP2350: 4096 rows of 24 bits that only ever go from 0 to 1, kept in a file; page locks; and where all
 * randomness of a board comes from.
 *
 * Read through their error-correcting views rows give 16 bits; a code word that is not one reads as it is, uncorrected. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS = 4096, LOCK1_PAGE_0 = 0xf81, READ_ONLY = 1, NOTHING = 3 };

/* --- Rows. --- */

static uint32_t parity(uint32_t v)
{
    v ^= v >> 16, v ^= v >> 8, v ^= v >> 4;
    return 0x6996 >> (v & 15) & 1;
}

/* RP2350 datasheet, 13.6.1: five parities of a Hamming code and one over everything. */
static uint32_t with_ecc(uint32_t data)
{
    static const uint32_t covers[5] = {0xad5b, 0x366d, 0xc78e, 0x07f0, 0xf800};
    for (unsigned i = 0; i < 5; i++) data |= parity(data & covers[i]) << (16 + i);
    return data | parity(data) << 21;
}

/* Bits 22 and 23, both set, say that all others are inverted: so a row can be written although some bits are set. */
static uint32_t ecc_data(uint32_t raw)
{
    return (raw >> 22 == 3 ? ~raw : raw) & 0xffff;
}

static unsigned lock_of(struct board *b, uint32_t row)
{
    return *reg(b, OTP, row / 64 * 4) & 3;
}

static uint32_t read_row(struct board *b, uint32_t row, bool ecc)
{
    if (row >= ROWS || lock_of(b, row) == NOTHING) return ecc ? 0xffff : 0xffffffff;
    return ecc ? ecc_data(b->otp[row]) : b->otp[row];
}

static bool program_row(struct board *b, uint32_t row, uint32_t value, bool ecc)
{
    uint32_t raw = ecc ? with_ecc(value & 0xffff) : value & 0xffffff;
    if (ecc && b->otp[row] & ~raw) raw = ~raw & 0xffffff; /* the other way round then */
    if (ecc && b->otp[row] & ~raw) return false;
    b->otp[row] |= raw;
    return true;
}

uint32_t otp_data_read(struct board *b, uint32_t at, uint32_t stored)
{
    return read_row(b, at / 2, true) | read_row(b, at / 2 + 1, true) << 16;
}

uint32_t otp_raw_read(struct board *b, uint32_t at, uint32_t stored)
{
    return read_row(b, at / 4, false);
}

/* otp_access(buffer, size, row and flags) of the boot ROM */
uint32_t otp_access(struct board *b, uint32_t buffer, uint32_t size, uint32_t row_and_flags)
{
    uint32_t row = row_and_flags & 0xffff, step = row_and_flags & 1u << 17 ? 2 : 4;
    bool ecc = step == 2, write = row_and_flags & 1u << 16;
    uint8_t *p = memory_at(b, buffer, size);
    if (!p) return (uint32_t)-10; /* invalid address */
    if (size % step || row + size / step > ROWS) return (uint32_t)-5;
    for (uint32_t i = 0; i < size; i += step, row++) {
        uint32_t value = 0;
        if (lock_of(b, row) >= (write ? READ_ONLY : NOTHING)) return (uint32_t)-4; /* not permitted */
        memcpy(&value, p + i, step);
        if (write && !program_row(b, row, value, ecc)) return (uint32_t)-18; /* a bit would have to go back to 0 */
        value = read_row(b, row, ecc);
        if (!write) memcpy(p + i, &value, step);
    }
    return 0;
}

/* --- Locks: from the lock rows at reset, three copies each; writing can only close more. --- */

void otp_reset(struct board *b)
{
    for (uint32_t page = 0; b->chip == RP2350 && page < 64; page++) {
        uint32_t raw = b->otp[LOCK1_PAGE_0 + 2 * page];
        uint32_t x = raw & 0xff, y = raw >> 8 & 0xff, z = raw >> 16 & 0xff;
        *reg(b, OTP, page * 4) = ((x & y) | (y & z) | (x & z)) & 15;
    }
}

uint32_t otp_read(struct board *b, uint32_t at, uint32_t stored)
{
    return stored;
}

void otp_write(struct board *b, uint32_t at, uint32_t data, uint32_t before)
{
    if (at < 64 * 4) *reg(b, OTP, at) = before | (data & 15);
}

/* --- The file. A new chip has an identity, and nothing else. --- */

static void new_chip(struct board *b)
{
    for (uint32_t row = 0; row < 12; row++)
        b->otp[row] = with_ecc((uint32_t)(random_u64(b) & 0xffff)); /* CHIPID, RANDID */
}

bool otp_open(struct board *b)
{
    size_t size = ROWS * sizeof *b->otp;
    struct stat s = {0};
    int fd = b->config.otp_path ? open(b->config.otp_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (b->config.otp_path &&
        (fd < 0 || fstat(fd, &s) != 0 || (s.st_size && s.st_size != (off_t)size) || ftruncate(fd, (off_t)size) != 0)) {
        fprintf(stderr, "pico-hsm-emu: %s: %s\n", b->config.otp_path, s.st_size ? "not an OTP file" : strerror(errno));
        if (fd >= 0) close(fd);
        return false;
    }
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);
    if (fd >= 0) close(fd);
    if (p == MAP_FAILED) return false;
    b->otp = p;
    if (!s.st_size) new_chip(b);
    return true;
}

void otp_close(struct board *b)
{
    if (b->otp) munmap(b->otp, ROWS * sizeof *b->otp);
}

/* --- Randomness. --- */

uint64_t random_u64(struct board *b)
{
    uint64_t v = 0;
    if (!b->config.seed && getrandom(&v, sizeof v, 0) == sizeof v) return v;
    b->random += 0x9e3779b97f4a7c15u; /* splitmix64 */
    v = (b->random ^ b->random >> 30) * 0xbf58476d1ce4e5b9u;
    v = (v ^ v >> 27) * 0x94d049bb133111ebu;
    return v ^ v >> 31;
}

static bool random_bit(struct board *b)
{
    if (!b->random_bits) b->random_store = random_u64(b), b->random_bits = 64;
    b->random_bits--;
    return b->random_store >> b->random_bits & 1;
}

/* How sources break: always one; mostly one (31 of 32); the same byte for ever, which is the longest period that tests of
 * repetition and proportion over bytes must notice. */
static bool entropy_bit(struct board *b)
{
    bool zero = true;
    switch (b->config.entropy) {
    case ENTROPY_STUCK: return true;
    case ENTROPY_REPEATING: return 0x96u >> (b->random_calls++ & 7) & 1;
    case ENTROPY_BIASED:
        for (int i = 0; i < 5; i++) zero = random_bit(b) && zero;
        return !zero;
    case ENTROPY_GOOD: break;
    }
    return random_bit(b);
}

uint32_t entropy_bits(struct board *b, unsigned count)
{
    uint32_t v = 0;
    while (count--) v = v << 1 | (entropy_bit(b) ? 1 : 0);
    return v;
}
