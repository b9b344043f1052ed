/* SPDX-License-Identifier: Apache-2.0 */
/* PINs: presentation, counters, blocking and its cure, change and its split, transport and session PIN, policy bits
 * 0001 and 0002 (apdu.md 3.7 to 3.11, 4.2, 4.3, 4.8; decisions.md "Session PIN", "Device policy word").
 *
 * A test is mostly a script: commands, each with its word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rig/expect.h"

#define USER "0020008106" RIG_USER_PIN
#define USER_STATUS "00200081"
#define USER_WRONG "0020008106303030303030"
#define USER_NEW "0020008106313233343536"
#define SO "0020008808" RIG_SO_PIN
#define SO_STATUS "00200088"
#define SO_WRONG "00200088083030303030303030"
#define CHANGE "002400810C" RIG_USER_PIN "313233343536" /* to 123456 */
#define CHANGE_BACK "002400810C313233343536" RIG_USER_PIN
#define CHANGE_WRONG "002400810C303030303030313233343536"
#define RRC "002C00810E" RIG_SO_PIN "313233343536" /* to 123456 */
#define RRC_WRONG "002C00810E3030303030303030313233343536"
#define SELECT "00A4040C0B" RIG_AID
#define UPDATE "00D7CF0107540200005301AA" /* needs the user */
#define CYCLE "power"                     /* not a command: power off and on, then SELECT */
#define RESET "reset"                     /* not a command: reset line, then SELECT        */

struct step {
    const char *hex;
    uint16_t sw;
};

static void run(struct rig *r, const struct step *steps, const char *why)
{
    for (const struct step *s = steps; s->hex; s++) {
        if (strcmp(s->hex, CYCLE) == 0) assert_int_equal(rig_power_cycle(r), ST_OK);
        if (strcmp(s->hex, RESET) == 0) rig_reset(r);
        bool command = strcmp(s->hex, CYCLE) && strcmp(s->hex, RESET);
        const char *name = text_of("%s, step %zu: %s", why, (size_t)(s - steps), s->hex);
        EXPECT_ROW(rig_send(r, command ? s->hex : SELECT), command ? s->sw : 0x9000, "", name);
    }
}

struct script {
    const char *why;
    const char *init; /* TLVs of INITIALIZE beside the PINs; a SELECT follows */
    struct step steps[40];
};

static void run_scripts(const struct script *scripts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rig *r = rig_ready(i, scripts[i].init);
        SEND(r, SELECT, 0x9000);
        run(r, scripts[i].steps, scripts[i].why);
        rig_stop(r);
    }
}

