/* SPDX-License-Identifier: Apache-2.0 */
/* A slow machine looks at one case in N: TEST_STRIDE=N in the environment. Which of them is up to the test; all kinds
 * of cases must still occur. tests/mcu sets it, nobody else. */
#ifndef TESTS_STRIDE_H
#define TESTS_STRIDE_H

#include <stdint.h>
#include <stdlib.h>

/* N, or 1. */
static inline uint32_t test_stride(void)
{
    const char *n = getenv("TEST_STRIDE");
    unsigned long stride = n ? strtoul(n, NULL, 10) : 1;
    return stride ? (uint32_t)stride : 1;
}

#endif
