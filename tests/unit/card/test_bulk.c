/* SPDX-License-Identifier: Apache-2.0 */
/* Bulk metadata (decisions.md, 5C) and the object generation beside it (EF 2F1F): entries against what single commands
 * say, pages that end where they must, files that are missing or too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/import_common.h"

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

static struct answer bulk(struct rig *r, uint8_t kind, uint8_t from)
{
    struct answer a = rig_command_hex(r, 0x80, 0x5C, kind, from, "", 65536);
    EXPECT_SW(a, 0x9000);
    return a;
}

static void expect_bulk(struct rig *r, uint8_t kind, uint8_t from, const char *next_and_entries)
{
    const char *want = text_of("%08X %s", (unsigned)rig_generation(r), next_and_entries);
    EXPECT_DATA(bulk(r, kind, from), 0x9000, want);
}

static bytes pattern(size_t n, unsigned first)
{
    return exact(counting(n, first));
}

static void nothing_but_the_device(void **state)
{
    struct rig *r = rig_start(620);
    EXPECT_SW(rig_select(r), 0x9000);
    for (uint8_t kind = 0; kind < 3; kind++) {
        expect_bulk(r, kind, 0, "00"); /* virgin; the device key is never shown */
        expect_bulk(r, kind, 0xFF, "00");
    }
    SEND(r, "805C030000", 0x6A86);
    SEND(r, "805CFF0000", 0x6A86);
    SEND(r, "805C00000141", 0x6700);
    SEND_DATA(r, "005C0000 00", 0x9000, text_of("%08X 00", (unsigned)rig_generation(r)));
    rig_stop(r);
}

/* The example: an AES key with nothing but a description. */
static void the_example(void **state)
{
    struct rig *r = rig_ready(621, "9A020004");
    struct key_blob_parts aes = {.size = 16, .part[AES_KEY] = exact("2B7E151628AED2A6ABF7158809CF4F3C")};
    bytes data = import_data(KEY_BLOB_AES, &aes, "9106101118995152 920100");
    EXPECT_SW(import_inside(r, 0x11, KEY_BLOB_AES, data), 0x9000);
    EXPECT_SW(rig_update(r, 0xC411, 0, exact("A81F30020C00300904023137030307E080A006300402020100A106300430020400")),
              0x9000);
    EXPECT_SW(rig_select(r), 0x9000); /* nobody is logged in */
    expect_bulk(r, 0, 1,
                "00 CC11 0021 A81F30020C00300904023137030307E080A006300402020100A106300430020400" NO_HASH
                "0B 9106101118995152 920100");
    rig_stop(r);
}

static void an_entry_says_what_single_commands_say(void **state)
{
    struct rig *r = rig_ready(622, "");
    EXPECT_SW(rig_generate_ec(r, 0x05, CRYPTO_SECP384R1, "900400000007 910170"), 0x9000);
    EXPECT_SW(rig_generate_rsa(r, 0xFF, 1024, 65537, ""), 0x9000);
    const char *c405 = hex_of(rig_read(r, 0xC405, 0, 4096).data), *c4ff = hex_of(rig_read(r, 0xC4FF, 0, 4096).data);
    const char *h05 = hex_of(sha256(rig_read(r, 0xCE05, 0, 4096).data));
    const char *hff = hex_of(sha256(rig_read(r, 0xCEFF, 0, 4096).data));
    const char *e05 = text_of("CC05 %04zX %s %s 09 900400000007 910170", strlen(c405) / 2, c405, h05);
    const char *eff = text_of("CCFF %04zX %s %s 00", strlen(c4ff) / 2, c4ff, hff);
    expect_bulk(r, 0, 0, text_of("00 %s %s", e05, eff));
    expect_bulk(r, 0, 5, text_of("00 %s %s", e05, eff));
    expect_bulk(r, 0, 6, text_of("00 %s", eff));
    expect_bulk(r, 0, 0xFF, text_of("00 %s", eff));
    EXPECT_SW(rig_command_hex(r, 0x80, 0x68, 0x05, 0x70, counting(32, 0), 256), 0x9000);
    expect_bulk(r, 0, 0xFF, text_of("00 %s", eff));                      /* a use is no change of objects ... */
    assert_non_null(strstr(hex_of(bulk(r, 0, 5).data), "900400000006")); /* ... and shows */
    rig_stop(r);
}

