/* SPDX-License-Identifier: Apache-2.0 */
/* STREAM (decisions.md, 7A): every algorithm in awkward pieces against the same in one command (78), the order of commands,
 * sizes, and what ends a stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/keys.h"
#include "tests/unit/card/import_common.h"
#include "wire/secure_messaging.h"

#define KEY_256 0x11
#define KEY_128 0x12
#define KEY_192 0x13
#define KEY_64 0x14 /* bytes */
#define KEY_EC_1 0x15
#define KEY_LISTED 0x16  /* 51 only */
#define KEY_COUNTED 0x17 /* 3 uses  */
#define MISSING 0x77

#define AES "60864801650304 01"
#define IV_16 "8210A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"
#define IV_12 "820CB0B1B2B3B4B5B6B7B8B9BABB"
#define CBC "0609" AES "2A"
#define CTR "0609" AES "31"
#define GCM "0609" AES "2E" IV_12
#define CCM "0609" AES "2F" IV_12
#define CHACHA "060B2A864886F70D0109100312" IV_12
#define CMAC "060118"

static struct rig *card;

/* ---- the card ---- */

static void import_secret(uint8_t id, size_t n, const char *more)
{
    const char *data = text_of("81%02zX%04zX%s%s", n + 2, n, counting(n, 0), more);
    card->link = HSM_LINK_IN_PROCESS;
    EXPECT_SW(rig_command_hex(card, 0x80, 0x5E, id, 0x0F, data, 0), 0x9000);
    card->link = HSM_LINK_REMOTE;
}

static int start(void **state)
{
    card = rig_ready(700, "80020001 9A020004 910105");
    import_secret(KEY_256, 32, "");
    import_secret(KEY_128, 16, "");
    import_secret(KEY_192, 24, "");
    import_secret(KEY_64, 64, "");
    import_secret(KEY_LISTED, 32, "910151");
    import_secret(KEY_COUNTED, 32, "900400000003");
    EXPECT_SW(rig_generate_ec(card, KEY_EC_1, CRYPTO_SECP256R1, ""), 0x9000);
    hex_release();
    return 0;
}

static int stop(void **state)
{
    rig_stop(card);
    hex_release();
    return 0;
}

static struct answer stream(uint8_t key, uint8_t p2, bytes data)
{
    return rig_command(card, 0x80, 0x7A, key, p2, data, 65536);
}

static struct answer stream_hex(uint8_t key, uint8_t p2, const char *data)
{
    return stream(key, p2, exact(data));
}

/* A stream of CTR is open on KEY_256 and has taken 5 bytes: is it still, and has it lost nothing? */
static void open_one(void)
{
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CTR), 0x9000);
    struct answer first = stream_hex(KEY_256, 0x54, "0000000000");
    EXPECT_SW(first, 0x9000);
    assert_int_equal(first.data.n, 5);
}

static void expect_open(const char *after)
{
    struct answer rest = stream_hex(KEY_256, 0x55, "00000000000000000000FF");
    struct answer whole =
        rig_command_hex(card, 0x80, 0x78, KEY_256, 0x51, CTR "8110000000000000000000000000000000FF", 256);
    EXPECT_SW(whole, 0x9000);
    EXPECT_ROW(rest, 0x9000, hex_of(bytes_after(whole.data, 5)), after);
}

static void expect_closed(const char *after)
{
    EXPECT_ROW(stream_hex(KEY_256, 0x54, "00"), 0x6985, "", after);
}

/* ---- every algorithm ---- */

struct streamed {
    const char *name;
    const char *begin; /* OID and IV */
    uint8_t key;
    uint8_t whole; /* the text's size is a multiple */
    bool mac, aead, later_aad, says_length;
};
/* clang-format off */
static const struct streamed algorithms[] = {
    {"ECB 256",      "0609" AES "29",               KEY_256, 16, false, false, false, false},
    {"ECB 128",      "0609" AES "01",               KEY_128, 16, false, false, false, false},
    {"CBC 128",      "0609" AES "02" IV_16,         KEY_128, 16, false, false, false, false},
    {"CBC 192",      "0609" AES "16",               KEY_192, 16, false, false, false, false},
    {"CBC 256",      CBC IV_16,                     KEY_256, 16, false, false, false, false},
    {"OFB 128",      "0609" AES "03" IV_16,         KEY_128, 1,  false, false, false, false},
    {"OFB 256",      "0609" AES "2B",               KEY_256, 1,  false, false, false, false},
    {"CFB 192",      "0609" AES "18" IV_16,         KEY_192, 1,  false, false, false, false},
    {"CFB 256",      "0609" AES "2C",               KEY_256, 1,  false, false, false, false},
    {"CTR 128",      "0609" AES "09" IV_16,         KEY_128, 1,  false, false, false, false},
    {"CTR 256",      CTR "8210FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", KEY_256, 1, false, false, false, false},
    {"GCM 128",      "0609" AES "06" IV_12,         KEY_128, 1,  false, true,  true,  false},
    {"GCM 192",      "0609" AES "1A" IV_16,         KEY_192, 1,  false, true,  true,  false},
    {"GCM 256",      GCM,                           KEY_256, 1,  false, true,  true,  false},
    {"CCM 128",      "0609" AES "07" "820DA0A1A2A3A4A5A6A7A8A9AAABAC", KEY_128, 1, false, true, false, true},
    {"CCM 256",      CCM,                           KEY_256, 1,  false, true,  false, true},
    {"ChaCha20",     CHACHA,                        KEY_256, 1,  false, true,  true,  false},
    {"HMAC-SHA-1",   "06082A864886F70D0207",        KEY_64,  1,  true,  false, false, false},
    {"HMAC-SHA-224", "06082A864886F70D0208",        KEY_192, 1,  true,  false, false, false},
    {"HMAC-SHA-256", "06082A864886F70D0209",        KEY_256, 1,  true,  false, false, false},
    {"HMAC-SHA-384", "06082A864886F70D020A",        KEY_64,  1,  true,  false, false, false},
    {"HMAC-SHA-512", "06082A864886F70D020B",        KEY_256, 1,  true,  false, false, false},
    {"CMAC 128",     CMAC,                          KEY_128, 1,  true,  false, false, false},
    {"CMAC 256",     CMAC,                          KEY_256, 1,  true,  false, false, false},
};
/* clang-format on */

