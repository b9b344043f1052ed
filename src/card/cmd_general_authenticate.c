/* SPDX-License-Identifier: Apache-2.0 */
/* GENERAL AUTHENTICATE (apdu.md 3.22): chip authentication, which makes the keys of secure messaging. */
#include "card/commands.h"
#include "card/hsm.h"
#include "wire/tlv.h"

/* 7C { 80 point }, and nothing around it: any length that does not fit is 6700 here. */
static status read_point(bytes data, bytes *point)
{
    reader r = read_from(data);
    tlv t;
    if (data.n < 2) return ST_BAD_LENGTH;
    if (data.p[0] != TAG_DYNAMIC_AUTHENTICATION) return ST_BAD_DATA;
    if (!tlv_next(&r, &t) || !rd_done(&r)) return ST_BAD_LENGTH;
    return tlv_find(t.value, TAG_AUTHENTICATION_POINT, point) && point->n ? ST_OK : ST_BAD_LENGTH;
}

status cmd_general_authenticate(struct hsm *h, const struct apdu *a, buf *reply)
{
    bytes point;
    TRY(read_point(a->data, &point));
    return secure_channel_open(h, point, reply);
}
