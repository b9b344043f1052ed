/* SPDX-License-Identifier: Apache-2.0 */
/* Public key authentication: PUK AUTH, EXTERNAL AUTHENTICATE, and who is the user then (apdu.md 3.24, 4.1, 4.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/card/puks_common.h"
#include "tests/vectors/crypto/rsa_import.h"

/* Options, then n and m; right after INITIALIZE. */
static struct rig *start(uint64_t seed, const char *more)
{
    struct rig *r = rig_ready(seed, more);
    install_token(r);
    return r;
}

#define STATUS(rig, want) SEND_DATA(rig, "8054000000", 0x9000, want)

/* ---- the conversation of the specification ---- */

static void pka_json_from_end_to_end(void **state)
{
    struct rig *r = rig_ready(721, "93020101");
    install_chain(r, CHAIN);
    STATUS(r, "01010100");
    SEND(r, "002281B612831045535049434F48534D5452544F4B454E", 0x6A88);
    SEND(r, "002281B60F830D58585445535444563030303031", 0x9000);
    EXPECT_SW(verify_certificate(r, exact_copy(bytes_after(exact(PKA_TOKEN_CERTIFICATE), 4))), 0x9000);
    SEND(r, "002281B612831045535049434F48534D5452544F4B454E", 0x9000);
    EXPECT_DATA(send_request(r, 0, 0, exact_copy(bytes_after(exact(PKA_KEY_REQUEST), 4))), 0x9000, "01000100");
    SEND_DATA(r, "8054020000", 0x9000, "45535049434F48534D5452544F4B454E");
    EXPECT_SW(rig_select(r), 0x9000);
    STATUS(r, "01000100");
    SEND(r, "002281A412831045535049434F48534D5452544F4B454E", 0x9000);
    SEND(r, "0084000008", 0x9000);
    span_copy(SPAN(r->hsm->session.challenge), exact(PKA_CHALLENGE)); /* the vector's, in place of the card's own */
    EXPECT_EMPTY(answer_challenge(r, exact(PKA_SIGNATURE)), 0x9000);
    STATUS(r, "01000101");
    SEND_DATA(r, "8054020000", 0x9001, "45535049434F48534D5452544F4B454E");
    SEND(r, "002281A412831045535049434F48534D5452544F4B454E", 0x6985);
    rig_stop(r);
}

/* ---- parameters ---- */

/* clang-format off */
static const struct { uint8_t p1, p2; const char *data; uint16_t sw; const char *answer, *why; } forms[] = {
    {0, 0, "",     0x9000, "02020100", "status"},
    {0, 1, "",     0x6A86, "", "status of a slot"},
    {0, 1, "7F21", 0x6A86, "", "registration in a slot"},
    {1, 0, "7F21", 0x6985, "", "replacing without option 0008"},
    {1, 9, "7F21", 0x6985, "", "replacing without option 0008"},
    {2, 0, "",     0x6A88, "", "empty slot"},
    {2, 1, "",     0x6A88, "", "empty slot"},
    {2, 2, "",     0x6A86, "", "slot beyond n"},
    {2, 8, "",     0x6A86, "", "slot beyond 8"},
    {2, 255, "",   0x6A86, "", "slot beyond 8"},
    {2, 0, "00",   0x6700, "", "query with data"},
    {3, 0, "",     0x6A86, "", "other P1"},
    {3, 0, "7F21", 0x6A86, "", "other P1"},
    {255, 0, "",   0x6A86, "", "other P1"},
    {0, 0, "30",   0x6984, "", "no request"},
    {0, 0, "7F21", 0x6984, "", "no length"},
    {0, 0, "7F2182FFFF00", 0x6984, "", "past the end"},
    {0, 0, CHAIN_DEVICE, 0x6984, "", "a certificate"},
    {0, 0, PKA_KEY_REQUEST "00", 0x6984, "", "something behind"},
};
/* clang-format on */

