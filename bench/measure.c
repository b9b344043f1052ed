/* SPDX-License-Identifier: Apache-2.0 */
/* Timing and printing for benchmarks. */
#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS_MAX 1001u

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_us(size_t runs, void (*step)(void *ctx), void *ctx)
{
    static double times[RUNS_MAX];
    if (runs > RUNS_MAX) runs = RUNS_MAX;
    step(ctx);
    for (size_t i = 0; i < runs; i++) {
        double start = now_us();
        step(ctx);
        times[i] = now_us() - start;
    }
    qsort(times, runs, sizeof times[0], ascending);
    return times[runs / 2];
}

void print_row(const char *name, double us, const char *peer, double peer_us)
{
    printf("%-44s %12.1f us", name, us);
    if (peer_us > 0) printf("   %6.2f x %s (%.1f us)", us / peer_us, peer, peer_us);
    printf("\n");
    fflush(stdout);
}
