/* SPDX-License-Identifier: Apache-2.0 */
/* The table of scenes and the furniture of their cards. */
#include "tests/sim/card_scenes.h"

#include "card/objects.h"
#include "tests/cvc_maker.h"
#include "tests/sim/card_view.h"
#include "tests/vectors/trust.h"
#include "wire/secure_messaging.h"
#include "wire/tlv.h"

#include <stdlib.h>

#define PRIVATE_SIZE 3000u

static bytes pattern(struct rig *r, size_t n, unsigned start)
{
    uint8_t *p = malloc(n);
    if (!p) bench_die("no memory");
    for (size_t i = 0; i < n; i++) p[i] = (uint8_t)(start + 7 * i + i / 251);
    bytes copy = rig_copy(r, (bytes){p, n});
    free(p);
    return copy;
}

static void must(struct answer a)
{
    if (a.sw != 0x9000) bench_die("the furniture does not stand");
}

/* ---- furniture ---- */

static void furnish(struct bench *b)
{
    struct rig *r = b->rig;
    must(rig_generate_ec(r, 1, CRYPTO_SECP256R1, ""));
    must(rig_generate_ec(r, 2, CRYPTO_SECP256R1, "900400000005"));
    must(rig_update(r, 0xCD05, 0, pattern(r, PRIVATE_SIZE, 1)));
    must(rig_update(r, 0xC905, 0, pattern(r, 40, 2)));
    for (unsigned i = 0; i < 3; i++) must(rig_update(r, 0xCF05, 0, pattern(r, 300, 3 + i)));
    rig_forget(r);
}

struct bench *scene_set(const struct scene *s, uint64_t seed)
{
    struct bench *b;
    if (s->virgin) {
        b = bench_new(seed);
        if (rig_open(b->rig) != ST_OK || rig_select(b->rig).sw != 0x9000) bench_die("a blank card does not start");
    } else {
        b = bench_ready(seed, "80020021");
        furnish(b);
    }
    if (s->prepare) s->prepare(b);
    rig_forget(b->rig);
    bench_keep(b);
    return b;
}

/* ---- INITIALIZE ---- */

static struct answer initialise(struct rig *r)
{
    return rig_initialise(r, "80020021");
}

static struct answer initialise_otherwise(struct rig *r)
{
    return rig_command_hex(r, 0x80, 0x50, 0, 0, "80020001 8106" VIEW_OTHER_PIN "8208" VIEW_OTHER_SO "91010A 9A020008",
                           0);
}

static void mark_all_secrets(struct bench *b)
{
    static const uint32_t keys[] = {
        OBJECT_ROOT_BOX,      OBJECT_PIN(PIN_USER), OBJECT_PIN(PIN_SO),   OBJECT_KEY(1),        OBJECT_KEY_INFO(1),
        OBJECT_KEY(2),        OBJECT_KEY_INFO(2),   OBJECT_KEY_USES(2),   STORE_KEY(0xCD05, 0), STORE_KEY(0xCD05, 1),
        STORE_KEY(0xCD05, 2), STORE_KEY(0xCF05, 0), STORE_KEY(0xC401, 0), STORE_KEY(0xCE01, 0),
    };
    for (size_t i = 0; i < COUNT(keys); i++) bench_mark(b, keys[i]);
}

/* ---- keys ---- */

static struct answer generate_ec_1(struct rig *r)
{
    return rig_generate_ec(r, 1, CRYPTO_SECP256R1, "900400000007");
}

static struct answer generate_ec_3(struct rig *r)
{
    return rig_generate_ec(r, 3, CRYPTO_SECP256R1, "");
}

static struct answer generate_rsa_1(struct rig *r)
{
    return rig_generate_rsa(r, 1, 1024, 0, "");
}

static void mark_key_1(struct bench *b)
{
    bench_mark(b, OBJECT_KEY(1));
}

static void mark_key_2(struct bench *b)
{
    bench_mark(b, OBJECT_KEY(2));
    bench_mark(b, OBJECT_KEY_INFO(2));
    bench_mark(b, OBJECT_KEY_USES(2));
    must(rig_command_hex(b->rig, 0x80, INS_SIGN, 2, ALG_ECDSA, "00112233445566778899AABBCCDDEEFF", 256));
    bench_mark(b, OBJECT_KEY_USES(2));
}

