/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware that measures the card's work on its chip: the same libraries, settings and places in memory as the image we
 * ship, without USB and without its timer. What it does is told on the serial port (UART0, pin 0, 115200 baud):
 *
 *   01 ... 03 ... 02 NAME MICROSECONDS LF          NAME-SIZE for rows of so many bytes
 *
 * 01 and 02 enclose the work, 03 comes from its progress function. Who listens, notes the cycle counter at those bytes
 * (emulated.c, rp2040js/run.mjs); on a real board the microseconds must do. After the line `end` RSA-2048 keys are
 * made until the power is cut. A line `failed NAME` is the last one. */
#include "bench/chip/rsa_keys.h"
#include "boards/rp2/chip.h"
#include "boards/rp2/flash_nor.h"
#include "boards/rp2/noise.h"
#include "boards/rp2/otp_secret.h"
#include "boards/rp2/profile.h"
#include "card/hsm.h"
#include "crypto/internal.h"
#include "wire/apdu.h"
#include "wire/tlv.h"

#include <hardware/gpio.h>
#include <hardware/timer.h>
#include <hardware/uart.h>

#include <wolfssl/wolfcrypt/ecc.h>

#define STORE_SIZE (1024u * 1024u)
#define VALUE_SIZE 256u
#define VALUES_MIN 3000u /* a full store has more */
#define TEXT_MAX 4096u

enum mark { MARK_BEGIN = 1, MARK_END, MARK_TICK };

struct bench {
    _Alignas(16) uint8_t pool[CRYPTO_POOL_SIZE];
    struct chip chip;
    struct flash_nor flash;
    struct entropy noise;
    struct device_secret secret;
    struct presence presence;
    struct led led;
    struct progress progress;
    struct hsm_board board;
    struct hsm hsm;
    struct crypto crypto;
    struct store store;
    struct store_slot slots[PROFILE_SLOTS];
    uint8_t in[CRYPTO_RSA_MAX], out[1024], parts[CRYPTO_RSA_PARTS_MAX];
    uint8_t text[TEXT_MAX + CRYPTO_TAG_MAX], apdu[TEXT_MAX + APDU_OVERHEAD];
    uint32_t ticks_left; /* before RSA generation is given up; 0: never */
    uint64_t began_us, took_us;
};

/* ---- saying ---- */

static void say(const char *text)
{
    uart_puts(uart0, text);
}

static void say_number(uint64_t n)
{
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0 && at > 0);
    say(digits + at);
}

static void begin(struct bench *b)
{
    uart_tx_wait_blocking(uart0);
    b->began_us = time_us_64();
    uart_putc_raw(uart0, MARK_BEGIN);
}

static void end(struct bench *b)
{
    uart_putc_raw(uart0, MARK_END);
    b->took_us = time_us_64() - b->began_us;
}

static bool on_progress(void *ctx)
{
    struct bench *b = ctx;
    uart_putc_raw(uart0, MARK_TICK);
    return b->ticks_left == 0 || --b->ticks_left > 0;
}

/* ---- RSA ---- */

static status rsa_private_of(struct bench *b, uint32_t bits)
{
    bytes parts = bits == 2048 ? BYTES(rsa_2048_parts) : BYTES(rsa_4096_parts);
    struct crypto_rsa key = crypto_rsa_view(parts, 65537);
    bytes in = {b->in, key.n.n};
    span out = {b->out, key.n.n};
    b->in[0] = 0; /* less than n */
    begin(b);
    TRY(crypto_rsa_private(&b->crypto, &key, in, out));
    end(b);
    return ST_OK;
}

static status rsa_generate(struct bench *b, uint32_t bits)
{
    span parts = {b->parts, CRYPTO_RSA_PARTS_SIZE(bits)};
    bool whole = b->ticks_left == 0;
    begin(b);
    status st = crypto_rsa_generate(&b->crypto, bits, 65537, &b->progress, parts);
    end(b);
    return st == ST_EXECUTION && !whole ? ST_OK : st;
}

