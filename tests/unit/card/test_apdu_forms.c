/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to commands and back, at the card's own boundary: every APDU form of apdu.md 1.5, classes (1.8), chaining
 * (1.7), surplus data and GET RESPONSE (1.6), and what a card says before an applet is selected (1.10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"

static struct rig *virgin(void)
{
    struct rig *r = rig_start(1);
    EXPECT_SW(rig_select(r), 0x9000);
    return r;
}

/* ---- 1.5 ---- */

/* LIST of a virgin card answers CC00; READ BINARY 2F1E answers the policy word 0000 and makes its own cut. */
/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } forms[] = {
    {"80580000",                   0x9000, "",     "case 1: Ne 0 (DP-7), done without data (DP-8)"},
    {"8058000000",                 0x9000, "CC00", "case 2 short, 00 = 256"},
    {"8058000002",                 0x9000, "CC00", "case 2 short, exactly enough"},
    {"80580000FF",                 0x9000, "CC00", "case 2 short, more than there is"},
    {"8058000001",                 0x6101, "CC",   "case 2 short, one byte less"},
    {"80580000000000",             0x9000, "CC00", "case 2 extended, 0000 = 65536; PY's form without data"},
    {"80580000000002",             0x9000, "CC00", "case 2 extended"},
    {"80580000000001",             0x6101, "CC",   "case 2 extended, one byte less"},
    {"8058000000FFFF",             0x9000, "CC00", "case 2 extended, largest"},
    {"00B12F1E0454020000",         0x9000, "",     "case 3 short"},
    {"00B12F1E045402000000",       0x9000, "0000", "case 4 short, 00 = 256"},
    {"00B12F1E045402000001",       0x9000, "00",   "case 4 short; READ cuts itself"},
    {"00B12F1E00000454020000",     0x9000, "",     "case 3 extended"},
    {"00B12F1E000004540200000000", 0x9000, "0000", "case 4 extended, 0000 = 65536"},
    {"00B12F1E000004540200000001", 0x9000, "00",   "case 4 extended"},
    {"00B12F1E000004540200000100", 0x9000, "0000", "case 4 extended, 256"},
    {"805800000000",               0x9000, "CC00", "tolerated: .. 00 Le is case 2 short"},
    {"805800000001",               0x6101, "CC",   "tolerated, with that Le"},
    /* malformed: exactly one answer, 6700 (DP-1) */
    {"",                           0x6700, "", "L = 0"},
    {"80",                         0x6700, "", "L = 1"},
    {"8058",                       0x6700, "", "L = 2"},
    {"805800",                     0x6700, "", "L = 3"},
    {"805800000400",               0x6700, "", "header, LeH LeL: L = 6, B5 not 00"},
    {"8058000001000000",           0x6700, "", "two bytes behind the data"},
    {"00B12F1E0554020000",         0x6700, "", "Lc larger than the data"},
    {"00B12F1EFF54020000",         0x6700, "", "Lc much larger than the data"},
    {"00B12F1E03540200000000",     0x6700, "", "Lc smaller than the data"},
    {"00B12F1E0454020000000000",   0x6700, "", "three bytes behind the data"},
    {"00B12F1E00000554020000",     0x6700, "", "extended, Lc larger than the data"},
    {"00B12F1E00FFFF54020000",     0x6700, "", "extended, Lc much larger than the data"},
    {"00B12F1E0000045402000000",   0x6700, "", "extended, Le of one byte"},
    {"00B12F1E00000454020000000000", 0x6700, "", "extended, Le of three bytes"},
    {"00B12F1E00000054020000",     0x6700, "", "extended, Lc 0 with data"},
    {"00B12F1E00000000",           0x6700, "", "extended, Lc 0 and one byte"},
    {"00B12F1E0000000000",         0x6700, "", "extended, Lc 0 and Le"},
    {"00B12F1E000001540000",       0x6700, "", "extended, Lc 1 and a good Le: READ wants a whole 54"},
};
/* clang-format on */