static struct answer delete_key_2(struct rig *r)
{
    return rig_delete(r, 0xCC02);
}

static struct answer sign_counted(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_SIGN, 2, ALG_ECDSA, "00112233445566778899AABBCCDDEEFF", 256);
}

/* ---- files ---- */

static struct answer create_private(struct rig *r)
{
    return rig_update(r, 0xCD06, 0, pattern(r, PRIVATE_SIZE, 90));
}

static struct answer create_public(struct rig *r)
{
    return rig_update(r, 0xCF06, 0, pattern(r, PRIVATE_SIZE, 91));
}

static void mark_private(struct bench *b)
{
    for (unsigned part = 0; part < 3; part++) bench_mark(b, STORE_KEY(0xCD05, part));
}

static struct answer replace_private(struct rig *r)
{
    return rig_update(r, 0xCD05, 0, pattern(r, 1500, 92));
}

static struct answer replace_public(struct rig *r)
{
    return rig_update(r, 0xCF05, 0, pattern(r, PRIVATE_SIZE, 93));
}

static void mark_second_part(struct bench *b)
{
    bench_mark(b, STORE_KEY(0xCD05, 1));
}

static struct answer update_inside(struct rig *r)
{
    return rig_update(r, 0xCD05, 1500, pattern(r, 100, 94));
}

static struct answer update_over_the_end(struct rig *r)
{
    return rig_update(r, 0xCD05, 2900, pattern(r, 2000, 95));
}

static struct answer delete_private(struct rig *r)
{
    return rig_delete(r, 0xCD05);
}

static void mark_public(struct bench *b)
{
    for (unsigned i = 0; i < 3; i++) {
        bench_mark(b, STORE_KEY(0xCF05, 0));
        must(rig_update(b->rig, 0xCF05, 0, pattern(b->rig, 200, 20 + i)));
    }
    bench_mark(b, STORE_KEY(0xCF05, 0));
}

static struct answer delete_public(struct rig *r)
{
    return rig_delete(r, 0xCF05);
}

/* ---- PINs ---- */

static struct answer verify_wrong(struct rig *r)
{
    return rig_command_hex(r, 0x00, INS_VERIFY, 0, PIN_USER, "313131313131", 0);
}

static struct answer verify_so(struct rig *r)
{
    return rig_login_so(r);
}

static void one_wrong(struct bench *b)
{
    if (verify_wrong(b->rig).sw != 0x63C2) bench_die("a wrong PIN is not counted");
}

static void all_wrong(struct bench *b)
{
    verify_wrong(b->rig);
    verify_wrong(b->rig);
    if (verify_wrong(b->rig).sw != 0x6983) bench_die("the PIN is not blocked");
}

static void mark_user_pin(struct bench *b)
{
    bench_mark(b, OBJECT_PIN(PIN_USER));
}

static void block_and_mark_user_pin(struct bench *b)
{
    all_wrong(b);
    mark_user_pin(b);
}

static void mark_so_pin(struct bench *b)
{
    bench_mark(b, OBJECT_PIN(PIN_SO));
}

static struct answer change_user_pin(struct rig *r)
{
    return rig_command_hex(r, 0x00, INS_CHANGE_REFERENCE_DATA, 0, PIN_USER, RIG_USER_PIN VIEW_OTHER_PIN, 0);
}

static struct answer change_so_pin(struct rig *r)
{
    return rig_command_hex(r, 0x00, INS_CHANGE_REFERENCE_DATA, 0, PIN_SO, RIG_SO_PIN VIEW_OTHER_SO, 0);
}

static struct answer change_with_wrong_pin(struct rig *r)
{
    return rig_command_hex(r, 0x00, INS_CHANGE_REFERENCE_DATA, 0, PIN_USER, "313131313131" VIEW_OTHER_PIN, 0);
}

static struct answer reset_with_new_pin(struct rig *r)
{
    return rig_command_hex(r, 0x00, INS_RESET_RETRY_COUNTER, 0, PIN_USER, RIG_SO_PIN VIEW_OTHER_PIN, 0);
}

static struct answer reset_only(struct rig *r)
{
    return rig_command_hex(r, 0x00, INS_RESET_RETRY_COUNTER, 1, PIN_USER, RIG_SO_PIN, 0);
}

static struct answer reset_with_wrong_so(struct rig *r)
{
    return rig_command_hex(r, 0x00, INS_RESET_RETRY_COUNTER, 0, PIN_USER, "3131313131313131" VIEW_OTHER_PIN, 0);
}

