/* SPDX-License-Identifier: Apache-2.0 */
/* Key blobs: known answers of the specification, shapes that lie, and components that lie behind a valid MAC. */
#include "tests/unit/crypto/rig.h"

#include "tests/vectors/wire/key_blobs.h"
#include "wire/key_blob.h"
#include "wire/schsm.h"

static bytes dkek_of(size_t i)
{
    return exact(blobs[i].dkek[0] ? blobs[i].dkek : BLOB_DKEK);
}

/* ---- known answers ---- */

static void check_values_match(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(combinations); i++) {
        uint8_t dkek[DKEK_SIZE] = {0}, kcv[DKEK_KCV_SIZE];
        bytes shares = exact(combinations[i].shares);
        for (size_t at = 0; at < shares.n; at++) dkek[at % DKEK_SIZE] ^= shares.p[at];
        assert_hex(BYTES(dkek), combinations[i].dkek);
        assert_ok(key_blob_kcv(&r.c, BYTES(dkek), SPAN(kcv)));
        assert_hex(BYTES(kcv), combinations[i].kcv);
    }
    rig_close(&r);
}

static void blobs_open(void **state)
{
    struct rig r;
    rig_open(&r, 2);
    for (size_t i = 0; i < COUNT(blobs); i++) {
        struct key_blob blob;
        if (key_blob_read(exact(blobs[i].blob), &blob) != ST_OK) fail_msg("%s", blobs[i].name);
        span plain = exact_space(blob.encrypted.n);
        if (key_blob_open(&r.c, &blob, dkek_of(i), plain) != ST_OK) fail_msg("%s", blobs[i].name);
        bytes want = exact(blobs[i].plain);
        assert_true(plain.n >= want.n && bytes_equal(bytes_first(view(plain), want.n), want));
        assert_hex(blob.algorithms, blobs[i].algorithms);
        assert_int_equal(blob.type, blobs[i].type);
        if (blob.type == KEY_BLOB_AES) assert_hex(blob.default_algorithm, "6086480165030401");
    }
    rig_close(&r);
}

/* The same header and, but for the eight random bytes, the same key. */
static void what_is_sealed_opens_again(void **state)
{
    struct rig r;
    rig_open(&r, 3);
    for (size_t i = 0; i < COUNT(blobs); i++) {
        bytes whole = exact(blobs[i].plain), components = bytes_after(whole, KEY_BLOB_RANDOM);
        span place = exact_space(KEY_BLOB_MAX), plain;
        buf out = buf_over(place);
        struct key_blob blob, given;
        const struct key_blob_header said = {(enum key_blob_type)blobs[i].type, NO_BYTES, exact(blobs[i].algorithms)};
        assert_ok(key_blob_seal(&r.c, &said, dkek_of(i), components, &out));
        assert_ok(key_blob_read(exact_copy(written(&out)), &blob));
        assert_ok(key_blob_read(exact(blobs[i].blob), &given));
        size_t header = given.authenticated.n - given.encrypted.n;
        assert_hex(bytes_first(written(&out), header), hex_of(bytes_first(given.authenticated, header)));
        plain = exact_space(blob.encrypted.n);
        assert_ok(key_blob_open(&r.c, &blob, dkek_of(i), plain));
        assert_hex(bytes_first(bytes_after(view(plain), KEY_BLOB_RANDOM), components.n), hex_of(components));
    }
    rig_close(&r);
}

static void components_are_read_and_written(void **state)
{
    for (size_t i = 0; i < COUNT(blobs); i++) {
        struct key_blob_parts parts;
        bytes in = exact_copy(bytes_after(exact(blobs[i].plain), KEY_BLOB_RANDOM));
        enum key_blob_type type = (enum key_blob_type)blobs[i].type;
        if (key_blob_parts_read(type, in, &parts) != ST_OK) fail_msg("%s", blobs[i].name);
        buf out = buf_over(exact_space(in.n));
        key_blob_parts_put(&out, type, &parts);
        assert_hex(bytes_first(in, in.n - parts.rest.n), hex_of(written(&out)));
        assert_false(out.full);
    }
}

/* ---- lies ---- */

