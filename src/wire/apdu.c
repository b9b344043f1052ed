/* SPDX-License-Identifier: Apache-2.0 */
/* Command APDU coding: the table of apdu.md 1.5, one row after the other. */
#include "wire/apdu.h"

static uint32_t le_short(uint8_t le)
{
    return le ? le : APDU_NE_ALL_SHORT;
}

static uint32_t le_extended(uint16_t le)
{
    return le ? le : APDU_NE_ALL_EXTENDED;
}

/* Data of `lc` bytes, then nothing or an Le of `le_size` bytes. */
static status parse_data(reader *r, size_t lc, size_t le_size, struct apdu *out)
{
    out->data = rd_take(r, lc);
    if (rd_done(r)) return ST_OK;
    if (r->bad || r->left.n != le_size) return ST_BAD_LENGTH;
    out->has_le = true;
    out->ne = le_size == 1 ? le_short(rd_u8(r)) : le_extended(rd_u16(r));
    return ST_OK;
}

/* Everything behind the header; at least one byte. */
static status parse_body(reader *r, struct apdu *out)
{
    uint8_t first = rd_u8(r);
    if (r->left.n == 0) { /* case 2 short */
        out->has_le = true;
        out->ne = le_short(first);
        return ST_OK;
    }
    if (first != 0) return parse_data(r, first, 1, out);
    if (r->left.n == 1) { /* `.. 00 Le`: tolerated as case 2 short */
        out->has_le = true;
        out->ne = le_short(rd_u8(r));
        return ST_OK;
    }
    out->extended = true;
    uint16_t length = rd_u16(r);
    if (r->left.n == 0) { /* case 2 extended */
        out->has_le = true;
        out->ne = le_extended(length);
        return ST_OK;
    }
    return length ? parse_data(r, length, 2, out) : ST_BAD_LENGTH;
}

status apdu_parse(bytes raw, struct apdu *out)
{
    reader r = read_from(raw);
    struct apdu a = {.cla = rd_u8(&r)};
    a.ins = rd_u8(&r);
    a.p1 = rd_u8(&r);
    a.p2 = rd_u8(&r);
    if (r.bad) return ST_BAD_LENGTH;
    if (r.left.n) TRY(parse_body(&r, &a));
    *out = a;
    return ST_OK;
}

static void put_short(const struct apdu *a, buf *out)
{
    if (a->data.n) put_u8(out, (uint8_t)a->data.n);
    put_bytes(out, a->data);
    if (a->ne) put_u8(out, (uint8_t)a->ne); /* 256 becomes 00 */
}

static void put_extended(const struct apdu *a, buf *out)
{
    if (a->data.n || a->ne) put_u8(out, 0);
    if (a->data.n) put_u16(out, (uint16_t)a->data.n);
    put_bytes(out, a->data);
    if (a->ne) put_u16(out, (uint16_t)a->ne); /* 65536 becomes 0000 */
}

status apdu_write(const struct apdu *a, buf *out)
{
    if (a->data.n > APDU_DATA_MAX_EXTENDED || a->ne > APDU_NE_ALL_EXTENDED) return ST_BAD_LENGTH;
    size_t start = out->n;
    put_u8(out, a->cla);
    put_u8(out, a->ins);
    put_u8(out, a->p1);
    put_u8(out, a->p2);
    bool extended = a->extended || a->data.n > 255 || a->ne > APDU_NE_ALL_SHORT;
    if (extended) put_extended(a, out);
    else put_short(a, out);
    if (!out->full) return ST_OK;
    out->n = start;
    return ST_NO_SPACE;
}
