/* SPDX-License-Identifier: Apache-2.0 */
/* Writing certificates and requests: the vectors again, byte for byte, with a signer that replays
 * their signatures and insists on being asked for the right bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hex.h"
#include "vectors/wire/vectors.h"
#include "wire/cvc.h"

struct replay {
    bytes message, signature; /* what it expects, and answers */
    status outcome;
    unsigned calls;
};

static status replay_sign(void *ctx, bytes message, buf *out)
{
    struct replay *r = ctx;
    r->calls++;
    assert_hex(message, hex_of(r->message));
    put_bytes(out, r->signature);
    return r->outcome;
}

/* What has to be written to get `c` again. */
static struct cvc_content content_of(const struct cvc *c, enum cvc_kind kind, unsigned curve)
{
    struct cvc_content content = {.car = c->car,
                                  .chr = c->chr,
                                  .role = c->role,
                                  .valid_from = c->valid_from,
                                  .valid_to = c->valid_to,
                                  .extensions = c->extensions};
    content.key = (struct cvc_public_key){.kind = kind, .curve = curve, .okp = curve};
    if (kind == CVC_OKP) content.key.point = cvc_key_field(&c->key, 0x84);
    if (kind == CVC_EC) content.key.point = cvc_key_field(&c->key, 0x86);
    if (kind == CVC_RSA) content.key.modulus = cvc_key_field(&c->key, 0x81);
    if (kind == CVC_RSA) content.key.e = be_get(cvc_key_field(&c->key, 0x82));
    return content;
}

/* clang-format off */
static const struct {
    const char *vector; size_t size; enum cvc_kind kind; unsigned curve; /* crypto_curve or crypto_okp */
} requests[] = {
    { "cvc: generated P-256: content",    490, CVC_EC,  CRYPTO_SECP256R1 },
    { "cvc: generated P-521: content",    833, CVC_EC,  CRYPTO_SECP521R1 },
    { "cvc: generated RSA-1024: content", 413, CVC_RSA, 0 },
    { "cvc: generated RSA-2048: content", 676, CVC_RSA, 0 },
    { "cvc: generated X25519: content",   347, CVC_OKP, CRYPTO_X25519 },
    { "cvc: generated X448: content",     493, CVC_OKP, CRYPTO_X448 },
    { "cvc: generated Ed25519: content",  347, CVC_OKP, CRYPTO_ED25519 },
    { "cvc: generated Ed448: content",    497, CVC_OKP, CRYPTO_ED448 },
    { "cvc: device key request: content", 497, CVC_EC,  CRYPTO_SECP256R1 },
};

static const struct { const char *vector; enum crypto_curve curve; } certificates[] = {
    { "cvc: device certificate: certificate",     CRYPTO_SECP256R1 },
    { "cvc: three-certificate EF 2F02: device",   CRYPTO_SECP256R1 },
    { "pki_chain: ESPICOHSMCA00001: certificate", CRYPTO_SECP256R1 },
    { "pki_chain: ESPICOHSMCA00002: certificate", CRYPTO_SECP256K1 },
};
/* clang-format on */

static void requests_are_the_vectors(void **state)
{
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct cvc c;
        bytes want = exact(vector(requests[i].vector));
        assert_int_equal(want.n, requests[i].size);
        assert_true(cvc_parse(want, &c));
        struct cvc_content content = content_of(&c, requests[i].kind, requests[i].curve);
        struct replay inner = {c.body, c.signature, ST_OK, 0};
        struct replay outer = {c.outer_signed, c.outer_signature, ST_OK, 0};
        buf b = buf_over(exact_space(want.n));
        assert_int_equal(cvc_put_request(&b, &content, &(struct cvc_signer){&inner, replay_sign}, c.outer_car,
                                         &(struct cvc_signer){&outer, replay_sign}),
                         ST_OK);
        assert_hex(written(&b), hex_of(want));
        assert_int_equal(inner.calls, 1);
        assert_int_equal(outer.calls, 1);
    }
}

