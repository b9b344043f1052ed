/* SPDX-License-Identifier: Apache-2.0 */
/* LIST OBJECTS, READ BINARY, UPDATE BINARY, DELETE FILE (apdu.md 3.1, 3.3 to 3.5). */
#include "card/commands.h"
#include "card/device.h"
#include "card/files.h"
#include "card/hsm.h"
#include "card/keys.h"
#include "card/objects.h"
#include "wire/tlv.h"

/* ---- LIST ---- */

/* Keys first: one client reads 128 entries only. The device key's description is not listed (OD-10). */
static const uint8_t listed[] = {FID_PREFIX_KEY, FID_PREFIX_CA_CERTIFICATE, FID_PREFIX_DATA_DESCRIPTION,
                                 FID_PREFIX_CA_DESCRIPTION, FID_PREFIX_KEY_DESCRIPTION};

static void list_prefix(struct hsm *h, uint8_t prefix, buf *reply)
{
    for (unsigned id = 0; id <= 0xFF; id++) {
        uint16_t fid = FID_OF(prefix, id);
        if (fid == FID_DEVICE_KEY_DESCRIPTION) continue;
        if (vault_has(&h->vault, STORE_KEY(fid, 0))) put_u16(reply, fid);
    }
}

status cmd_list(struct hsm *h, const struct apdu *a, buf *reply)
{
    for (size_t i = 0; i < COUNT(listed); i++) list_prefix(h, listed[i], reply);
    return ST_OK;
}

/* ---- which file ---- */

/* P1P2 of the odd instructions: a FID, or 0000 for the current EF; 0001..001E would be short ids, of which there are
 * none. */
static status target(const struct hsm *h, const struct apdu *a, uint16_t *fid)
{
    *fid = (uint16_t)(a->p1 << 8 | a->p2);
    if (*fid == 0) *fid = h->session.current;
    return *fid <= 0x1E ? ST_NOT_FOUND : ST_OK;
}

/* ---- READ BINARY ---- */

/* Asked before anything tells whether the file exists (DP-21). */
static status readable(struct hsm *h, uint16_t fid)
{
    switch (file_class(h, fid)) {
    case FILE_PUBLIC:
    case FILE_OWN: return ST_OK;
    case FILE_PRIVATE: return session_is_user(h) ? ST_OK : ST_NOT_AUTHORIZED;
    case FILE_CONTAINER: { /* one written before its name became a container's stays readable: apdu.md 3.3 */
        size_t size;
        bool hidden = fid >> 8 == 0xC7;
        if (!hidden && file_size(h, fid, &size) == ST_OK) return ST_OK;
        return !hidden || key_exists(h, (uint8_t)fid) ? ST_NOT_AUTHORIZED : ST_NOT_FOUND;
    }
    case FILE_NONE: return ST_NOT_FOUND;
    case FILE_STAGING:
    case FILE_KEY:
    case FILE_INTERNAL: break;
    }
    return ST_NOT_AUTHORIZED;
}

static status read_binary(struct hsm *h, uint16_t fid, size_t at, uint32_t ne, buf *reply)
{
    size_t size;
    TRY(file_size(h, fid, &size));
    if (at > size) return ST_END_OF_FILE;
    size_t n = size - at;
    if (n > ne) n = ne;
    if (n > HSM_DATA_MAX) n = HSM_DATA_MAX;
    return file_read(h, fid, at, put_space(reply, n));
}

status cmd_read_binary(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->p1 & 0x80 || h->session.current == 0) return ST_NOT_FOUND; /* no file has a short id */
    TRY(readable(h, h->session.current));
    if (a->data.n) return ST_BAD_LENGTH;
    return read_binary(h, h->session.current, (size_t)(a->p1 << 8 | a->p2), a->ne, reply);
}

/* `54 LL offset`, LL 0..4. What follows is the caller's. */
static status read_offset(reader *r, size_t *at)
{
    tlv t;
    if (!tlv_next(r, &t) || t.tag != TAG_FILE_OFFSET || t.value.n > LIMIT_FILE_OFFSET_SIZE) return ST_BAD_LENGTH;
    *at = be_get(t.value);
    return ST_OK;
}

status cmd_read_binary_odd(struct hsm *h, const struct apdu *a, buf *reply)
{
    uint16_t fid;
    size_t at;
    TRY(target(h, a, &fid));
    TRY(readable(h, fid));
    reader r = read_from(a->data);
    TRY(read_offset(&r, &at));
    return read_binary(h, fid, at, a->ne, reply);
}

