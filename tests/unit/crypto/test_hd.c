/* SPDX-License-Identifier: Apache-2.0 */
/* Hierarchical keys and RIPEMD-160: what their standards print, and what is refused. The answers that a card gives are in
 * tests/unit/card/test_hd.c. */
#include "rig.h"

#include "vectors/hd.h"

/* The node of a vector, by its steps (TLVs 02 04 index, 04 LL label). */
static void walk(struct crypto *c, const struct hd_vector *v, struct crypto_hd_node *node)
{
    uint8_t master[CRYPTO_HD_MASTER_SIZE];
    enum crypto_hd_kind kind = (enum crypto_hd_kind)v->kind;
    assert_ok(crypto_hd_master(c, kind, exact(v->seed), SPAN(master)));
    assert_ok(crypto_hd_node(kind, BYTES(master), node));
    reader steps = read_from(exact(v->steps));
    while (!rd_done(&steps)) {
        bool label = rd_u8(&steps) == 0x04;
        bytes value = rd_take(&steps, rd_u8(&steps));
        assert_false(steps.bad);
        if (label) assert_ok(crypto_hd_labelled_child(c, node, value));
        else assert_ok(crypto_hd_child(c, node, be_get(value)));
    }
}

static void published_nodes(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(hd_vectors); i++) {
        const struct hd_vector *v = &hd_vectors[i];
        struct crypto_hd_node node;
        uint8_t point[CRYPTO_HD_POINT_SIZE];
        walk(&r.c, v, &node);
        assert_hex(BYTES(node.key), v->key);
        assert_hex(BYTES(node.chain), v->chain);
        if (v->kind != CRYPTO_HD_SYMMETRIC) {
            for (unsigned twice = 0; twice < 2; twice++) { /* computed, and remembered */
                assert_ok(crypto_hd_point(&r.c, &node, SPAN(point)));
                assert_hex(BYTES(point), hex_of(bytes_after(exact(v->answer), 45)));
            }
        }
        crypto_hd_wipe(&node);
        assert_true(ct_is_zero((bytes){(const uint8_t *)&node, sizeof node}));
        hex_release();
    }
    rig_close(&r);
}

/* Fingerprints, each asked of a node that was reached the other way: with its point known, and without. */
static void published_fingerprints(void **state)
{
    struct rig r;
    rig_open(&r, 2);
    for (size_t i = 0; i + 1 < COUNT(hd_vectors); i++) {
        const struct hd_vector *parent = &hd_vectors[i], *child = &hd_vectors[i + 1];
        bytes above = exact(parent->steps), below = exact(child->steps);
        bool follows = parent->kind == child->kind && strcmp(parent->seed, child->seed) == 0 && below.n > above.n &&
                       bytes_equal(bytes_first(below, above.n), above) && child->answer[9] == parent->answer[9] + 1;
        if (!follows) continue;
        struct crypto_hd_node node;
        uint8_t fingerprint[CRYPTO_HD_FINGERPRINT_SIZE];
        walk(&r.c, parent, &node);
        for (unsigned twice = 0; twice < 2; twice++) {
            assert_ok(crypto_hd_fingerprint(&r.c, &node, SPAN(fingerprint)));
            assert_hex(BYTES(fingerprint), hex_of(bytes_first(bytes_after(exact(child->answer), 5), 4)));
        }
        hex_release();
    }
    rig_close(&r);
}

