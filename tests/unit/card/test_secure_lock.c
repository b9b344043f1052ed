/* SPDX-License-Identifier: Apache-2.0 */
/* The secure lock (apdu.md 3.27, formats.md 13): the host agrees with OpenSSL, the rows of the table, what a locked card
 * still does and what not, and that a PIN without the lock key opens nothing in the flash either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/objects.h"
#include "tests/unit/card/keys_common.h"
#include "tests/unit/card/puks_common.h"

#define KEY_A "A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF"
#define KEY_B "00A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF"
#define SIGN "8068017303616263 00"
#define POINT 65u

static struct rig *card;
static uint8_t host_point[POINT], nonce_and_key[44];

/* ---- the host's end ---- */

/* The card's point is only known after ours was sent, and OpenSSL makes ours with the agreement: the pair is made
 * by the crypto room, the agreement checked against OpenSSL in agreements_are_those_of_openssl. */
static uint8_t host_d[32];

static void agree(void)
{
    uint8_t x[32];
    struct crypto *c = &card->hsm->crypto;
    assert_int_equal(crypto_ec_generate(c, CRYPTO_SECP256R1, SPAN(host_d), SPAN(host_point)), ST_OK);
    struct answer a = rig_command(card, 0x80, 0x64, 0x3A, 1, BYTES(host_point), 256);
    EXPECT_SW(a, 0x9000);
    assert_int_equal(a.data.n, POINT);
    assert_int_equal(crypto_ecdh(c, CRYPTO_SECP256R1, BYTES(host_d), a.data, SPAN(x)), ST_OK);
    oracle_hkdf(BYTES(x), BYTES(host_point), SPAN(nonce_and_key));
}

static struct answer send_sealed(uint8_t function, const char *lock_key)
{
    uint8_t sealed[48];
    bytes both = BYTES(nonce_and_key);
    oracle_chachapoly(bytes_after(both, 12), bytes_first(both, 12), BYTES(host_point), exact(lock_key), SPAN(sealed));
    return rig_command(card, 0x80, 0x64, 0x3A, function, BYTES(sealed), 0);
}

static struct answer use(uint8_t function, const char *lock_key)
{
    agree();
    return send_sealed(function, lock_key);
}

#define ENABLE 2
#define UNLOCK 3
#define DISABLE 4

static void log_in_again(void)
{
    EXPECT_SW(rig_select(card), 0x9000);
    EXPECT_SW(rig_login(card), 0x9000);
}

static void start_again(void)
{
    assert_int_equal(rig_power_cycle(card), ST_OK);
    log_in_again();
}

/* Key 1, and a private file 5. */
static void begin(const char *more)
{
    card = rig_ready(640, more);
    EXPECT_SW(rig_generate_ec(card, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_update(card, 0xCD05, 0, TEXT("private")), 0x9000);
}

static void begin_locked(const char *more)
{
    begin(more);
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
}

static void end(void)
{
    rig_stop(card);
    hex_release();
}

static unsigned options(void)
{
    struct answer a = rig_send(card, "8064060000");
    EXPECT_SW(a, 0x9000);
    return be_get(a.data);
}

/* ---- the life of a lock ---- */

static void lock_unlock_and_disable(void **state)
{
    begin("80020001");
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
    assert_int_equal(options(), 0x0401);
    SEND(card, SIGN, 0x9000); /* the session stays usable */
    log_in_again();
    SEND(card, SIGN, 0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, SIGN, 0x9000);
    start_again();
    assert_int_equal(options(), 0x0401);
    SEND(card, SIGN, 0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, SIGN, 0x9000);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000); /* again does no harm */
    EXPECT_EMPTY(use(DISABLE, KEY_A), 0x9000);
    assert_int_equal(options(), 0x0001);
    SEND(card, SIGN, 0x9000);
    start_again();
    SEND(card, SIGN, 0x9000);
    EXPECT_EMPTY(use(ENABLE, KEY_B), 0x9000); /* another key next time */
    log_in_again();
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x6985);
    EXPECT_EMPTY(use(UNLOCK, KEY_B), 0x9000);
    SEND(card, SIGN, 0x9000);
    end();
}