static void certificates_and_data(void **state)
{
    struct rig *r = rig_ready(623, "");
    bytes certificate = pattern(3000, 1), data = pattern(5000, 9);
    EXPECT_SW(rig_update(r, 0xCA00, 0, certificate), 0x9000);
    EXPECT_SW(rig_update(r, 0xC800, 0, TEXT("CD")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCA07, 0, NO_BYTES), 0x9000); /* empty is not missing */
    EXPECT_SW(rig_update(r, 0xC809, 0, TEXT("a description without a certificate")), 0x9000);
    EXPECT_SW(rig_update(r, 0xC900, 0, TEXT("D0")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF00, 0, bytes_first(data, 3900)), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF00, 3900, bytes_after(data, 3900)), 0x9000);
    EXPECT_SW(rig_update(r, 0xC903, 0, TEXT("D3")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCD03, 0, TEXT("private")), 0x9000); /* no word about it */
    EXPECT_SW(rig_update(r, 0xCF04, 0, TEXT("without a description")), 0x9000);
    const char *empty = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
    expect_bulk(r, 1, 0, text_of("00 CA00 0002 4344 %s 00 CA07 0000 %s 00", hex_of(sha256(certificate)), empty));
    expect_bulk(r, 1, 1, text_of("00 CA07 0000 %s 00", empty));
    expect_bulk(r, 2, 0, text_of("00 C900 0002 4430 %s 00 C903 0002 4433 " NO_HASH "00", hex_of(sha256(data))));
    expect_bulk(r, 0, 0, "00");
    rig_stop(r);
}

/* At every size around the chunks of a file. */
static void hashes_at_every_size(void **state)
{
    static const size_t sizes[] = {1, 63, 64, 1259, 1260, 1261, 2523, 2524, 2525, 4000};
    struct rig *r = rig_ready(624, "");
    for (size_t i = 0; i < COUNT(sizes); i++) {
        bytes content = pattern(sizes[i], (unsigned)i);
        EXPECT_SW(rig_update(r, 0xCA11, 0, content), 0x9000);
        expect_bulk(r, 1, 0, text_of("00 CA11 0000 %s 00", hex_of(sha256(content))));
        hex_release();
    }
    rig_stop(r);
}

static void long_descriptions_are_not_shown(void **state)
{
    struct rig *r = rig_ready(625, "");
    const char *hash = hex_of(sha256(TEXT("x")));
    EXPECT_SW(rig_update(r, 0xCA01, 0, TEXT("x")), 0x9000);
    EXPECT_SW(rig_update(r, 0xC801, 0, pattern(1024, 0)), 0x9000);
    expect_bulk(r, 1, 0, text_of("00 CA01 0400 %s %s 00", counting(1024, 0), hash));
    EXPECT_SW(rig_update(r, 0xC801, 0, pattern(1025, 0)), 0x9000);
    expect_bulk(r, 1, 0, text_of("00 CA01 FFFF %s 00", hash));
    rig_stop(r);
}

/* Reads all pages as a host does; whole entries only, ids ascending, no page over 4096 bytes. */
static unsigned read_pages(struct rig *r, uint8_t kind, size_t description_size, unsigned *pages)
{
    unsigned entries = 0, last = 0;
    *pages = 0;
    for (uint8_t from = 0;;) {
        struct answer a = bulk(r, kind, from);
        assert_true(a.data.n <= 4096);
        reader in = read_from(a.data);
        assert_int_equal(rd_u32(&in), rig_generation(r));
        uint8_t next = rd_u8(&in);
        if (next) assert_true(a.data.n > 4096 - (description_size + 37)); /* as many as fit */
        for (; in.left.n; entries++) {
            unsigned id = rd_u16(&in) & 0xFF;
            assert_true(entries == 0 || id > last);
            last = id;
            assert_int_equal(rd_u16(&in), description_size);
            rd_take(&in, description_size + 32);
            rd_take(&in, rd_u8(&in));
            assert_false(in.bad);
        }
        (*pages)++;
        if (!next) return entries;
        assert_true(next > last);
        from = next;
    }
}

static void pages(void **state)
{
    struct rig *r = rig_ready(626, "");
    unsigned count, wanted = 0;
    for (unsigned id = 0; id <= 0xFF; id += 3, wanted++) {
        EXPECT_SW(rig_update(r, (uint16_t)(0xCA00 | id), 0, pattern(9, id)), 0x9000);
        EXPECT_SW(rig_update(r, (uint16_t)(0xC800 | id), 0, pattern(86, id)), 0x9000); /* entries of 123: 33 a page */
        hex_release();
    }
    assert_int_equal(read_pages(r, 1, 86, &count), wanted);
    assert_int_equal(count, 3);
    /* surplus over Ne comes with GET RESPONSE */
    struct answer whole = bulk(r, 1, 0), part = rig_send(r, "805C0100 00");
    assert_int_equal(whole.data.n, 5 + 33 * 123);
    assert_int_equal(part.data.n, 256);
    assert_int_equal(part.sw, 0x6100);
    assert_memory_equal(whole.data.p, part.data.p, 256);
    part = rig_send(r, "00C0000000");
    assert_memory_equal(whole.data.p + 256, part.data.p, 256);
    rig_stop(r);
}

