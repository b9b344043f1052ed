/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of certificates by somebody who can sign: what is behind a good signature is looked at as well.
 *
 * The first byte says who is logged in; the rest is steps of eight bytes: a certificate or a request of few names and few
 * keys, signed by the key that the step says, which need not be the one it should be. It goes into EF 2F02, into a CA file,
 * to PSO VERIFY CERTIFICATE or to PUK AUTH. A list beside the card says what must be accepted and what must not. Some steps
 * send the bytes as they are. */
#include "card/hsm.h"
#include "tests/cvc_maker.h"
#include "tests/sim/card_bench.h"
#include "wire/schsm.h"

#include <stdlib.h>

#define STEPS_MAX 24u
#define SECTORS 32u
#define NAMES 7u
#define FILES 6u /* CA00.. that the steps write; PSO takes the lowest free */
#define CHAIN_MAX 8u
#define INHERIT_MAX 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a certificate in the store is. */
struct entry {
    bool used, readable, point_only, has_role;
    uint8_t car, chr, key, role;
    enum crypto_curve curve;
};

struct world {
    struct bench *b;
    bool somebody;
    struct entry chain[CHAIN_MAX], files[256], guests[4];
    size_t chain_count, guest_count;
    uint8_t chain_bytes[4000];
    buf chain_file;
};

/* The last is longer than names are. */
static const char *const names[NAMES] = {"NAME0", "NAME1", "NAME2", "NAME", "NAME00", "XX", "NAME0NAME0NAME0NA"};
static const char *const roles[4] = {MAKE_ROLE_CA, MAKE_ROLE_DV, MAKE_ROLE_DEVICE, NULL};

static void check(bool holds, const char *rule)
{
    if (!holds) bench_die(rule);
}

/* ---- the card ---- */

static struct bench *card(void)
{
    static struct bench *b;
    if (!b) {
        b = bench_new_small(4, SECTORS);
        bench_make_ready(b, "80020008 93020401");
        b->rig->hsm->session.initialised_here = true; /* as INITIALIZE leaves it: files may be written */
        rig_forget(b->rig);
        bench_keep(b);
    }
    bench_back(b, 0);
    return b;
}

/* ---- the list ---- */

static const struct entry *in_list(const struct entry *list, size_t count, uint8_t name)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].used && list[i].readable && list[i].chr == name) return &list[i];
    }
    return NULL;
}

static const struct entry *find(const struct world *w, uint8_t name)
{
    const struct entry *e = in_list(w->chain, w->chain_count, name);
    if (!e) e = in_list(w->files, COUNT(w->files), name);
    return e ? e : in_list(w->guests, w->guest_count, name);
}

/* Does the chain of issuers end at the curve that the key is really on? */
static bool curve_is_known(const struct world *w, const struct entry *e)
{
    enum crypto_curve real = e->curve;
    for (unsigned step = 0; e && step <= INHERIT_MAX; step++) {
        if (!e->point_only) return e->curve == real;
        e = find(w, e->car);
    }
    return false;
}

static bool can_verify(const struct world *w, uint8_t name, uint8_t key, enum crypto_curve curve)
{
    const struct entry *e = find(w, name);
    return e && e->key == key && e->curve == curve && curve_is_known(w, e);
}

static bool may_issue(const struct world *w, const struct entry *subject)
{
    const struct entry *e = find(w, subject->car);
    if (!e || !e->has_role || !subject->has_role) return false;
    return e->role == 0 || e->role < subject->role; /* CA 0, DV 1, device 2 */
}

/* ---- steps ---- */

static struct made made_from(const uint8_t *step)
{
    const char *role = roles[step[4] % 4];
    return (struct made){.car = names[step[0] % NAMES],
                         .chr = names[step[1] % NAMES],
                         .key = (uint8_t)(1 + step[2] % 7),
                         .signer = (uint8_t)(1 + step[3] % 7),
                         .role = role,
                         .point_only = step[5] & 1,
                         .curve = step[5] & 2 ? CRYPTO_BP256R1 : CRYPTO_SECP256R1,
                         .outer_car = names[step[0] % NAMES],
                         .outer_signer = (uint8_t)(1 + step[4] % 7),
                         .outer_curve = step[5] & 4 ? CRYPTO_BP256R1 : CRYPTO_SECP256R1};
}

