/* SPDX-License-Identifier: Apache-2.0 */
/* HD WALLET (apdu.md 3.25, formats.md 11): published answers through the line, what a selected node is good for and how
 * long, and every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/stride.h"
#include "tests/unit/card/keys_common.h"
#include "tests/vectors/hd.h"
#include "wire/schsm.h"

#define SEED "000102030405060708090A0B0C0D0E0F"
#define SEED_64                                                                                                        \
    "C76C4AC4F4E4A00D6B274D5C39C700BB4A7DDC04FBC6F78E85CA75007B5B495F74A9043EEB77BDD53AA6FC3A0E31462270316FA04B8C1911" \
    "4C8798706CD02AC8"
#define HASH "01D153DF547EE758449B864C50B207E9A7B7410D61E36A0D0D7EFFEF78971DFD" /* hd.json */

enum { K1 = 1, R1 = 2, SYMMETRIC = 3 };

static struct answer master(struct rig *r, unsigned kind, uint8_t id, const char *seed)
{
    return rig_command_hex(r, 0x80, 0x4A, (uint8_t)kind, id, seed, 0);
}

static struct answer xpub(struct rig *r, const char *path)
{
    return rig_command_hex(r, 0x80, 0x4A, 0x0A, 0x00, path, 65536);
}

static struct answer choose(struct rig *r, const char *path)
{
    return rig_command_hex(r, 0x80, 0x4A, 0x10, 0x00, path, 0);
}

static struct answer sign(struct rig *r, const char *hash)
{
    return rig_command_hex(r, 0x80, 0x68, 0x00, 0xA0, hash, 65536);
}

/* Ours: path and hash in one command. */
static struct answer sign_at(struct rig *r, const char *path, const char *hash)
{
    bytes p = exact(path), d = exact(hash);
    buf b = buf_over(exact_space(p.n + d.n + 8));
    put_u8(&b, 0xA0);
    if (p.n > 127) put_u8(&b, 0x82), put_u16(&b, (uint16_t)p.n);
    else put_u8(&b, (uint8_t)p.n);
    put_bytes(&b, p);
    put_u8(&b, 0x81);
    put_u8(&b, (uint8_t)d.n);
    put_bytes(&b, d);
    assert_false(b.full);
    return rig_command(r, 0x80, 0x68, 0x00, 0xA1, written(&b), 65536);
}

/* A logged in card with masters 0 (secp256k1), 4 (P-256), 7 (symmetric). */
static struct rig *furnished(uint64_t seed, const char *more)
{
    struct rig *r = rig_ready(seed, more);
    EXPECT_EMPTY(master(r, K1, 0, SEED), 0x9000);
    EXPECT_EMPTY(master(r, R1, 4, SEED), 0x9000);
    EXPECT_EMPTY(master(r, SYMMETRIC, 7, SEED_64), 0x9000);
    return r;
}

/* The public key of master 0 or 4, from its published private key. */
static bytes point_of_master(unsigned id)
{
    span point = exact_space(65);
    const char *d = id == 0 ? "E8F32E723DECF4051AEFAC8E2C93C9C5B214313817CDB01A1494B917C8436B35"
                            : "612091AAA12E22DD2ABEF664F8A01A82CAE99AD7441B7EF8110424915C268BC2";
    assert_true(oracle_ec_public(id == 0 ? CRYPTO_SECP256K1 : CRYPTO_SECP256R1, exact(d), point));
    return view(point);
}

static void expect_signature_of_master(struct answer signature, unsigned id, const char *hash)
{
    enum crypto_curve curve = id == 0 ? CRYPTO_SECP256K1 : CRYPTO_SECP256R1;
    EXPECT_SW(signature, 0x9000);
    assert_true(oracle_ecdsa_der(curve, point_of_master(id), exact(hash), signature.data));
}

/* ---- published answers ---- */