static void every_form_has_one_answer(void **state)
{
    struct rig *r = virgin();
    for (size_t i = 0; i < COUNT(forms); i++)
        EXPECT_ROW(rig_send(r, forms[i].hex), forms[i].sw, forms[i].data, forms[i].why);
    rig_stop(r);
}

static struct answer update_of_size(struct rig *r, size_t n, uint8_t cla)
{
    span data = exact_space(n);
    return rig_command(r, cla, 0xD7, 0x2F, 0x03, view(data), 0);
}

/* 1.5 sizes: 4096 bytes of command data; more is 6700 before anything else is asked. */
static void data_field_ends_at_4096_bytes(void **state)
{
    struct rig *r = virgin();
    EXPECT_EMPTY(update_of_size(r, 255, 0x00), 0x6982);
    EXPECT_EMPTY(update_of_size(r, 4096, 0x00), 0x6982);
    EXPECT_EMPTY(update_of_size(r, 4097, 0x00), 0x6700);
    EXPECT_EMPTY(update_of_size(r, 65535, 0x00), 0x6700);
    rig_stop(r);
}

/* 1.5: "exactly one answer, no state change, and an open command chain is dropped" */
static void malformed_apdu_changes_no_session_and_drops_the_chain(void **state)
{
    struct rig *r = rig_ready(2, "");
    SEND(r, "00A40000022F1E", 0x9000);
    SEND(r, "002000810500", 0x6700);
    SEND(r, "00200081", 0x9000);
    SEND_DATA(r, "00B1000004540200 0000", 0x9000, "0000");
    SEND(r, "10B12F1E025402", 0x9000);
    SEND(r, "00B12F", 0x6700);
    SEND(r, "00B12F1E02000000", 0x6700); /* alone: 0000 is no 54 */
    rig_stop(r);
}

/* ---- 1.8 ---- */

static uint16_t word_for_class(unsigned cla)
{
    switch (cla) {
    case 0x00:
    case 0x80:
    case 0x10:
    case 0x90: return 0x9000;
    case 0x0C:
    case 0x8C:
    case 0x1C:
    case 0x9C: return 0x6984; /* 4.6: no session keys */
    default: return 0x6E00;
    }
}

static void every_class_byte(void **state)
{
    struct rig *r = virgin();
    for (unsigned cla = 0; cla <= 0xFF; cla++) {
        bool last = cla == 0x00 || cla == 0x80;
        const char *hex = text_of("%02X58000000", cla);
        EXPECT_ROW(rig_send(r, hex), word_for_class(cla), last ? "CC00" : "", hex);
        SEND(r, "00", 0x6700); /* ends a chain that this class may have begun */
    }
    rig_stop(r);
}

/* 1.10: form, then class, then applet, then instruction */
static void class_is_judged_after_the_form_and_before_the_rest(void **state)
{
    struct rig *r = rig_start(3);
    SEND(r, "FF580000", 0x6E00);
    SEND(r, "FF5800000102030405", 0x6700);
    SEND(r, "FF58", 0x6700);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "01FF0000", 0x6E00);
    SEND(r, "00FF0000", 0x6D00);
    rig_stop(r);
}

/* ---- 1.7 ---- */

/* A script: links and what each answers. A row without hex ends it. */
struct step {
    const char *hex;
    uint16_t sw;
    const char *data;
};