static struct entry entry_from(const uint8_t *step)
{
    struct made m = made_from(step);
    return (struct entry){true,  true,        m.point_only, m.role != NULL, step[0] % NAMES, step[1] % NAMES,
                          m.key, step[4] % 4, m.curve};
}

/* One more object behind the signature, inside and counted. */
static bytes with_more(bytes whole)
{
    uint8_t memory[2048];
    buf out = BUF(memory);
    tlv t;
    reader r = read_from(whole);
    check(tlv_next(&r, &t), "no certificate was made");
    size_t again = tlv_open(&out, t.tag);
    put_bytes(&out, t.value);
    tlv_put_u8(&out, 0x80, 0);
    tlv_close(&out, again);
    put_bytes(&out, r.left);
    return exact_copy(written(&out));
}

enum { SPOIL_BENT = 8, SPOIL_MORE = 16 };

/* Certificate or request: as it is, with one bit changed, or with something more. */
static bytes spoilt_as(const uint8_t *step, bytes made)
{
    if (step[5] & SPOIL_BENT) return made_bent(made, step[7] % (made.n - 9));
    return step[5] & SPOIL_MORE ? with_more(made) : made;
}

static bool is_name(uint8_t n)
{
    return strlen(names[n % NAMES]) <= CVC_NAME_MAX;
}

/* Nothing that the card may take for what it is called. */
static bool is_spoilt(const uint8_t *step)
{
    return step[5] & (SPOIL_BENT | SPOIL_MORE) || !is_name(step[0]) || !is_name(step[1]);
}

static bytes certificate_from(struct world *w, const uint8_t *step)
{
    struct made m = made_from(step);
    return spoilt_as(step, make_certificate(&w->b->rig->hsm->crypto, &m));
}

static uint16_t select_name(struct world *w, const char *name)
{
    uint8_t data[20];
    buf b = BUF(data);
    tlv_put(&b, TAG_MSE_REFERENCE, made_text(name));
    return rig_command(w->b->rig, 0, INS_MANAGE_SECURITY_ENVIRONMENT, 0x81, MSE_SIGNATURE, written(&b), 0).sw;
}

/* Only who is the user writes files. */
static void to_chain(struct world *w, const uint8_t *step)
{
    bytes certificate = certificate_from(w, step);
    if (is_spoilt(step) || w->chain_count == CHAIN_MAX) return;
    buf with = w->chain_file;
    put_bytes(&with, certificate);
    if (with.full) return;
    if (rig_update(w->b->rig, FID_DEVICE_CERTIFICATE, 0, written(&with)).sw != 0x9000) return;
    w->chain_file = with;
    w->chain[w->chain_count++] = entry_from(step);
}

static void to_file(struct world *w, const uint8_t *step)
{
    uint8_t id = step[7] % FILES;
    bytes certificate = certificate_from(w, step);
    if (step[5] & SPOIL_BENT) return; /* it may still be one */
    if (rig_update(w->b->rig, FID_OF(FID_PREFIX_CA_CERTIFICATE, id), 0, certificate).sw != 0x9000) return;
    w->files[id] = entry_from(step);
    w->files[id].readable = !is_spoilt(step);
}

static void take_in(struct world *w, struct entry e)
{
    size_t id = 0;
    if (!w->somebody) {
        check(w->guest_count < COUNT(w->guests), "a fifth guest");
        w->guests[w->guest_count++] = e;
        return;
    }
    while (id < COUNT(w->files) && w->files[id].used) id++;
    check(id < COUNT(w->files), "no file is free");
    w->files[id] = e;
}

