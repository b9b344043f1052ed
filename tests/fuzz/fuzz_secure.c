/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging by somebody who has the keys: what is behind the MAC is looked at as well.
 *
 * The first byte chooses the card's policy and who is logged in; the rest is steps: a byte of kind (enum step), a length
 * byte, then so many bytes. The channel's keys are put into the card as GENERAL AUTHENTICATE would leave them, and again
 * when a step has ended it. What must always hold is checked after every step. */
#include "card/hsm.h"
#include "tests/sim/card_bench.h"
#include "wire/schsm.h"
#include "wire/secure_messaging.h"
#include "wire/tlv.h"

#include <stdlib.h>

#define STEPS_MAX 48u
#define SECTORS 24u
#define BLOCK 16u
#define STEP_LONG 0xFF /* two bytes of length follow */

enum choice {
    CHOICE_USER = 1,        /* the user is logged in */
    CHOICE_NO_PLAIN_PIN = 2 /* policy bit 0002       */
};

enum step {
    STEP_SEALED,  /* a plain APDU, protected as our own client does                       */
    STEP_OBJECTS, /* header and objects, to which the right MAC is added                  */
    STEP_BLOCKS,  /* header and plain blocks with whatever padding: ciphered, then MACed  */
    STEP_PLAIN,   /* an APDU as it is                                                     */
    STEP_ANSWER,  /* objects with the right MAC, as an answer to the host                 */
    STEP_COUNT
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *rule)
{
    if (!holds) bench_die(rule);
}

/* ---- the card ---- */

static struct bench *card_for(uint8_t choice)
{
    static struct bench *card;
    if (!card) {
        static const uint8_t content[300] = "content that anybody may read";
        card = bench_new_small(3, SECTORS);
        bench_make_ready(card, "80020025 920100");
        check(rig_generate_ec(card->rig, 1, CRYPTO_SECP256R1, "").sw == 0x9000, "no key");
        check(rig_update(card->rig, 0xCF01, 0, BYTES(content)).sw == 0x9000, "no file");
        card->rig->progress.stop_at = 1;
        check(rig_select(card->rig).sw == 0x9000, "no applet");
        rig_forget(card->rig);
        bench_keep(card);
    }
    bench_back(card, 0);
    struct rig *r = card->rig;
    if (choice & CHOICE_NO_PLAIN_PIN) r->hsm->settings.policy = POLICY_NO_PLAIN_PIN;
    r->link = HSM_LINK_IN_PROCESS;
    if (choice & CHOICE_USER) check(rig_login(r).sw == 0x9000, "the right PIN is refused");
    r->link = HSM_LINK_REMOTE;
    return card;
}

static void need_channel(struct hsm *h)
{
    if (h->channel.open) return;
    h->channel = (struct secure_channel){.selected = true, .open = true};
    memset(h->channel.keys.enc, 0x11, sizeof h->channel.keys.enc);
    memset(h->channel.keys.mac, 0x22, sizeof h->channel.keys.mac);
}

/* ---- the host ---- */

static uint8_t room[LIMIT_COMMAND_DATA * 2 + 64], raw_mem[sizeof room + APDU_OVERHEAD];
static uint8_t into[LIMIT_RESPONSE_DATA + SM_PADDING_MAX];

static void next_counter(const struct sm_channel *keys, uint8_t counter[BLOCK])
{
    memcpy(counter, keys->counter, BLOCK);
    for (size_t i = BLOCK; i-- > 0 && ++counter[i] == 0;) continue;
}

static void add_mac(struct hsm *h, const struct sm_channel *keys, bytes header, buf *b)
{
    static const uint8_t padding[BLOCK] = {0x80};
    uint8_t mac[BLOCK], counter[BLOCK];
    next_counter(keys, counter);
    const bytes parts[] = {BYTES(counter),
                           header,
                           {padding, header.n ? BLOCK - header.n : 0},
                           written(b),
                           {padding, b->n ? BLOCK - b->n % BLOCK : 0}};
    check(crypto_aes_cmac(&h->crypto, BYTES(keys->mac), parts, COUNT(parts), SPAN(mac)) == ST_OK, "no MAC");
    tlv_put(b, TAG_SM_MAC, bytes_first(BYTES(mac), 8));
}

static void put_blocks(struct hsm *h, const struct sm_channel *keys, uint8_t ins, bytes plain, buf *b)
{
    uint8_t iv[BLOCK], counter[BLOCK];
    bool odd = ins & 1;
    plain.n -= plain.n % BLOCK;
    next_counter(keys, counter);
    tlv_put_header(b, odd ? TAG_SM_CIPHER_ODD : TAG_SM_CIPHER, plain.n + !odd);
    if (!odd) put_u8(b, 1);
    span place = put_space(b, plain.n);
    check(crypto_aes_block(&h->crypto, BYTES(keys->enc), BYTES(counter), SPAN(iv)) == ST_OK, "no IV");
    check(crypto_aes_cbc(&h->crypto, true, BYTES(keys->enc), BYTES(iv), plain, place) == ST_OK, "no cipher");
}

/* ---- what always holds ---- */

static bool is_zero(const void *p, size_t n)
{
    return ct_is_zero((bytes){p, n});
}

