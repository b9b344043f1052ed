/* SPDX-License-Identifier: Apache-2.0 */
/* The wish to end: SIGTERM, SIGINT or SIGHUP, seen by everything that waits or works for long. */
#ifndef BOARDS_LINUX_STOP_H
#define BOARDS_LINUX_STOP_H

#include "port/progress.h"

struct stop {
    struct progress progress; /* gives up slow work once a signal came; bound to this struct: must not move */
    int fd;
};

/* From now on these signals only show here. False: the kernel refused. */
bool stop_open(struct stop *s);

/* Did a signal come? Stays true. */
bool stop_requested(const struct stop *s);

enum stop_wait { STOP_READY, STOP_TIMEOUT, STOP_SIGNAL };

/* Waits until `events` of poll(2) or an error happen to `fd` (-1: none), a signal came, or `timeout_ms` are over
 * (-1: never). The signal wins. */
enum stop_wait stop_wait(const struct stop *s, int fd, short events, int timeout_ms);

/* Undoes stop_open, a signal that came included. */
void stop_close(struct stop *s);

#endif
