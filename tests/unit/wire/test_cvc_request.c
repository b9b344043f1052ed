/* SPDX-License-Identifier: Apache-2.0 */
/* The template of GENERATE ASYMMETRIC KEY PAIR: what each client sends, and every row of apdu.md
 * 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nested.h"
#include "vectors/wire/vectors.h"
#include "wire/cvc.h"

#define RSA "06{04007F00070202020102}"
#define EC "06{04007F00070202020203}"
#define NAME_16 "4142434445464748494A4B4C4D4E4F50"
#define UT_CA "555443413030303031"                /* UTCA00001 */
#define DUMMY "55544344554D4D593030303031"        /* UTCDUMMY00001 */
#define DEVICE "45535049434F48534D54523030303031" /* ESPICOHSMTR00001 */
#define P256 "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"
#define P256_A "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC"
#define P256_N "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
#define P256_G                                                                                                         \
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"                                               \
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
#define K1 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F"
#define P25519 "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED"
#define N25519 "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED"
#define ZEROS_31 "00000000000000000000000000000000000000000000000000000000000000"
#define SIXES_31 "66666666666666666666666666666666666666666666666666666666666666"
#define LIST_32 "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

/* clang-format off */
static const struct {
    const char *vector; enum cvc_kind kind; unsigned curve; uint32_t bits; /* curve: crypto_curve or crypto_okp */
    const char *car, *chr;
} clients[] = {
    { "cvc: OpenSC, RSA-2048: data",    CVC_RSA, 0, 2048, UT_CA, DEVICE },
    { "cvc: OpenSC, P-256: data",       CVC_EC, CRYPTO_SECP256R1, 0, UT_CA, DEVICE },
    { "cvc: pypicohsm, P-256, counter 5, algorithms 73 80, domain 0: data",
                                        CVC_EC, CRYPTO_SECP256R1, 0, UT_CA, DUMMY },
    { "cvc: pypicohsm, RSA-2048: data", CVC_RSA, 0, 2048, UT_CA, DUMMY },
    { "cvc: pypicohsm, X25519: data",   CVC_OKP, CRYPTO_X25519, 0, UT_CA, DUMMY },
    { "cvc: pypicohsm, X448: data",     CVC_OKP, CRYPTO_X448, 0, UT_CA, DUMMY },
    { "cvc: pypicohsm, Ed25519: data",  CVC_OKP, CRYPTO_ED25519, 0, UT_CA, DUMMY },
    { "cvc: pypicohsm, Ed448: data",    CVC_OKP, CRYPTO_ED448, 0, UT_CA, DUMMY },
};
/* clang-format on */

static void what_clients_send(void **state)
{
    for (size_t i = 0; i < COUNT(clients); i++) {
        struct cvc_key_request r;
        bytes in = exact(vector(clients[i].vector));
        assert_int_equal(cvc_key_request_parse(in, &r), ST_OK);
        assert_int_equal(r.kind, clients[i].kind);
        if (r.kind == CVC_EC) assert_int_equal(r.curve, clients[i].curve);
        if (r.kind == CVC_OKP) assert_int_equal(r.okp, clients[i].curve);
        if (r.kind == CVC_RSA) assert_int_equal(r.rsa_bits, clients[i].bits);
        if (r.kind == CVC_RSA) assert_int_equal(r.rsa_e, 65537);
        assert_hex(r.car, clients[i].car);
        assert_hex(r.chr, clients[i].chr);
        assert_int_equal(r.metadata.has_counter, i == 2);
        for (size_t n = 0; n < in.n; n++) { /* cut anywhere: maybe whole objects less, never more */
            status st = cvc_key_request_parse(exact_copy(bytes_first(in, n)), &r);
            assert_true(st == ST_OK || st == ST_BAD_DATA || st == ST_BAD_LENGTH);
        }
    }
}

static void metadata_comes_along(void **state)
{
    struct cvc_key_request r;
    bytes in = exact(vector("cvc: pypicohsm, P-256, counter 5, algorithms 73 80, domain 0: data"));
    assert_int_equal(cvc_key_request_parse(in, &r), ST_OK);
    assert_true(r.metadata.has_counter && r.metadata.has_list && r.metadata.has_domain);
    assert_int_equal(r.metadata.counter, 5);
    assert_hex(r.metadata.list, "7380");
    assert_int_equal(r.metadata.domain, 0);
    assert_false(r.metadata.has_wrapping_id);
}

