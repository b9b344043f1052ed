/* SPDX-License-Identifier: Apache-2.0 */
/* Is there a branch or an index that depends on a secret? Under valgrind, which tells: secrets are marked as bytes without
 * a value, and memcheck complains about every jump and address made of such bytes. Built by the preset `ct`, with the
 * portable C of the chips instead of x86-64 assembler; docs/side-channels.md says what is found.
 *
 *     valgrind --error-exitcode=9 test_ct NAME
 *
 * What the card tells of a secret (outcomes, signatures, public keys) goes through ct_tell (base/bytes.h), before which this
 * program stands. Each case also checks that its result is right, or that wrong input was refused: valgrind computes with
 * the true values. */
#include "base/bytes.h"
#include "card/hsm.h"
#include "crypto/crypto.h"
#include "tests/hex.h"
#include "tests/rig/rig.h"
#include "wire/key_blob.h"
#include "wire/secure_messaging.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

/* The linker puts this one before the one of src/base, which does nothing (--wrap). */
void __wrap_ct_tell(bytes told);
void __wrap_ct_tell(bytes told)
{
    VALGRIND_MAKE_MEM_DEFINED(told.p, told.n);
}

static bytes secret(bytes value)
{
    bytes copy = exact_copy(value);
    VALGRIND_MAKE_MEM_UNDEFINED(copy.p, copy.n);
    return copy;
}

static void reveal(bytes value)
{
    VALGRIND_MAKE_MEM_DEFINED(value.p, value.n);
}

static bool is(bytes got, bytes want)
{
    reveal(got);
    return bytes_equal(got, want);
}

/* `n` bytes that no two calls with another `seed` share. */
static bytes filled(size_t n, unsigned seed)
{
    span s = exact_space(n);
    for (size_t i = 0; i < n; i++) s.p[i] = (uint8_t)(seed * 31 + i * 7 + 1);
    return view(s);
}

/* ---- a context that every case has ---- */

static uint8_t pool[256 * 1024] __attribute__((aligned(16)));

static status read_entropy(void *ctx, span out)
{
    static uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < out.n; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.p[i] = (uint8_t)state;
    }
    return ST_OK;
}

static const struct entropy source = {.read = read_entropy, .millibits_per_sample = 4000};

static struct crypto *context(void)
{
    static struct crypto c;
    if (crypto_open(&c, SPAN(pool), &source) != ST_OK) abort();
    return &c;
}

/* ---- what the card compares ---- */

static bool compare_like_nobody_should(struct crypto *c)
{
    bytes a = secret(filled(32, 1)), b = filled(32, 2);
    return memcmp(a.p, b.p, a.n) != 0;
}

static bool compare(struct crypto *c)
{
    bytes a = secret(filled(32, 1));
    return ct_equal(a, filled(32, 1)) && !ct_equal(a, filled(32, 2)) && !ct_is_zero(a);
}

/* A wrong PIN through VERIFY: stretched, compared, charged. What a right one opens is in `unwrap`. */
static bool pin(struct crypto *c)
{
    struct rig *r = rig_ready(1, "");
    uint8_t verify[] = {0x00, 0x20, 0x00, 0x81, 0x06, '6', '4', '8', '2', '1', '8'};
    VALGRIND_MAKE_MEM_UNDEFINED(verify + 5, 6);
    struct answer a = rig_send_bytes(r, BYTES(verify));
    rig_stop(r);
    return a.sw == 0x63C2;
}

/* A wrong session PIN through VERIFY, then a wrong PIN. Which of both it is not is compared one after the other. */
static bool session_pin(struct crypto *c)
{
    struct rig *r = rig_ready(1, "80020004");
    uint8_t verify[] = {0x00, 0x20, 0x00, 0x81, 0x08, 1, 2, 3, 4, 5, 6, 7, 8};
    bool good = rig_send(r, "005A018100").sw == 0x9000 && r->hsm->session_pin.set;
    VALGRIND_MAKE_MEM_UNDEFINED(verify + 5, 8);
    good = good && rig_send_bytes(r, BYTES(verify)).sw == 0x63C2;
    rig_stop(r);
    return good;
}