static void bad_blobs_are_refused(void **state)
{
    struct rig r;
    rig_open(&r, 4);
    for (size_t i = 0; i < COUNT(bad_blobs); i++) {
        struct key_blob blob;
        struct key_blob_parts parts;
        uint8_t kcv[DKEK_KCV_SIZE];
        status st = key_blob_read(exact(bad_blobs[i].blob), &blob);
        if (st == ST_OK) {
            span plain = exact_space(blob.encrypted.n);
            assert_ok(key_blob_kcv(&r.c, exact(BLOB_DKEK), SPAN(kcv)));
            st = bytes_equal(BYTES(kcv), blob.kcv) ? key_blob_open(&r.c, &blob, exact(BLOB_DKEK), plain) : ST_EXECUTION;
            if (st != ST_OK) assert_true(st == ST_EXECUTION);
            if (st == ST_OK) st = key_blob_parts_read(blob.type, bytes_after(view(plain), KEY_BLOB_RANDOM), &parts);
        }
        if (st == ST_OK) continue; /* the numbers themselves are the card's to judge: tests/unit/card/test_wrap */
        if (status_word(st) != bad_blobs[i].sw) fail_msg("%s", bad_blobs[i].name);
    }
    rig_close(&r);
}

static void every_flipped_bit_is_noticed(void **state)
{
    struct rig r;
    rig_open(&r, 5);
    bytes good = exact(blobs[0].blob);
    for (size_t bit = 0; bit < 8 * good.n; bit++) {
        span copy = exact_space(good.n);
        memcpy(copy.p, good.p, good.n);
        copy.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct key_blob blob;
        if (key_blob_read(view(copy), &blob) != ST_OK) continue;
        span plain = exact_space(blob.encrypted.n);
        assert_int_equal(key_blob_open(&r.c, &blob, exact(BLOB_DKEK), plain), ST_EXECUTION);
        assert_true(ct_is_zero(view(plain)));
        hex_release();
        good = exact(blobs[0].blob);
    }
    rig_close(&r);
}

static void a_header_names_another_algorithm(void **state)
{
    struct rig r;
    rig_open(&r, 7);
    const struct key_blob_header said = {KEY_BLOB_AES, exact("2A864886F70D0209"), NO_BYTES};
    buf out = buf_over(exact_space(KEY_BLOB_MAX));
    assert_ok(key_blob_seal(&r.c, &said, exact(BLOB_DKEK), exact("0003 AABBCC"), &out));
    assert_hex(bytes_first(written(&out), 25), "630DCD2966C43366 0F 00082A864886F70D0209 0000 0000 0000");
    struct key_blob blob;
    assert_ok(key_blob_read(exact_copy(written(&out)), &blob));
    assert_hex(blob.default_algorithm, "2A864886F70D0209");
    rig_close(&r);
}

static void every_truncation_is_refused(void **state)
{
    bytes good = exact(blobs[0].blob);
    for (size_t n = 0; n < good.n; n++) {
        struct key_blob blob;
        status st = key_blob_read(exact_copy(bytes_first(good, n)), &blob);
        if (st == ST_OK) assert_true(n >= 31 + 32 && (n - 31) % 16 == 0); /* a shape all the same: its MAC is wrong */
        else assert_int_equal(st, ST_DATA_NOT_USABLE);
    }
}

#define HEAD "630DCD2966C43366"
#define BLOCK_16 "00112233445566778899AABBCCDDEEFF"

/* clang-format off */
static const struct { const char *hex; bool good; } shapes[] = {
    {HEAD "0F 0000 0000 0000 0000" BLOCK_16 BLOCK_16, true},
    {HEAD "0F 0000 0000 0000 0000" BLOCK_16, false},             /* nothing encrypted */
    {HEAD "0F 0000 0000 0000 0000" BLOCK_16 BLOCK_16 "00", false},
    {HEAD "0F 0010" BLOCK_16 "0000 0003AABBCC 0001AA" BLOCK_16 BLOCK_16, true},
    {HEAD "07 0000 0000 0000 0000" BLOCK_16 BLOCK_16, false},    /* unknown types */
    {HEAD "00 0000 0000 0000 0000" BLOCK_16 BLOCK_16, false},
    {HEAD "0F FFFF 0000 0000 0000" BLOCK_16 BLOCK_16, false},    /* lengths past the end */
    {HEAD "0F 0000 FFFF 0000 0000" BLOCK_16 BLOCK_16, false},
    {HEAD "0F 0000 0000 0021 0000" BLOCK_16 BLOCK_16, false},
    {HEAD "0F 0000 0000 0000 0030" BLOCK_16 BLOCK_16, false},
    {HEAD "0F 0000 0020" BLOCK_16 BLOCK_16 "0000 0000" BLOCK_16 BLOCK_16, true},
    {HEAD "0F 0000 0021" BLOCK_16 BLOCK_16 "00 0000 0000" BLOCK_16 BLOCK_16, false}, /* list of 33 */
};

