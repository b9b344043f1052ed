/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the Linux board, the vpcd link and the card, and keeps them together until a signal comes. */
#include "apps/vhsm.h"
#include "boards/linux/host.h"
#include "boards/linux/image.h"
#include "boards/linux/new_file.h"
#include "boards/linux/secret_file.h"
#include "boards/linux/vpcd_socket.h"
#include "card/hsm.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#define POOL_SIZE (256u * 1024u)
#define SLOT_COUNT 65536u
#define LINUX_PIN_ROUNDS 100000u /* about 20 ms a guess */
#define CHIP_PIN_ROUNDS 5000u    /* the least a chip may have; half a second on the slowest */
#define PIN_ROUNDS_MAX 10000000u /* two seconds */
#define PRESENCE_MS 30000u
#define RETRY_FIRST_MS 20
#define RETRY_LAST_MS 1000

struct vhsm {
    _Alignas(16) uint8_t pool[POOL_SIZE];
    struct image image;
    struct secret_file secret;
    struct tty_presence presence;
    struct stop stop;
    struct entropy entropy;
    struct clock clock;
    struct led led;
    struct hsm_board board;
    struct hsm hsm;
    struct vpcd_card card;
    struct vpcd link;
    struct addrinfo *addresses;
    const struct vhsm_options *options;
    struct complaint why;
    struct store_slot slots[SLOT_COUNT];
};

static bytes on_atr(void *ctx)
{
    return hsm_atr();
}

static void on_reset(void *ctx)
{
    hsm_reset(&((struct vhsm *)ctx)->hsm);
}

static bytes on_command(void *ctx, bytes apdu)
{
    return hsm_command(&((struct vhsm *)ctx)->hsm, HSM_LINK_REMOTE, apdu);
}

static void on_trace(void *ctx, const char *command, size_t data_size, size_t reply_size, uint16_t sw)
{
    fprintf(stderr, "pico-hsm: %s, %zu bytes in, %zu out, %04X\n", command, data_size, reply_size, sw);
}

static enum vhsm_exit say(const struct vhsm *v, enum vhsm_exit code)
{
    fprintf(stderr, "pico-hsm: %s\n", v->why.text);
    return code;
}

/* ---- opening ---- */

static enum vhsm_exit open_files(struct vhsm *v)
{
    const struct vhsm_options *o = v->options;
    int error = o->make_image_folders ? new_file_folders(o->image) : 0;
    if (error) {
        complain(&v->why, "cannot create the folder of %s: %s", o->image, strerror(error));
        return VHSM_REFUSED;
    }
    switch (image_open(&v->image, o->image, o->new_image_size, &v->why)) {
    case IMAGE_OPEN: break;
    case IMAGE_LOCKED: return VHSM_LOCKED;
    case IMAGE_REFUSED: return VHSM_REFUSED;
    }
    /* An image with a history was made with a secret that a new one would not be. */
    bool may_create = image_is_blank(&v->image);
    return secret_file_open(&v->secret, o->secret, may_create, &v->why) ? VHSM_DONE : VHSM_REFUSED;
}

/* A number of this device's own that tells two virtual HSMs apart, and nothing about the secret. */
static status make_serial(struct vhsm *v, span serial)
{
    if (!v->secret.port.present) return ST_OK; /* a chip's image without a secret: zeros */
    struct crypto crypto = {0};
    uint8_t mac[32];
    bytes label = TEXT("pico-hsm virtual serial number");
    TRY(crypto_open(&crypto, SPAN(v->pool), &v->entropy));
    status st = crypto_hmac(&crypto, CRYPTO_SHA256, BYTES(v->secret.secret), &label, 1, SPAN(mac));
    crypto_close(&crypto);
    if (st == ST_OK) memcpy(serial.p, mac, serial.n);
    return st;
}

static void join_board(struct vhsm *v)
{
    bool chip = v->options->chip_pin_cost;
    v->board = (struct hsm_board){
        .nor = &v->image.nor,
        .entropy = &v->entropy,
        .presence = &v->presence.port,
        .clock = &v->clock,
        .led = &v->led,
        .device_secret = &v->secret.port,
        .progress = &v->stop.progress,
        .profile = {.pin_rounds = chip ? CHIP_PIN_ROUNDS : LINUX_PIN_ROUNDS,
                    .pin_rounds_max = PIN_ROUNDS_MAX,
                    .presence_ms = PRESENCE_MS},
        .crypto_pool = SPAN(v->pool),
        .slots = v->slots,
        .slot_cap = SLOT_COUNT,
        .trace = v->options->trace ? on_trace : NULL,
    };
}