/* What the documents print: nodes, as far as they stand in hd_vectors (most of SLIP-10's on secp256k1 are BIP32's), and what a
 * card has no way to be asked. None of them prints input that a card would have to refuse. */
static const struct {
    const char *name;
    size_t nodes, left;
    const char *why;
} documents[] = {
    {"BIP32", 17, 16, "invalid extended keys of vector 5: the card reads none"},
    {"SLIP-10", 17, 12, "nodes of ed25519: no such master"},
    {"SLIP-21", 4, 0, ""},
};

static size_t document_of(const struct hd_vector *v)
{
    size_t i = 0;
    while (strncmp(v->name, documents[i].name, strlen(documents[i].name)) != 0) assert_true(++i < COUNT(documents));
    return i;
}

/* In the words of tests/kat. A row that is lost turns this red. */
static void print_published(const size_t *done)
{
    for (size_t i = 0; i < COUNT(documents); i++) {
        print_message("%-8s %3zu valid accepted, 0 invalid refused, %3zu not applicable\n", documents[i].name, done[i],
                      documents[i].left);
        if (documents[i].left) print_message("    not applicable: %zu %s\n", documents[i].left, documents[i].why);
        assert_int_equal(done[i], documents[i].nodes);
    }
}

static void published_nodes(void **state)
{
    size_t done[COUNT(documents)] = {0};
    struct rig *r = rig_ready(700, "");
    for (size_t i = 0; i < COUNT(hd_vectors); i++) {
        const struct hd_vector *v = &hd_vectors[i];
        uint8_t id = (uint8_t)(i % 10); /* replaces what an earlier row has put there */
        const char *path = text_of("0201%02X%s", id, v->steps);
        EXPECT_ROW(master(r, v->kind, id, v->seed), 0x9000, "", v->name);
        EXPECT_ROW(xpub(r, path), 0x9000, v->answer, v->name);
        EXPECT_ROW(choose(r, path), 0x9000, "", v->name);
        if (v->kind == SYMMETRIC) {
            EXPECT_ROW(sign(r, HASH), 0x6985, "", v->name);
            EXPECT_ROW(sign_at(r, path, HASH), 0x6985, "", v->name);
        } else {
            enum crypto_curve curve = v->kind == K1 ? CRYPTO_SECP256K1 : CRYPTO_SECP256R1;
            span point = exact_space(65);
            assert_true(oracle_ec_public(curve, exact(v->key), point));
            assert_true(oracle_ecdsa_der(curve, view(point), exact(HASH), sign(r, HASH).data));
            assert_true(oracle_ecdsa_der(curve, view(point), exact(HASH), sign_at(r, path, HASH).data));
        }
        done[document_of(v)]++;
        hex_release();
        rig_forget(r);
    }
    print_published(done);
    rig_stop(r);
}

/* apdu.md 3.25, the bytes of a client on the line. */
static void as_a_client_sends_it(void **state)
{
    struct rig *r = rig_ready(701, "");
    SEND_DATA(r, "804A010010 " SEED, 0x9000, "");
    SEND_DATA(r, "804A0A00000009 020100 020480000000 0000", 0x9000,
              "0488B21E 01 3442193E 80000000 47FDACBD0F1097043B78C63C20C34EF4ED9A111D980047AD16282C7AE6236141"
              "035A784662A4A20A65BF6AAB9AE98A6C068A81C52E4B032C0FB5400C706CFCCC56");
    SEND_DATA(r, "804A1000 03 020100", 0x9000, "");
    expect_signature_of_master(rig_send(r, "806800A020 " HASH "00"), 0, HASH);
    rig_stop(r);
}

/* ---- refusals ---- */

