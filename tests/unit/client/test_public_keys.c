/* SPDX-License-Identifier: Apache-2.0 */
/* The client takes keys to a card and signs in with them (apdu.md 3.21, 3.23, 3.24), in plain and through a channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/card/puks_common.h"
#include "tests/unit/client/client_common.h"

#define IN_PLAIN_AND_SECURED(flag) for (unsigned flag = 0; flag < 2; flag++)

/* ---- the chain: the operator's root is in 2F02, behind the device's own certificate ---- */

static bytes certificate(struct made m)
{
    m.curve = CRYPTO_SECP256R1;
    return make_certificate(&host_crypto, &m);
}

static bytes root(void)
{
    return certificate((struct made){.car = "UTROOT00001", .chr = "UTROOT00001", .key = 40, .role = MAKE_ROLE_CA});
}

static bytes authority(void)
{
    return certificate(
        (struct made){.car = "UTROOT00001", .chr = "UTDV00001", .key = 41, .signer = 40, .role = MAKE_ROLE_DV});
}

static bytes token(void)
{
    return certificate(
        (struct made){.car = "UTDV00001", .chr = TOKEN, .key = TOKEN_KEY, .signer = 41, .role = MAKE_ROLE_DEVICE});
}

static bytes request(unsigned i)
{
    struct made m = user(i);
    return make_request(&host_crypto, &m);
}

/* ---- the card ---- */

static uint8_t device_name[LIMIT_NAME];
static bytes device;

static void again(bool secured)
{
    IS(client_select(&client), ST_OK);
    if (secured) open_channel();
}

/* Only the session of INITIALIZE may write without signatures. */
static void start(const char *more, bool secured)
{
    card = rig_ready(31, more);
    bytes own = rig_read(card, FID_DEVICE_CERTIFICATE, 0, 65536).data;
    install_chain(card, text_of("%s%s", hex_of(own), hex_of(root())));
    connect_client();
    again(secured);
    buf name = BUF(device_name);
    IS(client_device_name(&client, &name), ST_OK);
    device = written(&name);
}

static void start_with_users(const char *more, bool secured, unsigned count)
{
    struct client_pka now;
    start(more, secured);
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
    IS(client_verify_certificate(&client, authority()), ST_OK);
    IS(client_verify_certificate(&client, token()), ST_OK);
    for (unsigned i = 0; i < count; i++) IS(client_register_key(&client, request(i), &now), ST_OK);
}

static void finish(void)
{
    assert_true(line.heard_n + 10000 < sizeof line.heard); /* nothing went unheard */
    end();
    hex_release();
}

static void expect_pka(unsigned total, unsigned missing, unsigned required, unsigned authenticated)
{
    struct client_pka now;
    IS(client_pka_status(&client, &now), ST_OK);
    assert_int_equal(now.total, total);
    assert_int_equal(now.missing, missing);
    assert_int_equal(now.required, required);
    assert_int_equal(now.authenticated, authenticated);
}

static void expect_key(uint8_t slot, const char *name, status want)
{
    bytes data;
    IS(client_key_status(&client, slot, &data), want);
    assert_true(bytes_equal(data, made_text(name)));
}

/* What needs the user. */
static status write_file(void)
{
    bytes none;
    const struct apdu update = {.ins = INS_UPDATE_BINARY_ODD, .p1 = 0xCF, .p2 = 2, .data = exact("54020000 530141")};
    return client_transmit(&client, &update, &none);
}

/* EXTERNAL AUTHENTICATE alone. */
static status answer_alone(bytes signature)
{
    bytes none;
    const struct apdu a = {.ins = INS_EXTERNAL_AUTHENTICATE, .data = signature};
    return client_transmit(&client, &a, &none);
}

/* ---- who signs ---- */

enum hand {
    HAND_RIGHT,
    HAND_BENDS,
    HAND_OF_ANOTHER,
    HAND_LEAVES_OUT_DEVICE,
    HAND_LEAVES_OUT_CHALLENGE,
    HAND_IS_SHORT,
    HAND_IS_EMPTY,
    HAND_IS_LONGEST,
    HAND_IS_TOO_LONG,
    HAND_REFUSES
};

struct signer {
    unsigned user;
    enum hand hand;
    unsigned asked;
    bytes message, right; /* the last one, and what should have been answered */
};

