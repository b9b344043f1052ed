/* SPDX-License-Identifier: Apache-2.0 */
/* The CCID slot from both sides: a host that sends whatever it likes, and a card that takes its time. What is expected
 * is written from apdu.md 1.3 and CCID 1.1, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "link/ccid.h"
#include "tests/ccid_play.h"
#include "tests/hex.h"

#define ATR "3BFE18"

/* A slot, both its neighbours, and what they saw: jobs as R or C and the APDU, answers in hex. */
struct bench {
    struct ccid slot;
    char log[2048];
    bool holding; /* the host does not fetch */
    uint32_t now_ms;
    uint8_t got[CCID_MESSAGE_MAX];
    size_t got_size, packets, answers;
};

static struct bench *bench_new(void)
{
    struct bench *b = (struct bench *)(void *)exact_space(sizeof *b).p;
    memset(b, 0, sizeof *b);
    b->now_ms = UINT32_MAX - 300; /* the clock wraps soon */
    ccid_open(&b->slot, exact(ATR));
    return b;
}

static void note(struct bench *b, const char *text)
{
    assert_true(strlen(b->log) + strlen(text) + 1 < sizeof b->log);
    strcat(b->log, text);
}

/* One packet, if there is one. A short packet ends an answer; it then stands in the log, or at least its header. */
static bool fetch_packet(struct bench *b)
{
    span packet = exact_space(CCID_PACKET);
    size_t size = 99;
    if (!ccid_send(&b->slot, packet.p, &size)) return false;
    assert_in_range(size, 0, CCID_PACKET);
    if (b->packets++ == 0) b->got_size = 0;
    assert_true(b->got_size + size <= sizeof b->got);
    memcpy(b->got + b->got_size, packet.p, size);
    b->got_size += size;
    if (size == CCID_PACKET) return true;
    b->packets = 0;
    b->answers++;
    note(b, hex_of(bytes_first((bytes){b->got, b->got_size}, 40)));
    return true;
}

static void fetch(struct bench *b)
{
    while (!b->holding && fetch_packet(b)) {}
}

/* A transfer as a host controller sends it: full packets, then what is left. */
static void transfer(struct bench *b, bytes message)
{
    for (; message.n > 0; message = bytes_after(message, CCID_PACKET)) {
        assert_true(ccid_ready(&b->slot));
        ccid_receive(&b->slot, exact_copy(bytes_first(message, CCID_PACKET)));
    }
}

static void take_job(struct bench *b)
{
    bytes apdu = NO_BYTES;
    enum ccid_job job = ccid_job(&b->slot, &apdu);
    note(b, job == CCID_JOB_NONE ? "-" : job == CCID_JOB_RESET ? "R" : "C");
    if (job == CCID_JOB_COMMAND) note(b, hex_of(apdu));
}

static void control_abort(struct bench *b, bytes slot_and_seq)
{
    if (!ccid_abort(&b->slot, slot_and_seq.p[0], slot_and_seq.p[1])) note(b, "stall");
}

static void tick(struct bench *b, unsigned ms)
{
    b->now_ms += ms;
    ccid_tick(&b->slot, b->now_ms);
}

/* One word of a script: hex in capitals is a transfer;
 *   z  an empty packet              t  the card takes a job     d  it is done, with 9000
 *   aSSQQ  ABORT on the control pipe, slot SS, seq QQ           +N  N ms later, a tick
 *   h  the host stops fetching      f  and goes on              r  bus reset
 *   ?  is the slot ready, is the job cancelled                                                  */
static void step(struct bench *b, const char *word)
{
    switch (word[0]) {
    case 'z': ccid_receive(&b->slot, exact("")); break;
    case 't': take_job(b); break;
    case 'd': ccid_done(&b->slot, exact("9000")); break;
    case 'a': control_abort(b, exact(word + 1)); break;
    case '+': tick(b, (unsigned)atoi(word + 1)); break;
    case 'h': b->holding = true; break;
    case 'f': b->holding = false; break;
    case 'r': ccid_open(&b->slot, exact(ATR)); break;
    case '?':
        note(b, ccid_ready(&b->slot) ? "ready" : "nak");
        note(b, ccid_cancelled(&b->slot) ? "cancelled" : "kept");
        break;
    default: transfer(b, exact(word)); break;
    }
    fetch(b);
}

static void play(struct bench *b, const char *script)
{
    char words[4096];
    assert_true(strlen(script) < sizeof words);
    strcpy(words, script);
    for (char *rest = words, *word; (word = strtok_r(rest, " ", &rest)) != NULL;) step(b, word);
}

static const char *without_blanks(const char *text)
{
    char *out = (char *)exact_space(strlen(text) + 1).p, *to = out;
    for (; *text; text++) {
        if (*text != ' ') *to++ = *text;
    }
    *to = 0;
    return out;
}

struct row {
    const char *script, *seen;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bench *b = bench_new();
        play(b, rows[i].script);
        const char *seen = without_blanks(b->log), *want = without_blanks(rows[i].seen);
        if (strcmp(seen, want) != 0) print_message("row %zu: %s\n", i, rows[i].script);
        assert_string_equal(seen, want);
        assert_int_equal(b->packets, 0);
        hex_release();
    }
}

