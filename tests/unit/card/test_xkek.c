/* SPDX-License-Identifier: Apache-2.0 */
/* Key domains of groups: membership, exchange keys, agreement (apdu.md 3.12, 3.15, 3.20; formats.md 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/keys.h"
#include "tests/unit/card/keys_common.h"
#include "tests/unit/card/trust_common.h"

#define NONE "0000000000000000"
#define JOINED "FF00" NONE XKEK_UID
#define AGREED "FF00" XKEK_KCV XKEK_UID
#define UID_OID "060B2B0601040181C31F030202"
#define EXCHANGE "910184 920100"

static struct answer domain(struct rig *r, uint8_t p1, uint8_t n, const char *data)
{
    return rig_command_hex(r, 0x80, 0x52, p1, n, data, 256);
}

static struct answer agree(struct rig *r, uint8_t key, bytes certificate)
{
    return rig_command(r, 0x80, 0x62, key, 0x84, certificate, 256);
}

/* The device of the vectors: its chain in 2F02, three domains, none of them set up. */
static struct rig *start(uint64_t seed)
{
    struct rig *r = rig_ready(seed, "970103");
    install_chain(r, CHAIN);
    return r;
}

/* The same, domain 0 of the group, and key A of the vectors as key 1. */
static struct rig *start_with_key(uint64_t seed, const char *list_and_domain)
{
    struct rig *r = start(seed);
    struct hsm *h = r->hsm;
    struct key_info info = {.id = 1, .type = KEY_EC, .curve = CRYPTO_BP256R1};
    EXPECT_DATA(domain(r, 2, 0, XKEK_CREATE), 0x9000, JOINED);
    assert_int_equal(key_metadata_parse(exact(list_and_domain), &info.metadata), ST_OK);
    assert_int_equal(vault_begin(&h->vault), ST_OK);
    assert_int_equal(key_put(h, &info, exact(XKEK_KEY_A_PRIVATE)), ST_OK);
    assert_int_equal(vault_commit(&h->vault, VAULT_OBJECTS), ST_OK);
    return r;
}

/* ---- membership ---- */

static void a_group_takes_this_device(void **state)
{
    struct rig *r = start(761);
    EXPECT_EMPTY(domain(r, 2, 0, ""), 0x6A88);
    uint32_t generation = rig_generation(r);
    EXPECT_DATA(domain(r, 2, 1, XKEK_CREATE), 0x9000, JOINED);
    assert_int_equal(rig_generation(r), generation + 1);
    EXPECT_DATA(domain(r, 2, 1, ""), 0x9000, JOINED);
    EXPECT_DATA(domain(r, 0, 1, ""), 0x9000, JOINED);
    EXPECT_SW(domain(r, 2, 1, XKEK_CREATE), 0x6A86); /* it is set up */
    EXPECT_SW(domain(r, 1, 1, "01"), 0x6A86);
    EXPECT_SW(domain(r, 0, 1, XKEK_DKEK), 0x6986); /* no share is missing */
    EXPECT_SW(domain(r, 1, 2, "02"), 0x9000);
    EXPECT_SW(domain(r, 2, 2, XKEK_CREATE), 0x6A86); /* that has shares */
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_DATA(domain(r, 0, 1, ""), 0x9000, JOINED); /* no login asked for */
    EXPECT_SW(domain(r, 3, 1, ""), 0x6985);
    EXPECT_SW(rig_login(r), 0x9000);
    EXPECT_DATA(domain(r, 4, 1, ""), 0x9000, "FFFF" NONE XKEK_UID);
    EXPECT_SW(domain(r, 3, 1, ""), 0x6A88); /* gone */
    EXPECT_DATA(domain(r, 2, 1, XKEK_CREATE), 0x9000, JOINED);
    EXPECT_SW(domain(r, 3, 1, ""), 0x6A88); /* never cleared: deleted all the same */
    rig_stop(r);
}

