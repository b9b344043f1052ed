/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the whole flash after every command of a long session and looks for every secret the card ever had.
 *
 * PINs, root keys, device keys, scalars, primes and exponents of RSA, secret keys, seeds and what grows from them,
 * private files, session PINs: raw, reversed, as hexadecimal digits of either case. Superseded records are part of the
 * flash, so they are part of the search. The same search must find each of them where it is planted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/keys.h"
#include "card/objects.h"
#include "tests/sim/card_bench.h"
#include "tests/sim/card_view.h"

#include <stdio.h>
#include <stdlib.h>

#define SEED 4711u
#define SECRETS_MAX 400u
#define NEEDLE 12u /* a piece of a long secret that is looked for: chance has 2^-96 a place */

struct secret {
    const char *name;
    uint8_t bytes[NEEDLE];
    size_t n;
};

struct hoard {
    size_t count;
    struct secret s[SECRETS_MAX];
};

/* ---- what is secret ---- */

static void add(struct hoard *all, const char *name, bytes piece)
{
    for (size_t i = 0; i < all->count; i++) {
        if (bytes_equal(piece, (bytes){all->s[i].bytes, all->s[i].n})) return;
    }
    assert_true(all->count < SECRETS_MAX && piece.n <= NEEDLE);
    struct secret *s = &all->s[all->count++];
    s->name = name;
    s->n = piece.n;
    memcpy(s->bytes, piece.p, piece.n);
}

/* A long secret is looked for by its beginning, middle and end; a short one, such as a PIN, whole. */
static void add_secret(struct hoard *all, const char *name, bytes secret)
{
    if (secret.n <= NEEDLE) {
        add(all, name, secret);
        return;
    }
    add(all, name, bytes_first(secret, NEEDLE));
    add(all, name, bytes_first(bytes_after(secret, secret.n / 2 - NEEDLE / 2), NEEDLE));
    add(all, name, bytes_after(secret, secret.n - NEEDLE));
}

static void add_rsa(struct hoard *all, bytes parts, const struct key_info *info)
{
    struct crypto_rsa k = crypto_rsa_view(parts, info->rsa_e);
    add_secret(all, "RSA p", k.p);
    add_secret(all, "RSA q", k.q);
    add_secret(all, "RSA d mod p-1", k.dp);
    add_secret(all, "RSA d mod q-1", k.dq);
    add_secret(all, "RSA 1/q mod p", k.qinv);
}

/* With the vault's own functions: no use is charged. */
static void add_keys(struct hoard *all, struct hsm *h)
{
    SECRET(parts, CRYPTO_RSA_PARTS_MAX);
    for (unsigned id = 0; id <= 0xFF; id++) {
        struct key_info info;
        size_t size;
        enum vault_level level = id == DEVICE_KEY_ID ? VAULT_DEVICE : VAULT_ROOT;
        if (!key_exists(h, (uint8_t)id) || key_info_load(h, (uint8_t)id, &info) != ST_OK) continue;
        bytes bound = {info.raw, info.raw_size};
        if (vault_get(&h->vault, OBJECT_KEY(id), level, bound, parts, &size) != ST_OK) continue;
        if (info.type == KEY_RSA) add_rsa(all, bytes_first(view(parts), size), &info);
        else add_secret(all, info.type == KEY_SECRET ? "secret key" : "scalar", bytes_first(view(parts), size));
    }
}

static void add_masters(struct hoard *all, struct hsm *h)
{
    SECRET(stored, 1 + CRYPTO_HD_MASTER_SIZE);
    size_t size;
    for (unsigned id = 0; id < 10; id++) {
        if (vault_get(&h->vault, OBJECT_HD_MASTER(id), VAULT_ROOT, NO_BYTES, stored, &size) != ST_OK) continue;
        add_secret(all, "HD master", bytes_after(bytes_first(view(stored), size), 1));
    }
}

