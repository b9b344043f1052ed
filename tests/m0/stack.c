/* SPDX-License-Identifier: Apache-2.0 */
/* The card's own code, compiled for a Cortex-M0+, run under QEMU on a painted stack with the chip's pool and index.
 * Prints the deepest stack of each command and fails when one is over its limit (docs/architecture.md,
 * "Memory"). QEMU has no M0+ with enough memory; an M3 runs the same instructions. */
#include "card/hsm.h"
#include "tests/m0/host.h"
#include "tests/vectors/trust.h"
#include "wire/key_blob.h"
#include "wire/tlv.h"

#define SECTORS 64u
#define SECTOR 4096u
#define SLOTS 4096u
#define STACK_MAX (12u * 1024u)
#define STACK_MAX_RSA_GENERATION (24u * 1024u)

static uint8_t flash[SECTORS * SECTOR];
static uint8_t pool[CRYPTO_POOL_SIZE] __attribute__((aligned(16)));
static struct store_slot slots[SLOTS];
static struct hsm hsm;
static uint8_t command[HSM_DATA_MAX + SM_COMMAND_OVERHEAD + APDU_OVERHEAD];
static uint32_t noise = 0x2545F491u;
static size_t worst;
static bool failed;

/* ---- the board ---- */

static status nor_read(void *ctx, uint32_t at, span into)
{
    memcpy(into.p, flash + at, into.n);
    return ST_OK;
}

static status nor_program(void *ctx, uint32_t at, bytes from)
{
    for (size_t i = 0; i < from.n; i++) flash[at + i] &= from.p[i];
    return ST_OK;
}

static status nor_erase(void *ctx, uint32_t sector)
{
    memset(flash + sector * SECTOR, 0xFF, SECTOR);
    return ST_OK;
}

static status nor_sync(void *ctx)
{
    return ST_OK;
}

static status noise_read(void *ctx, span samples) /* xorshift: a measuring program has no secrets */
{
    for (size_t i = 0; i < samples.n; i++) {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        samples.p[i] = (uint8_t)(noise >> 11);
    }
    return ST_OK;
}

static bool confirm(void *ctx, const char *what, uint32_t timeout_ms)
{
    return true;
}

static void show(void *ctx, enum led_state state) {}

static const struct nor nor = {SECTOR, SECTORS, 4, NULL, nor_read, nor_program, nor_erase, nor_sync};
static const struct entropy entropy = {8000, NULL, noise_read};
static const struct presence presence = {NULL, confirm};
static const struct led led = {NULL, show};
static const struct device_secret no_secret = {false, NULL, NULL};

static struct hsm_board board = {
    .nor = &nor,
    .entropy = &entropy,
    .presence = &presence,
    .led = &led,
    .device_secret = &no_secret,
    .profile = {.pin_rounds = 2, .pin_rounds_max = 10, .presence_ms = 1000, .serial = {1, 2, 3, 4, 5, 6, 7, 8}},
    .crypto_pool = {pool, sizeof pool},
    .slots = slots,
    .slot_cap = SLOTS,
};

/* ---- measuring ---- */

static void report(const char *name, size_t used, size_t limit, bool ok)
{
    host_print(name);
    host_print_number((uint32_t)used, 8);
    host_print(ok ? "" : "  REFUSED");
    host_print(used <= limit ? "\n" : "  OVER THE LIMIT\n");
    if (!ok || used > limit) failed = true;
}

static bytes run(const char *name, size_t limit, struct apdu a)
{
    buf b = BUF(command);
    a.ne = a.ne ? a.ne : 65536;
    if (apdu_write(&a, &b) != ST_OK) host_exit(1);
    stack_paint();
    bytes out = hsm_command(&hsm, HSM_LINK_REMOTE, written(&b));
    size_t used = stack_used();
    if (limit == STACK_MAX && used > worst) worst = used;
    report(name, used, limit, be_get(bytes_after(out, out.n - 2)) == 0x9000);
    return bytes_first(out, out.n - 2);
}

static void generate_ec(uint8_t id, enum crypto_curve curve, bytes metadata)
{
    static uint8_t data[700];
    buf b = BUF(data);
    size_t key = tlv_open(&b, 0x7F49);
    tlv_put(&b, 0x06, LITERAL(0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x02, 0x03));
    tlv_put(&b, 0x81, crypto_curve_params(curve)->p);
    tlv_close(&b, key);
    put_bytes(&b, metadata);
    run("GENERATE EC            ", STACK_MAX,
        (struct apdu){0, INS_GENERATE_KEY_PAIR, id, 0, written(&b), 0, false, true});
}