/* What the host sends: type, dwLength, bSlot 00, bSeq, the three bytes of each type, data. */
#define SEND(type, size, seq, rest)                                                                                    \
    " " type size "000000"                                                                                             \
    "00" seq rest " "
#define POWER_ON(seq) SEND("62", "00", seq, "000000")
#define POWER_OFF(seq) SEND("63", "00", seq, "000000")
#define GET_STATUS(seq) SEND("65", "00", seq, "000000")
#define ABORT(seq) SEND("72", "00", seq, "000000")
#define XFR(seq)                                                                                                       \
    SEND("6F", "04", seq,                                                                                              \
         "000000"                                                                                                      \
         "00840000")
/* What comes back: type, dwLength, bSlot, bSeq, bStatus, bError, one byte. */
#define BLOCK(seq, status, error) "80 00000000 00" seq status error "00"
#define STATUS(seq, status, error) "81 00000000 00" seq status error "00"
#define T1(seq, status)                                                                                                \
    "82 07000000 00" seq status "00 01"                                                                                \
    "1110FE5503FE00"
#define ATR_TO(seq) "80 03000000 00" seq "000000" ATR
#define SW_TO(seq, sw) "80 02000000 00" seq "000000" sw
#define EXTENSION(seq) "80 00000000 00" seq "80 00 00"
#define ON POWER_ON("01") "t d "
#define ON_SEEN "R" ATR_TO("01")
#define JOB "C00840000"
#define TEN "00112233445566778899"
#define DATA_54 TEN TEN TEN TEN TEN "AABBCCDD"
#define DATA_64 DATA_54 TEN

/* clang-format off */
/* Every type of apdu.md 1.3, with and without power. */
static const struct row types[] = {
    { POWER_ON("05") "t d",                                   "R" ATR_TO("05") },
    { POWER_ON("FF") "t d",                                   "R" ATR_TO("FF") },
    { SEND("62", "00", "05", "010000") "t d",                 "R" ATR_TO("05") }, /* 5 V, as the descriptor offers */
    { SEND("62", "00", "05", "FFFFFF") "t d",                 "R" ATR_TO("05") },
    { POWER_OFF("06") "t d",                                  "R" STATUS("06", "01", "00") },
    { ON POWER_OFF("06") "t d",                               ON_SEEN "R" STATUS("06", "01", "00") },
    { ON ON,                                                  ON_SEEN ON_SEEN }, /* the session ends again */
    { GET_STATUS("07"),                                       STATUS("07", "01", "00") },
    { ON GET_STATUS("07"),                                    ON_SEEN STATUS("07", "00", "00") },
    { ON POWER_OFF("02") "t d" GET_STATUS("07"),              ON_SEEN "R" STATUS("02", "01", "00") STATUS("07", "01", "00") },
    { ON SEND("6C", "00", "08", "000000"),                    ON_SEEN T1("08", "00") },
    { SEND("6C", "00", "08", "000000"),                       T1("08", "01") },
    { ON SEND("6D", "00", "09", "000000"),                    ON_SEEN T1("09", "00") },
    { ON SEND("61", "07", "0A", "010000" "1110004500FE00"),   ON_SEEN T1("0A", "00") },
    { ON SEND("61", "05", "0A", "000000" "1100000A00"),       ON_SEEN T1("0A", "00") },
    { ON SEND("61", "00", "0A", "000000"),                    ON_SEEN T1("0A", "00") },
    { ON SEND("73", "08", "0B", "000000" "0102030405060708"), ON_SEEN "84 08000000 00 0B 00 00 00 FC0D0000 80250000" },
    { ON XFR("0C") "t d",                                     ON_SEEN JOB SW_TO("0C", "9000") },
    { ON SEND("6F", "04", "0C", "550000" "00840000") "t d",   ON_SEEN JOB SW_TO("0C", "9000") }, /* bBWI is T=1's */
    { ON SEND("6F", "00", "0C", "000000") "t d",              ON_SEEN "C" SW_TO("0C", "9000") }, /* the card's to refuse */
    { ON SEND("6F", "01", "0C", "000000" "00") "t d",         ON_SEEN "C00" SW_TO("0C", "9000") },
    /* what we do not know is refused, whatever its data (DP-4) */
    { ON SEND("6E", "00", "0D", "000000"),                    ON_SEEN STATUS("0D", "40", "00") }, /* IccClock */
    { ON SEND("6B", "02", "0D", "000000" "1122"),             ON_SEEN STATUS("0D", "40", "00") }, /* Escape */
    { ON SEND("71", "00", "0D", "010000"),                    ON_SEEN STATUS("0D", "40", "00") }, /* Mechanical */
    { ON SEND("69", "05", "0D", "000000" "0102030405"),       ON_SEEN STATUS("0D", "40", "00") }, /* Secure */
    { ON SEND("6A", "00", "0D", "000000"),                    ON_SEEN STATUS("0D", "40", "00") }, /* T0APDU */
    { ON SEND("00", "00", "0D", "000000"),                    ON_SEEN STATUS("0D", "40", "00") },
    { SEND("FF", "00", "0D", "FFFFFF"),                       STATUS("0D", "41", "00") },
    { SEND("80", "00", "0D", "000000"),                       STATUS("0D", "41", "00") }, /* our own answer back */
    /* a slot that is not there: each type is answered in its own, nothing happens */
    { "62000000000105000000 t",                               "80 00000000 01 05 42 05 00 -" },
    { "63000000000105000000 t",                               "81 00000000 01 05 42 05 00 -" },
    { ON "6500000000FF05000000",                              ON_SEEN "81 00000000 FF 05 42 05 00" },
    { ON "6F04000000010500000000840000 t",                    ON_SEEN "80 00000000 01 05 42 05 00 -" },
    { "6C000000000105000000 6D000000000106000000",            "82 00000000 01 05 42 05 01 82 00000000 01 06 42 05 01" },
    { "61000000000105000000",                                 "82 00000000 01 05 42 05 01" },
    { "730800000001050000000102030405060708",                 "84 00000000 01 05 42 05 00" },
    { "72000000000105000000 6B000000000206000000",            "81 00000000 01 05 42 05 00 81 00000000 02 06 42 05 00" },
    /* no power (DP-6), and levels we did not announce */
    { XFR("0E") "t",                                          BLOCK("0E", "41", "FE") "-" },
    { ON POWER_OFF("02") "t d" XFR("0E") "t",                 ON_SEEN "R" STATUS("02", "01", "00") BLOCK("0E", "41", "FE") "-" },
    { SEND("6F", "04", "0E", "000100" "00840000") "t",        BLOCK("0E", "41", "FE") "-" },
    { ON SEND("6F", "04", "0E", "000100" "00840000") "t",     ON_SEEN BLOCK("0E", "40", "08") "-" },
    { ON SEND("6F", "04", "0E", "001000" "00840000") "t",     ON_SEEN BLOCK("0E", "40", "08") "-" },
    { ON SEND("6F", "04", "0E", "000001" "00840000") "t",     ON_SEEN BLOCK("0E", "40", "08") "-" },
};

