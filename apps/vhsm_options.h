/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of the virtual HSM. */
#ifndef APPS_VHSM_OPTIONS_H
#define APPS_VHSM_OPTIONS_H

#include "boards/linux/complaint.h"
#include "boards/linux/tty_presence.h"

#include <limits.h>

struct vhsm_options {
    char image[PATH_MAX];
    char secret[PATH_MAX];   /* the device secret */
    bool make_image_folders; /* the image stands at its default place */
    uint32_t new_image_size;
    const char *vpcd;
    bool wait; /* for vpcd to come, and to come back */
    bool chip_pin_cost;
    bool trace;
    struct tty_presence presence; /* mode only */
};

enum vhsm_wish { WISH_RUN, WISH_HELP, WISH_VERSION, WISH_IMPOSSIBLE };

/* Reads the arguments, which must outlive `o`. WISH_IMPOSSIBLE: `why` says what is wrong. */
enum vhsm_wish vhsm_options_read(struct vhsm_options *o, int argc, char **argv, struct complaint *why);

/* What --help says. */
extern const char vhsm_help[];

#endif
