/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware of RP2040 and RP2350: joins the board, the USB link and the card.
 *
 * One core does everything. The main loop serves USB and runs the card; while the card is busy, a timer interrupt serves
 * USB in its place, so that the host hears from it. Whoever serves, nobody else does: `card_busy` says who. */
#include "boards/rp2/chip.h"
#include "boards/rp2/flash_nor.h"
#include "boards/rp2/noise.h"
#include "boards/rp2/profile.h"
#include "boards/rp2/usb.h"
#include "card/hsm.h"

#define SERVE_MS 10 /* how often the interrupt serves USB */
#define PRESENCE_MS 30000u

_Static_assert(USB_ANSWER_MAX == HSM_REPLY_MAX, "the slots' buffers hold every answer");
_Static_assert(USB_PRODUCT_MAX == PHY_PRODUCT_MAX, "a product name of the hardware description is one of USB");

struct firmware {
    _Alignas(16) uint8_t pool[CRYPTO_POOL_SIZE];
    struct chip chip;
    struct flash_nor flash;
    struct entropy noise;
    struct presence presence;
    struct led led;
    struct device_secret secret;
    struct progress progress;
    struct hsm_board board;
    struct hsm hsm;
    status card; /* ST_OK: open; else why it could not be opened */
    struct usb_identity identity;
    struct usb usb;
    enum usb_slot_name user; /* whose session it is */
    volatile bool card_busy;
    uint8_t refusal[2];
    struct store_slot slots[PROFILE_SLOTS];
};

static uint32_t now_ms(const struct firmware *f)
{
    return f->chip.clock.uptime_ms(f->chip.clock.ctx);
}

/* ---- while the card is busy ---- */

static void on_timer(void *ctx)
{
    struct firmware *f = ctx;
    if (f->card_busy) usb_serve(&f->usb, now_ms(f));
}

static bool on_progress(void *ctx)
{
    return !usb_cancelled(&((struct firmware *)ctx)->usb);
}

/* ---- starting ---- */

static bool never_present(void *ctx, const char *what, uint32_t timeout_ms)
{
    return false;
}

static void show(void *ctx, enum led_state state) {}

static void join_board(struct firmware *f)
{
    flash_nor_open(&f->flash, PROFILE_STORE_MAX);
    chip_open(&f->chip);
    f->noise = noise_port();
    f->presence = (struct presence){f, never_present};
    f->led = (struct led){f, show};
    f->progress = (struct progress){f, on_progress};
    f->board = (struct hsm_board){
        .nor = &f->flash.port,
        .entropy = &f->noise,
        .presence = &f->presence,
        .clock = &f->chip.clock,
        .led = &f->led,
        .device_secret = &f->secret,
        .progress = &f->progress,
        .profile = {.pin_rounds = PROFILE_PIN_ROUNDS,
                    .pin_rounds_max = PROFILE_PIN_ROUNDS_MAX,
                    .presence_ms = PRESENCE_MS},
        .crypto_pool = SPAN(f->pool),
        .slots = f->slots,
        .slot_cap = PROFILE_SLOTS,
    };
    memcpy(f->board.profile.serial, f->chip.serial, HSM_SERIAL_SIZE);
}

/* What the hardware description says of USB; it comes from the card, and is all defaults when that could not be opened. */
static void identify(struct firmware *f)
{
    const struct phy *phy = hsm_phy(&f->hsm);
    bool named = phy_has(phy, PHY_VID_PID);
    f->identity = (struct usb_identity){
        .vid = named ? phy->vid : PICO_HSM_VID,
        .pid = named ? phy->pid : PICO_HSM_PID,
        .product = phy_has(phy, PHY_PRODUCT) ? phy->product : "Pico HSM",
        .serial = f->chip.serial_text,
        .ccid = phy_usb(phy) & PHY_USB_CCID,
        .wcid = phy_usb(phy) & PHY_USB_WCID,
        .atr = hsm_atr(),
    };
}

static void start(struct firmware *f)
{
    join_board(f);
    f->card = hsm_open(&f->hsm, &f->board);
    identify(f);
    usb_start(&f->usb, &f->identity);
    chip_every(&f->chip, SERVE_MS, on_timer, f);
}

/* ---- serving ---- */

/* A card that could not be opened answers everything with the reason. */
static bytes refuse(struct firmware *f)
{
    be_put(SPAN(f->refusal), status_word(f->card));
    return BYTES(f->refusal);
}

static bytes run(struct firmware *f, const struct usb_job *job)
{
    if (f->card != ST_OK) return refuse(f);
    /* The card knows one session: who logged in by one interface is not to be used by the other. */
    if (job->kind == CCID_JOB_RESET || job->slot != f->user) hsm_reset(&f->hsm);
    f->user = job->slot;
    return job->kind == CCID_JOB_COMMAND ? hsm_command(&f->hsm, HSM_LINK_REMOTE, job->apdu) : NO_BYTES;
}

static bool serve(struct firmware *f)
{
    usb_serve(&f->usb, now_ms(f));
    struct usb_job job = usb_take_job(&f->usb);
    if (job.kind == CCID_JOB_NONE) return false;
    f->card_busy = true;
    bytes answer = run(f, &job);
    f->card_busy = false;
    usb_answer(&f->usb, answer);
    return true;
}

int main(void)
{
    static struct firmware firmware;
    start(&firmware);
    for (;;)
        if (!serve(&firmware)) chip_sleep();
}
