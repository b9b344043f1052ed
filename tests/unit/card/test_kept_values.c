/* SPDX-License-Identifier: Apache-2.0 */
/* Values that stay open in RAM (card/vault.h, vault_get_kept): they are what was put, and they are gone when anything was
 * committed or the root has closed. Secret keys are such values: whatever closes the root must end them too. (SELECT does
 * not where public keys stand for the PIN, OD-9.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/objects.h"
#include "tests/unit/card/secret_common.h"

#define CBC_OF_P "61A6936E4E8F101C1CC1F993B542A0D4" /* openssl enc -aes-256-cbc, key KEY_32, IV 0 */

/* Any that nothing else uses. */
static const uint32_t value = OBJECT_HD_MASTER(9), other = OBJECT_HD_MASTER(8), third = OBJECT_HD_MASTER(7);

/* ---- the vault ---- */

struct sealed {
    uint32_t key;
    enum vault_level level;
    bytes bound, plain;
};

static struct sealed secret_of(size_t n)
{
    return (struct sealed){value, VAULT_ROOT, random_bytes(8, 1), random_bytes(n, 1000 + n)};
}

static void put(struct rig *r, const struct sealed *s)
{
    struct vault *v = &r->hsm->vault;
    assert_int_equal(vault_begin(v), ST_OK);
    assert_int_equal(vault_put(v, s->key, s->level, s->bound, s->plain, 0), ST_OK);
    assert_int_equal(vault_commit(v, VAULT_BOOKKEEPING), ST_OK);
}

typedef status reads(struct vault *v, uint32_t key, enum vault_level level, bytes bound, span into, size_t *size);

static void expect_read(struct rig *r, reads *get, const struct sealed *s)
{
    size_t size = 0;
    span into = exact_space(s->plain.n);
    assert_int_equal(get(&r->hsm->vault, s->key, s->level, s->bound, into, &size), ST_OK);
    assert_int_equal(size, s->plain.n);
    assert_true(bytes_equal(view(into), s->plain));
}

static void expect_refused(struct rig *r, const struct sealed *s, size_t room, status want)
{
    size_t size = 1;
    assert_int_equal(vault_get_kept(&r->hsm->vault, s->key, s->level, s->bound, exact_space(room), &size), want);
    assert_int_equal(size, 0);
}

static void put_and_open(struct rig *r, const struct sealed *s)
{
    put(r, s);
    expect_read(r, vault_get_kept, s);
    assert_true(rig_ram_holds(r, s->plain));
}

static void values_stay_open(void **state)
{
    static const struct {
        size_t size, bound;
        bool stays;
    } rows[] = {{16, 0, true},
                {VAULT_KEPT_MAX, VAULT_BOUND_MAX, true},
                {VAULT_KEPT_MAX + 1, 0, false},
                {VAULT_PLAIN_MAX, VAULT_BOUND_MAX, false}};
    struct rig *r = rig_ready(1, "");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sealed s = secret_of(rows[i].size);
        s.bound = random_bytes(rows[i].bound, 2);
        put(r, &s);
        expect_read(r, vault_get, &s);
        assert_false(rig_ram_holds(r, s.plain)); /* reading as ever keeps nothing */
        expect_read(r, vault_get_kept, &s);
        assert_int_equal(rig_ram_holds(r, s.plain), rows[i].stays);
        expect_read(r, vault_get_kept, &s);
    }
    rig_stop(r);
}

/* Behind the vault's back the sealed value is replaced by nonsense. */
static void they_are_not_read_twice(void **state)
{
    struct rig *r = rig_ready(2, "");
    struct sealed s = secret_of(32);
    struct store *store = &r->hsm->store;
    put_and_open(r, &s);
    assert_int_equal(store_begin(store), ST_OK);
    assert_int_equal(store_put(store, s.key, random_bytes(s.plain.n + VAULT_OVERHEAD, 3), 0), ST_OK);
    assert_int_equal(store_commit(store, NULL), ST_OK);
    expect_read(r, vault_get_kept, &s);
    EXPECT_SW(rig_login(r), 0x9000);
    expect_refused(r, &s, s.plain.n, ST_DATA_NOT_USABLE);
    rig_stop(r);
}

/* Nothing of a longer one is left behind a shorter one. */
static void only_the_last_one_stays(void **state)
{
    struct rig *r = rig_ready(3, "");
    struct sealed first = secret_of(128), second = secret_of(16);
    second.key = other;
    put(r, &second);
    put_and_open(r, &first);
    expect_read(r, vault_get_kept, &second);
    assert_true(rig_ram_holds(r, second.plain));
    assert_false(rig_ram_holds(r, bytes_after(first.plain, 112)));
    expect_read(r, vault_get_kept, &first);
    second.key = third; /* there is none */
    expect_refused(r, &second, 16, ST_NOT_FOUND);
    assert_false(rig_ram_holds(r, first.plain));
    rig_stop(r);
}