/* Of the page of its authors, Dobbertin, Bosselaers and Preneel. */
static void ripemd160(void **state)
{
    static const struct {
        const char *text, *digest;
    } rows[] = {
        {"", "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
        {"a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"},
        {"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
        {"message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"},
        {"abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "12a053384a9c0c88e405a06c27dcf49ada62eb2b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "b0e20b6e3116640286ed3a87a5713079b21f5189"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "9b752e45573d4b39f4dbd3323cab82bf63326bfb"},
    };
    struct rig r;
    rig_open(&r, 3);
    for (size_t i = 0; i < COUNT(rows); i++) {
        span out = exact_space(CRYPTO_RIPEMD160_SIZE);
        bytes in = exact_copy((bytes){(const uint8_t *)rows[i].text, strlen(rows[i].text)});
        assert_ok(crypto_ripemd160(&r.c, in, out));
        assert_hex(view(out), rows[i].digest);
    }
    assert_int_equal(crypto_ripemd160(&r.c, NO_BYTES, exact_space(32)), ST_BAD_LENGTH);
    hex_release();
    rig_close(&r);
}

static void what_does_not_fit_is_refused(void **state)
{
    struct rig r;
    rig_open(&r, 4);
    struct crypto_hd_node node, before;
    bytes seed = exact("000102030405060708090a0b0c0d0e0f");
    span master = exact_space(CRYPTO_HD_MASTER_SIZE), point = exact_space(CRYPTO_HD_POINT_SIZE);
    assert_int_equal(crypto_hd_master(&r.c, CRYPTO_HD_NONE, seed, master), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_master(&r.c, (enum crypto_hd_kind)4, seed, master), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_master(&r.c, CRYPTO_HD_SECP256K1, NO_BYTES, master), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_master(&r.c, CRYPTO_HD_SECP256K1, seed, exact_space(32)), ST_BAD_LENGTH);
    assert_ok(crypto_hd_master(&r.c, CRYPTO_HD_SYMMETRIC, seed, master));
    assert_int_equal(crypto_hd_node(CRYPTO_HD_SYMMETRIC, exact_copy(bytes_first(view(master), 63)), &node),
                     ST_BAD_LENGTH);
    assert_int_equal(node.kind, CRYPTO_HD_NONE);
    assert_int_equal(crypto_hd_child(&r.c, &node, 0), ST_BAD_LENGTH); /* an empty node has nothing */
    assert_int_equal(crypto_hd_labelled_child(&r.c, &node, NO_BYTES), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_point(&r.c, &node, point), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_fingerprint(&r.c, &node, exact_space(4)), ST_BAD_LENGTH);

    assert_ok(crypto_hd_node(CRYPTO_HD_SYMMETRIC, view(master), &node));
    before = node;
    assert_int_equal(crypto_hd_child(&r.c, &node, CRYPTO_HD_HARDENED), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_point(&r.c, &node, point), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_fingerprint(&r.c, &node, exact_space(20)), ST_BAD_LENGTH);
    assert_memory_equal(&node, &before, sizeof node);

    assert_ok(crypto_hd_node(CRYPTO_HD_SECP256K1, view(master), &node));
    before = node;
    assert_int_equal(crypto_hd_labelled_child(&r.c, &node, exact("00000000")), ST_BAD_LENGTH);
    assert_int_equal(crypto_hd_point(&r.c, &node, exact_space(32)), ST_BAD_LENGTH);
    assert_memory_equal(&node, &before, sizeof node);
    hex_release();
    rig_close(&r);
}

/* A pool without room for a point: the normal child fails and the node stays what it was; the hardened one needs none. */
static void a_failed_child_leaves_its_parent(void **state)
{
    struct rig r;
    rig_source(&r, 5);
    assert_ok(rig_open_with(&r, 1024));
    struct crypto_hd_node node, before;
    uint8_t master[CRYPTO_HD_MASTER_SIZE];
    assert_ok(crypto_hd_master(&r.c, CRYPTO_HD_SECP256R1, exact("0001"), SPAN(master)));
    assert_ok(crypto_hd_node(CRYPTO_HD_SECP256R1, BYTES(master), &node));
    before = node;
    assert_int_equal(crypto_hd_child(&r.c, &node, 0), ST_NO_SPACE);
    assert_memory_equal(&node, &before, sizeof node);
    assert_ok(crypto_hd_child(&r.c, &node, CRYPTO_HD_HARDENED));
    assert_memory_not_equal(&node, &before, sizeof node);
    hex_release();
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_nodes),
        cmocka_unit_test(published_fingerprints),
        cmocka_unit_test(ripemd160),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_failed_child_leaves_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