static void certificates_are_the_vectors(void **state)
{
    for (size_t i = 0; i < COUNT(certificates); i++) {
        struct cvc c;
        bytes want = exact(vector(certificates[i].vector));
        assert_true(cvc_parse(want, &c));
        struct cvc_content content = content_of(&c, CVC_EC, certificates[i].curve);
        struct replay signer = {c.body, c.signature, ST_OK, 0};
        buf b = buf_over(exact_space(want.n));
        assert_int_equal(cvc_put_certificate(&b, &content, &(struct cvc_signer){&signer, replay_sign}), ST_OK);
        assert_hex(written(&b), hex_of(want));
    }
}

static void the_device_certificate_from_its_parts(void **state)
{
    struct cvc_content content = {
        .car = TEXT("ESPICOHSMTR00001"),
        .chr = TEXT("ESPICOHSMTR00001"),
        .key = {.kind = CVC_EC,
                .curve = CRYPTO_SECP256R1,
                .point = exact(vector("cvc: device certificate: public_point"))},
        .role = cvc_device_role(),
        .valid_from = cvc_device_valid_from(),
        .valid_to = cvc_device_valid_to(),
    };
    buf b = buf_over(exact_space(400));
    bytes body = cvc_put_body(&b, &content);
    assert_hex(body, vector("cvc: device certificate: body"));
    assert_true(bytes_equal(body, written(&b)));
}

/* What stands in the buffer already stays, and the bodies are found behind it. */
static void writing_begins_where_the_buffer_ends(void **state)
{
    struct cvc c;
    assert_true(cvc_parse(exact(vector("cvc: generated P-256: content")), &c));
    struct cvc_content content = content_of(&c, CVC_EC, CRYPTO_SECP256R1);
    buf b = buf_over(exact_space(500));
    put_u16(&b, 0x1234);
    assert_hex(cvc_put_body(&b, &content), vector("cvc: generated P-256: body"));
    assert_hex(bytes_first(written(&b), 2), "1234");
}

/* With any room less than needed: ST_NO_SPACE, nothing appended, nothing beyond the block touched.
 * */
static void no_room_is_noticed(void **state)
{
    for (size_t room = 0; room <= 490 + 2; room++) {
        struct cvc c;
        assert_true(cvc_parse(exact(vector("cvc: generated P-256: content")), &c));
        struct cvc_content content = content_of(&c, CVC_EC, CRYPTO_SECP256R1);
        struct replay inner = {c.body, c.signature, ST_OK, 0};
        struct replay outer = {c.outer_signed, c.outer_signature, ST_OK, 0};
        buf b = buf_over(exact_space(room));
        put_u8(&b, 0x5A);
        status st = cvc_put_request(&b, &content, &(struct cvc_signer){&inner, replay_sign}, c.outer_car,
                                    &(struct cvc_signer){&outer, replay_sign});
        assert_int_equal(st, room < 491 ? ST_NO_SPACE : ST_OK);
        if (room) assert_int_equal(b.n, room < 491 ? 1 : 491);
        hex_release();
    }
}

static void check_failing(status inner_outcome, status outer_outcome, status want)
{
    struct cvc c;
    assert_true(cvc_parse(exact(vector("cvc: generated RSA-1024: content")), &c));
    struct cvc_content content = content_of(&c, CVC_RSA, 0);
    struct replay inner = {c.body, c.signature, inner_outcome, 0};
    struct replay outer = {c.outer_signed, c.outer_signature, outer_outcome, 0};
    buf b = buf_over(exact_space(500));
    put_u8(&b, 0x5A);
    assert_int_equal(cvc_put_request(&b, &content, &(struct cvc_signer){&inner, replay_sign}, c.outer_car,
                                     &(struct cvc_signer){&outer, replay_sign}),
                     want);
    assert_int_equal(b.n, 1);
    assert_int_equal(outer.calls, inner_outcome == ST_OK);
}