/* The sieve, up to the first mark of progress, and three tests, of which one may go on because it has met a prime. */
static status rsa_search(struct bench *b, uint32_t bits)
{
    b->ticks_left = 4;
    return rsa_generate(b, bits);
}

/* One Miller-Rabin round to a random base, but for the comparisons; it takes the same time for every number. */
static status rsa_round(struct bench *b, uint32_t bits)
{
    bytes modulus = bits == 2048 ? BYTES(rsa_2048_parts) : BYTES(rsa_4096_parts);
    bytes prime = {modulus.p + bits / 8, bits / 16};
    crypto_enter(&b->crypto);
    mp_int *p = pool_number_from(&b->crypto, prime), *e = pool_number_from(&b->crypto, prime);
    mp_int *base = pool_number_from(&b->crypto, (bytes){b->in, prime.n}), *x = pool_number(&b->crypto);
    if (!p || !e || !base || !x) return ST_NO_SPACE;
    TRY(wolf(mp_div_2d(e, 1, e, NULL)));
    begin(b);
    TRY(wolf(mp_exptmod(base, e, p, x)));
    end(b);
    return crypto_leave(&b->crypto, ST_OK);
}

/* ---- elliptic curves ---- */

/* What SIGN does: public key, nonce, signature, verification. */
static status ecdsa(struct bench *b, uint32_t curve)
{
    size_t n = crypto_curve_params((enum crypto_curve)curve)->field_size;
    span d = {b->out, n}, point = {b->parts, 1 + 2 * n}, rs = {b->parts, 2 * n};
    TRY(crypto_ec_generate(&b->crypto, (enum crypto_curve)curve, d, point));
    begin(b);
    TRY(crypto_ecdsa_sign(&b->crypto, (enum crypto_curve)curve, view(d), (bytes){b->in, 32}, rs));
    end(b);
    return ST_OK;
}

/* The library's signature alone. */
static status ecdsa_alone(struct bench *b, uint32_t curve)
{
    crypto_enter(&b->crypto);
    ecc_key *key = pool_take(&b->crypto, sizeof *key);
    WC_RNG *rng = pool_take(&b->crypto, sizeof *rng);
    mp_int *r = pool_number(&b->crypto), *s = pool_number(&b->crypto);
    if (!key || !rng || !r || !s) return ST_NO_SPACE;
    TRY(wolf(wc_ecc_init(key)));
    TRY(wolf(wc_InitRng(rng)));
    TRY(wolf(wc_ecc_set_rng(key, rng)));
    TRY(wolf(wc_ecc_make_key_ex(rng, 0, key, crypto_wolf_curve((enum crypto_curve)curve))));
    begin(b);
    TRY(wolf(wc_ecc_sign_hash_ex(b->in, 32, rng, key, r, s)));
    end(b);
    return crypto_leave(&b->crypto, ST_OK);
}

static status ecdh(struct bench *b, uint32_t curve)
{
    size_t n = crypto_curve_params((enum crypto_curve)curve)->field_size;
    span d = {b->out, n}, point = {b->parts, 1 + 2 * n}, x = {b->out + 128, n};
    TRY(crypto_ec_generate(&b->crypto, (enum crypto_curve)curve, d, point));
    begin(b);
    TRY(crypto_ecdh(&b->crypto, (enum crypto_curve)curve, view(d), view(point), x));
    end(b);
    return ST_OK;
}

/* What SIGN does: public key, signature, verification. */
static status eddsa(struct bench *b, uint32_t okp)
{
    size_t n = crypto_okp_params((enum crypto_okp)okp)->key_size;
    span d = {b->out, n}, q = {b->parts, n}, signature = {b->parts, 2 * n};
    struct crypto_eddsa_input input = {.message = {b->in, 32}};
    TRY(crypto_okp_generate(&b->crypto, (enum crypto_okp)okp, d, q));
    begin(b);
    TRY(crypto_eddsa_sign(&b->crypto, (enum crypto_okp)okp, view(d), &input, signature));
    end(b);
    return ST_OK;
}

