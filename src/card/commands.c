/* SPDX-License-Identifier: Apache-2.0 */
/* The command table of the HSM applet and the checks that every command shares (apdu.md 1.10, steps 5 to 7). */
#include "card/commands.h"

#include "card/hsm.h"

/* ---- P1 P2 rules; step 6, before authorisation ---- */

static status zero_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p1 == 0 && a->p2 == 0 ? ST_OK : ST_BAD_P1P2;
}

static status any_p1p2(struct hsm *h, const struct apdu *a)
{
    return ST_OK;
}

/* apdu.md 3.8: a P2 with bits 60 is no reference at all, another one is one that nobody has. */
static status verify_p1p2(struct hsm *h, const struct apdu *a)
{
    if (a->p1 != 0 || (a->p2 & 0x60)) return ST_WRONG_PARAMETER;
    return a->p2 == PIN_USER || a->p2 == PIN_SO ? ST_OK : ST_REFERENCE_UNKNOWN;
}

static status change_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p1 == 0 && (a->p2 == PIN_USER || a->p2 == PIN_SO) ? ST_OK : ST_WRONG_PARAMETER;
}

static status reset_p1p2(struct hsm *h, const struct apdu *a)
{
    if (a->p1 > 3) return ST_BAD_P1P2;
    return a->p2 == PIN_USER ? ST_OK : ST_REFERENCE_UNKNOWN;
}

/* apdu.md 3.11: without the option the instruction does not exist in any form. */
static status session_pin_p1p2(struct hsm *h, const struct apdu *a)
{
    if (!(h->settings.options & OPTION_SESSION_PIN)) return ST_NO_COMMAND;
    if (a->p1 != 1 && a->p1 != 2) return ST_BAD_P1P2;
    return a->p2 == PIN_USER ? ST_OK : ST_REFERENCE_UNKNOWN;
}

static status new_key_p1p2(struct hsm *h, const struct apdu *a)
{
    return a->p1 == 0 ? ST_BAD_P1P2 : ST_OK; /* DP-31: the device key is never replaced */
}

/* SET (odd P1) of one of the templates that ISO 7816-4 names (apdu.md 3.21). */
static status mse_p1p2(struct hsm *h, const struct apdu *a)
{
    static const uint8_t templates[] = {0xA4, 0xA6, 0xAA, 0xB4, 0xB6, 0xB8};
    return a->p1 & 1 && memchr(templates, a->p2, sizeof templates) ? ST_OK : ST_BAD_P1P2;
}

static status delete_p1p2(struct hsm *h, const struct apdu *a)
{
    return (a->p1 == 0 || a->p1 == 2) && a->p2 == 0 ? ST_OK : ST_BAD_P1P2;
}

