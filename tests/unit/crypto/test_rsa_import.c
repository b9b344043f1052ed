/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys made elsewhere: what finds their factors, and what refuses numbers that do not belong together. */
#include "rig.h"
#include "vectors/crypto/vectors.h"

/* Made for this table with Python's integers; `p` is the larger prime. */
/* clang-format off */
static const struct { const char *name; uint32_t e; const char *n, *d, *p; } keys[] = {
    {"d modulo phi", 65537u,
     "CE2E95BFBFEA6E93F923D0C04F7ED4571746EA4E1FDDB0005F1D7DA092B4B517FBEFF145631BF1E5CADC6917B8350971"
     "7FEDA5426BECE8945F9E8B1AF3E2AF38E9CCB5F42C51FBE07DC5E48D2F876D425D42DDCE7C164DE01D40680A21382B14"
     "FB62D6E4081F8429AD494B44863F5F8AB333EE10D4BE07F7B5964C28CB5DC25B",
     "244212F98E816682C52C64387D825B4B197FD2127D0E1A366683A42509C79795292BEFECF8D9E0373DEE76D8C1FF29B2"
     "F9014CAF9A9525ED79C742C531A06A99B1B5A585B892DC90435D027A9BFCE617E1918FF61FAA3441BCB75B30A487BB67"
     "E3D8163BEC3D0476074DD66D61689D272BC3E78B2973F249C7074F721523D899",
     "F12275DDE3C9BEF1C411E8A48E77369D53C4DFB6FAC7B520E4DAB4CC5E09F800EAE4C049C32894EA0AC6D0167E010E83"
     "1F9ADB660907A439765D3E3E3691A47F"},
    {"d modulo lambda", 65537u,
     "C5552ACB9F94A836B2C6A693F331CDFE51B6E3A1345C34DF7A8F9E900BBBF5B8A4BFC86B618DA8B2A9DF709430A6DA7E"
     "29F0E555AB510EFAFAAC9D66F3F7F34ED23B9AFAF97E951523E2186A4F35DEF79270A41711142A0383F9725F084B5461"
     "00ED42B8A9D9BCE4F6DFDBCD836D0FF3DF1564B6F7646A2BA6C2A5F4F30E2163",
     "1E94702955F5878BD2708E67E70C14CC1085B308CC406DC12411159564FC1FBC196BCEF7350AEAD5A5158730AFC96B9A"
     "998D473CDB6B9852B47E03766CE043C7F16459C6ECD3C72B53B674E117F140DC0D90463BF1B92B6949AAEEBFF88D51FB"
     "A6F80ADDA001245AA0C9CD0DC8B29737AE4F8F9E2144287AB845A10E0EFD70E1",
     "F0110E1E1CDC07E19ED481C17FD211E3A4A7A684CE7CF33E7DE299FD6F962023B41294DD4233A48993352FD722F7F8A8"
     "504193F6142D706C21257FD6D64CFB4D"},
    {"p - 1 and q - 1 share 41 bits", 65537u,
     "C371E4550FF1C1B2CB7324E4F457E4FE9B5560AA345D7C77B0EE9BE1AAC3FAE5FC78C26306A0996C41A9C76790AFA9CB"
     "8CA778610CE34EFB4D8BAA86CC793ECC1A6F611C4840BCEE74C1A417BA940F7944B4AC92E8BEF816FDAA3E1E44EFC34B"
     "6FA927F859E7704DB66775F83982493C75D3730F30353E653170F7FD18F22749",
     "00000000003F98D86957C8654C95776CC63F10BCA805B7163908E48E205CA65446BD265B28C64CEADB664F47ABE72285"
     "3834CCF414A0BE7296BE3FFD09E851C4C6BAE31C08920257A9635A6B75A096F986820BAE827C13F817179CFFF7F2B861"
     "A8B5A9DCFF3A60DB2C9D4A8193D97B5F8A4B0BE5F926A9338D059C1B9125F593",
     "ED8ECC659DA48261F20DA7B722FE5322094F9B70C2671B52B760141DFC8C598C6797DFAACF62DE450B40B6590F15BFA4"
     "2E2B6063C6309D6A83EBB5555ADA13AF"},
    {"a small exponent", 3u,
     "8BE3E7544C6D2EEE62FABEFB93BAE887D0702F03A5D7076BB4FFD2F03672E045AA5E1E889D8C1D37D9B26253C6B19AA7"
     "C20A798B7D37E78C754B0F1D559526CD5EE3DFDC1989B73F7D0623FD7810099D4DE4B1A7A3E36FEA0D6D30C353FC1968"
     "C270A38A3FC0A9DF50D798ECB9E83A92CB919EB83F6E68EF41BC30616880E071",
     "1750A68E0CBCDD27BB29CA7F4349D16BF812B2809BA3D691F37FF87D5E687AB6470FAFC16F975A33F99DBB0DF672EF1B"
     "F5AC69973F895142138C8284E398DBCCA611673D0659175B7A0AF147755FC94AB4F6FEE6D939F55899ECB7B1F90FA87C"
     "14938F0ADF15DEA670C8869BC27453A50439C5562175CB29B182E20E981934D1",
     "BDC9AE76721CD988E6CDB7F6D3B858B98C6C9FF56C0B774E7DBAA94EAF4418EFAEAA1AD1DF0D9C82ACD208A589D4549B"
     "C5B2E9E91085D98BAFE75AA976A7084F"},
    {"the largest exponent", 4294967295u,
     "A66B6275373560ECC6260B1A47F4A5437B61D247F0B8E22C69DFAC7D972082E95E4A94A36DF5D379F83065556CA07AA8"
     "4404EFC9321FB42BD345FE8AEECB4D204C3D1D2E7576801BF3637569B2F57809B2223D990A69C605AC26313B8E1AE37A"
     "7F41BA4957DF36C10A7E85F23D3EFBD2CD62EF2B7AE3F277553C93A2C5BAEF4F",
     "340266EF885E53684188B43FE96812851452FC32BF2709DC5EB15D6751A2864A4F7542A224C51F30563E084EB10834E4"
     "F7AC6971FAE739F5A03E188651400A4E05D82FACC2E86A133E958333C80618E7B0450C396FC64534E3C328FA87A096A8"
     "7289109BD35B1A835E6F7FD8C472242EC6B3ED724C32F31F9D73B7278C6262F3",
     "D47716E7A9F1EF0D8BBD7AF086149CD311E1E869BF178EF1B0567D0191E4B52A3F3B816C9C022862AB80615F44727D15"
     "B59F80ECE20F4442E7DADB4A1BD92A8D"},
    {"an odd number of bytes", 65537u,
     "95CFB3B3551CE20EF7E7089051BBCDD9341A458966A31DE7339062FAF40B29F15FDCC793B3F1609DA5CD98C80BA7A5AA"
     "94BEF08126CA0C621E51A3F9873EDD552CC804B0DBF8883538E2719BC8BCDD3EC68F8A298E7C64099921AB51018511F0"
     "8FDB59CF7E5A89C238F2A8999CF8766EA32848EAB70CA1DBFCFE630DCB72A0349D",
     "0BBA9E3C1D1ECCC8153A9E5E063828EEA778A31715D511834773377CA45CB764F1776C9CB0CAE62091999E2B935605CF"
     "6C23E2DA89B9E9EC48A965A824A1945C93E0D3E4286300A6386DA23B3D0C5C40AD3A20E698B9EBFBB697F9380CD8C805"
     "19F370F89E25D2FB533322946250D635E0B4856171704D252C65546F3CA8CCF0C1",
     "0CCE9A78B3180B4042220FC3B3313BFB90165A754D81A0DD78545407B13072B143614D585104D0DB11529869E16B703F"
     "FB9A3446786EC588EBC5D81375D74262AD"},
    {"d longer than need be", 65537u,
     "C708A36D09E3E3C68A07AD9A8D990279F6BD36EC877486B521AD4B5B04E61020D65C7D721745024653DC2D8E91BE7010"
     "0DF33D3FB60A4DF0BF39B52E604F9B524559D898D5D37C0DD6A78C5141E6DB606D47649039CE70B06F5F6EEED0677DE0"
     "C7B87D1043C393E34619AE9326ECA710939C834A88016B9AF0B66675C5FD5E1B",
     "C2A9DE3D2D292883EC486A30F940A7BD65E7D62A2CA9797EFABB2532966DF564488419655700F5A2972E8798234FA106"
     "F2BDEE2FBBFA0414ECD2A234039A988B7859EFE516D17886C0B5C0BA684B5E745D691C695A2506F933882CE63B324B47"
     "069B5D7FBBFF4269F2115C5ABF6B5BDF3C5130BD2821156EADE8312A506A1B71",
     "FC7F0FEA5EFBD40538A6C2B9C6F746A7F36D63994E08A77B962C1A144C6F80EE21EC7B16CCF25566D4AFC9340187DD8D"
     "E8E00D17D1A6EEFDD813061BCA549565"},
};
/* clang-format on */

