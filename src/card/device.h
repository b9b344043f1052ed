/* SPDX-License-Identifier: Apache-2.0 */
/* The device's own identity, and what must be true of a card before it answers.
 *
 * The device key, its description, certificate and request are made at the first start, without any network, and
 * survive INITIALIZE (apdu.md DP-19, formats.md 3.5, 3.7). */
#ifndef CARD_DEVICE_H
#define CARD_DEVICE_H

#include "base/bytes.h"
#include "base/status.h"

struct hsm;

/* First start: device keys, device key, C400, CE00, 2F02 in one transaction. */
MUST_CHECK status device_birth(struct hsm *h);

/* Reads the device name (CHR of the first certificate in 2F02). When 2F02 cannot be parsed the name stays as it is, or
 * becomes the default with `or_default` (formats.md 3.7). */
void device_name_load(struct hsm *h, bool or_default);

/* Erases what an INITIALIZE left behind, then takes its mark off. ST_OK also when there is nothing to do. */
MUST_CHECK status device_wipe_finish(struct hsm *h);

/* Signs with the device key: ECDSA P-256 over SHA-256 of `message`, raw r‖s, 64 bytes. For attestations only. */
MUST_CHECK status device_sign(struct hsm *h, bytes message, span rs);

#endif