/* clang-format off */
static const struct command commands[] = {
    /* INS                        who may                 data bytes   P1 P2             handler                    */
    {INS_VERIFY,                  ACCESS_ANYONE,           0,   16,    verify_p1p2,      cmd_verify,                "VERIFY"},
    {INS_MANAGE_SECURITY_ENVIRONMENT, ACCESS_ANYONE,       0, 4096,    mse_p1p2,         cmd_manage_security_environment, "MANAGE SECURITY ENVIRONMENT"},
    {INS_CHANGE_REFERENCE_DATA,   ACCESS_ANYONE,          12,   32,    change_p1p2,      cmd_change_reference_data, "CHANGE REFERENCE DATA"},
    {INS_RESET_RETRY_COUNTER,     ACCESS_ANYONE,           0, 4096,    reset_p1p2,       cmd_reset_retry_counter,   "RESET RETRY COUNTER"},
    {INS_GENERATE_KEY_PAIR,       ACCESS_USER,             0, 4096,    new_key_p1p2,     cmd_generate_key_pair,     "GENERATE ASYMMETRIC KEY PAIR"},
    {INS_HD_WALLET,               ACCESS_USER,             0, 4096,    hd_wallet_p1p2,   cmd_hd_wallet,             "HD WALLET"},
    {INS_GENERATE_SECRET_KEY,     ACCESS_USER,             0, 4096,    generate_secret_p1p2, cmd_generate_secret_key, "GENERATE SYMMETRIC KEY"},
    {INS_INITIALIZE,              ACCESS_ANYONE,           0, 4096,    zero_p1p2,        cmd_initialize,            "INITIALIZE DEVICE"},
    {INS_KEY_DOMAIN,              ACCESS_ANYONE,           0, 4096,    key_domain_p1p2,  cmd_key_domain,            "KEY DOMAIN"},
    {INS_WRAP,                    ACCESS_USER,             0,    0,    wrap_p1p2,        cmd_wrap,                  "WRAP KEY"},
    {INS_UNWRAP,                  ACCESS_USER,             0, 4096,    unwrap_p1p2,      cmd_unwrap,                "UNWRAP KEY"},
    {INS_VERIFY_CERTIFICATE,      ACCESS_ANYONE,           0, 4096,    verify_certificate_p1p2, cmd_verify_certificate, "VERIFY CERTIFICATE"},
    {INS_PUBLIC_KEY_AUTHENTICATION, ACCESS_ANYONE,         0, 4096,    puk_p1p2,         cmd_public_key_authentication, "PUBLIC KEY AUTHENTICATION"},
    {INS_EXTERNAL_AUTHENTICATE,   ACCESS_ANYONE,           0, 4096,    zero_p1p2,        cmd_external_authenticate, "EXTERNAL AUTHENTICATE"},
    {INS_LIST,                    ACCESS_ANYONE,           0,    0,    zero_p1p2,        cmd_list,                  "LIST OBJECTS"},
    {INS_BULK_METADATA,           ACCESS_ANYONE,           0,    0,    bulk_p1p2,        cmd_bulk_metadata,         "BULK METADATA"},
    {INS_IMPORT_KEY,              ACCESS_USER,             0, 4096,    import_p1p2,      cmd_import_key,            "IMPORT KEY"},
    {INS_DERIVE_KEY,              ACCESS_USER,             0, 4096,    derive_p1p2,      cmd_derive_key,            "DERIVE ASYMMETRIC KEY"},
    {INS_SESSION_PIN,             ACCESS_ANYONE,           0,    0,    session_pin_p1p2, cmd_session_pin,           "SESSION PIN"},
    {INS_DECIPHER,                ACCESS_USER,             0, 4096,    any_p1p2,         cmd_decipher,              "DECIPHER"},
    {INS_CIPHER,                  ACCESS_USER,             0, 4096,    any_p1p2,         cmd_cipher,                "SYMMETRIC CIPHER"},
    {INS_KDF_STORE,               ACCESS_USER,             0, 4096,    kdf_store_p1p2,   cmd_kdf_store,             "KDF STORE"},
    {INS_EXTRAS,                  ACCESS_USER,             0, 4096,    extras_p1p2,      cmd_extras,                "EXTRAS"},
    {INS_SIGN,                    ACCESS_USER,             0, 4096,    any_p1p2,         cmd_sign,                  "SIGN"},
    {INS_GET_CHALLENGE,           ACCESS_ANYONE,           0,    0,    challenge_p1p2,   cmd_get_challenge,         "GET CHALLENGE"},
    {INS_GENERAL_AUTHENTICATE,    ACCESS_ANYONE,           0, 4096,    zero_p1p2,        cmd_general_authenticate,  "GENERAL AUTHENTICATE"},
    {INS_STREAM,                  ACCESS_USER,             0, 4096,    stream_p1p2,      cmd_stream,                "STREAM"},
    {INS_SELECT,                  ACCESS_ANYONE,           0, 4096,    any_p1p2,         cmd_select,                "SELECT"},
    {INS_READ_BINARY,             ACCESS_USER_CHECKS_FILE, 0, 4096,    any_p1p2,         cmd_read_binary,           "READ BINARY"},
    {INS_READ_BINARY_ODD,         ACCESS_USER_CHECKS_FILE, 0, 4096,    any_p1p2,         cmd_read_binary_odd,       "READ BINARY"},
    {INS_UPDATE_BINARY_ODD,       ACCESS_USER,             0, 4096,    any_p1p2,         cmd_update_binary,         "UPDATE BINARY"},
    {INS_DELETE_FILE,             ACCESS_USER,             0, 4096,    delete_p1p2,      cmd_delete_file,           "DELETE FILE"},
};
/* clang-format on */

const struct command *command_table(size_t *count)
{
    *count = COUNT(commands);
    return commands;
}

static const struct command *command_find(uint8_t ins)
{
    for (size_t i = 0; i < COUNT(commands); i++) {
        if (commands[i].ins == ins) return &commands[i];
    }
    return NULL;
}

static bool access_granted(const struct hsm *h, enum access access)
{
    switch (access) {
    case ACCESS_ANYONE:
    case ACCESS_USER_CHECKS_FILE: return true;
    case ACCESS_USER: return session_is_user(h);
    case ACCESS_NEVER: break;
    }
    return false;
}

static status run_hsm_command(struct hsm *h, const struct apdu *a, buf *reply, const char **name)
{
    const struct command *c = command_find(a->ins);
    if (!c) return ST_NO_COMMAND;
    *name = c->name;
    TRY(c->check_p1p2(h, a));
    if (!access_granted(h, c->access)) return ST_NOT_AUTHORIZED;
    if (a->data.n < c->data_min || a->data.n > c->data_max) return ST_BAD_LENGTH;
    return c->run(h, a, reply);
}

status dispatch(struct hsm *h, const struct apdu *a, buf *reply, const char **name)
{
    *name = "unknown";
    if (a->ins == INS_SELECT && a->p1 == SELECT_P1_AID) {
        *name = "SELECT applet";
        return select_applet(h, a, reply);
    }
    switch (h->applet) {
    case APPLET_HSM: return run_hsm_command(h, a, reply, name);
    case APPLET_RESCUE: return rescue_dispatch(h, a, reply, name);
    case APPLET_NONE: break;
    }
    return ST_NOT_FOUND;
}
