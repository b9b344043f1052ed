/* SPDX-License-Identifier: Apache-2.0 */
/* wolfCrypt on RP2040 (Cortex-M0+) and RP2350 (Cortex-M33), and on these CPUs under QEMU: assembler for each, small stack. */
#ifndef BOARDS_RP2_USER_SETTINGS_H
#define BOARDS_RP2_USER_SETTINGS_H

#include "../wolfcrypt_common.h"

/* Temporaries in the pool: the stack is a few KiB. */
#define WOLFSSL_SP_NO_DYN_STACK
#define WOLFSSL_SMALL_STACK
#define WOLFSSL_SP_SMALL_STACK

#if defined(__arm__)
#define CRYPTO_PER_THREAD /* which context the library's allocator serves: there is one thread */
#define WOLFSSL_GENERAL_ALIGNMENT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define TIME_T_NOT_64BIT
#else /* a host may be built with these settings too, to see what fits 48 KiB */
#define CRYPTO_PER_THREAD _Thread_local
#endif

#if defined(__ARM_ARCH_6M__)
#define WOLFSSL_SP_ARM_THUMB_ASM
#define WOLFSSL_SP_ARM_THUMB
#elif defined(__arm__)
#define WOLFSSL_SP_ARM_CORTEX_M_ASM
#endif

#define NO_ASN_TIME
#define USER_TIME

#endif