/* Why the card refused the image; in all cases it is as it was. */
static void explain(struct vhsm *v, status st)
{
    const char *image = v->options->image, *secret = v->options->secret;
    if (!v->secret.port.present) {
        complain(&v->why,
                 "%s cannot be opened without its device secret, and %s is missing: restore it, or say "
                 "--device-secret FILE. The image is unchanged",
                 image, secret);
    } else if (st == ST_NOT_SUPPORTED) {
        complain(&v->why, "%s was written by a newer pico-hsm: use that one. The image is unchanged", image);
    } else if (st == ST_DATA_NOT_USABLE) {
        complain(&v->why,
                 "%s belongs to another device secret than %s: say --device-secret FILE. The image is "
                 "unchanged",
                 image, secret);
    } else if (st == ST_BAD_DATA) {
        complain(&v->why,
                 "%s is damaged, or no HSM image: restore it from a backup, or choose another file with "
                 "--image. It is unchanged",
                 image);
    } else {
        complain(&v->why, "%s cannot be opened: %s. The image is unchanged", image, status_text(st));
    }
}

static enum vhsm_exit open_card(struct vhsm *v)
{
    join_board(v);
    status st = make_serial(v, SPAN(v->board.profile.serial));
    if (st == ST_OK) st = hsm_open(&v->hsm, &v->board);
    if (st == ST_OK) return VHSM_DONE;
    explain(v, st);
    return VHSM_REFUSED;
}

/* ---- serving ---- */

static void greet(const struct vhsm *v)
{
    const struct vhsm_options *o = v->options;
    fprintf(stderr, "pico-hsm: image %s, %zu KiB\n", o->image, v->image.size / 1024);
    if (o->wait) return;
    fprintf(stderr, "pico-hsm: will end when vpcd at %s is not there\n", o->vpcd);
}

/* Tries again and again, slower and slower. -1: a signal came, or --no-wait and there is nobody. */
static int wait_for_vpcd(struct vhsm *v)
{
    int pause_ms = RETRY_FIRST_MS;
    int fd;
    while ((fd = vpcd_socket_connect(v->addresses, &v->stop)) < 0) {
        if (!v->options->wait) return -1;
        if (pause_ms == RETRY_FIRST_MS) {
            fprintf(stderr, "pico-hsm: waiting for vpcd at %s: pcscd and vsmartcard-vpcd must run there\n",
                    v->options->vpcd);
        }
        if (stop_wait(&v->stop, -1, 0, pause_ms) == STOP_SIGNAL) return -1;
        pause_ms = 2 * pause_ms < RETRY_LAST_MS ? 2 * pause_ms : RETRY_LAST_MS;
    }
    return fd;
}

static enum vhsm_exit serve(struct vhsm *v)
{
    v->card = (struct vpcd_card){v, on_atr, on_reset, on_command};
    vpcd_open(&v->link, &v->card);
    while (!stop_requested(&v->stop)) {
        int fd = wait_for_vpcd(v);
        if (fd < 0) break;
        fprintf(stderr, "pico-hsm: connected to vpcd at %s\n", v->options->vpcd);
        vpcd_socket_serve(fd, &v->link, &v->stop);
        if (!stop_requested(&v->stop)) fprintf(stderr, "pico-hsm: vpcd hung up\n");
    }
    if (stop_requested(&v->stop)) return VHSM_DONE;
    complain(&v->why, "no vpcd at %s: start pcscd with vsmartcard-vpcd, or leave out --no-wait", v->options->vpcd);
    return VHSM_NO_VPCD;
}

static enum vhsm_exit open_and_serve(struct vhsm *v)
{
    /* The look-up may take long and hears no signal: let it be killed, nothing is open yet. */
    if (!vpcd_socket_resolve(v->options->vpcd, &v->addresses, &v->why)) return say(v, VHSM_USAGE);
    if (!stop_open(&v->stop)) {
        complain(&v->why, "the kernel has no signalfd");
        return say(v, VHSM_USAGE);
    }
    v->presence = v->options->presence;
    tty_presence_open(&v->presence, &v->stop);
    enum vhsm_exit code = open_files(v);
    if (code == VHSM_DONE) code = open_card(v);
    /* A signal in the middle of opening cancels it; that is no fault of the image. */
    if (code != VHSM_DONE) return stop_requested(&v->stop) ? VHSM_DONE : say(v, code);
    greet(v);
    code = serve(v);
    hsm_close(&v->hsm);
    return code == VHSM_DONE ? code : say(v, code);
}

static void close_all(struct vhsm *v)
{
    secret_file_close(&v->secret);
    image_close(&v->image);
    stop_close(&v->stop);
    if (v->addresses) freeaddrinfo(v->addresses);
    wipe((span){(uint8_t *)v, sizeof *v});
    free(v);
}

enum vhsm_exit vhsm_run(const struct vhsm_options *options, struct entropy entropy)
{
    struct vhsm *v = aligned_alloc(_Alignof(struct vhsm), sizeof *v);
    if (!v) return VHSM_USAGE;
    host_protect((span){(uint8_t *)v, sizeof *v});
    memset(v, 0, sizeof *v); /* no compound literal: it would pass over the stack */
    v->options = options;
    v->entropy = entropy;
    v->clock = host_clock();
    v->led = host_led();
    v->image.fd = v->stop.fd = -1;
    enum vhsm_exit code = open_and_serve(v);
    close_all(v);
    return code;
}
