/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* pico-hsm-emu: boots a firmware image on an emulated board and offers its USB plug as a socket. */
#include "server.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

static const char usage[] =
    "usage: pico-hsm-emu IMAGE --flash FILE --usb SOCKET [options]\n"
    "Boots the .bin or .uf2 of an RP2040 or RP2350 (ARM) firmware on an emulated board.\n"
    "\n"
    "  --flash FILE         keeps the flash chip; made when missing\n"
    "  --usb SOCKET         where the board's USB plug is; see emulator/protocol.h\n"
    "  --chip rp2040|rp2350 needed for a .bin; a .uf2 says it itself\n"
    "  --button none|hold|press:MS[:FOR]\n"
    "                       BOOTSEL: never, always, or MS ms after each command for FOR (300) ms\n"
    "  --led FILE           what LEDs show, a line a change, with time in microseconds\n"
    "  --uart FILE          what the firmware prints\n"
    "  --otp FILE           keeps the one-time programmable memory of an RP2350\n"
    "  --cut-after N        tears the N-th flash erase or program and ends with exit code 3\n"
    "  --entropy good|stuck|biased|repeating\n"
    "                       the health of the chip's noise source\n"
    "  --seed N             all randomness follows from N; never for keys that matter\n"
    "  --flash-size MIB     1, 2, 4, 8 or 16\n"
    "  --fast               do not sleep in real time while the host waits for an answer\n"
    "  --strict             unaligned access is a fault on an RP2040; slower\n"
    "  --trace              tell what the firmware touches and the model does not know\n"
    "  --version, --help\n";

enum {
    FLASH = 1,
    USB,
    CHIP,
    BUTTON,
    LED,
    UART,
    OTP,
    CUT,
    ENTROPY,
    SEED,
    FLASH_SIZE,
    FAST,
    STRICT,
    TRACE,
    VERSION,
    HELP
};

static const struct option options[] = {{"flash", 1, 0, FLASH},
                                        {"usb", 1, 0, USB},
                                        {"chip", 1, 0, CHIP},
                                        {"button", 1, 0, BUTTON},
                                        {"led", 1, 0, LED},
                                        {"uart", 1, 0, UART},
                                        {"otp", 1, 0, OTP},
                                        {"cut-after", 1, 0, CUT},
                                        {"entropy", 1, 0, ENTROPY},
                                        {"seed", 1, 0, SEED},
                                        {"flash-size", 1, 0, FLASH_SIZE},
                                        {"fast", 0, 0, FAST},
                                        {"strict", 0, 0, STRICT},
                                        {"trace", 0, 0, TRACE},
                                        {"version", 0, 0, VERSION},
                                        {"help", 0, 0, HELP},
                                        {0, 0, 0, 0}};

static void die(const char *what, const char *value)
{
    fprintf(stderr, "pico-hsm-emu: %s: %s; --help tells more\n", what, value);
    exit(1);
}

static int one_of(const char *option, const char *value, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(value, names[i])) return i;
    die(option, value);
    return -1;
}

static uint64_t number(const char *option, const char *value)
{
    char *end;
    uint64_t n = strtoull(value, &end, 0);
    if (!*value || *end) die(option, value);
    return n;
}

/* press:MS or press:MS:FOR */
static void button(struct board_config *c, const char *value)
{
    static const char *const names[] = {"none", "hold", NULL};
    char *end;
    if (strncmp(value, "press:", 6) != 0) {
        c->button = (enum button)one_of("--button", value, names);
        return;
    }
    c->button = BUTTON_PRESS;
    c->press_for_ms = 300;
    c->press_after_ms = (uint32_t)strtoul(value + 6, &end, 10);
    if (*end == ':') c->press_for_ms = (uint32_t)strtoul(end + 1, &end, 10);
    if (*end || end[-1] == ':') die("--button", value);
}

static FILE *output(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f) die("cannot write", path);
    setvbuf(f, NULL, _IOLBF, BUFSIZ);
    return f;
}

static int version(void)
{
    unsigned major, minor;
    uc_version(&major, &minor);
    printf("pico-hsm-emu %s, libunicorn %u.%u\n", PICO_HSM_VERSION, major, minor);
    return 0;
}

struct arguments {
    struct board_config board;
    int chip; /* -1: not said */
    const char *image, *usb;
    bool fast;
};

static void take(struct arguments *a, int option, const char *value)
{
    static const char *const chips[] = {"rp2040", "rp2350", NULL}, *const health[] = {"good", "stuck", "biased",
                                                                                      "repeating", NULL};
    struct board_config *c = &a->board;
    switch (option) {
    case FLASH: c->flash_path = value; break;
    case USB: a->usb = value; break;
    case CHIP: a->chip = one_of("--chip", value, chips); break;
    case BUTTON: button(c, value); break;
    case LED: c->led = output(value); break;
    case UART: c->uart = output(value); break;
    case OTP: c->otp_path = value; break;
    case CUT: c->cut_after = (uint32_t)number("--cut-after", value); break;
    case ENTROPY: c->entropy = (enum entropy)one_of("--entropy", value, health); break;
    case SEED: c->seed = number("--seed", value); break;
    case FLASH_SIZE: c->flash_size = (uint32_t)number("--flash-size", value) << 20; break;
    case FAST: a->fast = true; break;
    case STRICT: c->strict = true; break;
    case TRACE: c->trace = true; break;
    case VERSION: exit(version());
    case HELP: fputs(usage, stdout); exit(0);
    default: exit(1);
    }
}

int main(int argc, char **argv)
{
    struct arguments a = {.chip = -1};
    int option, from_image = -1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) take(&a, option, optarg);
    if (optind + 1 != argc || !a.usb) {
        fputs(usage, stderr);
        return 1;
    }
    uint8_t *image = image_read(argv[optind], &a.board.image_size, &from_image);
    if (!image) return 1;
    if (a.chip < 0) a.chip = from_image;
    if (a.chip < 0 || (from_image >= 0 && from_image != a.chip))
        die("--chip is missing, or is not this image's", argv[optind]);
    a.board.image = image;
    a.board.chip = (enum chip)a.chip;
    struct board *b = board_create(&a.board);
    if (!b) return 1;
    int code = serve(b, a.usb, a.fast);
    board_destroy(b);
    free(image);
    return code;
}
