/* SPDX-License-Identifier: Apache-2.0 */
/* wolfCrypt on a Linux host: assembler on x86-64 (AVX2 and SHA-NI are chosen at run time), portable C elsewhere. */
#ifndef BOARDS_LINUX_USER_SETTINGS_H
#define BOARDS_LINUX_USER_SETTINGS_H

#include "../wolfcrypt_common.h"

/* Which context the library's allocator serves: one per thread. */
#define CRYPTO_PER_THREAD _Thread_local

#if defined(__x86_64__)
#ifndef WOLFSSL_X86_64_BUILD /* cmake says it to 5.7.2's assembler, which does not read this file */
#define WOLFSSL_X86_64_BUILD
#endif
#define WOLFSSL_SP_X86_64
#define WOLFSSL_SP_X86_64_ASM
#define WOLFSSL_SP_ASM
#define WOLFSSL_AESNI
#define USE_INTEL_SPEEDUP
#define HAVE___UINT128_T 1
#define NO_CURVED25519_X64 /* that assembler loses a carry (docs/crypto.md, "Curve25519 and Curve448"): portable C does not */
#endif

#endif