/* clang-format off */
static const struct { status st; uint32_t bits, e; const char *text; } rsa[] = {
    { ST_OK,       2048, 65537,      "7F49{" RSA "}" },                 /* all by default */
    { ST_OK,       1024, 65537,      "7F49{" RSA "02{0400}}" },
    { ST_OK,       4096, 3,          "7F49{" RSA "82{03}02{1000}}" },
    { ST_OK,       3072, 17,         "7F49{02{0C00} 82{11}" RSA "}" },  /* any order */
    { ST_OK,       1032, 0xFFFFFFFF, "7F49{" RSA "82{FFFFFFFF}02{0408}}" },
    { ST_OK,       2048, 65537,      "7F49{" RSA "82{00010001}}" },
    { ST_OK,       2048, 5,          "7F49{" RSA "82{05}82{04}}" },     /* first wins */
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "02{03F8}}" },                     /* 1016 */
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "02{1008}}" },                     /* 4104 */
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "02{0404}}" },                     /* no multiple of 8 */
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "02{0801}}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "02{0000}}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "02{000800}}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "02{08}}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "0200}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "82{01}}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "82{00}}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "82{010000}}" },                   /* even */
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "8200}" },
    { ST_BAD_DATA, 0, 0, "7F49{" RSA "82{0000000003}}" },
};

static const struct { status st; enum crypto_curve curve; const char *text; } ec[] = {
    { ST_OK, CRYPTO_SECP256R1, "7F49{" EC "81{" P256 "}}" },
    { ST_OK, CRYPTO_SECP256R1, "7F49{81{" P256 "}" EC "}" },
    { ST_OK, CRYPTO_SECP256R1, "7F49{" EC "81{" P256 "}84{" P256_G "}85{" P256_N "}87{01}}" },
    { ST_OK, CRYPTO_SECP256R1, "7F49{" EC "81{" P256 "}82{00" P256_A "}87{0001}}" },
    { ST_OK, CRYPTO_SECP256K1, "7F49{" EC "81{" K1 "}82{00}83{07}}" }, /* short numbers */
    { ST_BAD_LENGTH,    0, "7F49{" EC "}" },                           /* no prime */
    { ST_BAD_LENGTH,    0, "7F49{" EC "8100}" },
    { ST_BAD_LENGTH,    0, "7F49{" EC "82{" P256_A "}}" },
    { ST_NOT_SUPPORTED, 0, "7F49{" EC "81{05}}" },                     /* unknown */
    { ST_NOT_SUPPORTED, 0, "7F49{" EC "81{00" P256 "}}" },             /* not its exact length */
    { ST_NOT_SUPPORTED, 0, "7F49{" EC "81{" P256_A "}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P256 "}82{" P256 "}}" },   /* another curve's */
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P256 "}83{" P256_A "}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P256 "}84{" P256_N "}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P256 "}84{00" P256_G "}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P256 "}85{" P256 "}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P256 "}87{04}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P256 "}8700}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" K1 "}82{" P256_A "}}" },
    { ST_BAD_LENGTH,    0, "7F49{" EC "81{" P25519 "}}" },             /* no 83 */
    { ST_BAD_LENGTH,    0, "7F49{" EC "81{" P25519 "}8300}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P25519 "}83{09}}" },       /* half a base point */
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P25519 "}83{" SIXES_31 "58}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P25519 "}83{58" SIXES_31 "}82{" P25519 "}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P25519 "}83{09" SIXES_31 "}}" },
    { ST_BAD_DATA,      0, "7F49{" EC "81{" P25519 "}83{05" ZEROS_31 "}}" },
    { ST_NOT_SUPPORTED, 0, "7F49{" EC "81{" N25519 "}83{09" ZEROS_31 "}}" },
};

static const struct { enum crypto_okp okp; const char *text; } okp[] = {
    { CRYPTO_X25519,  "7F49{" EC "81{" P25519 "}83{09" ZEROS_31 "}}" },
    { CRYPTO_X25519,  "7F49{83{09" ZEROS_31 "}81{" P25519 "}82{00" N25519 "}" EC "}" },
    { CRYPTO_ED25519, "7F49{" EC "81{" P25519 "}83{58" SIXES_31 "}}" },
};