static void without_login_there_is_no_group(void **state)
{
    struct rig *r = start(762);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(domain(r, 2, 0, XKEK_CREATE), 0x6985);
    EXPECT_SW(rig_login_so(r), 0x9000);
    EXPECT_SW(domain(r, 2, 0, XKEK_CREATE), 0x6985); /* nor for the SO */
    rig_stop(r);
}

/* clang-format off */
static const struct { const char *data; uint16_t sw; const char *why; } bad_requests[] = {
    {"30",                       0x6A80, "malformed"},
    {"5440" XKEK_MEMBERSHIP,     0x6984, "membership alone"},
    {"5440" XKEK_MEMBERSHIP "00", 0x6A80, "something behind the membership"},
    {CHAIN_CA "5440" XKEK_MEMBERSHIP, 0x6984, "a certificate"},
};
/* clang-format on */

/* Every signature, and every byte of it (DP-55). */
static void every_signature_is_checked(void **state)
{
    struct rig *r = start(763);
    bytes good = exact(XKEK_CREATE);
    for (size_t i = 0; i < COUNT(bad_requests); i++) {
        EXPECT_ROW(domain(r, 2, 0, bad_requests[i].data), bad_requests[i].sw, "", bad_requests[i].why);
    }
    EXPECT_SW(domain(r, 2, 0, hex_of(bytes_first(good, good.n - 66))), 0x6700); /* no 54 */
    EXPECT_SW(domain(r, 2, 0, text_of("%s5400", hex_of(bytes_first(good, good.n - 66)))), 0x6985);
    EXPECT_SW(domain(r, 2, 0, hex_of(made_bent(good, 5))), 0x6985);       /* membership */
    EXPECT_SW(domain(r, 2, 0, hex_of(made_bent(good, 66 + 90))), 0x6985); /* the request's own */
    for (size_t at = 0; at < good.n; at += 7) {
        struct answer a = domain(r, 2, 0, hex_of(made_bent(good, at)));
        bool of_unknown_token = a.sw == 0x9000 && at >= 66 && at < 66 + 64 + 3 + 18;
        if (of_unknown_token) EXPECT_SW(domain(r, 3, 0, ""), 0x6A88); /* nobody here knows the token that attests it */
        else assert_true(a.sw == 0x6985 || a.sw == 0x6984 || a.sw == 0x6A80 || a.sw == 0x6700);
    }
    EXPECT_DATA(domain(r, 2, 0, XKEK_CREATE), 0x9000, JOINED);
    rig_stop(r);
}

/* The request of group key `key`, attested by `token`, and what makes the device of `r` a member. */
static const char *invitation(struct rig *r, uint8_t key, uint8_t token)
{
    struct crypto *c = &r->hsm->crypto;
    struct made group = {.car = "GROUP",
                         .chr = "GROUP",
                         .key = key,
                         .curve = CRYPTO_BP256R1,
                         .outer_car = "TOKEN",
                         .outer_signer = token,
                         .outer_curve = CRYPTO_SECP256R1};
    const bytes message[] = {LITERAL(0x54), bytes_first(bytes_after(device_point(r), 1), 32)};
    bytes d = made_private(CRYPTO_BP256R1, key);
    bytes membership = made_signature(c, CRYPTO_BP256R1, CRYPTO_SHA256, d, message, COUNT(message));
    return text_of("%s5440%s", hex_of(make_request(c, &group)), hex_of(membership));
}

/* What the group signer says of a token that this card knows is held against that token's key. */
static void a_known_token_must_have_attested(void **state)
{
    struct rig *r = start(764);
    struct made token = {.car = "TOKEN", .chr = "TOKEN", .key = 7, .role = MAKE_ROLE_DEVICE, .curve = CRYPTO_SECP256R1};
    EXPECT_SW(rig_update(r, 0xCA00, 0, make_certificate(&r->hsm->crypto, &token)), 0x9000);
    const char *good = invitation(r, 9, 7), *forged = invitation(r, 9, 8);
    EXPECT_SW(domain(r, 2, 0, forged), 0x6985);
    EXPECT_SW(domain(r, 2, 0, good), 0x9000);
    EXPECT_SW(rig_delete(r, 0xCA00), 0x9000);
    EXPECT_SW(domain(r, 2, 1, forged), 0x9000);
    rig_stop(r);
}

