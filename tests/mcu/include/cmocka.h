/* SPDX-License-Identifier: Apache-2.0 */
/* The part of cmocka's interface that the unit tests use, for a bare Cortex-M; written from the documentation of that
 * interface. Debian's cmocka is for hosts, and hosts go on using it: the tests include <cmocka.h> and see either.
 *
 * A failed assertion says where, and longjmps out of its test; the next one runs. What a test allocated stays
 * allocated. Mocks, checked parameters and leak checks are not here: no test uses them. */
#ifndef CMOCKA_H
#define CMOCKA_H

#include <stddef.h>
#include <stdint.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
    const char *name;
    CMUnitTestFunction test_func;
    CMFixtureFunction setup_func, teardown_func; /* NULL: none; other than 0: the test has failed */
};

#define cmocka_unit_test(f) cmocka_unit_test_setup_teardown(f, NULL, NULL)
#define cmocka_unit_test_setup(f, setup) cmocka_unit_test_setup_teardown(f, setup, NULL)
#define cmocka_unit_test_teardown(f, teardown) cmocka_unit_test_setup_teardown(f, NULL, teardown)
#define cmocka_unit_test_setup_teardown(f, setup, teardown)                                                            \
    {                                                                                                                  \
#f, f, setup, teardown                                                                                         \
    }

/* Runs all of them; the number of failed ones, for main() to return. */
#define cmocka_run_group_tests(tests, setup, teardown)                                                                 \
    _cmocka_run_group_tests(#tests, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count, CMFixtureFunction setup,
                            CMFixtureFunction teardown);

__attribute__((format(printf, 1, 2))) void print_message(const char *format, ...);
__attribute__((format(printf, 1, 2))) void print_error(const char *format, ...);

_Noreturn void _fail(const char *file, int line);
#define fail() _fail(__FILE__, __LINE__)
#define fail_msg(...) (print_error("ERROR: " __VA_ARGS__), print_error("\n"), fail())

void _assert_true(int is, const char *what, const char *file, int line);
#define assert_true(c) _assert_true((c) ? 1 : 0, #c, __FILE__, __LINE__)
#define assert_false(c) _assert_true((c) ? 0 : 1, "!(" #c ")", __FILE__, __LINE__)
#define assert_null(p) assert_true((p) == NULL)
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_ptr_equal(a, b) assert_true((const void *)(a) == (const void *)(b))

/* As in cmocka, integers of all kinds are compared as the largest unsigned one. */
void _assert_int(int equal, uintmax_t a, uintmax_t b, const char *file, int line);
#define assert_int_equal(a, b) _assert_int(1, (uintmax_t)(a), (uintmax_t)(b), __FILE__, __LINE__)
#define assert_int_not_equal(a, b) _assert_int(0, (uintmax_t)(a), (uintmax_t)(b), __FILE__, __LINE__)

void _assert_in_range(uintmax_t value, uintmax_t least, uintmax_t most, const char *file, int line);
#define assert_in_range(value, least, most)                                                                            \
    _assert_in_range((uintmax_t)(value), (uintmax_t)(least), (uintmax_t)(most), __FILE__, __LINE__)

void _assert_memory(int equal, const void *a, const void *b, size_t size, const char *file, int line);
#define assert_memory_equal(a, b, size) _assert_memory(1, a, b, size, __FILE__, __LINE__)
#define assert_memory_not_equal(a, b, size) _assert_memory(0, a, b, size, __FILE__, __LINE__)

void _assert_string_equal(const char *a, const char *b, const char *file, int line);
#define assert_string_equal(a, b) _assert_string_equal(a, b, __FILE__, __LINE__)

#endif