/* clang-format off */
static const struct script verify_scripts[] = {
    {"3.7: wrong counts down, right restores", "910103",
     {{USER_STATUS, 0x63C3}, {USER_WRONG, 0x63C2}, {USER_STATUS, 0x63C2}, {USER_WRONG, 0x63C1}, {USER, 0x9000},
      {USER_STATUS, 0x9000}, {SELECT, 0x9000}, {USER_STATUS, 0x63C3}}},
    {"3.7: the last try answers 6983, not 63C0 [T test_010]", "910103",
     {{USER_WRONG, 0x63C2}, {USER_WRONG, 0x63C1}, {USER_WRONG, 0x6983}, {USER_STATUS, 0x6983}}},
    {"3.7: blocked also for the right PIN", "910102",
     {{USER_WRONG, 0x63C1}, {USER_WRONG, 0x6983}, {USER, 0x6983}, {USER, 0x6983}, {USER_STATUS, 0x6983}}},
    {"counters survive power cycles", "910103",
     {{USER_WRONG, 0x63C2}, {CYCLE, 0}, {USER_STATUS, 0x63C2}, {USER_WRONG, 0x63C1}, {CYCLE, 0}, {USER_WRONG, 0x6983},
      {CYCLE, 0}, {USER_STATUS, 0x6983}, {USER, 0x6983}}},
    {"a restored counter survives too", "910103",
     {{USER_WRONG, 0x63C2}, {USER, 0x9000}, {CYCLE, 0}, {USER_STATUS, 0x63C3}}},
    {"one try", "910101", {{USER_STATUS, 0x63C1}, {USER, 0x9000}, {SELECT, 0x9000}, {USER_WRONG, 0x6983}, {USER,
     0x6983}}},
    {"ten tries", "91010A", {{USER_STATUS, 0x63CA}, {USER_WRONG, 0x63C9}, {USER, 0x9000}, {SELECT, 0x9000},
     {USER_STATUS, 0x63CA}}},
    {"default: three tries", "", {{USER_STATUS, 0x63C3}}},
    {"the SO-PIN has 15", "", {{SO_STATUS, 0x63CF}, {SO_WRONG, 0x63CE}, {SO_STATUS, 0x63CE}, {SO, 0x9000}, {SO_STATUS,
     0x9000},
      {SELECT, 0x9000}, {SO_STATUS, 0x63CF}}},
    {"SO-PIN blocked", "",
     {{SO_WRONG, 0x63CE}, {SO_WRONG, 0x63CD}, {SO_WRONG, 0x63CC}, {SO_WRONG, 0x63CB}, {SO_WRONG, 0x63CA}, {SO_WRONG,
      0x63C9},
      {SO_WRONG, 0x63C8}, {SO_WRONG, 0x63C7}, {SO_WRONG, 0x63C6}, {SO_WRONG, 0x63C5}, {SO_WRONG, 0x63C4}, {SO_WRONG,
       0x63C3},
      {SO_WRONG, 0x63C2}, {SO_WRONG, 0x63C1}, {SO_WRONG, 0x6983}, {SO, 0x6983}, {SO_STATUS, 0x6983}, {RRC, 0x6986},
      {"0024008810" RIG_SO_PIN RIG_SO_PIN, 0x6983}, {USER, 0x9000}}},
    {"the two counters are apart", "910103",
     {{SO_WRONG, 0x63CE}, {USER_STATUS, 0x63C3}, {USER_WRONG, 0x63C2}, {SO_STATUS, 0x63CE}, {USER, 0x9000},
      {SO_STATUS, 0x63CE}}},
    {"3.7: other lengths are wrong PINs", "91010A",
     {{"002000810136", 0x63C9}, {"0020008105363438 3231", 0x63C8}, {"0020008107" RIG_USER_PIN "00", 0x63C7},
      {"0020008107" "00" RIG_USER_PIN, 0x63C6}, {"0020008110" RIG_USER_PIN "00000000000000000000", 0x63C5},
      {"0020008110" RIG_USER_PIN RIG_USER_PIN "36343832", 0x63C4}, {USER, 0x9000}}},
    {"3.8: over 16 bytes costs no try", "910103", {{"0020008111" RIG_USER_PIN RIG_USER_PIN "3634383231", 0x6700},
     {USER_STATUS, 0x63C3}}},
    {"3.7: every presentation ends the session first", "910103",
     {{USER, 0x9000}, {UPDATE, 0x9000}, {USER_WRONG, 0x63C2}, {USER_STATUS, 0x63C2}, {UPDATE, 0x6982}}},
    {"a wrong SO-PIN ends the user's session", "", {{USER, 0x9000}, {SO_WRONG, 0x63CE}, {USER_STATUS, 0x63C3},
     {UPDATE, 0x6982}}},
    {"a right SO-PIN ends the user's session", "", {{USER, 0x9000}, {SO, 0x9000}, {USER_STATUS, 0x63C3}, {UPDATE,
     0x6982}, {SO_STATUS, 0x9000}}},
    {"a right user PIN ends the SO's session", "", {{SO, 0x9000}, {USER, 0x9000}, {SO_STATUS, 0x63CF}, {UPDATE,
     0x9000}}},
    {"a wrong user PIN ends the SO's session", "", {{SO, 0x9000}, {USER_WRONG, 0x63C2}, {SO_STATUS, 0x63CF}}},
    {"a blocked PIN ends sessions too", "910101", {{SO, 0x9000}, {USER_WRONG, 0x6983}, {SO, 0x9000}, {USER, 0x6983},
     {SO_STATUS, 0x63CF}}},
    {"a status query ends nothing", "", {{USER, 0x9000}, {USER_STATUS, 0x9000}, {SO_STATUS, 0x63CF}, {UPDATE, 0x9000}}},
    {"4.2: SELECT is logout", "", {{USER, 0x9000}, {SELECT, 0x9000}, {USER_STATUS, 0x63C3}, {UPDATE, 0x6982}}},
    {"4.2: a failed SELECT is not", "", {{USER, 0x9000}, {"00A4040C01AA", 0x6A82}, {USER_STATUS, 0x9000}, {UPDATE,
     0x9000}}},
    {"4.2: SELECT of the rescue applet is logout", "",
     {{USER, 0x9000}, {"00A4040C08" RIG_RESCUE_AID, 0x9000}, {SELECT, 0x9000}, {USER_STATUS, 0x63C3}}},
    {"4.2: reset is logout", "", {{USER, 0x9000}, {RESET, 0}, {USER_STATUS, 0x63C3}, {UPDATE, 0x6982}}},
    {"4.2: power cycle is logout", "", {{SO, 0x9000}, {CYCLE, 0}, {SO_STATUS, 0x63CF}}},
    {"SELECT of a file is no logout", "", {{USER, 0x9000}, {"00A4000C022F02", 0x9000}, {USER_STATUS, 0x9000}}},
    {"class 80 and the extended form", "", {{"8020008100000636343832313900 00", 0x9000}, {"80200081000000", 0x9000}}},
    {"5.1: PY's automatic re-VERIFY", "", {{USER "00", 0x9000}}},
};