static bytes signature_of(unsigned i, bytes message)
{
    struct made m = user(i);
    return made_signature(&host_crypto, m.curve, CRYPTO_SHA256, made_private(m.curve, m.key), &message, 1);
}

static bytes signature_by(const struct signer *s)
{
    switch (s->hand) {
    case HAND_RIGHT: return s->right;
    case HAND_BENDS: return made_bent(s->right, 3);
    case HAND_OF_ANOTHER: return signature_of(s->user + 2, s->message); /* on the same curve */
    case HAND_LEAVES_OUT_DEVICE: return signature_of(s->user, bytes_after(s->message, device.n));
    case HAND_LEAVES_OUT_CHALLENGE: return signature_of(s->user, bytes_first(s->message, device.n));
    case HAND_IS_SHORT: return bytes_first(s->right, s->right.n - 1);
    case HAND_IS_LONGEST: return view(exact_space(512));
    case HAND_IS_TOO_LONG: return view(exact_space(513));
    case HAND_IS_EMPTY:
    case HAND_REFUSES: break;
    }
    return NO_BYTES;
}

static status sign(void *ctx, bytes message, buf *out)
{
    struct signer *s = ctx;
    s->asked++;
    s->message = exact_copy(message);
    s->right = signature_of(s->user, s->message);
    put_bytes(out, signature_by(s));
    return s->hand == HAND_REFUSES ? ST_NOT_CONFIRMED : ST_OK;
}

static status sign_in_as(struct signer *s, bytes to)
{
    const struct cvc_signer signer = {s, sign};
    return client_authenticate(&client, to, made_text(text_of("USER%u", s->user)), &signer);
}

static status sign_in(unsigned i)
{
    struct signer s = {.user = i};
    return sign_in_as(&s, device);
}

/* ---- the whole way ---- */

static void register_two_of_three(void)
{
    struct client_pka now;
    expect_pka(3, 3, 2, 0);
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
    IS(client_verify_certificate(&client, token()), ST_REFERENCE_UNKNOWN); /* from the top down */
    IS(client_verify_certificate(&client, authority()), ST_OK);
    IS(client_verify_certificate(&client, token()), ST_OK);
    IS(client_register_key(&client, request(0), &now), ST_OK);
    assert_memory_equal(&now, ((uint8_t[]){3, 2, 2, 0}), 4);
    IS(client_register_key(&client, request(2), &now), ST_OK);
    assert_memory_equal(&now, ((uint8_t[]){3, 1, 2, 0}), 4);
    expect_key(0, "USER0", ST_OK);
    expect_key(1, "USER2", ST_OK);
    expect_key(2, "", ST_REFERENCE_UNKNOWN);
    expect_key(3, "", ST_BAD_P1P2);
}

static void two_sign_in(void)
{
    IS(client_verify(&client, PIN_USER, USER_PIN), ST_OK);
    IS(write_file(), ST_NOT_AUTHORIZED);
    IS(sign_in(2), ST_OK);
    expect_pka(3, 1, 2, 1);
    expect_key(0, "USER0", ST_OK);
    expect_key(1, "USER2", ST_PUK_AUTHENTICATED);
    IS(write_file(), ST_NOT_AUTHORIZED);
    struct signer once_more = {.user = 2};
    IS(sign_in_as(&once_more, device), ST_PUK_AUTHENTICATED); /* does not count twice, and needs no signature */
    assert_int_equal(once_more.asked, 0);
    IS(write_file(), ST_NOT_AUTHORIZED);
    IS(sign_in(0), ST_OK);
    expect_pka(3, 1, 2, 2);
    IS(write_file(), ST_OK);
}

static void from_the_chain_to_the_signatures(void **state)
{
    IN_PLAIN_AND_SECURED(secured)
    {
        start("80020001 93020302", secured);
        register_two_of_three();
        again(secured);
        two_sign_in();
        assert_int_equal(was_heard(TEXT("USER2")), !secured);
        again(secured);
        expect_pka(3, 1, 2, 0); /* for one session only */
        IS(write_file(), ST_NOT_AUTHORIZED);
        finish();
    }
}