static void expect_works(struct rig *r, bytes parts, uint32_t e)
{
    struct crypto_rsa k = crypto_rsa_view(parts, e);
    span in = exact_space(k.n.n), out = exact_space(k.n.n), back = exact_space(k.n.n);
    in.p[0] = 0;
    assert_ok(crypto_rsa_private(&r->c, &k, view(in), out));
    assert_ok(crypto_rsa_public(&r->c, k.n, e, view(out), back));
    assert_memory_equal(in.p, back.p, in.n);
}

static void factors_are_found(void **state)
{
    struct rig r;
    rig_open(&r, 1);
    for (size_t i = 0; i < COUNT(keys); i++) {
        bytes n = exact(keys[i].n), d = exact(keys[i].d);
        span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(8 * n.n));
        if (crypto_rsa_from_exponent(&r.c, n, keys[i].e, d, parts) != ST_OK) fail_msg("%s", keys[i].name);
        struct crypto_rsa k = crypto_rsa_view(view(parts), keys[i].e);
        assert_hex(k.n, keys[i].n);
        assert_hex(k.p, keys[i].p);
        expect_works(&r, view(parts), keys[i].e);
        assert_true(rig_pool_clean(&r));
    }
    rig_close(&r);
}

static void every_size_goes_there_and_back(void **state)
{
    struct rig r;
    rig_open(&r, 2);
    for (size_t i = 0; i < COUNT(rsa_keys); i++) {
        bytes given = exact(rsa_keys[i].parts);
        struct crypto_rsa k = crypto_rsa_view(given, rsa_keys[i].e);
        span d = exact_space(k.n.n), parts = exact_space(given.n), again = exact_space(given.n);
        assert_ok(crypto_rsa_exponent(&r.c, &k, d));
        assert_ok(crypto_rsa_from_exponent(&r.c, k.n, k.e, view(d), parts));
        struct crypto_rsa found = crypto_rsa_view(view(parts), k.e);
        bool same_order = bytes_equal(found.p, k.p);
        assert_true(bytes_equal(same_order ? found.q : found.p, k.q));
        assert_ok(crypto_rsa_from_primes(&r.c, k.n, k.e, k.p, k.q, again));
        assert_hex(view(again), hex_of(given));
    }
    rig_close(&r);
}

