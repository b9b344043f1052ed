/* SPDX-License-Identifier: Apache-2.0 */
/* What tests say about answers of a rig. A failure shows the command, what came and what was wanted, and the line of
 * the test. Include after cmocka.h and what it needs. */
#ifndef TESTS_RIG_EXPECT_H
#define TESTS_RIG_EXPECT_H

#include "tests/hex.h"
#include "tests/rig/rig.h"

#define EXPECT_ANY NULL /* whatever data */

static inline void expect_answer(struct answer got, uint16_t sw, const char *data_hex, const char *what,
                                 const char *file, int line)
{
    bool data_ok = !data_hex || bytes_equal(got.data, exact(data_hex));
    if (got.sw == sw && data_ok) return;
    print_error("%s\n  got   %s %04X\n  want  %s %04X\n", what, hex_of(bytes_first(got.data, 200)), got.sw,
                data_hex ? data_hex : "(any)", sw);
    _fail(file, line);
}

/* The status word; and whatever data, or none with EXPECT_EMPTY, or exactly these with EXPECT_DATA. */
#define EXPECT_SW(answer, want) expect_answer(answer, want, EXPECT_ANY, #answer, __FILE__, __LINE__)
#define EXPECT_EMPTY(answer, want) expect_answer(answer, want, "", #answer, __FILE__, __LINE__)
#define EXPECT_DATA(answer, want, data_hex) expect_answer(answer, want, data_hex, #answer, __FILE__, __LINE__)

/* One raw command in hex. */
#define SEND(rig, hex, want) expect_answer(rig_send(rig, hex), want, EXPECT_ANY, hex, __FILE__, __LINE__)
#define SEND_DATA(rig, hex, want, data_hex) expect_answer(rig_send(rig, hex), want, data_hex, hex, __FILE__, __LINE__)

/* A row of a table: its name stands in the message. */
#define EXPECT_ROW(answer, want, data_hex, name) expect_answer(answer, want, data_hex, name, __FILE__, __LINE__)

#endif
