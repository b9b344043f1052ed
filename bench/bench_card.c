/* SPDX-License-Identifier: Apache-2.0 */
/* What the card adds to its crypto library: commands at the card boundary against the same work called straight from
 * wolfCrypt (signatures: sign plus verify) with the same settings in the same run, and the price of an APDU that does
 * next to nothing. */
#include "bench/measure.h"
#include "crypto/internal.h"
#include "rig/rig.h"
#include "wire/apdu.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

#include <stdio.h>
#include <stdlib.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/rsa.h>

#define RUNS 201u

static void must(int ok, const char *what)
{
    if (ok) return;
    fprintf(stderr, "bench_card: %s failed\n", what);
    exit(1);
}

/* ---- the card ---- */

/* One command, made ready: what is timed goes from the APDU's bytes to the answer's. */
struct card_job {
    struct rig *rig;
    uint8_t raw[LIMIT_COMMAND_APDU];
    size_t size;
};

static struct card_job *job_of(struct rig *r, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t ne)
{
    static struct card_job job;
    struct apdu a = {.cla = 0x80, .ins = ins, .p1 = p1, .p2 = p2, .data = data, .ne = ne};
    buf b = BUF(job.raw);
    must(apdu_write(&a, &b) == ST_OK, "APDU");
    job.rig = r;
    job.size = b.n;
    return &job;
}

static void card_step(void *ctx)
{
    struct card_job *job = ctx;
    bytes answer = hsm_command(job->rig->hsm, HSM_LINK_REMOTE, (bytes){job->raw, job->size});
    must(answer.n >= 2 && be_get(bytes_after(answer, answer.n - 2)) == 0x9000, "command");
}

/* ---- the library ---- */

struct wolf_job {
    struct crypto *crypto;
    RsaKey rsa;
    ecc_key ecc;
    uint8_t block[512];
    word32 size;
};

static void wolf_rsa_step(void *ctx)
{
    struct wolf_job *job = ctx;
    uint8_t signature[512], back[512];
    word32 n = job->size, m = job->size;
    WC_RNG rng = {0};
    crypto_enter(job->crypto);
    must(wc_RsaFunction(job->block, job->size, signature, &n, RSA_PRIVATE_ENCRYPT, &job->rsa, &rng) == 0,
         "wolf rsa sign");
    must(wc_RsaFunction(signature, n, back, &m, RSA_PUBLIC_DECRYPT, &job->rsa, &rng) == 0, "wolf rsa verify");
    must(crypto_leave(job->crypto, ST_OK) == ST_OK, "pool");
}

static void wolf_ecc_step(void *ctx)
{
    struct wolf_job *job = ctx;
    mp_int r, s;
    int verified = 0;
    WC_RNG rng = {0};
    crypto_enter(job->crypto);
    must(mp_init(&r) == 0 && mp_init(&s) == 0, "numbers");
    must(wc_ecc_sign_hash_ex(job->block, 32, &rng, &job->ecc, &r, &s) == 0, "wolf ecdsa sign");
    must(wc_ecc_verify_hash_ex(&r, &s, job->block, 32, &verified, &job->ecc) == 0 && verified, "wolf ecdsa verify");
    must(crypto_leave(job->crypto, ST_OK) == ST_OK, "pool");
}

/* Keys of the peer live in a context of their own whose pool is not emptied between steps: small, made once. */
static void load_number(mp_int *to, bytes from)
{
    must(mp_init(to) == 0 && mp_read_unsigned_bin(to, from.p, (word32)from.n) == 0, "number");
}

