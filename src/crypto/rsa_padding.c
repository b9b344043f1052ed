/* SPDX-License-Identifier: Apache-2.0 */
/* RSA paddings (RFC 8017). What is removed is removed in constant time: which byte was wrong, and whether any was,
 * shows in the status only. */
#include "crypto/internal.h"

status crypto_rsa_pad_v15(bytes digest_info, span em)
{
    if (em.n < 11 || digest_info.n > em.n - 11) return ST_BAD_LENGTH;
    size_t zero = em.n - digest_info.n - 1;
    memset(em.p, 0xFF, zero);
    em.p[0] = 0x00;
    em.p[1] = 0x01;
    em.p[zero] = 0x00;
    if (digest_info.n) memcpy(em.p + zero + 1, digest_info.p, digest_info.n);
    return ST_OK;
}

/* XORs MGF1(seed) into `data` (RFC 8017 B.2.1). */
static status mgf1_xor(enum crypto_hash h, bytes seed, span data)
{
    SECRET(mask, CRYPTO_HASH_MAX);
    span block = span_part(mask, 0, crypto_hash_size(h));
    uint8_t counter[4] = {0};
    for (size_t at = 0; at < data.n; at += block.n) {
        bytes parts[] = {seed, BYTES(counter)};
        TRY(hash_parts(h, parts, COUNT(parts), block));
        span part = span_part(data, at, block.n);
        for (size_t i = 0; i < part.n; i++) part.p[i] ^= block.p[i];
        if (++counter[3] == 0) counter[2]++;
    }
    return ST_OK;
}

/* RFC 8017 9.1.1 on `em` of exactly emLen bytes: DB || H || BC. */
static status pss_block(struct crypto *c, const struct crypto_rsa_padding *pss, bytes digest, size_t salt_size, span em)
{
    span db = span_part(em, 0, em.n - digest.n - 1), hash = span_part(em, db.n, digest.n);
    span salt = span_part(db, db.n - salt_size, salt_size);
    memset(db.p, 0, db.n);
    db.p[db.n - salt.n - 1] = 0x01;
    if (salt.n) TRY(random_fill(c, salt));
    static const uint8_t zeros[8];
    bytes parts[] = {BYTES(zeros), digest, view(salt)};
    TRY(hash_parts(pss->hash, parts, COUNT(parts), hash));
    em.p[em.n - 1] = 0xBC;
    return mgf1_xor(pss->mgf, view(hash), db);
}

/* emLen: the block has one bit less than the modulus. */
static size_t pss_size(size_t modulus_bits)
{
    return (modulus_bits + 6) / 8;
}

bool crypto_rsa_salt_max(enum crypto_hash hash, size_t modulus_bits, size_t *most)
{
    size_t hash_size = crypto_hash_size(hash), size = pss_size(modulus_bits);
    *most = 0;
    if (hash_size == 0 || modulus_bits == 0 || size < hash_size + 2) return false;
    *most = size - hash_size - 2;
    return true;
}

status crypto_rsa_pad_pss(struct crypto *c, const struct crypto_rsa_padding *pss, bytes digest, size_t modulus_bits,
                          span em)
{
    size_t most, salt_size = pss->salt_size;
    if (!crypto_rsa_salt_max(pss->hash, modulus_bits, &most) || crypto_hash_size(pss->mgf) == 0) return ST_BAD_LENGTH;
    if (digest.n != crypto_hash_size(pss->hash) || em.n != (modulus_bits + 7) / 8) return ST_BAD_LENGTH;
    if (salt_size == CRYPTO_RSA_SALT_AS_HASH) salt_size = most < digest.n ? most : digest.n;
    if (salt_size > most) return ST_BAD_LENGTH;
    size_t em_size = pss_size(modulus_bits);
    span block = span_part(em, em.n - em_size, em_size);
    em.p[0] = 0;
    crypto_enter(c);
    status st = crypto_leave(c, pss_block(c, pss, digest, salt_size, block));
    if (st != ST_OK) {
        wipe(em);
        return st;
    }
    block.p[0] &= (uint8_t)(0xFF >> (8 * em_size - (modulus_bits - 1)));
    return ST_OK;
}

