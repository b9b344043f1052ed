/* SPDX-License-Identifier: Apache-2.0 */
/* Values that stay open in RAM (card/vault.h, vault_get_kept): they are what was put, and they are gone when anything was
 * committed or the root has closed. Secret keys are such values: every way in which a session ends must end them too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/objects.h"
#include "tests/unit/card/secret_common.h"

#define CBC_OF_P "61A6936E4E8F101C1CC1F993B542A0D4" /* openssl enc -aes-256-cbc, key KEY_32, IV 0 */

static const uint32_t value = OBJECT_HD_MASTER(9), other = OBJECT_HD_MASTER(8); /* any that nothing else uses */

/* ---- the vault ---- */

static bytes secret_of(size_t n)
{
    uint64_t seed = n;
    span s = exact_space(n);
    for (size_t i = 0; i < n; i++) s.p[i] = (uint8_t)sim_random(&seed);
    return view(s);
}

static void put(struct vault *v, uint32_t key, bytes bound, bytes plain)
{
    assert_int_equal(vault_begin(v), ST_OK);
    assert_int_equal(vault_put(v, key, VAULT_ROOT, bound, plain, STORE_SECRET), ST_OK);
    assert_int_equal(vault_commit(v, VAULT_BOOKKEEPING), ST_OK);
}

static void expect_kept(struct rig *r, uint32_t key, bytes bound, bytes plain, bool stays)
{
    for (int i = 0; i < 2; i++) {
        size_t size;
        span into = exact_space(plain.n);
        assert_int_equal(vault_get_kept(&r->hsm->vault, key, VAULT_ROOT, bound, into, &size), ST_OK);
        assert_int_equal(size, plain.n);
        assert_true(bytes_equal(view(into), plain));
        assert_int_equal(rig_ram_holds(r, plain), stays);
    }
}

static void a_value_stays_open(void **state)
{
    static const struct {
        size_t size, bound;
        bool stays;
    } rows[] = {{16, 0, true},
                {VAULT_KEPT_MAX, VAULT_KEPT_MAX, true},
                {VAULT_KEPT_MAX + 1, 0, false},
                {VAULT_PLAIN_MAX, VAULT_KEPT_MAX, false}};
    struct rig *r = rig_ready(1, "");
    for (size_t i = 0; i < COUNT(rows); i++) {
        bytes plain = secret_of(rows[i].size), bound = secret_of(rows[i].bound);
        size_t size;
        put(&r->hsm->vault, value, bound, plain);
        assert_int_equal(vault_get(&r->hsm->vault, value, VAULT_ROOT, bound, exact_space(plain.n), &size), ST_OK);
        assert_false(rig_ram_holds(r, plain)); /* reading as ever keeps nothing */
        expect_kept(r, value, bound, plain, rows[i].stays);
    }
    rig_stop(r);
}

static void only_the_last_one_stays(void **state)
{
    struct rig *r = rig_ready(2, "");
    bytes first = secret_of(20), second = secret_of(40);
    put(&r->hsm->vault, value, NO_BYTES, first);
    put(&r->hsm->vault, other, NO_BYTES, second);
    expect_kept(r, value, NO_BYTES, first, true);
    expect_kept(r, other, NO_BYTES, second, true);
    assert_false(rig_ram_holds(r, first));
    rig_stop(r);
}

/* What is asked of a value is asked of one that stays open too. */
static void it_is_as_hard_to_read(void **state)
{
    struct rig *r = rig_ready(3, "");
    struct vault *v = &r->hsm->vault;
    bytes plain = secret_of(32), bound = secret_of(8);
    size_t size = 1;
    put(v, value, bound, plain);
    expect_kept(r, value, bound, plain, true);
    assert_int_equal(vault_get_kept(v, value, VAULT_ROOT, bound, exact_space(31), &size), ST_BAD_LENGTH);
    assert_int_equal(vault_get_kept(v, value, VAULT_DEVICE, bound, exact_space(32), &size), ST_DATA_NOT_USABLE);
    assert_int_equal(vault_get_kept(v, other, VAULT_ROOT, bound, exact_space(32), &size), ST_NOT_FOUND);
    expect_kept(r, value, bound, plain, true);
    assert_int_equal(vault_get_kept(v, value, VAULT_ROOT, bytes_first(bound, 7), exact_space(32), &size),
                     ST_DATA_NOT_USABLE);
    expect_kept(r, value, bound, plain, true);
    rig_stop(r);
}

static void commit_something_else(struct vault *v)
{
    assert_int_equal(vault_begin(v), ST_OK);
    assert_int_equal(vault_put(v, other, VAULT_ROOT, NO_BYTES, TEXT("x"), 0), ST_OK);
    assert_int_equal(vault_commit(v, VAULT_BOOKKEEPING), ST_OK);
}