/* clang-format off */
static const struct { const char *why; struct step steps[8]; } chains[] = {
    {"three links join", {{"10B12F1E0154", 0x9000, ""}, {"10B12F1E020200", 0x9000, ""}, {"00B12F1E010000", 0x9000,
     "0000"}}},
    {"class 90 chains too", {{"90B12F1E025402", 0x9000, ""}, {"80B12F1E02000000", 0x9000, "0000"}}},
    {"extended links join", {{"10B12F1E0000025402", 0x9000, ""}, {"00B12F1E00000200000000", 0x9000, "0000"}}},
    {"short and extended mix", {{"10B12F1E025402", 0x9000, ""}, {"00B12F1E00000200000001", 0x9000, "00"}}},
    {"only the last link's Le counts", {{"10B12F1E02540200", 0x9000, ""}, {"00B12F1E020000", 0x9000, ""}}},
    {"empty links", {{"10B12F1E", 0x9000, ""}, {"10B12F1E00", 0x9000, ""}, {"00B12F1E045402000000", 0x9000, "0000"}}},
    {"last link empty", {{"10B12F1E0454020000", 0x9000, ""}, {"00B12F1E00", 0x9000, "0000"}}},
    {"class differs", {{"10B12F1E025402", 0x9000, ""}, {"80B12F1E02000000", 0x6883, ""}, {"00B12F1E02000000", 0x6700,
     ""}}},
    {"instruction differs", {{"10B12F1E025402", 0x9000, ""}, {"00B02F1E02000000", 0x6883, ""}, {"00B12F1E02000000",
     0x6700, ""}}},
    {"P1 differs", {{"10B12F1E025402", 0x9000, ""}, {"00B12E1E02000000", 0x6883, ""}, {"00B12F1E02000000", 0x6700,
     ""}}},
    {"P2 differs", {{"10B12F1E025402", 0x9000, ""}, {"00B12F1F02000000", 0x6883, ""}, {"00B12F1E02000000", 0x6700,
     ""}}},
    {"an inner link differs", {{"10B12F1E0154", 0x9000, ""}, {"10B12F1F0102", 0x6883, ""}, {"00B12F1E045402000000",
     0x9000, "0000"}}},
    {"unknown class inside", {{"10B12F1E025402", 0x9000, ""}, {"04B12F1E02000000", 0x6E00, ""}}},
    {"SELECT by AID drops the chain and runs",
     {{"10B12F1E025402", 0x9000, ""}, {"00A4040C0BE82B0601040181C31F0201", 0x9000, ""}, {"00B12F1E02000000", 0x6700,
      ""}}},
    {"a SELECT by AID that fails drops it too",
     {{"10B12F1E025402", 0x9000, ""}, {"00A4040C01AA", 0x6A82, ""}, {"00B12F1E02000000", 0x6700, ""}}},
    {"SELECT by file id is another header", {{"10B12F1E025402", 0x9000, ""}, {"00A40000022F1E", 0x6883, ""}}},
    {"GET RESPONSE inside", {{"10B12F1E025402", 0x9000, ""}, {"00C0000000", 0x6883, ""}, {"00B12F1E02000000", 0x6700,
     ""}}},
    {"a second chain after a broken one",
     {{"10B12F1E025402", 0x9000, ""}, {"00B12F1F00", 0x6883, ""}, {"10B12F1E025402", 0x9000, ""}, {"00B12F1E02000000",
      0x9000, "0000"}}},
    {"unknown instruction is judged at the end", {{"10FF000000", 0x9000, ""}, {"00FF0000", 0x6D00, ""}}},
    {"access is judged at the end", {{"10D7CF0102 5402", 0x9000, ""}, {"00D7CF0102 0000", 0x6982, ""}}},
    {"a wrong PIN in two links", {{"1020008103 363438", 0x9000, ""}, {"0020008103 323138", 0x6A88, ""}}},
};
/* clang-format on */

static void chains_join_or_break(void **state)
{
    for (size_t i = 0; i < COUNT(chains); i++) {
        struct rig *r = virgin();
        for (const struct step *s = chains[i].steps; s->hex; s++) {
            EXPECT_ROW(rig_send(r, s->hex), s->sw, s->data, text_of("%s: %s", chains[i].why, s->hex));
        }
        rig_stop(r);
    }
}

