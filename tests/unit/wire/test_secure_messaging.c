/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging against the known answers of formats.md 8.4, and against itself with every size. What an attacker
 * with the keys could send (a careless or hostile host) is composed here, with its own MAC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "tests/unit/crypto/rig.h"
#include "tests/vectors/secure_messaging.h"
#include "wire/schsm.h"
#include "wire/secure_messaging.h"

#define DATA_MAX 4096u

/* The channel of the vectors, `counter` steps on. */
static struct sm_channel channel_at(uint8_t counter)
{
    struct sm_channel ch = {.counter[15] = counter};
    span_copy(SPAN(ch.enc), exact(SM_VECTOR_ENC));
    span_copy(SPAN(ch.mac), exact(SM_VECTOR_MAC));
    return ch;
}

static struct apdu parsed(bytes raw)
{
    struct apdu a;
    assert_ok(apdu_parse(raw, &a));
    return a;
}

static void keys_and_token(void **state)
{
    struct sm_channel ch;
    uint8_t x[SM_SHARED_SIZE], token[SM_TOKEN_SIZE];
    bytes host = exact(SM_VECTOR_HOST_POINT);
    assert_ok(crypto_ecdh(&shared_rig.c, CRYPTO_SECP256R1, exact(SM_VECTOR_DEVICE_PRIVATE), host, SPAN(x)));
    assert_hex(BYTES(x), SM_VECTOR_SHARED);
    memset(&ch, 0xA5, sizeof ch);
    assert_ok(sm_agree(&shared_rig.c, BYTES(x), exact(SM_VECTOR_NONCE), host, &ch, SPAN(token)));
    assert_hex(BYTES(ch.enc), SM_VECTOR_ENC);
    assert_hex(BYTES(ch.mac), SM_VECTOR_MAC);
    assert_true(ct_is_zero(BYTES(ch.counter)));
    assert_hex(BYTES(token), SM_VECTOR_TOKEN);
}

static void agreement_wants_its_sizes(void **state)
{
    static const struct {
        size_t shared, nonce, point, token;
    } sizes[] = {{31, 8, 65, 8}, {32, 7, 65, 8}, {32, 9, 65, 8}, {32, 8, 64, 8}, {32, 8, 66, 8}, {32, 8, 65, 7}};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct sm_channel ch;
        memset(&ch, 0xA5, sizeof ch);
        bytes shared = view(exact_space(sizes[i].shared)), nonce = view(exact_space(sizes[i].nonce));
        bytes point = view(exact_space(sizes[i].point));
        assert_int_equal(sm_agree(&shared_rig.c, shared, nonce, point, &ch, exact_space(sizes[i].token)),
                         ST_BAD_LENGTH);
        assert_true(ct_is_zero((bytes){(uint8_t *)&ch, sizeof ch}));
    }
}

static void vector_commands_are_written(void **state)
{
    for (size_t i = 0; i < COUNT(sm_vectors); i++) {
        const struct sm_vector *v = &sm_vectors[i];
        if (!v->written_so) continue;
        struct sm_channel ch = channel_at((uint8_t)(v->counter - 1));
        struct apdu plain = parsed(exact(v->header)), out;
        uint8_t body[100], raw[120];
        buf b = BUF(body), r = BUF(raw);
        plain.data = exact(v->data);
        plain.ne = v->ne;
        assert_ok(sm_seal_command(&shared_rig.c, &ch, &plain, &b, &out));
        assert_ok(apdu_write(&out, &r));
        assert_hex(written(&r), v->apdu);
        assert_int_equal(ch.counter[15], v->counter);
    }
}

static void vector_commands_are_read(void **state)
{
    for (size_t i = 0; i < COUNT(sm_vectors); i++) {
        const struct sm_vector *v = &sm_vectors[i];
        struct sm_channel ch = channel_at((uint8_t)(v->counter - 1));
        struct apdu in = parsed(exact(v->apdu)), out;
        span into = exact_space(32);
        assert_ok(sm_open_command(&shared_rig.c, &ch, &in, into, &out));
        uint8_t header[] = {out.cla, out.ins, out.p1, out.p2};
        assert_hex(BYTES(header), v->header);
        assert_hex(out.data, v->data);
        assert_int_equal(out.ne, v->ne);
        assert_int_equal(out.has_le, v->ne > 0);
        assert_int_equal(ch.counter[15], v->counter);
    }
}