static void eight_of_eight_in_any_order(void **state)
{
    static const uint8_t order[] = {3, 0, 7, 1, 6, 2, 5, 4};
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("93020808", secured, 8);
        again(secured);
        for (unsigned i = 0; i < COUNT(order); i++) {
            IS(write_file(), ST_NOT_AUTHORIZED);
            IS(sign_in(order[i]), ST_OK);
            expect_pka(8, 0, 8, i + 1);
        }
        IS(write_file(), ST_OK);
        finish();
    }
}

/* ---- signatures that are refused ---- */

/* clang-format off */
static const struct { enum hand hand; status want; unsigned commands; } hands[] = {
    {HAND_BENDS,                ST_CONDITIONS,    3}, /* key, challenge, answer */
    {HAND_OF_ANOTHER,           ST_CONDITIONS,    3},
    {HAND_LEAVES_OUT_DEVICE,    ST_CONDITIONS,    3},
    {HAND_LEAVES_OUT_CHALLENGE, ST_CONDITIONS,    3},
    {HAND_IS_SHORT,             ST_CONDITIONS,    3},
    {HAND_IS_EMPTY,             ST_BAD_LENGTH,    3},
    {HAND_IS_LONGEST,           ST_CONDITIONS,    3},
    {HAND_IS_TOO_LONG,          ST_BAD_LENGTH,    2},
    {HAND_REFUSES,              ST_NOT_CONFIRMED, 2},
};
/* clang-format on */

static void wrong_signatures_are_refused(void **state)
{
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("93020101", secured, 1);
        again(secured);
        for (size_t i = 0; i < COUNT(hands); i++) {
            struct signer s = {.user = 0, .hand = hands[i].hand};
            unsigned before = line.commands;
            status st = sign_in_as(&s, device);
            if (st != hands[i].want) print_error("row %zu\n", i);
            IS(st, hands[i].want);
            assert_int_equal(line.commands - before, hands[i].commands);
            assert_int_equal(s.asked, 1);
            expect_pka(1, 0, 1, 0);
        }
        IS(write_file(), ST_NOT_AUTHORIZED);
        IS(sign_in(0), ST_OK);
        IS(write_file(), ST_OK);
        finish();
    }
}

/* What was signed for another card is nothing here: whoever hands it on gains nothing. */
static void signatures_for_another_card_are_refused(void **state)
{
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("93020101", secured, 1);
        struct signer s = {.user = 0};
        IS(sign_in_as(&s, TEXT("UTOTHER00001")), ST_CONDITIONS);
        assert_true(bytes_equal(bytes_first(s.message, 12), TEXT("UTOTHER00001")));
        IS(sign_in_as(&s, bytes_first(device, device.n - 1)), ST_CONDITIONS);
        assert_int_equal(s.asked, 2);
        expect_pka(1, 0, 1, 0);
        finish();
    }
}

static void names_that_are_none(void **state)
{
    struct signer s = {.user = 0};
    const struct cvc_signer signer = {&s, sign};
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("93020101", secured, 1);
        IS(client_authenticate(&client, device, TEXT("USER"), &signer), ST_REFERENCE_UNKNOWN);
        IS(client_authenticate(&client, device, TEXT("USER00"), &signer), ST_REFERENCE_UNKNOWN);
        unsigned before = line.commands;
        IS(client_authenticate(&client, device, NO_BYTES, &signer), ST_BAD_LENGTH);
        IS(client_authenticate(&client, device, TEXT("U"), &signer), ST_BAD_LENGTH); /* would keep an older choice */
        IS(client_authenticate(&client, device, TEXT("USER0000000000000"), &signer), ST_BAD_LENGTH);
        IS(client_authenticate(&client, NO_BYTES, TEXT("USER0"), &signer), ST_BAD_LENGTH);
        IS(client_authenticate(&client, TEXT("UTDEVICE000000001"), TEXT("USER0"), &signer), ST_BAD_LENGTH);
        assert_int_equal(line.commands, before);
        assert_int_equal(s.asked, 0);
        finish();
    }
}

