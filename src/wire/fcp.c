/* SPDX-License-Identifier: Apache-2.0 */
/* File control parameters: writing what SELECT answers. */
#include "wire/fcp.h"

#include "wire/schsm.h"
#include "wire/tlv.h"

static void put_common(buf *out, uint16_t fid, enum fcp_type type, size_t size)
{
    tlv_put_u16(out, 0x81, size < 0xFFFF ? (uint16_t)size : 0xFFFF);
    tlv_put_u8(out, 0x82, (uint8_t)type);
    tlv_put_u16(out, 0x83, fid);
}

static void put_life_cycle(buf *out)
{
    tlv_put_u8(out, 0x8A, 0x05); /* operational, activated */
}

/* Clients read past a fixed `A5 81 LL`: the length has two bytes however small it is. */
static void put_metadata(buf *out, bytes metadata)
{
    if (metadata.n == 0) return;
    if (metadata.n > 0x7F) {
        tlv_put(out, 0xA5, metadata);
        return;
    }
    put_u16(out, 0xA581);
    put_u8(out, (uint8_t)metadata.n);
    put_bytes(out, metadata);
}

void fcp_put_file(buf *out, uint16_t fid, enum fcp_type type, size_t size, bytes metadata)
{
    size_t fcp = tlv_open(out, 0x62);
    put_common(out, fid, type, size);
    put_life_cycle(out);
    put_metadata(out, metadata);
    tlv_close(out, fcp);
}

void fcp_put_application(buf *out, uint16_t options)
{
    size_t fcp = tlv_open(out, 0x62);
    put_common(out, FID_NONE, FCP_WORKING_EF, 0);
    tlv_put(out, 0x84, schsm_aid());
    put_life_cycle(out);
    size_t version = tlv_open(out, 0x85);
    put_u16(out, options);
    put_u8(out, VERSION_PLATFORM);
    put_u8(out, VERSION_MAJOR);
    put_u8(out, VERSION_MINOR);
    tlv_close(out, version);
    tlv_close(out, fcp);
}
