/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a card everything that a host can ask and writes the answers down. */
#include "tests/sim/card_view.h"

#include "tests/hex.h"
#include "wire/schsm.h"

#include <stdarg.h>

__attribute__((format(printf, 2, 3))) static void note(struct view *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(v->text + v->n, VIEW_TEXT_MAX - v->n, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= VIEW_TEXT_MAX - v->n) abort();
    v->n += (size_t)n;
}

/* Long data as size and FNV-1a. */
static uint64_t digest(bytes b)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < b.n; i++) hash = (hash ^ b.p[i]) * 0x100000001B3u;
    return hash;
}

static void note_answer(struct view *v, const char *what, unsigned which, struct answer a)
{
    note(v, "%s %04X: %04X %zu %016llX\n", what, which, a.sw, a.data.n, (unsigned long long)digest(a.data));
}

static int tries_of(struct answer a)
{
    if (a.sw == 0x6A88) return NO_TRIES;
    if (a.sw == 0x6983) return 0;
    return (a.sw & 0xFFF0) == 0x63C0 ? a.sw & 0xF : TRIES_UNREADABLE;
}

/* ---- keys ---- */

/* The FCP of a key holds its counter, which is no object: it is taken out of what is compared. */
static void look_at_fcp(struct rig *r, struct view *v, unsigned id)
{
    struct answer a = rig_select_file(r, FID_OF(FID_PREFIX_KEY, id));
    uint8_t fcp[256];
    v->uses[id - 1] = NO_USES;
    if (a.data.n > sizeof fcp) abort();
    if (a.data.n) memcpy(fcp, a.data.p, a.data.n);
    for (size_t i = 0; i + 6 <= a.data.n; i++) {
        if (fcp[i] != TAG_KEY_COUNTER || fcp[i + 1] != 4) continue;
        v->uses[id - 1] = (int)be_get((bytes){fcp + i + 2, 4});
        memset(fcp + i + 2, 0, 4);
        break;
    }
    note_answer(v, "fcp", id, (struct answer){{fcp, a.data.n}, a.sw});
}

/* An operation that depends on nothing but the secret, for each kind of key in the order in which they are tried. */
static void use_key(struct rig *r, struct view *v, unsigned id)
{
    bytes g = crypto_curve_params(CRYPTO_SECP256R1)->g;
    struct answer a = rig_command(r, 0x80, INS_DECIPHER, (uint8_t)id, ALG_ECDH, g, 65536);
    if (a.sw == 0x6400) { /* an RSA key */
        uint8_t block[128] = {0, 1, 2, 3};
        a = rig_command(r, 0x80, INS_DECIPHER, (uint8_t)id, ALG_RSA_DECRYPT_RAW, BYTES(block), 65536);
    }
    if (a.sw == 0x6400 || a.sw == 0x6700)
        a = rig_command_hex(r, 0x80, INS_CIPHER, (uint8_t)id, ALG_DERIVE_SYMMETRIC, "56", 65536);
    if (a.sw == 0x6400) a = rig_command_hex(r, 0x80, INS_SIGN, (uint8_t)id, ALG_ECDSA, "56", 65536); /* Edwards */
    note_answer(v, "use", id, a);
}

/* Masters that tests make: the extended public keys of one on a curve and of one without. */
static void look_at_masters(struct rig *r, struct view *v)
{
    for (unsigned id = 0; id < VIEW_MASTERS; id++) {
        uint8_t path[] = {0x02, 0x01, (uint8_t)id};
        note_answer(v, "master", id, rig_command(r, 0x80, INS_HD_WALLET, 0x0A, 0, BYTES(path), 65536));
    }
}

/* ---- key domains ---- */

/* What is missing, and, once somebody has logged in, the check value: a login joins what waited for it. */
static void look_at_domains(struct rig *r, struct view *v, size_t size)
{
    for (unsigned n = 0; n < VIEW_DOMAINS; n++) {
        struct answer a = rig_command_hex(r, 0x80, INS_KEY_DOMAIN, 0, (uint8_t)n, "", 256);
        a.data = bytes_first(a.data, size);
        note_answer(v, "domain", n, a);
    }
}

/* ---- registered public keys ---- */

static void look_at_public_keys(struct rig *r, struct view *v)
{
    note_answer(v, "public keys", 0, rig_send(r, "8054000000"));
    for (unsigned slot = 0; slot < VIEW_PUBLIC_KEYS; slot++) {
        struct answer a = rig_command_hex(r, 0x80, INS_PUBLIC_KEY_AUTHENTICATION, 2, (uint8_t)slot, "", 256);
        note_answer(v, "public key", slot, a);
    }
}

/* ---- files ---- */

static const uint16_t public_files[] = {
    0x2F00, 0x2F02, 0x2F03, 0x2F1E, 0x2F1F, 0xC400, 0xC401, 0xC402, 0xC403,
    0xC800, 0xC905, 0xCA00, 0xCE00, 0xCE01, 0xCE02, 0xCE03, 0xCF05, 0xCF06,
};
static const uint16_t private_files[] = {0xCD05, 0xCD06};

static void look_at_file(struct rig *r, struct view *v, uint16_t fid)
{
    for (uint32_t at = 0; at < 16384; at += 4096) {
        struct answer a = rig_read(r, fid, at, 4096);
        note_answer(v, "file", fid, a);
        if (a.sw != 0x9000 || a.data.n < 4096) return;
    }
}

