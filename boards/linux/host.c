/* SPDX-License-Identifier: Apache-2.0 */
/* getrandom, clock_gettime, mlock and prctl behind the ports of the card. */
#include "boards/linux/host.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

static status read_entropy(void *ctx, span samples)
{
    for (size_t at = 0; at < samples.n;) {
        ssize_t n = getrandom(samples.p + at, samples.n - at, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ST_EXECUTION;
        at += (size_t)n;
    }
    return ST_OK;
}

struct entropy host_entropy(void)
{
    return (struct entropy){.millibits_per_sample = 8000, .read = read_entropy};
}

static uint32_t uptime_ms(void *ctx)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

static status date(void *ctx, uint64_t *unix_seconds)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0) return ST_EXECUTION;
    *unix_seconds = (uint64_t)now.tv_sec;
    return ST_OK;
}

struct clock host_clock(void)
{
    return (struct clock){.uptime_ms = uptime_ms, .date = date};
}

static void show(void *ctx, enum led_state state) {}

struct led host_led(void)
{
    return (struct led){.show = show};
}

void host_protect(span secrets)
{
    struct rlimit none = {0, 0};
    /* Best effort, all three: a system that forbids one of them is no reason not to work. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)mlock(secrets.p, secrets.n);
}