/* A wrong key of the secure lock, and the right one of a free box. */
static bool lock_key(struct crypto *c)
{
    struct rig *r = rig_ready(1, "");
    struct vault *v = &r->hsm->vault;
    bytes key = filled(32, 3);
    bool good = vault_begin(v) == ST_OK && vault_box_put(v, key) == ST_OK && vault_commit(v, VAULT_OBJECTS) == ST_OK;
    good = good && vault_box_open(v, secret(filled(32, 4))) == ST_DATA_NOT_USABLE;
    rig_stop(r);
    return good;
}

/* ---- hashes and derivation ---- */

static bool hashes(struct crypto *c)
{
    bool good = true;
    for (enum crypto_hash h = CRYPTO_SHA1; h < CRYPTO_HASH_COUNT; h++) {
        uint8_t first[CRYPTO_HASH_MAX], second[CRYPTO_HASH_MAX];
        size_t n = crypto_hash_size(h);
        bytes message = filled(200, 5), hidden = secret(message);
        good &= crypto_hash(c, h, &message, 1, (span){first, n}) == ST_OK;
        good &= crypto_hash(c, h, &hidden, 1, (span){second, n}) == ST_OK;
        good &= is((bytes){second, n}, (bytes){first, n});
        good &= crypto_hmac(c, h, secret(filled(32, 6)), &hidden, 1, (span){second, n}) == ST_OK;
    }
    return good;
}

static bool derivation(struct crypto *c)
{
    uint8_t out[48];
    bytes key = secret(filled(32, 7));
    return crypto_hkdf(c, CRYPTO_SHA256, key, filled(8, 1), filled(8, 2), SPAN(out)) == ST_OK &&
           crypto_pbkdf2(c, CRYPTO_SHA256, key, filled(8, 1), 3, NULL, SPAN(out)) == ST_OK &&
           crypto_x963(c, CRYPTO_SHA512, key, filled(8, 1), SPAN(out)) == ST_OK;
}

/* ---- AEAD and MAC ---- */

/* Seals with a known key; opens with the same one hidden, and refuses one changed bit. */
static bool opens(struct crypto *c, enum crypto_mode mode)
{
    struct crypto_cipher_params p = {.mode = mode, .encrypt = true, .key = filled(32, 8), .iv = filled(12, 9)};
    buf sealed = buf_over(exact_space(80)), plain = buf_over(exact_space(64)), none = buf_over(exact_space(64));
    bool good = crypto_cipher(c, &p, filled(20, 1), filled(64, 2), &sealed) == ST_OK;
    p.encrypt = false;
    p.key = secret(p.key);
    good = good && crypto_cipher(c, &p, filled(20, 1), written(&sealed), &plain) == ST_OK;
    sealed.p[79] ^= 1;
    good = good && crypto_cipher(c, &p, filled(20, 1), written(&sealed), &none) == ST_DATA_NOT_USABLE;
    return good && is(written(&plain), filled(64, 2));
}

static bool gcm(struct crypto *c)
{
    return opens(c, CRYPTO_AES_GCM);
}

static bool ccm(struct crypto *c)
{
    return opens(c, CRYPTO_AES_CCM);
}

static bool chachapoly(struct crypto *c)
{
    return opens(c, CRYPTO_CHACHA20_POLY1305);
}

static bool cmac(struct crypto *c)
{
    uint8_t mac[16];
    bytes message = secret(filled(40, 3));
    return crypto_aes_cmac(c, secret(filled(32, 10)), &message, 1, SPAN(mac)) == ST_OK;
}

/* The MAC of a wrapped key, and its decryption. */
static bool unwrap(struct crypto *c)
{
    const struct key_blob_header header = {.type = KEY_BLOB_AES};
    struct key_blob blob;
    bytes dkek = filled(32, 11);
    buf made = buf_over(exact_space(KEY_BLOB_MAX)), parts = buf_over(exact_space(64));
    struct key_blob_parts key = {.size = 16, .part = {filled(16, 12)}};
    key_blob_parts_put(&parts, KEY_BLOB_AES, &key);
    bool good = key_blob_seal(c, &header, dkek, written(&parts), &made) == ST_OK;
    good = good && key_blob_read(written(&made), &blob) == ST_OK;
    span plain = exact_space(good ? blob.encrypted.n : 0);
    good = good && key_blob_open(c, &blob, secret(dkek), plain) == ST_OK;
    good = good && is(bytes_first(bytes_after(view(plain), 10), 16), filled(16, 12));
    made.p[made.n - 1] ^= 1;
    return good && key_blob_open(c, &blob, secret(dkek), plain) == ST_EXECUTION;
}

