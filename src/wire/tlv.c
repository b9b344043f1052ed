/* SPDX-License-Identifier: Apache-2.0 */
/* The one reader through which untrusted objects go, and the writer that is its mirror. */
#include "wire/tlv.h"

static uint16_t read_tag(reader *r)
{
    uint8_t first = rd_u8(r);
    if ((first & 0x1F) != 0x1F) return first;
    uint8_t second = rd_u8(r);
    if (second & 0x80) r->bad = true; /* a third byte would follow */
    return (uint16_t)(first << 8 | second);
}

static size_t read_length(reader *r)
{
    uint8_t first = rd_u8(r);
    if (first <= 0x7F) return first;
    if (first == 0x81) return rd_u8(r);
    if (first == 0x82) return rd_u16(r);
    r->bad = true; /* indefinite, or over 64 KiB: no host we serve sends it */
    return 0;
}

bool tlv_next(reader *r, tlv *out)
{
    *out = (tlv){0};
    if (r->bad || r->left.n == 0) return false;
    out->tag = read_tag(r);
    size_t n = read_length(r);
    out->value = rd_take(r, n);
    return !r->bad;
}

bool tlv_find(bytes in, uint16_t tag, bytes *value)
{
    reader r = read_from(in);
    bool found = false;
    *value = NO_BYTES;
    for (tlv t; tlv_next(&r, &t);) {
        if (found || t.tag != tag) continue; /* first wins; go on to see the rest is whole */
        *value = t.value;
        found = true;
    }
    if (r.bad) *value = NO_BYTES;
    return found && !r.bad;
}

bool tlv_well_formed(bytes in)
{
    reader r = read_from(in);
    tlv t;
    while (tlv_next(&r, &t)) continue;
    return !r.bad;
}

static size_t length_size(size_t n)
{
    if (n <= 0x7F) return 1;
    return n <= 0xFF ? 2 : 3;
}

size_t tlv_header_size(uint16_t tag, size_t n)
{
    return (tag > 0xFF ? 2u : 1u) + length_size(n);
}

size_t tlv_size(uint16_t tag, size_t n)
{
    return tlv_header_size(tag, n) + n;
}

static void put_tag(buf *out, uint16_t tag)
{
    if (tag > 0xFF) put_u16(out, tag);
    else put_u8(out, (uint8_t)tag);
}

/* Fills a place of length_size(n) bytes. */
static void store_length(span place, size_t n)
{
    be_put(place, (uint32_t)n);
    if (place.n > 1) place.p[0] = (uint8_t)(0x80 + place.n - 1);
}

void tlv_put_header(buf *out, uint16_t tag, size_t n)
{
    if (n > TLV_VALUE_MAX) out->full = true;
    put_tag(out, tag);
    span place = put_space(out, length_size(n));
    if (place.n) store_length(place, n);
}

void tlv_put(buf *out, uint16_t tag, bytes value)
{
    size_t start = out->n;
    tlv_put_header(out, tag, value.n);
    put_bytes(out, value);
    if (out->full) out->n = start;
}

void tlv_put_u8(buf *out, uint16_t tag, uint8_t value)
{
    tlv_put(out, tag, (bytes){&value, 1});
}

void tlv_put_u16(buf *out, uint16_t tag, uint16_t value)
{
    tlv_put(out, tag, LITERAL((uint8_t)(value >> 8), (uint8_t)value));
}

size_t tlv_open(buf *out, uint16_t tag)
{
    put_tag(out, tag);
    return out->n;
}

void tlv_close(buf *out, size_t mark)
{
    size_t n = out->n - mark;
    size_t extra = length_size(n);
    if (n > TLV_VALUE_MAX) out->full = true;
    if (put_space(out, extra).n == 0) return;
    memmove(out->p + mark + extra, out->p + mark, n);
    store_length((span){out->p + mark, extra}, n);
}

bytes tlv_since(const buf *out, size_t mark)
{
    return bytes_after(written(out), mark);
}