static bool is_cmac(const struct streamed *a)
{
    return strcmp(a->begin, CMAC) == 0;
}

/* In one command, by 78. */
static bytes one_shot(const struct streamed *a, uint8_t p2, bytes aad, bytes text)
{
    buf data = buf_over(exact_space(4096));
    if (is_cmac(a)) {
        p2 = 0x18;
        put_bytes(&data, text);
    } else {
        put_bytes(&data, exact(a->begin));
        tlv_put(&data, 0x81, text);
        if (aad.n) tlv_put(&data, 0x83, aad);
    }
    assert_false(data.full);
    struct answer got = rig_command(card, 0x80, 0x78, a->key, p2, written(&data), 65536);
    EXPECT_ROW(got, 0x9000, EXPECT_ANY, a->name);
    return got.data;
}

static void begin_with(const struct streamed *a, uint8_t p2, bytes aad, size_t text_size, const char *more)
{
    buf data = buf_over(exact_space(4096));
    put_bytes(&data, exact(a->begin));
    if (aad.n) tlv_put(&data, 0x83, aad);
    if (a->says_length) put_bytes(&data, exact(text_of("8404%08zX", text_size)));
    put_bytes(&data, exact(more));
    EXPECT_ROW(stream(a->key, p2, exact_copy(written(&data))), 0x9000, "", a->name);
}

static bytes take(bytes *from, size_t n)
{
    bytes part = bytes_first(*from, n);
    *from = bytes_after(*from, part.n);
    return part;
}

/* The pieces come from a seed; the command that finishes brings the tag and at least `last` bytes of text. */
static bytes in_pieces(const struct streamed *a, uint8_t p2, bytes aad, bytes text, uint64_t seed)
{
    static const size_t sizes[] = {1, 15, 16, 17, 0, 31, 33, 100, 255, 1000, 4080};
    bool opens = a->aead && p2 == 0x52;
    bytes tag = opens ? bytes_after(text, text.n - 16) : NO_BYTES;
    text.n -= tag.n;
    buf out = buf_over(exact_space(text.n + 64)), last = buf_over(exact_space(4096));
    bytes at_once = take(&aad, a->later_aad ? sim_random(&seed) % (aad.n + 1) : aad.n);
    begin_with(a, p2, at_once, text.n, "");
    while (aad.n) EXPECT_ROW(stream(a->key, 0x53, take(&aad, 1 + sim_random(&seed) % 40)), 0x9000, "", a->name);
    size_t held_back = sim_random(&seed) % 3 * 20;
    while (text.n > held_back) {
        size_t n = sizes[sim_random(&seed) % COUNT(sizes)];
        struct answer got = stream(a->key, 0x54, take(&text, n));
        EXPECT_ROW(got, 0x9000, EXPECT_ANY, a->name);
        put_bytes(&out, got.data);
    }
    put_bytes(&last, text);
    put_bytes(&last, tag);
    struct answer got = stream(a->key, 0x55, exact_copy(written(&last)));
    EXPECT_ROW(got, 0x9000, EXPECT_ANY, a->name);
    put_bytes(&out, got.data);
    assert_false(out.full);
    return written(&out);
}

static void expect_same(bytes got, bytes want, const struct streamed *a, size_t n)
{
    if (!bytes_equal(got, want)) fail_msg("%s of %zu bytes: %s", a->name, n, hex_of(bytes_first(got, 64)));
}

static void pieces_make_the_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 32, 48, 112, 1008, 3900};
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        const struct streamed *a = &algorithms[i];
        for (size_t k = 0; k < COUNT(sizes); k++) {
            size_t n = sizes[k] / a->whole * a->whole;
            if (n == 0 && (a->whole > 1 || is_cmac(a))) continue; /* 78 refuses nothing at all */
            bytes text = random_bytes(n, 100 * i + k), aad = a->aead ? random_bytes(k * 7, k) : NO_BYTES;
            bytes sealed = one_shot(a, 0x51, aad, text);
            expect_same(in_pieces(a, 0x51, aad, text, i + k), sealed, a, n);
            if (!a->mac) expect_same(in_pieces(a, 0x52, aad, sealed, i + k), text, a, n);
            hex_release();
            rig_forget(card);
        }
    }
}

/* What 78 cannot do: nothing at all, and much. CMAC of nothing is in no command; RFC 4493 has one for another key. */
static void nothing_at_all(void **state)
{
    uint8_t mac[16];
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CBC), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x55, ""), 0x9000);
    assert_int_equal(crypto_aes_cmac(&card->hsm->crypto, exact(counting(32, 0)), NULL, 0, SPAN(mac)), ST_OK);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CMAC), 0x9000);
    EXPECT_DATA(stream_hex(KEY_256, 0x55, ""), 0x9000, hex_of(BYTES(mac)));
}