/* clang-format off */
/* On a card with masters 0, 4 and 7. */
static const struct { uint8_t p1, p2; const char *data; uint16_t sw; const char *why; } refused[] = {
    {0x01, 0x0A, SEED,                        0x6A86, "id over 9"},
    {0x03, 0xFF, SEED,                        0x6A86, "id over 9"},
    {0x00, 0x00, "020100",                    0x6A86, "no such P1"},
    {0x04, 0x00, SEED,                        0x6A86, "no such P1"},
    {0x0B, 0x00, "020100",                    0x6A86, "no such P1"},
    {0x11, 0x00, "020100",                    0x6A86, "no such P1"},
    {0x0A, 0x01, "020100",                    0x6A86, "P2 of a query"},
    {0x10, 0x01, "020100",                    0x6A86, "P2 of a choice"},
    {0x01, 0x05, SEED_64 "00",                0x6700, "a seed of 65 bytes"},
    {0x03, 0x05, SEED_64 SEED_64,             0x6700, "a seed of 128 bytes"},
    {0x0A, 0x00, "",                          0x6700, "no path"},
    {0x10, 0x00, "",                          0x6700, "no path"},
    {0x0A, 0x00, "020105",                    0x6400, "no such master"},
    {0x0A, 0x00, "02010A",                    0x6400, "no such master"},
    {0x0A, 0x00, "020480000000",              0x6400, "no master first"},
    {0x0A, 0x00, "0401AA",                    0x6400, "a label first"},
    {0x0A, 0x00, "0201000401AA",              0x6400, "a label, secp256k1"},
    {0x0A, 0x00, "0201040400",                0x6400, "a label, P-256"},
    {0x0A, 0x00, "020107020480000000",        0x6400, "a number, symmetric"},
    {0x0A, 0x00, "0201070401AA020400000001",  0x6400, "a number after a label"},
    {0x0A, 0x00, "0201000204800000",          0x6400, "cut"},
    {0x0A, 0x00, "02010002048000000002",      0x6400, "cut"},
    {0x10, 0x00, "0201000203000000",          0x6400, "a number of 3 bytes"},
    {0x10, 0x00, "020107020480000000",        0x6400, "a number, symmetric"},
    {0x10, 0x00, "020109",                    0x6400, "no such master"},
};
/* clang-format on */

static void every_refusal_changes_nothing(void **state)
{
    struct rig *r = furnished(702, "");
    uint32_t generation = rig_generation(r);
    for (size_t i = 0; i < COUNT(refused); i++) {
        EXPECT_ROW(rig_command_hex(r, 0x80, 0x4A, refused[i].p1, refused[i].p2, refused[i].data, 65536), refused[i].sw,
                   "", refused[i].why);
        EXPECT_ROW(sign(r, HASH), 0x6985, "", refused[i].why);
        EXPECT_ROW(xpub(r, "020105"), 0x6400, "", refused[i].why);
    }
    /* EF 2F1F counts what decisions.md names; masters are not among it. */
    EXPECT_EMPTY(master(r, K1, 0, ""), 0x9000);
    assert_int_equal(rig_generation(r), generation);
    rig_stop(r);
}

static void one_command_is_refused_as_two_are(void **state)
{
    struct rig *r = furnished(703, "");
    static const struct {
        const char *data;
        uint16_t sw;
    } rows[] = {
        {"", 0x6700},
        {"A003020100", 0x6A80},           /* no hash */
        {"8120" HASH, 0x6A80},            /* no path */
        {"A003020100 8121" HASH, 0x6A80}, /* cut */
        {"A004020100 8120" HASH, 0x6A80}, /* path and hash overlap */
        {"A003020100 8100", 0x6700},      /* no hash to sign */
        {"A000 8120" HASH, 0x6700},       /* no path */
        {"A003020105 8120" HASH, 0x6400}, /* no such master */
        {"A0060201000401AA 8120" HASH, 0x6400},
        {"A003020107 8120" HASH, 0x6985}, /* symmetric */
        {"A00302010F 8120" HASH, 0x6400},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        EXPECT_ROW(rig_command_hex(r, 0x80, 0x68, 0, 0xA1, rows[i].data, 65536), rows[i].sw, "", rows[i].data);
    }
    /* Any order, others skipped, the first of a tag wins. */
    struct answer signature =
        rig_command_hex(r, 0x80, 0x68, 0x55, 0xA1, "8120" HASH "990100 A003020104 A003020105", 65536);
    expect_signature_of_master(signature, 4, HASH);
    rig_stop(r);
}

