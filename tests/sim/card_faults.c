/* SPDX-License-Identifier: Apache-2.0 */
/* Lets hardware refuse at the worst moments: flash, memory for the mathematics, entropy, the button, a host that gives up.
 *
 * Out must come a status word. Whoever was refused is not logged in, no root key stays where nobody is logged in, and the
 * card shows the state before the command or the one after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/objects.h"
#include "rig/refuse_memory.h"
#include "tests/sim/card_scenes.h"
#include "tests/sim/card_view.h"

#include <stdio.h>
#include <stdlib.h>

#define SEED 515u

/* ---- what must hold whatever happened ---- */

static void expect(const struct scene *s, uint32_t n, bool holds, const char *rule)
{
    if (!holds) fail_msg("%s, fault %u: %s", s->name, n + 1, rule);
}

static bool somebody_in(const struct hsm *h)
{
    return h->session.user_verified || h->session.so_verified || h->session.initialised_here;
}

static void check_session(const struct scene *s, uint32_t n, struct rig *r, uint16_t sw)
{
    const struct hsm *h = r->hsm;
    bool open = h->vault.root_open;
    expect(s, n, open || ct_is_zero(BYTES(h->vault.root)), "a root key is left behind");
    expect(s, n, open || !h->vault.kept[VAULT_ROOT].key, "a secret stays open without the root");
    expect(s, n, !open || somebody_in(h), "the root is open and nobody is logged in");
    if (sw == s->sw || !s->logs_out) return;
    expect(s, n, !somebody_in(h), "somebody is logged in by a command that failed");
    expect(s, n, rig_send(r, "00200081").sw != 0x9000, "the PIN counts as verified");
    expect(s, n, rig_command_hex(r, 0x80, INS_SIGN, 1, ALG_ECDSA, "11", 256).sw != 0x9000, "a key signs");
}

static void check_state(const struct scene *s, uint32_t n, struct bench *b, const struct view *before,
                        const struct view *after, uint16_t sw)
{
    struct view now;
    expect(s, n, bench_power_on(b) == ST_OK, "the card does not start any more");
    view_take(b->rig, &now);
    bool is_old = view_same(&now, before), is_new = view_same(&now, after);
    if (!is_old && !is_new) view_print_difference(before, &now);
    expect(s, n, is_old || is_new, "neither old nor new");
    expect(s, n, is_new || sw != s->sw, "done, said the card, but it is not");
    for (unsigned i = 0; i < VIEW_KEYS; i++) {
        expect(s, n, now.uses[i] <= before->uses[i] || now.uses[i] == after->uses[i], "uses were won");
    }
    expect(s, n, now.user_tries <= before->user_tries || now.user_tries == after->user_tries, "tries were won");
    expect(s, n, now.so_tries <= before->so_tries || now.so_tries == after->so_tries, "tries of the SO-PIN were won");
}

/* Both views that are allowed; b stands at the kept moment afterwards. Returns flash operations of the command. */
static uint32_t look(struct bench *b, const struct scene *s, struct view *before, struct view *after)
{
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, before);
    bench_back(b, SEED);
    assert_int_equal(s->act(b->rig).sw, s->sw);
    uint32_t ops = bench_ops(b);
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, after);
    bench_back(b, 0);
    return ops;
}

/* ---- flash ---- */

/* The n-th operation is refused: once, or from there on. */
static void refuse_flash(const struct scene *s, uint32_t count)
{
    struct bench *b = scene_set(s, SEED);
    struct view before, after;
    uint32_t ops = look(b, s, &before, &after), step = s->slow ? 16 : 1;
    for (uint32_t n = 0; n < ops; n += step) {
        bench_back(b, 0);
        bench_fail_after(b, n, count);
        struct answer a = s->act(b->rig);
        expect(s, n, a.sw == s->sw || a.data.n == 0, "an answer beside an error");
        check_session(s, n, b->rig, a.sw);
        check_state(s, n, b, &before, &after, a.sw);
    }
    bench_free(b);
}

static void flash_refuses_once(void **state)
{
    for (size_t i = 0; i < scene_count; i++) refuse_flash(&scenes[i], 1);
}

static void flash_refuses_for_good(void **state)
{
    for (size_t i = 0; i < scene_count; i++) refuse_flash(&scenes[i], UINT32_MAX);
}

/* At the first start the same; without flash there is no card. */
static void flash_refuses_at_the_first_start(void **state)
{
    status st = ST_FLASH;
    for (uint32_t n = 0; n < 200 && st != ST_OK; n++) {
        struct bench *b = bench_new(SEED);
        bench_fail_after(b, n, UINT32_MAX);
        st = rig_open(b->rig);
        if (st != ST_OK) {
            assert_true(ct_is_zero(BYTES(b->rig->hsm->vault.device_key)));
            assert_int_equal(bench_power_on(b), ST_OK);
        }
        bench_free(b);
    }
    assert_int_equal(st, ST_OK);
}

