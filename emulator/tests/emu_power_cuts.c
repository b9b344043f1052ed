/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Power fails in the middle of flash operations of the real image, again and again, and each time the card must come back
 * with everything that it has acknowledged:
 *
 *     emu_power_cuts IMAGE [--chip rp2040|rp2350] [--cuts N] [--seed S] [--lie]
 *
 * The model: files hold what the last acknowledged UPDATE BINARY wrote; keys that were acknowledged are listed, those whose
 * deletion was acknowledged are not; a command that was cut has happened wholly or not at all. With --lie the model
 * believes in a key that nobody has made, which must be found out. */
#include "host_ccid.h"

#include <stdlib.h>
#include <string.h>

enum { FILES = 6, KEYS = 4, CONTENT = 700, APDU = 1024, BIRTHS = 8, TRIES = 3 };

struct content {
    size_t n;
    uint8_t p[CONTENT];
};

struct world {
    struct board *b;
    struct host_ccid host;
    uint64_t random;
    bool initialised;
    struct content file[FILES];
    bool key[KEYS];
    /* what was under way when power failed */
    int file_cut, key_cut; /* -1: none */
    struct content wanted;
    bool key_wanted;
    uint32_t commands, cuts;
    uint32_t tries_cut; /* logins in a row that were cut, each of which may have cost a try */
};

static void die(struct world *w, const char *what, unsigned detail)
{
    fprintf(stderr, "FAILED after %u cuts and %u commands: %s (%x)\n", w->cuts, w->commands, what, detail);
    exit(1);
}