/* ---- a selected node ---- */

static void lengths_are_those_of_ecdsa(void **state)
{
    struct rig *r = furnished(704, "");
    static const size_t sizes[] = {1, 20, 31, 32, 33, 48, 64, 65, 300};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const char *hash = counting(sizes[i], 0x30);
        for (unsigned id = 0; id <= 4; id += 4) {
            EXPECT_SW(choose(r, text_of("0201%02X", id)), 0x9000);
            expect_signature_of_master(sign(r, hash), id, hash);
        }
    }
    EXPECT_SW(choose(r, "020100"), 0x9000);
    EXPECT_EMPTY(sign(r, ""), 0x6700);
    EXPECT_EMPTY(sign(r, HASH), 0x6985); /* used up by the failure */
    rig_stop(r);
}

static void p1_does_not_matter(void **state)
{
    struct rig *r = furnished(705, "");
    EXPECT_SW(rig_generate_ec(r, 0x11, CRYPTO_SECP256R1, "9100"), 0x9000); /* a key that may do nothing */
    EXPECT_SW(choose(r, "020104"), 0x9000);
    expect_signature_of_master(rig_command_hex(r, 0x80, 0x68, 0x11, 0xA0, HASH, 256), 4, HASH);
    EXPECT_SW(choose(r, "020104"), 0x9000);
    expect_signature_of_master(rig_command_hex(r, 0x80, 0x68, 0x99, 0xA0, HASH, 256), 4, HASH);
    rig_stop(r);
}

/* What ends a selection: each row is sent after a choice, then SIGN must be refused. */
static void a_node_serves_once_and_not_for_long(void **state)
{
    static const char *const ends[] = {
        "806800A020 " HASH "00",   /* used */
        "806800A000",              /* used, without data */
        "00A404000B" RIG_AID "00", /* SELECT, also when selected */
        "00A4040008" RIG_RESCUE_AID "00",
        "0020008106" RIG_USER_PIN, /* the right PIN: a new login */
        "0020008106303030303030",  /* a wrong one */
        "0020008808" RIG_SO_PIN,
        "80500000128106" RIG_USER_PIN "8208" RIG_SO_PIN, /* INITIALIZE */
        "804A0100",                                      /* a master of another tree, or of the same */
        "804A010910" SEED,
        "804A100003020105", /* a choice that fails */
        "804A100003020107", /* a choice of what cannot sign */
        "804A10000402010004",
        "804A1000",
    };
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct rig *r = furnished(706, "80020001");
        EXPECT_SW(choose(r, "020100"), 0x9000);
        (void)rig_send(r, ends[i]);
        /* Straight to the handler's state, whoever is logged in now. */
        bool used_by_next = i == 11;
        assert_int_equal(r->hsm->session.hd.kind, used_by_next ? CRYPTO_HD_SYMMETRIC : CRYPTO_HD_NONE);
        if (!used_by_next) assert_true(ct_is_zero((bytes){(uint8_t *)&r->hsm->session.hd, sizeof r->hsm->session.hd}));
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_SW(sign(r, HASH), 0x6982);
        EXPECT_SW(rig_login(r), 0x9000);
        EXPECT_EMPTY(sign(r, HASH), 0x6985);
        rig_stop(r);
        hex_release();
    }
}