/* One challenge, one answer. */
static void without_a_challenge_nothing_counts(void **state)
{
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("93020202", secured, 2);
        again(secured);
        IS(answer_alone(signature_of(0, device)), ST_REFERENCE_UNKNOWN); /* no key selected either */
        struct signer s = {.user = 0, .hand = HAND_BENDS};
        IS(sign_in_as(&s, device), ST_CONDITIONS);
        IS(answer_alone(s.right), ST_CONDITIONS); /* the challenge went with the wrong answer */
        expect_pka(2, 0, 2, 0);
        IS(sign_in(0), ST_OK);
        s = (struct signer){.user = 1, .hand = HAND_BENDS};
        IS(sign_in_as(&s, device), ST_CONDITIONS);
        IS(answer_alone(s.right), ST_CONDITIONS);
        expect_pka(2, 0, 2, 1);
        finish();
    }
}

static void every_challenge_is_another(void **state)
{
    start_with_users("93020101", true, 1);
    struct signer one = {.user = 0, .hand = HAND_BENDS}, two = one;
    IS(sign_in_as(&one, device), ST_CONDITIONS);
    IS(sign_in_as(&two, device), ST_CONDITIONS);
    assert_int_equal(one.message.n, device.n + 32);
    assert_int_equal(two.message.n, device.n + 32);
    assert_false(bytes_equal(one.message, two.message));
    finish();
}

/* ---- certificates ---- */

static void certificates_are_judged(void **state)
{
    const struct made by_nobody = {.car = "UTNOBODY1", .chr = "UTDV00002", .key = 42, .role = MAKE_ROLE_DV};
    const struct made without_issuer = {.chr = "UTDV00004", .key = 45, .role = MAKE_ROLE_DV};
    const struct made by_token = {
        .car = TOKEN, .chr = "UTDV00003", .key = 43, .signer = TOKEN_KEY, .role = MAKE_ROLE_DEVICE};
    IN_PLAIN_AND_SECURED(secured)
    {
        start("93020101", secured);
        IS(client_verify_certificate(&client, made_bent(authority(), 0)), ST_CONDITIONS);
        IS(client_verify_certificate(&client, certificate(by_nobody)), ST_REFERENCE_UNKNOWN);
        IS(client_verify_certificate(&client, authority()), ST_OK);
        bytes bare;
        assert_true(tlv_find(token(), 0x7F21, &bare));
        IS(client_verify_certificate(&client, exact_copy(bare)), ST_OK);
        IS(client_verify_certificate(&client, certificate(by_token)), ST_CONDITIONS); /* not its role */
        unsigned before = line.commands;
        IS(client_verify_certificate(&client, certificate(without_issuer)), ST_BAD_LENGTH);
        IS(client_verify_certificate(&client, NO_BYTES), ST_BAD_DATA);
        IS(client_verify_certificate(&client, exact("7F2100")), ST_BAD_DATA);
        IS(client_verify_certificate(&client, bytes_first(token(), 300)), ST_BAD_DATA);
        IS(client_verify_certificate(&client, exact(wrapped(0x67, hex_of(request(0))))), ST_BAD_DATA);
        assert_int_equal(line.commands, before);
        again(secured);
        IS(client_verify_certificate(&client, token()),
           ST_REFERENCE_UNKNOWN); /* nobody was logged in: it was a guest */
        finish();
    }
}

/* ---- registration ---- */

static bytes request_attested_by(unsigned i, const char *name, uint8_t key)
{
    struct made m = user(i);
    m.outer_car = name;
    m.outer_signer = key;
    return make_request(&host_crypto, &m);
}

static void requests_are_judged(void **state)
{
    struct client_pka now;
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("93020201", secured, 0);
        IS(client_register_key(&client, request_attested_by(0, "UTNOBODY1", 44), &now), ST_REFERENCE_UNKNOWN);
        IS(client_register_key(&client, request_attested_by(0, TOKEN, 44), &now), ST_CONDITIONS);
        IS(client_register_key(&client, made_bent(request(0), 90), &now), ST_CONDITIONS);
        unsigned before = line.commands;
        IS(client_register_key(&client, NO_BYTES, &now), ST_BAD_DATA);
        IS(client_register_key(&client, token(), &now), ST_BAD_DATA);
        IS(client_register_key(&client, bytes_first(request(0), 300), &now), ST_BAD_DATA);
        assert_int_equal(line.commands, before);
        expect_pka(2, 2, 1, 0);
        bytes content = request(0), whole = exact(wrapped(0x67, hex_of(content)));
        IS(client_register_key(&client, whole, &now), ST_OK);
        assert_int_equal(was_heard(content), !secured);
        assert_false(was_heard(whole));                                        /* the content alone is sent */
        IS(client_register_key(&client, request(1), &now), ST_NOT_AUTHORIZED); /* now the PIN is not enough */
        IS(sign_in(0), ST_OK);
        IS(client_register_key(&client, request(0), &now), ST_EXISTS);
        IS(client_register_key(&client, request(1), &now), ST_OK);
        assert_memory_equal(&now, ((uint8_t[]){2, 0, 1, 1}), 4);
        IS(client_register_key(&client, request(2), &now), ST_NO_SPACE);
        IS(client_replace_key(&client, 1, request(2), &now), ST_CONDITIONS); /* option 0008 is off */
        finish();
    }
}

