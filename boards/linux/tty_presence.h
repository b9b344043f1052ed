/* SPDX-License-Identifier: Apache-2.0 */
/* What stands for the presence button on a computer that has none. */
#ifndef BOARDS_LINUX_TTY_PRESENCE_H
#define BOARDS_LINUX_TTY_PRESENCE_H

#include "boards/linux/stop.h"
#include "port/presence.h"

enum tty_presence_mode { PRESENCE_AUTO, PRESENCE_DENY, PRESENCE_ASK, PRESENCE_AFTER };

struct tty_presence {
    struct presence port; /* bound to this struct: it must not move */
    enum tty_presence_mode mode;
    uint32_t after_ms; /* PRESENCE_AFTER: the button is pressed that late */
    const struct stop *stop;
};

/* Reads "auto", "deny", "ask" or a number of seconds, 0..86400; false for anything else. */
bool tty_presence_parse(struct tty_presence *p, const char *text);

/* Fills in `p->port`. A signal seen by `stop`, which must outlive `p`, counts as no. */
void tty_presence_open(struct tty_presence *p, const struct stop *stop);

#endif