static status agree(struct bench *b, uint32_t okp)
{
    size_t n = crypto_okp_params((enum crypto_okp)okp)->key_size;
    span d = {b->out, n}, q = {b->parts, n}, shared = {b->out + 128, n};
    TRY(crypto_okp_generate(&b->crypto, (enum crypto_okp)okp, d, q));
    begin(b);
    TRY(crypto_okp_agree(&b->crypto, (enum crypto_okp)okp, view(d), view(q), shared));
    end(b);
    return ST_OK;
}

/* ---- hierarchical keys ---- */

/* `child` is its number, too: the kind of the tree, hardened or not. The node's point is not known yet. */
static status hd_child(struct bench *b, uint32_t child)
{
    enum crypto_hd_kind kind = (enum crypto_hd_kind)(child & ~CRYPTO_HD_HARDENED);
    span master = {b->parts, CRYPTO_HD_MASTER_SIZE};
    struct crypto_hd_node node;
    TRY(crypto_hd_master(&b->crypto, kind, (bytes){b->in, 32}, master));
    TRY(crypto_hd_node(kind, view(master), &node));
    begin(b);
    TRY(crypto_hd_child(&b->crypto, &node, child));
    end(b);
    return ST_OK;
}

/* ---- symmetric ---- */

static status pbkdf2_1000(struct bench *b, uint32_t hash)
{
    begin(b);
    TRY(crypto_pbkdf2(&b->crypto, (enum crypto_hash)hash, (bytes){b->in, 32}, (bytes){b->in, 16}, 1000, NULL,
                      (span){b->out, 32}));
    end(b);
    return ST_OK;
}

static status hkdf(struct bench *b, uint32_t hash)
{
    begin(b);
    TRY(crypto_hkdf(&b->crypto, (enum crypto_hash)hash, (bytes){b->in, 32}, (bytes){b->in, 16}, (bytes){b->in, 16},
                    (span){b->out, 32}));
    end(b);
    return ST_OK;
}

/* What grows with the text; measured with each of `sizes`. */
struct bulk {
    const char *name;
    status (*measure)(struct bench *b, const struct bulk *row, size_t size);
    enum crypto_mode mode;
    enum crypto_hash hash;
    uint8_t key, iv;
};

static status cipher(struct bench *b, const struct bulk *row, bool encrypt, size_t size)
{
    const struct crypto_cipher_params params = {
        .mode = row->mode, .hash = row->hash, .encrypt = encrypt, .key = {b->in, row->key}, .iv = {b->in, row->iv}};
    buf out = BUF(b->text);
    begin(b);
    TRY(crypto_cipher(&b->crypto, &params, NO_BYTES, (bytes){b->text, size}, &out));
    end(b);
    return ST_OK;
}

static status encrypt(struct bench *b, const struct bulk *row, size_t size)
{
    return cipher(b, row, true, size);
}

static status decrypt(struct bench *b, const struct bulk *row, size_t size)
{
    return cipher(b, row, false, size);
}

static status hash(struct bench *b, const struct bulk *row, size_t size)
{
    bytes in = {b->text, size};
    begin(b);
    TRY(crypto_hash(&b->crypto, row->hash, &in, 1, (span){b->out, crypto_hash_size(row->hash)}));
    end(b);
    return ST_OK;
}

static status drbg(struct bench *b, const struct bulk *row, size_t size)
{
    begin(b);
    TRY(crypto_random(&b->crypto, (span){b->text, size}));
    end(b);
    return ST_OK;
}

/* ---- the card ---- */

static bool nobody(void *ctx, const char *what, uint32_t timeout_ms)
{
    return false;
}

static void dark(void *ctx, enum led_state state) {}