static void forms_are_judged(void **state)
{
    struct rig *r = start(722, "93020201");
    for (size_t i = 0; i < COUNT(forms); i++) {
        EXPECT_ROW(rig_command_hex(r, 0x80, 0x54, forms[i].p1, forms[i].p2, forms[i].data, 256), forms[i].sw,
                   forms[i].answer, forms[i].why);
    }
    SEND(r, "00820000", 0x6A88); /* no key selected */
    SEND(r, "0082000001AA", 0x6A88);
    SEND(r, "0082000101AA", 0x6A86);
    SEND(r, "0082010001AA", 0x6A86);
    rig_stop(r);
    r = start(723, ""); /* not configured */
    SEND(r, "8054000000", 0x6A86);
    SEND(r, "8054020000", 0x6A86);
    SEND(r, "80540000017F", 0x6A82);
    SEND(r, "0082000001AA", 0x6A88);
    rig_stop(r);
}

/* ---- registration ---- */

/* What is wrong with it; 0: nothing. */
struct flaw {
    const char *what;
    uint16_t sw;
    const char *select; /* MSE B6; NULL: nothing */
    void (*spoil)(struct made *m);
    size_t bend; /* byte from the end, plus one */
};

static void other_outer_car(struct made *m)
{
    m->outer_car = "ESPICOHSMTRABCDE";
}
static void prefix_outer_car(struct made *m)
{
    m->outer_car = "TOKEN0000";
}
static void other_outer_key(struct made *m)
{
    m->outer_signer = TOKEN_KEY + 1;
}
static void inner_by_another(struct made *m)
{
    m->signer = 77;
}
static void inner_without_curve(struct made *m)
{
    m->point_only = true;
}

/* clang-format off */
static const struct flaw flaws[] = {
    {"none",                           0x9000, TOKEN,              NULL,                0},
    {"no key selected",                0x6985, NULL,               NULL,                0},
    {"another key selected",           0x6985, "ESPICOHSMTRABCDE", NULL,                0},
    {"another token named",            0x6985, TOKEN,              other_outer_car,     0},
    {"another token, selected too",    0x6985, "ESPICOHSMTRABCDE", other_outer_car,     0},
    {"a prefix of the token named",    0x6985, TOKEN,              prefix_outer_car,    0},
    {"attested by another (DP-51)",    0x6985, TOKEN,              other_outer_key,     0},
    {"outer signature bent",           0x6985, TOKEN,              NULL,                1},
    {"outer CAR bent",                 0x6985, TOKEN,              NULL,                68},
    {"inner signature bent",           0x6985, TOKEN,              NULL,                90},
    {"inner signature by another key", 0x6985, TOKEN,              inner_by_another,    0},
    {"key without a curve",            0x6985, TOKEN,              inner_without_curve, 0},
};
/* clang-format on */

static void only_attested_keys_are_registered(void **state)
{
    for (size_t i = 0; i < COUNT(flaws); i++) {
        struct rig *r = start(724 + i, "93020201");
        struct made m = user(0);
        if (flaws[i].spoil) flaws[i].spoil(&m);
        bytes request = make_request(crypto_of(r), &m);
        if (flaws[i].bend) request = made_bent(request, flaws[i].bend - 1);
        if (flaws[i].select) EXPECT_SW(mse(r, 0xB6, flaws[i].select), 0x9000);
        EXPECT_ROW(send_request(r, 0, 0, request), flaws[i].sw, EXPECT_ANY, flaws[i].what);
        STATUS(r, flaws[i].sw == 0x9000 ? "02010100" : "02020100");
        rig_stop(r);
    }
}