static void vector_responses(void **state)
{
    for (size_t i = 0; i < COUNT(sm_vectors); i++) {
        const struct sm_vector *v = &sm_vectors[i];
        if (!v->response) continue;
        struct sm_channel card = channel_at(v->counter), host = card;
        bytes answer = exact(v->answer), response = exact(v->response), plain;
        uint16_t word;
        buf b = buf_over(exact_space(answer.n + SM_RESPONSE_OVERHEAD));
        put_bytes(&b, answer);
        assert_ok(sm_seal_response(&shared_rig.c, &card, &b, v->word));
        assert_hex(written(&b), hex_of(bytes_first(response, response.n - 2)));
        assert_ok(sm_open_response(&shared_rig.c, &host, written(&b), exact_space(32), &plain, &word));
        assert_hex(plain, v->answer);
        assert_int_equal(word, v->word);
        assert_memory_equal(&card, &host, sizeof card);
    }
}

/* Every bit of header and objects of a command is authentic; so is each response's. */
static void no_flipped_bit_passes(void **state)
{
    for (size_t i = 0; i < COUNT(sm_vectors); i++) {
        bytes raw = exact(sm_vectors[i].apdu);
        struct apdu whole = parsed(raw);
        for (size_t bit = 0; bit < 8 * (4 + whole.data.n); bit++) {
            struct sm_channel ch = channel_at((uint8_t)(sm_vectors[i].counter - 1));
            span copy = exact_space(whole.data.n);
            span_copy(copy, whole.data);
            uint8_t header[] = {whole.cla, whole.ins, whole.p1, whole.p2};
            if (bit < 32) header[bit / 8] ^= (uint8_t)(1u << bit % 8);
            else copy.p[bit / 8 - 4] ^= (uint8_t)(1u << bit % 8);
            struct apdu in = {header[0], header[1], header[2], header[3], view(copy), whole.ne, whole.extended, true},
                        out;
            status st = sm_open_command(&shared_rig.c, &ch, &in, exact_space(32), &out);
            if (st == ST_SM_WRONG || st == ST_SM_MISSING) continue;
            print_error("%s: bit %zu: %s\n", sm_vectors[i].name, bit, status_text(st));
            fail();
        }
        hex_release();
    }
}

static void no_flipped_bit_of_a_response_passes(void **state)
{
    const struct sm_vector *v = &sm_vectors[1];
    bytes raw = exact(v->response);
    for (size_t bit = 0; bit < 8 * (raw.n - 2); bit++) {
        struct sm_channel ch = channel_at(v->counter);
        span copy = exact_space(raw.n - 2);
        bytes plain;
        uint16_t word;
        span_copy(copy, bytes_first(raw, raw.n - 2));
        copy.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        status st = sm_open_response(&shared_rig.c, &ch, view(copy), exact_space(32), &plain, &word);
        assert_true(st == ST_SM_WRONG || st == ST_SM_MISSING);
    }
}

/* Another counter than the sender's: replayed, left out, turned around. */
static void counter_must_agree(void **state)
{
    const struct sm_vector *v = &sm_vectors[0];
    struct apdu in = parsed(exact(v->apdu)), out;
    for (unsigned at = 0; at < 256; at++) {
        struct sm_channel ch = channel_at((uint8_t)at);
        status st = sm_open_command(&shared_rig.c, &ch, &in, exact_space(32), &out);
        assert_int_equal(st, at + 1 == v->counter ? ST_OK : ST_SM_WRONG);
    }
}

static void counter_carries(void **state)
{
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"000000000000000000000000000000FF", "00000000000000000000000000000100"},
        {"0000000000000000FFFFFFFFFFFFFFFF", "00000000000000010000000000000000"},
        {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "00000000000000000000000000000000"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sm_channel ch = channel_at(0);
        buf b = buf_over(exact_space(SM_RESPONSE_OVERHEAD));
        span_copy(SPAN(ch.counter), exact(rows[i].before));
        assert_ok(sm_seal_response(&shared_rig.c, &ch, &b, 0x9000));
        assert_hex(BYTES(ch.counter), rows[i].after);
    }
}

/* ---- what only somebody with the keys can send ---- */