/* Lengths that lie, noise, and what follows: one answer to each message, and the next is understood. */
static const struct row lengths[] = {
    /* data where none may be, or not so much */
    { SEND("62", "01", "05", "00000000") "t" GET_STATUS("07"), BLOCK("05", "41", "01") "-" STATUS("07", "01", "00") },
    { SEND("63", "01", "05", "00000000") "t" GET_STATUS("07"), STATUS("05", "41", "01") "-" STATUS("07", "01", "00") },
    { SEND("65", "02", "05", "0000000000") GET_STATUS("07"),  STATUS("05", "41", "01") STATUS("07", "01", "00") },
    { SEND("6C", "01", "05", "00000000"),                     "82 00000000 00 05 41 01 01" },
    { SEND("6D", "01", "05", "00000000"),                     "82 00000000 00 05 41 01 01" },
    { SEND("72", "01", "05", "00000000") XFR("06"),           STATUS("05", "41", "01") BLOCK("06", "41", "FE") },
    { SEND("73", "07", "05", "000000" "01020304050607"),      "84 00000000 00 05 41 01 00" },
    { SEND("73", "00", "05", "000000"),                       "84 00000000 00 05 41 01 00" },
    { SEND("73", "09", "05", "000000" "010203040506070809"),  "84 00000000 00 05 41 01 00" },
    /* less than announced, in the first packet and in a later one, or an empty packet in between */
    { ON SEND("6F", "05", "05", "00000000840000") "t" XFR("06") "t d",
      ON_SEEN BLOCK("05", "40", "01") "-" JOB SW_TO("06", "9000") },
    { ON SEND("6F", "80", "05", "000000" DATA_64) "t" XFR("06") "t d",
      ON_SEEN BLOCK("05", "40", "01") "-" JOB SW_TO("06", "9000") },
    { ON SEND("6F", "80", "05", "000000" DATA_54) "z t" XFR("06") "t d",
      ON_SEEN BLOCK("05", "40", "01") "-" JOB SW_TO("06", "9000") },
    { SEND("65", "05", "05", "000000") GET_STATUS("07"),      STATUS("05", "41", "01") STATUS("07", "01", "00") },
    { SEND("6B", "05", "05", "000000") GET_STATUS("07"),      STATUS("05", "41", "00") STATUS("07", "01", "00") },
    { " 6FFFFFFFFF0005000000 " GET_STATUS("07"),              BLOCK("05", "41", "01") STATUS("07", "01", "00") },
    { " 65F7FFFFFF0005000000 " GET_STATUS("07"),              STATUS("05", "41", "01") STATUS("07", "01", "00") },
    /* a full packet whose message never goes on swallows the next one, and no more */
    { ON SEND("6F", "80", "05", "000000" DATA_54) GET_STATUS("07") "t" GET_STATUS("08"),
      ON_SEEN BLOCK("05", "40", "01") "-" STATUS("08", "00", "00") },
    /* more than announced: no APDU with a tail that nobody meant */
    { ON SEND("6F", "04", "05", "000000" "0084000008") "t",   ON_SEEN BLOCK("05", "40", "01") "-" },
    { ON SEND("6F", "04", "05", "000000" DATA_54) "t" GET_STATUS("07"),
      ON_SEEN BLOCK("05", "40", "01") "-" STATUS("07", "00", "00") },
    { SEND("65", "00", "05", "000000" "00") GET_STATUS("07"), STATUS("05", "41", "01") STATUS("07", "01", "00") },
    /* a message that fills its packets needs no empty one behind it, and may have one */
    { ON SEND("6F", "36", "05", "000000" DATA_54) "t d" GET_STATUS("07"),
      ON_SEEN "C" DATA_54 SW_TO("05", "9000") STATUS("07", "00", "00") },
    { ON SEND("6F", "36", "05", "000000" DATA_54) "z t z d z" GET_STATUS("07"),
      ON_SEEN "C" DATA_54 SW_TO("05", "9000") STATUS("07", "00", "00") },
    { ON SEND("6F", "76", "05", "000000" DATA_54 DATA_64) "z t d",
      ON_SEEN "C" DATA_54 DATA_64 SW_TO("05", "9000") },
    /* what cannot even be a header is nobody's message */
    { "z z" GET_STATUS("07"),                                 STATUS("07", "01", "00") },
    { "65 6500000000 650000000000070000" GET_STATUS("07"),    STATUS("07", "01", "00") },
};