static const struct script change_scripts[] = {
    {"3.9: change, old one gone", "910103",
     {{CHANGE, 0x9000}, {USER_STATUS, 0x9000}, {UPDATE, 0x9000}, {SELECT, 0x9000}, {USER, 0x63C2}, {USER_NEW, 0x9000},
      {CYCLE, 0}, {USER, 0x63C2}, {USER_NEW, 0x9000}}},
    {"3.9: wrong old PIN is charged", "910103", {{CHANGE_WRONG, 0x63C2}, {USER_STATUS, 0x63C2}, {CHANGE_WRONG,
     0x63C1}, {CHANGE_WRONG, 0x6983}, {CHANGE, 0x6983}}},
    {"3.9: success restores the counter", "910103", {{USER_WRONG, 0x63C2}, {CHANGE, 0x9000}, {SELECT, 0x9000},
     {USER_STATUS, 0x63C3}}},
    {"3.9: wrong old PIN ends the session", "910103", {{USER, 0x9000}, {CHANGE_WRONG, 0x63C2}, {UPDATE, 0x6982}}},
    {"3.9: Nc under 12 or over 32: no try", "910103",
     {{"002400810B" RIG_USER_PIN "3132333435", 0x6700}, {"0024008121"
      RIG_USER_PIN RIG_USER_PIN RIG_USER_PIN RIG_USER_PIN RIG_USER_PIN "363438", 0x6700},
      {USER_STATUS, 0x63C3}}},
    {"3.9: old right, new 17 bytes: 6700, the try is given back", "910103",
     {{"0024008117" RIG_USER_PIN "3030303030303030303030303030303030", 0x6700}, {USER_STATUS, 0x63C3}, {USER, 0x9000}}},
    {"3.9: given back means as before or full", "910103",
     {{"0024008120" RIG_USER_PIN "3030303030303030303030303030303030303030303030303030", 0x6700}, {USER, 0x9000}}},
    {"3.9: new of 16 bytes", "910103",
     {{"0024008116" RIG_USER_PIN "30313233343536373839303132333435", 0x9000}, {SELECT, 0x9000},
      {"0020008110 30313233343536373839303132333435", 0x9000}, {"0024008116 30313233343536373839303132333435"
       RIG_USER_PIN, 0x9000},
      {SELECT, 0x9000}, {USER, 0x9000}}},
    {"3.9: 16 to 16 bytes is the longest", "910103",
     {{"0024008116" RIG_USER_PIN "30313233343536373839303132333435", 0x9000},
      {"0024008120 30313233343536373839303132333435 41414141414141414141414141414141", 0x9000},
      {"0020008110 41414141414141414141414141414141", 0x9000}}},
    {"3.9: stored length 16, Nc 12..16: a wrong PIN", "910105",
     {{"0024008116" RIG_USER_PIN "30313233343536373839303132333435", 0x9000},
      {"002400810C 303132333435363738393031", 0x63C4}, {"0024008110 30313233343536373839303132333435", 0x63C3},
      {"0024008111 30313233343536373839303132333435 41", 0x6700}, {SELECT, 0x9000},
      {"0020008110 30313233343536373839303132333435", 0x9000}}},
    {"3.9: a wrong guess of another length shifts the split and is wrong", "910105",
     {{"002400810E 3634383231 3132333435363738 39", 0x63C4}, {"002400810D 36343832313931 313233343536", 0x9000},
      /* 648219 -> 1123456 */
      {"0020008107 31313233343536", 0x9000}}},
    {"3.9: the same PIN again", "", {{"002400810C" RIG_USER_PIN RIG_USER_PIN, 0x9000}, {SELECT, 0x9000}, {USER,
     0x9000}}},
    {"3.9: SO-PIN", "",
     {{"0024008810" RIG_SO_PIN "3132333435363738", 0x9000}, {SO_STATUS, 0x9000}, {UPDATE, 0x6982}, {SELECT, 0x9000},
      {SO, 0x63CE},
      {"0020008808 3132333435363738", 0x9000}, {CYCLE, 0}, {"0020008808 3132333435363738", 0x9000}}},
    {"3.9: SO-PIN, wrong", "", {{"0024008810 3030303030303030 3132333435363738", 0x63CE}, {SO_STATUS, 0x63CE},
     {USER_STATUS, 0x63C3}}},
    {"3.9: CHANGE 88 does not make a user", "", {{"0024008810" RIG_SO_PIN RIG_SO_PIN, 0x9000}, {UPDATE, 0x6982}}},
    {"a chain of changes", "", {{CHANGE, 0x9000}, {CHANGE_BACK, 0x9000}, {CHANGE, 0x9000}, {CYCLE, 0}, {USER_NEW,
     0x9000}}},
    {"3.9: CHANGE 81 leaves the SO-PIN", "", {{CHANGE, 0x9000}, {SO, 0x9000}}},
};

