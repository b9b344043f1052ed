/* SPDX-License-Identifier: Apache-2.0 */
/* The client talks to a card in the same process, over a line that listens, changes bits, answers itself or breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/client/client_common.h"

#define POINT_G                                                                                                        \
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"                                               \
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"

/* ---- both ways, plain and protected ---- */

static void talk(void)
{
    uint8_t tries, random[1024] = {0};
    bytes data;
    IS(client_pin_status(&client, PIN_USER, &tries), ST_PIN_WRONG);
    assert_int_equal(tries, 3);
    IS(client_verify(&client, PIN_USER, TEXT("000000")), ST_PIN_WRONG);
    assert_int_equal(client.word, 0x63C2);
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
    IS(client_pin_status(&client, PIN_USER, &tries), ST_OK);
    IS(client_change_pin(&client, PIN_USER, USER_PIN, TEXT("13579024")), ST_OK);
    IS(client_reset_user_pin(&client, SO_PIN, USER_PIN), ST_OK);
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
    IS(client_challenge(&client, SPAN(random)), ST_OK);
    assert_false(ct_is_zero(bytes_after(BYTES(random), 1000)));
    IS(client_read(&client, 0x2F1E, 0, 256, &data), ST_OK);
    assert_int_equal(data.n, 2);
    IS(client_read(&client, 0xCF09, 0, 256, &data), ST_NOT_FOUND);
    assert_int_equal(data.n, 0);
    IS(client_verify(&client, PIN_USER, NO_BYTES), ST_BAD_LENGTH);
    IS(client_challenge(&client, (span){random, 0}), ST_BAD_LENGTH);
    IS(client_change_pin(&client, PIN_USER, BYTES(random), USER_PIN), ST_BAD_LENGTH);
}

static void talks_in_plain(void **state)
{
    begin("80020001");
    talk();
    assert_true(was_heard(USER_PIN) && was_heard(SO_PIN));
    end();
}

static void talks_through_a_channel(void **state)
{
    begin("80020001");
    open_channel();
    talk();
    assert_false(was_heard(USER_PIN) || was_heard(SO_PIN) || was_heard(TEXT("13579024")));
    IS(client_select(&client), ST_OK); /* logs out, and goes on in plain */
    uint8_t tries;
    IS(client_pin_status(&client, PIN_USER, &tries), ST_PIN_WRONG);
    end();
}

static void channel_is_closed_and_opened_again(void **state)
{
    uint8_t tries;
    begin("80020001");
    for (unsigned i = 0; i < 3; i++) {
        open_channel();
        IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
        if (i == 1) client_close_channel(&client);
        IS(client_pin_status(&client, PIN_USER, &tries), ST_OK);
    }
    end();
}

static void policy_wants_the_channel(void **state)
{
    begin("80020001 9A020002");
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_SM_MISSING);
    open_channel();
    talk();
    end();
}

static const char *ec_template(void)
{
    return "7F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF";
}

/* More than a short Le: the card makes parts, which the client fetches. */
static void long_answers_in_parts(void **state)
{
    for (unsigned secured = 0; secured < 2; secured++) {
        begin("80020001");
        if (secured) open_channel();
        IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
        const struct apdu generate = {
            .ins = INS_GENERATE_KEY_PAIR, .p1 = 1, .data = exact(ec_template()), .ne = 256, .has_le = true};
        bytes data;
        line.longest = 0;
        IS(client_transmit(&client, &generate, &data), ST_OK);
        assert_true(data.n > 300 && data.p[0] == 0x67);
        assert_int_equal(line.longest, 258);
        bytes copy = exact_copy(data);
        IS(client_read(&client, 0xCE01, 0, 4096, &data), ST_OK);
        assert_true(bytes_equal(copy, data));
        end();
    }
}

static void longest_commands_and_answers(void **state)
{
    span content = exact_space(4096);
    for (size_t i = 8; i < content.n; i++) content.p[i] = (uint8_t)(i * 3);
    static const uint8_t head[] = {0x54, 0x02, 0x00, 0x00, 0x53, 0x82, 0x0F, 0xF8};
    memcpy(content.p, head, sizeof head);
    for (unsigned secured = 0; secured < 2; secured++) {
        begin("80020001");
        bytes all = exact_copy(view(content)), data;
        if (secured) open_channel();
        IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
        struct apdu update = {.ins = INS_UPDATE_BINARY_ODD, .p1 = 0xCF, .p2 = 1, .data = all};
        IS(client_transmit(&client, &update, &data), ST_OK);
        IS(client_read(&client, 0xCF01, 0, 65536, &data), ST_OK);
        assert_true(bytes_equal(data, bytes_after(all, 8)));
        update.data = view(exact_space(4097));
        IS(client_transmit(&client, &update, &data), ST_BAD_LENGTH);
        uint8_t tries;
        IS(client_pin_status(&client, PIN_USER, &tries), ST_OK); /* nothing was sent: the channel is fine */
        end();
    }
}