static void longer_than_any_command(void **state)
{
    struct crypto_cipher_params p = {.mode = CRYPTO_AES_GCM, .encrypt = true, .key = exact(counting(32, 0))};
    p.iv = bytes_after(exact(IV_12), 2);
    const struct streamed *gcm = &algorithms[13];
    bytes text = random_bytes(50001, 9), aad = random_bytes(9000, 10);
    span whole = exact_space(text.n + 16);
    buf out = buf_over(whole);
    assert_int_equal(crypto_cipher(&card->hsm->crypto, &p, aad, text, &out), ST_OK);
    begin_with(gcm, 0x51, bytes_first(aad, 1000), 0, "");
    EXPECT_EMPTY(stream(KEY_256, 0x53, bytes_first(bytes_after(aad, 1000), 4096)), 0x9000);
    EXPECT_EMPTY(stream(KEY_256, 0x53, bytes_after(aad, 5096)), 0x9000);
    bytes left = text, sealed = view(whole);
    while (left.n > 4080) {
        struct answer got = stream(KEY_256, 0x54, take(&left, 4080));
        EXPECT_DATA(got, 0x9000, hex_of(take(&sealed, 4080)));
    }
    EXPECT_DATA(stream(KEY_256, 0x55, left), 0x9000, hex_of(sealed));
}

/* decisions.md, 7A. */
static void the_example_of_the_spec(void **state)
{
    SEND_DATA(card, "807A11510B0609 60864801650304012A", 0x9000, "");
    SEND_DATA(card, "807A115408 2021222324252627 00", 0x9000, "");
    SEND_DATA(card, "807A115508 28292A2B2C2D2E2F 00", 0x9000, "61A6936E4E8F101C1CC1F993B542A0D4");
}

/* ---- sizes ---- */

static void pieces_have_a_limit(void **state)
{
    static const char *const begins[] = {CTR, CBC, GCM, CHACHA, CMAC};
    for (size_t i = 0; i < COUNT(begins); i++) {
        for (uint8_t p2 = 0x54; p2 <= 0x55; p2++) {
            EXPECT_EMPTY(stream_hex(KEY_256, 0x51, begins[i]), 0x9000);
            EXPECT_ROW(stream(KEY_256, p2, random_bytes(4080, i)), 0x9000, EXPECT_ANY, begins[i]);
            EXPECT_EMPTY(stream_hex(KEY_256, 0x51, begins[i]), 0x9000);
            EXPECT_ROW(stream(KEY_256, p2, random_bytes(4081, i)), 0x6700, "", begins[i]);
            expect_closed("4081 bytes");
            hex_release();
            rig_forget(card);
        }
    }
}

/* The tag is no part of the text, and comes on top. */
static void a_full_last_piece_has_room_for_its_tag(void **state)
{
    bytes text = random_bytes(4080, 3);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, GCM), 0x9000);
    struct answer sealed = stream(KEY_256, 0x55, text);
    EXPECT_SW(sealed, 0x9000);
    assert_int_equal(sealed.data.n, 4096);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x52, GCM), 0x9000);
    EXPECT_DATA(stream(KEY_256, 0x55, sealed.data), 0x9000, hex_of(text));
    EXPECT_EMPTY(stream_hex(KEY_256, 0x52, GCM "85010C"), 0x9000);
    EXPECT_EMPTY(stream(KEY_256, 0x55, exact_copy(bytes_first(sealed.data, 4093))), 0x6700);
}

static void a_block_that_waits_comes_out_with_the_next(void **state)
{
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CBC), 0x9000);
    EXPECT_EMPTY(stream(KEY_256, 0x54, random_bytes(15, 1)), 0x9000);
    struct answer got = stream(KEY_256, 0x54, random_bytes(4080, 2));
    EXPECT_SW(got, 0x9000);
    assert_int_equal(got.data.n, 4080);
    got = stream(KEY_256, 0x54, random_bytes(4080, 2));
    assert_int_equal(got.data.n, 4080);
    got = stream(KEY_256, 0x54, random_bytes(1, 2));
    assert_int_equal(got.data.n, 16);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x55, ""), 0x9000);
}

static void parts_of_blocks_are_refused_at_the_end(void **state)
{
    static const char *const begins[] = {CBC, "0609" AES "29"};
    for (size_t i = 0; i < COUNT(begins); i++) {
        EXPECT_EMPTY(stream_hex(KEY_256, 0x51 + (uint8_t)i, begins[i]), 0x9000);
        EXPECT_SW(stream(KEY_256, 0x54, random_bytes(17, i)), 0x9000);
        EXPECT_ROW(stream(KEY_256, 0x55, random_bytes(14, i)), 0x6700, "", begins[i]);
        expect_closed(begins[i]);
    }
}

static void ccm_is_as_long_as_announced(void **state)
{
    static const struct {
        size_t announced, first, last;
        uint16_t first_sw, last_sw;
    } rows[] = {{20, 20, 0, 0x9000, 0x9000},     {20, 10, 10, 0x9000, 0x9000}, {20, 19, 0, 0x9000, 0x6700},
                {20, 19, 2, 0x9000, 0x6700},     {20, 21, 0, 0x6700, 0x6985},  {0, 0, 0, 0x9000, 0x9000},
                {0, 1, 0, 0x6700, 0x6985},       {0, 0, 1, 0x9000, 0x6700},    {20, 0, 20, 0x9000, 0x9000},
                {0xFFFFFF, 9, 9, 0x9000, 0x6700}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *name = text_of("row %zu", i);
        EXPECT_EMPTY(stream_hex(KEY_256, 0x51, text_of(CCM "8404%08zX", rows[i].announced)), 0x9000);
        EXPECT_ROW(stream(KEY_256, 0x54, random_bytes(rows[i].first, 1)), rows[i].first_sw, EXPECT_ANY, name);
        EXPECT_ROW(stream(KEY_256, 0x55, random_bytes(rows[i].last, 2)), rows[i].last_sw, EXPECT_ANY, name);
        expect_closed(name);
    }
}

/* ---- begin ---- */