#define PIN_16 "30313233343536373839303132333435"
static const struct script reset_scripts[] = {
    {"3.10: P1 00 unblocks and sets", "80020001 910102",
     {{USER_WRONG, 0x63C1}, {USER_WRONG, 0x6983}, {RRC, 0x9000}, {USER_STATUS, 0x63C2}, {USER, 0x63C1}, {USER_NEW,
      0x9000}}},
    {"3.10: the user is not verified afterwards (DP-30)", "80020001", {{USER, 0x9000}, {RRC, 0x9000}, {USER_STATUS,
     0x63C3}, {UPDATE, 0x6982}}},
    {"3.10: option off", "80020000", {{RRC, 0x6986}, {"002C018108" RIG_SO_PIN, 0x6986}, {SO, 0x9000},
     {"002C028106313233343536", 0x6986}, {"002C0381", 0x6986}, {USER, 0x9000}}},
    {"3.10: option 0020 without 0001", "80020020", {{RRC, 0x6986}, {"002C018108" RIG_SO_PIN, 0x6986}, {"002C0381",
     0x6986}}},
    {"3.10: P1 01 and 03 need option 0020", "80020001", {{"002C018108" RIG_SO_PIN, 0x6986}, {SO, 0x9000}, {"002C0381",
     0x6986}, {SO_STATUS, 0x9000}}},
    {"3.10: P1 01 keeps the PIN", "80020021 910102", {{USER_WRONG, 0x63C1}, {USER_WRONG, 0x6983}, {"002C018108"
     RIG_SO_PIN, 0x9000}, {USER_STATUS, 0x63C2}, {USER, 0x9000}}},
    {"3.10: P1 02", "80020001 910102",
     {{USER_WRONG, 0x63C1}, {USER_WRONG, 0x6983}, {"002C028106313233343536", 0x6985}, {SO, 0x9000},
      {"002C028106313233343536", 0x9000},
      {USER_STATUS, 0x63C2}, {USER_NEW, 0x9000}, {UPDATE, 0x9000}}},
    {"3.10: P1 03", "80020021 910102", {{USER_WRONG, 0x63C1}, {USER_WRONG, 0x6983}, {"002C0381", 0x6985}, {SO,
     0x9000}, {"002C0381", 0x9000}, {USER, 0x9000}}},
    {"3.10: option 0020 does not forbid P1 00 and 02", "80020021", {{RRC, 0x9000}, {SO, 0x9000}, {"002C028106"
     RIG_USER_PIN, 0x9000}, {USER, 0x9000}}},
    {"3.10: wrong SO-PIN charges the SO counter only", "80020001",
     {{RRC_WRONG, 0x63CE}, {SO_STATUS, 0x63CE}, {USER_STATUS, 0x63C3}, {USER, 0x9000}}},
    {"3.10: P1 01, wrong", "80020021", {{"002C018108 3030303030303030", 0x63CE}, {SO_STATUS, 0x63CE}}},
    {"3.10: success restores the SO counter", "80020001", {{RRC_WRONG, 0x63CE}, {RRC, 0x9000}, {SO_STATUS, 0x63CF}}},
    {"3.10: SO counter exhausted", "80020001",
     {{RRC_WRONG, 0x63CE}, {RRC_WRONG, 0x63CD}, {RRC_WRONG, 0x63CC}, {RRC_WRONG, 0x63CB}, {RRC_WRONG, 0x63CA},
      {RRC_WRONG, 0x63C9},
      {RRC_WRONG, 0x63C8}, {RRC_WRONG, 0x63C7}, {RRC_WRONG, 0x63C6}, {RRC_WRONG, 0x63C5}, {RRC_WRONG, 0x63C4},
       {RRC_WRONG, 0x63C3},
      {RRC_WRONG, 0x63C2}, {RRC_WRONG, 0x63C1}, {RRC_WRONG, 0x6983}, {RRC, 0x6983}, {SO, 0x6983}, {USER, 0x9000}}},
    {"3.10: lengths cost no try", "80020021",
     {{"002C00810B" RIG_SO_PIN "313233", 0x6700}, {"002C018105 3132333435", 0x6700}, {"002C018111" PIN_16 "30",
      0x6700}, {SO_STATUS, 0x63CF}}},
    {"3.10: SO-PIN right, new PIN too short: 6700, given back", "80020001", {{"002C00810D" RIG_SO_PIN "3132333435",
     0x6700}, {SO_STATUS, 0x63CF}, {USER, 0x9000}}},
    {"3.10: SO-PIN right, new PIN too long: 6700, given back", "80020001", {{"002C008119" RIG_SO_PIN PIN_16 "30",
     0x6700}, {SO_STATUS, 0x63CF}, {USER, 0x9000}}},
    {"3.10: the refused ones log nobody in", "80020001", {{"002C00810D" RIG_SO_PIN "3132333435", 0x6700}, {UPDATE,
     0x6982}, {"002C028106313233343536", 0x6985}}},
    {"3.10: new PIN of 16 bytes", "80020001", {{"002C008118" RIG_SO_PIN PIN_16, 0x9000}, {"0020008110" PIN_16,
     0x9000}}},
    {"3.10: P1 00 leaves no SO session", "80020001", {{RRC, 0x9000}, {SO_STATUS, 0x63CF}, {"002C028106" RIG_USER_PIN,
     0x6985}}},
    {"3.10: survives a power cycle", "80020001", {{RRC, 0x9000}, {CYCLE, 0}, {USER_NEW, 0x9000}, {CYCLE, 0}, {USER,
     0x63C2}}},
    {"3.10: after CHANGE 88 the new SO-PIN counts", "80020001", {{"0024008810" RIG_SO_PIN "3132333435363738", 0x9000},
     {SELECT, 0x9000}, {RRC, 0x63CE},
      {"002C00810E 3132333435363738 313233343536", 0x9000}, {USER_NEW, 0x9000}}},
};

static const struct script transport_scripts[] = {
    {"3.8: 6984 until changed, no try consumed", "80020002 910103",
     {{USER_STATUS, 0x6984}, {USER, 0x6984}, {USER_WRONG, 0x6984}, {USER_WRONG, 0x6984}, {USER_WRONG, 0x6984},
      {USER_WRONG, 0x6984},
      {CHANGE, 0x9000}, {USER_STATUS, 0x9000}, {UPDATE, 0x9000}, {SELECT, 0x9000}, {USER_STATUS, 0x63C3}, {USER_NEW,
       0x9000}}},
    {"3.9: SHE's flow", "80020002", {{USER_STATUS, 0x6984}, {CHANGE, 0x9000}, {USER_NEW, 0x9000}}},
    {"CHANGE charges in transport state too", "80020002 910102", {{CHANGE_WRONG, 0x63C1}, {USER_STATUS, 0x6984},
     {CHANGE_WRONG, 0x6983}, {CHANGE, 0x6983}}},
    {"it lasts over power cycles, and ends for good (DP-29)", "80020002",
     {{CYCLE, 0}, {USER, 0x6984}, {CHANGE, 0x9000}, {CYCLE, 0}, {USER_STATUS, 0x63C3}, {USER_NEW, 0x9000},
      {CHANGE_BACK, 0x9000}, {USER_STATUS, 0x9000}}},
    {"the SO-PIN has none", "80020002", {{SO_STATUS, 0x63CF}, {SO, 0x9000}, {UPDATE, 0x6982}}},
    {"SO-PIN change does not end it", "80020002", {{"0024008810" RIG_SO_PIN RIG_SO_PIN, 0x9000}, {USER_STATUS,
     0x6984}}},
    {"3.10: RRC does not enter it", "80020003", {{CHANGE, 0x9000}, {"002C00810E" RIG_SO_PIN RIG_USER_PIN, 0x9000},
     {USER, 0x9000}}},
    {"3.8: data over 16 bytes", "80020002", {{"0020008111" PIN_16 "30", 0x6700}, {USER_STATUS, 0x6984}}},
};
/* clang-format on */

static void verify_rules(void **state)
{
    run_scripts(verify_scripts, COUNT(verify_scripts));
}

static void change_rules(void **state)
{
    run_scripts(change_scripts, COUNT(change_scripts));
}

static void reset_retry_counter_rules(void **state)
{
    run_scripts(reset_scripts, COUNT(reset_scripts));
}

static void transport_pin_rules(void **state)
{
    run_scripts(transport_scripts, COUNT(transport_scripts));
}