/* A membership is good for one device: that of the first certificate in 2F02. */
static void another_device_is_no_member(void **state)
{
    struct rig *r = rig_ready(765, "970102");
    EXPECT_SW(domain(r, 2, 0, XKEK_CREATE), 0x6985);
    install_chain(r, CHAIN_DV CHAIN_DEVICE);
    EXPECT_SW(domain(r, 2, 0, XKEK_CREATE), 0x6985);
    EXPECT_SW(rig_update(r, 0x2F02, 0, exact("3000")), 0x9000);
    EXPECT_SW(domain(r, 2, 0, XKEK_CREATE), 0x6400);
    install_chain(r, CHAIN);
    EXPECT_SW(domain(r, 2, 0, XKEK_CREATE), 0x9000);
    rig_stop(r);
}

/* ---- exchange keys ---- */

static void exchange_keys_name_their_group(void **state)
{
    struct rig *r = start(766);
    EXPECT_SW(domain(r, 2, 1, XKEK_CREATE), 0x9000);
    EXPECT_SW(domain(r, 1, 2, "01"), 0x9000);
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_BP256R1, "910184"), 0x6700);        /* no domain */
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_BP256R1, "910184 920100"), 0x6700); /* not set up */
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_BP256R1, "910184 920102"), 0x6700); /* of shares */
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_BP256R1, "910184 920103"), 0x6700); /* out of range */
    EXPECT_SW(rig_generate_ec(r, 1, CRYPTO_BP256R1, "910184 92010F"), 0x6700);
    EXPECT_SW(rig_generate_rsa(r, 1, 1024, 0, "910184 920101"), 0x6700); /* no curve, no agreement */
    EXPECT_SW(rig_read(r, 0xCE01, 0, 256), 0x6A82);
    struct answer a = rig_generate_ec(r, 1, CRYPTO_BP256R1, "9102 8073 920101");
    struct cvc c;
    assert_true(cvc_parse(a.data, &c));
    assert_int_equal(c.extensions.n, 0); /* no 84: an ordinary key in the domain */
    a = rig_generate_ec(r, 1, CRYPTO_BP256R1, "9102 7384 920101");
    EXPECT_SW(a, 0x9000);
    assert_true(cvc_parse(a.data, &c));
    assert_hex(c.extensions, "734F" UID_OID "8040" XKEK_UID);
    EXPECT_DATA(rig_read(r, 0xCE01, 0, 4096), 0x9000, hex_of(a.data));
    EXPECT_SW(domain(r, 4, 1, ""), 0x9000);
    EXPECT_SW(domain(r, 3, 1, ""), 0x6A89); /* a key refers to it */
    EXPECT_SW(rig_delete(r, 0xCC01), 0x9000);
    EXPECT_SW(domain(r, 3, 1, ""), 0x6A88);
    rig_stop(r);
}

/* ---- agreement ---- */

static void the_vectors_agree(void **state)
{
    static const char *const forms[] = {XKEK_PEER, XKEK_PEER_POINT_ONLY};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct rig *r = start_with_key(767 + i, EXCHANGE);
        bytes whole = exact(forms[i]);
        uint32_t generation = rig_generation(r);
        EXPECT_EMPTY(agree(r, 1, i ? exact_copy(bytes_after(whole, 5)) : whole), 0x9000);
        assert_int_equal(rig_generation(r), generation + 1);
        EXPECT_DATA(domain(r, 0, 0, ""), 0x9000, AGREED);
        EXPECT_SW(agree(r, 1, whole), 0x6985); /* it has a key */
        EXPECT_DATA(domain(r, 4, 0, ""), 0x9000, "FFFF" NONE XKEK_UID);
        EXPECT_EMPTY(agree(r, 1, whole), 0x9000);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_DATA(domain(r, 0, 0, ""), 0x9000, AGREED); /* without login, too */
        EXPECT_SW(rig_login(r), 0x9000);
        EXPECT_DATA(domain(r, 0, 0, ""), 0x9000, AGREED);
        rig_stop(r);
    }
}

