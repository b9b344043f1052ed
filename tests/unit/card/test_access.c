/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what: every instruction 00..FF in every login state, with well-formed parameters.
 *
 * The expectations are written out from apdu.md (sections at each row), never read from the card's table; an
 * instruction of the card's table that no row mentions fails. Instructions of later issues answer 6D00. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/commands.h"
#include "tests/rig/expect.h"

enum state {
    VIRGIN,      /* never initialised                                                     */
    NOBODY,      /* options 0005, key 1 (P-256), CF01, CD01; nobody logged in             */
    USER,        /* the same, user PIN verified                                           */
    SO,          /* the same, SO-PIN verified: "it does not give key use ..." (DP-27)     */
    INITIALISED, /* right after INITIALIZE: full rights, but keys and files are gone      */
    TRANSPORT,   /* as NOBODY, the user PIN still to be changed (option 0002)             */
    BLOCKED,     /* as NOBODY, no try of the user PIN left                                */
    STATES
};

static const char *const state_names[STATES] = {"virgin",      "nobody",    "user",   "SO",
                                                "initialised", "transport", "blocked"};

#define POINT_2G /* 2·G of P-256, apdu.md 5.3 */                                                                      \
    "047CF27B188D034F7E8A52380304B51AC3C08969E277F21B35A60B48FC4766997807775510DB8ED040293D9AC69F7430DBBA7DADE63CE982" \
    "29"                                                                                                               \
    "9E04B79D227873D1"
#define TEMPLATE_P256 /* the prime is enough to know the curve by (3.12) */                                            \
    "7F492E060A04007F000702020202038120FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"

#define SHARE "A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5"

/* clang-format off */
#define EVERYWHERE(sw) {sw, sw, sw, sw, sw, sw, sw}