/* 04 needs no 03 before it. */
static void disabling_in_a_locked_session(void **state)
{
    begin_locked("");
    start_again();
    EXPECT_EMPTY(use(DISABLE, KEY_B), 0x6985);
    SEND(card, SIGN, 0x6982);
    EXPECT_EMPTY(use(DISABLE, KEY_A), 0x9000);
    SEND(card, SIGN, 0x9000);
    start_again();
    SEND(card, SIGN, 0x9000);
    end();
}

/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *why; } locked_rows[] = {
    {SIGN,                                   0x6982, "3.27.2 sign"},
    {"8062018041" "047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC47669978"
     "07775510DB8ED040293D9AC69F7430DBBA7DADE63CE982299E04B79D227873D1" "00", 0x6982, "3.27.2 agree"},
    {"80760122029801",                       0x6982, "3.27.2 derive"},
    {"8072019200",                           0x6A88, "3.27.2 wrap: no DKEK without the root"},
    {"00B1CD0504 54020000 00",               0x6982, "3.27.2 private file"},
    {"00D7CD0607 54020000 530141",           0x6982, "3.27.2 private file"},
    {"80500000128106" RIG_USER_PIN "8208" RIG_SO_PIN, 0x6982, "3.27.2 INITIALIZE"},
    {"8050000000",                           0x9000, "version query"},
    {"00B1CE0104 54020000 00",               0x9000, "public file"},
    {"00D7CF0607 54020000 530141",           0x9000, "public file"},
    {"8058000000",                           0x9000, "LIST"},
    {"805C000000",                           0x9000, "bulk metadata"},
    {"00A4000002CC0100",                     0x9000, "SELECT key"},
    {"0084000008",                           0x9000, "GET CHALLENGE"},
    {"002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000, "the PIN can be changed"},
    {"0020008106313131313131",               0x63C2, "3.27.2 tries count"},
    {"0020008106" RIG_USER_PIN,              0x9000, "VERIFY"},
    {"80640600",                             0x9000, "options"},
    {"806406000103",                         0x9000, "DP-60: the lock bit cannot be cleared so"},
    {SIGN,                                   0x6982, "3.27.2 sign"},
};
/* clang-format on */

static void what_a_locked_card_does(void **state)
{
    begin_locked("80020001");
    start_again();
    for (size_t i = 0; i < COUNT(locked_rows); i++) {
        EXPECT_ROW(rig_send(card, locked_rows[i].hex), locked_rows[i].sw, EXPECT_ANY, locked_rows[i].why);
    }
    EXPECT_SW(rig_generate_ec(card, 9, CRYPTO_SECP256R1, ""), 0x6982);
    EXPECT_SW(rig_generate_ec(card, 1, CRYPTO_SECP256R1, ""), 0x6982);
    assert_int_equal(options(), 0x0701);
    SEND(card, "806406000100", 0x9000);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, SIGN, 0x9000);
    EXPECT_DATA(rig_read(card, 0xCD05, 0, 7), 0x9000, "70726976617465");
    end();
}

/* The SO resets the user's PIN without the lock key, and opens nothing by that. */
static void pins_can_be_managed_while_locked(void **state)
{
    begin_locked("80020021");
    start_again();
    SEND(card, "002C008114" RIG_SO_PIN "313233343536373839303132", 0x9000);
    SEND(card, "002000810C313233343536373839303132", 0x9000);
    SEND(card, SIGN, 0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, SIGN, 0x9000);
    EXPECT_SW(rig_login_so(card), 0x9000);
    SEND(card, "002C028106" RIG_USER_PIN, 0x9000);
    log_in_again();
    SEND(card, SIGN, 0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, SIGN, 0x9000);
    end();
}