static void reset_and_power_end_it(void **state)
{
    struct rig *r = furnished(707, "");
    EXPECT_SW(choose(r, "020100"), 0x9000);
    rig_reset(r);
    assert_int_equal(r->hsm->session.hd.kind, CRYPTO_HD_NONE);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_EMPTY(sign(r, HASH), 0x6985);
    EXPECT_SW(choose(r, "020100"), 0x9000);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_EMPTY(sign(r, HASH), 0x6985);
    expect_signature_of_master(sign_at(r, "020100", HASH), 0, HASH); /* the masters are still there */
    rig_stop(r);
}

/* Other commands neither use nor drop it; above all not the one that names its own path. */
static void others_leave_it_alone(void **state)
{
    struct rig *r = furnished(708, "");
    EXPECT_SW(rig_generate_ec(r, 0x11, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(choose(r, "020100"), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x68, 0x11, 0x73, "616263", 256), 0x9000);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x68, 0x99, 0x70, HASH, 256), 0x6A82);
    SEND(r, "0084000020", 0x9000);
    EXPECT_SW(xpub(r, "020104 020480000000"), 0x9000);
    EXPECT_SW(xpub(r, "020105"), 0x6400);
    expect_signature_of_master(sign_at(r, "020104", HASH), 4, HASH); /* of another host */
    EXPECT_SW(sign_at(r, "020107", HASH), 0x6985);
    expect_signature_of_master(sign(r, HASH), 0, HASH);
    EXPECT_EMPTY(sign(r, HASH), 0x6985);
    rig_stop(r);
}

static void the_button_is_asked(void **state)
{
    struct rig *r = furnished(709, "");
    SEND(r, "806406000101", 0x9000); /* option 0100 */
    unsigned calls = r->presence.calls;
    EXPECT_SW(choose(r, "020100"), 0x9000);
    EXPECT_SW(xpub(r, "020100"), 0x9000);
    assert_int_equal(r->presence.calls, calls); /* apdu.md 4.7: where a key is used */
    r->presence.answer = false;
    EXPECT_EMPTY(sign(r, HASH), 0x6600);
    EXPECT_EMPTY(sign_at(r, "020104", HASH), 0x6600);
    assert_int_equal(r->presence.calls, calls + 2);
    r->presence.answer = true;
    EXPECT_EMPTY(sign(r, HASH), 0x6985);            /* used up by the refusal */
    assert_int_equal(r->presence.calls, calls + 2); /* nobody is asked for what cannot be done */
    expect_signature_of_master(sign_at(r, "020104", HASH), 4, HASH);
    rig_stop(r);
}

/* ---- CIPHER with a symmetric node ---- */

#define HD_OID "060B2B0601040183A878058D6B"
#define NODE_7_1_2 "020107 040101 040102"

static struct answer cipher(struct rig *r, uint8_t p2, const char *data)
{
    return rig_command_hex(r, 0x80, 0x78, 0x00, p2, data, 65536);
}

/* hd.json: master 7, labels 01 and 02. */
static const struct {
    const char *plain, *sealed, *more;
} hd_ciphers[] = {
    {"74657374696E67206D65737361676521", "DC94C8DD2D637362961E50237531B1B6", "8200 83087465737445314431"},
    {"74657374696E67206D65737361676521", "DC94C8DD2D637362961E50237531B1B6", "83087465737445314431"},
    {"74657374696E67206D65737361676521 74657374696E67206D65737361676521",
     "A0B33849D1B864B25B9D7289775ECB0C10C71B25B619594509104415FB22D1D6",
     "8210000102030405060708090A0B0C0D0E0F 83087465737445304430"},
};

