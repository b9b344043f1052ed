/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of both applets: who may call them, with how much data, and the function that tells the story.
 *
 * A handler gets a well-formed APDU whose class, instruction, P1 P2 rule, access and data size were checked. It appends
 * its response data to `reply` and returns a status; a reply of a failed command is dropped by card/chain. */
#ifndef CARD_COMMANDS_H
#define CARD_COMMANDS_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/apdu.h"

struct hsm;

enum access {
    ACCESS_NEVER = 0, /* a forgotten column denies */
    ACCESS_ANYONE,
    ACCESS_USER,             /* user authenticated, apdu.md 4.3 */
    ACCESS_USER_CHECKS_FILE, /* the handler asks for the right that its file needs, apdu.md 3.3 */
};

typedef status command_run(struct hsm *h, const struct apdu *a, buf *reply);

struct command {
    uint8_t ins;
    enum access access;
    uint16_t data_min, data_max;                               /* bytes; outside: 6700, asked after access */
    status (*check_p1p2)(struct hsm *h, const struct apdu *a); /* asked before access */
    command_run *run;
    const char *name;
};

/* Runs `a` on the selected applet. The name of what ran (never NULL) is left in *name. */
MUST_CHECK status dispatch(struct hsm *h, const struct apdu *a, buf *reply, const char **name);

/* The commands of the HSM applet, for tests that try every row. */
const struct command *command_table(size_t *count);

command_run cmd_verify, cmd_change_reference_data, cmd_reset_retry_counter, cmd_session_pin;
command_run cmd_extras, cmd_generate_key_pair, cmd_initialize, cmd_list, cmd_decipher, cmd_sign, cmd_get_challenge;
command_run cmd_manage_security_environment, cmd_general_authenticate;
command_run cmd_select, cmd_read_binary, cmd_read_binary_odd, cmd_update_binary, cmd_delete_file;

command_run cmd_wrap, cmd_unwrap, cmd_key_domain;
command_run cmd_derive_key, cmd_bulk_metadata, cmd_import_key;
command_run cmd_hd_wallet;

/* apdu.md 3.18 to 3.20: which P1 P2 there are. ST_OK; ST_WRONG_PARAMETER; ST_BAD_P1P2; ST_REFERENCE_UNKNOWN. */
MUST_CHECK status wrap_p1p2(struct hsm *h, const struct apdu *a);
MUST_CHECK status unwrap_p1p2(struct hsm *h, const struct apdu *a);
MUST_CHECK status key_domain_p1p2(struct hsm *h, const struct apdu *a);

command_run cmd_verify_certificate, cmd_public_key_authentication, cmd_external_authenticate;

/* apdu.md 3.23. ST_OK, ST_BAD_P1P2. */
MUST_CHECK status verify_certificate_p1p2(struct hsm *h, const struct apdu *a);
/* apdu.md 3.24: also whether public key authentication is on at all. ST_OK, ST_BAD_P1P2, ST_NOT_FOUND, ST_CONDITIONS. */
MUST_CHECK status puk_p1p2(struct hsm *h, const struct apdu *a);

command_run cmd_generate_secret_key, cmd_cipher, cmd_kdf_store;
/* apdu.md 3.13; decisions.md, 7C. ST_OK, ST_BAD_P1P2. */
MUST_CHECK status generate_secret_p1p2(struct hsm *h, const struct apdu *a);
MUST_CHECK status kdf_store_p1p2(struct hsm *h, const struct apdu *a);

/* apdu.md 3.16 and decisions.md, 5C and 5E. ST_OK, ST_BAD_P1P2. */
MUST_CHECK status derive_p1p2(struct hsm *h, const struct apdu *a);
MUST_CHECK status bulk_p1p2(struct hsm *h, const struct apdu *a);
MUST_CHECK status import_p1p2(struct hsm *h, const struct apdu *a);

/* apdu.md 3.25. ST_OK, ST_BAD_P1P2. */
MUST_CHECK status hd_wallet_p1p2(struct hsm *h, const struct apdu *a);

command_run cmd_stream;
/* decisions.md, 7A; who is not logged in loses the stream here. ST_OK, ST_BAD_P1P2. */
MUST_CHECK status stream_p1p2(struct hsm *h, const struct apdu *a);

/* apdu.md 3.6, and P2 = 01, ours. ST_OK, ST_BAD_P1P2. */
MUST_CHECK status challenge_p1p2(struct hsm *h, const struct apdu *a);

/* Is there such a function of EXTRAS (apdu.md 3.26)? ST_OK, ST_BAD_P1P2. */
MUST_CHECK status extras_p1p2(struct hsm *h, const struct apdu *a);

/* SELECT by AID, the only command that works without an applet (apdu.md 2.2). */
MUST_CHECK status select_applet(struct hsm *h, const struct apdu *a, buf *reply);
/* A command of the rescue applet (apdu.md 3.29). */
MUST_CHECK status rescue_dispatch(struct hsm *h, const struct apdu *a, buf *reply, const char **name);

#endif
