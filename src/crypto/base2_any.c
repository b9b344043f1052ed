/* SPDX-License-Identifier: Apache-2.0 */
/* Powers of two where the library's exponentiation is as good as any. */
#include "crypto/base2.h"

int base2_power(const mp_int *e, const mp_int *m, mp_int *x)
{
    return base2_power_any(e, m, x);
}
