/* SPDX-License-Identifier: Apache-2.0 */
/* Puts old values back beside new ones, swaps, drops, cuts and flips values, as somebody with a flash programmer would.
 *
 * The values are written with the store's own functions, so that nothing but the vault can notice. A card must refuse to
 * open, leaving the flash as it is, or must refuse what was tampered with. One thing is accepted, and this test says
 * so: a whole old image (docs/vault.md, "first: what is not protected"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/objects.h"
#include "tests/sim/card_scenes.h"
#include "tests/sim/card_view.h"

#include <stdio.h>
#include <stdlib.h>

#define SEED 77u
#define VALUES_MAX 128u

struct value {
    uint32_t key;
    size_t size;
    uint8_t sealed[2048];
};

struct values {
    size_t count;
    struct value v[VALUES_MAX];
};

/* ---- the flash programmer ---- */

static struct values *values_of(struct store *s)
{
    struct values *all = calloc(1, sizeof *all);
    assert_non_null(all);
    for (uint32_t key = store_next(s, 1); key; key = store_next(s, key + 1)) {
        assert_true(all->count < VALUES_MAX);
        struct value *v = &all->v[all->count++];
        v->key = key;
        assert_int_equal(store_size(s, key, &v->size), ST_OK);
        assert_true(v->size <= sizeof v->sealed);
        assert_int_equal(store_read(s, key, 0, (span){v->sealed, v->size}), ST_OK);
    }
    return all;
}

static const struct value *find(const struct values *all, uint32_t key)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->v[i].key == key) return &all->v[i];
    }
    return NULL;
}

static bool same_value(const struct value *a, const struct value *b)
{
    return a && b && a->size == b->size && memcmp(a->sealed, b->sealed, a->size) == 0;
}

/* Writes `value` (NULL: nothing) in the place of `key`; the store is open. */
static void plant(struct store *s, uint32_t key, const struct value *value)
{
    size_t size;
    assert_int_equal(store_begin(s), ST_OK);
    if (value) assert_int_equal(store_put(s, key, (bytes){value->sealed, value->size}, 0), ST_OK);
    else if (store_size(s, key, &size) == ST_OK) assert_int_equal(store_delete(s, key), ST_OK);
    assert_int_equal(store_commit(s, NULL), ST_OK);
}

/* The chip is taken out of the card: bench_back, power off, store open. */
static void take_out(struct bench *b, struct store *s)
{
    bench_back(b, SEED);
    rig_power_off(b->rig);
    memset(s, 0, sizeof *s);
    assert_int_equal(store_open(s, b->rig->board.nor, b->rig->board.slots, b->rig->board.slot_cap), ST_OK);
}

/* The card must refuse the chip and leave it as it is. */
static void expect_refused(struct bench *b, uint32_t key, const char *deed)
{
    bytes before = rig_copy(b->rig, bench_cells(b));
    status st = rig_open(b->rig);
    bool birth = key == OBJECT_BIRTH && (st == ST_DATA_NOT_USABLE || st == ST_NOT_SUPPORTED);
    if (st != ST_BAD_DATA && !birth) fail_msg("%s, value %08X: the card says \"%s\"", deed, key, status_text(st));
    if (!bytes_equal(before, bench_cells(b))) fail_msg("%s, value %08X: the refused flash was changed", deed, key);
    rig_forget(b->rig);
}

/* ---- old values beside new ones ---- */

static const struct scene *scene_named(const char *name)
{
    for (size_t i = 0; i < scene_count; i++) {
        if (strcmp(scenes[i].name, name) == 0) return &scenes[i];
    }
    fail_msg("no scene %s", name);
    return NULL;
}

static unsigned replay_each(struct bench *b, const struct values *old, const struct values *new, const char *name)
{
    struct store s;
    unsigned count = 0;
    for (size_t i = 0; i < old->count; i++) {
        uint32_t key = old->v[i].key;
        if (same_value(&old->v[i], find(new, key))) continue;
        take_out(b, &s);
        plant(&s, key, &old->v[i]); /* replaced, or deleted and back again */
        expect_refused(b, key, name);
        count++;
    }
    for (size_t i = 0; i < new->count; i++) {
        if (find(old, new->v[i].key)) continue;
        take_out(b, &s);
        plant(&s, new->v[i].key, NULL); /* was not there before */
        expect_refused(b, new->v[i].key, name);
        count++;
    }
    return count;
}

