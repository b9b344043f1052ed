/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#15 files that the card writes itself (formats.md 2.2, 2.4; EF.DIR 1.2).
 *
 * Hosts overwrite them with their own, and the card never reads one back: this is writing only.
 * Each function appends one whole object, or sets `full`. */
#ifndef WIRE_PKCS15_H
#define WIRE_PKCS15_H

#include "base/bytes.h"
#include "wire/secret_kind.h"

#define PKCS15_SERIAL_SIZE 8u
#define PKCS15_DEFAULT_SIZE_MAX 56u /* bytes that pkcs15_put_default_key appends at most */

/* The first byte of the description. */
enum pkcs15_kind { PKCS15_RSA = 0x30, PKCS15_EC = 0xA0, PKCS15_SECRET = 0xA8 };

/* What a description says of a key. */
struct pkcs15_key {
    enum pkcs15_kind kind;
    enum secret_kind secret_kind; /* PKCS15_SECRET only; SECRET_ANY: as all hosts write it (formats.md 2.4) */
    uint16_t bits;                /* modulus; EC: field bytes * 8 (P-521: 528); secret: key size */
    bytes label;                  /* UTF-8, may be empty */
};
/* A description C4kk with the usage that keys of this kind have. A kind of secret key shows in its usage and as an OID
 * (that of wire/secret_kind.h) behind the path, where readers that know only the path stop.
 *   id  CKA_ID, any bytes */
void pkcs15_put_key(buf *out, const struct pkcs15_key *key, bytes id);

/* What the card writes when key `key_id` is made: id = its number in decimal ASCII. */
void pkcs15_put_default_key(buf *out, const struct pkcs15_key *key, uint8_t key_id);

/* C400: the P-256 device key; label = device name less its last five characters (none when it has
 * fewer than five), id = 20 zero bytes. */
void pkcs15_put_device_key(buf *out, bytes device_name);

/* C8ii: the description of a CA certificate in file `fid` (formats.md 2.5). */
void pkcs15_put_ca_certificate(buf *out, bytes label, bytes id, uint16_t fid);

/* EF.TokenInfo 2F03: version 1, serial (PKCS15_SERIAL_SIZE bytes), manufacturer "Pico HSM project",
 * label, flags prnGeneration and eIDCompliant. */
void pkcs15_put_token_info(buf *out, bytes serial, bytes label);
/* The label after INITIALIZE: "SmartCard-HSM" (test programs ask for it). */
bytes pkcs15_default_label(void);

/* EF.DIR 2F00: `61 { 4F AID, 50 "SmartCard-HSM" }`. */
void pkcs15_put_directory(buf *out);

#endif