static struct made peer(void)
{
    return (struct made){.car = "PEER",
                         .chr = "PEER",
                         .key = 33,
                         .curve = CRYPTO_BP256R1,
                         .extensions = exact("734F" UID_OID "8040" XKEK_UID)};
}

static void no_extension(struct made *m)
{
    m->extensions = NO_BYTES;
}
static void other_group(struct made *m)
{
    m->extensions = made_bent(m->extensions, 0);
}
static void shorter_uid(struct made *m)
{
    m->extensions = exact("734E" UID_OID "803F");
    m->extensions = bytes_first(exact("730F" UID_OID "8000"), 17);
}
static void other_oid(struct made *m)
{
    m->extensions = exact("734F060B2B0601040181C31F0302038040" XKEK_UID);
}
static void behind_others(struct made *m)
{
    m->extensions = exact("7304 0602 2A03 734F" UID_OID "8040" XKEK_UID);
}
static void signed_by_another(struct made *m)
{
    m->signer = 34;
}
static void of_another_curve(struct made *m)
{
    m->curve = CRYPTO_SECP256R1;
}
static void point_of_another_curve(struct made *m)
{
    m->curve = CRYPTO_SECP256R1;
    m->point_only = true;
}

/* clang-format off */
static const struct { const char *why; uint16_t sw; void (*spoil)(struct made *m); } peers[] = {
    {"good",                          0x9000, NULL},
    {"no extension",                  0x6700, no_extension},
    {"an extension of another kind",  0x6700, other_oid},
    {"empty UID",                     0x6700, shorter_uid},
    {"another group",                 0x6A88, other_group},
    {"other extensions before it",    0x9000, behind_others},
    {"signed by another key",         0x6985, signed_by_another},
    {"another curve",                 0x6984, of_another_curve},
    {"a point that is not on ours",   0x6985, point_of_another_curve},
};
/* clang-format on */

static void peers_are_judged(void **state)
{
    for (size_t i = 0; i < COUNT(peers); i++) {
        struct rig *r = start_with_key(770 + i, "90040000000A" EXCHANGE);
        struct made m = peer();
        if (peers[i].spoil) peers[i].spoil(&m);
        EXPECT_ROW(agree(r, 1, make_certificate(&r->hsm->crypto, &m)), peers[i].sw, "", peers[i].why);
        struct key_info info;
        assert_int_equal(key_info_load(r->hsm, 1, &info), ST_OK);
        assert_int_equal(info.metadata.counter, peers[i].sw == 0x9000 ? 9 : 10); /* refused: not charged */
        rig_stop(r);
    }
}

/* clang-format off */
static const struct { const char *data; uint16_t sw; const char *why; } bad_peers[] = {
    {"",                                     0x6984, "nothing"},
    {"30",                                   0x6984, "malformed"},
    {"7F2182FFFF",                           0x6984, "past the end"},
    {XKEK_PEER "00",                         0x6984, "something behind"},
    {"7F210E 7F4E05 5F20025858 5F3703 010203", 0x6700, "no key"},
    {"7F4E05 5F20025858 5F3703 010203",      0x6700, "no key, bare content"},
    {"7F211F 7F4E16 7F490F 060A04007F00070202020203 8101 05 5F20025858 5F3702 0102", 0x6984, "lengths that do not fit"},
};
/* clang-format on */