/* DKEKs and sums of shares as they stand, and the letterbox. */
static void add_domains(struct hoard *all, struct hsm *h)
{
    uint8_t secret[32];
    size_t size;
    for (unsigned n = 0; n < LIMIT_KEY_DOMAINS; n++) {
        status st = vault_get(&h->vault, OBJECT_DOMAIN_KEY(n), VAULT_ROOT, NO_BYTES, SPAN(secret), &size);
        if (st == ST_OK) add_secret(all, "DKEK", BYTES(secret));
    }
    if (vault_get(&h->vault, OBJECT_LETTERBOX_KEY, VAULT_ROOT, NO_BYTES, SPAN(secret), &size) == ST_OK)
        add_secret(all, "letterbox", BYTES(secret));
}

static void add_card(struct hoard *all, struct rig *r)
{
    struct vault *v = &r->hsm->vault;
    if (!ct_is_zero(BYTES(v->root))) add_secret(all, "root key", BYTES(v->root));
    if (!ct_is_zero(BYTES(v->base))) add_secret(all, "what PINs open", BYTES(v->base));
    add_secret(all, "device key", BYTES(v->device_key));
    add_secret(all, "checksum key", BYTES(v->sum_key));
    add_secret(all, "PIN key", BYTES(v->pin_key));
    add_secret(all, "device secret", BYTES(r->secret));
    add_keys(all, r->hsm);
    add_masters(all, r->hsm);
    add_domains(all, r->hsm);
}

/* ---- the search ---- */

static bytes reversed(struct rig *r, bytes b)
{
    uint8_t back[2 * NEEDLE];
    for (size_t i = 0; i < b.n; i++) back[i] = b.p[b.n - 1 - i];
    return rig_copy(r, (bytes){back, b.n});
}

static bytes in_digits(struct rig *r, bytes b, const char *digits)
{
    uint8_t hex[2 * NEEDLE];
    for (size_t i = 0; i < b.n; i++) {
        hex[2 * i] = (uint8_t)digits[b.p[i] >> 4];
        hex[2 * i + 1] = (uint8_t)digits[b.p[i] & 15];
    }
    return rig_copy(r, (bytes){hex, 2 * b.n});
}

/* The ways a secret can be written down. */
#define FORMS 6u

static bytes form(struct rig *r, bytes secret, unsigned which)
{
    bytes b = which % 2 ? reversed(r, secret) : secret;
    switch (which / 2) {
    case 1: return in_digits(r, b, "0123456789abcdef");
    case 2: return in_digits(r, b, "0123456789ABCDEF");
    default: return b;
    }
}

/* The first secret found in `cells`; NULL: none. */
static const struct secret *search(struct rig *r, const struct hoard *all, bytes cells)
{
    for (size_t i = 0; i < all->count; i++) {
        for (unsigned f = 0; f < FORMS; f++) {
            bytes needle = form(r, (bytes){all->s[i].bytes, all->s[i].n}, f);
            if (bytes_find(cells, needle)) return &all->s[i];
        }
    }
    return NULL;
}

static void expect_clean(struct bench *b, const struct hoard *all, const char *after)
{
    const struct secret *s = search(b->rig, all, bench_cells(b));
    if (s) fail_msg("%s is in flash after \"%s\"", s->name, after);
    rig_forget(b->rig);
}

/* ---- the session ---- */

static struct answer file(struct rig *r, uint16_t fid, size_t n, unsigned seed)
{
    uint8_t content[3000];
    uint64_t x = seed;
    for (size_t i = 0; i < n; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        content[i] = (uint8_t)(x >> 56);
    }
    return rig_update(r, fid, 0, (bytes){content, n});
}

