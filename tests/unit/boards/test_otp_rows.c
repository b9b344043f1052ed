/* SPDX-License-Identifier: Apache-2.0 */
/* RP2350's one-time rows: every single damage of a secret is seen, and no board is locked out of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boards/shared/otp_rows.h"

static const uint8_t zeros[DEVICE_SECRET_SIZE];

static void make(uint8_t seed, uint8_t secret[DEVICE_SECRET_SIZE], uint16_t rows[OTP_SECRET_ROWS])
{
    for (unsigned i = 0; i < DEVICE_SECRET_SIZE; i++) secret[i] = (uint8_t)(seed + 37u * i);
    otp_secret_rows((bytes){secret, DEVICE_SECRET_SIZE}, rows);
}

static void a_secret_comes_back(void **state)
{
    for (unsigned seed = 0; seed < 256; seed++) {
        uint8_t secret[DEVICE_SECRET_SIZE], back[DEVICE_SECRET_SIZE];
        uint16_t rows[OTP_SECRET_ROWS];
        make((uint8_t)seed, secret, rows);
        assert_int_equal(otp_secret_read(rows, SPAN(back)), OTP_SECRET_PRESENT);
        assert_memory_equal(back, secret, sizeof back);
    }
}

static void even_zeros_are_a_secret_and_blank_rows_are_none(void **state)
{
    uint16_t rows[OTP_SECRET_ROWS] = {0};
    uint8_t back[DEVICE_SECRET_SIZE];
    assert_int_equal(otp_secret_read(rows, SPAN(back)), OTP_SECRET_NONE);
    otp_secret_rows(BYTES(zeros), rows);
    assert_int_equal(otp_secret_read(rows, SPAN(back)), OTP_SECRET_PRESENT);
    assert_memory_equal(back, zeros, sizeof back);
}

static void every_flipped_bit_is_damage(void **state)
{
    uint8_t secret[DEVICE_SECRET_SIZE], back[DEVICE_SECRET_SIZE];
    uint16_t rows[OTP_SECRET_ROWS];
    make(1, secret, rows);
    for (unsigned bit = 0; bit < 16 * OTP_SECRET_ROWS; bit++) {
        rows[bit / 16] ^= (uint16_t)(1u << bit % 16);
        memset(back, 0xEE, sizeof back);
        assert_int_equal(otp_secret_read(rows, SPAN(back)), OTP_SECRET_DAMAGED);
        assert_memory_equal(back, zeros, sizeof back);
        rows[bit / 16] ^= (uint16_t)(1u << bit % 16);
    }
}

/* Power lost after each row, in the order in which rows are written. */
static void an_interrupted_provisioning_is_damage_not_none(void **state)
{
    uint8_t secret[DEVICE_SECRET_SIZE], back[DEVICE_SECRET_SIZE];
    uint16_t rows[OTP_SECRET_ROWS], written[OTP_SECRET_ROWS] = {0};
    make(200, secret, rows);
    for (unsigned n = 0; n <= OTP_SECRET_ROWS; n++) {
        enum otp_secret expected = n == 0                 ? OTP_SECRET_NONE
                                   : n == OTP_SECRET_ROWS ? OTP_SECRET_PRESENT
                                                          : OTP_SECRET_DAMAGED;
        assert_int_equal(otp_secret_read(written, SPAN(back)), expected);
        if (n < OTP_SECRET_ROWS) written[n] = rows[n];
    }
}

static void votes_need_their_number(void **state)
{
    for (unsigned needed = 1; needed <= 8; needed++)
        for (unsigned mask = 0; mask < 256; mask++) {
            uint32_t copies[8];
            unsigned votes = 0;
            for (unsigned i = 0; i < 8; i++) {
                copies[i] = mask >> i & 1 ? 0x800001 : 0xFF000000; /* what is above 24 bits is no row's */
                votes += mask >> i & 1;
            }
            assert_int_equal(otp_vote(copies, 8, needed), votes >= needed ? 0x800001 : 0);
        }
}