/* A command under a session key for MACs that nobody knows: its MAC right, and one bit of it wrong. The key that deciphers
 * is known: behind a right MAC the length of the data stands in them, and is told by what the command does. */
static bool secure_messaging(struct crypto *c)
{
    struct sm_channel host = {.counter = {0}}, hidden;
    bool good = span_copy(SPAN(host.enc), filled(16, 13)) && span_copy(SPAN(host.mac), filled(16, 14));
    for (unsigned turn = 0; turn < 2; turn++) {
        uint8_t room[64], into[64];
        buf body = BUF(room);
        struct apdu sealed, plain;
        hidden = host;
        good = good && sm_seal_command(c, &host, &(struct apdu){.ins = 0x20, .p2 = 0x81, .data = filled(6, 15)}, &body,
                                       &sealed) == ST_OK;
        if (turn) room[body.n - 1] ^= 1;
        VALGRIND_MAKE_MEM_UNDEFINED(hidden.mac, sizeof hidden.mac);
        status st = sm_open_command(c, &hidden, &sealed, SPAN(into), &plain);
        good = good && st == (turn ? ST_SM_WRONG : ST_OK);
        if (!turn) good = good && st == ST_OK && is(plain.data, filled(6, 15));
    }
    return good;
}

/* ---- RSA paddings ---- */

static bytes block_v15(size_t zero_at)
{
    span em = exact_space(128);
    memset(em.p, 0x5A, em.n);
    em.p[0] = 0;
    em.p[1] = 2;
    if (zero_at < em.n) em.p[zero_at] = 0;
    return view(em);
}

static status unpad_v15(size_t zero_at, size_t *size)
{
    bytes block = secret(block_v15(zero_at));
    return crypto_rsa_unpad_v15((span){(uint8_t *)(uintptr_t)block.p, block.n}, size);
}

static bool pkcs1(struct crypto *c)
{
    size_t size;
    return unpad_v15(100, &size) == ST_OK && size == 27 && unpad_v15(5, &size) == ST_EXECUTION &&
           unpad_v15(SIZE_MAX, &size) == ST_EXECUTION;
}

/* "abc" with the seed 00 01 .. 1F, padded to 80 bytes. */
#define OAEP_ABC                                                                                                       \
    "008018EC55FCC17095232CB75650962360F97EAA0B7D6BFCAF6C28BB797FF2BE279344C47FCA4AF7"                                 \
    "17407EDA5BBC04E0A2927AC9D4FC20EA3F18C681D71E31C2D104A6950A06D3E3308AD7D3610F9A73"

static status unpad_oaep(struct crypto *c, bytes block, size_t *size)
{
    const struct crypto_rsa_padding padding = {.hash = CRYPTO_SHA256, .mgf = CRYPTO_SHA256};
    bytes hidden = secret(block);
    return crypto_rsa_unpad_oaep(c, &padding, (span){(uint8_t *)(uintptr_t)hidden.p, hidden.n}, size);
}

/* Good; and with a first byte, a hash of the label (any bit of the block) that is wrong. */
static bool oaep(struct crypto *c)
{
    size_t size;
    span first = exact_space(80), other = exact_space(80);
    bool good = span_copy(first, exact(OAEP_ABC)) && span_copy(other, exact(OAEP_ABC));
    first.p[0] = 1;
    other.p[40] ^= 1;
    good = good && unpad_oaep(c, exact(OAEP_ABC), &size) == ST_OK && size == 3;
    good = good && unpad_oaep(c, view(first), &size) == ST_EXECUTION && size == 0;
    return good && unpad_oaep(c, view(other), &size) == ST_EXECUTION && size == 0;
}

/* ---- curves ---- */

static bool ecdsa(struct crypto *c, enum crypto_curve curve)
{
    const struct crypto_curve_params *p = crypto_curve_params(curve);
    span d = exact_space(p->field_size), q = exact_space(1 + 2 * d.n), rs = exact_space(2 * d.n);
    memset(d.p, 0x11, d.n);
    d.p[0] = 0;
    VALGRIND_MAKE_MEM_UNDEFINED(d.p, d.n);
    bool good = crypto_ec_public(c, curve, view(d), q) == ST_OK;
    good = good && crypto_ecdsa_sign(c, curve, view(d), filled(32, 1), rs) == ST_OK;
    reveal(view(q));
    reveal(view(rs));
    return good && crypto_ecdsa_verify(c, curve, view(q), filled(32, 1), view(rs)) == ST_OK;
}