static void generate_rsa(uint8_t id, uint16_t bits)
{
    static uint8_t data[64];
    buf b = BUF(data);
    size_t key = tlv_open(&b, 0x7F49);
    tlv_put(&b, 0x06, LITERAL(0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x01, 0x02));
    tlv_put_u16(&b, 0x02, bits);
    tlv_close(&b, key);
    run("GENERATE RSA           ", STACK_MAX_RSA_GENERATION,
        (struct apdu){0, INS_GENERATE_KEY_PAIR, id, 0, written(&b), 0, false, true});
}

static void use_ec(uint8_t id, enum crypto_curve curve)
{
    static const uint8_t hash[32] = {1};
    run("SIGN ECDSA             ", STACK_MAX,
        (struct apdu){0x80, INS_SIGN, id, ALG_ECDSA, BYTES(hash), 0, false, true});
    run("ECDH                   ", STACK_MAX,
        (struct apdu){0x80, INS_DECIPHER, id, ALG_ECDH, crypto_curve_params(curve)->g, 0, false, true});
    run("DERIVE EC              ", STACK_MAX,
        (struct apdu){0x80, INS_DERIVE_KEY, id, (uint8_t)(0x40 + id), LITERAL(ALG_DERIVE_EC, 0xCA, 0xFE), 0, false,
                      true});
}

/* A master on each curve and a symmetric one; the deepest way there is: a normal child, and what its parent is called. */
static void use_wallet(uint8_t kind)
{
    static const uint8_t hash[32] = {1};
    static const uint8_t numbers[] = {2, 1, 5, 2, 4, 0x80, 0, 0, 0, 2, 4, 0, 0, 0, 1}, labels[] = {2, 1, 5, 4, 1, 'a'};
    static uint8_t data[64];
    bytes path = kind == CRYPTO_HD_SYMMETRIC ? BYTES(labels) : BYTES(numbers);
    buf b = BUF(data);
    run("HD WALLET, a master    ", STACK_MAX, (struct apdu){0x80, INS_HD_WALLET, kind, 5, BYTES(hash), 0, false, true});
    run("HD WALLET, public key  ", STACK_MAX, (struct apdu){0x80, INS_HD_WALLET, 0x0A, 0, path, 0, false, true});
    run("HD WALLET, select      ", STACK_MAX, (struct apdu){0x80, INS_HD_WALLET, 0x10, 0, path, 0, false, true});
    if (kind == CRYPTO_HD_SYMMETRIC) {
        tlv_put(&b, TAG_CIPHER_OID, LITERAL(0x2B, 0x06, 0x01, 0x04, 0x01, 0x83, 0xA8, 0x78, 0x05, 0x8D, 0x6B));
        tlv_put(&b, TAG_CIPHER_DATA, BYTES(hash));
        run("CIPHER of a wallet     ", STACK_MAX,
            (struct apdu){0x80, INS_CIPHER, 0, ALG_CIPHER_ENCRYPT, written(&b), 0, false, true});
        return;
    }
    tlv_put(&b, 0xA0, path);
    tlv_put(&b, 0x81, BYTES(hash));
    run("SIGN of a wallet       ", STACK_MAX,
        (struct apdu){0x80, INS_SIGN, 0, ALG_HD_SIGN, BYTES(hash), 0, false, true});
    run("SIGN with a path       ", STACK_MAX,
        (struct apdu){0x80, INS_SIGN, 0, ALG_HD_SIGN_AT, written(&b), 0, false, true});
}

static void generate_okp(uint8_t id, enum crypto_okp okp)
{
    static uint8_t data[200];
    const struct crypto_okp_params *curve = crypto_okp_params(okp);
    buf b = BUF(data);
    size_t key = tlv_open(&b, 0x7F49);
    tlv_put(&b, 0x06, LITERAL(0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, 0x02, 0x03));
    tlv_put(&b, 0x81, curve->p);
    tlv_put(&b, 0x83, curve->base);
    tlv_close(&b, key);
    run("GENERATE Curve25519/448", STACK_MAX,
        (struct apdu){0, INS_GENERATE_KEY_PAIR, id, 0, written(&b), 0, false, true});
}