/* 1.7: "Joined data over the buffer -> 6700, chain dropped." */
static void chain_overflows_at_4096_bytes(void **state)
{
    struct rig *r = virgin();
    EXPECT_EMPTY(update_of_size(r, 4000, 0x10), 0x9000);
    EXPECT_EMPTY(update_of_size(r, 96, 0x10), 0x9000);
    EXPECT_EMPTY(update_of_size(r, 0, 0x00), 0x6982); /* whole: 4096 bytes reached the access check */
    EXPECT_EMPTY(update_of_size(r, 4096, 0x10), 0x9000);
    EXPECT_EMPTY(update_of_size(r, 1, 0x10), 0x6700);
    EXPECT_EMPTY(update_of_size(r, 4096, 0x00), 0x6982); /* dropped: these are 4096 bytes alone */
    EXPECT_EMPTY(update_of_size(r, 4096, 0x10), 0x9000);
    EXPECT_EMPTY(update_of_size(r, 1, 0x00), 0x6700);
    for (unsigned i = 0; i < 17; i++) EXPECT_EMPTY(update_of_size(r, 240, 0x10), 0x9000);
    EXPECT_EMPTY(update_of_size(r, 17, 0x10), 0x6700);
    rig_stop(r);
}

/* 1.7: "Only the last link is executed"; 3.7: one try a guess. */
static void pin_in_links_costs_one_try(void **state)
{
    struct rig *r = rig_ready(4, "910103");
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "10200081 02 3131", 0x9000);
    SEND(r, "10200081 02 3131", 0x9000);
    SEND(r, "00200081 02 3131", 0x63C2);
    SEND(r, "10200081 03 363438", 0x9000);
    SEND(r, "00200081 03 323139", 0x9000);
    rig_stop(r);
}

/* 4.2: reset clears the chaining buffer with everything else. */
static void reset_forgets_chain_and_reply(void **state)
{
    struct rig *r = virgin();
    SEND(r, "10B12F1E025402", 0x9000);
    rig_reset(r);
    SEND(r, "00B12F1E02000000", 0x6A82);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "00B12F1E02000000", 0x6700);
    SEND(r, "8058000001", 0x6101);
    rig_reset(r);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "00C0000000", 0x6985);
    rig_stop(r);
}

static void chain_needs_an_applet_at_its_end_only(void **state)
{
    struct rig *r = rig_start(5);
    SEND(r, "10B12F1E025402", 0x9000);
    SEND(r, "00B12F1E02000000", 0x6A82);
    rig_stop(r);
}

/* ---- 1.6 ---- */

#define OBJECTS 300u /* data descriptions: LIST is 2 + 600 bytes */

static struct rig *card_with_long_list(void)
{
    struct rig *r = rig_ready(6, "");
    for (unsigned i = 0; i < 250; i++) EXPECT_SW(rig_update(r, (uint16_t)(0xC900 + i), 0, TEXT("x")), 0x9000);
    for (unsigned i = 0; i < OBJECTS - 250; i++) EXPECT_SW(rig_update(r, (uint16_t)(0xC800 + i), 0, TEXT("y")), 0x9000);
    return r;
}

static uint16_t more(size_t left)
{
    return (uint16_t)(left == 0 ? 0x9000 : 0x6100 | (left > 255 ? 0 : left));
}

/* Fetches `whole` in pieces of `first`, then `next` bytes, checking each word on the way. */
static void fetch_in_pieces(struct rig *r, bytes whole, size_t first, size_t next)
{
    struct answer a = rig_command(r, 0x80, 0x58, 0, 0, NO_BYTES, (uint32_t)first);
    for (size_t at = 0;;) {
        bytes want = bytes_first(bytes_after(whole, at), at ? next : first);
        at += want.n;
        EXPECT_DATA(a, more(whole.n - at), hex_of(want));
        if (at == whole.n) return;
        a = rig_command(r, at % 2 ? 0x00 : 0x80, 0xC0, 0, 0, NO_BYTES, (uint32_t)next);
    }
}

