/* SPDX-License-Identifier: Apache-2.0 */
/* getopt_long over a table, defaults from the environment as the XDG base directory specification has them. */
#include "apps/vhsm_options.h"

#include "boards/linux/image.h"
#include "boards/linux/vpcd_socket.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char vhsm_help[] =
    "Usage: pico-hsm [OPTION]...\n"
    "Runs a virtual Pico HSM in the foreground, as a smart card in pcscd's virtual reader (vpcd).\n"
    "\n"
    "  -i, --image FILE          the flash image, made if absent\n"
    "                            (default: $XDG_STATE_HOME/pico-hsm/card.img,\n"
    "                            or ~/.local/state/pico-hsm/card.img)\n"
    "  -s, --size BYTES          size of a new image, 262144 to 67108864 in steps of 4096\n"
    "                            (default: 1048576)\n"
    "  -d, --device-secret FILE  32 bytes without which the image cannot be opened, made if absent\n"
    "                            (default: the image's name with .secret behind it)\n"
    "  -v, --vpcd HOST:PORT      where vpcd listens (default: " VPCD_ADDRESS_DEFAULT ")\n"
    "  -n, --no-wait             end with 4 when vpcd is not there, instead of waiting for it\n"
    "  -p, --presence MODE       the presence button: auto (always pressed), deny (never),\n"
    "                            ask (y/n at the terminal), or pressed after so many SECONDS\n"
    "                            (default: auto)\n"
    "  -c, --pin-cost linux|chip what a PIN set from now on costs to guess; an image made with\n"
    "                            chip can be moved to a chip (default: linux)\n"
    "  -t, --trace               names, sizes and status words of commands on stderr, never data\n"
    "      --version             print the version and end\n"
    "  -h, --help                print this and end\n"
    "\n"
    "Ends with 0 after SIGTERM, SIGINT or SIGHUP, 1 usage, 2 image in use, 3 image or device secret\n"
    "refused, 4 no vpcd (only with --no-wait). See pico-hsm(1).\n";

enum { OPTION_VERSION = 256 };

static const struct option long_options[] = {
    {"image", required_argument, NULL, 'i'},
    {"size", required_argument, NULL, 's'},
    {"device-secret", required_argument, NULL, 'd'},
    {"vpcd", required_argument, NULL, 'v'},
    {"no-wait", no_argument, NULL, 'n'},
    {"presence", required_argument, NULL, 'p'},
    {"pin-cost", required_argument, NULL, 'c'},
    {"trace", no_argument, NULL, 't'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool set_path(char *to, const char *path, struct complaint *why)
{
    if (path[0] == '\0') return complain(why, "a file name is empty");
    if (strlen(path) >= PATH_MAX) return complain(why, "a file name is too long");
    strcpy(to, path);
    return true;
}

static bool set_size(struct vhsm_options *o, const char *text, struct complaint *why)
{
    char *end = NULL;
    errno = 0;
    unsigned long long size = strtoull(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9' || !image_size_allowed(size)) {
        return complain(why, "--size %s: say 262144 to 67108864 bytes in steps of 4096", text);
    }
    o->new_image_size = (uint32_t)size;
    return true;
}

static bool set_pin_cost(struct vhsm_options *o, const char *text, struct complaint *why)
{
    o->chip_pin_cost = strcmp(text, "chip") == 0;
    if (o->chip_pin_cost || strcmp(text, "linux") == 0) return true;
    return complain(why, "--pin-cost %s: say linux or chip", text);
}

static bool set_presence(struct vhsm_options *o, const char *text, struct complaint *why)
{
    if (tty_presence_parse(&o->presence, text)) return true;
    return complain(why, "--presence %s: say auto, deny, ask or a number of seconds", text);
}

static bool take(struct vhsm_options *o, int option, const char *value, struct complaint *why)
{
    switch (option) {
    case 'i': return set_path(o->image, value, why);
    case 's': return set_size(o, value, why);
    case 'd': return set_path(o->secret, value, why);
    case 'v': o->vpcd = value; return true;
    case 'n': o->wait = false; return true;
    case 'p': return set_presence(o, value, why);
    case 'c': return set_pin_cost(o, value, why);
    case 't': o->trace = true; return true;
    default: return complain(why, "see pico-hsm --help"); /* getopt_long has said what is wrong */
    }
}

static bool fits(int written)
{
    return written > 0 && written < PATH_MAX;
}

static bool default_image(struct vhsm_options *o, struct complaint *why)
{
    static const char name[] = "pico-hsm/card.img";
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    o->make_image_folders = true;
    if (state && state[0] == '/') { /* the specification ignores relative paths */
        if (fits(snprintf(o->image, PATH_MAX, "%s/%s", state, name))) return true;
    } else if (home && home[0] == '/') {
        if (fits(snprintf(o->image, PATH_MAX, "%s/.local/state/%s", home, name))) return true;
    }
    return complain(why, "no place for the image in $XDG_STATE_HOME or $HOME: say --image FILE");
}

static bool fill_in_defaults(struct vhsm_options *o, struct complaint *why)
{
    if (!o->image[0] && !default_image(o, why)) return false;
    if (o->secret[0]) return true;
    if (fits(snprintf(o->secret, PATH_MAX, "%s.secret", o->image))) return true;
    return complain(why, "the name of the image is too long");
}

enum vhsm_wish vhsm_options_read(struct vhsm_options *o, int argc, char **argv, struct complaint *why)
{
    *o = (struct vhsm_options){.new_image_size = IMAGE_SIZE_DEFAULT, .vpcd = VPCD_ADDRESS_DEFAULT, .wait = true};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "i:s:d:v:np:c:th", long_options, NULL)) != -1;) {
        if (c == 'h') return WISH_HELP;
        if (c == OPTION_VERSION) return WISH_VERSION;
        if (!take(o, c, optarg, why)) return WISH_IMPOSSIBLE;
    }
    if (optind < argc) {
        complain(why, "\"%s\" is no option: see pico-hsm --help", argv[optind]);
        return WISH_IMPOSSIBLE;
    }
    return fill_in_defaults(o, why) ? WISH_RUN : WISH_IMPOSSIBLE;
}
