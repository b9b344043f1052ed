/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the CCID slot: the input is what host, card, clock and cable do, and tests/ccid_play.h says which rules hold
 * all the same. */
#include "tests/ccid_play.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ccid_play play;
    const char *broken = ccid_play(&play, (bytes){data, size});
    if (broken) fprintf(stderr, "broken: %s\n", broken), abort();
    return 0;
}