static void use_okp(uint8_t id, enum crypto_okp okp)
{
    static const uint8_t parameters[] = {TAG_EDDSA_TO_HASH, 3, 'a', 'b', 'c', TAG_EDDSA_CONTEXT, 3, 'f', 'o', 'o'};
    if (!crypto_okp_params(okp)->signs) {
        run("X25519, X448           ", STACK_MAX,
            (struct apdu){0x80, INS_DECIPHER, id, ALG_ECDH, crypto_okp_params(okp)->base, 0, false, true});
        return;
    }
    run("SIGN EdDSA             ", STACK_MAX,
        (struct apdu){0x80, INS_SIGN, id, ALG_ECDSA, TEXT("abc"), 0, false, true});
    run("SIGN EdDSA, prehashed  ", STACK_MAX,
        (struct apdu){0x80, INS_SIGN, id, ALG_EDDSA_OF, BYTES(parameters), 0, false, true});
}

static void use_rsa(uint8_t id, size_t size)
{
    static uint8_t block[CRYPTO_RSA_MAX];
    block[size - 1] = 2;
    bytes data = {block, size};
    run("SIGN RSA v1.5          ", STACK_MAX,
        (struct apdu){0x80, INS_SIGN, id, ALG_RSA_PKCS1_SHA256, TEXT("abc"), 0, false, true});
    run("SIGN RSA PSS           ", STACK_MAX,
        (struct apdu){0x80, INS_SIGN, id, ALG_RSA_PSS_SHA512, TEXT("abc"), 0, false, true});
    run("DECIPHER raw           ", STACK_MAX,
        (struct apdu){0x80, INS_DECIPHER, id, ALG_RSA_DECRYPT_RAW, data, 0, false, true});
    memset(block, 0, sizeof block);
}

static void use_files(void)
{
    static uint8_t data[3000];
    buf b = BUF(data);
    tlv_put(&b, TAG_FILE_OFFSET, LITERAL(0, 0));
    span content = put_space(&b, 4);
    memcpy(content.p, "\x53\x82\x0A\xF0", 4);
    put_zeros(&b, 2800);
    run("UPDATE BINARY          ", STACK_MAX,
        (struct apdu){0, INS_UPDATE_BINARY_ODD, 0xCD, 1, written(&b), 0, false, true});
    run("READ BINARY            ", STACK_MAX,
        (struct apdu){0, INS_READ_BINARY_ODD, 0xCD, 1, LITERAL(0x54, 0x00), 0, false, true});
    run("LIST                   ", STACK_MAX, (struct apdu){0, INS_LIST, 0, 0, NO_BYTES, 0, false, true});
    run("DELETE                 ", STACK_MAX,
        (struct apdu){0, INS_DELETE_FILE, 2, 0, LITERAL(0xCD, 1), 0, false, true});
}

/* Protected with the card's own keys; this program is the host, too. */
static void run_inside(const char *name, struct apdu a)
{
    static uint8_t body[HSM_DATA_MAX + SM_COMMAND_OVERHEAD];
    struct sm_channel keys = hsm.channel.keys;
    struct apdu sealed;
    buf b = BUF(body);
    a.ne = 65536;
    if (!hsm.channel.open || sm_seal_command(&hsm.crypto, &keys, &a, &b, &sealed) != ST_OK) host_exit(1);
    run(name, STACK_MAX, sealed);
}

static void use_channel(uint8_t rsa_id)
{
    static uint8_t point[4 + SM_POINT_SIZE] = {0x7C, 0x43, 0x80, 0x41},
                             file[3000] = {0x54, 2, 0, 0, 0x53, 0x82, 0x0B, 0xB0};
    memcpy(point + 4, crypto_curve_params(CRYPTO_SECP256R1)->g.p, SM_POINT_SIZE);
    run("MSE SET AT             ", STACK_MAX,
        (struct apdu){0, INS_MANAGE_SECURITY_ENVIRONMENT, 0x41, MSE_AUTHENTICATION,
                      LITERAL(0x80, 10, 4, 0, 0x7F, 0, 7, 2, 2, 3, 2, 2), 0, false, true});
    run("GENERAL AUTHENTICATE   ", STACK_MAX,
        (struct apdu){0, INS_GENERAL_AUTHENTICATE, 0, 0, BYTES(point), 0, false, true});
    run_inside("VERIFY inside          ", (struct apdu){0, INS_VERIFY, 0, PIN_USER, TEXT("648219"), 0, false, true});
    run_inside("UPDATE BINARY inside   ",
               (struct apdu){0, INS_UPDATE_BINARY_ODD, 0xCD, 2, BYTES(file), 0, false, true});
    run_inside("READ BINARY inside     ",
               (struct apdu){0, INS_READ_BINARY_ODD, 0xCD, 2, LITERAL(0x54, 0x00), 0, false, true});
    run_inside("SIGN RSA PSS inside    ",
               (struct apdu){0x80, INS_SIGN, rsa_id, ALG_RSA_PSS_SHA512, TEXT("abc"), 0, false, true});
}

