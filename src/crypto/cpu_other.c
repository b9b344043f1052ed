/* SPDX-License-Identifier: Apache-2.0 */
/* CPUs that need nothing. */
#include "crypto/internal.h"

void cpu_settle(void) {}
