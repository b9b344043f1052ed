/* SPDX-License-Identifier: Apache-2.0 */
/* Reading certificates and requests: the vectors field by field, and every way to cut or bend
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nested.h"
#include "vectors/wire/vectors.h"
#include "wire/cvc.h"

#define DEVICE_NAME "45535049434F48534D54523030303031" /* ESPICOHSMTR00001 */
#define P256_OID "04007F00070202020203"

static void the_device_certificate(void **state)
{
    struct cvc c;
    bytes in = exact(vector("cvc: device certificate: certificate"));
    assert_true(cvc_parse(in, &c));
    assert_hex(c.body, vector("cvc: device certificate: body"));
    assert_hex(c.car, DEVICE_NAME);
    assert_hex(c.chr, DEVICE_NAME);
    assert_hex(c.key.oid, P256_OID);
    assert_int_equal(cvc_key_field(&c.key, 0x81).n, 32);
    assert_hex(cvc_key_field(&c.key, 0x86), vector("cvc: device certificate: public_point"));
    assert_hex(cvc_key_field(&c.key, 0x87), "01");
    assert_int_equal(cvc_key_field(&c.key, 0x80).n, 0);
    assert_int_equal(cvc_key_field(&c.key, 0x88).n, 0);
    assert_hex(c.role_oid, "04007F000703010202");
    assert_hex(c.role, "0100");
    assert_hex(c.valid_from, "020300030201");
    assert_hex(c.valid_to, "070001020301");
    assert_int_equal(c.signature.n, 64);
    assert_ptr_equal(c.signature.p + 64, in.p + in.n);
    assert_int_equal(c.extensions.n + c.outer_car.n + c.outer_signature.n + c.outer_signed.n, 0);
    assert_true(bytes_equal(c.whole, in));
}

/* The offsets of formats.md 3.5. */
static void a_request_with_its_offsets(void **state)
{
    struct cvc c;
    bytes in = exact(vector("cvc: generated P-256: content"));
    assert_int_equal(in.n, 490);
    assert_true(cvc_parse(in, &c));
    assert_ptr_equal(c.body.p, in.p + 9);
    assert_int_equal(c.body.n, 338 - 9);
    assert_ptr_equal(c.outer_signed.p, in.p + 4);
    assert_int_equal(c.outer_signed.n, 423 - 4);
    assert_hex(c.outer_signed, vector("cvc: generated P-256: outer_signed"));
    assert_hex(c.car, "555443413030303031");
    assert_hex(c.outer_car, DEVICE_NAME);
    assert_ptr_equal(c.signature.p, in.p + 341);
    assert_ptr_equal(c.outer_signature.p, in.p + 426);
    assert_int_equal(c.signature.n, 64);
    assert_int_equal(c.outer_signature.n, 64);
    assert_int_equal(c.role.n + c.role_oid.n + c.valid_from.n + c.valid_to.n, 0);
    assert_hex(cvc_key_field(&c.key, 0x86), vector("cvc: generated P-256: public_point"));
}

static void rsa_and_other_keys(void **state)
{
    struct cvc c;
    assert_true(cvc_parse(exact(vector("cvc: generated RSA-2048: content")), &c));
    assert_hex(c.key.oid, "04007F00070202020102");
    assert_hex(cvc_key_field(&c.key, 0x81), vector("cvc: generated RSA-2048: n"));
    assert_hex(cvc_key_field(&c.key, 0x82), vector("cvc: generated RSA-2048: e"));
    assert_int_equal(c.signature.n, 256);
    assert_true(cvc_parse(exact(vector("cvc: generated X448: content")), &c));
    assert_hex(cvc_key_field(&c.key, 0x84), vector("cvc: generated X448: public_key"));
    assert_int_equal(c.signature.n, 112);
    assert_true(cvc_parse(exact(vector("cvc: generated Ed25519: content")), &c));
    assert_hex(c.body, vector("cvc: generated Ed25519: body"));
}

/* EF 2F02: leaf, DV with nothing but a point, root. */
static void a_chain_is_read_one_by_one(void **state)
{
    static const char *const names[] = {"device", "dv", "ca"};
    bytes in = exact(vector("cvc: three-certificate EF 2F02: content"));
    reader r = read_from(in);
    struct cvc c, previous = {0};
    for (size_t i = 0; i < COUNT(names); i++) {
        char name[64];
        snprintf(name, sizeof(name), "cvc: three-certificate EF 2F02: %s", names[i]);
        assert_true(cvc_next(&r, &c));
        assert_hex(c.whole, vector(name));
        if (i > 0) assert_true(bytes_equal(previous.car, c.chr));
        assert_int_equal(cvc_key_field(&c.key, 0x86).n, 65);
        assert_int_equal(cvc_key_field(&c.key, 0x81).n, i == 1 ? 0 : 32);
        previous = c;
    }
    assert_false(cvc_next(&r, &c));
    assert_true(rd_done(&r));
    assert_false(cvc_parse(in, &c)); /* three are not one */
    assert_int_equal(c.chr.n, 0);
}

