/* SPDX-License-Identifier: Apache-2.0 */
/* The test runner behind include/cmocka.h. */
#include <cmocka.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef unsigned long long largest; /* newlib's PRIxMAX is not right for every multilib */

static jmp_buf *way_out; /* of the test or fixture that is running */

static void print_list(const char *format, va_list args)
{
    vprintf(format, args);
    fflush(stdout);
}

void print_message(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_list(format, args);
    va_end(args);
}

void print_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_list(format, args);
    va_end(args);
}

/* ---- assertions ---- */

_Noreturn void _fail(const char *file, int line)
{
    print_error("[   LINE   ] --- %s:%d: error: Failure!\n", file, line);
    if (!way_out) abort(); /* an assertion outside of any test */
    longjmp(*way_out, 1);
}

void _assert_true(int is, const char *what, const char *file, int line)
{
    if (is) return;
    print_error("not true: %s\n", what);
    _fail(file, line);
}

void _assert_int(int equal, uintmax_t a, uintmax_t b, const char *file, int line)
{
    if ((a == b) == equal) return;
    print_error("%#llx %s %#llx\n", (largest)a, equal ? "!=" : "==", (largest)b);
    _fail(file, line);
}

void _assert_in_range(uintmax_t value, uintmax_t least, uintmax_t most, const char *file, int line)
{
    if (value >= least && value <= most) return;
    print_error("%llu is not within %llu..%llu\n", (largest)value, (largest)least, (largest)most);
    _fail(file, line);
}

void _assert_memory(int equal, const void *a, const void *b, size_t size, const char *file, int line)
{
    const uint8_t *x = a, *y = b;
    if ((memcmp(x, y, size) == 0) == equal) return;
    if (!equal) print_error("%zu equal bytes\n", size);
    unsigned shown = 0;
    for (size_t i = 0; i < size && shown < 16; i++)
        if (x[i] != y[i]) print_error("difference at %zu: 0x%02x 0x%02x\n", i, x[i], y[i]), shown++;
    _fail(file, line);
}

void _assert_string_equal(const char *a, const char *b, const char *file, int line)
{
    if (strcmp(a, b) == 0) return;
    print_error("\"%s\" != \"%s\"\n", a, b);
    _fail(file, line);
}

/* ---- running ---- */

/* Returned as usual, and with 0? */
static bool fixture_good(CMFixtureFunction f, void **state)
{
    jmp_buf out;
    if (!f) return true;
    way_out = &out;
    bool good = setjmp(out) == 0 && f(state) == 0;
    way_out = NULL;
    return good;
}

static bool test_good(CMUnitTestFunction f, void **state)
{
    jmp_buf out;
    way_out = &out;
    bool good = setjmp(out) == 0;
    if (good) f(state);
    else good = false;
    way_out = NULL;
    return good;
}

/* Named in LEFT_OUT=name:name, which tests/mcu/CMakeLists.txt gives with a reason. */
static bool left_out(const char *name)
{
    const char *list = getenv("LEFT_OUT");
    size_t n = strlen(name);
    for (; list; list = strchr(list, ':')) {
        if (*list == ':') list++;
        if (strncmp(list, name, n) == 0 && (list[n] == ':' || list[n] == 0)) return true;
    }
    return false;
}

/* `state` is the group's on the way in; a test that changes it changes its own copy. */
static bool run(const struct CMUnitTest *t, void *state)
{
    clock_t begin = clock();
    print_message("[ RUN      ] %s\n", t->name);
    bool good = fixture_good(t->setup_func, &state);
    if (good) good = test_good(t->test_func, &state);
    if (!fixture_good(t->teardown_func, &state)) good = false;
    unsigned ms = (unsigned)((clock() - begin) * 1000 / CLOCKS_PER_SEC);
    print_message("%s %s (%u ms)\n", good ? "[       OK ]" : "[  FAILED  ]", t->name, ms);
    return good;
}

int _cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t count, CMFixtureFunction setup,
                            CMFixtureFunction teardown)
{
    void *state = NULL;
    size_t failed = 0, without = 0;
    print_message("[==========] %s: Running %zu test(s).\n", group, count);
    if (!fixture_good(setup, &state)) {
        print_error("[  FAILED  ] GROUP SETUP: %s\n", group);
        failed = count;
    } else {
        for (size_t i = 0; i < count; i++) {
            bool out = left_out(tests[i].name);
            if (out) print_message("[ LEFT OUT ] %s\n", tests[i].name);
            else failed += !run(&tests[i], state);
            without += out;
        }
    }
    if (!fixture_good(teardown, &state)) {
        print_error("[  FAILED  ] GROUP TEARDOWN: %s\n", group);
        failed++;
    }
    size_t ran = count - without;
    print_message("[==========] %s: %zu test(s) run.\n[  PASSED  ] %zu test(s).\n", group, ran,
                  failed > ran ? 0 : ran - failed);
    if (failed || ran == 0) print_error("[  FAILED  ] %s: %zu test(s)\n", group, failed);
    return ran == 0 || failed > 255 ? 255 : (int)failed;
}