/* 3.7: PINs are arbitrary byte strings of 6..16 bytes. */
static void pins_of_every_length(void **state)
{
    for (size_t n = 6; n <= 16; n++) {
        const char *pin = counting(n, 0xFA);
        struct rig *r = rig_start(n);
        EXPECT_SW(rig_select(r), 0x9000);
        EXPECT_SW(rig_command_hex(r, 0x80, 0x50, 0, 0, text_of("81%02zX%s82%02zX%s", n, pin, n, pin), 0), 0x9000);
        EXPECT_SW(rig_select(r), 0x9000);
        SEND(r, text_of("00200081%02zX%s", n, pin), 0x9000);
        SEND(r, text_of("00200088%02zX%s", n, pin), 0x9000);
        SEND(r, text_of("00200081%02zX%s", n - 1, counting(n - 1, 0xFA)), 0x63C2);
        rig_stop(r);
    }
}

/* 4.3 PKA: the user PIN may be left out; 6A88 until the SO sets one with RESET RETRY COUNTER (3.2, 3.10). */
static void user_pin_left_out(void **state)
{
    static const struct step steps[] = {
        {USER_STATUS, 0x6A88},
        {USER, 0x6A88},
        {CHANGE, 0x6A88},
        {SO_STATUS, 0x63CF},
        {"002C0381", 0x6986},
        {RRC, 0x9000},
        {USER_STATUS, 0x63C3},
        {USER, 0x63C2},
        {USER_NEW, 0x9000},
        {USER_STATUS, 0x9000},
        {NULL, 0},
    };
    static const struct step virgin_again[] = {
        {USER_STATUS, 0x6A88}, {SO, 0x9000}, {"002C028106313233343536", 0x9000}, {USER_NEW, 0x9000}, {NULL, 0}};
    struct rig *r = rig_start(31);
    EXPECT_SW(rig_select(r), 0x9000);
    SEND(r, "8050000012 80020001 8208" RIG_SO_PIN "93020201", 0x9000);
    SEND(r, SELECT, 0x9000);
    run(r, steps, "no user PIN");
    SEND(r, "8050000012 80020001 8208" RIG_SO_PIN "93020201", 0x9000);
    SEND(r, SELECT, 0x9000);
    run(r, virgin_again, "no user PIN, again");
    SEND(r, "8050000015 80020001 8208" RIG_SO_PIN "93020201 910105", 0x9000); /* 3.7: the counter is tag 91's */
    SEND(r, SELECT, 0x9000);
    SEND(r, RRC, 0x9000);
    SEND(r, USER_STATUS, 0x63C5);
    rig_stop(r);
}

/* DP-30 where both PINs are verified at once: right after INITIALIZE (3.2 item 5). */
static void reset_after_initialize_ends_the_user(void **state)
{
    struct rig *r = rig_ready(30, "80020021");
    SEND(r, UPDATE, 0x9000);
    SEND(r, "002C028106313233343536", 0x9000);
    SEND(r, USER_STATUS, 0x63C3);
    SEND(r, UPDATE, 0x6982);
    SEND(r, USER_NEW, 0x9000);
    rig_stop(r);
}

/* ---- session PIN (decisions.md) ---- */

static bytes make_session_pin(struct rig *r)
{
    struct answer a = rig_send(r, "005A018100");
    EXPECT_SW(a, 0x9000);
    assert_int_equal(a.data.n, 8);
    return a.data;
}

static uint16_t present(struct rig *r, bytes pin)
{
    return rig_command(r, 0x00, 0x20, 0x00, 0x81, pin, 0).sw;
}

static struct rig *card_with_session_pin(uint64_t seed, const char *init, bytes *pin)
{
    struct rig *r = rig_ready(seed, init);
    SEND(r, SELECT, 0x9000);
    SEND(r, USER, 0x9000);
    *pin = make_session_pin(r);
    return r;
}

/* "logs in like the PIN does, also after SELECT" */
static void session_pin_logs_in(void **state)
{
    bytes pin;
    struct rig *r = card_with_session_pin(32, "80020004 910103", &pin);
    EXPECT_SW(rig_update(r, 0xCD01, 0, TEXT("secret")), 0x9000);
    for (unsigned i = 0; i < 3; i++) {
        SEND(r, SELECT, 0x9000);
        SEND(r, UPDATE, 0x6982);
        assert_int_equal(present(r, pin), 0x9000);
        SEND(r, USER_STATUS, 0x9000);
        SEND(r, UPDATE, 0x9000);
        EXPECT_DATA(rig_read(r, 0xCD01, 0, 6), 0x9000, hex_of(TEXT("secret"))); /* the root is open */
    }
    SEND(r, SO, 0x9000);
    assert_int_equal(present(r, pin), 0x9000);
    SEND(r, SO_STATUS, 0x63CF); /* 3.7: every presentation ends what was */
    SEND(r, SELECT, 0x9000);
    SEND(r, USER, 0x9000); /* the PIN still works beside it */
    rig_stop(r);
}

static void second_session_pin_replaces_the_first(void **state)
{
    bytes first;
    struct rig *r = card_with_session_pin(33, "80020004 910103", &first);
    bytes second = make_session_pin(r);
    assert_false(bytes_equal(first, second));
    SEND(r, SELECT, 0x9000);
    assert_int_equal(present(r, first), 0x63C2);
    assert_int_equal(present(r, second), 0x9000);
    rig_stop(r);
}