/* A number with the bits of `mask` changed in its last byte. */
static bytes twisted(bytes number, uint8_t mask)
{
    span s = exact_space(number.n);
    memcpy(s.p, number.p, number.n);
    s.p[s.n - 1] ^= mask;
    return view(s);
}

static void numbers_that_do_not_belong_together(void **state)
{
    struct rig r;
    rig_open(&r, 3);
    bytes n = exact(keys[0].n), d = exact(keys[0].d), p = exact(keys[0].p);
    uint32_t e = keys[0].e;
    span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(8 * n.n));
    assert_ok(crypto_rsa_from_exponent(&r.c, n, e, d, parts));
    struct crypto_rsa k = crypto_rsa_view(view(parts), e);
    bytes q = exact_copy(k.q);
    assert_hex(p, hex_of(k.p));
    struct {
        bytes n, d;
        uint32_t e;
    } by_exponent[] = {
        {n, twisted(d, 2), e},
        {n, exact("00"), e},
        {n, exact("01"), e},
        {n, NO_BYTES, e},
        {twisted(n, 2), d, e},
        {twisted(n, 1), d, e},
        {n, d, 65539},
        {n, d, 2},
        {n, d, 1},
        {n, d, 0},
        {n, d, e + 1},
        {bytes_after(n, 1), d, e},
        {n, exact(keys[1].d), keys[1].e},
        {bytes_first(n, 127), d, e},
    };
    for (size_t i = 0; i < COUNT(by_exponent); i++) {
        status st = crypto_rsa_from_exponent(&r.c, by_exponent[i].n, by_exponent[i].e, by_exponent[i].d, parts);
        if (st != ST_EXECUTION) fail_msg("row %zu: %d", i, st);
        assert_true(ct_is_zero(view(parts)));
    }
    struct {
        bytes p, q;
        uint32_t e;
    } by_primes[] = {
        {p, twisted(q, 2), e}, {p, p, e}, {p, NO_BYTES, e}, {NO_BYTES, q, e}, {n, exact("01"), e}, {p, q, 2}, {p, q, 1},
    };
    for (size_t i = 0; i < COUNT(by_primes); i++) {
        status st = crypto_rsa_from_primes(&r.c, n, by_primes[i].e, by_primes[i].p, by_primes[i].q, parts);
        if (st != ST_EXECUTION) fail_msg("row %zu: %d", i, st);
        assert_true(ct_is_zero(view(parts)));
    }
    assert_int_equal(crypto_rsa_from_exponent(&r.c, n, e, d, span_part(parts, 1, parts.n)), ST_BAD_LENGTH);
    rig_close(&r);
}

