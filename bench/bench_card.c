/* SPDX-License-Identifier: Apache-2.0 */
/* What the card adds to its crypto library: signatures at the card boundary against sign plus verify called straight from
 * wolfCrypt with the same settings in the same run, and the price of an APDU that does next to nothing. */
#include "bench/measure.h"
#include "crypto/internal.h"
#include "rig/rig.h"

#include <stdio.h>
#include <stdlib.h>

#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/rsa.h>

#define RUNS 201u

static void must(int ok, const char *what)
{
    if (ok) return;
    fprintf(stderr, "bench_card: %s failed\n", what);
    exit(1);
}

/* ---- the card ---- */

struct card_job {
    struct rig *rig;
    uint8_t ins, p1, p2;
    bytes data;
    uint32_t ne;
};

static void card_step(void *ctx)
{
    struct card_job *job = ctx;
    struct answer a = rig_command(job->rig, 0x80, job->ins, job->p1, job->p2, job->data, job->ne);
    must(a.sw == 0x9000, "command");
    rig_forget(job->rig);
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

/* ---- rows ---- */

static void row_challenge(struct rig *r)
{
    struct card_job job = {r, 0x84, 0, 0, NO_BYTES, 8};
    print_row("GET CHALLENGE 8, direct", median_us(1001, card_step, &job), NULL, 0);
}

static void row_rsa(struct rig *r, struct wolf_job *peer, uint16_t bits, const char *name)
{
    make_wolf_rsa(peer, &r->hsm->crypto, bits);
    must(rig_generate_rsa(r, 1, bits, 65537, "").sw == 0x9000, "GENERATE RSA");
    struct card_job job = {r, 0x68, 1, 0x20, {peer->block, bits / 8}, 65536};
    double wolf_us = median_us(RUNS, wolf_rsa_step, peer);
    print_row(name, median_us(RUNS, card_step, &job), "wolfCrypt sign+verify", wolf_us);
}

static void row_ec(struct rig *r, struct wolf_job *peer, enum crypto_curve ours, int theirs, int size, const char *name)
{
    make_wolf_ecc(peer, &r->hsm->crypto, theirs, size);
    must(rig_generate_ec(r, 2, ours, "").sw == 0x9000, "GENERATE EC");
    struct card_job job = {r, 0x68, 2, 0x70, {peer->block, 32}, 256};
    double wolf_us = median_us(RUNS, wolf_ecc_step, peer);
    print_row(name, median_us(RUNS, card_step, &job), "wolfCrypt sign+verify", wolf_us);
}

static void row_pin(uint32_t rounds)
{
    struct rig_options options = {.seed = 7, .pin_rounds = rounds, .pin_rounds_max = rounds};
    struct rig *r = rig_new(&options);
    must(rig_open(r) == ST_OK, "open");
    rig_select(r);
    must(rig_initialise(r, "").sw == 0x9000, "INITIALIZE");
    struct card_job job = {r, 0x20, 0, 0x81, TEXT("648219"), 0};
    print_row("VERIFY, 100,000 rounds", median_us(21, card_step, &job), NULL, 0);
    rig_stop(r);
}

int main(void)
{
    static struct wolf_job peer;
    struct rig *r = rig_ready(1, "");
    row_challenge(r);
    row_rsa(r, &peer, 2048, "SIGN RSA-2048 raw");
    row_ec(r, &peer, CRYPTO_SECP256R1, ECC_SECP256R1, 32, "SIGN P-256");
    row_ec(r, &peer, CRYPTO_SECP384R1, ECC_SECP384R1, 48, "SIGN P-384");
    row_pin(100000);
    printf("%-44s %12zu bytes (Linux)\n", "sizeof(struct hsm)", sizeof(struct hsm));
    printf("%-44s %12zu bytes\n", "crypto pool, worst moment", r->hsm->crypto.pool_peak);
    rig_stop(r);
    return 0;
}