/* ---- UPDATE BINARY ---- */

static status writable(struct hsm *h, uint16_t fid)
{
    switch (file_class(h, fid)) {
    case FILE_PUBLIC:
    case FILE_PRIVATE:
    case FILE_STAGING: return ST_OK;
    case FILE_NONE: return ST_BAD_P1P2;
    case FILE_KEY: /* OD-11 */
    case FILE_CONTAINER:
    case FILE_OWN:
    case FILE_INTERNAL: break;
    }
    return ST_NOT_AUTHORIZED;
}

/* Offset 54 and content 53, each at most once; a malformed one changes nothing (DP-12). */
static status read_update(bytes data, size_t *at, bytes *content)
{
    reader r = read_from(data);
    *at = 0;
    *content = NO_BYTES;
    bool has_offset = false, has_content = false;
    for (tlv t; tlv_next(&r, &t);) {
        if (t.tag == TAG_FILE_OFFSET && !has_offset) {
            if (t.value.n > LIMIT_FILE_OFFSET_SIZE) return ST_BAD_LENGTH;
            *at = be_get(t.value);
            has_offset = true;
        }
        if (t.tag == TAG_FILE_DATA && !has_content) {
            *content = t.value;
            has_content = true;
        }
    }
    return r.bad ? ST_BAD_DATA : ST_OK;
}

static status replace_file(struct hsm *h, uint16_t fid, bytes content)
{
    if (!file_room(h, content.n)) return ST_NO_SPACE;
    TRY(vault_begin(&h->vault));
    TRY(file_put(h, fid, content));
    return vault_commit(&h->vault, VAULT_OBJECTS);
}

static status write_file(struct hsm *h, uint16_t fid, size_t at, bytes content)
{
    size_t size;
    if (at > 0) {
        if (at > UINT32_MAX - content.n) return ST_BAD_LENGTH;
        return file_update(h, fid, at, content);
    }
    if (content.n == 0 && file_size(h, fid, &size) == ST_OK) return ST_OK; /* "create" leaves what is there */
    return replace_file(h, fid, content);
}

status cmd_update_binary(struct hsm *h, const struct apdu *a, buf *reply)
{
    uint16_t fid;
    size_t at;
    bytes content;
    TRY(target(h, a, &fid));
    TRY(writable(h, fid));
    TRY(read_update(a->data, &at, &content));
    TRY(write_file(h, fid, at, content));
    h->session.current = fid;
    if (fid == FID_DEVICE_CERTIFICATE) device_name_load(h, false);
    return ST_OK;
}

/* ---- DELETE FILE ---- */

static bool is_fixed(uint16_t fid)
{
    return fid == FID_DIR || fid == FID_TOKEN_INFO || fid == FID_DEVICE_CERTIFICATE || fid == FID_ODF;
}

static status deletable(struct hsm *h, uint16_t fid)
{
    if (is_fixed(fid)) return ST_NOT_ALLOWED;
    if (fid == FID_DEVICE_KEY || fid == FID_DEVICE_KEY_REQUEST) return ST_NOT_AUTHORIZED;
    switch (file_class(h, fid)) {
    case FILE_PUBLIC:
    case FILE_PRIVATE:
    case FILE_STAGING:
    case FILE_KEY: return vault_has(&h->vault, STORE_KEY(fid, 0)) ? ST_OK : ST_NOT_FOUND;
    case FILE_CONTAINER:
    case FILE_NONE: return ST_NOT_FOUND;
    case FILE_OWN:
    case FILE_INTERNAL: break;
    }
    return ST_NOT_AUTHORIZED;
}

status cmd_delete_file(struct hsm *h, const struct apdu *a, buf *reply)
{
    if (a->data.n != 0 && a->data.n != 2) return ST_BAD_LENGTH;
    uint16_t fid = a->data.n ? (uint16_t)be_get(a->data) : h->session.current;
    TRY(deletable(h, fid));
    TRY(vault_begin(&h->vault));
    if (fid >> 8 == FID_PREFIX_KEY) TRY(key_remove(h, (uint8_t)fid));
    else TRY(file_remove(h, fid));
    TRY(vault_commit(&h->vault, VAULT_OBJECTS));
    h->session.current = 0;
    return ST_OK;
}
