/* SPDX-License-Identifier: Apache-2.0 */
/* Secret keys: putting known ones into a card, and using them. */
#ifndef TESTS_CARD_SECRET_COMMON_H
#define TESTS_CARD_SECRET_COMMON_H

#include "tests/unit/card/import_common.h"

#define WITH_IMPORT "9A020004"
#define KEY_32 "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define KEY_16 "000102030405060708090A0B0C0D0E0F"
#define P "202122232425262728292A2B2C2D2E2F"
#define ALL 65536u

static inline struct answer cipher(struct rig *r, uint8_t id, uint8_t p2, const char *data, uint32_t ne)
{
    return rig_command_hex(r, 0x80, 0x78, id, p2, data, ne);
}

/* Plain import (5E) with metadata in hex. */
static inline struct answer put_secret(struct rig *r, uint8_t id, const char *key, const char *more)
{
    struct key_blob_parts parts = {.size = (uint32_t)exact(key).n};
    parts.part[AES_KEY] = exact(key);
    return import_inside(r, id, KEY_BLOB_AES, import_data(KEY_BLOB_AES, &parts, more));
}

static inline void import_secret(struct rig *r, uint8_t id, const char *key, const char *more)
{
    EXPECT_SW(put_secret(r, id, key, more), 0x9000);
}

/* What SELECT of CCkk shows in A5. */
static inline void expect_metadata(struct rig *r, uint8_t id, const char *tlvs)
{
    struct answer a = rig_select_file(r, FID_OF(0xCC, id));
    EXPECT_SW(a, 0x9000);
    bytes shown = exact(tlvs);
    bytes want = exact(shown.n ? text_of("8A0105A581%02zX%s", shown.n, tlvs) : "8A0105");
    assert_hex(bytes_after(a.data, a.data.n - want.n), hex_of(want));
}

#endif
