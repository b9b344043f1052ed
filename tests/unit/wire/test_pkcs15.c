/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#15 files of the card, byte for byte as the specification's vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "vectors/wire/vectors.h"
#include "wire/pkcs15.h"

/* clang-format off */
static const struct {
    enum pkcs15_kind kind; uint16_t bits; uint8_t id; const char *vector;
} keys[] = {
    { PKCS15_RSA,    2048, 1,  "pkcs15: PrKD by the card RSA-2048 key 1: content" },
    { PKCS15_EC,     256,  2,  "pkcs15: PrKD by the card P-256 key 2: content" },
    { PKCS15_EC,     528,  10, "pkcs15: PrKD by the card P-521 key 10: content" },
    { PKCS15_SECRET, 256,  3,  "pkcs15: SKD recommended AES-256 key 3: content" },
};

static const struct { uint8_t id; const char *text; } ids[] = {
    { 0, "0" }, { 9, "9" }, { 10, "10" }, { 99, "99" }, { 100, "100" }, { 107, "107" }, { 255, "255" },
};
/* clang-format on */

static void default_descriptions(void **state)
{
    for (size_t i = 0; i < COUNT(keys); i++) {
        const char *want = vector(keys[i].vector);
        buf b = buf_over(exact_space(strlen(want) / 2));
        pkcs15_put_default_key(&b, keys[i].kind, keys[i].bits, keys[i].id);
        assert_false(b.full);
        assert_hex(written(&b), want);
        assert_true(b.n <= PKCS15_DEFAULT_SIZE_MAX);
    }
}

static void ids_are_decimal(void **state)
{
    for (size_t i = 0; i < COUNT(ids); i++) {
        buf a = buf_over(exact_space(64)), b = buf_over(exact_space(64));
        bytes id = {(const uint8_t *)ids[i].text, strlen(ids[i].text)};
        pkcs15_put_default_key(&a, PKCS15_SECRET, 256, ids[i].id);
        pkcs15_put_key(&b, PKCS15_SECRET, 256, NO_BYTES, id);
        assert_hex(written(&a), hex_of(written(&b)));
        assert_true(a.n <= PKCS15_DEFAULT_SIZE_MAX);
    }
}

static void the_device_key(void **state)
{
    buf b = buf_over(exact_space(64));
    pkcs15_put_device_key(&b, TEXT("ESPICOHSMTR00001"));
    assert_hex(written(&b), vector("pkcs15: PrKD of the device key (C400): content"));
    b = buf_over(exact_space(64));
    pkcs15_put_device_key(&b, TEXT("0001")); /* too short for a label: none */
    assert_hex(bytes_first(written(&b), 6), "A02D30020C00");
}

static void token_info_and_directory(void **state)
{
    buf b = buf_over(exact_space(52));
    pkcs15_put_token_info(&b, exact("0102030405060708"), pkcs15_default_label());
    assert_false(b.full);
    assert_hex(written(&b), vector("pkcs15: TokenInfo EF 2F03: content"));
    b = buf_over(exact_space(30));
    pkcs15_put_directory(&b);
    assert_false(b.full);
    assert_hex(written(&b), vector("pkcs15: EF.DIR 2F00: content"));
}

static void no_room_is_noticed(void **state)
{
    for (size_t room = 0; room < 60; room++) {
        buf key = buf_over(exact_space(room)), info = buf_over(exact_space(room));
        pkcs15_put_default_key(&key, PKCS15_RSA, 2048, 1);
        assert_int_equal(key.full, room < 27);
        pkcs15_put_token_info(&info, exact("0102030405060708"), pkcs15_default_label());
        assert_int_equal(info.full, room < 52);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_descriptions), cmocka_unit_test(ids_are_decimal),
        cmocka_unit_test(the_device_key),       cmocka_unit_test(token_info_and_directory),
        cmocka_unit_test(no_room_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
