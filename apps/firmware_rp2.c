/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware of RP2040 and RP2350: joins the board, the USB link and the card.
 *
 * One core does everything. The main loop serves USB and runs the card; while the card is busy, a timer interrupt serves
 * USB in its place, so that the host hears from it. Whoever serves, nobody else does: `card_busy` says who. */
#include "boards/rp2/chip.h"
#include "boards/rp2/date.h"
#include "boards/rp2/faults.h"
#include "boards/rp2/flash_nor.h"
#include "boards/rp2/guard.h"
#include "boards/rp2/led.h"
#include "boards/rp2/noise.h"
#include "boards/rp2/otp_secret.h"
#include "boards/rp2/platform_rp2.h"
#include "boards/rp2/presence_bootsel.h"
#include "boards/rp2/profile.h"
#include "boards/rp2/usb.h"
#include "card/hsm.h"

#define TIMER_MS 10
#define PRESENCE_MS 30000u
#define FAREWELL_MS 1000u /* for the last answer: the host of the other interface may never fetch its own */

_Static_assert(USB_ANSWER_MAX == HSM_REPLY_MAX, "the slots' buffers hold every answer");
_Static_assert((int)USB_PRODUCT_MAX == (int)PHY_PRODUCT_MAX, "a product name of the hardware description fits USB");

struct firmware {
    _Alignas(16) uint8_t pool[CRYPTO_POOL_SIZE];
    struct chip chip;
    struct guard guard;
    struct flash_nor flash;
    struct platform_rp2 platform;
    struct entropy noise;
    struct presence_bootsel presence;
    struct rp2_led led;
    struct device_secret secret;
    struct progress progress;
    struct hsm_board board;
    struct hsm hsm;
    struct usb_identity identity;
    struct usb usb;
    enum usb_slot_name user; /* whose session it is */
    volatile bool started;   /* LED and USB are there      */
    volatile bool card_busy; /* the timer serves USB       */
    uint32_t busy_until_ms;  /* when the last command ended */
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
    uint32_t now = now_ms(f);
    guard_tick(&f->guard, now);
    if (!f->started) return;
    led_tick(&f->led, now);
    if (f->card_busy) usb_serve(&f->usb, now);
}

static bool on_progress(void *ctx)
{
    struct firmware *f = ctx;
    guard_alive(&f->guard, now_ms(f));
    return !usb_cancelled(&f->usb);
}

/* ---- starting ---- */

/* For the platform, which may not know cryptography: whose key has signed this image? The card is open whenever it asks. */
static status sha256(void *ctx, bytes in, span out)
{
    struct firmware *f = ctx;
    return crypto_hash(&f->hsm.crypto, CRYPTO_SHA256, &in, 1, out);
}

static void join_board(struct firmware *f)
{
    f->noise = noise_port();
    f->secret = otp_secret_open();
    f->progress = (struct progress){f, on_progress};
    presence_bootsel_open(&f->presence, &f->chip.clock, &f->progress);
    platform_rp2_open(&f->platform, f->flash.chip_size, flash_image_size());
    f->platform.sha256 = sha256;
    f->platform.sha256_ctx = f;
    f->board = (struct hsm_board){
        .nor = &f->flash.port,
        .entropy = &f->noise,
        .presence = &f->presence.port,
        .clock = &f->chip.clock,
        .led = &f->led.port,
        .device_secret = &f->secret,
        .progress = &f->progress,
        .platform = &f->platform.port,
        .profile = {.pin_rounds = PROFILE_PIN_ROUNDS,
                    .pin_rounds_max = PROFILE_PIN_ROUNDS_MAX,
                    .presence_ms = PRESENCE_MS},
        .crypto_pool = SPAN(f->pool),
        .slots = f->slots,
        .slot_cap = PROFILE_SLOTS,
    };
    memcpy(f->board.profile.serial, f->chip.serial, HSM_SERIAL_SIZE);
}

/* A card that cannot be opened, for want of entropy, of its device secret, or of a flash that makes sense, is still a
 * reader with a rescue applet in it; so is one that brought the chip down again and again. */
static void open_card(struct firmware *f)
{
    if (faults_in_a_row() >= FAULTS_TOO_MANY || hsm_open(&f->hsm, &f->board) != ST_OK)
        hsm_open_rescue(&f->hsm, &f->board);
}

static void identify(struct firmware *f, const struct phy *phy)
{
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

static void light(struct firmware *f, const struct phy *phy)
{
    bool kind = phy_has(phy, PHY_LED_DRIVER);
    const struct led_setup setup = {
        .driver = kind ? phy->led_driver : PHY_LED_GPIO_PIN,
        .pin = phy_has(phy, PHY_LED_GPIO) ? phy->led_gpio : LED_PIN_DEFAULT,
        .order = kind && phy->led_order != PHY_ORDER_UNKNOWN ? phy->led_order : LED_ORDER_DEFAULT,
        .look = {.brightness = phy->led_brightness,
                 .dimmable = phy->options & PHY_OPTION_LED_DIMMABLE,
                 .steady = phy->options & PHY_OPTION_LED_STEADY},
    };
    led_open(&f->led, &setup, now_ms(f));
}

static void start(struct firmware *f)
{
    faults_open();
    chip_open(&f->chip);
    date_open(&f->chip.clock);
    flash_nor_open(&f->flash, PROFILE_STORE_MAX);
    guard_open(&f->guard, now_ms(f));
    chip_every(&f->chip, TIMER_MS, on_timer, f);
    join_board(f);
    open_card(f);
    light(f, hsm_phy(&f->hsm));
    identify(f, hsm_phy(&f->hsm));
    usb_start(&f->usb, &f->identity);
    f->started = true;
}

/* ---- serving ---- */

static bytes run(struct firmware *f, const struct usb_job *job)
{
    /* The card knows one session: who logged in by one interface is not to be used by the other. */
    if (job->kind == CCID_JOB_RESET || job->slot != f->user) hsm_reset(&f->hsm);
    f->user = job->slot;
    return job->kind == CCID_JOB_COMMAND ? hsm_command(&f->hsm, HSM_LINK_REMOTE, job->apdu) : NO_BYTES;
}

static void show_cable(struct firmware *f)
{
    static const enum led_state states[] = {
        [USB_NOT_MOUNTED] = LED_NOT_MOUNTED, [USB_READY] = LED_IDLE, [USB_SUSPENDED] = LED_SUSPENDED};
    led_cable(&f->led, states[usb_state()]);
}

static void restart_if_due(struct firmware *f)
{
    if (!platform_rp2_restart_due(&f->platform)) return;
    bool patient = now_ms(f) - f->busy_until_ms < FAREWELL_MS;
    if (usb_idle(&f->usb) || !patient) platform_rp2_restart(&f->platform);
}

/* One round of the main loop; false: there was nothing to do. */
static bool serve(struct firmware *f)
{
    guard_alive(&f->guard, now_ms(f));
    usb_serve(&f->usb, now_ms(f));
    show_cable(f);
    restart_if_due(f);
    struct usb_job job = usb_take_job(&f->usb);
    if (job.kind == CCID_JOB_NONE) return false;
    f->card_busy = true;
    bytes answer = run(f, &job);
    f->card_busy = false;
    f->busy_until_ms = now_ms(f);
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
