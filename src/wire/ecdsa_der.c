/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures between r‖s and DER. */
#include "wire/ecdsa_der.h"

#include "wire/tlv.h"

/* INTEGER content: one leading zero where the number would look negative, or is zero. */
static void put_integer(buf *out, bytes number)
{
    bytes digits = bytes_trimmed(number);
    bool pad = digits.n == 0 || digits.p[0] & 0x80;
    tlv_put_header(out, 0x02, digits.n + pad);
    if (pad) put_u8(out, 0);
    put_bytes(out, digits);
}

void ecdsa_der_put(buf *out, bytes rs)
{
    size_t start = out->n;
    size_t sequence = tlv_open(out, 0x30);
    put_integer(out, bytes_first(rs, rs.n / 2));
    put_integer(out, bytes_after(rs, rs.n / 2));
    tlv_close(out, sequence);
    if (out->full) out->n = start;
}

/* One object with `tag` whose header is as short as can be. */
static bytes take_der(reader *r, uint16_t tag)
{
    size_t before = r->left.n;
    tlv t;
    if (tlv_next(r, &t) && t.tag == tag && before - r->left.n == tlv_size(tag, t.value.n)) { return t.value; }
    *r = (reader){NO_BYTES, true};
    return NO_BYTES;
}

static bool is_minimal(bytes integer)
{
    if (integer.n == 0 || integer.p[0] & 0x80) return false;
    return integer.n == 1 || integer.p[0] != 0 || integer.p[1] & 0x80;
}

status ecdsa_der_parse(bytes der, span rs)
{
    reader outer = read_from(der);
    reader inner = read_from(take_der(&outer, 0x30));
    bytes r = take_der(&inner, 0x02);
    bytes s = take_der(&inner, 0x02);
    if (!rd_done(&outer) || !rd_done(&inner)) return ST_BAD_DATA;
    if (!is_minimal(r) || !is_minimal(s)) return ST_BAD_DATA;
    size_t half = rs.n / 2;
    r = bytes_trimmed(r);
    s = bytes_trimmed(s);
    if (r.n > half || s.n > half) return ST_BAD_DATA;
    bool fits = span_copy_number(span_part(rs, 0, half), r);
    fits = span_copy_number(span_part(rs, half, half), s) && fits;
    return fits ? ST_OK : ST_BAD_DATA;
}
