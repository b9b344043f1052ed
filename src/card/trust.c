/* SPDX-License-Identifier: Apache-2.0 */
/* Walking the store, keys with inherited curves, and taking in what verifies. */
#include "card/trust.h"

#include "card/files.h"
#include "card/hsm.h"
#include "card/objects.h"
#include "wire/pkcs15.h"

#define ID_SIZE 20u /* SHA-1 of the key: an identifier for hosts, nothing depends on it */
#define DESCRIPTION_MAX 96u

/* ---- the walk ---- */

/* Where the next certificate is to be looked for. */
struct walk {
    unsigned source; /* 0: 2F02; 1..256: CA00..CAFF; then the guests */
    size_t at;       /* or ALL_READ */
};

#define ALL_READ SIZE_MAX

enum { SOURCE_CHAIN = 0, SOURCE_CA = 1, SOURCE_GUESTS = 257 };

static size_t load_file(struct hsm *h, uint16_t fid, size_t at, span into)
{
    if (!vault_has(&h->vault, STORE_KEY(fid, 0))) return 0;
    return file_read_some(h, fid, at, &into) == ST_OK ? into.n : 0;
}

static size_t load_guests(const struct hsm *h, size_t at, span into)
{
    const struct trust_guests *g = &h->session.guests;
    bytes part = bytes_first(bytes_after((bytes){g->bytes, g->size}, at), into.n);
    return span_copy(into, part) ? part.n : 0;
}

static size_t load(struct hsm *h, const struct walk *w, span into)
{
    if (w->source == SOURCE_GUESTS) return load_guests(h, w->at, into);
    uint16_t fid = FID_DEVICE_CERTIFICATE;
    if (w->source >= SOURCE_CA) fid = FID_OF(FID_PREFIX_CA_CERTIFICATE, w->source - SOURCE_CA);
    return load_file(h, fid, w->at, into);
}

static bool is_request(const struct cvc *c)
{
    return c->outer_signature.n > 0;
}

/* The next certificate; a file that holds something else is left at the first byte that is not one. A file is not opened
 * again to see that it has ended. */
static bool walk_next(struct hsm *h, struct walk *w, struct trusted *out)
{
    if (w->at == ALL_READ) *w = (struct walk){w->source + 1, 0};
    for (; w->source <= SOURCE_GUESTS; w->source++, w->at = 0) {
        out->size = load(h, w, SPAN(out->raw));
        reader r = read_from((bytes){out->raw, out->size});
        if (!cvc_next(&r, &out->cvc) || is_request(&out->cvc)) continue;
        bool ended = r.left.n == 0 && out->size < sizeof out->raw;
        w->at = ended ? ALL_READ : w->at + out->cvc.whole.n;
        return true;
    }
    return false;
}

status trust_find(struct hsm *h, bytes chr, struct trusted *out)
{
    struct walk w = {0};
    while (walk_next(h, &w, out)) {
        if (bytes_equal(out->cvc.chr, chr)) return ST_OK;
    }
    return ST_REFERENCE_UNKNOWN;
}

status trust_device(struct hsm *h, struct trusted *out)
{
    struct walk w = {SOURCE_CHAIN, 0};
    return walk_next(h, &w, out) && w.source == SOURCE_CHAIN ? ST_OK : ST_EXECUTION;
}

/* ---- keys ---- */

/* Of the issuer of `at`, its issuer, ... the first that names a curve gives it to `key`. `at` is overwritten. */
static void inherit_curve(struct hsm *h, struct trusted *at, struct cvc_verifier *key)
{
    uint8_t name[CVC_NAME_MAX];
    for (unsigned step = 0; step < TRUST_STEPS_MAX && !key->has_curve; step++) {
        bytes car = {name, at->cvc.car.n};
        span_copy(SPAN(name), at->cvc.car);
        struct cvc_verifier issuer;
        if (trust_find(h, car, at) != ST_OK) return;
        if (cvc_verifier_load(&at->cvc.key, &issuer) != ST_OK || issuer.kind != CVC_EC) return;
        key->has_curve = issuer.has_curve;
        key->curve = issuer.curve;
    }
}

static status key_of(struct hsm *h, struct trusted *certificate, struct cvc_verifier *out)
{
    TRY(cvc_verifier_load(&certificate->cvc.key, out));
    if (out->kind == CVC_EC && !out->has_curve) inherit_curve(h, certificate, out);
    return ST_OK;
}

status trust_key(struct hsm *h, bytes chr, struct cvc_verifier *out)
{
    struct trusted found;
    TRY(trust_find(h, chr, &found));
    return key_of(h, &found, out);
}

/* ---- who may issue for whom ---- */

enum level { LEVEL_DEVICE, LEVEL_DV, LEVEL_CA };

