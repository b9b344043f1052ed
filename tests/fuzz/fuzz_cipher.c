/* SPDX-License-Identifier: Apache-2.0 */
/* Symmetric keys, streams, derivations and hierarchical keys by a user who is logged in.
 *
 * The input is steps: five bytes that choose a command, its P1 and P2, a beginning of its data that makes sense and how
 * many of the bytes behind them follow it. What must hold is checked after every step: what was refused has changed
 * nothing and cost nothing, what was encrypted decrypts to what it was, a stream gives what one command gives and is there
 * exactly when it should be, and a derived key is not freer than its source. */
#include "card/hsm.h"
#include "card/keys.h"
#include "tests/hex.h"
#include "tests/sim/card_bench.h"
#include "wire/schsm.h"
#include "wire/tlv.h"

#define STEPS_MAX 32u
#define SECTORS 32u
#define STREAM_TEXT_MAX 3000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *rule)
{
    if (!holds) bench_die(rule);
}

/* ---- the card ---- */

enum { KEY_256 = 1, KEY_COUNTED, KEY_64, KEY_192, KEY_ON_CURVE, KEY_HMAC, KEY_NEW, KEY_ED25519 = 9, KEY_X25519 };

static void must(struct answer a)
{
    check(a.sw == 0x9000, "the card does not stand");
}

static void import_secret(struct rig *r, uint8_t id, size_t n, const char *more)
{
    uint8_t memory[256];
    buf b = BUF(memory);
    tlv_put_header(&b, TAG_IMPORT_COMPONENTS, n + 2);
    put_u16(&b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) put_u8(&b, (uint8_t)(id + i));
    put_bytes(&b, exact(more));
    must(rig_command(r, 0x80, INS_IMPORT_KEY, id, 0x0F, written(&b), 0));
}

static struct rig *card(void)
{
    static struct bench *b;
    if (!b) {
        b = bench_new_small(5, SECTORS);
        bench_make_ready(b, "80020001 9A020004 970102");
        b->rig->link = HSM_LINK_IN_PROCESS;
        import_secret(b->rig, KEY_256, 32, "");
        import_secret(b->rig, KEY_COUNTED, 16, "900400000014 910651521880 1110");
        import_secret(b->rig, KEY_64, 64, "");
        import_secret(b->rig, KEY_192, 24, "910251529 20101");
        import_secret(b->rig, KEY_HMAC, 32, "940103");
        must(rig_generate_ec(b->rig, KEY_ON_CURVE, CRYPTO_SECP256R1, "910180"));
        must(rig_generate_okp(b->rig, KEY_ED25519, CRYPTO_ED25519, ""));
        must(rig_generate_okp(b->rig, KEY_X25519, CRYPTO_X25519, ""));
        must(rig_command_hex(b->rig, 0x80, INS_HD_WALLET, 1, 0, "000102030405060708090A0B0C0D0E0F", 0));
        must(rig_command_hex(b->rig, 0x80, INS_HD_WALLET, 3, 1, "C76C4AC4F4E4A00D6B274D5C39C700BB", 0));
        b->rig->progress.stop_at = 4; /* a derivation of a million rounds is given up */
        hex_release();
        rig_forget(b->rig);
        bench_keep(b);
    }
    bench_back(b, 0);
    return b->rig;
}

/* ---- what the input chooses from ---- */

#define AES "0609608648016503040 1"
#define IV "820C000102030405060708090A0B"
#define IV_16 "8210000102030405060708090A0B0C0D0E0F"

static const char *const beginnings[] = {
    "",
    "0609608648016503040129",
    "060960864801650304012A" IV_16,
    "060960864801650304012B" IV_16,
    "060960864801650304012C",
    "060960864801650304012E" IV,
    "060960864801650304012F" IV,
    "0609608648016503040131" IV_16,
    "060B2A864886F70D0109100312" IV,
    "06082A864886F70D0209",
    "060118",
    "060960864801650304011A" IV,
    "0609608648016503040116",
    "0609608648016503040102",
    "06092B6F028C5300000101",
    "06092B6F028C5300000102" IV_16,
    "060B2A864886F70D010910031D",
    "06092A864886F70D01050C811604 0473616C74 0202000230 0A06082A864886F70D0209",
    "06092A864886F70D01050C81",
    "06072B81051086483F81082A864886F70D0209",
    "060B2B06010401 83A878058D6B",
    "020100",
    "020101",
    "02010002048000000002040000 0001",
    "020101 04 03 616263",
    "98",
    "8641046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C2964FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B31"
    "5ECE"
    "CBB6406837BF51F5",
};
static const uint8_t instructions[] = {INS_CIPHER,    INS_STREAM, INS_STREAM,  INS_KDF_STORE, INS_GENERATE_SECRET_KEY,
                                       INS_HD_WALLET, INS_SIGN,   INS_DECIPHER};
static const uint8_t p2s[] = {0x10, 0x11, 0x18, 0x99, 0x51, 0x52, 0x53, 0x54, 0x55,    0x56,
                              0x80, 0xA0, 0xA1, 0xB0, 0xB3, 0xB4, 0x00, 0x01, KEY_NEW, KEY_NEW + 1};