/* ---- memory for the mathematics ---- */

/* Every allocation of the crypto library fails in its turn: every call into it, that is. */
static void refuse_memory(const struct scene *s)
{
    struct bench *b = scene_set(s, SEED);
    struct view before, after;
    look(b, s, &before, &after);
    uint16_t sw = 0;
    uint32_t n = 0;
    for (bool reached = true; reached; n += s->slow ? 50 : 1) {
        bench_back(b, 0);
        refuse_memory_at(n + 1);
        struct answer a = s->act(b->rig);
        reached = refuse_memory_did();
        refuse_memory_at(0);
        sw = a.sw;
        expect(s, n, sw == s->sw || a.data.n == 0, "an answer beside an error");
        check_session(s, n, b->rig, sw);
        check_state(s, n, b, &before, &after, sw);
    }
    expect(s, n, sw == s->sw, "fails although memory suffices");
    print_message("%-26s %u allocations\n", s->name, n);
    bench_free(b);
}

static void memory_is_refused(void **state)
{
    for (size_t i = 0; i < scene_count; i++) refuse_memory(&scenes[i]);
}

/* ---- entropy ---- */

/* Silent from the n-th read on: no card opens, none keeps a key. */
static void entropy_is_silent_at_open(void **state)
{
    struct bench *b = bench_ready(SEED, "");
    bench_keep(b);
    unsigned reads = 0;
    for (unsigned n = 1;; n++) {
        bench_back(b, 0);
        rig_power_off(b->rig);
        b->rig->entropy.calls = 0;
        b->rig->entropy.fail_at = n;
        status st = rig_open(b->rig);
        if (st == ST_OK) break;
        assert_int_equal(st, ST_EXECUTION);
        assert_true(ct_is_zero(BYTES(b->rig->hsm->vault.root)));
        assert_true(ct_is_zero(BYTES(b->rig->hsm->vault.device_key)));
        assert_true(ct_is_zero(BYTES(b->rig->hsm->crypto.drbg.key)));
        reads++;
    }
    assert_true(reads > 0);
    bench_free(b);
}

/* The source dies while the card runs; the next reseeding finds out. */
static void entropy_dies(void **state)
{
    for (size_t i = 0; i < scene_count; i++) {
        const struct scene *s = &scenes[i];
        struct bench *b = scene_set(s, SEED);
        struct view before, after;
        look(b, s, &before, &after);
        b->rig->hsm->crypto.drbg.requests_since_seed = UINT32_MAX;
        b->rig->entropy.fail_at = 1;
        struct answer a = s->act(b->rig);
        expect(s, 0, a.sw == 0x6400 && a.data.n == 0, "works without random numbers");
        check_session(s, 0, b->rig, a.sw);
        b->rig->entropy.fail_at = 0;
        check_state(s, 0, b, &before, &after, a.sw);
        bench_free(b);
    }
}

/* ---- the button ---- */

static void expect_not_confirmed(struct bench *b, struct answer a, const struct view *before)
{
    struct view now;
    assert_int_equal(a.sw, 0x6600);
    assert_int_equal(a.data.n, 0);
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, &now);
    if (!view_same(&now, before)) view_print_difference(before, &now);
    assert_true(view_same(&now, before));
    for (unsigned i = 0; i < VIEW_KEYS; i++) assert_int_equal(now.uses[i], before->uses[i]);
    assert_int_equal(now.user_tries, before->user_tries);
    assert_int_equal(now.so_tries, before->so_tries);
}

static struct answer sign(struct rig *r)
{
    return rig_command_hex(r, 0x80, INS_SIGN, 2, ALG_ECDSA, "1122", 256);
}
static struct answer agree(struct rig *r)
{
    return rig_command(r, 0x80, INS_DECIPHER, 2, ALG_ECDH, crypto_curve_params(CRYPTO_SECP256R1)->g, 256);
}
static struct answer generate(struct rig *r)
{
    return rig_generate_ec(r, 2, CRYPTO_SECP256R1, "");
}
static struct answer initialise(struct rig *r)
{
    return rig_initialise(r, "80020000");
}

/* With the policy that makes INITIALIZE check the SO-PIN: no try is charged before the button is pressed. */
static void button_is_not_pressed(void **state)
{
    static struct answer (*const acts[])(struct rig * r) = {sign, agree, generate, initialise};
    struct bench *b = bench_ready(SEED, "80020100 9A020001");
    struct view before;
    assert_int_equal(rig_generate_ec(b->rig, 2, CRYPTO_SECP256R1, "900400000009").sw, 0x9000);
    bench_keep(b);
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, &before);
    for (size_t i = 0; i < COUNT(acts); i++) {
        bench_back(b, 0);
        b->rig->presence.answer = false;
        struct answer a = acts[i](b->rig);
        assert_int_equal(bench_ops(b), 0);
        b->rig->presence.answer = true;
        expect_not_confirmed(b, a, &before);
    }
    bench_free(b);
}