static void join_board(struct bench *b)
{
    b->noise = noise_port();
    b->secret = otp_secret_open();
    b->presence = (struct presence){.confirm = nobody};
    b->led = (struct led){.show = dark};
    b->progress = (struct progress){b, on_progress};
    b->board = (struct hsm_board){
        .nor = &b->flash.port,
        .entropy = &b->noise,
        .presence = &b->presence,
        .clock = &b->chip.clock,
        .led = &b->led,
        .device_secret = &b->secret,
        .profile = {.pin_rounds = PROFILE_PIN_ROUNDS, .pin_rounds_max = PROFILE_PIN_ROUNDS_MAX},
        .crypto_pool = SPAN(b->pool),
        .slots = b->slots,
        .slot_cap = PROFILE_SLOTS,
    };
}

static status command(struct bench *b, bytes apdu)
{
    bytes answer = hsm_command(&b->hsm, HSM_LINK_REMOTE, apdu);
    return answer.n >= 2 && answer.p[answer.n - 2] == 0x90 && answer.p[answer.n - 1] == 0 ? ST_OK : ST_EXECUTION;
}

static status erase_all(struct bench *b)
{
    const struct nor *nor = &b->flash.port;
    for (uint32_t n = 0; n < nor->sector_count; n++) TRY(nor->erase(nor->ctx, n));
    return ST_OK;
}

/* A new card, right after INITIALIZE. */
static status new_card(struct bench *b)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x00, 0x0B, 0xE8, 0x2B, 0x06, 0x01,
                                     0x04, 0x01, 0x81, 0xC3, 0x1F, 0x02, 0x01, 0x00};
    static const uint8_t initialize[] = {0x80, 0x50, 0x00, 0x00, 0x19, 0x80, 0x02, 0x00, 0x01, 0x81,
                                         0x06, '6',  '4',  '8',  '2',  '1',  '9',  0x82, 0x08, '5',
                                         '7',  '6',  '2',  '1',  '8',  '8',  '0',  0x91, 0x01, 0x03};
    TRY(erase_all(b));
    TRY(hsm_open(&b->hsm, &b->board));
    TRY(command(b, BYTES(select)));
    return command(b, BYTES(initialize));
}

/* VERIFY on a new card, from APDU to answer; the flash chip's own time is not the core's. The card stays open. */
static status verify(struct bench *b, uint32_t unused)
{
    static const uint8_t present[] = {0x00, 0x20, 0x00, 0x81, 0x06, '6', '4', '8', '2', '1', '9'};
    TRY(new_card(b));
    begin(b);
    TRY(command(b, BYTES(present)));
    end(b);
    return ST_OK;
}

/* The device's own certificate as CA files 00.. */
static status put_certificates(struct bench *b, uint32_t count)
{
    static const uint8_t read[] = {0x00, 0xB1, 0x2F, 0x02, 0x00, 0x00, 0x04, 0x54, 0x02, 0x00, 0x00, 0x00, 0x00};
    bytes answer = hsm_command(&b->hsm, HSM_LINK_REMOTE, BYTES(read));
    if (answer.n < 256) return ST_EXECUTION;
    size_t size = answer.n - 2;
    for (uint32_t id = 0; id < count; id++) {
        buf apdu = BUF(b->out);
        put_bytes(&apdu, LITERAL(0x00, 0xD7, 0xCA));
        put_u8(&apdu, (uint8_t)id);
        put_u8(&apdu, 0);
        put_u16(&apdu, (uint16_t)(8 + size));
        put_bytes(&apdu, LITERAL(0x54, 0x02, 0x00, 0x00, 0x53, 0x82));
        put_u16(&apdu, (uint16_t)size);
        if (id == 0) (void)span_copy(SPAN(b->parts), bytes_first(answer, size));
        put_bytes(&apdu, (bytes){b->parts, size});
        if (apdu.full) return ST_NO_SPACE;
        TRY(command(b, written(&apdu)));
    }
    return ST_OK;
}

