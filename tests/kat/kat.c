/* SPDX-License-Identifier: Apache-2.0 */
/* Published test vectors against a whole card: each file of tests/vectors/kat, its keys imported over a link inside the
 * process, its cases sent as APDUs.
 *
 *     test_kat FILE...
 *
 * Prints a row for each file: valid cases that the card answered as it should, invalid ones that it refused, cases that
 * Wycheproof calls acceptable and what the card did with them, and what the interface cannot say, with the reasons. Fails
 * over any other outcome, and over a file that holds fewer cases than it says. */
#include "tests/kat/kat.h"

#include <string.h>

#define REASONS_MAX 8
#define KEYS_MAX 60

struct tally {
    size_t valid, invalid, either_done, either_refused, not_served, wrong;
    struct {
        const char *why;
        size_t count;
    } reasons[REASONS_MAX];
};

static const struct {
    const char *kind;
    kat_run *run;
} kinds[] = {
    {"aead", kat_aead},
    {"cipher", kat_cipher},
    {"mac", kat_mac},
    {"kdf", kat_kdf},
    {"ecdh", kat_ecdh},
    {"ecdsa-sign", kat_ecdsa_sign},
    {"eddsa", kat_eddsa},
    {"ecdsa-verify", kat_ecdsa_verify},
    {"rsa-oaep", kat_rsa_oaep},
    {"rsa-sign", kat_rsa_sign},
    {"rsa-decrypt", kat_rsa_decrypt},
    {"rsa-pss", kat_rsa_pss},
    {"rsa-verify", kat_rsa_verify},
};

static kat_run *run_of(const struct kat_file *f)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (strcmp(kinds[i].kind, f->kind) == 0) return kinds[i].run;
    }
    fprintf(stderr, "%s: unknown kind %s\n", f->path, f->kind);
    exit(1);
}

static void count_reason(struct tally *t, const char *why)
{
    t->not_served++;
    for (size_t i = 0; i < REASONS_MAX; i++) {
        if (!t->reasons[i].why) t->reasons[i].why = why;
        if (strcmp(t->reasons[i].why, why) != 0) continue;
        t->reasons[i].count++;
        return;
    }
    abort(); /* more reasons than anybody reads */
}

/* A case that the interface cannot express is counted with its reason, whatever it expects. */
static void count(struct tally *t, const struct kat_case *c, struct kat_result r)
{
    bool done = r.outcome == KAT_AGREES, refused = r.outcome == KAT_REFUSED;
    if (r.outcome == KAT_NOT_SERVED) count_reason(t, r.why);
    else if (c->expects == KAT_VALID && done) t->valid++;
    else if (c->expects == KAT_INVALID && refused) t->invalid++;
    else if (c->expects == KAT_EITHER && done) t->either_done++;
    else if (c->expects == KAT_EITHER && refused) t->either_refused++;
    else {
        static const char *const words[] = {"valid", "invalid", "either"};
        fprintf(stderr, "%s:%zu: %s case %s: %s\n", c->file->path, c->file->line_number, words[c->expects], c->id,
                r.why);
        t->wrong++;
    }
}

static void print_row(const struct kat_file *f, const struct tally *t)
{
    const char *name = strrchr(f->path, '/');
    printf(
        "%-34s %5zu valid accepted, %4zu invalid refused, %3zu + %3zu acceptable done + refused, %3zu not applicable; "
        "%zu of %zu cases\n",
        name ? name + 1 : f->path, t->valid, t->invalid, t->either_done, t->either_refused, t->not_served, f->said,
        f->of);
    for (size_t i = 0; i < REASONS_MAX && t->reasons[i].why; i++) {
        printf("    not applicable: %zu %s\n", t->reasons[i].count, t->reasons[i].why);
    }
    printf("%s", f->left);
}

static bool run_file(struct kat *k, const char *path)
{
    struct kat_file f = kat_open(path);
    kat_run *run = run_of(&f);
    struct tally t = {0};
    for (struct kat_case c; kat_next(&f, &c); kat_case_done(&c)) {
        count(&t, &c, run(k, &c));
        rig_forget(k->rig);
        hex_release();
    }
    print_row(&f, &t);
    kat_close(&f);
    return t.wrong == 0 && t.valid + t.invalid > 0;
}

int main(int argc, char **argv)
{
    bool good = argc > 1;
    struct kat k = {.rig = rig_ready(1, "9A020004")};
    for (int i = 1; i < argc; i++) good &= run_file(&k, argv[i]);
    rig_stop(k.rig);
    free((void *)(uintptr_t)k.last.p);
    return good ? 0 : 1;
}

/* ---- keys ---- */