static void to_pso(struct world *w, const uint8_t *step)
{
    struct entry e = entry_from(step);
    const struct entry *known = find(w, e.chr);
    bytes certificate = certificate_from(w, step);
    bool selected = select_name(w, names[e.car]) == 0x9000;
    check(selected == (find(w, e.car) != NULL), "a name is found that is not there, or the other way round");
    struct made m = made_from(step);
    uint16_t sw = rig_command(w->b->rig, 0, INS_VERIFY_CERTIFICATE, 0, 0xBE, certificate, 0).sw;
    bool good = selected && can_verify(w, e.car, m.signer, e.curve) && may_issue(w, &e) && !is_spoilt(step);
    check(good || sw != 0x9000, "a certificate is accepted that must not be");
    check(!good || sw == 0x9000 || sw == 0x6A84 || (sw == 0x6985 && known), "a good certificate is refused");
    if (sw == 0x9000 && !known) take_in(w, e);
}

static void to_registration(struct world *w, const uint8_t *step)
{
    struct made m = made_from(step);
    m.signer = step[3] & 8 ? m.signer : 0;
    m.role = NULL;
    uint8_t signer = step[0] % NAMES;
    bytes request = spoilt_as(step, make_request(&w->b->rig->hsm->crypto, &m));
    bool selected = select_name(w, names[signer]) == 0x9000;
    uint16_t sw = rig_command(w->b->rig, 0x80, INS_PUBLIC_KEY_AUTHENTICATION, 0, 0, request, 256).sw;
    bool own = (m.signer == 0 || m.signer == m.key) && !m.point_only;
    bool good = selected && own && !is_spoilt(step) && can_verify(w, signer, m.outer_signer, m.outer_curve);
    check(good || sw != 0x9000, "a key is registered that must not be");
    check(w->somebody || sw != 0x9000, "a key is registered by nobody");
    check(!good || !w->somebody || sw == 0x9000 || sw == 0x6A89 || sw == 0x6A84, "a good key is refused");
}

/* As it is: whatever comes out, it is not accepted. */
static void to_anything(struct world *w, const uint8_t *step, bytes rest)
{
    static const uint8_t targets[][4] = {{0x00, INS_VERIFY_CERTIFICATE, 0x00, 0xBE},
                                         {0x80, INS_PUBLIC_KEY_AUTHENTICATION, 0x00, 0x00},
                                         {0x80, INS_PUBLIC_KEY_AUTHENTICATION, 0x01, 0x00},
                                         {0x80, INS_KEY_DOMAIN, 0x02, 0x00},
                                         {0x00, INS_EXTERNAL_AUTHENTICATE, 0x00, 0x00},
                                         {0x00, INS_MANAGE_SECURITY_ENVIRONMENT, 0x81, MSE_SIGNATURE},
                                         {0x00, INS_MANAGE_SECURITY_ENVIRONMENT, 0x81, MSE_AUTHENTICATION}};
    const uint8_t *t = targets[step[0] % COUNT(targets)];
    bytes data = bytes_first(rest, step[1] * 4u);
    uint16_t sw = rig_command(w->b->rig, t[0], t[1], t[2], t[3], data, 256).sw;
    check(sw != 0x6F00, "an internal error");
    check(sw != 0x9000 || data.n == 0 || t[1] == INS_MANAGE_SECURITY_ENVIRONMENT, "bytes are taken for a certificate");
}

static void take_step(struct world *w, const uint8_t *step, bytes rest)
{
    switch (step[6] % 5) {
    case 0: to_chain(w, step); break;
    case 1: to_file(w, step); break;
    case 2: to_pso(w, step); break;
    case 3: to_registration(w, step); break;
    case 4: to_anything(w, step, rest); break;
    default: break;
    }
    hex_release();
    rig_forget(w->b->rig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    reader in = read_from((bytes){data, size});
    memset(&w, 0, sizeof w);
    w.b = card();
    w.chain_file = BUF(w.chain_bytes);
    w.somebody = true;
    uint8_t who = rd_u8(&in);
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        bytes step = rd_take(&in, 8);
        if (in.bad) break;
        if (i == who % STEPS_MAX && who & 0x80) { /* from here on nobody is logged in, and all guests are gone */
            check(rig_select(w.b->rig).sw == 0x9000, "no applet");
            w.somebody = false;
        }
        take_step(&w, step.p, in.left);
    }
    return 0;
}
