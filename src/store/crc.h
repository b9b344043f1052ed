/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 against accidents: torn writes and rot. It says nothing about an attacker; the vault
 * does. */
#ifndef STORE_CRC_H
#define STORE_CRC_H

#include "base/bytes.h"

/* Continues the CRC-32 state `crc` over `b`. Start from any seed (the usual one is ~0), invert
 * at the end. */
uint32_t crc32_more(uint32_t crc, bytes b);

#endif