/* ---- what the rescue applet tells ---- */

static void look_at_rescue(struct rig *r, struct view *v)
{
    note_answer(v, "rescue", 0, rig_send(r, "00A4040008" RIG_RESCUE_AID "00"));
    note_answer(v, "phy", 0, rig_send(r, "801E010000"));
}

/* ---- the secure lock ---- */

/* As if both had agreed on key 0 and this nonce; the host's point is 65 zero bytes. The same command each time: making it
 * wants no memory of the card's. */
struct answer view_use_lock_key(struct rig *r, enum lock_function function)
{
    static const char *const lock_key = /* 10CC and 30 zero bytes, by python3-cryptography */
        "8ECAA54EED4BDD3B3322B0C180CAA9A6D051EFD02C4FBCF2852E59C11DCDE0095962EB5E4A88785F242D41EEA07E7655";
    r->hsm->session.lock = (struct lock_agreement){.fresh = true, .nonce_and_key = {1, 2, 3}};
    return rig_command_hex(r, 0x80, INS_EXTRAS, 0x3A, (uint8_t)function, lock_key, 0);
}

/* Is it locked, does it open to its key, and what did the lock keep from the user? */
static void look_behind_the_lock(struct rig *r, struct view *v)
{
    note_answer(v, "options", 0, rig_send(r, "8064060000"));
    for (size_t i = 0; i < COUNT(private_files); i++) look_at_file(r, v, private_files[i]);
    note_answer(v, "unlock", 0, view_use_lock_key(r, LOCK_UNLOCK));
}

/* ---- PINs ---- */

static const char *try_pins(struct rig *r, uint8_t ref, const char *const pins[2])
{
    uint16_t sw = 0;
    for (unsigned i = 0; i < 2; i++) {
        sw = rig_command_hex(r, 0x00, INS_VERIFY, 0x00, ref, pins[i], 0).sw;
        if (sw == 0x9000) return i == 0 ? "first" : "other";
        if (sw == 0x6A88) return "none";
    }
    return sw == 0x6983 ? "blocked" : "unknown";
}

void view_take(struct rig *r, struct view *v)
{
    static const char *const user_pins[2] = {RIG_USER_PIN, VIEW_OTHER_PIN};
    static const char *const so_pins[2] = {RIG_SO_PIN, VIEW_OTHER_SO};
    v->n = 0;
    look_at_rescue(r, v);
    note_answer(v, "select", 0, rig_select(r));
    v->user_tries = tries_of(rig_send(r, "00200081"));
    v->so_tries = tries_of(rig_send(r, "00200088"));
    note_answer(v, "list", 0, rig_list(r));
    look_at_domains(r, v, 2);
    look_at_public_keys(r, v);
    for (size_t i = 0; i < COUNT(public_files); i++) look_at_file(r, v, public_files[i]);
    for (size_t i = 0; i < COUNT(private_files); i++) look_at_file(r, v, private_files[i]);
    for (unsigned id = 1; id <= VIEW_KEYS; id++) look_at_fcp(r, v, id);
    note(v, "so pin: %s\n", try_pins(r, PIN_SO, so_pins));
    const char *user = try_pins(r, PIN_USER, user_pins);
    v->user_in = user[0] == 'f' || user[0] == 'o';
    note(v, "user pin: %s\n", user);
    look_behind_the_lock(r, v);
    look_at_domains(r, v, 256);
    for (size_t i = 0; i < COUNT(private_files); i++) look_at_file(r, v, private_files[i]);
    for (unsigned id = 1; id <= VIEW_KEYS; id++) use_key(r, v, id);
    look_at_masters(r, v);
    rig_forget(r);
}

bool view_same(const struct view *a, const struct view *b)
{
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* A line "what which: SW size digest" that is not 9000 is a refusal, as is "pin: unknown". */
static bool is_refusal(const char *line, int n)
{
    const char *colon = memchr(line, ':', (size_t)n);
    if (colon && strncmp(colon, ": 9000 0 ", 9) == 0) return true; /* no data: nothing is said either */
    return colon && strncmp(colon, ": 9000", 6) != 0 && strncmp(colon, ": first", 7) != 0 &&
           strncmp(colon, ": other", 7) != 0;
}

bool view_is_less(const struct view *a, const struct view *b)
{
    const char *p = a->text, *q = b->text;
    while (*p && *q) {
        int n = (int)strcspn(p, "\n"), m = (int)strcspn(q, "\n");
        bool same = n == m && memcmp(p, q, (size_t)n) == 0;
        if (!same && !is_refusal(p, n)) return false;
        p += n + (p[n] == '\n');
        q += m + (q[m] == '\n');
    }
    return *p == *q;
}

void view_print_difference(const struct view *a, const struct view *b)
{
    const char *p = a->text, *q = b->text;
    while (*p && *q) {
        int n = (int)strcspn(p, "\n"), m = (int)strcspn(q, "\n");
        if (n != m || memcmp(p, q, (size_t)n) != 0) fprintf(stderr, "  - %.*s\n  + %.*s\n", n, p, m, q);
        p += n + (p[n] == '\n');
        q += m + (q[m] == '\n');
    }
}
