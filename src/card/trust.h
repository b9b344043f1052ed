/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates whose keys this card believes (formats.md 3.8, apdu.md 3.21, 3.23).
 *
 * They are the chain in 2F02 as the operator wrote it, every CAkk that is a card verifiable certificate, and up to four
 * guests: certificates that somebody showed without login, kept in RAM until SELECT (DP-50). No root is built in. A
 * certificate is found by its whole CHR (DP-48); where two have the same, the first of 2F02, CA00.., guests. */
#ifndef CARD_TRUST_H
#define CARD_TRUST_H

#include "base/bytes.h"
#include "base/status.h"
#include "wire/cvc.h"
#include "wire/cvc_verify.h"

struct hsm;

#define TRUST_CERTIFICATE_MAX 1264u /* bytes of one certificate: RSA-4096, or P-521 with all parameters, fits */
#define TRUST_GUESTS_MAX 4u
#define TRUST_GUESTS_SIZE 2048u
#define TRUST_STEPS_MAX 8u /* certificates asked for the curve of one that does not name its own (DP-62) */

/* Part of struct session. */
struct trust_guests {
    uint8_t count;
    uint16_t size;
    uint8_t bytes[TRUST_GUESTS_SIZE]; /* certificates, end to end */
};

/* A certificate out of the store; `cvc` points into `raw`. */
struct trusted {
    struct cvc cvc;
    size_t size;
    uint8_t raw[TRUST_CERTIFICATE_MAX];
};

/* Finds by exact CHR. ST_OK; ST_REFERENCE_UNKNOWN. */
MUST_CHECK status trust_find(struct hsm *h, bytes chr, struct trusted *out);

/* The first certificate of 2F02: who this device says it is. ST_OK; ST_EXECUTION: 2F02 does not begin with one. */
MUST_CHECK status trust_device(struct hsm *h, struct trusted *out);

/* The key of the certificate `chr`, with the curve it inherits from its issuers when it names none.
 * ST_OK; ST_REFERENCE_UNKNOWN: no such certificate; ST_DATA_NOT_USABLE: its key cannot be understood. Where no issuer
 * says which curve, or one is missing, or they form a circle, the key has no curve and verifies nothing. */
MUST_CHECK status trust_key(struct hsm *h, bytes chr, struct cvc_verifier *out);

/* Verifies a certificate with the key of certificate `issuer` and takes it into the store.
 * `lasting`: as CAkk with C8kk in one transaction; else as a guest. What is known already stays where it is.
 * ST_OK
 * ST_REFERENCE_UNKNOWN  no certificate `issuer`
 * ST_CONDITIONS         CAR is not `issuer`; `issuer` may not issue it; signature wrong; another certificate has its CHR
 * ST_DATA_NOT_USABLE    its key is none that could ever verify something
 * ST_NO_SPACE, ST_FLASH */
MUST_CHECK status trust_accept(struct hsm *h, bytes issuer, const struct cvc *certificate, bool lasting);

#endif
