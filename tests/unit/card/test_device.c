/* SPDX-License-Identifier: Apache-2.0 */
/* The device itself: what exists from the first start (apdu.md DP-19, 2.2, 2.4, 3.29; formats.md 2.1, 2.4, 3.5, 3.7),
 * and which flash a card refuses to start from, leaving it as it is (decisions.md "at rest" 1 to 3, 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/objects.h"
#include "tests/unit/card/keys_common.h"

#define NAME "UTPH66840DD00001"
#define NAME_HEX "55545048363638343044443030303031"

/* ---- birth ---- */

static struct rig *virgin(uint64_t seed)
{
    struct rig *r = rig_start(seed);
    EXPECT_SW(rig_select(r), 0x9000);
    return r;
}

static void expect_device_key(const struct cvc *c)
{
    const struct crypto_curve_params *p256 = crypto_curve_params(CRYPTO_SECP256R1);
    assert_hex(c->car, NAME_HEX);
    assert_hex(c->chr, NAME_HEX);
    assert_hex(c->key.oid, "04007F00070202020203");
    assert_hex(cvc_key_field(&c->key, 0x81), hex_of(p256->p));
    assert_hex(cvc_key_field(&c->key, 0x82), hex_of(p256->a));
    assert_hex(cvc_key_field(&c->key, 0x83), hex_of(p256->b));
    assert_hex(cvc_key_field(&c->key, 0x84), hex_of(p256->g));
    assert_hex(cvc_key_field(&c->key, 0x85), hex_of(p256->n));
    assert_hex(cvc_key_field(&c->key, 0x87), "01");
    assert_true(oracle_ecdsa_raw(CRYPTO_SECP256R1, cvc_key_field(&c->key, 0x86), sha256(c->body), c->signature));
}

/* formats.md 3.7: self-signed, CAR = CHR = device name, role and dates as given, 439 + 5 bytes */
static void certificate_from_the_first_start(void **state)
{
    struct rig *r = virgin(500);
    struct cvc c;
    struct answer file = rig_read(r, 0x2F02, 0, 65536);
    EXPECT_SW(file, 0x9000);
    assert_int_equal(file.data.n, 444);
    assert_true(cvc_parse(file.data, &c));
    assert_hex(bytes_first(c.whole, 2), "7F21");
    expect_device_key(&c);
    assert_hex(c.role_oid, "04007F000703010202");
    assert_hex(c.role, "0100");
    assert_hex(c.valid_from, "020300030201");
    assert_hex(c.valid_to, "070001020301");
    rig_stop(r);
}

/* formats.md 3.5, 2.4: CE00 signed twice by the device key, 497 bytes; C400 */
static void request_and_description_from_the_first_start(void **state)
{
    struct rig *r = virgin(501);
    struct answer file = rig_read(r, 0xCE00, 0, 65536);
    EXPECT_SW(file, 0x9000);
    assert_int_equal(file.data.n, 497);
    struct cvc c = request_in(file.data);
    expect_device_key(&c);
    assert_hex(cvc_key_field(&c.key, 0x86), hex_of(device_point(r)));
    assert_int_equal(c.role.n + c.valid_from.n + c.valid_to.n + c.extensions.n, 0);
    assert_hex(c.outer_car, NAME_HEX);
    assert_true(oracle_ecdsa_raw(CRYPTO_SECP256R1, device_point(r), sha256(c.outer_signed), c.outer_signature));
    EXPECT_DATA(
        rig_read(r, 0xC400, 0, 65536), 0x9000,
        "A038 300D 0C0B 5554504836363834304444 301B 0414 0000000000000000000000000000000000000000 0303072080 A10A3008"
        "3002 0400 02020100");
    rig_stop(r);
}