static void begins_that_are_refused(void **state)
{
    static const struct {
        const char *name;
        uint8_t key, p2;
        const char *data;
        uint16_t sw;
    } rows[] = {
        {"nothing", KEY_256, 0x51, "", 0x6700},
        {"no OID", KEY_256, 0x51, IV_12, 0x6700},
        {"an empty OID", KEY_256, 0x51, "0600", 0x6700},
        {"half an OID", KEY_256, 0x51, "060860864801650304 01", 0x6700},
        {"an OID that goes on", KEY_256, 0x51, "060A" AES "2A00", 0x6700},
        {"an AES that there is not", KEY_256, 0x51, "0609" AES "05", 0x6700},
        {"an AES beyond the last", KEY_256, 0x51, "0609" AES "32", 0x6700},
        {"CMAC by another number", KEY_256, 0x51, "060110", 0x6700},
        {"XTS", KEY_256, 0x51, "06092B6F028C5300000101" IV_16, 0x6700},
        {"XTS of 64 bytes", KEY_64, 0x51, "06092B6F028C5300000102" IV_16, 0x6700},
        {"HKDF", KEY_256, 0x51, "060B2A864886F70D010910031D", 0x6700},
        {"PBKDF2", KEY_256, 0x51, "06092A864886F70D01050C", 0x6700},
        {"X9.63", KEY_256, 0x51, "06072B81051086483F", 0x6700},
        {"HD", KEY_256, 0x51, "060B2B060104018 3A878058D6B", 0x6700},
        {"a key too short", KEY_128, 0x51, CBC, 0x6700},
        {"a key too long", KEY_64, 0x51, CBC, 0x6700},
        {"CMAC of 64 bytes", KEY_64, 0x51, CMAC, 0x6700},
        {"data", KEY_256, 0x51, CBC "810100", 0x6A80},
        {"data of no bytes", KEY_256, 0x51, CBC "8100", 0x6A80},
        {"no TLV", KEY_256, 0x51, "0609608648", 0x6A80},
        {"a length of 83", KEY_256, 0x51, CBC "82830000010000", 0x6A80},
        {"a tag without length", KEY_256, 0x51, CBC "82", 0x6A80},
        {"IV of 15", KEY_256, 0x51, CBC "820FA0A1A2A3A4A5A6A7A8A9AAABACADAE", 0x6700},
        {"IV of 17", KEY_256, 0x51, CTR "8211A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0", 0x6700},
        {"an empty IV", KEY_256, 0x51, CBC "8200", 0x6700},
        {"GCM without IV", KEY_256, 0x51, "0609" AES "2E", 0x6700},
        {"GCM with an empty IV", KEY_256, 0x51, "0609" AES "2E8200", 0x6700},
        {"CCM without IV", KEY_256, 0x51, "0609" AES "2F840400000000", 0x6700},
        {"CCM with 6", KEY_256, 0x51, "0609" AES "2F8206000102030405840400000000", 0x6700},
        {"CCM with 14", KEY_256, 0x51, "0609" AES "2F820E000102030405060708090A0B0C0D840400000000", 0x6700},
        {"ChaCha without IV", KEY_256, 0x51, "060B2A864886F70D0109100312", 0x6700},
        {"ChaCha with 16", KEY_256, 0x51, "060B2A864886F70D0109100312" IV_16, 0x6700},
        {"ChaCha with 16 bytes of key", KEY_128, 0x51, CHACHA, 0x6700},
        {"CCM without length", KEY_256, 0x51, CCM, 0x6700},
        {"CCM with 3 bytes of length", KEY_256, 0x51, CCM "8403000000", 0x6700},
        {"CCM with 5 bytes of length", KEY_256, 0x51, CCM "84050000000000", 0x6700},
        {"CCM longer than its nonce lets it", KEY_256, 0x51, "0609" AES "2F820D000102030405060708090A0B0C840400010000",
         0x6700},
        {"GCM with a length", KEY_256, 0x51, GCM "840400000000", 0x6700},
        {"CBC with a length", KEY_256, 0x51, CBC "840400000000", 0x6700},
        {"GCM, tag of 11", KEY_256, 0x51, GCM "85010B", 0x6700},
        {"GCM, tag of 17", KEY_256, 0x51, GCM "850111", 0x6700},
        {"GCM, tag of 0", KEY_256, 0x51, GCM "850100", 0x6700},
        {"GCM, tag size of 2 bytes", KEY_256, 0x51, GCM "85020010", 0x6700},
        {"GCM, tag size of no bytes", KEY_256, 0x51, GCM "8500", 0x6700},
        {"CCM, tag of 2", KEY_256, 0x51, CCM "840400000000850102", 0x6700},
        {"CCM, tag of 5", KEY_256, 0x51, CCM "840400000000850105", 0x6700},
        {"CCM, tag of 18", KEY_256, 0x51, CCM "840400000000850112", 0x6700},
        {"ChaCha, tag of 12", KEY_256, 0x51, CHACHA "85010C", 0x6700},
        {"CBC with a tag", KEY_256, 0x51, CBC "850110", 0x6700},
        {"an EC key", KEY_EC_1, 0x51, CBC, 0x6400},
        {"no key", MISSING, 0x51, CBC, 0x6A82},
        {"the device key", 0, 0x51, CBC, 0x6985},
        {"52, which its list lacks", KEY_LISTED, 0x52, CBC, 0x6985},
        {"CMAC, which its list lacks", KEY_LISTED, 0x51, CMAC, 0x6985},
        {"the list comes before the data", KEY_LISTED, 0x52, "FFFFFF", 0x6985},
        {"50", KEY_256, 0x50, CBC, 0x6A86},
        {"57", KEY_256, 0x57, CBC, 0x6A86},
        {"00", KEY_256, 0x00, "", 0x6A86},
        {"FF", KEY_256, 0xFF, "", 0x6A86},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_one();
        EXPECT_ROW(stream_hex(rows[i].key, rows[i].p2, rows[i].data), rows[i].sw, "", rows[i].name);
        expect_open(rows[i].name); /* what was refused changes nothing */
        EXPECT_ROW(stream_hex(KEY_256, 0x54, "00"), 0x6985, "", rows[i].name);
        hex_release();
        rig_forget(card);
    }
}