/* A page that is exactly full, and one byte more. */
static void a_page_is_filled_to_the_last_byte(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        struct rig *r = rig_ready(627, "");
        for (uint16_t id = 0; id < 4; id++) {
            size_t size = id < 3 ? 1000 : 4096 - 5 - 3 * 1037 - 37 + more;
            EXPECT_SW(rig_update(r, 0xCA00 | id, 0, TEXT("x")), 0x9000);
            EXPECT_SW(rig_update(r, 0xC800 | id, 0, pattern(size, id)), 0x9000);
        }
        struct answer a = bulk(r, 1, 0);
        assert_int_equal(a.data.p[4], more ? 3 : 0);
        assert_int_equal(a.data.n, more ? 5 + 3 * 1037 : 4096);
        rig_stop(r);
        hex_release();
    }
}

/* A host that gives up while large files are hashed gets 6400, and nothing is the worse for it. */
static void hashing_can_be_cancelled(void **state)
{
    struct rig *r = rig_ready(628, "");
    EXPECT_SW(rig_update(r, 0xCA01, 0, pattern(4000, 0)), 0x9000);
    unsigned before = r->progress.ticks;
    (void)bulk(r, 1, 0);
    assert_true(r->progress.ticks - before >= 4); /* one for each chunk */
    r->progress.stop_at = r->progress.ticks + 2;
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x5C, 1, 0, "", 65536), 0x6400);
    r->progress.stop_at = 0;
    (void)bulk(r, 1, 0);
    rig_stop(r);
}

/* 2F1F: one more for every change of an object, none for tries and uses; INITIALIZE counts on. */
static void the_generation_counts_changes_of_objects(void **state)
{
    struct rig *r = rig_start(629);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_DATA(rig_read(r, 0x2F1F, 0, 4), 0x9000, "00000001");
    EXPECT_SW(rig_initialise(r, "80020021 910103 9A020004"), 0x9000);
    EXPECT_DATA(rig_read(r, 0x2F1F, 0, 4), 0x9000, "00000002");
    EXPECT_DATA(rig_read(r, 0x2F1E, 0, 2), 0x9000, "0004");
    static const struct {
        const char *hex;
        unsigned more;
    } steps[] = {
        {"00D7CA0107 54020000 530141", 1},
        {"00D7C80107 54020000 530141", 1},
        {"00D7C90107 54020000 530141", 1},
        {"00D7CF0107 54020000 530141", 1},
        {"00D7CD0107 54020000 530141", 1},
        {"00D7424207 54020000 530141", 1},
        {"00D7CF0107 54020001 530142", 1},
        {"00D72F0307 54020000 530141", 1},
        {"00D72F0207 54020000 530141", 1},
        {"00E4000002CF01", 1},
        {"002000810631323334353600", 0},
        {"0020008106" RIG_USER_PIN, 0},
        {"002400810C" RIG_USER_PIN RIG_USER_PIN, 0},
        {"806406000100", 0},
        {"00B12F1F0454020000 04", 0},
        {"00D72F1F07 54020000 530141", 0},
        {"00D7CC0107 54020000 530141", 0},
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        uint32_t before = rig_generation(r);
        (void)rig_send(r, steps[i].hex);
        if (rig_generation(r) != before + steps[i].more) print_error("%s\n", steps[i].hex);
        assert_int_equal(rig_generation(r), before + steps[i].more);
    }
    uint32_t before = rig_generation(r);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000003"), 0x9000);
    assert_int_equal(rig_generation(r), before + 1);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x68, 1, 0x70, counting(32, 0), 256), 0x9000);
    assert_int_equal(rig_generation(r), before + 1);
    EXPECT_SW(rig_delete(r, 0xCC01), 0x9000);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    assert_int_equal(rig_generation(r), before + 2);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_but_the_device),
        CASE(the_example),
        CASE(an_entry_says_what_single_commands_say),
        CASE(certificates_and_data),
        CASE(hashes_at_every_size),
        CASE(long_descriptions_are_not_shown),
        CASE(pages),
        CASE(a_page_is_filled_to_the_last_byte),
        CASE(hashing_can_be_cancelled),
        CASE(the_generation_counts_changes_of_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