/* MSE SET DST with a name that nobody has: the card looks at every certificate. */
static status look_for_nobody(struct bench *b, uint32_t count)
{
    static const uint8_t set[] = {0x00, 0x22, 0x81, 0xB6, 0x06, 0x83, 0x04, 'N', 'O', 'N', 'E'};
    TRY(new_card(b));
    TRY(put_certificates(b, count));
    begin(b);
    bytes answer = hsm_command(&b->hsm, HSM_LINK_REMOTE, BYTES(set));
    end(b);
    bool unknown = answer.n == 2 && be_get(answer) == 0x6A88;
    hsm_close(&b->hsm);
    return unknown ? ST_OK : ST_EXECUTION;
}

static status compose(struct bench *b, const struct apdu *a, bytes *raw)
{
    buf out = BUF(b->apdu);
    TRY(apdu_write(a, &out));
    *raw = written(&out);
    return ST_OK;
}

static status prepare(struct bench *b, const struct apdu *a)
{
    bytes raw;
    TRY(compose(b, a, &raw));
    return command(b, raw);
}

static status timed(struct bench *b, const struct apdu *a)
{
    bytes raw;
    TRY(compose(b, a, &raw));
    begin(b);
    TRY(command(b, raw));
    end(b);
    return ST_OK;
}

static status generate_okp(struct bench *b, enum crypto_okp okp)
{
    static const uint8_t head[] = {0x5F, 0x29, 0x01, 0x00}, name[] = {'B', 'E', 'N', 'C', 'H', '0', '0', '0', '0', '1'};
    static const uint8_t oid[] = {0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x02, 0x03};
    const struct crypto_okp_params *curve = crypto_okp_params(okp);
    buf key = BUF(b->out), all = BUF(b->parts);
    tlv_put(&key, 0x06, BYTES(oid));
    tlv_put(&key, 0x81, curve->p);
    tlv_put(&key, 0x82, curve->order);
    tlv_put(&key, 0x83, curve->base);
    put_bytes(&all, BYTES(head));
    tlv_put(&all, 0x7F49, written(&key));
    tlv_put(&all, 0x5F20, BYTES(name));
    return prepare(b, &(struct apdu){.ins = 0x46, .p1 = 1, .data = written(&all), .ne = APDU_NE_ALL_EXTENDED});
}

static status card_ed25519(struct bench *b, uint32_t unused)
{
    TRY(generate_okp(b, CRYPTO_ED25519));
    return timed(b, &(struct apdu){.cla = 0x80, .ins = 0x68, .p1 = 1, .p2 = 0x70, .data = {b->in, 32}, .ne = 256});
}

static status card_x25519(struct bench *b, uint32_t unused)
{
    TRY(generate_okp(b, CRYPTO_X25519));
    return timed(b, &(struct apdu){.cla = 0x80, .ins = 0x62, .p1 = 1, .p2 = 0x80, .data = {b->in, 32}, .ne = 256});
}

/* With the key that is there: open, if it was used just now. */
static status card_gcm_again(struct bench *b, uint32_t size)
{
    static const uint8_t oid[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2E};
    buf data = BUF(b->text);
    tlv_put(&data, 0x06, BYTES(oid));
    tlv_put(&data, 0x82, (bytes){b->in, CRYPTO_AEAD_NONCE});
    tlv_put_header(&data, 0x81, size);
    put_zeros(&data, size);
    return timed(
        b, &(struct apdu){
               .cla = 0x80, .ins = 0x78, .p1 = 2, .p2 = 0x51, .data = written(&data), .ne = APDU_NE_ALL_EXTENDED});
}

static status card_gcm(struct bench *b, uint32_t size)
{
    TRY(prepare(b, &(struct apdu){.cla = 0x80, .ins = 0x48, .p1 = 2, .p2 = 0xB2}));
    return card_gcm_again(b, size);
}

static status card_random(struct bench *b, uint32_t size)
{
    return timed(b, &(struct apdu){.cla = 0x80, .ins = 0x84, .p2 = 1, .ne = size});
}

