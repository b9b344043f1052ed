/* SPDX-License-Identifier: Apache-2.0 */
/* No sanitizer sees what assembler does, and the library's likes to load a whole register where a few bytes are left. Here
 * all that goes in and comes out ends where a page ends, and then once more begins where one begins; the pages before
 * and behind can be neither read nor written. */
#include "rig.h"

#include <sys/mman.h>
#include <unistd.h>

enum place { KEY, IV, AAD, TEXT_IN, SEALED, OPENED, PLACES };
static uint8_t *pages[PLACES]; /* one each, between two that are closed */
static size_t page;
static bool at_begin; /* else everything ends with its page */

static int guard(void **state)
{
    page = (size_t)sysconf(_SC_PAGESIZE);
    for (unsigned i = 0; i < PLACES; i++) {
        uint8_t *at = (uint8_t *)mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED || mprotect(at + page, page, PROT_READ | PROT_WRITE) != 0) return -1;
        pages[i] = at + page;
        memset(pages[i], 0xA5, page);
    }
    return 0;
}

static span at_edge(enum place place, size_t n)
{
    return (span){at_begin ? pages[place] : pages[place] + page - n, n};
}

/* Around the blocks of AES (16), of four and eight of them, and of every hash (64, 128; SHA-3: 72, 104, 136, 144). */
static const uint16_t sizes[] = {0,  1,  7,   8,   15,  16,  17,  31,  32,  33,  47,  48,  63,   64,
                                 65, 72, 100, 104, 127, 128, 129, 136, 144, 208, 255, 272, 1000, 2048};

static void hashes(void **state)
{
    for (unsigned h = 0; h < CRYPTO_HASH_COUNT; h++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            span digest = at_edge(SEALED, crypto_hash_size((enum crypto_hash)h));
            bytes text = view(at_edge(TEXT_IN, sizes[i]));
            assert_ok(crypto_hash(&shared_rig.c, (enum crypto_hash)h, &text, 1, digest));
            bytes key = view(at_edge(KEY, sizes[i] % 300));
            assert_ok(crypto_hmac(&shared_rig.c, (enum crypto_hash)h, key, &text, 1, digest));
        }
    }
}

static const struct kind {
    enum crypto_mode mode;
    uint8_t iv_min, iv_max, tag, step;
} kinds[] = {
    {CRYPTO_AES_ECB, 0, 0, 0, 16},   {CRYPTO_AES_CBC, 16, 16, 0, 16}, {CRYPTO_AES_CFB, 16, 16, 0, 1},
    {CRYPTO_AES_OFB, 16, 16, 0, 1},  {CRYPTO_AES_CTR, 16, 16, 0, 1},  {CRYPTO_AES_GCM, 1, 64, 16, 1},
    {CRYPTO_AES_GCM, 12, 12, 13, 1}, {CRYPTO_AES_CCM, 7, 13, 4, 1},   {CRYPTO_CHACHA20_POLY1305, 12, 12, 16, 1},
};
static const uint8_t keys[] = {16, 24, 32};

static bytes all_at_once(const struct crypto_cipher_params *p, bytes aad, bytes in, span out)
{
    buf b = buf_over(out);
    assert_ok(crypto_cipher(&shared_rig.c, p, aad, in, &b));
    assert_int_equal(b.n, out.n);
    return view(out);
}

/* Without its tag: what is left of a stream is closed. */
static void piece_by_piece(const struct crypto_cipher_params *p, bytes aad, bytes in, span out)
{
    static struct crypto_cipher s;
    buf b = buf_over(out);
    assert_ok(crypto_cipher_begin(&shared_rig.c, &s, p));
    if (aad.n) assert_ok(crypto_cipher_aad(&shared_rig.c, &s, aad));
    assert_ok(crypto_cipher_update(&shared_rig.c, &s, in, &b));
    assert_int_equal(b.n, out.n);
    crypto_cipher_abort(&s);
}

static void there_and_back(const struct kind *k, size_t key, size_t iv, size_t n, size_t aad_size)
{
    struct crypto_cipher_params p = {.mode = k->mode, .encrypt = true, .tag_size = k->tag};
    p.key = view(at_edge(KEY, key));
    p.iv = view(at_edge(IV, iv));
    p.text_size = (uint32_t)n, p.aad_size = (uint32_t)aad_size;
    bytes aad = view(at_edge(AAD, aad_size)), text = view(at_edge(TEXT_IN, n));
    bytes sealed = all_at_once(&p, aad, text, at_edge(SEALED, n + k->tag));
    piece_by_piece(&p, aad, text, at_edge(OPENED, n));
    assert_true(bytes_equal(bytes_first(sealed, n), view(at_edge(OPENED, n))));
    p.encrypt = false;
    assert_true(bytes_equal(all_at_once(&p, aad, sealed, at_edge(OPENED, n)), text));
    memmove(at_edge(SEALED, n).p, sealed.p, n);
    piece_by_piece(&p, aad, view(at_edge(SEALED, n)), at_edge(OPENED, n));
    assert_true(bytes_equal(view(at_edge(OPENED, n)), text));
}

static void ciphers_with(const struct kind *k, size_t key)
{
    for (size_t iv = k->iv_min; iv <= k->iv_max; iv++) {
        for (size_t i = 0; i < COUNT(sizes); i++)
            there_and_back(k, key, iv, sizes[i] - sizes[i] % (size_t)k->step, k->tag ? sizes[i] * 7u % 90 : 0);
    }
}

static void ciphers(void **state)
{
    for (const struct kind *k = kinds; k < kinds + COUNT(kinds); k++) {
        for (size_t i = 0; i < COUNT(keys); i++)
            if (keys[i] == 32 || k->mode != CRYPTO_CHACHA20_POLY1305) ciphers_with(k, keys[i]);
    }
}

static void cmac(void **state)
{
    for (size_t k = 0; k < COUNT(keys); k++) {
        struct crypto_cipher_params p = {.mode = CRYPTO_AES_CMAC, .key = view(at_edge(KEY, keys[k]))};
        for (size_t i = 0; i < COUNT(sizes); i++)
            (void)all_at_once(&p, NO_BYTES, view(at_edge(TEXT_IN, sizes[i])), at_edge(SEALED, 16));
    }
}

static void xts(void **state)
{
    for (size_t key = 32; key <= 64; key += 32) {
        struct crypto_cipher_params p = {.mode = CRYPTO_AES_XTS, .iv = view(at_edge(IV, 16))};
        p.key = view(at_edge(KEY, key));
        for (size_t i = 0; i < COUNT(sizes); i++) {
            if (sizes[i] < 16) continue;
            bytes text = view(at_edge(TEXT_IN, sizes[i]));
            p.encrypt = true;
            bytes sealed = all_at_once(&p, NO_BYTES, text, at_edge(SEALED, text.n));
            p.encrypt = false;
            assert_true(bytes_equal(all_at_once(&p, NO_BYTES, sealed, at_edge(OPENED, text.n)), text));
        }
    }
}

static int at_the_end(void **state)
{
    at_begin = false;
    return rig_before(state);
}

static int at_the_beginning(void **state)
{
    at_begin = true;
    return rig_before(state);
}

#define BOTH_EDGES(test)                                                                                               \
    {#test ", at the end", test, at_the_end, rig_after, NULL},                                                         \
    {                                                                                                                  \
#test ", at the beginning", test, at_the_beginning, rig_after, NULL                                            \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {BOTH_EDGES(hashes), BOTH_EDGES(ciphers), BOTH_EDGES(cmac), BOTH_EDGES(xts)};
    return cmocka_run_group_tests(tests, guard, NULL);
}
