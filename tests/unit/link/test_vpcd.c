/* SPDX-License-Identifier: Apache-2.0 */
/* vpcd framing: whatever the peer sends and however TCP cuts it, each command is answered exactly once. A card
 * that writes down what it is asked stands behind the link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link/vpcd.h"
#include "tests/hex.h"

/* What the card was asked, as text: R reset, A ATR, and each command's length in brackets. */
struct witness {
    struct vpcd_card card;
    struct vpcd link;
    char said[512];
    bytes answer, last_command;
    uint8_t sent[3 * 65536];
    size_t sent_size;
};

static void say(struct witness *w, const char *text)
{
    assert_true(strlen(w->said) + strlen(text) < sizeof w->said);
    strcat(w->said, text);
}

static bytes witness_atr(void *ctx)
{
    static const uint8_t atr[] = {0x3B, 0xFE, 0x18};
    say(ctx, "A");
    return BYTES(atr);
}

static void witness_reset(void *ctx)
{
    say(ctx, "R");
}

static bytes witness_command(void *ctx, bytes apdu)
{
    struct witness *w = ctx;
    char text[32];
    snprintf(text, sizeof text, "[%zu]", apdu.n);
    say(w, text);
    w->last_command = exact_copy(apdu);
    static const uint8_t wrong_length[] = {0x67, 0x00};
    return apdu.n < 4 ? BYTES(wrong_length) : w->answer;
}

static struct witness *witness_new(void)
{
    struct witness *w = (struct witness *)(void *)exact_space(sizeof *w).p;
    memset(w, 0, sizeof *w);
    w->card = (struct vpcd_card){w, witness_atr, witness_reset, witness_command};
    w->answer = exact("9000");
    vpcd_open(&w->link, &w->card);
    return w;
}

/* Feeds one piece as the board does, and keeps what would be sent. */
static void feed(struct witness *w, bytes piece)
{
    reader in = read_from(exact_copy(piece));
    for (bytes out; (out = vpcd_feed(&w->link, &in)).n > 0;) {
        assert_true(w->sent_size + out.n <= sizeof w->sent);
        memcpy(w->sent + w->sent_size, out.p, out.n);
        w->sent_size += out.n;
    }
    assert_true(rd_done(&in));
}

static void feed_in_pieces(struct witness *w, bytes stream, size_t piece)
{
    for (; stream.n > 0; stream = bytes_after(stream, piece)) feed(w, bytes_first(stream, piece));
}

static bytes sent(const struct witness *w)
{
    return (bytes){w->sent, w->sent_size};
}

/* clang-format off */
static const struct { const char *stream, *said, *sent; } streams[] = {
    /* power off, on, reset; the request for the ATR */
    { "000100",                   "R",        "" },
    { "000101",                   "R",        "" },
    { "000102",                   "R",        "" },
    { "000104",                   "A",        "0003 3BFE18" },
    { "000101 000104 000102",     "RAR",      "0003 3BFE18" },
    /* control bytes nobody defined, and empty frames, are passed over in silence */
    { "000103",                   "",         "" },
    { "000105 0001FF 000110",     "",         "" },
    { "0000 0000 0000",           "",         "" },
    { "0000 000104 0000",         "A",        "0003 3BFE18" },
    /* commands; the short ones are no APDUs, and answered all the same */
    { "0004 00A40400",            "[4]",      "0002 9000" },
    { "0002 0084",                "[2]",      "0002 6700" },
    { "0003 008400",              "[3]",      "0002 6700" },
    { "0002 0104",                "[2]",      "0002 6700" },
    { "0004 00840000 0005 0084000008 000100", "[4][5]R", "0002 9000 0002 9000" },
    /* cut off in the middle: nothing happens yet */
    { "00",                       "",         "" },
    { "0001",                     "",         "" },
    { "0005 00840000",            "",         "" },
    { "000104 0005 008400",       "A",        "0003 3BFE18" },
};
/* clang-format on */

static void frames_do_not_depend_on_fragments(void **state)
{
    for (size_t i = 0; i < COUNT(streams); i++) {
        for (size_t piece = 1; piece <= 20; piece++) {
            struct witness *w = witness_new();
            feed_in_pieces(w, exact(streams[i].stream), piece);
            assert_string_equal(w->said, streams[i].said);
            assert_hex(sent(w), streams[i].sent);
        }
        hex_release();
    }
}