static void known_ciphers(void **state)
{
    struct rig *r = furnished(716, "");
    for (size_t i = 0; i < COUNT(hd_ciphers); i++) {
        const char *plain = hex_of(exact(hd_ciphers[i].plain)), *sealed = hd_ciphers[i].sealed;
        size_t n = exact(plain).n;
        const char *encrypt = text_of(HD_OID "81%02X%s%s", (unsigned)n, plain, hd_ciphers[i].more);
        const char *decrypt = text_of(HD_OID "81%02X%s%s", (unsigned)n, sealed, hd_ciphers[i].more);
        EXPECT_SW(choose(r, NODE_7_1_2), 0x9000);
        EXPECT_DATA(cipher(r, 0x51, encrypt), 0x9000, sealed);
        EXPECT_EMPTY(cipher(r, 0x51, encrypt), 0x6985);
        EXPECT_SW(choose(r, NODE_7_1_2), 0x9000);
        EXPECT_DATA(cipher(r, 0x52, decrypt), 0x9000, plain);
        /* Ours: the path beside the others; whatever is selected stays. */
        EXPECT_SW(choose(r, "020100"), 0x9000);
        EXPECT_DATA(cipher(r, 0x51, text_of("%sA009" NODE_7_1_2, encrypt)), 0x9000, sealed);
        EXPECT_DATA(cipher(r, 0x52, text_of("A009" NODE_7_1_2 "%s", decrypt)), 0x9000, plain);
        expect_signature_of_master(sign(r, HASH), 0, HASH);
    }
    rig_stop(r);
}

/* Sent with node 7/01/02, or the one that the row says; each uses it up. */
static void ciphers_that_are_refused(void **state)
{
    struct rig *r = furnished(717, "");
    static const struct {
        const char *node, *data;
        uint16_t sw;
        const char *why;
    } rows[] = {
        {"020100", HD_OID "8110" SEED, 0x6A80, "secp256k1"},
        {"020104 020480000000", HD_OID "8110" SEED, 0x6A80, "P-256"},
        {NODE_7_1_2, HD_OID, 0x6700, "no text"},
        {NODE_7_1_2, HD_OID "8100", 0x6700, "empty text"},
        {NODE_7_1_2, HD_OID "810F000102030405060708090A0B0C0D0E", 0x6700, "text of 15 bytes"},
        {NODE_7_1_2, HD_OID "8111" SEED "00", 0x6700, "text of 17 bytes"},
        {NODE_7_1_2, HD_OID "8110" SEED "820F000102030405060708090A0B0C0D0E", 0x6700, "IV of 15 bytes"},
        {NODE_7_1_2, HD_OID "8110" SEED "8211" SEED "00", 0x6700, "IV of 17 bytes"},
        {NODE_7_1_2, HD_OID "8110" SEED "820100", 0x6700, "IV of 1 byte"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (uint8_t p2 = 0x51; p2 <= 0x52; p2++) {
            EXPECT_SW(choose(r, rows[i].node), 0x9000);
            EXPECT_ROW(cipher(r, p2, rows[i].data), rows[i].sw, "", rows[i].why);
            EXPECT_ROW(cipher(r, p2, HD_OID "8110" SEED), 0x6985, "", rows[i].why);
            EXPECT_ROW(sign(r, HASH), 0x6985, "", rows[i].why);
        }
    }
    EXPECT_SW(choose(r, NODE_7_1_2), 0x9000);
    EXPECT_EMPTY(cipher(r, 0x51, HD_OID "8110" SEED "A003020100"), 0x6A80); /* in one command, on a curve */
    EXPECT_EMPTY(cipher(r, 0x51, HD_OID "8110" SEED "A003020105"), 0x6400);
    EXPECT_EMPTY(cipher(r, 0x51, HD_OID "8110" SEED "A000"), 0x6700); /* not "no path, so the selected one" */
    EXPECT_SW(cipher(r, 0x51, HD_OID "8110" SEED), 0x9000);
    rig_stop(r);
}

/* Another OID, or another key, is no use of the node (upstream's CIPHER runs with an empty key then). */
static void no_other_cipher_uses_a_node(void **state)
{
    struct rig *r = furnished(718, "");
    SEND(r, "804811B0", 0x9000); /* AES-128 */
    EXPECT_SW(choose(r, NODE_7_1_2), 0x9000);
    const char *cbc = "0609608648016503040102 8110" SEED;
    EXPECT_EMPTY(cipher(r, 0x51, cbc), 0x6985); /* key 00 is the device's */
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x78, 0x99, 0x51, cbc, 256), 0x6A82);
    EXPECT_SW(rig_command_hex(r, 0x80, 0x78, 0x11, 0x51, cbc, 256), 0x9000);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x78, 0x00, 0x10, SEED, 256), 0x6985);
    EXPECT_EMPTY(rig_command_hex(r, 0x80, 0x78, 0x00, 0x18, SEED, 256), 0x6985);
    EXPECT_EMPTY(cipher(r, 0x51, "060A2B0601040183A878058D 8110" SEED), 0x6985); /* an OID cut short */
    EXPECT_SW(cipher(r, 0x51, HD_OID "8110" SEED), 0x9000);
    rig_stop(r);
}

