/* SPDX-License-Identifier: Apache-2.0 */
/* What must turn a run red, one kind a run: the first argument says which. tests/mcu/CMakeLists.txt knows what each of
 * them is to print; all must end with a status other than 0. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char which[32];

static void a_wrong_number(void **state)
{
    if (strcmp(which, "assertion") == 0) assert_int_equal(1, 2);
}

static int overrun(int depth)
{
    volatile uint8_t room[1024];
    room[0] = (uint8_t)depth;
    return depth ? overrun(depth - 1) + room[0] : room[0];
}

static void the_machine_objects(void **state)
{
    static _Alignas(4) uint8_t bytes[8];
    volatile uintptr_t odd = (uintptr_t)bytes + 1;
    if (strcmp(which, "unaligned") == 0) *(volatile uint32_t *)odd = 1;
    if (strcmp(which, "nowhere") == 0) *(volatile uint32_t *)0x60000000u = 1;
    if (strcmp(which, "stack") == 0) print_message("%d\n", overrun(1000));
    if (strcmp(which, "abort") == 0) abort();
}

/* Runs after a test that failed. */
static void the_next_one_runs(void **state)
{
    print_message("the next one runs\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_number),
        cmocka_unit_test(the_machine_objects),
        cmocka_unit_test(the_next_one_runs),
    };
    const char *kind = getenv("MISBEHAVE");
    if (kind) strncpy(which, kind, sizeof which - 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
