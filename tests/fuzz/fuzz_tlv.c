/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes through every reader of the wire room: nothing is read beside them, every view lies in
 * them, and what was accepted is written and read again as the same. */
#include <stdlib.h>

#include "wire/apdu.h"
#include "wire/cvc.h"
#include "wire/date.h"
#include "wire/digest_info.h"
#include "wire/ecdsa_der.h"
#include "wire/key_metadata.h"
#include "wire/phy.h"
#include "wire/tlv.h"

#define INPUT_MAX 8192u
#define FINDS_MAX 8u /* a find walks everything: not for each of thousands of objects */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t scratch_mem[INPUT_MAX + 64];

static void must(bool held)
{
    if (!held) abort();
}

static void must_lie_in(bytes part, bytes of)
{
    if (part.n == 0) return;
    must(part.p >= of.p && part.n <= of.n && (size_t)(part.p - of.p) <= of.n - part.n);
}

static void fuzz_walk(bytes in)
{
    buf scratch = BUF(scratch_mem);
    reader r = read_from(in);
    size_t count = 0, again = 0;
    bool whole = tlv_well_formed(in);
    for (tlv t; tlv_next(&r, &t); count++) {
        must_lie_in(t.value, in);
        tlv_put(&scratch, t.tag, t.value); /* minimal: never longer than what was read */
        bytes found;
        if (count < FINDS_MAX) must(tlv_find(in, t.tag, &found) == whole);
    }
    must(!scratch.full);
    must(whole == !r.bad);
    reader copy = read_from(written(&scratch));
    for (tlv t; tlv_next(&copy, &t);) again++;
    must(!copy.bad && again == count);
}

static void fuzz_apdu(bytes in)
{
    struct apdu a, b;
    buf scratch = BUF(scratch_mem);
    if (apdu_parse(in, &a) != ST_OK) return;
    must_lie_in(a.data, in);
    must(a.has_le == (a.ne > 0));
    must(apdu_write(&a, &scratch) == ST_OK);
    must(apdu_parse(written(&scratch), &b) == ST_OK);
    must(a.ne == b.ne && a.extended == b.extended && bytes_equal(a.data, b.data));
}

static void fuzz_metadata(bytes in)
{
    struct key_metadata a, b;
    buf scratch = BUF(scratch_mem);
    if (key_metadata_parse(in, &a) != ST_OK) return;
    key_metadata_put(&scratch, &a);
    must(!scratch.full);
    must(key_metadata_parse(written(&scratch), &b) == ST_OK);
    must(a.counter == b.counter && a.domain == b.domain);
    must(bytes_equal(a.list, b.list) && bytes_equal(a.wrapping_id, b.wrapping_id));
}

static void fuzz_key_request(bytes in)
{
    struct cvc_key_request q;
    if (cvc_key_request_parse(in, &q) != ST_OK) return;
    must_lie_in(q.car, in);
    must_lie_in(q.chr, in);
    must(q.car.n <= CVC_NAME_MAX && q.chr.n <= CVC_NAME_MAX);
    must(q.kind != CVC_EC || crypto_curve_params(q.curve));
    must(q.kind != CVC_RSA || (q.rsa_bits >= 1024 && q.rsa_bits <= 4096 && q.rsa_e % 2));
}

static void fuzz_certificates(bytes in)
{
    struct cvc c;
    reader r = read_from(in);
    while (cvc_next(&r, &c)) {
        must_lie_in(c.whole, in);
        must_lie_in(c.body, c.whole);
        must_lie_in(c.signature, c.whole);
        must_lie_in(c.outer_signed, c.whole);
        must_lie_in(c.chr, c.body);
        for (uint16_t tag = 0x81; tag <= 0x87; tag++) must_lie_in(cvc_key_field(&c.key, tag), c.body);
    }
    if (cvc_parse(in, &c)) must(bytes_equal(c.whole, in));
}

/* Both are canonical: what is accepted is written the same. */
static void fuzz_der(bytes in)
{
    uint8_t rs[2 * CRYPTO_EC_FIELD_MAX];
    buf scratch = BUF(scratch_mem);
    if (ecdsa_der_parse(in, SPAN(rs)) == ST_OK) {
        ecdsa_der_put(&scratch, BYTES(rs));
        must(bytes_equal(written(&scratch), in));
    }
    enum crypto_hash hash;
    bytes digest;
    scratch = BUF(scratch_mem);
    if (digest_info_parse(in, &hash, &digest) != ST_OK) return;
    digest_info_put(&scratch, hash, digest);
    must(bytes_equal(written(&scratch), in) || scratch.n == in.n + 2); /* NULL was absent */
}

/* What is kept of a description reads as itself, and its texts end. */
static void fuzz_phy(bytes in)
{
    struct phy a, b;
    uint8_t second[PHY_SIZE_MAX];
    buf scratch = BUF(scratch_mem), again = BUF(second);
    phy_read(in, &a);
    phy_put(&a, &scratch);
    must(!scratch.full && scratch.n <= PHY_SIZE_MAX);
    phy_read(written(&scratch), &b);
    phy_put(&b, &again);
    must(a.present == b.present && bytes_equal(written(&scratch), written(&again)));
    must(memchr(a.product, 0, sizeof a.product) != NULL && a.led_brightness <= PHY_BRIGHTNESS_MAX && phy_usb(&a) != 0);
}

static void fuzz_date(bytes in)
{
    uint8_t text[DATE_SIZE];
    buf b = BUF(text);
    uint32_t seconds, again;
    if (date_parse(in, DATE_RESCUE, &seconds) != ST_OK) return;
    date_put(seconds, DATE_RESCUE, &b);
    must(date_parse(written(&b), DATE_RESCUE, &again) == ST_OK && again == seconds);
    text[4] = in.p[4];
    must(bytes_equal(BYTES(text), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) return 0;
    bytes in = {data, size};
    fuzz_walk(in);
    fuzz_apdu(in);
    fuzz_metadata(in);
    fuzz_key_request(in);
    fuzz_certificates(in);
    fuzz_der(in);
    fuzz_phy(in);
    fuzz_date(in);
    return 0;
}
