/* SPDX-License-Identifier: Apache-2.0 */
/* The table of symmetric algorithms, and the objects that choose and steer one. */
#include "wire/cipher_request.h"

#include "wire/schsm.h"
#include "wire/tlv.h"

/* ---- the table ---- */

#define ARC_AES 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01
#define ARC_XTS 0x2B, 0x6F, 0x02, 0x8C, 0x53, 0x00, 0x00, 0x01
#define ARC_HMAC 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02
#define ARC_SMIME 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x03
#define OID(...)                                                                                                       \
    {                                                                                                                  \
        (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})                                         \
    }

/* What a key without a kind may do, everything may. */
#define KIND(kind) (1u << SECRET_ANY | 1u << (kind))
#define OF_AES KIND(SECRET_AES)
#define OF_XTS KIND(SECRET_XTS)
#define OF_CHACHA20 KIND(SECRET_CHACHA20)
#define OF_MAC (KIND(SECRET_HMAC) | KIND(SECRET_GENERIC))
#define OF_HKDF (KIND(SECRET_HKDF) | KIND(SECRET_GENERIC))
#define OF_KDF KIND(SECRET_GENERIC)

/* One mode of AES with the last byte of its OID for each key size. */
#define AES(mode, last_128, last_192, last_256)                                                                        \
    {OID(ARC_AES, last_128), CIPHER_TEXT, mode, 0, 16, OF_AES},                                                        \
        {OID(ARC_AES, last_192), CIPHER_TEXT, mode, 0, 24, OF_AES},                                                    \
    {                                                                                                                  \
        OID(ARC_AES, last_256), CIPHER_TEXT, mode, 0, 32, OF_AES                                                       \
    }
/* clang-format off */
static const struct cipher_algorithm algorithms[] = {
    AES(CRYPTO_AES_ECB, 0x01, 0x15, 0x29),
    AES(CRYPTO_AES_CBC, 0x02, 0x16, 0x2A),
    AES(CRYPTO_AES_OFB, 0x03, 0x17, 0x2B),
    AES(CRYPTO_AES_CFB, 0x04, 0x18, 0x2C),
    AES(CRYPTO_AES_GCM, 0x06, 0x1A, 0x2E),
    AES(CRYPTO_AES_CCM, 0x07, 0x1B, 0x2F),
    AES(CRYPTO_AES_CTR, 0x09, 0x1D, 0x31),
    {OID(ARC_XTS, 0x01),   CIPHER_TEXT, CRYPTO_AES_XTS, 0, 32, OF_XTS},
    {OID(ARC_XTS, 0x02),   CIPHER_TEXT, CRYPTO_AES_XTS, 0, 64, OF_XTS},
    {OID(ARC_SMIME, 0x12), CIPHER_TEXT, CRYPTO_CHACHA20_POLY1305, 0, 32, OF_CHACHA20},
    {OID(ARC_HMAC, 0x07),  CIPHER_MAC,  CRYPTO_HMAC, CRYPTO_SHA1,   0, OF_MAC},
    {OID(ARC_HMAC, 0x08),  CIPHER_MAC,  CRYPTO_HMAC, CRYPTO_SHA224, 0, OF_MAC},
    {OID(ARC_HMAC, 0x09),  CIPHER_MAC,  CRYPTO_HMAC, CRYPTO_SHA256, 0, OF_MAC},
    {OID(ARC_HMAC, 0x0A),  CIPHER_MAC,  CRYPTO_HMAC, CRYPTO_SHA384, 0, OF_MAC},
    {OID(ARC_HMAC, 0x0B),  CIPHER_MAC,  CRYPTO_HMAC, CRYPTO_SHA512, 0, OF_MAC},
    {OID(ARC_SMIME, 0x1D), CIPHER_HKDF, 0, CRYPTO_SHA256, 0, OF_HKDF},
    {OID(ARC_SMIME, 0x1E), CIPHER_HKDF, 0, CRYPTO_SHA384, 0, OF_HKDF},
    {OID(ARC_SMIME, 0x1F), CIPHER_HKDF, 0, CRYPTO_SHA512, 0, OF_HKDF},
    {OID(0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0C), CIPHER_PBKDF2, 0, 0, 0, OF_KDF},
    {OID(0x2B, 0x81, 0x05, 0x10, 0x86, 0x48, 0x3F),             CIPHER_X963,   0, 0, 0, OF_KDF},
    {OID(0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xA8, 0x78, 0x05, 0x8D, 0x6B), CIPHER_HD, 0, 0, 0, 0},
};
/* Those that P2 names; AES of any key size. */
static const struct { uint8_t id; struct cipher_algorithm algorithm; } simple[] = {
    {ALG_AES_CBC_ENCRYPT,  {{0}, CIPHER_TEXT, CRYPTO_AES_CBC,  0, 0, OF_AES}},
    {ALG_AES_CBC_DECRYPT,  {{0}, CIPHER_TEXT, CRYPTO_AES_CBC,  0, 0, OF_AES}},
    {ALG_AES_CMAC,         {{0}, CIPHER_MAC,  CRYPTO_AES_CMAC, 0, 0, OF_AES}},
    {ALG_DERIVE_SYMMETRIC, {{0}, CIPHER_HKDF, 0, CRYPTO_SHA256,   0, OF_HKDF}},
};
/* clang-format on */