static void begins_that_are_accepted(void **state)
{
    static const struct {
        uint8_t key, p2;
        const char *data;
    } rows[] = {
        {KEY_LISTED, 0x51, CBC},
        {KEY_256, 0x52, "06082A864886F70D0209"},
        {KEY_256, 0x52, CMAC},
        {KEY_256, 0x51, "0609" AES "29" IV_12},
        {KEY_256, 0x51, GCM "85010C"},
        {KEY_256, 0x51, GCM "850110"},
        {KEY_256, 0x51, CHACHA "850110"},
        {KEY_256, 0x51, CCM "840400000000850104"},
        {KEY_256, 0x51, CCM "840400FFFFFF"},
        {KEY_256, 0x51, "0609" AES "2F820D000102030405060708090A0B0C84040000FFFF"},
        {KEY_256, 0x51, "0609" AES "2F820700010203040506 8404FFFFFFFF"},
        {KEY_256, 0x51, CBC "99020000"},
        {KEY_256, 0x51, CBC "830141"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        EXPECT_ROW(stream_hex(rows[i].key, rows[i].p2, rows[i].data), 0x9000, "", rows[i].data);
        EXPECT_ROW(stream_hex(rows[i].key, 0x56, ""), 0x9000, "", rows[i].data);
    }
}

/* ---- order ---- */

static void orders_that_are_refused(void **state)
{
    static const struct {
        const char *name, *begin;
        uint8_t before; /* P2 of a command with one byte of data; 0: none */
        uint8_t key, p2;
    } rows[] = {
        {"continue without a stream", NULL, 0, KEY_256, 0x54},
        {"finish without a stream", NULL, 0, KEY_256, 0x55},
        {"AAD without a stream", NULL, 0, KEY_256, 0x53},
        {"another key", CTR, 0, KEY_128, 0x54},
        {"another key, which there is not", CTR, 0, MISSING, 0x54},
        {"another key to finish", CTR, 0, KEY_128, 0x55},
        {"another key for AAD", GCM, 0, KEY_128, 0x53},
        {"the device key", CTR, 0, 0, 0x54},
        {"AAD for CTR", CTR, 0, KEY_256, 0x53},
        {"AAD for CMAC", CMAC, 0, KEY_256, 0x53},
        {"AAD for CCM", CCM "840400000001", 0, KEY_256, 0x53},
        {"AAD after text", GCM, 0x54, KEY_256, 0x53},
        {"AAD after text, ChaCha", CHACHA, 0x54, KEY_256, 0x53},
        {"finish after finish", CTR, 0x55, KEY_256, 0x55},
        {"continue after finish", CTR, 0x55, KEY_256, 0x54},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].begin) EXPECT_ROW(stream_hex(KEY_256, 0x51, rows[i].begin), 0x9000, "", rows[i].name);
        if (rows[i].before) EXPECT_ROW(stream_hex(KEY_256, rows[i].before, "41"), 0x9000, EXPECT_ANY, rows[i].name);
        EXPECT_ROW(stream_hex(rows[i].key, rows[i].p2, "42"), 0x6985, "", rows[i].name);
        expect_closed(rows[i].name);
    }
}

/* An empty piece is one: nothing is authenticated behind it. */
static void aad_ends_with_an_empty_piece(void **state)
{
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, GCM), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x53, ""), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x54, ""), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x53, "41"), 0x6985);
    expect_closed("AAD behind an empty piece");
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CCM "840400000000"), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x53, ""), 0x6985);
    expect_closed("empty AAD for CCM");
}

static void abort_works_always(void **state)
{
    EXPECT_EMPTY(stream_hex(KEY_256, 0x56, ""), 0x9000);
    open_one();
    EXPECT_EMPTY(stream_hex(KEY_256, 0x56, "00"), 0x6700);
    expect_open("an abort with data");
    open_one();
    EXPECT_EMPTY(stream_hex(MISSING, 0x56, ""), 0x9000);
    expect_closed("abort");
}

static void begin_replaces(void **state)
{
    open_one();
    EXPECT_EMPTY(stream_hex(KEY_128, 0x51, "0609" AES "09"), 0x9000);
    EXPECT_SW(stream_hex(KEY_128, 0x54, "00"), 0x9000);
    expect_closed("a begin on another key");
    EXPECT_EMPTY(stream_hex(KEY_128, 0x54, "00"), 0x6985);
}

/* ---- tags ---- */

static void tags_of_every_size(void **state)
{
    static const struct {
        const char *begin;
        uint8_t min, step;
    } rows[] = {{GCM, 12, 1}, {CCM "840400000003", 4, 2}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        EXPECT_EMPTY(stream_hex(KEY_256, 0x51, rows[i].begin), 0x9000);
        bytes whole = exact_copy(stream_hex(KEY_256, 0x55, "616263").data);
        assert_int_equal(whole.n, 19);
        for (uint8_t n = rows[i].min; n <= 16; n = (uint8_t)(n + rows[i].step)) {
            const char *begin = text_of("%s8501%02X", rows[i].begin, n);
            EXPECT_EMPTY(stream_hex(KEY_256, 0x51, begin), 0x9000);
            struct answer sealed = stream_hex(KEY_256, 0x55, "616263");
            EXPECT_SW(sealed, 0x9000);
            assert_int_equal(sealed.data.n, 3 + n);
            EXPECT_EMPTY(stream_hex(KEY_256, 0x52, begin), 0x9000);
            EXPECT_DATA(stream(KEY_256, 0x55, exact_copy(sealed.data)), 0x9000, "616263");
            EXPECT_EMPTY(stream_hex(KEY_256, 0x52, begin), 0x9000);
            EXPECT_EMPTY(stream(KEY_256, 0x55, exact_copy(bytes_first(sealed.data, n - 1u))), 0x6700);
            expect_closed("less than a tag");
            if (i == 0) assert_true(bytes_equal(sealed.data, bytes_first(whole, sealed.data.n)));
        }
    }
}