static void begin_with_public_key(const char *more)
{
    begin(more);
    install_token(card);
    enrol_users(card, 1);
}

/* A session of the public key alone, after whatever was. */
static void authenticate_anew(void)
{
    EXPECT_SW(rig_select(card), 0x9000);
    authenticate(card, 0);
}

/* Of all that the user could do otherwise. */
static void expect_root(uint16_t sw)
{
    SEND(card, SIGN, sw);
    EXPECT_SW(rig_read(card, 0xCD05, 0, 7), sw);
    EXPECT_SW(rig_update(card, 0xCD06, 0, TEXT("x")), sw);
}

/* With public keys and no option 0010 the PIN is given once a power cycle (OD-9), the lock key every session. */
static void public_keys_do_not_keep_the_lock_open(void **state)
{
    begin_with_public_key("80020001 93020101");
    log_in_again();
    authenticate_anew();
    expect_root(0x9000);
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000); /* nobody has given a PIN in this session */
    expect_root(0x9000);                      /* it stays usable */
    authenticate_anew();
    expect_root(0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_B), 0x6985);
    expect_root(0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000); /* what the PIN opened is still there */
    expect_root(0x9000);
    EXPECT_SW(rig_select(card), 0x9000);
    EXPECT_SW(rig_command(card, 0x80, 0x64, 0x3A, 1, BYTES(host_point), 256), 0x6982); /* nobody's session */
    authenticate_anew();
    expect_root(0x6982);
    EXPECT_EMPTY(use(DISABLE, KEY_A), 0x9000);
    authenticate_anew();
    expect_root(0x9000);
    end();
}

/* Without what the PIN opens, the lock key opens nothing: not after a wrong PIN, not after power on, not for the SO. */
static void public_keys_and_the_lock_key_want_the_pin(void **state)
{
    begin_with_public_key("80020001 93020101");
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
    log_in_again();
    authenticate_anew();
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, "0020008106303030303030", 0x63C2);
    for (unsigned restarted = 0; restarted < 2; restarted++) {
        if (restarted) assert_int_equal(rig_power_cycle(card), ST_OK);
        if (restarted) authenticate_anew();
        expect_root(0x6982);
        EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x6982);
        EXPECT_EMPTY(use(DISABLE, KEY_A), 0x6982);
        expect_root(0x6982);
        EXPECT_SW(rig_login(card), 0x9000);
        expect_root(0x6982); /* unlocked before, but not since */
        EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
        expect_root(0x9000);
    }
    rig_reset(card);
    authenticate_anew();
    EXPECT_SW(rig_login_so(card), 0x9000);
    EXPECT_SW(rig_command(card, 0x80, 0x64, 0x3A, 1, BYTES(host_point), 256), 0x6982);
    expect_root(0x6982);
    end();
}

/* Option 0010: all three, each time. */
static void public_key_and_pin_and_lock_key(void **state)
{
    begin_with_public_key("80020011 93020101");
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
    for (unsigned missing = 0; missing < 4; missing++) {
        bool key = missing != 0, pin = missing != 1, lock_key = missing != 2;
        EXPECT_SW(rig_select(card), 0x9000);
        if (key) authenticate(card, 0);
        if (pin) EXPECT_SW(rig_login(card), 0x9000);
        if (key && pin && lock_key) EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
        else if (lock_key) EXPECT_SW(rig_command(card, 0x80, 0x64, 0x3A, 1, BYTES(host_point), 256), 0x6982);
        expect_root(key && pin && lock_key ? 0x9000 : 0x6982);
    }
    end();
}

/* A session PIN stands for the PIN, not for the lock key. */
static void a_session_pin_does_not_unlock(void **state)
{
    begin_locked("80020004");
    struct answer pin = rig_send(card, "005A018100");
    EXPECT_SW(pin, 0x9000);
    const char *verify = text_of("0020008108%s", hex_of(pin.data));
    EXPECT_SW(rig_select(card), 0x9000);
    SEND(card, verify, 0x9000);
    SEND(card, SIGN, 0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, SIGN, 0x9000);
    end();
}