static void long_reply_comes_in_pieces(void **state)
{
    /* clang-format off */
    static const struct { size_t first, next; } sizes[] = {
        {1, 1}, {1, 256}, {2, 3}, {7, 13}, {255, 255}, {256, 256}, {256, 1}, {600, 1}, {601, 1}, {601, 256},
        {602, 1}, {300, 301}, {300, 302}, {300, 303}, {346, 255}, {1, 65536},
    };
    /* clang-format on */
    struct rig *r = card_with_long_list();
    bytes whole = rig_list(r).data;
    assert_int_equal(whole.n, 2 + 2 * OBJECTS);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        fetch_in_pieces(r, whole, sizes[i].first, sizes[i].next);
        SEND(r, "00C0000000", 0x6985); /* DP-9 */
    }
    rig_stop(r);
}

/* "The pending buffer is dropped (and wiped) by any other command." */
static void any_other_command_drops_the_rest(void **state)
{
    static const char *const others[] = {"00200081",     "80580000",     "00FF0000", "10B12F1E0154",
                                         "00A4040C01AA", "008400000008", "04580000"};
    struct rig *r = virgin();
    for (size_t i = 0; i < COUNT(others); i++) {
        SEND(r, "8058000001", 0x6101);
        rig_send(r, others[i]);
        SEND(r, "00", 0x6700); /* ends a chain */
        SEND(r, "00C0000000", 0x6985);
    }
    rig_stop(r);
}

static void dropped_reply_is_wiped(void **state)
{
    struct rig *r = rig_ready(7, "");
    bytes secret = exact(counting(64, 0x40));
    EXPECT_SW(rig_update(r, 0xCD01, 0, secret), 0x9000);
    EXPECT_DATA(rig_read(r, 0xCD01, 0, 64), 0x9000, hex_of(secret));
    SEND(r, "80580000", 0x9000);
    assert_false(rig_ram_holds(r, secret));
    rig_stop(r);
}

/* Each step on a virgin card whose LIST has two bytes. */
/* clang-format off */
static const struct { const char *why; struct step steps[6]; } responses[] = {
    {"nothing pending", {{"00C0000000", 0x6985, ""}}},
    {"P1 P2", {{"8058000001", 0x6101, "CC"}, {"00C0000100", 0x6A86, ""}}},
    {"P1 P2 without pending", {{"00C0010000", 0x6A86, ""}}},
    {"once only", {{"8058000001", 0x6101, "CC"}, {"00C0000001", 0x9000, "00"}, {"00C0000001", 0x6985, ""}}},
    {"PY's form", {{"8058000001", 0x6101, "CC"}, {"00C0000001", 0x9000, "00"}}},
    {"extended Le", {{"8058000001", 0x6101, "CC"}, {"00C00000000000", 0x9000, "00"}}},
    {"class 80", {{"8058000001", 0x6101, "CC"}, {"80C0000000", 0x9000, "00"}}},
    {"class FF", {{"8058000001", 0x6101, "CC"}, {"FFC0000000", 0x6E00, ""}}},
    {"no Le: done, nothing waits (DP-8)", {{"80580000", 0x9000, ""}, {"00C0000000", 0x6985, ""}}},
    {"SELECT without Le selects", {{"00A404000BE82B0601040181C31F0201", 0x9000, ""}, {"00C0000000", 0x6985, ""}}},
    {"SELECT with short Le", {{"00A404000BE82B0601040181C31F020101", 0x6123, "62"}, {"00C0000001", 0x6122, "22"}}},
    {"an error leaves nothing", {{"00B1CF0104540200 0001", 0x6A82, ""}, {"00C0000000", 0x6985, ""}}},
    {"READ cuts itself", {{"00B12F1E0454020000 01", 0x9000, "00"}, {"00C0000000", 0x6985, ""}}},
};
/* clang-format on */

