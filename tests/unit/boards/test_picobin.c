/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed an image: asked of a small image that tools/sign_image signed with a key made for this, and of many that are
 * broken. Every image lies in a block of its own size, so that the sanitizer sees the first byte beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boards/shared/picobin.h"
#include "tests/hex.h"

enum { SIGNED_SIZE = 268, UNSIGNED_SIZE = 36, FIRST = 16, LINK = 28, SECOND = 36, KEY = 92 };

/* clang-format off */
static const char signed_hex[] = /* two words of vectors, two of nothing, the image's block, the signature's */
    "00200820410000100000000000000000D3DEFFFF42012110FF010000"
    "14000000793512ABD3DEFFFF42012110480200000000000044030000"
    "410000100020082006040001C0FFFFFF000000102400000047020001"
    "0D000000092100014D4543A9320ADD75628A94ACCD05033BF47A5D27"
    "5A9CF660F007440935784EF97422F69B11E43AC228C981A1CEFB9A70"
    "E9E27AEF4DDAC854A9104F654B0891E244FFE3FA692A45D8A4C36C96"
    "DCB653FC1C505204D40EA1B97BD361D3390BC7933AE9A7EAFE2549CC"
    "F0923DB3784EE4C8B68D3628BE2E189024EB9113C57F6A514B090000"
    "54ACF95EADBB7AA3BDC9984B7AD097BF307F3FF9D4482FF689440B1C"
    "851E48B1FF360000ECFFFFFF793512AB";
/* clang-format on */

static void read_image(uint8_t image[SIGNED_SIZE])
{
    bytes b = exact(signed_hex);
    assert_int_equal(b.n, SIGNED_SIZE);
    memcpy(image, b.p, b.n);
    hex_release();
}

static bool signer(const uint8_t *image, size_t n, uint8_t key[PICOBIN_KEY_SIZE])
{
    bool found = picobin_signer(exact_copy((bytes){image, n}), (span){key, PICOBIN_KEY_SIZE});
    hex_release();
    return found;
}

static void put_word(uint8_t *at, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++) at[i] = (uint8_t)(word >> 8 * i);
}

static void the_key_of_a_signed_image(void **state)
{
    uint8_t image[SIGNED_SIZE + 1000], key[PICOBIN_KEY_SIZE];
    memset(image, 0xFF, sizeof image); /* the flash behind an image */
    read_image(image);
    assert_true(signer(image, SIGNED_SIZE, key));
    assert_memory_equal(key, image + KEY, sizeof key);
    memset(key, 0, sizeof key);
    assert_true(signer(image, sizeof image, key));
    assert_memory_equal(key, image + KEY, sizeof key);
}

static void nobody_signed_an_unsigned_image(void **state)
{
    uint8_t image[SIGNED_SIZE], key[PICOBIN_KEY_SIZE];
    read_image(image);
    put_word(image + LINK, 0); /* its one block leads to itself */
    assert_false(signer(image, UNSIGNED_SIZE, key));
    assert_false(signer(image, SIGNED_SIZE, key)); /* what lies behind is not of the loop */
}

static void an_image_that_ends_early_has_no_signer(void **state)
{
    uint8_t image[SIGNED_SIZE], key[PICOBIN_KEY_SIZE];
    read_image(image);
    for (size_t n = 0; n < SIGNED_SIZE; n++) assert_false(signer(image, n, key));
}

static void blank_flash_has_no_signer(void **state)
{
    static uint8_t flash[3 * 4096];
    uint8_t key[PICOBIN_KEY_SIZE];
    assert_false(signer(flash, sizeof flash, key));
    memset(flash, 0xFF, sizeof flash);
    assert_false(signer(flash, sizeof flash, key));
    read_image(flash + 4096); /* too late: the boot ROM would not find it */
    assert_false(signer(flash, sizeof flash, key));
    read_image(flash + 4096 - FIRST - 4);
    assert_true(signer(flash, sizeof flash, key));
}

/* Whatever bit of the blocks' structure is wrong: no answer, or, where it is not looked at, the right one. */
static void every_flipped_bit(void **state)
{
    uint8_t image[SIGNED_SIZE], key[PICOBIN_KEY_SIZE];
    read_image(image);
    unsigned refused = 0;
    for (unsigned bit = 8 * FIRST; bit < 8 * SIGNED_SIZE; bit++) {
        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool found = signer(image, SIGNED_SIZE, key);
        if (found) assert_memory_equal(key, image + KEY, sizeof key);
        refused += !found;
        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_in_range(refused, 300, 600);
}

/* clang-format off */
static const struct { uint32_t at, word; } faults[] = {
    { LINK, 16 }, { LINK, 24 }, { LINK, 21 },         /* to no block, to no word         */
    { LINK, 0x7FFFFFFC }, { LINK, 0xFFFFFFFC },       /* out of the image                */
    { 260, 0 },                                       /* the second block leads to itself */
    { 20, 0x10210042 },                               /* an item of no size              */
    { 20, 0x10FFFF80 },                               /* an item that is too long        */
    { 24, 0x000002FF }, { 24, 0x000000FF },           /* a wrong size in all             */
    { 32, 0 },                                        /* no mark at the end              */
    { 88, 0x02002109 }, { 88, 0x01002009 },           /* another curve, another size     */
};
/* clang-format on */

static void faults_of_every_kind_are_no_signer(void **state)
{
    for (size_t i = 0; i < COUNT(faults); i++) {
        uint8_t image[SIGNED_SIZE], key[PICOBIN_KEY_SIZE];
        read_image(image);
        put_word(image + faults[i].at, faults[i].word);
        assert_false(signer(image, SIGNED_SIZE, key));
    }
}

static void an_image_with_two_signatures_has_no_signer(void **state)
{
    enum { BLOCK = SIGNED_SIZE - SECOND };
    uint8_t image[SIGNED_SIZE + BLOCK], key[PICOBIN_KEY_SIZE];
    read_image(image);
    memcpy(image + SIGNED_SIZE, image + SECOND, BLOCK);
    put_word(image + SIGNED_SIZE - 8, BLOCK);
    put_word(image + SIGNED_SIZE + BLOCK - 8, (uint32_t)(FIRST - SIGNED_SIZE));
    assert_false(signer(image, sizeof image, key));
    image[SIGNED_SIZE + KEY - 4 - SECOND] = 0xFE; /* the same loop, but the third block's is an item to ignore */
    assert_true(signer(image, sizeof image, key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_of_a_signed_image),
        cmocka_unit_test(nobody_signed_an_unsigned_image),
        cmocka_unit_test(an_image_that_ends_early_has_no_signer),
        cmocka_unit_test(blank_flash_has_no_signer),
        cmocka_unit_test(an_image_with_two_signatures_has_no_signer),
        cmocka_unit_test(every_flipped_bit),
        cmocka_unit_test(faults_of_every_kind_are_no_signer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