/* Each of these events; then the session PIN is just a wrong PIN. `tries`: what the guess leaves of 5. */
static const struct {
    const char *why;
    struct step steps[6];
    uint16_t then;
} wipes[] = {
    {"reset", {{RESET, 0}}, 0x63C4},
    {"power cycle", {{CYCLE, 0}}, 0x63C4},
    {"CHANGE 81", {{CHANGE, 0x9000}}, 0x63C4},
    {"CHANGE 88", {{"0024008810" RIG_SO_PIN RIG_SO_PIN, 0x9000}}, 0x63C4},
    {"RRC", {{RRC, 0x9000}}, 0x63C4},
    {"RRC P1 02", {{SO, 0x9000}, {"002C028106" RIG_USER_PIN, 0x9000}}, 0x63C4},
    {"INITIALIZE", {{"8050000015 8106" RIG_USER_PIN "8208" RIG_SO_PIN "910105", 0x9000}, {SELECT, 0x9000}}, 0x63C4},
    {"5A 02", {{"005A0281", 0x9000}}, 0x63C4},
    {"5A 02, logged out", {{SELECT, 0x9000}, {"805A0281", 0x9000}}, 0x63C4},
    {"the third wrong VERIFY 81", {{USER_WRONG, 0x63C4}, {USER_WRONG, 0x63C3}, {USER_WRONG, 0x63C2}}, 0x63C1},
    {"three wrong ones with SELECT between",
     {{USER_WRONG, 0x63C4}, {SELECT, 0x9000}, {USER_WRONG, 0x63C3}, {SELECT, 0x9000}, {USER_WRONG, 0x63C2}},
     0x63C1},
};

static void session_pin_ends(void **state)
{
    for (size_t i = 0; i < COUNT(wipes); i++) {
        bytes pin;
        struct rig *r = card_with_session_pin(40 + i, "80020005 910105", &pin);
        run(r, wipes[i].steps, wipes[i].why);
        uint16_t sw = present(r, pin);
        if (sw != wipes[i].then) print_error("after %s: %04X\n", wipes[i].why, sw);
        assert_int_equal(sw, wipes[i].then);
        rig_stop(r);
    }
}

/* ... and these do not end it. */
static const struct {
    const char *why;
    struct step steps[6];
} keeps[] = {
    {"SELECT", {{SELECT, 0x9000}}},
    {"a failed SELECT", {{"00A4040C01AA", 0x6A82}}},
    {"two wrong PINs", {{USER_WRONG, 0x63C4}, {USER_WRONG, 0x63C3}}},
    {"a wrong CHANGE", {{CHANGE_WRONG, 0x63C4}}},
    {"a refused CHANGE", {{"0024008117" RIG_USER_PIN "3030303030303030303030303030303030", 0x6700}}},
    {"a wrong SO-PIN", {{SO_WRONG, 0x63CE}}},
    {"a right SO-PIN", {{SO, 0x9000}}},
    {"a wrong RRC", {{RRC_WRONG, 0x63CE}}},
    {"the user PIN", {{USER, 0x9000}}},
    {"the rescue applet", {{"00A4040C08" RIG_RESCUE_AID, 0x9000}, {SELECT, 0x9000}}},
};

static void session_pin_stays(void **state)
{
    for (size_t i = 0; i < COUNT(keeps); i++) {
        bytes pin;
        struct rig *r = card_with_session_pin(60 + i, "80020005 910105", &pin);
        run(r, keeps[i].steps, keeps[i].why);
        uint16_t sw = present(r, pin);
        if (sw != 0x9000) print_error("after %s: %04X\n", keeps[i].why, sw);
        assert_int_equal(sw, 0x9000);
        SEND(r, UPDATE, 0x9000);
        rig_stop(r);
    }
}

/* "It is not accepted as the old PIN of CHANGE, nor once the PIN is blocked (6983)." */
static void session_pin_is_no_old_pin(void **state)
{
    bytes pin;
    struct rig *r = card_with_session_pin(70, "80020004 910103", &pin);
    SEND(r, text_of("002400810E%s313233343536", hex_of(pin)), 0x63C2);
    SEND(r, text_of("002400810E%s%s", hex_of(bytes_first(pin, 6)), "3132333435363738"), 0x63C1);
    assert_int_equal(present(r, pin), 0x9000);
    rig_stop(r);
    r = card_with_session_pin(71, "80020004 910102", &pin);
    SEND(r, USER_WRONG, 0x63C1);
    SEND(r, CHANGE_WRONG, 0x6983); /* two wrong in all: not the third VERIFY */
    assert_int_equal(present(r, pin), 0x6983);
    rig_stop(r);
}

/* "A VERIFY that matches neither charges the PIN's own retry counter, once"; a right session PIN does not. */
static void session_pin_and_the_retry_counter(void **state)
{
    bytes pin;
    struct rig *r = card_with_session_pin(72, "80020004 91010A", &pin);
    uint8_t near[8], longer[9] = {0};
    memcpy(near, pin.p, 8);
    memcpy(longer, pin.p, 8);
    near[7] ^= 1;
    assert_int_equal(present(r, BYTES(near)), 0x63C9);
    SEND(r, USER_STATUS, 0x63C9);
    assert_int_equal(present(r, BYTES(longer)), 0x63C8);
    assert_int_equal(present(r, pin), 0x9000);
    SEND(r, SELECT, 0x9000);
    assert_int_equal(present(r, bytes_first(pin, 7)), 0x63C9 - 2); /* the third wrong one: also wiped */
    assert_int_equal(present(r, pin), 0x63C6);
    rig_stop(r);
}

/* "6982 when not logged in"; a session opened by the session PIN counts as the user's PIN verified. */
static void who_may_make_a_session_pin(void **state)
{
    bytes pin;
    struct rig *r = card_with_session_pin(73, "80020004", &pin);
    SEND(r, SELECT, 0x9000);
    SEND(r, "005A018100", 0x6982);
    SEND(r, SO, 0x9000);
    SEND(r, "005A018100", 0x6982);
    SEND(r, "005A0281", 0x9000);
    SEND(r, "005A0281", 0x9000);
    SEND(r, USER, 0x9000);
    SEND(r, "805A01810000", 0x9000); /* tolerated form of case 2 */
    rig_stop(r);
}

/* ---- policy word ---- */

