/* SPDX-License-Identifier: Apache-2.0 */
/* Putting known keys into a card: plain import from within the process (decisions.md, 5E), on a card whose policy word
 * has bit 0004. */
#ifndef TESTS_CARD_IMPORT_COMMON_H
#define TESTS_CARD_IMPORT_COMMON_H

#include "tests/unit/card/keys_common.h"
#include "wire/key_blob.h"
#include "wire/tlv.h"

/* `81 components` and `more` (metadata in hex), as data of 5E. */
static inline bytes import_data(enum key_blob_type type, const struct key_blob_parts *parts, const char *more)
{
    buf components = buf_over(exact_space(KEY_BLOB_PLAIN_MAX));
    key_blob_parts_put(&components, type, parts);
    buf data = buf_over(exact_space(KEY_BLOB_PLAIN_MAX + 64));
    tlv_put(&data, 0x81, written(&components));
    put_bytes(&data, exact(more));
    assert_false(components.full || data.full);
    return exact_copy(written(&data));
}

/* What the card says to an import over a line of its own. */
static inline struct answer import_inside(struct rig *r, uint8_t id, enum key_blob_type type, bytes data)
{
    enum hsm_link before = r->link;
    r->link = HSM_LINK_IN_PROCESS;
    struct answer a = rig_command(r, 0x80, 0x5E, id, (uint8_t)type, data, 0);
    r->link = before;
    return a;
}

/* An EC key of which only prime and d are said. */
static inline struct key_blob_parts ec_parts(enum crypto_curve curve, bytes d)
{
    const struct crypto_curve_params *c = crypto_curve_params(curve);
    struct key_blob_parts parts = {.size = (uint32_t)(8 * c->field_size)};
    parts.part[EC_PRIME] = c->p;
    parts.part[EC_D] = d;
    return parts;
}

static inline struct answer import_ec(struct rig *r, uint8_t id, enum crypto_curve curve, bytes d, const char *more)
{
    struct key_blob_parts parts = ec_parts(curve, d);
    return import_inside(r, id, KEY_BLOB_EC, import_data(KEY_BLOB_EC, &parts, more));
}

/* The request CEkk of a key that was not generated: signed by itself twice, not by the device; its public key. */
static inline struct cvc unattested_request(struct rig *r, uint8_t id)
{
    struct answer file = rig_read(r, (uint16_t)(0xCE00 | id), 0, 65536);
    EXPECT_SW(file, 0x9000);
    struct cvc request = request_in(exact_copy(file.data));
    bytes device = device_point(r), digest = sha256(request.outer_signed);
    assert_false(oracle_ecdsa_raw(CRYPTO_SECP256R1, device, digest, request.outer_signature));
    return request;
}

static inline void expect_point(struct rig *r, uint8_t id, const char *point)
{
    struct cvc request = unattested_request(r, id);
    assert_hex(cvc_key_field(&request.key, 0x86), point);
}

#endif
