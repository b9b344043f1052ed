/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT: applets and elementary files (apdu.md 2). */
#include "card/commands.h"
#include "card/device.h"
#include "card/files.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "wire/fcp.h"

/* ---- applets ---- */

static bool begins_with(bytes data, bytes aid)
{
    return data.n >= aid.n && bytes_equal(bytes_first(data, aid.n), aid);
}

static void open_applet(struct hsm *h, enum hsm_applet applet)
{
    session_leave(h); /* selecting again is how every client logs out */
    secure_channel_end(h);
    h->applet = applet;
    if (!h->rescue_only) device_name_load(h, true);
}

/* platform product major minor serial; platform 00 on every target (decisions.md OD-2), product 1 is the HSM. */
static void put_rescue_answer(const struct hsm *h, buf *reply)
{
    put_u8(reply, 0);
    put_u8(reply, 1);
    put_u8(reply, VERSION_MAJOR);
    put_u8(reply, VERSION_MINOR);
    put_bytes(reply, BYTES(h->board->profile.serial));
}

status select_applet(struct hsm *h, const struct apdu *a, buf *reply)
{
    bool silent = a->p2 == SELECT_P2_NO_DATA || a->p2 == SELECT_P2_NO_DATA_08;
    if (!silent && a->p2 != SELECT_P2_FCI && a->p2 != SELECT_P2_FCP) return ST_BAD_P1P2;
    if (a->data.n < LIMIT_AID_MIN || a->data.n > LIMIT_AID_MAX) return ST_BAD_LENGTH;
    if (begins_with(a->data, schsm_aid()) && !h->rescue_only) {
        open_applet(h, APPLET_HSM);
        if (!silent) fcp_put_application(reply, h->settings.options);
        return ST_OK;
    }
    if (begins_with(a->data, schsm_rescue_aid())) {
        open_applet(h, APPLET_RESCUE);
        if (!silent) put_rescue_answer(h, reply);
        return ST_OK;
    }
    return ST_NOT_FOUND;
}

/* ---- files ---- */

/* 3F00 is the MF and never a current EF. */
static status fid_from_data(const struct apdu *a, uint16_t *fid)
{
    bytes path = a->data;
    *fid = FID_MF;
    switch (a->p1) {
    case SELECT_P1_PARENT: return path.n == 0 ? ST_OK : ST_BAD_LENGTH;
    case SELECT_P1_FID:
        if (path.n == 0) return ST_OK;
        break;
    case SELECT_P1_CHILD_DF:
    case SELECT_P1_CHILD_EF: break;
    case SELECT_P1_PATH_FROM_MF:
    case SELECT_P1_PATH:
        if (path.n < 2 || path.n % 2) return ST_BAD_LENGTH;
        path = bytes_after(path, path.n - 2); /* the tree is flat: the last element decides */
        break;
    default: return ST_BAD_P1P2;
    }
    if (path.n != 2) return ST_BAD_LENGTH;
    *fid = (uint16_t)be_get(path);
    return ST_OK;
}

/* Size of what SELECT can find. Keys and internal files have none to tell. */
static status selectable(struct hsm *h, uint16_t fid, enum fcp_type *type, size_t *size)
{
    *type = FCP_WORKING_EF;
    *size = 0;
    switch (file_class(h, fid)) {
    case FILE_PUBLIC:
    case FILE_PRIVATE:
    case FILE_STAGING:
    case FILE_OWN: return file_size(h, fid, size);
    case FILE_KEY: *type = FCP_INTERNAL_EF; return key_exists(h, (uint8_t)fid) ? ST_OK : ST_NOT_FOUND;
    case FILE_INTERNAL: /* PIN files can be selected (apdu.md 2.3), though nothing can be done with them */
        *type = FCP_INTERNAL_EF;
        return fid == (0x1000u | PIN_USER) || fid == (0x1000u | PIN_SO) ? ST_OK : ST_NOT_FOUND;
    case FILE_CONTAINER:
    case FILE_NONE: break;
    }
    return ST_NOT_FOUND;
}

static void put_mf(buf *reply)
{
    fcp_put_file(reply, FID_MF, FCP_DF, 0, NO_BYTES);
}

/* A key whose restrictions cannot be read must not look like one that has none. */
static status put_key_fcp(struct hsm *h, uint16_t fid, buf *reply)
{
    uint8_t metadata[KEY_INFO_SIZE_MAX + 8];
    buf b = BUF(metadata);
    struct key_info info;
    TRY(key_info_load(h, (uint8_t)fid, &info));
    key_metadata_put(&b, &info.metadata);
    fcp_put_file(reply, fid, FCP_INTERNAL_EF, 0, written(&b));
    return ST_OK;
}

status cmd_select(struct hsm *h, const struct apdu *a, buf *reply)
{
    uint16_t fid;
    enum fcp_type type;
    size_t size;
    bool silent = a->p2 == SELECT_P2_NO_DATA;
    if (a->p1 > SELECT_P1_PATH || (a->p1 > SELECT_P1_AID && a->p1 < SELECT_P1_PATH_FROM_MF)) return ST_BAD_P1P2;
    if (!silent && a->p2 != SELECT_P2_FCI && a->p2 != SELECT_P2_FCP) return ST_BAD_P1P2;
    TRY(fid_from_data(a, &fid));
    if (fid == FID_MF) {
        h->session.current = 0;
        if (!silent) put_mf(reply);
        return ST_OK;
    }
    TRY(selectable(h, fid, &type, &size));
    h->session.current = fid;
    if (silent) return ST_OK;
    if (fid >> 8 == FID_PREFIX_KEY) return put_key_fcp(h, fid, reply);
    fcp_put_file(reply, fid, type, size, NO_BYTES);
    return ST_OK;
}
