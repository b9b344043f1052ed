/* SPDX-License-Identifier: Apache-2.0 */
/* main() of pico-hsm, the virtual HSM: reads the command line and runs it with the kernel's random numbers. */
#include "apps/vhsm.h"
#include "boards/linux/host.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct vhsm_options options;
    struct complaint why;
    switch (vhsm_options_read(&options, argc, argv, &why)) {
    case WISH_RUN: return (int)vhsm_run(&options, host_entropy());
    case WISH_HELP: fputs(vhsm_help, stdout); return VHSM_DONE;
    case WISH_VERSION: puts("pico-hsm " PICO_HSM_VERSION); return VHSM_DONE;
    case WISH_IMPOSSIBLE: break;
    }
    fprintf(stderr, "pico-hsm: %s\n", why.text);
    return VHSM_USAGE;
}