/* formats.md 2.1: UTPH, the first 28 bits of SHA-256 of the serial, 00001 */
static void name_follows_the_serial(void **state)
{
    static const uint8_t serials[][HSM_SERIAL_SIZE] = {
        {0}, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, {0xE6, 0x60, 0x58, 0x38, 0x83, 0x4F, 0x12, 0x2B}};
    for (size_t i = 0; i < COUNT(serials); i++) {
        struct rig *r = rig_new(&(struct rig_options){.seed = i});
        memcpy(r->board.profile.serial, serials[i], HSM_SERIAL_SIZE);
        assert_int_equal(rig_open(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        struct cvc c;
        assert_true(cvc_parse(rig_read(r, 0x2F02, 0, 65536).data, &c));
        char name[17];
        snprintf(name, sizeof name, "UTPH%.7s00001", hex_of(sha256(BYTES(serials[i]))));
        assert_memory_equal(c.chr.p, name, 16);
        SEND_DATA(r, "00A4040408" RIG_RESCUE_AID "00", 0x9000, text_of("00010606%s", hex_of(BYTES(serials[i]))));
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_DATA(rig_read(r, 0x2F03, 7, 8), 0x9000, hex_of(BYTES(serials[i])));
        rig_stop(r);
    }
}

static void devices_have_keys_of_their_own(void **state)
{
    struct rig *a = virgin(502), *b = virgin(503);
    assert_false(bytes_equal(device_point(a), device_point(b)));
    rig_stop(a);
    rig_stop(b);
}

static void the_device_key_survives_power_cycles(void **state)
{
    struct rig *r = virgin(504);
    const char *before = hex_of(rig_read(r, 0x2F02, 0, 65536).data);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rig_power_cycle(r), ST_OK);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_DATA(rig_read(r, 0x2F02, 0, 65536), 0x9000, before);
    }
    rig_stop(r);
}

/* ---- SELECT of applets (2.2, 2.4) ---- */

#define FCI(options) "62 22 81020000 820101 83020000 840B" RIG_AID "8A0105 8505" options "FF0606"
/* clang-format off */
static const struct { const char *hex; uint16_t sw; const char *data, *why; } selects[] = {
    {"00A404000B" RIG_AID "00",       0x9000, FCI("0000"), "PY, OSC"},
    {"00A404040B" RIG_AID "00",       0x9000, FCI("0000"), "SHE"},
    {"80A404000B" RIG_AID "00",       0x9000, FCI("0000"), "class 80"},
    {"00A4040C0B" RIG_AID,            0x9000, "", "SHE's ram-client (DP-13)"},
    {"00A4040C0B" RIG_AID "00",       0x9000, "", "P2 0C with Le"},
    {"00A404080B" RIG_AID "00",       0x9000, "", "P2 08 as 0C"},
    {"00A404000B" RIG_AID,            0x9000, "", "without Le"},
    {"00A404000C" RIG_AID "00" "00",  0x9000, FCI("0000"), "AID and a byte"},
    {"00A4040010" RIG_AID "AABBCCDDEE" "00", 0x9000, FCI("0000"), "AID and five bytes"},
    {"00A404000000000B" RIG_AID "0000", 0x6700, "", "no APDU"},
    {"00A4040000000B" RIG_AID "0000", 0x9000, FCI("0000"), "extended"},
    {"00A4040408" RIG_RESCUE_AID "00", 0x9000, "00010606 0102030405060708", "rescue, PY"},
    {"00A4040008" RIG_RESCUE_AID "00", 0x9000, "00010606 0102030405060708", "rescue"},
    {"00A4040C08" RIG_RESCUE_AID,      0x9000, "", "rescue, silent"},
    {"00A4040009" RIG_RESCUE_AID "55" "00", 0x9000, "00010606 0102030405060708", "rescue AID and a byte"},
    {"00A4040007A0583FC19B7E4F00",     0x6A82, "", "rescue AID cut"},
};
/* clang-format on */

static void selects_of_applets(void **state)
{
    struct rig *r = rig_start(505);
    for (size_t i = 0; i < COUNT(selects); i++)
        EXPECT_ROW(rig_send(r, selects[i].hex), selects[i].sw, selects[i].data, selects[i].why);
    rig_stop(r);
}