/* ---- key domains and wrapped keys ---- */

#define SHARE_A "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define SHARE_B "808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9F"

static struct answer domain(struct rig *r, uint8_t p1, const char *data)
{
    return rig_command_hex(r, 0x80, INS_KEY_DOMAIN, p1, 1, data, 256);
}

/* Two domains, the second with two shares; furniture of its own, for INITIALIZE has taken the other. */
static void two_domains(struct bench *b)
{
    must(rig_initialise(b->rig, "80020021 970102"));
    furnish(b);
    must(domain(b->rig, 1, "02"));
}

static struct answer set_up_domain(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_KEY_DOMAIN, 1, 0, "00", 256);
}

static struct answer import_share(struct rig *r)
{
    return domain(r, 0, SHARE_A);
}

static void without_login(struct bench *b)
{
    two_domains(b);
    must(rig_select(b->rig));
}

static void first_share(struct bench *b)
{
    two_domains(b);
    must(domain(b->rig, 0, SHARE_B));
    bench_mark(b, OBJECT_DOMAIN_KEY(1));
}

static void first_share_without_login(struct bench *b)
{
    without_login(b);
    must(domain(b->rig, 0, SHARE_B));
}

/* Both shares wait for the user. */
static void two_letters(struct bench *b)
{
    first_share_without_login(b);
    must(domain(b->rig, 0, SHARE_A));
}

static void complete_domain(struct bench *b)
{
    two_domains(b);
    must(domain(b->rig, 0, SHARE_B));
    must(domain(b->rig, 0, SHARE_A));
}

static void complete_and_mark_domain(struct bench *b)
{
    complete_domain(b);
    bench_mark(b, OBJECT_DOMAIN_KEY(1));
}

static struct answer clear_domain(struct rig *r)
{
    return domain(r, 4, "");
}

static struct answer delete_domain(struct rig *r)
{
    return domain(r, 3, "");
}

/* A blob of a P-256 key waits in 2F10. */
static void staged_key(struct bench *b)
{
    complete_domain(b);
    must(rig_generate_ec(b->rig, 3, CRYPTO_SECP256R1, "920101"));
    struct answer blob = rig_command_hex(b->rig, 0x80, INS_WRAP, 3, ALG_WRAP, "", 65536);
    must(blob);
    must(rig_update(b->rig, FID_WRAPPED_KEY, 0, blob.data));
    must(rig_delete(b->rig, 0xCC03));
    bench_mark(b, STORE_KEY(FID_WRAPPED_KEY, 0));
}

static void staged_key_for_1(struct bench *b)
{
    staged_key(b);
    bench_mark(b, OBJECT_KEY(1));
}

static struct answer unwrap_over_a_key(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_UNWRAP, 1, ALG_UNWRAP, "", 0);
}

static struct answer unwrap_new(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_UNWRAP, 3, ALG_UNWRAP, "", 0);
}

/* ---- keys from elsewhere ---- */

/* A use of key 2 is charged, then key 3 appears. */
static struct answer derive_3(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_DERIVE_KEY, 2, 3, "98CAFEBABE", 0);
}

static void allow_import(struct bench *b)
{
    must(rig_initialise(b->rig, "80020021 9A020004"));
    furnish(b);
}

static struct answer import_aes(struct rig *r)
{
    r->link = HSM_LINK_IN_PROCESS;
    struct answer a = rig_command_hex(r, 0x80, INS_IMPORT_KEY, 3, 0x0F, "81120010000102030405060708090A0B0C0D0E0F", 0);
    r->link = HSM_LINK_REMOTE;
    return a;
}

/* ---- secret keys ---- */

static struct answer generate_secret_3(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_GENERATE_SECRET_KEY, 3, ALG_GENERATE_AES_256, "", 0);
}

static struct answer generate_secret_1(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_GENERATE_SECRET_KEY, 1, ALG_GENERATE_SECRET, "840121 940103 900400000007", 0);
}

/* Key 2 is a secret one with five uses. */
static void secret_2(struct bench *b)
{
    must(rig_command_hex(b->rig, 0x80, INS_GENERATE_SECRET_KEY, 2, ALG_GENERATE_AES_256, "900400000005", 0));
}

static struct answer cipher_counted(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_CIPHER, 2, ALG_AES_CMAC, "616263", 256);
}