static void make_wolf_rsa(struct wolf_job *job, struct crypto *c, uint32_t bits)
{
    static uint8_t parts[CRYPTO_RSA_PARTS_MAX];
    span room = {parts, CRYPTO_RSA_PARTS_SIZE(bits)};
    must(crypto_rsa_generate(c, bits, 65537, NULL, room) == ST_OK, "rsa key");
    struct crypto_rsa key = crypto_rsa_view(view(room), 65537);
    memset(&job->rsa, 0, sizeof job->rsa);
    job->crypto = c;
    job->size = bits / 8;
    job->rsa.type = RSA_PRIVATE;
    load_number(&job->rsa.n, key.n);
    load_number(&job->rsa.p, key.p);
    load_number(&job->rsa.q, key.q);
    load_number(&job->rsa.dP, key.dp);
    load_number(&job->rsa.dQ, key.dq);
    load_number(&job->rsa.u, key.qinv);
    must(mp_init(&job->rsa.e) == 0 && mp_set_int(&job->rsa.e, 65537) == 0, "exponent");
    must(mp_init(&job->rsa.d) == 0, "d");
    memset(job->block, 0x5A, sizeof job->block);
    job->block[0] = 0;
}

static void make_wolf_ecc(struct wolf_job *job, struct crypto *c, int curve, int size)
{
    static WC_RNG rng;
    job->crypto = c;
    memset(job->block, 0x5A, sizeof job->block);
    crypto_enter(c);
    must(wc_ecc_init(&job->ecc) == 0, "ecc init");
    must(wc_ecc_make_key_ex(&rng, size, &job->ecc, curve) == 0, "ecc key");
    must(wc_ecc_set_rng(&job->ecc, &rng) == 0, "ecc rng");
    must(crypto_leave(c, ST_OK) == ST_OK, "pool");
}

/* ---- symmetric, Edwards, Montgomery, random bytes ---- */

struct wolf_gcm {
    struct crypto *crypto;
    Aes aes;
    size_t size;
    uint8_t in[4096], out[4096], iv[12], tag[16];
};

static const uint8_t gcm_key[32] = {1};

static void wolf_gcm_key(void *ctx)
{
    struct wolf_gcm *job = ctx;
    must(wc_AesInit(&job->aes, NULL, INVALID_DEVID) == 0, "aes");
    must(wc_AesGcmSetKey(&job->aes, gcm_key, sizeof gcm_key) == 0, "key");
}

static void wolf_gcm_step(void *ctx)
{
    struct wolf_gcm *job = ctx;
    must(wc_AesGcmEncrypt(&job->aes, job->out, job->in, (word32)job->size, job->iv, sizeof job->iv, job->tag,
                          sizeof job->tag, NULL, 0) == 0,
         "wolf gcm");
}

static void wolf_gcm_key_and_step(void *ctx)
{
    wolf_gcm_key(ctx);
    wolf_gcm_step(ctx);
}

struct wolf_25519 {
    struct crypto *crypto;
    ed25519_key ed;
    curve25519_key ours, theirs;
    WC_RNG rng;
};

static void wolf_ed25519_step(void *ctx)
{
    struct wolf_25519 *job = ctx;
    uint8_t message[32] = {0x5A}, signature[64];
    word32 n = sizeof signature;
    int valid = 0;
    crypto_enter(job->crypto);
    must(wc_ed25519_sign_msg(message, sizeof message, signature, &n, &job->ed) == 0, "wolf ed25519 sign");
    must(wc_ed25519_verify_msg(signature, n, message, sizeof message, &valid, &job->ed) == 0 && valid, "verify");
    must(crypto_leave(job->crypto, ST_OK) == ST_OK, "pool");
}

static void wolf_x25519_step(void *ctx)
{
    struct wolf_25519 *job = ctx;
    uint8_t secret[32];
    word32 n = sizeof secret;
    crypto_enter(job->crypto);
    must(wc_curve25519_shared_secret_ex(&job->ours, &job->theirs, secret, &n, EC25519_LITTLE_ENDIAN) == 0, "x25519");
    must(crypto_leave(job->crypto, ST_OK) == ST_OK, "pool");
}

static void make_wolf_25519(struct wolf_25519 *job, struct crypto *c)
{
    job->crypto = c;
    crypto_enter(c);
    must(wc_ed25519_init(&job->ed) == 0 && wc_ed25519_make_key(&job->rng, 32, &job->ed) == 0, "ed25519 key");
    must(wc_curve25519_init(&job->ours) == 0 && wc_curve25519_init(&job->theirs) == 0, "x25519 keys");
    must(wc_curve25519_make_key(&job->rng, 32, &job->ours) == 0, "x25519 key");
    must(wc_curve25519_make_key(&job->rng, 32, &job->theirs) == 0, "x25519 key");
    must(crypto_leave(c, ST_OK) == ST_OK, "pool");
}

