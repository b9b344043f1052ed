/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a card APDUs that a seed makes up: mostly commands that exist, with parameters that mostly make sense, some of them
 * bent afterwards. `random_apdus COUNT SEED`
 *
 * Checks what holds after any command (a known status word, no data beside an error, no root key while nobody is logged
 * in), and every thousand commands that the card starts again and shows the same objects. */
#include "card/commands.h"
#include "tests/hex.h"
#include "tests/sim/card_bench.h"
#include "tests/sim/card_view.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

#include <stdio.h>
#include <stdlib.h>

#define POWER_CYCLE_EVERY 1000u
#define RAW_MAX 5000u

struct dice {
    uint64_t state;
};

static unsigned roll(struct dice *d, unsigned sides)
{
    return sim_random(&d->state) % sides;
}

static void check(bool holds, const char *rule)
{
    if (!holds) bench_die(rule);
}

/* ---- data that makes sense ---- */

static void put_random(buf *b, struct dice *d, size_t n)
{
    for (size_t i = 0; i < n; i++) put_u8(b, (uint8_t)roll(d, 256));
}

static void put_template(buf *b, struct dice *d)
{
    const struct crypto_curve_params *c = crypto_curve_params((enum crypto_curve)roll(d, CRYPTO_CURVE_COUNT));
    uint8_t curve[128];
    buf inner = BUF(curve);
    put_bytes(&inner, LITERAL(0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x02, 0x03));
    tlv_put(&inner, 0x81, c->p);
    tlv_put(b, 0x7F49, written(&inner));
    if (roll(d, 3) == 0) put_bytes(b, LITERAL(0x90, 0x04, 0x00, 0x00, 0x00, 0x03));
    if (roll(d, 4) == 0) put_bytes(b, LITERAL(0x91, 0x02, 0x70, 0x80));
}

static void put_init(buf *b, struct dice *d)
{
    static const uint16_t options[] = {0x0001, 0x0021, 0x0005, 0x0002, 0x0200, 0x0000};
    tlv_put_u16(b, TAG_INIT_OPTIONS, options[roll(d, COUNT(options))]);
    tlv_put(b, TAG_INIT_USER_PIN, TEXT("648219"));
    tlv_put(b, TAG_INIT_SO_PIN, TEXT("57621880"));
    if (roll(d, 2)) tlv_put_u16(b, TAG_INIT_POLICY, POLICY_KEY_IMPORT);
    if (roll(d, 2)) tlv_put_u8(b, TAG_INIT_RETRIES, (uint8_t)(1 + roll(d, 12)));
}

static void put_update(buf *b, struct dice *d)
{
    uint8_t content[1500];
    buf c = BUF(content);
    put_random(&c, d, roll(d, 8) ? roll(d, 60) : roll(d, sizeof content));
    tlv_put_u16(b, TAG_FILE_OFFSET, (uint16_t)(roll(d, 3) ? 0 : roll(d, 100)));
    tlv_put(b, TAG_FILE_DATA, written(&c));
}

/* An algorithm by OID with what it wants to have beside. */
static void put_algorithm(buf *b, struct dice *d)
{
    static const char *const algorithms[] = {
        "060960864801650304012A",                                  /* AES-CBC */
        "060960864801650304012E 820C000102030405060708090A0B",     /* AES-GCM */
        "0609608648016503040131",                                  /* AES-CTR */
        "06082A864886F70D0209",                                    /* HMAC-SHA-256 */
        "060B2A864886F70D0109100312 820C000102030405060708090A0B", /* ChaCha20-Poly1305 */
        "060B2A864886F70D010910031D",                              /* HKDF-SHA-256 */
    };
    put_bytes(b, exact(algorithms[roll(d, COUNT(algorithms))]));
}

static void put_blocks(buf *b, struct dice *d)
{
    put_random(b, d, 16 * (1 + roll(d, 20)));
}

