/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The socket of protocol.h, and the clock on the wall. */
#ifndef EMULATOR_SERVER_H
#define EMULATOR_SERVER_H

#include "board.h"

/* Exit codes of the program, besides 0 (told to stop) and 1 (cannot start). */
enum { EXIT_CUT = 3, EXIT_LOCKUP = 4 };

/* Serves `path` until SIGTERM or SIGINT, or until the board ends. Returns the exit code.
 *
 * A board without work keeps to the clock on the wall. While a host waits for it, it computes as fast as it can, and when
 * it then sleeps (for a button, say) it sleeps as long as a real one, unless `fast`. */
int serve(struct board *b, const char *path, bool fast);

#endif