/* Two jobs, one at a time; what comes meanwhile is refused in its own type. */
static const struct row busy[] = {
    { ON XFR("05") GET_STATUS("06") "t" GET_STATUS("07") "d" GET_STATUS("08"),
      ON_SEEN STATUS("06", "40", "E0") JOB STATUS("07", "40", "E0") SW_TO("05", "9000") STATUS("08", "00", "00") },
    { ON XFR("05") "t" SEND("6F", "04", "06", "000000" "00B00000") "t d t",
      ON_SEEN JOB BLOCK("06", "40", "E0") "-" SW_TO("05", "9000") "-" },
    { ON XFR("05") "t" SEND("6F", "76", "06", "000000" DATA_54 DATA_64) "d t",
      ON_SEEN JOB BLOCK("06", "40", "E0") SW_TO("05", "9000") "-" },
    { ON XFR("05") "t" POWER_ON("06") POWER_OFF("07") "d" GET_STATUS("08"),
      ON_SEEN JOB BLOCK("06", "40", "E0") STATUS("07", "40", "E0") SW_TO("05", "9000") STATUS("08", "00", "00") },
    { ON XFR("05") "t" SEND("6C", "00", "06", "000000") SEND("6B", "00", "07", "000000") "650000000001 650000000001080000",
      ON_SEEN JOB "82 00000000 00 06 40 E0 01" STATUS("07", "40", "E0") },
    { ON XFR("05") "t 65000000000108000000 d",
      ON_SEEN JOB "81 00000000 01 08 42 05 00" SW_TO("05", "9000") },
    /* not powered before the reset is done */
    { POWER_ON("05") GET_STATUS("06") "t" XFR("07") "d" XFR("08") "t d",
      STATUS("06", "41", "E0") "R" BLOCK("07", "41", "E0") ATR_TO("05") JOB SW_TO("08", "9000") },
    { ON POWER_ON("05") "t" GET_STATUS("06") "d", ON_SEEN "R" STATUS("06", "41", "E0") ATR_TO("05") },
    { ON POWER_OFF("05") "t" GET_STATUS("06") "d", ON_SEEN "R" STATUS("06", "41", "E0") STATUS("05", "01", "00") },
    /* a message that began while the card was busy was not kept, even if the card is done before its end */
    { ON XFR("05") "t" SEND("6F", "76", "06", "000000" DATA_54) "d " DATA_64 " t" XFR("07") "t d",
      ON_SEEN JOB SW_TO("05", "9000") BLOCK("06", "40", "E0") "-" JOB SW_TO("07", "9000") },
    /* nothing is done twice, nothing without being taken */
    { "t d d ?" GET_STATUS("06"), "- ready kept" STATUS("06", "01", "00") },
    { ON XFR("05") "d d t t d d ?", ON_SEEN JOB "-" SW_TO("05", "9000") "ready kept" },
    /* a host that does not fetch: the card waits, then the endpoint does */
    { ON "h" XFR("05") "t" GET_STATUS("06") GET_STATUS("07") "?" GET_STATUS("08") "? d ? f ?",
      ON_SEEN JOB "ready kept nak kept nak kept" STATUS("06", "40", "E0") STATUS("07", "40", "E0") STATUS("08", "40", "E0")
      SW_TO("05", "9000") "ready kept" },
    { ON "h" GET_STATUS("05") XFR("06") "t f t d", ON_SEEN "-" STATUS("05", "00", "00") JOB SW_TO("06", "9000") },
    { "h" GET_STATUS("05") GET_STATUS("06") GET_STATUS("07") GET_STATUS("08") "? z f",
      "nak kept" STATUS("05", "01", "00") STATUS("06", "01", "00") STATUS("07", "01", "00") STATUS("08", "01", "00") },
};