/* Slots fill up; neither a name nor a key counts twice; the keys survive power, not INITIALIZE. */
static void slots(void **state)
{
    struct rig *r = start(741, "93020302");
    struct made m = user(0), same_name = user(1), same_key = user(0);
    enrol_users(r, 1);
    EXPECT_SW(enrol(r, 0, 0, &m), 0x6A89);
    same_name.chr = m.chr;
    same_key.chr = "OTHER";
    EXPECT_SW(enrol(r, 0, 0, &same_name), 0x6A89);
    EXPECT_SW(enrol(r, 0, 0, &same_key), 0x6A89);
    for (unsigned i = 1; i < 3; i++) {
        m = user(i);
        EXPECT_SW(enrol(r, 0, 0, &m), 0x9000);
    }
    m = user(3);
    EXPECT_SW(enrol(r, 0, 0, &m), 0x6A84);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    STATUS(r, "03000200");
    SEND_DATA(r, "8054020100", 0x9000, "5553455231");
    EXPECT_SW(rig_initialise(r, "93020302"), 0x9000);
    STATUS(r, "03030200");
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    SEND(r, "8054000000", 0x6A86);
    EXPECT_SW(mse(r, 0xA4, "USER0"), 0x6A88);
    rig_stop(r);
}

/* 4.3: the PIN is enough only while nobody could authenticate; the SO always may. */
static void who_may_register(void **state)
{
    struct rig *r = start(742, "80020008 93020302");
    struct made m = user(0), second = user(1), third = user(2);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(enrol(r, 0, 0, &m), 0x6982); /* nobody */
    EXPECT_SW(enrol(r, 1, 0, &m), 0x6982);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_DATA(enrol(r, 0, 0, &m), 0x9000, "03020200");
    EXPECT_DATA(enrol(r, 0, 0, &second), 0x9000, "03010200");
    EXPECT_SW(enrol(r, 0, 0, &third), 0x6982); /* m are there: the PIN alone is not enough now */
    EXPECT_SW(enrol(r, 1, 0, &third), 0x6982);
    authenticate(r, 0);
    EXPECT_SW(enrol(r, 1, 0, &third), 0x6982);
    authenticate(r, 1);
    EXPECT_DATA(enrol(r, 0, 0, &third), 0x9000, "03000202");
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login_so(r), 0x9000);
    m = user(4);
    EXPECT_DATA(enrol(r, 1, 2, &m), 0x9000, "03000200");
    EXPECT_SW(rig_command_hex(r, 0x80, 0x54, 1, 2, "", 256), 0x6700);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x54, 1, 3, "00", 256), 0x6A86);
    SEND_DATA(r, "8054020200", 0x9000, "5553455234");
    rig_stop(r);
}

/* The one who is replaced is not authenticated any more, and not selected either. */
static void replacing_ends_an_authentication(void **state)
{
    struct rig *r = start(743, "80020008 93020101");
    struct made other = user(1);
    enrol_users(r, 1);
    authenticate(r, 0);
    bytes c = challenge(r);
    STATUS(r, "01000101");
    EXPECT_DATA(enrol(r, 1, 0, &other), 0x9000, "01000100");
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, c)), 0x6A88);
    EXPECT_SW(mse(r, 0xA4, "USER0"), 0x6A88);
    authenticate(r, 1);
    rig_stop(r);
}

/* ---- authentication ---- */

static void a_challenge_is_used_once(void **state)
{
    struct rig *r = start(744, "93020201");
    enrol_users(r, 2);
    EXPECT_SW(mse(r, 0xA4, "USER0"), 0x9000);
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, NO_BYTES)), 0x6985); /* none */
    bytes c = challenge(r), good = signed_by(r, 0, c);
    EXPECT_SW(rig_command_hex(r, 0, 0x82, 0, 0, "", 0), 0x6700);
    EXPECT_SW(answer_challenge(r, made_bent(good, 3)), 0x6985);
    EXPECT_SW(answer_challenge(r, good), 0x6985); /* gone with the failure */
    c = challenge(r);
    EXPECT_EMPTY(answer_challenge(r, signed_by(r, 0, c)), 0x9000);
    EXPECT_SW(mse(r, 0xA4, "USER1"), 0x9000);
    EXPECT_SW(answer_challenge(r, signed_by(r, 1, c)), 0x6985); /* gone with the success */
    c = challenge(r);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(mse(r, 0xA4, "USER0"), 0x9000);
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, c)), 0x6985); /* gone with SELECT */
    c = challenge(r);
    challenge(r);
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, c)), 0x6985); /* gone with the next */
    rig_stop(r);
}