static void the_vendors_certificates(void **state)
{
    struct cvc c;
    assert_true(cvc_parse(exact(vector("pki_chain: ESPICOHSMCA00001: certificate")), &c));
    assert_int_equal(c.role.n, 5);
    assert_true(cvc_parse(exact(vector("pki_chain: ESPICOHSMCA00002: certificate")), &c));
    assert_true(cvc_parse(exact(vector("pki_chain: ESPICOHSMDV00002: certificate")), &c));
    assert_hex(c.role, "8000000004");
}

/* What PSO VERIFY CERTIFICATE takes: a 7F21 without its tag. */
static void bare_content_is_read(void **state)
{
    struct cvc whole, bare;
    bytes in = exact(vector("cvc: device certificate: certificate"));
    assert_true(cvc_parse(in, &whole));
    bytes content = exact_copy(bytes_after(in, 5));
    assert_true(cvc_parse(content, &bare));
    assert_true(bytes_equal(whole.body, bare.body));
    assert_true(bytes_equal(bare.whole, content));
    assert_false(cvc_parse(exact_copy(bytes_first(content, content.n - 1)), &bare));
}

static const char *const whole[] = {
    "cvc: device certificate: certificate", "cvc: device key request: content",   "cvc: generated RSA-1024: content",
    "cvc: generated P-521: content",        "cvc: three-certificate EF 2F02: dv",
};

static void cut_anywhere_it_is_refused(void **state)
{
    struct cvc c;
    for (size_t i = 0; i < COUNT(whole); i++) {
        bytes in = exact(vector(whole[i]));
        assert_true(cvc_parse(in, &c));
        for (size_t n = 0; n < in.n; n++) {
            bytes cut = exact_copy(bytes_first(in, n));
            reader r = read_from(cut);
            assert_false(cvc_parse(cut, &c));
            assert_null(c.chr.p);
            assert_false(cvc_next(&r, &c));
            assert_int_equal(r.bad, n > 0);
        }
        span longer = exact_space(in.n + 1);
        memcpy(longer.p, in.p, in.n);
        assert_false(cvc_parse(view(longer), &c));
        hex_release();
    }
}

static bool inside(bytes part, bytes of)
{
    if (part.n == 0) return true;
    return part.p >= of.p && part.n <= of.n && (size_t)(part.p - of.p) <= of.n - part.n;
}

static void check_views_inside(const struct cvc *c, bytes in)
{
    const bytes parts[] = {c->whole,        c->body,           c->car,        c->chr,        c->key.oid,   c->role_oid,
                           c->role,         c->valid_to,       c->valid_from, c->extensions, c->signature, c->outer_car,
                           c->outer_signed, c->outer_signature};
    for (size_t i = 0; i < COUNT(parts); i++) assert_true(inside(parts[i], in));
    for (uint16_t tag = 0x81; tag <= 0x87; tag++) { assert_true(inside(cvc_key_field(&c->key, tag), in)); }
}

/* Each byte flipped in turn: accepted or not, no view leaves the input. */
static void bent_anywhere_it_stays_inside(void **state)
{
    static const uint8_t flips[] = {0x01, 0x7F, 0x80, 0xFF};
    for (size_t i = 0; i < COUNT(whole) * COUNT(flips); i++) {
        bytes in = exact(vector(whole[i / COUNT(flips)]));
        span bent = exact_space(in.n);
        memcpy(bent.p, in.p, in.n);
        for (size_t at = 0; at < in.n; at++) {
            struct cvc c;
            bent.p[at] ^= flips[i % COUNT(flips)];
            if (cvc_parse(view(bent), &c)) check_views_inside(&c, view(bent));
            bent.p[at] ^= flips[i % COUNT(flips)];
        }
        hex_release();
    }
}

#define KEY "7F49{06{01}}"
#define CHR "5F20{41}"
#define SIG "5F37{01}"
#define NAME_17 "4142434445464748494A4B4C4D4E4F5051"