static const struct { status st; const char *text; } others[] = {
    { ST_OK,         "5F290100 42{" UT_CA "}7F49{" RSA "}5F20{" DUMMY "}45{00}" },
    { ST_OK,         "5F20{" NAME_16 "}42{" NAME_16 "}7F49{" RSA "}" },
    { ST_OK,         "4200 5F2000 7F49{" RSA "}" },                    /* empty: default */
    { ST_OK,         "C10100 7F49{" RSA "C20100}" },                   /* unknown tags */
    { ST_OK,         "7F49{" RSA "}91{" LIST_32 "}92{0F}90{00000000}93{}" },
    { ST_OK,         "7F49{" RSA "}7F49{}" },                          /* first wins */
    { ST_OK,         "5F2902FFFF 7F49{" RSA "}" },                     /* ignored */
    { ST_BAD_LENGTH, "" },
    { ST_BAD_LENGTH, "5F290100" },                                     /* no 7F49 */
    { ST_BAD_LENGTH, "42{" UT_CA "}" RSA },
    { ST_BAD_LENGTH, "7F4E{7F49{" RSA "}}" },                          /* no tag around it */
    { ST_BAD_DATA,   "7F4900" },                                       /* no OID */
    { ST_BAD_DATA,   "7F49{02{0800}}" },
    { ST_BAD_DATA,   "7F49{0600}" },
    { ST_BAD_DATA,   "7F49{06{04007F00070202020101}}" },               /* SHA-1 */
    { ST_BAD_DATA,   "7F49{06{04007F00070202020204}81{" P256 "}}" },   /* SHA-384 */
    { ST_BAD_DATA,   "7F49{06{04007F000702020202}81{" P256 "}}" },     /* half of it */
    { ST_BAD_DATA,   "7F49{06{04007F0007020202020300}81{" P256 "}}" },
    { ST_BAD_DATA,   "42{" NAME_16 "51}7F49{" RSA "}" },
    { ST_BAD_DATA,   "7F49{" RSA "}5F20{" NAME_16 "51}" },
    { ST_BAD_DATA,   "7F49{" RSA "}90{000001}" },
    { ST_BAD_DATA,   "7F49{" RSA "}90{0000000001}" },
    { ST_BAD_DATA,   "7F49{" RSA "}91{" LIST_32 "20}" },
    { ST_BAD_DATA,   "7F49{" RSA "}92{10}" },
    { ST_BAD_DATA,   "7F49{" RSA "}92{0000}" },
    { ST_BAD_DATA,   "7F49{" RSA "}9200" },
    { ST_BAD_DATA,   "7F49{" RSA "}91" },                              /* malformed TLV */
    { ST_BAD_DATA,   "7F49{" RSA "}9105 70" },
    { ST_BAD_DATA,   "5F2940 7F49{" RSA "}" },
    { ST_BAD_DATA,   "7F49 40 " RSA },
    { ST_BAD_DATA,   "7F49{" RSA "02}" },
    { ST_BAD_DATA,   "7F49{" EC "8140 00}" },
    { ST_BAD_DATA,   "91" },                                           /* before the missing 7F49 */
};
/* clang-format on */

static status parse(const char *text, struct cvc_key_request *r)
{
    *r = (struct cvc_key_request){.rsa_bits = 4711};
    status st = cvc_key_request_parse(nested(text), r);
    if (st != ST_OK) assert_int_equal(r->rsa_bits, 4711); /* untouched */
    return st;
}

static void rsa_templates(void **state)
{
    for (size_t i = 0; i < COUNT(rsa); i++) {
        struct cvc_key_request r;
        assert_int_equal(parse(rsa[i].text, &r), rsa[i].st);
        if (rsa[i].st != ST_OK) continue;
        assert_int_equal(r.kind, CVC_RSA);
        assert_int_equal(r.rsa_bits, rsa[i].bits);
        assert_int_equal(r.rsa_e, rsa[i].e);
    }
}

static void ec_templates(void **state)
{
    for (size_t i = 0; i < COUNT(ec); i++) {
        struct cvc_key_request r;
        status st = parse(ec[i].text, &r);
        if (st != ec[i].st) print_error("row %zu\n", i);
        assert_int_equal(st, ec[i].st);
        if (st != ST_OK) continue;
        assert_int_equal(r.kind, CVC_EC);
        assert_int_equal(r.curve, ec[i].curve);
    }
}

static void okp_templates(void **state)
{
    for (size_t i = 0; i < COUNT(okp); i++) {
        struct cvc_key_request r;
        assert_int_equal(parse(okp[i].text, &r), ST_OK);
        assert_int_equal(r.kind, CVC_OKP);
        assert_int_equal(r.okp, okp[i].okp);
    }
}

static void everything_around_the_key(void **state)
{
    for (size_t i = 0; i < COUNT(others); i++) {
        struct cvc_key_request r;
        status st = parse(others[i].text, &r);
        if (st != others[i].st) print_error("row %zu\n", i);
        assert_int_equal(st, others[i].st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_clients_send), cmocka_unit_test(metadata_comes_along),
        cmocka_unit_test(rsa_templates),     cmocka_unit_test(ec_templates),
        cmocka_unit_test(okp_templates),     cmocka_unit_test(everything_around_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
