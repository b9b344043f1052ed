/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out on purpose: stands before the pool of src/crypto (the linker's --wrap), so that what ships has no switch
 * for it. A program that links `refuse_memory` may use it; one thread at a time. */
#ifndef TESTS_RIG_REFUSE_MEMORY_H
#define TESTS_RIG_REFUSE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* The `nth` allocation from now on is refused, counted from 1; 0: none. */
void refuse_memory_at(uint32_t nth);
/* Was one refused since? */
bool refuse_memory_did(void);

#endif