struct step {
    uint8_t ins, p1, p2;
    size_t beginning;
    bytes tail, data;
};

static uint8_t memory[8192];

static bool next_step(reader *in, struct step *s)
{
    uint8_t what = rd_u8(in), p1 = rd_u8(in), p2 = rd_u8(in), beginning = rd_u8(in), n = rd_u8(in);
    if (in->bad) return false;
    s->ins = instructions[what % COUNT(instructions)];
    s->p1 = p1 & 0x80 ? (uint8_t)(p1 & 0x7F) : (uint8_t)(p1 % (KEY_X25519 + 1));
    if (s->ins == INS_HD_WALLET && !(p1 & 0x80)) s->p1 = (const uint8_t[]){1, 2, 3, 0x0A, 0x10}[p1 % 5];
    s->p2 = p2 & 0x80 ? (uint8_t)(p2 << 1) : p2s[p2 % COUNT(p2s)];
    s->beginning = beginning % COUNT(beginnings);
    s->tail = bytes_first(in->left, n == 0xFF ? 4080 : n);
    (void)rd_take(in, s->tail.n);
    buf b = BUF(memory);
    put_bytes(&b, exact(beginnings[s->beginning]));
    if (s->ins == INS_STREAM && s->p2 > STREAM_BEGIN_DECRYPT) b.n = 0;
    bool wraps = what & 0x80; /* the rest as an object of data */
    if (wraps) tlv_put(&b, 0x81, s->tail);
    else put_bytes(&b, s->tail);
    s->data = bytes_first(written(&b), 4096);
    return true;
}

/* ---- a list beside the card ---- */

struct world {
    struct rig *r;
    bool open, compares; /* a stream; one that can be done again in one command */
    uint8_t key, begun_as;
    size_t beginning;
    uint8_t text_mem[STREAM_TEXT_MAX], out_mem[STREAM_TEXT_MAX + 128];
    buf text, out;
};

static bool done(uint16_t sw)
{
    return sw == 0x9000 || sw >> 8 == 0x61;
}

static uint32_t uses_left(struct rig *r)
{
    struct key_info info;
    check(key_info_load(r->hsm, KEY_COUNTED, &info) == ST_OK, "the counted key is gone");
    return info.metadata.counter;
}

static bool is_begin(const struct step *s)
{
    return s->ins == INS_STREAM && (s->p2 == STREAM_BEGIN_ENCRYPT || s->p2 == STREAM_BEGIN_DECRYPT);
}

/* What a step may have charged: one use, of the key it names, and only when the key was really used. */
static void check_uses(const struct step *s, uint16_t sw, uint32_t before, uint32_t after)
{
    bool may = s->p1 == KEY_COUNTED && (done(sw) || sw == 0x6400 || sw == 0x6700 || sw == 0x6A84);
    bool hd = s->ins == INS_HD_WALLET || (s->ins == INS_SIGN && s->p2 >> 4 == 0xA) || s->beginning == 20;
    bool must_charge =
        s->p1 == KEY_COUNTED && sw == 0x9000 && !hd && (s->ins == INS_CIPHER || s->ins == INS_KDF_STORE || is_begin(s));
    check(before == after || before - after == 1, "more than one use at once");
    check(before == after || may, "a use is charged for what was refused, or for another key");
    check(before != after || !must_charge, "a use is not charged");
}

/* ---- streams ---- */

static bool stream_is_wiped(const struct hsm *h)
{
    return ct_is_zero((bytes){(const uint8_t *)&h->session.stream, sizeof h->session.stream});
}

/* Text and answers are remembered while they fit; with associated data of its own, or by CCM, it is not done again. */
static void note_begin(struct world *w, const struct step *s)
{
    w->open = true;
    w->key = s->p1;
    w->begun_as = s->p2;
    w->beginning = s->beginning;
    w->text = BUF(w->text_mem);
    w->out = BUF(w->out_mem);
    w->compares =
        s->p1 != KEY_COUNTED && s->tail.n == 0 && s->beginning > 0 && s->data.n == exact(beginnings[s->beginning]).n;
}

/* The same by CIPHER. */
static void compare(struct world *w)
{
    buf b = BUF(memory);
    struct rig *r = w->r;
    bool cmac = w->beginning == 10;
    if (!cmac) put_bytes(&b, exact(beginnings[w->beginning]));
    if (cmac) put_bytes(&b, written(&w->text));
    else tlv_put(&b, 0x81, written(&w->text));
    if (cmac && w->text.n == 0) return; /* not in one command */
    struct answer whole =
        rig_command(r, 0x80, INS_CIPHER, w->key, cmac ? ALG_AES_CMAC : w->begun_as, written(&b), 65536);
    bool empty_blocks =
        w->text.n == 0 && whole.sw == 0x6700; /* ECB and CBC of nothing: a stream may, a command may not */
    check(whole.sw == 0x9000 || empty_blocks, "one command does not do what a stream has done");
    check(bytes_equal(whole.data, written(&w->out)), "a stream does not give what one command gives");
}