/* 8E over `objects` for a command with this instruction, or for a response when `header` is empty. */
static void put_true_mac(const struct sm_channel *ch, bytes header, buf *b, size_t mac_size)
{
    static const uint8_t padding[16] = {0x80};
    uint8_t mac[16];
    struct sm_channel next = *ch;
    next.counter[15]++;
    const bytes parts[] = {
        BYTES(next.counter), header, {padding, header.n ? 12 : 0}, written(b), {padding, b->n ? 16 - b->n % 16 : 0}};
    assert_ok(crypto_aes_cmac(&shared_rig.c, BYTES(ch->mac), parts, COUNT(parts), SPAN(mac)));
    put_u8(b, 0x8E);
    put_u8(b, (uint8_t)mac_size);
    put_bytes(b, bytes_first(BYTES(mac), mac_size));
}

/* CBC of `plain` (whole blocks) as the sender of the first message would. */
static bytes cipher_of(const struct sm_channel *ch, const char *plain_hex)
{
    uint8_t iv[16];
    struct sm_channel next = *ch;
    bytes plain = exact(plain_hex);
    span out = exact_space(plain.n);
    next.counter[15]++;
    assert_ok(crypto_aes_block(&shared_rig.c, BYTES(ch->enc), BYTES(next.counter), SPAN(iv)));
    assert_ok(crypto_aes_cbc(&shared_rig.c, true, BYTES(ch->enc), BYTES(iv), plain, out));
    return view(out);
}

#define BLOCK_OK "414243800000000000000000000000 00"    /* "ABC" */
#define BLOCK_EMPTY "800000000000000000000000000000 00" /* nothing */
#define BLOCK_BAD "414243000000000000000000000000 81"   /* ends in no 80 */
#define BLOCK_ZERO "000000000000000000000000000000 00"

static const struct {
    const char *before, *cipher, *after; /* objects, a cryptogram in between when `cipher` is given */
    uint8_t ins;
    size_t mac_size;
    const char *behind; /* bytes after 8E */
    status want;
    const char *data;
    uint32_t ne;
    const char *why;
} authentic[] = {
    {"", NULL, "", 0x84, 8, "", ST_OK, "", 0, "8E alone"},
    {"", NULL, "", 0x84, 16, "", ST_OK, "", 0, "8E of 16 bytes"},
    {"8711 01", BLOCK_OK, "", 0x84, 8, "", ST_OK, "414243", 0, "87"},
    {"8711 01", BLOCK_EMPTY, "", 0x84, 8, "", ST_OK, "", 0, "87 without data"},
    {"878111 01", BLOCK_OK, "", 0x84, 8, "", ST_OK, "414243", 0, "length longer than needed"},
    {"87820011 01", BLOCK_OK, "97820001 08", 0x84, 8, "", ST_OK, "414243", 8, "lengths longer than needed"},
    {"9701 08 8711 01", BLOCK_OK, "", 0x84, 8, "", ST_OK, "414243", 8, "97 first"},
    {"8510", BLOCK_OK, "", 0xB1, 8, "", ST_OK, "414243", 0, "85 for an odd instruction"},
    {"9701 00", NULL, "", 0x84, 8, "", ST_OK, "", 256, "Le 00"},
    {"9702 0000", NULL, "", 0x84, 8, "", ST_OK, "", 65536, "Le 0000"},
    {"9702 0123", NULL, "", 0x84, 8, "", ST_OK, "", 0x123, "Le of two bytes"},
    {"8510", BLOCK_OK, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "85 for an even instruction"},
    {"8711 01", BLOCK_OK, "", 0xB1, 8, "", ST_SM_WRONG, NULL, 0, "87 for an odd instruction"},
    {"8711 02", BLOCK_OK, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "no 01"},
    {"8710", BLOCK_OK, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "87 without its first byte"},
    {"8700", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "87 empty"},
    {"8701 01", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "87 without a block"},
    {"8500", NULL, "", 0xB1, 8, "", ST_SM_WRONG, NULL, 0, "85 empty"},
    {"8712 01", BLOCK_OK, "00", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "no whole blocks"},
    {"8711 01", BLOCK_BAD, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "padding"},
    {"8711 01", BLOCK_ZERO, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "nothing but zeros"},
    {"9700", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "97 empty"},
    {"9703 000100", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "97 of three bytes"},
    {"9701 08 9701 08", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "97 twice"},
    {"9902 9000", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "99 in a command"},
    {"8901 00", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "unknown object"},
    {"8E08 0000000000000000", NULL, "", 0x84, 8, "", ST_SM_WRONG, NULL, 0, "two 8E"},
    {"", NULL, "", 0x84, 8, "9701 08", ST_SM_WRONG, NULL, 0, "an object behind 8E"},
    {"", NULL, "", 0x84, 8, "97", ST_SM_WRONG, NULL, 0, "a byte behind 8E"},
    {"", NULL, "", 0x84, 7, "", ST_SM_WRONG, NULL, 0, "MAC of 7 bytes"},
    {"", NULL, "", 0x84, 4, "", ST_SM_WRONG, NULL, 0, "MAC of 4 bytes"},
    {"", NULL, "", 0x84, 0, "", ST_SM_WRONG, NULL, 0, "MAC of no byte"},
    {"", NULL, "", 0x84, 15, "", ST_SM_WRONG, NULL, 0, "MAC of 15 bytes"},
};