/* ---- removing: masks are 0 or all ones ---- */

static size_t mask_of(size_t bit)
{
    return (size_t)0 - bit;
}

/* All ones if a == b (both below 2^16). */
static size_t mask_equal(size_t a, size_t b)
{
    return mask_of(((a ^ b) - 1) >> (8 * sizeof(size_t) - 1));
}

/* All ones if a < b (both below 2^16). */
static size_t mask_less(size_t a, size_t b)
{
    return mask_of((a - b) >> (8 * sizeof(size_t) - 1));
}

/* Moves the bytes from `start` on to the front, in the same steps for every `start` below 2^16. */
static void move_to_front(span em, size_t start)
{
    for (size_t step = 1; step <= em.n; step <<= 1) {
        uint8_t move = (uint8_t)mask_of((start & step) != 0);
        for (size_t i = 0; i < em.n; i++) {
            uint8_t from = i + step < em.n ? em.p[i + step] : 0;
            em.p[i] = (uint8_t)((em.p[i] & ~move) | (from & move));
        }
    }
}

/* The end of both: the message, `good` or not, comes to the front; when not good, all is wiped. */
static status finish(span em, size_t start, size_t good, size_t *size)
{
    start = (start & good) | (em.n & ~good);
    move_to_front(em, start);
    *size = (em.n - start) & good;
    ct_tell((bytes){(const uint8_t *)size, sizeof *size});
    if (ct_told(good)) return ST_OK;
    wipe(em);
    return ST_EXECUTION;
}

status crypto_rsa_unpad_v15(span em, size_t *size)
{
    *size = 0;
    if (em.n < 11 || em.n > CRYPTO_RSA_MAX) return ST_EXECUTION;
    size_t good = mask_equal(em.p[0], 0x00) & mask_equal(em.p[1], 0x02), found = 0, zero = 0;
    for (size_t i = 2; i < em.n; i++) {
        size_t here = mask_equal(em.p[i], 0x00) & ~found;
        zero |= i & here;
        found |= here;
    }
    good &= found & ~mask_less(zero, 10); /* eight bytes of padding at least */
    return finish(em, zero + 1, good, size);
}

/* Unmasks `seed` with `db`, then `db` with `seed` (RFC 8017 7.1.2, 3 c-f), and hashes the label. */
static status oaep_unmask(const struct crypto_rsa_padding *oaep, span seed, span db, span label_hash)
{
    TRY(hash_parts(oaep->hash, &oaep->label, 1, label_hash));
    TRY(mgf1_xor(oaep->mgf, view(db), seed));
    return mgf1_xor(oaep->mgf, view(seed), db);
}

status crypto_rsa_unpad_oaep(struct crypto *c, const struct crypto_rsa_padding *oaep, span em, size_t *size)
{
    size_t hash_size = crypto_hash_size(oaep->hash);
    *size = 0;
    if (hash_size == 0 || crypto_hash_size(oaep->mgf) == 0) return ST_EXECUTION;
    if (em.n > CRYPTO_RSA_MAX || em.n < 2 * hash_size + 2) return ST_EXECUTION;
    SECRET(label_max, CRYPTO_HASH_MAX);
    span label_hash = span_part(label_max, 0, hash_size);
    span seed = span_part(em, 1, hash_size), db = span_part(em, 1 + hash_size, em.n);
    crypto_enter(c);
    status st = crypto_leave(c, oaep_unmask(oaep, seed, db, label_hash));
    if (st != ST_OK) {
        wipe(em);
        return st;
    }
    size_t good = mask_equal(em.p[0], 0), found = 0, one = 0;
    good &= mask_of(ct_same(view(label_hash), (bytes){db.p, hash_size}));
    for (size_t i = hash_size; i < db.n; i++) {
        size_t is_one = mask_equal(db.p[i], 0x01) & ~found, is_zero = mask_equal(db.p[i], 0x00);
        one |= i & is_one;
        found |= is_one;
        good &= found | is_zero; /* anything but zeros before the 01 */
    }
    return finish(em, 1 + hash_size + one + 1, good & found, size);
}