/* 2.2: "6A82; the currently selected applet stays selected and its session is untouched" */
static void failed_select_keeps_the_applet(void **state)
{
    struct rig *r = rig_ready(506, "80020001");
    SEND(r, "00A4040008A0583FC19B7E4F2200", 0x6A82);
    SEND(r, "00A404000BE82B0601040181C31F020200", 0x6A82);
    SEND(r, "00A404010B" RIG_AID "00", 0x6A86);
    SEND(r, "00200081", 0x9000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, TEXT("x")), 0x9000);
    SEND(r, "00A4040408" RIG_RESCUE_AID "00", 0x9000);
    SEND(r, "00A4040008A0583FC19B7E4F2200", 0x6A82);
    SEND(r, "8010020041", 0x9000); /* still the rescue applet */
    rig_stop(r);
}

/* 3.29: 10/02 is the key of 2F02; 1E/02 are numbers that fit together. */
static void rescue_applet_knows_the_device(void **state)
{
    struct rig *r = virgin(507);
    const char *point = hex_of(device_point(r));
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    SEND(r, "00A4040408" RIG_RESCUE_AID "00", 0x9000);
    SEND_DATA(r, "8010020041", 0x9000, point);
    SEND_DATA(r, "80100200000000", 0x9000, point);
    struct answer a = rig_send(r, "801E0200000000");
    EXPECT_SW(a, 0x9000);
    assert_int_equal(a.data.n, 24);
    reader numbers = read_from(a.data);
    uint32_t free_bytes = rd_u32(&numbers), used = rd_u32(&numbers), total = rd_u32(&numbers), files = rd_u32(&numbers);
    assert_true(free_bytes > 0 && used > 1000 && free_bytes + used <= total && files > 5);
    assert_int_equal(total, sim_nor_size(r->sim));
    assert_int_equal(rd_u32(&numbers), r->port_platform.flash_size);
    assert_int_equal(rd_u32(&numbers), r->port_platform.firmware_size);
    rig_stop(r);
}

/* ---- flash that is refused ---- */

/* The card does not start, says why, and the flash is as before. */
static void expect_refused(struct rig *r, status want, const char *why)
{
    bytes image = rig_image(r);
    status st = rig_open(r);
    if (st != want) print_error("%s: %s\n", why, status_text(st));
    assert_int_equal(st, want);
    assert_true(bytes_equal(image, rig_image(r)));
    rig_power_off(r);
}

static struct rig *used_card(uint64_t seed, const struct rig_options *options)
{
    struct rig_options o = options ? *options : (struct rig_options){0};
    o.seed = seed;
    struct rig *r = rig_new(&o);
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_initialise(r, "80020001"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000064"), 0x9000);
    EXPECT_SW(rig_update(r, 0xCD01, 0, TEXT("private")), 0x9000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, TEXT("public")), 0x9000);
    rig_power_off(r);
    return r;
}

static void expect_good(struct rig *r)
{
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    SEND(r, "8068017303616263", 0x9000);
    EXPECT_SW(rig_read(r, 0xCD01, 0, 9), 0x9000);
    rig_power_off(r);
}