/* What is asked of a value is asked of one that stays open too. */
static void they_are_as_hard_to_read(void **state)
{
    struct rig *r = rig_ready(4, "");
    struct sealed s = secret_of(32), wrong = s;
    put_and_open(r, &s);
    expect_refused(r, &s, 31, ST_BAD_LENGTH);
    wrong.level = VAULT_DEVICE;
    expect_refused(r, &wrong, 32, ST_DATA_NOT_USABLE);
    wrong = s;
    wrong.bound = bytes_first(s.bound, 7);
    expect_refused(r, &wrong, 32, ST_DATA_NOT_USABLE);
    expect_refused(r, &(struct sealed){.key = 0, .level = VAULT_DEVICE}, 32, ST_NOT_FOUND);
    expect_read(r, vault_get_kept, &s);
    vault_root_lock(&r->hsm->vault);
    expect_refused(r, &s, 32, ST_NOT_AUTHORIZED);
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

static const struct {
    void (*end)(struct vault *v);
    bool of_device; /* does it end those that need no root, too? */
} ends[] = {
    {commit_something_else, true}, {vault_box_close, false}, {vault_root_lock, false}, {new_root, false},
    {vault_close, true},
};

static void they_go_when_they_must(void **state)
{
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct rig *r = rig_ready(5, "");
        struct sealed secret = secret_of(32), public = {third, VAULT_DEVICE, NO_BYTES, random_bytes(32, 4)};
        put(r, &public);
        put_and_open(r, &secret);
        expect_read(r, vault_get_kept, &public);
        assert_true(rig_ram_holds(r, public.plain));
        ends[i].end(&r->hsm->vault);
        assert_false(rig_ram_holds(r, secret.plain));
        assert_int_equal(rig_ram_holds(r, public.plain), !ends[i].of_device);
        rig_stop(r);
    }
}

static void a_new_value_is_read(void **state)
{
    struct rig *r = rig_ready(6, "");
    struct sealed old = secret_of(32), new = secret_of(33);
    put_and_open(r, &old);
    put_and_open(r, &new);
    assert_false(rig_ram_holds(r, old.plain));
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

static void session_pin(struct rig *r)
{
    struct answer pin = rig_send(r, "005A018100");
    EXPECT_SW(pin, 0x9000);
    assert_true(rig_ram_holds(r, exact(KEY_32)));
    EXPECT_SW(rig_command(r, 0, 0x20, 0, 0x81, pin.data, 0), 0x9000);
}

static void select_again(struct rig *r)
{
    EXPECT_SW(rig_select(r), 0x9000);
}

static void initialise(struct rig *r)
{
    EXPECT_SW(rig_initialise(r, ""), 0x9000);
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
    wrong_pin,  same_pin,  wrong_pin_in_change,       so_pin,      session_pin, select_again, rig_reset,
    initialise, delete_it, make_another_in_its_place, use_another,
};

static void a_key_does_not_outlive_its_session(void **state)
{
    for (size_t i = 0; i < COUNT(leaving); i++) {
        struct rig *r = rig_ready(7, "80020004" WITH_IMPORT);
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
    struct rig *r = rig_ready(8, WITH_IMPORT);
    import_secret(r, 1, KEY_32, "910110");
    use_key_1(r);
    EXPECT_EMPTY(cipher(r, 1, 0x11, P, ALL), 0x6985);
    EXPECT_SW(rig_select(r), 0x9000);
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6982);
    EXPECT_SW(rig_login(r), 0x9000);
    use_key_1(r);
    rig_stop(r);
}

/* A use that is charged is a commit: nothing could stay for the next one, so nothing does. */
static void a_counted_key_does_not_stay(void **state)
{
    struct rig *r = rig_ready(9, WITH_IMPORT);
    import_secret(r, 1, KEY_32, "900400000002");
    for (int i = 0; i < 2; i++) {
        use_key_1(r);
        assert_false(rig_ram_holds(r, exact(KEY_32)));
    }
    EXPECT_EMPTY(cipher(r, 1, 0x10, P, ALL), 0x6A84);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(values_stay_open),
        CASE(they_are_not_read_twice),
        CASE(only_the_last_one_stays),
        CASE(they_are_as_hard_to_read),
        CASE(they_go_when_they_must),
        CASE(a_new_value_is_read),
        CASE(a_key_does_not_outlive_its_session),
        CASE(it_may_do_no_more),
        CASE(a_counted_key_does_not_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