/* Most of them differ in the last byte only: looked at first, it saves a short command a fifteenth of its time. */
static bool same_oid(bytes a, bytes b)
{
    return a.n && a.n == b.n && a.p[a.n - 1] == b.p[b.n - 1] && bytes_equal(a, b);
}

const struct cipher_algorithm *cipher_algorithm_by_oid(bytes oid)
{
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        if (same_oid(algorithms[i].oid, oid)) return &algorithms[i];
    }
    return NULL;
}

const struct cipher_algorithm *cipher_algorithm_by_id(uint8_t id)
{
    for (size_t i = 0; i < COUNT(simple); i++) {
        if (simple[i].id == id) return &simple[i].algorithm;
    }
    return NULL;
}

bool cipher_allows_kind(const struct cipher_algorithm *algorithm, enum secret_kind kind)
{
    return algorithm->kinds >> kind & 1;
}

/* ---- the objects ---- */

static void take(bytes *place, bool *seen, bytes value)
{
    if (!*seen) *place = value;
    *seen = true;
}

/* Tags 81 to 87 in the order of the struct. */
static status parse(bytes in, struct cipher_request *out)
{
    struct cipher_request q = {0};
    bytes *places[] = {&q.oid, &q.data, &q.iv, &q.more, &q.size, &q.tag, &q.peer, &q.hash};
    bool seen[COUNT(places)] = {false};
    reader r = read_from(in);
    for (tlv t; tlv_next(&r, &t);) {
        size_t i = t.tag == TAG_CIPHER_OID ? 0 : (size_t)t.tag - TAG_CIPHER_DATA + 1;
        if (t.tag == TAG_CIPHER_OID || (i >= 1 && i < COUNT(places))) take(places[i], &seen[i], t.value);
    }
    if (r.bad) return ST_BAD_DATA;
    q.has_data = seen[1];
    q.has_iv = seen[2];
    q.has_size = seen[4];
    q.has_tag = seen[5];
    q.has_peer = seen[6];
    q.has_hash = seen[7];
    *out = q;
    return ST_OK;
}

static status keep(struct cipher_request *request, const struct cipher_algorithm *algorithm, struct cipher_request *out)
{
    request->algorithm = algorithm;
    if (!algorithm) return ST_BAD_LENGTH;
    *out = *request;
    return ST_OK;
}

status cipher_request_read(bytes in, struct cipher_request *out)
{
    struct cipher_request request;
    TRY(parse(in, &request));
    return keep(&request, cipher_algorithm_by_oid(request.oid), out);
}

status cipher_request_read_stream(bytes in, struct cipher_request *out)
{
    struct cipher_request request;
    TRY(parse(in, &request));
    bool is_cmac = request.oid.n == 1 && request.oid.p[0] == ALG_AES_CMAC;
    return keep(&request, is_cmac ? cipher_algorithm_by_id(ALG_AES_CMAC) : cipher_algorithm_by_oid(request.oid), out);
}

/* ---- ciphers, AEADs, MACs ---- */

/* What the interface says of a mode beside the sizes that crypto.h knows. */
static const struct mode_rule {
    enum crypto_mode mode;
    bool takes_iv, needs_iv, is_aead;
    uint8_t text_min, text_step;
} mode_rules[] = {
    {CRYPTO_AES_ECB, false, false, false, 16, 16},      {CRYPTO_AES_CBC, true, false, false, 16, 16},
    {CRYPTO_AES_OFB, true, false, false, 0, 1},         {CRYPTO_AES_CFB, true, false, false, 0, 1},
    {CRYPTO_AES_CTR, true, false, false, 0, 1},         {CRYPTO_AES_XTS, true, false, false, 16, 1},
    {CRYPTO_AES_GCM, true, true, true, 0, 1},           {CRYPTO_AES_CCM, true, true, true, 0, 1},
    {CRYPTO_CHACHA20_POLY1305, true, true, true, 0, 1}, {CRYPTO_AES_CMAC, false, false, false, 0, 1},
    {CRYPTO_HMAC, false, false, false, 0, 1},
};

static const struct mode_rule *rule_of(enum crypto_mode mode)
{
    for (size_t i = 0; i < COUNT(mode_rules); i++) {
        if (mode_rules[i].mode == mode) return &mode_rules[i];
    }
    return NULL;
}

static status choose_iv(const struct mode_rule *rule, const struct cipher_request *request, bytes *iv)
{
    static const uint8_t zeros[16];
    *iv = NO_BYTES;
    if (!rule->takes_iv) return ST_OK;
    if (!request->has_iv && rule->needs_iv) return ST_BAD_LENGTH;
    *iv = request->has_iv ? request->iv : BYTES(zeros);
    return ST_OK;
}