static void malformed_peers_are_refused(void **state)
{
    struct rig *r = start_with_key(781, EXCHANGE);
    for (size_t i = 0; i < COUNT(bad_peers); i++) {
        EXPECT_ROW(agree(r, 1, exact(bad_peers[i].data)), bad_peers[i].sw, "", bad_peers[i].why);
    }
    bytes whole = exact(XKEK_PEER);
    for (size_t n = 0; n < whole.n; n += 5) assert_int_not_equal(agree(r, 1, bytes_first(whole, n)).sw, 0x9000);
    EXPECT_DATA(domain(r, 0, 0, ""), 0x9000, JOINED);
    EXPECT_EMPTY(agree(r, 1, whole), 0x9000);
    rig_stop(r);
}

/* The list must have 84 and not 80, the key must be in the domain of the group, and somebody must be logged in. */
static void only_exchange_keys_agree(void **state)
{
    static const struct {
        const char *metadata;
        uint16_t sw;
    } rows[] = {{"910173 920100", 0x6985},  {"9100 920100", 0x6985}, {"910184 920101", 0x6985},
                {"910184", 0x6985},         {"920100", 0x6985},      {"900400000000 910184 920100", 0x6A84},
                {"91028480 920100", 0x6985}}; /* 80 would tell what 84 agrees on */
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig *r = start_with_key(782 + i, rows[i].metadata);
        EXPECT_ROW(agree(r, 1, exact(XKEK_PEER)), rows[i].sw, "", rows[i].metadata);
        rig_stop(r);
    }
    struct rig *r = start_with_key(790, EXCHANGE);
    EXPECT_SW(agree(r, 0, exact(XKEK_PEER)), 0x6985); /* the device key */
    EXPECT_SW(agree(r, 2, exact(XKEK_PEER)), 0x6A82);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_SW(agree(r, 1, exact(XKEK_PEER)), 0x6982);
    rig_stop(r);
}

/* Two cards of one group, each with the key it has made, come to the same DKEK, and a key travels. */
static struct rig *member(uint64_t seed, bytes *certificate)
{
    struct rig *r = start(seed);
    EXPECT_SW(domain(r, 2, 0, XKEK_CREATE), 0x9000);
    struct answer a = rig_generate_ec(r, 5, CRYPTO_BP256R1, EXCHANGE);
    EXPECT_SW(a, 0x9000);
    *certificate = a.data;
    return r;
}

static void two_cards_share_a_key(void **state)
{
    bytes of_a, of_b;
    struct rig *a = member(791, &of_a), *b = member(792, &of_b);
    EXPECT_EMPTY(agree(a, 5, of_b), 0x9000); /* the whole response of GENERATE */
    EXPECT_EMPTY(agree(b, 5, of_a), 0x9000);
    struct answer kcv = domain(a, 0, 0, "");
    EXPECT_DATA(domain(b, 0, 0, ""), 0x9000, hex_of(kcv.data));
    assert_false(ct_is_zero(bytes_first(bytes_after(kcv.data, 2), 8)));
    EXPECT_SW(rig_generate_ec(a, 6, CRYPTO_SECP256R1, "920100"), 0x9000);
    struct answer blob = rig_command(a, 0x80, 0x72, 6, 0x92, NO_BYTES, 65536);
    EXPECT_SW(blob, 0x9000);
    EXPECT_SW(rig_command(b, 0x80, 0x74, 7, 0x93, blob.data, 256), 0x9000);
    rig_stop(a);
    rig_stop(b);
}

/* ---- the whole way, with every signature wrong once ---- */

enum { GROUP = 9, OTHER_GROUP = 11, TOKEN_OF_GROUP = 7 };

/* A device with a name and keys of its own, in domain 0 of a group, and its exchange key 5. */
static struct rig *device_in(uint64_t seed, uint8_t group, bytes *certificate)
{
    struct rig *r = rig_ready(seed, "970101");
    EXPECT_SW(domain(r, 2, 0, invitation(r, group, TOKEN_OF_GROUP)), 0x9000);
    struct answer a = rig_generate_ec(r, 5, CRYPTO_BP256R1, EXCHANGE);
    EXPECT_SW(a, 0x9000);
    *certificate = a.data;
    return r;
}