/* clang-format off */
static const struct { const char *command; uint32_t size; uint16_t sw; } challenges[] = {
    {"0084000001", 1, 0x6985}, {"0084000007", 7, 0x6985}, {"0084000008", 8, 0x9000}, {"00840000FF", 255, 0x9000},
    {"00840000000100", 256, 0x9000}, {"00840000000101", 257, 0x6985}, {"00840000000400", 1024, 0x6985},
};
/* clang-format on */

/* Short ones can be guessed, long ones have no place; neither leaves an older one pending. */
static void challenges_of_every_size(void **state)
{
    for (size_t i = 0; i < COUNT(challenges); i++) {
        struct rig *r = start(745, "93020101");
        enrol_users(r, 1);
        EXPECT_SW(mse(r, 0xA4, "USER0"), 0x9000);
        bytes older = challenge(r);
        struct answer c = rig_send(r, challenges[i].command);
        assert_int_equal(c.data.n, challenges[i].size);
        EXPECT_ROW(answer_challenge(r, signed_by(r, 0, c.data)), challenges[i].sw, "", challenges[i].command);
        EXPECT_SW(answer_challenge(r, signed_by(r, 0, older)), 0x6985);
        rig_stop(r);
    }
}

/* What is too short or too long for a challenge leaves the one that waits: another program asked for random bytes. */
static void others_do_not_take_a_challenge_away(void **state)
{
    static const char *const others[] = {"0084000007", "00840000000101", "00840000000400", "00840000000401"};
    struct rig *r = start(758, "93020101");
    enrol_users(r, 1);
    EXPECT_SW(mse(r, 0xA4, "USER0"), 0x9000);
    bytes pending = challenge(r);
    for (size_t i = 0; i < COUNT(others); i++) (void)rig_send(r, others[i]);
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, pending)), 0x9000);
    rig_stop(r);
}

/* 84 with P2 = 01 gives bytes for other purposes: no challenge, and the one that waits goes on waiting. */
static void random_bytes_are_no_challenge(void **state)
{
    struct rig *r = start(745, "93020101");
    enrol_users(r, 1);
    EXPECT_SW(mse(r, 0xA4, "USER0"), 0x9000);
    struct answer other = rig_send(r, "0084000108");
    EXPECT_SW(other, 0x9000);
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, other.data)), 0x6985);
    bytes pending = challenge(r);
    EXPECT_SW(rig_send(r, "0084000108"), 0x9000);
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, pending)), 0x9000);
    rig_stop(r);
}

static void signatures_are_exact(void **state)
{
    static const size_t sizes[] = {1, 47, 95, 97, 63, 64};
    struct rig *r = start(746, "93020201");
    enrol_users(r, 2);
    EXPECT_SW(mse(r, 0xA4, "USER1"), 0x9000);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        bytes c = challenge(r), s = signed_by(r, 1, c);
        span cut = exact_space(sizes[i]);
        memset(cut.p, 0, cut.n);
        span_copy(cut, bytes_first(s, sizes[i]));
        EXPECT_SW(answer_challenge(r, view(cut)), 0x6985);
    }
    bytes c = challenge(r);
    EXPECT_SW(answer_challenge(r, signed_by(r, 0, c)), 0x6985); /* somebody else's */
    const bytes only[] = {challenge(r)};
    struct made m = user(1);
    EXPECT_SW(answer_challenge(
                  r, made_signature(crypto_of(r), m.curve, CRYPTO_SHA256, made_private(m.curve, m.key), only, 1)),
              0x6985); /* without the device's name */
    STATUS(r, "02000100");
    rig_stop(r);
}

static void names_are_whole(void **state)
{
    struct rig *r = start(747, "93020101");
    enrol_users(r, 1);
    EXPECT_SW(mse(r, 0xA4, "USER"), 0x6A88);
    EXPECT_SW(mse(r, 0xA4, "USER00"), 0x6A88);
    EXPECT_SW(mse(r, 0xA4, "user0"), 0x6A88);
    EXPECT_SW(mse(r, 0xA4, ""), 0x6A88);
    SEND(r, "0082000001AA", 0x6A88);
    EXPECT_SW(mse(r, 0xA4, "USER0"), 0x9000);
    rig_stop(r);
}