static void new_root(struct vault *v)
{
    assert_int_equal(vault_root_new(v), ST_OK);
}

static void (*const ends[])(struct vault *v) = {commit_something_else, vault_box_close, vault_root_lock, new_root,
                                                vault_close};

static void it_is_gone_when_it_must_go(void **state)
{
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct rig *r = rig_ready(4, "");
        bytes plain = secret_of(32);
        put(&r->hsm->vault, value, NO_BYTES, plain);
        expect_kept(r, value, NO_BYTES, plain, true);
        ends[i](&r->hsm->vault);
        assert_false(rig_ram_holds(r, plain));
        rig_stop(r);
    }
}

static void a_new_value_is_read(void **state)
{
    struct rig *r = rig_ready(5, "");
    bytes old = secret_of(32), new = secret_of(33);
    put(&r->hsm->vault, value, NO_BYTES, old);
    expect_kept(r, value, NO_BYTES, old, true);
    put(&r->hsm->vault, value, NO_BYTES, new);
    expect_kept(r, value, NO_BYTES, new, true);
    rig_stop(r);
}

/* ---- secret keys ---- */

static void use_key_1(struct rig *r)
{
    EXPECT_DATA(cipher(r, 1, 0x10, P, ALL), 0x9000, CBC_OF_P);
}

static void wrong_pin(struct rig *r)
{
    SEND(r, "0020008106393939393939", 0x63C2);
}

static void same_pin(struct rig *r)
{
    EXPECT_SW(rig_login(r), 0x9000);
}

static void wrong_pin_in_change(struct rig *r)
{
    SEND(r, "002400810C393939393939" RIG_USER_PIN, 0x63C2);
}

static void so_pin(struct rig *r)
{
    EXPECT_SW(rig_login_so(r), 0x9000);
}

static void select_again(struct rig *r)
{
    EXPECT_SW(rig_select(r), 0x9000);
}

static void initialise(struct rig *r)
{
    EXPECT_SW(rig_initialise(r, WITH_IMPORT), 0x9000);
}

static void delete_it(struct rig *r)
{
    EXPECT_SW(rig_delete(r, 0xCC01), 0x9000);
}

static void make_another_in_its_place(struct rig *r)
{
    EXPECT_SW(rig_command_hex(r, 0x80, 0x48, 1, 0xB2, "", 0), 0x9000);
}

static void use_another(struct rig *r)
{
    EXPECT_SW(cipher(r, 2, 0x10, P, ALL), 0x9000);
}

static void (*const leaving[])(struct rig *r) = {
    wrong_pin,  same_pin,  wrong_pin_in_change,       so_pin,      select_again, rig_reset,
    initialise, delete_it, make_another_in_its_place, use_another,
};

static void a_key_does_not_outlive_its_session(void **state)
{
    for (size_t i = 0; i < COUNT(leaving); i++) {
        struct rig *r = rig_ready(6, WITH_IMPORT);
        import_secret(r, 1, KEY_32, "");
        EXPECT_SW(rig_command_hex(r, 0x80, 0x48, 2, 0xB2, "", 0), 0x9000);
        assert_false(rig_ram_holds(r, exact(KEY_32)));
        use_key_1(r);
        use_key_1(r);
        assert_true(rig_ram_holds(r, exact(KEY_32)));
        leaving[i](r);
        assert_false(rig_ram_holds(r, exact(KEY_32)));
        rig_stop(r);
    }
}

/* An open key does no more than it may. */
static void it_may_do_no_more(void **state)
{
    struct rig *r = rig_ready(7, WITH_IMPORT);
    import_secret(r, 1, KEY_32, "910110");
    use_key_1(r);
    EXPECT_EMPTY(cipher(r, 1, 0x11, P, ALL), 0x6985);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6982);
    EXPECT_SW(rig_login(r), 0x9000);
    use_key_1(r);
    rig_stop(r);
}

/* A use that is charged is a commit: nothing stays, and each use counts. */
static void uses_are_counted(void **state)
{
    struct rig *r = rig_ready(8, WITH_IMPORT);
    import_secret(r, 1, KEY_32, "900400000002");
    use_key_1(r);
    use_key_1(r);
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6A84);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_stays_open),    cmocka_unit_test(only_the_last_one_stays),
        cmocka_unit_test(it_is_as_hard_to_read), cmocka_unit_test(it_is_gone_when_it_must_go),
        cmocka_unit_test(a_new_value_is_read),   cmocka_unit_test(a_key_does_not_outlive_its_session),
        cmocka_unit_test(it_may_do_no_more),     cmocka_unit_test(uses_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