/* Each bit of the tag, and of what it covers. */
static void a_wrong_tag_releases_nothing(void **state)
{
    static const char *const begins[] = {GCM, CCM "840400000014", CHACHA};
    bytes text = random_bytes(20, 5);
    for (size_t i = 0; i < COUNT(begins); i++) {
        EXPECT_EMPTY(stream_hex(KEY_256, 0x51, text_of("%s8303414243", begins[i])), 0x9000);
        bytes sealed = exact_copy(stream(KEY_256, 0x55, text).data);
        assert_int_equal(sealed.n, 36);
        for (size_t bit = 0; bit < 8 * sealed.n; bit++) {
            span bent = exact_space(sealed.n);
            memcpy(bent.p, sealed.p, sealed.n);
            bent.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            EXPECT_EMPTY(stream_hex(KEY_256, 0x52, text_of("%s8303414243", begins[i])), 0x9000);
            EXPECT_SW(stream(KEY_256, 0x54, bytes_first(view(bent), 7)), 0x9000);
            EXPECT_ROW(stream(KEY_256, 0x55, exact_copy(bytes_after(view(bent), 7))), 0x6400, "", begins[i]);
            expect_closed("a wrong tag");
        }
        EXPECT_EMPTY(stream_hex(KEY_256, 0x52, text_of("%s8303414244", begins[i])), 0x9000);
        EXPECT_ROW(stream(KEY_256, 0x55, sealed), 0x6400, "", "other AAD");
        EXPECT_EMPTY(stream_hex(KEY_256, 0x52, text_of("%s8303414243", begins[i])), 0x9000);
        EXPECT_DATA(stream(KEY_256, 0x55, sealed), 0x9000, hex_of(text));
        hex_release();
        text = random_bytes(20, 5);
        rig_forget(card);
    }
}

/* ---- button, uses ---- */

static uint32_t uses_left(void)
{
    struct key_info info;
    assert_int_equal(key_info_load(card->hsm, KEY_COUNTED, &info), ST_OK);
    return info.metadata.counter;
}

static void one_use_for_the_whole_stream(void **state)
{
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x51, CBC "810100"), 0x6A80);
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x51, CBC "8201AA"), 0x6700);
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x51, CCM), 0x6700);
    assert_int_equal(uses_left(), 3);
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x51, CTR), 0x9000);
    assert_int_equal(uses_left(), 2);
    for (unsigned i = 0; i < 5; i++) EXPECT_SW(stream_hex(KEY_COUNTED, 0x54, "00"), 0x9000);
    EXPECT_SW(stream_hex(KEY_COUNTED, 0x55, ""), 0x9000);
    assert_int_equal(uses_left(), 2);
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x52, GCM), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x55, counting(16, 0)), 0x6400);
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x51, CTR), 0x9000);
    assert_int_equal(uses_left(), 0);
    EXPECT_SW(stream_hex(KEY_COUNTED, 0x54, "00"), 0x9000); /* the last use was paid */
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x51, CTR), 0x6A84);
    EXPECT_SW(stream_hex(KEY_COUNTED, 0x54, "00"), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_COUNTED, 0x52, "FF"), 0x6A84);
    EXPECT_SW(stream_hex(KEY_COUNTED, 0x55, ""), 0x9000);
}

static void one_press_for_the_whole_stream(void **state)
{
    card->hsm->settings.options |= OPTION_CONFIRM;
    unsigned before = card->presence.calls;
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CTR), 0x9000);
    EXPECT_SW(stream_hex(KEY_256, 0x54, "00"), 0x9000);
    EXPECT_SW(stream_hex(KEY_256, 0x55, "00"), 0x9000);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x56, ""), 0x9000);
    assert_int_equal(card->presence.calls, before + 1);
    card->presence.answer = false;
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CTR), 0x6600);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, "FF"), 0x6600);
    expect_closed("a button that nobody presses");
    card->presence.answer = true;
    card->hsm->settings.options &= (uint16_t)~OPTION_CONFIRM;
}

/* ---- what ends it, and what does not ---- */

static bool is_wiped(const struct rig *r)
{
    return ct_is_zero((bytes){(const uint8_t *)&r->hsm->session.stream, sizeof r->hsm->session.stream});
}

static void select_ends_it(void **state)
{
    open_one();
    assert_false(is_wiped(card));
    EXPECT_SW(rig_select(card), 0x9000);
    assert_true(is_wiped(card));
    EXPECT_SW(rig_login(card), 0x9000);
    expect_closed("SELECT");
    open_one();
    SEND(card, "00A4040008" RIG_RESCUE_AID "00", 0x9000);
    assert_true(is_wiped(card));
    EXPECT_SW(rig_select(card), 0x9000);
    EXPECT_SW(rig_login(card), 0x9000);
    expect_closed("SELECT of the rescue applet");
}

static void a_reset_ends_it(void **state)
{
    open_one();
    rig_reset(card);
    assert_true(is_wiped(card));
    EXPECT_SW(rig_select(card), 0x9000);
    EXPECT_SW(rig_login(card), 0x9000);
    expect_closed("reset");
    open_one();
    assert_int_equal(rig_power_cycle(card), ST_OK);
    EXPECT_SW(rig_select(card), 0x9000);
    EXPECT_SW(rig_login(card), 0x9000);
    expect_closed("power off");
}