static struct answer step_file(struct rig *r)
{
    return file(r, 0xCD01, 3000, 1);
}
static struct answer step_file_again(struct rig *r)
{
    return file(r, 0xCD01, 1500, 2);
}
static struct answer step_staging(struct rig *r)
{
    return file(r, 0x2F10, 900, 3);
}
static struct answer step_p256(struct rig *r)
{
    return rig_generate_ec(r, 1, CRYPTO_SECP256R1, "9004000000FF");
}
static struct answer step_p521(struct rig *r)
{
    return rig_generate_ec(r, 2, CRYPTO_SECP521R1, "");
}
static struct answer step_brainpool(struct rig *r)
{
    return rig_generate_ec(r, 3, CRYPTO_BP384R1, "");
}
static struct answer step_rsa_1024(struct rig *r)
{
    return rig_generate_rsa(r, 4, 1024, 0, "");
}
static struct answer step_rsa_2048(struct rig *r)
{
    return rig_generate_rsa(r, 5, 2048, 3, "");
}
static struct answer step_ed25519(struct rig *r)
{
    return rig_generate_okp(r, 6, CRYPTO_ED25519, "");
}
static struct answer step_x448(struct rig *r)
{
    return rig_generate_okp(r, 7, CRYPTO_X448, "");
}
static struct answer step_aes(struct rig *r)
{
    return rig_command_hex(r, 0, INS_GENERATE_SECRET_KEY, 8, ALG_GENERATE_AES_256, "", 0);
}
static struct answer step_generic(struct rig *r)
{
    return rig_command_hex(r, 0, INS_GENERATE_SECRET_KEY, 9, ALG_GENERATE_SECRET, "840180", 0);
}
static struct answer step_kdf(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_KDF_STORE, 9, 10, "060B2A864886F70D010910031D 840140", 0);
}
static struct answer step_stream(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_STREAM, 8, STREAM_BEGIN_ENCRYPT, "0609608648016503040131", 0);
}
static const uint8_t seed[32] = "what my heirs will find in safe";
static struct answer step_master(struct rig *r)
{
    return rig_command(r, 0x80, INS_HD_WALLET, 1, 0, BYTES(seed), 0);
}
static struct answer step_master_again(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_HD_WALLET, 3, 0, "", 0);
}
static struct answer step_node(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_HD_WALLET, 0x10, 0, "020100", 0);
}
static struct answer step_replace(struct rig *r)
{
    return rig_generate_ec(r, 1, CRYPTO_SECP256K1, "");
}
static struct answer step_sign(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_SIGN, 4, ALG_RSA_PKCS1_SHA256, "616263", 65536);
}
static struct answer step_sign_ec(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_SIGN, 2, ALG_ECDSA_SHA256, "616263", 65536);
}
static struct answer step_session_pin(struct rig *r)
{
    return rig_send(r, "805A018100");
}
static struct answer step_delete(struct rig *r)
{
    return rig_delete(r, 0xCC03);
}
static struct answer step_change(struct rig *r)
{
    return rig_command_hex(r, 0, INS_CHANGE_REFERENCE_DATA, 0, PIN_USER, RIG_USER_PIN VIEW_OTHER_PIN, 0);
}
static struct answer step_change_so(struct rig *r)
{
    return rig_command_hex(r, 0, INS_CHANGE_REFERENCE_DATA, 0, PIN_SO, RIG_SO_PIN VIEW_OTHER_SO, 0);
}
static struct answer step_unblock(struct rig *r)
{
    return rig_command_hex(r, 0, INS_RESET_RETRY_COUNTER, 0, PIN_USER, VIEW_OTHER_SO RIG_USER_PIN, 0);
}
/* Three shares: one with login, two without. */
static const uint8_t shares[3][32] = {"a share of one custodian, 32 big", "the other one keeps this at home",
                                      "and a third who is on holidays!!"};

static struct answer import(struct rig *r, unsigned i)
{
    return rig_command(r, 0x80, INS_KEY_DOMAIN, 0, 0, BYTES(shares[i]), 256);
}
static struct answer step_share(struct rig *r)
{
    return import(r, 0);
}
static struct answer step_post(struct rig *r)
{
    rig_select(r);
    return import(r, 1);
}
static struct answer step_post_last(struct rig *r)
{
    return import(r, 2);
}
static struct answer step_wrap(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_WRAP, 5, ALG_WRAP, "", 65536);
}
static struct answer step_initialise(struct rig *r)
{
    return rig_initialise(r, "80020005");
}