/* splitmix64 */
static uint32_t below(struct world *w, uint32_t n)
{
    uint64_t v = w->random += 0x9e3779b97f4a7c15u;
    v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
    v = (v ^ v >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((v ^ v >> 31) % n);
}

/* --- Commands. HOST_OK or HOST_ENDED; all else is a failure of the card. --- */

struct reply {
    uint8_t p[4096];
    size_t n;
    unsigned sw;
};

static enum host_result send(struct world *w, const uint8_t *apdu, size_t n, struct reply *r)
{
    r->n = sizeof r->p;
    enum host_result result = host_transmit(&w->host, apdu, n, r->p, &r->n);
    w->commands++;
    if (result == HOST_ENDED && w->host.state == BOARD_CUT) return result;
    if (result != HOST_OK || r->n < 2) die(w, "no answer to a command", (unsigned)result << 8 | apdu[1]);
    r->n -= 2;
    r->sw = (unsigned)(r->p[r->n] << 8 | r->p[r->n + 1]);
    return HOST_OK;
}

static bool done(struct world *w, const uint8_t *apdu, size_t n, struct reply *r)
{
    if (send(w, apdu, n, r) == HOST_ENDED) return false;
    if (r->sw != 0x9000) die(w, "refused a command", (unsigned)apdu[1] << 16 | r->sw);
    return true;
}

static bool initialise(struct world *w)
{
    static const uint8_t apdu[] = {0x80, 0x50, 0,    0, 0x19, 0x80, 2,   0,   1,   0x81, 6,   '6', '4',  '8', '2',
                                   '1',  '9',  0x82, 8, '5',  '7',  '6', '2', '1', '8',  '8', '0', 0x91, 1,   3};
    struct reply r;
    return done(w, apdu, sizeof apdu, &r);
}

static bool verify(struct world *w)
{
    static const uint8_t apdu[] = {0x00, 0x20, 0, 0x81, 6, '6', '4', '8', '2', '1', '9'};
    struct reply r;
    return done(w, apdu, sizeof apdu, &r);
}

static bool update(struct world *w, int file, const struct content *c)
{
    uint8_t apdu[APDU] = {0x00,
                          0xd7,
                          0xcf,
                          (uint8_t)(1 + file),
                          0,
                          (uint8_t)((c->n + 8) >> 8),
                          (uint8_t)(c->n + 8),
                          0x54,
                          2,
                          0,
                          0,
                          0x53,
                          0x82,
                          (uint8_t)(c->n >> 8),
                          (uint8_t)c->n};
    struct reply r;
    memcpy(apdu + 15, c->p, c->n);
    return done(w, apdu, 15 + c->n, &r);
}

static bool generate(struct world *w, int key)
{
    static const uint8_t body[] = {0x5f, 0x29, 1,    0,    0x7f, 0x49, 0x2e, 6,    10,   4,    0,    0x7f, 0,
                                   7,    2,    2,    2,    2,    3,    0x81, 0x20, 0xff, 0xff, 0xff, 0xff, 0,
                                   0,    0,    1,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
                                   0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0x5f, 0x20, 8,    'C',  'U',  'T',  'S',  '0',  '0',  '0',  '1'};
    uint8_t apdu[APDU] = {0x00, 0x46, (uint8_t)(1 + key), 0, 0, 0, sizeof body};
    struct reply r;
    memcpy(apdu + 7, body, sizeof body);
    return done(w, apdu, 7 + sizeof body + 2, &r); /* Le 0000 */
}

static bool delete_key(struct world *w, int key)
{
    const uint8_t apdu[] = {0x00, 0xe4, 2, 0, 2, 0xcc, (uint8_t)(1 + key)};
    struct reply r;
    return done(w, apdu, sizeof apdu, &r);
}

/* --- Power. --- */

static void start_session(struct world *w)
{
    static const uint8_t select[] = {0x00, 0xa4, 4, 0, 11, 0xe8, 0x2b, 6, 1, 4, 1, 0x81, 0xc3, 0x1f, 2, 1, 0};
    uint8_t atr[33];
    size_t n = sizeof atr;
    struct reply r;
    enum host_result opened = host_open(&w->host, w->b);
    if (opened != HOST_OK) die(w, "did not enumerate", opened);
    if (host_power_on(&w->host, atr, &n) != HOST_OK || n < 2 || atr[0] != 0x3b) die(w, "no ATR", w->host.error);
    if (!done(w, select, sizeof select, &r)) die(w, "power failed where no cut was due", 0);
}

static bool has_content(struct world *w, int file, const struct content *c)
{
    const uint8_t apdu[] = {0x00, 0xb1, 0xcf, (uint8_t)(1 + file), 0, 0, 4, 0x54, 2, 0, 0, 0, 0};
    struct reply r;
    if (send(w, apdu, sizeof apdu, &r) != HOST_OK) die(w, "power failed while reading", 0);
    if (!c->n) return r.sw == 0x6a82 || (r.sw == 0x9000 && !r.n);
    return (r.sw == 0x9000 || r.sw == 0x6282) && r.n == c->n && !memcmp(r.p, c->p, c->n);
}

static void check_files(struct world *w)
{
    for (int i = 0; i < FILES; i++) {
        if (has_content(w, i, &w->file[i])) continue;
        if (i != w->file_cut || !has_content(w, i, &w->wanted)) die(w, "a file is not what it was", (unsigned)i);
        w->file[i] = w->wanted;
    }
    w->file_cut = -1;
}

static void check_keys(struct world *w)
{
    static const uint8_t list[] = {0x00, 0x58, 0, 0, 0, 0, 0};
    bool listed[KEYS] = {false};
    struct reply r;
    if (!done(w, list, sizeof list, &r)) die(w, "power failed while listing", 0);
    for (size_t i = 0; i + 1 < r.n; i += 2)
        if (r.p[i] == 0xcc && r.p[i + 1] >= 1 && r.p[i + 1] <= KEYS) listed[r.p[i + 1] - 1] = true;
    for (int i = 0; i < KEYS; i++) {
        if (listed[i] == w->key[i]) continue;
        if (i != w->key_cut || listed[i] != w->key_wanted) die(w, "a key came or went", (unsigned)i);
        w->key[i] = listed[i];
    }
    w->key_cut = -1;
}

static void come_back(struct world *w)
{
    board_cut_after(w->b, 0);
    board_power_on(w->b);
    start_session(w);
    if (!w->initialised) return;
    check_files(w);
    check_keys(w);
}

/* --- Work until the cut. --- */

static bool change_file(struct world *w)
{
    int i = (int)below(w, FILES);
    w->wanted.n = 1 + below(w, CONTENT - 1);
    for (size_t k = 0; k < w->wanted.n; k++) w->wanted.p[k] = (uint8_t)below(w, 256);
    w->file_cut = i;
    if (!update(w, i, &w->wanted)) return false;
    w->file[i] = w->wanted;
    w->file_cut = -1;
    return true;
}

static bool change_key(struct world *w)
{
    int i = (int)below(w, KEYS);
    w->key_cut = i;
    w->key_wanted = !w->key[i];
    if (!(w->key[i] ? delete_key(w, i) : generate(w, i))) return false;
    w->key[i] = w->key_wanted;
    w->key_cut = -1;
    return true;
}

enum phase { BIRTH, LOGIN, FILE_CHANGE, KEY_CHANGE, PHASES };

/* A try is charged before the PIN is compared, and a cut does not give it back: the last one is not cut, or the card
 * would rightly be blocked. */
static bool log_in(struct world *w)
{
    uint32_t cut = 1 + below(w, 30);
    bool last = ++w->tries_cut == TRIES;
    board_cut_after(w->b, last ? 0 : cut);
    if (!verify(w)) return false;
    w->tries_cut = 0;
    if (last) board_cut_after(w->b, cut);
    return true;
}

/* One life: from power to the cut; tells what it hit. The first cards are lost while they are born; then one lives. */
static enum phase live(struct world *w)
{
    if (!w->initialised) {
        board_cut_after(w->b, w->cuts < BIRTHS ? 1 + below(w, 12) : 0);
        if (!initialise(w)) return BIRTH;
        w->initialised = true;
    }
    if (!log_in(w)) return LOGIN;
    for (;;) {
        if (below(w, 4) && !change_file(w)) return FILE_CHANGE;
        if (!below(w, 4) && !change_key(w)) return KEY_CHANGE;
    }
}

int main(int argc, char **argv)
{
    static struct world world = {.file_cut = -1, .key_cut = -1};
    struct world *w = &world;
    struct board_config c = {.seed = 1};
    uint32_t cuts = 100;
    int chip = RP2040;
    const char *image = NULL;
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (more && !strcmp(argv[i], "--chip")) chip = strcmp(argv[++i], "rp2350") ? RP2040 : RP2350;
        else if (more && !strcmp(argv[i], "--cuts")) cuts = (uint32_t)strtoul(argv[++i], NULL, 0);
        else if (more && !strcmp(argv[i], "--seed")) c.seed = strtoull(argv[++i], NULL, 0);
        else if (!strcmp(argv[i], "--lie")) w->key[0] = true;
        else image = argv[i];
    }
    uint8_t *p = image ? image_read(image, &c.image_size, &chip) : NULL;
    if (!p || !c.seed) return 1;
    c.image = p;
    c.chip = (enum chip)chip;
    w->random = c.seed;
    w->b = board_create(&c);
    if (!w->b) return 1;
    printf("seed %llu\n", (unsigned long long)c.seed);
    uint32_t hit[PHASES] = {0};
    for (start_session(w); w->cuts < cuts; come_back(w)) {
        hit[live(w)]++;
        w->cuts++;
    }
    struct emu_state s;
    board_state(w->b, &s);
    printf("%u cuts survived, in INITIALIZE %u, VERIFY %u, files %u, keys %u: ", w->cuts, hit[BIRTH], hit[LOGIN],
           hit[FILE_CHANGE], hit[KEY_CHANGE]);
    printf("%u commands, %u flash operations, %.1f s of the chip's time\n", w->commands, s.flash_operations,
           (double)s.emulated_us / 1e6);
    board_destroy(w->b);
    free(p);
    return 0;
}