/* What is not tried on import the private operation sees before it gives anything away. */
static void parts_that_lie_are_found_out(void **state)
{
    struct rig r;
    rig_open(&r, 4);
    bytes n = exact(keys[6].n);
    span parts = exact_space(CRYPTO_RSA_PARTS_SIZE(8 * n.n)), out = exact_space(n.n), in = exact_space(n.n);
    assert_ok(crypto_rsa_from_exponent(&r.c, n, keys[6].e, exact(keys[6].d), parts));
    struct crypto_rsa k = crypto_rsa_view(view(parts), keys[6].e);
    parts.p[parts.n - 1] ^= 2; /* qinv */
    in.p[0] = 0;
    assert_int_equal(crypto_rsa_private(&r.c, &k, view(in), out), ST_EXECUTION);
    rig_close(&r);
}

static void chips_have_room(void **state)
{
    struct rig r;
    rig_source(&r, 5);
    assert_ok(rig_open_with(&r, CRYPTO_POOL_SIZE));
    size_t largest = 0;
    for (size_t i = 0; i < COUNT(rsa_keys); i++) {
        bytes given = exact(rsa_keys[i].parts);
        struct crypto_rsa k = crypto_rsa_view(given, rsa_keys[i].e);
        span d = exact_space(k.n.n), parts = exact_space(given.n);
        assert_ok(crypto_rsa_exponent(&r.c, &k, d));
        assert_ok(crypto_rsa_from_exponent(&r.c, k.n, k.e, view(d), parts));
        if (k.n.n > largest) largest = k.n.n;
    }
    print_message("largest key %zu bits, pool peak %zu bytes\n", 8 * largest, r.c.pool_peak);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_are_found),
        cmocka_unit_test(every_size_goes_there_and_back),
        cmocka_unit_test(numbers_that_do_not_belong_together),
        cmocka_unit_test(parts_that_lie_are_found_out),
        cmocka_unit_test(chips_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