static void the_button_is_asked_for_ciphers(void **state)
{
    struct rig *r = furnished(719, "");
    SEND(r, "806406000101", 0x9000);
    EXPECT_SW(choose(r, NODE_7_1_2), 0x9000);
    r->presence.answer = false;
    unsigned calls = r->presence.calls;
    EXPECT_EMPTY(cipher(r, 0x51, HD_OID "8110" SEED), 0x6600);
    EXPECT_EMPTY(cipher(r, 0x51, HD_OID "8110" SEED), 0x6985);
    assert_int_equal(r->presence.calls, calls + 1);
    rig_stop(r);
}

/* ---- masters ---- */

static void masters_are_sealed_and_stay(void **state)
{
    struct rig *r = furnished(710, "");
    const char *before = hex_of(xpub(r, "020104").data);
    EXPECT_EMPTY(master(r, K1, 9, ""), 0x9000); /* drawn by the card */
    EXPECT_EMPTY(master(r, K1, 8, ""), 0x9000);
    const char *drawn = hex_of(xpub(r, "020109").data);
    assert_true(strcmp(drawn, hex_of(xpub(r, "020108").data)) != 0);
    bytes image = rig_image(r);
    static const char *const secrets[] = {SEED, SEED_64,
                                          "612091AAA12E22DD2ABEF664F8A01A82CAE99AD7441B7EF8110424915C268BC2",
                                          "BEEB672FE4621673F722F38529C07392FECAA61015C80C34F29CE8B41B3CB6EA"};
    for (size_t i = 0; i < COUNT(secrets); i++) {
        bytes secret = exact(secrets[i]);
        for (size_t at = 0; at + secret.n <= image.n; at++)
            assert_int_not_equal(memcmp(image.p + at, secret.p, secret.n), 0);
    }
    assert_int_equal(rig_power_cycle(r), ST_OK);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(xpub(r, "020104"), 0x6982);
    EXPECT_SW(rig_login_so(r), 0x9000);
    EXPECT_SW(xpub(r, "020104"), 0x6982); /* DP-27 */
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_DATA(xpub(r, "020104"), 0x9000, before);
    EXPECT_DATA(xpub(r, "020109"), 0x9000, drawn);
    EXPECT_SW(rig_list(r), 0x9000);
    EXPECT_DATA(rig_list(r), 0x9000, "CC00"); /* no file, no key */
    EXPECT_SW(rig_select_file(r, 0x1110), 0x6A82);
    rig_stop(r);
}

static void a_master_is_replaced_whole(void **state)
{
    struct rig *r = furnished(711, "");
    EXPECT_EMPTY(master(r, SYMMETRIC, 0, SEED_64), 0x9000); /* was on a curve */
    EXPECT_SW(xpub(r, "020100 020480000000"), 0x6400);
    assert_int_equal(xpub(r, "020100 0401AA").data.n, 77);
    EXPECT_EMPTY(master(r, R1, 0, SEED), 0x9000);
    expect_signature_of_master(sign_at(r, "020100", HASH), 4, HASH); /* the same seed as master 4 */
    rig_stop(r);
}