/* ABORT on the control pipe and the message belong together by their seq (CCID 1.1 5.3.1, 6.1.13). */
static const struct row aborts[] = {
    /* nothing runs: in either order */
    { "a0005" ABORT("05") GET_STATUS("06"),                   STATUS("05", "01", "00") STATUS("06", "01", "00") },
    { ABORT("05") "a0005" GET_STATUS("06"),                   STATUS("05", "01", "00") STATUS("06", "01", "00") },
    { ON ABORT("05") "a0005" XFR("06") "t d",                 ON_SEEN STATUS("05", "00", "00") JOB SW_TO("06", "9000") },
    /* a command that the card has not seen */
    { ON XFR("04") "a0005 t" ABORT("05") "t",                 ON_SEEN BLOCK("04", "40", "FF") "-" STATUS("05", "00", "00") "-" },
    { ON XFR("04") ABORT("05") "a0005 t",                     ON_SEEN BLOCK("04", "40", "FF") STATUS("05", "00", "00") "-" },
    /* a command at work: it hears of it, and its answer is not the card's */
    { ON XFR("04") "t ? a0005 ?" ABORT("05") "? d ?" XFR("06") "t d",
      ON_SEEN JOB "ready kept ready cancelled ready cancelled" BLOCK("04", "40", "FF") STATUS("05", "00", "00") "ready kept"
      JOB SW_TO("06", "9000") },
    { ON XFR("04") "t" ABORT("05") "? a0005 ? d" GET_STATUS("06"),
      ON_SEEN JOB "ready kept ready cancelled" BLOCK("04", "40", "FF") STATUS("05", "00", "00") STATUS("06", "00", "00") },
    /* it ends between the halves */
    { ON XFR("04") "t a0005 d" GET_STATUS("06") ABORT("05") GET_STATUS("07"),
      ON_SEEN JOB BLOCK("04", "40", "FF") STATUS("06", "40", "FF") STATUS("05", "00", "00") STATUS("07", "00", "00") },
    { ON XFR("04") "t" ABORT("05") "d" GET_STATUS("06") "a0005" GET_STATUS("07"),
      ON_SEEN JOB SW_TO("04", "9000") STATUS("06", "40", "FF") STATUS("05", "00", "00") STATUS("07", "00", "00") },
    /* between the halves everything fails, and while the card winds up too */
    { ON "a0005" GET_STATUS("06") XFR("07") "t" POWER_ON("08") SEND("6B", "00", "09", "000000") ABORT("05"),
      ON_SEEN STATUS("06", "40", "FF") BLOCK("07", "40", "FF") "-" BLOCK("08", "40", "FF") STATUS("09", "40", "FF")
      STATUS("05", "00", "00") },
    { ON XFR("04") "t a0005" ABORT("05") GET_STATUS("06") XFR("07") "d t",
      ON_SEEN JOB STATUS("06", "40", "FF") BLOCK("07", "40", "FF") BLOCK("04", "40", "FF") STATUS("05", "00", "00") "-" },
    { "a0005 65000000000106000000" ABORT("05"),               "81 00000000 01 06 42 05 00" STATUS("05", "01", "00") },
    /* the other seq, the other slot */
    { "a0005" ABORT("06") GET_STATUS("07") ABORT("05"),       STATUS("06", "41", "FF") STATUS("07", "41", "FF") STATUS("05", "01", "00") },
    { ABORT("06") "a0005" ABORT("05"),                        STATUS("06", "41", "FF") STATUS("05", "01", "00") },
    { "a0005 a0006" ABORT("05") ABORT("06") GET_STATUS("07"), STATUS("05", "41", "FF") STATUS("06", "01", "00") STATUS("07", "01", "00") },
    { ABORT("05") ABORT("06") "a0006" GET_STATUS("07"),       STATUS("05", "41", "FF") STATUS("06", "01", "00") STATUS("07", "01", "00") },
    { ABORT("05") ABORT("05") "a0005" GET_STATUS("07"),       STATUS("05", "41", "FF") STATUS("05", "01", "00") STATUS("07", "01", "00") },
    { "a0105 aFF05" GET_STATUS("07"),                         "stall stall" STATUS("07", "01", "00") },
    { "72000000000105000000 a0005" GET_STATUS("07") ABORT("05"),
      "81 00000000 01 05 42 05 00" STATUS("07", "41", "FF") STATUS("05", "01", "00") },
    /* again and again while the card winds up */
    { ON XFR("04") "t a0005" ABORT("05") "a0005 ? a0006 ?" ABORT("07") ABORT("06") ABORT("08") "d",
      ON_SEEN JOB "ready cancelled" STATUS("05", "40", "FF") "ready cancelled" STATUS("07", "40", "FF") STATUS("08", "40", "FF")
      BLOCK("04", "40", "FF") STATUS("06", "00", "00") },
    /* power is switched all the same, so that no session outlives an abort */
    { ON POWER_OFF("04") "a0005" ABORT("05") "t d" GET_STATUS("06"),
      ON_SEEN "R" STATUS("04", "41", "FF") STATUS("05", "01", "00") STATUS("06", "01", "00") },
    { ON POWER_ON("04") "t a0005" ABORT("05") "d" XFR("06") "t" ON,
      ON_SEEN "R" BLOCK("04", "41", "FF") STATUS("05", "01", "00") BLOCK("06", "41", "FE") "-" ON_SEEN },
    /* in the middle of a message */
    { ON SEND("6F", "76", "04", "000000" DATA_54) "a0005 " DATA_64 " t" ABORT("05") XFR("06") "t d",
      ON_SEEN BLOCK("04", "40", "FF") "-" STATUS("05", "00", "00") JOB SW_TO("06", "9000") },
    { ON "a0005" SEND("6F", "76", "04", "000000" DATA_54) "a0005 " DATA_64 ABORT("05"),
      ON_SEEN BLOCK("04", "40", "FF") STATUS("05", "00", "00") },
    /* an Abort whose control request never comes fails (DP-4), later */
    { ABORT("05") "+1 +499 +1" GET_STATUS("06"),              STATUS("05", "41", "00") STATUS("06", "01", "00") },
    { ABORT("05") "+1 +498" GET_STATUS("06") "a0005",         STATUS("06", "41", "FF") STATUS("05", "01", "00") },
    { ABORT("05") "+1 +300" ABORT("06") "+300 +499" GET_STATUS("07") "+1",
      STATUS("05", "41", "FF") STATUS("07", "41", "FF") STATUS("06", "41", "00") },
    { ON XFR("04") "t" ABORT("05") "+1 +150 +350 d",
      ON_SEEN JOB STATUS("05", "40", "00") EXTENSION("04") SW_TO("04", "9000") },
    { "a0005 +1 +9999" GET_STATUS("06") ABORT("05"),          STATUS("06", "41", "FF") STATUS("05", "01", "00") },
    /* a bus reset forgets it */
    { "a0005 r" GET_STATUS("06"),                             STATUS("06", "01", "00") },
    { ABORT("05") "r" GET_STATUS("06") "+1 +999",             STATUS("06", "01", "00") },
};