static void authentic_objects_are_judged(void **state)
{
    for (size_t i = 0; i < COUNT(authentic); i++) {
        struct sm_channel ch = channel_at(0);
        const uint8_t header[] = {0x0C, authentic[i].ins, 0, 0};
        uint8_t memory[200];
        buf b = BUF(memory);
        put_bytes(&b, exact(authentic[i].before));
        if (authentic[i].cipher) put_bytes(&b, cipher_of(&ch, authentic[i].cipher));
        put_bytes(&b, exact(authentic[i].after));
        put_true_mac(&ch, BYTES(header), &b, authentic[i].mac_size);
        put_bytes(&b, exact(authentic[i].behind));
        struct apdu in = {0x0C, authentic[i].ins, 0, 0, exact_copy(written(&b)), 256, false, true}, out;
        status st = sm_open_command(&shared_rig.c, &ch, &in, exact_space(32), &out);
        if (st != authentic[i].want) print_error("%s: %s\n", authentic[i].why, status_text(st));
        assert_int_equal(st, authentic[i].want);
        assert_int_equal(ch.counter[15], 1);
        if (st != ST_OK) continue;
        assert_hex(out.data, authentic[i].data);
        assert_int_equal(out.ne, authentic[i].ne);
    }
}

static const struct {
    const char *objects;
    status want;
} unprotected[] = {
    {"", ST_SM_MISSING},
    {"9701 08", ST_SM_MISSING},
    {"8711 01 00000000000000000000000000000000", ST_SM_MISSING},
    {"8E08 0000000000000000", ST_SM_WRONG},
    {"8E10 00000000000000000000000000000000", ST_SM_WRONG},
    {"8E00", ST_SM_WRONG},
    {"8E", ST_SM_WRONG},
    {"8E08 00000000000000", ST_SM_WRONG},
    {"8E83000008 0000000000000000", ST_SM_WRONG},
    {"8E80 0000", ST_SM_WRONG},
    {"9F8181 00", ST_SM_WRONG},
    {"FF", ST_SM_WRONG},
};

static void without_a_true_mac(void **state)
{
    for (size_t i = 0; i < COUNT(unprotected); i++) {
        struct sm_channel ch = channel_at(0);
        struct apdu in = {0x0C, 0x84, 0, 0, exact(unprotected[i].objects), 256, false, true}, out;
        bytes plain;
        uint16_t word;
        assert_int_equal(sm_open_command(&shared_rig.c, &ch, &in, exact_space(32), &out), unprotected[i].want);
        assert_int_equal(sm_open_response(&shared_rig.c, &ch, in.data, exact_space(32), &plain, &word),
                         unprotected[i].want);
        assert_int_equal(ch.counter[15], 2);
    }
}

static void responses_need_their_word(void **state)
{
    static const struct {
        const char *objects;
        status want;
    } rows[] = {{"9902 9000", ST_OK},
                {"", ST_SM_WRONG},
                {"9901 90", ST_SM_WRONG},
                {"9903 900000", ST_SM_WRONG},
                {"9900", ST_SM_WRONG},
                {"9701 08 9902 9000", ST_SM_WRONG},
                {"9902 9000 9902 9000", ST_SM_WRONG}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sm_channel ch = channel_at(0);
        uint8_t memory[60];
        buf b = BUF(memory);
        bytes plain;
        uint16_t word = 0;
        put_bytes(&b, exact(rows[i].objects));
        put_true_mac(&ch, NO_BYTES, &b, 8);
        assert_int_equal(sm_open_response(&shared_rig.c, &ch, exact_copy(written(&b)), exact_space(32), &plain, &word),
                         rows[i].want);
        assert_int_equal(word, rows[i].want == ST_OK ? 0x9000 : 0);
    }
}