static void get_response_rules(void **state)
{
    for (size_t i = 0; i < COUNT(responses); i++) {
        struct rig *r = virgin();
        for (const struct step *s = responses[i].steps; s->hex; s++) {
            EXPECT_ROW(rig_send(r, s->hex), s->sw, s->data, text_of("%s: %s", responses[i].why, s->hex));
        }
        rig_stop(r);
    }
}

/* 3.6: Ne is the number of bytes; the command makes its own cut and never answers 61xx. */
static void challenge_has_as_many_bytes_as_asked(void **state)
{
    static const uint32_t sizes[] = {1, 7, 8, 255, 256, 257, 1023, 1024};
    struct rig *r = virgin();
    bytes last = NO_BYTES;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct answer a = rig_command(r, 0x00, 0x84, 0, 0, NO_BYTES, sizes[i]);
        EXPECT_SW(a, 0x9000);
        assert_int_equal(a.data.n, sizes[i]);
        if (a.data.n >= 8) assert_false(bytes_equal(bytes_first(a.data, 8), last));
        if (a.data.n >= 8) last = bytes_first(a.data, 8);
    }
    EXPECT_EMPTY(rig_command(r, 0x00, 0x84, 0, 0, NO_BYTES, 1025), 0x6700);
    EXPECT_EMPTY(rig_command(r, 0x00, 0x84, 0, 0, NO_BYTES, 0), 0x6700);
    EXPECT_EMPTY(rig_command(r, 0x00, 0x84, 0, 0, NO_BYTES, 65536), 0x6700);
    rig_stop(r);
}

/* Ours: P2 = 01 fills a whole response, which reads on with GET RESPONSE like any other. */
static void random_bytes_fill_a_response(void **state)
{
    static const uint32_t sizes[] = {1, 256, 1025, 4095, 4096};
    struct rig *r = virgin();
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct answer a = rig_command(r, 0x00, 0x84, 0, 1, NO_BYTES, sizes[i]);
        EXPECT_SW(a, 0x9000);
        assert_int_equal(a.data.n, sizes[i]);
        for (size_t k = 64; k + 64 <= a.data.n; k += 32) /* no block twice, none left empty */
            assert_memory_not_equal(a.data.p + k, a.data.p, 32);
    }
    rig_stop(r);
}

/* 1.10 step 4: "applet selected? if not: 6A82 for everything except SELECT by AID" */
static void nothing_works_without_an_applet(void **state)
{
    struct rig *r = rig_start(8);
    for (unsigned ins = 0; ins <= 0xFF; ins++) {
        if (ins == 0xA4) continue;
        const char *hex = text_of("00%02X000000", ins);
        EXPECT_ROW(rig_send(r, hex), 0x6A82, "", hex);
    }
    SEND(r, "00A40000022F02", 0x6A82);
    SEND(r, "00A4040005A000000063", 0x6A82);
    SEND(r, "00200081", 0x6A82);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "00200081", 0x6A88);
    rig_reset(r);
    SEND(r, "00200081", 0x6A82);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_form_has_one_answer),
        CASE(data_field_ends_at_4096_bytes),
        CASE(malformed_apdu_changes_no_session_and_drops_the_chain),
        CASE(every_class_byte),
        CASE(class_is_judged_after_the_form_and_before_the_rest),
        CASE(chains_join_or_break),
        CASE(chain_overflows_at_4096_bytes),
        CASE(pin_in_links_costs_one_try),
        CASE(reset_forgets_chain_and_reply),
        CASE(chain_needs_an_applet_at_its_end_only),
        CASE(long_reply_comes_in_pieces),
        CASE(any_other_command_drops_the_rest),
        CASE(dropped_reply_is_wiped),
        CASE(get_response_rules),
        CASE(challenge_has_as_many_bytes_as_asked),
        CASE(random_bytes_fill_a_response),
        CASE(nothing_works_without_an_applet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
