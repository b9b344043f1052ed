/* SPDX-License-Identifier: Apache-2.0 */
/* Medians for benchmarks: the middle of many runs, because these machines are noisy. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>

/* Microseconds of the median of `runs` (1..1001) calls of `step`; one call before them is not counted. */
double median_us(size_t runs, void (*step)(void *ctx), void *ctx);

/* "name  value unit" and, if `peer_us` > 0, the ratio to it. */
void print_row(const char *name, double us, const char *peer, double peer_us);

#endif
