/* SPDX-License-Identifier: Apache-2.0 */
/* What SELECT answers, against the bytes of apdu.md 2.2 and 2.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "wire/fcp.h"

/* clang-format off */
static const struct {
    uint16_t fid; enum fcp_type type; size_t size; const char *metadata, *fcp;
} files[] = {
    { 0x3F00, FCP_DF,          0,       "", "620E 81020000 820138 83023F00 8A0105" },
    { 0x2F02, FCP_WORKING_EF,  443,     "", "620E 810201BB 820101 83022F02 8A0105" },
    { 0xCF01, FCP_WORKING_EF,  0xFFFF,  "", "620E 8102FFFF 820101 8302CF01 8A0105" },
    { 0xCF01, FCP_WORKING_EF,  0x10000, "", "620E 8102FFFF 820101 8302CF01 8A0105" },
    { 0xCF01, FCP_WORKING_EF,  1u << 20,"", "620E 8102FFFF 820101 8302CF01 8A0105" },
    { 0xCC05, FCP_INTERNAL_EF, 0,       "", "620E 81020000 820108 8302CC05 8A0105" },
    { 0xCC11, FCP_INTERNAL_EF, 0,       "9106101118995152 920100",
      "621C 81020000 820108 8302CC11 8A0105 A5810B 9106101118995152 920100" },
};
/* clang-format on */

static void files_are_described(void **state)
{
    for (size_t i = 0; i < COUNT(files); i++) {
        bytes want = exact(files[i].fcp), metadata = exact(files[i].metadata);
        buf b = buf_over(exact_space(want.n));
        fcp_put_file(&b, files[i].fid, files[i].type, files[i].size, metadata);
        assert_false(b.full);
        assert_hex(written(&b), files[i].fcp);
        b = buf_over(exact_space(want.n - 1));
        fcp_put_file(&b, files[i].fid, files[i].type, files[i].size, metadata);
        assert_true(b.full);
    }
}

/* A5 has its length behind 81 up to 255 bytes, whatever DER thinks. */
static void metadata_length_is_in_the_long_form(void **state)
{
    static const struct {
        size_t n;
        const char *header;
    } rows[] = {{1, "A58101"}, {127, "A5817F"}, {128, "A58180"}, {255, "A581FF"}, {256, "A5820100"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf b = buf_over(exact_space(400));
        fcp_put_file(&b, 0xCC01, FCP_INTERNAL_EF, 0, view(exact_space(rows[i].n)));
        bytes header = exact(rows[i].header);
        bytes tail = bytes_after(written(&b), b.n - rows[i].n - header.n);
        assert_hex(bytes_first(tail, header.n), rows[i].header);
    }
}

static void the_application_is_described(void **state)
{
    buf b = buf_over(exact_space(36));
    fcp_put_application(&b, 0x0001);
    assert_false(b.full);
    assert_hex(written(&b), "6222 81020000 820101 83020000 840BE82B0601040181C31F0201 8A0105"
                            "8505 0001 FF 06 06");
    b = buf_over(exact_space(35));
    fcp_put_application(&b, 0x0001);
    assert_true(b.full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_described),
        cmocka_unit_test(metadata_length_is_in_the_long_form),
        cmocka_unit_test(the_application_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
