/* SPDX-License-Identifier: Apache-2.0 */
/* x86-64: wolfCrypt's public-key assembler leaves the upper halves of the ymm registers dirty, and every legacy SSE
 * instruction after it (SHA-NI among them) then costs two orders of magnitude more (measured: docs/crypto.md). */
#include <immintrin.h>

#include "crypto/internal.h"

__attribute__((target("avx"))) static void clear_upper_halves(void)
{
    _mm256_zeroupper();
}

void cpu_settle(void)
{
    if (__builtin_cpu_supports("avx")) clear_upper_halves();
}