static void a_command_arrives_as_sent(void **state)
{
    struct witness *w = witness_new();
    w->answer = exact("0102030405060708 9000");
    feed_in_pieces(w, exact("000D 00A4040008 1122334455667788"), 3);
    assert_hex(w->last_command, "00A4040008 1122334455667788");
    assert_hex(sent(w), "000A 0102030405060708 9000");
    hex_release();
}

/* A frame of `size` bytes 5A. */
static bytes frame_of(size_t size)
{
    span s = exact_space(2 + size);
    memset(s.p, 0x5A, s.n);
    be_put(span_part(s, 0, 2), (uint32_t)size);
    return view(s);
}

/* clang-format off */
static const struct { size_t size; const char *said; } sizes[] = {
    { VPCD_APDU_MAX - 1, "[4147]A" }, { VPCD_APDU_MAX, "[4148]A" },
    { VPCD_APDU_MAX + 1, "[0]A" },    { 8192, "[0]A" }, { 65534, "[0]A" }, { 65535, "[0]A" },
};
/* clang-format on */

/* Too long to hold: drained, never cut to a command with another meaning, answered once; the stream goes on. */
static void oversize_is_answered_once(void **state)
{
    static const size_t pieces[] = {1, 2, 3, 4147, 4148, 4149, 4150, 4151, 65537};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t k = 0; k < COUNT(pieces); k++) {
            struct witness *w = witness_new();
            feed_in_pieces(w, frame_of(sizes[i].size), pieces[k]);
            feed(w, exact("000104"));
            assert_string_equal(w->said, sizes[i].said);
            bool fits = sizes[i].size <= VPCD_APDU_MAX;
            assert_hex(sent(w), fits ? "0002 9000 0003 3BFE18" : "0002 6700 0003 3BFE18");
            if (fits) assert_true(bytes_equal(w->last_command, bytes_after(frame_of(sizes[i].size), 2)));
        }
        hex_release();
    }
}

/* clang-format off */
static const struct { size_t size; bool passed; } answers[] = {
    { 0, false }, { 1, false }, { 2, true }, { VPCD_ANSWER_MAX, true }, { VPCD_ANSWER_MAX + 1, false },
};
/* clang-format on */

/* A card that breaks its word must not hang the reader. */
static void a_wrong_answer_becomes_6f00(void **state)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct witness *w = witness_new();
        w->answer = view(exact_space(answers[i].size));
        feed(w, exact("0004 00840000"));
        if (answers[i].passed) assert_true(bytes_equal(bytes_after(sent(w), 2), w->answer));
        else assert_hex(sent(w), "0002 6F00");
        hex_release();
    }
}

static void a_lost_connection_resets_card_and_framing(void **state)
{
    struct witness *w = witness_new();
    feed(w, exact("0005 008400"));
    vpcd_lost(&w->link);
    feed(w, exact("000104"));
    assert_string_equal(w->said, "RA");
    hex_release();
}

/* Three of them in a row: a single one may be part of an address. */
static bool holds(const uint8_t *memory, size_t n, uint8_t wanted)
{
    size_t run = 0;
    for (size_t i = 0; i < n && run < 3; i++) run = memory[i] == wanted ? run + 1 : 0;
    return run == 3;
}

/* PINs and plaintexts do not outlive their exchange. */
static void nothing_of_a_command_stays(void **state)
{
    struct witness *w = witness_new();
    w->answer = exact("5A5A5A5A 9000");
    feed(w, exact("000B 0020008106 5A5A5A5A5A5A"));
    assert_hex(bytes_first(bytes_after(sent(w), 2), 4), "5A5A5A5A");
    assert_false(holds((const uint8_t *)&w->link, sizeof w->link, 0x5A));
    feed(w, exact("000B 0020008106 5A5A5A"));
    vpcd_lost(&w->link);
    assert_false(holds((const uint8_t *)&w->link, sizeof w->link, 0x5A));
    hex_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_do_not_depend_on_fragments),
        cmocka_unit_test(a_command_arrives_as_sent),
        cmocka_unit_test(oversize_is_answered_once),
        cmocka_unit_test(a_wrong_answer_becomes_6f00),
        cmocka_unit_test(a_lost_connection_resets_card_and_framing),
        cmocka_unit_test(nothing_of_a_command_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
