/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of EdDSA. */
#include "wire/eddsa_parameters.h"

#include "wire/schsm.h"
#include "wire/tlv.h"

enum object { MESSAGE, PREHASH, CONTEXT, TO_HASH, OBJECT_COUNT }; /* tags 81 to 84 */

#define BIT(object) (1u << (object))

struct objects {
    unsigned seen;
    bytes value[OBJECT_COUNT];
};

static status take_objects(bytes in, struct objects *out)
{
    reader r = read_from(in);
    for (tlv t; tlv_next(&r, &t);) {
        unsigned i = (unsigned)t.tag - TAG_EDDSA_MESSAGE;
        if (i >= OBJECT_COUNT || out->seen & BIT(i)) return ST_BAD_DATA;
        out->seen |= BIT(i);
        out->value[i] = t.value;
    }
    return r.bad ? ST_BAD_DATA : ST_OK;
}

static bool has(const struct objects *o, enum object which)
{
    return o->seen & BIT(which);
}

static bool sizes_ok(const struct objects *o)
{
    size_t context = o->value[CONTEXT].n;
    if (has(o, CONTEXT) && (context == 0 || context > CRYPTO_EDDSA_CONTEXT_MAX)) return false;
    return !has(o, PREHASH) || o->value[PREHASH].n == CRYPTO_EDDSA_PREHASH;
}

status eddsa_parse(bytes in, struct eddsa_parameters *out)
{
    struct objects o = {0};
    TRY(take_objects(in, &o));
    if (has(&o, MESSAGE) + has(&o, PREHASH) + has(&o, TO_HASH) != 1 || !sizes_ok(&o)) return ST_BAD_LENGTH;
    enum object what = has(&o, MESSAGE) ? MESSAGE : has(&o, PREHASH) ? PREHASH : TO_HASH;
    *out = (struct eddsa_parameters){
        .input = {.message = o.value[what], .context = o.value[CONTEXT], .prehashed = what != MESSAGE},
        .to_hash = what == TO_HASH};
    return ST_OK;
}