static status put(struct bench *b, uint32_t key)
{
    TRY(store_begin(&b->store));
    TRY(store_put(&b->store, key, (bytes){b->parts, VALUE_SIZE}, 0));
    return store_commit(&b->store, NULL);
}

static status fill(struct bench *b)
{
    TRY(store_format(&b->flash.port));
    TRY(store_open(&b->store, &b->flash.port, b->slots, PROFILE_SLOTS));
    status st = ST_OK;
    for (uint32_t i = 1; st == ST_OK; i++) st = put(b, STORE_KEY(i, 0));
    return st == ST_NO_SPACE ? ST_OK : st;
}

/* Filling takes billions of cycles: a store that is there already, from an earlier run, will do. */
static status open_full_store(struct bench *b, uint32_t unused)
{
    status st = store_open(&b->store, &b->flash.port, b->slots, PROFILE_SLOTS);
    if (st != ST_OK || store_space(&b->store).values < VALUES_MIN) TRY(fill(b));
    begin(b);
    TRY(store_open(&b->store, &b->flash.port, b->slots, PROFILE_SLOTS));
    end(b);
    return ST_OK;
}

/* ---- everything ---- */

static const struct row {
    const char *name;
    status (*measure)(struct bench *b, uint32_t what);
    uint32_t what;
} rows[] = {
    {"store", open_full_store, 0}, /* first: the next one erases it */
    {"certificates-250", look_for_nobody, 250},
    {"verify", verify, 0},
    {"card-ed25519", card_ed25519, 0}, /* these on the card that `verify` has opened */
    {"card-x25519", card_x25519, 0},
    {"card-gcm-1024", card_gcm, 1024},
    {"card-gcm-1024-again", card_gcm_again, 1024},
    {"card-gcm-4032-again", card_gcm_again, 4032},
    {"card-random-4096", card_random, 4096},
    {"pbkdf2-1000", pbkdf2_1000, CRYPTO_SHA256},
    {"pbkdf2-sha512-1000", pbkdf2_1000, CRYPTO_SHA512},
    {"hkdf-sha256", hkdf, CRYPTO_SHA256},
    {"hd-secp256k1", hd_child, CRYPTO_HD_SECP256K1},
    {"hd-secp256k1-hardened", hd_child, CRYPTO_HD_SECP256K1 | CRYPTO_HD_HARDENED},
    {"hd-secp256r1", hd_child, CRYPTO_HD_SECP256R1},
    {"hd-secp256r1-hardened", hd_child, CRYPTO_HD_SECP256R1 | CRYPTO_HD_HARDENED},
    {"p256-alone", ecdsa_alone, CRYPTO_SECP256R1},
    {"secp192r1", ecdsa, CRYPTO_SECP192R1},
    {"secp256r1", ecdsa, CRYPTO_SECP256R1},
    {"secp384r1", ecdsa, CRYPTO_SECP384R1},
    {"secp521r1", ecdsa, CRYPTO_SECP521R1},
    {"brainpoolP256r1", ecdsa, CRYPTO_BP256R1},
    {"brainpoolP384r1", ecdsa, CRYPTO_BP384R1},
    {"brainpoolP512r1", ecdsa, CRYPTO_BP512R1},
    {"secp192k1", ecdsa, CRYPTO_SECP192K1},
    {"secp256k1", ecdsa, CRYPTO_SECP256K1},
    {"ecdh-secp256r1", ecdh, CRYPTO_SECP256R1},
    {"ed25519", eddsa, CRYPTO_ED25519},
    {"ed448", eddsa, CRYPTO_ED448},
    {"x25519", agree, CRYPTO_X25519},
    {"x448", agree, CRYPTO_X448},
    {"rsa2048", rsa_private_of, 2048},
    {"rsa4096", rsa_private_of, 4096},
    {"search2048", rsa_search, 2048},
    {"search4096", rsa_search, 4096},
    {"round2048", rsa_round, 2048},
    {"round4096", rsa_round, 4096},
};

