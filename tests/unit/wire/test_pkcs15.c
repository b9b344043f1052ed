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
        const struct pkcs15_key key = {.kind = keys[i].kind, .bits = keys[i].bits};
        pkcs15_put_default_key(&b, &key, keys[i].id);
        assert_false(b.full);
        assert_hex(written(&b), want);
        assert_true(b.n <= PKCS15_DEFAULT_SIZE_MAX);
    }
}

static void ids_are_decimal(void **state)
{
    const struct pkcs15_key aes_256 = {.kind = PKCS15_SECRET, .bits = 256};
    for (size_t i = 0; i < COUNT(ids); i++) {
        buf a = buf_over(exact_space(64)), b = buf_over(exact_space(64));
        bytes id = {(const uint8_t *)ids[i].text, strlen(ids[i].text)};
        pkcs15_put_default_key(&a, &aes_256, ids[i].id);
        pkcs15_put_key(&b, &aes_256, id);
        assert_hex(written(&a), hex_of(written(&b)));
        assert_true(a.n <= PKCS15_DEFAULT_SIZE_MAX);
    }
}

/* Ours: usage and OID say what the key is for; whoever reads only size, label and id finds them where they always are. */
/* clang-format off */
static const struct { enum secret_kind kind; uint16_t bits; const char *want; } kinds[] = {
    { SECRET_AES,      256,  "A828 30020C00 3007 04013303 0205E0 A0063004 02020100 A111300F 30020400 0609608648016503040129" },
    { SECRET_XTS,      512,  "A828 30020C00 3007 04013303 0206C0 A0063004 02020200 A111300F 30020400 06092B6F028C5300000102" },
    { SECRET_HMAC,     1024, "A827 30020C00 3007 04013303 020520 A0063004 02020400 A110300E 30020400 06082A864886F70D0209" },
    { SECRET_CHACHA20, 256,  "A82A 30020C00 3007 04013303 0206C0 A0063004 02020100 A1133011 30020400 060B2A864886F70D0109100312" },
    { SECRET_HKDF,     160,  "A82B 30020C00 3008 04013303 030700 80 A0063004 020200A0 A1133011 30020400 060B2A864886F70D010910031D" },
    { SECRET_GENERIC,  8,    "A828 30020C00 3008 04013303 030720 80 A0053003 020108 A111300F 30020400 06092A864886F70D010701" },
};
/* clang-format on */

static void secret_keys_say_their_kind(void **state)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct pkcs15_key key = {.kind = PKCS15_SECRET, .secret_kind = kinds[i].kind, .bits = kinds[i].bits};
        buf b = buf_over(exact_space(PKCS15_DEFAULT_SIZE_MAX)),
            longest = buf_over(exact_space(PKCS15_DEFAULT_SIZE_MAX));
        pkcs15_put_default_key(&b, &key, 3);
        assert_hex(written(&b), kinds[i].want);
        pkcs15_put_default_key(&longest, &key, 255);
        assert_false(longest.full);
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
    const struct pkcs15_key rsa = {.kind = PKCS15_RSA, .bits = 2048};
    for (size_t room = 0; room < 60; room++) {
        buf key = buf_over(exact_space(room)), info = buf_over(exact_space(room));
        pkcs15_put_default_key(&key, &rsa, 1);
        assert_int_equal(key.full, room < 27);
        pkcs15_put_token_info(&info, exact("0102030405060708"), pkcs15_default_label());
        assert_int_equal(info.full, room < 52);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_descriptions),       cmocka_unit_test(ids_are_decimal),
        cmocka_unit_test(secret_keys_say_their_kind), cmocka_unit_test(the_device_key),
        cmocka_unit_test(token_info_and_directory),   cmocka_unit_test(no_room_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
