/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of two where the library's exponentiation is as good as any. */
#include "crypto/base2.h"

int base2_power(const mp_int *e, const mp_int *m, mp_int *x)
{
    int error = mp_set(x, 2);
    return error ? error : mp_exptmod(x, e, m, x);
}