/* ---- RSA ---- */

/* Another card that holds RSA key 1 of the table, and the request that its user brings, attested by the token. */
static struct rig *holder_of(size_t i)
{
    struct rig *r = rig_ready(752, "9A020004");
    const char *d = rsa_import_keys[i].d, *n = rsa_import_keys[i].n;
    const char *components = text_of("%04zX %04zX%s %04zX%s 0004%08X", strlen(n) * 4, strlen(d) / 2, d, strlen(n) / 2,
                                     n, (unsigned)rsa_import_keys[i].e);
    r->link = HSM_LINK_IN_PROCESS;
    EXPECT_SW(rig_command_hex(r, 0x80, 0x5E, 1, 0x05, wrapped(0x81, components), 0), 0x9000);
    return r;
}

static bytes request_of(struct rig *holder)
{
    struct cvc own;
    assert_true(cvc_parse(rig_read(holder, 0xCE01, 0, 65536).data, &own));
    span request = exact_space(own.outer_signed.n + 128);
    buf b = buf_over(request);
    put_bytes(&b, bytes_first(own.outer_signed, own.outer_signed.n - tlv_size(0x42, own.outer_car.n)));
    tlv_put(&b, 0x42, made_text(TOKEN));
    bytes attested = written(&b), d = made_private(CRYPTO_SECP256R1, TOKEN_KEY);
    tlv_put(&b, 0x5F37, made_signature(crypto_of(holder), CRYPTO_SECP256R1, CRYPTO_SHA256, d, &attested, 1));
    assert_false(b.full);
    return exact_copy(written(&b));
}

static bytes signed_by_holder(struct rig *holder, uint8_t algorithm, bytes challenge)
{
    const char *message = text_of("%s%s", PKA_NAME, hex_of(challenge));
    struct answer a = rig_command_hex(holder, 0x80, 0x68, 1, algorithm, message, 65536);
    EXPECT_SW(a, 0x9000);
    return a.data;
}

/* PKCS#1 v1.5 with SHA-256, as the key's OID says, of the modulus' length, and nothing else. */
static void other_rsa_signatures_are_refused(struct rig *r, struct rig *holder)
{
    static const uint8_t others[] = {0x31, 0x32, 0x34, 0x41, 0x43}; /* other hashes, PSS */
    for (size_t i = 0; i < COUNT(others); i++) {
        EXPECT_SW(answer_challenge(r, signed_by_holder(holder, others[i], challenge(r))), 0x6985);
    }
    bytes s = signed_by_holder(holder, 0x33, challenge(r));
    EXPECT_SW(answer_challenge(r, bytes_first(s, s.n - 1)), 0x6985);
    s = signed_by_holder(holder, 0x33, challenge(r));
    EXPECT_SW(answer_challenge(r, exact(text_of("00%s", hex_of(s)))), 0x6985);
    s = signed_by_holder(holder, 0x33, challenge(r));
    EXPECT_SW(answer_challenge(r, made_bent(s, 0)), 0x6985);
}

static void rsa_keys_authenticate(void **state)
{
    for (size_t i = 0; i < COUNT(rsa_import_keys); i++) {
        struct rig *holder = holder_of(i), *r = start(753, "93020101");
        bytes request = request_of(holder);
        struct cvc read;
        assert_true(cvc_parse_request(request, &read));
        const char *name = wrapped(0x83, hex_of(read.chr));
        EXPECT_SW(mse(r, 0xB6, TOKEN), 0x9000);
        EXPECT_SW(send_request(r, 0, 0, made_bent(request, 0)), 0x6985);  /* attestation */
        EXPECT_SW(send_request(r, 0, 0, made_bent(request, 90)), 0x6985); /* the key's own signature */
        EXPECT_DATA(send_request(r, 0, 0, request), 0x9000, "01000100");
        EXPECT_SW(rig_command_hex(r, 0, 0x22, 0x81, 0xA4, name, 0), 0x9000);
        if (i == 0) other_rsa_signatures_are_refused(r, holder);
        EXPECT_ROW(answer_challenge(r, signed_by_holder(holder, 0x33, challenge(r))), 0x9000, "",
                   rsa_import_keys[i].name);
        STATUS(r, "01000101");
        rig_stop(holder);
        rig_stop(r);
    }
}