static void expect_no_key(struct rig *r)
{
    struct answer a = domain(r, 0, 0, "");
    EXPECT_SW(a, 0x9000);
    assert_hex(bytes_first(a.data, 10), "FF00" NONE);
}

/* Any byte of what the peer's key signs or of its signature. Who attests the peer is not known here, nor asked. */
static void bent_peers_are_refused(struct rig *r, bytes peer)
{
    struct cvc c;
    assert_true(cvc_parse(peer, &c));
    size_t attested = 2u + c.outer_car.n + 3u + c.outer_signature.n;
    for (size_t at = attested; at < peer.n; at += 5) {
        assert_int_not_equal(agree(r, 5, made_bent(peer, at)).sw, 0x9000);
    }
    EXPECT_EMPTY(agree(r, 5, made_bent(peer, attested)), 0x6985); /* the last byte of the signature */
    expect_no_key(r);
}

static void two_devices_and_a_stranger(void **state)
{
    bytes of_a, of_b, of_stranger;
    struct rig *a = device_in(793, GROUP, &of_a), *b = device_in(794, GROUP, &of_b);
    struct rig *stranger = device_in(795, OTHER_GROUP, &of_stranger), *late = rig_ready(796, "970101");
    EXPECT_SW(domain(late, 2, 0, invitation(a, GROUP, TOKEN_OF_GROUP)), 0x6985); /* somebody else's membership */
    EXPECT_SW(domain(late, 2, 0, ""), 0x6A88);
    bent_peers_are_refused(a, of_b);
    EXPECT_EMPTY(agree(a, 5, of_stranger), 0x6A88);
    EXPECT_EMPTY(agree(stranger, 5, of_a), 0x6A88);
    expect_no_key(a);
    EXPECT_EMPTY(agree(a, 5, of_b), 0x9000);
    EXPECT_EMPTY(agree(b, 5, of_a), 0x9000);
    EXPECT_DATA(domain(b, 0, 0, ""), 0x9000, hex_of(domain(a, 0, 0, "").data));
    EXPECT_SW(rig_generate_ec(a, 6, CRYPTO_SECP256R1, "920100"), 0x9000);
    struct answer blob = rig_command(a, 0x80, 0x72, 6, 0x92, NO_BYTES, 65536);
    EXPECT_SW(blob, 0x9000);
    EXPECT_EMPTY(rig_command(stranger, 0x80, 0x74, 7, 0x93, blob.data, 0), 0x6400);
    for (size_t at = 0; at < 16; at++) { /* its MAC */
        EXPECT_EMPTY(rig_command(b, 0x80, 0x74, 7, 0x93, made_bent(blob.data, at), 0), 0x6400);
    }
    EXPECT_SW(domain(b, 4, 0, ""), 0x9000); /* forgotten, */
    EXPECT_EMPTY(rig_command(b, 0x80, 0x74, 7, 0x93, blob.data, 0), 0x6400);
    EXPECT_EMPTY(agree(b, 5, of_a), 0x9000); /* and agreed upon again: the same */
    EXPECT_EMPTY(rig_command(b, 0x80, 0x74, 7, 0x93, blob.data, 0), 0x9000);
    EXPECT_SW(rig_command_hex(b, 0x80, 0x68, 7, 0x73, "616263", 256), 0x9000);
    struct rig *all[] = {a, b, stranger, late};
    for (size_t i = 0; i < COUNT(all); i++) rig_stop(all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_group_takes_this_device),   CASE(without_login_there_is_no_group),
        CASE(every_signature_is_checked),  CASE(a_known_token_must_have_attested),
        CASE(another_device_is_no_member), CASE(exchange_keys_name_their_group),
        CASE(the_vectors_agree),           CASE(peers_are_judged),
        CASE(malformed_peers_are_refused), CASE(only_exchange_keys_agree),
        CASE(two_cards_share_a_key),       CASE(two_devices_and_a_stranger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