/* ---- a host that gives up ---- */

static void expect_stopped(struct bench *b, const struct scene *s)
{
    struct view before, after;
    look(b, s, &before, &after);
    for (unsigned n = 1;; n++) {
        bench_back(b, 0);
        b->rig->progress.ticks = 0;
        b->rig->progress.stop_at = n;
        struct answer a = s->act(b->rig);
        bool stopped = b->rig->progress.ticks >= n;
        b->rig->progress.stop_at = 0;
        check_session(s, n - 1, b->rig, a.sw);
        check_state(s, n - 1, b, &before, &after, a.sw);
        if (!stopped) break;
    }
}

/* Slow PINs, so that there is something to give up; and an RSA key. */
static void host_gives_up(void **state)
{
    for (size_t i = 0; i < scene_count; i++) {
        const struct scene *s = &scenes[i];
        if (!s->slow && !s->charges && !s->virgin) continue;
        struct bench *b = scene_set(s, SEED);
        b->rig->board.profile.pin_rounds = 3000;
        bench_keep(b);
        expect_stopped(b, s);
        bench_free(b);
    }
}

/* ---- charge first ---- */

/* While a PIN is stretched the plug is pulled: what lies in flash at that instant must have charged the try. */
struct spy {
    struct bench *b;
    struct sim_nor *copy;
};

static bool copy_at_first_tick(void *ctx)
{
    struct spy *spy = ctx;
    if (!spy->copy) spy->copy = sim_nor_copy(spy->b->sim);
    return true;
}

static int tries_in(struct bench *b, struct sim_nor *chip, uint8_t ref)
{
    struct view v;
    bench_back(b, 0);
    memcpy(b->sim->image, chip->image, sim_nor_size(chip));
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, &v);
    return ref == PIN_USER ? v.user_tries : v.so_tries;
}

static void a_try_is_charged_before_the_pin_is_touched(void **state)
{
    static const struct {
        const char *ins_p1p2;
        uint8_t ref;
        const char *data;
    } guesses[] = {
        {"20", PIN_USER, RIG_USER_PIN},
        {"20", PIN_USER, "313131313131"},
        {"20", PIN_SO, RIG_SO_PIN},
        {"20", PIN_SO, "3131313131313131"},
        {"24", PIN_USER, RIG_USER_PIN VIEW_OTHER_PIN},
        {"24", PIN_USER, "313131313131" VIEW_OTHER_PIN},
        {"24", PIN_SO, RIG_SO_PIN VIEW_OTHER_SO},
        {"2C", PIN_USER, RIG_SO_PIN VIEW_OTHER_PIN},
        {"2C", PIN_USER, "3131313131313131" VIEW_OTHER_PIN},
    };
    struct bench *b = bench_new(SEED);
    b->rig->board.profile.pin_rounds = 3000; /* so that progress is reported in between */
    assert_int_equal(rig_open(b->rig), ST_OK);
    assert_int_equal(rig_select(b->rig).sw, 0x9000);
    assert_int_equal(rig_initialise(b->rig, "80020021").sw, 0x9000);
    bench_keep(b);
    for (size_t i = 0; i < COUNT(guesses); i++) {
        struct spy spy = {b, NULL};
        bench_back(b, 0);
        struct progress kept = b->rig->port_progress;
        b->rig->port_progress = (struct progress){&spy, copy_at_first_tick};
        uint8_t ins = rig_hex(b->rig, guesses[i].ins_p1p2).p[0];
        rig_command_hex(b->rig, 0x00, ins, 0, guesses[i].ref, guesses[i].data, 0);
        b->rig->port_progress = kept;
        assert_non_null(spy.copy);
        uint8_t charged = ins == 0x2C ? PIN_SO : guesses[i].ref;
        assert_int_equal(tries_in(b, spy.copy, charged), charged == PIN_SO ? 14 : 2);
        sim_nor_free(spy.copy);
    }
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flash_refuses_once),
        cmocka_unit_test(flash_refuses_for_good),
        cmocka_unit_test(flash_refuses_at_the_first_start),
        cmocka_unit_test(memory_is_refused),
        cmocka_unit_test(entropy_is_silent_at_open),
        cmocka_unit_test(entropy_dies),
        cmocka_unit_test(button_is_not_pressed),
        cmocka_unit_test(host_gives_up),
        cmocka_unit_test(a_try_is_charged_before_the_pin_is_touched),
    };
    return cmocka_run_group_tests_name("card_faults", tests, NULL, NULL);
}