/* Ids are used in turn; one that comes again is deleted first. */
static struct answer import(struct kat *k, enum key_blob_type type, bytes data)
{
    if (k->last.n) rig_delete(k->rig, (uint16_t)(0xCC00 | k->id));
    k->id = k->id % KEYS_MAX + 1;
    k->rig->link = HSM_LINK_IN_PROCESS;
    struct answer a = rig_command(k->rig, 0x80, 0x5E, k->id, (uint8_t)type, data, 0);
    k->rig->link = HSM_LINK_REMOTE;
    return a;
}

static void remember(struct kat *k, bytes data)
{
    free((void *)(uintptr_t)k->last.p);
    uint8_t *copy = malloc(data.n + 1);
    if (!copy) abort();
    if (data.n) memcpy(copy, data.p, data.n);
    k->last = (bytes){copy, data.n};
}

uint16_t kat_import(struct kat *k, enum key_blob_type type, const struct key_blob_parts *parts, const char *more)
{
    buf components = buf_over(exact_space(KEY_BLOB_PLAIN_MAX)), data = buf_over(exact_space(KEY_BLOB_PLAIN_MAX + 64));
    key_blob_parts_put(&components, type, parts);
    tlv_put(&data, 0x81, written(&components));
    put_bytes(&data, exact(more));
    if (components.full || data.full) abort();
    if (bytes_equal(written(&data), k->last)) return 0x9000;
    uint16_t sw = import(k, type, written(&data)).sw;
    if (sw != 0x9000) fprintf(stderr, "import: %04X; ", sw);
    remember(k, sw == 0x9000 ? written(&data) : NO_BYTES);
    return sw;
}

uint16_t kat_import_ec(struct kat *k, bytes prime, bytes base, size_t bits, bytes d)
{
    struct key_blob_parts parts = {.size = (uint32_t)bits};
    parts.part[EC_PRIME] = prime;
    parts.part[EC_G] = base;
    parts.part[EC_D] = d;
    return kat_import(k, KEY_BLOB_EC, &parts, "");
}

/* Sizes that no AES key has come in as a secret of the generic kind (docs/commands.md). */
uint16_t kat_import_secret(struct kat *k, bytes key)
{
    struct key_blob_parts parts = {.size = (uint32_t)key.n, .part = {key}};
    bool usual = key.n == 16 || key.n == 24 || key.n == 32 || key.n == 64;
    return kat_import(k, KEY_BLOB_AES, &parts, usual ? "" : "940106");
}

uint16_t kat_import_rsa(struct kat *k, const struct kat_case *c)
{
    bytes n = kat_bytes(c, "n");
    struct key_blob_parts parts = {.size = (uint32_t)(8 * n.n)};
    parts.part[RSA_N] = n;
    parts.part[RSA_E] = kat_bytes(c, "e");
    parts.part[RSA_D] = kat_bytes(c, "d");
    return kat_import(k, KEY_BLOB_RSA, &parts, "");
}

struct answer kat_command(struct kat *k, uint8_t ins, uint8_t p2, bytes data, uint32_t ne)
{
    return rig_command(k->rig, 0x80, ins, k->id, p2, data, ne);
}

/* ---- judging ---- */

struct kat_result kat_says(enum kat_outcome outcome, const char *why)
{
    return (struct kat_result){outcome, why};
}

struct kat_result kat_judge(struct answer a, bytes want, const uint16_t *refusals)
{
    if (a.sw == 0x9000)
        return bytes_equal(a.data, want) ? kat_says(KAT_AGREES, "") : kat_says(KAT_DIFFERS, "another result");
    for (; *refusals; refusals++) {
        if (a.sw == *refusals) return kat_says(KAT_REFUSED, "refused");
    }
    fprintf(stderr, "status word %04X: ", a.sw);
    return kat_says(KAT_DIFFERS, "a status word that nobody expects");
}

enum crypto_hash kat_hash(const char *name)
{
    static const char *const names[] = {"sha1",     "sha224",   "sha256",   "sha384",  "sha512",
                                        "sha3_224", "sha3_256", "sha3_384", "sha3_512"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], name) == 0) return (enum crypto_hash)(CRYPTO_SHA1 + (int)i);
    }
    fprintf(stderr, "no such hash: %s\n", name);
    exit(1);
}

enum crypto_curve kat_curve(const char *name)
{
    static const char *const names[CRYPTO_CURVE_COUNT] = {
        [CRYPTO_SECP192R1] = "secp192r1",     [CRYPTO_SECP256R1] = "secp256r1",
        [CRYPTO_SECP384R1] = "secp384r1",     [CRYPTO_SECP521R1] = "secp521r1",
        [CRYPTO_BP256R1] = "brainpoolP256r1", [CRYPTO_BP384R1] = "brainpoolP384r1",
        [CRYPTO_BP512R1] = "brainpoolP512r1", [CRYPTO_SECP192K1] = "secp192k1",
        [CRYPTO_SECP256K1] = "secp256k1"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], name) == 0) return (enum crypto_curve)i;
    }
    fprintf(stderr, "no such curve: %s\n", name);
    exit(1);
}