/* As it is meant to be used: the key is made on another card, whose own certificate is in the chain of this one. */
static void another_card_is_a_users_token(void **state)
{
    struct rig *token = rig_ready(754, ""), *r = rig_ready(755, "93020101");
    bytes of_token = rig_read(token, 0x2F02, 0, 65536).data;
    struct cvc device, request;
    assert_true(cvc_parse(of_token, &device));
    install_chain(r, text_of("%s%s", CHAIN, hex_of(of_token)));
    struct answer made = rig_generate_rsa(token, 1, 1024, 0, "");
    EXPECT_SW(made, 0x9000);
    assert_true(cvc_parse(made.data, &request));
    EXPECT_SW(rig_command_hex(r, 0, 0x22, 0x81, 0xB6, wrapped(0x83, hex_of(device.chr)), 0), 0x9000);
    EXPECT_DATA(send_request(r, 0, 0, made.data), 0x9000, "01000100");
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0, 0x22, 0x81, 0xA4, wrapped(0x83, hex_of(request.chr)), 0), 0x9000);
    EXPECT_EMPTY(answer_challenge(r, signed_by_holder(token, 0x33, challenge(r))), 0x9000);
    STATUS(r, "01000101");
    rig_stop(token);
    rig_stop(r);
}

/* ---- who is the user ---- */

#define SIGN "8068017303616263 00"
#define WRITE "00D7CF0207 54020000 530141"
#define KEY_COMMANDS(rig, want_sign, want_write)                                                                       \
    do {                                                                                                               \
        SEND(rig, SIGN, want_sign);                                                                                    \
        SEND(rig, WRITE, want_write);                                                                                  \
    } while (0)

/* n 3, m 2, option 0010 off: keys give the rights, the PIN opens the vault once (OD-9). */
static void keys_without_pin(void **state)
{
    struct rig *r = start(748, "93020302");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    enrol_users(r, 3);
    EXPECT_SW(rig_select(r), 0x9000);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    authenticate(r, 2);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    authenticate(r, 0); /* DP-25: a challenge does not undo the one before */
    STATUS(r, "03000202");
    KEY_COMMANDS(r, 0x6982, 0x9000); /* the vault is shut since INITIALIZE's session */
    EXPECT_SW(rig_login(r), 0x9000);
    KEY_COMMANDS(r, 0x9000, 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    SEND_DATA(r, "00200081", 0x63C3, ""); /* logged out, but the vault stays open */
    authenticate(r, 1);
    authenticate(r, 2);
    KEY_COMMANDS(r, 0x9000, 0x9000);
    SEND(r, "0020008106303030303030", 0x63C2);
    KEY_COMMANDS(r, 0x6982, 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    rig_reset(r); /* power cycle for the session: the PIN again */
    EXPECT_SW(rig_select(r), 0x9000);
    authenticate(r, 0);
    authenticate(r, 1);
    KEY_COMMANDS(r, 0x6982, 0x9000);
    rig_stop(r);
}

/* A wrong PIN takes away what opens keys, and with it what a stream still has of one; the keys' rights stay. */
static void a_wrong_pin_ends_a_stream(void **state)
{
    struct rig *r = start(757, "93020101");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0, 0x48, 2, 0xB2, "", 0), 0x9000);
    enrol_users(r, 1);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    authenticate(r, 0);
    SEND(r, "807A0251 0B 0609608648016503040131", 0x9000);
    SEND(r, "807A0254 01 00 00", 0x9000);
    SEND(r, "002400810C303030303030" RIG_USER_PIN, 0x63C2);
    SEND(r, "807A0254 01 00 00", 0x6985);
    KEY_COMMANDS(r, 0x6982, 0x9000);
    rig_stop(r);
}