static void a_key_is_replaced(void **state)
{
    struct client_pka now;
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("80020008 93020201", secured, 1);
        IS(sign_in(0), ST_OK);
        IS(client_replace_key(&client, 2, request(1), &now), ST_BAD_P1P2);
        IS(client_replace_key(&client, 0, made_bent(request(1), 0), &now), ST_CONDITIONS);
        IS(client_replace_key(&client, 0, token(), &now), ST_BAD_DATA);
        expect_key(0, "USER0", ST_PUK_AUTHENTICATED);
        IS(client_replace_key(&client, 0, request(1), &now), ST_OK);
        assert_memory_equal(&now, ((uint8_t[]){2, 1, 1, 0}), 4);
        expect_key(0, "USER1", ST_OK);
        IS(sign_in(0), ST_REFERENCE_UNKNOWN);
        IS(sign_in(1), ST_OK);
        finish();
    }
}

static void cards_without_it(void **state)
{
    struct client_pka now;
    IN_PLAIN_AND_SECURED(secured)
    {
        start_with_users("", secured, 0);
        IS(client_pka_status(&client, &now), ST_BAD_P1P2);
        expect_key(0, "", ST_BAD_P1P2);
        IS(client_register_key(&client, request(0), &now), ST_NOT_FOUND);
        IS(sign_in(0), ST_REFERENCE_UNKNOWN);
        finish();
    }
}

/* ---- somebody on the line ---- */

static void answers_of_another_length(void **state)
{
    static const char *const answers[] = {"9000", "010203 9000", "0102030405 9000"};
    struct client_pka now;
    start("93020101", false);
    for (size_t i = 0; i < COUNT(answers); i++) {
        line.answers = answers[i];
        IS(client_pka_status(&client, &now), ST_BAD_LENGTH);
    }
    buf name = BUF(device_name), small = {device_name, 0, device.n - 1, false};
    line.answers = "7F21009000";
    IS(client_device_name(&client, &name), ST_BAD_DATA);
    line.answers = NULL;
    IS(client_device_name(&client, &small), ST_BAD_LENGTH);
    finish();
}

/* Each of the three commands of signing in: key, challenge, answer. */
static void changed_bits_end_the_signing(void **state)
{
    start_with_users("93020101", true, 1);
    for (unsigned at = 1; at <= 3; at++) {
        again(true);
        line.flip_at = line.commands + at;
        line.flip_bit = 8 * 4;
        struct signer s = {.user = 0};
        IS(sign_in_as(&s, device), ST_SM_WRONG);
        assert_int_equal(s.asked, at == 3);
        IS(sign_in_as(&s, device), ST_SM_WRONG); /* and nothing leaves in plain */
        assert_int_equal(line.commands, line.flip_at);
    }
    assert_false(was_heard(TEXT("USER0")));
    again(true);
    IS(sign_in(0), ST_OK);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(from_the_chain_to_the_signatures),
        CASE(eight_of_eight_in_any_order),
        CASE(wrong_signatures_are_refused),
        CASE(signatures_for_another_card_are_refused),
        CASE(names_that_are_none),
        CASE(without_a_challenge_nothing_counts),
        CASE(every_challenge_is_another),
        CASE(certificates_are_judged),
        CASE(requests_are_judged),
        CASE(a_key_is_replaced),
        CASE(cards_without_it),
        CASE(answers_of_another_length),
        CASE(changed_bits_end_the_signing),
    };
    return cmocka_run_group_tests(tests, start_host, stop_host);
}
