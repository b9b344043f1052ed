/* SPDX-License-Identifier: Apache-2.0 */
/* The machine beneath the card: what the rescue applet (apdu.md 3.29) and EXTRAS (3.26) both tell and change.
 *
 * The hardware description (PHY) is a value of its own, sealed at device level: it survives INITIALIZE and is no object
 * in the sense of EF 2F1F. What is written is in force from the next start on. */
#ifndef CARD_MACHINE_H
#define CARD_MACHINE_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/crypto.h"
#include "port/platform.h"
#include "wire/phy.h"

struct hsm;

/* ---- the human ---- */

/* Asks for the presence button, at most as long as PHY tag 08 says, else the board's profile. A timeout of 0 means yes
 * without asking (apdu.md 4.7). `what` as for struct presence. */
bool machine_confirm(struct hsm *h, const char *what);

/* ---- hardware description ---- */

/* The stored description; defaults when none was ever written. ST_OK, or what vault_get says. */
MUST_CHECK status machine_phy_load(struct hsm *h, struct phy *phy);
/* Replaces the stored description. */
MUST_CHECK status machine_phy_store(struct hsm *h, const struct phy *phy);
/* Appends the stored records as hosts expect them: the options among them in any case (formats.md 13.2). */
MUST_CHECK status machine_phy_put(struct hsm *h, buf *reply);
/* Does the description in force offer this curve (apdu.md 8.3)? */
bool machine_offers_curve(const struct hsm *h, enum crypto_curve curve);
bool machine_offers_okp(const struct hsm *h, enum crypto_okp okp);

/* ---- clock and memory ---- */

/* Seconds since 1970. ST_OK; ST_CONDITIONS: never set, or past what 4 bytes hold. */
MUST_CHECK status machine_date(struct hsm *h, uint32_t *unix_seconds);
/* Can this board's clock be set at all? */
bool machine_has_settable_date(const struct hsm *h);
/* ST_OK; ST_EXECUTION: the clock refuses, or nobody may set it. */
MUST_CHECK status machine_date_set(struct hsm *h, uint32_t unix_seconds);

/* Appends free, used, total, number of values, size of the flash chip: 4 bytes each. */
void machine_put_memory(struct hsm *h, buf *reply);

/* ---- restart ---- */

/* Asks the board to restart once the answer has left. False: this board cannot. */
bool machine_can_restart(const struct hsm *h);
void machine_restart(struct hsm *h, enum platform_restart how);

#endif