#define INIT_SO(so) "8050000012 8106" RIG_USER_PIN "8208" so
#define INIT_KEEP_POLICY "8050000016 8106" RIG_USER_PIN "8208" RIG_SO_PIN "9A020001"
#define POLICY "00B12F1E045402000002"

/* clang-format off */
static const struct script init_needs_so[] = {
    {"bit 0001: wrong SO-PIN is charged, nothing changed", "9A020001",
     {{INIT_SO("3030303030303030"), 0x63CE}, {SO_STATUS, 0x63CE}, {USER_STATUS, 0x63C3}, {USER, 0x9000}}},
    {"bit 0001: the right one", "9A020001", {{INIT_SO("3030303030303030"), 0x63CE}, {INIT_SO(RIG_SO_PIN), 0x9000},
     {SO_STATUS, 0x9000}, {SELECT, 0x9000}, {SO_STATUS, 0x63CF}}},
    {"bit 0001 is not inherited", "9A020001", {{INIT_SO(RIG_SO_PIN), 0x9000}, {INIT_SO("3030303030303030"), 0x9000},
     {SELECT, 0x9000}, {SO, 0x63CE}}},
    {"bit 0001 given again", "9A020001", {{INIT_KEEP_POLICY, 0x9000}, {INIT_SO("3030303030303030"), 0x63CE}}},
    {"bit 0001: malformed costs nothing", "9A020001", {{"8050000015 8106" RIG_USER_PIN "8208 3030303030303030 910100",
     0x6A80}, {SO_STATUS, 0x63CF}}},
    {"bit 0001: exhausted", "9A020001",
     {{INIT_SO("3030303030303030"), 0x63CE}, {SO_WRONG, 0x63CD}, {SO_WRONG, 0x63CC}, {SO_WRONG, 0x63CB}, {SO_WRONG,
      0x63CA}, {SO_WRONG, 0x63C9},
      {SO_WRONG, 0x63C8}, {SO_WRONG, 0x63C7}, {SO_WRONG, 0x63C6}, {SO_WRONG, 0x63C5}, {SO_WRONG, 0x63C4}, {SO_WRONG,
       0x63C3},
      {SO_WRONG, 0x63C2}, {SO_WRONG, 0x63C1}, {INIT_SO("3030303030303030"), 0x6983}, {INIT_SO(RIG_SO_PIN), 0x6983},
       {USER, 0x9000}}},
    {"bit 0001: CHANGE 88 sets what is asked for", "9A020001",
     {{"0024008810" RIG_SO_PIN "3132333435363738", 0x9000}, {INIT_SO(RIG_SO_PIN), 0x63CE},
      {INIT_SO("3132333435363738"), 0x9000}}},
    {"without the bit another 82 is a factory reset", "",
     {{INIT_SO("3030303030303030"), 0x9000}, {SELECT, 0x9000}, {SO, 0x63CE}, {SO_WRONG, 0x9000}}},
    {"bit 0001 over a power cycle", "9A020001", {{CYCLE, 0}, {INIT_SO("3030303030303030"), 0x63CE}, {CYCLE, 0},
     {SO_STATUS, 0x63CE}}},
};
/* clang-format on */

static void initialize_that_needs_the_so_pin(void **state)
{
    run_scripts(init_needs_so, COUNT(init_needs_so));
}

/* What policy bit 0002 forbids in plain: 6987, no try charged, session unchanged. Status queries and INITIALIZE are
 * free. */
static const struct step plain_forbidden[] = {
    {USER, 0x6987},
    {USER_WRONG, 0x6987},
    {SO, 0x6987},
    {SO_WRONG, 0x6987},
    {CHANGE, 0x6987},
    {CHANGE_WRONG, 0x6987},
    {"0024008810" RIG_SO_PIN RIG_SO_PIN, 0x6987},
    {RRC, 0x6987},
    {RRC_WRONG, 0x6987},
    {"002C018108" RIG_SO_PIN, 0x6987},
    {"005A018100", 0x6987},
    {"00200081", 0x9000},
    {"00200088", 0x63CF},
    {UPDATE, 0x9000},
    {"005A0281", 0x9000},
    {NULL, 0},
};

static void no_plain_pin_from_remote(void **state)
{
    struct rig *r = rig_ready(80, "80020025 910103 9A020002");
    r->link = HSM_LINK_IN_PROCESS;
    SEND(r, SELECT, 0x9000);
    SEND(r, USER, 0x9000);
    r->link = HSM_LINK_REMOTE;
    run(r, plain_forbidden, "remote");
    SEND(r, SELECT, 0x9000);
    SEND(r, USER_STATUS, 0x63C3);
    SEND(r, SO_STATUS, 0x63CF);
    SEND(r, POLICY, 0x9000);
    SEND(r, INIT_SO(RIG_SO_PIN), 0x9000);
    SEND(r, USER, 0x9000); /* the new policy is 0000 */
    rig_stop(r);
}

static void plain_pin_inside_the_process(void **state)
{
    struct rig *r = rig_ready(81, "80020025 910103 9A020002");
    r->link = HSM_LINK_IN_PROCESS;
    SEND(r, SELECT, 0x9000);
    SEND(r, USER, 0x9000);
    SEND(r, "005A018100", 0x9000);
    SEND(r, USER_WRONG, 0x63C2);
    SEND(r, SO, 0x9000);
    SEND(r, "002C0381", 0x9000);
    SEND(r, CHANGE, 0x9000);
    SEND(r, "002C00810E" RIG_SO_PIN RIG_USER_PIN, 0x9000);
    SEND(r, USER, 0x9000);
    rig_stop(r);
}

