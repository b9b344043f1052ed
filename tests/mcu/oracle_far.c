/* SPDX-License-Identifier: Apache-2.0 */
/* The pipes, as files that semihosting opens. */
#include "tests/mcu/oracle_far.h"

#include "tests/m0/host.h"

#include <stdlib.h>
#include <string.h>

static uint32_t open_pipe(const char *path, uint32_t mode)
{
    const uint32_t block[3] = {(uint32_t)path, mode, strlen(path)};
    uint32_t handle = host_call(HOST_OPEN, block);
    if (handle != UINT32_MAX) return handle;
    host_print("nobody to ask: not started by mcu_oracle\n");
    abort();
}

static void lost(void)
{
    host_print("the oracle does not answer\n");
    abort();
}

/* Both calls answer how much is left to do. */
static void send_all(uint32_t handle, bytes b)
{
    while (b.n > 0) {
        const uint32_t block[3] = {handle, (uint32_t)b.p, b.n};
        uint32_t left = host_call(HOST_WRITE, block);
        if (left >= b.n) lost();
        b = bytes_after(b, b.n - left);
    }
}

static void receive_all(uint32_t handle, span s)
{
    while (s.n > 0) {
        const uint32_t block[3] = {handle, (uint32_t)s.p, s.n};
        uint32_t left = host_call(HOST_READ, block);
        if (left >= s.n) lost();
        s = span_part(s, s.n - left, left);
    }
}

uint32_t oracle_ask(const struct asked *a)
{
    static uint32_t questions, answers; /* handles, never 0 */
    if (!questions) {
        questions = open_pipe(QUESTION_PATH, 5 /* "wb" */);
        answers = open_pipe(ANSWER_PATH, 1 /* "rb" */);
    }
    struct question q = {.function = a->function, .numbers = {a->numbers[0], a->numbers[1], a->numbers[2]}, .e = a->e};
    for (size_t i = 0; i < ORACLE_INPUTS; i++) q.in[i] = a->in[i].n;
    for (size_t i = 0; i < ORACLE_OUTPUTS; i++) q.out[i] = a->out[i].n;
    send_all(questions, (bytes){(const uint8_t *)&q, sizeof q});
    for (size_t i = 0; i < ORACLE_INPUTS; i++) send_all(questions, a->in[i]);
    uint32_t answer;
    receive_all(answers, (span){(uint8_t *)&answer, sizeof answer});
    for (size_t i = 0; i < ORACLE_OUTPUTS; i++) receive_all(answers, a->out[i]);
    return answer;
}