static void put_cipher(buf *b, struct dice *d, uint8_t p2)
{
    uint8_t memory[400];
    buf text = BUF(memory);
    put_blocks(&text, d);
    if (p2 != ALG_CIPHER_ENCRYPT) {
        put_bytes(b, written(&text));
        return;
    }
    put_algorithm(b, d);
    tlv_put(b, 0x81, written(&text));
}

static void put_stream(buf *b, struct dice *d, uint8_t p2)
{
    if (p2 == STREAM_BEGIN_ENCRYPT) put_algorithm(b, d);
    else put_blocks(b, d);
}

static void put_path(buf *b, struct dice *d)
{
    put_bytes(b, LITERAL(0x02, 0x01, (uint8_t)roll(d, 3)));
    for (unsigned i = roll(d, 4); i > 0; i--) {
        put_bytes(b, LITERAL(0x02, 0x04));
        put_random(b, d, 4);
    }
}

static void put_new_secret(buf *b, struct dice *d, uint8_t p2)
{
    if (p2 == ALG_GENERATE_SECRET) tlv_put_u8(b, 0x84, (uint8_t)(1 + roll(d, 128)));
    if (roll(d, 4) == 0) put_bytes(b, LITERAL(0x90, 0x04, 0x00, 0x00, 0x00, 0x03));
}

static void put_kdf(buf *b, struct dice *d)
{
    put_bytes(b, exact("060B2A864886F70D010910031D 8104696E666F 840120"));
    if (roll(d, 4) == 0) put_bytes(b, LITERAL(0x94, 0x01, (uint8_t)roll(d, 8)));
}

static void put_data(buf *b, struct dice *d, const struct apdu *a)
{
    switch (a->ins) {
    case INS_VERIFY: put_bytes(b, roll(d, 10) ? TEXT("648219") : TEXT("111111")); break;
    case INS_CHANGE_REFERENCE_DATA: put_bytes(b, TEXT("648219648219")); break;
    case INS_RESET_RETRY_COUNTER: put_bytes(b, TEXT("57621880648219")); break;
    case INS_GENERATE_KEY_PAIR: put_template(b, d); break;
    case INS_INITIALIZE: put_init(b, d); break;
    case INS_UPDATE_BINARY_ODD: put_update(b, d); break;
    case INS_READ_BINARY_ODD: tlv_put_u16(b, TAG_FILE_OFFSET, (uint16_t)roll(d, 50)); break;
    case INS_DELETE_FILE: put_bytes(b, LITERAL((uint8_t)(0xC4 + roll(d, 12)), (uint8_t)roll(d, 6))); break;
    case INS_SELECT: put_bytes(b, schsm_aid()); break;
    case INS_DECIPHER: put_bytes(b, crypto_curve_params(CRYPTO_SECP256R1)->g); break;
    case INS_SIGN: put_random(b, d, 1 + roll(d, 64)); break;
    case INS_DERIVE_KEY:
        put_u8(b, ALG_DERIVE_EC);
        put_random(b, d, 1 + roll(d, 32));
        break;
    case INS_GENERATE_SECRET_KEY: put_new_secret(b, d, a->p2); break;
    case INS_CIPHER: put_cipher(b, d, a->p2); break;
    case INS_STREAM: put_stream(b, d, a->p2); break;
    case INS_KDF_STORE: put_kdf(b, d); break;
    case INS_HD_WALLET:
        if (a->p1 > 3) put_path(b, d);
        break;
    case INS_IMPORT_KEY:
        put_bytes(b, LITERAL(TAG_IMPORT_COMPONENTS, 18, 0, 16));
        put_random(b, d, 16);
        break;
    default: break;
    }
}

/* ---- one command ---- */

#define FIRST_SECRET 6u

static uint8_t a_secret(struct dice *d)
{
    return (uint8_t)(FIRST_SECRET + roll(d, 4));
}