static struct answer stream_counted(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_STREAM, 2, STREAM_BEGIN_ENCRYPT, "060960864801650304012A", 0);
}

#define HKDF_32 "060B2A864886F70D010910031D 840120"

static struct answer store_3(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_KDF_STORE, 2, 3, HKDF_32, 0);
}

static struct answer agree_and_store_3(struct rig *r)
{
    uint8_t data[128];
    buf b = BUF(data);
    put_bytes(&b, exact(HKDF_32));
    tlv_put(&b, TAG_CIPHER_PEER, crypto_curve_params(CRYPTO_SECP256R1)->g);
    return rig_command(r, 0x80, INS_KDF_STORE, 2, 3, written(&b), 0);
}

/* ---- keys on Curve25519 and Curve448 ---- */

static struct answer generate_ed25519_3(struct rig *r)
{
    return rig_generate_okp(r, 3, CRYPTO_ED25519, "");
}

static struct answer generate_x25519_1(struct rig *r)
{
    return rig_generate_okp(r, 1, CRYPTO_X25519, "");
}

static void staged_ed25519(struct bench *b)
{
    complete_domain(b);
    must(rig_generate_okp(b->rig, 3, CRYPTO_ED25519, "920101"));
    struct answer blob = rig_command_hex(b->rig, 0x80, INS_WRAP, 3, ALG_WRAP, "", 65536);
    must(blob);
    must(rig_update(b->rig, FID_WRAPPED_KEY, 0, blob.data));
    must(rig_delete(b->rig, 0xCC03));
    bench_mark(b, STORE_KEY(FID_WRAPPED_KEY, 0));
}

/* ---- hierarchical keys ---- */

static struct answer make_master(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_HD_WALLET, 1, 0, "000102030405060708090A0B0C0D0E0F", 0);
}

static struct answer make_symmetric_master(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_HD_WALLET, 3, 0, "", 0);
}

static void mark_master(struct bench *b)
{
    must(make_master(b->rig));
    bench_mark(b, OBJECT_HD_MASTER(0));
}

/* ---- the secure lock ---- */

static struct answer lock(struct rig *r)
{
    return view_use_lock_key(r, LOCK_ENABLE);
}

static struct answer disable_lock(struct rig *r)
{
    return view_use_lock_key(r, LOCK_DISABLE);
}

static void mark_free_box(struct bench *b)
{
    bench_mark(b, OBJECT_ROOT_BOX);
}

static void lock_and_log_in(struct bench *b)
{
    must(lock(b->rig));
    must(rig_select(b->rig));
    must(rig_login(b->rig));
}

static void locked(struct bench *b)
{
    lock_and_log_in(b);
    bench_mark(b, OBJECT_ROOT_BOX);
}

/* PINs change hands without the lock key. */
static void locked_and_mark_user_pin(struct bench *b)
{
    lock_and_log_in(b);
    mark_user_pin(b);
}

static void locked_and_blocked(struct bench *b)
{
    lock_and_log_in(b);
    block_and_mark_user_pin(b);
}

static void unlocked(struct bench *b)
{
    lock_and_log_in(b);
    must(view_use_lock_key(b->rig, LOCK_UNLOCK));
    mark_all_secrets(b);
}

/* ---- the machine ---- */

static struct answer write_description(struct rig *r)
{
    must(rig_send(r, "00A4040008" RIG_RESCUE_AID "00"));
    return rig_command_hex(r, 0x80, RESCUE_INS_WRITE, 1, 0, "000412090001 050107 0A040000000F", 0);
}

static void describe(struct bench *b)
{
    must(rig_send(b->rig, "00A4040008" RIG_RESCUE_AID "00"));
    must(rig_command_hex(b->rig, 0x80, RESCUE_INS_WRITE, 1, 0, "080109 09074D792048534D00", 0));
    must(rig_select(b->rig));
}

/* The user's way to the same description. */
static struct answer change_usb_id(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_EXTRAS, 0x1B, 0x00, "12090002", 0);
}

static void describe_and_log_in(struct bench *b)
{
    describe(b);
    must(rig_login(b->rig));
}

static struct answer change_options(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_EXTRAS, 6, 0, "02", 0);
}

/* ---- secure messaging ---- */

/* The same for every card: their channels have the same keys. Made here, so that nothing but the card can fail later. */
static uint8_t verify_sealed[80];
static size_t verify_sealed_size;