static const uint32_t sizes[] = {1024, TEXT_MAX};

static const struct bulk bulks[] = {
    {"aes128-cbc", encrypt, CRYPTO_AES_CBC, .key = 16, .iv = 16},
    {"aes256-cbc", encrypt, CRYPTO_AES_CBC, .key = 32, .iv = 16},
    {"aes256-cbc-decrypt", decrypt, CRYPTO_AES_CBC, .key = 32, .iv = 16},
    {"aes128-ctr", encrypt, CRYPTO_AES_CTR, .key = 16, .iv = 16},
    {"aes256-ctr", encrypt, CRYPTO_AES_CTR, .key = 32, .iv = 16},
    {"aes128-gcm", encrypt, CRYPTO_AES_GCM, .key = 16, .iv = 12},
    {"aes256-gcm", encrypt, CRYPTO_AES_GCM, .key = 32, .iv = 12},
    {"aes128-ccm", encrypt, CRYPTO_AES_CCM, .key = 16, .iv = 12},
    {"aes256-ccm", encrypt, CRYPTO_AES_CCM, .key = 32, .iv = 12},
    {"aes128-xts", encrypt, CRYPTO_AES_XTS, .key = 32, .iv = 16},
    {"aes256-xts", encrypt, CRYPTO_AES_XTS, .key = 64, .iv = 16},
    {"aes128-cmac", encrypt, CRYPTO_AES_CMAC, .key = 16},
    {"aes256-cmac", encrypt, CRYPTO_AES_CMAC, .key = 32},
    {"chacha20-poly1305", encrypt, CRYPTO_CHACHA20_POLY1305, .key = 32, .iv = 12},
    {"hmac-sha256", encrypt, CRYPTO_HMAC, CRYPTO_SHA256, .key = 32},
    {"hmac-sha512", encrypt, CRYPTO_HMAC, CRYPTO_SHA512, .key = 32},
    {"sha256", hash, .hash = CRYPTO_SHA256},
    {"sha512", hash, .hash = CRYPTO_SHA512},
    {"sha3-256", hash, .hash = CRYPTO_SHA3_256},
    {"drbg", .measure = drbg},
};

/* `size`: 0 where the name says all. */
static void tell(struct bench *b, status st, const char *name, uint32_t size)
{
    if (st != ST_OK) say("failed ");
    say(name);
    if (size) say("-");
    if (size) say_number(size);
    say(" ");
    say_number(b->took_us);
    say("\n");
    while (st != ST_OK) chip_sleep();
}

static void run(struct bench *b, const struct row *row)
{
    b->ticks_left = 0;
    tell(b, row->measure(b, row->what), row->name, 0);
}

static void run_bulk(struct bench *b, const struct bulk *row)
{
    for (size_t i = 0; i < COUNT(sizes); i++) tell(b, row->measure(b, row, sizes[i]), row->name, sizes[i]);
}

static status start(struct bench *b)
{
    chip_open(&b->chip);
    flash_nor_open(&b->flash, STORE_SIZE);
    join_board(b);
    for (size_t i = 0; i < sizeof b->in; i++) b->in[i] = (uint8_t)(i * 37 + 1);
    return crypto_open(&b->crypto, SPAN(b->pool), &b->noise);
}

int main(void)
{
    static struct bench bench;
    static const struct row key = {"key2048", rsa_generate, 2048};
    uart_init(uart0, 115200);
    gpio_set_function(0, UART_FUNCSEL_NUM(uart0, 0));
    if (start(&bench) != ST_OK) say("failed start\n");
    for (size_t i = 0; i < COUNT(rows); i++) run(&bench, &rows[i]);
    for (size_t i = 0; i < COUNT(bulks); i++) run_bulk(&bench, &bulks[i]);
    say("end\n");
    for (;;) run(&bench, &key);
}
