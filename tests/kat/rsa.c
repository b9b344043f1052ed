/* SPDX-License-Identifier: Apache-2.0 */
/* RSA: OAEP and PKCS#1 v1.5 both ways, PSS with a known salt. The card verifies certificates only: signatures of others
 * are asked of cvc_verify, with which it does. */
#include "tests/kat/kat.h"
#include "wire/cvc_verify.h"
#include "wire/digest_info.h"
#include "wire/schsm.h"

#include <string.h>

/* What a cryptogram is refused with (docs/commands.md): its length, or whatever is wrong inside. */
static struct kat_result judge_opened(struct answer a, const struct kat_case *c)
{
    uint16_t refusal = kat_bytes(c, "ct").n == kat_bytes(c, "n").n ? 0x6400 : 0x6700;
    return kat_judge(a, kat_bytes(c, "msg"), (const uint16_t[]){refusal, 0});
}

static enum crypto_hash hash_named(const struct kat_case *c, const char *name)
{
    char text[16];
    kat_text(c, name, text, sizeof text);
    return kat_hash(text);
}

static void put_hash_oid(buf *out, uint16_t tag, enum crypto_hash hash)
{
    static const uint8_t digest[CRYPTO_HASH_MAX];
    uint8_t info[DIGEST_INFO_MAX];
    buf b = BUF(info);
    digest_info_put(&b, hash, (bytes){digest, crypto_hash_size(hash)});
    tlv_put(out, tag, (bytes){info + 6, info[5]}); /* 30 LL 30 LL 06 LL OID */
}

/* DECIPHER 24: hashes and label as parameters (docs/commands.md). Where all is as DECIPHER 23 has it, that too. */
struct kat_result kat_rsa_oaep(struct kat *k, const struct kat_case *c)
{
    if (kat_import_rsa(k, c) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    enum crypto_hash hash = hash_named(c, "hash"), mgf = hash_named(c, "mgf");
    bytes cryptogram = kat_bytes(c, "ct"), label = kat_bytes(c, "label");
    buf data = buf_over(exact_space(1200));
    put_hash_oid(&data, 0x06, hash);
    tlv_put(&data, 0x81, cryptogram);
    if (label.n) tlv_put(&data, 0x83, label);
    if (hash != mgf) put_hash_oid(&data, 0x85, mgf);
    struct kat_result r = judge_opened(kat_command(k, INS_DECIPHER, ALG_RSA_DECRYPT_OAEP_OF, written(&data), 65536), c);
    if (hash != CRYPTO_SHA256 || mgf != CRYPTO_SHA256 || label.n || !cryptogram.n) return r;
    struct kat_result plain = judge_opened(kat_command(k, INS_DECIPHER, ALG_RSA_DECRYPT_OAEP, cryptogram, 65536), c);
    return plain.outcome == r.outcome ? r : kat_says(KAT_DIFFERS, "24 and 23 disagree");
}

struct kat_result kat_rsa_decrypt(struct kat *k, const struct kat_case *c)
{
    if (kat_import_rsa(k, c) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    return judge_opened(kat_command(k, INS_DECIPHER, ALG_RSA_DECRYPT_PKCS1, kat_bytes(c, "ct"), 65536), c);
}

struct kat_result kat_rsa_sign(struct kat *k, const struct kat_case *c)
{
    if (kat_import_rsa(k, c) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    uint8_t p2 = (uint8_t)(ALG_RSA_PKCS1_SHA1 + (int)hash_named(c, "hash"));
    bytes message = kat_bytes(c, "msg");
    if (!message.n) return kat_says(KAT_NOT_SERVED, "empty message: SIGN takes none");
    return kat_judge(kat_command(k, INS_SIGN, p2, message, 65536), kat_bytes(c, "sig"), (const uint16_t[]){0});
}

/* ---- PSS: the salt is drawn by random_fill (src/crypto), which this program stands in front of (the linker's --wrap) ---- */

static bytes next_salt;

status __real_random_fill(struct crypto *c, span out);
status __wrap_random_fill(struct crypto *c, span out);
status __wrap_random_fill(struct crypto *c, span out)
{
    bool wanted = next_salt.n && out.n == next_salt.n;
    if (!wanted) return __real_random_fill(c, out);
    bool copied = span_copy(out, next_salt);
    next_salt = NO_BYTES;
    return copied ? ST_OK : ST_EXECUTION;
}

struct kat_result kat_rsa_pss(struct kat *k, const struct kat_case *c)
{
    if (kat_import_rsa(k, c) != 0x9000) return kat_says(KAT_DIFFERS, "key not imported");
    uint8_t p2 = (uint8_t)(ALG_RSA_PSS_SHA1 + (int)hash_named(c, "hash"));
    next_salt = kat_bytes(c, "salt");
    struct answer a = kat_command(k, INS_SIGN, p2, kat_bytes(c, "msg"), 65536);
    if (next_salt.n) return kat_says(KAT_DIFFERS, "no salt was drawn");
    return kat_judge(a, kat_bytes(c, "sig"), (const uint16_t[]){0});
}

/* ---- verifying ---- */

struct kat_result kat_rsa_verify(struct kat *k, const struct kat_case *c)
{
    bytes n = kat_bytes(c, "n"), message = kat_bytes(c, "msg");
    struct cvc_verifier key = {.kind = CVC_RSA, .hash = hash_named(c, "hash"), .size = n.n};
    key.e = be_get(kat_bytes(c, "e"));
    if (!span_copy((span){key.number, sizeof key.number}, n)) abort();
    switch (cvc_verify(&k->rig->hsm->crypto, &key, &message, 1, kat_bytes(c, "sig"))) {
    case ST_OK: return kat_says(KAT_AGREES, "taken for a signature");
    case ST_CONDITIONS: return kat_says(KAT_REFUSED, "refused");
    default: return kat_says(KAT_DIFFERS, "neither yes nor no");
    }
}