/* All old values but one, which stays new: a rollback that is not whole. */
static void replay_all_but_one(struct bench *b, const struct values *old, const struct values *new, const char *name)
{
    struct store s;
    for (size_t keep = 0; keep < old->count; keep++) {
        const struct value *kept = find(new, old->v[keep].key);
        if (same_value(&old->v[keep], kept)) continue;
        take_out(b, &s);
        for (size_t i = 0; i < new->count; i++) {
            if (!find(old, new->v[i].key)) plant(&s, new->v[i].key, NULL);
        }
        for (size_t i = 0; i < old->count; i++) {
            if (i != keep && !same_value(&old->v[i], find(new, old->v[i].key))) plant(&s, old->v[i].key, &old->v[i]);
        }
        expect_refused(b, old->v[keep].key, name);
    }
}

static void replay_scene(const struct scene *scene)
{
    struct bench *b = scene_set(scene, SEED);
    struct values *old = values_of(&b->rig->hsm->store);
    assert_int_equal(scene->act(b->rig).sw, scene->sw);
    struct values *new = values_of(&b->rig->hsm->store);
    bench_keep(b);
    unsigned count = replay_each(b, old, new, scene->name);
    assert_true(count > 0); /* the state at least has changed */
    replay_all_but_one(b, old, new, scene->name);
    print_message("%-26s %u old values refused\n", scene->name, count);
    free(old);
    free(new);
    bench_free(b);
}

static void old_values_do_not_open(void **state)
{
    for (size_t i = 0; i < scene_count; i++) {
        if (!scenes[i].slow) replay_scene(&scenes[i]);
    }
}

/* ---- values out of place ---- */

static struct bench *furnished(struct values **all)
{
    struct bench *b = scene_set(scene_named("generate a key"), SEED);
    *all = values_of(&b->rig->hsm->store);
    return b;
}

static void swapped_values_are_refused(void **state)
{
    struct values *all;
    struct bench *b = furnished(&all);
    struct store s;
    for (size_t i = 0; i < all->count; i++) {
        for (size_t j = i + 1; j < all->count; j++) {
            take_out(b, &s);
            plant(&s, all->v[i].key, &all->v[j]);
            plant(&s, all->v[j].key, &all->v[i]);
            bool birth = all->v[i].key == OBJECT_BIRTH || all->v[j].key == OBJECT_BIRTH;
            expect_refused(b, birth ? OBJECT_BIRTH : all->v[i].key, "swapped");
        }
    }
    free(all);
    bench_free(b);
}

static void dropped_values_are_refused(void **state)
{
    struct values *all;
    struct bench *b = furnished(&all);
    struct store s;
    for (size_t i = 0; i < all->count; i++) {
        take_out(b, &s);
        plant(&s, all->v[i].key, NULL);
        expect_refused(b, all->v[i].key, "dropped");
    }
    free(all);
    bench_free(b);
}

/* Cut at the end, cut to nothing, or longer than it was. */
static void values_of_another_length_are_refused(void **state)
{
    struct values *all;
    struct bench *b = furnished(&all);
    struct store s;
    for (size_t i = 0; i < all->count; i++) {
        size_t n = all->v[i].size, sizes[] = {n - 1, n - 16, n / 2, 1, 0, n + 1};
        for (size_t k = 0; k < COUNT(sizes); k++) {
            struct value changed = all->v[i];
            changed.size = sizes[k];
            take_out(b, &s);
            plant(&s, changed.key, &changed);
            expect_refused(b, changed.key, "of another length");
        }
    }
    free(all);
    bench_free(b);
}

/* A value invented under an id of its own. */
static void foreign_values_are_refused(void **state)
{
    static const uint32_t places[] = {OBJECT_KEY(9), STORE_KEY(0xCF09, 0), STORE_KEY(0x1099, 0), STORE_KEY(0xCD05, 7)};
    struct values *all;
    struct bench *b = furnished(&all);
    struct store s;
    for (size_t i = 0; i < COUNT(places); i++) {
        take_out(b, &s);
        plant(&s, places[i], find(all, STORE_KEY(0xCF05, 0)));
        expect_refused(b, places[i], "added");
    }
    free(all);
    bench_free(b);
}

/* ---- damage that the checksum at open does not look at ---- */

/* Nothing a host can read needs the device key; only what it signs does. */
static bool device_key_works(struct bench *b)
{
    return rig_generate_ec(b->rig, 3, CRYPTO_SECP256R1, "").sw == 0x9000;
}