static void another_device_secret_is_refused(void **state)
{
    struct rig *r = used_card(510, NULL);
    for (unsigned bit = 0; bit < 256; bit += 85) {
        r->secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(r, ST_DATA_NOT_USABLE, "one bit of the secret");
        r->secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    r->port_secret.present = false;
    expect_refused(r, ST_DATA_NOT_USABLE, "no secret at all");
    r->port_secret.present = true;
    expect_good(r);
    rig_stop(r);
}

static void flash_without_secret_is_refused_with_one(void **state)
{
    struct rig *r = used_card(511, &(struct rig_options){.no_device_secret = true});
    r->port_secret.present = true;
    expect_refused(r, ST_DATA_NOT_USABLE, "a secret where there was none");
    memset(r->secret, 0, sizeof r->secret); /* what stands for "none" inside */
    expect_refused(r, ST_DATA_NOT_USABLE, "a zero secret where there was none");
    r->port_secret.present = false;
    expect_good(r);
    rig_stop(r);
}

static void foreign_flash_is_left_alone(void **state)
{
    struct rig *r = rig_new(&(struct rig_options){.seed = 512});
    size_t size = sim_nor_size(r->sim);
    uint64_t seed = 99;
    for (unsigned kind = 0; kind < 5; kind++) {
        span image = exact_space(size);
        for (size_t i = 0; i < size; i++) {
            uint8_t noise = (uint8_t)sim_random(&seed);
            image.p[i] = (uint8_t)(kind == 0 ? 0 : kind == 1 ? noise : kind == 2 ? "GIF89a, a picture"[i % 17] : 0xFF);
        }
        if (kind == 3) memcpy(image.p, "\177ELF\1\1\1", 7);
        if (kind == 4) memset(image.p + size / 2, 0x55, 4096);
        rig_image_set(r, view(image));
        expect_refused(r, ST_BAD_DATA, text_of("kind %u", kind));
        hex_release();
        rig_forget(r);
    }
    rig_stop(r);
}

/* ---- values changed behind the vault's back ---- */

static struct store_slot slots[4096];

static void store_of(struct rig *r, struct store *s)
{
    memset(s, 0, sizeof *s);
    assert_int_equal(store_open(s, &r->sim->nor, slots, COUNT(slots)), ST_OK);
}

static span value_of(struct store *s, uint32_t key)
{
    size_t size;
    assert_int_equal(store_size(s, key, &size), ST_OK);
    span v = exact_space(size);
    assert_int_equal(store_read(s, key, 0, v), ST_OK);
    return v;
}

static void put_value(struct rig *r, uint32_t key, bytes value)
{
    struct store s;
    store_of(r, &s);
    assert_int_equal(store_begin(&s), ST_OK);
    assert_int_equal(store_put(&s, key, value, 0), ST_OK);
    assert_int_equal(store_commit(&s, NULL), ST_OK);
}

static void delete_value(struct rig *r, uint32_t key)
{
    struct store s;
    store_of(r, &s);
    assert_int_equal(store_begin(&s), ST_OK);
    assert_int_equal(store_delete(&s, key), ST_OK);
    assert_int_equal(store_commit(&s, NULL), ST_OK);
}

static size_t all_keys(struct rig *r, uint32_t *keys, size_t cap)
{
    struct store s;
    size_t n = 0;
    store_of(r, &s);
    for (uint32_t key = store_next(&s, 1); key; key = store_next(&s, key + 1)) {
        assert_true(n < cap);
        keys[n++] = key;
    }
    return n;
}

/* "a swapped, replayed or truncated record is refused" (at rest 3): each value of a used card, missing. */
static void a_missing_value_is_noticed(void **state)
{
    uint32_t keys[64];
    struct rig *r = used_card(513, &(struct rig_options){.sector_count = 32}); /* many copies of it */
    bytes image = rig_image(r);
    size_t n = all_keys(r, keys, COUNT(keys));
    assert_true(n > 12);
    for (size_t i = 0; i < n; i++) {
        rig_image_set(r, image);
        delete_value(r, keys[i]);
        expect_refused(r, ST_BAD_DATA, text_of("without %08X", keys[i]));
    }
    rig_image_set(r, image);
    expect_good(r);
    rig_stop(r);
}

static void a_swapped_value_is_noticed(void **state)
{
    uint32_t keys[64];
    struct rig *r = used_card(514, NULL);
    bytes image = rig_image(r);
    size_t n = all_keys(r, keys, COUNT(keys));
    for (size_t i = 0; i < n; i++) {
        uint32_t other = keys[(i + 1) % n];
        struct store s;
        rig_image_set(r, image);
        store_of(r, &s);
        bytes a = view(value_of(&s, keys[i])), b = view(value_of(&s, other));
        put_value(r, keys[i], b);
        put_value(r, other, a);
        status st = rig_open(r);
        if (st == ST_OK) print_error("%08X and %08X swapped\n", keys[i], other);
        assert_int_not_equal(st, ST_OK);
        rig_power_off(r);
    }
    rig_stop(r);
}

static void a_copied_value_is_noticed(void **state)
{
    struct rig *r = used_card(515, NULL);
    struct store s;
    store_of(r, &s);
    put_value(r, STORE_KEY(0xCF77, 0), view(value_of(&s, STORE_KEY(0xCF01, 0))));
    expect_refused(r, ST_BAD_DATA, "CF01 copied to CF77");
    rig_stop(r);
}

/* Old values of what an attacker would like to have back: tries, uses, the PIN, a file, the settings. */
static void a_replayed_value_is_noticed(void **state)
{
    static const uint32_t wanted[] = {OBJECT_PIN_TRIES(0x81), OBJECT_KEY_USES(1), OBJECT_PIN(0x81),
                                      STORE_KEY(0xCF01, 0), OBJECT_STATE};
    struct rig *r = used_card(516, NULL);
    span old[COUNT(wanted)];
    struct store s;
    store_of(r, &s);
    for (size_t i = 0; i < COUNT(wanted); i++) old[i] = value_of(&s, wanted[i]);
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000);
    SEND(r, "8068017303616263", 0x9000);
    EXPECT_SW(rig_update(r, 0xCF01, 0, TEXT("newer")), 0x9000);
    SEND(r, "0020008106303030303030", 0x63C2);
    rig_power_off(r);
    bytes image = rig_image(r);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        rig_image_set(r, image);
        put_value(r, wanted[i], view(old[i]));
        expect_refused(r, ST_BAD_DATA, text_of("%08X of before", wanted[i]));
    }
    rig_image_set(r, image);
    expect_good(r);
    rig_stop(r);
}