static void verify_ends_it(void **state)
{
    static const struct {
        const char *apdu;
        uint16_t sw;
    } rows[] = {
        {"0020008106" RIG_USER_PIN, 0x9000}, {"0020008106313131313131", 0x63C4}, {"0020008808" RIG_SO_PIN, 0x9000}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_one();
        SEND(card, rows[i].apdu, rows[i].sw);
        assert_true(is_wiped(card));
        EXPECT_SW(rig_login(card), 0x9000);
        expect_closed(rows[i].apdu);
    }
    open_one();
    SEND(card, "00200081", 0x9000); /* asks only */
    expect_open("a status query");
}

/* Whoever is logged out by a PIN that was wrong elsewhere: what the stream has of the key goes at once. */
static void who_is_logged_out_loses_it(void **state)
{
    open_one();
    SEND(card, "002400810C313131313131" RIG_USER_PIN, 0x63C4);
    assert_true(is_wiped(card));
    EXPECT_EMPTY(stream_hex(KEY_256, 0x54, "00"), 0x6982);
    SEND(card, "002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000); /* logs in */
    expect_closed("a wrong CHANGE");
}

static void the_key_takes_it_along(void **state)
{
    import_secret(0x30, 32, "");
    EXPECT_EMPTY(stream_hex(0x30, 0x51, CTR), 0x9000);
    EXPECT_SW(rig_delete(card, 0xCC12 + 0x60), 0x6A82);
    EXPECT_SW(rig_update(card, 0xC430, 0, exact("3000")), 0x9000); /* its description is not the key */
    EXPECT_SW(stream_hex(0x30, 0x54, "00"), 0x9000);
    EXPECT_SW(rig_generate_ec(card, 0x31, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(stream_hex(0x30, 0x54, "00"), 0x9000); /* another key is made */
    EXPECT_SW(rig_delete(card, 0xCC31), 0x9000);
    EXPECT_SW(stream_hex(0x30, 0x54, "00"), 0x9000); /* and goes */
    EXPECT_SW(rig_delete(card, 0xCC30), 0x9000);
    assert_true(is_wiped(card));
    EXPECT_EMPTY(stream_hex(0x30, 0x54, "00"), 0x6985);
    import_secret(0x30, 32, "");
    EXPECT_EMPTY(stream_hex(0x30, 0x51, CTR), 0x9000);
    EXPECT_SW(rig_generate_ec(card, 0x30, CRYPTO_SECP256R1, ""), 0x9000); /* in its place */
    assert_true(is_wiped(card));
    EXPECT_EMPTY(stream_hex(0x30, 0x54, "00"), 0x6985);
    EXPECT_SW(rig_delete(card, 0xCC30), 0x9000);
}

static void initialise_ends_it(void **state)
{
    struct rig *before = card;
    card = rig_ready(701, "80020001 9A020004");
    import_secret(KEY_256, 32, "");
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CTR), 0x9000);
    SEND(card, "805000000480020001", 0x6A80); /* without PINs: nothing has happened */
    EXPECT_SW(stream_hex(KEY_256, 0x54, "00"), 0x9000);
    EXPECT_SW(rig_initialise(card, "80020001 9A020004"), 0x9000);
    assert_true(is_wiped(card));
    expect_closed("INITIALIZE");
    rig_stop(card);
    card = before;
}

static void others_leave_it_alone(void **state)
{
    static const struct {
        const char *apdu;
        uint16_t sw;
    } rows[] = {
        {"8058000000", 0x9000},                                      /* LIST        */
        {"0084000008", 0x9000},                                      /* CHALLENGE   */
        {"00A4000002CC1100", 0x9000},                                /* SELECT      */
        {"00A4000002DEAD00", 0x6A82},                                /*             */
        {"00B12F1E0454020000 02", 0x9000},                           /* READ        */
        {"00D7CF01095402000053 03616263", 0x9000},                   /* UPDATE      */
        {"00E4000002CF01", 0x9000},                                  /* DELETE      */
        {"8068150303616263 00", 0x6A86},                             /* SIGN        */
        {"8068157303616263 00", 0x9000},                             /*             */
        {"80781110 10 000102030405060708090A0B0C0D0E0F 00", 0x9000}, /* CIPHER, same key */
        {"80781210 10 000102030405060708090A0B0C0D0E0F 00", 0x9000}, /* another key */
        {"80781110 0F 000102030405060708090A0B0C0D0E 00", 0x6700},   /* one fails   */
        {"805C0000000000", 0x9000},                                  /* metadata    */
        {"004811B203 940107", 0x6A80},                               /* its key is not replaced */
        {"002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000},            /* CHANGE      */
        {"00200081", 0x9000},                                        /* tries left  */
        {"00C0000000", 0x6985},                                      /* GET RESPONSE */
        {"807A11", 0x6700},                                          /* no APDU     */
        {"807A115702AAAA", 0x6A86},                                  /* no function */
        {"FF7A115401AA", 0x6E00},                                    /* no class    */
        {"0CFF000000", 0x6984},                                      /* no channel  */
        {"00A4040005A000000000", 0x6A82},                            /* no applet   */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_one();
        SEND(card, rows[i].apdu, rows[i].sw);
        expect_open(rows[i].apdu);
    }
}

/* ---- chains, lengths, secure messaging ---- */

static void commands_in_links(void **state)
{
    SEND_DATA(card, "907A115104 06096086", 0x9000, "");
    SEND_DATA(card, "807A115107 4801650304012A", 0x9000, "");
    SEND_DATA(card, "907A115404 20212223", 0x9000, "");
    SEND_DATA(card, "907A115408 2425262728292A2B", 0x9000, "");
    SEND_DATA(card, "807A115405 2C2D2E2F30 00", 0x9000, "61A6936E4E8F101C1CC1F993B542A0D4");
    SEND_DATA(card, "907A11550101", 0x9000, ""); /* a chain that is left changes nothing */
    SEND_DATA(card, "807A11540101", 0x6883, "");
    SEND(card, "807A11550F 3132333435363738393A3B3C3D3E3F 00", 0x9000);
}

/* Whole, but over one byte of a piece: the chain has room for more than a stream has. */
static void a_chain_is_a_piece(void **state)
{
    EXPECT_EMPTY(stream_hex(KEY_256, 0x51, CTR), 0x9000);
    EXPECT_EMPTY(rig_command(card, 0x90, 0x7A, KEY_256, 0x54, random_bytes(4000, 1), 0), 0x9000);
    EXPECT_EMPTY(rig_command(card, 0x80, 0x7A, KEY_256, 0x54, random_bytes(81, 1), 65536), 0x6700);
    expect_closed("4081 bytes in two links");
}

static void short_answers(void **state)
{
    open_one();
    EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x7A, KEY_256, 0x54, "0000000000000000", 0),
                 0x9000); /* not wanted, but done */
    struct answer got = rig_command_hex(card, 0x80, 0x7A, KEY_256, 0x55, "000000", 1);
    EXPECT_SW(got, 0x6102);
    assert_int_equal(got.data.n, 1);
    got = rig_send(card, "00C0000002");
    EXPECT_SW(got, 0x9000);
    assert_int_equal(got.data.n, 2);
    expect_closed("finish");
}