static const struct { enum key_blob_type type; const char *hex; bool good; } components[] = {
    {KEY_BLOB_AES, "0010" BLOCK_16, true},
    {KEY_BLOB_AES, "0010" BLOCK_16 "8000", true},
    {KEY_BLOB_AES, "0018" BLOCK_16 "0011223344556677", true},
    {KEY_BLOB_AES, "0018" BLOCK_16 "00112233445566", false},
    {KEY_BLOB_AES, "0040" BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16, true},
    {KEY_BLOB_AES, "000F" BLOCK_16, true}, /* whether its kind has that size is the card's to judge */
    {KEY_BLOB_AES, "0001 55", true},
    {KEY_BLOB_AES, "0080" BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16, true},
    {KEY_BLOB_AES, "0081" BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 BLOCK_16 "00", false},
    {KEY_BLOB_AES, "0001", false},
    {KEY_BLOB_AES, "0000" BLOCK_16, false},
    {KEY_BLOB_AES, "FFFF" BLOCK_16, false},
    {KEY_BLOB_AES, "00", false},
    {KEY_BLOB_AES, "", false},
    {KEY_BLOB_RSA, "0400 0001AA 0001BB 000103", true},
    {KEY_BLOB_RSA, "0400 0001AA 0001BB 0002 03", false},
    {KEY_BLOB_RSA, "0400 0001AA FFFFBB 0001 03", false},
    {KEY_BLOB_RSA, "0400 0001AA 0001BB 00", false},
    {KEY_BLOB_RSA, "0400 0001AA 0001BB", false},
    {KEY_BLOB_RSA, "0400 0000 0000 0000", true},
    {KEY_BLOB_RSA_CRT, "0400 0001AA 0001BB 000103", false},
    {KEY_BLOB_EC, "0100 0000 0000 0000 0000 0000 0000 0000", true},
    {KEY_BLOB_EC, "0100 0000 0000 0000 0000 0000 0000 0001", false},
    {KEY_BLOB_EC, "0100 0000 0000 0000 0000 0000 0000", false},
    {(enum key_blob_type)0x07, "0010" BLOCK_16, false},
};
/* clang-format on */

static void shapes_do_not_lie(void **state)
{
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct key_blob blob;
        status st = key_blob_read(exact(shapes[i].hex), &blob);
        if (st != (shapes[i].good ? ST_OK : ST_DATA_NOT_USABLE)) fail_msg("shape %zu", i);
    }
}

static void components_do_not_lie(void **state)
{
    for (size_t i = 0; i < COUNT(components); i++) {
        struct key_blob_parts parts;
        status st = key_blob_parts_read(components[i].type, exact(components[i].hex), &parts);
        if (st != (components[i].good ? ST_OK : ST_DATA_NOT_USABLE)) fail_msg("components %zu", i);
    }
}

static void limits_are_kept(void **state)
{
    struct rig r;
    rig_open(&r, 6);
    bytes dkek = exact(BLOB_DKEK);
    span components_max = exact_space(KEY_BLOB_PLAIN_MAX - KEY_BLOB_RANDOM), list = exact_space(LIMIT_ALGORITHM_LIST);
    buf out = buf_over(exact_space(KEY_BLOB_MAX));
    const struct key_blob_header said = {KEY_BLOB_EC, NO_BYTES, view(list)};
    assert_ok(key_blob_seal(&r.c, &said, dkek, view(components_max), &out));
    struct key_blob blob;
    assert_ok(key_blob_read(exact_copy(written(&out)), &blob));
    assert_int_equal(blob.encrypted.n, KEY_BLOB_PLAIN_MAX);
    struct {
        bytes list, dkek, components;
        size_t room;
    } bad[] = {
        {view(exact_space(LIMIT_ALGORITHM_LIST + 1)), dkek, view(list), KEY_BLOB_MAX},
        {NO_BYTES, bytes_first(dkek, 31), view(list), KEY_BLOB_MAX},
        {NO_BYTES, dkek, view(exact_space(components_max.n + 1)), KEY_BLOB_MAX},
        {NO_BYTES, dkek, view(list), 27 + 48 + 15},
        {NO_BYTES, dkek, view(list), 7},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        buf small = buf_over(exact_space(bad[i].room));
        const struct key_blob_header header = {KEY_BLOB_EC, NO_BYTES, bad[i].list};
        status st = key_blob_seal(&r.c, &header, bad[i].dkek, bad[i].components, &small);
        if (st != ST_BAD_LENGTH) fail_msg("row %zu: %d", i, st);
    }
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_values_match),
        cmocka_unit_test(blobs_open),
        cmocka_unit_test(what_is_sealed_opens_again),
        cmocka_unit_test(components_are_read_and_written),
        cmocka_unit_test(bad_blobs_are_refused),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(a_header_names_another_algorithm),
        cmocka_unit_test(shapes_do_not_lie),
        cmocka_unit_test(components_do_not_lie),
        cmocka_unit_test(limits_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