/* Time extensions: 200 ms after the host last heard of a command. */
static const struct row extensions[] = {
    { ON XFR("05") "t +1 +199 +1 d",                          ON_SEEN JOB EXTENSION("05") SW_TO("05", "9000") },
    { ON XFR("05") "t +1 +199 d +500",                        ON_SEEN JOB SW_TO("05", "9000") },
    { ON XFR("05") "t +1 +200 +100 +99 +1 +200 d +200",
      ON_SEEN JOB EXTENSION("05") EXTENSION("05") EXTENSION("05") SW_TO("05", "9000") },
    { ON XFR("05") "+9999 +199 t +1 d",                       ON_SEEN JOB EXTENSION("05") SW_TO("05", "9000") },
    { ON XFR("05") "t +1 d" XFR("06") "t +199 +1 d +300",     ON_SEEN JOB SW_TO("05", "9000") JOB SW_TO("06", "9000") },
    { "+1 +200 +200",                                         "" },
    /* libccid takes the first answer to IccPowerOn and Off for the last */
    { POWER_ON("05") "t +1 +200 +200 d",                      "R" ATR_TO("05") },
    { POWER_OFF("05") "t +1 +200 +200 d",                     "R" STATUS("05", "01", "00") },
    /* one is enough for a host that does not fetch, and none is left when the answer is there */
    { ON XFR("05") "t h +1 +200 +200 +200 f d",               ON_SEEN JOB EXTENSION("05") SW_TO("05", "9000") },
    { ON XFR("05") "t h +1 +200 d f",                         ON_SEEN JOB SW_TO("05", "9000") },
    { ON XFR("05") "t h +1 +200" GET_STATUS("06") "f d",      ON_SEEN JOB STATUS("06", "40", "E0") EXTENSION("05") SW_TO("05", "9000") },
    /* a cancelled command is still alive */
    { ON XFR("05") "t a0006" ABORT("06") "+1 +200 d",
      ON_SEEN JOB EXTENSION("05") BLOCK("05", "40", "FF") STATUS("06", "00", "00") },
};

/* A bus reset in each phase: power and half messages are gone, a job that is out is nobody's. */
static const struct row resets[] = {
    { ON "r" GET_STATUS("05"),                                ON_SEEN STATUS("05", "01", "00") },
    { ON "r" XFR("05") "t",                                   ON_SEEN BLOCK("05", "41", "FE") "-" },
    { ON SEND("6F", "76", "05", "000000" DATA_54) "r" GET_STATUS("06"), ON_SEEN STATUS("06", "01", "00") },
    { ON XFR("05") "r t" GET_STATUS("06"),                    ON_SEEN "-" STATUS("06", "01", "00") },
    { ON XFR("05") "t r ? d ?" ON,                            ON_SEEN JOB "nak cancelled ready kept" ON_SEEN },
    { ON XFR("05") "t r r t +1 +500 ? d" ON,                  ON_SEEN JOB "- nak cancelled" ON_SEEN },
    { POWER_ON("05") "t r d" GET_STATUS("06"),                "R" STATUS("06", "01", "00") },
    { "h" GET_STATUS("05") "r f" GET_STATUS("06"),            STATUS("06", "01", "00") },
};
/* clang-format on */

