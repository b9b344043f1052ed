/* SPDX-License-Identifier: Apache-2.0 */
/* The HSM: one APDU in, one answer out.
 *
 * All state hangs off one struct hsm; several may live in one process. A board lends the hardware and the memory,
 * a link brings the bytes, one thread at a time. Nothing here allocates, prints or keeps a global. */
#ifndef CARD_HSM_H
#define CARD_HSM_H

#include "base/bytes.h"
#include "base/status.h"
#include "card/pins.h"
#include "card/secure_channel.h"
#include "card/session.h"
#include "card/settings.h"
#include "card/vault.h"
#include "crypto/crypto.h"
#include "port/clock.h"
#include "port/device_secret.h"
#include "port/entropy.h"
#include "port/led.h"
#include "port/nor.h"
#include "port/platform.h"
#include "port/presence.h"
#include "port/progress.h"
#include "store/store.h"
#include "wire/apdu.h"
#include "wire/phy.h"

#define HSM_DATA_MAX 4096u /* command and response data of one command (decisions.md OD-1) */
/* The longest answer: data of a secured response and a status word (apdu.md 1.5). */
#define HSM_REPLY_MAX (HSM_DATA_MAX + 37u + 2u)
#define HSM_NAME_MAX 16u
#define HSM_SERIAL_SIZE 8u

/* Where a command comes from: decides what the policy word allows in plain (decisions.md). */
enum hsm_link { HSM_LINK_REMOTE, HSM_LINK_IN_PROCESS };

/* What differs from board to board without being hardware. */
struct hsm_profile {
    uint32_t pin_rounds;             /* PBKDF2 rounds of a PIN set from now on; chips never under 5,000        */
    uint32_t pin_rounds_max;         /* an image whose PINs cost more is refused (decisions.md "at rest" 2)    */
    uint32_t presence_ms;            /* how long to wait for the button when PHY tag 08 does not say           */
    uint8_t serial[HSM_SERIAL_SIZE]; /* chip id */
};

/* What a board lends to a card; everything must outlive it. `platform` and `trace` may be NULL. */
struct hsm_board {
    const struct nor *nor;
    const struct entropy *entropy;
    const struct presence *presence;
    const struct clock *clock;
    const struct led *led;
    const struct device_secret *device_secret;
    const struct progress *progress;
    const struct platform *platform;
    struct hsm_profile profile;
    span crypto_pool;         /* 16-byte aligned; CRYPTO_POOL_SIZE on chips, 256 KiB on hosts */
    struct store_slot *slots; /* one for each value the card shall hold                       */
    uint32_t slot_cap;
    void *trace_ctx;
    /* Called after each command: its name (never NULL), sizes and status word; never data. */
    void (*trace)(void *ctx, const char *command, size_t data_size, size_t reply_size, uint16_t sw);
};

enum hsm_applet { APPLET_NONE, APPLET_HSM, APPLET_RESCUE };

/* Command chaining and long replies (apdu.md 1.6, 1.7). */
struct chain {
    bool open;
    bool secured; /* its links came through secure messaging */
    uint8_t cla, ins, p1, p2;
    size_t size;                                 /* bytes joined so far */
    uint8_t data[HSM_DATA_MAX + SM_PADDING_MAX]; /* a secured link is opened where it joins the others */
    buf reply;                                   /* over reply_bytes */
    size_t sent; /* bytes of the reply already handed out; the rest waits for GET RESPONSE */
    bool pending;
    uint8_t under_status[2]; /* reply bytes that the status word in the buffer hides */
    uint8_t reply_bytes[HSM_REPLY_MAX];
};

/* Private fields; declared here so that the caller owns the memory. */
struct hsm {
    const struct hsm_board *board;
    struct crypto crypto;
    struct store store;
    struct vault vault;
    struct settings settings;
    struct phy phy;   /* in force since hsm_open; a new one waits in flash for the next start */
    bool rescue_only; /* hsm_open_rescue: no store, no vault, no crypto */
    enum hsm_applet applet;
    enum led_state led_after; /* shown when the command that runs has ended */
    enum hsm_link link;       /* of the command that runs */
    bool secured;             /* the command that runs came through secure messaging */
    struct secure_channel channel;
    struct session session;
    struct session_pin session_pin;
    uint8_t tries_left;         /* goes with ST_PIN_WRONG into the status word */
    uint8_t name[HSM_NAME_MAX]; /* CHR of the first certificate in 2F02 */
    size_t name_size;
    struct chain chain;
};

/* Starts a card on a board. A blank flash is formatted and gets its device key and certificate.
 * ST_OK
 * ST_EXECUTION        the entropy source is unhealthy
 * ST_NOT_SUPPORTED    the flash was written by a newer version, or its PINs cost more than this board can do
 * ST_DATA_NOT_USABLE  the flash belongs to another device secret
 * ST_BAD_DATA         the flash holds something else, or values were lost, replayed or damaged
 * ST_NO_SPACE         more values than `slot_cap`
 * ST_FLASH            flash refused
 * On every failure the flash is unchanged (a blank one excepted) and the card is closed. */
MUST_CHECK status hsm_open(struct hsm *h, const struct hsm_board *board);

/* Starts a card that could not be opened, or that brings the board down again and again, with nothing but its rescue
 * applet: a host can see what is wrong and restart the board, into its boot loader too. Neither flash nor entropy is
 * touched, nothing is ever written, no key is in reach.
 *   SELECT of the HSM's AID               6A82
 *   rescue 1E (description: the defaults, numbers of the store: 0, firmware size, secure boot, clock), 1F   as ever
 *   rescue 10/02, 1C, 1D                  6400, without asking for the button
 * Cannot fail; hsm_close, hsm_reset and hsm_command as after hsm_open. */
void hsm_open_rescue(struct hsm *h, const struct hsm_board *board);

/* The hardware description in force: what USB, LED and button shall look like. Valid after hsm_open, also when that
 * failed and after hsm_open_rescue (all defaults then), until the next start; never NULL. What a host writes meanwhile
 * does not show here. */
const struct phy *hsm_phy(const struct hsm *h);

/* Ends the session and wipes all keys. */
void hsm_close(struct hsm *h);

/* Power on, power off, reset: everything volatile is gone, no applet is selected (apdu.md 4.2). */
void hsm_reset(struct hsm *h);

/* Runs one command APDU and returns its answer: 0..4133 bytes of data and a status word. Never fails; the answer is
 * valid until the next call. Any bytes may be given (apdu.md 1.5: 6700). */
bytes hsm_command(struct hsm *h, enum hsm_link link, bytes raw);

/* The card's ATR (apdu.md 1.1), 24 bytes. */
bytes hsm_atr(void);

#endif