static const struct {
    const char *name;
    struct answer (*act)(struct rig *r);
} steps[] = {
    {"login", rig_login},
    {"private file", step_file},
    {"private file again", step_file_again},
    {"staging", step_staging},
    {"P-256", step_p256},
    {"P-521", step_p521},
    {"brainpool", step_brainpool},
    {"RSA-1024", step_rsa_1024},
    {"RSA-2048", step_rsa_2048},
    {"Ed25519", step_ed25519},
    {"X448", step_x448},
    {"AES", step_aes},
    {"generic", step_generic},
    {"KDF result", step_kdf},
    {"stream", step_stream},
    {"HD master", step_master},
    {"HD node", step_node},
    {"HD master replaced", step_master_again},
    {"replace", step_replace},
    {"sign", step_sign},
    {"sign EC", step_sign_ec},
    {"session PIN", step_session_pin},
    {"delete", step_delete},
    {"change PIN", step_change},
    {"change SO-PIN", step_change_so},
    {"unblock", step_unblock},
    {"login again", rig_login},
    {"share", step_share},
    {"share without login", step_post},
    {"last share without login", step_post_last},
    {"login joins them", rig_login},
    {"wrap", step_wrap},
    {"initialise", step_initialise},
    {"P-256 again", step_p256},
};

static void add_pins(struct hoard *all)
{
    add_secret(all, "user PIN", TEXT("648219"));
    add_secret(all, "other PIN", TEXT("999999"));
    add_secret(all, "SO-PIN", TEXT("57621880"));
    add_secret(all, "other SO-PIN", TEXT("00000000"));
    for (size_t i = 0; i < COUNT(shares); i++) add_secret(all, "share", BYTES(shares[i]));
    add_secret(all, "seed", BYTES(seed));
}

/* Content of CD01 and 2F10 as the steps wrote it, and the session PIN. */
static void add_answer(struct hoard *all, struct rig *r, size_t step, struct answer a)
{
    if (steps[step].act == step_session_pin) add_secret(all, "session PIN", a.data);
    struct answer read = rig_read(r, 0xCD01, 0, 4096);
    if (read.sw == 0x9000 && read.data.n > NEEDLE) add_secret(all, "private file", read.data);
}

static struct hoard *play(struct bench *b)
{
    struct hoard *all = calloc(1, sizeof *all);
    assert_non_null(all);
    add_pins(all);
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct answer a = steps[i].act(b->rig);
        if (a.sw != 0x9000) fail_msg("%s: %04X", steps[i].name, a.sw);
        add_answer(all, b->rig, i, a);
        add_card(all, b->rig);
        expect_clean(b, all, steps[i].name);
    }
    return all;
}

static void no_secret_is_in_flash(void **state)
{
    struct bench *b = bench_ready(SEED, "80020005 920103");
    struct hoard *all = play(b);
    assert_int_equal(bench_power_on(b), ST_OK);
    expect_clean(b, all, "power off and on");
    print_message("%zu pieces of secrets, %u forms each, %zu images\n", all->count, FORMS, COUNT(steps) + 1);
    free(all);
    bench_free(b);
}

/* Each secret, in each form, somewhere in a copy of the real image. */
static void planted_secrets_are_found(void **state)
{
    struct bench *b = bench_ready(SEED, "80020005 920103");
    struct hoard *all = play(b);
    bytes image = rig_copy(b->rig, bench_cells(b));
    uint8_t *copy = malloc(image.n);
    assert_non_null(copy);
    for (size_t i = 0; i < all->count; i++) {
        for (unsigned f = 0; f < FORMS; f++) {
            memcpy(copy, image.p, image.n);
            bytes needle = form(b->rig, (bytes){all->s[i].bytes, all->s[i].n}, f);
            memcpy(copy + (i * 7919 + f * 104729) % (image.n - needle.n), needle.p, needle.n);
            struct hoard one = {.count = 1};
            one.s[0] = all->s[i];
            if (!search(b->rig, &one, (bytes){copy, image.n}))
                fail_msg("planted %s, form %u: not found", all->s[i].name, f);
        }
    }
    free(copy);
    free(all);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_secret_is_in_flash),
        cmocka_unit_test(planted_secrets_are_found),
    };
    return cmocka_run_group_tests_name("card_scan", tests, NULL, NULL);
}