/* ---- every size ---- */

static void fill(span s, size_t seed)
{
    for (size_t i = 0; i < s.n; i++) s.p[i] = (uint8_t)(i * 7 + seed);
}

/* A command and a response of n bytes; the places for both are cut to what the header promises. */
static void round_trip(size_t n, uint8_t ins)
{
    struct sm_channel host = channel_at(0), card = host;
    span data = exact_space(n);
    fill(data, n);
    struct apdu plain = {0x80, ins, 1, 2, view(data), 4096, false, true}, sealed, again;
    buf body = buf_over(exact_space(n + SM_COMMAND_OVERHEAD));
    assert_ok(sm_seal_command(&shared_rig.c, &host, &plain, &body, &sealed));
    assert_int_equal(sealed.cla, 0x8C);
    assert_ok(sm_open_command(&shared_rig.c, &card, &sealed, exact_space(n + SM_PADDING_MAX), &again));
    assert_true(bytes_equal(again.data, plain.data) && again.ne == 4096 && again.cla == 0x80);

    buf reply = buf_over(exact_space(n + SM_RESPONSE_OVERHEAD));
    bytes answer;
    uint16_t word;
    put_bytes(&reply, view(data));
    assert_ok(sm_seal_response(&shared_rig.c, &card, &reply, 0x6A82));
    assert_ok(sm_open_response(&shared_rig.c, &host, written(&reply), exact_space(n + SM_PADDING_MAX), &answer, &word));
    assert_true(bytes_equal(answer, view(data)) && word == 0x6A82);
    assert_memory_equal(&host, &card, sizeof host);
    hex_release();
}

static void every_size_both_ways(void **state)
{
    for (size_t n = 0; n <= 300; n++) round_trip(n, (uint8_t)(0x84 + n % 2));
    for (size_t n = DATA_MAX - 33; n <= DATA_MAX; n++) round_trip(n, (uint8_t)(0x84 + n % 2));
}

static void places_too_small(void **state)
{
    for (size_t n = 1; n <= 64; n++) {
        struct sm_channel host = channel_at(0), card = host;
        struct apdu plain = {0x00, 0x84, 0, 0, view(exact_space(n)), 0, false, false}, sealed, out;
        buf body = buf_over(exact_space(n + SM_COMMAND_OVERHEAD));
        assert_ok(sm_seal_command(&shared_rig.c, &host, &plain, &body, &sealed));
        size_t whole = (n / 16 + 1) * 16;
        assert_int_equal(sm_open_command(&shared_rig.c, &card, &sealed, exact_space(whole - 1), &out), ST_BAD_LENGTH);
        card = channel_at(0);
        assert_ok(sm_open_command(&shared_rig.c, &card, &sealed, exact_space(whole), &out));
        for (size_t room = n; room < body.n; room++) {
            struct sm_channel ch = channel_at(0);
            buf small = buf_over(exact_space(room));
            assert_int_equal(sm_seal_command(&shared_rig.c, &ch, &plain, &small, &sealed), ST_NO_SPACE);
            buf reply = buf_over(exact_space(room));
            put_bytes(&reply, plain.data);
            status st = sm_seal_response(&shared_rig.c, &ch, &reply, 0x9000);
            assert_true(st == ST_NO_SPACE || (st == ST_OK && room + 4 >= body.n));
        }
        hex_release();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARED_CASE(keys_and_token),
        SHARED_CASE(agreement_wants_its_sizes),
        SHARED_CASE(vector_commands_are_written),
        SHARED_CASE(vector_commands_are_read),
        SHARED_CASE(vector_responses),
        SHARED_CASE(no_flipped_bit_passes),
        SHARED_CASE(no_flipped_bit_of_a_response_passes),
        SHARED_CASE(counter_must_agree),
        SHARED_CASE(counter_carries),
        SHARED_CASE(authentic_objects_are_judged),
        SHARED_CASE(without_a_true_mac),
        SHARED_CASE(responses_need_their_word),
        SHARED_CASE(every_size_both_ways),
        SHARED_CASE(places_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
