/* SPDX-License-Identifier: Apache-2.0 */
/* The bench: fake hardware, memory cut to size, and the commands that every test needs. */
#include "tests/rig/rig.h"

#include "wire/tlv.h"

#include <stdio.h>
#include <stdlib.h>

#define POOL_SIZE (256u * 1024u)

static void die(const char *why)
{
    fprintf(stderr, "rig: %s\n", why);
    abort();
}

static void *must_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p) die("no memory");
    return p;
}

/* ---- blocks cut to size ---- */

struct rig_block {
    struct rig_block *next;
    uint8_t *memory;
};

/* Exactly `n` bytes; n may be 0, then reading any byte is a fault. */
static span new_block(struct rig *r, size_t n)
{
    struct rig_block *b = must_alloc(sizeof *b);
    b->memory = must_alloc(n);
    b->next = r->blocks;
    r->blocks = b;
    return (span){n ? b->memory : b->memory + 1, n};
}

void rig_forget(struct rig *r)
{
    while (r->blocks) {
        struct rig_block *b = r->blocks;
        r->blocks = b->next;
        free(b->memory);
        free(b);
    }
}

bytes rig_copy(struct rig *r, bytes from)
{
    span s = new_block(r, from.n);
    if (from.n) memcpy(s.p, from.p, from.n);
    return view(s);
}

static bool holds(bytes memory, bytes what)
{
    for (size_t at = 0; at + what.n <= memory.n; at++)
        if (memcmp(memory.p + at, what.p, what.n) == 0) return true;
    return false;
}

