/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of two modulo a prime candidate: nearly all the time that RSA key generation takes. Picked by CMake:
 * base2_sp.c where wolfCrypt has fixed-size assembler whose squaring can be reached (Cortex-M), base2_any.c elsewhere. */
#ifndef CRYPTO_BASE2_H
#define CRYPTO_BASE2_H

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/types.h>
#include <wolfssl/wolfcrypt/wolfmath.h>

/* x = 2^e mod m, for odd m whose top bit is the top bit of a byte. Time depends on the lengths of e and m only.
 * x must have room for m. Returns 0 or an error of wolfCrypt's. */
int base2_power(const mp_int *e, const mp_int *m, mp_int *x);

/* The same with the library's exponentiation, for any size; what base2_sp.c has no code for goes this way, too. */
static inline int base2_power_any(const mp_int *e, const mp_int *m, mp_int *x)
{
    int error = mp_set(x, 2);
    return error ? error : mp_exptmod(x, e, m, x);
}

#endif
