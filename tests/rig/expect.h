/* SPDX-License-Identifier: Apache-2.0 */
/* What tests say about answers of a rig. A failure shows the command, what came and what was wanted, and the line of
 * the test. Include after cmocka.h and what it needs. */
#ifndef TESTS_RIG_EXPECT_H
#define TESTS_RIG_EXPECT_H

#include "tests/hex.h"
#include "tests/rig/rig.h"

#include <stdarg.h>

#define EXPECT_ANY NULL /* whatever data */

/* printf into a block that lives as long as hex blocks do: for composing commands. */
__attribute__((format(printf, 1, 2))) static inline const char *text_of(const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) abort();
    span s = exact_space((size_t)n + 1);
    vsnprintf((char *)s.p, s.n, format, again);
    va_end(again);
    return (const char *)s.p;
}

/* Hex of `n` bytes that count up from `first`: content to recognise. */
static inline const char *counting(size_t n, unsigned first)
{
    span s = exact_space(n);
    for (size_t i = 0; i < n; i++) s.p[i] = (uint8_t)(first + i);
    return hex_of(view(s));
}

/* `n` bytes that only their seed tells. */
static inline bytes random_bytes(size_t n, uint64_t seed)
{
    span s = exact_space(n);
    seed = seed * 77 + 1;
    for (size_t i = 0; i < n; i++) s.p[i] = (uint8_t)sim_random(&seed);
    return view(s);
}

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

/* A cmocka test whose hex blocks are freed behind it. */
#define CASE(test) cmocka_unit_test_teardown(test, expect_release)
static inline int expect_release(void **state)
{
    hex_release();
    return 0;
}

/* One raw command in hex. */
#define SEND(rig, hex, want) expect_answer(rig_send(rig, hex), want, EXPECT_ANY, hex, __FILE__, __LINE__)
#define SEND_DATA(rig, hex, want, data_hex) expect_answer(rig_send(rig, hex), want, data_hex, hex, __FILE__, __LINE__)

/* A row of a table: its name stands in the message. */
#define EXPECT_ROW(answer, want, data_hex, name) expect_answer(answer, want, data_hex, name, __FILE__, __LINE__)

#endif
