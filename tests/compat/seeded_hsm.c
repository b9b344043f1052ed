/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual HSM with random numbers that repeat: `seeded-hsm SEED [OPTION]...`, options as pico-hsm has them. For
 * tests only and never installed, since whoever knows the seed knows every key. */
#include "apps/vhsm.h"

#include <stdio.h>
#include <stdlib.h>

/* splitmix64: passes the health tests, hides nothing. */
static uint8_t next_byte(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint8_t)(z >> 56);
}

static status read_seeded(void *ctx, span samples)
{
    for (size_t i = 0; i < samples.n; i++) samples.p[i] = next_byte(ctx);
    return ST_OK;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("Usage: seeded-hsm SEED [OPTION]...\n", stderr);
        return VHSM_USAGE;
    }
    uint64_t state = strtoull(argv[1], NULL, 0);
    struct entropy entropy = {.millibits_per_sample = 8000, .ctx = &state, .read = read_seeded};
    struct vhsm_options options;
    struct complaint why = {""};
    argv[1] = argv[0];
    if (vhsm_options_read(&options, argc - 1, argv + 1, &why) == WISH_RUN) return (int)vhsm_run(&options, entropy);
    fprintf(stderr, "seeded-hsm: %s\n", why.text);
    return VHSM_USAGE;
}