static void channel_and_one_wrong(struct bench *b)
{
    struct hsm *h = b->rig->hsm;
    uint8_t body[60];
    buf objects = BUF(body), raw = BUF(verify_sealed);
    struct apdu sealed;
    const struct apdu plain = {.ins = INS_VERIFY, .p2 = PIN_USER, .data = TEXT("648219")};
    one_wrong(b);
    h->channel = (struct secure_channel){.selected = true, .open = true, .keys = {.enc = {1}, .mac = {2}}};
    struct sm_channel keys = h->channel.keys;
    if (sm_seal_command(&h->crypto, &keys, &plain, &objects, &sealed) != ST_OK || apdu_write(&sealed, &raw) != ST_OK)
        bench_die("cannot seal");
    verify_sealed_size = raw.n;
}

/* The word inside, where there is one. */
static struct answer verify_inside(struct rig *r)
{
    bytes word;
    struct answer a = rig_send_bytes(r, (bytes){verify_sealed, verify_sealed_size});
    if (tlv_find(a.data, TAG_SM_WORD, &word)) a = (struct answer){NO_BYTES, (uint16_t)be_get(word)};
    return a;
}

/* ---- trust, registered keys, groups ---- */

/* Certificates as commands want them, made before the cuts. */
static uint8_t first_request[1024], second_request[1024];
static size_t first_size, second_size;

static void install_chain(struct bench *b, const char *initialise_more)
{
    must(rig_initialise(b->rig, initialise_more));
    furnish(b);
    must(rig_update(b->rig, FID_DEVICE_CERTIFICATE, 0, exact(CHAIN_DEVICE CHAIN_DV CHAIN_CA)));
}

static void select_verifying(struct bench *b, const char *name)
{
    uint8_t data[20];
    buf out = BUF(data);
    tlv_put(&out, TAG_MSE_REFERENCE, made_text(name));
    must(rig_command(b->rig, 0, INS_MANAGE_SECURITY_ENVIRONMENT, 0x81, MSE_SIGNATURE, written(&out), 0));
}

static void issuer_selected(struct bench *b)
{
    install_chain(b, "80020021");
    select_verifying(b, "XXTESTDV00001");
}

static struct answer keep_certificate(struct rig *r)
{
    return rig_command_hex(r, 0, INS_VERIFY_CERTIFICATE, 0, 0xBE, PKA_TOKEN_CERTIFICATE, 0);
}

static size_t make_user(struct bench *b, const char *name, uint8_t key, span into)
{
    struct made user = {.car = name,
                        .chr = name,
                        .key = key,
                        .curve = CRYPTO_SECP256R1,
                        .outer_car = "TOKEN",
                        .outer_signer = 50,
                        .outer_curve = CRYPTO_SECP256R1};
    bytes request = make_request(&b->rig->hsm->crypto, &user);
    if (!span_copy(into, request)) bench_die("the request is too long");
    return request.n;
}

static void token_selected(struct bench *b)
{
    struct made token = {
        .car = "TOKEN", .chr = "TOKEN", .key = 50, .role = MAKE_ROLE_DEVICE, .curve = CRYPTO_SECP256R1};
    install_chain(b, "80020029 93020201");
    must(rig_update(b->rig, 0xCA00, 0, make_certificate(&b->rig->hsm->crypto, &token)));
    first_size = make_user(b, "USER1", 51, SPAN(first_request));
    second_size = make_user(b, "USER2", 52, SPAN(second_request));
    select_verifying(b, "TOKEN");
    hex_release();
}

static struct answer register_first(struct rig *r)
{
    return rig_command(r, 0x80, INS_PUBLIC_KEY_AUTHENTICATION, 0, 0, (bytes){first_request, first_size}, 256);
}

static void one_registered(struct bench *b)
{
    token_selected(b);
    must(register_first(b->rig));
}

static struct answer register_another(struct rig *r)
{
    return rig_command(r, 0x80, INS_PUBLIC_KEY_AUTHENTICATION, 0, 0, (bytes){second_request, second_size}, 256);
}

static struct answer replace_first(struct rig *r)
{
    return rig_command(r, 0x80, INS_PUBLIC_KEY_AUTHENTICATION, 1, 0, (bytes){second_request, second_size}, 256);
}

