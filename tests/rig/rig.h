/* SPDX-License-Identifier: Apache-2.0 */
/* A whole card on a bench: struct hsm on simulated hardware that a test can see and steer.
 *
 * Every command is handed over in a heap block cut to size, so that ASan sees one byte read too many, and every answer
 * is a copy that lives until rig_forget() or rig_stop(). Nothing is shared between two rigs: each may run in a thread
 * of its own. What cannot go wrong in a sane test (setting up, memory) ends the program with a message; what a test
 * wants to judge is returned. Assertions are in expect.h. */
#ifndef TESTS_RIG_RIG_H
#define TESTS_RIG_RIG_H

#include "boards/sim/sim_nor.h"
#include "card/hsm.h"

#define RIG_USER_PIN "363438323139"   /* "648219"   */
#define RIG_SO_PIN "3537363231383830" /* "57621880" */
#define RIG_AID "E82B0601040181C31F0201"
#define RIG_RESCUE_AID "A0583FC19B7E4F21"

struct rig_options { /* zero: the default */
    uint64_t seed;
    uint32_t sector_count;   /* of 4096 bytes; default 128 (512 KiB)      */
    uint32_t slot_cap;       /* values; default 4096                      */
    bool no_device_secret;   /* as on an RP2040; default: there is one    */
    uint32_t pin_rounds;     /* default 1                                 */
    uint32_t pin_rounds_max; /* default 1000                              */
};

struct rig_presence {
    bool answer;         /* what the human does; true from the start */
    unsigned calls;      /* how often asked                          */
    uint32_t timeout_ms; /* of the last call                         */
    char what[80];       /* of the last call                         */
};

struct rig_entropy {
    uint64_t state;
    unsigned calls;
    unsigned fail_at; /* the call from which on the source is silent, counted from 1; 0 = never */
};

struct rig_progress {
    unsigned ticks;
    unsigned stop_at; /* the tick from which on the answer is "give up", counted from 1; 0 = never */
};

struct rig_date {
    bool known; /* false from the start */
    uint64_t unix_seconds;
    unsigned sets;
    bool stuck; /* setting fails */
};

struct rig_platform {
    unsigned restarts;
    enum platform_restart how; /* the last one */
    struct platform_secure_boot boot;
    uint8_t boot_keys; /* bit for each key that the chip knows; none from the start */
    status fails;      /* what everything but restart answers; ST_OK from the start */
};

struct answer {
    bytes data;
    uint16_t sw;
};

struct rig_block;

struct rig {
    struct hsm *hsm;
    bool open;
    enum hsm_link link; /* of the commands sent from now on; remote at first */

    struct sim_nor *sim; /* the flash; may be tortured at any time */
    struct rig_entropy entropy;
    struct rig_presence presence;
    struct rig_progress progress;
    struct rig_date date;
    struct rig_platform platform;
    uint32_t now_ms;
    enum led_state led;
    unsigned led_shown[LED_STATE_COUNT]; /* times each state was shown */
    uint8_t secret[DEVICE_SECRET_SIZE];

    struct hsm_board board; /* points at the ports below; edit before rig_open */
    struct entropy port_entropy;
    struct presence port_presence;
    struct progress port_progress;
    struct clock port_clock;
    struct platform port_platform; /* a flash chip of 4 MiB, firmware of 512 KiB */
    struct led port_led;
    struct device_secret port_secret;

    const char *traced; /* name of the last command that ran */
    struct rig_block *blocks;
};

/* ---- life ---- */

/* Hardware without a running card; blank flash. */
struct rig *rig_new(const struct rig_options *options);
/* Starts the card on whatever the flash holds. */
status rig_open(struct rig *r);
/* rig_new and rig_open with defaults; the card is virgin and nothing is selected. */
struct rig *rig_start(uint64_t seed);
/* Power off, and on again with the same flash. RAM of the card is filled with A5 in between. */
status rig_power_cycle(struct rig *r);
/* Reset line: hsm_reset. */
void rig_reset(struct rig *r);
/* Power off only. */
void rig_power_off(struct rig *r);
void rig_stop(struct rig *r);
/* Frees all answers so far. */
void rig_forget(struct rig *r);
/* A copy of what the flash holds. */
bytes rig_image(struct rig *r);
/* Replaces what the flash holds; `image` has the size of the flash. Between power off and rig_open only. */
void rig_image_set(struct rig *r, bytes image);
/* The bytes of a hex string (blanks are skipped), in a block cut to size. */
bytes rig_hex(struct rig *r, const char *hex);
/* A copy in a block cut to size. */
bytes rig_copy(struct rig *r, bytes from);
/* Do these bytes lie in the card's memory or in its pool? */
bool rig_ram_holds(const struct rig *r, bytes what);

/* ---- commands ---- */

struct answer rig_send_bytes(struct rig *r, bytes raw);
struct answer rig_send(struct rig *r, const char *hex);
/* Short form where it fits, else extended; ne 0: no Le, 65536: extended Le 0000. */
struct answer rig_command(struct rig *r, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, bytes data, uint32_t ne);
/* The same with data in hex. */
struct answer rig_command_hex(struct rig *r, uint8_t cla, uint8_t ins, uint8_t p1, uint8_t p2, const char *data,
                              uint32_t ne);

/* ---- what tests do all the time ---- */

struct answer rig_select(struct rig *r); /* the HSM applet */
struct answer rig_login(struct rig *r);  /* RIG_USER_PIN */
struct answer rig_login_so(struct rig *r);
/* INITIALIZE with both PINs and further TLVs in hex ("80020001 91010A"). */
struct answer rig_initialise(struct rig *r, const char *more);
/* A card that is selected, initialised with `more` and logged in. */
struct rig *rig_ready(uint64_t seed, const char *more);
/* GENERATE ASYMMETRIC KEY PAIR with the whole curve, or with exponent and size, CAR "UTCA00001", CHR "UTCDUMMY00001";
 * `more`: metadata TLVs in hex. e 0: tag 82 absent. */
struct answer rig_generate_ec(struct rig *r, uint8_t id, enum crypto_curve curve, const char *more);
struct answer rig_generate_okp(struct rig *r, uint8_t id, enum crypto_okp okp, const char *more);
struct answer rig_generate_rsa(struct rig *r, uint8_t id, uint16_t bits, uint32_t e, const char *more);
/* Writes the whole file `fid` (up to 4 KB), reads `ne` bytes from `at`, deletes. */
struct answer rig_update(struct rig *r, uint16_t fid, uint32_t at, bytes content);
struct answer rig_read(struct rig *r, uint16_t fid, uint32_t at, uint32_t ne);
struct answer rig_delete(struct rig *r, uint16_t fid);
struct answer rig_list(struct rig *r);
/* SELECT by file id. */
struct answer rig_select_file(struct rig *r, uint16_t fid);
/* EF 2F1F; ends the program when the card does not answer. */
uint32_t rig_generation(struct rig *r);

/* ---- the flash behind it (flash.c) ---- */

void rig_flash_new(struct rig *r, uint32_t sector_count, uint64_t seed);
void rig_flash_free(struct rig *r);

#endif
