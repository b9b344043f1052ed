/* SPDX-License-Identifier: Apache-2.0 */
/* Plays sessions of APDUs on a whole card in memory, mostly by somebody who knows the PIN.
 *
 * The first byte chooses the card and who sits before it (enum choice); the rest is commands, each behind a length byte.
 * Three lengths are events instead (enum event). After every command what must always hold is checked; what a command
 * should answer is the business of tests/unit/card. RSA keys are not generated: the host gives up at the first tick. */
#include "card/hsm.h"
#include "tests/sim/card_bench.h"

#include <stdlib.h>

#define COMMANDS_MAX 64u
#define POWER_CYCLES_MAX 2u /* each costs as much as fifty commands */
#define SECTORS 24u         /* the fewest that hold the furniture and leave room */

enum choice {
    CHOICE_VIRGIN = 1,     /* the card was never initialised; else it holds keys and files */
    CHOICE_USER = 2,       /* the user is logged in...                                     */
    CHOICE_SO = 4,         /* ...or the security officer                                   */
    CHOICE_IN_PROCESS = 8, /* commands come from the same process, not from a cable        */
    CHOICE_NO_BUTTON = 16, /* nobody presses it                                            */
    CHOICE_REOPEN = 32,    /* in the end the card must start again                         */
};

enum event {
    EVENT_LONG = 0xFF,  /* two bytes of length follow */
    EVENT_POWER = 0xFE, /* power off and on           */
    EVENT_RESET = 0xFD, /* reset line                 */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *rule)
{
    if (!holds) bench_die(rule);
}

/* ---- two cards, made once ---- */

static struct bench *make_virgin(void)
{
    struct bench *b = bench_new_small(1, SECTORS);
    check(rig_open(b->rig) == ST_OK && rig_select(b->rig).sw == 0x9000, "no virgin card");
    return b;
}

static struct bench *make_furnished(void)
{
    static const uint8_t content[40] = "content that anybody may read";
    struct bench *b = bench_new_small(2, SECTORS);
    bench_make_ready(b, "80020025 920100 9A020004");
    struct rig *r = b->rig;
    check(rig_generate_ec(r, 1, CRYPTO_SECP256R1, "").sw == 0x9000, "no EC key");
    check(rig_generate_rsa(r, 2, 1024, 0, "9004000000FF").sw == 0x9000, "no RSA key");
    check(rig_generate_ec(r, 3, CRYPTO_SECP192R1, "910173 920100").sw == 0x9000, "no restricted key");
    check(rig_update(r, 0xCF01, 0, BYTES(content)).sw == 0x9000, "no public file");
    check(rig_update(r, 0xCD01, 0, BYTES(content)).sw == 0x9000, "no private file");
    rig_reset(r);
    check(rig_select(r).sw == 0x9000, "no applet");
    return b;
}

static struct bench *card_for(uint8_t choice)
{
    static struct bench *cards[2];
    unsigned which = choice & CHOICE_VIRGIN ? 0 : 1;
    if (!cards[which]) {
        cards[which] = which == 0 ? make_virgin() : make_furnished();
        cards[which]->rig->progress.stop_at = 1;
        rig_forget(cards[which]->rig);
        bench_keep(cards[which]);
    }
    bench_back(cards[which], 0);
    return cards[which];
}

/* ---- what always holds ---- */

static bool word_known(uint16_t sw)
{
#define STATUS_WORD(name, word, text)                                                                                  \
    if (sw == (word)) return true;
    STATUS_TABLE(STATUS_WORD)
#undef STATUS_WORD
    return (sw & 0xFF00) == 0x6100 || (sw & 0xFFF0) == 0x63C0;
}

static void check_card(struct rig *r, struct answer a)
{
    const struct hsm *h = r->hsm;
    bool somebody = h->session.user_verified || h->session.so_verified || h->session.initialised_here;
    bool good = a.sw == 0x9000 || a.sw == 0x9001 || (a.sw & 0xFF00) == 0x6100;
    check(word_known(a.sw) && a.sw != 0x6F00, "a status word that nobody knows");
    check(good || a.data.n == 0, "data beside an error");
    check(h->vault.root_open || ct_is_zero(BYTES(h->vault.root)), "a root key is left behind");
    check(h->vault.base_open || ct_is_zero(BYTES(h->vault.base)), "what PINs open is left behind");
    check(h->vault.base_open || !h->vault.root_open, "the root is open, and what opens it is not");
    check(!h->vault.root_open || somebody || h->session.root_is_users, "the root is open and nobody is logged in");
    check(h->chain.size <= sizeof h->chain.data && h->chain.reply.n <= HSM_DATA_MAX, "a buffer overran");
    check(!a.data.n || !bytes_find(a.data, BYTES(h->vault.device_key)), "the device key is in an answer");
    check(!a.data.n || !h->vault.root_open || !bytes_find(a.data, BYTES(h->vault.root)),
          "the root key is in an answer");
}

/* ---- the session ---- */

static void start(struct bench *b, uint8_t choice)
{
    struct rig *r = b->rig;
    r->link = choice & CHOICE_IN_PROCESS ? HSM_LINK_IN_PROCESS : HSM_LINK_REMOTE;
    r->presence.answer = !(choice & CHOICE_NO_BUTTON);
    r->date.known = false;
    if (choice & CHOICE_VIRGIN) return;
    if (choice & CHOICE_USER) check(rig_login(r).sw == 0x9000, "the right PIN is refused");
    else if (choice & CHOICE_SO) check(rig_login_so(r).sw == 0x9000, "the right SO-PIN is refused");
}

static void power_cycle(struct bench *b)
{
    b->rig->progress.stop_at = 0;
    check(bench_power_on(b) == ST_OK, "the card does not start again");
    b->rig->progress.ticks = 0;
    b->rig->progress.stop_at = 1;
}

/* One command or event; false at the end of the input. */
static bool play_one(struct bench *b, reader *in, unsigned *power_cycles)
{
    size_t n = rd_u8(in);
    if (in->bad) return false;
    if (n == EVENT_LONG) n = rd_u16(in);
    else if (n == EVENT_POWER && (*power_cycles)++ < POWER_CYCLES_MAX) power_cycle(b);
    else if (n == EVENT_RESET) rig_reset(b->rig);
    if (n == EVENT_POWER || n == EVENT_RESET) return true;
    bytes raw = n <= in->left.n ? rd_take(in, n) : rd_rest(in);
    check_card(b->rig, rig_send_bytes(b->rig, raw));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    reader in = read_from((bytes){data, size});
    uint8_t choice = rd_u8(&in);
    if (in.bad) return 0;
    struct bench *b = card_for(choice);
    unsigned power_cycles = 0;
    start(b, choice);
    for (unsigned i = 0; i < COMMANDS_MAX && play_one(b, &in, &power_cycles); i++) {}
    if (choice & CHOICE_REOPEN) power_cycle(b);
    rig_forget(b->rig);
    return 0;
}