struct drbg_job {
    struct crypto *crypto;
    uint8_t out[4096];
    size_t size;
};

static void drbg_step(void *ctx)
{
    struct drbg_job *job = ctx;
    must(crypto_random(job->crypto, (span){job->out, job->size}) == ST_OK, "DRBG");
}

/* ---- rows ---- */

static const uint8_t gcm_oid[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2E};

/* Key 3: one command that does it all. */
static struct card_job *gcm_whole(struct rig *r, const struct wolf_gcm *peer)
{
    uint8_t data[4096];
    buf b = BUF(data);
    tlv_put(&b, 0x06, BYTES(gcm_oid));
    tlv_put(&b, 0x82, BYTES(peer->iv));
    tlv_put(&b, 0x81, (bytes){peer->in, peer->size});
    must(!b.full, "data");
    return job_of(r, 0x78, 3, 0x51, written(&b), 65536);
}

/* One of many pieces, the key being set. */
static struct card_job *gcm_piece(struct rig *r, const struct wolf_gcm *peer)
{
    uint8_t data[64];
    buf b = BUF(data);
    tlv_put(&b, 0x06, BYTES(gcm_oid));
    tlv_put(&b, 0x82, BYTES(peer->iv));
    card_step(job_of(r, 0x7A, 3, 0x51, written(&b), 0));
    return job_of(r, 0x7A, 3, 0x54, (bytes){peer->in, peer->size}, 65536);
}

static void row_gcm(struct rig *r, struct card_job *(*make)(struct rig *r, const struct wolf_gcm *peer), size_t size,
                    const char *name)
{
    static struct wolf_gcm peer;
    peer.size = size;
    wolf_gcm_key(&peer);
    struct card_job *job = make(r, &peer);
    double wolf_us = median_us(RUNS, wolf_gcm_step, &peer), with_key_us = median_us(RUNS, wolf_gcm_key_and_step, &peer);
    double us = median_us(RUNS, card_step, job);
    print_row(name, us, "wc_AesGcmEncrypt, its key set", wolf_us);
    print_row("", us, "wc_AesGcmSetKey and wc_AesGcmEncrypt", with_key_us);
}

static void row_ed25519(struct rig *r, struct wolf_25519 *peer)
{
    uint8_t message[32] = {0x5A};
    must(rig_generate_okp(r, 4, CRYPTO_ED25519, "").sw == 0x9000, "GENERATE Ed25519");
    struct card_job *job = job_of(r, 0x68, 4, 0x70, BYTES(message), 256);
    double wolf_us = median_us(RUNS, wolf_ed25519_step, peer);
    print_row("SIGN Ed25519", median_us(RUNS, card_step, job), "wolfCrypt sign+verify", wolf_us);
}

static void row_x25519(struct rig *r, struct wolf_25519 *peer)
{
    uint8_t u[32] = {9};
    must(rig_generate_okp(r, 5, CRYPTO_X25519, "").sw == 0x9000, "GENERATE X25519");
    struct card_job *job = job_of(r, 0x62, 5, 0x80, BYTES(u), 256);
    double wolf_us = median_us(RUNS, wolf_x25519_step, peer);
    print_row("KEY AGREEMENT X25519", median_us(RUNS, card_step, job), "wolfCrypt", wolf_us);
}

static void row_random(struct rig *r, uint8_t p2, size_t size, const char *name)
{
    static struct drbg_job peer;
    peer.crypto = &r->hsm->crypto;
    peer.size = size;
    struct card_job *job = job_of(r, 0x84, 0, p2, NO_BYTES, (uint32_t)size);
    double drbg_us = median_us(RUNS, drbg_step, &peer), us = median_us(RUNS, card_step, job);
    print_row(name, us, "crypto_random", drbg_us);
    printf("%-44s %12.2f MB/s  (%.2f MB/s)\n", "", (double)size / us, (double)size / drbg_us);
}