static void check_card(struct hsm *h)
{
    const struct chain *c = &h->chain;
    check(!h->secured, "the mark of a protected command stays");
    check(h->channel.open || is_zero(&h->channel.keys, sizeof h->channel.keys),
          "keys are left of a channel that is over");
    check(c->size <= HSM_DATA_MAX && c->reply.n <= HSM_REPLY_MAX - 2, "a buffer overran");
    check(is_zero(c->data + c->size, sizeof c->data - c->size), "plain text is left in the buffer");
}

/* The whole answer: what 61xx announces is fetched in plain. */
static struct answer send_all(struct rig *r, bytes raw)
{
    static uint8_t all_mem[HSM_REPLY_MAX + 2];
    buf all = BUF(all_mem);
    struct answer got = rig_send_bytes(r, raw);
    put_bytes(&all, got.data);
    for (; got.sw >> 8 == 0x61; put_bytes(&all, got.data)) got = rig_send(r, "00C0000000");
    check(!all.full, "more than a protected answer can have");
    return (struct answer){written(&all), got.sw};
}

/* A command that claims protection. Either it ends the channel, or its answer opens with the keys it came with. */
static void send_protected(struct rig *r, const struct apdu *a)
{
    struct sm_channel keys = r->hsm->channel.keys;
    uint8_t counter[BLOCK];
    uint16_t word;
    bytes plain;
    buf raw = BUF(raw_mem);
    check(apdu_write(a, &raw) == ST_OK, "no APDU");
    next_counter(&keys, counter);
    struct answer got = send_all(r, written(&raw));
    check_card(r->hsm);
    if (got.sw != 0x9000) {
        check(got.data.n == 0 && !r->hsm->channel.open, "a plain error, and the channel is still there");
        check(got.sw == 0x6987 || got.sw == 0x6988, "another word for what is not authentic");
        return;
    }
    memcpy(keys.counter, counter, sizeof counter);
    check(sm_open_response(&r->hsm->crypto, &keys, got.data, SPAN(into), &plain, &word) == ST_OK,
          "no protected answer");
    check(word != 0x6F00 && (word == 0x9000 || word == 0x9001 || plain.n == 0), "data beside an error");
    check(word != 0x6987, "a PIN inside is taken for one in plain");
}

/* ---- steps ---- */

static void step_sealed(struct rig *r, bytes in)
{
    struct apdu plain, sealed;
    struct sm_channel keys = r->hsm->channel.keys;
    buf body = BUF(room);
    if (apdu_parse(in, &plain) != ST_OK || plain.cla & 0x6F) return;
    check(sm_seal_command(&r->hsm->crypto, &keys, &plain, &body, &sealed) == ST_OK, "cannot seal");
    send_protected(r, &sealed);
}

static void step_composed(struct rig *r, bytes in, bool blocks)
{
    reader from = read_from(in);
    uint8_t header[4] = {(uint8_t)((rd_u8(&from) & 0x90) | CLA_SECURED), rd_u8(&from), rd_u8(&from), rd_u8(&from)};
    const struct sm_channel keys = r->hsm->channel.keys;
    buf b = BUF(room);
    if (blocks) put_blocks(r->hsm, &keys, header[1], rd_rest(&from), &b);
    else put_bytes(&b, rd_rest(&from));
    add_mac(r->hsm, &keys, BYTES(header), &b);
    struct apdu a = {header[0], header[1], header[2], header[3], written(&b), 65536, true, true};
    send_protected(r, &a);
}

static void step_plain(struct rig *r, bytes in)
{
    struct sm_channel before = r->hsm->channel.keys;
    struct answer got = rig_send_bytes(r, in);
    check_card(r->hsm);
    bool same = memcmp(&before, &r->hsm->channel.keys, sizeof before) == 0;
    bool done = got.sw == 0x9000 || got.sw >> 8 == 0x61;
    check(same || !r->hsm->channel.open || done, "a plain command that failed moved the channel");
}

static void step_answer(struct rig *r, bytes in)
{
    struct sm_channel keys = r->hsm->channel.keys;
    bytes plain = NO_BYTES;
    uint16_t word;
    buf b = BUF(room);
    put_bytes(&b, in);
    add_mac(r->hsm, &keys, NO_BYTES, &b);
    if (sm_open_response(&r->hsm->crypto, &keys, written(&b), SPAN(into), &plain, &word) != ST_OK) return;
    check(plain.n == 0 || (plain.p == into && plain.n <= sizeof into), "a view beside its place");
}

static bool play_one(struct rig *r, reader *in)
{
    uint8_t kind = rd_u8(in);
    size_t n = rd_u8(in);
    if (in->bad) return false;
    if (n == STEP_LONG) n = rd_u16(in);
    bytes what = n <= in->left.n ? rd_take(in, n) : rd_rest(in);
    if (what.n > LIMIT_COMMAND_DATA + 100) return true;
    need_channel(r->hsm);
    switch ((enum step)(kind % STEP_COUNT)) {
    case STEP_SEALED: step_sealed(r, what); break;
    case STEP_OBJECTS: step_composed(r, what, false); break;
    case STEP_BLOCKS: step_composed(r, what, true); break;
    case STEP_PLAIN: step_plain(r, what); break;
    case STEP_ANSWER: step_answer(r, what); break;
    case STEP_COUNT: break;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    reader in = read_from((bytes){data, size});
    uint8_t choice = rd_u8(&in);
    if (in.bad) return 0;
    struct rig *r = card_for(choice)->rig;
    for (unsigned i = 0; i < STEPS_MAX && play_one(r, &in); i++) {}
    rig_forget(r);
    return 0;
}
