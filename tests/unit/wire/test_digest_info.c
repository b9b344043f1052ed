/* SPDX-License-Identifier: Apache-2.0 */
/* DigestInfo: the nine encodings with and without NULL, and nothing beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/digest_info.h"

/* clang-format off */
static const struct {
    enum crypto_hash hash; size_t size; const char *prefix, *without_null;
} kinds[] = {
    { CRYPTO_SHA1,   20, "3021300906052B0E03021A05000414",         "301F300706052B0E03021A0414" },
    { CRYPTO_SHA224, 28, "302D300D06096086480165030402040500041C", "302B300B0609608648016503040204041C" },
    { CRYPTO_SHA256, 32, "3031300D060960864801650304020105000420", "302F300B06096086480165030402010420" },
    { CRYPTO_SHA384, 48, "3041300D060960864801650304020205000430", "303F300B06096086480165030402020430" },
    { CRYPTO_SHA512, 64, "3051300D060960864801650304020305000440", "304F300B06096086480165030402030440" },
    { CRYPTO_SHA3_224, 28, "302D300D06096086480165030402070500041C", "302B300B0609608648016503040207041C" },
    { CRYPTO_SHA3_256, 32, "3031300D060960864801650304020805000420", "302F300B06096086480165030402080420" },
    { CRYPTO_SHA3_384, 48, "3041300D060960864801650304020905000430", "303F300B06096086480165030402090430" },
    { CRYPTO_SHA3_512, 64, "3051300D060960864801650304020A05000440", "304F300B060960864801650304020A0440" },
};

#define D20 "000102030405060708090A0B0C0D0E0F10111213"
static const char *const bad[] = {
    "", "30", "3021",
    "3021300906052B0E03021A05000414",                        /* no digest */
    "3021300906052B0E03021A05000414 0001",                   /* short */
    "3021300906052B0E03021A05000414 " D20 "00",              /* trailing byte */
    "3022300906052B0E03021A05000414 " D20 "00",              /* and inside */
    "3022300906052B0E03021A05000415 " D20 "00",              /* digest too long */
    "3020300906052B0E03021A05000413 000102030405060708090A0B0C0D0E0F101112",
    "3021300906052B0E03021B05000414 " D20,                   /* unknown hash */
    "3020300C06082A864886F70D020505000410 000102030405060708090A0B0C0D0E0F", /* MD5 */
    "3021300906052B0E03021A05010414 " D20,                   /* NULL with a length */
    "3021300906052B0E03021A04000414 " D20,                   /* no NULL */
    "308121300906052B0E03021A05000414 " D20,                 /* lengths not minimal */
    "30223081 0906052B0E03021A05000414 " D20,
    "3025300D06052B0E03021A0504000000000414 " D20,           /* Bleichenbacher's garbage */
    "3031300D060960864801650304020205000420 " D20 "000102030405060708090A0B",/* SHA-384, 32 bytes */
};
/* clang-format on */

static bytes info_of(const char *prefix, size_t size)
{
    bytes head = exact(prefix);
    span s = exact_space(head.n + size);
    memcpy(s.p, head.p, head.n);
    return view(s);
}

static void check_parsed(bytes in, enum crypto_hash hash, size_t size)
{
    enum crypto_hash got = CRYPTO_HASH_COUNT;
    bytes digest;
    assert_int_equal(digest_info_parse(in, &got, &digest), ST_OK);
    assert_int_equal(got, hash);
    assert_ptr_equal(digest.p, in.p + in.n - size);
    assert_int_equal(digest.n, size);
    assert_int_equal(digest_info_or_digest(in, &got, &digest), ST_OK);
    assert_int_equal(digest.n, size);
    for (size_t n = 0; n < in.n; n++) {
        bytes cut = exact_copy(bytes_first(in, n));
        assert_int_equal(digest_info_parse(cut, &got, &digest), ST_BAD_DATA);
    }
}

static void both_forms_are_read(void **state)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        check_parsed(info_of(kinds[i].prefix, kinds[i].size), kinds[i].hash, kinds[i].size);
        check_parsed(info_of(kinds[i].without_null, kinds[i].size), kinds[i].hash, kinds[i].size);
    }
}

static void the_form_with_null_is_written(void **state)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bytes want = info_of(kinds[i].prefix, kinds[i].size);
        bytes digest = bytes_after(want, want.n - kinds[i].size);
        buf b = buf_over(exact_space(want.n)), small = buf_over(exact_space(want.n - 1));
        digest_info_put(&b, kinds[i].hash, digest);
        assert_false(b.full);
        assert_hex(written(&b), hex_of(want));
        assert_true(b.n <= DIGEST_INFO_MAX);
        digest_info_put(&small, kinds[i].hash, digest);
        assert_true(small.full);
        digest_info_put(&b, kinds[i].hash, bytes_after(digest, 1)); /* wrong size */
        assert_true(b.full);
    }
}

static void nothing_else_is_read(void **state)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        enum crypto_hash hash = CRYPTO_HASH_COUNT;
        bytes digest = NO_BYTES, in = exact(bad[i]);
        assert_int_equal(digest_info_parse(in, &hash, &digest), ST_BAD_DATA);
        assert_int_equal(hash, CRYPTO_HASH_COUNT);
        assert_int_equal(digest.n, 0);
    }
}

static void a_bare_digest_is_known_by_its_length(void **state)
{
    for (size_t n = 0; n < 100; n++) {
        enum crypto_hash hash = CRYPTO_HASH_COUNT;
        bytes digest = NO_BYTES;
        status st = digest_info_or_digest(view(exact_space(n)), &hash, &digest);
        size_t known = COUNT(kinds);
        for (size_t i = COUNT(kinds); i-- > 0;) known = kinds[i].size == n ? i : known; /* the first */
        assert_int_equal(st, known < COUNT(kinds) ? ST_OK : ST_BAD_LENGTH);
        assert_int_equal(hash, known < COUNT(kinds) ? kinds[known].hash : CRYPTO_HASH_COUNT);
        assert_int_equal(digest.n, known < COUNT(kinds) ? n : 0);
    }
}

static void a_hash_is_known_by_its_oid(void **state)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bytes prefix = exact(kinds[i].prefix), oid = exact_copy((bytes){prefix.p + 6, prefix.p[5]});
        enum crypto_hash hash = CRYPTO_HASH_COUNT;
        assert_true(digest_oid_find(oid, &hash));
        assert_int_equal(hash, kinds[i].hash);
        hash = CRYPTO_HASH_COUNT;
        for (size_t n = 0; n < oid.n; n++) assert_false(digest_oid_find(exact_copy(bytes_first(oid, n)), &hash));
        assert_false(
            digest_oid_find(exact_copy((bytes){prefix.p + 6, prefix.p[5] + 1u}), &hash)); /* and the NULL's tag */
        assert_int_equal(hash, CRYPTO_HASH_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_read),        cmocka_unit_test(the_form_with_null_is_written),
        cmocka_unit_test(nothing_else_is_read),       cmocka_unit_test(a_bare_digest_is_known_by_its_length),
        cmocka_unit_test(a_hash_is_known_by_its_oid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