/* 5E of a P-521 key: prime and d say it all. */
static void import_ec(void)
{
    static uint8_t data[200];
    buf b = BUF(data);
    bytes prime = crypto_curve_params(CRYPTO_SECP521R1)->p;
    size_t components = tlv_open(&b, TAG_IMPORT_COMPONENTS);
    put_u16(&b, 528);
    put_u32(&b, 0);
    put_u16(&b, (uint16_t)prime.n);
    put_bytes(&b, prime);
    put_u32(&b, 0);
    put_u16(&b, 1);
    put_u8(&b, 7);
    put_u16(&b, 0);
    tlv_close(&b, components);
    run_inside("IMPORT KEY inside      ", (struct apdu){0x80, INS_IMPORT_KEY, 0x60, 0x0C, written(&b), 0, false, true});
}

/* The host's point is G, so that what both agree on is the x of the card's. */
static void send_lock_key(const char *name, uint8_t function)
{
    static const uint8_t lock_key[32] = {0x10};
    uint8_t both[44], sealed[48];
    bytes g = crypto_curve_params(CRYPTO_SECP256R1)->g;
    bytes point =
        run("EXTRAS 3A agreement    ", STACK_MAX, (struct apdu){0x80, INS_EXTRAS, 0x3A, LOCK_AGREE, g, 0, false, true});
    bytes x = bytes_first(bytes_after(point, 1), 32);
    status st = crypto_hkdf(&hsm.crypto, CRYPTO_SHA256, x, NO_BYTES, g, SPAN(both));
    if (st == ST_OK)
        st = crypto_chachapoly_seal(&hsm.crypto, bytes_after(BYTES(both), 12), bytes_first(BYTES(both), 12), g,
                                    BYTES(lock_key), SPAN(sealed));
    if (st != ST_OK) host_exit(1);
    run(name, STACK_MAX, (struct apdu){0x80, INS_EXTRAS, 0x3A, function, BYTES(sealed), 0, false, true});
}

static void use_lock(void)
{
    send_lock_key("EXTRAS 3A enable       ", LOCK_ENABLE);
    send_lock_key("EXTRAS 3A unlock       ", LOCK_UNLOCK);
    send_lock_key("EXTRAS 3A disable      ", LOCK_DISABLE);
}

/* ---- certificates ---- */