static void every_type_is_answered(void **state)
{
    check_rows(types, COUNT(types));
}

static void wrong_lengths_are_survived(void **state)
{
    check_rows(lengths, COUNT(lengths));
}

static void one_job_at_a_time(void **state)
{
    check_rows(busy, COUNT(busy));
}

static void abort_takes_two_halves(void **state)
{
    check_rows(aborts, COUNT(aborts));
}

static void the_host_hears_of_a_long_job(void **state)
{
    check_rows(extensions, COUNT(extensions));
}

static void a_bus_reset_forgets(void **state)
{
    check_rows(resets, COUNT(resets));
}

/* Every seq of every type comes back. */
static void the_seq_is_echoed(void **state)
{
    static const uint8_t types_at_once[] = {0x61, 0x65, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x71, 0x73, 0x00};
    struct bench *b = bench_new();
    for (size_t i = 0; i < COUNT(types_at_once); i++) {
        for (unsigned seq = 0; seq < 256; seq++) {
            b->log[0] = 0;
            transfer(b, LITERAL(types_at_once[i], 0, 0, 0, 0, 0, (uint8_t)seq, 0, 0, 0));
            fetch(b);
            assert_int_equal(b->got[6], seq);
        }
    }
    assert_int_equal(b->answers, 256 * COUNT(types_at_once));
    hex_release();
}

/* An XfrBlock that announces `size` bytes and brings them, counting. */
static bytes xfr_of(size_t size)
{
    span s = exact_space(CCID_HEADER + size);
    memset(s.p, 0, CCID_HEADER);
    s.p[0] = 0x6F;
    s.p[1] = (uint8_t)size;
    s.p[2] = (uint8_t)(size >> 8);
    s.p[3] = (uint8_t)(size >> 16);
    for (size_t i = 0; i < size; i++) s.p[CCID_HEADER + i] = (uint8_t)(i * 7 + i / 256 + size);
    return view(s);
}

static struct bench *powered_bench(void)
{
    struct bench *b = bench_new();
    play(b, ON);
    b->log[0] = 0;
    b->answers = 0;
    return b;
}

static void commands_of_every_length_arrive(void **state)
{
    for (size_t size = 0; size <= CCID_APDU_MAX; size++) {
        struct bench *b = powered_bench();
        bytes message = xfr_of(size), apdu;
        transfer(b, message);
        assert_int_equal(ccid_job(&b->slot, &apdu), CCID_JOB_COMMAND);
        assert_true(bytes_equal(apdu, bytes_after(message, CCID_HEADER)));
        ccid_done(&b->slot, exact("9000"));
        fetch(b);
        assert_int_equal(b->answers, 1);
        hex_release();
    }
}

/* Drained, answered once with 6700 (DP-5), and without a time limit: nobody ticks. */
static void oversize_is_drained(void **state)
{
    static const size_t sizes[] = {CCID_APDU_MAX + 1, CCID_MESSAGE_MAX, 4160, 4214, 4278, 65535, 65536, 1000000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct bench *b = powered_bench();
        bytes apdu;
        transfer(b, xfr_of(sizes[i]));
        fetch(b);
        assert_int_equal(ccid_job(&b->slot, &apdu), CCID_JOB_NONE);
        play(b, GET_STATUS("07"));
        assert_string_equal(b->log, without_blanks(SW_TO("00", "6700") STATUS("07", "00", "00")));
        hex_release();
    }
}

/* An answer of `size` bytes in as few packets as there can be, the last one short, if need be empty. */
static void check_answer(size_t size)
{
    struct bench *b = powered_bench();
    bytes apdu, from_card = bytes_after(xfr_of(size), CCID_HEADER);
    play(b, XFR("05"));
    assert_int_equal(ccid_job(&b->slot, &apdu), CCID_JOB_COMMAND);
    ccid_done(&b->slot, from_card);
    size_t packets = 0;
    while (fetch_packet(b)) packets++;
    assert_int_equal(packets, (CCID_HEADER + size) / CCID_PACKET + 1);
    assert_int_equal(b->answers, 1);
    assert_int_equal(b->got_size, CCID_HEADER + size);
    assert_int_equal(b->got[1] | b->got[2] << 8, size);
    assert_true(bytes_equal((bytes){b->got + CCID_HEADER, size}, from_card));
    hex_release();
}

static void answers_of_every_length_are_sent(void **state)
{
    for (size_t size = 2; size <= 4135; size++) check_answer(size);
    check_answer(CCID_APDU_MAX);
}