static const struct {
    uint8_t ins;
    const char *hex;
    uint16_t want[STATES]; /* virgin, nobody, user, SO, initialised, transport, blocked */
    const char *section;
} rows[] = {
    {0x20, "0020008106" RIG_USER_PIN,         {0x6A88, 0x9000, 0x9000, 0x9000, 0x9000, 0x6984, 0x6983},
     "3.8 VERIFY 81"},
    {0x20, "00200081",                        {0x6A88, 0x63C3, 0x9000, 0x63C3, 0x9000, 0x6984, 0x6983},
     "3.8 status 81"},
    {0x20, "0020008808" RIG_SO_PIN,           {0x6A88, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000},
     "3.8 VERIFY 88"},
    {0x20, "00200088",                        {0x6A88, 0x63CF, 0x63CF, 0x9000, 0x9000, 0x63CF, 0x63CF},
     "3.8 status 88"},
    {0x20, "00200085",                        {0x6A88, 0x6A88, 0x6A88, 0x6A88, 0x6A88, 0x6A88, 0x6A88}, "3.7 85"},
    {0x20, "80200086",                        {0x6A88, 0x6A88, 0x6A88, 0x6A88, 0x6A88, 0x6A88, 0x6A88}, "3.7 86"},
    {0x22, "002241A40C800A04007F00070202030202", EVERYWHERE(0x9000), "3.21, OD-7: anyone"},
    {0x24, "002400810C" RIG_USER_PIN "313233343536",
                                              {0x6A88, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x6983},
                                               "3.9 CHANGE 81"},
    {0x24, "0024008810" RIG_SO_PIN "3132333435363738",
                                              {0x6A88, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000},
                                               "3.9 CHANGE 88"},
    {0x2C, "002C00810E" RIG_SO_PIN RIG_USER_PIN,
                                              {0x6A88, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000}, "3.10 P1 00"},
    {0x2C, "002C028106" RIG_USER_PIN,         {0x6A88, 0x6985, 0x6985, 0x9000, 0x9000, 0x6985, 0x6985}, "3.10 P1 02"},
    {0x46, "0046050031" TEMPLATE_P256,        {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.12"},
    {0x4A, "804A0100",                        {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.25 master"},
    {0x4A, "804A0A0003020100",                {0x6982, 0x6982, 0x6400, 0x6982, 0x6400, 0x6982, 0x6982}, "3.25: DP-52"},
    {0x4A, "804A100003020100",                {0x6982, 0x6982, 0x6400, 0x6982, 0x6400, 0x6982, 0x6982}, "3.25 select"},
    {0x4A, "804A010A",                        EVERYWHERE(0x6A86), "3.25: id over 9"},
    {0x68, "806800A00401020304",              {0x6982, 0x6982, 0x6985, 0x6982, 0x6985, 0x6982, 0x6982}, "3.25: no node"},
    {0x50, "80500000128106" RIG_USER_PIN "8208" RIG_SO_PIN,
                                              {0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000},
                                               "3.2, OD-4: anyone"},
    {0x50, "8050000000",                      {0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000},
     "3.2 version query"},
    {0x52, "8052000000",                      {0x6A88, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000}, "3.20 status"},
    {0x52, "8052000020" SHARE "00",           {0x6A88, 0x6986, 0x6986, 0x6986, 0x6986, 0x6986, 0x6986},
     "3.20 share: no login asked for"},
    {0x52, "805201000101",                    {0x6A88, 0x6985, 0x6A86, 0x6985, 0x6A86, 0x6985, 0x6985}, "3.20 set up"},
    {0x52, "805202000101",                    {0x6A88, 0x6985, 0x6A86, 0x6985, 0x6A86, 0x6985, 0x6985}, "3.20 group"},
    {0x52, "80520400",                        {0x6A88, 0x6985, 0x9000, 0x6985, 0x9000, 0x6985, 0x6985}, "3.20 clear"},
    {0x52, "80520300",                        {0x6A88, 0x6985, 0x6A88, 0x6985, 0x6A88, 0x6985, 0x6985},
     "3.20 delete: 6A88 is success"},
    {0x72, "8072019200",                      {0x6982, 0x6982, 0x6A88, 0x6982, 0x6A82, 0x6982, 0x6982}, "3.18: no DKEK"},
    {0x72, "8072009200",                      {0x6982, 0x6982, 0x6985, 0x6982, 0x6985, 0x6982, 0x6982}, "3.18: DP-61"},
    {0x74, "80740193",                        {0x6982, 0x6982, 0x6A82, 0x6982, 0x6A82, 0x6982, 0x6982}, "3.19: no 2F10"},
    {0x74, "8074009400",                      {0x6982, 0x6982, 0x6A82, 0x6982, 0x6A82, 0x6982, 0x6982}, "74/94"},
    {0x2A, "002A00BE0130",                    EVERYWHERE(0x6A88), "3.23: no key selected; anyone"},
    {0x54, "8054000000",                      EVERYWHERE(0x6A86), "3.24 status: not configured"},
    {0x54, "8054000004" "7F210000",           EVERYWHERE(0x6A82), "3.24 registration: not configured"},
    {0x82, "0082000001" "00",                 EVERYWHERE(0x6A88), "3.24: no key selected; anyone"},
    {0x58, "8058000000",                      {0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000}, "3.1"},
    {0x5A, "005A018100",                      {0x6D00, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982},
     "3.11, option 0004"},
    {0x5A, "805A0281",                        {0x6D00, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000},
     "3.11 wipe: also without login"},
    {0x5C, "805C000100",                      EVERYWHERE(0x9000), "5C keys: no login"},
    {0x5C, "805C010000",                      EVERYWHERE(0x9000), "5C CA certificates"},
    {0x5C, "805C030000",                      EVERYWHERE(0x6A86), "5C other kind"},
    {0x5E, "805E210F028100",                  {0x6982, 0x6982, 0x6985, 0x6982, 0x6985, 0x6982, 0x6982}, "5E: no policy bit"},
    {0x62, "8062018041" POINT_2G "00",        {0x6982, 0x6982, 0x9000, 0x6982, 0x6A82, 0x6982, 0x6982}, "3.15"},
    {0x64, "8064060000",                      {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.26 options"},
    {0x64, "806406000101",                    {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.26 options"},
    {0x64, "8064050000",                      {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.26 memory"},
    {0x64, "80640A0000",                      {0x6982, 0x6982, 0x6985, 0x6982, 0x6985, 0x6982, 0x6982},
     "3.26 clock, never set"},
    {0x64, "80640A000807EA0B0103000000",      {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.26 clock"},
    {0x64, "80641B0000",                      {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.26 PHY"},
    {0x64, "80641B050108",                    {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.26 PHY"},
    {0x64, "8064FB00",                        {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.26 restart"},
    {0x64, "80643A010141",                    {0x6982, 0x6982, 0x6700, 0x6982, 0x6700, 0x6982, 0x6982}, "3.27 agreement"},
    {0x64, "80643A020141",                    {0x6982, 0x6982, 0x6700, 0x6982, 0x6700, 0x6982, 0x6982}, "3.27 enable"},
    {0x64, "80643A050141",                    EVERYWHERE(0x6A86), "3.27 other P2"},
    {0x64, "80644C0000",                      EVERYWHERE(0x6A86), "3.26 OTP: never"},
    {0x68, "8068017303616263 00",             {0x6982, 0x6982, 0x9000, 0x6982, 0x6A82, 0x6982, 0x6982}, "3.14"},
    {0x76, "807601220298 01",                 {0x6982, 0x6982, 0x9000, 0x6982, 0x6A82, 0x6982, 0x6982}, "3.16"},
    {0x76, "807601000298 01",                 EVERYWHERE(0x6A86), "3.16: destination 00"},
    {0x84, "0084000008",                      {0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000}, "3.6"},
    {0x86, "00860000457C438041" POINT_2G "00", EVERYWHERE(0x6985), "3.22 without MSE; OD-7: anyone"},
    {0xA4, "00A404000B" RIG_AID "00",         {0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000}, "2.2"},
    {0xA4, "00A40000022F0200",                {0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000},
     "2.3 public file"},
    {0xA4, "00A4000002CC0100",                {0x6A82, 0x9000, 0x9000, 0x9000, 0x6A82, 0x9000, 0x9000},
     "2.3 key: no PIN needed"},
    {0xA4, "00A4000002CD0100",                {0x6A82, 0x9000, 0x9000, 0x9000, 0x6A82, 0x9000, 0x9000},
     "2.3 private file: no PIN needed"},
    {0xB0, "00B0000000",                      {0x6A82, 0x6A82, 0x6A82, 0x6A82, 0x6A82, 0x6A82, 0x6A82},
     "3.3 B0: no current EF"},
    {0xB1, "00B12F020454020000 00",           {0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000, 0x9000}, "3.3 2F02"},
    {0xB1, "00B1CF010454020000 00",           {0x6A82, 0x9000, 0x9000, 0x9000, 0x6A82, 0x9000, 0x9000},
     "3.3 public data"},
    {0xB1, "00B1CE010454020000 00",           {0x6A82, 0x9000, 0x9000, 0x9000, 0x6A82, 0x9000, 0x9000},
     "3.3 request of key 1"},
    {0xB1, "00B1CD010454020000 00",           {0x6982, 0x6982, 0x9000, 0x6982, 0x6A82, 0x6982, 0x6982},
     "3.3 private data"},
    {0xB1, "00B1CD770454020000 00",           {0x6982, 0x6982, 0x6A82, 0x6982, 0x6A82, 0x6982, 0x6982},
     "3.3 private, missing: DP-21"},
    {0xB1, "00B1CC010454020000 00",           {0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982},
     "3.3 key: never"},
    {0xB1, "00B1CC770454020000 00",           {0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982},
     "3.3 key, missing: never"},
    {0xB1, "00B110810454020000 00",           {0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982},
     "3.3 PIN: never"},
    {0xC0, "00C0000000",                      {0x6985, 0x6985, 0x6985, 0x6985, 0x6985, 0x6985, 0x6985}, "1.6"},
    {0xD7, "00D7CF0207 54020000 530141",      {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.4"},
    {0xD7, "00D72F0207 54020000 530141",      {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.4 2F02"},
    {0xD7, "00D7CC0107 54020000 530141",      {0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982},
     "3.4 OD-11: keys never"},
    {0xE4, "00E4000002CF01",                  {0x6982, 0x6982, 0x9000, 0x6982, 0x6A82, 0x6982, 0x6982}, "3.5"},
    {0xE4, "00E4020002CC01",                  {0x6982, 0x6982, 0x9000, 0x6982, 0x6A82, 0x6982, 0x6982}, "3.5 key"},
    {0xE4, "00E4000002CC00",                  {0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982, 0x6982},
     "3.5 device key: never"},
    /* 3.0: no such instructions, and those of later issues */
    {0x48, "004803B2",                        {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "3.13"},
    {0x78, "8078011010" "00000000000000000000000000000000" "00",
                                              {0x6982, 0x6982, 0x6400, 0x6982, 0x6A82, 0x6982, 0x6982},
     "3.17 with an EC key"},
    {0x7A, "807A0156",                        {0x6982, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x6982}, "streaming, an abort"},
    {0x7C, "807C0122",                        {0x6982, 0x6982, 0x6700, 0x6982, 0x6A82, 0x6982, 0x6982}, "KDF, no OID"},
    {0xFF, "00FF0000",                        EVERYWHERE(0x6D00), "3.0"},
    {0xCA, "00CA000000",                      EVERYWHERE(0x6D00), "3.0"},
    {0xD6, "00D600000141",                    EVERYWHERE(0x6D00), "3.0"},
    {0x44, "00440000",                        EVERYWHERE(0x6D00), "3.0"},
    {0x0E, "000E0000",                        EVERYWHERE(0x6D00), "3.0"},
    {0x88, "0088000000",                      EVERYWHERE(0x6D00), "3.0"},
};
/* clang-format on */

/* ---- a card in each state ---- */

static struct rig *card;
static bytes images[STATES];
static uint8_t *image_memory[STATES];

static void fill_card(void)
{
    EXPECT_SW(rig_generate_ec(card, 1, CRYPTO_SECP256R1, ""), 0x9000);
    EXPECT_SW(rig_update(card, 0xCF01, 0, TEXT("public")), 0x9000);
    EXPECT_SW(rig_update(card, 0xCD01, 0, TEXT("private")), 0x9000);
}

static void keep_image(enum state s)
{
    rig_power_off(card);
    bytes now = rig_image(card);
    image_memory[s] = malloc(now.n);
    memcpy(image_memory[s], now.p, now.n);
    images[s] = (bytes){image_memory[s], now.n};
    assert_int_equal(rig_open(card), ST_OK);
    EXPECT_SW(rig_select(card), 0x9000);
}

static int make_images(void **state)
{
    card = rig_start(11);
    keep_image(VIRGIN);
    EXPECT_SW(rig_initialise(card, "80020005 910103"), 0x9000);
    fill_card();
    keep_image(NOBODY);
    images[USER] = images[SO] = images[INITIALISED] = images[NOBODY];
    for (unsigned i = 0; i < 3; i++) rig_send(card, "0020008106303030303030");
    keep_image(BLOCKED);
    EXPECT_SW(rig_initialise(card, "80020007 910103"), 0x9000);
    fill_card();
    keep_image(TRANSPORT);
    return 0;
}

static int free_images(void **state)
{
    for (unsigned s = 0; s < STATES; s++) free(image_memory[s]);
    rig_stop(card);
    return 0;
}

static void enter(enum state s)
{
    rig_power_off(card);
    rig_image_set(card, images[s]);
    card->date.known = false;
    assert_int_equal(rig_open(card), ST_OK);
    EXPECT_SW(rig_select(card), 0x9000);
    if (s == USER) EXPECT_SW(rig_login(card), 0x9000);
    if (s == SO) EXPECT_SW(rig_login_so(card), 0x9000);
    if (s == INITIALISED) EXPECT_SW(rig_initialise(card, "910103"), 0x9000);
    rig_forget(card);
}

/* ---- tests ---- */

static void every_row_in_every_state(void **state)
{
    for (enum state s = VIRGIN; s < STATES; s++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            enter(s);
            const char *name = text_of("%s, %s: %s", state_names[s], rows[i].section, rows[i].hex);
            EXPECT_ROW(rig_send(card, rows[i].hex), rows[i].want[s], EXPECT_ANY, name);
        }
        hex_release();
    }
}

static bool has_row(unsigned ins)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].ins == ins) return true;
    }
    return false;
}

static void every_command_of_the_table_has_a_row(void **state)
{
    size_t count;
    const struct command *table = command_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (!has_row(table[i].ins)) print_error("no row for INS %02X (%s)\n", table[i].ins, table[i].name);
        assert_true(has_row(table[i].ins));
        assert_int_not_equal(table[i].access, ACCESS_NEVER);
    }
}

/* 3.0: "Everything else ... answers 6D00", whatever its parameters. */
static void all_other_instructions_are_unknown(void **state)
{
    static const char *const bodies[] = {"0000", "000000", "FFFF01AA", "0181080102030405060708 00"};
    for (enum state s = VIRGIN; s < STATES; s++) {
        enter(s);
        for (unsigned ins = 0; ins <= 0xFF; ins++) {
            if (has_row(ins)) continue;
            for (size_t i = 0; i < 2 * COUNT(bodies); i++) {
                const char *hex = text_of("%s%02X%s", i % 2 ? "80" : "00", ins, bodies[i / 2]);
                EXPECT_ROW(rig_send(card, hex), 0x6D00, "", text_of("%s: %s", state_names[s], hex));
            }
        }
        hex_release();
    }
}

/* 3.0 [T test_011]: without option 0004 INS 5A does not exist, in any form and for anybody. */
static void session_pin_does_not_exist_without_its_option(void **state)
{
    static const char *const forms[] = {"005A018100", "805A018100", "005A0281", "005A0081", "005A0188", "005A018101AA"};
    struct rig *r = rig_ready(12, "80020001");
    for (unsigned login = 0; login < 2; login++) {
        for (size_t i = 0; i < COUNT(forms); i++) SEND(r, forms[i], 0x6D00);
        EXPECT_SW(rig_select(r), 0x9000);
    }
    rig_stop(r);
}

/* 3.29 and 1.10: the rescue applet has instructions of its own; class first, then instruction, then P1. */
static void rescue_applet_rows(void **state)
{
    /* clang-format off */
    static const struct { const char *hex; uint16_t sw; const char *why; } rescue[] = {
        {"0010020041", 0x6E00, "CLA must be 80"},     {"00FF0000", 0x6E00, "class before instruction"},
        {"8010020041", 0x9000, "device public key"},  {"801002000141", 0x6700, "10/02 with data"},
        {"8010010000", 0x6A86, "OD-10: no signing"},  {"801001000130", 0x6A86, "OD-10: no signing"},
        {"801003000130", 0x6A86, "OD-10: no 2F02"},   {"8010000000", 0x6A86, "other P1"},
        {"801E020018", 0x9000, "memory"},             {"801E02000141", 0x6700, "1E with data"},
        {"801E090014", 0x6A86, "other P1"},           {"8058000000", 0x6D00, "LIST is not here"},
        {"80200081", 0x6D00, "VERIFY is not here"},   {"80FF0000", 0x6D00, "unknown"},
    };
    /* clang-format on */
    for (unsigned initialised = 0; initialised < 2; initialised++) {
        enter(initialised ? NOBODY : VIRGIN);
        for (size_t i = 0; i < COUNT(rescue); i++) {
            SEND(card, "00A4040408" RIG_RESCUE_AID "00", 0x9000);
            EXPECT_ROW(rig_send(card, rescue[i].hex), rescue[i].sw, EXPECT_ANY, rescue[i].why);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_row_in_every_state),
        CASE(every_command_of_the_table_has_a_row),
        CASE(all_other_instructions_are_unknown),
        CASE(session_pin_does_not_exist_without_its_option),
        CASE(rescue_applet_rows),
    };
    return cmocka_run_group_tests(tests, make_images, free_images);
}