static bytes from_hex(const char *hex)
{
    static uint8_t data[1200];
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;
    for (; hex[2 * n]; n++) {
        const char *high = strchr(digits, hex[2 * n]), *low = strchr(digits, hex[2 * n + 1]);
        data[n] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return (bytes){data, n};
}

static void select_name(uint8_t p2, bytes name)
{
    static uint8_t data[20];
    buf b = BUF(data);
    tlv_put(&b, TAG_MSE_REFERENCE, name);
    run("MSE SET, a name        ", STACK_MAX,
        (struct apdu){0, INS_MANAGE_SECURITY_ENVIRONMENT, 0x81, p2, written(&b), 0, false, true});
}

/* Beginnings of symmetric requests on a key of 32 bytes; the same text once by CIPHER and once by STREAM. */
static void use_secret(uint8_t id)
{
    static const char *const modes[] = {"060960864801650304012A", "060960864801650304012E820C000102030405060708090A0B",
                                        "060960864801650304012F820C000102030405060708090A0B840400000020",
                                        "060B2A864886F70D0109100312820C000102030405060708090A0B",
                                        "06082A864886F70D020B"};
    static const uint8_t text[32] = {1}, kdf[] = {0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D,
                                                  0x01, 0x09, 0x10, 0x03, 0x1F, 0x84, 1,    32};
    run("GENERATE SYMMETRIC KEY ", STACK_MAX,
        (struct apdu){0, INS_GENERATE_SECRET_KEY, id, ALG_GENERATE_AES_256, NO_BYTES, 0, false, true});
    for (size_t i = 0; i < COUNT(modes); i++) {
        static uint8_t data[128];
        buf b = BUF(data);
        put_bytes(&b, from_hex(modes[i]));
        run("STREAM, begin          ", STACK_MAX,
            (struct apdu){0x80, INS_STREAM, id, STREAM_BEGIN_ENCRYPT, written(&b), 0, false, true});
        run("STREAM, go on          ", STACK_MAX,
            (struct apdu){0x80, INS_STREAM, id, STREAM_ADD, bytes_first(BYTES(text), 16), 0, false, true});
        run("STREAM, finish         ", STACK_MAX,
            (struct apdu){0x80, INS_STREAM, id, STREAM_FINISH, bytes_first(BYTES(text), 16), 0, false, true});
        tlv_put(&b, TAG_CIPHER_DATA, BYTES(text));
        run("CIPHER                 ", STACK_MAX,
            (struct apdu){0x80, INS_CIPHER, id, ALG_CIPHER_ENCRYPT, written(&b), 0, false, true});
    }
    run("KDF STORE              ", STACK_MAX,
        (struct apdu){0x80, INS_KDF_STORE, id, (uint8_t)(id + 1), BYTES(kdf), 0, false, true});
}

static void install_chain(void)
{
    static uint8_t data[1200];
    buf b = BUF(data);
    tlv_put(&b, TAG_FILE_OFFSET, LITERAL(0, 0));
    tlv_put(&b, TAG_FILE_DATA, from_hex(CHAIN_DEVICE CHAIN_DV CHAIN_CA));
    run("UPDATE BINARY 2F02     ", STACK_MAX,
        (struct apdu){0, INS_UPDATE_BINARY_ODD, 0x2F, 0x02, written(&b), 0, false, true});
}

static void authenticate(void)
{
    bytes challenge = from_hex(PKA_CHALLENGE);
    select_name(MSE_AUTHENTICATION, TEXT("ESPICOHSMTRTOKEN"));
    memcpy(hsm.session.challenge, challenge.p, challenge.n);
    hsm.session.challenge_size = challenge.n;
    run("EXTERNAL AUTHENTICATE  ", STACK_MAX,
        (struct apdu){0, INS_EXTERNAL_AUTHENTICATE, 0, 0, from_hex(PKA_SIGNATURE), 0, false, true});
}

/* Of a card of its own: chain, registration, a group. The keys of the vectors are on brainpoolP256r1. */
static void use_certificates(void)
{
    static const uint8_t init[] = {0x81, 6,   '6', '4', '8', '2',  '1', '9', 0x82, 8,    '5', '7', '6',
                                   '2',  '1', '8', '8', '0', 0x93, 2,   1,   1,    0x97, 1,   1};
    run("INITIALIZE             ", STACK_MAX, (struct apdu){0x80, INS_INITIALIZE, 0, 0, BYTES(init), 0, false, true});
    install_chain();
    select_name(MSE_SIGNATURE, TEXT("XXTESTDV00001"));
    run("VERIFY CERTIFICATE     ", STACK_MAX,
        (struct apdu){0, INS_VERIFY_CERTIFICATE, 0, 0xBE, from_hex(PKA_TOKEN_CERTIFICATE), 0, false, true});
    select_name(MSE_SIGNATURE, TEXT("ESPICOHSMTRTOKEN"));
    run("PUK AUTH, register     ", STACK_MAX,
        (struct apdu){0x80, INS_PUBLIC_KEY_AUTHENTICATION, 0, 0, from_hex(PKA_KEY_REQUEST), 0, false, true});
    authenticate();
    run("KEY DOMAIN, group      ", STACK_MAX,
        (struct apdu){0x80, INS_KEY_DOMAIN, 2, 0, from_hex(XKEK_CREATE), 0, false, true});
    generate_ec(1, CRYPTO_BP256R1, LITERAL(TAG_KEY_ALGORITHMS, 1, ALG_XKEK, TAG_KEY_DOMAIN, 1, 0));
    run("DECIPHER XKEK          ", STACK_MAX,
        (struct apdu){0x80, INS_DECIPHER, 1, ALG_XKEK, from_hex(XKEK_PEER), 0, false, true});
}

static void import_share(const char *name)
{
    static const uint8_t share[DKEK_SIZE] = {7};
    run(name, STACK_MAX, (struct apdu){0x80, INS_KEY_DOMAIN, 0, 0, BYTES(share), 0, false, true});
}

/* Out, looked at, and in again; the key computes once more to sign its request. */
static void move_key(uint8_t id)
{
    static uint8_t blob[KEY_BLOB_MAX];
    bytes out = run("WRAP                   ", STACK_MAX,
                    (struct apdu){0x80, INS_WRAP, id, ALG_WRAP, NO_BYTES, 0, false, true});
    if (out.n > sizeof blob) host_exit(1);
    memcpy(blob, out.p, out.n);
    bytes data = {blob, out.n};
    run("UNWRAP, check          ", STACK_MAX,
        (struct apdu){0x80, INS_UNWRAP, 0, ALG_UNWRAP_CHECK, data, 0, false, true});
    run("UNWRAP                 ", STACK_MAX, (struct apdu){0x80, INS_UNWRAP, id, ALG_UNWRAP, data, 0, false, true});
}

static void start(void)
{
    static const uint8_t init[] = {0x80, 2,   0,   1,   0x81, 6,   '6', '4',  '8', '2', '1', '9',  0x82, 8, '5',
                                   '7',  '6', '2', '1', '8',  '8', '0', 0x9A, 2,   0,   4,   0x92, 1,    2};
    memset(flash, 0xFF, sizeof flash);
    stack_paint();
    status st = hsm_open(&hsm, &board);
    size_t used = stack_used();
    report("open a blank flash     ", used, STACK_MAX, st == ST_OK);
    run("SELECT                 ", STACK_MAX, (struct apdu){0, INS_SELECT, 4, 0, schsm_aid(), 0, false, true});
    run("INITIALIZE             ", STACK_MAX, (struct apdu){0x80, INS_INITIALIZE, 0, 0, BYTES(init), 0, false, true});
    import_share("KEY DOMAIN, a share    ");
    run("SELECT                 ", STACK_MAX, (struct apdu){0, INS_SELECT, 4, 0, schsm_aid(), 0, false, true});
    import_share("KEY DOMAIN, logged out ");
    run("VERIFY joins shares    ", STACK_MAX,
        (struct apdu){0, INS_VERIFY, 0, PIN_USER, TEXT("648219"), 0, false, true});
    run("CHANGE REFERENCE DATA  ", STACK_MAX,
        (struct apdu){0, INS_CHANGE_REFERENCE_DATA, 0, PIN_USER, TEXT("648219648219"), 0, false, true});
}

int main(void)
{
    host_print("deepest stack, bytes\n");
    start();
    use_files();
    for (uint8_t curve = 0; curve < CRYPTO_CURVE_COUNT; curve++) {
        generate_ec((uint8_t)(curve + 1), (enum crypto_curve)curve, NO_BYTES);
        use_ec((uint8_t)(curve + 1), (enum crypto_curve)curve);
    }
    use_secret(0x60);
    for (uint8_t okp = 0; okp < CRYPTO_OKP_COUNT; okp++) {
        generate_okp((uint8_t)(okp + 0x31), (enum crypto_okp)okp);
        use_okp((uint8_t)(okp + 0x31), (enum crypto_okp)okp);
    }
    generate_rsa(0x21, 1024);
    use_rsa(0x21, 128);
    generate_rsa(0x22, 2048);
    use_rsa(0x22, 256);
    move_key(CRYPTO_SECP521R1 + 1);
    move_key(CRYPTO_ED448 + 0x31);
    move_key(0x22);
    use_channel(0x22);
    import_ec();
    run("BULK METADATA          ", STACK_MAX, (struct apdu){0x80, INS_BULK_METADATA, 0, 0, NO_BYTES, 0, false, true});
    for (uint8_t kind = CRYPTO_HD_SECP256K1; kind <= CRYPTO_HD_SYMMETRIC; kind++) use_wallet(kind);
    use_lock();
#ifdef M0_RSA_4096
    generate_rsa(0x24, 4096);
    use_rsa(0x24, 512);
    move_key(0x24);
#endif
    use_certificates();
    report("worst but RSA generation", worst, STACK_MAX, true);
    host_print("crypto pool, bytes at the worst moment");
    host_print_number((uint32_t)hsm.crypto.pool_peak, 8);
    host_print("\n");
    return failed;
}