/* A card that breaks its word must not hang the host. */
static void a_wrong_answer_becomes_6f00(void **state)
{
    static const size_t sizes[] = {0, 1, CCID_APDU_MAX + 1};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct bench *b = powered_bench();
        play(b, XFR("05") "t");
        ccid_done(&b->slot, view(exact_space(sizes[i])));
        fetch(b);
        assert_string_equal(b->log, without_blanks(JOB SW_TO("05", "6F00")));
        hex_release();
    }
}

/* The longest ATR, 33 bytes, fits its packet. */
static void a_long_atr_is_sent(void **state)
{
    struct bench *b = bench_new();
    bytes atr = bytes_after(xfr_of(33), CCID_HEADER);
    ccid_open(&b->slot, atr);
    play(b, POWER_ON("05") "t d");
    assert_int_equal(b->got_size, CCID_HEADER + 33);
    assert_true(bytes_equal((bytes){b->got + CCID_HEADER, 33}, atr));
    hex_release();
}

/* Three of them in a row: a single one may be part of an address. */
static bool holds(const struct ccid *slot, uint8_t wanted)
{
    const uint8_t *memory = (const uint8_t *)slot;
    size_t run = 0;
    for (size_t i = 0; i < sizeof *slot && run < 3; i++) run = memory[i] == wanted ? run + 1 : 0;
    return run == 3;
}

#define PIN "5A5A5A5A5A5A"
#define VERIFY(seq)                                                                                                    \
    SEND("6F", "0B", seq,                                                                                              \
         "000000"                                                                                                      \
         "0020008106" PIN)

/* clang-format off */
static const struct { const char *script; bool kept; } pins[] = {
    { VERIFY("05"), true }, { VERIFY("05") "t", true }, { VERIFY("05") "t a0006", true }, { VERIFY("05") "t r", true },
    { VERIFY("05") "t d", false }, { VERIFY("05") "a0006", false }, { VERIFY("05") "r", false }, { VERIFY("05") "t r d", false },
    { SEND("6F", "0B", "05", "000100" "0020008106" PIN), false },        /* a level we do not know */
    { SEND("6F", "0C", "05", "000000" "0020008106" PIN), false },        /* cut off */
    { SEND("6F", "0B", "05", "000000" "0020008106" PIN PIN), false },    /* a tail */
    { SEND("6F", "76", "05", "000000" "5A5A5A5A" TEN TEN TEN TEN TEN), true }, /* goes on */
    { SEND("6F", "76", "05", "000000" "5A5A5A5A" TEN TEN TEN TEN TEN) "z", false },
    { SEND("6F", "76", "05", "000000" "5A5A5A5A" TEN TEN TEN TEN TEN) "r", false },
    { SEND("6F", "76", "05", "000000" "5A5A5A5A" TEN TEN TEN TEN TEN) "a0005 " DATA_64, false },
    { POWER_OFF("04") "t d" VERIFY("05"), false },
};
/* clang-format on */

/* PINs do not outlive their exchange, however it ends. */
static void nothing_of_a_command_stays(void **state)
{
    for (size_t i = 0; i < COUNT(pins); i++) {
        struct bench *b = powered_bench();
        play(b, pins[i].script);
        if (holds(&b->slot, 0x5A) != pins[i].kept) print_message("row %zu: %s\n", i, pins[i].script);
        assert_int_equal(holds(&b->slot, 0x5A), pins[i].kept);
        hex_release();
    }
}

/* A host, a card and a cable that do anything at any time; tests/ccid_play.h says what must hold. */
static void random_play_keeps_the_rules(void **state)
{
    static struct ccid_play play;
    static uint8_t moves[4096];
    size_t answered = 0, commands = 0;
    for (uint32_t seed = 1; seed <= 2000; seed++) {
        uint32_t x = seed * 2654435761u;
        for (size_t i = 0; i < sizeof moves; i++) {
            x = x * 1664525u + 1013904223u;
            moves[i] = (uint8_t)(x >> 24);
        }
        const char *broken = ccid_play(&play, BYTES(moves));
        if (broken) fail_msg("seed %u: %s", (unsigned)seed, broken);
        answered += play.answered;
        commands += play.commands;
    }
    print_message("%zu messages answered, %zu commands at the card\n", answered, commands);
    assert_true(answered > 300000 && commands > 15000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_answered),
        cmocka_unit_test(wrong_lengths_are_survived),
        cmocka_unit_test(one_job_at_a_time),
        cmocka_unit_test(abort_takes_two_halves),
        cmocka_unit_test(the_host_hears_of_a_long_job),
        cmocka_unit_test(a_bus_reset_forgets),
        cmocka_unit_test(the_seq_is_echoed),
        cmocka_unit_test(commands_of_every_length_arrive),
        cmocka_unit_test(oversize_is_drained),
        cmocka_unit_test(answers_of_every_length_are_sent),
        cmocka_unit_test(a_wrong_answer_becomes_6f00),
        cmocka_unit_test(a_long_atr_is_sent),
        cmocka_unit_test(nothing_of_a_command_stays),
        cmocka_unit_test(random_play_keeps_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
