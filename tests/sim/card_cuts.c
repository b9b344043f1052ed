/* SPDX-License-Identifier: Apache-2.0 */
/* Pulls the plug at every flash operation of every command that changes flash, four times with other torn bits each.
 *
 * Afterwards the card must start, and be as it was or as it should have become, never a mix; tries and uses must be
 * what they were, or charged, or what the finished command leaves; and of a secret that was deleted or replaced
 * nothing may be left in the cells. Every other time the plug is pulled again while the card recovers.
 * Arguments: [SEED [FIRST LAST]], numbers of the scenes' table; `make soak` gives other seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/card_scenes.h"
#include "tests/sim/card_view.h"
#include "wire/schsm.h"

#include <stdio.h>
#include <stdlib.h>

#define TORN_SEEDS 4u
#define SLOW_STEP 16u

struct trial {
    const struct scene *scene;
    struct bench *b;
    struct view before, after; /* what the two allowed outcomes look like */
    uint32_t cut;
    uint64_t torn_seed;
};

static unsigned cuts_made, cuts_again;
static uint64_t card_seed = 20260;
static size_t first_scene, last_scene;

/* A failure that can be repeated: the scene, the operation and the seed. */
static void expect(const struct trial *t, bool holds, const char *rule)
{
    if (holds) return;
    fail_msg("seed %llu, %s, power cut in operation %u, torn with seed %llu: %s", (unsigned long long)card_seed,
             t->scene->name, t->cut + 1, (unsigned long long)t->torn_seed, rule);
}

/* ---- what is allowed ---- */

static bool tries_ok(const struct scene *s, uint8_t ref, bool became, int before, int after, int now)
{
    if (became) return now == after;
    bool charged = s->charges == ref;
    return now == before || (charged && now == before - 1) || (charged && s->gives_back && now == after);
}

static void check_tries(const struct trial *t, const struct view *now, bool finished)
{
    /* A command that changes no object has become what it should only when it says so. */
    bool told_apart = !view_same(&t->before, &t->after);
    bool became = finished || (told_apart && view_same(now, &t->after));
    expect(t, tries_ok(t->scene, PIN_USER, became, t->before.user_tries, t->after.user_tries, now->user_tries),
           "tries of the user PIN");
    expect(t, tries_ok(t->scene, PIN_SO, became, t->before.so_tries, t->after.so_tries, now->so_tries),
           "tries of the SO-PIN");
    for (unsigned i = 0; i < VIEW_KEYS; i++) {
        bool ok = now->uses[i] == t->after.uses[i] || (!became && now->uses[i] == t->before.uses[i]);
        expect(t, ok, "uses of a key");
    }
}

static void check_objects(const struct trial *t, const struct view *now, bool finished)
{
    bool old = view_same(now, &t->before), new = view_same(now, &t->after);
    if (!old && !new) {
        fprintf(stderr, "to the old state:\n");
        view_print_difference(&t->before, now);
        fprintf(stderr, "to the new state:\n");
        view_print_difference(&t->after, now);
    }
    expect(t, old || new, "neither the old state nor the new one");
    expect(t, new || !finished, "answered, but the old state is back");
    expect(t, now->user_in || !t->before.user_in || !t->after.user_in, "no PIN opens the card");
}

/* Nothing of a replaced secret is left once the change is made. Right after power-on, before anything else is written. */
static void check_cells(const struct trial *t, bytes cells, const struct view *now, bool finished)
{
    bool became = finished || (view_same(now, &t->after) && !view_same(now, &t->before));
    if (!became) return;
    const struct bench_mark *m = bench_mark_found(t->b, cells);
    if (m) fprintf(stderr, "value %08X is still there\n", m->key);
    expect(t, m == NULL, "an old secret is left in flash");
}

/* ---- one cut ---- */

/* Pulls the plug in the middle of the recovery, too. */
static void cut_recovery(const struct trial *t, uint32_t n)
{
    status st = bench_power_on_but_cut(t->b, n);
    cuts_again += bench_is_cut(t->b);
    expect(t, st == ST_OK || (st == ST_FLASH && bench_is_cut(t->b)), "the card gave up in its second power cut");
}