static void choose_p1p2(struct dice *d, struct apdu *a)
{
    static const uint8_t signs[] = {ALG_ECDSA, ALG_ECDSA_SHA256, ALG_ECDSA_SHA512, ALG_RSA_PKCS1, ALG_HD_SIGN};
    static const uint8_t ciphers[] = {ALG_AES_CBC_ENCRYPT, ALG_AES_CMAC, ALG_DERIVE_SYMMETRIC, ALG_CIPHER_ENCRYPT};
    static const uint8_t trees[] = {1, 2, 3, 0x0A, 0x10};
    switch (a->ins) {
    case INS_VERIFY:
    case INS_CHANGE_REFERENCE_DATA: a->p2 = roll(d, 8) ? PIN_USER : PIN_SO; break;
    case INS_RESET_RETRY_COUNTER: a->p2 = PIN_USER; break;
    case INS_SESSION_PIN: a->p1 = 1, a->p2 = PIN_USER; break;
    case INS_GENERATE_KEY_PAIR: a->p1 = (uint8_t)roll(d, 5); break;
    case INS_SIGN: a->p1 = (uint8_t)roll(d, 6), a->p2 = signs[roll(d, COUNT(signs))]; break;
    case INS_DECIPHER: a->p1 = (uint8_t)roll(d, 6), a->p2 = ALG_ECDH; break;
    case INS_DERIVE_KEY: a->p1 = (uint8_t)roll(d, 6), a->p2 = (uint8_t)roll(d, 6); break;
    case INS_BULK_METADATA: a->p1 = (uint8_t)roll(d, 4), a->p2 = (uint8_t)roll(d, 6); break;
    case INS_IMPORT_KEY: a->p1 = (uint8_t)roll(d, 6), a->p2 = 0x0F; break;
    case INS_GENERATE_SECRET_KEY: a->p1 = a_secret(d), a->p2 = (uint8_t)(ALG_GENERATE_AES_128 + roll(d, 5)); break;
    case INS_CIPHER: a->p1 = a_secret(d), a->p2 = ciphers[roll(d, COUNT(ciphers))]; break;
    case INS_STREAM: a->p1 = FIRST_SECRET, a->p2 = (uint8_t)(STREAM_BEGIN_ENCRYPT + roll(d, 6)); break;
    case INS_KDF_STORE: a->p1 = a_secret(d), a->p2 = a_secret(d); break;
    case INS_HD_WALLET:
        a->p1 = trees[roll(d, COUNT(trees))];
        if (a->p1 <= 3) a->p2 = (uint8_t)(a->p1 - 1); /* masters 0 to 2, one of each kind */
        break;
    case INS_SELECT: a->p1 = SELECT_P1_AID; break;
    case INS_READ_BINARY_ODD:
    case INS_UPDATE_BINARY_ODD: a->p1 = (uint8_t)(0xC4 + roll(d, 12)), a->p2 = (uint8_t)roll(d, 6); break;
    default: break;
    }
}

/* Rare ones would otherwise wipe or block the card all the time. */
static uint8_t choose_ins(struct dice *d)
{
    size_t count;
    const struct command *table = command_table(&count);
    uint8_t ins = table[roll(d, (unsigned)count)].ins;
    bool rare = ins == INS_INITIALIZE || ins == INS_CHANGE_REFERENCE_DATA || ins == INS_SELECT;
    if (rare && roll(d, 12)) ins = INS_VERIFY;
    return roll(d, 60) ? ins : (uint8_t)roll(d, 256);
}

/* Turns a command into one that is not quite right. */
static size_t bend(struct dice *d, uint8_t *raw, size_t n)
{
    for (unsigned i = roll(d, 3); i-- > 0 && n;) raw[roll(d, (unsigned)n)] = (uint8_t)roll(d, 256);
    if (roll(d, 4) == 0 && n) n -= roll(d, (unsigned)n);
    if (roll(d, 4) == 0 && n < RAW_MAX - 8) raw[n++] = (uint8_t)roll(d, 256);
    return n;
}

