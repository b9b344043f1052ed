/* SPDX-License-Identifier: Apache-2.0 */
/* Bits of the RP2350 datasheet's tables CRIT1 and BOOT_FLAGS1, and our own layout of a secret. */
#include "boards/shared/otp_rows.h"

#define SECURE_BOOT_ENABLE 0x1u /* of CRIT1 */
#define KEY_VALID(key) (1u << (key))
#define KEY_INVALID(key) (0x100u << (key))
#define ALL_KEYS ((1u << OTP_BOOT_KEYS) - 1u)

uint32_t otp_vote(const uint32_t *copies, size_t count, unsigned needed)
{
    uint32_t set = 0;
    for (unsigned bit = 0; bit < 24; bit++) {
        unsigned votes = 0;
        for (size_t i = 0; i < count; i++) votes += copies[i] >> bit & 1;
        if (votes >= needed) set |= 1u << bit;
    }
    return set;
}

void otp_secret_rows(bytes secret, uint16_t rows[OTP_SECRET_ROWS])
{
    for (size_t i = 0; i < OTP_HALF_ROWS; i++) {
        rows[i] = (uint16_t)(secret.p[2 * i] | secret.p[2 * i + 1] << 8);
        rows[OTP_HALF_ROWS + i] = (uint16_t)~rows[i];
    }
    rows[OTP_MARK_ROW] = OTP_SECRET_MARK;
}

enum otp_secret otp_secret_read(const uint16_t rows[OTP_SECRET_ROWS], span secret)
{
    uint16_t any = 0, wrong = rows[OTP_MARK_ROW] ^ OTP_SECRET_MARK;
    for (size_t i = 0; i < OTP_SECRET_ROWS; i++) any |= rows[i];
    for (size_t i = 0; i < OTP_HALF_ROWS; i++) {
        wrong |= (uint16_t)(rows[i] ^ ~rows[OTP_HALF_ROWS + i]);
        secret.p[2 * i] = (uint8_t)rows[i];
        secret.p[2 * i + 1] = (uint8_t)(rows[i] >> 8);
    }
    if (wrong) wipe(secret);
    return !any ? OTP_SECRET_NONE : wrong ? OTP_SECRET_DAMAGED : OTP_SECRET_PRESENT;
}

static uint32_t invalid_keys(uint32_t boot_flags1)
{
    return boot_flags1 / KEY_INVALID(0) & ALL_KEYS;
}

static uint32_t counting_keys(uint32_t boot_flags1)
{
    return boot_flags1 & ~invalid_keys(boot_flags1) & ALL_KEYS;
}

struct platform_secure_boot otp_secure_boot(uint32_t crit1, uint32_t boot_flags1)
{
    uint32_t keys = counting_keys(boot_flags1);
    bool enabled = crit1 & SECURE_BOOT_ENABLE;
    uint8_t key = 0xFF;
    for (uint8_t i = OTP_BOOT_KEYS; i-- > 0;)
        if (keys & KEY_VALID(i)) key = i;
    return (struct platform_secure_boot){enabled, enabled && (keys | invalid_keys(boot_flags1)) == ALL_KEYS, key};
}

status otp_boot_flags(uint32_t now, uint8_t key, bytes key_hash, bool lock, uint32_t *flags)
{
    if (key >= OTP_BOOT_KEYS || ct_is_zero(key_hash) || now & KEY_INVALID(key)) return ST_CONDITIONS;
    *flags = now | KEY_VALID(key);
    if (lock) *flags |= (ALL_KEYS * KEY_INVALID(0)) & ~KEY_INVALID(key);
    return ST_OK;
}