/* A changed byte inside a value: refused at the start when it is the tag, else when the value is used; never taken. */
static void a_changed_value_is_never_taken(void **state)
{
    uint32_t keys[64];
    struct rig *r = used_card(517, NULL);
    bytes image = rig_image(r);
    size_t n = all_keys(r, keys, COUNT(keys));
    for (size_t i = 0; i < n; i++) {
        for (unsigned part = 0; part < 4; part++) {
            struct store s;
            rig_image_set(r, image);
            store_of(r, &s);
            span v = value_of(&s, keys[i]);
            v.p[part == 3 ? v.n - 16 : part * (v.n - 1) / 3] ^= 0x01; /* the tag has 16 bytes */
            put_value(r, keys[i], view(v));
            bool start = rig_open(r) == ST_OK;
            if (part == 3) assert_false(start);
            uint16_t object = (uint16_t)(keys[i] >> 16);
            if (start && object == 0xCF01)
                assert_int_not_equal((EXPECT_SW(rig_select(r), 0x9000), rig_read(r, 0xCF01, 0, 9).sw), 0x9000);
            if (start && object == 0x1081)
                assert_int_not_equal((EXPECT_SW(rig_select(r), 0x9000), rig_login(r).sw), 0x9000);
            if (start && object == 0xCC01) {
                EXPECT_SW(rig_select(r), 0x9000);
                EXPECT_SW(rig_login(r), 0x9000);
                assert_int_not_equal(rig_send(r, "8068017303616263").sw, 0x9000);
            }
            rig_power_off(r);
            hex_release();
        }
    }
    rig_stop(r);
}