static bytes make(struct dice *d, uint8_t raw[RAW_MAX])
{
    uint8_t data[4096];
    buf b = BUF(data), out = {raw, 0, RAW_MAX, false};
    struct apdu a = {.cla = roll(d, 2) ? CLA_ISO : CLA_PROPRIETARY, .ins = choose_ins(d)};
    choose_p1p2(d, &a);
    if (a.ins != INS_RESET_RETRY_COUNTER || a.p1 == 0) put_data(&b, d, &a);
    if (roll(d, 40) == 0) a.cla |= CLA_CHAINING;
    a.data = written(&b);
    a.ne = roll(d, 3) ? 65536 : roll(d, 300);
    check(apdu_write(&a, &out) == ST_OK, "no such APDU");
    size_t n = roll(d, 8) ? out.n : bend(d, raw, out.n);
    return (bytes){raw, n};
}

/* ---- what always holds ---- */

static bool word_known(uint16_t sw)
{
#define STATUS_WORD(name, word, text)                                                                                  \
    if (sw == (word)) return true;
    STATUS_TABLE(STATUS_WORD)
#undef STATUS_WORD
    return (sw & 0xFF00) == 0x6100 || (sw & 0xFFF0) == 0x63C0;
}

static void check_card(const struct hsm *h, struct answer a)
{
    bool somebody = h->session.user_verified || h->session.so_verified || h->session.initialised_here;
    bool good = a.sw == 0x9000 || (a.sw & 0xFF00) == 0x6100;
    check(word_known(a.sw) && a.sw != 0x6F00 && a.sw != 0x6581, "a status word that should not come");
    check(good || a.data.n == 0, "data beside an error");
    check(h->vault.root_open || ct_is_zero(BYTES(h->vault.root)), "a root key is left behind");
    check(h->vault.base_open || ct_is_zero(BYTES(h->vault.base)), "what PINs open is left behind");
    check(h->vault.base_open || !h->vault.root_open, "the root is open, and what opens it is not");
    check(!h->vault.root_open || somebody, "the root is open and nobody is logged in");
}

/* The card starts, and lists what it listed. */
static void power_cycle(struct bench *b)
{
    struct rig *r = b->rig;
    check(rig_select(r).sw == 0x9000, "SELECT");
    struct answer before = rig_list(r);
    uint32_t generation = rig_generation(r);
    check(bench_power_on(b) == ST_OK, "the card does not start again");
    check(rig_select(r).sw == 0x9000, "SELECT");
    struct answer after = rig_list(r);
    check(before.sw == 0x9000 && bytes_equal(before.data, after.data), "the list has changed");
    check(rig_generation(r) == generation, "the generation has changed");
    if (rig_send(r, "0020008106363438323139").sw != 0x9000)
        check(rig_initialise(r, "80020021").sw == 0x9000, "INITIALIZE");
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 3000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct dice d = {seed * 2 + 1};
    unsigned long good = 0;
    uint8_t raw[RAW_MAX];
    struct bench *b = bench_ready(seed, "80020021");
    printf("random_apdus %lu %llu\n", count, (unsigned long long)seed);
    fflush(stdout); /* so that a crash leaves its seed behind */
    for (unsigned long i = 0; i < count; i++) {
        b->rig->link = roll(&d, 3) ? HSM_LINK_REMOTE : HSM_LINK_IN_PROCESS;
        struct answer a = rig_send_bytes(b->rig, make(&d, raw));
        check_card(b->rig->hsm, a);
        good += a.sw == 0x9000;
        if (i % POWER_CYCLE_EVERY == POWER_CYCLE_EVERY - 1) power_cycle(b);
        rig_forget(b->rig);
    }
    printf("%lu of %lu commands answered 9000\n", good, count);
    bench_free(b);
    return good * 4 > count ? 0 : 1; /* else the dice are loaded, and this tests nothing */
}