/* n = m = 8, the most there can be, in any order: the eighth makes the user, not the seventh, and none counts twice. */
static void eight_of_eight(void **state)
{
    static const uint8_t order[] = {3, 0, 7, 1, 6, 2, 5, 4};
    struct rig *r = start(756, "93020808");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    enrol_users(r, 8);
    struct made ninth = user(8);
    EXPECT_SW(enrol(r, 0, 0, &ninth), 0x6A84);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    for (unsigned i = 0; i < COUNT(order); i++) {
        KEY_COMMANDS(r, 0x6982, 0x6982);
        authenticate(r, order[i]);
        STATUS(r, text_of("080008%02X", i + 1));
        EXPECT_SW(mse(r, 0xA4, text_of("USER%u", order[i])), 0x6985); /* not twice */
        SEND_DATA(r, text_of("805402%02X00", order[i]), 0x9001, hex_of(made_text(text_of("USER%u", order[i]))));
    }
    KEY_COMMANDS(r, 0x9000, 0x9000);
    rig_stop(r);
}

/* The PIN alone, the SO-PIN alone, and both give nothing; nor does the SO-PIN open the vault for the keys. */
static void pins_without_keys(void **state)
{
    struct rig *r = start(749, "93020101");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    enrol_users(r, 1);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    rig_reset(r);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login_so(r), 0x9000);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    authenticate(r, 0);
    KEY_COMMANDS(r, 0x6982, 0x6982); /* DP-27 */
    EXPECT_SW(rig_select(r), 0x9000);
    authenticate(r, 0);
    KEY_COMMANDS(r, 0x6982, 0x9000); /* SELECT has shut what the SO opened */
    rig_stop(r);
}

/* Option 0010: both, in either order, and again after SELECT. */
static void keys_and_pin(void **state)
{
    struct rig *r = start(750, "80020010 93020201");
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    enrol_users(r, 1);
    EXPECT_SW(rig_select(r), 0x9000);
    authenticate(r, 0);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    EXPECT_SW(rig_login(r), 0x9000);
    KEY_COMMANDS(r, 0x9000, 0x9000);
    SEND(r, "0020008106303030303030", 0x63C2);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    KEY_COMMANDS(r, 0x6982, 0x6982);
    authenticate(r, 0);
    KEY_COMMANDS(r, 0x9000, 0x9000);
    EXPECT_SW(rig_select(r), 0x9000);
    assert_false(r->hsm->vault.root_open);
    rig_stop(r);
}

/* INITIALIZE without user PIN: it does not exist until the SO sets it; keys in the meantime give no key use. */
static void the_so_sets_the_first_pin(void **state)
{
    struct rig *r = rig_start(751);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x50, 0, 0, "80020001 8208" RIG_SO_PIN "93020101", 0), 0x9000);
    install_token(r);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""), 0x9000);
    enrol_users(r, 1);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "00200081", 0x6A88);
    EXPECT_SW(rig_login(r), 0x6A88);
    authenticate(r, 0);
    KEY_COMMANDS(r, 0x6982, 0x9000);
    SEND(r, "002C00810E" RIG_SO_PIN RIG_USER_PIN, 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    KEY_COMMANDS(r, 0x9000, 0x9000);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pka_json_from_end_to_end),
        CASE(forms_are_judged),
        CASE(only_attested_keys_are_registered),
        CASE(slots),
        CASE(who_may_register),
        CASE(replacing_ends_an_authentication),
        CASE(a_challenge_is_used_once),
        CASE(challenges_of_every_size),
        CASE(others_do_not_take_a_challenge_away),
        CASE(random_bytes_are_no_challenge),
        CASE(signatures_are_exact),
        CASE(names_are_whole),
        CASE(rsa_keys_authenticate),
        CASE(another_card_is_a_users_token),
        CASE(keys_without_pin),
        CASE(a_wrong_pin_ends_a_stream),
        CASE(eight_of_eight),
        CASE(pins_without_keys),
        CASE(keys_and_pin),
        CASE(the_so_sets_the_first_pin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
