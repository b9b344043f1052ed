/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the host. Ends the program when there is nobody to ask. */
#ifndef TESTS_MCU_ORACLE_FAR_H
#define TESTS_MCU_ORACLE_FAR_H

#include "base/bytes.h"
#include "tests/mcu/oracle_wire.h"

struct asked {
    enum oracle_function function;
    uint32_t numbers[3], e;
    bytes in[ORACLE_INPUTS];
    span out[ORACLE_OUTPUTS];
};
uint32_t oracle_ask(const struct asked *a);

#endif