static status choose_tag(const struct mode_rule *rule, const struct cipher_request *request, uint8_t *size)
{
    *size = rule->is_aead ? CRYPTO_TAG_MAX : 0;
    if (!request->has_tag) return ST_OK;
    if (!rule->is_aead || request->tag.n != 1 || request->tag.p[0] == 0) return ST_BAD_LENGTH;
    *size = request->tag.p[0];
    return ST_OK;
}

status cipher_request_params(const struct cipher_request *request, bool encrypt, size_t key_size,
                             struct crypto_cipher_params *out)
{
    const struct cipher_algorithm *a = request->algorithm;
    const struct mode_rule *rule = rule_of(a->mode);
    *out = (struct crypto_cipher_params){.mode = a->mode, .hash = a->hash, .encrypt = encrypt, .key = {NULL, key_size}};
    if (!rule || (a->family != CIPHER_TEXT && a->family != CIPHER_MAC)) return ST_BAD_LENGTH;
    if (a->key_size && a->key_size != key_size) return ST_BAD_LENGTH;
    TRY(choose_iv(rule, request, &out->iv));
    TRY(choose_tag(rule, request, &out->tag_size));
    return crypto_cipher_check(out);
}

bytes cipher_request_aad(const struct cipher_request *request)
{
    const struct mode_rule *rule = rule_of(request->algorithm->mode);
    return rule && rule->is_aead ? request->more : NO_BYTES;
}

status cipher_text_check(const struct crypto_cipher_params *params, size_t n)
{
    const struct mode_rule *rule = rule_of(params->mode);
    size_t tag_size = params->encrypt ? 0 : params->tag_size;
    if (!rule || n < tag_size) return ST_BAD_LENGTH;
    n -= tag_size;
    return n >= rule->text_min && n % rule->text_step == 0 ? ST_OK : ST_BAD_LENGTH;
}

/* ---- derivation ---- */

static status hash_by_hmac(bytes oid, enum crypto_hash *hash)
{
    const struct cipher_algorithm *a = cipher_algorithm_by_oid(oid);
    if (!a || a->family != CIPHER_MAC) return ST_BAD_DATA;
    *hash = a->hash;
    return ST_OK;
}

/* A DER INTEGER from 1 to `max`. */
static status read_number(bytes value, uint32_t max, uint32_t *out)
{
    bytes number = bytes_trimmed(value);
    if (number.n == 0 || number.n > 4 || value.p[0] & 0x80) return ST_BAD_DATA;
    *out = be_get(number);
    return *out <= max ? ST_OK : ST_BAD_DATA;
}

/* `06 OID [05 00]` */
static status read_prf(bytes value, enum crypto_hash *hash)
{
    reader r = read_from(value);
    tlv oid, null;
    if (!tlv_next(&r, &oid) || oid.tag != 0x06) return ST_BAD_DATA;
    if (!rd_done(&r) && (!tlv_next(&r, &null) || null.tag != 0x05 || null.value.n || !rd_done(&r))) return ST_BAD_DATA;
    return hash_by_hmac(oid.value, hash);
}

/* PBKDF2-params (RFC 8018 A.2) without the SEQUENCE around: 04 salt, 02 rounds, [02 keyLength], [30 prf]. */
static status read_pbkdf2(bytes in, struct kdf *out)
{
    reader r = read_from(in);
    tlv t;
    out->hash = CRYPTO_SHA1;
    if (!tlv_next(&r, &t) || t.tag != 0x04) return ST_BAD_DATA;
    out->salt = t.value;
    if (!tlv_next(&r, &t) || t.tag != 0x02) return ST_BAD_DATA;
    TRY(read_number(t.value, PBKDF2_ROUNDS_MAX, &out->rounds));
    bool more = tlv_next(&r, &t);
    if (more && t.tag == 0x02) {
        uint32_t size;
        TRY(read_number(t.value, UINT32_MAX, &size));
        out->size = size;
        more = tlv_next(&r, &t);
    }
    if (more && t.tag != 0x30) return ST_BAD_DATA;
    if (more) TRY(read_prf(t.value, &out->hash));
    return rd_done(&r) ? ST_OK : ST_BAD_DATA;
}

/* The hash of its OID, or any other that 87 names. */
static status read_hkdf(const struct cipher_request *request, struct kdf *out)
{
    if (request->has_hash) TRY(hash_by_hmac(request->hash, &out->hash));
    out->natural_size = crypto_hash_size(out->hash);
    return ST_OK;
}

status cipher_request_kdf(const struct cipher_request *request, struct kdf *out)
{
    const struct cipher_algorithm *a = request->algorithm;
    *out = (struct kdf){.family = a->family, .hash = a->hash, .salt = request->iv, .info = request->data};
    out->natural_size = 32;
    switch (a->family) {
    case CIPHER_HKDF: return read_hkdf(request, out);
    case CIPHER_PBKDF2: return read_pbkdf2(request->data, out);
    case CIPHER_X963: out->info = request->more; return hash_by_hmac(request->data, &out->hash);
    case CIPHER_TEXT:
    case CIPHER_MAC:
    case CIPHER_HD: break;
    }
    return ST_BAD_LENGTH;
}