/* A share that came while the card was locked waits until somebody unlocks it. */
static void shares_wait_for_the_lock_key(void **state)
{
    begin_locked("920101");
    start_again();
    EXPECT_SW(rig_command_hex(card, 0x80, 0x52, 0, 0, KEY_B, 256), 0x9000);
    SEND(card, "8072019200", 0x6A88);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    SEND(card, "80720192000000", 0x9000);
    end();
}

/* INITIALIZE when unlocked: a new root, and no lock. */
static void initialize_ends_the_lock(void **state)
{
    begin_locked("80020001");
    EXPECT_SW(rig_initialise(card, ""), 0x9000);
    assert_int_equal(options(), 0x0001);
    start_again();
    EXPECT_SW(rig_generate_ec(card, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x6985);
    EXPECT_SW(rig_initialise(card, "80020400"), 0x9000); /* the bit cannot be given */
    assert_int_equal(options(), 0x0000);
    end();
}

/* ---- the table ---- */

/* Not one cell changed since `image`: what is refused writes nothing, charges nothing. A login does, so none lies between. */
static void expect_untouched(bytes image)
{
    assert_true(bytes_equal(rig_image(card), image));
}

static void statuses_of_the_agreement(void **state)
{
    begin("");
    bytes image = rig_image(card);
    EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, 1, "", 256), 0x6700);
    EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, 1, counting(64, 4), 256), 0x6700);
    EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, 1, counting(66, 4), 256), 0x6700);
    EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, 1, counting(65, 4), 256), 0x6400); /* not on the curve */
    EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, 1, counting(65, 2), 256), 0x6400); /* not uncompressed */
    agree();
    EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, 1, counting(65, 4), 256), 0x6400);
    EXPECT_EMPTY(send_sealed(ENABLE, KEY_A), 0x6986); /* a bad point ends the agreement before */
    EXPECT_SW(rig_select(card), 0x9000);
    EXPECT_EMPTY(rig_command(card, 0x80, 0x64, 0x3A, 1, BYTES(host_point), 256), 0x6982);
    expect_untouched(image);
    end();
}

static void statuses_of_the_others(void **state)
{
    begin("");
    for (uint8_t function = ENABLE; function <= DISABLE; function++) {
        bytes image = rig_image(card);
        EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, function, "", 0), 0x6700);
        EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, function, counting(47, 0), 0), 0x6700);
        EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, function, counting(49, 0), 0), 0x6700);
        EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, function, counting(48, 0), 0), 0x6986);
        agree();
        EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, function, counting(47, 0), 0), 0x6700);
        EXPECT_EMPTY(rig_command_hex(card, 0x80, 0x64, 0x3A, function, counting(48, 0), 0), 0x6400); /* tag */
        EXPECT_EMPTY(send_sealed(function, KEY_A), 0x6986);                                          /* used up */
        agree();
        EXPECT_SW(rig_select(card), 0x9000);
        EXPECT_EMPTY(send_sealed(function, KEY_A), 0x6982);
        expect_untouched(image);
        EXPECT_SW(rig_login(card), 0x9000);
        image = rig_image(card);
        EXPECT_EMPTY(send_sealed(function, KEY_A), 0x6986); /* 4.1: SELECT ends the agreement */
        expect_untouched(image);
        hex_release();
        rig_forget(card);
    }
    bytes free_card = rig_image(card);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x6985);
    EXPECT_EMPTY(use(DISABLE, KEY_A), 0x6985);
    expect_untouched(free_card);
    assert_int_equal(options() & 0x0400, 0);
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
    bytes locked_card = rig_image(card);
    assert_false(bytes_equal(locked_card, free_card));
    EXPECT_EMPTY(send_sealed(DISABLE, KEY_A), 0x6986); /* once */
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x6985);
    EXPECT_EMPTY(use(ENABLE, KEY_B), 0x6985);
    EXPECT_EMPTY(use(DISABLE, KEY_B), 0x6985); /* nothing changes ... */
    expect_untouched(locked_card);             /* ... on flash ... */
    SEND(card, SIGN, 0x9000);                  /* ... or here */
    log_in_again();
    SEND(card, SIGN, 0x6982);
    locked_card = rig_image(card);
    EXPECT_EMPTY(use(UNLOCK, KEY_B), 0x6985);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000); /* opens what is there */
    expect_untouched(locked_card);
    SEND(card, SIGN, 0x9000);
    end();
}