static void note_piece(struct world *w, const struct step *s, struct answer a)
{
    put_bytes(&w->text, s->data);
    put_bytes(&w->out, a.data);
    if (s->p2 == STREAM_ADD_AAD || w->text.full || w->out.full || a.sw != 0x9000) w->compares = false;
}

static void follow_stream(struct world *w, const struct step *s, struct answer a)
{
    bool goes_on = s->p2 == STREAM_ADD_AAD || s->p2 == STREAM_ADD, finishes = s->p2 == STREAM_FINISH;
    if (is_begin(s) && a.sw == 0x9000) note_begin(w, s);
    if (goes_on || finishes) {
        check(!done(a.sw) || (w->open && s->p1 == w->key), "a stream goes on that there is not");
        if (done(a.sw)) note_piece(w, s, a);
        if (!done(a.sw) || finishes) w->open = false;
        if (done(a.sw) && finishes && w->compares) compare(w);
    }
    if (s->p2 == STREAM_ABORT && a.sw == 0x9000) w->open = false;
}

/* ---- 78 ---- */

/* Modes that have a way back. */
static bool has_inverse(size_t beginning)
{
    return beginning >= 1 && beginning <= 15 && beginning != 9 && beginning != 10;
}

static void follow_cipher(struct world *w, const struct step *s, struct answer a)
{
    bytes text = NO_BYTES, rest;
    if (a.sw != 0x9000 || s->p1 == KEY_COUNTED || s->p2 != ALG_CIPHER_ENCRYPT || !has_inverse(s->beginning)) return;
    (void)tlv_find(s->data, 0x81, &text);
    uint8_t copy_mem[8192];
    buf b = BUF(copy_mem);
    put_bytes(&b, exact(beginnings[s->beginning]));
    tlv_put(&b, 0x81, a.data);
    bytes head = exact(beginnings[s->beginning]);
    rest = bytes_after(s->data, head.n);
    put_bytes(&b, rest); /* the first 81 wins; 82, 83 and 85 are the same */
    if (b.full || b.n > 4096) return;
    struct answer back = rig_command(w->r, 0x80, INS_CIPHER, s->p1, ALG_CIPHER_DECRYPT, written(&b), 65536);
    check(back.sw == 0x9000, "what was encrypted cannot be decrypted");
    check(bytes_equal(back.data, text), "what was encrypted decrypts to something else");
}

/* ---- 7C ---- */

static bool lets_wrap(const struct key_info *info)
{
    const struct key_metadata *m = &info->metadata;
    return !m->has_list || (m->list.n && memchr(m->list.p, ALG_WRAP, m->list.n));
}

static void follow_kdf(struct world *w, const struct step *s, struct answer a)
{
    struct key_info source, made;
    if (a.sw != 0x9000) return;
    check(key_info_load(w->r->hsm, s->p1, &source) == ST_OK, "derived from nothing");
    check(key_info_load(w->r->hsm, s->p2, &made) == ST_OK, "a derived key is not there");
    check(!lets_wrap(&made) || lets_wrap(&source), "a derived key may be exported, its source may not");
    uint8_t from = source.metadata.has_domain ? source.metadata.domain : 0;
    uint8_t to = made.metadata.has_domain ? made.metadata.domain : 0;
    check(from == to, "a derived key is in another domain");
}

/* ---- one step ---- */

static void follow(struct world *w, const struct step *s, struct answer a)
{
    switch (s->ins) {
    case INS_STREAM: follow_stream(w, s, a); break;
    case INS_CIPHER: follow_cipher(w, s, a); break;
    case INS_KDF_STORE: follow_kdf(w, s, a); break;
    case INS_GENERATE_SECRET_KEY:
        if (a.sw == 0x9000 && w->open && s->p1 == w->key) w->open = false; /* another key is in its place */
        break;
    default: break;
    }
}

static void take_step(struct world *w, const struct step *s)
{
    struct rig *r = w->r;
    if (s->ins == INS_GENERATE_SECRET_KEY && s->p1 == KEY_COUNTED) return;
    uint32_t uses = uses_left(r), generation = rig_generation(r);
    struct answer a = rig_command(r, 0x80, s->ins, s->p1, s->p2, s->data, 65536);
    check(a.sw == 0x9000 || a.sw >> 8 == 0x61 || a.data.n == 0, "data beside an error");
    check(done(a.sw) || (status_of_word(a.sw) != ST_INTERNAL && a.sw != 0x6581), "an internal error");
    check_uses(s, a.sw, uses, uses_left(r));
    check(done(a.sw) || rig_generation(r) == generation, "what was refused has changed an object");
    follow(w, s, a);
    check(w->open == r->hsm->session.stream.open, "a stream is there that should be gone, or the other way round");
    check(w->open || stream_is_wiped(r->hsm), "something is left of a stream");
    hex_release();
    rig_forget(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world w;
    struct step s;
    reader in = read_from((bytes){data, size});
    memset(&w, 0, sizeof w);
    w.r = card();
    for (unsigned i = 0; i < STEPS_MAX && next_step(&in, &s); i++) take_step(&w, &s);
    return 0;
}
