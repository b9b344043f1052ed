/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapped keys by somebody who has the DKEK: whatever the blob says, its MAC is right.
 *
 * Input: type(1), length of the list(1), list, and the components from their size field on, which are sealed as they
 * are. The check and the import must say the same; what is refused changes nothing, and what is imported works and can
 * be wrapped again. */
#include "card/hsm.h"
#include "tests/sim/card_bench.h"
#include "wire/key_blob.h"
#include "wire/secret_kind.h"

#define SECTORS 24u /* the fewest that hold a card and leave room */
#define KEY_ID 7u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t dkek[DKEK_SIZE] = "the key that wraps all of them..";

static void check(bool holds, const char *rule)
{
    if (!holds) bench_die(rule);
}

static struct bench *card(void)
{
    static struct bench *b;
    if (!b) {
        b = bench_new_small(3, SECTORS);
        bench_make_ready(b, "920101");
        check(rig_command(b->rig, 0x80, INS_KEY_DOMAIN, 0, 0, BYTES(dkek), 0).sw == 0x9000, "no DKEK");
        rig_forget(b->rig);
        bench_keep(b);
    }
    bench_back(b, 0);
    return b;
}

/* False: not even somebody with the DKEK can make this. */
static bool seal(struct rig *r, bytes in, buf *blob)
{
    reader input = read_from(in);
    uint8_t first = rd_u8(&input); /* type, and above it the kind of a secret key */
    size_t n = rd_u8(&input);
    bytes list = rd_take(&input, n);
    if (input.bad) return false;
    const struct key_blob_header header = {(enum key_blob_type)(first & 0x1F),
                                           secret_kind_oid((enum secret_kind)(first >> 5), 32), list};
    return key_blob_seal(&r->hsm->crypto, &header, BYTES(dkek), rd_rest(&input), blob) == ST_OK;
}

static void check_refused(struct rig *r, uint16_t sw)
{
    check(sw == 0x6984 || sw == 0x6400 || sw == 0x6A81, "refused with another word");
    check(rig_select_file(r, FID_OF(FID_PREFIX_KEY, KEY_ID)).sw == 0x6A82, "a refused key is there");
    check(rig_select_file(r, FID_OF(FID_PREFIX_KEY_DESCRIPTION, KEY_ID)).sw == 0x6A82, "its description is there");
}

static void check_imported(struct rig *r, struct answer told)
{
    check(told.data.n >= 37 && told.data.n == 37u + told.data.p[4], "the check tells too little");
    check(rig_select_file(r, FID_OF(FID_PREFIX_KEY, KEY_ID)).sw == 0x9000, "an imported key is missing");
    struct answer again = rig_command_hex(r, 0x80, INS_WRAP, KEY_ID, ALG_WRAP, "", 65536);
    check(again.sw == 0x9000 || again.sw == 0x6985, "an imported key cannot be wrapped");
    if (again.sw != 0x9000) return;
    struct answer told_again = rig_command(r, 0x80, INS_UNWRAP, 0, ALG_UNWRAP_CHECK, again.data, 65536);
    check(told_again.sw == 0x9000, "a key that was wrapped here is refused");
    bytes id = bytes_after(told.data, told.data.n - 32),
          id_again = bytes_after(told_again.data, told_again.data.n - 32);
    check(bytes_equal(id, id_again), "another key comes back");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t place[KEY_BLOB_MAX];
    buf blob = BUF(place);
    struct rig *r = card()->rig;
    if (!seal(r, (bytes){data, size}, &blob)) return 0;
    uint32_t before = rig_generation(r);
    struct answer told = rig_command(r, 0x80, INS_UNWRAP, 0, ALG_UNWRAP_CHECK, written(&blob), 65536);
    check(rig_generation(r) == before, "a check has changed something");
    struct answer done = rig_command(r, 0x80, INS_UNWRAP, KEY_ID, ALG_UNWRAP, written(&blob), 0);
    check(told.sw == done.sw, "check and import disagree");
    check(rig_generation(r) == before + (done.sw == 0x9000), "the generation does not tell");
    if (done.sw == 0x9000) check_imported(r, told);
    else check_refused(r, done.sw);
    rig_forget(r);
    return 0;
}