/* ---- somebody on the line ---- */

/* Once broken, nothing leaves before the program has decided to begin anew. */
static void expect_broken(void)
{
    unsigned before = line.commands;
    uint8_t tries;
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_SM_WRONG);
    IS(client_pin_status(&client, PIN_USER, &tries), ST_SM_WRONG);
    assert_int_equal(line.commands, before);
    line.flip_at = 0;
    IS(client_select(&client), ST_OK);
    open_channel();
}

static void changed_bits_break_the_channel(void **state)
{
    for (unsigned commands = 0; commands < 2; commands++) {
        begin("80020001");
        open_channel();
        for (size_t bit = 0; bit < 8 * 18; bit++) { /* 99, 8E and the status word; or header, objects and Le */
            if (commands && bit / 8 >= 4) break;
            line.flip_commands = commands;
            line.flip_at = line.commands + 1;
            line.flip_bit = bit;
            status st = client_verify(&client, PIN_USER, USER_PIN);
            if (st == ST_OK) print_error("%u: bit %zu\n", commands, bit);
            assert_true(st == ST_SM_WRONG || st == ST_BAD_LENGTH);
            expect_broken();
            hex_release();
        }
        assert_false(was_heard(USER_PIN));
        end();
    }
}

static void others_answers_are_not_believed(void **state)
{
    static const struct {
        const char *answer;
        status plain, inside;
    } rows[] = {
        {"9000", ST_OK, ST_SM_WRONG},
        {"6982", ST_NOT_AUTHORIZED, ST_SM_WRONG},
        {"6988", ST_SM_WRONG, ST_SM_WRONG},
        {"63C0", ST_PIN_WRONG, ST_SM_WRONG},
        {"990290009000", ST_OK, ST_SM_WRONG},
        {"99029000 8E08 0000000000000000 9000", ST_OK, ST_SM_WRONG},
        {"", ST_BAD_LENGTH, ST_BAD_LENGTH},
        {"90", ST_BAD_LENGTH, ST_BAD_LENGTH},
        {"6100", ST_BAD_LENGTH, ST_BAD_LENGTH},
        {"6FFE", ST_INTERNAL, ST_SM_WRONG},
        {"00 61FF", ST_BAD_LENGTH, ST_BAD_LENGTH}, /* a byte at a time, for ever */
    };
    for (unsigned secured = 0; secured < 2; secured++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            begin("80020001");
            if (secured) open_channel();
            line.answers = rows[i].answer;
            status st = client_verify(&client, PIN_USER, USER_PIN);
            if (st != (secured ? rows[i].inside : rows[i].plain)) print_error("%s\n", rows[i].answer);
            IS(st, secured ? rows[i].inside : rows[i].plain);
            line.answers = NULL;
            if (secured) expect_broken();
            end();
            hex_release();
        }
    }
}

static void cut_lines(void **state)
{
    begin("80020001");
    line.fails = ST_EXECUTION;
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_EXECUTION);
    line.fails = ST_OK;
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
    open_channel();
    line.fails = ST_EXECUTION;
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_EXECUTION);
    line.fails = ST_OK;
    expect_broken();
    end();
}

/* Whoever has another key than the one expected gets no channel, and no PIN. */
static void another_card_is_noticed(void **state)
{
    begin("80020001");
    IS(client_open_channel(&client, exact(POINT_G)), ST_SM_WRONG);
    IS(client_open_channel(&client, bytes_first(exact(POINT_G), 64)), ST_DATA_NOT_USABLE);
    IS(client_open_channel(&client, view(exact_space(65))), ST_DATA_NOT_USABLE);
    for (size_t bit = 8 * 4; bit < 8 * 22; bit++) { /* nonce and token */
        uint8_t point[SM_POINT_SIZE];
        IS(client_device_point(&client, SPAN(point)), ST_OK);
        line.flip_at = line.commands + 2;
        line.flip_bit = bit;
        IS(client_open_channel(&client, BYTES(point)), ST_SM_WRONG);
        line.flip_at = 0;
        hex_release();
    }
    client_open(&client, &transport, NULL);
    IS(client_open_channel(&client, exact(POINT_G)), ST_CONDITIONS);
    line.answers = "30009000";
    uint8_t point[SM_POINT_SIZE];
    IS(client_device_point(&client, SPAN(point)), ST_BAD_DATA);
    IS(client_open_channel(&client, exact(POINT_G)), ST_CONDITIONS);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(talks_in_plain),
        CASE(talks_through_a_channel),
        CASE(channel_is_closed_and_opened_again),
        CASE(policy_wants_the_channel),
        CASE(long_answers_in_parts),
        CASE(longest_commands_and_answers),
        CASE(changed_bits_break_the_channel),
        CASE(others_answers_are_not_believed),
        CASE(cut_lines),
        CASE(another_card_is_noticed),
    };
    return cmocka_run_group_tests(tests, start_host, stop_host);
}