static void try_cut(const struct trial *t)
{
    struct view now;
    bench_back(t->b, t->torn_seed);
    bench_cut_after(t->b, t->cut);
    bool finished = t->scene->act(t->b->rig).sw == t->scene->sw;
    expect(t, bench_is_cut(t->b), "the command has fewer operations than the last time");
    if (finished) expect(t, bench_mark_found(t->b, bench_cells(t->b)) == NULL, "an old secret is left at the answer");
    if (t->torn_seed % 2) cut_recovery(t, (uint32_t)(t->cut * 5 + t->torn_seed + card_seed) % 7);
    status st = bench_power_on(t->b);
    expect(t, st == ST_OK, status_text(st));
    bytes cells = rig_copy(t->b->rig, bench_cells(t->b));
    struct rig_block *held = t->b->rig->blocks; /* view_take frees what the rig handed out */
    t->b->rig->blocks = NULL;
    view_take(t->b->rig, &now);
    check_objects(t, &now, finished);
    check_tries(t, &now, finished);
    check_cells(t, cells, &now, finished);
    t->b->rig->blocks = held;
    rig_forget(t->b->rig);
    cuts_made++;
}

/* ---- one scene ---- */

static void look_at_outcomes(struct trial *t)
{
    if (t->b->mark_count) expect(t, bench_mark_found(t->b, bench_cells(t->b)) != NULL, "the marks were never there");
    assert_int_equal(bench_power_on(t->b), ST_OK);
    view_take(t->b->rig, &t->before);
    bench_back(t->b, 0);
    assert_int_equal(t->scene->act(t->b->rig).sw, t->scene->sw);
    expect(t, bench_mark_found(t->b, bench_cells(t->b)) == NULL, "an old secret outlives the command");
}

/* What the finished command must have charged: both outcomes above come from the card itself. */
static void check_charges(struct trial *t)
{
    const struct scene *s = t->scene;
    int user_cost = s->charges == PIN_USER && !s->gives_back, so_cost = s->charges == PIN_SO && !s->gives_back;
    if (s->charges && !s->gives_back) {
        assert_int_equal(t->after.user_tries, t->before.user_tries - user_cost);
        assert_int_equal(t->after.so_tries, t->before.so_tries - so_cost);
    }
    if (s->spends_key_2) assert_int_equal(t->after.uses[1], t->before.uses[1] - 1);
    bool changes = !s->charges && !s->spends_key_2;
    if (changes) assert_false(view_same(&t->before, &t->after));
}

static void cut_scene(const struct scene *s)
{
    struct trial *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->scene = s;
    t->b = scene_set(s, card_seed);
    look_at_outcomes(t);
    uint32_t ops = bench_ops(t->b);
    assert_int_equal(bench_power_on(t->b), ST_OK);
    view_take(t->b->rig, &t->after);
    check_charges(t);
    uint32_t step = s->slow ? SLOW_STEP : 1, seeds = s->slow ? 1 : TORN_SEEDS;
    for (t->cut = 0; t->cut < ops; t->cut += step) {
        for (t->torn_seed = 0; t->torn_seed < seeds; t->torn_seed++) try_cut(t);
    }
    print_message("%-26s %4u operations\n", s->name, ops);
    bench_free(t->b);
    free(t);
}

static void power_cuts(void **state)
{
    for (size_t i = first_scene; i <= last_scene && i < scene_count; i++) cut_scene(&scenes[i]);
    print_message("%u cuts, %u more during recovery\n", cuts_made, cuts_again);
}

/* ---- the first start ---- */

/* A blank chip becomes a card whatever happens to its power meanwhile. */
static void first_start_is_cut(void **state)
{
    struct view v;
    bool done = false;
    for (uint32_t cut = 0; !done; cut++) {
        for (uint64_t seed = 0; seed < TORN_SEEDS; seed++) {
            struct bench *b = bench_new(card_seed + cut);
            bench_keep(b);
            bench_back(b, seed);
            bench_cut_after(b, cut);
            done = rig_open(b->rig) == ST_OK;
            assert_int_equal(done, !bench_is_cut(b));
            if (bench_power_on(b) != ST_OK)
                fail_msg("first start, cut in operation %u, seed %u", cut + 1, (unsigned)seed);
            view_take(b->rig, &v);
            assert_int_equal(v.user_tries, NO_TRIES);
            assert_int_equal(rig_generation(b->rig), 1);
            assert_int_equal(rig_initialise(b->rig, "").sw, 0x9000);
            bench_free(b);
            cuts_made++;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) card_seed = strtoull(argv[1], NULL, 10);
    first_scene = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
    last_scene = argc > 3 ? strtoul(argv[3], NULL, 10) : scene_count;
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_start_is_cut), cmocka_unit_test(power_cuts)};
    return cmocka_run_group_tests_name("card_cuts", tests, NULL, NULL);
}