/* "The format carries a version number" (at rest 7) */
static void a_newer_format_is_refused(void **state)
{
    struct rig *r = used_card(518, NULL);
    struct store s;
    store_of(r, &s);
    span birth = value_of(&s, OBJECT_BIRTH);
    assert_memory_equal(birth.p, "PHSM", 4);
    birth.p[5]++;
    put_value(r, OBJECT_BIRTH, view(birth));
    expect_refused(r, ST_NOT_SUPPORTED, "format + 1");
    birth.p[4] = 0x7F;
    put_value(r, OBJECT_BIRTH, view(birth));
    expect_refused(r, ST_NOT_SUPPORTED, "a much newer format");
    birth.p[0] = 'X';
    put_value(r, OBJECT_BIRTH, view(birth));
    expect_refused(r, ST_BAD_DATA, "not ours");
    put_value(r, OBJECT_BIRTH, bytes_first(view(birth), 20));
    expect_refused(r, ST_BAD_DATA, "cut");
    rig_stop(r);
}

/* A store that holds values of another program. */
static void a_foreign_store_is_refused(void **state)
{
    struct rig *r = rig_new(&(struct rig_options){.seed = 519});
    assert_int_equal(store_format(&r->sim->nor), ST_OK);
    put_value(r, STORE_KEY(0x0042, 0), TEXT("somebody else's"));
    expect_refused(r, ST_BAD_DATA, "foreign values");
    rig_stop(r);
}

/* decisions.md "at rest" 2: refused, unchanged, before a try is charged. */
static void pins_that_cost_too_much(void **state)
{
    struct rig *r = used_card(520, &(struct rig_options){.pin_rounds = 50});
    r->board.profile.pin_rounds_max = 49;
    expect_refused(r, ST_NOT_SUPPORTED, "50 rounds, 49 allowed");
    r->board.profile.pin_rounds_max = 50;
    r->board.profile.pin_rounds = 60; /* "can be raised at the next PIN change" */
    expect_good(r);
    expect_good(r);
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "0024008810" RIG_SO_PIN RIG_SO_PIN, 0x9000);
    rig_power_off(r);
    expect_refused(r, ST_NOT_SUPPORTED, "SO-PIN of 60 rounds, 50 allowed");
    r->board.profile.pin_rounds_max = 60;
    expect_good(r);
    rig_stop(r);
}

/* The user's record as it was made before all rounds went into one block: PBKDF2 gave verifier and key at once. */
static void write_older_pin_record(struct rig *r, bytes pin)
{
    static const uint8_t salt[16] = {7};
    const uint8_t ref = 0x81;
    uint8_t bound[32], stretched[64], mem[160];
    struct hsm *h = r->hsm;
    bytes parts[] = {{&ref, 1}, pin};
    assert_int_equal(crypto_hmac(&h->crypto, CRYPTO_SHA256, BYTES(h->vault.pin_key), parts, 2, SPAN(bound)), ST_OK);
    assert_int_equal(crypto_pbkdf2(&h->crypto, CRYPTO_SHA256, BYTES(bound), BYTES(salt), 9, NULL, SPAN(stretched)),
                     ST_OK);
    buf b = BUF(mem);
    put_bytes(&b, LITERAL(3, 0, (uint8_t)pin.n, 0, 0, 0, 9));
    put_bytes(&b, BYTES(salt));
    put_bytes(&b, bytes_first(BYTES(stretched), 32));
    span wrapped = put_space(&b, VAULT_WRAPPED_SIZE);
    assert_int_equal(vault_root_wrap(&h->vault, bytes_after(BYTES(stretched), 32), ref, wrapped), ST_OK);
    assert_int_equal(vault_begin(&h->vault), ST_OK);
    assert_int_equal(vault_put(&h->vault, OBJECT_PIN(ref), VAULT_DEVICE, NO_BYTES, written(&b), STORE_SECRET), ST_OK);
    assert_int_equal(vault_commit(&h->vault, VAULT_BOOKKEEPING), ST_OK);
}