/* RESET RETRY COUNTER without data brings no PIN: free in plain once the SO is verified. */
static void reset_without_data_is_free(void **state)
{
    struct rig *r = rig_ready(82, "80020025 910103 9A020002");
    r->link = HSM_LINK_IN_PROCESS;
    SEND(r, SELECT, 0x9000);
    SEND(r, USER_WRONG, 0x63C2);
    SEND(r, SO, 0x9000);
    r->link = HSM_LINK_REMOTE;
    SEND(r, "002C028106313233343536", 0x6987);
    SEND(r, "002C0381", 0x9000);
    SEND(r, USER_STATUS, 0x63C3);
    rig_stop(r);
}

/* ---- 4.8: the state diagram, walked at random against a model ---- */

struct model {
    bool transport, user, so, old_pin; /* old_pin: the PIN is RIG_USER_PIN, else 123456 */
    unsigned tries, so_tries;
};

static uint16_t wrong(unsigned left)
{
    return (uint16_t)(left ? 0x63C0 + (left > 15 ? 15 : left) : 0x6983);
}

static uint16_t model_verify(struct model *m, bool old_pin)
{
    if (m->transport) return 0x6984;
    m->user = m->so = false;
    if (m->tries == 0) return 0x6983;
    if (old_pin != m->old_pin) return wrong(--m->tries);
    m->tries = 4;
    m->user = true;
    return 0x9000;
}

static uint16_t model_change(struct model *m, bool from_old)
{
    m->user = m->so = false;
    if (m->tries == 0) return 0x6983;
    if (from_old != m->old_pin) return wrong(--m->tries);
    *m = (struct model){.user = true, .old_pin = !from_old, .tries = 4, .so_tries = m->so_tries};
    return 0x9000;
}

static uint16_t model_so(struct model *m, bool right)
{
    m->user = m->so = false;
    if (m->so_tries == 0) return 0x6983;
    if (!right) return wrong(--m->so_tries);
    m->so_tries = 15;
    m->so = true;
    return 0x9000;
}

static uint16_t model_reset(struct model *m, bool right)
{
    uint16_t sw = model_so(m, right);
    m->so = false;
    if (sw == 0x9000) m->tries = 4, m->old_pin = false, m->transport = false;
    return sw;
}

static uint16_t model_status(const struct model *m)
{
    if (m->transport) return 0x6984;
    return m->user ? 0x9000 : wrong(m->tries);
}

static unsigned next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

/* One random step on card and model; true when they agree. */
static bool step_agrees(struct rig *r, struct model *m, unsigned what)
{
    switch (what % 10) {
    case 0: return rig_send(r, USER).sw == model_verify(m, true);
    case 1: return rig_send(r, USER_NEW).sw == model_verify(m, false);
    case 2: return rig_send(r, CHANGE).sw == model_change(m, true);
    case 3: return rig_send(r, CHANGE_BACK).sw == model_change(m, false);
    case 4: return rig_send(r, SO).sw == model_so(m, true);
    case 5: return rig_send(r, SO_WRONG).sw == model_so(m, false);
    case 6: return what % 40 != 6 || rig_send(r, RRC).sw == model_reset(m, true);
    case 7: return what % 20 != 7 || rig_send(r, RRC_WRONG).sw == model_reset(m, false);
    case 8: m->user = m->so = false; return rig_send(r, SELECT).sw == 0x9000;
    default: return rig_send(r, UPDATE).sw == (m->user ? 0x9000 : 0x6982);
    }
}

static void random_walk_agrees_with_the_model(void **state)
{
    for (uint32_t walk = 0; walk < 8; walk++) {
        uint32_t seed = walk;
        struct model m = {.transport = walk % 2, .old_pin = true, .tries = 4, .so_tries = 15};
        struct rig *r = rig_ready(walk, walk % 2 ? "80020003 910104" : "80020001 910104");
        SEND(r, SELECT, 0x9000);
        for (unsigned n = 0; n < 150; n++) {
            if (n % 50 == 49) {
                assert_int_equal(rig_power_cycle(r), ST_OK);
                SEND(r, SELECT, 0x9000);
                m.user = m.so = false;
            }
            unsigned what = next(&seed);
            if (!step_agrees(r, &m, what)) fail_msg("walk %u, step %u, case %u", walk, n, what % 10);
            assert_int_equal(rig_send(r, USER_STATUS).sw, model_status(&m));
            assert_int_equal(rig_send(r, SO_STATUS).sw, m.so ? 0x9000 : wrong(m.so_tries));
            rig_forget(r);
        }
        rig_stop(r);
    }
}

/* decisions.md "at rest" 4: the try is gone from flash before the compare. Power lost right after shows it. */
static void a_guess_in_flight_is_charged(void **state)
{
    struct rig *r = rig_ready(90, "910103");
    SEND(r, SELECT, 0x9000);
    r->progress.stop_at = 1; /* cancels PBKDF2, if it ticks at all; nothing may be given back then */
    rig_send(r, USER_WRONG);
    r->progress.stop_at = 0;
    SEND(r, USER_STATUS, 0x63C2);
    assert_int_equal(rig_power_cycle(r), ST_OK);
    SEND(r, SELECT, 0x9000);
    SEND(r, USER_STATUS, 0x63C2);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(verify_rules),
        CASE(change_rules),
        CASE(reset_retry_counter_rules),
        CASE(transport_pin_rules),
        CASE(pins_of_every_length),
        CASE(user_pin_left_out),
        CASE(reset_after_initialize_ends_the_user),
        CASE(session_pin_logs_in),
        CASE(second_session_pin_replaces_the_first),
        CASE(session_pin_ends),
        CASE(session_pin_stays),
        CASE(session_pin_is_no_old_pin),
        CASE(session_pin_and_the_retry_counter),
        CASE(who_may_make_a_session_pin),
        CASE(initialize_that_needs_the_so_pin),
        CASE(no_plain_pin_from_remote),
        CASE(plain_pin_inside_the_process),
        CASE(reset_without_data_is_free),
        CASE(random_walk_agrees_with_the_model),
        CASE(a_guess_in_flight_is_charged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