static bool ecdh(struct crypto *c, enum crypto_curve curve)
{
    const struct crypto_curve_params *p = crypto_curve_params(curve);
    span d = exact_space(p->field_size), x = exact_space(d.n);
    memset(d.p, 0x23, d.n);
    d.p[0] = 0;
    VALGRIND_MAKE_MEM_UNDEFINED(d.p, d.n);
    return crypto_ecdh(c, curve, view(d), p->g, x) == ST_OK;
}

static bool p256(struct crypto *c)
{
    return ecdsa(c, CRYPTO_SECP256R1) && ecdh(c, CRYPTO_SECP256R1);
}

static bool p384(struct crypto *c)
{
    return ecdsa(c, CRYPTO_SECP384R1) && ecdh(c, CRYPTO_SECP384R1);
}

static bool p521(struct crypto *c)
{
    return ecdsa(c, CRYPTO_SECP521R1) && ecdh(c, CRYPTO_SECP521R1);
}

static bool brainpool(struct crypto *c)
{
    return ecdsa(c, CRYPTO_BP256R1) && ecdh(c, CRYPTO_BP256R1);
}

static bool secp256k1(struct crypto *c)
{
    return ecdsa(c, CRYPTO_SECP256K1) && ecdh(c, CRYPTO_SECP256K1);
}

static bool eddsa(struct crypto *c, enum crypto_okp okp)
{
    const struct crypto_okp_params *p = crypto_okp_params(okp);
    const struct crypto_eddsa_input input = {.message = filled(50, 1)};
    bytes d = secret(filled(p->key_size, 2));
    span q = exact_space(p->key_size), signature = exact_space(2 * p->key_size);
    bool good = crypto_okp_public(c, okp, d, q) == ST_OK;
    good = good && crypto_eddsa_sign(c, okp, d, &input, signature) == ST_OK;
    return good && crypto_eddsa_verify(c, okp, view(q), &input, view(signature)) == ST_OK;
}

static bool ed25519(struct crypto *c)
{
    return eddsa(c, CRYPTO_ED25519);
}

static bool ed448(struct crypto *c)
{
    return eddsa(c, CRYPTO_ED448);
}

static bool agreement(struct crypto *c, enum crypto_okp okp)
{
    const struct crypto_okp_params *p = crypto_okp_params(okp);
    span d = exact_space(p->key_size), q = exact_space(p->key_size), shared = exact_space(p->key_size);
    if (crypto_okp_generate(c, okp, d, q) != ST_OK) return false;
    VALGRIND_MAKE_MEM_UNDEFINED(d.p, d.n);
    return crypto_okp_agree(c, okp, view(d), view(q), shared) == ST_OK &&
           crypto_okp_public(c, okp, view(d), shared) == ST_OK && is(view(shared), view(q));
}

static bool x25519(struct crypto *c)
{
    return agreement(c, CRYPTO_X25519);
}

static bool x448(struct crypto *c)
{
    return agreement(c, CRYPTO_X448);
}

/* ---- which ---- */

static const struct {
    const char *name;
    bool (*run)(struct crypto *c);
} cases[] = {
    {"control", compare_like_nobody_should},
    {"compare", compare},
    {"pin", pin},
    {"session_pin", session_pin},
    {"lock_key", lock_key},
    {"hashes", hashes},
    {"derivation", derivation},
    {"gcm", gcm},
    {"ccm", ccm},
    {"chachapoly", chachapoly},
    {"cmac", cmac},
    {"unwrap", unwrap},
    {"secure_messaging", secure_messaging},
    {"pkcs1", pkcs1},
    {"oaep", oaep},
    {"p256", p256},
    {"p384", p384},
    {"p521", p521},
    {"brainpool", brainpool},
    {"secp256k1", secp256k1},
    {"ed25519", ed25519},
    {"ed448", ed448},
    {"x25519", x25519},
    {"x448", x448},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < COUNT(cases); i++) {
        if (strcmp(cases[i].name, argv[1]) != 0) continue;
        bool good = cases[i].run(context());
        VALGRIND_MAKE_MEM_DEFINED(&good, sizeof good);
        hex_release();
        printf("%s: %s\n", argv[1], good ? "the result is right" : "the result is WRONG");
        return good ? 0 : 1;
    }
    fprintf(stderr, "usage: test_ct NAME; see the table at the end of tests/ct/ct.c\n");
    return 2;
}