static void older_pin_records_still_open(void **state)
{
    struct rig *r = used_card(525, NULL);
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    write_older_pin_record(r, rig_hex(r, RIG_USER_PIN));
    rig_power_off(r);
    expect_good(r);
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "0020008106393939393939", 0x63C2);
    rig_power_off(r);
    expect_good(r); /* and a record that is written anew, with the same PIN */
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0, 0x24, 0, 0x81, RIG_USER_PIN RIG_USER_PIN, 0), 0x9000);
    rig_power_off(r);
    expect_good(r);
    rig_stop(r);
}

static void too_few_slots(void **state)
{
    uint32_t keys[64];
    struct rig *r = used_card(521, NULL);
    size_t n = all_keys(r, keys, COUNT(keys));
    r->board.slot_cap = (uint32_t)n - 1;
    expect_refused(r, ST_NO_SPACE, "one slot less than values");
    r->board.slot_cap = 4096;
    expect_good(r);
    rig_stop(r);
}

static status stuck(void *ctx, span samples)
{
    memset(samples.p, 0x42, samples.n);
    return ST_OK;
}

static void sick_entropy_is_refused(void **state)
{
    struct rig *r = used_card(522, NULL);
    r->port_entropy.read = stuck;
    expect_refused(r, ST_EXECUTION, "stuck source");
    rig_stop(r);
    r = used_card(523, NULL);
    r->entropy.fail_at = 1;
    expect_refused(r, ST_EXECUTION, "silent source");
    r->entropy.fail_at = 0;
    expect_good(r);
    rig_stop(r);
}

/* The other side of "refused": nothing of the card's keys is left in memory after a failed start or a close. */
static void close_wipes_the_keys(void **state)
{
    struct rig *r = used_card(524, NULL);
    assert_int_equal(rig_open(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    uint8_t keys[4][VAULT_KEY_SIZE];
    memcpy(keys[0], r->hsm->vault.root, VAULT_KEY_SIZE);
    memcpy(keys[1], r->hsm->vault.device_key, VAULT_KEY_SIZE);
    memcpy(keys[2], r->hsm->vault.pin_key, VAULT_KEY_SIZE);
    memcpy(keys[3], r->hsm->vault.sum_key, VAULT_KEY_SIZE);
    assert_false(sim_nor_holds(r->sim, BYTES(keys[0])) || sim_nor_holds(r->sim, BYTES(keys[1])));
    rig_reset(r);
    assert_false(rig_ram_holds(r, BYTES(keys[0])));
    hsm_close(r->hsm);
    r->open = false;
    for (size_t i = 0; i < COUNT(keys); i++) assert_false(rig_ram_holds(r, BYTES(keys[i])));
    rig_stop(r);
}

/* apdu.md 1.1 */
static void atr_is_the_one_hosts_know(void **state)
{
    assert_hex(hsm_atr(), "3BFE18000081 31FE458031815448534D31738021408107FA");
    uint8_t check = 0;
    for (size_t i = 1; i < 24; i++) check ^= hsm_atr().p[i];
    assert_int_equal(check, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(certificate_from_the_first_start),
        CASE(request_and_description_from_the_first_start),
        CASE(name_follows_the_serial),
        CASE(devices_have_keys_of_their_own),
        CASE(the_device_key_survives_power_cycles),
        CASE(selects_of_applets),
        CASE(failed_select_keeps_the_applet),
        CASE(rescue_applet_knows_the_device),
        CASE(another_device_secret_is_refused),
        CASE(flash_without_secret_is_refused_with_one),
        CASE(foreign_flash_is_left_alone),
        CASE(a_missing_value_is_noticed),
        CASE(a_swapped_value_is_noticed),
        CASE(a_copied_value_is_noticed),
        CASE(a_replayed_value_is_noticed),
        CASE(a_changed_value_is_never_taken),
        CASE(a_newer_format_is_refused),
        CASE(a_foreign_store_is_refused),
        CASE(pins_that_cost_too_much),
        CASE(older_pin_records_still_open),
        CASE(too_few_slots),
        CASE(sick_entropy_is_refused),
        CASE(close_wipes_the_keys),
        CASE(atr_is_the_one_hosts_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
