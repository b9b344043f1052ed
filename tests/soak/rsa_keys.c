/* SPDX-License-Identifier: Apache-2.0 */
/* Generates RSA keys of the largest size on a card, again and again, and checks that what each signs its public key
 * verifies, that a raw decryption gives back what was encrypted, and that no modulus comes twice.
 * `rsa_keys COUNT BITS SEED` */
#include "tests/sim/card_bench.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

#include <stdio.h>
#include <stdlib.h>

struct public_key {
    uint8_t n[CRYPTO_RSA_MAX];
    size_t size;
};

static void check(bool holds, const char *rule)
{
    if (!holds) bench_die(rule);
}

/* 67 { 7F21 { 7F4E { ... 7F49 { 06, 81 modulus, 82 exponent } ... } ... } ... } */
static bytes modulus_in(bytes answer)
{
    static const uint16_t path[] = {0x67, 0x7F21, 0x7F4E, 0x7F49, 0x81};
    for (size_t i = 0; i < COUNT(path); i++) check(tlv_find(answer, path[i], &answer), "no such object in the answer");
    return answer;
}

static void check_key(struct rig *r, bytes n)
{
    uint8_t block[CRYPTO_RSA_MAX] = {0}, out[CRYPTO_RSA_MAX];
    struct crypto *c = &r->hsm->crypto;
    span result = {out, n.n};
    bytes plain = {block, n.n};
    for (size_t i = 1; i < n.n; i++) block[i] = (uint8_t)(i * 37);
    struct answer a = rig_command(r, 0x80, INS_SIGN, 1, ALG_RSA_RAW, plain, 65536);
    check(a.sw == 0x9000 && a.data.n == n.n, "SIGN");
    check(crypto_rsa_public(c, n, RSA_EXPONENT_DEFAULT, a.data, result) == ST_OK, "verification");
    check(bytes_equal(view(result), plain), "the signature is wrong");
    check(crypto_rsa_public(c, n, RSA_EXPONENT_DEFAULT, plain, result) == ST_OK, "encryption");
    a = rig_command(r, 0x80, INS_DECIPHER, 1, ALG_RSA_DECRYPT_RAW, view(result), 65536);
    check(a.sw == 0x9000 && bytes_equal(a.data, plain), "DECIPHER");
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    uint16_t bits = (uint16_t)(argc > 2 ? strtoul(argv[2], NULL, 10) : 1024);
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    struct public_key *keys = calloc(count ? count : 1, sizeof *keys);
    struct bench *b = bench_ready(seed, "");
    check(keys != NULL, "no memory");
    printf("rsa_keys %lu %u %llu\n", count, bits, (unsigned long long)seed);
    fflush(stdout);
    for (unsigned long i = 0; i < count; i++) {
        struct answer a = rig_generate_rsa(b->rig, 1, bits, 0, "");
        check(a.sw == 0x9000, "GENERATE");
        bytes n = modulus_in(a.data);
        check(n.n == bits / 8u && n.p[0] & 0x80, "modulus of another size");
        check_key(b->rig, n);
        memcpy(keys[i].n, n.p, n.n);
        for (unsigned long j = 0; j < i; j++) check(memcmp(keys[i].n, keys[j].n, n.n) != 0, "the same modulus twice");
        rig_forget(b->rig);
    }
    printf("%lu keys of %u bits sign and decrypt\n", count, bits);
    free(keys);
    bench_free(b);
    return 0;
}