static void a_signer_that_fails_ends_it(void **state)
{
    check_failing(ST_EXECUTION, ST_OK, ST_EXECUTION);
    check_failing(ST_OK, ST_FLASH, ST_FLASH);
}

static void optional_parts(void **state)
{
    buf b = buf_over(exact_space(200));
    struct cvc_content content = {.chr = exact("41"), .key = {.kind = CVC_RSA, .modulus = exact("C1C2"), .e = 3}};
    assert_hex(cvc_put_body(&b, &content), "7F4E1E 5F290100 7F4913 060A04007F00070202020102 8102C1C2"
                                           "820103 5F200141");
    content.key.e = 0xFFFFFFFF;
    content.extensions = exact("7300");
    b = buf_over(exact_space(200));
    assert_hex(cvc_put_body(&b, &content), "7F4E25 5F290100 7F4916 060A04007F00070202020102 8102C1C2"
                                           "8204FFFFFFFF 5F200141 65027300");
}

static void unknown_keys_are_not_written(void **state)
{
    const struct cvc_public_key keys[] = {
        {.kind = CVC_OKP, .okp = CRYPTO_OKP_COUNT},
        {.kind = CVC_EC, .curve = CRYPTO_CURVE_COUNT},
    };
    for (size_t i = 0; i < COUNT(keys); i++) {
        buf b = buf_over(exact_space(600));
        cvc_put_public_key(&b, &keys[i]);
        assert_true(b.full);
        b = buf_over(exact_space(600));
        struct cvc_content content = {.chr = exact("41"), .key = keys[i]};
        assert_int_equal(cvc_put_body(&b, &content).n, 0);
    }
}

/* Every curve is written with parameters that the template reader accepts as this curve's. */
static void written_parameters_are_read_back(void **state)
{
    for (unsigned curve = 0; curve < CRYPTO_CURVE_COUNT; curve++) {
        const struct crypto_curve_params *p = crypto_curve_params((enum crypto_curve)curve);
        struct cvc_public_key key = {.kind = CVC_EC, .curve = (enum crypto_curve)curve, .point = p->g};
        struct cvc_key_request request;
        buf b = buf_over(exact_space(700));
        cvc_put_public_key(&b, &key);
        assert_int_equal(cvc_key_request_parse(exact_copy(written(&b)), &request), ST_OK);
        assert_int_equal(request.kind, CVC_EC);
        assert_int_equal(request.curve, curve);
    }
    for (unsigned okp = 0; okp < CRYPTO_OKP_COUNT; okp++) {
        const struct crypto_okp_params *p = crypto_okp_params((enum crypto_okp)okp);
        struct cvc_public_key key = {.kind = CVC_OKP, .okp = (enum crypto_okp)okp, .point = p->base};
        struct cvc_key_request request;
        buf b = buf_over(exact_space(300));
        cvc_put_public_key(&b, &key);
        uint8_t *oid = memchr(b.p, 0x06, b.n);
        oid[9] = 2; /* from RI-ECDH to TA-ECDSA, which templates say */
        assert_int_equal(cvc_key_request_parse(exact_copy(written(&b)), &request), ST_OK);
        assert_int_equal(request.kind, CVC_OKP);
        assert_int_equal(request.okp, okp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_the_vectors),
        cmocka_unit_test(certificates_are_the_vectors),
        cmocka_unit_test(the_device_certificate_from_its_parts),
        cmocka_unit_test(writing_begins_where_the_buffer_ends),
        cmocka_unit_test(no_room_is_noticed),
        cmocka_unit_test(a_signer_that_fails_ends_it),
        cmocka_unit_test(optional_parts),
        cmocka_unit_test(unknown_keys_are_not_written),
        cmocka_unit_test(written_parameters_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
