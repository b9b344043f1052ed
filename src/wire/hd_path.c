/* SPDX-License-Identifier: Apache-2.0 */
/* Reading paths of hierarchical keys: once to see that they are well formed, then level by level. */
#include "wire/hd_path.h"

#include "wire/tlv.h"

enum { TAG_NUMBER = 0x02, TAG_LABEL = 0x04 };

static bool read_master(reader *r, uint8_t *master)
{
    tlv t;
    if (!tlv_next(r, &t) || t.tag != TAG_NUMBER || t.value.n != 1) return false;
    *master = t.value.p[0];
    return *master < HD_MASTERS;
}

static bool is_level(const tlv *t, bool label)
{
    return label ? t->tag == TAG_LABEL && t->value.n <= HD_LABEL_MAX : t->tag == TAG_NUMBER && t->value.n == 4;
}

status hd_path_parse(bytes in, struct hd_path *path)
{
    reader r = read_from(in);
    *path = (struct hd_path){0};
    if (in.n == 0) return ST_BAD_LENGTH;
    if (!read_master(&r, &path->master)) return ST_EXECUTION;
    path->steps = r.left;
    for (tlv t; tlv_next(&r, &t); path->depth++) {
        if (path->depth == 0) path->labels = t.tag == TAG_LABEL;
        if (path->depth == HD_DEPTH_MAX || !is_level(&t, path->labels)) return ST_EXECUTION;
    }
    return r.bad ? ST_EXECUTION : ST_OK;
}

bool hd_step_next(reader *steps, struct hd_step *step)
{
    tlv t;
    if (!tlv_next(steps, &t)) return false;
    bool label = t.tag == TAG_LABEL;
    *step = (struct hd_step){label ? 0 : be_get(t.value), label ? t.value : NO_BYTES};
    return true;
}