/* Every bit of the cryptogram, and of the host's point as associated data, counts. */
static void every_bit_counts(void **state)
{
    begin("");
    for (unsigned bit = 0; bit < 48 * 8; bit += 5) {
        uint8_t sealed[48];
        agree();
        bytes both = BYTES(nonce_and_key);
        oracle_chachapoly(bytes_after(both, 12), bytes_first(both, 12), BYTES(host_point), exact(KEY_A), SPAN(sealed));
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        EXPECT_EMPTY(rig_command(card, 0x80, 0x64, 0x3A, ENABLE, BYTES(sealed), 0), 0x6400);
        rig_forget(card);
        hex_release();
    }
    agree();
    host_point[64] ^= 1;
    EXPECT_EMPTY(send_sealed(ENABLE, KEY_A), 0x6400);
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
    end();
}

/* The agreement itself, with a pair that OpenSSL keeps: the card's point first, so that OpenSSL can answer it. */
static void agreements_are_those_of_openssl(void **state)
{
    uint8_t point[POINT], x[32], sum[POINT];
    begin("");
    assert_true(oracle_ecdh(CRYPTO_SECP256R1, device_point(card), SPAN(point), SPAN(x)));
    agree();
    assert_true(oracle_ec_public(CRYPTO_SECP256R1, BYTES(host_d), SPAN(sum)));
    assert_memory_equal(sum, host_point, POINT);
    struct answer a = rig_command(card, 0x80, 0x64, 0x3A, 1, BYTES(point), 256), b;
    EXPECT_SW(a, 0x9000);
    b = rig_command(card, 0x80, 0x64, 0x3A, 1, BYTES(point), 256);
    EXPECT_SW(b, 0x9000);
    assert_false(bytes_equal(a.data, b.data));                              /* ephemeral */
    assert_true(oracle_ecdh(CRYPTO_SECP256R1, a.data, SPAN(sum), SPAN(x))); /* OpenSSL takes it for a point */
    end();
}

/* A wrong lock key costs what a wrong PIN costs. */
static void a_wrong_key_takes_time(void **state)
{
    begin_locked("");
    card->board.profile.pin_rounds_max = card->board.profile.pin_rounds = 5000;
    start_again();
    unsigned before = card->progress.ticks;
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    unsigned right = card->progress.ticks - before;
    log_in_again();
    before = card->progress.ticks;
    EXPECT_EMPTY(use(UNLOCK, KEY_B), 0x6985);
    assert_true(card->progress.ticks - before >= right + 4);
    end();
}

/* ---- in memory and on flash ---- */