static void invited(struct bench *b)
{
    install_chain(b, "80020021 970102");
}

static struct answer join_group(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_KEY_DOMAIN, 2, 1, XKEK_CREATE, 256);
}

static void exchange_key(struct bench *b)
{
    invited(b);
    must(join_group(b->rig));
    must(rig_generate_ec(b->rig, 3, CRYPTO_BP256R1, "910184 920101"));
}

static struct answer agree_with_peer(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_DECIPHER, 3, ALG_XKEK, XKEK_PEER, 256);
}

static void agreed(struct bench *b)
{
    exchange_key(b);
    must(agree_with_peer(b->rig));
    bench_mark(b, OBJECT_DOMAIN_KEY(1));
}

/* A domain that a key names stays. */
static void agreed_without_keys(struct bench *b)
{
    agreed(b);
    must(rig_delete(b->rig, 0xCC03));
}

/* clang-format off */
const struct scene scenes[] = {
    /* name                     virgin slow   prepare                  act                    sw      charges   back   out    spends */
    {"initialise",              true,  false, NULL,                    initialise,            0x9000, 0,        false, true,  false},
    {"initialise again",        false, false, mark_all_secrets,        initialise_otherwise,  0x9000, 0,        false, true,  false},
    {"generate a key",          false, false, NULL,                    generate_ec_3,         0x9000, 0,        false, false, false},
    {"generate over a key",     false, false, mark_key_1,              generate_ec_1,         0x9000, 0,        false, false, false},
    {"generate RSA over a key", false, true,  mark_key_1,              generate_rsa_1,        0x9000, 0,        false, false, false},
    {"delete a key",            false, false, mark_key_2,              delete_key_2,          0x9000, 0,        false, false, false},
    {"sign with a counted key", false, false, NULL,                    sign_counted,          0x9000, 0,        false, false, true},
    {"create a private file",   false, false, NULL,                    create_private,        0x9000, 0,        false, false, false},
    {"create a public file",    false, false, NULL,                    create_public,         0x9000, 0,        false, false, false},
    {"replace a private file",  false, false, mark_private,            replace_private,       0x9000, 0,        false, false, false},
    {"replace a public file",   false, false, NULL,                    replace_public,        0x9000, 0,        false, false, false},
    {"update a part",           false, false, mark_second_part,        update_inside,         0x9000, 0,        false, false, false},
    {"update over the end",     false, false, NULL,                    update_over_the_end,   0x9000, 0,        false, false, false},
    {"delete a private file",   false, false, mark_private,            delete_private,        0x9000, 0,        false, false, false},
    {"delete a public file",    false, false, mark_public,             delete_public,         0x9000, 0,        false, false, false},
    {"right PIN",               false, false, one_wrong,               rig_login,             0x9000, PIN_USER, true,  true, false},
    {"right PIN inside",        false, false, channel_and_one_wrong,   verify_inside,         0x9000, PIN_USER, true,  true, false},
    {"wrong PIN",               false, false, NULL,                    verify_wrong,          0x63C2, PIN_USER, false, true,  false},
    {"right SO-PIN",            false, false, NULL,                    verify_so,             0x9000, PIN_SO,   true,  true, false},
    {"change the PIN",          false, false, mark_user_pin,           change_user_pin,       0x9000, PIN_USER, true,  true, false},
    {"change the SO-PIN",       false, false, mark_so_pin,             change_so_pin,         0x9000, PIN_SO,   true,  true, false},
    {"change, wrong PIN",       false, false, NULL,                    change_with_wrong_pin, 0x63C2, PIN_USER, false, true,  false},
    {"unblock with a new PIN",  false, false, block_and_mark_user_pin, reset_with_new_pin,    0x9000, PIN_SO,   true,  true, false},
    {"unblock",                 false, false, all_wrong,               reset_only,            0x9000, PIN_SO,   true,  true, false},
    {"unblock, wrong SO-PIN",   false, false, all_wrong,               reset_with_wrong_so,   0x63CE, PIN_SO,   false, true,  false},
    {"set up a domain",         false, false, two_domains,             set_up_domain,         0x9000, 0,        false, false, false},
    {"import a share",          false, false, two_domains,             import_share,          0x9000, 0,        false, false, false},
    {"import the last share",   false, false, first_share,             import_share,          0x9000, 0,        false, false, false},
    {"post a share",            false, false, without_login,           import_share,          0x9000, 0,        false, false, false},
    {"post the last share",     false, false, first_share_without_login, import_share,        0x9000, 0,        false, false, false},
    {"PIN joins the shares",    false, false, two_letters,             rig_login,             0x9000, PIN_USER, true,  true,  false},
    {"clear a domain",          false, false, complete_and_mark_domain, clear_domain,          0x9000, 0,        false, false, false},
    {"delete a domain",         false, false, complete_and_mark_domain, delete_domain,         0x6A88, 0,        false, false, false},
    {"unwrap a key",            false, false, staged_key,              unwrap_new,            0x9000, 0,        false, false, false},
    {"unwrap over a key",       false, false, staged_key_for_1,        unwrap_over_a_key,     0x9000, 0,        false, false, false},
    {"derive a key",            false, false, NULL,                    derive_3,              0x9000, 0,        false, false, true},
    {"generate a secret key",   false, false, NULL,                    generate_secret_3,     0x9000, 0,        false, false, false},
    {"a secret over a key",     false, false, mark_key_1,              generate_secret_1,     0x9000, 0,        false, false, false},
    {"cipher, counted",         false, false, secret_2,                cipher_counted,        0x9000, 0,        false, false, true},
    {"begin a stream, counted", false, false, secret_2,                stream_counted,        0x9000, 0,        false, false, true},
    {"store a derivation",      false, false, secret_2,                store_3,               0x9000, 0,        false, false, true},
    {"store an agreement",      false, false, NULL,                    agree_and_store_3,     0x9000, 0,        false, false, true},
    {"generate an Edwards key", false, false, NULL,                    generate_ed25519_3,    0x9000, 0,        false, false, false},
    {"Montgomery over a key",   false, false, mark_key_1,              generate_x25519_1,     0x9000, 0,        false, false, false},
    {"unwrap an Edwards key",   false, false, staged_ed25519,          unwrap_new,            0x9000, 0,        false, false, false},
    {"make a master",           false, false, NULL,                    make_master,           0x9000, 0,        false, false, false},
    {"replace a master",        false, false, mark_master,             make_symmetric_master, 0x9000, 0,        false, false, false},
    {"import a plain key",      false, false, allow_import,            import_aes,            0x9000, 0,        false, false, false},
    {"lock",                    false, false, mark_free_box,           lock,                  0x9000, 0,        false, false, false},
    {"disable the lock",        false, false, locked,                  disable_lock,          0x9000, 0,        false, false, false},
    {"change PIN while locked", false, false, locked_and_mark_user_pin, change_user_pin,      0x9000, PIN_USER, true,  true,  false},
    {"unblock while locked",    false, false, locked_and_blocked,      reset_with_new_pin,    0x9000, PIN_SO,   true,  true,  false},
    {"initialise unlocked",     false, false, unlocked,                initialise_otherwise,  0x9000, 0,        false, true,  false},
    {"keep a certificate",      false, false, issuer_selected,         keep_certificate,      0x9000, 0,        false, false, false},
    {"register a public key",   false, false, token_selected,          register_first,        0x9000, 0,        false, false, false},
    {"register another",        false, false, one_registered,          register_another,      0x9000, 0,        false, false, false},
    {"replace a public key",    false, false, one_registered,          replace_first,         0x9000, 0,        false, false, false},
    {"join a group",            false, false, invited,                 join_group,            0x9000, 0,        false, false, false},
    {"agree on a key",          false, false, exchange_key,            agree_with_peer,       0x9000, 0,        false, false, false},
    {"forget an agreed key",    false, false, agreed,                  clear_domain,          0x9000, 0,        false, false, false},
    {"leave a group",           false, false, agreed_without_keys,     delete_domain,         0x6A88, 0,        false, false, false},
    {"describe the machine",    true,  false, NULL,                    write_description,     0x9000, 0,        false, true,  false},
    {"describe it again",       false, false, describe,                write_description,     0x9000, 0,        false, true,  false},
    {"describe by EXTRAS",      false, false, NULL,                    change_usb_id,         0x9000, 0,        false, false, false},
    {"describe it otherwise",   false, false, describe_and_log_in,     change_usb_id,         0x9000, 0,        false, false, false},
    {"change the options",      false, false, NULL,                    change_options,        0x9000, 0,        false, false, false},
};
/* clang-format on */

const size_t scene_count = COUNT(scenes);
