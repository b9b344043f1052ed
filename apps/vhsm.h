/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual HSM as a function, so that a test program can run it with entropy of its own. */
#ifndef APPS_VHSM_H
#define APPS_VHSM_H

#include "apps/vhsm_options.h"
#include "port/entropy.h"

/* What the process answers to its caller; documented in docs/virtual-hsm.md. */
enum vhsm_exit {
    VHSM_DONE = 0,
    VHSM_USAGE = 1,   /* also: the host lacks what any program needs */
    VHSM_LOCKED = 2,  /* the image is in use */
    VHSM_REFUSED = 3, /* image or device secret cannot be used; they are untouched */
    VHSM_NO_VPCD = 4  /* with --no-wait only */
};

/* Opens the image, serves vpcd until SIGTERM, SIGINT or SIGHUP, tells the user about it on stderr. */
enum vhsm_exit vhsm_run(const struct vhsm_options *options, struct entropy entropy);

#endif