bool rig_ram_holds(const struct rig *r, bytes what)
{
    return holds((bytes){(const uint8_t *)r->hsm, sizeof *r->hsm}, what) || holds(view(r->board.crypto_pool), what);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bytes rig_hex(struct rig *r, const char *hex)
{
    size_t digits = 0, at = 0;
    for (const char *c = hex; *c; c++) {
        if (*c == ' ') continue;
        if (digit(*c) < 0) die(hex);
        digits++;
    }
    if (digits % 2) die(hex);
    span s = new_block(r, digits / 2);
    for (const char *c = hex; *c; c++) {
        if (*c == ' ') continue;
        s.p[at / 2] = (uint8_t)(s.p[at / 2] << 4 | digit(*c));
        at++;
    }
    return view(s);
}

/* ---- hardware ---- */

/* splitmix64: passes the health tests, and a failure can be repeated from its seed. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static status read_entropy(void *ctx, span samples)
{
    struct rig_entropy *e = ctx;
    e->calls++;
    if (e->fail_at && e->calls >= e->fail_at) return ST_EXECUTION;
    for (size_t i = 0; i < samples.n; i++) samples.p[i] = (uint8_t)(next_random(&e->state) >> 32);
    return ST_OK;
}

static bool confirm(void *ctx, const char *what, uint32_t timeout_ms)
{
    struct rig_presence *p = ctx;
    p->calls++;
    p->timeout_ms = timeout_ms;
    snprintf(p->what, sizeof p->what, "%s", what);
    return p->answer;
}

static bool tick(void *ctx)
{
    struct rig_progress *p = ctx;
    p->ticks++;
    return p->stop_at == 0 || p->ticks < p->stop_at;
}

static uint32_t uptime_ms(void *ctx)
{
    return ((struct rig *)ctx)->now_ms;
}

static status date(void *ctx, uint64_t *unix_seconds)
{
    const struct rig_date *d = &((struct rig *)ctx)->date;
    if (!d->known) return ST_CONDITIONS;
    *unix_seconds = d->unix_seconds;
    return ST_OK;
}

static status set_date(void *ctx, uint64_t unix_seconds)
{
    struct rig_date *d = &((struct rig *)ctx)->date;
    if (d->stuck) return ST_EXECUTION;
    d->known = true;
    d->unix_seconds = unix_seconds;
    d->sets++;
    return ST_OK;
}

static void restart(void *ctx, enum platform_restart how)
{
    struct rig_platform *p = ctx;
    p->restarts++;
    p->how = how;
}

static status secure_boot(void *ctx, struct platform_secure_boot *now)
{
    const struct rig_platform *p = ctx;
    *now = p->boot;
    return p->fails;
}

static status enable_secure_boot(void *ctx, uint8_t key, bool lock)
{
    struct rig_platform *p = ctx;
    if (p->fails != ST_OK) return p->fails;
    if (!(p->boot_keys >> key & 1)) return ST_CONDITIONS;
    p->boot = (struct platform_secure_boot){true, lock, key};
    return ST_OK;
}

static void show(void *ctx, enum led_state state)
{
    struct rig *r = ctx;
    r->led = state;
    r->led_shown[state]++;
}

static status read_secret(void *ctx, span secret)
{
    return span_copy(secret, (bytes){ctx, DEVICE_SECRET_SIZE}) ? ST_OK : ST_EXECUTION;
}

static void trace(void *ctx, const char *command, size_t data_size, size_t reply_size, uint16_t sw)
{
    struct rig *r = ctx;
    if (!command) die("trace without a name");
    r->traced = command;
}

static void lend_ports(struct rig *r)
{
    r->port_entropy = (struct entropy){6000, &r->entropy, read_entropy};
    r->port_presence = (struct presence){&r->presence, confirm};
    r->port_progress = (struct progress){&r->progress, tick};
    r->port_clock = (struct clock){r, uptime_ms, date, set_date};
    r->port_platform = (struct platform){&r->platform, 4u << 20, 512u << 10, restart, secure_boot, enable_secure_boot};
    r->platform.boot.key = 0xFF;
    r->port_led = (struct led){r, show};
    r->port_secret.ctx = r->secret;
    r->port_secret.read = read_secret;
    r->board.entropy = &r->port_entropy;
    r->board.presence = &r->port_presence;
    r->board.clock = &r->port_clock;
    r->board.platform = &r->port_platform;
    r->board.led = &r->port_led;
    r->board.device_secret = &r->port_secret;
    r->board.progress = &r->port_progress;
    r->board.trace = trace;
    r->board.trace_ctx = r;
}

static void lend_memory(struct rig *r, uint32_t slot_cap)
{
    r->board.crypto_pool = (span){aligned_alloc(16, POOL_SIZE), POOL_SIZE};
    if (!r->board.crypto_pool.p) die("no memory");
    memset(r->board.crypto_pool.p, 0xA5, POOL_SIZE);
    r->board.slots = must_alloc(slot_cap * sizeof *r->board.slots);
    r->board.slot_cap = slot_cap;
    r->hsm = must_alloc(sizeof *r->hsm);
    memset(r->hsm, 0xA5, sizeof *r->hsm);
}

struct rig *rig_new(const struct rig_options *o)
{
    static const uint8_t serial[HSM_SERIAL_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct rig *r = must_alloc(sizeof *r);
    r->presence.answer = true;
    r->entropy.state = o->seed;
    for (unsigned i = 0; i < sizeof r->secret; i++) r->secret[i] = (uint8_t)(0xD0 + i);
    lend_ports(r);
    r->port_secret.present = !o->no_device_secret;
    r->board.profile.pin_rounds = o->pin_rounds ? o->pin_rounds : 1;
    r->board.profile.pin_rounds_max = o->pin_rounds_max ? o->pin_rounds_max : 1000;
    r->board.profile.presence_ms = 15000;
    memcpy(r->board.profile.serial, serial, sizeof serial);
    lend_memory(r, o->slot_cap ? o->slot_cap : 4096);
    rig_flash_new(r, o->sector_count ? o->sector_count : 128, o->seed);
    return r;
}

status rig_open(struct rig *r)
{
    status st = hsm_open(r->hsm, &r->board);
    r->open = st == ST_OK;
    return st;
}

struct rig *rig_start(uint64_t seed)
{
    struct rig *r = rig_new(&(struct rig_options){.seed = seed});
    if (rig_open(r) != ST_OK) die("a blank card does not start");
    return r;
}

void rig_power_off(struct rig *r)
{
    if (r->open) hsm_close(r->hsm);
    r->open = false;
    memset(r->hsm, 0xA5, sizeof *r->hsm);
    memset(r->board.crypto_pool.p, 0xA5, r->board.crypto_pool.n);
}

status rig_power_cycle(struct rig *r)
{
    rig_power_off(r);
    return rig_open(r);
}

void rig_reset(struct rig *r)
{
    hsm_reset(r->hsm);
}

void rig_stop(struct rig *r)
{
    rig_power_off(r);
    rig_forget(r);
    rig_flash_free(r);
    free(r->board.crypto_pool.p);
    free(r->board.slots);
    free(r->hsm);
    free(r);
}

/* ---- commands ---- */

struct answer rig_send_bytes(struct rig *r, bytes raw)
{
    bytes cut = rig_copy(r, raw);
    bytes out = hsm_command(r->hsm, r->link, cut);
    if (out.n < 2 || out.n > HSM_REPLY_MAX) die("an answer without status word, or too long");
    return (struct answer){rig_copy(r, bytes_first(out, out.n - 2)), (uint16_t)be_get(bytes_after(out, out.n - 2))};
}

struct answer rig_send(struct rig *r, const char *hex)
{
    return rig_send_bytes(r, rig_hex(r, hex));
}

struct answer rig_command(struct rig *r, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t ne)
{
    span raw = new_block(r, data.n + APDU_OVERHEAD);
    buf b = buf_over(raw);
    struct apdu a = {.cla = cla, .ins = ins, .p1 = p1, .p2 = p2, .data = data, .ne = ne};
    if (apdu_write(&a, &b) != ST_OK) die("no such APDU");
    return rig_send_bytes(r, written(&b));
}

struct answer rig_command_hex(struct rig *r, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const char *data,
                              uint32_t ne)
{
    return rig_command(r, cla, ins, p1, p2, rig_hex(r, data), ne);
}

struct answer rig_select(struct rig *r)
{
    return rig_send(r, "00A404000B" RIG_AID "00");
}

struct answer rig_login(struct rig *r)
{
    return rig_command_hex(r, 0x00, 0x20, 0x00, 0x81, RIG_USER_PIN, 0);
}

struct answer rig_login_so(struct rig *r)
{
    return rig_command_hex(r, 0x00, 0x20, 0x00, 0x88, RIG_SO_PIN, 0);
}

struct answer rig_initialise(struct rig *r, const char *more)
{
    char data[1024];
    if (snprintf(data, sizeof data, "8106" RIG_USER_PIN "8208" RIG_SO_PIN "%s", more) >= (int)sizeof data) die(more);
    return rig_command_hex(r, 0x80, 0x50, 0x00, 0x00, data, 0);
}

struct rig *rig_ready(uint64_t seed, const char *more)
{
    struct rig *r = rig_start(seed);
    if (rig_select(r).sw != 0x9000) die("SELECT failed");
    if (rig_initialise(r, more).sw != 0x9000) die("INITIALIZE failed");
    return r;
}

/* ---- keys ---- */

static struct answer generate(struct rig *r, uint8_t id, bytes public_key, const char *more)
{
    span data = new_block(r, 1024);
    buf b = buf_over(data);
    put_bytes(&b, rig_hex(r, "5F290100 4209 555443413030303031"));
    tlv_put(&b, 0x7F49, public_key);
    put_bytes(&b, rig_hex(r, "5F200D 55544344554D4D593030303031"));
    put_bytes(&b, rig_hex(r, more));
    if (b.full) die("key template too long");
    return rig_command(r, 0x00, 0x46, id, 0x00, written(&b), 65536);
}

struct answer rig_generate_ec(struct rig *r, uint8_t id, enum crypto_curve curve, const char *more)
{
    const struct crypto_curve_params *c = crypto_curve_params(curve);
    uint8_t content[600];
    buf b = BUF(content);
    put_bytes(&b, rig_hex(r, "060A04007F00070202020203"));
    tlv_put(&b, 0x81, c->p);
    tlv_put(&b, 0x82, c->a);
    tlv_put(&b, 0x83, c->b);
    tlv_put(&b, 0x84, c->g);
    tlv_put(&b, 0x85, c->n);
    tlv_put_u8(&b, 0x87, 1);
    return generate(r, id, written(&b), more);
}

struct answer rig_generate_okp(struct rig *r, uint8_t id, enum crypto_okp okp, const char *more)
{
    const struct crypto_okp_params *c = crypto_okp_params(okp);
    uint8_t content[300];
    buf b = BUF(content);
    put_bytes(&b, rig_hex(r, "060A04007F00070202020203"));
    tlv_put(&b, 0x81, c->p);
    tlv_put(&b, 0x82, c->order);
    tlv_put(&b, 0x83, c->base);
    return generate(r, id, written(&b), more);
}

struct answer rig_generate_rsa(struct rig *r, uint8_t id, uint16_t bits, uint32_t e, const char *more)
{
    uint8_t content[64], exponent[4];
    buf b = BUF(content);
    be_put(SPAN(exponent), e);
    put_bytes(&b, rig_hex(r, "060A04007F00070202020102"));
    if (e) tlv_put(&b, 0x82, bytes_trimmed(BYTES(exponent)));
    tlv_put_u16(&b, 0x02, bits);
    return generate(r, id, written(&b), more);
}

/* ---- files ---- */

static void put_offset(buf *b, uint32_t at)
{
    uint8_t offset[4];
    be_put(SPAN(offset), at);
    tlv_put(b, 0x54, BYTES(offset));
}

struct answer rig_update(struct rig *r, uint16_t fid, uint32_t at, bytes content)
{
    span data = new_block(r, content.n + 16);
    buf b = buf_over(data);
    put_offset(&b, at);
    tlv_put(&b, 0x53, content);
    return rig_command(r, 0x00, 0xD7, (uint8_t)(fid >> 8), (uint8_t)fid, written(&b), 0);
}

struct answer rig_read(struct rig *r, uint16_t fid, uint32_t at, uint32_t ne)
{
    uint8_t data[6];
    buf b = BUF(data);
    put_offset(&b, at);
    return rig_command(r, 0x00, 0xB1, (uint8_t)(fid >> 8), (uint8_t)fid, written(&b), ne);
}

struct answer rig_delete(struct rig *r, uint16_t fid)
{
    uint8_t data[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
    return rig_command(r, 0x00, 0xE4, 0x00, 0x00, BYTES(data), 0);
}

struct answer rig_list(struct rig *r)
{
    return rig_send(r, "80580000000000");
}

struct answer rig_select_file(struct rig *r, uint16_t fid)
{
    uint8_t data[2] = {(uint8_t)(fid >> 8), (uint8_t)fid};
    return rig_command(r, 0x00, 0xA4, 0x00, 0x00, BYTES(data), 256);
}

uint32_t rig_generation(struct rig *r)
{
    struct answer a = rig_send(r, "00B12F1F0454020000 04");
    if (a.sw != 0x9000 || a.data.n != 4) die("no object generation");
    return be_get(a.data);
}