static void a_pin_alone_opens_no_root(void **state)
{
    uint8_t root[32];
    begin("");
    memcpy(root, card->hsm->vault.root, sizeof root);
    assert_memory_not_equal(root, card->hsm->vault.base, sizeof root);
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
    assert_memory_equal(root, card->hsm->vault.root, sizeof root); /* nothing was sealed anew */
    log_in_again();
    assert_false(card->hsm->vault.root_open);
    assert_true(card->hsm->vault.base_open);
    assert_true(ct_is_zero(BYTES(card->hsm->vault.root)));
    assert_int_equal(vault_box_open(&card->hsm->vault, NO_BYTES), ST_DATA_NOT_USABLE);
    assert_int_equal(vault_box_open(&card->hsm->vault, BYTES(card->hsm->vault.base)), ST_DATA_NOT_USABLE);
    assert_true(ct_is_zero(BYTES(card->hsm->vault.root)));
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    assert_memory_equal(root, card->hsm->vault.root, sizeof root);
    EXPECT_SW(rig_select(card), 0x9000);
    assert_true(ct_is_zero(BYTES(card->hsm->vault.root)) && ct_is_zero(BYTES(card->hsm->vault.base)));
    end();
}

/* Takes the box away, as in a flash of format 1, whose PINs open the root itself. */
static void make_format_1(void)
{
    struct vault *v = &card->hsm->vault;
    uint8_t birth[64];
    size_t size;
    memcpy(v->base, v->root, sizeof v->base);
    assert_int_equal(vault_begin(v), ST_OK);
    assert_int_equal(pin_put(card->hsm, PIN_USER, exact(RIG_USER_PIN), 3, false), ST_OK);
    assert_int_equal(pin_put(card->hsm, PIN_SO, exact(RIG_SO_PIN), 15, false), ST_OK);
    assert_int_equal(vault_delete(v, OBJECT_ROOT_BOX), ST_OK);
    assert_int_equal(store_size(&card->hsm->store, OBJECT_BIRTH, &size), ST_OK);
    assert_int_equal(store_read(&card->hsm->store, OBJECT_BIRTH, 0, (span){birth, size}), ST_OK);
    birth[5] = 1;
    assert_int_equal(store_put(&card->hsm->store, OBJECT_BIRTH, (bytes){birth, size}, 0), ST_OK);
    assert_int_equal(vault_commit(v, VAULT_BOOKKEEPING), ST_OK);
}

static unsigned format(void)
{
    uint8_t head[6];
    assert_int_equal(store_read(&card->hsm->store, OBJECT_BIRTH, 0, SPAN(head)), ST_OK);
    return head[5];
}

/* It opens and works; a lock on it would be none, so it gets none before INITIALIZE has made it one of today's. */
static void an_older_flash_works_without_a_lock(void **state)
{
    begin("80020001");
    make_format_1();
    start_again();
    SEND(card, SIGN, 0x9000);
    SEND(card, "002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000);
    start_again();
    SEND(card, SIGN, 0x9000);
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x6985);
    assert_int_equal(format(), 1);
    EXPECT_SW(rig_initialise(card, ""), 0x9000);
    assert_int_equal(format(), 2);
    EXPECT_EMPTY(use(ENABLE, KEY_A), 0x9000);
    start_again();
    EXPECT_SW(rig_generate_ec(card, 1, CRYPTO_SECP256R1, ""), 0x6982);
    EXPECT_EMPTY(use(UNLOCK, KEY_A), 0x9000);
    EXPECT_SW(rig_generate_ec(card, 1, CRYPTO_SECP256R1, ""), 0x9000);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(lock_unlock_and_disable),
        CASE(disabling_in_a_locked_session),
        CASE(what_a_locked_card_does),
        CASE(pins_can_be_managed_while_locked),
        CASE(public_keys_do_not_keep_the_lock_open),
        CASE(public_keys_and_the_lock_key_want_the_pin),
        CASE(public_key_and_pin_and_lock_key),
        CASE(a_session_pin_does_not_unlock),
        CASE(shares_wait_for_the_lock_key),
        CASE(initialize_ends_the_lock),
        CASE(statuses_of_the_agreement),
        CASE(statuses_of_the_others),
        CASE(every_bit_counts),
        CASE(agreements_are_those_of_openssl),
        CASE(a_wrong_key_takes_time),
        CASE(a_pin_alone_opens_no_root),
        CASE(an_older_flash_works_without_a_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