/* clang-format off */
static const struct { bool good; const char *text; } shapes[] = {
    { true,  "7F21{7F4E{" KEY CHR "}" SIG "}" },
    { true,  "7F21{7F4E{" CHR KEY "}" SIG "}" },                  /* any order inside the body */
    { true,  "7F21{7F4E{" KEY CHR "4200}" SIG "}" },              /* an empty CAR */
    { true,  "7F21{7F4E{" KEY CHR "C101FF}" SIG "}" },            /* an unknown tag */
    { true,  "7F21820011 7F4E{" KEY CHR "}" SIG },                /* lengths not minimal */
    { true,  "7F4E{" KEY CHR "}" SIG },                           /* without 7F21 */
    { false, "7F21{7F4E{" KEY CHR "}}" },                         /* no signature */
    { false, "7F21{7F4E{" KEY CHR "}5F3700}" },                   /* an empty one */
    { false, "7F21{" SIG "7F4E{" KEY CHR "}}" },                  /* order */
    { false, "7F21{7F4E{" KEY CHR "}" SIG "4200}" },              /* something behind */
    { false, "7F21{7F4E{" KEY CHR "}4200" SIG "}" },              /* and between */
    { false, "7F21{7F4E{" KEY "}" SIG "}" },                      /* no CHR */
    { false, "7F21{7F4E{" KEY "5F2000}" SIG "}" },                /* an empty one */
    { false, "7F21{7F4E{" CHR "}" SIG "}" },                      /* no key */
    { false, "7F21{7F4E{7F4900" CHR "}" SIG "}" },                /* an empty one */
    { false, "7F21{7F4E{7F49{810101}" CHR "}" SIG "}" },          /* without OID */
    { false, "7F21{7F4E{7F49{060201}" CHR "}" SIG "}" },          /* cut */
    { false, "7F21{7F4E{" KEY "5F20{" NAME_17 "}}" SIG "}" },
    { false, "7F21{7F4E{42{" NAME_17 "}" KEY CHR "}" SIG "}" },
    { false, "7F21{7F4E{" KEY CHR "5F25{020300}}" SIG "}" },      /* half a date */
    { false, "7F21{7F4E{" KEY CHR "5F24{02030003020100}}" SIG "}" },
    { false, "7F21{7F4E{" KEY CHR "65{7305AA}}" SIG "}" },        /* extensions cut */
    { false, "7F21{7F4E{" KEY CHR "7F4C{0605}}" SIG "}" },        /* role cut */
    { false, "7F21{7F4E{" KEY CHR "06}" SIG "}" },                /* body cut */
    { false, "7F4E{" KEY CHR "}" SIG "00" },
    { false, "30{020100}" }, { false, "6700" }, { false, "7F2100" }, { false, "7F4E00" },
    { false, "67{7F21{7F4E{" KEY CHR "}" SIG "}}" },              /* requests: parts missing */
    { false, "67{7F21{7F4E{" KEY CHR "}" SIG "}420141}" },
    { true,  "67{7F21{7F4E{" KEY CHR "}" SIG "}420141" SIG "}" },
    { false, "67{7F21{7F4E{" KEY CHR "}" SIG "}" SIG "420141}" }, /* order */
    { false, "67{7F21{7F4E{" KEY CHR "}" SIG "}4200" SIG "}" },
    { false, "67{7F21{7F4E{" KEY CHR "}" SIG "}42{" NAME_17 "}" SIG "}" },
    { false, "67{7F21{7F4E{" KEY CHR "}" SIG "}4201415F3700}" },
    { false, "67{7F21{7F4E{" KEY CHR "}" SIG "}420141" SIG "8100}" },
    { false, "67{67{7F21{7F4E{" KEY CHR "}" SIG "}420141" SIG "}420141" SIG "}" },
};
/* clang-format on */

static void the_shape_is_strict(void **state)
{
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct cvc c;
        bool read = cvc_parse(nested(shapes[i].text), &c);
        if (read != shapes[i].good) print_error("row %zu: %s\n", i, shapes[i].text);
        assert_int_equal(read, shapes[i].good);
    }
}

static void the_first_of_a_tag_wins(void **state)
{
    struct cvc c;
    assert_true(cvc_parse(nested("7F21{7F4E{7F49{060101 060102}" CHR "420142 420143}" SIG "}"), &c));
    assert_hex(c.key.oid, "01");
    assert_hex(c.car, "42");
    assert_true(cvc_parse(nested("7F21{7F4E{" KEY "4200" CHR "420143}" SIG "}"), &c));
    assert_int_equal(c.car.n, 0); /* an empty one too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_certificate),     cmocka_unit_test(a_request_with_its_offsets),
        cmocka_unit_test(rsa_and_other_keys),         cmocka_unit_test(a_chain_is_read_one_by_one),
        cmocka_unit_test(the_vendors_certificates),   cmocka_unit_test(bare_content_is_read),
        cmocka_unit_test(cut_anywhere_it_is_refused), cmocka_unit_test(bent_anywhere_it_stays_inside),
        cmocka_unit_test(the_shape_is_strict),        cmocka_unit_test(the_first_of_a_tag_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