/* clang-format off */
static const struct { uint32_t crit1, flags1; struct platform_secure_boot expected; } boots[] = {
    { 0x00, 0x000, { false, false, 0xFF } },
    { 0x01, 0x000, { true,  false, 0xFF } },
    { 0x7E, 0x001, { false, false, 0 } },    /* other flags of CRIT1 are not this one */
    { 0x01, 0x001, { true,  false, 0 } },
    { 0x01, 0xE01, { true,  true,  0 } },
    { 0x00, 0xE01, { false, false, 0 } },    /* prepared, not enabled                 */
    { 0x01, 0x601, { true,  false, 0 } },
    { 0x01, 0x103, { true,  false, 1 } },    /* a key that is invalid does not count  */
    { 0x01, 0xD02, { true,  true,  1 } },
    { 0x01, 0x00C, { true,  false, 2 } },
    { 0x01, 0x308, { true,  false, 3 } },
    { 0x01, 0x30C, { true,  true,  2 } },
    { 0x01, 0xF01, { true,  true,  0xFF } }, /* will never boot again                 */
    { 0x01, 0x00F, { true,  true,  0 } },
    { 0x01, 0x0F0000, { true, false, 0xFF } },
};
/* clang-format on */

static void the_state_of_secure_boot(void **state)
{
    for (size_t i = 0; i < COUNT(boots); i++) {
        struct platform_secure_boot now = otp_secure_boot(boots[i].crit1, boots[i].flags1);
        assert_int_equal(now.enabled, boots[i].expected.enabled);
        assert_int_equal(now.locked, boots[i].expected.locked);
        assert_int_equal(now.key, boots[i].expected.key);
    }
}

/* clang-format off */
static const struct { uint32_t now; uint8_t key; bool empty, lock; status expected; uint32_t flags; } plans[] = {
    { 0x000, 0,   false, false, ST_OK,         0x001 },
    { 0x000, 0,   false, true,  ST_OK,         0xE01 },
    { 0x000, 3,   false, true,  ST_OK,         0x708 },
    { 0x001, 0,   false, false, ST_OK,         0x001 }, /* again                              */
    { 0xE01, 0,   false, true,  ST_OK,         0xE01 },
    { 0x002, 0,   false, false, ST_OK,         0x003 },
    { 0x002, 0,   false, true,  ST_OK,         0xE03 }, /* the other one stops counting       */
    { 0x80002, 2, false, false, ST_OK,         0x80006 }, /* flags that are not about keys stay */
    { 0x000, 0,   true,  false, ST_CONDITIONS, 0 },     /* nothing in the slot: would brick   */
    { 0x000, 0,   true,  true,  ST_CONDITIONS, 0 },
    { 0x000, 4,   false, false, ST_CONDITIONS, 0 },     /* this chip has four                 */
    { 0x000, 5,   false, true,  ST_CONDITIONS, 0 },
    { 0x000, 255, false, true,  ST_CONDITIONS, 0 },
    { 0xE01, 1,   false, false, ST_CONDITIONS, 0 },     /* locked to another                  */
    { 0x101, 0,   false, false, ST_CONDITIONS, 0 },     /* revoked                            */
};
/* clang-format on */

static void boot_flags_never_lock_the_board_out(void **state)
{
    static const uint8_t hash[32] = {[31] = 1};
    for (size_t i = 0; i < COUNT(plans); i++) {
        uint32_t flags = 0;
        bytes held = plans[i].empty ? BYTES(zeros) : BYTES(hash);
        assert_int_equal(otp_boot_flags(plans[i].now, plans[i].key, held, plans[i].lock, &flags), plans[i].expected);
        assert_int_equal(flags, plans[i].flags);
        if (plans[i].expected != ST_OK) continue;
        struct platform_secure_boot then = otp_secure_boot(1, flags);
        assert_int_equal(flags & plans[i].now, plans[i].now); /* bits can only be added */
        assert_int_not_equal(then.key, 0xFF);
        if (!plans[i].lock) continue;
        assert_int_equal(then.key, plans[i].key);
        assert_true(then.locked);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_comes_back),
        cmocka_unit_test(even_zeros_are_a_secret_and_blank_rows_are_none),
        cmocka_unit_test(every_flipped_bit_is_damage),
        cmocka_unit_test(an_interrupted_provisioning_is_damage_not_none),
        cmocka_unit_test(votes_need_their_number),
        cmocka_unit_test(the_state_of_secure_boot),
        cmocka_unit_test(boot_flags_never_lock_the_board_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