/* A share that arrives without login is there after the next one. */
static bool letterbox_works(struct bench *b)
{
    struct rig *r = b->rig;
    bool posted = rig_command_hex(r, 0x80, INS_KEY_DOMAIN, 3, 0, "", 0).sw == 0x6A88 &&
                  rig_command_hex(r, 0x80, INS_KEY_DOMAIN, 1, 0, "01", 0).sw == 0x9000 && rig_select(r).sw == 0x9000 &&
                  rig_command(r, 0x80, INS_KEY_DOMAIN, 0, 0, BYTES(r->secret), 0).sw == 0x9000;
    if (!posted || rig_login(r).sw != 0x9000) return false;
    struct answer a = rig_command_hex(r, 0x80, INS_KEY_DOMAIN, 0, 0, "", 256);
    return a.data.n == 10 && !ct_is_zero(bytes_after(a.data, 2));
}

/* The card that opened with this value: does it refuse what the value is for? */
static bool refuses(struct bench *b, uint32_t key, const struct view *whole)
{
    struct view hurt;
    view_take(b->rig, &hurt);
    if (!view_is_less(&hurt, whole)) {
        view_print_difference(whole, &hurt);
        return false;
    }
    bool seen = !view_same(&hurt, whole) || hurt.user_tries < 0 || hurt.so_tries < 0;
    if (key >> 16 == OBJECT_LETTERBOX_KEY >> 16) return seen || !letterbox_works(b);
    return seen || (key >> 16 == FID_DEVICE_KEY && !device_key_works(b));
}

/* A flipped bit anywhere is refused at open, or by every command that needs the value. */
static void flipped_bits_are_refused(void **state)
{
    struct values *all;
    struct bench *b = furnished(&all);
    struct store s;
    struct view whole;
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, &whole);
    assert_true(device_key_works(b));
    assert_true(letterbox_works(b));
    for (size_t i = 0; i < all->count; i++) {
        size_t n = all->v[i].size, places[] = {0, 3, 4, 15, 16, n / 2, n - 17, n - 16, n - 5, n - 4, n - 1};
        for (size_t k = 0; k < COUNT(places); k++) {
            struct value changed = all->v[i];
            changed.sealed[places[k]] ^= 0x10;
            take_out(b, &s);
            plant(&s, changed.key, &changed);
            if (rig_open(b->rig) != ST_OK || refuses(b, changed.key, &whole)) continue;
            fail_msg("value %08X, byte %zu: a flipped bit is taken for good", changed.key, places[k]);
        }
    }
    free(all);
    bench_free(b);
}

/* Swapped under the running card, which has already counted its values: each value knows its own place, too. */
static void a_value_cannot_stand_in_anothers_place(void **state)
{
    struct values *all;
    struct bench *b = furnished(&all);
    struct view whole, hurt;
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, &whole);
    for (size_t i = 0; i < all->count; i++) {
        for (size_t j = 0; j < all->count; j++) {
            if (all->v[i].key == OBJECT_BIRTH || all->v[i].key == OBJECT_STATE || i == j) continue;
            bench_back(b, SEED);
            rig_reset(b->rig);
            plant(&b->rig->hsm->store, all->v[i].key, &all->v[j]);
            view_take(b->rig, &hurt);
            if (view_is_less(&hurt, &whole)) continue;
            view_print_difference(&whole, &hurt);
            fail_msg("value %08X is taken in the place of %08X", all->v[j].key, all->v[i].key);
        }
    }
    free(all);
    bench_free(b);
}

/* ---- the documented limit ---- */

/* Restoring a whole old image cannot be noticed without a counter in the chip: the old PIN is back, and the old tries. */
static void a_whole_old_image_is_accepted(void **state)
{
    struct bench *b = scene_set(scene_named("change the PIN"), SEED);
    struct view before, after;
    bench_back(b, SEED);
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, &before);
    bench_back(b, SEED);
    assert_int_equal(scene_named("change the PIN")->act(b->rig).sw, 0x9000);
    bench_back(b, SEED); /* the programmer writes all old cells */
    assert_int_equal(bench_power_on(b), ST_OK);
    view_take(b->rig, &after);
    assert_true(view_same(&before, &after));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_values_do_not_open),
        cmocka_unit_test(swapped_values_are_refused),
        cmocka_unit_test(dropped_values_are_refused),
        cmocka_unit_test(values_of_another_length_are_refused),
        cmocka_unit_test(foreign_values_are_refused),
        cmocka_unit_test(flipped_bits_are_refused),
        cmocka_unit_test(a_value_cannot_stand_in_anothers_place),
        cmocka_unit_test(a_whole_old_image_is_accepted),
    };
    return cmocka_run_group_tests_name("card_replay", tests, NULL, NULL);
}