static void initialize_erases_them(void **state)
{
    struct rig *r = furnished(712, "");
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
    EXPECT_SW(rig_login(r), 0x9000);
    static const uint8_t ids[] = {0, 4, 7};
    for (size_t i = 0; i < COUNT(ids); i++) EXPECT_EMPTY(xpub(r, text_of("0201%02X", ids[i])), 0x6400);
    rig_stop(r);
}

static void seeds_of_every_length(void **state)
{
    struct rig *r = rig_ready(713, "");
    const char *last = "";
    for (size_t n = 1; n <= 64; n++) {
        EXPECT_EMPTY(master(r, (unsigned)(1 + n % 3), 3, counting(n, 1)), 0x9000);
        const char *now = hex_of(xpub(r, "020103").data);
        assert_true(strcmp(now, last) != 0);
        last = now;
    }
    EXPECT_EMPTY(master(r, K1, 3, counting(65, 1)), 0x6700);
    rig_stop(r);
}

/* ---- long paths ---- */

static const char *long_path(const char *first, const char *level, unsigned depth)
{
    buf b = buf_over(exact_space(exact(first).n + depth * exact(level).n));
    put_bytes(&b, exact(first));
    for (unsigned i = 0; i < depth; i++) put_bytes(&b, exact(level));
    return hex_of(written(&b));
}

static void two_hundred_and_fifty_five_levels(void **state)
{
    struct rig *r = furnished(714, "");
    static const struct {
        const char *master, *level;
    } trees[] = {{"020100", "020480000001"}, {"020104", "0204FFFFFFFF"}, {"020107", "0402ABCD"}};
    for (size_t i = 0; i < COUNT(trees); i++) {
        unsigned ticks = r->progress.ticks;
        struct answer deepest = xpub(r, long_path(trees[i].master, trees[i].level, 255));
        EXPECT_SW(deepest, 0x9000);
        assert_int_equal(deepest.data.p[4], 255);
        assert_true(r->progress.ticks >= ticks + 255);
        EXPECT_EMPTY(xpub(r, long_path(trees[i].master, trees[i].level, 256)), 0x6400);
        hex_release();
    }
    rig_stop(r);
}

static void the_host_may_give_up(void **state)
{
    struct rig *r = furnished(715, "");
    const char *path = long_path("020100", "020480000001", 20);
    EXPECT_SW(choose(r, "020100"), 0x9000);
    r->progress.stop_at = r->progress.ticks + 10;
    EXPECT_EMPTY(choose(r, path), 0x6400);
    r->progress.stop_at = 0;
    EXPECT_EMPTY(sign(r, HASH), 0x6985);
    r->progress.stop_at = r->progress.ticks + 10;
    EXPECT_EMPTY(xpub(r, path), 0x6400);
    r->progress.stop_at = 0;
    EXPECT_SW(xpub(r, path), 0x9000);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(published_nodes),
        CASE(as_a_client_sends_it),
        CASE(every_refusal_changes_nothing),
        CASE(one_command_is_refused_as_two_are),
        CASE(lengths_are_those_of_ecdsa),
        CASE(p1_does_not_matter),
        CASE(a_node_serves_once_and_not_for_long),
        CASE(reset_and_power_end_it),
        CASE(others_leave_it_alone),
        CASE(the_button_is_asked),
        CASE(known_ciphers),
        CASE(ciphers_that_are_refused),
        CASE(no_other_cipher_uses_a_node),
        CASE(the_button_is_asked_for_ciphers),
        CASE(masters_are_sealed_and_stay),
        CASE(a_master_is_replaced_whole),
        CASE(initialize_erases_them),
        CASE(seeds_of_every_length),
        CASE(two_hundred_and_fifty_five_levels),
        CASE(the_host_may_give_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
