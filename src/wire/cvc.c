/* SPDX-License-Identifier: Apache-2.0 */
/* Reading card verifiable certificates and authenticated requests. */
#include "wire/cvc.h"

#include "wire/cvc_tags.h"
#include "wire/tlv.h"

bytes cvc_key_field(const struct cvc_key *key, uint16_t tag)
{
    if (tag < CVC_TAG_FIELD_FIRST || tag > CVC_TAG_FIELD_LAST) return NO_BYTES;
    return key->field[tag - CVC_TAG_FIELD_FIRST];
}

/* First wins. An empty view has an address unless it is the last of its parent: it counts as well.
 * */
static void keep_first(bytes *kept, bytes value)
{
    if (!kept->p) *kept = value;
}

/* Reads exactly one object with `tag`. When it is another, or malformed, the reader goes bad. */
static bytes expect(reader *r, uint16_t tag)
{
    tlv t;
    if (tlv_next(r, &t) && t.tag == tag) return t.value;
    *r = (reader){NO_BYTES, true};
    return NO_BYTES;
}

/* As `expect`, but the whole object, tag and length included. */
static bytes expect_whole(reader *r, uint16_t tag)
{
    bytes before = r->left;
    expect(r, tag);
    return r->bad ? NO_BYTES : bytes_first(before, before.n - r->left.n);
}

static bool read_key(bytes in, struct cvc_key *out)
{
    reader r = read_from(in);
    for (tlv t; tlv_next(&r, &t);) {
        if (t.tag == CVC_TAG_OID) keep_first(&out->oid, t.value);
        if (t.tag < CVC_TAG_FIELD_FIRST || t.tag > CVC_TAG_FIELD_LAST) continue;
        keep_first(&out->field[t.tag - CVC_TAG_FIELD_FIRST], t.value);
    }
    return !r.bad && out->oid.n > 0;
}

static bool read_role(bytes in, struct cvc *out)
{
    reader r = read_from(in);
    for (tlv t; tlv_next(&r, &t);) {
        if (t.tag == CVC_TAG_OID) keep_first(&out->role_oid, t.value);
        if (t.tag == CVC_TAG_ROLE_BITS) keep_first(&out->role, t.value);
    }
    return !r.bad;
}

static bool date_or_none(bytes date)
{
    return date.n == 0 || date.n == CVC_DATE_SIZE;
}

/* The content of a 7F4E. */
static bool read_body(bytes in, struct cvc *out)
{
    bytes key = NO_BYTES, role = NO_BYTES;
    reader r = read_from(in);
    for (tlv t; tlv_next(&r, &t);) {
        switch (t.tag) {
        case CVC_TAG_CAR: keep_first(&out->car, t.value); break;
        case CVC_TAG_CHR: keep_first(&out->chr, t.value); break;
        case CVC_TAG_PUBLIC_KEY: keep_first(&key, t.value); break;
        case CVC_TAG_ROLE: keep_first(&role, t.value); break;
        case CVC_TAG_VALID_FROM: keep_first(&out->valid_from, t.value); break;
        case CVC_TAG_VALID_TO: keep_first(&out->valid_to, t.value); break;
        case CVC_TAG_EXTENSIONS: keep_first(&out->extensions, t.value); break;
        default: break;
        }
    }
    if (r.bad || out->chr.n == 0) return false;
    if (out->car.n > CVC_NAME_MAX || out->chr.n > CVC_NAME_MAX) return false;
    if (!date_or_none(out->valid_from) || !date_or_none(out->valid_to)) return false;
    return read_key(key, &out->key) && read_role(role, out) && tlv_well_formed(out->extensions);
}

/* The content of a 7F21. */
static bool read_certificate(bytes in, struct cvc *out)
{
    reader r = read_from(in);
    out->body = expect_whole(&r, CVC_TAG_BODY);
    out->signature = expect(&r, CVC_TAG_SIGNATURE);
    if (!rd_done(&r) || out->signature.n == 0) return false;
    reader body = read_from(out->body);
    return read_body(expect(&body, CVC_TAG_BODY), out);
}

/* The content of a 67. */
static bool read_request(bytes in, struct cvc *out)
{
    reader r = read_from(in);
    bytes certificate = expect(&r, CVC_TAG_CERTIFICATE);
    out->outer_car = expect(&r, CVC_TAG_CAR);
    out->outer_signed = r.bad ? NO_BYTES : bytes_first(in, in.n - r.left.n);
    out->outer_signature = expect(&r, CVC_TAG_SIGNATURE);
    if (!rd_done(&r) || out->outer_signature.n == 0) return false;
    if (out->outer_car.n == 0 || out->outer_car.n > CVC_NAME_MAX) return false;
    return read_certificate(certificate, out);
}

static bool read_object(const tlv *object, struct cvc *out)
{
    if (object->tag == CVC_TAG_CERTIFICATE) return read_certificate(object->value, out);
    if (object->tag == CVC_TAG_REQUEST) return read_request(object->value, out);
    return false;
}

bool cvc_next(reader *r, struct cvc *out)
{
    *out = (struct cvc){0};
    bytes before = r->left;
    tlv object;
    if (!tlv_next(r, &object)) return false;
    if (read_object(&object, out)) {
        out->whole = bytes_first(before, before.n - r->left.n);
        return true;
    }
    *out = (struct cvc){0};
    *r = (reader){NO_BYTES, true};
    return false;
}

bool cvc_parse(bytes in, struct cvc *out)
{
    *out = (struct cvc){0};
    bool bare = in.n >= 2 && be_get(bytes_first(in, 2)) == CVC_TAG_BODY;
    reader r = read_from(in);
    bool read = bare ? read_certificate(in, out) : cvc_next(&r, out) && rd_done(&r);
    if (!read) *out = (struct cvc){0};
    if (read && bare) out->whole = in;
    return read;
}

bool cvc_parse_request(bytes in, struct cvc *out)
{
    bool whole = in.n >= 1 && in.p[0] == CVC_TAG_REQUEST;
    if (whole) return cvc_parse(in, out);
    *out = (struct cvc){0};
    if (read_request(in, out)) {
        out->whole = in;
        return true;
    }
    *out = (struct cvc){0};
    return false;
}
