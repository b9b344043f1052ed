/* SPDX-License-Identifier: Apache-2.0 */
/* Symmetric ciphers, AEADs, MACs and derivation: SYMMETRIC (78) with an OID, and its simple algorithms where they do the
 * same. */
#include "tests/kat/kat.h"
#include "wire/schsm.h"

#include <string.h>

static const uint16_t size_refusals[] = {0x6700, 0};

/* ---- what an algorithm is called in the files, and in commands ---- */

static const struct {
    const char *name;
    const char *oid;
    bool by_key_size; /* the last byte is that of AES-128; 192 and 256 stand 20 and 40 behind it */
} oids[] = {
    {"aes-ecb", "60864801650304 0101", true},         {"aes-cbc", "60864801650304 0102", true},
    {"aes-ofb", "60864801650304 0103", true},         {"aes-cfb", "60864801650304 0104", true},
    {"aes-gcm", "60864801650304 0106", true},         {"aes-ccm", "60864801650304 0107", true},
    {"aes-ctr", "60864801650304 0109", true},         {"chacha20-poly1305", "2A864886F70D0109100312", false},
    {"hmac-sha1", "2A864886F70D0207", false},         {"hmac-sha224", "2A864886F70D0208", false},
    {"hmac-sha256", "2A864886F70D0209", false},       {"hmac-sha384", "2A864886F70D020A", false},
    {"hmac-sha512", "2A864886F70D020B", false},       {"hkdf-sha256", "2A864886F70D010910031D", false},
    {"hkdf-sha384", "2A864886F70D010910031E", false}, {"hkdf-sha512", "2A864886F70D010910031F", false},
    {"pbkdf2", "2A864886F70D01050C", false},          {"x963", "2B81051086483F", false},
};

static bool put_oid(buf *out, const char *name, size_t key_size)
{
    if (strcmp(name, "aes-xts") == 0) {
        tlv_put(out, 0x06, exact(key_size == 64 ? "2B6F028C5300000102" : "2B6F028C5300000101"));
        return true;
    }
    for (size_t i = 0; i < COUNT(oids); i++) {
        if (strcmp(oids[i].name, name) != 0) continue;
        bytes oid = exact(oids[i].oid);
        span copy = {(uint8_t *)(uintptr_t)oid.p, oid.n};
        if (oids[i].by_key_size && key_size > 16)
            copy.p[oid.n - 1] = (uint8_t)(oid.p[oid.n - 1] + (key_size == 24 ? 20 : 40));
        tlv_put(out, 0x06, oid);
        return true;
    }
    return false;
}

/* ---- ciphers ---- */

struct sending {
    struct kat *k;
    const char *alg;
    bytes key, iv, aad;
    uint8_t tag_size; /* 16: not said */
};

static struct answer send(const struct sending *s, bool encrypt, bytes text)
{
    buf data = buf_over(exact_space(s->iv.n + s->aad.n + text.n + 64));
    if (!put_oid(&data, s->alg, s->key.n)) abort();
    tlv_put(&data, 0x82, s->iv);
    if (s->aad.n) tlv_put(&data, 0x83, s->aad);
    if (s->tag_size && s->tag_size != 16) tlv_put(&data, 0x85, (bytes){&s->tag_size, 1});
    tlv_put(&data, 0x81, text);
    if (data.full) abort();
    return kat_command(s->k, INS_CIPHER, encrypt ? ALG_CIPHER_ENCRYPT : ALG_CIPHER_DECRYPT, written(&data), 65536);
}

static bytes joined(bytes a, bytes b)
{
    buf both = buf_over(exact_space(a.n + b.n));
    put_bytes(&both, a);
    put_bytes(&both, b);
    return written(&both);
}

/* The one word for what is wrong with a case (docs/commands.md): 6700 for a size that is not in the table there, and for
 * all faults of ChaCha20-Poly1305; 6400 for a wrong tag of the others. */
static uint16_t refusal_of(const struct sending *s)
{
    bool gcm = strcmp(s->alg, "aes-gcm") == 0, ccm = strcmp(s->alg, "aes-ccm") == 0;
    uint8_t t = s->tag_size;
    if (gcm && s->iv.n >= 1 && s->iv.n <= 64 && t >= 12 && t <= 16) return 0x6400;
    if (ccm && s->iv.n >= 7 && s->iv.n <= 13 && t >= 4 && t <= 16 && t % 2 == 0) return 0x6400;
    return 0x6700;
}