/* A command under the keys that the card has too; its data and word. */
static struct answer inside(struct sm_channel *keys, uint8_t p2, bytes data)
{
    static uint8_t body[4200], raw_mem[4400], plain_mem[4200];
    buf objects = BUF(body), raw = BUF(raw_mem);
    struct apdu sealed;
    const struct apdu plain = {
        .cla = 0x80, .ins = INS_STREAM, .p1 = KEY_256, .p2 = p2, .data = data, .ne = 65536, .extended = true};
    struct crypto *c = &card->hsm->crypto;
    bytes got;
    uint16_t word;
    assert_int_equal(sm_seal_command(c, keys, &plain, &objects, &sealed), ST_OK);
    assert_int_equal(apdu_write(&sealed, &raw), ST_OK);
    struct answer a = rig_send_bytes(card, exact_copy(written(&raw)));
    EXPECT_SW(a, 0x9000);
    assert_int_equal(sm_open_response(c, keys, a.data, SPAN(plain_mem), &got, &word), ST_OK);
    return (struct answer){exact_copy(got), word};
}

static void inside_secure_messaging(void **state)
{
    card->hsm->channel = (struct secure_channel){.selected = true, .open = true, .keys = {.enc = {1}, .mac = {2}}};
    struct sm_channel keys = card->hsm->channel.keys;
    bytes text = random_bytes(4080 + 4080 + 100, 6), left = text;
    buf out = buf_over(exact_space(text.n + 16));
    EXPECT_EMPTY(inside(&keys, 0x51, exact(GCM)), 0x9000);
    while (left.n > 4080) {
        struct answer got = inside(&keys, 0x54, take(&left, 4080));
        EXPECT_SW(got, 0x9000);
        put_bytes(&out, got.data);
    }
    put_bytes(&out, inside(&keys, 0x55, left).data);
    assert_false(out.full);
    EXPECT_EMPTY(inside(&keys, 0x54, exact("00")), 0x6985);
    EXPECT_EMPTY(stream_hex(KEY_256, 0x52, GCM), 0x9000); /* and in plain again */
    bytes sealed = written(&out);
    EXPECT_DATA(stream(KEY_256, 0x54, take(&sealed, 4080)), 0x9000, hex_of(bytes_first(text, 4080)));
    EXPECT_DATA(inside(&keys, 0x54, take(&sealed, 4080)), 0x9000, hex_of(bytes_first(bytes_after(text, 4080), 4080)));
    EXPECT_DATA(stream(KEY_256, 0x55, sealed), 0x9000, hex_of(bytes_after(text, 8160)));
    open_one();
    SEND(card, "0C7A11540A8E080000000000000000", 0x6988); /* not authentic: not a command */
    expect_open("a command with a wrong MAC");
}

static void state_is_of_a_size(void **state)
{
    assert_true(sizeof(struct stream) <= 1536);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_example_of_the_spec),
        CASE(pieces_make_the_whole),
        CASE(nothing_at_all),
        CASE(longer_than_any_command),
        CASE(pieces_have_a_limit),
        CASE(a_full_last_piece_has_room_for_its_tag),
        CASE(a_block_that_waits_comes_out_with_the_next),
        CASE(parts_of_blocks_are_refused_at_the_end),
        CASE(ccm_is_as_long_as_announced),
        CASE(begins_that_are_refused),
        CASE(begins_that_are_accepted),
        CASE(orders_that_are_refused),
        CASE(aad_ends_with_an_empty_piece),
        CASE(abort_works_always),
        CASE(begin_replaces),
        CASE(tags_of_every_size),
        CASE(a_wrong_tag_releases_nothing),
        CASE(one_use_for_the_whole_stream),
        CASE(one_press_for_the_whole_stream),
        CASE(select_ends_it),
        CASE(a_reset_ends_it),
        CASE(verify_ends_it),
        CASE(who_is_logged_out_loses_it),
        CASE(the_key_takes_it_along),
        CASE(initialise_ends_it),
        CASE(others_leave_it_alone),
        CASE(commands_in_links),
        CASE(a_chain_is_a_piece),
        CASE(short_answers),
        CASE(inside_secure_messaging),
        CASE(state_is_of_a_size),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