/* The two upper bits of the role (formats.md 3.2): C0 CA, 80 and 40 DV, 00 devices and terminals. */
static enum level level_of(bytes role)
{
    static const enum level levels[] = {LEVEL_DEVICE, LEVEL_DV, LEVEL_DV, LEVEL_CA};
    return levels[role.p[0] >> 6];
}

/* From above to below, or from one CA to the next; both of the same kind of role. */
static bool may_issue(const struct cvc *issuer, const struct cvc *subject)
{
    if (issuer->role.n == 0 || subject->role.n == 0) return false;
    if (!bytes_equal(issuer->role_oid, subject->role_oid)) return false;
    enum level above = level_of(issuer->role), below = level_of(subject->role);
    return above > below || above == LEVEL_CA;
}

static status verify(struct hsm *h, bytes issuer, const struct cvc *certificate)
{
    struct trusted above;
    struct cvc_verifier key;
    TRY(trust_find(h, issuer, &above));
    if (!bytes_equal(certificate->car, issuer) || !may_issue(&above.cvc, certificate)) return ST_CONDITIONS;
    if (key_of(h, &above, &key) != ST_OK) return ST_CONDITIONS;
    return cvc_verify(&h->crypto, &key, &certificate->body, 1, certificate->signature);
}

/* ---- taking in ---- */

/* Is there a certificate of this name? ST_EXISTS: the very same; ST_CONDITIONS: another; ST_OK: none. */
static status known(struct hsm *h, const struct cvc *certificate)
{
    struct trusted other;
    if (trust_find(h, certificate->chr, &other) != ST_OK) return ST_OK;
    bool same = bytes_equal(other.cvc.body, certificate->body);
    return same ? ST_EXISTS : ST_CONDITIONS;
}

static status keep_as_guest(struct hsm *h, const struct cvc *certificate)
{
    struct trust_guests *g = &h->session.guests;
    buf out = {g->bytes + g->size, 0, sizeof g->bytes - g->size, false};
    if (g->count == TRUST_GUESTS_MAX) return ST_NO_SPACE;
    cvc_put_read(&out, certificate);
    if (out.full || out.n > TRUST_CERTIFICATE_MAX) return ST_NO_SPACE;
    g->size = (uint16_t)(g->size + out.n);
    g->count++;
    return ST_OK;
}

/* label = CHR, id = SHA-1 of the modulus or of X (formats.md 2.5). */
static status describe(struct hsm *h, const struct cvc *certificate, uint16_t fid, buf *out)
{
    struct cvc_verifier key;
    uint8_t id[ID_SIZE];
    TRY(cvc_verifier_load(&certificate->key, &key));
    bytes number = {key.number, key.size};
    if (key.kind == CVC_EC) number = bytes_first(bytes_after(number, 1), key.size / 2);
    TRY(crypto_hash(&h->crypto, CRYPTO_SHA1, &number, 1, SPAN(id)));
    pkcs15_put_ca_certificate(out, certificate->chr, BYTES(id), fid);
    return ST_OK;
}

/* The lowest id without a CA file; 0x100: all are taken. */
static unsigned free_id(const struct hsm *h)
{
    unsigned id = 0;
    while (id <= 0xFF && vault_has(&h->vault, STORE_KEY(FID_OF(FID_PREFIX_CA_CERTIFICATE, id), 0))) id++;
    return id;
}

static status keep_in_flash(struct hsm *h, const struct cvc *certificate)
{
    uint8_t whole[TRUST_CERTIFICATE_MAX], text[DESCRIPTION_MAX];
    buf content = BUF(whole), description = BUF(text);
    unsigned id = free_id(h);
    if (id > 0xFF) return ST_NO_SPACE;
    cvc_put_read(&content, certificate);
    if (content.full || !file_room(h, content.n + DESCRIPTION_MAX)) return ST_NO_SPACE;
    TRY(describe(h, certificate, FID_OF(FID_PREFIX_CA_CERTIFICATE, id), &description));
    TRY(vault_begin(&h->vault));
    TRY(file_put(h, FID_OF(FID_PREFIX_CA_CERTIFICATE, id), written(&content)));
    TRY(file_put(h, FID_OF(FID_PREFIX_CA_DESCRIPTION, id), written(&description)));
    return vault_commit(&h->vault, VAULT_OBJECTS);
}

static status key_is_usable(const struct cvc *certificate)
{
    struct cvc_verifier key;
    return cvc_verifier_load(&certificate->key, &key);
}

status trust_accept(struct hsm *h, bytes issuer, const struct cvc *certificate, bool lasting)
{
    TRY(key_is_usable(certificate));
    TRY(verify(h, issuer, certificate));
    status st = known(h, certificate);
    if (st != ST_OK) return st == ST_EXISTS ? ST_OK : st;
    return lasting ? keep_in_flash(h, certificate) : keep_as_guest(h, certificate);
}