/* Both directions; a forgery can only be decrypted. */
static struct kat_result both_ways(const struct sending *s, const struct kat_case *c, bytes plain, bytes sealed)
{
    const uint16_t refusals[] = {refusal_of(s), 0};
    struct kat_result opened = kat_judge(send(s, false, sealed), plain, refusals);
    if (c->expects == KAT_INVALID) return opened;
    struct kat_result made = kat_judge(send(s, true, plain), sealed, refusals);
    if (made.outcome == opened.outcome) return opened;
    return kat_says(KAT_DIFFERS, "encryption and decryption disagree");
}

struct kat_result kat_aead(struct kat *k, const struct kat_case *c)
{
    char alg[24];
    kat_text(c, "alg", alg, sizeof alg);
    struct sending s = {k, alg, kat_bytes(c, "key"), kat_bytes(c, "iv"), kat_bytes(c, "aad"), 0};
    bytes plain = kat_bytes(c, "msg"), tag = kat_bytes(c, "tag");
    if (kat_import_secret(k, s.key) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    s.tag_size = (uint8_t)tag.n;
    struct kat_result r = both_ways(&s, c, plain, joined(kat_bytes(c, "ct"), tag));
    bool long_iv = strcmp(alg, "aes-gcm") == 0 && s.iv.n > 64;
    if (long_iv && r.outcome == KAT_REFUSED)
        return kat_says(KAT_NOT_SERVED, "GCM with more than 64 bytes of IV: refused");
    return r;
}

/* SYMMETRIC 10 and 11 have no IV: zeros. */
static struct kat_result simple_cbc(struct kat *k, bytes plain, bytes sealed)
{
    struct kat_result made =
        kat_judge(kat_command(k, INS_CIPHER, ALG_AES_CBC_ENCRYPT, plain, 65536), sealed, size_refusals);
    struct kat_result opened =
        kat_judge(kat_command(k, INS_CIPHER, ALG_AES_CBC_DECRYPT, sealed, 65536), plain, size_refusals);
    return made.outcome == opened.outcome ? made : kat_says(KAT_DIFFERS, "10 and 11 disagree");
}

static bool is_zeros(bytes b)
{
    return b.n && bytes_trimmed(b).n == 0;
}

struct kat_result kat_cipher(struct kat *k, const struct kat_case *c)
{
    char alg[24];
    kat_text(c, "alg", alg, sizeof alg);
    struct sending s = {.k = k, .alg = alg, .key = kat_bytes(c, "key"), .iv = kat_bytes(c, "iv")};
    bytes plain = kat_bytes(c, "msg"), sealed = kat_bytes(c, "ct");
    if (kat_import_secret(k, s.key) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    struct kat_result r = both_ways(&s, c, plain, sealed);
    if (strcmp(alg, "aes-cbc") != 0 || !is_zeros(s.iv)) return r;
    struct kat_result simple = simple_cbc(k, plain, sealed);
    return simple.outcome == r.outcome ? r : kat_says(KAT_DIFFERS, "51 and 10 disagree");
}

/* ---- MAC ---- */

/* SYMMETRIC 18 takes no empty message, a stream that is finished at once does. */
static struct answer empty_cmac(struct kat *k)
{
    struct answer begun = kat_command(k, INS_STREAM, 0x51, exact("060118"), 0);
    return begun.sw == 0x9000 ? kat_command(k, INS_STREAM, 0x55, NO_BYTES, 65536) : begun;
}

static struct answer compute_mac(struct kat *k, const char *alg, bytes key, bytes message)
{
    bool cmac = strcmp(alg, "aes-cmac") == 0;
    if (cmac && !message.n) return empty_cmac(k);
    if (cmac) return kat_command(k, INS_CIPHER, ALG_AES_CMAC, message, 65536);
    buf data = buf_over(exact_space(message.n + 32));
    if (!put_oid(&data, alg, key.n)) abort();
    tlv_put(&data, 0x81, message);
    return kat_command(k, INS_CIPHER, ALG_CIPHER_ENCRYPT, written(&data), 65536);
}

/* The card computes MACs, hosts compare them: a wrong one is one that the card does not make. Short ones are the left
 * end of long ones (FIPS 198-1, SP 800-38B). */
struct kat_result kat_mac(struct kat *k, const struct kat_case *c)
{
    char alg[24];
    kat_text(c, "alg", alg, sizeof alg);
    bytes key = kat_bytes(c, "key"), message = kat_bytes(c, "msg"), tag = kat_bytes(c, "tag");
    if (!key.n) return kat_says(KAT_NOT_SERVED, "a key of no bytes");
    if (kat_import_secret(k, key) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    struct answer a = compute_mac(k, alg, key, message);
    if (a.sw == 0x6400) return kat_says(KAT_REFUSED, "refused: the kind of the key is not for this");
    if (a.sw != 0x9000) return kat_says(KAT_DIFFERS, "neither a MAC nor a refusal");
    bool same = tag.n && tag.n <= a.data.n && bytes_equal(bytes_first(a.data, tag.n), tag);
    return same ? kat_says(KAT_AGREES, "the same MAC") : kat_says(KAT_REFUSED, "another MAC");
}

/* ---- derivation ---- */

static void put_number(buf *out, uint16_t tag, size_t number)
{
    uint8_t all[5] = {0};
    be_put((span){all + 1, 4}, (uint32_t)number);
    size_t skip = 0;
    while (skip < 4 && all[skip] == 0 && !(all[skip + 1] & 0x80)) skip++;
    tlv_put(out, tag, (bytes){all + skip, sizeof all - skip});
}

/* The OID of HMAC with a hash: how requests name hashes. */
static bytes hmac_oid(const char *hash)
{
    char name[24];
    buf b = buf_over(exact_space(24));
    snprintf(name, sizeof name, "hmac-%s", hash);
    if (!put_oid(&b, name, 0)) abort();
    return bytes_after(written(&b), 2);
}

static void put_pbkdf2(buf *out, const struct kat_case *c, const char *hash)
{
    buf p = buf_over(exact_space(600)), algorithm = buf_over(exact_space(40));
    tlv_put(&p, 0x04, kat_bytes(c, "salt"));
    put_number(&p, 0x02, kat_number(c, "rounds"));
    tlv_put(&algorithm, 0x06, hmac_oid(hash));
    if (strcmp(hash, "sha1") != 0) tlv_put(&p, 0x30, written(&algorithm));
    if (!put_oid(out, "pbkdf2", 0)) abort();
    tlv_put(out, 0x81, written(&p));
}

static void put_x963(buf *out, const struct kat_case *c, const char *hash)
{
    if (!put_oid(out, "x963", 0)) abort();
    tlv_put(out, 0x81, hmac_oid(hash));
    if (kat_bytes(c, "info").n) tlv_put(out, 0x83, kat_bytes(c, "info"));
}

/* Every hash by object 87; what has an OID of its own by that. */
static void put_hkdf(buf *out, const struct kat_case *c, const char *alg, const char *hash)
{
    if (!put_oid(out, alg, 0)) {
        tlv_put(out, 0x87, hmac_oid(hash));
        if (!put_oid(out, "hkdf-sha256", 0)) abort();
    }
    tlv_put(out, 0x81, kat_bytes(c, "info"));
    if (kat_bytes(c, "salt").n) tlv_put(out, 0x82, kat_bytes(c, "salt"));
}

static void put_derivation(buf *out, const struct kat_case *c, const char *alg)
{
    const char *hash = strchr(alg, '-') + 1;
    if (strncmp(alg, "pbkdf2", 6) == 0) put_pbkdf2(out, c, hash);
    else if (strncmp(alg, "x963", 4) == 0) put_x963(out, c, hash);
    else put_hkdf(out, c, alg, hash);
}

struct kat_result kat_kdf(struct kat *k, const struct kat_case *c)
{
    char alg[24];
    kat_text(c, "alg", alg, sizeof alg);
    bytes key = kat_bytes(c, "key"), want = kat_bytes(c, "out");
    buf data = buf_over(exact_space(1200));
    put_derivation(&data, c, alg);
    if (!key.n) return kat_says(KAT_NOT_SERVED, "a key of no bytes");
    if (kat_import_secret(k, key) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    size_t size = kat_number(c, "size");
    return kat_judge(kat_command(k, INS_CIPHER, ALG_CIPHER_ENCRYPT, written(&data), (uint32_t)size), want,
                     size_refusals);
}