static void row_challenge(struct rig *r)
{
    struct card_job *job = job_of(r, 0x84, 0, 0, NO_BYTES, 8);
    print_row("GET CHALLENGE 8, direct", median_us(1001, card_step, job), NULL, 0);
}

static void row_rsa(struct rig *r, struct wolf_job *peer, uint16_t bits, const char *name)
{
    make_wolf_rsa(peer, &r->hsm->crypto, bits);
    must(rig_generate_rsa(r, 1, bits, 65537, "").sw == 0x9000, "GENERATE RSA");
    struct card_job *job = job_of(r, 0x68, 1, 0x20, (bytes){peer->block, bits / 8}, 65536);
    double wolf_us = median_us(RUNS, wolf_rsa_step, peer);
    print_row(name, median_us(RUNS, card_step, job), "wolfCrypt sign+verify", wolf_us);
}

static void row_ec(struct rig *r, struct wolf_job *peer, enum crypto_curve ours, int theirs, int size, const char *name)
{
    make_wolf_ecc(peer, &r->hsm->crypto, theirs, size);
    must(rig_generate_ec(r, 2, ours, "").sw == 0x9000, "GENERATE EC");
    struct card_job *job = job_of(r, 0x68, 2, 0x70, (bytes){peer->block, 32}, 256);
    double wolf_us = median_us(RUNS, wolf_ecc_step, peer);
    print_row(name, median_us(RUNS, card_step, job), "wolfCrypt sign+verify", wolf_us);
}

static void row_pin(uint32_t rounds)
{
    struct rig_options options = {.seed = 7, .pin_rounds = rounds, .pin_rounds_max = rounds};
    struct rig *r = rig_new(&options);
    must(rig_open(r) == ST_OK, "open");
    rig_select(r);
    must(rig_initialise(r, "").sw == 0x9000, "INITIALIZE");
    struct card_job *job = job_of(r, 0x20, 0, 0x81, TEXT("648219"), 0);
    print_row("VERIFY, 100,000 rounds", median_us(21, card_step, job), NULL, 0);
    rig_stop(r);
}

int main(void)
{
    static struct wolf_job peer;
    static struct wolf_25519 edwards;
    struct rig *r = rig_ready(1, "");
    row_challenge(r);
    row_rsa(r, &peer, 2048, "SIGN RSA-2048 raw");
    row_ec(r, &peer, CRYPTO_SECP256R1, ECC_SECP256R1, 32, "SIGN P-256");
    row_ec(r, &peer, CRYPTO_SECP384R1, ECC_SECP384R1, 48, "SIGN P-384");
    must(rig_command(r, 0x80, 0x48, 3, 0xB2, NO_BYTES, 0).sw == 0x9000, "GENERATE AES-256");
    row_gcm(r, gcm_whole, 1024, "CIPHER AES-256-GCM, 1 KiB");
    row_gcm(r, gcm_whole, 4096 - 64, "CIPHER AES-256-GCM, 4,032 bytes");
    row_gcm(r, gcm_piece, 1024, "STREAM AES-256-GCM, a piece of 1 KiB");
    row_gcm(r, gcm_piece, LIMIT_STREAM_PIECE, "STREAM AES-256-GCM, a piece of 4,080 bytes");
    make_wolf_25519(&edwards, &r->hsm->crypto);
    row_ed25519(r, &edwards);
    row_x25519(r, &edwards);
    row_random(r, 0, 1024, "GET CHALLENGE 1,024 bytes");
    row_random(r, 1, 4096, "random bytes, 4,096");
    row_pin(100000);
    printf("%-44s %12zu bytes (Linux)\n", "sizeof(struct hsm)", sizeof(struct hsm));
    printf("%-44s %12zu bytes\n", "crypto pool, worst moment", r->hsm->crypto.pool_peak);
    rig_stop(r);
    return 0;
}
